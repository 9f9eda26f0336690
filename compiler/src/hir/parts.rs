//! The parts of an expression, those of a reading of the past included; defines are not followed.
//! Checks that look for something anywhere in a condition use it, and the reference engine to tell what mentions an entry.

use super::{Expr, ExprId, Package, PastId, Pattern, Quantifier, Source, TemplatePart, Window};

/// The operands of an expression in the order of the text.
pub fn parts(package: &Package, id: ExprId, each: &mut impl FnMut(ExprId)) {
    match package.expr(id) {
        Expr::Error | Expr::Bool(_) | Expr::Int(_) | Expr::Decimal(_) | Expr::Money(..) | Expr::Text(_) => {}
        Expr::Date(_) | Expr::Time(_) | Expr::Instant(_) | Expr::Duration(_) | Expr::Period(_) | Expr::Days(_) => {}
        Expr::Local(_) | Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Arg(_) | Expr::Session => {}
        Expr::RequestId | Expr::Context(_) | Expr::Member(_) | Expr::EnumMember(..) => {}
        Expr::Role(_) | Expr::Set(_) | Expr::Data(_) | Expr::Entry { .. } => {}
        Expr::Template(pieces) => {
            for piece in pieces {
                match piece {
                    TemplatePart::Plain(_) => {}
                    TemplatePart::Filled(filled) => each(*filled),
                }
            }
        }
        Expr::Field { of, .. } | Expr::Matches(of, _) | Expr::Like(of, _) | Expr::IsPresent(of) => each(*of),
        Expr::IsA(of, _) | Expr::ComesFrom { of, .. } | Expr::Convert { of, .. } => each(*of),
        Expr::Not(inner) | Expr::Negate(inner) => each(*inner),
        Expr::Index { of, key } => [*of, *key].into_iter().for_each(each),
        Expr::Call { args, .. } => args.iter().copied().for_each(each),
        Expr::Entity { id, parents, attributes, .. } => {
            each(*id);
            parents.iter().copied().for_each(&mut *each);
            attributes.iter().for_each(|(_, value)| each(*value));
        }
        Expr::Record { fields, .. } => fields.iter().for_each(|(_, value)| each(*value)),
        Expr::With { of, fields } => {
            each(*of);
            fields.iter().for_each(|(_, value)| each(*value));
        }
        Expr::List(items) | Expr::SetOf(items) | Expr::And(items) | Expr::Or(items) => {
            items.iter().copied().for_each(each);
        }
        Expr::MapOf(entries) => entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(each),
        Expr::OrElse(a, b) | Expr::Arithmetic(_, a, b) | Expr::StartsWith(a, b) | Expr::EndsWith(a, b) => {
            [*a, *b].into_iter().for_each(each);
        }
        Expr::Contains(a, b) => [*a, *b].into_iter().for_each(each),
        Expr::Compare { operands, .. } => operands.iter().copied().for_each(each),
        Expr::Age { of, than, .. } => [*of, *than].into_iter().for_each(each),
        Expr::In { element, of } => [*element, *of].into_iter().for_each(each),
        Expr::BelongsTo { of, groups } => {
            each(*of);
            groups.iter().copied().for_each(each);
        }
        Expr::Near { of, span, center } => [*of, *span, *center].into_iter().for_each(each),
        Expr::Within { of, range } => [*of, *range].into_iter().for_each(each),
        Expr::If { condition, then, otherwise } => [*condition, *then, *otherwise].into_iter().for_each(each),
        Expr::Match { of, arms } => {
            each(*of);
            for arm in arms {
                for pattern in &arm.patterns {
                    match pattern {
                        Pattern::Any(_) | Pattern::Missing(_) => {}
                        Pattern::Value(value) => each(*value),
                    }
                }
                each(arm.value);
            }
        }
        Expr::Let { bindings, body } => {
            bindings.iter().for_each(|(_, value)| each(*value));
            each(*body);
        }
        Expr::Quantifier(quantifier) => quantifier_parts(package, quantifier, each),
    }
}

fn quantifier_parts(package: &Package, quantifier: &Quantifier, each: &mut impl FnMut(ExprId)) {
    for source in &quantifier.sources {
        match source {
            Source::Expr(list) => each(*list),
            Source::Past(past) => past_parts(package, *past, each),
        }
    }
    quantifier.filter.into_iter().chain(quantifier.satisfy).chain(quantifier.value).for_each(each);
}

/// What a reading of the past is asked with: its keys and its window.
pub fn past_parts(package: &Package, id: PastId, each: &mut impl FnMut(ExprId)) {
    let past = &package[id];
    past.by.into_iter().chain(past.on).for_each(&mut *each);
    window_parts(&past.window, each);
}

pub fn window_parts(window: &Window, each: &mut impl FnMut(ExprId)) {
    match window {
        Window::Within { span, .. } => each(*span),
        Window::Since { filter, .. } => filter.iter().copied().for_each(each),
        Window::This { .. } | Window::Ever(_) | Window::Error => {}
    }
}
