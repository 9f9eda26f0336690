//! What the crate promises to hosts: examples that run, types that threads can share, and requests that are never permitted
//! by accident.

#![cfg(all(feature = "compiler", feature = "derive"))]

use ordain::answer::Answer;
use ordain::history::MemoryHistory;
use ordain::{
    Action, Backend, Binding, Decider, Engine, Instant, NotAsked, NotLoaded, Outcome, Policy, Request, Room, Settings,
    Store, Verdict, When,
};

#[allow(dead_code, reason = "its `main` is run, and its parts are its own")]
#[path = "../examples/gateway.rs"]
mod gateway;
#[allow(dead_code, reason = "the same")]
#[path = "../examples/reload.rs"]
mod reload;
#[allow(dead_code, reason = "the same")]
#[path = "../examples/struct.rs"]
mod structs;

type Tested = Result<(), Box<dyn std::error::Error>>;

#[test]
fn the_examples_run() -> Tested {
    gateway::main()?;
    reload::main()?;
    structs::main()
}

#[derive(Action)]
struct Pay<'a> {
    #[ordain(actor)]
    agent: &'a str,
    amount: i64,
}

fn shared<T: Send + Sync>() {}
fn sent<T: Send>() {}

/// It compiles, or it doesn't.
#[test]
fn what_threads_share_is_send_and_sync() {
    shared::<Policy>();
    shared::<Engine<MemoryHistory>>();
    shared::<Binding<Pay<'static>>>();
    shared::<Request>();
    shared::<Store>();
    shared::<Outcome>();
    sent::<Decider>();
    sent::<ordain::Worker<'static, MemoryHistory>>();
}

const HEAD: &str = "entity Agent\naction pay by Agent { amount: int }\n";
const DESK: &str = "policy desk { version 1.0.0  rule small on pay { permit when amount is at most 50 }\n  \
                    rule most on pay { deny when amount is more than 1_000 because \"{amount} is too much.\" } }";

fn desk() -> Result<Policy, ordain::CompileError> {
    Policy::compile_text(&format!("{HEAD}{DESK}"))
}

fn pay(policy: &Policy, id: &str, amount: i64) -> Result<Request, NotAsked> {
    policy.request("pay").actor("Agent", "a-1").arg("amount", amount).time(Instant(0)).id(id).build()
}

/// Whatever runs it, through a request, a struct, JSON, and with a history.
#[test]
fn every_way_to_ask_gets_the_same_answer() -> Tested {
    let policy = desk()?;
    for backend in [Backend::Native, Backend::Interpreter] {
        let policy = match policy.clone().with_backend(backend) {
            Ok(policy) => policy,
            Err(none) => {
                assert_eq!(backend, Backend::Native, "{none}");
                continue;
            }
        };
        assert_eq!(policy.backend(), backend);
        let (engine, binding, mut decider) = (Engine::new(&policy)?, policy.bind::<Pay>()?, Decider::new(&policy)?);
        let mut worker = engine.worker();
        for (at, (amount, verdict, rules)) in
            [(50, Verdict::Permit, &["small"][..]), (51, Verdict::Deny, &[]), (1_001, Verdict::Deny, &["most"])]
                .into_iter()
                .enumerate()
        {
            let id = format!("r-{at}");
            let request = pay(&policy, &id, amount)?;
            let decision = decider.decide(&request);
            let words = decision.explain();
            assert_eq!((decision.verdict(), decision.rules().collect::<Vec<_>>()), (verdict, with_otherwise(rules)));
            assert_eq!(decision.versions(), policy.versions());
            let structured = Pay { agent: "a-1", amount };
            let when = When::at(Instant(0), &id);
            let ask = binding.ask(&structured, when)?;
            let decision = decider.decide(&ask);
            assert_eq!((decision.verdict(), decision.explain()), (verdict, words.clone()));
            assert_eq!(binding.request(&structured, when)?.digest(), request.digest());
            let json = format!(
                "{{\"subject\":{{\"type\":\"Agent\",\"id\":\"a-1\"}},\"action\":{{\"name\":\"pay\",\"properties\":\
                 {{\"amount\":{amount}}}}},\"context\":{{\"id\":\"{id}\",\"time\":\"1970-01-01T00:00:00Z\"}}}}"
            );
            assert_eq!(policy.read(json.as_bytes(), None)?.digest(), request.digest());
            let (reader, mut room) = (policy.json_reader(None, None)?, Room::default());
            let asked = reader.read(json.as_bytes(), &mut room)?;
            assert_eq!(asked.request().digest(), request.digest());
            let decision = decider.decide(&asked);
            assert_eq!((decision.verdict(), decision.explain()), (verdict, words.clone()));
            let outcome = worker.decide(&request);
            assert_eq!((outcome.verdict(), outcome.explanation()), (verdict, Some(words)));
            assert_eq!((outcome.policy_digest(), outcome.versions()), (Some(policy.digest()), policy.versions()));
        }
    }
    Ok(())
}

fn with_otherwise(rules: &'static [&'static str]) -> Vec<&'static str> {
    if rules.is_empty() { vec!["otherwise"] } else { rules.to_vec() }
}

/// A request, or a struct, that was made for something else is denied, and says so.
#[test]
fn what_was_made_for_another_policy_is_denied() -> Tested {
    let (policy, other) = (desk()?, Policy::compile_text("action look\npolicy desk { rule all on look { permit } }")?);
    let look = other.request("look").time(Instant(0)).id("l").build()?;
    let mut decider = Decider::new(&policy)?;
    assert_eq!(decider.decide(&look).verdict(), Verdict::Deny);
    assert!(decider.decide(&look).explain().to_string().contains("made for another policy"));
    let engine = Engine::new(&policy)?;
    let refused = engine.worker().decide(&look).permitted().err().ok_or("it is denied")?;
    assert!(refused.to_string().contains("made for another policy"), "{refused}");
    assert!(engine.worker().performed(&look).is_err());
    assert_eq!(engine.load(&other), Err(NotLoaded::OtherDeclarations));
    // So is an approval, whose role and person mean something else there.
    let approving = |text: &str| Policy::compile_text(&format!("{HEAD}entity Clerk\nrole {text} by Clerk\n{DESK}"));
    let (clerks, tellers) = (approving("clerk")?, approving("teller")?);
    let digest = pay(&clerks, "p", 2)?.digest().to_string();
    let approved = || clerks.approval("clerk", ("Clerk", "ann"), Instant(0), &digest);
    assert!(Engine::new(&clerks)?.worker().approved(approved()?).is_ok());
    assert!(Engine::new(&tellers)?.worker().approved(approved()?).is_err());
    assert!(Engine::new(&clerks)?.worker().approved(approved()?.waives("desk.small")).is_err());
    assert!(clerks.approval("clerk", ("Clerk", "ann"), Instant(0), "blake3:12").is_err());
    // Another version of the same declarations decides it; a struct is bound anew.
    let newer = Policy::compile_text(&format!("{HEAD}policy desk {{ rule all on pay {{ permit }} }}"))?;
    let (binding, mine) = (policy.bind::<Pay>()?, Pay { agent: "a-1", amount: 2_000 });
    let mut decider = Decider::new(&newer)?;
    assert_eq!(decider.decide(&pay(&policy, "p", 2_000)?).verdict(), Verdict::Permit);
    let json = br#"{"subject":{"type":"Agent","id":"a-1"},"action":{"name":"pay","properties":{"amount":2}},"context":{"time":"1970-01-01T00:00:00Z"}}"#;
    let (reader, mut room) = (policy.json_reader(None, None)?, Room::default());
    assert_eq!(decider.decide(&reader.read(json, &mut room)?).verdict(), Verdict::Deny);
    let others = other.store()?.snapshot();
    assert!(policy.json_reader(Some(others.clone()), None).is_err());
    let asked = policy.request("pay").actor("Agent", "a-1").arg("amount", 2).time(Instant(0)).store(&others).build();
    assert_eq!(asked.err(), Some(NotAsked::OtherStore));
    let Answer::Decision(answer) = engine.worker().answer(json, Some(&others), None) else {
        return Err("a denial".into());
    };
    assert!(!answer.decision && answer.context.errors[0].message.contains("other declarations"), "{answer:?}");
    let ask = binding.ask(&mine, When::at(Instant(0), "p"))?;
    assert_eq!(decider.decide(&ask).verdict(), Verdict::Deny);
    assert!(decider.decide(&ask).explain().to_string().contains("made for another policy"));
    engine.load(&newer)?;
    let outcome = engine.worker().decide(&binding.request(&mine, When::at(Instant(0), "p"))?);
    assert_eq!((outcome.verdict(), outcome.policy_digest()), (Verdict::Permit, Some(newer.digest())));
    Ok(())
}

/// The history denies by itself what was performed already; nobody takes that for a permit.
#[test]
fn an_id_is_permitted_once() -> Tested {
    let policy = desk()?;
    let engine = Engine::over(MemoryHistory::default(), &policy, Settings { explain: false, ..Settings::usual() })?;
    let mut worker = engine.worker();
    let permit = worker.decide(&pay(&policy, "once", 5)?).permitted()?;
    assert_eq!((permit.id(), permit.policy_digest()), ("once", policy.digest()));
    let again = worker.decide(&pay(&policy, "once", 5)?);
    assert_eq!((again.verdict(), again.policy_digest()), (Verdict::Deny, None));
    let error = again.permitted().err().ok_or("it is no permit")?;
    assert!(error.to_string().contains("E0621"), "{error}");
    // Nobody wanted words, and the error says so much as there is.
    let error = worker.decide(&pay(&policy, "much", 2_000)?).permitted().err().ok_or("it is no permit")?;
    assert_eq!(error.to_string(), "the request `much` is not permitted: deny");
    assert_eq!(worker.abandoned("never")?.warnings()[0].code.as_ref(), "W0601");
    Ok(())
}

/// A package as the command reads it: with its data and its entities.
#[test]
fn a_package_is_compiled_from_its_folder() -> Tested {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/payables");
    let policy = Policy::compile(&folder)?;
    assert!(policy.reads_history());
    let engine = Engine::new(&policy)?;
    let requests = std::fs::read(folder.join("requests.jsonl"))?;
    let mut worker = engine.worker();
    let lines = requests.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let answers: Vec<_> = lines.map(|line| worker.answer(line, None, None)).collect();
    let recorded = std::fs::read(folder.join("decisions.jsonl"))?;
    assert_eq!(answers.len(), recorded.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count());
    let permitted = answers.iter().filter(|answer| matches!(answer, Answer::Decision(of) if of.decision));
    let text = String::from_utf8(recorded.clone())?;
    assert_eq!(permitted.count(), text.matches("{\"decision\":true").count());
    let error = Policy::compile(folder.join("nowhere")).unwrap_err();
    assert_eq!(error.diagnostics()[0].code, "E0623");
    Ok(())
}
