//! Built-ins on numbers: one table. `+ - * /` and comparing are the language's own.

use crate::operand::{CONSTANT, ORDERED, decimal, int, param};
use ordain_vm::builtin::{Bound, Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Choice, Decimal, Money, Value};
use std::cmp::Ordering;

const NUMBER: Shape = Shape::Var('n', Bound::Number);
const FRACTION: Shape = Shape::Var('n', Bound::Fraction);

pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "",
        name: "abs",
        params: &[param("x", NUMBER)],
        returns: NUMBER,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "`x` without its sign.",
        examples: &[("abs(-3)", "3"), ("abs(0.5)", "0.5"), ("abs(-20 USD)", "20 USD")],
        words: "{x} without its sign",
        eval: |a, _| {
            let fault = Fault::Overflow;
            Ok(match &a[0] {
                Value::Int(value) => Value::Int(value.checked_abs().ok_or(fault)?),
                Value::Duration(value) => Value::Duration(value.checked_abs().ok_or(fault)?),
                Value::Money(Money { currency, amount }) => {
                    let amount = Decimal(amount.0.checked_abs().ok_or(fault)?);
                    Value::Money(Money { currency: *currency, amount })
                }
                other => Value::Decimal(Decimal(decimal(other).0.checked_abs().ok_or(fault)?)),
            })
        },
    },
    Builtin {
        module: "",
        name: "lesser",
        params: &[param("a", ORDERED), param("b", ORDERED)],
        returns: ORDERED,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The lesser of `a` and `b`. Money of different currencies is an evaluation error.",
        examples: &[("lesser(3, 2)", "2"), ("lesser(2026-03-03, 2026-04-01)", "2026-03-03"), ("lesser(1, 0.5)", "0.5")],
        words: "the lesser of {a} and {b}",
        eval: |a, _| Ok(if compare(&a[0], &a[1])? == Ordering::Greater { &a[1] } else { &a[0] }.clone()),
    },
    Builtin {
        module: "",
        name: "greater",
        params: &[param("a", ORDERED), param("b", ORDERED)],
        returns: ORDERED,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The greater of `a` and `b`. Money of different currencies is an evaluation error.",
        examples: &[("greater(3, 2)", "3"), ("greater(10 USD, 9.99 USD)", "10 USD")],
        words: "the greater of {a} and {b}",
        eval: |a, _| Ok(if compare(&a[0], &a[1])? == Ordering::Less { &a[1] } else { &a[0] }.clone()),
    },
    Builtin {
        module: "",
        name: "div",
        params: &[param("a", Shape::Int), param("b", Shape::Int)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "How many times the whole number `b` goes into `a`, rounded down. `div(a, b) * b + mod(a, b)` is `a`. Division by \
              zero is an evaluation error.",
        examples: &[("div(7, 2)", "3"), ("div(-7, 2)", "-4"), ("div(7, -2)", "-4"), ("div(1, 0)", "E0502")],
        words: "how many times {b} goes into {a}",
        eval: |a, _| Ok(Value::Int(quotient(int(&a[0]), int(&a[1]))?)),
    },
    Builtin {
        module: "",
        name: "mod",
        params: &[param("a", Shape::Int), param("b", Shape::Int)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "What is left of the whole number `a` after `div(a, b)` times `b`. It has the sign of `b`, so `mod(x, 7)` is \
              between 0 and 6 also where `x` is negative. Division by zero is an evaluation error.",
        examples: &[("mod(7, 2)", "1"), ("mod(-7, 2)", "1"), ("mod(7, -2)", "-1"), ("mod(1, 0)", "E0502")],
        words: "what is left of {a} after division by {b}",
        eval: |a, _| Ok(Value::Int(remainder(int(&a[0]), int(&a[1]))?)),
    },
    Builtin {
        module: "",
        name: "round",
        params: &[param("x", FRACTION), param("digits", Shape::Int), param("mode", Shape::Choice(Choice::Rounding))],
        returns: FRACTION,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "`x` rounded to so many digits behind the point; with -3 to thousands. `half_even`, `half_up` and `half_down` take the \
              nearest, and of two that are equally near the even one, the one away from zero, the one towards zero. `up` is \
              away from zero, `down` towards it, `ceiling` the next above and `floor` the next below.",
        examples: &[
            ("round(2.345, 2, half_up)", "2.35"),
            ("round(2.345, 2, half_even)", "2.34"),
            ("round(-2.5, 0, half_up)", "-3"),
            ("round(-2.5, 0, half_down)", "-2"),
            ("round(-2.1, 0, up)", "-3"),
            ("round(-2.9, 0, down)", "-2"),
            ("round(2.1, 0, ceiling)", "3"),
            ("round(-2.1, 0, floor)", "-3"),
            ("round(1_250 USD, -2, half_even)", "1_200 USD"),
        ],
        words: "{x} rounded to {digits} digits, {mode}",
        eval: |a, _| {
            let mode = match &a[2] {
                Value::Choice(Choice::Rounding, mode) => Choice::Rounding.words()[usize::from(*mode)],
                other => unreachable!("the checker gives every operand its shape, not {other:?}"),
            };
            let rounded = |x: Decimal| rounded(x, int(&a[1]), mode);
            Ok(match &a[0] {
                Value::Money(Money { currency, amount }) => {
                    Value::Money(Money { currency: *currency, amount: rounded(*amount)? })
                }
                other => Value::Decimal(rounded(decimal(other))?),
            })
        },
    },
    Builtin {
        module: "",
        name: "floor",
        params: &[param("x", Shape::Decimal)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The largest whole number that is not above `x`.",
        examples: &[("floor(2.9)", "2"), ("floor(-2.1)", "-3"), ("floor(3)", "3")],
        words: "{x} rounded down to a whole number",
        eval: |a, _| whole(decimal(&a[0]), "floor"),
    },
    Builtin {
        module: "",
        name: "ceiling",
        params: &[param("x", Shape::Decimal)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The smallest whole number that is not below `x`.",
        examples: &[("ceiling(2.1)", "3"), ("ceiling(-2.9)", "-2"), ("ceiling(3)", "3")],
        words: "{x} rounded up to a whole number",
        eval: |a, _| whole(decimal(&a[0]), "ceiling"),
    },
];

/// As `<` does, of two values of one ordered type.
pub fn compare(a: &Value, b: &Value) -> Result<Ordering, Fault> {
    match (a, b) {
        (Value::Money(a), Value::Money(b)) if a.currency != b.currency => {
            Err(Fault::CurrenciesDiffer(a.currency, b.currency))
        }
        (Value::Int(_), Value::Decimal(_)) | (Value::Decimal(_), Value::Int(_)) => Ok(decimal(a).cmp(&decimal(b))),
        (a, b) => Ok(a.cmp(b)),
    }
}

/// Rounded down. Only the least `int` by -1 is too large.
fn quotient(a: i64, b: i64) -> Result<i64, Fault> {
    if b == 0 {
        return Err(Fault::DivisionByZero);
    }
    let quotient = a.checked_div(b).ok_or(Fault::Overflow)?;
    let left = a.wrapping_rem(b);
    Ok(quotient - i64::from(left != 0 && (left < 0) != (b < 0)))
}

/// What is left, with the sign of `b`.
fn remainder(a: i64, b: i64) -> Result<i64, Fault> {
    if b == 0 {
        return Err(Fault::DivisionByZero);
    }
    let left = a.wrapping_rem(b);
    Ok(if left != 0 && (left < 0) != (b < 0) { left + b } else { left })
}

fn rounded(x: Decimal, digits: i64, mode: &str) -> Result<Decimal, Fault> {
    if digits >= i64::from(Decimal::DIGITS) {
        return Ok(x);
    }
    // Trillionths in the last digit that stays. Beyond 128 bits all numbers lie between the multiples -1, 0 and 1.
    let unit =
        u32::try_from(i64::from(Decimal::DIGITS).saturating_sub(digits)).ok().and_then(|n| 10_i128.checked_pow(n));
    let (below, left) = match unit {
        Some(unit) => (x.0.div_euclid(unit), x.0.rem_euclid(unit)),
        None => (if x.0 < 0 { -1 } else { 0 }, x.0),
    };
    if left == 0 {
        return Ok(x);
    }
    let half = match unit {
        Some(unit) => left.cmp(&(unit - left)),
        None if x.0 < 0 => Ordering::Greater,
        None => Ordering::Less,
    };
    let negative = x.0 < 0;
    let above = match mode {
        "half_even" => half.is_gt() || half.is_eq() && below % 2 != 0,
        "half_up" => half.is_gt() || half.is_eq() && !negative,
        "half_down" => half.is_gt() || half.is_eq() && negative,
        "up" => !negative,
        "down" => negative,
        "ceiling" => true,
        "floor" => false,
        other => unreachable!("there is no rounding mode {other}"),
    };
    match (below + i128::from(above), unit) {
        (0, _) => Ok(Decimal::ZERO),
        (multiple, Some(unit)) => multiple.checked_mul(unit).map(Decimal).ok_or(Fault::Overflow),
        (_, None) => Err(Fault::Overflow),
    }
}

fn whole(x: Decimal, mode: &str) -> Result<Value, Fault> {
    rounded(x, 0, mode)?.to_int().map(Value::Int).ok_or(Fault::Overflow)
}

/// A number divided by a positive one, rounded half to even.
pub fn divided(number: i128, by: i128) -> i128 {
    let (below, left) = (number.div_euclid(by), number.rem_euclid(by));
    let above = match left.cmp(&(by - left)) {
        Ordering::Less => false,
        Ordering::Equal => below % 2 != 0,
        Ordering::Greater => true,
    };
    below + i128::from(above)
}
