//! `Worker`: what one thread asks an engine with.

use super::{Engine, Outcome, Receipt, Refused};
use crate::json::Json;
use crate::{Approval, Instant, NotAsked, Request, Snapshot};
use ordain_vm::answer::Answer;
use ordain_vm::engine::Work;
use ordain_vm::history::{History, MemoryHistory};
use ordain_vm::request::{InputError, Line, Malformed};
use std::fmt;

/// One thread's access to an [`Engine`]. What it needs for a decision is made once, and used again and again.
pub struct Worker<'e, H: History = MemoryHistory> {
    engine: &'e Engine<H>,
    work: Work,
}

impl<H: History> fmt::Debug for Worker<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("engine", self.engine).finish_non_exhaustive()
    }
}

impl<'e, H: History> Worker<'e, H> {
    pub(crate) fn new(engine: &'e Engine<H>) -> Worker<'e, H> {
        Worker { engine, work: Work::default() }
    }

    /// The engine that it asks.
    pub fn engine(&self) -> &'e Engine<H> {
        self.engine
    }

    /// Decides a request, or an event, and records it. An event is never refused: it has happened.
    ///
    /// The history denies by itself a request whose time is before the latest that it knows, an id that comes back with
    /// another content or was performed already, and whatever is new once it is full.
    pub fn decide(&mut self, request: &Request) -> Outcome {
        if request.declares != self.engine.first_policy().of.declares {
            return Outcome::stranger(request);
        }
        let of = vm_request(request);
        let line = if request.event { Line::Event(of) } else { Line::Request(of) };
        Outcome::of(self.engine.of.answer(line, &mut self.work), request)
    }

    /// The request was carried out, whoever permitted it, at the time that it names. An id that counts already counts once.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::history::MemoryHistory;
    /// use ordain::{Engine, Instant, OnPermit, Policy, Settings};
    ///
    /// let text = "action pay { n: int }\npolicy desk { rule all on pay { permit }  limit l on pay { count ever at most 1 } }";
    /// let policy = Policy::compile_text(text)?;
    /// let settings = Settings { on_permit: OnPermit::Reserve, ..Settings::usual() };
    /// let engine = Engine::over(MemoryHistory::default(), &policy, settings)?;
    /// let mut worker = engine.worker();
    /// let pay = |id| policy.request("pay").arg("n", 1).time(Instant(0)).id(id).build();
    ///
    /// let permit = worker.decide(&pay("r-1")?).permitted()?;
    /// assert!(worker.decide(&pay("r-2")?).permitted().is_err(), "the one that there is is reserved");
    /// worker.failed(permit.id())?;
    /// let permit = worker.decide(&pay("r-2")?).permitted()?;
    /// let receipt = worker.performed(&pay("r-2")?)?;
    /// assert_eq!((receipt.id(), receipt.warnings().len()), (permit.id(), 0));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn performed(&mut self, request: &Request) -> Result<Receipt, Refused> {
        if request.declares != self.engine.first_policy().of.declares || request.event {
            return Err(Refused::stranger(request));
        }
        self.record(Line::Performed(vm_request(request)))
    }

    /// What a request brought back, in the form that it has in JSON; so it was performed.
    pub fn returned(&mut self, id: &str, value: impl Into<Json>) -> Result<Receipt, Refused> {
        self.record(Line::Result { id: id.into(), returns: value.into() })
    }

    /// It was tried, and failed: it counts for nothing any more.
    pub fn failed(&mut self, id: &str) -> Result<Receipt, Refused> {
        self.record(Line::Failed(id.into()))
    }

    /// It was permitted, and is not done: it counts for nothing any more.
    pub fn abandoned(&mut self, id: &str) -> Result<Receipt, Refused> {
        self.record(Line::Abandoned(id.into()))
    }

    /// Someone approved, or waived: whoever asks again sees it. The host has verified it. Refused is an approval that was
    /// made for other declarations, and a waiver of what may not be waived.
    pub fn approved(&mut self, approval: Approval) -> Result<Receipt, Refused> {
        let first = self.engine.first_policy();
        if approval.declares != first.of.declares {
            return Err(Refused::of_another(approval.request_digest()));
        }
        if let Some(rule) = approval.of.waives.as_ref().filter(|rule| !first.schema().waivable.contains(rule)) {
            return Err(Refused::no_waiver(approval.request_digest(), rule));
        }
        self.record(Line::Approved(approval.of))
    }

    /// A line of JSON: a request, an event or a record. The answer is what `ordain replay` says, and serializes to it; what
    /// can't be read is denied. `store`: what is known of entities, where that is not what the package brings. `now`: the
    /// time of a line that has none.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::answer::Answer;
    /// use ordain::{Engine, Policy};
    ///
    /// let policy = Policy::compile_text("action look\npolicy desk { rule all on look { permit } }")?;
    /// let engine = Engine::new(&policy)?;
    /// let line = br#"{"action": {"name": "look"}, "context": {"time": "2026-03-03T15:00:00Z", "id": "r-1"}}"#;
    /// let Answer::Decision(decided) = engine.worker().answer(line, None, None) else { return Err("no decision".into()) };
    /// assert!(decided.decision);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer(&mut self, json: &[u8], store: Option<&Snapshot>, now: Option<Instant>) -> Answer {
        if store.is_some_and(|store| !store.is_of(&self.engine.first_policy().of.program.verified)) {
            let message = format!("{}: make it by `Policy::store`.", NotAsked::OtherStore);
            return Answer::malformed(InputError::new("E0614", "", message).into());
        }
        match self.read(json, store, now) {
            Ok(line) => self.engine.of.tell(line, &mut self.work),
            Err(malformed) => Answer::malformed(malformed),
        }
    }

    fn read(&self, json: &[u8], store: Option<&Snapshot>, now: Option<Instant>) -> Result<Line, Malformed> {
        self.engine.first_policy().reader(store, now).line(json)
    }

    fn record(&mut self, line: Line) -> Result<Receipt, Refused> {
        Receipt::of(self.engine.of.answer(line, &mut self.work))
    }
}

fn vm_request(request: &Request) -> ordain_vm::request::Request {
    ordain_vm::request::Request::clone(&request.of)
}
