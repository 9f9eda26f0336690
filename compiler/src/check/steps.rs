//! Tests must be able to run as they are written: asked before it is expected, complete, and in order of time.

use super::Given;
use super::duties::is_no_time;
use crate::diagnostic::Diagnostic;
use crate::errors::{Code, rules};
use crate::hir::{
    ActionId, Determining, Effect, Effective, Expr, PastOutcome, Policy, RequestFixture, RuleId, Step, StepKind, Test,
    Verdict,
};
use crate::source::Span;
use ordain_vm::value::{Date, Instant, Time, Type};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn check(given: &Given<'_>, found: &mut Vec<Diagnostic>) {
    for test in &given.package.tests {
        Run { given, whole: test.whole, asked: None, clock: None, asked_at: None }.check(test, found);
    }
}

/// What a test has done so far.
struct Run<'a> {
    given: &'a Given<'a>,
    /// Nothing is known of what steps that were left out would have done.
    whole: bool,
    asked: Option<ActionId>,
    /// The last `at`.
    clock: Option<(Clock, Span)>,
    /// The clock of the last request or event.
    asked_at: Option<(Clock, Span)>,
}

#[derive(Clone)]
enum Clock {
    Instant(Instant),
    Local(Date, Time, Option<Arc<str>>),
}

impl Clock {
    /// Known to lie before the other.
    fn before(&self, other: &Clock) -> bool {
        match (self, other) {
            (Clock::Instant(a), Clock::Instant(b)) => a < b,
            (Clock::Local(a, time_a, zone_a), Clock::Local(b, time_b, zone_b)) if zone_a == zone_b => {
                (a, time_a) < (b, time_b)
            }
            // Zones differ by less than two days.
            (Clock::Local(a, ..), Clock::Local(b, ..)) => a.0 + 2 < b.0,
            (Clock::Local(a, ..), Clock::Instant(b)) => a.0 + 2 < b.utc().0.0,
            (Clock::Instant(a), Clock::Local(b, ..)) => a.utc().0.0 + 2 < b.0,
        }
    }
}

impl Run<'_> {
    fn check(&mut self, test: &Test, found: &mut Vec<Diagnostic>) {
        for step in &test.steps {
            self.step(step, found);
        }
        let expects = |step: &Step| match step.kind {
            StepKind::ExpectVerdict { .. }
            | StepKind::ExpectMissing(_)
            | StepKind::ExpectMust(_)
            | StepKind::ExpectError(_) => true,
            StepKind::AtInstant(_)
            | StepKind::AtLocal { .. }
            | StepKind::Session(_)
            | StepKind::Origins(_)
            | StepKind::Context(_)
            | StepKind::Data { .. }
            | StepKind::Past { .. }
            | StepKind::Request(_)
            | StepKind::Approved { .. }
            | StepKind::Waived { .. } => false,
        };
        if self.whole && !test.steps.iter().any(expects) {
            let at = self.given.find(test.at, "", "test", test.at);
            found.push(rules::expects_nothing(at, &test.name));
        }
    }

    fn step(&mut self, step: &Step, found: &mut Vec<Diagnostic>) {
        let at = step.at;
        match &step.kind {
            StepKind::AtInstant(instant) => self.set_clock(Clock::Instant(*instant), at, found),
            StepKind::AtLocal { date, time, zone } => {
                if zone.is_none() {
                    self.check_zone(*date, at, found);
                }
                self.set_clock(Clock::Local(*date, time.unwrap_or(Time(0)), zone.clone()), at, found);
            }
            StepKind::Session(_) | StepKind::Origins(_) | StepKind::Context(_) | StepKind::Data { .. } => {}
            StepKind::Past { what, outcome, times, ago } => {
                self.check_complete(what, at, found);
                if *times == 0 {
                    found.push(rules::repeated_never(at));
                }
                if let Some(ago) = ago
                    && is_no_time(self.given, *ago)
                    && matches!(self.given.package.expr(*ago), Expr::Negate(_))
                {
                    found.push(rules::ago_is_ahead(self.given.package.at(*ago)));
                }
                match outcome {
                    PastOutcome::Performed | PastOutcome::Returned(_) | PastOutcome::Denied => {}
                    PastOutcome::Failed | PastOutcome::Attempted => {}
                }
            }
            StepKind::Request(what) => {
                self.check_complete(what, at, found);
                self.asked = Some(what.action);
                self.asked_at = self.clock.clone();
            }
            StepKind::Approved { .. } => self.check_asked(at, "approved", found),
            StepKind::Waived { rule, .. } => {
                self.check_asked(at, "waived", found);
                self.check_waivable(*rule, at, found);
            }
            StepKind::ExpectVerdict { verdict, by } => {
                if self.check_expects(at, found) {
                    self.check_verdict(*verdict, by.as_deref().unwrap_or(&[]), at, found);
                }
            }
            StepKind::ExpectMissing(_) => {
                if self.check_expects(at, found) && self.whole && self.is_event() {
                    found.push(rules::event_has_no_verdict(at, "missing"));
                }
            }
            StepKind::ExpectMust(_) => {
                self.check_expects(at, found);
            }
            StepKind::ExpectError(code) => {
                self.check_expects(at, found);
                let known = Code::parse(code).is_some_and(|code| ["E05", "E06", "W06"].contains(&&code.as_str()[..3]));
                if !known {
                    found.push(rules::no_such_code(at, code));
                }
            }
        }
    }

    fn set_clock(&mut self, clock: Clock, at: Span, found: &mut Vec<Diagnostic>) {
        if let Some((asked, before)) = &self.asked_at
            && clock.before(asked)
        {
            found.push(rules::clock_goes_back(at, *before));
        }
        self.clock = Some((clock, at));
    }

    /// A local time needs one zone: that of all policies in force on that day.
    fn check_zone(&self, date: Date, at: Span, found: &mut Vec<Diagnostic>) {
        let day = Effective { from: Some(date), until: Some(date), at: None };
        let in_force = |policy: &&Policy| super::dates::overlap(policy.effective, day);
        let zone = |policy: &Policy| policy.zone.as_ref().map_or("UTC".to_string(), |zone| zone.text.to_string());
        let zones: BTreeSet<String> = self.given.package.policies.iter().filter(in_force).map(zone).collect();
        if zones.len() > 1 {
            let zones: Vec<String> = zones.iter().map(|zone| format!("\"{zone}\"")).collect();
            found.push(rules::zone_is_open(at, &zones.join(" and ")));
        }
    }

    fn is_event(&self) -> bool {
        self.asked.is_some_and(|action| self.given.package[action].event)
    }

    fn check_asked(&self, at: Span, word: &str, found: &mut Vec<Diagnostic>) {
        if self.whole && (self.asked.is_none() || self.is_event()) {
            found.push(rules::approves_too_early(at, word));
        }
    }

    fn check_waivable(&self, id: RuleId, at: Span, found: &mut Vec<Diagnostic>) {
        let rule = &self.given.package[id];
        let waivable = match &rule.effect {
            Effect::Deny { waivers } => waivers.is_some(),
            Effect::None | Effect::Permit | Effect::PermitWith(_) | Effect::Needs(_) => false,
            Effect::Require { .. } | Effect::Lift | Effect::Limit(_) => false,
        };
        if !waivable {
            found.push(rules::not_waivable(at, &rule.head.name.text, rule.head.name.at).rests_on([rule.head.at]));
        }
    }

    fn check_expects(&self, at: Span, found: &mut Vec<Diagnostic>) -> bool {
        if self.whole && self.asked.is_none() {
            found.push(rules::expects_too_early(at));
        }
        self.asked.is_some()
    }

    fn check_verdict(&self, verdict: Verdict, by: &[Determining], at: Span, found: &mut Vec<Diagnostic>) {
        let (Some(asked), word, true) = (self.asked, word(verdict), self.whole) else { return };
        match (self.is_event(), verdict) {
            (true, Verdict::Permit | Verdict::Escalate | Verdict::Deny) => {
                found.push(rules::event_has_no_verdict(at, word));
                return;
            }
            (false, Verdict::Recorded) => {
                found.push(rules::request_is_not_recorded(at));
                return;
            }
            (true, Verdict::Recorded) | (false, _) => {}
        }
        for rule in by {
            let Determining::Rule(id) = rule else { continue };
            let rule = &self.given.package[*id];
            let name = &rule.head.name;
            if !rule.on.is_empty() && !rule.on.contains(&asked) {
                let action = &self.given.package[asked].head.name.text;
                let diagnostic = rules::rule_on_another_action(at, &name.text, action, name.at);
                found.push(diagnostic.rests_on([rule.head.at]));
            } else if let Some(why) = never_says(rule, verdict) {
                let diagnostic = rules::rule_never_says(at, &name.text, word, why, name.at);
                found.push(diagnostic.rests_on([rule.head.at]));
            }
        }
    }

    /// A request must have all that the action declares, save what may be missing.
    fn check_complete(&self, what: &RequestFixture, at: Span, found: &mut Vec<Diagnostic>) {
        let action = &self.given.package[what.action];
        let mut lacks = vec![];
        if what.actor.is_none() && !action.by.is_empty() {
            lacks.push("actor");
        }
        if what.target.is_none() && !action.on.is_empty() {
            lacks.push("target");
        }
        for field in &action.fields {
            let optional = matches!(field.ty, Type::Optional(_) | Type::Unknown);
            if !optional && !what.args.iter().any(|(name, _)| name.text == field.name.text) {
                lacks.push(&field.name.text);
            }
        }
        for name in lacks {
            found.push(rules::lacks_argument(at, &action.head.name.text, name).rests_on([action.head.at]));
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Permit => "permit",
        Verdict::Escalate => "escalate",
        Verdict::Deny => "deny",
        Verdict::Recorded => "recorded",
    }
}

/// Why a rule is never among those that determine such a verdict. Any rule may deny, by an error.
fn never_says(rule: &crate::hir::Rule, verdict: Verdict) -> Option<&'static str> {
    if rule.trial {
        return Some("it is on trial and decides nothing");
    }
    let (permits, escalates, why) = match &rule.effect {
        Effect::None => (false, false, "it has duties only"),
        Effect::Lift => (false, false, "it only lifts other rules"),
        Effect::Permit => (true, false, "it permits"),
        Effect::PermitWith(_) => (true, true, ""),
        Effect::Needs(_) => (false, true, "a gate grants nothing"),
        Effect::Deny { .. } => (false, false, "it denies"),
        Effect::Require { grant: None, .. } => (false, false, "it only requires"),
        Effect::Require { grant: Some(grant), .. } => (true, grant.approval.is_some(), "it permits or denies"),
        Effect::Limit(limit) => (false, limit.needs.is_some(), "a limit grants nothing"),
    };
    match verdict {
        Verdict::Permit => (!permits).then_some(why),
        Verdict::Escalate => (!escalates).then_some(why),
        Verdict::Deny | Verdict::Recorded => None,
    }
}
