//! What led to a decision: every condition with what it saw, the rules that came nearest to applying, and single inputs
//! that would have changed the verdict. Only asked for with `--explain`; nothing of it is recorded.

use crate::Decision;
use crate::Engine;
use crate::changes::{Place, candidates, changed, path};
use crate::combine::{Finding, Stance};
use crate::eval::{Evaluator, Notes};
use ordain_compiler::hir::{Condition, Effect, Expr, ExprId, RuleId};
use ordain_vm::answer::{Change, Near, TracedCondition, TracedRule, Verdict};
use ordain_vm::json::Json;
use ordain_vm::request::Request;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most values that are shown beside one condition.
const MOST_SEEN: usize = 12;
/// The most rules that are told to be near.
const MOST_NEAR: usize = 3;
/// The most values that are tried.
const MOST_TRIED: usize = 200;

impl Engine {
    pub(crate) fn explain(&self, request: &Arc<Request>, id: &Arc<str>, decision: &mut Decision) {
        let Decision { detail, findings, notes } = decision;
        let mut evaluator = self.evaluator(request.clone(), id.clone());
        detail.trace = Some(findings.iter().map(|finding| evaluator.traced(finding, notes)).collect());
        detail.nearest = Some(evaluator.nearest(findings));
        detail.changes = Some(self.changes(request, id, detail.verdict));
    }

    /// Each input in turn, with values that conditions tell apart: the first that gives another verdict, for each verdict.
    fn changes(&self, request: &Arc<Request>, id: &Arc<str>, verdict: Verdict) -> Vec<Change> {
        let mut changes = vec![];
        let mut found: BTreeSet<(Place, Verdict)> = BTreeSet::new();
        for (place, value) in candidates(&self.checked, request).into_iter().take(MOST_TRIED) {
            let Some(other) = changed(request, place, value.clone()) else { continue };
            let other = Arc::new(other);
            let detail = self.decide(&other, id, &self.digest(&other, id), false).detail;
            if detail.verdict != verdict && found.insert((place, detail.verdict)) {
                changes.push(Change {
                    path: path(&self.checked.package, request, place),
                    to: match self.schema.to_json(&value) {
                        Json::String(text) => text,
                        json => json.to_string(),
                    },
                    verdict: detail.verdict,
                });
            }
        }
        changes
    }
}

impl Evaluator<'_> {
    fn traced(&self, finding: &Finding, notes: &Notes) -> TracedRule {
        let rule = &self.package[finding.rule];
        let name = |id: RuleId| self.package[id].head.name.text.clone();
        let outcome = match (finding.stance, finding.defeated_by) {
            (Stance::Silent, _) => "does not apply".to_string(),
            (_, Some(other)) => format!("defeated by {}", name(other)),
            (_, None) if rule.trial => "would stand".to_string(),
            (_, None) => "stands".to_string(),
        };
        let conditions = self.checked.conditions_of(finding.rule).iter().map(|id| self.traced_condition(*id, notes));
        TracedRule {
            rule: rule.head.name.text.clone(),
            policy: self.package[rule.policy].head.name.text.clone(),
            at: self.at(rule.head.at),
            outcome,
            conditions: conditions.collect(),
        }
    }

    fn traced_condition(&self, id: ExprId, notes: &Notes) -> TracedCondition {
        let seen: Vec<_> = notes.saw.iter().filter(|(atom, _, _)| *atom == id).collect();
        // `target` is not told beside `target.country`.
        let inside = |part: ExprId| {
            let whole = seen.iter().map(|(_, whole, _)| *whole).chain([id]);
            whole.into_iter().any(|whole| matches!(self.package.expr(whole), Expr::Field { of, .. } if *of == part))
        };
        let mut saw: Vec<(String, String)> = vec![];
        for (_, part, value) in &seen {
            let told = (self.written(self.package.at(*part)).to_string(), self.schema.show(value));
            if saw.len() < MOST_SEEN && !inside(*part) && !saw.contains(&told) {
                saw.push(told);
            }
        }
        let at = self.package.at(id);
        TracedCondition {
            text: self.written(at).to_string(),
            at: self.at(at),
            value: notes.atoms.get(&id).copied().flatten(),
            saw,
            error: notes.faults.get(&id).map(|fault| fault.code().into()),
        }
    }

    /// Rules with an effect that their conditions alone kept from applying, those with the fewest such conditions first.
    fn nearest(&mut self, findings: &[Finding]) -> Vec<Near> {
        let mut near = vec![];
        for finding in findings {
            let rule = &self.package[finding.rule];
            let duties_alone = matches!(rule.effect, Effect::None);
            if finding.stance != Stance::Silent || finding.erred || rule.trial || duties_alone {
                continue;
            }
            self.policy = Some(rule.policy);
            self.locals.clear();
            self.bind_lets(&rule.lets);
            let mut kept_by = vec![];
            for condition in &rule.conditions {
                self.unmet(condition.expr, !condition.negated, &mut kept_by);
            }
            if let Effect::Require { grant: Some(grant), .. } = &rule.effect {
                grant
                    .conditions
                    .iter()
                    .for_each(|Condition { expr, negated, .. }| self.unmet(*expr, !negated, &mut kept_by));
            }
            if !kept_by.is_empty() {
                near.push(Near {
                    rule: rule.head.name.text.clone(),
                    policy: self.package[rule.policy].head.name.text.clone(),
                    kept_by,
                });
            }
        }
        // Of equally near ones the order stays that of the rules.
        near.sort_by_key(|near| near.kept_by.len());
        near.truncate(MOST_NEAR);
        near
    }

    /// The parts that are not as they were wanted. One that can't be evaluated by itself keeps nothing.
    fn unmet(&mut self, id: ExprId, wanted: bool, kept_by: &mut Vec<String>) {
        let package = self.package;
        match package.expr(id) {
            Expr::And(parts) if wanted => parts.iter().for_each(|part| self.unmet(*part, wanted, kept_by)),
            Expr::Or(parts) if !wanted => parts.iter().for_each(|part| self.unmet(*part, wanted, kept_by)),
            Expr::Not(of) => self.unmet(*of, !wanted, kept_by),
            _ => {
                if self.truth(id) == Ok(!wanted) {
                    let text = self.written(package.at(id));
                    kept_by.push(if wanted { text.to_string() } else { format!("not ({text})") });
                }
            }
        }
    }
}
