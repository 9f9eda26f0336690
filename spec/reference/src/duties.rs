//! Duties: what the caller must carry out, worked out where a rule applies, before it is known whether it comes due.

use crate::eval::{Evaluator, Failure, Outcome, fits};
use ordain_compiler::hir::{DutyCall, DutyClause, LocalId};
use ordain_vm::answer::{Duty, OtherDuty, When};
use ordain_vm::json::Json;
use ordain_vm::value::Value;
use std::sync::Arc;

use crate::eval::Binding;

/// A duty that its rule asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub duty: Duty,
    /// Only with a permit, after the act.
    pub once_done: bool,
    /// Of a limit: asked for since the request crosses its mark.
    pub mark: bool,
}

impl Evaluator<'_> {
    /// Its conditions, then its operands, then until when, then what is due else. `None`: its conditions do not hold.
    pub fn duty(&mut self, rule: &Arc<str>, clause: &DutyClause) -> Outcome<Option<Asked>> {
        for condition in &clause.conditions {
            if self.truth(condition.expr)? == condition.negated {
                return Ok(None);
            }
        }
        let args = self.operands(&clause.call)?;
        let by = match clause.within {
            Some(span) => {
                let span = self.eval(span)?;
                let calendar = self.calendar();
                match self.clock(&calendar).plus(Value::Instant(self.now), &span)? {
                    Value::Instant(by) => Some(by.to_string()),
                    _ => None,
                }
            }
            None => None,
        };
        let otherwise = match &clause.otherwise {
            Some(other) => Some(OtherDuty { duty: self.duty_name(other), args: self.operands(other)? }),
            None => None,
        };
        let when = if clause.once_done { When::Done } else { When::Now };
        let duty = Duty { duty: self.duty_name(&clause.call), args, rule: rule.clone(), when, by, otherwise };
        Ok(Some(Asked { duty, once_done: clause.once_done, mark: clause.mark.is_some() }))
    }

    fn operands(&mut self, call: &DutyCall) -> Outcome<Json> {
        let params = &self.package[call.duty].params;
        let mut args = vec![];
        for (param, arg) in params.iter().zip(&call.args) {
            let value = self.eval(*arg)?;
            fits(&value, &param.ty).map_err(|fault| Failure { fault, at: Some(self.package.at(*arg)) })?;
            if !value.is_missing() {
                args.push((param.name.text.to_string(), self.schema.to_json(&value)));
            }
        }
        Ok(Json::Object(args))
    }

    fn duty_name(&self, call: &DutyCall) -> Arc<str> {
        self.package[call.duty].head.name.text.clone()
    }

    /// A rule's `let`s, to be evaluated where they are needed.
    pub fn bind_lets(&mut self, lets: &[(LocalId, ordain_compiler::hir::ExprId)]) {
        lets.iter().for_each(|(local, value)| self.bind(*local, Binding::Lazy(*value, None)));
    }
}
