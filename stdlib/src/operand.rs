//! Operands as Rust values, and results within their bounds. Every table reads its operands through these.
//! The checker gives each operand its shape; a host that calls a row gives it the same.

use ordain_vm::builtin::{Bound, Param, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Date, Decimal, Instant, IpRange, Money, Time, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The most characters (code points) of a text that a built-in makes.
pub const MAX_TEXT: usize = 1_000_000;
/// The most entries of a list or set that a built-in makes.
pub const MAX_LIST: usize = 100_000;

/// Any type, the same throughout a row.
pub const T: Shape = Shape::Var('t', Bound::Any);
/// A type that `<` compares, the same throughout a row.
pub const ORDERED: Shape = Shape::Var('t', Bound::Ordered);

/// A cost: the size of the operands does not matter; each is read once; it is more.
pub const CONSTANT: u32 = 1;
pub const ONCE: u32 = 10;
pub const MORE: u32 = 100;

pub const fn param(name: &'static str, shape: Shape) -> Param {
    Param { name, shape }
}

macro_rules! operands {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($value:ident) -> $ty:ty = $read:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(value: &Value) -> $ty {
            match value {
                Value::$variant($value) => $read,
                other => unreachable!("the checker gives every operand its shape, not {other:?}"),
            }
        }
    )*};
}

operands! {
    text: Text(value) -> &str = value;
    int: Int(value) -> i64 = *value;
    money: Money(value) -> Money = *value;
    date: Date(value) -> Date = *value;
    time: Time(value) -> Time = *value;
    instant: Instant(value) -> Instant = *value;
    /// Nanoseconds.
    duration: Duration(value) -> i64 = *value;
    ip: Ip(value) -> IpAddr = *value;
    ip_range: IpRange(value) -> IpRange = *value;
    list: List(value) -> &[Value] = value;
    set: Set(value) -> &BTreeSet<Value> = value;
    map: Map(value) -> &BTreeMap<Value, Value> = value;
}

/// Also of an `int`.
pub fn decimal(value: &Value) -> Decimal {
    match value {
        Value::Int(value) => Decimal::from_int(*value),
        Value::Decimal(value) => *value,
        other => unreachable!("the checker gives every operand its shape, not {other:?}"),
    }
}

/// A text that was made, if it isn't too long.
pub fn made_text(text: String) -> Result<Value, Fault> {
    // What is within the bound in bytes is so in characters too.
    within_text(if text.len() > MAX_TEXT { text.chars().count() } else { text.len() })?;
    Ok(Value::text(text))
}

/// Before it is made: a text of so many characters.
pub fn within_text(length: usize) -> Result<(), Fault> {
    if length > MAX_TEXT { Err(Fault::TooLong(MAX_TEXT as u64)) } else { Ok(()) }
}

/// A list that was made, if it isn't too long.
pub fn made_list(values: Vec<Value>) -> Result<Value, Fault> {
    within_list(values.len())?;
    Ok(Value::list(values))
}

pub fn within_list(length: usize) -> Result<(), Fault> {
    if length > MAX_LIST { Err(Fault::TooLong(MAX_LIST as u64)) } else { Ok(()) }
}

/// A whole number of something.
pub fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

pub fn optional(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Missing)
}
