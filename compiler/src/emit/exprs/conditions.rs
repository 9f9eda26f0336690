//! Conditions: what lies between `and`, `or` and `not`, comparisons, and what is asked of texts and moments.

use super::{At, Emitter, Operand, Result};
use crate::emit::shared::numbered;
use crate::hir::{CompareOp, Expr, ExprId, QuantifierKind, Source};
use ordain_vm::op::{Cmp, Label, Op, TextTest, Word};
use ordain_vm::request::slots::word;
use ordain_vm::value::{Type, Value};
use std::sync::Arc;

impl Emitter<'_, '_> {
    /// Goes to the label where the condition is `when`, and on where it is not. Behind it all of the condition is known
    /// where it goes on only once every part was looked at; at the label, what `branch_from` gives.
    pub(in crate::emit) fn branch(&mut self, id: ExprId, when: bool, label: Label) -> Result<()> {
        self.branch_from(id, when, label).map(|_| ())
    }

    /// The same. Gives the mark of what is known whichever way it goes: the part that is looked at first.
    pub(super) fn branch_from(&mut self, id: ExprId, when: bool, label: Label) -> Result<usize> {
        match self.package().expr(id) {
            Expr::Not(of) if !self.atoms.contains_key(&id) => self.branch_from(*of, !when, label),
            Expr::And(parts) | Expr::Or(parts) => {
                // All of them, or none of them, is what the way on is sure of.
                let straight = matches!(self.package().expr(id), Expr::Or(_)) == when;
                let (on, mut sure) = (self.body.label(), None);
                for (at, part) in parts.iter().enumerate() {
                    let mark = match straight || at + 1 == parts.len() {
                        true => self.branch_from(*part, when, label)?,
                        false => self.branch_from(*part, !when, on)?,
                    };
                    sure.get_or_insert(mark);
                }
                let sure = sure.unwrap_or(self.mark());
                self.body.bind(on);
                if !straight {
                    self.forget(sure);
                }
                Ok(sure)
            }
            _ => {
                let (from, begun) = (self.body.len(), self.body.begin_condition());
                let of = self.word_of(id)?;
                if let Some(at) = self.atoms.get(&id).copied() {
                    self.body.end_condition(begun, of);
                    self.body.watch(from, at);
                    self.body.push(Op::Seen { at, of });
                }
                self.body.push(if when { Op::JumpIf { of, label } } else { Op::JumpIfNot { of, label } });
                Ok(self.mark())
            }
        }
    }

    pub(super) fn presence(&mut self, operand: Operand) -> Word {
        match (operand.present, operand.at) {
            (Some(present), _) => present,
            (None, At::Val(of)) => {
                let (missing, to) = (self.body.word(), self.body.word());
                self.body.push(Op::IsMissing { to: missing, of });
                self.body.push(Op::Not { to, of: missing });
                to
            }
            (None, _) => self.body.const_word(1),
        }
    }

    pub(super) fn test(&mut self, how: TextTest, of: ExprId, part: ExprId) -> Result<Operand> {
        let (of, part, to) = (self.text(of)?, self.text(part)?, self.body.word());
        self.body.push(Op::TestTexts { how, to, of, part });
        Ok(At::Word(to).into())
    }

    pub(super) fn matches(&mut self, of: ExprId, form: &Arc<str>, like: bool) -> Result<Operand> {
        let (of, to) = (self.text(of)?, self.body.word());
        let pattern = self.shared.pattern(form, like);
        self.body.push(Op::Matches { to, of, pattern });
        Ok(At::Word(to).into())
    }

    pub(super) fn compare(&mut self, operands: &[ExprId], ops: &[CompareOp]) -> Result<Operand> {
        let (to, done, zero) = (self.body.word(), self.body.label(), self.body.const_word(0));
        let chain = ops.len() > 1;
        self.unbounded(operands);
        if chain {
            self.body.push(Op::MoveWord { to, of: zero });
        }
        let mut mark = None;
        for (at, op) in ops.iter().enumerate() {
            let (left, right) = (operands[at], operands[at + 1]);
            let (a, a_ty) = (self.expr(left)?, self.type_of(left));
            let (b, b_ty) = (self.expr(right)?, self.type_of(right));
            mark.get_or_insert(self.mark());
            self.compared(Cmp::from(*op), to, (a, &a_ty), (b, &b_ty));
            if chain && at + 1 < ops.len() {
                self.body.push(Op::JumpIfNot { of: to, label: done });
            }
        }
        self.body.bind(done);
        if chain {
            mark.into_iter().for_each(|mark| self.forget(mark));
        }
        Ok(At::Word(to).into())
    }

    /// A `count` of the past beside a literal has no bound.
    fn unbounded(&mut self, operands: &[ExprId]) {
        for (at, operand) in operands.iter().enumerate() {
            let beside = operands.get(if at == 0 { 1 } else { at - 1 }).map(|beside| self.package().expr(*beside));
            let Expr::Quantifier(count) = self.package().expr(*operand) else { continue };
            let of_past = matches!(count.sources.as_slice(), [Source::Past(_)]);
            if of_past && count.kind == QuantifierKind::Count && matches!(beside, Some(Expr::Int(_))) {
                self.free.insert(*operand);
            }
        }
    }

    pub(in crate::emit) fn compared(
        &mut self,
        how: Cmp,
        to: Word,
        (a, a_ty): (Operand, &Type),
        (b, b_ty): (Operand, &Type),
    ) {
        let certain = a.present.is_none() && b.present.is_none();
        let op = match (a.at, b.at) {
            (At::Word(left), At::Word(right)) if certain => Op::CompareWords { how, to, left, right },
            (At::Wide(left), At::Wide(right)) if certain && a_ty.present() == b_ty.present() => {
                Op::CompareWides { how, to, left, right }
            }
            (At::Text(left), At::Text(right)) if certain => Op::CompareTexts { how, to, left, right },
            _ => {
                let (left, right) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                Op::CompareValues { how, to, left, right }
            }
        };
        self.body.push(op);
    }

    pub(super) fn is_in(&mut self, element: ExprId, of: ExprId) -> Result<Operand> {
        let operand = self.expr(element)?;
        let ty = self.type_of(element);
        let to = self.body.word();
        let literal = match self.constant_value(of) {
            Some(Value::Set(items)) => Some(items.iter().cloned().collect::<Vec<_>>()),
            Some(Value::List(items)) => Some(items.to_vec()),
            _ => None,
        };
        match (operand.at, literal) {
            (At::Word(of), Some(items)) if operand.present.is_none() => {
                let mut words: Vec<i64> = items.iter().filter_map(word).collect();
                words.sort_unstable();
                words.dedup();
                let all = &mut self.shared.program.word_sets;
                let set = *self.shared.word_sets.entry(words.clone()).or_insert_with(|| numbered(all, words));
                self.body.push(Op::WordIn { to, of, set });
            }
            (At::Text(of), Some(items)) if operand.present.is_none() => {
                let mut texts: Vec<Arc<str>> = items
                    .iter()
                    .filter_map(|item| match item {
                        Value::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect();
                texts.sort_unstable();
                texts.dedup();
                let all = &mut self.shared.program.text_sets;
                let set = *self.shared.text_sets.entry(texts.clone()).or_insert_with(|| numbered(all, texts));
                self.body.push(Op::TextIn { to, of, set });
            }
            _ => {
                let element = self.boxed(operand, &ty);
                let of = self.value(of)?;
                self.body.push(Op::Holds { to, of, element });
            }
        }
        Ok(At::Word(to).into())
    }

    /// An age of at least P was reached once `of + P` has come.
    pub(super) fn age(&mut self, of: ExprId, op: CompareOp, than: ExprId) -> Result<Operand> {
        let ty = self.type_of(of).present().clone();
        let of = self.value(of)?;
        let span = self.value(than)?;
        let reached = match ty {
            Type::Date => self.call_values("op.today", &[], &Type::Date),
            _ => At::Word(Word(self.layout.now)).into(),
        };
        let due = self.call_values("op.plus", &[of, span], &ty);
        let to = self.body.word();
        let how = match op {
            CompareOp::GreaterOrEqual => Cmp::LessOrEqual,
            CompareOp::Greater => Cmp::Less,
            CompareOp::LessOrEqual => Cmp::GreaterOrEqual,
            CompareOp::Less => Cmp::Greater,
            CompareOp::Equal => Cmp::Equal,
            CompareOp::NotEqual => Cmp::NotEqual,
        };
        self.compared(how, to, (due, &ty), (reached, &ty));
        Ok(At::Word(to).into())
    }

    /// `center - span <= of and of <= center + span`
    pub(super) fn near(&mut self, of: ExprId, span: ExprId, center: ExprId) -> Result<Operand> {
        let ty = self.type_of(of).present().clone();
        let center_ty = self.type_of(center).present().clone();
        let of = self.expr(of)?;
        let span = self.value(span)?;
        let center = self.value(center)?;
        let (to, done) = (self.body.word(), self.body.label());
        let low = self.call_values("op.minus", &[center, span], &center_ty);
        self.compared(Cmp::LessOrEqual, to, (low, &center_ty), (of, &ty));
        self.body.push(Op::JumpIfNot { of: to, label: done });
        let high = self.call_values("op.plus", &[center, span], &center_ty);
        self.compared(Cmp::LessOrEqual, to, (of, &ty), (high, &center_ty));
        self.body.bind(done);
        Ok(At::Word(to).into())
    }
}
