//! Runs the blocks of a chapter, and of the page of a code; gives what is not as it says, each with its line.
//! `tests/spec.rs` and `tests/pages.rs` call it. What a block means is said in `spec/README.md`.

mod chapter;
mod decision;
mod engine;
mod page;

pub use chapter::chapter;
pub use page::page;

/// Something that is not as the text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub line: usize,
    pub message: String,
}

impl Failure {
    pub fn new(line: usize, message: impl Into<String>) -> Failure {
        Failure { line, message: message.into() }
    }
}

/// Panics with all failures of a file, each with its place, where there are any.
pub fn report(file: &str, failures: &[Failure]) {
    if failures.is_empty() {
        return;
    }
    let said: Vec<String> =
        failures.iter().map(|failure| format!("{file}:{}: {}", failure.line, failure.message)).collect();
    panic!("{} not as written:\n\n{}\n", failures.len(), said.join("\n\n"));
}
