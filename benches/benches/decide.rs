//! How long does a decision take, beside the same checks written by hand in Rust?
//! Requests are typed already (`native`), are structs that were bound once (`struct`), or come as JSON text (`json`).
//! Before anything is timed, verdicts and standing rules are compared with the decisions written by hand, over 1,000
//! requests.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ordain_benches::bound::Bound;
use ordain_benches::{decided, reader, verified};
use ordain_jit::Native;
use ordain_vm::answer;
use ordain_vm::bind::{Binding, When};
use ordain_vm::decide::Decision;
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Interpreter, Run};
use ordain_vm::request::{Line, Request};
use ordain_vm::value::Instant;
use ordain_vm::verify::Verified;
use ordain_workloads::boundary::Boundary;
use ordain_workloads::credit::Credit;
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource};
use ordain_workloads::{Rules, Verdict, Workload};
use std::collections::BTreeSet;
use std::hint::black_box;

/// As many as a branch predictor does not learn by heart.
const REQUESTS: usize = 16_384;

/// The names of the rules that stand; of a gate of requirements the codes of those that failed.
fn standing(verified: &Verified, decision: &Decision, codes: &[String]) -> BTreeSet<String> {
    let rules = &verified.program().rules;
    let stood = decision.standing();
    let mut names: BTreeSet<String> = stood.map(|(rule, _)| rules[rule as usize].name.to_string()).collect();
    names.remove("gate");
    names.extend(decision.found.lacks.iter().map(|(_, requirement)| codes[*requirement as usize].clone()));
    names
}

fn measure<W: Workload>(criterion: &mut Criterion, workload: &W) {
    let verified = verified(&workload.policy());
    let (names, own) = (workload.rules(), workload.requests(7, REQUESTS));
    let lines: Vec<String> = own.iter().enumerate().map(|(at, request)| workload.line(request, at)).collect();
    let reader = reader(&verified);
    let read = |line: &String| match reader.line(line.as_bytes()) {
        Ok(Line::Request(request)) => request,
        other => panic!("the workload's request: {other:?}"),
    };
    let requests: Vec<Request> = lines.iter().map(read).collect();
    let native = Native::new(&verified).expect("there is machine code for this processor");
    let (mut held, mut frame) = (W::Rules::default(), Frame::new());
    for (own, request) in own.iter().zip(&requests).take(1_000) {
        let decision = decided(&mut frame, &native, &verified, request).clone();
        assert_eq!(decision, *decided(&mut frame, &Interpreter, &verified, request), "{}", workload.name());
        let verdict = match decision.verdict {
            answer::Verdict::Permit => Verdict::Permit,
            answer::Verdict::Escalate => Verdict::Escalate,
            answer::Verdict::Deny | answer::Verdict::Recorded => Verdict::Deny,
        };
        let wanted = workload.decide(own, &mut held);
        let rules: BTreeSet<String> = held.numbers().iter().map(|rule| names[*rule].clone()).collect();
        assert_eq!((verdict, standing(&verified, &decision, &names)), (wanted, rules), "{}", workload.name());
    }
    let mut group = criterion.benchmark_group(workload.name());
    group.throughput(Throughput::Elements(1));
    let mut at = 0;
    let mut next = || {
        at = (at + 1) % REQUESTS;
        at
    };
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| workload.decide(black_box(&own[next()]), &mut held));
    });
    let engines: [(&str, &dyn Run); 2] = [("vm", &Interpreter), ("jit", &native)];
    for (name, engine) in engines {
        group.bench_function(format!("{name}, native"), |bencher| {
            bencher.iter(|| decided(&mut frame, engine, &verified, black_box(&requests[next()])).verdict);
        });
        group.bench_function(format!("{name}, json"), |bencher| {
            bencher.iter(|| decided(&mut frame, engine, &verified, &read(black_box(&lines[next()]))).verdict);
        });
    }
    group.finish();
}

/// The host's own structs, bound once. They decide as the requests above do, which `tests/tests/binding.rs` shows.
fn structs<W: Bound>(criterion: &mut Criterion, workload: &W) {
    let verified = verified(&workload.policy());
    let own = workload.requests(7, REQUESTS);
    let structs = workload.structs(&own, &verified.program().schema);
    let binding = Binding::<W::Whole>::new(&verified).expect("the struct fits");
    let native = Native::new(&verified).expect("machine code is to be measured");
    let mut frame = Frame::new();
    let mut group = criterion.benchmark_group(workload.name());
    group.throughput(Throughput::Elements(1));
    let mut at = 0;
    let engines: [(&str, &dyn Run); 2] = [("vm, struct", &Interpreter), ("jit, struct", &native)];
    for (name, engine) in engines {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                at = (at + 1) % REQUESTS;
                let of = black_box(&structs[at]);
                let ask = binding.ask(&verified, of, When::at(Instant(0), "r-1")).expect("it is well formed");
                frame.decide(engine, &ask.around(&[])).verdict
            });
        });
    }
    group.finish();
}

fn workloads(criterion: &mut Criterion) {
    measure(criterion, &Boundary);
    structs(criterion, &Boundary);
    measure(criterion, &PromotionGate);
    structs(criterion, &PromotionGate);
    measure(criterion, &Credit);
    structs(criterion, &Credit);
    for rules in [10, 100, 1_000, 10_000] {
        measure(criterion, &ByResource::new(rules));
        measure(criterion, &ByRegion::new(rules));
    }
}

criterion_group!(benches, workloads);
criterion_main!(benches);
