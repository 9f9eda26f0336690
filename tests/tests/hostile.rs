//! Whatever is fed to the command is answered with a message that says what and where, and nothing is lost.

mod common;

use common::{file, folder, ordain};
use ordain_cli::Exit;

const POLICY: &str = r#"
entity Agent
action pay by Agent { amount: decimal, tags: set<text>, memo: text? }
policy p { rule all on pay { permit when amount is at most 10 and memo is missing and length(tags) is 0 } }
"#;

/// A request to that policy with these properties.
fn request(properties: &str) -> String {
    format!(
        r#"{{"subject":{{"type":"Agent","id":"a"}},"action":{{"name":"pay","properties":{properties}}},"context":{{"time":"2026-01-01T00:00:00Z"}}}}"#
    )
}

/// Checks a file of these bytes: the codes it must print, and no more than a screenful.
fn check_source(name: &str, bytes: &[u8], code: &str) {
    let folder = folder(name);
    let path = file(&folder, "policy.ord", bytes);
    let said = ordain(&["check", &path], b"");
    assert_eq!(said.exit, Exit::Fault, "{name}: {}", said.err);
    assert!(said.err.contains(code), "{name}: wanted {code}, said\n{}", said.err);
    assert!(said.err.len() < 10_000, "{name}: {} bytes of messages", said.err.len());
    for format in ["json", "sarif"] {
        let said = ordain(&["check", "--format", format, &path], b"");
        assert!(said.out.contains(code), "{name} as {format}: {}", said.out);
        serde_json::from_str::<serde_json::Value>(&said.out).expect("it is JSON");
    }
}

#[test]
fn a_million_brackets_in_a_policy() {
    check_source("brackets", &b"(".repeat(1_000_000), "E0105");
    let nested =
        format!("policy p {{ rule r on any {{ permit when {}true{} }} }}", "(".repeat(100_000), ")".repeat(100_000));
    check_source("nested", nested.as_bytes(), "E0105");
    let lists = format!("let a = {}", "[".repeat(1_000_000));
    check_source("lists", lists.as_bytes(), "E0105");
    let nots = format!("define f(x: bool) means {} x", "not ".repeat(100_000));
    check_source("nots", nots.as_bytes(), "E0105");
    let ifs = format!("define f(x: bool) means {} x", "if x then x else ".repeat(100_000));
    check_source("ifs", ifs.as_bytes(), "E0105");
}

#[test]
fn a_long_chain_is_no_nesting() {
    let chain = vec!["amount is more than 1"; 20_000].join(" or ");
    let text = format!(
        "entity Agent\naction pay by Agent {{ amount: decimal }}\npolicy p {{ rule r on pay {{ permit when {chain} }} }}"
    );
    let folder = folder("chain");
    let path = file(&folder, "policy.ord", text.as_bytes());
    let said = ordain(&["check", &path], b"");
    assert_eq!(said.exit, Exit::Done, "{}", &said.err[..said.err.len().min(3000)]);
}

#[test]
fn sources_that_are_no_text() {
    check_source("not-utf8", b"policy p {\n  title \"\xff\"\n}", "E0119");
    check_source("empty", b"", "E0624");
    check_source("only-a-comment", b"// nothing\n", "E0624");
    check_source("large", &b" ".repeat((4 << 20) + 1), "E0106");
    check_source("large-in-a-letter", &"é".repeat((2 << 20) + 1).as_bytes()[..(4 << 20) + 1], "E0106");
    check_source("bidi", "policy p { title \"a\u{202e}b\" }".as_bytes(), "E0107");
    check_source("look-alike", "entity \u{410}gent".as_bytes(), "E0108");
    check_source("nul", b"policy \0p {}", "E0107");
    check_source("no-letter", "policy § {}".as_bytes(), "E0102");
}

/// What is cut off would be missed by nobody: a row that is not there forbids nothing.
#[test]
fn files_beside_a_policy_are_read_whole_or_not_at_all() {
    let folder = folder("cut");
    let sheet = "action go { n: int }\ntable t(n: int) -> int from \"t.csv\"\n\
        policy p { otherwise permit rule a on go { deny when t(n) is 1 } }";
    let path = file(&folder, "sheet.ord", sheet.as_bytes());
    let rows: String = (0..500_000).map(|row| format!("{row},1\n")).collect();
    file(&folder, "t.csv", format!("n,result\n{rows}otherwise,0\n").as_bytes());
    let said = ordain(&["check", &path], b"");
    assert!(said.err.contains("E0106"), "{}", said.err);

    let data = "data blocked: set<text>\naction go { name: text }\n\
        policy p { otherwise permit rule a on go { deny when name in blocked } }";
    let path = file(&folder, "data.ord", data.as_bytes());
    let list = file(&folder, "blocked.csv", b"value\na\n");
    let large = std::fs::OpenOptions::new().write(true).open(&list).expect("it was written");
    large.set_len((256 << 20) + 1).expect("there is room");
    let request = file(&folder, "request.json", br#"{"action": {"name": "go", "properties": {"name": "b"}}}"#);
    let said = ordain(&["eval", &path, "--request", &request, "--data", &format!("blocked={list}")], b"");
    assert!(said.err.contains("E0623") && said.err.contains("256 MiB"), "{}", said.err);
    assert_eq!(said.out, "");
}

#[test]
fn folders_and_files_that_are_not_there() {
    let empty = folder("no-policies");
    let said = ordain(&["check", &empty.display().to_string()], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0624"), "{}", said.err);
    let said = ordain(&["check", &empty.join("missing.ord").display().to_string()], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0623"), "{}", said.err);
    let said = ordain(&["replay", &empty.display().to_string(), "--requests", "-"], b"{}");
    assert!(said.exit == Exit::Fault && said.err.contains("E0624") && said.out.is_empty(), "{}", said.err);
    let policy = file(&empty, "policy.ord", POLICY.as_bytes());
    let said = ordain(&["replay", &policy, "--requests", &empty.join("none.jsonl").display().to_string()], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0623"), "{}", said.err);
    file(&empty, "ordain.toml", b"[package]\nname = \"x\"\ncolour = 1\n");
    let said = ordain(&["check", &empty.display().to_string()], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0625") && said.err.contains("colour"), "{}", said.err);
}

/// Every line of a stream is answered in its place; only the last is a permit.
#[test]
fn lines_of_a_stream() {
    let folder = folder("stream");
    let policy = file(&folder, "policy.ord", POLICY.as_bytes());
    let digits = "9".repeat(400);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"[".repeat(1_000_000), "E0604"),
        (br#"{"a":"#.repeat(200_000), "E0604"),
        (b"x".repeat(50 << 20), "E0605"),
        (b"\xff\xfe".to_vec(), "E0602"),
        (b"{".to_vec(), "E0601"),
        (b"{} {}".to_vec(), "E0601"),
        (b"NaN".to_vec(), "E0601"),
        (b"\xef\xbb\xbf{}".to_vec(), "E0601"),
        (br#""\ud800""#.to_vec(), "E0601"),
        (request(r#"{"amount":1,"amount":2,"tags":[]}"#).into_bytes(), "E0603"),
        (request(&format!(r#"{{"amount":{digits},"tags":[]}}"#)).into_bytes(), "E0609"),
        (request(r#"{"amount":true,"tags":[]}"#).into_bytes(), "E0608"),
        (request(r#"{"amount":1}"#).into_bytes(), "E0606"),
        (request(r#"{"amount":1,"tags":[],"amuont":1}"#).into_bytes(), "E0607"),
        (request(r#"{"amount":1,"tags":["a","a"]}"#).into_bytes(), "E0603"),
        (b"7".to_vec(), "E06"),
        (b"{}".to_vec(), "E06"),
        (br#"{"action":{"name":"steal"},"context":{"time":"2026-01-01T00:00:00Z"}}"#.to_vec(), "E0613"),
        (request(r#"{"amount":1e-400,"tags":[]}"#).into_bytes(), "permit"),
    ];
    let stream = cases.iter().map(|(line, _)| line.as_slice()).collect::<Vec<_>>().join(&b'\n');
    let said = ordain(&["replay", &policy, "--requests", "-"], &stream);
    let answers: Vec<&str> = said.out.lines().collect();
    assert_eq!(answers.len(), cases.len(), "{}", said.err);
    for ((line, wanted), answer) in cases.iter().zip(&answers) {
        let line = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
        assert!(answer.contains(wanted), "{line}: wanted {wanted}, got {}", &answer[..answer.len().min(400)]);
        let json: serde_json::Value = serde_json::from_str(answer).expect("answers are JSON");
        assert_eq!(json["decision"], serde_json::json!(*wanted == "permit"), "{line}");
    }
    assert_eq!(said.exit, Exit::Fault);
}
