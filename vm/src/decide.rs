//! From what was found of the rules to the verdict: which rules are defeated, what each policy says, and what they come to.

use crate::answer::Verdict;
use crate::interp::{Around, Found, banks, in_force, run};
use crate::op::{Said, Stance};
use crate::program::{Otherwise, Program};

/// What was decided, and what it rests on. Nothing here is text: whoever asks makes words of it.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a decision says whether the request may go on"]
pub struct Decision {
    pub verdict: Verdict,
    /// Policies that speak, in the order of the package.
    pub speaking: Vec<u32>,
    /// Rules that determine the verdict, in the order of the action's rules.
    pub rules: Vec<u32>,
    /// Policies whose `otherwise` determines it.
    pub otherwise: Vec<u32>,
    /// Rules on trial that stand, with what they would have said.
    pub trial: Vec<(u32, Verdict)>,
    /// Rules that apply and that another defeats.
    pub defeated: Vec<u32>,
    pub found: Found,
}

/// What a policy says.
struct Saying {
    policy: u32,
    verdict: Option<Verdict>,
    /// `permit` or `escalate`, where it grants.
    grant: Option<Verdict>,
    /// Its `otherwise` says it.
    otherwise: bool,
}

/// Decides a request.
pub fn decide(around: &Around<'_>) -> Decision {
    let (verified, request) = (around.verified, around.request);
    let program = verified.program();
    let action = &program.actions[request.action];
    let function = &program.functions[action.function as usize];
    let now = request.context.time;
    let speaking: Vec<u32> = action.policies.iter().copied().filter(|policy| in_force(program, *policy, now)).collect();
    let mut banks = banks(verified, function);
    verified.layout(request.action).fill(request, around.id, around.asked, &mut banks);
    let mut found = Found::default();
    // The compiler lets every rule take its own faults. Of a program in which one does not, nothing is granted.
    let whole = run(function, &mut banks, around, &mut found);
    for (rule, fault, place) in std::mem::take(&mut found.in_where) {
        match rule.checked_sub(program.rules.len() as u32) {
            Some(policy) => found.otherwise_faults.push((policy, fault, place)),
            None if found.faults.iter().any(|(of, ..)| *of == rule) => {}
            None => found.faults.push((rule, fault, place)),
        }
    }
    // Only those that speak do.
    found.stands.retain(|(rule, _)| speaking.contains(&program.rules[*rule as usize].policy));
    let defeated = defeated(&found, &action.overridden);
    if let Err((fault, place)) = whole {
        let event = program.schema.actions[request.action].event;
        let verdict = if event { Verdict::Recorded } else { Verdict::Deny };
        found.ended = Some((fault, place));
        return Decision { verdict, speaking, rules: vec![], otherwise: vec![], trial: vec![], defeated, found };
    }
    let standing = Standing { program, found: &found, defeated: &defeated };
    if program.schema.actions[request.action].event {
        let (verdict, trial) = (Verdict::Recorded, standing.trial());
        return Decision { verdict, speaking, rules: vec![], otherwise: vec![], trial, defeated, found };
    }
    let sayings: Vec<Saying> = speaking.iter().map(|policy| standing.saying(*policy)).collect();
    let verdict = verdict_of(&sayings);
    let said = standing.all().filter(|(rule, stance)| {
        !program.rules[*rule as usize].trial && standing.effect(*rule, *stance) == Some(verdict)
    });
    let rules = said.map(|(rule, _)| rule).collect();
    let otherwise = sayings.iter().filter(|saying| saying.otherwise && saying.verdict == Some(verdict));
    let otherwise = otherwise.map(|saying| saying.policy).collect();
    let trial = standing.trial();
    Decision { verdict, speaking, rules, otherwise, trial, defeated, found }
}

/// Rules that apply, and that one which overrides them, stands and did not err defeats.
fn defeated(found: &Found, overridden: &[(u32, Vec<u32>)]) -> Vec<u32> {
    let mut defeated: Vec<u32> = vec![];
    let applies = |rule: &u32| found.stands.iter().any(|(other, _)| other == rule);
    for (rule, by) in overridden {
        let wins = |other: &u32| applies(other) && !defeated.contains(other) && !found.erred.contains(other);
        if applies(rule) && by.iter().any(wins) {
            defeated.push(*rule);
        }
    }
    defeated
}

struct Standing<'d> {
    program: &'d Program,
    found: &'d Found,
    defeated: &'d [u32],
}

impl Standing<'_> {
    fn all(&self) -> impl Iterator<Item = (u32, Stance)> {
        self.found.stands.iter().copied().filter(|(rule, _)| !self.defeated.contains(rule))
    }

    /// A rule of the policy, not on trial, stands with that.
    fn says(&self, policy: u32, stance: Stance) -> bool {
        self.all().any(|(rule, own)| {
            let rule = &self.program.rules[rule as usize];
            own == stance && rule.policy == policy && !rule.trial
        })
    }

    fn saying(&self, policy: u32) -> Saying {
        let (mut otherwise, grants) = (false, self.says(policy, Stance::Grant));
        let grant = match self.says(policy, Stance::ConditionalGrant) {
            _ if grants => Some(Verdict::Permit),
            true => Some(Verdict::Escalate),
            false => {
                otherwise = true;
                match self.program.policies[policy as usize].otherwise {
                    Otherwise::Permit => Some(Verdict::Permit),
                    Otherwise::Deny => Some(Verdict::Deny),
                    Otherwise::Abstain => None,
                    Otherwise::Approval => {
                        let found = self.found.otherwise.iter().find(|(of, _)| *of == policy);
                        Some(match found.map_or(Said::Deny, |(_, said)| *said) {
                            Said::Permit => Verdict::Permit,
                            Said::Escalate => Verdict::Escalate,
                            Said::Deny => Verdict::Deny,
                        })
                    }
                }
            }
        };
        let denied = self.says(policy, Stance::Denial);
        let verdict = match () {
            () if denied || grant == Some(Verdict::Deny) => Some(Verdict::Deny),
            () if self.says(policy, Stance::Gate) => Some(Verdict::Escalate),
            () => grant,
        };
        // Where a denial or a gate says more, the `otherwise` did not decide.
        let otherwise = otherwise && verdict == grant && !denied && grant.is_some();
        Saying { policy, verdict, grant: grant.filter(|grant| *grant != Verdict::Deny), otherwise }
    }

    /// The verdict that a standing rule would determine.
    fn effect(&self, rule: u32, stance: Stance) -> Option<Verdict> {
        match stance {
            Stance::Denial => Some(Verdict::Deny),
            Stance::Gate => Some(Verdict::Escalate),
            Stance::Grant => Some(Verdict::Permit),
            Stance::ConditionalGrant => {
                let policy = self.program.rules[rule as usize].policy;
                (!self.says(policy, Stance::Grant)).then_some(Verdict::Escalate)
            }
            Stance::Met | Stance::Lift | Stance::Duties => None,
        }
    }

    fn trial(&self) -> Vec<(u32, Verdict)> {
        let on_trial = self.all().filter(|(rule, _)| self.program.rules[*rule as usize].trial);
        on_trial.map(|(rule, stance)| (rule, self.effect(rule, stance).unwrap_or(Verdict::Recorded))).collect()
    }
}

/// The strictest of those that have a say; where none grants, a denial.
fn verdict_of(sayings: &[Saying]) -> Verdict {
    let strictest = sayings.iter().filter_map(|saying| saying.verdict).max().unwrap_or(Verdict::Deny);
    if sayings.iter().any(|saying| saying.grant.is_some()) { strictest } else { Verdict::Deny }
}
