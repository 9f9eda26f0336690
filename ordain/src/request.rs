//! What is asked: a struct that is bound to a policy, a request put together at run time, or one read from JSON.

use crate::json::Json;
use crate::{Digest, Policy, Snapshot, When};
use ordain_vm::bind::{self, Action, Ask, NotAsked, Unfit};
use ordain_vm::request::slots::{Banks, Layout};
use ordain_vm::request::{self as vm, Approval, Entity, Facts, Origin, Reader, digest_text};
use ordain_vm::value::{EntityRef, Instant, Value};
use std::fmt;
use std::sync::Arc;

/// A request of an action, or an event, checked against what a policy declares. Another policy with the same declarations
/// decides it too; of any other it is denied.
///
/// It is made by [`Policy::request`], [`Policy::read`] or [`Binding::request`].
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) of: Arc<vm::Request>,
    pub(crate) declares: Digest,
    pub(crate) event: bool,
    digest: Arc<str>,
}

impl Request {
    pub(crate) fn new(of: vm::Request, policy: &Policy) -> Request {
        let schema = policy.schema();
        let digest = digest_text(of.digest(schema, of.context.id.as_deref().unwrap_or(""))).into();
        let event = schema.actions.get(of.action).is_some_and(|action| action.event);
        Request { of: Arc::new(of), declares: policy.of.declares, event, digest }
    }

    /// Its own id, where it has one. An engine gives one (`auto-1`) to a request without.
    pub fn id(&self) -> Option<&str> {
        self.of.context.id.as_deref()
    }

    /// By which approvals name a request that has an id: `blake3:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// `now`
    pub fn time(&self) -> Instant {
        self.of.context.time
    }
}

/// A request whose action is known only at run time, put together piece by piece. It is read as JSON is, with the same
/// rules and codes (`spec/requests.md`); what is wrong with it is told at the end, all of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Instant, Policy};
///
/// let policy = Policy::compile_text(
///     "entity Agent\naction pay by Agent { amount: money<USD> }\npolicy desk { rule all on pay { permit } }",
/// )?;
/// let now = Instant::parse("2026-03-03T15:00:00Z").ok_or("no time")?;
/// let request = policy.request("pay").actor("Agent", "a-1").arg("amount", "25.00").time(now).id("r-1").build()?;
/// assert_eq!(request.id(), Some("r-1"));
///
/// let error = policy.request("pay").actor("Agent", "a-1").arg("amount", "much").time(now).build().unwrap_err();
/// assert!(error.to_string().contains("action.properties.amount"));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is made by `build`"]
pub struct RequestBuilder<'p> {
    policy: &'p Policy,
    /// The store was made for other declarations.
    other_store: bool,
    of: vm::RequestBuilder<'p>,
}

impl<'p> RequestBuilder<'p> {
    pub(crate) fn new(policy: &'p Policy, action: impl Into<String>) -> RequestBuilder<'p> {
        let of = vm::RequestBuilder::new(policy.schema(), action);
        let of = match policy.own_entities() {
            Some(own) => of.store(own, policy.takes_entities(true)),
            None => of,
        };
        RequestBuilder { policy, other_store: false, of }
    }

    fn with(self, of: impl FnOnce(vm::RequestBuilder<'p>) -> vm::RequestBuilder<'p>) -> Self {
        RequestBuilder { of: of(self.of), ..self }
    }

    /// Who asks: a kind of entity, and an id.
    pub fn actor(self, kind: &str, id: &str) -> Self {
        self.with(|of| of.actor(kind, id))
    }

    /// The same with what is known of it: an object of its attributes, and its `parents`.
    pub fn actor_with(self, kind: &str, id: &str, properties: Json) -> Self {
        self.with(|of| of.actor_with(kind, id, properties))
    }

    /// What is acted on: a kind of entity, and an id.
    pub fn target(self, kind: &str, id: &str) -> Self {
        self.with(|of| of.target(kind, id))
    }

    /// The same with what is known of it.
    pub fn target_with(self, kind: &str, id: &str, properties: Json) -> Self {
        self.with(|of| of.target_with(kind, id, properties))
    }

    /// A field of the action, in any form that it has in JSON: numbers, texts, lists, decimals and money as they are
    /// written. Given twice, it is an error.
    pub fn arg(self, name: &str, value: impl Into<Json>) -> Self {
        self.with(|of| of.arg(name, value))
    }

    /// A field of the action, as a value of the policy's schema.
    pub fn value(self, name: &str, value: &Value) -> Self {
        self.with(|of| of.value(name, value))
    }

    /// A member of the context: a declared one, `approvals` or `origins`.
    pub fn context(self, name: &str, value: impl Into<Json>) -> Self {
        self.with(|of| of.context(name, value))
    }

    /// `now`, by the host's clock and never the agent's. It must be given.
    pub fn time(self, time: Instant) -> Self {
        self.with(|of| of.time(time))
    }

    /// Its own id, the same when it is asked again. Not empty.
    pub fn id(self, id: &str) -> Self {
        self.with(|of| of.id(id))
    }

    /// The session that it belongs to.
    pub fn session(self, session: &str) -> Self {
        self.with(|of| of.session(session))
    }

    /// When it was first asked; `time` where nothing is said.
    pub fn asked(self, asked: Instant) -> Self {
        self.with(|of| of.asked(asked))
    }

    /// What is known of entities, in place of what the package brings. What it lacks comes with the request only where the
    /// package says `[entities] from = "request"`. A store that was made for other declarations is refused by `build`.
    pub fn store(self, store: &Snapshot) -> Self {
        let from_request = self.policy.takes_entities(true);
        let other_store = !store.is_of(&self.policy.of.program.verified);
        RequestBuilder { other_store, ..self }.with(|of| of.store(store.entities().clone(), from_request))
    }

    /// The request or event, or all that is wrong with it.
    pub fn build(self) -> Result<Request, NotAsked> {
        if self.other_store {
            return Err(NotAsked::OtherStore);
        }
        let of = self.of.build().map_err(NotAsked::Malformed)?;
        Ok(Request::new(of, self.policy))
    }
}

impl Policy {
    /// A request or an event from JSON: an AuthZEN evaluation. `now` is the time of one that has none.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::{Instant, Policy};
    ///
    /// let text = "entity Agent\naction look by Agent\npolicy desk { rule all on look { permit } }";
    /// let (policy, now) = (Policy::compile_text(text)?, Instant::parse("2026-03-03T15:00:00Z"));
    /// let request = policy.read(br#"{"subject": {"type": "Agent", "id": "a-1"}, "action": {"name": "look"}}"#, now)?;
    /// assert!(policy.read(b"{}", now).is_err());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(&self, json: &[u8], now: Option<Instant>) -> Result<Request, NotAsked> {
        let reader = self.reader(None, now);
        match reader.line(json) {
            Ok(vm::Line::Request(of) | vm::Line::Event(of)) => Ok(Request::new(of, self)),
            Ok(_) => Err(a_record()),
            Err(malformed) => Err(NotAsked::Malformed(malformed.errors)),
        }
    }

    /// Without a store, the package's own.
    pub(crate) fn reader(&self, store: Option<&Snapshot>, now: Option<Instant>) -> Reader<'_> {
        let own = store.map(|store| store.entities().clone()).or_else(|| self.own_entities());
        Reader { schema: self.schema(), from_request: self.takes_entities(own.is_some()), store: own, now }
    }
}

/// A line that is neither a request nor an event.
pub(crate) fn a_record() -> NotAsked {
    let message = "Found a record. Wanted: a request or an event. `Worker::answer` takes records.";
    NotAsked::Malformed(vec![vm::InputError::new("E0627", "", message)])
}

/// A struct of the host that fits an action of a policy: made once by [`Policy::bind`], and then asked with again and
/// again. The struct is read where it lies.
pub struct Binding<A: Action> {
    policy: Policy,
    of: bind::Binding<A>,
}

impl<A: Action> fmt::Debug for Binding<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("name", &A::NAME).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<A: Action> Binding<A> {
    pub(crate) fn new(policy: &Policy) -> Result<Binding<A>, Unfit> {
        Ok(Binding { of: bind::Binding::new(&policy.of.program.verified)?, policy: policy.clone() })
    }

    /// Checks what the types can't promise (lengths, currencies, what is known of things): the result is asked of a
    /// [`Decider`](crate::Decider) of the same policy. For fields of numbers, flags, texts, dates and enums nothing is
    /// allocated. The struct may be of texts that live shorter than the binding.
    pub fn ask<'a, B>(&'a self, action: &'a B, when: When<'a>) -> Result<Ask<'a, B>, NotAsked>
    where
        B: Action<Static = A::Static, Plan = A::Plan>,
    {
        self.of.ask(&self.policy.of.program.verified, action, when)
    }

    /// The same as a request that holds all its values, for an [`Engine`](crate::Engine), also one that has meanwhile
    /// loaded another policy with the same declarations. This allocates.
    pub fn request<B>(&self, action: &B, when: When<'_>) -> Result<Request, NotAsked>
    where
        B: Action<Static = A::Static, Plan = A::Plan>,
    {
        let request = self.of.ask(&self.policy.of.program.verified, action, when)?.request();
        Ok(Request::new(request, &self.policy))
    }
}

/// What a [`Decider`](crate::Decider) takes: a [`Request`], what [`Binding::ask`] gives, or a
/// [`JsonRequest`](crate::JsonRequest).
pub trait Asked: sealed::Sealed {
    #[doc(hidden)]
    fn facts(&self, policy: &Policy) -> &dyn Facts;
    #[doc(hidden)]
    fn id(&self) -> &str;
    #[doc(hidden)]
    fn asked(&self) -> Instant;
    #[doc(hidden)]
    fn approvals(&self) -> &[Approval];
    #[doc(hidden)]
    fn digest(&self, policy: &Policy) -> Arc<str>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Request {}
    impl<A: super::Action> Sealed for super::Ask<'_, A> {}
}

impl Asked for Request {
    fn facts(&self, policy: &Policy) -> &dyn Facts {
        if self.declares == policy.of.declares { &*self.of } else { &Stranger }
    }

    fn id(&self) -> &str {
        self.of.context.id.as_deref().unwrap_or("")
    }

    fn asked(&self) -> Instant {
        self.of.context.asked.unwrap_or(self.of.context.time)
    }

    fn approvals(&self) -> &[Approval] {
        &self.of.context.approvals
    }

    fn digest(&self, _: &Policy) -> Arc<str> {
        self.digest.clone()
    }
}

impl<A: Action> Asked for Ask<'_, A> {
    fn facts(&self, _: &Policy) -> &dyn Facts {
        self
    }

    fn id(&self) -> &str {
        self.around(&[]).id
    }

    fn asked(&self) -> Instant {
        self.around(&[]).asked
    }

    fn approvals(&self) -> &[Approval] {
        &[]
    }

    fn digest(&self, policy: &Policy) -> Arc<str> {
        digest_text(self.request().digest(policy.schema(), self.around(&[]).id)).into()
    }
}

/// A request of other declarations: bound to a program that nobody has.
struct Stranger;

impl Facts for Stranger {
    fn action(&self) -> usize {
        0
    }

    fn program(&self) -> Option<u64> {
        Some(0)
    }

    fn time(&self) -> Instant {
        Instant(0)
    }

    fn actor(&self) -> Option<&EntityRef> {
        None
    }

    fn fill<'r>(&'r self, _: &Layout, _: &mut Banks<'r>) {}

    fn entity(&self, _: &EntityRef) -> Option<&Entity> {
        None
    }

    fn origins(&self, _: &str) -> Option<&[Origin]> {
        None
    }
}
