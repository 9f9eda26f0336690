//! Readings of the past to instructions. What is asked for is kept ready in accumulators: this writes what an entry adds to
//! them (`past/entries.rs`) and, where the past is read, the keys, the window and the question. Limits are readings, too
//! (`limits.rs`). Readings that ask the same share an accumulator.

mod entries;
mod told;

pub(super) use entries::{Kept, Row, nothing};

use super::exprs::{At, Emitter, Operand, Result};
use crate::hir::{
    CalendarUnit, Callee, CompareOp, Expr, ExprId, LocalId, Package, Past, PastId, Quantifier, QuantifierKind, Window,
};
use ordain_vm::history::{Aggregate, MOST_ENTRIES};
use ordain_vm::op::{Label, Op, Val, Word};
use ordain_vm::program::{self, Reading, What};
use ordain_vm::value::{Type, Value};
use told::{Names, Told};

/// For whom the parts of a `where` are looked at.
enum Side<'k> {
    /// Where the past is read: what its keys have to be equal to.
    Reading(&'k mut Vec<Val>),
    /// Of an entry: what its keys are; and, unless they alone are asked for, where to go if it is none.
    Entry(&'k mut Row, Option<Label>),
}

/// Where a window begins.
pub(super) struct Began {
    pub window: program::Window,
    pub from: Word,
    pub order: Word,
}

impl<'a> Emitter<'_, 'a> {
    pub(super) fn past(&mut self, id: ExprId, of: &Quantifier, past: PastId, own: &Type) -> Result<Operand> {
        let package = self.package();
        let past = &package[past];
        // What was known of a thing then is not kept with it; what is known of it now is another matter.
        if matches!(of.kind, QuantifierKind::Latest | QuantifierKind::Earliest) && has_entities(package, own) {
            return self.unsupported(id, "a thing that `latest` or `earliest` gives");
        }
        let Some(var) = of.vars.first().copied() else { return self.unsupported(id, "a reading without a name") };
        let mut keys = vec![];
        for key in past.by.into_iter().chain(past.on) {
            keys.push(self.value(key)?);
        }
        if let Some(filter) = of.filter {
            self.conjuncts(filter, &Names::of(var), &mut Side::Reading(&mut keys))?;
        }
        let mut same = vec![self.body.const_value(Value::Bool(true))];
        if let Some(satisfy) = of.satisfy {
            self.conjuncts(satisfy, &Names::of(var), &mut Side::Reading(&mut same))?;
        }
        let row = self.in_a_row(&keys);
        let like = match of.satisfy {
            Some(_) => {
                let ((first, count), to) = (self.in_a_row(&same), self.body.val());
                self.body.push(Op::List { to, first, count });
                to
            }
            None => self.body.const_value(Value::Missing),
        };
        let (what, aggregate) = match of.kind {
            QuantifierKind::Any | QuantifierKind::None => (What::Any, Aggregate::Count),
            QuantifierKind::Count => (What::Count, Aggregate::Count),
            QuantifierKind::All => (What::All, Aggregate::Same),
            QuantifierKind::Sum | QuantifierKind::Average => {
                let what = if of.kind == QuantifierKind::Sum { What::Sum } else { What::Average };
                let ty = of.value.map_or(Type::Unknown, |value| self.type_of(value));
                (what, Aggregate::Sum { nothing: nothing(&ty) })
            }
            QuantifierKind::Min => (What::Min, Aggregate::Min),
            QuantifierKind::Max => (What::Max, Aggregate::Max),
            QuantifierKind::Distinct => (What::Distinct, Aggregate::Distinct),
            QuantifierKind::Latest => (What::Newest, Aggregate::Values),
            QuantifierKind::Earliest => (What::Oldest, Aggregate::Values),
        };
        let kept = self.kept(aggregate, past.state, &past.window, row.1);
        let actions = self.sources(past);
        let accumulator = self.accumulator(kept, &actions, Some(var), |entry, row| {
            entry.parties(past, row);
            let end = row.end;
            if let Some(filter) = of.filter {
                entry.conjuncts(filter, &Names::of(var), &mut Side::Entry(row, Some(end)))?;
            }
            entry.is_one(row);
            match (of.satisfy, of.value) {
                (Some(satisfy), _) => entry.satisfied(satisfy, var, same.len(), row),
                (None, Some(value)) => {
                    let of = entry.value(value)?;
                    entry.body.push(Op::MoveValue { to: row.kept, of });
                    Ok(())
                }
                (None, None) => Ok(()),
            }
        })?;
        let began = self.window(&past.window, row, |this, since| {
            // What is counted from has the same keys, whatever else is asked of an entry.
            let kept = Kept::places(since, row.1);
            let actions = this.sources(since);
            let actions: Vec<_> = actions.into_iter().filter(|action| this.has_parties(past, *action)).collect();
            this.accumulator(kept, &actions, Some(var), |entry, row| {
                entry.parties(past, row);
                if let Some(filter) = of.filter {
                    entry.conjuncts(filter, &Names::of(var), &mut Side::Entry(row, None))?;
                }
                entry.is_one(row);
                Ok(())
            })
        })?;
        let bounded = !matches!(what, What::Any | What::Newest | What::Oldest) && !self.free.contains(&id);
        let most = bounded.then(|| most(&past.window));
        let to = self.read(Reading { accumulator, what, most, window: began.window }, row, &began, like);
        let operand = self.unboxed(to, own);
        Ok(match (of.kind, operand.at) {
            (QuantifierKind::None, At::Word(of)) => {
                let to = self.body.word();
                self.body.push(Op::Not { to, of });
                At::Word(to).into()
            }
            _ => operand,
        })
    }

    /// What the entries of that key come to.
    pub(super) fn read(&mut self, reading: Reading, (first, count): (Val, u32), began: &Began, like: Val) -> Val {
        let reading = self.shared.reading(reading);
        let to = self.body.val();
        let (from, order) = (began.from, began.order);
        self.body.push(Op::Past { to, reading, first, count, from, order, like });
        to
    }

    /// Where the window begins. `same`: the accumulator of what it is counted from, by the keys of the reading.
    pub(super) fn window(
        &mut self,
        window: &Window,
        row: (Val, u32),
        same: impl FnOnce(&mut Self, &Past) -> Result<u32>,
    ) -> Result<Began> {
        let zero = self.body.const_word(0);
        let began = |window, from| Began { window, from, order: zero };
        let moment = |at| match at {
            At::Word(word) => word,
            At::Wide(_) | At::Text(_) | At::Val(_) => zero,
        };
        Ok(match window {
            Window::Within { span, .. } => {
                let span = self.value(*span)?;
                let from = self.call_values("op.window", &[span], &Type::Instant).at;
                began(program::Window::From, moment(from))
            }
            Window::This { unit: CalendarUnit::Session, .. } => began(program::Window::Session, zero),
            Window::This { unit, .. } => {
                let unit = self.body.const_value(Value::text(unit_name(*unit)));
                let from = self.call_values("op.start_of", &[unit], &Type::Instant).at;
                began(program::Window::From, moment(from))
            }
            Window::Since { past, var, filter, .. } => {
                let since = &self.package()[*past];
                let (accumulator, (first, count)) = match var {
                    Some(var) => self.since(since, *var, *filter)?,
                    None => (same(self, since)?, row),
                };
                let (time, order) = (self.body.word(), self.body.word());
                self.body.push(Op::NewestPlace { time, order, accumulator, first, count });
                Began { window: program::Window::Behind, from: time, order }
            }
            Window::Ever(_) => began(program::Window::Ever, zero),
            Window::Error => began(program::Window::Ever, zero),
        })
    }

    /// `since (s in A where C)`: an accumulator and keys of its own.
    fn since(&mut self, since: &'a Past, var: LocalId, filter: Option<ExprId>) -> Result<(u32, (Val, u32))> {
        let mut keys = vec![];
        if let Some(filter) = filter {
            self.conjuncts(filter, &Names::of(var), &mut Side::Reading(&mut keys))?;
        }
        let row = self.in_a_row(&keys);
        let actions = self.sources(since);
        let accumulator = self.accumulator(Kept::places(since, row.1), &actions, Some(var), |entry, row| {
            let end = row.end;
            if let Some(filter) = filter {
                entry.conjuncts(filter, &Names::of(var), &mut Side::Entry(row, Some(end)))?;
            }
            entry.is_one(row);
            Ok(())
        })?;
        Ok((accumulator, row))
    }

    /// `all … satisfy C` keeps whether C holds of the entry, and behind that the keys that C compares.
    fn satisfied(&mut self, satisfy: ExprId, var: LocalId, count: usize, row: &Row) -> Result<()> {
        let (yes, no) = (self.body.const_value(Value::Bool(true)), Value::list(vec![Value::Bool(false)]));
        let no = self.body.const_value(no);
        self.body.push(Op::MoveValue { to: row.kept, of: no });
        let first = self.body.vals(count);
        self.body.push(Op::MoveValue { to: first, of: yes });
        let mut same = Row { first: Val(first.0 + 1), count: count as u32 - 1, at: 0, staged: false, ..*row };
        self.conjuncts(satisfy, &Names::of(var), &mut Side::Entry(&mut same, Some(row.end)))?;
        self.body.push(Op::List { to: row.kept, first, count: count as u32 });
        Ok(())
    }

    /// A `where` is a conjunction of key equalities and of conditions on the entry alone.
    fn conjuncts(&mut self, id: ExprId, names: &Names, side: &mut Side<'_>) -> Result<()> {
        let package = self.package();
        match package.expr(id) {
            Expr::And(parts) => parts.iter().try_for_each(|part| self.conjuncts(*part, names, side)),
            Expr::Call { callee: Callee::Define(define), args } => {
                let define = &package[*define];
                let (mut inner, mut params, mut own) = (Names::default(), vec![], vec![]);
                for (param, arg) in define.params.iter().zip(args) {
                    let told = names.told_of(package, *arg);
                    inner.add(*param, told);
                    let others = if matches!(side, Side::Reading(_)) { Told::Entry } else { Told::Request };
                    if told != others {
                        params.push(*param);
                        own.push(*arg);
                    }
                }
                let around = self.enter(&params, &own)?;
                self.conjuncts(define.body, &inner, side)?;
                self.leave(around);
                Ok(())
            }
            Expr::Let { bindings, body } => {
                let (depth, mut inner) = (self.depth(), names.clone());
                for (local, value) in bindings {
                    inner.add(*local, inner.told_of(package, *value));
                }
                self.bind_lets(bindings);
                self.conjuncts(*body, &inner, side)?;
                self.leave_at(depth);
                Ok(())
            }
            Expr::Compare { operands, ops } => {
                if let ([left, right], [CompareOp::Equal]) = (operands.as_slice(), ops.as_slice()) {
                    match (names.told_of(package, *left), names.told_of(package, *right)) {
                        (Told::Entry, Told::Request) => return self.equality(id, *left, *right, side),
                        (Told::Request, Told::Entry) => return self.equality(id, *right, *left, side),
                        _ => {}
                    }
                }
                self.on_entry(id, side)
            }
            _ => self.on_entry(id, side),
        }
    }

    fn equality(&mut self, id: ExprId, of_entry: ExprId, other: ExprId, side: &mut Side<'_>) -> Result<()> {
        match side {
            Side::Reading(keys) => keys.push(self.value(other)?),
            Side::Entry(row, _) => {
                let of = self.value(of_entry)?;
                if row.at >= row.count {
                    return self.unsupported(id, "this key");
                }
                self.known_key(row, of);
            }
        }
        Ok(())
    }

    fn on_entry(&mut self, id: ExprId, side: &mut Side<'_>) -> Result<()> {
        match side {
            Side::Entry(_, Some(end)) => self.branch(id, false, *end),
            Side::Entry(_, None) | Side::Reading(_) => Ok(()),
        }
    }
}

/// How many entries a reading that has a bound looks at.
pub(super) fn most(window: &Window) -> u64 {
    match window {
        Window::Within { max: Some(max), .. } => u64::from(*max),
        _ => MOST_ENTRIES,
    }
}

fn unit_name(unit: CalendarUnit) -> &'static str {
    match unit {
        CalendarUnit::Session => "session",
        CalendarUnit::Hour => "hour",
        CalendarUnit::Day => "day",
        CalendarUnit::Week => "week",
        CalendarUnit::Month => "month",
        CalendarUnit::Quarter => "quarter",
        CalendarUnit::Year => "year",
    }
}

/// A value of the type is a thing, or has one in it. Each record is looked at once.
fn has_entities(package: &Package, ty: &Type) -> bool {
    let (mut open, mut seen) = (vec![ty], vec![]);
    while let Some(ty) = open.pop() {
        match ty {
            Type::Entity(_) => return true,
            Type::Record(record) if !seen.contains(record) => {
                seen.push(*record);
                open.extend(package[*record].fields.iter().map(|field| &field.ty));
            }
            Type::Optional(of) | Type::List(of, _) | Type::Set(of) => open.push(of),
            Type::Map(key, of) => open.extend([&**key, &**of]),
            Type::Record(_) | Type::Bool | Type::Int | Type::Decimal | Type::Money(_) | Type::Text(_) => {}
            Type::Date | Type::Time | Type::Instant | Type::Duration | Type::Period | Type::Country => {}
            Type::Currency | Type::Ip | Type::IpRange | Type::Hours | Type::Calendar | Type::Role => {}
            Type::Enum(_) | Type::Choice(_) | Type::Unknown => {}
        }
    }
    false
}
