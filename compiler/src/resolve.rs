//! Placeholder.
use crate::{ast, diagnostic::Diagnostic, hir::Package, source::{FileId, Source}};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All files of a package to its meaning. `sources` and `files` are by `FileId`; `sheets` says which sources are spreadsheets.
pub fn resolve(_sources: &[Source], _files: &[ast::File], _sheets: &BTreeMap<Arc<str>, FileId>) -> (Package, Vec<Diagnostic>) {
    (Package::default(), vec![])
}
