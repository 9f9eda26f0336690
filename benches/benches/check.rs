//! How long does a policy author wait for `check`, and how does it grow with the package?

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ordain_benches::package;
use ordain_compiler::analysis::analyse;

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    for lines in [1_000, 10_000] {
        let input = package(lines);
        let found = analyse(&input).diagnostics;
        assert!(found.iter().all(|diagnostic| diagnostic.is_warning()), "the package has errors: {:?}", found.first());
        group.throughput(Throughput::Elements(lines as u64));
        group.bench_with_input(BenchmarkId::from_parameter(lines), &input, |bencher, input| {
            bencher.iter(|| analyse(input));
        });
    }
    group.finish();
}

criterion_group!(benches, check);
criterion_main!(benches);
