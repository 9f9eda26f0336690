//! The two things that others ask for: an `Analysis` of any text, and the `Checked` policy that may run.
//! Editors and the command call `analyse`; engines take a `Checked` and nothing less.

mod order;
mod schema;

use crate::check::Types;
use crate::diagnostic::Diagnostic;
use crate::hir::{ActionId, ExprId, Package, RuleId};
use crate::source::{FileId, Source};
use crate::{ast, check, diagnostic, parse, resolve};
use ordain_vm::schema::Schema;
use std::collections::BTreeMap;
use std::ops::Range;
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
    /// By `FileId`; of a sheet, nothing.
    pub files: Vec<ast::File>,
    /// Where the sheets stand among the sources.
    pub sheets: Range<usize>,
    pub package: Package,
    pub types: Types,
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a package from text to types. Never fails: what is wrong stands in `diagnostics`.
pub fn analyse(input: &Input) -> Analysis {
    let mut sources = input.sources.clone();
    let mut files = vec![];
    let mut diagnostics = vec![];
    for (at, source) in input.sources.iter().enumerate() {
        let (file, wrong) = parse::parse(source, FileId(at as u32));
        files.push(file);
        diagnostics.extend(wrong);
    }
    let before = sources.len();
    let mut sheets = BTreeMap::new();
    for (name, sheet) in &input.sheets {
        sheets.insert(name.clone(), FileId(sources.len() as u32));
        sources.push(sheet.clone());
        files.push(ast::File::default());
    }
    let sheets_at = before..sources.len();
    for module in ordain_stdlib::MODULES {
        let source = Source::new(format!("{}.ord", module.name), module.text);
        let (file, _) = parse::parse(&source, FileId(sources.len() as u32));
        sources.push(source);
        files.push(file);
    }
    let (package, wrong) = resolve::resolve(&sources, &files, &sheets);
    diagnostics.extend(wrong);
    let (types, wrong) = check::check(&package, &sources, input.now);
    diagnostics.extend(wrong);
    check::broken::without_consequences(&package, &sources, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    Analysis { sources, files, sheets: sheets_at, package, types, diagnostics }
}

impl Analysis {
    /// The package that may run, or the analysis back where there are errors.
    pub fn checked(self) -> Result<Checked, Box<Analysis>> {
        if self.diagnostics.iter().any(|diagnostic| !diagnostic.is_warning()) {
            return Err(Box::new(self));
        }
        let Analysis { sources, sheets, package, types, diagnostics: warnings, .. } = self;
        let rules_of = order::rules_of(&package);
        let conditions_of = order::conditions_of(&package);
        Ok(Checked { sources, sheets, package, types, warnings, rules_of, conditions_of })
    }
}

/// A package without errors: all that an engine accepts.
#[derive(Clone, Debug)]
pub struct Checked {
    /// By `FileId`: the caller's files, then the sheets, then the modules of the standard library.
    pub sources: Vec<Source>,
    /// Where the sheets stand among them.
    pub sheets: Range<usize>,
    pub package: Package,
    pub types: Types,
    pub warnings: Vec<Diagnostic>,
    /// By `ActionId`: its rules and limits, by module name, then place.
    rules_of: Vec<Vec<RuleId>>,
    /// By `RuleId`: its atomic conditions in the order of the text.
    conditions_of: Vec<Vec<ExprId>>,
}

impl Checked {
    /// The rules and limits on an action or event, by module name, then place.
    pub fn rules_of(&self, action: ActionId) -> &[RuleId] {
        &self.rules_of[action.index()]
    }

    /// The atomic conditions of a rule, in the order of the text: the places of its two bits each.
    pub fn conditions_of(&self, rule: RuleId) -> &[ExprId] {
        &self.conditions_of[rule.index()]
    }

    /// The form of everything that comes from outside.
    pub fn schema(&self) -> Schema {
        schema::schema(&self.package)
    }
}
