//! The two orders that everyone must agree on: the rules of an action, and the atomic conditions of a rule.
//! Decisions list rules in the first; the bits of a decision and coverage are counted in the second.

use crate::hir::{Effect, Expr, ExprId, Package, Rule, RuleId};

/// By `ActionId`: rules and limits by module name, then place in the text.
pub fn rules_of(package: &Package) -> Vec<Vec<RuleId>> {
    let mut order: Vec<RuleId> = (0..package.rules.len() as u32).map(RuleId).collect();
    order.sort_by(|a, b| {
        let key = |id: RuleId| {
            let head = &package[id].head;
            (&package[head.module].name, head.at.file, head.at.start)
        };
        key(*a).cmp(&key(*b))
    });
    let mut rules = vec![vec![]; package.actions.len()];
    for id in order {
        for action in &package[id].on {
            rules[action.index()].push(id);
        }
    }
    rules
}

/// By `RuleId`: what stands between `and`, `or` and `not` in its conditions, in the order of the text.
pub fn conditions_of(package: &Package) -> Vec<Vec<ExprId>> {
    package.rules.iter().map(|rule| Atoms { package, found: vec![] }.of_rule(rule)).collect()
}

struct Atoms<'a> {
    package: &'a Package,
    found: Vec<ExprId>,
}

impl Atoms<'_> {
    fn of_rule(mut self, rule: &Rule) -> Vec<ExprId> {
        rule.conditions.iter().for_each(|condition| self.add(condition.expr));
        match &rule.effect {
            Effect::Require { requirements, grant } => {
                for requirement in requirements {
                    self.add(requirement.expr);
                    requirement.conditions.iter().for_each(|condition| self.add(condition.expr));
                }
                if let Some(grant) = grant {
                    grant.conditions.iter().for_each(|condition| self.add(condition.expr));
                }
            }
            // An approver's `where` is asked of every approval, so it has no single answer.
            Effect::PermitWith(_) | Effect::Needs(_) | Effect::Deny { .. } | Effect::Limit(_) => {}
            Effect::None | Effect::Permit | Effect::Lift => {}
        }
        rule.duties.iter().flat_map(|duty| &duty.conditions).for_each(|condition| self.add(condition.expr));
        let package = self.package;
        self.found.sort_by_key(|id| (package.at(*id).start, package.at(*id).end, *id));
        self.found
    }

    fn add(&mut self, id: ExprId) {
        match self.package.expr(id) {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| self.add(*part)),
            Expr::Not(inner) => self.add(*inner),
            _ => self.found.push(id),
        }
    }
}
