//! Conditions as formulas: `and`, `or` and literals, each literal a term and the values that it leaves open.
//! Two expressions are the same term when they are built alike, through lets and defines; what is not understood is a term
//! of its own that may be true or false. `solve` decides whether a formula can hold.

use crate::check::Given;
use crate::check::fold::Fold;
use crate::check::values::{Domain, Kind, Scale, Values, constant, constants};
use crate::hir::parts;
use crate::hir::{
    ActionId, Arm, Callee, CompareOp, EntryField, Expr, ExprId, LocalId, LocalKind, PastState, Pattern, Place,
    Quantifier, QuantifierKind, Source, Window,
};
use crate::hir::{ArithmeticOp, CalendarUnit};
use ordain_vm::value::{Currency, Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(u32);

pub enum Formula {
    True,
    False,
    Literal(Literal),
    And(Vec<Rc<Formula>>),
    Or(Vec<Rc<Formula>>),
}

#[derive(Clone)]
pub struct Literal {
    pub term: TermId,
    pub values: Rc<Values>,
    pub from: From,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct From {
    pub expr: ExprId,
    /// It is the opposite that the formula says.
    pub negated: bool,
}

pub struct Term {
    pub domain: Domain,
    /// Where it was first met.
    pub at: ExprId,
    /// Less, equal or greater: of which two terms.
    pub order: Option<(TermId, TermId)>,
}

/// How a term is built: two of the same shape have the same value for one request.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Shape {
    kind: Shaped,
    of: Vec<TermId>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Shaped {
    /// An expression by its own kind; what tells it apart besides its operands.
    Expr(std::mem::Discriminant<Expr>, Tag),
    /// A variable of a quantifier, by how many are around it.
    Bound(u32),
    /// The order of two terms.
    Order,
    Present,
    /// The kind of an entity.
    Kind,
    /// An amount where that currency is expected.
    In(Currency),
    /// `age(x)`, in days or in nanoseconds, and against a period.
    Age(bool),
    Past(Vec<ActionId>, bool, Option<PastState>, bool, bool, Frame),
    /// Like nothing else.
    Alone(u32),
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Frame {
    Within(Option<u32>),
    This(CalendarUnit),
    Since,
    Ever,
    Error,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Tag {
    None,
    Id(u32),
    Name(Arc<str>),
    Value(Value),
    Field(EntryFieldTag),
    Operation(ArithmeticOp),
    Operators(Vec<CompareOp>),
    Builtin(&'static str, &'static str),
    Names(Vec<Arc<str>>),
    Places(Vec<(Vec<ActionId>, Option<Arc<str>>, u8)>, bool),
    Quantifier(QuantifierKind, usize, bool, bool, bool),
    Convert(Currency, u32),
    Arms(Vec<(usize, u8)>),
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum EntryFieldTag {
    Time,
    Actor,
    Target,
    Action,
    Session,
    Id,
    Result,
    Arg(Arc<str>),
}

/// Makes formulas, and knows their terms.
pub struct Formulas<'a> {
    pub given: &'a Given<'a>,
    /// What constants come to.
    fold: Fold<'a>,
    /// What is written as its opposite: the test in `memo is missing` is whether it is present.
    turned: FxHashSet<ExprId>,
    terms: RefCell<Vec<Term>>,
    shapes: RefCell<FxHashMap<Shape, TermId>>,
    /// Lets that were made a term.
    lets: RefCell<FxHashMap<LocalId, TermId>>,
    scopes: RefCell<Vec<FxHashMap<LocalId, Binding>>>,
    /// What one condition may cost.
    left: Cell<u32>,
    /// How deep it is in the tree, defines and lets written out.
    deep: Cell<u32>,
    /// Quantifiers around what is looked at, also through defines.
    depth: Cell<u32>,
}

#[derive(Clone, Copy)]
enum Binding {
    /// A parameter: the operand, and the scope that it was written in.
    Expr(ExprId, usize),
    /// A variable of a quantifier.
    Term(TermId),
}

/// Levels that are looked into, through defines and lets.
const MOST_LEVELS: u32 = 160;
/// Nodes that one condition may have, its defines written out.
const MOST_NODES: u32 = 5_000;

pub const LESS: i128 = 0;
pub const EQUAL: i128 = 1;
pub const GREATER: i128 = 2;

impl<'a> Formulas<'a> {
    pub fn new(given: &'a Given<'a>) -> Formulas<'a> {
        Formulas {
            given,
            fold: Fold::new(given),
            turned: (0..given.package.exprs.len() as u32).filter_map(|id| turned_by(given, ExprId(id))).collect(),
            terms: RefCell::default(),
            shapes: RefCell::default(),
            lets: RefCell::default(),
            scopes: RefCell::new(vec![FxHashMap::default()]),
            left: Cell::new(0),
            deep: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// The formula of a condition, or of its opposite.
    pub fn of(&self, id: ExprId, negated: bool) -> Rc<Formula> {
        self.left.set(MOST_NODES);
        self.scopes.borrow_mut().truncate(1);
        self.formula(id, negated, 0)
    }

    pub fn with_term<R>(&self, id: TermId, read: impl FnOnce(&Term) -> R) -> R {
        read(&self.terms.borrow()[id.0 as usize])
    }

    /// True where the words at the condition's place say its opposite.
    pub fn is_turned(&self, id: ExprId) -> bool {
        self.turned.contains(&id)
    }

    /// Enters one level; false where it is too deep, or too much was looked at.
    fn enter(&self) -> bool {
        let (left, deep) = (self.left.get(), self.deep.get());
        if left == 0 || deep >= MOST_LEVELS {
            return false;
        }
        self.left.set(left - 1);
        self.deep.set(deep + 1);
        true
    }

    fn leave(&self) {
        self.deep.set(self.deep.get() - 1);
    }

    fn formula(&self, id: ExprId, negated: bool, scope: usize) -> Rc<Formula> {
        if !self.enter() {
            return self.alone(id, negated);
        }
        let formula = self.formula_inside(id, negated, scope);
        self.leave();
        formula
    }

    fn formula_inside(&self, id: ExprId, negated: bool, scope: usize) -> Rc<Formula> {
        let package = self.given.package;
        if let Some(holds) = self.fold.truth(id) {
            return Rc::new(truth(holds != negated));
        }
        let all = |parts: Vec<Rc<Formula>>| if negated { or(parts) } else { and(parts) };
        let any = |parts: Vec<Rc<Formula>>| if negated { and(parts) } else { or(parts) };
        match package.expr(id) {
            Expr::Error => self.alone(id, negated),
            Expr::Bool(value) => Rc::new(if *value != negated { Formula::True } else { Formula::False }),
            Expr::Not(inner) => self.formula(*inner, !negated, scope),
            Expr::And(parts) => {
                self.merged(all(parts.iter().map(|part| self.formula(*part, negated, scope)).collect()))
            }
            Expr::Or(parts) => self.merged(any(parts.iter().map(|part| self.formula(*part, negated, scope)).collect())),
            Expr::If { condition, then, otherwise } => {
                let then = vec![self.formula(*condition, false, scope), self.formula(*then, negated, scope)];
                let otherwise = vec![self.formula(*condition, true, scope), self.formula(*otherwise, negated, scope)];
                or(vec![and(then), and(otherwise)])
            }
            Expr::Match { of, arms } => {
                self.matched(*of, arms, id, negated, scope).unwrap_or_else(|| self.atom(id, negated, scope))
            }
            Expr::Let { body, .. } => self.formula(*body, negated, scope),
            Expr::Local(local) => {
                let bound = self.scopes.borrow()[scope].get(local).copied();
                match (bound, &package[*local].kind) {
                    (Some(Binding::Expr(argument, outer)), _) => self.formula(argument, negated, outer),
                    (None, LocalKind::Let(value)) => self.formula(*value, negated, scope),
                    _ => self.atom(id, negated, scope),
                }
            }
            Expr::Call { callee: Callee::Define(define), args } => {
                let Some(define) = package.defines.get(define.index()) else { return self.alone(id, negated) };
                let is_condition = define.returns.as_ref().is_none_or(|ty| *ty == Type::Bool);
                let mut scopes = self.scopes.borrow_mut();
                if !is_condition || define.params.len() != args.len() || scopes.len() > 1_000 {
                    drop(scopes);
                    return self.atom(id, negated, scope);
                }
                let mut inside: FxHashMap<LocalId, Binding> = FxHashMap::default();
                for (parameter, argument) in define.params.iter().zip(args) {
                    inside.insert(*parameter, Binding::Expr(*argument, scope));
                }
                scopes.push(inside);
                let inside = scopes.len() - 1;
                drop(scopes);
                self.formula(define.body, negated, inside)
            }
            Expr::Compare { operands, ops } => {
                let pairs = operands.windows(2).zip(ops);
                all(pairs.map(|(pair, op)| self.compare(pair[0], *op, pair[1], id, negated, scope)).collect())
            }
            Expr::Age { of, op, than } => self.age(*of, *op, *than, id, negated, scope),
            Expr::In { element, of } => self.element(*element, *of, id, negated, scope),
            Expr::IsPresent(of) => {
                let term = self.term(*of, scope);
                let present = self.intern(Shape { kind: Shaped::Present, of: vec![term] }, id, boolean(), None);
                self.holds(present, id, negated)
            }
            Expr::IsA(of, kind) => {
                let term = self.term(*of, scope);
                let domain = Domain { kind: Kind::Symbols(None), optional: false };
                let only = domain.only(&Value::Int(i64::from(kind.0)));
                let term = self.intern(Shape { kind: Shaped::Kind, of: vec![term] }, id, domain.clone(), None);
                only.map_or_else(|| self.alone(id, negated), |only| self.literal(term, &domain, only, id, negated))
            }
            Expr::BelongsTo { of, groups } if groups.len() > 1 => {
                let of = self.term(*of, scope);
                let kind = self.expr_shape(id, Tag::None);
                let each = groups.iter().map(|group| {
                    let shape = Shape { kind: kind.clone(), of: vec![of, self.term(*group, scope)] };
                    self.holds(self.intern(shape, id, boolean(), None), id, negated)
                });
                any(each.collect())
            }
            Expr::ComesFrom { of, places, only: false } if places.len() > 1 => {
                let of = self.term(*of, scope);
                let each = places.iter().map(|place| {
                    let kind = self.expr_shape(id, Tag::Places(vec![place_tag(place)], false));
                    self.holds(self.intern(Shape { kind, of: vec![of] }, id, boolean(), None), id, negated)
                });
                any(each.collect())
            }
            Expr::Quantifier(quantifier) if quantifier.kind == QuantifierKind::None => {
                let term = self.quantifier(id, quantifier, QuantifierKind::Any, scope);
                self.holds(term, id, !negated)
            }
            _ => self.atom(id, negated, scope),
        }
    }

    /// Literals of one term, joined by `or`, are one literal.
    fn merged(&self, formula: Rc<Formula>) -> Rc<Formula> {
        let Formula::Or(parts) = &*formula else { return formula };
        let (mut merged, mut kept): (Vec<Literal>, Vec<Rc<Formula>>) = (vec![], vec![]);
        let mut places: FxHashMap<TermId, usize> = FxHashMap::default();
        for part in parts {
            let Formula::Literal(literal) = &**part else {
                kept.push(part.clone());
                continue;
            };
            match places.get(&literal.term) {
                Some(at) => {
                    let other = &mut merged[*at];
                    let values = self.with_term(literal.term, |term| term.domain.or(&other.values, &literal.values));
                    other.values = Rc::new(values);
                }
                None => {
                    places.insert(literal.term, merged.len());
                    merged.push(literal.clone());
                }
            }
        }
        if merged.len() + kept.len() == parts.len() {
            return formula;
        }
        for literal in merged {
            if self.with_term(literal.term, |term| term.domain.is_all(&literal.values)) {
                return Rc::new(Formula::True);
            }
            kept.push(Rc::new(Formula::Literal(literal)));
        }
        if kept.len() == 1 { kept.remove(0) } else { Rc::new(Formula::Or(kept)) }
    }

    fn matched(&self, of: ExprId, arms: &[Arm], id: ExprId, negated: bool, scope: usize) -> Option<Rc<Formula>> {
        let ty = self.given.types.of(of).clone();
        let domain = Domain::of(self.given, ty.present(), None)?;
        let term = self.term(of, scope);
        let presence = self.intern(Shape { kind: Shaped::Present, of: vec![term] }, of, boolean(), None);
        let value = self.intern_as(term, domain.clone());
        let (mut rest, mut parts) = (domain.present(), vec![]);
        let mut missing_open = ty.is_optional();
        for arm in arms {
            let (mut wanted, mut missing) = (domain.none(), false);
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Any(_) => {
                        wanted = domain.present();
                        missing = true;
                    }
                    Pattern::Missing(_) => missing = true,
                    Pattern::Value(value) => wanted = domain.or(&wanted, &domain.only(&constant(self.given, *value)?)?),
                }
            }
            let taken = domain.and(&rest, &wanted);
            rest = domain.and(&rest, &domain.not(&wanted));
            let mut cases = vec![];
            if !domain.is_empty(&taken) {
                let mut case = vec![self.literal(value, &domain, taken, id, false)];
                if ty.is_optional() {
                    case.push(self.holds(presence, id, false));
                }
                cases.push(and(case));
            }
            if missing && missing_open {
                missing_open = false;
                cases.push(self.holds(presence, id, true));
            }
            parts.push(and(vec![or(cases), self.formula(arm.value, negated, scope)]));
        }
        Some(or(parts))
    }

    fn compare(
        &self,
        left: ExprId,
        op: CompareOp,
        right: ExprId,
        id: ExprId,
        negated: bool,
        scope: usize,
    ) -> Rc<Formula> {
        match (self.constant(left, scope), self.constant(right, scope)) {
            (Some(a), Some(b)) => self.compare_constants(left, &a, op, &b, id, negated),
            (None, Some(value)) => self.compare_constant(left, op, &value, id, negated, scope),
            (Some(value), None) => self.compare_constant(right, turned(op), &value, id, negated, scope),
            (None, None) => self.compare_terms(left, op, right, id, negated, scope),
        }
    }

    fn compare_constants(
        &self,
        at: ExprId,
        a: &Value,
        op: CompareOp,
        b: &Value,
        id: ExprId,
        negated: bool,
    ) -> Rc<Formula> {
        let ty = match (a, b) {
            (Value::Int(_), Value::Decimal(_)) => Type::Decimal,
            _ => self.given.types.of(at).clone(),
        };
        let currency = match (a, b) {
            (Value::Money(a), Value::Money(b)) if a.currency == b.currency => Some(a.currency),
            _ => None,
        };
        let answer = || {
            let domain = Domain::of(self.given, ty.present(), currency)?;
            let (only, open) = (domain.only(a)?, domain.compare(op, b)?);
            (!domain.is_empty(&only)).then(|| domain.meet(&only, &open))
        };
        match answer() {
            Some(answer) => Rc::new(if answer != negated { Formula::True } else { Formula::False }),
            None => self.alone(id, negated),
        }
    }

    fn compare_constant(
        &self,
        of: ExprId,
        op: CompareOp,
        value: &Value,
        id: ExprId,
        negated: bool,
        scope: usize,
    ) -> Rc<Formula> {
        let literal = || {
            let (term, domain) = self.valued(of, value, scope)?;
            let open = domain.compare(op, value)?;
            Some(self.literal(term, &domain, open, id, negated))
        };
        literal().unwrap_or_else(|| self.atom(id, negated, scope))
    }

    /// The term of an expression that is compared with a value, and what values it may have.
    fn valued(&self, of: ExprId, value: &Value, scope: usize) -> Option<(TermId, Domain)> {
        let (of, scope) = self.resolved(of, scope);
        let ty = self.given.types.of(of).present().clone();
        let currency = match value {
            Value::Money(money) => Some(money.currency),
            _ => None,
        };
        let mut domain = Domain::of(self.given, &ty, currency)?;
        if let (Kind::Points(Scale::Int, low, high), Some((least, most))) = (&mut domain.kind, self.bounds(of)) {
            *low = (*low).max(least);
            *high = (*high).min(most);
        }
        let mut term = self.term(of, scope);
        if let (Type::Money(None), Some(currency)) = (&ty, currency) {
            term = self.intern(Shape { kind: Shaped::In(currency), of: vec![term] }, of, domain.clone(), None);
        }
        let term = self.intern_as(term, domain);
        Some((term, self.with_term(term, |term| term.domain.clone())))
    }

    /// Whole numbers that have bounds of their own: what is counted.
    fn bounds(&self, of: ExprId) -> Option<(i128, i128)> {
        let most = i128::from(i64::MAX);
        match self.given.package.expr(of) {
            Expr::Quantifier(quantifier) => match quantifier.kind {
                QuantifierKind::Count | QuantifierKind::Distinct => Some((0, most)),
                QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All | QuantifierKind::Sum => None,
                QuantifierKind::Min | QuantifierKind::Max | QuantifierKind::Average => None,
                QuantifierKind::Latest | QuantifierKind::Earliest => None,
            },
            Expr::Call { callee: Callee::Builtin(builtin), args } if builtin.path() == "length" && args.len() == 1 => {
                match self.given.types.of(args[0]).present() {
                    Type::Text(Some(max)) | Type::List(_, Some(max)) => Some((0, i128::from(*max))),
                    _ => Some((0, most)),
                }
            }
            _ => None,
        }
    }

    fn compare_terms(
        &self,
        left: ExprId,
        op: CompareOp,
        right: ExprId,
        id: ExprId,
        negated: bool,
        scope: usize,
    ) -> Rc<Formula> {
        let (a, b) = (self.term(left, scope), self.term(right, scope));
        let orders: &[i128] = match op {
            CompareOp::Equal => &[EQUAL],
            CompareOp::NotEqual => &[LESS, GREATER],
            CompareOp::Less => &[LESS],
            CompareOp::LessOrEqual => &[LESS, EQUAL],
            CompareOp::Greater => &[GREATER],
            CompareOp::GreaterOrEqual => &[EQUAL, GREATER],
        };
        if a == b {
            // The same on both sides; an error besides is no answer.
            let holds = orders.contains(&EQUAL);
            return Rc::new(if holds != negated { Formula::True } else { Formula::False });
        }
        let (first, second, turn) = if a < b { (a, b, false) } else { (b, a, true) };
        let stretches = orders.iter().map(|order| if turn { GREATER - order } else { *order });
        let domain = Domain { kind: Kind::Points(Scale::Int, LESS, GREATER), optional: false };
        let values = stretches.fold(domain.none(), |all, order| {
            domain.or(&all, &domain.only(&Value::Int(order as i64)).unwrap_or(domain.none()))
        });
        let shape = Shape { kind: Shaped::Order, of: vec![first, second] };
        for (term, of) in [(a, left), (b, right)] {
            // So that bounds of the two can be compared.
            let (of, _) = self.resolved(of, scope);
            let ty = self.given.types.of(of).present();
            if let Some(domain) = Domain::of(self.given, ty, None) {
                self.intern_as(term, domain);
            }
        }
        let term = self.intern(shape, id, domain.clone(), Some((first, second)));
        self.literal(term, &domain, values, id, negated)
    }

    fn age(&self, of: ExprId, op: CompareOp, than: ExprId, id: ExprId, negated: bool, scope: usize) -> Rc<Formula> {
        let term = self.term(of, scope);
        let is_date = matches!(self.given.types.of(of).present(), Type::Date);
        let days = match (self.constant(than, scope), self.given.package.expr(than)) {
            (_, Expr::Days(days)) => Some(*days),
            (Some(Value::Period(period)), _) if period.months == 0 && period.business_days == 0 => {
                Some(i64::from(period.days))
            }
            (Some(Value::Duration(nanos)), _) if !is_date => {
                return self.aged(term, Scale::Duration, &Value::Duration(nanos), op, id, negated);
            }
            _ => None,
        };
        match days {
            Some(days) if is_date => self.aged(term, Scale::Days, &Value::Int(days), op, id, negated),
            Some(days) => match days.checked_mul(86_400_000_000_000) {
                Some(nanos) => self.aged(term, Scale::Duration, &Value::Duration(nanos), op, id, negated),
                None => self.alone(id, negated),
            },
            // A month has no length: only the same age is compared with itself.
            None => {
                let than = self.term(than, scope);
                let domain = Domain { kind: Kind::Points(Scale::Int, LESS, GREATER), optional: false };
                let shape = Shape { kind: Shaped::Age(is_date), of: vec![term, than] };
                let term = self.intern(shape, id, domain.clone(), None);
                match domain.compare(op, &Value::Int(EQUAL as i64)) {
                    Some(values) => self.literal(term, &domain, values, id, negated),
                    None => self.alone(id, negated),
                }
            }
        }
    }

    fn aged(&self, of: TermId, scale: Scale, value: &Value, op: CompareOp, id: ExprId, negated: bool) -> Rc<Formula> {
        let shape = Shape { kind: Shaped::Age(scale == Scale::Days), of: vec![of] };
        let domain = Domain { kind: Kind::Points(scale, i128::from(i64::MIN), i128::from(i64::MAX)), optional: false };
        let term = self.intern(shape, id, domain.clone(), None);
        match domain.compare(op, value) {
            Some(values) => self.literal(term, &domain, values, id, negated),
            None => self.alone(id, negated),
        }
    }

    fn element(&self, element: ExprId, of: ExprId, id: ExprId, negated: bool, scope: usize) -> Rc<Formula> {
        let (list, list_scope) = self.resolved(of, scope);
        let known = constants(self.given, list);
        let literal = || {
            let values = known.as_ref()?;
            if self.constant(element, scope).is_some() {
                return None;
            }
            let Some(first) = values.first() else { return Some(Rc::new(truth(negated))) };
            let (term, domain) = self.valued(element, first, scope)?;
            let mut open = domain.none();
            for value in values {
                if let (Value::Money(a), Value::Money(b)) = (first, value)
                    && a.currency != b.currency
                {
                    return None;
                }
                open = domain.or(&open, &domain.only(value)?);
            }
            Some(self.literal(term, &domain, open, id, negated))
        };
        if let Some(literal) = literal() {
            return literal;
        }
        match self.given.package.expr(list) {
            Expr::List(items) | Expr::SetOf(items) if !items.is_empty() && items.len() <= 16 && list_scope == scope => {
                let each = items.iter().map(|item| self.compare(element, CompareOp::Equal, *item, id, negated, scope));
                let each: Vec<_> = each.collect();
                if negated { and(each) } else { or(each) }
            }
            _ => self.atom(id, negated, scope),
        }
    }

    /// A condition that is only true or false.
    fn atom(&self, id: ExprId, negated: bool, scope: usize) -> Rc<Formula> {
        let term = self.term(id, scope);
        self.holds(self.intern_as(term, boolean()), id, negated)
    }

    /// A condition that is like no other.
    fn alone(&self, id: ExprId, negated: bool) -> Rc<Formula> {
        self.holds(self.fresh(id), id, negated)
    }

    fn holds(&self, term: TermId, id: ExprId, negated: bool) -> Rc<Formula> {
        let domain = boolean();
        match domain.only(&Value::Bool(true)) {
            Some(values) => self.literal(term, &domain, values, id, negated),
            None => self.alone(id, negated),
        }
    }

    fn literal(&self, term: TermId, domain: &Domain, values: Values, id: ExprId, negated: bool) -> Rc<Formula> {
        let values = if negated { domain.not(&values) } else { values };
        if domain.is_empty(&values) {
            return Rc::new(Formula::False);
        }
        if domain.is_all(&values) {
            return Rc::new(Formula::True);
        }
        Rc::new(Formula::Literal(Literal { term, values: Rc::new(values), from: From { expr: id, negated } }))
    }

    fn constant(&self, id: ExprId, scope: usize) -> Option<Value> {
        let id = self.resolved(id, scope).0;
        constant(self.given, id).or_else(|| self.fold.of(id).ok().filter(is_single))
    }

    /// What a parameter or a let stands for.
    fn resolved(&self, mut id: ExprId, mut scope: usize) -> (ExprId, usize) {
        loop {
            let Expr::Local(local) = self.given.package.expr(id) else { return (id, scope) };
            let bound = self.scopes.borrow()[scope].get(local).copied();
            match (bound, &self.given.package[*local].kind) {
                (Some(Binding::Expr(argument, outer)), _) => (id, scope) = (argument, outer),
                (None, LocalKind::Let(value)) => id = *value,
                _ => return (id, scope),
            }
        }
    }

    /// The term that an expression is.
    fn term(&self, id: ExprId, scope: usize) -> TermId {
        if !self.enter() {
            return self.fresh(id);
        }
        let term = self.term_inside(id, scope);
        self.leave();
        term
    }

    fn term_inside(&self, id: ExprId, scope: usize) -> TermId {
        let package = self.given.package;
        let tag = match package.expr(id) {
            Expr::Error => return self.fresh(id),
            Expr::Local(local) => {
                let bound = self.scopes.borrow()[scope].get(local).copied();
                match (bound, &package[*local].kind) {
                    (Some(Binding::Expr(argument, outer)), _) => return self.term(argument, outer),
                    (Some(Binding::Term(term)), _) => return term,
                    (None, LocalKind::Let(value)) if scope == 0 => {
                        let known = self.lets.borrow().get(local).copied();
                        return known.unwrap_or_else(|| {
                            let term = self.term(*value, scope);
                            self.lets.borrow_mut().insert(*local, term);
                            term
                        });
                    }
                    (None, LocalKind::Let(value)) => return self.term(*value, scope),
                    (None, _) => Tag::Id(local.0),
                }
            }
            Expr::Entry { entry, field } => {
                let field = Tag::Field(match field {
                    EntryField::Time => EntryFieldTag::Time,
                    EntryField::Actor => EntryFieldTag::Actor,
                    EntryField::Target => EntryFieldTag::Target,
                    EntryField::Action => EntryFieldTag::Action,
                    EntryField::Session => EntryFieldTag::Session,
                    EntryField::Id => EntryFieldTag::Id,
                    EntryField::Result => EntryFieldTag::Result,
                    EntryField::Arg(name) => EntryFieldTag::Arg(name.text.clone()),
                });
                let bound = self.scopes.borrow()[scope].get(entry).copied();
                let entry = match bound {
                    Some(Binding::Term(term)) => term,
                    _ => self.intern(
                        Shape { kind: self.expr_shape(id, Tag::Id(entry.0)), of: vec![] },
                        id,
                        boolean(),
                        None,
                    ),
                };
                return self.intern(Shape { kind: self.expr_shape(id, field), of: vec![entry] }, id, boolean(), None);
            }
            Expr::Quantifier(quantifier) => return self.quantifier(id, quantifier, quantifier.kind, scope),
            Expr::Let { body, .. } => return self.term(*body, scope),
            Expr::Bool(_) | Expr::Int(_) | Expr::Decimal(_) | Expr::Money(..) | Expr::Date(_) | Expr::Time(_) => {
                self.value_tag(id)
            }
            Expr::Instant(_) | Expr::Duration(_) | Expr::Period(_) | Expr::EnumMember(..) | Expr::Role(_) => {
                self.value_tag(id)
            }
            Expr::Days(days) => Tag::Value(Value::Int(*days)),
            Expr::Member(name) => match constant(self.given, id) {
                Some(value) => Tag::Value(value),
                None => Tag::Name(name.text.clone()),
            },
            Expr::Text(text) => Tag::Value(Value::Text(text.clone())),
            Expr::Template(_) | Expr::Record { .. } | Expr::With { .. } => {
                return self.fresh(id);
            }
            Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Session | Expr::RequestId => Tag::None,
            Expr::Arg(name) | Expr::Field { name, .. } => Tag::Name(name.text.clone()),
            Expr::Context(place) => Tag::Id(*place as u32),
            Expr::Set(set) => Tag::Id(set.0),
            Expr::Data(data) => Tag::Id(data.0),
            Expr::Call { callee, .. } => match callee {
                Callee::Define(define) => Tag::Quantifier(QuantifierKind::Any, define.index(), false, false, false),
                Callee::Table(table) => Tag::Quantifier(QuantifierKind::All, table.index(), false, false, false),
                Callee::Builtin(builtin) => Tag::Builtin(builtin.module, builtin.name),
            },
            Expr::Entity { kind, attributes, .. } if attributes.is_empty() => Tag::Id(kind.0),
            Expr::Entity { kind, attributes, .. } => {
                let mut names: Vec<Arc<str>> = attributes.iter().map(|(name, _)| name.text.clone()).collect();
                names.push(Arc::from(kind.0.to_string()));
                Tag::Names(names)
            }
            Expr::Matches(_, pattern) | Expr::Like(_, pattern) => Tag::Name(pattern.clone()),
            Expr::IsA(_, kind) => Tag::Id(kind.0),
            Expr::Convert { currency, rates, .. } => Tag::Convert(*currency, rates.0),
            Expr::Arithmetic(operation, ..) => Tag::Operation(*operation),
            Expr::Compare { ops, .. } => Tag::Operators(ops.clone()),
            Expr::Age { op, .. } => Tag::Operators(vec![*op]),
            Expr::ComesFrom { places, only, .. } => Tag::Places(places.iter().map(place_tag).collect(), *only),
            Expr::Match { arms, .. } => Tag::Arms(arms.iter().map(arm_tag).collect()),
            Expr::List(_) | Expr::SetOf(_) | Expr::MapOf(_) | Expr::Not(_) | Expr::Negate(_) | Expr::And(_) => {
                Tag::None
            }
            Expr::Or(_) | Expr::OrElse(..) | Expr::In { .. } | Expr::StartsWith(..) | Expr::EndsWith(..) => Tag::None,
            Expr::Contains(..) | Expr::IsPresent(_) | Expr::BelongsTo { .. } | Expr::Near { .. } => Tag::None,
            Expr::Within { .. } | Expr::If { .. } | Expr::Index { .. } => Tag::None,
        };
        let mut of = vec![];
        parts::parts(package, id, &mut |part| of.push(part));
        let of = of.into_iter().map(|part| self.term(part, scope)).collect();
        self.intern(Shape { kind: self.expr_shape(id, tag), of }, id, boolean(), None)
    }

    fn value_tag(&self, id: ExprId) -> Tag {
        constant(self.given, id).map_or(Tag::None, Tag::Value)
    }

    fn quantifier(&self, id: ExprId, quantifier: &Quantifier, kind: QuantifierKind, scope: usize) -> TermId {
        let mut of = vec![];
        for source in &quantifier.sources {
            match source {
                Source::Expr(list) => of.push(self.term(*list, scope)),
                Source::Past(past) => {
                    let past = &self.given.package[*past];
                    let (mut keys, mut frame) = (vec![], Frame::Ever);
                    keys.extend(past.by.iter().chain(&past.on).map(|key| self.term(*key, scope)));
                    match &past.window {
                        Window::Within { span, max, .. } => {
                            keys.push(self.term(*span, scope));
                            frame = Frame::Within(*max);
                        }
                        Window::This { unit, .. } => frame = Frame::This(*unit),
                        Window::Ever(_) => {}
                        Window::Error => frame = Frame::Error,
                        Window::Since { .. } => {
                            frame = Frame::Since;
                            // Its own condition has a variable of its own: taken as unlike any other.
                            keys.push(self.fresh(id));
                        }
                    }
                    let (by, on) = (past.by.is_some(), past.on.is_some());
                    let shape = Shaped::Past(past.source.actions.clone(), past.source.any, past.state, by, on, frame);
                    of.push(self.intern(Shape { kind: shape, of: keys }, id, boolean(), None));
                }
            }
        }
        let mut inside = self.scopes.borrow()[scope].clone();
        let depth = self.depth.get();
        self.depth.set(depth + quantifier.vars.len() as u32);
        for (at, var) in quantifier.vars.iter().enumerate() {
            let bound = self.intern(Shape { kind: Shaped::Bound(depth + at as u32), of: vec![] }, id, boolean(), None);
            inside.insert(*var, Binding::Term(bound));
        }
        self.scopes.borrow_mut().push(inside);
        let inside = self.scopes.borrow().len() - 1;
        let parts = [quantifier.filter, quantifier.satisfy, quantifier.value];
        of.extend(parts.iter().flatten().map(|part| self.term(*part, inside)));
        self.depth.set(depth);
        let [filter, satisfy, value] = parts.map(|part| part.is_some());
        let tag = Tag::Quantifier(kind, quantifier.sources.len(), filter, satisfy, value);
        self.intern(Shape { kind: self.expr_shape(id, tag), of }, id, boolean(), None)
    }

    fn expr_shape(&self, id: ExprId, tag: Tag) -> Shaped {
        Shaped::Expr(std::mem::discriminant(self.given.package.expr(id)), tag)
    }

    /// A term like no other. Not by its expression: in a define it would be another for other operands.
    fn fresh(&self, at: ExprId) -> TermId {
        let next = self.terms.borrow().len() as u32;
        self.intern(Shape { kind: Shaped::Alone(next), of: vec![] }, at, boolean(), None)
    }

    fn intern(&self, shape: Shape, at: ExprId, domain: Domain, order: Option<(TermId, TermId)>) -> TermId {
        if let Some(known) = self.shapes.borrow().get(&shape) {
            return *known;
        }
        let mut terms = self.terms.borrow_mut();
        let id = TermId(terms.len() as u32);
        terms.push(Term { domain, at, order });
        self.shapes.borrow_mut().insert(shape, id);
        id
    }

    /// The term, known to have these values. Which ones is the same wherever it stands.
    fn intern_as(&self, term: TermId, domain: Domain) -> TermId {
        self.terms.borrow_mut()[term.0 as usize].domain = domain;
        term
    }
}

/// The test that a negated test is the opposite of: both are one stretch of text.
pub fn turned_by(given: &Given<'_>, id: ExprId) -> Option<ExprId> {
    match given.package.expr(id) {
        Expr::Not(inner) if given.package.at(*inner) == given.package.at(id) => Some(*inner),
        _ => None,
    }
}

fn truth(holds: bool) -> Formula {
    if holds { Formula::True } else { Formula::False }
}

/// Not made of others: what a domain holds.
fn is_single(value: &Value) -> bool {
    !matches!(value, Value::Missing | Value::Record(..) | Value::List(_) | Value::Set(_) | Value::Map(_))
}

fn boolean() -> Domain {
    Domain { kind: Kind::Points(Scale::Bool, 0, 1), optional: false }
}

fn and(parts: Vec<Rc<Formula>>) -> Rc<Formula> {
    let mut kept = vec![];
    for part in parts {
        match &*part {
            Formula::True => {}
            Formula::False => return part,
            Formula::And(inner) => kept.extend(inner.iter().cloned()),
            Formula::Literal(_) | Formula::Or(_) => kept.push(part),
        }
    }
    match kept.len() {
        0 => Rc::new(Formula::True),
        1 => kept.remove(0),
        _ => Rc::new(Formula::And(kept)),
    }
}

fn or(parts: Vec<Rc<Formula>>) -> Rc<Formula> {
    let mut kept = vec![];
    for part in parts {
        match &*part {
            Formula::False => {}
            Formula::True => return part,
            Formula::Or(inner) => kept.extend(inner.iter().cloned()),
            Formula::Literal(_) | Formula::And(_) => kept.push(part),
        }
    }
    match kept.len() {
        0 => Rc::new(Formula::False),
        1 => kept.remove(0),
        _ => Rc::new(Formula::Or(kept)),
    }
}

/// `5 < x` is `x > 5`.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal | CompareOp::NotEqual => op,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}

fn place_tag(place: &Place) -> (Vec<ActionId>, Option<Arc<str>>, u8) {
    match place {
        Place::User => (vec![], None, 0),
        Place::Operator => (vec![], None, 1),
        Place::Result { actions, field } => (actions.clone(), field.as_ref().map(|field| field.text.clone()), 2),
    }
}

fn arm_tag(arm: &Arm) -> (usize, u8) {
    let special = arm.patterns.iter().fold(0, |seen, pattern| match pattern {
        Pattern::Any(_) => seen | 1,
        Pattern::Missing(_) => seen | 2,
        Pattern::Value(_) => seen,
    });
    (arm.patterns.len(), special)
}
