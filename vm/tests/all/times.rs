//! Dates, times, instants, durations, periods and address ranges: read, shown, at their edges.

use crate::Dice;
use ordain_vm::value::{Date, Instant, IpRange, Period, Time, duration_from_iso, duration_to_iso, duration_words};

#[test]
fn dates() {
    for text in ["0001-01-01", "1900-02-28", "1970-01-01", "2000-02-29", "2024-02-29", "2026-12-31", "9999-12-31"] {
        assert_eq!(Date::parse(text).map(|date| date.to_string()).as_deref(), Some(text));
    }
    for text in [
        "",
        "0000-01-01",
        "10000-01-01",
        "1900-02-29",
        "2100-02-29",
        "2026-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-1-01",
        "2026/01/01",
        "26-01-01",
        "2026-01-01 ",
        " 2026-01-01",
        "2026-01-0１",
        "+026-01-01",
        "-026-01-01",
    ] {
        assert_eq!(Date::parse(text), None, "{text}");
    }
    assert_eq!(Date::parse("0001-01-01"), Some(Date::MIN));
    assert_eq!(Date::parse("9999-12-31"), Some(Date::MAX));
    assert_eq!(Date::parse("1970-01-01"), Some(Date(0)));
}

/// Every day of ten thousand years comes after the one before it, and back.
#[test]
fn every_day_there_is() {
    let (mut year, mut month, mut day) = (1, 1, 1);
    for at in Date::MIN.0..=Date::MAX.0 {
        assert_eq!(Date(at).ymd(), (year, month, day));
        assert_eq!(Date::from_ymd(year, month, day), Some(Date(at)));
        day += 1;
        if day > Date::days_in(year, month) {
            (day, month) = (1, month + 1);
        }
        if month > 12 {
            (month, year) = (1, year + 1);
        }
    }
    assert_eq!(year, 10_000);
}

#[test]
fn days_and_months_later() {
    let date = |text| Date::parse(text).unwrap();
    let months = |text, months| date(text).plus_months(months).map(|date| date.to_string()).unwrap_or_default();
    assert_eq!(months("2024-01-31", 1), "2024-02-29");
    assert_eq!(months("2025-01-31", 1), "2025-02-28");
    assert_eq!(months("2024-02-29", 12), "2025-02-28");
    assert_eq!(months("2024-03-31", -1), "2024-02-29");
    assert_eq!(months("2024-01-15", -1), "2023-12-15");
    assert_eq!(months("9999-12-31", 1), "");
    assert_eq!(months("0001-01-01", -1), "");
    assert_eq!(months("2024-01-15", i64::MAX), "");
    assert_eq!(months("2024-01-15", i64::MIN), "");
    assert_eq!(date("2024-02-28").plus_days(2).unwrap().to_string(), "2024-03-01");
    assert_eq!(Date::MAX.plus_days(1), None);
    assert_eq!(Date::MIN.plus_days(-1), None);
    assert_eq!(Date::MIN.plus_days(i64::MAX), None);
    assert_eq!(date("2026-03-02").weekday(), 0);
    assert_eq!(date("1969-12-28").weekday(), 6);
    assert_eq!(Date::MIN.weekday(), 0);
}

#[test]
fn times_of_day() {
    for (text, shown) in [
        ("00:00", "00:00"),
        ("15:00", "15:00"),
        ("15:00:00", "15:00"),
        ("15:00:30", "15:00:30"),
        ("23:59:59.999999999", "23:59:59.999999999"),
        ("15:00:00.250", "15:00:00.25"),
    ] {
        assert_eq!(Time::parse(text).map(|time| time.to_string()).as_deref(), Some(shown), "{text}");
    }
    for text in [
        "",
        "24:00",
        "23:60",
        "23:59:60",
        "1:00",
        "15",
        "15:0",
        "15:00:",
        "15:00:00.",
        "15:00:00.1234567890",
        "15:00Z",
        "-1:00",
        "15.00",
        "é:000",
    ] {
        assert_eq!(Time::parse(text), None, "{text}");
    }
}

#[test]
fn instants() {
    for (text, shown) in [
        ("2026-03-03T15:00:00Z", "2026-03-03T15:00:00Z"),
        ("2026-03-03t15:00:00z", "2026-03-03T15:00:00Z"),
        ("2026-03-03 15:00:00Z", "2026-03-03T15:00:00Z"),
        ("2026-03-03T15:00:00.5+05:30", "2026-03-03T09:30:00.5Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"),
        ("2026-03-03T15:00:00-00:00", "2026-03-03T15:00:00Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
        ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"),
        ("1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z"),
    ] {
        assert_eq!(Instant::parse(text).map(|instant| instant.to_string()).as_deref(), Some(shown), "{text}");
    }
    for text in [
        "",
        "2026-03-03",
        "2026-03-03T15:00:00",
        "2026-03-03T15:00Z",
        "2026-03-03T24:00:00Z",
        "2026-03-03T15:00:60Z",
        "2026-02-30T15:00:00Z",
        "2026-03-03T15:00:00+24:00",
        "2026-03-03T15:00:00+0530",
        "2026-03-03T15:00:00+5:30",
        "2026-03-03T15:00:00.Z",
        "2026-03-03T15:00:00ZZ",
        "2026-03-03X15:00:00Z",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "2026-03-03T15:00:00é05:00",
        "2026-03-03T15:00:00+00:0é",
        "1772550000",
    ] {
        assert_eq!(Instant::parse(text), None, "{text}");
    }
    let mut dice = Dice(3);
    for nanos in (0..2000).map(|_| dice.next() as i64).chain([i64::MIN, i64::MAX, 0, -1]) {
        assert_eq!(Instant::parse(&Instant(nanos).to_string()), Some(Instant(nanos)));
    }
}

#[test]
fn durations() {
    for (text, shown) in [
        ("PT4H", "PT4H"),
        ("PT90M", "PT1H30M"),
        ("P1DT12H", "PT36H"),
        ("P1W2D", "PT216H"),
        ("P1D", "PT24H"),
        ("PT0S", "PT0S"),
        ("-PT0S", "PT0S"),
        ("PT0.5S", "PT0.5S"),
        ("PT1H0.000000001S", "PT1H0.000000001S"),
        ("-PT1H30M", "-PT1H30M"),
        ("-P1DT0.5S", "-PT24H0.5S"),
    ] {
        assert_eq!(duration_from_iso(text).map(duration_to_iso).as_deref(), Some(shown), "{text}");
    }
    for text in [
        "",
        "P",
        "PT",
        "P1DT",
        "4H",
        "PT4",
        "PTH",
        "PT1.5H",
        "PT1.S",
        "PT.5S",
        "PT0.1234567890S",
        "P1M",
        "P1Y",
        "PT1S1M",
        "PT1H1H",
        "P1D1W",
        "P-1D",
        "PT-1H",
        "--PT1H",
        "pt4h",
        "PT4H ",
        "PT9999999999999999999H",
        "P999999999999W",
        "PT1é",
        "PT1M1.5",
    ] {
        assert_eq!(duration_from_iso(text), None, "{text}");
    }
    let mut dice = Dice(4);
    for nanos in (0..2000).map(|_| dice.next() as i64).chain([i64::MIN, i64::MAX, 0, -1, 1]) {
        assert_eq!(duration_from_iso(&duration_to_iso(nanos)), Some(nanos));
    }
}

#[test]
fn durations_in_words() {
    let words = |text| duration_words(duration_from_iso(text).unwrap());
    for (text, shown) in [
        ("PT0S", "0 seconds"),
        ("PT1S", "1 second"),
        ("PT4H", "4 hours"),
        ("P1DT30M", "1 day 30 minutes"),
        ("P90D", "90 days"),
        ("PT0.5S", "0.5 seconds"),
        ("PT1M0.000000001S", "1 minute 0.000000001 seconds"),
        ("-PT1H", "minus 1 hour"),
    ] {
        assert_eq!(words(text), shown);
    }
    assert!(duration_words(i64::MIN).starts_with("minus 106751 days"));
}

#[test]
fn periods() {
    for (text, shown, words) in [
        ("P3M", "P3M", "3 months"),
        ("P1Y2M", "P14M", "1 year 2 months"),
        ("P2W", "P14D", "14 days"),
        ("P2W1D", "P15D", "15 days"),
        ("P1Y10D", "P12M10D", "1 year 10 days"),
        ("P3B", "P3B", "3 business days"),
        ("P1M1D1B", "P1M1D1B", "1 month 1 day 1 business day"),
        ("P0D", "P0D", "0 days"),
        ("P0M", "P0D", "0 days"),
        ("-P1M", "P-1M", "-1 month"),
        ("P1M-3D", "P1M-3D", "1 month -3 days"),
    ] {
        let period = Period::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((period.to_iso().as_str(), period.to_string().as_str()), (shown, words));
        assert_eq!(Period::parse(shown), Some(period));
    }
    for text in [
        "",
        "P",
        "PT4H",
        "P1DT1H",
        "3M",
        "P1.5M",
        "P1D1M",
        "P1M1M",
        "P9999999999M",
        "P999999999Y",
        "P2147483647M1Y",
        "P400000000W",
        "P--1M",
        "P1B1D",
    ] {
        assert_eq!(Period::parse(text), None, "{text}");
    }
}

#[test]
fn address_ranges() {
    let range = |text: &str| IpRange::parse(text);
    for text in
        ["10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "::/0", "2001:db8::/32", "2001:db8::1/128", "::ffff:10.0.0.0/104"]
    {
        assert_eq!(range(text).map(|range| range.to_string()).as_deref(), Some(text));
    }
    for text in [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/+8",
        "10.0.0.0/008 ",
        "::/129",
        "2001:db8::1/32",
        "/8",
        "10.0.0.0/8/8",
        "::1%eth0/128",
    ] {
        assert_eq!(range(text), None, "{text}");
    }
    let within = |range_text: &str, address: &str| range(range_text).unwrap().contains(address.parse().unwrap());
    assert!(within("10.0.0.0/8", "10.255.255.255"));
    assert!(!within("10.0.0.0/8", "11.0.0.0"));
    assert!(within("0.0.0.0/0", "255.255.255.255"));
    assert!(!within("0.0.0.0/0", "::1"));
    assert!(!within("::/0", "10.0.0.1"));
    assert!(within("10.1.2.3/32", "10.1.2.3"));
    assert!(!within("10.1.2.3/32", "10.1.2.2"));
    assert!(within("2001:db8::/32", "2001:db8:ffff::1"));
    assert!(!within("2001:db8::/32", "2001:db9::"));
    assert!(within("2001:db8::1/128", "2001:db8::1"));
}
