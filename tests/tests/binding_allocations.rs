//! A decision of a bound struct, or of a line of JSON, allocates nothing: a program of its own, since it counts every allocation of the process.

#![allow(unsafe_code, reason = "an allocator can't be counted without one that passes on to the system's")]

use ordain_benches::bound::Bound;
use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_jit::Native;
use ordain_stdlib::Standard;
use ordain_vm::answer::Verdict;
use ordain_vm::bind::{Binding, When};
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Interpreter, Run};
use ordain_vm::request::{OnePass, Read, Room};
use ordain_vm::value::Instant;
use ordain_vm::verify::verify;
use ordain_workloads::boundary::Boundary;
use ordain_workloads::credit::Credit;
use ordain_workloads::promotion::PromotionGate;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, and how often it was asked.
struct Counting(AtomicUsize);

// SAFETY: everything is passed on to the system's allocator as it came, whose promises these are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(1, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.0.fetch_add(1, Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting(AtomicUsize::new(0));

/// Lists of what was found grow in the first round over the requests, and are long enough in the second.
fn rounds<W: Bound>(workload: &W) {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", workload.policy())], ..Input::default() });
    let checked = analysis.checked().expect("it has no errors");
    let verified = Arc::new(verify(emit(&checked).expect("it compiles"), &Standard).expect("it verifies"));
    let own = workload.requests(5, 1_000);
    let structs = workload.structs(&own, &verified.program().schema);
    let binding = Binding::<W::Whole>::new(&verified).expect("it fits");
    let native = Native::new(&verified).expect("there is machine code for this processor");
    for engine in [&Interpreter as &dyn Run, &native] {
        let mut frame = Frame::new();
        let mut round = || {
            let before = ALLOCATOR.0.load(Relaxed);
            let permitted = structs.iter().filter(|of| {
                let ask = binding.ask(&verified, *of, When::at(Instant(0), "r-1")).expect("it is well formed");
                frame.decide(engine, &ask.around(&[])).verdict == Verdict::Permit
            });
            let permitted = permitted.count();
            (permitted, ALLOCATOR.0.load(Relaxed) - before)
        };
        let (first, second) = (round(), round());
        assert!(first.1 > 0, "nothing is counted");
        assert_eq!(second, (first.0, 0), "{}", workload.name());
        let lines: Vec<String> = own.iter().enumerate().map(|(at, of)| workload.line(of, at)).collect();
        let (pass, mut room) = (OnePass::new(verified.clone(), None, true, None).expect("no store"), Room::default());
        let mut round = || {
            let before = ALLOCATOR.0.load(Relaxed);
            let permitted = lines.iter().filter(|line| match pass.read(line.as_bytes(), &mut room) {
                Ok(Read::InPlace(asked)) => frame.decide(engine, &asked.around(&[])).verdict == Verdict::Permit,
                other => panic!("{line} is not read in place: {other:?}"),
            });
            let permitted = permitted.count();
            (permitted, ALLOCATOR.0.load(Relaxed) - before)
        };
        let (once, again) = (round(), round());
        assert_eq!(again, (once.0, 0), "{}, as lines", workload.name());
        assert_eq!(once.0, first.0, "{}", workload.name());
    }
}

/// One test, so that no other thread is counted.
#[test]
fn a_decision_of_a_struct_or_a_line_allocates_nothing() {
    rounds(&Boundary);
    rounds(&PromotionGate);
    rounds(&Credit);
}
