//! Placeholder.
use crate::source::Source;

/// Which form comparisons are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Operators {
    #[default]
    Words,
    Symbols,
}

/// The file in its one form; `None` where it does not parse.
pub fn format(_source: &Source, _operators: Operators) -> Option<String> {
    None
}
