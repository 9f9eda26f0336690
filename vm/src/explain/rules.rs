//! Rules in words: those that determine, those on trial, the requirements that failed, and errors.

use super::{Explaining, OTHERWISE, Order, in_order};
use crate::answer::{Determining, Missing, Problem, Verdict};
use crate::fault::Fault;
use crate::program::Place;
use std::sync::Arc;

impl Explaining<'_> {
    pub(super) fn determining(&self) -> Vec<Determining> {
        let (decision, verdict) = (self.decision, self.decision.verdict);
        if verdict == Verdict::Recorded {
            return vec![];
        }
        let of_rule = |rule: &u32| (self.order_of_rule(*rule), self.determines(*rule, verdict));
        let mut rules: Vec<(Order, Determining)> = decision.rules.iter().map(of_rule).collect();
        rules.extend(decision.otherwise.iter().map(|policy| {
            let of = &self.program.policies[*policy as usize];
            let at = self.around.verified.shown(of.name_at);
            let because = of.because.as_ref().map(ToString::to_string);
            (self.order_of_policy(*policy), by_otherwise(of.name.clone(), verdict, because, at))
        }));
        if rules.is_empty() {
            let why = match decision.speaking() {
                [] => "No policy in force governs this.",
                _ => "No policy in force grants this.",
            };
            return vec![by_otherwise("".into(), verdict, Some(why.into()), String::new())];
        }
        in_order(rules)
    }

    pub(super) fn trials(&self) -> Vec<Determining> {
        self.decision.trial.iter().map(|(rule, effect)| self.determines(*rule, *effect)).collect()
    }

    /// A rule with its reason and sources.
    fn determines(&self, rule: u32, effect: Verdict) -> Determining {
        let of = self.rule(rule);
        let said = self.said(rule);
        Determining {
            rule: of.name.clone(),
            policy: self.program.policies[of.policy as usize].name.clone(),
            effect,
            because: said.and_then(|said| said.because.as_ref()).map(|because| self.words(because)),
            code: of.code.clone(),
            sources: of.sources.clone(),
            at: self.around.verified.shown(of.place),
            waivers: match self.decision.found.erred.contains(&rule) {
                true => vec![],
                false => self.waivers(rule),
            },
        }
    }

    /// Of rules that stand.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let failed = |(rule, requirement): &(u32, u32)| {
            let of = self.rule(*rule);
            let stands = self.decision.standing().any(|(other, _)| other == *rule);
            let said = self.said(*rule)?.requirements.get(*requirement as usize).filter(|_| stands && !of.trial)?;
            Some(Missing { rule: of.name.clone(), text: self.words(&said.words), code: said.code.clone() })
        };
        self.decision.found.lacks.iter().filter_map(failed).collect()
    }

    pub(super) fn errors(&self) -> Vec<Problem> {
        let found = &self.decision.found;
        let of_rules = found.faults.iter().map(|(rule, fault, place)| {
            (self.order_of_rule(*rule), self.problem(fault, *place, Some(self.rule(*rule).name.clone())))
        });
        let mut errors: Vec<(Order, Problem)> = of_rules.collect();
        // Of an `otherwise` that was asked, the first.
        for policy in self.decision.speaking().iter().filter(|policy| self.decision.asks_otherwise(**policy)) {
            let first = found.otherwise_faults.iter().find(|(of, ..)| of == policy);
            errors.extend(first.map(|(_, fault, place)| {
                (self.order_of_policy(*policy), self.problem(fault, *place, Some(OTHERWISE.into())))
            }));
        }
        let mut errors = in_order(errors);
        errors.extend(found.ended.iter().map(|(fault, place)| self.problem(fault, *place, None)));
        errors
    }

    fn problem(&self, fault: &Fault, place: Place, rule: Option<Arc<str>>) -> Problem {
        Problem {
            code: fault.code().into(),
            message: fault.to_string(),
            at: Some(self.around.verified.shown(place)),
            path: None,
            rule,
        }
    }
}

fn by_otherwise(policy: Arc<str>, effect: Verdict, because: Option<String>, at: String) -> Determining {
    Determining { rule: OTHERWISE.into(), policy, effect, because, code: None, sources: vec![], at, waivers: vec![] }
}
