//! Which name means what where: declarations of a module, what it imports, the fields of a request, locals.
//! Every other part of `resolve` looks names up here, and gets an id and a mark that it was used.
//! Messages about names that are not found are made here too, with what comes nearest.

use super::Resolver;
use crate::ast::{self, Name, Path};
use crate::errors::names::{self, Near};
use crate::hir::{self, LocalId, ModuleId};
use crate::source::Span;
use ordain_vm::builtin::Builtin;
use ordain_vm::value::{Choice, Country, Currency, EntityId, EnumId, RecordId, RoleId, Type};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Def {
    Enum(EnumId),
    Record(RecordId),
    Entity(EntityId),
    Action(hir::ActionId),
    Group(hir::GroupId),
    Duty(hir::DutyId),
    Role(RoleId),
    Set(hir::SetId),
    Data(hir::DataId),
    Define(hir::DefineId),
    Table(hir::TableId),
    Policy(hir::PolicyId),
    Control(hir::ControlId),
    Fixture(hir::FixtureId),
    /// Declared or imported in a way that was reported.
    Broken,
}

/// What a name or a path turned out to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    Def(Def),
    Builtin(&'static Builtin),
}

/// What `import` brought.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub at: Span,
    pub target: Target,
    pub used: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Target {
    One(Found),
    Whole(Whole),
    Broken,
}

/// A module to look into: one written in Ordain, rows of the standard library, or both.
#[derive(Clone, Debug, Default)]
pub(super) struct Whole {
    pub module: Option<ModuleId>,
    pub rows: Option<Arc<str>>,
}

/// What a module declares and imports.
#[derive(Debug)]
pub(super) struct Module<'a> {
    pub file: &'a ast::File,
    pub decls: FxHashMap<Arc<str>, Def>,
    pub imports: Vec<Import>,
    /// Names that came alone, and those that stand for a module.
    pub imported: FxHashMap<Arc<str>, usize>,
    /// Whole modules by their full name.
    pub whole: FxHashMap<Arc<str>, usize>,
}

/// What a rule on these actions sees of the request.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub actions: Vec<hir::ActionId>,
    /// Fields that all of them share with one type; the argument that is the target's id is a text.
    pub fields: FxHashMap<Arc<str>, Type>,
    pub by: Vec<EntityId>,
    pub on: Vec<EntityId>,
}

/// Where an expression stands, which says what it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Rule,
    /// A define.
    Define,
    /// A set or a table: only what is constant.
    Constant,
    /// A `let` of a file, or a test.
    Fixture,
}

/// The surroundings of an expression.
pub(super) struct Body<'a> {
    pub file: &'a ast::File,
    pub module: ModuleId,
    pub place: Place,
    pub request: Option<Rc<Request>>,
    /// Which declaration reads what is named here.
    pub node: Option<super::circles::Node>,
    /// Inside a message values may be filled in.
    pub message: bool,
    names: FxHashMap<Arc<str>, LocalId>,
    stack: Vec<(Arc<str>, Option<LocalId>)>,
}

impl<'a> Body<'a> {
    pub fn new(file: &'a ast::File, module: ModuleId, place: Place) -> Body<'a> {
        Body {
            file,
            module,
            place,
            request: None,
            node: None,
            message: false,
            names: FxHashMap::default(),
            stack: vec![],
        }
    }

    pub fn find(&self, name: &str) -> Option<LocalId> {
        self.names.get(name).copied()
    }

    pub fn mark(&self) -> usize {
        self.stack.len()
    }

    pub fn push(&mut self, name: &Arc<str>, local: LocalId) {
        let hidden = self.names.insert(name.clone(), local);
        self.stack.push((name.clone(), hidden));
    }

    /// Forgets the locals that came since `mark`.
    pub fn pop_to(&mut self, mark: usize) {
        while self.stack.len() > mark {
            if let Some((name, hidden)) = self.stack.pop() {
                match hidden {
                    Some(local) => self.names.insert(name, local),
                    None => self.names.remove(&name),
                };
            }
        }
    }

    fn locals(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }
}

/// Words that mean the same in every rule.
pub(super) const WORDS: &[&str] = &["actor", "target", "now", "today", "context", "args"];

/// True of a word that can name nothing else, types aside.
pub(super) fn is_kept(name: &str) -> bool {
    WORDS.contains(&name) || matches!(name, "approver" | "any")
}

impl<'a> Resolver<'a> {
    pub(super) fn kind(&self, def: Def) -> &'static str {
        match def {
            Def::Enum(_) => "an enum",
            Def::Record(_) => "a record",
            Def::Entity(_) => "an entity",
            Def::Action(id) if self.package[id].event => "an event",
            Def::Action(_) => "an action",
            Def::Group(_) => "a group",
            Def::Duty(_) => "a duty",
            Def::Role(_) => "a role",
            Def::Set(_) => "a set",
            Def::Data(_) => "data",
            Def::Define(_) => "a define",
            Def::Table(_) => "a table",
            Def::Policy(_) => "a policy",
            Def::Control(_) => "a control",
            Def::Fixture(_) => "a fixture",
            Def::Broken => "broken",
        }
    }

    pub(super) fn head(&self, def: Def) -> Option<&hir::Head> {
        let package = &self.package;
        Some(match def {
            Def::Enum(id) => &package[id].head,
            Def::Record(id) => &package[id].head,
            Def::Entity(id) => &package[id].head,
            Def::Action(id) => &package[id].head,
            Def::Group(id) => &package[id].head,
            Def::Duty(id) => &package[id].head,
            Def::Role(id) => &package[id].head,
            Def::Set(id) => &package[id].head,
            Def::Data(id) => &package[id].head,
            Def::Define(id) => &package[id].head,
            Def::Table(id) => &package[id].head,
            Def::Policy(id) => &package[id].head,
            Def::Control(id) => &package[id].head,
            Def::Fixture(id) => &package[id].head,
            Def::Broken => return None,
        })
    }

    /// A name in a module: its own declarations, then what it imports by name.
    pub(super) fn look(&mut self, module: ModuleId, name: &str) -> Option<Found> {
        let found = self.peek(module, name)?;
        let scope = &mut self.scopes[module.index()];
        if !scope.decls.contains_key(name)
            && let Some(import) = scope.imported.get(name)
        {
            scope.imports[*import].used = true;
        }
        if let Found::Def(def) = found {
            self.used.insert(def);
        }
        Some(found)
    }

    /// As `look`, without a mark that it was used.
    pub(super) fn peek(&self, module: ModuleId, name: &str) -> Option<Found> {
        let scope = &self.scopes[module.index()];
        if let Some(def) = scope.decls.get(name) {
            return Some(Found::Def(*def));
        }
        match &scope.imports[*scope.imported.get(name)?].target {
            Target::One(found) => Some(*found),
            Target::Broken => Some(Found::Def(Def::Broken)),
            Target::Whole(_) => None,
        }
    }

    /// The module that these names stand for: an alias, or the full name of one that was imported.
    pub(super) fn whole(&self, module: ModuleId, parts: &[&Name]) -> Option<usize> {
        let scope = &self.scopes[module.index()];
        if let [one] = parts
            && let Some(import) = scope.imported.get(&one.text)
        {
            // What could not be imported may have been a module; it was said that it is not known.
            let whole = matches!(scope.imports[*import].target, Target::Whole(_) | Target::Broken);
            return whole.then_some(*import);
        }
        let joined = parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".");
        scope.whole.get(joined.as_str()).copied()
    }

    /// A declaration of an imported module.
    pub(super) fn inside(&mut self, module: ModuleId, import: usize, name: &Name) -> Option<Found> {
        self.scopes[module.index()].imports[import].used = true;
        let Target::Whole(whole) = self.scopes[module.index()].imports[import].target.clone() else {
            return Some(Found::Def(Def::Broken));
        };
        if let Some(found) = self.in_whole(&whole, &name.text) {
            if let Found::Def(def) = found {
                self.used.insert(def);
            }
            return Some(found);
        }
        self.report_not_in(&whole, name);
        None
    }

    pub(super) fn in_whole(&self, whole: &Whole, name: &str) -> Option<Found> {
        if let Some(module) = whole.module
            && let Some(def) = self.scopes[module.index()].decls.get(name)
        {
            return Some(Found::Def(*def));
        }
        ordain_stdlib::find(whole.rows.as_deref()?, name).map(Found::Builtin)
    }

    pub(super) fn report_not_in(&mut self, whole: &Whole, name: &Name) {
        let title = match (whole.module, &whole.rows) {
            (Some(module), _) => self.package[module].name.to_string(),
            (None, Some(rows)) => format!("std.{rows}"),
            (None, None) => return,
        };
        let mut candidates: Vec<&str> = vec![];
        let mut elsewhere = None;
        if let Some(module) = whole.module {
            let scope = &self.scopes[module.index()];
            candidates.extend(scope.decls.keys().map(|name| &**name));
            if let Some(import) = scope.imported.get(&name.text)
                && let Target::One(Found::Def(def)) = scope.imports[*import].target
                && let Some(head) = self.head(def)
            {
                elsewhere = Some(self.package[head.module].name.to_string());
            }
        }
        if let Some(rows) = &whole.rows {
            candidates.extend(ordain_stdlib::all().filter(|row| row.module == &**rows).map(|row| row.name));
        }
        let near = if self.searches > 0 { names::nearest(&name.text, candidates) } else { None };
        let diagnostic = names::not_in_module(name.at, &name.text, &title, elsewhere.as_deref(), near);
        self.searches = self.searches.saturating_sub(1);
        self.report(diagnostic);
    }

    /// A declaration by a path, of any kind; reports where there is none. `wanted` is for the message: "a role".
    pub(super) fn path(&mut self, module: ModuleId, path: &Path, wanted: &'static str) -> Option<Found> {
        let parts: Vec<&Name> = path.parts.iter().collect();
        self.parts(module, &parts, wanted)
    }

    pub(super) fn parts(&mut self, module: ModuleId, parts: &[&Name], wanted: &'static str) -> Option<Found> {
        let (last, before) = parts.split_last()?;
        if before.is_empty() {
            let found = self.look(module, &last.text);
            if found.is_none() {
                let near = self.near(module, last, wanted, []);
                self.report(names::unknown(last.at, &last.text, wanted, near));
            }
            return found;
        }
        match self.whole(module, before) {
            Some(import) => self.inside(module, import, last),
            None => {
                let at = before[0].at.to(before[before.len() - 1].at);
                let name = before.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".");
                let known = self.modules.contains_key(name.as_str());
                let std = format!("std.{name}");
                let near = if known {
                    Near { name: None, import: Some((name.clone(), format!("import {name}"))) }
                } else if ordain_stdlib::has_module(&name) {
                    Near { name: None, import: Some((std.clone(), format!("import {std}"))) }
                } else {
                    let scope = &self.scopes[module.index()];
                    let aliases = scope
                        .imported
                        .iter()
                        .filter(|(_, import)| matches!(scope.imports[**import].target, Target::Whole(_)))
                        .map(|(name, _)| &**name);
                    Near::name(names::nearest(&name, aliases))
                };
                self.report(names::unknown(at, &name, "an imported module", near));
                None
            }
        }
    }

    /// What could have been meant by a name: something known here, a member of an enum, or what another module has.
    pub(super) fn near<'b>(
        &mut self,
        module: ModuleId,
        name: &Name,
        wanted: &str,
        more: impl IntoIterator<Item = &'b str>,
    ) -> Near {
        if self.searches == 0 || self.silent {
            return Near::default();
        }
        self.searches -= 1;
        if let Some(import) = self.elsewhere(module, name, wanted) {
            return Near { name: None, import: Some(import) };
        }
        let scope = &self.scopes[module.index()];
        let fits = |found: Option<Found>| found.is_some_and(|found| self.fits(found, wanted));
        let mut candidates: Vec<&str> = scope
            .decls
            .keys()
            .chain(scope.imported.keys())
            .filter(|name| fits(self.peek(module, name)))
            .map(|name| &**name)
            .collect();
        let more: Vec<&str> = more.into_iter().collect();
        candidates.extend(more);
        if wanted.is_empty() {
            candidates.extend(self.members.keys().map(|name| &**name));
            candidates.extend(ordain_stdlib::all().filter(|row| row.module.is_empty()).map(|row| row.name));
        }
        if wanted == "a type" {
            candidates.extend(super::signatures::TYPES);
        }
        Near::name(names::nearest(&name.text, candidates))
    }

    /// True where a declaration is what a place wants, as its messages say.
    fn fits(&self, found: Found, wanted: &str) -> bool {
        let Found::Def(def) = found else { return wanted.is_empty() };
        match wanted {
            "a type" => matches!(def, Def::Enum(_) | Def::Record(_) | Def::Entity(_)),
            "an entity" => matches!(def, Def::Entity(_)),
            "a role" => matches!(def, Def::Role(_)),
            "a duty" => matches!(def, Def::Duty(_)),
            "a control" => matches!(def, Def::Control(_)),
            "data" => matches!(def, Def::Data(_)),
            "a policy" => matches!(def, Def::Policy(_)),
            "an action, event or group" | "an action or group" => matches!(def, Def::Action(_) | Def::Group(_)),
            "an action or event" => matches!(def, Def::Action(_)),
            // No value, and nothing that gives one.
            "" if matches!(def, Def::Action(_) | Def::Group(_) | Def::Duty(_)) => false,
            _ => !matches!(def, Def::Policy(_) | Def::Control(_) | Def::Fixture(_) | Def::Broken),
        }
    }

    /// The module that has a name, and the import that would bring it.
    pub(super) fn elsewhere(&self, module: ModuleId, name: &Name, wanted: &str) -> Option<(String, String)> {
        for (at, scope) in self.scopes.iter().enumerate() {
            if at != module.index()
                && let Some(def) = scope.decls.get(&name.text)
                && self.fits(Found::Def(*def), wanted)
            {
                let other = &self.package.modules[at].name;
                return Some((other.to_string(), format!("import {other} {{ {} }}", name.text)));
            }
        }
        let row = ordain_stdlib::all().find(|row| row.name == &*name.text && !row.module.is_empty());
        let row = row.filter(|_| wanted.is_empty())?;
        Some((format!("std.{}", row.module), format!("import std.{} {{ {} }}", row.module, name.text)))
    }

    /// Reports a name that means nothing in an expression.
    pub(super) fn unknown_name(&mut self, body: &Body<'a>, name: &Name) {
        let mut more: Vec<&str> = body.locals().collect();
        if let Some(request) = &body.request {
            more.extend(request.fields.keys().map(|name| &**name));
        }
        if body.place == Place::Rule {
            more.extend(WORDS);
        }
        let fixtures: Vec<Arc<str>> = match body.place {
            Place::Fixture => self.fixtures_of(body.module),
            Place::Rule | Place::Define | Place::Constant => vec![],
        };
        more.extend(fixtures.iter().map(|name| &**name));
        let codes: Vec<&str> = match name.text.len() {
            2 => Country::all().collect(),
            3 => Currency::all().collect(),
            _ => vec![],
        };
        if name.text.chars().all(|letter| letter.is_ascii_uppercase()) {
            more.extend(codes);
        }
        let near = self.near(body.module, name, "", more);
        let actions = body.request.as_ref().map_or(vec![], |request| self.declared(&request.actions));
        let fields: Vec<&str> = match &body.request {
            Some(request) => request.fields.keys().map(|name| &**name).collect(),
            None => vec![],
        };
        let mut diagnostic = names::unknown(name.at, &name.text, "", near).rests_on(actions);
        if diagnostic.help.is_none() {
            diagnostic = names::they_are(diagnostic, "The fields of the request are", &fields);
        }
        self.report(diagnostic);
    }

    /// The names of fixtures that a module sees.
    fn fixtures_of(&self, module: ModuleId) -> Vec<Arc<str>> {
        let scope = &self.scopes[module.index()];
        let all = scope.decls.keys().chain(scope.imported.keys());
        all.filter(|name| matches!(self.peek(module, name), Some(Found::Def(Def::Fixture(_))))).cloned().collect()
    }

    pub(super) fn wrong_kind(&mut self, at: Span, name: &str, found: Found, wanted: &str) {
        let is = match found {
            Found::Def(Def::Broken) => return,
            Found::Def(def) => self.kind(def),
            Found::Builtin(_) => "a built-in function",
        };
        self.report(names::wrong_kind(at, name, is, wanted, None));
    }

    /// Brings a local into scope; reports where its name already means something.
    pub(super) fn bind(&mut self, body: &mut Body<'a>, name: &Name, local: LocalId) {
        if is_kept(&name.text) {
            self.report(names::kept_name(name.at, &name.text, "a variable, a parameter or a `let`"));
        } else if let Some(other) = body.find(&name.text) {
            let at = self.package[other].name.at;
            self.report(names::hides(name.at, &name.text, "a name", Some(at)));
        } else if body.request.as_ref().is_some_and(|request| request.fields.contains_key(&name.text)) {
            self.report(names::hides(name.at, &name.text, "the field of the request", None));
        } else if let Some(Found::Def(def @ (Def::Set(_) | Def::Data(_) | Def::Role(_)))) =
            self.peek(body.module, &name.text)
        {
            let kind = self.kind(def).trim_start_matches("a ");
            let other = self.head(def).map(|head| head.name.at);
            self.report(names::hides(name.at, &name.text, &format!("the {kind}"), other));
        }
        body.push(&name.text, local);
    }

    /// True where a type has a member of that name.
    pub(super) fn has_member(&self, ty: &Type, name: &str) -> bool {
        match ty {
            Type::Enum(id) => self.members.get(name).is_some_and(|enums| enums.contains(id)),
            Type::Country => Country::parse(name).is_some(),
            Type::Currency => Currency::parse(name).is_some(),
            Type::Choice(choice) => choice.words().contains(&name),
            _ => false,
        }
    }

    /// True where a name could be a member of something, whatever is expected.
    pub(super) fn is_member(&self, name: &str) -> bool {
        self.members.contains_key(name)
            || Country::parse(name).is_some()
            || Currency::parse(name).is_some()
            || [Choice::Rounding, Choice::Weekday].iter().any(|choice| choice.words().contains(&name))
    }

    /// Where members of `context` are declared.
    pub(super) fn contexts(&self) -> Vec<Span> {
        let items = self.scopes.iter().flat_map(|scope| &scope.file.items);
        items.filter(|item| matches!(item.kind, ast::ItemKind::Context { .. })).map(|item| item.at).collect()
    }

    /// The fields that requests for these actions share.
    pub(super) fn request(&mut self, actions: &[hir::ActionId]) -> Rc<Request> {
        if let Some(known) = self.requests.get(actions) {
            return known.clone();
        }
        let mut request = Request { actions: actions.to_vec(), ..Request::default() };
        for (at, action) in actions.iter().map(|id| &self.package[*id]).enumerate() {
            let own = |name: &str| match &action.as_arg {
                Some(arg) if &*arg.text == name => Some(&Type::TEXT),
                _ => action.field(name).map(|(_, field)| &field.ty),
            };
            if at == 0 {
                request.fields =
                    action.fields.iter().map(|field| (field.name.text.clone(), field.ty.clone())).collect();
                request.fields.extend(action.as_arg.iter().map(|arg| (arg.text.clone(), Type::TEXT)));
            } else {
                let mut own_fields: FxHashMap<&str, &Type> =
                    action.fields.iter().map(|field| (&*field.name.text, &field.ty)).collect();
                own_fields.extend(action.as_arg.iter().map(|arg| (&*arg.text, own(&arg.text).unwrap_or(&Type::TEXT))));
                request.fields.retain(|name, ty| own_fields.get(&**name).is_some_and(|own| *own == ty));
            }
            request.by.extend(&action.by);
            request.on.extend(&action.on);
        }
        for kinds in [&mut request.by, &mut request.on] {
            kinds.sort();
            kinds.dedup();
        }
        let request = Rc::new(request);
        self.requests.insert(actions.to_vec(), request.clone());
        request
    }
}
