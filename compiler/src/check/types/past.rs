//! Quantifiers over lists, sets and history, and the windows of history.
//! What an accumulator can keep is another check's; here conditions are conditions and keys are of their kinds.

use super::narrow::Outcome;
use super::{Checker, operators};
use crate::errors::{
    names as words,
    types::{self as errors, Spot},
};
use crate::hir::{ExprId, Past, PastId, Quantifier, QuantifierKind, Source, Window};
use crate::source::Span;
use ordain_vm::value::Type;

impl Checker<'_> {
    pub(super) fn quantifier(&mut self, at: Span, quantifier: &Quantifier, hint: Option<&Type>) -> (Type, Outcome) {
        let kind = quantifier.kind;
        if let (QuantifierKind::Count, true, [Source::Expr(list)]) =
            (kind, quantifier.vars.is_empty(), quantifier.sources.as_slice())
        {
            self.infer(*list, None);
            self.report(words::no_variable(at, "count"));
            return (Type::Int, Outcome::default());
        }
        for (place, source) in quantifier.sources.iter().enumerate() {
            let element = self.source(source, quantifier.sources.len() > 1);
            if let (Some(var), Source::Expr(_)) = (quantifier.vars.get(place), source) {
                self.types.locals[var.index()] = element;
            }
        }
        if quantifier.vars.len() != quantifier.sources.len() {
            let (vars, sources) = (quantifier.vars.len(), quantifier.sources.len());
            self.report(errors::not_in_step(at, vars, sources));
        }
        let past = quantifier.sources.iter().any(|source| matches!(source, Source::Past(_)));
        let outer = past.then(|| self.keys.begin_entries());
        let mark = self.facts.mark();
        let filter = quantifier.filter.map(|filter| self.condition(filter)).unwrap_or_default();
        self.facts.assume(&filter.yes);
        if let Some(satisfy) = quantifier.satisfy {
            self.condition(satisfy);
        }
        let ty = match quantifier.value {
            Some(value) => self.aggregated(kind, value, &quantifier.sources, hint),
            None => match kind {
                QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => Type::Bool,
                QuantifierKind::Count => Type::Int,
                QuantifierKind::Sum
                | QuantifierKind::Min
                | QuantifierKind::Max
                | QuantifierKind::Average
                | QuantifierKind::Distinct
                | QuantifierKind::Latest
                | QuantifierKind::Earliest => Type::Unknown,
            },
        };
        self.facts.back_to(mark);
        if let Some(outer) = outer {
            self.keys.end_entries(outer);
        }
        let outcome = match kind {
            // Where one was found, what the condition says of the rest holds too.
            QuantifierKind::Any => Outcome { yes: filter.yes, no: vec![] },
            QuantifierKind::None => Outcome { yes: vec![], no: filter.yes },
            _ => Outcome::default(),
        };
        (ty, outcome)
    }

    /// What each element of a source is.
    fn source(&mut self, source: &Source, in_step: bool) -> Type {
        match source {
            Source::Past(past) => {
                if in_step {
                    let at = self.package[*past].at;
                    self.report(errors::past_in_step(at));
                }
                self.past(*past);
                Type::Unknown
            }
            Source::Expr(list) => match self.present(*list, None) {
                Type::List(of, _) => *of,
                Type::Set(of) if !in_step => *of,
                Type::Set(of) => {
                    self.report(errors::set_in_step(self.at(*list), &self.say(*list)));
                    *of
                }
                Type::Unknown => Type::Unknown,
                other => {
                    let name = self.name(&other);
                    self.report(errors::not_many(self.at(*list), &self.say(*list), &name));
                    Type::Unknown
                }
            },
        }
    }

    fn aggregated(&mut self, kind: QuantifierKind, value: ExprId, sources: &[Source], hint: Option<&Type>) -> Type {
        let ty = match kind {
            QuantifierKind::Latest | QuantifierKind::Earliest => self.infer(value, hint),
            _ => self.present(value, hint),
        };
        match kind {
            QuantifierKind::Sum => match self.summed(value, ty) {
                // Of nothing the sum has no currency.
                Type::Money(None) => Type::Money(None).optional(),
                other => other,
            },
            QuantifierKind::Average => match self.summed(value, ty) {
                Type::Int => {
                    self.types.wanted.insert(value, Type::Decimal);
                    Type::Decimal.optional()
                }
                other => other.optional(),
            },
            QuantifierKind::Min | QuantifierKind::Max => {
                if !operators::is_ordered(self.package, &ty) {
                    let name = self.name(&ty);
                    self.report(errors::no_order(self.at(value), &name));
                    return Type::Unknown;
                }
                ty.optional()
            }
            QuantifierKind::Distinct => {
                self.countable(value, &ty);
                Type::Int
            }
            QuantifierKind::Latest | QuantifierKind::Earliest => {
                if let [Source::Expr(list)] = sources {
                    self.report(errors::latest_of_list(self.at(*list), &self.say(*list)));
                }
                ty.optional()
            }
            // The grammar gives these no value.
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => Type::Bool,
            QuantifierKind::Count => Type::Int,
        }
    }

    /// The type of a sum.
    pub(super) fn summed(&mut self, value: ExprId, ty: Type) -> Type {
        match ty {
            Type::Int | Type::Decimal | Type::Money(_) | Type::Duration | Type::Unknown => ty,
            other => {
                let name = self.name(&other);
                self.report(errors::no_sum(self.at(value), &self.say(value), &name));
                Type::Unknown
            }
        }
    }

    /// Values that can be told apart.
    pub(super) fn countable(&mut self, value: ExprId, ty: &Type) {
        if !operators::has_equality(ty) {
            let name = self.name(ty);
            self.report(errors::no_equality(self.at(value), &name));
        }
    }

    pub(super) fn past(&mut self, id: PastId) {
        let package = self.package;
        let past = &package[id];
        self.reads(past.at, "the past");
        self.past_keys(past);
        self.window(&past.window);
    }

    /// `by E` and `on E` can be equal to what an entry has.
    fn past_keys(&mut self, past: &Past) {
        let package = self.package;
        for (key, which) in [(past.by, "actor"), (past.on, "target")] {
            let Some(key) = key else { continue };
            let at = self.at(key);
            let found = self.present(key, None);
            let kinds = match &found {
                Type::Unknown => continue,
                Type::Entity(kinds) => kinds,
                other => {
                    let name = self.name(other);
                    self.report(errors::no_entity(self.at(key), &self.say(key), &name));
                    continue;
                }
            };
            for action in &past.source.actions {
                let action = &package[*action];
                let of = if which == "actor" { &action.by } else { &action.on };
                if of.is_empty() {
                    self.report(words::no_party(at, which, &action.head));
                    break;
                }
            }
            let possible = past.source.any
                || past.source.actions.is_empty()
                || past.source.actions.iter().any(|action| {
                    let action = &package[*action];
                    let of = if which == "actor" { &action.by } else { &action.on };
                    of.is_empty() || of.iter().any(|kind| kinds.contains(kind))
                });
            if !possible {
                let name = self.name(&found);
                self.report(errors::never_a_key(at, &self.say(key), &name, which, &self.say_at(past.source.at)));
            }
        }
    }

    pub(super) fn window(&mut self, window: &Window) {
        match window {
            Window::Within { span, .. } => self.span(*span, "the length of a window"),
            Window::This { .. } | Window::Ever(_) | Window::Error => {}
            Window::Since { past, filter, .. } => {
                // Without a `where` it has the keys of what is counted; whether it can have them is looked at with these.
                if let Some(filter) = filter {
                    self.past_keys(&self.package[*past]);
                    let outer = self.keys.begin_entries();
                    self.condition(*filter);
                    self.keys.end_entries(outer);
                }
            }
        }
    }

    /// A length of time: so many hours, or a period by the calendar. Days are 24 hours each.
    pub(super) fn span(&mut self, span: ExprId, what: &'static str) {
        let found = self.present(span, Some(&Type::Duration));
        if !matches!(found, Type::Duration | Type::Period | Type::Unknown) {
            let name = self.name(&found);
            self.report(errors::misfit(
                self.at(span),
                Spot::The(what),
                "a duration or a period",
                &self.say(span),
                &name,
            ));
        }
    }
}
