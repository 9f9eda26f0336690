//! Fixtures and tests: a `let` outside of rules is a value or a request, a test a row of steps.
//! Runs behind the rules, since steps name them. What a fixture names is shared, not copied.
//! Whether fields are missing or a step can be carried out is asked by the checker.

use super::Resolver;
use super::circles::{components, knots};
use super::exprs::{Hint, dotted, strip};
use super::scope::{Body, Def, Found, Place};
use crate::ast::{self, ItemKind, Name, StepKind as Step};
use crate::errors::{Code, clauses, names};
use crate::hir::{
    self, Determining, Expr, ExprId, FixtureId, FixtureValue, ModuleId, RequestFixture, RuleId, StepKind,
};
use crate::source::Span;
use ordain_vm::value::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What an expression of a fixture is.
enum Asked {
    Request(RequestFixture),
    /// A value.
    Not,
    /// A request with a mistake that was reported.
    Broken,
}

/// Rules by name, for tests.
struct Rules {
    named: FxHashMap<Arc<str>, Vec<RuleId>>,
    /// By module: those it imports from.
    near: Vec<FxHashSet<ModuleId>>,
}

impl<'a> Resolver<'a> {
    pub(super) fn fixtures(&mut self) {
        let items = std::mem::take(&mut self.items);
        let lets: Vec<(FixtureId, ModuleId, &'a ast::File, &'a ast::Item, ast::ExprId)> = items
            .iter()
            .filter_map(|item| match (&item.item.kind, item.def) {
                (ItemKind::Let { value, .. }, Def::Fixture(id)) => {
                    Some((id, item.module, item.file, item.item, *value))
                }
                _ => None,
            })
            .collect();
        for at in self.fixture_order(&lets) {
            let (id, module, file, _, value) = lets[at];
            let mut body = Body::new(file, module, Place::Fixture);
            self.package[id].value = match self.asked(&mut body, value) {
                Asked::Request(request) => FixtureValue::Request(request),
                Asked::Not => match self.expr(&mut body, value, Hint::None) {
                    value if matches!(self.package.expr(value), Expr::Error) => FixtureValue::Error,
                    value => FixtureValue::Value(value),
                },
                Asked::Broken => FixtureValue::Error,
            };
        }
        let rules = self.rules_by_name();
        for item in &items {
            if let ItemKind::Test { name, steps } = &item.item.kind {
                let mut body = Body::new(item.file, item.module, Place::Fixture);
                let name = self.plain(item.file, name);
                let steps = self.steps(&mut body, steps, &rules);
                let whole = steps.iter().all(Option::is_some);
                let steps = steps.into_iter().flatten().collect();
                self.package.tests.push(hir::Test { name, module: item.module, at: item.item.at, steps, whole });
            }
        }
        self.items = items;
    }

    /// Fixtures behind those that they name; circles are reported, and their members stay broken.
    fn fixture_order(
        &mut self,
        lets: &[(FixtureId, ModuleId, &'a ast::File, &'a ast::Item, ast::ExprId)],
    ) -> Vec<usize> {
        // The names that stand in each file, by place, so that each fixture finds its own.
        let mut names_of: FxHashMap<ModuleId, Vec<(u32, FixtureId)>> = FxHashMap::default();
        for (_, module, file, ..) in lets {
            if names_of.contains_key(module) {
                continue;
            }
            let mut names = vec![];
            for node in &file.exprs {
                let found = match &node.expr {
                    ast::Expr::Name(name) => self.peek(*module, &name.text),
                    ast::Expr::Field { of, name } => dotted(file, *of)
                        .and_then(|parts| self.whole(*module, &parts))
                        .and_then(|import| self.peek_inside(*module, import, &name.text)),
                    _ => None,
                };
                if let Some(Found::Def(Def::Fixture(id))) = found {
                    names.push((node.at.start, id));
                }
            }
            names.sort();
            names_of.insert(*module, names);
        }
        let place: FxHashMap<FixtureId, usize> = lets.iter().enumerate().map(|(at, item)| (item.0, at)).collect();
        let edges: Vec<Vec<usize>> = lets
            .iter()
            .map(|(_, module, file, item, value)| {
                let names = &names_of[module];
                let start = names.partition_point(|(at, _)| *at < file.at(*value).start);
                let end = names.partition_point(|(at, _)| *at < item.at.end);
                names[start..end.max(start)].iter().filter_map(|(_, id)| place.get(id).copied()).collect()
            })
            .collect();
        let mut broken = FxHashSet::default();
        for knot in knots(&edges) {
            let heads: Vec<&Name> = knot.way.iter().map(|at| &self.package[lets[*at].0].head.name).collect();
            let mut round: Vec<&str> = heads.iter().map(|name| &*name.text).collect();
            round.push(round[0]);
            let spans: Vec<Span> = heads.iter().map(|name| name.at).collect();
            let diagnostic = names::circle(spans[0], "refers to", &round, &spans[1..]);
            self.report(diagnostic);
            broken.extend(knot.members);
        }
        // Components are numbered from what is named to what names it.
        let number = components(&edges);
        let mut order: Vec<usize> = (0..lets.len()).filter(|at| !broken.contains(at)).collect();
        order.sort_by_key(|at| number[*at]);
        order
    }

    /// A fixture used as a value.
    pub(super) fn fixture_value(&mut self, id: FixtureId, at: Span) -> ExprId {
        match &self.package[id].value {
            FixtureValue::Value(value) => match self.package.expr(*value) {
                Expr::Entity { .. } | Expr::Record { .. } | Expr::With { .. } => *value,
                // A number is a whole one in one place and a decimal in another, so that each place has a node of its own.
                _ => self.push(Expr::Let { bindings: vec![], body: *value }, at),
            },
            FixtureValue::Error => self.error(at),
            FixtureValue::Request(_) => {
                let name = self.package[id].head.name.text.clone();
                let help =
                    Some("A request stands by itself: behind `request` or `past`, or changed by `with`.".to_string());
                self.broken(at, names::wrong_kind(at, &name, "a request", "a value", help))
            }
        }
    }

    // Requests

    fn asked(&mut self, body: &mut Body<'a>, id: ast::ExprId) -> Asked {
        let file = body.file;
        let id = strip(file, id);
        let at = file.at(id);
        match file.expr(id) {
            ast::Expr::Record { of, fields } => {
                let Some(parts) = dotted(file, strip(file, *of)) else { return Asked::Not };
                match self.peek_parts(body.module, &parts) {
                    Some(Found::Def(Def::Action(_))) => {}
                    _ => return Asked::Not,
                }
                let Some(Found::Def(Def::Action(action))) = self.parts(body.module, &parts, "an action or event")
                else {
                    return Asked::Broken;
                };
                let empty = RequestFixture { action, actor: None, target: None, args: vec![], at };
                self.filled(body, empty, fields)
            }
            ast::Expr::With { of, fields } => match self.asked(body, *of) {
                Asked::Request(base) => self.filled(body, RequestFixture { at, ..base }, fields),
                other => other,
            },
            ast::Expr::Name(_) | ast::Expr::Field { .. } => {
                let Some(parts) = dotted(file, id) else { return Asked::Not };
                let Some(Found::Def(Def::Fixture(_))) = self.peek_parts(body.module, &parts) else { return Asked::Not };
                let Some(Found::Def(Def::Fixture(fixture))) = self.parts(body.module, &parts, "a fixture") else {
                    return Asked::Broken;
                };
                match &self.package[fixture].value {
                    FixtureValue::Request(request) => Asked::Request(RequestFixture { at, ..request.clone() }),
                    FixtureValue::Value(_) => Asked::Not,
                    FixtureValue::Error => Asked::Broken,
                }
            }
            ast::Expr::Error => Asked::Broken,
            _ => Asked::Not,
        }
    }

    /// As `parts`, without a report or a mark that it was used.
    fn peek_parts(&self, module: ModuleId, parts: &[&Name]) -> Option<Found> {
        match parts.split_last()? {
            (one, []) => self.peek(module, &one.text),
            (last, before) => self.peek_inside(module, self.whole(module, before)?, &last.text),
        }
    }

    fn peek_inside(&self, module: ModuleId, import: usize, name: &str) -> Option<Found> {
        match &self.scopes[module.index()].imports[import].target {
            super::scope::Target::Whole(whole) => self.in_whole(whole, name),
            _ => None,
        }
    }

    /// A request with these fields, instead of those it had of the same names.
    fn filled(&mut self, body: &mut Body<'a>, mut request: RequestFixture, fields: &'a [(Name, ast::ExprId)]) -> Asked {
        self.fields_once(fields);
        let mut all_known = true;
        let action = self.package[request.action].clone();
        for (name, value) in fields {
            let party = match &*name.text {
                "actor" => Some(action.by.is_empty()),
                "target" => Some(action.on.is_empty()),
                _ => None,
            };
            match (party, action.field(&name.text)) {
                (Some(false), _) => {
                    let value = Some(self.expr(body, *value, Hint::None));
                    if &*name.text == "actor" {
                        request.actor = value;
                    } else {
                        request.target = value;
                    }
                }
                (_, Some((_, field))) => {
                    let value = self.expr(body, *value, Hint::of(&field.ty));
                    match request.args.iter_mut().find(|(other, _)| other.text == name.text) {
                        Some(arg) => *arg = (name.clone(), value),
                        None => request.args.push((name.clone(), value)),
                    }
                }
                (Some(true), None) => {
                    self.report(names::no_party(name.at, &name.text, &action.head));
                    self.expr(body, *value, Hint::None);
                    all_known = false;
                }
                (None, None) if action.as_arg.as_ref().is_some_and(|arg| arg.text == name.text) => {
                    self.report(names::follows_from_target(name.at, &name.text));
                }
                (None, None) => {
                    let known = action.fields.iter().map(|field| &*field.name.text).chain(["actor", "target"]);
                    let of = format!("`{}`", action.head.name.text);
                    let diagnostic = names::no_such_field(name.at, &name.text, &of, known);
                    self.report(diagnostic.rests_on([action.head.at]));
                    self.expr(body, *value, Hint::None);
                    all_known = false;
                }
            }
        }
        // What is not known was given for something that would be missing now.
        if all_known { Asked::Request(request) } else { Asked::Broken }
    }

    /// A request where a step wants one.
    fn request_of(&mut self, body: &mut Body<'a>, id: ast::ExprId) -> Option<RequestFixture> {
        match self.asked(body, id) {
            Asked::Request(request) => Some(request),
            Asked::Broken => None,
            Asked::Not => {
                let file = body.file;
                let unknown = match file.expr(strip(file, id)) {
                    ast::Expr::Record { of, .. } | ast::Expr::With { of, .. } => Some(strip(file, *of)),
                    ast::Expr::Name(_) | ast::Expr::Field { .. } => Some(strip(file, id)),
                    _ => None,
                };
                let parts = unknown.and_then(|of| dotted(file, of));
                match parts {
                    Some(parts) if self.peek_parts(body.module, &parts).is_none() => {
                        self.parts(body.module, &parts, "an action, event or request");
                    }
                    _ => self.report(clauses::not_a_request(file.at(id))),
                }
                None
            }
        }
    }

    // Tests

    /// Nothing stands for a step that has a mistake.
    fn steps(&mut self, body: &mut Body<'a>, steps: &'a [ast::Step], rules: &Rules) -> Vec<Option<hir::Step>> {
        let mut result = vec![];
        let mut day = None;
        for step in steps {
            if let Step::At { moment, .. } = &step.kind {
                day = Some(match moment {
                    ast::Moment::Instant(instant) => instant.utc().0,
                    ast::Moment::Local(date, _) => *date,
                });
            }
            let kind = self.step(body, &step.kind, rules, day);
            result.push(kind.map(|kind| hir::Step { kind, at: step.at }));
        }
        result
    }

    fn step(&mut self, body: &mut Body<'a>, step: &'a Step, rules: &Rules, day: Option<Date>) -> Option<StepKind> {
        let file = body.file;
        Some(match step {
            Step::At { moment: ast::Moment::Instant(instant), .. } => StepKind::AtInstant(*instant),
            Step::At { moment: ast::Moment::Local(date, time), zone } => {
                let zone = zone.as_ref().and_then(|zone| self.zone(file, zone));
                StepKind::AtLocal { date: *date, time: *time, zone }
            }
            Step::Session(text) => StepKind::Session(self.plain(file, text)),
            Step::Origins(origins) => {
                let mut result = vec![];
                for (path, places) in origins {
                    let places = self.places(body.module, places).into_iter().flatten().collect();
                    result.push((path.text.clone(), places));
                }
                StepKind::Origins(result)
            }
            Step::Context(fields) => StepKind::Context(self.context_step(body, fields)),
            Step::Data { name, value } => {
                let data = match self.path(body.module, name, "data")? {
                    Found::Def(Def::Data(id)) => id,
                    other => {
                        let text = name.parts.last()?.text.clone();
                        self.wrong_kind(name.at, &text, other, "data");
                        return None;
                    }
                };
                let hint = Hint::of(&self.package[data].ty);
                StepKind::Data { data, value: self.expr(body, *value, hint) }
            }
            Step::Past { what, outcome, times, ago } => {
                let what = self.request_of(body, *what)?;
                let outcome = match outcome {
                    ast::PastOutcome::Performed => hir::PastOutcome::Performed,
                    ast::PastOutcome::Returned(value) => {
                        hir::PastOutcome::Returned(self.brought_back(body, what.action, *value))
                    }
                    ast::PastOutcome::Denied => hir::PastOutcome::Denied,
                    ast::PastOutcome::Failed => hir::PastOutcome::Failed,
                    ast::PastOutcome::Attempted => hir::PastOutcome::Attempted,
                };
                let times = u32::try_from(times.unwrap_or(1)).unwrap_or(u32::MAX);
                let ago = ago.map(|ago| self.expr(body, ago, Hint::None));
                StepKind::Past { what, outcome, times, ago }
            }
            Step::Request(id) => StepKind::Request(self.request_step(body, *id, false)?),
            Step::Event(id) => StepKind::Request(self.request_step(body, *id, true)?),
            Step::Approved { by, role } => {
                let by = self.expr(body, *by, Hint::None);
                StepKind::Approved { by, role: self.role(body, role)? }
            }
            Step::Waived { rule, by, role } => {
                let rule = self.rule_of(body.module, rule, rules, day);
                let by = self.expr(body, *by, Hint::None);
                let role = self.role(body, role);
                StepKind::Waived { rule: rule?, by, role: role? }
            }
            Step::ExpectVerdict { verdict, by } => {
                let mut determining = vec![];
                for path in by {
                    if path.parts.last().is_some_and(|name| &*name.text == "otherwise") {
                        determining.push(Determining::Otherwise);
                    } else {
                        determining.extend(self.rule_of(body.module, path, rules, day).map(Determining::Rule));
                    }
                }
                StepKind::ExpectVerdict { verdict: *verdict, by: (!by.is_empty()).then_some(determining) }
            }
            Step::ExpectMissing(text) => StepKind::ExpectMissing(self.plain(file, text)),
            Step::ExpectMust(call) => StepKind::ExpectMust(self.duty_call(body, call)?),
            Step::ExpectError(name) => match Code::parse(&name.text) {
                Some(code) => StepKind::ExpectError(Arc::from(code.as_str())),
                None => {
                    let known = Code::ALL.iter().map(|code| code.as_str()).filter(|code| code.starts_with('E'));
                    let near = names::Near::name(names::nearest(&name.text, known));
                    self.report(names::unknown(name.at, &name.text, "an error code", near));
                    return None;
                }
            },
            Step::Error => return None,
        })
    }

    /// What a past request brought back. Where an action returns fields, their record has no name: `{ id: "x" }` is one.
    fn brought_back(&mut self, body: &mut Body<'a>, action: hir::ActionId, value: ast::ExprId) -> ExprId {
        let file = body.file;
        let name = |key: &ast::ExprId| match file.expr(*key) {
            ast::Expr::Name(name) => Some(name.clone()),
            _ => None,
        };
        let record = match self.package[action].returns {
            Some(hir::Returns::Record(record)) => Some(record),
            Some(hir::Returns::Type(_)) | None => None,
        };
        if let (Some(record), ast::Expr::Map(entries)) = (record, file.expr(strip(file, value)))
            && let Some(fields) =
                entries.iter().map(|(key, value)| Some((name(key)?, *value))).collect::<Option<Vec<_>>>()
        {
            let hir::Record { head, fields: declared } = self.package[record].clone();
            return match self.named_fields(body, &fields, &declared, &head) {
                Some(fields) => self.push(Expr::Record { record, fields }, file.at(value)),
                None => self.error(file.at(value)),
            };
        }
        self.expr(body, value, Hint::None)
    }

    fn context_step(&mut self, body: &mut Body<'a>, fields: &'a [(Name, ast::ExprId)]) -> Vec<(usize, ExprId)> {
        self.fields_once(fields);
        let mut result = vec![];
        for (name, value) in fields {
            match self.context_names.get(&name.text).copied() {
                Some(place) => {
                    let hint = Hint::of(&self.package.context[place].ty);
                    result.push((place, self.expr(body, *value, hint)));
                }
                None => {
                    let known = self.context_names.keys().map(|name| &**name);
                    let diagnostic = names::no_such_field(name.at, &name.text, "`context`", known);
                    self.report(diagnostic.rests_on(self.contexts()));
                }
            }
        }
        result
    }

    fn request_step(&mut self, body: &mut Body<'a>, id: ast::ExprId, event: bool) -> Option<RequestFixture> {
        let request = self.request_of(body, id)?;
        let action = &self.package[request.action];
        if action.event == event {
            return Some(request);
        }
        let name = action.head.name.text.clone();
        let (is, wanted, word) =
            if event { ("an action", "an event", "request") } else { ("an event", "an action", "event") };
        let help = Some(format!("Write `{word} {name} …`."));
        self.report(names::wrong_kind(body.file.at(id), &name, is, wanted, help));
        None
    }

    fn role(&mut self, body: &Body<'a>, name: &Name) -> Option<ordain_vm::value::RoleId> {
        match self.parts(body.module, &[name], "a role")? {
            Found::Def(Def::Role(id)) => Some(id),
            other => {
                self.wrong_kind(name.at, &name.text, other, "a role");
                None
            }
        }
    }

    fn rules_by_name(&self) -> Rules {
        let mut named: FxHashMap<Arc<str>, Vec<RuleId>> = FxHashMap::default();
        for (at, rule) in self.package.rules.iter().enumerate() {
            named.entry(rule.head.name.text.clone()).or_default().push(RuleId(at as u32));
        }
        let module_of = |target: &super::scope::Target| match target {
            super::scope::Target::One(Found::Def(def)) => self.head(*def).map(|head| head.module),
            super::scope::Target::Whole(whole) => whole.module,
            super::scope::Target::One(Found::Builtin(_)) | super::scope::Target::Broken => None,
        };
        let near = self
            .scopes
            .iter()
            .map(|scope| scope.imports.iter().filter_map(|import| module_of(&import.target)).collect());
        Rules { named, near: near.collect() }
    }

    /// A rule by name: of this file, of files it imports, of the package; `policy.rule` where two have it.
    /// Of several versions of its policy the one in force on `day`.
    fn rule_of(&mut self, module: ModuleId, path: &ast::Path, rules: &Rules, day: Option<Date>) -> Option<RuleId> {
        let (name, before) = path.parts.split_last()?;
        let mut found = rules.named.get(&name.text).cloned().unwrap_or_default();
        if let Some(owner) = before.last() {
            let owner = match self.look(module, &owner.text) {
                Some(Found::Def(Def::Policy(id))) => self.package[id].head.name.text.clone(),
                _ => owner.text.clone(),
            };
            found.retain(|id| self.package[self.package[*id].policy].head.name.text == owner);
        }
        let module_of = |id: &RuleId| self.package[*id].head.module;
        let nearest = if found.iter().any(|id| module_of(id) == module) {
            found.iter().copied().filter(|id| module_of(id) == module).collect()
        } else if found.iter().any(|id| rules.near[module.index()].contains(&module_of(id))) {
            found.iter().copied().filter(|id| rules.near[module.index()].contains(&module_of(id))).collect()
        } else {
            found
        };
        let Some(first) = nearest.first().copied() else {
            let near = if self.searches > 0 {
                names::nearest(&name.text, rules.named.keys().map(|name| &**name))
            } else {
                None
            };
            self.searches = self.searches.saturating_sub(1);
            self.report(names::unknown(name.at, &name.text, "a rule", names::Near::name(near)));
            return None;
        };
        let owner = |id: RuleId| self.package[self.package[id].policy].head.name.text.clone();
        if let Some(other) = nearest.iter().find(|id| owner(**id) != owner(first)) {
            let diagnostic = names::ambiguous_rule(name.at, &name.text, &owner(first), &owner(*other));
            self.report(diagnostic);
            return None;
        }
        let in_force = |id: &&RuleId| {
            let effective = self.package[self.package[**id].policy].effective;
            let day = day.or(effective.from);
            effective.from.is_none_or(|from| day.is_some_and(|day| from <= day))
                && effective.until.is_none_or(|until| day.is_none_or(|day| day <= until))
        };
        Some(nearest.iter().find(in_force).copied().unwrap_or(first))
    }
}
