//! What may be asked of the past, so that an engine can keep the answer ready: the `where` of a reading is a conjunction
//! of key equalities and of conditions on the entry alone. And two warnings: readings that count everyone's, and readings
//! that grow without end.

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::parts;
use crate::hir::{
    Action, ActionId, Aggregate, Callee, CompareOp, DefineId, Effect, EntryField, Expr, ExprId, Limit, LocalId,
    LocalKind, Name, Past, PastId, Quantifier, Rule, Source, Window,
};
use crate::source::Span;
use ordain_vm::value::{EntityId, Type};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    if given.package.pasts.is_empty() && !given.package.rules.iter().any(|rule| matches!(rule.effect, Effect::Limit(_)))
    {
        return;
    }
    let mut checker = Checker {
        given,
        defines: FxHashMap::default(),
        lets: FxHashMap::default(),
        keyless: FxHashSet::default(),
        found,
    };
    // One after the other, so that a long chain of them is no deep one.
    for define in in_order(given) {
        checker.define(define);
    }
    for (local, value) in given.package.rules.iter().flat_map(|rule| &rule.lets) {
        let speaks = checker.speaks(*value, None, &mut vec![]);
        checker.lets.insert(*local, speaks);
    }
    for node in 0..given.package.exprs.len() as u32 {
        if let Expr::Quantifier(quantifier) = given.package.expr(ExprId(node)) {
            checker.quantifier(quantifier);
        }
    }
    for rule in &given.package.rules {
        if let Effect::Limit(limit) = &rule.effect {
            checker.limit(rule, limit);
        }
    }
    let keyless = std::mem::take(&mut checker.keyless);
    everyones(given, &keyless, found);
}

struct Checker<'a> {
    given: &'a Given<'a>,
    /// What the body of a define speaks of, besides its parameters.
    defines: FxHashMap<DefineId, Option<(Speaks, Vec<bool>)>>,
    /// What a `let` of a rule speaks of; it can't speak of an entry.
    lets: FxHashMap<LocalId, Speaks>,
    /// Readings that name no key.
    keyless: FxHashSet<PastId>,
    found: &'a mut Vec<Diagnostic>,
}

/// What an expression speaks of.
#[derive(Clone, Copy, Default, Debug)]
struct Speaks {
    /// The entry whose `where` is looked at.
    entry: bool,
    /// The request, the context, a parameter, a variable of another quantifier.
    request: bool,
    clock: bool,
    past: bool,
    /// A `let` that reads the past: once for the request, so that it can be a key.
    once: bool,
}

impl Speaks {
    fn and(self, other: Speaks) -> Speaks {
        Speaks {
            entry: self.entry || other.entry,
            request: self.request || other.request,
            clock: self.clock || other.clock,
            past: self.past || other.past,
            once: self.once || other.once,
        }
    }

    /// Of the entry, and of nothing that differs from request to request.
    fn of_entry_alone(self) -> bool {
        self.entry && !self.request && !self.clock && !self.past && !self.once
    }
}

/// The `where` that is looked at: its entry, and what the parameters of defines on the way stand for.
struct Where {
    entry: LocalId,
    name: Arc<str>,
    arguments: FxHashMap<LocalId, ExprId>,
    keys: Vec<Key>,
    /// The part of the `where` itself, when a define was entered.
    outer: Option<ExprId>,
    /// Parts that may still be looked at: defines within defines could make any number of them.
    left: u32,
}

/// Parts of one `where`, through all its defines.
const MOST_PARTS: u32 = 1_000;

struct Key {
    /// Fields of the entry that it is made of, each with its type.
    fields: Vec<(EntryField, Type)>,
    ty: Type,
}

impl Checker<'_> {
    fn quantifier(&mut self, quantifier: &Quantifier) {
        for (var, source) in quantifier.vars.iter().zip(&quantifier.sources) {
            let Source::Past(past) = source else { continue };
            let mut keys = vec![];
            let name = &self.given.package[*var].name.text;
            for part in quantifier.filter.iter().chain(&quantifier.satisfy) {
                keys.extend(self.condition(*part, *var, name));
            }
            self.value(quantifier.value, *var, name);
            self.past(*past, &keys);
        }
    }

    fn past(&mut self, id: PastId, keys: &[Key]) {
        let past = &self.given.package[id];
        let of_session = matches!(past.window, Window::This { unit: crate::hir::CalendarUnit::Session, .. });
        if past.by.is_none() && past.on.is_none() && keys.is_empty() && !of_session {
            self.keyless.insert(id);
        }
        let unbounded = past.by.is_some() || past.on.is_some() || keys.iter().any(|key| is_unbounded(&key.ty));
        match &past.window {
            Window::Within { .. } | Window::This { .. } | Window::Error => {}
            Window::Ever(at) if unbounded => self.found.push(rules::unbounded_ever(*at)),
            Window::Ever(_) => {}
            Window::Since { past: since, var, filter, at } => {
                match (var, filter) {
                    (Some(var), filter) => {
                        let name = &self.given.package[*var].name.text;
                        filter.iter().for_each(|filter| _ = self.condition(*filter, *var, name));
                    }
                    (None, _) => self.since(past, &self.given.package[*since], keys, *at),
                }
                if unbounded {
                    self.found.push(rules::unbounded_since(*at));
                }
            }
        }
    }

    /// `since A` asks for A of the same keys, so A must have them.
    fn since(&mut self, past: &Past, since: &Past, keys: &[Key], at: Span) {
        for id in &since.source.actions {
            let action = &self.given.package[*id];
            let name = &action.head.name.text;
            if past.by.is_some_and(|by| !self.may_be(by, &action.by)) {
                self.found.push(rules::since_lacks_key(at, name, "actor"));
            }
            if past.on.is_some_and(|on| !self.may_be(on, &action.on)) {
                self.found.push(rules::since_lacks_key(at, name, "target"));
            }
            for key in keys {
                if let Some(lacks) = lacks_key(action, key) {
                    self.found.push(rules::since_lacks_key(at, name, &lacks));
                }
            }
        }
    }

    /// Can an entity be of one of the kinds?
    fn may_be(&self, id: ExprId, kinds: &[EntityId]) -> bool {
        match self.given.types.of(id).present() {
            Type::Entity(found) => found.iter().any(|kind| kinds.contains(kind)),
            _ => !kinds.is_empty(),
        }
    }

    fn limit(&mut self, rule: &Rule, limit: &Limit) {
        let package = self.given.package;
        let summed = match &limit.aggregate {
            Aggregate::Count => None,
            Aggregate::Sum(of) | Aggregate::Distinct(of) => Some(*of),
        };
        for part in limit.per.iter().copied().chain(summed) {
            if self.speaks(part, None, &mut vec![]).past {
                self.found.push(rules::limit_reads_past(package.at(part), &self.given.text(part)));
            }
        }
        let unbounded = limit.per.iter().any(|key| is_unbounded(self.given.types.of(*key)));
        match &limit.window {
            Window::Within { .. } | Window::This { .. } | Window::Error => {}
            Window::Ever(at) if unbounded => self.found.push(rules::unbounded_ever(*at)),
            Window::Ever(_) => {}
            Window::Since { past, var, filter, at } => {
                if let Some(var) = var {
                    let name = &package[*var].name.text;
                    filter.iter().for_each(|filter| _ = self.condition(*filter, *var, name));
                } else {
                    self.limit_since(rule, limit, *past, *at);
                }
                if unbounded {
                    self.found.push(rules::unbounded_since(*at));
                }
            }
        }
    }

    fn limit_since(&mut self, rule: &Rule, limit: &Limit, since: PastId, at: Span) {
        let package = self.given.package;
        let mut open = limit.per.clone();
        let (mut names, mut actor, mut target) = (vec![], false, false);
        while let Some(id) = open.pop() {
            match package.expr(id) {
                Expr::Arg(name) => names.push(name.clone()),
                Expr::Actor => actor = true,
                Expr::Target => target = true,
                Expr::Local(local) => {
                    if let LocalKind::Let(value) = package[*local].kind {
                        open.push(value);
                    }
                }
                _ => parts::parts(package, id, &mut |part| open.push(part)),
            }
        }
        for id in &package[since].source.actions {
            let action = &package[*id];
            let name = &action.head.name.text;
            if actor && action.by.is_empty() {
                self.found.push(rules::since_lacks_key(at, name, "actor"));
            }
            if target && action.on.is_empty() {
                self.found.push(rules::since_lacks_key(at, name, "target"));
            }
            for field in &names {
                if !self.has_field(action, field, &rule.on) {
                    self.found.push(rules::since_lacks_key(at, name, &field.text));
                }
            }
        }
    }

    /// Has the action that field, of the type that it has in the others?
    fn has_field(&self, action: &Action, field: &Name, others: &[ActionId]) -> bool {
        let wanted =
            others.iter().find_map(|other| self.given.package[*other].field(&field.text)).map(|(_, field)| &field.ty);
        match (action.field(&field.text), wanted) {
            (Some((_, field)), Some(wanted)) => is_same(&field.ty, wanted),
            (Some(_), None) => true,
            // The id of the target under another name.
            (None, _) => action.as_arg.as_ref().is_some_and(|arg| arg.text == field.text),
        }
    }

    /// Looks at the parts of a `where`; gives its keys.
    fn condition(&mut self, id: ExprId, entry: LocalId, name: &Arc<str>) -> Vec<Key> {
        let mut place = Where {
            entry,
            name: name.clone(),
            arguments: FxHashMap::default(),
            keys: vec![],
            outer: None,
            left: MOST_PARTS,
        };
        self.conjunct(id, &mut place);
        place.keys
    }

    fn conjunct(&mut self, id: ExprId, place: &mut Where) {
        let package = self.given.package;
        let Some(left) = place.left.checked_sub(1) else { return };
        place.left = left;
        if left == 0 {
            // What is not looked at is not compiled.
            self.found.push(rules::too_many_parts(package.at(place.outer.unwrap_or(id)), MOST_PARTS));
            return;
        }
        if let Expr::And(parts) = package.expr(id) {
            parts.iter().for_each(|part| self.conjunct(*part, place));
            return;
        }
        let speaks = self.speaks(id, Some(place), &mut vec![]);
        if speaks.of_entry_alone() {
            return;
        }
        match package.expr(id) {
            Expr::Error => {}
            Expr::Compare { operands, ops } if operands.len() == 2 && ops[0] == CompareOp::Equal => {
                let (left, right) = (operands[0], operands[1]);
                for (of_entry, key) in [(left, right), (right, left)] {
                    let other = self.speaks(key, Some(place), &mut vec![]);
                    let own = self.speaks(of_entry, Some(place), &mut vec![]);
                    if own.of_entry_alone() && !other.entry && !other.past {
                        let fields = self.fields(of_entry, place);
                        place.keys.push(Key { fields, ty: self.given.types.of(of_entry).clone() });
                        return;
                    }
                }
                self.misplaced(id, speaks, place);
            }
            Expr::Call { callee: Callee::Define(define), args } if speaks.entry && !speaks.past => {
                let define = &package[*define];
                for (parameter, argument) in define.params.iter().zip(args) {
                    place.arguments.insert(*parameter, *argument);
                }
                let outer = place.outer;
                place.outer = Some(outer.unwrap_or(id));
                self.conjunct(define.body, place);
                place.outer = outer;
            }
            Expr::Local(local) => match package[*local].kind {
                LocalKind::Let(value) => self.conjunct(value, place),
                _ => self.misplaced(id, speaks, place),
            },
            _ => self.misplaced(id, speaks, place),
        }
    }

    /// The fields of the entry that an expression reads.
    fn fields(&self, id: ExprId, place: &Where) -> Vec<(EntryField, Type)> {
        let (mut found, mut open) = (vec![], vec![id]);
        while let Some(part) = open.pop() {
            match self.given.package.expr(part) {
                Expr::Entry { entry, field } if *entry == place.entry => {
                    found.push((field.clone(), self.given.types.of(part).clone()));
                }
                Expr::Local(local) => open.extend(place.arguments.get(local).filter(|argument| **argument != id)),
                _ => parts::parts(self.given.package, part, &mut |part| open.push(part)),
            }
        }
        found
    }

    fn misplaced(&mut self, id: ExprId, speaks: Speaks, place: &Where) {
        let package = self.given.package;
        let text = self.given.text(id);
        let at = package.at(place.outer.unwrap_or(id));
        let diagnostic = match speaks {
            // The same for every request: nothing to keep.
            Speaks { entry: false, request: false, clock: false, past: false, once: false } => return,
            Speaks { past: true, .. } | Speaks { once: true, .. } => rules::past_in_where(at, &text, &place.name),
            Speaks { entry: false, .. } => rules::where_without_entry(at, &text, &place.name),
            Speaks { clock: true, .. } => rules::clock_in_where(at, &text, &place.name),
            Speaks { .. } => rules::request_in_where(at, &text, &place.name),
        };
        let inside = place.outer.map(|_| package.at(id));
        self.found.push(match inside {
            Some(inside) => diagnostic.also(inside, "this part"),
            None => diagnostic,
        });
    }

    /// What is summed and the like is worked out when the entry is recorded.
    fn value(&mut self, value: Option<ExprId>, entry: LocalId, name: &Arc<str>) {
        let Some(value) = value else { return };
        let place = Where {
            entry,
            name: name.clone(),
            arguments: FxHashMap::default(),
            keys: vec![],
            outer: None,
            left: MOST_PARTS,
        };
        let speaks = self.speaks(value, Some(&place), &mut vec![]);
        if speaks.request || speaks.clock || speaks.past || speaks.once {
            let at = self.given.package.at(value);
            self.found.push(rules::value_not_of_entry(at, &self.given.text(value), name));
        }
    }

    /// `inner`: variables of the quantifiers within, which speak of what these run over.
    fn speaks(&mut self, id: ExprId, place: Option<&Where>, inner: &mut Vec<LocalId>) -> Speaks {
        let package = self.given.package;
        let request = Speaks { request: true, ..Speaks::default() };
        let clock = Speaks { clock: true, ..Speaks::default() };
        let mut speaks = match package.expr(id) {
            Expr::Actor | Expr::Target | Expr::Arg(_) | Expr::Session | Expr::RequestId | Expr::Context(_) => request,
            Expr::Now | Expr::Today | Expr::Age { .. } => clock,
            Expr::Entry { entry, .. } if place.is_some_and(|place| place.entry == *entry) => {
                Speaks { entry: true, ..Speaks::default() }
            }
            Expr::Entry { entry, .. } => Speaks { request: !inner.contains(entry), ..Speaks::default() },
            Expr::Local(local) => match &package[*local].kind {
                _ if inner.contains(local) => Speaks::default(),
                LocalKind::Let(_) => {
                    let told = self.lets.get(local).copied().unwrap_or(request);
                    Speaks { past: false, once: told.past || told.once, ..told }
                }
                LocalKind::Param(_) => match place.and_then(|place| place.arguments.get(local)) {
                    Some(argument) => self.speaks(*argument, place, inner),
                    None => request,
                },
                LocalKind::Element(_) | LocalKind::Entry(_) | LocalKind::Since(_) | LocalKind::Approver(_) => request,
            },
            Expr::Call { callee: Callee::Define(define), args } => {
                let Some((mut speaks, used)) = self.define(*define) else { return Speaks::default() };
                for (argument, used) in args.iter().zip(used) {
                    if used {
                        speaks = speaks.and(self.speaks(*argument, place, inner));
                    }
                }
                return speaks;
            }
            Expr::Quantifier(quantifier)
                if quantifier.sources.iter().any(|source| matches!(source, Source::Past(_))) =>
            {
                Speaks { past: true, ..Speaks::default() }
            }
            _ => Speaks::default(),
        };
        let bound = inner.len();
        match package.expr(id) {
            Expr::Quantifier(quantifier) => inner.extend(&quantifier.vars),
            Expr::Let { bindings, .. } => inner.extend(bindings.iter().map(|(local, _)| *local)),
            _ => {}
        }
        let mut parts = vec![];
        parts::parts(package, id, &mut |part| parts.push(part));
        for part in parts {
            speaks = speaks.and(self.speaks(part, place, inner));
        }
        inner.truncate(bound);
        speaks
    }

    /// What a define speaks of, and which of its parameters it uses; `None` for one that leads back to itself.
    fn define(&mut self, id: DefineId) -> Option<(Speaks, Vec<bool>)> {
        if let Some(known) = self.defines.get(&id) {
            return known.clone();
        }
        self.defines.insert(id, None);
        let define = self.given.package.defines.get(id.index())?;
        // Parameters are looked for one by one, so that what they stand for can take their place.
        let mut inner = define.params.clone();
        let speaks = self.speaks(define.body, None, &mut inner);
        let mut used = FxHashSet::default();
        self.locals(define.body, &mut used);
        let used = define.params.iter().map(|parameter| used.contains(parameter)).collect();
        self.defines.insert(id, Some((speaks, used)));
        self.defines[&id].clone()
    }

    fn locals(&self, id: ExprId, found: &mut FxHashSet<LocalId>) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if let Expr::Local(local) = self.given.package.expr(id) {
                found.insert(*local);
            }
            parts::parts(self.given.package, id, &mut |part| open.push(part));
        }
    }
}

/// Defines, each behind those that it calls.
fn in_order(given: &Given<'_>) -> Vec<DefineId> {
    let defines = &given.package.defines;
    let (mut order, mut seen) = (vec![], vec![false; defines.len()]);
    for start in 0..defines.len() {
        let mut open = vec![(start, false)];
        while let Some((define, called)) = open.pop() {
            if called {
                order.push(DefineId(define as u32));
                continue;
            }
            if std::mem::replace(&mut seen[define], true) {
                continue;
            }
            open.push((define, true));
            let mut parts = vec![defines[define].body];
            while let Some(id) = parts.pop() {
                if let Expr::Call { callee: Callee::Define(other), .. } = given.package.expr(id)
                    && other.index() < defines.len()
                {
                    open.push((other.index(), false));
                }
                parts::parts(given.package, id, &mut |part| parts.push(part));
            }
        }
    }
    order
}

/// The key that `since A` would need and A has not.
fn lacks_key(action: &Action, key: &Key) -> Option<String> {
    key.fields.iter().find_map(|(field, ty)| match field {
        EntryField::Actor if action.by.is_empty() => Some("actor".to_string()),
        EntryField::Target if action.on.is_empty() => Some("target".to_string()),
        EntryField::Result if action.returns.is_none() => Some("result".to_string()),
        EntryField::Arg(name) => match action.field(&name.text) {
            Some((_, field)) if is_same(&field.ty, ty) => None,
            None if action.as_arg.as_ref().is_some_and(|arg| arg.text == name.text) => None,
            _ => Some(name.text.to_string()),
        },
        EntryField::Actor | EntryField::Target | EntryField::Result => None,
        EntryField::Time | EntryField::Action | EntryField::Session | EntryField::Id => None,
    })
}

fn is_same(a: &Type, b: &Type) -> bool {
    match (a.present(), b.present()) {
        (Type::Unknown, _) | (_, Type::Unknown) => true,
        (Type::Text(_), Type::Text(_)) | (Type::Money(_), Type::Money(_)) => true,
        (Type::Int | Type::Decimal, Type::Int | Type::Decimal) => true,
        (Type::Entity(a), Type::Entity(b)) => a.iter().any(|kind| b.contains(kind)),
        (a, b) => a == b,
    }
}

/// Are there more values than a declaration lists?
fn is_unbounded(ty: &Type) -> bool {
    match ty.present() {
        Type::Unknown | Type::Bool | Type::Country | Type::Currency | Type::Role | Type::Enum(_) | Type::Choice(_) => {
            false
        }
        Type::Int | Type::Decimal | Type::Money(_) | Type::Text(_) | Type::Date | Type::Time | Type::Instant => true,
        Type::Duration | Type::Period | Type::Ip | Type::IpRange | Type::Hours | Type::Calendar => true,
        Type::Record(_) | Type::Entity(_) | Type::List(..) | Type::Set(_) | Type::Map(..) | Type::Optional(_) => true,
    }
}

/// W0406: readings without a key that a rule on an action with an actor uses, also by a define.
fn everyones(given: &Given<'_>, keyless: &FxHashSet<PastId>, found: &mut Vec<Diagnostic>) {
    let package = given.package;
    let has_actor = |actions: &[ActionId]| actions.iter().any(|action| !package[*action].by.is_empty());
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let (mut seen, mut open) = (FxHashSet::default(), vec![]);
    for rule in package.rules.iter().filter(|rule| has_actor(&rule.on)) {
        open.extend(rule_parts(rule));
    }
    while let Some(id) = open.pop() {
        match package.expr(id) {
            Expr::Call { callee: Callee::Define(define), .. } if seen.insert(*define) => {
                open.extend(package.defines.get(define.index()).map(|define| define.body));
            }
            Expr::Quantifier(quantifier) => {
                for source in &quantifier.sources {
                    if let Source::Past(past) = source
                        && keyless.contains(past)
                        && (package[*past].source.any || has_actor(&package[*past].source.actions))
                        && told.insert(package[*past].at)
                    {
                        found.push(rules::counts_everyones(package[*past].at));
                    }
                }
            }
            _ => {}
        }
        parts::parts(package, id, &mut |part| open.push(part));
    }
}

/// The expressions of a rule that decide something.
pub(super) fn rule_parts(rule: &Rule) -> Vec<ExprId> {
    let mut parts: Vec<ExprId> = rule.lets.iter().map(|(_, value)| *value).collect();
    parts.extend(rule.conditions.iter().map(|condition| condition.expr));
    match &rule.effect {
        Effect::Require { requirements, grant } => {
            for requirement in requirements {
                parts.extend(requirement.conditions.iter().map(|condition| condition.expr));
                parts.push(requirement.expr);
            }
            let grant = grant.iter().flat_map(|grant| &grant.conditions);
            parts.extend(grant.map(|condition| condition.expr));
        }
        Effect::Limit(limit) => parts.push(limit.at_most),
        Effect::None
        | Effect::Permit
        | Effect::PermitWith(_)
        | Effect::Needs(_)
        | Effect::Deny { .. }
        | Effect::Lift => {}
    }
    for duty in &rule.duties {
        parts.extend(duty.conditions.iter().map(|condition| condition.expr));
        parts.extend(&duty.call.args);
    }
    parts
}
