//! Rules that another makes pointless: wherever they apply, the other stands too and says as much or more.
//! Rules are compared within a policy, those first that share a value; `MOST_PAIRS` bounds the work for one action.

use super::formula::{Formula, Formulas, Literal, TermId};
use super::solve::conflicts;
use crate::check::Given;
use crate::check::values::{Present, Values};
use crate::diagnostic::Diagnostic;
use crate::errors::rules;
use crate::hir::{
    ActionId, Approval, Approver, Callee, Condition, Effect, Expr, ExprId, LocalKind, PolicyId, RoleExpr, Rule, RuleId,
    Source,
};
use ordain_vm::value::{Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Pairs of rules that are compared for one action of one policy.
const MOST_PAIRS: usize = 100_000;

/// A rule as it is compared.
struct Compared<'a> {
    id: RuleId,
    rule: &'a Rule,
    /// Its conditions hold.
    holds: Vec<Rc<Formula>>,
    /// They don't.
    fails: Rc<Formula>,
    /// What it says of single terms.
    says: FxHashMap<TermId, Rc<Values>>,
}

pub(super) fn check(given: &Given<'_>, formulas: &Formulas<'_>, never: &FxHashSet<usize>, found: &mut Vec<Diagnostic>) {
    let package = given.package;
    let overridden: BTreeSet<RuleId> = package.rules.iter().flat_map(|rule| rule.overrides.iter().copied()).collect();
    let mut groups: BTreeMap<(PolicyId, ActionId), Vec<usize>> = BTreeMap::new();
    let mut compared: Vec<Compared> = vec![];
    for (at, rule) in package.rules.iter().enumerate() {
        if rule.trial || never.contains(&at) || given.is_std(rule.head.module) || !can_be_compared(&rule.effect) {
            continue;
        }
        // A rule that makes another pointless is on all of its actions, so both stand in each group of the narrower one.
        for action in &rule.on {
            groups.entry((rule.policy, *action)).or_default().push(compared.len());
        }
        compared.push(Compared::new(formulas, RuleId(at as u32), rule));
    }
    let mut told = FxHashSet::default();
    for ((_, action), members) in groups {
        let index = Index::new(&compared, &members);
        let mut pairs = 0;
        for narrow in &members {
            let narrow = &compared[*narrow];
            // Each rule is looked at once, with the first action that it is on.
            if narrow.rule.on.first() != Some(&action) || told.contains(&narrow.id) {
                continue;
            }
            if pairs > MOST_PAIRS {
                break;
            }
            for wide in index.candidates(narrow) {
                let wide = &compared[wide];
                pairs += 1;
                if pairs > MOST_PAIRS {
                    break;
                }
                if wide.id == narrow.id || told.contains(&wide.id) || overridden.contains(&wide.id) {
                    continue;
                }
                if let Some(why) = pointless(given, formulas, narrow, wide) {
                    told.insert(narrow.id);
                    let (rule, other) = (&narrow.rule.head.name, &wide.rule.head.name);
                    found.push(rules::pointless(rule.at, &rule.text, &other.text, other.at, why));
                    break;
                }
            }
        }
    }
}

fn can_be_compared(effect: &Effect) -> bool {
    match effect {
        Effect::Permit | Effect::PermitWith(_) | Effect::Needs(_) | Effect::Deny { .. } => true,
        Effect::None | Effect::Require { .. } | Effect::Lift | Effect::Limit(_) => false,
    }
}

impl<'a> Compared<'a> {
    fn new(formulas: &Formulas<'_>, id: RuleId, rule: &'a Rule) -> Compared<'a> {
        let of = |condition: &Condition, negated: bool| formulas.of(condition.expr, condition.negated != negated);
        let holds: Vec<Rc<Formula>> = rule.conditions.iter().map(|condition| of(condition, false)).collect();
        let fails: Vec<Rc<Formula>> = rule.conditions.iter().map(|condition| of(condition, true)).collect();
        let fails = match fails.as_slice() {
            [] => Rc::new(Formula::False),
            [one] => one.clone(),
            _ => Rc::new(Formula::Or(fails)),
        };
        let mut says: FxHashMap<TermId, Rc<Values>> = FxHashMap::default();
        for literal in literals(&holds) {
            formulas.with_term(literal.term, |term| {
                let values = match says.get(&literal.term) {
                    Some(values) => Rc::new(term.domain.and(values, &literal.values)),
                    None => literal.values.clone(),
                };
                says.insert(literal.term, values);
            });
        }
        Compared { id, rule, holds, fails, says }
    }
}

/// Those that hold whenever all formulas do.
fn literals(formulas: &[Rc<Formula>]) -> Vec<&Literal> {
    let (mut found, mut open): (Vec<&Literal>, Vec<&Rc<Formula>>) = (vec![], formulas.iter().collect());
    while let Some(formula) = open.pop() {
        match &**formula {
            Formula::Literal(literal) => found.push(literal),
            Formula::And(parts) => open.extend(parts),
            Formula::True | Formula::False | Formula::Or(_) => {}
        }
    }
    found
}

/// Which rules may hold wherever another does: those that ask for a value that it has, and those that ask for none.
struct Index {
    by_value: FxHashMap<(TermId, Value), Vec<usize>>,
    by_point: FxHashMap<(TermId, i128), Vec<usize>>,
    others: Vec<usize>,
}

impl Index {
    fn new(compared: &[Compared<'_>], members: &[usize]) -> Index {
        let mut index = Index { by_value: FxHashMap::default(), by_point: FxHashMap::default(), others: vec![] };
        for member in members {
            // A rule that wants one of few values stands under each of them.
            let mut few: Vec<(&TermId, &Rc<Values>)> =
                compared[*member].says.iter().filter(|(_, values)| count(values).is_some()).collect();
            few.sort_by_key(|(term, values)| (count(values), **term));
            match few.first() {
                Some((term, values)) => match &values.present {
                    Present::Symbols { of, .. } => {
                        for value in of {
                            index.by_value.entry((**term, value.clone())).or_default().push(*member);
                        }
                    }
                    Present::Points(parts) => {
                        for point in parts.iter().flat_map(|(start, end)| *start..=*end) {
                            index.by_point.entry((**term, point)).or_default().push(*member);
                        }
                    }
                },
                None => index.others.push(*member),
            }
        }
        index
    }

    fn candidates(&self, narrow: &Compared<'_>) -> impl Iterator<Item = usize> {
        let mut found = BTreeSet::new();
        for (term, values) in &narrow.says {
            if count(values).is_none() {
                continue;
            }
            // Wherever the narrow rule holds the term has one of these; the wide one must allow each, so any one finds it.
            match &values.present {
                Present::Symbols { of, .. } => {
                    if let Some(value) = of.first() {
                        found.extend(self.by_value.get(&(*term, value.clone())).into_iter().flatten());
                    }
                }
                Present::Points(parts) => {
                    if let Some((start, _)) = parts.first() {
                        found.extend(self.by_point.get(&(*term, *start)).into_iter().flatten());
                    }
                }
            }
        }
        found.into_iter().chain(self.others.iter().copied())
    }
}

/// How many values, where they are few.
fn count(values: &Values) -> Option<usize> {
    match &values.present {
        Present::Symbols { but: false, of } => (of.len() <= 16).then_some(of.len()),
        Present::Symbols { but: true, .. } => None,
        Present::Points(parts) => {
            let all = parts
                .iter()
                .try_fold(0_i128, |sum, (start, end)| sum.checked_add(end.checked_sub(*start)?)?.checked_add(1))?;
            (all <= 16).then_some(all as usize)
        }
    }
}

/// Why the narrow rule adds nothing to the wide one.
fn pointless(
    given: &Given<'_>,
    formulas: &Formulas<'_>,
    narrow: &Compared<'_>,
    wide: &Compared<'_>,
) -> Option<&'static str> {
    let (a, b) = (narrow.rule, wide.rule);
    let why = adds_nothing(&a.effect, &b.effect)?;
    let same_dates = b.effective.from.is_none() && b.effective.until.is_none() || {
        (b.effective.from, b.effective.until) == (a.effective.from, a.effective.until)
    };
    if !same_dates
        || !a.duties.is_empty()
        || !a.overrides.is_empty()
        || !a.on.iter().all(|action| b.on.contains(action))
    {
        return None;
    }
    if !may_hold_wherever(formulas, narrow, wide) {
        return None;
    }
    // A rule that permits does not apply where it errs, and then the narrow one is of use.
    let errs = |condition: &Condition| may_err(given, condition.expr);
    if matches!(b.effect, Effect::Permit | Effect::PermitWith(_)) && b.conditions.iter().any(errs) {
        return None;
    }
    implies(formulas, narrow, wide).then_some(())?;
    if implies(formulas, wide, narrow) {
        // Of two alike the later one is told.
        let alike = adds_nothing(&b.effect, &a.effect).is_some();
        return (!alike || (b.head.at.file, b.head.at.start) < (a.head.at.file, a.head.at.start)).then_some(why);
    }
    // A narrower rule with a reason of its own explains a case that the wide one only covers.
    let own_words = a.because.is_some() || a.code.is_some() || !a.sources.is_empty() || !a.implements.is_empty();
    (!own_words || !is_same_kind(&a.effect, &b.effect)).then_some(why)
}

/// Each single thing that the wide rule asks, the narrow one asks too.
fn may_hold_wherever(formulas: &Formulas<'_>, narrow: &Compared<'_>, wide: &Compared<'_>) -> bool {
    wide.says.iter().all(|(term, wanted)| match narrow.says.get(term) {
        Some(said) => formulas.with_term(*term, |term| term.domain.within(said, wanted)),
        // It may follow from an order of terms, or from an `or`.
        None => narrow.says.len() != narrow.holds.len() || formulas.with_term(*term, |term| term.order.is_some()),
    })
}

fn implies(formulas: &Formulas<'_>, narrow: &Compared<'_>, wide: &Compared<'_>) -> bool {
    let mut all = narrow.holds.clone();
    all.push(wide.fails.clone());
    conflicts(formulas, &all).is_some()
}

fn is_same_kind(a: &Effect, b: &Effect) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Why an effect adds nothing where another stands.
fn adds_nothing(narrow: &Effect, wide: &Effect) -> Option<&'static str> {
    match (narrow, wide) {
        (Effect::Permit, Effect::Permit) => Some("permits all that it permits"),
        (Effect::Deny { .. }, Effect::Deny { waivers: None }) => Some("denies all that it denies"),
        (Effect::PermitWith(_), Effect::Permit) => Some("permits all of it without approval"),
        (Effect::PermitWith(a), Effect::PermitWith(b)) if is_same(a, b) => {
            Some("permits all of it with the same approval")
        }
        (Effect::Needs(a), Effect::Needs(b)) if is_same(a, b) => Some("asks for the same approval in all its cases"),
        (Effect::Permit | Effect::PermitWith(_) | Effect::Needs(_), Effect::Deny { waivers: None }) => {
            Some("denies all of it, and a denial is the stricter")
        }
        _ => None,
    }
}

fn is_same(a: &Approval, b: &Approval) -> bool {
    let alike = |(a, b): (&Approver, &Approver)| match (a, b) {
        (
            Approver::Role { role: RoleExpr::Role(a), filter: None, .. },
            Approver::Role { role: RoleExpr::Role(b), filter: None, .. },
        ) => a == b,
        _ => false,
    };
    let (left, right) = (&a.approvers.all, &b.approvers.all);
    a.within.is_none() && b.within.is_none() && left.len() == right.len() && left.iter().zip(right).all(alike)
}

/// Can evaluating a condition be an error? Arguments and attributes that are compared can't.
pub(super) fn may_err(given: &Given<'_>, condition: ExprId) -> bool {
    let package = given.package;
    let of_any_currency = |id: &ExprId| matches!(given.types.of(*id).present(), Type::Money(None) | Type::Unknown);
    let (mut seen, mut open) = (FxHashSet::default(), vec![condition]);
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let errs = match package.expr(id) {
            Expr::Bool(_) | Expr::Int(_) | Expr::Decimal(_) | Expr::Money(..) | Expr::Text(_) | Expr::Date(_) => false,
            Expr::Time(_) | Expr::Instant(_) | Expr::Duration(_) | Expr::Period(_) | Expr::Days(_) => false,
            Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Arg(_) | Expr::Session | Expr::RequestId => {
                false
            }
            Expr::Context(_) | Expr::Member(_) | Expr::EnumMember(..) | Expr::Role(_) => false,
            Expr::Data(_) | Expr::Set(_) | Expr::Entry { .. } | Expr::Field { .. } | Expr::Entity { .. } => false,
            Expr::List(_) | Expr::SetOf(_) | Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::OrElse(..) => false,
            Expr::Compare { operands, .. } => operands.iter().any(of_any_currency),
            Expr::In { element, .. } => of_any_currency(element),
            Expr::StartsWith(..) | Expr::EndsWith(..) | Expr::Contains(..) | Expr::Matches(..) | Expr::Like(..) => {
                false
            }
            Expr::IsPresent(_) | Expr::IsA(..) | Expr::BelongsTo { .. } | Expr::If { .. } | Expr::Let { .. } => false,
            Expr::Local(local) => {
                if let LocalKind::Let(value) = package[*local].kind {
                    open.push(value);
                }
                false
            }
            Expr::Call { callee: Callee::Define(define), .. } => match package.defines.get(define.index()) {
                Some(define) => {
                    open.push(define.body);
                    false
                }
                None => true,
            },
            Expr::Quantifier(quantifier) => quantifier.sources.iter().any(|source| matches!(source, Source::Past(_))),
            Expr::Error | Expr::Template(_) | Expr::Index { .. } | Expr::Call { .. } | Expr::Record { .. } => true,
            Expr::With { .. } | Expr::MapOf(_) | Expr::Negate(_) | Expr::Arithmetic(..) | Expr::Age { .. } => true,
            Expr::Near { .. } | Expr::Within { .. } | Expr::ComesFrom { .. } | Expr::Convert { .. } => true,
            Expr::Match { .. } => true,
        };
        if errs {
            return true;
        }
        crate::hir::parts::parts(package, id, &mut |part| open.push(part));
    }
    false
}
