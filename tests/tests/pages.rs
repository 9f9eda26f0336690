//! The page of each code: its wrong example gives exactly that code, its right one gives none.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::errors::Code;
use ordain_compiler::source::{MAX_SOURCE, Source};
use ordain_tests::run::{Failure, page, report};
use ordain_vm::json::MAX_LINE;
use ordain_vm::request::Reader;
use ordain_vm::schema::Schema;
use std::path::{Path, PathBuf};

/// Mistakes of files and of whole packages, which a block can't hold. They are made below, and in the tests of the command.
const TOLD: [&str; 8] = ["E0106", "E0119", "E0605", "E0623", "E0624", "E0625", "E0626", "E0629"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/errors")
}

fn topic(prefix: &str) {
    let mut failures = vec![];
    for code in Code::ALL.iter().map(|code| code.as_str()).filter(|code| code.starts_with(prefix)) {
        let path = folder().join(format!("{code}.md"));
        match std::fs::read_to_string(&path) {
            Ok(text) => failures.extend(page(&text, code, TOLD.contains(&code)).into_iter().map(|failure| {
                let message = format!("{code}.md:{}: {}", failure.line, failure.message);
                Failure { message, ..failure }
            })),
            Err(_) => failures.push(Failure::new(0, format!("{code} has no page"))),
        }
    }
    report("compiler/src/errors", &failures);
}

#[test]
fn syntax() {
    topic("E01");
}

#[test]
fn names() {
    topic("E02");
    topic("W02");
}

#[test]
fn types() {
    topic("E03");
}

#[test]
fn rules() {
    topic("E04");
    topic("W04");
}

#[test]
fn evaluation() {
    topic("E05");
}

#[test]
fn input() {
    topic("E06");
    topic("W06");
}

#[test]
fn every_page_has_a_code() {
    for entry in std::fs::read_dir(folder()).expect("the folder can be read") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if let Some(code) = name.strip_suffix(".md") {
            assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{name} is the page of no code");
        }
    }
}

#[test]
fn a_file_may_have_four_mebibytes() {
    let codes = |length: usize| -> Vec<&str> {
        let source = Source::new("large.ord", " ".repeat(length));
        let analysis = analyse(&Input { sources: vec![source], ..Input::default() });
        analysis.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    };
    assert_eq!(codes(MAX_SOURCE), [""; 0]);
    assert_eq!(codes(MAX_SOURCE + 1), ["E0106"]);
}

#[test]
fn a_line_may_have_one_mebibyte() {
    let schema = Schema::default();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let codes = |length: usize| -> Vec<&str> {
        let line = format!("{{}}{}", " ".repeat(length - 2));
        reader.line(line.as_bytes()).err().into_iter().flat_map(|line| line.errors).map(|error| error.code).collect()
    };
    assert_eq!(codes(MAX_LINE), ["E0627"]);
    assert_eq!(codes(MAX_LINE + 1), ["E0605"]);
}
