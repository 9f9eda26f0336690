//! The page of each code: its wrong example gives exactly that code, its right one gives none.

use ordain_compiler::errors::Code;
use ordain_tests::run::{Failure, page, report};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/errors")
}

fn topic(prefix: &str) {
    let mut failures = vec![];
    for code in Code::ALL.iter().map(|code| code.as_str()).filter(|code| code.starts_with(prefix)) {
        let path = folder().join(format!("{code}.md"));
        match std::fs::read_to_string(&path) {
            Ok(text) => failures.extend(page(&text, code).into_iter().map(|failure| {
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
