//! Answers as JSON: member by member as the contract has them.

use crate::schema::json;
use ordain_vm::answer::*;
use ordain_vm::request::{InputError, Malformed};
use ordain_vm::value::Instant;

fn text(answer: &Answer) -> String {
    serde_json::to_string(answer).unwrap()
}

fn decided() -> Detail {
    Detail {
        verdict: Verdict::Escalate,
        policy: vec![PolicyRef {
            name: "payables_agent".into(),
            version: Some("3.2.0".into()),
            digest: "blake3:00".into(),
        }],
        rules: vec![Determining {
            rule: "large_payment".into(),
            policy: "payables_agent".into(),
            effect: Verdict::Escalate,
            because: Some("This one is USD 25,000.".into()),
            code: None,
            sources: vec!["MRP-7, 4.2(b)".into()],
            at: "payables.ord:52:3".into(),
            waivers: vec![],
        }],
        approvers: vec![Wanted {
            rule: "large_payment".into(),
            roles: vec!["treasury_officer".into()],
            count: 1,
            grant: true,
            until: Some("2026-03-03T19:00:00Z".into()),
        }],
        request: Some("blake3:11".into()),
        id: Some("r-1".into()),
        time: Some("2026-03-03T15:00:00Z".into()),
        ..Detail::denial()
    }
}

#[test]
fn a_decision() {
    let answer = Answer::Decision(Box::new(Decided { decision: false, context: decided() }));
    assert_eq!(
        text(&answer),
        r#"{"decision":false,"context":{"verdict":"escalate","policy":[{"name":"payables_agent","version":"3.2.0","digest":"blake3:00"}],"rules":[{"rule":"large_payment","policy":"payables_agent","effect":"escalate","because":"This one is USD 25,000.","code":null,"sources":["MRP-7, 4.2(b)"],"at":"payables.ord:52:3"}],"missing":[],"approvers":[{"rule":"large_payment","roles":["treasury_officer"],"count":1,"grant":true,"until":"2026-03-03T19:00:00Z"}],"approved":[],"duties":[],"trial":[],"errors":[],"bits":"base64:","request":"blake3:11","id":"r-1","time":"2026-03-03T15:00:00Z"}}"#
    );
}

#[test]
fn what_a_decision_may_have_besides() {
    let problem = Problem {
        code: "E0501".into(),
        message: "m".into(),
        at: Some("a.ord:1:2".into()),
        path: None,
        rule: Some("r".into()),
    };
    let detail = Detail {
        missing: vec![Missing { rule: "r".into(), text: "t".into(), code: None }],
        approved: vec![Approved {
            rule: "r".into(),
            role: "officer".into(),
            by: Party { kind: "Person".into(), id: "mary".into() },
            at: "now".into(),
            waived: true,
        }],
        duties: vec![Duty {
            duty: "alert".into(),
            args: json(r#"{"n": 10, "amount": "1 USD"}"#),
            rule: "r".into(),
            when: When::Done,
            by: None,
            otherwise: Some(OtherDuty { duty: "page".into(), args: json("{}") }),
        }],
        errors: vec![problem],
        trace: Some(vec![]),
        nearest: Some(vec![Near { rule: "r".into(), policy: "p".into(), kept_by: vec!["a".into()] }]),
        changes: Some(vec![Change {
            path: "action.properties.amount".into(),
            to: "1 USD".into(),
            verdict: Verdict::Permit,
        }]),
        ..Detail::denial()
    };
    let text = text(&Answer::Decision(Box::new(Decided { decision: false, context: detail })));
    for part in [
        r#""missing":[{"rule":"r","text":"t","code":null}]"#,
        r#""approved":[{"rule":"r","role":"officer","by":{"type":"Person","id":"mary"},"at":"now","waived":true}]"#,
        r#""duties":[{"duty":"alert","args":{"n":10,"amount":"1 USD"},"rule":"r","when":"done","by":null,"otherwise":{"duty":"page","args":{}}}]"#,
        r#""errors":[{"code":"E0501","message":"m","at":"a.ord:1:2","path":null,"rule":"r"}]"#,
        r#""request":null,"id":null,"time":null,"trace":[],"nearest":[{"rule":"r","policy":"p","kept_by":["a"]}],"changes":[{"path":"action.properties.amount","to":"1 USD","verdict":"permit"}]"#,
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn receipts() {
    assert_eq!(text(&Answer::Recorded { recorded: "r-1".into(), warnings: vec![] }), r#"{"recorded":"r-1"}"#);
    let late = Problem { code: "W0601".into(), message: "m".into(), at: None, path: None, rule: None };
    let expected = r#"{"recorded":"r-1","warnings":[{"code":"W0601","message":"m","at":null,"path":null}]}"#;
    assert_eq!(text(&Answer::Recorded { recorded: "r-1".into(), warnings: vec![late] }), expected);
}

#[test]
fn what_could_not_be_read_is_denied_and_a_record_refused() {
    let error = |path: &str| InputError::new("E0608", path, "m");
    let line = |errors: Vec<InputError>, record| Malformed { errors, record, id: None, time: None };
    let denied = text(&Answer::malformed(line(vec![error("action.properties.amount"), error("")], false)));
    assert!(denied.starts_with(r#"{"decision":false,"context":{"verdict":"deny","policy":[],"rules":[],"#), "{denied}");
    assert!(denied.contains(r#""errors":[{"code":"E0608","message":"m","at":null,"path":"action.properties.amount"},{"code":"E0608","message":"m","at":null,"path":null}]"#), "{denied}");
    assert!(denied.contains(r#""request":null,"id":null,"time":null"#), "{denied}");
    let (id, time) = (Some("r-1".into()), Instant::parse("2026-03-03T15:00:00Z"));
    let denied = text(&Answer::malformed(Malformed { id, time, ..line(vec![error("")], false) }));
    assert!(denied.contains(r#""request":null,"id":"r-1","time":"2026-03-03T15:00:00Z""#), "{denied}");
    let refused = text(&Answer::malformed(line(vec![error("performed.action"), error("performed.subject")], true)));
    let expected = r#"{"error":{"code":"E0608","message":"m","at":null,"path":"performed.action"},"more":[{"code":"E0608","message":"m","at":null,"path":"performed.subject"}]}"#;
    assert_eq!(refused, expected);
    let refused = text(&Answer::malformed(Malformed { id: Some("r-1".into()), ..line(vec![error("x")], true) }));
    assert_eq!(refused, r#"{"error":{"code":"E0608","message":"m","at":null,"path":"x"},"id":"r-1"}"#);
}

#[test]
fn verdicts_are_ordered_by_strictness() {
    assert!(
        Verdict::Recorded < Verdict::Permit && Verdict::Permit < Verdict::Escalate && Verdict::Escalate < Verdict::Deny
    );
}

#[test]
fn bits_as_base64() {
    let bits = |values: &[Option<bool>]| {
        let mut bits = Bits::default();
        values.iter().for_each(|value| bits.push(*value));
        bits.to_string()
    };
    assert_eq!(bits(&[]), "base64:");
    assert_eq!(bits(&[None]), "base64:AA==");
    assert_eq!(bits(&[Some(false)]), "base64:AQ==");
    assert_eq!(bits(&[Some(true)]), "base64:Aw==");
    assert_eq!(bits(&[None, Some(true)]), "base64:DA==");
    assert_eq!(bits(&[Some(true); 4]), "base64:/w==");
    assert_eq!(bits(&[Some(true); 8]), "base64://8=");
    assert_eq!(bits(&[Some(true); 12]), "base64:////");
    assert_eq!(bits(&[Some(true); 13]), "base64:////Aw==");
}
