//! What operators on moments stand for: rows that a compiled program calls and that no policy can name. They read the
//! policy's zone and calendar, which is why they stand here and not among the instructions.

use crate::operand::{CONSTANT, MORE, param};
use crate::{calendar, zone};
use ordain_vm::builtin::{Bound, Builtin, Context, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Date, Instant, Time, Value};

/// Nanoseconds.
const DAY: i64 = 86_400_000_000_000;
const HOUR: i64 = DAY / 24;

const MOMENT: Shape = Shape::OneOf(&[Shape::Date, Shape::Time, Shape::Instant]);
const SPAN: Shape = Shape::OneOf(&[Shape::Duration, Shape::Period]);

const fn row(
    name: &'static str,
    params: &'static [ordain_vm::builtin::Param],
    returns: Shape,
    cost: u32,
    doc: &'static str,
    words: &'static str,
    eval: fn(&[Value], &Context<'_>) -> Result<Value, Fault>,
) -> Builtin {
    Builtin { module: "op", name, params, returns, reads: Reads::Policy, cost, doc, examples: &[], words, eval }
}

pub const ROWS: &[Builtin] = &[
    row("today", &[], Shape::Date, CONSTANT, "The date that a clock of the zone shows.", "today", |_, context| {
        zone::local(context.now, context.zone).map(|(date, _)| Value::Date(date))
    }),
    row(
        "plus",
        &[param("moment", MOMENT), param("span", SPAN)],
        Shape::Var('t', Bound::Any),
        MORE,
        "The moment a `span` behind `moment`.",
        "{span} after {moment}",
        |a, context| plus(&a[0], &a[1], context),
    ),
    row(
        "minus",
        &[param("moment", MOMENT), param("span", SPAN)],
        Shape::Var('t', Bound::Any),
        MORE,
        "The moment a `span` before `moment`.",
        "{span} before {moment}",
        |a, context| minus(&a[0], &a[1], context),
    ),
    row(
        "window",
        &[param("span", SPAN)],
        Shape::Instant,
        MORE,
        "The first moment of the window that is `span` long and ends now.",
        "within {span}",
        |a, context| match minus(&Value::Instant(context.now), &a[0], context)? {
            Value::Instant(at) => at.0.checked_add(1).map(|at| Value::Instant(Instant(at))).ok_or(Fault::TimeRange),
            _ => Err(Fault::TimeRange),
        },
    ),
    row(
        "start_of",
        &[param("unit", Shape::Text)],
        Shape::Instant,
        MORE,
        "The first moment of this `unit`: hour, day, week, month, quarter or year.",
        "this {unit}",
        |a, context| match &a[0] {
            Value::Text(unit) => start_of(unit, context).map(Value::Instant),
            _ => Err(Fault::Form("a unit")),
        },
    ),
    row(
        "is_open",
        &[param("at", Shape::Instant), param("hours", Shape::Hours)],
        Shape::Bool,
        MORE,
        "Whether `hours` are open then.",
        "{at} is within {hours}",
        |a, context| match (&a[0], &a[1]) {
            (Value::Instant(at), Value::Hours(hours)) => {
                calendar::is_open(hours, context.calendar, *at, context.zone).map(Value::Bool)
            }
            _ => Err(Fault::Form("an instant and opening hours")),
        },
    ),
];

fn start_of(unit: &str, context: &Context<'_>) -> Result<Instant, Fault> {
    let (date, time) = zone::local(context.now, context.zone)?;
    let (year, month, _) = date.ymd();
    let first = |month: u32| Date::from_ymd(year, month, 1).ok_or(Fault::TimeRange);
    let day = match unit {
        // An hour is counted back from now, so that the second of two equal hours is one of its own.
        "hour" => return context.now.0.checked_sub(time.0 % HOUR).map(Instant).ok_or(Fault::TimeRange),
        "day" => date,
        "week" => date.plus_days(-(date.weekday() as i64)).ok_or(Fault::TimeRange)?,
        "month" => first(month)?,
        "quarter" => first((month - 1) / 3 * 3 + 1)?,
        "year" => first(1)?,
        _ => return Err(Fault::Form("a unit")),
    };
    zone::start_of_day(day, context.zone)
}

fn plus(moment: &Value, span: &Value, context: &Context<'_>) -> Result<Value, Fault> {
    match (moment, span) {
        (Value::Date(date), Value::Period(period)) => {
            calendar::plus_period(*date, *period, context.calendar).map(Value::Date)
        }
        (Value::Date(date), Value::Duration(nanos)) if nanos % DAY == 0 => {
            date.plus_days(nanos / DAY).map(Value::Date).ok_or(Fault::TimeRange)
        }
        (Value::Date(_), Value::Duration(_)) => Err(Fault::Form("whole days")),
        (Value::Instant(at), Value::Duration(nanos)) => {
            at.0.checked_add(*nanos).map(|at| Value::Instant(Instant(at))).ok_or(Fault::TimeRange)
        }
        (Value::Instant(at), Value::Period(period)) => {
            calendar::instant_plus_period(*at, *period, context.calendar, context.zone).map(Value::Instant)
        }
        (Value::Time(time), Value::Duration(nanos)) => {
            let later = time.0.checked_add(*nanos).filter(|later| (0..DAY).contains(later));
            later.map(|later| Value::Time(Time(later))).ok_or(Fault::TimeRange)
        }
        _ => Err(Fault::Form("a moment and a span")),
    }
}

fn minus(moment: &Value, span: &Value, context: &Context<'_>) -> Result<Value, Fault> {
    match (moment, span) {
        (Value::Date(date), Value::Period(period)) => {
            calendar::minus_period(*date, *period, context.calendar).map(Value::Date)
        }
        (Value::Instant(at), Value::Period(period)) => {
            calendar::instant_minus_period(*at, *period, context.calendar, context.zone).map(Value::Instant)
        }
        (moment, Value::Duration(nanos)) => {
            let back = nanos.checked_neg().ok_or(Fault::TimeRange)?;
            plus(moment, &Value::Duration(back), context)
        }
        _ => Err(Fault::Form("a moment and a span")),
    }
}
