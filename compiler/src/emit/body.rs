//! A function while it is written: its instructions, and registers that are given out as they are needed.
//! While it is written, constants are numbered from [`CONSTANTS`] on; `finish` puts them in their place, between what the
//! request brings and what is worked with.

mod sharing;

use crate::source::Span;
use ordain_vm::op::{Gathered, Label, Op, Text, Use, Val, Visit, Wide, Word};
use ordain_vm::program::{Enters, Function, Place, Region, Registers, Selection, Watched};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The number of a function's first constant of each bank while it is written.
const CONSTANTS: u32 = 1 << 31;

pub(super) struct Body {
    ops: Vec<Op>,
    places: Vec<Place>,
    regions: Vec<Region>,
    watched: Vec<Watched>,
    selections: Vec<Selection>,
    /// By label: where it stands, once that is known.
    labels: Vec<u32>,
    words: Pool<i64>,
    wides: Pool<i128>,
    texts: Pool<Arc<str>>,
    values: Pool<ordain_vm::value::Value>,
    /// What the request fills.
    given: Registers,
    /// What is given out now, behind that, and the most that was.
    work: Registers,
    most: Registers,
    place: Place,
    conditions: sharing::Conditions,
}

/// What a function leaves in its registers for whoever runs it.
#[derive(Default)]
pub(super) struct Ends {
    pub asks: Option<(Val, Word)>,
    pub gives: Option<(Val, u32)>,
    pub enters: Option<Enters>,
}

/// Constants, each once.
struct Pool<T> {
    all: Vec<T>,
    known: FxHashMap<T, u32>,
}

impl<T> Default for Pool<T> {
    fn default() -> Pool<T> {
        Pool { all: vec![], known: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.known.entry(value.clone()).or_insert(next);
        if number == next {
            self.all.push(value);
        }
        CONSTANTS + number
    }
}

impl Body {
    pub fn new(given: Registers) -> Body {
        Body {
            ops: vec![],
            places: vec![],
            regions: vec![],
            watched: vec![],
            selections: vec![],
            labels: vec![],
            words: Pool::default(),
            wides: Pool::default(),
            texts: Pool::default(),
            values: Pool::default(),
            given,
            work: Registers::default(),
            most: Registers::default(),
            place: Place::default(),
            conditions: sharing::Conditions::default(),
        }
    }

    pub fn len(&self) -> u32 {
        self.ops.len() as u32
    }

    /// The instructions that follow come from there; gives where those before came from.
    pub fn at(&mut self, span: Span) -> Place {
        std::mem::replace(&mut self.place, Place { file: span.file.0, start: span.start, end: span.end })
    }

    pub fn back_to(&mut self, place: Place) {
        self.place = place;
    }

    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
        self.places.push(self.place);
    }

    // Registers

    pub fn word(&mut self) -> Word {
        Word(self.given.words + next(&mut self.work.words))
    }

    pub fn wide(&mut self) -> Wide {
        Wide(self.given.wides + next(&mut self.work.wides))
    }

    pub fn val(&mut self) -> Val {
        Val(self.given.values + next(&mut self.work.values))
    }

    pub fn gathered(&mut self) -> Gathered {
        Gathered(next(&mut self.work.gathered))
    }

    /// So many in a row.
    pub fn vals(&mut self, count: usize) -> Val {
        let first = Val(self.given.values + self.work.values);
        self.work.values += count as u32;
        first
    }

    pub fn const_word(&mut self, value: i64) -> Word {
        Word(self.words.number(value))
    }

    pub fn const_wide(&mut self, value: i128) -> Wide {
        Wide(self.wides.number(value))
    }

    pub fn const_text(&mut self, text: &Arc<str>) -> Text {
        Text::Const(self.texts.number(text.clone()) - CONSTANTS)
    }

    pub fn const_value(&mut self, value: ordain_vm::value::Value) -> Val {
        Val(self.values.number(value))
    }

    pub fn known_word(&self, at: Word) -> Option<i64> {
        self.words.all.get(at.0.checked_sub(CONSTANTS)? as usize).copied()
    }

    /// Where the function is now, for [`Body::back`].
    pub fn here(&self) -> [usize; 3] {
        [self.ops.len(), self.regions.len(), self.watched.len()]
    }

    /// Takes off what was written since.
    pub fn back(&mut self, [ops, regions, watched]: [usize; 3]) {
        self.ops.truncate(ops);
        self.places.truncate(ops);
        self.regions.truncate(regions);
        self.watched.truncate(watched);
    }

    /// What is given out now, for [`Body::give_back`].
    pub fn given_out(&self) -> Registers {
        self.work
    }

    /// What was given out since is free again: nothing that comes reads it.
    pub fn give_back(&mut self, work: Registers) {
        let (most, now) = (&mut self.most, self.work);
        most.words = most.words.max(now.words);
        most.wides = most.wides.max(now.wides);
        most.values = most.values.max(now.values);
        most.gathered = most.gathered.max(now.gathered);
        self.work = work;
    }

    // Labels and regions

    /// A selection, to be said once its rules are written.
    pub fn selection(&mut self) -> u32 {
        self.selections.push(Selection::default());
        self.selections.len() as u32 - 1
    }

    /// Its targets are labels.
    pub fn select(&mut self, selection: u32, of: Selection) {
        self.selections[selection as usize] = of;
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    /// The label stands here.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.index()] = self.len();
    }

    /// A fault in the instructions from `from` to here goes on at the label.
    pub fn guard(&mut self, from: u32, handler: Label) {
        if from < self.len() {
            self.regions.push(Region { from, to: self.len(), handler: handler.0 });
        }
    }

    /// A fault in the instructions from `from` to here is one of that condition.
    pub fn watch(&mut self, from: u32, condition: u32) {
        if from < self.len() {
            self.watched.push(Watched { from, to: self.len(), condition });
        }
    }

    /// The function, whose last instruction ends it.
    pub fn finish(mut self, action: usize, ends: Ends) -> Function {
        self.push(Op::Return {});
        self.give_back(Registers::default());
        self.share();
        let registers = Registers {
            words: self.words.all.len() as u32,
            wides: self.wides.all.len() as u32,
            texts: 0,
            values: self.values.all.len() as u32,
            gathered: 0,
        };
        let mut moving = Moving { given: self.given, constants: registers, labels: &self.labels };
        for op in &mut self.ops {
            op.visit(&mut moving);
        }
        let Ends { asks, gives, enters } = ends;
        let asks = asks.map(|(mut approver, mut answer)| {
            moving.val(Use::Write, &mut approver);
            moving.word(Use::Read, &mut answer);
            (approver, answer)
        });
        let gives = gives.map(|(mut first, count)| {
            moving.val(Use::Read, &mut first);
            (first, count)
        });
        for selection in &mut self.selections {
            let labels = selection.targets.iter_mut().filter(|target| **target != Selection::END);
            labels.for_each(|label| *label = self.labels[*label as usize]);
        }
        let enters = enters.map(|mut enters| {
            moving.word(Use::Write, &mut enters.stage);
            [&mut enters.first, &mut enters.kept, &mut enters.result]
                .into_iter()
                .for_each(|at| moving.val(Use::Write, at));
            enters
        });
        for region in &mut self.regions {
            region.handler = self.labels[region.handler as usize];
        }
        Function {
            action: action as u32,
            ops: self.ops,
            places: self.places,
            regions: self.regions,
            watched: self.watched,
            selections: self.selections,
            words: self.words.all,
            wides: self.wides.all,
            texts: self.texts.all,
            values: self.values.all,
            work: self.most,
            // Told when the tables that it names are whole.
            cost: None,
            asks,
            gives,
            enters,
        }
    }
}

/// Constants to their place, what is worked with behind them, labels to what they stand for.
struct Moving<'l> {
    given: Registers,
    constants: Registers,
    labels: &'l [u32],
}

fn moved(at: u32, given: u32, constants: u32) -> u32 {
    match at {
        at if at >= CONSTANTS => given + (at - CONSTANTS),
        at if at >= given => at + constants,
        at => at,
    }
}

impl Visit for Moving<'_> {
    fn word(&mut self, _: Use, at: &mut Word) {
        at.0 = moved(at.0, self.given.words, self.constants.words);
    }

    fn wide(&mut self, _: Use, at: &mut Wide) {
        at.0 = moved(at.0, self.given.wides, self.constants.wides);
    }

    fn val(&mut self, _: Use, at: &mut Val) {
        at.0 = moved(at.0, self.given.values, self.constants.values);
    }

    // Texts are written by nothing, and constant ones stand apart.
    fn slot(&mut self, _: &mut u32) {}

    fn constant(&mut self, _: &mut u32) {}

    fn gathered(&mut self, _: Use, _: &mut Gathered) {}

    fn label(&mut self, at: &mut Label) {
        at.0 = self.labels[at.index()];
    }
}

fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count - 1
}
