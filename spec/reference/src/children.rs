//! The parts of an expression, in the order of the text, and whether a part mentions certain names.
//! `past` asks, to tell a key equality from a condition on the entry alone. Defines are not followed.

use ordain_compiler::hir::{Callee, Expr, ExprId, LocalId, Package, PastId, Pattern, Quantifier, Source};
use ordain_compiler::hir::{TemplatePart, Window};

/// True where the expression uses one of these names.
pub fn mentions(package: &Package, id: ExprId, names: &[LocalId]) -> bool {
    match package.expr(id) {
        Expr::Local(local) | Expr::Entry { entry: local, .. } => names.contains(local),
        other => children(package, other).iter().any(|child| mentions(package, *child, names)),
    }
}

/// What stands directly in it.
pub fn children(package: &Package, expr: &Expr) -> Vec<ExprId> {
    match expr {
        Expr::Error
        | Expr::Bool(_)
        | Expr::Int(_)
        | Expr::Decimal(_)
        | Expr::Money(..)
        | Expr::Text(_)
        | Expr::Date(_)
        | Expr::Time(_)
        | Expr::Instant(_)
        | Expr::Duration(_)
        | Expr::Period(_)
        | Expr::Days(_)
        | Expr::Local(_)
        | Expr::Actor
        | Expr::Target
        | Expr::Now
        | Expr::Today
        | Expr::Arg(_)
        | Expr::Session
        | Expr::RequestId
        | Expr::Context(_)
        | Expr::Action
        | Expr::Member(_)
        | Expr::EnumMember(..)
        | Expr::Role(_)
        | Expr::Set(_)
        | Expr::Data(_)
        | Expr::Entry { .. } => vec![],
        Expr::Template(parts) => parts
            .iter()
            .filter_map(|part| match part {
                TemplatePart::Plain(_) => None,
                TemplatePart::Filled(id) => Some(*id),
            })
            .collect(),
        Expr::Field { of, .. }
        | Expr::Not(of)
        | Expr::Negate(of)
        | Expr::Matches(of, _)
        | Expr::Like(of, _)
        | Expr::IsPresent(of)
        | Expr::IsA(of, _)
        | Expr::ComesFrom { of, .. }
        | Expr::Convert { of, .. } => vec![*of],
        Expr::Index { of: a, key: b }
        | Expr::OrElse(a, b)
        | Expr::Arithmetic(_, a, b)
        | Expr::Age { of: a, than: b, .. }
        | Expr::In { element: a, of: b }
        | Expr::StartsWith(a, b)
        | Expr::EndsWith(a, b)
        | Expr::Contains(a, b)
        | Expr::Within { of: a, range: b } => vec![*a, *b],
        Expr::Near { of, span, center } => vec![*of, *span, *center],
        Expr::Call { callee: Callee::Define(_) | Callee::Table(_) | Callee::Builtin(_), args } => args.clone(),
        Expr::Entity { id, parents, attributes, .. } => {
            let attributes = attributes.iter().map(|(_, value)| *value);
            std::iter::once(*id).chain(parents.iter().copied()).chain(attributes).collect()
        }
        Expr::Record { fields, .. } => fields.iter().map(|(_, value)| *value).collect(),
        Expr::With { of, fields } => std::iter::once(*of).chain(fields.iter().map(|(_, value)| *value)).collect(),
        Expr::List(items) | Expr::SetOf(items) | Expr::And(items) | Expr::Or(items) => items.clone(),
        Expr::MapOf(items) => items.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        Expr::Compare { operands, .. } => operands.clone(),
        Expr::BelongsTo { of, groups } => std::iter::once(*of).chain(groups.iter().copied()).collect(),
        Expr::If { condition, then, otherwise } => vec![*condition, *then, *otherwise],
        Expr::Match { of, arms } => {
            let mut parts = vec![*of];
            for arm in arms {
                for pattern in &arm.patterns {
                    match pattern {
                        Pattern::Value(value) => parts.push(*value),
                        Pattern::Any(_) | Pattern::Missing(_) => {}
                    }
                }
                parts.push(arm.value);
            }
            parts
        }
        Expr::Let { bindings, body } => {
            bindings.iter().map(|(_, value)| *value).chain(std::iter::once(*body)).collect()
        }
        Expr::Quantifier(quantifier) => of_quantifier(package, quantifier),
    }
}

fn of_quantifier(package: &Package, quantifier: &Quantifier) -> Vec<ExprId> {
    let mut parts: Vec<ExprId> = quantifier.value.into_iter().collect();
    for source in &quantifier.sources {
        match source {
            Source::Expr(id) => parts.push(*id),
            Source::Past(past) => parts.extend(of_past(package, *past)),
        }
    }
    parts.extend(quantifier.filter);
    parts.extend(quantifier.satisfy);
    parts
}

fn of_past(package: &Package, past: PastId) -> Vec<ExprId> {
    let past = &package[past];
    let mut parts: Vec<ExprId> = past.by.into_iter().chain(past.on).collect();
    match &past.window {
        Window::Within { span, .. } => parts.push(*span),
        Window::Since { filter, .. } => parts.extend(*filter),
        Window::This { .. } | Window::Ever(_) | Window::Error => {}
    }
    parts
}
