//! `matches` and `like`: whether a whole text has a form. The checker asks whether a pattern is good; engines keep a
//! `Pattern` or `Glob` for each and ask whether texts match.
//! Both take time that grows with the text alone: a pattern becomes a finite automaton, a glob a row of pieces.

use regex_automata::Anchored;
use regex_automata::MatchKind;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::{start, syntax};

/// The most bytes that a pattern or glob may have.
pub const MAX_PATTERN: usize = 1024;
/// The most memory that the automaton of a pattern may take, in bytes, and as much again while it is made.
const MAX_AUTOMATON: usize = 4 << 20;

/// A regular expression, ready to be asked. Unicode by default; there are no back references and no look-around besides
/// `^`, `$` and the like.
#[derive(Clone, Debug)]
pub struct Pattern {
    automaton: dense::DFA<Vec<u32>>,
}

impl Pattern {
    /// An error is a sentence for the author of the pattern.
    pub fn new(pattern: &str) -> Result<Pattern, String> {
        within_limit(pattern)?;
        let config = dense::Config::new()
            // All matches are followed, so that one that ends with the text is among them.
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(MAX_AUTOMATON))
            .determinize_size_limit(Some(MAX_AUTOMATON));
        let automaton = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().nest_limit(32))
            .thompson(thompson::Config::new().nfa_size_limit(Some(MAX_AUTOMATON)))
            .build(&ascii_boundaries(pattern))
            .map_err(|error| sentence(&error))?;
        Ok(Pattern { automaton })
    }

    /// True where the whole text has the form.
    pub fn matches(&self, text: &str) -> bool {
        let dfa = &self.automaton;
        let Ok(mut state) = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)) else {
            return false;
        };
        for &byte in text.as_bytes() {
            state = dfa.next_state(state, byte);
            if dfa.is_dead_state(state) || dfa.is_quit_state(state) {
                return false;
            }
        }
        dfa.is_match_state(dfa.next_eoi_state(state))
    }
}

/// `\b` stands between an ASCII letter, digit or `_` and anything else, which is all that an automaton of bytes can tell;
/// the rest of the pattern knows Unicode.
fn ascii_boundaries(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('b') if !chars.as_str().starts_with('{') => out.push_str(r"(?-u:\b)"),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// Whether a pattern is good, with a sentence where it is not.
pub fn check(pattern: &str) -> Result<(), String> {
    Pattern::new(pattern).map(drop)
}

/// True where the whole text has the form of the pattern; false of a pattern that is not good. Whoever asks often keeps a
/// `Pattern`.
pub fn matches(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(text))
}

/// What `like` compares with: pieces of text with anything between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    /// The text is this, where there is no star; else it begins with this.
    first: String,
    /// Between stars, in order; none is empty.
    middle: Vec<String>,
    /// What stands behind the last star; `None` without one.
    last: Option<String>,
}

impl Glob {
    /// `*` is anything, also nothing; `\*` is a star and `\\` a backslash. An error is a sentence for the author.
    pub fn new(glob: &str) -> Result<Glob, String> {
        within_limit(glob)?;
        let (mut pieces, mut letters) = (vec![String::new()], glob.chars());
        while let Some(letter) = letters.next() {
            let piece = pieces.last_mut().expect("there is one from the start");
            match letter {
                '*' => pieces.push(String::new()),
                '\\' => match letters.next() {
                    Some(escaped @ ('*' | '\\')) => piece.push(escaped),
                    Some(_) | None => {
                        return Err("after `\\` comes `*` or `\\`; a backslash itself is `\\\\`".to_string());
                    }
                },
                other => piece.push(other),
            }
        }
        let last = (pieces.len() > 1).then(|| pieces.pop().expect("there are two"));
        let first = pieces.remove(0);
        pieces.retain(|piece| !piece.is_empty());
        Ok(Glob { first, middle: pieces, last })
    }

    /// True where the whole text has the form.
    pub fn matches(&self, text: &str) -> bool {
        let Some(last) = &self.last else { return text == self.first };
        let Some(rest) = text.strip_prefix(self.first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        // The earliest place of each piece leaves the most room for the next, so there is no way back to try.
        for piece in &self.middle {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        true
    }
}

/// Whether what `like` compares with is good, with a sentence where it is not.
pub fn check_glob(glob: &str) -> Result<(), String> {
    Glob::new(glob).map(drop)
}

/// True where the whole text has the form; false of a form that is not good.
pub fn like(glob: &str, text: &str) -> bool {
    Glob::new(glob).is_ok_and(|glob| glob.matches(text))
}

fn within_limit(pattern: &str) -> Result<(), String> {
    match pattern.len() {
        0..=MAX_PATTERN => Ok(()),
        more => Err(format!("it has {more} bytes, and a pattern may have {MAX_PATTERN}")),
    }
}

/// What the library says, from the innermost cause, in one line.
fn sentence(error: &dense::BuildError) -> String {
    if error.is_size_limit_exceeded() {
        return "its automaton would be too large; repeat less (`{1,100}`), or write `(?-u:…)` around `\\w`, `\\d` or `\\s`"
            .to_string();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    if text.contains("word boundar") {
        return "of the marks between words only `\\b` is known".to_string();
    }
    if text.contains("exceeded") || text.contains("size limit") {
        return "its automaton would be too large; repeat less".to_string();
    }
    // The library draws the pattern with a marker under it; its last line says what is wrong.
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it is no pattern").trim();
    line.strip_prefix("error: ").unwrap_or(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_matches() {
        for (pattern, text) in [
            ("a|ab", "ab"),
            ("ab|a", "a"),
            ("[A-Z]{2}", "DE"),
            ("", ""),
            ("a*", ""),
            (".", "é"),
            ("(?i)straße", "STRASSE".replace("SS", "ẞ").as_str()),
            (r"\d{4}-\d{2}", "2026-03"),
            (r"(?-u:\b)ab(?-u:\b)", "ab"),
            ("(?x) a  # a letter", "a"),
            ("^a$", "a"),
            (r"\p{Greek}+", "αβγ"),
            ("(?s).*", "a\nb"),
            ("(?s:.)*?b", "aab"),
            (r"\w+", "naïve_1"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "ab"),
            ("a", "ba"),
            ("[A-Z]{2}", "DEU"),
            ("[A-Z]{2}", "de"),
            (".", "\n"),
            (".", ""),
            ("a", "a\n"),
            ("^a$", "a\n"),
            ("a|b", "ab"),
            ("(?m)^a$", "a\nb"),
            ("x)|(y", "y"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn words_end_where_ascii_letters_do() {
        for (pattern, text, wanted) in [
            (r"(?is).*\byes\b.*", "Oh, YES!", true),
            (r"(?is).*\byes\b.*", "yesterday", false),
            (r".*\byes\b.*", "«yes»", true),
            (r"\\b", r"\b", true),
            (r"\bé.*", "é", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} on {text}");
        }
    }

    #[test]
    fn bad_patterns_are_refused_with_a_sentence() {
        for (pattern, said) in [
            ("(", "unclosed group"),
            ("a{2,1}", "invalid repetition count range, the start must be <= the end"),
            (r"(a)\1", "backreferences are not supported"),
            (r"(?=a)", "look-around, including look-ahead and look-behind, is not supported"),
            (r"a\Bb", "of the marks between words only `\\b` is known"),
            (r"\b{start}ab", "of the marks between words only `\\b` is known"),
            (r"(?-u:\xFF)", "pattern can match invalid UTF-8"),
            (r"\w{1000}", "its automaton would be too large"),
            ("(a|aa){500}{500}", "its automaton would be too large"),
            ("(.*){1,32}x[ab]{1,300}.{64}", "its automaton would be too large"),
            (&"(".repeat(600), ""),
            (&"a".repeat(1025), "it has 1025 bytes, and a pattern may have 1024"),
        ] {
            let error = check(pattern).expect_err(pattern);
            assert!(error.starts_with(said) && !error.contains('\n') && !error.is_empty(), "{pattern}: {error}");
            assert!(!matches(pattern, "a"));
        }
    }

    #[test]
    fn ordinary_patterns_fit() {
        for pattern in [
            r"[\w.+-]+@[\w-]+\.[\w.]+",
            r"\d{3}-\d{2}-\d{4}",
            r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}",
            r"(?i)(rm|dd|mkfs)\s+.*",
            r"\w{1,8}",
            r"[a-z]{1,255}",
        ] {
            check(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        }
    }

    #[test]
    fn globs() {
        for (glob, text) in [
            ("prod/*", "prod/"),
            ("prod/*", "prod/a/b"),
            ("*", ""),
            ("**", "x"),
            ("a*b*c", "abc"),
            ("a*b*c", "aXbYbZc"),
            (r"\*", "*"),
            (r"a\\*", r"a\b"),
            ("", ""),
            ("é*", "été"),
            ("*ab*ab*", "abab"),
            ("a*a", "aa"),
            ("*.example", "a.example"),
        ] {
            assert!(like(glob, text), "{glob} {text}");
        }
        for (glob, text) in [
            ("prod/*", "prod"),
            ("prod/*", "a/prod/"),
            ("", "a"),
            ("a", ""),
            (r"\*", "a"),
            ("a*a", "a"),
            ("*ab*ab*", "aba"),
            ("a*b*c", "acb"),
            ("*.example", "a.example.org"),
            ("ab*bc", "abc"),
            ("P*", "prod"),
        ] {
            assert!(!like(glob, text), "{glob} {text}");
        }
        assert!(
            check_glob(r"C:\Users\*").is_err() && check_glob(r"a\").is_err() && check_glob(&"*".repeat(1025)).is_err()
        );
    }

    #[test]
    fn a_glob_takes_time_that_grows_with_the_text() {
        let (glob, text) = (format!("{}b", "a*".repeat(500)), "a".repeat(1_000_000));
        assert!(!like(&glob, &text));
    }
}
