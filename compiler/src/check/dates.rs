//! Days of effect: what has expired, what is never in force, and versions of a policy that overlap.

use super::Given;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Effect, Effective, Policy};
use crate::source::Span;
use ordain_stdlib::zone::start_of_day;
use ordain_vm::value::{Date, Instant};
use std::collections::BTreeMap;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for policy in &given.package.policies {
        check_policy(given, policy, found);
    }
    overlaps(given, found);
}

fn check_policy(given: &Given<'_>, policy: &Policy, found: &mut Vec<Diagnostic>) {
    let name = &policy.head.name;
    let today = today(given, policy);
    if !check_dates(policy.effective, "policy", &name.text, name.at, today, found) {
        return;
    }
    let outer: Vec<_> = policy.under.iter().map(|outer| &given.package[*outer]).collect();
    if let Some(first) = outer.first()
        && !outer.iter().any(|outer| overlap(outer.effective, policy.effective))
    {
        let at = policy.effective.at.unwrap_or(name.at);
        let declared = first.effective.at.unwrap_or(first.head.name.at);
        found.push(rules::outside_the_outers_dates(at, &name.text, &first.head.name.text, declared));
        return;
    }
    for rule in policy.rules.iter().map(|rule| &given.package[*rule]) {
        let what = if matches!(rule.effect, Effect::Limit(_)) { "limit" } else { "rule" };
        let at = rule.head.name.at;
        if check_dates(rule.effective, what, &rule.head.name.text, at, today, found)
            && !overlap(rule.effective, policy.effective)
        {
            let declared = policy.effective.at.unwrap_or(name.at);
            let at = rule.effective.at.unwrap_or(at);
            found.push(rules::outside_the_policys_dates(at, &rule.head.name.text, &name.text, declared));
        }
    }
}

/// The date on which `now` falls in the policy's zone.
fn today(given: &Given<'_>, policy: &Policy) -> Option<Date> {
    let now = given.now?;
    let zone = policy.zone.as_ref().map_or("UTC", |zone| &*zone.text);
    Some(ordain_stdlib::zone::local(now, zone).unwrap_or(now.utc()).0)
}

/// True where nothing is wrong with these dates by themselves.
fn check_dates(
    dates: Effective,
    what: &str,
    name: &str,
    at: Span,
    today: Option<Date>,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let at = dates.at.unwrap_or(at);
    match (dates.from, dates.until) {
        (Some(from), Some(until)) if until < from => {
            found.push(rules::ends_before_it_begins(at, what, name, &from.to_string(), &until.to_string()));
            false
        }
        (_, Some(until)) if today.is_some_and(|today| until < today) => {
            found.push(rules::expired(at, what, name, &until.to_string()));
            false
        }
        _ => true,
    }
}

pub(super) fn overlap(a: Effective, b: Effective) -> bool {
    let before =
        |until: Option<Date>, from: Option<Date>| until.is_some_and(|until| from.is_some_and(|from| until < from));
    !before(a.until, b.from) && !before(b.until, a.from) && !before(a.until, a.from) && !before(b.until, b.from)
}

/// Are both in force at some moment? Each policy's days begin and end in its own zone.
fn together(a: &Policy, b: &Policy) -> bool {
    let zone = |policy: &Policy| policy.zone.as_ref().map_or("UTC".into(), |zone| zone.text.clone());
    if zone(a) == zone(b) {
        return overlap(a.effective, b.effective);
    }
    let moment =
        |policy: &Policy, date: Option<Date>| date.map(|date| start_of_day(date, &zone(policy)).ok()).unwrap_or(None);
    let ends = |policy: &Policy| moment(policy, policy.effective.until.and_then(|until| until.plus_days(1)));
    let begins = |policy: &Policy| moment(policy, policy.effective.from);
    let before =
        |end: Option<Instant>, begin: Option<Instant>| matches!((end, begin), (Some(end), Some(begin)) if end <= begin);
    !before(ends(a), begins(b)) && !before(ends(b), begins(a))
}

/// Versions are policies of one name; each is compared with the one that lasts longest of those that begin before it.
fn overlaps(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    let mut versions: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    for policy in &given.package.policies {
        versions.entry(&policy.head.name.text).or_default().push(policy);
    }
    for versions in versions.values_mut().filter(|versions| versions.len() > 1) {
        versions.sort_by_key(|policy| (policy.effective.from, policy.head.at));
        let mut last = versions[0];
        let mut numbers: BTreeMap<&str, &Policy> =
            last.version.as_deref().map(|number| (number, last)).into_iter().collect();
        for policy in &versions[1..] {
            if together(last, policy) {
                let from = policy.effective.from.map_or(String::new(), |from| format!(", from {from}"));
                let (a, b) = if last.head.at < policy.head.at { (*policy, last) } else { (last, *policy) };
                found.push(rules::overlapping_versions(a.head.name.at, &a.head.name.text, b.head.name.at, &from));
            } else if let Some(number) = policy.version.as_deref()
                && let Some(other) = numbers.insert(number, policy)
            {
                let at = given.find(policy.head.at, "version", number, policy.head.name.at);
                found.push(rules::same_version(at, &policy.head.name.text, number, other.head.name.at));
            }
            let lasts_longer = match (last.effective.until, policy.effective.until) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(last), Some(until)) => until > last,
            };
            if lasts_longer {
                last = policy;
            }
        }
    }
}
