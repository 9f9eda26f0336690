//! What the operators do to values: `+ - * /`, comparisons, sums and averages.
//! `eval` calls it with operands whose types the checker has found to fit; what needs a zone or a calendar is `time`'s.
//! Every product and quotient is exact in 256 bits and rounded once, half to even, to the twelfth digit.

use crate::time::Clock;
use ethnum::I256;
use ordain_compiler::hir::{ArithmeticOp, CompareOp};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Currency, Date, Decimal, Instant, Money, Period, Type, Value};
use std::cmp::Ordering;

const DAY: i64 = 86_400_000_000_000;

/// `left op right`; `result` is the type that the checker gave the whole.
pub fn apply(op: ArithmeticOp, left: Value, right: Value, result: &Type, clock: &Clock<'_>) -> Result<Value, Fault> {
    let (left, right) = alike(left, right);
    match op {
        ArithmeticOp::Add => add(left, right, clock),
        ArithmeticOp::Subtract => subtract(left, right, result, clock),
        ArithmeticOp::Multiply => multiply(left, right),
        ArithmeticOp::Divide => divide(left, right),
    }
}

/// An `int` beside a decimal is one.
fn alike(left: Value, right: Value) -> (Value, Value) {
    match (left, right) {
        (Value::Int(a), Value::Decimal(b)) => (Value::Decimal(Decimal::from_int(a)), Value::Decimal(b)),
        (Value::Decimal(a), Value::Int(b)) => (Value::Decimal(a), Value::Decimal(Decimal::from_int(b))),
        same => same,
    }
}

fn add(left: Value, right: Value, clock: &Clock<'_>) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(b).map(Value::Int).ok_or(Fault::Overflow),
        (Value::Decimal(a), Value::Decimal(b)) => a.checked_add(b).map(Value::Decimal).ok_or(Fault::Overflow),
        (Value::Money(a), Value::Money(b)) => {
            let currency = one_currency(a, b)?;
            let amount = a.amount.checked_add(b.amount).ok_or(Fault::Overflow)?;
            Ok(Value::Money(Money { currency, amount }))
        }
        (Value::Duration(a), Value::Duration(b)) => a.checked_add(b).map(Value::Duration).ok_or(Fault::Overflow),
        (Value::Period(a), Value::Period(b)) => periods(a, b, i32::checked_add).map(Value::Period),
        (span @ (Value::Duration(_) | Value::Period(_)), moment) => clock.plus(moment, &span),
        (moment, span) => clock.plus(moment, &span),
    }
}

fn subtract(left: Value, right: Value, result: &Type, clock: &Clock<'_>) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(b).map(Value::Int).ok_or(Fault::Overflow),
        (Value::Decimal(a), Value::Decimal(b)) => a.checked_sub(b).map(Value::Decimal).ok_or(Fault::Overflow),
        (Value::Money(a), Value::Money(b)) => {
            let currency = one_currency(a, b)?;
            let amount = a.amount.checked_sub(b.amount).ok_or(Fault::Overflow)?;
            Ok(Value::Money(Money { currency, amount }))
        }
        (Value::Duration(a), Value::Duration(b)) => a.checked_sub(b).map(Value::Duration).ok_or(Fault::Overflow),
        (Value::Period(a), Value::Period(b)) => periods(a, b, i32::checked_sub).map(Value::Period),
        (Value::Instant(Instant(a)), Value::Instant(Instant(b))) => {
            a.checked_sub(b).map(Value::Duration).ok_or(Fault::Overflow)
        }
        (Value::Date(Date(a)), Value::Date(Date(b))) => match result.present() {
            Type::Period => Ok(Value::Period(Period { days: a - b, ..Period::default() })),
            _ => (i64::from(a) - i64::from(b)).checked_mul(DAY).map(Value::Duration).ok_or(Fault::Overflow),
        },
        (moment, span) => clock.minus(moment, &span),
    }
}

pub fn multiply(left: Value, right: Value) -> Result<Value, Fault> {
    match alike(left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_mul(b).map(Value::Int).ok_or(Fault::Overflow),
        (Value::Decimal(a), Value::Decimal(b)) => product(a, b).map(Value::Decimal),
        (Value::Money(a), factor) | (factor, Value::Money(a)) => {
            Ok(Value::Money(Money { currency: a.currency, amount: product(a.amount, number(&factor)?)? }))
        }
        (Value::Duration(a), factor) | (factor, Value::Duration(a)) => {
            let exact = I256::from(a) * I256::from(number(&factor)?.0);
            narrow_int(rounded(exact, I256::from(Decimal::ONE.0))).map(Value::Duration)
        }
        (Value::Period(a), Value::Int(b)) | (Value::Int(b), Value::Period(a)) => {
            let times = |part: i32| i64::from(part).checked_mul(b).and_then(|part| i32::try_from(part).ok());
            let part = |part: i32| times(part).ok_or(Fault::Overflow);
            let (months, days, business_days) = (part(a.months)?, part(a.days)?, part(a.business_days)?);
            Ok(Value::Period(Period { months, days, business_days }))
        }
        _ => Err(Fault::Form("a number")),
    }
}

fn divide(left: Value, right: Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Money(a), Value::Money(b)) => {
            one_currency(a, b)?;
            quotient(a.amount, b.amount).map(Value::Decimal)
        }
        (Value::Money(a), by) => {
            Ok(Value::Money(Money { currency: a.currency, amount: quotient(a.amount, number(&by)?)? }))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            quotient(Decimal(i128::from(a)), Decimal(i128::from(b))).map(Value::Decimal)
        }
        (Value::Duration(a), by) => {
            let by = number(&by)?;
            if by.0 == 0 {
                return Err(Fault::DivisionByZero);
            }
            narrow_int(rounded(I256::from(a) * I256::from(Decimal::ONE.0), I256::from(by.0))).map(Value::Duration)
        }
        (a, b) => quotient(number(&a)?, number(&b)?).map(Value::Decimal),
    }
}

pub fn negate(value: Value) -> Result<Value, Fault> {
    match value {
        Value::Int(a) => a.checked_neg().map(Value::Int).ok_or(Fault::Overflow),
        Value::Decimal(a) => a.checked_neg().map(Value::Decimal).ok_or(Fault::Overflow),
        Value::Money(a) => {
            let amount = a.amount.checked_neg().ok_or(Fault::Overflow)?;
            Ok(Value::Money(Money { amount, ..a }))
        }
        Value::Duration(a) => a.checked_neg().map(Value::Duration).ok_or(Fault::Overflow),
        Value::Period(a) => periods(Period::default(), a, i32::checked_sub).map(Value::Period),
        _ => Err(Fault::Form("a number")),
    }
}

/// Exact, then rounded once.
pub fn product(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    narrow(rounded(I256::from(a.0) * I256::from(b.0), I256::from(Decimal::ONE.0)))
}

pub fn quotient(a: Decimal, b: Decimal) -> Result<Decimal, Fault> {
    if b.0 == 0 {
        return Err(Fault::DivisionByZero);
    }
    narrow(rounded(I256::from(a.0) * I256::from(Decimal::ONE.0), I256::from(b.0)))
}

/// The whole number next to `dividend / divisor`; of two equally near the even one. `divisor` is not zero.
fn rounded(dividend: I256, divisor: I256) -> I256 {
    let (down, rest) = (dividend / divisor, dividend % divisor);
    let away = if (dividend < 0) == (divisor < 0) { I256::ONE } else { -I256::ONE };
    // The rest is smaller than a divisor of at most 128 bits, so it can be doubled.
    match (rest.abs() * 2).cmp(&divisor.abs()) {
        Ordering::Less => down,
        Ordering::Greater => down + away,
        Ordering::Equal if down % 2 == 0 => down,
        Ordering::Equal => down + away,
    }
}

fn narrow(exact: I256) -> Result<Decimal, Fault> {
    i128::try_from(exact).map(Decimal).map_err(|_| Fault::Overflow)
}

fn narrow_int(exact: I256) -> Result<i64, Fault> {
    i64::try_from(exact).map_err(|_| Fault::Overflow)
}

/// An `int` or a decimal, as a decimal.
pub fn number(value: &Value) -> Result<Decimal, Fault> {
    match value {
        Value::Int(a) => Ok(Decimal::from_int(*a)),
        Value::Decimal(a) => Ok(*a),
        _ => Err(Fault::Form("a number")),
    }
}

fn one_currency(a: Money, b: Money) -> Result<Currency, Fault> {
    if a.currency == b.currency { Ok(a.currency) } else { Err(Fault::CurrenciesDiffer(a.currency, b.currency)) }
}

fn periods(a: Period, b: Period, op: fn(i32, i32) -> Option<i32>) -> Result<Period, Fault> {
    let part = |a, b| op(a, b).ok_or(Fault::Overflow);
    Ok(Period {
        months: part(a.months, b.months)?,
        days: part(a.days, b.days)?,
        business_days: part(a.business_days, b.business_days)?,
    })
}

/// `left op right`
pub fn compare(op: CompareOp, left: &Value, right: &Value) -> Result<bool, Fault> {
    Ok(match op {
        CompareOp::Equal => equal(left, right)?,
        CompareOp::NotEqual => !equal(left, right)?,
        CompareOp::Less => order(left, right)?.is_lt(),
        CompareOp::LessOrEqual => order(left, right)?.is_le(),
        CompareOp::Greater => order(left, right)?.is_gt(),
        CompareOp::GreaterOrEqual => order(left, right)?.is_ge(),
    })
}

/// Entities are equal by kind and id; amounts of two currencies are neither equal nor unequal.
pub fn equal(left: &Value, right: &Value) -> Result<bool, Fault> {
    match (left, right) {
        (Value::Money(a), Value::Money(b)) => one_currency(*a, *b).map(|_| a.amount == b.amount),
        (Value::Int(_), Value::Decimal(_)) | (Value::Decimal(_), Value::Int(_)) => Ok(number(left)? == number(right)?),
        _ => Ok(left == right),
    }
}

/// Which is the smaller, of two values of one ordered type.
pub fn order(left: &Value, right: &Value) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Money(a), Value::Money(b)) => one_currency(*a, *b).map(|_| a.amount.cmp(&b.amount)),
        (Value::Int(_), Value::Decimal(_)) | (Value::Decimal(_), Value::Int(_)) => {
            Ok(number(left)?.cmp(&number(right)?))
        }
        // Texts compare by code point, which is the order of their bytes in UTF-8.
        _ => Ok(left.cmp(right)),
    }
}

/// A sum that stays exact until it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    total: I256,
    /// The last value added, which says of what kind and currency the sum is.
    like: Option<Value>,
}

impl Sum {
    pub fn add(&mut self, value: &Value) -> Result<(), Fault> {
        let raw = match value {
            Value::Int(a) => I256::from(*a),
            Value::Decimal(a) => I256::from(a.0),
            Value::Money(a) => {
                if let Some(Value::Money(before)) = self.like {
                    one_currency(before, *a)?;
                }
                I256::from(a.amount.0)
            }
            Value::Duration(a) => I256::from(*a),
            _ => return Err(Fault::Form("a number")),
        };
        self.total = self.total.checked_add(raw).ok_or(Fault::Overflow)?;
        self.like = Some(value.clone());
        Ok(())
    }

    /// The sum; of nothing, the zero of its type.
    pub fn total(&self, ty: &Type) -> Result<Value, Fault> {
        match &self.like {
            Some(Value::Int(_)) => narrow_int(self.total).map(Value::Int),
            Some(Value::Duration(_)) => narrow_int(self.total).map(Value::Duration),
            Some(Value::Money(like)) => {
                Ok(Value::Money(Money { currency: like.currency, amount: narrow(self.total)? }))
            }
            Some(_) => narrow(self.total).map(Value::Decimal),
            None => Ok(zero(ty)),
        }
    }

    /// The sum divided by how many were added, rounded once; `None` of nothing.
    pub fn average(&self, count: u64) -> Result<Option<Value>, Fault> {
        let by = I256::from(count);
        let Some(like) = &self.like else { return Ok(None) };
        let mean = match like {
            Value::Int(_) => Value::Decimal(narrow(rounded(self.total * I256::from(Decimal::ONE.0), by))?),
            Value::Duration(_) => Value::Duration(narrow_int(rounded(self.total, by))?),
            Value::Money(like) => {
                Value::Money(Money { currency: like.currency, amount: narrow(rounded(self.total, by))? })
            }
            _ => Value::Decimal(narrow(rounded(self.total, by))?),
        };
        Ok(Some(mean))
    }
}

fn zero(ty: &Type) -> Value {
    match ty.present() {
        Type::Int => Value::Int(0),
        Type::Duration => Value::Duration(0),
        // Without a currency there is no zero.
        Type::Money(None) => Value::Missing,
        Type::Money(Some(currency)) => Value::Money(Money { currency: *currency, amount: Decimal::ZERO }),
        _ => Value::Decimal(Decimal::ZERO),
    }
}

/// The value as the wider type that its place wants.
pub fn widen(value: Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Missing, _) => Value::Missing,
        (value, Type::Optional(inner)) => widen(value, inner),
        (Value::Int(a), Type::Decimal) => Value::Decimal(Decimal::from_int(a)),
        (Value::List(items), Type::List(of, _)) => {
            Value::List(items.iter().map(|item| widen(item.clone(), of)).collect())
        }
        (Value::Set(items), Type::Set(of)) => {
            Value::Set(std::sync::Arc::new(items.iter().map(|item| widen(item.clone(), of)).collect()))
        }
        (Value::Map(items), Type::Map(key, of)) => {
            let widened = items.iter().map(|(k, v)| (widen(k.clone(), key), widen(v.clone(), of)));
            Value::Map(std::sync::Arc::new(widened.collect()))
        }
        (value, _) => value,
    }
}
