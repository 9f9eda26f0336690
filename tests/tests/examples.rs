//! Every example as its reader would use it: it checks without a warning, is in its one form, passes its tests, and
//! answers its stream as recorded. `UPDATE=1` records the answers anew.

mod common;

use common::{ordain, root};
use ordain_cli::Exit;

const EXAMPLES: [&str; 3] = ["payables", "airline", "assistant"];

fn path(example: &str) -> String {
    root().join("examples").join(example).display().to_string()
}

#[test]
fn every_example_is_listed() {
    let folders = std::fs::read_dir(root().join("examples")).expect("the examples are there");
    let mut found: Vec<String> = folders
        .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut listed = EXAMPLES.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn they_check_without_a_warning() {
    for example in EXAMPLES {
        let said = ordain(&["check", "--deny-warnings", &path(example)], b"");
        assert!(said.exit == Exit::Done, "{example}\n{}", said.err);
    }
}

#[test]
fn they_are_in_their_one_form() {
    for example in EXAMPLES {
        let said = ordain(&["fmt", "--check", &path(example)], b"");
        assert!(said.exit == Exit::Done, "{example}\n{}{}", said.out, said.err);
    }
}

#[test]
fn their_tests_pass() {
    for example in EXAMPLES {
        let said = ordain(&["test", &path(example)], b"");
        assert!(said.exit == Exit::Done, "{example}\n{}{}", said.out, said.err);
        assert!(!said.out.contains("\n0 passed") && !said.out.starts_with("0 passed"), "{example} has no tests");
    }
}

#[test]
fn their_streams_are_answered_as_recorded() {
    for example in EXAMPLES {
        let folder = root().join("examples").join(example);
        let requests = folder.join("requests.jsonl");
        let said = ordain(&["replay", &path(example), "--requests", &requests.display().to_string()], b"");
        let asked = std::fs::read_to_string(&requests).expect("the example has a stream");
        assert_eq!(
            said.out.lines().count(),
            asked.lines().count(),
            "{example}: a line out for each line in\n{}",
            said.err
        );
        let other = ["replay", &path(example), "--engine", "reference", "--threads", "3", "--requests"];
        let by_reference = ordain(&[&other[..], &[&requests.display().to_string()]].concat(), b"");
        assert_eq!(said.out, by_reference.out, "{example}: both engines say the same");
        let recorded = folder.join("decisions.jsonl");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&recorded, &said.out).expect("the example can be written");
        }
        let recorded = std::fs::read_to_string(&recorded).expect("the example has recorded decisions");
        for (at, (found, wanted)) in said.out.lines().zip(recorded.lines()).enumerate() {
            assert_eq!(found, wanted, "{example}, line {}", at + 1);
        }
        assert_eq!(said.out.lines().count(), recorded.lines().count(), "{example}");
    }
}

/// Line N of a folded stream holds what line N of the sorted members says: the order of members means nothing.
#[test]
fn the_order_of_json_members_means_nothing() {
    for example in EXAMPLES {
        let folder = root().join("examples").join(example);
        let asked = std::fs::read_to_string(folder.join("requests.jsonl")).expect("the example has a stream");
        let turned: Vec<String> = asked.lines().map(turned).collect();
        let said = ordain(&["replay", &path(example), "--requests", "-"], turned.join("\n").as_bytes());
        let plain = ordain(&["replay", &path(example), "--requests", "-"], asked.as_bytes());
        for (at, ((turned, plain), line)) in said.out.lines().zip(plain.out.lines()).zip(asked.lines()).enumerate() {
            if serde_json::from_str::<serde_json::Value>(line).is_ok() && !plain.contains("\"E06") {
                assert_eq!(turned, plain, "{example}, line {}", at + 1);
            }
        }
    }
}

/// The same JSON with the members of every object in the opposite order; what is no JSON stays as it is.
fn turned(line: &str) -> String {
    fn turn(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => {
                serde_json::Value::Object(members.into_iter().rev().map(|(name, value)| (name, turn(value))).collect())
            }
            serde_json::Value::Array(items) => serde_json::Value::Array(items.into_iter().map(turn).collect()),
            other => other,
        }
    }
    serde_json::from_str(line).map_or_else(|_| line.to_string(), |value| turn(value).to_string())
}
