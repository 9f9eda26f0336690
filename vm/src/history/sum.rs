//! Sums and averages of a suffix: sums of all that came before, so that a suffix is the difference of two of them.
//! `series` keeps one beside its places. Sums are exact in 256 bits; where all that ever was added wraps, the difference of
//! two does not.

use super::runs::Runs;
use super::series::{Place, put};
use crate::fault::Fault;
use crate::semantics;
use crate::value::{Currency, Money, Value};
use ethnum::I256;
use std::collections::VecDeque;

/// The values of a series, as sums.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// For each entry the sum of it and of all before it, those that were dropped included.
    through: VecDeque<I256>,
    /// The sum of all that were dropped.
    dropped: I256,
    /// One of the values, which says of what kind the sum is.
    like: Value,
    /// Which currency from which entry on; of other numbers nothing.
    pub currencies: Runs<Currency>,
}

impl Default for Sums {
    fn default() -> Sums {
        Sums { through: VecDeque::new(), dropped: I256::ZERO, like: Value::Int(0), currencies: Runs::default() }
    }
}

/// What can be added up, as it is added.
pub(super) fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value) | Value::Duration(value) => Some(i128::from(*value)),
        Value::Decimal(value) => Some(value.0),
        Value::Money(value) => Some(value.amount.0),
        _ => None,
    }
}

impl Sums {
    /// An entry at that index; `next` is the place of the one behind it. Without a value it adds nothing.
    pub fn insert(&mut self, at: usize, place: Place, next: Option<Place>, value: Option<&Value>) {
        let before = self.before(at);
        let Some((value, number)) = value.and_then(|value| Some((value, number(value)?))) else {
            return put(&mut self.through, at, before);
        };
        let number = I256::from(number);
        put(&mut self.through, at, before.wrapping_add(number));
        for sum in self.through.range_mut(at + 1..) {
            *sum = sum.wrapping_add(number);
        }
        if let Value::Money(money) = value {
            self.currencies.insert(place, next, money.currency);
        }
        self.like = value.clone();
    }

    /// Takes the entry at that index out, and says what it was.
    pub fn remove(&mut self, at: usize, place: Place, next: Option<Place>) -> Value {
        let number = self.number(at);
        let value = semantics::like_of(&self.like(self.currencies.at(place).copied()), number);
        self.through.remove(at);
        for sum in self.through.range_mut(at..) {
            *sum = sum.wrapping_sub(number);
        }
        self.currencies.remove(place, next);
        value.unwrap_or(Value::Missing)
    }

    /// Drops the oldest entry.
    pub fn drop_first(&mut self, place: Place, next: Option<Place>) {
        if let Some(sum) = self.through.pop_front() {
            self.dropped = sum;
        }
        self.currencies.remove(place, next);
    }

    /// The sum from that index on, without the entry at `own`; money is of that currency.
    pub fn sum(&self, from: usize, own: Option<usize>, currency: Option<Currency>) -> Result<Value, Fault> {
        semantics::like_of(&self.like(currency), self.total(from, own))
    }

    /// The same divided by `count`, which is how many entries these are and not zero.
    pub fn average(
        &self,
        from: usize,
        own: Option<usize>,
        currency: Option<Currency>,
        count: u64,
    ) -> Result<Value, Fault> {
        semantics::mean(&self.like(currency), self.total(from, own), count)
    }

    fn total(&self, from: usize, own: Option<usize>) -> I256 {
        let total = self.before(self.through.len()).wrapping_sub(self.before(from));
        match own {
            Some(own) => total.wrapping_sub(self.number(own)),
            None => total,
        }
    }

    fn like(&self, currency: Option<Currency>) -> Value {
        match (&self.like, currency) {
            (Value::Money(like), Some(currency)) => Value::Money(Money { currency, ..*like }),
            (like, _) => like.clone(),
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
