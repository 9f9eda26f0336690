//! A decision in words: a [`Detail`] of what was decided, the program and the request. It is made when someone asks, beside
//! what the decision read: values that messages and duties show are worked out again, by functions of their own.
//!
//! | module | says |
//! | --- | --- |
//! | `rules` | determining rules, rules on trial, requirements that failed, errors |
//! | `approvers` | whose approval is wanted, and whose counted |
//! | `duties` | what is due |

mod approvers;
mod duties;
mod rules;

use crate::answer::{Bits, Detail, PolicyRef, Verdict};
use crate::approvals::Asked;
use crate::decide::Decision;
use crate::fault::Fault;
use crate::interp::{Around, Found, Interpreter, Machine, Run};
use crate::op::Stance;
use crate::program::said::{OfRule, Words};
use crate::program::{Action, Function, Place, Program, Rule};
use crate::request::slots::Banks;
use crate::value::Value;
use std::sync::Arc;

/// What a decision by a policy's `otherwise` is called.
pub const OTHERWISE: &str = "otherwise";

/// What `decision` says of the request that `around` holds, whose digest is given. It must be the one that was decided,
/// beside the same data and the same past.
pub fn detail(around: &Around<'_>, decision: &Decision, digest: &Arc<str>) -> Detail {
    let program = around.verified.program();
    let action = &program.actions[around.request.action()];
    let mut explaining = Explaining { around, program, action, decision, asked: vec![] };
    explaining.ask();
    let mut bits = Bits::default();
    (0..action.conditions).for_each(|at| bits.push(decision.found.condition(at)));
    let policies = decision.speaking().iter().map(|policy| {
        let policy = &program.policies[*policy as usize];
        PolicyRef { name: policy.name.clone(), version: policy.version.clone(), digest: policy.digest.clone() }
    });
    Detail {
        verdict: decision.verdict,
        policy: policies.collect(),
        rules: explaining.determining(),
        missing: explaining.missing(),
        approvers: match decision.verdict {
            Verdict::Escalate => explaining.wanted(),
            Verdict::Permit | Verdict::Deny | Verdict::Recorded => vec![],
        },
        approved: explaining.approved(),
        duties: explaining.due(),
        trial: explaining.trials(),
        errors: explaining.errors(),
        bits: bits.to_string(),
        request: Some(digest.clone()),
        id: Some(around.id.into()),
        time: Some(around.request.time().to_string()),
        ..Detail::denial()
    }
}

/// By module name, then place in the text: the order of every list.
type Order = (Arc<str>, u32, u32);

struct Explaining<'e> {
    around: &'e Around<'e>,
    program: &'e Program,
    action: &'e Action,
    decision: &'e Decision,
    /// What was asked of approvers, in the order in which it was.
    asked: Vec<Asked>,
}

impl<'e> Explaining<'e> {
    /// What the rules asked of approvers is not kept: where it says something, they are run again.
    fn ask(&mut self) {
        let wants = |(rule, _): (u32, Stance)| self.said(rule).is_some_and(|said| said.approvers);
        let wanted = self.decision.verdict == Verdict::Escalate || self.decision.standing().any(wants);
        if !wanted && self.around.given.is_empty() {
            return;
        }
        let mut found = Found::default();
        found.begin(self.around.verified, self.around.request.action());
        found.speaking.clone_from(&self.decision.found.speaking);
        let mut asked = vec![];
        // How it ends was told when it was decided.
        let _ended = self.run(self.action.function, &mut found, Some(&mut asked));
        self.asked = asked;
    }

    /// Runs a function of the action's. Gives its registers.
    fn run(&self, number: u32, found: &mut Found, asked: Option<&mut Vec<Asked>>) -> Result<Banks<'e>, (Fault, Place)> {
        let Around { verified, request, id, asked: first, .. } = *self.around;
        let function = &self.program.functions[number as usize];
        let layout = verified.layout(request.action());
        let mut banks = Banks::new(&layout.registers, function);
        layout.begin(request.time(), id, first, &mut banks);
        request.fill(layout, &mut banks);
        let mut machine = Machine::new(number, &mut banks, self.around, found);
        machine.asked = asked;
        Interpreter.run(&mut machine)?;
        Ok(banks)
    }

    /// What a function gives; or the fault that ended it.
    fn given(&self, number: u32) -> Result<Vec<Value>, (Fault, Place)> {
        let function: &Function = &self.program.functions[number as usize];
        let banks = self.run(number, &mut Found::default(), None)?;
        let (first, count) = function.gives.map_or((0, 0), |(first, count)| (first.index(), count as usize));
        Ok(banks.values.get(first..first + count).unwrap_or_default().to_vec())
    }

    fn words(&self, words: &Words) -> String {
        let function = match words {
            Words::Plain(plain) => return plain.to_string(),
            Words::Made(function) => *function,
        };
        match self.given(function).as_deref() {
            Ok([Value::Text(text)]) => text.to_string(),
            Ok(_) => format!("‹{}›", Fault::Outside.word()),
            Err((fault, _)) => format!("‹{}›", fault.word()),
        }
    }

    fn rule(&self, rule: u32) -> &'e Rule {
        &self.program.rules[rule as usize]
    }

    /// What is said of a rule on the action.
    fn said(&self, rule: u32) -> Option<&'e OfRule> {
        let at = self.action.rules.iter().position(|other| *other == rule)?;
        self.action.said.get(at)
    }

    fn order_of_rule(&self, rule: u32) -> Order {
        let rule = self.rule(rule);
        (self.program.policies[rule.policy as usize].module.clone(), rule.place.file, rule.place.start)
    }

    fn order_of_policy(&self, policy: u32) -> Order {
        let policy = &self.program.policies[policy as usize];
        (policy.module.clone(), policy.place.file, policy.place.start)
    }

    /// A rule's name, or that of an `otherwise`, by the number under which approvers are asked; its place in lists; and
    /// the rule.
    fn asking(&self, number: u32) -> (Arc<str>, Order, Option<u32>) {
        match number.checked_sub(self.program.rules.len() as u32) {
            Some(policy) => (OTHERWISE.into(), self.order_of_policy(policy), None),
            None => (self.rule(number).name.clone(), self.order_of_rule(number), Some(number)),
        }
    }
}

/// Brought into order; those of one place stay as they are.
fn in_order<T>(mut all: Vec<(Order, T)>) -> Vec<T> {
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter().map(|(_, one)| one).collect()
}
