//! Values from one bank of registers to another, and registers that are filled on several ways.

use super::{At, Emitter, Operand, Result};
use crate::hir::ExprId;
use ordain_vm::op::{Op, Text, Val, Word};
use ordain_vm::request::slots::Bank;
use ordain_vm::value::Type;

impl Emitter<'_, '_> {
    /// What can't be missing by its type is there.
    pub(super) fn sure(&mut self, operand: Operand, ty: &Type) -> Operand {
        if matches!(ty, Type::Optional(_) | Type::Unknown) {
            return operand;
        }
        match operand.present {
            Some(present) => {
                self.body.push(Op::Sure { of: present });
                operand.at.into()
            }
            None => operand,
        }
    }

    /// Of one type, as another wants it.
    pub(in crate::emit) fn coerce(&mut self, operand: Operand, from: &Type, to: &Type) -> Operand {
        match (Bank::of(from), Bank::of(to)) {
            (Bank::Word, Bank::Wide) if *from.present() == Type::Int => {
                let At::Word(of) = operand.at else { return operand };
                let at = match self.body.known_word(of) {
                    Some(known) => self.body.const_wide(ordain_vm::semantics::widen(known)),
                    None => {
                        let to = self.body.wide();
                        self.body.push(Op::Widen { to, of });
                        to
                    }
                };
                Operand { at: At::Wide(at), present: operand.present }
            }
            (Bank::Value, Bank::Value) if from.present() != to.present() => {
                let (of, ty, wide) = (self.boxed(operand, from), self.shared.ty(to), self.body.val());
                self.body.push(Op::WidenValue { to: wide, of, ty });
                At::Val(wide).into()
            }
            (_, Bank::Value) => At::Val(self.boxed(operand, from)).into(),
            (Bank::Value, _) => match operand.at {
                At::Val(of) => self.unboxed(of, to),
                _ => operand,
            },
            (Bank::Word | Bank::Wide | Bank::Text, _) => operand,
        }
    }

    /// In the value bank.
    pub(in crate::emit) fn boxed(&mut self, operand: Operand, ty: &Type) -> Val {
        let op = match operand.at {
            At::Val(of) => return of,
            At::Text(Text::Made(of)) if operand.present.is_none() => return of,
            at => at,
        };
        let to = self.body.val();
        let done = self.body.label();
        if let Some(present) = operand.present {
            self.body.push(Op::Missing { to });
            self.body.push(Op::JumpIfNot { of: present, label: done });
        }
        let ty = self.shared.ty(ty.present());
        self.body.push(match op {
            At::Word(of) => Op::WordValue { to, of, ty },
            At::Wide(of) => Op::WideValue { to, of, ty },
            At::Text(of) => Op::TextValue { to, of },
            At::Val(of) => Op::MoveValue { to, of },
        });
        self.body.bind(done);
        to
    }

    /// A value of a type, in the bank of the type.
    pub(in crate::emit) fn unboxed(&mut self, of: Val, ty: &Type) -> Operand {
        let bank = Bank::of(ty);
        if bank == Bank::Value {
            if !matches!(ty, Type::Optional(_) | Type::Unknown) {
                self.body.push(Op::Present { of });
            }
            return At::Val(of).into();
        }
        let done = self.body.label();
        let present = ty.is_optional().then(|| {
            let (missing, present) = (self.body.word(), self.body.word());
            self.body.push(Op::IsMissing { to: missing, of });
            self.body.push(Op::Not { to: present, of: missing });
            self.body.push(Op::JumpIf { of: missing, label: done });
            present
        });
        let at = match bank {
            Bank::Word => {
                let to = self.body.word();
                self.body.push(Op::ValueWord { to, of });
                At::Word(to)
            }
            Bank::Wide => {
                let to = self.body.wide();
                self.body.push(Op::ValueWide { to, of });
                At::Wide(to)
            }
            Bank::Text | Bank::Value => {
                self.body.push(Op::Present { of });
                At::Text(Text::Made(of))
            }
        };
        self.body.bind(done);
        Operand { at, present }
    }

    pub(in crate::emit) fn value(&mut self, id: ExprId) -> Result<Val> {
        let operand = self.expr(id)?;
        let ty = self.type_of(id);
        Ok(self.boxed(operand, &ty))
    }

    pub(super) fn text(&mut self, id: ExprId) -> Result<Text> {
        match self.expr(id)?.at {
            At::Text(text) => Ok(text),
            At::Val(of) => Ok(Text::Made(of)),
            At::Word(_) | At::Wide(_) => self.unsupported(id, "this as a text"),
        }
    }

    pub(super) fn word_of(&mut self, id: ExprId) -> Result<Word> {
        match self.expr(id)?.at {
            At::Word(word) => Ok(word),
            At::Val(of) => {
                let to = self.body.word();
                self.body.push(Op::ValueWord { to, of });
                Ok(to)
            }
            At::Wide(_) | At::Text(_) => self.unsupported(id, "this as a condition"),
        }
    }

    /// Registers for a value of a type, to be filled on several ways.
    pub(super) fn target(&mut self, ty: &Type) -> Operand {
        let at = match Bank::of(ty) {
            Bank::Word => At::Word(self.body.word()),
            Bank::Wide => At::Wide(self.body.wide()),
            Bank::Text => At::Text(Text::Made(self.body.val())),
            Bank::Value => At::Val(self.body.val()),
        };
        let present = (ty.is_optional() && Bank::of(ty) != Bank::Value).then(|| self.body.word());
        Operand { at, present }
    }

    pub(super) fn fill(&mut self, to: Operand, from: Operand, from_ty: &Type, ty: &Type) {
        let from = self.coerce(from, from_ty, ty);
        match (to.at, from.at) {
            (At::Word(to), At::Word(of)) => self.body.push(Op::MoveWord { to, of }),
            (At::Wide(to), At::Wide(of)) => self.body.push(Op::MoveWide { to, of }),
            (At::Text(Text::Made(to)), At::Text(Text::Made(of))) | (At::Val(to), At::Val(of)) => {
                self.body.push(Op::MoveValue { to, of });
            }
            (At::Text(Text::Made(to)), At::Text(of)) => self.body.push(Op::TextValue { to, of }),
            (At::Text(Text::Made(to)), At::Val(of)) => self.body.push(Op::MoveValue { to, of }),
            (_, _) => {}
        }
        if let Some(to) = to.present {
            let of = from.present.unwrap_or_else(|| self.body.const_word(1));
            self.body.push(Op::MoveWord { to, of });
        }
    }
}
