//! The past: a plain list of what was asked and what became of it, one entry an id, in the order of first recording.
//! `lib.rs` writes it, `past.rs` and `limits.rs` scan it. Nothing is forgotten: where the list is full, reading it is an error.

use crate::limits::Share;
use ordain_compiler::hir::{PastState, RuleId};
use ordain_vm::answer::Verdict;
use ordain_vm::request::{Approval, Request};
use ordain_vm::value::{EntityRef, Instant, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most entries of one key that a reading looks at, where its window names no other number.
pub const MAX_ENTRIES: u64 = 100_000;
/// The most entries of all keys together, and the most approvals, that are kept.
const MAX_HISTORY: usize = 1_000_000;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its last answer was no permit, and no more is known.
    Asked,
    Reserved,
    Performed,
    Failed,
    Abandoned,
}

/// A request as it stood at one moment, with what was then known of entities and with the data of then.
#[derive(Clone, Debug)]
pub struct Recording {
    pub request: Arc<Request>,
    pub data: Arc<[Value]>,
    pub time: Instant,
    /// Its place among all recordings.
    pub order: u64,
}

/// One request or event.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Arc<str>,
    /// The digest of its typed content: what must not change under the same id.
    pub digest: Arc<str>,
    pub event: bool,
    /// Its first asking, its last, and its permit or performance.
    pub first: Option<Recording>,
    pub last: Option<Recording>,
    pub done: Option<Recording>,
    /// The answer last given.
    pub answer: Option<Verdict>,
    pub state: State,
    /// What it brought back.
    pub result: Option<Value>,
    /// What it adds to each limit that counts it.
    pub shares: Vec<(RuleId, Share)>,
}

/// Which of an entry's recordings a reading looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    First,
    Last,
    Done,
}

impl Entry {
    /// The recording with which it is in that state, if it is in it. Without a state: performed, or reserved.
    pub fn moment(&self, state: Option<PastState>) -> Option<Moment> {
        let counts = self.counts() && self.done.is_some();
        match state {
            None => counts.then_some(Moment::Done),
            Some(PastState::Returned) => {
                (self.state == State::Performed && self.result.is_some()).then_some(Moment::Done)
            }
            Some(PastState::Attempted) => self.first.as_ref().map(|_| Moment::First),
            Some(PastState::Denied) => (self.answer == Some(Verdict::Deny)).then_some(Moment::Last),
            Some(PastState::Pending) => (self.answer == Some(Verdict::Escalate)).then_some(Moment::Last),
            Some(PastState::Failed) if self.state != State::Failed => None,
            Some(PastState::Failed) if self.done.is_some() => Some(Moment::Done),
            Some(PastState::Failed) => Some(Moment::Last),
        }
    }

    pub fn at(&self, moment: Moment) -> Option<&Recording> {
        match moment {
            Moment::First => self.first.as_ref(),
            Moment::Last => self.last.as_ref(),
            Moment::Done => self.done.as_ref(),
        }
    }

    /// What was asked.
    pub fn action(&self) -> Option<usize> {
        let recording = self.done.as_ref().or(self.last.as_ref()).or(self.first.as_ref());
        recording.map(|recording| recording.request.action)
    }

    /// It was performed, or room for it is reserved.
    pub fn counts(&self) -> bool {
        matches!(self.state, State::Performed | State::Reserved)
    }
}

/// An entry of a reading: which one, and in which of its recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef {
    pub entry: usize,
    pub moment: Moment,
}

impl EntryRef {
    /// The number of its snapshot of entities; 0 is the request's own.
    pub fn snapshot(self) -> u32 {
        self.entry as u32 * 3 + self.moment as u32 + 1
    }

    pub fn of_snapshot(snapshot: u32) -> Option<EntryRef> {
        let at = snapshot.checked_sub(1)?;
        let moment = match at % 3 {
            0 => Moment::First,
            1 => Moment::Last,
            _ => Moment::Done,
        };
        Some(EntryRef { entry: at as usize / 3, moment })
    }
}

#[derive(Clone, Debug)]
pub struct History {
    pub entries: Vec<Entry>,
    by_id: BTreeMap<Arc<str>, usize>,
    /// Approvals that came by themselves, in the order in which they came.
    pub approvals: Vec<Approval>,
    /// The latest time of a request, event or record.
    pub latest: Option<Instant>,
    /// How many requests and events were seen.
    pub seen: u64,
    /// Since when nothing is missing; `None`: for all time.
    pub complete_since: Option<Instant>,
    /// How many recordings were made.
    pub recorded: u64,
    /// How many ids, and how many approvals, find room.
    pub most: usize,
    /// Something found no room. Every reading is an error from then on, and no new id is permitted.
    pub full: bool,
}

impl Default for History {
    fn default() -> History {
        History::holding(MAX_HISTORY)
    }
}

impl History {
    /// Room for so many ids, and so many approvals.
    pub fn holding(most: usize) -> History {
        History {
            entries: vec![],
            by_id: BTreeMap::new(),
            approvals: vec![],
            latest: None,
            seen: 0,
            complete_since: None,
            recorded: 0,
            most,
            full: false,
        }
    }

    pub fn find(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).map(|at| &self.entries[*at])
    }

    pub fn find_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.by_id.get(id).map(|at| &mut self.entries[*at])
    }

    /// The entry with that recording; whoever has an `EntryRef` got it from this history.
    pub fn recording(&self, at: EntryRef) -> Option<&Recording> {
        self.entries.get(at.entry)?.at(at.moment)
    }

    /// A recording behind all others.
    pub fn record(&mut self, request: Arc<Request>, data: Arc<[Value]>, time: Instant) -> Recording {
        self.recorded += 1;
        Recording { request, data, time, order: self.recorded }
    }

    /// Keeps an entry, in the place of the one with its id.
    pub fn keep(&mut self, entry: Entry) {
        match self.by_id.get(&entry.id) {
            Some(at) => self.entries[*at] = entry,
            None if self.entries.len() >= self.most => self.full = true,
            None => {
                self.by_id.insert(entry.id.clone(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    pub fn keep_approval(&mut self, approval: Approval) {
        if self.approvals.len() >= self.most {
            self.full = true;
        } else {
            self.approvals.push(approval);
        }
    }

    /// The id that the history gives to the request after those it has seen.
    pub fn next_id(&self) -> Arc<str> {
        let mut count = self.seen + 1;
        loop {
            let id: Arc<str> = format!("auto-{count}").into();
            if !self.by_id.contains_key(&id) {
                return id;
            }
            count += 1;
        }
    }

    /// Time has come so far.
    pub fn at(&mut self, time: Instant) {
        self.latest = self.latest.max(Some(time));
    }
}

/// The value with its entities read from that snapshot: 0 is the request's own.
pub fn in_snapshot(value: Value, snapshot: u32) -> Value {
    match value {
        Value::Entity(entity) => Value::Entity(EntityRef { snapshot, ..entity }),
        Value::List(items) if items.iter().any(holds_entity) => {
            Value::List(items.iter().map(|item| in_snapshot(item.clone(), snapshot)).collect())
        }
        Value::Record(record, fields) if fields.iter().any(holds_entity) => {
            Value::Record(record, fields.iter().map(|field| in_snapshot(field.clone(), snapshot)).collect())
        }
        Value::Set(items) if items.iter().any(holds_entity) => {
            Value::Set(Arc::new(items.iter().map(|item| in_snapshot(item.clone(), snapshot)).collect()))
        }
        Value::Map(items) if items.iter().any(|(key, item)| holds_entity(key) || holds_entity(item)) => {
            let items = items.iter().map(|(k, v)| (in_snapshot(k.clone(), snapshot), in_snapshot(v.clone(), snapshot)));
            Value::Map(Arc::new(items.collect()))
        }
        other => other,
    }
}

fn holds_entity(value: &Value) -> bool {
    match value {
        Value::Entity(_) => true,
        Value::List(items) => items.iter().any(holds_entity),
        Value::Record(_, fields) => fields.iter().any(holds_entity),
        Value::Set(items) => items.iter().any(holds_entity),
        Value::Map(items) => items.iter().any(|(key, item)| holds_entity(key) || holds_entity(item)),
        _ => false,
    }
}
