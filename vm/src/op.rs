//! `Op`: every instruction, its operands and its meaning.
//! The compiler's `emit` writes them, `verify` checks them, `interp` runs them; what they do to values stands in
//! `semantics`. An instruction that can fail gives a [`Fault`](crate::fault::Fault), and the run goes on at the handler
//! of the innermost [`Region`](crate::program::Region) around it.
//!
//! A function has four banks of registers. Each begins with what the request brings, then the function's constants,
//! then what it works with, which is 0 or missing when it begins.
//!
//! | bank | holds |
//! | --- | --- |
//! | word | 64 bits: `bool` (0 or 1), `int`, `date` (days since 1970), `time` and `instant` and `duration` (nanoseconds), members of enums, roles, currencies and countries |
//! | wide | 128 bits: `decimal` and money of a known currency, in trillionths |
//! | text | a text of the request; written by nothing |
//! | value | everything else, and texts that are made on the way: a [`Value`](crate::value::Value) |
//!
//! What may be missing has a word beside it that says whether it is there; a value says so itself.

use serde::{Deserialize, Serialize};

macro_rules! registers {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

registers! {
    /// A register of 64 bits.
    Word,
    /// A register of 128 bits.
    Wide,
    /// A register with a value.
    Val,
    /// What a walk has gathered so far.
    Gathered,
    /// A place among the function's instructions.
    Label,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Text {
    /// In the text bank.
    Slot(u32),
    /// Among the function's constants.
    Const(u32),
    /// In the value bank, as `Value::Text`.
    Made(Val),
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cmp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `+ - * /`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Arith {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// What is asked of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// What a rule says where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stance {
    Grant,
    ConditionalGrant,
    Gate,
    /// A gate whose approvers have approved: it restricts nothing, and still defeats what it overrides.
    Met,
    Denial,
    Lift,
    /// Duties alone.
    Duties,
}

/// What an instruction does with a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Read,
    Write,
    /// Both.
    Change,
}

/// Looks at, or changes, the registers and labels of an instruction.
pub trait Visit {
    fn word(&mut self, how: Use, at: &mut Word);
    fn wide(&mut self, how: Use, at: &mut Wide);
    fn val(&mut self, how: Use, at: &mut Val);
    fn slot(&mut self, at: &mut u32);
    /// A constant text.
    fn constant(&mut self, at: &mut u32);
    fn gathered(&mut self, how: Use, at: &mut Gathered);
    fn label(&mut self, at: &mut Label);
}

trait Visited {
    fn visited(&mut self, how: Use, by: &mut dyn Visit);
}

impl Visited for Word {
    fn visited(&mut self, how: Use, by: &mut dyn Visit) {
        by.word(how, self);
    }
}

impl Visited for Wide {
    fn visited(&mut self, how: Use, by: &mut dyn Visit) {
        by.wide(how, self);
    }
}

impl Visited for Val {
    fn visited(&mut self, how: Use, by: &mut dyn Visit) {
        by.val(how, self);
    }
}

impl Visited for Text {
    fn visited(&mut self, how: Use, by: &mut dyn Visit) {
        match self {
            Text::Slot(at) => by.slot(at),
            Text::Const(at) => by.constant(at),
            Text::Made(at) => by.val(how, at),
        }
    }
}

impl Visited for Gathered {
    fn visited(&mut self, how: Use, by: &mut dyn Visit) {
        by.gathered(how, self);
    }
}

/// What an instruction does with an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Reads,
    Writes,
    Changes,
    /// The run may go on there.
    Goes,
    /// No register: a number or a word.
    Says,
}

/// One operand of an instruction, for listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    pub name: &'static str,
    pub role: Role,
    pub what: Told,
}

/// What stands in an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A register or label (`w3`, `@12`), or a word (`less_or_equal`).
    Word(String),
    /// A place in a table, or a count.
    Number(u32),
}

/// The form of an instruction: what the table in `spec/program.md` is made from.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub name: &'static str,
    pub doc: &'static str,
    /// Name, what is done with it, and its type.
    pub operands: &'static [(&'static str, Role, &'static str)],
}

trait Telling {
    fn told(&self) -> Told;
}

macro_rules! told_as {
    ($($ty:ident $mark:literal),*) => {$(
        impl Telling for $ty {
            fn told(&self) -> Told {
                Told::Word(format!("{}{}", $mark, self.0))
            }
        }
    )*};
}

told_as!(Word "w", Wide "d", Val "v", Gathered "g", Label "@");

impl Telling for Text {
    fn told(&self) -> Told {
        match self {
            Text::Slot(at) => Told::Word(format!("t{at}")),
            Text::Const(at) => Told::Word(format!("c{at}")),
            Text::Made(at) => at.told(),
        }
    }
}

impl Telling for u32 {
    fn told(&self) -> Told {
        Told::Number(*self)
    }
}

impl Telling for bool {
    fn told(&self) -> Told {
        Told::Word(self.to_string())
    }
}

macro_rules! told_in_words {
    ($($ty:ident)*) => {$(
        impl Telling for $ty {
            /// The variant's name in small letters: `less_or_equal`.
            fn told(&self) -> Told {
                let mut word = String::new();
                for (at, letter) in format!("{self:?}").char_indices() {
                    if letter.is_ascii_uppercase() && at > 0 {
                        word.push('_');
                    }
                    word.push(letter.to_ascii_lowercase());
                }
                Told::Word(word)
            }
        }
    )*};
}

told_in_words!(Cmp Arith TextTest Stance Gather Said);

macro_rules! visited {
    (read $of:expr, $by:expr) => {
        Visited::visited($of, Use::Read, $by)
    };
    (out $of:expr, $by:expr) => {
        Visited::visited($of, Use::Write, $by)
    };
    (change $of:expr, $by:expr) => {
        Visited::visited($of, Use::Change, $by)
    };
    (goes $of:expr, $by:expr) => {
        $by.label($of)
    };
    (says $of:expr, $by:expr) => {
        let _ = $of;
    };
}

macro_rules! role {
    (read) => {
        Role::Reads
    };
    (out) => {
        Role::Writes
    };
    (change) => {
        Role::Changes
    };
    (goes) => {
        Role::Goes
    };
    (says) => {
        Role::Says
    };
}

macro_rules! ops {
    ($($(#[doc = $doc:literal])* $name:ident { $($field:ident: $role:ident $ty:ty),* })*) => {
        /// One instruction: what it writes, what it reads, and where it goes.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Op {
            $($(#[doc = $doc])* $name { $($field: $ty),* },)*
        }

        impl Op {
            /// Shows its registers and labels, in the order in which they are declared.
            pub fn visit(&mut self, by: &mut dyn Visit) {
                match self {
                    $(Op::$name { $($field),* } => { $(visited!($role $field, by);)* })*
                }
            }

            /// Its name, and its operands in the order in which they are declared.
            pub fn told(&self) -> (&'static str, Vec<Operand>) {
                match self {
                    $(Op::$name { $($field),* } => (
                        stringify!($name),
                        vec![$(Operand { name: stringify!($field), role: role!($role), what: $field.told() }),*],
                    ),)*
                }
            }

            /// Every instruction, by its number.
            pub const FORMS: &[Form] = &[$(Form {
                name: stringify!($name),
                doc: concat!($($doc,)* ""),
                operands: &[$((stringify!($field), role!($role), stringify!($ty))),*],
            },)*];
        }
    };
}

ops! {
    // Where the run goes on
    Jump { label: goes Label }
    /// Where the word is not 0.
    JumpIf { of: read Word, label: goes Label }
    /// Where the word is 0.
    JumpIfNot { of: read Word, label: goes Label }
    /// A walk over a list: the next place, which is 0 where `at` was below 0. Where there is none the run goes on at `done`.
    Each { of: read Val, at: change Word, done: goes Label }
    /// The rules of that selection whose key the text is: on at the first, and the place of that among the targets is kept;
    /// where there is none the run goes on at `done`.
    SelectText { to: out Word, of: read Text, selection: says u32, done: goes Label }
    /// The same of a word.
    SelectWord { to: out Word, of: read Word, selection: says u32, done: goes Label }
    /// The next of them, which lies behind this instruction; where there is none the run goes on at `done`.
    Next { at: change Word, selection: says u32, done: goes Label }
    /// `Fault::Outside`
    Fail {}
    /// The end of the function.
    Return {}

    // Copies
    MoveWord { to: out Word, of: read Word }
    MoveWide { to: out Wide, of: read Wide }
    MoveValue { to: out Val, of: read Val }
    /// A text as a value.
    TextValue { to: out Val, of: read Text }
    /// The value of a word of the type in that place of `Program::types`.
    WordValue { to: out Val, of: read Word, ty: says u32 }
    /// A decimal, or money, by the type.
    WideValue { to: out Val, of: read Wide, ty: says u32 }
    /// The word of a value that is one; of `Missing`, `Fault::Outside`.
    ValueWord { to: out Word, of: read Val }
    ValueWide { to: out Wide, of: read Val }
    /// `Value::Missing`
    Missing { to: out Val }

    // Words
    /// 1 or 0.
    CompareWords { how: says Cmp, to: out Word, left: read Word, right: read Word }
    /// `Fault::Overflow`; `Divide` is no operation of words.
    Words { how: says Arith, to: out Word, left: read Word, right: read Word }
    NegateWord { to: out Word, of: read Word }
    /// Of a bool.
    Not { to: out Word, of: read Word }
    /// True where the word is in that set of `Program::word_sets`.
    WordIn { to: out Word, of: read Word, set: says u32 }
    /// An int as a decimal.
    Widen { to: out Wide, of: read Word }

    // Decimals
    CompareWides { how: says Cmp, to: out Word, left: read Wide, right: read Wide }
    /// `Fault::Overflow`, `Fault::DivisionByZero`. Products and quotients are rounded once, half to even.
    Wides { how: says Arith, to: out Wide, left: read Wide, right: read Wide }
    NegateWide { to: out Wide, of: read Wide }

    // Texts
    CompareTexts { how: says Cmp, to: out Word, left: read Text, right: read Text }
    TestTexts { how: says TextTest, to: out Word, of: read Text, part: read Text }
    /// True where the text is in that set of `Program::text_sets`.
    TextIn { to: out Word, of: read Text, set: says u32 }
    /// True where the text has the form in that place of `Program::patterns`.
    Matches { to: out Word, of: read Text, pattern: says u32 }

    // Values
    IsMissing { to: out Word, of: read Val }
    CompareValues { how: says Cmp, to: out Word, left: read Val, right: read Val }
    /// Of amounts whose currency is not known before, of periods.
    Values { how: says Arith, to: out Val, left: read Val, right: read Val }
    NegateValue { to: out Val, of: read Val }
    /// As the type wants it: an int as a decimal, inside lists and maps, too.
    WidenValue { to: out Val, of: read Val, ty: says u32 }
    /// `Fault::TooLong` where a text or list is longer than the type allows.
    FitValue { of: read Val, ty: says u32 }
    /// `Fault::Outside` where it is missing.
    Present { of: read Val }
    /// `Fault::Outside` where the word is 0.
    Sure { of: read Word }
    /// The entity of a kind with that id.
    Entity { to: out Val, kind: says u32, id: read Text }
    /// The value with which data was loaded.
    Data { to: out Val, data: says u32 }
    /// A field of a record, or an attribute of an entity, by the kinds it can be of: (kind or record, place).
    Field { to: out Val, of: read Val, field: says u32 }
    /// The id of an entity, as a text.
    EntityId { to: out Val, of: read Val }
    IsA { to: out Word, of: read Val, kind: says u32 }
    /// `of`, or one of its ancestors, is `group`, or is in it.
    BelongsTo { to: out Word, of: read Val, group: read Val }
    /// An entry of a list (`Fault::Outside`) or the value of a key of a map (missing).
    Index { to: out Val, of: read Val, key: read Val }
    /// An entry of a list or set, a key of a map.
    Holds { to: out Word, of: read Val, element: read Val }
    /// An address is within a range of them. (Opening hours are asked of a built-in, `op.is_open`.)
    InRange { to: out Word, of: read Val, range: read Val }
    /// What the table of rates makes of an amount, in the currency of the type: `Fault::NoRate`.
    Convert { to: out Val, of: read Val, ty: says u32, rates: read Val }
    /// A list of the `count` registers from `first` on.
    List { to: out Val, first: read Val, count: says u32 }
    Set { to: out Val, first: read Val, count: says u32 }
    /// Keys and values by turns.
    Map { to: out Val, first: read Val, count: says u32 }
    Record { to: out Val, record: says u32, first: read Val, count: says u32 }
    /// A record with another value in that place.
    With { to: out Val, of: read Val, place: says u32, value: read Val }
    /// The entries of a list, or of a set in its order, as a list.
    Items { to: out Val, of: read Val }
    /// The entry of a list at a place, which is there.
    Element { to: out Val, of: read Val, at: read Word }
    /// How many entries a list has.
    Length { to: out Word, of: read Val }
    /// A value as messages show it, as a text.
    Show { to: out Val, of: read Val }
    /// The word of the fault that led here, as it stands in a message in place of a value: `‹overflow›`.
    FaultWord { to: out Val }
    /// The texts of the `count` registers from `first` on, one behind the other.
    Concat { to: out Val, first: read Val, count: says u32 }
    /// Every leaf of `of`, which stands at that path of the request, was seen in those of `Program::origins`:
    /// `Fault::NoOrigin`.
    ComesFrom { to: out Word, of: read Val, path: read Val, origins: says u32 }
    /// The built-in in that place of `Program::builtins`, with the `count` registers from `first` on, in the zone and by
    /// the calendar of that policy.
    Call { to: out Val, builtin: says u32, policy: says u32, first: read Val, count: says u32 }

    // The past
    /// What the entries come to that have the `count` values from `first` on as their key, by that reading of
    /// `Program::readings`, which says what `from`, `order` and `like` are for: `Fault::HistoryIncomplete`,
    /// `Fault::HistoryBound`, `Fault::NoSession`, and what was kept of an entry that erred.
    Past { to: out Val, reading: says u32, first: read Val, count: says u32, from: read Word, order: read Word, like: read Val }
    /// Time and place of the newest entry of that key in that accumulator; a place of 0: there is none.
    NewestPlace { time: out Word, order: out Word, accumulator: says u32, first: read Val, count: says u32 }

    // What walks come to
    /// Nothing was gathered yet.
    Begin { of: out Gathered }
    /// One more: `Fault::CurrenciesDiffer`, `Fault::Overflow`.
    Gather { how: says Gather, into: change Gathered, of: read Val }
    /// What it came to. `ty` says what a sum of nothing is.
    Total { how: says Gather, to: out Val, of: read Gathered, ty: says u32 }

    // What is found of the rules of an action
    /// Condition number `at` was seen, and is true where the word is not 0.
    Seen { at: says u32, of: read Word }
    /// The rule says that.
    Stand { rule: says u32, stance: says Stance }
    /// The fault that led here is the rule's, unless it has one already. `erred`: it defeats nothing any more.
    Err { rule: says u32, erred: says bool }
    /// The request crosses the mark of a limit, for which that duty is due with a permit.
    Cross { rule: says u32, duty: says u32 }
    /// The rule says nothing any more.
    Unsay { rule: says u32 }
    /// A requirement of the rule failed.
    Lack { rule: says u32, requirement: says u32 }
    /// 1 where the approvers that `Program::clauses` names there have approved, before `until` where `timed` is not 0; else
    /// 0. The roles that the clause works out are the `count` registers from `first` on. An error in an approver's
    /// condition makes that approval not count, and is the rule's where it has no other; a number behind
    /// those of the rules is that of a policy, whose `otherwise` asks.
    Approvals { to: out Word, rule: says u32, clause: says u32, until: read Word, timed: read Word, first: read Val, count: says u32 }
    /// What a policy's `otherwise` comes to.
    Otherwise { policy: says u32, verdict: says Said }
    /// The fault that led here is that of the policy's `otherwise`.
    OtherwiseErr { policy: says u32 }
    /// The rule and its policy are in force; else on at `label`.
    InForce { rule: says u32, label: goes Label }
}

impl Op {
    /// Where an instruction may go on besides behind itself.
    pub fn label(&self) -> Option<Label> {
        match self {
            Op::Jump { label } | Op::JumpIf { label, .. } | Op::JumpIfNot { label, .. } | Op::InForce { label, .. } => {
                Some(*label)
            }
            Op::Each { done, .. }
            | Op::SelectText { done, .. }
            | Op::SelectWord { done, .. }
            | Op::Next { done, .. } => Some(*done),
            _ => None,
        }
    }

    /// The registers of values that an instruction reads in a row: the first, and how many.
    pub fn row(&self) -> Option<(Val, u32)> {
        match self {
            Op::List { first, count, .. }
            | Op::Set { first, count, .. }
            | Op::Map { first, count, .. }
            | Op::Record { first, count, .. }
            | Op::Concat { first, count, .. }
            | Op::Call { first, count, .. }
            | Op::Past { first, count, .. }
            | Op::NewestPlace { first, count, .. }
            | Op::Approvals { first, count, .. } => Some((*first, *count)),
            _ => None,
        }
    }
}

/// How a walk's values are brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Gather {
    Count,
    Sum,
    Average,
    Min,
    Max,
    Distinct,
}

/// What an `otherwise` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Said {
    Permit,
    Escalate,
    Deny,
}
