//! What is known at a place of a policy: which optionals are present, which entries a map has, which kind an entity is.
//! Conditions make facts; the checker assumes them where the condition is known to hold, and takes them back behind it.
//! A fact is about a path (`memo`, `target.owner`, `m[k]`), written as a key, so that the same words are the same path.

use crate::hir::{DataId, Expr, ExprId, LocalId, Package};
use ordain_vm::value::EntityId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A path, by a number of its own.
pub type Key = u32;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    Present(Key),
    /// The key is one of a map's with an index, `m[k]`.
    HasEntry(Key),
    /// It is one of these kinds.
    Kind(Key, Vec<EntityId>),
}

/// What a condition says where it holds, and where it does not.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub yes: Vec<Fact>,
    pub no: Vec<Fact>,
}

impl Outcome {
    pub fn negated(self) -> Outcome {
        Outcome { yes: self.no, no: self.yes }
    }
}

/// What holds in both of two cases.
pub fn either(a: Vec<Fact>, b: &[Fact]) -> Vec<Fact> {
    if a.is_empty() || b.is_empty() {
        return vec![];
    }
    let plain: FxHashSet<&Fact> = b.iter().collect();
    let kinds: FxHashMap<Key, &Vec<EntityId>> = b
        .iter()
        .filter_map(|fact| if let Fact::Kind(key, kinds) = fact { Some((*key, kinds)) } else { None })
        .collect();
    a.into_iter()
        .filter_map(|fact| match &fact {
            Fact::Present(_) | Fact::HasEntry(_) => plain.contains(&fact).then_some(fact),
            Fact::Kind(key, here) => {
                let mut both = here.clone();
                both.extend(kinds.get(key)?.iter());
                both.sort();
                both.dedup();
                Some(Fact::Kind(*key, both))
            }
        })
        .collect()
}

/// The facts that hold at the place being checked.
#[derive(Debug, Default)]
pub struct Facts {
    present: FxHashSet<Key>,
    entries: FxHashSet<Key>,
    kinds: FxHashMap<Key, Vec<EntityId>>,
    trail: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Present(Key),
    Entry(Key),
    Kind(Key, Option<Vec<EntityId>>),
}

impl Facts {
    pub fn is_empty(&self) -> bool {
        self.trail.is_empty()
    }

    /// To be handed to `back_to`.
    pub fn mark(&self) -> usize {
        self.trail.len()
    }

    pub fn assume(&mut self, facts: &[Fact]) {
        for fact in facts {
            match fact {
                Fact::Present(key) => {
                    if self.present.insert(*key) {
                        self.trail.push(Undo::Present(*key));
                    }
                }
                Fact::HasEntry(key) => {
                    if self.entries.insert(*key) {
                        self.trail.push(Undo::Entry(*key));
                    }
                }
                Fact::Kind(key, kinds) => {
                    let before = self.kinds.get(key).cloned();
                    let now = match &before {
                        Some(known) => known.iter().copied().filter(|kind| kinds.contains(kind)).collect(),
                        None => kinds.clone(),
                    };
                    self.kinds.insert(*key, now);
                    self.trail.push(Undo::Kind(*key, before));
                }
            }
        }
    }

    pub fn back_to(&mut self, mark: usize) {
        while self.trail.len() > mark {
            match self.trail.pop().expect("the trail is longer than the mark") {
                Undo::Present(key) => {
                    self.present.remove(&key);
                }
                Undo::Entry(key) => {
                    self.entries.remove(&key);
                }
                Undo::Kind(key, Some(before)) => {
                    self.kinds.insert(key, before);
                }
                Undo::Kind(key, None) => {
                    self.kinds.remove(&key);
                }
            }
        }
    }

    pub fn is_present(&self, key: Key) -> bool {
        self.present.contains(&key)
    }

    pub fn has_entry(&self, key: Key) -> bool {
        self.entries.contains(&key)
    }

    pub fn kinds(&self, key: Key) -> Option<&[EntityId]> {
        self.kinds.get(&key).map(Vec::as_slice)
    }
}

/// Paths by their structure.
#[derive(Debug, Default)]
pub struct Keys {
    interned: FxHashMap<Path, Key>,
    /// Data in the light of an entry of the past is that of the time when it was recorded, so that nothing that is known
    /// of data outside holds there, nor the other way: each has an era of its own.
    era: u32,
    eras: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Path {
    Local(LocalId),
    Actor,
    Target,
    Now,
    Today,
    Arg(Arc<str>),
    Session,
    RequestId,
    Context(usize),
    /// A set, a literal: what never differs, as it is written for debugging.
    Constant(String),
    Data(DataId, u32),
    Member(Arc<str>),
    Entry(LocalId, String),
    Field(Key, Arc<str>),
    Index(Key, Key),
    Entity(EntityId, Key),
}

impl Keys {
    /// Begins what is asked of entries of the past; what it gives is handed back to `end_entries`.
    pub fn begin_entries(&mut self) -> u32 {
        self.eras += 1;
        std::mem::replace(&mut self.era, self.eras)
    }

    pub fn end_entries(&mut self, outer: u32) {
        self.era = outer;
    }

    /// The path that an expression is; `None` where it is no path.
    pub fn of(&mut self, package: &Package, id: ExprId) -> Option<Key> {
        let path = match package.expr(id) {
            Expr::Local(local) => Path::Local(*local),
            Expr::Actor => Path::Actor,
            Expr::Target => Path::Target,
            Expr::Now => Path::Now,
            Expr::Today => Path::Today,
            Expr::Arg(name) => Path::Arg(name.text.clone()),
            Expr::Data(data) => Path::Data(*data, self.era),
            Expr::Session => Path::Session,
            Expr::RequestId => Path::RequestId,
            Expr::Context(at) => Path::Context(*at),
            Expr::Member(name) => Path::Member(name.text.clone()),
            Expr::Entry { entry, field } => Path::Entry(*entry, entry_field(field)),
            Expr::Field { of, name } => Path::Field(self.of(package, *of)?, name.text.clone()),
            Expr::Index { of, key } => self.index(package, *of, *key)?,
            Expr::Entity { kind, id, .. } => Path::Entity(*kind, self.of(package, *id)?),
            expr @ (Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Decimal(_)
            | Expr::Money(..)
            | Expr::Text(_)
            | Expr::Date(_)
            | Expr::Time(_)
            | Expr::Instant(_)
            | Expr::Duration(_)
            | Expr::Period(_)
            | Expr::Days(_)
            | Expr::EnumMember(..)
            | Expr::Role(_)
            | Expr::Set(_)) => Path::Constant(format!("{expr:?}")),
            Expr::Error
            | Expr::Template(_)
            | Expr::Call { .. }
            | Expr::Record { .. }
            | Expr::With { .. }
            | Expr::List(_)
            | Expr::SetOf(_)
            | Expr::MapOf(_)
            | Expr::Not(_)
            | Expr::Negate(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::OrElse(..)
            | Expr::Arithmetic(..)
            | Expr::Compare { .. }
            | Expr::Age { .. }
            | Expr::In { .. }
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Contains(..)
            | Expr::Matches(..)
            | Expr::Like(..)
            | Expr::IsPresent(_)
            | Expr::IsA(..)
            | Expr::BelongsTo { .. }
            | Expr::Near { .. }
            | Expr::Within { .. }
            | Expr::ComesFrom { .. }
            | Expr::Convert { .. }
            | Expr::If { .. }
            | Expr::Match { .. }
            | Expr::Let { .. }
            | Expr::Quantifier(_) => return None,
        };
        Some(self.intern(path))
    }

    /// The path of `m[k]`.
    pub fn entry(&mut self, package: &Package, of: ExprId, key: ExprId) -> Option<Key> {
        let path = self.index(package, of, key)?;
        Some(self.intern(path))
    }

    fn index(&mut self, package: &Package, of: ExprId, key: ExprId) -> Option<Path> {
        Some(Path::Index(self.of(package, of)?, self.of(package, key)?))
    }

    fn intern(&mut self, path: Path) -> Key {
        let next = self.interned.len() as Key;
        *self.interned.entry(path).or_insert(next)
    }
}

fn entry_field(field: &crate::hir::EntryField) -> String {
    use crate::hir::EntryField as F;
    match field {
        F::Arg(name) => format!("args.{}", name.text),
        F::Time | F::Actor | F::Target | F::Action | F::Session | F::Id | F::Result => format!("{field:?}"),
    }
}
