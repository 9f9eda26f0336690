//! What is said of a rule: its reason, its requirements and its duties, as functions that work out their values. They run
//! when someone asks, on the request that was decided; what stands in the text alone needs none.

use super::body::Ends;
use super::exprs::{Emitter, Result};
use super::shared::numbered;
use crate::hir::{DutyCall, DutyClause, Effect, Expr, ExprId, Rule, RuleId, TemplatePart};
use ordain_vm::op::{Op, Val, Word};
use ordain_vm::program::said::{Call, Duty, OfRule, Requirement, Words};
use ordain_vm::value::{Type, Value};
use std::sync::Arc;

impl<'a> Emitter<'_, 'a> {
    pub fn said(&mut self, id: RuleId) -> Result<OfRule> {
        let rule = &self.package()[id];
        let (requirements, permits) = match &rule.effect {
            Effect::Require { requirements, grant } => (&requirements[..], grant.as_ref()),
            _ => (&[][..], None),
        };
        let approvers = match &rule.effect {
            Effect::None | Effect::Permit | Effect::Lift | Effect::Deny { waivers: None } => false,
            Effect::PermitWith(_) | Effect::Needs(_) | Effect::Deny { waivers: Some(_) } => true,
            Effect::Require { .. } => permits.is_some_and(|grant| grant.approval.is_some()),
            Effect::Limit(limit) => limit.needs.is_some(),
        };
        Ok(OfRule {
            because: rule.because.map(|because| self.words(rule, because)).transpose()?,
            requirements: requirements
                .iter()
                .map(|requirement| {
                    let words = match requirement.otherwise {
                        Some(text) => self.words(rule, text)?,
                        None => Words::Plain(self.written(requirement.expr)),
                    };
                    Ok(Requirement { words, code: requirement.code.clone() })
                })
                .collect::<Result<_>>()?,
            duties: rule.duties.iter().map(|clause| self.said_duty(rule, clause)).collect::<Result<_>>()?,
            duties_of_permit: permits.is_some(),
            approvers,
        })
    }

    /// As it stands in the source.
    fn written(&self, id: ExprId) -> Arc<str> {
        let at = self.package().at(id);
        self.shared.checked.sources.get(at.file.0 as usize).map_or("", |source| source.slice(at)).into()
    }

    fn words(&mut self, rule: &'a Rule, id: ExprId) -> Result<Words> {
        let package = self.package();
        let whole = [TemplatePart::Filled(id)];
        let parts = match package.expr(id) {
            Expr::Template(parts) => &parts[..],
            _ => &whole[..],
        };
        let plain = |part: &TemplatePart| match part {
            TemplatePart::Plain(plain) => Some(plain.clone()),
            TemplatePart::Filled(_) => None,
        };
        if let Some(plain) = parts.iter().map(plain).collect::<Option<Vec<_>>>() {
            return Ok(Words::Plain(plain.concat().into()));
        }
        let function = self.saying(rule, |other| {
            let texts = parts.iter().map(|part| other.part(part)).collect::<Result<Vec<_>>>()?;
            let ((first, count), to) = (other.in_a_row(&texts), other.body.val());
            other.body.push(Op::Concat { to, first, count });
            Ok((to, 1))
        })?;
        Ok(Words::Made(function))
    }

    /// What can't be worked out shows as the word of its fault, and changes nothing else.
    fn part(&mut self, part: &TemplatePart) -> Result<Val> {
        let id = match part {
            TemplatePart::Plain(plain) => return Ok(self.body.const_value(Value::Text(plain.clone()))),
            TemplatePart::Filled(id) => *id,
        };
        let (from, to, errs, done) = (self.body.len(), self.body.val(), self.body.label(), self.body.label());
        let mark = self.mark();
        let of = self.value(id)?;
        self.body.push(Op::Show { to, of });
        self.body.push(Op::Jump { label: done });
        self.body.guard(from, errs);
        self.body.bind(errs);
        self.body.push(Op::FaultWord { to });
        self.body.bind(done);
        self.forget(mark);
        Ok(to)
    }

    fn said_duty(&mut self, rule: &'a Rule, clause: &DutyClause) -> Result<Duty> {
        let call = |call: &DutyCall| {
            let duty = &self.package()[call.duty];
            Call {
                duty: duty.head.name.text.clone(),
                params: duty.params.iter().map(|param| param.name.text.clone()).collect(),
            }
        };
        let mut duty = Duty {
            function: 0,
            call: call(&clause.call),
            timed: clause.within.is_some(),
            otherwise: clause.otherwise.as_ref().map(call),
            once_done: clause.once_done,
            mark: clause.mark.is_some(),
        };
        let count = duty.gives();
        duty.function = self.saying(rule, |other| other.due(clause, count))?;
        Ok(duty)
    }

    /// Whether its conditions hold, then its operands, until when, and the operands of what is due else.
    fn due(&mut self, clause: &DutyClause, count: usize) -> Result<(Val, u32)> {
        let (first, end) = (self.body.vals(count), self.body.label());
        self.body.push(Op::Missing { to: first });
        self.conditions(&clause.conditions, end)?;
        let mut row = self.operands(&clause.call)?;
        if let Some(within) = clause.within {
            let of = self.moment_after(Word(self.layout.now), within)?;
            let (to, ty) = (self.body.val(), self.shared.ty(&Type::Instant));
            self.body.push(Op::WordValue { to, of, ty });
            row.push(to);
        }
        if let Some(otherwise) = &clause.otherwise {
            row.extend(self.operands(otherwise)?);
        }
        for (at, of) in row.into_iter().enumerate() {
            self.body.push(Op::MoveValue { to: Val(first.0 + 1 + at as u32), of });
        }
        let yes = self.body.const_value(Value::Bool(true));
        self.body.push(Op::MoveValue { to: first, of: yes });
        self.body.bind(end);
        Ok((first, count as u32))
    }

    /// The number of a function that gives what `write` works out beside the rule's `let`s.
    fn saying(
        &mut self,
        rule: &'a Rule,
        write: impl FnOnce(&mut Emitter<'_, 'a>) -> Result<(Val, u32)>,
    ) -> Result<u32> {
        let action = self.action;
        let mut other = Emitter::new(self.shared, action);
        other.policy = Some(rule.policy);
        other.body.at(rule.head.at);
        other.bind_lets(&rule.lets);
        let gives = write(&mut other)?;
        let function = other.body.finish(action.index(), Ends { gives: Some(gives), ..Ends::default() });
        Ok(numbered(&mut self.shared.program.functions, function))
    }
}
