//! What was written: items, clauses and expressions of one file, with the place of each.
//! Made by `parse`, read by `resolve` and `format`; nothing here says what a name means.
//! Expressions live in the file's arena, so a tree of any depth is dropped without recursion.

use crate::source::Span;
use ordain_vm::value::{Currency, Date, Decimal, Instant, Period, Time};
use std::sync::Arc;

/// A file as it was written, with holes where it did not parse.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The `//!` lines at its top, joined by line ends.
    pub doc: Option<Arc<str>>,
    pub items: Vec<Item>,
    pub exprs: Vec<ExprNode>,
}

impl File {
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize].expr
    }

    pub fn at(&self, id: ExprId) -> Span {
        self.exprs[id.0 as usize].at
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

#[derive(Clone, Debug)]
pub struct ExprNode {
    pub expr: Expr,
    pub at: Span,
    /// Levels below this node and itself; `and` and `or` chains are one level.
    pub depth: u32,
}

/// A name as written, without backticks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub text: Arc<str>,
    pub at: Span,
}

/// `a.b.c`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub parts: Vec<Name>,
    pub at: Span,
}

/// A text literal: pieces as they stand, `{e}` filled in. Raw texts are one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub parts: Vec<TextPart>,
    pub raw: bool,
    pub at: Span,
}

impl Text {
    /// The text where it has no filled-in part.
    pub fn plain(&self) -> Option<Arc<str>> {
        match self.parts.as_slice() {
            [] => Some(Arc::from("")),
            [TextPart::Plain(text)] => Some(text.clone()),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    Plain(Arc<str>),
    Filled(ExprId),
}

#[derive(Clone, Debug)]
pub struct Item {
    pub kind: ItemKind,
    /// The `///` lines before it, joined by line ends.
    pub doc: Option<Arc<str>>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum ItemKind {
    Module(Path),
    Import {
        module: Path,
        names: Option<Vec<ImportName>>,
        alias: Option<Name>,
    },
    Enum {
        name: Name,
        ordered: bool,
        members: Vec<EnumMember>,
    },
    Record {
        name: Name,
        fields: Vec<Field>,
    },
    /// One line may declare several kinds: `entity Team, Person`.
    Entity {
        name: Name,
        parents: Vec<Name>,
        fields: Vec<Field>,
    },
    Action(Action),
    Event {
        name: Name,
        by: Vec<Name>,
        on: Vec<Name>,
        fields: Vec<Field>,
    },
    Group {
        name: Name,
        members: Vec<Name>,
    },
    Context {
        fields: Vec<Field>,
    },
    Duty {
        name: Name,
        params: Vec<Field>,
    },
    Role {
        names: Vec<Name>,
        by: Vec<Name>,
    },
    Set {
        name: Name,
        ty: TypeRef,
        value: ExprId,
    },
    Data {
        name: Name,
        ty: TypeRef,
    },
    Define {
        name: Name,
        params: Vec<Field>,
        export: bool,
        returns: Option<TypeRef>,
        body: ExprId,
    },
    Table(Table),
    Policy(Policy),
    Control {
        name: Name,
        id: Text,
        title: Option<Text>,
    },
    Let {
        name: Name,
        value: ExprId,
    },
    Test {
        name: Text,
        steps: Vec<Step>,
    },
    /// A form that comes later (judgement, workflow, prove, unit): its word.
    Later(Name),
    /// Text that did not parse; said once by the parser.
    Error,
}

#[derive(Clone, Debug)]
pub struct ImportName {
    pub name: Name,
    pub alias: Option<Name>,
}

#[derive(Clone, Debug)]
pub struct EnumMember {
    pub name: Name,
    pub wire: Option<Text>,
    pub doc: Option<Arc<str>>,
}

/// A field, a parameter or a member of `context`.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: Name,
    pub ty: TypeRef,
    pub doc: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct TypeRef {
    pub kind: TypeKind,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `int`, `corp.lists.Kind`
    Named(Path),
    /// `money<USD>`, `text<max 40>`, `list<T, max 50>`, `map<K, V>`
    Generic {
        name: Name,
        args: Vec<TypeRef>,
        max: Option<(u64, Span)>,
    },
    Optional(Box<TypeRef>),
    Error,
}

#[derive(Clone, Debug)]
pub struct Action {
    pub name: Name,
    pub by: Vec<Name>,
    pub on: Vec<Name>,
    pub as_arg: Option<Name>,
    pub fields: Vec<Field>,
    pub returns: Option<Returns>,
}

#[derive(Clone, Debug)]
pub enum Returns {
    Type(TypeRef),
    Fields(Vec<Field>, Span),
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: Name,
    pub params: Vec<Field>,
    pub returns: TypeRef,
    pub body: TableBody,
}

#[derive(Clone, Debug)]
pub enum TableBody {
    Rows { first_match: bool, header: Option<Row>, rows: Vec<Row>, otherwise: Option<Vec<ExprId>> },
    From(Text),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub results: Vec<ExprId>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct Cell {
    pub kind: CellKind,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum CellKind {
    Any,
    Missing,
    Value(ExprId),
    OneOf(Vec<ExprId>),
    /// `a .. b`, and with `half_open` `a ..< b`.
    Range {
        low: ExprId,
        high: ExprId,
        half_open: bool,
    },
    Compare(CompareOp, ExprId),
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub name: Name,
    pub under: Option<Path>,
    pub members: Vec<PolicyMember>,
}

#[derive(Clone, Debug)]
pub struct PolicyMember {
    pub kind: PolicyMemberKind,
    pub doc: Option<Arc<str>>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum PolicyMemberKind {
    Title(Text),
    /// `3.2.0`, as written.
    Version(Name),
    Owner(Text),
    Effective(Effective),
    Zone(Text),
    Calendar(Path),
    Implements(Implements),
    Governs(Vec<Path>),
    Otherwise(Otherwise),
    Rule(Rule),
    Limit(Rule),
    Error,
}

#[derive(Clone, Copy, Debug)]
pub struct Effective {
    pub from: Option<Date>,
    pub until: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Implements {
    pub control: Path,
    pub id: Option<Text>,
}

/// A rule or a limit: its head, and its clauses in the order in which they stand.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: Name,
    pub on: Vec<Path>,
    pub overrides: Vec<Path>,
    pub overridable: bool,
    pub trial: bool,
    pub clauses: Vec<Clause>,
}

#[derive(Clone, Debug)]
pub struct Clause {
    pub kind: ClauseKind,
    pub at: Span,
}

/// One clause each; which `when` belongs to what is settled by `resolve/clauses.rs`.
#[derive(Clone, Debug)]
pub enum ClauseKind {
    Let {
        name: Name,
        value: ExprId,
    },
    When(ExprId),
    Unless(ExprId),
    Permit,
    PermitWith(Approvers),
    Needs(Approvers),
    Deny,
    MayBeWaived(Approvers),
    Require(ExprId),
    Lift,
    Must(DutyCall),
    /// `within 4 hours`, of an approval or a duty; in a limit, its window.
    Within {
        span: ExprId,
        max: Option<u64>,
    },
    OnceDone,
    Otherwise(Otherwise),
    Because(Text),
    Code(Text),
    Source(Text),
    Implements(Implements),
    Effective(Effective),
    // of limits
    Count,
    Sum(ExprId),
    Distinct(ExprId),
    Per(Vec<ExprId>),
    Window(Window),
    AtMost(ExprId),
    /// `at 80% …`: the mark that a `must` behind it waits for.
    AtMark(ExprId),
    Error,
}

#[derive(Clone, Debug)]
pub struct DutyCall {
    pub duty: Path,
    pub args: Vec<ExprId>,
    pub at: Span,
}

/// What follows `otherwise`, in a policy, a requirement, a duty or a limit.
#[derive(Clone, Debug)]
pub enum Otherwise {
    Text(Text),
    Permit,
    Deny(Option<Text>),
    PermitWith { approvers: Approvers, within: Option<ExprId> },
    Needs { approvers: Approvers, within: Option<ExprId> },
    Abstain,
    Duty(DutyCall),
}

/// `A and …`
#[derive(Clone, Debug)]
pub struct Approvers {
    pub all: Vec<Approver>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Approver {
    /// A role by name, or an expression whose value is a role.
    Role {
        role: ExprId,
        filter: Option<ExprId>,
        at: Span,
    },
    AnyOf {
        count: u64,
        of: Vec<Approver>,
        at: Span,
    },
}

/// An expression as written. Word and symbol forms of an operator are the same node.
#[derive(Clone, Debug)]
pub enum Expr {
    Error,
    Bool(bool),
    Int(i64),
    /// `0.75`, `43%`, `25 bps`
    Decimal(Decimal),
    Money(Decimal, Currency),
    Text(Text),
    Date(Date),
    Time(Time),
    Instant(Instant),
    /// `4 hours`: nanoseconds.
    Duration(i64),
    /// `3 months`, `2 business days`
    Period(Period),
    /// `3 days`, `2 weeks` (as days): a duration or a period, as is wanted.
    Days(i64),
    Name(Name),
    Field {
        of: ExprId,
        name: Name,
    },
    Index {
        of: ExprId,
        key: ExprId,
    },
    Call {
        callee: ExprId,
        args: Vec<ExprId>,
    },
    /// `amount as USD using fx`
    Convert {
        of: ExprId,
        currency: Name,
        using: Path,
    },
    /// `Vendor("acme") { country: DE }` and `Money { … }`: a record or an entity with its attributes.
    Record {
        of: ExprId,
        fields: Vec<(Name, ExprId)>,
    },
    With {
        of: ExprId,
        fields: Vec<(Name, ExprId)>,
    },
    /// `Agent("a") in Team("t") { tier: 1 }`, of fixtures: an entity (a call) with parents, and its own attributes behind
    /// them. Several parents stand in `[ ]`. Without parents an entity with attributes is a `Record`.
    Entity {
        of: ExprId,
        parents: Vec<ExprId>,
        fields: Vec<(Name, ExprId)>,
    },
    List(Vec<ExprId>),
    Set(Vec<ExprId>),
    /// `{ USD: 1, EUR: 1.08 }`: a map; `{}` stays a `Set`, and is what is wanted.
    Map(Vec<(ExprId, ExprId)>),
    Not(ExprId),
    Negate(ExprId),
    And(Vec<ExprId>),
    Or(Vec<ExprId>),
    OrElse(ExprId, ExprId),
    Arithmetic(ArithmeticOp, ExprId, ExprId),
    /// `a < b <= c`: operands, and the operators between them.
    Compare {
        operands: Vec<ExprId>,
        ops: Vec<CompareOp>,
    },
    /// Tests that are no ordering: `in`, `starts with`, …, possibly negated.
    Relation {
        op: RelationOp,
        negated: bool,
        left: ExprId,
        right: ExprId,
    },
    IsPresent {
        of: ExprId,
        negated: bool,
    },
    /// `x is a User`, `x is an Agent`
    IsA {
        of: ExprId,
        kind: Path,
        negated: bool,
    },
    /// `x belongs to any of (a, b)`, and with one `belongs to a`
    BelongsTo {
        of: ExprId,
        groups: Vec<ExprId>,
        any_of: bool,
        negated: bool,
    },
    /// `a is within P of b`, and without `of` `a is within HOURS`
    IsWithin {
        of: ExprId,
        span: ExprId,
        center: Option<ExprId>,
        negated: bool,
    },
    ComesFrom {
        of: ExprId,
        places: Vec<Place>,
        only: bool,
        negated: bool,
    },
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    Match {
        of: ExprId,
        arms: Vec<Arm>,
    },
    Let {
        bindings: Vec<(Name, ExprId)>,
        body: ExprId,
    },
    Quantifier(Quantifier),
    Past(Past),
    /// `( e )`: kept for the formatter.
    Group(ExprId),
}

impl Expr {
    /// The expressions right below this one, in the order of the text.
    pub fn children(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            Expr::Error | Expr::Bool(_) | Expr::Int(_) | Expr::Decimal(_) | Expr::Money(..) | Expr::Date(_) => {}
            Expr::Time(_) | Expr::Instant(_) | Expr::Duration(_) | Expr::Period(_) | Expr::Days(_) | Expr::Name(_) => {}
            Expr::Text(text) => text.parts.iter().for_each(|part| match part {
                TextPart::Plain(_) => {}
                TextPart::Filled(filled) => visit(*filled),
            }),
            Expr::Field { of, .. } | Expr::Convert { of, .. } | Expr::Not(of) | Expr::Negate(of) | Expr::Group(of) => {
                visit(*of)
            }
            Expr::IsPresent { of, .. } | Expr::IsA { of, .. } | Expr::ComesFrom { of, .. } => visit(*of),
            Expr::Index { of, key } => [*of, *key].into_iter().for_each(visit),
            Expr::Call { callee, args } => [*callee].iter().chain(args).for_each(|id| visit(*id)),
            Expr::Record { of, fields } | Expr::With { of, fields } => {
                visit(*of);
                fields.iter().for_each(|(_, value)| visit(*value));
            }
            Expr::Entity { of, parents, fields } => {
                [*of].iter().chain(parents).for_each(|id| visit(*id));
                fields.iter().for_each(|(_, value)| visit(*value));
            }
            Expr::List(items) | Expr::Set(items) | Expr::And(items) | Expr::Or(items) => {
                items.iter().for_each(|id| visit(*id));
            }
            Expr::Map(entries) => entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(visit),
            Expr::OrElse(a, b) | Expr::Arithmetic(_, a, b) => [*a, *b].into_iter().for_each(visit),
            Expr::Relation { left, right, .. } => [*left, *right].into_iter().for_each(visit),
            Expr::Compare { operands, .. } => operands.iter().for_each(|id| visit(*id)),
            Expr::BelongsTo { of, groups, .. } => [*of].iter().chain(groups).for_each(|id| visit(*id)),
            Expr::IsWithin { of, span, center, .. } => {
                [Some(*of), Some(*span), *center].into_iter().flatten().for_each(visit);
            }
            Expr::If { condition, then, otherwise } => [*condition, *then, *otherwise].into_iter().for_each(visit),
            Expr::Match { of, arms } => {
                visit(*of);
                for arm in arms {
                    arm.patterns.iter().for_each(|id| visit(*id));
                    visit(arm.value);
                }
            }
            Expr::Let { bindings, body } => {
                bindings.iter().for_each(|(_, value)| visit(*value));
                visit(*body);
            }
            Expr::Quantifier(of) => {
                of.value.into_iter().for_each(&mut visit);
                of.sources.iter().for_each(|id| visit(*id));
                of.filter.into_iter().chain(of.satisfy).for_each(visit);
            }
            Expr::Past(past) => {
                past.by.into_iter().chain(past.on).for_each(&mut visit);
                match &past.window {
                    Some(Window::Within { span, .. }) => visit(*span),
                    Some(Window::Since { filter, .. }) => filter.iter().for_each(|id| visit(*id)),
                    Some(Window::This { .. } | Window::Ever(_)) | None => {}
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationOp {
    In,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    Like,
    /// `is one of (a, b)`: the right side is a set.
    OneOf,
}

#[derive(Clone, Debug)]
pub enum Place {
    User(Span),
    Operator(Span),
    Named(Path),
}

#[derive(Clone, Debug)]
pub struct Arm {
    /// What is matched: one value, or several with `or` between; `any` and `missing` are names here.
    pub patterns: Vec<ExprId>,
    pub value: ExprId,
    pub at: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuantifierKind {
    Any,
    None,
    All,
    Count,
    Sum,
    Min,
    Max,
    Average,
    Distinct,
    Latest,
    Earliest,
}

/// `sum(value for vars in sources where filter)`, `all(vars in sources where filter satisfy satisfy)`
#[derive(Clone, Debug)]
pub struct Quantifier {
    pub kind: QuantifierKind,
    pub value: Option<ExprId>,
    pub vars: Vec<Name>,
    pub sources: Vec<ExprId>,
    pub filter: Option<ExprId>,
    pub satisfy: Option<ExprId>,
}

#[derive(Clone, Debug)]
pub struct Past {
    pub source: Path,
    pub state: Option<(PastState, Span)>,
    pub by: Option<ExprId>,
    pub on: Option<ExprId>,
    pub window: Option<Window>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PastState {
    Returned,
    Attempted,
    Denied,
    Pending,
    Failed,
}

#[derive(Clone, Debug)]
pub enum Window {
    Within { span: ExprId, max: Option<u64>, at: Span },
    This { unit: CalendarUnit, at: Span },
    Since { var: Option<Name>, source: Path, state: Option<(PastState, Span)>, filter: Option<ExprId>, at: Span },
    Ever(Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    Session,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A step of a test.
#[derive(Clone, Debug)]
pub struct Step {
    pub kind: StepKind,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    At { moment: Moment, zone: Option<Text> },
    Session(Text),
    Origins(Vec<(OriginPath, Vec<Place>)>),
    Context(Vec<(Name, ExprId)>),
    Data { name: Path, value: ExprId },
    Past { what: ExprId, outcome: PastOutcome, times: Option<u64>, ago: Option<ExprId> },
    Request(ExprId),
    Event(ExprId),
    Approved { by: ExprId, role: Name },
    Waived { rule: Path, by: ExprId, role: Name },
    ExpectVerdict { verdict: Verdict, by: Vec<Path> },
    ExpectMissing(Text),
    ExpectMust(DutyCall),
    ExpectError(Name),
    Error,
}

/// `vendor_id`, `to[0]`, `resource.id`
#[derive(Clone, Debug)]
pub struct OriginPath {
    pub text: Arc<str>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Moment {
    Instant(Instant),
    Local(Date, Option<Time>),
}

#[derive(Clone, Debug)]
pub enum PastOutcome {
    Performed,
    Returned(ExprId),
    Denied,
    Failed,
    Attempted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Permit,
    Escalate,
    Deny,
    /// An event was recorded.
    Recorded,
}
