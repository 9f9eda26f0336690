//! Numbers and times as they stand in JSON and in policies.
//! Amounts are integers here: money in cents (two digits behind the point), ratios in ten-thousandths (four).

/// Ten-thousandths in a whole: `7_000` is 0.70.
pub const WHOLE: i64 = 10_000;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// `123450` is `1234.50`.
pub fn money(cents: i64) -> String {
    point(cents, 100, 2)
}

/// `7000` is `0.7000`.
pub fn ratio(value: i64) -> String {
    point(value, WHOLE, 4)
}

fn point(value: i64, whole: i64, digits: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.abs();
    format!("{sign}{}.{:0digits$}", value / whole, value % whole)
}

/// Nanoseconds since 1970 as RFC 3339, from 1970 on.
pub fn time(nanoseconds: i64) -> String {
    let (seconds, fraction) = (nanoseconds / SECOND, nanoseconds % SECOND);
    let (days, second) = (seconds / DAY, seconds % DAY);
    // The civil date of a day number, with years that begin in March.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + later;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:09}") };
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert_eq!(money(-5), "-0.05");
        assert_eq!(ratio(12_345), "1.2345");
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(1_772_550_000 * SECOND + 5), "2026-03-03T15:00:00.000000005Z");
        assert_eq!(time(951_782_400 * SECOND), "2000-02-29T00:00:00Z");
    }
}
