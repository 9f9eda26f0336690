//! What does a decision with a history take, recorded, and does it matter how much has happened before?
//! `cargo bench -p ordain-benches --bench history`, or with `-- "10 × 1,000"` only the rows of which that is a part.
//!
//! W5 from 10 to 1,000,000 calls in an agent's day, by interpreter and machine code, in one thread and two, beside the code
//! by hand. Every decision that fills the past is compared with the one by hand before anything is timed. A row is a run of
//! this program of its own, so that what it takes of memory is its own, too. A time is the median of blocks of 1,000
//! decisions; requests are typed before the clock starts, and what is permitted is performed and recorded at once.

#![allow(clippy::disallowed_methods, reason = "a bench takes times")]

use ordain_benches::bound::Bound;
use ordain_benches::past::{By, Calls, ask_at, engine, said};
use ordain_benches::verified;
use ordain_jit::Native;
use ordain_vm::bind::{Binding, When};
use ordain_vm::engine::Work;
use ordain_vm::frame::Frame;
use ordain_vm::history::MemoryHistory;
use ordain_vm::request::{Line, Request};
use ordain_vm::value::Instant;
use ordain_vm::verify::Verified;
use ordain_workloads::Workload;
use ordain_workloads::boundary::Boundary;
use ordain_workloads::history::{Ledger, Scale, TimedCall};
use std::hint::black_box;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant as Clock};

/// Decisions in a block, and blocks that are timed.
const BLOCK: usize = 1_000;
const BLOCKS: usize = 100;

/// Decisions with a clock around each.
const SINGLE: usize = 20_000;

/// Calls in an agent's day, and agents.
const SCALES: [(i64, i64); 5] = [(10, 1_000), (100, 1_000), (1_000, 100), (10_000, 10), (1_000_000, 1)];

type Engine = ordain_vm::engine::Engine<MemoryHistory>;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", events, agents] => {
            let number = |text: &str| text.parse().expect("a number");
            println!("{}", row(Scale { agents: number(agents), ..Scale::new(number(events)) }));
        }
        ref filter => table(filter.first().copied().unwrap_or_default()),
    }
}

fn table(filter: &str) {
    println!("W1 by machine code on a struct, in the same run: {}\n", duration(boundary()));
    println!(
        "| calls in a day × agents | by hand | vm | p99 | jit | p99 | vm, 2 threads | jit, 2 threads | bytes an event |"
    );
    println!("| ---{} |", " | ---:".repeat(8));
    let this = std::env::current_exe().expect("this program has a path");
    for (events, agents) in SCALES {
        let name = format!("{} × {}", grouped(events), grouped(agents));
        if !name.contains(filter) {
            continue;
        }
        let run = Command::new(&this).args(["run", &events.to_string(), &agents.to_string()]).output();
        let run = run.expect("this program runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        println!("| {name} | {} |", String::from_utf8_lossy(&run.stdout).trim());
    }
}

/// The cells of a scale.
fn row(scale: Scale) -> String {
    let verified = Arc::new(verified(&scale.policy()));
    // First, while nothing else has taken memory that could be used again.
    let bytes = bytes_an_event(&verified, scale);
    let mut cells = vec![duration(by_hand(scale))];
    for by in [By::Interpreter, By::MachineCode] {
        let (median, slow) = alone(&verified, scale, by);
        cells.extend([duration(median), duration(slow)]);
    }
    for by in [By::Interpreter, By::MachineCode] {
        cells.push(duration(together(&verified, scale, by)));
    }
    cells.push(bytes.to_string());
    cells.join(" | ")
}

/// Resident memory of a full past, divided by its events: requests and records, and the tables of three readings.
fn bytes_an_event(verified: &Arc<Verified>, scale: Scale) -> u64 {
    let (engine, mut calls, mut work) = (engine(verified, By::Interpreter), Calls::new(scale, 0), Work::default());
    let (before, events) = (resident(), scale.events * scale.agents);
    for _ in 0..events {
        let (_, request) = calls.next(verified);
        _ = black_box(engine.answer(Line::Request(request), &mut work));
    }
    resident().saturating_sub(before) / events as u64
}

/// In bytes, by pages of 4,096.
fn resident() -> u64 {
    let told = std::fs::read_to_string("/proc/self/statm").expect("Linux tells what memory a process has");
    let pages = told.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("the second number is resident pages") * 4_096
}

/// Fills the past with calls of all threads in turn, and holds every answer against the ledgers.
fn filled(verified: &Arc<Verified>, by: By, threads: &mut [(Calls, Ledger)], events: i64, clock: &Clocked) -> Engine {
    let (engine, mut work) = (engine(verified, by), Work::default());
    for _ in 0..events {
        for (calls, ledger) in threads.iter_mut() {
            let (mut call, request) = calls.next(verified);
            let (time, reply) = ask_at(&engine, request, || clock.next(), &mut work);
            call.time = time;
            assert_eq!(said(verified, &reply), ledger.decide(&call), "{call:?}");
        }
    }
    engine
}

/// The time of the calls, which goes on by the same step from one call to the next.
struct Clocked {
    time: AtomicI64,
    step: i64,
}

impl Clocked {
    /// `threads` streams of that scale take turns.
    fn new(scale: Scale, threads: i64) -> Clocked {
        let mut stream = ordain_workloads::history::Stream::new(7, scale);
        let times = [stream.next(), stream.next()].map(|call| call.map_or(0, |call| call.time));
        Clocked { time: AtomicI64::new(times[0]), step: (times[1] - times[0]) / threads }
    }

    fn next(&self) -> i64 {
        self.time.fetch_add(self.step, Relaxed)
    }
}

fn by_hand(scale: Scale) -> Duration {
    let (mut ledger, mut calls) = (Ledger::new(scale), ordain_workloads::history::Stream::new(7, scale));
    for call in calls.by_ref().take((scale.events * scale.agents) as usize) {
        ledger.decide(&call);
    }
    median(|| {
        let block: Vec<TimedCall> = calls.by_ref().take(BLOCK).collect();
        let start = Clock::now();
        for call in &block {
            black_box(ledger.decide(black_box(call)));
        }
        start.elapsed()
    })
}

/// The median of one decision in one thread, and what one in a hundred takes longer than.
fn alone(verified: &Arc<Verified>, scale: Scale, by: By) -> (Duration, Duration) {
    let mut threads = [(Calls::new(scale, 0), Ledger::new(scale))];
    let clock = Clocked::new(scale, 1);
    let engine = filled(verified, by, &mut threads, scale.events * scale.agents, &clock);
    let ([(calls, _)], mut work) = (&mut threads, Work::default());
    let mut ready = |count: usize| -> Vec<Request> { (0..count).map(|_| calls.next(verified).1).collect() };
    let median = median(|| {
        let block = ready(BLOCK);
        let start = Clock::now();
        for request in block {
            _ = black_box(ask_at(&engine, request, || clock.next(), &mut work));
        }
        start.elapsed()
    });
    let mut each: Vec<Duration> = ready(SINGLE)
        .into_iter()
        .map(|request| {
            let start = Clock::now();
            _ = black_box(ask_at(&engine, request, || clock.next(), &mut work));
            start.elapsed()
        })
        .collect();
    each.sort_unstable();
    (median, each[SINGLE * 99 / 100])
}

/// Two threads with agents of their own over one history: the time by the clock, divided by all decisions.
fn together(verified: &Arc<Verified>, scale: Scale, by: By) -> Duration {
    let half = Scale { agents: (scale.agents / 2).max(1), ..scale };
    let mut threads = [0, 1].map(|thread| (Calls::new(half, thread), Ledger::new(scale)));
    let clock = Clocked::new(half, 2);
    let engine = filled(verified, by, &mut threads, half.events * half.agents, &clock);
    let (engine, clock, barrier) = (&engine, &clock, &Barrier::new(2));
    let times = std::thread::scope(|scope| {
        let run = |(mut calls, mut ledger): (Calls, Ledger)| {
            let mut work = Work::default();
            // What both say at the same time is compared, too.
            for _ in 0..10 * BLOCK {
                let (mut call, request) = calls.next(verified);
                let (time, reply) = ask_at(engine, request, || clock.next(), &mut work);
                call.time = time;
                assert_eq!(said(verified, &reply), ledger.decide(&call), "{call:?}");
            }
            median(|| {
                let block: Vec<Request> = (0..BLOCK).map(|_| calls.next(verified).1).collect();
                barrier.wait();
                let start = Clock::now();
                for request in block {
                    _ = black_box(ask_at(engine, request, || clock.next(), &mut work));
                }
                // Until both are through.
                barrier.wait();
                start.elapsed()
            })
        };
        threads.map(|thread| scope.spawn(move || run(thread))).map(|thread| thread.join().expect("no thread panics"))
    });
    times.into_iter().max().unwrap_or_default() / 2
}

/// W1 by machine code on a bound struct: what the goal is a multiple of.
fn boundary() -> Duration {
    let verified = verified(&Boundary.policy());
    let own = Boundary.requests(7, 16_384);
    let structs = Boundary.structs(&own, &verified.program().schema);
    let binding = Binding::<<Boundary as Bound>::Whole>::new(&verified).expect("the struct fits");
    let (native, mut frame) = (Native::new(&verified).expect("there is machine code"), Frame::new());
    let mut blocks = structs.chunks_exact(BLOCK).cycle();
    median(|| {
        let block = blocks.next().expect("there are more requests than a block has");
        let start = Clock::now();
        for of in block {
            let ask = binding.ask(&verified, black_box(of), When::at(Instant(0), "r-1")).expect("it is well formed");
            black_box(frame.decide(&native, &ask.around(&[])).verdict);
        }
        start.elapsed()
    })
}

/// Of one decision, by blocks.
fn median(block: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(block).take(BLOCKS).collect();
    times.sort_unstable();
    times[BLOCKS / 2] / BLOCK as u32
}

fn duration(time: Duration) -> String {
    match time.as_nanos() {
        nanos if nanos < 1_000 => format!("{nanos} ns"),
        nanos => format!("{:.2} µs", nanos as f64 / 1e3),
    }
}

/// `1,000,000`
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
