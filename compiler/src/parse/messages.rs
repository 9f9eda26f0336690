//! Placeholder.
use super::build::Builder;
use super::words::Tok;
use crate::diagnostic::Diagnostic;
use crate::errors::syntax;
use crate::source::Span;
use lalrpop_util::ParseError;

pub fn unexpected(builder: &Builder<'_>, error: &ParseError<u32, Tok, ()>) -> Diagnostic {
    let (at, expected) = match error {
        ParseError::UnrecognizedToken { token: (l, _, r), expected } => (builder.span(*l, *r), expected),
        ParseError::UnrecognizedEof { location, expected } => (builder.span(*location, *location), expected),
        _ => (Span::new(builder.file, 0, 0), &vec![]),
    };
    syntax::unexpected(at, &builder.source[at.start as usize..at.end as usize], &expected.join(" "))
}
