//! `Entities`: what is known of things: attributes and parents by kind and id.

use crate::value::{EntityRef, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Entity {
    /// By declared attribute; an optional one that is absent is `Value::Missing`.
    pub attributes: Vec<Value>,
    pub parents: Vec<EntityRef>,
}

pub type Entities = BTreeMap<EntityRef, Arc<Entity>>;

/// What one request sees: the store's entities, and those that it brought itself.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub store: Arc<Entities>,
    pub own: Arc<Entities>,
}

impl World {
    pub fn get(&self, entity: &EntityRef) -> Option<&Entity> {
        self.store.get(entity).or_else(|| self.own.get(entity)).map(|entity| &**entity)
    }
}
