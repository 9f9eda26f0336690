//! Spreadsheet exports as tables: each line is written as a row of a table and read by the parser, so that a cell means
//! what it means there. Places are brought back to the sheet. `tables` resolves what comes of it.
//! Read before anything is resolved, since only names of types are needed to know what stands without quotes.

use crate::ast::{self, ItemKind, TableBody, TypeKind, TypeRef};
use crate::diagnostic::Diagnostic;
use crate::errors::names;
use crate::parse;
use crate::source::{FileId, Source, Span};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// By the place of the table's name: what its sheet says, or why it says nothing.
pub(super) type Sheets = FxHashMap<Span, Result<Sheet, Vec<Diagnostic>>>;

/// A sheet as the file that a table written out would be.
pub(super) struct Sheet {
    pub file: ast::File,
    id: FileId,
    /// Where each cell stands in the table written out, and in the sheet; in order.
    cells: Vec<(u32, u32, Span)>,
}

/// A cell of a sheet.
struct Cell {
    text: String,
    at: Span,
}

pub(super) fn read(sources: &[Source], files: &[ast::File], sheets: &BTreeMap<Arc<str>, FileId>) -> Sheets {
    let mut result = Sheets::default();
    for file in files {
        for item in &file.items {
            let ItemKind::Table(table) = &item.kind else { continue };
            let TableBody::From(name) = &table.body else { continue };
            let Some(name_text) = name.plain() else { continue };
            let sheet = match sheets.get(&name_text) {
                Some(id) => sheet(table, &sources[id.0 as usize], *id, files),
                None => Err(vec![names::no_sheet(name.at, &name_text)]),
            };
            result.insert(table.name.at, sheet);
        }
    }
    result
}

fn sheet(table: &ast::Table, source: &Source, id: FileId, files: &[ast::File]) -> Result<Sheet, Vec<Diagnostic>> {
    let mut lines = lines(&source.text, id).into_iter();
    let start = Span::new(id, 0, 0);
    let Some(header) = lines.next() else { return Err(vec![names::sheet_form(start, "The sheet is empty.")]) };
    let is_param = |cell: &Cell| table.params.iter().any(|param| *param.name.text == *cell.text);
    let left = header.iter().take_while(|cell| is_param(cell)).count();
    if header[left..].iter().any(is_param) {
        let cell = &header[left];
        let near = names::nearest(&cell.text, table.params.iter().map(|param| &*param.name.text));
        let near = names::Near::name(near);
        return Err(vec![Diagnostic {
            fix: None,
            ..names::unknown(cell.at, &cell.text, "a parameter of the table", near)
        }]);
    }
    if left == 0 || left == header.len() {
        let what = "The first line names columns: parameters of the table first, then the result or its fields.";
        return Err(vec![names::sheet_form(row_at(&header, start), what)]);
    }
    let texts: Vec<bool> = header
        .iter()
        .enumerate()
        .map(|(at, cell)| match table.params.iter().find(|param| at < left && *param.name.text == *cell.text) {
            Some(param) => is_text(&param.ty),
            None => is_text(&table.returns) || field_is_text(&table.returns, &cell.text, files),
        })
        .collect();
    let mut written = Written { text: "table t(x: int) -> int {\n".into(), cells: vec![] };
    let mut wrong = vec![];
    written.row(&header, left, |cell, _| name(&cell.text));
    let count = header.len();
    for row in lines {
        let at = row_at(&row, start);
        if row.len() != count {
            let what = format!("This line has {} cells, the first line {count}.", row.len());
            wrong.push(names::sheet_form(at, &what));
        } else if row[0].text.trim() == "otherwise" {
            written.text.push_str("otherwise ");
            written.list(&row[left..], |cell, place| value(&cell.text, texts[left + place]));
            written.text.push('\n');
        } else {
            written.row(&row, left, |cell, place| match cell.text.trim() {
                "" if place < left => (0, "any".into()),
                text => value(text, texts[place]),
            });
        }
    }
    written.text.push_str("}\n");
    let (file, said) = parse::parse(&Source::new(source.name.clone(), written.text), id);
    let sheet = Sheet { file, id, cells: written.cells };
    wrong.extend(said.into_iter().map(|one| names::sheet_form(sheet.place(one.at), &one.message)));
    let is_table = matches!(sheet.file.items.as_slice(), [ast::Item { kind: ItemKind::Table(_), .. }]);
    match wrong.is_empty() {
        true if is_table => Ok(sheet),
        true => Err(vec![names::sheet_form(start, "The lines do not form a table.")]),
        false => Err(wrong),
    }
}

impl Sheet {
    /// The rows of the sheet.
    pub fn body(&self) -> Option<&TableBody> {
        match &self.file.items.first()?.kind {
            ItemKind::Table(table) => Some(&table.body),
            _ => None,
        }
    }

    /// A place of the table written out, in the sheet.
    pub fn place(&self, at: Span) -> Span {
        if at.file != self.id {
            return at;
        }
        let first = self.cells.partition_point(|(_, end, _)| *end <= at.start);
        let start = match self.cells.get(first).or(self.cells.last()) {
            Some((from, _, cell)) => (cell.start + at.start.saturating_sub(*from)).min(cell.end),
            None => 0,
        };
        let last = self.cells.partition_point(|(from, _, _)| *from < at.end);
        let end = match last.checked_sub(1).and_then(|last| self.cells.get(last)) {
            Some((from, _, cell)) => (cell.start + at.end.saturating_sub(*from)).min(cell.end),
            None => start,
        };
        Span::new(self.id, start, end)
    }
}

/// The table as it would be written, and where its cells come from.
struct Written {
    text: String,
    cells: Vec<(u32, u32, Span)>,
}

impl Written {
    fn row(&mut self, cells: &[Cell], left: usize, write: impl Fn(&Cell, usize) -> (u32, String)) {
        for (place, cell) in cells[..left].iter().enumerate() {
            self.text.push_str("| ");
            self.cell(cell, write(cell, place));
            self.text.push(' ');
        }
        self.text.push_str("|| ");
        self.list(&cells[left..], |cell, place| write(cell, left + place));
        self.text.push_str(" |\n");
    }

    fn list(&mut self, cells: &[Cell], write: impl Fn(&Cell, usize) -> (u32, String)) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.text.push_str(", ");
            }
            self.cell(cell, write(cell, place));
        }
    }

    /// `skip`: the characters before the cell's own text.
    fn cell(&mut self, cell: &Cell, (skip, text): (u32, String)) {
        let start = self.text.len() as u32;
        self.text.push_str(&text);
        let end = self.text.len() as u32;
        self.cells.push(((start + skip).min(end), end, cell.at));
    }
}

fn row_at(row: &[Cell], start: Span) -> Span {
    match (row.first(), row.last()) {
        (Some(first), Some(last)) => first.at.to(last.at),
        _ => start,
    }
}

/// The name of a column; in backticks where it is no plain word.
fn name(text: &str) -> (u32, String) {
    let text = text.trim();
    let plain = text.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if plain { (0, text.to_string()) } else { (1, format!("`{}`", text.replace(['`', '\n'], " "))) }
}

/// A cell as it is written in a table: a text without quotes gets them.
fn value(text: &str, is_text: bool) -> (u32, String) {
    let text = text.trim();
    if is_text && let Some(items) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        let items: Vec<String> = items.split(',').map(|item| value(item, true).1).collect();
        return (0, format!("{{{}}}", items.join(", ")));
    }
    let written = text.starts_with(['"', '\'', '<', '>', '=']) || text.starts_with("is ") || text.starts_with("!=");
    if !is_text || written || matches!(text, "any" | "missing") {
        // A bar would end the cell, and a line end the row.
        return (0, text.replace(['|', '\n', '\r'], " "));
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' | '{' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => {}
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    (1, quoted)
}

fn is_text(ty: &TypeRef) -> bool {
    match &ty.kind {
        TypeKind::Optional(of) => is_text(of),
        TypeKind::Named(path) => matches!(path.parts.as_slice(), [name] if &*name.text == "text"),
        TypeKind::Generic { name, .. } => &*name.text == "text",
        TypeKind::Error => false,
    }
}

fn field_is_text(returns: &TypeRef, field: &str, files: &[ast::File]) -> bool {
    let TypeKind::Named(path) = &returns.kind else { return false };
    let Some(last) = path.parts.last() else { return false };
    let records = files.iter().flat_map(|file| &file.items).filter_map(|item| match &item.kind {
        ItemKind::Record { name, fields } if name.text == last.text => Some(fields),
        _ => None,
    });
    records.flatten().any(|own| &*own.name.text == field && is_text(&own.ty))
}

/// The lines of a comma-separated file, as RFC 4180 says; empty lines are left out.
fn lines(text: &str, id: FileId) -> Vec<Vec<Cell>> {
    let bytes = text.as_bytes();
    let (mut lines, mut line) = (vec![], vec![]);
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < bytes.len() {
        let (cell, end) = if bytes[at] == b'"' { quoted_cell(text, id, at) } else { plain_cell(text, id, at) };
        line.push(cell);
        at = end;
        match bytes.get(at) {
            Some(b',') => {
                at += 1;
                if at == bytes.len() {
                    line.push(Cell { text: String::new(), at: Span::new(id, at as u32, at as u32) });
                }
            }
            _ => {
                at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.retain(|line: &Vec<Cell>| line.len() > 1 || line.iter().any(|cell| !cell.text.trim().is_empty()));
    lines
}

fn plain_cell(text: &str, id: FileId, start: usize) -> (Cell, usize) {
    let end = text[start..].find([',', '\n', '\r']).map_or(text.len(), |length| start + length);
    let inner = text[start..end].trim();
    let from = start + (text[start..end].len() - text[start..end].trim_start().len());
    let at = Span::new(id, from as u32, (from + inner.len()) as u32);
    (Cell { text: inner.to_string(), at }, end)
}

fn quoted_cell(text: &str, id: FileId, start: usize) -> (Cell, usize) {
    let (mut value, mut at) = (String::new(), start + 1);
    while let Some(length) = text[at..].find('"') {
        value.push_str(&text[at..at + length]);
        at += length + 1;
        if !text[at..].starts_with('"') {
            let cell = Cell { text: value, at: Span::new(id, start as u32 + 1, at as u32 - 1) };
            // What stands behind the closing quote up to the comma is left out.
            let end = text[at..].find([',', '\n', '\r']).map_or(text.len(), |length| at + length);
            return (cell, end);
        }
        value.push('"');
        at += 1;
    }
    value.push_str(&text[at..]);
    (Cell { text: value, at: Span::new(id, start as u32 + 1, text.len() as u32) }, text.len())
}
