//! What policies govern: rules stand on it, inner policies stay within the outer ones, and no action is forgotten.

use super::Given;
use super::dates::overlap;
use super::overrides::grants;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{ActionId, Effect, Expr, Otherwise, Place, Policy, PolicyId, Rule};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let governed: Vec<Governed> = given.package.policies.iter().map(|policy| Governed::of(given, policy)).collect();
    for (policy, governs) in given.package.policies.iter().zip(&governed) {
        check_policy(given, policy, governs, &governed, found);
    }
    forgotten(given, found);
    never_permitted(given, &governed, found);
}

/// What a policy governs by itself.
struct Governed {
    actions: BTreeSet<ActionId>,
    /// Of a policy without `governs` it is what its rules name.
    written: bool,
}

impl Governed {
    fn of(given: &Given<'_>, policy: &Policy) -> Governed {
        let named: BTreeSet<ActionId> = policy.governs.iter().copied().collect();
        let actions = &given.package.actions;
        if policy.governs_any {
            let all = (0..actions.len() as u32).map(ActionId).filter(|action| !given.package[*action].event);
            return Governed { actions: all.chain(named).collect(), written: true };
        }
        let written = whole_word_in(given, policy, "governs");
        if written && !named.is_empty() {
            return Governed { actions: named, written };
        }
        let rules = policy.rules.iter().flat_map(|rule| given.package[*rule].on.iter().copied());
        Governed { actions: rules.chain(named).collect(), written: false }
    }
}

/// Does the policy have such a clause before its first rule, or behind?
fn whole_word_in(given: &Given<'_>, policy: &Policy, word: &str) -> bool {
    clause(given, policy, word).is_some()
}

/// Where a clause of the policy itself stands; words inside its rules are not it.
fn clause(given: &Given<'_>, policy: &Policy, word: &str) -> Option<Span> {
    let mut from = policy.head.at.start;
    let mut rules: Vec<Span> = policy.rules.iter().map(|rule| given.package[*rule].head.at).collect();
    rules.sort();
    let ends = rules.iter().map(|rule| (rule.start, rule.end)).chain([(policy.head.at.end, policy.head.at.end)]);
    for (start, end) in ends {
        let part = Span::new(policy.head.at.file, from, start);
        let none = part.after();
        let at = given.find(part, "", word, none);
        if at != none {
            return Some(at);
        }
        from = end;
    }
    None
}

fn check_policy(
    given: &Given<'_>,
    policy: &Policy,
    governs: &Governed,
    governed: &[Governed],
    found: &mut Vec<Diagnostic>,
) {
    let name = &policy.head.name;
    if governs.actions.is_empty() && policy.rules.is_empty() && !whole_word_in(given, policy, "governs") {
        found.push(rules::governs_nothing(name.at, &name.text));
    }
    let outer: Vec<(PolicyId, &Policy, &Governed)> = policy
        .under
        .iter()
        .map(|id| (*id, &given.package[*id], &governed[id.index()]))
        .filter(|(_, outer, _)| overlap(outer.effective, policy.effective))
        .collect();
    if governs.written && !policy.governs_any {
        for action in &policy.governs {
            if let Some((_, outer, _)) = outer.iter().find(|(_, _, outer)| !outer.actions.contains(action)) {
                let action = &given.package[*action].head.name.text;
                let at = clause(given, policy, "governs").unwrap_or(name.at);
                let at = given.find(at.to(policy.head.at), "governs", action, at);
                let (outer_name, outer_at) = (&outer.head.name.text, outer.head.name.at);
                found.push(rules::governs_more_than_outer(at, &name.text, action, outer_name, outer_at));
            }
        }
    }
    for rule in policy.rules.iter().map(|rule| &given.package[*rule]) {
        if rule.on_any {
            if !governs.written {
                let at = given.find(rule.head.at, "on", "any", rule.head.name.at);
                found.push(rules::any_of_nothing(at, &rule.head.name.text, name));
            }
            continue;
        }
        check_rule(given, policy, rule, governs, &outer, found);
    }
}

fn check_rule(
    given: &Given<'_>,
    policy: &Policy,
    rule: &Rule,
    governs: &Governed,
    outer: &[(PolicyId, &Policy, &Governed)],
    found: &mut Vec<Diagnostic>,
) {
    for action in &rule.on {
        let name = &given.package[*action].head.name.text;
        let at = given.find(rule.head.at, "on", name, rule.head.name.at);
        if !governs.actions.contains(action) {
            let clause = clause(given, policy, "governs").unwrap_or(policy.head.name.at);
            let diagnostic = rules::not_governed(at, &rule.head.name.text, name, &policy.head.name.text, clause);
            found.push(diagnostic.rests_on([given.to_line_end(clause)]));
        } else if !governs.written
            && let Some((_, outer, _)) = outer.iter().find(|(_, _, outer)| !outer.actions.contains(action))
        {
            let (outer_name, outer_at) = (&outer.head.name.text, outer.head.name.at);
            found.push(rules::not_governed_by_outer(at, &rule.head.name.text, name, outer_name, outer_at));
        }
    }
}

/// Actions that a policy has rules on and denies for ever, since nothing grants them.
fn never_permitted(given: &Given<'_>, governed: &[Governed], found: &mut Vec<Diagnostic>) {
    let package = given.package;
    let on = |policy: &Policy, action: ActionId| {
        let rules = policy.rules.iter().map(|rule| &package[*rule]);
        rules.filter(|rule| !rule.trial && rule.on.contains(&action)).collect::<Vec<&Rule>>()
    };
    let permits = |policy: &Policy, action: ActionId| match policy.otherwise {
        Otherwise::Permit | Otherwise::PermitWith(_) => true,
        Otherwise::Deny(_) | Otherwise::Abstain => on(policy, action).iter().any(|rule| grants(&rule.effect)),
    };
    for (policy, governs) in package.policies.iter().zip(governed) {
        for action in governs.actions.iter().copied().filter(|action| !package[*action].event) {
            let rules = on(policy, action);
            let Some(first) = rules.first() else { continue };
            // That the outer policy does not govern it was told.
            if !policy.under.is_empty() && policy.under.iter().all(|id| !governed[id.index()].actions.contains(&action))
            {
                continue;
            }
            // Where a policy abstains, any other that governs the action may grant it.
            let abstains = matches!(policy.otherwise, Otherwise::Abstain);
            let mut all = package.policies.iter().zip(governed);
            let by_other = abstains && all.any(|(other, its)| its.actions.contains(&action) && permits(other, action));
            if !permits(policy, action) && !by_other && !given.is_std(policy.head.module) {
                let gate = rules.iter().any(|rule| matches!(rule.effect, Effect::Needs(_)));
                let (name, action) = (&policy.head.name, &package[action].head.name.text);
                found.push(rules::never_permits(name.at, &name.text, action, abstains, gate, &first.head.name));
            }
        }
    }
}

/// Actions of which no rule speaks, and none of whose entries or results any rule asks for.
fn forgotten(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let package = given.package;
    if package.policies.iter().all(|policy| given.is_std(policy.head.module)) {
        return;
    }
    let mut mentioned = vec![false; package.actions.len()];
    let mut mention = |actions: &[ActionId]| actions.iter().for_each(|action| mentioned[action.index()] = true);
    package.rules.iter().for_each(|rule| mention(&rule.on));
    package.pasts.iter().for_each(|past| mention(&past.source.actions));
    for policy in &package.policies {
        match policy.otherwise {
            Otherwise::Permit | Otherwise::PermitWith(_) => mention(&policy.governs),
            Otherwise::Deny(_) | Otherwise::Abstain => {}
        }
    }
    for node in &package.exprs {
        if let Expr::ComesFrom { places, .. } = &node.expr {
            for place in places {
                match place {
                    Place::Result { actions, .. } => mention(actions),
                    Place::User | Place::Operator => {}
                }
            }
        }
    }
    for (action, mentioned) in package.actions.iter().zip(mentioned) {
        if !mentioned && !action.event && !given.is_std(action.head.module) {
            found.push(rules::action_without_rule(action.head.name.at, &action.head.name.text));
        }
    }
}
