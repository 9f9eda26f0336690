//! What a literal token holds, and everything that can be wrong with a token by itself.
//! `parse.rs` reports the second for all tokens of a file, whether or not the grammar could use them; `build.rs`
//! takes the first. So a literal that holds nothing was reported already.

use super::messages::nearest;
use crate::ast::Expr;
use crate::diagnostic::Diagnostic;
use crate::errors::syntax;
use crate::lex::{Kind, Token, UNITS};
use crate::source::{FileId, Span};
use ordain_vm::value::{Currency, Date, Decimal, Instant, Period, Time};
use std::sync::Arc;

/// Everything wrong with the tokens by themselves, in the order of the text.
pub fn check(source: &str, file: FileId, tokens: &[Token]) -> Vec<Diagnostic> {
    let mut found = vec![];
    controls(source, file, &mut found);
    for token in tokens {
        let text = token.text(source);
        let at = Span::new(file, token.start, token.end);
        match token.kind {
            Kind::Comment if text.starts_with("/*") => found.push(syntax::comment_form(at)),
            Kind::Word if !text.is_ascii() => found.push(foreign_word(at, text)),
            Kind::Unknown if text.chars().all(is_control) => {}
            Kind::Unknown => found.push(syntax::unknown_character(at, text)),
            Kind::Unterminated => found.push(syntax::unterminated(at, text)),
            Kind::Text | Kind::TextStart | Kind::TextMiddle | Kind::TextEnd => escapes(source, at, &mut found),
            Kind::Int if int(text).is_none() => found.push(syntax::number_too_large(at)),
            Kind::Decimal if digits_behind_point(text) > Decimal::DIGITS as usize => {
                found.push(syntax::too_many_digits(at))
            }
            Kind::Decimal if decimal(text).is_none() => found.push(syntax::number_too_large(at)),
            Kind::Quantity => found.extend(quantity(text).err().map(|wrong| wrong.report(at, text))),
            Kind::Date if Date::parse(text).is_none() => found.push(syntax::no_such_date(at, text)),
            Kind::Time if Time::parse(text).is_none() => found.push(syntax::no_such_time(at, text)),
            Kind::Instant if Instant::parse(text).is_none() => found.push(syntax::no_such_instant(at, text)),
            Kind::Quoted if text.len() < 3 => found.push(syntax::empty_name(at)),
            Kind::Quoted if looks_plain(text) && !text.chars().any(is_control) => found.push(foreign_word(at, text)),
            _ => {}
        }
    }
    found
}

/// `43_000`
pub fn int(text: &str) -> Option<i64> {
    plain(text).parse().ok()
}

/// `0.75`; none where it has more digits than a decimal holds.
pub fn decimal(text: &str) -> Option<Decimal> {
    if digits_behind_point(text) > Decimal::DIGITS as usize {
        return None;
    }
    Decimal::parse(&plain(text)).ok()
}

fn plain(number: &str) -> String {
    number.chars().filter(|c| *c != '_').collect()
}

fn digits_behind_point(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, fraction)| fraction.bytes().filter(u8::is_ascii_digit).count())
}

/// Why a quantity is none.
pub enum Wrong {
    TooLarge,
    /// Of a span.
    TooLong,
    TooManyDigits,
    /// The word behind the number is no unit; reported where it was joined to the number.
    NoUnit,
    /// Days, months and the like come whole.
    NotWhole,
}

impl Wrong {
    fn report(self, at: Span, text: &str) -> Diagnostic {
        match self {
            Wrong::TooLarge => syntax::number_too_large(at),
            Wrong::TooLong => syntax::span_too_long(at),
            Wrong::TooManyDigits => syntax::too_many_digits(at),
            Wrong::NoUnit => syntax::unknown_unit(at, text, None),
            Wrong::NotWhole => syntax::whole_number_wanted(at, text),
        }
    }
}

/// `4 hours`, `10_000 USD`, `43%`, `3 business days`.
pub fn quantity(text: &str) -> Result<Expr, Wrong> {
    const SECOND: i64 = 1_000_000_000;
    let split = text.find(|c: char| !matches!(c, '0'..='9' | '_' | '.')).unwrap_or(text.len());
    let (number, unit) = (plain(&text[..split]), text[split..].trim());
    let share = match unit {
        "%" => 2,
        "bps" => 4,
        _ => 0,
    };
    if digits_behind_point(&number) + share > Decimal::DIGITS as usize {
        return Err(Wrong::TooManyDigits);
    }
    let value = Decimal::parse(&number).map_err(|_| Wrong::TooLarge)?;
    let too_long = || Wrong::TooLong;
    if share > 0 {
        return Ok(Expr::Decimal(Decimal(value.0 / 10_i128.pow(share as u32))));
    }
    if let Some(currency) = Currency::parse(unit) {
        return Ok(Expr::Money(value, currency));
    }
    let clock = match unit {
        "second" | "seconds" => Some(SECOND),
        "minute" | "minutes" => Some(60 * SECOND),
        "hour" | "hours" => Some(3600 * SECOND),
        _ => None,
    };
    if let Some(unit) = clock {
        let nanos = value.0.checked_mul(i128::from(unit)).ok_or_else(too_long)?;
        if nanos % Decimal::ONE.0 != 0 {
            return Err(Wrong::TooManyDigits);
        }
        return i64::try_from(nanos / Decimal::ONE.0).map(Expr::Duration).map_err(|_| Wrong::TooLong);
    }
    if value.0 % Decimal::ONE.0 != 0 {
        return Err(Wrong::NotWhole);
    }
    let count = value.to_int().and_then(|count| i32::try_from(count).ok()).ok_or_else(too_long)?;
    let period = match unit {
        "day" | "days" => return Ok(Expr::Days(i64::from(count))),
        "week" | "weeks" => return count.checked_mul(7).map(|days| Expr::Days(days.into())).ok_or_else(too_long),
        "month" | "months" => Period { months: count, ..Period::default() },
        "year" | "years" => Period { months: count.checked_mul(12).ok_or_else(too_long)?, ..Period::default() },
        unit if unit.starts_with("business") => Period { business_days: count, ..Period::default() },
        _ => return Err(Wrong::NoUnit),
    };
    Ok(Expr::Period(period))
}

/// The unit that a word behind a number was meant as: `hrs`, `usd`, `percent`.
pub fn meant_unit(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    let known = match lower.as_str() {
        "s" | "sec" | "secs" => Some("seconds"),
        "m" | "min" | "mins" => Some("minutes"),
        "h" | "hr" | "hrs" => Some("hours"),
        "d" => Some("days"),
        "w" | "wk" | "wks" => Some("weeks"),
        "mo" | "mth" | "mths" => Some("months"),
        "y" | "yr" | "yrs" => Some("years"),
        "percent" | "pct" => Some("%"),
        "bp" => Some("bps"),
        "workdays" | "weekdays" => Some("business days"),
        _ => None,
    };
    let currency = Currency::parse(&word.to_ascii_uppercase()).map(Currency::code);
    known.or(currency).or_else(|| nearest(&lower, UNITS.iter().copied()))
}

/// A piece of text with what is escaped put in. Unknown escapes, reported, stay as they stand.
pub fn unescape(piece: &str) -> Arc<str> {
    if !piece.contains('\\') {
        return Arc::from(piece);
    }
    let mut text = String::with_capacity(piece.len());
    let mut rest = piece;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (meaning, length) = escape(rest);
        match meaning {
            Some(c) => text.push(c),
            None => text.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    text.push_str(rest);
    Arc::from(text)
}

/// The character that the escape at the start of `text` stands for, and the escape's length. `\*`, which only `like`
/// knows, stays as it is.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(next) = text[1..].chars().next() else { return (None, 1) };
    let plain = match next {
        '"' | '\\' | '{' | '}' => Some(next),
        'n' => Some('\n'),
        't' => Some('\t'),
        'u' => {
            let Some(digits) = text[2..].strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
                return (None, 2);
            };
            let length = 4 + digits.0.len();
            let code = if digits.0.len() <= 6 { u32::from_str_radix(digits.0, 16).ok() } else { None };
            return (code.and_then(char::from_u32), length);
        }
        _ => None,
    };
    (plain, 1 + next.len_utf8())
}

fn escapes(source: &str, at: Span, found: &mut Vec<Diagnostic>) {
    let text = &source[at.start as usize..at.end as usize];
    let mut from = 0;
    while let Some(offset) = text[from..].find('\\') {
        from += offset;
        let (meaning, length) = escape(&text[from..]);
        let written = &text[from..from + length];
        if meaning.is_none() && written != "\\*" {
            let start = at.start + from as u32;
            found.push(syntax::unknown_escape(Span::new(at.file, start, start + length as u32), written));
        }
        from += length;
    }
}

/// Names have ASCII letters, so that two that look alike are alike.
fn foreign_word(at: Span, text: &str) -> Diagnostic {
    let (place, letter) = text.char_indices().find(|(_, c)| !c.is_ascii()).unwrap_or((0, ' '));
    let start = at.start + place as u32;
    let letter_at = Span::new(at.file, start, start + letter.len_utf8() as u32);
    let plain: String =
        text.chars().map(|c| if c.is_ascii() { Some(c) } else { looks_like(c) }).map(|c| c.unwrap_or('_')).collect();
    let plain = text.chars().all(|c| c.is_ascii() || looks_like(c).is_some()).then_some(plain);
    syntax::foreign_letter(at, letter_at, letter, looks_like(letter), plain)
}

/// A name from elsewhere may have every letter, but not look like one of ASCII letters alone.
fn looks_plain(name: &str) -> bool {
    !name.is_ascii() && unicode_security::skeleton(name).all(|c| c.is_ascii())
}

/// The ASCII letter that another letter looks like.
fn looks_like(letter: char) -> Option<char> {
    let mut buffer = [0; 4];
    unicode_security::skeleton(letter.encode_utf8(&mut buffer)).next().filter(|c| c.is_ascii_alphanumeric())
}

fn controls(source: &str, file: FileId, found: &mut Vec<Diagnostic>) {
    let mut behind = 0;
    for (at, c) in source.char_indices() {
        // A mark of the byte order at the very start says nothing and harms nobody.
        if !is_control(c) || (at == 0 && c == '\u{FEFF}') {
            continue;
        }
        let (start, end) = (at as u32, (at + c.len_utf8()) as u32);
        // One message a run.
        if start != behind || behind == 0 {
            found.push(syntax::control_character(Span::new(file, start, end), c));
        }
        behind = end;
    }
}

/// Controls, marks of direction, and what can't be seen.
pub fn is_control(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        c if c.is_ascii() => c.is_ascii_control(),
        '\u{80}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' => {
            true
        }
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}
