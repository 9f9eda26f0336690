//! Arithmetic, by the types of its operands, and what chooses between values: `or else` and `match`.

use super::{At, Emitter, Operand, Result};
use crate::hir::{ArithmeticOp, Arm, ExprId, Pattern};
use ordain_vm::op::{Arith, Cmp, Label, Op, Text};
use ordain_vm::value::Type;

impl Emitter<'_, '_> {
    pub(super) fn negate(&mut self, of: ExprId) -> Result<Operand> {
        let operand = self.expr(of)?;
        Ok(match operand.at {
            At::Word(of) => {
                let to = self.body.word();
                self.body.push(Op::NegateWord { to, of });
                At::Word(to)
            }
            At::Wide(of) => {
                let to = self.body.wide();
                self.body.push(Op::NegateWide { to, of });
                At::Wide(to)
            }
            At::Val(of) | At::Text(Text::Made(of)) => {
                let to = self.body.val();
                self.body.push(Op::NegateValue { to, of });
                At::Val(to)
            }
            At::Text(Text::Slot(_) | Text::Const(_)) => return self.unsupported(of, "the negative of a text"),
        }
        .into())
    }

    pub(super) fn arithmetic(&mut self, op: ArithmeticOp, left: ExprId, right: ExprId, own: &Type) -> Result<Operand> {
        let (a, a_ty) = (self.expr(left)?, self.type_of(left).present().clone());
        let (b, b_ty) = (self.expr(right)?, self.type_of(right).present().clone());
        let how = Arith::from(op);
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Decimal);
        let amount = |ty: &Type| matches!(ty, Type::Money(Some(_)));
        let span = |ty: &Type| matches!(ty, Type::Duration | Type::Period);
        let moment = |ty: &Type| matches!(ty, Type::Date | Type::Time | Type::Instant);
        match (&a_ty, &b_ty) {
            (Type::Int, Type::Int) | (Type::Duration, Type::Duration) if how != Arith::Divide => {
                let words = matches!(how, Arith::Add | Arith::Subtract) || a_ty == Type::Int;
                if words && let (At::Word(left), At::Word(right)) = (a.at, b.at) {
                    let to = self.body.word();
                    self.body.push(Op::Words { how, to, left, right });
                    return Ok(At::Word(to).into());
                }
            }
            // What overflows there is a moment out of range.
            (a_ty, b_ty) if moment(a_ty) && span(b_ty) && how == Arith::Add => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.plus", &[a, b], own));
            }
            (a_ty, b_ty) if span(a_ty) && moment(b_ty) && how == Arith::Add => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.plus", &[b, a], own));
            }
            (a_ty, b_ty) if moment(a_ty) && span(b_ty) && how == Arith::Subtract => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.minus", &[a, b], own));
            }
            (a_ty, b_ty)
                if (number(a_ty) && number(b_ty))
                    || (amount(a_ty)
                        && (number(b_ty) && !matches!(how, Arith::Add | Arith::Subtract) || a_ty == b_ty))
                    || (number(a_ty) && amount(b_ty) && how == Arith::Multiply) =>
            {
                let (a, b) = (self.widened(a, a_ty), self.widened(b, b_ty));
                if let (At::Wide(left), At::Wide(right)) = (a.at, b.at) {
                    let to = self.body.wide();
                    self.body.push(Op::Wides { how, to, left, right });
                    return Ok(At::Wide(to).into());
                }
            }
            _ => {}
        }
        let (left, right, to) = (self.boxed(a, &a_ty), self.boxed(b, &b_ty), self.body.val());
        self.body.push(Op::Values { how, to, left, right });
        Ok(self.unboxed(to, own))
    }

    /// An int as a decimal.
    pub(super) fn widened(&mut self, operand: Operand, ty: &Type) -> Operand {
        match ty {
            Type::Int => self.coerce(operand, &Type::Int, &Type::Decimal),
            _ => operand,
        }
    }

    pub(super) fn or_else(&mut self, of: ExprId, default: ExprId, own: &Type) -> Result<Operand> {
        let (to, done, no) = (self.target(own), self.body.label(), self.body.label());
        let (value, ty) = (self.expr(of)?, self.type_of(of));
        let present = self.presence(value);
        self.body.push(Op::JumpIfNot { of: present, label: no });
        let certain = match value.at {
            At::Val(_) => value,
            at => at.into(),
        };
        self.fill(to, certain, ty.present(), own);
        self.body.push(Op::Jump { label: done });
        self.body.bind(no);
        let mark = self.mark();
        let (value, ty) = (self.expr(default)?, self.type_of(default));
        self.fill(to, value, &ty, own);
        self.body.bind(done);
        self.forget(mark);
        Ok(to)
    }

    pub(super) fn matched(&mut self, of: ExprId, arms: &[Arm], own: &Type) -> Result<Operand> {
        let (value, ty) = (self.expr(of)?, self.type_of(of));
        let (to, done) = (self.target(own), self.body.label());
        let mark = self.mark();
        for arm in arms {
            let (take, next) = (self.body.label(), self.body.label());
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Any(_) => self.body.push(Op::Jump { label: take }),
                    Pattern::Missing(_) => {
                        let present = self.presence(value);
                        self.body.push(Op::JumpIfNot { of: present, label: take });
                    }
                    Pattern::Value(pattern) => {
                        let pattern = (self.expr(*pattern)?, self.type_of(*pattern));
                        self.equal_or_on(value, &ty, pattern, take);
                    }
                }
                self.forget(mark);
            }
            self.body.push(Op::Jump { label: next });
            self.body.bind(take);
            let (value, ty) = (self.expr(arm.value)?, self.type_of(arm.value));
            self.fill(to, value, &ty, own);
            self.body.push(Op::Jump { label: done });
            self.body.bind(next);
            self.forget(mark);
        }
        self.body.push(Op::Fail {});
        self.body.bind(done);
        Ok(to)
    }

    /// Goes to the label where the value is there and equal.
    pub(super) fn equal_or_on(&mut self, value: Operand, ty: &Type, (other, other_ty): (Operand, Type), take: Label) {
        let on = self.body.label();
        let there = match value.at {
            At::Val(_) if ty.is_optional() => Some(self.presence(value)),
            _ => value.present,
        };
        there.into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: on }));
        let to = self.body.word();
        self.compared(Cmp::Equal, to, (value.at.into(), ty.present()), (other, &other_ty));
        self.body.push(Op::JumpIf { of: to, label: take });
        self.body.bind(on);
    }
}
