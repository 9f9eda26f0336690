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

    /// `{}` or `null`, which it goes behind.
    pub fn nothing(&mut self) -> bool {
        let before = self.at;
        if self.null() {
            return true;
        }
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
