//! How do Ordain, other engines and code by hand fare on the workloads?
//! Compares every answer first and times nothing where one differs. One command runs it and writes tables and plots:
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml --features zen-table  # all, with ZEN's decision tables on W4
//! cargo bench --manifest-path benches/peers/Cargo.toml                       # all but these
//! cargo bench --manifest-path benches/peers/Cargo.toml -- W1                 # the workloads whose name contains it
//! ```
//!
//! Tables are printed. A run of all workloads writes them into `benches/README.md`, between its two markers, and plots into
//! `benches/plots`. What takes memory is measured by this program run again (`resident …`).

use criterion::Criterion;
use ordain_benches::bound::Bound;
use ordain_benches::past::By;
use ordain_peers::clock::ProcessorTime;
use ordain_peers::contender::{Contender, Phase, Session};
use ordain_peers::dogwood::{Dogwood, Partitioned};
use ordain_peers::measured::{JSON, Key, Measured, SERDE_JSON, STRUCT};
use ordain_peers::ordain::{Interpreted, MachineCode, Ordain};
use ordain_peers::remembers::{self, bytes_an_event};
use ordain_peers::rust::{ByHand, read_only};
use ordain_peers::stated::Stated;
use ordain_peers::who::{self, MANY, SIZES};
use ordain_peers::{batch, goals, plots, report, stages, threads};
use ordain_workloads::Workload;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::Credit;
use ordain_workloads::history::{Ledger, Scale};
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// So many inputs that a branch predictor learns them by heart.
const FEW: usize = 1_024;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let args: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if let [resident, of @ ..] = args.as_slice()
        && resident == "resident"
    {
        return println!("{}", memory_of(of));
    }
    let results = folder.join("target/criterion");
    let criterion = Criterion::default()
        .with_measurement(ProcessorTime)
        .without_plots()
        .output_directory(&results)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(30);
    let (filter, measured) = (args.into_iter().next(), Measured::default());
    let mut session = Session { phase: Phase::Compare, criterion, results, filter, measured };
    let (begun, load) = (Instant::now(), report::load());
    for phase in [Phase::Compare, Phase::Time] {
        session.phase = phase;
        everything(&mut session);
    }
    let run = report::Run { load: [load, report::load()], took: begun.elapsed() };
    let tables = format!("{}{}", report::tables(&run, &session.measured), goals::table(&session.measured));
    println!("\n{tables}");
    if session.filter.is_none() {
        let benches = folder.parent().expect("it lies in `benches`");
        report::write_between_markers(&benches.join("README.md"), &tables).expect("the README can be written");
        plots::draw(&benches.join("plots"), &session.measured).expect("the plots can be written");
    }
}

fn everything(session: &mut Session) {
    who::boundary(session);
    learned(session);
    beside(session, &Boundary);
    who::promotion(session);
    beside(session, &PromotionGate);
    who::credit(session);
    beside(session, &Credit);
    allocations(session);
    batch::measure(session);
    for rules in SIZES {
        let workload = ByResource::new(rules);
        who::by_resource(session, &workload);
        stages::measure(session, &workload, resident_program);
    }
    for rules in SIZES {
        let workload = ByRegion::new(rules);
        who::by_region(session, &workload);
        stages::measure(session, &workload, resident_program);
    }
    past(session);
}

fn past(session: &mut Session) {
    remembers::compare::<Ledger>(session);
    remembers::compare::<remembers::Ordain<MachineCode>>(session);
    remembers::compare::<remembers::Ordain<Interpreted>>(session);
    remembers::compare::<Partitioned>(session);
    remembers::compare::<Dogwood>(session);
    for events in [10, 100, 1_000, 10_000, 1_000_000] {
        // A hundred thousand events in all, since Dogwood keeps and looks through every one of them.
        let scale = Scale { agents: (100_000 / events).clamp(1, 1_000), ..Scale::new(events) };
        remembers::time::<Ledger>(session, scale);
        remembers::time::<remembers::Ordain<MachineCode>>(session, scale);
        remembers::time::<remembers::Ordain<Interpreted>>(session, scale);
        remembers::beside(session, scale, resident_past);
        if scale.events * scale.agents <= 100_000 {
            remembers::time::<Partitioned>(session, scale);
            remembers::time::<Dogwood>(session, scale);
        }
    }
}

/// What is measured of W1 to W3 besides contenders: `serde_json`, two threads, and what it takes until Ordain decides.
fn beside<W>(session: &mut Session, workload: &W)
where
    W: Stated<Rules = u64> + Bound + Clone + Sync,
    ByHand<W>: Contender<W> + Send,
    Ordain<W, MachineCode>: Send,
    Ordain<W, Interpreted>: Send,
{
    read_json(session, workload);
    threads::measure::<_, ByHand<W>>(session, workload);
    threads::measure::<_, Ordain<W, MachineCode>>(session, workload);
    threads::measure::<_, Ordain<W, Interpreted>>(session, workload);
    stages::measure(session, workload, resident_program);
}

/// What `serde_json` alone takes for the line, into a struct that borrows.
fn read_json<W: Stated>(session: &mut Session, workload: &W) {
    let name = workload.name();
    if !session.times(&name) {
        return;
    }
    let requests = workload.requests(1, MANY);
    let lines: Vec<String> =
        requests.iter().enumerate().map(|(number, request)| workload.line(request, number)).collect();
    let bytes = lines.iter().map(String::len).sum::<usize>() as f64 / lines.len() as f64;
    session.measured.bytes.insert(name.clone(), bytes);
    let mut at = 0;
    session.measure(&name, JSON, SERDE_JSON, || {
        at = (at + 1) % MANY;
        read_only::<W>(&lines[at]);
    });
}

/// W1 by hand on so few inputs that the branch predictor knows them: how much of a figure is that.
fn learned(session: &mut Session) {
    if session.times("W1") {
        let calls = Boundary.requests(1, FEW);
        let mut at = 0;
        session.measure("W1", STRUCT, "Rust by hand, 1,024 inputs", || {
            at = (at + 1) % FEW;
            black_box(boundary::decide(black_box(&calls[at])));
        });
    }
}

/// Counted by a program of its own.
fn allocations(session: &mut Session) {
    if !["W1", "W2", "W3"].iter().any(|workload| session.times(workload)) {
        return;
    }
    for line in told(&mut Command::new(env!("CARGO_BIN_EXE_allocations"))).lines() {
        let [workload, form, contender, each] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four fields: {line}")
        };
        let each = each.parse().expect("a number");
        session.measured.allocations.insert(Key::new(workload, form, contender), each);
    }
}

// Memory, by this program in a process of its own, so that nothing else has taken some that could be used again

fn resident_past(scale: Scale) -> u64 {
    memory(&["past", &scale.events.to_string(), &scale.agents.to_string()])
}

fn resident_program(file: &[u8], by: By) -> u64 {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program.ordc");
    std::fs::write(&path, file).expect("the file can be written");
    let by = match by {
        By::Interpreter => "interpreter",
        By::MachineCode => "machine code",
    };
    memory(&["program", by, &path.display().to_string()])
}

fn memory(of: &[&str]) -> u64 {
    let this = std::env::current_exe().expect("this program has a path");
    let told = told(Command::new(this).arg("resident").args(of));
    told.trim().parse().expect("a number of bytes")
}

fn told(command: &mut Command) -> String {
    let run = command.output().expect("the program runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// What this process measures of itself.
fn memory_of(args: &[String]) -> u64 {
    let number = |text: &str| text.parse().expect("a number");
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["past", events, agents] => {
            bytes_an_event(Scale { agents: number(agents), ..Scale::new(number(events)) }, resident)
        }
        ["program", by, path] => {
            let by = if by == "interpreter" { By::Interpreter } else { By::MachineCode };
            let file = std::fs::read(path).expect("the file is there");
            stages::growth(&file, by, resident)
        }
        ref other => panic!("past EVENTS AGENTS, or program BY PATH, and not {other:?}"),
    }
}

/// In bytes, by pages of 4,096.
fn resident() -> u64 {
    let told = std::fs::read_to_string("/proc/self/statm").expect("Linux tells what memory a process has");
    let pages = told.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("the second number is resident pages") * 4_096
}
