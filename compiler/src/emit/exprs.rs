//! Expressions to instructions. Calls of defines and tables are laid out where they stand; what a `let` gives is worked
//! out where it is first needed, and found again where that is certain to have run.

mod arithmetic;
mod calls;
mod conditions;
mod operand;
mod origins;
mod walks;

use super::Unsupported;
use super::body::Body;
use super::shared::Shared;
use crate::hir::{ActionId, Expr, ExprId, LocalId, LocalKind, Package, PolicyId, TemplatePart};
use ordain_vm::op::{Op, Text, TextTest, Val, Wide, Word};
use ordain_vm::request::slots::{Bank, Layout, Party, Slot, wide, word};
use ordain_vm::value::{Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

pub(super) type Result<T> = std::result::Result<T, Unsupported>;

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
    /// In a function about an entry of the past: its name, and where what it brought back stands.
    pub entry: Option<(Option<LocalId>, Val)>,
    /// Counts that have no bound.
    pub free: FxHashSet<ExprId>,
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
            entry: None,
            free: FxHashSet::default(),
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

    /// How many names are bound, for `leave_at`.
    pub fn depth(&self) -> usize {
        self.locals.len()
    }

    pub fn leave_at(&mut self, depth: usize) {
        self.locals.truncate(depth);
    }

    pub fn unbind(&mut self) {
        self.locals.clear();
        self.known.clear();
    }

    /// The type as which the expression is used.
    pub(in crate::emit) fn type_of(&self, id: ExprId) -> Type {
        self.shared.checked.types.as_used(id).clone()
    }

    pub(in crate::emit) fn unsupported<T>(&self, id: ExprId, what: &'static str) -> Result<T> {
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
        if let Some(value) = self.constant_value(id) {
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

    fn constant(&mut self, value: &Value, ty: &Type) -> Operand {
        match (Bank::of(ty), value) {
            (Bank::Text, Value::Text(text)) => At::Text(self.body.const_text(text)).into(),
            (Bank::Word, value) if let Some(word) = word(value) => At::Word(self.body.const_word(word)).into(),
            (Bank::Wide, value) if let Some(wide) = wide(value) => At::Wide(self.body.const_wide(wide)).into(),
            (_, value) => At::Val(self.body.const_value(value.clone())).into(),
        }
    }

    /// The value of an expression that reads nothing, as it is used.
    pub(in crate::emit) fn constant_value(&self, id: ExprId) -> Option<Value> {
        match self.shared.checked.types.literal(self.package(), id) {
            Some(literal) => Some(ordain_vm::semantics::widen_value(literal, &self.type_of(id))),
            None => self.shared.fold.of(id).ok(),
        }
    }

    pub(in crate::emit) fn slot(&self, slot: Slot) -> Operand {
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
            | Expr::Days(_)
            | Expr::EnumMember(..)
            | Expr::Role(_)
            | Expr::Member(_) => self.unsupported(id, "this constant"),
            Expr::Template(parts) => self.template(parts),
            Expr::Local(local) => self.local(id, *local),
            Expr::Actor => Ok(self.entity_slot(self.layout.actor)),
            Expr::Target => Ok(self.entity_slot(self.layout.target)),
            Expr::Now => Ok(At::Word(Word(self.layout.now)).into()),
            Expr::Today => self.call_row("op.today", &[], &own),
            Expr::Arg(name) => Ok(self.named(&name.text, &own)),
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
            Expr::Entry { entry, field } => self.entry_field(id, *entry, field, &own),
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
                let mark = self.branch_from(*condition, false, no)?;
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

    pub(in crate::emit) fn entity_slot(&mut self, party: Option<Party>) -> Operand {
        match party {
            Some(party) => self.slot(party.whole),
            None => At::Val(self.body.const_value(Value::Missing)).into(),
        }
    }

    pub(in crate::emit) fn argument(&mut self, name: &str) -> Operand {
        let action = &self.package()[self.action];
        match (action.field(name), self.layout.target) {
            (Some((at, _)), _) => self.slot(self.layout.fields[at]),
            (None, Some(target)) => self.slot(target.id),
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
                // What an entry is asked for reads no request, so that it is the same wherever it is worked out.
                LocalKind::Let(value) if self.entry.is_some() => {
                    let (operand, ty) = (self.expr(*value)?, self.type_of(*value));
                    Ok(if ty.present() == own.present() { operand } else { self.coerce(operand, &ty, &own) })
                }
                LocalKind::Entry(_) | LocalKind::Since(_) => self.unsupported(id, "an entry as a value"),
                LocalKind::Approver(_) => self.unsupported(id, "an approver"),
                LocalKind::Param(_) | LocalKind::Let(_) | LocalKind::Element(_) => self.unsupported(id, "this name"),
            },
        }
    }

    fn field(&mut self, of: ExprId, name: &Arc<str>, own: &Type) -> Result<Operand> {
        let ty = self.type_of(of);
        let id = matches!(ty.present(), Type::Entity(_)) && &**name == "id";
        let party = match self.package().expr(of) {
            Expr::Actor => self.layout.actor,
            Expr::Target => self.layout.target,
            _ => None,
        };
        if let Some(party) = party.filter(|_| id) {
            return Ok(self.slot(party.id));
        }
        let at = self.value(of)?;
        let to = self.body.val();
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
    pub(in crate::emit) fn fitting(&mut self, id: ExprId, ty: &Type) -> Result<Val> {
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
