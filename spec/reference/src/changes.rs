//! Which single inputs of a request could be otherwise, and with which values it is worth trying: the members of an enum,
//! true and false, missing, and for everything else what conditions compare the input with, and its neighbours.

use crate::constant;
use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::parts::parts;
use ordain_compiler::hir::{ActionId, Callee, Condition, Effect, Expr, ExprId, Field, LocalId, Package, RuleId};
use ordain_vm::request::{Entities, Entity, Request};
use ordain_vm::value::{Date, Decimal, EntityRef, Instant, Money, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An argument, by its place among the fields.
    Arg(usize),
    /// An attribute of the actor or target.
    Actor(usize),
    Target(usize),
    /// A declared member of `context`.
    Context(usize),
}

/// What an expression stands for, as far as inputs are concerned.
#[derive(Clone, Copy)]
enum Part {
    Input(Place),
    Actor,
    Target,
}

/// Expressions are looked through up to this many parts.
const MOST_PARTS: usize = 20_000;
/// Into calls within calls so deep.
const MOST_CALLS: u32 = 4;
const SECOND: i64 = 1_000_000_000;

/// The path of an input in the JSON of a request.
pub fn path(package: &Package, request: &Request, place: Place) -> String {
    let attribute = |entity: &Option<EntityRef>, at: usize| {
        let name = entity.as_ref().map(|entity| package[entity.kind].attributes[at].name.text.clone());
        name.unwrap_or_default()
    };
    match place {
        Place::Arg(at) => format!("action.properties.{}", package.actions[request.action].fields[at].name.text),
        Place::Actor(at) => format!("subject.properties.{}", attribute(&request.actor, at)),
        Place::Target(at) => format!("resource.properties.{}", attribute(&request.target, at)),
        Place::Context(at) => format!("context.{}", package.context[at].name.text),
    }
}

/// The request with another value there; `None` where the place is none of it.
pub fn changed(request: &Request, place: Place, value: Value) -> Option<Request> {
    let mut other = request.clone();
    match place {
        Place::Arg(at) => *other.args.get_mut(at)? = value,
        Place::Context(at) => *other.context.members.get_mut(at)? = value,
        Place::Actor(at) => with_attribute(&mut other, &request.actor.clone()?, at, value)?,
        Place::Target(at) => with_attribute(&mut other, &request.target.clone()?, at, value)?,
    }
    Some(other)
}

fn with_attribute(request: &mut Request, entity: &EntityRef, at: usize, value: Value) -> Option<()> {
    let mut known: Entity = request.world.get(entity)?.clone();
    *known.attributes.get_mut(at)? = value;
    let of_store = request.world.store.contains_key(entity);
    let entities: &mut Arc<Entities> = if of_store { &mut request.world.store } else { &mut request.world.own };
    Arc::make_mut(entities).insert(entity.clone(), Arc::new(known));
    Some(())
}

fn current(request: &Request, place: Place) -> Option<&Value> {
    let attribute = |entity: &Option<EntityRef>, at: usize| {
        request.world.get(entity.as_ref()?).and_then(|known| known.attributes.get(at))
    };
    match place {
        Place::Arg(at) => request.args.get(at),
        Place::Context(at) => request.context.members.get(at),
        Place::Actor(at) => attribute(&request.actor, at),
        Place::Target(at) => attribute(&request.target, at),
    }
}

/// Inputs that the rules of the action ask about, with values to try: the nearest to what it is first.
pub fn candidates(checked: &Checked, request: &Request) -> Vec<(Place, Value)> {
    let mut look = Look { checked, request, found: BTreeMap::new(), env: vec![], parts: 0 };
    for rule in checked.rules_of(ActionId(request.action as u32)) {
        look.rule(*rule);
    }
    let mut all = vec![];
    for (place, mut values) in look.found {
        let (Some(ty), Some(now)) = (declared(&checked.package, request, place), current(request, place)) else {
            continue;
        };
        values.extend(of_type(&checked.package, ty));
        if ty.is_optional() {
            values.insert(Value::Missing);
        }
        values.remove(now);
        let mut values: Vec<Value> = values.into_iter().filter(|value| fits(value, ty)).collect();
        values.sort_by_key(|value| distance(now, value));
        all.extend(values.into_iter().map(|value| (place, value)));
    }
    all
}

fn declared<'p>(package: &'p Package, request: &Request, place: Place) -> Option<&'p Type> {
    let attribute = |entity: &Option<EntityRef>, at: usize| {
        package[entity.as_ref()?.kind].attributes.get(at).map(|field| &field.ty)
    };
    match place {
        Place::Arg(at) => package.actions[request.action].fields.get(at).map(|field| &field.ty),
        Place::Context(at) => package.context.get(at).map(|field| &field.ty),
        Place::Actor(at) => attribute(&request.actor, at),
        Place::Target(at) => attribute(&request.target, at),
    }
}

/// All values of a type that has few.
fn of_type(package: &Package, ty: &Type) -> Vec<Value> {
    match ty.present() {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Enum(id) => (0..package[*id].members.len() as u16).map(|member| Value::Enum(*id, member)).collect(),
        _ => vec![],
    }
}

fn fits(value: &Value, ty: &Type) -> bool {
    match (value, ty.present()) {
        (Value::Missing, _) => ty.is_optional(),
        (Value::Money(money), Type::Money(Some(currency))) => money.currency == *currency,
        (Value::Text(text), Type::Text(max)) => max.is_none_or(|max| text.chars().count() <= max as usize),
        (Value::Enum(of, _), Type::Enum(id)) => of == id,
        (Value::Bool(_), Type::Bool)
        | (Value::Int(_), Type::Int)
        | (Value::Decimal(_), Type::Decimal)
        | (Value::Money(_), Type::Money(None))
        | (Value::Date(_), Type::Date)
        | (Value::Time(_), Type::Time)
        | (Value::Instant(_), Type::Instant)
        | (Value::Duration(_), Type::Duration)
        | (Value::Country(_), Type::Country)
        | (Value::Currency(_), Type::Currency) => true,
        _ => false,
    }
}

/// How far a value is from what it is now, where that can be said.
fn distance(now: &Value, value: &Value) -> u128 {
    match (now, value) {
        (Value::Int(a), Value::Int(b)) => u128::from(a.abs_diff(*b)),
        (Value::Decimal(a), Value::Decimal(b)) => a.0.abs_diff(b.0),
        (Value::Money(a), Value::Money(b)) => a.amount.0.abs_diff(b.amount.0),
        (Value::Date(a), Value::Date(b)) => u128::from(a.0.abs_diff(b.0)),
        (Value::Instant(a), Value::Instant(b)) => u128::from(a.0.abs_diff(b.0)),
        (Value::Duration(a), Value::Duration(b)) => u128::from(a.abs_diff(*b)),
        _ => 0,
    }
}

struct Look<'a> {
    checked: &'a Checked,
    request: &'a Request,
    found: BTreeMap<Place, BTreeSet<Value>>,
    /// Names that stand for inputs.
    env: Vec<(LocalId, Part)>,
    parts: usize,
}

impl Look<'_> {
    fn rule(&mut self, id: RuleId) {
        let rule = &self.checked.package[id];
        let mut conditions: Vec<&Condition> = rule.conditions.iter().collect();
        let mut exprs = vec![];
        if let Effect::Require { requirements, grant } = &rule.effect {
            conditions.extend(requirements.iter().flat_map(|requirement| &requirement.conditions));
            conditions.extend(grant.iter().flat_map(|grant| &grant.conditions));
            exprs.extend(requirements.iter().map(|requirement| requirement.expr));
        }
        exprs.extend(conditions.into_iter().map(|condition| condition.expr));
        let depth = self.env.len();
        for (local, value) in &rule.lets {
            self.bind(*local, *value);
            exprs.push(*value);
        }
        exprs.into_iter().for_each(|expr| self.expr(expr, 0));
        self.env.truncate(depth);
    }

    fn bind(&mut self, local: LocalId, value: ExprId) {
        if let Some(part) = self.part(value) {
            self.env.push((local, part));
        }
    }

    /// Finds inputs, and the constants that they are compared with.
    fn expr(&mut self, id: ExprId, calls: u32) {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return;
        }
        if let Some(Part::Input(place)) = self.part(id) {
            self.found.entry(place).or_default();
        }
        let package = &self.checked.package;
        match package.expr(id) {
            Expr::Compare { operands, .. } => {
                for pair in operands.windows(2) {
                    self.beside(pair[0], pair[1]);
                    self.beside(pair[1], pair[0]);
                }
            }
            Expr::In { element, of } => self.beside(*element, *of),
            Expr::Call { callee: Callee::Define(define), args } if calls < MOST_CALLS => {
                let (depth, define) = (self.env.len(), &package[*define]);
                define.params.iter().zip(args).for_each(|(param, arg)| self.bind(*param, *arg));
                self.expr(define.body, calls + 1);
                self.env.truncate(depth);
            }
            _ => {}
        }
        parts(package, id, &mut |part| self.expr(part, calls));
    }

    /// `a < CONSTANT`: the constant and its neighbours are worth trying for `a`.
    fn beside(&mut self, input: ExprId, other: ExprId) {
        let Some(Part::Input(place)) = self.part(input) else { return };
        if !self.is_constant(other) {
            return;
        }
        let values = match constant(self.checked, other) {
            Ok(Value::Set(items)) => items.iter().cloned().collect(),
            Ok(Value::List(items)) => items.to_vec(),
            Ok(value) => vec![value],
            Err(_) => vec![],
        };
        let found = self.found.entry(place).or_default();
        for value in values {
            found.extend(neighbours(&value));
            found.insert(value);
        }
    }

    fn is_constant(&self, id: ExprId) -> bool {
        let package = &self.checked.package;
        match package.expr(id) {
            Expr::Int(_)
            | Expr::Decimal(_)
            | Expr::Money(..)
            | Expr::Text(_)
            | Expr::Date(_)
            | Expr::Time(_)
            | Expr::Instant(_)
            | Expr::Duration(_)
            | Expr::Days(_)
            | Expr::Member(_)
            | Expr::EnumMember(..)
            | Expr::Set(_) => true,
            Expr::Negate(of) => self.is_constant(*of),
            Expr::List(items) | Expr::SetOf(items) => items.iter().all(|item| self.is_constant(*item)),
            _ => false,
        }
    }

    fn part(&self, id: ExprId) -> Option<Part> {
        let package = &self.checked.package;
        match package.expr(id) {
            Expr::Actor => Some(Part::Actor),
            Expr::Target => Some(Part::Target),
            Expr::Arg(name) => {
                let (at, _) = package.actions[self.request.action].field(&name.text)?;
                Some(Part::Input(Place::Arg(at)))
            }
            Expr::Context(at) => Some(Part::Input(Place::Context(*at))),
            Expr::Local(local) => self.env.iter().rev().find(|(name, _)| name == local).map(|(_, part)| *part),
            Expr::Field { of, name } => {
                let attribute = |entity: &Option<EntityRef>| {
                    let named = |field: &Field| field.name.text == name.text;
                    package[entity.as_ref()?.kind].attributes.iter().position(named)
                };
                match self.part(*of)? {
                    Part::Actor => attribute(&self.request.actor).map(|at| Part::Input(Place::Actor(at))),
                    Part::Target => attribute(&self.request.target).map(|at| Part::Input(Place::Target(at))),
                    Part::Input(_) => None,
                }
            }
            _ => None,
        }
    }
}

/// What lies next to a value on both sides, in the smallest step that people write.
fn neighbours(value: &Value) -> Vec<Value> {
    let steps = |raw: i128, step: i128| [raw.checked_sub(step), raw.checked_add(step)].into_iter().flatten();
    match value {
        Value::Int(value) => {
            [value.checked_sub(1), value.checked_add(1)].into_iter().flatten().map(Value::Int).collect()
        }
        Value::Decimal(value) => steps(value.0, Decimal::ONE.0 / 100).map(|raw| Value::Decimal(Decimal(raw))).collect(),
        Value::Money(money) => {
            let step = Decimal::ONE.0 / 10_i128.pow(money.currency.minor_digits());
            let near = steps(money.amount.0, step);
            near.map(|raw| Value::Money(Money { amount: Decimal(raw), ..*money })).collect()
        }
        Value::Date(date) => {
            [date.plus_days(-1), date.plus_days(1)].into_iter().flatten().map(|date: Date| Value::Date(date)).collect()
        }
        Value::Instant(at) => {
            let near = [at.0.checked_sub(SECOND), at.0.checked_add(SECOND)];
            near.into_iter().flatten().map(|at| Value::Instant(Instant(at))).collect()
        }
        Value::Duration(nanos) => {
            let near = [nanos.checked_sub(SECOND), nanos.checked_add(SECOND)];
            near.into_iter().flatten().map(Value::Duration).collect()
        }
        _ => vec![],
    }
}
