//! The engine of the compiled program at its edges: another program over the same history, and a history that is full.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::answer::{Answer, Verdict};
use ordain_vm::engine::{Engine, Options, OtherDeclarations, Reply, Work};
use ordain_vm::frame::Frame;
use ordain_vm::history::{Bounds, MemoryHistory};
use ordain_vm::interp::{Around, Interpreter};
use ordain_vm::request::{Line, Reader, Request};
use ordain_vm::verify::{Verified, verify};
use std::sync::Arc;

const HEAD: &str = "entity Agent\naction look by Agent { n: int }\naction wire by Agent { n: int }\n";

fn checked(text: &str) -> Checked {
    let sources = vec![Source::new("engine.ord", text)];
    analyse(&Input { sources, ..Input::default() }).checked().expect("no errors")
}

fn verified(text: &str) -> Arc<Verified> {
    Arc::new(verify(emit(&checked(text)).expect("it compiles"), &Standard).expect("what is emitted verifies"))
}

fn line(verified: &Verified, action: &str, id: &str) -> Line {
    let reader = Reader { schema: &verified.program().schema, store: None, from_request: true, now: None };
    let text = format!(
        "{{\"subject\":{{\"type\":\"Agent\",\"id\":\"a\"}},\"action\":{{\"name\":\"{action}\",\"properties\":{{\"n\":1}}}},\
         \"context\":{{\"id\":\"{id}\",\"time\":\"2026-03-03T10:00:00Z\"}}}}"
    );
    reader.line(text.as_bytes()).expect("the line is well formed")
}

/// The verdict, or the code with which the line was denied.
fn asked(engine: &Engine<MemoryHistory>, line: Line) -> Result<Verdict, String> {
    match engine.answer(line, &mut Work::default()) {
        Reply::Decided(decided) => Ok(decided.decision.verdict),
        Reply::Denied(denied) => Err(denied.problem.code.to_string()),
        Reply::Recorded { .. } | Reply::Refused { .. } => Err("a receipt".into()),
    }
}

/// Places of actions mean something else in it: a line on its way, or a record, would be taken for another.
#[test]
fn a_program_with_other_declarations_is_not_taken_over_a_history() {
    let rules = "policy desk { governs look, wire  rule r on look { permit }  rule s on wire { deny } }\n";
    let old = verified(&format!("{HEAD}{rules}"));
    let swapped = "entity Agent\naction wire by Agent { n: int }\naction look by Agent { n: int }\n";
    let engine = Engine::new(old.clone(), vec![], MemoryHistory::default(), Options::default());
    assert_eq!(engine.load(verified(&format!("{swapped}{rules}")), vec![]), Err(OtherDeclarations));
    assert_eq!(asked(&engine, line(&old, "wire", "1")), Ok(Verdict::Deny));
    // Other rules are another version, which goes on counting.
    let limited = "policy desk { governs look, wire  rule r on any { permit }\n  limit l on wire { count per actor ever at most 1 } }\n";
    assert_eq!(engine.load(verified(&format!("{HEAD}{limited}")), vec![]), Ok(()));
    assert_eq!(asked(&engine, line(&old, "wire", "2")), Ok(Verdict::Permit));
    assert_eq!(asked(&engine, line(&old, "wire", "3")), Ok(Verdict::Deny));
}

/// What can't be recorded could be asked again and again.
#[test]
fn a_full_history_permits_nothing_new() {
    let text = format!("{HEAD}policy desk {{ governs look  rule r on look {{ permit }} }}\n");
    let program = verified(&text);
    let history = MemoryHistory::new(Bounds { max_records: 2, ..Bounds::default() });
    let engine = Engine::new(program.clone(), vec![], history, Options::default());
    let verdicts: Vec<_> = ["a", "b", "c", "c"].map(|id| asked(&engine, line(&program, "look", id))).into();
    let full = Err("E0508".to_string());
    assert_eq!(verdicts, [Ok(Verdict::Permit), Ok(Verdict::Permit), full.clone(), full]);
    // The reference engine says the same.
    let mut reference = ordain_reference::Engine::new(Arc::new(checked(&text)), vec![]);
    reference.hold_at_most(2);
    for (id, wanted) in ["a", "b", "c"].iter().zip(&verdicts) {
        let Answer::Decision(decided) = reference.answer(line(&program, "look", id), Default::default()) else {
            panic!("a request is decided")
        };
        let error = decided.context.errors.first().map(|error| error.code.to_string());
        assert_eq!(error.map_or(Ok(decided.context.verdict), Err), *wanted);
    }
    // What is held is still known.
    assert_eq!(asked(&engine, line(&program, "look", "a")), Err("E0621".to_string()));
}

/// A request that a host has made by itself, and that lacks a value, is no permit, whatever stood in its place before.
#[test]
fn a_request_that_lacks_a_value_is_denied() {
    let verified = verified(
        "module m\nentity Agent\naction act by Agent { n: int }\npolicy p { version 1.0.0 governs act rule ok on act { permit when n is 1 } }\n",
    );
    let Line::Request(whole) = line(&verified, "act", "r") else { panic!("it is a request") };
    let mut frame = Frame::new();
    let mut decide = |request: &Request| {
        let time = request.context.time;
        let around = Around {
            verified: &verified,
            data: &[],
            request,
            id: "r",
            asked: time,
            given: &[],
            approver: None,
            past: None,
        };
        let decision = frame.decide(&Interpreter, &around);
        (decision.verdict, decision.found.ended.is_some())
    };
    assert_eq!(decide(&whole), (Verdict::Permit, false));
    let short = Request { args: vec![], ..whole.clone() };
    let nobody = Request { actor: None, ..whole.clone() };
    let elsewhere = Request { action: 7, ..whole.clone() };
    let aimed = Request { target: whole.actor.clone(), ..whole.clone() };
    for wrong in [short, nobody, elsewhere, aimed] {
        assert_eq!(decide(&wrong), (Verdict::Deny, true), "{wrong:?}");
    }
}
