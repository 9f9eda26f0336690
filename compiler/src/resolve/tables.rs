//! Decision tables: columns to parameters, cells to values; and the same from a spreadsheet's export.
//! `bodies` calls it; holes, overlaps and malformed rows are found by the checker.
//! A sheet is read by writing each row as a row of a table, so that its cells mean what they mean there.

use super::Resolver;
use super::circles::Node;
use super::exprs::{Hint, dotted};
use super::scope::{Body, Place};
use super::sheets::Sheet;
use crate::ast::{self, CellKind, TableBody};
use crate::errors::names;
use crate::hir::{self, LocalId, LocalKind, ModuleId, TableId};
use crate::source::Span;
use ordain_vm::value::Type;

impl<'a> Resolver<'a> {
    pub(super) fn table(&mut self, id: TableId, module: ModuleId, file: &'a ast::File, table: &'a ast::Table) {
        self.reads.entry(Node::Table(id)).or_default();
        let mut body = Body::new(file, module, Place::Constant);
        let params = self.package[id].params.clone();
        for param in params {
            let name = self.package[param].name.clone();
            self.bind(&mut body, &name, param);
        }
        match &table.body {
            TableBody::Rows { .. } => self.table_body(id, module, file, &table.body),
            TableBody::From(name) => {
                // A name with a filled-in part is no name of a file.
                self.plain(file, name);
                match self.read.get(&table.name.at) {
                    Some(Ok(sheet)) => self.sheet(id, module, sheet),
                    Some(Err(wrong)) => {
                        wrong.iter().for_each(|diagnostic| self.report(diagnostic.clone()));
                        self.hole(id);
                    }
                    None => self.hole(id),
                }
            }
        }
    }

    fn table_body(&mut self, id: TableId, module: ModuleId, file: &'a ast::File, table: &'a TableBody) {
        let TableBody::Rows { first_match, header, rows, otherwise } = table else { return };
        let mut body = Body::new(file, module, Place::Constant);
        body.node = Some(Node::Table(id));
        self.package[id].first_match = *first_match;
        self.columns(id, file, header.as_ref());
        self.rows(id, &mut body, rows);
        let hints = self.result_hints(id);
        if let Some(results) = otherwise {
            if let (Some(first), true) = (results.first(), results.len() != hints.len()) {
                self.report(names::row_width(file.at(*first), (0, results.len()), (0, hints.len())));
            }
            let results = self.results(id, &mut body, results, &hints);
            self.package[id].otherwise = Some(results);
        }
        // With an unknown column nothing more can be said of the rows.
        let params = self.package[id].params.len();
        if self.package[id].columns.contains(&params) {
            self.hole(id);
        }
    }

    /// The same from a sheet, with every place brought back to it.
    fn sheet(&mut self, id: TableId, module: ModuleId, sheet: &'a Sheet) {
        let Some(table) = sheet.body() else { return };
        let (exprs, said) = (self.package.exprs.len(), self.diagnostics.len());
        self.table_body(id, module, &sheet.file, table);
        for node in &mut self.package.exprs[exprs..] {
            node.at = sheet.place(node.at);
            if let hir::Expr::Member(name) = &mut node.expr {
                name.at = sheet.place(name.at);
            }
        }
        for row in &mut self.package[id].rows {
            row.at = sheet.place(row.at);
            row.cells.iter_mut().for_each(|cell| cell.at = sheet.place(cell.at));
        }
        for diagnostic in &mut self.diagnostics[said..] {
            diagnostic.at = sheet.place(diagnostic.at);
            diagnostic.labels.iter_mut().for_each(|label| label.at = sheet.place(label.at));
            // A sheet is mended where it comes from.
            diagnostic.fix = None;
        }
    }

    /// A table of which nothing more can be said.
    fn hole(&mut self, id: TableId) {
        for param in self.package[id].params.clone() {
            self.local_used[param.index()] = true;
        }
        let at = self.package[id].head.name.at;
        let hole = self.error(at);
        let table = &mut self.package[id];
        table.rows.clear();
        table.columns.clear();
        table.results.clear();
        table.otherwise = Some(vec![hole]);
    }

    fn columns(&mut self, id: TableId, file: &ast::File, header: Option<&ast::Row>) {
        let params: Vec<(LocalId, std::sync::Arc<str>)> =
            self.package[id].params.iter().map(|local| (*local, self.package[*local].name.text.clone())).collect();
        let Some(header) = header else {
            self.package[id].columns = (0..params.len()).collect();
            params.iter().for_each(|(local, _)| self.local_used[local.index()] = true);
            return;
        };
        let mut columns = vec![];
        let mut seen: Vec<(usize, Span)> = vec![];
        for cell in &header.cells {
            let name = match &cell.kind {
                CellKind::Value(expr) => match file.expr(*expr) {
                    ast::Expr::Name(name) => Some(name.text.clone()),
                    _ => None,
                },
                CellKind::Any | CellKind::Missing | CellKind::OneOf(_) => None,
                CellKind::Range { .. } | CellKind::Compare(..) => None,
            };
            let text = name.unwrap_or_else(|| self.source(cell.at).slice(cell.at).trim().into());
            match params.iter().position(|(_, name)| *name == text) {
                Some(place) => {
                    if let Some((_, first)) = seen.iter().find(|(other, _)| *other == place) {
                        self.report(names::declared_twice(cell.at, &text, *first));
                    }
                    seen.push((place, cell.at));
                    self.local_used[params[place].0.index()] = true;
                    columns.push(place);
                }
                None => {
                    let near = names::nearest(&text, params.iter().map(|(_, name)| &**name));
                    let near = names::Near::name(near);
                    self.report(names::unknown(cell.at, &text, "a parameter of the table", near));
                    // Keeps the others in their places until the rows are read.
                    columns.push(params.len());
                }
            }
        }
        self.package[id].columns = columns;
        self.package[id].results = self.result_names(id, file, &header.results);
    }

    /// The fields that the result columns fill; none where the one result is the value.
    fn result_names(&mut self, id: TableId, file: &ast::File, results: &[ast::ExprId]) -> Vec<ast::Name> {
        let named: Vec<&ast::Name> = results
            .iter()
            .filter_map(|result| dotted(file, *result).and_then(|parts| parts.first().copied()))
            .collect();
        let Type::Record(record) = self.package[id].returns else { return vec![] };
        let record = &self.package[record];
        let is_field = |name: &ast::Name| record.fields.iter().any(|field| field.name.text == name.text);
        if results.len() == 1 && !named.first().is_some_and(|name| is_field(name)) {
            return vec![];
        }
        let mut result = vec![];
        let mut wrong = vec![];
        for name in named {
            if !is_field(name) {
                let known = record.fields.iter().map(|field| &*field.name.text);
                let of = format!("`{}`", record.head.name.text);
                let diagnostic = names::no_such_field(name.at, &name.text, &of, known);
                wrong.push(diagnostic.rests_on([record.head.at]));
            }
            result.push(name.clone());
        }
        wrong.into_iter().for_each(|diagnostic| self.report(diagnostic));
        result
    }

    fn result_hints(&self, id: TableId) -> Vec<Hint> {
        let table = &self.package[id];
        if table.results.is_empty() {
            return vec![Hint::of(&table.returns)];
        }
        let ty = |name: &ast::Name| self.field_type(&table.returns, &name.text);
        table.results.iter().map(|name| ty(name).map_or(Hint::None, |ty| Hint::of(&ty))).collect()
    }

    fn rows(&mut self, id: TableId, body: &mut Body<'a>, rows: &'a [ast::Row]) {
        let params: Vec<Type> = self.package[id]
            .params
            .iter()
            .map(|local| match &self.package[*local].kind {
                LocalKind::Param(ty) => ty.clone(),
                _ => Type::Unknown,
            })
            .collect();
        let hints: Vec<Hint> =
            self.package[id].columns.iter().map(|column| params.get(*column).map_or(Hint::None, Hint::of)).collect();
        let result_hints = self.result_hints(id);
        let (wide, given) = (hints.len(), result_hints.len());
        for row in rows {
            if row.cells.len() != wide || row.results.len() != given {
                self.report(names::row_width(row.at, (row.cells.len(), row.results.len()), (wide, given)));
            }
            let mut cells = vec![];
            for (at, cell) in row.cells.iter().enumerate() {
                let hint = hints.get(at).copied().unwrap_or(Hint::None);
                cells.push(hir::Cell { kind: self.cell(body, &cell.kind, hint), at: cell.at });
            }
            let results = self.results(id, body, &row.results, &result_hints);
            self.package[id].rows.push(hir::Row { cells, results, at: row.at });
        }
    }

    /// Results are expressions of the parameters.
    fn results(
        &mut self,
        id: TableId,
        body: &mut Body<'a>,
        results: &[ast::ExprId],
        hints: &[Hint],
    ) -> Vec<hir::ExprId> {
        let mark = body.mark();
        for param in self.package[id].params.clone() {
            let name = self.package[param].name.text.clone();
            body.push(&name, param);
        }
        let hint = |at: usize| hints.get(at).copied().unwrap_or(Hint::None);
        let results = results.iter().enumerate().map(|(at, result)| self.expr(body, *result, hint(at))).collect();
        body.pop_to(mark);
        results
    }

    fn cell(&mut self, body: &mut Body<'a>, cell: &'a CellKind, hint: Hint) -> hir::CellKind {
        match cell {
            CellKind::Any => hir::CellKind::Any,
            CellKind::Missing => hir::CellKind::Missing,
            CellKind::Value(value) => hir::CellKind::OneOf(vec![self.expr(body, *value, hint)]),
            CellKind::OneOf(values) => hir::CellKind::OneOf(self.all(body, values, hint)),
            CellKind::Range { low, high, half_open } => {
                let low = self.expr(body, *low, hint);
                hir::CellKind::Range { low, high: self.expr(body, *high, hint), half_open: *half_open }
            }
            CellKind::Compare(op, value) => hir::CellKind::Compare(*op, self.expr(body, *value, hint)),
        }
    }
}
