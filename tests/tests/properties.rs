//! What holds for every package: shown on generated ones. `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many a test.
//! The generator is `tests/src/generate.rs`; every failure names the seed that shows it.

use ordain_compiler::analysis::{Analysis, Checked, Input, analyse};
use ordain_compiler::format::{Operators, format};
use ordain_compiler::lex::{Kind, lex};
use ordain_compiler::source::Source;
use ordain_reference::{Engine, OnPermit, Options};
use ordain_tests::generate::coverage::Seen;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, Package, package};
use ordain_tests::prepare::{analysis, checked, data, errors, setting, with_digests};
use ordain_vm::answer::Answer;
use ordain_vm::request::Reader;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Tries `count` packages; the seed is said where one fails.
fn each(count: u64, grants: Grants, mut check: impl FnMut(&Package)) {
    let seeds = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, cases) => 0..cases.unwrap_or(count),
    };
    for seed in seeds {
        let package = package(seed, grants);
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&package)));
        if let Err(panic) = outcome {
            eprintln!("run again with ORDAIN_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// The answers to the package's lines, as they are written.
fn answers(package: &Package, checked: &Arc<Checked>, lines: &[String], on_permit: OnPermit) -> Vec<String> {
    let schema = checked.schema();
    let data = data(package, &schema);
    let mut engine = Engine::new(checked.clone(), data);
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let mut digests: BTreeMap<String, String> = BTreeMap::new();
    let mut answers = vec![];
    for line in lines {
        let line = with_digests(line, &digests);
        let answer = match reader.line(line.as_bytes()) {
            Ok(line) => engine.answer(line, Options { on_permit, explain: false }),
            Err(line) => Answer::malformed(line),
        };
        if let Answer::Decision(decided) = &answer
            && let (Some(id), Some(digest)) = (&decided.context.id, &decided.context.request)
        {
            digests.entry(id.to_string()).or_insert(digest.to_string());
        }
        answers.push(serde_json::to_string(&answer).expect("an answer is JSON"));
    }
    answers
}

/// What an answer says, without what tells where in the text it stands or in which order.
fn meaning(answer: &str) -> String {
    let json: Json = serde_json::from_str(answer).expect("an answer is JSON");
    let Some(context) = json.get("context") else { return answer.to_string() };
    let set = |member: &str, keep: &[&str]| -> BTreeSet<String> {
        let items = context[member].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| {
                // A message about the input names what was declared in the order in which it was.
                let input = item["code"].as_str().is_some_and(|code| code.starts_with("E06"));
                let keep = keep.iter().filter(|name| !(input && **name == "message"));
                keep.map(|name| format!("{name}={} ", item.get(*name).unwrap_or(&Json::Null))).collect()
            })
            .collect()
    };
    format!(
        "{} {} {:?}",
        json["decision"],
        context["verdict"],
        [
            set("policy", &["name", "version"]),
            set("rules", &["rule", "policy", "effect", "because", "code", "sources", "waivers"]),
            set("missing", &["rule", "text", "code"]),
            set("approvers", &["rule", "roles", "count", "grant", "until"]),
            set("approved", &["rule", "role", "by", "at", "waived"]),
            set("duties", &["duty", "args", "rule", "when", "by", "otherwise"]),
            set("trial", &["rule", "policy", "effect"]),
            set("errors", &["code", "message", "path", "rule"]),
        ]
    )
}

fn same_meaning(what: &str, one: &[String], two: &[String], lines: &[String]) {
    assert_eq!(one.len(), two.len());
    for (at, (one, two)) in one.iter().zip(two).enumerate() {
        let (a, b) = (meaning(one), meaning(two));
        assert!(a == b, "{what}\nline {at}: {}\n{a}\n{b}", lines[at]);
    }
}

/// A package and its types as text, without the places in the source.
fn without_places(analysis: &Analysis) -> String {
    let members: BTreeMap<_, _> = analysis.types.members.iter().collect();
    let wanted: BTreeMap<_, _> = analysis.types.wanted.iter().collect();
    let whole = format!(
        "{:?}\n{:?}\n{:?}\n{members:?}\n{wanted:?}",
        analysis.package, analysis.types.exprs, analysis.types.locals
    );
    let mut text = String::new();
    let mut rest = whole.as_str();
    while let Some(at) = rest.find("Span { file: ") {
        text += &rest[..at];
        let end = rest[at..].find('}').expect("a span ends") + at + 1;
        rest = &rest[end..];
    }
    text + rest
}

#[test]
fn what_is_generated_has_no_errors() {
    let mut wrong = vec![];
    each(120, Grants::Any, |package| {
        if let Some(first) = errors(&analysis(package)).first() {
            wrong.push(format!("seed {}: {first}", package.seed));
        }
    });
    assert!(wrong.is_empty(), "{} packages have errors\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
}

#[test]
fn every_construct_is_generated() {
    let mut seen = Seen::default();
    for seed in 0..setting("ORDAIN_CASES").unwrap_or(500) {
        let analysis = analysis(&package(seed, Grants::Any));
        seen.package(&analysis.package);
    }
    let missing = seen.missing();
    assert!(missing.is_empty(), "never generated: {}", missing.join(", "));
}

#[test]
fn the_same_lines_have_the_same_answers() {
    each(60, Grants::Any, |package| {
        let checked = checked(package);
        for on_permit in [OnPermit::Perform, OnPermit::Reserve] {
            let one = answers(package, &checked, &package.lines, on_permit);
            assert_eq!(one.len(), package.lines.len());
            let again = answers(package, &ordain_tests::prepare::checked(package), &package.lines, on_permit);
            assert_eq!(one, again);
        }
    });
}

/// The generated requests are of the declared form, and reach every verdict.
#[test]
fn streams_reach_every_verdict() {
    let (mut verdicts, mut asked, mut malformed, mut evaluation) = (BTreeMap::new(), 0, 0, BTreeSet::new());
    each(60, Grants::Any, |package| {
        let checked = checked(package);
        for answer in answers(package, &checked, &package.lines, OnPermit::Perform) {
            let json: Json = serde_json::from_str(&answer).expect("an answer is JSON");
            asked += 1;
            if let Some(verdict) = json["context"]["verdict"].as_str() {
                *verdicts.entry(verdict.to_string()).or_insert(0) += 1;
            }
            for error in json["context"]["errors"].as_array().into_iter().flatten() {
                let code = error["code"].as_str().unwrap_or_default();
                if code.starts_with("E05") {
                    evaluation.insert(code.to_string());
                } else if !["E0619", "E0620", "E0621"].contains(&code) {
                    malformed += 1;
                }
            }
        }
    });
    if setting("ORDAIN_SEED").is_some() || setting("ORDAIN_CASES").is_some() {
        return;
    }
    for verdict in ["permit", "escalate", "deny", "recorded"] {
        let count = verdicts.get(verdict).copied().unwrap_or(0);
        assert!(count * 40 > asked, "{verdict} came {count} times in {asked}: {verdicts:?}");
    }
    assert!(malformed * 5 < asked, "{malformed} of {asked} lines were malformed");
    assert!(evaluation.len() >= 7, "only {evaluation:?} came");
}

#[test]
fn order_of_rules_and_declarations_decides_nothing() {
    each(50, Grants::Any, |package| {
        let one = answers(package, &checked(package), &package.lines, OnPermit::Perform);
        for salt in 0..2 {
            let other = package.shuffled(&mut Random::new(package.seed ^ salt << 32));
            let two = answers(&other, &checked(&other), &other.lines, OnPermit::Perform);
            same_meaning("in another order", &one, &two, &package.lines);
        }
    });
}

fn members_shuffled(json: &Json, random: &mut Random) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> =
                members.iter().map(|(name, value)| (name.clone(), members_shuffled(value, random))).collect();
            random.shuffle(&mut members);
            Json::Object(members.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| members_shuffled(item, random)).collect()),
        other => other.clone(),
    }
}

#[test]
fn order_of_json_members_decides_nothing() {
    each(50, Grants::Any, |package| {
        let checked = checked(package);
        let mut random = Random::new(package.seed);
        let one = answers(package, &checked, &package.lines, OnPermit::Perform);
        let shuffled = package.lines.iter().map(|line| {
            let json = serde_json::from_str(line).expect("lines are JSON");
            members_shuffled(&json, &mut random).to_string()
        });
        let shuffled: Vec<String> = shuffled.collect();
        let two = answers(package, &checked, &shuffled, OnPermit::Perform);
        same_meaning("members in another order", &one, &two, &package.lines);
    });
}

#[test]
fn without_a_rule_that_permits_nothing_is_permitted() {
    for grants in [Grants::None, Grants::Erring] {
        each(40, grants, |package| {
            let checked = checked(package);
            for (answer, line) in
                answers(package, &checked, &package.lines, OnPermit::Perform).iter().zip(&package.lines)
            {
                let json: Json = serde_json::from_str(answer).expect("an answer is JSON");
                assert_ne!(json["context"]["verdict"], "permit", "{grants:?}\n{line}\n{answer}");
            }
        });
    }
}

// The formatter

/// Comments at the boundaries of tokens, each with a text of its own; not within words of several parts, nor in texts.
/// With `lines`, only between lines.
fn with_comments(text: &str, lines: bool, random: &mut Random) -> (String, usize) {
    let mut written = String::new();
    let (mut from, mut count, mut in_text) = (0, 0, false);
    let (mut before, mut new_line) = (Kind::OpenBrace, true);
    for token in lex(text) {
        let (start, word) = (token.start as usize, token.text(text));
        if token.kind == Kind::Space {
            new_line |= word.contains('\n');
            continue;
        }
        let free = new_line
            || matches!(before, Kind::Comma | Kind::OpenParen | Kind::OpenBrace | Kind::CloseParen)
            || ["and", "when", "unless", "where", "then", ")", "}", "]", "+"].contains(&word);
        let free = free
            && (new_line || !lines)
            && !in_text
            && !(before == Kind::CloseParen && !new_line && token.kind == Kind::Word);
        if free && random.chance(20) {
            written += &text[from..start];
            // Set in, since a declaration's word at the start of a line ends what was left open.
            written += &format!(" // c{count}\n  ");
            from = start;
            count += 1;
        }
        in_text = match token.kind {
            Kind::TextStart => true,
            Kind::TextEnd => false,
            _ => in_text,
        };
        before = token.kind;
        new_line = matches!(token.kind, Kind::Comment | Kind::Doc | Kind::FileDoc);
    }
    (written + &text[from..], count)
}

#[test]
fn the_formatter_keeps_meaning_and_comments() {
    each(40, Grants::Any, |package| {
        let before = without_places(&analysis(package));
        for operators in [Operators::Words, Operators::Symbols] {
            let mut sources = vec![];
            for file in &package.files {
                let source = Source::new(file.name, file.text());
                let once = format(&source, operators).unwrap_or_else(|| panic!("{} was not formatted", file.name));
                let twice = format(&Source::new(file.name, once.as_str()), operators);
                let twice = twice.unwrap_or_default();
                assert!(twice == once, "{} is not in its one form: {}", file.name, difference(&once, &twice));
                sources.push(Source::new(file.name, once));
            }
            let after = without_places(&analyse(&Input { sources, ..Input::default() }));
            assert!(before == after, "{operators:?}: {}", difference(&before, &after));
        }
    });
}

/// Between lines, and in the middle of them.
#[test]
fn the_formatter_keeps_comments_wherever_they_stand() {
    each(30, Grants::Any, |package| {
        let mut random = Random::new(package.seed);
        let before = without_places(&analysis(package));
        for lines in [true, false] {
            let mut sources = vec![];
            for file in &package.files {
                let (text, count) = with_comments(&file.text(), lines, &mut random);
                let source = Source::new(file.name, text.as_str());
                let once = format(&source, Operators::Words)
                    .unwrap_or_else(|| panic!("{} was not formatted\n{text}", file.name));
                for at in 0..count {
                    let comment = format!("// c{at}");
                    let found = once.lines().filter(|line| line.trim_end().ends_with(&comment)).count();
                    assert_eq!(found, 1, "`{comment}` stands {found} times\n{once}");
                }
                let twice = format(&Source::new(file.name, once.as_str()), Operators::Words).unwrap_or_default();
                assert!(twice == once, "{} with comments: {}", file.name, difference(&once, &twice));
                sources.push(Source::new(file.name, once));
            }
            let after = without_places(&analyse(&Input { sources, ..Input::default() }));
            assert!(before == after, "{}", difference(&before, &after));
        }
    });
}

/// Where two texts part.
fn difference(one: &str, two: &str) -> String {
    let at = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
    let from = one.floor_char_boundary(at.saturating_sub(200));
    let end = |text: &str| text.floor_char_boundary((at + 200).min(text.len()));
    format!("at byte {at}\n{}\n--- and ---\n{}", &one[from..end(one)], &two[two.floor_char_boundary(from)..end(two)])
}
