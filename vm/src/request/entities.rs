//! `Entities`: what is known of things: attributes and parents by kind and id.
//! Read here from the entity store's file; `decode` settles what a request says of entities against that.

use super::InputError;
use crate::json::{Json, Path};
use crate::schema::{Given, Mention, Schema, Values, listed, quote};
use crate::value::{EntityId, EntityRef, Value};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Every entity that the request, the store's entities or the request's own ones speak of is known. One that came
    /// from `data` or from what an action returned need not be.
    pub fn get(&self, entity: &EntityRef) -> Option<&Entity> {
        self.store.get(entity).or_else(|| self.own.get(entity)).map(|entity| &**entity)
    }

    /// True where `entity` is `group`, or has it among its ancestors.
    pub fn belongs_to(&self, entity: &EntityRef, group: &EntityRef) -> bool {
        let (mut open, mut seen) = (vec![entity], BTreeSet::new());
        while let Some(next) = open.pop() {
            if next == group {
                return true;
            }
            if seen.insert(next) {
                open.extend(self.get(next).iter().flat_map(|known| &known.parents));
            }
        }
        false
    }
}

/// Reads the entity store's file: an array of `{"type", "id", "properties"}`, parents in `properties.parents`.
/// Every entity that one speaks of must be in the file too; entities given twice (E0603) and circles of parents (E0628)
/// are refused.
pub fn read_entities(schema: &Schema, json: &Json) -> Result<Entities, Vec<InputError>> {
    let mut values = Values::new(schema, false);
    let mut entities = Entities::new();
    let mut paths = BTreeMap::new();
    let Json::Array(items) = json else {
        values.error("E0608", &Path::Root, format!("Found {}. Wanted: an array of entities.", json.kind()));
        return Err(values.errors);
    };
    for (at, item) in items.iter().enumerate() {
        let path = Path::Root.index(at);
        if values.described(item, &[], &path, true).is_none() {
            continue;
        }
        let Some(Mention { entity, path, given }) = values.mentions.pop() else { continue };
        if paths.contains_key(&entity) {
            values.error_at("E0603", path, format!("{} is given twice. Give each entity once.", name(schema, &entity)));
            continue;
        }
        if let Some(known) = complete(&mut values, entity.kind, given.unwrap_or_default(), &path) {
            entities.insert(entity.clone(), Arc::new(known));
        }
        paths.insert(entity, path);
    }
    for mention in std::mem::take(&mut values.mentions) {
        if !paths.contains_key(&mention.entity) {
            let message = format!("{} is not in the entity store. Give it an entry.", name(schema, &mention.entity));
            values.error_at("E0616", mention.path, message);
        }
    }
    if let Err(entity) = order(&entities) {
        let path = paths.get(entity).cloned().unwrap_or_default();
        values.error_at("E0628", path, circle(schema, entity));
    }
    if values.errors.is_empty() { Ok(entities) } else { Err(values.errors) }
}

/// `Vendor "acme"`, in backticks.
pub(super) fn name(schema: &Schema, entity: &EntityRef) -> String {
    quote(&format!("{}(\"{}\")", schema.entities[entity.kind.index()].name, entity.id))
}

pub(super) fn circle(schema: &Schema, entity: &EntityRef) -> String {
    format!("{} is its own ancestor. Take one of the parents out.", name(schema, entity))
}

/// An entity of which nothing else is known; E0606 for each attribute that is wanted and was not spoken of.
fn complete(values: &mut Values<'_>, kind: EntityId, mut given: Given, path: &str) -> Option<Entity> {
    let schema = values.schema;
    let declared = &schema.entities[kind.index()].attributes;
    let mut attributes = vec![];
    for (at, field) in declared.iter().enumerate() {
        match given.attributes.remove(&at) {
            Some((value, _)) => attributes.extend(value),
            None if field.ty.is_optional() => attributes.push(Value::Missing),
            None => {
                let message = format!("`{}` is missing. Wanted: {}.", field.name, schema.wanted(&field.ty));
                values.error_at("E0606", format!("{path}.properties.{}", field.name), message);
            }
        }
    }
    let parents = given.parents.into_iter().map(|(parent, _)| parent).collect();
    (attributes.len() == declared.len()).then_some(Entity { attributes, parents })
}

/// Holds what a request said of entities against what the store knows, and gives the entities that the request brought.
///
/// Where the store has an entity, a request may only repeat it (E0617). One that it lacks is in error (E0616), or with
/// `from_request` taken from the request: what is said first holds, and may be repeated; one of which nothing is said is
/// known by its mention where its kind has no attribute that must be there.
pub(super) fn settle(values: &mut Values<'_>, store: &Entities, from_request: bool) -> Entities {
    let schema = values.schema;
    let mentions = std::mem::take(&mut values.mentions);
    let mut own = Entities::new();
    // Entities of which all was told, or that are taken from the mention at that place.
    let (mut told, mut taken) = (BTreeSet::new(), BTreeMap::new());
    let mut given: Vec<Option<Given>> = vec![];
    let mut spoken = vec![];
    for (at, Mention { entity, path, given: said }) in mentions.into_iter().enumerate() {
        match said {
            Some(said) if from_request && !store.contains_key(&entity) && !taken.contains_key(&entity) => {
                match complete(values, entity.kind, said, &path) {
                    Some(known) => drop(own.insert(entity.clone(), Arc::new(known))),
                    None => drop(told.insert(entity.clone())),
                }
                taken.insert(entity.clone(), at);
                given.push(None);
            }
            said => given.push(said),
        }
        spoken.push((entity, path));
    }
    for (at, ((entity, path), given)) in spoken.iter().zip(given).enumerate() {
        if told.contains(entity) || taken.get(entity) == Some(&at) {
            continue;
        }
        let kind = &schema.entities[entity.kind.index()];
        if let Some(known) = store.get(entity) {
            repeat(values, known, given, "the entity store has");
        } else if !from_request {
            values.error_at("E0616", path.clone(), not_in_store(schema, entity));
            told.insert(entity.clone());
        } else if let Some(known) = own.get(entity).cloned() {
            repeat(values, &known, given, "the request says of it elsewhere");
        } else if kind.attributes.iter().all(|field| field.ty.is_optional()) {
            let attributes = vec![Value::Missing; kind.attributes.len()];
            own.insert(entity.clone(), Arc::new(Entity { attributes, parents: vec![] }));
        } else {
            values.error_at("E0606", path.clone(), nothing_known(schema, entity, ", as `properties`"));
            told.insert(entity.clone());
        }
    }
    if let Err(entity) = order(&own) {
        let path = spoken.iter().find(|(other, _)| other == entity).map(|(_, path)| path.clone());
        values.error_at("E0628", path.unwrap_or_default(), circle(schema, entity));
    }
    own
}

/// E0606 of an entity, of which some things must be known.
pub(crate) fn nothing_known(schema: &Schema, entity: &EntityRef, how: &str) -> String {
    let wanted = schema.entities[entity.kind.index()].attributes.iter().filter(|field| !field.ty.is_optional());
    let wanted = listed(wanted.map(|field| &*field.name), "and");
    format!("Nothing is known of {}. Give its {wanted}{how}.", name(schema, entity))
}

/// E0616 of an entity.
pub(crate) fn not_in_store(schema: &Schema, entity: &EntityRef) -> String {
    format!("{} is not in the entity store.", name(schema, entity))
}

/// E0617 for each part that is not as it is known.
fn repeat(values: &mut Values<'_>, known: &Entity, given: Option<Given>, whose: &str) {
    let Some(given) = given else { return };
    for (at, (value, path)) in given.attributes {
        if value.is_some_and(|value| known.attributes.get(at) != Some(&value)) {
            values.error_at("E0617", path, format!("This is not what {whose}. Leave it out, or repeat it."));
        }
    }
    for (parent, path) in given.parents {
        if !known.parents.contains(&parent) {
            values.error_at("E0617", path, format!("This parent is not among those that {whose}. Leave it out."));
        }
    }
}

/// All of them, each behind its parents; or one that has itself among its ancestors.
pub(super) fn order(entities: &Entities) -> Result<Vec<&EntityRef>, &EntityRef> {
    let mut children: BTreeMap<&EntityRef, Vec<&EntityRef>> = BTreeMap::new();
    let mut waiting: BTreeMap<&EntityRef, usize> = BTreeMap::new();
    for (entity, known) in entities {
        let parents = known.parents.iter().filter(|parent| entities.contains_key(*parent));
        waiting.insert(entity, parents.clone().count());
        for parent in parents {
            children.entry(parent).or_default().push(entity);
        }
    }
    // Whoever has no parent left in question is in no circle; what stays is in one, or descends from one.
    let mut order: Vec<_> = waiting.iter().filter(|(_, count)| **count == 0).map(|(entity, _)| *entity).collect();
    let mut at = 0;
    while let Some(entity) = order.get(at).copied() {
        at += 1;
        waiting.remove(entity);
        for child in children.get(entity).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    order.push(child);
                }
            }
        }
    }
    let Some((first, _)) = waiting.first_key_value() else { return Ok(order) };
    // Each that stays has a parent that stays, so going upwards ends in a circle.
    let above = |of: &EntityRef| {
        let parents = entities.get(of).into_iter().flat_map(|known| &known.parents);
        parents.filter_map(|parent| waiting.get_key_value(parent)).map(|(parent, _)| *parent).next()
    };
    let (mut at, mut seen) = (*first, BTreeSet::new());
    while seen.insert(at) {
        at = above(at).unwrap_or(at);
    }
    Err(at)
}
