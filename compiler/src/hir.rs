//! What the text means: every name an id, every clause at its rule, sugar gone.
//! Made by `resolve` for the whole package, read by `check`, by the engines' emitters and by whoever explains.
//! Types stand beside it, in `check::Types`; an erroneous part is `Expr::Error` and was reported where it arose.

pub mod parts;

pub use crate::ast::{ArithmeticOp, CalendarUnit, CompareOp, Name, PastState, QuantifierKind, Verdict};
use crate::source::{FileId, Span};
use ordain_vm::builtin::Builtin;
use ordain_vm::op::{Arith, Cmp};
use ordain_vm::value::{Currency, Date, Decimal, EntityId, EnumId, Instant, Period, RecordId, RoleId, Time, Type};
use std::sync::Arc;

impl From<CompareOp> for Cmp {
    fn from(op: CompareOp) -> Cmp {
        match op {
            CompareOp::Equal => Cmp::Equal,
            CompareOp::NotEqual => Cmp::NotEqual,
            CompareOp::Less => Cmp::Less,
            CompareOp::LessOrEqual => Cmp::LessOrEqual,
            CompareOp::Greater => Cmp::Greater,
            CompareOp::GreaterOrEqual => Cmp::GreaterOrEqual,
        }
    }
}

impl From<ArithmeticOp> for Arith {
    fn from(op: ArithmeticOp) -> Arith {
        match op {
            ArithmeticOp::Add => Arith::Add,
            ArithmeticOp::Subtract => Arith::Subtract,
            ArithmeticOp::Multiply => Arith::Multiply,
            ArithmeticOp::Divide => Arith::Divide,
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    ExprId, ModuleId,
    /// A let, a parameter, a variable of a quantifier or of `since`.
    LocalId,
    /// An action or an event.
    ActionId, GroupId, DutyId, SetId, DataId, DefineId, TableId, PolicyId,
    /// A rule or a limit.
    RuleId, ControlId, FixtureId, TestId, PastId,
}

/// All modules of a package and those of the standard library that they use.
#[derive(Clone, Debug, Default)]
pub struct Package {
    pub modules: Vec<Module>,
    pub enums: Vec<Enum>,
    pub records: Vec<Record>,
    pub entities: Vec<Entity>,
    pub actions: Vec<Action>,
    pub groups: Vec<Group>,
    /// Declared members of `context`, over all modules.
    pub context: Vec<Field>,
    pub duties: Vec<Duty>,
    pub roles: Vec<Role>,
    pub sets: Vec<Set>,
    pub data: Vec<Data>,
    pub defines: Vec<Define>,
    pub tables: Vec<Table>,
    pub policies: Vec<Policy>,
    pub rules: Vec<Rule>,
    pub controls: Vec<Control>,
    pub fixtures: Vec<Fixture>,
    pub tests: Vec<Test>,
    pub exprs: Vec<ExprNode>,
    pub locals: Vec<Local>,
    pub pasts: Vec<Past>,
}

macro_rules! index {
    ($($id:ident => $field:ident: $ty:ty),* $(,)?) => {$(
        impl std::ops::Index<$id> for Package {
            type Output = $ty;
            fn index(&self, id: $id) -> &$ty {
                &self.$field[id.0 as usize]
            }
        }
        impl std::ops::IndexMut<$id> for Package {
            fn index_mut(&mut self, id: $id) -> &mut $ty {
                &mut self.$field[id.0 as usize]
            }
        }
    )*};
}

index! {
    ModuleId => modules: Module, EnumId => enums: Enum, RecordId => records: Record, EntityId => entities: Entity,
    ActionId => actions: Action, GroupId => groups: Group, DutyId => duties: Duty, RoleId => roles: Role,
    SetId => sets: Set, DataId => data: Data, DefineId => defines: Define, TableId => tables: Table,
    PolicyId => policies: Policy, RuleId => rules: Rule, ControlId => controls: Control,
    FixtureId => fixtures: Fixture, TestId => tests: Test, LocalId => locals: Local, PastId => pasts: Past,
}

impl Package {
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()].expr
    }

    pub fn at(&self, id: ExprId) -> Span {
        self.exprs[id.index()].at
    }
}

#[derive(Clone, Debug)]
pub struct ExprNode {
    pub expr: Expr,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct Module {
    /// `finance.payables`; a file without a `module` line has its file's name.
    pub name: Arc<str>,
    pub doc: Option<Arc<str>>,
    pub file: FileId,
    /// Part of the standard library: not reported on.
    pub std: bool,
}

/// What every declaration has.
#[derive(Clone, Debug)]
pub struct Head {
    pub name: Name,
    pub module: ModuleId,
    pub doc: Option<Arc<str>>,
    /// The whole declaration.
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct Enum {
    pub head: Head,
    pub ordered: bool,
    pub members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub name: Name,
    /// What stands for it in JSON; the name where none was written.
    pub wire: Arc<str>,
    pub doc: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: Name,
    pub ty: Type,
    pub doc: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub head: Head,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Entity {
    pub head: Head,
    /// Kinds that its parents may have.
    pub parents: Vec<EntityId>,
    pub attributes: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Action {
    pub head: Head,
    /// Something that has happened and can't be refused.
    pub event: bool,
    /// Kinds of `actor`; empty: the action has none.
    pub by: Vec<EntityId>,
    /// Kinds of `target`; empty: the action has none.
    pub on: Vec<EntityId>,
    /// The argument that is the target's id; not among the fields.
    pub as_arg: Option<Name>,
    pub fields: Vec<Field>,
    pub returns: Option<Returns>,
}

impl Action {
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| &*field.name.text == name)
    }
}

#[derive(Clone, Debug)]
pub enum Returns {
    Type(Type),
    /// `returns { … }`: a record without a name; it stands in `records` with the action's name.
    Record(RecordId),
}

#[derive(Clone, Debug)]
pub struct Group {
    pub head: Head,
    pub members: Vec<ActionId>,
}

#[derive(Clone, Debug)]
pub struct Duty {
    pub head: Head,
    pub params: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Role {
    pub head: Head,
    /// Kinds of `approver`; empty: only its id is known.
    pub by: Vec<EntityId>,
}

#[derive(Clone, Debug)]
pub struct Set {
    pub head: Head,
    pub ty: Type,
    pub value: ExprId,
}

/// A set, map, list, record or calendar supplied from outside.
#[derive(Clone, Debug)]
pub struct Data {
    pub head: Head,
    pub ty: Type,
}

#[derive(Clone, Debug)]
pub struct Define {
    pub head: Head,
    pub params: Vec<LocalId>,
    /// `None`: a condition (`means`).
    pub returns: Option<Type>,
    pub body: ExprId,
    pub export: bool,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub head: Head,
    pub params: Vec<LocalId>,
    pub returns: Type,
    pub first_match: bool,
    /// The parameter that each column tests.
    pub columns: Vec<usize>,
    /// The field of the result's record that each result column fills; empty: one result, which is the value.
    pub results: Vec<Name>,
    pub rows: Vec<Row>,
    pub otherwise: Option<Vec<ExprId>>,
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
    /// Any one of these.
    OneOf(Vec<ExprId>),
    Range {
        low: ExprId,
        high: ExprId,
        half_open: bool,
    },
    Compare(CompareOp, ExprId),
}

#[derive(Clone, Debug)]
pub struct Control {
    pub head: Head,
    pub id: Arc<str>,
    pub title: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Implements {
    pub control: ControlId,
    pub id: Option<Arc<str>>,
    pub at: Span,
}

/// First and last day in force, in the policy's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub at: Option<Span>,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub head: Head,
    /// Every version of the outer policy.
    pub under: Vec<PolicyId>,
    pub title: Option<Arc<str>>,
    pub version: Option<Arc<str>>,
    pub owner: Option<Arc<str>>,
    pub effective: Effective,
    /// A name of the zone database; UTC without one.
    pub zone: Option<Name>,
    pub calendar: Option<DataId>,
    pub implements: Vec<Implements>,
    pub governs: Vec<ActionId>,
    pub governs_any: bool,
    pub otherwise: Otherwise,
    /// Rules and limits in the order of the text.
    pub rules: Vec<RuleId>,
}

#[derive(Clone, Debug)]
pub enum Otherwise {
    Permit,
    Deny(Option<Arc<str>>),
    PermitWith(Approval),
    Abstain,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub head: Head,
    pub policy: PolicyId,
    /// The actions and events it is on, in declared order.
    pub on: Vec<ActionId>,
    /// It was written `on any`.
    pub on_any: bool,
    pub overrides: Vec<RuleId>,
    pub overridable: bool,
    pub trial: bool,
    pub lets: Vec<(LocalId, ExprId)>,
    /// The rule applies where all of these are met.
    pub conditions: Vec<Condition>,
    pub effect: Effect,
    pub duties: Vec<DutyClause>,
    /// An `Expr::Template`.
    pub because: Option<ExprId>,
    pub code: Option<Arc<str>>,
    pub sources: Vec<Arc<str>>,
    pub implements: Vec<Implements>,
    pub effective: Effective,
}

/// A `when`, or with `negated` an `unless`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub expr: ExprId,
    pub negated: bool,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Effect {
    /// Duties only.
    None,
    Permit,
    PermitWith(Approval),
    Needs(Approval),
    Deny {
        waivers: Option<Approvers>,
    },
    Require {
        requirements: Vec<Requirement>,
        grant: Option<Grant>,
    },
    Lift,
    Limit(Limit),
}

#[derive(Clone, Debug)]
pub struct Approval {
    pub approvers: Approvers,
    pub within: Option<ExprId>,
}

#[derive(Clone, Debug)]
pub struct Approvers {
    pub all: Vec<Approver>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Approver {
    Role { role: RoleExpr, filter: Option<Filter>, at: Span },
    AnyOf { count: u32, of: Vec<Approver>, at: Span },
}

#[derive(Clone, Debug)]
pub enum RoleExpr {
    Role(RoleId),
    Value(ExprId),
}

/// A condition on `approver`, which is the local named here.
#[derive(Clone, Debug)]
pub struct Filter {
    pub approver: LocalId,
    pub condition: ExprId,
}

#[derive(Clone, Debug)]
pub struct Requirement {
    pub expr: ExprId,
    pub conditions: Vec<Condition>,
    /// An `Expr::Template`.
    pub otherwise: Option<ExprId>,
    pub code: Option<Arc<str>>,
    pub at: Span,
}

/// The `permit` of a rule with requirements.
#[derive(Clone, Debug)]
pub struct Grant {
    pub approval: Option<Approval>,
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
pub struct Limit {
    pub aggregate: Aggregate,
    pub per: Vec<ExprId>,
    pub window: Window,
    pub at_most: ExprId,
    /// `None`: `otherwise deny`, which is also the meaning without an `otherwise`.
    pub needs: Option<Approval>,
}

#[derive(Clone, Debug)]
pub enum Aggregate {
    Count,
    Sum(ExprId),
    Distinct(ExprId),
}

#[derive(Clone, Debug)]
pub struct DutyClause {
    pub call: DutyCall,
    pub conditions: Vec<Condition>,
    pub within: Option<ExprId>,
    pub otherwise: Option<DutyCall>,
    pub once_done: bool,
    /// Of a limit: due on the permitted request that crosses this share of it.
    pub mark: Option<ExprId>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct DutyCall {
    pub duty: DutyId,
    pub args: Vec<ExprId>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct Local {
    pub name: Name,
    pub kind: LocalKind,
}

#[derive(Clone, Debug)]
pub enum LocalKind {
    /// Declared with a type: a parameter of a define, a table or a fixture.
    Param(Type),
    /// `let name = e`
    Let(ExprId),
    /// An element of a list or set.
    Element(ExprId),
    /// An entry of the past; only its fields can be used.
    Entry(PastId),
    /// The entry of `since (s in A where …)`.
    Since(PastId),
    /// `approver` in an approver's `where`; empty: only its id.
    Approver(Vec<EntityId>),
}

#[derive(Clone, Debug)]
pub enum Expr {
    Error,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Money(Decimal, Currency),
    Text(Arc<str>),
    /// A message: pieces and what is filled in.
    Template(Vec<TemplatePart>),
    Date(Date),
    Time(Time),
    Instant(Instant),
    Duration(i64),
    Period(Period),
    /// So many days: `Types` says whether a duration or a period is wanted.
    Days(i64),
    Local(LocalId),
    Actor,
    Target,
    Now,
    Today,
    /// A field of the request, by name since members of a group hold it in different places.
    Arg(Name),
    /// `context.session`, `context.id`
    Session,
    RequestId,
    /// A declared member of `context`: its place in `Package::context`.
    Context(usize),
    /// A member of the enum, country, currency or role that is expected here; `Types::members` says which.
    Member(Name),
    EnumMember(EnumId, u16),
    Role(RoleId),
    Set(SetId),
    Data(DataId),
    /// `d.amount`: a field of an entry of the past.
    Entry {
        entry: LocalId,
        field: EntryField,
    },
    Field {
        of: ExprId,
        name: Name,
    },
    Index {
        of: ExprId,
        key: ExprId,
    },
    Call {
        callee: Callee,
        args: Vec<ExprId>,
    },
    /// `Team("close")`, in fixtures with parents and attributes.
    Entity {
        kind: EntityId,
        id: ExprId,
        parents: Vec<ExprId>,
        attributes: Vec<(Name, ExprId)>,
    },
    Record {
        record: RecordId,
        fields: Vec<(Name, ExprId)>,
    },
    With {
        of: ExprId,
        fields: Vec<(Name, ExprId)>,
    },
    List(Vec<ExprId>),
    SetOf(Vec<ExprId>),
    /// `{ USD: 1, EUR: 1.08 }`: a map; an empty one is `SetOf(vec![])` of a map's type.
    MapOf(Vec<(ExprId, ExprId)>),
    Not(ExprId),
    Negate(ExprId),
    And(Vec<ExprId>),
    Or(Vec<ExprId>),
    OrElse(ExprId, ExprId),
    Arithmetic(ArithmeticOp, ExprId, ExprId),
    /// One operator, or a chain of `<` and `<=`; each operand is evaluated once.
    Compare {
        operands: Vec<ExprId>,
        ops: Vec<CompareOp>,
    },
    /// `age(of) op than`
    Age {
        of: ExprId,
        op: CompareOp,
        than: ExprId,
    },
    In {
        element: ExprId,
        of: ExprId,
    },
    StartsWith(ExprId, ExprId),
    EndsWith(ExprId, ExprId),
    Contains(ExprId, ExprId),
    /// The pattern is a constant; it was found good.
    Matches(ExprId, Arc<str>),
    Like(ExprId, Arc<str>),
    IsPresent(ExprId),
    IsA(ExprId, EntityId),
    /// It, or one of its ancestors, is one of these; an operand may be an entity, or a list or set of them.
    BelongsTo {
        of: ExprId,
        groups: Vec<ExprId>,
    },
    /// `center - span <= of <= center + span`
    Near {
        of: ExprId,
        span: ExprId,
        center: ExprId,
    },
    /// `of is within` opening hours or an address range.
    Within {
        of: ExprId,
        range: ExprId,
    },
    ComesFrom {
        of: ExprId,
        places: Vec<Place>,
        only: bool,
    },
    /// `e as USD using rates`
    Convert {
        of: ExprId,
        currency: Currency,
        rates: DataId,
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
        bindings: Vec<(LocalId, ExprId)>,
        body: ExprId,
    },
    Quantifier(Quantifier),
}

#[derive(Clone, Debug)]
pub enum TemplatePart {
    Plain(Arc<str>),
    Filled(ExprId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryField {
    Time,
    Actor,
    Target,
    Action,
    Session,
    Id,
    Result,
    Arg(Name),
}

#[derive(Clone, Copy, Debug)]
pub enum Callee {
    Define(DefineId),
    Table(TableId),
    Builtin(&'static Builtin),
}

#[derive(Clone, Debug)]
pub struct Arm {
    pub patterns: Vec<Pattern>,
    pub value: ExprId,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Pattern {
    Any(Span),
    Missing(Span),
    Value(ExprId),
}

#[derive(Clone, Debug)]
pub struct Quantifier {
    pub kind: QuantifierKind,
    pub value: Option<ExprId>,
    pub vars: Vec<LocalId>,
    pub sources: Vec<Source>,
    pub filter: Option<ExprId>,
    pub satisfy: Option<ExprId>,
}

#[derive(Clone, Copy, Debug)]
pub enum Source {
    Expr(ExprId),
    Past(PastId),
}

#[derive(Clone, Debug)]
pub struct Past {
    pub source: PastSource,
    /// `None`: performed and reserved.
    pub state: Option<PastState>,
    pub by: Option<ExprId>,
    pub on: Option<ExprId>,
    pub window: Window,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct PastSource {
    /// In declared order; empty with `any`, which stands for what the deciding policy governs.
    pub actions: Vec<ActionId>,
    pub any: bool,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum Window {
    Within { span: ExprId, max: Option<u32>, at: Span },
    This { unit: CalendarUnit, at: Span },
    Since { past: PastId, var: Option<LocalId>, filter: Option<ExprId>, at: Span },
    Ever(Span),
    Error,
}

#[derive(Clone, Debug)]
pub enum Place {
    User,
    Operator,
    /// Anything that these actions returned, or with a field that one.
    Result {
        actions: Vec<ActionId>,
        field: Option<Name>,
    },
}

/// A request or event written out in a `let`, a `past` or a `request` step.
#[derive(Clone, Debug)]
pub struct RequestFixture {
    pub action: ActionId,
    pub actor: Option<ExprId>,
    pub target: Option<ExprId>,
    pub args: Vec<(Name, ExprId)>,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub struct Fixture {
    pub head: Head,
    pub value: FixtureValue,
}

#[derive(Clone, Debug)]
pub enum FixtureValue {
    Request(RequestFixture),
    Value(ExprId),
    Error,
}

#[derive(Clone, Debug)]
pub struct Test {
    pub name: Arc<str>,
    pub module: ModuleId,
    pub at: Span,
    pub steps: Vec<Step>,
    /// No step was left out because of a mistake in it, or in what it names.
    pub whole: bool,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub kind: StepKind,
    pub at: Span,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    AtInstant(Instant),
    /// Without a zone: that of the policies in force.
    AtLocal {
        date: Date,
        time: Option<Time>,
        zone: Option<Arc<str>>,
    },
    Session(Arc<str>),
    Origins(Vec<(Arc<str>, Vec<Place>)>),
    Context(Vec<(usize, ExprId)>),
    Data {
        data: DataId,
        value: ExprId,
    },
    Past {
        what: RequestFixture,
        outcome: PastOutcome,
        times: u32,
        ago: Option<ExprId>,
    },
    Request(RequestFixture),
    Approved {
        by: ExprId,
        role: RoleId,
    },
    Waived {
        rule: RuleId,
        by: ExprId,
        role: RoleId,
    },
    ExpectVerdict {
        verdict: Verdict,
        by: Option<Vec<Determining>>,
    },
    ExpectMissing(Arc<str>),
    ExpectMust(DutyCall),
    ExpectError(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Determining {
    Rule(RuleId),
    Otherwise,
}

#[derive(Clone, Debug)]
pub enum PastOutcome {
    Performed,
    Returned(ExprId),
    Denied,
    Failed,
    Attempted,
}
