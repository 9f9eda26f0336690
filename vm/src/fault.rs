//! Why a rule could not be evaluated. A fault settles its rule, never the run.
//! Engines and built-ins make them; answers list them; the pages of their codes explain them.

use crate::value::{Currency, Date};
use std::sync::Arc;

/// An evaluation error. Which parts say what is in the variant's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A number, sum or text that its type can't hold.
    Overflow,
    DivisionByZero,
    CurrenciesDiffer(Currency, Currency),
    /// The table of rates has no entry.
    NoRate(Currency),
    /// `this session` of a request without one.
    NoSession,
    /// `comes from` on a path of which the request has no record.
    NoOrigin(Arc<str>),
    /// The past asked for reaches further back than the history is complete.
    HistoryIncomplete,
    /// More entries of a key, or more keys, than the bound.
    HistoryBound(u64),
    /// The calendar's list of holidays does not speak of the date.
    NoCalendar(Date),
    /// A date or instant outside what can be said.
    TimeRange,
    /// An index or key that is not there.
    Outside,
    /// A text or list longer than declared.
    TooLong(u64),
    /// A local time that the zone skips or has twice.
    LocalTime,
    /// Not of the form wanted: what was wanted.
    Form(&'static str),
}

impl Fault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Overflow => "E0501",
            Fault::DivisionByZero => "E0502",
            Fault::CurrenciesDiffer(..) => "E0503",
            Fault::NoRate(_) => "E0504",
            Fault::NoSession => "E0505",
            Fault::NoOrigin(_) => "E0506",
            Fault::HistoryIncomplete => "E0507",
            Fault::HistoryBound(_) => "E0508",
            Fault::NoCalendar(_) => "E0509",
            Fault::TimeRange => "E0510",
            Fault::Outside => "E0511",
            Fault::TooLong(_) => "E0512",
            Fault::LocalTime => "E0513",
            Fault::Form(_) => "E0514",
        }
    }

    /// One word for a message in which the value should have stood: `‹overflow›`.
    pub fn word(&self) -> &'static str {
        match self {
            Fault::Overflow => "overflow",
            Fault::DivisionByZero => "division by zero",
            Fault::CurrenciesDiffer(..) => "currencies differ",
            Fault::NoRate(_) => "no rate",
            Fault::NoSession => "no session",
            Fault::NoOrigin(_) => "no record",
            Fault::HistoryIncomplete => "history incomplete",
            Fault::HistoryBound(_) => "history bound",
            Fault::NoCalendar(_) => "no calendar",
            Fault::TimeRange => "time out of range",
            Fault::Outside => "not there",
            Fault::TooLong(_) => "too long",
            Fault::LocalTime => "no such local time",
            Fault::Form(_) => "malformed",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Overflow => write!(f, "the result is larger than its type can hold"),
            Fault::DivisionByZero => write!(f, "something is divided by zero"),
            Fault::CurrenciesDiffer(a, b) => write!(f, "{a} and {b} are different currencies; convert one with `as`"),
            Fault::NoRate(currency) => write!(f, "the table of rates has no entry for {currency}"),
            Fault::NoSession => {
                write!(f, "`this session` is asked for, but the request names no session (`context.session`)")
            }
            Fault::NoOrigin(path) => {
                write!(f, "the request has no record of where `{path}` came from (`context.origins`)")
            }
            Fault::HistoryIncomplete => write!(f, "the history is not complete as far back as this reads"),
            Fault::HistoryBound(bound) => {
                write!(f, "more than {bound} entries would be needed, which is the bound of the history")
            }
            Fault::NoCalendar(date) => write!(f, "the calendar says nothing of {date}"),
            Fault::TimeRange => write!(f, "the date or time is out of range"),
            Fault::Outside => write!(f, "there is nothing at that index or key"),
            Fault::TooLong(max) => write!(f, "longer than the {max} that its type allows"),
            Fault::LocalTime => write!(f, "the zone's clocks skip that local time, or show it twice"),
            Fault::Form(wanted) => write!(f, "the text is not {wanted}"),
        }
    }
}
