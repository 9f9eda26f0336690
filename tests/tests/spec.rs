//! The chapters of the specification, one test each.

use ordain_tests::run::{chapter, report};
use std::path::Path;

macro_rules! chapters {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
        const CHAPTERS: &[&str] = &[$(stringify!($name)),*];
    };
}

chapters! {
    readme lexical grammar types expressions declarations tables policies history provenance versions requests tests
    package program errors bounds decisions builtins
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")
}

fn file(name: &str) -> String {
    if name == "readme" { "README.md".to_string() } else { format!("{name}.md") }
}

fn run(name: &str) {
    let file = file(name);
    let text = std::fs::read_to_string(folder().join(&file)).expect("the chapter can be read");
    report(&format!("spec/{file}"), &chapter(&text));
}

#[test]
fn every_chapter_is_run() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md"))
        .collect();
    let mut run: Vec<String> = CHAPTERS.iter().map(|name| file(name)).collect();
    found.sort();
    run.sort();
    assert_eq!(found, run);
}

#[test]
fn links_lead_to_chapters() {
    for name in CHAPTERS {
        let text = std::fs::read_to_string(folder().join(file(name))).expect("the chapter can be read");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(folder().join(link).exists(), "spec/{} links to {link}, which is not there", file(name));
        }
    }
}
