//! Sets, tables and defines: declarations whose parts are expressions.
//! Types each of them on its own: nothing is known in them besides their parameters.

use super::{Checker, Scope, operators};
use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::errors::types::{self as errors, Spot};
use crate::hir::{Cell, CellKind, CompareOp, Define, ExprId, Row, Set, Table};
use ordain_vm::value::Type;

impl<'a> Checker<'a> {
    pub(super) fn sets(&mut self) {
        let package = self.package;
        for Set { head, ty, value } in &package.sets {
            self.expect(*value, ty, Spot::Value(&head.name.text));
        }
    }

    pub(super) fn defines(&mut self) {
        let package = self.package;
        self.scope = Scope::default();
        for Define { head, returns, body, .. } in &package.defines {
            self.begin_reads();
            match returns {
                Some(ty) => self.expect(*body, ty, Spot::Value(&head.name.text)),
                None => {
                    self.condition(*body);
                }
            }
            self.end_reads();
        }
        self.exports();
    }

    pub(super) fn tables(&mut self) {
        let package = self.package;
        for table in &package.tables {
            let columns: Vec<Type> = table
                .columns
                .iter()
                .map(|at| table.params.get(*at).map_or(Type::Unknown, |param| self.types.of_local(*param).clone()))
                .collect();
            let results = self.table_results(table);
            for Row { cells, results: found, .. } in &table.rows {
                for (cell, ty) in cells.iter().zip(&columns) {
                    self.cell(cell, ty);
                }
                self.row_results(table, found, &results);
            }
            if let Some(otherwise) = &table.otherwise {
                self.row_results(table, otherwise, &results);
            }
        }
    }

    /// The types of the result columns.
    fn table_results(&mut self, table: &'a Table) -> Vec<Type> {
        if table.results.is_empty() {
            return vec![table.returns.clone()];
        }
        let Type::Record(record) = &table.returns else {
            if table.returns != Type::Unknown {
                let ty = self.name(&table.returns);
                self.report(errors::results_without_record(table.head.name.at, &table.head.name.text, &ty));
            }
            return vec![];
        };
        let record = &self.package[*record];
        let fields = &record.fields;
        let known = |name: &crate::hir::Name| fields.iter().any(|field| field.name.text == name.text);
        // A column that is no field was said, and may be what lacks.
        let lacking = if table.results.iter().all(known) { fields.as_slice() } else { &[] };
        for field in lacking {
            let given = table.results.iter().any(|name| name.text == field.name.text);
            if !given && !field.ty.is_optional() {
                self.report(errors::field_left_out(table.head.name.at, &record.head, &field.name.text));
            }
        }
        table
            .results
            .iter()
            .map(|name| match record.fields.iter().find(|field| field.name.text == name.text) {
                Some(field) => field.ty.clone(),
                // Said where the names of columns were looked up.
                None => Type::Unknown,
            })
            .collect()
    }

    fn row_results(&mut self, table: &'a Table, found: &[ExprId], results: &[Type]) {
        for (at, (result, ty)) in found.iter().zip(results).enumerate() {
            match table.results.get(at) {
                Some(name) => self.expect(*result, ty, Spot::Field { of: &table.head.name.text, field: &name.text }),
                None => self.expect(*result, ty, Spot::Value(&table.head.name.text)),
            }
        }
    }

    fn cell(&mut self, cell: &'a Cell, column: &Type) {
        let ty = column.present();
        match &cell.kind {
            CellKind::Any => {}
            CellKind::Missing => {
                if !column.is_optional() && *column != Type::Unknown {
                    let name = self.name(column);
                    let cell = errors::never_missing(cell.at, &name);
                    self.report(Diagnostic { code: Code::E0412, ..cell });
                }
            }
            CellKind::OneOf(values) => {
                for value in values {
                    self.expect(*value, ty, Spot::The("a cell of this column"));
                }
                if !operators::has_equality(ty) {
                    let name = self.name(ty);
                    self.report(errors::no_equality(cell.at, &name));
                }
            }
            CellKind::Range { low, high, .. } => {
                self.ordered_cell(cell, ty);
                self.expect(*low, ty, Spot::The("the start of this range"));
                self.expect(*high, ty, Spot::The("the end of this range"));
            }
            CellKind::Compare(op, value) => {
                match op {
                    CompareOp::Equal | CompareOp::NotEqual => {}
                    CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => {
                        self.ordered_cell(cell, ty);
                    }
                }
                self.expect(*value, ty, Spot::The("a cell of this column"));
            }
        }
    }

    fn ordered_cell(&mut self, cell: &Cell, ty: &Type) {
        if !operators::is_ordered(self.package, ty) {
            let name = self.name(ty);
            let cell = errors::no_order(cell.at, &name);
            self.report(Diagnostic { code: Code::E0412, ..cell });
        }
    }
}
