//! What stands behind a dot, and what a rule sees of its request: actor, target, arguments, entries of the past.
//! Of several actions or kinds, only what all of them share with one type can be used.
//! Literals of records and entities, whose fields are given, stand here too.

use super::{Checker, fit, names};
use crate::errors::{
    names as words,
    types::{self as errors, Spot},
};
use crate::hir::{
    ActionId, EntryField, Expr, ExprId, Field, Head, LocalId, LocalKind, Name, Package, PastId, PastState, Returns,
};
use crate::source::Span;
use ordain_vm::value::{EntityId, RecordId, Type};

/// All kinds of entity that a package declares.
pub(super) fn all_kinds(package: &Package) -> Vec<EntityId> {
    (0..package.entities.len() as u32).map(EntityId).collect()
}

impl<'a> Checker<'a> {
    pub(super) fn actor(&mut self, at: Span) -> Type {
        self.party(at, self.scope.actions, "actor")
    }

    pub(super) fn target(&mut self, at: Span) -> Type {
        self.party(at, self.scope.actions, "target")
    }

    /// The kinds of the actor or target of all these actions.
    fn party(&mut self, at: Span, actions: &[ActionId], which: &str) -> Type {
        let mut kinds = vec![];
        for action in actions {
            let action = &self.package[*action];
            let of = if which == "actor" { &action.by } else { &action.on };
            if of.is_empty() {
                self.report(words::no_party(at, which, &action.head));
                return Type::Unknown;
            }
            kinds.extend(of);
        }
        entity_of(kinds)
    }

    /// An argument of the request.
    pub(super) fn arg(&mut self, name: &Name) -> Type {
        self.shared_arg(name, self.scope.actions)
    }

    fn shared_arg(&mut self, name: &Name, actions: &[ActionId]) -> Type {
        let package = self.package;
        let mut shared: Option<(Type, ActionId)> = None;
        for id in actions {
            let action = &package[*id];
            let Some(ty) = arg_type(package, *id, &name.text) else {
                let holder = if actions.len() > 1 {
                    actions.iter().find(|other| arg_type(package, **other, &name.text).is_some())
                } else {
                    None
                };
                let name_of = |id: ActionId| &*package[id].head.name.text;
                let diagnostic = match holder {
                    Some(other) => words::not_shared(name.at, &name.text, name_of(*other), name_of(*id), false),
                    None => {
                        let of = format!("`{}`", name_of(*id));
                        words::no_such_field(name.at, &name.text, &of, args_of(package, *id))
                    }
                };
                self.report(diagnostic.rests_on([action.head.at]));
                return Type::Unknown;
            };
            shared = Some(match shared {
                None => (ty, *id),
                Some((known, first)) => {
                    if !fit::same(&known, &ty) {
                        let (first, other) = (&package[first].head.name.text, &action.head.name.text);
                        self.report(words::not_shared(name.at, &name.text, first, other, true));
                        return Type::Unknown;
                    }
                    (fit::join(&known, &ty).unwrap_or(known), first)
                }
            });
        }
        shared.map_or(Type::Unknown, |(ty, _)| ty)
    }

    /// A field of an entry of the past.
    pub(super) fn entry(&mut self, at: Span, entry: LocalId, field: &EntryField) -> Type {
        let package = self.package;
        let local = &package[entry];
        let past = match local.kind {
            LocalKind::Entry(past) | LocalKind::Since(past) => past,
            LocalKind::Param(_) | LocalKind::Let(_) | LocalKind::Element(_) | LocalKind::Approver(_) => {
                return Type::Unknown;
            }
        };
        let source = &package[past].source;
        match field {
            EntryField::Time => Type::Instant,
            EntryField::Action | EntryField::Id => Type::TEXT,
            EntryField::Session => Type::TEXT.optional(),
            EntryField::Actor if source.any => self.any_party(true),
            EntryField::Target if source.any => self.any_party(false),
            EntryField::Actor => self.party(at, &source.actions, "actor"),
            EntryField::Target => self.party(at, &source.actions, "target"),
            EntryField::Result => self.result(at, past),
            EntryField::Arg(name) if source.any => {
                self.report(errors::any_has_no_arguments(name.at, &name.text));
                Type::Unknown
            }
            EntryField::Arg(name) => self.shared_arg(name, &source.actions),
        }
    }

    /// Actor or target of an entry of `past any`: missing where an action has none.
    fn any_party(&self, actor: bool) -> Type {
        let package = self.package;
        let actions: Vec<ActionId> = match self.scope.policy {
            Some(policy) => package[policy].governs.clone(),
            None => (0..package.actions.len() as u32).map(ActionId).collect(),
        };
        let parties = actions.iter().map(|action| &package[*action]).filter(|action| !action.event);
        let parties: Vec<&Vec<EntityId>> = parties.map(|action| if actor { &action.by } else { &action.on }).collect();
        let ty = entity_of(parties.iter().flat_map(|kinds| kinds.iter().copied()).collect());
        if parties.iter().any(|kinds| kinds.is_empty()) { ty.optional() } else { ty }
    }

    fn result(&mut self, at: Span, past: PastId) -> Type {
        let package = self.package;
        let past = &package[past];
        match past.state {
            Some(PastState::Returned) => {}
            None | Some(PastState::Attempted | PastState::Denied | PastState::Pending | PastState::Failed) => {
                self.report(errors::result_without_returned(at));
                return Type::Unknown;
            }
        }
        let mut shared: Option<(Type, ActionId)> = None;
        for id in &past.source.actions {
            let name = &package[*id].head.name.text;
            let Some(ty) = returned(package, *id) else {
                self.report(words::returns_nothing(at, &package[*id].head));
                return Type::Unknown;
            };
            match &shared {
                None => shared = Some((ty, *id)),
                Some((known, _)) if fit::same(known, &ty) => {}
                Some((_, first)) => {
                    self.report(words::not_shared(at, "result", &package[*first].head.name.text, name, true));
                    return Type::Unknown;
                }
            }
        }
        shared.map_or(Type::Unknown, |(ty, _)| ty)
    }

    /// `of.name`
    pub(super) fn field(&mut self, of: ExprId, name: &Name) -> Type {
        let package = self.package;
        let ty = self.present(of, None);
        if let Expr::Local(local) = package.expr(of)
            && let LocalKind::Approver(kinds) = &package[*local].kind
            && kinds.is_empty()
            && &*name.text != "id"
        {
            let roles = package.roles.iter().filter(|role| role.by.is_empty()).map(|role| role.head.at);
            self.report(errors::only_approver_id(name.at, &name.text).rests_on(roles));
            return Type::Unknown;
        }
        match &ty {
            Type::Unknown => Type::Unknown,
            Type::Record(record) => {
                let record = &package[*record];
                match record.fields.iter().find(|field| field.name.text == name.text) {
                    Some(field) => field.ty.clone(),
                    None => {
                        self.no_field(name, &record.head, &record.fields);
                        Type::Unknown
                    }
                }
            }
            Type::Entity(_) if &*name.text == "id" => Type::TEXT,
            Type::Entity(kinds) => self.attribute(of, kinds, name),
            other => {
                let owner = self.name(other);
                self.report(errors::no_fields(name.at, &self.say(of), &owner, &name.text));
                Type::Unknown
            }
        }
    }

    /// An attribute of an entity that may be of several kinds.
    fn attribute(&mut self, of: ExprId, kinds: &[EntityId], name: &Name) -> Type {
        let package = self.package;
        let mut shared: Option<Type> = None;
        for kind in kinds {
            let entity = &package[*kind];
            let owner = names::article(&entity.head.name.text);
            let Some(field) = entity.attributes.iter().find(|field| field.name.text == name.text) else {
                let holder = kinds
                    .iter()
                    .find(|other| package[**other].attributes.iter().any(|field| field.name.text == name.text));
                let diagnostic = match holder {
                    Some(other) => {
                        let other = names::article(&package[*other].head.name.text);
                        errors::not_every_kind_has(name.at, &self.say(of), &name.text, &owner, &other)
                            .rests_on([entity.head.at])
                    }
                    None => return self.no_field(name, &entity.head, &entity.attributes),
                };
                self.report(diagnostic);
                return Type::Unknown;
            };
            match &shared {
                Some(known) if !fit::same(known, &field.ty) => {
                    let first = names::article(&package[kinds[0]].head.name.text);
                    let (a, b) = (self.name(known), self.name(&field.ty));
                    self.report(errors::kinds_differ(name.at, &name.text, (&first, &a), (&owner, &b)));
                    return Type::Unknown;
                }
                Some(_) => {}
                None => shared = Some(field.ty.clone()),
            }
        }
        shared.unwrap_or(Type::Unknown)
    }

    /// `m[k]`: of a map the value, or nothing; of a list the entry at a place counted from 0, which is there or an error.
    pub(super) fn index(&mut self, of: ExprId, key: ExprId) -> Type {
        let ty = self.present(of, None);
        match &ty {
            Type::Map(wanted, value) => {
                let found = self.present(key, Some(wanted));
                self.coerce(key, &found, wanted, Spot::The("a key of this map"));
                let known = self.keys.entry(self.package, of, key).is_some_and(|path| self.facts.has_entry(path));
                if known { (**value).clone() } else { (**value).clone().optional() }
            }
            Type::List(of, _) => {
                let found = self.present(key, Some(&Type::Int));
                self.coerce(key, &found, &Type::Int, Spot::The("the place of an entry in a list"));
                (**of).clone()
            }
            Type::Unknown => {
                self.infer(key, Some(&Type::Unknown));
                Type::Unknown
            }
            other => {
                self.infer(key, Some(&Type::Unknown));
                let name = self.name(other);
                self.report(errors::no_index(self.at(of), &self.say(of), &name));
                Type::Unknown
            }
        }
    }

    pub(super) fn entity(
        &mut self,
        kind: EntityId,
        id: ExprId,
        parents: &[ExprId],
        attributes: &[(Name, ExprId)],
    ) -> Type {
        let package = self.package;
        let entity = &package[kind];
        let name = &entity.head.name.text;
        self.expect(id, &Type::TEXT, Spot::Field { of: name, field: "id" });
        for parent in parents {
            let found = self.present(*parent, None);
            match &found {
                Type::Unknown => {}
                Type::Entity(kinds) if kinds.iter().all(|kind| entity.parents.contains(kind)) => {}
                other => {
                    let found = self.name(other);
                    let allowed = (!entity.parents.is_empty()).then(|| names::kinds(package, &entity.parents));
                    self.report(errors::no_such_parent(self.at(*parent), name, &found, allowed.as_deref()));
                }
            }
        }
        self.given_fields(&entity.head, &entity.attributes, attributes);
        Type::Entity(vec![kind])
    }

    pub(super) fn record(&mut self, at: Span, record: RecordId, fields: &[(Name, ExprId)]) -> Type {
        let package = self.package;
        let declared = &package[record];
        self.given_fields(&declared.head, &declared.fields, fields);
        for field in &declared.fields {
            if !field.ty.is_optional() && !fields.iter().any(|(given, _)| given.text == field.name.text) {
                self.report(errors::field_left_out(at, &declared.head, &field.name.text));
            }
        }
        Type::Record(record)
    }

    pub(super) fn with(&mut self, of: ExprId, fields: &[(Name, ExprId)]) -> Type {
        let package = self.package;
        let ty = self.present(of, None);
        match &ty {
            Type::Record(record) => {
                let record = &package[*record];
                self.given_fields(&record.head, &record.fields, fields);
            }
            Type::Entity(kinds) if self.scope.fixture && kinds.len() == 1 => {
                let entity = &package[kinds[0]];
                self.given_fields(&entity.head, &entity.attributes, fields);
            }
            other => {
                for (_, value) in fields {
                    self.infer(*value, Some(&Type::Unknown));
                }
                if *other != Type::Unknown {
                    let name = self.name(other);
                    self.report(errors::with_what(self.at(of), &self.say(of), &name));
                }
                return Type::Unknown;
            }
        }
        ty
    }

    /// Fields as they are given, against those that are declared.
    pub(super) fn given_fields(&mut self, head: &Head, declared: &[Field], given: &[(Name, ExprId)]) {
        let owner = &head.name.text;
        for (name, value) in given {
            match declared.iter().find(|field| field.name.text == name.text) {
                Some(field) => self.expect(*value, &field.ty, Spot::Field { of: owner, field: &name.text }),
                None => {
                    self.infer(*value, Some(&Type::Unknown));
                    self.no_field(name, head, declared);
                }
            }
        }
    }

    pub(super) fn no_field(&mut self, name: &Name, head: &Head, declared: &[Field]) -> Type {
        let known = declared.iter().map(|field| &*field.name.text);
        let owner = format!("`{}`", head.name.text);
        self.report(words::no_such_field(name.at, &name.text, &owner, known).rests_on([head.at]));
        Type::Unknown
    }
}

/// One of these kinds; nothing is known where there are none.
fn entity_of(mut kinds: Vec<EntityId>) -> Type {
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() { Type::Unknown } else { Type::Entity(kinds) }
}

/// What an argument of an action is, also the one that is the target's id.
pub(super) fn arg_type(package: &Package, action: ActionId, name: &str) -> Option<Type> {
    let action = &package[action];
    if action.as_arg.as_ref().is_some_and(|as_arg| &*as_arg.text == name) {
        return Some(Type::TEXT);
    }
    action.field(name).map(|(_, field)| field.ty.clone())
}

pub(super) fn args_of(package: &Package, action: ActionId) -> Vec<&str> {
    let action = &package[action];
    action.fields.iter().map(|field| &*field.name.text).chain(action.as_arg.as_ref().map(|name| &*name.text)).collect()
}

/// What an action brings back.
pub(super) fn returned(package: &Package, action: ActionId) -> Option<Type> {
    package[action].returns.as_ref().map(|returns| match returns {
        Returns::Type(ty) => ty.clone(),
        Returns::Record(record) => Type::Record(*record),
    })
}
