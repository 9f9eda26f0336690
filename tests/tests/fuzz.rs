//! The fuzz targets in short: on their seeds, and on some thousand changes of them, the same each time. `fuzz/` runs them
//! for as long as wanted. `UPDATE=1` writes the seeds for it.

mod common;

use common::root;
use ordain_tests::fuzz::{LINES, POLICY, STORE, body, bytecode, changed, json, source};
use ordain_tests::generate::random::Random;
use ordain_tests::prepare::setting;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The seeds of a target: these, and what stands in its folder. `UPDATE=1` writes these there, too.
fn seeds(target: &str, own: Vec<(&str, Vec<u8>)>) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/seeds").join(target);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, bytes) in &own {
            std::fs::write(folder.join(name), bytes).expect("the seed can be written");
        }
    }
    let found = std::fs::read_dir(&folder).into_iter().flatten();
    let mut found: Vec<_> = found.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| own.iter().all(|(name, _)| !path.ends_with(name)));
    found.sort();
    let found = found.iter().map(|path| std::fs::read(path).expect("a seed can be read"));
    own.iter().map(|(_, bytes)| bytes.clone()).chain(found).collect()
}

/// Runs a target on its seeds and on changes of them. How many decisions those and these came to.
fn short(target: &str, own: Vec<(&str, Vec<u8>)>, cases: u64, run: fn(&[u8]) -> usize) -> (usize, usize) {
    let seeds = seeds(target, own);
    let (of_seeds, mut of_changed) = (seeds.iter().map(|seed| run(seed)).sum(), 0);
    let cases = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, given) => 0..given.unwrap_or(cases),
    };
    for seed in cases {
        let mut random = Random::new(seed);
        let (one, other) = (random.pick(&seeds), random.pick(&seeds));
        let bytes = changed(one, other, &mut random);
        match catch_unwind(AssertUnwindSafe(|| run(&bytes))) {
            Ok(decided) => of_changed += decided,
            Err(panic) => {
                eprintln!(
                    "{}\nrun again: ORDAIN_SEED={seed} cargo nextest run -p ordain-tests --test fuzz {target}",
                    String::from_utf8_lossy(&bytes)
                );
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{target}: {of_seeds} decisions of seeds, {of_changed} of changed ones");
    (of_seeds, of_changed)
}

/// Not all of it was refused at the door; where a seed was asked for, nothing is known of it.
fn reached((of_seeds, of_changed): (usize, usize)) {
    assert!(of_seeds > 0, "no seed is decided any more");
    let asked = setting("ORDAIN_SEED").or(setting("ORDAIN_CASES")).is_some();
    assert!(asked || of_changed > 50, "only {of_changed} decisions of changed inputs");
}

#[test]
fn source_text() {
    let broken = b"policy p { rule r on any { permit when (1 + }".to_vec();
    let own = vec![("policy.ord", POLICY.as_bytes().to_vec()), ("broken.ord", broken)];
    let run = |bytes: &[u8]| {
        source(bytes);
        0
    };
    short("source", own, 1_500, run);
}

#[test]
fn bytecode_bodies() {
    reached(short("bytecode", vec![("policy.body", body())], 6_000, bytecode));
}

#[test]
fn json_lines_and_stores() {
    let line = |at: usize| LINES[at].as_bytes().to_vec();
    let store = ("store.json", STORE.as_bytes().to_vec());
    let own = vec![("request.json", line(0)), ("event.json", line(1)), ("result.json", line(2)), store];
    reached(short("json", own, 6_000, json));
}
