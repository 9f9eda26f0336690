//! JSON to `Line`.
use super::*;
use crate::schema::Schema;

/// Reads the lines of a stream against a schema and an entity store.
pub struct Reader<'a> {
    pub schema: &'a Schema,
    /// Without a store, entities are taken from the request.
    pub store: Option<Arc<Entities>>,
    /// `[entities] from = "request"`: what the store lacks is taken from the request.
    pub from_request: bool,
    /// What `context.time` is where a request has none.
    pub now: Option<Instant>,
}

/// Placeholder.
pub fn read_data(_schema: &Schema, _ty: &crate::value::Type, _json: &Json) -> Result<Value, Vec<InputError>> {
    Err(vec![])
}

/// Placeholder.
pub fn read_returns(_schema: &Schema, _action: usize, _json: &Json) -> Result<Value, Vec<InputError>> {
    Err(vec![])
}
