//! `comes from`: where the host says that it saw a value. The paths of a value's leaves are looked up among the origins of
//! the request, or of the entry of the past, that it is an argument of.

use crate::eval::{Binding, Evaluator, Outcome};
use crate::history::EntryRef;
use ordain_compiler::hir::{EntryField, Expr, ExprId, Place};
use ordain_vm::fault::Fault;
use ordain_vm::json;
use ordain_vm::request::{Origin, Request};
use ordain_vm::value::Value;

/// Which part of which request a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// `None`: of the request being decided.
    pub entry: Option<EntryRef>,
    /// `to[0]`, `resource.id`
    pub text: String,
}

/// The path of the target.
const TARGET: &str = "resource.id";

impl Path {
    pub fn index(&self, at: usize) -> Path {
        Path { entry: self.entry, text: format!("{}[{at}]", self.text) }
    }

    fn field(&self, name: &str) -> Path {
        self.behind(&json::Path::Root.name("x").name(name).to_string())
    }

    /// A part of it, by the path that the part has in a value called `x`.
    fn behind(&self, part: &str) -> Path {
        Path { entry: self.entry, text: format!("{}{}", self.text, &part[1..]) }
    }
}

impl Evaluator<'_> {
    /// Every leaf was seen in one of the places; with `only`, and in no other.
    pub fn comes_from(&mut self, of: ExprId, places: &[Place], only: bool) -> Outcome<Value> {
        let value = self.eval(of)?;
        let path = self.path(of).ok_or(Fault::Form("an argument"))?;
        for (part, _) in self.schema.leaves("x", &value) {
            let leaf = path.behind(&part);
            let origins = self.origins(&leaf).ok_or_else(|| Fault::NoOrigin(leaf.text.as_str().into()))?;
            let named = |origin: &Origin| places.iter().any(|place| is_in(origin, place));
            let holds = match only {
                true => !origins.is_empty() && origins.iter().all(named),
                false => origins.iter().any(named),
            };
            if !holds {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    }

    /// Where the value of an expression stands in a request; `None` where it is no part of one.
    pub fn path(&mut self, id: ExprId) -> Option<Path> {
        let package = self.package;
        match package.expr(id) {
            Expr::Arg(name) => Some(self.argument_path(None, &name.text)),
            Expr::Target => Some(Path { entry: None, text: TARGET.into() }),
            Expr::Entry { entry, field } => {
                let entry = self.entry_of(*entry)?;
                match field {
                    EntryField::Arg(name) => Some(self.argument_path(Some(entry), &name.text)),
                    EntryField::Target => Some(Path { entry: Some(entry), text: TARGET.into() }),
                    EntryField::Time
                    | EntryField::Actor
                    | EntryField::Action
                    | EntryField::Session
                    | EntryField::Id
                    | EntryField::Result => None,
                }
            }
            Expr::Local(local) => match self.locals.iter().rev().find(|(name, _)| name == local)?.1.clone() {
                Binding::Value(_, path) => path,
                Binding::Lazy(value, _) | Binding::Known(value, ..) => self.path(value),
                Binding::Entry(_) => None,
            },
            Expr::Field { of, name } => {
                let of = self.path(*of)?;
                Some(if of.text == TARGET && &*name.text == "id" { of } else { of.field(&name.text) })
            }
            _ => None,
        }
    }

    fn argument_path(&self, entry: Option<EntryRef>, name: &str) -> Path {
        let action = self.request_of(entry).map(|request| &self.package.actions[request.action]);
        let as_arg = action.and_then(|action| action.as_arg.as_ref());
        match as_arg.is_some_and(|arg| &*arg.text == name) {
            true => Path { entry, text: TARGET.into() },
            false => Path { entry, text: json::Path::Root.name(name).to_string() },
        }
    }

    fn request_of(&self, entry: Option<EntryRef>) -> Option<&Request> {
        match entry {
            None => Some(&self.request),
            Some(entry) => self.history.recording(entry).map(|recording| &*recording.request),
        }
    }

    /// The places where the leaf was seen. The target and the argument that is its id have one record.
    fn origins(&self, leaf: &Path) -> Option<Vec<Origin>> {
        let request = self.request_of(leaf.entry)?;
        let action = &self.package.actions[request.action];
        let own = request.context.origins.get(leaf.text.as_str());
        let argument = match &action.as_arg {
            Some(arg) if leaf.text == TARGET => request.context.origins.get(&arg.text),
            Some(_) | None => None,
        };
        match (own, argument) {
            (None, None) => None,
            _ => Some(own.into_iter().chain(argument).flatten().cloned().collect()),
        }
    }
}

fn is_in(origin: &Origin, place: &Place) -> bool {
    match (origin, place) {
        (Origin::User, Place::User) | (Origin::Operator, Place::Operator) => true,
        (Origin::Result { action, field }, Place::Result { actions, field: wanted }) => {
            actions.iter().any(|of| of.index() == *action)
                && wanted.as_ref().is_none_or(|wanted| field.as_deref() == Some(&*wanted.text))
        }
        (Origin::User | Origin::Operator | Origin::Result { .. } | Origin::Other(_), _) => false,
    }
}
