//! hir -> Types: what every expression is, and what can be said of the policy before it runs.
//! `analysis` calls it; the reference engine and the emitters read `Types`.
//! One file a kind of check stands in `check/`; names were settled by `resolve`.

mod approvers;
mod arms;
pub mod broken;
mod calls;
mod conditions;
mod constants;
mod dates;
mod duties;
mod effects;
pub(crate) mod fold;
mod governs;
mod overrides;
mod past;
mod steps;
mod tables;
pub mod types;
mod values;

use crate::diagnostic::Diagnostic;
use crate::hir::{Expr, ExprId, LocalId, ModuleId, Package};
use crate::source::{Source, Span};
use ordain_vm::value::{EnumId, Instant, Money, Period, RoleId, Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};

/// Types every expression, and says what can be said before anything runs. Rules whose end lies before `now` are expired.
pub fn check(package: &Package, sources: &[Source], now: Option<Instant>) -> (Types, Vec<Diagnostic>) {
    let (types, mut diagnostics) = types::infer(package, sources);
    let given = Given { package, types: &types, sources, now };
    let mut found = vec![];
    for check in CHECKS {
        check(&given, &mut found);
    }
    found.retain(|diagnostic| !given.is_std_file(diagnostic.at));
    diagnostics.extend(found);
    (types, diagnostics)
}

type Check = fn(&Given<'_>, &mut Vec<Diagnostic>);

/// What is looked at besides types, in no particular order.
const CHECKS: &[Check] = &[
    effects::check,
    duties::check,
    approvers::check,
    calls::check,
    overrides::check,
    governs::check,
    dates::check,
    steps::check,
    tables::check,
    arms::check,
    past::check,
    conditions::check,
    constants::check,
];

/// What every check is given.
pub(crate) struct Given<'a> {
    pub package: &'a Package,
    pub types: &'a Types,
    pub sources: &'a [Source],
    pub now: Option<Instant>,
}

impl<'a> Given<'a> {
    fn is_std(&self, module: ModuleId) -> bool {
        self.package[module].std
    }

    fn is_std_file(&self, at: Span) -> bool {
        self.package.modules.iter().any(|module| module.std && module.file == at.file)
    }

    /// The source of an expression on one line.
    fn text(&self, id: ExprId) -> String {
        let text = self.slice(self.package.at(id));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn slice(&self, at: Span) -> &'a str {
        self.sources.get(at.file.0 as usize).map_or("", |source| source.slice(at))
    }

    /// From a place to the end of its line.
    fn to_line_end(&self, at: Span) -> Span {
        let Some(source) = self.sources.get(at.file.0 as usize) else { return at };
        let rest = source.text.get(at.start as usize..).and_then(|rest| rest.find('\n'));
        Span::new(at.file, at.start, rest.map_or(source.text.len() as u32, |rest| at.start + rest as u32))
    }

    /// `line 4`, and of another file than `from` `line 4 of lists.ord`.
    fn line(&self, at: Span, from: Span) -> String {
        let Some(source) = self.sources.get(at.file.0 as usize) else { return "another line".to_string() };
        let line = source.line(at.start);
        if at.file == from.file { format!("line {line}") } else { format!("line {line} of {}", source.name) }
    }

    /// Where `word` stands as a whole word behind the first `after`, both within `at`; else `or`.
    fn find(&self, at: Span, after: &str, word: &str, or: Span) -> Span {
        let text = self.slice(at);
        let from = if after.is_empty() { Some(0) } else { whole_word(text, after, 0).map(|found| found + after.len()) };
        let found = from.and_then(|from| whole_word(text, word, from));
        found.map_or(or, |found| {
            let start = at.start + found as u32;
            Span::new(at.file, start, start + word.len() as u32)
        })
    }
}

fn whole_word(text: &str, word: &str, from: usize) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.get(from..)?
        .match_indices(word)
        .map(|(at, _)| from + at)
        .find(|at| !text[..*at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// Nanoseconds.
pub(crate) const DAY: i64 = 86_400_000_000_000;

/// Facts about a package's expressions, beside the tree.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// By `ExprId`: the type of what evaluating the node gives, before `wanted`.
    pub exprs: Vec<Type>,
    /// By `LocalId`; of an entry of the past `Type::Unknown`.
    pub locals: Vec<Type>,
    /// Where the place wants a wider type than the node has: `int` as `decimal`, `T` as `T?`, and so inside lists.
    pub wanted: FxHashMap<ExprId, Type>,
    /// What an `Expr::Member` turned out to be.
    pub members: FxHashMap<ExprId, Member>,
    /// Each `is present` that asks for what is declared to be there always.
    pub certain: FxHashSet<ExprId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    Enum(EnumId, u16),
    Role(RoleId),
    /// A country or a currency.
    Value(Value),
}

impl Types {
    pub fn of(&self, id: ExprId) -> &Type {
        self.exprs.get(id.index()).unwrap_or(&Type::Unknown)
    }

    /// Of what the place gets, widened where that is wanted.
    pub fn as_used(&self, id: ExprId) -> &Type {
        self.wanted.get(&id).unwrap_or_else(|| self.of(id))
    }

    /// The value of a literal or member, before it is widened. `None` of anything else, and of so many days as no span of
    /// their type can hold.
    pub fn literal(&self, package: &Package, id: ExprId) -> Option<Value> {
        Some(match package.expr(id) {
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(value) => Value::Int(*value),
            Expr::Decimal(value) => Value::Decimal(*value),
            Expr::Money(amount, currency) => Value::Money(Money { currency: *currency, amount: *amount }),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Date(value) => Value::Date(*value),
            Expr::Time(value) => Value::Time(*value),
            Expr::Instant(value) => Value::Instant(*value),
            Expr::Duration(nanos) => Value::Duration(*nanos),
            Expr::Period(period) => Value::Period(*period),
            Expr::Days(count) => match self.as_used(id).present() {
                Type::Period => Value::Period(Period { days: i32::try_from(*count).ok()?, ..Period::default() }),
                _ => Value::Duration(count.checked_mul(DAY)?),
            },
            Expr::EnumMember(of, member) => Value::Enum(*of, *member),
            Expr::Role(role) => Value::Role(*role),
            Expr::Member(_) => match self.members.get(&id)? {
                Member::Enum(of, member) => Value::Enum(*of, *member),
                Member::Role(role) => Value::Role(*role),
                Member::Value(value) => value.clone(),
            },
            _ => return None,
        })
    }

    pub fn of_local(&self, id: LocalId) -> &Type {
        self.locals.get(id.index()).unwrap_or(&Type::Unknown)
    }
}
