//! `Store`: what is known of entities, changed while decisions run.

use crate::Snapshot;
use ordain_vm::bind::{self, Entity, Unfit};
use ordain_vm::request::{self as vm, Entities, InputError};
use ordain_vm::schema::Schema;
use ordain_vm::value::EntityRef;
use std::fmt;
use std::sync::Arc;

/// Entities of a policy: their attributes, and what they are in. Threads share it. Who reads takes a snapshot, which never
/// waits and never changes; a change costs time that grows with the store, so put together what comes together.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "compiler", feature = "derive"))] {
/// use ordain::{Decider, Entity, Id, Instant, Policy, Snapshot, Verdict};
///
/// #[derive(Entity)]
/// struct Team {
///     #[ordain(id)]
///     id: String,
/// }
///
/// #[derive(Entity)]
/// struct Agent {
///     #[ordain(id)]
///     id: String,
///     #[ordain(parents)]
///     teams: Vec<Id<Team>>,
/// }
///
/// let policy = Policy::compile_text(
///     "entity Team\nentity Agent in Team\naction look by Agent\n\
///      policy desk { rule ours on look { permit when actor belongs to Team(\"ap\") } }",
/// )?;
/// let (store, teams, agents) = (policy.store()?, policy.kind::<Team>()?, policy.kind::<Agent>()?);
/// let agent = agents.entry(&Agent { id: "a-1".into(), teams: vec![Id::new("ap")] })?;
/// store.change([teams.entry(&Team { id: "ap".into() })?, agent], [])?;
///
/// let look = |store: &Snapshot| policy.request("look").actor("Agent", "a-1").time(Instant(0)).store(store).build();
/// let mut decider = Decider::new(&policy)?;
/// assert_eq!(decider.decide(&look(&store.snapshot())?).verdict(), Verdict::Permit);
///
/// store.change([], [agents.named("a-1")])?;
/// assert!(look(&store.snapshot()).is_err(), "nobody knows the agent any more");
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Store {
    of: vm::Store,
}

/// An entity, and what is known of it: made by [`Kind::entry`].
pub type Entry = (EntityRef, vm::Entity);

/// Entities are not as the policy declares them, or one that is named is not there. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotStored {
    /// At least one.
    errors: Vec<InputError>,
}

impl NotStored {
    /// All that is wrong, each with the entity and the attribute.
    pub fn errors(&self) -> &[InputError] {
        &self.errors
    }
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entities are not as declared:")?;
        self.errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for NotStored {}

impl From<Vec<InputError>> for NotStored {
    fn from(errors: Vec<InputError>) -> NotStored {
        NotStored { errors }
    }
}

impl Store {
    pub(crate) fn new(schema: &Schema, entities: Entities) -> Result<Store, NotStored> {
        Ok(Store { of: vm::Store::new(schema, entities)? })
    }

    /// What is known now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.of.snapshot()
    }

    /// Puts entities in, in the place of those that were there, and takes others out: all of it, or nothing. Every entity
    /// that one names, as a parent or in an attribute, must be there afterwards.
    pub fn change(
        &self,
        put: impl IntoIterator<Item = Entry>,
        out: impl IntoIterator<Item = EntityRef>,
    ) -> Result<Arc<Snapshot>, NotStored> {
        Ok(self.of.change(put, out)?)
    }
}

/// A struct that fits a kind of entity of a policy: made once by [`Policy::kind`](crate::Policy::kind).
pub struct Kind<E: Entity> {
    of: bind::Kind<E>,
    kind: ordain_vm::value::EntityId,
}

impl<E: Entity> fmt::Debug for Kind<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kind").field("name", &E::NAME).finish_non_exhaustive()
    }
}

impl<E: Entity> Kind<E> {
    pub(crate) fn new(schema: &Schema) -> Result<Kind<E>, Unfit> {
        let of = bind::Kind::of(schema)?;
        // It fits, so there is one of that name.
        let kind = schema.entity(E::NAME).unwrap_or(ordain_vm::value::EntityId(u32::MAX));
        Ok(Kind { of, kind })
    }

    /// What is known of one, for [`Store::change`].
    pub fn entry(&self, of: &impl Entity<Static = E::Static, Plan = E::Plan>) -> Result<Entry, NotStored> {
        Ok(self.of.entry(of)?)
    }

    /// The one with that id, to be taken out of a store.
    pub fn named(&self, id: &str) -> EntityRef {
        EntityRef::new(self.kind, id)
    }
}
