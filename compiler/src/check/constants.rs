//! What can be said of constants: sets that can't be made, operations that err for every request, windows of no time and
//! limits that every request exceeds.

use super::Given;
use super::fold::{Fold, Unfolded};
use crate::diagnostic::Diagnostic;
use crate::errors::{rules, syntax};
use crate::hir::{Aggregate, Effect, Expr, ExprId, Limit, Rule, Window};
use crate::source::Span;
use ordain_vm::value::Value;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let (package, fold) = (given.package, Fold::new(given));
    for set in package.sets.iter().filter(|set| !given.is_std(set.head.module)) {
        if let Err(Unfolded::Errs(fault, way)) = fold.of(set.value) {
            // The last step that is written in the set itself.
            let inside = |at: &Span| at.file == set.head.at.file && set.head.at.contains(at.start);
            let mut way = way.iter().map(|part| package.at(*part));
            let part = way.next().unwrap_or(package.at(set.value));
            let at = if inside(&part) { part } else { way.find(inside).unwrap_or(set.head.name.at) };
            found.push(rules::set_errs(at, &set.head.name.text, &fault, part));
        }
    }
    for node in 0..package.exprs.len() as u32 {
        let id = ExprId(node);
        // Whether days are of the clock or of the calendar, their place says.
        if matches!(package.expr(id), Expr::Days(_)) && given.types.literal(package, id).is_none() {
            found.push(syntax::span_too_long(package.at(id)));
        }
    }
    for past in &package.pasts {
        window(given, &fold, &past.window, found);
    }
    for rule in &package.rules {
        if let Effect::Limit(of) = &rule.effect {
            limit(given, &fold, rule, of, found);
        }
    }
    let mut sets: Vec<Span> = package.sets.iter().map(|set| set.head.at).collect();
    sets.sort();
    let in_set = |at: Span| {
        let after = sets.partition_point(|set| (set.file, set.start) <= (at.file, at.start));
        after.checked_sub(1).is_some_and(|before| sets[before].file == at.file && at.start < sets[before].end)
    };
    for node in 0..package.exprs.len() as u32 {
        let id = ExprId(node);
        let at = package.at(id);
        if !is_operation(package.expr(id)) || in_set(at) || given.is_std_file(at) {
            continue;
        }
        let Err(Unfolded::Errs(fault, way)) = fold.of(id) else { continue };
        // What errs because a part of it does, whatever is around that, is said of the part.
        let of_itself = |part: &ExprId| *part != id && matches!(fold.of(*part), Err(Unfolded::Errs(..)));
        if !way.iter().any(of_itself) {
            let part = way.first().map_or(at, |part| package.at(*part));
            found.push(rules::always_errs(at, &given.text(id), &fault, part));
        }
    }
}

fn window(given: &Given<'_>, fold: &Fold<'_>, window: &Window, found: &mut Vec<Diagnostic>) {
    let Window::Within { span, .. } = window else { return };
    let none = match fold.of(*span) {
        Ok(Value::Duration(nanos)) => nanos <= 0,
        Ok(Value::Period(period)) => period.months <= 0 && period.days <= 0 && period.business_days <= 0,
        Ok(_) | Err(_) => false,
    };
    if none {
        found.push(rules::empty_window(given.package.at(*span), &given.text(*span)));
    }
}

/// A request is one of those that a limit counts.
fn limit(given: &Given<'_>, fold: &Fold<'_>, rule: &Rule, limit: &Limit, found: &mut Vec<Diagnostic>) {
    window(given, fold, &limit.window, found);
    let counts = match limit.aggregate {
        Aggregate::Count | Aggregate::Distinct(_) => true,
        Aggregate::Sum(_) => false,
    };
    if counts && matches!(fold.of(limit.at_most), Ok(Value::Int(most)) if most < 1) {
        let most = given.text(limit.at_most);
        found.push(rules::exceeded_by_each(given.package.at(limit.at_most), &rule.head.name.text, &most));
    }
}

/// What may err where its operands don't.
fn is_operation(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Arithmetic(..)
            | Expr::Negate(_)
            | Expr::Index { .. }
            | Expr::Call { .. }
            | Expr::Quantifier(_)
            | Expr::Record { .. }
            | Expr::With { .. }
    )
}
