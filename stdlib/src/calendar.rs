//! Calendars: which days are worked, when the doors are open, and where a stretch of days, months or business days ends.
//! Engines ask for `is within business_hours`, for periods and windows; the rows of `std.calendar` stand at the end.
//! A question about a day of which the calendar says nothing is a fault, never a guess.

use crate::operand::{CONSTANT, MORE, date, instant, param};
use crate::zone;
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Calendar, Date, Hours, Instant, Period, Value};
use std::sync::Arc;

/// The day is neither on a weekend nor a holiday.
pub fn is_business_day(calendar: &Calendar, date: Date) -> Result<bool, Fault> {
    Ok(!is_holiday(calendar, date)? && !calendar.weekend[date.weekday()])
}

/// The day is on the calendar's list of holidays, whatever day of the week it is.
pub fn is_holiday(calendar: &Calendar, date: Date) -> Result<bool, Fault> {
    known(calendar, date)?;
    Ok(calendar.holidays.contains(&date))
}

/// How many business days lie after `from`, up to and with `to`; where `to` is the earlier, the same from `to` to
/// `from`, and negative.
pub fn business_days_between(calendar: &Calendar, from: Date, to: Date) -> Result<i64, Fault> {
    known(calendar, from)?;
    known(calendar, to)?;
    let days = |from: Date, to: Date| business_days(calendar, Date(from.0 + 1), to);
    Ok(if from <= to { days(from, to) } else { -days(to, from) })
}

/// The business day so many business days later, or earlier with a negative count. The day itself does not count and
/// need not be one; of zero it is the day itself.
pub fn plus_business_days(calendar: &Calendar, date: Date, count: i64) -> Result<Date, Fault> {
    known(calendar, date)?;
    let (first, last) = calendar.valid.unwrap_or((Date::MIN, Date::MAX));
    let (mut near, mut far, beyond) = match count.signum() {
        0 => return Ok(date),
        1 => (date, last, Date(last.0 + 1)),
        _ => (date, first, Date(first.0 - 1)),
    };
    let wanted = count.unsigned_abs();
    let reaches = |day: Date| {
        let passed = if day > date {
            business_days(calendar, Date(date.0 + 1), day)
        } else {
            business_days(calendar, day, Date(date.0 - 1))
        };
        passed.unsigned_abs() >= wanted
    };
    if !reaches(far) {
        return Err(if calendar.valid.is_some() { Fault::NoCalendar(beyond) } else { Fault::TimeRange });
    }
    // By halves: `far` reaches and `near` does not.
    while near.0.abs_diff(far.0) > 1 {
        let middle = Date(near.0 + (far.0 - near.0) / 2);
        if reaches(middle) { far = middle } else { near = middle }
    }
    Ok(far)
}

/// Months first (the same day, or the month's last), then days, then business days; each may be negative.
pub fn plus_period(date: Date, period: Period, calendar: &Calendar) -> Result<Date, Fault> {
    let date = date.plus_months(i64::from(period.months)).ok_or(Fault::TimeRange)?;
    let date = date.plus_days(i64::from(period.days)).ok_or(Fault::TimeRange)?;
    // Without business days the calendar isn't asked, so it need not know the day.
    if period.business_days == 0 {
        Ok(date)
    } else {
        plus_business_days(calendar, date, i64::from(period.business_days))
    }
}

/// The same backwards.
pub fn minus_period(date: Date, period: Period, calendar: &Calendar) -> Result<Date, Fault> {
    let back = |part: i32| part.checked_neg().ok_or(Fault::TimeRange);
    let period =
        Period { months: back(period.months)?, days: back(period.days)?, business_days: back(period.business_days)? };
    plus_period(date, period, calendar)
}

/// The same time of day that much later on the calendar of the zone; `zone::nearest` says what that is where the clocks are
/// moved.
pub fn instant_plus_period(
    instant: Instant,
    period: Period,
    calendar: &Calendar,
    zone: &str,
) -> Result<Instant, Fault> {
    let (date, time) = zone::local(instant, zone)?;
    zone::nearest(plus_period(date, period, calendar)?, time, zone)
}

/// The same backwards.
pub fn instant_minus_period(
    instant: Instant,
    period: Period,
    calendar: &Calendar,
    zone: &str,
) -> Result<Instant, Fault> {
    let (date, time) = zone::local(instant, zone)?;
    zone::nearest(minus_period(date, period, calendar)?, time, zone)
}

/// True where a clock of the zone shows a time within the opening hours; their end is closed.
pub fn is_open(hours: &Hours, calendar: &Calendar, instant: Instant, zone: &str) -> Result<bool, Fault> {
    let (date, time) = zone::local(instant, zone)?;
    if hours.closed_on_holidays && is_holiday(calendar, date)? {
        return Ok(false);
    }
    Ok(hours.days[date.weekday()].iter().any(|(opens, closes)| *opens <= time && time < *closes))
}

/// How long the doors are open between two instants, in nanoseconds; negative where `to` is the earlier.
pub fn open_time_between(
    hours: &Hours,
    calendar: &Calendar,
    from: Instant,
    to: Instant,
    zone: &str,
) -> Result<i64, Fault> {
    if to < from {
        return Ok(-open_time_between(hours, calendar, to, from, zone)?);
    }
    let mut open = 0;
    // While the offset stays the same, a local clock runs evenly and stretches can be cut on it.
    for (start, end, offset) in zone::steady(from, to, zone)? {
        let (start, end) = (start + offset, end + offset);
        for day in start.div_euclid(zone::DAY)..=(end - 1).div_euclid(zone::DAY) {
            let (date, midnight) = (Date(day as i32), day * zone::DAY);
            if hours.closed_on_holidays && is_holiday(calendar, date)? {
                continue;
            }
            for (opens, closes) in &hours.days[date.weekday()] {
                let (opens, closes) = (midnight + i128::from(opens.0), midnight + i128::from(closes.0));
                open += (closes.min(end) - opens.max(start)).max(0);
            }
        }
    }
    i64::try_from(open).map_err(|_| Fault::Overflow)
}

fn known(calendar: &Calendar, date: Date) -> Result<(), Fault> {
    match calendar.valid {
        Some((first, last)) if date < first || last < date => Err(Fault::NoCalendar(date)),
        Some(_) | None => Ok(()),
    }
}

/// Business days from `first` to `last`, both with; none where `last` is the earlier.
fn business_days(calendar: &Calendar, first: Date, last: Date) -> i64 {
    if last < first {
        return 0;
    }
    let days = i64::from(last.0) - i64::from(first.0) + 1;
    let worked = |day: usize| i64::from(!calendar.weekend[day]);
    let whole_weeks = days / 7 * (0..7).map(worked).sum::<i64>();
    let rest: i64 = (0..days % 7).map(|day| worked((first.weekday() + day as usize) % 7)).sum();
    let off = calendar.holidays.range(first..=last).filter(|day| !calendar.weekend[day.weekday()]).count();
    whole_weeks + rest - off as i64
}

/// `import std.calendar`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "calendar",
        name: "business_hours",
        params: &[],
        returns: Shape::Hours,
        reads: Reads::Policy,
        cost: CONSTANT,
        doc: "The opening hours of the policy's calendar, for `now is within calendar.business_hours`; without a calendar, Monday to Friday from 9 to 17. The clock is that of the policy's zone.",
        examples: &[],
        words: "business hours",
        eval: |_, context| Ok(Value::Hours(Arc::new(context.calendar.hours.clone()))),
    },
    Builtin {
        module: "calendar",
        name: "business_hours_between",
        params: &[param("from", Shape::Instant), param("to", Shape::Instant)],
        returns: Shape::Duration,
        reads: Reads::Policy,
        cost: MORE,
        doc: "How long the policy's calendar is open between `from` and `to`; negative where `to` is the earlier. A day of which the calendar says nothing is an evaluation error.",
        examples: &[
            ("calendar.business_hours_between(2026-03-06T16:00:00Z, 2026-03-09T10:00:00Z)", "2 hours"),
            ("calendar.business_hours_between(2026-03-07T10:00:00Z, 2026-03-08T10:00:00Z)", "0 hours"),
        ],
        words: "the business hours from {from} to {to}",
        eval: |a, context| {
            let (hours, calendar) = (&context.calendar.hours, context.calendar);
            Ok(Value::Duration(open_time_between(hours, calendar, instant(&a[0]), instant(&a[1]), context.zone)?))
        },
    },
    Builtin {
        module: "calendar",
        name: "is_business_day",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Policy,
        cost: CONSTANT,
        doc: "True when `date` is neither on a weekend nor a holiday of the policy's calendar. A day of which the calendar says nothing is an evaluation error.",
        examples: &[
            ("calendar.is_business_day(2026-03-03)", "true"),
            ("calendar.is_business_day(2026-03-07)", "false"),
        ],
        words: "{date} is a business day",
        eval: |a, context| Ok(Value::Bool(is_business_day(context.calendar, date(&a[0]))?)),
    },
    Builtin {
        module: "calendar",
        name: "is_holiday",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Policy,
        cost: CONSTANT,
        doc: "True when `date` is a holiday of the policy's calendar, whatever day of the week it is. A day of which the calendar says nothing is an evaluation error.",
        examples: &[("calendar.is_holiday(2026-03-03)", "false")],
        words: "{date} is a holiday",
        eval: |a, context| Ok(Value::Bool(is_holiday(context.calendar, date(&a[0]))?)),
    },
    Builtin {
        module: "calendar",
        name: "is_weekend",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Policy,
        cost: CONSTANT,
        doc: "True when `date` is a day of the week that the policy's calendar never works.",
        examples: &[("calendar.is_weekend(2026-03-07)", "true"), ("calendar.is_weekend(2026-03-06)", "false")],
        words: "{date} is on a weekend",
        eval: |a, context| Ok(Value::Bool(context.calendar.weekend[date(&a[0]).weekday()])),
    },
    Builtin {
        module: "calendar",
        name: "next_business_day",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Policy,
        cost: MORE,
        doc: "The first business day after `date`.",
        examples: &[
            ("calendar.next_business_day(2026-03-06)", "2026-03-09"),
            ("calendar.next_business_day(2026-03-07)", "2026-03-09"),
        ],
        words: "the business day after {date}",
        eval: |a, context| Ok(Value::Date(plus_business_days(context.calendar, date(&a[0]), 1)?)),
    },
    Builtin {
        module: "calendar",
        name: "previous_business_day",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Policy,
        cost: MORE,
        doc: "The last business day before `date`.",
        examples: &[
            ("calendar.previous_business_day(2026-03-09)", "2026-03-06"),
            ("calendar.previous_business_day(2026-03-08)", "2026-03-06"),
        ],
        words: "the business day before {date}",
        eval: |a, context| Ok(Value::Date(plus_business_days(context.calendar, date(&a[0]), -1)?)),
    },
    Builtin {
        module: "calendar",
        name: "business_days_between",
        params: &[param("from", Shape::Date), param("to", Shape::Date)],
        returns: Shape::Int,
        reads: Reads::Policy,
        cost: MORE,
        doc: "How many business days lie after `from`, up to and with `to`; where `to` is the earlier, the same with the two exchanged, and negative.",
        examples: &[
            ("calendar.business_days_between(2026-03-06, 2026-03-09)", "1"),
            ("calendar.business_days_between(2026-03-09, 2026-03-06)", "-1"),
            ("calendar.business_days_between(2026-03-06, 2026-03-06)", "0"),
        ],
        words: "the business days from {from} to {to}",
        eval: |a, context| Ok(Value::Int(business_days_between(context.calendar, date(&a[0]), date(&a[1]))?)),
    },
    Builtin {
        module: "calendar",
        name: "is_last_business_day_of_month",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Policy,
        cost: MORE,
        doc: "True when `date` is a business day and the next one is in another month.",
        examples: &[
            ("calendar.is_last_business_day_of_month(2026-01-30)", "true"),
            ("calendar.is_last_business_day_of_month(2026-01-31)", "false"),
            ("calendar.is_last_business_day_of_month(2026-01-29)", "false"),
        ],
        words: "{date} is the last business day of its month",
        eval: |a, context| {
            let (calendar, date) = (context.calendar, date(&a[0]));
            let rest = business_days_between(calendar, date, end_of(date, 1))?;
            Ok(Value::Bool(rest == 0 && is_business_day(calendar, date)?))
        },
    },
    Builtin {
        module: "calendar",
        name: "is_month_end",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `date` is the last day of its month, business day or not.",
        examples: &[("calendar.is_month_end(2026-02-28)", "true"), ("calendar.is_month_end(2024-02-28)", "false")],
        words: "{date} is the last day of its month",
        eval: |a, _| Ok(Value::Bool(date(&a[0]) == end_of(date(&a[0]), 1))),
    },
    Builtin {
        module: "calendar",
        name: "is_quarter_end",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `date` is the last day of its quarter, business day or not.",
        examples: &[("calendar.is_quarter_end(2026-03-31)", "true"), ("calendar.is_quarter_end(2026-04-30)", "false")],
        words: "{date} is the last day of its quarter",
        eval: |a, _| Ok(Value::Bool(date(&a[0]) == end_of(date(&a[0]), 3))),
    },
    Builtin {
        module: "calendar",
        name: "is_year_end",
        params: &[param("date", Shape::Date)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `date` is the last day of its year, business day or not.",
        examples: &[("calendar.is_year_end(2026-12-31)", "true"), ("calendar.is_year_end(2026-12-30)", "false")],
        words: "{date} is the last day of its year",
        eval: |a, _| Ok(Value::Bool(date(&a[0]) == end_of(date(&a[0]), 12))),
    },
    Builtin {
        module: "calendar",
        name: "start_of_month",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The first day of the month of `date`.",
        examples: &[("calendar.start_of_month(2026-02-14)", "2026-02-01")],
        words: "the first day of the month of {date}",
        eval: |a, _| Ok(Value::Date(start_of(date(&a[0]), 1))),
    },
    Builtin {
        module: "calendar",
        name: "end_of_month",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The last day of the month of `date`.",
        examples: &[("calendar.end_of_month(2024-02-14)", "2024-02-29")],
        words: "the last day of the month of {date}",
        eval: |a, _| Ok(Value::Date(end_of(date(&a[0]), 1))),
    },
    Builtin {
        module: "calendar",
        name: "start_of_quarter",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The first day of the quarter of `date`.",
        examples: &[("calendar.start_of_quarter(2026-05-14)", "2026-04-01")],
        words: "the first day of the quarter of {date}",
        eval: |a, _| Ok(Value::Date(start_of(date(&a[0]), 3))),
    },
    Builtin {
        module: "calendar",
        name: "end_of_quarter",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The last day of the quarter of `date`.",
        examples: &[("calendar.end_of_quarter(2026-05-14)", "2026-06-30")],
        words: "the last day of the quarter of {date}",
        eval: |a, _| Ok(Value::Date(end_of(date(&a[0]), 3))),
    },
    Builtin {
        module: "calendar",
        name: "start_of_year",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The first day of the year of `date`.",
        examples: &[("calendar.start_of_year(2026-05-14)", "2026-01-01")],
        words: "the first day of the year of {date}",
        eval: |a, _| Ok(Value::Date(start_of(date(&a[0]), 12))),
    },
    Builtin {
        module: "calendar",
        name: "end_of_year",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The last day of the year of `date`.",
        examples: &[("calendar.end_of_year(2026-05-14)", "2026-12-31")],
        words: "the last day of the year of {date}",
        eval: |a, _| Ok(Value::Date(end_of(date(&a[0]), 12))),
    },
    Builtin {
        module: "calendar",
        name: "start_of_week",
        params: &[param("date", Shape::Date)],
        returns: Shape::Date,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The Monday of the week of `date`.",
        examples: &[
            ("calendar.start_of_week(2026-03-08)", "2026-03-02"),
            ("calendar.start_of_week(2026-03-02)", "2026-03-02"),
        ],
        words: "the Monday of the week of {date}",
        eval: |a, _| {
            let date = date(&a[0]);
            Ok(Value::Date(date.plus_days(-(date.weekday() as i64)).ok_or(Fault::TimeRange)?))
        },
    },
    Builtin {
        module: "calendar",
        name: "week",
        params: &[param("date", Shape::Date)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The number of the week of `date` by ISO 8601: weeks begin on Monday, and the first of a year is the one with its first Thursday. The last days of December may be in week 1, the first of January in week 52 or 53.",
        examples: &[
            ("calendar.week(2026-03-03)", "10"),
            ("calendar.week(2024-12-30)", "1"),
            ("calendar.week(2027-01-01)", "53"),
        ],
        words: "the week of {date}",
        eval: |a, _| Ok(Value::Int(week(date(&a[0])))),
    },
    Builtin {
        module: "calendar",
        name: "quarter",
        params: &[param("date", Shape::Date)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The quarter of the year of `date`, from 1 to 4.",
        examples: &[("calendar.quarter(2026-03-31)", "1"), ("calendar.quarter(2026-04-01)", "2")],
        words: "the quarter of {date}",
        eval: |a, _| Ok(Value::Int(i64::from((date(&a[0]).ymd().1 - 1) / 3 + 1))),
    },
];

/// The first day of the month, quarter or year: of so many months, counted from January.
fn start_of(date: Date, months: u32) -> Date {
    let (year, month, _) = date.ymd();
    Date::from_ymd(year, (month - 1) / months * months + 1, 1).expect("every month has a first day")
}

/// And the last.
fn end_of(date: Date, months: u32) -> Date {
    let (year, month, _) = date.ymd();
    let month = (month - 1) / months * months + months;
    Date::from_ymd(year, month, Date::days_in(year, month)).expect("every month has a last day")
}

/// That of ISO 8601: a week belongs to the year of its Thursday.
fn week(date: Date) -> i64 {
    let thursday = Date(date.0 + 3 - date.weekday() as i32);
    i64::from(thursday.0 - start_of(thursday, 12).0) / 7 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_vm::value::{Time, duration_words};

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn said<T: std::fmt::Display>(result: Result<T, Fault>) -> String {
        result.map_or_else(|fault| fault.code().to_string(), |value| value.to_string())
    }

    /// Christmas 2026 is off; only 2026 is known.
    fn of_2026() -> Calendar {
        Calendar {
            holidays: [date("2026-12-25"), date("2026-12-26")].into(),
            valid: Some((date("2026-01-01"), date("2026-12-31"))),
            ..Calendar::default()
        }
    }

    #[test]
    fn business_days_step_over_weekends_and_holidays() {
        let calendar = of_2026();
        let plus = |from: &str, count| said(plus_business_days(&calendar, date(from), count));
        assert_eq!(plus("2026-12-24", 1), "2026-12-28");
        assert_eq!(plus("2026-12-26", 1), "2026-12-28");
        assert_eq!(plus("2026-12-26", 0), "2026-12-26");
        assert_eq!(plus("2026-12-28", -1), "2026-12-24");
        assert_eq!(plus("2026-12-28", -2), "2026-12-23");
        assert_eq!(plus("2026-12-28", 3), "2026-12-31");
        assert_eq!(plus("2026-12-28", 4), "E0509");
        assert_eq!(plus("2026-01-01", -1), "E0509");
        assert_eq!(plus("2025-12-31", 1), "E0509");
        assert_eq!(plus("2026-06-01", i64::MAX), "E0509");
        assert_eq!(plus("2026-06-01", i64::MIN), "E0509");
        assert_eq!(said(plus_business_days(&Calendar::default(), Date::MAX, 1)), "E0510");
        assert_eq!(said(plus_business_days(&Calendar::default(), Date::MIN, i64::MIN)), "E0510");
        let never = Calendar { weekend: [true; 7], ..Calendar::default() };
        assert_eq!(said(plus_business_days(&never, date("2026-06-01"), 1)), "E0510");
    }

    #[test]
    fn closed_forms_agree_with_counting() {
        let calendar = of_2026();
        let (first, last) = calendar.valid.unwrap();
        for start in (first.0..=last.0).step_by(11).map(Date) {
            let (mut day, mut count) = (start, 0);
            while day < last {
                day = Date(day.0 + 1);
                if is_business_day(&calendar, day).unwrap() {
                    count += 1;
                    assert_eq!(plus_business_days(&calendar, start, count), Ok(day));
                }
                assert_eq!(business_days_between(&calendar, start, day), Ok(count));
                assert_eq!(business_days_between(&calendar, day, start), Ok(-count));
            }
            let (mut day, mut count) = (start, 0);
            while first < day {
                day = Date(day.0 - 1);
                if is_business_day(&calendar, day).unwrap() {
                    count -= 1;
                    assert_eq!(plus_business_days(&calendar, start, count), Ok(day));
                }
            }
        }
    }

    #[test]
    fn periods() {
        let plus = |from: &str, months, days, business_days| {
            said(plus_period(date(from), Period { months, days, business_days }, &Calendar::default()))
        };
        assert_eq!(plus("2026-01-31", 1, 0, 0), "2026-02-28");
        assert_eq!(plus("2024-02-29", 12, 0, 0), "2025-02-28");
        assert_eq!(plus("2026-01-31", 1, 1, 1), "2026-03-02");
        assert_eq!(plus("2026-03-31", -1, 0, 0), "2026-02-28");
        assert_eq!(plus("9999-12-31", 0, 1, 0), "E0510");
        assert_eq!(plus("9999-12-31", i32::MAX, i32::MIN, 0), "E0510");
        let back = Period { months: i32::MIN, days: 0, business_days: 0 };
        assert_eq!(said(minus_period(date("2026-01-31"), back, &Calendar::default())), "E0510");
        // The calendar is asked about business days only.
        let month = Period { months: 1, ..Period::default() };
        assert_eq!(said(plus_period(date("2030-01-31"), month, &of_2026())), "2030-02-28");
        let day = Period { business_days: 1, ..Period::default() };
        assert_eq!(said(plus_period(date("2030-01-31"), day, &of_2026())), "E0509");
    }

    #[test]
    fn instants_keep_their_time_of_day() {
        let later = |from: &str, months, business_days| {
            let period = Period { months, days: 0, business_days };
            said(instant_plus_period(at(from), period, &Calendar::default(), "America/New_York"))
        };
        assert_eq!(later("2026-03-06T15:00:00Z", 0, 1), "2026-03-09T14:00:00Z");
        assert_eq!(later("2026-02-08T07:30:00Z", 1, 0), "2026-03-08T07:30:00Z");
        let month = Period { months: 1, ..Period::default() };
        let earlier = instant_minus_period(at("2026-03-31T15:00:00Z"), month, &Calendar::default(), "UTC");
        assert_eq!(said(earlier), "2026-02-28T15:00:00Z");
        assert_eq!(said(instant_minus_period(Instant(i64::MIN), month, &Calendar::default(), "UTC")), "E0510");
    }

    #[test]
    fn opening_hours_are_local_and_half_open() {
        let calendar = of_2026();
        let open = |instant: &str| said(is_open(&calendar.hours, &calendar, at(instant), "America/New_York"));
        assert_eq!(open("2026-03-03T13:59:59Z"), "false");
        assert_eq!(open("2026-03-03T14:00:00Z"), "true");
        assert_eq!(open("2026-03-03T21:59:59.999999999Z"), "true");
        assert_eq!(open("2026-03-03T22:00:00Z"), "false");
        assert_eq!(open("2026-03-07T15:00:00Z"), "false");
        assert_eq!(open("2026-12-25T15:00:00Z"), "false");
        assert_eq!(open("2026-01-01T04:59:59Z"), "E0509");
        let always = Hours {
            days: std::array::from_fn(|_| vec![(Time(0), Time(86_400_000_000_000))]),
            closed_on_holidays: false,
        };
        assert_eq!(said(is_open(&always, &calendar, at("2030-12-25T23:59:59.999999999Z"), "UTC")), "true");
    }

    #[test]
    fn open_time() {
        let calendar = of_2026();
        let open = |from: &str, to: &str| {
            let time = open_time_between(&calendar.hours, &calendar, at(from), at(to), "America/New_York");
            time.map_or_else(|fault| fault.code().to_string(), duration_words)
        };
        assert_eq!(open("2026-03-06T21:00:00Z", "2026-03-09T14:00:00Z"), "2 hours");
        assert_eq!(open("2026-03-09T14:00:00Z", "2026-03-06T21:00:00Z"), "minus 2 hours");
        assert_eq!(open("2026-12-24T21:30:00Z", "2026-12-28T14:30:00Z"), "1 hour");
        assert_eq!(open("2026-03-09T14:00:00Z", "2026-03-09T14:00:00Z"), "0 seconds");
        assert_eq!(open("2026-12-31T14:30:00Z", "2027-01-01T14:30:00Z"), "E0509");
        // The night in which 02:00 is followed by 03:00 has 23 hours, its opposite 25.
        let always = Hours {
            days: std::array::from_fn(|_| vec![(Time(0), Time(86_400_000_000_000))]),
            closed_on_holidays: false,
        };
        let night = |from: &str, to: &str| {
            duration_words(open_time_between(&always, &calendar, at(from), at(to), "America/New_York").unwrap())
        };
        assert_eq!(night("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"), "23 hours");
        assert_eq!(night("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"), "1 day 1 hour");
        let all = open_time_between(&always, &calendar, Instant(i64::MIN), Instant(i64::MAX), "America/New_York");
        assert_eq!(all, Err(Fault::Overflow));
    }
}
