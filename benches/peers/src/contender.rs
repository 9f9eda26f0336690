//! `Contender`: what takes part, and `Session`: first every answer is compared with the one written by hand, then times are
//! taken. `who.rs` lists who takes part in what.
//!
//! To add an engine: implement `Contender` for it, and add a line for it to `who.rs`.

use crate::clock::ProcessorTime;
use crate::measured::{JSON, Key, Measured, STRUCT};
use crate::stated::Stated;
use cpu_time::ThreadTime;
use criterion::{BenchmarkId, Criterion};
use ordain_workloads::{Rules, Verdict};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// An engine with the policy of a workload loaded.
pub trait Contender<W: Stated> {
    /// The request in its own form, made before the clock starts where it takes such a form.
    type Input<'r>;

    const NAME: &'static str;

    /// From the policy's text to ready.
    fn ready(workload: &W) -> Self;

    fn input<'r>(&mut self, request: &'r W::Request) -> Self::Input<'r>;

    /// Which rules hold, all of them, and what follows.
    fn decide(&mut self, input: &mut Self::Input<'_>, held: &mut W::Rules) -> Verdict;

    /// From a line of JSON to the decision.
    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict;
}

/// What can decide in several threads at once.
pub trait Beside {
    /// The same for another thread.
    fn beside(&self) -> Self;
}

/// One way through all that take part.
pub trait Round {
    /// `ring`: how many requests go round.
    fn run<W: Stated, C: Contender<W>>(&mut self, workload: &W, forms: &[&str], ring: usize);
}

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Compare,
    Time,
}

/// How many requests are compared, and with 10,000 rules, of which some peers take many milliseconds.
const COMPARED: usize = 1_000;
const COMPARED_OF_MOST: usize = 200;
pub const SEED: u64 = 2_026;

pub struct Session {
    pub phase: Phase,
    pub criterion: Criterion<ProcessorTime>,
    /// Where criterion writes.
    pub results: PathBuf,
    /// Only workloads whose name contains this take part.
    pub filter: Option<String>,
    pub measured: Measured,
}

impl Session {
    pub fn takes(&self, workload: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| workload.contains(filter.as_str()))
    }

    /// Whether that workload is timed now.
    pub fn times(&self, workload: &str) -> bool {
        self.phase == Phase::Time && self.takes(workload)
    }

    fn time<W: Stated, C: Contender<W>>(&mut self, workload: &W, forms: &[&str], ring: usize) {
        let name = workload.name();
        let (ready, mut contender) = time_to_ready::<W, C>(workload);
        self.measured.ready.insert((name.clone(), C::NAME.to_owned()), ready);
        let requests = workload.requests(SEED, ring);
        let mut held = W::Rules::default();
        let mut at = 0;
        let mut next = move || {
            at = if at + 1 < ring { at + 1 } else { 0 };
            at
        };
        if forms.contains(&STRUCT) {
            let mut inputs: Vec<C::Input<'_>> = requests.iter().map(|request| contender.input(request)).collect();
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
        let key = Key::new(workload, form, contender);
        let mut group = self.criterion.benchmark_group(group(workload, form));
        group.bench_function(BenchmarkId::from_parameter(contender), |bencher| {
            bencher.iter(&mut decide);
        });
        group.finish();
        let slow = slow(|| {
            let before = Instant::now();
            decide();
            before.elapsed()
        });
        self.note(key, slow);
    }

    /// Keeps what criterion has just estimated, and the 99th percentile.
    pub fn note(&mut self, key: Key, slow: Duration) {
        let path = self.results.join(group(&key.workload, &key.form)).join(&key.contender).join("new/estimates.json");
        let text = std::fs::read_to_string(path).expect("criterion wrote its estimates");
        let estimates: serde_json::Value = serde_json::from_str(&text).expect("estimates are JSON");
        let median = estimates["median"]["point_estimate"].as_f64().expect("there is a median");
        self.measured.medians.insert(key.clone(), median);
        self.measured.slow.insert(key.clone(), nanos(slow));
        self.measured.order.push(key);
    }
}

impl Round for Session {
    /// Compares one contender on one workload in both forms of input, or times it in the forms that are asked for.
    fn run<W: Stated, C: Contender<W>>(&mut self, workload: &W, forms: &[&str], ring: usize) {
        if !self.takes(&workload.name()) {
            return;
        }
        match self.phase {
            Phase::Compare => compare::<W, C>(workload, forms),
            Phase::Time => self.time::<W, C>(workload, forms, ring),
        }
    }
}

/// What criterion files a workload and form under.
pub fn group(workload: &str, form: &str) -> String {
    format!("{workload}, {form}")
}

pub fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}

/// The 99th percentile of 20,000 single decisions, of fewer where they are slow.
pub fn slow(mut one: impl FnMut() -> Duration) -> Duration {
    let begun = Instant::now();
    let mut single = vec![];
    while single.len() < 20_000 && (single.len() < 200 || begun.elapsed() < Duration::from_millis(500)) {
        single.push(one());
    }
    single.sort_unstable();
    single[single.len() * 99 / 100]
}

/// Every contender says what the decision by hand says, from a struct and from JSON; from JSON that is not timed less often.
fn compare<W: Stated, C: Contender<W>>(workload: &W, forms: &[&str]) {
    let compared = if workload.rules().len() < 10_000 { COMPARED } else { COMPARED_OF_MOST };
    let every = if forms.contains(&JSON) { 1 } else { 10 };
    let mut contender = C::ready(workload);
    let (mut expected, mut held) = (W::Rules::default(), W::Rules::default());
    for (number, request) in workload.requests(SEED + 1, compared).iter().enumerate() {
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
        if number % every == 0 {
            let found = contender.decide_json(&line, &mut held);
            check(JSON, found, &held);
        }
    }
    let lines = compared / every;
    println!("{}: {} agrees on {compared} requests as structs, {lines} as JSON", workload.name(), C::NAME);
}

/// From text to the first decision: the median of five, or of one where it takes long. And the last that was made.
fn time_to_ready<W: Stated, C: Contender<W>>(workload: &W) -> (f64, C) {
    let requests = workload.requests(SEED, 1);
    let mut times = vec![];
    loop {
        let before = ThreadTime::now();
        let mut contender = C::ready(workload);
        let mut input = contender.input(&requests[0]);
        black_box(contender.decide(&mut input, &mut W::Rules::default()));
        let taken = before.elapsed();
        times.push(nanos(taken));
        if times.len() == 5 || taken > Duration::from_millis(500) {
            return (median(&mut times), contender);
        }
    }
}

pub fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
