//! The clock of a policy: today, spans added to moments, ages, and where windows of the past begin.
//! Everything is worked out from the request's `now`, in the policy's zone and by its calendar.

use crate::arithmetic;
use ordain_compiler::hir::{CalendarUnit, CompareOp, Effective};
use ordain_stdlib::{calendar, zone};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Calendar, Date, Instant, Period, Time, Value};

const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;

/// What a policy reads the time with.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    pub now: Instant,
    pub zone: &'a str,
    pub calendar: &'a Calendar,
}

impl Clock<'_> {
    /// The date that a clock of the zone shows.
    pub fn today(&self) -> Result<Date, Fault> {
        zone::local(self.now, self.zone).map(|(date, _)| date)
    }

    /// A date, time or instant, and a duration or period later.
    pub fn plus(&self, moment: Value, span: &Value) -> Result<Value, Fault> {
        match (moment, span) {
            (Value::Date(date), Value::Period(period)) => {
                calendar::plus_period(date, *period, self.calendar).map(Value::Date)
            }
            (Value::Date(date), Value::Duration(nanos)) => {
                whole_days(*nanos).and_then(|days| date.plus_days(days).ok_or(Fault::TimeRange)).map(Value::Date)
            }
            (Value::Instant(at), Value::Duration(nanos)) => {
                at.0.checked_add(*nanos).map(|at| Value::Instant(Instant(at))).ok_or(Fault::TimeRange)
            }
            (Value::Instant(at), Value::Period(period)) => {
                calendar::instant_plus_period(at, *period, self.calendar, self.zone).map(Value::Instant)
            }
            (Value::Time(time), Value::Duration(nanos)) => {
                let later = time.0.checked_add(*nanos).filter(|later| (0..DAY).contains(later));
                later.map(|later| Value::Time(Time(later))).ok_or(Fault::TimeRange)
            }
            _ => Err(Fault::Form("a moment and a span")),
        }
    }

    /// The same backwards.
    pub fn minus(&self, moment: Value, span: &Value) -> Result<Value, Fault> {
        match (moment, span) {
            (Value::Date(date), Value::Period(period)) => {
                calendar::minus_period(date, *period, self.calendar).map(Value::Date)
            }
            (Value::Instant(at), Value::Period(period)) => {
                calendar::instant_minus_period(at, *period, self.calendar, self.zone).map(Value::Instant)
            }
            (moment, Value::Duration(nanos)) => {
                self.plus(moment, &Value::Duration(nanos.checked_neg().ok_or(Fault::TimeRange)?))
            }
            _ => Err(Fault::Form("a moment and a span")),
        }
    }

    /// `age(of) op span`, which is `of + span` compared with today, of an instant with now.
    pub fn age(&self, of: Value, op: CompareOp, span: &Value) -> Result<bool, Fault> {
        let reached = match of {
            Value::Date(_) => Value::Date(self.today()?),
            _ => Value::Instant(self.now),
        };
        let due = self.plus(of, span)?;
        // An age of at least P was reached once `of + P` has come.
        let op = match op {
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Less => CompareOp::Greater,
            CompareOp::Equal => CompareOp::Equal,
            CompareOp::NotEqual => CompareOp::NotEqual,
        };
        arithmetic::compare(op, &due, &reached)
    }

    /// The first instant of `within span`: the one behind `now - span`.
    pub fn within(&self, span: &Value) -> Result<Instant, Fault> {
        match self.minus(Value::Instant(self.now), span)? {
            Value::Instant(at) => at.0.checked_add(1).map(Instant).ok_or(Fault::TimeRange),
            _ => Err(Fault::TimeRange),
        }
    }

    /// The first instant of this hour, day, week, month, quarter or year. A session has none.
    pub fn start_of(&self, unit: CalendarUnit) -> Result<Option<Instant>, Fault> {
        let (date, time) = zone::local(self.now, self.zone)?;
        let (year, month, _) = date.ymd();
        let first = |month: u32| Date::from_ymd(year, month, 1).ok_or(Fault::TimeRange);
        let day = match unit {
            CalendarUnit::Session => return Ok(None),
            // An hour is counted back from now, so that the second of two equal hours is one of its own.
            CalendarUnit::Hour => {
                let start = self.now.0.checked_sub(time.0 % HOUR).ok_or(Fault::TimeRange)?;
                return Ok(Some(Instant(start)));
            }
            CalendarUnit::Day => date,
            CalendarUnit::Week => date.plus_days(-(date.weekday() as i64)).ok_or(Fault::TimeRange)?,
            CalendarUnit::Month => first(month)?,
            CalendarUnit::Quarter => first((month - 1) / 3 * 3 + 1)?,
            CalendarUnit::Year => first(1)?,
        };
        zone::start_of_day(day, self.zone).map(Some)
    }

    /// True from the start of the first day to the end of the last.
    pub fn in_force(&self, effective: &Effective) -> bool {
        let Ok(today) = self.today() else { return effective.from.is_none() && effective.until.is_none() };
        effective.from.is_none_or(|from| from <= today) && effective.until.is_none_or(|until| today <= until)
    }
}

fn whole_days(nanos: i64) -> Result<i64, Fault> {
    if nanos % DAY == 0 { Ok(nanos / DAY) } else { Err(Fault::Form("whole days")) }
}

/// So many days where a period is wanted.
pub fn days_period(count: i64) -> Result<Value, Fault> {
    let days = i32::try_from(count).map_err(|_| Fault::TimeRange)?;
    Ok(Value::Period(Period { days, ..Period::default() }))
}

/// So many days where a duration is wanted.
pub fn days_duration(count: i64) -> Result<Value, Fault> {
    count.checked_mul(DAY).map(Value::Duration).ok_or(Fault::Overflow)
}
