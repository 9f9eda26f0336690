//! What the command does with its options and with `ordain.toml`, where no example shows it.

mod common;

use common::{file, folder, ordain};
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
