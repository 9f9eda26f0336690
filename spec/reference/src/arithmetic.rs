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

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_vm::value::Calendar;

    /// Whole numbers as digits, smallest first, worked with as on paper: what the operators are held against.
    mod paper {
        pub type Digits = Vec<u8>;

        pub fn digits(mut value: u128) -> Digits {
            let mut digits = vec![];
            while value > 0 {
                digits.push((value % 10) as u8);
                value /= 10;
            }
            digits
        }

        pub fn times(a: &Digits, b: &Digits) -> Digits {
            let mut cells = vec![0_u32; a.len() + b.len() + 1];
            for (i, x) in a.iter().enumerate() {
                for (j, y) in b.iter().enumerate() {
                    cells[i + j] += u32::from(*x) * u32::from(*y);
                }
            }
            for at in 0..cells.len() - 1 {
                cells[at + 1] += cells[at] / 10;
                cells[at] %= 10;
            }
            trimmed(cells.into_iter().map(|cell| cell as u8).collect())
        }

        /// Quotient and rest, digit by digit.
        pub fn divided(a: &Digits, by: &Digits) -> (Digits, Digits) {
            let (mut quotient, mut rest) = (vec![], Digits::new());
            for digit in a.iter().rev() {
                rest.insert(0, *digit);
                rest = trimmed(rest);
                let mut count = 0;
                while !less(&rest, by) {
                    rest = minus(&rest, by);
                    count += 1;
                }
                quotient.insert(0, count);
            }
            (trimmed(quotient), rest)
        }

        pub fn less(a: &Digits, b: &Digits) -> bool {
            a.len() < b.len() || (a.len() == b.len() && a.iter().rev().lt(b.iter().rev()))
        }

        fn minus(a: &Digits, b: &Digits) -> Digits {
            let (mut result, mut borrowed) = (a.clone(), 0);
            for (at, digit) in result.iter_mut().enumerate() {
                let take = b.get(at).copied().unwrap_or(0) + borrowed;
                borrowed = u8::from(*digit < take);
                *digit = *digit + 10 * borrowed - take;
            }
            trimmed(result)
        }

        pub fn next(a: &Digits) -> Digits {
            let mut result = a.clone();
            for digit in &mut result {
                if *digit < 9 {
                    *digit += 1;
                    return result;
                }
                *digit = 0;
            }
            result.push(1);
            result
        }

        fn trimmed(mut digits: Digits) -> Digits {
            while digits.last() == Some(&0) {
                digits.pop();
            }
            digits
        }

        /// `a / by`, to the nearest whole number, of two equally near the even one.
        pub fn rounded(a: &Digits, by: &Digits) -> Digits {
            let (down, rest) = divided(a, by);
            let twice = times(&rest, &digits(2));
            let even = down.first().is_none_or(|digit| digit % 2 == 0);
            if less(&twice, by) || (twice == *by && even) { down } else { next(&down) }
        }

        pub fn signed(negative: bool, digits: &Digits) -> Option<i128> {
            let mut value = 0_i128;
            for digit in digits.iter().rev() {
                value = value.checked_mul(10)?;
                let digit = i128::from(*digit);
                value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
            }
            Some(value)
        }
    }

    /// Zero, one, the ends, and what lies beside powers of ten and in the middle between them.
    fn lattice() -> Vec<i128> {
        let mut values = vec![0, 1, 2, 3, i128::MAX, i128::MAX - 1, i128::MIN + 1];
        for power in [1, 12, 13, 25, 38] {
            let ten = 10_i128.pow(power);
            values.extend([ten - 1, ten, ten + 1]);
            values.extend((ten / 2).checked_mul(3));
            values.push(ten / 2);
        }
        let negative: Vec<i128> = values.iter().map(|value| -value).collect();
        values.extend(negative);
        values.push(i128::MIN);
        values
    }

    #[test]
    fn products_and_quotients_are_those_on_paper() {
        let one = paper::digits(Decimal::ONE.0.unsigned_abs());
        for a in lattice() {
            for b in lattice() {
                let (x, y) = (paper::digits(a.unsigned_abs()), paper::digits(b.unsigned_abs()));
                let negative = (a < 0) != (b < 0);
                let exact = paper::rounded(&paper::times(&x, &y), &one);
                let wanted = paper::signed(negative, &exact).map(Decimal).ok_or(Fault::Overflow);
                assert_eq!(product(Decimal(a), Decimal(b)), wanted, "{a} * {b}");
                let wanted = match b {
                    0 => Err(Fault::DivisionByZero),
                    _ => {
                        let exact = paper::rounded(&paper::times(&x, &one), &y);
                        paper::signed(negative, &exact).map(Decimal).ok_or(Fault::Overflow)
                    }
                };
                assert_eq!(quotient(Decimal(a), Decimal(b)), wanted, "{a} / {b}");
            }
        }
    }

    /// `left op right`, as written and as said.
    fn check(op: ArithmeticOp, left: Value, right: Value, said: &str) {
        let clock = Clock { now: Instant(0), zone: "UTC", calendar: &Calendar::default() };
        let result = apply(op, left.clone(), right.clone(), &Type::Unknown, &clock);
        assert_eq!(show(&result), said, "{left:?} {op:?} {right:?}");
    }

    fn show(result: &Result<Value, Fault>) -> String {
        match result {
            Ok(Value::Int(value)) => value.to_string(),
            Ok(Value::Decimal(value)) => format!("{value} decimal"),
            Ok(Value::Money(value)) => value.to_string(),
            Ok(Value::Duration(nanos)) => format!("{nanos} ns"),
            Ok(Value::Period(value)) => value.to_string(),
            Ok(Value::Date(value)) => value.to_string(),
            Ok(Value::Instant(value)) => value.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(fault) => fault.code().to_string(),
        }
    }

    fn decimal(text: &str) -> Value {
        Value::Decimal(Decimal::parse(text).unwrap())
    }

    fn money(text: &str, currency: &str) -> Value {
        let currency = Currency::parse(currency).unwrap();
        Value::Money(Money { currency, amount: Decimal::parse(text).unwrap() })
    }

    #[test]
    fn whole_numbers_overflow_and_divide_to_decimals() {
        use ArithmeticOp::*;
        let (max, min) = (Value::Int(i64::MAX), Value::Int(i64::MIN));
        check(Add, max.clone(), Value::Int(1), "E0501");
        check(Add, max.clone(), min.clone(), "-1");
        check(Subtract, min.clone(), Value::Int(1), "E0501");
        check(Multiply, min.clone(), Value::Int(-1), "E0501");
        check(Multiply, Value::Int(3_037_000_499), Value::Int(3_037_000_499), "9223372030926249001");
        check(Multiply, Value::Int(3_037_000_500), Value::Int(3_037_000_500), "E0501");
        check(Divide, Value::Int(7), Value::Int(2), "3.5 decimal");
        check(Divide, Value::Int(2), Value::Int(3), "0.666666666667 decimal");
        check(Divide, Value::Int(1), Value::Int(0), "E0502");
        check(Divide, min.clone(), Value::Int(-1), "9223372036854775808 decimal");
        check(Multiply, max.clone(), decimal("1"), "9223372036854775807 decimal");
        check(Add, Value::Int(1), decimal("0.5"), "1.5 decimal");
        assert_eq!(negate(min), Err(Fault::Overflow));
        assert_eq!(negate(max), Ok(Value::Int(-i64::MAX)));
        assert_eq!(negate(Value::Decimal(Decimal(i128::MIN))), Err(Fault::Overflow));
    }

    #[test]
    fn ties_go_to_the_even_neighbour() {
        use ArithmeticOp::*;
        check(Divide, decimal("0.000000000001"), Value::Int(2), "0 decimal");
        check(Divide, decimal("0.000000000003"), Value::Int(2), "0.000000000002 decimal");
        check(Divide, decimal("-0.000000000003"), Value::Int(2), "-0.000000000002 decimal");
        check(Multiply, decimal("0.000000000003"), decimal("-0.5"), "-0.000000000002 decimal");
        check(Multiply, decimal("0.000000000001"), decimal("0.500000000001"), "0.000000000001 decimal");
    }

    #[test]
    fn money_keeps_its_currency() {
        use ArithmeticOp::*;
        check(Add, money("10", "USD"), money("0.5", "USD"), "USD 10.50");
        check(Add, money("10", "USD"), money("0.5", "EUR"), "E0503");
        check(Subtract, money("10", "USD"), money("0.5", "EUR"), "E0503");
        check(Divide, money("10", "USD"), money("4", "USD"), "2.5 decimal");
        check(Divide, money("10", "USD"), money("4", "EUR"), "E0503");
        check(Divide, money("10", "USD"), money("0", "USD"), "E0502");
        check(Divide, money("10", "USD"), Value::Int(3), "USD 3.333333333333");
        check(Multiply, Value::Int(3), money("10", "USD"), "USD 30");
        assert_eq!(equal(&money("1", "USD"), &money("1", "EUR")).unwrap_err().code(), "E0503");
        assert_eq!(order(&money("1", "USD"), &money("2", "USD")), Ok(Ordering::Less));
        assert_eq!(equal(&Value::Int(1), &decimal("1.0")), Ok(true));
    }

    #[test]
    fn durations_round_to_the_nanosecond() {
        use ArithmeticOp::*;
        check(Multiply, Value::Duration(3), decimal("0.5"), "2 ns");
        check(Divide, Value::Duration(5), Value::Int(2), "2 ns");
        check(Divide, Value::Duration(7), Value::Int(2), "4 ns");
        check(Divide, Value::Duration(7), Value::Int(0), "E0502");
        check(Divide, Value::Duration(3), Value::Duration(2), "1.5 decimal");
        check(Add, Value::Duration(i64::MAX), Value::Duration(1), "E0501");
        check(Multiply, Value::Duration(i64::MAX), Value::Int(2), "E0501");
        check(Add, Value::Instant(Instant(i64::MAX)), Value::Duration(1), "E0510");
        check(Subtract, Value::Instant(Instant(0)), Value::Duration(i64::MIN), "E0510");
        check(Subtract, Value::Instant(Instant(i64::MIN)), Value::Instant(Instant(1)), "E0501");
        let month = Period { months: 1, ..Period::default() };
        check(Multiply, Value::Period(month), Value::Int(i64::MAX), "E0501");
        check(Subtract, Value::Period(month), Value::Period(month), "0 days");
        let day = Value::Date(Date::parse("2026-01-31").unwrap());
        check(Add, day.clone(), Value::Period(month), "2026-02-28");
        check(Add, Value::Period(month), day, "2026-02-28");
    }

    /// The sum of the values, in this order and in the other.
    fn sum(values: &[Value], ty: &Type) -> String {
        let total = |values: &mut dyn Iterator<Item = &Value>| {
            let mut sum = Sum::default();
            for value in values {
                sum.add(value)?;
            }
            sum.total(ty)
        };
        let result = show(&total(&mut values.iter()));
        assert_eq!(show(&total(&mut values.iter().rev())), result);
        result
    }

    #[test]
    fn sums_are_exact_whatever_the_order() {
        let (max, one, back) = (Value::Int(i64::MAX), Value::Int(1), Value::Int(-1));
        assert_eq!(sum(&[max.clone(), one.clone(), back], &Type::Int), i64::MAX.to_string());
        assert_eq!(sum(&[max, one], &Type::Int), "E0501");
        let (max, bit) = (Value::Decimal(Decimal(i128::MAX)), Value::Decimal(Decimal(1)));
        let back = Value::Decimal(Decimal(-1));
        assert_eq!(sum(&[max.clone(), bit.clone(), back], &Type::Decimal), show(&Ok(max.clone())));
        assert_eq!(sum(&[max, bit], &Type::Decimal), "E0501");
        assert_eq!(sum(&[], &Type::Int), "0");
        assert_eq!(sum(&[], &Type::Duration), "0 ns");
        assert_eq!(sum(&[], &Type::Money(Currency::parse("USD"))), "USD 0");
        assert_eq!(sum(&[], &Type::Money(None)), "Missing");
        assert_eq!(sum(&[money("1", "USD"), money("2", "EUR")], &Type::Money(None)), "E0503");
        assert_eq!(sum(&[money("1", "USD"), money("2", "USD")], &Type::Money(None)), "USD 3");
    }

    #[test]
    fn averages_round_once() {
        let average = |values: &[Value]| {
            let mut sum = Sum::default();
            values.iter().try_for_each(|value| sum.add(value)).unwrap();
            sum.average(values.len() as u64).map(|mean| mean.unwrap_or(Value::Missing))
        };
        assert_eq!(average(&[]), Ok(Value::Missing));
        assert_eq!(show(&average(&[Value::Int(1), Value::Int(2)])), "1.5 decimal");
        assert_eq!(show(&average(&[Value::Int(i64::MAX), Value::Int(i64::MAX)])), "9223372036854775807 decimal");
        assert_eq!(show(&average(&[money("1", "USD"), money("1", "USD"), money("0", "USD")])), "USD 0.666666666667");
        assert_eq!(show(&average(&[Value::Duration(1), Value::Duration(2)])), "2 ns");
        assert_eq!(show(&average(&[Value::Duration(2), Value::Duration(3)])), "2 ns");
    }
}
