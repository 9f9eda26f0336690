//! What each operation means on values. Interpreter and JIT both call it; there is no other place.
//! Products and quotients are exact in 256 bits and rounded once, half to even, to the twelfth digit.

use crate::fault::Fault;
use crate::op::{Arith, Cmp, Gather};
use crate::value::{Currency, Date, Decimal, Instant, Money, Period, Time, Type, Value};
use ethnum::I256;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

const ONE: i128 = Decimal::ONE.0;
/// Nanoseconds.
const DAY: i64 = 86_400_000_000_000;

// Words and wides

/// `left how right`, of anything that has an order.
pub fn compare<T: Ord + ?Sized>(how: Cmp, left: &T, right: &T) -> bool {
    holds(how, left.cmp(right))
}

fn holds(how: Cmp, order: Ordering) -> bool {
    match how {
        Cmp::Equal => order.is_eq(),
        Cmp::NotEqual => order.is_ne(),
        Cmp::Less => order.is_lt(),
        Cmp::LessOrEqual => order.is_le(),
        Cmp::Greater => order.is_gt(),
        Cmp::GreaterOrEqual => order.is_ge(),
    }
}

/// Of ints and durations. There is no division of words: a quotient is a decimal.
pub fn words(how: Arith, left: i64, right: i64) -> Result<i64, Fault> {
    let result = match how {
        Arith::Add => left.checked_add(right),
        Arith::Subtract => left.checked_sub(right),
        Arith::Multiply => left.checked_mul(right),
        Arith::Divide => None,
    };
    result.ok_or(Fault::Overflow)
}

pub fn negate_word(of: i64) -> Result<i64, Fault> {
    of.checked_neg().ok_or(Fault::Overflow)
}

/// Of trillionths.
pub fn wides(how: Arith, left: i128, right: i128) -> Result<i128, Fault> {
    match how {
        Arith::Add => left.checked_add(right).ok_or(Fault::Overflow),
        Arith::Subtract => left.checked_sub(right).ok_or(Fault::Overflow),
        Arith::Multiply => product(left, right),
        Arith::Divide => quotient(left, right),
    }
}

pub fn negate_wide(of: i128) -> Result<i128, Fault> {
    of.checked_neg().ok_or(Fault::Overflow)
}

/// An int as a decimal. Always in range.
pub fn widen(of: i64) -> i128 {
    i128::from(of) * ONE
}

fn product(left: i128, right: i128) -> Result<i128, Fault> {
    match left.checked_mul(right) {
        Some(exact) => Ok(nearest(exact, ONE)),
        None => narrow(nearest_wide(I256::from(left) * I256::from(right), I256::from(ONE))),
    }
}

fn quotient(left: i128, right: i128) -> Result<i128, Fault> {
    if right == 0 {
        return Err(Fault::DivisionByZero);
    }
    match left.checked_mul(ONE) {
        // The one quotient that does not fit: the least number by -1.
        Some(exact) if exact != i128::MIN && right != i128::MIN => Ok(nearest(exact, right)),
        Some(_) | None => narrow(nearest_wide(I256::from(left) * I256::from(ONE), I256::from(right))),
    }
}

/// The whole number next to `dividend / divisor`; of two equally near the even one. `divisor` is neither 0 nor the least
/// number.
fn nearest(dividend: i128, divisor: i128) -> i128 {
    let (down, rest) = (dividend / divisor, dividend % divisor);
    let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    match rest.unsigned_abs().saturating_mul(2).cmp(&divisor.unsigned_abs()) {
        Ordering::Less => down,
        Ordering::Greater => down + away,
        Ordering::Equal if down % 2 == 0 => down,
        Ordering::Equal => down + away,
    }
}

fn nearest_wide(dividend: I256, divisor: I256) -> I256 {
    let (down, rest) = (dividend / divisor, dividend % divisor);
    let away = if (dividend < 0) == (divisor < 0) { I256::ONE } else { -I256::ONE };
    match (rest.abs() * 2).cmp(&divisor.abs()) {
        Ordering::Less => down,
        Ordering::Greater => down + away,
        Ordering::Equal if down % 2 == 0 => down,
        Ordering::Equal => down + away,
    }
}

fn narrow(exact: I256) -> Result<i128, Fault> {
    i128::try_from(exact).map_err(|_| Fault::Overflow)
}

fn narrow_word(exact: I256) -> Result<i64, Fault> {
    i64::try_from(exact).map_err(|_| Fault::Overflow)
}

/// Where a walk goes on. It begins at the first entry wherever below it is said to stand, so that it never takes longer
/// than its list.
pub fn next_place(at: i64) -> i64 {
    at.saturating_add(1).max(0)
}

// Between banks and values

/// The value of a word of the type. `None`: no value of the type has that word.
pub fn word_value(word: i64, ty: &Type) -> Option<Value> {
    let place = || u16::try_from(word).ok();
    Some(match ty {
        Type::Optional(inner) => return word_value(word, inner),
        Type::Bool => Value::Bool(word != 0),
        Type::Int => Value::Int(word),
        Type::Date => Value::Date(Date(i32::try_from(word).ok()?)),
        Type::Time => Value::Time(Time(word)),
        Type::Instant => Value::Instant(Instant(word)),
        Type::Duration => Value::Duration(word),
        Type::Country => Value::Country(crate::value::Country::from_word(word)?),
        Type::Currency => Value::Currency(Currency::from_word(word)?),
        Type::Role => Value::Role(crate::value::RoleId(u32::try_from(word).ok()?)),
        Type::Enum(id) => Value::Enum(*id, place()?),
        Type::Choice(choice) => Value::Choice(*choice, place()?),
        _ => return None,
    })
}

/// A decimal, or an amount of the currency.
pub fn wide_value(wide: i128, ty: &Type) -> Option<Value> {
    match ty {
        Type::Optional(inner) => wide_value(wide, inner),
        Type::Decimal => Some(Value::Decimal(Decimal(wide))),
        Type::Money(Some(currency)) => Some(Value::Money(Money { currency: *currency, amount: Decimal(wide) })),
        _ => None,
    }
}

/// As the type wants it: an int as a decimal, inside lists, sets and maps, too.
pub fn widen_value(value: Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Missing, _) => Value::Missing,
        (value, Type::Optional(inner)) => widen_value(value, inner),
        (Value::Int(int), Type::Decimal) => Value::Decimal(Decimal(widen(int))),
        (Value::List(items), Type::List(of, _)) => {
            Value::List(items.iter().map(|item| widen_value(item.clone(), of)).collect())
        }
        (Value::Set(items), Type::Set(of)) => {
            Value::Set(Arc::new(items.iter().map(|item| widen_value(item.clone(), of)).collect()))
        }
        (Value::Map(items), Type::Map(key, of)) => {
            let widened = items.iter().map(|(k, v)| (widen_value(k.clone(), key), widen_value(v.clone(), of)));
            Value::Map(Arc::new(widened.collect()))
        }
        (value, _) => value,
    }
}

/// Texts and lists are no longer than the type allows.
pub fn fits(value: &Value, ty: &Type) -> Result<(), Fault> {
    match (value, ty) {
        (value, Type::Optional(inner)) => fits(value, inner),
        (Value::Text(text), Type::Text(Some(most))) => fits_text(text, *most),
        (Value::List(items), Type::List(of, most)) => match most {
            Some(most) if items.len() > *most as usize => Err(Fault::TooLong(u64::from(*most))),
            Some(_) | None => items.iter().try_for_each(|item| fits(item, of)),
        },
        _ => Ok(()),
    }
}

pub fn fits_text(text: &str, most: u32) -> Result<(), Fault> {
    // No text has more characters than bytes.
    let longer = text.len() > most as usize && text.chars().count() > most as usize;
    if longer { Err(Fault::TooLong(u64::from(most))) } else { Ok(()) }
}

// Values

/// Amounts of two currencies are neither equal nor unequal; entities are equal by kind and id.
pub fn compare_values(how: Cmp, left: &Value, right: &Value) -> Result<bool, Fault> {
    let order = match (left, right) {
        (Value::Money(a), Value::Money(b)) => {
            one_currency(*a, *b)?;
            a.amount.cmp(&b.amount)
        }
        (Value::Int(_), Value::Decimal(_)) | (Value::Decimal(_), Value::Int(_)) => number(left)?.cmp(&number(right)?),
        (left, right) => left.cmp(right),
    };
    Ok(holds(how, order))
}

pub fn values(how: Arith, left: &Value, right: &Value) -> Result<Value, Fault> {
    match how {
        Arith::Add | Arith::Subtract => sum(how, left, right),
        Arith::Multiply => times(left, right),
        Arith::Divide => divide(left, right),
    }
}

fn sum(how: Arith, left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => words(how, *a, *b).map(Value::Int),
        (Value::Duration(a), Value::Duration(b)) => words(how, *a, *b).map(Value::Duration),
        (Value::Instant(a), Value::Instant(b)) => words(how, a.0, b.0).map(Value::Duration),
        (Value::Date(a), Value::Date(b)) => words(how, i64::from(a.0), i64::from(b.0))
            .and_then(|days| words(Arith::Multiply, days, DAY))
            .map(Value::Duration),
        (Value::Money(a), Value::Money(b)) => {
            let currency = one_currency(*a, *b)?;
            let amount = Decimal(wides(how, a.amount.0, b.amount.0)?);
            Ok(Value::Money(Money { currency, amount }))
        }
        (Value::Period(a), Value::Period(b)) => {
            let part = |a: i32, b: i32| match how {
                Arith::Add => a.checked_add(b).ok_or(Fault::Overflow),
                _ => a.checked_sub(b).ok_or(Fault::Overflow),
            };
            let (months, days) = (part(a.months, b.months)?, part(a.days, b.days)?);
            Ok(Value::Period(Period { months, days, business_days: part(a.business_days, b.business_days)? }))
        }
        (a, b) => wides(how, number(a)?, number(b)?).map(|wide| Value::Decimal(Decimal(wide))),
    }
}

fn times(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => words(Arith::Multiply, *a, *b).map(Value::Int),
        (Value::Money(a), factor) | (factor, Value::Money(a)) => {
            let amount = Decimal(product(a.amount.0, number(factor)?)?);
            Ok(Value::Money(Money { currency: a.currency, amount }))
        }
        (Value::Duration(a), factor) | (factor, Value::Duration(a)) => {
            let exact = I256::from(*a) * I256::from(number(factor)?);
            narrow_word(nearest_wide(exact, I256::from(ONE))).map(Value::Duration)
        }
        (Value::Period(a), Value::Int(b)) | (Value::Int(b), Value::Period(a)) => {
            let part = |part: i32| {
                let exact = i64::from(part).checked_mul(*b).and_then(|part| i32::try_from(part).ok());
                exact.ok_or(Fault::Overflow)
            };
            let (months, days) = (part(a.months)?, part(a.days)?);
            Ok(Value::Period(Period { months, days, business_days: part(a.business_days)? }))
        }
        (a, b) => product(number(a)?, number(b)?).map(|wide| Value::Decimal(Decimal(wide))),
    }
}

fn divide(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Money(a), Value::Money(b)) => {
            one_currency(*a, *b)?;
            quotient(a.amount.0, b.amount.0).map(|wide| Value::Decimal(Decimal(wide)))
        }
        (Value::Money(a), by) => {
            let amount = Decimal(quotient(a.amount.0, number(by)?)?);
            Ok(Value::Money(Money { currency: a.currency, amount }))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            quotient(i128::from(*a), i128::from(*b)).map(|wide| Value::Decimal(Decimal(wide)))
        }
        (Value::Duration(a), by) => {
            let by = number(by)?;
            if by == 0 {
                return Err(Fault::DivisionByZero);
            }
            narrow_word(nearest_wide(I256::from(*a) * I256::from(ONE), I256::from(by))).map(Value::Duration)
        }
        (a, b) => quotient(number(a)?, number(b)?).map(|wide| Value::Decimal(Decimal(wide))),
    }
}

pub fn negate_value(of: &Value) -> Result<Value, Fault> {
    match of {
        Value::Int(int) => negate_word(*int).map(Value::Int),
        Value::Duration(nanos) => negate_word(*nanos).map(Value::Duration),
        Value::Decimal(Decimal(wide)) => negate_wide(*wide).map(|wide| Value::Decimal(Decimal(wide))),
        Value::Money(money) => {
            let amount = Decimal(negate_wide(money.amount.0)?);
            Ok(Value::Money(Money { amount, ..*money }))
        }
        Value::Period(period) => sum(Arith::Subtract, &Value::Period(Period::default()), &Value::Period(*period)),
        _ => Err(Fault::Form("a number")),
    }
}

/// Trillionths of an int or a decimal.
fn number(value: &Value) -> Result<i128, Fault> {
    match value {
        Value::Int(int) => Ok(widen(*int)),
        Value::Decimal(Decimal(wide)) => Ok(*wide),
        _ => Err(Fault::Form("a number")),
    }
}

fn one_currency(a: Money, b: Money) -> Result<Currency, Fault> {
    if a.currency == b.currency { Ok(a.currency) } else { Err(Fault::CurrenciesDiffer(a.currency, b.currency)) }
}

/// An entry of a list (a fault where there is none) or what a map has under a key (or `Missing`).
pub fn index(of: &Value, key: &Value) -> Result<Value, Fault> {
    match (of, key) {
        (Value::List(items), Value::Int(at)) => {
            usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned().ok_or(Fault::Outside)
        }
        (Value::Map(items), key) => Ok(items.get(key).cloned().unwrap_or(Value::Missing)),
        _ => Err(Fault::Outside),
    }
}

/// An entry of a list or set, a key of a map.
pub fn holds_element(of: &Value, element: &Value) -> bool {
    match of {
        Value::List(items) => items.contains(element),
        Value::Set(items) => items.contains(element),
        Value::Map(items) => items.contains_key(element),
        _ => false,
    }
}

/// What the table of rates makes of an amount.
pub fn convert(of: &Value, currency: Currency, rates: &Value) -> Result<Value, Fault> {
    let Value::Money(money) = of else { return Err(Fault::Form("an amount")) };
    if money.currency == currency {
        return Ok(of.clone());
    }
    let rate = match rates {
        Value::Map(rates) => rates.get(&Value::Currency(money.currency)),
        _ => None,
    };
    let rate = number(rate.ok_or(Fault::NoRate(money.currency))?)?;
    Ok(Value::Money(Money { currency, amount: Decimal(product(money.amount.0, rate)?) }))
}

// Walks

/// What a walk has gathered so far. A sum stays exact until it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    count: u64,
    total: I256,
    /// The last value, which says of what kind and currency a sum is; of `min` and `max` the best.
    like: Option<Value>,
    different: BTreeSet<Value>,
}

impl Gathered {
    pub fn add(&mut self, how: Gather, value: &Value) -> Result<(), Fault> {
        self.count += 1;
        match how {
            Gather::Count => {}
            Gather::Sum | Gather::Average => {
                let raw = match (value, &self.like) {
                    (Value::Int(raw) | Value::Duration(raw), _) => I256::from(*raw),
                    (Value::Decimal(raw), _) => I256::from(raw.0),
                    (Value::Money(money), before) => {
                        if let Some(Value::Money(before)) = before {
                            one_currency(*before, *money)?;
                        }
                        I256::from(money.amount.0)
                    }
                    _ => return Err(Fault::Form("a number")),
                };
                self.total = self.total.checked_add(raw).ok_or(Fault::Overflow)?;
                self.like = Some(value.clone());
            }
            Gather::Min | Gather::Max => {
                let better = if how == Gather::Min { Cmp::Less } else { Cmp::Greater };
                let take = match &self.like {
                    None => true,
                    Some(best) => compare_values(better, value, best)?,
                };
                if take {
                    self.like = Some(value.clone());
                }
            }
            Gather::Distinct => {
                self.different.insert(value.clone());
            }
        }
        Ok(())
    }

    /// `ty` says what a sum of nothing is.
    pub fn total(&self, how: Gather, ty: &Type) -> Result<Value, Fault> {
        let whole = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        match how {
            Gather::Count => Ok(whole(self.count)),
            Gather::Distinct => Ok(whole(self.different.len() as u64)),
            Gather::Min | Gather::Max => Ok(self.like.clone().unwrap_or(Value::Missing)),
            Gather::Sum => match &self.like {
                Some(like) => like_of(like, self.total),
                None => Ok(zero(ty)),
            },
            Gather::Average => match &self.like {
                None => Ok(Value::Missing),
                Some(like) => mean(like, self.total, self.count),
            },
        }
    }
}

/// A sum of so many numbers like that, which are not none, divided by their number. Of ints it is a decimal.
pub(crate) fn mean(like: &Value, total: I256, count: u64) -> Result<Value, Fault> {
    let by = I256::from(count);
    match like {
        Value::Int(_) => narrow(nearest_wide(total * I256::from(ONE), by)).map(|mean| Value::Decimal(Decimal(mean))),
        like => like_of(like, nearest_wide(total, by)),
    }
}

/// A number of the same kind.
pub(crate) fn like_of(like: &Value, exact: I256) -> Result<Value, Fault> {
    Ok(match like {
        Value::Int(_) => Value::Int(narrow_word(exact)?),
        Value::Duration(_) => Value::Duration(narrow_word(exact)?),
        Value::Money(like) => Value::Money(Money { currency: like.currency, amount: Decimal(narrow(exact)?) }),
        _ => Value::Decimal(Decimal(narrow(exact)?)),
    })
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
