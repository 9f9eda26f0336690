//! Policies in text, through the whole pipeline, to decisions in words.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::source::Source;
use ordain_reference::{Engine, OnPermit, Options};
use ordain_vm::answer::{Answer, Detail};
use ordain_vm::request::Reader;
use ordain_vm::value::{Instant, Type, Value};
use std::sync::Arc;

fn checked(text: &str) -> Arc<Checked> {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", text)], ..Input::default() });
    match analysis.checked() {
        Ok(checked) => Arc::new(checked),
        Err(analysis) => {
            let said: Vec<String> = analysis
                .diagnostics
                .iter()
                .map(|said| {
                    let line = analysis.sources[said.at.file.0 as usize].line(said.at.start);
                    format!("line {line} {} {}", said.code, said.message)
                })
                .collect();
            panic!("{text}\n{}", said.join("\n"))
        }
    }
}

/// A package with empty data, and the lines of a stream: what is said to each.
fn stream(text: &str, on_permit: OnPermit, complete_since: Option<&str>, lines: &[&str]) -> Vec<Answer> {
    let checked = checked(text);
    let data = checked.package.data.iter().map(|data| match &data.ty {
        Type::Map(..) => Value::Map(Arc::default()),
        _ => Value::Set(Arc::default()),
    });
    let schema = checked.schema();
    let mut engine = Engine::new(checked.clone(), data.collect());
    if let Some(since) = complete_since {
        engine.set_complete_since(Instant::parse(since).expect("the case gives a moment"));
    }
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let options = Options { on_permit, explain: false };
    lines
        .iter()
        .map(|line| match reader.line(line.as_bytes()) {
            Ok(line) => engine.answer(line, options),
            Err(errors) => panic!("{line}: {errors:?}"),
        })
        .collect()
}

/// `deny by r, otherwise; missing "m"; must alert; trial r; E0501 at 3:4 in r`
fn said(answer: &Answer) -> String {
    match answer {
        Answer::Decision(decided) => in_words(&decided.context),
        Answer::Recorded { recorded, warnings } => {
            let with: Vec<&str> = warnings.iter().map(|warning| &*warning.code).collect();
            if with.is_empty() {
                format!("recorded {recorded}")
            } else {
                format!("recorded {recorded} with {}", with.join(", "))
            }
        }
        Answer::Refused { error, .. } => format!("error {}", error.code),
    }
}

fn in_words(detail: &Detail) -> String {
    let mut text = format!("{:?}", detail.verdict).to_lowercase();
    let rules: Vec<&str> = detail.rules.iter().map(|rule| &*rule.rule).collect();
    if !rules.is_empty() {
        text += &format!(" by {}", rules.join(", "));
    }
    for missing in &detail.missing {
        text += &format!("; missing {:?}", missing.text);
    }
    for duty in &detail.duties {
        text += &format!("; must {}{}", duty.duty, duty.args);
    }
    for rule in &detail.trial {
        text += &format!("; trial {} {:?}", rule.rule, rule.effect);
    }
    for error in &detail.errors {
        text += &format!("; {}", error.code);
        text += &error.rule.as_ref().map_or(String::new(), |rule| format!(" in {rule}"));
    }
    text
}

// Errors in rules

const SETTING: &str = r#"
entity Agent
entity Person
record Note { text: text<max 2> }
role officer by Person
duty alert(message: text)
data fx: map<Currency, decimal>
define inverse(x: int) -> decimal = 1 / x
action other by Agent
policy others { governs other }
"#;

const FIELDS: &str = "flag: bool, zero: int, huge: int, low: int, wide: decimal, cash: money, cash2: money, word: text, words: list<text>, \
    nums: list<int>, monies: list<money>, first: date, last: date, moment: instant, early: instant, long: duration, spell: period";

const VALUES: &str = r#""flag": true, "zero": 0, "huge": 9223372036854775807, "low": -9223372036854775808,
    "wide": "170141183460469231731687303.715884105727", "cash": "1 USD", "cash2": "1 EUR", "word": "long", "words": ["a"],
    "nums": [9223372036854775807, 1], "monies": ["1 USD", "1 EUR"], "first": "0001-01-01", "last": "9999-12-31",
    "moment": "2262-04-11T23:47:16Z", "early": "1677-09-21T00:12:44Z", "long": "PT2562047H", "spell": "P2000000000D""#;

/// Conditions that err with those values, with the code and word of the error.
const FAILING: &[(&str, &str, &str)] = &[
    ("huge + 1 > 0", "E0501", "overflow"),
    ("low - 1 > 0", "E0501", "overflow"),
    ("huge * 2 > 0", "E0501", "overflow"),
    ("-low > 0", "E0501", "overflow"),
    ("wide + 1 > 0", "E0501", "overflow"),
    ("-wide - 1 > 0", "E0501", "overflow"),
    ("wide * 1.5 > 0", "E0501", "overflow"),
    ("wide / 0.5 > 0", "E0501", "overflow"),
    ("cash * wide + cash * wide > cash", "E0501", "overflow"),
    ("long + long > 1 hour", "E0501", "overflow"),
    ("long * 2 > 1 hour", "E0501", "overflow"),
    ("moment - early > 1 hour", "E0501", "overflow"),
    ("sum(x for x in nums) > 0", "E0501", "overflow"),
    ("10 / zero > 1", "E0502", "division by zero"),
    ("1.5 / zero > 1", "E0502", "division by zero"),
    ("cash / zero > cash", "E0502", "division by zero"),
    ("cash / (cash * 0) > 1", "E0502", "division by zero"),
    ("long / zero > 1 hour", "E0502", "division by zero"),
    ("long / (long * 0) > 1", "E0502", "division by zero"),
    ("inverse(zero) > 1", "E0502", "division by zero"),
    ("cash == cash2", "E0503", "currencies differ"),
    ("cash is not cash2", "E0503", "currencies differ"),
    ("cash < cash2", "E0503", "currencies differ"),
    ("cash + cash2 > cash", "E0503", "currencies differ"),
    ("cash - cash2 > cash", "E0503", "currencies differ"),
    ("cash / cash2 > 1", "E0503", "currencies differ"),
    ("max(m for m in monies) is present", "E0503", "currencies differ"),
    ("sum(m for m in monies) is present", "E0503", "currencies differ"),
    ("cash2 as USD using fx > 1 USD", "E0504", "no rate"),
    ("any(p in past probe by actor this session)", "E0505", "no session"),
    ("word comes from the user", "E0506", "no record"),
    ("word comes only from the user", "E0506", "no record"),
    ("words comes from the user", "E0506", "no record"),
    ("any(p in past probe by actor within 100 days)", "E0507", "history incomplete"),
    ("any(p in past probe by actor ever)", "E0507", "history incomplete"),
    ("any(p in past probe by actor since other)", "E0507", "history incomplete"),
    ("sum(p.zero for p in past probe by actor within 1 hour max 1) > 0", "E0508", "history bound"),
    ("any(p in past probe by actor within 1 hour where 1 / p.zero > 1)", "E0502", "division by zero"),
    ("sum(p.huge for p in past probe by actor within 1 hour) > 0", "E0501", "overflow"),
    ("last + 1 day > first", "E0510", "time out of range"),
    ("first - 1 month > last", "E0510", "time out of range"),
    ("last + 1 business day > first", "E0510", "time out of range"),
    ("moment + 1 hour > early", "E0510", "time out of range"),
    ("early - 1 hour > moment", "E0510", "time out of range"),
    ("moment + 1 month > early", "E0510", "time out of range"),
    ("age(last) is at least 1 day", "E0510", "time out of range"),
    ("last is within 1 month of last", "E0510", "time out of range"),
    ("first is within 1 month of first", "E0510", "time out of range"),
    ("first + spell > last", "E0510", "time out of range"),
    ("first + spell * 2 > last", "E0501", "overflow"),
    ("words[1] is \"a\"", "E0511", "not there"),
    ("words[-1] is \"a\"", "E0511", "not there"),
    ("Note { text: word }.text is \"a\"", "E0512", "too long"),
];

/// What is said where the condition `C` errs; `E` is its code.
const KINDS: &[(&str, &str)] = &[
    ("rule all on probe { permit } rule r on probe { deny when C }", "deny by r; E in r"),
    ("rule all on probe { permit } rule r on probe { deny unless C may be waived by officer }", "deny by r; E in r"),
    ("rule r on probe { permit when C }", "deny by otherwise; E in r"),
    ("rule r on probe { permit with approval of officer when C }", "deny by otherwise; E in r"),
    ("rule all on probe { permit } rule r on probe { needs approval of officer when C }", "deny by r; E in r"),
    (
        "rule all on probe { permit } rule r on probe { require C otherwise \"m\" require flag otherwise \"n\" require not flag otherwise \"o\" }",
        "deny by r; missing \"m\"; missing \"o\"; E in r",
    ),
    (
        "rule all on probe { permit } rule r on probe { require flag when C otherwise \"m\" }",
        "deny by r; missing \"m\"; E in r",
    ),
    ("rule r on probe { require C otherwise \"m\" permit }", "deny by r; missing \"m\"; E in r"),
    ("rule r on probe { require flag permit when C }", "deny by otherwise; E in r"),
    ("rule r on probe { when C require flag permit }", "deny by r; E in r"),
    (
        "rule all on probe { permit } rule block on probe { deny when flag } rule r on probe overrides block { lift when C }",
        "deny by block; E in r",
    ),
    (
        "rule all on probe { permit } rule block on probe { deny when flag } rule r on probe overrides block { deny when C }",
        "deny by block, r; E in r",
    ),
    (
        "rule all on probe { permit } rule r on probe { deny when C } rule free on probe overrides r { lift }",
        "permit by all; E in r",
    ),
    (
        "rule all on probe { permit } limit r on probe { when C count per actor within 1 hour at most 50 }",
        "deny by r; E in r",
    ),
    ("rule r on probe { permit must alert(\"x\") must alert(\"y\") when C }", "deny by r; E in r"),
    ("rule r on probe { permit must alert(\"x\") must alert(\"{C}\") once done }", "deny by r; E in r"),
    (
        "rule all on probe { permit must alert(\"z\") } rule r on probe { must alert(\"x\") when C }",
        "deny by r; E in r",
    ),
    (
        "rule all on probe { permit must alert(\"z\") } rule r on probe { when C must alert(\"x\") }",
        "permit by all; must alert{\"message\":\"z\"}; E in r",
    ),
    (
        "rule all on probe { permit } rule r on probe trial { deny when C } rule t on probe trial { deny when flag }",
        "permit by all; trial t Deny; E in r",
    ),
    ("rule all on probe { permit } rule r on probe trial { require C otherwise \"m\" }", "permit by all; E in r"),
    ("rule all on probe { permit when not flag or C }", "deny by otherwise; E in all"),
    ("rule all on probe { permit when flag or C }", "permit by all"),
    ("rule all on probe { permit when if flag then true else C }", "permit by all"),
    ("rule all on probe { let c = C permit when flag or c }", "permit by all"),
    ("rule all on probe { let c = C permit when flag and c }", "deny by otherwise; E in all"),
];

const OF_EVENTS: &[(&str, &str)] = &[
    ("rule r on happened { when C must alert(\"x\") }", "recorded; E in r"),
    (
        "rule r on happened { must alert(\"x\") when C must alert(\"y\") } rule s on happened { must alert(\"z\") }",
        "recorded; must alert{\"message\":\"y\"}; must alert{\"message\":\"z\"}; E in r",
    ),
];

/// A policy for each of the rules, with an action and an event of its own: `probe` and `happened` stand for them.
fn program(all: &[String]) -> String {
    let mut text = SETTING.to_string();
    for (at, rules) in all.iter().enumerate() {
        let rules = rules.replace(" rule ", "\n  rule ").replace(" limit ", "\n  limit ");
        let policy = format!(
            "action probe by Agent {{ {FIELDS} }}\nevent happened by Agent {{ {FIELDS} }}\n\
             policy desk_{at} {{\n  governs probe, happened\n  {rules}\n}}\n"
        );
        text += &policy.replace("probe", &format!("probe_{at}")).replace("happened", &format!("happened_{at}"));
    }
    text
}

fn line(what: &str, id: &str, time: &str) -> String {
    format!(r#"{{{what}, "subject": {{"type": "Agent", "id": "a"}}, "context": {{"id": "{id}", "time": "{time}"}}}}"#)
}

/// For each of the rules, what is said to a probe, or a happening, after two probes were performed.
fn asked(all: &[(String, bool)]) -> Vec<Answer> {
    let rules: Vec<String> = all.iter().map(|(rules, _)| rules.clone()).collect();
    let values = VALUES.replace('\n', " ");
    let probe = |at: usize| format!(r#""action": {{"name": "probe_{at}", "properties": {{{values}}}}}"#);
    let happened = |at: usize| format!(r#""event": {{"name": "happened_{at}", "properties": {{{values}}}}}"#);
    let mut lines = vec![];
    for at in 0..all.len() {
        for id in ["x", "y"] {
            let past = line(&probe(at), &format!("{id}-{at}"), "2026-03-03T12:00:00Z");
            lines.push(format!(r#"{{"performed": {past}}}"#));
        }
    }
    for (at, (_, event)) in all.iter().enumerate() {
        let what = if *event { happened(at) } else { probe(at) };
        lines.push(line(&what, &format!("q-{at}"), "2026-03-03T12:10:00Z"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut answers = stream(&program(&rules), OnPermit::Perform, Some("2026-01-01T00:00:00Z"), &lines);
    answers.split_off(2 * all.len())
}

#[test]
fn an_error_settles_its_rule() {
    let mut wrong = vec![];
    for (condition, code, _) in FAILING {
        let kinds: Vec<_> =
            KINDS.iter().map(|kind| (kind, false)).chain(OF_EVENTS.iter().map(|kind| (kind, true))).collect();
        let written = |rules: &str| rules.replace('C', &format!("({condition})"));
        let all: Vec<_> = kinds.iter().map(|((rules, _), event)| (written(rules), *event)).collect();
        for (((rules, wanted), _), answer) in kinds.iter().zip(asked(&all)) {
            let wanted = wanted.replace("; E in", &format!("; {code} in"));
            if said(&answer) != wanted {
                wrong.push(format!("{condition}\n  in {rules}\n  wanted {wanted}\n  found  {}", said(&answer)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_error_in_a_part_of_a_limit_denies() {
    let limits = [
        ("sum of 10 / zero per actor within 1 hour at most 1", "deny by r; E0502 in r"),
        ("sum of huge per actor within 1 hour at most 1", "deny by r; E0501 in r"),
        ("distinct 10 / zero per actor within 1 hour at most 1", "deny by r; E0502 in r"),
        ("count per 10 / zero within 1 hour at most 1", "deny by r; E0502 in r"),
        ("count per actor within 1 hour at most div(10, zero)", "deny by r; E0502 in r"),
        ("count per actor within 1 hour max 1 at most 5", "deny by r; E0508 in r"),
        ("count per actor this session at most 5", "deny by r; E0505 in r"),
        ("count per actor within 100 days at most 5", "deny by r; E0507 in r"),
        ("count per actor within long at most 5 otherwise needs approval of officer", "deny by r; E0507 in r"),
        ("count per actor within 1 hour at most 5 at 60% must alert(\"{10 / zero}\")", "deny by r; E0502 in r"),
        // The mark was crossed before.
        ("count per actor within 1 hour at most 5 at 40% must alert(\"{10 / zero}\")", "permit by all"),
        (
            "count per actor within 1 hour at most 5 at 60% must alert(\"x\")",
            "permit by all; must alert{\"message\":\"x\"}",
        ),
        ("count per actor within 1 hour at most 2", "deny by r"),
        ("count per actor within 1 hour at most 3", "permit by all"),
    ];
    let rules = |limit: &str| (format!("rule all on probe {{ permit }} limit r on probe {{ {limit} }}"), false);
    let all: Vec<_> = limits.iter().map(|(limit, _)| rules(limit)).collect();
    for ((limit, wanted), answer) in limits.iter().zip(asked(&all)) {
        assert_eq!(said(&answer), *wanted, "{limit}");
    }
}

#[test]
fn an_error_in_a_message_shows_as_its_word() {
    // A text inside a text can't be written in a message.
    let plain: Vec<_> = FAILING.iter().filter(|(condition, _, _)| !condition.contains('"')).collect();
    let rules = |condition: &str| (format!("rule all on probe {{ permit because \"a {{{condition}}} b\" }}"), false);
    let all: Vec<_> = plain.iter().map(|(condition, _, _)| rules(condition)).collect();
    for ((condition, _, word), answer) in plain.iter().zip(asked(&all)) {
        let Answer::Decision(decided) = answer else { panic!("a request is decided") };
        assert_eq!(in_words(&decided.context), "permit by all", "{condition}");
        assert_eq!(decided.context.rules[0].because.as_deref(), Some(&*format!("a ‹{word}› b")), "{condition}");
    }
}

#[test]
fn an_error_says_where_it_arose() {
    let rules = "rule r on probe { permit when flag and 1 + inverse(zero) > 1 }".to_string();
    let answers = asked(&[(rules, false)]);
    let Answer::Decision(decided) = &answers[0] else { panic!("a request is decided") };
    let error = &decided.context.errors[0];
    let at = SETTING.find("1 / x").unwrap();
    let line = SETTING[..at].matches('\n').count() + 1;
    let column = at - SETTING[..at].rfind('\n').unwrap();
    assert_eq!(error.at.as_deref(), Some(&*format!("policy.ord:{line}:{column}")));
    assert_eq!(error.message, "something is divided by zero");
}

// Reservations, and what records do

const LIMITED: &str = r#"
entity Agent
action pay by Agent { amount: int } returns { total: int }
policy desk {
  governs pay
  rule all on pay { permit }
  limit daily on pay { sum of amount per actor this day at most 10 }
}
"#;

fn pay(id: &str, amount: u32, time: &str) -> String {
    let what = format!(r#""action": {{"name": "pay", "properties": {{"amount": {amount}}}}}"#);
    line(&what, id, &format!("2026-03-03T{time}:00Z"))
}

fn check(text: &str, on_permit: OnPermit, lines: &[(String, &str)]) {
    let asked: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let answers = stream(text, on_permit, None, &asked);
    for ((line, wanted), answer) in lines.iter().zip(&answers) {
        assert_eq!(said(answer), *wanted, "{line}");
    }
}

fn record(what: &str, id: &str) -> String {
    format!(r#"{{"{what}": "{id}"}}"#)
}

#[test]
fn what_is_reserved_is_spent_until_it_is_given_back() {
    check(
        LIMITED,
        OnPermit::Reserve,
        &[
            (pay("a", 6, "12:00"), "permit by all"),
            (pay("b", 6, "12:01"), "deny by daily"),
            (pay("a", 6, "12:02"), "permit by all"),
            (record("abandoned", "a"), "recorded a"),
            (pay("b", 6, "12:03"), "permit by all"),
            (pay("a", 6, "12:04"), "deny by daily"),
            (record("failed", "b"), "recorded b"),
            (pay("a", 6, "12:05"), "permit by all"),
            (format!(r#"{{"performed": {}}}"#, pay("a", 6, "12:06")), "recorded a"),
            (pay("a", 6, "12:07"), "deny; E0621"),
            (pay("c", 4, "12:08"), "permit by all"),
            (pay("d", 1, "12:09"), "deny by daily"),
        ],
    );
}

#[test]
fn records_of_what_was_not_permitted_are_kept_with_a_warning() {
    check(
        LIMITED,
        OnPermit::Perform,
        &[
            (pay("a", 11, "12:00"), "deny by daily"),
            (record("failed", "z"), "recorded z with W0601"),
            (record("abandoned", "z"), "recorded z with W0601"),
            (r#"{"result": "z", "returns": {"total": 1}}"#.into(), "recorded z with W0601"),
            (r#"{"result": "a", "returns": {"total": 1}}"#.into(), "recorded a with W0601"),
            (pay("b", 1, "12:01"), "deny by daily"),
            (record("failed", "a"), "recorded a with W0601"),
            (pay("b", 1, "12:02"), "permit by all"),
            (r#"{"result": "b", "returns": {"sum": 1}}"#.into(), "error E0607"),
            (r#"{"result": "b", "returns": {"total": 1}}"#.into(), "recorded b"),
            (format!(r#"{{"performed": {}}}"#, pay("p", 9, "12:03")), "recorded p with W0601"),
            (format!(r#"{{"performed": {}}}"#, pay("p", 9, "12:04")), "recorded p with W0601"),
            (pay("c", 1, "12:05"), "deny by daily"),
            (pay("c", 1, "12:04"), "deny; E0619"),
            (pay("p", 8, "12:06"), "deny; E0620"),
            (format!(r#"{{"performed": {}}}"#, pay("p", 8, "12:06")), "error E0620"),
            (format!(r#"{{"performed": {}}}"#, pay("p", 9, "12:00")), "error E0619"),
        ],
    );
}

// Depth

/// `f0` to `f63`, each calling the one before where `CALL` stands.
fn chain(body: &str) -> String {
    let mut text = "entity Agent\naction pay by Agent { amount: int }\ndefine f0(x: int) -> int = x\n".to_string();
    for at in 1..64 {
        text += &format!("define f{at}(x: int) -> int = {}\n", body.replace("CALL", &format!("f{}(x)", at - 1)));
    }
    text + "policy desk { governs pay rule all on pay { permit when f63(amount) is 64 } }"
}

#[test]
fn defines_may_stand_in_defines() {
    let wanted = [(pay("a", 1, "12:00"), "permit by all"), (pay("b", 2, "12:00"), "deny by otherwise")];
    check(&chain(&format!("{}CALL + 1{}", "(".repeat(50), ")".repeat(50))), OnPermit::Perform, &wanted);
    // As deep as an expression may be.
    check(&chain(&format!("CALL + 1{}", " + 0".repeat(250))), OnPermit::Perform, &wanted);
    check(
        &chain(&format!("{}CALL + 1{}", "if true then ".repeat(60), " else 0".repeat(60))),
        OnPermit::Perform,
        &wanted,
    );
}

#[test]
fn what_leads_too_far_is_refused() {
    let codes = |text: &str| {
        let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", text)], ..Input::default() });
        let errors = analysis.diagnostics.iter().filter(|said| !said.is_warning());
        errors.map(|said| said.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&chain("CALL + 1")), [] as [&str; 0]);
    let longer = chain("CALL + 1").replace("policy desk", "define f64(x: int) -> int = f63(x)\npolicy desk");
    assert_eq!(codes(&longer.replace("f63(amount)", "f64(amount)")), ["E0105"]);
    // Each doubles what the one before comes to.
    assert_eq!(codes(&chain("CALL + CALL"))[0], "E0105");
}

// Explanations

#[test]
fn an_explanation_says_what_was_seen_and_what_would_do() {
    let text = r#"
enum Kind { gift, bill }
entity Agent
entity Account { frozen: bool, owner: Agent? }
action pay by Agent on Account { amount: money<USD>, kind: Kind, memo: text? }
define is_small(sum: money<USD>) means sum is at most 100 USD
policy desk {
  governs pay
  rule small on pay { permit when is_small(amount) }
  rule cold on pay { deny when target.frozen and kind is bill }
  rule told on pay { require memo is present when amount is at least 50 USD }
}
"#;
    let request = r#"{"subject": {"type": "Agent", "id": "a"}, "action": {"name": "pay", "properties": {"amount": "200", "kind": "gift", "memo": "m"}}, "resource": {"type": "Account", "id": "c", "properties": {"frozen": true}}, "context": {"id": "q", "time": "2026-03-03T12:00:00Z"}}"#;
    let checked = checked(text);
    let schema = checked.schema();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let mut engine = Engine::new(checked, vec![]);
    let options = Options { on_permit: OnPermit::Perform, explain: true };
    let Answer::Decision(decided) = engine.answer(reader.line(request.as_bytes()).unwrap(), options) else {
        panic!("a request is decided")
    };
    let detail = decided.context;
    assert_eq!(in_words(&detail), "deny by otherwise");
    let trace: Vec<String> = detail
        .trace
        .unwrap()
        .iter()
        .map(|rule| {
            let conditions = rule.conditions.iter().map(|condition| {
                let saw: Vec<String> = condition.saw.iter().map(|(text, value)| format!("{text} = {value}")).collect();
                format!("{} {:?} [{}]", condition.text, condition.value, saw.join(", "))
            });
            format!("{} {}: {}", rule.rule, rule.outcome, conditions.collect::<Vec<_>>().join("; "))
        })
        .collect();
    assert_eq!(
        trace,
        [
            "small does not apply: is_small(amount) Some(false) [amount = USD 200, sum = USD 200]",
            "cold does not apply: target.frozen Some(true) []; kind is bill Some(false) [kind = gift]",
            "told does not apply: memo is present Some(true) [memo = m]; amount is at least 50 USD Some(true) [amount = USD 200]",
        ]
    );
    let nearest: Vec<String> =
        detail.nearest.unwrap().iter().map(|near| format!("{}: {}", near.rule, near.kept_by.join("; "))).collect();
    assert_eq!(nearest, ["small: is_small(amount)", "cold: kind is bill"]);
    let changes: Vec<String> = detail
        .changes
        .unwrap()
        .iter()
        .map(|change| format!("{} {} {:?}", change.path, change.to, change.verdict))
        .collect();
    assert_eq!(changes, ["action.properties.amount 100 USD Permit"]);
}
