//! The reference engine: what the chapters of the specification say, as a program to be read beside them.
//! It walks the checked tree, keeps the past as a plain list and scans it. Nothing here is made to be fast.
//!
//! | module | says what |
//! | --- | --- |
//! | [`eval`] | an expression gives; `past`, `provenance`, `templates` are parts of it |
//! | [`arithmetic`], [`time`] | operators do to values, and a policy's clock shows |
//! | [`history`] | is kept of what happened |
//! | [`policies`] | policies speak on a request |
//! | [`combine`] | becomes of it; `approvals`, `limits`, `duties` are parts of it |
//! | [`scenario`] | a `test` declaration expects, and whether it came |
//! | `explain`, `changes` | led to it, and what would have changed it |

mod approvals;
pub mod arithmetic;
mod changes;
pub mod combine;
mod duties;
pub mod eval;
mod explain;
pub mod history;
mod limits;
mod past;
pub mod policies;
mod provenance;
pub mod scenario;
mod templates;
pub mod time;

use crate::combine::Finding;
use crate::eval::{Constants, Evaluator, Notes};
use crate::history::{Entry, History, State};
use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::{ActionId, DataId, Effect, Expr, ExprId, Package, PolicyId, RuleId, TableId};
use ordain_stdlib::pattern::Pattern;
use ordain_vm::answer::{Answer, Bits, Decided, Detail, Problem, Verdict};
use ordain_vm::fault::Fault;
use ordain_vm::json::Json;
use ordain_vm::request::{Approval, Context, Entities, Line, Request, World, digest_text, read_returns};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Instant, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes of a request that was permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnPermit {
    /// It counts as performed at its own time.
    #[default]
    Perform,
    /// It stays reserved until a record says what became of it.
    Reserve,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub on_permit: OnPermit,
    /// Fill in trace, nearest and changes.
    pub explain: bool,
}

/// What became of something that is recorded without being decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Performed,
    /// Performed, and this is what it brought back.
    Returned(Value),
    Denied,
    Failed,
    /// It was asked, and escalated.
    Attempted,
}

/// What decisions have shown of a package so far.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How often each rule or limit stood.
    pub stood: BTreeMap<RuleId, u64>,
    /// How often each atomic condition was true, and how often false.
    pub conditions: BTreeMap<ExprId, (u64, u64)>,
    /// How often each row of a table was taken; its `otherwise` is behind its last row.
    pub rows: BTreeMap<(TableId, usize), u64>,
}

/// The reference engine: a checked package, its data, and the history of what it has seen.
#[derive(Clone)]
pub struct Engine {
    checked: Arc<Checked>,
    schema: Arc<Schema>,
    constants: Arc<Constants>,
    data: Arc<[Value]>,
    history: History,
    coverage: Coverage,
    unsupplied: BTreeSet<DataId>,
}

/// What was decided, and what it rests on.
struct Decision {
    detail: Detail,
    findings: Vec<Finding>,
    notes: Notes,
}

impl Engine {
    /// `data` holds a value for each `DataId`; `Value::Missing` where nobody supplied one.
    pub fn new(checked: Arc<Checked>, data: Vec<Value>) -> Engine {
        let schema = Arc::new(checked.schema());
        let mut constants = Constants::default();
        let policies = (0..checked.package.policies.len() as u32).map(PolicyId);
        constants.policies = policies.map(|policy| policies::reference(&checked, policy)).collect();
        for (at, node) in checked.package.exprs.iter().enumerate() {
            if let Expr::Matches(_, form) = &node.expr
                && let Ok(pattern) = Pattern::new(form)
            {
                constants.patterns.insert(ExprId(at as u32), pattern);
            }
        }
        let (data, history): (Arc<[Value]>, _) = (data.into(), History::default());
        for set in &checked.package.sets {
            let request = Arc::new(nothing());
            let value =
                evaluator(&checked, &schema, &constants, &history, data.clone(), request, "".into()).eval(set.value);
            constants.sets.push(value);
        }
        Engine {
            constants: Arc::new(constants),
            data,
            history,
            coverage: Coverage::default(),
            unsupplied: BTreeSet::new(),
            schema,
            checked,
        }
    }

    /// The same package and data, with nothing behind it.
    pub fn afresh(&self) -> Engine {
        let history = History::holding(self.history.most);
        Engine { history, coverage: Coverage::default(), ..self.clone() }
    }

    /// Decides a request, or records what the line says.
    pub fn answer(&mut self, line: Line, options: Options) -> Answer {
        match line {
            Line::Request(request) | Line::Event(request) => self.asked(request, options),
            Line::Performed(request) => self.performed(request),
            Line::Result { id, returns } => self.result(&id, &returns),
            Line::Failed(id) => self.failed(&id),
            Line::Abandoned(id) => self.abandoned(&id),
            Line::Approved(approval) => {
                let recorded = approval.request.clone();
                self.history.keep_approval(approval);
                Answer::Recorded { recorded, warnings: vec![] }
            }
        }
    }

    // What a host, and a test, may set and ask

    pub fn checked(&self) -> &Arc<Checked> {
        &self.checked
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// From here on the data has this value; entries of the past keep what they were recorded with.
    pub fn set_data(&mut self, data: DataId, value: Value) {
        let mut all = self.data.to_vec();
        if let Some(place) = all.get_mut(data.index()) {
            *place = value;
        }
        self.data = all.into();
    }

    /// The history lacks nothing from that moment on, and is not known to be complete before it.
    pub fn set_complete_since(&mut self, since: Instant) {
        self.history.complete_since = Some(since);
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// How many ids the history holds; a million without this.
    pub fn hold_at_most(&mut self, ids: usize) {
        self.history.most = ids;
    }

    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Data that the last decision read and that nobody supplied.
    pub fn unsupplied(&self) -> &BTreeSet<DataId> {
        &self.unsupplied
    }

    /// The digest by which approvals name that request.
    pub fn digest(&self, request: &Request, id: &str) -> Arc<str> {
        digest_text(request.digest(&self.schema, id)).into()
    }

    /// The id that the next request without one will have.
    pub fn next_id(&self) -> Arc<str> {
        self.history.next_id()
    }

    /// When that id was first asked.
    pub fn first_asked(&self, id: &str) -> Option<Instant> {
        self.history.find(id)?.first.as_ref().map(|first| first.time)
    }

    /// Records something of the past with what became of it, without deciding it. Of an event the outcome is that it happened.
    pub fn record_past(&mut self, request: Request, outcome: Outcome) -> Result<(), Problem> {
        let id = request.context.id.clone().unwrap_or_else(|| self.history.next_id());
        let digest = self.digest(&request, &id);
        self.refused(&request, &id, &digest)?;
        self.history.seen += 1;
        let (verdict, state, result) = match outcome {
            Outcome::Performed => (Verdict::Permit, State::Performed, None),
            Outcome::Returned(value) => (Verdict::Permit, State::Performed, Some(value)),
            Outcome::Denied => (Verdict::Deny, State::Asked, None),
            Outcome::Failed => (Verdict::Permit, State::Failed, None),
            Outcome::Attempted => (Verdict::Escalate, State::Asked, None),
        };
        let event = self.checked.package.actions[request.action].event;
        let state = if event { State::Performed } else { state };
        self.keep(Arc::new(request), id, digest, Some(verdict).filter(|_| !event), state, result);
        Ok(())
    }

    // Lines

    /// A request, or an event, which is never refused for what it says.
    fn asked(&mut self, request: Request, options: Options) -> Answer {
        let event = self.checked.package.actions[request.action].event;
        let id = request.context.id.clone().unwrap_or_else(|| self.history.next_id());
        let digest = self.digest(&request, &id);
        if let Err(problem) = self.refused(&request, &id, &digest) {
            return denied(problem, &request, &id, &digest);
        }
        self.history.seen += 1;
        let request = Arc::new(request);
        let mut decision = self.decide(&request, &id, &digest, options.explain);
        if options.explain {
            self.explain(&request, &id, &mut decision);
        }
        self.cover(&decision);
        let detail = decision.detail;
        let state = match (detail.verdict, options.on_permit) {
            (Verdict::Recorded, _) | (Verdict::Permit, OnPermit::Perform) => State::Performed,
            (Verdict::Permit, OnPermit::Reserve) => State::Reserved,
            (Verdict::Escalate | Verdict::Deny, _) => State::Asked,
        };
        let decision = matches!(detail.verdict, Verdict::Permit | Verdict::Recorded);
        let is_new = self.history.find(&id).is_none();
        self.keep(request.clone(), id.clone(), digest.clone(), (!event).then_some(detail.verdict), state, None);
        // An event has happened, whether or not there is room for it.
        if self.history.full && is_new && !event {
            return denied(full(self.history.most), &request, &id, &digest);
        }
        Answer::Decision(Box::new(Decided { decision, context: detail }))
    }

    fn performed(&mut self, request: Request) -> Answer {
        let id = request.context.id.clone().unwrap_or_else(|| self.history.next_id());
        let digest = self.digest(&request, &id);
        let known = self.history.find(&id);
        let permitted = known.is_some_and(|entry| entry.answer == Some(Verdict::Permit));
        let late = too_early(&self.history, &request);
        if let Err(problem) = late.and_then(|()| same_content(known, &digest)) {
            let path = problem.path.map(|path| format!("performed.{path}"));
            return Answer::Refused { error: Problem { path, ..problem }, id: Some(id), more: vec![] };
        }
        let result = known.and_then(|entry| entry.result.clone());
        let warnings = if permitted { vec![] } else { vec![not_permitted(&id)] };
        let is_new = known.is_none();
        self.keep(Arc::new(request), id.clone(), digest, None, State::Performed, result);
        if self.history.full && is_new {
            let problem = full(self.history.most);
            let path = problem.path.map(|path| format!("performed.{path}"));
            return Answer::Refused { error: Problem { path, ..problem }, id: Some(id), more: vec![] };
        }
        Answer::Recorded { recorded: id, warnings }
    }

    fn result(&mut self, id: &Arc<str>, returns: &Json) -> Answer {
        let recorded = id.clone();
        let entry = match self.history.find_mut(id) {
            Some(entry) if entry.event => return Answer::Recorded { recorded, warnings: vec![an_event(id)] },
            Some(entry) => entry,
            None => return Answer::Recorded { recorded, warnings: vec![never_asked(id)] },
        };
        let Some(action) = entry.action() else {
            return Answer::Recorded { recorded, warnings: vec![never_asked(id)] };
        };
        let value = match read_returns(&self.schema, action, returns) {
            Ok(value) => value,
            Err(errors) => return Answer::refused(errors, Some(recorded)),
        };
        entry.result = Some(value);
        let permitted = entry.answer == Some(Verdict::Permit);
        if entry.state != State::Performed {
            // It brought something back, so it happened.
            entry.state = State::Performed;
            if entry.done.is_none() {
                entry.done = entry.last.clone();
                self.share_again(id);
            }
        }
        Answer::Recorded { recorded, warnings: if permitted { vec![] } else { vec![not_permitted(id)] } }
    }

    fn failed(&mut self, id: &Arc<str>) -> Answer {
        let warnings = match self.history.find_mut(id) {
            Some(entry) if entry.event => vec![an_event(id)],
            Some(entry) => {
                entry.state = State::Failed;
                if entry.answer == Some(Verdict::Permit) { vec![] } else { vec![not_permitted(id)] }
            }
            None => vec![never_asked(id)],
        };
        Answer::Recorded { recorded: id.clone(), warnings }
    }

    fn abandoned(&mut self, id: &Arc<str>) -> Answer {
        let warnings = match self.history.find_mut(id) {
            Some(entry) if entry.event => vec![an_event(id)],
            Some(entry) => {
                entry.state = State::Abandoned;
                vec![]
            }
            None => vec![never_asked(id)],
        };
        Answer::Recorded { recorded: id.clone(), warnings }
    }

    /// Why the history does not take a request or event: its time, an id with other content, or one that was performed.
    fn refused(&self, request: &Request, id: &str, digest: &str) -> Result<(), Problem> {
        too_early(&self.history, request)?;
        let known = self.history.find(id);
        same_content(known, digest)?;
        match known {
            Some(entry) if entry.state == State::Performed => Err(problem(
                "E0621",
                "context.id",
                format!("The request `{id}` was performed already. Give a new request an id of its own."),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Enters it into the past.
    fn keep(
        &mut self,
        request: Arc<Request>,
        id: Arc<str>,
        digest: Arc<str>,
        answer: Option<Verdict>,
        state: State,
        result: Option<Value>,
    ) {
        let time = request.context.time;
        self.history.at(time);
        let event = self.checked.package.actions[request.action].event;
        let recording = self.history.record(request.clone(), self.data.clone(), time);
        let before = self.history.find(&id);
        let asked = answer.is_some();
        let counts = matches!(state, State::Performed | State::Reserved);
        let done = (counts || state == State::Failed).then(|| recording.clone());
        let entry = Entry {
            first: match before.and_then(|before| before.first.clone()) {
                None if asked => Some(recording.clone()),
                first => first,
            },
            last: match before.and_then(|before| before.last.clone()) {
                _ if asked => Some(recording),
                last => last,
            },
            done,
            answer: answer.or_else(|| before.and_then(|before| before.answer)),
            event,
            state,
            result,
            shares: if counts { self.shares(&request, &id) } else { vec![] },
            digest,
            id,
        };
        self.history.keep(entry);
    }

    /// What the request adds to each limit on its action, as things stand.
    fn shares(&self, request: &Arc<Request>, id: &Arc<str>) -> Vec<(RuleId, limits::Share)> {
        let package = &self.checked.package;
        let mut shares = vec![];
        for rule in self.checked.rules_of(ActionId(request.action as u32)) {
            let Effect::Limit(limit) = &package[*rule].effect else { continue };
            let mut evaluator = self.evaluator(request.clone(), id.clone());
            evaluator.policy = Some(package[*rule].policy);
            shares.push((*rule, evaluator.share(&package[*rule], limit)));
        }
        shares
    }

    fn share_again(&mut self, id: &Arc<str>) {
        let request = self.history.find(id).and_then(|entry| Some(entry.done.as_ref()?.request.clone()));
        let shares = request.map(|request| self.shares(&request, id)).unwrap_or_default();
        if let Some(entry) = self.history.find_mut(id) {
            entry.shares = shares;
        }
    }

    // Decisions

    fn evaluator(&self, request: Arc<Request>, id: Arc<str>) -> Evaluator<'_> {
        evaluator(&self.checked, &self.schema, &self.constants, &self.history, self.data.clone(), request, id)
    }

    /// Decides, and changes nothing.
    fn decide(&self, request: &Arc<Request>, id: &Arc<str>, digest: &Arc<str>, tracing: bool) -> Decision {
        let package = &self.checked.package;
        let now = request.context.time;
        let speaking = policies::speaking(package, request.action, now);
        let asked = request.context.asked.or_else(|| self.first_asked(id)).unwrap_or(now);
        let given: Vec<Approval> = (request.context.approvals.iter().chain(&self.history.approvals))
            .filter(|approval| approval.request == *digest)
            .cloned()
            .collect();
        let mut evaluator = self.evaluator(request.clone(), id.clone());
        evaluator.tracing = tracing;
        let (detail, findings) = evaluator.combine(&speaking, asked, &given);
        let notes = std::mem::take(&mut evaluator.notes);
        let mut bits = Bits::default();
        for rule in self.checked.rules_of(ActionId(request.action as u32)) {
            for condition in self.checked.conditions_of(*rule) {
                // One that erred was seen and is not true.
                bits.push(notes.atoms.get(condition).map(|value| value.unwrap_or(false)));
            }
        }
        let detail = Detail {
            policy: speaking.iter().map(|policy| self.constants.policies[policy.index()].clone()).collect(),
            bits: bits.to_string(),
            request: Some(digest.clone()),
            id: Some(id.clone()),
            time: Some(now.to_string()),
            ..detail
        };
        Decision { detail, findings, notes }
    }

    fn cover(&mut self, decision: &Decision) {
        let notes = &decision.notes;
        for rule in combine::stood(&decision.findings) {
            *self.coverage.stood.entry(rule).or_default() += 1;
        }
        for (condition, value) in &notes.atoms {
            let (yes, no) = self.coverage.conditions.entry(*condition).or_default();
            match value {
                Some(true) => *yes += 1,
                Some(false) => *no += 1,
                None => {}
            }
        }
        for row in &notes.rows {
            *self.coverage.rows.entry(*row).or_default() += 1;
        }
        self.unsupplied = notes.unsupplied.clone();
        // A calendar without a value is at hand in every operator, and is read where it should know a day.
        if decision.detail.errors.iter().any(|error| *error.code == *"E0509") {
            let calendars = self.checked.package.policies.iter().filter_map(|policy| policy.calendar);
            self.unsupplied.extend(calendars.filter(|data| self.data.get(data.index()) == Some(&Value::Missing)));
        }
    }
}

/// The value of an expression that reads no request, as in fixtures.
pub fn constant(checked: &Checked, id: ExprId) -> Result<Value, Fault> {
    constant_with(checked, id, &mut Entities::new())
}

/// The same, with the entities that the expression describes.
pub fn constant_with(checked: &Checked, id: ExprId, entities: &mut Entities) -> Result<Value, Fault> {
    let (schema, constants, history) = (checked.schema(), Constants::default(), History::default());
    let request = Arc::new(nothing());
    let mut evaluator = evaluator(checked, &schema, &constants, &history, Arc::from([]), request, Arc::from(""));
    evaluator.described = std::mem::take(entities);
    let value = evaluator.eval(id).map_err(|failure| failure.fault);
    *entities = evaluator.described;
    value
}

fn evaluator<'a>(
    checked: &'a Checked,
    schema: &'a Schema,
    constants: &'a Constants,
    history: &'a History,
    data: Arc<[Value]>,
    request: Arc<Request>,
    id: Arc<str>,
) -> Evaluator<'a> {
    let package: &Package = &checked.package;
    Evaluator {
        checked,
        package,
        schema,
        constants,
        history,
        data,
        now: request.context.time,
        request,
        id,
        policy: None,
        entry: None,
        approver: None,
        locals: vec![],
        watched: Default::default(),
        watching: None,
        tracing: false,
        notes: Notes::default(),
        described: Entities::new(),
        calls: 0,
        levels: 0,
    }
}

/// What constants are read beside.
fn nothing() -> Request {
    Request {
        action: 0,
        actor: None,
        target: None,
        args: vec![],
        context: Context {
            session: None,
            time: Instant(0),
            asked: None,
            id: None,
            approvals: vec![],
            origins: BTreeMap::new(),
            members: vec![],
        },
        world: World::default(),
    }
}

fn too_early(history: &History, request: &Request) -> Result<(), Problem> {
    let time = request.context.time;
    match history.latest {
        Some(latest) if time < latest => Err(problem(
            "E0619",
            "context.time",
            format!(
                "{time} is before {latest}, up to which the history has come. Give records in the order of their times."
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

fn same_content(known: Option<&Entry>, digest: &str) -> Result<(), Problem> {
    match known {
        Some(entry) if *entry.digest != *digest => Err(problem(
            "E0620",
            "context.id",
            format!("The id `{}` was used for another request. Give this one an id of its own.", entry.id),
        )),
        Some(_) | None => Ok(()),
    }
}

/// What is not recorded must not be permitted.
fn full(most: usize) -> Problem {
    problem(
        "E0508",
        "context.id",
        format!(
            "The history holds {most} records, as many as it may, and takes no new id. Give it more room, or begin a new one."
        ),
    )
}

/// It happened, and nobody permitted it.
fn not_permitted(id: &str) -> Problem {
    warning(format!("Nothing was permitted under the id `{id}`. It is recorded all the same."))
}

/// There is nothing that the record could speak of.
fn never_asked(id: &str) -> Problem {
    warning(format!("Nothing was ever asked under the id `{id}`, so there is nothing to record. Is the id misspelled?"))
}

fn an_event(id: &str) -> Problem {
    warning(format!(
        "`{id}` is an event: it has happened, so it can't fail or be abandoned, and brings nothing back. It stays as it is."
    ))
}

fn warning(message: String) -> Problem {
    Problem { code: "W0601".into(), message, at: None, path: None, rule: None }
}

fn problem(code: &str, path: &str, message: String) -> Problem {
    Problem { code: code.into(), message, at: None, path: Some(path.into()), rule: None }
}

/// A request that the history refuses: nothing of it is kept.
fn denied(problem: Problem, request: &Request, id: &Arc<str>, digest: &Arc<str>) -> Answer {
    let context = Detail {
        errors: vec![problem],
        request: Some(digest.clone()),
        id: Some(id.clone()),
        time: Some(request.context.time.to_string()),
        ..Detail::denial()
    };
    Answer::Decision(Box::new(Decided { decision: false, context }))
}
