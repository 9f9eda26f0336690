//! The formatter on whole files: its own output, comments and meaning stay, however the text was laid out before.
//! `UPDATE=1 cargo nextest run -p ordain-compiler examples_are` writes the examples in their form.

use super::{Operators, format};
use crate::lex::{Kind, lex};
use crate::parse::parse;
use crate::source::{FileId, Source};
use std::path::Path;

/// The examples, every form, and the pages of the codes.
fn texts() -> Vec<(String, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = vec![("forms.ord".to_string(), include_str!("../parse/tests/forms.ord").to_string())];
    let mut folders =
        vec![here.join("../examples"), here.join("../stdlib"), here.join("src/errors"), here.join("../spec")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".ord") {
                texts.push((name, std::fs::read_to_string(&path).unwrap()));
            } else if name.ends_with(".md") {
                let page = std::fs::read_to_string(&path).unwrap();
                for block in page.split("```ordain\n").skip(1) {
                    texts.push((name.clone(), block.split("```").next().unwrap().to_string()));
                }
            }
        }
    }
    texts.sort();
    assert!(texts.len() > 40);
    texts
}

/// What was written, without where.
fn meaning(text: &str) -> String {
    let (file, found) = parse(&Source::new("a", text), FileId(0));
    assert!(found.is_empty(), "{text}\n{found:?}");
    let shown = format!("{file:?}");
    let mut plain = String::new();
    for (at, part) in shown.split("Span {").enumerate() {
        plain += if at == 0 { part } else { part.split_once('}').unwrap().1 };
    }
    plain
}

fn comments(text: &str) -> Vec<String> {
    let comment = |kind| matches!(kind, Kind::Comment | Kind::Doc | Kind::FileDoc);
    let tokens = lex(text);
    let found = tokens.iter().filter(|token| comment(token.kind));
    found.map(|token| token.text(text).trim_end().to_string()).collect()
}

/// Formats `text` and holds the result against it.
fn check(name: &str, text: &str, operators: Operators) -> String {
    let formatted = format(&Source::new("a", text), operators).expect(name);
    let (before, after) = (meaning(text), meaning(&formatted));
    if let Some(at) = before.bytes().zip(after.bytes()).position(|(a, b)| a != b) {
        let part = |text: &str| {
            text[text.floor_char_boundary(at.saturating_sub(200))..text.ceil_char_boundary(at + 100)].to_string()
        };
        panic!("{name} means something else:\n{}\n{}\n{text}\n---\n{formatted}", part(&before), part(&after));
    }
    assert_eq!(comments(&formatted), comments(text), "{name}:\n{formatted}");
    let again = format(&Source::new("a", formatted.as_str()), operators).expect(name);
    assert!(again == formatted, "{name} changes again:\n{text}\n---\n{formatted}\n---\n{again}");
    for line in formatted.lines() {
        assert_eq!(line.trim_end(), line, "{name}");
    }
    assert!(!formatted.contains("\n\n\n"), "{name}");
    formatted
}

fn good(texts: Vec<(String, String)>) -> Vec<(String, String)> {
    texts.into_iter().filter(|(_, text)| parse(&Source::new("a", text.as_str()), FileId(0)).1.is_empty()).collect()
}

#[test]
fn meaning_comments_and_its_own_form_are_kept() {
    let texts = good(texts());
    assert!(texts.len() > 40);
    for (name, text) in texts {
        let words = check(&name, &text, Operators::Words);
        let symbols = check(&name, &text, Operators::Symbols);
        assert_eq!(check(&name, &symbols, Operators::Words), words, "{name}");
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

/// Line ends, spaces and comments put anywhere between tokens change nothing that is meant.
#[test]
fn any_layout_is_read() {
    let mut dice = Dice(7);
    let mut tried = 0;
    for (name, text) in good(texts()) {
        // A few changes at a time, since some words must stand on one line.
        let most = 1 + text.len() / 20;
        for _ in 0..if text.len() < 2000 { 10 } else { 4 } {
            let mut shaken = String::new();
            let mut hole = 0;
            for token in lex(&text) {
                match token.kind {
                    Kind::TextStart => hole += 1,
                    Kind::TextEnd => hole -= 1,
                    _ => {}
                }
                if hole == 0 && token.kind == Kind::Space {
                    match dice.below(most) {
                        0 => shaken += " // put here\n  ",
                        1 => shaken += "\n // and here\n\n\n",
                        2 => shaken += "   \n",
                        _ => {}
                    }
                }
                shaken += token.text(&text);
            }
            // Some words must stand on one line; where that was broken there is nothing to format.
            if parse(&Source::new("a", shaken.as_str()), FileId(0)).1.is_empty() {
                check(&name, &shaken, if tried % 2 == 0 { Operators::Words } else { Operators::Symbols });
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn the_examples_are_in_their_form() {
    for (name, text) in texts() {
        if name.contains("/examples/") {
            let formatted = check(&name, &text, Operators::Words);
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&name, formatted).unwrap();
            } else {
                assert!(formatted == text, "{name} is not in its form; run with UPDATE=1");
            }
        }
    }
}

#[test]
fn what_does_not_parse_is_left_alone() {
    for text in ["policy {", "action a { b }", "define f() means x = 1", "action p\u{430}y"] {
        assert_eq!(format(&Source::new("a", text), Operators::Words), None);
    }
    assert_eq!(format(&Source::new("a", "\n\n"), Operators::Words).as_deref(), Some(""));
    assert_eq!(format(&Source::new("a", "\n// a\n\n\n//! b"), Operators::Words).as_deref(), Some("// a\n\n//! b\n"));
}

#[test]
fn the_deepest_text_is_formatted() {
    for (open, close) in
        [("(", ")"), ("f(", ")"), ("[", "]"), ("not ", ""), ("any(x in y where ", ")"), ("", " + 1"), ("", ".a")]
    {
        let levels = if open.is_empty() { 250 } else { 60 };
        let text = format!("define f() means {}x{}\n", open.repeat(levels), close.repeat(levels));
        check(open, &text, Operators::Words);
    }
}

/// What stands behind a clause that was moved to a line of its own is set in with it.
#[test]
fn a_moved_clause_takes_what_follows_along() {
    let call =
        "escalate_to(\"the team that is asked first\", \"a message that is long\", 1_000 USD * count(x in past tick))";
    let text = format!(
        "policy p {{ rule r on a {{ must alert(\"a team\", \"a message\") within 2 hours otherwise {call} }} }}"
    );
    let formatted = check("moved", &text, Operators::Words);
    assert!(formatted.contains("\n      within 2 hours otherwise escalate_to(\n        \"the"), "{formatted}");
}
