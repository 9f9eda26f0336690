//! A history with a fault planted in it.

use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorSpec, Ask, Change, Fill, Generation, History, MemoryHistory, Place, Reading, Record, Refused, Seen,
    Step, Turn,
};
use ordain_vm::request::Approval;
use ordain_vm::value::{Instant, Value};
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Not,
    LongWindow,
    ForgottenKey,
    KeptEntry,
    UncountedPlace,
}

pub const HISTORIES: [(&str, How); 4] = [
    ("a window that is a nanosecond too long", How::LongWindow),
    ("a key that is forgotten", How::ForgottenKey),
    ("an entry that is not taken back", How::KeptEntry),
    ("a window since nothing", How::UncountedPlace),
];

pub struct Changed {
    pub inner: MemoryHistory,
    pub how: How,
}

impl History for Changed {
    fn load(&self, accumulators: Vec<AccumulatorSpec>, fill: &mut Fill<'_>) -> Generation {
        self.inner.load(accumulators, fill)
    }

    fn open(&self, generation: Generation, id: &str, turn: Turn, seen: &mut Seen) -> Option<Record> {
        self.inner.open(generation, id, turn, seen)
    }

    fn read(&self, ask: &Ask<'_>, reading: Reading<'_>, seen: &mut Seen) -> Result<Value, Fault> {
        match (self.how, ask.key) {
            (How::LongWindow, _) => {
                let first = ask.first.map(|first| Instant(first.0 - 1));
                self.inner.read(&Ask { first, ..*ask }, reading, seen)
            }
            (How::ForgottenKey, [.., _]) => {
                let mut key = ask.key.to_vec();
                key.pop();
                key.push(Value::Missing);
                self.inner.read(&Ask { key: &key, ..*ask }, reading, seen)
            }
            _ => self.inner.read(ask, reading, seen),
        }
    }

    fn newest_place(&self, ask: &Ask<'_>, seen: &mut Seen) -> Result<Option<Place>, Fault> {
        let place = self.inner.newest_place(ask, seen);
        if self.how == How::UncountedPlace { place.map(|_| None) } else { place }
    }

    fn commit(&self, seen: &Seen, change: Change<'_>) -> Result<(), Refused> {
        match (self.how, &change.step) {
            (How::KeptEntry, Step::Failed | Step::Abandoned) => Ok(()),
            _ => self.inner.commit(seen, change),
        }
    }

    fn alone(&self, run: &mut dyn FnMut()) {
        self.inner.alone(run);
    }

    fn end_session(&self, session: &str) {
        self.inner.end_session(session);
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
