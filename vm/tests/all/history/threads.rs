//! Reading, deciding and reserving are one step, whoever does the same meanwhile.

use super::model::request;
use ordain_vm::answer::Verdict;
use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorId, AccumulatorSpec, Aggregate, Ask, Bounds, Change, Condition, Contributions, EntryState, Generation,
    History, Kept, MemoryHistory, Reading, Seen, Step, Turn, settle,
};
use ordain_vm::value::{Instant, Value};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};

/// What may be spent within the hour, of each of the keys `a-0`, `a-1`, ….
const MOST: i64 = 100;

fn sum() -> AccumulatorSpec {
    AccumulatorSpec {
        aggregate: Aggregate::Sum { nothing: Value::Int(0) },
        state: EntryState::Done,
        horizon: Some(3_600),
        max_keys: 1_000,
    }
}

fn key(actor: usize) -> [Value; 1] {
    [Value::text(format!("a-{actor}"))]
}

fn ask(key: &[Value]) -> Ask<'_> {
    let (first, most) = (Some(Instant(100 - 3_600)), Some(100_000));
    Ask { accumulator: AccumulatorId(0), session: None, key, first, after: None, most }
}

/// Spends from all these keys, if none is exceeded by it. How often it was decided again.
fn spend(history: &MemoryHistory, generation: Generation, id: &str, actors: &[usize], amount: i64) -> (bool, u64) {
    let (id, mut seen, mut contributions): (Arc<str>, _, _) = (id.into(), Seen::default(), Contributions::default());
    let mut attempts = 0;
    let permitted = settle(history, |turn| {
        attempts += 1;
        history.open(generation, &id, turn, &mut seen);
        let mut permit = true;
        for actor in actors {
            let before = history.read(&ask(&key(*actor)), Reading::Sum, &mut seen);
            permit &= matches!(before, Ok(Value::Int(before)) if before + amount <= MOST);
        }
        contributions.clear();
        let (answer, condition) = match permit {
            true => (Some(Verdict::Permit), Condition::Reserved),
            false => (Some(Verdict::Deny), Condition::Asked),
        };
        if permit {
            for actor in actors {
                contributions.add(AccumulatorId(0), None, key(*actor), Kept::Value(Value::Int(amount)));
            }
        }
        let (request, data) = (request(&id, 100, 0, amount, "x", None), Arc::from([]));
        let step = Step::Asked { request, data, event: false, answer, condition, result: None };
        let contributions = &mut contributions;
        history.commit(&seen, Change { id: &id, step, contributions, counted: true })?;
        Ok(permit)
    });
    (permitted.unwrap(), attempts - 1)
}

fn spent(history: &MemoryHistory, generation: Generation, actor: usize) -> Result<Value, Fault> {
    let mut seen = Seen::default();
    history.open(generation, "none", Turn::Shared, &mut seen);
    history.read(&ask(&key(actor)), Reading::Sum, &mut seen)
}

#[test]
fn two_threads_never_spend_more_together_than_there_is() {
    let again = AtomicU64::new(0);
    for round in 0..400 {
        let history = MemoryHistory::default();
        let generation = history.load(vec![sum()], &mut |_, _, _, _| {});
        let barrier = Barrier::new(2);
        // One and three divide what there is, so that exactly all of it is spent.
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let (history, barrier, again) = (&history, &barrier, &again);
                scope.spawn(move || {
                    barrier.wait();
                    for at in 0..120 {
                        let amount = if at % 4 == thread { 3 } else { 1 };
                        let actors: &[usize] = if round % 2 == 0 { &[0] } else { &[thread, 2] };
                        let (_, attempts) = spend(history, generation, &format!("r-{thread}-{at}"), actors, amount);
                        again.fetch_add(attempts, Ordering::Relaxed);
                    }
                });
            }
        });
        let full = if round % 2 == 0 { 0 } else { 2 };
        assert_eq!(spent(&history, generation, full), Ok(Value::Int(MOST)), "round {round}");
    }
    // Else nothing was shown.
    assert!(again.load(Ordering::Relaxed) > 20, "the threads hardly met: {again:?}");
}

/// Who waits too long is let pass; nobody is left waiting.
#[test]
fn everyone_comes_to_an_end() {
    let history = MemoryHistory::default();
    let generation = history.load(vec![sum()], &mut |_, _, _, _| {});
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let history = &history;
            // One reads so much that something of it has nearly always changed.
            let actors: Vec<usize> = if thread == 0 { (0..200).collect() } else { vec![thread] };
            scope.spawn(move || {
                for at in 0..if thread == 0 { 60 } else { 600 } {
                    spend(history, generation, &format!("r-{thread}-{at}"), &actors, 1);
                }
            });
        }
    });
    for actor in 1..4 {
        assert_eq!(spent(&history, generation, actor), Ok(Value::Int(MOST)));
    }
}

/// The same id twice at once is one request.
#[test]
fn an_id_is_permitted_once() {
    for round in 0..300 {
        let history = MemoryHistory::default();
        let generation = history.load(vec![sum()], &mut |_, _, _, _| {});
        let (barrier, permitted) = (Barrier::new(2), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let (id, mut seen): (Arc<str>, _) = ("same".into(), Seen::default());
                    barrier.wait();
                    let first = settle(&history, |turn| {
                        if history.open(generation, &id, turn, &mut seen).is_some() {
                            return Ok(false);
                        }
                        let (request, data) = (request(&id, 100, 0, 1, "x", None), Arc::from([]));
                        let contributions = &mut Contributions::default();
                        contributions.add(AccumulatorId(0), None, key(0), Kept::Value(Value::Int(1)));
                        let step = Step::Performed { request, data };
                        history.commit(&seen, Change { id: &id, step, contributions, counted: true })?;
                        Ok(true)
                    });
                    permitted.fetch_add(u64::from(first.unwrap()), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(permitted.load(Ordering::Relaxed), 1, "round {round}");
        assert_eq!(spent(&history, generation, 0), Ok(Value::Int(1)));
    }
}

/// What is recorded while a program is loaded is in its accumulators, once.
#[test]
fn a_program_that_is_loaded_meanwhile_misses_nothing() {
    for round in 0..20 {
        let history = MemoryHistory::new(Bounds::default());
        let specs = || vec![AccumulatorSpec { horizon: None, ..sum() }];
        let generation = AtomicU64::new(history.load(specs(), &mut |_, _, _, _| {}).0);
        std::thread::scope(|scope| {
            let (history, generation) = (&history, &generation);
            scope.spawn(move || {
                for at in 0..600 {
                    let (id, mut seen): (Arc<str>, _) = (format!("r-{at}").into(), Seen::default());
                    let recorded = settle(history, |turn| {
                        let now = Generation(generation.load(Ordering::SeqCst));
                        history.open(now, &id, turn, &mut seen);
                        let contributions = &mut Contributions::default();
                        contributions.add(AccumulatorId(0), None, key(at % 3), Kept::Value(Value::Int(1)));
                        let (request, data) = (request(&id, 100, at % 3, 1, "x", None), Arc::from([]));
                        let step = Step::Performed { request, data };
                        history.commit(&seen, Change { id: &id, step, contributions, counted: true })
                    });
                    recorded.unwrap();
                }
            });
            for _ in 0..10 {
                let loaded = history.load(specs(), &mut |_, _, recording, contributions| {
                    let actor = recording.request.actor.as_ref().unwrap();
                    let key = [Value::Text(actor.id.clone())];
                    contributions.add(AccumulatorId(0), None, key, Kept::Value(Value::Int(1)));
                });
                generation.store(loaded.0, Ordering::SeqCst);
            }
        });
        for actor in 0..3 {
            let now = Generation(generation.load(Ordering::SeqCst));
            assert_eq!(spent(&history, now, actor), Ok(Value::Int(200)), "round {round}");
        }
    }
}
