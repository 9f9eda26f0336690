//! Policies: the conditions, effects, duties and texts of rules and limits.
//! Follows what is known through a rule: its conditions hold in its texts and duties.
//! What a rule may consist of is checked beside this, in `check/`.

use super::narrow::Fact;
use super::{Checker, Scope};
use crate::errors::types::Spot;
use crate::hir::{
    Aggregate, Approval, Approver, Approvers, Condition, DutyClause, Effect, Grant, Limit, Otherwise, PolicyId,
    Requirement, RoleExpr, Rule,
};
use ordain_vm::value::Type;

impl<'a> Checker<'a> {
    pub(super) fn policies(&mut self) {
        let package = self.package;
        for (at, policy) in package.policies.iter().enumerate() {
            self.scope = Scope { policy: Some(PolicyId(at as u32)), ..Scope::default() };
            if let Otherwise::PermitWith(approval) = &policy.otherwise {
                self.scope.actions = &policy.governs;
                self.approval(approval);
            }
        }
        for rule in &package.rules {
            self.scope = Scope { actions: &rule.on, policy: Some(rule.policy), fixture: false };
            self.rule(rule);
            self.facts.back_to(0);
        }
        self.scope = Scope::default();
    }

    fn rule(&mut self, rule: &'a Rule) {
        for (local, value) in &rule.lets {
            let ty = self.infer(*value, None);
            self.types.locals[local.index()] = ty;
        }
        self.conditions(&rule.conditions);
        // What holds in the rule's duties besides its conditions.
        let mut granted = vec![];
        match &rule.effect {
            Effect::None | Effect::Permit | Effect::Lift => {}
            Effect::PermitWith(approval) | Effect::Needs(approval) => self.approval(approval),
            Effect::Deny { waivers } => {
                if let Some(waivers) = waivers {
                    self.approvers(waivers);
                }
            }
            Effect::Require { requirements, grant } => granted = self.requirements(requirements, grant.as_ref()),
            Effect::Limit(limit) => self.limit(limit, rule),
        }
        if let Some(because) = rule.because {
            self.infer(because, None);
        }
        self.facts.assume(&granted);
        for duty in &rule.duties {
            self.duty(duty);
        }
    }

    /// Conditions that all hold, one after the other; what they say is known behind them.
    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            let outcome = self.condition(condition.expr);
            let holds = if condition.negated { outcome.no } else { outcome.yes };
            self.facts.assume(&holds);
        }
    }

    /// The facts that hold once the rule's `permit` stands, to which its duties then belong.
    fn requirements(&mut self, requirements: &[Requirement], grant: Option<&Grant>) -> Vec<Fact> {
        let mark = self.facts.mark();
        let mut met = vec![];
        // Each is looked at whatever became of the others, so that one knows nothing of another.
        for requirement in requirements {
            self.conditions(&requirement.conditions);
            let outcome = self.condition(requirement.expr);
            if let Some(otherwise) = requirement.otherwise {
                self.facts.assume(&outcome.no);
                self.infer(otherwise, None);
            }
            self.facts.back_to(mark);
            if requirement.conditions.is_empty() {
                met.extend(outcome.yes);
            }
        }
        let Some(grant) = grant else { return vec![] };
        self.facts.assume(&met);
        for condition in &grant.conditions {
            let outcome = self.condition(condition.expr);
            let holds = if condition.negated { outcome.no } else { outcome.yes };
            self.facts.assume(&holds);
            met.extend(holds);
        }
        if let Some(approval) = &grant.approval {
            self.approval(approval);
        }
        self.facts.back_to(mark);
        met
    }

    fn approval(&mut self, approval: &Approval) {
        self.approvers(&approval.approvers);
        if let Some(within) = approval.within {
            self.span(within, "the time for an approval");
        }
    }

    fn approvers(&mut self, approvers: &Approvers) {
        approvers.all.iter().for_each(|approver| self.approver(approver));
    }

    fn approver(&mut self, approver: &Approver) {
        match approver {
            Approver::Role { role, filter, .. } => {
                match role {
                    RoleExpr::Role(_) => {}
                    RoleExpr::Value(value) => self.expect(*value, &Type::Role, Spot::The("who approves")),
                }
                if let Some(filter) = filter {
                    self.condition(filter.condition);
                }
            }
            Approver::AnyOf { of, .. } => of.iter().for_each(|approver| self.approver(approver)),
        }
    }

    fn limit(&mut self, limit: &Limit, rule: &Rule) {
        let counted = match &limit.aggregate {
            Aggregate::Count => Type::Int,
            Aggregate::Distinct(value) => {
                let ty = self.present(*value, None);
                self.countable(*value, &ty);
                Type::Int
            }
            Aggregate::Sum(value) => {
                let ty = self.present(*value, None);
                self.summed(*value, ty)
            }
        };
        for key in &limit.per {
            let ty = self.present(*key, None);
            self.countable(*key, &ty);
        }
        self.window(&limit.window);
        self.expect(limit.at_most, &counted, Spot::Limit(&rule.head.name.text));
        if let Some(approval) = &limit.needs {
            self.approval(approval);
        }
    }

    fn duty(&mut self, duty: &DutyClause) {
        let mark = self.facts.mark();
        if let Some(share) = duty.mark {
            self.expect(share, &Type::Decimal, Spot::The("the mark of a limit"));
        }
        self.conditions(&duty.conditions);
        self.duty_call(&duty.call);
        if let Some(within) = duty.within {
            self.span(within, "the time for a duty");
        }
        if let Some(otherwise) = &duty.otherwise {
            self.duty_call(otherwise);
        }
        self.facts.back_to(mark);
    }
}
