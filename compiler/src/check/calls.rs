//! Defines, tables, sets and `let`s that lead through one another: how deep, and how much that is when all is laid out.
//! Without this a short text could ask an engine for more steps, or a deeper stack, than there are.

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::parts::parts;
use crate::hir::{Callee, CellKind, DefineId, Expr, ExprId, LocalId, LocalKind, Package, SetId, TableId};
use crate::source::Span;
use rustc_hash::FxHashMap;

/// Names may lead through one another so deep. Engines have room for that and for no more.
const MAX_CALLS: u32 = 64;
/// An expression may come to so many parts, with those of all that it calls.
const MAX_PARTS: u64 = 1_000_000;

/// What has a name and is evaluated where the name stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Named {
    Define(DefineId),
    Table(TableId),
    Set(SetId),
    Let(LocalId),
}

/// How deep what is named leads, and how many parts it comes to.
#[derive(Clone, Copy)]
struct Extent {
    depth: u32,
    parts: u64,
}

pub fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let package = given.package;
    let defines = (0..package.defines.len() as u32).map(|at| Named::Define(DefineId(at)));
    let tables = (0..package.tables.len() as u32).map(|at| Named::Table(TableId(at)));
    let sets = (0..package.sets.len() as u32).map(|at| Named::Set(SetId(at)));
    let lets = (0..package.locals.len() as u32).map(|at| Named::Let(LocalId(at)));
    let mut known: FxHashMap<Named, Extent> = FxHashMap::default();
    for root in defines.chain(tables).chain(sets).chain(lets) {
        measure(package, root, &mut known, found);
    }
    for rule in &package.rules {
        let own = rule.conditions.iter().map(|condition| condition.expr);
        let total = own.fold(0, |total: u64, expr| total.saturating_add(laid_out(package, expr, &known).parts));
        if total > MAX_PARTS {
            found.push(rules::too_much_laid_out(rule.head.name.at, &rule.head.name.text, MAX_PARTS));
        }
    }
}

/// Works out what a name leads to, and before it all that it needs. Circles were reported where names were settled.
fn measure(package: &Package, root: Named, known: &mut FxHashMap<Named, Extent>, found: &mut Vec<Diagnostic>) {
    let mut open = vec![(root, false)];
    while let Some((named, needs_are_known)) = open.pop() {
        if !needs_are_known {
            if known.contains_key(&named) {
                continue;
            }
            // What comes back to it meanwhile is a circle.
            known.insert(named, Extent { depth: 0, parts: 1 });
            open.push((named, true));
            for expr in exprs(package, named) {
                uses(package, expr, &mut |used| open.push((used, false)));
            }
            continue;
        }
        let mut extent = Extent { depth: 1, parts: 1 };
        for expr in exprs(package, named) {
            let of = laid_out(package, expr, known);
            extent.depth = extent.depth.max(of.depth + 1);
            extent.parts = extent.parts.saturating_add(of.parts);
        }
        // Told once: whoever calls it goes on as if it were within the bounds.
        if extent.depth > MAX_CALLS {
            let (at, name) = head(package, named);
            found.push(rules::calls_too_deep(at, name, MAX_CALLS));
            extent.depth = 1;
        }
        if extent.parts > MAX_PARTS {
            let (at, name) = head(package, named);
            found.push(rules::too_much_laid_out(at, name, MAX_PARTS));
            extent.parts = 1;
        }
        known.insert(named, extent);
    }
}

/// The depth of the names in an expression, and its parts with theirs. A `let` is evaluated once, so that naming it is one.
fn laid_out(package: &Package, expr: ExprId, known: &FxHashMap<Named, Extent>) -> Extent {
    let mut extent = Extent { depth: 0, parts: 0 };
    let mut open = vec![expr];
    while let Some(id) = open.pop() {
        extent.parts = extent.parts.saturating_add(1);
        if let Some(named) = used(package, id)
            && let Some(of) = known.get(&named)
        {
            extent.depth = extent.depth.max(of.depth);
            if !matches!(named, Named::Let(_) | Named::Set(_)) {
                extent.parts = extent.parts.saturating_add(of.parts);
            }
        }
        parts(package, id, &mut |part| open.push(part));
    }
    extent
}

fn uses(package: &Package, expr: ExprId, each: &mut impl FnMut(Named)) {
    let mut open = vec![expr];
    while let Some(id) = open.pop() {
        if let Some(named) = used(package, id) {
            each(named);
        }
        parts(package, id, &mut |part| open.push(part));
    }
}

/// What an expression names, where that is evaluated.
fn used(package: &Package, id: ExprId) -> Option<Named> {
    match package.expr(id) {
        Expr::Call { callee: Callee::Define(define), .. } => Some(Named::Define(*define)),
        Expr::Call { callee: Callee::Table(table), .. } => Some(Named::Table(*table)),
        Expr::Set(set) => Some(Named::Set(*set)),
        Expr::Local(local) if matches!(package[*local].kind, LocalKind::Let(_)) => Some(Named::Let(*local)),
        _ => None,
    }
}

fn exprs(package: &Package, named: Named) -> Vec<ExprId> {
    match named {
        Named::Define(define) => vec![package[define].body],
        Named::Set(set) => vec![package[set].value],
        Named::Let(local) => match package[local].kind {
            LocalKind::Let(value) => vec![value],
            _ => vec![],
        },
        Named::Table(table) => {
            let table = &package[table];
            let mut all: Vec<ExprId> = table.otherwise.iter().flatten().copied().collect();
            for row in &table.rows {
                all.extend(&row.results);
                for cell in &row.cells {
                    match &cell.kind {
                        CellKind::Any | CellKind::Missing => {}
                        CellKind::OneOf(values) => all.extend(values),
                        CellKind::Range { low, high, .. } => all.extend([low, high]),
                        CellKind::Compare(_, value) => all.push(*value),
                    }
                }
            }
            all
        }
    }
}

fn head(package: &Package, named: Named) -> (Span, &str) {
    let name = match named {
        Named::Define(define) => &package[define].head.name,
        Named::Table(table) => &package[table].head.name,
        Named::Set(set) => &package[set].head.name,
        Named::Let(local) => &package[local].name,
    };
    (name.at, &name.text)
}
