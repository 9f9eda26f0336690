//! Whatever bytes come in, as source or as a line of a stream: the answer is words, soon, and never a panic.
//! `ORDAIN_SEED` and `ORDAIN_CASES` as in `tests/properties.rs`.

use ordain_reference::{Engine, Options};
use ordain_tests::fuzz::survive;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, package};
use ordain_tests::prepare::{checked, data, setting};
use ordain_vm::answer::Answer;
use ordain_vm::request::Reader;
use ordain_vm::value::Instant as Moment;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs `count` cases, each from a seed of its own; the seed is said where one fails, or takes too long.
#[allow(clippy::disallowed_methods, reason = "how long an answer takes is what is asked")]
fn each(count: u64, mut case: impl FnMut(&mut Random)) {
    let seeds = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, cases) => 0..cases.unwrap_or(count),
    };
    for seed in seeds {
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&mut Random::new(seed))));
        if let Err(panic) = outcome {
            eprintln!("run again with ORDAIN_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
        assert!(started.elapsed() < Duration::from_secs(20), "ORDAIN_SEED={seed} took {:?}", started.elapsed());
    }
}

/// Every policy of the repository: the examples, and what stands in pages and chapters.
fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = vec![];
    let mut folders = vec![root.join("examples"), root.join("spec"), root.join("compiler/src/errors")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
                continue;
            }
            let name = path.display().to_string();
            if name.ends_with(".ord") {
                texts.push(std::fs::read_to_string(&path).expect("an example is text"));
            } else if name.ends_with(".md") {
                let page = std::fs::read_to_string(&path).expect("a page is text");
                texts.extend(page.split("```ordain").skip(1).filter_map(|block| {
                    let (_, block) = block.split_once('\n')?;
                    Some(block.split("```").next()?.to_string())
                }));
            }
        }
    }
    texts.sort();
    assert!(texts.len() > 200, "only {} texts", texts.len());
    texts
}

/// Words and marks that mean something, to be put in the wrong place.
const PARTS: &[&str] = &[
    "rule",
    "policy",
    "when",
    "permit",
    "deny",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "//",
    "///",
    "//!",
    "\\",
    "is",
    "not",
    "in",
    "past",
    "within",
    "1 hour",
    "5 USD",
    "99999999999999999999",
    "2026-02-30",
    "|",
    "||",
    "..",
    "<",
    "any",
    "match",
    "let",
    "then",
    "if",
    "else",
    "or else",
    "overrides",
    "limit",
    "sum of",
    "at most",
    "must",
    "otherwise",
    "at 80%",
    ",",
    ":",
    ".",
    "=",
    "=>",
    "\u{202e}",
    "\u{feff}",
    "\u{0}",
    "\u{e9}",
    "\n",
    "import",
    "module",
    "define",
    "table",
    "test",
    "expect",
    "under",
    "0.1234567890123",
    "-",
    "-9223372036854775808",
    "[",
    "]",
    "?",
    "approval",
    "comes from",
    "the user",
];

/// A text with a few of its pieces cut, doubled, swapped or replaced.
fn mutated(texts: &[String], random: &mut Random) -> String {
    let mut text = random.pick(texts).clone();
    for _ in 0..1 + random.below(6) {
        let place = |random: &mut Random, text: &str| text.floor_char_boundary(random.below(text.len() + 1));
        let (a, b) = (place(random, &text), place(random, &text));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 60));
        let to = text.floor_char_boundary(to);
        match random.below(6) {
            0 => text.replace_range(from..to, ""),
            1 => {
                let piece = text[from..to].to_string();
                text.insert_str(b.min(text.len()), &piece);
            }
            2 => text.insert_str(from, random.word(PARTS)),
            3 => text.replace_range(from..to, random.word(PARTS)),
            4 => {
                let other = random.pick(texts);
                let (c, d) = (place(random, other), place(random, other));
                text.insert_str(from, &other[c.min(d)..c.max(d)]);
            }
            _ => text.truncate(from),
        }
        text.truncate(text.floor_char_boundary(60_000));
    }
    text
}

#[test]
fn any_bytes_as_source() {
    each(300, |random| {
        let bytes: Vec<u8> = match random.below(3) {
            0 => (0..random.below(400)).map(|_| random.draw() as u8).collect(),
            1 => (0..random.below(400)).map(|_| b' ' + (random.draw() % 95) as u8).collect(),
            _ => {
                let parts = (0..random.below(150)).map(|_| random.word(PARTS)).collect::<Vec<_>>();
                parts.join(random.word(&["", " ", "\n"])).into_bytes()
            }
        };
        survive(&[String::from_utf8_lossy(&bytes).into_owned()]);
    });
}

#[test]
fn mutated_policies_as_source() {
    let texts = texts();
    each(250, |random| {
        let files: Vec<String> = (0..1 + random.below(2)).map(|_| mutated(&texts, random)).collect();
        survive(&files);
    });
}

#[test]
fn mutated_packages_as_source() {
    each(25, |random| {
        let whole: Vec<String> =
            package(random.draw() % 1000, Grants::Any).files.iter().map(|file| file.text()).collect();
        let mut files = whole.clone();
        for file in &mut files {
            if random.chance(60) {
                *file = mutated(std::slice::from_ref(file), random);
            }
        }
        survive(&files);
    });
}

/// A line with bytes or members changed.
fn mutated_line(lines: &[String], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(lines).clone().into_bytes();
    const WORDS: &[&str] = &[
        "null",
        "true",
        "{}",
        "[]",
        "\"\"",
        "1e400",
        "-0",
        "1E+2",
        "0.0000000000005",
        "\"NaN\"",
        "99999999999999999999999",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\u0000",
        "\\ud800",
        "\u{feff}",
        "\"id\":\"q-1\",",
        "\"time\":1,",
        "-9223372036854775809",
        "\"P9999999999Y\"",
        "\"PT9223372036854775807S\"",
        "\"5 XXX\"",
        "\"0000-01-01\"",
        "\"2026-03-03T24:00:00Z\"",
    ];
    for _ in 0..1 + random.below(4) {
        let (a, b) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 40));
        match random.below(6) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(to..to, piece);
            }
            2 => drop(bytes.splice(from..from, random.word(WORDS).bytes())),
            3 => drop(bytes.splice(from..to, random.word(WORDS).bytes())),
            4 if !bytes.is_empty() => {
                let at = random.below(bytes.len());
                bytes[at] = random.draw() as u8;
            }
            _ => {
                // A value for another one, so that the line stays JSON more often.
                if let Some(at) = bytes[from..].iter().position(|byte| *byte == b':').map(|at| at + from + 1) {
                    let end = bytes[at..]
                        .iter()
                        .position(|byte| matches!(byte, b',' | b'}'))
                        .map_or(bytes.len(), |end| end + at);
                    bytes.splice(at..end, random.word(WORDS).bytes());
                }
            }
        }
    }
    bytes
}

#[test]
fn any_bytes_as_lines() {
    let package = package(3, Grants::Any);
    let checked = checked(&package);
    let schema = checked.schema();
    let data = data(&package, &schema);
    let reader =
        Reader { schema: &schema, store: None, from_request: true, now: Moment::parse("2026-03-03T15:00:00Z") };
    let (mut read, mut refused) = (0, 0);
    each(60, |random| {
        let mut engine = Engine::new(checked.clone(), data.clone());
        for _ in 0..20 {
            let bytes = match random.below(5) {
                0 => (0..random.below(200)).map(|_| random.draw() as u8).collect(),
                1 => random.pick(&package.lines).clone().into_bytes(),
                _ => mutated_line(&package.lines, random),
            };
            let answer = match reader.line(&bytes) {
                Ok(line) => {
                    read += 1;
                    engine.answer(line, Options { explain: random.chance(20), ..Options::default() })
                }
                Err(line) => {
                    refused += 1;
                    let errors = &line.errors;
                    assert!(!errors.is_empty() && errors.len() <= 100, "a line is refused with a reason");
                    assert!(errors.iter().all(|error| error.code.starts_with("E06")), "{errors:?}");
                    let answer = Answer::malformed(line);
                    if let Answer::Decision(decided) = &answer {
                        assert!(!decided.decision, "what can't be read is not permitted");
                    }
                    answer
                }
            };
            serde_json::to_string(&answer).expect("an answer is JSON");
        }
    });
    assert!(setting("ORDAIN_SEED").is_some() || read > 100 && refused > 300, "{read} read, {refused} refused");
}
