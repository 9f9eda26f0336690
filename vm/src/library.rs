//! `Library`: what a program calls that is not its own: built-ins and patterns. `stdlib` has one; hosts add rows.

use crate::builtin::Builtin;
use crate::program::Pattern;

/// Says whether a text has a form.
pub type Matcher = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What stands behind the names in a program. The same name means the same for as long as a program is kept.
pub trait Library: Send + Sync {
    /// The row of that path: `length`, `calendar.is_month_end`; and those that operators stand for, in module `op`.
    fn builtin(&self, path: &str) -> Option<&'static Builtin>;

    /// `None`: the pattern is malformed, or too large.
    fn matcher(&self, pattern: &Pattern) -> Option<Matcher>;
}
