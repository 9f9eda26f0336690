//! Things as fields, and structs of Rust as what is known of a thing.

use super::{Checks, Field, Fit, Table, Unfit};
use crate::json::Path;
use crate::request::slots::{Banks, Slot};
use crate::request::{self, InputError};
use crate::schema::{Schema, listed, quote};
use crate::value::{EntityId, EntityRef, Type, Value};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// What can be an actor or a target.
pub trait Named: Field {
    /// The thing, as it stands in the field or made of it. `None` where it was planned as something else.
    fn named(&self, plan: &Self::Plan) -> Option<Cow<'_, EntityRef>>;
}

/// Of one of the declared kinds, which is checked each time.
impl Field for EntityRef {
    type Plan = Box<[EntityId]>;

    fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<Box<[EntityId]>> {
        match ty.present() {
            Type::Entity(kinds) => Some(kinds.as_slice().into()),
            _ => None,
        }
    }

    fn put<'r>(&'r self, _: &Box<[EntityId]>, to: Slot, banks: &mut Banks<'r>) {
        banks.set_value(to, || Value::Entity(self.clone()));
    }

    fn value(&self, _: &Box<[EntityId]>) -> Value {
        Value::Entity(self.clone())
    }

    #[inline]
    fn check(&self, kinds: &Box<[EntityId]>, path: &Path<'_>, checks: &mut Checks<'_>) {
        checks.entity(self, kinds, path);
    }
}

impl Named for EntityRef {
    #[inline]
    fn named(&self, _: &Box<[EntityId]>) -> Option<Cow<'_, EntityRef>> {
        Some(Cow::Borrowed(self))
    }
}

/// The id of a thing of the kind that `T` is: the kind is found by its name once, so none can stand in for another.
///
/// ```
/// use ordain_vm::bind::{Entity, Id};
///
/// #[derive(Entity)]
/// struct Vendor {
///     #[ordain(id)]
///     id: String,
/// }
///
/// let vendor: Id<Vendor> = Id::new("acme");
/// assert_eq!(&*vendor.id, "acme");
/// ```
pub struct Id<T> {
    /// Not empty.
    pub id: Arc<str>,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    pub fn new(id: impl Into<Arc<str>>) -> Id<T> {
        Id { id: id.into(), of: PhantomData }
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Id<T> {
        Id { id: self.id.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({:?})", self.id)
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Id<T>) -> bool {
        self.id == other.id
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Id<T>) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Id<T>) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<T: Entity> Field for Id<T> {
    type Plan = EntityId;

    fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<EntityId> {
        let Type::Entity(kinds) = ty.present() else { return None };
        let kind = fit.schema.entity(T::NAME).filter(|kind| kinds.contains(kind));
        if kind.is_none() {
            let kinds = listed(kinds.iter().map(|kind| &*fit.schema.entities[kind.index()].name), "or");
            fit.tell(format!("Found the id of a `{}`. Wanted: that of {kinds}.", T::NAME));
        }
        kind
    }

    fn put<'r>(&'r self, kind: &EntityId, to: Slot, banks: &mut Banks<'r>) {
        banks.set_value(to, || self.value(kind));
    }

    fn value(&self, kind: &EntityId) -> Value {
        Value::Entity(EntityRef::new(*kind, self.id.clone()))
    }

    fn check(&self, kind: &EntityId, path: &Path<'_>, checks: &mut Checks<'_>) {
        checks.entity(&EntityRef::new(*kind, self.id.clone()), &[*kind], path);
    }
}

impl<T: Entity> Named for Id<T> {
    fn named(&self, kind: &EntityId) -> Option<Cow<'_, EntityRef>> {
        Some(Cow::Owned(EntityRef::new(*kind, self.id.clone())))
    }
}

/// A struct that says what is known of a thing: `#[derive(Entity)]`.
///
/// Its name is that of the kind, or what `#[ordain(name = "…")]` says. One field is the `id`; one may be the `parents`, a
/// list of things; all others are attributes, by name.
pub trait Entity {
    const NAME: &'static str;
    /// The same type, of texts that live for ever.
    type Static: Entity<Plan = Self::Plan> + 'static;
    type Plan: Send + Sync + 'static;

    /// `None` where something was told. `parents` is the type that a list of parents has.
    fn plan<'s>(fit: &mut Fit<'s>, attributes: Table<'s>, parents: &Type) -> Option<Self::Plan>;

    fn id(&self) -> Arc<str>;

    /// Puts each attribute in its place.
    fn attributes(&self, plan: &Self::Plan, row: &mut [Value]);

    /// A list of things, or `Value::Missing`.
    fn parents(&self, plan: &Self::Plan) -> Value;

    fn check(&self, plan: &Self::Plan, path: &Path<'_>, checks: &mut Checks<'_>);
}

/// A struct that was found to fit a kind of entity of a schema.
pub struct Kind<E: Entity> {
    kind: EntityId,
    plan: E::Plan,
    schema: Schema,
}

impl<E: Entity> fmt::Debug for Kind<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kind").field("name", &E::NAME).finish_non_exhaustive()
    }
}

impl<E: Entity> Kind<E> {
    /// Checks names and types once.
    pub fn of(schema: &Schema) -> Result<Kind<E>, Unfit> {
        let mut fit = Fit::new(schema);
        let Some(kind) = schema.entity(E::NAME) else {
            let names = listed(schema.entities.iter().map(|entity| &*entity.name), "and");
            fit.tell(format!("No kind of entity is called `{}`. There are {names}.", E::NAME));
            return fit.end(E::NAME, None);
        };
        let declared = &schema.entities[kind.index()];
        let table = Table::new(&declared.attributes, format!("`{}`", declared.name));
        let plan = E::plan(&mut fit, table, &Type::list(Type::Entity(declared.parents.clone())));
        let plan = fit.end(E::NAME, plan)?;
        Ok(Kind { kind, plan, schema: schema.clone() })
    }

    /// The thing, and what is known of it, for a [`Store`](request::Store) or a [`Snapshot`](request::Snapshot): these
    /// see to it that what it names is known. Values that the types can't vouch for are checked here.
    pub fn entry(&self, of: &impl Entity<Static = E::Static, Plan = E::Plan>) -> Result<Entry, Vec<InputError>> {
        let id = of.id();
        let kind = Path::Root.name(E::NAME);
        let path = kind.name(&id);
        let mut checks = Checks::new(&self.schema);
        if id.is_empty() {
            checks.tell("E0608", &kind, "Found an empty text. Wanted: the id of an entity.");
        }
        of.check(&self.plan, &path, &mut checks);
        let declared = &self.schema.entities[self.kind.index()];
        let mut attributes = vec![Value::Missing; declared.attributes.len()];
        of.attributes(&self.plan, &mut attributes);
        let mut parents: Vec<EntityRef> = vec![];
        if let Value::List(given) = of.parents(&self.plan) {
            for (at, parent) in given.iter().enumerate() {
                let Value::Entity(parent) = parent else { continue };
                if parents.contains(parent) {
                    checks.tell(
                        "E0603",
                        &path.name("parents").index(at),
                        format!("The parent {} is given twice.", quote(&parent.id)),
                    );
                }
                parents.push(parent.clone());
            }
        }
        checks.end((EntityRef::new(self.kind, id.clone()), request::Entity { attributes, parents }))
    }
}

/// A thing, and what is known of it.
pub type Entry = (EntityRef, request::Entity);
