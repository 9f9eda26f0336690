//! `Engine`: decisions that remember, for any number of threads.

mod outcome;
mod worker;

pub use ordain_vm::engine::OnPermit;
pub use outcome::{NotPermitted, Outcome, Permit, Receipt, Refused};
pub use worker::Worker;

use crate::json::Json;
use crate::{DataError, Digest, NoData, Policy, RequestBuilder, Version};
use ordain_vm::engine as vm;
use ordain_vm::history::{Bounds, History, MemoryHistory};
use std::fmt;

/// Decides requests over a history, so that limits count and rules can ask what happened before. Threads share it by
/// reference; each asks through a [`Worker`] of its own. To read the history, to decide and to reserve is one step: two
/// threads never spend together what only one may.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Engine, Instant, Policy, Verdict};
///
/// let policy = Policy::compile_text(
///     "entity Agent\naction pay by Agent { amount: money<USD> }\npolicy desk {\n  rule all on pay { permit }\n  \
///      limit daily on pay { sum of amount per actor within 24 hours at most 100 USD }\n}",
/// )?;
/// let (engine, now) = (Engine::new(&policy)?, Instant::parse("2026-03-03T15:00:00Z").ok_or("no time")?);
/// let pay = |id| policy.request("pay").actor("Agent", "a-1").arg("amount", "60").time(now).id(id).build();
/// let verdicts: Vec<Verdict> = std::thread::scope(|scope| {
///     let threads = ["r-1", "r-2"].map(|id| (id, &engine));
///     let threads = threads.map(|(id, engine)| scope.spawn(move || Ok(engine.worker().decide(&pay(id)?).verdict())));
///     threads.into_iter().filter_map(|thread| thread.join().ok()).collect::<Result<_, ordain::NotAsked>>()
/// })?;
/// assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Permit).count(), 1);
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Engine<H = MemoryHistory> {
    pub(crate) of: vm::Engine<H>,
    /// With which it began: all that are loaded later declare the same.
    first: Policy,
}

/// What a host may choose.
///
/// ```
/// use ordain::{OnPermit, Settings};
///
/// let settings = Settings { on_permit: OnPermit::Reserve, ..Settings::usual() };
/// assert!(settings.explain);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What becomes of a permit.
    pub on_permit: OnPermit,
    /// How many keys (actors, say) each question of the past keeps. Past it, what asks of another key is an error of its
    /// rule, and no permit.
    pub max_keys: usize,
    /// Make words of every decision, at once, since they show the past as it then was: some microseconds each. Without it
    /// [`Outcome::explanation`] has nothing to say of what a policy decided.
    pub explain: bool,
}

impl Settings {
    /// A permit is performed, a million keys, every decision explained.
    pub fn usual() -> Settings {
        Settings { on_permit: OnPermit::Perform, max_keys: vm::MAX_KEYS, explain: true }
    }
}

/// A policy is not taken into use in the place of another. The one before goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotLoaded {
    /// It declares other actions, entities, roles or data than the one that decides: what the history holds would mean
    /// something else. It wants an engine of its own.
    OtherDeclarations,
    /// It lacks data.
    NoData(NoData),
    /// It says otherwise whether a request may tell of entities (`[entities] from`), and the engine reads requests as the
    /// first policy says.
    OtherEntities,
}

impl fmt::Display for NotLoaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotLoaded::OtherDeclarations => write!(f, "{}; make an engine of its own for it", vm::OtherDeclarations),
            NotLoaded::NoData(none) => none.fmt(f),
            NotLoaded::OtherEntities => f.write_str(
                "the package says otherwise than the one that is loaded whether requests tell of entities \
                 (`[entities] from`); make an engine of its own for it",
            ),
        }
    }
}

impl std::error::Error for NotLoaded {}

impl Engine {
    /// Over a new history in memory, with the usual bounds and settings: a million records, for all time. Refused where
    /// the policy declares data that nobody supplied.
    pub fn new(policy: &Policy) -> Result<Engine, NoData> {
        Engine::over(MemoryHistory::new(Bounds::default()), policy, Settings::usual())
    }
}

impl<H: History> Engine<H> {
    /// Over that history.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::history::{Bounds, MemoryHistory};
    /// use ordain::{Engine, Policy, Settings};
    ///
    /// let policy = Policy::compile_text("action look\npolicy desk { rule all on look { permit } }")?;
    /// let history = MemoryHistory::new(Bounds { max_records: 100_000, ..Bounds::default() });
    /// let engine = Engine::over(history, &policy, Settings::usual())?;
    /// assert_eq!(engine.policy_digest(), policy.digest());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn over(history: H, policy: &Policy, settings: Settings) -> Result<Engine<H>, NoData> {
        policy.ready()?;
        let Settings { on_permit, max_keys, explain } = settings;
        let options = vm::Options { on_permit, max_keys, say: explain };
        let of = vm::Engine::new(policy.of.program.clone(), policy.of.data.clone(), history, options);
        Ok(Engine { of, first: policy.clone() })
    }

    /// One thread's access. To make one costs little; to keep it saves making its registers again.
    pub fn worker(&self) -> Worker<'_, H> {
        Worker::new(self)
    }

    /// Takes another policy into use, over the same history, while threads go on deciding: what has not been recorded yet
    /// is decided again, by the new one. What happened before counts for it, too. Each [`Outcome`] names the policy that
    /// it was decided by. The data of `policy` replace those of the one before. Entities are not replaced: requests go on
    /// with those of the first policy, unless they are given a [`Store`](crate::Store).
    pub fn load(&self, policy: &Policy) -> Result<(), NotLoaded> {
        policy.ready().map_err(NotLoaded::NoData)?;
        if policy.program().made.from_request != self.first.program().made.from_request {
            return Err(NotLoaded::OtherEntities);
        }
        let loaded = self.of.load(policy.of.program.clone(), policy.of.data.clone());
        loaded.map_err(|vm::OtherDeclarations| NotLoaded::OtherDeclarations)
    }

    /// From here on that data has this value; what was recorded before keeps the one it was decided with.
    pub fn set_data(&self, name: &str, value: impl Into<Json>) -> Result<(), DataError> {
        let (at, value) = self.first.data_value(name, &value.into())?;
        self.of.set_data(at, value);
        Ok(())
    }

    /// The session is over, and what was kept under it goes. A later request with its name begins a new one.
    pub fn end_session(&self, session: &str) {
        self.of.end_session(session);
    }

    /// The digest of the policy that decides now. Another may, by the time that this is read.
    pub fn policy_digest(&self) -> Digest {
        self.of.loaded().program.verified.digest()
    }

    /// The policies that decide now.
    pub fn versions(&self) -> Vec<Version> {
        let loaded = self.of.loaded();
        let program = loaded.program.verified.program();
        (0..program.policies.len() as u32).filter_map(|at| Version::of(program, at)).collect()
    }

    /// A request, put together piece by piece. It serves whichever policy is loaded when it is decided.
    pub fn request(&self, action: impl Into<String>) -> RequestBuilder<'_> {
        self.first.request(action)
    }

    /// The policy with which it began: what it declares, all that are loaded later do.
    pub fn first_policy(&self) -> &Policy {
        &self.first
    }

    /// What happened before.
    pub fn history(&self) -> &H {
        self.of.history()
    }
}

impl<H: History> fmt::Debug for Engine<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("policy", &self.policy_digest()).finish_non_exhaustive()
    }
}
