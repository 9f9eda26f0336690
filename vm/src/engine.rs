//! `Engine`: a program, its data and a history, to which lines come, from any number of threads. It decides requests,
//! records what becomes of them, and says both in a plain form; whoever asks makes words of it.
//!
//! One line is one step: it opens the record of its id, decides, and commits, again and again until nothing that it read
//! has changed meanwhile ([`settle`]).

mod later;
mod runnable;
mod tell;
mod words;

pub use runnable::Runnable;

use crate::answer::{Detail, Problem, Verdict};
use crate::decide::Decision;
use crate::entries::{Entering, Moment, contribute, fill, specs};
use crate::explain::detail;
use crate::frame::Frame;
use crate::history::{
    Change, Condition, Contributions, Generation, History, Record, Refused, Seen, Step, Turn, settle,
};
use crate::interp::{Around, Past};
use crate::request::{Approval, Line, Request, digest_text};
use crate::value::{Instant, Value};
use crate::verify::Verified;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// What becomes of a request that was permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnPermit {
    /// It counts as performed at its own time, until a record says that it failed or was abandoned.
    #[default]
    Perform,
    /// It is reserved, and counts, until a record says what became of it.
    Reserve,
}

/// How many keys one accumulator holds where the host says nothing else.
pub const MAX_KEYS: usize = 1_000_000;

/// What a host may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub on_permit: OnPermit,
    pub max_keys: usize,
    /// Make words of every decision.
    pub say: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { on_permit: OnPermit::default(), max_keys: MAX_KEYS, say: true }
    }
}

/// A program declares other actions, entities, roles or data than the one that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherDeclarations;

impl std::fmt::Display for OtherDeclarations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the program declares other actions, entities, roles or data than the one that is loaded")
    }
}

impl std::error::Error for OtherDeclarations {}

/// See the module.
pub struct Engine<H> {
    history: H,
    options: Options,
    loaded: RwLock<Arc<Loaded>>,
}

/// The program that decides, and what it decides with.
#[derive(Debug)]
pub struct Loaded {
    pub program: Runnable,
    /// A value for each data of the schema.
    pub data: Arc<[Value]>,
    generation: Generation,
}

impl Loaded {
    /// Under which the history keeps its accumulators.
    pub fn generation(&self) -> Generation {
        self.generation
    }
}

/// What is said to a line.
#[derive(Clone, Debug)]
#[must_use = "a reply says whether the request may go on"]
pub enum Reply {
    /// A request or event was decided, and recorded.
    Decided(Box<Decided>),
    /// The history does not take a request or event: it is denied, and nothing of it is kept.
    Denied(Box<Denied>),
    /// A record, whether it changed anything or not.
    Recorded { recorded: Arc<str>, warnings: Vec<Problem> },
    /// A record that is not of its form, that came too late, or that speaks of something else under its id. At least one.
    Refused { errors: Vec<Problem>, id: Arc<str> },
}

/// A decision, and all that it was made of.
#[derive(Clone, Debug)]
pub struct Decided {
    pub decision: Decision,
    pub loaded: Arc<Loaded>,
    pub request: Arc<Request>,
    pub id: Arc<str>,
    digest: OnceLock<Arc<str>>,
    /// When it was first asked.
    pub asked: Instant,
    /// Approvals of it, from wherever they came.
    pub given: Vec<Approval>,
    /// The decision in words, where they were wanted. They show the past as it was before this was recorded.
    pub detail: Option<Detail>,
}

#[derive(Clone, Debug)]
pub struct Denied {
    pub problem: Problem,
    pub loaded: Arc<Loaded>,
    pub request: Arc<Request>,
    pub id: Arc<str>,
    digest: OnceLock<Arc<str>>,
}

impl Decided {
    /// By which approvals name it: `blake3:` and 64 hexadecimal digits. It is worked out where it is asked for first.
    pub fn digest(&self) -> &Arc<str> {
        self.digest.get_or_init(|| digest(&self.loaded, &self.request, &self.id))
    }
}

impl Denied {
    /// As [`Decided::digest`].
    pub fn digest(&self) -> &Arc<str> {
        self.digest.get_or_init(|| digest(&self.loaded, &self.request, &self.id))
    }
}

/// What is used again from line to line, one a thread.
#[derive(Debug, Default)]
pub struct Work {
    frame: Frame,
    seen: RefCell<Seen>,
    contributions: Contributions,
    entering: Entering,
}

/// A line under an id, which is opened.
struct Opened {
    loaded: Arc<Loaded>,
    id: Arc<str>,
    before: Option<Record>,
    /// The history gave it its id, and has counted it.
    taken: bool,
}

impl<H: History> Engine<H> {
    /// `data` holds a value for each data of the schema; `Value::Missing` where nobody supplied one.
    pub fn new(program: impl Into<Runnable>, data: Vec<Value>, history: H, options: Options) -> Engine<H> {
        let program = program.into();
        let generation = fill_with(&history, &program.verified, options.max_keys);
        let loaded = RwLock::new(Arc::new(Loaded { program, data: data.into(), generation }));
        Engine { history, options, loaded }
    }

    pub fn history(&self) -> &H {
        &self.history
    }

    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes another program into use, over the same history. Decisions that are on their way are made again.
    ///
    /// What is recorded, and lines that are on their way, tell of actions, entities and roles by their places: a program
    /// with other declarations than the one before is refused, and nothing changes. It needs an engine of its own.
    pub fn load(&self, program: impl Into<Runnable>, data: Vec<Value>) -> Result<(), OtherDeclarations> {
        let program = program.into();
        if self.loaded().program.verified.program().schema != program.verified.program().schema {
            return Err(OtherDeclarations);
        }
        // Decisions go on while it is filled.
        let generation = fill_with(&self.history, &program.verified, self.options.max_keys);
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.generation.0 < generation.0 {
            *loaded = Arc::new(Loaded { program, data: data.into(), generation });
        }
        Ok(())
    }

    /// From here on that data has this value; entries of the past keep what they were recorded with.
    pub fn set_data(&self, data: usize, value: Value) {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = loaded.data.to_vec();
        if let Some(place) = all.get_mut(data) {
            *place = value;
        }
        let (program, generation) = (loaded.program.clone(), loaded.generation);
        *loaded = Arc::new(Loaded { program, data: all.into(), generation });
    }

    /// The session is over.
    pub fn end_session(&self, session: &str) {
        self.history.end_session(session);
    }

    /// Decides a request, or records what the line says.
    pub fn answer(&self, line: Line, work: &mut Work) -> Reply {
        match line {
            Line::Request(request) | Line::Event(request) => self.asked(request, work),
            Line::Performed(request) => self.performed(request, work),
            Line::Result { id, returns } => self.returned(id, &returns, work),
            Line::Failed(id) => self.later(id, Step::Failed, work),
            Line::Abandoned(id) => self.later(id, Step::Abandoned, work),
            Line::Approved(approval) => {
                let recorded = approval.request.clone();
                match self.history.approve(approval) {
                    Err(most) => Reply::Refused { errors: vec![words::full(most)], id: recorded },
                    Ok(()) => Reply::Recorded { recorded, warnings: vec![] },
                }
            }
        }
    }

    /// A request, or an event, which is never refused for what it says.
    fn asked(&self, request: Request, work: &mut Work) -> Reply {
        let (request, mut taken) = (Arc::new(request), None);
        let settled = settle(&self.history, |turn| {
            if let Err(problem) = self.in_time(&request) {
                let id = request.context.id.clone().or(taken.clone()).unwrap_or_else(|| self.history.next_id());
                return Ok(self.denied(problem, &request, id));
            }
            let opened = self.open(&request, &mut taken, turn, work);
            if let Err(problem) = refused(&opened, &request) {
                return Ok(self.denied(problem, &request, opened.id));
            }
            self.decide(&request, opened, work)
        });
        settled.unwrap_or_else(|unsettled| {
            let id = request.context.id.clone().or(taken).unwrap_or_else(|| self.history.next_id());
            self.denied(words::unsettled(unsettled, request.context.time), &request, id)
        })
    }

    fn decide(&self, request: &Arc<Request>, opened: Opened, work: &mut Work) -> Result<Reply, Refused> {
        let Opened { loaded, id, before, taken } = opened;
        let now = request.context.time;
        let first = before.as_ref().and_then(|before| before.first.as_ref()).map(|first| first.place.time);
        let asked = request.context.asked.or(first).unwrap_or(now);
        let named = OnceLock::new();
        let mut given: Vec<Approval> = vec![];
        if !request.context.approvals.is_empty() || self.history.has_approvals() {
            let digest = named.get_or_init(|| digest(&loaded, request, &id));
            given.extend(request.context.approvals.iter().filter(|approval| approval.request == *digest).cloned());
            self.history.approvals(digest, &mut |approval| given.push(approval.clone()));
        }
        let around = Around {
            verified: &loaded.program.verified,
            data: &loaded.data,
            request: &**request,
            id: &id,
            asked,
            given: &given,
            approver: None,
            past: Some(Past { history: &self.history, seen: &work.seen, session: request.context.session.as_deref() }),
        };
        let decision = work.frame.decide(&*loaded.program.run, &around).clone();
        let detail = self.options.say.then(|| {
            let digest = named.get_or_init(|| digest(&loaded, request, &id));
            detail(&around, &decision, digest)
        });
        let condition = match (decision.verdict, self.options.on_permit) {
            (Verdict::Recorded, _) | (Verdict::Permit, OnPermit::Perform) => Condition::Performed,
            (Verdict::Permit, OnPermit::Reserve) => Condition::Reserved,
            (Verdict::Escalate | Verdict::Deny, _) => Condition::Asked,
        };
        let event = decision.verdict == Verdict::Recorded;
        let step = Step::Asked {
            request: request.clone(),
            data: loaded.data.clone(),
            event,
            answer: (!event).then_some(decision.verdict),
            condition,
            result: None,
        };
        match self.commit(&loaded, &id, before.as_ref(), step, !taken, work) {
            // An event has happened, whether or not there is room for it.
            Err(Refused::Full(_)) if event => {}
            outcome => outcome?,
        }
        let request = request.clone();
        Ok(Reply::Decided(Box::new(Decided { decision, loaded, request, id, digest: named, asked, given, detail })))
    }

    /// Opens the request's id. `taken`: one that was given to it before.
    fn open(&self, request: &Request, taken: &mut Option<Arc<str>>, turn: Turn, work: &mut Work) -> Opened {
        loop {
            let own = request.context.id.clone();
            let id = own.clone().unwrap_or_else(|| taken.get_or_insert_with(|| self.history.take_id()).clone());
            let (loaded, before) = self.look_up(&id, turn, work);
            if own.is_none() && before.is_some() {
                // A request came meanwhile with an id that looks like these.
                *taken = None;
                continue;
            }
            return Opened { loaded, id, before, taken: own.is_none() };
        }
    }

    fn look_up(&self, id: &str, turn: Turn, work: &mut Work) -> (Arc<Loaded>, Option<Record>) {
        let loaded = self.loaded();
        let before = self.history.open(loaded.generation, id, turn, work.seen.get_mut());
        (loaded, before)
    }

    /// Records it, with what it adds to the accumulators.
    fn commit(
        &self,
        loaded: &Loaded,
        id: &Arc<str>,
        before: Option<&Record>,
        step: Step,
        counted: bool,
        work: &mut Work,
    ) -> Result<(), Refused> {
        work.contributions.clear();
        let known = before.and_then(|before| before.done.as_ref().or(before.last.as_ref()));
        for state in step.states(before).iter() {
            let result = match &step {
                Step::Asked { result, .. } => result.as_ref(),
                Step::Returned(value) => Some(value),
                Step::Performed { .. } | Step::Failed | Step::Abandoned => {
                    before.and_then(|before| before.result.as_ref())
                }
            };
            let (request, data) = match (&step, known) {
                (Step::Asked { request, data, .. } | Step::Performed { request, data }, _) => (request, data),
                (_, Some(known)) => (&known.request, &known.data),
                (_, None) => continue,
            };
            let session = request.context.session.as_deref();
            let past = Some(Past { history: &self.history, seen: &work.seen, session });
            let moment = Moment { state, id, request, data, result, past };
            contribute(&loaded.program.verified, &moment, &mut work.entering, &mut work.contributions);
        }
        let change = Change { id, step, contributions: &mut work.contributions, counted };
        self.history.commit(work.seen.get_mut(), change)
    }

    fn in_time(&self, request: &Request) -> Result<(), Problem> {
        let time = request.context.time;
        match self.history.latest() {
            Some(latest) if time < latest => Err(words::too_early(time, latest)),
            Some(_) | None => Ok(()),
        }
    }

    fn denied(&self, problem: Problem, request: &Arc<Request>, id: Arc<str>) -> Reply {
        let (loaded, request) = (self.loaded(), request.clone());
        Reply::Denied(Box::new(Denied { problem, loaded, request, id, digest: OnceLock::new() }))
    }
}

/// The program's questions of the past, answered from here on.
fn fill_with(history: &impl History, verified: &Verified, max_keys: usize) -> Generation {
    history.load(specs(verified, max_keys), &mut fill(verified))
}

/// An id with other content, or one that was performed.
fn refused(opened: &Opened, request: &Request) -> Result<(), Problem> {
    same_content(opened, request)?;
    match &opened.before {
        Some(before) if before.condition == Condition::Performed => Err(words::performed_already(&opened.id)),
        Some(_) | None => Ok(()),
    }
}

fn same_content(opened: &Opened, request: &Request) -> Result<(), Problem> {
    let schema = &opened.loaded.program.verified.program().schema;
    match opened.before.as_ref().and_then(Record::request) {
        Some(before) if !request.is_same_content(before, schema) => Err(words::other_content(&opened.id)),
        Some(_) | None => Ok(()),
    }
}

fn digest(loaded: &Loaded, request: &Request, id: &str) -> Arc<str> {
    digest_text(request.digest(&loaded.program.verified.program().schema, id)).into()
}
