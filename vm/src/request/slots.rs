//! Where a request stands in the registers of a function: a place for each thing that an action declares.
//! The compiler's `emit` and the verifier read the layout, everyone who makes requests fills it.

use super::Request;
use crate::program::{Function, Registers};
use crate::schema::Schema;
use crate::semantics::Gathered;
use crate::value::{Date, Decimal, EntityId, EntityRef, Instant, Money, Time, Type, Value};
use std::sync::Arc;

/// The bank of registers in which a value of a type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bank {
    Word,
    Wide,
    Text,
    Value,
}

impl Bank {
    /// Of an optional type, that of what may be there.
    pub fn of(ty: &Type) -> Bank {
        match ty {
            Type::Optional(inner) => Bank::of(inner),
            Type::Bool
            | Type::Int
            | Type::Date
            | Type::Time
            | Type::Instant
            | Type::Duration
            | Type::Country
            | Type::Currency
            | Type::Role
            | Type::Enum(_)
            | Type::Choice(_) => Bank::Word,
            Type::Decimal | Type::Money(Some(_)) => Bank::Wide,
            Type::Text(_) => Bank::Text,
            Type::Money(None)
            | Type::Period
            | Type::Ip
            | Type::IpRange
            | Type::Hours
            | Type::Calendar
            | Type::Record(_)
            | Type::Entity(_)
            | Type::List(..)
            | Type::Set(_)
            | Type::Map(..)
            | Type::Unknown => Bank::Value,
        }
    }
}

/// One register, and the word that says whether something is there, where that is not certain and the bank can't say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub bank: Bank,
    pub at: u32,
    pub present: Option<u32>,
}

/// Who asks, or what is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub whole: Slot,
    /// Its id, as a text.
    pub id: Slot,
}

impl Party {
    fn of(registers: &mut Registers, kinds: &[EntityId]) -> Option<Party> {
        let wanted = !kinds.is_empty();
        wanted.then(|| Party { whole: slot(registers, &Type::Entity(kinds.into())), id: slot(registers, &Type::TEXT) })
    }

    /// Puts it into its registers.
    #[inline]
    pub(crate) fn put<'r>(&self, party: Option<&'r EntityRef>, banks: &mut Banks<'r>) {
        banks.set_text(self.id, party.map_or("", |party| &party.id));
        banks.set_value(self.whole, || party.map_or(Value::Missing, |party| Value::Entity(party.clone())));
    }
}

/// The registers that a request of an action fills.
#[derive(Clone, Debug)]
pub struct Layout {
    /// `now`
    pub now: u32,
    /// When the request was first asked.
    pub asked: u32,
    /// `context.session`
    pub session: Slot,
    /// `context.id`
    pub id: Slot,
    pub actor: Option<Party>,
    pub target: Option<Party>,
    /// By declared field.
    pub fields: Vec<Slot>,
    /// By declared member of `context`.
    pub context: Vec<Slot>,
    pub registers: Registers,
}

impl Layout {
    /// Of the action in that place of the schema.
    pub fn of(schema: &Schema, action: usize) -> Layout {
        let mut registers = Registers::default();
        let now = next(&mut registers.words);
        let asked = next(&mut registers.words);
        let session = slot(&mut registers, &Type::TEXT.optional());
        let id = slot(&mut registers, &Type::TEXT);
        let action = &schema.actions[action];
        let (actor, target) = (Party::of(&mut registers, &action.by), Party::of(&mut registers, &action.on));
        let fields = action.fields.iter().map(|field| slot(&mut registers, &field.ty)).collect();
        let context = schema.context.iter().map(|field| slot(&mut registers, &field.ty)).collect();
        Layout { now, asked, session, id, actor, target, fields, context, registers }
    }

    /// The request has a value for each register that it fills.
    pub(crate) fn is_of(&self, request: &Request) -> bool {
        self.actor.is_some() == request.actor.is_some()
            && self.target.is_some() == request.target.is_some()
            && self.fields.len() == request.args.len()
            && self.context.len() == request.context.members.len()
    }

    /// Puts what every request has into the registers: `now`, the id under which it is decided, when it was first asked.
    pub(crate) fn begin<'r>(&self, now: Instant, id: &'r str, asked: Instant, banks: &mut Banks<'r>) {
        banks.words[self.now as usize] = now.0;
        banks.words[self.asked as usize] = asked.0;
        banks.set_text(self.id, id);
    }

    /// Puts a request into the registers, which are at least as many as the layout has.
    pub(crate) fn fill<'r>(&self, request: &'r Request, banks: &mut Banks<'r>) {
        match &request.context.session {
            Some(session) => banks.set_text(self.session, session),
            None => banks.absent(self.session),
        }
        for (party, entity) in [(self.actor, &request.actor), (self.target, &request.target)] {
            if let Some(party) = party {
                party.put(entity.as_ref(), banks);
            }
        }
        for (slot, value) in self.fields.iter().zip(&request.args) {
            banks.set(*slot, value);
        }
        for (slot, value) in self.context.iter().zip(&request.context.members) {
            banks.set(*slot, value);
        }
    }
}

fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count - 1
}

fn slot(registers: &mut Registers, ty: &Type) -> Slot {
    let bank = Bank::of(ty);
    let present = (ty.is_optional() && bank != Bank::Value).then(|| next(&mut registers.words));
    let at = next(match bank {
        Bank::Word => &mut registers.words,
        Bank::Wide => &mut registers.wides,
        Bank::Text => &mut registers.texts,
        Bank::Value => &mut registers.values,
    });
    Slot { bank, at, present }
}

/// The registers of one run.
#[derive(Clone, Debug, Default)]
pub struct Banks<'r> {
    pub words: Vec<i64>,
    pub wides: Vec<i128>,
    pub texts: Vec<&'r str>,
    pub values: Vec<Value>,
    pub(crate) gathered: Vec<Gathered>,
    /// By value of the request: whether the function reads it. All are, where there are none.
    read: Arc<[bool]>,
}

impl<'r> Banks<'r> {
    /// Of a function of a program: its constants in their places, and nothing in the others.
    pub fn new(given: &Registers, function: &Function) -> Banks<'r> {
        let mut banks = Banks {
            words: vec![0; given.words as usize],
            wides: vec![0; given.wides as usize],
            texts: vec![""; given.texts as usize],
            values: vec![Value::Missing; given.values as usize],
            gathered: vec![Gathered::default(); function.work.gathered as usize],
            read: Arc::default(),
        };
        banks.words.extend(&function.words);
        banks.wides.extend(&function.wides);
        banks.values.extend(function.values.iter().cloned());
        banks.words.resize(banks.words.len() + function.work.words as usize, 0);
        banks.wides.resize(banks.wides.len() + function.work.wides as usize, 0);
        banks.values.resize(banks.values.len() + function.work.values as usize, Value::Missing);
        banks
    }

    /// Values of the request that the function does not read need not be made: by value, whether it does.
    pub(crate) fn reading(self, read: Arc<[bool]>) -> Banks<'r> {
        Banks { read, ..self }
    }

    /// What a run has worked out goes, so that the next begins as the first did.
    pub(crate) fn clear(&mut self, function: &Function) {
        let Registers { words, wides, values, .. } = function.work;
        let work = |all: usize, work: u32| all.saturating_sub(work as usize)..all;
        let (words, wides, values) =
            (work(self.words.len(), words), work(self.wides.len(), wides), work(self.values.len(), values));
        self.words[words].fill(0);
        self.wides[wides].fill(0);
        self.values[values].iter_mut().filter(|value| !value.is_missing()).for_each(|value| *value = Value::Missing);
        self.gathered.iter_mut().for_each(|gathered| *gathered = Gathered::default());
    }

    /// The same registers for texts that live shorter or longer: those that are there go.
    pub(crate) fn lent<'t>(self) -> Banks<'t> {
        let Banks { words, wides, texts, values, gathered, read } = self;
        // The room of the old list is used again.
        let texts = texts.into_iter().map(|_| "").collect();
        Banks { words, wides, texts, values, gathered, read }
    }

    /// Nothing is there, of an optional type.
    #[inline]
    pub fn absent(&mut self, slot: Slot) {
        if let Some(present) = slot.present {
            self.words[present as usize] = 0;
        }
        // Nothing stays of the request before.
        match slot.bank {
            Bank::Word => self.words[slot.at as usize] = 0,
            Bank::Wide => self.wides[slot.at as usize] = 0,
            Bank::Text => self.texts[slot.at as usize] = "",
            Bank::Value => self.values[slot.at as usize] = Value::Missing,
        }
    }

    /// Of a slot of texts.
    #[inline]
    pub fn set_text(&mut self, slot: Slot, text: &'r str) {
        self.texts[slot.at as usize] = text;
        self.is_present(slot);
    }

    /// Of a slot of words: what [`word`] makes of a value.
    #[inline]
    pub fn set_word(&mut self, slot: Slot, word: i64) {
        self.words[slot.at as usize] = word;
        self.is_present(slot);
    }

    /// Of a slot of wides: trillionths.
    #[inline]
    pub fn set_wide(&mut self, slot: Slot, wide: i128) {
        self.wides[slot.at as usize] = wide;
        self.is_present(slot);
    }

    /// Of a slot of values. It is made only where the function reads it.
    #[inline]
    pub fn set_value(&mut self, slot: Slot, value: impl FnOnce() -> Value) {
        if self.read.get(slot.at as usize).is_none_or(|read| *read) {
            self.values[slot.at as usize] = value();
        }
    }

    #[inline]
    fn is_present(&mut self, slot: Slot) {
        if let Some(present) = slot.present {
            self.words[present as usize] = 1;
        }
    }

    /// A value of the slot's type, as the request was read.
    fn set(&mut self, slot: Slot, value: &'r Value) {
        match (slot.bank, value) {
            (Bank::Value, value) => self.set_value(slot, || value.clone()),
            (_, Value::Missing) => self.absent(slot),
            (Bank::Text, Value::Text(text)) => self.set_text(slot, text),
            (Bank::Wide, value) => self.set_wide(slot, wide(value).unwrap_or(0)),
            (Bank::Word | Bank::Text, value) => self.set_word(slot, word(value).unwrap_or(0)),
        }
    }
}

/// The word of a value that is one.
pub fn word(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Int(value) | Value::Duration(value) => Some(*value),
        Value::Date(Date(days)) => Some(i64::from(*days)),
        Value::Time(Time(nanos)) => Some(*nanos),
        Value::Instant(Instant(nanos)) => Some(*nanos),
        Value::Country(country) => Some(country.word()),
        Value::Currency(currency) => Some(currency.word()),
        Value::Role(role) => Some(i64::from(role.0)),
        Value::Enum(_, member) | Value::Choice(_, member) => Some(i64::from(*member)),
        Value::Missing
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Period(_)
        | Value::Ip(_)
        | Value::IpRange(_)
        | Value::Hours(_)
        | Value::Calendar(_)
        | Value::Record(..)
        | Value::Entity(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Map(_) => None,
    }
}

/// The trillionths of a decimal or an amount.
pub fn wide(value: &Value) -> Option<i128> {
    match value {
        Value::Decimal(Decimal(trillionths)) => Some(*trillionths),
        Value::Money(Money { amount: Decimal(trillionths), .. }) => Some(*trillionths),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that reads what is not there finds what a new frame has.
    #[test]
    fn what_is_absent_leaves_nothing_of_the_request_before() {
        let mut registers = Registers::default();
        let types = [Type::Int, Type::Decimal, Type::TEXT, Type::Period].map(Type::optional);
        let slots: Vec<Slot> = types.iter().map(|ty| slot(&mut registers, ty)).collect();
        let fresh = Banks::new(&registers, &Function::default());
        let mut banks = fresh.clone();
        banks.set_word(slots[0], 7);
        banks.set_wide(slots[1], 7);
        banks.set_text(slots[2], "seven");
        banks.set_value(slots[3], || Value::Int(7));
        slots.iter().for_each(|slot| banks.absent(*slot));
        let all = |banks: &Banks<'_>| format!("{banks:?}");
        assert_eq!(all(&banks), all(&fresh));
    }
}
