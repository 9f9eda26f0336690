//! Duties in words: which are due, with what, and until when.

use super::Explaining;
use crate::answer::{Duty, OtherDuty, Verdict, When};
use crate::json::Json;
use crate::op::Stance;
use crate::program::said::{self, Call};
use crate::value::Value;
use std::sync::Arc;

impl Explaining<'_> {
    /// Duties of rules that stand and ask for them, by rule, then as written; with a permit those of marks, too.
    pub(super) fn due(&self) -> Vec<Duty> {
        let permit = self.decision.verdict == Verdict::Permit;
        let event = self.program.schema.actions[self.around.request.action()].event;
        let mut due = vec![];
        let found = &self.decision.found;
        let defeated = |rule: u32| self.decision.defeated.contains(&rule) || self.rule(rule).trial;
        for (at, rule) in self.action.rules.iter().copied().enumerate() {
            let Some(said) = self.action.said.get(at).filter(|said| !said.duties.is_empty()) else { continue };
            let stance = self.decision.standing().find(|(of, _)| *of == rule).map(|(_, stance)| stance);
            if defeated(rule) || (said.duties_of_permit && stance == Some(Stance::Denial)) {
                continue;
            }
            let asks = match stance {
                Some(Stance::Lift | Stance::Duties) => true,
                Some(Stance::Met) => permit,
                Some(Stance::Grant | Stance::ConditionalGrant | Stance::Gate | Stance::Denial) => {
                    self.decision.rules.contains(&rule)
                }
                None => false,
            };
            // A mark is crossed with a permit, whatever the limit says; that of a duty that errs is not.
            let is_due = |at: usize, duty: &said::Duty| match duty.mark {
                true => permit && found.crossed.contains(&(rule, at as u32)),
                false => asks && (permit || !duty.once_done),
            };
            let wanted = said.duties.iter().enumerate().any(|(at, duty)| is_due(at, duty));
            if wanted {
                let own = self.of_rule(&self.rule(rule).name, &said.duties, event);
                due.extend(own.into_iter().filter(|(at, _)| is_due(*at, &said.duties[*at])).map(|(_, duty)| duty));
            }
        }
        due
    }

    /// What the rule asks for. An error in one takes all of them, unless it changes nothing else (`lenient`).
    fn of_rule(&self, rule: &Arc<str>, duties: &[said::Duty], lenient: bool) -> Vec<(usize, Duty)> {
        let mut all = vec![];
        for (at, duty) in duties.iter().enumerate() {
            match self.given(duty.function) {
                Ok(values) => all.extend(self.duty(rule, duty, &values).map(|due| (at, due))),
                // An error in what belongs to a mark is told where that is crossed.
                Err(_) if lenient || duty.mark => {}
                Err(_) => return vec![],
            }
        }
        all
    }

    /// `None`: its conditions do not hold.
    fn duty(&self, rule: &Arc<str>, duty: &said::Duty, values: &[Value]) -> Option<Duty> {
        let (due, values) = values.split_first()?;
        if *due != Value::Bool(true) {
            return None;
        }
        let (args, values) = values.split_at_checked(duty.call.params.len())?;
        let (by, values) = values.split_at_checked(usize::from(duty.timed))?;
        Some(Duty {
            duty: duty.call.duty.clone(),
            args: self.operands(&duty.call, args),
            rule: rule.clone(),
            when: if duty.once_done { When::Done } else { When::Now },
            by: by.iter().find_map(|by| match by {
                Value::Instant(by) => Some(by.to_string()),
                _ => None,
            }),
            otherwise: duty
                .otherwise
                .as_ref()
                .map(|other| OtherDuty { duty: other.duty.clone(), args: self.operands(other, values) }),
        })
    }

    /// By parameter; what is missing is left out.
    fn operands(&self, call: &Call, values: &[Value]) -> Json {
        let present = call.params.iter().zip(values).filter(|(_, value)| !value.is_missing());
        let schema = &self.program.schema;
        Json::Object(present.map(|(param, value)| (param.to_string(), schema.to_json(value))).collect())
    }
}
