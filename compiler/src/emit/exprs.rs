//! Expressions to instructions. Calls of defines and tables are laid out where they stand; what a `let` gives is worked
//! out where it is first needed, and found again where that is certain to have run.

use super::Unsupported;
use super::body::Body;
use crate::analysis::Checked;
use crate::check::Member;
use crate::hir::{
    ActionId, ArithmeticOp, Arm, Callee, Cell, CellKind, CompareOp, DefineId, DutyCall, Expr, ExprId, LocalId,
    LocalKind, Package, Pattern, Place, PolicyId, Quantifier, QuantifierKind, Source, TableId, TemplatePart,
};
use ordain_vm::op::{Arith, Cmp, Failure, Gather, Label, Op, Text, TextTest, Val, Wide, Word};
use ordain_vm::program::{FieldOf, OriginOf, Origins, Pattern as Form, Program};
use ordain_vm::request::slots::{Bank, Layout, Slot, wide, word};
use ordain_vm::value::{EntityRef, Money, Period, Type, Value};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) type Result<T> = std::result::Result<T, Unsupported>;

/// Nanoseconds.
const DAY: i64 = 86_400_000_000_000;
/// The most instructions of one function.
const MOST_OPS: u32 = 4_000_000;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Word(Word),
    Wide(Wide),
    Text(Text),
    Val(Val),
}

/// A value, and the word that says whether it is there, where that is not certain and its bank can't say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub at: At,
    pub present: Option<Word>,
}

impl From<At> for Operand {
    fn from(at: At) -> Operand {
        Operand { at, present: None }
    }
}

/// Where a value stands in the request: texts, and counters of walks as indices.
type Path = Vec<Piece>;

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Index(Word),
}

/// What a name stands for.
#[derive(Clone, Debug)]
enum Bound {
    Known(Operand, Type, Option<Path>),
    /// A `let`, in that call.
    Lazy(ExprId, u32),
}

/// What is shared by the functions of a program.
pub(super) struct Shared<'a> {
    pub checked: &'a Checked,
    pub package: &'a Package,
    pub program: Program,
    types: FxHashMap<Type, u32>,
    builtins: FxHashMap<String, u32>,
    patterns: FxHashMap<(bool, Arc<str>), u32>,
    fields: FxHashMap<(Type, Arc<str>), u32>,
    word_sets: FxHashMap<Vec<i64>, u32>,
    text_sets: FxHashMap<Vec<Arc<str>>, u32>,
}

impl<'a> Shared<'a> {
    pub fn new(checked: &'a Checked, program: Program) -> Shared<'a> {
        Shared {
            checked,
            package: &checked.package,
            program,
            types: FxHashMap::default(),
            builtins: FxHashMap::default(),
            patterns: FxHashMap::default(),
            fields: FxHashMap::default(),
            word_sets: FxHashMap::default(),
            text_sets: FxHashMap::default(),
        }
    }

    fn ty(&mut self, ty: &Type) -> u32 {
        let all = &mut self.program.types;
        *self.types.entry(ty.clone()).or_insert_with(|| numbered(all, ty.clone()))
    }

    fn builtin(&mut self, path: &str) -> u32 {
        let all = &mut self.program.builtins;
        *self.builtins.entry(path.to_string()).or_insert_with(|| numbered(all, path.into()))
    }

    fn pattern(&mut self, form: &Arc<str>, like: bool) -> u32 {
        let all = &mut self.program.patterns;
        let pattern = |form: &Arc<str>| if like { Form::Like(form.clone()) } else { Form::Matches(form.clone()) };
        *self.patterns.entry((like, form.clone())).or_insert_with(|| numbered(all, pattern(form)))
    }

    /// A field of what is of that type, by record and kind.
    fn field(&mut self, of: &Type, name: &Arc<str>) -> u32 {
        let package = self.package;
        let place = |fields: &[crate::hir::Field]| {
            fields.iter().position(|field| field.name.text == *name).map(|place| place as u32)
        };
        let found: Vec<FieldOf> = match of.present() {
            Type::Record(id) => {
                let place = place(&package[*id].fields);
                place.map(|place| FieldOf::Record { record: id.0, place }).into_iter().collect()
            }
            Type::Entity(kinds) => kinds
                .iter()
                .filter_map(|kind| {
                    let place = place(&package[*kind].attributes)?;
                    Some(FieldOf::Entity { kind: kind.0, place })
                })
                .collect(),
            _ => vec![],
        };
        let all = &mut self.program.fields;
        *self.fields.entry((of.present().clone(), name.clone())).or_insert_with(|| numbered(all, found))
    }
}

fn numbered<T>(all: &mut Vec<T>, one: T) -> u32 {
    all.push(one);
    all.len() as u32 - 1
}

/// One function while it is written.
pub(super) struct Emitter<'s, 'a> {
    pub shared: &'s mut Shared<'a>,
    pub body: Body,
    pub action: ActionId,
    pub layout: Layout,
    locals: Vec<(LocalId, Bound)>,
    /// What was worked out, by call and expression; what a jump may have passed over is taken off again.
    known: Vec<((u32, ExprId), Operand)>,
    /// The call that is laid out, and how many there were.
    call: u32,
    calls: u32,
    /// Conditions by number, of the rule that is written.
    pub atoms: FxHashMap<ExprId, u32>,
    /// The policy of the rule that is written: its zone and calendar tell the time.
    pub policy: Option<PolicyId>,
}

impl<'s, 'a> Emitter<'s, 'a> {
    pub fn new(shared: &'s mut Shared<'a>, action: ActionId) -> Emitter<'s, 'a> {
        let layout = Layout::of(&shared.program.schema, action.index());
        Emitter {
            body: Body::new(layout.registers),
            layout,
            shared,
            action,
            locals: vec![],
            known: vec![],
            call: 0,
            calls: 0,
            atoms: FxHashMap::default(),
            policy: None,
        }
    }

    pub fn package(&self) -> &'a Package {
        self.shared.package
    }

    /// Forgets what was worked out since `mark`: from here on it is not certain to have run.
    pub fn forget(&mut self, mark: usize) {
        self.known.truncate(mark);
    }

    pub fn mark(&self) -> usize {
        self.known.len()
    }

    pub fn bind_lets(&mut self, lets: &[(LocalId, ExprId)]) {
        let call = self.call;
        self.locals.extend(lets.iter().map(|(local, value)| (*local, Bound::Lazy(*value, call))));
    }

    pub fn unbind(&mut self) {
        self.locals.clear();
        self.known.clear();
    }

    /// The type as which the expression is used.
    fn type_of(&self, id: ExprId) -> Type {
        let types = &self.shared.checked.types;
        types.wanted.get(&id).unwrap_or_else(|| types.of(id)).clone()
    }

    fn unsupported<T>(&self, id: ExprId, what: &'static str) -> Result<T> {
        Err(Unsupported { what, at: self.package().at(id) })
    }

    // Values of every kind

    /// The value of an expression, in the bank of its type.
    pub fn expr(&mut self, id: ExprId) -> Result<Operand> {
        let key = (self.call, id);
        if let Some((_, known)) = self.known.iter().rev().find(|(of, _)| *of == key) {
            return Ok(*known);
        }
        if self.body.len() > MOST_OPS {
            return self.unsupported(id, "a function of so many instructions");
        }
        let wanted = self.type_of(id);
        if let Some(value) = self.literal(id) {
            return Ok(self.constant(&value, &wanted));
        }
        let around = self.body.at(self.package().at(id));
        let operand = self.walk(id)?;
        let own = self.shared.checked.types.of(id).clone();
        let operand = self.sure(operand, &own);
        let operand = if wanted == own { operand } else { self.coerce(operand, &own, &wanted) };
        self.body.back_to(around);
        self.known.push((key, operand));
        Ok(operand)
    }

    /// What can't be missing by its type is there.
    fn sure(&mut self, operand: Operand, ty: &Type) -> Operand {
        if matches!(ty, Type::Optional(_) | Type::Unknown) {
            return operand;
        }
        match operand.present {
            Some(present) => {
                self.body.push(Op::Sure { of: present });
                operand.at.into()
            }
            None => operand,
        }
    }

    /// Of one type, as another wants it.
    fn coerce(&mut self, operand: Operand, from: &Type, to: &Type) -> Operand {
        match (Bank::of(from), Bank::of(to)) {
            (Bank::Word, Bank::Wide) if *from.present() == Type::Int => {
                let At::Word(of) = operand.at else { return operand };
                let at = match self.body.known_word(of) {
                    Some(known) => self.body.const_wide(ordain_vm::semantics::widen(known)),
                    None => {
                        let to = self.body.wide();
                        self.body.push(Op::Widen { to, of });
                        to
                    }
                };
                Operand { at: At::Wide(at), present: operand.present }
            }
            (Bank::Value, Bank::Value) if from.present() != to.present() => {
                let (of, ty, wide) = (self.boxed(operand, from), self.shared.ty(to), self.body.val());
                self.body.push(Op::WidenValue { to: wide, of, ty });
                At::Val(wide).into()
            }
            (_, Bank::Value) => At::Val(self.boxed(operand, from)).into(),
            (Bank::Value, _) => match operand.at {
                At::Val(of) => self.unboxed(of, to),
                _ => operand,
            },
            (Bank::Word | Bank::Wide | Bank::Text, _) => operand,
        }
    }

    /// In the value bank.
    fn boxed(&mut self, operand: Operand, ty: &Type) -> Val {
        let op = match operand.at {
            At::Val(of) => return of,
            At::Text(Text::Made(of)) if operand.present.is_none() => return of,
            at => at,
        };
        let to = self.body.val();
        let done = self.body.label();
        if let Some(present) = operand.present {
            self.body.push(Op::Missing { to });
            self.body.push(Op::JumpIfNot { of: present, label: done });
        }
        let ty = self.shared.ty(ty.present());
        self.body.push(match op {
            At::Word(of) => Op::WordValue { to, of, ty },
            At::Wide(of) => Op::WideValue { to, of, ty },
            At::Text(of) => Op::TextValue { to, of },
            At::Val(of) => Op::MoveValue { to, of },
        });
        self.body.bind(done);
        to
    }

    /// A value of a type, in the bank of the type.
    fn unboxed(&mut self, of: Val, ty: &Type) -> Operand {
        let bank = Bank::of(ty);
        if bank == Bank::Value {
            if !matches!(ty, Type::Optional(_) | Type::Unknown) {
                self.body.push(Op::Present { of });
            }
            return At::Val(of).into();
        }
        let done = self.body.label();
        let present = ty.is_optional().then(|| {
            let (missing, present) = (self.body.word(), self.body.word());
            self.body.push(Op::IsMissing { to: missing, of });
            self.body.push(Op::Not { to: present, of: missing });
            self.body.push(Op::JumpIf { of: missing, label: done });
            present
        });
        let at = match bank {
            Bank::Word => {
                let to = self.body.word();
                self.body.push(Op::ValueWord { to, of });
                At::Word(to)
            }
            Bank::Wide => {
                let to = self.body.wide();
                self.body.push(Op::ValueWide { to, of });
                At::Wide(to)
            }
            Bank::Text | Bank::Value => {
                self.body.push(Op::Present { of });
                At::Text(Text::Made(of))
            }
        };
        self.body.bind(done);
        Operand { at, present }
    }

    pub fn value(&mut self, id: ExprId) -> Result<Val> {
        let operand = self.expr(id)?;
        let ty = self.type_of(id);
        Ok(self.boxed(operand, &ty))
    }

    fn text(&mut self, id: ExprId) -> Result<Text> {
        match self.expr(id)?.at {
            At::Text(text) => Ok(text),
            At::Val(of) => Ok(Text::Made(of)),
            At::Word(_) | At::Wide(_) => self.unsupported(id, "this as a text"),
        }
    }

    fn word_of(&mut self, id: ExprId) -> Result<Word> {
        match self.expr(id)?.at {
            At::Word(word) => Ok(word),
            At::Val(of) => {
                let to = self.body.word();
                self.body.push(Op::ValueWord { to, of });
                Ok(to)
            }
            At::Wide(_) | At::Text(_) => self.unsupported(id, "this as a condition"),
        }
    }

    /// Registers for a value of a type, to be filled on several ways.
    fn target(&mut self, ty: &Type) -> Operand {
        let at = match Bank::of(ty) {
            Bank::Word => At::Word(self.body.word()),
            Bank::Wide => At::Wide(self.body.wide()),
            Bank::Text => At::Text(Text::Made(self.body.val())),
            Bank::Value => At::Val(self.body.val()),
        };
        let present = (ty.is_optional() && Bank::of(ty) != Bank::Value).then(|| self.body.word());
        Operand { at, present }
    }

    fn fill(&mut self, to: Operand, from: Operand, from_ty: &Type, ty: &Type) {
        let from = self.coerce(from, from_ty, ty);
        match (to.at, from.at) {
            (At::Word(to), At::Word(of)) => self.body.push(Op::MoveWord { to, of }),
            (At::Wide(to), At::Wide(of)) => self.body.push(Op::MoveWide { to, of }),
            (At::Text(Text::Made(to)), At::Text(Text::Made(of))) | (At::Val(to), At::Val(of)) => {
                self.body.push(Op::MoveValue { to, of });
            }
            (At::Text(Text::Made(to)), At::Text(of)) => self.body.push(Op::TextValue { to, of }),
            (At::Text(Text::Made(to)), At::Val(of)) => self.body.push(Op::MoveValue { to, of }),
            (_, _) => {}
        }
        if let Some(to) = to.present {
            let of = from.present.unwrap_or_else(|| self.body.const_word(1));
            self.body.push(Op::MoveWord { to, of });
        }
    }

    fn constant(&mut self, value: &Value, ty: &Type) -> Operand {
        match (Bank::of(ty), value) {
            (Bank::Text, Value::Text(text)) => At::Text(self.body.const_text(text)).into(),
            (Bank::Word, value) if let Some(word) = word(value) => At::Word(self.body.const_word(word)).into(),
            (Bank::Wide, value) if let Some(wide) = wide(value) => At::Wide(self.body.const_wide(wide)).into(),
            (_, value) => At::Val(self.body.const_value(value.clone())).into(),
        }
    }

    /// The value of what is written out: literals, members, and lists, sets and maps of them.
    fn literal(&self, id: ExprId) -> Option<Value> {
        let own = match self.package().expr(id) {
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(value) => Value::Int(*value),
            Expr::Decimal(value) => Value::Decimal(*value),
            Expr::Money(amount, currency) => Value::Money(Money { currency: *currency, amount: *amount }),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Date(value) => Value::Date(*value),
            Expr::Time(value) => Value::Time(*value),
            Expr::Instant(value) => Value::Instant(*value),
            Expr::Duration(nanos) => Value::Duration(*nanos),
            Expr::Period(value) => Value::Period(*value),
            Expr::Days(count) => match self.type_of(id).present() {
                Type::Period => Value::Period(Period { days: i32::try_from(*count).ok()?, ..Period::default() }),
                _ => Value::Duration(count.checked_mul(DAY)?),
            },
            Expr::EnumMember(of, member) => Value::Enum(*of, *member),
            Expr::Role(role) => Value::Role(*role),
            Expr::Member(_) => match self.shared.checked.types.members.get(&id)? {
                Member::Enum(of, member) => Value::Enum(*of, *member),
                Member::Role(role) => Value::Role(*role),
                Member::Value(value) => value.clone(),
            },
            Expr::Entity { kind, id, parents, attributes } if parents.is_empty() && attributes.is_empty() => {
                match self.literal(*id)? {
                    Value::Text(id) => Value::Entity(EntityRef::new(*kind, id)),
                    _ => return None,
                }
            }
            Expr::List(items) => Value::list(self.literals(items)?),
            Expr::SetOf(items) => match self.type_of(id).present() {
                Type::Map(..) => Value::Map(Arc::default()),
                _ => Value::Set(Arc::new(self.literals(items)?.into_iter().collect::<BTreeSet<_>>())),
            },
            Expr::MapOf(items) => {
                let pairs = items.iter().map(|(key, value)| Some((self.literal(*key)?, self.literal(*value)?)));
                Value::Map(Arc::new(pairs.collect::<Option<BTreeMap<_, _>>>()?))
            }
            Expr::Set(set) => self.literal(self.package()[*set].value)?,
            _ => return None,
        };
        Some(match self.shared.checked.types.wanted.get(&id) {
            Some(wanted) => ordain_vm::semantics::widen_value(own, wanted),
            None => own,
        })
    }

    fn literals(&self, items: &[ExprId]) -> Option<Vec<Value>> {
        items.iter().map(|item| self.literal(*item)).collect()
    }

    fn slot(&self, slot: Slot) -> Operand {
        let at = match slot.bank {
            Bank::Word => At::Word(Word(slot.at)),
            Bank::Wide => At::Wide(Wide(slot.at)),
            Bank::Text => At::Text(Text::Slot(slot.at)),
            Bank::Value => At::Val(Val(slot.at)),
        };
        Operand { at, present: slot.present.map(Word) }
    }

    /// Of the type that the expression itself has, before it is widened.
    fn walk(&mut self, id: ExprId) -> Result<Operand> {
        let package = self.package();
        let own = self.shared.checked.types.of(id).clone();
        match package.expr(id) {
            Expr::Error => self.unsupported(id, "broken text"),
            Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Decimal(_)
            | Expr::Money(..)
            | Expr::Text(_)
            | Expr::Date(_)
            | Expr::Time(_)
            | Expr::Instant(_)
            | Expr::Duration(_)
            | Expr::Period(_)
            | Expr::EnumMember(..)
            | Expr::Role(_)
            | Expr::Member(_) => self.unsupported(id, "this constant"),
            // A count that no span can hold.
            Expr::Days(_) => {
                self.body.push(Op::Fail { why: Failure::Overflow });
                Ok(self.target(&own))
            }
            Expr::Template(parts) => self.template(parts),
            Expr::Local(local) => self.local(id, *local),
            Expr::Actor => Ok(self.entity_slot(self.layout.actor)),
            Expr::Target => Ok(self.entity_slot(self.layout.target)),
            Expr::Now => Ok(At::Word(Word(self.layout.now)).into()),
            Expr::Today => self.call_row("op.today", &[], &own),
            Expr::Arg(name) => Ok(self.argument(&name.text)),
            Expr::Session => Ok(self.slot(self.layout.session)),
            Expr::RequestId => Ok(self.slot(self.layout.id)),
            Expr::Context(at) => Ok(self.slot(self.layout.context[*at])),
            Expr::Set(set) => {
                let value = package[*set].value;
                let operand = self.expr(value)?;
                let ty = self.type_of(value);
                Ok(self.coerce(operand, &ty, &own))
            }
            Expr::Data(data) => {
                let to = self.body.val();
                self.body.push(Op::Data { to, data: data.0 });
                Ok(self.unboxed(to, &own))
            }
            Expr::Entry { .. } => self.unsupported(id, "the past"),
            Expr::Field { of, name } => self.field(*of, &name.text, &own),
            Expr::Index { of, key } => {
                let (of, key, to) = (self.value(*of)?, self.value(*key)?, self.body.val());
                self.body.push(Op::Index { to, of, key });
                Ok(self.unboxed(to, &own))
            }
            Expr::Call { callee, args } => self.called(callee, args, &own),
            Expr::Entity { kind, id: of, .. } => {
                let of = self.text(*of)?;
                let to = self.body.val();
                self.body.push(Op::Entity { to, kind: kind.0, id: of });
                Ok(At::Val(to).into())
            }
            Expr::Record { record, fields } => {
                let declared = &package[*record].fields;
                let first = self.body.vals(declared.len());
                (0..declared.len() as u32).for_each(|at| self.body.push(Op::Missing { to: Val(first.0 + at) }));
                for (name, value) in fields {
                    let Some(at) = declared.iter().position(|field| field.name.text == name.text) else { continue };
                    let of = self.fitting(*value, &declared[at].ty)?;
                    self.body.push(Op::MoveValue { to: Val(first.0 + at as u32), of });
                }
                let to = self.body.val();
                self.body.push(Op::Record { to, record: record.0, first, count: declared.len() as u32 });
                Ok(At::Val(to).into())
            }
            Expr::With { of, fields } => self.with(id, *of, fields),
            Expr::List(items) => {
                let (first, count) = self.row(items)?;
                let to = self.body.val();
                self.body.push(Op::List { to, first, count });
                Ok(At::Val(to).into())
            }
            Expr::SetOf(items) => {
                let (first, count) = self.row(items)?;
                let to = self.body.val();
                self.body.push(Op::Set { to, first, count });
                Ok(At::Val(to).into())
            }
            Expr::MapOf(items) => {
                let parts: Vec<ExprId> = items.iter().flat_map(|(key, value)| [*key, *value]).collect();
                let (first, count) = self.row(&parts)?;
                let to = self.body.val();
                self.body.push(Op::Map { to, first, count });
                Ok(At::Val(to).into())
            }
            Expr::Not(of) => {
                let (of, to) = (self.word_of(*of)?, self.body.word());
                self.body.push(Op::Not { to, of });
                Ok(At::Word(to).into())
            }
            Expr::And(_) | Expr::Or(_) => {
                let (to, done, zero, one) =
                    (self.body.word(), self.body.label(), self.body.const_word(0), self.body.const_word(1));
                self.body.push(Op::MoveWord { to, of: zero });
                let mark = self.mark();
                self.branch(id, false, done)?;
                self.body.push(Op::MoveWord { to, of: one });
                self.body.bind(done);
                self.forget(mark);
                Ok(At::Word(to).into())
            }
            Expr::Negate(of) => self.negate(*of),
            Expr::OrElse(of, default) => self.or_else(*of, *default, &own),
            Expr::Arithmetic(op, left, right) => self.arithmetic(*op, *left, *right, &own),
            Expr::Compare { operands, ops } => self.compare(operands, ops),
            Expr::Age { of, op, than } => self.age(*of, *op, *than),
            Expr::In { element, of } => self.is_in(*element, *of),
            Expr::StartsWith(of, part) => self.test(TextTest::StartsWith, *of, *part),
            Expr::EndsWith(of, part) => self.test(TextTest::EndsWith, *of, *part),
            Expr::Contains(of, part) => match self.type_of(*of).present() {
                Type::Text(_) => self.test(TextTest::Contains, *of, *part),
                _ => {
                    let (of, element, to) = (self.value(*of)?, self.value(*part)?, self.body.word());
                    self.body.push(Op::Holds { to, of, element });
                    Ok(At::Word(to).into())
                }
            },
            Expr::Matches(of, form) => self.matches(*of, form, false),
            Expr::Like(of, form) => self.matches(*of, form, true),
            Expr::IsPresent(of) => {
                let operand = self.expr(*of)?;
                Ok(At::Word(self.presence(operand)).into())
            }
            Expr::IsA(of, kind) => {
                let (of, to) = (self.value(*of)?, self.body.word());
                self.body.push(Op::IsA { to, of, kind: kind.0 });
                Ok(At::Word(to).into())
            }
            Expr::BelongsTo { of, groups } => {
                let (of, to, done) = (self.value(*of)?, self.body.word(), self.body.label());
                let zero = self.body.const_word(0);
                self.body.push(Op::MoveWord { to, of: zero });
                let mut mark = None;
                for group in groups {
                    let group = self.value(*group)?;
                    self.body.push(Op::BelongsTo { to, of, group });
                    self.body.push(Op::JumpIf { of: to, label: done });
                    mark.get_or_insert(self.mark());
                }
                self.body.bind(done);
                mark.into_iter().for_each(|mark| self.forget(mark));
                Ok(At::Word(to).into())
            }
            Expr::Near { of, span, center } => self.near(*of, *span, *center),
            Expr::Within { of, range } => match self.type_of(*range).present() {
                Type::Hours => {
                    let args = [*of, *range];
                    self.call_row("op.is_open", &args, &own)
                }
                _ => {
                    let (of, range, to) = (self.value(*of)?, self.value(*range)?, self.body.word());
                    self.body.push(Op::InRange { to, of, range });
                    Ok(At::Word(to).into())
                }
            },
            Expr::ComesFrom { of, places, only } => self.comes_from(id, *of, places, *only),
            Expr::Convert { of, currency, rates } => {
                let (of, rates_at, to) = (self.value(*of)?, self.body.val(), self.body.val());
                self.body.push(Op::Data { to: rates_at, data: rates.0 });
                let ty = self.shared.ty(&Type::Money(Some(*currency)));
                self.body.push(Op::Convert { to, of, ty, rates: rates_at });
                Ok(self.unboxed(to, &own))
            }
            Expr::If { condition, then, otherwise } => {
                let (to, no, done) = (self.target(&own), self.body.label(), self.body.label());
                self.branch(*condition, false, no)?;
                let mark = self.mark();
                let value = self.expr(*then)?;
                let ty = self.type_of(*then);
                self.fill(to, value, &ty, &own);
                self.body.push(Op::Jump { label: done });
                self.body.bind(no);
                self.forget(mark);
                let value = self.expr(*otherwise)?;
                let ty = self.type_of(*otherwise);
                self.fill(to, value, &ty, &own);
                self.body.bind(done);
                self.forget(mark);
                Ok(to)
            }
            Expr::Match { of, arms } => self.matched(*of, arms, &own),
            Expr::Let { bindings, body } => {
                let depth = self.locals.len();
                self.bind_lets(bindings);
                let operand = self.expr(*body)?;
                let ty = self.type_of(*body);
                self.locals.truncate(depth);
                Ok(self.coerce(operand, &ty, &own))
            }
            Expr::Quantifier(quantifier) => self.quantifier(id, quantifier, &own),
        }
    }

    fn entity_slot(&mut self, slot: Option<Slot>) -> Operand {
        match slot {
            Some(slot) => self.slot(slot),
            None => At::Val(self.body.const_value(Value::Missing)).into(),
        }
    }

    fn argument(&mut self, name: &str) -> Operand {
        let action = &self.package()[self.action];
        match (action.field(name), self.layout.target) {
            (Some((at, _)), _) => self.slot(self.layout.fields[at]),
            (None, Some(target)) => {
                let to = self.body.val();
                self.body.push(Op::EntityId { to, of: Val(target.at) });
                At::Text(Text::Made(to)).into()
            }
            (None, None) => At::Val(self.body.const_value(Value::Missing)).into(),
        }
    }

    fn local(&mut self, id: ExprId, local: LocalId) -> Result<Operand> {
        let own = self.shared.checked.types.of(id).clone();
        let bound = self.locals.iter().rev().find(|(name, _)| *name == local).map(|(_, bound)| bound.clone());
        match bound {
            Some(Bound::Known(operand, ty, _)) => {
                // Narrowed, it is of the same bank.
                let narrowed = ty.present() == own.present();
                Ok(if narrowed { operand } else { self.coerce(operand, &ty, &own) })
            }
            Some(Bound::Lazy(value, call)) => {
                let around = std::mem::replace(&mut self.call, call);
                let operand = self.expr(value);
                self.call = around;
                let (operand, ty) = (operand?, self.type_of(value));
                let narrowed = ty.present() == own.present();
                Ok(if narrowed { operand } else { self.coerce(operand, &ty, &own) })
            }
            None => match &self.package()[local].kind {
                LocalKind::Entry(_) | LocalKind::Since(_) => self.unsupported(id, "the past"),
                LocalKind::Approver(_) => self.unsupported(id, "an approver"),
                LocalKind::Param(_) | LocalKind::Let(_) | LocalKind::Element(_) => self.unsupported(id, "this name"),
            },
        }
    }

    fn field(&mut self, of: ExprId, name: &Arc<str>, own: &Type) -> Result<Operand> {
        let ty = self.type_of(of);
        let at = self.value(of)?;
        let to = self.body.val();
        let id = matches!(ty.present(), Type::Entity(_)) && &**name == "id";
        if id {
            self.body.push(Op::EntityId { to, of: at });
        } else {
            let field = self.shared.field(&ty, name);
            self.body.push(Op::Field { to, of: at, field });
        }
        Ok(self.unboxed(to, own))
    }

    fn with(&mut self, id: ExprId, of: ExprId, fields: &[(crate::hir::Name, ExprId)]) -> Result<Operand> {
        let Type::Record(record) = self.type_of(of).present().clone() else {
            return self.unsupported(id, "`with` of this");
        };
        let mut at = self.value(of)?;
        let declared = &self.package()[record].fields;
        let mut values = vec![];
        for (name, value) in fields {
            let Some(place) = declared.iter().position(|field| field.name.text == name.text) else { continue };
            values.push((place as u32, self.fitting(*value, &declared[place].ty)?));
        }
        for (place, value) in values {
            let to = self.body.val();
            self.body.push(Op::With { to, of: at, place, value });
            at = to;
        }
        Ok(At::Val(at).into())
    }

    /// Values in registers in a row, in the order of the text.
    fn row(&mut self, items: &[ExprId]) -> Result<(Val, u32)> {
        let values = items.iter().map(|item| self.value(*item)).collect::<Result<Vec<_>>>()?;
        Ok(self.in_a_row(&values))
    }

    /// The value, no longer than its place allows.
    fn fitting(&mut self, id: ExprId, ty: &Type) -> Result<Val> {
        let of = self.value(id)?;
        if bounded(ty) {
            let around = self.body.at(self.package().at(id));
            let ty = self.shared.ty(ty);
            self.body.push(Op::FitValue { of, ty });
            self.body.back_to(around);
        }
        Ok(of)
    }

    fn template(&mut self, parts: &[TemplatePart]) -> Result<Operand> {
        let mut texts = vec![];
        for part in parts {
            match part {
                TemplatePart::Plain(plain) => texts.push(self.body.const_value(Value::Text(plain.clone()))),
                TemplatePart::Filled(id) => {
                    let (of, to) = (self.value(*id)?, self.body.val());
                    self.body.push(Op::Show { to, of });
                    texts.push(to);
                }
            }
        }
        let ((first, count), to) = (self.in_a_row(&texts), self.body.val());
        self.body.push(Op::Concat { to, first, count });
        Ok(At::Text(Text::Made(to)).into())
    }

    // Conditions

    /// Goes to the label where the condition is `when`, and on where it is not.
    pub fn branch(&mut self, id: ExprId, when: bool, label: Label) -> Result<()> {
        match self.package().expr(id) {
            Expr::Not(of) if !self.atoms.contains_key(&id) => self.branch(*of, !when, label),
            // All of them, or none of them, is what the way on is sure of.
            Expr::And(parts) if !when => parts.iter().try_for_each(|part| self.branch(*part, false, label)),
            Expr::Or(parts) if when => parts.iter().try_for_each(|part| self.branch(*part, true, label)),
            Expr::And(parts) | Expr::Or(parts) => {
                let on = self.body.label();
                let mut mark = None;
                for (at, part) in parts.iter().enumerate() {
                    match at + 1 == parts.len() {
                        true => self.branch(*part, when, label)?,
                        false => self.branch(*part, !when, on)?,
                    }
                    mark.get_or_insert(self.mark());
                }
                self.body.bind(on);
                mark.into_iter().for_each(|mark| self.forget(mark));
                Ok(())
            }
            _ => {
                let from = self.body.len();
                let of = self.word_of(id)?;
                if let Some(at) = self.atoms.get(&id).copied() {
                    self.body.watch(from, at);
                    self.body.push(Op::Seen { at, of });
                }
                self.body.push(if when { Op::JumpIf { of, label } } else { Op::JumpIfNot { of, label } });
                Ok(())
            }
        }
    }

    fn presence(&mut self, operand: Operand) -> Word {
        match (operand.present, operand.at) {
            (Some(present), _) => present,
            (None, At::Val(of)) => {
                let (missing, to) = (self.body.word(), self.body.word());
                self.body.push(Op::IsMissing { to: missing, of });
                self.body.push(Op::Not { to, of: missing });
                to
            }
            (None, _) => self.body.const_word(1),
        }
    }

    fn test(&mut self, how: TextTest, of: ExprId, part: ExprId) -> Result<Operand> {
        let (of, part, to) = (self.text(of)?, self.text(part)?, self.body.word());
        self.body.push(Op::TestTexts { how, to, of, part });
        Ok(At::Word(to).into())
    }

    fn matches(&mut self, of: ExprId, form: &Arc<str>, like: bool) -> Result<Operand> {
        let (of, to) = (self.text(of)?, self.body.word());
        let pattern = self.shared.pattern(form, like);
        self.body.push(Op::Matches { to, of, pattern });
        Ok(At::Word(to).into())
    }

    fn compare(&mut self, operands: &[ExprId], ops: &[CompareOp]) -> Result<Operand> {
        let (to, done, zero) = (self.body.word(), self.body.label(), self.body.const_word(0));
        let chain = ops.len() > 1;
        if chain {
            self.body.push(Op::MoveWord { to, of: zero });
        }
        let mut mark = None;
        for (at, op) in ops.iter().enumerate() {
            let (left, right) = (operands[at], operands[at + 1]);
            let (a, a_ty) = (self.expr(left)?, self.type_of(left));
            let (b, b_ty) = (self.expr(right)?, self.type_of(right));
            mark.get_or_insert(self.mark());
            self.compared(cmp(*op), to, (a, &a_ty), (b, &b_ty));
            if chain && at + 1 < ops.len() {
                self.body.push(Op::JumpIfNot { of: to, label: done });
            }
        }
        self.body.bind(done);
        if chain {
            mark.into_iter().for_each(|mark| self.forget(mark));
        }
        Ok(At::Word(to).into())
    }

    fn compared(&mut self, how: Cmp, to: Word, (a, a_ty): (Operand, &Type), (b, b_ty): (Operand, &Type)) {
        let certain = a.present.is_none() && b.present.is_none();
        let op = match (a.at, b.at) {
            (At::Word(left), At::Word(right)) if certain => Op::CompareWords { how, to, left, right },
            (At::Wide(left), At::Wide(right)) if certain && a_ty.present() == b_ty.present() => {
                Op::CompareWides { how, to, left, right }
            }
            (At::Text(left), At::Text(right)) if certain => Op::CompareTexts { how, to, left, right },
            _ => {
                let (left, right) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                Op::CompareValues { how, to, left, right }
            }
        };
        self.body.push(op);
    }

    fn is_in(&mut self, element: ExprId, of: ExprId) -> Result<Operand> {
        let operand = self.expr(element)?;
        let ty = self.type_of(element);
        let to = self.body.word();
        let literal = match self.literal(of) {
            Some(Value::Set(items)) => Some(items.iter().cloned().collect::<Vec<_>>()),
            Some(Value::List(items)) => Some(items.to_vec()),
            _ => None,
        };
        match (operand.at, literal) {
            (At::Word(of), Some(items)) if operand.present.is_none() => {
                let mut words: Vec<i64> = items.iter().filter_map(word).collect();
                words.sort_unstable();
                words.dedup();
                let all = &mut self.shared.program.word_sets;
                let set = *self.shared.word_sets.entry(words.clone()).or_insert_with(|| numbered(all, words));
                self.body.push(Op::WordIn { to, of, set });
            }
            (At::Text(of), Some(items)) if operand.present.is_none() => {
                let mut texts: Vec<Arc<str>> = items
                    .iter()
                    .filter_map(|item| match item {
                        Value::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect();
                texts.sort_unstable();
                texts.dedup();
                let all = &mut self.shared.program.text_sets;
                let set = *self.shared.text_sets.entry(texts.clone()).or_insert_with(|| numbered(all, texts));
                self.body.push(Op::TextIn { to, of, set });
            }
            _ => {
                let element = self.boxed(operand, &ty);
                let of = self.value(of)?;
                self.body.push(Op::Holds { to, of, element });
            }
        }
        Ok(At::Word(to).into())
    }

    /// An age of at least P was reached once `of + P` has come.
    fn age(&mut self, of: ExprId, op: CompareOp, than: ExprId) -> Result<Operand> {
        let ty = self.type_of(of).present().clone();
        let of = self.value(of)?;
        let span = self.value(than)?;
        let reached = match ty {
            Type::Date => self.call_values("op.today", &[], &Type::Date),
            _ => At::Word(Word(self.layout.now)).into(),
        };
        let due = self.call_values("op.plus", &[of, span], &ty);
        let to = self.body.word();
        let how = match op {
            CompareOp::GreaterOrEqual => Cmp::LessOrEqual,
            CompareOp::Greater => Cmp::Less,
            CompareOp::LessOrEqual => Cmp::GreaterOrEqual,
            CompareOp::Less => Cmp::Greater,
            CompareOp::Equal => Cmp::Equal,
            CompareOp::NotEqual => Cmp::NotEqual,
        };
        self.compared(how, to, (due, &ty), (reached, &ty));
        Ok(At::Word(to).into())
    }

    /// `center - span <= of and of <= center + span`
    fn near(&mut self, of: ExprId, span: ExprId, center: ExprId) -> Result<Operand> {
        let ty = self.type_of(of).present().clone();
        let center_ty = self.type_of(center).present().clone();
        let of = self.expr(of)?;
        let span = self.value(span)?;
        let center = self.value(center)?;
        let (to, done) = (self.body.word(), self.body.label());
        let low = self.call_values("op.minus", &[center, span], &center_ty);
        self.compared(Cmp::LessOrEqual, to, (low, &center_ty), (of, &ty));
        self.body.push(Op::JumpIfNot { of: to, label: done });
        let high = self.call_values("op.plus", &[center, span], &center_ty);
        self.compared(Cmp::LessOrEqual, to, (of, &ty), (high, &center_ty));
        self.body.bind(done);
        Ok(At::Word(to).into())
    }

    // Arithmetic

    fn negate(&mut self, of: ExprId) -> Result<Operand> {
        let operand = self.expr(of)?;
        Ok(match operand.at {
            At::Word(of) => {
                let to = self.body.word();
                self.body.push(Op::NegateWord { to, of });
                At::Word(to)
            }
            At::Wide(of) => {
                let to = self.body.wide();
                self.body.push(Op::NegateWide { to, of });
                At::Wide(to)
            }
            At::Val(of) | At::Text(Text::Made(of)) => {
                let to = self.body.val();
                self.body.push(Op::NegateValue { to, of });
                At::Val(to)
            }
            At::Text(Text::Slot(_)) => return self.unsupported(of, "the negative of a text"),
        }
        .into())
    }

    fn arithmetic(&mut self, op: ArithmeticOp, left: ExprId, right: ExprId, own: &Type) -> Result<Operand> {
        let (a, a_ty) = (self.expr(left)?, self.type_of(left).present().clone());
        let (b, b_ty) = (self.expr(right)?, self.type_of(right).present().clone());
        let how = match op {
            ArithmeticOp::Add => Arith::Add,
            ArithmeticOp::Subtract => Arith::Subtract,
            ArithmeticOp::Multiply => Arith::Multiply,
            ArithmeticOp::Divide => Arith::Divide,
        };
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Decimal);
        let amount = |ty: &Type| matches!(ty, Type::Money(Some(_)));
        let span = |ty: &Type| matches!(ty, Type::Duration | Type::Period);
        let moment = |ty: &Type| matches!(ty, Type::Date | Type::Time | Type::Instant);
        match (&a_ty, &b_ty) {
            (Type::Int, Type::Int) | (Type::Duration, Type::Duration) if how != Arith::Divide => {
                let words = matches!(how, Arith::Add | Arith::Subtract) || a_ty == Type::Int;
                if words && let (At::Word(left), At::Word(right)) = (a.at, b.at) {
                    let to = self.body.word();
                    self.body.push(Op::Words { how, to, left, right });
                    return Ok(At::Word(to).into());
                }
            }
            // What overflows there is a moment out of range.
            (a_ty, b_ty) if moment(a_ty) && span(b_ty) && how == Arith::Add => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.plus", &[a, b], own));
            }
            (a_ty, b_ty) if span(a_ty) && moment(b_ty) && how == Arith::Add => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.plus", &[b, a], own));
            }
            (a_ty, b_ty) if moment(a_ty) && span(b_ty) && how == Arith::Subtract => {
                let (a, b) = (self.boxed(a, a_ty), self.boxed(b, b_ty));
                return Ok(self.call_values("op.minus", &[a, b], own));
            }
            (Type::Date, Type::Date) if *own.present() == Type::Period => {
                let (a, b) = (self.boxed(a, &a_ty), self.boxed(b, &b_ty));
                return Ok(self.call_values("op.days_between", &[a, b], own));
            }
            (a_ty, b_ty)
                if (number(a_ty) && number(b_ty))
                    || (amount(a_ty)
                        && (number(b_ty) && !matches!(how, Arith::Add | Arith::Subtract) || a_ty == b_ty))
                    || (number(a_ty) && amount(b_ty) && how == Arith::Multiply) =>
            {
                let (a, b) = (self.widened(a, a_ty), self.widened(b, b_ty));
                if let (At::Wide(left), At::Wide(right)) = (a.at, b.at) {
                    let to = self.body.wide();
                    self.body.push(Op::Wides { how, to, left, right });
                    return Ok(At::Wide(to).into());
                }
            }
            _ => {}
        }
        let (left, right, to) = (self.boxed(a, &a_ty), self.boxed(b, &b_ty), self.body.val());
        self.body.push(Op::Values { how, to, left, right });
        Ok(self.unboxed(to, own))
    }

    /// An int as a decimal.
    fn widened(&mut self, operand: Operand, ty: &Type) -> Operand {
        match ty {
            Type::Int => self.coerce(operand, &Type::Int, &Type::Decimal),
            _ => operand,
        }
    }

    fn or_else(&mut self, of: ExprId, default: ExprId, own: &Type) -> Result<Operand> {
        let (to, done, no) = (self.target(own), self.body.label(), self.body.label());
        let (value, ty) = (self.expr(of)?, self.type_of(of));
        let present = self.presence(value);
        self.body.push(Op::JumpIfNot { of: present, label: no });
        let certain = match value.at {
            At::Val(_) => value,
            at => at.into(),
        };
        self.fill(to, certain, ty.present(), own);
        self.body.push(Op::Jump { label: done });
        self.body.bind(no);
        let mark = self.mark();
        let (value, ty) = (self.expr(default)?, self.type_of(default));
        self.fill(to, value, &ty, own);
        self.body.bind(done);
        self.forget(mark);
        Ok(to)
    }

    fn matched(&mut self, of: ExprId, arms: &[Arm], own: &Type) -> Result<Operand> {
        let (value, ty) = (self.expr(of)?, self.type_of(of));
        let (to, done) = (self.target(own), self.body.label());
        let mark = self.mark();
        for arm in arms {
            let (take, next) = (self.body.label(), self.body.label());
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Any(_) => self.body.push(Op::Jump { label: take }),
                    Pattern::Missing(_) => {
                        let present = self.presence(value);
                        self.body.push(Op::JumpIfNot { of: present, label: take });
                    }
                    Pattern::Value(pattern) => {
                        let pattern = (self.expr(*pattern)?, self.type_of(*pattern));
                        self.equal_or_on(value, &ty, pattern, take);
                    }
                }
                self.forget(mark);
            }
            self.body.push(Op::Jump { label: next });
            self.body.bind(take);
            let (value, ty) = (self.expr(arm.value)?, self.type_of(arm.value));
            self.fill(to, value, &ty, own);
            self.body.push(Op::Jump { label: done });
            self.body.bind(next);
            self.forget(mark);
        }
        self.body.push(Op::Fail { why: Failure::Outside });
        self.body.bind(done);
        Ok(to)
    }

    /// Goes to the label where the value is there and equal.
    fn equal_or_on(&mut self, value: Operand, ty: &Type, (other, other_ty): (Operand, Type), take: Label) {
        let on = self.body.label();
        let there = match value.at {
            At::Val(_) if ty.is_optional() => Some(self.presence(value)),
            _ => value.present,
        };
        there.into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: on }));
        let to = self.body.word();
        self.compared(Cmp::Equal, to, (value.at.into(), ty.present()), (other, &other_ty));
        self.body.push(Op::JumpIf { of: to, label: take });
        self.body.bind(on);
    }

    // Calls

    /// A built-in, with expressions.
    fn call_row(&mut self, path: &str, args: &[ExprId], own: &Type) -> Result<Operand> {
        let args = args.iter().map(|arg| self.value(*arg)).collect::<Result<Vec<_>>>()?;
        Ok(self.call_values(path, &args, own))
    }

    fn call_values(&mut self, path: &str, args: &[Val], own: &Type) -> Operand {
        let builtin = self.shared.builtin(path);
        let ((first, count), to) = (self.in_a_row(args), self.body.val());
        let policy = self.policy.map_or(u32::MAX, |policy| policy.0);
        self.body.push(Op::Call { to, builtin, policy, first, count });
        self.unboxed(to, own)
    }

    /// The operands of a duty, for the errors that they can have.
    pub fn operands(&mut self, call: &DutyCall) -> Result<()> {
        let params = &self.package()[call.duty].params;
        for (param, arg) in params.iter().zip(&call.args) {
            self.fitting(*arg, &param.ty)?;
        }
        Ok(())
    }

    /// That span after an instant.
    pub fn moment_after(&mut self, from: Word, span: ExprId) -> Result<Word> {
        let of = self.value(span)?;
        let (at, ty) = (self.body.val(), self.shared.ty(&Type::Instant));
        self.body.push(Op::WordValue { to: at, of: from, ty });
        match self.call_values("op.plus", &[at, of], &Type::Instant).at {
            At::Word(word) => Ok(word),
            At::Wide(_) | At::Text(_) | At::Val(_) => self.unsupported(span, "this as a span"),
        }
    }

    pub fn truth(&mut self, id: ExprId) -> Result<Word> {
        self.word_of(id)
    }

    pub fn bind_approver(&mut self, local: LocalId, at: Val) {
        let ty = self.shared.checked.types.locals[local.index()].clone();
        self.locals.push((local, Bound::Known(At::Val(at).into(), ty, None)));
    }

    /// Registers in a row with these values.
    pub fn in_a_row(&mut self, values: &[Val]) -> (Val, u32) {
        let first = self.body.vals(values.len());
        for (at, of) in values.iter().enumerate() {
            self.body.push(Op::MoveValue { to: Val(first.0 + at as u32), of: *of });
        }
        (first, values.len() as u32)
    }

    fn called(&mut self, callee: &Callee, args: &[ExprId], own: &Type) -> Result<Operand> {
        match callee {
            Callee::Builtin(row) => self.call_row(&row.path(), args, own),
            Callee::Define(define) => self.define(*define, args, own),
            Callee::Table(table) => self.table(*table, args, own),
        }
    }

    /// The operands of a call, bound to its parameters, in a call of its own.
    fn enter(&mut self, params: &[LocalId], args: &[ExprId]) -> Result<(usize, u32)> {
        let mut bound = vec![];
        for (param, arg) in params.iter().zip(args) {
            let (operand, ty) = (self.expr(*arg)?, self.type_of(*arg));
            let path = self.path(*arg);
            let declared = match &self.package()[*param].kind {
                LocalKind::Param(declared) => declared.clone(),
                _ => ty.clone(),
            };
            let operand = self.coerce(operand, &ty, &declared);
            if bounded(&declared) {
                let around = self.body.at(self.package().at(*arg));
                let (of, ty) = (self.boxed(operand, &declared), self.shared.ty(&declared));
                self.body.push(Op::FitValue { of, ty });
                self.body.back_to(around);
            }
            bound.push((*param, Bound::Known(operand, declared, path)));
        }
        let depth = self.locals.len();
        self.locals.extend(bound);
        self.calls += 1;
        Ok((depth, std::mem::replace(&mut self.call, self.calls)))
    }

    fn leave(&mut self, (depth, call): (usize, u32)) {
        self.locals.truncate(depth);
        self.call = call;
    }

    fn define(&mut self, id: DefineId, args: &[ExprId], own: &Type) -> Result<Operand> {
        let define = &self.package()[id];
        let around = self.enter(&define.params, args)?;
        let operand = self.expr(define.body)?;
        let ty = self.type_of(define.body);
        self.leave(around);
        let result = self.coerce(operand, &ty, own);
        if let Some(returns) = define.returns.as_ref().filter(|returns| bounded(returns)) {
            let around = self.body.at(self.package().at(define.body));
            let (of, ty) = (self.boxed(result, own), self.shared.ty(returns));
            self.body.push(Op::FitValue { of, ty });
            self.body.back_to(around);
        }
        Ok(result)
    }

    fn table(&mut self, id: TableId, args: &[ExprId], own: &Type) -> Result<Operand> {
        let table = &self.package()[id];
        let around = self.enter(&table.params, args)?;
        let depth = around.0;
        let params: Vec<(Operand, Type)> = self.locals[depth..]
            .iter()
            .filter_map(|(_, bound)| match bound {
                Bound::Known(operand, ty, _) => Some((*operand, ty.clone())),
                Bound::Lazy(..) => None,
            })
            .collect();
        let (to, done, mark) = (self.target(own), self.body.label(), self.mark());
        for row in &table.rows {
            let next = self.body.label();
            for (cell, column) in row.cells.iter().zip(&table.columns) {
                let (operand, ty) = &params[*column];
                self.cell(cell, *operand, ty, next)?;
            }
            self.results(id, &row.results, to, own)?;
            self.body.push(Op::Jump { label: done });
            self.body.bind(next);
            self.forget(mark);
        }
        match &table.otherwise {
            Some(results) => self.results(id, results, to, own)?,
            None => self.body.push(Op::Fail { why: Failure::Outside }),
        }
        self.body.bind(done);
        self.forget(mark);
        self.leave(around);
        Ok(to)
    }

    fn results(&mut self, id: TableId, results: &[ExprId], to: Operand, own: &Type) -> Result<()> {
        let table = &self.package()[id];
        match (table.results.as_slice(), table.returns.present()) {
            ([], _) => {
                let Some(result) = results.first() else { return Ok(()) };
                let (value, ty) = (self.expr(*result)?, self.type_of(*result));
                self.fill(to, value, &ty, own);
            }
            (names, Type::Record(record)) => {
                let declared = &self.package()[*record].fields;
                let values = results.iter().map(|result| self.value(*result)).collect::<Result<Vec<_>>>()?;
                let first = self.body.vals(declared.len());
                (0..declared.len() as u32).for_each(|at| self.body.push(Op::Missing { to: Val(first.0 + at) }));
                for (name, of) in names.iter().zip(values) {
                    let Some(at) = declared.iter().position(|field| field.name.text == name.text) else { continue };
                    if bounded(&declared[at].ty) {
                        let ty = self.shared.ty(&declared[at].ty);
                        self.body.push(Op::FitValue { of, ty });
                    }
                    self.body.push(Op::MoveValue { to: Val(first.0 + at as u32), of });
                }
                let made = self.body.val();
                self.body.push(Op::Record { to: made, record: record.0, first, count: declared.len() as u32 });
                self.fill(to, At::Val(made).into(), own, own);
            }
            _ => self.body.push(Op::Fail { why: Failure::Outside }),
        }
        Ok(())
    }

    /// Goes to `next` where the cell does not fit.
    fn cell(&mut self, cell: &Cell, value: Operand, ty: &Type, next: Label) -> Result<()> {
        let there = |this: &mut Self| match ty.is_optional() {
            true => Some(this.presence(value)),
            false => None,
        };
        let certain: Operand = value.at.into();
        let of_type = ty.present();
        match &cell.kind {
            CellKind::Any => {}
            CellKind::Missing => {
                let present = self.presence(value);
                self.body.push(Op::JumpIf { of: present, label: next });
            }
            CellKind::OneOf(options) => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let take = self.body.label();
                let mut mark = None;
                for option in options {
                    let (option, option_ty) = (self.expr(*option)?, self.type_of(*option));
                    let to = self.body.word();
                    self.compared(Cmp::Equal, to, (certain, of_type), (option, &option_ty));
                    self.body.push(Op::JumpIf { of: to, label: take });
                    mark.get_or_insert(self.mark());
                }
                self.body.push(Op::Jump { label: next });
                self.body.bind(take);
                mark.into_iter().for_each(|mark| self.forget(mark));
            }
            CellKind::Range { low, high, half_open } => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let below = if *half_open { Cmp::Less } else { Cmp::LessOrEqual };
                let (low, low_ty, to) = (self.expr(*low)?, self.type_of(*low), self.body.word());
                self.compared(Cmp::LessOrEqual, to, (low, &low_ty), (certain, of_type));
                self.body.push(Op::JumpIfNot { of: to, label: next });
                let (high, high_ty, to) = (self.expr(*high)?, self.type_of(*high), self.body.word());
                self.compared(below, to, (certain, of_type), (high, &high_ty));
                self.body.push(Op::JumpIfNot { of: to, label: next });
            }
            CellKind::Compare(op, than) => {
                there(self).into_iter().for_each(|of| self.body.push(Op::JumpIfNot { of, label: next }));
                let (than, than_ty, to) = (self.expr(*than)?, self.type_of(*than), self.body.word());
                self.compared(cmp(*op), to, (certain, of_type), (than, &than_ty));
                self.body.push(Op::JumpIfNot { of: to, label: next });
            }
        }
        Ok(())
    }

    // Walks

    fn quantifier(&mut self, id: ExprId, quantifier: &Quantifier, own: &Type) -> Result<Operand> {
        let (mut lists, mut paths) = (vec![], vec![]);
        for source in &quantifier.sources {
            let Source::Expr(source) = source else { return self.unsupported(id, "the past") };
            let (of, to) = (self.value(*source)?, self.body.val());
            self.body.push(Op::Items { to, of });
            lists.push(to);
            paths.push(self.path(*source));
        }
        let Some(first) = lists.first().copied() else { return self.unsupported(id, "a walk over nothing") };
        let (zero, one) = (self.body.const_word(0), self.body.const_word(1));
        let (found, done, out) = (self.body.word(), self.body.label(), self.body.label());
        let gathered = self.body.gathered();
        let how = gathers(quantifier.kind);
        self.body.push(Op::MoveWord { to: found, of: zero });
        self.body.push(Op::Begin { of: gathered });
        let same = self.in_step(&lists, out);
        let at = self.body.word();
        let before = self.body.const_word(-1);
        self.body.push(Op::MoveWord { to: at, of: before });
        let (each, mark, depth) = (self.body.label(), self.mark(), self.locals.len());
        self.body.bind(each);
        self.body.push(Op::Each { of: first, at, done });
        for ((var, list), path) in quantifier.vars.iter().zip(&lists).zip(paths) {
            let to = self.body.val();
            self.body.push(Op::Element { to, of: *list, at });
            let ty = self.shared.checked.types.locals[var.index()].clone();
            let operand = self.unboxed(to, &ty);
            let path = path.map(|path| with_index(path, at));
            self.locals.push((*var, Bound::Known(operand, ty, path)));
        }
        if let Some(filter) = quantifier.filter {
            self.branch(filter, false, each)?;
        }
        if let Some(satisfy) = quantifier.satisfy {
            self.branch(satisfy, true, each)?;
        }
        match (quantifier.kind, how) {
            (QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All, _) => {
                self.body.push(Op::MoveWord { to: found, of: one });
                self.body.push(Op::Jump { label: done });
            }
            (_, Some(how)) => {
                let of = match (quantifier.value, quantifier.vars.first()) {
                    (Some(value), _) => self.value(value)?,
                    (None, Some(var)) => self.variable(*var),
                    (None, None) => self.body.const_value(Value::Missing),
                };
                self.body.push(Op::Gather { how, into: gathered, of });
                self.body.push(Op::Jump { label: each });
            }
            (_, None) => return self.unsupported(id, "the past"),
        }
        self.locals.truncate(depth);
        self.forget(mark);
        if same {
            self.body.bind(out);
            self.body.bind(done);
        } else {
            // Out of step, `all` is false and the others are over nothing.
            let on = self.body.label();
            self.body.push(Op::Jump { label: on });
            self.body.bind(out);
            if quantifier.kind == QuantifierKind::All {
                self.body.push(Op::MoveWord { to: found, of: one });
            }
            self.body.bind(on);
            self.body.bind(done);
        }
        Ok(match how {
            None if quantifier.kind == QuantifierKind::Any => At::Word(found).into(),
            None => {
                let to = self.body.word();
                self.body.push(Op::Not { to, of: found });
                At::Word(to).into()
            }
            Some(how) => {
                let (to, ty) = (self.body.val(), self.shared.ty(own));
                self.body.push(Op::Total { how, to, of: gathered, ty });
                self.unboxed(to, own)
            }
        })
    }

    fn variable(&mut self, var: LocalId) -> Val {
        let bound = self.locals.iter().rev().find(|(name, _)| *name == var).map(|(_, bound)| bound.clone());
        match bound {
            Some(Bound::Known(operand, ty, _)) => self.boxed(operand, &ty),
            Some(Bound::Lazy(..)) | None => self.body.const_value(Value::Missing),
        }
    }

    /// Goes to `out` where the lists have different lengths. True: there is one list, which can't.
    fn in_step(&mut self, lists: &[Val], out: Label) -> bool {
        let [first, rest @ ..] = lists else { return true };
        if rest.is_empty() {
            return true;
        }
        let left = self.body.word();
        self.body.push(Op::Length { to: left, of: *first });
        for list in rest {
            let (right, to) = (self.body.word(), self.body.word());
            self.body.push(Op::Length { to: right, of: *list });
            self.body.push(Op::CompareWords { how: Cmp::Equal, to, left, right });
            self.body.push(Op::JumpIfNot { of: to, label: out });
        }
        false
    }

    // Origins

    fn comes_from(&mut self, id: ExprId, of: ExprId, places: &[Place], only: bool) -> Result<Operand> {
        let of_at = self.value(of)?;
        let Some(path) = self.path(of) else { return self.unsupported(id, "where this comes from") };
        let mut texts = vec![];
        for piece in path {
            match piece {
                Piece::Text(text) => texts.push(self.body.const_value(Value::text(text))),
                Piece::Index(of) => {
                    let (int, shown) = (self.body.val(), self.body.val());
                    let ty = self.shared.ty(&Type::Int);
                    self.body.push(Op::WordValue { to: int, of, ty });
                    self.body.push(Op::Show { to: shown, of: int });
                    texts.push(shown);
                }
            }
        }
        let path = match texts.as_slice() {
            [one] => *one,
            texts => {
                let ((first, count), to) = (self.in_a_row(texts), self.body.val());
                self.body.push(Op::Concat { to, first, count });
                to
            }
        };
        let place = |place: &Place| match place {
            Place::User => OriginOf::User,
            Place::Operator => OriginOf::Operator,
            Place::Result { actions, field } => OriginOf::Result {
                actions: actions.iter().map(|action| action.0).collect(),
                field: field.as_ref().map(|field| field.text.clone()),
            },
        };
        let origins = Origins { of: places.iter().map(place).collect(), only };
        let origins = numbered(&mut self.shared.program.origins, origins);
        let to = self.body.word();
        self.body.push(Op::ComesFrom { to, of: of_at, path, origins });
        Ok(At::Word(to).into())
    }

    /// Where the value of an expression stands in the request.
    fn path(&self, id: ExprId) -> Option<Path> {
        let root = |name: &str| vec![Piece::Text(ordain_vm::json::Path::Root.name(name).to_string())];
        let target = || vec![Piece::Text(ordain_vm::interp::TARGET.to_string())];
        match self.package().expr(id) {
            Expr::Arg(name) => match &self.package()[self.action].as_arg {
                Some(arg) if arg.text == name.text => Some(target()),
                Some(_) | None => Some(root(&name.text)),
            },
            Expr::Target => Some(target()),
            Expr::Local(local) => match &self.locals.iter().rev().find(|(name, _)| name == local)?.1 {
                Bound::Known(_, _, path) => path.clone(),
                Bound::Lazy(value, _) => self.path(*value),
            },
            Expr::Field { of, name } => {
                let mut path = self.path(*of)?;
                let of_target = matches!(path.as_slice(), [Piece::Text(text)] if text == ordain_vm::interp::TARGET);
                if of_target && &*name.text == "id" {
                    return Some(path);
                }
                let part = ordain_vm::json::Path::Root.name("x").name(&name.text).to_string();
                path.push(Piece::Text(part[1..].to_string()));
                Some(path)
            }
            _ => None,
        }
    }
}

fn with_index(mut path: Path, at: Word) -> Path {
    path.extend([Piece::Text("[".to_string()), Piece::Index(at), Piece::Text("]".to_string())]);
    path
}

fn gathers(kind: QuantifierKind) -> Option<Gather> {
    match kind {
        QuantifierKind::Count => Some(Gather::Count),
        QuantifierKind::Sum => Some(Gather::Sum),
        QuantifierKind::Min => Some(Gather::Min),
        QuantifierKind::Max => Some(Gather::Max),
        QuantifierKind::Average => Some(Gather::Average),
        QuantifierKind::Distinct => Some(Gather::Distinct),
        QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => None,
        QuantifierKind::Latest | QuantifierKind::Earliest => None,
    }
}

fn cmp(op: CompareOp) -> Cmp {
    match op {
        CompareOp::Equal => Cmp::Equal,
        CompareOp::NotEqual => Cmp::NotEqual,
        CompareOp::Less => Cmp::Less,
        CompareOp::LessOrEqual => Cmp::LessOrEqual,
        CompareOp::Greater => Cmp::Greater,
        CompareOp::GreaterOrEqual => Cmp::GreaterOrEqual,
    }
}

/// A text or list of such a type may be too long.
fn bounded(ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) => bounded(inner),
        Type::Text(most) => most.is_some(),
        Type::List(of, most) => most.is_some() || bounded(of),
        _ => false,
    }
}
