//! Cuts a text into tokens, none ever lost: laid end to end they are the text again.
//! `parse` and `format` call it. It never fails: what belongs to nothing becomes a token of its own kind.
//! What is wrong with a token is said by `parse/literals.rs`, words of several parts are joined by `parse/words.rs`.

use logos::{Lexer, Logos};
use ordain_vm::value::Currency;

/// A stretch of the text and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub fn text(self, source: &str) -> &str {
        &source[self.start as usize..self.end as usize]
    }
}

/// What a token is. The second half of the texts with filled-in parts is found by `lex`, not by the patterns.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    #[regex(r"[ \t\r\n]+")]
    Space,
    /// Also `/* … */`, which other languages have; `parse/literals.rs` says that it is none.
    #[regex(r"//[^\n]*", allow_greedy = true)]
    #[regex(r"/\*([^*]|\*+[^*/])*\*+/")]
    Comment,
    /// `/// …`
    Doc,
    /// `//! …`
    FileDoc,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    /// A name in backticks.
    #[regex(r"`[^`\n]*`")]
    Quoted,
    #[regex(r"[0-9][0-9_]*")]
    Int,
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*")]
    Decimal,
    /// A number and its unit: `4 hours`, `10_000 USD`, `43%`.
    Quantity,
    #[regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")]
    Date,
    #[regex(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")]
    Time,
    #[regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})?")]
    Instant,
    #[regex(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?")]
    Version,
    /// `"…"` without a filled-in part.
    #[token("\"")]
    Text,
    /// `"… {`
    TextStart,
    /// `} … {`
    TextMiddle,
    /// `} …"`
    TextEnd,
    /// `'…'`
    #[regex(r"'[^'\n]*'")]
    RawText,
    #[token("{")]
    OpenBrace,
    #[token("}")]
    CloseBrace,
    #[token("(")]
    OpenParen,
    #[token(")")]
    CloseParen,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token("<")]
    Less,
    #[token("<=")]
    LessOrEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterOrEqual,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("=")]
    Is,
    #[token("=>")]
    Arrow,
    #[token("->")]
    Gives,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token(".")]
    Dot,
    #[token("..")]
    To,
    #[token("..<")]
    ToBelow,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("?")]
    Question,
    #[token("|")]
    Bar,
    #[token("||")]
    Bars,
    /// A text, raw text or name in backticks that its line does not close; up to the end of the line.
    Unterminated,
    /// A character that is no part of the language.
    Unknown,
}

impl Kind {
    /// Spaces and comments: nothing that the grammar sees.
    pub fn is_trivia(self) -> bool {
        matches!(self, Kind::Space | Kind::Comment | Kind::Doc | Kind::FileDoc)
    }
}

/// The text in tokens, in order and without gaps.
pub fn lex(source: &str) -> Vec<Token> {
    let mut lexing = Lexing { lexer: Kind::lexer(source), tokens: vec![], holes: vec![] };
    while let Some(kind) = lexing.lexer.next() {
        lexing.step(kind.unwrap_or(Kind::Unknown));
    }
    if let Some(hole) = lexing.holes.first() {
        let text = hole.text;
        lexing.unterminated(text, source.len());
    }
    lexing.tokens
}

struct Lexing<'s> {
    lexer: Lexer<'s, Kind>,
    tokens: Vec<Token>,
    /// The filled-in parts that are open, outermost first.
    holes: Vec<Hole>,
}

struct Hole {
    /// Index of the token that starts the text.
    text: usize,
    /// Braces open inside the part.
    braces: u32,
}

impl Lexing<'_> {
    fn step(&mut self, kind: Kind) {
        let start = self.lexer.span().start;
        let kind = match kind {
            Kind::Text => return self.text(start, Kind::Text, Kind::TextStart),
            Kind::CloseBrace if self.holes.last().is_some_and(|hole| hole.braces == 0) => {
                return self.text(start, Kind::TextEnd, Kind::TextMiddle);
            }
            Kind::Comment => comment(self.lexer.slice()),
            Kind::Int | Kind::Decimal => self.unit(kind),
            Kind::Word => self.word(),
            Kind::Unknown => match self.lexer.slice().chars().next() {
                Some('\'' | '`') => self.rest_of_line(),
                Some(letter) if letter.is_alphabetic() => self.word(),
                Some(other) => self.run_of(other),
                None => Kind::Unknown,
            },
            kind => kind,
        };
        match (kind, self.holes.last_mut()) {
            (Kind::OpenBrace, Some(hole)) => hole.braces += 1,
            (Kind::CloseBrace, Some(hole)) => hole.braces -= 1,
            _ => {}
        }
        let slice = self.lexer.slice();
        if let (Some(hole), Some(line)) = (self.holes.first(), slice.find('\n')) {
            // The line ends inside a filled-in part: the whole text becomes one unterminated token.
            let text = hole.text;
            let line = if slice[..line].ends_with('\r') { line - 1 } else { line };
            self.unterminated(text, start + line);
            return self.push(Kind::Space, start + line);
        }
        self.push(kind, start);
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let end = self.lexer.span().end;
        if start < end {
            self.tokens.push(Token { kind, start: start as u32, end: end as u32 });
        }
    }

    /// The rest of a piece of text: up to its end, to a filled-in part, or to the end of the line.
    fn text(&mut self, start: usize, closed: Kind, filled: Kind) {
        let rest = self.lexer.remainder().as_bytes();
        let mut at = 0;
        loop {
            match rest.get(at) {
                Some(b'"') => {
                    self.lexer.bump(at + 1);
                    self.push(closed, start);
                    if closed == Kind::TextEnd {
                        self.holes.pop();
                    }
                    return;
                }
                Some(b'{') => {
                    self.lexer.bump(at + 1);
                    self.push(filled, start);
                    if filled == Kind::TextStart {
                        self.holes.push(Hole { text: self.tokens.len() - 1, braces: 0 });
                    }
                    return;
                }
                // What is escaped may be a quote or a brace; `\u{…}` has braces of its own.
                Some(b'\\') if rest[at..].starts_with(b"\\u{") => at += 3,
                Some(b'\\') if rest.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
                None | Some(b'\n') => {
                    let at = if at > 0 && rest[at - 1] == b'\r' { at - 1 } else { at };
                    let at = floor(self.lexer.remainder(), at);
                    self.lexer.bump(at);
                    let end = self.lexer.span().end;
                    return match self.holes.first() {
                        Some(hole) => {
                            let text = hole.text;
                            self.unterminated(text, end);
                        }
                        None => self.push(Kind::Unterminated, start),
                    };
                }
                Some(_) => at += 1,
            }
        }
    }

    /// Takes back everything from the token `text` on: it is one unterminated text up to `end`.
    fn unterminated(&mut self, text: usize, end: usize) {
        let start = self.tokens[text].start;
        self.tokens.truncate(text);
        self.tokens.push(Token { kind: Kind::Unterminated, start, end: end as u32 });
        self.holes.clear();
    }

    fn rest_of_line(&mut self) -> Kind {
        let rest = self.lexer.remainder();
        let end = rest.find('\n').unwrap_or(rest.len());
        self.lexer.bump(rest[..end].trim_end_matches('\r').len());
        Kind::Unterminated
    }

    /// `&&` is one slip, not two.
    fn run_of(&mut self, other: char) -> Kind {
        let rest = self.lexer.remainder();
        self.lexer.bump(rest.len() - rest.trim_start_matches(other).len());
        Kind::Unknown
    }

    /// A word with letters outside ASCII stays one word, so that the message can name it whole.
    fn word(&mut self) -> Kind {
        let rest = self.lexer.remainder();
        if rest.bytes().next().is_some_and(|byte| !byte.is_ascii() || is_word(char::from(byte))) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            self.lexer.bump(end);
        }
        Kind::Word
    }

    /// Takes the unit behind a number, where one of the closed list stands on the same line.
    fn unit(&mut self, number: Kind) -> Kind {
        let rest = self.lexer.remainder();
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let rest = &rest[gap..];
        if rest.starts_with('%') {
            self.lexer.bump(gap + 1);
            return Kind::Quantity;
        }
        let Some(length) = unit(rest) else { return number };
        self.lexer.bump(gap + length);
        Kind::Quantity
    }
}

/// Units of time, singular and plural.
pub const UNITS: [&str; 14] = [
    "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
    "year", "years",
];

/// The length of the unit that `text` starts with: a unit of time, business days, a currency or `bps`.
fn unit(text: &str) -> Option<usize> {
    let first = word_at(text);
    if UNITS.contains(&first) || first == "bps" || Currency::parse(first).is_some() {
        return Some(first.len());
    }
    if first != "business" {
        return None;
    }
    let rest = &text[first.len()..];
    let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let second = word_at(&rest[gap..]);
    (gap > 0 && matches!(second, "day" | "days")).then_some(first.len() + gap + second.len())
}

fn word_at(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn comment(text: &str) -> Kind {
    match text.as_bytes() {
        [b'/', b'/', b'!', ..] => Kind::FileDoc,
        [b'/', b'/', b'/', b'/', ..] => Kind::Comment,
        [b'/', b'/', b'/', ..] => Kind::Doc,
        _ => Kind::Comment,
    }
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let tokens = lex(text);
        let joined: String = tokens.iter().map(|token| token.text(text)).collect();
        assert_eq!(joined, text);
        tokens.into_iter().filter(|token| !token.kind.is_trivia()).map(|token| (token.kind, token.text(text))).collect()
    }

    #[test]
    fn a_quantity_is_one_token_on_one_line() {
        assert_eq!(kinds("4 hours"), [(Kind::Quantity, "4 hours")]);
        assert_eq!(kinds("3 business days"), [(Kind::Quantity, "3 business days")]);
        assert_eq!(kinds("43% 25bps"), [(Kind::Quantity, "43%"), (Kind::Quantity, "25bps")]);
        assert_eq!(kinds("10_000.01 USD"), [(Kind::Quantity, "10_000.01 USD")]);
        assert_eq!(kinds("4\nhours"), [(Kind::Int, "4"), (Kind::Word, "hours")]);
        assert_eq!(kinds("10 USDX"), [(Kind::Int, "10"), (Kind::Word, "USDX")]);
        assert_eq!(kinds("5 times 2 hours"), [(Kind::Int, "5"), (Kind::Word, "times"), (Kind::Quantity, "2 hours")]);
    }

    #[test]
    fn numbers_dates_and_ranges() {
        assert_eq!(kinds("620..720"), [(Kind::Int, "620"), (Kind::To, ".."), (Kind::Int, "720")]);
        assert_eq!(kinds("620 ..< 7.5"), [(Kind::Int, "620"), (Kind::ToBelow, "..<"), (Kind::Decimal, "7.5")]);
        assert_eq!(kinds("3.2.0"), [(Kind::Version, "3.2.0")]);
        assert_eq!(kinds("2026-03-03 15:00"), [(Kind::Date, "2026-03-03"), (Kind::Time, "15:00")]);
        assert_eq!(kinds("2026-03-03T15:00:00Z"), [(Kind::Instant, "2026-03-03T15:00:00Z")]);
        assert_eq!(kinds("-9"), [(Kind::Minus, "-"), (Kind::Int, "9")]);
    }

    #[test]
    fn a_text_is_filled_in() {
        use Kind::*;
        let pieces = [(TextStart, "\"a {"), (Word, "b"), (TextMiddle, "} \\{c {"), (Word, "d"), (TextEnd, "}\"")];
        assert_eq!(kinds(r#""a {b} \{c {d}""#), pieces);
        let inner =
            [(TextStart, "\"{"), (Word, "f"), (OpenParen, "("), (Text, "\"}\""), (CloseParen, ")"), (TextEnd, "}\"")];
        assert_eq!(kinds(r#""{f("}")}""#), inner);
        assert_eq!(kinds(r#""\u{41}\"""#), [(Text, r#""\u{41}\"""#)]);
        assert_eq!(kinds("'a{b}\"'"), [(RawText, "'a{b}\"'")]);
    }

    #[test]
    fn a_line_ends_every_text() {
        use Kind::*;
        assert_eq!(kinds("\"ab\nc"), [(Unterminated, "\"ab"), (Word, "c")]);
        assert_eq!(kinds("\"a {b\r\nc"), [(Unterminated, "\"a {b"), (Word, "c")]);
        assert_eq!(kinds("\"a {b \"c {\nd"), [(Unterminated, "\"a {b \"c {"), (Word, "d")]);
        assert_eq!(kinds("\"a {b"), [(Unterminated, "\"a {b")]);
        assert_eq!(kinds("'a\n`b\n"), [(Unterminated, "'a"), (Unterminated, "`b")]);
        assert_eq!(kinds("\"a\\"), [(Unterminated, "\"a\\")]);
        assert_eq!(kinds("\"a {// b\nc"), [(Unterminated, "\"a {// b"), (Word, "c")]);
    }

    #[test]
    fn other_letters_stay_in_their_word() {
        assert_eq!(kinds("p\u{430}y é 5"), [(Kind::Word, "p\u{430}y"), (Kind::Word, "é"), (Kind::Int, "5")]);
        assert_eq!(kinds("a ≤ b"), [(Kind::Word, "a"), (Kind::Unknown, "≤"), (Kind::Word, "b")]);
        assert_eq!(kinds("€\u{2067}")[0].0, Kind::Unknown);
    }
}
