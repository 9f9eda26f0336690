//! `Checked` to `Program`: one function an action, in which every rule on it says what it says.
//! Expressions are written by `emit/exprs.rs`, rules by `emit/rules.rs`; `emit/body.rs` gives out registers.

mod body;
mod exprs;
mod index;
mod limits;
mod past;
mod rules;
mod said;
mod shared;

use crate::analysis::Checked;
use crate::check::Given;
use crate::hir::{ActionId, Effective, Otherwise, Package, Policy, PolicyId, RuleId};
use crate::source::{Source, Span};
use exprs::Emitter;
use ordain_vm::program::{self, Action, FileKind, InForce, Made, Place, Program};
use ordain_vm::value::{Date, Instant};
use ordain_vm::verify::cost;
use rustc_hash::FxHashMap;
use shared::{Shared, numbered};

/// What can't be compiled, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// `the past`
    pub what: &'static str,
    pub at: Span,
}

/// What is left out where something can't be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    Rule(RuleId),
    /// The `otherwise` of a policy.
    Otherwise(PolicyId),
}

/// The program of a package; or all of it that can't be compiled.
pub fn emit(checked: &Checked) -> Result<Program, Vec<Unsupported>> {
    match partial(checked) {
        (program, left_out) if left_out.is_empty() => Ok(program),
        (_, left_out) => Err(left_out.into_iter().map(|(_, unsupported)| unsupported).collect()),
    }
}

/// The program without the rules that can't be compiled, and those. What it decides is not what the policy says: it is for
/// comparing the rules that are in it.
pub fn partial(checked: &Checked) -> (Program, Vec<(Of, Unsupported)>) {
    let package = &checked.package;
    let mut program = Program {
        schema: checked.schema(),
        files: files(checked),
        made: Made { by: env!("CARGO_PKG_VERSION").into(), ..Made::default() },
        policies: package.policies.iter().map(|policy| policy_of(checked, policy)).collect(),
        ..Program::default()
    };
    for rule in &package.rules {
        program.rules.push(program::Rule {
            name: rule.head.name.text.clone(),
            policy: rule.policy.0,
            trial: rule.trial,
            in_force: in_force(package, rule.policy, &rule.effective),
            code: rule.code.clone(),
            sources: rule.sources.clone(),
            place: place(rule.head.at),
        });
    }
    let mut left_out = vec![];
    let given = Given { package, types: &checked.types, sources: &checked.sources, now: None };
    let mut shared = Shared::new(checked, &given, program);
    for at in 0..package.actions.len() as u32 {
        let action = ActionId(at);
        let rules = checked.rules_of(action);
        let policies = governing(package, at as usize);
        let mut emitter = Emitter::new(&mut shared, action);
        let of_rules = emitter.rules(rules, &policies, &mut left_out);
        emitter.otherwise(&policies, &mut left_out);
        let decides = emitter.finish();
        let function = numbered(&mut shared.program.functions, decides);
        shared.program.actions.push(Action {
            function,
            rules: rules.iter().map(|rule| rule.0).collect(),
            said: of_rules.said,
            policies,
            overridden: overridden(package, rules),
            conditions: of_rules.conditions,
            asked_first: of_rules.asked_first,
        });
    }
    let mut program = shared.program;
    let costs: Vec<_> = program.functions.iter().map(|function| cost(&program, function)).collect();
    program.functions.iter_mut().zip(costs).for_each(|(function, cost)| function.cost = cost);
    (program, left_out)
}

fn files(checked: &Checked) -> Vec<program::File> {
    let kind = |at| match at {
        at if at < checked.sheets.start => FileKind::Policy,
        at if at < checked.sheets.end => FileKind::Sheet,
        _ => FileKind::Standard,
    };
    let file = |(at, source): (usize, &Source)| program::File {
        name: source.name.clone(),
        text: source.text.clone(),
        kind: kind(at),
    };
    checked.sources.iter().enumerate().map(file).collect()
}

fn policy_of(checked: &Checked, policy: &Policy) -> program::Policy {
    let head = &policy.head;
    let text = checked.sources.get(head.at.file.0 as usize).map_or("", |source| source.slice(head.at));
    program::Policy {
        name: head.name.text.clone(),
        version: policy.version.clone(),
        digest: ordain_vm::request::digest_text(ordain_vm::request::digest_of(text.as_bytes())).into(),
        in_force: dated(zone(policy), &policy.effective),
        under: policy.under.iter().map(|outer| outer.0).collect(),
        zone: zone(policy).into(),
        calendar: policy.calendar.map(|data| data.0),
        otherwise: match &policy.otherwise {
            Otherwise::Permit => program::Otherwise::Permit,
            Otherwise::Deny(_) => program::Otherwise::Deny,
            Otherwise::Abstain => program::Otherwise::Abstain,
            Otherwise::PermitWith(_) => program::Otherwise::Approval,
        },
        because: match &policy.otherwise {
            Otherwise::Deny(because) => because.clone(),
            Otherwise::Permit | Otherwise::Abstain | Otherwise::PermitWith(_) => None,
        },
        module: checked.package[head.module].name.clone(),
        place: place(head.at),
        name_at: place(head.name.at),
    }
}

fn zone(policy: &Policy) -> &str {
    policy.zone.as_ref().map_or("UTC", |zone| &zone.text)
}

fn in_force(package: &Package, policy: PolicyId, effective: &Effective) -> InForce {
    dated(zone(&package[policy]), effective)
}

/// From the start of the first day to the end of the last, on a clock of the zone. A day that no instant can tell is
/// beyond all requests.
fn dated(zone: &str, effective: &Effective) -> InForce {
    let beyond = |day: Date| Instant(if day.0 < 0 { i64::MIN } else { i64::MAX });
    let start = |day: Date| ordain_stdlib::zone::start_of_day(day, zone).unwrap_or(beyond(day));
    InForce { from: effective.from.map(start), until: effective.until.and_then(|day| day.plus_days(1)).map(start) }
}

/// Policies that govern the action, whatever their dates.
fn governing(package: &Package, action: usize) -> Vec<u32> {
    (0..package.policies.len() as u32).filter(|policy| governs(package, PolicyId(*policy), action)).collect()
}

/// A policy `under` another governs only what that governs too.
fn governs(package: &Package, policy: PolicyId, action: usize) -> bool {
    let governs = |policy: PolicyId| {
        let policy = &package[policy];
        let named = |actions: &[ActionId]| actions.iter().any(|named| named.index() == action);
        match () {
            () if policy.governs_any && !package.actions[action].event => true,
            () if policy.governs.is_empty() && !policy.governs_any => {
                policy.rules.iter().any(|rule| named(&package[*rule].on))
            }
            () => named(&policy.governs),
        }
    };
    let mut level = vec![policy];
    for _ in 0..package.policies.len() {
        level.retain(|policy| governs(*policy));
        if level.is_empty() || level.iter().any(|policy| package[*policy].under.is_empty()) {
            return !level.is_empty();
        }
        level = level.iter().flat_map(|policy| package[*policy].under.iter().copied()).collect();
        level.sort_unstable();
        level.dedup();
    }
    false
}

/// Rules that others of them override, each behind those that override it. Overrides have no circle.
fn overridden(package: &Package, rules: &[RuleId]) -> Vec<(u32, Vec<u32>)> {
    let mut by: FxHashMap<RuleId, Vec<RuleId>> = FxHashMap::default();
    // A rule on trial overrides nothing: E0403.
    for other in rules {
        package[*other].overrides.iter().for_each(|rule| by.entry(*rule).or_default().push(*other));
    }
    // How many of those that override a rule still have to be settled.
    let waits = |rule: &RuleId| by[rule].iter().filter(|other| by.contains_key(other)).count();
    let all: Vec<RuleId> = rules.iter().copied().filter(|rule| by.contains_key(rule)).collect();
    let mut waiting: FxHashMap<RuleId, usize> = all.iter().map(|rule| (*rule, waits(rule))).collect();
    let mut settled: Vec<RuleId> = all.iter().copied().filter(|rule| waiting[rule] == 0).collect();
    let mut at = 0;
    while let Some(rule) = settled.get(at).copied() {
        for below in &package[rule].overrides {
            if let Some(waits) = waiting.get_mut(below) {
                *waits -= 1;
                settled.extend((*waits == 0).then_some(*below));
            }
        }
        at += 1;
    }
    settled.into_iter().map(|rule| (rule.0, by[&rule].iter().map(|other| other.0).collect())).collect()
}

fn place(at: Span) -> Place {
    Place { file: at.file.0, start: at.start, end: at.end }
}
