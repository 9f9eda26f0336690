//! Decimals, ints and money: read, rounded, shown.

use ordain_vm::value::{Currency, Decimal, DecimalError, IntError, Money, int_from_text};

fn decimal(text: &str) -> String {
    match Decimal::parse(text) {
        Ok(value) => value.to_string(),
        Err(DecimalError::Form) => "form".into(),
        Err(DecimalError::Range) => "range".into(),
    }
}

fn int(text: &str) -> String {
    match int_from_text(text) {
        Ok(value) => value.to_string(),
        Err(IntError::Form) => "form".into(),
        Err(IntError::Fraction) => "fraction".into(),
        Err(IntError::Range) => "range".into(),
    }
}

#[test]
fn decimals_read_and_shown() {
    for (text, shown) in [
        ("0", "0"),
        ("-0", "0"),
        ("-0.0000000000001", "0"),
        ("0.10", "0.1"),
        ("10", "10"),
        ("-10.50", "-10.5"),
        ("1e3", "1000"),
        ("1.5E+2", "150"),
        ("1.5e-2", "0.015"),
        ("12345e-14", "0.000000000123"),
        ("123456789e-14", "0.000001234568"),
        ("1e-12", "0.000000000001"),
        ("1e-13", "0"),
        ("1e-999999999999999999999", "0"),
        ("0e999999999999999999999", "0"),
        ("1e999999999999999999999", "range"),
        ("0000000000000000000000000000000000000000000001", "1"),
        ("170141183460469231731687303.715884105727", "170141183460469231731687303.715884105727"),
        ("170141183460469231731687303.7158841057274", "170141183460469231731687303.715884105727"),
        ("170141183460469231731687303.7158841057275", "range"),
        ("170141183460469231731687303.715884105728", "range"),
        ("-170141183460469231731687303.715884105728", "-170141183460469231731687303.715884105728"),
        ("-170141183460469231731687303.7158841057285", "-170141183460469231731687303.715884105728"),
        ("-170141183460469231731687303.7158841057286", "range"),
        ("-170141183460469231731687303.715884105729", "range"),
        ("340282366920938463463374607.431768211456", "range"),
        ("340282366920938463463374607.4317682114559", "range"),
    ] {
        assert_eq!(decimal(text), shown, "{text}");
    }
}

#[test]
fn what_is_no_decimal() {
    for text in [
        "", "-", ".", "1.", ".5", "+1", "1e", "1e+", "e5", "1.2.3", "1,000", "0x1", "١", "NaN", " 1", "1 ", "--1",
        "1e1.5", "1_0",
    ] {
        assert_eq!((decimal(text), int(text)), ("form".to_string(), "form".to_string()), "{text}");
    }
}

/// The thirteenth digit: half goes to the even neighbour, and one digit far behind it makes it more than half.
#[test]
fn rounding_is_half_to_even_and_exact() {
    let zeros = "0".repeat(380);
    for (text, shown) in [
        ("0.0000000000005".to_string(), "0"),
        ("0.0000000000015".to_string(), "0.000000000002"),
        ("0.0000000000025".to_string(), "0.000000000002"),
        ("-0.0000000000015".to_string(), "-0.000000000002"),
        ("-0.0000000000025".to_string(), "-0.000000000002"),
        ("0.00000000000049".to_string(), "0"),
        ("0.00000000000051".to_string(), "0.000000000001"),
        (format!("0.0000000000005{zeros}1"), "0.000000000001"),
        (format!("0.0000000000025{zeros}1"), "0.000000000003"),
        (format!("0.0000000000025{zeros}0"), "0.000000000002"),
        (format!("0.{}", "9".repeat(400)), "1"),
        (format!("9.{}", "9".repeat(400)), "10"),
        ("0.9999999999995".to_string(), "1"),
        ("0.9999999999994".to_string(), "0.999999999999"),
        ("25e-14".to_string(), "0"),
        ("75e-14".to_string(), "0.000000000001"),
    ] {
        assert_eq!(decimal(&text), shown, "{text}");
    }
    assert_eq!(decimal(&"9".repeat(400)), "range");
    assert_eq!(decimal(&format!("{}e-390", "1".repeat(400))), "1111111111.111111111111");
    assert_eq!(decimal(&format!("0.{}1e400", "0".repeat(399))), "1");
}

/// Every power of ten, and one trillionth and one whole to either side, comes back as it was written.
#[test]
fn powers_of_ten_and_their_neighbours() {
    let mut seen = 0;
    for power in 0..=38 {
        let ten = 10_i128.pow(power);
        for raw in
            [ten, ten - 1, ten + 1, ten - Decimal::ONE.0, ten.saturating_add(Decimal::ONE.0), ten / 2, i128::MAX - ten]
        {
            for value in [Decimal(raw), Decimal(-raw)] {
                assert_eq!(Decimal::parse(&value.to_string()), Ok(value));
                // The same with its point moved.
                let shifted = format!("{}e-12", value.0);
                assert_eq!(Decimal::parse(&shifted), Ok(value), "{shifted}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 39 * 14);
    for value in [Decimal(i128::MAX), Decimal(i128::MIN), Decimal::from_int(i64::MIN), Decimal::from_int(i64::MAX)] {
        assert_eq!(Decimal::parse(&value.to_string()), Ok(value));
    }
}

#[test]
fn ints_are_exact() {
    for (text, shown) in [
        ("0", "0"),
        ("-0", "0"),
        ("10.0", "10"),
        ("1e1", "10"),
        ("120e-1", "12"),
        ("1.20e1", "12"),
        ("12e-1", "fraction"),
        ("0.5", "fraction"),
        ("1.0000000000000000000000001", "fraction"),
        ("1e-400", "fraction"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "range"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "range"),
        ("9223372036854775807.000", "9223372036854775807"),
        ("1e18", "1000000000000000000"),
        ("1e19", "range"),
        ("1e999999999999", "range"),
        ("0e999999999999", "0"),
        ("0.00e-999999999999", "0"),
    ] {
        assert_eq!(int(text), shown, "{text}");
    }
    assert_eq!(int(&"9".repeat(400)), "range");
    assert_eq!(int(&format!("5{}e-399", "0".repeat(399))), "5");
}

#[test]
fn ints_widen_and_narrow() {
    for value in [0, 1, -1, i64::MAX, i64::MIN] {
        assert_eq!(Decimal::from_int(value).to_int(), Some(value));
    }
    assert_eq!(Decimal(Decimal::ONE.0 / 2).to_int(), None);
    assert_eq!(Decimal(i128::MAX).to_int(), None);
}

#[test]
fn money_as_people_read_it() {
    for (currency, amount, shown) in [
        ("USD", "0", "USD 0"),
        ("USD", "10000", "USD 10,000"),
        ("USD", "999", "USD 999"),
        ("USD", "1000", "USD 1,000"),
        ("USD", "1234567.5", "USD 1,234,567.50"),
        ("USD", "-1000.05", "USD -1,000.05"),
        ("USD", "-3.125", "USD -3.125"),
        ("USD", "0.000000000001", "USD 0.000000000001"),
        ("JPY", "1000.5", "JPY 1,000.5"),
        ("KWD", "1.5", "KWD 1.500"),
        ("EUR", "-170141183460469231731687303.715884105728", "EUR -170,141,183,460,469,231,731,687,303.715884105728"),
    ] {
        let money = Money { currency: Currency::parse(currency).unwrap(), amount: Decimal::parse(amount).unwrap() };
        assert_eq!(money.to_string(), shown);
    }
}

#[test]
fn codes_are_closed_lists() {
    use ordain_vm::value::Country;
    for code in Country::all() {
        assert_eq!(Country::parse(code).map(Country::code), Some(code));
    }
    for code in Currency::all() {
        assert_eq!(Currency::parse(code).map(Currency::code), Some(code));
    }
    assert!(Country::all().is_sorted() && Currency::all().is_sorted());
    assert_eq!(Country::all().count(), 249);
    for not in ["", "D", "de", "DEU", "XX", "UK", "EU", "D ", " DE", "ÄÖ"] {
        assert_eq!(Country::parse(not), None, "{not}");
    }
    for not in ["", "usd", "US", "USDX", "XYZ", "D A", "AED "] {
        assert_eq!(Currency::parse(not), None, "{not}");
    }
}
