//! What an expression within the `where` of a past speaks of: the entry, the request, or what is the same for every request.

use crate::hir::parts::parts;
use crate::hir::{Callee, Expr, ExprId, LocalId, LocalKind, Package, Source};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Entry,
    Request,
    Fixed,
}

/// What names stand for within a `where`.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// The entry, or something made of it.
    entry: Vec<LocalId>,
    fixed: Vec<LocalId>,
}

impl Names {
    pub fn of(var: LocalId) -> Names {
        Names { entry: vec![var], fixed: vec![] }
    }

    pub fn told_of(&self, package: &Package, id: ExprId) -> Told {
        match () {
            () if self.mentioned_in(package, id) => Told::Entry,
            () if is_fixed(package, id, &self.fixed) => Told::Fixed,
            () => Told::Request,
        }
    }

    /// A further name.
    pub fn add(&mut self, name: LocalId, told: Told) {
        match told {
            Told::Entry => self.entry.push(name),
            Told::Fixed => self.fixed.push(name),
            Told::Request => {}
        }
    }

    /// It uses a name that stands for the entry; defines are not followed.
    fn mentioned_in(&self, package: &Package, id: ExprId) -> bool {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match package.expr(id) {
                Expr::Local(local) | Expr::Entry { entry: local, .. } if self.entry.contains(local) => return true,
                _ => parts(package, id, &mut |part| open.push(part)),
            }
        }
        false
    }
}

/// True of constants, sets, data, and what is made of them and of these names.
fn is_fixed(package: &Package, id: ExprId, names: &[LocalId]) -> bool {
    let (mut open, mut known) = (vec![id], names.to_vec());
    while let Some(id) = open.pop() {
        match package.expr(id) {
            Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Arg(_) | Expr::Session => return false,
            Expr::RequestId | Expr::Context(_) | Expr::Entry { .. } | Expr::Age { .. } => return false,
            Expr::Local(local) if !known.contains(local) => match &package[*local].kind {
                LocalKind::Let(value) => {
                    known.push(*local);
                    open.push(*value);
                }
                _ => return false,
            },
            Expr::Call { callee: Callee::Define(define), .. } => {
                known.extend(&package[*define].params);
                open.push(package[*define].body);
            }
            Expr::Let { bindings, .. } => known.extend(bindings.iter().map(|(local, _)| *local)),
            Expr::Quantifier(quantifier) => {
                if quantifier.sources.iter().any(|source| matches!(source, Source::Past(_))) {
                    return false;
                }
                known.extend(&quantifier.vars);
            }
            _ => {}
        }
        parts(package, id, &mut |part| open.push(part));
    }
    true
}
