//! hir -> Types: what every expression is, and what can be said of the policy before it runs.
//! `analysis` calls it; the reference engine and the emitters read `Types`.
//! One file a kind of check stands in `check/`; names were settled by `resolve`.

use crate::hir::{ExprId, LocalId};
use ordain_vm::value::{EnumId, RoleId, Type, Value};
use rustc_hash::FxHashMap;

/// Facts about a package's expressions, beside the tree.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// By `ExprId`: the type of what evaluating the node gives, before `wanted`.
    pub exprs: Vec<Type>,
    /// By `LocalId`; of an entry of the past `Type::Unknown`.
    pub locals: Vec<Type>,
    /// Where the place wants a wider type than the node has: `int` as `decimal`, `T` as `T?`, and so inside lists.
    pub wanted: FxHashMap<ExprId, Type>,
    /// What an `Expr::Member` turned out to be.
    pub members: FxHashMap<ExprId, Member>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    Enum(EnumId, u16),
    Role(RoleId),
    /// A country or a currency.
    Value(Value),
}

impl Types {
    pub fn of(&self, id: ExprId) -> &Type {
        self.exprs.get(id.index()).unwrap_or(&Type::Unknown)
    }

    pub fn of_local(&self, id: LocalId) -> &Type {
        self.locals.get(id.index()).unwrap_or(&Type::Unknown)
    }
}

pub mod types;

/// Types every expression, and says what can be said before anything runs. Rules whose end lies before `now` are expired.
pub fn check(package: &crate::hir::Package, _sources: &[crate::source::Source], _now: Option<ordain_vm::value::Instant>) -> (Types, Vec<crate::diagnostic::Diagnostic>) {
    types::infer(package)
}
