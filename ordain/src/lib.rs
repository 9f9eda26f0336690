//! Ordain inside a host: compile or load a policy, and decide with it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(feature = "compiler")] {
//! use ordain::{Engine, Instant, Policy, Verdict};
//!
//! let policy = Policy::compile_text("entity Agent\naction pay by Agent { amount: money<USD> }
//!     policy desk { rule small on pay { permit when amount is at most 50 USD } }")?;
//! let engine = Engine::new(&policy)?;
//! let now = Instant::parse("2026-03-03T15:00:00Z").ok_or("no time")?;
//! let request = policy.request("pay").actor("Agent", "a-1").arg("amount", "25.00").time(now).build()?;
//! match engine.worker().decide(&request).verdict() {
//!     Verdict::Permit => println!("pay it"),
//!     Verdict::Escalate | Verdict::Deny | Verdict::Recorded => println!("leave it"),
//! }
//! # assert_eq!(engine.worker().decide(&policy.request("pay").actor("Agent", "a").arg("amount", "50.01").time(now).build()?).verdict(), Verdict::Deny);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! | you want to | take |
//! | --- | --- |
//! | compile a file, a package, or text | [`Policy::compile`], [`Policy::compile_text`], [`Policy::compile_sources`] |
//! | load what `ordain build` wrote | [`Policy::load`] |
//! | decide with limits and a history, in many threads | [`Engine`] |
//! | decide each request by itself, fast, in one thread | [`Decider`] |
//! | ask with a struct of your own | [`Action`](derive@Action), [`Policy::bind`] |
//! | decide what comes as JSON, fast | [`Policy::json_reader`] |
//! | ask what is known only at run time | [`Policy::request`], [`Policy::read`] for JSON |
//! | say that a person has agreed | [`Policy::approval`], [`Worker::approved`] |
//! | say what became of a request | [`Worker::performed`], [`Worker::returned`], [`Worker::failed`], [`Worker::abandoned`] |
//! | tell a person why | [`Decision::explain`], [`Outcome::explanation`] |
//! | swap a new version in | [`Engine::load`] |
//! | keep what is known of people and things | [`Policy::store`], [`Entity`](derive@Entity) |
//!
//! # A permit is never taken by accident
//!
//! There are three verdicts, so a boolean would lie: what is escalated is neither permitted nor refused. A [`Decision`] and
//! an [`Outcome`] have a [`Verdict`], to be matched, and no `is_permit`; they are `#[must_use]`, and there is no `Default`
//! of them. Whoever wants a permit and nothing else writes `outcome.permitted()?`, which gives a [`Permit`], or an error
//! that says why not. An error, a request of another form, a full history, a missing value: none of these permits.
//!
//! # Times, and where they come from
//!
//! A decision depends on what it is given and on nothing else: no clock is read here. `now` is the time of the request, by
//! the host's clock, an [`Instant`]: nanoseconds since 1970-01-01T00:00:00Z. [`instant_of`] makes one of the standard
//! library's `SystemTime`. Requests come in the order of their times; one that is earlier than what is recorded is denied.
//!
//! # Threads
//!
//! [`Policy`], [`Engine`], [`Store`] and [`Binding`] are `Send + Sync`, to be shared. A [`Decider`] and a [`Worker`] are of
//! one thread each.
//!
//! # Errors
//!
//! Each step has one type of error, which says what was found and what to do next: `CompileError` for texts,
//! [`LoadError`] for compiled policies, [`Unfit`] for structs, [`NotAsked`] for requests, [`NotStored`] for entities, [`NoData`] and [`DataError`] for
//! data, [`NotLoaded`] for new versions, [`NotPermitted`] for what is wanted and not given, [`Refused`] for records.
//!
//! # Features
//!
//! | feature | gives | without it |
//! | --- | --- | --- |
//! | `compiler` | policies from their text | compiled ones alone |
//! | `jit` | machine code, on x86-64 and aarch64 | the interpreter, with the same answers |
//! | `derive` | structs of your own as requests and entities | requests at run time, and from JSON |
//!
//! All are on by default.

#![warn(missing_docs)]

mod approval;
#[cfg(feature = "compiler")]
mod compile;
mod decider;
mod engine;
mod explanation;
mod lines;
mod policy;
mod request;
mod store;

pub use approval::Approval;
#[cfg(feature = "compiler")]
pub use compile::{CompileError, Diagnostic, Sources};
pub use decider::{Decider, Decision};
pub use engine::{Engine, NotLoaded, NotPermitted, OnPermit, Outcome, Permit, Receipt, Refused, Settings, Worker};
pub use explanation::Explanation;
pub use lines::{JsonReader, JsonRequest, Room};
pub use policy::{Backend, DataError, LoadError, NoData, NoNative, Policy, Version};
pub use request::{Asked, Binding, Request, RequestBuilder};
pub use store::{Entry, Kind, NotStored, Store};

pub use ordain_vm::answer::Verdict;
pub use ordain_vm::bind::{Id, NotAsked, Origins, Unfit, When};
pub use ordain_vm::encode::Digest;
pub use ordain_vm::request::{InputError, Snapshot};
pub use ordain_vm::value::{Date, Decimal, Instant, Money};

/// What is said to a line, member by member, as it stands in JSON.
pub use ordain_vm::answer;
/// The past: what a store of one's own implements, and the one in memory.
pub use ordain_vm::history;
/// JSON, for arguments and data. Numbers, texts, decimals, lists and options become it by `into`.
pub use ordain_vm::json;
/// Values of a policy, and their types.
pub use ordain_vm::value;

/// What is beneath: schema, bytecode, verifier, interpreter. What is derived names it.
pub use ordain_vm as vm;

/// The traits that structs of a host have; what is derived has the same names.
mod traits {
    pub use ordain_vm::bind::{Action, Entity};
}

pub use traits::*;

/// A struct that is asked as an action, or told as an event. The trait of the same name lists the attributes of its fields.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Action, Decider, Instant, Policy, Verdict, When};
///
/// #[derive(Action)]
/// struct Pay<'a> {
///     #[ordain(actor)]
///     agent: &'a str,
///     /// In cents.
///     #[ordain(digits = 2)]
///     amount: i64,
///     memo: Option<&'a str>,
/// }
///
/// let policy = Policy::compile_text(
///     "entity Agent\naction pay by Agent { amount: money<USD>, memo: text? }\n\
///      policy desk { rule small on pay { permit when amount is at most 50 USD } }",
/// )?;
/// let (binding, mut decider) = (policy.bind::<Pay>()?, Decider::new(&policy)?);
/// let pay = Pay { agent: "a-1", amount: 25_00, memo: None };
/// let ask = binding.ask(&pay, When::at(Instant(0), "r-1"))?;
/// assert_eq!(decider.decide(&ask).verdict(), Verdict::Permit);
/// # }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "derive")]
pub use ordain_derive::ActionOfHost as Action;
/// A struct that says what is known of a thing. The trait of the same name lists the attributes of its fields.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Decider, Entity, Instant, Policy, Verdict};
///
/// #[derive(Entity)]
/// struct Vendor {
///     #[ordain(id)]
///     id: String,
///     trusted: bool,
/// }
///
/// let policy = Policy::compile_text(
///     "entity Vendor { trusted: bool }\naction pay on Vendor\n\
///      policy desk { rule known on pay { permit when target.trusted } }",
/// )?;
/// let (vendors, store) = (policy.kind::<Vendor>()?, policy.store()?);
/// store.change([vendors.entry(&Vendor { id: "acme".into(), trusted: true })?], [])?;
/// let request = policy.request("pay").target("Vendor", "acme").time(Instant(0)).store(&store.snapshot()).build()?;
/// assert_eq!(Decider::new(&policy)?.decide(&request).verdict(), Verdict::Permit);
/// # }
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "derive")]
pub use ordain_derive::EntityOfHost as Entity;
/// An enum without fields that is a field of an enum type: each variant is the member of its name, as it is or in snake
/// case, or as `#[ordain(rename = "…")]` says.
///
/// ```
/// #[derive(ordain::Enum)]
/// enum Class {
///     Public,
///     #[ordain(rename = "secret")]
///     Hidden,
/// }
/// ```
#[cfg(feature = "derive")]
pub use ordain_derive::EnumOfHost as Enum;
/// A struct that is a field of a record type: its fields are the record's, by name.
///
/// ```
/// #[derive(ordain::Record)]
/// struct Line<'a> {
///     what: &'a str,
///     #[ordain(digits = 2)]
///     price: i64,
/// }
/// ```
#[cfg(feature = "derive")]
pub use ordain_derive::RecordOfHost as Record;

/// The section "Embed it" is compiled.
#[cfg(all(doctest, feature = "compiler"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The moment of a clock of the host. Nothing where it is before 1677 or behind 2262.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// assert_eq!(ordain::instant_of(UNIX_EPOCH + Duration::from_secs(1)), Some(ordain::Instant(1_000_000_000)));
/// ```
pub fn instant_of(time: std::time::SystemTime) -> Option<Instant> {
    let nanos = match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).ok()?,
        Err(before) => i64::try_from(before.duration().as_nanos()).ok()?.checked_neg()?,
    };
    Some(Instant(nanos))
}
