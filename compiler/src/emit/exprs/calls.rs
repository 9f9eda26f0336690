//! Calls: of built-ins, and of defines and tables, which are laid out where they stand.

use super::{At, Bound, Emitter, Operand, Result, bounded};
use crate::hir::{Callee, Cell, CellKind, DefineId, DutyCall, ExprId, LocalId, LocalKind, TableId};
use ordain_vm::op::{Cmp, Label, Op, Val, Word};
use ordain_vm::value::Type;

impl Emitter<'_, '_> {
    /// A built-in, with expressions.
    pub(super) fn call_row(&mut self, path: &str, args: &[ExprId], own: &Type) -> Result<Operand> {
        let args = args.iter().map(|arg| self.value(*arg)).collect::<Result<Vec<_>>>()?;
        Ok(self.call_values(path, &args, own))
    }

    pub(in crate::emit) fn call_values(&mut self, path: &str, args: &[Val], own: &Type) -> Operand {
        let builtin = self.shared.builtin(path);
        let ((first, count), to) = (self.in_a_row(args), self.body.val());
        let policy = self.policy.map_or(u32::MAX, |policy| policy.0);
        self.body.push(Op::Call { to, builtin, policy, first, count });
        self.unboxed(to, own)
    }

    /// The operands of a duty, as its parameters want them.
    pub(in crate::emit) fn operands(&mut self, call: &DutyCall) -> Result<Vec<Val>> {
        let params = &self.package()[call.duty].params;
        params.iter().zip(&call.args).map(|(param, arg)| self.fitting(*arg, &param.ty)).collect()
    }

    /// That span after an instant.
    pub(in crate::emit) fn moment_after(&mut self, from: Word, span: ExprId) -> Result<Word> {
        let of = self.value(span)?;
        let (at, ty) = (self.body.val(), self.shared.ty(&Type::Instant));
        self.body.push(Op::WordValue { to: at, of: from, ty });
        match self.call_values("op.plus", &[at, of], &Type::Instant).at {
            At::Word(word) => Ok(word),
            At::Wide(_) | At::Text(_) | At::Val(_) => self.unsupported(span, "this as a span"),
        }
    }

    pub(in crate::emit) fn truth(&mut self, id: ExprId) -> Result<Word> {
        self.word_of(id)
    }

    pub(in crate::emit) fn bind_approver(&mut self, local: LocalId, at: Val) {
        let ty = self.shared.checked.types.locals[local.index()].clone();
        self.locals.push((local, Bound::Known(At::Val(at).into(), ty, None)));
    }

    /// Registers in a row with these values.
    pub(in crate::emit) fn in_a_row(&mut self, values: &[Val]) -> (Val, u32) {
        let first = self.body.vals(values.len());
        for (at, of) in values.iter().enumerate() {
            self.body.push(Op::MoveValue { to: Val(first.0 + at as u32), of: *of });
        }
        (first, values.len() as u32)
    }

    pub(super) fn called(&mut self, callee: &Callee, args: &[ExprId], own: &Type) -> Result<Operand> {
        match callee {
            Callee::Builtin(row) => self.call_row(&row.path(), args, own),
            Callee::Define(define) => self.define(*define, args, own),
            Callee::Table(table) => self.table(*table, args, own),
        }
    }

    /// The operands of a call, bound to its parameters, in a call of its own.
    pub(in crate::emit) fn enter(&mut self, params: &[LocalId], args: &[ExprId]) -> Result<(usize, u32)> {
        let mut bound = vec![];
        for (param, arg) in params.iter().zip(args) {
            let (operand, ty) = (self.expr(*arg)?, self.type_of(*arg));
            let path = self.path(*arg);
            let declared = match &self.package()[*param].kind {
                LocalKind::Param(declared) => declared.clone(),
                _ => ty.clone(),
            };
            let operand = self.coerce(operand, &ty, &declared);
            if bounded(&declared) {
                let around = self.body.at(self.package().at(*arg));
                let (of, ty) = (self.boxed(operand, &declared), self.shared.ty(&declared));
                self.body.push(Op::FitValue { of, ty });
                self.body.back_to(around);
            }
            bound.push((*param, Bound::Known(operand, declared, path)));
        }
        let depth = self.locals.len();
        self.locals.extend(bound);
        self.calls += 1;
        Ok((depth, std::mem::replace(&mut self.call, self.calls)))
    }

    pub(in crate::emit) fn leave(&mut self, (depth, call): (usize, u32)) {
        self.locals.truncate(depth);
        let left = std::mem::replace(&mut self.call, call);
        // What that call worked out nobody asks for again.
        while self.known.last().is_some_and(|((of, _), _)| *of >= left) {
            self.known.pop();
        }
    }

    pub(super) fn define(&mut self, id: DefineId, args: &[ExprId], own: &Type) -> Result<Operand> {
        let define = &self.package()[id];
        let around = self.enter(&define.params, args)?;
        let operand = self.expr(define.body)?;
        let ty = self.type_of(define.body);
        self.leave(around);
        let result = self.coerce(operand, &ty, own);
        if let Some(returns) = define.returns.as_ref().filter(|returns| bounded(returns)) {
            let around = self.body.at(self.package().at(define.body));
            let (of, ty) = (self.boxed(result, own), self.shared.ty(returns));
            self.body.push(Op::FitValue { of, ty });
            self.body.back_to(around);
        }
        Ok(result)
    }

    pub(super) fn table(&mut self, id: TableId, args: &[ExprId], own: &Type) -> Result<Operand> {
        let table = &self.package()[id];
        let around = self.enter(&table.params, args)?;
        let depth = around.0;
        let params: Vec<(Operand, Type)> = self.locals[depth..]
            .iter()
            .filter_map(|(_, bound)| match bound {
                Bound::Known(operand, ty, _) => Some((*operand, ty.clone())),
                Bound::Lazy(..) => None,
            })
            .collect();
        let (to, done, mark) = (self.target(own), self.body.label(), self.mark());
        for row in &table.rows {
            let next = self.body.label();
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                let (operand, ty) = &params[*column];
                self.cell(cell, *operand, ty, next)?;
            }
            self.results(id, &row.results, to, own)?;
            self.body.push(Op::Jump { label: done });
            self.body.bind(next);
            self.forget(mark);
        }
        match &table.otherwise {
            Some(results) => self.results(id, results, to, own)?,
            None => self.body.push(Op::Fail {}),
        }
        self.body.bind(done);
        self.forget(mark);
        self.leave(around);
        Ok(to)
    }

    pub(super) fn results(&mut self, id: TableId, results: &[ExprId], to: Operand, own: &Type) -> Result<()> {
        let table = &self.package()[id];
        match (table.results.as_slice(), table.returns.present()) {
            ([], _) => {
                let Some(result) = results.first() else { return Ok(()) };
                let (value, ty) = (self.expr(*result)?, self.type_of(*result));
                self.fill(to, value, &ty, own);
            }
            (names, Type::Record(record)) => {
                let declared = &self.package()[*record].fields;
                let values = results.iter().map(|result| self.value(*result)).collect::<Result<Vec<_>>>()?;
                let first = self.body.vals(declared.len());
                (0..declared.len() as u32).for_each(|at| self.body.push(Op::Missing { to: Val(first.0 + at) }));
                for (name, of) in names.iter().zip(values) {
                    let Some(at) = declared.iter().position(|field| field.name.text == name.text) else { continue };
                    if bounded(&declared[at].ty) {
                        let ty = self.shared.ty(&declared[at].ty);
                        self.body.push(Op::FitValue { of, ty });
                    }
                    self.body.push(Op::MoveValue { to: Val(first.0 + at as u32), of });
                }
                let made = self.body.val();
                self.body.push(Op::Record { to: made, record: record.0, first, count: declared.len() as u32 });
                self.fill(to, At::Val(made).into(), own, own);
            }
            _ => self.body.push(Op::Fail {}),
        }
        Ok(())
    }

    /// Goes to `next` where the cell does not fit.
    pub(super) fn cell(&mut self, cell: &Cell, value: Operand, ty: &Type, next: Label) -> Result<()> {
        let there = |this: &mut Self| match ty.is_optional() {
            true => Some(this.presence(value)),
            false => None,
        };
        let certain: Operand = value.at.into();
        let of_type = ty.present();
        match &cell.kind {
            CellKind::Any => {}
            CellKind::Missing => {
                let present = self.presence(value);
                self.body.push(Op::JumpIf { of: present, label: next });
            }
            CellKind::OneOf(options) => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let take = self.body.label();
                let mut mark = None;
                for option in options {
                    let (option, option_ty) = (self.expr(*option)?, self.type_of(*option));
                    let to = self.body.word();
                    self.compared(Cmp::Equal, to, (certain, of_type), (option, &option_ty));
                    self.body.push(Op::JumpIf { of: to, label: take });
                    mark.get_or_insert(self.mark());
                }
                self.body.push(Op::Jump { label: next });
                self.body.bind(take);
                mark.into_iter().for_each(|mark| self.forget(mark));
            }
            CellKind::Range { low, high, half_open } => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let below = if *half_open { Cmp::Less } else { Cmp::LessOrEqual };
                let (low, low_ty, to) = (self.expr(*low)?, self.type_of(*low), self.body.word());
                self.compared(Cmp::LessOrEqual, to, (low, &low_ty), (certain, of_type));
                self.body.push(Op::JumpIfNot { of: to, label: next });
                let (high, high_ty, to) = (self.expr(*high)?, self.type_of(*high), self.body.word());
                self.compared(below, to, (certain, of_type), (high, &high_ty));
                self.body.push(Op::JumpIfNot { of: to, label: next });
            }
            CellKind::Compare(op, than) => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let (than, than_ty, to) = (self.expr(*than)?, self.type_of(*than), self.body.word());
                self.compared(Cmp::from(*op), to, (certain, of_type), (than, &than_ty));
                self.body.push(Op::JumpIfNot { of: to, label: next });
            }
        }
        Ok(())
    }
}
