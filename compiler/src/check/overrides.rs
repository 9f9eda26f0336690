//! Which rule defeats which: no circles, nothing foreign, and no more than is meant.

use super::Given;
use super::dates::overlap;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Effect, Rule, RuleId};
use crate::source::Span;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &given.package.rules {
        check_rule(given, rule, found);
    }
    let over = |rule: usize| given.package.rules[rule].overrides.iter().map(|other| other.index()).collect();
    for circle in circles(given.package.rules.len(), over) {
        let names: Vec<String> = circle.iter().map(|at| given.package.rules[*at].head.name.text.to_string()).collect();
        let (rule, next) = (&given.package.rules[circle[0]], RuleId(circle[1] as u32));
        found.push(rules::override_circle(place(given, rule, next), &names));
    }
}

/// Where `rule` names `other` behind `overrides`.
fn place(given: &Given<'_>, rule: &Rule, other: RuleId) -> Span {
    given.find(rule.head.at, "overrides", &given.package[other].head.name.text, rule.head.name.at)
}

fn check_rule(given: &Given<'_>, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let name = &rule.head.name;
    let Some(first) = rule.overrides.first() else {
        if matches!(rule.effect, Effect::Lift) {
            found.push(rules::lift_overrides_nothing(given.find(rule.head.at, "{", "lift", name.at), &name.text));
        }
        return;
    };
    if rule.trial {
        found.push(rules::override_on_trial(place(given, rule, *first), &name.text));
    } else if matches!(rule.effect, Effect::None) {
        found.push(rules::override_without_effect(place(given, rule, *first), &name.text));
    }
    for other in &rule.overrides {
        let outer = &given.package[given.package[*other].policy];
        // What is in force at another time is not looked at.
        if given.package[*other].policy == rule.policy || overlap(outer.effective, given.package[rule.policy].effective)
        {
            check_override(given, rule, *other, found);
        }
    }
    check_versions(given, rule, found);
}

fn check_override(given: &Given<'_>, rule: &Rule, id: RuleId, found: &mut Vec<Diagnostic>) {
    let other = &given.package[id];
    let (name, other_name) = (&rule.head.name.text, &other.head.name.text);
    let at = place(given, rule, id);
    let policy = &given.package[other.policy].head.name.text;
    if other.policy != rule.policy && !given.package[rule.policy].under.contains(&other.policy) {
        found.push(rules::foreign_override(at, name, other_name, policy));
    } else if other.policy != rule.policy && !other.overridable {
        found.push(rules::not_overridable(at, name, other_name, policy, other.head.name.at));
    } else if !rule.on.is_empty() && !other.on.is_empty() && !rule.on.iter().any(|action| other.on.contains(action)) {
        found.push(rules::override_shares_no_action(at, name, other_name, other.head.name.at));
    } else if grants(&rule.effect) && restricts(&other.effect) {
        let diagnostic = rules::permits_what_it_overrides(at, name, other_name, other.head.name.at);
        let permit = given.find(rule.head.at, "{", "permit", at);
        found.push(match rule.effect {
            Effect::Permit if permit != at => diagnostic.fix("Write `lift`", vec![(permit, "lift".to_string())]),
            _ => diagnostic,
        });
    }
}

/// What is overridden in one version of the outer policy must be so in all that are in force at the same time.
fn check_versions(given: &Given<'_>, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let policy = &given.package[rule.policy];
    for version in &policy.under {
        let outer = &given.package[*version];
        if !overlap(outer.effective, policy.effective) {
            continue;
        }
        for other in &rule.overrides {
            let wanted = &given.package[*other];
            let elsewhere = wanted.policy != rule.policy && wanted.policy != *version;
            if !elsewhere || !policy.under.contains(&wanted.policy) || !wanted.overridable {
                continue;
            }
            // One that is there and not `overridable` was told already.
            let name = &wanted.head.name.text;
            let has = outer.rules.iter().any(|rule| given.package[*rule].head.name.text == *name);
            if !has {
                let at = place(given, rule, *other);
                let name = &rule.head.name.text;
                found.push(rules::override_lacks_version(at, name, &wanted.head.name.text, outer.head.name.at));
            }
        }
    }
}

pub(super) fn grants(effect: &Effect) -> bool {
    match effect {
        Effect::Permit | Effect::PermitWith(_) | Effect::Require { grant: Some(_), .. } => true,
        Effect::None | Effect::Needs(_) | Effect::Deny { .. } | Effect::Require { grant: None, .. } => false,
        Effect::Lift | Effect::Limit(_) => false,
    }
}

fn restricts(effect: &Effect) -> bool {
    match effect {
        Effect::Needs(_) | Effect::Deny { .. } | Effect::Require { .. } | Effect::Limit(_) => true,
        Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Lift => false,
    }
}

/// Circles of a graph, at least one for every knot of nodes that reach each other: its nodes in order, the first again at
/// the end.
fn circles(count: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; count];
    let mut circles = vec![];
    for start in 0..count {
        if marks[start] != Mark::New {
            continue;
        }
        // The path from `start`, each node with those of its neighbours that are still to be looked at.
        let mut path: Vec<(usize, Vec<usize>)> = vec![(start, next(start))];
        marks[start] = Mark::Open;
        while let Some((node, left)) = path.last_mut() {
            match left.pop() {
                Some(other) if marks[other] == Mark::New => {
                    marks[other] = Mark::Open;
                    path.push((other, next(other)));
                }
                Some(other) if marks[other] == Mark::Open => {
                    let from = path.iter().position(|(node, _)| *node == other).unwrap_or(0);
                    let mut circle: Vec<usize> = path[from..].iter().map(|(node, _)| *node).collect();
                    let first = circle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
                    circle.rotate_left(first);
                    circle.push(circle[0]);
                    circles.push(circle);
                }
                Some(_) => {}
                None => {
                    marks[*node] = Mark::Done;
                    path.pop();
                }
            }
        }
    }
    circles
}
