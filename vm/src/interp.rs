//! `Verified` to what was found: the interpreter, one arm an `Op`. What an operation means stands in `semantics`.

mod past;

pub use past::Past;

use crate::approvals::{Asked, Asking, nobody_suffices, suffice};
use crate::builtin::Context;
use crate::conditions::Conditions;
use crate::fault::Fault;
use crate::lookup::Index;
use crate::op::{Label, Op, Said, Stance, Text, TextTest, Val, Word};
use crate::program::{FieldOf, Function, OriginOf, Origins, Place, Role, Selection};
use crate::request::slots::{Banks, wide, word};
use crate::request::{Approval, Entities, Entity, Facts, Origin};
use crate::semantics::{self, Gathered};
use crate::value::{Calendar, Date, EntityRef, Instant, RoleId, Value};
use crate::verify::Verified;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// What a run reads besides its registers.
#[derive(Clone, Copy)]
pub struct Around<'r> {
    pub verified: &'r Verified,
    /// A value for each data of the schema.
    pub data: &'r [Value],
    pub request: &'r dyn Facts,
    /// The id under which it is decided.
    pub id: &'r str,
    /// When it was first asked.
    pub asked: Instant,
    /// Approvals of this request, from wherever they came.
    pub given: &'r [Approval],
    /// What is known of an approver.
    pub approver: Option<&'r Entities>,
    /// The history that is read. Without one every reading of it is incomplete.
    pub past: Option<Past<'r>>,
}

/// What a run has found of an action's rules. Its lists are used again by the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Policies that govern the action and are in force, in the order of the package: they alone speak.
    pub speaking: Vec<u32>,
    /// What each rule says that says something, in the order of the action's rules.
    pub stands: Vec<(u32, Stance)>,
    /// Rules in which a fault arose that takes their force to defeat.
    pub erred: Vec<u32>,
    /// The first fault of each rule, and where it arose.
    pub faults: Vec<(u32, Fault, Place)>,
    /// First faults of conditions on approvers, which are the rule's where it has no other.
    pub in_where: Vec<(u32, Fault, Place)>,
    /// What `otherwise permit with approval` of a policy comes to.
    pub otherwise: Vec<(u32, Said)>,
    pub otherwise_faults: Vec<(u32, Fault, Place)>,
    /// A fault that no rule took: the run ended there.
    pub ended: Option<(Fault, Place)>,
    /// Requirements that failed: rule, requirement.
    pub lacks: Vec<(u32, u32)>,
    pub(crate) conditions: Conditions,
    /// Marks that the request crosses: limit, and its duty.
    pub crossed: Vec<(u32, u32)>,
}

impl Found {
    /// Nothing yet, of the action in that place.
    pub(crate) fn begin(&mut self, verified: &Verified, action: usize) {
        self.speaking.clear();
        self.stands.clear();
        self.erred.clear();
        self.faults.clear();
        self.in_where.clear();
        self.otherwise.clear();
        self.otherwise_faults.clear();
        self.ended = None;
        self.lacks.clear();
        self.conditions.begin((verified.number(), action), verified.unseen(action));
        self.crossed.clear();
    }

    /// The rule says that, and nothing that it said before. What is found of one rule is found in a row.
    pub(crate) fn stand(&mut self, rule: u32, stance: Stance) {
        match self.stands.last_mut() {
            Some((last, said)) if *last == rule => *said = stance,
            _ => self.stands.push((rule, stance)),
        }
    }

    pub(crate) fn unsay(&mut self, rule: u32) {
        if self.stands.last().is_some_and(|(last, _)| *last == rule) {
            self.stands.pop();
        }
    }

    pub(crate) fn err(&mut self, rule: u32, fault: Option<(Fault, Place)>, erred: bool) {
        if self.faults.last().is_none_or(|(last, ..)| *last != rule) {
            self.faults.extend(fault.map(|(fault, place)| (rule, fault, place)));
        }
        if erred && self.erred.last() != Some(&rule) {
            self.erred.push(rule);
            self.crossed.retain(|(of, _)| *of != rule);
        }
    }

    /// Whether a condition was seen, and then whether it was true.
    pub fn condition(&self, at: u32) -> Option<bool> {
        self.conditions.condition(at)
    }
}

/// What runs the functions of a program: the interpreter, or machine code made of it.
pub trait Run: Send + Sync {
    /// Runs the machine's function to its end. A fault that no region takes ends it.
    fn run(&self, machine: &mut Machine<'_, '_>) -> Result<(), (Fault, Place)>;
}

/// Takes one instruction after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

impl Run for Interpreter {
    fn run(&self, machine: &mut Machine<'_, '_>) -> Result<(), (Fault, Place)> {
        let (function, mut at) = (machine.function, 0);
        loop {
            match machine.step(at, &function.ops[at as usize]).unwrap_or_else(|fault| machine.fail(at, fault)) {
                Went::On => at = machine.tested(at + 1),
                Went::To(next) => at = next,
                Went::End => return Ok(()),
                Went::Out => return Err(machine.fault_and_place()),
            }
        }
    }
}

/// A function while it runs.
pub struct Machine<'m, 'r> {
    pub(crate) function: &'m Function,
    number: u32,
    pub(crate) banks: &'m mut Banks<'r>,
    pub(crate) around: &'m Around<'m>,
    pub(crate) found: &'m mut Found,
    /// The fault that was met last, and the place of its instruction.
    pub(crate) fault: Option<(Fault, u32)>,
    /// What is asked of approvers, for whoever makes words of a decision.
    pub(crate) asked: Option<&'m mut Vec<Asked>>,
}

/// Where a run goes on behind an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// Behind it.
    On,
    /// At that instruction: where it leads, or where its fault is handled.
    To(u32),
    /// The function has ended.
    End,
    /// Its fault is handled nowhere.
    Out,
}

/// Where the registers lie that machine code reads and writes itself. They stay there while the machine runs.
#[derive(Debug)]
pub struct Raw {
    pub words: *mut i64,
    pub wides: *mut i128,
    /// Two bits a condition, from the lowest on: seen, true.
    pub bits: *mut u64,
    /// A bit for every 64 words of those: something in them was seen. Of more than 64 times 64, they begin anew.
    pub touched: *mut u64,
}

/// Monday to Friday, no holidays.
static PLAIN: LazyLock<Arc<Calendar>> = LazyLock::new(|| Arc::new(Calendar::default()));

/// One that nobody supplied: it knows no day.
static UNKNOWN: LazyLock<Arc<Calendar>> =
    LazyLock::new(|| Arc::new(Calendar { valid: Some((Date::MAX, Date::MIN)), ..Calendar::default() }));

impl<'m, 'r> Machine<'m, 'r> {
    pub(crate) fn new(
        number: u32,
        banks: &'m mut Banks<'r>,
        around: &'m Around<'m>,
        found: &'m mut Found,
    ) -> Machine<'m, 'r> {
        let function = &around.verified.program().functions[number as usize];
        Machine { function, number, banks, around, found, fault: None, asked: None }
    }

    /// The number of its function.
    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn verified(&self) -> &'m Verified {
        self.around.verified
    }

    /// The texts of the request, by register.
    pub fn texts(&self) -> &[&'r str] {
        &self.banks.texts
    }

    pub fn raw(&mut self) -> Raw {
        let (words, wides) = (self.banks.words.as_mut_ptr(), self.banks.wides.as_mut_ptr());
        let (bits, touched) = self.found.conditions.raw();
        Raw { words, wides, bits, touched }
    }

    /// The fault that was met last, and where.
    pub fn fault_and_place(&mut self) -> (Fault, Place) {
        let (fault, at) = self.fault.take().unwrap_or((Fault::Outside, 0));
        (fault, self.place(at))
    }
}

impl<'m> Machine<'m, '_> {
    /// Most conditions are a test, its bits and a jump: what follows a test is done here, without going round again.
    /// Gives where the run goes on.
    fn tested(&mut self, at: u32) -> u32 {
        let ops = &self.function.ops;
        let Some(Op::Seen { at: condition, of }) = ops.get(at as usize) else { return at };
        let holds = self.truth(*of);
        self.found.conditions.see(*condition, holds);
        match ops.get(at as usize + 1) {
            Some(Op::JumpIfNot { of: tested, label }) if tested == of && !holds => label.0,
            Some(Op::JumpIf { of: tested, label }) if tested == of && holds => label.0,
            Some(Op::JumpIf { of: tested, .. } | Op::JumpIfNot { of: tested, .. }) if tested == of => at + 2,
            Some(_) | None => at + 1,
        }
    }

    /// One instruction of the function, of which there are more than `at`.
    pub fn step_at(&mut self, at: u32) -> Went {
        let function = self.function;
        self.step(at, &function.ops[at as usize]).unwrap_or_else(|fault| self.fail(at, fault))
    }

    /// The rule says that, and nothing that it said before.
    #[inline]
    pub fn stand(&mut self, rule: u32, stance: Stance) {
        self.found.stand(rule, stance);
    }

    /// A requirement of the rule failed.
    #[inline]
    pub fn lack(&mut self, rule: u32, requirement: u32) {
        self.found.lacks.push((rule, requirement));
    }

    /// Keeps a fault of that instruction, and says where it is handled.
    #[cold]
    pub fn fail(&mut self, at: u32, fault: Fault) -> Went {
        for watched in self.function.watched.iter().filter(|watched| watched.from <= at && at < watched.to) {
            self.found.conditions.see(watched.condition, false);
        }
        self.fault = Some((fault, at));
        self.function.handler(at).map_or(Went::Out, Went::To)
    }

    fn place(&self, at: u32) -> Place {
        self.function.places.get(at as usize).copied().unwrap_or_default()
    }

    fn word(&self, at: Word) -> i64 {
        self.banks.words[at.index()]
    }

    fn truth(&self, at: Word) -> bool {
        self.word(at) != 0
    }

    fn value(&self, at: Val) -> &Value {
        &self.banks.values[at.index()]
    }

    fn text(&self, at: Text) -> Result<&str, Fault> {
        match at {
            Text::Slot(at) => Ok(self.banks.texts[at as usize]),
            Text::Const(at) => Ok(&self.function.texts[at as usize]),
            Text::Made(at) => match self.value(at) {
                Value::Text(text) => Ok(text),
                Value::Missing => Err(Fault::Outside),
                _ => Err(Fault::Form("a text")),
            },
        }
    }

    fn set(&mut self, to: Word, value: i64) {
        self.banks.words[to.index()] = value;
    }

    fn tell(&mut self, to: Word, value: bool) {
        self.set(to, i64::from(value));
    }

    fn put(&mut self, to: Val, value: Value) {
        self.banks.values[to.index()] = value;
    }

    fn run_of(&self, first: Val, count: u32) -> &[Value] {
        &self.banks.values[first.index()..first.index() + count as usize]
    }

    /// The instruction in that place; it is never `Out`. It stands in the interpreter's loop and in `step_at`, where it makes
    /// no way round by its result.
    #[inline(always)]
    fn step(&mut self, at: u32, op: &Op) -> Result<Went, Fault> {
        let program = self.around.verified.program();
        match op {
            Op::Jump { label } => return Ok(Went::To(label.0)),
            Op::JumpIf { of, label } if self.truth(*of) => return Ok(Went::To(label.0)),
            Op::JumpIfNot { of, label } if !self.truth(*of) => return Ok(Went::To(label.0)),
            Op::JumpIf { .. } | Op::JumpIfNot { .. } => {}
            Op::Each { of, at, done } => {
                let next = semantics::next_place(self.word(*at));
                if next >= length(self.value(*of)) {
                    return Ok(Went::To(done.0));
                }
                self.set(*at, next);
            }
            Op::SelectText { to, of, selection, done } => {
                let place = self.index(*selection).text(self.text(*of)?);
                return Ok(self.select(*to, *selection, place, *done));
            }
            Op::SelectWord { to, of, selection, done } => {
                let place = self.index(*selection).word(self.word(*of));
                return Ok(self.select(*to, *selection, place, *done));
            }
            Op::Next { at: cursor, selection, done } => {
                let next = self.word(*cursor).saturating_add(1);
                self.set(*cursor, next);
                // Only on, never back, whatever the word was.
                let target = self.function.selections[*selection as usize].targets.get(next as usize).copied();
                let target = target.filter(|target| *target != Selection::END && *target > at);
                return Ok(Went::To(target.unwrap_or(done.0)));
            }
            Op::Fail {} => return Err(Fault::Outside),
            Op::Return {} => return Ok(Went::End),

            Op::MoveWord { to, of } => self.set(*to, self.word(*of)),
            Op::MoveWide { to, of } => self.banks.wides[to.index()] = self.banks.wides[of.index()],
            Op::MoveValue { to, of } => self.put(*to, self.value(*of).clone()),
            Op::TextValue { to, of } => {
                let text = Value::text(self.text(*of)?);
                self.put(*to, text);
            }
            Op::WordValue { to, of, ty } => {
                let value = semantics::word_value(self.word(*of), &program.types[*ty as usize]);
                let value = value.filter(|value| program.schema.holds(value)).ok_or(Fault::Outside)?;
                self.put(*to, value);
            }
            Op::WideValue { to, of, ty } => {
                let value = semantics::wide_value(self.banks.wides[of.index()], &program.types[*ty as usize]);
                self.put(*to, value.ok_or(Fault::Outside)?);
            }
            Op::ValueWord { to, of } => {
                let value = word(self.value(*of)).ok_or(Fault::Outside)?;
                self.set(*to, value);
            }
            Op::ValueWide { to, of } => {
                let value = wide(self.value(*of)).ok_or(Fault::Outside)?;
                self.banks.wides[to.index()] = value;
            }
            Op::Missing { to } => self.put(*to, Value::Missing),

            Op::CompareWords { how, to, left, right } => {
                let holds = semantics::compare(*how, &self.word(*left), &self.word(*right));
                self.tell(*to, holds);
            }
            Op::Words { how, to, left, right } => {
                let value = semantics::words(*how, self.word(*left), self.word(*right))?;
                self.set(*to, value);
            }
            Op::NegateWord { to, of } => {
                let value = semantics::negate_word(self.word(*of))?;
                self.set(*to, value);
            }
            Op::Not { to, of } => self.tell(*to, !self.truth(*of)),
            Op::WordIn { to, of, set } => {
                let holds = self.around.verified.word_in(*set, self.word(*of));
                self.tell(*to, holds);
            }
            Op::Widen { to, of } => self.banks.wides[to.index()] = semantics::widen(self.word(*of)),

            Op::CompareWides { how, to, left, right } => {
                let (left, right) = (self.banks.wides[left.index()], self.banks.wides[right.index()]);
                self.tell(*to, semantics::compare(*how, &left, &right));
            }
            Op::Wides { how, to, left, right } => {
                let (left, right) = (self.banks.wides[left.index()], self.banks.wides[right.index()]);
                self.banks.wides[to.index()] = semantics::wides(*how, left, right)?;
            }
            Op::NegateWide { to, of } => {
                self.banks.wides[to.index()] = semantics::negate_wide(self.banks.wides[of.index()])?;
            }

            Op::CompareTexts { how, to, left, right } => {
                let holds = semantics::compare(*how, self.text(*left)?, self.text(*right)?);
                self.tell(*to, holds);
            }
            Op::TestTexts { how, to, of, part } => {
                let (of, part) = (self.text(*of)?, self.text(*part)?);
                let holds = match how {
                    TextTest::StartsWith => of.starts_with(part),
                    TextTest::EndsWith => of.ends_with(part),
                    TextTest::Contains => of.contains(part),
                };
                self.tell(*to, holds);
            }
            Op::TextIn { to, of, set } => {
                let holds = self.around.verified.text_in(*set, self.text(*of)?);
                self.tell(*to, holds);
            }
            Op::Matches { to, of, pattern } => {
                let holds = self.around.verified.matches(*pattern, self.text(*of)?);
                self.tell(*to, holds);
            }

            Op::IsMissing { to, of } => self.tell(*to, self.value(*of).is_missing()),
            Op::CompareValues { how, to, left, right } => {
                let holds = semantics::compare_values(*how, self.value(*left), self.value(*right))?;
                self.tell(*to, holds);
            }
            Op::Values { how, to, left, right } => {
                let value = semantics::values(*how, self.value(*left), self.value(*right))?;
                self.put(*to, value);
            }
            Op::NegateValue { to, of } => {
                let value = semantics::negate_value(self.value(*of))?;
                self.put(*to, value);
            }
            Op::WidenValue { to, of, ty } => {
                let value = semantics::widen_value(self.value(*of).clone(), &program.types[*ty as usize]);
                self.put(*to, value);
            }
            Op::FitValue { of, ty } => semantics::fits(self.value(*of), &program.types[*ty as usize])?,
            Op::Present { of } => {
                if self.value(*of).is_missing() {
                    return Err(Fault::Outside);
                }
            }
            Op::Sure { of } => {
                if !self.truth(*of) {
                    return Err(Fault::Outside);
                }
            }
            Op::Entity { to, kind, id } => {
                let entity = EntityRef::new(crate::value::EntityId(*kind), self.text(*id)?);
                self.put(*to, Value::Entity(entity));
            }
            Op::Data { to, data } => {
                let supplied = self.around.data.get(*data as usize).filter(|value| !value.is_missing());
                let value = supplied.cloned().ok_or(Fault::Form("data that was supplied"))?;
                self.put(*to, value);
            }
            Op::Field { to, of, field } => {
                let value = self.field(self.value(*of), &program.fields[*field as usize])?;
                self.put(*to, value);
            }
            Op::EntityId { to, of } => {
                let id = match self.value(*of) {
                    Value::Entity(entity) => Value::Text(entity.id.clone()),
                    _ => return Err(Fault::Outside),
                };
                self.put(*to, id);
            }
            Op::IsA { to, of, kind } => {
                let holds = matches!(self.value(*of), Value::Entity(entity) if entity.kind.0 == *kind);
                self.tell(*to, holds);
            }
            Op::BelongsTo { to, of, group } => {
                let holds = self.belongs_to(self.value(*of), self.value(*group));
                self.tell(*to, holds);
            }
            Op::Index { to, of, key } => {
                let value = semantics::index(self.value(*of), self.value(*key))?;
                self.put(*to, value);
            }
            Op::Holds { to, of, element } => {
                let holds = semantics::holds_element(self.value(*of), self.value(*element));
                self.tell(*to, holds);
            }
            Op::InRange { to, of, range } => {
                let holds = match (self.value(*of), self.value(*range)) {
                    (Value::Ip(address), Value::IpRange(range)) => range.contains(*address),
                    _ => return Err(Fault::Form("an address and a range of addresses")),
                };
                self.tell(*to, holds);
            }
            Op::Convert { to, of, ty, rates } => {
                let crate::value::Type::Money(Some(currency)) = &program.types[*ty as usize] else {
                    return Err(Fault::Form("a currency"));
                };
                let value = semantics::convert(self.value(*of), *currency, self.value(*rates))?;
                self.put(*to, value);
            }
            Op::List { to, first, count } => {
                let list = Value::List(self.run_of(*first, *count).into());
                self.put(*to, list);
            }
            Op::Set { to, first, count } => {
                let set: BTreeSet<Value> = self.run_of(*first, *count).iter().cloned().collect();
                self.put(*to, Value::Set(Arc::new(set)));
            }
            Op::Map { to, first, count } => {
                let pairs = self.run_of(*first, *count).chunks_exact(2);
                let map = pairs.map(|pair| (pair[0].clone(), pair[1].clone())).collect();
                self.put(*to, Value::Map(Arc::new(map)));
            }
            Op::Record { to, record, first, count } => {
                let fields = self.run_of(*first, *count).into();
                self.put(*to, Value::Record(crate::value::RecordId(*record), fields));
            }
            Op::With { to, of, place, value } => {
                let Value::Record(record, fields) = self.value(*of) else { return Err(Fault::Form("a record")) };
                let mut fields = fields.to_vec();
                let field = fields.get_mut(*place as usize).ok_or(Fault::Outside)?;
                *field = self.value(*value).clone();
                let record = Value::Record(*record, fields.into());
                self.put(*to, record);
            }
            Op::Items { to, of } => {
                let items = match self.value(*of) {
                    Value::List(items) => Value::List(items.clone()),
                    Value::Set(items) => Value::List(items.iter().cloned().collect()),
                    _ => Value::list(vec![]),
                };
                self.put(*to, items);
            }
            Op::Element { to, of, at } => {
                let value = semantics::index(self.value(*of), &Value::Int(self.word(*at)))?;
                self.put(*to, value);
            }
            Op::Length { to, of } => {
                let length = length(self.value(*of));
                self.set(*to, length);
            }
            Op::Show { to, of } => {
                let text = Value::text(program.schema.show(self.value(*of)));
                self.put(*to, text);
            }
            Op::FaultWord { to } => {
                let word = self.fault.take().map_or("", |(fault, _)| fault.word());
                self.put(*to, Value::text(format!("‹{word}›")));
            }
            Op::Concat { to, first, count } => {
                let mut text = String::new();
                for part in self.run_of(*first, *count) {
                    if let Value::Text(part) = part {
                        text += part;
                    }
                }
                self.put(*to, Value::text(text));
            }
            Op::ComesFrom { to, of, path, origins } => {
                let holds = self.comes_from(*of, *path, &program.origins[*origins as usize])?;
                self.tell(*to, holds);
            }
            Op::Call { to, builtin, policy, first, count } => {
                let row = self.around.verified.builtin(*builtin);
                let policy = program.policies.get(*policy as usize);
                let calendar = match policy.and_then(|policy| policy.calendar) {
                    Some(data) => match self.around.data.get(data as usize) {
                        Some(Value::Calendar(calendar)) => calendar,
                        Some(_) | None => &*UNKNOWN,
                    },
                    None => &*PLAIN,
                };
                let now = self.around.request.time();
                let context = Context { now, zone: policy.map_or("UTC", |policy| &policy.zone), calendar };
                let operands = self.run_of(*first, *count);
                if !row.takes(operands) {
                    return Err(Fault::Form("what a built-in takes"));
                }
                let value = (row.eval)(operands, &context)?;
                self.put(*to, value);
            }

            Op::Past { to, reading, first, count, from, order, like } => {
                let reading = &program.readings[*reading as usize];
                let began = (self.word(*from), self.word(*order));
                let value = self.past(reading, self.run_of(*first, *count), began, self.value(*like))?;
                self.put(*to, value);
            }
            Op::NewestPlace { time, order, accumulator, first, count } => {
                let place = self.newest(*accumulator, self.run_of(*first, *count))?;
                self.set(*time, place.map_or(0, |place| place.time.0));
                // The first place is 1.
                self.set(*order, place.map_or(0, |place| i64::try_from(place.order).unwrap_or(i64::MAX)));
            }

            Op::Begin { of } => self.banks.gathered[of.index()] = Gathered::default(),
            Op::Gather { how, into, of } => {
                let value = &self.banks.values[of.index()];
                self.banks.gathered[into.index()].add(*how, value)?;
            }
            Op::Total { how, to, of, ty } => {
                let value = self.banks.gathered[of.index()].total(*how, &program.types[*ty as usize])?;
                self.put(*to, value);
            }

            Op::Seen { at, of } => {
                let value = self.truth(*of);
                self.found.conditions.see(*at, value);
            }
            Op::Stand { rule, stance } => self.stand(*rule, *stance),
            Op::Unsay { rule } => self.found.unsay(*rule),
            Op::Err { rule, erred } => {
                let fault = self.fault.take().map(|(fault, at)| (fault, self.place(at)));
                self.found.err(*rule, fault, *erred);
            }
            Op::Cross { rule, duty } => self.found.crossed.push((*rule, *duty)),
            Op::Lack { rule, requirement } => self.lack(*rule, *requirement),
            Op::Approvals { to, rule, clause: number, until, timed, first, count } => {
                let clause = &program.clauses[*number as usize];
                let mut given = self.run_of(*first, *count).iter();
                // Where no approval was given, nobody looks at the roles: a list of them is not made.
                let mut roles = vec![];
                let listed = !self.around.given.is_empty() || self.asked.is_some();
                for wanted in &clause.wanted {
                    let role = match wanted.role {
                        Role::Fixed(role) => RoleId(role),
                        Role::Given => match given.next() {
                            Some(Value::Role(role)) => *role,
                            _ => return Err(Fault::Form("a role")),
                        },
                    };
                    if listed {
                        roles.push(role);
                    }
                }
                if !listed {
                    self.tell(*to, nobody_suffices(clause));
                    return Ok(Went::On);
                }
                let until = self.truth(*timed).then_some(Instant(self.word(*until)));
                if let Some(asked) = &mut self.asked {
                    asked.push(Asked { rule: *rule, clause: *number, roles: roles.clone(), until });
                }
                let mut fault = None;
                let holds = suffice(&Asking { around: self.around, clause, roles, until }, &mut fault);
                self.found.in_where.extend(fault.map(|(fault, place)| (*rule, fault, place)));
                self.tell(*to, holds);
            }
            Op::Otherwise { policy, verdict } => self.found.otherwise.push((*policy, *verdict)),
            Op::OtherwiseErr { policy } => {
                if let Some((fault, at)) = self.fault.take() {
                    let place = self.place(at);
                    self.found.otherwise_faults.push((*policy, fault, place));
                }
            }
            Op::InForce { rule, label } => {
                let rule = &program.rules[*rule as usize];
                let now = self.around.request.time();
                if !(rule.in_force.at(now) && self.found.speaking.contains(&rule.policy)) {
                    return Ok(Went::To(label.0));
                }
            }
        }
        Ok(Went::On)
    }

    fn index(&self, selection: u32) -> &'m Index {
        self.around.verified.index(self.number, selection)
    }

    fn select(&mut self, to: Word, selection: u32, place: Option<u32>, done: Label) -> Went {
        let selection = &self.function.selections[selection as usize];
        let start = place.and_then(|place| selection.starts.get(place as usize).copied());
        let target = start.and_then(|start| selection.targets.get(start as usize).copied());
        self.set(to, start.map_or(-1, i64::from));
        Went::To(target.filter(|target| *target != Selection::END).unwrap_or(done.0))
    }

    // Entities

    fn known(&self, entity: &EntityRef) -> Option<&Entity> {
        let approver = || self.around.approver.and_then(|known| known.get(entity)).map(|known| &**known);
        self.around.request.entity(entity).or_else(approver)
    }

    fn field(&self, of: &Value, fields: &[FieldOf]) -> Result<Value, Fault> {
        let place = |wanted: FieldOf| fields.iter().find(|field| field.is_of(wanted)).map(|field| field.place());
        match of {
            Value::Record(record, values) => {
                let place = place(FieldOf::Record { record: record.0, place: 0 });
                Ok(place.and_then(|place| values.get(place)).cloned().unwrap_or(Value::Missing))
            }
            Value::Entity(entity) => {
                let place = place(FieldOf::Entity { kind: entity.kind.0, place: 0 }).ok_or(Fault::Outside)?;
                let known = self.known(entity).ok_or(Fault::Outside)?;
                known.attributes.get(place).cloned().ok_or(Fault::Outside)
            }
            Value::Missing => Ok(Value::Missing),
            _ => Err(Fault::Form("something with fields")),
        }
    }

    /// `of` or one of its ancestors is the group, or is in it.
    fn belongs_to(&self, of: &Value, group: &Value) -> bool {
        let Value::Entity(of) = of else { return false };
        let wanted = |entity: &EntityRef| match group {
            Value::Entity(group) => group == entity,
            Value::List(groups) => groups.iter().any(|group| matches!(group, Value::Entity(group) if group == entity)),
            Value::Set(groups) => groups.contains(&Value::Entity(entity.clone())),
            _ => false,
        };
        if let Some(ancestors) = self.around.request.ancestors(of) {
            return match group {
                Value::Entity(group) => of == group || ancestors.binary_search(group).is_ok(),
                _ => wanted(of) || ancestors.iter().any(wanted),
            };
        }
        let (mut open, mut seen) = (vec![of], BTreeSet::new());
        while let Some(entity) = open.pop() {
            if wanted(entity) {
                return true;
            }
            if seen.insert(entity) {
                open.extend(self.known(entity).iter().flat_map(|known| &known.parents));
            }
        }
        false
    }

    fn comes_from(&self, of: Val, path: Val, wanted: &Origins) -> Result<bool, Fault> {
        let Value::Text(path) = self.value(path) else { return Err(Fault::Form("an argument")) };
        let schema = &self.around.verified.program().schema;
        for (part, _) in schema.leaves("x", self.value(of)) {
            let leaf = format!("{path}{}", &part[1..]);
            let origins = self.origins(&leaf).ok_or_else(|| Fault::NoOrigin(leaf.as_str().into()))?;
            let named = |origin: &&Origin| wanted.of.iter().any(|place| is_in(origin, place));
            let holds = match wanted.only {
                true => !origins.is_empty() && origins.iter().all(named),
                false => origins.iter().any(named),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The target and the argument that is its id have one record.
    fn origins(&self, leaf: &str) -> Option<Vec<&Origin>> {
        let request = self.around.request;
        let action = &self.around.verified.program().schema.actions[request.action()];
        let own = request.origins(leaf);
        let argument = match &action.as_arg {
            Some(arg) if leaf == TARGET => request.origins(arg),
            Some(_) | None => None,
        };
        match (own, argument) {
            (None, None) => None,
            _ => Some(own.into_iter().chain(argument).flatten().collect()),
        }
    }
}

/// The path of the target.
pub const TARGET: &str = "resource.id";

fn is_in(origin: &Origin, place: &OriginOf) -> bool {
    match (origin, place) {
        (Origin::User, OriginOf::User) | (Origin::Operator, OriginOf::Operator) => true,
        (Origin::Result { action, field }, OriginOf::Result { actions, field: wanted }) => {
            actions.iter().any(|of| *of as usize == *action)
                && wanted.as_ref().is_none_or(|wanted| field.as_deref() == Some(&**wanted))
        }
        (Origin::User | Origin::Operator | Origin::Result { .. } | Origin::Other(_), _) => false,
    }
}

fn length(of: &Value) -> i64 {
    match of {
        Value::List(items) => items.len() as i64,
        Value::Set(items) => items.len() as i64,
        Value::Map(items) => items.len() as i64,
        _ => 0,
    }
}
