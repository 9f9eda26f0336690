//! What a rule does must be possible: no effect on an event, and something at all.

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Effect, Rule};

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &given.package.rules {
        on_event(given, rule, found);
        if matches!(rule.effect, Effect::None) && rule.duties.is_empty() {
            found.push(rules::no_effect(rule.head.name.at, &rule.head.name.text));
        }
    }
}

fn on_event(given: &Given<'_>, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let (what, word) = match &rule.effect {
        Effect::None => return,
        Effect::Permit | Effect::PermitWith(_) => ("permits it", "permit"),
        Effect::Needs(_) => ("asks for approval", "needs"),
        Effect::Deny { .. } => ("denies it", "deny"),
        Effect::Require { .. } => ("requires something of it", "require"),
        Effect::Lift => ("lifts another rule", "lift"),
        Effect::Limit(_) => ("limits it", "limit"),
    };
    let Some(event) = rule.on.iter().find(|action| given.package[**action].event) else { return };
    let at = given.find(rule.head.at, "", word, rule.head.name.at);
    found.push(rules::effect_on_event(at, &rule.head.name.text, &given.package[*event].head.name.text, what));
}
