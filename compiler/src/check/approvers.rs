//! Who approves or waives: enough of them are listed, not too many, and they are given time.

use super::Given;
use super::duties::is_no_time;
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{Approval, Approver, Approvers, Effect, Otherwise};

/// Roles that one clause may want.
const MOST: usize = 16;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &given.package.rules {
        match &rule.effect {
            Effect::PermitWith(approval) | Effect::Needs(approval) => check_approval(given, approval, found),
            Effect::Deny { waivers: Some(approvers) } => check_approvers(approvers, found),
            Effect::Require { grant: Some(grant), .. } => {
                grant.approval.iter().for_each(|approval| check_approval(given, approval, found));
            }
            Effect::Limit(limit) => limit.needs.iter().for_each(|approval| check_approval(given, approval, found)),
            Effect::Deny { waivers: None } | Effect::Require { grant: None, .. } => {}
            Effect::None | Effect::Permit | Effect::Lift => {}
        }
    }
    for policy in &given.package.policies {
        match &policy.otherwise {
            Otherwise::PermitWith(approval) => check_approval(given, approval, found),
            Otherwise::Permit | Otherwise::Deny(_) | Otherwise::Abstain => {}
        }
    }
}

fn check_approval(given: &Given<'_>, approval: &Approval, found: &mut Vec<Diagnostic>) {
    check_approvers(&approval.approvers, found);
    if let Some(within) = approval.within
        && is_no_time(given, within)
    {
        found.push(rules::no_time_to_approve(given.package.at(within)));
    }
}

fn check_approvers(approvers: &Approvers, found: &mut Vec<Diagnostic>) {
    let mut roles = 0;
    let mut open: Vec<&Approver> = approvers.all.iter().collect();
    while let Some(approver) = open.pop() {
        match approver {
            Approver::Role { .. } => roles += 1,
            Approver::AnyOf { count: 0, at, .. } => found.push(rules::no_approver(*at)),
            Approver::AnyOf { count, of, at } => {
                if *count as usize > of.len() {
                    found.push(rules::too_few_approvers(*at, *count, of.len()));
                }
                open.extend(of);
            }
        }
    }
    if roles > MOST {
        found.push(rules::too_many_approvers(approvers.at, roles));
    }
}
