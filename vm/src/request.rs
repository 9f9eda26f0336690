//! `Line`: a request, an event or a record, checked against the schema: behind this door types carry the proof.
//! `decode` makes it of JSON; engines take it as it is. Entities come with it, so that nothing is looked up later.

mod build;
mod decode;
mod digest;
mod entities;
mod facts;
mod onepass;
mod origins;
mod scan;
pub mod slots;
mod store;

pub use build::RequestBuilder;
pub use decode::{Reader, read_data, read_returns};
pub use digest::{digest_of, digest_text, is_digest};
pub use entities::{Entities, Entity, World, read_entities};
pub(crate) use entities::{not_in_store, nothing_known};
pub use facts::Facts;
pub use onepass::{InPlace, OnePass, OtherStore, Read, Room};
pub use store::{Snapshot, Store};

use crate::json::Json;
use crate::value::{EntityRef, Instant, RoleId, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one line of a stream says.
#[derive(Clone, Debug)]
pub enum Line {
    Request(Request),
    Event(Request),
    /// It happened, whoever permitted it.
    Performed(Request),
    /// What a request brought back; its type is the action's, which only the history knows.
    Result {
        id: Arc<str>,
        returns: Json,
    },
    Failed(Arc<str>),
    Abandoned(Arc<str>),
    Approved(Approval),
}

/// A request or an event.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its place in `Schema::actions`.
    pub action: usize,
    pub actor: Option<EntityRef>,
    pub target: Option<EntityRef>,
    /// By declared field; an optional one that is absent is `Value::Missing`.
    pub args: Vec<Value>,
    pub context: Context,
    /// Everything that is known of entities.
    pub world: World,
}

#[derive(Clone, Debug)]
pub struct Context {
    pub session: Option<Arc<str>>,
    pub time: Instant,
    /// When it was first asked, where the request says so.
    pub asked: Option<Instant>,
    /// Its own id; without one the history gives it `auto-N`.
    pub id: Option<Arc<str>>,
    pub approvals: Vec<Approval>,
    /// For the path of a leaf of the arguments (`to[0]`, as `Schema::leaves` spells it), and for `resource.id` (`as arg`:
    /// also by the argument's name): the places where that value was seen, each once.
    pub origins: BTreeMap<Arc<str>, Vec<Origin>>,
    /// By declared member; absent is `Value::Missing`.
    pub members: Vec<Value>,
}

/// A place where a value was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The user's own words.
    User,
    Operator,
    /// What an action returned (its place in `Schema::actions`), or one field of that: `get_contacts.email`.
    Result {
        action: usize,
        field: Option<Arc<str>>,
    },
    /// A place that the policy has no word for.
    Other(Arc<str>),
}

/// Someone approved, or waived. Whoever asks the engine has verified it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub role: RoleId,
    pub by: EntityRef,
    pub at: Instant,
    pub expires: Option<Instant>,
    /// The digest of the request: `blake3:` and 64 hexadecimal digits.
    pub request: Arc<str>,
    /// The denial that it waives: `policy.rule`.
    pub waives: Option<Arc<str>>,
    /// What is known of the approver, where it came with the approval.
    pub entities: Arc<Entities>,
}

/// Why something from outside is not of the declared form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// `E06…` or `W06…`
    pub code: &'static str,
    /// One sentence that ends with what would be right.
    pub message: String,
    /// Where in the JSON: `action.properties.amount`; empty: the whole.
    pub path: String,
}

/// A line that is not of the declared form, with what could be read of it, so that whoever sent it can tell it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// At least one.
    pub errors: Vec<InputError>,
    /// It is a record, and neither a request nor an event.
    pub record: bool,
    /// The id that it names.
    pub id: Option<Arc<str>>,
    /// Its `context.time`, or the time that was given beside it.
    pub time: Option<Instant>,
}

impl From<InputError> for Malformed {
    /// Of a line of which nothing could be read.
    fn from(error: InputError) -> Malformed {
        Malformed { errors: vec![error], record: false, id: None, time: None }
    }
}

impl std::fmt::Display for InputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.code, self.message),
            path => write!(f, "{} {path}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for InputError {}

impl InputError {
    pub fn new(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> InputError {
        InputError { code, message: message.into(), path: path.into() }
    }
}
