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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: &str, zone: &str, look: impl FnOnce(&Clock<'_>) -> Result<Value, Fault>) -> String {
        let calendar = Calendar::default();
        match look(&Clock { now: Instant::parse(now).unwrap(), zone, calendar: &calendar }) {
            Ok(Value::Instant(at)) => at.to_string(),
            Ok(Value::Date(date)) => date.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(fault) => fault.code().to_string(),
        }
    }

    fn start(unit: CalendarUnit, now: &str, zone: &str) -> String {
        at(now, zone, |clock| clock.start_of(unit).map(|start| start.map_or(Value::Missing, Value::Instant)))
    }

    fn within(span: Value, now: &str, zone: &str) -> String {
        at(now, zone, |clock| clock.within(&span).map(Value::Instant))
    }

    fn months(months: i32) -> Value {
        Value::Period(Period { months, ..Period::default() })
    }

    const NEW_YORK: &str = "America/New_York";

    #[test]
    fn units_begin_in_the_zone() {
        use CalendarUnit::*;
        let now = "2026-05-17T15:20:30.5Z";
        assert_eq!(start(Hour, now, NEW_YORK), "2026-05-17T15:00:00Z");
        assert_eq!(start(Hour, now, "Asia/Kathmandu"), "2026-05-17T15:15:00Z");
        assert_eq!(start(Day, now, NEW_YORK), "2026-05-17T04:00:00Z");
        assert_eq!(start(Week, now, NEW_YORK), "2026-05-11T04:00:00Z");
        assert_eq!(start(Month, now, NEW_YORK), "2026-05-01T04:00:00Z");
        assert_eq!(start(Quarter, now, NEW_YORK), "2026-04-01T04:00:00Z");
        assert_eq!(start(Year, now, NEW_YORK), "2026-01-01T05:00:00Z");
        assert_eq!(start(Session, now, NEW_YORK), "Missing");
        assert_eq!(start(Week, "2026-05-18T04:00:00Z", NEW_YORK), "2026-05-18T04:00:00Z");
        assert_eq!(start(Week, "2026-05-18T03:59:59Z", NEW_YORK), "2026-05-11T04:00:00Z");
        for (month, quarter) in [(1, 1), (3, 1), (4, 4), (6, 4), (7, 7), (9, 7), (10, 10), (12, 10)] {
            let now = format!("2026-{month:02}-28T12:00:00Z");
            assert_eq!(start(Quarter, &now, "UTC"), format!("2026-{quarter:02}-01T00:00:00Z"));
        }
    }

    #[test]
    fn days_on_which_the_clocks_are_moved() {
        use CalendarUnit::*;
        // The day of 23 hours, and the day of 25.
        assert_eq!(start(Day, "2026-03-09T03:59:59Z", NEW_YORK), "2026-03-08T05:00:00Z");
        assert_eq!(start(Day, "2026-11-02T04:59:59Z", NEW_YORK), "2026-11-01T04:00:00Z");
        // The hour that comes twice is two hours.
        assert_eq!(start(Hour, "2026-11-01T05:30:00Z", NEW_YORK), "2026-11-01T05:00:00Z");
        assert_eq!(start(Hour, "2026-11-01T06:30:00Z", NEW_YORK), "2026-11-01T06:00:00Z");
        // A day without a midnight.
        assert_eq!(start(Day, "2018-11-04T12:00:00Z", "America/Sao_Paulo"), "2018-11-04T03:00:00Z");
    }

    #[test]
    fn within_leaves_its_first_moment_out() {
        let hour = Value::Duration(HOUR);
        assert_eq!(within(hour.clone(), "2026-03-03T15:00:00Z", "UTC"), "2026-03-03T14:00:00.000000001Z");
        assert_eq!(within(Value::Duration(0), "2026-03-03T15:00:00Z", "UTC"), "2026-03-03T15:00:00.000000001Z");
        // A month back from the last of March is the last of February, at the same time of day.
        assert_eq!(within(months(1), "2026-03-31T16:00:00Z", NEW_YORK), "2026-02-28T17:00:00.000000001Z");
        assert_eq!(within(months(12), "2024-02-29T12:00:00Z", "UTC"), "2023-02-28T12:00:00.000000001Z");
        assert_eq!(within(months(12 * 400), "2026-03-31T12:00:00Z", "UTC"), "E0510");
        assert_eq!(within(Value::Duration(i64::MAX), "1700-01-01T00:00:00Z", "UTC"), "E0510");
        let day = days_period(1).unwrap();
        // A day on the calendar, where the clocks were moved in between, and 24 hours.
        assert_eq!(within(day, "2026-03-08T17:00:00Z", NEW_YORK), "2026-03-07T18:00:00.000000001Z");
        assert_eq!(
            within(days_duration(1).unwrap(), "2026-03-08T17:00:00Z", NEW_YORK),
            "2026-03-07T17:00:00.000000001Z"
        );
    }

    #[test]
    fn ages_are_reached_on_the_day() {
        let age = |of: &str, op, span: Value| {
            let calendar = Calendar::default();
            let now = Instant::parse("2026-03-03T04:30:00Z").unwrap();
            let of = Date::parse(of).map(Value::Date).or(Instant::parse(of).map(Value::Instant)).unwrap();
            Clock { now, zone: NEW_YORK, calendar: &calendar }.age(of, op, &span).unwrap()
        };
        use CompareOp::*;
        // In New York it is still the second of March.
        let ninety = || days_period(90).unwrap();
        assert!(age("2025-12-02", GreaterOrEqual, ninety()));
        assert!(!age("2025-12-02", Greater, ninety()));
        assert!(!age("2025-12-03", GreaterOrEqual, ninety()));
        assert!(age("2025-12-03", Less, ninety()) && age("2025-12-02", LessOrEqual, ninety()));
        assert!(!age("2025-12-02", Less, ninety()) && !age("2025-12-01", LessOrEqual, ninety()));
        assert!(age("2024-02-29", GreaterOrEqual, months(24)));
        assert!(age("2026-03-03T03:30:00Z", GreaterOrEqual, Value::Duration(HOUR)));
        assert!(!age("2026-03-03T03:30:00.000000001Z", GreaterOrEqual, Value::Duration(HOUR)));
    }

    #[test]
    fn in_force_from_the_first_day_to_the_last() {
        let force = |now: &str, from: Option<&str>, until: Option<&str>| {
            let day = |day: Option<&str>| day.map(|day| Date::parse(day).unwrap());
            let effective = Effective { from: day(from), until: day(until), at: None };
            let calendar = Calendar::default();
            Clock { now: Instant::parse(now).unwrap(), zone: NEW_YORK, calendar: &calendar }.in_force(&effective)
        };
        assert!(force("2026-03-03T15:00:00Z", None, None));
        assert!(!force("2026-03-01T04:59:59Z", Some("2026-03-01"), None));
        assert!(force("2026-03-01T05:00:00Z", Some("2026-03-01"), None));
        assert!(force("2026-03-03T04:59:59Z", None, Some("2026-03-02")));
        assert!(!force("2026-03-03T05:00:00Z", None, Some("2026-03-02")));
    }
}
