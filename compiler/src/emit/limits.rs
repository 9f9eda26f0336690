//! Limits to instructions: an accumulator whose entries are what the limit's conditions let in, and the comparison of its
//! total with what is allowed. What errs when an entry is recorded is an entry of every key.

use super::exprs::{At, Emitter, Operand, Result};
use super::past::{Kept, Row, most, nothing};
use crate::hir::{self, ExprId, Limit, Past, Rule, RuleId};
use ordain_vm::history::Aggregate;
use ordain_vm::op::{Arith, Cmp, Label, Op, Stance, Val, Word};
use ordain_vm::program::{Reading, What};
use ordain_vm::value::{Type, Value};

/// A total without the request, and with it, of one type.
struct Total {
    before: Operand,
    with: Operand,
    ty: Type,
}

impl<'a> Emitter<'_, 'a> {
    /// Its conditions hold. Says what the limit says, and looks at what is due where a mark is crossed.
    pub(super) fn limited(
        &mut self,
        id: RuleId,
        rule: &'a Rule,
        limit: &'a Limit,
        lenient: bool,
        (duties, end): (Label, Label),
    ) -> Result<()> {
        let total = self.total(rule, limit)?;
        let (most, most_ty) = (self.expr(limit.at_most)?, self.type_of(limit.at_most));
        let (exceeded, marks) = (self.body.word(), self.body.label());
        self.compared(Cmp::Less, exceeded, (most, &most_ty), (total.with, &total.ty));
        self.body.push(Op::JumpIfNot { of: exceeded, label: marks });
        let known = self.mark();
        match &limit.needs {
            None => self.stand(id, Stance::Denial),
            Some(approval) => self.gated(id, rule, approval, marks)?,
        }
        self.body.bind(marks);
        self.forget(known);
        for (duty, clause) in rule.duties.iter().enumerate() {
            let Some(share) = clause.mark else { continue };
            // An error in the mark itself is the limit's.
            let (next, known) = (self.body.label(), self.mark());
            let mark = self.share(most, &most_ty, share)?;
            let (below, over) = (self.body.word(), self.body.word());
            let ty = if *most_ty.present() == Type::Int { Type::Decimal } else { most_ty.present().clone() };
            self.compared(Cmp::Less, below, (total.before, &total.ty), (mark, &ty));
            self.body.push(Op::JumpIfNot { of: below, label: next });
            self.compared(Cmp::Less, over, (total.with, &total.ty), (mark, &ty));
            self.body.push(Op::JumpIf { of: over, label: next });
            let (from, errs) = (self.body.len(), self.body.label());
            self.duty(clause, next)?;
            self.body.push(Op::Cross { rule: id.0, duty: duty as u32 });
            if lenient {
                // An error is listed and changes nothing else.
                self.body.push(Op::Jump { label: next });
                self.body.guard(from, errs);
                self.body.bind(errs);
                self.body.push(Op::Err { rule: id.0, erred: false });
            }
            self.body.bind(next);
            self.forget(known);
        }
        // A limit that is not exceeded has no other duties.
        self.body.push(Op::JumpIf { of: exceeded, label: duties });
        self.body.push(Op::Jump { label: end });
        Ok(())
    }

    /// That share of what is allowed.
    fn share(&mut self, most: Operand, ty: &Type, share: ExprId) -> Result<Operand> {
        let (factor, factor_ty) = (self.expr(share)?, self.type_of(share));
        let (left, right, to) = (self.boxed(most, ty), self.boxed(factor, &factor_ty), self.body.val());
        self.body.push(Op::Values { how: Arith::Multiply, to, left, right });
        Ok(At::Val(to).into())
    }

    fn total(&mut self, rule: &'a Rule, limit: &'a Limit) -> Result<Total> {
        let mut keys = vec![];
        for key in &limit.per {
            keys.push(self.value(*key)?);
        }
        let (own, ty) = match &limit.aggregate {
            hir::Aggregate::Count => (None, Type::Int),
            hir::Aggregate::Sum(value) | hir::Aggregate::Distinct(value) => {
                (Some((self.expr(*value)?, *value)), self.type_of(*value).present().clone())
            }
        };
        let row = self.in_a_row(&keys);
        let began = self.window(&limit.window, row, |this, since| this.same_keys(limit, rule, since, row.1))?;
        let accumulator = self.counted(rule, limit, row.1)?;
        let reading = |what| Reading { accumulator, what, most: Some(most(&limit.window)), window: began.window };
        let missing = self.body.const_value(Value::Missing);
        let one = self.body.const_word(1);
        let Some((own, value)) = own else {
            let before = self.read(reading(What::Count), row, &began, missing);
            let before = self.count_of(before);
            return Ok(Total { before: At::Word(before).into(), with: self.plus(before, one), ty: Type::Int });
        };
        if let hir::Aggregate::Distinct(_) = &limit.aggregate {
            let before = self.read(reading(What::Distinct), row, &began, missing);
            let before = self.count_of(before);
            let used = self.type_of(value);
            let like = self.boxed(own, &used);
            let held = self.read(reading(What::Holds), row, &began, like);
            let (of, new) = (self.count_of(held), self.body.word());
            self.body.push(Op::Not { to: new, of });
            return Ok(Total { before: At::Word(before).into(), with: self.plus(before, new), ty: Type::Int });
        }
        let sum = self.read(reading(What::Sum), row, &began, missing);
        let before = match ty {
            Type::Money(None) => At::Val(self.or_nothing(sum, own, &ty)).into(),
            _ => self.unboxed(sum, &ty),
        };
        let with = self.sum_of(before, own, &ty);
        Ok(Total { before, with, ty })
    }

    /// A number, of a value that is one.
    fn count_of(&mut self, of: Val) -> Word {
        let to = self.body.word();
        self.body.push(Op::ValueWord { to, of });
        to
    }

    fn plus(&mut self, left: Word, right: Word) -> Operand {
        let to = self.body.word();
        self.body.push(Op::Words { how: Arith::Add, to, left, right });
        At::Word(to).into()
    }

    /// A sum over nothing has no currency of its own: it is none of what the request adds.
    fn or_nothing(&mut self, sum: Val, own: Operand, ty: &Type) -> Val {
        let (own, to, missing, on) = (self.boxed(own, ty), self.body.val(), self.body.word(), self.body.label());
        self.body.push(Op::MoveValue { to, of: sum });
        self.body.push(Op::IsMissing { to: missing, of: sum });
        self.body.push(Op::JumpIfNot { of: missing, label: on });
        self.body.push(Op::Values { how: Arith::Subtract, to, left: own, right: own });
        self.body.bind(on);
        to
    }

    fn sum_of(&mut self, before: Operand, own: Operand, ty: &Type) -> Operand {
        let how = Arith::Add;
        match (before.at, own.at) {
            (At::Word(left), At::Word(right)) => {
                let to = self.body.word();
                self.body.push(Op::Words { how, to, left, right });
                At::Word(to).into()
            }
            (At::Wide(left), At::Wide(right)) => {
                let to = self.body.wide();
                self.body.push(Op::Wides { how, to, left, right });
                At::Wide(to).into()
            }
            _ => {
                let (left, right, to) = (self.boxed(before, ty), self.boxed(own, ty), self.body.val());
                self.body.push(Op::Values { how, to, left, right });
                self.unboxed(to, ty)
            }
        }
    }

    /// The accumulator of what belongs to the limit, as it was when it was recorded.
    fn counted(&mut self, rule: &'a Rule, limit: &'a Limit, keys: u32) -> Result<u32> {
        let (aggregate, value) = match &limit.aggregate {
            hir::Aggregate::Count => (Aggregate::Count, None),
            hir::Aggregate::Sum(value) => (Aggregate::Sum { nothing: nothing(&self.type_of(*value)) }, Some(*value)),
            hir::Aggregate::Distinct(value) => (Aggregate::Distinct, Some(*value)),
        };
        let kept = self.kept(aggregate, None, &limit.window, keys);
        self.accumulator(kept, &rule.on, None, |entry, row| {
            entry.bind_lets(&rule.lets);
            entry.conditions(&rule.conditions, row.end)?;
            entry.per(limit, row)?;
            if let Some(value) = value {
                let of = entry.value(value)?;
                entry.body.push(Op::MoveValue { to: row.kept, of });
            }
            entry.is_one(row);
            Ok(())
        })
    }

    /// The accumulator of what `since A` is counted from, by the limit's keys.
    fn same_keys(&mut self, limit: &'a Limit, rule: &'a Rule, since: &Past, keys: u32) -> Result<u32> {
        let actions = self.sources(since);
        self.accumulator(Kept::places(since, keys), &actions, None, |entry, row| {
            entry.bind_lets(&rule.lets);
            entry.per(limit, row)?;
            entry.is_one(row);
            Ok(())
        })
    }

    fn per(&mut self, limit: &Limit, row: &mut Row) -> Result<()> {
        row.staged = false;
        for key in &limit.per {
            let of = self.value(*key)?;
            self.known_key(row, of);
        }
        Ok(())
    }
}
