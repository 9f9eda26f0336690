//! hir -> Types: the type of every expression, what bare names turn out to be, and where values are widened.
//! `check` calls it first; the other checks and the engines read what it found.
//! Types flow both ways: an expression is asked for one with the type that its place expects. One mistake is said
//! once: what came of it is `Type::Unknown`, which fits everything.

mod calls;
mod exports;
mod expr;
mod fields;
mod fit;
mod fixtures;
pub(crate) mod names;
mod narrow;
pub mod operators;
mod origins;
mod past;
mod rules;
mod tables;
#[cfg(test)]
mod tests;

use crate::check::Types;
use crate::diagnostic::Diagnostic;
use crate::errors::types::{self as errors, Spot};
use crate::hir::{ActionId, Expr, ExprId, LocalKind, Package, PolicyId};
use crate::source::{Source, Span};
use fit::{Fit, Misfit};
use narrow::{Facts, Key, Keys, Outcome};
use ordain_vm::value::Type;

pub fn infer(package: &Package, sources: &[Source]) -> (Types, Vec<Diagnostic>) {
    let mut checker = Checker::new(package, sources);
    checker.sets();
    checker.tables();
    checker.defines();
    checker.policies();
    checker.fixtures();
    checker.tests();
    (checker.types, checker.found)
}

/// What the walk over a package knows and has found.
struct Checker<'a> {
    package: &'a Package,
    sources: &'a [Source],
    types: Types,
    found: Vec<Diagnostic>,
    scope: Scope<'a>,
    facts: Facts,
    keys: Keys,
    reads: exports::Reads,
}

/// Where the walk is.
#[derive(Clone, Copy, Default)]
struct Scope<'a> {
    /// What the rule is on: `actor`, `target` and arguments are theirs.
    actions: &'a [ActionId],
    policy: Option<PolicyId>,
    /// In a fixture or test, where entities have attributes and parents.
    fixture: bool,
}

impl<'a> Checker<'a> {
    fn new(package: &'a Package, sources: &'a [Source]) -> Checker<'a> {
        let declared = |kind: &LocalKind| match kind {
            LocalKind::Param(ty) => ty.clone(),
            LocalKind::Approver(kinds) if !kinds.is_empty() => Type::Entity(kinds.clone()),
            LocalKind::Approver(_) => Type::Entity(fields::all_kinds(package)),
            LocalKind::Let(_) | LocalKind::Element(_) | LocalKind::Entry(_) | LocalKind::Since(_) => Type::Unknown,
        };
        let types = Types {
            exprs: vec![Type::Unknown; package.exprs.len()],
            locals: package.locals.iter().map(|local| declared(&local.kind)).collect(),
            ..Types::default()
        };
        Checker {
            package,
            sources,
            types,
            found: vec![],
            scope: Scope::default(),
            facts: Facts::default(),
            keys: Keys::default(),
            reads: exports::Reads::default(),
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    fn at(&self, id: ExprId) -> Span {
        self.package.at(id)
    }

    /// The author's own words for an expression, where they are short: `` `target.owner` ``.
    fn say(&self, id: ExprId) -> String {
        self.say_at(self.at(id))
    }

    fn say_at(&self, at: Span) -> String {
        let text = self.sources.get(at.file.0 as usize).map_or("", |source| source.slice(at));
        let short = !text.is_empty() && text.len() <= 48 && !text.contains(['\n', '`']);
        if short { format!("`{text}`") } else { "this".to_string() }
    }

    fn name(&self, ty: &Type) -> String {
        names::one(self.package, ty)
    }

    /// Types what must be of a type, and says so where it is not.
    fn expect(&mut self, id: ExprId, want: &Type, spot: Spot<'_>) {
        let found = self.infer(id, Some(want));
        self.coerce(id, &found, want, spot);
    }

    /// The expression stands where `want` is wanted: notes the widening, or says why it does not fit.
    fn coerce(&mut self, id: ExprId, found: &Type, want: &Type, spot: Spot<'_>) {
        match fit::fit(found, want) {
            Fit::Same => self.bounds(id, want),
            Fit::Widens => {
                self.bounds(id, want);
                self.types.wanted.insert(id, want.clone());
            }
            Fit::No(misfit) => self.misfit(id, found, want, misfit, spot),
        }
    }

    fn misfit(&mut self, id: ExprId, found: &Type, want: &Type, misfit: Misfit, spot: Spot<'_>) {
        let element = match (self.package.expr(id), want.present()) {
            (Expr::List(elements), Type::List(of, _)) | (Expr::SetOf(elements), Type::Set(of)) => {
                let wrong =
                    elements.iter().find(|element| matches!(fit::fit(self.types.of(**element), of), Fit::No(_)));
                wrong.map(|element| (*element, (**of).clone()))
            }
            _ => None,
        };
        // One element that does not fit is a better place to point at than the whole list.
        if let Some((element, of)) = element {
            let found = self.types.of(element).clone();
            return self.coerce(element, &found, &of, Spot::The("each element"));
        }
        let (at, said) = (self.at(id), self.say(id));
        let diagnostic = match misfit {
            Misfit::Optional => self.missing(id),
            Misfit::Currencies(found, want) => errors::wrong_currency(at, &said, found, want),
            Misfit::UnknownCurrency(want) => errors::unknown_currency(at, &said, want),
            Misfit::Units => errors::units(at, spot, &self.name(want), &said, &self.name(found)),
            Misfit::Kinds => {
                let diagnostic = errors::misfit(at, spot, &self.name(want), &said, &self.name(found));
                match (found.present(), want.present()) {
                    (Type::Entity(kinds), Type::Entity(wanted)) if kinds.iter().any(|kind| wanted.contains(kind)) => {
                        diagnostic.help(format!("Ask `{} is {}` first.", said.trim_matches('`'), self.name(want)))
                    }
                    _ => diagnostic,
                }
            }
            Misfit::Other => errors::misfit(at, spot, &self.name(want), &said, &self.name(found)),
        };
        self.report(diagnostic);
    }

    /// What is used although it may be missing.
    fn missing(&self, id: ExprId) -> Diagnostic {
        match self.package.expr(id) {
            Expr::Index { of, key } if matches!(self.types.of(*of), Type::Map(..)) => {
                errors::no_entry(self.at(id), &self.say(id), &self.say(*key), &self.say(*of))
            }
            _ => errors::optional(self.at(id), &self.say(id)),
        }
    }

    /// Types an operand that must not be missing.
    fn present(&mut self, id: ExprId, hint: Option<&Type>) -> Type {
        let ty = self.infer(id, hint);
        self.require_present(id, ty)
    }

    fn require_present(&mut self, id: ExprId, ty: Type) -> Type {
        match ty {
            Type::Optional(inner) => {
                self.report(self.missing(id));
                *inner
            }
            other => other,
        }
    }

    /// A literal is as long as the place allows.
    fn bounds(&mut self, id: ExprId, want: &Type) {
        let (count, max, what) = match (self.package.expr(id), want.present()) {
            (Expr::Text(text), Type::Text(Some(max))) => (text.chars().count(), *max, "characters"),
            (Expr::List(elements), Type::List(_, Some(max))) => (elements.len(), *max, "entries"),
            _ => return,
        };
        if count > max as usize {
            let diagnostic = errors::too_long(self.at(id), count, max, what);
            self.report(diagnostic);
        }
    }

    /// Types a condition, and says what is known where it holds and where it does not.
    fn condition(&mut self, id: ExprId) -> Outcome {
        let (ty, outcome) = self.visit(id, Some(&Type::Bool));
        match ty {
            Type::Bool | Type::Unknown => {}
            Type::Optional(inner) if *inner == Type::Bool => self.report(self.missing(id)),
            other => {
                let diagnostic = errors::no_condition(self.at(id), &self.say(id), &self.name(&other));
                self.report(diagnostic);
            }
        }
        outcome
    }

    fn infer(&mut self, id: ExprId, hint: Option<&Type>) -> Type {
        self.visit(id, hint).0
    }

    fn key(&mut self, id: ExprId) -> Option<Key> {
        self.keys.of(self.package, id)
    }
}
