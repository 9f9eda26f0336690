//! `Frame`: what one thread decides with. Registers and lists are made once and used again, so that a decision allocates
//! nothing, save for texts, lists and records that a rule makes on its way.

use crate::decide::{Decision, conclude};
use crate::fault::Fault;
use crate::interp::{Around, Machine, Run};
use crate::program::Place;
use crate::request::slots::{Banks, Layout};

/// For decisions of any program; it is fastest with the one that it was used for last.
#[derive(Debug)]
pub struct Frame {
    /// The number of the program whose registers these are.
    of: u64,
    /// By function, made where it is first run.
    banks: Vec<Option<Banks<'static>>>,
    decision: Decision,
}

impl Default for Frame {
    fn default() -> Frame {
        Frame { of: 0, banks: vec![], decision: Decision::none() }
    }
}

impl Frame {
    pub fn new() -> Frame {
        Frame::default()
    }

    /// Decides a request; the answer stands until the next one. Of a request that is bound to another program, or that
    /// lacks a value, it is a denial of nothing, which ended in a fault.
    pub fn decide(&mut self, run: &dyn Run, around: &Around<'_>) -> &Decision {
        let (verified, request) = (around.verified, around.request);
        let action = request.action();
        let bound = request.program().is_none_or(|of| of == verified.number());
        let Some(layout) = verified.layout_of(action).filter(|layout| bound && request.is_of(layout)) else {
            self.decision = Decision::none();
            let wanted = match bound {
                true => "of a request that has a value for each field",
                false => "of a request that is bound to this program",
            };
            self.decision.found.ended = Some((Fault::Form(wanted), Place::default()));
            return &self.decision;
        };
        self.decision.found.begin(verified, action);
        verified.speaking(action, request.time(), &mut self.decision.found.speaking);
        let whole = self.run(run, layout, around);
        conclude(verified, action, whole, &mut self.decision);
        &self.decision
    }

    fn run(&mut self, run: &dyn Run, layout: &Layout, around: &Around<'_>) -> Result<(), (Fault, Place)> {
        let (verified, request) = (around.verified, around.request);
        let program = verified.program();
        let number = program.actions[request.action()].function;
        let function = &program.functions[number as usize];
        if self.of != verified.number() {
            self.of = verified.number();
            self.banks.clear();
            self.banks.resize(program.functions.len(), None);
        }
        let held = &mut self.banks[number as usize];
        let mut banks = match held.take() {
            Some(banks) => banks,
            None => Banks::new(&layout.registers, function).reading(verified.read(number)),
        };
        layout.begin(request.time(), around.id, around.asked, &mut banks);
        request.fill(layout, &mut banks);
        let outcome = run.run(&mut Machine::new(number, &mut banks, around, &mut self.decision.found));
        banks.clear(function);
        *held = Some(banks.lent());
        outcome
    }
}
