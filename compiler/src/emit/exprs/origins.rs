//! `comes from`: where in the request a value stands, and what is asked of its origins.

use super::{At, Bound, Emitter, Operand, Path, Piece, Result};
use crate::emit::shared::numbered;
use crate::hir::{EntryField, Expr, ExprId, Name, Place};
use ordain_vm::op::{Op, Word};
use ordain_vm::program::{OriginOf, Origins};
use ordain_vm::value::{Type, Value};

impl Emitter<'_, '_> {
    pub(super) fn comes_from(&mut self, id: ExprId, of: ExprId, places: &[Place], only: bool) -> Result<Operand> {
        let of_at = self.value(of)?;
        let Some(path) = self.path(of) else { return self.unsupported(id, "where this comes from") };
        let mut texts = vec![];
        for piece in path {
            match piece {
                Piece::Text(text) => texts.push(self.body.const_value(Value::text(text))),
                Piece::Index(of) => {
                    let (int, shown) = (self.body.val(), self.body.val());
                    let ty = self.shared.ty(&Type::Int);
                    self.body.push(Op::WordValue { to: int, of, ty });
                    self.body.push(Op::Show { to: shown, of: int });
                    texts.push(shown);
                }
            }
        }
        let path = match texts.as_slice() {
            [one] => *one,
            texts => {
                let ((first, count), to) = (self.in_a_row(texts), self.body.val());
                self.body.push(Op::Concat { to, first, count });
                to
            }
        };
        let place = |place: &Place| match place {
            Place::User => OriginOf::User,
            Place::Operator => OriginOf::Operator,
            Place::Result { actions, field } => OriginOf::Result {
                actions: actions.iter().map(|action| action.0).collect(),
                field: field.as_ref().map(|field| field.text.clone()),
            },
        };
        let origins = Origins { of: places.iter().map(place).collect(), only };
        let origins = numbered(&mut self.shared.program.origins, origins);
        let to = self.body.word();
        self.body.push(Op::ComesFrom { to, of: of_at, path, origins });
        Ok(At::Word(to).into())
    }

    /// Where the value of an expression stands in the request.
    pub(super) fn path(&self, id: ExprId) -> Option<Path> {
        let root = |name: &str| vec![Piece::Text(ordain_vm::json::Path::Root.name(name).to_string())];
        let target = || vec![Piece::Text(ordain_vm::interp::TARGET.to_string())];
        let argument = |name: &Name| match &self.package()[self.action].as_arg {
            Some(arg) if arg.text == name.text => Some(target()),
            Some(_) | None => Some(root(&name.text)),
        };
        match self.package().expr(id) {
            Expr::Arg(name) | Expr::Entry { field: EntryField::Arg(name), .. } => argument(name),
            Expr::Target | Expr::Entry { field: EntryField::Target, .. } => Some(target()),
            Expr::Local(local) => match &self.locals.iter().rev().find(|(name, _)| name == local)?.1 {
                Bound::Known(_, _, path) => path.clone(),
                Bound::Lazy(value, _) => self.path(*value),
            },
            Expr::Field { of, name } => {
                let mut path = self.path(*of)?;
                let of_target = matches!(path.as_slice(), [Piece::Text(text)] if text == ordain_vm::interp::TARGET);
                if of_target && &*name.text == "id" {
                    return Some(path);
                }
                let part = ordain_vm::json::Path::Root.name("x").name(&name.text).to_string();
                path.push(Piece::Text(part[1..].to_string()));
                Some(path)
            }
            _ => None,
        }
    }
}

pub(super) fn with_index(mut path: Path, at: Word) -> Path {
    path.extend([Piece::Text("[".to_string()), Piece::Index(at), Piece::Text("]".to_string())]);
    path
}
