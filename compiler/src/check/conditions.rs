//! What conditions say by themselves: rules that can never apply, conditions that are always so, and rules that another
//! makes pointless. Each finding carries its proof; what can't be proved is not said.
//! How conditions become formulas stands in `conditions/formula.rs`, how they are decided in `conditions/solve.rs`.

mod formula;
mod overridden;
mod pointless;
mod solve;

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Callee, Condition, Effect, Expr, ExprId, Rule};
use crate::source::Span;
use formula::{Formula, Formulas, Literal, turned_by};
use rustc_hash::FxHashSet;
use solve::{Conflict, conflicts};
use std::rc::Rc;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let formulas = Formulas::new(given);
    let mut checker = Checker { given, formulas: &formulas, told: FxHashSet::default(), left: (0, 0), found };
    let mut never = FxHashSet::default();
    for (at, rule) in given.package.rules.iter().enumerate() {
        if !given.is_std(rule.head.module) && checker.rule(rule) {
            never.insert(at);
        }
    }
    for define in given.package.defines.iter().filter(|define| !given.is_std(define.head.module)) {
        if define.returns.is_none() {
            checker.left = (MOST_ASKED, MOST_TOLD);
            checker.parts(define.body, &Context::default());
        }
    }
    checker.inner_conditions();
    pointless::check(given, &formulas, &never, found);
    overridden::check(given, &formulas, &never, found);
}

/// Conditions that are looked at in one rule or define, and what is told of them.
const MOST_ASKED: u32 = 500;
const MOST_TOLD: u32 = 10;
/// What is remembered of the conditions before one.
const MOST_BEFORE: usize = 50;

struct Checker<'a> {
    given: &'a Given<'a>,
    formulas: &'a Formulas<'a>,
    /// Conditions that were looked at.
    told: FxHashSet<ExprId>,
    /// What is left to ask and to tell of the rule or define at hand.
    left: (u32, u32),
    found: &'a mut Vec<Diagnostic>,
}

/// What holds where a condition is looked at.
#[derive(Clone, Default)]
struct Context {
    /// All of it.
    all: Vec<Rc<Formula>>,
    /// What stands before it, joined by `and`.
    said: Vec<Rc<Formula>>,
}

impl Context {
    fn with(&self, formula: Rc<Formula>) -> Context {
        let mut more = self.after(formula.clone());
        if more.said.len() < MOST_BEFORE {
            more.said.push(formula);
        }
        more
    }

    /// Reached only where that does not hold.
    fn after(&self, formula: Rc<Formula>) -> Context {
        let mut more = self.clone();
        if more.all.len() < MOST_BEFORE {
            more.all.push(formula);
        }
        more
    }
}

impl Checker<'_> {
    /// True where the rule can never apply.
    fn rule(&mut self, rule: &Rule) -> bool {
        self.left = (MOST_ASKED, MOST_TOLD);
        let holds = |condition: &Condition| self.formulas.of(condition.expr, condition.negated);
        let all: Vec<Rc<Formula>> = rule.conditions.iter().map(holds).collect();
        if let Some(conflicts) = conflicts(self.formulas, &all) {
            let notes = self.proof(&conflicts, rule.head.name.at);
            let limit = matches!(rule.effect, Effect::Limit(_));
            self.found.push(rules::never_applies(rule.head.name.at, &rule.head.name.text, limit, notes));
            return true;
        }
        let context = self.conditions(&rule.conditions, &Context::default());
        match &rule.effect {
            Effect::Require { requirements, grant } => {
                for requirement in requirements {
                    let context = self.conditions(&requirement.conditions, &context);
                    self.parts(requirement.expr, &context);
                }
                if let Some(grant) = grant {
                    self.conditions(&grant.conditions, &context);
                }
            }
            Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Needs(_) => {}
            Effect::Deny { .. } | Effect::Lift | Effect::Limit(_) => {}
        }
        for duty in &rule.duties {
            self.conditions(&duty.conditions, &context);
        }
        false
    }

    fn conditions(&mut self, conditions: &[Condition], context: &Context) -> Context {
        let mut context = context.clone();
        for condition in conditions {
            self.parts(condition.expr, &context);
            context = context.with(self.formulas.of(condition.expr, condition.negated));
        }
        context
    }

    /// Looks at the atomic conditions of a condition, each where it is reached.
    fn parts(&mut self, id: ExprId, context: &Context) {
        match self.given.package.expr(id) {
            _ if self.left.0 == 0 || self.left.1 == 0 => {}
            Expr::And(parts) => {
                let mut context = context.clone();
                for part in parts.iter().take(MOST_ASKED as usize) {
                    self.parts(*part, &context);
                    context = context.with(self.formulas.of(*part, false));
                }
            }
            Expr::Or(_) if self.always(id) => {}
            Expr::Or(parts) => {
                let mut context = context.clone();
                for part in parts.iter().take(MOST_ASKED as usize) {
                    self.parts(*part, &context);
                    context = context.after(self.formulas.of(*part, true));
                }
            }
            Expr::Not(inner) if turned_by(self.given, id).is_none() => self.parts(*inner, context),
            Expr::Error => {}
            _ => self.atom(id, context),
        }
    }

    /// True where the parts of an `or` leave nothing out, which none of them says alone.
    fn always(&mut self, id: ExprId) -> bool {
        if self.told.contains(&id) {
            return false;
        }
        self.left.0 = self.left.0.saturating_sub(1);
        let (at, fails) = (self.given.package.at(id), self.formulas.of(id, true));
        let Some(conflicts) = conflicts(self.formulas, &[fails]) else { return false };
        // Where one part is always true, that is said of it.
        if conflicts.iter().any(|conflict| conflict.len() < 2) {
            return false;
        }
        let proof = self.proof(&conflicts, at).into_iter().map(|words| format!("It could fail only where {words}"));
        let found = rules::always(at, &self.given.text(id), true, proof.collect());
        self.told.insert(id);
        self.left.1 = self.left.1.saturating_sub(1);
        self.found.push(found);
        true
    }

    fn atom(&mut self, id: ExprId, context: &Context) {
        if !self.told.insert(id) {
            return;
        }
        self.left.0 = self.left.0.saturating_sub(1);
        let before = self.found.len();
        self.ask(id, context);
        self.left.1 = self.left.1.saturating_sub((self.found.len() - before) as u32);
    }

    fn ask(&mut self, id: ExprId, context: &Context) {
        let at = self.given.package.at(id);
        let (holds, fails) = (self.formulas.of(id, false), self.formulas.of(id, true));
        let question = |context: &[Rc<Formula>], formula: &Rc<Formula>| {
            let mut all = context.to_vec();
            all.push(formula.clone());
            conflicts(self.formulas, &all)
        };
        let text = self.given.text(id);
        if let Some(conflicts) = question(&[], &holds) {
            let notes = self.proof(&conflicts, at);
            self.found.push(rules::always(at, &text, false, notes));
        } else if let Some(conflicts) = question(&[], &fails) {
            let notes = self.reasons(&conflicts, at);
            self.found.push(rules::always(at, &text, true, notes));
        } else if let Some(conflicts) = question(&context.all, &holds) {
            // What contradicts itself without this condition is said elsewhere.
            if question(&context.all, &Rc::new(Formula::True)).is_none() {
                let notes = self.proof(&conflicts, at);
                self.found.push(rules::always_here(at, &text, false, notes));
            }
        } else if !matches!(
            self.given.package.expr(turned_by(self.given, id).unwrap_or(id)),
            Expr::IsPresent(_) | Expr::Call { callee: Callee::Define(_), .. }
        ) && let Some(conflicts) = question(&context.said, &fails)
            && conflicts.iter().flatten().all(|literal| self.is_beside(literal, at))
        {
            let notes = self.reasons(&conflicts, at);
            self.found.push(rules::always_here(at, &text, true, notes));
        }
    }

    /// Not written elsewhere, in a define: saying again what a define says makes a rule easier to read.
    fn is_beside(&self, literal: &Literal, at: Span) -> bool {
        let there = self.given.package.at(literal.from.expr);
        let rule = |rule: &&Rule| rule.head.at.file == at.file && rule.head.at.contains(at.start);
        match self.given.package.rules.iter().find(rule) {
            Some(rule) => there.file == at.file && rule.head.at.contains(there.start),
            None => true,
        }
    }

    /// Conditions inside expressions: the `where` of a quantifier, and what `if` asks.
    fn inner_conditions(&mut self) {
        let std: FxHashSet<_> =
            self.given.package.modules.iter().filter(|module| module.std).map(|module| module.file).collect();
        for node in 0..self.given.package.exprs.len() as u32 {
            let id = ExprId(node);
            if std.contains(&self.given.package.at(id).file) {
                continue;
            }
            self.left = (MOST_ASKED, MOST_TOLD);
            match self.given.package.expr(id) {
                Expr::Quantifier(quantifier) => {
                    let mut context = Context::default();
                    if let Some(filter) = quantifier.filter {
                        self.parts(filter, &context);
                        context = context.with(self.formulas.of(filter, false));
                    }
                    if let Some(satisfy) = quantifier.satisfy {
                        self.parts(satisfy, &context);
                    }
                }
                Expr::If { condition, .. } => self.parts(*condition, &Context::default()),
                _ => {}
            }
        }
    }

    fn proof(&self, conflicts: &[Conflict], from: Span) -> Vec<String> {
        proof(self.given, self.formulas, conflicts, from)
    }

    /// What leaves no other answer: what was found besides the condition at `at` itself.
    fn reasons(&self, conflicts: &[Conflict], at: Span) -> Vec<String> {
        let mut words: Vec<String> = vec![];
        for literal in conflicts.iter().flatten() {
            let there = self.given.package.at(literal.from.expr);
            let inside = there.file == at.file && at.start <= there.start && there.end <= at.end;
            let said = literal_words(self.given, self.formulas, literal, at);
            if !inside && !words.contains(&said) {
                words.push(said);
            }
        }
        if words.is_empty() { vec![] } else { vec![format!("{}.", words.join(", and "))] }
    }
}

/// Why these can't all hold, a sentence for each way that was tried.
fn proof(given: &Given<'_>, formulas: &Formulas<'_>, conflicts: &[Conflict], from: Span) -> Vec<String> {
    let mut notes: Vec<String> = vec![];
    for conflict in conflicts {
        let mut words: Vec<String> = vec![];
        for literal in conflict {
            let said = literal_words(given, formulas, literal, from);
            if !words.contains(&said) {
                words.push(said);
            }
        }
        let note = format!("{}.", words.join(", and "));
        if words.len() > 1 && !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// `` `amount` is at most USD 10 in line 4 ``
fn literal_words(given: &Given<'_>, formulas: &Formulas<'_>, literal: &Literal, from: Span) -> String {
    let at = given.package.at(literal.from.expr);
    let place = if from.file == at.file && from.start <= at.start && at.end <= from.end {
        "here".to_string()
    } else {
        format!("in {}", given.line(at, from))
    };
    let said = formulas.with_term(literal.term, |term| {
        let condition = matches!(term.domain.kind, super::values::Kind::Points(super::values::Scale::Bool, ..));
        let same = term.at == literal.from.expr;
        if condition || same || term.order.is_some() {
            return None;
        }
        let name = given.text(term.at);
        (name.chars().count() <= 60).then(|| format!("`{name}` {}", term.domain.words(given, &literal.values)))
    });
    match said {
        Some(said) => format!("{said} {place}"),
        None if literal.from.negated != formulas.is_turned(literal.from.expr) => {
            format!("`{}` does not hold {place}", given.text(literal.from.expr))
        }
        None => format!("`{}` holds {place}", given.text(literal.from.expr)),
    }
}
