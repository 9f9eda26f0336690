//! Arms of a `match` that are never reached, since those before leave them nothing.
//! Whether the arms cover everything is settled with their types.

use super::Given;
use super::values::{Domain, constant};
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Arm, Expr, ExprId, Pattern};
use ordain_vm::value::Value;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for node in 0..given.package.exprs.len() as u32 {
        if let Expr::Match { of, arms } = given.package.expr(ExprId(node)) {
            check_match(given, *of, arms, found);
        }
    }
}

fn check_match(given: &Given<'_>, of: ExprId, arms: &[Arm], found: &mut Vec<Diagnostic>) {
    let constants = arms.iter().flat_map(|arm| &arm.patterns).filter_map(|pattern| match pattern {
        Pattern::Value(value) => constant(given, *value),
        Pattern::Any(_) | Pattern::Missing(_) => None,
    });
    let currency = constants.into_iter().find_map(|value| match value {
        Value::Money(money) => Some(money.currency),
        _ => None,
    });
    let Some(domain) = Domain::of(given, given.types.of(of), currency) else { return };
    let mut left = domain.all();
    for arm in arms {
        let mut wanted = domain.none();
        for pattern in &arm.patterns {
            let one = match pattern {
                Pattern::Any(_) => domain.all(),
                Pattern::Missing(_) => domain.missing(),
                Pattern::Value(value) => match constant(given, *value).and_then(|value| domain.only(&value)) {
                    Some(values) => values,
                    None => return,
                },
            };
            wanted = domain.or(&wanted, &one);
        }
        if !domain.meet(&left, &wanted) {
            found.push(rules::arm_never_reached(arm.at));
        }
        left = domain.and(&left, &domain.not(&wanted));
    }
}
