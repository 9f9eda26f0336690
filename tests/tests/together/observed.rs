//! A history that notes the order in which things are recorded, and a `Run` that tells that it ran.

use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorSpec, Ask, Change, Fill, Generation, History, MemoryHistory, Place, Reading, Record, Refused, Seen,
    Step, Turn,
};
use ordain_vm::interp::{Machine, Run};
use ordain_vm::program;
use ordain_vm::request::Approval;
use ordain_vm::value::{Instant, Value};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Clone)]
pub enum Recorded {
    Step { id: Arc<str>, step: Step },
    Ended(Arc<str>),
}

#[derive(Default)]
pub struct Observed {
    inner: MemoryHistory,
    recorded: Mutex<Vec<Recorded>>,
}

thread_local! {
    /// Where this thread recorded something.
    static LAST: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Before a line is answered.
pub fn forget() {
    LAST.set(None);
}

/// Where that line was recorded.
pub fn recorded() -> Option<usize> {
    LAST.get()
}

impl Observed {
    pub fn recorded(&self) -> Vec<Recorded> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.recorded.lock().expect("no thread panicked")
    }
}

impl History for Observed {
    fn load(&self, accumulators: Vec<AccumulatorSpec>, fill: &mut Fill<'_>) -> Generation {
        self.inner.load(accumulators, fill)
    }

    fn open(&self, generation: Generation, id: &str, turn: Turn, seen: &mut Seen) -> Option<Record> {
        self.inner.open(generation, id, turn, seen)
    }

    fn read(&self, ask: &Ask<'_>, reading: Reading<'_>, seen: &mut Seen) -> Result<Value, Fault> {
        self.inner.read(ask, reading, seen)
    }

    fn newest_place(&self, ask: &Ask<'_>, seen: &mut Seen) -> Result<Option<Place>, Fault> {
        self.inner.newest_place(ask, seen)
    }

    fn commit(&self, seen: &Seen, change: Change<'_>) -> Result<(), Refused> {
        let (id, step) = (change.id.clone(), change.step.clone());
        let mut all = self.all();
        self.inner.commit(seen, change)?;
        LAST.set(Some(all.len()));
        all.push(Recorded::Step { id, step });
        Ok(())
    }

    fn alone(&self, run: &mut dyn FnMut()) {
        self.inner.alone(run);
    }

    fn end_session(&self, session: &str) {
        let mut all = self.all();
        self.inner.end_session(session);
        all.push(Recorded::Ended(session.into()));
    }

    fn latest(&self) -> Option<Instant> {
        self.inner.latest()
    }

    fn next_id(&self) -> Arc<str> {
        self.inner.next_id()
    }

    fn take_id(&self) -> Arc<str> {
        self.inner.take_id()
    }

    fn approve(&self, approval: Approval) -> Result<(), u64> {
        self.inner.approve(approval)
    }

    fn approvals(&self, digest: &str, each: &mut dyn FnMut(&Approval)) {
        self.inner.approvals(digest, each);
    }

    fn complete_since(&self) -> Option<Instant> {
        self.inner.complete_since()
    }

    fn set_complete_since(&self, since: Instant) {
        self.inner.set_complete_since(since);
    }
}

/// Runs functions with `inner`, and notes it.
pub struct Told {
    pub inner: Arc<dyn Run>,
    pub ran: Arc<AtomicBool>,
}

impl Run for Told {
    fn run(&self, machine: &mut Machine<'_, '_>) -> Result<(), (Fault, program::Place)> {
        self.ran.store(true, SeqCst);
        self.inner.run(machine)
    }
}
