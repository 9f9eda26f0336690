//! The entity store, and what a request may say beside it.

use crate::schema::{AGENT, PERSON, TEAM, VENDOR, json, pay, schema, with};
use crate::told;
use ordain_vm::json::Json;
use ordain_vm::request::{Entities, Reader, Request, World, read_entities};
use ordain_vm::value::{EntityRef, Value};
use std::sync::Arc;

const STORE: &str = r#"[
  {"type": "Team", "id": "corp"},
  {"type": "Team", "id": "ap", "properties": {"parents": [{"type": "Team", "id": "corp"}]}},
  {"type": "Agent", "id": "a-1", "properties": {"tier": 1, "parents": ["ap"]}},
  {"type": "Person", "id": "mary", "properties": {"mail": "m@corp.example"}},
  {"type": "Person", "id": "omar"},
  {"type": "Vendor", "id": "acme", "properties": {"country": "DE", "since": "2020-05-01", "owner": "mary"}}
]"#;

fn store(text: &str) -> Result<Entities, String> {
    read_entities(&schema(), &json(text)).map_err(|errors| told(&errors))
}

fn read(line: &Json, from_request: bool) -> Result<Request, String> {
    let schema = schema();
    let store = Some(Arc::new(store(STORE).unwrap()));
    Reader { schema: &schema, store, from_request, now: None }.request(line).map_err(|errors| told(&errors))
}

fn check(path: &str, value: &str, from_request: bool, expected: &str) {
    let line = if path.is_empty() { bare() } else { with(bare(), path, value) };
    assert_eq!(read(&line, from_request).err().unwrap_or_default(), expected, "{path} {value}");
}

/// The request without a word about its entities.
fn bare() -> Json {
    with(with(pay(), "subject.properties", ""), "resource.properties", "")
}

#[test]
fn a_store_is_read() {
    let store = store(STORE).unwrap();
    assert_eq!(store.len(), 6);
    let acme = &store[&EntityRef::new(VENDOR, "acme")];
    assert_eq!(acme.attributes[2], Value::Entity(EntityRef::new(PERSON, "mary")));
    assert_eq!(store[&EntityRef::new(AGENT, "a-1")].parents, [EntityRef::new(TEAM, "ap")]);
    assert_eq!(store[&EntityRef::new(PERSON, "omar")].attributes, [Value::Missing]);
}

#[test]
fn what_is_wrong_with_a_store() {
    for (text, expected) in [
        ("{}", "E0608"),
        (r#"[5, {"type": "Team"}, {"id": "x"}]"#, "E0608 [0]\nE0606 [1].id\nE0606 [2].type"),
        (r#"[{"type": "Tem", "id": "x"}]"#, "E0614 [0].type"),
        (r#"[{"type": "Team", "id": ""}]"#, "E0608 [0].id"),
        (
            r#"[{"type": "Team", "id": "x", "name": 1, "properties": {"size": 1}}]"#,
            "E0607 [0].name\nE0607 [0].properties.size",
        ),
        (r#"[{"type": "Agent", "id": "x"}]"#, "E0606 [0].properties.tier"),
        (r#"[{"type": "Agent", "id": "x", "properties": {"tier": "one"}}]"#, "E0608 [0].properties.tier"),
        (r#"[{"type": "Agent", "id": "x", "properties": 5}]"#, "E0608 [0].properties\nE0606 [0].properties.tier"),
        (r#"[{"type": "Team", "id": "x"}, {"type": "Person", "id": "x"}, {"type": "Team", "id": "x"}]"#, "E0603 [2]"),
        (
            r#"[{"type": "Team", "id": "x", "properties": {"parents": [{"type": "Person", "id": "p"}]}}]"#,
            "E0614 [0].properties.parents[0].type",
        ),
        (
            r#"[{"type": "Person", "id": "x", "properties": {"parents": [{"type": "Team", "id": "t"}]}}]"#,
            "E0614 [0].properties.parents",
        ),
        (r#"[{"type": "Team", "id": "x", "properties": {"parents": "t"}}]"#, "E0608 [0].properties.parents"),
        (
            r#"[{"type": "Team", "id": "x", "properties": {"parents": ["t", "t"]}}]"#,
            "E0603 [0].properties.parents[1]\nE0616 [0].properties.parents[0]\nE0616 [0].properties.parents[1]",
        ),
        (r#"[{"type": "Team", "id": "x", "properties": {"parents": ["t"]}}]"#, "E0616 [0].properties.parents[0]"),
        (
            r#"[{"type": "Vendor", "id": "v", "properties": {"country": "DE", "since": "2020-01-01", "owner": "joe"}}]"#,
            "E0616 [0].properties.owner",
        ),
        (
            r#"[{"type": "Vendor", "id": "v", "properties": {"country": "DE", "since": "2020-01-01", "owner": {"type": "Person", "id": "joe", "properties": {}}}}, {"type": "Person", "id": "joe"}]"#,
            "E0607 [0].properties.owner.properties",
        ),
        (r#"[{"type": "Team", "id": "a", "properties": {"parents": ["a"]}}]"#, "E0628 [0]"),
        (
            r#"[{"type": "Team", "id": "z", "properties": {"parents": ["c"]}}, {"type": "Team", "id": "c", "properties": {"parents": ["b", "d"]}},
             {"type": "Team", "id": "b", "properties": {"parents": ["c"]}}, {"type": "Team", "id": "d"}]"#,
            "E0628 [2]",
        ),
    ] {
        assert_eq!(store(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_chain_of_thirty_thousand_teams() {
    let items: Vec<String> = (0..30_000)
        .map(|at| format!(r#"{{"type": "Team", "id": "t{at}", "properties": {{"parents": ["t{}"]}}}}"#, at + 1))
        .chain([r#"{"type": "Team", "id": "t30000"}"#.to_string()])
        .collect();
    let store = Arc::new(store(&format!("[{}]", items.join(","))).unwrap());
    let world = World { store, own: Arc::default() };
    let team = |at: u32| EntityRef::new(TEAM, format!("t{at}"));
    assert!(world.belongs_to(&team(0), &team(30_000)));
    assert!(world.belongs_to(&team(5), &team(5)));
    assert!(!world.belongs_to(&team(6), &team(5)));
}

#[test]
fn ancestors_stand_in_the_store_and_in_the_request() {
    let line = with(
        bare(),
        "subject",
        r#"{"type": "Agent", "id": "new", "properties": {"tier": 1, "parents": [{"type": "Team", "id": "x", "properties": {"parents": ["ap"]}}]}}"#,
    );
    let request = read(&line, true).unwrap();
    let actor = request.actor.unwrap();
    for (team, belongs) in [("x", true), ("ap", true), ("corp", true), ("y", false)] {
        assert_eq!(request.world.belongs_to(&actor, &EntityRef::new(TEAM, team)), belongs, "{team}");
    }
    assert!(request.world.belongs_to(&actor, &actor));
    assert!(!request.world.belongs_to(&actor, &EntityRef::new(PERSON, "new")));
}

/// A diamond of fifty storeys has 2^50 ways from bottom to top, and is gone through once.
#[test]
fn many_ways_to_one_ancestor() {
    let mut items = vec![r#"{"type": "Team", "id": "l0"}, {"type": "Team", "id": "r0"}"#.to_string()];
    for at in 1..=50 {
        for side in ["l", "r"] {
            items.push(format!(
                r#"{{"type": "Team", "id": "{side}{at}", "properties": {{"parents": ["l{0}", "r{0}"]}}}}"#,
                at - 1
            ));
        }
    }
    let world = World { store: Arc::new(store(&format!("[{}]", items.join(","))).unwrap()), own: Arc::default() };
    assert!(!world.belongs_to(&EntityRef::new(TEAM, "l50"), &EntityRef::new(TEAM, "none")));
    assert!(world.belongs_to(&EntityRef::new(TEAM, "l50"), &EntityRef::new(TEAM, "r0")));
}

#[test]
fn the_store_alone_speaks_of_its_entities() {
    check("", "", false, "");
    check("resource", "", false, "");
    check("subject.properties", r#"{"tier": 1}"#, false, "");
    check("subject.properties", r#"{"tier": 1, "parents": [{"type": "Team", "id": "ap"}]}"#, false, "");
    check("subject.properties", r#"{"tier": 2}"#, false, "E0617 subject.properties.tier");
    check("subject.properties", r#"{"parents": ["ap", "corp"]}"#, false, "E0617 subject.properties.parents[1]");
    check(
        "subject.properties",
        r#"{"parents": ["other"]}"#,
        false,
        "E0616 subject.properties.parents[0]\nE0617 subject.properties.parents[0]",
    );
    check("subject.properties", r#"{"teir": 2}"#, false, "E0607 subject.properties.teir");
    check("resource.properties", r#"{"country": "DE", "since": "2020-05-01", "owner": "mary"}"#, false, "");
    check(
        "resource.properties",
        r#"{"country": "FR", "owner": "omar"}"#,
        false,
        "E0617 resource.properties.country\nE0617 resource.properties.owner",
    );
    check(
        "resource.properties",
        r#"{"owner": {"type": "Person", "id": "mary", "properties": {"mail": "x"}}}"#,
        false,
        "E0617 resource.properties.owner.properties.mail",
    );
    check(
        "action.properties.owner",
        r#"{"type": "Person", "id": "omar", "properties": {"mail": "new"}}"#,
        true,
        "E0617 action.properties.owner.properties.mail",
    );
    check("action.properties.owner", r#"{"type": "Person", "id": "omar", "properties": {"mail": null}}"#, true, "");
}

#[test]
fn what_the_store_lacks() {
    let other = r#"{"type": "Agent", "id": "a-9", "properties": {"tier": 1}}"#;
    check("subject", other, false, "E0616 subject");
    check("subject", other, true, "");
    check("subject", r#"{"type": "Agent", "id": "a-9"}"#, true, "E0606 subject");
    check("subject", r#"{"type": "Agent", "id": "a-9", "properties": {}}"#, true, "E0606 subject.properties.tier");
    check("action.properties.owner", "\"joe\"", false, "E0616 action.properties.owner");
    check("action.properties.owner", "\"joe\"", true, "");
    check("action.properties.backup", r#"{"type": "Agent", "id": "a-8"}"#, true, "E0606 action.properties.backup");
    let unknown = with(with(bare(), "resource", ""), "action.properties.vendor_id", "\"bolt\"");
    assert_eq!(read(&unknown, false).unwrap_err(), "E0616 action.properties.vendor_id");
    assert_eq!(read(&unknown, true).unwrap_err(), "E0606 action.properties.vendor_id");
    let approval = format!(
        r#"[{{"role": "officer", "by": "joe", "at": "2026-03-03T15:10:00Z", "request": "{}"}}]"#,
        crate::schema::DIGEST
    );
    check("context.approvals", &approval, false, "E0616 context.approvals[0].by");
    check("context.approvals", &approval, true, "");
}

#[test]
fn one_request_says_one_thing_of_an_entity() {
    let person = |mail: &str| format!(r#"{{"type": "Person", "id": "joe", "properties": {{"mail": "{mail}"}}}}"#);
    let two = |first: &str, second: &str| {
        with(with(bare(), "action.properties.owner", first), "action.properties.backup", second)
    };
    let told_of = |line: &Json| read(line, true).err().unwrap_or_default();
    assert_eq!(told_of(&two(&person("a"), &person("a"))), "");
    assert_eq!(told_of(&two(&person("a"), &person("b"))), "E0617 action.properties.backup.properties.mail");
    assert_eq!(told_of(&two("\"joe\"", &person("b"))), "");
    let request = read(&two("\"joe\"", &person("b")), true).unwrap();
    assert_eq!(request.world.get(&EntityRef::new(PERSON, "joe")).unwrap().attributes, [Value::text("b")]);
}

#[test]
fn circles_in_a_request() {
    let line = with(
        bare(),
        "subject",
        r#"{"type": "Agent", "id": "x", "properties": {"tier": 1, "parents": [{"type": "Team", "id": "t", "properties": {"parents": ["t"]}}]}}"#,
    );
    assert_eq!(read(&line, true).unwrap_err(), "E0628 subject.properties.parents[0].properties.parents[0]");
}

#[test]
fn the_stores_values_are_not_told() {
    let line = with(bare(), "resource.properties", r#"{"country": "FR"}"#);
    let schema = schema();
    let store = Some(Arc::new(store(STORE).unwrap()));
    let errors = Reader { schema: &schema, store, from_request: false, now: None }.request(&line).unwrap_err();
    assert!(!errors[0].message.contains("DE"), "{}", errors[0].message);
}
