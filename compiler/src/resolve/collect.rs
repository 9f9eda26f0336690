//! First pass: every declaration of every file gets its id, every module its names and imports.
//! After it the order of files and declarations no longer matters.
//! What stands inside declarations is left to the passes behind it.

use super::Resolver;
use super::scope::{Def, Found, Import, Module, Target, Whole};
use crate::ast::{self, ItemKind, Name};
use crate::diagnostic::Fix;
use crate::errors::{clauses, names};
use crate::hir::{self, Head, ModuleId};
use crate::source::{FileId, Span};
use ordain_vm::value::{EntityId, EnumId, RecordId, RoleId, Type};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A declaration that got its id, and the text it was made from.
pub(super) struct Collected<'a> {
    pub def: Def,
    pub module: ModuleId,
    pub file: &'a ast::File,
    pub item: &'a ast::Item,
}

impl<'a> Resolver<'a> {
    pub(super) fn collect(&mut self) {
        for file in self.files_to_read() {
            self.module(file);
        }
        for module in 0..self.scopes.len() {
            self.silent = self.package.modules[module].std;
            self.declarations(ModuleId(module as u32));
        }
        for module in 0..self.scopes.len() {
            self.silent = self.package.modules[module].std;
            self.imports(ModuleId(module as u32));
        }
        self.silent = false;
        self.unique_in_package();
    }

    /// The files of the package in their order, then those of the standard library that they import.
    fn files_to_read(&self) -> Vec<FileId> {
        let std_start = self.files.len().saturating_sub(ordain_stdlib::MODULES.len());
        let sheets: Vec<FileId> = self.sheets.values().copied().collect();
        let own = (0..std_start as u32).map(FileId).filter(|file| !sheets.contains(file));
        let mut files: Vec<FileId> = own.collect();
        let mut next = 0;
        while let Some(file) = files.get(next) {
            next += 1;
            for item in &self.files[file.0 as usize].items {
                let ItemKind::Import { module, .. } = &item.kind else { continue };
                let name = join(&module.parts);
                let found = ordain_stdlib::MODULES.iter().position(|module| *module.name == *name);
                if let Some(at) = found
                    && !files.contains(&FileId((std_start + at) as u32))
                {
                    files.push(FileId((std_start + at) as u32));
                }
            }
        }
        files
    }

    fn module(&mut self, id: FileId) {
        let file = &self.files[id.0 as usize];
        let std = id.0 as usize >= self.files.len().saturating_sub(ordain_stdlib::MODULES.len());
        let mut lines = file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Module(path) => Some((path, item)),
            _ => None,
        });
        let line = lines.next();
        for (path, _) in lines {
            self.report(names::two_module_lines(path.at, line.map_or(path.at, |(path, _)| path.at)));
        }
        self.order(file);
        let (name, at) = match line {
            Some((path, _)) => (Arc::from(join(&path.parts)), path.at),
            None => (file_name(&self.sources[id.0 as usize].name), Span::new(id, 0, 0)),
        };
        let doc = line.and_then(|(_, item)| item.doc.clone()).or_else(|| file.doc.clone());
        let module = ModuleId(self.package.modules.len() as u32);
        if !std && is_std(&name) {
            self.report(names::std_module(at, &name));
        } else if let Some(first) = self.modules.get(&name) {
            let first = self.package[*first].file;
            let first = self.files[first.0 as usize].items.iter().find_map(|item| match &item.kind {
                ItemKind::Module(path) => Some(path.at),
                _ => None,
            });
            let other = self.modules.get(&name).map(|id| self.package[*id].file).unwrap_or(id);
            self.report(names::module_twice(at, &name, first.unwrap_or(Span::new(other, 0, 0))));
        } else {
            self.modules.insert(name.clone(), module);
        }
        self.package.modules.push(hir::Module { name, doc, file: id, std });
        self.scopes.push(Module {
            file,
            decls: FxHashMap::default(),
            imports: vec![],
            imported: FxHashMap::default(),
            whole: FxHashMap::default(),
        });
    }

    /// The `module` line stands first, imports behind it, everything else behind them.
    fn order(&mut self, file: &'a ast::File) {
        let (mut last, mut modules) = (0, 0);
        for (place, item) in file.items.iter().enumerate() {
            // What did not parse may have been anything.
            if matches!(item.kind, ItemKind::Error) {
                continue;
            }
            let own = rank(item);
            modules += u32::from(own == 0);
            if own < last && modules < 2 {
                let what = if own == 0 { "`module`" } else { "An `import`" };
                let before = file.items[..place].iter().find(|before| own < rank(before));
                let text = self.source(item.at).slice(item.at);
                let fix = before.map(|before| Fix {
                    title: "Move it up".into(),
                    edits: vec![
                        (Span { end: before.at.start, ..before.at }, format!("{text}\n")),
                        (item.at, String::new()),
                    ],
                });
                let help = "A file begins with its `module`, and goes on with what it imports.";
                self.report(clauses::misplaced(item.at, what, "stands behind other parts of the file", help, fix));
            }
            last = last.max(own);
        }
    }

    fn declarations(&mut self, module: ModuleId) {
        let file = self.scopes[module.index()].file;
        for item in &file.items {
            self.declaration(module, file, item);
        }
    }

    fn declaration(&mut self, module: ModuleId, file: &'a ast::File, item: &'a ast::Item) {
        let head = |name: &Name| Head { name: name.clone(), module, doc: item.doc.clone(), at: item.at };
        let package = &mut self.package;
        let def = match &item.kind {
            ItemKind::Module(_) | ItemKind::Import { .. } | ItemKind::Error | ItemKind::Later(_) => return,
            ItemKind::Context { .. } | ItemKind::Test { .. } => Def::Broken,
            ItemKind::Enum { name, ordered, .. } => {
                package.enums.push(hir::Enum { head: head(name), ordered: *ordered, members: vec![] });
                Def::Enum(EnumId(package.enums.len() as u32 - 1))
            }
            ItemKind::Record { name, .. } => {
                package.records.push(hir::Record { head: head(name), fields: vec![] });
                Def::Record(RecordId(package.records.len() as u32 - 1))
            }
            ItemKind::Entity { name, .. } => {
                package.entities.push(hir::Entity { head: head(name), parents: vec![], attributes: vec![] });
                Def::Entity(EntityId(package.entities.len() as u32 - 1))
            }
            ItemKind::Action(ast::Action { name, .. }) | ItemKind::Event { name, .. } => {
                package.actions.push(hir::Action {
                    head: head(name),
                    event: matches!(item.kind, ItemKind::Event { .. }),
                    by: vec![],
                    on: vec![],
                    as_arg: None,
                    fields: vec![],
                    returns: None,
                });
                Def::Action(hir::ActionId(package.actions.len() as u32 - 1))
            }
            ItemKind::Group { name, .. } => {
                package.groups.push(hir::Group { head: head(name), members: vec![] });
                Def::Group(hir::GroupId(package.groups.len() as u32 - 1))
            }
            ItemKind::Duty { name, .. } => {
                package.duties.push(hir::Duty { head: head(name), params: vec![] });
                Def::Duty(hir::DutyId(package.duties.len() as u32 - 1))
            }
            ItemKind::Role { names, .. } => {
                for name in names {
                    self.package.roles.push(hir::Role { head: head(name), by: vec![] });
                    let def = Def::Role(RoleId(self.package.roles.len() as u32 - 1));
                    self.declare(module, name, def);
                    self.items.push(Collected { def, module, file, item });
                }
                return;
            }
            ItemKind::Set { name, .. } => {
                let value = self.error(item.at);
                self.package.sets.push(hir::Set { head: head(name), ty: Type::Unknown, value });
                Def::Set(hir::SetId(self.package.sets.len() as u32 - 1))
            }
            ItemKind::Data { name, .. } => {
                package.data.push(hir::Data { head: head(name), ty: Type::Unknown });
                Def::Data(hir::DataId(package.data.len() as u32 - 1))
            }
            ItemKind::Define { name, export, .. } => {
                let body = self.error(item.at);
                let define = hir::Define { head: head(name), params: vec![], returns: None, body, export: *export };
                self.package.defines.push(define);
                Def::Define(hir::DefineId(self.package.defines.len() as u32 - 1))
            }
            ItemKind::Table(table) => {
                package.tables.push(hir::Table {
                    head: head(&table.name),
                    params: vec![],
                    returns: Type::Unknown,
                    first_match: false,
                    columns: vec![],
                    results: vec![],
                    rows: vec![],
                    otherwise: None,
                });
                Def::Table(hir::TableId(package.tables.len() as u32 - 1))
            }
            ItemKind::Policy(policy) => return self.policy(module, file, item, policy),
            ItemKind::Control { name, .. } => {
                package.controls.push(hir::Control { head: head(name), id: Arc::from(""), title: None });
                Def::Control(hir::ControlId(package.controls.len() as u32 - 1))
            }
            ItemKind::Let { name, .. } => {
                package.fixtures.push(hir::Fixture { head: head(name), value: hir::FixtureValue::Error });
                Def::Fixture(hir::FixtureId(package.fixtures.len() as u32 - 1))
            }
        };
        if let Some(name) = self.head(def).map(|head| head.name.clone()) {
            self.declare(module, &name, def);
        }
        self.items.push(Collected { def, module, file, item });
    }

    fn declare(&mut self, module: ModuleId, name: &Name, def: Def) {
        if super::scope::is_kept(&name.text) || super::signatures::TYPES.contains(&&*name.text) {
            self.report(names::kept_name(name.at, &name.text, "a declaration"));
        } else if ordain_stdlib::find("", &name.text).is_some() && !matches!(def, Def::Policy(_) | Def::Control(_)) {
            self.report(names::hides_builtin(name.at, &name.text));
        }
        match self.scopes[module.index()].decls.get(&name.text) {
            Some(first) => {
                if let Some(first) = self.head(*first).map(|head| head.name.at) {
                    self.report(names::declared_twice(name.at, &name.text, first));
                }
            }
            None => {
                self.scopes[module.index()].decls.insert(name.text.clone(), def);
            }
        }
    }

    fn policy(&mut self, module: ModuleId, file: &'a ast::File, item: &'a ast::Item, policy: &'a ast::Policy) {
        let id = hir::PolicyId(self.package.policies.len() as u32);
        self.package.policies.push(hir::Policy {
            head: Head { name: policy.name.clone(), module, doc: item.doc.clone(), at: item.at },
            under: vec![],
            title: None,
            version: None,
            owner: None,
            effective: hir::Effective::default(),
            zone: None,
            calendar: None,
            implements: vec![],
            governs: vec![],
            governs_any: false,
            otherwise: hir::Otherwise::Deny(None),
            rules: vec![],
        });
        let def = Def::Policy(id);
        // Policies of one name are versions of each other, so the second is no mistake.
        match self.scopes[module.index()].decls.get(&policy.name.text) {
            Some(Def::Policy(_)) => {}
            Some(_) | None => self.declare(module, &policy.name, def),
        }
        self.versions.entry(policy.name.text.clone()).or_default().push(id);
        self.items.push(Collected { def, module, file, item });
        for member in &policy.members {
            let (ast::PolicyMemberKind::Rule(rule) | ast::PolicyMemberKind::Limit(rule)) = &member.kind else {
                continue;
            };
            self.rule_shell(id, module, member, rule);
        }
    }

    fn rule_shell(
        &mut self,
        policy: hir::PolicyId,
        module: ModuleId,
        member: &'a ast::PolicyMember,
        rule: &'a ast::Rule,
    ) {
        let id = hir::RuleId(self.package.rules.len() as u32);
        self.package.rules.push(hir::Rule {
            head: Head { name: rule.name.clone(), module, doc: member.doc.clone(), at: member.at },
            policy,
            on: vec![],
            on_any: false,
            overrides: vec![],
            overridable: rule.overridable,
            trial: rule.trial,
            lets: vec![],
            conditions: vec![],
            effect: hir::Effect::None,
            duties: vec![],
            because: None,
            code: None,
            sources: vec![],
            implements: vec![],
            effective: hir::Effective::default(),
        });
        self.rule_items.push(rule);
        if matches!(member.kind, ast::PolicyMemberKind::Limit(_)) {
            self.limits.insert(id);
        }
        self.package[policy].rules.push(id);
        match self.rule_names.get(&(policy, rule.name.text.clone())) {
            Some(first) => {
                let first = self.package[*first].head.name.at;
                self.report(names::declared_twice(rule.name.at, &rule.name.text, first));
            }
            None => {
                self.rule_names.insert((policy, rule.name.text.clone()), id);
            }
        }
    }

    fn imports(&mut self, module: ModuleId) {
        let file = self.scopes[module.index()].file;
        for item in &file.items {
            let ItemKind::Import { module: path, names, alias } = &item.kind else { continue };
            let target = self.whole_of(path);
            match (names, alias) {
                (Some(names), _) => {
                    for import in names {
                        let found = match &target {
                            None => Target::Broken,
                            Some(whole) => match self.in_whole(whole, &import.name.text) {
                                Some(found) => {
                                    if let Found::Def(def) = found {
                                        self.used.insert(def);
                                    }
                                    Target::One(found)
                                }
                                None => {
                                    self.report_not_in(&whole.clone(), &import.name);
                                    Target::Broken
                                }
                            },
                        };
                        let name = import.alias.as_ref().unwrap_or(&import.name);
                        self.import(module, name, name.at, found);
                    }
                }
                (None, Some(alias)) => {
                    self.import(module, alias, item.at, target.map_or(Target::Broken, Target::Whole));
                }
                (None, None) => {
                    let Some(last) = path.parts.last() else { continue };
                    self.import(module, last, path.at, target.map_or(Target::Broken, Target::Whole));
                }
            }
            if names.is_none() {
                let scope = &mut self.scopes[module.index()];
                scope.whole.insert(Arc::from(join(&path.parts)), scope.imports.len() - 1);
            }
        }
    }

    fn import(&mut self, module: ModuleId, name: &Name, at: Span, target: Target) {
        let used = matches!(target, Target::Broken);
        let scope = &mut self.scopes[module.index()];
        scope.imports.push(Import { at, target, used });
        let place = scope.imports.len() - 1;
        let first = match (scope.decls.get(&name.text), scope.imported.get(&name.text)) {
            (_, Some(first)) => Some(scope.imports[*first].at),
            (Some(def), None) => {
                let def = *def;
                self.head(def).map(|head| head.name.at)
            }
            (None, None) => None,
        };
        match first {
            Some(first) => {
                self.scopes[module.index()].imports[place].used = true;
                self.report(names::declared_twice(name.at, &name.text, first));
            }
            None => {
                self.scopes[module.index()].imported.insert(name.text.clone(), place);
            }
        }
    }

    /// The module that an import names; reports where there is none.
    fn whole_of(&mut self, path: &ast::Path) -> Option<Whole> {
        let name = join(&path.parts);
        let rows = name.strip_prefix("std.").filter(|name| ordain_stdlib::has_module(name)).map(Arc::from);
        let module = self.modules.get(name.as_str()).copied();
        if rows.is_none() && module.is_none() {
            let std_modules: Vec<String> = ordain_stdlib::all()
                .filter(|row| !row.module.is_empty())
                .map(|row| format!("std.{}", row.module))
                .chain(ordain_stdlib::MODULES.iter().map(|module| module.name.to_string()))
                .collect();
            let candidates = self.modules.keys().map(|name| &**name).chain(std_modules.iter().map(|name| &**name));
            let near = if self.searches > 0 { names::nearest(&name, candidates) } else { None };
            let diagnostic = names::unknown_module(path.at, &name, near);
            self.searches = self.searches.saturating_sub(1);
            self.report(diagnostic);
            return None;
        }
        Some(Whole { module, rows })
    }

    /// What requests and files name without a module must be there once.
    fn unique_in_package(&mut self) {
        let mut seen: FxHashMap<(&'static str, Arc<str>), (ModuleId, Span)> = FxHashMap::default();
        let mut wrong = vec![];
        for item in &self.items {
            let kind = match item.def {
                Def::Action(_) => "an action or event",
                Def::Entity(_) => "an entity",
                Def::Role(_) => "a role",
                Def::Data(_) => "data",
                Def::Enum(_) => "an enum",
                Def::Record(_) => "a record",
                Def::Duty(_) => "a duty",
                // Policies of one name are versions of each other.
                Def::Policy(_) => continue,
                Def::Group(_) | Def::Set(_) | Def::Define(_) | Def::Table(_) => continue,
                Def::Control(_) | Def::Fixture(_) | Def::Broken => continue,
            };
            let Some(head) = self.head(item.def) else { continue };
            let first = *seen.entry((kind, head.name.text.clone())).or_insert((head.module, head.name.at));
            if first.0 != head.module {
                wrong.push(names::declared_in_two_modules(head.name.at, &head.name.text, kind, first.1));
            }
        }
        wrong.into_iter().for_each(|diagnostic| self.report(diagnostic));
    }
}

/// Where a part of a file belongs: before those of a higher rank.
fn rank(item: &ast::Item) -> u32 {
    match item.kind {
        ItemKind::Module(_) => 0,
        ItemKind::Import { .. } => 1,
        _ => 2,
    }
}

fn join(parts: &[Name]) -> String {
    parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".")
}

/// True of a module that the language brings.
fn is_std(name: &str) -> bool {
    name.strip_prefix("std.").is_some_and(ordain_stdlib::has_module)
        || ordain_stdlib::MODULES.iter().any(|module| module.name == name)
}

/// `payables` of `finance/payables.ord`.
fn file_name(name: &str) -> Arc<str> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    Arc::from(name.strip_suffix(".ord").unwrap_or(name))
}
