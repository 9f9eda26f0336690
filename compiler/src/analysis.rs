//! The two things that others ask for: an `Analysis` of any text, and the `Checked` policy that may run.
//! Editors and the command call `analyse`; engines take a `Checked` and nothing less.

use crate::check::Types;
use crate::diagnostic::Diagnostic;
use crate::hir::{ActionId, ExprId, Package, RuleId};
use crate::source::Source;
use crate::{ast, check, diagnostic, parse, resolve};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a package is made of. The caller reads the files.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The `.ord` files.
    pub sources: Vec<Source>,
    /// Spreadsheet exports by the name that `table … from "name"` uses.
    pub sheets: BTreeMap<Arc<str>, Source>,
    /// The moment at which expired rules are judged; without it they are not.
    pub now: Option<ordain_vm::value::Instant>,
}

/// Everything known about a text, however broken it is.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// By `FileId`: the caller's files, then the sheets, then the modules of the standard library.
    pub sources: Vec<Source>,
    pub files: Vec<ast::File>,
    pub package: Package,
    pub types: Types,
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A package without errors: all that an engine accepts.
#[derive(Clone, Debug)]
pub struct Checked {
    pub sources: Vec<Source>,
    pub package: Package,
    pub types: Types,
    pub warnings: Vec<Diagnostic>,
    /// By `ActionId`: its rules and limits, by module name, then place.
    rules_of: Vec<Vec<RuleId>>,
    /// By `RuleId`: its atomic conditions in the order of the text.
    conditions_of: Vec<Vec<ExprId>>,
}
