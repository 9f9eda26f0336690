//! Approvals in words: whose are wanted, whose counted, and who may waive a denial.

use super::{Explaining, Order, in_order};
use crate::answer::{Approved, Party, Verdict, Wanted};
use crate::approvals::{Asked, Asking};
use crate::op::Said;
use crate::program::Clause;
use crate::request::Approval;
use crate::value::RoleId;
use std::sync::Arc;

impl Explaining<'_> {
    /// Of every gate that stands; and, where no grant stands, of the conditional grants.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let wants = |asked: &&Asked| match asked.rule.checked_sub(self.program.rules.len() as u32) {
            Some(policy) => {
                let escalates = self.decision.found.otherwise.contains(&(policy, Said::Escalate));
                escalates && self.decision.asks_otherwise(policy)
            }
            None => self.decision.verdict == Verdict::Escalate && self.decision.rules.contains(&asked.rule),
        };
        let all: Vec<(Order, Vec<Wanted>)> = self.asked.iter().filter(wants).map(|asked| self.wants(asked)).collect();
        in_order(all).into_iter().flatten().collect()
    }

    /// What a clause wants, as written.
    fn wants(&self, asked: &Asked) -> (Order, Vec<Wanted>) {
        let (rule, order, _) = self.asking(asked.rule);
        let clause = self.clause(asked);
        let mut roles = asked.roles.iter();
        let wanted = clause.named.iter().map(|(count, of)| Wanted {
            rule: rule.clone(),
            roles: roles.by_ref().take(*of as usize).map(|role| self.role(*role)).collect(),
            count: *count,
            grant: clause.grant,
            until: asked.until.map(|until| until.to_string()),
        });
        (order, wanted.collect())
    }

    /// Every approval that counts, whatever became of the rule that it is for.
    pub(super) fn approved(&self) -> Vec<Approved> {
        let mut all: Vec<(Order, Vec<Approved>)> = vec![];
        for asked in &self.asked {
            let (name, order, rule) = self.asking(asked.rule);
            let heard = match rule {
                Some(rule) => !self.rule(rule).trial,
                None => self.decision.asks_otherwise(asked.rule - self.program.rules.len() as u32),
            };
            if heard {
                let (clause, roles, until) = (self.clause(asked), asked.roles.clone(), asked.until);
                let counted = Asking { around: self.around, clause, roles, until }.counted();
                all.push((order, counted.into_iter().map(|approval| self.counts(&name, approval)).collect()));
            }
        }
        in_order(all).into_iter().flatten().collect()
    }

    fn counts(&self, rule: &Arc<str>, approval: &Approval) -> Approved {
        let kind = &self.program.schema.entities[approval.by.kind.index()];
        Approved {
            rule: rule.clone(),
            role: self.role(approval.role),
            by: Party { kind: kind.name.clone(), id: approval.by.id.clone() },
            at: approval.at.to_string(),
            waived: approval.waives.is_some(),
        }
    }

    /// The roles that may waive the rule's denial, each once.
    pub(super) fn waivers(&self, rule: u32) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = vec![];
        let asked = self.asked.iter().filter(|asked| asked.rule == rule && self.clause(asked).waives.is_some());
        for name in asked.flat_map(|asked| &asked.roles).map(|role| self.role(*role)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn clause(&self, asked: &Asked) -> &Clause {
        &self.program.clauses[asked.clause as usize]
    }

    fn role(&self, role: RoleId) -> Arc<str> {
        self.program.schema.roles[role.index()].name.clone()
    }
}
