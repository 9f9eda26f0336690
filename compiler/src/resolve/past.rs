//! Quantifiers, the past with its windows, and the places that values come from.
//! `exprs` and `clauses` call it; whether an accumulator can keep a reading is the checker's question.
//! Actions named in a source or a place are resolved through their groups here.

use super::Resolver;
use super::exprs::Hint;
use super::scope::{Body, Def, Found, Place};
use crate::ast::{self, Name};
use crate::errors::names;
use crate::hir::{
    self, ActionId, EntryField, Expr, ExprId, LocalId, LocalKind, PastId, PastSource, PastState, Returns, Window,
};
use crate::source::Span;
use ordain_vm::value::Type;

/// Actions that a path names, or `any`.
#[derive(Clone, Debug, Default)]
pub(super) struct Actions {
    pub actions: Vec<ActionId>,
    pub any: bool,
    /// A part of it was not found.
    pub broken: bool,
}

impl<'a> Resolver<'a> {
    // Quantifiers

    pub(super) fn quantifier(&mut self, body: &mut Body<'a>, at: Span, quantifier: &'a ast::Quantifier) -> Expr {
        let file = body.file;
        let mut sources = vec![];
        let mut kinds = vec![];
        for source in &quantifier.sources {
            match file.expr(super::exprs::strip(file, *source)) {
                ast::Expr::Past(past) => {
                    let id = self.past(body, past, file.at(*source));
                    sources.push(hir::Source::Past(id));
                    kinds.push(LocalKind::Entry(id));
                }
                _ => {
                    let id = self.expr(body, *source, Hint::None);
                    sources.push(hir::Source::Expr(id));
                    kinds.push(LocalKind::Element(id));
                }
            }
        }
        if quantifier.vars.len() != sources.len() {
            let message =
                format!("Here are {} and {}.", many(quantifier.vars.len(), "variable"), many(sources.len(), "list"));
            let diagnostic =
                names::wrong_count(at, message, "Each variable goes over a list of its own: `all(a, b in xs, ys …)`.");
            self.report(diagnostic);
        }
        let mark = body.mark();
        let mut vars = vec![];
        let mut rest = kinds.into_iter();
        for name in &quantifier.vars {
            let kind = match rest.next() {
                Some(kind) => kind,
                None => LocalKind::Element(self.error(name.at)),
            };
            let local = self.local(name, kind);
            self.bind(body, name, local);
            vars.push(local);
        }
        let filter = quantifier.filter.map(|filter| self.expr(body, filter, Hint::None));
        let value = quantifier.value.map(|value| self.expr(body, value, Hint::None));
        let satisfy = quantifier.satisfy.map(|satisfy| self.expr(body, satisfy, Hint::None));
        body.pop_to(mark);
        if vars.len() != sources.len() {
            return Expr::Error;
        }
        Expr::Quantifier(hir::Quantifier { kind: quantifier.kind, value, vars, sources, filter, satisfy })
    }

    // The past

    pub(super) fn past(&mut self, body: &mut Body<'a>, past: &'a ast::Past, at: Span) -> PastId {
        if matches!(body.place, Place::Constant | Place::Fixture) {
            let diagnostic = names::not_here(
                at,
                "past",
                "there is no request, and so no past",
                "The past is read in rules, limits and defines.",
            );
            self.report(diagnostic);
        }
        let source = self.past_source(body, &past.source);
        let by = past.by.map(|by| self.expr(body, by, Hint::None));
        let on = past.on.map(|on| self.expr(body, on, Hint::None));
        let window = match &past.window {
            Some(window) => self.window(body, window, by, on),
            None => {
                let diagnostic = names::no_window(at);
                self.report(diagnostic);
                Window::Error
            }
        };
        let state = self.state(&source, past.state);
        self.push_past(hir::Past { source, state, by, on, window, at })
    }

    /// Events happen; nobody asks for them, and they bring nothing back.
    fn state(&mut self, source: &PastSource, state: Option<(PastState, Span)>) -> Option<PastState> {
        let (state, at) = state?;
        if let Some(event) = source.actions.iter().find(|id| self.package[**id].event) {
            let name = self.package[*event].head.name.text.clone();
            self.report(names::state_of_event(at, &name));
            return None;
        }
        Some(state)
    }

    fn push_past(&mut self, past: hir::Past) -> PastId {
        self.package.pasts.push(past);
        PastId(self.package.pasts.len() as u32 - 1)
    }

    fn past_source(&mut self, body: &Body<'a>, path: &ast::Path) -> PastSource {
        let found = self.actions(body.module, path, "an action, event or group");
        PastSource { actions: found.actions, any: found.any, at: path.at }
    }

    /// `by` and `on` are the keys of the past that the window bounds; in a limit there are none.
    pub(super) fn window(
        &mut self,
        body: &mut Body<'a>,
        window: &'a ast::Window,
        by: Option<ExprId>,
        on: Option<ExprId>,
    ) -> Window {
        match window {
            ast::Window::Within { span, max, at } => {
                let span = self.expr(body, *span, Hint::None);
                Window::Within { span, max: max.map(|max| u32::try_from(max).unwrap_or(u32::MAX)), at: *at }
            }
            ast::Window::This { unit, at } => Window::This { unit: *unit, at: *at },
            ast::Window::Ever(at) => Window::Ever(*at),
            ast::Window::Since { var, source, state, filter, at } => {
                // Of an entry with a name, the keys are those that its own condition gives.
                let (by, on) = if var.is_some() { (None, None) } else { (by, on) };
                let source = self.past_source(body, source);
                let state = self.state(&source, *state);
                let past = self.push_past(hir::Past { source, state, by, on, window: Window::Ever(*at), at: *at });
                let mark = body.mark();
                let var = var.as_ref().map(|name| {
                    let local = self.local(name, LocalKind::Since(past));
                    self.bind(body, name, local);
                    local
                });
                let filter = filter.map(|filter| self.expr(body, filter, Hint::None));
                body.pop_to(mark);
                Window::Since { past, var, filter, at: *at }
            }
        }
    }

    /// `d.amount`, and with `by_args` `d.args.amount`.
    pub(super) fn entry_field(&mut self, entry: LocalId, past: PastId, name: &Name, at: Span, by_args: bool) -> ExprId {
        self.local_used[entry.index()] = true;
        let source = self.package[past].source.clone();
        let own = match &*name.text {
            _ if by_args => None,
            "time" => Some(EntryField::Time),
            "actor" => Some(EntryField::Actor),
            "target" => Some(EntryField::Target),
            "action" => Some(EntryField::Action),
            "session" => Some(EntryField::Session),
            "id" => Some(EntryField::Id),
            "result" => Some(EntryField::Result),
            _ => None,
        };
        if let Some(field) = own {
            let lacks = source.actions.iter().find(|id| {
                let action = &self.package[**id];
                match field {
                    EntryField::Actor => action.by.is_empty(),
                    EntryField::Target => action.on.is_empty(),
                    EntryField::Result => action.returns.is_none(),
                    EntryField::Time | EntryField::Action | EntryField::Session | EntryField::Id => false,
                    EntryField::Arg(_) => false,
                }
            });
            if let Some(lacks) = lacks {
                let head = &self.package[*lacks].head;
                let diagnostic = match field {
                    EntryField::Result => names::returns_nothing(name.at, head),
                    _ => names::no_party(name.at, &name.text, head),
                };
                return self.broken(at, diagnostic);
            }
            return self.push(Expr::Entry { entry, field }, at);
        }
        // Names that were not found were said where the source stands.
        if source.actions.is_empty() && !source.any {
            return self.error(at);
        }
        let request = self.request(&source.actions);
        if request.fields.contains_key(&name.text) {
            return self.push(Expr::Entry { entry, field: EntryField::Arg(name.clone()) }, at);
        }
        if let Some(id) = self.not_shared(&source.actions, name) {
            return id;
        }
        let of = if source.any { "An entry of `past any`".to_string() } else { self.actions_words(&source.actions) };
        let own = ["time", "actor", "target", "action", "session", "id", "result"];
        let known = request.fields.keys().map(|name| &**name).chain(own);
        let diagnostic = names::no_such_field(name.at, &name.text, &of, known);
        let diagnostic = diagnostic.rests_on(self.declared(&source.actions));
        self.broken(at, diagnostic)
    }

    /// The type of a field of an entry, where it can be read off.
    pub(super) fn entry_type(&self, entry: LocalId, field: &EntryField) -> Type {
        let (LocalKind::Entry(past) | LocalKind::Since(past)) = self.package[entry].kind else { return Type::Unknown };
        let actions: Vec<&hir::Action> =
            self.package[past].source.actions.iter().map(|id| &self.package[*id]).collect();
        match field {
            EntryField::Time => Type::Instant,
            EntryField::Actor => entity_type(actions.iter().flat_map(|action| &action.by)),
            EntryField::Target => entity_type(actions.iter().flat_map(|action| &action.on)),
            EntryField::Result => match actions.first().and_then(|action| action.returns.as_ref()) {
                Some(Returns::Type(ty)) => ty.clone(),
                Some(Returns::Record(id)) => Type::Record(*id),
                None => Type::Unknown,
            },
            EntryField::Arg(name) => actions
                .first()
                .and_then(|action| action.field(&name.text))
                .map_or(Type::Unknown, |(_, field)| field.ty.clone()),
            EntryField::Action | EntryField::Session | EntryField::Id => Type::Unknown,
        }
    }

    // Actions and places

    /// An action, event or group by its path; `any` alone is all of them.
    pub(super) fn actions(&mut self, module: hir::ModuleId, path: &ast::Path, wanted: &'static str) -> Actions {
        if let [one] = path.parts.as_slice()
            && &*one.text == "any"
        {
            return Actions { actions: vec![], any: true, broken: false };
        }
        match self.path(module, path, wanted) {
            Some(Found::Def(Def::Action(id))) => Actions { actions: vec![id], any: false, broken: false },
            Some(Found::Def(Def::Group(id))) => {
                Actions { actions: self.package[id].members.clone(), any: false, broken: false }
            }
            Some(other) => {
                let name = path.parts.last().map(|name| name.text.to_string()).unwrap_or_default();
                self.wrong_kind(path.at, &name, other, wanted);
                Actions { broken: true, ..Actions::default() }
            }
            None => Actions { broken: true, ..Actions::default() },
        }
    }

    pub(super) fn places(&mut self, module: hir::ModuleId, places: &[ast::Place]) -> Vec<Option<hir::Place>> {
        places
            .iter()
            .map(|place| match place {
                ast::Place::User(_) => Some(hir::Place::User),
                ast::Place::Operator(_) => Some(hir::Place::Operator),
                ast::Place::Named(path) => self.place(module, path),
            })
            .collect()
    }

    /// `list_vendors`, `list_vendors.id`, a group, and each of them behind a module.
    fn place(&mut self, module: hir::ModuleId, path: &ast::Path) -> Option<hir::Place> {
        let parts: Vec<&Name> = path.parts.iter().collect();
        let (last, before) = parts.split_last()?;
        let behind_module = before.is_empty() || self.whole(module, before).is_some();
        let (owner, field) = if behind_module { (parts.as_slice(), None) } else { (before, Some(*last)) };
        let found = self.parts(module, owner, "an action or group")?;
        let actions = match found {
            Found::Def(Def::Action(id)) => vec![id],
            Found::Def(Def::Group(id)) => self.package[id].members.clone(),
            other => {
                let name = owner.last()?;
                self.wrong_kind(name.at, &name.text, other, "an action or group");
                return None;
            }
        };
        if let Some(event) = actions.iter().find(|id| self.package[**id].event) {
            let diagnostic = names::returns_nothing(path.at, &self.package[*event].head);
            self.report(diagnostic);
            return None;
        }
        let Some(field) = field else { return Some(hir::Place::Result { actions, field: None }) };
        let has: Vec<ActionId> = actions.iter().copied().filter(|id| self.returned(*id, &field.text)).collect();
        if has.is_empty() {
            self.no_result_field(&actions, field);
            return None;
        }
        Some(hir::Place::Result { actions: has, field: Some(field.clone()) })
    }

    /// The record that an action returns, by itself or in a list.
    fn returned_record(&self, action: ActionId) -> Option<&hir::Record> {
        match self.package[action].returns.as_ref()? {
            Returns::Record(id) => Some(&self.package[*id]),
            Returns::Type(ty) => match super::leaf(ty) {
                Type::Record(id) => Some(&self.package[*id]),
                _ => None,
            },
        }
    }

    fn returned(&self, action: ActionId, field: &str) -> bool {
        self.returned_record(action).is_some_and(|record| record.fields.iter().any(|own| &*own.name.text == field))
    }

    fn no_result_field(&mut self, actions: &[ActionId], field: &Name) {
        let diagnostic = match actions.iter().find_map(|id| self.returned_record(*id)) {
            Some(record) => {
                let known = record.fields.iter().map(|own| &*own.name.text);
                let of = format!("`{}`, which is returned,", record.head.name.text);
                names::no_such_field(field.at, &field.text, &of, known).rests_on([record.head.at])
            }
            None => {
                let Some(first) = actions.first() else { return };
                let action = &self.package[*first];
                match action.returns {
                    Some(_) => {
                        let of = format!("What `{}` returns", action.head.name.text);
                        names::no_such_field(field.at, &field.text, &of, []).rests_on([action.head.at])
                    }
                    None => names::returns_nothing(field.at, &action.head),
                }
            }
        };
        self.report(diagnostic);
    }
}

fn entity_type<'b>(kinds: impl Iterator<Item = &'b ordain_vm::value::EntityId>) -> Type {
    let mut kinds: Vec<_> = kinds.copied().collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() { Type::Unknown } else { Type::Entity(kinds) }
}

fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
