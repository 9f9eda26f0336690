//! `Schema`: the declared form of everything that comes from outside: requests, entities, data.
//! Made from a checked package by the compiler; read at the door by `request`, and by whoever writes values out again.
//! `schema/read.rs` makes values of JSON, `schema/write.rs` JSON and words of values.

mod fits;
mod read;
mod words;
mod write;

pub(crate) use read::{Given, Mention, Values};
pub(crate) use words::{did_you_mean, list_too_long, text_too_long};
pub use words::{listed, nearest, quote};

use crate::request;
use crate::value::{EntityId, Type, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Ids of types and roles are places in these tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    pub enums: Vec<EnumSchema>,
    pub records: Vec<RecordSchema>,
    pub entities: Vec<EntitySchema>,
    /// Actions and events.
    pub actions: Vec<ActionSchema>,
    /// Declared members of `context`.
    pub context: Vec<FieldSchema>,
    pub roles: Vec<RoleSchema>,
    pub data: Vec<FieldSchema>,
    /// Rules and limits that a denial may be waived by name: `payables_agent.known_vendor`.
    pub waivable: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnumSchema {
    pub name: Arc<str>,
    /// What stands for each member in JSON.
    pub wire: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordSchema {
    pub name: Arc<str>,
    pub fields: Vec<FieldSchema>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntitySchema {
    pub name: Arc<str>,
    /// Kinds that its parents may have.
    pub parents: Vec<EntityId>,
    pub attributes: Vec<FieldSchema>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionSchema {
    pub name: Arc<str>,
    pub event: bool,
    /// Kinds of the subject; empty: a subject is ignored.
    pub by: Vec<EntityId>,
    /// Kinds of the resource; empty: a resource is ignored.
    pub on: Vec<EntityId>,
    /// The property that is the resource's id.
    pub as_arg: Option<Arc<str>>,
    pub fields: Vec<FieldSchema>,
    pub returns: Option<Type>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleSchema {
    pub name: Arc<str>,
    /// Kinds of those who may have it; empty: of any kind, and only the id is known.
    pub by: Vec<EntityId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSchema {
    pub name: Arc<str>,
    pub ty: Type,
}

impl EntitySchema {
    /// What is known of a thing that is only named; nothing where something must be known of it.
    pub(crate) fn bare(&self) -> Option<request::Entity> {
        let known = self.attributes.iter().all(|field| field.ty.is_optional());
        known.then(|| request::Entity { attributes: vec![Value::Missing; self.attributes.len()], parents: vec![] })
    }
}

/// Each is there once, and stands in JSON as it is.
pub(crate) fn plain_names<'n>(names: impl Iterator<Item = &'n Arc<str>>) -> bool {
    let mut seen = BTreeSet::new();
    let escaped = |c: char| c.is_control() || matches!(c, '"' | '\\');
    names.into_iter().all(|name| !name.is_empty() && !name.contains(escaped) && seen.insert(&**name))
}

impl ActionSchema {
    /// Names of its fields, and of the argument that is its target's id.
    pub(crate) fn names_are_plain(&self) -> bool {
        plain_names(self.fields.iter().map(|field| &field.name).chain(&self.as_arg))
    }

    /// The member of a request that names it, and at which the paths of its fields begin.
    pub fn head(&self) -> &'static str {
        if self.event { "event" } else { "action" }
    }
}

impl Schema {
    /// The action or event of that name; names of actions and events are unique in a package.
    pub fn action(&self, name: &str) -> Option<(usize, &ActionSchema)> {
        self.actions.iter().enumerate().find(|(_, action)| &*action.name == name)
    }

    /// Everything that the type names is in the schema.
    pub fn knows(&self, ty: &Type) -> bool {
        match ty {
            Type::Enum(id) => id.index() < self.enums.len(),
            Type::Record(id) => id.index() < self.records.len(),
            Type::Entity(kinds) => kinds.iter().all(|kind| kind.index() < self.entities.len()),
            Type::List(of, _) | Type::Set(of) | Type::Optional(of) => self.knows(of),
            Type::Map(key, of) => self.knows(key) && self.knows(of),
            Type::Unknown
            | Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::Money(_)
            | Type::Text(_)
            | Type::Date
            | Type::Time
            | Type::Instant
            | Type::Duration
            | Type::Period
            | Type::Country
            | Type::Currency
            | Type::Ip
            | Type::IpRange
            | Type::Hours
            | Type::Calendar
            | Type::Role
            | Type::Choice(_) => true,
        }
    }

    /// Everything that the schema itself names is in it: kinds, enums and records.
    pub fn is_whole(&self) -> bool {
        let kinds = |kinds: &[EntityId]| kinds.iter().all(|kind| kind.index() < self.entities.len());
        let fields = |fields: &[FieldSchema]| fields.iter().all(|field| self.knows(&field.ty));
        self.records.iter().all(|record| fields(&record.fields))
            && self.entities.iter().all(|entity| kinds(&entity.parents) && fields(&entity.attributes))
            && self.roles.iter().all(|role| kinds(&role.by))
            && self.actions.iter().all(|action| {
                kinds(&action.by)
                    && kinds(&action.on)
                    && fields(&action.fields)
                    && action.returns.iter().all(|ty| self.knows(ty))
            })
            && fields(&self.context)
            && fields(&self.data)
    }

    /// Everything that the value names is in the schema: members, records with as many fields, kinds and roles. And what
    /// it is made of is in its range, which nothing else vouches for where it comes from a file or is worked out.
    pub fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Enum(id, member) => {
                self.enums.get(id.index()).is_some_and(|of| usize::from(*member) < of.wire.len())
            }
            Value::Choice(of, word) => usize::from(*word) < of.words().len(),
            Value::Role(role) => role.index() < self.roles.len(),
            Value::Entity(entity) => entity.kind.index() < self.entities.len(),
            Value::Record(id, values) => {
                self.records.get(id.index()).is_some_and(|of| of.fields.len() == values.len())
                    && values.iter().all(|value| self.holds(value))
            }
            Value::List(values) => values.iter().all(|value| self.holds(value)),
            Value::Set(values) => values.iter().all(|value| self.holds(value)),
            Value::Map(map) => map.iter().all(|(key, value)| self.holds(key) && self.holds(value)),
            Value::Date(date) => date.is_sound(),
            Value::Time(time) => time.is_sound(),
            Value::IpRange(range) => range.is_sound(),
            Value::Hours(hours) => hours.is_sound(),
            Value::Calendar(calendar) => calendar.is_sound(),
            Value::Missing
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Money(_)
            | Value::Text(_)
            | Value::Instant(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Country(_)
            | Value::Currency(_)
            | Value::Ip(_) => true,
        }
    }

    pub fn entity(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().position(|entity| &*entity.name == name).map(|at| EntityId(at as u32))
    }
}
