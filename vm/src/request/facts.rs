//! `Facts`: what a decision reads of a request, whatever its form. A [`Request`] is one; a host's own struct is another.

use super::slots::{Banks, Layout};
use super::{Entity, Origin, Request};
use crate::value::{EntityRef, Instant};

/// A request of an action, checked: what it brings is of the declared types.
pub trait Facts {
    /// Its action's place in `Schema::actions`.
    fn action(&self) -> usize;

    /// The number of the program that it was bound to ([`Verified::number`](crate::verify::Verified::number)): no other
    /// decides it. `None`: whoever asks vouches for it.
    fn program(&self) -> Option<u64> {
        None
    }

    /// It has a value for each register of the layout that it fills; what has not is not decided.
    fn is_of(&self, _layout: &Layout) -> bool {
        true
    }

    /// `now`
    fn time(&self) -> Instant;

    fn actor(&self) -> Option<&EntityRef>;

    /// Puts it into the registers, of which there are at least as many as the layout has: all of them, save for `now`,
    /// the id and when it was first asked.
    fn fill<'r>(&'r self, layout: &Layout, banks: &mut Banks<'r>);

    /// What is known of a thing.
    fn entity(&self, of: &EntityRef) -> Option<&Entity>;

    /// All ancestors of a thing, sorted, where they were worked out before. `None`: they are looked for by its parents.
    fn ancestors(&self, _of: &EntityRef) -> Option<&[EntityRef]> {
        None
    }

    /// Where the value of that leaf was seen; of the target `resource.id`. `None`: there is no record of it.
    fn origins(&self, leaf: &str) -> Option<&[Origin]>;
}

impl Facts for Request {
    fn action(&self) -> usize {
        self.action
    }

    fn is_of(&self, layout: &Layout) -> bool {
        layout.is_of(self)
    }

    fn time(&self) -> Instant {
        self.context.time
    }

    fn actor(&self) -> Option<&EntityRef> {
        self.actor.as_ref()
    }

    fn fill<'r>(&'r self, layout: &Layout, banks: &mut Banks<'r>) {
        layout.fill(self, banks);
    }

    fn entity(&self, of: &EntityRef) -> Option<&Entity> {
        self.world.get(of)
    }

    fn origins(&self, leaf: &str) -> Option<&[Origin]> {
        self.context.origins.get(leaf).map(|origins| origins.as_slice())
    }
}
