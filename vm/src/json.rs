//! Strict JSON: a tree with numbers as they were written; duplicates, depth and encoding checked on the way in.
//! Whatever comes from outside is read here once, and then into values by `request`.
//! `json/lines.rs` cuts a stream into lines; `json/path.rs` says where in a text something stands.

mod lines;
mod path;

pub(crate) use lines::too_long;
pub use lines::{Lines, MAX_LINE, Numbered};
pub use path::Path;

use crate::request::InputError;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use std::fmt::{Display, Formatter, Result as FmtResult, Write};

/// How deep arrays and objects may stand in one another.
pub const MAX_DEPTH: usize = 64;

/// A JSON value. Members keep their order; numbers keep their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Reads one JSON text (RFC 8259) and nothing beside it. Refused are: what is not UTF-8 (E0602), a member given twice
/// (E0603), more than [`MAX_DEPTH`] levels (E0604), and everything else that is not JSON (E0601): a byte order mark,
/// half a surrogate pair, `NaN`, comments, text behind the value.
///
/// A `Json` made here is never deeper than [`MAX_DEPTH`], so whoever walks or drops it may recurse.
pub fn parse(bytes: &[u8]) -> Result<Json, InputError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        InputError::new("E0602", "", format!("The byte at {at} is not UTF-8. Write the text as UTF-8."))
    })?;
    let mut parser = Parser { text, at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(parser.wrong("The text begins with a byte order mark. Leave it out."));
    }
    let value = parser.value(&Path::Root, 0)?;
    parser.space();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.wrong(format!("After the value stands {}. One value is wanted.", parser.found()))),
    }
}

/// The value that begins there, so deep in others, and where it ends; `None` where none does.
pub(crate) fn parse_at(text: &str, at: usize, depth: usize) -> Option<(Json, usize)> {
    let mut parser = Parser { text, at };
    let json = parser.value(&Path::Root, depth).ok()?;
    Some((json, parser.at))
}

impl Json {
    /// The member of that name of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => None,
        }
    }

    /// The text, of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }

    pub fn string(text: impl Into<String>) -> Json {
        Json::String(text.into())
    }

    /// What messages call it: `a number`.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

impl Display for Json {
    /// Without spaces; numbers as they were written. `"`, `\` and control characters are escaped, nothing else.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(text) => f.write_str(text),
            Json::String(text) => write_string(text, f),
            Json::Array(items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { "," })?;
                }
                f.write_char(']')
            }
            Json::Object(members) => {
                f.write_char('{')?;
                for (at, (name, value)) in members.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { "," })?;
                    write_string(name, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn write_string(text: &str, f: &mut Formatter<'_>) -> FmtResult {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\0'..='\u{1f}' => write!(f, "\\u{:04x}", c as u32)?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl Serialize for Json {
    /// A number that is no whole number of 64 bits goes out as a string that holds it: no serializer has a place for
    /// its digits, and requests read both alike.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Number(text) => match (text.parse::<i64>(), text.parse::<u64>()) {
                (Ok(number), _) => serializer.serialize_i64(number),
                (_, Ok(number)) => serializer.serialize_u64(number),
                (Err(_), Err(_)) => serializer.serialize_str(text),
            },
            Json::String(text) => serializer.serialize_str(text),
            Json::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// How long a JSON number is that `text` begins with; `None` where it begins with none.
pub(crate) fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut at = match bytes.get(start)? {
        b'0' => start + 1,
        b'1'..=b'9' => start + digits(start),
        _ => return None,
    };
    if bytes.get(at) == Some(&b'.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let count = if at + 1 + sign <= bytes.len() { digits(at + 1 + sign) } else { 0 };
        if count > 0 {
            at += 1 + sign + count;
        }
    }
    Some(at)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// What stands here, for a message.
    fn found(&self) -> String {
        match self.text[self.at..].chars().next() {
            None => "the end of the text".to_string(),
            Some(c) if c.is_control() => format!("the control character U+{:04X}", c as u32),
            Some(c) => format!("`{c}`"),
        }
    }

    /// E0601 at this place. A line is named where there are several: of a stream, whoever reads it knows the line.
    fn wrong(&self, message: impl Display) -> InputError {
        let before = &self.text[..self.at];
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let place = if self.text.trim_end().contains('\n') {
            format!("Line {}, column {column}", before.matches('\n').count() + 1)
        } else {
            format!("Column {column}")
        };
        InputError::new("E0601", "", format!("{place}: {message}"))
    }

    fn value(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, InputError> {
        self.space();
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(InputError::new(
                "E0604",
                "",
                format!(
                    "Arrays and objects stand more than {MAX_DEPTH} deep in one another. No form that is declared is so deep."
                ),
            )),
            Some(b'{') => self.object(path, depth + 1),
            Some(b'[') => self.array(path, depth + 1),
            Some(b'"') => self.string().map(Json::String),
            _ => self.plain(),
        }
    }

    /// A number or one of the three words.
    fn plain(&mut self) -> Result<Json, InputError> {
        let rest = &self.text[self.at..];
        if let Some(length) = number_length(rest) {
            let number = rest[..length].to_string();
            self.at += length;
            return match self.peek() {
                Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_') => Err(self
                    .wrong(format!(
                        "{} can't stand in or behind a number. Write numbers as `10` or `-0.5`.",
                        self.found()
                    ))),
                _ => Ok(Json::Number(number)),
            };
        }
        let length =
            rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+')).count();
        let word = &rest[..length];
        let value = match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "NaN" | "Infinity" | "-Infinity" | "+Infinity" => {
                return Err(self.wrong(format!("`{word}` is no number. Leave the member out where there is no value.")));
            }
            _ => return Err(self.wrong(format!("{} stands where a value is wanted.", self.found()))),
        };
        self.at += length;
        Ok(value)
    }

    fn array(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, InputError> {
        self.at += 1;
        let mut items = vec![];
        self.space();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(&path.index(items.len()), depth)?);
            self.space();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return Err(self.wrong(format!("{} stands where `,` or `]` is wanted.", self.found())));
            }
        }
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, InputError> {
        self.at += 1;
        let mut members = vec![];
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(
                    self.wrong(format!("{} stands where the name of a member is wanted, in quotes.", self.found()))
                );
            }
            let name = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err(self.wrong(format!("{} stands where `:` is wanted.", self.found())));
            }
            let value = self.value(&path.name(&name), depth)?;
            members.push((name, value));
            self.space();
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return Err(self.wrong(format!("{} stands where `,` or `}}` is wanted.", self.found())));
            }
        }
        match given_twice(&members) {
            None => Ok(Json::Object(members)),
            Some(name) => {
                let message = format!("The member {} is given twice. Say which is meant.", crate::schema::quote(name));
                Err(InputError::new("E0603", path.name(name).to_string(), message))
            }
        }
    }

    fn string(&mut self) -> Result<String, InputError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let length = rest.bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            text.push_str(&rest[..length]);
            self.at += length;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                None => return Err(self.wrong("The text ends within a string. Close it with `\"`.")),
                Some(_) => {
                    return Err(self.wrong(format!("{} can't stand in a string. Write it as an escape.", self.found())));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, InputError> {
        let start = self.at;
        self.at += 2;
        let c = match self.text.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => {
                self.at = start;
                return Err(self.wrong("`\\` begins no escape here. Write `\\\\` for a backslash."));
            }
        };
        Ok(c)
    }

    /// `\u` and four digits, and a second such escape where the first is half a pair.
    fn unicode(&mut self, start: usize) -> Result<char, InputError> {
        let first = self.hex();
        let code = match first {
            Some(high @ 0xd800..=0xdbff) if self.text[self.at..].starts_with("\\u") => {
                self.at += 2;
                self.hex()
                    .filter(|low| (0xdc00..=0xdfff).contains(low))
                    .map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            }
            other => other,
        };
        code.and_then(char::from_u32).ok_or_else(|| {
            self.at = start;
            self.wrong(match first {
                None => "`\\u` wants four hexadecimal digits behind it.",
                Some(_) => "The escape is half a surrogate pair. Write both halves, or the character itself.",
            })
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// The first member whose name an earlier one has.
fn given_twice(members: &[(String, Json)]) -> Option<&str> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|at| (&members[*at].0, *at));
    let second = order.windows(2).filter(|pair| members[pair[0]].0 == members[pair[1]].0).map(|pair| pair[1]).min()?;
    Some(&members[second].0)
}
