//! `comes from`: asked of what the host keeps a record of, and of places that exist.
//! The host knows where arguments and the target's id came from, in requests and in entries of the past;
//! of a list also each entry, of a record each field.

use super::{Checker, fields};
use crate::errors::{names, types as errors};
use crate::hir::{EntryField, Expr, ExprId, LocalKind, Package, Place};
use crate::source::Span;
use ordain_vm::value::Type;

impl Checker<'_> {
    pub(super) fn comes_from(&mut self, at: Span, of: ExprId, places: &[Place]) {
        let ty = self.present(of, None);
        if ty != Type::Unknown && !has_origin(self.package, of) {
            self.report(errors::no_origin(self.at(of), &self.say(of)));
        }
        for place in places {
            if let Place::Result { actions, field } = place {
                self.result_place(
                    field.as_ref().map_or(at, |name| name.at),
                    actions,
                    field.as_ref().map(|name| &*name.text),
                );
            }
        }
    }

    fn result_place(&mut self, at: Span, actions: &[crate::hir::ActionId], field: Option<&str>) {
        let package = self.package;
        let mut lacking: Option<(&str, Vec<&str>)> = None;
        for action in actions {
            let name = &package[*action].head.name.text;
            let Some(ty) = fields::returned(package, *action) else {
                self.report(names::returns_nothing(at, &package[*action].head));
                return;
            };
            let Some(field) = field else { continue };
            let known: Vec<&str> = match inside(&ty) {
                Type::Unknown => return,
                Type::Record(record) => package[*record].fields.iter().map(|field| &*field.name.text).collect(),
                _ => vec![],
            };
            if known.contains(&field) {
                return;
            }
            lacking.get_or_insert((name, known));
        }
        if let (Some((name, known)), Some(field)) = (lacking, field) {
            let owner = format!("What `{name}` returns");
            self.report(names::no_such_field(at, field, &owner, known));
        }
    }
}

/// What the entries of a list of lists are.
fn inside(ty: &Type) -> &Type {
    let mut ty = ty;
    while let Type::List(of, _) | Type::Set(of) | Type::Optional(of) = ty {
        ty = of;
    }
    ty
}

/// True of an argument or the target, of a request or an entry of the past, and of parts of them.
fn has_origin(package: &Package, id: ExprId) -> bool {
    match package.expr(id) {
        Expr::Arg(_) | Expr::Target => true,
        Expr::Entry { field: EntryField::Arg(_) | EntryField::Target, .. } => true,
        Expr::Field { of, name } => match package.expr(*of) {
            // Of the target, only the id is part of the request.
            Expr::Target | Expr::Entry { field: EntryField::Target, .. } => &*name.text == "id",
            _ => has_origin(package, *of),
        },
        Expr::Local(local) => match package[*local].kind {
            LocalKind::Element(source) => has_origin(package, source),
            LocalKind::Let(value) => has_origin(package, value),
            LocalKind::Param(_) | LocalKind::Entry(_) | LocalKind::Since(_) | LocalKind::Approver(_) => false,
        },
        _ => false,
    }
}
