//! What it takes until Ordain decides: from text to a verified program, from that to machine code, from the bytes of a
//! compiled file to the first decision; and how much memory a loaded program has.

use crate::contender::{SEED, Session, median, nanos};
use crate::measured::Stages;
use cpu_time::ThreadTime;
use ordain_benches::bound::Bound;
use ordain_benches::past::By;
use ordain_benches::verified;
use ordain_jit::Native;
use ordain_stdlib::Standard;
use ordain_vm::bind::{Binding, When};
use ordain_vm::encode::{decode, encode};
use ordain_vm::frame::Frame;
use ordain_vm::value;
use ordain_vm::verify::{Verified, verify};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// `resident` finds in a process of its own how much memory the program of a file takes, run by one or the other.
pub fn measure<W: Bound>(session: &mut Session, workload: &W, resident: impl Fn(&[u8], By) -> u64) {
    let name = workload.name();
    if !session.times(&name) {
        return;
    }
    let (policy, requests) = (workload.policy(), workload.requests(SEED, 1));
    let program = verified(&policy);
    let file = encode(program.program()).expect("a program has bytes").bytes;
    let first = |by: By| {
        let verified = loaded(&file);
        let structs = workload.structs(&requests, &verified.program().schema);
        let (run, binding) = (by.run(&verified), Binding::<W::Whole>::new(&verified).expect("the struct fits"));
        let at = When::at(value::Instant(0), "r-1");
        let ask = binding.ask(&verified, &structs[0], at).expect("it is well formed");
        black_box(Frame::new().decide(&*run, &ask.around(&[])).verdict);
    };
    let stages = Stages {
        workload: name,
        text_to_program: time(|| drop(black_box(verified(black_box(&policy))))),
        to_machine_code: time(|| drop(black_box(Native::new(black_box(&program)).expect("there is machine code")))),
        file_to_interpreter: time(|| first(By::Interpreter)),
        file_to_machine_code: time(|| first(By::MachineCode)),
        resident: [By::Interpreter, By::MachineCode].map(|by| resident(&file, by)),
        file: file.len(),
    };
    session.measured.stages.push(stages);
}

fn loaded(file: &[u8]) -> Verified {
    verify(decode(black_box(file)).expect("it is a compiled file").0, &Standard).expect("it verifies")
}

/// How much resident memory grows by loading that file. `resident`: how much this process has now.
pub fn growth(file: &[u8], by: By, resident: impl Fn() -> u64) -> u64 {
    let before = resident();
    let verified = loaded(file);
    let run = by.run(&verified);
    let grown = resident().saturating_sub(before);
    black_box((verified, run));
    grown
}

/// The median of nine, of fewer where it takes long.
fn time(mut stage: impl FnMut()) -> f64 {
    let (mut times, begun) = (vec![], Instant::now());
    while times.len() < 9 && begun.elapsed() < Duration::from_secs(3) || times.is_empty() {
        let start = ThreadTime::now();
        stage();
        times.push(nanos(start.elapsed()));
    }
    median(&mut times)
}
