//! `RequestBuilder`: a request whose action is known only at run time. It is read as JSON is, so that the same rules hold,
//! with the same codes.

use super::{Entities, InputError, Line, Reader, Request};
use crate::json::{Json, MAX_DEPTH, Path};
use crate::schema::{Schema, quote};
use crate::value::{Country, Currency, Date, Decimal, Instant, Money, Period, Time, Value};
use std::sync::Arc;

/// Puts a request or an event together, piece by piece; what is wrong with it is told at the end, all of it.
///
/// ```
/// use ordain_vm::request::{InputError, Request, RequestBuilder};
/// use ordain_vm::schema::Schema;
/// use ordain_vm::value::{Decimal, Instant};
///
/// fn ask(schema: &Schema, time: Instant) -> Result<Request, Vec<InputError>> {
///     RequestBuilder::new(schema, "call")
///         .actor("Agent", "a-1")
///         .arg("tool", "crm.lookup")
///         .arg("amount", Decimal::from_int(20))
///         .time(time)
///         .id("r-1")
///         .build()
/// }
///
/// let errors = ask(&Schema::default(), Instant(0)).unwrap_err();
/// assert_eq!((errors[0].code, errors[0].path.as_str()), ("E0613", "action.name"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is made by `build`"]
pub struct RequestBuilder<'s> {
    schema: &'s Schema,
    name: String,
    /// At which the paths of its fields begin.
    head: &'static str,
    subject: Option<Json>,
    resource: Option<Json>,
    properties: Vec<(String, Json)>,
    context: Vec<(String, Json)>,
    store: Option<Arc<Entities>>,
    from_request: bool,
    errors: Vec<InputError>,
}

impl<'s> RequestBuilder<'s> {
    /// Of an action, or an event, by its name.
    pub fn new(schema: &'s Schema, name: impl Into<String>) -> RequestBuilder<'s> {
        let name = name.into();
        RequestBuilder {
            schema,
            head: schema.action(&name).map_or("action", |(_, action)| action.head()),
            name,
            subject: None,
            resource: None,
            properties: vec![],
            context: vec![],
            store: None,
            from_request: false,
            errors: vec![],
        }
    }

    /// Who asks: a kind of entity, and an id.
    pub fn actor(self, kind: &str, id: &str) -> Self {
        RequestBuilder { subject: Some(thing(kind, id, None)), ..self }
    }

    /// The same with what is known of it: an object of its attributes, and its `parents`.
    pub fn actor_with(self, kind: &str, id: &str, properties: Json) -> Self {
        RequestBuilder { subject: Some(thing(kind, id, Some(properties))), ..self }
    }

    /// What is acted on: a kind of entity, and an id.
    pub fn target(self, kind: &str, id: &str) -> Self {
        RequestBuilder { resource: Some(thing(kind, id, None)), ..self }
    }

    /// The same with what is known of it.
    pub fn target_with(self, kind: &str, id: &str, properties: Json) -> Self {
        RequestBuilder { resource: Some(thing(kind, id, Some(properties))), ..self }
    }

    /// A field of the action, in any form that it has in JSON. Given twice, it is E0603.
    pub fn arg(mut self, name: &str, value: impl Into<Json>) -> Self {
        if self.properties.iter().any(|(other, _)| other == name) {
            self.twice(&Path::Root.name(self.head).name("properties").name(name), name);
        }
        self.properties.push((name.to_string(), value.into()));
        self
    }

    /// A field of the action, as a value of this schema.
    pub fn value(mut self, name: &str, value: &Value) -> Self {
        if self.schema.holds(value) {
            let json = self.schema.to_json(value);
            return self.arg(name, json);
        }
        let path = Path::Root.name(self.head).name("properties").name(name).to_string();
        self.errors.push(InputError::new("E0608", path, "Found a value of another schema. Wanted: one of this."));
        self
    }

    /// A member of the context: a declared one, `approvals` or `origins`.
    pub fn context(mut self, name: &str, value: impl Into<Json>) -> Self {
        if self.context.iter().any(|(other, _)| other == name) {
            self.twice(&Path::Root.name("context").name(name), name);
        }
        self.context.push((name.to_string(), value.into()));
        self
    }

    /// `now`, which must be given.
    pub fn time(self, time: Instant) -> Self {
        self.context("time", time)
    }

    /// Its own id, the same when it is asked again.
    pub fn id(self, id: &str) -> Self {
        self.context("id", id)
    }

    pub fn session(self, session: &str) -> Self {
        self.context("session", session)
    }

    /// When it was first asked.
    pub fn asked(self, asked: Instant) -> Self {
        self.context("asked", asked)
    }

    /// What is known of entities; with `from_request`, what the store lacks is taken from the request. Without a store,
    /// all is taken from the request.
    pub fn store(self, store: Arc<Entities>, from_request: bool) -> Self {
        RequestBuilder { store: Some(store), from_request, ..self }
    }

    /// The request, or all that is wrong with it. Of an event too: which it is says the schema.
    pub fn build(self) -> Result<Request, Vec<InputError>> {
        let RequestBuilder { schema, name, head, properties, mut errors, store, from_request, .. } = self;
        let named = Json::Object(vec![("name".into(), name.into()), ("properties".into(), Json::Object(properties))]);
        let mut members = vec![(head.to_string(), named)];
        members.extend(self.subject.map(|of| ("subject".to_string(), of)));
        members.extend(self.resource.map(|of| ("resource".to_string(), of)));
        members.push(("context".to_string(), Json::Object(self.context)));
        let json = Json::Object(members);
        if !is_shallow(&json, MAX_DEPTH) {
            errors.push(InputError::new("E0604", "", format!("More than {MAX_DEPTH} levels stand in one another.")));
            return Err(errors);
        }
        let reader = Reader { schema, store, from_request, now: None };
        match reader.json(&json) {
            Ok(Line::Request(request) | Line::Event(request)) if errors.is_empty() => Ok(request),
            Ok(_) => Err(errors),
            Err(malformed) => {
                errors.extend(malformed.errors);
                Err(errors)
            }
        }
    }

    fn twice(&mut self, path: &Path<'_>, name: &str) {
        let message = format!("{} is given twice. Give it once.", quote(name));
        self.errors.push(InputError::new("E0603", path.to_string(), message));
    }
}

fn thing(kind: &str, id: &str, properties: Option<Json>) -> Json {
    let mut members = vec![("type".to_string(), Json::string(kind)), ("id".to_string(), Json::string(id))];
    members.extend(properties.map(|properties| ("properties".to_string(), properties)));
    Json::Object(members)
}

fn is_shallow(json: &Json, levels: usize) -> bool {
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
        Json::Array(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Json::Object(members) => levels > 0 && members.iter().all(|(_, item)| is_shallow(item, levels - 1)),
    }
}

impl From<bool> for Json {
    fn from(of: bool) -> Json {
        Json::Bool(of)
    }
}

macro_rules! numbers {
    ($($rust:ty),*) => {$(
        impl From<$rust> for Json {
            fn from(of: $rust) -> Json {
                Json::Number(of.to_string())
            }
        }
    )*};
}

numbers!(i64, i32, u64, u32, usize);

/// As it is shown, which is how it is read.
macro_rules! shown {
    ($($rust:ty),*) => {$(
        impl From<$rust> for Json {
            fn from(of: $rust) -> Json {
                Json::String(of.to_string())
            }
        }
    )*};
}

shown!(&str, Decimal, Date, Time, Instant);

impl From<String> for Json {
    fn from(of: String) -> Json {
        Json::String(of)
    }
}

impl From<Money> for Json {
    fn from(of: Money) -> Json {
        Json::String(format!("{} {}", of.amount, of.currency))
    }
}

impl From<Period> for Json {
    fn from(of: Period) -> Json {
        Json::String(of.to_iso())
    }
}

impl From<Country> for Json {
    fn from(of: Country) -> Json {
        Json::string(of.code())
    }
}

impl From<Currency> for Json {
    fn from(of: Currency) -> Json {
        Json::string(of.code())
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(of: Vec<T>) -> Json {
        Json::Array(of.into_iter().map(Into::into).collect())
    }
}

/// Nothing is `null`, which is as if it were not given.
impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(of: Option<T>) -> Json {
        of.map_or(Json::Null, Into::into)
    }
}
