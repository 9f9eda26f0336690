//! The parser on whole files, on broken text (tests/broken.md) and on hostile bytes.
//! A case of broken.md is a block with a line of `^^^^ CODE message` under each place that is wrong.
//! `UPDATE=1 cargo nextest run -p ordain-compiler broken` writes those lines anew; the difference is read like code.

use super::parse;
use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::lex::lex;
use crate::source::{FileId, MAX_SOURCE, Source};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    parse(&Source::new("test.ord", text), FileId(0)).1
}

/// The text with a line under each place that is wrong.
fn marked(text: &str) -> String {
    let source = Source::new("test.ord", text);
    let found = diagnostics(text);
    let mut marked = String::new();
    for (at, line) in text.lines().enumerate() {
        marked += line;
        marked.push('\n');
        for diagnostic in found.iter().filter(|found| source.line(found.at.start) as usize == at + 1) {
            let column = source.line_column(diagnostic.at.start).1 as usize - 1;
            let width = source.slice(diagnostic.at).lines().next().unwrap_or("").chars().count().max(1);
            writeln!(marked, "{}{} {} {}", " ".repeat(column), "^".repeat(width), diagnostic.code, diagnostic.message)
                .unwrap();
            for help in diagnostic.help.iter() {
                writeln!(marked, "{}^ {}", " ".repeat(column), help).unwrap();
            }
        }
    }
    marked
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
        assert_eq!(marked(&text), text, "{path}");
    }
}

#[test]
fn every_form_parses() {
    let text = include_str!("tests/forms.ord");
    assert_eq!(marked(text), text);
}

#[test]
fn broken_text_is_told_and_nothing_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/parse/tests/broken.md");
    let cases = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    for (at, part) in cases.split("```").enumerate() {
        if at > 0 {
            written += "```";
        }
        let Some(block) = part.strip_prefix("ordain\n").filter(|_| at % 2 == 1) else {
            written += part;
            continue;
        };
        let plain: String =
            block.lines().filter(|line| !line.trim_start().starts_with('^')).map(|line| format!("{line}\n")).collect();
        written += "ordain\n";
        written += &marked(&plain);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, written).unwrap();
    } else {
        assert!(written == cases, "broken.md is out of date; run with UPDATE=1 and read the difference");
    }
}

/// Codes that `parse` reports and a page can show in a block.
const SHOWN: [Code; 12] = [
    Code::E0101,
    Code::E0102,
    Code::E0103,
    Code::E0104,
    Code::E0105,
    Code::E0107,
    Code::E0108,
    Code::E0109,
    Code::E0110,
    Code::E0115,
    Code::E0116,
    Code::E0117,
];

#[test]
fn pages_show_their_code() {
    for code in SHOWN.into_iter() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/errors/{code}.md"));
        let page = std::fs::read_to_string(path).unwrap();
        let blocks: Vec<&str> =
            page.split("```ordain\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
        let codes: Vec<Vec<Code>> =
            blocks.iter().map(|block| diagnostics(block).iter().map(|found| found.code).collect()).collect();
        assert_eq!(codes, [vec![code], vec![]], "{code}");
    }
}

/// Numbers from a fixed seed, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % most
    }
}

fn survives(text: &str) {
    let joined: String = lex(text).iter().map(|token| token.text(text)).collect();
    assert_eq!(joined, text);
    let source = Source::new("test.ord", text);
    let (file, found) = parse(&source, FileId(0));
    for at in file.items.iter().map(|item| item.at).chain(found.iter().map(|found| found.at)) {
        assert!(at.start <= at.end && at.end as usize <= text.len());
        assert!(text.is_char_boundary(at.start as usize) && text.is_char_boundary(at.end as usize));
    }
}

#[test]
fn any_text_is_survived() {
    let mut dice = Dice(1);
    let pieces: Vec<String> =
        examples().into_iter().map(|(_, text)| text).chain([include_str!("tests/forms.ord").to_string()]).collect();
    let words: Vec<&str> = pieces.iter().flat_map(|text| lex(text).into_iter().map(|token| token.text(text))).collect();
    for _ in 0..100 {
        let text: String = (0..dice.below(200)).map(|_| words[dice.below(words.len())]).collect();
        survives(&text);
        let bytes: Vec<u8> = (0..dice.below(200)).map(|_| dice.below(256) as u8).collect();
        survives(&String::from_utf8_lossy(&bytes));
    }
    // Real text with a stretch taken out, and with a stretch put in.
    for _ in 0..100 {
        let text = &pieces[dice.below(pieces.len())];
        let (mut from, mut to) = (dice.below(text.len()), dice.below(text.len()));
        if from > to {
            std::mem::swap(&mut from, &mut to);
        }
        let (from, to) = (text.floor_char_boundary(from), text.floor_char_boundary(to.min(from + 60)));
        survives(&format!("{}{}", &text[..from], &text[to..]));
        survives(&format!("{}{}{}", &text[..from], words[dice.below(words.len())], &text[from..]));
    }
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{", "}"), ("not ", ""), ("-", ""), ("if a then b else ", ""), ("\"{", "}\"")]
    {
        let deep = |levels: usize| format!("define f() means {}x{}\n", open.repeat(levels), close.repeat(levels));
        assert_eq!(diagnostics(&deep(60)), [], "{open}");
        let codes: Vec<Code> = diagnostics(&deep(80)).iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::E0105], "{open}");
    }
    let types = format!("record R {{ a: {}int{} }}\n", "list<".repeat(80), ">".repeat(80));
    assert_eq!(diagnostics(&types).iter().map(|found| found.code).collect::<Vec<_>>(), [Code::E0105]);
    let optional = format!("record R {{ a: int{} }}\n", "?".repeat(100_000));
    assert_eq!(diagnostics(&optional), []);
    for chain in ["+ a", ".a", "or else a"] {
        let text = format!("define f() -> int = a{}\n", format!(" {chain}").repeat(2_000));
        let codes: Vec<Code> = diagnostics(&text).iter().map(|found| found.code).collect();
        assert_eq!(codes[0], Code::E0105, "{chain}");
        assert_eq!(codes.len(), 1, "{chain}");
    }
    for chain in ["and a", "or a"] {
        assert_eq!(diagnostics(&format!("define f() means a{}\n", format!(" {chain}").repeat(20_000))), []);
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a hang is what is looked for")]
fn a_million_brackets_are_one_diagnostic_soon() {
    let started = std::time::Instant::now();
    for text in [
        "(".repeat(1_000_000),
        "[{(".repeat(300_000),
        "policy p { rule r on a { deny when ".to_string() + &"(".repeat(1_000_000),
    ] {
        let codes: Vec<Code> = diagnostics(&text).iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::E0105]);
    }
    survives(&"\"{".repeat(1_000_000));
    survives(&")".repeat(100_000));
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_file_has_a_bound() {
    let most = " ".repeat(MAX_SOURCE);
    assert_eq!(diagnostics(&most), []);
    let codes: Vec<Code> = diagnostics(&(most + " ")).iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::E0106]);
}

#[test]
fn nothing_is_a_file() {
    for text in ["", "\n", "// only this\n", "//! and this", "\u{FEFF}"] {
        assert_eq!(diagnostics(text), [], "{text:?}");
    }
}

/// Lines and columns mean nothing, also behind a type that ends with `>`.
#[test]
fn declarations_may_stand_in_a_row() {
    let text = "data a: map<int, int> data b: set<int> action l returns list<int> action s { x: int } role r \
        define f(x: int) means x > data define g(x: int) means true";
    assert_eq!(diagnostics(text), []);
    let (file, _) = parse(&Source::new("a", text), FileId(0));
    assert_eq!(file.items.len(), 7);
}
