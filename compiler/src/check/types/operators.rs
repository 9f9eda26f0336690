//! What `+ - * /` and the comparisons mean, kind by kind: the one table that checker, engines and spec agree on.
//! `check/types/expr.rs` asks it; it knows nothing of places or messages.
//! Operands are widened to a row's kinds (`int` to `decimal`) before an engine computes.

use crate::hir::{ArithmeticOp, Package};
use ordain_vm::value::Type;

/// What an operand is, without its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Decimal,
    Money,
    Duration,
    Period,
    Date,
    Instant,
}

use ArithmeticOp::{Add, Divide, Multiply, Subtract};
use Kind::{Date, Decimal, Duration, Instant, Int, Money, Period};

/// Left, operator, right, and what it gives.
#[rustfmt::skip]
pub const ROWS: &[(Kind, ArithmeticOp, Kind, Kind)] = &[
    (Int,      Add,      Int,      Int),
    (Decimal,  Add,      Decimal,  Decimal),
    // Of one currency; where only the request knows them, two that differ are an evaluation error.
    (Money,    Add,      Money,    Money),
    (Duration, Add,      Duration, Duration),
    (Period,   Add,      Period,   Period),
    // Keeps the day of the month or takes the month's last.
    (Date,     Add,      Period,   Date),
    (Instant,  Add,      Duration, Instant),
    // By the calendar of the policy's zone.
    (Instant,  Add,      Period,   Instant),

    (Int,      Subtract, Int,      Int),
    (Decimal,  Subtract, Decimal,  Decimal),
    (Money,    Subtract, Money,    Money),
    (Duration, Subtract, Duration, Duration),
    (Period,   Subtract, Period,   Period),
    (Date,     Subtract, Period,   Date),
    (Instant,  Subtract, Duration, Instant),
    (Instant,  Subtract, Period,   Instant),
    (Instant,  Subtract, Instant,  Duration),

    (Int,      Multiply, Int,      Int),
    (Decimal,  Multiply, Decimal,  Decimal),
    (Money,    Multiply, Decimal,  Money),
    (Decimal,  Multiply, Money,    Money),
    // Rounded half to even, to a nanosecond; so is the quotient.
    (Duration, Multiply, Decimal,  Duration),
    (Decimal,  Multiply, Duration, Duration),
    (Period,   Multiply, Int,      Period),
    (Int,      Multiply, Period,   Period),

    // Two whole numbers are widened: their quotient is a decimal.
    (Decimal,  Divide,   Decimal,  Decimal),
    (Money,    Divide,   Decimal,  Money),
    (Money,    Divide,   Money,    Decimal),
    (Duration, Divide,   Duration, Decimal),
    (Duration, Divide,   Decimal,  Duration),
];

/// The kind of a type that can be computed with.
pub fn kind(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Int => Some(Int),
        Type::Decimal => Some(Decimal),
        Type::Money(_) => Some(Money),
        Type::Duration => Some(Duration),
        Type::Period => Some(Period),
        Type::Date => Some(Date),
        Type::Instant => Some(Instant),
        Type::Unknown
        | Type::Bool
        | Type::Text(_)
        | Type::Time
        | Type::Country
        | Type::Currency
        | Type::Ip
        | Type::IpRange
        | Type::Hours
        | Type::Calendar
        | Type::Role
        | Type::Enum(_)
        | Type::Choice(_)
        | Type::Record(_)
        | Type::Entity(_)
        | Type::List(..)
        | Type::Set(_)
        | Type::Map(..)
        | Type::Optional(_) => None,
    }
}

/// The row for two operands; those that must be widened for it are the row's kinds where they differ.
pub fn row(left: Kind, op: ArithmeticOp, right: Kind) -> Option<(Kind, Kind, Kind)> {
    let widened = |kind| if kind == Int { Decimal } else { kind };
    [(left, right), (left, widened(right)), (widened(left), right), (widened(left), widened(right))]
        .into_iter()
        .find_map(|(l, r)| ROWS.iter().find(|(a, with, b, _)| *a == l && *with == op && *b == r))
        .map(|(left, _, right, result)| (*left, *right, *result))
}

/// True where `<` compares values of the type: numbers, money, texts by code point, dates, times, instants, durations
/// and ordered enums.
pub fn is_ordered(package: &Package, ty: &Type) -> bool {
    match ty {
        Type::Unknown
        | Type::Int
        | Type::Decimal
        | Type::Money(_)
        | Type::Text(_)
        | Type::Date
        | Type::Time
        | Type::Instant
        | Type::Duration => true,
        Type::Enum(id) => package[*id].ordered,
        Type::Bool
        | Type::Period
        | Type::Country
        | Type::Currency
        | Type::Ip
        | Type::IpRange
        | Type::Hours
        | Type::Calendar
        | Type::Role
        | Type::Choice(_)
        | Type::Record(_)
        | Type::Entity(_)
        | Type::List(..)
        | Type::Set(_)
        | Type::Map(..)
        | Type::Optional(_) => false,
    }
}

/// True where `==` has an answer: everything but periods, opening hours and calendars, whatever holds them.
pub fn has_equality(ty: &Type) -> bool {
    match ty {
        Type::Period | Type::Hours | Type::Calendar => false,
        Type::List(of, _) | Type::Set(of) | Type::Optional(of) => has_equality(of),
        Type::Map(key, value) => has_equality(key) && has_equality(value),
        Type::Unknown
        | Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Money(_)
        | Type::Text(_)
        | Type::Date
        | Type::Time
        | Type::Instant
        | Type::Duration
        | Type::Country
        | Type::Currency
        | Type::Ip
        | Type::IpRange
        | Type::Role
        | Type::Enum(_)
        | Type::Choice(_)
        | Type::Record(_)
        | Type::Entity(_) => true,
    }
}
