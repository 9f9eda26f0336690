//! A gateway in front of an agent's tools: two threads ask one engine, which remembers. What is permitted is reserved,
//! carried out, and recorded; what waits for a person and what is refused says why.

use ordain::history::MemoryHistory;
use ordain::{Engine, Instant, OnPermit, Policy, Settings, Verdict, Worker};
use std::error::Error;

const POLICY: &str = r#"
entity Agent
entity Person

action read_file by Agent { path: text }
action send_mail by Agent { to: text, body: text }
action pay by Agent { amount: money<USD> }

role treasurer by Person

policy gateway {
  version 1.0.0
  otherwise deny "The agent has no such business."

  rule reading on read_file { permit }

  rule mailing on send_mail { permit when to ends with "@corp.example" }

  rule after_secrets on send_mail {
    deny when any(read in past read_file by actor this session where read.path starts with "/secret/")
    because "Something secret was read in this session."
  }

  rule small on pay { permit when amount is at most 50 USD }

  rule large on pay { permit with approval of treasurer when amount is more than 50 USD }

  limit daily on pay {
    sum of amount per actor within 24 hours at most 100 USD
    because "{actor} may pay {100 USD} a day."
  }
}
"#;

/// A call of a tool: its name, its arguments, and the session that it belongs to.
struct Call {
    id: &'static str,
    session: &'static str,
    tool: &'static str,
    args: &'static [(&'static str, &'static str)],
}

const fn call(
    id: &'static str,
    session: &'static str,
    tool: &'static str,
    args: &'static [(&'static str, &'static str)],
) -> Call {
    Call { id, session, tool, args }
}

/// By thread.
const CALLS: [&[Call]; 2] = [
    &[
        call("a-1", "a", "read_file", &[("path", "/public/prices")]),
        call("a-2", "a", "send_mail", &[("to", "ann@corp.example"), ("body", "prices")]),
        call("a-3", "a", "pay", &[("amount", "40")]),
        call("a-4", "a", "pay", &[("amount", "40")]),
        call("a-5", "a", "pay", &[("amount", "75")]),
    ],
    &[
        call("b-1", "b", "read_file", &[("path", "/secret/plans")]),
        call("b-2", "b", "send_mail", &[("to", "ann@corp.example"), ("body", "plans")]),
        call("b-3", "b", "send_mail", &[("to", "bob@else.example"), ("body", "hello")]),
        call("b-4", "b", "pay", &[("amount", "40")]),
    ],
];

/// What became of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    Carried,
    Waits,
    Refused,
}

/// Stands for the tool itself.
fn carry_out(call: &Call) -> bool {
    call.tool != "read_file" || call.args.iter().all(|(_, path)| path.starts_with('/'))
}

/// Asks for a call, carries it out where it is permitted, and records what became of it.
fn through(worker: &mut Worker<'_>, call: &Call, now: Instant) -> Result<Done, Box<dyn Error>> {
    let request = worker.engine().request(call.tool).actor("Agent", "agent-7").session(call.session).id(call.id);
    let request = call.args.iter().fold(request, |request, (name, value)| request.arg(name, *value));
    let request = request.time(now).build()?;
    let outcome = worker.decide(&request);
    if let Some(explanation) = outcome.explanation() {
        println!("{} {}: {explanation}", call.id, call.tool);
    }
    match outcome.verdict() {
        Verdict::Permit => {
            let receipt = match carry_out(call) {
                true => worker.performed(&request)?,
                false => worker.failed(outcome.id())?,
            };
            assert_eq!(receipt.warnings(), [], "what was permitted is recorded without a warning");
            Ok(Done::Carried)
        }
        Verdict::Escalate => Ok(Done::Waits),
        Verdict::Deny | Verdict::Recorded => Ok(Done::Refused),
    }
}

/// Runs all calls; by thread, what became of each.
pub fn run() -> Result<Vec<Vec<Done>>, Box<dyn Error>> {
    let policy = Policy::compile_text(POLICY)?;
    let settings = Settings { on_permit: OnPermit::Reserve, ..Settings::usual() };
    let engine = Engine::over(MemoryHistory::default(), &policy, settings)?;
    println!("{} runs by {:?}", policy.versions()[0], policy.backend());
    // A host reads its clock here: `ordain::instant_of(SystemTime::now())`.
    let now = Instant::parse("2026-03-03T15:00:00Z").ok_or("no time")?;
    let done = std::thread::scope(|scope| {
        let threads = CALLS.map(|calls| {
            let engine = &engine;
            scope.spawn(move || {
                let mut worker = engine.worker();
                let done = calls.iter().map(|call| through(&mut worker, call, now).map_err(|error| error.to_string()));
                done.collect::<Result<Vec<Done>, String>>()
            })
        });
        threads.map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".to_string())))
    });
    ["a", "b"].iter().for_each(|session| engine.end_session(session));
    Ok(done.into_iter().collect::<Result<Vec<_>, String>>()?)
}

pub fn main() -> Result<(), Box<dyn Error>> {
    let done = run()?;
    let paid = |done: &[Done], from: usize| done[from..].iter().filter(|done| **done == Done::Carried).count();
    // Two payments of forty are all that a day has room for, whichever thread comes first.
    assert_eq!(paid(&done[0], 2) + paid(&done[1], 3), 2);
    assert_eq!(done[1][1], Done::Refused, "a secret was read before");
    Ok(())
}
