//! What a policy language must not do, one requirement a test: policies as text, requests as lines, through the command.
//! The numbers are those of the project's threat model; T14 and T19 are about hosts and publishing, and stand elsewhere.
//! What holds for generated packages (T3, T8) stands in `tests/properties.rs`; bad bytes in `hostile.rs`, `robustness.rs`.

mod common;
#[path = "requirements/errors.rs"]
mod errors;

use common::{Said, file, folder, ordain, root};
use ordain_cli::Exit;
use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::diagnostic::render;
use ordain_compiler::source::Source;
use ordain_reference::{Engine, Options};
use ordain_vm::answer::Answer;
use ordain_vm::json::parse;
use ordain_vm::request::{Reader, read_data};
use ordain_vm::value::{Instant, Value};
use serde_json::{Value as Json, json};
use std::sync::Arc;

// How the tests ask

/// Checks a text: the codes of what is said, errors and warnings.
fn codes(text: &str) -> Vec<&'static str> {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", text)], ..Input::default() });
    analysis.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}

/// Answers through the command; `name` is a folder of the test's own.
fn replay(name: &str, text: &str, lines: &[String]) -> Vec<Json> {
    let said = replayed(name, text, lines, &[]);
    said.out.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect()
}

fn replayed(name: &str, text: &str, lines: &[String], more: &[&str]) -> Said {
    let folder = folder(name);
    let path = file(&folder, "policy.ord", text.as_bytes());
    let mut args = vec!["replay", &path, "--requests", "-"];
    args.extend(more);
    let said = ordain(&args, lines.join("\n").as_bytes());
    assert_eq!(said.out.lines().count(), lines.len(), "{name}: every line is answered\n{}", said.err);
    said
}

/// Answers through the engine, whose history begins when it is said.
fn engine_lines(text: &str, data: &[(&str, &str)], complete_since: Option<&str>, lines: &[String]) -> Vec<Json> {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", text)], ..Input::default() });
    let checked = analysis.checked().unwrap_or_else(|analysis| {
        panic!("{text}\n{}", render::human(&analysis.diagnostics, &analysis.sources, false))
    });
    let checked = Arc::new(checked);
    let schema = checked.schema();
    let values = checked.package.data.iter().map(|declared| {
        let name = &*declared.head.name.text;
        let (_, json) = data.iter().find(|(known, _)| *known == name).expect("every data has a value");
        read_data(&schema, &declared.ty, &parse(json.as_bytes()).expect("it is JSON")).expect("it is of its type")
    });
    let mut engine = Engine::new(checked.clone(), values.collect::<Vec<Value>>());
    if let Some(since) = complete_since.and_then(Instant::parse) {
        engine.set_complete_since(since);
    }
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let answer = |line: &String| match reader.line(line.as_bytes()) {
        Ok(line) => engine.answer(line, Options::default()),
        Err(line) => Answer::malformed(line),
    };
    lines.iter().map(answer).map(|answer| serde_json::to_value(answer).expect("an answer is JSON")).collect()
}

/// `deny by r, otherwise, E0501 in r`
fn said(answer: &Json) -> String {
    let context = &answer["context"];
    let list = |member: &str| context[member].as_array().cloned().unwrap_or_default();
    let mut parts = vec![context["verdict"].as_str().unwrap_or("no verdict").to_string()];
    for (at, rule) in list("rules").iter().enumerate() {
        let name = rule["rule"].as_str().unwrap_or_default();
        if at == 0 { parts[0] += &format!(" by {name}") } else { parts.push(name.to_string()) }
    }
    for error in list("errors") {
        let within = error["rule"].as_str().map_or(String::new(), |rule| format!(" in {rule}"));
        parts.push(format!("{}{within}", error["code"].as_str().unwrap_or_default()));
    }
    parts.join(", ")
}

fn verdict(answer: &Json) -> &str {
    answer["context"]["verdict"].as_str().unwrap_or("no verdict")
}

/// A request of an agent, at a minute of an hour.
fn request(action: &str, properties: Json, id: &str, minute: u32) -> String {
    json!({
        "subject": {"type": "Agent", "id": "a"}, "action": {"name": action, "properties": properties},
        "context": {"id": id, "time": format!("2026-03-03T12:{minute:02}:00Z")},
    })
    .to_string()
}

// The requirements

/// A missing value is neither true nor false: every operator refuses one that may be missing.
#[test]
fn t02_what_may_be_missing_is_handled_or_does_not_compile() {
    let setting = |condition: &str| {
        format!(
            "enum Color {{ red, green }}\nentity Team\nentity Agent in Team\nrecord Point {{ x: int }}\n\
             define f(a: int) means a > 1\n\
             action probe by Agent {{ n: int?, d: decimal?, m: money<USD>?, t: text?, b: bool?, c: Color?, day: date?, at: instant?, \
             span: duration?, xs: list<int>?, tags: set<text>?, who: Agent?, point: Point? }}\n\
             policy p {{ rule all on probe {{ permit }} rule r on probe {{ deny when {condition} }} }}"
        )
    };
    let operators = [
        "n is 1",
        "n is not 1",
        "not (n is 1)",
        "n < 1",
        "n >= 1",
        "n + 1 > 1",
        "1 - n > 1",
        "n * 2 > 1",
        "n / 2 > 1",
        "-n > 1",
        "0 < n <= 5",
        "n is one of (1, 2)",
        "n in { 1 }",
        "n not in { 1 }",
        "f(n)",
        "d > 0.5",
        "m > 1 USD",
        "m * 2 > 1 USD",
        "m / 1 USD > 1",
        "t is \"a\"",
        "t starts with \"a\"",
        "t does not contain \"a\"",
        "t matches 'a'",
        "t like \"a*\"",
        "length(t) > 1",
        "lower(t) is \"a\"",
        "b",
        "not b",
        "b and true",
        "true and b",
        "b or false",
        "if b then true else false",
        "c is red",
        "c is not red",
        "day < today",
        "day + 1 day > today",
        "age(day) < 1 day",
        "day is within 1 day of today",
        "at < now",
        "now - at > 1 hour",
        "span > 1 hour",
        "span * 2 > 1 hour",
        "any(x in xs where x > 1)",
        "none(x in xs)",
        "all(x in xs satisfy x > 1)",
        "count(x in xs) > 1",
        "sum(x for x in xs) > 1",
        "1 in xs",
        "xs contains 1",
        "xs[0] is 1",
        "\"a\" in tags",
        "who is actor",
        "who belongs to Team(\"t\")",
        "who.id is \"a\"",
        "point.x > 1",
        "point is Point { x: 1 }",
        "t comes from the user",
        "min(x for x in [1]) > 0",
        "any(p in past probe by who within 1 hour)",
    ];
    for condition in operators {
        let said = codes(&setting(condition));
        assert!(said.contains(&"E0302"), "`{condition}` says {said:?}");
    }
    // Absent and null are the same, and a negation over what is missing grants nothing by itself.
    let text = "entity Agent\naction pay by Agent { memo: text?, cleared: bool? }\npolicy p {\n\
        rule clear on pay { permit when cleared or else false }\n\
        rule dirty on pay { deny when memo is present and memo is not \"ok\" }\n}";
    let lines = [
        json!({}),
        json!({"cleared": null}),
        json!({"cleared": true}),
        json!({"cleared": true, "memo": null}),
        json!({"cleared": true, "memo": "no"}),
    ];
    let lines: Vec<String> = lines
        .into_iter()
        .enumerate()
        .map(|(at, properties)| request("pay", properties, &format!("r{at}"), 0))
        .collect();
    let answers = replay("t02", text, &lines);
    let found: Vec<String> = answers.iter().map(said).collect();
    assert_eq!(
        found,
        ["deny by otherwise", "deny by otherwise", "permit by clear", "permit by clear", "deny by dirty"]
    );
}

/// A denial stands whatever permits, in every order, and saying a rule twice changes nothing.
#[test]
fn t03_denials_stand_in_every_order_and_twice_is_once() {
    let rules = [
        "rule small on pay { permit when amount < 100 }",
        "rule some on pay { permit with approval of boss when amount < 200 }",
        "rule gate on pay { needs approval of boss when amount > 50 }",
        "rule never on pay { deny when amount > 150 or amount is 7 }",
    ];
    let orders: Vec<Vec<usize>> = (0..256)
        .map(|at| vec![at % 4, at / 4 % 4, at / 16 % 4, at / 64])
        .filter(|order| (0..4).all(|one| order.contains(&one)))
        .collect();
    assert_eq!(orders.len(), 24);
    let amounts = [5, 7, 60, 120, 160, 300];
    let wanted = ["permit", "deny", "escalate", "escalate", "deny", "deny"];
    let lines: Vec<String> =
        amounts.iter().map(|amount| request("pay", json!({"amount": amount}), &format!("r{amount}"), 0)).collect();
    for order in orders {
        for twice in [false, true] {
            let mut rules: Vec<String> = order.iter().map(|at| rules[*at].to_string()).collect();
            if twice {
                rules.extend(rules.clone().iter().map(|rule| rule.replacen(" on", "_again on", 1)));
            }
            let text = format!(
                "entity Agent\nrole boss\naction pay by Agent {{ amount: int }}\npolicy p {{\n{}\n}}",
                rules.join("\n")
            );
            let found: Vec<String> =
                engine_lines(&text, &[], None, &lines).iter().map(|answer| verdict(answer).to_string()).collect();
            assert_eq!(found, wanted, "{order:?}, twice: {twice}");
        }
    }
}

/// The quotient, rounded down.
fn floor(a: i128, b: i128) -> i128 {
    a / b - i128::from(a % b != 0 && (a < 0) != (b < 0))
}

/// Whole numbers at the ends of their range, by every operator, held against wider ones.
#[test]
fn t04_arithmetic_is_exact_or_an_error() {
    let lattice: Vec<i64> = vec![
        0,
        1,
        -1,
        2,
        -2,
        10,
        99,
        3_037_000_499,
        3_037_000_500,
        -3_037_000_500,
        i64::MAX,
        i64::MAX - 1,
        i64::MIN,
        i64::MIN + 1,
        i64::MAX / 2,
        i64::MAX / 2 + 1,
        1_000_000_000_000_000_000,
    ];
    type Exact = fn(i128, i128) -> Option<i128>;
    let operators: [(&str, Exact); 5] = [
        ("a + b", |a, b| Some(a + b)),
        ("a - b", |a, b| Some(a - b)),
        ("a * b", |a, b| Some(a * b)),
        ("div(a, b)", |a, b| (b != 0).then(|| floor(a, b))),
        ("mod(a, b)", |a, b| (b != 0).then(|| a - b * floor(a, b))),
    ];
    let mut text = "entity Agent\n".to_string();
    for (at, (operator, _)) in operators.iter().enumerate() {
        text += &format!("action op{at} by Agent {{ a: int, b: int, want: int }}\n");
        text += &format!("policy p{at} {{ rule r{at} on op{at} {{ permit when {operator} is want }} }}\n");
    }
    let (mut lines, mut wanted) = (vec![], vec![]);
    for a in &lattice {
        for b in &lattice {
            for (at, (operator, exact)) in operators.iter().enumerate() {
                let exact = exact(i128::from(*a), i128::from(*b));
                let fits = exact.and_then(|exact| i64::try_from(exact).ok());
                lines.push(request(
                    &format!("op{at}"),
                    json!({"a": a, "b": b, "want": fits.unwrap_or(0)}),
                    &format!("r{}", lines.len()),
                    0,
                ));
                let said = match (exact, fits) {
                    (_, Some(_)) => format!("permit by r{at}"),
                    (Some(_), None) => format!("deny by otherwise, E0501 in r{at}"),
                    (None, None) => format!("deny by otherwise, E0502 in r{at}"),
                };
                wanted.push((format!("{operator} of {a} and {b}"), said));
            }
        }
    }
    for (answer, (what, wanted)) in engine_lines(&text, &[], None, &lines).iter().zip(&wanted) {
        assert_eq!(said(answer), *wanted, "{what}");
    }
}

/// Whole sums of decimals, whose 12 digits are all kept, and their ends.
#[test]
fn t04_decimals_are_exact_or_an_error() {
    let text = "entity Agent\naction add by Agent { a: decimal, b: decimal, want: decimal }\npolicy p { rule r on add { permit when a + b is want } }";
    let written = |units: i128| {
        let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
        format!("{sign}{}.{:012}", units / 1_000_000_000_000, units % 1_000_000_000_000)
    };
    let one = 1_000_000_000_000_i128;
    let lattice = [
        0,
        1,
        -1,
        one,
        one - 1,
        one + 1,
        -one,
        i128::MAX,
        i128::MAX - 1,
        i128::MIN,
        i128::MIN + 1,
        i128::MAX / 2,
        one * one,
    ];
    let (mut lines, mut wanted) = (vec![], vec![]);
    for a in lattice {
        for b in lattice {
            let sum = a.checked_add(b);
            let properties = json!({"a": written(a), "b": written(b), "want": written(sum.unwrap_or(0))});
            lines.push(request("add", properties, &format!("r{}", lines.len()), 0));
            wanted.push(if sum.is_some() { "permit by r" } else { "deny by otherwise, E0501 in r" });
        }
    }
    for ((answer, wanted), line) in engine_lines(text, &[], None, &lines).iter().zip(&wanted).zip(&lines) {
        assert_eq!(said(answer), *wanted, "{line}");
    }
}

/// Nothing that decides can reach a clock, a file, the network, the environment or chance.
#[test]
fn t05_what_decides_reaches_nothing_outside() {
    let words = [
        "std::fs",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "std::env",
        "std::process",
        "thread::sleep",
        "SystemTime",
        "Instant::now",
        " rand::",
        "getrandom",
        "std::io::stdin",
        "HashMap::new",
        "RandomState",
        "f64",
        "f32",
    ];
    let mut open =
        ["vm/src", "stdlib/src", "compiler/src", "spec/reference/src"].map(|name| root().join(name)).to_vec();
    let (mut looked, mut found) = (0, vec![]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
            && !path.ends_with("examples.rs")
        {
            looked += 1;
            let text = std::fs::read_to_string(&path).expect("a file");
            let decides = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (at, line) in decides.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                // The names of other things may end with such a word: `deserialize_f64`.
                let says = |word: &str| code.match_indices(word).any(|(at, _)| !code[..at].ends_with('_'));
                for word in words.iter().filter(|word| says(word)) {
                    found.push(format!("{}:{}: {word}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(looked > 60, "{looked} files");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Built-ins read their operands, and the policy's zone and calendar: nothing else, at a known cost.
#[test]
fn t06_no_built_in_sends_or_fetches() {
    use ordain_vm::builtin::Reads;
    let mut modules: Vec<&str> = ordain_stdlib::all().map(|row| row.module).collect();
    modules.dedup();
    assert_eq!(
        modules,
        ["", "calendar", "card", "email", "iban", "ip", "path", "url"],
        "a new module is looked at here"
    );
    for row in ordain_stdlib::all() {
        match row.reads {
            Reads::Nothing | Reads::Policy => {}
        }
        assert!((1..=100).contains(&row.cost), "{} has no bounded cost", row.path());
    }
    for call in [
        "fetch(\"https://x\")",
        "http.get(\"x\")",
        "env(\"HOME\")",
        "read(\"/etc/passwd\")",
        "random()",
        "sleep(1)",
        "resolve(\"x\")",
    ] {
        let said = codes(&format!(
            "entity Agent\naction a by Agent\npolicy p {{ rule r on a {{ permit when {call} is \"x\" }} }}"
        ));
        assert!(said.contains(&"E0201"), "`{call}` says {said:?}");
    }
}

/// What would take too much is refused before it runs, or at the door.
#[test]
fn t07_work_is_bounded() {
    let with = |condition: &str| {
        format!(
            "entity Agent\naction a by Agent {{ t: text, xs: list<int, max 3> }}\npolicy p {{ rule r on a {{ permit when {condition} }} }}"
        )
    };
    assert!(codes(&with("t matches '(\\w{50}){50}'")).contains(&"E0311"));
    assert!(codes(&with(&format!("{}true{}", "(".repeat(70), ")".repeat(70)))).contains(&"E0105"));
    assert!(codes(&with(&"not ".repeat(100_000))).contains(&"E0105"));
    assert!(codes("define a(x: int) -> int = b(x)\ndefine b(x: int) -> int = a(x)").contains(&"E0207"));
    let long = "x".repeat(2 << 20);
    let lines = [
        request("a", json!({"t": long, "xs": []}), "1", 0),
        request("a", json!({"t": "x", "xs": [1, 2, 3, 4]}), "2", 0),
        request("a", json!({"t": "x".repeat(1000), "xs": [1, 2, 3]}), "3", 0),
    ];
    let answers = replay("t07", &with("length(t) > 10"), &lines);
    let found: Vec<String> = answers.iter().map(said).collect();
    assert_eq!(found, ["deny, E0605", "deny, E0611", "permit by r"]);
    // A doubling at every step: refused, or answered soon.
    let mut text = with("f40(1) > 0");
    text += "\ndefine f0(x: int) -> int = x\n";
    for at in 1..=40 {
        text += &format!("define f{at}(x: int) -> int = f{0}(x) + f{0}(x)\n", at - 1);
    }
    assert!(codes(&text).iter().any(|code| code.starts_with('E')), "a define that doubles forty times is refused");
}

/// The same stream, the same bytes, for every example and in another process order.
#[test]
fn t08_the_same_input_has_the_same_answers() {
    for example in ["payables", "airline", "assistant"] {
        let path = root().join("examples").join(example).display().to_string();
        let requests = format!("{path}/requests.jsonl");
        let run = |explain: bool| {
            let mut args = vec!["replay", &path, "--requests", &requests];
            if explain {
                args.push("--explain");
            }
            ordain(&args, b"").out
        };
        assert!(run(false).len() > 1000, "{example}");
        assert_eq!(run(false), run(false), "{example}");
        assert_eq!(run(true), run(true), "{example}");
    }
}

/// One module's names are nobody else's: not read, not hidden, not redefined, not overridden.
#[test]
fn t09_tenants_do_not_reach_each_other() {
    let shared = "module shared\nentity Agent\naction pay by Agent { amount: int }\n";
    let tenant = |name: &str, bound: u32| {
        format!(
            "module {name}\nimport shared {{ Agent, pay }}\nset good: set<int> = {{ {bound} }}\ndefine fits(x: int) means x in good\n\
             policy {name}_desk {{ governs pay otherwise abstain\nrule ok on pay {{ permit when fits(amount) }}\nrule no on pay {{ deny when amount is {bound} + 100 }} }}\n"
        )
    };
    let check = |files: &[(&str, &str)]| {
        let sources = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
        analyse(&Input { sources, ..Input::default() })
    };
    let (one, two) = (tenant("one", 1), tenant("two", 2));
    let folder = folder("t09");
    for (name, text) in [("shared.ord", shared), ("one.ord", &*one), ("two.ord", &*two)] {
        file(&folder, name, text.as_bytes());
    }
    file(&folder, "ordain.toml", b"[package]\nname = \"t\"\nversion = \"1.0.0\"\n");
    let lines: Vec<String> =
        [1, 2, 3, 101, 102].iter().map(|n| request("pay", json!({"amount": n}), &format!("r{n}"), 0)).collect();
    let out = ordain(&["replay", &folder.display().to_string(), "--requests", "-"], lines.join("\n").as_bytes());
    let found: Vec<String> = out
        .out
        .lines()
        .map(|line| {
            let json: Json = serde_json::from_str(line).expect("JSON");
            format!("{} of {}", said(&json), json["context"]["rules"][0]["policy"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(found[..2], ["permit by ok of one_desk", "permit by ok of two_desk"], "{}", out.err);
    assert!(found[2].starts_with("deny by otherwise"));
    assert_eq!(found[3..], ["deny by no of one_desk", "deny by no of two_desk"]);
    let refused = |other: &str, code: &str| {
        let analysis = check(&[("shared.ord", shared), ("one.ord", &one), ("other.ord", other)]);
        let said: Vec<&str> = analysis.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
        assert!(said.contains(&code), "{other}\nwanted {code}, says {said:?}");
    };
    let policy =
        |body: &str| format!("module other\nimport shared {{ Agent, pay }}\npolicy p {{ governs pay {body} }}");
    refused(&policy("rule r on pay { permit when fits(amount) }"), "E0201");
    refused(&policy("rule r on pay { permit when amount in good }"), "E0201");
    refused(&policy("rule r on pay overrides no { lift }"), "E0402");
    refused(&policy("rule r on pay overrides one_desk.no { lift }"), "E0402");
    refused("module other\nimport one { fits }\ndefine fits(x: int) means true", "E0203");
    refused("module other\naction pay { amount: int }", "E0203");
    refused("module one\ndefine fits(x: int) means true", "E0212");
}

/// Nothing turns into something of another type by itself.
#[test]
fn t10_types_are_not_confused() {
    let text = "enum Color { red, green \"grass\" }\nentity Agent\nentity Other\nentity Account\n\
        action pay by Agent on Account { flag: bool, n: int, d: decimal, t: text, c: Color, m: money<USD>, day: date, xs: list<int>, s: set<int> }\n\
        policy p { rule ok on pay { permit when flag and n is 1 and d is 0.5 and t is \"true\" and c is green and m is 1 USD and target.id is \"caf\u{e9}\" } }";
    let good = json!({"flag": true, "n": 1, "d": 0.5, "t": "true", "c": "grass", "m": "1", "day": "2026-03-03", "xs": [1], "s": [1]});
    let line = |id: usize, properties: &Json, subject: Json, resource: Json| {
        json!({"subject": subject, "action": {"name": "pay", "properties": properties}, "resource": resource, "context": {"id": format!("r{id}"), "time": "2026-03-03T12:00:00Z"}}).to_string()
    };
    let (agent, account) = (json!({"type": "Agent", "id": "a"}), json!({"type": "Account", "id": "caf\u{e9}"}));
    let mut lines = vec![line(0, &good, agent.clone(), account.clone())];
    let mut wanted = vec!["permit by ok".to_string()];
    let wrong = [
        ("flag", json!("true"), "E0608"),
        ("flag", json!(1), "E0608"),
        ("flag", json!([true]), "E0608"),
        ("n", json!(1.5), "E0608"),
        ("n", json!(true), "E0608"),
        ("n", json!("one"), "E0608"),
        ("n", json!([1]), "E0608"),
        ("d", json!("half"), "E0608"),
        ("t", json!(true), "E0608"),
        ("t", json!(1), "E0608"),
        ("t", json!(["true"]), "E0608"),
        ("c", json!("green"), "E0612"),
        ("c", json!("Grass"), "E0612"),
        ("c", json!(1), "E0608"),
        ("m", json!("1 EUR"), "E0608"),
        ("m", json!({"amount": 1, "currency": "EUR"}), "E0608"),
        ("day", json!("2026-3-3"), "E0608"),
        ("day", json!("2026-02-30"), "E0608"),
        ("day", json!(20260303), "E0608"),
        ("xs", json!(1), "E0608"),
        ("xs", json!({"0": 1}), "E0608"),
        ("xs", json!("[1]"), "E0608"),
        ("s", json!([1, 1]), "E0603"),
        ("s", json!([1, "1"]), "E0603"),
        ("flag", json!(null), "E0606"),
    ];
    for (name, value, code) in wrong {
        let mut properties = good.clone();
        properties[name] = value;
        wanted.push(format!("deny, {code}"));
        lines.push(line(lines.len(), &properties, agent.clone(), account.clone()));
    }
    for (subject, resource, code) in [
        (json!({"type": "Other", "id": "a"}), account.clone(), "E0614"),
        (json!({"type": "agent", "id": "a"}), account.clone(), "E0614"),
        (json!("a"), account.clone(), "E0608"),
        (agent.clone(), json!({"type": "Agent", "id": "a"}), "E0614"),
        (agent.clone(), json!({"type": "Account", "id": 7}), "E0608"),
    ] {
        wanted.push(format!("deny, {code}"));
        lines.push(line(lines.len(), &good, subject, resource));
    }
    // The same to look at, and another text.
    for id in ["cafe\u{301}", "CAF\u{c9}", "caf\u{e9} ", "caf\u{435}"] {
        wanted.push("deny by otherwise".to_string());
        lines.push(line(lines.len(), &good, agent.clone(), json!({"type": "Account", "id": id})));
    }
    for ((answer, wanted), line) in replay("t10", text, &lines).iter().zip(&wanted).zip(&lines) {
        assert_eq!(said(answer), *wanted, "{line}");
    }
    for condition in [
        "n is \"1\"",
        "t is true",
        "flag is 1",
        "n is flag",
        "c is \"grass\"",
        "actor is target",
        "day is \"2026-03-03\"",
        "m is 1",
        "actor is \"a\"",
    ] {
        let said = codes(&text.replace("n is 1 and", &format!("{condition} and")));
        assert!(said.iter().any(|code| code.starts_with("E03")), "`{condition}` says {said:?}");
    }
}

/// What a reviewer sees is what runs.
#[test]
fn t11_the_text_under_review_is_the_text_that_runs() {
    let with = |name: &str, text: &str, comment: &str| {
        format!(
            "entity Agent\naction pay by Agent {{ t: text }}\n// {comment}\npolicy {name} {{ rule r on pay {{ permit when t is \"{text}\" }} }}"
        )
    };
    assert!(codes(&with("p", "x", "y")).is_empty());
    for hidden in [
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{200b}',
        '\u{200d}',
        '\u{feff}',
        '\u{61c}',
        '\u{e0041}',
        '\u{ad}',
        '\u{2028}',
    ] {
        for text in [
            with("p", &format!("a{hidden}b"), "y"),
            with("p", "x", &format!("a{hidden}b")),
            with(&format!("p{hidden}q"), "x", "y"),
        ] {
            let said = codes(&text);
            assert!(said.contains(&"E0107"), "U+{:04X} says {said:?} in\n{}", hidden as u32, text.escape_debug());
        }
    }
    for like in ["\u{440}", "\u{3b1}", "\u{ff41}", "\u{430}b"] {
        let said = codes(&with(like, "x", "y"));
        assert!(said.iter().any(|code| ["E0108", "E0102"].contains(code)), "{like} says {said:?}");
    }
    // Nothing that is printed can turn a terminal about.
    let folder = folder("t11");
    let path = file(&folder, "policy.ord", with("p", "a\u{202e}\u{1b}[31mb\u{7}", "\u{9b}").as_bytes());
    for format in ["human", "json", "sarif"] {
        let said = ordain(&["check", "--format", format, &path], b"");
        let printed = said.out + &said.err;
        let bad = printed.chars().find(|c| matches!(c, '\u{202e}' | '\u{1b}' | '\u{7}' | '\u{9b}'));
        assert!(said.exit == Exit::Fault && bad.is_none(), "{format}: {bad:?} in {}", printed.escape_debug());
    }
}

/// Readers that disagree are an attacker's friends: what could be read in two ways is not read.
#[test]
fn t12_input_that_could_be_read_in_two_ways_is_refused() {
    let text = "entity Agent\naction pay by Agent { n: int, t: text }\npolicy p { rule ok on pay { permit } }";
    let whole = |properties: &str| {
        format!(
            r#"{{"subject":{{"type":"Agent","id":"a"}},"action":{{"name":"pay","properties":{properties}}},"context":{{"time":"2026-03-03T12:00:00Z"}}}}"#
        )
    };
    let good = whole(r#"{"n":1,"t":"x"}"#);
    let cases = [
        (whole(r#"{"n":1,"n":1,"t":"x"}"#), "E0603"),
        (whole(r#"{"n":1,"\u006e":2,"t":"x"}"#), "E0603"),
        (good.replace(r#""action""#, r#""action":{"name":"no"},"action""#), "E0603"),
        (good.replace(r#""time""#, r#""time":"2020-01-01T00:00:00Z","time""#), "E0603"),
        (good.replace(r#""id":"a""#, r#""id":"b","id":"a""#), "E0603"),
        (whole(r#"{"n":NaN,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":Infinity,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":01,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":+1,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":1.,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":.5,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":0x1,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":1_000,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":1,"t":"x",}"#), "E0601"),
        (whole(r#"{"n":1,"t":'x'}"#), "E0601"),
        (whole(r#"{n:1,"t":"x"}"#), "E0601"),
        (whole(r#"{"n":1,/* c */"t":"x"}"#), "E0601"),
        (whole("{\"n\":1,\"t\":\"a\tb\"}"), "E0601"),
        (whole(r#"{"n":1,"t":"\ud800"}"#), "E0601"),
        (whole(r#"{"n":1,"t":"\udc00\ud800"}"#), "E0601"),
        (whole(r#"{"n":1,"t":"\x41"}"#), "E0601"),
        (format!("{good} {good}"), "E0601"),
        (format!("{good},"), "E0601"),
        (format!("\u{feff}{good}"), "E0601"),
        (format!("[{good}]"), "E0608"),
        (whole(r#"{"n":9223372036854775808,"t":"x"}"#), "E0609"),
        (whole(r#"{"n":1e400,"t":"x"}"#), "E0609"),
        (whole(r#"{"n":9007199254740993.5,"t":"x"}"#), "E0608"),
        (whole(&format!(r#"{{"n":1,"t":{}1{}}}"#, "[".repeat(70), "]".repeat(70))), "E0604"),
        (good.clone(), "permit"),
        (whole(r#"{"n":1.0,"t":"x"}"#), "permit"),
        (whole(r#"{"n":"1","t":"\ud83d\ude00"}"#), "permit"),
    ];
    let lines: Vec<String> = cases.iter().map(|(line, _)| line.clone()).collect();
    for (answer, (line, wanted)) in replay("t12", text, &lines).iter().zip(&cases) {
        let found = said(answer);
        assert!(found.contains(wanted), "{line}\nwanted {wanted}, found {found}");
        assert_eq!(answer["decision"], json!(*wanted == "permit"), "{line}");
    }
}

/// A policy, an approval or a request of another time decides nothing, and a decision names what spoke.
#[test]
fn t13_what_is_stale_is_seen() {
    let text = "entity Agent\nentity Person\nrole boss by Person\naction pay by Agent { n: int }\n\
        policy old { version 1.0.0 governs pay effective until 2026-03-02 rule all on pay { permit } }\n\
        policy new { version 2.0.0 governs pay effective from 2026-03-03 rule small on pay { permit with approval of boss within 1 hour when n < 10 } }";
    let at = |id: &str, time: &str, n: u32| json!({"subject": {"type": "Agent", "id": "a"}, "action": {"name": "pay", "properties": {"n": n}}, "context": {"id": id, "time": time}});
    let first = replay(
        "t13",
        text,
        &[at("r1", "2026-03-02T23:59:59Z", 1).to_string(), at("r2", "2026-03-03T00:00:00Z", 1).to_string()],
    );
    assert_eq!(verdict(&first[0]), "permit");
    assert_eq!(first[0]["context"]["policy"][0]["version"], "1.0.0");
    assert_eq!(verdict(&first[1]), "escalate");
    assert_eq!(first[1]["context"]["policy"][0]["version"], "2.0.0");
    let digests: Vec<&str> =
        first.iter().filter_map(|answer| answer["context"]["policy"][0]["digest"].as_str()).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1] && digests[0].starts_with("blake3:"), "{digests:?}");
    let asked = first[1]["context"]["request"].as_str().expect("a digest");
    let approval = |at: &str, expires: &str, digest: &str| json!({"role": "boss", "by": {"type": "Person", "id": "m"}, "at": at, "expires": expires, "request": digest});
    let with = |approval: Json, time: &str, n: u32| {
        let mut request = at("r2", time, n);
        request["context"]["approvals"] = json!([approval]);
        vec![at("r2", "2026-03-03T00:00:00Z", 1).to_string(), request.to_string()]
    };
    let other = format!("blake3:{}", "0".repeat(64));
    for (lines, wanted) in [
        (
            with(approval("2026-03-03T00:10:00Z", "2026-03-03T00:30:00Z", asked), "2026-03-03T00:20:00Z", 1),
            "permit by small",
        ),
        (
            with(approval("2026-03-03T00:10:00Z", "2026-03-03T00:20:00Z", asked), "2026-03-03T00:20:00Z", 1),
            "escalate by small",
        ),
        (
            with(approval("2026-03-03T00:30:00Z", "2026-03-03T00:40:00Z", asked), "2026-03-03T00:20:00Z", 1),
            "escalate by small",
        ),
        (
            with(approval("2026-03-03T00:10:00Z", "2026-03-03T00:30:00Z", &other), "2026-03-03T00:20:00Z", 1),
            "escalate by small",
        ),
        (
            with(approval("2026-03-03T00:10:00Z", "2026-03-04T00:00:00Z", asked), "2026-03-03T00:20:00Z", 2),
            "deny, E0620",
        ),
        (
            with(approval("2026-03-03T01:00:00Z", "2026-03-04T00:00:00Z", asked), "2026-03-03T01:20:00Z", 1),
            "deny by otherwise",
        ),
        (
            vec![at("r3", "2026-03-03T00:00:00Z", 1).to_string(), at("r2", "2026-03-02T23:00:00Z", 1).to_string()],
            "deny, E0619",
        ),
    ] {
        let answers = replay("t13b", text, &lines);
        assert_eq!(said(&answers[1]), wanted, "{}", lines[1]);
    }
}

/// Rules that are dead, shadowed or always so are told; tests say what they reached.
#[test]
fn t15_policies_can_be_tested_and_dead_rules_are_told() {
    let setting = "entity Agent\naction pay by Agent { n: int }\n";
    for (rules, code) in [
        ("rule all on pay { permit } rule r on pay { deny when n > 5 and n < 3 }", "W0401"),
        ("rule all on pay { permit } rule r on pay { deny when n > 5 and n > 3 }", "W0402"),
        ("rule wide on pay { deny when n > 3 } rule narrow on pay { deny when n > 5 }", "W0403"),
        ("rule no on pay { deny when n > 3 } rule r on pay overrides no { permit when n > 5 }", "W0405"),
    ] {
        let said = codes(&format!("{setting}policy p {{ {rules} }}"));
        assert!(said.contains(&code), "{rules} says {said:?}");
    }
    let text = format!(
        "{setting}policy p {{ rule small on pay {{ permit when n < 10 }} rule odd on pay {{ deny when n is 7 }} }}\n\
         test \"small\" {{ request pay {{ actor: Agent(\"a\"), n: 5 }} expect permit by small }}"
    );
    let folder = folder("t15");
    let path = file(&folder, "policy.ord", text.as_bytes());
    let said = ordain(&["test", "--coverage", &path], b"");
    assert!(
        said.exit == Exit::Done && said.out.contains("odd"),
        "the rule that never stood is named: {}{}",
        said.out,
        said.err
    );
    let path = file(&folder, "policy.ord", text.replace("expect permit", "expect deny").as_bytes());
    assert_eq!(ordain(&["test", &path], b"").exit, Exit::Fault);
}

/// Nothing said is nothing allowed, with a reason.
#[test]
fn t16_without_a_word_the_answer_is_no() {
    let line = |action: &str| request(action, json!({}), "r", 0);
    for (text, wanted) in [
        ("policy p { governs pay }", "deny by otherwise"),
        ("policy p { governs other rule all on other { permit } }", "deny by otherwise"),
        ("policy p { governs pay otherwise abstain }", "deny by otherwise"),
        ("policy p { governs pay otherwise abstain } policy q { governs pay otherwise abstain }", "deny by otherwise"),
        ("policy p { governs pay effective from 2030-01-01 rule all on pay { permit } }", "deny by otherwise"),
        ("policy p { governs pay rule r on pay trial { permit } }", "deny by otherwise"),
        ("policy p { governs pay rule r on pay { permit effective until 2025-01-01 } }", "deny by otherwise"),
        ("role boss policy p { governs pay rule r on pay { needs approval of boss } }", "deny by otherwise"),
    ] {
        let text = format!("entity Agent\naction pay by Agent\naction other by Agent\n{text}");
        let answers = replay("t16", &text, &[line("pay")]);
        assert_eq!(said(&answers[0]), wanted, "{text}");
        assert!(answers[0]["context"]["rules"][0]["rule"] == "otherwise", "the denial says by what");
    }
    let text = "entity Agent\naction pay by Agent\npolicy p { governs pay otherwise permit }";
    let answers = replay("t16b", text, &[line("pay"), line("pay2"), line(""), line("otherwise"), line("any")]);
    let found: Vec<String> = answers.iter().map(said).collect();
    assert_eq!(found, ["permit by otherwise", "deny, E0613", "deny, E0613", "deny, E0613", "deny, E0613"]);
    let folder = folder("t16c");
    let path = file(&folder, "policy.ord", b"entity Agent\naction pay by Agent\n");
    let out = ordain(&["replay", &path, "--requests", "-"], line("pay").as_bytes());
    assert!(!out.out.contains("permit") && out.exit != Exit::Usage, "{}{}", out.out, out.err);
}

/// A caller learns what the author wrote for him, and not what else is known.
#[test]
fn t17_answers_do_not_tell_what_they_read() {
    let text = "entity Agent { clearance: text }\ndata secret_list: set<text>\naction pay by Agent { pin: text, n: int }\npolicy p {\n\
        rule ok on pay { permit when pin in secret_list and actor.clearance is \"opal\" because \"Fine.\" }\n\
        rule no on pay { deny when 10 / n > 1 because \"No.\" }\n}";
    let folder = folder("t17");
    let data = file(&folder, "secret.json", br#"["zanzibar"]"#);
    let store =
        file(&folder, "entities.json", br#"[{"type": "Agent", "id": "a", "properties": {"clearance": "quartz-9"}}]"#);
    let lines = [
        request("pay", json!({"pin": "hunter2", "n": 0}), "1", 0),
        request("pay", json!({"pin": "zanzibar", "n": 100}), "2", 0),
        request("pay", json!({"pin": "hunter2", "n": "hunter3"}), "3", 0),
        request("pay", json!({"pin": "hunter2", "hunter": 1, "n": 100}), "4", 0),
        request("pay", json!({"pin": 12345678, "n": 100}), "5", 0),
    ];
    let data = format!("secret_list={data}");
    let out = replayed("t17b", text, &lines, &["--data", &data, "--entities", &store]);
    for secret in ["hunter2", "zanzibar", "opal", "quartz-9", "secret_list", "pin in"] {
        assert!(!out.out.contains(secret), "`{secret}` is told:\n{}", out.out);
    }
    assert!(out.out.contains("E0502") && out.out.contains("E0607"), "{}", out.out);
}

/// Patterns take their time in proportion to the text, and fit the whole of it.
#[test]
#[allow(clippy::disallowed_methods, reason = "how long an answer takes is what is asked")]
fn t18_patterns_do_not_blow_up_and_fit_the_whole() {
    let conditions = [
        "t matches '(a+)+$'",
        "t matches '(a|a)*b'",
        "t matches '(a|aa)+c'",
        "t matches '(.*a){10}'",
        "t like \"*a*a*a*a*a*a*b\"",
    ];
    let mut text = "import std.path\nimport std.url\nentity Agent\n".to_string();
    for (at, condition) in conditions.iter().enumerate() {
        text += &format!(
            "action a{at} by Agent {{ t: text }}\npolicy p{at} {{ rule r{at} on a{at} {{ permit when {condition} }} }}\n"
        );
    }
    let long = "a".repeat(200_000) + "!";
    let lines: Vec<String> =
        (0..conditions.len()).map(|at| request(&format!("a{at}"), json!({"t": long}), &format!("r{at}"), 0)).collect();
    let started = std::time::Instant::now();
    for answer in replay("t18", &text, &lines) {
        assert_eq!(said(&answer), "deny by otherwise");
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    for (condition, given, wanted) in [
        ("t like \"prod/*\"", "xprod/a", "deny"),
        ("t like \"prod/*\"", "prod/a", "permit"),
        ("t like \"prod\"", "production", "deny"),
        ("t like \"a.c\"", "abc", "deny"),
        ("t like \"*.example.com\"", "evil.example.com.attacker", "deny"),
        ("t matches 'abc'", "xabcx", "deny"),
        ("t matches 'a|bc'", "abc", "deny"),
        ("t matches 'abc'", "abc\n", "deny"),
        ("t matches 'a.c'", "a\nc", "deny"),
        ("path.is_inside(t, \"/srv/data\")", "/srv/database", "deny"),
        ("path.is_inside(t, \"/srv/data\")", "/srv/data/../../etc/passwd", "deny"),
        ("path.is_inside(t, \"/srv/data\")", "/srv/data/x", "permit"),
        ("url.is_under(t, \"corp.example\")", "https://evilcorp.example/", "deny"),
        ("url.is_under(t, \"corp.example\")", "https://corp.example@evil.example/", "deny"),
        ("url.is_under(t, \"corp.example\")", "https://a.corp.example/", "permit"),
    ] {
        let text = format!(
            "import std.path\nimport std.url\nentity Agent\naction a by Agent {{ t: text }}\npolicy p {{ rule r on a {{ permit when {condition} }} }}"
        );
        let answers = engine_lines(&text, &[], None, &[request("a", json!({"t": given}), "r", 0)]);
        assert_eq!(verdict(&answers[0]), wanted, "{condition} of {given:?}");
    }
}

/// The action that is decided is the one that is done: names are compared byte by byte, and nothing is decided in part.
#[test]
fn t20_the_action_decided_is_the_action_named() {
    let text = "entity Agent\nentity Account\naction pay by Agent on Account as account { n: int }\nevent paid by Agent { n: int }\n\
        policy p { rule ok on pay { permit when account is \"x\" } }";
    let line = |name: &str, properties: Json, resource: Json| {
        json!({"subject": {"type": "Agent", "id": "a"}, "action": {"name": name, "properties": properties}, "resource": resource, "context": {"time": "2026-03-03T12:00:00Z"}}).to_string()
    };
    let account = |id: &str| json!({"type": "Account", "id": id});
    let mut cases = vec![
        (line("pay", json!({"account": "x", "n": 1}), account("x")), "permit by ok"),
        (line("pay", json!({"n": 1}), account("x")), "permit by ok"),
        (line("pay", json!({"account": "x", "n": 1}), account("y")), "deny, E0615"),
        (line("pay", json!({"n": 1}), account("X")), "deny by otherwise"),
        (line("pay", json!({"n": 1, "Account": "x"}), account("x")), "deny, E0607"),
        (line("pay", json!({"n": 1, "N": 2}), account("x")), "deny, E0607"),
    ];
    for name in ["Pay", "PAY", "pay ", " pay", "p\u{430}y", "pay\u{200b}", "pay\u{0}", "paid", "ok", "p.pay", "../pay"]
    {
        cases.push((line(name, json!({"account": "x", "n": 1}), account("x")), "deny, E0613"));
    }
    let whole = line("pay", json!({"n": 1}), account("x"));
    // Several at once are none.
    cases.push((format!("[{whole},{whole}]"), "deny, E0608"));
    cases.push((format!(r#"{{"evaluations":[{whole}]}}"#), "deny, E06"));
    cases.push((whole.replace(r#""context""#, r#""Context":{},"context""#), "deny, E0607"));
    let lines: Vec<String> = cases.iter().map(|(line, _)| line.clone()).collect();
    for (answer, (line, wanted)) in replay("t20", text, &lines).iter().zip(&cases) {
        assert!(said(answer).starts_with(wanted), "{line}\nwanted {wanted}, found {}", said(answer));
    }
}
