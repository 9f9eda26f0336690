//! A file as it may be shown: control and bidirectional characters written out, very long lines cut.
//! `render` draws it; places in the file are found again in what is shown.

use crate::source::{Source, Span};
use std::fmt::Write;
use std::ops::Range;

/// A line with more bytes than this is cut around what is spoken of.
const LONG: usize = 400;
/// Bytes kept on either side of a place in a long line.
const AROUND: usize = 100;

/// The text that is shown, and where each stretch of the file went.
#[derive(Clone, Debug)]
pub struct View {
    pub text: String,
    /// Byte of the file, byte of the text, in order: from here on both run in step.
    steps: Vec<(usize, usize)>,
}

impl View {
    /// With `places`, lines that are too long keep only what surrounds those, and lines far from them are left empty.
    pub fn new(source: &Source, places: Option<&[Span]>) -> View {
        let mut view = View { text: String::with_capacity(source.text.len() + 1), steps: vec![(0, 0)] };
        let first = places.and_then(|places| places.iter().map(|at| at.start as usize).min()).unwrap_or(0);
        let last = places.and_then(|places| places.iter().map(|at| at.end as usize).max()).unwrap_or(usize::MAX);
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let end = start + line.len();
            match places {
                Some(_) if end < first || start > last => {
                    view.steps.push((start, view.text.len()));
                    view.text.push('\n');
                }
                Some(places) if line.len() > LONG => view.add_parts(&source.text, start..end, places),
                _ => view.add(&source.text, start..end),
            }
            start = end;
        }
        // So that the end of the text is a place too.
        view.text.push(' ');
        view
    }

    fn add(&mut self, text: &str, part: Range<usize>) {
        self.steps.push((part.start, self.text.len()));
        let mut from = part.start;
        for (at, c) in text[part.clone()].char_indices() {
            let at = part.start + at;
            if is_harmless(c) || c == '\r' && text[at..].starts_with("\r\n") {
                continue;
            }
            self.text.push_str(&text[from..at]);
            self.steps.push((at, self.text.len()));
            write!(self.text, "\\u{{{:x}}}", c as u32).expect("writing to memory does not fail");
            from = at + c.len_utf8();
            self.steps.push((from, self.text.len()));
        }
        self.text.push_str(&text[from..part.end]);
    }

    /// Of a long line only what surrounds the places.
    fn add_parts(&mut self, text: &str, line: Range<usize>, places: &[Span]) {
        let mut kept: Vec<Range<usize>> = vec![line.start..line.start, line.end - 1..line.end];
        for place in places.iter().flat_map(|place| [place.start as usize, place.end as usize]) {
            if line.contains(&place) {
                let low = text.floor_char_boundary(place.saturating_sub(AROUND).max(line.start));
                let high = text.ceil_char_boundary((place + AROUND).min(line.end));
                kept.push(low..high);
            }
        }
        kept.iter_mut().for_each(|part| part.start = text.floor_char_boundary(part.start));
        kept.sort_by_key(|part| (part.start, part.end));
        let mut from = line.start;
        for part in kept {
            if part.start > from {
                self.steps.push((from, self.text.len()));
                self.text.push('…');
            }
            if part.end > from {
                self.add(text, part.start.max(from)..part.end);
                from = part.end;
            }
        }
    }

    /// Where a stretch of the file stands in the text; never empty.
    pub fn range(&self, start: usize, end: usize) -> Range<usize> {
        let start = self.text.floor_char_boundary(self.place(start).min(self.text.len() - 1));
        let end = self.text.ceil_char_boundary(self.place(end).max(start + 1));
        start..end
    }

    fn place(&self, at: usize) -> usize {
        let next = self.steps.partition_point(|step| step.0 <= at);
        let (file, text) = self.steps[next - 1];
        let limit = self.steps.get(next).map_or(self.text.len(), |step| step.1);
        (text + (at - file)).min(limit)
    }
}

pub fn has_long_lines(source: &Source) -> bool {
    let mut from = 0;
    // Most files are short enough to be looked at once; most lines are.
    source.text.len() > LONG
        && source.text.bytes().enumerate().any(|(at, byte)| {
            let long = at - from > LONG;
            if byte == b'\n' {
                from = at + 1;
            }
            long
        })
}

/// A sentence with what could disturb the terminal written out; line ends stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            out.push(c);
        } else {
            write!(out, "\\u{{{:x}}}", c as u32).expect("writing to memory does not fail");
        }
    }
    out
}

/// No control character save tab and line end, none that is invisible, joins or turns text around.
pub fn is_harmless(c: char) -> bool {
    match c {
        '\n' | '\t' | ' '..='~' => true,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}' | '\u{180e}' => false,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => false,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => false,
        c => !c.is_control(),
    }
}
