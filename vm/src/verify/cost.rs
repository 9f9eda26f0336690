//! At most how many instructions a run of a function takes. The compiler writes it into the program; `verify` works it out
//! again. Instructions go forward but for walks, which lie in one another or apart: so an instruction runs as often as
//! the walks around it go on, and those go on once more than what they walk over is long.
//!
//! How long that is, is known of what comes from outside, where it has a declared bound to which it was held when it came in,
//! and of what was written out. Everything else has no bound here: what a program makes is not held to the type that it
//! gives it.

use crate::op::{Gathered, Label, Op, Use, Val, Visit, Wide, Word};
use crate::program::{FieldOf, Function, Program};
use crate::request::slots::{Bank, Layout, Slot};
use crate::schema::FieldSchema;
use crate::value::{Type, Value};
use std::collections::BTreeMap;

/// How often what is known may change before it is given up.
const PASSES: usize = 16;

/// Nothing where it has no bound, or none that 64 bits hold. The function's walks must be sound.
pub fn cost(program: &Program, function: &Function) -> Option<u64> {
    let mut walks: BTreeMap<u32, u32> = BTreeMap::new();
    for (at, op) in (0..).zip(&function.ops) {
        if let Some(each) = op.label().map(|label| label.0).filter(|label| *label <= at) {
            let last = walks.entry(each).or_insert(at);
            *last = at.max(*last);
        }
    }
    let values = if walks.is_empty() { vec![] } else { Values { program, function }.known()? };
    let mut total = 0_u64;
    // The walks around an instruction: their last one, and how often what is in them runs.
    let mut around: Vec<(u32, u64)> = vec![];
    for (at, op) in (0..).zip(&function.ops) {
        around.retain(|(last, _)| at <= *last);
        if let (Some(last), Op::Each { of, .. }) = (walks.get(&at), op) {
            let once = around.last().map_or(1, |(_, times)| *times);
            let turns = values.get(of.index())?.bound()?.checked_add(1)?;
            around.push((*last, once.checked_mul(turns)?));
        }
        total = total.checked_add(around.last().map_or(1, |(_, times)| *times))?;
    }
    Some(total)
}

/// What is known of a value, whatever way the run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known<'p> {
    /// No instruction has written it.
    Unwritten,
    /// From outside, and of that type.
    Outside(&'p Type),
    /// At most so many entries.
    Entries(u64),
    Anything,
}

impl<'p> Known<'p> {
    fn bound(self) -> Option<u64> {
        match self {
            Known::Entries(most) => Some(most),
            Known::Outside(ty) => match ty.present() {
                Type::List(_, Some(most)) => Some(u64::from(*most)),
                _ => None,
            },
            Known::Unwritten | Known::Anything => None,
        }
    }

    fn or(self, other: Known<'p>) -> Known<'p> {
        match (self, other) {
            (Known::Unwritten, known) | (known, Known::Unwritten) => known,
            (one, other) if one == other => one,
            // Of two lists the longer one is a bound, and no more is known.
            (one, other) => match (one.bound(), other.bound()) {
                (Some(one), Some(other)) => Known::Entries(one.max(other)),
                (Some(_) | None, _) => Known::Anything,
            },
        }
    }

    /// An entry of a list or set, the value of a key.
    fn entry(self) -> Known<'p> {
        match self {
            Known::Outside(ty) => match ty.present() {
                Type::List(of, _) | Type::Set(of) | Type::Map(_, of) => Known::Outside(of),
                _ => Known::Anything,
            },
            Known::Unwritten => Known::Unwritten,
            Known::Entries(_) | Known::Anything => Known::Anything,
        }
    }
}

struct Values<'p> {
    program: &'p Program,
    function: &'p Function,
}

impl<'p> Values<'p> {
    /// By register.
    fn known(&self) -> Option<Vec<Known<'p>>> {
        let (schema, function) = (&self.program.schema, self.function);
        let action = schema.actions.get(function.action as usize)?;
        let layout = Layout::of(schema, function.action as usize);
        let constants = layout.registers.values as usize;
        let count = constants + function.values.len() + function.work.values as usize;
        let mut known = vec![Known::Unwritten; count];
        // Actor, target and whatever else the request fills.
        known.iter_mut().take(constants).for_each(|known| *known = Known::Anything);
        let mut given = |fields: &'p [FieldSchema], slots: &[Slot]| {
            for (field, slot) in fields.iter().zip(slots).filter(|(_, slot)| slot.bank == Bank::Value) {
                if let Some(known) = known.get_mut(slot.at as usize) {
                    *known = Known::Outside(&field.ty);
                }
            }
        };
        given(&action.fields, &layout.fields);
        given(&schema.context, &layout.context);
        for (known, value) in known.iter_mut().skip(constants).zip(&function.values) {
            *known = match value {
                Value::List(entries) => Known::Entries(entries.len() as u64),
                Value::Set(entries) => Known::Entries(entries.len() as u64),
                _ => Known::Anything,
            };
        }
        if let Some(known) = function.asks.and_then(|(approver, _)| known.get_mut(approver.index())) {
            *known = Known::Anything;
        }
        // What an entry of the past brought back is put there before.
        if let Some(known) = function.enters.and_then(|enters| known.get_mut(enters.result.index())) {
            *known = Known::Anything;
        }
        for _ in 0..PASSES {
            let before = known.clone();
            function.ops.iter().for_each(|op| self.write(op, &mut known));
            if known == before {
                return Some(known);
            }
        }
        None
    }

    /// What an instruction writes, beside what others do.
    fn write(&self, op: &Op, known: &mut [Known<'p>]) {
        let of = |at: &Val| known.get(at.index()).copied().unwrap_or(Known::Anything);
        let made = match op {
            Op::MoveValue { of: from, .. } | Op::Items { of: from, .. } | Op::WidenValue { of: from, .. } => of(from),
            Op::Element { of: from, .. } | Op::Index { of: from, .. } => of(from).entry(),
            Op::Field { of: from, field, .. } => self.field(of(from), *field),
            Op::Data { data, .. } => {
                self.program.schema.data.get(*data as usize).map_or(Known::Anything, |data| Known::Outside(&data.ty))
            }
            Op::List { count, .. } | Op::Set { count, .. } => Known::Entries(u64::from(*count)),
            // Of what no rule above tells, nothing is known: that is never wrong.
            _ => Known::Anything,
        };
        let mut written = Written(vec![]);
        op.clone().visit(&mut written);
        for at in written.0 {
            if let Some(known) = known.get_mut(at as usize) {
                *known = known.or(made);
            }
        }
    }

    /// Attributes come from outside; a field does where its record does.
    fn field(&self, of: Known<'p>, field: u32) -> Known<'p> {
        let schema = &self.program.schema;
        let fields = self.program.fields.get(field as usize).map_or(&[][..], |fields| fields);
        let types = fields.iter().map(|field| match *field {
            FieldOf::Entity { kind, .. } => schema.entities.get(kind as usize)?.attributes.get(field.place()),
            FieldOf::Record { record, .. } => match of {
                Known::Outside(ty) if matches!(ty.present(), Type::Record(id) if id.0 == record) => {
                    schema.records.get(record as usize)?.fields.get(field.place())
                }
                Known::Outside(_) | Known::Unwritten | Known::Entries(_) | Known::Anything => None,
            },
        });
        let known = types.map(|field| field.map_or(Known::Anything, |field| Known::Outside(&field.ty)));
        match (of, fields) {
            (Known::Unwritten, _) => Known::Unwritten,
            (_, []) => Known::Anything,
            _ => known.fold(Known::Unwritten, Known::or),
        }
    }
}

/// The registers of values that an instruction writes.
struct Written(Vec<u32>);

impl Visit for Written {
    fn word(&mut self, _: Use, _: &mut Word) {}
    fn wide(&mut self, _: Use, _: &mut Wide) {}
    fn val(&mut self, how: Use, at: &mut Val) {
        if how != Use::Read {
            self.0.push(at.0);
        }
    }
    fn slot(&mut self, _: &mut u32) {}
    fn constant(&mut self, _: &mut u32) {}
    fn gathered(&mut self, _: Use, _: &mut Gathered) {}
    fn label(&mut self, _: &mut Label) {}
}
