//! What must not allocate: a program of its own, since it counts every allocation of the process.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]
#![allow(unsafe_code, reason = "an allocator can't be counted without one that passes on to the system's")]

use ordain_vm::answer::Verdict;
use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorId, AccumulatorSpec, Aggregate, Ask, Change, Condition, Contributions, EntryState, History, Kept,
    MemoryHistory, Reading, Seen, Step, Turn,
};
use ordain_vm::request::{Context, Request, World};
use ordain_vm::value::{Instant, Value};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
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

fn request(time: i64) -> Arc<Request> {
    Arc::new(Request {
        action: 0,
        actor: None,
        target: None,
        args: vec![],
        context: Context {
            session: Some("s".into()),
            time: Instant(time),
            asked: None,
            id: None,
            approvals: vec![],
            origins: BTreeMap::new(),
            members: vec![],
        },
        world: World::default(),
    })
}

/// Every kind of reading: of a key that is held, of one that is not, under a session, without the request's own entry, and
/// where something errs.
#[test]
fn reading_the_past_allocates_nothing() {
    let kinds = [
        (Aggregate::Count, Reading::Count),
        (Aggregate::Count, Reading::Any),
        (Aggregate::Sum { nothing: Value::Int(0) }, Reading::Sum),
        (Aggregate::Sum { nothing: Value::Int(0) }, Reading::Average),
        (Aggregate::Min, Reading::Min),
        (Aggregate::Max, Reading::Max),
        (Aggregate::Distinct, Reading::Distinct),
        (Aggregate::Distinct, Reading::Holds(&Value::Int(3))),
        (Aggregate::Values, Reading::Newest),
        (Aggregate::Values, Reading::Oldest),
        (Aggregate::Same, Reading::All(&Value::Int(3))),
    ];
    let (history, state) = (MemoryHistory::default(), EntryState::Done);
    let spec = |(aggregate, _): &(Aggregate, Reading<'_>)| AccumulatorSpec {
        aggregate: aggregate.clone(),
        state,
        horizon: Some(1_000_000),
        max_keys: 1_000,
    };
    let generation = history.load(kinds.iter().map(spec).collect(), &mut |_, _, _, _| {});
    let (mut seen, mut contributions) = (Seen::default(), Contributions::default());
    for at in 0..2_000_i64 {
        let id: Arc<str> = format!("r-{at}").into();
        history.open(generation, &id, Turn::Shared, &mut seen);
        for accumulator in (0..kinds.len() as u32).map(AccumulatorId) {
            let kept = match at % 701 {
                700 => Kept::Erred(Fault::Overflow),
                _ if kinds[accumulator.0 as usize].0 == Aggregate::Count => Kept::Nothing,
                _ => Kept::Value(Value::Int(at % 97)),
            };
            contributions.add(accumulator, None, [Value::text("held")], kept.clone());
            contributions.add(accumulator, Some(&"s".into()), [Value::text("held")], kept);
        }
        if at == 1_000 {
            contributions.add_open(AccumulatorId(0), None, [], Fault::Outside);
        }
        let (answer, condition, data) = (Some(Verdict::Permit), Condition::Performed, Arc::from([]));
        let step = Step::Asked { request: request(at), data, event: false, answer, condition, result: None };
        let contributions = &mut contributions;
        let change = Change { id: &id, step, contributions, counted: true };
        history.commit(&seen, change).unwrap();
    }

    let (held, other) = ([Value::text("held")], [Value::text("other")]);
    let (mut read, mut erred) = (0, 0);
    let before = ALLOCATOR.0.load(Relaxed);
    for (id, first) in [("new", 0), ("r-1999", 1_999), ("r-1500", 1_402), ("r-10", 500)] {
        history.open(generation, id, Turn::Shared, &mut seen);
        for (at, (_, reading)) in kinds.iter().enumerate() {
            for (key, session) in [(&held, None), (&other, None), (&held, Some("s")), (&held, Some("t"))] {
                let (accumulator, first) = (AccumulatorId(at as u32), Some(Instant(first)));
                let ask = Ask { accumulator, session, key, first, after: None, most: Some(100_000) };
                let result = history.read(&ask, *reading, &mut seen);
                read += 1;
                erred += usize::from(result.is_err());
                let _ = history.newest_place(&ask, &mut seen);
            }
        }
    }
    assert_eq!(ALLOCATOR.0.load(Relaxed) - before, 0, "allocations in {read} readings");
    assert!(erred > 20 && erred < read / 2, "{erred} of {read} erred");
}
