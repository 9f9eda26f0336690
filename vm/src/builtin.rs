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

impl Builtin {
    /// The operands are of the shapes that the row declares, and those of one letter are alike. Compiled programs ask it
    /// before each call: nothing else vouches for what they hand over.
    pub fn takes(&self, operands: &[Value]) -> bool {
        let mut letters: Vec<(char, &Value)> = vec![];
        self.params.len() == operands.len()
            && self.params.iter().zip(operands).all(|(param, value)| param.shape.takes(value, &mut letters))
    }
}

impl Shape {
    fn takes<'v>(self, value: &'v Value, letters: &mut Vec<(char, &'v Value)>) -> bool {
        match (self, value) {
            (Shape::Optional(of), value) => value.is_missing() || of.takes(value, letters),
            (Shape::OneOf(shapes), value) => shapes.iter().any(|shape| shape.takes(value, letters)),
            (Shape::Var(letter, bound), value) => {
                let alike = match letters.iter().find(|(of, _)| *of == letter) {
                    Some((_, other)) => kind(other) == kind(value),
                    None => {
                        letters.push((letter, value));
                        true
                    }
                };
                alike && bound.takes(value)
            }
            (Shape::List(of), Value::List(values)) => values.iter().all(|value| of.takes(value, letters)),
            (Shape::Set(of), Value::Set(values)) => values.iter().all(|value| of.takes(value, letters)),
            (Shape::Map(key, of), Value::Map(map)) => {
                map.iter().all(|(k, v)| key.takes(k, letters) && of.takes(v, letters))
            }
            (Shape::Choice(of), Value::Choice(choice, word)) => of == *choice && usize::from(*word) < of.words().len(),
            (Shape::Decimal, Value::Int(_) | Value::Decimal(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Int, Value::Int(_))
            | (Shape::Text, Value::Text(_))
            | (Shape::Date, Value::Date(_))
            | (Shape::Time, Value::Time(_))
            | (Shape::Instant, Value::Instant(_))
            | (Shape::Duration, Value::Duration(_))
            | (Shape::Period, Value::Period(_))
            | (Shape::Country, Value::Country(_))
            | (Shape::Currency, Value::Currency(_))
            | (Shape::Money, Value::Money(_))
            | (Shape::Ip, Value::Ip(_))
            | (Shape::IpRange, Value::IpRange(_))
            | (Shape::Hours, Value::Hours(_)) => true,
            _ => false,
        }
    }
}

impl Bound {
    fn takes(self, value: &Value) -> bool {
        match self {
            Bound::Any => true,
            Bound::Number => {
                matches!(value, Value::Int(_) | Value::Decimal(_) | Value::Money(_) | Value::Duration(_))
            }
            Bound::Ordered => !matches!(
                value,
                Value::Missing | Value::Record(..) | Value::Entity(_) | Value::List(_) | Value::Set(_) | Value::Map(_)
            ),
            Bound::Fraction => matches!(value, Value::Int(_) | Value::Decimal(_) | Value::Money(_)),
            Bound::Sequence => matches!(value, Value::Text(_) | Value::List(_)),
        }
    }
}

/// What makes two values alike where a letter stands for both. An int stands for a decimal, too.
fn kind(value: &Value) -> std::mem::Discriminant<Value> {
    match value {
        Value::Int(_) => std::mem::discriminant(&Value::Decimal(crate::value::Decimal::ZERO)),
        other => std::mem::discriminant(other),
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
