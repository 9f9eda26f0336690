//! Expressions: names become ids, words and symbols one tree, sugar goes.
//! Every part of `resolve` that holds an expression calls `expr`; the past and provenance stand in `past.rs`.
//! Types are the checker's: only where a name could be two things is a plain type looked at here.

use super::circles::Node;
use super::scope::{Body, Def, Found, Place, WORDS};
use super::{Resolver, leaf};
use crate::ast::{self, CompareOp, Name, RelationOp};
use crate::errors::{foreign, names, syntax};
use crate::hir::{self, Callee, Expr, ExprId, LocalId, LocalKind, TemplatePart};
use crate::source::Span;
use ordain_vm::builtin::Shape;
use ordain_vm::value::{Choice, Currency, EntityId, EnumId, Type};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a bare name could be a member of in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    None,
    Enum(EnumId),
    Country,
    Currency,
    Role,
    Choice(Choice),
}

impl Hint {
    pub fn of(ty: &Type) -> Hint {
        match leaf(ty) {
            Type::Enum(id) => Hint::Enum(*id),
            Type::Country => Hint::Country,
            Type::Currency => Hint::Currency,
            Type::Role => Hint::Role,
            Type::Choice(choice) => Hint::Choice(*choice),
            _ => Hint::None,
        }
    }

    fn of_shape(shape: Shape) -> Hint {
        match shape {
            Shape::Country => Hint::Country,
            Shape::Currency => Hint::Currency,
            Shape::Choice(choice) => Hint::Choice(choice),
            Shape::List(of) | Shape::Set(of) | Shape::Optional(of) => Hint::of_shape(*of),
            _ => Hint::None,
        }
    }

    fn ty(self) -> Type {
        match self {
            Hint::None => Type::Unknown,
            Hint::Enum(id) => Type::Enum(id),
            Hint::Country => Type::Country,
            Hint::Currency => Type::Currency,
            Hint::Role => Type::Role,
            Hint::Choice(choice) => Type::Choice(choice),
        }
    }
}

/// What goes over the members of something by a variable.
const QUANTIFIERS: [&str; 11] =
    ["any", "none", "all", "count", "sum", "min", "max", "average", "distinct", "latest", "earliest"];

/// What a bare name is by where it stands, whatever is expected there.
#[derive(Clone, Copy, Debug)]
enum Scoped {
    Local(LocalId),
    Word(&'static str),
    Arg,
    Found(Found),
    Nothing,
}

impl<'a> Resolver<'a> {
    pub(super) fn expr(&mut self, body: &mut Body<'a>, id: ast::ExprId, hint: Hint) -> ExprId {
        let file = body.file;
        let at = file.at(id);
        let expr = match file.expr(id) {
            ast::Expr::Error => Expr::Error,
            ast::Expr::Bool(value) => Expr::Bool(*value),
            ast::Expr::Int(value) => Expr::Int(*value),
            ast::Expr::Decimal(value) => Expr::Decimal(*value),
            ast::Expr::Money(value, currency) => Expr::Money(*value, *currency),
            ast::Expr::Text(text) => self.text(body, text),
            ast::Expr::Date(value) => Expr::Date(*value),
            ast::Expr::Time(value) => Expr::Time(*value),
            ast::Expr::Instant(value) => Expr::Instant(*value),
            ast::Expr::Duration(value) => Expr::Duration(*value),
            ast::Expr::Period(value) => Expr::Period(*value),
            ast::Expr::Days(value) => Expr::Days(*value),
            ast::Expr::Name(name) => return self.name(body, name, hint),
            ast::Expr::Field { of, name } => return self.field(body, id, *of, name),
            ast::Expr::Index { of, key } => {
                let of = self.expr(body, *of, Hint::None);
                let hint = match self.shallow(body, of).present() {
                    Type::Map(key, _) => Hint::of(key),
                    _ => Hint::None,
                };
                Expr::Index { of, key: self.expr(body, *key, hint) }
            }
            ast::Expr::Call { callee, args } => return self.call(body, at, *callee, args),
            ast::Expr::Convert { of, currency, using } => self.convert(body, *of, currency, using),
            ast::Expr::Record { of, fields } => return self.record(body, at, *of, fields),
            ast::Expr::Entity { of, parents, fields } => return self.thing(body, at, *of, parents, fields),
            ast::Expr::With { of, fields } => {
                let of = self.expr(body, *of, Hint::None);
                let ty = self.shallow(body, of);
                self.fields_once(fields);
                let fields = fields.iter().map(|(name, value)| {
                    let hint = self.field_type(&ty, &name.text).map_or(Hint::None, |ty| Hint::of(&ty));
                    (name.clone(), self.expr(body, *value, hint))
                });
                Expr::With { of, fields: fields.collect() }
            }
            ast::Expr::List(items) => Expr::List(self.all(body, items, hint)),
            ast::Expr::Set(items) => Expr::SetOf(self.all(body, items, hint)),
            ast::Expr::Map(entries) => {
                self.keys_once(file, entries);
                let entries = entries
                    .iter()
                    .map(|(key, value)| (self.expr(body, *key, Hint::None), self.expr(body, *value, Hint::None)));
                Expr::MapOf(entries.collect())
            }
            ast::Expr::Not(of) => Expr::Not(self.expr(body, *of, Hint::None)),
            ast::Expr::Negate(of) => Expr::Negate(self.expr(body, *of, Hint::None)),
            ast::Expr::And(parts) => Expr::And(self.all(body, parts, Hint::None)),
            ast::Expr::Or(parts) => Expr::Or(self.all(body, parts, Hint::None)),
            ast::Expr::OrElse(value, default) => {
                let value = self.expr(body, *value, hint);
                let hint = if hint == Hint::None { Hint::of(&self.shallow(body, value)) } else { hint };
                Expr::OrElse(value, self.expr(body, *default, hint))
            }
            ast::Expr::Arithmetic(op, left, right) => {
                let left = self.expr(body, *left, Hint::None);
                Expr::Arithmetic(*op, left, self.expr(body, *right, Hint::None))
            }
            ast::Expr::Compare { operands, ops } => return self.compare(body, at, operands, ops),
            ast::Expr::Relation { op, negated, left, right } => {
                let expr = self.relation(body, *op, *left, *right);
                return self.maybe_not(expr, *negated, at);
            }
            ast::Expr::IsPresent { of, negated } => {
                let expr = Expr::IsPresent(self.expr(body, *of, Hint::None));
                return self.maybe_not(expr, *negated, at);
            }
            ast::Expr::IsA { of, kind, negated } => {
                let of = self.expr(body, *of, Hint::None);
                let expr = self.entity_kind(body, kind).map_or(Expr::Error, |kind| Expr::IsA(of, kind));
                return self.maybe_not(expr, *negated, at);
            }
            ast::Expr::BelongsTo { of, groups, any_of: _, negated } => {
                let of = self.expr(body, *of, Hint::None);
                let mut found = vec![];
                for group in groups {
                    match file.expr(strip(file, *group)) {
                        ast::Expr::List(items) | ast::Expr::Set(items) => {
                            found.extend(self.all(body, items, Hint::None));
                        }
                        _ => found.push(self.expr(body, *group, Hint::None)),
                    }
                }
                return self.maybe_not(Expr::BelongsTo { of, groups: found }, *negated, at);
            }
            ast::Expr::IsWithin { of, span, center, negated } => {
                let of = self.expr(body, *of, Hint::None);
                let span = self.expr(body, *span, Hint::None);
                let expr = match center {
                    Some(center) => Expr::Near { of, span, center: self.expr(body, *center, Hint::None) },
                    None => Expr::Within { of, range: span },
                };
                return self.maybe_not(expr, *negated, at);
            }
            ast::Expr::ComesFrom { of, places, only, negated } => {
                let of = self.expr(body, *of, Hint::None);
                let places = self.places(body.module, places);
                let expr = if places.iter().any(Option::is_none) {
                    Expr::Error
                } else {
                    Expr::ComesFrom { of, places: places.into_iter().flatten().collect(), only: *only }
                };
                return self.maybe_not(expr, *negated, at);
            }
            ast::Expr::If { condition, then, otherwise } => {
                let condition = self.expr(body, *condition, Hint::None);
                let then = self.expr(body, *then, hint);
                Expr::If { condition, then, otherwise: self.expr(body, *otherwise, hint) }
            }
            ast::Expr::Match { of, arms } => self.match_of(body, *of, arms, hint),
            ast::Expr::Let { bindings, body: inner } => self.let_in(body, bindings, *inner, hint),
            ast::Expr::Quantifier(quantifier) => self.quantifier(body, at, quantifier),
            ast::Expr::Past(past) => {
                self.past(body, past, at);
                self.report(names::past_alone(at));
                Expr::Error
            }
            ast::Expr::Group(inner) => return self.expr(body, *inner, hint),
        };
        self.push(expr, at)
    }

    pub(super) fn all(&mut self, body: &mut Body<'a>, items: &[ast::ExprId], hint: Hint) -> Vec<ExprId> {
        items.iter().map(|item| self.expr(body, *item, hint)).collect()
    }

    /// Keys that are written out stand in a map once.
    fn keys_once(&mut self, file: &ast::File, entries: &[(ast::ExprId, ast::ExprId)]) {
        let mut seen: FxHashMap<(bool, Arc<str>), Span> = FxHashMap::default();
        for (key, _) in entries {
            let written = match file.expr(*key) {
                ast::Expr::Name(name) => (false, name.text.clone()),
                ast::Expr::Int(value) => (false, Arc::from(value.to_string())),
                ast::Expr::Text(text) => match text.plain() {
                    Some(text) => (true, text),
                    None => continue,
                },
                _ => continue,
            };
            let at = file.at(*key);
            if let Some(first) = seen.get(&written) {
                self.report(names::declared_twice(at, &written.1, *first));
            } else {
                seen.insert(written, at);
            }
        }
    }

    fn maybe_not(&mut self, expr: Expr, negated: bool, at: Span) -> ExprId {
        let id = self.push(expr, at);
        if negated { self.push(Expr::Not(id), at) } else { id }
    }

    // Texts

    fn text(&mut self, body: &mut Body<'a>, text: &'a ast::Text) -> Expr {
        match text.plain() {
            Some(plain) => Expr::Text(plain),
            None if body.message => Expr::Template(self.parts_of_text(body, text)),
            None => Expr::Text(self.plain(body.file, text)),
        }
    }

    /// A message: what is filled in is read where the message stands.
    pub(super) fn template(&mut self, body: &mut Body<'a>, text: &'a ast::Text) -> ExprId {
        let outer = std::mem::replace(&mut body.message, true);
        let parts = self.parts_of_text(body, text);
        body.message = outer;
        self.push(Expr::Template(parts), text.at)
    }

    fn parts_of_text(&mut self, body: &mut Body<'a>, text: &'a ast::Text) -> Vec<TemplatePart> {
        text.parts
            .iter()
            .map(|part| match part {
                ast::TextPart::Plain(text) => TemplatePart::Plain(text.clone()),
                ast::TextPart::Filled(expr) => TemplatePart::Filled(self.expr(body, *expr, Hint::None)),
            })
            .collect()
    }

    /// A pattern: a text that is known before anything runs.
    fn pattern(&mut self, body: &Body<'a>, id: ast::ExprId, word: &str) -> Option<Arc<str>> {
        let file = body.file;
        match file.expr(strip(file, id)) {
            ast::Expr::Text(text) => Some(self.plain(file, text)),
            ast::Expr::Error => None,
            _ => {
                self.report(names::pattern_not_constant(file.at(id), word));
                None
            }
        }
    }

    // Names

    /// What a bare name is here; nothing is marked as used.
    fn scoped(&self, body: &Body<'a>, name: &str) -> Scoped {
        if let Some(local) = body.find(name) {
            return Scoped::Local(local);
        }
        if matches!(body.place, Place::Rule | Place::Define)
            && let Some(word) = WORDS.iter().find(|word| **word == name)
        {
            return Scoped::Word(word);
        }
        if body.request.as_ref().is_some_and(|request| request.fields.contains_key(name)) {
            return Scoped::Arg;
        }
        if let Some(found) = self.peek(body.module, name) {
            return Scoped::Found(found);
        }
        ordain_stdlib::find("", name).map_or(Scoped::Nothing, |row| Scoped::Found(Found::Builtin(row)))
    }

    /// True where a bare name means nothing here.
    pub(super) fn is_unknown(&self, body: &Body<'a>, name: &str) -> bool {
        matches!(self.scoped(body, name), Scoped::Nothing)
    }

    fn name(&mut self, body: &mut Body<'a>, name: &'a Name, hint: Hint) -> ExprId {
        let scoped = self.scoped(body, &name.text);
        let wanted = hint.ty();
        if self.has_member(&wanted, &name.text) {
            return self.member_or(body, name, scoped, &wanted);
        }
        match scoped {
            Scoped::Nothing if self.is_member(&name.text) => self.push(Expr::Member(name.clone()), name.at),
            Scoped::Nothing if hint == Hint::Role && self.is_role(&name.text) => {
                self.push(Expr::Member(name.clone()), name.at)
            }
            // A member is wanted, and this can be nothing else: the checker says which members there are.
            Scoped::Nothing if !matches!(hint, Hint::None | Hint::Role) && self.is_nothing_else(body, name) => {
                self.push(Expr::Member(name.clone()), name.at)
            }
            // A function is no value, so a member of that name is meant.
            Scoped::Found(Found::Builtin(row)) if !row.params.is_empty() && self.is_member(&name.text) => {
                self.push(Expr::Member(name.clone()), name.at)
            }
            scoped => self.scoped_value(body, name, scoped),
        }
    }

    /// True of a name that no word, no action of the rule and no other module has.
    fn is_nothing_else(&mut self, body: &Body<'a>, name: &Name) -> bool {
        if WORDS.contains(&&*name.text) || &*name.text == "action" || self.searches == 0 {
            return false;
        }
        self.searches -= 1;
        let some_action = body.request.as_ref().is_some_and(|request| {
            request.actions.is_empty() || request.actions.iter().any(|id| self.package[*id].field(&name.text).is_some())
        });
        !some_action && self.elsewhere(body.module, name, "").is_none()
    }

    /// A name that is a member of what is expected: that, unless it is a value in scope as well.
    fn member_or(&mut self, body: &mut Body<'a>, name: &'a Name, scoped: Scoped, wanted: &Type) -> ExprId {
        let is = match scoped {
            // These words have no other name, and stand only where nothing else could.
            _ if matches!(wanted, Type::Choice(_)) => None,
            Scoped::Local(local) => Some(match self.package[local].kind {
                LocalKind::Let(_) => "a `let`",
                LocalKind::Param(_) => "a parameter",
                LocalKind::Element(_) => "a variable",
                LocalKind::Entry(_) | LocalKind::Since(_) => "an entry of the past",
                LocalKind::Approver(_) => "who approves",
            }),
            Scoped::Word(_) => Some("a word of the language"),
            Scoped::Arg => Some("a field of the request"),
            Scoped::Found(Found::Def(Def::Fixture(_))) if body.place == Place::Fixture => Some("a `let`"),
            Scoped::Found(Found::Def(def @ (Def::Set(_) | Def::Data(_)))) => Some(self.kind(def)),
            Scoped::Found(Found::Def(def @ Def::Define(id))) if self.package[id].params.is_empty() => {
                Some(self.kind(def))
            }
            // What is no value can't be meant.
            Scoped::Found(_) | Scoped::Nothing => None,
        };
        let Some(is) = is else { return self.push(Expr::Member(name.clone()), name.at) };
        let of = match wanted {
            Type::Enum(id) => self.package[*id].head.name.text.to_string(),
            Type::Country => "Country".to_string(),
            _ => "Currency".to_string(),
        };
        if let Scoped::Local(local) = scoped {
            self.local_used[local.index()] = true;
        }
        self.broken(name.at, names::two_meanings(name.at, &name.text, is, &of))
    }

    fn is_role(&mut self, name: &str) -> bool {
        let roles: Vec<usize> =
            (0..self.package.roles.len()).filter(|at| &*self.package.roles[*at].head.name.text == name).collect();
        self.used.extend(roles.iter().map(|at| Def::Role(ordain_vm::value::RoleId(*at as u32))));
        !roles.is_empty()
    }

    fn scoped_value(&mut self, body: &mut Body<'a>, name: &'a Name, scoped: Scoped) -> ExprId {
        match scoped {
            Scoped::Local(local) => {
                self.local_used[local.index()] = true;
                match self.package[local].kind {
                    LocalKind::Entry(_) | LocalKind::Since(_) => {
                        self.broken(name.at, names::needs_member(name.at, &name.text, "an entry of the past", "time"))
                    }
                    LocalKind::Param(_) | LocalKind::Let(_) | LocalKind::Element(_) | LocalKind::Approver(_) => {
                        self.push(Expr::Local(local), name.at)
                    }
                }
            }
            Scoped::Word(word) => self.word(body, name, word),
            Scoped::Arg => {
                if let Some(Found::Def(def @ (Def::Set(_) | Def::Data(_)))) = self.peek(body.module, &name.text) {
                    let other = self.head(def).map(|head| head.name.at);
                    self.report(names::field_hides(name.at, &name.text, self.kind(def), other));
                }
                self.push(Expr::Arg(name.clone()), name.at)
            }
            Scoped::Found(_) => match self.look(body.module, &name.text) {
                Some(found) => self.found_value(body, found, &name.text, name.at),
                None => match ordain_stdlib::find("", &name.text) {
                    Some(row) => self.found_value(body, Found::Builtin(row), &name.text, name.at),
                    None => self.error(name.at),
                },
            },
            Scoped::Nothing => self.nothing(body, name),
        }
    }

    /// A name that means nothing by itself: the action's name, or an error that says why it is not known.
    fn nothing(&mut self, body: &Body<'a>, name: &Name) -> ExprId {
        if &*name.text == "action" && body.place == Place::Rule {
            let diagnostic = names::not_here(
                name.at,
                "action",
                "what a rule is about stands behind its `on`",
                "Write a rule for each action that is decided in its own way.",
            );
            return self.broken(name.at, diagnostic);
        }
        if WORDS.contains(&&*name.text) {
            let diagnostic = names::not_here(
                name.at,
                &name.text,
                "it belongs to a request, and here there is none",
                "Rules and defines read the clock and the context; the actor and the target are known in rules.",
            );
            return self.broken(name.at, diagnostic);
        }
        if let Some(request) = body.request.clone() {
            // What the rule is on was not found, and that was said: its fields are not known.
            if request.actions.is_empty() {
                return self.error(name.at);
            }
            if let Some(id) = self.not_shared(&request.actions, name) {
                return id;
            }
        }
        self.unknown_name(body, name);
        self.error(name.at)
    }

    /// The message where only some of several actions have a field.
    pub(super) fn not_shared(&mut self, actions: &[hir::ActionId], name: &Name) -> Option<ExprId> {
        let has = |id: &hir::ActionId| {
            let action = &self.package[*id];
            action.field(&name.text).is_some() || action.as_arg.as_ref().is_some_and(|arg| arg.text == name.text)
        };
        let with = actions.iter().find(|id| has(id))?;
        let without = actions.iter().find(|id| !has(id));
        let differs = without.is_none();
        let other = match without {
            Some(other) => other,
            None => actions.iter().find(|id| {
                self.package[**id].field(&name.text).map(|(_, field)| &field.ty)
                    != self.package[*with].field(&name.text).map(|(_, field)| &field.ty)
            })?,
        };
        let (with, other) = (&self.package[*with].head.name.text, &self.package[*other].head.name.text);
        let diagnostic = names::not_shared(name.at, &name.text, with, other, differs);
        let diagnostic = diagnostic.rests_on(self.declared(actions));
        Some(self.broken(name.at, diagnostic))
    }

    /// Where these actions are declared.
    pub(super) fn declared(&self, actions: &[hir::ActionId]) -> Vec<Span> {
        actions.iter().map(|id| self.package[*id].head.at).collect()
    }

    fn word(&mut self, body: &Body<'a>, name: &Name, word: &str) -> ExprId {
        let expr = match word {
            "now" => Expr::Now,
            "today" => Expr::Today,
            "context" => {
                let what = "what is known about the request besides its fields";
                return self.broken(name.at, names::needs_member(name.at, word, what, "session"));
            }
            "args" => {
                return self.broken(name.at, names::needs_member(name.at, word, "all fields of the request", "NAME"));
            }
            _ => {
                let Some(request) = &body.request else {
                    let diagnostic = names::not_here(
                        name.at,
                        word,
                        "a define sees only its parameters, the past, the clock and the context",
                        &format!("Make it a parameter, and hand `{word}` over where the define is used."),
                    );
                    return self.broken(name.at, diagnostic);
                };
                let actor = word == "actor";
                let lacks = request.actions.iter().find(|id| {
                    let action = &self.package[**id];
                    if actor { action.by.is_empty() } else { action.on.is_empty() }
                });
                if let Some(lacks) = lacks {
                    let diagnostic = names::no_party(name.at, word, &self.package[*lacks].head);
                    return self.broken(name.at, diagnostic);
                }
                if actor { Expr::Actor } else { Expr::Target }
            }
        };
        self.push(expr, name.at)
    }

    /// A declaration or built-in in the place of a value.
    fn found_value(&mut self, body: &mut Body<'a>, found: Found, name: &str, at: Span) -> ExprId {
        let expr = match found {
            Found::Def(Def::Broken) => Expr::Error,
            Found::Def(Def::Set(id)) => {
                self.reads_node(body, Node::Set(id), at);
                Expr::Set(id)
            }
            Found::Def(Def::Data(id)) => Expr::Data(id),
            Found::Def(Def::Role(id)) => Expr::Role(id),
            Found::Def(Def::Define(id)) if self.package[id].params.is_empty() => {
                self.reads_node(body, Node::Define(id), at);
                Expr::Call { callee: Callee::Define(id), args: vec![] }
            }
            Found::Builtin(row) if row.params.is_empty() => Expr::Call { callee: Callee::Builtin(row), args: vec![] },
            Found::Def(Def::Fixture(id)) if body.place == Place::Fixture => return self.fixture_value(id, at),
            // A field of what was not found may be meant.
            Found::Builtin(_) if body.request.as_ref().is_some_and(|request| request.actions.is_empty()) => Expr::Error,
            Found::Builtin(_) | Found::Def(Def::Define(_) | Def::Table(_)) => {
                let is = match found {
                    Found::Def(def) => self.kind(def),
                    Found::Builtin(_) => "a function",
                };
                let help = Some(format!("Hand it what it works on: `{name}(…)`."));
                // A field of that name would have been meant.
                let actions = body.request.as_ref().map_or(vec![], |request| self.declared(&request.actions));
                self.report(names::wrong_kind(at, name, is, "a value", help).rests_on(actions));
                Expr::Error
            }
            Found::Def(Def::Entity(_)) => {
                let help =
                    Some(format!("Write `{name}(\"id\")` for one of them, or `x is a {name}` to ask for the kind."));
                self.report(names::wrong_kind(at, name, "an entity", "a value", help));
                Expr::Error
            }
            Found::Def(Def::Fixture(_)) => {
                let diagnostic = names::not_here(
                    at,
                    name,
                    "a `let` outside of rules is for tests",
                    "Write what it stands for, or make a `set` or a `define` of it.",
                );
                self.report(diagnostic);
                Expr::Error
            }
            Found::Def(_) => {
                self.wrong_kind(at, name, found, "a value");
                Expr::Error
            }
        };
        self.push(expr, at)
    }

    pub(super) fn reads_node(&mut self, body: &Body<'a>, to: Node, at: Span) {
        if let Some(from) = body.node {
            self.reads.entry(from).or_default().push((to, at));
        }
    }

    // Fields

    fn field(&mut self, body: &mut Body<'a>, id: ast::ExprId, of: ast::ExprId, name: &'a Name) -> ExprId {
        let file = body.file;
        let at = file.at(id);
        let inner = strip(file, of);
        match file.expr(inner) {
            ast::Expr::Name(base) => match self.scoped(body, &base.text) {
                Scoped::Local(local) => {
                    if let LocalKind::Entry(past) | LocalKind::Since(past) = self.package[local].kind {
                        return self.entry_field(local, past, name, at, false);
                    }
                }
                Scoped::Word("context") => return self.context_member(name, at),
                Scoped::Word("args") => return self.args_member(body, name, at),
                Scoped::Word(_) => {}
                Scoped::Arg => {
                    if self.whole(body.module, &[base]).is_some() && !self.has_fields(body, &base.text) {
                        return self.module_path(body, id);
                    }
                }
                Scoped::Found(Found::Def(Def::Enum(_))) => {
                    if let Some(Found::Def(Def::Enum(id))) = self.look(body.module, &base.text) {
                        return self.enum_member(id, name, at);
                    }
                }
                Scoped::Found(Found::Builtin(_)) | Scoped::Nothing => {
                    if matches!(&*base.text, "Country" | "Currency") {
                        return self.code_member(name, &base.text, at);
                    }
                    let known = body.request.as_ref().is_some_and(|request| request.fields.contains_key(&name.text));
                    if known && foreign::is_request(&base.text) {
                        return self.broken(at, names::field_by_itself(base.at, &base.text, &name.text, at));
                    }
                    let std = ordain_stdlib::has_module(&base.text);
                    if self.whole(body.module, &[base]).is_some() || std || self.modules.contains_key(&*base.text) {
                        return self.module_path(body, id);
                    }
                }
                Scoped::Found(Found::Def(_)) => {}
            },
            ast::Expr::Field { of, name: middle } => {
                if let ast::Expr::Name(base) = file.expr(strip(file, *of))
                    && let Some(local) = body.find(&base.text)
                    && let LocalKind::Entry(past) | LocalKind::Since(past) = self.package[local].kind
                    && &*middle.text == "args"
                {
                    return self.entry_field(local, past, name, at, true);
                }
                if let Some(parts) = dotted(file, id)
                    && matches!(self.scoped(body, &parts[0].text), Scoped::Nothing)
                    && (1..parts.len())
                        .any(|many| self.whole(body.module, &parts[..many]).is_some() || self.is_module(&parts[..many]))
                {
                    return self.module_path(body, id);
                }
            }
            _ => {}
        }
        let of = self.expr(body, of, Hint::None);
        self.push(Expr::Field { of, name: name.clone() }, at)
    }

    fn is_module(&self, parts: &[&Name]) -> bool {
        let name = parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".");
        self.modules.contains_key(name.as_str())
    }

    /// `calendar.business_hours`, `corp.lists.sanctioned`, and fields of what that is.
    fn module_path(&mut self, body: &mut Body<'a>, id: ast::ExprId) -> ExprId {
        let file = body.file;
        let at = file.at(id);
        let Some(parts) = dotted(file, id) else { return self.error(at) };
        let many = (1..parts.len()).rev().find(|many| self.whole(body.module, &parts[..*many]).is_some());
        let Some(many) = many else {
            // Not imported: `parts` says so.
            self.parts(body.module, &parts, "a value");
            return self.error(at);
        };
        let Some(import) = self.whole(body.module, &parts[..many]) else { return self.error(at) };
        let Some(found) = self.inside(body.module, import, parts[many]) else { return self.error(at) };
        let mut rest = many + 1;
        let mut value = match (found, parts.get(rest)) {
            (Found::Def(Def::Enum(id)), Some(member)) => {
                rest += 1;
                self.enum_member(id, member, parts[0].at.to(member.at))
            }
            _ => self.found_value(body, found, &parts[many].text, parts[0].at.to(parts[many].at)),
        };
        for name in &parts[rest..] {
            value = self.push(Expr::Field { of: value, name: (*name).clone() }, parts[0].at.to(name.at));
        }
        value
    }

    fn context_member(&mut self, name: &Name, at: Span) -> ExprId {
        let expr = match (&*name.text, self.context_names.get(&name.text)) {
            (_, Some(place)) => Expr::Context(*place),
            ("session", None) => Expr::Session,
            ("id", None) => Expr::RequestId,
            (_, None) => {
                let known = self.context_names.keys().map(|name| &**name).chain(["session", "id"]);
                let diagnostic = names::no_such_field(name.at, &name.text, "`context`", known);
                let diagnostic = diagnostic.rests_on(self.contexts());
                return self.broken(at, diagnostic);
            }
        };
        self.push(expr, at)
    }

    fn args_member(&mut self, body: &Body<'a>, name: &Name, at: Span) -> ExprId {
        let Some(request) = body.request.clone() else {
            let diagnostic = names::not_here(
                at,
                "args",
                "a define sees only its parameters, the past, the clock and the context",
                "Make the field a parameter of the define.",
            );
            return self.broken(at, diagnostic);
        };
        if request.fields.contains_key(&name.text) {
            return self.push(Expr::Arg(name.clone()), at);
        }
        if request.actions.is_empty() {
            return self.error(at);
        }
        if let Some(id) = self.not_shared(&request.actions, name) {
            return id;
        }
        let of = self.actions_words(&request.actions);
        let diagnostic = names::no_such_field(name.at, &name.text, &of, request.fields.keys().map(|name| &**name));
        let diagnostic = diagnostic.rests_on(self.declared(&request.actions));
        self.broken(at, diagnostic)
    }

    /// "the action `pay_invoice`", for messages.
    pub(super) fn actions_words(&self, actions: &[hir::ActionId]) -> String {
        match actions {
            [one] => format!("`{}`", self.package[*one].head.name.text),
            [] => "The request".to_string(),
            [first, ..] => format!("The group of `{}`", self.package[*first].head.name.text),
        }
    }

    fn enum_member(&mut self, id: EnumId, name: &Name, at: Span) -> ExprId {
        let item = &self.package[id];
        if let Some(place) = item.members.iter().position(|member| member.name.text == name.text) {
            return self.push(Expr::EnumMember(id, place as u16), at);
        }
        let near = names::nearest(&name.text, item.members.iter().map(|member| &*member.name.text));
        let diagnostic = names::unknown_member(name.at, &name.text, &item.head.name.text, near);
        self.broken(at, diagnostic)
    }

    fn code_member(&mut self, name: &Name, of: &str, at: Span) -> ExprId {
        let ty = if of == "Country" { Type::Country } else { Type::Currency };
        if self.has_member(&ty, &name.text) {
            return self.push(Expr::Member(name.clone()), at);
        }
        let diagnostic = names::unknown_member(name.at, &name.text, of, None);
        self.broken(at, diagnostic)
    }

    // Calls, records, entities

    fn call(&mut self, body: &mut Body<'a>, at: Span, callee: ast::ExprId, args: &'a [ast::ExprId]) -> ExprId {
        let file = body.file;
        let callee = strip(file, callee);
        let (found, name, name_at) = match file.expr(callee) {
            ast::Expr::Name(name) => {
                let found = self.look(body.module, &name.text);
                let found = found.or_else(|| ordain_stdlib::find("", &name.text).map(Found::Builtin));
                if found.is_none() {
                    self.not_callable(body, name, at, args);
                }
                (found, &name.text, name.at)
            }
            ast::Expr::Field { of, name } => {
                let found = match dotted(file, *of) {
                    Some(before) if self.whole(body.module, &before).is_some() || !self.is_value(body, &before) => {
                        let mut parts = before;
                        parts.push(name);
                        self.parts(body.module, &parts, "a function")
                    }
                    _ => {
                        self.report(names::function_behind(name.at, &name.text));
                        None
                    }
                };
                (found, &name.text, file.at(callee))
            }
            ast::Expr::Error => return self.error(at),
            _ => {
                let diagnostic = names::wrong_kind(file.at(callee), "(…)", "a value", "a function", None);
                return self.broken(at, diagnostic);
            }
        };
        let Some(found) = found else {
            // Without its variable names that stand for it are not known: `any(xs, x > 3)`.
            let silent = self.silent;
            self.silent |= QUANTIFIERS.contains(&&**name);
            self.all(body, args, Hint::None);
            self.silent = silent;
            return self.error(at);
        };
        self.call_found(body, at, found, name, name_at, args)
    }

    fn is_value(&self, body: &Body<'a>, parts: &[&Name]) -> bool {
        !matches!(self.scoped(body, &parts[0].text), Scoped::Nothing)
    }

    fn call_found(
        &mut self,
        body: &mut Body<'a>,
        at: Span,
        found: Found,
        name: &str,
        name_at: Span,
        args: &'a [ast::ExprId],
    ) -> ExprId {
        let hints: Vec<Hint> = match found {
            Found::Builtin(row) => row.params.iter().map(|param| Hint::of_shape(param.shape)).collect(),
            Found::Def(Def::Define(id)) => self.param_hints(&self.package[id].params),
            Found::Def(Def::Table(id)) => self.param_hints(&self.package[id].params),
            Found::Def(_) => vec![],
        };
        let values: Vec<ExprId> = args
            .iter()
            .enumerate()
            .map(|(at, arg)| self.expr(body, *arg, hints.get(at).copied().unwrap_or(Hint::None)))
            .collect();
        let callee = match found {
            Found::Def(Def::Broken) => return self.error(at),
            Found::Builtin(row) => Callee::Builtin(row),
            Found::Def(Def::Define(id)) => {
                self.reads_node(body, Node::Define(id), at);
                Callee::Define(id)
            }
            Found::Def(Def::Table(id)) => {
                self.reads_node(body, Node::Table(id), at);
                Callee::Table(id)
            }
            Found::Def(Def::Entity(kind)) => {
                let [id] = values.as_slice() else {
                    let message = format!("`{name}` is named by one text, its id; here are {}.", values.len());
                    return self.broken(at, names::wrong_count(at, message, &format!("Write `{name}(\"id\")`.")));
                };
                if matches!(self.package.expr(*id), Expr::Text(text) if text.is_empty()) {
                    let empty = self.package.at(*id);
                    return self.broken(at, syntax::empty_id(empty));
                }
                return self.push(Expr::Entity { kind, id: *id, parents: vec![], attributes: vec![] }, at);
            }
            Found::Def(Def::Record(_)) => {
                let help = Some(format!("A record is written with its fields: `{name} {{ … }}`."));
                return self.broken(at, names::wrong_kind(name_at, name, "a record", "a function", help));
            }
            Found::Def(_) => {
                self.wrong_kind(name_at, name, found, "a function");
                return self.error(at);
            }
        };
        self.push(Expr::Call { callee, args: values }, at)
    }

    fn param_hints(&self, params: &[LocalId]) -> Vec<Hint> {
        let hint = |local: &LocalId| match &self.package[*local].kind {
            LocalKind::Param(ty) => Hint::of(ty),
            _ => Hint::None,
        };
        params.iter().map(hint).collect()
    }

    /// Reports a call of something that is no function.
    fn not_callable(&mut self, body: &Body<'a>, name: &Name, at: Span, args: &[ast::ExprId]) {
        match &*name.text {
            "age" if args.len() == 1 => return self.report(names::age_alone(at)),
            word if QUANTIFIERS.contains(&word) => return self.report(names::no_variable(at, word)),
            _ => {}
        }
        if !matches!(self.scoped(body, &name.text), Scoped::Nothing) {
            let help = args.is_empty().then(|| format!("Write `{}` without parentheses.", name.text));
            return self.report(names::wrong_kind(name.at, &name.text, "a value", "a function", help));
        }
        let near = self.near(body.module, name, "", []);
        let wanted = if near.is_empty() { "a function" } else { "" };
        self.report(names::unknown(name.at, &name.text, wanted, near));
    }

    fn record(&mut self, body: &mut Body<'a>, at: Span, of: ast::ExprId, fields: &'a [(Name, ast::ExprId)]) -> ExprId {
        let file = body.file;
        let of = strip(file, of);
        if let ast::Expr::Call { .. } = file.expr(of) {
            return self.thing(body, at, of, &[], fields);
        }
        let Some(parts) = dotted(file, of) else {
            if !matches!(file.expr(of), ast::Expr::Error) {
                let help = Some("Write `with` to change fields of a value: `r with { f: v }`.".to_string());
                self.report(names::wrong_kind(file.at(of), "(…)", "a value", "the name of a record", help));
            }
            return self.error(at);
        };
        let name = parts[parts.len() - 1].text.clone();
        let wanted = if body.place == Place::Fixture { "a record, action or event" } else { "a record" };
        match self.parts(body.module, &parts, wanted) {
            Some(Found::Def(Def::Record(record))) => {
                let hir::Record { head, fields: declared } = self.package[record].clone();
                match self.named_fields(body, fields, &declared, &head) {
                    Some(fields) => self.push(Expr::Record { record, fields }, at),
                    None => self.error(at),
                }
            }
            Some(Found::Def(Def::Entity(_))) => {
                let help = Some(format!("Say which one: `{name}(\"id\") {{ … }}`."));
                self.broken(at, names::wrong_kind(file.at(of), &name, "an entity", "a record", help))
            }
            Some(Found::Def(Def::Action(_))) => {
                let help = Some("A request stands by itself: in a `let`, or behind `request` or `past`.".to_string());
                let is = if body.place == Place::Fixture { "a request" } else { "an action" };
                self.broken(at, names::wrong_kind(file.at(of), &name, is, "a value", help))
            }
            Some(found) => {
                self.wrong_kind(file.at(of), &name, found, "a record");
                self.error(at)
            }
            None => self.error(at),
        }
    }

    /// Fields by name, each once and only those declared; nothing where others were given, since they stand for some.
    pub(super) fn named_fields(
        &mut self,
        body: &mut Body<'a>,
        fields: &[(Name, ast::ExprId)],
        declared: &[hir::Field],
        owner: &hir::Head,
    ) -> Option<Vec<(Name, ExprId)>> {
        self.fields_once(fields);
        let mut result: Vec<(Name, ExprId)> = vec![];
        let mut all_known = true;
        for (name, value) in fields {
            let Some(field) = declared.iter().find(|field| field.name.text == name.text) else {
                let known = declared.iter().map(|field| &*field.name.text);
                let of = format!("`{}`", owner.name.text);
                self.report(names::no_such_field(name.at, &name.text, &of, known).rests_on([owner.at]));
                self.expr(body, *value, Hint::None);
                all_known = false;
                continue;
            };
            let hint = Hint::of(&field.ty);
            result.push((name.clone(), self.expr(body, *value, hint)));
        }
        all_known.then_some(result)
    }

    pub(super) fn fields_once(&mut self, fields: &[(Name, ast::ExprId)]) {
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        for (name, _) in fields {
            if let Some(first) = seen.insert(&name.text, name.at) {
                self.report(names::declared_twice(name.at, &name.text, first));
            }
        }
    }

    /// `Agent("a") in Team("t") { tier: 1 }`
    fn thing(
        &mut self,
        body: &mut Body<'a>,
        at: Span,
        of: ast::ExprId,
        parents: &'a [ast::ExprId],
        fields: &'a [(Name, ast::ExprId)],
    ) -> ExprId {
        let thing = self.expr(body, of, Hint::None);
        let Expr::Entity { kind, id, .. } = *self.package.expr(thing) else {
            if !matches!(self.package.expr(thing), Expr::Error) {
                let found = names::wrong_kind(body.file.at(of), "(…)", "a value", "an entity", None);
                self.report(found);
            }
            return self.error(at);
        };
        if body.place != Place::Fixture && !(parents.is_empty() && fields.is_empty()) {
            return self.broken(at, names::attributes_here(at));
        }
        let parents = self.all(body, parents, Hint::None);
        let hir::Entity { head, attributes: declared, .. } = self.package[kind].clone();
        match self.named_fields(body, fields, &declared, &head) {
            Some(attributes) => self.push(Expr::Entity { kind, id, parents, attributes }, at),
            None => self.error(at),
        }
    }

    fn entity_kind(&mut self, body: &Body<'a>, path: &ast::Path) -> Option<EntityId> {
        match self.path(body.module, path, "an entity")? {
            Found::Def(Def::Entity(id)) => Some(id),
            other => {
                let name = path.parts.last()?.text.clone();
                self.wrong_kind(path.at, &name, other, "an entity");
                None
            }
        }
    }

    fn convert(&mut self, body: &mut Body<'a>, of: ast::ExprId, currency: &Name, using: &ast::Path) -> Expr {
        let of = self.expr(body, of, Hint::None);
        let found = Currency::parse(&currency.text);
        if found.is_none() {
            let near = names::nearest(&currency.text, Currency::all());
            self.report(names::unknown_member(currency.at, &currency.text, "Currency", near));
        }
        let rates = match self.path(body.module, using, "data") {
            Some(Found::Def(Def::Data(id))) => Some(id),
            Some(other) => {
                let name = using.parts.last().map(|name| name.text.clone()).unwrap_or_else(|| Arc::from(""));
                self.wrong_kind(using.at, &name, other, "data with rates");
                None
            }
            None => None,
        };
        match (found, rates) {
            (Some(currency), Some(rates)) => Expr::Convert { of, currency, rates },
            _ => Expr::Error,
        }
    }

    // Operators

    /// True where a bare name is something here and could be a member as well, or is neither.
    fn undecided(&self, body: &Body<'a>, id: ast::ExprId) -> bool {
        match body.file.expr(strip(body.file, id)) {
            ast::Expr::Name(name) => {
                self.is_member(&name.text) != matches!(self.scoped(body, &name.text), Scoped::Nothing)
            }
            ast::Expr::Set(items) | ast::Expr::List(items) => items.iter().any(|item| self.undecided(body, *item)),
            _ => false,
        }
    }

    /// Operands that are compared: where a name could be a member, what it is compared with says of what.
    fn operands(&mut self, body: &mut Body<'a>, operands: &[ast::ExprId]) -> Vec<ExprId> {
        let open: Vec<bool> = operands.iter().map(|operand| self.undecided(body, *operand)).collect();
        let mut hint = Hint::None;
        let mut result: Vec<Option<ExprId>> = vec![None; operands.len()];
        for round in [false, true] {
            for (at, operand) in operands.iter().enumerate() {
                if open[at] == round {
                    let id = self.expr(body, *operand, if round { hint } else { Hint::None });
                    result[at] = Some(id);
                    if hint == Hint::None && open.contains(&true) {
                        hint = Hint::of(&self.shallow(body, id));
                    }
                }
            }
        }
        result.into_iter().flatten().collect()
    }

    fn compare(&mut self, body: &mut Body<'a>, at: Span, operands: &[ast::ExprId], ops: &[CompareOp]) -> ExprId {
        let ages: Vec<Option<ast::ExprId>> = operands.iter().map(|operand| self.age_of(body, *operand)).collect();
        if let ([value, null], [op @ (CompareOp::Equal | CompareOp::NotEqual)]) = (operands, ops)
            && let ast::Expr::Name(name) = body.file.expr(*null)
            && foreign::is_null(&name.text)
            && self.is_unknown(body, &name.text)
        {
            self.expr(body, *value, Hint::None);
            let gap = Span::new(at.file, body.file.at(*value).end, at.end);
            let blanks = self.source(gap).slice(gap);
            let relation = Span { start: gap.start + (blanks.len() - blanks.trim_start().len()) as u32, ..gap };
            let negated = *op == CompareOp::NotEqual;
            return self.broken(at, names::compared_with_null(name.at, &name.text, relation, negated));
        }
        if ages.iter().all(Option::is_none) {
            let operands = self.operands(body, operands);
            return self.push(Expr::Compare { operands, ops: ops.to_vec() }, at);
        }
        let values: Vec<ExprId> = operands
            .iter()
            .zip(&ages)
            .map(|(operand, age)| self.expr(body, age.unwrap_or(*operand), Hint::None))
            .collect();
        let mut parts = vec![];
        for (place, op) in ops.iter().enumerate() {
            let (left, right) = (place, place + 1);
            let expr = match (ages[left], ages[right]) {
                (Some(_), Some(_)) => {
                    self.report(names::age_alone(body.file.at(operands[right])));
                    Expr::Error
                }
                (Some(_), None) => Expr::Age { of: values[left], op: *op, than: values[right] },
                (None, Some(_)) => Expr::Age { of: values[right], op: flipped(*op), than: values[left] },
                (None, None) => Expr::Compare { operands: vec![values[left], values[right]], ops: vec![*op] },
            };
            let at = body.file.at(operands[left]).to(body.file.at(operands[right]));
            parts.push(self.push(expr, at));
        }
        match parts.as_slice() {
            [one] => *one,
            _ => self.push(Expr::And(parts), at),
        }
    }

    /// What `age( )` is asked of, where `age` has no other meaning here.
    fn age_of(&self, body: &Body<'a>, id: ast::ExprId) -> Option<ast::ExprId> {
        let file = body.file;
        let ast::Expr::Call { callee, args } = file.expr(strip(file, id)) else { return None };
        let ast::Expr::Name(name) = file.expr(strip(file, *callee)) else { return None };
        let [of] = args.as_slice() else { return None };
        (&*name.text == "age" && self.peek(body.module, "age").is_none()).then_some(*of)
    }

    fn relation(&mut self, body: &mut Body<'a>, op: RelationOp, left: ast::ExprId, right: ast::ExprId) -> Expr {
        match op {
            RelationOp::In | RelationOp::OneOf | RelationOp::Contains => {
                let (first, second) = if self.undecided(body, left) { (right, left) } else { (left, right) };
                let first_id = self.expr(body, first, Hint::None);
                // What something is in has members, and is none.
                let list =
                    second == right && op == RelationOp::In && dotted(body.file, strip(body.file, right)).is_some();
                let hint = if list { Hint::None } else { Hint::of(&self.shallow(body, first_id)) };
                let second_id = self.expr(body, second, hint);
                let (left_id, right_id) = if first == left { (first_id, second_id) } else { (second_id, first_id) };
                match op {
                    RelationOp::Contains => Expr::Contains(left_id, right_id),
                    _ => Expr::In { element: left_id, of: right_id },
                }
            }
            RelationOp::StartsWith | RelationOp::EndsWith => {
                let left = self.expr(body, left, Hint::None);
                let right = self.expr(body, right, Hint::None);
                if op == RelationOp::StartsWith { Expr::StartsWith(left, right) } else { Expr::EndsWith(left, right) }
            }
            RelationOp::Matches | RelationOp::Like => {
                let word = if op == RelationOp::Like { "like" } else { "matches" };
                let left = self.expr(body, left, Hint::None);
                match self.pattern(body, right, word) {
                    None => Expr::Error,
                    Some(pattern) if op == RelationOp::Like => Expr::Like(left, pattern),
                    Some(pattern) => Expr::Matches(left, pattern),
                }
            }
        }
    }

    fn match_of(&mut self, body: &mut Body<'a>, of: ast::ExprId, arms: &'a [ast::Arm], hint: Hint) -> Expr {
        let file = body.file;
        let of = self.expr(body, of, Hint::None);
        let pattern_hint = Hint::of(&self.shallow(body, of));
        let mut result = vec![];
        for arm in arms {
            let mut patterns = vec![];
            for pattern in &arm.patterns {
                patterns.push(match file.expr(strip(file, *pattern)) {
                    ast::Expr::Name(name) if &*name.text == "any" => hir::Pattern::Any(name.at),
                    ast::Expr::Name(name) if &*name.text == "missing" => hir::Pattern::Missing(name.at),
                    _ => hir::Pattern::Value(self.expr(body, *pattern, pattern_hint)),
                });
            }
            result.push(hir::Arm { patterns, value: self.expr(body, arm.value, hint), at: arm.at });
        }
        Expr::Match { of, arms: result }
    }

    fn let_in(
        &mut self,
        body: &mut Body<'a>,
        bindings: &'a [(Name, ast::ExprId)],
        inner: ast::ExprId,
        hint: Hint,
    ) -> Expr {
        let mark = body.mark();
        let mut result = vec![];
        for (name, value) in bindings {
            let value = self.expr(body, *value, Hint::None);
            let local = self.bind_let(body, name, value);
            result.push((local, value));
        }
        let inner = self.expr(body, inner, hint);
        body.pop_to(mark);
        Expr::Let { bindings: result, body: inner }
    }

    pub(super) fn bind_let(&mut self, body: &mut Body<'a>, name: &Name, value: ExprId) -> LocalId {
        let local = self.local(name, LocalKind::Let(value));
        if !self.silent {
            self.local_watch.push((local, "let"));
        }
        self.bind(body, name, local);
        local
    }

    // Plain types, where a name could be two things

    /// The type of an expression where it can be read off; `Unknown` where it takes the checker.
    pub(super) fn shallow(&self, body: &Body<'a>, id: ExprId) -> Type {
        self.shallow_within(body, id, 24)
    }

    fn shallow_within(&self, body: &Body<'a>, id: ExprId, steps: u32) -> Type {
        let Some(steps) = steps.checked_sub(1) else { return Type::Unknown };
        match self.package.expr(id) {
            Expr::Local(local) => self.local_type_within(body, *local, steps),
            Expr::Arg(name) => self.arg_type(body, &name.text).unwrap_or(Type::Unknown),
            Expr::Actor => body.request.as_ref().map_or(Type::Unknown, |request| Type::Entity(request.by.clone())),
            Expr::Target => body.request.as_ref().map_or(Type::Unknown, |request| Type::Entity(request.on.clone())),
            Expr::Context(place) => self.package.context[*place].ty.clone(),
            Expr::EnumMember(id, _) => Type::Enum(*id),
            Expr::Bool(_) | Expr::Compare { .. } | Expr::And(_) | Expr::Or(_) | Expr::Not(_) => Type::Bool,
            Expr::Int(_) => Type::Int,
            Expr::Decimal(_) => Type::Decimal,
            Expr::Money(_, currency) => Type::Money(Some(*currency)),
            Expr::Text(_) => Type::TEXT,
            Expr::Date(_) | Expr::Today => Type::Date,
            Expr::Instant(_) | Expr::Now => Type::Instant,
            Expr::Set(id) => self.package[*id].ty.clone(),
            Expr::Data(id) => self.package[*id].ty.clone(),
            Expr::Role(_) => Type::Role,
            Expr::Entry { entry, field } => self.entry_type(*entry, field),
            Expr::Field { of, name } => {
                let of = self.shallow_within(body, *of, steps);
                self.field_type(&of, &name.text).unwrap_or(Type::Unknown)
            }
            Expr::Index { of, .. } => match self.shallow_within(body, *of, steps).present() {
                Type::List(of, _) => (**of).clone(),
                Type::Map(_, value) => (**value).clone(),
                _ => Type::Unknown,
            },
            Expr::Call { callee: Callee::Define(id), .. } => self.package[*id].returns.clone().unwrap_or(Type::Bool),
            Expr::Call { callee: Callee::Table(id), .. } => self.package[*id].returns.clone(),
            Expr::OrElse(value, _) => self.shallow_within(body, *value, steps).present().clone(),
            Expr::Record { record, .. } => Type::Record(*record),
            Expr::Entity { kind, .. } => Type::Entity(vec![*kind]),
            Expr::With { of, .. } => self.shallow_within(body, *of, steps),
            _ => Type::Unknown,
        }
    }

    fn local_type_within(&self, body: &Body<'a>, local: LocalId, steps: u32) -> Type {
        match &self.package[local].kind {
            LocalKind::Param(ty) => ty.clone(),
            LocalKind::Let(value) => self.shallow_within(body, *value, steps),
            LocalKind::Element(of) => match self.shallow_within(body, *of, steps).present() {
                Type::List(of, _) | Type::Set(of) => (**of).clone(),
                _ => Type::Unknown,
            },
            LocalKind::Approver(kinds) if !kinds.is_empty() => Type::Entity(kinds.clone()),
            LocalKind::Approver(_) | LocalKind::Entry(_) | LocalKind::Since(_) => Type::Unknown,
        }
    }

    fn arg_type(&self, body: &Body<'a>, name: &str) -> Option<Type> {
        body.request.as_ref()?.fields.get(name).cloned()
    }

    /// True where a field of the request has fields of its own.
    fn has_fields(&self, body: &Body<'a>, name: &str) -> bool {
        let ty = self.arg_type(body, name);
        matches!(ty.as_ref().map(Type::present), Some(Type::Record(_) | Type::Entity(_)))
    }

    /// The type of a field of a record or entity.
    pub(super) fn field_type(&self, of: &Type, name: &str) -> Option<Type> {
        let find =
            |fields: &[hir::Field]| fields.iter().find(|field| &*field.name.text == name).map(|field| field.ty.clone());
        match of.present() {
            Type::Record(id) => find(&self.package[*id].fields),
            Type::Entity(kinds) => kinds.iter().find_map(|kind| find(&self.package[*kind].attributes)),
            _ => None,
        }
    }
}

/// The expression inside parentheses.
pub(super) fn strip(file: &ast::File, mut id: ast::ExprId) -> ast::ExprId {
    while let ast::Expr::Group(inner) = file.expr(id) {
        id = *inner;
    }
    id
}

/// The names of `a.b.c`, where it is nothing else.
pub(super) fn dotted(file: &ast::File, mut id: ast::ExprId) -> Option<Vec<&Name>> {
    let mut parts = vec![];
    loop {
        match file.expr(id) {
            ast::Expr::Name(name) => {
                parts.push(name);
                parts.reverse();
                return Some(parts);
            }
            ast::Expr::Field { of, name } => {
                parts.push(name);
                id = *of;
            }
            _ => return None,
        }
    }
}

fn flipped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal | CompareOp::NotEqual => op,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}
