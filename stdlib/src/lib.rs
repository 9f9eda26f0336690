//! The built-ins, one table a topic, and the modules written in Ordain itself.
//!
//! | module | holds |
//! | --- | --- |
//! | [`text`], [`list`], [`number`], [`money`], [`time`] | what is known without an import |
//! | [`calendar`] | business days and opening hours; `std.calendar` |
//! | [`url`], [`email`], [`path`], [`ip`], [`identifiers`] | `std.url`, `std.email`, `std.path`, `std.ip`, `std.iban`, `std.card` |
//! | [`zone`], [`pattern`] | time zones, `matches` and `like`: what engines and the checker ask |
//! | [`op`] | what operators on moments stand for in compiled programs; [`Standard`] is what those call |
//! | [`operand`] | how tables read their operands, and the bounds of what they make |

pub mod calendar;
pub mod email;
#[cfg(test)]
mod examples;
pub mod identifiers;
pub mod ip;
pub mod list;
mod markdown;
pub mod money;
pub mod number;
pub mod op;
pub mod operand;
pub mod path;
pub mod pattern;
pub mod text;
pub mod time;
pub mod url;
pub mod zone;

pub use markdown::markdown;

use ordain_vm::builtin::Builtin;
use ordain_vm::library::{Library, Matcher};
use ordain_vm::program::Pattern;
use std::sync::LazyLock;

/// A module of the standard library written in Ordain.
pub struct Module {
    /// `std.calendar`
    pub name: &'static str,
    pub text: &'static str,
}

static ALL: LazyLock<Vec<&'static Builtin>> = LazyLock::new(|| {
    let tables = [
        text::ROWS,
        list::ROWS,
        number::ROWS,
        money::ROWS,
        time::ROWS,
        calendar::ROWS,
        url::ROWS,
        email::ROWS,
        path::ROWS,
        ip::ROWS,
        identifiers::ROWS,
    ];
    let mut rows: Vec<_> = tables.into_iter().flatten().collect();
    rows.sort_by_key(|row| (row.module, row.name));
    rows
});

/// Every built-in, by module, then name.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    ALL.iter().copied()
}

/// `find("calendar", "is_month_end")`; of those without a module `find("", "length")`.
pub fn find(module: &str, name: &str) -> Option<&'static Builtin> {
    ALL.binary_search_by_key(&(module, name), |row| (row.module, row.name)).ok().map(|at| ALL[at])
}

/// True where `import std.NAME` finds something: rows with that module.
pub fn has_module(name: &str) -> bool {
    !name.is_empty() && all().any(|row| row.module == name)
}

/// The built-ins and patterns that compiled programs call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standard;

impl Library for Standard {
    fn builtin(&self, path: &str) -> Option<&'static Builtin> {
        let (module, name) = path.split_once('.').unwrap_or(("", path));
        match module {
            "op" => op::ROWS.iter().find(|row| row.name == name),
            _ => find(module, name),
        }
    }

    fn matcher(&self, pattern: &Pattern) -> Option<Matcher> {
        Some(match pattern {
            Pattern::Matches(form) => {
                let pattern = pattern::Pattern::new(form).ok()?;
                Box::new(move |text| pattern.matches(text))
            }
            Pattern::Like(form) => {
                let glob = pattern::Glob::new(form).ok()?;
                Box::new(move |text| glob.matches(text))
            }
        })
    }
}

/// Those written in Ordain.
pub const MODULES: &[Module] = &[];
