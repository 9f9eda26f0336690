//! How do other engines, and code by hand, fare on the workloads?
//! Compares every answer first and times nothing where one differs. One command runs it and writes the tables:
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml                       # all
//! cargo bench --manifest-path benches/peers/Cargo.toml --features zen-table  # and ZEN's decision tables on W4
//! cargo bench --manifest-path benches/peers/Cargo.toml -- W1                 # the workloads whose name contains it
//! ```
//!
//! The tables are printed, and of a run of all of them stand in `benches/peers/TABLES.md`.

use criterion::Criterion;
use ordain_peers::cedar::Cedar;
use ordain_peers::cel::Cel;
use ordain_peers::contender::{JSON, Phase, STRUCT, Session};
use ordain_peers::dogwood::{Dogwood, Partitioned, Remembers};
use ordain_peers::rego::Rego;
use ordain_peers::report;
use ordain_peers::rhai::Rhai;
use ordain_peers::rust::{ByHand, Indexed, Slots, read_only};
use ordain_peers::stated::Stated;
use ordain_peers::zen::Zen;
#[cfg(feature = "zen-table")]
use ordain_peers::zen_table::ZenTable;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::{self, Credit};
use ordain_workloads::history::{Ledger, Scale, Stream};
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource, RegionIndex, ResourceIndex};
use std::path::Path;
use std::time::{Duration, Instant};

/// So many inputs that a branch predictor does not learn them by heart.
const MANY: usize = 65_536;
/// So many that it does.
const FEW: usize = 1_024;
/// For peers, whose inputs are large, and for which it makes no difference.
const SOME: usize = 4_096;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let results = folder.join("target/criterion");
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let criterion = Criterion::default()
        .without_plots()
        .output_directory(&results)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30);
    let mut session = Session::new(criterion, filter);
    for phase in [Phase::Compare, Phase::Time] {
        session.phase = phase;
        everything(&mut session);
    }
    let tables = report::tables(&session, &results);
    println!("\n{tables}");
    if session.filter.is_none() {
        std::fs::write(folder.join("TABLES.md"), tables).expect("the tables can be written");
    }
}

/// Who takes part in what. A peer that is missing from a workload is explained in `benches/README.md`.
fn everything(session: &mut Session) {
    let both = &[STRUCT, JSON];

    session.run::<_, ByHand<_>>(&Boundary, both, MANY);
    learned(session);
    session.run::<_, Slots<boundary::Symbols>>(&Boundary, both, MANY);
    peers(session, &Boundary);

    session.run::<_, ByHand<_>>(&PromotionGate, both, MANY);
    peers(session, &PromotionGate);

    session.run::<_, ByHand<_>>(&Credit, both, MANY);
    session.run::<_, Slots<credit::Symbols>>(&Credit, both, MANY);
    peers(session, &Credit);

    for rules in [10, 100, 1_000, 10_000] {
        let workload = ByResource::new(rules);
        session.run::<_, Indexed<ResourceIndex>>(&workload, &[STRUCT], MANY);
        session.run::<_, ByHand<_>>(&workload, &[STRUCT], SOME);
        many_rules(session, &workload);
    }
    for rules in [10, 100, 1_000, 10_000] {
        let workload = ByRegion::new(rules);
        session.run::<_, Indexed<RegionIndex>>(&workload, &[STRUCT], MANY);
        session.run::<_, ByHand<_>>(&workload, &[STRUCT], SOME);
        many_rules(session, &workload);
    }

    remembers_right::<Ledger>(session);
    remembers_right::<Partitioned>(session);
    remembers_right::<Dogwood>(session);
    for events in [10, 100, 1_000, 10_000] {
        // A hundred thousand events in all, since Dogwood keeps and looks through every one of them.
        let scale = Scale { agents: (100_000 / events).min(1_000), ..Scale::new(events) };
        remembering::<Ledger>(session, scale);
        remembering::<Partitioned>(session, scale);
        remembering::<Dogwood>(session, scale);
    }
    remembering::<Ledger>(session, Scale::new(1_000_000));
}

fn peers<W: Stated<Rules = u64>>(session: &mut Session, workload: &W) {
    let both = &[STRUCT, JSON];
    if session.phase == Phase::Time && session.takes(&workload.name()) {
        read_json(session, workload);
    }
    session.run::<_, Zen>(workload, both, SOME);
    session.run::<_, Cel>(workload, both, SOME);
    session.run::<_, Rego>(workload, both, SOME);
    session.run::<_, Rhai>(workload, both, SOME);
    session.run::<_, Cedar>(workload, both, SOME);
}

fn many_rules<W: Stated<Rules = Vec<u32>>>(session: &mut Session, workload: &W) {
    let few = 256;
    #[cfg(feature = "zen-table")]
    session.run::<_, ZenTable>(workload, &[STRUCT], few);
    session.run::<_, Zen>(workload, &[STRUCT], few);
    session.run::<_, Cel>(workload, &[STRUCT], few);
    session.run::<_, Rego>(workload, &[STRUCT], few);
    session.run::<_, Rhai>(workload, &[STRUCT], few);
    session.run::<_, Cedar>(workload, &[STRUCT], few);
}

/// What `serde_json` alone takes for the line, into a struct that borrows.
fn read_json<W: Stated>(session: &mut Session, workload: &W) {
    let requests = workload.requests(1, MANY);
    let lines: Vec<String> =
        requests.iter().enumerate().map(|(number, request)| workload.line(request, number)).collect();
    let mut at = 0;
    session.measure(&workload.name(), JSON, "serde_json alone, no decision", || {
        at = (at + 1) % MANY;
        read_only::<W>(&lines[at]);
    });
}

/// W1 by hand on so few inputs that the branch predictor knows them: how much of a figure is that.
fn learned(session: &mut Session) {
    if session.phase == Phase::Time && session.takes("W1") {
        let calls = ordain_workloads::Workload::requests(&Boundary, 1, FEW);
        let mut at = 0;
        session.measure("W1", STRUCT, "Rust by hand, 1,024 inputs", || {
            at = (at + 1) % FEW;
            std::hint::black_box(boundary::decide(std::hint::black_box(&calls[at])));
        });
    }
}

/// W5, before anything is timed: a stream of calls with bursts, from an empty past.
fn remembers_right<R: Remembers>(session: &mut Session) {
    if session.phase == Phase::Time || !session.takes("W5") {
        return;
    }
    let scale = Scale::small();
    let (mut ledger, mut engine) = (Ledger::new(scale), R::ready(scale));
    for (number, call) in Stream::new(7, scale).take(1_500).enumerate() {
        let input = engine.input(&call);
        assert_eq!(engine.decide(&input), ledger.decide(&call), "{} on {}", R::NAME, call.line(number));
    }
    println!("W5: {} agrees on 1,500 calls", R::NAME);
}

/// W5: fills a day, and times calls that are decided and recorded.
fn remembering<R: Remembers>(session: &mut Session, scale: Scale) {
    let name = format!("W5, {} × {} agents", scale.events, scale.agents);
    if session.phase == Phase::Compare || !session.takes(&name) {
        return;
    }
    let (mut ledger, mut engine) = (Ledger::new(scale), R::ready(scale));
    let mut stream = Stream::new(2_026, scale);
    for call in stream.by_ref().take((scale.events * scale.agents) as usize) {
        if ledger.decide(&call).1 == 0 {
            let input = engine.input(&call);
            engine.record(&input);
        }
    }
    drop(ledger);
    let key = (name.clone(), STRUCT.to_owned(), R::NAME.to_owned());
    let mut group = session.criterion.benchmark_group(ordain_peers::contender::group(&name, STRUCT));
    group.sample_size(10);
    group.bench_function(R::NAME, |bencher| {
        bencher.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            let mut left = times;
            while left > 0 {
                let now = left.min(8_192);
                let calls: Vec<R::Input> = stream.by_ref().take(now as usize).map(|call| engine.input(&call)).collect();
                let begun = Instant::now();
                for call in &calls {
                    std::hint::black_box(engine.decide(std::hint::black_box(call)));
                }
                taken += begun.elapsed();
                left -= now;
            }
            taken
        });
    });
    group.finish();
    session.order.push(key);
}
