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

/// Runs a target on its seeds and on changes of them.
fn short(target: &str, own: Vec<(&str, Vec<u8>)>, cases: u64, run: fn(&[u8])) {
    let seeds = seeds(target, own);
    seeds.iter().for_each(|seed| run(seed));
    let cases = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, given) => 0..given.unwrap_or(cases),
    };
    for seed in cases {
        let mut random = Random::new(seed);
        let bytes =
            changed(random.pick(&seeds).clone().as_slice(), random.pick(&seeds).clone().as_slice(), &mut random);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&bytes))) {
            eprintln!(
                "{}\nrun again: ORDAIN_SEED={seed} cargo nextest run -p ordain-tests --test fuzz {target}",
                String::from_utf8_lossy(&bytes)
            );
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn source_text() {
    let broken = b"policy p { rule r on any { permit when (1 + }".to_vec();
    let own = vec![("policy.ord", POLICY.as_bytes().to_vec()), ("broken.ord", broken)];
    short("source", own, 1_500, source);
}

#[test]
fn bytecode_bodies() {
    short("bytecode", vec![("policy.body", body())], 6_000, bytecode);
}

#[test]
fn json_lines_and_stores() {
    let line = |at: usize| LINES[at].as_bytes().to_vec();
    let store = ("store.json", STORE.as_bytes().to_vec());
    short(
        "json",
        vec![("request.json", line(0)), ("event.json", line(1)), ("result.json", line(2)), store],
        6_000,
        json,
    );
}
