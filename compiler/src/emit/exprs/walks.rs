//! Walks over lists and sets: `any`, `all`, `count`, `sum` and the others.

use super::origins::with_index;
use super::{At, Bound, Emitter, Operand, Result};
use crate::hir::{ExprId, LocalId, Quantifier, QuantifierKind, Source};
use ordain_vm::op::{Cmp, Gather, Label, Op, Val};
use ordain_vm::value::{Type, Value};

impl Emitter<'_, '_> {
    pub(super) fn quantifier(&mut self, id: ExprId, quantifier: &Quantifier, own: &Type) -> Result<Operand> {
        if let [Source::Past(past)] = quantifier.sources.as_slice() {
            return self.past(id, quantifier, *past, own);
        }
        let (mut lists, mut paths) = (vec![], vec![]);
        for source in &quantifier.sources {
            let Source::Expr(source) = source else { return self.unsupported(id, "the past in step with a list") };
            let (of, to) = (self.value(*source)?, self.body.val());
            self.body.push(Op::Items { to, of });
            lists.push(to);
            paths.push(self.path(*source));
        }
        let Some(first) = lists.first().copied() else { return self.unsupported(id, "a walk over nothing") };
        let (zero, one) = (self.body.const_word(0), self.body.const_word(1));
        let (found, done, out) = (self.body.word(), self.body.label(), self.body.label());
        let gathered = self.body.gathered();
        let how = gathers(quantifier.kind);
        self.body.push(Op::MoveWord { to: found, of: zero });
        self.body.push(Op::Begin { of: gathered });
        let same = self.in_step(&lists, out);
        let at = self.body.word();
        let before = self.body.const_word(-1);
        self.body.push(Op::MoveWord { to: at, of: before });
        let (each, mark, depth) = (self.body.label(), self.mark(), self.locals.len());
        self.body.bind(each);
        self.body.push(Op::Each { of: first, at, done });
        for ((var, list), path) in quantifier.vars.iter().zip(&lists).zip(paths) {
            let to = self.body.val();
            self.body.push(Op::Element { to, of: *list, at });
            let ty = self.shared.checked.types.locals[var.index()].clone();
            let operand = self.unboxed(to, &ty);
            let path = path.map(|path| with_index(path, at));
            self.locals.push((*var, Bound::Known(operand, ty, path)));
        }
        if let Some(filter) = quantifier.filter {
            self.branch(filter, false, each)?;
        }
        if let Some(satisfy) = quantifier.satisfy {
            self.branch(satisfy, true, each)?;
        }
        match (quantifier.kind, how) {
            (QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All, _) => {
                self.body.push(Op::MoveWord { to: found, of: one });
                self.body.push(Op::Jump { label: done });
            }
            (_, Some(how)) => {
                let of = match (quantifier.value, quantifier.vars.first()) {
                    (Some(value), _) => self.value(value)?,
                    (None, Some(var)) => self.variable(*var),
                    (None, None) => self.body.const_value(Value::Missing),
                };
                self.body.push(Op::Gather { how, into: gathered, of });
                self.body.push(Op::Jump { label: each });
            }
            (_, None) => return self.unsupported(id, "the newest of a list"),
        }
        self.locals.truncate(depth);
        self.forget(mark);
        if same {
            self.body.bind(out);
            self.body.bind(done);
        } else {
            // Out of step, `all` is false and the others are over nothing.
            let on = self.body.label();
            self.body.push(Op::Jump { label: on });
            self.body.bind(out);
            if quantifier.kind == QuantifierKind::All {
                self.body.push(Op::MoveWord { to: found, of: one });
            }
            self.body.bind(on);
            self.body.bind(done);
        }
        Ok(match how {
            None if quantifier.kind == QuantifierKind::Any => At::Word(found).into(),
            None => {
                let to = self.body.word();
                self.body.push(Op::Not { to, of: found });
                At::Word(to).into()
            }
            Some(how) => {
                let (to, ty) = (self.body.val(), self.shared.ty(own));
                self.body.push(Op::Total { how, to, of: gathered, ty });
                self.unboxed(to, own)
            }
        })
    }

    pub(super) fn variable(&mut self, var: LocalId) -> Val {
        let bound = self.locals.iter().rev().find(|(name, _)| *name == var).map(|(_, bound)| bound.clone());
        match bound {
            Some(Bound::Known(operand, ty, _)) => self.boxed(operand, &ty),
            Some(Bound::Lazy(..)) | None => self.body.const_value(Value::Missing),
        }
    }

    /// Goes to `out` where the lists have different lengths. True: there is one list, which can't.
    pub(super) fn in_step(&mut self, lists: &[Val], out: Label) -> bool {
        let [first, rest @ ..] = lists else { return true };
        if rest.is_empty() {
            return true;
        }
        let left = self.body.word();
        self.body.push(Op::Length { to: left, of: *first });
        for list in rest {
            let (right, to) = (self.body.word(), self.body.word());
            self.body.push(Op::Length { to: right, of: *list });
            self.body.push(Op::CompareWords { how: Cmp::Equal, to, left, right });
            self.body.push(Op::JumpIfNot { of: to, label: out });
        }
        false
    }
}

fn gathers(kind: QuantifierKind) -> Option<Gather> {
    match kind {
        QuantifierKind::Count => Some(Gather::Count),
        QuantifierKind::Sum => Some(Gather::Sum),
        QuantifierKind::Min => Some(Gather::Min),
        QuantifierKind::Max => Some(Gather::Max),
        QuantifierKind::Average => Some(Gather::Average),
        QuantifierKind::Distinct => Some(Gather::Distinct),
        QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => None,
        QuantifierKind::Latest | QuantifierKind::Earliest => None,
    }
}
