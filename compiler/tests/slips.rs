//! One slip, one message: a whole policy without a mistake, and what is said when one word of it is another.
//! `slip` changes the one word, `rule` and `condition` add something to the policy; what is expected is `CODE text at its place`.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::errors::foreign;
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

/// Something more in the policy.
#[track_caller]
fn rule(text: &str, expected: &[&str]) {
    check(&POLICY.replacen("// here", text, 1), expected);
}

/// A rule with a condition on `go`.
#[track_caller]
fn condition(text: &str, expected: &str) {
    rule(&format!("rule z on go {{ deny when {text} }}"), &[expected]);
}

#[test]
fn the_policy_itself_is_right() {
    check(POLICY, &[]);
}

#[test]
fn a_slip_in_a_declaration_is_said_once() {
    slip("on Account {\n", "on Acount {\n", "E0201 Acount");
    slip("go by Agent on", "go by Agnt on", "E0201 Agnt");
    slip("action go by Agent", "action go by: Agent", "E0101 :");
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
    slip("role off by Agent", "role off: Agent", "E0101 :");
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
    rule("rule z on other { must notify(\"x\") }", &["E0201 notify"]);
    rule("rule z on other { deny when nn is 3 }\nrule y on other { deny when n > 5 }", &["E0201 nn"]);
    rule("rule z on other { deny when n is \"a\" }\nrule y on other { deny when n > 5 }", &["E0301 n is \"a\""]);
    rule("rule z on other { deny when n is 7 }\nrule z on other { deny when n > 5 }", &["E0203 z"]);
    // What is no consequence is said as well.
    rule("rule z on other { deny when nn is 3 }\nrule y on other { deny when tier > 5 }", &["E0201 nn", "E0201 tier"]);
}

#[test]
fn a_slip_in_an_expression_is_said_once() {
    condition("n = 3", "E0101 =");
    condition("n => 3", "E0101 =>");
    condition("n =< 3", "E0101 =<");
    condition("n === 3", "E0101 ===");
    condition("n <> 3", "E0101 <>");
    condition("n is at least 3 and at most 5", "E0101 at most");
    condition("n > 3 and < 5", "E0101 <");
    condition("n is less than or equal to 5", "E0101 is less than or equal to");
    condition("n is not greater than 5", "E0101 is not greater than");
    condition("n > 3 ? true : false", "E0101 ?");
    condition("day within 30 days of today", "E0101 within");
    condition("memo is null", "E0201 null");
    condition("memo != null", "E0201 null");
    condition("any(tags, x is \"a\")", "E0309 any(tags, x is \"a\")");
    condition("any(x in tags satisfy x is \"a\")", "E0101 satisfy");
    condition("any(p in past other by actor within last 1 hour)", "E0101 within last");
    condition("kind is Kind::gift", "E0101 ::");
    condition("amount > USD 100", "E0101 USD 100");
    condition("n < 10 AND large(n)", "E0101 AND");
    condition("NOT large(n)", "E0101 NOT");
    condition("n > 3 /* a lot */", "E0101 /* a lot */");
    condition("word.contains(\"x\")", "E0209 contains");
    rule("rule z on other { deny because \"a {n\" }", &["E0103 \""]);
    rule("rule z on other { deny must tell(\"a {n\") }", &["E0103 \""]);
    rule("rule z on other { needs approval of boss or off }", &["E0101 or"]);
    rule("rule z on other: { deny when n > 7 }", &["E0101 :"]);
    rule("rule z on other { tell(\"x\") }", &["E0101 tell"]);
    slip("entity Agent in", "module a\nmodule b\nentity Agent in", "E0203 b");
    slip("  n: int, amount", "  n: int<max 5>, amount", "E0305 int<max 5>");
}

/// What is told to do.
#[test]
fn what_is_to_be_written_is_told() {
    let tells = |text: &str, help: &str| {
        let whole = POLICY.replacen("// here", &format!("rule z on go {{ deny when {text} }}"), 1);
        let found = said(&whole);
        assert!(found.len() == 1 && found[0].1.contains(help), "{text}: {help}\n{found:#?}");
    };
    tells("kind is \"gift\"", "without quotes: `gift`");
    tells("actor is \"bob\"", "`actor.id`");
    tells("day < now", "`today`");
    tells("day < moment", "`date_of(moment)`");
    tells("moment < today", "`now`");
    tells("day > \"2026-01-01\"", "without quotes: `2026-01-01`");
    tells("hour(now) > 3", "`time_of(now)`");
    tells("memo is not null", "`is present`");
    tells("input.n > 3", "Write `n`");
    tells("zork > 3", "`amount`, `day`, `kind`");
    tells("target.zork", "`frozen`, `owner`");
    tells("tags.length > 3", "`length(tags)`");
    tells("now() > moment", "`now` without parentheses");
    tells("calendar.is_month_end(day)", "import std.calendar");
    tells("url.host(word) is \"x\"", "import std.url");
    tells("is_month_end(day)", "import std.calendar");
}

/// Every row of the tables of other languages' words is told where such a word stands.
#[test]
fn words_of_other_languages_are_answered() {
    use foreign::Instead::{self, Say, Write};
    let answers = |text: String, instead: Instead| {
        let found = said(&text);
        let help = match instead {
            Say(help) => help.to_string(),
            Write(word) => format!("`{word}"),
        };
        let changed = text.lines().find(|line| !POLICY.contains(line)).unwrap_or_default().to_string();
        assert!(found.len() == 1 && found[0].1.contains(&help), "{changed}: {help}\n{found:#?}");
    };
    let with_condition = |text: &str| POLICY.replacen("// here", &format!("rule z on go {{ deny when {text} }}"), 1);
    for (word, alone, equal) in foreign::COMPARISONS {
        // `is more than` and `is less than` are the language's own.
        if !matches!(*word, "more" | "less") {
            answers(with_condition(&format!("n is {word} 7")), Write(alone));
            answers(with_condition(&format!("n {word} 7")), Write(alone));
        }
        answers(with_condition(&format!("n is {word} or equal to 7")), Write(equal));
    }
    for (phrase, instead) in foreign::OPERATORS {
        answers(with_condition(&format!("n {phrase} 7")), *instead);
    }
    for (phrase, instead) in foreign::QUANTIFIERS {
        answers(with_condition(&format!("{phrase} x in tags")), *instead);
    }
    for (phrase, instead) in foreign::WINDOWS {
        answers(with_condition(&format!("any(p in past other {phrase} 1 hour)")), *instead);
    }
    for (word, instead) in foreign::VALUES {
        answers(with_condition(&format!("n is 7 and {word}")), *instead);
    }
    for (word, instead) in foreign::FUNCTIONS {
        if !matches!(*word, "contains" | "matches") {
            answers(with_condition(&format!("{word}(tags)")), *instead);
        }
        answers(with_condition(&format!("tags.{word}(7)")), *instead);
    }
    for (word, instead) in foreign::PLACES {
        answers(with_condition(&format!("word comes from {word}")), *instead);
    }
    for (phrase, instead) in foreign::CLAUSES {
        let text = if *phrase == "else" { "deny when n > 7 else" } else { phrase };
        answers(POLICY.replacen("// here", &format!("rule z on other {{ {text} boss }}"), 1), *instead);
    }
    for (phrase, instead) in foreign::MEMBERS {
        answers(POLICY.replacen("// here", &format!("{phrase} other"), 1), *instead);
    }
    for (word, instead) in foreign::ITEMS {
        answers(format!("{POLICY}{word} thing\n"), *instead);
    }
    for (word, instead) in foreign::TYPES {
        answers(POLICY.replacen("  n: int, amount", &format!("  n: {word}, amount"), 1), *instead);
    }
}
