//! `Program`: what a policy is once it is compiled: functions of instructions, constants, and what is said of rules and
//! policies. The compiler's `emit` makes it, `verify` checks it, and nothing else is run.

mod past;
pub mod said;

pub use past::{Accumulator, Enters, Reading, What, Window};

use crate::op::{Op, Val, Word};
use crate::schema::Schema;
use crate::value::{Instant, Type, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A compiled package.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Program {
    /// The form of everything that comes from outside.
    pub schema: Schema,
    /// Types that instructions name.
    pub types: Vec<Type>,
    /// Sets of words, sorted, each word once.
    pub word_sets: Vec<Vec<i64>>,
    /// Sets of texts, sorted, each text once.
    pub text_sets: Vec<Vec<Arc<str>>>,
    /// By the place that `Op::Matches` names.
    pub patterns: Vec<Pattern>,
    /// By the place that `Op::Call` names: `length`, `calendar.is_month_end`.
    pub builtins: Vec<Arc<str>>,
    /// By the place that `Op::Field` and `Op::With` name.
    pub fields: Vec<Vec<FieldOf>>,
    /// By the place that `Op::ComesFrom` names.
    pub origins: Vec<Origins>,
    /// By the place that `Op::Approvals` names.
    pub clauses: Vec<Clause>,
    /// What is kept of the past.
    pub accumulators: Vec<Accumulator>,
    /// By the place that `Op::Past` names.
    pub readings: Vec<Reading>,
    pub functions: Vec<Function>,
    /// In the order of the package.
    pub policies: Vec<Policy>,
    /// Rules and limits of all policies, in the order of the package.
    pub rules: Vec<Rule>,
    /// By the place in the schema: actions and events.
    pub actions: Vec<Action>,
    /// What it was made from, by the number in a `Place`.
    pub files: Vec<File>,
    pub made: Made,
}

/// A source file: what it is called in messages, and its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// As places name it: from the package's folder.
    pub name: Arc<str>,
    pub text: Arc<str>,
    pub kind: FileKind,
}

impl File {
    /// The text of a place in it.
    pub fn slice(&self, place: Place) -> &str {
        let boundary = |offset: u32| self.text.floor_char_boundary(offset as usize);
        self.text.get(boundary(place.start)..boundary(place.end)).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// A `.ord` file of the package.
    Policy,
    /// A table's sheet.
    Sheet,
    /// A module of the standard library.
    Standard,
}

/// Who made a program, and what its package says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The version of the compiler.
    pub by: Arc<str>,
    /// `[package]` of the manifest.
    pub package: Option<Arc<str>>,
    /// Of the package as a whole.
    pub version: Option<Arc<str>>,
    /// What the manifest says of entities that the store lacks: true where the request may bring them.
    pub from_request: Option<bool>,
}

/// `matches` or `like`, and the form as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    Matches(Arc<str>),
    Like(Arc<str>),
}

impl Pattern {
    /// As it was written.
    pub fn form(&self) -> &str {
        match self {
            Pattern::Matches(form) | Pattern::Like(form) => form,
        }
    }
}

/// What `comes from` asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    pub of: Vec<OriginOf>,
    /// `comes only from`
    pub only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OriginOf {
    User,
    Operator,
    /// What these actions returned, or that field of it.
    Result {
        actions: Vec<u32>,
        field: Option<Arc<str>>,
    },
}

/// A clause that wants approvers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The roles that it names, in the order of the text.
    pub wanted: Vec<Wanted>,
    /// Which of them suffice: sets of bits, the lowest for the first.
    pub choices: Vec<u32>,
    /// The denial that it waives: `policy.rule`.
    pub waives: Option<Arc<str>>,
    /// How the text names them, by approver wanted: how many of the next so many roles.
    pub named: Vec<(u32, u32)>,
    /// It makes a grant conditional; else it is a gate, or a waiver.
    pub grant: bool,
}

/// A role, and what must be true of whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub role: Role,
    /// The function that says it of an approver.
    pub filter: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    Fixed(u32),
    /// The next of the registers that the instruction names.
    Given,
}

/// A field of a record, or an attribute of a kind of entity, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldOf {
    Record { record: u32, place: u32 },
    Entity { kind: u32, place: u32 },
}

impl FieldOf {
    /// Of the same record or kind.
    pub fn is_of(self, other: FieldOf) -> bool {
        match (self, other) {
            (FieldOf::Record { record, .. }, FieldOf::Record { record: other, .. }) => record == other,
            (FieldOf::Entity { kind, .. }, FieldOf::Entity { kind: other, .. }) => kind == other,
            (FieldOf::Record { .. } | FieldOf::Entity { .. }, _) => false,
        }
    }

    pub fn place(self) -> usize {
        match self {
            FieldOf::Record { place, .. } | FieldOf::Entity { place, .. } => place as usize,
        }
    }
}

/// A stretch of code: what is decided of an action, or a part of what is said of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Function {
    /// Whose request it reads: a place in `Schema::actions`. It settles the registers that the request fills.
    pub action: u32,
    pub ops: Vec<Op>,
    /// By instruction: where it comes from.
    pub places: Vec<Place>,
    /// Innermost first.
    pub regions: Vec<Region>,
    /// Conditions that a fault leaves seen, and not true.
    pub watched: Vec<Watched>,
    /// By the place that `Op::SelectText`, `Op::SelectWord` and `Op::Next` name.
    pub selections: Vec<Selection>,
    /// Constants, which stand behind the request's registers in each bank; texts stand here alone.
    pub words: Vec<i64>,
    pub wides: Vec<i128>,
    pub texts: Vec<Arc<str>>,
    pub values: Vec<Value>,
    /// Registers of each bank that are worked with, behind request and constants.
    pub work: Registers,
    /// At most how many instructions a run takes, those of other functions left out; nothing where it walks over what has
    /// no declared bound.
    pub cost: Option<u64>,
    /// Of a condition on an approver: where that stands, and where the answer is put.
    pub asks: Option<(Val, Word)>,
    /// Of what is said: the registers in a row in which that stands at the end, and how many.
    pub gives: Option<(Val, u32)>,
    /// Of one that says what an entry of the past adds.
    pub enters: Option<Enters>,
}

impl Function {
    /// Where a fault of that instruction goes on.
    pub fn handler(&self, at: u32) -> Option<u32> {
        self.regions.iter().find(|region| region.from <= at && at < region.to).map(|region| region.handler)
    }
}

/// How many registers there are of each bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    pub words: u32,
    pub wides: u32,
    pub texts: u32,
    pub values: u32,
    pub gathered: u32,
}

/// A fault in one of the instructions `from..to` goes on at `handler`, which lies behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    pub from: u32,
    pub to: u32,
    pub handler: u32,
}

/// Rules that are looked up by the argument that they ask first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    pub keys: Keys,
    /// By key: where its rules begin among the targets.
    pub starts: Vec<u32>,
    /// Instructions at which rules begin, ascending; `END` behind those of a key.
    pub targets: Vec<u32>,
}

impl Selection {
    pub const END: u32 = u32::MAX;
}

/// Sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keys {
    Words(Vec<i64>),
    Texts(Vec<Arc<str>>),
}

impl Default for Keys {
    fn default() -> Keys {
        Keys::Words(vec![])
    }
}

/// A fault in one of the instructions `from..to` is one of that condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    pub from: u32,
    pub to: u32,
    pub condition: u32,
}

/// A stretch of a source file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// By the place in `Program::files`.
    pub file: u32,
    /// The first byte of it, from 0.
    pub start: u32,
    /// The first byte behind it.
    pub end: u32,
}

/// From the first moment to the last that is not in it any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    pub from: Option<Instant>,
    pub until: Option<Instant>,
}

impl InForce {
    pub fn at(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// True where it always is.
    pub fn always(&self) -> bool {
        *self == InForce::default()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    pub name: Arc<str>,
    /// Three numbers with points between.
    pub version: Option<Arc<str>>,
    /// BLAKE3 of its text: the bytes of `place`.
    pub digest: Arc<str>,
    pub in_force: InForce,
    /// Policies of which one must be in force for this one to be; each is a version of an outer policy.
    pub under: Vec<u32>,
    /// The zone of its days and hours, by the name of the IANA database.
    pub zone: Arc<str>,
    /// The calendar among the data.
    pub calendar: Option<u32>,
    pub otherwise: Otherwise,
    /// Why it denies what nothing grants, where it says so.
    pub because: Option<Arc<str>>,
    /// Name of the module, by which lists are ordered.
    pub module: Arc<str>,
    pub place: Place,
    /// Where its name stands.
    pub name_at: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Otherwise {
    Permit,
    Deny,
    Abstain,
    /// `permit with approval of`
    Approval,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub name: Arc<str>,
    pub policy: u32,
    /// It is reported, and decides nothing.
    pub trial: bool,
    pub in_force: InForce,
    pub code: Option<Arc<str>>,
    /// What it rests on, as cited.
    pub sources: Vec<Arc<str>>,
    pub place: Place,
}

/// What decides an action or event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Action {
    pub function: u32,
    /// Rules and limits, by module name, then place.
    pub rules: Vec<u32>,
    /// What is said of each of them on this action.
    pub said: Vec<said::OfRule>,
    /// Policies that govern it, in the order of the package.
    pub policies: Vec<u32>,
    /// Its rules that others of its rules override, each behind those that override it; and those.
    pub overridden: Vec<(u32, Vec<u32>)>,
    /// How many conditions its rules have.
    pub conditions: u32,
    /// Conditions by which rules are looked up: of a rule that is not found, they are seen and not true.
    pub asked_first: Vec<u32>,
}
