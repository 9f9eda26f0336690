//! How long does it take from text to a program that decides? And from that to machine code, and from a file?
//! `cargo bench -p ordain-benches --bench ready`

use criterion::{Criterion, criterion_group, criterion_main};
use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_jit::Native;
use ordain_stdlib::Standard;
use ordain_vm::encode::{decode, encode};
use ordain_vm::program::Program;
use ordain_vm::verify::verify;
use ordain_workloads::Workload;
use ordain_workloads::boundary::Boundary;
use ordain_workloads::scale::{ByRegion, ByResource};
use std::hint::black_box;

fn program(policy: &str) -> Program {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", policy)], ..Input::default() });
    emit(&analysis.checked().expect("the workload's policy has no errors")).expect("the workload compiles")
}

fn measure<W: Workload>(criterion: &mut Criterion, workload: &W) {
    let policy = workload.policy();
    let compiled = program(&policy);
    let file = encode(&compiled).expect("a program has bytes").bytes;
    let verified = verify(compiled, &Standard).expect("what is emitted verifies");
    let mut group = criterion.benchmark_group(workload.name());
    group.sample_size(10);
    group.bench_function("text to verified", |bencher| {
        bencher.iter(|| verify(program(black_box(&policy)), &Standard).expect("it verifies"));
    });
    group.bench_function("file to verified", |bencher| {
        bencher.iter(|| verify(decode(black_box(&file)).expect("it is read").0, &Standard).expect("it verifies"));
    });
    group.bench_function("verified to machine code", |bencher| {
        bencher.iter(|| Native::new(black_box(&verified)).expect("there is machine code for this processor"));
    });
    group.finish();
}

fn workloads(criterion: &mut Criterion) {
    measure(criterion, &Boundary);
    for rules in [10, 100, 1_000, 10_000] {
        measure(criterion, &ByResource::new(rules));
    }
    measure(criterion, &ByRegion::new(1_000));
}

criterion_group!(benches, workloads);
criterion_main!(benches);
