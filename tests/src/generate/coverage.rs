//! Which constructs of the language occur in packages: by variant of each enum of the checked tree.
//! `tests/properties.rs` asks that all occur, save those of `EXCEPTIONS`.
//! The lists are matched in full, so a new variant does not compile until it stands here.

use ordain_compiler::hir::*;
use std::collections::BTreeSet;

/// Not generated, with the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    ("Expr::Error", "stands for text that is wrong"),
    ("Window::Error", "stands for text that is wrong"),
    ("FixtureValue::Error", "stands for text that is wrong"),
];

/// What occurred, as `Expr::Add`.
#[derive(Default)]
pub struct Seen {
    found: BTreeSet<String>,
}

variants! { Seen:
    expr: Expr {
        Error Bool Int Decimal Money Text Template Date Time Instant Duration Period Days Local Actor Target Now Today Arg
        Session RequestId Context Member EnumMember Role Set Data Entry Field Index Call Entity Record With List SetOf
        MapOf Not Negate And Or OrElse Arithmetic Compare Age In StartsWith EndsWith Contains Matches Like IsPresent IsA
        BelongsTo Near Within ComesFrom Convert If Match Let Quantifier
    }
    effect: Effect { None Permit PermitWith Needs Deny Require Lift Limit }
    window: Window { Within This Since Ever Error }
    state: PastState { Returned Attempted Denied Pending Failed }
    unit: CalendarUnit { Session Hour Day Week Month Quarter Year }
    quantifier: QuantifierKind { Any None All Count Sum Min Max Average Distinct Latest Earliest }
    arithmetic: ArithmeticOp { Add Subtract Multiply Divide }
    compare: CompareOp { Equal NotEqual Less LessOrEqual Greater GreaterOrEqual }
    otherwise: Otherwise { Permit Deny PermitWith Abstain }
    approver: Approver { Role AnyOf }
    role: RoleExpr { Role Value }
    aggregate: Aggregate { Count Sum Distinct }
    place: Place { User Operator Result }
    pattern: Pattern { Any Missing Value }
    cell: CellKind { Any Missing OneOf Range Compare }
    field: EntryField { Time Actor Target Action Session Id Result Arg }
    step: StepKind {
        AtInstant AtLocal Session Origins Context Data Past Request Approved Waived ExpectVerdict ExpectMissing ExpectMust
        ExpectError
    }
    outcome: PastOutcome { Performed Returned Denied Failed Attempted }
    local: LocalKind { Param Let Element Entry Since Approver }
    callee: Callee { Define Table Builtin }
    source: Source { Expr Past }
    returns: Returns { Type Record }
    fixture: FixtureValue { Request Value Error }
    determining: Determining { Rule Otherwise }
    template: TemplatePart { Plain Filled }
}

impl Seen {
    /// Everything of a package counts.
    pub fn package(&mut self, package: &Package) {
        package.exprs.iter().for_each(|node| self.nodes(&node.expr));
        package.locals.iter().for_each(|local| self.local(&local.kind));
        for past in &package.pasts {
            self.past(past);
        }
        for action in &package.actions {
            action.returns.iter().for_each(|returns| self.returns(returns));
        }
        for policy in &package.policies {
            self.otherwise(&policy.otherwise);
            self.note("Policy", &[("under", !policy.under.is_empty()), ("calendar", policy.calendar.is_some())]);
        }
        package.rules.iter().for_each(|rule| self.rule(rule));
        for row in package.tables.iter().flat_map(|table| &table.rows) {
            row.cells.iter().for_each(|cell| self.cell(&cell.kind));
        }
        package.fixtures.iter().for_each(|fixture| self.fixture(&fixture.value));
        for step in package.tests.iter().flat_map(|test| &test.steps) {
            self.step(&step.kind);
            match &step.kind {
                StepKind::Past { outcome, .. } => self.outcome(outcome),
                StepKind::ExpectVerdict { by: Some(by), .. } => by.iter().for_each(|rule| self.determining(rule)),
                _ => {}
            }
        }
    }

    fn nodes(&mut self, expr: &Expr) {
        self.expr(expr);
        match expr {
            Expr::Arithmetic(op, ..) => self.arithmetic(op),
            Expr::Compare { ops, .. } => {
                ops.iter().for_each(|op| self.compare(op));
                self.note("Compare", &[("chain", ops.len() > 1)]);
            }
            Expr::Entry { field, .. } => self.field(field),
            Expr::Call { callee, .. } => self.callee(callee),
            Expr::ComesFrom { places, only, .. } => {
                places.iter().for_each(|place| self.place(place));
                self.note("ComesFrom", &[("only", *only)]);
            }
            Expr::Match { arms, .. } => {
                arms.iter().flat_map(|arm| &arm.patterns).for_each(|pattern| self.pattern(pattern));
            }
            Expr::Template(parts) => parts.iter().for_each(|part| self.template(part)),
            Expr::Quantifier(of) => {
                self.quantifier(&of.kind);
                of.sources.iter().for_each(|source| self.source(source));
                self.note(
                    "Quantifier",
                    &[
                        ("two in step", of.vars.len() > 1),
                        ("filter", of.filter.is_some()),
                        ("satisfy", of.satisfy.is_some()),
                    ],
                );
            }
            _ => {}
        }
    }

    fn past(&mut self, past: &Past) {
        self.window(&past.window);
        past.state.iter().for_each(|state| self.state(state));
        if let Window::This { unit, .. } = &past.window {
            self.unit(unit);
        }
        self.note(
            "Past",
            &[
                ("any", past.source.any),
                ("several actions", past.source.actions.len() > 1),
                ("no state", past.state.is_none()),
                ("by", past.by.is_some()),
                ("on", past.on.is_some()),
                ("max", matches!(past.window, Window::Within { max: Some(_), .. })),
                ("since with a where", matches!(past.window, Window::Since { filter: Some(_), .. })),
                ("since without", matches!(past.window, Window::Since { var: None, .. })),
            ],
        );
    }

    fn rule(&mut self, rule: &Rule) {
        self.effect(&rule.effect);
        match &rule.effect {
            Effect::PermitWith(approval) | Effect::Needs(approval) => self.approval(approval),
            Effect::Deny { waivers: Some(waivers) } => waivers.all.iter().for_each(|approver| self.approvers(approver)),
            Effect::Limit(limit) => {
                self.aggregate(&limit.aggregate);
                limit.needs.iter().for_each(|approval| self.approval(approval));
                self.note("Limit", &[("needs", limit.needs.is_some()), ("per", !limit.per.is_empty())]);
            }
            Effect::Require { grant, requirements } => {
                let with = |is: fn(&Requirement) -> bool| requirements.iter().any(is);
                self.note(
                    "Require",
                    &[
                        ("grant", grant.is_some()),
                        ("grant with approval", grant.as_ref().is_some_and(|grant| grant.approval.is_some())),
                        ("conditions", with(|of| !of.conditions.is_empty())),
                        ("text", with(|of| of.otherwise.is_some())),
                        ("code", with(|of| of.code.is_some())),
                    ],
                );
            }
            Effect::None | Effect::Permit | Effect::Deny { waivers: None } | Effect::Lift => {}
        }
        let duty = |is: fn(&DutyClause) -> bool| rule.duties.iter().any(is);
        self.note(
            "Rule",
            &[
                ("overrides", !rule.overrides.is_empty()),
                ("overridable", rule.overridable),
                ("trial", rule.trial),
                ("lets", !rule.lets.is_empty()),
                ("unless", rule.conditions.iter().any(|condition| condition.negated)),
                ("on any", rule.on_any),
                ("on several", rule.on.len() > 1),
                ("because", rule.because.is_some()),
                ("code", rule.code.is_some()),
                ("source", !rule.sources.is_empty()),
                ("implements", !rule.implements.is_empty()),
                ("effective", rule.effective.until.is_some()),
                ("duty once done", duty(|of| of.once_done)),
                ("duty within", duty(|of| of.within.is_some())),
                ("duty otherwise", duty(|of| of.otherwise.is_some())),
                ("duty when", duty(|of| !of.conditions.is_empty())),
                ("duty at a mark", duty(|of| of.mark.is_some())),
            ],
        );
    }

    fn approval(&mut self, approval: &Approval) {
        self.note("Approval", &[("within", approval.within.is_some()), ("several", approval.approvers.all.len() > 1)]);
        approval.approvers.all.iter().for_each(|approver| self.approvers(approver));
    }

    fn approvers(&mut self, approver: &Approver) {
        self.approver(approver);
        match approver {
            Approver::Role { role, filter, .. } => {
                self.role(role);
                self.note("Approver", &[("where", filter.is_some())]);
            }
            // At most as deep as the text is nested.
            Approver::AnyOf { of, .. } => of.iter().for_each(|approver| self.approvers(approver)),
        }
    }

    fn note(&mut self, of: &str, parts: &[(&str, bool)]) {
        for (part, is) in parts {
            if *is {
                self.found.insert(format!("{of} with {part}"));
            }
        }
    }

    /// What never occurred and is no exception.
    pub fn missing(&self) -> Vec<String> {
        let variants = ALL.iter().flat_map(|(ty, all)| all.iter().map(move |variant| format!("{ty}::{variant}")));
        let parts = PARTS.iter().map(|part| part.to_string());
        let is_exception = |name: &str| EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
        variants.chain(parts).filter(|name| !is_exception(name) && !self.found.contains(name)).collect()
    }
}

/// Parts that are fields and no variants.
const PARTS: &[&str] = &[
    "Policy with under",
    "Policy with calendar",
    "Compare with chain",
    "ComesFrom with only",
    "Quantifier with two in step",
    "Quantifier with filter",
    "Quantifier with satisfy",
    "Past with any",
    "Past with several actions",
    "Past with no state",
    "Past with by",
    "Past with on",
    "Past with max",
    "Past with since with a where",
    "Past with since without",
    "Limit with needs",
    "Limit with per",
    "Require with grant",
    "Require with grant with approval",
    "Require with conditions",
    "Require with text",
    "Require with code",
    "Rule with overrides",
    "Rule with overridable",
    "Rule with trial",
    "Rule with lets",
    "Rule with unless",
    "Rule with on any",
    "Rule with on several",
    "Rule with because",
    "Rule with code",
    "Rule with source",
    "Rule with implements",
    "Rule with effective",
    "Rule with duty once done",
    "Rule with duty within",
    "Rule with duty otherwise",
    "Rule with duty when",
    "Rule with duty at a mark",
    "Approval with within",
    "Approval with several",
    "Approver with where",
];
