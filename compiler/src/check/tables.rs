//! Decision tables: every case has a row, no case has two, and no row is without one.
//! Exact for any number of columns: cases are split along the ends that cells name, column by column, and what was found
//! covered once is not looked at again. A table that needs more than `MOST_STEPS` of it wants an `otherwise`.

use super::Given;
use super::values::{Domain, Kind, Present, Values, constant};
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Cell, CellKind, CompareOp, ExprId, LocalKind, Table};
use ordain_vm::value::{Currency, Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Pieces times rows that a table may cost.
const MOST_STEPS: usize = 2_000_000;
/// Overlaps of one table that are worth telling.
const MOST_OVERLAPS: usize = 10;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for table in &given.package.tables {
        if !given.is_std(table.head.module) {
            check_table(given, table, found);
        }
    }
}

/// Rows as boxes: for each column the values that fit.
struct Grid<'a> {
    given: &'a Given<'a>,
    names: Vec<String>,
    domains: Vec<Domain>,
    rows: Vec<Vec<Values>>,
}

fn check_table(given: &Given<'_>, table: &Table, found: &mut Vec<Diagnostic>) {
    let Some(grid) = grid(given, table, found) else { return };
    // As only exception, a last row that fits everything is read as `otherwise`.
    let last_is_otherwise = !table.first_match && grid.rows.last().is_some_and(|row| grid.fits_all(row, 0));
    let rows = if last_is_otherwise { grid.rows.len() - 1 } else { grid.rows.len() };
    if table.first_match {
        for row in 1..rows {
            check_reachable(&grid, table, row, found);
        }
    } else {
        let mut told = BTreeSet::new();
        for (first, second) in grid.candidates(rows) {
            if told.len() < MOST_OVERLAPS && grid.meet(first, second) && told.insert(second) {
                let case = grid.common(first, second);
                found.push(rules::table_overlap(table.rows[second].at, table.rows[first].at, &grid.words(&case)));
            }
        }
    }
    if table.otherwise.is_none() && !last_is_otherwise {
        let all: Vec<Values> = grid.domains.iter().map(Domain::all).collect();
        let rows: Vec<u32> = (0..rows as u32).collect();
        match grid.uncovered(&all, rows) {
            Ok(None) => {}
            Ok(Some(case)) => {
                found.push(rules::table_hole(table.head.name.at, &table.head.name.text, &grid.words(&case)));
            }
            Err(TooMuch) => found.push(rules::table_too_wide(table.head.name.at, &table.head.name.text)),
        }
    }
}

/// With `first match`: is there a case that reaches the row?
fn check_reachable(grid: &Grid<'_>, table: &Table, row: usize, found: &mut Vec<Diagnostic>) {
    let earlier: Vec<u32> = (0..row).filter(|other| grid.meet(*other, row)).map(|other| other as u32).collect();
    if earlier.is_empty() {
        return;
    }
    let whole = earlier.iter().find(|other| grid.within(row, **other as usize));
    if let Some(whole) = whole {
        found.push(rules::row_never_taken(table.rows[row].at, Some(table.rows[*whole as usize].at)));
    } else if let Ok(None) = grid.uncovered(&grid.rows[row], earlier) {
        found.push(rules::row_never_taken(table.rows[row].at, None));
    }
}

/// The table as boxes; `None` where a part of it is wrong or has no values that can be told apart.
fn grid<'a>(given: &'a Given<'a>, table: &Table, found: &mut Vec<Diagnostic>) -> Option<Grid<'a>> {
    let (mut names, mut domains) = (vec![], vec![]);
    for (column, parameter) in table.columns.iter().enumerate() {
        let local = &given.package[*table.params.get(*parameter)?];
        let LocalKind::Param(ty) = &local.kind else { return None };
        names.push(local.name.text.to_string());
        domains.push(Domain::of(given, ty, currency(given, table, column, ty))?);
    }
    let (mut rows, mut good) = (vec![], true);
    for row in &table.rows {
        if row.cells.len() != domains.len() {
            return None;
        }
        let mut cells = vec![];
        for ((cell, domain), (name, parameter)) in row.cells.iter().zip(&domains).zip(names.iter().zip(&table.columns))
        {
            let ordered = is_ordered(given, &given.package[table.params[*parameter]].kind);
            match values(given, cell, domain, ordered) {
                Ok(values) => cells.push(values),
                Err(Wrong::Empty) => found.push(rules::empty_cell(cell.at, name)),
                Err(Wrong::Open) if table.otherwise.is_none() => found.push(rules::text_range(cell.at, name)),
                Err(Wrong::Open | Wrong::Unknown) => {}
            }
        }
        good &= cells.len() == domains.len();
        rows.push(cells);
    }
    good.then_some(Grid { given, names, domains, rows })
}

fn is_ordered(given: &Given<'_>, kind: &LocalKind) -> bool {
    let LocalKind::Param(ty) = kind else { return false };
    match ty.present() {
        Type::Enum(id) => given.package[*id].ordered,
        Type::Int | Type::Decimal | Type::Money(_) | Type::Text(_) => true,
        Type::Date | Type::Time | Type::Instant | Type::Duration => true,
        Type::Unknown | Type::Bool | Type::Period | Type::Country | Type::Currency | Type::Ip | Type::IpRange => false,
        Type::Hours | Type::Calendar | Type::Role | Type::Choice(_) | Type::Record(_) | Type::Entity(_) => false,
        Type::List(..) | Type::Set(_) | Type::Map(..) | Type::Optional(_) => false,
    }
}

/// The one currency of a column of `money`: comparing with any other is an error of evaluation.
fn currency(given: &Given<'_>, table: &Table, column: usize, ty: &Type) -> Option<Currency> {
    if !matches!(ty.present(), Type::Money(None)) {
        return None;
    }
    let mut found = None;
    for cell in table.rows.iter().filter_map(|row| row.cells.get(column)) {
        for id in constants_of(cell) {
            let Some(Value::Money(money)) = constant(given, id) else { return None };
            if *found.get_or_insert(money.currency) != money.currency {
                return None;
            }
        }
    }
    found
}

fn constants_of(cell: &Cell) -> Vec<ExprId> {
    match &cell.kind {
        CellKind::Any | CellKind::Missing => vec![],
        CellKind::OneOf(items) => items.clone(),
        CellKind::Range { low, high, .. } => vec![*low, *high],
        CellKind::Compare(_, value) => vec![*value],
    }
}

/// What is wrong with a cell.
enum Wrong {
    Empty,
    /// Texts have an order, but no next one: what lies between two rows can't be told.
    Open,
    /// It was reported where its type was found.
    Unknown,
}

fn values(given: &Given<'_>, cell: &Cell, domain: &Domain, ordered: bool) -> Result<Values, Wrong> {
    let one = |id: ExprId| constant(given, id).ok_or(Wrong::Unknown);
    let values = match &cell.kind {
        CellKind::Any => return Ok(domain.all()),
        CellKind::Missing if domain.optional => return Ok(domain.missing()),
        CellKind::Missing => return Err(Wrong::Unknown),
        CellKind::OneOf(items) => {
            let mut all = domain.none();
            for item in items {
                all = domain.or(&all, &domain.only(&one(*item)?).ok_or(Wrong::Unknown)?);
            }
            all
        }
        CellKind::Range { .. } if !ordered => return Err(Wrong::Unknown),
        CellKind::Range { .. } if matches!(domain.kind, Kind::Symbols(_)) => return Err(Wrong::Open),
        CellKind::Range { low, high, half_open } => {
            let upper = if *half_open { CompareOp::Less } else { CompareOp::LessOrEqual };
            let (low, high) = (one(*low)?, one(*high)?);
            let low = domain.compare(CompareOp::GreaterOrEqual, &low).ok_or(Wrong::Unknown)?;
            domain.and(&low, &domain.compare(upper, &high).ok_or(Wrong::Unknown)?)
        }
        CellKind::Compare(op, value) => {
            match op {
                CompareOp::Equal | CompareOp::NotEqual => {}
                _ if !ordered => return Err(Wrong::Unknown),
                _ if matches!(domain.kind, Kind::Symbols(_)) => return Err(Wrong::Open),
                CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => {}
            }
            domain.compare(*op, &one(*value)?).ok_or(Wrong::Unknown)?
        }
    };
    if domain.is_empty(&values) { Err(Wrong::Empty) } else { Ok(values) }
}

/// A table that costs more than it may.
struct TooMuch;

impl Grid<'_> {
    fn fits_all(&self, row: &[Values], from: usize) -> bool {
        (from..row.len()).all(|column| self.domains[column].is_all(&row[column]))
    }

    fn meet(&self, a: usize, b: usize) -> bool {
        self.domains.iter().enumerate().all(|(at, domain)| domain.meet(&self.rows[a][at], &self.rows[b][at]))
    }

    fn within(&self, a: usize, b: usize) -> bool {
        self.domains.iter().enumerate().all(|(at, domain)| domain.within(&self.rows[a][at], &self.rows[b][at]))
    }

    fn common(&self, a: usize, b: usize) -> Vec<Values> {
        let column = |(at, domain): (usize, &Domain)| domain.and(&self.rows[a][at], &self.rows[b][at]);
        self.domains.iter().enumerate().map(column).collect()
    }

    /// A case by parameter.
    fn words(&self, case: &[Values]) -> Vec<(String, String)> {
        let value = |(domain, values): (&Domain, &Values)| {
            if domain.is_all(values) {
                return "any".to_string();
            }
            domain.example(self.given, values).unwrap_or_else(|| "any".to_string())
        };
        self.names.iter().cloned().zip(self.domains.iter().zip(case).map(value)).collect()
    }

    /// Pairs of rows that meet in the column that tells most rows apart, in order.
    fn candidates(&self, rows: usize) -> BTreeSet<(usize, usize)> {
        let different = |column: &usize| {
            let mut cells: Vec<String> =
                self.rows[..rows].iter().map(|row| format!("{:?}", row[*column].present)).collect();
            cells.sort();
            cells.dedup();
            cells.len()
        };
        let Some(column) = (0..self.domains.len()).max_by_key(different) else {
            // Without columns every two rows meet.
            return (0..rows).flat_map(|a| (a + 1..rows).map(move |b| (a, b))).collect();
        };
        let mut pairs = BTreeSet::new();
        let mut add = |a: usize, b: usize| pairs.insert((a.min(b), a.max(b)));
        let cells: Vec<(usize, &Values)> = self.rows[..rows].iter().map(|row| &row[column]).enumerate().collect();
        let missing: Vec<usize> = cells.iter().filter(|(_, values)| values.missing).map(|(at, _)| *at).collect();
        for (at, a) in missing.iter().enumerate() {
            missing[at + 1..].iter().for_each(|b| _ = add(*a, *b));
        }
        let (mut stretches, mut named, mut others) = (vec![], BTreeMap::<&Value, Vec<usize>>::new(), vec![]);
        for (at, values) in &cells {
            match &values.present {
                Present::Points(parts) => {
                    if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
                        stretches.push((first.0, last.1, *at));
                    }
                }
                Present::Symbols { but: false, of } => {
                    of.iter().for_each(|value| named.entry(value).or_default().push(*at))
                }
                Present::Symbols { but: true, .. } => others.push(*at),
            }
        }
        stretches.sort();
        let mut open: Vec<(i128, usize)> = vec![];
        for (start, end, at) in stretches {
            open.retain(|(end, _)| *end >= start);
            open.iter().for_each(|(_, other)| _ = add(*other, at));
            open.push((end, at));
        }
        for same in named.values() {
            for (at, a) in same.iter().enumerate() {
                same[at + 1..].iter().for_each(|b| _ = add(*a, *b));
            }
        }
        for other in others {
            (0..rows).filter(|row| *row != other).for_each(|row| _ = add(row, other));
        }
        pairs
    }

    /// A case of `within` that none of the rows fits.
    fn uncovered(&self, within: &[Values], rows: Vec<u32>) -> Result<Option<Vec<Values>>, TooMuch> {
        // From which column on a row fits everything that is looked at.
        let rest = |row: &u32| {
            let cells = &self.rows[*row as usize];
            let fits = |column: &usize| self.domains[*column].within(&within[*column], &cells[*column]);
            (*row, within.len() - (0..within.len()).rev().take_while(fits).count())
        };
        let rest = rows.iter().map(rest).collect();
        let mut search = Search { grid: self, within, rest, covered: FxHashSet::default(), steps: 0 };
        let mut case = vec![];
        Ok(search.uncovered(rows, &mut case)?.then(|| {
            // What was not looked at any more may be anything.
            let more = within[case.len()..].to_vec();
            case.into_iter().chain(more).collect()
        }))
    }
}

struct Search<'a> {
    grid: &'a Grid<'a>,
    within: &'a [Values],
    rest: FxHashMap<u32, usize>,
    /// Column and rows left, where these are known to fit all that is left.
    covered: FxHashSet<(usize, Vec<u32>)>,
    steps: usize,
}

impl Search<'_> {
    /// Columns number at most a few dozen, so the depth of this is bounded by the width of the table.
    fn uncovered(&mut self, rows: Vec<u32>, case: &mut Vec<Values>) -> Result<bool, TooMuch> {
        let column = case.len();
        if rows.is_empty() {
            return Ok(true);
        }
        if rows.iter().any(|row| self.rest[row] <= column) || self.covered.contains(&(column, rows.clone())) {
            return Ok(false);
        }
        for piece in self.pieces(column, &rows) {
            self.steps += rows.len();
            if self.steps > MOST_STEPS {
                return Err(TooMuch);
            }
            let domain = &self.grid.domains[column];
            let fits = |row: &&u32| domain.meet(&self.grid.rows[**row as usize][column], &piece);
            let left = rows.iter().filter(fits).copied().collect();
            case.push(piece);
            if self.uncovered(left, case)? {
                return Ok(true);
            }
            case.pop();
        }
        self.covered.insert((column, rows));
        Ok(false)
    }

    /// The values of a column in pieces that each row has wholly or not at all.
    fn pieces(&self, column: usize, rows: &[u32]) -> Vec<Values> {
        let (domain, within) = (&self.grid.domains[column], &self.within[column]);
        let cells = || rows.iter().map(|row| &self.grid.rows[*row as usize][column]);
        let mut pieces = vec![];
        if within.missing {
            pieces.push(domain.missing());
        }
        match (&within.present, &domain.kind) {
            (Present::Points(parts), Kind::Points(..)) => {
                let mut starts: BTreeSet<i128> = BTreeSet::new();
                for cell in cells() {
                    if let Present::Points(parts) = &cell.present {
                        starts
                            .extend(parts.iter().flat_map(|(start, end)| [Some(*start), end.checked_add(1)]).flatten());
                    }
                }
                for (start, end) in parts {
                    let mut from = *start;
                    for next in starts.range(*start..=*end) {
                        if *next > from {
                            pieces.push(points(from, next - 1));
                            from = *next;
                        }
                    }
                    pieces.push(points(from, *end));
                }
            }
            (present, _) => {
                let mut named: BTreeSet<Value> = BTreeSet::new();
                for cell in cells() {
                    if let Present::Symbols { of, .. } = &cell.present {
                        named.extend(of.iter().cloned());
                    }
                }
                let within = Values { missing: false, present: present.clone() };
                let each =
                    named.iter().map(|value| Present::Symbols { but: false, of: BTreeSet::from([value.clone()]) });
                let others = Present::Symbols { but: true, of: named.clone() };
                for present in each.chain([others]) {
                    let piece = domain.and(&within, &Values { missing: false, present });
                    if !domain.is_empty(&piece) {
                        pieces.push(piece);
                    }
                }
            }
        }
        pieces
    }
}

fn points(start: i128, end: i128) -> Values {
    Values { missing: false, present: Present::Points(vec![(start, end)]) }
}
