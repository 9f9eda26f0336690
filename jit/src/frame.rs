//! What machine code is given, and what it calls.

use ordain_vm::fault::Fault;
use ordain_vm::interp::{Machine, Went};
use ordain_vm::op::Stance;
use ordain_vm::program::Place;
use std::ffi::c_void;

/// What machine code reads: laid out as C does, since it goes by offsets.
#[repr(C)]
pub struct Frame {
    pub machine: *mut c_void,
    pub words: *mut i64,
    pub wides: *mut i128,
    pub bits: *mut u64,
    pub touched: *mut u64,
    pub texts: [Text; TEXTS],
}

/// A text of the request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub start: *const u8,
    pub length: usize,
}

/// So many texts of a request are compared by machine code; those behind are left to the interpreter's instructions.
pub const TEXTS: usize = 24;

/// Gives `ENDED`, or `OUT` where a fault was handled nowhere.
pub type Entry = unsafe extern "C" fn(*mut Frame) -> i64;

/// The function has ended.
pub const ENDED: i64 = -1;
/// A fault is handled nowhere.
pub const OUT: i64 = -2;
/// Of an instruction: on behind it. Everything that is not negative is the number of the instruction at which to go on.
pub const ON: i64 = -3;

/// Runs the code of the machine's function.
///
/// # Safety
///
/// The code must have been made of that function, and the bits laid for its action (`Found::begin`).
pub unsafe fn enter(entry: Entry, machine: &mut Machine<'_, '_>) -> Result<(), (Fault, Place)> {
    let mut texts = [Text { start: std::ptr::null(), length: 0 }; TEXTS];
    for (to, text) in texts.iter_mut().zip(machine.texts()) {
        *to = Text { start: text.as_ptr(), length: text.len() };
    }
    let raw = machine.raw();
    let mut frame = Frame {
        machine: std::ptr::from_mut(machine).cast(),
        words: raw.words,
        wides: raw.wides,
        bits: raw.bits,
        touched: raw.touched,
        texts,
    };
    // SAFETY: the code was made of the function that the machine runs, whose registers and bits are as many as verified.
    // They and the texts stay where they are while it runs.
    match unsafe { entry(&mut frame) } {
        ENDED => Ok(()),
        _ => Err(machine.fault_and_place()),
    }
}

/// One instruction, by the interpreter. This and what follows is called by machine code alone, with what [`enter`] gave it.
pub unsafe extern "C" fn step(machine: *mut c_void, at: u64) -> i64 {
    // SAFETY: machine code gives what `enter` gave it; nobody else uses the machine meanwhile.
    let machine = unsafe { &mut *machine.cast::<Machine<'_, '_>>() };
    went(machine.step_at(at as u32))
}

/// An instruction has failed: its code is the place in [`FAULTS`].
pub unsafe extern "C" fn fail(machine: *mut c_void, at: u64, fault: u64) -> i64 {
    // SAFETY: as in `step`.
    let machine = unsafe { &mut *machine.cast::<Machine<'_, '_>>() };
    let fault = FAULTS.get(fault as usize).cloned().unwrap_or(Fault::Outside);
    went(machine.fail(at as u32, fault))
}

/// Faults that machine code finds by itself.
const FAULTS: [Fault; 2] = [Fault::Overflow, Fault::Outside];
pub const OVERFLOW: u64 = 0;
pub const OUTSIDE: u64 = 1;

/// A rule says that: the place in [`STANCES`].
pub unsafe extern "C" fn stand(machine: *mut c_void, rule: u64, stance: u64) -> i64 {
    // SAFETY: as in `step`.
    let machine = unsafe { &mut *machine.cast::<Machine<'_, '_>>() };
    // Each has its number. Of another, a denial is what permits nothing.
    machine.stand(rule as u32, STANCES.get(stance as usize).copied().unwrap_or(Stance::Denial));
    ON
}

/// What rules say, by number.
const STANCES: [Stance; 7] =
    [Stance::Grant, Stance::ConditionalGrant, Stance::Gate, Stance::Met, Stance::Denial, Stance::Lift, Stance::Duties];

/// The place in [`STANCES`], which each has.
pub fn stance_number(stance: Stance) -> u32 {
    match stance {
        Stance::Grant => 0,
        Stance::ConditionalGrant => 1,
        Stance::Gate => 2,
        Stance::Met => 3,
        Stance::Denial => 4,
        Stance::Lift => 5,
        Stance::Duties => 6,
    }
}

/// A requirement of the rule failed.
pub unsafe extern "C" fn lack(machine: *mut c_void, rule: u64, requirement: u64) -> i64 {
    // SAFETY: as in `step`.
    let machine = unsafe { &mut *machine.cast::<Machine<'_, '_>>() };
    machine.lack(rule as u32, requirement as u32);
    ON
}

/// 1 where the text is in that set of the program.
pub unsafe extern "C" fn text_in(machine: *mut c_void, start: *const u8, length: u64, set: u64) -> u64 {
    // SAFETY: as in `step`; and the text is one of `Frame::texts`, which `enter` has made of a `&str`.
    let (machine, text) = unsafe {
        let bytes = std::slice::from_raw_parts(start, length as usize);
        (&*machine.cast::<Machine<'_, '_>>(), std::str::from_utf8_unchecked(bytes))
    };
    u64::from(machine.verified().text_in(set as u32, text))
}

/// 1 where the word is in that set of the program.
pub unsafe extern "C" fn word_in(machine: *mut c_void, word: i64, set: u64) -> u64 {
    // SAFETY: as in `step`.
    let machine = unsafe { &*machine.cast::<Machine<'_, '_>>() };
    u64::from(machine.verified().word_in(set as u32, word))
}

fn went(went: Went) -> i64 {
    match went {
        Went::On => ON,
        Went::To(at) => i64::from(at),
        Went::End => ENDED,
        Went::Out => OUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rules_say_has_a_number_each() {
        for (number, stance) in STANCES.into_iter().enumerate() {
            assert_eq!(stance_number(stance) as usize, number);
        }
    }
}
