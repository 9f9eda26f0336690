//! When duties are due: deadlines, `once done`, and the marks of limits.

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{DutyClause, Expr, ExprId, Rule};
use ordain_vm::value::Decimal;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &given.package.rules {
        for clause in &rule.duties {
            check_clause(given, rule, clause, found);
        }
    }
}

fn check_clause(given: &Given<'_>, rule: &Rule, clause: &DutyClause, found: &mut Vec<Diagnostic>) {
    let duty = &given.package[clause.call.duty].head.name.text;
    if let (Some(otherwise), None) = (&clause.otherwise, clause.within) {
        found.push(rules::otherwise_without_within(otherwise.at, duty));
    }
    if let Some(within) = clause.within
        && is_no_time(given, within)
    {
        found.push(rules::no_time_for_duty(given.package.at(within), duty));
    }
    let on_event = rule.on.iter().any(|action| given.package[*action].event);
    if clause.once_done && on_event {
        found.push(rules::once_done_on_event(given.find(clause.at, "once", "done", clause.call.at), duty));
    }
    if let Some(mark) = clause.mark
        && is_outside(given, mark)
    {
        found.push(rules::mark_outside(given.package.at(mark), &given.text(mark)));
    }
}

/// A literal length of time of nothing or less.
pub(super) fn is_no_time(given: &Given<'_>, id: ExprId) -> bool {
    match given.package.expr(id) {
        Expr::Duration(nanos) => *nanos <= 0,
        Expr::Days(days) => *days <= 0,
        Expr::Period(period) => period.months <= 0 && period.days <= 0 && period.business_days <= 0,
        Expr::Negate(inner) => {
            matches!(given.package.expr(*inner), Expr::Duration(_) | Expr::Days(_) | Expr::Period(_))
                && !is_no_time(given, *inner)
        }
        _ => false,
    }
}

/// A literal that is no share between nothing and all.
fn is_outside(given: &Given<'_>, mark: ExprId) -> bool {
    match given.package.expr(mark) {
        Expr::Decimal(share) => *share <= Decimal::ZERO || *share > Decimal::ONE,
        Expr::Int(share) => *share != 1,
        Expr::Negate(_) => true,
        _ => false,
    }
}
