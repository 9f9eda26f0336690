//! `run`: a `test` declaration, step by step, through an engine: what was expected and did not come.
//! `ordain test` and the specification's examples call it; it knows engines only by `Engine::answer` and its kin.
//! The rules are those of spec/tests.md.

use crate::{Coverage, Engine, OnPermit, Options, Outcome, constant, constant_with};
use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::{
    Determining, DutyCall, PastOutcome, Place, PolicyId, RequestFixture, RuleId, Step, StepKind, TestId, Verdict,
};
use ordain_compiler::source::Span;
use ordain_stdlib::zone;
use ordain_vm::answer::{self, Answer, Detail};
use ordain_vm::json::Json;
use ordain_vm::request::{Approval, Context, Entities, Line, Origin, Request, World};
use ordain_vm::value::{Date, EntityRef, Instant, RoleId, Time, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a test went.
#[derive(Clone, Debug)]
pub struct Report {
    pub name: Arc<str>,
    pub at: Span,
    /// Empty: it passed.
    pub failures: Vec<Failure>,
    /// What its requests reached.
    pub coverage: Coverage,
}

/// A step that did not go as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub at: Span,
    pub message: String,
}

/// The clock of a test that does not set one: noon of the first day of 2026, UTC.
pub const NOON: Instant = Instant(1_767_268_800_000_000_000);

/// Runs one test with an engine's package and data, and a history of its own. Every step is looked at, also after one has
/// failed.
pub fn run(engine: &Engine, test: TestId) -> Report {
    let checked = engine.checked();
    let declared = &checked.package[test];
    let mut scenario = Scenario {
        checked: checked.clone(),
        engine: engine.afresh(),
        now: NOON,
        session: None,
        origins: BTreeMap::new(),
        members: vec![Value::Missing; checked.package.context.len()],
        past: vec![],
        asked: 0,
        last: None,
        failures: vec![],
    };
    for step in &declared.steps {
        if let Err(message) = scenario.step(step) {
            scenario.failures.push(Failure { at: step.at, message });
        }
    }
    Report {
        name: declared.name.clone(),
        at: declared.at,
        failures: scenario.failures,
        coverage: scenario.engine.coverage().clone(),
    }
}

struct Scenario {
    checked: Arc<Checked>,
    engine: Engine,
    now: Instant,
    session: Option<Arc<str>>,
    origins: BTreeMap<Arc<str>, Vec<Origin>>,
    /// By declared member of `context`.
    members: Vec<Value>,
    /// Entries of the past that wait for the next request, so that their order in the text does not matter.
    past: Vec<(Request, Outcome)>,
    /// How many requests, events and entries there were: their ids.
    asked: usize,
    last: Option<Last>,
    failures: Vec<Failure>,
}

/// The request or event that expectations speak of, with its last answer.
struct Last {
    request: Request,
    detail: Detail,
    /// It rests on data that nobody supplied, which was told: what follows from that is not.
    groundless: bool,
}

impl Scenario {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        let expects = matches!(
            step.kind,
            StepKind::ExpectVerdict { .. }
                | StepKind::ExpectMissing(_)
                | StepKind::ExpectMust(_)
                | StepKind::ExpectError(_)
        );
        if expects && self.last.as_ref().is_some_and(|last| last.groundless) {
            return Ok(());
        }
        match &step.kind {
            StepKind::AtInstant(instant) => self.now = *instant,
            StepKind::AtLocal { date, time, zone } => {
                self.now = self.local(*date, time.unwrap_or_else(|| Time::from_hms(0, 0, 0)), zone.as_deref())?;
            }
            StepKind::Session(name) => self.session = Some(name.clone()),
            StepKind::Origins(origins) => {
                let places = origins.iter().map(|(path, places)| (path.clone(), self.places(places)));
                self.origins = places.collect();
            }
            StepKind::Context(members) => {
                for (member, value) in members {
                    self.members[*member] = self.constant(*value)?;
                }
            }
            StepKind::Data { data, value } => {
                let value = self.constant(*value)?;
                self.engine.set_data(*data, value);
            }
            StepKind::Past { what, outcome, times, ago } => self.past(what, outcome, *times, *ago)?,
            StepKind::Request(fixture) => {
                let event = self.checked.package[fixture.action].event;
                let request = self.request(fixture)?;
                self.ask(request, if event { Line::Event } else { Line::Request })?;
            }
            StepKind::Approved { by, role } => self.approve(*by, *role, None)?,
            StepKind::Waived { rule, by, role } => self.approve(*by, *role, Some(*rule))?,
            StepKind::ExpectVerdict { verdict, by } => self.expect_verdict(*verdict, by.as_deref())?,
            StepKind::ExpectMissing(text) => {
                let missing = self.last()?.missing.iter().map(|missing| missing.text.as_str()).collect::<Vec<_>>();
                if !missing.contains(&&**text) {
                    return Err(format!("expected \"{text}\" to be missing; missing is {}", quoted(&missing)));
                }
            }
            StepKind::ExpectMust(call) => self.expect_must(call)?,
            StepKind::ExpectError(code) => {
                let errors = self.last()?.errors.iter().map(|error| &*error.code).collect::<Vec<_>>();
                if !errors.contains(&&**code) {
                    return Err(format!("expected the error {code}; errors are {}", listed(&errors)));
                }
            }
        }
        Ok(())
    }

    fn last(&self) -> Result<&Detail, String> {
        self.last.as_ref().map(|last| &last.detail).ok_or_else(|| "nothing was asked before this".to_string())
    }

    fn constant(&self, expr: ordain_compiler::hir::ExprId) -> Result<Value, String> {
        constant(&self.checked, expr).map_err(|fault| fault.to_string())
    }

    /// A local time in its own zone, or else in that of the policies in force.
    fn local(&self, date: Date, time: Time, zone: Option<&str>) -> Result<Instant, String> {
        let in_zone =
            |zone: &str| zone::instant(date, time, zone).map_err(|fault| format!("{date} {time} in {zone}: {fault}"));
        if let Some(zone) = zone {
            return in_zone(zone);
        }
        let mut zones: Vec<&str> = vec![];
        for at in 0..self.checked.package.policies.len() {
            let id = PolicyId(at as u32);
            let policy = &self.checked.package[id];
            let zone = policy.zone.as_ref().map_or("UTC", |zone| &zone.text);
            let inside = policy.effective.from.is_none_or(|from| from <= date)
                && policy.effective.until.is_none_or(|until| date <= until);
            if inside && !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        match zones.as_slice() {
            [] => in_zone("UTC"),
            [zone] => in_zone(zone),
            several => Err(format!(
                "the policies in force have several zones ({}); say which one is meant, as in `at {date} {time} \"{}\"`",
                several.join(", "),
                several[0]
            )),
        }
    }

    fn places(&self, places: &[Place]) -> Vec<Origin> {
        let result = |action: &ordain_compiler::hir::ActionId, field: &Option<ordain_compiler::hir::Name>| {
            Origin::Result { action: action.index(), field: field.as_ref().map(|name| name.text.clone()) }
        };
        let all = places.iter().flat_map(|place| match place {
            Place::User => vec![Origin::User],
            Place::Operator => vec![Origin::Operator],
            Place::Result { actions, field } => actions.iter().map(|action| result(action, field)).collect(),
        });
        all.collect()
    }

    /// The fixture at the test's clock, in its session, with what it knows of entities.
    fn request(&mut self, fixture: &RequestFixture) -> Result<Request, String> {
        let package = &self.checked.package;
        let action = &package[fixture.action];
        let mut own = Entities::new();
        let mut entity = |expr: Option<ordain_compiler::hir::ExprId>| -> Result<Option<EntityRef>, String> {
            match expr.map(|expr| constant_with(&self.checked, expr, &mut own)).transpose() {
                Ok(Some(Value::Entity(entity))) => Ok(Some(entity)),
                Ok(_) => Ok(None),
                Err(fault) => Err(fault.to_string()),
            }
        };
        let (actor, target) = (entity(fixture.actor)?, entity(fixture.target)?);
        let mut args = vec![Value::Missing; action.fields.len()];
        for (name, value) in &fixture.args {
            let (at, _) = action
                .field(&name.text)
                .ok_or_else(|| format!("`{}` has no `{}`", action.head.name.text, name.text))?;
            args[at] = constant_with(&self.checked, *value, &mut own).map_err(|fault| fault.to_string())?;
        }
        self.asked += 1;
        Ok(Request {
            action: fixture.action.index(),
            actor,
            target,
            args,
            context: Context {
                session: self.session.clone(),
                time: self.now,
                asked: None,
                id: Some(format!("test-{}", self.asked).into()),
                approvals: vec![],
                origins: self.origins.clone(),
                members: self.members.clone(),
            },
            world: World { store: Arc::default(), own: Arc::new(own) },
        })
    }

    fn past(
        &mut self,
        what: &RequestFixture,
        outcome: &PastOutcome,
        times: u32,
        ago: Option<ordain_compiler::hir::ExprId>,
    ) -> Result<(), String> {
        let time = match ago {
            None => self.now,
            Some(ago) => self.before(self.constant(ago)?)?,
        };
        let outcome = match outcome {
            PastOutcome::Performed => Outcome::Performed,
            PastOutcome::Returned(value) => Outcome::Returned(self.constant(*value)?),
            PastOutcome::Denied => Outcome::Denied,
            PastOutcome::Failed => Outcome::Failed,
            PastOutcome::Attempted => Outcome::Attempted,
        };
        for _ in 0..times {
            let mut request = self.request(what)?;
            request.context.time = time;
            self.past.push((request, outcome.clone()));
        }
        Ok(())
    }

    /// The clock, so long ago; days of the calendar are those of UTC here.
    fn before(&self, ago: Value) -> Result<Instant, String> {
        let gone = "that is longer ago than a clock can say".to_string();
        match ago {
            Value::Duration(nanos) => self.now.0.checked_sub(nanos).map(Instant).ok_or(gone),
            Value::Period(period) => {
                let (date, time) = self.now.utc();
                let date = date
                    .plus_months(-i64::from(period.months))
                    .and_then(|date| date.plus_days(-i64::from(period.days)));
                date.and_then(|date| Instant::from_utc(date, time)).ok_or(gone)
            }
            _ => Err("`ago` wants a duration or a period".to_string()),
        }
    }

    /// Entries of the past go in before the request that comes after them, the oldest first.
    fn ask(&mut self, request: Request, line: fn(Request) -> Line) -> Result<(), String> {
        let mut past = std::mem::take(&mut self.past);
        past.sort_by_key(|(request, _)| request.context.time);
        for (request, outcome) in past {
            self.engine.record_past(request, outcome).map_err(|error| error.message)?;
        }
        let options = Options { on_permit: OnPermit::Perform, explain: false };
        match self.engine.answer(line(request.clone()), options) {
            Answer::Decision(decided) => {
                let unsupplied = self.unsupplied();
                self.last = Some(Last { request, detail: decided.context, groundless: unsupplied.is_some() });
                unsupplied.map_or(Ok(()), Err)
            }
            Answer::Refused { error, .. } => Err(format!("{}: {}", error.code, error.message)),
            Answer::Recorded { .. } => Err("it was recorded and not decided".to_string()),
        }
    }

    /// What is said where a decision read data that has no value.
    fn unsupplied(&self) -> Option<String> {
        let package = &self.checked.package;
        let unsupplied = self.engine.unsupplied();
        let names: Vec<String> =
            unsupplied.iter().map(|data| format!("`data {}`", package[*data].head.name.text)).collect();
        let first = &package[*unsupplied.first()?];
        let name = &first.head.name.text;
        let package = format!("name a file under `[data]` of ordain.toml, or give `--data {name}=FILE`");
        // The language has no way to write these.
        let help = match first.ty {
            Type::Calendar | Type::Hours => package,
            _ => format!("set it before, as in `data {name}: …`, or {package}"),
        };
        Some(format!("reads {}, which neither this test nor the package sets; {help}", names.join(", ")))
    }

    /// Asks the last request again, with one more approval.
    fn approve(
        &mut self,
        by: ordain_compiler::hir::ExprId,
        role: RoleId,
        waives: Option<RuleId>,
    ) -> Result<(), String> {
        let Some(Last { mut request, detail, .. }) = self.last.take() else {
            return Err("nothing was asked before this".to_string());
        };
        let mut entities = Entities::new();
        let Value::Entity(by) = constant_with(&self.checked, by, &mut entities).map_err(|fault| fault.to_string())?
        else {
            return Err("whoever approves is an entity".to_string());
        };
        let waives = waives.map(|rule| {
            let rule = &self.checked.package[rule];
            format!("{}.{}", self.checked.package[rule.policy].head.name.text, rule.head.name.text).into()
        });
        request.context.approvals.push(Approval {
            role,
            by,
            at: self.now,
            expires: None,
            request: detail.request.unwrap_or_default(),
            waives,
            entities: Arc::new(entities),
        });
        request.context.time = self.now;
        self.ask(request, Line::Request)
    }

    fn expect_verdict(&self, verdict: Verdict, by: Option<&[Determining]>) -> Result<(), String> {
        let detail = self.last()?;
        let wanted = match verdict {
            Verdict::Permit => answer::Verdict::Permit,
            Verdict::Escalate => answer::Verdict::Escalate,
            Verdict::Deny => answer::Verdict::Deny,
            Verdict::Recorded => answer::Verdict::Recorded,
        };
        let mut found: Vec<String> =
            detail.rules.iter().map(|rule| self.determining(&rule.policy, &rule.rule)).collect();
        let Some(by) = by else {
            return if detail.verdict == wanted {
                Ok(())
            } else {
                Err(self.unlike(word(wanted).to_string(), detail, &found))
            };
        };
        let mut expected: Vec<String> = by
            .iter()
            .map(|rule| match rule {
                Determining::Otherwise => "otherwise".to_string(),
                Determining::Rule(rule) => {
                    let rule = &self.checked.package[*rule];
                    self.determining(&self.checked.package[rule.policy].head.name.text, &rule.head.name.text)
                }
            })
            .collect();
        let said = format!("{} by {}", word(wanted), expected.join(", "));
        expected.sort();
        found.sort();
        found.dedup();
        if detail.verdict == wanted && expected == found { Ok(()) } else { Err(self.unlike(said, detail, &found)) }
    }

    /// The rule's name, with its policy where several policies are loaded.
    fn determining(&self, policy: &str, rule: &str) -> String {
        let first = self.checked.package.policies.first().map(|policy| &policy.head.name.text);
        let alone = self.checked.package.policies.iter().all(|policy| Some(&policy.head.name.text) == first);
        if alone || rule == "otherwise" { rule.to_string() } else { format!("{policy}.{rule}") }
    }

    fn unlike(&self, expected: String, detail: &Detail, by: &[String]) -> String {
        let mut message = format!("expected {expected}; the decision is {}", word(detail.verdict));
        if !by.is_empty() {
            message += &format!(" by {}", by.join(", "));
        }
        for rule in detail.rules.iter().filter_map(|rule| rule.because.as_ref()) {
            message += &format!("\n  because {rule}");
        }
        for missing in &detail.missing {
            message += &format!("\n  missing: {}", missing.text);
        }
        for error in &detail.errors {
            message += &format!("\n  {}: {}", error.code, error.message);
        }
        message
    }

    fn expect_must(&self, call: &DutyCall) -> Result<(), String> {
        let duty = &self.checked.package[call.duty];
        let mut members = vec![];
        for (param, arg) in duty.params.iter().zip(&call.args) {
            members.push((param.name.text.to_string(), self.engine.schema().to_json(&self.constant(*arg)?)));
        }
        let (name, args) = (&duty.head.name.text, Json::Object(members));
        let due = &self.last()?.duties;
        if due.iter().any(|due| due.duty == *name && due.args == args) {
            return Ok(());
        }
        let due: Vec<String> = due.iter().map(|due| called(&due.duty, &due.args)).collect();
        let due: Vec<&str> = due.iter().map(String::as_str).collect();
        Err(format!("expected the duty {}; due is {}", called(name, &args), listed(&due)))
    }
}

/// A duty as a call: `alert("treasury", "boiler")`.
fn called(name: &str, args: &Json) -> String {
    let args: Vec<String> = match args {
        Json::Object(members) => members.iter().map(|(_, arg)| arg.to_string()).collect(),
        other => vec![other.to_string()],
    };
    format!("{name}({})", args.join(", "))
}

fn word(verdict: answer::Verdict) -> &'static str {
    match verdict {
        answer::Verdict::Permit => "permit",
        answer::Verdict::Escalate => "escalate",
        answer::Verdict::Deny => "deny",
        answer::Verdict::Recorded => "recorded",
    }
}

fn listed(items: &[&str]) -> String {
    if items.is_empty() { "none".to_string() } else { items.join(", ") }
}

fn quoted(items: &[&str]) -> String {
    if items.is_empty() {
        "nothing".to_string()
    } else {
        items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ")
    }
}
