//! The parser on whole files, on every form, on broken text and on hostile bytes.

use super::parse;
use crate::source::{FileId, Source};
use std::path::Path;

fn diagnostics(text: &str) -> Vec<String> {
    let source = Source::new("test.ord", text);
    let (_, found) = parse(&source, FileId(0));
    let show = |found: &crate::diagnostic::Diagnostic| {
        let (line, column) = source.line_column(found.at.start);
        format!("{line}:{column} {} {}", found.code, found.message)
    };
    found.iter().map(show).collect()
}

fn examples() -> Vec<(String, String)> {
    let mut found = vec![];
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ord") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 7);
    found
}

#[test]
fn the_examples_parse() {
    for (path, text) in examples() {
        assert_eq!(diagnostics(&text), Vec::<String>::new(), "{path}");
    }
}
