//! A record in one of its states to what it adds to a program's accumulators. Engines ask for it where something is
//! recorded, and for all records where a program is loaded.

use crate::history::{AccumulatorId, AccumulatorSpec, Aggregate, Contributions, EntryState, Kept, Record, Recording};
use crate::interp::{Around, Found, Interpreter, Machine, Past, Run};
use crate::program::{Accumulator, Enters, Function};
use crate::request::Request;
use crate::request::slots::Banks;
use crate::value::Value;
use crate::verify::Verified;
use std::sync::Arc;

/// The registers that entries are worked out in, used again from one to the next. It is fastest with the program that it
/// was used for last.
#[derive(Debug, Default)]
pub struct Entering {
    /// The number of the program whose registers these are.
    of: u64,
    /// By function, made where it is first run.
    banks: Vec<Option<Banks<'static>>>,
}

/// A record as it stands in a state.
#[derive(Clone, Copy)]
pub struct Moment<'r> {
    pub state: EntryState,
    pub id: &'r str,
    pub request: &'r Request,
    /// The data of then.
    pub data: &'r [Value],
    /// What it brought back.
    pub result: Option<&'r Value>,
    /// What the conditions of a limit read of the past, where they do.
    pub past: Option<Past<'r>>,
}

/// What a history keeps for the program; each of at most `max_keys` keys.
pub fn specs(verified: &Verified, max_keys: usize) -> Vec<AccumulatorSpec> {
    let spec = |accumulator: &Accumulator| AccumulatorSpec {
        aggregate: accumulator.aggregate.clone(),
        state: accumulator.state,
        horizon: accumulator.horizon,
        max_keys,
    };
    verified.program().accumulators.iter().map(spec).collect()
}

/// What `History::load` fills the accumulators of a program with. Conditions of limits that read the past can't be looked
/// at again: what happened was another past then.
pub fn fill(verified: &Verified) -> impl FnMut(&Record, EntryState, &Recording, &mut Contributions) + '_ {
    let mut entering = Entering::default();
    move |record, state, recording, into| {
        let moment = Moment {
            state,
            id: &record.id,
            request: &recording.request,
            data: &recording.data,
            result: record.result.as_ref(),
            past: None,
        };
        contribute(verified, &moment, &mut entering, into);
    }
}

/// Adds what the moment adds to each accumulator of its state.
pub fn contribute(verified: &Verified, moment: &Moment<'_>, entering: &mut Entering, into: &mut Contributions) {
    let program = verified.program();
    if entering.of != verified.number() {
        entering.of = verified.number();
        entering.banks.clear();
        entering.banks.resize(program.functions.len(), None);
    }
    for (accumulator, function) in verified.entries(moment.request.action) {
        let spec = &program.accumulators[*accumulator as usize];
        let session = moment.request.context.session.as_ref().filter(|_| spec.of_session);
        // What has no session is in none.
        if spec.state != moment.state || (spec.of_session && session.is_none()) {
            continue;
        }
        let number = *function;
        let function = &program.functions[number as usize];
        let Some(enters) = function.enters else { continue };
        let entry = Entry { verified, number, function, enters, moment };
        let held = entering.banks[number as usize].take();
        let mut banks = held.unwrap_or_else(|| entry.banks());
        entry.add(AccumulatorId(*accumulator), &spec.aggregate, session, &mut banks, into);
        banks.clear(function);
        entering.banks[number as usize] = Some(banks.lent());
    }
}

struct Entry<'e> {
    verified: &'e Verified,
    number: u32,
    function: &'e Function,
    enters: Enters,
    moment: &'e Moment<'e>,
}

impl<'e> Entry<'e> {
    fn banks(&self) -> Banks<'e> {
        let layout = self.verified.layout(self.moment.request.action);
        Banks::new(&layout.registers, self.function).reading(self.verified.read(self.number))
    }

    fn add(
        &self,
        accumulator: AccumulatorId,
        aggregate: &Aggregate,
        session: Option<&Arc<str>>,
        banks: &mut Banks<'e>,
        into: &mut Contributions,
    ) {
        let (enters, moment) = (self.enters, self.moment);
        let layout = self.verified.layout(moment.request.action);
        let time = moment.request.context.time;
        layout.begin(time, moment.id, time, banks);
        layout.fill(moment.request, banks);
        banks.values[enters.result.index()] = moment.result.cloned().unwrap_or(Value::Missing);
        let around = Around {
            verified: self.verified,
            data: moment.data,
            request: moment.request,
            id: moment.id,
            asked: time,
            given: &[],
            approver: None,
            past: moment.past,
        };
        let mut found = Found::default();
        let outcome = Interpreter.run(&mut Machine::new(self.number, banks, &around, &mut found));
        let (stage, count) = (banks.words[enters.stage.index()], i64::from(enters.count));
        let (first, values) = (enters.first.index(), &banks.values);
        let keys = |known: i64| values[first..first + known.clamp(0, count) as usize].iter().cloned();
        match outcome {
            Ok(()) if stage <= count => {}
            Ok(()) => {
                let kept = match aggregate {
                    Aggregate::Count => Kept::Nothing,
                    _ => Kept::Value(values[enters.kept.index()].clone()),
                };
                into.add(accumulator, session, keys(count), kept);
            }
            Err((fault, _)) if stage < count => into.add_open(accumulator, session, keys(stage), fault),
            Err((fault, _)) => {
                let kept = if stage == count { Kept::Erred(fault) } else { Kept::ValueErred(fault) };
                into.add(accumulator, session, keys(count), kept);
            }
        }
    }
}
