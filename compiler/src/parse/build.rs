//! What the grammar's actions need: names, literals, and nodes in the file's arena.
//! Called by `grammar.lalrpop` only. What can't be put together becomes `Expr::Error`, and is said once: about the
//! form of a literal by `literals.rs`, about everything else here.

use super::literals;
use super::messages;
use super::shape::MAX_NESTING;
use super::words::Tok;
use crate::ast::*;
use crate::diagnostic::Diagnostic;
use crate::errors::syntax;
use crate::source::{FileId, Span};
use lalrpop_util::ErrorRecovery;
use ordain_vm::value::{Date, Instant, Time};
use std::sync::Arc;

/// How deep an expression may be: a chain of `+` or `.` is as deep as it is long.
const MAX_DEPTH: u32 = 256;
/// How deep a type may be.
const MAX_TYPE_DEPTH: u32 = MAX_NESTING;

pub struct Builder<'s> {
    pub source: &'s str,
    pub file: FileId,
    pub exprs: Vec<ExprNode>,
    pub docs: Vec<(u32, Arc<str>)>,
    pub tokens: &'s [(u32, Tok, u32)],
    pub diagnostics: Vec<Diagnostic>,
    /// The first `<` between the members of the enum that is being read.
    order: Option<Span>,
    /// Where the grammar went on behind the last token that it could not take.
    resumed: u32,
}

/// What stands behind the first operand of a comparison.
pub enum Tail {
    Compare(CompareOp, ExprId),
    Relation(RelationOp, bool, ExprId),
    /// `true`: is missing.
    Present(bool),
    IsA(Path, bool),
    BelongsTo {
        groups: Vec<ExprId>,
        any_of: bool,
        negated: bool,
    },
    IsWithin {
        span: ExprId,
        center: Option<ExprId>,
        negated: bool,
    },
    ComesFrom {
        places: Vec<Place>,
        only: bool,
        negated: bool,
    },
    /// A form that comes later; reported.
    Later,
}

/// A type, or the `max 50` among the arguments of one.
pub type TypeArg = (Option<TypeRef>, Option<(u64, Span)>);

pub enum PastPart {
    By(ExprId),
    On(ExprId),
    Window(Window),
}

impl<'s> Builder<'s> {
    pub fn new(
        source: &'s str,
        file: FileId,
        docs: Vec<(u32, Arc<str>)>,
        tokens: &'s [(u32, Tok, u32)],
    ) -> Builder<'s> {
        Builder { source, file, exprs: vec![], docs, tokens, diagnostics: vec![], order: None, resumed: 0 }
    }

    pub fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, start, end)
    }

    fn slice(&self, start: u32, end: u32) -> &'s str {
        &self.source[start as usize..end as usize]
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The grammar met a token that can't stand there, and went on behind what it left out.
    pub fn recovered(&mut self, recovery: ErrorRecovery<u32, Tok, ()>) {
        let found = messages::unexpected(self, &recovery.error);
        let start = found.at.start;
        if !self.echoes(start) {
            self.report(found);
        }
        self.resumed = recovery.dropped_tokens.last().map_or(start, |(_, _, end)| *end);
    }

    /// So close behind the place where the grammar went on that it is no slip of its own.
    fn echoes(&self, start: u32) -> bool {
        let from = self.tokens.partition_point(|(at, ..)| *at < self.resumed);
        let to = self.tokens.partition_point(|(at, ..)| *at < start);
        let same_line = self.source.get(self.resumed as usize..start as usize).is_some_and(|gap| !gap.contains('\n'));
        self.resumed > 0 && same_line && to < from + 2
    }

    pub fn doc(&self, start: u32) -> Option<Arc<str>> {
        let found = self.docs.binary_search_by_key(&start, |(at, _)| *at).ok()?;
        Some(self.docs[found].1.clone())
    }

    // Names and literals

    pub fn name(&self, start: u32, end: u32) -> Name {
        let text = self.slice(start, end);
        let text = text.strip_prefix('`').map_or(text, |rest| rest.trim_end_matches('`'));
        Name { text: Arc::from(text), at: self.span(start, end) }
    }

    pub fn path(&self, name: Name) -> Path {
        Path { at: name.at, parts: vec![name] }
    }

    pub fn name_expr(&mut self, name: Name) -> ExprId {
        self.add(name.at, Expr::Name(name))
    }

    /// `"…"` without a filled-in part.
    pub fn text(&self, start: u32, end: u32) -> Text {
        let text = self.slice(start, end);
        let inner = text.strip_prefix(['"', '\'']).unwrap_or(text);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        Text { parts: vec![TextPart::Plain(literals::unescape(inner))], raw: false, at: self.span(start, end) }
    }

    pub fn raw_text(&self, start: u32, end: u32) -> Text {
        let text = Arc::from(self.slice(start + 1, end - 1));
        Text { parts: vec![TextPart::Plain(text)], raw: true, at: self.span(start, end) }
    }

    pub fn filled(
        &self,
        start: u32,
        end: u32,
        first: Span,
        middle: Vec<(ExprId, Span)>,
        last: ExprId,
        tail: Span,
    ) -> Text {
        let mut parts = vec![];
        let plain = |at: Span, parts: &mut Vec<TextPart>| {
            let piece = self.slice(at.start + 1, (at.end - 1).max(at.start + 1));
            if !piece.is_empty() {
                parts.push(TextPart::Plain(literals::unescape(piece)));
            }
        };
        plain(first, &mut parts);
        for (filled, at) in middle {
            parts.push(TextPart::Filled(filled));
            plain(at, &mut parts);
        }
        parts.push(TextPart::Filled(last));
        plain(tail, &mut parts);
        Text { parts, raw: false, at: self.span(start, end) }
    }

    /// A count; what is too large was reported and is as large as can be.
    pub fn count(&self, start: u32, end: u32) -> u64 {
        literals::int(self.slice(start, end)).map_or(u64::MAX, |value| value.unsigned_abs())
    }

    pub fn date(&self, start: u32, end: u32) -> Option<Date> {
        Date::parse(self.slice(start, end))
    }

    pub fn time(&self, start: u32, end: u32) -> Option<Time> {
        Time::parse(self.slice(start, end))
    }

    pub fn int(&mut self, start: u32, end: u32) -> ExprId {
        let value = literals::int(self.slice(start, end)).map(Expr::Int);
        self.literal(start, end, value)
    }

    pub fn decimal(&mut self, start: u32, end: u32) -> ExprId {
        let value = literals::decimal(self.slice(start, end)).map(Expr::Decimal);
        self.literal(start, end, value)
    }

    pub fn quantity(&mut self, start: u32, end: u32) -> ExprId {
        let value = literals::quantity(self.slice(start, end)).ok();
        self.literal(start, end, value)
    }

    pub fn date_expr(&mut self, start: u32, end: u32) -> ExprId {
        let value = self.date(start, end).map(Expr::Date);
        self.literal(start, end, value)
    }

    pub fn time_expr(&mut self, start: u32, end: u32) -> ExprId {
        let value = self.time(start, end).map(Expr::Time);
        self.literal(start, end, value)
    }

    pub fn instant_expr(&mut self, start: u32, end: u32) -> ExprId {
        let value = Instant::parse(self.slice(start, end)).map(Expr::Instant);
        self.literal(start, end, value)
    }

    fn literal(&mut self, start: u32, end: u32, value: Option<Expr>) -> ExprId {
        self.expr(start, end, value.unwrap_or(Expr::Error))
    }

    // Expressions

    pub fn expr(&mut self, start: u32, end: u32, expr: Expr) -> ExprId {
        self.add(self.span(start, end), expr)
    }

    fn add(&mut self, at: Span, expr: Expr) -> ExprId {
        let mut below = 0;
        expr.children(|child| below = below.max(self.exprs[child.0 as usize].depth));
        let id = ExprId(self.exprs.len() as u32);
        if below >= MAX_DEPTH {
            // Said once: what stands around such an expression is left out too.
            if below == MAX_DEPTH {
                self.report(syntax::chain_too_long(at, MAX_DEPTH));
            }
            self.exprs.push(ExprNode { expr: Expr::Error, at, depth: MAX_DEPTH + 1 });
        } else {
            self.exprs.push(ExprNode { expr, at, depth: below + 1 });
        }
        id
    }

    fn get(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize].expr
    }

    pub fn comparison(&mut self, start: u32, end: u32, first: ExprId, tails: Vec<(Tail, Span)>) -> ExprId {
        if tails.len() > 1 {
            return self.chain(start, end, first, tails);
        }
        let Some((tail, _)) = tails.into_iter().next() else { return first };
        let of = first;
        let expr = match tail {
            Tail::Compare(op, right) => Expr::Compare { operands: vec![first, right], ops: vec![op] },
            Tail::Relation(RelationOp::In, false, right) => match self.entity(first, right) {
                Some(entity) => entity,
                None => Expr::Relation { op: RelationOp::In, negated: false, left: first, right },
            },
            Tail::Relation(op, negated, right) => Expr::Relation { op, negated, left: first, right },
            Tail::Present(negated) => Expr::IsPresent { of, negated },
            Tail::IsA(kind, negated) => Expr::IsA { of, kind, negated },
            Tail::BelongsTo { groups, any_of, negated } => Expr::BelongsTo { of, groups, any_of, negated },
            Tail::IsWithin { span, center, negated } => Expr::IsWithin { of, span, center, negated },
            Tail::ComesFrom { places, only, negated } => Expr::ComesFrom { of, places, only, negated },
            Tail::Later => Expr::Error,
        };
        self.expr(start, end, expr)
    }

    /// `620 <= score < 680`: only `<` and `<=` chain.
    fn chain(&mut self, start: u32, end: u32, first: ExprId, tails: Vec<(Tail, Span)>) -> ExprId {
        let (mut operands, mut ops) = (vec![first], vec![]);
        let mut wrong = None;
        let second = tails[1].1;
        for (tail, at) in tails {
            match tail {
                Tail::Compare(op @ (CompareOp::Less | CompareOp::LessOrEqual), right) => {
                    operands.push(right);
                    ops.push(op);
                }
                _ => wrong = wrong.or(Some(at)),
            }
        }
        if wrong.is_some() {
            let first = self.exprs[first.0 as usize].at;
            self.report(syntax::cannot_chain(first.to(second), second));
            return self.expr(start, end, Expr::Error);
        }
        self.expr(start, end, Expr::Compare { operands, ops })
    }

    /// `Agent("a") in Team("t") { … }`: what stands in braces belongs to the agent.
    fn entity(&self, of: ExprId, right: ExprId) -> Option<Expr> {
        if !self.names_entity(of) {
            return None;
        }
        let (parents, fields) = match self.get(right) {
            Expr::Record { of, fields } => (*of, fields.clone()),
            _ => (right, vec![]),
        };
        let parents = match self.get(parents) {
            Expr::List(parents) if parents.iter().all(|parent| self.names_entity(*parent)) => parents.clone(),
            _ if self.names_entity(parents) => vec![parents],
            _ => return None,
        };
        Some(Expr::Entity { of, parents, fields })
    }

    /// `Team("t")`, `corp.Team("t")`: a call of a name with a capital.
    fn names_entity(&self, id: ExprId) -> bool {
        let Expr::Call { callee, args } = self.get(id) else { return false };
        let name = match self.get(*callee) {
            Expr::Name(name) | Expr::Field { name, .. } => name,
            _ => return false,
        };
        args.len() == 1 && name.text.starts_with(|c: char| c.is_uppercase())
    }

    pub fn record(&mut self, start: u32, end: u32, of: ExprId, fields: Vec<(Name, ExprId)>) -> ExprId {
        self.expr(start, end, Expr::Record { of, fields })
    }

    pub fn is_free_of(&mut self, start: u32, end: u32) -> Tail {
        self.report(syntax::later_form(self.span(start, end), "is free of"));
        Tail::Later
    }

    // Quantifiers and the past

    pub fn variables(&mut self, vars: Vec<Name>, sources: Vec<ExprId>, filter: Option<ExprId>) -> Quantifier {
        Quantifier { kind: QuantifierKind::Any, value: None, vars, sources, filter, satisfy: None }
    }

    pub fn quantifier(&mut self, start: u32, end: u32, kind: QuantifierKind, of: Quantifier) -> ExprId {
        self.expr(start, end, Expr::Quantifier(Quantifier { kind, ..of }))
    }

    pub fn all(&mut self, start: u32, end: u32, of: Quantifier, satisfy: Option<ExprId>) -> ExprId {
        if satisfy.is_none() {
            self.report(syntax::all_without_satisfy(self.span(end - 1, end)));
            return self.expr(start, end, Expr::Error);
        }
        self.expr(start, end, Expr::Quantifier(Quantifier { kind: QuantifierKind::All, satisfy, ..of }))
    }

    /// `sum(E for x in XS)`, and the others that take a value of each.
    pub fn aggregate(&mut self, start: u32, end: u32, callee: ExprId, value: ExprId, of: Quantifier) -> ExprId {
        let kind = match self.get(callee) {
            Expr::Name(name) => match &*name.text {
                "sum" => Some(QuantifierKind::Sum),
                "min" => Some(QuantifierKind::Min),
                "max" => Some(QuantifierKind::Max),
                "average" => Some(QuantifierKind::Average),
                "distinct" => Some(QuantifierKind::Distinct),
                "latest" => Some(QuantifierKind::Latest),
                "earliest" => Some(QuantifierKind::Earliest),
                _ => None,
            },
            _ => None,
        };
        let Some(kind) = kind else {
            let at = self.exprs[callee.0 as usize].at;
            self.report(syntax::no_aggregate(at, self.slice(at.start, at.end)));
            return self.expr(start, end, Expr::Error);
        };
        self.expr(start, end, Expr::Quantifier(Quantifier { kind, value: Some(value), ..of }))
    }

    pub fn past(
        &mut self,
        start: u32,
        end: u32,
        source: Path,
        state: Option<(PastState, Span)>,
        parts: Vec<(PastPart, Span)>,
    ) -> ExprId {
        let mut past = Past { source, state, by: None, on: None, window: None };
        for (part, at) in parts {
            let twice = match part {
                PastPart::By(by) => past.by.replace(by).map(|_| "`by`"),
                PastPart::On(on) => past.on.replace(on).map(|_| "`on`"),
                PastPart::Window(window) => past.window.replace(window).map(|_| "a window"),
            };
            if let Some(what) = twice {
                self.report(syntax::past_part_twice(at, what));
            }
        }
        self.expr(start, end, Expr::Past(past))
    }

    pub fn this(&self, start: u32, end: u32) -> Window {
        let word = self.slice(start, end).rsplit([' ', '\t']).next().unwrap_or("");
        let unit = match word {
            "hour" => CalendarUnit::Hour,
            "day" => CalendarUnit::Day,
            "week" => CalendarUnit::Week,
            "month" => CalendarUnit::Month,
            "quarter" => CalendarUnit::Quarter,
            "year" => CalendarUnit::Year,
            _ => CalendarUnit::Session,
        };
        Window::This { unit, at: self.span(start, end) }
    }

    /// The window with its word.
    pub fn since(&self, start: u32, end: u32, since: Window) -> Window {
        match since {
            Window::Since { var, source, state, filter, .. } => {
                Window::Since { var, source, state, filter, at: self.span(start, end) }
            }
            other => other,
        }
    }

    // Types

    pub fn ty(&self, start: u32, end: u32, kind: TypeKind) -> TypeRef {
        TypeRef { kind, at: self.span(start, end) }
    }

    pub fn optional(&self, start: u32, end: u32, of: TypeRef) -> TypeRef {
        match of.kind {
            // What may be missing twice may be missing.
            TypeKind::Optional(_) | TypeKind::Error => TypeRef { at: self.span(start, end), ..of },
            _ => self.ty(start, end, TypeKind::Optional(Box::new(of))),
        }
    }

    pub fn generic(&mut self, start: u32, end: u32, name: Name, args: Vec<TypeArg>) -> TypeRef {
        let at = self.span(start, end);
        let max = args.iter().find_map(|(_, max)| *max);
        let args: Vec<TypeRef> = args.into_iter().filter_map(|(arg, _)| arg).collect();
        if args.iter().any(|arg| matches!(arg.kind, TypeKind::Error)) {
            return TypeRef { kind: TypeKind::Error, at };
        }
        if args.iter().map(type_depth).max().unwrap_or(0) >= MAX_TYPE_DEPTH {
            self.report(syntax::nested_too_deeply(at, MAX_TYPE_DEPTH));
            return TypeRef { kind: TypeKind::Error, at };
        }
        TypeRef { kind: TypeKind::Generic { name, args, max }, at }
    }

    // Items

    pub fn item(&self, start: u32, end: u32, kind: ItemKind) -> Item {
        Item { kind, doc: self.doc(start), at: self.span(start, end) }
    }

    /// `entity A, B in P, Q { … }`: several kinds alike.
    pub fn entities(
        &self,
        start: u32,
        end: u32,
        names: Vec<Name>,
        parents: Option<Vec<Name>>,
        fields: Option<Vec<Field>>,
    ) -> Vec<Item> {
        let parents = parents.unwrap_or_default();
        let fields = fields.unwrap_or_default();
        let entity = |name| ItemKind::Entity { name, parents: parents.clone(), fields: fields.clone() };
        names.into_iter().map(|name| self.item(start, end, entity(name))).collect()
    }

    pub fn action(
        &self,
        name: Name,
        by: Option<Vec<Name>>,
        on: Option<(Vec<Name>, Option<Name>)>,
        fields: Option<Vec<Field>>,
        returns: Option<Returns>,
    ) -> ItemKind {
        let (on, as_arg) = on.unwrap_or_default();
        let (by, fields) = (by.unwrap_or_default(), fields.unwrap_or_default());
        ItemKind::Action(Action { name, by, on, as_arg, fields, returns })
    }

    pub fn ordered_at(&mut self, start: u32) {
        self.order = self.order.or(Some(self.span(start, start + 1)));
    }

    pub fn members(&mut self, ordered: bool, members: Vec<EnumMember>) -> Vec<EnumMember> {
        if let Some(at) = self.order.take()
            && !ordered
        {
            self.report(syntax::order_of_unordered(at));
        }
        members
    }

    pub fn table(&self, name: Name, params: Vec<Field>, returns: TypeRef, body: TableBody) -> ItemKind {
        let body = match body {
            TableBody::Rows { first_match, header: None, mut rows, otherwise } => {
                // The first row names columns, rightly or not.
                let header = (!rows.is_empty()).then(|| rows.remove(0));
                TableBody::Rows { first_match, header, rows, otherwise }
            }
            body => body,
        };
        ItemKind::Table(Table { name, params, returns, body })
    }

    pub fn cell(&self, value: ExprId) -> CellKind {
        match self.get(value) {
            Expr::Name(name) if &*name.text == "any" => CellKind::Any,
            Expr::Name(name) if &*name.text == "missing" => CellKind::Missing,
            Expr::Set(values) => CellKind::OneOf(values.clone()),
            _ => CellKind::Value(value),
        }
    }

    // Policies

    pub fn head(&mut self, name: Name, on: Option<Vec<Path>>, overrides: Option<Vec<Path>>, marks: Vec<Tok>) -> Rule {
        if on.is_none() {
            self.report(syntax::rule_on_nothing(name.at, &name.text));
        }
        Rule {
            name,
            on: on.unwrap_or_default(),
            overrides: overrides.unwrap_or_default(),
            overridable: marks.contains(&Tok::Overridable),
            trial: marks.contains(&Tok::Trial),
            clauses: vec![],
        }
    }

    /// A `within` right behind `otherwise needs approval of …` is that approval's.
    pub fn rule(&self, head: Rule, clauses: Vec<Clause>) -> Rule {
        let mut joined: Vec<Clause> = Vec::with_capacity(clauses.len());
        for clause in clauses {
            if let (Some(last), ClauseKind::Within { span, max: None }) = (joined.last_mut(), &clause.kind)
                && let ClauseKind::Otherwise(
                    Otherwise::Needs { within: within @ None, .. }
                    | Otherwise::PermitWith { within: within @ None, .. },
                ) = &mut last.kind
            {
                *within = Some(*span);
                last.at = last.at.to(clause.at);
                continue;
            }
            joined.push(clause);
        }
        Rule { clauses: joined, ..head }
    }

    // Tests

    pub fn local(&self, date: Option<Date>, time: Option<Option<Time>>, zone: Option<Text>) -> StepKind {
        match (date, time) {
            (None, _) | (_, Some(None)) => StepKind::Error,
            (Some(date), time) => StepKind::At { moment: Moment::Local(date, time.flatten()), zone },
        }
    }

    pub fn moment(&self, start: u32, end: u32) -> StepKind {
        match Instant::parse(self.slice(start, end)) {
            Some(instant) => StepKind::At { moment: Moment::Instant(instant), zone: None },
            None => StepKind::Error,
        }
    }

    pub fn origin(&self, start: u32, end: u32) -> OriginPath {
        OriginPath { text: Arc::from(self.slice(start, end)), at: self.span(start, end) }
    }
}

fn type_depth(ty: &TypeRef) -> u32 {
    match &ty.kind {
        TypeKind::Named(_) | TypeKind::Error => 1,
        TypeKind::Optional(of) => type_depth(of) + 1,
        TypeKind::Generic { args, .. } => args.iter().map(type_depth).max().unwrap_or(0) + 1,
    }
}
