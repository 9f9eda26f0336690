//! Requests that come as JSON and are only decided: read where they lie.

use crate::request::{Asked, sealed};
use crate::{InputError, NotAsked, NotStored, Policy, Request, Snapshot};
use ordain_vm::request::{self as vm, Approval, Facts, InPlace, Line, OnePass, Read, digest_text};
use ordain_vm::value::Instant;
use std::fmt;
use std::sync::Arc;

/// Reads requests in JSON for a [`Decider`](crate::Decider), in one pass: the fastest way from bytes to a decision. Texts
/// stay where they are; the ids of who asks and of what is acted on are copied only where a store, or a rule that reads
/// attributes, is asked of them. The rules are those of [`Policy::read`], and so are the errors; a request with approvals or origins, an
/// event, and whatever else is seldom is read as [`Policy::read`] does. An [`Engine`](crate::Engine), which keeps what it
/// is asked, takes a [`Request`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Decider, Policy, Room, Verdict};
///
/// let policy = Policy::compile_text(
///     "entity Agent\naction pay by Agent { amount: money<USD> }\n\
///      policy desk { rule small on pay { permit when amount is at most 50 USD } }",
/// )?;
/// let (reader, mut room, mut decider) = (policy.json_reader(None, None)?, Room::default(), Decider::new(&policy)?);
/// let line = br#"{"subject": {"type": "Agent", "id": "a-1"}, "action": {"name": "pay", "properties": {"amount": "25.00"}},
///                 "context": {"time": "2026-03-03T15:00:00Z"}}"#;
/// assert_eq!(decider.decide(&reader.read(line, &mut room)?).verdict(), Verdict::Permit);
///
/// let error = reader.read(b"{}", &mut room).unwrap_err();
/// assert!(error.to_string().contains("action"));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct JsonReader {
    policy: Policy,
    pass: OnePass,
}

/// What is used again from request to request, one a thread.
#[derive(Debug, Default)]
pub struct Room(vm::Room);

/// A request whose texts stand in the JSON that it came as.
pub struct JsonRequest<'l> {
    policy: &'l Policy,
    form: Form<'l>,
}

enum Form<'l> {
    InPlace(InPlace<'l>),
    Whole(Request),
}

impl Policy {
    /// A reader of requests in JSON, for as long as the policy decides: it holds what is known of entities ready. That
    /// comes from `store`, or from the package without one. `now` is the time of requests that tell none. Refused where the
    /// store was made for other declarations.
    pub fn json_reader(&self, store: Option<Arc<Snapshot>>, now: Option<Instant>) -> Result<JsonReader, NotStored> {
        let store = match (store, self.own_entities()) {
            (Some(store), _) => Some(store),
            (None, Some(own)) => Some(Arc::new(Snapshot::new(self.schema(), (*own).clone())?)),
            (None, None) => None,
        };
        let from_request = self.takes_entities(store.is_some());
        let pass = OnePass::new(self.of.program.verified.clone(), store, from_request, now)
            .map_err(|other| NotStored::from(vec![InputError::new("E0614", "", format!("{other}."))]))?;
        Ok(JsonReader { policy: self.clone(), pass })
    }
}

impl JsonReader {
    /// A request or an event, or all that is wrong with it.
    pub fn read<'l>(&'l self, json: &'l [u8], room: &'l mut Room) -> Result<JsonRequest<'l>, NotAsked> {
        let policy = &self.policy;
        let form = match self.pass.read(json, &mut room.0) {
            Ok(Read::InPlace(asked)) => Form::InPlace(asked),
            Ok(Read::Whole(Line::Request(of) | Line::Event(of))) => Form::Whole(Request::new(of, policy)),
            Ok(Read::Whole(_)) => return Err(crate::request::a_record()),
            Err(malformed) => return Err(NotAsked::Malformed(malformed.errors)),
        };
        Ok(JsonRequest { policy, form })
    }
}

impl JsonRequest<'_> {
    /// Its own id, where it has one.
    pub fn id(&self) -> Option<&str> {
        match &self.form {
            Form::InPlace(asked) => asked.id(),
            Form::Whole(request) => request.id(),
        }
    }

    /// The same as a request that holds all its values: for an [`Engine`](crate::Engine), or to be kept. This allocates.
    pub fn request(&self) -> Request {
        match &self.form {
            Form::InPlace(asked) => Request::new(asked.request(), self.policy),
            Form::Whole(request) => request.clone(),
        }
    }
}

impl fmt::Debug for JsonRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonRequest").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl sealed::Sealed for JsonRequest<'_> {}

impl Asked for JsonRequest<'_> {
    fn facts(&self, policy: &Policy) -> &dyn Facts {
        match &self.form {
            Form::InPlace(asked) => asked,
            Form::Whole(request) => request.facts(policy),
        }
    }

    fn id(&self) -> &str {
        JsonRequest::id(self).unwrap_or_default()
    }

    fn asked(&self) -> Instant {
        match &self.form {
            Form::InPlace(asked) => asked.around(&[]).asked,
            Form::Whole(request) => request.asked(),
        }
    }

    fn approvals(&self) -> &[Approval] {
        match &self.form {
            Form::InPlace(_) => &[],
            Form::Whole(request) => request.approvals(),
        }
    }

    fn digest(&self, policy: &Policy) -> Arc<str> {
        match &self.form {
            Form::InPlace(asked) => {
                digest_text(asked.request().digest(policy.schema(), asked.id().unwrap_or_default())).into()
            }
            Form::Whole(request) => request.digest().into(),
        }
    }
}
