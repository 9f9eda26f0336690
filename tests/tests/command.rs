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
}
