//! `Record`: what a history holds of one id, and how a request, event or later record changes it (`spec/history.md`, 1).
//! Every store keeps records and changes them by `Record::after`; engines read them and say with `Step` what happened.

use super::series::Place;
use crate::answer::Verdict;
use crate::request::Request;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What became of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Its last answer was no permit, and no more is known.
    Asked,
    /// Permitted, and not yet recorded as performed, failed or abandoned.
    Reserved,
    Performed,
    Failed,
    Abandoned,
}

/// Which entries a `past` picks: the STATE of `past SOURCE [STATE]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntryState {
    /// Without a state, and of every limit: performed or reserved.
    Done,
    /// Performed, with a result.
    Returned,
    /// Whatever was asked, at its first asking.
    Attempted,
    /// The last answer is `deny`, at the last asking.
    Denied,
    /// The last answer is `escalate`, at the last asking.
    Pending,
    /// Failed, when it was to be performed.
    Failed,
}

impl EntryState {
    pub const ALL: [EntryState; 6] = [
        EntryState::Done,
        EntryState::Returned,
        EntryState::Attempted,
        EntryState::Denied,
        EntryState::Pending,
        EntryState::Failed,
    ];
}

/// Some of the states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States(u8);

impl States {
    pub fn contains(self, state: EntryState) -> bool {
        self.0 & (1 << state as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = EntryState> {
        EntryState::ALL.into_iter().filter(move |state| self.contains(*state))
    }

    fn with(self, state: EntryState, holds: bool) -> States {
        States(self.0 | u8::from(holds) << state as u8)
    }
}

/// A request as it stood at one moment, with what was then known of entities and with the data of then.
#[derive(Clone, Debug)]
pub struct Recording {
    pub request: Arc<Request>,
    pub data: Arc<[Value]>,
    pub place: Place,
}

/// One request or event.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: Arc<str>,
    pub event: bool,
    /// Its first asking, its last, and its permit or performance.
    pub first: Option<Arc<Recording>>,
    pub last: Option<Arc<Recording>>,
    pub done: Option<Arc<Recording>>,
    /// The answer last given; of an event none.
    pub answer: Option<Verdict>,
    pub condition: Condition,
    /// What it brought back.
    pub result: Option<Value>,
}

/// There is a moment at which it was to be performed.
fn happened(condition: Condition) -> bool {
    match condition {
        Condition::Reserved | Condition::Performed | Condition::Failed => true,
        Condition::Asked | Condition::Abandoned => false,
    }
}

/// What happens to an id.
#[derive(Clone, Debug)]
pub enum Step {
    /// A request was answered, or an event happened, at the time of its context. Also something of the past that is
    /// recorded without being decided.
    Asked {
        request: Arc<Request>,
        data: Arc<[Value]>,
        event: bool,
        /// Of an event none.
        answer: Option<Verdict>,
        /// `Asked` where the answer is no permit; of a permit `Reserved` or `Performed`; of an event `Performed`.
        condition: Condition,
        result: Option<Value>,
    },
    /// It was performed at the time of the request's context, whoever permitted it.
    Performed {
        request: Arc<Request>,
        data: Arc<[Value]>,
    },
    /// What it brought back; so it was performed.
    Returned(Value),
    Failed,
    Abandoned,
}

impl Step {
    /// The states in which the id becomes an entry by this, or another one than it was: an engine says for each what it
    /// contributes (`Contributions`), and everything it contributed in these states before is taken back. What is recorded
    /// as failed at once is looked at for `Done`, too: that is kept aside, since it may turn out to have been performed.
    pub fn states(&self, before: Option<&Record>) -> States {
        let states = States::default();
        match self {
            Step::Asked { answer, condition, result, .. } => states
                .with(EntryState::Done, happened(*condition))
                .with(EntryState::Returned, *condition == Condition::Performed && result.is_some())
                .with(EntryState::Attempted, answer.is_some() && before.is_none_or(|before| before.first.is_none()))
                .with(EntryState::Denied, *answer == Some(Verdict::Deny))
                .with(EntryState::Pending, *answer == Some(Verdict::Escalate))
                .with(EntryState::Failed, *condition == Condition::Failed),
            Step::Performed { .. } => states
                .with(EntryState::Done, true)
                .with(EntryState::Returned, before.is_some_and(|before| before.result.is_some())),
            Step::Returned(_) | Step::Failed | Step::Abandoned => {
                let Some(before) = before.filter(|before| !before.event) else { return states };
                match self {
                    Step::Returned(_) => states
                        .with(EntryState::Returned, true)
                        .with(EntryState::Done, before.condition != Condition::Performed && before.done.is_none()),
                    Step::Failed => states.with(EntryState::Failed, before.condition != Condition::Failed),
                    _ => states,
                }
            }
        }
    }

    /// Its request, and so its time; later records have none.
    pub fn request(&self) -> Option<&Arc<Request>> {
        match self {
            Step::Asked { request, .. } | Step::Performed { request, .. } => Some(request),
            Step::Returned(_) | Step::Failed | Step::Abandoned => None,
        }
    }
}

impl Record {
    /// The recording with which it is an entry of that state, if it is one.
    pub fn moment(&self, state: EntryState) -> Option<&Recording> {
        let recording = match state {
            EntryState::Done => self.done.as_ref().filter(|_| self.counts()),
            EntryState::Returned => {
                self.done.as_ref().filter(|_| self.condition == Condition::Performed && self.result.is_some())
            }
            EntryState::Attempted => self.first.as_ref(),
            EntryState::Denied => self.last.as_ref().filter(|_| self.answer == Some(Verdict::Deny)),
            EntryState::Pending => self.last.as_ref().filter(|_| self.answer == Some(Verdict::Escalate)),
            EntryState::Failed => {
                self.done.as_ref().or(self.last.as_ref()).filter(|_| self.condition == Condition::Failed)
            }
        };
        recording.map(|recording| &**recording)
    }

    /// The recording with which it is an entry of that state, or would be one again if it turns out to have been performed.
    pub fn moment_if_done(&self, state: EntryState) -> Option<&Recording> {
        self.moment(state).or_else(|| self.done.as_deref().filter(|_| state == EntryState::Done))
    }

    /// It was performed, or room for it is reserved.
    pub fn counts(&self) -> bool {
        matches!(self.condition, Condition::Performed | Condition::Reserved)
    }

    /// What was asked: a place in `Schema::actions`.
    pub fn action(&self) -> Option<usize> {
        self.request().map(|request| request.action)
    }

    /// What was asked. Under one id that is the same each time, save for what the digest leaves out.
    pub fn request(&self) -> Option<&Arc<Request>> {
        let recording = self.done.as_ref().or(self.last.as_ref()).or(self.first.as_ref());
        recording.map(|recording| &recording.request)
    }

    /// The places of its recordings: nothing at them is in its own past.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        [&self.first, &self.last, &self.done].into_iter().flatten().map(|recording| recording.place)
    }

    /// What the step makes of the id; `None` where it speaks of one of which nothing was ever seen, or of an event. `order`
    /// is the place of the recording among all.
    pub fn after(before: Option<&Record>, id: &Arc<str>, step: Step, order: u64) -> Option<Record> {
        let recording = |request: Arc<Request>, data: Arc<[Value]>| {
            Arc::new(Recording { place: Place { time: request.context.time, order }, request, data })
        };
        let id = id.clone();
        let first = before.and_then(|before| before.first.clone());
        let last = before.and_then(|before| before.last.clone());
        match step {
            Step::Asked { request, data, event, answer, condition, result } => {
                let now = recording(request, data);
                let asked = answer.is_some();
                Some(Record {
                    first: first.or_else(|| asked.then(|| now.clone())),
                    last: if asked { Some(now.clone()) } else { last },
                    done: happened(condition).then_some(now),
                    answer: answer.or(before.and_then(|before| before.answer)),
                    event,
                    condition,
                    result,
                    id,
                })
            }
            Step::Performed { request, data } => Some(Record {
                done: Some(recording(request, data)),
                answer: before.and_then(|before| before.answer),
                event: before.is_some_and(|before| before.event),
                condition: Condition::Performed,
                result: before.and_then(|before| before.result.clone()),
                first,
                last,
                id,
            }),
            Step::Returned(value) => {
                let mut record = before.filter(|before| !before.event)?.clone();
                record.result = Some(value);
                if record.condition != Condition::Performed {
                    record.condition = Condition::Performed;
                    record.done = record.done.or_else(|| record.last.clone());
                }
                Some(record)
            }
            Step::Failed | Step::Abandoned => {
                let mut record = before.filter(|before| !before.event)?.clone();
                record.condition = match step {
                    Step::Failed => Condition::Failed,
                    _ => Condition::Abandoned,
                };
                Some(record)
            }
        }
    }
}
