//! `Store`: what is known of entities, changed while decisions run. Each entity's ancestors are worked out when it, or what
//! stands above it, changes; a decision looks them up in a [`Snapshot`], and never waits.

use super::entities::{circle, name, not_in_store, order};
use super::{Entities, Entity, InputError};
use crate::encode::{Digest, digest_of_things};
use crate::json::Path;
use crate::listing::type_text;
use crate::schema::{FieldSchema, Schema, listed, quote};
use crate::value::{EntityRef, Value};
use crate::verify::Verified;
use arc_swap::ArcSwap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// An entity with more ancestors keeps no list of them: they are looked for by its parents each time.
const MOST_ANCESTORS: usize = 1_024;

/// Ancestors by entity, sorted.
type Above = BTreeMap<EntityRef, Arc<[EntityRef]>>;

/// What is known of entities at one moment: whole, and without circles.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Of the schema that it was made for: [`digest_of_things`].
    things: Digest,
    entities: Arc<Entities>,
    above: Above,
}

impl Snapshot {
    /// Of entities of a schema. Refused are attributes that are missing (E0606) or don't fit (E0608), kinds that are not
    /// declared, of a parent too (E0614), entities that are named and not there (E0616), and circles of parents (E0628).
    pub fn new(schema: &Schema, entities: Entities) -> Result<Snapshot, Vec<InputError>> {
        let all: BTreeSet<EntityRef> = entities.keys().cloned().collect();
        let nothing = Snapshot { things: digest_of_things(schema), entities: Arc::default(), above: Above::new() };
        nothing.with(schema, entities, &all)
    }

    /// It was made for a schema that declares kinds of entities, enums, records and roles as the program does.
    pub fn is_of(&self, verified: &Verified) -> bool {
        self.things == verified.things()
    }

    /// As [`Reader::store`](super::Reader::store) takes it.
    pub fn entities(&self) -> &Arc<Entities> {
        &self.entities
    }

    pub fn get(&self, of: &EntityRef) -> Option<&Entity> {
        self.entities.get(of).map(|entity| &**entity)
    }

    /// All that it is in, and what those are in, sorted. `None` where nothing is known of it, or it is in too many.
    pub fn ancestors(&self, of: &EntityRef) -> Option<&[EntityRef]> {
        self.above.get(of).map(|above| &**above)
    }

    /// The next one, of which these entities are new or other than before.
    fn with(
        &self,
        schema: &Schema,
        entities: Entities,
        changed: &BTreeSet<EntityRef>,
    ) -> Result<Snapshot, Vec<InputError>> {
        let mut errors = vec![];
        for of in changed {
            if let Some(known) = entities.get(of) {
                check(schema, &entities, of, known, &mut errors);
            }
        }
        let removed: Vec<&EntityRef> = changed.iter().filter(|of| !entities.contains_key(*of)).collect();
        if !removed.is_empty() {
            let others = entities.iter().filter(|(of, _)| !changed.contains(*of));
            others.for_each(|(of, known)| check_names(schema, &entities, of, known, &mut errors));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let order =
            order(&entities).map_err(|of| vec![InputError::new("E0628", place(schema, of), circle(schema, of))])?;
        let mut above = self.above.clone();
        removed.iter().for_each(|of| drop(above.remove(*of)));
        work_out(&entities, &order, changed, &mut above);
        Ok(Snapshot { things: self.things, entities: Arc::new(entities), above })
    }
}

fn place(schema: &Schema, of: &EntityRef) -> String {
    let kind = schema.entities.get(of.kind.index()).map_or("?", |kind| &*kind.name);
    Path::Root.name(kind).name(&of.id).to_string()
}

fn check(schema: &Schema, entities: &Entities, of: &EntityRef, known: &Entity, errors: &mut Vec<InputError>) {
    let Some(kind) = schema.entities.get(of.kind.index()).filter(|_| !of.id.is_empty()) else {
        let message = format!("{} is no entity of the schema. Wanted: a declared kind, and an id.", quote(&of.id));
        errors.push(InputError::new("E0614", place(schema, of), message));
        return;
    };
    let (before, found) = (errors.len(), known.attributes.len());
    if found != kind.attributes.len() {
        let wanted = listed(kind.attributes.iter().map(|field| &*field.name), "and");
        let message = format!("{} has {found} attributes. Wanted: {wanted}.", name(schema, of));
        errors.push(InputError::new("E0608", place(schema, of), message));
    }
    for (value, field) in known.attributes.iter().zip(&kind.attributes) {
        check_attribute(schema, of, value, field, errors);
    }
    if errors.len() != before {
        return;
    }
    if let Some(parent) = known.parents.iter().find(|parent| !kind.parents.contains(&parent.kind)) {
        let message = format!("{} may not be in {}.", quote(&kind.name), quote(&parent.id));
        errors.push(InputError::new("E0614", place(schema, of), message));
        return;
    }
    check_names(schema, entities, of, known, errors);
}

fn check_attribute(schema: &Schema, of: &EntityRef, value: &Value, field: &FieldSchema, errors: &mut Vec<InputError>) {
    if schema.fits(value, &field.ty) {
        return;
    }
    let wanted = type_text(schema, &field.ty);
    let (code, message) = if value.is_missing() {
        ("E0606", format!("`{}` is missing. Wanted: a value of `{wanted}`.", field.name))
    } else if schema.holds(value) {
        ("E0608", format!("Found {}. Wanted: a value of `{wanted}`.", quote(&schema.show(value))))
    } else {
        ("E0608", format!("Found a value of another schema, or one out of its range. Wanted: one of `{wanted}`."))
    };
    let kind = &schema.entities[of.kind.index()].name;
    let path = Path::Root.name(kind).name(&of.id).name(&field.name).to_string();
    errors.push(InputError::new(code, path, message));
}

/// E0616 for each entity that it names and that is not there.
fn check_names(schema: &Schema, entities: &Entities, of: &EntityRef, known: &Entity, errors: &mut Vec<InputError>) {
    let mut tell = |named: &EntityRef| {
        if !entities.contains_key(named) {
            errors.push(InputError::new("E0616", place(schema, of), not_in_store(schema, named)));
        }
    };
    known.parents.iter().for_each(&mut tell);
    known.attributes.iter().for_each(|value| named(value, &mut tell));
}

fn named(value: &Value, tell: &mut impl FnMut(&EntityRef)) {
    match value {
        Value::Entity(of) => tell(of),
        Value::List(values) | Value::Record(_, values) => values.iter().for_each(|value| named(value, tell)),
        Value::Set(values) => values.iter().for_each(|value| named(value, tell)),
        Value::Map(map) => map.iter().for_each(|(key, value)| {
            named(key, tell);
            named(value, tell);
        }),
        _ => {}
    }
}

/// Works out the ancestors of those that changed, and of all below them. In `order`, each stands behind its parents.
fn work_out(entities: &Entities, order: &[&EntityRef], changed: &BTreeSet<EntityRef>, above: &mut Above) {
    let mut touched = BTreeSet::new();
    for of in order {
        let parents = entities.get(*of).map_or(&[][..], |known| &known.parents);
        if !changed.contains(*of) && !parents.iter().any(|parent| touched.contains(parent)) {
            continue;
        }
        touched.insert(*of);
        match together(parents, above) {
            Some(own) => drop(above.insert((*of).clone(), own)),
            None => drop(above.remove(*of)),
        }
    }
}

/// The parents and all above them; nothing where they are too many.
fn together(parents: &[EntityRef], above: &Above) -> Option<Arc<[EntityRef]>> {
    let mut all: BTreeSet<&EntityRef> = parents.iter().collect();
    for parent in parents {
        all.extend(above.get(parent)?.iter());
        if all.len() > MOST_ANCESTORS {
            return None;
        }
    }
    Some(all.into_iter().cloned().collect())
}

/// Entities that change while decisions run. Those that run keep the snapshot they began with.
///
/// A change costs time that grows with the store; put together what comes together.
///
/// ```
/// use ordain_vm::bind::{Entity, Id, Kind};
/// use ordain_vm::request::{Entities, Store};
/// use ordain_vm::schema::{EntitySchema, Schema};
/// use ordain_vm::value::EntityId;
///
/// #[derive(Entity)]
/// struct Team {
///     #[ordain(id)]
///     id: String,
///     #[ordain(parents)]
///     within: Vec<Id<Team>>,
/// }
///
/// // `entity Team in Team`
/// let team = EntitySchema { name: "Team".into(), parents: vec![EntityId(0)], attributes: vec![] };
/// let schema = Schema { entities: vec![team], ..Schema::default() };
///
/// let (store, teams) = (Store::new(&schema, Entities::new()).unwrap(), Kind::<Team>::of(&schema).unwrap());
/// let top = teams.entry(&Team { id: "top".into(), within: vec![] }).unwrap();
/// let low = teams.entry(&Team { id: "low".into(), within: vec![Id::new("top")] }).unwrap();
/// let (of, above) = (low.0.clone(), top.0.clone());
/// store.change([top, low], []).unwrap();
/// assert_eq!(store.snapshot().ancestors(&of), Some(&[above][..]));
/// ```
#[derive(Debug)]
pub struct Store {
    schema: Schema,
    now: ArcSwap<Snapshot>,
    /// Held by whoever changes it; nobody who reads.
    changing: Mutex<()>,
}

impl Store {
    /// Refused as [`Snapshot::new`] says.
    pub fn new(schema: &Schema, entities: Entities) -> Result<Store, Vec<InputError>> {
        let now = ArcSwap::from_pointee(Snapshot::new(schema, entities)?);
        Ok(Store { schema: schema.clone(), now, changing: Mutex::default() })
    }

    /// What is known now. It takes no lock.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.now.load_full()
    }

    /// Puts entities in, in the place of those that were there, and takes others out: all of it, or where anything is
    /// refused nothing. What is refused says [`Snapshot::new`].
    pub fn change(
        &self,
        put: impl IntoIterator<Item = (EntityRef, Entity)>,
        out: impl IntoIterator<Item = EntityRef>,
    ) -> Result<Arc<Snapshot>, Vec<InputError>> {
        // Nothing is left half done by one who panicked with the lock.
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.snapshot();
        let mut entities = Entities::clone(&before.entities);
        let mut changed = BTreeSet::new();
        for of in out {
            entities.remove(&of);
            changed.insert(of);
        }
        for (of, known) in put {
            entities.insert(of.clone(), Arc::new(known));
            changed.insert(of);
        }
        let next = Arc::new(before.with(&self.schema, entities, &changed)?);
        self.now.store(next.clone());
        Ok(next)
    }
}
