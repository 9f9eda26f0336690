//! Constant expressions to their values, before any request: what reads nothing has one value, or one fault, always.
//! `constants` and `conditions` ask it. Whatever reads a request, the clock, the past or data is open, and so is what takes
//! too much work. What operators do stands in `ordain_vm::semantics`, for engines and for this alike.

use super::Given;
use crate::hir::{
    ArithmeticOp, Arm, Callee, CellKind, CompareOp, DefineId, Expr, ExprId, LocalId, LocalKind, Name, Pattern,
    Quantifier, QuantifierKind, SetId, Source, TableId,
};
use ordain_stdlib::pattern;
use ordain_vm::builtin::{Builtin, Context, Reads};
use ordain_vm::fault::Fault;
use ordain_vm::op::{Arith, Gather};
use ordain_vm::semantics::{self, Gathered};
use ordain_vm::value::{Calendar, EntityRef, Instant, RecordId, Type, Value};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a constant has no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unfolded {
    /// It is no constant, or it is not known here what it gives.
    Open,
    /// It always errs: with what, and the way from the part that does outwards.
    Errs(Fault, Vec<ExprId>),
}

type Folded = Result<Value, Unfolded>;

/// What one expression may cost, in parts that are looked at.
const MOST_STEPS: u32 = 50_000;
/// What those of a whole package may cost together.
const MOST_ALL: u32 = 5_000_000;
/// How deep they may stand in one another, defines written out.
const MOST_DEEP: u32 = 100;

pub(crate) struct Fold<'a> {
    given: &'a Given<'a>,
    known: RefCell<FxHashMap<ExprId, Folded>>,
    sets: RefCell<FxHashMap<SetId, Folded>>,
    left: RefCell<u32>,
}

impl<'a> Fold<'a> {
    pub fn new(given: &'a Given<'a>) -> Fold<'a> {
        Fold { given, known: RefCell::default(), sets: RefCell::default(), left: RefCell::new(MOST_ALL) }
    }

    pub fn of(&self, id: ExprId) -> Folded {
        if let Some(known) = self.known.borrow().get(&id) {
            return known.clone();
        }
        let most = MOST_STEPS.min(*self.left.borrow());
        let mut walk = Walk { fold: self, given: self.given, bound: vec![], left: most, deep: 0 };
        let folded = walk.value(id);
        *self.left.borrow_mut() -= most - walk.left;
        self.known.borrow_mut().insert(id, folded.clone());
        folded
    }

    /// Of a condition that is a constant.
    pub fn truth(&self, id: ExprId) -> Option<bool> {
        match self.of(id) {
            Ok(Value::Bool(truth)) => Some(truth),
            Ok(_) | Err(_) => None,
        }
    }

    /// A set is worked out once. One that errs is open to others: that is said of itself.
    fn set(&self, set: SetId) -> Folded {
        if let Some(known) = self.sets.borrow().get(&set) {
            return known.clone();
        }
        // What comes back to it meanwhile is a circle.
        self.sets.borrow_mut().insert(set, Err(Unfolded::Open));
        let folded = self.of(self.given.package[set].value).map_err(|_| Unfolded::Open);
        self.sets.borrow_mut().insert(set, folded.clone());
        folded
    }
}

/// What a name stands for.
#[derive(Clone)]
enum Bound {
    Value(Value),
    /// A `let` that was not needed yet.
    Let(ExprId),
}

struct Walk<'f, 'a> {
    fold: &'f Fold<'a>,
    given: &'a Given<'a>,
    bound: Vec<(LocalId, Bound)>,
    left: u32,
    deep: u32,
}

impl Walk<'_, '_> {
    fn value(&mut self, id: ExprId) -> Folded {
        if self.left == 0 || self.deep >= MOST_DEEP {
            return Err(Unfolded::Open);
        }
        self.left -= 1;
        self.deep += 1;
        let folded = self.inside(id);
        self.deep -= 1;
        match (folded, self.given.types.wanted.get(&id)) {
            (Ok(value), Some(ty)) => Ok(semantics::widen_value(value, ty)),
            (Ok(value), None) => Ok(value),
            (Err(Unfolded::Errs(fault, mut way)), _) => {
                if way.last() != Some(&id) {
                    way.push(id);
                }
                Err(Unfolded::Errs(fault, way))
            }
            (Err(Unfolded::Open), _) => Err(Unfolded::Open),
        }
    }

    fn inside(&mut self, id: ExprId) -> Folded {
        let given = self.given;
        let faults = |fault: Fault| Unfolded::Errs(fault, vec![id]);
        if let Some(literal) = given.types.literal(given.package, id) {
            return Ok(literal);
        }
        Ok(match given.package.expr(id) {
            Expr::Bool(_) | Expr::Int(_) | Expr::Decimal(_) | Expr::Money(..) | Expr::Text(_) | Expr::Date(_) => {
                return Err(Unfolded::Open);
            }
            Expr::Time(_) | Expr::Instant(_) | Expr::Duration(_) | Expr::Period(_) | Expr::Days(_) => {
                return Err(Unfolded::Open);
            }
            Expr::EnumMember(..) | Expr::Role(_) | Expr::Member(_) => return Err(Unfolded::Open),
            Expr::Local(local) => return self.local(*local),
            Expr::Set(set) => return self.fold.set(*set),
            Expr::Entity { kind, id, parents, attributes } if parents.is_empty() && attributes.is_empty() => {
                Value::Entity(EntityRef::new(*kind, self.text(*id)?))
            }
            Expr::List(items) => Value::list(self.values(items)?),
            Expr::SetOf(items) => {
                let items = self.values(items)?;
                match given.types.as_used(id).present() {
                    Type::Map(..) => Value::Map(Arc::default()),
                    _ => Value::Set(Arc::new(items.into_iter().collect())),
                }
            }
            Expr::MapOf(entries) => {
                let mut map = BTreeMap::new();
                for (key, value) in entries {
                    let key = self.value(*key)?;
                    map.insert(key, self.value(*value)?);
                }
                Value::Map(Arc::new(map))
            }
            Expr::Record { record, fields } => return self.record(*record, None, fields),
            Expr::With { of, fields } => match self.value(*of)? {
                Value::Record(record, values) => return self.record(record, Some(&values), fields),
                _ => return Err(Unfolded::Open),
            },
            Expr::Field { of, name } => match self.value(*of)? {
                Value::Record(record, values) => {
                    let fields = &given.package[record].fields;
                    let place = fields.iter().position(|field| field.name.text == name.text);
                    place.and_then(|place| values.get(place)).cloned().ok_or(Unfolded::Open)?
                }
                Value::Entity(entity) if &*name.text == "id" => Value::Text(entity.id),
                _ => return Err(Unfolded::Open),
            },
            Expr::Index { of, key } => {
                let of = self.value(*of)?;
                semantics::index(&of, &self.value(*key)?).map_err(faults)?
            }
            Expr::Negate(of) => semantics::negate_value(&self.value(*of)?).map_err(faults)?,
            Expr::Arithmetic(op, left, right) => return self.arithmetic(id, *op, *left, *right),
            Expr::OrElse(of, default) => match self.value(*of)? {
                Value::Missing => return self.value(*default),
                value => value,
            },
            Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Compare { .. } | Expr::In { .. } | Expr::Contains(..) => {
                Value::Bool(self.condition(id)?)
            }
            Expr::StartsWith(..) | Expr::EndsWith(..) | Expr::Matches(..) | Expr::Like(..) | Expr::IsPresent(_) => {
                Value::Bool(self.condition(id)?)
            }
            Expr::If { condition, then, otherwise } => {
                let taken = if self.truth(*condition)? { *then } else { *otherwise };
                return self.value(taken);
            }
            Expr::Match { of, arms } => return self.matched(*of, arms),
            Expr::Let { bindings, body } => {
                let outer = self.bound.len();
                self.bound.extend(bindings.iter().map(|(local, value)| (*local, Bound::Let(*value))));
                let folded = self.value(*body);
                self.bound.truncate(outer);
                return folded;
            }
            Expr::Quantifier(quantifier) => return self.quantifier(id, quantifier),
            Expr::Call { callee: Callee::Define(define), args } => return self.define(id, *define, args),
            Expr::Call { callee: Callee::Table(table), args } => return self.table(id, *table, args),
            Expr::Call { callee: Callee::Builtin(row), args } => return self.builtin(id, row, args),
            Expr::Error | Expr::Template(_) | Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Arg(_) => {
                return Err(Unfolded::Open);
            }
            Expr::Session | Expr::RequestId | Expr::Context(_) | Expr::Data(_) | Expr::Entry { .. } => {
                return Err(Unfolded::Open);
            }
            Expr::Entity { .. } | Expr::Age { .. } | Expr::IsA(..) | Expr::BelongsTo { .. } | Expr::Near { .. } => {
                return Err(Unfolded::Open);
            }
            Expr::Within { .. } | Expr::ComesFrom { .. } | Expr::Convert { .. } => return Err(Unfolded::Open),
        })
    }

    fn values(&mut self, ids: &[ExprId]) -> Result<Vec<Value>, Unfolded> {
        ids.iter().map(|id| self.value(*id)).collect()
    }

    fn text(&mut self, id: ExprId) -> Result<Arc<str>, Unfolded> {
        match self.value(id)? {
            Value::Text(text) => Ok(text),
            _ => Err(Unfolded::Open),
        }
    }

    fn truth(&mut self, id: ExprId) -> Result<bool, Unfolded> {
        match self.value(id)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(Unfolded::Open),
        }
    }

    fn local(&mut self, local: LocalId) -> Folded {
        let bound = self.bound.iter().rev().find(|(name, _)| *name == local).map(|(_, bound)| bound.clone());
        match (bound, &self.given.package[local].kind) {
            (Some(Bound::Value(value)), _) => Ok(value),
            (Some(Bound::Let(value)), _) => self.value(value),
            (None, LocalKind::Let(value)) => self.value(*value),
            (None, _) => Err(Unfolded::Open),
        }
    }

    fn record(&mut self, record: RecordId, of: Option<&[Value]>, given: &[(Name, ExprId)]) -> Folded {
        let fields = &self.given.package[record].fields;
        let mut values = of.map_or_else(|| vec![Value::Missing; fields.len()], <[Value]>::to_vec);
        for (name, id) in given {
            let value = self.value(*id)?;
            let place = fields.iter().position(|field| field.name.text == name.text).ok_or(Unfolded::Open)?;
            semantics::fits(&value, &fields[place].ty).map_err(|fault| Unfolded::Errs(fault, vec![*id]))?;
            *values.get_mut(place).ok_or(Unfolded::Open)? = value;
        }
        Ok(Value::Record(record, values.into()))
    }

    // Operators

    fn arithmetic(&mut self, id: ExprId, op: ArithmeticOp, left: ExprId, right: ExprId) -> Folded {
        let how = Arith::from(op);
        let left = match self.value(left) {
            // Whatever it is: nothing can be divided by zero.
            Err(Unfolded::Open) if how == Arith::Divide && is_zero(&self.value(right)?) => {
                return Err(Unfolded::Errs(Fault::DivisionByZero, vec![id]));
            }
            left => left?,
        };
        let right = self.value(right)?;
        let folded = match (&left, &right) {
            (Value::Date(_) | Value::Instant(_), Value::Duration(_) | Value::Period(_)) => moved(how, &left, &right),
            (Value::Duration(_) | Value::Period(_), Value::Date(_) | Value::Instant(_)) => moved(how, &right, &left),
            _ => semantics::values(how, &left, &right).map(Some),
        };
        folded.map_err(|fault| Unfolded::Errs(fault, vec![id]))?.ok_or(Unfolded::Open)
    }

    fn condition(&mut self, id: ExprId) -> Result<bool, Unfolded> {
        match self.given.package.expr(id) {
            Expr::Not(of) => Ok(!self.truth(*of)?),
            Expr::And(parts) => self.all(parts, false),
            Expr::Or(parts) => self.all(parts, true),
            Expr::Compare { operands, ops } => {
                let mut values = vec![];
                for (place, operand) in operands.iter().enumerate() {
                    values.push(self.value(*operand)?);
                    let Some(before) = place.checked_sub(1) else { continue };
                    if !compare(ops[before], &values[before], &values[place], id)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::In { element, of } => {
                let element = self.value(*element)?;
                Ok(semantics::holds_element(&self.value(*of)?, &element))
            }
            Expr::Contains(of, part) => {
                let (of, part) = (self.value(*of)?, self.value(*part)?);
                Ok(match (&of, &part) {
                    (Value::Text(of), Value::Text(part)) => of.contains(&**part),
                    _ => semantics::holds_element(&of, &part),
                })
            }
            Expr::StartsWith(of, part) => Ok(self.text(*of)?.starts_with(&*self.text(*part)?)),
            Expr::EndsWith(of, part) => Ok(self.text(*of)?.ends_with(&*self.text(*part)?)),
            Expr::Matches(of, form) => Ok(pattern::matches(form, &self.text(*of)?)),
            Expr::Like(of, form) => Ok(pattern::like(form, &self.text(*of)?)),
            Expr::IsPresent(_) if self.given.types.certain.contains(&id) => Ok(true),
            Expr::IsPresent(of) => Ok(!self.value(*of)?.is_missing()),
            _ => Err(Unfolded::Open),
        }
    }

    /// `and`, or with `any` an `or`: up to the first part that settles it.
    fn all(&mut self, parts: &[ExprId], any: bool) -> Result<bool, Unfolded> {
        for part in parts {
            if self.truth(*part)? == any {
                return Ok(any);
            }
        }
        Ok(!any)
    }

    fn matched(&mut self, of: ExprId, arms: &[Arm]) -> Folded {
        let of = self.value(of)?;
        for arm in arms {
            for pattern in &arm.patterns {
                let fits = match pattern {
                    Pattern::Any(_) => true,
                    Pattern::Missing(_) => of.is_missing(),
                    Pattern::Value(_) if of.is_missing() => false,
                    Pattern::Value(value) => compare(CompareOp::Equal, &of, &self.value(*value)?, *value)?,
                };
                if fits {
                    return self.value(arm.value);
                }
            }
        }
        Err(Unfolded::Open)
    }

    fn quantifier(&mut self, id: ExprId, quantifier: &Quantifier) -> Folded {
        let mut lists: Vec<Vec<Value>> = vec![];
        for source in &quantifier.sources {
            let Source::Expr(list) = source else { return Err(Unfolded::Open) };
            lists.push(match self.value(*list)? {
                Value::List(items) => items.to_vec(),
                Value::Set(items) => items.iter().cloned().collect(),
                _ => return Err(Unfolded::Open),
            });
        }
        let count = lists.first().map_or(0, Vec::len);
        let in_step = lists.iter().all(|list| list.len() == count);
        let gather = match quantifier.kind {
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => {
                return self.asked(quantifier, &lists, in_step.then_some(count)).map(Value::Bool);
            }
            QuantifierKind::Count => Gather::Count,
            QuantifierKind::Sum => Gather::Sum,
            QuantifierKind::Min => Gather::Min,
            QuantifierKind::Max => Gather::Max,
            QuantifierKind::Average => Gather::Average,
            QuantifierKind::Distinct => Gather::Distinct,
            QuantifierKind::Latest | QuantifierKind::Earliest => return Err(Unfolded::Open),
        };
        let mut gathered = Gathered::default();
        for place in 0..if in_step { count } else { 0 } {
            self.element(quantifier, &lists, place, |this| {
                if this.passes(quantifier.filter)? {
                    let value = match quantifier.value {
                        Some(value) => this.value(value)?,
                        None => lists[0][place].clone(),
                    };
                    gathered.add(gather, &value).map_err(|fault| Unfolded::Errs(fault, vec![id]))?;
                }
                Ok(())
            })?;
        }
        gathered.total(gather, self.given.types.of(id)).map_err(|fault| Unfolded::Errs(fault, vec![id]))
    }

    /// `any`, `none` or `all`; `None`: lists of different lengths.
    fn asked(&mut self, quantifier: &Quantifier, lists: &[Vec<Value>], count: Option<usize>) -> Result<bool, Unfolded> {
        let all = quantifier.kind == QuantifierKind::All;
        let Some(count) = count else { return Ok(quantifier.kind == QuantifierKind::None) };
        for place in 0..count {
            let settled = self.element(quantifier, lists, place, |this| {
                Ok(this.passes(quantifier.filter)? && this.passes(quantifier.satisfy)? != all)
            })?;
            // Of `all` one that passes the filter and does not satisfy.
            if settled && !all {
                return Ok(quantifier.kind == QuantifierKind::Any);
            }
            if settled {
                return Ok(false);
            }
        }
        Ok(quantifier.kind != QuantifierKind::Any)
    }

    fn element<T>(
        &mut self,
        quantifier: &Quantifier,
        lists: &[Vec<Value>],
        place: usize,
        walk: impl FnOnce(&mut Self) -> Result<T, Unfolded>,
    ) -> Result<T, Unfolded> {
        let outer = self.bound.len();
        let values = lists.iter().map(|list| Bound::Value(list[place].clone()));
        self.bound.extend(quantifier.vars.iter().copied().zip(values));
        let result = walk(self);
        self.bound.truncate(outer);
        result
    }

    fn passes(&mut self, condition: Option<ExprId>) -> Result<bool, Unfolded> {
        condition.map_or(Ok(true), |condition| self.truth(condition))
    }

    // Calls

    fn arguments(&mut self, params: &[LocalId], args: &[ExprId]) -> Result<Vec<Value>, Unfolded> {
        let mut values = vec![];
        for (param, arg) in params.iter().zip(args) {
            let value = self.value(*arg)?;
            if let LocalKind::Param(ty) = &self.given.package[*param].kind {
                semantics::fits(&value, ty).map_err(|fault| Unfolded::Errs(fault, vec![*arg]))?;
            }
            values.push(value);
        }
        Ok(values)
    }

    /// With the parameters bound, and nothing else.
    fn called(&mut self, params: &[LocalId], values: Vec<Value>, walk: impl FnOnce(&mut Self) -> Folded) -> Folded {
        let inside = params.iter().copied().zip(values.into_iter().map(Bound::Value)).collect();
        let outer = std::mem::replace(&mut self.bound, inside);
        let folded = walk(self);
        self.bound = outer;
        folded
    }

    fn define(&mut self, id: ExprId, define: DefineId, args: &[ExprId]) -> Folded {
        let define = &self.given.package[define];
        let values = self.arguments(&define.params, args)?;
        let value = self.called(&define.params, values, |this| this.value(define.body))?;
        if let Some(returns) = &define.returns {
            semantics::fits(&value, returns).map_err(|fault| Unfolded::Errs(fault, vec![id]))?;
        }
        Ok(value)
    }

    fn builtin(&mut self, id: ExprId, row: &'static Builtin, args: &[ExprId]) -> Folded {
        // Whatever is divided.
        if matches!(&*row.path(), "div" | "mod") && args.get(1).is_some_and(|by| self.value(*by) == Ok(Value::Int(0))) {
            return Err(Unfolded::Errs(Fault::DivisionByZero, vec![id]));
        }
        if row.reads != Reads::Nothing {
            return Err(Unfolded::Open);
        }
        let values = self.values(args)?;
        // A call that is wrong is told elsewhere.
        if !row.takes(&values) {
            return Err(Unfolded::Open);
        }
        (row.eval)(&values, &nowhere()).map_err(|fault| Unfolded::Errs(fault, vec![id]))
    }

    fn table(&mut self, id: ExprId, table: TableId, args: &[ExprId]) -> Folded {
        let params = &self.given.package[table].params;
        let values = self.arguments(params, args)?;
        self.called(params, values.clone(), |this| this.row(id, table, &values))
    }

    fn row(&mut self, id: ExprId, table: TableId, values: &[Value]) -> Folded {
        let table = &self.given.package[table];
        let mut results = table.otherwise.as_ref();
        'rows: for row in &table.rows {
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                if !self.cell(&cell.kind, values.get(*column).unwrap_or(&Value::Missing))? {
                    continue 'rows;
                }
            }
            results = Some(&row.results);
            break;
        }
        let results = self.values(results.ok_or(Unfolded::Open)?)?;
        match (table.results.as_slice(), table.returns.present()) {
            ([], _) => results.into_iter().next().ok_or(Unfolded::Open),
            (names, Type::Record(record)) => {
                let fields = &self.given.package[*record].fields;
                let mut values = vec![Value::Missing; fields.len()];
                for (name, value) in names.iter().zip(results) {
                    let place = fields.iter().position(|field| field.name.text == name.text).ok_or(Unfolded::Open)?;
                    semantics::fits(&value, &fields[place].ty).map_err(|fault| Unfolded::Errs(fault, vec![id]))?;
                    values[place] = value;
                }
                Ok(Value::Record(*record, values.into()))
            }
            _ => Err(Unfolded::Open),
        }
    }

    fn cell(&mut self, cell: &CellKind, value: &Value) -> Result<bool, Unfolded> {
        match cell {
            CellKind::Any => Ok(true),
            CellKind::Missing => Ok(value.is_missing()),
            CellKind::OneOf(_) | CellKind::Range { .. } | CellKind::Compare(..) if value.is_missing() => Ok(false),
            CellKind::OneOf(options) => {
                for option in options {
                    if compare(CompareOp::Equal, value, &self.value(*option)?, *option)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            CellKind::Range { low, high, half_open } => {
                let below = if *half_open { CompareOp::Less } else { CompareOp::LessOrEqual };
                Ok(compare(CompareOp::LessOrEqual, &self.value(*low)?, value, *low)?
                    && compare(below, value, &self.value(*high)?, *high)?)
            }
            CellKind::Compare(op, than) => compare(*op, value, &self.value(*than)?, *than),
        }
    }
}

pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(value) => *value == 0,
        Value::Decimal(value) => value.0 == 0,
        Value::Money(money) => money.amount.0 == 0,
        Value::Duration(nanos) => *nanos == 0,
        _ => false,
    }
}

fn compare(op: CompareOp, left: &Value, right: &Value, at: ExprId) -> Result<bool, Unfolded> {
    semantics::compare_values(op.into(), left, right).map_err(|fault| Unfolded::Errs(fault, vec![at]))
}

/// A moment and a length of time; `None` where a zone or a calendar has a say.
fn moved(how: Arith, moment: &Value, span: &Value) -> Result<Option<Value>, Fault> {
    let needs_nobody = match (moment, span) {
        (Value::Date(_), Value::Period(period)) => period.business_days == 0,
        (Value::Instant(_), Value::Duration(_)) => true,
        _ => false,
    };
    let name = if how == Arith::Add { "plus" } else { "minus" };
    match ordain_stdlib::op::ROWS.iter().find(|row| row.name == name) {
        Some(row) if needs_nobody => (row.eval)(&[moment.clone(), span.clone()], &nowhere()).map(Some),
        Some(_) | None => Ok(None),
    }
}

/// For what reads neither clock nor zone nor calendar.
fn nowhere() -> Context<'static> {
    static CALENDAR: std::sync::LazyLock<Calendar> = std::sync::LazyLock::new(Calendar::default);
    Context { now: Instant(0), zone: "UTC", calendar: &CALENDAR }
}
