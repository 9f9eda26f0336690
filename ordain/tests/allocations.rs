//! A decision of a bound struct through a `Decider` allocates nothing: a program of its own, since it counts every
//! allocation of the process.

#![cfg(all(feature = "compiler", feature = "derive"))]
#![allow(unsafe_code, reason = "an allocator can't be counted without one that passes on to the system's")]

use ordain::{Action, Backend, Decider, Instant, Policy, Room, Verdict, When};
use std::alloc::{GlobalAlloc, Layout, System};
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

#[derive(Action)]
struct Send<'a> {
    to: &'a str,
    size: i64,
    memo: Option<&'a str>,
}

#[test]
fn a_decision_of_a_struct_or_of_json_allocates_nothing() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::compile_text(
        "action send { to: text, size: int, memo: text? }\npolicy mail {\n  \
         rule inside on send { permit when to ends with \"@corp.example\" and size is at most 100 }\n  \
         rule noted on send { deny when memo is present and memo is \"no\" }\n}",
    )?;
    let sends: Vec<Send<'_>> = (0..200)
        .map(|at| Send { to: ["ann@corp.example", "bob@else.example"][at % 2], size: at as i64, memo: None })
        .collect();
    for backend in [Backend::Interpreter, policy.backend()] {
        let policy = policy.clone().with_backend(backend)?;
        let (binding, mut decider) = (policy.bind::<Send>()?, Decider::new(&policy)?);
        let mut round = || {
            let before = ALLOCATOR.0.load(Relaxed);
            let permitted = sends.iter().filter(|send| {
                let ask = binding.ask(*send, When::at(Instant(0), "r-1")).expect("it is well formed");
                decider.decide(&ask).verdict() == Verdict::Permit
            });
            (permitted.count(), ALLOCATOR.0.load(Relaxed) - before)
        };
        let (first, second) = (round(), round());
        assert!(first.1 > 0, "nothing is counted");
        assert_eq!(second, (51, 0));
        let line = |send: &Send<'_>| {
            format!(
                r#"{{"action":{{"name":"send","properties":{{"to":"{}","size":{}}}}},"context":{{"time":"2026-03-03T15:00:00Z","id":"r-1"}}}}"#,
                send.to, send.size
            )
        };
        let lines: Vec<String> = sends.iter().map(line).collect();
        let (reader, mut room) = (policy.json_reader(None, None)?, Room::default());
        let mut round = || {
            let before = ALLOCATOR.0.load(Relaxed);
            let permitted = lines.iter().filter(|line| {
                let asked = reader.read(line.as_bytes(), &mut room).expect("it is well formed");
                decider.decide(&asked).verdict() == Verdict::Permit
            });
            (permitted.count(), ALLOCATOR.0.load(Relaxed) - before)
        };
        let (_, second) = (round(), round());
        assert_eq!(second, (51, 0));
    }
    Ok(())
}
