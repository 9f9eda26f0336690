//! One million requests of W1 as rows: a slice of structs, decided one after the other through a binding, beside a loop over
//! the same structs that was written by hand. Answers are compared row by row first.

use crate::contender::{SEED, Session, median, nanos};
use crate::measured::Batch;
use crate::ordain::{Engine, Interpreted, MachineCode, Ordain};
use cpu_time::ThreadTime;
use ordain_benches::bound::{Bound, Call};
use ordain_benches::verified;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::{Verdict, Workload};
use std::hint::black_box;

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 5;

pub fn measure(session: &mut Session) {
    if !session.times("W1") {
        return;
    }
    let requests = Boundary.requests(SEED, ROWS);
    let verified = verified(&Boundary.policy());
    let rows = Boundary.structs(&requests, &verified.program().schema);
    session.measured.batch = Some(Batch {
        by_hand: loop_over(&rows, by_hand),
        interpreter: through::<Interpreted>(&rows),
        machine_code: through::<MachineCode>(&rows),
    });
}

fn by_hand(row: &Call<'_>) -> (Verdict, u64) {
    boundary::decide(&boundary::Call {
        agent_id: &*row.agent.id,
        tool: row.tool,
        amount: row.amount,
        currency: row.currency,
        country: row.country,
        data_class: row.data_class,
        approvals: row.approvals,
        hour: row.hour,
    })
}

fn through<E: Engine>(rows: &[Call<'_>]) -> f64 {
    let mut engine = Ordain::<Boundary, E>::new(&Boundary);
    let mut decide = |row: &Call<'_>| {
        let mut held = 0;
        (engine.decide_struct(row, &mut held), held)
    };
    for row in rows {
        assert_eq!(decide(row), by_hand(row), "{} on {row:?}", E::NAME);
    }
    loop_over(rows, decide)
}

/// Of a row, by the median of the rounds. What comes of it: how often each verdict and each rule.
fn loop_over(rows: &[Call<'_>], mut decide: impl FnMut(&Call<'_>) -> (Verdict, u64)) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = ThreadTime::now();
            let mut verdicts = [0_u32; 3];
            let mut rules = 0;
            for row in black_box(rows) {
                let (verdict, held) = decide(row);
                verdicts[verdict as usize] += 1;
                rules += held.count_ones();
            }
            black_box((verdicts, rules));
            nanos(start.elapsed()) / rows.len() as f64
        })
        .collect();
    median(&mut times)
}
