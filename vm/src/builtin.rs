//! `Builtin`: the shape of a row in the table of built-ins.
//! `stdlib` writes the rows; checker, engines, editor and documentation read them. Hosts may add rows the same way.

use crate::fault::Fault;
use crate::value::{Calendar, Choice, Instant, Value};

/// One built-in function: its name, types, cost, words and meaning, together.
#[derive(Debug)]
pub struct Builtin {
    /// The last part of the module to import: `calendar` of `std.calendar`; empty: known without an import.
    pub module: &'static str,
    pub name: &'static str,
    /// Without parameters it is used without parentheses: `calendar.business_hours`.
    pub params: &'static [Param],
    pub returns: Shape,
    pub reads: Reads,
    /// Steps of work besides those for its operands: 1 where their size does not matter, 10 where each is read once,
    /// 100 where it is more.
    pub cost: u32,
    /// One or more sentences, parameters in backticks.
    pub doc: &'static str,
    /// Expressions and what they give, both as written in a policy: an expression of the same type, `missing`, or the
    /// code of an evaluation error. Zone and calendar are those of a policy that names none.
    pub examples: &'static [(&'static str, &'static str)],
    /// How it is read aloud, parameters in braces: `{text} in small letters`.
    pub words: &'static str,
    /// Gets one value a parameter, of its shape and never `Missing` where the shape is not optional.
    pub eval: fn(&[Value], &Context<'_>) -> Result<Value, Fault>,
}

impl Builtin {
    /// As written where it is used: `calendar.is_month_end`, `length`.
    pub fn path(&self) -> String {
        if self.module.is_empty() { self.name.to_string() } else { format!("{}.{}", self.module, self.name) }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Param {
    pub name: &'static str,
    pub shape: Shape,
}

/// What a built-in reads besides its operands; an `export define` may use only those that read nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    Nothing,
    /// The zone or calendar of the policy.
    Policy,
}

/// What the policy that is deciding gives a built-in.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub now: Instant,
    /// A name of the zone database.
    pub zone: &'a str,
    pub calendar: &'a Calendar,
}

/// The type of a parameter or of a result, which may leave a part open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Bool,
    Int,
    Decimal,
    Text,
    Date,
    Time,
    Instant,
    Duration,
    Period,
    Country,
    Currency,
    /// Of any currency.
    Money,
    Ip,
    IpRange,
    Hours,
    Choice(Choice),
    /// A type that the operands settle; the same letter is the same type within a row. `int` is taken as it is.
    Var(char, Bound),
    List(&'static Shape),
    Set(&'static Shape),
    Map(&'static Shape, &'static Shape),
    Optional(&'static Shape),
    /// Of a parameter: any of these.
    OneOf(&'static [Shape]),
}

/// What a `Shape::Var` may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Any,
    /// `int`, `decimal`, `money` of a currency or of any, `duration`.
    Number,
    /// What `<` compares.
    Ordered,
    /// `decimal`, `money` of a currency or of any; an `int` widens to `decimal`.
    Fraction,
    /// `text`, or a list of anything.
    Sequence,
}
