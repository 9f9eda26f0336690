//! A program of a few questions, and a plain list of records that answers them by looking at each: what the history in
//! memory is held against.

use super::scan::scan;
use ordain_vm::answer::Verdict;
use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorId, AccumulatorSpec, Aggregate, Ask, Condition, Contributions, EntryState, Kept, MOST_ENTRIES, Place,
    Reading, Recording, Step,
};
use ordain_vm::request::{Context, Request, World};
use ordain_vm::value::{EntityId, EntityRef, Instant, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a question's key is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    Nothing,
    Actor,
    /// The invoice may err where the actor is known.
    ActorAndInvoice,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub aggregate: Aggregate,
    pub state: EntryState,
    pub by: By,
    pub of_session: bool,
    pub horizon: Option<i64>,
}

/// Every aggregate, state, key and kind of window.
pub fn questions() -> Vec<Question> {
    let mut questions = vec![];
    let sum = Aggregate::Sum { nothing: Value::Int(0) };
    let aggregates = [
        Aggregate::Count,
        sum,
        Aggregate::Min,
        Aggregate::Max,
        Aggregate::Distinct,
        Aggregate::Values,
        Aggregate::Same,
    ];
    for (at, state) in EntryState::ALL.into_iter().enumerate() {
        for (turn, aggregate) in aggregates.iter().enumerate() {
            let by = [By::Actor, By::ActorAndInvoice, By::Nothing][(at + turn) % 3];
            let (of_session, horizon) = [(false, Some(40)), (false, None), (true, None)][(at + turn / 2) % 3];
            questions.push(Question { aggregate: aggregate.clone(), state, by, of_session, horizon });
        }
    }
    questions
}

impl Question {
    pub fn spec(&self) -> AccumulatorSpec {
        let (aggregate, state, horizon) = (self.aggregate.clone(), self.state, self.horizon);
        AccumulatorSpec { aggregate, state, horizon, max_keys: 1_000 }
    }

    pub fn key(&self, request: &Request) -> Vec<Value> {
        let actor = || request.actor.clone().map_or(Value::Missing, Value::Entity);
        match self.by {
            By::Nothing => vec![],
            By::Actor => vec![actor()],
            By::ActorAndInvoice => vec![actor(), request.args[1].clone()],
        }
    }

    /// What a recording is to it: a key, or the values that a key begins with, and what is kept. An amount of 13 is not
    /// fit for the condition, one of 14 has no value, one of 15 has no key at all; the invoice `bad` is none.
    fn entry(&self, request: &Request, result: &Option<Value>) -> Option<(Vec<Value>, bool, Kept)> {
        let key = self.key(request);
        let amount = match (self.state, result) {
            (EntryState::Returned, Some(result)) => result.clone(),
            _ => request.args[0].clone(),
        };
        if amount == Value::Int(15) {
            return Some((vec![], true, Kept::Erred(Fault::TimeRange)));
        }
        if self.by == By::ActorAndInvoice && request.args[1] == Value::text("bad") {
            return Some((key[..1].to_vec(), true, Kept::Erred(Fault::Outside)));
        }
        match (amount, &self.aggregate) {
            (Value::Int(amount), _) if amount < 0 => None,
            (Value::Int(13), _) => Some((key, false, Kept::Erred(Fault::DivisionByZero))),
            (_, Aggregate::Count) => Some((key, false, Kept::Nothing)),
            (Value::Int(14), _) => Some((key, false, Kept::ValueErred(Fault::Overflow))),
            (amount, _) => Some((key, false, Kept::Value(amount))),
        }
    }

    pub fn readings<'v>(&self, value: &'v Value) -> Vec<Reading<'v>> {
        let mut readings = vec![Reading::Any, Reading::Count];
        match self.aggregate {
            Aggregate::Count => {}
            Aggregate::Sum { .. } => readings.extend([Reading::Sum, Reading::Average]),
            Aggregate::Min => readings.push(Reading::Min),
            Aggregate::Max => readings.push(Reading::Max),
            Aggregate::Distinct => readings.extend([Reading::Distinct, Reading::Holds(value)]),
            Aggregate::Values => readings.extend([Reading::Newest, Reading::Oldest]),
            Aggregate::Same => readings.push(Reading::All(value)),
        }
        readings
    }

    /// The question as this request asks it, of what lies within `reach` nanoseconds.
    pub fn ask<'a>(&self, at: usize, request: &'a Request, key: &'a [Value], reach: i64) -> Ask<'a> {
        let window = !self.of_session && (self.horizon.is_some() || reach < 100);
        let reach = self.horizon.map_or(reach, |horizon| reach.min(horizon));
        Ask {
            accumulator: AccumulatorId(at as u32),
            session: request.context.session.as_deref().filter(|_| self.of_session),
            key,
            first: window.then(|| Instant(request.context.time.0 - reach + 1)),
            after: None,
            most: Some(MOST_ENTRIES),
        }
    }
}

/// What an engine contributes for a recording, to all questions about that state.
pub fn contribute(
    questions: &[Question],
    state: EntryState,
    request: &Request,
    result: &Option<Value>,
    contributions: &mut Contributions,
) {
    for (at, question) in questions.iter().enumerate().filter(|(_, question)| question.state == state) {
        let session = request.context.session.as_ref();
        if question.of_session && session.is_none() {
            continue;
        }
        let (session, accumulator) = (session.filter(|_| question.of_session), AccumulatorId(at as u32));
        match question.entry(request, result) {
            None => {}
            Some((start, true, Kept::Erred(fault))) => contributions.add_open(accumulator, session, start, fault),
            Some((key, _, kept)) => contributions.add(accumulator, session, key, kept),
        }
    }
}

pub fn request(id: &str, time: i64, actor: usize, amount: i64, invoice: &str, session: Option<&str>) -> Arc<Request> {
    Arc::new(Request {
        action: 0,
        actor: Some(EntityRef::new(EntityId(0), format!("a-{actor}"))),
        target: None,
        args: vec![Value::Int(amount), Value::text(invoice)],
        context: Context {
            session: session.map(Arc::from),
            time: Instant(time),
            asked: None,
            id: Some(id.into()),
            approvals: vec![],
            origins: BTreeMap::new(),
            members: vec![],
        },
        world: World::default(),
    })
}

/// A request and the place of its recording.
type Moment = (Arc<Request>, Place);

/// An entry of the reference's history, as `spec/history.md` 1 tells its life.
#[derive(Clone, Default)]
struct Entry {
    id: String,
    event: bool,
    first: Option<Moment>,
    last: Option<Moment>,
    done: Option<Moment>,
    answer: Option<Verdict>,
    condition: Option<Condition>,
    result: Option<Value>,
}

impl Entry {
    fn moment(&self, state: EntryState) -> Option<&Moment> {
        let is = |condition| self.condition == Some(condition);
        match state {
            EntryState::Done if is(Condition::Performed) || is(Condition::Reserved) => self.done.as_ref(),
            EntryState::Returned if is(Condition::Performed) && self.result.is_some() => self.done.as_ref(),
            EntryState::Attempted => self.first.as_ref(),
            EntryState::Denied if self.answer == Some(Verdict::Deny) => self.last.as_ref(),
            EntryState::Pending if self.answer == Some(Verdict::Escalate) => self.last.as_ref(),
            EntryState::Failed if is(Condition::Failed) => self.done.as_ref().or(self.last.as_ref()),
            _ => None,
        }
    }
}

/// The list of records.
#[derive(Clone, Default)]
pub struct Model {
    entries: Vec<Entry>,
    order: u64,
}

impl Model {
    fn entry(&mut self, id: &str) -> &mut Entry {
        let at = self.entries.iter().position(|entry| entry.id == id).unwrap_or_else(|| {
            self.entries.push(Entry { id: id.into(), ..Entry::default() });
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }

    pub fn condition(&self, id: &str) -> Option<Condition> {
        self.entries.iter().find(|entry| entry.id == id)?.condition
    }

    pub fn ids(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.id.clone()).collect()
    }

    pub fn step(&mut self, id: &str, step: &Step) {
        self.order += 1;
        let place = |request: &Arc<Request>, order| Place { time: request.context.time, order };
        let order = self.order;
        let known = self.entries.iter().any(|entry| entry.id == id && !entry.event);
        match step {
            Step::Asked { request, event, answer, condition, result, .. } => {
                let moment = (request.clone(), place(request, order));
                let entry = self.entry(id);
                if answer.is_some() {
                    entry.first.get_or_insert(moment.clone());
                    entry.last = Some(moment.clone());
                    entry.answer = *answer;
                }
                let happened = matches!(condition, Condition::Reserved | Condition::Performed | Condition::Failed);
                entry.done = happened.then_some(moment);
                (entry.event, entry.condition, entry.result) = (*event, Some(*condition), result.clone());
            }
            Step::Performed { request, .. } => {
                let moment = (request.clone(), place(request, order));
                let entry = self.entry(id);
                (entry.done, entry.condition) = (Some(moment), Some(Condition::Performed));
            }
            Step::Returned(value) if known => {
                let entry = self.entry(id);
                entry.result = Some(value.clone());
                if entry.condition != Some(Condition::Performed) {
                    entry.done = entry.done.take().or(entry.last.clone());
                }
                entry.condition = Some(Condition::Performed);
            }
            Step::Failed if known => self.entry(id).condition = Some(Condition::Failed),
            Step::Abandoned if known => self.entry(id).condition = Some(Condition::Abandoned),
            Step::Returned(_) | Step::Failed | Step::Abandoned => {}
        }
    }

    /// The entries of a question's key, each once.
    pub fn entries_of(&self, question: &Question, ask: &Ask<'_>, own: &str) -> Vec<(Place, Kept)> {
        let entries = self.entries.iter().filter(|entry| entry.id != own);
        let moments = entries.filter_map(|entry| Some((entry, entry.moment(question.state)?)));
        let kept = moments.filter_map(|(entry, (request, place))| {
            let (key, open, kept) = question.entry(request, &entry.result)?;
            let of_session = ask.session.is_none() || request.context.session.as_deref() == ask.session;
            let same = if open { ask.key.starts_with(&key) } else { *ask.key == *key };
            (same && of_session).then_some((*place, kept))
        });
        kept.collect()
    }

    pub fn read(&self, question: &Question, ask: &Ask<'_>, reading: Reading<'_>, own: &str) -> Result<Value, Fault> {
        let entries = self.entries_of(question, ask, own);
        scan(&entries, &question.aggregate, reading, ask.from(), &[], ask.most)
    }

    pub fn newest(&self, question: &Question, ask: &Ask<'_>, own: &str) -> Result<Option<Place>, Fault> {
        super::scan::newest(&self.entries_of(question, ask, own), ask.from(), &[])
    }
}

/// What an engine does with a record when a program is loaded.
pub fn refill(
    questions: &[Question],
) -> impl FnMut(&ordain_vm::history::Record, EntryState, &Recording, &mut Contributions) {
    |record, state, recording, contributions| {
        contribute(questions, state, &recording.request, &record.result, contributions);
    }
}
