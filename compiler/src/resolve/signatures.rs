//! Second pass: types, fields and parameters of declarations.
//! `resolve` calls it once all names are known; bodies and policies come behind it and rely on every type.
//! A type that contains itself is reported here, and its field becomes unknown.

use super::Resolver;
use super::scope::{Def, Found};
use crate::ast::{self, ItemKind, Name, TypeKind, TypeRef};
use crate::errors::{names, syntax, types};
use crate::hir::{self, LocalKind, ModuleId, Returns};
use crate::source::Span;
use ordain_vm::value::{Currency, EntityId, EnumId, RecordId, Type};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Types that the language brings.
pub(super) const TYPES: &[&str] = &[
    "bool", "int", "decimal", "money", "text", "date", "time", "instant", "duration", "period", "Country", "Currency",
    "ip", "ip_range", "hours", "calendar", "role", "list", "set", "map",
];

/// Members of a request's `context` that the language itself reads.
const CONTEXT: &[&str] = &["time", "asked", "id", "session", "approvals", "origins"];

/// How long a text or a list may be declared.
const MOST_LONG: u64 = 1_000_000;

impl<'a> Resolver<'a> {
    pub(super) fn signatures(&mut self) {
        let items = std::mem::take(&mut self.items);
        for item in &items {
            self.silent = self.package[item.module].std;
            self.signature(item.def, item.module, item.file, item.item);
        }
        // Groups name actions of any module, whose fields are known now.
        for item in &items {
            self.silent = self.package[item.module].std;
            if let (Def::Group(id), ItemKind::Group { members, .. }) = (item.def, &item.item.kind) {
                self.package[id].members = self.group_members(item.module, members);
            }
        }
        self.silent = false;
        self.items = items;
        self.records_in_circles();
    }

    fn signature(&mut self, def: Def, module: ModuleId, file: &'a ast::File, item: &'a ast::Item) {
        match (&item.kind, def) {
            (ItemKind::Enum { members, .. }, Def::Enum(id)) => self.enum_members(id, file, members),
            (ItemKind::Record { fields, .. }, Def::Record(id)) => {
                self.package[id].fields = self.fields(module, fields, Self::value_type);
            }
            (ItemKind::Entity { parents, fields, .. }, Def::Entity(id)) => {
                self.package[id].parents = self.kinds(module, parents);
                self.package[id].attributes = self.fields(module, fields, Self::value_type);
                for field in fields.iter().filter(|field| matches!(&*field.name.text, "id" | "type" | "parents")) {
                    self.report(names::kept_name(field.name.at, &field.name.text, "an attribute"));
                }
            }
            (ItemKind::Action(action), Def::Action(id)) => self.action(id, module, action),
            (ItemKind::Event { by, on, fields, .. }, Def::Action(id)) => {
                self.package[id].by = self.kinds(module, by);
                self.package[id].on = self.kinds(module, on);
                self.package[id].fields = self.fields(module, fields, Self::value_type);
            }
            (ItemKind::Duty { params, .. }, Def::Duty(id)) => {
                self.package[id].params = self.fields(module, params, Self::ty);
            }
            (ItemKind::Role { by, .. }, Def::Role(id)) => self.package[id].by = self.kinds(module, by),
            (ItemKind::Set { ty: written, .. }, Def::Set(id)) => {
                let ty = self.value_type(module, written);
                if !matches!(ty, Type::Set(_) | Type::Unknown) {
                    let name = self.package[id].head.name.text.clone();
                    self.report(types::no_set(written.at, &name));
                }
                self.package[id].ty = ty;
            }
            (ItemKind::Data { ty: written, .. }, Def::Data(id)) => {
                let ty = self.ty(module, written);
                if !is_of_data(&ty) {
                    let name = self.package[id].head.name.text.clone();
                    self.report(types::no_data(written.at, &name));
                }
                self.package[id].ty = ty;
            }
            (ItemKind::Define { params, returns, .. }, Def::Define(id)) => {
                self.package[id].params = self.params(module, params);
                self.package[id].returns = returns.as_ref().map(|ty| self.value_type(module, ty));
            }
            (ItemKind::Table(table), Def::Table(id)) => {
                self.package[id].params = self.params(module, &table.params);
                self.package[id].returns = self.value_type(module, &table.returns);
            }
            (ItemKind::Context { fields }, _) => self.context(module, fields),
            (ItemKind::Control { id, title, .. }, Def::Control(control)) => {
                let id = self.plain(file, id);
                let title = title.as_ref().map(|title| self.plain(file, title));
                self.package[control].id = id;
                self.package[control].title = title;
            }
            _ => {}
        }
    }

    fn enum_members(&mut self, id: EnumId, file: &ast::File, members: &[ast::EnumMember]) {
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        let mut wires: FxHashMap<Arc<str>, Span> = FxHashMap::default();
        for member in members {
            if let Some(first) = seen.get(&*member.name.text) {
                self.report(names::declared_twice(member.name.at, &member.name.text, *first));
                continue;
            }
            seen.insert(&member.name.text, member.name.at);
            let wire = match &member.wire {
                Some(text) => self.plain(file, text),
                None => member.name.text.clone(),
            };
            let at = member.wire.as_ref().map_or(member.name.at, |wire| wire.at);
            if let Some(first) = wires.insert(wire.clone(), at) {
                self.report(names::wire_twice(at, &wire, first));
            }
            self.members.entry(member.name.text.clone()).or_default().push(id);
            let member = hir::Member { name: member.name.clone(), wire, doc: member.doc.clone() };
            self.package[id].members.push(member);
        }
    }

    fn action(&mut self, id: hir::ActionId, module: ModuleId, action: &'a ast::Action) {
        let by = self.kinds(module, &action.by);
        let on = self.kinds(module, &action.on);
        let fields = self.fields(module, &action.fields, Self::value_type);
        if let Some(arg) = &action.as_arg
            && action.on.len() != 1
        {
            let message = format!("`as {}` needs one kind of target; here are {}.", arg.text, action.on.len());
            let help =
                "The id alone does not say of which kind the target is. Leave `as` out, or name one kind behind `on`.";
            self.report(names::wrong_count(arg.at, message, help));
        }
        if let Some(arg) = &action.as_arg
            && let Some(field) = fields.iter().find(|field| field.name.text == arg.text)
        {
            self.report(names::declared_twice(field.name.at, &arg.text, arg.at));
        }
        let returns = action.returns.as_ref().map(|returns| match returns {
            ast::Returns::Type(ty) => Returns::Type(self.value_type(module, ty)),
            ast::Returns::Fields(fields, at) => {
                let fields = self.fields(module, fields, Self::value_type);
                let head = hir::Head { name: action.name.clone(), module, doc: None, at: *at };
                self.package.records.push(hir::Record { head, fields });
                Returns::Record(RecordId(self.package.records.len() as u32 - 1))
            }
        });
        let target = &mut self.package[id];
        target.by = by;
        target.on = on;
        target.as_arg = action.as_arg.clone();
        target.fields = fields;
        target.returns = returns;
    }

    fn context(&mut self, module: ModuleId, fields: &[ast::Field]) {
        for field in fields {
            if CONTEXT.contains(&&*field.name.text) {
                self.report(names::kept_member(field.name.at, &field.name.text));
            }
            if !matches!(field.ty.kind, TypeKind::Optional(_) | TypeKind::Error) {
                self.report(names::context_optional(field.ty.at, &field.name.text));
            }
        }
        for mut field in self.fields(module, fields, Self::value_type) {
            field.ty = field.ty.optional();
            match self.context_names.get(&field.name.text) {
                Some(first) if self.package.context[*first].ty == field.ty => {}
                Some(first) => {
                    let first = self.package.context[*first].name.at;
                    self.report(names::declared_twice(field.name.at, &field.name.text, first));
                }
                None => {
                    self.context_names.insert(field.name.text.clone(), self.package.context.len());
                    self.package.context.push(field);
                }
            }
        }
    }

    fn fields(
        &mut self,
        module: ModuleId,
        fields: &[ast::Field],
        type_of: fn(&mut Self, ModuleId, &TypeRef) -> Type,
    ) -> Vec<hir::Field> {
        let mut seen: FxHashMap<Arc<str>, Span> = FxHashMap::default();
        let mut result = vec![];
        for field in fields {
            let ty = type_of(self, module, &field.ty);
            if let Some(first) = seen.get(&field.name.text) {
                self.report(names::declared_twice(field.name.at, &field.name.text, *first));
                continue;
            }
            seen.insert(field.name.text.clone(), field.name.at);
            result.push(hir::Field { name: field.name.clone(), ty, doc: field.doc.clone() });
        }
        result
    }

    fn params(&mut self, module: ModuleId, params: &[ast::Field]) -> Vec<hir::LocalId> {
        let fields = self.fields(module, params, Self::ty);
        let mut locals = vec![];
        for field in fields {
            let local = self.local(&field.name, LocalKind::Param(field.ty));
            if !self.silent {
                self.local_watch.push((local, "parameter"));
            }
            locals.push(local);
        }
        locals
    }

    pub(super) fn kinds(&mut self, module: ModuleId, names: &[Name]) -> Vec<EntityId> {
        let kinds: Vec<Option<EntityId>> = names.iter().map(|name| self.entity(module, name)).collect();
        // Of what may be of an unknown kind nothing is known.
        let mut kinds: Vec<EntityId> = kinds.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    fn entity(&mut self, module: ModuleId, name: &Name) -> Option<EntityId> {
        match self.parts(module, &[name], "an entity")? {
            Found::Def(Def::Entity(id)) => Some(id),
            other => {
                self.wrong_kind(name.at, &name.text, other, "an entity");
                None
            }
        }
    }

    fn group_members(&mut self, module: ModuleId, names: &[Name]) -> Vec<hir::ActionId> {
        let mut members = vec![];
        for name in names {
            match self.parts(module, &[name], "an action or event") {
                Some(Found::Def(Def::Action(id))) => {
                    if members.contains(&id) {
                        self.report(names::declared_twice(name.at, &name.text, self.package[id].head.name.at));
                    }
                    let first = members.first().map_or(self.package[id].event, |first| self.package[*first].event);
                    if self.package[id].event == first {
                        members.push(id);
                    } else {
                        self.wrong_kind(name.at, &name.text, Found::Def(Def::Action(id)), other_kind(first));
                    }
                }
                Some(other) => self.wrong_kind(name.at, &name.text, other, "an action or event"),
                None => {}
            }
        }
        members.sort();
        members.dedup();
        members
    }

    /// The type of what a request, a set or an answer can hold: everything but opening hours and calendars.
    fn value_type(&mut self, module: ModuleId, written: &TypeRef) -> Type {
        let ty = self.ty(module, written);
        self.no_calendar(written.at, &ty);
        ty
    }

    fn no_calendar(&mut self, at: Span, ty: &Type) {
        match ty.present() {
            Type::Hours => self.report(types::only_of_data(at, "hours")),
            Type::Calendar => self.report(types::only_of_data(at, "calendar")),
            _ => {}
        }
    }

    /// An element of a set or a key of a map: of any type that is always there.
    fn key_type(&mut self, module: ModuleId, written: &TypeRef, what: &str) -> Type {
        match self.value_type(module, written) {
            Type::Optional(of) => {
                self.report(types::optional_key(written.at, what));
                *of
            }
            ty => ty,
        }
    }

    pub(super) fn ty(&mut self, module: ModuleId, ty: &TypeRef) -> Type {
        match &ty.kind {
            TypeKind::Error => Type::Unknown,
            TypeKind::Optional(of) => self.ty(module, of).optional(),
            TypeKind::Named(path) => self.named_type(module, path),
            TypeKind::Generic { name, args, max } => self.generic(module, ty.at, name, args, *max),
        }
    }

    fn named_type(&mut self, module: ModuleId, path: &ast::Path) -> Type {
        if let [name] = path.parts.as_slice() {
            let builtin = match &*name.text {
                "bool" => Type::Bool,
                "int" => Type::Int,
                "decimal" => Type::Decimal,
                "money" => Type::Money(None),
                "text" => Type::TEXT,
                "date" => Type::Date,
                "time" => Type::Time,
                "instant" => Type::Instant,
                "duration" => Type::Duration,
                "period" => Type::Period,
                "Country" => Type::Country,
                "Currency" => Type::Currency,
                "ip" => Type::Ip,
                "ip_range" => Type::IpRange,
                "hours" => Type::Hours,
                "calendar" => Type::Calendar,
                "role" => Type::Role,
                "list" | "set" | "map" => {
                    self.report(names::type_form(path.at, &name.text, form(&name.text)));
                    Type::Unknown
                }
                _ => return self.declared_type(module, path),
            };
            return builtin;
        }
        self.declared_type(module, path)
    }

    fn declared_type(&mut self, module: ModuleId, path: &ast::Path) -> Type {
        match self.path(module, path, "a type") {
            Some(Found::Def(Def::Enum(id))) => Type::Enum(id),
            Some(Found::Def(Def::Record(id))) => Type::Record(id),
            Some(Found::Def(Def::Entity(id))) => Type::Entity(vec![id]),
            Some(other) => {
                let name = path.parts.last().map(|name| name.text.clone()).unwrap_or_else(|| Arc::from(""));
                self.wrong_kind(path.at, &name, other, "a type");
                Type::Unknown
            }
            None => Type::Unknown,
        }
    }

    fn generic(&mut self, module: ModuleId, at: Span, name: &Name, args: &[TypeRef], max: Option<(u64, Span)>) -> Type {
        if let Some((_, at)) = max.filter(|(max, _)| !(1..=MOST_LONG).contains(max)) {
            self.report(syntax::no_bound(at));
        }
        let bound = max.map(|(max, _)| max.clamp(1, MOST_LONG) as u32);
        match (&*name.text, args, bound) {
            ("text", [], bound) => return Type::Text(bound),
            ("list", [of], bound) => return Type::List(Box::new(self.value_type(module, of)), bound),
            ("set", [of], None) => return Type::set(self.key_type(module, of, "an element of a set")),
            ("map", [key, value], None) => {
                let key = self.key_type(module, key, "a key of a map");
                return Type::map(key, self.value_type(module, value));
            }
            ("money", [TypeRef { kind: TypeKind::Named(path), .. }], None) => {
                if let [code] = path.parts.as_slice() {
                    let currency = Currency::parse(&code.text);
                    if currency.is_none() {
                        let near = names::nearest(&code.text, Currency::all());
                        self.report(names::unknown_member(code.at, &code.text, "Currency", near));
                        return Type::Unknown;
                    }
                    return Type::Money(currency);
                }
            }
            ("text" | "list" | "set" | "map" | "money", ..) => {}
            _ if TYPES.contains(&&*name.text) => {}
            _ => {
                let near = self.near(module, name, "a type", []);
                self.report(names::unknown(name.at, &name.text, "a type", near));
                return Type::Unknown;
            }
        }
        self.report(match form(&name.text) {
            "" => names::type_takes_nothing(at, &name.text),
            form => names::type_form(at, &name.text, form),
        });
        Type::Unknown
    }

    /// A record that contains itself has no end: the field that closes the circle becomes unknown.
    fn records_in_circles(&mut self) {
        let edges: Vec<Vec<(usize, usize)>> = self
            .package
            .records
            .iter()
            .map(|record| {
                let fields = record.fields.iter().enumerate();
                fields.flat_map(|(at, field)| contained(&field.ty).into_iter().map(move |to| (at, to))).collect()
            })
            .collect();
        let plain: Vec<Vec<usize>> = edges.iter().map(|edges| edges.iter().map(|edge| edge.1).collect()).collect();
        for knot in super::circles::knots(&plain) {
            let heads: Vec<_> = knot.way.iter().map(|record| &self.package.records[*record].head).collect();
            let mut round: Vec<&str> = heads.iter().map(|head| &*head.name.text).collect();
            round.push(round[0]);
            let spans: Vec<Span> = heads.iter().map(|head| head.name.at).collect();
            let diagnostic = names::circle(spans[0], "contains", &round, &spans[1..]);
            self.report(diagnostic);
            let members: rustc_hash::FxHashSet<usize> = knot.members.iter().copied().collect();
            for record in &knot.members {
                for (field, _) in edges[*record].iter().filter(|(_, to)| members.contains(to)) {
                    self.package.records[*record].fields[*field].ty = Type::Unknown;
                }
            }
        }
    }
}

/// The records that a value of the type holds.
fn contained(ty: &Type) -> Vec<usize> {
    match ty {
        Type::Record(id) => vec![id.index()],
        Type::Optional(of) | Type::List(of, _) | Type::Set(of) => contained(of),
        Type::Map(key, value) => [contained(key), contained(value)].concat(),
        _ => vec![],
    }
}

/// What is supplied from outside holds many values, or is opening hours or a calendar.
fn is_of_data(ty: &Type) -> bool {
    match ty {
        Type::Set(_) | Type::Map(..) | Type::List(..) | Type::Record(_) | Type::Hours | Type::Calendar => true,
        // Said where the type is written.
        Type::Unknown => true,
        _ => false,
    }
}

/// What a group holds, given whether its first member is an event.
fn other_kind(event: bool) -> &'static str {
    if event { "an event, as the members before it" } else { "an action, as the members before it" }
}

fn form(name: &str) -> &'static str {
    match name {
        "list" => "list<TYPE>` or `list<TYPE, max N>",
        "set" => "set<TYPE>",
        "map" => "map<KEY, VALUE>",
        "money" => "money` or `money<USD>",
        "text" => "text` or `text<max N>",
        _ => "",
    }
}
