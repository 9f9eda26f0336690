//! Readings of the past: the instructions of a program to what a history answers.

use super::Machine;
use crate::fault::Fault;
use crate::history::{AccumulatorId, Ask, History, Place, Reading as Asked, Seen};
use crate::program::{Reading, What, Window};
use crate::value::{Instant, Value};
use std::cell::RefCell;

/// A history, and what a decision has seen of it, which was begun with `History::open`.
#[derive(Clone, Copy)]
pub struct Past<'r> {
    pub history: &'r dyn History,
    pub seen: &'r RefCell<Seen>,
    /// That of the request.
    pub session: Option<&'r str>,
}

impl Machine<'_, '_> {
    /// `began`: where the window begins, as its kind says it.
    pub(super) fn past(
        &self,
        reading: &Reading,
        key: &[Value],
        began: (i64, i64),
        like: &Value,
    ) -> Result<Value, Fault> {
        let session = match reading.window {
            Window::Session => {
                let past = self.around.past.ok_or(Fault::HistoryIncomplete)?;
                Some(past.session.ok_or(Fault::NoSession)?)
            }
            Window::From | Window::Behind | Window::Ever => None,
        };
        let ask = Ask {
            accumulator: AccumulatorId(reading.accumulator),
            session,
            key,
            first: (reading.window == Window::From).then_some(Instant(began.0)),
            after: match reading.window {
                Window::Behind if began.1 > 0 => Some(Place { time: Instant(began.0), order: began.1 as u64 }),
                Window::From | Window::Behind | Window::Session | Window::Ever => None,
            },
            most: reading.most,
        };
        let asked = match reading.what {
            What::Any => Asked::Any,
            What::Count => Asked::Count,
            What::Sum => Asked::Sum,
            What::Average => Asked::Average,
            What::Min => Asked::Min,
            What::Max => Asked::Max,
            What::Distinct => Asked::Distinct,
            What::Holds => Asked::Holds(like),
            What::All => Asked::All(like),
            What::Newest => Asked::Newest,
            What::Oldest => Asked::Oldest,
        };
        self.look(|history, seen| history.read(&ask, asked, seen))
    }

    pub(super) fn newest(&self, accumulator: u32, key: &[Value]) -> Result<Option<Place>, Fault> {
        let accumulator = AccumulatorId(accumulator);
        let ask = Ask { accumulator, session: None, key, first: None, after: None, most: None };
        self.look(|history, seen| history.newest_place(&ask, seen))
    }

    fn look<T>(&self, read: impl FnOnce(&dyn History, &mut Seen) -> Result<T, Fault>) -> Result<T, Fault> {
        let past = self.around.past.ok_or(Fault::HistoryIncomplete)?;
        // A history does not run programs, so that nobody else looks meanwhile.
        let mut seen = past.seen.try_borrow_mut().map_err(|_| Fault::HistoryIncomplete)?;
        read(past.history, &mut seen)
    }
}
