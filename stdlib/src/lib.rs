//! The built-ins, one table a topic, and the modules written in Ordain itself.

pub mod calendar;
pub mod pattern;
pub mod zone;

use ordain_vm::builtin::Builtin;

/// A module of the standard library written in Ordain.
pub struct Module {
    /// `std.calendar`
    pub name: &'static str,
    pub text: &'static str,
}

/// Every built-in, by module, then name.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    [].iter()
}

/// `find("calendar", "is_month_end")`; of those without a module `find("", "length")`.
pub fn find(module: &str, name: &str) -> Option<&'static Builtin> {
    all().find(|row| row.module == module && row.name == name)
}

/// True where `import std.NAME` finds something: rows with that module.
pub fn has_module(name: &str) -> bool {
    all().any(|row| row.module == name)
}

/// Those written in Ordain.
pub const MODULES: &[Module] = &[];
