//! Decimals: exact, fixed point, twelve digits behind the point; and money, a decimal with a currency.
//! Only what literals, JSON and messages need: reading, writing, widening, adding. Products and quotients are the engines'.

use super::Currency;
use serde::{Deserialize, Serialize};

/// A number of trillionths. From -170141183460469231731687303.715884105728 to …727.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Decimal(pub i128);

/// Why a text is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not `-?digits[.digits][e[+-]digits]`.
    Form,
    /// Too large for 128 bits.
    Range,
}

impl Decimal {
    /// Digits behind the point.
    pub const DIGITS: u32 = 12;
    /// What stands for one.
    pub const ONE: Decimal = Decimal(1_000_000_000_000);
    pub const ZERO: Decimal = Decimal(0);

    /// Exact for every `int`.
    pub fn from_int(value: i64) -> Decimal {
        Decimal(i128::from(value) * Decimal::ONE.0)
    }

    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_add(other.0).map(Decimal)
    }

    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_sub(other.0).map(Decimal)
    }

    pub fn checked_neg(self) -> Option<Decimal> {
        self.0.checked_neg().map(Decimal)
    }

    /// The `int` that it is, if it is one.
    pub fn to_int(self) -> Option<i64> {
        if self.0 % Decimal::ONE.0 != 0 {
            return None;
        }
        i64::try_from(self.0 / Decimal::ONE.0).ok()
    }

    /// Up to 18 digits with a point among them and no exponent: what most numbers are.
    fn parse_short(text: &str) -> Option<Decimal> {
        let (negative, digits) = signed(text);
        let (mut raw, mut point) = (0_i64, None);
        if digits.len() > 19 {
            return None;
        }
        for (at, byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => raw = raw.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?,
                b'.' if point.is_none() && at > 0 => point = Some(at),
                _ => return None,
            }
        }
        let fraction = point.map_or(0, |point| digits.len() - point - 1);
        if digits.is_empty() || (point.is_some() && fraction == 0) || fraction > 12 {
            return None;
        }
        Some(Decimal::of(if negative { -raw } else { raw }, fraction as u32))
    }

    /// Of all its digits, at most 12 of which stand behind the point.
    #[inline]
    pub(crate) fn of(digits: i64, fraction: u32) -> Decimal {
        Decimal(i128::from(digits) * i128::from(10_i64.pow(12_u32.saturating_sub(fraction))))
    }

    /// Reads a JSON number's text. More than twelve digits behind the point are rounded half to even, exactly,
    /// whatever the length of the text.
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        if let Some(short) = Decimal::parse_short(text) {
            return Ok(short);
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], Decimal::exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Form),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(DecimalError::Form);
        }
        let digits = || whole.bytes().chain(fraction.bytes()).map(|byte| u128::from(byte - b'0'));
        if digits().all(|digit| digit == 0) {
            return Ok(Decimal::ZERO);
        }
        // How many of the digits count, so that the last of them is a trillionth.
        let keep = whole.len() as i64 + exponent + i64::from(Decimal::DIGITS);
        let mut raw: u128 = 0;
        for digit in digits().take(usize::try_from(keep).unwrap_or(0)) {
            raw = raw.checked_mul(10).and_then(|raw| raw.checked_add(digit)).ok_or(DecimalError::Range)?;
        }
        let have = (whole.len() + fraction.len()) as i64;
        for _ in have..keep {
            raw = raw.checked_mul(10).ok_or(DecimalError::Range)?;
        }
        if keep < have && keep >= 0 {
            let mut dropped = digits().skip(keep as usize);
            let first = dropped.next().unwrap_or(0);
            let more = dropped.any(|digit| digit != 0);
            if first > 5 || (first == 5 && (more || raw % 2 == 1)) {
                raw = raw.checked_add(1).ok_or(DecimalError::Range)?;
            }
        }
        let raw = if negative { 0_i128.checked_sub_unsigned(raw) } else { i128::try_from(raw).ok() };
        raw.map(Decimal).ok_or(DecimalError::Range)
    }

    fn exponent(text: &str) -> Result<i64, DecimalError> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DecimalError::Form);
        }
        let digits = digits.trim_start_matches('0');
        // A larger exponent moves every digit out of reach all the same.
        let value: i64 = if digits.len() > 9 { 1 << 40 } else { digits.parse().unwrap_or(0) };
        Ok(if text.starts_with('-') { -value } else { value })
    }
}

impl std::fmt::Display for Decimal {
    /// Without trailing zeros, without separators: `0.5`, `-10`, `1234.000000000001`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let one = Decimal::ONE.0.unsigned_abs();
        let (whole, fraction) = (self.0.unsigned_abs() / one, self.0.unsigned_abs() % one);
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// Why a text is no `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntError {
    /// No number at all.
    Form,
    /// A number between two whole ones.
    Fraction,
    /// Outside 64 bits.
    Range,
}

/// Whether a `-` stands before it, and what stands behind that.
fn signed(text: &str) -> (bool, &[u8]) {
    match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    }
}

/// Reads a JSON number's text as an `int`, exactly: `10`, `10.0` and `1e1` are ten, whatever the length of the text.
pub fn int_from_text(text: &str) -> Result<i64, IntError> {
    let (negative, short) = signed(text);
    if (1..=18).contains(&short.len()) && short.iter().all(u8::is_ascii_digit) {
        let value = short.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        return Ok(if negative { -value } else { value });
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Decimal::exponent(&rest[at + 1..]).map_err(|_| IntError::Form)?),
        None => (rest, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return Err(IntError::Form),
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(IntError::Form);
    }
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    // How many zeros follow the significant digits.
    let zeros = exponent - fraction.len() as i64 + (digits.len() - significant.len()) as i64;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    if zeros < 0 {
        return Err(IntError::Fraction);
    }
    if significant.len() as i64 + zeros > 19 {
        return Err(IntError::Range);
    }
    let value =
        significant.bytes().fold(0_i128, |sum, byte| sum * 10 + i128::from(byte - b'0')) * 10_i128.pow(zeros as u32);
    i64::try_from(if negative { -value } else { value }).map_err(|_| IntError::Range)
}

/// An amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    pub currency: Currency,
    pub amount: Decimal,
}

impl std::fmt::Display for Money {
    /// `USD 10,000`, `USD 0.50`, `USD -3.125`: grouped in threes; a fraction has at least the currency's own digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.amount.to_string();
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.as_str()),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        write!(f, "{} {sign}", self.currency)?;
        for (at, digit) in whole.char_indices() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if !fraction.is_empty() {
            let width = self.currency.minor_digits() as usize;
            write!(f, ".{fraction:0<width$}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An exponent takes the long way, which is the same.
    #[test]
    fn short_numbers_are_read_as_long_ones() {
        let whole = [
            "0",
            "7",
            "-7",
            "00",
            "10",
            "-0",
            "999999999999999999",
            "9223372036854775807",
            "9223372036854775808",
            "",
            "-",
            "1a",
        ];
        let fraction =
            ["", ".", ".5", ".000000000001", ".0000000000004", ".0000000000005", ".999999999999", ".1.2", ".-1"];
        for whole in whole {
            for fraction in fraction {
                let (short, long) = (format!("{whole}{fraction}"), format!("{whole}{fraction}e0"));
                assert_eq!(Decimal::parse(&short), Decimal::parse(&long), "{short}");
                assert_eq!(int_from_text(&short), int_from_text(&long), "{short}");
            }
        }
    }
}
