//! Decisions a second with one thread and with two, from structs. Threads share the program and the machine code; each has
//! registers and requests of its own.

use crate::contender::{Beside, Contender, SEED, Session, median};
use crate::measured::Threads;
use crate::stated::Stated;
use crate::who::MANY;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(150);

pub fn measure<W: Stated + Sync, C: Contender<W> + Beside + Send>(session: &mut Session, workload: &W) {
    if session.times(&workload.name()) {
        let first = C::ready(workload);
        let rate = [1, 2].map(|threads| rate(workload, (0..threads).map(|_| first.beside()).collect::<Vec<C>>()));
        session.measured.threads.push(Threads { workload: workload.name(), contender: C::NAME, rate });
    }
}

/// The median of some rounds, in which all threads decide at the same time.
fn rate<W: Stated + Sync, C: Contender<W> + Send>(workload: &W, contenders: Vec<C>) -> f64 {
    let barrier = &Barrier::new(contenders.len());
    let run = |mut contender: C, seed: u64| {
        let requests = workload.requests(seed, MANY / 2);
        let mut inputs: Vec<C::Input<'_>> = requests.iter().map(|request| contender.input(request)).collect();
        let (mut held, mut at) = (W::Rules::default(), 0);
        let mut round = || {
            barrier.wait();
            let (begun, mut decisions) = (Instant::now(), 0);
            while begun.elapsed() < ROUND {
                for _ in 0..1_000 {
                    at = if at + 1 < inputs.len() { at + 1 } else { 0 };
                    black_box(contender.decide(black_box(&mut inputs[at]), &mut held));
                    black_box(&held);
                }
                decisions += 1_000;
            }
            f64::from(decisions) / begun.elapsed().as_secs_f64()
        };
        round();
        (0..ROUNDS).map(|_| round()).collect::<Vec<f64>>()
    };
    let by_thread: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let threads =
            contenders.into_iter().zip(SEED..).map(|(contender, seed)| scope.spawn(move || run(contender, seed)));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|round| by_thread.iter().map(|rates| rates[round]).sum()).collect();
    median(&mut rounds)
}
