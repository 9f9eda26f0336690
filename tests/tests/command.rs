//! What the command does with its options and with `ordain.toml`, where no example shows it.

mod common;

use common::{file, folder, ordain, root};
use ordain_cli::Exit;

const POLICY: &str = r#"
entity Agent { tier: int }
action pay by Agent { amount: decimal }
policy p { version 1.0.0 rule all on pay { permit when actor.tier is at least 1 } }
test "one" { request pay { actor: Agent("a") { tier: 1 }, amount: 1 } expect permit by all }
"#;

const REQUEST: &str = r#"{"subject":{"type":"Agent","id":"a","properties":{"tier":1}},"action":{"name":"pay","properties":{"amount":1}},"context":{"time":"2026-01-01T00:00:00Z"}}"#;

#[test]
fn a_filter_that_finds_no_test_is_no_success() {
    let folder = folder("filter");
    let policy = file(&folder, "policy.ord", POLICY.as_bytes());
    let said = ordain(&["test", &policy, "--filter", "on"], b"");
    assert!(said.exit == Exit::Done && said.out == "1 passed, 0 failed\n", "{}{}", said.out, said.err);
    let said = ordain(&["test", &policy, "--filter", "noe"], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("`noe`"), "{}{}", said.out, said.err);
}

#[test]
fn where_entities_come_from() {
    let folder = folder("from");
    file(&folder, "policy.ord", POLICY.as_bytes());
    for (manifest, wanted) in [
        ("", "\"permit\""),
        ("[entities]\nfrom = \"request\"\n", "\"permit\""),
        ("[entities]\nfrom = \"store\"\n", "E0616"),
        ("[entities]\nfile = \"all.json\"\n", "E0616"),
        ("[entities]\nfile = \"all.json\"\nfrom = \"request\"\n", "\"permit\""),
    ] {
        file(&folder, "all.json", b"[]");
        file(&folder, "ordain.toml", manifest.as_bytes());
        let said = ordain(&["eval", &folder.display().to_string(), "--request", "-"], REQUEST.as_bytes());
        assert!(said.out.contains(wanted), "{manifest}: wanted {wanted}\n{}{}", said.out, said.err);
    }
}

#[test]
fn data_that_nothing_supplies_names_what_was_named() {
    let folder = folder("data");
    let policy = "data limits: map<text, decimal>\nentity Agent\naction pay by Agent { kind: text, amount: decimal }\n\
        policy p { rule all on pay { permit when amount is at most (limits[kind] or else 0) } }\n";
    let path = file(&folder, "policy.ord", policy.as_bytes());
    let said = ordain(&["eval", &path, "--request", "-"], b"{}");
    assert!(
        said.exit == Exit::Fault && said.err.contains("policy.ord: the policy declares `data limits`"),
        "{}",
        said.err
    );
    let limits = file(&folder, "limits.csv", b"kind,limit\nbooks,20\n");
    let request = r#"{"subject":{"type":"Agent","id":"a"},"action":{"name":"pay","properties":{"kind":"books","amount":20}},"context":{"time":"2026-01-01T00:00:00Z"}}"#;
    let said = ordain(&["eval", &path, "--request", "-", "--data", &format!("limits={limits}")], request.as_bytes());
    assert!(said.out.contains("\"permit\""), "{}{}", said.out, said.err);
    let said = ordain(&["eval", &path, "--request", "-", "--data", &format!("limit={limits}")], request.as_bytes());
    assert!(said.exit == Exit::Fault && said.err.contains("E0626") && said.err.contains("`limit`"), "{}", said.err);
}

#[test]
fn a_version_is_three_numbers() {
    let folder = folder("version");
    for version in ["1.0", "1", "\"1.0.0\"", "1.0.0.0"] {
        let policy = file(&folder, "policy.ord", POLICY.replace("1.0.0", version).as_bytes());
        let said = ordain(&["check", &policy], b"");
        assert!(said.exit == Exit::Fault, "{version}: {}", said.err);
    }
    assert!(ordain(&["explain", "e0109"], b"").out.starts_with("# E0109"));
    assert_eq!(ordain(&["explain", "E9999"], b"").exit, Exit::Usage);
}

/// A package, a compiled one and one rule of it are said in plain English; what there is not is told with what there is.
#[test]
fn explain_says_what_a_package_decides() {
    let folder = folder("explain");
    let policy = file(&folder, "policy.ord", POLICY.as_bytes());
    let compiled = folder.join("policy.ordc").display().to_string();
    let built = ordain(&["build", &policy, "-o", &compiled], b"");
    let digest = built.out.split_whitespace().last().unwrap_or_default();
    let page = ordain(&["explain", &policy], b"").out;
    assert!(page.contains(digest) && digest.starts_with("blake3:"), "{page}\n{}", built.err);
    assert_eq!(ordain(&["explain", &compiled], b"").out, page);

    let payables = root().join("examples/payables").display().to_string();
    let said = ordain(&["explain", &payables, "large_payment"], b"");
    assert!(said.out.contains("is permitted once a treasury officer has approved it, within 4 hours"), "{}", said.out);
    assert_eq!(ordain(&["explain", &payables, "payables_agent.large_payment"], b"").out, said.out);
    let said = ordain(&["explain", &payables, "large"], b"");
    assert!(said.exit == Exit::Usage && said.err.contains("payables_agent.large_payment"), "{}", said.err);

    let to = folder.join("page.md").display().to_string();
    assert!(ordain(&["explain", &policy, "-o", &to], b"").out.is_empty());
    assert_eq!(std::fs::read_to_string(&to).expect("the page was written"), page);
    let nowhere = folder.join("none/page.md").display().to_string();
    let said = ordain(&["explain", &policy, "-o", &nowhere], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("can't be written"), "{}", said.err);
    assert_eq!(ordain(&["explain", "nowhere.ord"], b"").exit, Exit::Fault);
    let none = file(&folder, "none.ord", b"entity Agent\n");
    let said = ordain(&["explain", &none], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("none.ord: there is no policy here"), "{}", said.err);
}

/// The policy of the README is a whole one, and its request is answered as it says, member by member.
#[test]
fn the_readme_is_true() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("there is a README");
    let block = |kind: &str, at: usize| {
        let start = text.match_indices(&format!("```{kind}\n")).nth(at).expect("the README has such a block").0;
        let body = &text[start + kind.len() + 4..];
        body[..body.find("```").expect("blocks are closed")].to_string()
    };
    let folder = folder("readme");
    let policy = file(&folder, "payments.ord", block("ordain", 0).as_bytes());
    let said = ordain(&["check", "--deny-warnings", &policy], b"");
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert_eq!(ordain(&["fmt", "--check", &policy], b"").exit, Exit::Done);
    let said = ordain(&["eval", &policy, "--request", "-"], block("json", 0).as_bytes());
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("the answer is JSON");
    let wanted: serde_json::Value = serde_json::from_str(&block("json", 1)).expect("the README shows JSON");
    assert!(holds(&found, &wanted), "{found:#}");
}

/// Every member that `wanted` has, `found` has with the same value.
fn holds(found: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    match (found, wanted) {
        (serde_json::Value::Object(found), serde_json::Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| found.get(name).is_some_and(|found| holds(found, wanted)))
        }
        (serde_json::Value::Array(found), serde_json::Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| holds(found, wanted))
        }
        (found, wanted) => found == wanted,
    }
}

/// On a terminal `replay` sums up, and says where the first fault of a kind is.
#[test]
fn a_summary_names_lines() {
    let folder = folder("summary");
    let policy = file(&folder, "policy.ord", POLICY.as_bytes());
    let stream = format!("{REQUEST}\n\n{{}}\n[\n");
    let said = ordain(&["replay", &policy, "--requests", "-", "--format", "human"], stream.as_bytes());
    assert!(said.out.starts_with("3 lines\n") && said.out.contains("1  permitted"), "{}", said.out);
    assert!(said.out.contains("E0601, line 4: "), "{}", said.out);
    let times = said.out.lines().last().unwrap_or_default();
    assert!(["decisions a second", "p50 ", "p90 ", "p99 ", "max "].iter().all(|part| times.contains(part)), "{times}");
}

/// Whatever engine decides, and however many threads read and write, the answers are the same, in the stream's order.
#[test]
fn engines_and_threads_change_no_answer() {
    let folder = folder("engines");
    let policy = file(&folder, "policy.ord", POLICY.as_bytes());
    let stream: String = (0..2_000).map(|at| if at % 7 == 0 { "{}\n" } else { REQUEST }.to_string() + "\n").collect();
    let answers = |more: &[&str]| ordain(&[&["replay", &policy, "--requests", "-"], more].concat(), stream.as_bytes());
    let plain = answers(&[]);
    assert_eq!(plain.out.lines().count(), 2_000, "{}", plain.err);
    for more in [
        &["--threads", "3"][..],
        &["--engine", "reference"],
        &["--engine", "vm", "--threads", "2"],
        &["--engine", "jit"],
    ] {
        let said = answers(more);
        assert!(said.out == plain.out && said.exit == plain.exit, "{more:?}: {}", said.err);
    }
    let explained = answers(&["--explain"]);
    assert!(explained.out.contains("\"trace\"") && !plain.out.contains("\"trace\""), "{}", explained.err);
    let said = answers(&["--explain", "--engine", "vm"]);
    assert!(said.exit == Exit::Usage && said.out.is_empty() && said.err.contains("--engine vm"), "{}", said.err);
}

/// Everything that `eval` would read is read, and each mistake is told at its own place.
#[test]
fn check_reads_what_eval_would() {
    let folder = folder("whole");
    let here = folder.display().to_string();
    file(&folder, "policy.ord", format!("data fx: set<int>\ndata odd: list<int>\n{POLICY}").as_bytes());
    let manifest = "[package]\nname = \"p\"\nversion = \"1.0\"\n\n[sources]\npaths = [\"policy.ord\"]\n\n[data]\nfx = \"nope.json\"\nodd = \"odd.json\"\nfy = \"fx.json\"\n\n[entities]\nfile = \"all.json\"\nform = \"store\"\n";
    file(&folder, "ordain.toml", manifest.as_bytes());
    file(&folder, "odd.json", b"[1,\n x]");
    file(&folder, "all.json", br#"[{"type": "Agent", "id": "a"}, {"type": "Agnt", "id": "b"}]"#);
    let said = ordain(&["check", &here, "--format", "json"], b"");
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    let mut told: Vec<String> = vec![];
    for one in found["diagnostics"].as_array().expect("there are diagnostics") {
        let file = one["file"].as_str().expect("it has a file").rsplit('/').next().expect("a name");
        told.push(format!("{} {file}:{}:{}", one["code"].as_str().expect("a code"), one["line"], one["column"]));
    }
    told.retain(|told| !told.starts_with('W'));
    let wanted = [
        "E0625 ordain.toml:3:11",
        "E0625 ordain.toml:15:1",
        "E0623 ordain.toml:9:6",
        "E0601 odd.json:1:1",
        "E0626 ordain.toml:11:1",
        "E0606 all.json:1:1",
        "E0614 all.json:1:1",
    ];
    assert_eq!(told, wanted, "{}", said.out);
    assert!(said.exit == Exit::Fault && found.to_string().contains("Line 2, column 2"), "{}", said.out);
    // A policy with errors of its own hides none of what can be seen without it.
    file(&folder, "policy.ord", b"entity Agent\naction pay by Agnt\npolicy p { governs pay }\n");
    let said = ordain(&["check", &here], b"");
    for part in ["E0201", "ordain.toml:3:11", "ordain.toml:15:1", "ordain.toml:9:6", "version = \"1.0\"", "E0601"] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    // Nor does a source that is not there.
    file(&folder, "ordain.toml", manifest.replace("policy.ord", "polcy.ord").as_bytes());
    let said = ordain(&["check", &here], b"");
    for part in ["ordain.toml:3:11", "ordain.toml:6:10", "ordain.toml:9:6", "E0601"] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    // Other commands tell the place, too.
    let said = ordain(&["eval", &here, "--request", "-"], b"{}");
    assert!(said.err.contains("ordain.toml:3:11: a version is three numbers"), "{}", said.err);
}

#[test]
fn data_without_a_file_is_no_mistake_of_the_package() {
    let folder = folder("later");
    file(&folder, "policy.ord", format!("data fx: set<int>\n{POLICY}").as_bytes());
    file(&folder, "ordain.toml", b"[package]\nname = \"p\"\n");
    let said = ordain(&["check", &folder.display().to_string()], b"");
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
}

/// Tests set data themselves; what they read and nobody sets is told once, at the step that reads it.
#[test]
fn tests_need_no_files_for_data() {
    let policy = r#"
import std.calendar
data blocked: set<text>
data days: calendar
entity Agent
action pay by Agent { kind: text }
action look by Agent { due: date }
policy p {
  calendar days
  rule all on pay { permit }
  rule odd on pay { deny when kind in blocked }
  rule open on look { permit when calendar.is_business_day(due) }
}
let one = pay { actor: Agent("a"), kind: "z" }
test "sets" { data blocked: { "z" } request one expect deny by odd }
test "reads" {
  request one
  expect permit by all
  expect missing "x"
  data blocked: {}
  request one
  expect permit by all
}
test "reads a calendar" { request look { actor: Agent("a"), due: 2026-01-01 } expect permit }
"#;
    let folder = folder("unset");
    let path = file(&folder, "policy.ord", policy.as_bytes());
    let said = ordain(&["test", &path], b"");
    assert!(said.exit == Exit::Fault && said.out.ends_with("1 passed, 2 failed\n"), "{}{}", said.out, said.err);
    let told: Vec<&str> = said.out.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(told.len(), 2, "{}", said.out);
    assert!(told[0].contains("policy.ord:17:3: reads `data blocked`, which neither"), "{}", told[0]);
    assert!(told[1].contains("reads `data days`") && !told[1].contains("set it before"), "{}", told[1]);
    let blocked = file(&folder, "blocked.json", b"[]");
    let days = file(&folder, "days.json", br#"{"holidays": ["2026-05-01"]}"#);
    let given = ["--data", &format!("blocked={blocked}"), "--data", &format!("days={days}")].map(str::to_string);
    let mut args = vec!["test", &path];
    args.extend(given.iter().map(String::as_str));
    let said = ordain(&args, b"");
    assert!(said.out.contains("2 passed, 1 failed"), "{}{}", said.out, said.err);
    // What is named and not there is told all the same.
    let said = ordain(&["test", &path, "--data", "blocked=nope.json"], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0623"), "{}{}", said.out, said.err);
}

#[test]
fn a_duty_that_is_missing_is_shown_as_it_is_written() {
    let policy = "duty w(x: text)\nentity Agent\naction pay by Agent\npolicy p { rule all on pay { permit must w(\"y\") } }\n\
        test \"t\" { request pay { actor: Agent(\"a\") } expect must w(\"x\") }\n";
    let path = file(&folder("duty"), "policy.ord", policy.as_bytes());
    let said = ordain(&["test", &path], b"");
    assert!(said.out.contains("expected the duty w(\"x\"); due is w(\"y\")"), "{}{}", said.out, said.err);
}

/// A record of what is not there, or of an event, records nothing, and says so.
#[test]
fn a_warning_says_what_became_of_the_record() {
    let policy = "entity Agent\naction pay by Agent\nevent alarm by Agent\npolicy p { rule no on pay { deny } }\n";
    let path = file(&folder("warning"), "policy.ord", policy.as_bytes());
    let agent = r#""subject": {"type": "Agent", "id": "a"}"#;
    let context = r#""time": "2026-01-01T00:00:00Z""#;
    let stream = format!(
        "{{{agent}, \"action\": {{\"name\": \"pay\"}}, \"context\": {{\"id\": \"r\", {context}}}}}\n\
         {{{agent}, \"event\": {{\"name\": \"alarm\"}}, \"context\": {{\"id\": \"e\", {context}}}}}\n\
         {{\"failed\": \"r\"}}\n{{\"failed\": \"x\"}}\n{{\"failed\": \"e\"}}\n[\n"
    );
    let said = ordain(&["replay", &path, "--requests", "-"], stream.as_bytes());
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 6, "{}{}", said.out, said.err);
    assert!(lines[2].contains("It is recorded all the same."), "{}", lines[2]);
    assert!(lines[3].contains("there is nothing to record"), "{}", lines[3]);
    assert!(lines[4].contains("it can't fail"), "{}", lines[4]);
    assert!(lines[5].contains("\"Column 2: the end"), "{}", lines[5]);
}

/// The chapter on packages lists each command with all of its options.
#[test]
fn the_chapter_lists_every_command_and_option() {
    use clap::CommandFactory;
    let chapter = std::fs::read_to_string(root().join("spec/package.md")).expect("the chapter can be read");
    let told = chapter.lines().filter_map(|line| line.strip_prefix("ordain ")).map(|line| {
        let (name, rest) = line.split_once(' ').expect("a command has arguments");
        let options = rest.split("--").skip(1).map(|option| {
            option.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap_or_default().to_string()
        });
        (name.to_string(), options.collect::<std::collections::BTreeSet<_>>())
    });
    let command = ordain_cli::args::Args::command();
    let declared = command.get_subcommands().map(|command| {
        let options = command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_string));
        (command.get_name().to_string(), options.collect())
    });
    let (told, declared): (Vec<_>, Vec<_>) = (told.collect(), declared.collect());
    assert_eq!(told, declared);
}
