//! Dates, times of day, instants, durations and periods: how they are written and read.
//! Zones and calendars are left to the standard library; adding and comparing to the engines.

use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter, Result as FmtResult};

/// Days since 1970-01-01, in the proleptic Gregorian calendar; years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(pub i32);

impl Date {
    /// 0001-01-01
    pub const MIN: Date = Date(-719_162);
    /// 9999-12-31
    pub const MAX: Date = Date(2_932_896);

    /// Within the years 1 to 9999.
    pub fn is_sound(self) -> bool {
        (Date::MIN..=Date::MAX).contains(&self)
    }

    /// `None` where there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Date> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > Date::days_in(year, month) {
            return None;
        }
        // Years begin in March here, so that the leap day is the last of its year.
        let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * m as i32 + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Date(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month from 1, day from 1. Of what is no date too: those of a year that no date has.
    pub fn ymd(self) -> (i32, u32, u32) {
        let days = self.0.saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * m + 2) / 5 + 1) as u32;
        let month = if m < 10 { m + 3 } else { m - 9 } as u32;
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month, day)
    }

    /// How many days the month has.
    pub fn days_in(year: i32, month: u32) -> u32 {
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        }
    }

    /// 0 is Monday.
    pub fn weekday(self) -> usize {
        (i64::from(self.0) + 3).rem_euclid(7) as usize
    }

    /// `None` outside the years 1 to 9999.
    pub fn plus_days(self, days: i64) -> Option<Date> {
        let date = i32::try_from(i64::from(self.0).checked_add(days)?).ok()?;
        (Date::MIN.0..=Date::MAX.0).contains(&date).then_some(Date(date))
    }

    /// The same day of that many months later, or that month's last.
    pub fn plus_months(self, months: i64) -> Option<Date> {
        let (year, month, day) = self.ymd();
        let total = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let (year, month) = (i32::try_from(total.div_euclid(12)).ok()?, total.rem_euclid(12) as u32 + 1);
        Date::from_ymd(year, month, day.min(Date::days_in(year, month)))
    }

    /// `2026-03-03`
    pub fn parse(text: &str) -> Option<Date> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        Date::from_ymd(digits(&bytes[..4])? as i32, digits(&bytes[5..7])?, digits(&bytes[8..])?)
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A number of ASCII digits only.
fn digits(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() || bytes.len() > 9 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(bytes.iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')))
}

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A time of day: nanoseconds since midnight, below 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

impl Time {
    /// No time of day, but where a stretch of opening hours may end: 24:00.
    pub const END_OF_DAY: Time = Time(DAY);

    /// A time of day.
    pub fn is_sound(self) -> bool {
        (Time(0)..Time::END_OF_DAY).contains(&self)
    }

    /// Of a clock's face; each part must be in its range.
    pub const fn from_hms(hour: u32, minute: u32, second: u32) -> Time {
        Time(hour as i64 * HOUR + minute as i64 * MINUTE + second as i64 * SECOND)
    }

    /// `15:00`, `15:00:30`, `15:00:30.25`
    pub fn parse(text: &str) -> Option<Time> {
        let bytes = text.as_bytes();
        if bytes.len() < 5 || bytes[2] != b':' {
            return None;
        }
        let (hour, minute) = (digits(&bytes[..2])?, digits(&bytes[3..5])?);
        let (second, nanos) = match &bytes[5..] {
            [] => (0, 0),
            [b':', a, b] => (digits(&[*a, *b])?, 0),
            [b':', a, b, b'.', fraction @ ..] if fraction.len() <= 9 => {
                (digits(&[*a, *b])?, i64::from(digits(fraction)?) * 10_i64.pow(9 - fraction.len() as u32))
            }
            _ => return None,
        };
        (hour < 24 && minute < 60 && second < 60).then(|| Time(Time::from_hms(hour, minute, second).0 + nanos))
    }
}

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let (hour, minute, second, nanos) =
            (self.0 / HOUR, self.0 / MINUTE % 60, self.0 / SECOND % 60, self.0 % SECOND);
        write!(f, "{hour:02}:{minute:02}")?;
        if second != 0 || nanos != 0 {
            write!(f, ":{second:02}")?;
        }
        if nanos != 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, from 1677-09-21 to 2262-04-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(pub i64);

impl Instant {
    /// `None` outside what 64 bits of nanoseconds hold.
    pub fn from_utc(date: Date, time: Time) -> Option<Instant> {
        let nanos = i128::from(date.0) * i128::from(DAY) + i128::from(time.0);
        i64::try_from(nanos).ok().map(Instant)
    }

    /// The date and time of day that a clock in UTC shows.
    pub fn utc(self) -> (Date, Time) {
        (Date(self.0.div_euclid(DAY) as i32), Time(self.0.rem_euclid(DAY)))
    }

    /// RFC 3339: `2026-03-03T15:00:00Z`, with an offset, with up to nine digits of a second. A leap second is refused.
    pub fn parse(text: &str) -> Option<Instant> {
        let date = Date::parse(text.get(..10)?)?;
        let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
        let (clock, offset) = match rest.strip_suffix(['Z', 'z']) {
            Some(clock) => (clock, 0),
            None => {
                let (clock, offset) = rest.split_at_checked(rest.len().checked_sub(6)?)?;
                let bytes = offset.as_bytes();
                let (hours, minutes) = (digits(&bytes[1..3])?, digits(&bytes[4..6])?);
                if bytes[3] != b':' || hours > 23 || minutes > 59 {
                    return None;
                }
                let offset = i64::from(hours) * HOUR + i64::from(minutes) * MINUTE;
                match bytes[0] {
                    b'+' => (clock, offset),
                    b'-' => (clock, -offset),
                    _ => return None,
                }
            }
        };
        if clock.len() < 8 {
            return None;
        }
        Instant::from_utc(date, Time::parse(clock)?)?.0.checked_sub(offset).map(Instant)
    }
}

impl Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let (date, time) = self.utc();
        write!(f, "{date}T{:02}:{:02}:{:02}", time.0 / HOUR, time.0 / MINUTE % 60, time.0 / SECOND % 60)?;
        let nanos = time.0 % SECOND;
        if nanos != 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// A stretch of the calendar. Its length in seconds depends on where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Period {
    pub months: i32,
    pub days: i32,
    pub business_days: i32,
}

impl Period {
    /// ISO 8601 without a part for the clock: `P3M`, `P1Y2M`, `P2W`, `P10D`; and, which ISO does not have, `P3B` for
    /// business days. A count may be negative (`P-1M`), or the whole (`-P1M3D`).
    pub fn parse(text: &str) -> Option<Period> {
        let (negative, text) = signed(text);
        let mut period = Period::default();
        for (count, unit) in iso_parts(text.strip_prefix('P')?, "YMWDB", true)? {
            let count = i32::try_from(if negative { -count } else { count }).ok()?;
            match unit {
                'Y' => period.months = count.checked_mul(12)?,
                'M' => period.months = period.months.checked_add(count)?,
                'W' => period.days = count.checked_mul(7)?,
                'D' => period.days = period.days.checked_add(count)?,
                _ => period.business_days = count,
            }
        }
        Some(period)
    }

    /// As `parse` reads it: `P14M3D`, `P3B`, `P0D`.
    pub fn to_iso(self) -> String {
        let parts = [(self.months, 'M'), (self.days, 'D'), (self.business_days, 'B')];
        let parts: String =
            parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count}{unit}")).collect();
        if parts.is_empty() { "P0D".to_string() } else { format!("P{parts}") }
    }
}

impl Display for Period {
    /// As people say it: `1 year 2 months`, `3 business days`.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let parts = [
            (self.months / 12, "year"),
            (self.months % 12, "month"),
            (self.days, "day"),
            (self.business_days, "business day"),
        ];
        let parts: Vec<_> =
            parts.into_iter().filter(|part| part.0 != 0).map(|(n, unit)| counted(i64::from(n), unit)).collect();
        f.write_str(&if parts.is_empty() { "0 days".to_string() } else { parts.join(" ") })
    }
}

fn counted(count: i64, unit: &str) -> String {
    format!("{count} {unit}{}", if count.abs() == 1 { "" } else { "s" })
}

/// `PT4H`, `PT1H30M`, `P1DT12H`, `PT0.5S`, `-PT4H`; a day is 24 hours. `None` where it is not of that form or too long.
pub fn duration_from_iso(text: &str) -> Option<i64> {
    let (negative, text) = signed(text);
    let (days, clock) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, clock)) => (days, Some(clock)),
        None => (text.strip_prefix('P')?, None),
    };
    let mut total: i64 = 0;
    // Counted downwards, since there is one negative number more.
    let mut add = |count: i64, unit: i64| {
        total = total.checked_sub(count.checked_mul(unit)?)?;
        Some(())
    };
    if !days.is_empty() || clock.is_none() {
        for (count, unit) in iso_parts(days, "WD", false)? {
            add(count, if unit == 'W' { 7 * DAY } else { DAY })?;
        }
    }
    if let Some(clock) = clock {
        let whole = match clock.split_once('.') {
            Some((whole, fraction)) => {
                let fraction = fraction.strip_suffix('S')?;
                add(i64::from(digits(fraction.as_bytes())?), 10_i64.pow(9 - fraction.len() as u32))?;
                format!("{whole}S")
            }
            None => clock.to_string(),
        };
        for (count, unit) in iso_parts(&whole, "HMS", false)? {
            add(
                count,
                match unit {
                    'H' => HOUR,
                    'M' => MINUTE,
                    _ => SECOND,
                },
            )?;
        }
    }
    if negative { Some(total) } else { total.checked_neg() }
}

/// Whether a minus stands in front, and the text behind it.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// `PT4H`; nanoseconds, shortest form.
pub fn duration_to_iso(nanos: i64) -> String {
    let (sign, left) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let second = SECOND.unsigned_abs();
    let (hours, minutes, seconds, rest) =
        (left / HOUR.unsigned_abs(), left / MINUTE.unsigned_abs() % 60, left / second % 60, left % second);
    let mut text = format!("{sign}PT");
    if hours != 0 {
        text += &format!("{hours}H");
    }
    if minutes != 0 {
        text += &format!("{minutes}M");
    }
    if rest != 0 {
        text += &format!("{seconds}.{}S", format!("{rest:09}").trim_end_matches('0'));
    } else if seconds != 0 || left == 0 {
        text += &format!("{seconds}S");
    }
    text
}

/// As people say it: `4 hours`, `1 day 30 minutes`, `0.5 seconds`.
pub fn duration_words(nanos: i64) -> String {
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let (mut left, mut parts) = (nanos.unsigned_abs(), vec![]);
    for (size, unit) in units {
        let count = left / size.unsigned_abs();
        left %= size.unsigned_abs();
        if count != 0 {
            parts.push(counted(count as i64, unit));
        }
    }
    let (seconds, rest) = (left / SECOND.unsigned_abs(), left % SECOND.unsigned_abs());
    if rest != 0 {
        parts.push(format!("{seconds}.{} seconds", format!("{rest:09}").trim_end_matches('0')));
    } else if seconds != 0 || parts.is_empty() {
        parts.push(counted(seconds as i64, "second"));
    }
    let text = parts.join(" ");
    if nanos < 0 { format!("minus {text}") } else { text }
}

/// Counts with units of `order`, each at most once and in that order; at least one.
fn iso_parts(mut text: &str, order: &str, signs: bool) -> Option<Vec<(i64, char)>> {
    let (mut parts, mut units) = (vec![], order);
    while !text.is_empty() {
        let (negative, rest) = if signs { signed(text) } else { (false, text) };
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[end..].chars().next()?;
        if end == 0 || end > 18 {
            return None;
        }
        units = &units[units.find(unit)? + 1..];
        let count: i64 = rest[..end].parse().ok()?;
        parts.push((if negative { -count } else { count }, unit));
        text = &rest[end + 1..];
    }
    (!parts.is_empty()).then_some(parts)
}
