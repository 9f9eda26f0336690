//! What a program keeps and reads of the past: accumulators, the functions that fill them, and readings.

use super::{Checker, Refusal};
use crate::history::Aggregate;
use crate::program::{Enters, Program, Registers, Window};

/// Gives, by action, the accumulators that it adds to, and by which function.
pub(super) fn tables(program: &Program) -> Result<Vec<Vec<(u32, u32)>>, Refusal> {
    let missing = |what, number| Refusal::Missing { what, number, function: None, at: None };
    let table = |why, number| Refusal::Table { why, number };
    let mut entries: Vec<Vec<(u32, u32)>> = vec![vec![]; program.schema.actions.len()];
    for (number, accumulator) in program.accumulators.iter().enumerate() {
        let number = number as u32;
        if let Aggregate::Sum { nothing } = &accumulator.aggregate
            && !program.schema.holds(nothing)
        {
            return Err(table("the sum of nothing is of nothing in the schema", number));
        }
        for of in &accumulator.entries {
            let function = program.functions.get(*of as usize).ok_or(missing("function", *of))?;
            let decides = program.actions.iter().any(|action| action.function == *of);
            if decides || function.enters.is_none_or(|enters| enters.count != accumulator.keys) {
                return Err(table("a function says nothing of an entry, or of another key", *of));
            }
            let action = entries.get_mut(function.action as usize).ok_or(missing("action", function.action))?;
            if action.iter().any(|(other, _)| *other == number) {
                return Err(table("two functions say what one action adds", number));
            }
            action.push((number, *of));
        }
    }
    for (number, reading) in program.readings.iter().enumerate() {
        let accumulator = program.accumulators.get(reading.accumulator as usize);
        let accumulator = accumulator.ok_or(missing("accumulator", reading.accumulator))?;
        if !reading.what.is_of(&accumulator.aggregate) {
            return Err(table("a reading asks for what is not kept", number as u32));
        }
        if (reading.window == Window::Session) != accumulator.of_session {
            return Err(table("a reading asks for a session where none is kept, or for none", number as u32));
        }
    }
    Ok(entries)
}

impl Checker<'_> {
    /// It asks with as many values as the keys have.
    pub(super) fn key(&self, accumulator: u32, count: u32, at: u32) -> Result<(), Refusal> {
        match &self.program.accumulators[accumulator as usize] {
            accumulator if accumulator.keys == count => Ok(()),
            _ => Err(self.wrong("asks with another number of keys", at)),
        }
    }

    /// The registers in which the function leaves what it says are ones that it works with.
    pub(super) fn enters(&self, enters: Enters, all: Registers, work: Registers) -> Result<(), Refusal> {
        let word = |at: u32| (work.words..all.words).contains(&at);
        let value = |at: u32| (work.values..all.values).contains(&at);
        let end = enters.first.0.checked_add(enters.count);
        let row = enters.first.0 >= work.values && end.is_some_and(|end| end <= all.values);
        match word(enters.stage.0) && value(enters.kept.0) && value(enters.result.0) && row {
            true => Ok(()),
            false => Err(self.missing("register of an entry", enters.stage.0, 0)),
        }
    }
}
