//! T1: every evaluation error, by every operator and built-in that can fail, in every kind of rule.
//! The codes are those of spec/errors.md; built-ins are those with an error among their examples.

use super::{engine_lines, said};
use ordain_vm::builtin::Shape;
use std::collections::BTreeSet;

const SETTING: &str = r#"
import std.calendar
import std.card
import std.email
import std.iban
import std.ip
import std.path
import std.url

entity Agent
role officer
record Note { text: text<max 2> }
duty alert(message: text)
data fx: map<Currency, decimal>
data bank: calendar
define inverse(x: int) -> decimal = 1 / x
action other by Agent
policy others { governs other }
"#;

const FIELDS: &str = "yes: bool, zero: int, huge: int, wide: decimal, cash: money, cash2: money, word: text, words: list<text>, \
    nums: list<int>, last: date, moment: instant, long: duration, spell: period";

const VALUES: &str = r#""yes": true, "zero": 0, "huge": 9223372036854775807, "wide": "170141183460469231731687303.715884105727",
    "cash": "1 USD", "cash2": "1 EUR", "word": "long", "words": ["a"], "nums": [9223372036854775807, 1], "last": "9999-12-31",
    "moment": "2262-04-11T23:47:16Z", "long": "PT2562047H", "spell": "P2000000000D""#;

/// Operators that can fail, with values that make them: one at least of each operator and type of spec/types.md.
const OPERATORS: &[(&str, &str)] = &[
    ("huge + 1 > 0", "E0501"),
    ("-huge - 2 > 0", "E0501"),
    ("huge * 2 > 0", "E0501"),
    ("-(-huge - 1) > 0", "E0501"),
    ("wide + wide > 0", "E0501"),
    ("-wide - wide > 0", "E0501"),
    ("wide * 1.5 > 0", "E0501"),
    ("wide / 0.5 > 0", "E0501"),
    ("cash * wide * 2 > cash", "E0501"),
    ("cash / 0.000000000001 * wide > cash", "E0501"),
    ("long + long > 1 hour", "E0501"),
    ("-long - long - long > 1 hour", "E0501"),
    ("long * 2 > 1 hour", "E0501"),
    ("moment - 1700-01-01T00:00:00Z > 1 hour", "E0501"),
    ("last + spell * 2 > last", "E0501"),
    ("sum(x for x in nums) > 0", "E0501"),
    ("zero / zero > 1", "E0502"),
    ("wide / zero > 1", "E0502"),
    ("cash / zero > cash", "E0502"),
    ("cash / (cash * 0) > 1", "E0502"),
    ("long / zero > 1 hour", "E0502"),
    ("long / (long * 0) > 1", "E0502"),
    ("inverse(zero) > 1", "E0502"),
    ("any(p in past probe by actor within 1 hour where 1 / p.zero > 1)", "E0502"),
    ("cash == cash2", "E0503"),
    ("cash is not cash2", "E0503"),
    ("cash < cash2", "E0503"),
    ("cash + cash2 > cash", "E0503"),
    ("cash - cash2 > cash", "E0503"),
    ("cash / cash2 > 1", "E0503"),
    ("cash2 as USD using fx > 1 USD", "E0504"),
    ("any(p in past probe by actor this session)", "E0505"),
    ("word comes from the user", "E0506"),
    ("words comes only from (the user, the operator)", "E0506"),
    ("any(p in past probe by actor within 100 days)", "E0507"),
    ("any(p in past probe by actor ever)", "E0507"),
    ("any(p in past probe by actor since other)", "E0507"),
    ("sum(p.zero for p in past probe by actor within 1 hour max 1) > 0", "E0508"),
    ("calendar.is_business_day(last)", "E0509"),
    ("calendar.is_holiday(last)", "E0509"),
    ("last + 1 business day > last", "E0509"),
    ("moment is within calendar.business_hours", "E0509"),
    ("last + 1 day > last", "E0510"),
    ("2026-01-01 - spell > last", "E0510"),
    ("moment + 1 hour > moment", "E0510"),
    ("moment + 1 month > moment", "E0510"),
    ("age(last) is at least 1 day", "E0510"),
    ("last is within 1 month of last", "E0510"),
    ("words[1] is \"a\"", "E0511"),
    ("words[-1] is \"a\"", "E0511"),
    ("Note { text: word }.text is \"a\"", "E0512"),
    ("instant_of(2026-03-08, 02:30) > moment", "E0513"),
    ("instant_of(2026-11-01, 01:30) > moment", "E0513"),
    ("email.domain(word) is \"a\"", "E0514"),
];

/// A kind of rule, written with the condition `C`, and what is said where it errs; `E` is the code.
const KINDS: &[(&str, &str)] = &[
    ("rule all on probe { permit }  rule r on probe { deny when C }", "deny by r, E in r"),
    ("rule all on probe { permit }  rule r on probe { deny unless C }", "deny by r, E in r"),
    ("rule r on probe { permit when C }", "deny by otherwise, E in r"),
    ("rule r on probe { permit unless C }", "deny by otherwise, E in r"),
    ("rule r on probe { permit with approval of officer when C }", "deny by otherwise, E in r"),
    ("rule all on probe { permit }  rule r on probe { needs approval of officer when C }", "deny by r, E in r"),
    ("rule all on probe { permit }  rule r on probe { require C otherwise \"m\" }", "deny by r, E in r"),
    ("rule r on probe { require C otherwise \"m\" permit }", "deny by r, E in r"),
    ("rule r on probe { require yes permit when C }", "deny by otherwise, E in r"),
    (
        "rule all on probe { permit }  rule no on probe { deny when yes }  rule r on probe overrides no { lift when C }",
        "deny by no, E in r",
    ),
    (
        "rule all on probe { permit }  rule no on probe { deny when yes }  rule r on probe overrides no { needs approval of officer when C }",
        "deny by no, r, E in r",
    ),
    (
        "rule all on probe { permit }  limit r on probe { when C count per actor within 1 hour at most 50 }",
        "deny by r, E in r",
    ),
    ("rule r on probe { permit must alert(\"x\") when C }", "deny by r, E in r"),
    ("rule all on probe { permit }  rule r on probe { must alert(\"x\") when C }", "deny by r, E in r"),
    ("rule all on probe { permit }  rule r on probe trial { deny when C }", "permit by all, E in r"),
    ("rule r on happened { must alert(\"x\") when C }", "recorded, E in r"),
];

/// Conditions of the built-ins' own examples of errors: what may be missing is asked for, all else compared with itself.
fn builtins() -> Vec<(String, String)> {
    ordain_stdlib::all()
        .flat_map(|row| row.examples.iter().map(|(example, given)| (row.returns, example, given)))
        .filter(|(_, _, given)| given.starts_with("E05"))
        .map(|(returns, example, code)| match returns {
            Shape::Optional(_) => (format!("{example} is present"), code.to_string()),
            _ => (format!("{example} is {example}"), code.to_string()),
        })
        .collect()
}

#[test]
fn t01_an_error_never_permits_and_denies_where_its_rule_restricts() {
    let mut all: Vec<(String, String)> = OPERATORS.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    let own = builtins();
    assert!(own.len() > 15, "only {} built-ins with an error among their examples", own.len());
    all.extend(own);
    let mut wrong = vec![];
    for (condition, code) in &all {
        let mut text = SETTING.to_string();
        let (mut lines, mut asked) = (vec![], vec![]);
        for (at, (rules, _)) in KINDS.iter().enumerate() {
            let rules = rules.replace('C', &format!("({condition})"));
            let part = format!(
                "action probe by Agent {{ {FIELDS} }}\nevent happened by Agent {{ {FIELDS} }}\n\
                 policy desk_{at} {{\n  zone \"America/New_York\"\n  calendar bank\n  governs probe, happened\n  {rules}\n}}\n"
            );
            text += &part.replace("probe", &format!("probe_{at}")).replace("happened", &format!("happened_{at}"));
            let line = |word: &str, name: &str, id: &str, minute: u32| {
                format!(
                    r#"{{"{word}": {{"name": "{name}_{at}", "properties": {{{}}}}}, "subject": {{"type": "Agent", "id": "a"}}, "context": {{"id": "{id}-{at}", "time": "2026-03-03T12:{minute:02}:00Z"}}}}"#,
                    VALUES.replace('\n', " ")
                )
            };
            for id in ["x", "y"] {
                lines.push(format!(r#"{{"performed": {}}}"#, line("action", "probe", id, 0)));
            }
            let event = rules.contains("happened");
            let (word, name) = if event { ("event", "happened") } else { ("action", "probe") };
            asked.push(line(word, name, "q", 10));
        }
        lines.extend(asked);
        let data =
            [("bank", r#"{"holidays": [], "valid": {"from": "2026-01-01", "until": "2026-12-31"}}"#), ("fx", "{}")];
        let answers = engine_lines(&text, &data, Some("2026-01-01T00:00:00Z"), &lines);
        for ((rules, wanted), answer) in KINDS.iter().zip(&answers[2 * KINDS.len()..]) {
            let wanted = wanted.replace("E in", &format!("{code} in"));
            let said = said(answer);
            if said != wanted {
                wrong.push(format!("{condition}\n  in {rules}\n  wanted {wanted}\n  found  {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let chapter = include_str!("../../../spec/errors.md");
    let table = chapter.lines().filter_map(|line| line.strip_prefix("| E05").map(|rest| format!("E05{}", &rest[..2])));
    let listed: BTreeSet<String> = table.collect();
    let forced: BTreeSet<String> = all.into_iter().map(|(_, code)| code).collect();
    assert_eq!(forced, listed, "the errors that were forced, and those of the chapter");
}
