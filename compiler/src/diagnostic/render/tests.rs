//! What the three formats say of a small text; the places are given by what stands there.

use super::{human, json, sarif};
use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::source::{FileId, Source, Span};

const POLICY: &str = "policy p {\n  rule a on pay {\n    permit when amount is more than 10 USD\n  }\n}\n";

fn source(text: &str) -> Vec<Source> {
    vec![Source::new("pay.ord", text)]
}

/// Where `part` stands in `text`, at its first occurrence.
fn at(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the text has the part") as u32;
    Span::new(FileId(0), start, start + part.len() as u32)
}

fn full() -> Diagnostic {
    Diagnostic::new(Code::W0401, at(POLICY, "rule a on pay"), "`a` can never apply")
        .label("this rule")
        .also(at(POLICY, "amount is more than 10 USD"), "always false")
        .note("`amount` is at most USD 10 in line 2.")
        .help("Remove the rule.")
        .fix("say `at least`", vec![(at(POLICY, "more than"), "at least".to_string())])
}

fn check(diagnostic: Diagnostic, text: &str, expected: &str) {
    let got = human(&[diagnostic], &source(text), false);
    assert_eq!(got.trim_end(), expected.trim_matches('\n').trim_end(), "\n{got}");
}

#[test]
fn all_parts_are_drawn() {
    check(
        full(),
        POLICY,
        "
[W0401] Warning: `a` can never apply
   ╭─[ pay.ord:2:3 ]
   │
 2 │   rule a on pay {
   │   ──────┬──────
   │         ╰──────── this rule
 3 │     permit when amount is more than 10 USD
   │                 ─────────────┬────────────
   │                              ╰────────────── always false
   │
   │ Help 1: Remove the rule.
   │
   │ Help 2: say `at least`:
   │           permit when amount is at least 10 USD
   │
   │ Note: `amount` is at most USD 10 in line 2.
───╯
",
    );
}

#[test]
fn what_could_disturb_a_terminal_is_written_out() {
    let text = "rule \u{1b}[2J\u{202e}x { dény }\r\n";
    check(
        Diagnostic::new(Code::E0107, at(text, "dény"), "a \u{202e} in the text").label("\u{7}here"),
        text,
        "
[E0107] Error: a \\u{202e} in the text
   ╭─[ pay.ord:1:15 ]
   │
 1 │ rule \\u{1b}[2J\\u{202e}x { dény }
   │                           ──┬─
   │                             ╰─── \\u{7}here
───╯
",
    );
}

#[test]
fn the_end_of_the_text_is_a_place() {
    let text = "policy p {\n";
    let end = Span::new(FileId(0), text.len() as u32, text.len() as u32);
    let lone = human(&[Diagnostic::new(Code::E0101, end, "`}` is missing").label("here")], &source(text), false);
    assert!(lone.contains("pay.ord:2:1"), "{lone}");
    assert!(lone.contains("here"), "{lone}");
    let empty =
        human(&[Diagnostic::new(Code::E0101, Span::new(FileId(0), 0, 0), "nothing").label("here")], &source(""), false);
    assert!(empty.contains("here"), "{empty}");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!("{}wrong{}\nnext", "é(".repeat(1_000_000), "日)".repeat(1_000_000));
    let got =
        human(&[Diagnostic::new(Code::E0105, at(&text, "wrong"), "too deep").label("here")], &source(&text), false);
    assert!(got.len() < 4_000 && got.contains("wrong") && got.contains("here"), "{} bytes", got.len());
}

#[test]
fn colour_is_the_callers_choice() {
    assert!(!human(&[full()], &source(POLICY), false).contains('\u{1b}'));
    assert!(human(&[full()], &source(POLICY), true).contains('\u{1b}'));
}

#[test]
fn labels_in_other_files_and_across_lines() {
    let sources = vec![Source::new("a.ord", "one\ntwo\nthree\n"), Source::new("b.ord", "four\nfive\n")];
    let span = |file, start, end| Span::new(FileId(file), start, end);
    let diagnostic = Diagnostic::new(Code::E0407, span(1, 0, 9), "two versions")
        .label("this one")
        .also(span(0, 4, 13), "and this one")
        .also(span(0, 0, 3), "before it");
    let got = human(&[diagnostic], &sources, false);
    for part in ["b.ord:1:1", "a.ord:1:1", "this one", "and this one", "before it"] {
        assert!(got.contains(part), "{part}\n{got}");
    }
    // A place in a file that is not there is left out; the message is said all the same.
    let lost = human(&[Diagnostic::new(Code::E0407, span(9, 0, 9), "two versions")], &sources, false);
    assert!(lost.contains("two versions"), "{lost}");
}

#[test]
fn json_has_every_part() {
    let got = json(&[full()], &source(POLICY));
    let expected = concat!(
        r#"{"diagnostics":[{"code":"W0401","severity":"warning","message":"`a` can never apply","file":"pay.ord","#,
        r#""line":2,"column":3,"end_line":2,"end_column":16,"start":13,"end":26,"label":"this rule","#,
        r#""labels":[{"file":"pay.ord","line":3,"column":17,"end_line":3,"end_column":43,"start":45,"end":71,"text":"always false"}],"#,
        r#""notes":["`amount` is at most USD 10 in line 2."],"help":"Remove the rule.","#,
        r#""fix":{"title":"say `at least`","edits":[{"file":"pay.ord","line":3,"column":27,"end_line":3,"end_column":36,"#,
        r#""start":55,"end":64,"text":"at least"}]}}],"errors":0,"warnings":1}"#,
    );
    assert_eq!(got.trim_end(), expected);
    let odd = json(&[Diagnostic::new(Code::E0102, at(POLICY, "rule"), "\u{1b}\"\\\n\u{e0001}")], &source(POLICY));
    assert!(odd.contains(r#""message":"\u001b\"\\\n\udb40\udc01""#), "{odd}");
}

#[test]
fn sarif_points_to_files_and_fixes() {
    let mut sources = source(POLICY);
    sources[0].name = "a folder/päy.ord".into();
    let got = sarif(&[full()], &sources);
    for part in [
        r#""version":"2.1.0""#,
        r#""ruleId":"W0401","ruleIndex":0,"level":"warning""#,
        r#""uri":"a%20folder/p%C3%A4y.ord""#,
        r#""region":{"startLine":2,"startColumn":3,"endLine":2,"endColumn":16}"#,
        r#""relatedLocations":[{"physicalLocation""#,
        r#""insertedContent":{"text":"at least"}"#,
    ] {
        assert!(got.contains(part), "{part}\n{got}");
    }
}
