//! W5 in Ordain's own engine: calls of a stream as requests, an engine over a history in memory, and what it says of each
//! call as the ledger by hand says it. `benches/peers` takes times, `benches/count.rs` counts.

use crate::reader;
use ordain_jit::Native;
use ordain_vm::answer;
use ordain_vm::engine::{Engine, Options, Reply, Runnable, Work};
use ordain_vm::history::{Bounds, MemoryHistory};
use ordain_vm::interp::{Interpreter, Run};
use ordain_vm::request::{Line, Request};
use ordain_vm::value::Instant;
use ordain_vm::verify::Verified;
use ordain_workloads::Verdict;
use ordain_workloads::history::{RULES, Scale, Stream, TimedCall};
use std::sync::Arc;

/// A record is kept for a day and an hour, in nanoseconds: longer than any window reaches.
const KEEP: i64 = 25 * 3_600 * 1_000_000_000;

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Interpreter,
    MachineCode,
}

impl By {
    /// Ready to run that program.
    pub fn run(self, verified: &Verified) -> Arc<dyn Run> {
        match self {
            By::Interpreter => Arc::new(Interpreter),
            By::MachineCode => Arc::new(Native::new(verified).expect("there is machine code for this processor")),
        }
    }
}

/// The engine of that scale, without a past.
pub fn engine(verified: &Arc<Verified>, by: By) -> Engine<MemoryHistory> {
    let bounds = Bounds { max_records: 1 << 24, keep: Some(KEEP), ..Bounds::default() };
    let program = Runnable { verified: verified.clone(), run: by.run(verified) };
    let options = Options { say: false, ..Options::default() };
    Engine::new(program, vec![], MemoryHistory::new(bounds), options)
}

/// Calls of one thread: no other has the same agents or customers.
pub struct Calls {
    stream: Stream,
    thread: usize,
    number: usize,
}

impl Calls {
    pub fn new(scale: Scale, thread: usize) -> Calls {
        Calls { stream: Stream::new(7 + thread as u64, scale), thread, number: 0 }
    }

    /// The next call, and the request that asks for it.
    pub fn next(&mut self, verified: &Verified) -> (TimedCall, Request) {
        let mut call = self.stream.next().expect("the stream has no end");
        call.call.agent_id.push_str(&format!("-{}", self.thread));
        call.customer.push_str(&format!("-{}", self.thread));
        self.number += 1;
        match reader(verified).line(call.line(2 * self.number + self.thread).as_bytes()) {
            Ok(Line::Request(request)) => (call, request),
            other => panic!("the workload's request: {other:?}"),
        }
    }
}

/// What the engine said, as the ledger says it.
pub fn said(verified: &Verified, reply: &Reply) -> (Verdict, u64) {
    let Reply::Decided(decided) = reply else { panic!("the history takes the workload's calls: {reply:?}") };
    let verdict = match decided.decision.verdict {
        answer::Verdict::Permit => Verdict::Permit,
        answer::Verdict::Escalate => Verdict::Escalate,
        answer::Verdict::Deny | answer::Verdict::Recorded => Verdict::Deny,
    };
    let rules = &verified.program().rules;
    let bit = |rule: u32| RULES.iter().position(|name| **name == *rules[rule as usize].name);
    let held = decided.decision.standing().filter_map(|(rule, _)| bit(rule)).fold(0, |held, bit| held | 1 << bit);
    (verdict, held)
}

/// Asks, with a time taken now. Where another thread was ahead with a later one, with another.
pub fn ask_at(
    engine: &Engine<MemoryHistory>,
    mut request: Request,
    now: impl Fn() -> i64,
    work: &mut Work,
) -> (i64, Reply) {
    loop {
        let time = now();
        request.context.time = Instant(time);
        match engine.answer(Line::Request(request), work) {
            Reply::Denied(denied) if &*denied.problem.code == "E0619" => request = Arc::unwrap_or_clone(denied.request),
            reply => return (time, reply),
        }
    }
}
