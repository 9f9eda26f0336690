//! Sums and averages of a suffix: sums of all that came before, so that a suffix is the difference of two of them.
//! `series` keeps one beside its places; what is shown of a sum is made here. Sums are exact in 256 bits: values of
//! 128 bits would have to be added more often than there are nanoseconds in an age of the world before they wrap.

use super::runs::Runs;
use super::series::Place;
use crate::fault::Fault;
use crate::value::{Currency, Decimal, Money, Value};
use ethnum::I256;
use std::cmp::Ordering;
use std::collections::VecDeque;

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Decimal,
    Money,
    Duration,
}

/// The values of a series, as sums.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// For each entry the sum of it and of all before it, those that were dropped included.
    through: VecDeque<I256>,
    /// The sum of all that were dropped.
    dropped: I256,
    kind: Kind,
    /// Which currency from which entry on; of other numbers nothing.
    pub currencies: Runs<Currency>,
}

impl Default for Sums {
    fn default() -> Sums {
        Sums { through: VecDeque::new(), dropped: I256::ZERO, kind: Kind::Int, currencies: Runs::default() }
    }
}

/// True of what can be added up.
pub(super) fn is_number(value: &Value) -> bool {
    parts(value).is_some()
}

fn parts(value: &Value) -> Option<(Kind, i128)> {
    match value {
        Value::Int(value) => Some((Kind::Int, i128::from(*value))),
        Value::Decimal(value) => Some((Kind::Decimal, value.0)),
        Value::Money(value) => Some((Kind::Money, value.amount.0)),
        Value::Duration(value) => Some((Kind::Duration, i128::from(*value))),
        _ => None,
    }
}

impl Sums {
    /// An entry at that index; `next` is the place of the one behind it. Without a value it adds nothing.
    pub fn insert(&mut self, at: usize, place: Place, next: Option<Place>, value: Option<&Value>) {
        let before = self.before(at);
        let Some((kind, number)) = value.and_then(parts) else { return self.through.insert(at, before) };
        self.kind = kind;
        let number = I256::from(number);
        self.through.insert(at, before.wrapping_add(number));
        for sum in self.through.range_mut(at + 1..) {
            *sum = sum.wrapping_add(number);
        }
        if let Some(Value::Money(money)) = value {
            self.currencies.insert(place, next, money.currency);
        }
    }

    /// Takes the entry at that index out, and says what it was.
    pub fn remove(&mut self, at: usize, place: Place, next: Option<Place>) -> Value {
        let number = self.number(at);
        let value = self.shown(number, self.currencies.at(place).copied()).unwrap_or(Value::Missing);
        self.through.remove(at);
        for sum in self.through.range_mut(at..) {
            *sum = sum.wrapping_sub(number);
        }
        self.currencies.remove(place, next);
        value
    }

    /// Drops the oldest entry.
    pub fn drop_first(&mut self, place: Place, next: Option<Place>) {
        if let Some(sum) = self.through.pop_front() {
            self.dropped = sum;
        }
        self.currencies.remove(place, next);
    }

    /// The sum from that index on, without the entry at `own`.
    fn total(&self, from: usize, own: Option<usize>) -> I256 {
        let total = self.before(self.through.len()).wrapping_sub(self.before(from));
        match own {
            Some(own) => total.wrapping_sub(self.number(own)),
            None => total,
        }
    }

    /// What that is as a value; `like` is the currency of money.
    pub fn sum(&self, from: usize, own: Option<usize>, like: Option<Currency>) -> Result<Value, Fault> {
        self.shown(self.total(from, own), like)
    }

    /// The same divided by `count`, which is not zero, and rounded once.
    pub fn average(&self, from: usize, own: Option<usize>, like: Option<Currency>, count: u64) -> Result<Value, Fault> {
        let (total, by) = (self.total(from, own), I256::from(count));
        match self.kind {
            // Of whole numbers the average is a decimal.
            Kind::Int => decimal(rounded(total * I256::from(Decimal::ONE.0), by)).map(Value::Decimal),
            Kind::Decimal | Kind::Money | Kind::Duration => self.shown(rounded(total, by), like),
        }
    }

    fn shown(&self, exact: I256, like: Option<Currency>) -> Result<Value, Fault> {
        let int = || i64::try_from(exact).map_err(|_| Fault::Overflow);
        match (self.kind, like) {
            (Kind::Int, _) => int().map(Value::Int),
            (Kind::Duration, _) => int().map(Value::Duration),
            (Kind::Money, Some(currency)) => Ok(Value::Money(Money { currency, amount: decimal(exact)? })),
            (Kind::Money, None) => Ok(Value::Missing),
            (Kind::Decimal, _) => decimal(exact).map(Value::Decimal),
        }
    }

    /// The sum of what is before that index.
    fn before(&self, at: usize) -> I256 {
        match at.checked_sub(1) {
            Some(last) => self.through.get(last).copied().unwrap_or(self.dropped),
            None => self.dropped,
        }
    }

    fn number(&self, at: usize) -> I256 {
        self.before(at + 1).wrapping_sub(self.before(at))
    }
}

fn decimal(exact: I256) -> Result<Decimal, Fault> {
    i128::try_from(exact).map(Decimal).map_err(|_| Fault::Overflow)
}

/// The whole number next to `dividend / divisor`; of two equally near the even one. `divisor` is above zero.
fn rounded(dividend: I256, divisor: I256) -> I256 {
    let (down, rest) = (dividend / divisor, dividend % divisor);
    let away = if dividend < 0 { -I256::ONE } else { I256::ONE };
    match (rest.abs() * 2).cmp(&divisor) {
        Ordering::Less => down,
        Ordering::Greater => down + away,
        Ordering::Equal if down % 2 == 0 => down,
        Ordering::Equal => down + away,
    }
}
