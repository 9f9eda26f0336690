//! How many instructions does a decision take? Times on a shared machine move; these do not.
//! `cargo bench -p ordain-benches --bench count` runs itself under `valgrind --tool=callgrind` and prints a table;
//! `… --bench count -- W1` only the rows of that workload.
//!
//! A number is the difference of two runs, one of 1,000 decisions and one of 2,000, so that what is made once (the
//! program, the requests, machine code) is not in it.

use ordain_benches::bound::Bound;
use ordain_benches::past::{By, Calls, engine, said};
use ordain_benches::{decided, reader, verified};
use ordain_jit::Native;
use ordain_vm::bind::{Binding, When};
use ordain_vm::engine::Work;
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Interpreter, Run};
use ordain_vm::request::{Line, OnePass, Read, Request, Room};
use ordain_vm::value::Instant;
use ordain_workloads::Workload;
use ordain_workloads::boundary::Boundary;
use ordain_workloads::credit::Credit;
use ordain_workloads::history::{Ledger, Scale};
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource};
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;

/// What is counted: how a request comes, and what decides it.
const COLUMNS: [&str; 7] =
    ["by hand", "vm, struct", "jit, struct", "vm, native", "jit, native", "vm, json", "jit, json"];

/// Behind the name of W4 the number of rules, behind that of W5 the calls in an agent's day.
const WORKLOADS: [&str; 9] = ["W1", "W2", "W3", "W4a-10", "W4a-1000", "W4b-10", "W4b-1000", "W5-10", "W5-1000"];

const FEW: usize = 1_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.as_slice() {
        [run, workload, column, count] if run == "run" => {
            let count = count.parse().expect("a number of decisions");
            run_one(workload, column, count);
        }
        _ => table(args.first().map_or("", String::as_str)),
    }
}

fn table(filter: &str) {
    println!("| | {} |", COLUMNS.join(" | "));
    println!("| --- |{}", " ---: |".repeat(COLUMNS.len()));
    for workload in WORKLOADS.iter().filter(|name| name.contains(filter)) {
        let cells = COLUMNS.map(|column| {
            match (instructions(workload, column, FEW), instructions(workload, column, 2 * FEW)) {
                (Some(few), Some(many)) => ((many - few) / FEW as u64).to_string(),
                _ => String::new(),
            }
        });
        println!("| {workload} | {} |", cells.join(" | "));
    }
}

/// Of a whole run; nothing where the workload has no such column.
fn instructions(workload: &str, column: &str, count: usize) -> Option<u64> {
    let has = match workload.get(..2) {
        Some("W4") => !column.contains("struct"),
        Some("W5") => column == "by hand" || column.contains("native"),
        _ => true,
    };
    if !has {
        return None;
    }
    let this = std::env::current_exe().expect("this program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["run", workload, column, &count.to_string()])
        .output()
        .expect("valgrind is installed");
    let told = String::from_utf8_lossy(&output.stderr);
    let line = told.lines().find_map(|line| line.split_once("Collected :")).unwrap_or_else(|| panic!("{told}"));
    Some(line.1.trim().parse().expect("a number of instructions"))
}

fn run_one(workload: &str, column: &str, count: usize) {
    match workload {
        "W1" => bound(&Boundary, column, count),
        "W2" => bound(&PromotionGate, column, count),
        "W3" => bound(&Credit, column, count),
        _ => {
            let (name, rules) = workload.split_once('-').expect("a workload and its size");
            let rules: usize = rules.parse().expect("a number");
            match name {
                "W5" => past(rules as i64, column, count),
                "W4a" => unbound(&ByResource::new(rules), column, count),
                _ => unbound(&ByRegion::new(rules), column, count),
            }
        }
    }
}

fn bound<W: Bound>(workload: &W, column: &str, count: usize) {
    if !column.ends_with("struct") {
        return unbound(workload, column, count);
    }
    let verified = verified(&workload.policy());
    let own = workload.requests(7, 2 * FEW);
    let structs = workload.structs(&own, &verified.program().schema);
    let binding = Binding::<W::Whole>::new(&verified).expect("the struct fits");
    let (native, mut frame) = (Native::new(&verified).expect("there is machine code"), Frame::new());
    let run: &dyn Run = if column.starts_with("jit") { &native } else { &Interpreter };
    for of in &structs[..count] {
        let ask = binding.ask(&verified, black_box(of), When::at(Instant(0), "r-1")).expect("it is well formed");
        black_box(frame.decide(run, &ask.around(&[])).verdict);
    }
}

fn unbound<W: Workload>(workload: &W, column: &str, count: usize) {
    let verified = Arc::new(verified(&workload.policy()));
    let own = workload.requests(7, 2 * FEW);
    let lines: Vec<String> = own.iter().enumerate().map(|(at, request)| workload.line(request, at)).collect();
    let reader = reader(&verified);
    let read = |line: &String| match reader.line(line.as_bytes()) {
        Ok(Line::Request(request)) => request,
        other => panic!("the workload's request: {other:?}"),
    };
    let requests: Vec<Request> = lines.iter().map(read).collect();
    let (native, mut frame) = (Native::new(&verified).expect("there is machine code"), Frame::new());
    let run: &dyn Run = if column.starts_with("jit") { &native } else { &Interpreter };
    let mut held = W::Rules::default();
    match column.split_once(", ") {
        None => own[..count].iter().for_each(|of| {
            black_box(workload.decide(black_box(of), &mut held));
        }),
        Some((_, "native")) => requests[..count].iter().for_each(|of| {
            black_box(decided(&mut frame, run, &verified, black_box(of)).verdict);
        }),
        Some(_) => {
            let (pass, mut room) =
                (OnePass::new(verified.clone(), None, true, None).expect("no store"), Room::default());
            for of in &lines[..count] {
                let Ok(Read::InPlace(asked)) = pass.read(black_box(of.as_bytes()), &mut room) else {
                    panic!("the workload's request is read in place: {of}")
                };
                black_box(frame.decide(run, &asked.around(&[])).verdict);
            }
        }
    }
}

/// Decided and recorded, over a full past of 10,000 calls.
fn past(events: i64, column: &str, count: usize) {
    let scale = Scale { agents: 10_000 / events, ..Scale::new(events) };
    let verified = Arc::new(verified(&scale.policy()));
    let by = if column.starts_with("jit") { By::MachineCode } else { By::Interpreter };
    let (engine, mut calls, mut ledger) = (engine(&verified, by), Calls::new(scale, 0), Ledger::new(scale));
    let mut work = Work::default();
    for _ in 0..10_000 {
        let (call, request) = calls.next(&verified);
        let reply = engine.answer(Line::Request(request), &mut work);
        assert_eq!(said(&verified, &reply), ledger.decide(&call), "{call:?}");
    }
    let (own, requests): (Vec<_>, Vec<_>) = (0..2 * FEW).map(|_| calls.next(&verified)).unzip();
    if column == "by hand" {
        own[..count].iter().for_each(|of| {
            black_box(ledger.decide(black_box(of)));
        });
    } else {
        for of in requests.into_iter().take(count) {
            _ = black_box(engine.answer(Line::Request(of), &mut work));
        }
    }
}
