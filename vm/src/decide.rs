//! From what was found of the rules to the verdict: which rules are defeated, what each policy says, and what they come to.

use crate::answer::Verdict;
use crate::fault::Fault;
use crate::frame::Frame;
use crate::interp::{Around, Found, Interpreter};
use crate::op::{Said, Stance};
use crate::program::{Otherwise, Place, Program};
use crate::verify::Verified;

/// What was decided, and what it rests on. Nothing here is text: whoever asks makes words of it.
/// The one that a new [`Frame`] holds is a denial of nothing.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a decision says whether the request may go on"]
pub struct Decision {
    pub verdict: Verdict,
    /// Rules that determine the verdict, in the order of the action's rules.
    pub rules: Vec<u32>,
    /// Policies whose `otherwise` determines it.
    pub otherwise: Vec<u32>,
    /// Rules on trial that stand, with what they would have said.
    pub trial: Vec<(u32, Verdict)>,
    /// Rules that apply and that another defeats.
    pub defeated: Vec<u32>,
    pub found: Found,
    /// By policy that speaks.
    sayings: Vec<Saying>,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq)]
struct Saying {
    policy: u32,
    /// Rules of it that stand, and are not on trial.
    grants: bool,
    grants_conditionally: bool,
    gates: bool,
    denies: bool,
    verdict: Option<Verdict>,
    /// `permit` or `escalate`, where it grants.
    grant: Option<Verdict>,
    /// Its `otherwise` says it.
    otherwise: bool,
}

/// Decides a request with the interpreter. Who decides often keeps a [`Frame`].
pub fn decide(around: &Around<'_>) -> Decision {
    let mut frame = Frame::new();
    frame.decide(&Interpreter, around).clone()
}

impl Decision {
    pub(crate) fn none() -> Decision {
        Decision {
            verdict: Verdict::Deny,
            rules: vec![],
            otherwise: vec![],
            trial: vec![],
            defeated: vec![],
            found: Found::default(),
            sayings: vec![],
        }
    }

    /// The policies that speak, in the order of the package.
    pub fn speaking(&self) -> &[u32] {
        &self.found.speaking
    }

    /// Rules that apply and are not defeated.
    pub fn standing(&self) -> impl Iterator<Item = (u32, Stance)> {
        self.found.stands.iter().copied().filter(|(rule, _)| !self.defeated.contains(rule))
    }

    /// What that policy speaks by is its `otherwise`, for want of a rule that grants.
    pub(crate) fn asks_otherwise(&self, policy: u32) -> bool {
        let own = self.sayings.iter().find(|saying| saying.policy == policy);
        own.is_some_and(|saying| !saying.grants && !saying.grants_conditionally)
    }
}

/// Makes a decision of what a run has found. `whole`: how it ended.
pub(crate) fn conclude(verified: &Verified, action: usize, whole: Result<(), (Fault, Place)>, decision: &mut Decision) {
    let program = verified.program();
    let event = program.schema.actions[action].event;
    decision.rules.clear();
    decision.otherwise.clear();
    decision.trial.clear();
    decision.defeated.clear();
    decision.sayings.clear();
    join_faults(program, &mut decision.found);
    if let Some(order) = verified.order(action) {
        put_in_order(order, &mut decision.found);
    }
    defeat(&decision.found, &program.actions[action].overridden, &mut decision.defeated);
    // The compiler lets every rule take its own faults. Of a program in which one does not, nothing is granted.
    decision.verdict = if event { Verdict::Recorded } else { Verdict::Deny };
    if let Err(ended) = whole {
        decision.found.ended = Some(ended);
        return;
    }
    decision.sayings.extend(decision.found.speaking.iter().map(|policy| Saying::nothing(*policy)));
    weigh(program, decision);
    if !event {
        let found = &decision.found;
        decision.sayings.iter_mut().for_each(|saying| saying.conclude(program, found));
        decision.verdict = verdict_of(&decision.sayings);
    }
    name_those_that_determine(program, event, decision);
}

/// Faults in conditions on approvers: the rule's where it has no other, or those of an `otherwise`.
fn join_faults(program: &Program, found: &mut Found) {
    if found.in_where.is_empty() {
        return;
    }
    for (rule, fault, place) in found.in_where.drain(..) {
        match rule.checked_sub(program.rules.len() as u32) {
            Some(policy) => found.otherwise_faults.push((policy, fault, place)),
            None if found.faults.iter().any(|(of, ..)| *of == rule) => {}
            None => found.faults.push((rule, fault, place)),
        }
    }
}

/// Rules that were looked up ran behind the others.
fn put_in_order(order: &[u32], found: &mut Found) {
    let place = |rule: &u32| order.get(*rule as usize).copied().unwrap_or(u32::MAX);
    found.stands.sort_unstable_by_key(|(rule, _)| place(rule));
    found.erred.sort_unstable_by_key(place);
    found.faults.sort_unstable_by_key(|(rule, ..)| place(rule));
    found.lacks.sort_unstable_by_key(|(rule, requirement)| (place(rule), *requirement));
    found.crossed.sort_unstable_by_key(|(rule, duty)| (place(rule), *duty));
}

/// Rules that apply, and that one which overrides them, stands and did not err defeats.
fn defeat(found: &Found, overridden: &[(u32, Vec<u32>)], defeated: &mut Vec<u32>) {
    if found.stands.len() < 2 {
        return;
    }
    let applies = |rule: &u32| found.stands.iter().any(|(other, _)| other == rule);
    for (rule, by) in overridden {
        let wins = |other: &u32| applies(other) && !defeated.contains(other) && !found.erred.contains(other);
        if applies(rule) && by.iter().any(wins) {
            defeated.push(*rule);
        }
    }
}

/// What the rules that stand say for their policies.
fn weigh(program: &Program, decision: &mut Decision) {
    let Decision { found, defeated, sayings, .. } = decision;
    for (rule, stance) in found.stands.iter().filter(|(rule, _)| !defeated.contains(rule)) {
        let of = &program.rules[*rule as usize];
        let Some(saying) = sayings.iter_mut().find(|saying| saying.policy == of.policy && !of.trial) else { continue };
        match stance {
            Stance::Grant => saying.grants = true,
            Stance::ConditionalGrant => saying.grants_conditionally = true,
            Stance::Gate => saying.gates = true,
            Stance::Denial => saying.denies = true,
            Stance::Met | Stance::Lift | Stance::Duties => {}
        }
    }
}

impl Saying {
    fn nothing(policy: u32) -> Saying {
        Saying {
            policy,
            grants: false,
            grants_conditionally: false,
            gates: false,
            denies: false,
            verdict: None,
            grant: None,
            otherwise: false,
        }
    }

    fn conclude(&mut self, program: &Program, found: &Found) {
        self.otherwise = !self.grants && !self.grants_conditionally;
        let grant = match () {
            () if self.grants => Some(Verdict::Permit),
            () if self.grants_conditionally => Some(Verdict::Escalate),
            () => otherwise(program, found, self.policy),
        };
        self.verdict = match () {
            () if self.denies || grant == Some(Verdict::Deny) => Some(Verdict::Deny),
            () if self.gates => Some(Verdict::Escalate),
            () => grant,
        };
        // Where a denial or a gate says more, the `otherwise` did not decide.
        self.otherwise &= self.verdict == grant && !self.denies && grant.is_some();
        self.grant = grant.filter(|grant| *grant != Verdict::Deny);
    }
}

fn otherwise(program: &Program, found: &Found, policy: u32) -> Option<Verdict> {
    match program.policies[policy as usize].otherwise {
        Otherwise::Permit => Some(Verdict::Permit),
        Otherwise::Deny => Some(Verdict::Deny),
        Otherwise::Abstain => None,
        Otherwise::Approval => {
            let said = found.otherwise.iter().find(|(of, _)| *of == policy);
            Some(match said.map_or(Said::Deny, |(_, said)| *said) {
                Said::Permit => Verdict::Permit,
                Said::Escalate => Verdict::Escalate,
                Said::Deny => Verdict::Deny,
            })
        }
    }
}

/// The strictest of those that have a say; where none grants, a denial.
fn verdict_of(sayings: &[Saying]) -> Verdict {
    let strictest = sayings.iter().filter_map(|saying| saying.verdict).max().unwrap_or(Verdict::Deny);
    if sayings.iter().any(|saying| saying.grant.is_some()) { strictest } else { Verdict::Deny }
}

fn name_those_that_determine(program: &Program, event: bool, decision: &mut Decision) {
    let Decision { verdict, rules, otherwise, trial, defeated, found, sayings } = decision;
    for (rule, stance) in found.stands.iter().filter(|(rule, _)| !defeated.contains(rule)) {
        let of = &program.rules[*rule as usize];
        let saying = sayings.iter().find(|saying| saying.policy == of.policy);
        let Some(saying) = saying else { continue };
        let effect = effect(*stance, saying);
        if of.trial {
            trial.push((*rule, effect.unwrap_or(Verdict::Recorded)));
        } else if effect == Some(*verdict) && !event {
            rules.push(*rule);
        }
    }
    otherwise.extend(
        sayings
            .iter()
            .filter(|saying| saying.otherwise && saying.verdict == Some(*verdict))
            .map(|saying| saying.policy),
    );
}

/// The verdict that a standing rule would determine.
fn effect(stance: Stance, saying: &Saying) -> Option<Verdict> {
    match stance {
        Stance::Denial => Some(Verdict::Deny),
        Stance::Gate => Some(Verdict::Escalate),
        Stance::Grant => Some(Verdict::Permit),
        Stance::ConditionalGrant => (!saying.grants).then_some(Verdict::Escalate),
        Stance::Met | Stance::Lift | Stance::Duties => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where nobody speaks, nothing is granted.
    #[test]
    fn nothing_is_a_denial() {
        assert_eq!(Decision::none().verdict, Verdict::Deny);
        assert_eq!(verdict_of(&[]), Verdict::Deny);
    }
}
