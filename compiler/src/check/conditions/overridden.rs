//! Overrides that do too much or nothing: a rule that another defeats wherever it applies, and a `lift` that never meets
//! what it lifts. Rules that may err are left alone, since they apply where their conditions don't hold.

use super::formula::{Formula, Formulas};
use super::pointless::may_err;
use super::proof;
use super::solve::conflicts;
use crate::check::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::{Code, rules};
use crate::hir::{Condition, Effect, Rule, RuleId};
use rustc_hash::FxHashSet;
use std::rc::Rc;

pub(super) fn check(given: &Given<'_>, formulas: &Formulas<'_>, never: &FxHashSet<usize>, found: &mut Vec<Diagnostic>) {
    let package = given.package;
    let overridden: FxHashSet<RuleId> = package.rules.iter().flat_map(|rule| rule.overrides.iter().copied()).collect();
    for (at, rule) in package.rules.iter().enumerate() {
        let others: Vec<&Rule> =
            rule.overrides.iter().filter(|id| !never.contains(&id.index())).map(|id| &package[*id]).collect();
        if rule.trial || never.contains(&at) || others.len() != rule.overrides.len() || given.is_std(rule.head.module) {
            continue;
        }
        let why = match rule.effect {
            Effect::Lift => "lifts it",
            Effect::Deny { waivers: None } => "defeats it",
            Effect::Deny { .. } | Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Needs(_) => continue,
            Effect::Require { .. } | Effect::Limit(_) => continue,
        };
        if !overridden.contains(&RuleId(at as u32)) {
            for other in others.iter().filter(|other| always_defeats(given, formulas, rule, other)) {
                let (name, by) = (&other.head.name, &rule.head.name);
                let told = |diagnostic: &Diagnostic| diagnostic.code == Code::W0403 && diagnostic.at == name.at;
                if !found.iter().any(told) {
                    found.push(rules::pointless(name.at, &name.text, &by.text, by.at, why));
                }
            }
        }
        if matches!(rule.effect, Effect::Lift) && rule.duties.is_empty() {
            lifts_nothing(given, formulas, rule, &others, found);
        }
    }
}

fn holds(formulas: &Formulas<'_>, rule: &Rule) -> Vec<Rc<Formula>> {
    rule.conditions.iter().map(|condition| formulas.of(condition.expr, condition.negated)).collect()
}

fn errs(given: &Given<'_>, rule: &Rule) -> bool {
    rule.conditions.iter().any(|condition| may_err(given, condition.expr))
}

fn always_defeats(given: &Given<'_>, formulas: &Formulas<'_>, rule: &Rule, other: &Rule) -> bool {
    let days = (rule.effective.from, rule.effective.until);
    let in_force = days == (None, None) || days == (other.effective.from, other.effective.until);
    let reaches = rule.policy == other.policy && !other.on.is_empty() && other.on.iter().all(|on| rule.on.contains(on));
    if !in_force || !reaches {
        return false;
    }
    if rule.conditions.is_empty() {
        return true;
    }
    let fails = |condition: &Condition| formulas.of(condition.expr, !condition.negated);
    let mut all = holds(formulas, other);
    all.push(Rc::new(Formula::Or(rule.conditions.iter().map(fails).collect())));
    !errs(given, rule) && !errs(given, other) && conflicts(formulas, &all).is_some()
}

fn lifts_nothing(
    given: &Given<'_>,
    formulas: &Formulas<'_>,
    rule: &Rule,
    others: &[&Rule],
    found: &mut Vec<Diagnostic>,
) {
    let name = &rule.head.name;
    let (own, mut notes) = (holds(formulas, rule), vec![]);
    for other in others {
        let all: Vec<Rc<Formula>> = own.iter().cloned().chain(holds(formulas, other)).collect();
        match conflicts(formulas, &all) {
            Some(conflicts) if !errs(given, other) => notes.extend(proof(given, formulas, &conflicts, name.at)),
            Some(_) | None => return,
        }
    }
    if let Some(first) = others.first() {
        found.push(rules::lifts_nothing(name.at, &name.text, &first.head.name, others.len(), notes));
    }
}
