//! What becomes of a request, in the order in which the chapter on policies says it: what each rule says of itself, which
//! rules are defeated, the verdict of each policy, that of the program, the determining rules, and the duties due.
//! `lib.rs` asks for each decision and records it. Nothing here changes the history.

use crate::approvals::Standing;
use crate::arithmetic;
use crate::duties::Asked;
use crate::eval::{Evaluator, Failure, Outcome};
use crate::policies;
use ordain_compiler::hir::{
    Approval as ApprovalClause, Approver, Approvers, Condition, Effect, ExprId, Grant, Limit, Otherwise, PolicyId,
    Requirement, RoleExpr, Rule, RuleId,
};
use ordain_compiler::source::Span;
use ordain_vm::answer::{Detail, Determining, Duty, Missing, Problem, Verdict, Wanted};
use ordain_vm::fault::Fault;
use ordain_vm::request::Approval;
use ordain_vm::value::{Instant, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a rule says where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// It does not apply.
    Silent,
    Grant,
    ConditionalGrant,
    Gate,
    /// A gate whose approvers have approved: it restricts nothing, and still defeats what it overrides.
    Met,
    Denial,
    Lift,
    /// Duties alone.
    Duties,
}

/// `permit with approval of`: what it says once approved, past its `until`, and until then.
const GRANT: [Stance; 3] = [Stance::Grant, Stance::Silent, Stance::ConditionalGrant];
/// `needs approval of`.
const GATE: [Stance; 3] = [Stance::Met, Stance::Denial, Stance::Gate];

/// What was found of one rule.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: RuleId,
    pub stance: Stance,
    /// An error arose in it: it defeats nothing, and neither approval nor waiver reaches it.
    pub erred: bool,
    /// Its first error.
    pub error: Option<Failure>,
    pub missing: Vec<Missing>,
    pub standing: Standing,
    pub duties: Vec<Asked>,
    pub defeated_by: Option<RuleId>,
}

impl Finding {
    pub fn applies(&self) -> bool {
        self.stance != Stance::Silent
    }

    pub fn stands(&self) -> bool {
        self.applies() && self.defeated_by.is_none()
    }
}

/// A rule that restricts denies where it errs; one that permits, lifts or has duties alone does not apply.
fn restricts(effect: &Effect) -> bool {
    match effect {
        Effect::Deny { .. } | Effect::Needs(_) | Effect::Require { .. } | Effect::Limit(_) => true,
        Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Lift => false,
    }
}

/// What a policy says, and from where.
#[derive(Clone, Debug)]
struct Saying {
    policy: PolicyId,
    verdict: Option<Verdict>,
    /// `permit` or `escalate`, where it grants.
    grant: Option<Verdict>,
    /// Its `otherwise`, where the grant is that.
    otherwise: bool,
    /// Of an `otherwise permit with approval`.
    standing: Standing,
    error: Option<Failure>,
}

/// By module name, then place in the text: the order of every list.
type Place = (Arc<str>, u32, u32);

impl Evaluator<'_> {
    /// What is said of the rules, and what was found of each; the rest of the detail is the caller's.
    pub fn combine(&mut self, speaking: &[PolicyId], asked: Instant, given: &[Approval]) -> (Detail, Vec<Finding>) {
        let event = self.package.actions[self.request.action].event;
        let mut findings = vec![];
        let rules = self.checked.rules_of(ordain_compiler::hir::ActionId(self.request.action as u32));
        for id in rules {
            let rule = &self.package[*id];
            if speaking.contains(&rule.policy) && policies::rule_in_force(self.package, *id, self.now) {
                findings.push(self.judge(*id, event, asked, given));
            }
        }
        self.defeat(&mut findings);
        let sayings: Vec<Saying> = match event {
            true => vec![],
            false => speaking.iter().map(|policy| self.saying(*policy, &findings, asked, given)).collect(),
        };
        let verdict = if event { Verdict::Recorded } else { verdict_of(&sayings) };
        let rules = self.determining(verdict, &findings, &sayings, speaking);
        let detail = Detail {
            verdict,
            rules,
            missing: findings
                .iter()
                .filter(|finding| finding.stands() && !self.package[finding.rule].trial)
                .flat_map(|finding| finding.missing.clone())
                .collect(),
            approvers: match verdict {
                Verdict::Escalate => self.wanted(&findings, &sayings),
                Verdict::Permit | Verdict::Deny | Verdict::Recorded => vec![],
            },
            approved: self.listed(&findings, &sayings, |standing| standing.counted.clone()),
            duties: self.due(verdict, &findings),
            trial: self.trials(&findings),
            errors: self.errors(&findings, &sayings),
            ..Detail::denial()
        };
        (detail, findings)
    }

    // 2 What a rule says of itself

    fn judge(&mut self, id: RuleId, event: bool, asked: Instant, given: &[Approval]) -> Finding {
        let rule = &self.package[id];
        self.policy = Some(rule.policy);
        self.watched = self.checked.conditions_of(id).iter().copied().collect();
        self.locals.clear();
        self.bind_lets(&rule.lets);
        let mut finding = Finding {
            rule: id,
            stance: Stance::Silent,
            erred: false,
            error: None,
            missing: vec![],
            standing: Standing::default(),
            duties: vec![],
            defeated_by: None,
        };
        // On an event and on trial, an error is listed and changes nothing else.
        let lenient = event || rule.trial;
        if let Err(failure) = self.stance(rule, &mut finding, lenient, asked, given) {
            // What belongs to no part of the text belongs to the whole.
            let at = failure.at.or(Some(rule.head.at));
            finding.error.get_or_insert(Failure { at, ..failure });
            finding.erred = true;
            finding.stance = if restricts(&rule.effect) && !lenient { Stance::Denial } else { Stance::Silent };
        }
        self.look_at_duties(rule, &mut finding, lenient);
        if finding.error.is_none() {
            finding.error = finding.standing.in_where.clone();
        }
        self.watched.clear();
        finding
    }

    /// Its conditions, then its effect. An error is the rule's.
    fn stance(
        &mut self,
        rule: &Rule,
        finding: &mut Finding,
        lenient: bool,
        asked: Instant,
        given: &[Approval],
    ) -> Outcome<()> {
        if !self.hold(&rule.conditions)? {
            return Ok(());
        }
        finding.stance = match &rule.effect {
            Effect::None => Stance::Duties,
            Effect::Lift => Stance::Lift,
            Effect::Permit => Stance::Grant,
            Effect::PermitWith(approval) => self.awaited(rule, approval, finding, asked, given, GRANT)?,
            Effect::Needs(approval) => self.awaited(rule, approval, finding, asked, given, GATE)?,
            Effect::Deny { waivers: None } => Stance::Denial,
            Effect::Deny { waivers: Some(waivers) } => {
                let policy = &self.package[rule.policy].head.name.text;
                let name = format!("{policy}.{}", rule.head.name.text);
                finding.standing = self.approvals(&rule.head.name.text, waivers, false, None, Some(&name), given)?;
                if finding.standing.approved { Stance::Silent } else { Stance::Denial }
            }
            Effect::Require { requirements, grant } => {
                self.required(rule, requirements, finding, lenient);
                match grant {
                    _ if !finding.missing.is_empty() => Stance::Denial,
                    None => Stance::Silent,
                    // An error here makes the permit not apply; it denies nothing.
                    Some(grant) => match self.permitted(rule, grant, finding, asked, given) {
                        Ok(stance) => stance,
                        Err(failure) => {
                            finding.error.get_or_insert(failure);
                            finding.erred = true;
                            Stance::Silent
                        }
                    },
                }
            }
            Effect::Limit(limit) => self.limited(rule, limit, finding, lenient, asked, given)?,
        };
        Ok(())
    }

    fn hold(&mut self, conditions: &[Condition]) -> Outcome<bool> {
        for condition in conditions {
            if self.truth(condition.expr)? == condition.negated {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a rule that wants approval comes to: `met` where they have approved, `past` from `until` on, else `open`.
    fn awaited(
        &mut self,
        rule: &Rule,
        approval: &ApprovalClause,
        finding: &mut Finding,
        asked: Instant,
        given: &[Approval],
        [met, past, open]: [Stance; 3],
    ) -> Outcome<Stance> {
        let grant = open == Stance::ConditionalGrant;
        let until = self.until(approval.within, asked)?;
        finding.standing = self.approvals(&rule.head.name.text, &approval.approvers, grant, until, None, given)?;
        Ok(match until {
            _ if finding.standing.approved => met,
            Some(until) if until <= self.now => past,
            Some(_) | None => open,
        })
    }

    fn until(&mut self, within: Option<ExprId>, asked: Instant) -> Outcome<Option<Instant>> {
        let Some(within) = within else { return Ok(None) };
        let span = self.eval(within)?;
        let calendar = self.calendar();
        match self.clock(&calendar).plus(Value::Instant(asked), &span)? {
            Value::Instant(until) => Ok(Some(until)),
            _ => Err(Fault::TimeRange.into()),
        }
    }

    /// Every requirement is looked at; one that errs has failed.
    fn required(&mut self, rule: &Rule, requirements: &[Requirement], finding: &mut Finding, lenient: bool) {
        for requirement in requirements {
            let holds = match self.hold(&requirement.conditions) {
                Ok(true) => self.truth(requirement.expr),
                Ok(false) => Ok(true),
                Err(failure) => Err(failure),
            };
            let fails = match holds {
                Ok(holds) => !holds,
                Err(failure) => {
                    finding.error.get_or_insert(failure);
                    finding.erred = true;
                    !lenient
                }
            };
            if fails {
                let text = match requirement.otherwise {
                    Some(text) => self.message(text),
                    None => self.written(self.package.at(requirement.expr)).to_string(),
                };
                finding.missing.push(Missing {
                    rule: rule.head.name.text.clone(),
                    text,
                    code: requirement.code.clone(),
                });
            }
        }
    }

    /// The permit of a rule whose requirements hold.
    fn permitted(
        &mut self,
        rule: &Rule,
        grant: &Grant,
        finding: &mut Finding,
        asked: Instant,
        given: &[Approval],
    ) -> Outcome<Stance> {
        if !self.hold(&grant.conditions)? {
            return Ok(Stance::Silent);
        }
        match &grant.approval {
            None => Ok(Stance::Grant),
            Some(approval) => self.awaited(rule, approval, finding, asked, given, GRANT),
        }
    }

    // 5 Limits

    fn limited(
        &mut self,
        rule: &Rule,
        limit: &Limit,
        finding: &mut Finding,
        lenient: bool,
        asked: Instant,
        given: &[Approval],
    ) -> Outcome<Stance> {
        let own = self.counted(limit)?;
        let total = self.total(finding.rule, limit, &own)?;
        let most = self.eval(limit.at_most)?;
        let less = |a: &Value, b: &Value| arithmetic::order(a, b).map(std::cmp::Ordering::is_lt);
        let stance = match &limit.needs {
            _ if !less(&most, &total.with)? => Stance::Silent,
            None => Stance::Denial,
            Some(approval) => self.awaited(rule, approval, finding, asked, given, GATE)?,
        };
        for clause in &rule.duties {
            let Some(share) = clause.mark else { continue };
            let share = self.eval(share)?;
            let mark = arithmetic::multiply(most.clone(), share)?;
            if !less(&total.before, &mark)? || less(&total.with, &mark)? {
                continue;
            }
            match self.duty(&rule.head.name.text, clause) {
                Ok(duty) => finding.duties.extend(duty),
                Err(failure) if lenient => {
                    finding.error.get_or_insert(failure);
                }
                Err(failure) => {
                    finding.duties.clear();
                    return Err(failure);
                }
            }
        }
        Ok(stance)
    }

    // 2.12, 4.5 Duties of a rule that applies

    fn look_at_duties(&mut self, rule: &Rule, finding: &mut Finding, lenient: bool) {
        let of_the_permit = matches!(rule.effect, Effect::Require { grant: Some(_), .. });
        if !finding.applies() || (of_the_permit && finding.stance == Stance::Denial) {
            return;
        }
        for clause in &rule.duties {
            if clause.mark.is_some() {
                continue;
            }
            match self.duty(&rule.head.name.text, clause) {
                Ok(duty) => finding.duties.extend(duty),
                Err(failure) => {
                    finding.error.get_or_insert(failure);
                    if !lenient {
                        finding.erred = true;
                        finding.stance = Stance::Denial;
                        finding.duties.clear();
                        return;
                    }
                }
            }
        }
    }

    // 6 Overriding

    /// A rule is defeated when a rule that overrides it stands and did not err. Overrides have no circle, so that each
    /// round settles one rule at least.
    fn defeat(&self, findings: &mut [Finding]) {
        let overriders: Vec<Vec<usize>> = findings
            .iter()
            .map(|finding| {
                let overrides = |other: &Finding| {
                    let other = &self.package[other.rule];
                    !other.trial && other.overrides.contains(&finding.rule)
                };
                (0..findings.len()).filter(|at| overrides(&findings[*at])).collect()
            })
            .collect();
        let mut settled = vec![false; findings.len()];
        for _ in 0..findings.len() {
            for at in 0..findings.len() {
                if settled[at] || !overriders[at].iter().all(|other| settled[*other]) {
                    continue;
                }
                settled[at] = true;
                let winner = overriders[at].iter().map(|other| &findings[*other]);
                let winner = winner.filter(|other| other.stands() && !other.erred).map(|other| other.rule).next();
                if findings[at].applies() {
                    findings[at].defeated_by = winner;
                }
            }
        }
    }

    // 7 The verdict

    fn saying(&mut self, policy: PolicyId, findings: &[Finding], asked: Instant, given: &[Approval]) -> Saying {
        let package = self.package;
        let own: Vec<&Finding> = findings
            .iter()
            .filter(|finding| {
                let rule = &package[finding.rule];
                rule.policy == policy && !rule.trial && finding.stands()
            })
            .collect();
        let stands = |stance: Stance| own.iter().any(|finding| finding.stance == stance);
        let mut saying =
            Saying { policy, verdict: None, grant: None, otherwise: false, standing: Standing::default(), error: None };
        let grant = if stands(Stance::Grant) {
            Some(Verdict::Permit)
        } else if stands(Stance::ConditionalGrant) {
            Some(Verdict::Escalate)
        } else {
            saying.otherwise = true;
            self.otherwise(&mut saying, asked, given)
        };
        saying.grant = grant.filter(|grant| *grant != Verdict::Deny);
        saying.verdict = if stands(Stance::Denial) || grant == Some(Verdict::Deny) {
            Some(Verdict::Deny)
        } else if stands(Stance::Gate) {
            Some(Verdict::Escalate)
        } else {
            grant
        };
        // Where a denial or a gate says more, the `otherwise` did not decide.
        saying.otherwise &= saying.verdict == grant && !stands(Stance::Denial) && grant.is_some();
        saying
    }

    /// `None`: it abstains.
    fn otherwise(&mut self, saying: &mut Saying, asked: Instant, given: &[Approval]) -> Option<Verdict> {
        match &self.package[saying.policy].otherwise {
            Otherwise::Permit => Some(Verdict::Permit),
            Otherwise::Deny(_) => Some(Verdict::Deny),
            Otherwise::Abstain => None,
            Otherwise::PermitWith(approval) => {
                self.policy = Some(saying.policy);
                self.locals.clear();
                let until = self.until(approval.within, asked);
                let standing = until.and_then(|until| {
                    let standing = self.approvals(&OTHERWISE.into(), &approval.approvers, true, until, None, given)?;
                    Ok((until, standing))
                });
                match standing {
                    Ok((until, standing)) => {
                        saying.error = standing.in_where.clone();
                        saying.standing = standing;
                        Some(match until {
                            _ if saying.standing.approved => Verdict::Permit,
                            Some(until) if until <= self.now => Verdict::Deny,
                            Some(_) | None => Verdict::Escalate,
                        })
                    }
                    Err(failure) => {
                        saying.error = Some(failure);
                        Some(Verdict::Deny)
                    }
                }
            }
        }
    }

    /// The effect that a standing rule has: the verdict that it would determine.
    fn effect(&self, finding: &Finding, findings: &[Finding]) -> Option<Verdict> {
        match finding.stance {
            Stance::Denial => Some(Verdict::Deny),
            Stance::Gate => Some(Verdict::Escalate),
            Stance::Grant => Some(Verdict::Permit),
            Stance::ConditionalGrant => {
                let policy = self.package[finding.rule].policy;
                let granted = findings.iter().any(|other| {
                    let rule = &self.package[other.rule];
                    rule.policy == policy && !rule.trial && other.stands() && other.stance == Stance::Grant
                });
                (!granted).then_some(Verdict::Escalate)
            }
            Stance::Silent | Stance::Met | Stance::Lift | Stance::Duties => None,
        }
    }

    fn determines(&self, finding: &Finding, findings: &[Finding], verdict: Verdict) -> bool {
        finding.stands() && !self.package[finding.rule].trial && self.effect(finding, findings) == Some(verdict)
    }

    fn determining(
        &mut self,
        verdict: Verdict,
        findings: &[Finding],
        sayings: &[Saying],
        speaking: &[PolicyId],
    ) -> Vec<Determining> {
        if verdict == Verdict::Recorded {
            return vec![];
        }
        let mut rules: Vec<(Place, Determining)> = vec![];
        for finding in findings {
            if self.determines(finding, findings, verdict) {
                let place = self.place(self.package[finding.rule].head.at, self.package[finding.rule].policy);
                rules.push((place, self.said(finding, verdict)));
            }
        }
        for saying in sayings {
            if saying.otherwise && saying.verdict == Some(verdict) {
                let policy = &self.package[saying.policy];
                let because = match &policy.otherwise {
                    Otherwise::Deny(text) => text.as_ref().map(ToString::to_string),
                    Otherwise::Permit | Otherwise::PermitWith(_) | Otherwise::Abstain => None,
                };
                let name = &policy.head.name;
                let said = self.otherwise_said(name.text.clone(), verdict, because, self.at(name.at));
                rules.push((self.place(policy.head.at, saying.policy), said));
            }
        }
        if rules.is_empty() {
            let why = match speaking {
                [] => "No policy in force governs this.",
                _ => "No policy in force grants this.",
            };
            return vec![self.otherwise_said("".into(), verdict, Some(why.into()), String::new())];
        }
        rules.sort_by(|(a, _), (b, _)| a.cmp(b));
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    fn otherwise_said(&self, policy: Arc<str>, effect: Verdict, because: Option<String>, at: String) -> Determining {
        Determining {
            rule: OTHERWISE.into(),
            policy,
            effect,
            because,
            code: None,
            sources: vec![],
            at,
            waivers: vec![],
        }
    }

    /// A rule with its reason and sources.
    fn said(&mut self, finding: &Finding, effect: Verdict) -> Determining {
        let rule = &self.package[finding.rule];
        self.policy = Some(rule.policy);
        self.locals.clear();
        self.bind_lets(&rule.lets);
        let because = rule.because.map(|because| self.message(because));
        let waivers = match &rule.effect {
            Effect::Deny { waivers: Some(waivers) } if !finding.erred => self.waivers(waivers),
            Effect::Deny { .. }
            | Effect::None
            | Effect::Permit
            | Effect::PermitWith(_)
            | Effect::Needs(_)
            | Effect::Require { .. }
            | Effect::Lift
            | Effect::Limit(_) => vec![],
        };
        Determining {
            rule: rule.head.name.text.clone(),
            policy: self.package[rule.policy].head.name.text.clone(),
            effect,
            because,
            code: rule.code.clone(),
            sources: rule.sources.clone(),
            at: self.at(rule.head.at),
            waivers,
        }
    }

    /// The roles that may waive, each once.
    fn waivers(&mut self, approvers: &Approvers) -> Vec<Arc<str>> {
        let mut open: Vec<&Approver> = approvers.all.iter().rev().collect();
        let mut names: Vec<Arc<str>> = vec![];
        while let Some(approver) = open.pop() {
            match approver {
                Approver::AnyOf { of, .. } => open.extend(of.iter().rev()),
                Approver::Role { role, .. } => {
                    let role = match role {
                        RoleExpr::Role(role) => Some(*role),
                        RoleExpr::Value(value) => match self.eval(*value) {
                            Ok(Value::Role(role)) => Some(role),
                            Ok(_) | Err(_) => None,
                        },
                    };
                    let name = role.map(|role| self.package[role].head.name.text.clone());
                    names.extend(name.filter(|name| !names.contains(name)));
                }
            }
        }
        names
    }

    /// Of every gate that stands; and, where no grant stands, of the conditional grants.
    fn wanted(&self, findings: &[Finding], sayings: &[Saying]) -> Vec<Wanted> {
        let mut wanted: Vec<(Place, Vec<Wanted>)> = vec![];
        for finding in findings {
            let rule = &self.package[finding.rule];
            if self.determines(finding, findings, Verdict::Escalate) {
                wanted.push((self.place(rule.head.at, rule.policy), finding.standing.wanted.clone()));
            }
        }
        for saying in sayings {
            if saying.grant == Some(Verdict::Escalate) && !saying.standing.wanted.is_empty() {
                let at = self.package[saying.policy].head.at;
                wanted.push((self.place(at, saying.policy), saying.standing.wanted.clone()));
            }
        }
        wanted.sort_by(|(a, _), (b, _)| a.cmp(b));
        wanted.into_iter().flat_map(|(_, wanted)| wanted).collect()
    }

    fn listed<T>(&self, findings: &[Finding], sayings: &[Saying], of: fn(&Standing) -> Vec<T>) -> Vec<T> {
        let mut all: Vec<(Place, Vec<T>)> = vec![];
        for finding in findings {
            let rule = &self.package[finding.rule];
            if !rule.trial {
                all.push((self.place(rule.head.at, rule.policy), of(&finding.standing)));
            }
        }
        for saying in sayings {
            let at = self.package[saying.policy].head.at;
            all.push((self.place(at, saying.policy), of(&saying.standing)));
        }
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all.into_iter().flat_map(|(_, items)| items).collect()
    }

    // 8 Duties

    fn due(&self, verdict: Verdict, findings: &[Finding]) -> Vec<Duty> {
        let permit = verdict == Verdict::Permit;
        let mut due = vec![];
        for finding in findings {
            if self.package[finding.rule].trial || finding.defeated_by.is_some() {
                continue;
            }
            let stands = finding.stands();
            let asks = match finding.stance {
                Stance::Lift | Stance::Duties => stands,
                Stance::Met => stands && permit,
                Stance::Grant | Stance::ConditionalGrant | Stance::Gate | Stance::Denial => {
                    self.determines(finding, findings, verdict)
                }
                Stance::Silent => false,
            };
            let of_rule = |duty: &&Asked| match duty.mark {
                true => permit,
                false => asks && (permit || !duty.once_done),
            };
            due.extend(finding.duties.iter().filter(of_rule).map(|asked| asked.duty.clone()));
        }
        due
    }

    // 9 Rules on trial

    fn trials(&mut self, findings: &[Finding]) -> Vec<Determining> {
        let mut trials = vec![];
        for finding in findings {
            if self.package[finding.rule].trial && finding.stands() {
                let effect = self.effect(finding, findings).unwrap_or(Verdict::Recorded);
                trials.push(self.said(finding, effect));
            }
        }
        trials
    }

    fn errors(&self, findings: &[Finding], sayings: &[Saying]) -> Vec<Problem> {
        let mut errors: Vec<(Place, Problem)> = vec![];
        for finding in findings {
            let rule = &self.package[finding.rule];
            if let Some(failure) = &finding.error {
                errors.push((self.place(rule.head.at, rule.policy), self.problem(failure, &rule.head.name.text)));
            }
        }
        for saying in sayings {
            if let Some(failure) = &saying.error {
                let at = self.package[saying.policy].head.at;
                errors.push((self.place(at, saying.policy), self.problem(failure, OTHERWISE)));
            }
        }
        errors.sort_by(|(a, _), (b, _)| a.cmp(b));
        errors.into_iter().map(|(_, error)| error).collect()
    }

    fn problem(&self, failure: &Failure, rule: &str) -> Problem {
        Problem {
            code: failure.fault.code().into(),
            message: failure.fault.to_string(),
            at: failure.at.map(|at| self.at(at)),
            path: None,
            rule: Some(rule.into()),
        }
    }

    // Places

    fn place(&self, at: Span, policy: PolicyId) -> Place {
        let module = self.package[policy].head.module;
        (self.package[module].name.clone(), at.file.0, at.start)
    }

    /// `payables.ord:52:3`
    pub fn at(&self, at: Span) -> String {
        match self.checked.sources.get(at.file.0 as usize) {
            Some(source) => {
                let (line, column) = source.line_column(at.start);
                format!("{}:{line}:{column}", source.name)
            }
            None => String::new(),
        }
    }

    /// The text of a span.
    pub fn written(&self, at: Span) -> &str {
        self.checked.sources.get(at.file.0 as usize).map_or("", |source| source.slice(at))
    }
}

/// What a decision by a policy's `otherwise` is called.
pub const OTHERWISE: &str = "otherwise";

/// The strictest of those that have a say; where none grants, a denial.
fn verdict_of(sayings: &[Saying]) -> Verdict {
    let strictest = sayings.iter().filter_map(|saying| saying.verdict).max().unwrap_or(Verdict::Deny);
    if sayings.iter().any(|saying| saying.grant.is_some()) { strictest } else { Verdict::Deny }
}

/// Rules that stood, for coverage.
pub fn stood(findings: &[Finding]) -> BTreeSet<RuleId> {
    findings.iter().filter(|finding| finding.stands()).map(|finding| finding.rule).collect()
}
