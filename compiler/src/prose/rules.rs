//! What a rule or limit does, in sentences.

use super::conditions::Clause;
use super::{Block, Item, Prose, Scope, a, capital, listed};
use crate::hir::{
    Aggregate, Approval, Approver, Approvers, DutyCall, DutyClause, Effect, Grant, Limit, Requirement, RoleExpr, Rule,
    RuleId,
};
use ordain_vm::value::{Decimal, Value};

/// What is said of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRule {
    /// `policy.rule`
    pub name: String,
    /// Its name as people write it.
    pub title: String,
    /// What it does.
    pub says: Vec<Block>,
    /// Reason, sources, what it overrides, when it is in force.
    pub beside: Vec<(&'static str, String)>,
}

impl Prose<'_> {
    pub fn rule(&self, id: RuleId) -> OfRule {
        let rule = &self.package[id];
        let scope = Scope { actions: &rule.on };
        let mut says = vec![Block::Sentence(self.on(rule))];
        let clause = self.conditions(&rule.conditions, scope);
        let negated = !rule.conditions.is_empty() && rule.conditions.iter().all(|of| of.negated);
        // `deny unless …` reads better than its opposite.
        let unless = negated.then(|| {
            let conditions = rule.conditions.iter().map(|of| self.clause(of.expr, false, scope));
            Clause::of(false, conditions)
        });
        let told = |lead: &str| told(lead, &clause, unless.as_ref());
        match &rule.effect {
            Effect::None if rule.conditions.is_empty() => {}
            Effect::None => says.extend(told("It applies")),
            Effect::Permit => says.extend(told("The request is permitted")),
            Effect::PermitWith(approval) => {
                let approved = self.approved(approval, scope);
                says.extend(told(&format!("The request is permitted once {approved}")));
                says.push(Block::Sentence("Until then it waits.".to_string()));
            }
            Effect::Needs(approval) => {
                let approved = self.approved(approval, scope);
                says.extend(told(&format!("The request waits until {approved}")));
                says.push(Block::Sentence("This alone permits nothing.".to_string()));
            }
            Effect::Deny { waivers } => {
                says.extend(told("The request is denied"));
                if let Some(waivers) = waivers {
                    says.push(Block::Sentence(format!("{} may waive this.", capital(&self.approvers(waivers, scope)))));
                }
            }
            Effect::Require { requirements, grant } => {
                says.extend(self.required(requirements, &clause, unless.as_ref(), scope));
                says.extend(grant.iter().flat_map(|grant| self.grant(grant, scope)));
            }
            Effect::Lift => {
                says.extend(told("The rules that it overrides are set aside"));
            }
            Effect::Limit(limit) => says.extend(self.limit(limit, &clause, unless.as_ref(), scope)),
        }
        says.extend(rule.duties.iter().flat_map(|duty| self.duty(duty, scope)));
        if rule.trial {
            says.push(Block::Sentence("It is on trial: what it would say is noted, and decides nothing.".to_string()));
        }
        if !rule.lets.is_empty() {
            let items = rule
                .lets
                .iter()
                .map(|(local, of)| Item::of(format!("where {} is {}", self.local(*local), self.value(*of, scope))));
            says.push(Block::List(items.collect()));
        }
        let policy = &self.package[rule.policy].head.name.text;
        OfRule {
            name: format!("{policy}.{}", rule.head.name.text),
            title: capital(&self.words(&rule.head.name.text)),
            says,
            beside: self.beside(id, rule, scope),
        }
    }

    /// Which requests it is about.
    fn on(&self, rule: &Rule) -> String {
        let names = rule.on.iter().map(|action| self.action(*action));
        let names: Vec<String> = names.collect();
        let event = rule.on.first().is_some_and(|action| self.package[*action].event);
        match (rule.on_any, event) {
            (true, _) => "For any request that the policy governs.".to_string(),
            (false, true) => format!("When {} has happened.", listed(&names, "or")),
            (false, false) => format!("For {}.", listed(&names, "and")),
        }
    }

    fn beside(&self, id: RuleId, rule: &Rule, scope: Scope<'_>) -> Vec<(&'static str, String)> {
        let name = |rule: &RuleId| {
            let rule = &self.package[*rule];
            format!("{} of {}", self.words(&rule.head.name.text), self.words(&self.package[rule.policy].head.name.text))
        };
        let mut beside = vec![];
        if let Some(because) = rule.because {
            beside.push(("Reason given", self.value(because, scope)));
        }
        if let Some(code) = &rule.code {
            beside.push(("Code", code.to_string()));
        }
        beside.extend(rule.sources.iter().map(|source| ("Source", source.to_string())));
        beside.extend(rule.implements.iter().map(|of| ("Implements", self.implements(of))));
        if !rule.overrides.is_empty() {
            let names: Vec<String> = rule.overrides.iter().map(name).collect();
            beside.push(("Overrides", format!("where it applies, {} has no effect", listed(&names, "and"))));
        }
        let by = (0..self.package.rules.len() as u32).map(RuleId);
        let by: Vec<String> = by.filter(|by| self.package[*by].overrides.contains(&id)).map(|by| name(&by)).collect();
        if !by.is_empty() {
            beside.push(("Overridden", format!("it has no effect where {} applies", listed(&by, "or"))));
        } else if rule.overridable {
            beside.push(("Overridden", "policies under this one may override it".to_string()));
        }
        beside.extend(self.effective(&rule.effective).map(|dates| ("In force", dates)));
        beside
    }

    // Requirements

    fn required(
        &self,
        requirements: &[Requirement],
        clause: &Clause,
        unless: Option<&Clause>,
        scope: Scope<'_>,
    ) -> Vec<Block> {
        let items = requirements.iter().map(|of| self.requirement(of, scope)).collect();
        match clause {
            Clause::All(parts) if parts.is_empty() => {
                vec![Block::Sentence("The request is denied unless all of this holds:".to_string()), Block::List(items)]
            }
            clause => {
                let mut says = told("It applies", clause, unless);
                says.push(Block::Sentence("Then the request is denied unless all of this holds:".to_string()));
                says.push(Block::List(items));
                says
            }
        }
    }

    fn requirement(&self, of: &Requirement, scope: Scope<'_>) -> Item {
        let clause = self.clause(of.expr, false, scope);
        let mut text = clause.line();
        if !of.conditions.is_empty() {
            text += &format!(", where {}", self.conditions(&of.conditions, scope).line());
        }
        let mut under = vec![];
        if let Some(otherwise) = of.otherwise {
            under.push(Item::of(format!("else it is said: {}", self.value(otherwise, scope))));
        }
        if let Some(code) = &of.code {
            under.push(Item::of(format!("with the code {code}")));
        }
        Item { text, under }
    }

    fn grant(&self, grant: &Grant, scope: Scope<'_>) -> Vec<Block> {
        let clause = self.conditions(&grant.conditions, scope);
        let lead = match &grant.approval {
            Some(approval) => {
                format!("Where all of it holds, the request is permitted once {}", self.approved(approval, scope))
            }
            None => "Where all of it holds, the request is permitted".to_string(),
        };
        told(&lead, &clause, None)
    }

    // Approvals

    /// `a treasury officer has approved it, within 4 hours of when it was first asked`
    pub(super) fn approved(&self, approval: &Approval, scope: Scope<'_>) -> String {
        let within =
            approval.within.map(|within| format!(", within {} of when it was first asked,", self.part(within, scope)));
        let approvers = self.approvers(&approval.approvers, scope);
        let have = if approval.approvers.all.len() > 1 { "have" } else { "has" };
        format!("{approvers} {have} approved it{}", within.unwrap_or_default())
    }

    fn approvers(&self, approvers: &Approvers, scope: Scope<'_>) -> String {
        let all: Vec<String> = approvers.all.iter().map(|of| self.approver(of, scope)).collect();
        listed(&all, "and")
    }

    fn approver(&self, approver: &Approver, scope: Scope<'_>) -> String {
        match approver {
            Approver::Role { role, filter, .. } => {
                let role = match role {
                    RoleExpr::Role(role) => a(&self.words(&self.package[*role].head.name.text)),
                    RoleExpr::Value(of) => format!("someone in the role that is {}", self.part(*of, scope)),
                };
                let filter = filter
                    .as_ref()
                    .map(|filter| format!(" (where {})", self.clause(filter.condition, false, scope).line()));
                role + &filter.unwrap_or_default()
            }
            Approver::AnyOf { count, of, .. } => {
                let all: Vec<String> = of.iter().map(|of| self.approver(of, scope)).collect();
                format!("any {count} of ({})", listed(&all, "and"))
            }
        }
    }

    // Limits

    fn limit(&self, limit: &Limit, clause: &Clause, unless: Option<&Clause>, scope: Scope<'_>) -> Vec<Block> {
        let what = match limit.aggregate {
            Aggregate::Count => "the number of these requests".to_string(),
            Aggregate::Sum(of) => format!("the sum of {}", self.part(of, scope)),
            Aggregate::Distinct(of) => format!("the number of different values of {}", self.part(of, scope)),
        };
        let per: Vec<String> = limit.per.iter().map(|of| each(self.part(*of, scope))).collect();
        let per = if per.is_empty() { String::new() } else { format!(" for each {}", listed(&per, "and")) };
        let window = self.window(&limit.window, scope);
        let most = self.part(limit.at_most, scope);
        let past = match &limit.needs {
            Some(approval) => format!("What would exceed it waits until {}", self.approved(approval, scope)),
            None => "What would exceed it is denied".to_string(),
        };
        let mut says = vec![Block::Sentence(format!(
            "{}{per} {window}, this request among them, may be {most} at most. {}.",
            capital(&what),
            past.trim_end_matches(',')
        ))];
        if !matches!(clause, Clause::All(parts) if parts.is_empty()) {
            says.extend(told("A request counts", clause, unless));
        }
        says
    }

    // Duties

    fn duty(&self, duty: &DutyClause, scope: Scope<'_>) -> Vec<Block> {
        let mark = duty.mark.map(|mark| match self.checked.types.literal(self.package, mark) {
            Some(Value::Decimal(share)) => format!("Where it crosses {} of the limit, ", percent(share)),
            _ => format!("Where it crosses {} of the limit, ", self.part(mark, scope)),
        });
        let done = if duty.once_done { "once it is done, " } else { "" };
        let within = duty.within.map(|within| format!(" within {}", self.part(within, scope))).unwrap_or_default();
        let or = duty.otherwise.as_ref().map(|other| format!(", or else {}", self.called_duty(other, scope)));
        let lead =
            mark.map_or(capital(&format!("{done}there is a duty")), |mark| format!("{mark}{done}there is a duty"));
        let lead = format!("{lead}: {}{within}{}", self.called_duty(&duty.call, scope), or.unwrap_or_default());
        told(&lead, &self.conditions(&duty.conditions, scope), None)
    }

    fn called_duty(&self, call: &DutyCall, scope: Scope<'_>) -> String {
        let duty = &self.package[call.duty];
        let args = duty.params.iter().zip(&call.args);
        let args: Vec<String> =
            args.map(|(param, of)| format!("{}: {}", self.words(&param.name.text), self.part(*of, scope))).collect();
        let name = self.words(&duty.head.name.text);
        if args.is_empty() { name } else { format!("{name} ({})", args.join("; ")) }
    }
}

/// A sentence, with when it is so; what is long becomes a list.
fn told(lead: &str, clause: &Clause, unless: Option<&Clause>) -> Vec<Block> {
    if matches!(clause, Clause::All(parts) if parts.is_empty()) {
        return vec![Block::Sentence(format!("{}.", lead.trim_end_matches(',')))];
    }
    let (word, clause) = unless.map_or(("when", clause), |unless| ("unless", unless));
    if clause.is_short() {
        return vec![Block::Sentence(format!("{lead} {word} {}.", clause.line()))];
    }
    let (holds, items) = clause.listed();
    vec![Block::Sentence(format!("{lead} {word} {holds}:")), Block::List(items)]
}

/// Behind `each`.
fn each(noun: String) -> String {
    noun.strip_prefix("the ").map(str::to_string).unwrap_or(noun)
}

/// `80%`
fn percent(share: Decimal) -> String {
    share.0.checked_mul(100).map_or(share.to_string(), |share| format!("{}%", Decimal(share)))
}
