//! `Contender`: what takes part, and `Session`: first every answer is compared with the one written by hand, then times are
//! taken. `benches/peers.rs` lists who takes part in what.
//!
//! To add an engine: implement `Contender` for it, and add a line for it to `benches/peers.rs`.

use crate::stated::Stated;
use criterion::{BenchmarkId, Criterion};
use ordain_workloads::{Rules, Verdict};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// An engine with the policy of a workload loaded.
pub trait Contender<W: Stated> {
    /// The request in its own form, made before the clock starts where it takes such a form.
    type Input;

    const NAME: &'static str;

    /// From the policy's text to ready.
    fn ready(workload: &W) -> Self;

    fn input(&mut self, request: &W::Request) -> Self::Input;

    /// Which rules hold, all of them, and what follows.
    fn decide(&mut self, input: &mut Self::Input, held: &mut W::Rules) -> Verdict;

    /// From a line of JSON to the decision.
    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict;
}

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Compare,
    Time,
}

/// The forms of input.
pub const STRUCT: &str = "struct";
pub const JSON: &str = "JSON";

/// How many requests are compared.
const COMPARED: usize = 1_000;
const SEED: u64 = 2_026;

pub struct Session {
    pub phase: Phase,
    pub criterion: Criterion,
    /// From text to ready, by workload and contender.
    pub ready: BTreeMap<(String, String), Duration>,
    /// The 99th percentile of single decisions, by workload, form and contender.
    pub slow: BTreeMap<(String, String, String), Duration>,
    /// In the order in which they came: workload, form, contender.
    pub order: Vec<(String, String, String)>,
    /// Only workloads whose name contains this take part.
    pub filter: Option<String>,
}

impl Session {
    pub fn new(criterion: Criterion, filter: Option<String>) -> Session {
        let (ready, slow, order) = (BTreeMap::new(), BTreeMap::new(), vec![]);
        Session { phase: Phase::Compare, criterion, ready, slow, order, filter }
    }

    pub fn takes(&self, workload: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| workload.contains(filter.as_str()))
    }

    /// Compares one contender on one workload in both forms of input, or times it in the forms that are asked for.
    pub fn run<W: Stated, C: Contender<W>>(&mut self, workload: &W, forms: &[&str], ring: usize) {
        if !self.takes(&workload.name()) {
            return;
        }
        match self.phase {
            Phase::Compare => compare::<W, C>(workload),
            Phase::Time => self.time::<W, C>(workload, forms, ring),
        }
    }

    fn time<W: Stated, C: Contender<W>>(&mut self, workload: &W, forms: &[&str], ring: usize) {
        let name = workload.name();
        self.ready.insert((name.clone(), C::NAME.to_owned()), time_to_ready::<W, C>(workload));
        let mut contender = C::ready(workload);
        let requests = workload.requests(SEED, ring);
        let mut held = W::Rules::default();
        let mut at = 0;
        let mut next = move || {
            at = if at + 1 < ring { at + 1 } else { 0 };
            at
        };
        if forms.contains(&STRUCT) {
            let mut inputs: Vec<C::Input> = requests.iter().map(|request| contender.input(request)).collect();
            self.measure(&name, STRUCT, C::NAME, || {
                black_box(contender.decide(black_box(&mut inputs[next()]), &mut held));
                black_box(&held);
            });
        }
        if forms.contains(&JSON) {
            let lines = requests.iter().enumerate().map(|(number, request)| workload.line(request, number));
            let lines: Vec<String> = lines.collect();
            self.measure(&name, JSON, C::NAME, || {
                black_box(contender.decide_json(black_box(&lines[next()]), &mut held));
                black_box(&held);
            });
        }
    }

    /// The median by criterion, the 99th percentile by single decisions with the clock read around each.
    pub fn measure(&mut self, workload: &str, form: &str, contender: &str, mut decide: impl FnMut()) {
        let key = (workload.to_owned(), form.to_owned(), contender.to_owned());
        let mut group = self.criterion.benchmark_group(group(workload, form));
        group.bench_function(BenchmarkId::from_parameter(contender), |bencher| {
            bencher.iter(&mut decide);
        });
        group.finish();
        let begun = Instant::now();
        let mut single = vec![];
        while single.len() < 20_000 && (single.len() < 200 || begun.elapsed() < Duration::from_secs(1)) {
            let before = Instant::now();
            decide();
            single.push(before.elapsed());
        }
        single.sort_unstable();
        self.slow.insert(key.clone(), single[single.len() * 99 / 100]);
        self.order.push(key);
    }
}

/// What criterion files a workload and form under.
pub fn group(workload: &str, form: &str) -> String {
    format!("{workload}, {form}")
}

/// Every contender says what the decision by hand says, from a struct and from JSON.
fn compare<W: Stated, C: Contender<W>>(workload: &W) {
    let mut contender = C::ready(workload);
    let (mut expected, mut held) = (W::Rules::default(), W::Rules::default());
    for (number, request) in workload.requests(SEED + 1, COMPARED).iter().enumerate() {
        let verdict = workload.decide(request, &mut expected);
        let line = workload.line(request, number);
        let check = |form: &str, found: Verdict, held: &W::Rules| {
            assert_eq!(
                (found, held.numbers()),
                (verdict, expected.numbers()),
                "{} on {} from {form}: {line}",
                C::NAME,
                workload.name()
            );
        };
        let mut input = contender.input(request);
        let found = contender.decide(&mut input, &mut held);
        check(STRUCT, found, &held);
        let found = contender.decide_json(&line, &mut held);
        check(JSON, found, &held);
    }
    println!("{}: {} agrees on {COMPARED} requests, as structs and as JSON", workload.name(), C::NAME);
}

/// The median of five, or of one where it takes long.
fn time_to_ready<W: Stated, C: Contender<W>>(workload: &W) -> Duration {
    let mut times = vec![];
    while times.len() < 5 {
        let before = Instant::now();
        black_box(C::ready(workload));
        let taken = before.elapsed();
        times.push(taken);
        if taken > Duration::from_secs(1) {
            break;
        }
    }
    times.sort_unstable();
    times[times.len() / 2]
}
