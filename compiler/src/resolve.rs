//! ast -> hir: names become ids, clauses find their rule, sugar goes.
//! `analysis` calls it with every file of the package, and those of the standard library; `check` reads what it makes.
//! Types of expressions, and all that needs them, are left to `check`.

mod bodies;
mod circles;
mod clauses;
mod collect;
mod exprs;
mod fixtures;
mod past;
mod policies;
mod scope;
mod sheets;
mod signatures;
mod tables;
#[cfg(test)]
mod tests;
mod unused;

use crate::ast;
use crate::diagnostic::{Diagnostic, Fix};
use crate::errors::names;
use crate::hir::{self, ExprId, LocalId, Package};
use crate::source::{FileId, Source, Span};
use ordain_vm::value::Type;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// All files of a package to its meaning. `sources` and `files` are by `FileId`; `sheets` says which sources are spreadsheets.
pub fn resolve(
    sources: &[Source],
    files: &[ast::File],
    sheets: &BTreeMap<Arc<str>, FileId>,
) -> (Package, Vec<Diagnostic>) {
    let read = sheets::read(sources, files, sheets);
    let mut resolver = Resolver::new(sources, files, sheets, &read);
    resolver.collect();
    resolver.signatures();
    resolver.policies();
    resolver.bodies();
    resolver.fixtures();
    resolver.circles();
    resolver.unused();
    resolver.finish()
}

/// What is known while a package is resolved: the tables being made, and who declared what.
struct Resolver<'a> {
    sources: &'a [Source],
    files: &'a [ast::File],
    sheets: &'a BTreeMap<Arc<str>, FileId>,
    read: &'a sheets::Sheets,
    package: Package,
    diagnostics: Vec<Diagnostic>,
    /// By `ModuleId`.
    scopes: Vec<scope::Module<'a>>,
    modules: FxHashMap<Arc<str>, hir::ModuleId>,
    /// Declarations in the order in which they were collected, with the text they were made from.
    items: Vec<collect::Collected<'a>>,
    /// By `RuleId`.
    rule_items: Vec<&'a ast::Rule>,
    /// Those of them that are limits.
    limits: FxHashSet<hir::RuleId>,
    /// Policies of one name are versions of each other.
    versions: FxHashMap<Arc<str>, Vec<hir::PolicyId>>,
    /// Rules of a policy by name.
    rule_names: FxHashMap<(hir::PolicyId, Arc<str>), hir::RuleId>,
    /// Names that are a member of some enum, a country, a currency or a word of a built-in.
    members: FxHashMap<Arc<str>, Vec<ordain_vm::value::EnumId>>,
    context_names: FxHashMap<Arc<str>, usize>,
    /// The fields of the request in rules on these actions.
    requests: FxHashMap<Vec<hir::ActionId>, Rc<scope::Request>>,
    /// What reads what among defines, tables and sets.
    reads: FxHashMap<circles::Node, Vec<(circles::Node, Span)>>,
    used: FxHashSet<scope::Def>,
    /// By `LocalId`: whether it was read.
    local_used: Vec<bool>,
    /// Locals that are reported where nothing reads them, and what they are.
    local_watch: Vec<(LocalId, &'static str)>,
    /// Searches for a near name that are still allowed; bounds the time that a hostile text takes.
    searches: u32,
    /// Set while a part of the standard library is resolved: nothing is reported.
    silent: bool,
}

impl<'a> Resolver<'a> {
    fn new(
        sources: &'a [Source],
        files: &'a [ast::File],
        sheets: &'a BTreeMap<Arc<str>, FileId>,
        read: &'a sheets::Sheets,
    ) -> Resolver<'a> {
        Resolver {
            sources,
            files,
            sheets,
            read,
            package: Package::default(),
            diagnostics: vec![],
            scopes: vec![],
            modules: FxHashMap::default(),
            items: vec![],
            rule_items: vec![],
            limits: FxHashSet::default(),
            versions: FxHashMap::default(),
            rule_names: FxHashMap::default(),
            members: FxHashMap::default(),
            context_names: FxHashMap::default(),
            requests: FxHashMap::default(),
            reads: FxHashMap::default(),
            used: FxHashSet::default(),
            local_used: vec![],
            local_watch: vec![],
            searches: 100,
            silent: false,
        }
    }

    fn finish(self) -> (Package, Vec<Diagnostic>) {
        (self.package, self.diagnostics)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.silent {
            self.diagnostics.push(diagnostic);
        }
    }

    fn push(&mut self, expr: hir::Expr, at: Span) -> ExprId {
        self.package.exprs.push(hir::ExprNode { expr, at });
        ExprId(self.package.exprs.len() as u32 - 1)
    }

    fn error(&mut self, at: Span) -> ExprId {
        self.push(hir::Expr::Error, at)
    }

    /// Reports and leaves a hole that is silent ever after.
    fn broken(&mut self, at: Span, diagnostic: Diagnostic) -> ExprId {
        self.report(diagnostic);
        self.error(at)
    }

    fn local(&mut self, name: &ast::Name, kind: hir::LocalKind) -> LocalId {
        self.package.locals.push(hir::Local { name: name.clone(), kind });
        self.local_used.push(false);
        LocalId(self.package.locals.len() as u32 - 1)
    }

    fn source(&self, at: Span) -> &'a Source {
        &self.sources[at.file.0 as usize]
    }

    /// A text where nothing can be filled in.
    fn plain(&mut self, file: &ast::File, text: &ast::Text) -> Arc<str> {
        if let Some(plain) = text.plain() {
            return plain;
        }
        let filled = text.parts.iter().find_map(|part| match part {
            ast::TextPart::Filled(expr) => Some(file.at(*expr)),
            ast::TextPart::Plain(_) => None,
        });
        let fix = self.raw_text(file, text);
        self.report(crate::errors::clauses::filled_in(filled.unwrap_or(text.at), fix));
        let source = self.source(text.at).slice(text.at);
        Arc::from(source.trim_matches('"'))
    }

    /// A name of the zone database.
    fn zone(&mut self, file: &ast::File, text: &ast::Text) -> Option<Arc<str>> {
        let zone = self.plain(file, text);
        if ordain_stdlib::zone::exists(&zone) {
            return Some(zone);
        }
        let near = if self.searches > 0 { names::nearest(&zone, ordain_stdlib::zone::names()) } else { None };
        self.searches = self.searches.saturating_sub(1);
        self.report(names::unknown_zone(text.at, &zone, near));
        None
    }

    /// The same text with its braces kept: raw, or where that can't be, with `\` before them.
    fn raw_text(&self, file: &ast::File, text: &ast::Text) -> Option<Fix> {
        let written = self.source(text.at).slice(text.at);
        let inner = written.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains(['\\', '\'']) {
            return Some(Fix { title: "Write a raw text".into(), edits: vec![(text.at, format!("'{inner}'"))] });
        }
        let mut edits = vec![];
        for part in &text.parts {
            if let ast::TextPart::Filled(expr) = part {
                let start = file.at(*expr).start;
                let before = self.source(text.at).slice(Span { end: start, ..text.at });
                let brace = text.at.start + before.rfind('{')? as u32;
                edits.push((Span::new(text.at.file, brace, brace), "\\".to_string()));
            }
        }
        Some(Fix { title: "Keep the braces".into(), edits })
    }
}

/// The type inside `T?`, lists and sets: what a name in such a place would be a member of.
fn leaf(ty: &Type) -> &Type {
    match ty {
        Type::Optional(of) | Type::List(of, _) | Type::Set(of) => leaf(of),
        other => other,
    }
}
