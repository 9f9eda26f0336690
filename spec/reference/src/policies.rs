//! Which policies speak on a request: those in force at its time that govern its action; and what a decision says of them.

use crate::time::Clock;
use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::{ActionId, Effective, Otherwise, Package, PolicyId, RuleId};
use ordain_vm::answer::PolicyRef;
use ordain_vm::value::{Calendar, Instant};

/// Policies that speak, in the order of the package.
pub fn speaking(package: &Package, action: usize, now: Instant) -> Vec<PolicyId> {
    let all = (0..package.policies.len() as u32).map(PolicyId);
    all.filter(|policy| in_force(package, *policy, now) && governs(package, *policy, action)).collect()
}

/// A policy `under` another is in force only while a version of that is.
pub fn in_force(package: &Package, policy: PolicyId, now: Instant) -> bool {
    outwards(package, policy, |policy| dated(package, policy, &package[policy].effective, now))
}

/// A policy `under` another governs only what that governs too.
pub fn governs(package: &Package, policy: PolicyId, action: usize) -> bool {
    outwards(package, policy, |policy| governs_itself(package, policy, action))
}

/// True of the policy, of a version of what it is under, of a version of what that is under, and so on.
fn outwards(package: &Package, policy: PolicyId, holds: impl Fn(PolicyId) -> bool) -> bool {
    let mut level = vec![policy];
    // Policies are not under themselves, so there are no more levels than policies.
    for _ in 0..package.policies.len() {
        level.retain(|policy| holds(*policy));
        if level.is_empty() {
            return false;
        }
        if level.iter().any(|policy| package[*policy].under.is_empty()) {
            return true;
        }
        level = level.iter().flat_map(|policy| package[*policy].under.iter().copied()).collect();
        level.sort_unstable();
        level.dedup();
    }
    false
}

fn governs_itself(package: &Package, policy: PolicyId, action: usize) -> bool {
    let policy = &package[policy];
    let names = |named: &[ActionId]| named.iter().any(|named| named.index() == action);
    if policy.governs_any && !package.actions[action].event {
        return true;
    }
    if policy.governs.is_empty() && !policy.governs_any {
        return policy.rules.iter().any(|rule| names(&package[*rule].on));
    }
    names(&policy.governs)
}

/// A rule with dates of its own is looked at only between them.
pub fn rule_in_force(package: &Package, rule: RuleId, now: Instant) -> bool {
    let rule = &package[rule];
    dated(package, rule.policy, &rule.effective, now)
}

fn dated(package: &Package, policy: PolicyId, effective: &Effective, now: Instant) -> bool {
    let zone = package[policy].zone.as_ref().map_or("UTC", |zone| &zone.text);
    Clock { now, zone, calendar: &Calendar::default() }.in_force(effective)
}

/// Name, version, and the digest of the policy's text.
pub fn reference(checked: &Checked, policy: PolicyId) -> PolicyRef {
    let policy = &checked.package[policy];
    let at = policy.head.at;
    let text = checked.sources.get(at.file.0 as usize).map_or("", |source| source.slice(at));
    PolicyRef {
        name: policy.head.name.text.clone(),
        version: policy.version.clone(),
        digest: format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex()).into(),
    }
}

pub fn abstains(package: &Package, policy: PolicyId) -> bool {
    matches!(package[policy].otherwise, Otherwise::Abstain)
}
