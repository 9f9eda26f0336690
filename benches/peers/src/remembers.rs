//! W5: `Remembers`, what takes part; the ledger by hand, and Ordain's engine over a history in memory. How they are compared
//! and timed; for Ordain also two threads over one history, and what an event takes of memory.

use crate::contender::{Phase, Session, group, median, nanos, slow};
use crate::measured::{BY_HAND, Key, Past, STRUCT};
use crate::ordain::Engine;
use cpu_time::ThreadTime;
use ordain_benches::past::{By, Calls, ask_at, engine, said};
use ordain_benches::{reader, verified};
use ordain_vm::engine::{self as vm, Work};
use ordain_vm::history::MemoryHistory;
use ordain_vm::request::{Line, Request};
use ordain_vm::verify::Verified;
use ordain_workloads::Verdict;
use ordain_workloads::history::{Ledger, Scale, Stream, TimedCall};
use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// An engine that remembers what was performed.
pub trait Remembers {
    type Input;

    const NAME: &'static str;

    fn ready(scale: Scale) -> Self;

    /// The call in its own form, made before the clock starts. It is asked once.
    fn input(&mut self, call: &TimedCall) -> Self::Input;

    /// Fills the past: where the ledger permits the call, it is performed. Who is fast enough decides by itself, and is
    /// held against the ledger.
    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger);

    /// Decides, and records what is permitted.
    fn decide(&mut self, input: &mut Self::Input) -> (Verdict, u64);
}

impl Remembers for Ledger {
    type Input = TimedCall;

    const NAME: &'static str = BY_HAND;

    fn ready(scale: Scale) -> Ledger {
        Ledger::new(scale)
    }

    fn input(&mut self, call: &TimedCall) -> TimedCall {
        call.clone()
    }

    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger) {
        assert_eq!(Ledger::decide(self, call), ledger.decide(call));
    }

    fn decide(&mut self, input: &mut TimedCall) -> (Verdict, u64) {
        Ledger::decide(self, input)
    }
}

/// Ordain's engine, without words.
pub struct Ordain<E> {
    verified: Arc<Verified>,
    engine: vm::Engine<MemoryHistory>,
    work: Work,
    number: usize,
    by: PhantomData<E>,
}

impl<E: Engine> Remembers for Ordain<E> {
    /// The engine takes the request and keeps it.
    type Input = Option<Request>;

    const NAME: &'static str = E::NAME;

    fn ready(scale: Scale) -> Self {
        let verified = Arc::new(verified(&scale.policy()));
        Ordain { engine: engine(&verified, E::BY), verified, work: Work::default(), number: 0, by: PhantomData }
    }

    fn input(&mut self, call: &TimedCall) -> Option<Request> {
        self.number += 1;
        match reader(&self.verified).line(call.line(self.number).as_bytes()) {
            Ok(Line::Request(request)) => Some(request),
            other => panic!("the workload's request: {other:?}"),
        }
    }

    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger) {
        let mut input = self.input(call);
        assert_eq!(self.decide(&mut input), ledger.decide(call), "{} on {call:?}", E::NAME);
    }

    fn decide(&mut self, input: &mut Option<Request>) -> (Verdict, u64) {
        let request = input.take().expect("a call is asked once");
        said(&self.verified, &self.engine.answer(Line::Request(request), &mut self.work))
    }
}

/// `W5, 10 × 1000 agents`
fn name(scale: Scale) -> String {
    let agents = if scale.agents == 1 { "agent" } else { "agents" };
    format!("W5, {} × {} {agents}", scale.events, scale.agents)
}

/// Before anything is timed: a stream of calls with bursts, from an empty past.
pub fn compare<R: Remembers>(session: &mut Session) {
    if session.phase == Phase::Time || !session.takes("W5") {
        return;
    }
    let scale = Scale::small();
    let (mut ledger, mut engine) = (Ledger::new(scale), R::ready(scale));
    for (number, call) in Stream::new(7, scale).take(1_500).enumerate() {
        let mut input = engine.input(&call);
        assert_eq!(engine.decide(&mut input), ledger.decide(&call), "{} on {}", R::NAME, call.line(number));
    }
    println!("W5: {} agrees on 1,500 calls", R::NAME);
}

/// Fills a day, and times calls that are decided and recorded.
pub fn time<R: Remembers>(session: &mut Session, scale: Scale) {
    let name = name(scale);
    if !session.times(&name) {
        return;
    }
    let (mut ledger, mut engine) = (Ledger::new(scale), R::ready(scale));
    let mut stream = Stream::new(2_026, scale);
    for call in stream.by_ref().take((scale.events * scale.agents) as usize) {
        engine.fill(&call, &mut ledger);
    }
    drop(ledger);
    let mut timed = |count: u64, engine: &mut R| {
        let mut calls: Vec<R::Input> = stream.by_ref().take(count as usize).map(|call| engine.input(&call)).collect();
        let begun = ThreadTime::now();
        for call in &mut calls {
            black_box(engine.decide(black_box(call)));
        }
        begun.elapsed()
    };
    let mut criterion = session.criterion.benchmark_group(group(&name, STRUCT));
    criterion.sample_size(10);
    criterion.bench_function(R::NAME, |bencher| {
        bencher.iter_custom(|times| {
            let (mut taken, mut left) = (Duration::ZERO, times);
            while left > 0 {
                let now = left.min(8_192);
                taken += timed(now, &mut engine);
                left -= now;
            }
            taken
        });
    });
    criterion.finish();
    let slow = slow(|| timed(1, &mut engine));
    session.note(Key::new(&name, STRUCT, R::NAME), slow);
}

/// Ordain's engine in two threads, and its memory, which `resident` finds in a process of its own.
pub fn beside(session: &mut Session, scale: Scale, resident: impl FnOnce(Scale) -> u64) {
    let workload = name(scale);
    if session.times(&workload) {
        let verified = Arc::new(verified(&scale.policy()));
        let together = [By::Interpreter, By::MachineCode].map(|by| nanos(together(&verified, scale, by)));
        session.measured.past.push(Past { workload, together, resident: resident(scale) });
    }
}

/// Decisions in a block, and blocks that are timed.
const BLOCK: usize = 1_000;
const BLOCKS: usize = 100;

/// The time of the calls, which goes on by the same step from one call to the next, whichever thread makes it.
struct Clock {
    time: AtomicI64,
    step: i64,
}

impl Clock {
    /// `threads` streams of that scale take turns.
    fn new(scale: Scale, threads: i64) -> Clock {
        let mut stream = Stream::new(7, scale);
        let times = [stream.next(), stream.next()].map(|call| call.map_or(0, |call| call.time));
        Clock { time: AtomicI64::new(times[0]), step: (times[1] - times[0]) / threads }
    }

    fn next(&self) -> i64 {
        self.time.fetch_add(self.step, Relaxed)
    }
}

/// Two threads with agents of their own over one history: the time by the clock, divided by all decisions.
fn together(verified: &Arc<Verified>, scale: Scale, by: By) -> Duration {
    let half = Scale { agents: (scale.agents / 2).max(1), ..scale };
    let mut threads = [0, 1].map(|thread| (Calls::new(half, thread), Ledger::new(scale)));
    let (engine, clock) = (&engine(verified, by), &Clock::new(half, 2));
    let decide = |calls: &mut Calls, ledger: &mut Ledger, work: &mut Work| {
        let (mut call, request) = calls.next(verified);
        let (time, reply) = ask_at(engine, request, || clock.next(), work);
        call.time = time;
        assert_eq!(said(verified, &reply), ledger.decide(&call), "{call:?}");
    };
    let mut work = Work::default();
    for _ in 0..half.events * half.agents {
        threads.iter_mut().for_each(|(calls, ledger)| decide(calls, ledger, &mut work));
    }
    let barrier = &Barrier::new(2);
    let times = std::thread::scope(|scope| {
        let run = |(mut calls, mut ledger): (Calls, Ledger)| {
            let mut work = Work::default();
            // What both say at the same time is compared, too.
            for _ in 0..10 * BLOCK {
                decide(&mut calls, &mut ledger, &mut work);
            }
            let mut times: Vec<f64> = (0..BLOCKS)
                .map(|_| {
                    let block: Vec<Request> = (0..BLOCK).map(|_| calls.next(verified).1).collect();
                    barrier.wait();
                    let start = Instant::now();
                    for request in block {
                        _ = black_box(ask_at(engine, request, || clock.next(), &mut work));
                    }
                    // Until both are through.
                    barrier.wait();
                    nanos(start.elapsed())
                })
                .collect();
            median(&mut times)
        };
        threads.map(|thread| scope.spawn(move || run(thread))).map(|thread| thread.join().expect("no thread panics"))
    });
    Duration::from_nanos(times[0].max(times[1]) as u64) / (2 * BLOCK as u32)
}

/// Resident memory of a full past, divided by its events: requests and records, and the tables of three readings.
/// `resident`: how much this process has now.
pub fn bytes_an_event(scale: Scale, resident: impl Fn() -> u64) -> u64 {
    let verified = Arc::new(verified(&scale.policy()));
    let (engine, mut calls, mut work) = (engine(&verified, By::Interpreter), Calls::new(scale, 0), Work::default());
    let (before, events) = (resident(), scale.events * scale.agents);
    for _ in 0..events {
        let (_, request) = calls.next(&verified);
        _ = black_box(engine.answer(Line::Request(request), &mut work));
    }
    resident().saturating_sub(before) / events as u64
}
