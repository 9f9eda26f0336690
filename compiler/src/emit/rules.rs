//! Rules to instructions: the conditions in the order of the text, then what the rule says, and where an error leads.

use super::body::Ends;
use super::exprs::{Emitter, Result};
use super::shared::numbered;
use super::{Of, Unsupported};
use crate::hir::{
    Approval, Approver, Approvers, Condition, DutyClause, Effect, ExprId, Filter, Grant, LocalId, Otherwise, PolicyId,
    Requirement, RoleExpr, Rule, RuleId,
};
use ordain_vm::op::{Cmp, Label, Op, Said, Stance, Val, Word};
use ordain_vm::program::said::OfRule;
use ordain_vm::program::{Clause, Function, Role, Wanted};
use std::collections::BTreeSet;

/// What is kept of an action's rules beside their instructions.
pub(super) struct OfRules {
    pub conditions: u32,
    /// See [`ordain_vm::program::Action::asked_first`].
    pub asked_first: Vec<u32>,
    /// What is said of each.
    pub said: Vec<OfRule>,
}

impl Emitter<'_, '_> {
    /// The rules of the action, without those that can't be compiled: those that are looked up behind the others. Only those
    /// of policies that govern it have a say.
    pub fn rules(&mut self, rules: &[RuleId], governing: &[u32], left_out: &mut Vec<(Of, Unsupported)>) -> OfRules {
        let mut all = OfRules { conditions: 0, asked_first: vec![], said: vec![OfRule::default(); rules.len()] };
        let mut first_of = vec![];
        for id in rules {
            first_of.push(all.conditions);
            all.conditions += self.shared.checked.conditions_of(*id).len() as u32;
        }
        let groups = self.groups(rules, governing);
        let looked_up: BTreeSet<usize> =
            groups.iter().flat_map(|group| group.rules().map(|(place, _)| place)).collect();
        for (place, id) in rules.iter().enumerate() {
            if governing.contains(&self.package()[*id].policy.0) && !looked_up.contains(&place) {
                // What is left out says nothing.
                let _left_out = self.one(*id, first_of[place], &mut all.said[place], left_out);
            }
        }
        for group in groups {
            self.looked_up(&group, |this, place, id| {
                this.one(id, first_of[place], &mut all.said[place], left_out)?;
                all.asked_first.push(first_of[place]);
                Ok(())
            });
        }
        all
    }

    /// One rule, whose conditions are numbered from `first` on.
    fn one(&mut self, id: RuleId, first: u32, said: &mut OfRule, left_out: &mut Vec<(Of, Unsupported)>) -> Result<()> {
        let atoms = self.shared.checked.conditions_of(id);
        self.atoms = atoms.iter().enumerate().map(|(at, atom)| (*atom, first + at as u32)).collect();
        let (here, given_out) = (self.body.here(), self.body.given_out());
        let outcome = self.rule(id).and_then(|()| self.said(id));
        self.body.end_rule(outcome.is_ok());
        // The next rule works out for itself what it needs.
        self.unbind();
        self.body.give_back(given_out);
        match outcome {
            Ok(own) => *said = own,
            Err(unsupported) => {
                self.body.back(here);
                left_out.push((Of::Rule(id), unsupported.clone()));
                return Err(unsupported);
            }
        }
        Ok(())
    }

    /// The function, whose number is known once those that it calls have theirs.
    pub fn finish(self) -> Function {
        let action = self.action.index();
        self.body.finish(action, Ends::default())
    }

    /// What `otherwise permit with approval of` comes to, of each policy that governs the action.
    pub fn otherwise(&mut self, policies: &[u32], left_out: &mut Vec<(Of, Unsupported)>) {
        for policy in policies.iter().map(|policy| PolicyId(*policy)) {
            let here = self.body.here();
            if let Otherwise::PermitWith(approval) = &self.package()[policy].otherwise
                && let Err(unsupported) = self.otherwise_of(policy, approval)
            {
                self.body.back(here);
                left_out.push((Of::Otherwise(policy), unsupported));
            }
            self.unbind();
        }
    }

    fn otherwise_of(&mut self, policy: PolicyId, approval: &Approval) -> Result<()> {
        self.policy = Some(policy);
        self.body.at(self.package()[policy].head.name.at);
        let (from, errs, end) = (self.body.len(), self.body.label(), self.body.label());
        let none = self.shared.package.rules.len() as u32 + policy.0;
        let say = |this: &mut Self, verdict: Said| {
            this.body.push(Op::Otherwise { policy: policy.0, verdict });
            this.body.push(Op::Jump { label: end });
        };
        let [met, past, open] = self.awaited(none, &[], approval, true)?;
        self.body.bind(met);
        say(self, Said::Permit);
        self.body.bind(past);
        say(self, Said::Deny);
        self.body.bind(open);
        say(self, Said::Escalate);
        self.body.guard(from, errs);
        self.body.bind(errs);
        self.body.push(Op::OtherwiseErr { policy: policy.0 });
        self.body.push(Op::Otherwise { policy: policy.0, verdict: Said::Deny });
        self.body.bind(end);
        Ok(())
    }

    /// Goes on at the first label where they have approved, at the second from `until` on, and else at the third.
    /// `grant`: it makes a grant conditional.
    fn awaited(
        &mut self,
        rule: u32,
        lets: &[(LocalId, ExprId)],
        approval: &Approval,
        grant: bool,
    ) -> Result<[Label; 3]> {
        let (zero, one) = (self.body.const_word(0), self.body.const_word(1));
        let asked = Word(self.layout.asked);
        let until = approval.within.map(|within| self.moment_after(asked, within)).transpose()?;
        let (until, timed) = until.map_or((zero, zero), |until| (until, one));
        let clause = Clause { wanted: vec![], choices: vec![0], waives: None, named: vec![], grant };
        let met = self.approvals(rule, lets, &approval.approvers, clause, [until, timed])?;
        let labels = [self.body.label(), self.body.label(), self.body.label()];
        self.body.push(Op::JumpIf { of: met, label: labels[0] });
        if approval.within.is_some() {
            let (to, now) = (self.body.word(), Word(self.layout.now));
            self.body.push(Op::CompareWords { how: Cmp::LessOrEqual, to, left: until, right: now });
            self.body.push(Op::JumpIf { of: to, label: labels[1] });
        }
        self.body.push(Op::Jump { label: labels[2] });
        Ok(labels)
    }

    /// A word that says whether they have approved, by the clause that is filled here.
    fn approvals(
        &mut self,
        rule: u32,
        lets: &[(LocalId, ExprId)],
        approvers: &Approvers,
        mut clause: Clause,
        [until, timed]: [Word; 2],
    ) -> Result<Word> {
        let mut roles = vec![];
        for approver in &approvers.all {
            let before = clause.wanted.len();
            let own = self.approver(approver, lets, &mut clause, &mut roles)?;
            let count = match approver {
                Approver::Role { .. } => 1,
                Approver::AnyOf { count, .. } => *count,
            };
            clause.named.push((count, (clause.wanted.len() - before) as u32));
            clause.choices = both(&clause.choices, &own);
        }
        let (first, count) = self.in_a_row(&roles);
        let clause = numbered(&mut self.shared.program.clauses, clause);
        let to = self.body.word();
        self.body.push(Op::Approvals { to, rule, clause, until, timed, first, count });
        Ok(to)
    }

    /// The ways in which one approver can be had.
    fn approver(
        &mut self,
        approver: &Approver,
        lets: &[(LocalId, ExprId)],
        clause: &mut Clause,
        roles: &mut Vec<Val>,
    ) -> Result<Vec<u32>> {
        match approver {
            Approver::Role { role, filter, at } => {
                let role = match role {
                    RoleExpr::Role(role) => Role::Fixed(role.0),
                    RoleExpr::Value(value) => {
                        roles.push(self.value(*value)?);
                        Role::Given
                    }
                };
                let filter = filter.as_ref().map(|filter| self.filter(filter, lets)).transpose()?;
                clause.wanted.push(Wanted { role, filter });
                match clause.wanted.len() {
                    count @ 1..=32 => Ok(vec![1 << (count - 1)]),
                    _ => Err(Unsupported { what: "so many roles", at: *at }),
                }
            }
            Approver::AnyOf { count, of, .. } => {
                // By how many of them: the ways to have so many.
                let mut ways: Vec<Vec<u32>> = vec![vec![0]];
                for approver in of {
                    let own = self.approver(approver, lets, clause, roles)?;
                    ways.push(vec![]);
                    for had in (0..ways.len() - 1).rev() {
                        let more = both(&ways[had], &own);
                        ways[had + 1].extend(more);
                    }
                }
                Ok(ways.into_iter().nth(*count as usize).unwrap_or_default())
            }
        }
    }

    /// The number of the function that says it of an approver.
    fn filter(&mut self, filter: &Filter, lets: &[(LocalId, ExprId)]) -> Result<u32> {
        let (action, policy) = (self.action, self.policy);
        let mut other = Emitter::new(self.shared, action);
        other.policy = policy;
        other.bind_lets(lets);
        let approver = other.body.val();
        other.bind_approver(filter.approver, approver);
        let answer = other.truth(filter.condition)?;
        let function = other.body.finish(action.index(), Ends { asks: Some((approver, answer)), ..Ends::default() });
        Ok(numbered(&mut self.shared.program.functions, function))
    }

    fn rule(&mut self, id: RuleId) -> Result<()> {
        let package = self.package();
        let rule = &package[id];
        // On an event and on trial, an error is listed and changes nothing else.
        let lenient = rule.trial || package[self.action].event;
        self.body.at(rule.head.at);
        let end = self.body.label();
        if self.is_dated(rule) {
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
            Effect::PermitWith(approval) => self.granted(id, rule, approval, duties, end)?,
            Effect::Needs(approval) => self.gated(id, rule, approval, duties)?,
            Effect::Deny { waivers: Some(waivers) } => {
                let name = format!("{}.{}", package[rule.policy].head.name.text, rule.head.name.text);
                let zero = self.body.const_word(0);
                let clause =
                    Clause { wanted: vec![], choices: vec![0], waives: Some(name.into()), named: vec![], grant: false };
                let waived = self.approvals(id.0, &rule.lets, waivers, clause, [zero, zero])?;
                self.body.push(Op::JumpIf { of: waived, label: end });
                self.stand(id, Stance::Denial);
            }
            Effect::Limit(limit) => self.limited(id, rule, limit, lenient, (duties, end))?,
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
        // The duties of a rule with a permit are the permit's.
        let of_the_permit = matches!(rule.effect, Effect::Require { grant: Some(_), .. });
        if !restricts || lenient || of_the_permit {
            self.body.push(Op::Jump { label: end });
        }
        self.body.bind(duties);
        self.forget(0);
        self.duties(id, rule, lenient, end)?;
        self.body.bind(end);
        Ok(())
    }

    /// `permit with approval of`: it does not apply once it is too late.
    fn granted(&mut self, id: RuleId, rule: &Rule, approval: &Approval, duties: Label, end: Label) -> Result<()> {
        let [met, past, open] = self.awaited(id.0, &rule.lets, approval, true)?;
        self.body.bind(met);
        self.stand(id, Stance::Grant);
        self.body.push(Op::Jump { label: duties });
        self.body.bind(past);
        self.body.push(Op::Jump { label: end });
        self.body.bind(open);
        self.stand(id, Stance::ConditionalGrant);
        Ok(())
    }

    /// `needs approval of`: what it says, and on at the label, or behind.
    pub(super) fn gated(&mut self, id: RuleId, rule: &Rule, approval: &Approval, on: Label) -> Result<()> {
        let [met, past, open] = self.awaited(id.0, &rule.lets, approval, false)?;
        self.body.bind(met);
        self.stand(id, Stance::Met);
        self.body.push(Op::Jump { label: on });
        self.body.bind(past);
        self.stand(id, Stance::Denial);
        self.body.push(Op::Jump { label: on });
        self.body.bind(open);
        self.stand(id, Stance::Gate);
        Ok(())
    }

    /// It is not in force at all times.
    pub fn is_dated(&self, rule: &Rule) -> bool {
        let package = self.package();
        if rule.effective.from.is_some() || rule.effective.until.is_some() {
            return true;
        }
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

    pub(super) fn stand(&mut self, rule: RuleId, stance: Stance) {
        self.body.push(Op::Stand { rule: rule.0, stance });
    }

    /// On where all are met, and else at the label.
    pub(super) fn conditions(&mut self, conditions: &[Condition], otherwise: Label) -> Result<()> {
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
        match &grant.approval {
            Some(approval) => {
                let package = self.package();
                self.granted(id, &package[id], approval, done, end)?;
            }
            None => self.stand(id, Stance::Grant),
        }
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
        // What a mark brings is looked at with the limit.
        for duty in rule.duties.iter().filter(|duty| duty.mark.is_none()) {
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

    pub(super) fn duty(&mut self, clause: &DutyClause, next: Label) -> Result<()> {
        self.conditions(&clause.conditions, next)?;
        self.operands(&clause.call)?;
        if let Some(within) = clause.within {
            let now = Word(self.layout.now);
            self.moment_after(now, within)?;
        }
        if let Some(otherwise) = &clause.otherwise {
            self.operands(otherwise)?;
        }
        Ok(())
    }
}

/// Every way of the one with every way of the other.
fn both(some: &[u32], others: &[u32]) -> Vec<u32> {
    some.iter().flat_map(|one| others.iter().map(move |other| one | other)).collect()
}
