//! Conditions that several rules share: the first rule that asks works the value out, the others find it.
//!
//! Two conditions are the same where they became the same instructions. Those read nothing but the request and constants,
//! so that their value is the same wherever they run. One that erred is not kept: the next rule errs by itself, at its own
//! place in the text.

use super::{Body, CONSTANTS};
use ordain_vm::op::{Arith, Gathered, Label, Op, Use, Val, Visit, Wide, Word};
use ordain_vm::program::Registers;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// What is shared has registers that are set anew for each request: so many conditions of a function may be.
const MOST: usize = 64;
/// What a condition costs at least to be shared; to ask whether it is known already costs about three.
const LEAST: u32 = 6;

/// Conditions of a function while it is written.
#[derive(Default)]
pub(super) struct Conditions {
    /// Of the rule at hand.
    open: Vec<Written>,
    /// Of the rules before it, each with where its rule ends, by the first that became these instructions.
    same: Vec<(u32, Vec<(Written, u32)>)>,
    known: FxHashMap<Vec<Op>, usize>,
}

/// Where a condition begins.
pub(in crate::emit) struct Begun {
    from: u32,
    labels: usize,
    work: Registers,
    /// Regions, watched stretches and selections that there were.
    others: [usize; 3],
}

/// A condition as it was written.
struct Written {
    ops: Range<u32>,
    labels: Range<usize>,
    /// What was given out before and behind it.
    work: [Registers; 2],
    /// Its value.
    of: Word,
}

impl Body {
    pub fn begin_condition(&self) -> Begun {
        let others = [self.regions.len(), self.watched.len(), self.selections.len()];
        Begun { from: self.len(), labels: self.labels.len(), work: self.work, others }
    }

    /// Its value is in that word.
    pub fn end_condition(&mut self, begun: Begun, of: Word) {
        let own = self.given.words + begun.work.words..self.given.words + self.work.words;
        let others = [self.regions.len(), self.watched.len(), self.selections.len()];
        if own.contains(&of.0) && others == begun.others {
            self.conditions.open.push(Written {
                ops: begun.from..self.len(),
                labels: begun.labels..self.labels.len(),
                work: [begun.work, self.work],
                of,
            });
        }
    }

    /// The rule at hand is written, in whole or not.
    pub fn end_rule(&mut self, whole: bool) {
        let (mut open, end) = (std::mem::take(&mut self.conditions.open), self.len());
        if !whole {
            open.clear();
        }
        let alone = self.read_elsewhere(&open);
        for (written, alone) in open.into_iter().zip(alone) {
            let ops = &self.ops[written.ops.start as usize..written.ops.end as usize];
            let weight = ops.iter().map(weight).sum();
            if alone || weight < LEAST {
                continue;
            }
            if let Some(code) = self.code(&written) {
                let Conditions { same, known, .. } = &mut self.conditions;
                let at = *known.entry(code).or_insert(same.len());
                if at == same.len() {
                    same.push((weight, vec![]));
                }
                same[at].1.push((written, end));
            }
        }
    }

    /// Of which conditions something besides the value is read behind them, or the value is written there.
    fn read_elsewhere(&mut self, open: &[Written]) -> Vec<bool> {
        let mut looking = Looking { given: self.given, open, at: 0, alone: vec![false; open.len()] };
        let Some(first) = open.first() else { return looking.alone };
        for (at, op) in self.ops.iter_mut().enumerate().skip(first.ops.start as usize) {
            looking.at = at as u32;
            op.visit(&mut looking);
            if let Some((first, count)) = op.row() {
                (first.0..first.0 + count).for_each(|at| looking.val(Use::Read, &mut Val(at)));
            }
        }
        looking.alone
    }

    /// The instructions as they would be in a function of their own, and behind them where their labels stand. Nothing
    /// where they lean on what stands before them.
    fn code(&self, written: &Written) -> Option<Vec<Op>> {
        let ops = &self.ops[written.ops.start as usize..written.ops.end as usize];
        let [before, _] = written.work;
        let mut moving = Moving { given: self.given, before, labels: &written.labels, alone: true };
        let mut code = ops.to_vec();
        code.iter_mut().for_each(|op| op.visit(&mut moving));
        let alone = moving.alone && !ops.iter().any(says);
        let mut of = written.of;
        moving.word(Use::Read, &mut of);
        code.push(Op::MoveWord { to: of, of });
        for label in written.labels.clone() {
            let at = self.labels[label];
            let inside = (written.ops.start..=written.ops.end).contains(&at);
            // One that nothing goes to is bound nowhere.
            code.push(Op::Jump { label: Label(if inside { at - written.ops.start } else { u32::MAX }) });
        }
        alone.then_some(code)
    }

    /// Has what conditions share worked out once. The last that is done while the function is written.
    pub(super) fn share(&mut self) {
        let mut same = std::mem::take(&mut self.conditions).same;
        same.retain(|(_, written)| written.len() > 1);
        // The dearest first; of the same cost, in the order of the text.
        same.sort_by_key(|(weight, written)| std::cmp::Reverse(*weight as usize * (written.len() - 1)));
        same.truncate(MOST);
        if same.is_empty() {
            return;
        }
        let (zero, one) = (self.const_word(0), self.const_word(1));
        let mut put: Vec<(u32, Put)> = vec![];
        let mut start = vec![];
        for (_, written) in same {
            let (known, value) = (self.word_of_all(), self.word_of_all());
            start.push(Op::MoveWord { to: known, of: zero });
            for (at, (written, rule_ends)) in written.into_iter().enumerate() {
                let ops = &mut self.ops[written.ops.start as usize..rule_ends as usize];
                ops.iter_mut().for_each(|op| op.visit(&mut Renaming { from: written.of, to: value }));
                let label = self.label();
                // Before the first nobody has asked: all rules go on forwards.
                if at > 0 {
                    put.push((written.ops.start, Put::Ask(known, label)));
                }
                put.push((written.ops.end, Put::Tell(known, label)));
            }
        }
        // One that ends where another begins stands before it.
        put.sort_by_key(|(at, put)| (*at, matches!(put, Put::Ask(..))));
        self.move_on(start, &put, one);
    }

    /// A word that no rule gives back.
    fn word_of_all(&mut self) -> Word {
        self.most.words += 1;
        Word(self.given.words + self.most.words - 1)
    }

    /// Puts these in at the start and at their places, and moves what is told by place.
    fn move_on(&mut self, start: Vec<Op>, put: &[(u32, Put)], one: Word) {
        let before = start.len() as u32;
        // What goes to a place goes to what was put in there.
        let moved = |at: u32| at + before + put.partition_point(|(of, _)| *of < at) as u32;
        let labels = self.labels.iter_mut().filter(|label| **label != u32::MAX);
        labels.for_each(|label| *label = moved(*label));
        for region in &mut self.regions {
            (region.from, region.to) = (moved(region.from), moved(region.to));
        }
        for watched in &mut self.watched {
            (watched.from, watched.to) = (moved(watched.from), moved(watched.to));
        }
        let (ops, places) = (std::mem::take(&mut self.ops), std::mem::take(&mut self.places));
        self.places = vec![places.first().copied().unwrap_or_default(); start.len()];
        self.ops = start;
        let mut put = put.iter().peekable();
        for (at, (op, place)) in (0..).zip(ops.into_iter().zip(places)) {
            while let Some((_, put)) = put.next_if(|(of, _)| *of == at) {
                match put {
                    Put::Ask(known, label) => self.ops.push(Op::JumpIf { of: *known, label: *label }),
                    Put::Tell(known, label) => {
                        self.ops.push(Op::MoveWord { to: *known, of: one });
                        self.labels[label.index()] = self.ops.len() as u32;
                    }
                }
                self.places.push(place);
            }
            self.ops.push(op);
            self.places.push(place);
        }
    }
}

enum Put {
    /// Whether it is known: then on at the label.
    Ask(Word, Label),
    /// It is, from here on.
    Tell(Word, Label),
}

/// About how much an instruction costs beside a sum of words.
fn weight(op: &Op) -> u32 {
    match op {
        Op::Jump { .. }
        | Op::JumpIf { .. }
        | Op::JumpIfNot { .. }
        | Op::MoveWord { .. }
        | Op::MoveWide { .. }
        | Op::CompareWords { .. }
        | Op::CompareWides { .. }
        | Op::Words { .. }
        | Op::NegateWord { .. }
        | Op::NegateWide { .. }
        | Op::Not { .. }
        | Op::Widen { .. }
        | Op::Sure { .. }
        | Op::Present { .. }
        | Op::IsMissing { .. }
        | Op::ValueWord { .. }
        | Op::ValueWide { .. } => 1,
        Op::Wides { how: Arith::Add | Arith::Subtract, .. } => 1,
        Op::CompareTexts { .. } | Op::WordIn { .. } => 3,
        _ => LEAST,
    }
}

/// It says something of a rule, or of the decision.
fn says(op: &Op) -> bool {
    matches!(
        op,
        Op::Seen { .. }
            | Op::Stand { .. }
            | Op::Err { .. }
            | Op::Cross { .. }
            | Op::Unsay { .. }
            | Op::Lack { .. }
            | Op::Approvals { .. }
            | Op::Otherwise { .. }
            | Op::OtherwiseErr { .. }
            | Op::InForce { .. }
            | Op::FaultWord { .. }
            | Op::Fail {}
            | Op::Return {}
            | Op::SelectText { .. }
            | Op::SelectWord { .. }
            | Op::Next { .. }
    )
}

/// Finds what is read of a condition's registers behind it.
struct Looking<'w> {
    given: Registers,
    /// Their registers lie one behind the other.
    open: &'w [Written],
    at: u32,
    alone: Vec<bool>,
}

impl Looking<'_> {
    fn look(&mut self, of: impl Fn(&Registers) -> u32, at: u32, value: impl Fn(&Written) -> bool) {
        let written = self.open.partition_point(|written| of(&written.work[0]) <= at);
        // Several may begin at one number: all but the last have none in this bank.
        let Some(last) = written.checked_sub(1) else { return };
        let written = &self.open[last];
        if at < of(&written.work[1]) && self.at >= written.ops.end && !value(written) {
            self.alone[last] = true;
        }
    }
}

impl Visit for Looking<'_> {
    fn word(&mut self, how: Use, at: &mut Word) {
        if let Some(own) = work(at.0, self.given.words) {
            let at = *at;
            self.look(|work| work.words, own, |written| written.of == at && how == Use::Read);
        }
    }

    fn wide(&mut self, _: Use, at: &mut Wide) {
        if let Some(own) = work(at.0, self.given.wides) {
            self.look(|work| work.wides, own, |_| false);
        }
    }

    fn val(&mut self, _: Use, at: &mut Val) {
        if let Some(own) = work(at.0, self.given.values) {
            self.look(|work| work.values, own, |_| false);
        }
    }

    fn slot(&mut self, _: &mut u32) {}

    fn constant(&mut self, _: &mut u32) {}

    fn gathered(&mut self, _: Use, at: &mut Gathered) {
        self.look(|work| work.gathered, at.0, |_| false);
    }

    fn label(&mut self, _: &mut Label) {}
}

/// Its place among those that are worked with, if it is one.
fn work(at: u32, given: u32) -> Option<u32> {
    at.checked_sub(given).filter(|_| at < CONSTANTS)
}

/// Registers and labels as if the condition stood first.
struct Moving<'w> {
    given: Registers,
    before: Registers,
    labels: &'w Range<usize>,
    /// Nothing that stands before it is read, nothing outside gone to.
    alone: bool,
}

impl Moving<'_> {
    fn own(&mut self, at: &mut u32, given: u32, before: u32) {
        if work(*at, given).is_some() {
            match at.checked_sub(before).filter(|at| *at >= given) {
                Some(own) => *at = own,
                None => self.alone = false,
            }
        }
    }
}

impl Visit for Moving<'_> {
    fn word(&mut self, _: Use, at: &mut Word) {
        self.own(&mut at.0, self.given.words, self.before.words);
    }

    fn wide(&mut self, _: Use, at: &mut Wide) {
        self.own(&mut at.0, self.given.wides, self.before.wides);
    }

    fn val(&mut self, _: Use, at: &mut Val) {
        self.own(&mut at.0, self.given.values, self.before.values);
    }

    fn slot(&mut self, _: &mut u32) {}

    fn constant(&mut self, _: &mut u32) {}

    fn gathered(&mut self, _: Use, at: &mut Gathered) {
        self.own(&mut at.0, 0, self.before.gathered);
    }

    fn label(&mut self, at: &mut Label) {
        match self.labels.contains(&at.index()) {
            true => at.0 -= self.labels.start as u32,
            false => self.alone = false,
        }
    }
}

struct Renaming {
    from: Word,
    to: Word,
}

impl Visit for Renaming {
    fn word(&mut self, _: Use, at: &mut Word) {
        if *at == self.from {
            *at = self.to;
        }
    }

    fn wide(&mut self, _: Use, _: &mut Wide) {}

    fn val(&mut self, _: Use, _: &mut Val) {}

    fn slot(&mut self, _: &mut u32) {}

    fn constant(&mut self, _: &mut u32) {}

    fn gathered(&mut self, _: Use, _: &mut Gathered) {}

    fn label(&mut self, _: &mut Label) {}
}
