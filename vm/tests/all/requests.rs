//! Requests, events and records: what is read, and each mistake with its code and path.

use crate::schema::{DIGEST, json, pay, schema, with};
use crate::told;
use ordain_vm::json::Json;
use ordain_vm::request::{Line, Reader, Request, digest_text, read_returns};
use ordain_vm::value::{Instant, Value};

fn read(line: &Json) -> String {
    read_at(line, None)
}

/// What the line is, or its mistakes.
fn read_at(line: &Json, now: Option<&str>) -> String {
    let schema = schema();
    let now = now.and_then(Instant::parse);
    let reader = Reader { schema: &schema, store: None, from_request: false, now };
    match reader.line(line.to_string().as_bytes()) {
        Ok(Line::Request(request)) => request.canonical(&schema, request.context.id.as_deref().unwrap_or("?")),
        Ok(Line::Event(request)) => format!("event {}", request.canonical(&schema, "?")),
        Ok(Line::Performed(request)) => format!("performed {}", request.canonical(&schema, "?")),
        Ok(Line::Result { id, returns }) => format!("result {id} {returns}"),
        Ok(Line::Failed(id)) => format!("failed {id}"),
        Ok(Line::Abandoned(id)) => format!("abandoned {id}"),
        Ok(Line::Approved(approval)) => format!("approved by {} {}", approval.by.id, approval.entities.len()),
        Err(line) => told(&line.errors),
    }
}

fn request(json: &Json) -> Request {
    let schema = schema();
    Reader { schema: &schema, store: None, from_request: true, now: None }
        .request(json)
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Bends the request in one place, and tells what is said to it.
fn bent(cases: &[(&str, &str, &str)]) {
    for (path, value, expected) in cases {
        assert_eq!(read(&with(pay(), path, value)), *expected, "{path} {value}");
    }
}

const PAY: &str = r#"{"subject":{"type":"Agent","id":"a-1"},"action":{"name":"pay","properties":{"amount":"25 USD","memo":"boil"}},"resource":{"type":"Vendor","id":"acme"},"context":{"id":"r-1"}}"#;

#[test]
fn a_request_as_it_should_be() {
    assert_eq!(read(&pay()), PAY);
    let request = request(&pay());
    assert_eq!(request.args.len(), 11);
    assert_eq!(request.args.iter().filter(|value| **value == Value::Missing).count(), 9);
    assert_eq!(request.context.session.as_deref(), Some("s-1"));
    assert_eq!(request.context.time, Instant::parse("2026-03-03T15:00:00Z").unwrap());
    assert_eq!((request.context.asked, request.context.approvals.len()), (None, 0));
    assert_eq!(request.context.members, [Value::Missing, Value::Missing]);
}

#[test]
fn arguments() {
    bent(&[
        ("action.properties.amount", "", "E0606 action.properties.amount"),
        ("action.properties.amount", "null", "E0606 action.properties.amount"),
        ("action.properties.amount", "\"25 EUR\"", "E0608 action.properties.amount"),
        ("action.properties.amount", "\"25 UST\"", "E0612 action.properties.amount"),
        ("action.properties.amount", "1e30", "E0609 action.properties.amount"),
        ("action.properties.memo", "\"boiler\"", "E0610 action.properties.memo"),
        ("action.properties.parts", "[1,2,3,4]", "E0611 action.properties.parts"),
        (
            "action.properties.parts",
            r#"[{"file_id": "12345678901"}, {"size": 9223372036854775808}]"#,
            "E0610 action.properties.parts[0].file_id\nE0609 action.properties.parts[1].size\nE0606 action.properties.parts[1].file_id",
        ),
        ("action.properties.rates", r#"{"USD": 1, "GBX": 2}"#, "E0612 action.properties.rates.GBX"),
        ("action.properties.words", r#"["a", "b", "a"]"#, "E0603 action.properties.words[2]"),
        ("action.properties.class", "\"Internal\"", "E0612 action.properties.class"),
        ("action.properties.fee", "5", "E0608 action.properties.fee"),
        ("action.properties.count", "1.5", "E0608 action.properties.count"),
        ("action.properties.share", "\"x\"", "E0608 action.properties.share"),
        ("action.properties.amuont", "5", "E0607 action.properties.amuont"),
        ("action.properties.a b", "5", "E0607 action.properties[\"a b\"]"),
        ("action.properties", "[]", "E0608 action.properties\nE0606 action.properties.amount"),
        ("action.properties", "", "E0606 action.properties.amount"),
    ]);
}

#[test]
fn who_what_and_on_what() {
    bent(&[
        ("action", "", "E0606 action"),
        ("action", "\"pay\"", "E0608 action"),
        ("action.name", "", "E0606 action.name"),
        ("action.name", "5", "E0608 action.name"),
        ("action.name", "\"pya\"", "E0613 action.name"),
        ("action.name", "\"score\"", "E0613 action.name"),
        ("action.id", "5", "E0607 action.id"),
        ("subject", "", "E0606 subject"),
        ("subject", "\"a-1\"", "E0608 subject"),
        ("subject.type", "\"Vendor\"", "E0614 subject.type"),
        ("subject.type", "\"Agnt\"", "E0614 subject.type"),
        ("subject.type", "", "E0606 subject.type"),
        ("subject.id", "\"\"", "E0608 subject.id"),
        ("subject.id", "7", "E0608 subject.id"),
        ("subject.name", "7", "E0607 subject.name"),
        ("resource", "\"acme\"", "E0608 resource"),
        ("resource.type", "\"Team\"", "E0614 resource.type"),
        ("resource.id", "\"bolt\"", "E0615 action.properties.vendor_id"),
        ("extra", "1", "E0607 extra"),
    ]);
    let both = |json| with(with(json, "resource", ""), "action.properties.vendor_id", "");
    assert_eq!(read(&both(pay())), "E0606 resource");
    assert_eq!(read(&with(pay(), "action.properties.vendor_id", "")), PAY);
    bent(&[
        // Of the vendor's attributes nothing is known.
        ("resource", "", "E0606 action.properties.vendor_id"),
        ("action.properties.vendor_id", "5", "E0608 action.properties.vendor_id"),
    ]);
}

#[test]
fn what_an_action_does_not_declare_is_ignored() {
    let line = json(
        r#"{"subject": 5, "action": {"name": "touch"}, "resource": {"type": "Team", "id": "ap"}, "context": {"time": "2026-03-03T15:00:00Z"}}"#,
    );
    assert_eq!(
        read(&line),
        r#"{"action":{"name":"touch","properties":{}},"resource":{"type":"Team","id":"ap"},"context":{"id":"?"}}"#
    );
    let line = json(
        r#"{"subject": {"type": "Agent", "id": "a", "properties": {"tier": 1}}, "action": {"name": "look", "properties": {"query": "q"}}, "resource": [], "context": {"time": "2026-03-03T15:00:00Z"}}"#,
    );
    assert_eq!(
        read(&line),
        r#"{"subject":{"type":"Agent","id":"a"},"action":{"name":"look","properties":{"query":"q"}},"context":{"id":"?"}}"#
    );
}

#[test]
fn context() {
    bent(&[
        ("context", "[]", "E0608 context"),
        ("context", "", "E0618 context.time"),
        ("context.time", "", "E0618 context.time"),
        ("context.time", "\"2026-03-03 15:00\"", "E0608 context.time"),
        ("context.time", "1772550000", "E0608 context.time"),
        ("context.asked", "\"2026-03-03T15:00:01Z\"", "E0608 context.asked"),
        ("context.asked", "\"x\"", "E0608 context.asked"),
        ("context.session", "5", "E0608 context.session"),
        ("context.id", "5", "E0608 context.id"),
        ("context.id", "\"\"", "E0608 context.id"),
        ("context.ticket", "\"123456789\"", "E0610 context.ticket"),
        ("context.risk", "\"high\"", "E0608 context.risk"),
        ("context.whatever", "{\"deep\": [1]}", PAY),
        ("context.asked", "\"2026-03-03T16:00:00+01:00\"", PAY),
    ]);
    assert_eq!(read_at(&with(pay(), "context.time", ""), Some("2026-03-03T15:00:00Z")), PAY);
    let request = request(&with(with(pay(), "context.ticket", "\"T-1\""), "context.asked", "\"2026-03-03T14:00:00Z\""));
    assert_eq!(request.context.members[0], Value::text("T-1"));
    assert_eq!(request.context.asked, Instant::parse("2026-03-03T14:00:00Z"));
}

fn approval() -> Json {
    json(&format!(
        r#"{{"role": "officer", "by": {{"type": "Person", "id": "mary"}}, "at": "2026-03-03T15:10:00Z", "request": "{DIGEST}"}}"#
    ))
}

#[test]
fn approvals() {
    let read_with = |path: &str, value: &str| {
        let approval = if path.is_empty() { approval() } else { with(approval(), path, value) };
        read(&with(pay(), "context.approvals", &format!("[{approval}]")))
    };
    assert_eq!(read_with("", ""), PAY);
    for (path, value, expected) in [
        ("role", "", "E0622 context.approvals[0].role"),
        ("role", "\"oficer\"", "E0622 context.approvals[0].role"),
        ("by", "", "E0622 context.approvals[0].by"),
        ("by", "\"mary\"", PAY),
        ("by.type", "\"Agent\"", "E0622 context.approvals[0].by.type\nE0606 context.approvals[0].by"),
        ("by.type", "\"Persona\"", "E0622 context.approvals[0].by.type"),
        ("by.properties", "{\"mail\": \"m@corp.example\"}", PAY),
        ("by.properties", "{\"male\": 1}", "E0622 context.approvals[0].by.properties.male"),
        ("at", "", "E0622 context.approvals[0].at"),
        ("at", "\"noon\"", "E0622 context.approvals[0].at"),
        ("expires", "\"2026-03-04T00:00:00Z\"", PAY),
        ("expires", "5", "E0622 context.approvals[0].expires"),
        ("request", "", "E0622 context.approvals[0].request"),
        ("request", "\"blake3:12\"", "E0622 context.approvals[0].request"),
        ("waives", "\"desk.known_vendor\"", PAY),
        ("waives", "\"known_vendor\"", "E0622 context.approvals[0].waives"),
        ("wives", "\"desk.known_vendor\"", "E0622 context.approvals[0].wives"),
    ] {
        assert_eq!(read_with(path, value), expected, "{path} {value}");
    }
    bent(&[
        ("context.approvals", "{}", "E0608 context.approvals"),
        ("context.approvals", "[5]", "E0622 context.approvals[0]"),
    ]);
    // Of a role without kinds anyone may be named, and nothing need be known of them.
    let anyone = with(with(approval(), "role", "\"anyone\""), "by", r#"{"type": "Agent", "id": "a-9"}"#);
    assert_eq!(read(&with(pay(), "context.approvals", &format!("[{anyone}]"))), PAY);
    let several = with(with(approval(), "role", "\"chief\""), "by", "\"mary\"");
    assert_eq!(read(&with(pay(), "context.approvals", &format!("[{several}]"))), "E0622 context.approvals[0].by");
}

#[test]
fn the_approver_comes_with_the_approval() {
    let known = with(approval(), "by.properties", "{\"mail\": \"m@corp.example\"}");
    let request = request(&with(pay(), "context.approvals", &format!("[{known}]")));
    let [approval] = request.context.approvals.as_slice() else { panic!() };
    assert_eq!(approval.entities[&approval.by].attributes, [Value::text("m@corp.example")]);
    assert_eq!(request.world.get(&approval.by).map(|known| known.attributes.len()), Some(1));
}

#[test]
fn records_of_a_stream() {
    let entity = r#"{"type": "Agent", "id": "a", "properties": {"tier": 1}}"#;
    for (line, expected) in [
        (r#"{"failed": "r-1"}"#.to_string(), "failed r-1"),
        (r#"{"abandoned": "r-1"}"#.into(), "abandoned r-1"),
        (r#"{"failed": 1}"#.into(), "E0608 failed"),
        (r#"{"failed": ""}"#.into(), "E0608 failed"),
        (r#"{"failed": "r-1", "why": "x"}"#.into(), "E0607 why"),
        (r#"{"result": "r-1", "returns": [1, "x"]}"#.into(), "result r-1 [1,\"x\"]"),
        (r#"{"result": "r-1", "returns": null}"#.into(), "result r-1 null"),
        (r#"{"result": "r-1"}"#.into(), "E0606 returns"),
        (r#"{"result": null, "return": 1}"#.into(), "E0607 return\nE0608 result\nE0606 returns"),
        (format!(r#"{{"approved": {}}}"#, approval()), "approved by mary 1"),
        (format!(r#"{{"approved": {}}}"#, with(approval(), "role", "\"x\"")), "E0622 approved.role"),
        (
            format!(r#"{{"performed": {}}}"#, with(pay(), "action.properties.memo", "5")),
            "E0608 performed.action.properties.memo",
        ),
        (
            r#"{"performed": {"event": {"name": "score"}}}"#.into(),
            "E0607 performed.event\nE0606 performed.action\nE0618 performed.context.time",
        ),
        (
            format!(
                r#"{{"event": {{"name": "score", "properties": {{"score": 0.5}}}}, "subject": {entity}, "context": {{"time": "2026-03-03T15:00:00Z"}}}}"#
            ),
            r#"event {"subject":{"type":"Agent","id":"a"},"action":{"name":"score","properties":{"score":"0.5"}},"context":{"id":"?"}}"#,
        ),
        (
            format!(
                r#"{{"event": {{"name": "pay"}}, "subject": {entity}, "context": {{"time": "2026-03-03T15:00:00Z"}}}}"#
            ),
            "E0613 event.name",
        ),
        (
            format!(r#"{{"event": {{"name": "score"}}, "subject": {entity}, "context": {{}}}}"#),
            "E0606 event.properties.score\nE0618 context.time",
        ),
        (r#"{"hello": 1}"#.into(), "E0627"),
        ("{}".into(), "E0627"),
        ("[]".into(), "E0608"),
        ("null".into(), "E0608"),
        (r#"{"context": {}}"#.into(), "E0606 action\nE0618 context.time"),
    ] {
        assert_eq!(read(&json(&line)), expected, "{line}");
    }
    assert!(read(&json(&format!(r#"{{"performed": {}}}"#, pay()))).starts_with("performed {\"subject\""));
}

#[test]
fn hostile_bytes() {
    let schema = schema();
    let reader = Reader { schema: &schema, store: None, from_request: false, now: None };
    let told_of = |bytes: &[u8]| told(&reader.line(bytes).unwrap_err().errors);
    assert_eq!(told_of(&b"[".repeat(1_000_000)), "E0604");
    assert_eq!(told_of(&b"[".repeat(50_000_000)), "E0605");
    assert_eq!(told_of(b"\xff"), "E0602");
    assert_eq!(told_of(b"{"), "E0601");
    assert_eq!(told_of(br#"{"subject": 1, "subject": 1}"#), "E0603 subject");
    // Every cut and every flipped bit of a request is answered, and none is taken for another request.
    let text = pay().to_string();
    for at in 0..text.len() {
        assert!(reader.line(&text.as_bytes()[..at]).is_err());
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let _ = reader.line(&bytes);
        }
    }
}

/// Whatever is wrong with it, a line is told apart by its id and time, and a record is answered as one.
#[test]
fn what_could_be_read_of_a_malformed_line() {
    let schema = schema();
    let read = |line: &str, now: Option<&str>| {
        let now = now.and_then(Instant::parse);
        let reader = Reader { schema: &schema, store: None, from_request: false, now };
        let line = reader.line(line.as_bytes()).unwrap_err();
        let (kind, id) = (if line.record { "record" } else { "request" }, line.id.unwrap_or_default());
        format!("{kind} {id} {}", line.time.map(|time| time.to_string()).unwrap_or_default())
    };
    for (line, expected) in [
        (
            r#"{"action": {"name": "x"}, "context": {"id": "r", "time": "2026-03-03T15:00:00Z"}}"#,
            "request r 2026-03-03T15:00:00Z",
        ),
        (r#"{"action": {"name": "x"}, "context": {"id": "r", "time": "soon"}}"#, "request r "),
        (
            r#"{"action": {"name": "x"}, "context": {"id": 7, "time": "2026-03-03T15:00:00Z"}}"#,
            "request  2026-03-03T15:00:00Z",
        ),
        (r#"{"action": {"name": "x"}, "context": {"id": ""}}"#, "request  "),
        (r#"{"event": {"name": "x"}, "context": {"id": "e"}}"#, "request e "),
        (r#"{"failed": "r", "x": 1}"#, "record r "),
        (r#"{"result": "r"}"#, "record r "),
        (
            r#"{"performed": {"action": {"name": "x"}, "context": {"id": "r", "time": "2026-03-03T15:00:00Z"}}}"#,
            "record r 2026-03-03T15:00:00Z",
        ),
        (r#"{"failed": ["r"]}"#, "record  "),
        (r#"{"approved": 1}"#, "record  "),
        ("[", "request  "),
        ("[]", "request  "),
    ] {
        assert_eq!(read(line, None), expected, "{line}");
    }
    let line = r#"{"action": {"name": "x"}, "context": {"id": "r"}}"#;
    assert_eq!(read(line, Some("2026-03-03T15:00:00Z")), "request r 2026-03-03T15:00:00Z");
}

#[test]
fn all_mistakes_are_told_in_order() {
    let line = json(
        r#"{"extra": 1, "subject": {"type": "Agent", "id": "a"}, "action": {"name": "pay", "properties": {"x": 1, "memo": "longer", "amount": true}},
            "resource": {"type": "Vendor", "id": "v", "properties": {"country": "XX", "since": "2026-02-29", "owner": {"type": "Team", "id": "t"}}},
            "context": {"id": 7, "origins": {"amuont": []}}}"#,
    );
    assert_eq!(
        read(&line),
        "E0607 extra\nE0607 action.properties.x\nE0610 action.properties.memo\nE0608 action.properties.amount\n\
         E0612 resource.properties.country\nE0608 resource.properties.since\nE0614 resource.properties.owner.type\n\
         E0607 context.origins.amuont\nE0618 context.time\nE0608 context.id\nE0606 subject"
    );
}

#[test]
fn what_an_action_returned() {
    let schema = schema();
    let returned = |action, text| match read_returns(&schema, action, &json(text)) {
        Ok(value) => schema.to_json(&value).to_string(),
        Err(errors) => told(&errors),
    };
    assert_eq!(returned(1, r#"[{"file_id": "a"}]"#), r#"[{"file_id":"a"}]"#);
    assert_eq!(returned(1, r#"[{"file_id": 5}, 1]"#), "E0608 returns[0].file_id\nE0608 returns[1]");
    assert_eq!(returned(1, "null"), "E0606 returns");
    assert_eq!(returned(0, "5"), "E0607 returns");
}

#[test]
fn one_request_has_one_digest() {
    let schema = schema();
    let digest = |json: &Json| digest_text(request(json).digest(&schema, "r-1"));
    let first = digest(&pay());
    assert_eq!(first.len(), "blake3:".len() + 64);
    let text = request(&pay()).canonical(&schema, "r-1");
    assert_eq!(text, PAY);
    assert_eq!(first, format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex()));
    for (path, value) in [
        ("action.properties.amount", "25"),
        ("action.properties.amount", "2.5e1"),
        ("action.properties.amount", "\"25.000 USD\""),
        ("action.properties", r#"{"memo": "\u0062oil", "class": null, "amount": "25.0", "vendor_id": "acme"}"#),
        ("action.properties.vendor_id", ""),
        ("context.session", "\"other\""),
        ("context.time", "\"2026-03-04T00:00:00Z\""),
        ("subject.properties.tier", "2"),
        ("resource.properties.country", "\"FR\""),
        ("context.origins", r#"{"amount": ["the user"]}"#),
    ] {
        assert_eq!(digest(&with(pay(), path, value)), first, "{path} {value}");
    }
    for (path, value) in [
        ("action.properties.amount", "25.01"),
        ("action.properties.memo", "\"Boil\""),
        ("action.properties.memo", ""),
        ("action.properties.class", "\"public\""),
        ("subject.id", "\"a-2\""),
        ("subject", r#"{"type": "Person", "id": "a-1"}"#),
    ] {
        assert_ne!(digest(&with(pay(), path, value)), first, "{path} {value}");
    }
    assert_ne!(digest_text(request(&pay()).digest(&schema, "r-2")), first);
    let sets = |text| digest(&with(pay(), "action.properties.words", text));
    assert_eq!(sets(r#"["b", "a"]"#), sets(r#"["a", "b"]"#));
}

#[test]
fn the_canonical_text_of_every_kind_of_value() {
    let full = with(
        pay(),
        "action.properties",
        r#"{"count": "7", "share": 0.50, "fee": {"amount": 1, "currency": "EUR"}, "words": ["b", "\"\n\u0001é"], "rates": {"USD": 1, "EUR": "0.90"},
        "parts": [{"tags": [], "file_id": "f"}], "class": "personal data", "backup": {"type": "Person", "id": "p"}, "owner": "o", "amount": 1}"#,
    );
    assert_eq!(
        request(&full).canonical(&schema(), "r\"1"),
        r#"{"subject":{"type":"Agent","id":"a-1"},"action":{"name":"pay","properties":{"amount":"1 USD","parts":[{"file_id":"f","tags":[]}],"rates":{"EUR":"0.9","USD":"1"},"class":"personal data","backup":{"type":"Person","id":"p"},"owner":{"type":"Person","id":"o"},"words":["\"\n\u0001é","b"],"fee":"1 EUR","count":7,"share":"0.5"}},"resource":{"type":"Vendor","id":"acme"},"context":{"id":"r\"1"}}"#
            .replace("\"\\\"\n\\u0001é\"", "\"\\\"\\n\\u0001é\"")
    );
}
