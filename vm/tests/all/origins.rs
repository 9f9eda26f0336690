//! Where values were seen: paths, places, and the keys under which engines find them.

use crate::schema::{json, pay, schema, with};
use crate::told;
use ordain_vm::json::Json;
use ordain_vm::request::{Origin, Reader, Request};

fn request(line: &Json) -> Result<Request, String> {
    let schema = schema();
    Reader { schema: &schema, store: None, from_request: true, now: None }.request(line).map_err(|errors| told(&errors))
}

fn full() -> Json {
    let properties = r#"{"vendor_id": "acme", "amount": 1, "parts": [{"file_id": "f", "tags": ["z", "a"]}, {"file_id": "g", "size": 1}],
        "rates": {"USD": 1, "EUR": 2}, "words": ["b", "a b", "a"], "owner": "joe"}"#;
    with(pay(), "action.properties", properties)
}

/// Keys and places, one a line; or what is wrong.
fn origins(text: &str) -> String {
    match request(&with(full(), "context.origins", text)) {
        Err(errors) => errors,
        Ok(request) => {
            let shown = |place: &Origin| match place {
                Origin::User => "user".to_string(),
                Origin::Operator => "operator".to_string(),
                Origin::Result { action, field } => format!("{action}/{}", field.as_deref().unwrap_or("")),
                Origin::Other(text) => format!("? {text}"),
            };
            let lines = request
                .context
                .origins
                .iter()
                .map(|(key, places)| format!("{key}: {}", places.iter().map(shown).collect::<Vec<_>>().join(", ")));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn places() {
    assert_eq!(origins("{}"), "");
    assert_eq!(
        origins(
            r#"{"amount": ["the user", "the operator", "look", "look.file_id", "look[0].tags[1]", "look.a.b", "mail", "The User", "pay", "the user", ""]}"#
        ),
        "amount: user, operator, 0/, 1/, 1/file_id, ? , ? The User, ? look.a.b, ? look[0].tags[1], ? mail"
    );
    assert_eq!(origins(r#"{"amount": []}"#), "amount: ");
    assert_eq!(origins(r#"{"amount": "the user"}"#), "E0608 context.origins.amount");
    assert_eq!(origins(r#"{"amount": [5]}"#), "E0608 context.origins.amount[0]");
    assert_eq!(origins("[]"), "E0608 context.origins");
}

#[test]
fn paths_lead_to_leaves() {
    for (path, key) in [
        ("amount", "amount"),
        ("owner", "owner"),
        ("parts[0].file_id", "parts[0].file_id"),
        ("parts[1].size", "parts[1].size"),
        // A set is counted as the request wrote it, and found as the set is ordered.
        ("parts[0].tags[0]", "parts[0].tags[1]"),
        ("words[0]", "words[2]"),
        ("words[1]", "words[1]"),
        ("rates.USD", "rates.USD"),
        ("rates[\"EUR\"]", "rates.EUR"),
    ] {
        let text = Json::Object(vec![(path.to_string(), json("[\"the user\"]"))]).to_string();
        assert_eq!(origins(&text), format!("{key}: user"), "{path}");
    }
    for path in [
        "",
        "amuont",
        "amount.x",
        "amount[0]",
        "parts",
        "parts[0]",
        "parts[2].file_id",
        "parts[x].file_id",
        "parts[-1].file_id",
        "parts[0]file_id",
        "parts.0.file_id",
        "parts[0].file",
        "words",
        "words[3]",
        "rates",
        "rates.GBP",
        "rates.XXX",
        "rates[0]",
        "owner.id",
        "resource",
        "resource.type",
        // Left out.
        "memo",
        "parts[0].size",
        "resource.country",
        "subject.id",
        "actor",
        "[0]",
        ".amount",
        "amount.",
        "parts[",
        "parts[\"",
        "parts[99999999999]",
        "action.properties.amount",
    ] {
        let text = Json::Object(vec![(path.to_string(), json("[]"))]).to_string();
        assert!(origins(&text).starts_with("E0607 context.origins"), "{path}: {}", origins(&text));
    }
    let deep = format!("{{\"amount{}\": []}}", ".x".repeat(100_000));
    assert!(origins(&deep).starts_with("E0607 context.origins"));
    let deep = format!("{{\"parts[0]{}\": []}}", "[\\\"x\\\"]".repeat(50));
    assert!(origins(&deep).starts_with("E0607 context.origins"));
}

#[test]
fn the_target_has_two_names() {
    assert_eq!(origins(r#"{"vendor_id": ["the user"]}"#), "resource.id: user\nvendor_id: user");
    assert_eq!(
        origins(r#"{"resource.id": ["the user"], "vendor_id": ["look", "the user"]}"#),
        "resource.id: user, 1/\nvendor_id: user, 1/"
    );
    let touch = |origins: &str| {
        let line = format!(
            r#"{{"action": {{"name": "touch"}}, "resource": {{"type": "Team", "id": "t"}}, "context": {{"time": "2026-03-03T15:00:00Z", "origins": {origins}}}}}"#
        );
        request(&json(&line))
            .map(|request| request.context.origins.into_keys().map(|key| key.to_string()).collect::<Vec<_>>())
    };
    // An argument that is called `resource` has its own fields, and is left out here.
    assert_eq!(touch(r#"{"resource": []}"#), Err("E0607 context.origins.resource".to_string()));
    assert_eq!(touch(r#"{"resource.id": []}"#), Err("E0607 context.origins[\"resource.id\"]".to_string()));
}

#[test]
fn a_leaf_that_could_not_be_read_is_told_once() {
    let line = with(
        with(full(), "action.properties.words", "[1, \"x\"]"),
        "context.origins",
        r#"{"words[1]": [], "words[0]": []}"#,
    );
    assert_eq!(request(&line).unwrap_err(), "E0608 action.properties.words[0]");
}

/// The leaves that engines look for are those that paths lead to.
#[test]
fn leaves_are_spelled_alike() {
    let schema = schema();
    let request = request(&full()).unwrap();
    let mut paths = vec![];
    for (field, value) in schema.actions[0].fields.iter().zip(&request.args) {
        paths.extend(schema.leaves(&field.name, value).into_iter().map(|(path, _)| path));
    }
    assert_eq!(
        paths,
        [
            "amount",
            "parts[0].file_id",
            "parts[0].tags[0]",
            "parts[0].tags[1]",
            "parts[1].file_id",
            "parts[1].size",
            "rates.EUR",
            "rates.USD",
            "owner",
            "words[0]",
            "words[1]",
            "words[2]",
        ]
    );
}
