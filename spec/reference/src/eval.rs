//! Expressions to values, by walking the tree: operands from left to right, and no further than the answer needs.
//! A part gives a value or a fault; where the fault arose is kept for the answer. Quantifiers and the past stand in
//! `past.rs`, origins in `provenance.rs`, operators in `arithmetic.rs` and `time.rs`.

use crate::arithmetic;
use crate::history::{EntryRef, History, Recording, in_snapshot};
use crate::provenance::Path;
use crate::time::{Clock, days_duration, days_period};
use ordain_compiler::analysis::Checked;
use ordain_compiler::check::Member;
use ordain_compiler::hir::{
    Arm, Callee, CellKind, CompareOp, DataId, DefineId, EntryField, Expr, ExprId, Field, LocalId, LocalKind, Name,
    Package, Pattern, PolicyId, QuantifierKind, Source, TableId, TemplatePart,
};
use ordain_compiler::source::Span;
use ordain_stdlib::{calendar, pattern};
use ordain_vm::answer::PolicyRef;
use ordain_vm::builtin::{Builtin, Context};
use ordain_vm::fault::Fault;
use ordain_vm::request::{Entities, Entity, Request};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Calendar, Date, EntityId, EntityRef, Instant, Money, RecordId, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why an expression has no value, and which part of it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub fault: Fault,
    pub at: Option<Span>,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure { fault, at: None }
    }
}

pub type Outcome<T> = Result<T, Failure>;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Binding {
    /// A value, and which part of which request it is, where it is one.
    Value(Value, Option<Path>),
    /// A `let` that was not needed yet, and the entry of the past in whose light it is read.
    Lazy(ExprId, Option<EntryRef>),
    /// A `let` that was needed.
    Known(ExprId, Option<EntryRef>, Outcome<Value>),
    Entry(EntryRef),
}

/// What is worked out once for a package.
#[derive(Debug, Default)]
pub struct Constants {
    /// By `PolicyId`: how decisions name it.
    pub policies: Vec<PolicyRef>,
    pub sets: Vec<Outcome<Value>>,
    pub patterns: BTreeMap<ExprId, pattern::Pattern>,
}

/// What was seen on the way.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Atomic conditions that were evaluated, and what they gave; `None`: they erred.
    pub atoms: BTreeMap<ExprId, Option<bool>>,
    /// Rows of tables that gave a result; a table's `otherwise` is behind its last row.
    pub rows: BTreeSet<(TableId, usize)>,
    /// Values of the names and calls in an atomic condition.
    pub saw: Vec<(ExprId, ExprId, Value)>,
    /// Faults of atomic conditions.
    pub faults: BTreeMap<ExprId, Fault>,
    /// Data that was read and that nobody supplied.
    pub unsupplied: BTreeSet<DataId>,
}

/// Calls of defines and tables, sets and `let`s may stand in one another so deep; the checker refuses more (E0105).
pub const MAX_CALLS: u32 = 64;
/// The parser lets no expression nest deeper.
const MAX_NESTING: u32 = 256;
/// Behind this many levels a walk goes on on a stack of its own, which has room for all that the checker lets pass.
const OWN_STACK: u32 = 128;
const STACK: usize = 512 << 20;

/// The most values that one decision notes.
const MOST_SEEN: usize = 10_000;

/// One walk over expressions, for one request.
pub struct Evaluator<'a> {
    pub checked: &'a Checked,
    pub package: &'a Package,
    pub schema: &'a Schema,
    pub constants: &'a Constants,
    pub history: &'a History,
    pub data: Arc<[Value]>,
    pub request: Arc<Request>,
    pub id: Arc<str>,
    /// The moment of the decision.
    pub now: Instant,
    /// The policy whose rule is evaluated.
    pub policy: Option<PolicyId>,
    /// The entry of the past in whose light things are read: its data and what was known of entities then.
    pub entry: Option<EntryRef>,
    /// What is known of an approver.
    pub approver: Option<Arc<Entities>>,
    pub locals: Vec<(LocalId, Binding)>,
    /// The atomic conditions that are looked for.
    pub watched: BTreeSet<ExprId>,
    pub watching: Option<ExprId>,
    /// Keep the values that conditions saw.
    pub tracing: bool,
    pub notes: Notes,
    /// Entities that fixtures describe.
    pub described: Entities,
    pub calls: u32,
    /// How deep expressions stand in one another.
    pub levels: u32,
}

impl<'a> Evaluator<'a> {
    pub fn eval(&mut self, id: ExprId) -> Outcome<Value> {
        let watched = self.watched.contains(&id);
        if watched {
            self.watching = Some(id);
        }
        self.levels += 1;
        let mut result = match self.levels {
            OWN_STACK => self.on_own_stack(id),
            levels if levels > MAX_CALLS * MAX_NESTING => Err(Fault::Overflow.into()),
            _ => self.walk(id),
        };
        self.levels -= 1;
        // Where a rule erred in its conditions, its duties and texts may read what those would have made sure of.
        if matches!(result, Ok(Value::Missing))
            && !matches!(self.checked.types.of(id), Type::Optional(_) | Type::Unknown)
        {
            result = Err(Fault::Outside.into());
        }
        match &mut result {
            Ok(value) => {
                if let Some(ty) = self.checked.types.wanted.get(&id) {
                    *value = arithmetic::widen(value.clone(), ty);
                }
            }
            Err(failure) => {
                failure.at.get_or_insert(self.package.at(id));
            }
        }
        if watched {
            self.watching = None;
            let truth = matches!(result, Ok(Value::Bool(true)));
            self.notes.atoms.insert(id, result.as_ref().ok().map(|_| truth));
            if let Err(failure) = &result {
                self.notes.faults.insert(id, failure.fault.clone());
            }
        } else if self.tracing
            && self.notes.saw.len() < MOST_SEEN
            && let (Some(atom), Ok(value)) = (self.watching, &result)
            && self.tells(id)
        {
            self.notes.saw.push((atom, id, value.clone()));
        }
        result
    }

    pub fn truth(&mut self, id: ExprId) -> Outcome<bool> {
        match self.eval(id)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(Failure { fault: Fault::Form("a condition"), at: Some(self.package.at(id)) }),
        }
    }

    fn walk(&mut self, id: ExprId) -> Outcome<Value> {
        let package = self.package;
        match package.expr(id) {
            Expr::Error => Err(Fault::Form("an expression").into()),
            Expr::Bool(value) => Ok(Value::Bool(*value)),
            Expr::Int(value) => Ok(Value::Int(*value)),
            Expr::Decimal(value) => Ok(Value::Decimal(*value)),
            Expr::Money(amount, currency) => Ok(Value::Money(Money { currency: *currency, amount: *amount })),
            Expr::Text(text) => Ok(Value::Text(text.clone())),
            Expr::Template(parts) => self.strict_text(parts),
            Expr::Date(value) => Ok(Value::Date(*value)),
            Expr::Time(value) => Ok(Value::Time(*value)),
            Expr::Instant(value) => Ok(Value::Instant(*value)),
            Expr::Duration(nanos) => Ok(Value::Duration(*nanos)),
            Expr::Period(value) => Ok(Value::Period(*value)),
            Expr::Days(count) => self.days(id, *count),
            Expr::Local(local) => self.local(*local),
            Expr::Actor => Ok(self.request.actor.clone().map_or(Value::Missing, Value::Entity)),
            Expr::Target => Ok(self.request.target.clone().map_or(Value::Missing, Value::Entity)),
            Expr::Now => Ok(Value::Instant(self.now)),
            Expr::Today => self.today().map(Value::Date),
            Expr::Arg(name) => Ok(argument(package, &self.request, &name.text)),
            Expr::Session => Ok(self.request.context.session.clone().map_or(Value::Missing, Value::Text)),
            Expr::RequestId => Ok(Value::Text(self.id.clone())),
            Expr::Context(at) => Ok(self.request.context.members.get(*at).cloned().unwrap_or(Value::Missing)),
            Expr::Member(_) => self.member(id),
            Expr::EnumMember(of, member) => Ok(Value::Enum(*of, *member)),
            Expr::Role(role) => Ok(Value::Role(*role)),
            Expr::Set(set) => match self.constants.sets.get(set.index()) {
                Some(value) => value.clone(),
                None => self.called(|this| this.eval(package[*set].value)),
            },
            Expr::Data(data) => self.supplied(*data),
            Expr::Entry { entry, field } => self.entry_field(*entry, field),
            Expr::Field { of, name } => {
                let value = self.eval(*of)?;
                // Where the condition that makes sure of its kind erred, it may be of another.
                if let (Type::Entity(kinds), Value::Entity(entity)) = (self.checked.types.of(*of).present(), &value)
                    && !kinds.contains(&entity.kind)
                    && &*name.text != "id"
                {
                    return Err(Failure::from(Fault::Outside));
                }
                self.field(value, &name.text).map_err(Failure::from)
            }
            Expr::Index { of, key } => self.index(id, *of, *key),
            Expr::Call { callee, args } => self.call(callee, args),
            Expr::Entity { kind, id, parents, attributes } => self.entity(*kind, *id, parents, attributes),
            Expr::Record { record, fields } => self.record(*record, fields),
            Expr::With { of, fields } => self.with(*of, fields),
            Expr::List(items) => Ok(Value::list(self.all_of(items)?)),
            Expr::SetOf(items) => {
                let items = self.all_of(items)?;
                // `{}` is an empty map where a map is wanted.
                let wanted = self.checked.types.as_used(id);
                match wanted.present() {
                    Type::Map(..) => Ok(Value::Map(Arc::default())),
                    _ => Ok(Value::Set(Arc::new(items.into_iter().collect()))),
                }
            }
            Expr::MapOf(items) => {
                let mut map = BTreeMap::new();
                for (key, value) in items {
                    let key = self.eval(*key)?;
                    let value = self.eval(*value)?;
                    map.insert(key, value);
                }
                Ok(Value::Map(Arc::new(map)))
            }
            Expr::Not(of) => Ok(Value::Bool(!self.truth(*of)?)),
            Expr::Negate(of) => {
                let of = self.eval(*of)?;
                Ok(arithmetic::negate(of)?)
            }
            Expr::And(parts) => {
                for part in parts {
                    if !self.truth(*part)? {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            Expr::Or(parts) => {
                for part in parts {
                    if self.truth(*part)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Expr::OrElse(of, default) => match self.eval(*of)? {
                Value::Missing => self.eval(*default),
                value => Ok(value),
            },
            Expr::Arithmetic(op, left, right) => {
                let left = self.eval(*left)?;
                let right = self.eval(*right)?;
                let ty = self.checked.types.of(id);
                let calendar = self.calendar();
                Ok(arithmetic::apply(*op, left, right, ty, &self.clock(&calendar))?)
            }
            Expr::Compare { operands, ops } => self.compare(operands, ops),
            Expr::Age { of, op, than } => {
                let of = self.eval(*of)?;
                let than = self.eval(*than)?;
                let calendar = self.calendar();
                Ok(Value::Bool(self.clock(&calendar).age(of, *op, &than)?))
            }
            Expr::In { element, of } => {
                let element = self.eval(*element)?;
                let of = self.eval(*of)?;
                Ok(Value::Bool(holds(&of, &element)))
            }
            Expr::StartsWith(of, part) => self.texts(*of, *part, |of, part| of.starts_with(part)),
            Expr::EndsWith(of, part) => self.texts(*of, *part, |of, part| of.ends_with(part)),
            Expr::Contains(of, part) => {
                let of = self.eval(*of)?;
                let part = self.eval(*part)?;
                Ok(Value::Bool(match (&of, &part) {
                    (Value::Text(of), Value::Text(part)) => of.contains(&**part),
                    _ => holds(&of, &part),
                }))
            }
            Expr::Matches(of, form) => {
                let of = self.text(*of)?;
                Ok(Value::Bool(match self.constants.patterns.get(&id) {
                    Some(pattern) => pattern.matches(&of),
                    None => pattern::matches(form, &of),
                }))
            }
            Expr::Like(of, form) => {
                let of = self.text(*of)?;
                Ok(Value::Bool(pattern::like(form, &of)))
            }
            Expr::IsPresent(of) => Ok(Value::Bool(!self.eval(*of)?.is_missing())),
            Expr::IsA(of, kind) => match self.eval(*of)? {
                Value::Entity(entity) => Ok(Value::Bool(entity.kind == *kind)),
                _ => Ok(Value::Bool(false)),
            },
            Expr::BelongsTo { of, groups } => self.belongs_to(*of, groups),
            Expr::Near { of, span, center } => self.near(*of, *span, *center),
            Expr::Within { of, range } => self.within(*of, *range),
            Expr::ComesFrom { of, places, only } => self.comes_from(*of, places, *only),
            Expr::Convert { of, currency, rates } => {
                let of = self.eval(*of)?;
                let rates = self.supplied(*rates)?;
                convert(of, *currency, &rates).map_err(Failure::from)
            }
            Expr::If { condition, then, otherwise } => {
                let chosen = if self.truth(*condition)? { *then } else { *otherwise };
                self.eval(chosen)
            }
            Expr::Match { of, arms } => self.matched(*of, arms),
            Expr::Let { bindings, body } => {
                let depth = self.locals.len();
                for (local, value) in bindings {
                    self.locals.push((*local, Binding::Lazy(*value, self.entry)));
                }
                let result = self.eval(*body);
                self.locals.truncate(depth);
                result
            }
            Expr::Quantifier(quantifier) => self.quantifier(id, quantifier, true),
        }
    }

    fn all_of(&mut self, ids: &[ExprId]) -> Outcome<Vec<Value>> {
        ids.iter().map(|id| self.eval(*id)).collect()
    }

    pub fn text(&mut self, id: ExprId) -> Outcome<Arc<str>> {
        match self.eval(id)? {
            Value::Text(text) => Ok(text),
            _ => Err(Fault::Form("a text").into()),
        }
    }

    fn texts(&mut self, of: ExprId, part: ExprId, test: fn(&str, &str) -> bool) -> Outcome<Value> {
        let of = self.text(of)?;
        let part = self.text(part)?;
        Ok(Value::Bool(test(&of, &part)))
    }

    fn strict_text(&mut self, parts: &[TemplatePart]) -> Outcome<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Plain(plain) => text += plain,
                TemplatePart::Filled(id) => text += &self.shown(*id)?,
            }
        }
        Ok(Value::text(text))
    }

    /// A value as messages show it.
    pub fn shown(&mut self, id: ExprId) -> Outcome<String> {
        let value = self.eval(id)?;
        Ok(self.schema.show(&value))
    }

    // Time

    pub fn zone(&self) -> &'a str {
        self.policy.and_then(|policy| self.package[policy].zone.as_ref()).map_or("UTC", |zone| &zone.text)
    }

    /// The policy's calendar; without one, Monday to Friday and no holidays. One that nobody supplied knows no day.
    pub fn calendar(&self) -> Arc<Calendar> {
        let data = self.policy.and_then(|policy| self.package[policy].calendar);
        match data.map(|data| self.data_value(data)) {
            Some(Value::Calendar(calendar)) => calendar,
            Some(Value::Missing) => Arc::new(Calendar { valid: Some((Date::MAX, Date::MIN)), ..Calendar::default() }),
            _ => Arc::new(Calendar::default()),
        }
    }

    pub fn clock<'c>(&self, calendar: &'c Calendar) -> Clock<'c>
    where
        'a: 'c,
    {
        Clock { now: self.now, zone: self.zone(), calendar }
    }

    fn today(&self) -> Outcome<Date> {
        Ok(self.clock(&Calendar::default()).today()?)
    }

    fn days(&self, id: ExprId, count: i64) -> Outcome<Value> {
        let types = &self.checked.types;
        let wanted = types.as_used(id);
        Ok(match wanted.present() {
            Type::Period => days_period(count)?,
            _ => days_duration(count)?,
        })
    }

    // Names

    fn local(&mut self, local: LocalId) -> Outcome<Value> {
        let Some(at) = self.locals.iter().rposition(|(name, _)| *name == local) else {
            return match &self.package[local].kind {
                // Of a fixture: a `let` of the file.
                LocalKind::Let(value) => self.called(|this| this.eval(*value)),
                _ => Err(Fault::Form("a name with a value").into()),
            };
        };
        match &self.locals[at].1 {
            // In the light of an entry it is what it was then: nothing of a request is in it.
            Binding::Lazy(value, None) | Binding::Known(value, None, _) if self.entry.is_some() => {
                let value = *value;
                self.called(|this| this.eval(value))
            }
            Binding::Value(value, _) => Ok(value.clone()),
            Binding::Known(_, _, value) => value.clone(),
            Binding::Entry(_) => Err(Fault::Form("a field of an entry").into()),
            Binding::Lazy(value, entry) => {
                let (value, entry) = (*value, *entry);
                let (around, watching) = (self.entry, self.watching);
                self.entry = entry;
                let result = self.called(|this| this.eval(value));
                (self.entry, self.watching) = (around, watching);
                self.locals[at].1 = Binding::Known(value, entry, result.clone());
                result
            }
        }
    }

    pub fn bind(&mut self, local: LocalId, binding: Binding) {
        self.locals.push((local, binding));
    }

    fn member(&self, id: ExprId) -> Outcome<Value> {
        match self.checked.types.members.get(&id) {
            Some(Member::Enum(of, member)) => Ok(Value::Enum(*of, *member)),
            Some(Member::Role(role)) => Ok(Value::Role(*role)),
            Some(Member::Value(value)) => Ok(value.clone()),
            None => Err(Fault::Form("a member").into()),
        }
    }

    /// What data holds; what nobody supplied is noted, and an error.
    fn supplied(&mut self, data: DataId) -> Outcome<Value> {
        match self.data_value(data) {
            Value::Missing => {
                self.notes.unsupplied.insert(data);
                Err(Fault::Form("data that was supplied").into())
            }
            value => Ok(value),
        }
    }

    /// What data holds: now, or, in the light of an entry of the past, when that was recorded.
    pub fn data_value(&self, data: DataId) -> Value {
        match self.entry.and_then(|entry| Some((entry, self.history.recording(entry)?))) {
            Some((entry, recording)) => {
                let value = recording.data.get(data.index()).cloned().unwrap_or(Value::Missing);
                in_snapshot(value, entry.snapshot())
            }
            None => self.data.get(data.index()).cloned().unwrap_or(Value::Missing),
        }
    }

    pub fn entry_of(&self, local: LocalId) -> Option<EntryRef> {
        self.locals.iter().rev().find(|(name, _)| *name == local).and_then(|(_, binding)| match binding {
            Binding::Entry(entry) => Some(*entry),
            Binding::Value(..) | Binding::Lazy(..) | Binding::Known(..) => None,
        })
    }

    fn entry_field(&self, local: LocalId, field: &EntryField) -> Outcome<Value> {
        let lost = || Failure::from(Fault::Form("an entry of the past"));
        let at = self.entry_of(local).ok_or_else(lost)?;
        let entry = self.history.entries.get(at.entry).ok_or_else(lost)?;
        let Recording { request, time, .. } = self.history.recording(at).ok_or_else(lost)?;
        let value = match field {
            EntryField::Time => Value::Instant(*time),
            EntryField::Actor => request.actor.clone().map_or(Value::Missing, Value::Entity),
            EntryField::Target => request.target.clone().map_or(Value::Missing, Value::Entity),
            EntryField::Action => Value::Text(self.package.actions[request.action].head.name.text.clone()),
            EntryField::Session => request.context.session.clone().map_or(Value::Missing, Value::Text),
            EntryField::Id => Value::Text(entry.id.clone()),
            EntryField::Result => entry.result.clone().unwrap_or(Value::Missing),
            EntryField::Arg(name) => argument(self.package, request, &name.text),
        };
        Ok(in_snapshot(value, at.snapshot()))
    }

    // Parts

    pub fn field(&self, of: Value, name: &str) -> Result<Value, Fault> {
        match of {
            Value::Record(record, fields) => {
                let declared = &self.package[record].fields;
                Ok(place(declared, name).and_then(|at| fields.get(at)).cloned().unwrap_or(Value::Missing))
            }
            Value::Entity(entity) => self.attribute(&entity, name),
            Value::Missing => Ok(Value::Missing),
            _ => Err(Fault::Form("something with fields")),
        }
    }

    fn attribute(&self, entity: &EntityRef, name: &str) -> Result<Value, Fault> {
        if name == "id" {
            return Ok(Value::Text(entity.id.clone()));
        }
        let at = place(&self.package[entity.kind].attributes, name);
        let known = self.known(entity).ok_or(Fault::Outside)?;
        let value = at.and_then(|at| known.attributes.get(at)).cloned().ok_or(Fault::Outside)?;
        Ok(in_snapshot(value, entity.snapshot))
    }

    /// What is known of an entity in its snapshot.
    fn known(&self, entity: &EntityRef) -> Option<&Entity> {
        match EntryRef::of_snapshot(entity.snapshot) {
            Some(at) => self.history.recording(at)?.request.world.get(entity),
            None => {
                let approver = || self.approver.as_ref().and_then(|known| known.get(entity)).map(|known| &**known);
                let described = || self.described.get(entity).map(|known| &**known);
                self.request.world.get(entity).or_else(approver).or_else(described)
            }
        }
    }

    /// It is one of the groups, or one of them is among its ancestors.
    fn belongs_to(&mut self, of: ExprId, groups: &[ExprId]) -> Outcome<Value> {
        let Value::Entity(of) = self.eval(of)? else { return Ok(Value::Bool(false)) };
        let mut ancestors = BTreeSet::from([of.clone()]);
        let mut open = vec![of];
        while let Some(entity) = open.pop() {
            for parent in self.known(&entity).map_or(&[][..], |known| &known.parents) {
                let parent = EntityRef { snapshot: entity.snapshot, ..parent.clone() };
                if ancestors.insert(parent.clone()) {
                    open.push(parent);
                }
            }
        }
        for group in groups {
            let found = match self.eval(*group)? {
                Value::Entity(group) => ancestors.contains(&group),
                Value::List(groups) => groups.iter().any(|group| among(&ancestors, group)),
                Value::Set(groups) => groups.iter().any(|group| among(&ancestors, group)),
                _ => false,
            };
            if found {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }

    fn index(&mut self, id: ExprId, of: ExprId, key: ExprId) -> Outcome<Value> {
        let of = self.eval(of)?;
        let key = self.eval(key)?;
        let found = match (&of, &key) {
            (Value::List(items), Value::Int(at)) => usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned(),
            (Value::Map(items), key) => Some(items.get(key).cloned().unwrap_or(Value::Missing)),
            _ => None,
        };
        match found {
            Some(value) => Ok(value),
            None => Err(Failure { fault: Fault::Outside, at: Some(self.package.at(id)) }),
        }
    }

    fn entity(
        &mut self,
        kind: EntityId,
        id: ExprId,
        parents: &[ExprId],
        attributes: &[(Name, ExprId)],
    ) -> Outcome<Value> {
        let id = self.text(id)?;
        let snapshot = self.entry.map_or(0, EntryRef::snapshot);
        let entity = EntityRef { kind, id, snapshot };
        let parents = self.all_of(parents)?;
        let mut values = BTreeMap::new();
        for (name, value) in attributes {
            let value = self.eval(*value)?;
            values.insert(name.text.clone(), value);
        }
        // A bare `Person("mary")` tells nothing of Mary, unless there is nothing to tell.
        let declared = &self.package[kind].attributes;
        let optional = |field: &Field| field.ty.is_optional();
        let tells = !parents.is_empty() || !values.is_empty();
        if tells || (declared.iter().all(optional) && !self.described.contains_key(&entity)) {
            let attribute = |field: &Field| match values.get(&field.name.text) {
                Some(value) => Some(value.clone()),
                None => optional(field).then_some(Value::Missing),
            };
            // An attribute that is lacking ends the list, so that reading it is an error and not a guess.
            let attributes = declared.iter().map_while(attribute).collect();
            let parents = parents.into_iter().filter_map(|parent| match parent {
                Value::Entity(parent) => Some(parent),
                _ => None,
            });
            let known = Entity { attributes, parents: parents.collect() };
            self.described.insert(entity.clone(), Arc::new(known));
        }
        Ok(Value::Entity(entity))
    }

    fn record(&mut self, record: RecordId, fields: &[(Name, ExprId)]) -> Outcome<Value> {
        let declared = &self.package[record].fields;
        let mut values = vec![Value::Missing; declared.len()];
        self.fill(declared, &mut values, fields)?;
        Ok(Value::Record(record, values.into()))
    }

    fn with(&mut self, of: ExprId, fields: &[(Name, ExprId)]) -> Outcome<Value> {
        match self.eval(of)? {
            Value::Record(record, before) => {
                let mut values = before.to_vec();
                self.fill(&self.package[record].fields, &mut values, fields)?;
                Ok(Value::Record(record, values.into()))
            }
            // Of a fixture's entity: the same thing, described otherwise.
            Value::Entity(entity) => {
                let before = self.described.get(&entity).map(|known| (**known).clone()).unwrap_or_default();
                let mut values = before.attributes;
                let declared = &self.package[entity.kind].attributes;
                values.resize(declared.len(), Value::Missing);
                self.fill(declared, &mut values, fields)?;
                let known = Entity { attributes: values, parents: before.parents };
                self.described.insert(entity.clone(), Arc::new(known));
                Ok(Value::Entity(entity))
            }
            _ => Err(Fault::Form("a record").into()),
        }
    }

    fn fill(&mut self, declared: &[Field], values: &mut [Value], fields: &[(Name, ExprId)]) -> Outcome<()> {
        for (name, id) in fields {
            let value = self.eval(*id)?;
            if let Some(at) = place(declared, &name.text) {
                fits(&value, &declared[at].ty).map_err(|fault| Failure { fault, at: Some(self.package.at(*id)) })?;
                values[at] = value;
            }
        }
        Ok(())
    }

    // Tests

    /// `a < b <= c` is `a < b and b <= c`, with `b` evaluated once.
    fn compare(&mut self, operands: &[ExprId], ops: &[CompareOp]) -> Outcome<Value> {
        let Some((first, rest)) = operands.split_first() else { return Err(Fault::Form("a comparison").into()) };
        let mut left = self.operand(*first, rest.first().copied())?;
        for (at, (op, right)) in ops.iter().zip(rest).enumerate() {
            let beside = if at == 0 { *first } else { rest[at - 1] };
            let right = self.operand(*right, Some(beside))?;
            if !arithmetic::compare(*op, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    /// A `count` beside a literal has no bound: nothing more than that number need be kept for it.
    fn operand(&mut self, id: ExprId, beside: Option<ExprId>) -> Outcome<Value> {
        let literal = beside.is_some_and(|beside| matches!(self.package.expr(beside), Expr::Int(_)));
        match self.package.expr(id) {
            Expr::Quantifier(count)
                if literal
                    && count.kind == QuantifierKind::Count
                    && matches!(count.sources.as_slice(), [Source::Past(_)]) =>
            {
                let counted = self.quantifier(id, count, false);
                let value =
                    counted.map_err(|failure| Failure { at: failure.at.or(Some(self.package.at(id))), ..failure })?;
                Ok(match self.checked.types.wanted.get(&id) {
                    Some(ty) => arithmetic::widen(value, ty),
                    None => value,
                })
            }
            _ => self.eval(id),
        }
    }

    /// `b - P <= a and a <= b + P`
    fn near(&mut self, of: ExprId, span: ExprId, center: ExprId) -> Outcome<Value> {
        let of = self.eval(of)?;
        let span = self.eval(span)?;
        let center = self.eval(center)?;
        let calendar = self.calendar();
        let clock = self.clock(&calendar);
        let low = clock.minus(center.clone(), &span)?;
        if !arithmetic::compare(CompareOp::LessOrEqual, &low, &of)? {
            return Ok(Value::Bool(false));
        }
        let high = clock.plus(center, &span)?;
        Ok(Value::Bool(arithmetic::compare(CompareOp::LessOrEqual, &of, &high)?))
    }

    fn within(&mut self, of: ExprId, range: ExprId) -> Outcome<Value> {
        let of = self.eval(of)?;
        let range = self.eval(range)?;
        match (of, range) {
            (Value::Instant(at), Value::Hours(hours)) => {
                let calendar = self.calendar();
                Ok(Value::Bool(calendar::is_open(&hours, &calendar, at, self.zone())?))
            }
            (Value::Ip(address), Value::IpRange(range)) => Ok(Value::Bool(range.contains(address))),
            _ => Err(Fault::Form("opening hours or a range of addresses").into()),
        }
    }

    fn matched(&mut self, of: ExprId, arms: &[Arm]) -> Outcome<Value> {
        let of = self.eval(of)?;
        for arm in arms {
            for pattern in &arm.patterns {
                let fits = match pattern {
                    Pattern::Any(_) => true,
                    Pattern::Missing(_) => of.is_missing(),
                    Pattern::Value(value) => {
                        let value = self.eval(*value)?;
                        !of.is_missing() && arithmetic::equal(&of, &value)?
                    }
                };
                if fits {
                    return self.eval(arm.value);
                }
            }
        }
        Err(Fault::Outside.into())
    }

    // Calls

    fn call(&mut self, callee: &Callee, args: &[ExprId]) -> Outcome<Value> {
        match callee {
            Callee::Builtin(row) => self.builtin(row, args),
            Callee::Table(table) => self.table(*table, args),
            Callee::Define(define) => {
                let depth = self.locals.len();
                let bound = self.arguments(*define, args)?;
                self.locals.extend(bound);
                let result = self.body(*define);
                self.locals.truncate(depth);
                result
            }
        }
    }

    /// The operands of a call, bound to its parameters.
    fn arguments(&mut self, define: DefineId, args: &[ExprId]) -> Outcome<Vec<(LocalId, Binding)>> {
        let params = &self.package[define].params;
        params.iter().zip(args).map(|(param, arg)| Ok((*param, self.argument(*param, *arg)?))).collect()
    }

    pub fn argument(&mut self, param: LocalId, arg: ExprId) -> Outcome<Binding> {
        let value = self.eval(arg)?;
        if let LocalKind::Param(ty) = &self.package[param].kind {
            fits(&value, ty).map_err(|fault| Failure { fault, at: Some(self.package.at(arg)) })?;
        }
        Ok(Binding::Value(value, self.path(arg)))
    }

    /// A define's body, its parameters being bound.
    fn body(&mut self, define: DefineId) -> Outcome<Value> {
        let define = &self.package[define];
        let value = self.called(|this| this.eval(define.body))?;
        if let Some(ty) = &define.returns {
            fits(&value, ty).map_err(|fault| Failure { fault, at: Some(self.package.at(define.body)) })?;
        }
        Ok(value)
    }

    /// Counts how deep calls stand in one another.
    pub fn called<T>(&mut self, walk: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.calls > MAX_CALLS {
            return Err(Fault::Overflow.into());
        }
        self.calls += 1;
        let result = walk(self);
        self.calls -= 1;
        result
    }

    /// Goes on where there is room for every level that is left.
    fn on_own_stack(&mut self, id: ExprId) -> Outcome<Value> {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || self.walk(id));
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => Err(Fault::Overflow.into()),
            }
        })
    }

    fn builtin(&mut self, row: &'static Builtin, args: &[ExprId]) -> Outcome<Value> {
        let args = self.all_of(args)?;
        let calendar = self.calendar();
        Ok((row.eval)(&args, &Context { now: self.now, zone: self.zone(), calendar: &calendar })?)
    }

    fn table(&mut self, table: TableId, args: &[ExprId]) -> Outcome<Value> {
        let depth = self.locals.len();
        let declared = &self.package[table];
        let mut values = vec![];
        for (param, arg) in declared.params.iter().zip(args) {
            match self.argument(*param, *arg)? {
                Binding::Value(value, path) => {
                    values.push(value.clone());
                    self.locals.push((*param, Binding::Value(value, path)));
                }
                other => self.locals.push((*param, other)),
            }
        }
        let result = self.called(|this| this.row(table, &values));
        self.locals.truncate(depth);
        result
    }

    /// The first row whose cells all fit.
    fn row(&mut self, id: TableId, values: &[Value]) -> Outcome<Value> {
        let table = &self.package[id];
        let mut chosen = None;
        'rows: for (at, row) in table.rows.iter().enumerate() {
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                let value = values.get(*column).unwrap_or(&Value::Missing);
                if !self.cell(&cell.kind, value)? {
                    continue 'rows;
                }
            }
            chosen = Some((at, &row.results));
            break;
        }
        let otherwise = table.otherwise.as_ref().map(|results| (table.rows.len(), results));
        let Some((at, results)) = chosen.or(otherwise) else { return Err(Fault::Outside.into()) };
        self.notes.rows.insert((id, at));
        let given = self.all_of(results)?;
        match (table.results.as_slice(), table.returns.present()) {
            ([], _) => given.into_iter().next().ok_or_else(|| Fault::Outside.into()),
            (names, Type::Record(record)) => {
                let declared = &self.package[*record].fields;
                let mut fields = vec![Value::Missing; declared.len()];
                for (name, value) in names.iter().zip(given) {
                    if let Some(at) = place(declared, &name.text) {
                        fits(&value, &declared[at].ty)?;
                        fields[at] = value;
                    }
                }
                Ok(Value::Record(*record, fields.into()))
            }
            _ => Err(Fault::Outside.into()),
        }
    }

    fn cell(&mut self, cell: &CellKind, value: &Value) -> Outcome<bool> {
        match cell {
            CellKind::Any => return Ok(true),
            CellKind::Missing => return Ok(value.is_missing()),
            CellKind::OneOf(_) | CellKind::Range { .. } | CellKind::Compare(..) if value.is_missing() => {
                return Ok(false);
            }
            CellKind::OneOf(_) | CellKind::Range { .. } | CellKind::Compare(..) => {}
        }
        match cell {
            CellKind::Any | CellKind::Missing => Ok(true),
            CellKind::OneOf(options) => {
                for option in options {
                    let option = self.eval(*option)?;
                    if arithmetic::equal(value, &option)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            CellKind::Range { low, high, half_open } => {
                let low = self.eval(*low)?;
                if !arithmetic::compare(CompareOp::LessOrEqual, &low, value)? {
                    return Ok(false);
                }
                let high = self.eval(*high)?;
                let below = if *half_open { CompareOp::Less } else { CompareOp::LessOrEqual };
                Ok(arithmetic::compare(below, value, &high)?)
            }
            CellKind::Compare(op, than) => {
                let than = self.eval(*than)?;
                Ok(arithmetic::compare(*op, value, &than)?)
            }
        }
    }

    /// A trace shows what names and calls gave, not the literals beside them.
    fn tells(&self, id: ExprId) -> bool {
        matches!(
            self.package.expr(id),
            Expr::Local(_)
                | Expr::Actor
                | Expr::Target
                | Expr::Now
                | Expr::Today
                | Expr::Arg(_)
                | Expr::Session
                | Expr::RequestId
                | Expr::Context(_)
                | Expr::Entry { .. }
                | Expr::Field { .. }
                | Expr::Index { .. }
                | Expr::Call { .. }
                | Expr::Quantifier(_)
        )
    }
}

/// An argument by name; one declared with `as` is the target's id.
pub fn argument(package: &Package, request: &Request, name: &str) -> Value {
    let action = &package.actions[request.action];
    match action.field(name) {
        Some((at, _)) => request.args.get(at).cloned().unwrap_or(Value::Missing),
        None if action.as_arg.as_ref().is_some_and(|arg| &*arg.text == name) => {
            request.target.as_ref().map_or(Value::Missing, |target| Value::Text(target.id.clone()))
        }
        None => Value::Missing,
    }
}

fn place(fields: &[Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| &*field.name.text == name)
}

fn among(ancestors: &BTreeSet<EntityRef>, group: &Value) -> bool {
    matches!(group, Value::Entity(group) if ancestors.contains(group))
}

/// An element of a list or set, or a key of a map.
fn holds(of: &Value, element: &Value) -> bool {
    match of {
        Value::List(items) => items.contains(element),
        Value::Set(items) => items.contains(element),
        Value::Map(items) => items.contains_key(element),
        _ => false,
    }
}

/// What the table of rates makes of an amount.
fn convert(of: Value, currency: ordain_vm::value::Currency, rates: &Value) -> Result<Value, Fault> {
    let Value::Money(money) = of else { return Err(Fault::Form("an amount")) };
    if money.currency == currency {
        return Ok(of);
    }
    let Value::Map(rates) = rates else { return Err(Fault::NoRate(money.currency)) };
    let rate = rates.get(&Value::Currency(money.currency)).ok_or(Fault::NoRate(money.currency))?;
    let amount = arithmetic::product(money.amount, arithmetic::number(rate)?)?;
    Ok(Value::Money(Money { currency, amount }))
}

/// Texts and lists are no longer than their place allows.
pub fn fits(value: &Value, ty: &Type) -> Result<(), Fault> {
    match (value, ty) {
        (value, Type::Optional(inner)) => fits(value, inner),
        (Value::Text(text), Type::Text(Some(max))) if text.chars().count() > *max as usize => {
            Err(Fault::TooLong(u64::from(*max)))
        }
        (Value::List(items), Type::List(of, max)) => match max {
            Some(max) if items.len() > *max as usize => Err(Fault::TooLong(u64::from(*max))),
            Some(_) | None => items.iter().try_for_each(|item| fits(item, of)),
        },
        _ => Ok(()),
    }
}
