//! How often a decision allocates, W1 to W3: a program of its own, since it counts every allocation of the process.
//! `benches/peers.rs` runs it and reads its lines: workload, form, contender and allocations of a decision, with tabs.

use ordain_peers::contender::{Contender, Round, SEED};
use ordain_peers::measured::{JSON, STRUCT};
use ordain_peers::stated::Stated;
use ordain_peers::who;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Count;

const REQUESTS: usize = 1_000;

impl Round for Count {
    /// Lists grow in the first round over the requests, and are long enough in the second.
    fn run<W: Stated, C: Contender<W>>(&mut self, workload: &W, _: &[&str], _: usize) {
        let (mut contender, requests) = (C::ready(workload), workload.requests(SEED, REQUESTS));
        let mut inputs: Vec<C::Input<'_>> = requests.iter().map(|request| contender.input(request)).collect();
        let lines: Vec<String> =
            requests.iter().enumerate().map(|(number, request)| workload.line(request, number)).collect();
        let mut held = W::Rules::default();
        let count = |form: &str, round: &mut dyn FnMut()| {
            round();
            let region = Region::new(ALLOCATOR);
            round();
            let change = region.change();
            let each = (change.allocations + change.reallocations) as f64 / REQUESTS as f64;
            println!("{}\t{form}\t{}\t{each}", workload.name(), C::NAME);
        };
        count(STRUCT, &mut || {
            inputs.iter_mut().for_each(|input| {
                black_box(contender.decide(input, &mut held));
            });
        });
        count(JSON, &mut || {
            lines.iter().for_each(|line| {
                black_box(contender.decide_json(line, &mut held));
            });
        });
    }
}

fn main() {
    who::boundary(&mut Count);
    who::promotion(&mut Count);
    who::credit(&mut Count);
}
