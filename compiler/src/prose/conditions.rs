//! Conditions: `not` is taken inwards, so that each part says what holds; what has many parts becomes a list.

use super::{Item, Prose, Scope, a, listed};
use crate::hir::{
    Callee, CompareOp, Condition, DefineId, EntryField, Expr, ExprId, Quantifier, QuantifierKind, Source,
};
use ordain_vm::builtin::{Builtin, Shape};

/// More characters than this on one line are a list.
const MOST_LINE: usize = 160;

/// A condition in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// `the amount is more than USD 10,000`
    Plain(String),
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

impl Clause {
    pub fn of(all: bool, parts: impl IntoIterator<Item = Clause>) -> Clause {
        let mut flat = vec![];
        for part in parts {
            match part {
                Clause::All(parts) if all => flat.extend(parts),
                Clause::Any(parts) if !all => flat.extend(parts),
                part => flat.push(part),
            }
        }
        match (flat.len(), all) {
            (1, _) => flat.remove(0),
            (_, true) => Clause::All(flat),
            (_, false) => Clause::Any(flat),
        }
    }

    /// On one line, also where that is long.
    pub fn line(&self) -> String {
        match self {
            Clause::Plain(said) => said.clone(),
            Clause::All(parts) if parts.is_empty() => "in any case".to_string(),
            Clause::Any(parts) if parts.is_empty() => "never".to_string(),
            Clause::All(parts) => listed(&parts.iter().map(Clause::inside).collect::<Vec<_>>(), "and"),
            Clause::Any(parts) => listed(&parts.iter().map(Clause::inside).collect::<Vec<_>>(), "or"),
        }
    }

    fn inside(&self) -> String {
        match self {
            Clause::Plain(said) => said.clone(),
            Clause::All(_) => format!("({})", self.line()),
            Clause::Any(_) => format!("(either {})", self.line()),
        }
    }

    /// Without its subject, where each part is about that and names it once.
    fn of_subject(&self, subject: &str) -> Option<String> {
        let own = |part: &Clause| match part {
            Clause::Plain(said) => {
                let rest = said.strip_prefix(subject)?.strip_prefix(' ')?;
                (!rest.contains(subject)).then(|| rest.to_string())
            }
            Clause::All(_) | Clause::Any(_) => None,
        };
        match self {
            Clause::Plain(_) => own(self),
            Clause::All(parts) => {
                let parts: Vec<String> = parts.iter().map(own).collect::<Option<_>>()?;
                Some(format!("({})", listed(&parts, "and")))
            }
            Clause::Any(parts) => {
                let parts: Vec<String> = parts.iter().map(own).collect::<Option<_>>()?;
                Some(format!("(either {})", listed(&parts, "or")))
            }
        }
    }

    /// Short enough to be read in a sentence.
    pub fn is_short(&self) -> bool {
        let plain = |parts: &[Clause]| parts.len() < 3 && parts.iter().all(|part| matches!(part, Clause::Plain(_)));
        let simple = match self {
            Clause::Plain(_) => return true,
            Clause::Any(parts) => plain(parts),
            Clause::All(parts) => {
                parts.len() < 4
                    && parts.iter().all(|part| match part {
                        Clause::Plain(_) => true,
                        Clause::Any(parts) => plain(parts),
                        Clause::All(_) => false,
                    })
            }
        };
        simple && self.line().chars().count() <= MOST_LINE
    }

    /// As the entries of a list, and the words before it.
    pub fn listed(&self) -> (&'static str, Vec<Item>) {
        match self {
            Clause::Plain(said) => ("this holds", vec![Item::of(said)]),
            Clause::All(parts) => ("all of this holds", parts.iter().map(Clause::item).collect()),
            Clause::Any(parts) => ("any of this holds", parts.iter().map(Clause::item).collect()),
        }
    }

    fn item(&self) -> Item {
        match self {
            Clause::Plain(said) => Item::of(said),
            part if part.is_short() => Item::of(part.line()),
            part => {
                let (lead, under) = part.listed();
                Item { text: format!("{lead}:"), under }
            }
        }
    }
}

impl Prose<'_> {
    /// All of a rule's conditions together.
    pub(super) fn conditions(&self, conditions: &[Condition], scope: Scope<'_>) -> Clause {
        Clause::of(true, conditions.iter().map(|of| self.clause(of.expr, of.negated, scope)))
    }

    /// On one line.
    pub(super) fn inline(&self, id: ExprId, negated: bool, scope: Scope<'_>) -> String {
        self.clause(id, negated, scope).inside()
    }

    pub(super) fn clause(&self, id: ExprId, negated: bool, scope: Scope<'_>) -> Clause {
        let parts = |parts: &[ExprId], all: bool| {
            Clause::of(all != negated, parts.iter().map(|part| self.clause(*part, negated, scope)))
        };
        match self.package.expr(id) {
            Expr::And(all) => parts(all, true),
            Expr::Or(all) => parts(all, false),
            Expr::Not(of) => self.clause(*of, !negated, scope),
            Expr::Compare { operands, ops } => self.compared(operands, ops, negated, scope),
            Expr::Let { bindings, body } => {
                let bindings =
                    bindings.iter().map(|(local, of)| format!("{} is {}", self.local(*local), self.part(*of, scope)));
                let bindings = listed(&bindings.collect::<Vec<_>>(), "and");
                Clause::Plain(format!("{}, where {bindings}", self.clause(*body, negated, scope).inside()))
            }
            Expr::Quantifier(quantifier) => Clause::Plain(self.quantified(quantifier, negated, scope)),
            _ => Clause::Plain(self.atom(id, negated, scope)),
        }
    }

    fn compared(&self, operands: &[ExprId], ops: &[CompareOp], negated: bool, scope: Scope<'_>) -> Clause {
        // `a <= x <= b` is said of what stands in the middle.
        if let ([low, of, high], [first, second], false) = (operands, ops, negated) {
            let said = [(turned(*first), low), (*second, high)]
                .map(|(op, than)| format!("{} {}", relation(op).trim_start_matches("is "), self.part(*than, scope)));
            return Clause::Plain(format!("{} is {}", self.part(*of, scope), said.join(" and ")));
        }
        let pairs = operands.windows(2).zip(ops).map(|(pair, op)| {
            let op = if negated { opposite(*op) } else { *op };
            Clause::Plain(format!("{} {} {}", self.part(pair[0], scope), relation(op), self.part(pair[1], scope)))
        });
        Clause::of(!negated, pairs)
    }

    /// A part that has none of its own.
    fn atom(&self, id: ExprId, negated: bool, scope: Scope<'_>) -> String {
        let part = |id: &ExprId| self.part(*id, scope);
        let is = if negated { "is not" } else { "is" };
        let does = |verb: &str, base: &str| match negated {
            true => format!("does not {base}"),
            false => verb.to_string(),
        };
        match self.package.expr(id) {
            Expr::Bool(truth) => if *truth != negated { "in any case" } else { "never" }.to_string(),
            Expr::Age { of, op, than } => {
                let op = if negated { opposite(*op) } else { *op };
                format!("{} {} {} ago", part(of), relation(op), part(than))
            }
            Expr::In { element, of } => match self.package.expr(*of) {
                Expr::SetOf(items) | Expr::List(items) if items.len() > 1 => {
                    let items: Vec<String> = items.iter().map(part).collect();
                    let one = if negated { "is none of" } else { "is one of" };
                    format!("{} {one} {}", part(element), listed(&items, "and"))
                }
                _ => format!("{} {is} in {}", part(element), part(of)),
            },
            Expr::StartsWith(of, with) => format!("{} {} {}", part(of), does("begins with", "begin with"), part(with)),
            Expr::EndsWith(of, with) => format!("{} {} {}", part(of), does("ends with", "end with"), part(with)),
            Expr::Contains(of, with) => format!("{} {} {}", part(of), does("contains", "contain"), part(with)),
            Expr::Matches(of, form) => {
                format!("{} {} the pattern “{form}”", part(of), does("matches", "match"))
            }
            Expr::Like(of, form) => format!("{} {is} like “{form}”", part(of)),
            Expr::IsPresent(of) => format!("{} is {}", part(of), if negated { "missing" } else { "given" }),
            Expr::IsA(of, kind) => format!("{} {is} {}", part(of), a(&self.kind(*kind))),
            Expr::BelongsTo { of, groups } => {
                let groups: Vec<String> = groups.iter().map(part).collect();
                format!("{} {} {}", part(of), does("belongs to", "belong to"), listed(&groups, "or"))
            }
            Expr::Near { of, span, center } => format!("{} {is} within {} of {}", part(of), part(span), part(center)),
            Expr::Within { of, range } => format!("{} {is} within {}", part(of), part(range)),
            Expr::ComesFrom { of, places, only } => {
                let places: Vec<String> = places.iter().map(|place| self.place(place)).collect();
                let from = if *only { "from nowhere but" } else { "from" };
                format!("{} {} {from} {}", part(of), does("comes", "come"), listed(&places, "or"))
            }
            Expr::Call { callee: Callee::Builtin(row), args } if matches!(row.returns, Shape::Bool) => {
                self.said_by(row, args, negated, scope)
            }
            Expr::Call { callee: Callee::Define(define), args } if self.package[*define].returns.is_none() => {
                self.defined(*define, args, negated, scope)
            }
            Expr::If { condition, then, otherwise } => {
                let side = |id: &ExprId| self.inline(*id, negated, scope);
                let condition = self.inline(*condition, false, scope);
                format!("({} if {condition}, else {})", side(then), side(otherwise))
            }
            _ => self.marked(id, negated, scope),
        }
    }

    /// A value that is true or not: `the vendor is marked ‘blocked’`.
    fn marked(&self, id: ExprId, negated: bool, scope: Scope<'_>) -> String {
        let marked = |of: String, name: &str| {
            let name = self.words(name);
            match with_its_verb(&name, negated) {
                Some(said) => format!("{of} {said}"),
                None => format!("{of} is {}marked ‘{name}’", if negated { "not " } else { "" }),
            }
        };
        match self.package.expr(id) {
            Expr::Arg(name) => marked("the request".to_string(), &name.text),
            Expr::Context(at) => {
                let name = self.package.context.get(*at).map_or("", |of| &of.name.text);
                marked("the context".to_string(), name)
            }
            Expr::Field { of, name } => marked(self.part(*of, scope), &name.text),
            Expr::Entry { entry, field: EntryField::Arg(name) } => marked(self.local(*entry), &name.text),
            Expr::Local(local) => format!("{} {}", self.local(*local), if negated { "does not hold" } else { "holds" }),
            _ => format!("{} is {}", self.part(id, scope), if negated { "no" } else { "yes" }),
        }
    }

    /// A condition of the standard library.
    fn said_by(&self, row: &Builtin, args: &[ExprId], negated: bool, scope: Scope<'_>) -> String {
        if !negated {
            return self.filled(row, row.words, args, scope);
        }
        // The verb of its words, before what is filled in brings verbs of its own.
        for (verb, other) in [(" is ", " is not "), (" stands ", " does not stand ")] {
            if row.words.matches(verb).count() == 1 {
                return self.filled(row, &row.words.replacen(verb, other, 1), args, scope);
            }
        }
        format!("it is not so that {}", self.filled(row, row.words, args, scope))
    }

    /// A condition that the package defines: `the vendor is trusted`.
    pub(super) fn defined(&self, define: DefineId, args: &[ExprId], negated: bool, scope: Scope<'_>) -> String {
        let name = self.words(&self.package[define].head.name.text);
        let args: Vec<String> = args.iter().map(|arg| self.part(*arg, scope)).collect();
        said_of(&name, &args, negated)
    }

    pub(super) fn quantified(&self, of: &Quantifier, negated: bool, scope: Scope<'_>) -> String {
        let Quantifier { kind, vars, sources, filter, satisfy, .. } = of;
        let past = sources.iter().find_map(|source| match source {
            Source::Past(past) => Some(*past),
            Source::Expr(_) => None,
        });
        let there_is = match kind {
            QuantifierKind::Any => !negated,
            QuantifierKind::None => negated,
            QuantifierKind::All => {
                let each = if negated { "not every" } else { "every" };
                let over = format!("{each} {}{}", self.over(of, scope), self.filtered(of, scope));
                return match satisfy {
                    Some(satisfy) if filter.is_none() => self.such(each, of, *satisfy, scope),
                    Some(satisfy) => format!("{over} is such that {}", self.inline(*satisfy, false, scope)),
                    None => format!("{over} is so in any case"),
                };
            }
            _ => return format!("{} {}", self.gathered(of, scope), if negated { "is not so" } else { "is so" }),
        };
        if let Some(past) = past {
            return self.happened(past, vars.first().copied(), *filter, there_is, scope);
        }
        let over = self.over(of, scope);
        match (there_is, filter) {
            (true, Some(filter)) => self.such("some", of, *filter, scope),
            (false, Some(filter)) => self.such("no", of, *filter, scope),
            (true, None) => format!("there is some {over}"),
            (false, None) => format!("there is no {over}"),
        }
    }

    /// `every entry of ‘to’ ends with “@corp.example”`; where the entry is not simply who the condition is about, it has its
    /// name: `every ‘f’ in the flights is such that the status of ‘f’ is available`.
    fn such(&self, lead: &str, of: &Quantifier, predicate: ExprId, scope: Scope<'_>) -> String {
        if let ([var], [Source::Expr(list)]) = (of.vars.as_slice(), of.sources.as_slice())
            && let Some(said) = self.clause(predicate, false, scope).of_subject(&self.local(*var))
        {
            return format!("{lead} entry of {} {said}", self.part(*list, scope));
        }
        format!("{lead} {} is such that {}", self.over(of, scope), self.inline(predicate, false, scope))
    }

    pub(super) fn filtered(&self, of: &Quantifier, scope: Scope<'_>) -> String {
        of.filter.map(|filter| format!(" where {}", self.inline(filter, false, scope))).unwrap_or_default()
    }

    /// `‘a’ in the to`
    pub(super) fn over(&self, of: &Quantifier, scope: Scope<'_>) -> String {
        let asks = of.value.into_iter().chain(of.filter).chain(of.satisfy);
        let sources = of.sources.iter().enumerate().map(|(at, source)| {
            let var = of.vars.get(at).map(|var| self.local(*var));
            match source {
                Source::Expr(list) => match var {
                    Some(var) => format!("{var} in {}", self.part(*list, scope)),
                    None => format!("member of {}", self.part(*list, scope)),
                },
                Source::Past(past) => {
                    let past = self.past(*past, scope);
                    let asked = |var: &String| {
                        let of = of.vars.get(at).copied();
                        !var.is_empty() && of.is_some_and(|local| asks.clone().any(|id| self.mentions(id, local)))
                    };
                    var.filter(asked).map_or(past.clone(), |var| format!("{past}, called {var},"))
                }
            }
        });
        sources.collect::<Vec<_>>().join(" with ")
    }
}

/// `the vendor is trusted`, and where the name is no verb `‘close partner’ holds for the vendor`.
pub(super) fn said_of(name: &str, args: &[String], negated: bool) -> String {
    if let [of, others @ ..] = args
        && let Some(said) = with_its_verb(name, negated)
    {
        let with = if others.is_empty() { String::new() } else { format!(" ({})", others.join("; ")) };
        return format!("{of} {said}{with}");
    }
    let holds = if negated { "does not hold" } else { "holds" };
    match args {
        [] => format!("‘{name}’ {holds}"),
        args => format!("‘{name}’ {holds} for {}", listed(args, "and")),
    }
}

/// `is trusted`, of a name that begins with a verb.
fn with_its_verb(name: &str, negated: bool) -> Option<String> {
    let (verb, rest) = name.split_once(' ')?;
    let not = ["is", "are", "was", "has", "can", "may"].contains(&verb);
    not.then(|| if negated { format!("{verb} not {rest}") } else { name.to_string() })
}

pub(super) fn relation(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "is",
        CompareOp::NotEqual => "is not",
        CompareOp::Less => "is less than",
        CompareOp::LessOrEqual => "is at most",
        CompareOp::Greater => "is more than",
        CompareOp::GreaterOrEqual => "is at least",
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterOrEqual,
        CompareOp::LessOrEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::Less,
    }
}

/// Said of the other side.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        CompareOp::Equal | CompareOp::NotEqual => op,
    }
}
