//! Clauses of a rule or limit: which `when`, `within`, `otherwise` and `code` belongs to what, and whether each stands
//! where it may. `bodies` calls it with the rule's surroundings; conditions and duties are resolved on the way.
//! Whether an effect fits its actions, or a rule says anything at all, is the checker's.

use super::Resolver;
use super::exprs::Hint;
use super::policies::effective_at;
use super::scope::{Body, Def, Found};
use crate::ast::{self, Clause, ClauseKind, Otherwise};
use crate::diagnostic::Fix;
use crate::errors::clauses;
use crate::hir::{self, Aggregate, Approval, Condition, Effect, ExprId, Grant, Requirement, RuleId, Window};
use crate::source::Span;

/// A clause and those behind it that belong to it.
struct Part<'a> {
    head: &'a Clause,
    attached: Vec<&'a Clause>,
    stage: Stage,
    /// `at N%` before the `must` of a limit.
    mark: Option<ast::ExprId>,
    at: Span,
}

/// Where in a rule or limit a clause stands, first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Let,
    Condition,
    Aggregate,
    Per,
    Window,
    AtMost,
    Otherwise,
    Effect,
    Duty,
    Because,
    Code,
    Source,
    Implements,
    Effective,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Stage::Let => "stands at the top of its rule",
            Stage::Condition => "stands before the effect, or right behind it",
            Stage::Aggregate => "stands before `per`, the window and `at most`",
            Stage::Per => "stands between what is counted and the window",
            Stage::Window => "stands before `at most`",
            Stage::AtMost => "stands behind the window",
            Stage::Otherwise => "stands right behind `at most`",
            Stage::Effect => "stands before duties and reasons",
            Stage::Duty => "stands behind the effect and before `because`",
            Stage::Because => "stands behind effect and duties",
            Stage::Code => "stands behind `because`",
            Stage::Source => "stands behind `because` and `code`",
            Stage::Implements => "stands behind `because`, `code` and `source`",
            Stage::Effective => "stands at the end",
        }
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn rule(&mut self, id: RuleId, body: &mut Body<'a>) {
        let rule: &'a ast::Rule = self.rule_items[id.index()];
        let limit = self.limits.contains(&id);
        let parts = if limit { self.limit_parts(rule) } else { self.rule_parts(rule) };
        self.in_order(&parts);
        // Everything else may read what a `let` names, wherever it stands.
        for part in &parts {
            if let ClauseKind::Let { name, value } = &part.head.kind {
                let value = self.expr(body, *value, Hint::None);
                let local = self.bind_let(body, name, value);
                self.package[id].lets.push((local, value));
            }
        }
        if limit {
            if let Some(path) = rule.overrides.first() {
                let help = "A limit that should not hold for some requests says so with `unless`.";
                self.report(clauses::misplaced(path.at, "`overrides`", "has no place in a limit", help, None));
                self.package[id].overrides.clear();
            }
            self.limit(id, body, rule, &parts);
        } else {
            self.effects(id, body, &parts);
        }
        self.duties_and_reasons(id, body, &parts);
    }

    // Which clause belongs to what

    fn rule_parts(&mut self, rule: &'a ast::Rule) -> Vec<Part<'a>> {
        let mut parts: Vec<Part<'a>> = vec![];
        for clause in &rule.clauses {
            let stage = match &clause.kind {
                ClauseKind::Let { .. } => Stage::Let,
                ClauseKind::When(_) | ClauseKind::Unless(_) => {
                    if self.attach_when(&mut parts, clause, Stage::Effect) {
                        continue;
                    }
                    Stage::Condition
                }
                ClauseKind::Permit | ClauseKind::PermitWith(_) | ClauseKind::Needs(_) | ClauseKind::Deny => {
                    Stage::Effect
                }
                ClauseKind::Require(_) | ClauseKind::Lift => Stage::Effect,
                ClauseKind::Must(_) => Stage::Duty,
                ClauseKind::Because(_) => Stage::Because,
                ClauseKind::Source(_) => Stage::Source,
                ClauseKind::Implements(_) => Stage::Implements,
                ClauseKind::Effective(_) => Stage::Effective,
                ClauseKind::Code(_) => match parts.last_mut() {
                    Some(part) if matches!(part.head.kind, ClauseKind::Require(_)) => {
                        attach(part, clause);
                        continue;
                    }
                    _ => Stage::Code,
                },
                ClauseKind::MayBeWaived(_) => {
                    self.attach_waiver(&mut parts, clause);
                    continue;
                }
                ClauseKind::Within { .. } | ClauseKind::OnceDone | ClauseKind::Otherwise(_) => {
                    self.attach_detail(&mut parts, clause);
                    continue;
                }
                ClauseKind::Count | ClauseKind::Sum(_) | ClauseKind::Distinct(_) | ClauseKind::Per(_) => {
                    self.only_in_limits(clause);
                    continue;
                }
                ClauseKind::Window(_) | ClauseKind::AtMost(_) | ClauseKind::AtMark(_) => {
                    self.only_in_limits(clause);
                    continue;
                }
                ClauseKind::Error => continue,
            };
            parts.push(Part { head: clause, attached: vec![], stage, mark: None, at: clause.at });
        }
        parts
    }

    fn limit_parts(&mut self, rule: &'a ast::Rule) -> Vec<Part<'a>> {
        let mut parts: Vec<Part<'a>> = vec![];
        let mut mark: Option<(ast::ExprId, Span)> = None;
        for clause in &rule.clauses {
            if let Some((_, at)) = mark
                && !matches!(clause.kind, ClauseKind::Must(_))
            {
                self.report(clauses::misplaced(
                    at,
                    "`at N%`",
                    "has no duty behind it",
                    "Write `at 80% must DUTY(…)`.",
                    None,
                ));
                mark = None;
            }
            let stage = match &clause.kind {
                ClauseKind::When(_) | ClauseKind::Unless(_) => {
                    if self.attach_when(&mut parts, clause, Stage::Condition) {
                        continue;
                    }
                    Stage::Condition
                }
                ClauseKind::Count | ClauseKind::Sum(_) | ClauseKind::Distinct(_) => Stage::Aggregate,
                ClauseKind::Per(_) => Stage::Per,
                ClauseKind::Window(_) => Stage::Window,
                ClauseKind::Within { .. } => match parts.last_mut() {
                    Some(part) if part.stage == Stage::Duty || needs_without_deadline(part) => {
                        if self.free(part, clause) {
                            attach(part, clause);
                        }
                        continue;
                    }
                    _ => Stage::Window,
                },
                ClauseKind::AtMost(_) => Stage::AtMost,
                ClauseKind::Otherwise(_) => match parts.last() {
                    Some(part) if part.stage == Stage::Duty => {
                        self.attach_detail(&mut parts, clause);
                        continue;
                    }
                    _ => Stage::Otherwise,
                },
                ClauseKind::AtMark(share) => {
                    mark = Some((*share, clause.at));
                    continue;
                }
                ClauseKind::Must(_) => {
                    let part_mark = mark.take();
                    if part_mark.is_none() {
                        let help = "Say from which share of the limit it is due: `at 80% must …`.";
                        self.report(clauses::misplaced(
                            clause.at,
                            "`must`",
                            "stands in a limit without a share",
                            help,
                            None,
                        ));
                    }
                    let at = part_mark.map_or(clause.at, |(_, at)| at.to(clause.at));
                    let mark = part_mark.map(|(share, _)| share);
                    parts.push(Part { head: clause, attached: vec![], stage: Stage::Duty, mark, at });
                    continue;
                }
                ClauseKind::OnceDone => {
                    self.attach_detail(&mut parts, clause);
                    continue;
                }
                ClauseKind::Because(_) => Stage::Because,
                ClauseKind::Code(_) => Stage::Code,
                ClauseKind::Source(_) => Stage::Source,
                ClauseKind::Implements(_) => Stage::Implements,
                ClauseKind::Effective(_) => Stage::Effective,
                ClauseKind::Let { .. } => {
                    let help = "Write the expression where it is used, or make a `define` of it.";
                    self.report(clauses::misplaced(clause.at, "`let`", "has no place in a limit", help, None));
                    continue;
                }
                ClauseKind::Permit | ClauseKind::PermitWith(_) | ClauseKind::Needs(_) | ClauseKind::Deny => {
                    self.not_in_limits(clause);
                    continue;
                }
                ClauseKind::Require(_) | ClauseKind::Lift | ClauseKind::MayBeWaived(_) => {
                    self.not_in_limits(clause);
                    continue;
                }
                ClauseKind::Error => continue,
            };
            parts.push(Part { head: clause, attached: vec![], stage, mark: None, at: clause.at });
        }
        if let Some((_, at)) = mark {
            self.report(clauses::misplaced(
                at,
                "`at N%`",
                "has no duty behind it",
                "Write `at 80% must DUTY(…)`.",
                None,
            ));
        }
        parts
    }

    fn only_in_limits(&mut self, clause: &Clause) {
        let help = "A rule looks at the past with `count(e in past …)` or `sum(e.amount for e in past …)`; a `limit` counts by itself.";
        self.report(clauses::misplaced(clause.at, word(clause), "belongs to a limit, not to a rule", help, None));
    }

    fn not_in_limits(&mut self, clause: &Clause) {
        let help =
            "A limit denies what is above it. For approval instead, write `at most … otherwise needs approval of …`.";
        self.report(clauses::misplaced(clause.at, word(clause), "has no place in a limit", help, None));
    }

    /// A `when` or `unless` behind an effect, a requirement or a duty is theirs; otherwise it is the rule's.
    /// `last` is the stage up to which one may stand by itself.
    fn attach_when(&mut self, parts: &mut [Part<'a>], clause: &'a Clause, last: Stage) -> bool {
        // A `let` that stands too late is moved away, so what is before it counts.
        let Some(at) = parts.iter().rposition(|part| part.stage != Stage::Let) else { return false };
        match parts[at].stage {
            Stage::Let | Stage::Condition => false,
            Stage::Effect => {
                attach(&mut parts[at], clause);
                true
            }
            Stage::Duty => {
                if !self.same_line(parts[at].at, clause.at) {
                    self.report(clauses::which_when(clause.at, word(clause).trim_matches('`'), parts[at].head.at));
                }
                attach(&mut parts[at], clause);
                true
            }
            stage if stage > Stage::Duty && last == Stage::Effect => {
                let place = parts.iter().rposition(|part| part.stage == Stage::Effect);
                let before = parts.iter().position(|part| part.stage > Stage::Condition);
                let fix = match (place, before) {
                    (Some(place), _) => self.move_behind(clause.at, parts[place].at),
                    (None, Some(before)) => self.move_before(clause.at, parts[before].at),
                    (None, None) => None,
                };
                let help = "A condition stands behind its effect, or above it.";
                self.report(clauses::misplaced(clause.at, word(clause), "stands behind the reasons", help, fix));
                match place {
                    Some(place) => parts[place].attached.push(clause),
                    None => return false,
                }
                true
            }
            // Of a limit: out of order, which is reported with the others.
            _ => false,
        }
    }

    fn same_line(&self, first: Span, second: Span) -> bool {
        let source = self.source(first);
        source.line(first.end.saturating_sub(1).max(first.start)) == source.line(second.start)
    }

    fn attach_waiver(&mut self, parts: &mut [Part<'a>], clause: &'a Clause) {
        let deny = parts.iter().rposition(|part| matches!(part.head.kind, ClauseKind::Deny));
        let Some(deny) = deny else {
            let help = "Only a `deny` may be waived. For approval in advance, write `needs approval of …`.";
            return self.report(clauses::misplaced(clause.at, word(clause), "stands behind no denial", help, None));
        };
        if deny + 1 != parts.len() {
            let fix = self.move_behind(clause.at, parts[deny].at);
            let help = "Write it right behind its `deny` and the conditions of that.";
            self.report(clauses::misplaced(clause.at, word(clause), "belongs to the denial", help, fix));
            parts[deny].attached.push(clause);
        } else if self.free(&parts[deny], clause) {
            attach(&mut parts[deny], clause);
        }
    }

    /// `within`, `once done` and `otherwise`, which belong to what stands right before them.
    fn attach_detail(&mut self, parts: &mut [Part<'a>], clause: &'a Clause) {
        let head = parts.last().map(|part| &part.head.kind);
        let (fits, help) = match (&clause.kind, head) {
            (
                ClauseKind::Within { .. },
                Some(ClauseKind::PermitWith(_) | ClauseKind::Needs(_) | ClauseKind::Must(_)),
            ) => (true, ""),
            (ClauseKind::Within { .. }, _) => (
                false,
                "A deadline stands right behind an approval or a duty. A past has its own: `past … within 24 hours`.",
            ),
            (ClauseKind::OnceDone, Some(ClauseKind::Must(_))) => (true, ""),
            (ClauseKind::OnceDone, _) => (false, "It stands right behind a duty: `must DUTY(…) once done`."),
            (ClauseKind::Otherwise(Otherwise::Text(_)), Some(ClauseKind::Require(_))) => (true, ""),
            (ClauseKind::Otherwise(Otherwise::Duty(_)), Some(ClauseKind::Must(_))) => (true, ""),
            (ClauseKind::Otherwise(_), Some(ClauseKind::Require(_))) => {
                (false, "Behind a requirement stands the text that says what is missing: `otherwise \"…\"`.")
            }
            (ClauseKind::Otherwise(_), Some(ClauseKind::Must(_))) => (
                false,
                "Behind a duty stands the duty that is due when its time is up: `within 2 days otherwise DUTY(…)`.",
            ),
            (_, _) => (
                false,
                "It stands behind a requirement, or behind the deadline of a duty. What holds without a rule is said by the policy.",
            ),
        };
        if !fits {
            return self.report(clauses::misplaced(
                clause.at,
                word(clause),
                "belongs to nothing that stands before it",
                help,
                None,
            ));
        }
        if let Some(at) = parts.len().checked_sub(1)
            && self.free(&parts[at], clause)
        {
            attach(&mut parts[at], clause);
        }
    }

    /// True where a part has no clause of that kind yet; otherwise that is said.
    fn free(&mut self, part: &Part<'a>, clause: &Clause) -> bool {
        let same = |other: &&&Clause| std::mem::discriminant(&other.kind) == std::mem::discriminant(&clause.kind);
        match part.attached.iter().find(same) {
            Some(first) => {
                self.report(clauses::twice(clause.at, word(clause), first.at, "Keep one of them."));
                false
            }
            None => true,
        }
    }

    /// Reports what stands too late, with the move that mends it.
    fn in_order(&mut self, parts: &[Part<'a>]) {
        let mut latest = Stage::Let;
        for part in parts {
            if part.stage < latest {
                let before = parts.iter().find(|other| other.stage > part.stage).map(|other| other.at);
                let fix = before.and_then(|before| self.move_before(part.at, before));
                let help = format!("{} {}.", word(part.head), part.stage.words());
                self.report(clauses::misplaced(part.at, word(part.head), "stands too late", &help, fix));
            }
            latest = latest.max(part.stage);
        }
    }

    // Moves

    /// Takes a clause out of its place, with its line where nothing else stands on it.
    fn cut(&self, at: Span) -> (Span, String) {
        let source = self.source(at);
        let text = source.slice(at).to_string();
        let before = &source.text[..at.start as usize];
        let line_start = before.rfind('\n').map_or(0, |place| place + 1);
        let after = &source.text[at.end as usize..];
        let rest = after.split('\n').next().unwrap_or_default();
        let whole_line = before[line_start..].trim().is_empty() && rest.trim().is_empty();
        let cut = if whole_line && line_start > 0 {
            Span { start: line_start as u32 - 1, end: at.end + rest.len() as u32, ..at }
        } else {
            let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
            Span { start: at.start - blanks as u32, ..at }
        };
        (cut, text)
    }

    fn move_behind(&self, at: Span, target: Span) -> Option<Fix> {
        let (cut, text) = self.cut(at);
        if cut.start < target.end {
            return None;
        }
        let edits = vec![(target.after(), format!(" {text}")), (cut, String::new())];
        Some(Fix { title: "Move it".into(), edits })
    }

    fn move_before(&self, at: Span, target: Span) -> Option<Fix> {
        let (cut, text) = self.cut(at);
        if cut.start < target.end {
            return None;
        }
        let source = self.source(target);
        let before = &source.text[..target.start as usize];
        let line_start = before.rfind('\n').map_or(0, |place| place + 1);
        let indent = &before[line_start..];
        let gap = if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_string() };
        let place = Span { end: target.start, ..target };
        Some(Fix { title: "Move it".into(), edits: vec![(place, format!("{text}{gap}")), (cut, String::new())] })
    }

    // What the parts say

    fn conditions<'b>(&mut self, body: &mut Body<'a>, clauses: impl Iterator<Item = &'b &'a Clause>) -> Vec<Condition>
    where
        'a: 'b,
    {
        clauses
            .filter_map(|clause| {
                let (expr, negated) = match &clause.kind {
                    ClauseKind::When(expr) => (*expr, false),
                    ClauseKind::Unless(expr) => (*expr, true),
                    _ => return None,
                };
                Some(Condition { expr: self.expr(body, expr, Hint::None), negated, at: clause.at })
            })
            .collect()
    }

    fn effects(&mut self, id: RuleId, body: &mut Body<'a>, parts: &[Part<'a>]) {
        for part in parts.iter().filter(|part| part.stage == Stage::Condition) {
            let conditions = self.conditions(body, std::iter::once(&part.head));
            self.package[id].conditions.extend(conditions);
        }
        let effects = self.compatible(parts);
        if effects.iter().any(|part| matches!(part.head.kind, ClauseKind::Require(_))) {
            self.package[id].effect = self.requirements(body, &effects);
            return;
        }
        let Some(part) = effects.first() else { return };
        let overrides = !self.rule_items[id.index()].overrides.is_empty();
        let conditions = self.conditions(body, part.attached.iter());
        self.package[id].conditions.extend(conditions);
        let within = part.attached.iter().find_map(|clause| match clause.kind {
            ClauseKind::Within { span, .. } => Some(span),
            _ => None,
        });
        self.package[id].effect = match &part.head.kind {
            ClauseKind::Permit => Effect::Permit,
            ClauseKind::PermitWith(approvers) => Effect::PermitWith(self.approval(body, approvers, within)),
            ClauseKind::Needs(approvers) => Effect::Needs(self.approval(body, approvers, within)),
            // What it overrides was not found, and that was said: a `lift` by itself would be one more mistake.
            ClauseKind::Lift if self.package[id].overrides.is_empty() && overrides => Effect::Permit,
            ClauseKind::Lift => Effect::Lift,
            ClauseKind::Deny => {
                let waivers = part.attached.iter().find_map(|clause| match &clause.kind {
                    ClauseKind::MayBeWaived(approvers) => Some(approvers),
                    _ => None,
                });
                Effect::Deny { waivers: waivers.map(|waivers| self.approvers(body, waivers)) }
            }
            _ => Effect::None,
        };
    }

    /// The effects that may stand together: one, or requirements with at most one `permit`. Others are reported.
    fn compatible<'b>(&mut self, parts: &'b [Part<'a>]) -> Vec<&'b Part<'a>> {
        let mut kept: Vec<&'b Part<'a>> = vec![];
        let requires = |part: &Part<'_>| matches!(part.head.kind, ClauseKind::Require(_));
        let grants = |part: &Part<'_>| matches!(part.head.kind, ClauseKind::Permit | ClauseKind::PermitWith(_));
        let (mut grant, mut other): (Option<&Part<'a>>, Option<&Part<'a>>) = (None, None);
        for part in parts.iter().filter(|part| part.stage == Stage::Effect) {
            // What it can't stand with: any other effect, except requirements and their one grant.
            let clash = if requires(part) {
                other
            } else if grants(part) {
                grant.or(other)
            } else {
                kept.first().copied()
            };
            match clash {
                Some(first) if word(first.head) == word(part.head) => {
                    let help = "Join the conditions with `or`, or make two rules of it.";
                    self.report(clauses::twice(part.head.at, word(part.head), first.head.at, help));
                }
                Some(first) => {
                    self.report(clauses::mixed_effects(part.head.at, word(part.head), word(first.head), first.head.at));
                }
                None => {
                    if grants(part) {
                        grant = Some(part);
                    } else if !requires(part) {
                        other = Some(part);
                    }
                    kept.push(part);
                }
            }
        }
        kept
    }

    fn requirements(&mut self, body: &mut Body<'a>, parts: &[&Part<'a>]) -> Effect {
        let mut requirements = vec![];
        let mut grant = None;
        for part in parts {
            match &part.head.kind {
                ClauseKind::Require(expr) => requirements.push(self.requirement(body, *expr, part)),
                ClauseKind::Permit => {
                    let conditions = self.conditions(body, part.attached.iter());
                    grant = Some(Grant { approval: None, conditions });
                }
                ClauseKind::PermitWith(approvers) => {
                    let conditions = self.conditions(body, part.attached.iter());
                    let within = part.attached.iter().find_map(|clause| match clause.kind {
                        ClauseKind::Within { span, .. } => Some(span),
                        _ => None,
                    });
                    grant = Some(Grant { approval: Some(self.approval(body, approvers, within)), conditions });
                }
                _ => {}
            }
        }
        Effect::Require { requirements, grant }
    }

    fn requirement(&mut self, body: &mut Body<'a>, expr: ast::ExprId, part: &Part<'a>) -> Requirement {
        let file = body.file;
        let expr = self.expr(body, expr, Hint::None);
        let conditions = self.conditions(body, part.attached.iter());
        let (mut otherwise, mut code) = (None, None);
        for clause in &part.attached {
            match &clause.kind {
                ClauseKind::Otherwise(Otherwise::Text(text)) => otherwise = Some(self.template(body, text)),
                ClauseKind::Code(text) if code.is_none() => code = Some(self.plain(file, text)),
                ClauseKind::Code(_) => {
                    let help = "A requirement has one code. The rule's own stands behind `because`.";
                    self.report(clauses::twice(clause.at, "`code`", part.head.at, help));
                }
                _ => {}
            }
        }
        Requirement { expr, conditions, otherwise, code, at: part.at }
    }

    fn limit(&mut self, id: RuleId, body: &mut Body<'a>, rule: &'a ast::Rule, parts: &[Part<'a>]) {
        for part in parts.iter().filter(|part| part.stage == Stage::Condition) {
            let conditions = self.conditions(body, std::iter::once(&part.head));
            self.package[id].conditions.extend(conditions);
        }
        let aggregate = self.only(parts, Stage::Aggregate);
        let per = self.only(parts, Stage::Per);
        let window = self.only(parts, Stage::Window);
        let at_most = self.only(parts, Stage::AtMost);
        let otherwise = self.only(parts, Stage::Otherwise);
        let lacks = |part: &str, form: &str| clauses::limit_lacks(rule.name.at, &rule.name.text, part, form);
        let aggregate = match aggregate.map(|part| &part.head.kind) {
            Some(ClauseKind::Sum(expr)) => Aggregate::Sum(self.expr(body, *expr, Hint::None)),
            Some(ClauseKind::Distinct(expr)) => Aggregate::Distinct(self.expr(body, *expr, Hint::None)),
            Some(_) => Aggregate::Count,
            None => {
                self.report(lacks("what it counts", "count`, `sum of …` or `distinct …"));
                Aggregate::Count
            }
        };
        let per = match per.map(|part| &part.head.kind) {
            Some(ClauseKind::Per(keys)) => self.all(body, keys, Hint::None),
            _ => vec![],
        };
        let window = match window.map(|part| &part.head.kind) {
            Some(ClauseKind::Window(window)) => self.window(body, window, None, None),
            Some(ClauseKind::Within { span, max }) => {
                let at = body.file.at(*span);
                let span = self.expr(body, *span, Hint::None);
                Window::Within { span, max: max.map(|max| u32::try_from(max).unwrap_or(u32::MAX)), at }
            }
            _ => {
                self.report(lacks("over which time it counts", "within 24 hours`, `this session` or `ever"));
                Window::Error
            }
        };
        let at_most = match at_most.map(|part| &part.head.kind) {
            Some(ClauseKind::AtMost(expr)) => self.expr(body, *expr, Hint::None),
            _ => {
                self.report(lacks("how much is allowed", "at most …"));
                self.error(rule.name.at)
            }
        };
        let needs = otherwise.and_then(|part| self.limit_otherwise(body, part));
        self.package[id].effect = Effect::Limit(hir::Limit { aggregate, per, window, at_most, needs });
    }

    /// The one part of a stage; further ones are reported.
    fn only<'b>(&mut self, parts: &'b [Part<'a>], stage: Stage) -> Option<&'b Part<'a>> {
        let mut found = parts.iter().filter(|part| part.stage == stage);
        let first = found.next()?;
        for again in found {
            self.report(clauses::twice(
                again.head.at,
                word(again.head),
                first.head.at,
                "A limit has one; make two limits of it.",
            ));
        }
        Some(first)
    }

    fn limit_otherwise(&mut self, body: &mut Body<'a>, part: &Part<'a>) -> Option<Approval> {
        let ClauseKind::Otherwise(otherwise) = &part.head.kind else { return None };
        let behind = part.attached.iter().find_map(|clause| match clause.kind {
            ClauseKind::Within { span, .. } => Some(span),
            _ => None,
        });
        let help = match otherwise {
            Otherwise::Needs { approvers, within } => {
                return Some(self.approval(body, approvers, within.or(behind)));
            }
            Otherwise::Deny(None) => return None,
            Otherwise::Deny(Some(_)) | Otherwise::Text(_) => "Say why behind `because`.",
            Otherwise::Permit | Otherwise::PermitWith { .. } | Otherwise::Abstain | Otherwise::Duty(_) => {
                "A limit says `otherwise deny` or `otherwise needs approval of …`."
            }
        };
        self.report(clauses::misplaced(
            part.head.at,
            "What stands behind `otherwise`",
            "is nothing that a limit does",
            help,
            None,
        ));
        None
    }

    fn duties_and_reasons(&mut self, id: RuleId, body: &mut Body<'a>, parts: &[Part<'a>]) {
        let file = body.file;
        let module = body.module;
        let (mut because, mut code, mut effective): (Option<Span>, Option<Span>, Option<Span>) = (None, None, None);
        for part in parts {
            let at = part.head.at;
            match &part.head.kind {
                ClauseKind::Must(call) => {
                    let duty = self.duty_clause(body, call, part);
                    self.package[id].duties.extend(duty);
                }
                ClauseKind::Because(text) if self.once(&mut because, part.head) => {
                    self.package[id].because = Some(self.template(body, text));
                }
                ClauseKind::Code(text) if self.once(&mut code, part.head) => {
                    self.package[id].code = Some(self.plain(file, text));
                }
                ClauseKind::Effective(dates) if self.once(&mut effective, part.head) => {
                    self.package[id].effective = effective_at(dates, at);
                }
                ClauseKind::Source(text) => {
                    let text = self.plain(file, text);
                    self.package[id].sources.push(text);
                }
                ClauseKind::Implements(implements) => {
                    let implements = self.implements(module, file, implements, at);
                    self.package[id].implements.extend(implements);
                }
                _ => {}
            }
        }
    }

    fn once(&mut self, first: &mut Option<Span>, clause: &Clause) -> bool {
        match first {
            Some(first) => {
                self.report(clauses::twice(clause.at, word(clause), *first, "Keep one of them."));
                false
            }
            None => {
                *first = Some(clause.at);
                true
            }
        }
    }

    fn duty_clause(
        &mut self,
        body: &mut Body<'a>,
        call: &'a ast::DutyCall,
        part: &Part<'a>,
    ) -> Option<hir::DutyClause> {
        let resolved = self.duty_call(body, call);
        let conditions = self.conditions(body, part.attached.iter());
        let (mut within, mut otherwise, mut once_done) = (None, None, false);
        for clause in &part.attached {
            match &clause.kind {
                ClauseKind::Within { span, .. } => within = Some(self.expr(body, *span, Hint::None)),
                ClauseKind::Otherwise(Otherwise::Duty(call)) => otherwise = self.duty_call(body, call),
                ClauseKind::OnceDone => once_done = true,
                _ => {}
            }
        }
        let mark = part.mark.map(|mark| self.expr(body, mark, Hint::None));
        let call = resolved?;
        Some(hir::DutyClause { call, conditions, within, otherwise, once_done, mark, at: part.at })
    }

    /// A duty and what it is told; its texts are messages.
    pub(super) fn duty_call(&mut self, body: &mut Body<'a>, call: &'a ast::DutyCall) -> Option<hir::DutyCall> {
        let duty = match self.path(body.module, &call.duty, "a duty") {
            Some(Found::Def(Def::Duty(id))) => Some(id),
            Some(other) => {
                let name = call.duty.parts.last().map(|name| name.text.to_string()).unwrap_or_default();
                self.wrong_kind(call.duty.at, &name, other, "a duty");
                None
            }
            None => None,
        };
        let hints: Vec<Hint> = match duty {
            Some(duty) => self.package[duty].params.iter().map(|param| Hint::of(&param.ty)).collect(),
            None => vec![],
        };
        let outer = std::mem::replace(&mut body.message, body.place == super::scope::Place::Rule);
        let args: Vec<ExprId> = call
            .args
            .iter()
            .enumerate()
            .map(|(at, arg)| self.expr(body, *arg, hints.get(at).copied().unwrap_or(Hint::None)))
            .collect();
        body.message = outer;
        Some(hir::DutyCall { duty: duty?, args, at: call.at })
    }
}

fn attach<'a>(part: &mut Part<'a>, clause: &'a Clause) {
    part.attached.push(clause);
    part.at = part.at.to(clause.at);
}

/// `otherwise needs approval of …`, whose `within` may follow.
fn needs_without_deadline(part: &Part<'_>) -> bool {
    matches!(&part.head.kind, ClauseKind::Otherwise(Otherwise::Needs { within: None, .. }))
}

/// A clause in words of the language.
fn word(clause: &Clause) -> &'static str {
    match &clause.kind {
        ClauseKind::Let { .. } => "`let`",
        ClauseKind::When(_) => "`when`",
        ClauseKind::Unless(_) => "`unless`",
        ClauseKind::Permit => "`permit`",
        ClauseKind::PermitWith(_) => "`permit with approval`",
        ClauseKind::Needs(_) => "`needs approval`",
        ClauseKind::Deny => "`deny`",
        ClauseKind::MayBeWaived(_) => "`may be waived`",
        ClauseKind::Require(_) => "`require`",
        ClauseKind::Lift => "`lift`",
        ClauseKind::Must(_) => "`must`",
        ClauseKind::Within { .. } => "`within`",
        ClauseKind::OnceDone => "`once done`",
        ClauseKind::Otherwise(_) => "`otherwise`",
        ClauseKind::Because(_) => "`because`",
        ClauseKind::Code(_) => "`code`",
        ClauseKind::Source(_) => "`source`",
        ClauseKind::Implements(_) => "`implements`",
        ClauseKind::Effective(_) => "`effective`",
        ClauseKind::Count => "`count`",
        ClauseKind::Sum(_) => "`sum of`",
        ClauseKind::Distinct(_) => "`distinct`",
        ClauseKind::Per(_) => "`per`",
        ClauseKind::Window(_) => "the window",
        ClauseKind::AtMost(_) => "`at most`",
        ClauseKind::AtMark(_) => "`at N%`",
        ClauseKind::Error => "this",
    }
}
