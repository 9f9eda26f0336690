//! A diagnostic: a code, a sentence, the places it speaks of, and what to do next.
//! Made by the functions in `errors/`, one a message; drawn by `diagnostic/render.rs` and by editors.
//! This file knows nothing of how it is shown.

pub mod render;

use crate::errors::Code;
use crate::source::Span;

/// One thing that the reader should know about the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub at: Span,
    /// One sentence in the author's terms.
    pub message: String,
    /// What to say at `at` itself; empty: nothing besides the message.
    pub label: String,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// Further sentences: the proof, the case that is missing.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The text that would mend it, where there is one.
    pub fix: Option<Fix>,
    /// Declarations that it takes at their word: where one has an error itself, this is not said.
    pub rests_on: Vec<Span>,
}

/// A sentence at another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub at: Span,
    pub text: String,
}

/// Replacements that make the text right; spans do not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<(Span, String)>,
}

impl Diagnostic {
    pub fn new(code: Code, at: Span, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        Diagnostic {
            code,
            at,
            message,
            label: String::new(),
            labels: vec![],
            notes: vec![],
            help: None,
            fix: None,
            rests_on: vec![],
        }
    }

    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = text.into();
        self
    }

    pub fn also(mut self, at: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { at, text: text.into() });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    pub fn fix(mut self, title: impl Into<String>, edits: Vec<(Span, String)>) -> Diagnostic {
        self.fix = Some(Fix { title: title.into(), edits });
        self
    }

    pub fn rests_on(mut self, declarations: impl IntoIterator<Item = Span>) -> Diagnostic {
        self.rests_on.extend(declarations);
        self
    }

    pub fn is_warning(&self) -> bool {
        self.code.is_warning()
    }
}

/// In the order of the text, file by file; the same complaint twice is said once.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.at, a.code.as_str(), &a.message).cmp(&(b.at, b.code.as_str(), &b.message)));
    diagnostics.dedup();
}
