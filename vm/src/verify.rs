//! `Program` to [`Verified`]: the only way to something that runs. Everything behind it may assume what is checked here.

use crate::builtin::Builtin;
use crate::library::{Library, Matcher};
use crate::program::Program;
use crate::request::slots::Layout;
use std::fmt;

/// A program whose instructions are known good, with what it calls.
pub struct Verified {
    program: Program,
    builtins: Vec<&'static Builtin>,
    matchers: Vec<Matcher>,
    /// By action.
    layouts: Vec<Layout>,
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Why a program is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The library has no built-in of that name.
    NoBuiltin(String),
    /// A pattern is malformed.
    Pattern(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoBuiltin(name) => write!(f, "the program calls `{name}`, which is not in this library"),
            Refusal::Pattern(form) => write!(f, "the pattern `{form}` is malformed"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Checks a program against the library that it will call.
pub fn verify(program: Program, library: &dyn Library) -> Result<Verified, Refusal> {
    let builtins = program
        .builtins
        .iter()
        .map(|path| library.builtin(path).ok_or_else(|| Refusal::NoBuiltin(path.to_string())))
        .collect::<Result<_, _>>()?;
    let matchers = program
        .patterns
        .iter()
        .map(|pattern| library.matcher(pattern).ok_or_else(|| Refusal::Pattern(format!("{pattern:?}"))))
        .collect::<Result<_, _>>()?;
    let layouts = (0..program.schema.actions.len()).map(|action| Layout::of(&program.schema, action)).collect();
    Ok(Verified { program, builtins, matchers, layouts })
}

impl Verified {
    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn layout(&self, action: usize) -> &Layout {
        &self.layouts[action]
    }

    pub(crate) fn builtin(&self, at: u32) -> &'static Builtin {
        self.builtins[at as usize]
    }

    pub(crate) fn matches(&self, at: u32, text: &str) -> bool {
        self.matchers[at as usize](text)
    }
}
