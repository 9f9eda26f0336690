//! From pieces of text and places where a line may end to lines of at most 120 columns.
//! `format.rs` makes the pieces; a group stays on one line where it fits and its author did not break it.
//! Knows nothing of the language.

use std::borrow::Cow;

/// Lines are at most so wide, where they can be broken.
pub const WIDTH: usize = 120;

/// Texts from so many bytes on are no reason to break what stands before them.
const LONG: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'s> {
    Text(Cow<'s, str>),
    /// A comment: a line ends behind it, and it does not count for the width.
    Comment(Cow<'s, str>),
    /// A space.
    Space,
    /// A space, or the end of a line where its group is broken; `blank`: with an empty line behind.
    Line {
        blank: bool,
    },
    /// Nothing, or the end of a line where its group is broken.
    Soft,
    /// A space, or the end of a line where the group is broken and what follows does not fit.
    Fill,
    /// The end of a line; `blank`: with an empty line behind.
    Hard {
        blank: bool,
    },
    /// A comma where the group is not broken.
    Comma,
    /// Starts a group; `broken`: its author broke it.
    Begin {
        broken: bool,
    },
    End,
    /// The columns that lines are set in from here on, more or less than before.
    Indent(i32),
    /// The same, where the group is broken.
    IndentBroken(i32),
}

/// The pieces in lines.
pub fn lay_out(pieces: &[Piece<'_>]) -> String {
    let mut page = Page { pieces, text: String::new(), column: 0, indent: 0, line_indent: 0, broken: vec![] };
    for at in 0..pieces.len() {
        page.put(at);
    }
    let mut text = page.text.trim_end().to_string();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

struct Page<'p> {
    pieces: &'p [Piece<'p>],
    text: String,
    column: usize,
    indent: i32,
    /// How far the current line is set in: what held where the line before it ended.
    line_indent: i32,
    /// Of every group that is open: whether it is broken.
    broken: Vec<bool>,
}

impl Page<'_> {
    fn put(&mut self, at: usize) {
        let broken = self.broken.last().copied().unwrap_or(true);
        match &self.pieces[at] {
            Piece::Text(text) | Piece::Comment(text) => self.write(text),
            Piece::Space => self.write(" "),
            Piece::Line { blank } if broken => self.end_line(*blank),
            Piece::Line { .. } => self.write(" "),
            Piece::Soft if broken => self.end_line(false),
            Piece::Soft => {}
            Piece::Fill if broken && !self.fits(at + 1, true) => self.end_line(false),
            Piece::Fill => self.write(" "),
            Piece::Hard { blank } => self.end_line(*blank),
            Piece::Comma if broken => {}
            Piece::Comma => self.write(","),
            Piece::Begin { broken } => {
                let broken = *broken || !self.fits(at + 1, false);
                self.broken.push(broken);
            }
            Piece::End => {
                self.broken.pop();
            }
            Piece::Indent(by) => self.indent += by,
            Piece::IndentBroken(by) if broken => self.indent += by,
            Piece::IndentBroken(_) => {}
        }
    }

    fn write(&mut self, text: &str) {
        if text == " " {
            // Set before the next word, so that no line ends with it.
            self.column += 1;
            self.text.push(' ');
            return;
        }
        if self.column == 0 {
            self.column = self.line_indent.max(0) as usize;
            self.text.extend(std::iter::repeat_n(' ', self.column));
        }
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn end_line(&mut self, blank: bool) {
        let length = self.text.trim_end_matches(' ').len();
        self.text.truncate(length);
        self.text.push('\n');
        if blank {
            self.text.push('\n');
        }
        self.column = 0;
        self.line_indent = self.indent;
    }

    /// What follows, up to the next place where a line ends, stays within the width. With `fill`, up to the next place
    /// of the same group where it may end.
    fn fits(&self, from: usize, fill: bool) -> bool {
        let mut column = if self.column == 0 { self.line_indent.max(0) as usize } else { self.column };
        column += usize::from(fill);
        // The groups opened on the way: whether their author broke them.
        let mut inner: Vec<bool> = vec![];
        let mut outer = self.broken.len();
        if !fill {
            inner.push(false);
        }
        for piece in &self.pieces[from..] {
            let broken = match inner.last() {
                Some(broken) => *broken,
                None => outer.checked_sub(1).is_none_or(|at| self.broken[at]),
            };
            match piece {
                // A long text behind the group stays too long, wherever the group is broken.
                Piece::Text(text) if inner.is_empty() && !fill && text.len() > LONG => return true,
                Piece::Text(text) => column += text.chars().count(),
                Piece::Space => column += 1,
                Piece::Comment(_) | Piece::Hard { .. } => return column <= WIDTH,
                Piece::Line { .. } | Piece::Soft | Piece::Fill if broken => return column <= WIDTH,
                Piece::Line { .. } | Piece::Fill => column += 1,
                Piece::Soft => {}
                Piece::Comma => column += usize::from(!broken),
                Piece::Begin { broken } => inner.push(*broken),
                Piece::End if inner.pop().is_none() => outer = outer.saturating_sub(1),
                Piece::End | Piece::Indent(_) | Piece::IndentBroken(_) => {}
            }
            if column > WIDTH {
                return false;
            }
        }
        true
    }
}
