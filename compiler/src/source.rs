//! What the compiler reads: the text of a file, its name for people, and places in it.
//! Callers read files and hand their text over; the compiler opens none.
//! Lines and columns are worked out here, on demand, for whoever shows a place to a person.

use std::sync::Arc;

/// A file of the package, in the order in which the caller gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of bytes in one file; `end` is the first byte behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end: end.max(start) }
    }

    /// The smallest span that holds both; `other` must be of the same file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The place just behind this span, where something is missing.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }

    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }
}

/// A source file: what it is called in messages, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: Arc<str>,
    pub text: Arc<str>,
    line_starts: Arc<[u32]>,
}

/// A source file may have at most this many bytes (E0106).
pub const MAX_SOURCE: usize = 4 << 20;

impl Source {
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Source {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Source { name: name.into(), text, line_starts }
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.line_starts[line as usize - 1] as usize;
        let end = floor_boundary(&self.text, offset as usize);
        (line, self.text[start..end].chars().count() as u32 + 1)
    }

    /// The line a byte stands on, from 1.
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|start| *start <= offset) as u32
    }

    /// The text of a span; spans made by the lexer always lie on character boundaries.
    pub fn slice(&self, at: Span) -> &str {
        let start = floor_boundary(&self.text, at.start as usize);
        let end = floor_boundary(&self.text, at.end as usize);
        &self.text[start..end]
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}
