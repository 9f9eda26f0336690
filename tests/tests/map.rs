//! What documents say of the repository: codes are used, files that are named exist, and each file says what it is.

use ordain_compiler::errors::Code;
use std::path::{Path, PathBuf};

mod common;
use common::root;

/// Every Rust file of the crates, without what is built.
fn sources() -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> =
        ["derive", "vm", "stdlib", "compiler", "jit", "package", "ordain", "spec", "cli", "tests", "benches"]
            .iter()
            .map(|name| root().join(name))
            .collect();
    let mut found = vec![];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("the folder can be read");
            open.extend(entries.map(|entry| entry.expect("an entry").path()).filter(|path| !path.ends_with("target")));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            found.push((path, text));
        }
    }
    found.sort();
    found
}

#[test]
fn every_code_is_said_somewhere() {
    let sources = sources();
    let listing = Path::new("compiler/src/errors.rs");
    let unused: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| {
            let said = |text: &str| text.contains(&format!("\"{code}\"")) || text.contains(&format!("Code::{code}"));
            !sources.iter().any(|(path, text)| !path.ends_with(listing) && !path.ends_with("map.rs") && said(text))
        })
        .collect();
    assert!(unused.is_empty(), "codes that nothing says: {}", unused.join(", "));
}

#[test]
fn files_in_the_map_exist() {
    for document in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let Ok(text) = std::fs::read_to_string(root().join(document)) else { continue };
        for name in text.split(['`', ' ', '(', ')', '\n']) {
            let is_path = name.contains('/') && name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let is_ours = [
                "derive/",
                "vm/",
                "stdlib/",
                "compiler/",
                "jit/",
                "package/",
                "ordain/",
                "spec/",
                "cli/",
                "tests/",
                "benches/",
                "examples/",
            ]
            .iter()
            .any(|start| name.starts_with(start));
            if is_path && is_ours {
                let name = name.trim_end_matches(['.', ',']);
                assert!(root().join(name).exists(), "{document} names {name}, which is not there");
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "files without a first line `//!`: {silent:?}");
}

#[test]
fn nothing_is_left_as_a_placeholder() {
    let marks = ["todo!", "unimplemented!", "Placeholder."];
    let left: Vec<String> = sources()
        .into_iter()
        .filter(|(path, text)| !path.ends_with("map.rs") && marks.iter().any(|mark| text.contains(mark)))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(left.is_empty(), "files with parts that are missing: {left:?}");
}
