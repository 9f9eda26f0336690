//! `Scan`: over a JSON text, value by value, giving parts of it. It takes less than JSON has (no escapes, no nesting by
//! itself); whoever meets the rest leaves the text to `json::parse`.

use crate::json::number_length;

/// A place in a JSON text. `None` everywhere: something else stands here than is asked for.
pub(super) struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// No member of this object was read yet.
    first: bool,
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Scan<'t> {
        Scan { text, at: 0, first: true }
    }

    pub fn text(&self) -> &'t str {
        self.text
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    #[inline]
    pub fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Into an object.
    pub fn open(&mut self) -> Option<()> {
        self.space();
        self.take(b'{')?;
        self.first = true;
        Some(())
    }

    /// The name of the object's next member, whose value follows; `Some(None)` behind the last.
    #[inline]
    pub fn member(&mut self) -> Option<Option<&'t str>> {
        self.space();
        if self.take(b'}').is_some() {
            self.first = false;
            return Some(None);
        }
        if !self.first {
            self.take(b',')?;
        }
        self.first = false;
        let name = self.string()?;
        self.space();
        self.take(b':')?;
        self.space();
        Some(Some(name))
    }

    /// The next member's name is that one: on to its value. Names mostly come in the order in which they are declared.
    #[inline]
    pub fn member_is(&mut self, name: &str) -> bool {
        self.space();
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        if !self.first {
            if bytes.get(at) != Some(&b',') {
                return false;
            }
            at += 1;
            while bytes.get(at) == Some(&b' ') {
                at += 1;
            }
        }
        let end = at + 1 + name.len();
        let there = bytes.get(at) == Some(&b'"')
            && bytes.get(end) == Some(&b'"')
            && bytes.get(at + 1..end) == Some(name.as_bytes())
            && bytes.get(end + 1) == Some(&b':');
        if there {
            self.at = end + 2;
            self.first = false;
        }
        there
    }

    /// A string without escapes.
    #[inline]
    pub fn string(&mut self) -> Option<&'t str> {
        self.space();
        self.take(b'"')?;
        let rest = &self.text.as_bytes()[self.at..];
        let length = plain_length(rest);
        if rest.get(length) != Some(&b'"') {
            return None;
        }
        let string = self.text.get(self.at..self.at + length)?;
        self.at += length + 1;
        Some(string)
    }

    /// A number of up to 18 digits without an exponent: all of its digits, and how many of them stand behind the point.
    /// That is what most numbers are; where another stands here, nothing was read.
    #[inline]
    pub fn short_number(&mut self) -> Option<(i64, u32)> {
        self.space();
        let bytes = self.text.as_bytes().get(self.at..)?;
        let negative = bytes.first() == Some(&b'-');
        let start = usize::from(negative);
        let (mut value, mut at, mut point) = (0_i64, start, None);
        loop {
            match bytes.get(at).copied() {
                // What overflows has more than 18 digits, and is not given.
                Some(digit @ b'0'..=b'9') => value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')),
                Some(b'.') if point.is_none() && at > start => point = Some(at),
                Some(b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') => break,
                _ => return None,
            }
            at += 1;
            if at - start > 19 {
                return None;
            }
        }
        let whole = point.unwrap_or(at) - start;
        let fraction = point.map_or(0, |point| at - point - 1);
        // `01`, `1.` and nothing at all are no numbers; 19 digits may be too many.
        let good = (bytes[start] != b'0' || whole == 1) && whole > 0 && whole + fraction <= 18;
        if !good || (point.is_some() && fraction == 0) {
            return None;
        }
        self.at += at;
        Some((if negative { -value } else { value }, fraction as u32))
    }

    /// The text of a number, or of a string that holds one.
    pub fn number(&mut self) -> Option<&'t str> {
        self.space();
        if self.peek() == Some(b'"') {
            return self.string().filter(|text| number_length(text) == Some(text.len()));
        }
        let rest = &self.text[self.at..];
        let length = number_length(rest)?;
        self.at += length;
        match self.peek() {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_') => None,
            _ => Some(&rest[..length]),
        }
    }

    pub fn boolean(&mut self) -> Option<bool> {
        if self.word("true") { Some(true) } else { self.word("false").then_some(false) }
    }

    pub fn null(&mut self) -> bool {
        self.word("null")
    }

    /// `{}`, which it goes behind.
    pub fn empty(&mut self) -> bool {
        let before = self.at;
        let empty = self.take(b'{').is_some() && {
            self.space();
            self.take(b'}').is_some()
        };
        if !empty {
            self.at = before;
        }
        empty
    }

    #[inline]
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes())
            && !self.text.as_bytes().get(self.at + word.len()).is_some_and(u8::is_ascii_alphanumeric);
        self.at += if there { word.len() } else { 0 };
        there
    }

    /// Behind the value nothing stands.
    pub fn end(&mut self) -> Option<()> {
        self.space();
        self.peek().is_none().then_some(())
    }
}

/// How many bytes stand before the first `"`, `\` or control character: eight at a time.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is 0; above the first such byte others may have it too.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (at, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let ends = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control;
        if ends != 0 {
            return at * 8 + ends.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
    chunks.len() * 8 + plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as by the way that takes every number, or nothing.
    #[test]
    fn short_numbers_are_numbers() {
        let texts = [
            "0",
            "-0",
            "7",
            "-7",
            "10",
            "01",
            "-",
            "",
            ".5",
            "1.",
            "1.5",
            "-0.000000000001",
            "0.0000000000004",
            "1e3",
            "1E3",
            "123456789012345678",
            "1234567890123456789",
            "99999999999999999999",
            "12345678901234567.8",
            "1.2.3",
            "1-2",
            "+1",
            "1.50",
            "0x1",
            "1_000",
            "000",
            "0.0",
            "-00.1",
            "1.234567890123456789",
        ];
        let mut read = 0;
        for text in texts {
            let whole = format!("{text},");
            let short = Scan::new(&whole).short_number();
            let Some((digits, fraction)) = short else { continue };
            read += 1;
            let number = Scan::new(&whole).number().expect("it is a number");
            assert_eq!(number, text);
            let scaled = i128::from(digits) * 10_i128.pow(12_u32.saturating_sub(fraction));
            if fraction <= 12 {
                assert_eq!(crate::value::Decimal::parse(number).map(|of| of.0), Ok(scaled), "{text}");
            }
            if fraction == 0 {
                assert_eq!(crate::value::int_from_text(number), Ok(digits), "{text}");
            }
        }
        assert_eq!(read, 12);
    }

    #[test]
    fn a_string_ends_where_a_byte_says_so() {
        for length in 0..40 {
            for end in [b'"', b'\\', 0, b'\n', 0x1f] {
                let mut bytes = "ÄäߦA z~\u{7f}!#[]^".repeat(4).into_bytes();
                bytes.truncate(length);
                bytes.push(end);
                bytes.extend(*b"\"more\\ of it\n that is not looked at");
                assert_eq!(plain_length(&bytes), length, "{end}");
            }
        }
        assert_eq!(plain_length(b"no end of it at all"), 19);
    }
}
