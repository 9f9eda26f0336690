//! `Complaint`: what is said when a file, and not the text of a policy in it, is at fault.
//! Whoever reads a package is given them; the command prints them on standard error.

use ordain_compiler::source::Source;
use ordain_vm::request::InputError;
use std::fmt::{Display, Formatter, Result as FmtResult};
use std::ops::Range;
use std::path::Path;

/// A code, where, and a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub code: &'static str,
    /// The file, as it was named.
    pub file: String,
    /// Where in its JSON; empty: the whole.
    pub path: String,
    /// Where in its text.
    pub place: Option<Box<Place>>,
    pub message: String,
}

/// A part of a file's text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub source: Source,
    pub at: Range<u32>,
}

impl Complaint {
    pub fn new(code: &'static str, file: &Path, message: impl Into<String>) -> Complaint {
        let message = message.into();
        Complaint { code, file: file.display().to_string(), path: String::new(), place: None, message }
    }

    /// Of what stands there in a file.
    pub fn at(code: &'static str, source: &Source, at: Range<usize>, message: impl Into<String>) -> Complaint {
        let place = Place { source: source.clone(), at: at.start as u32..at.end as u32 };
        Complaint { place: Some(Box::new(place)), ..Complaint::new(code, Path::new(&*source.name), message) }
    }

    /// An error of reading JSON, with the file it was read from. Every fault of a data file is an E0626 to look up,
    /// but its message is that of what is wrong.
    pub fn of_input(file: &Path, error: InputError) -> Complaint {
        Complaint { path: error.path, ..Complaint::new(error.code, file, error.message) }
    }
}

impl Display for Complaint {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        let kind = if self.code.starts_with('W') { "warning" } else { "error" };
        write!(f, "{kind}[{}]: {}", self.code, shown(&self.file))?;
        if let Some(place) = &self.place {
            let (line, column) = place.source.line_column(place.at.start);
            write!(f, ":{line}:{column}")?;
        }
        if !self.path.is_empty() {
            write!(f, ", at `{}`", shown(&self.path))?;
        }
        write!(f, ": {}", shown(&self.message))
    }
}

impl std::error::Error for Complaint {}

/// Control characters and marks that turn text around are written as escapes, so that no file can draw on a terminal.
pub fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(hidden) {
        return text.to_string();
    }
    text.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}
