//! Rules to instructions: the conditions in the order of the text, then what the rule says, and where an error leads.

use super::Unsupported;
use super::exprs::{Emitter, Result};
use crate::hir::{Condition, DutyClause, Effect, Grant, Requirement, Rule, RuleId};
use ordain_vm::op::{Label, Op, Stance};
use ordain_vm::program::Function;

impl Emitter<'_, '_> {
    /// The rules of the action, in their order, without those that can't be compiled. Gives how many conditions they have.
    pub fn rules(&mut self, rules: &[RuleId], left_out: &mut Vec<(RuleId, Unsupported)>) -> u32 {
        let mut conditions = 0;
        for id in rules {
            let atoms = self.shared.checked.conditions_of(*id);
            self.atoms = atoms.iter().enumerate().map(|(at, atom)| (*atom, conditions + at as u32)).collect();
            conditions += atoms.len() as u32;
            let here = self.body.here();
            if let Err(unsupported) = self.rule(*id) {
                self.body.back(here);
                left_out.push((*id, unsupported));
            }
            self.unbind();
        }
        conditions
    }

    pub fn finish(self) -> Vec<Function> {
        let action = self.action.index();
        vec![self.body.finish(action)]
    }

    fn rule(&mut self, id: RuleId) -> Result<()> {
        let package = self.package();
        let rule = &package[id];
        // On an event and on trial, an error is listed and changes nothing else.
        let lenient = rule.trial || package[self.action].event;
        self.body.at(rule.head.at);
        let end = self.body.label();
        let dated = |effective: &crate::hir::Effective| effective.from.is_some() || effective.until.is_some();
        if dated(&rule.effective) || self.policy_is_dated(rule) {
            self.body.push(Op::InForce { rule: id.0, label: end });
        }
        self.policy = Some(rule.policy);
        self.bind_lets(&rule.lets);
        let (from, erred, duties) = (self.body.len(), self.body.label(), self.body.label());
        // A rule that does not apply has no duties.
        self.conditions(&rule.conditions, end)?;
        match &rule.effect {
            Effect::None => self.stand(id, Stance::Duties),
            Effect::Lift => self.stand(id, Stance::Lift),
            Effect::Permit => self.stand(id, Stance::Grant),
            Effect::Deny { waivers: None } => self.stand(id, Stance::Denial),
            Effect::Require { requirements, grant } => {
                self.required(id, requirements, grant.as_ref(), lenient, duties, end)?;
            }
            Effect::PermitWith(_) | Effect::Needs(_) | Effect::Deny { waivers: Some(_) } => {
                return Err(Unsupported { what: "an approval", at: rule.head.at });
            }
            Effect::Limit(_) => return Err(Unsupported { what: "a limit", at: rule.head.at }),
        }
        self.body.push(Op::Jump { label: duties });
        self.body.guard(from, erred);
        self.body.bind(erred);
        self.body.push(Op::Err { rule: id.0, erred: true });
        let restricts = match &rule.effect {
            Effect::Deny { .. } | Effect::Needs(_) | Effect::Require { .. } | Effect::Limit(_) => true,
            Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Lift => false,
        };
        match restricts && !lenient {
            true => self.stand(id, Stance::Denial),
            false => self.body.push(Op::Unsay { rule: id.0 }),
        }
        if !restricts || lenient {
            self.body.push(Op::Jump { label: end });
        }
        self.body.bind(duties);
        self.forget(0);
        self.duties(id, rule, lenient, end)?;
        self.body.bind(end);
        Ok(())
    }

    fn policy_is_dated(&self, rule: &Rule) -> bool {
        let package = self.package();
        // A policy under another is in force only while that is.
        let mut open = vec![rule.policy];
        for _ in 0..package.policies.len() {
            if open
                .iter()
                .any(|policy| package[*policy].effective.from.is_some() || package[*policy].effective.until.is_some())
            {
                return true;
            }
            open = open.iter().flat_map(|policy| package[*policy].under.iter().copied()).collect();
            open.sort_unstable();
            open.dedup();
        }
        false
    }

    fn stand(&mut self, rule: RuleId, stance: Stance) {
        self.body.push(Op::Stand { rule: rule.0, stance });
    }

    /// On where all are met, and else at the label.
    fn conditions(&mut self, conditions: &[Condition], otherwise: Label) -> Result<()> {
        conditions.iter().try_for_each(|condition| self.branch(condition.expr, condition.negated, otherwise))
    }

    /// Every requirement is looked at; one that errs has failed.
    fn required(
        &mut self,
        id: RuleId,
        requirements: &[Requirement],
        grant: Option<&Grant>,
        lenient: bool,
        duties: Label,
        end: Label,
    ) -> Result<()> {
        let (lacking, zero, one) = (self.body.word(), self.body.const_word(0), self.body.const_word(1));
        self.body.push(Op::MoveWord { to: lacking, of: zero });
        for (at, requirement) in requirements.iter().enumerate() {
            let (from, fails, errs, next) = (self.body.len(), self.body.label(), self.body.label(), self.body.label());
            let mark = self.mark();
            self.conditions(&requirement.conditions, next)?;
            self.branch(requirement.expr, true, next)?;
            self.body.push(Op::Jump { label: fails });
            self.body.guard(from, errs);
            self.body.bind(errs);
            self.body.push(Op::Err { rule: id.0, erred: true });
            if lenient {
                self.body.push(Op::Jump { label: next });
            }
            self.body.bind(fails);
            self.body.push(Op::Lack { rule: id.0, requirement: at as u32 });
            self.body.push(Op::MoveWord { to: lacking, of: one });
            self.body.bind(next);
            self.forget(mark);
        }
        let granted = self.body.label();
        self.body.push(Op::JumpIfNot { of: lacking, label: granted });
        self.stand(id, Stance::Denial);
        // The duties of a rule with a permit are the permit's.
        self.body.push(Op::Jump { label: if grant.is_some() { end } else { duties } });
        self.body.bind(granted);
        let Some(grant) = grant else {
            self.body.push(Op::Jump { label: end });
            return Ok(());
        };
        // An error here makes the permit not apply; it denies nothing.
        let (from, errs, done) = (self.body.len(), self.body.label(), self.body.label());
        self.conditions(&grant.conditions, end)?;
        if grant.approval.is_some() {
            return Err(Unsupported { what: "an approval", at: self.package()[id].head.at });
        }
        self.stand(id, Stance::Grant);
        self.body.push(Op::Jump { label: done });
        self.body.guard(from, errs);
        self.body.bind(errs);
        self.body.push(Op::Err { rule: id.0, erred: true });
        self.body.push(Op::Jump { label: end });
        self.body.bind(done);
        Ok(())
    }

    /// The duties of a rule that applies: what of them can err is worked out here, and said only where they come due.
    fn duties(&mut self, id: RuleId, rule: &Rule, lenient: bool, end: Label) -> Result<()> {
        for duty in &rule.duties {
            let (from, errs, next) = (self.body.len(), self.body.label(), self.body.label());
            let mark = self.mark();
            self.duty(duty, next)?;
            self.body.push(Op::Jump { label: next });
            self.body.guard(from, errs);
            self.body.bind(errs);
            self.body.push(Op::Err { rule: id.0, erred: !lenient });
            if !lenient {
                self.stand(id, Stance::Denial);
                self.body.push(Op::Jump { label: end });
            }
            self.body.bind(next);
            self.forget(mark);
        }
        Ok(())
    }

    fn duty(&mut self, clause: &DutyClause, next: Label) -> Result<()> {
        if clause.mark.is_some() {
            return Err(Unsupported { what: "a limit", at: clause.at });
        }
        self.conditions(&clause.conditions, next)?;
        self.operands(&clause.call)?;
        if let Some(within) = clause.within {
            self.moment_after(within)?;
        }
        if let Some(otherwise) = &clause.otherwise {
            self.operands(otherwise)?;
        }
        Ok(())
    }
}
