//! One slip, one message: a whole policy without a mistake, and what is said when one word of it is another.
//! `slip` changes the one word, `rule` and `condition` add something to the policy; what is expected is `CODE text at its place`.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::source::Source;

const POLICY: &str = r#"
entity Agent in Team { tier: int, since: date }
entity Team
entity Account { frozen: bool, owner: Agent? }
enum Kind { gift, meal }
duty tell(a: text)
role boss by Agent
role off by Agent
context { risk: decimal? }
set good: set<int> = { 5, 9 }
define large(n: int) means n > 3
action go by Agent on Account {
  n: int, amount: money<USD>, word: text, memo: text?, day: date, kind: Kind, tags: set<text>, moment: instant
}
action other by Agent { n: int }
let ann = Agent("ann") in Team("t") { tier: 1, since: 2026-01-01 }
let acc = Account("a") { frozen: false }
let one = go {
  actor: ann, target: acc, n: 1, amount: 3 USD, word: "x", day: 2026-01-01, kind: gift, tags: {},
  moment: 2026-01-01T00:00:00Z
}
let two = one with { n: 2 }
policy desk {
  governs go, other
  rule base on go { permit when n is more than 3 must tell("x") because "n is {n}" }
  rule good_ones on go { deny when n in good and large(n) and target.frozen }
  rule tiers on go { needs approval of boss when actor.tier > 3 and word is "x" and memo is present and kind is gift }
  rule offi on go {
    needs approval of off where approver.tier > 1
      when day < today and word in tags and moment < now and amount > 3 USD and context.risk is present
  }
  rule oth on other { permit when n > 3 }
  // here
}
test "one" { at 2026-03-03 10:00 request one expect deny by otherwise }
test "two" { at 2026-03-03 10:00 request two expect deny request one with { n: 5 } expect permit by base }
"#;

/// What is said of a text: codes and places, and what is told besides.
fn said(text: &str) -> Vec<(String, String)> {
    let analysis = analyse(&Input { sources: vec![Source::new("slip.ord", text)], ..Input::default() });
    let one = |diagnostic: &ordain_compiler::diagnostic::Diagnostic| {
        let place = analysis.sources[0].slice(diagnostic.at).split_whitespace().collect::<Vec<_>>().join(" ");
        let help = diagnostic.help.clone().unwrap_or_default();
        (format!("{} {place}", diagnostic.code), format!("{} {help}", diagnostic.message))
    };
    analysis.diagnostics.iter().map(one).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = said(text);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, expected, "\n{found:#?}");
}

/// One place of the policy is written otherwise.
#[track_caller]
fn slip(right: &str, wrong: &str, expected: &str) {
    assert!(POLICY.contains(right), "{right}");
    check(&POLICY.replacen(right, wrong, 1), &[expected]);
}

#[test]
fn the_policy_itself_is_right() {
    check(POLICY, &[]);
}

#[test]
fn a_slip_in_a_declaration_is_said_once() {
    slip("on Account {\n", "on Acount {\n", "E0201 Acount");
    slip("go by Agent on", "go by Agnt on", "E0201 Agnt");
    slip("action go by Agent", "action go by: Agent", "E0101 by");
    slip("action go", "acton go", "E0101 acton");
    slip("entity Agent in", "entty Agent in", "E0101 entty");
    slip("  n: int, amount", "  n: itn, amount", "E0201 itn");
    slip("  n: int, amount", "  n int, amount", "E0101 n");
    slip("  n: int, amount", "  n: int, n: text, amount", "E0203 n");
    slip("frozen: bool", "frozen bool", "E0101 frozen");
    slip("frozen: bool", "frozen: boo", "E0201 boo");
    slip("tier: int", "tier: Int", "E0201 Int");
    slip("duty tell(a: text)", "duty tell(a text)", "E0101 a");
    slip("set good: set<int> =", "set good =", "E0101 good");
    slip("role off by Agent", "role off: Agent", "E0101 off");
    slip("role off by Agent", "role off by Agnt", "E0201 Agnt");
    slip("enum Kind", "enum Kin", "E0201 Kind");
    slip("means n > 3", "means nn > 3", "E0201 nn");
    slip("context { risk: decimal? }", "context { risk decimal? }", "E0101 risk");
    slip("governs go, other", "governs go, othr", "E0201 othr");
}

#[test]
fn a_slip_in_a_fixture_or_test_is_said_once() {
    slip("let one = go {", "let one = goo {", "E0201 goo");
    slip("let ann = Agent(", "let ann = Agnt(", "E0201 Agnt");
    slip("target: acc, n: 1", "target: acc, m: 1", "E0202 m");
    slip("frozen: false", "frozn: false", "E0202 frozn");
    slip("10:00 request one expect", "10:00 request uno expect", "E0201 uno");
    slip("10:00 request one expect", "10:00 reqest one expect", "E0101 reqest");
    slip("expect permit by base", "expect error X0502", "E0201 X0502");
    slip("deny by otherwise", "error X0502", "E0201 X0502");
    slip("deny by otherwise", "deny by otherwse", "E0201 otherwse");
}

/// A rule that lost a part, for whatever reason, says nothing about others, and nothing is said of what it lacks.
#[test]
fn a_slip_in_a_rule_is_said_once() {
    slip("must tell(\"x\")", "must notify(\"x\")", "E0201 notify");
    slip("permit when n is more", "permitt when n is more", "E0101 permitt");
    slip("oth on other", "oth on othr", "E0201 othr");
    let rule = |text: &str, expected: &[&str]| check(&POLICY.replacen("// here", text, 1), expected);
    rule("rule z on other { must notify(\"x\") }", &["E0201 notify"]);
    rule("rule z on other { deny when nn is 3 }\nrule y on other { deny when n > 5 }", &["E0201 nn"]);
    rule("rule z on other { deny when n is \"a\" }\nrule y on other { deny when n > 5 }", &["E0301 n is \"a\""]);
    rule("rule z on other { deny when n is 7 }\nrule z on other { deny when n > 5 }", &["E0203 z"]);
    // What is no consequence is said as well.
    rule("rule z on other { deny when nn is 3 }\nrule y on other { deny when tier > 5 }", &["E0201 nn", "E0201 tier"]);
}
