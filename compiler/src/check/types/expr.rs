//! The type of an expression, and what is known where it holds.
//! `visit` has one arm an expression; calls, fields, the past and origins have files of their own.
//! A hint says what the place would like; whether it gets it is settled by `coerce`.

use super::narrow::{Fact, Outcome, either};
use super::{Checker, fit, names, operators};
use crate::errors::{
    names as words,
    types::{self as errors, Spot},
};
use crate::hir::{ArithmeticOp, Arm, CompareOp, Expr, ExprId, Name, Package, Pattern, TemplatePart};
use crate::source::Span;
use ordain_vm::value::{Choice, Country, Currency, EntityId, RoleId, Type, Value};
use std::collections::BTreeSet;

impl<'a> Checker<'a> {
    pub(super) fn visit(&mut self, id: ExprId, hint: Option<&Type>) -> (Type, Outcome) {
        let (ty, outcome) = self.classify(id, hint);
        let ty = self.narrowed(id, ty);
        self.types.exprs[id.index()] = ty.clone();
        (ty, outcome)
    }

    /// A path's type, with what is known of it here.
    fn narrowed(&mut self, id: ExprId, ty: Type) -> Type {
        if self.facts.is_empty() || !matches!(ty.present(), Type::Entity(_)) && !ty.is_optional() {
            return ty;
        }
        let Some(key) = self.key(id) else { return ty };
        let ty = if self.facts.is_present(key) { ty.present().clone() } else { ty };
        let Some(kinds) = self.facts.kinds(key) else { return ty };
        let narrow = |all: &[EntityId]| {
            let left: Vec<_> = all.iter().copied().filter(|kind| kinds.contains(kind)).collect();
            if left.is_empty() { all.to_vec() } else { left }
        };
        match ty {
            Type::Entity(all) => Type::Entity(narrow(&all)),
            Type::Optional(inner) => match *inner {
                Type::Entity(all) => Type::Entity(narrow(&all)).optional(),
                other => other.optional(),
            },
            other => other,
        }
    }

    fn classify(&mut self, id: ExprId, hint: Option<&Type>) -> (Type, Outcome) {
        let package = self.package;
        let at = self.at(id);
        let plain = |ty: Type| (ty, Outcome::default());
        match package.expr(id) {
            Expr::Error => plain(Type::Unknown),
            Expr::Bool(_) => plain(Type::Bool),
            Expr::Int(_) => plain(Type::Int),
            Expr::Decimal(_) => plain(Type::Decimal),
            Expr::Money(_, currency) => plain(Type::Money(Some(*currency))),
            Expr::Text(_) => plain(Type::TEXT),
            Expr::Template(parts) => {
                self.template(parts);
                plain(Type::TEXT)
            }
            Expr::Date(_) => plain(Type::Date),
            Expr::Time(_) => plain(Type::Time),
            Expr::Instant(_) => plain(Type::Instant),
            Expr::Duration(_) => plain(Type::Duration),
            Expr::Period(_) => plain(Type::Period),
            Expr::Days(_) => plain(days(hint)),
            Expr::Local(local) => plain(self.types.of_local(*local).clone()),
            Expr::Actor => {
                self.reads(at, "the actor");
                plain(self.actor(at))
            }
            Expr::Target => {
                self.reads(at, "the target");
                plain(self.target(at))
            }
            Expr::Now => {
                self.reads(at, "the clock");
                plain(Type::Instant)
            }
            Expr::Today => {
                self.reads(at, "the clock");
                plain(Type::Date)
            }
            Expr::Arg(name) => {
                self.reads(at, "an argument of the request");
                plain(self.arg(name))
            }
            Expr::Session => {
                self.reads(at, "`context`");
                plain(Type::TEXT.optional())
            }
            Expr::RequestId => {
                self.reads(at, "`context`");
                plain(Type::TEXT)
            }
            Expr::Context(member) => {
                self.reads(at, "`context`");
                plain(package.context.get(*member).map_or(Type::Unknown, |field| field.ty.clone()))
            }
            Expr::Member(name) => plain(self.member(id, name, hint)),
            Expr::EnumMember(of, _) => plain(Type::Enum(*of)),
            Expr::Role(_) => plain(Type::Role),
            Expr::Set(set) => plain(package[*set].ty.clone()),
            Expr::Data(data) => plain(package[*data].ty.clone()),
            Expr::Entry { entry, field } => plain(self.entry(at, *entry, field)),
            Expr::Field { of, name } => plain(self.field(*of, name)),
            Expr::Index { of, key } => plain(self.index(*of, *key)),
            Expr::Call { callee, args } => plain(self.call(at, callee, args, hint)),
            Expr::Entity { kind, id: name, parents, attributes } => {
                plain(self.entity(*kind, *name, parents, attributes))
            }
            Expr::Record { record, fields } => plain(self.record(at, *record, fields)),
            Expr::With { of, fields } => plain(self.with(*of, fields)),
            Expr::List(elements) => {
                let of = match hint.map(Type::present) {
                    Some(Type::List(of, _) | Type::Set(of)) => Some(&**of),
                    _ => None,
                };
                plain(Type::list(self.elements(elements, of, "the entries of a list")))
            }
            Expr::SetOf(elements) => match hint.map(Type::present) {
                Some(map @ Type::Map(..)) if elements.is_empty() => plain(map.clone()),
                Some(Type::List(of, _) | Type::Set(of)) => {
                    plain(Type::set(self.elements(elements, Some(&**of), "the members of a set")))
                }
                _ => plain(Type::set(self.elements(elements, None, "the members of a set"))),
            },
            Expr::MapOf(entries) => {
                let (key, value) = match hint.map(Type::present) {
                    Some(Type::Map(key, value)) => (Some(&**key), Some(&**value)),
                    _ => (None, None),
                };
                let (keys, values): (Vec<ExprId>, Vec<ExprId>) = entries.iter().copied().unzip();
                let key = self.elements(&keys, key, "the keys of a map");
                let value = self.elements(&values, value, "the values of a map");
                plain(Type::map(key, value))
            }
            Expr::Not(inner) => (Type::Bool, self.condition(*inner).negated()),
            Expr::Negate(inner) => plain(self.negate(*inner, hint)),
            Expr::And(parts) => (Type::Bool, self.all_of(parts)),
            Expr::Or(parts) => (Type::Bool, self.any_of(parts)),
            Expr::OrElse(first, default) => plain(self.or_else(*first, *default, hint)),
            Expr::Arithmetic(op, left, right) => plain(self.arithmetic(id, *op, *left, *right, hint)),
            Expr::Compare { operands, ops } => {
                self.compare(at, operands, ops);
                plain(Type::Bool)
            }
            Expr::Age { of, op, than } => {
                self.reads(at, "the clock");
                self.age(at, *of, *op, *than);
                plain(Type::Bool)
            }
            Expr::In { element, of } => (Type::Bool, self.contained(at, *element, *of)),
            Expr::StartsWith(text, part) | Expr::EndsWith(text, part) => {
                self.text_operand(*text);
                self.text_operand(*part);
                plain(Type::Bool)
            }
            Expr::Contains(whole, part) => (Type::Bool, self.contains(at, *whole, *part)),
            Expr::Matches(text, pattern) => {
                self.text_operand(*text);
                if let Err(why) = ordain_stdlib::pattern::check(pattern) {
                    self.report(errors::bad_pattern(at, pattern, &why));
                }
                plain(Type::Bool)
            }
            Expr::Like(text, glob) => {
                self.text_operand(*text);
                if let Err(why) = ordain_stdlib::pattern::check_glob(glob) {
                    self.report(errors::bad_glob(at, glob, &why));
                }
                plain(Type::Bool)
            }
            Expr::IsPresent(inner) => {
                let ty = self.infer(*inner, None);
                let key = self.key(*inner);
                let narrowed = key.is_some_and(|key| self.facts.is_present(key));
                if !narrowed && !ty.is_optional() && ty != Type::Unknown {
                    self.types.certain.insert(id);
                }
                let yes = key.map(Fact::Present).into_iter().collect();
                (Type::Bool, Outcome { yes, no: vec![] })
            }
            Expr::IsA(inner, kind) => (Type::Bool, self.is_a(at, *inner, *kind)),
            Expr::BelongsTo { of, groups } => {
                self.belongs_to(at, *of, groups);
                plain(Type::Bool)
            }
            Expr::Near { of, span, center } => {
                self.near(at, *of, *span, *center);
                plain(Type::Bool)
            }
            Expr::Within { of, range } => {
                self.within(at, *of, *range);
                plain(Type::Bool)
            }
            Expr::ComesFrom { of, places, only: _ } => {
                self.reads(at, "where a value came from");
                self.comes_from(at, *of, places);
                plain(Type::Bool)
            }
            Expr::Convert { of, currency, rates } => {
                let ty = self.present(*of, None);
                if !matches!(ty, Type::Money(_) | Type::Unknown) {
                    let name = self.name(&ty);
                    self.report(errors::no_money(self.at(*of), &self.say(*of), &name));
                }
                let rates = &package[*rates];
                let wanted = Type::map(Type::Currency, Type::Decimal);
                if !fit::same(&rates.ty, &wanted) {
                    let name = self.name(&rates.ty);
                    self.report(errors::no_rates(at, &rates.head.name.text, &name));
                }
                plain(Type::Money(Some(*currency)))
            }
            Expr::If { condition, then, otherwise } => self.if_then(*condition, *then, *otherwise, hint),
            Expr::Match { of, arms } => plain(self.matched(at, *of, arms, hint)),
            Expr::Let { bindings, body } => {
                for (local, value) in bindings {
                    let ty = self.infer(*value, None);
                    self.types.locals[local.index()] = ty;
                }
                self.visit(*body, hint)
            }
            Expr::Quantifier(quantifier) => self.quantifier(at, quantifier, hint),
        }
    }

    fn template(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Plain(_) => {}
                TemplatePart::Filled(value) => {
                    let ty = self.present(*value, None);
                    if matches!(ty, Type::Hours | Type::Calendar) {
                        let name = self.name(&ty);
                        self.report(errors::not_showable(self.at(*value), &self.say(*value), &name));
                    }
                }
            }
        }
    }

    /// What a bare word means, by the type that is wanted here.
    fn member(&mut self, id: ExprId, name: &Name, hint: Option<&Type>) -> Type {
        let Some(ty) = hint.map(Type::present) else {
            let owners = owners(self.package, &name.text);
            self.report(errors::member_of_what(name.at, &name.text, &owners));
            return Type::Unknown;
        };
        match member_of(self.package, ty, &name.text) {
            Found::Member(member) => {
                self.types.members.insert(id, member);
                ty.clone()
            }
            Found::Unknown => Type::Unknown,
            Found::NoSuch(candidates) => {
                let owner = owner(self.package, ty);
                let near = words::nearest(&name.text, candidates.iter().map(String::as_str));
                let said = words::unknown_member(name.at, &name.text, &owner, near);
                self.report(if said.help.is_none() { errors::members_are(said, &candidates) } else { said });
                Type::Unknown
            }
            Found::NoMembers => {
                let ty = self.name(ty);
                self.report(errors::unknown_word(name.at, &name.text, &ty));
                Type::Unknown
            }
        }
    }

    /// The type that all of them share, widened to it; `hint` is what each should be.
    fn elements(&mut self, elements: &[ExprId], hint: Option<&Type>, what: &str) -> Type {
        let settled = self.settle(elements, hint);
        if elements.is_empty() {
            return hint.cloned().unwrap_or(Type::Unknown);
        }
        self.unify(elements, &settled, what)
    }

    /// Types several operands; those whose type depends on what is wanted learn it from the others.
    fn settle(&mut self, operands: &[ExprId], hint: Option<&Type>) -> Vec<Type> {
        self.settle_each(operands, hint, |checker, place, told| checker.infer(operands[place], told))
    }

    fn settle_each(
        &mut self,
        operands: &[ExprId],
        hint: Option<&Type>,
        mut infer: impl FnMut(&mut Self, usize, Option<&Type>) -> Type,
    ) -> Vec<Type> {
        let mut types = vec![Type::Unknown; operands.len()];
        let mut learned: Option<Type> = None;
        let open: Vec<bool> = operands.iter().map(|operand| is_open(self.package, *operand)).collect();
        for at in 0..operands.len() {
            if !open[at] {
                types[at] = infer(self, at, hint);
                let ty = types[at].present();
                learned = match learned {
                    None => Some(ty.clone()).filter(|ty| *ty != Type::Unknown),
                    Some(known) => Some(fit::join(&known, ty).unwrap_or(known)),
                };
            }
        }
        // Broken operands are no reason to complain of a bare word beside them.
        let broken = open.contains(&false).then_some(Type::Unknown);
        let learned = hint.cloned().or(learned).or(broken);
        for at in 0..operands.len() {
            if open[at] {
                types[at] = infer(self, at, learned.as_ref());
            }
        }
        types
    }

    /// What several values have in common, each widened to it.
    fn unify(&mut self, operands: &[ExprId], types: &[Type], what: &str) -> Type {
        let mut common = Type::Unknown;
        let mut first = 0;
        for (at, ty) in types.iter().enumerate() {
            match fit::join(&common, ty) {
                Some(joined) => {
                    if common == Type::Unknown {
                        first = at;
                    }
                    common = joined;
                }
                None => {
                    let (one, other) = (self.name(&types[first]), self.name(ty));
                    let (a, b) = (operands[first], operands[at]);
                    let (said, first) = (self.say(b), self.say(a));
                    self.report(errors::no_common_type(self.at(b), (&said, &other), self.at(a), (&first, &one), what));
                    return Type::Unknown;
                }
            }
        }
        for (operand, ty) in operands.iter().zip(types) {
            self.coerce(*operand, ty, &common, Spot::The(""));
        }
        common
    }

    fn all_of(&mut self, parts: &[ExprId]) -> Outcome {
        let mark = self.facts.mark();
        let mut yes = vec![];
        let mut no: Option<Vec<Fact>> = None;
        for part in parts {
            let outcome = self.condition(*part);
            self.facts.assume(&outcome.yes);
            yes.extend(outcome.yes);
            no = Some(match no {
                None => outcome.no,
                Some(before) => either(before, &outcome.no),
            });
        }
        self.facts.back_to(mark);
        Outcome { yes, no: no.unwrap_or_default() }
    }

    fn any_of(&mut self, parts: &[ExprId]) -> Outcome {
        let mark = self.facts.mark();
        let mut no = vec![];
        let mut yes: Option<Vec<Fact>> = None;
        for part in parts {
            let outcome = self.condition(*part);
            self.facts.assume(&outcome.no);
            no.extend(outcome.no);
            yes = Some(match yes {
                None => outcome.yes,
                Some(before) => either(before, &outcome.yes),
            });
        }
        self.facts.back_to(mark);
        Outcome { yes: yes.unwrap_or_default(), no }
    }

    fn or_else(&mut self, first: ExprId, default: ExprId, hint: Option<&Type>) -> Type {
        let ty = self.infer(first, hint);
        if !ty.is_optional() && ty != Type::Unknown {
            self.report(errors::never_missing_or_else(self.at(first), &self.say(first)));
        }
        let ty = ty.present().clone();
        let known = if ty == Type::Unknown { hint.cloned().unwrap_or(Type::Unknown) } else { ty.clone() };
        let other = self.infer(default, Some(&known));
        match fit::join(&ty, &other) {
            Some(common) => {
                // The first is widened as what it is, present or not.
                let wide = if self.types.of(first).is_optional() { common.clone().optional() } else { common.clone() };
                let found = self.types.of(first).clone();
                self.coerce(first, &found, &wide, Spot::The(""));
                self.coerce(default, &other, &common, Spot::The(""));
                common
            }
            None => {
                let (found, want) = (self.name(&other), self.name(&ty));
                let said = self.say(default);
                self.report(errors::misfit(
                    self.at(default),
                    Spot::The("what follows `or else`"),
                    &want,
                    &said,
                    &found,
                ));
                ty
            }
        }
    }

    fn negate(&mut self, inner: ExprId, hint: Option<&Type>) -> Type {
        let ty = self.present(inner, hint);
        match ty {
            Type::Int | Type::Decimal | Type::Money(_) | Type::Duration | Type::Period | Type::Unknown => ty,
            other => {
                let name = self.name(&other);
                self.report(errors::no_negative(self.at(inner), &self.say(inner), &name));
                Type::Unknown
            }
        }
    }

    fn arithmetic(&mut self, id: ExprId, op: ArithmeticOp, left: ExprId, right: ExprId, hint: Option<&Type>) -> Type {
        // Only units of days wait to be told what they are; elsewhere a hint says nothing of the operands.
        let hint = hint.filter(|hint| matches!(hint.present(), Type::Duration | Type::Period));
        let (open_left, open_right) = (is_open(self.package, left), is_open(self.package, right));
        let (left_ty, right_ty) = if open_left && !open_right {
            let right_ty = self.present(right, hint);
            let told = Some(&right_ty).filter(|ty| matches!(ty, Type::Duration | Type::Period));
            (self.present(left, told.or(hint)), right_ty)
        } else {
            let left_ty = self.present(left, hint);
            let told =
                Some(&left_ty).filter(|ty| matches!(ty, Type::Duration | Type::Period | Type::Date | Type::Instant));
            let right_ty = self.present(right, told.or(hint));
            (left_ty, right_ty)
        };
        if left_ty == Type::Unknown || right_ty == Type::Unknown {
            return Type::Unknown;
        }
        let row = match (operators::kind(&left_ty), operators::kind(&right_ty)) {
            (Some(left), Some(right)) => operators::row(left, op, right),
            _ => None,
        };
        let Some((want_left, want_right, result)) = row else {
            self.no_such_operation(id, op, (left, &left_ty), (right, &right_ty));
            return Type::Unknown;
        };
        let currency = match (&left_ty, &right_ty) {
            (Type::Money(Some(a)), Type::Money(Some(b))) if a != b => {
                self.report(errors::currencies(self.at(id), word(op), *a, *b));
                return if result == operators::Kind::Money { Type::Unknown } else { Type::Decimal };
            }
            (Type::Money(a), Type::Money(b)) => a.or(*b),
            (Type::Money(a), _) | (_, Type::Money(a)) => *a,
            _ => None,
        };
        for (operand, ty, want) in [(left, &left_ty, want_left), (right, &right_ty, want_right)] {
            if *ty == Type::Int && want == operators::Kind::Decimal {
                self.types.wanted.insert(operand, Type::Decimal);
            }
        }
        if left_ty == Type::Instant && right_ty == Type::Period {
            self.reads(self.at(id), "the zone of the policy");
        }
        if left_ty == Type::Date && right_ty == Type::Period && self.may_be_business(right) {
            self.reads(self.at(id), "the calendar of the policy");
        }
        match result {
            operators::Kind::Int => Type::Int,
            operators::Kind::Decimal => Type::Decimal,
            operators::Kind::Money => Type::Money(currency),
            operators::Kind::Duration => Type::Duration,
            operators::Kind::Period => Type::Period,
            operators::Kind::Date => Type::Date,
            operators::Kind::Instant => Type::Instant,
        }
    }

    /// A period of which is not known that it has no business days.
    fn may_be_business(&self, period: ExprId) -> bool {
        let mut open = vec![period];
        while let Some(id) = open.pop() {
            match self.package.expr(id) {
                Expr::Period(period) if period.business_days == 0 => {}
                Expr::Days(_) | Expr::Int(_) => {}
                Expr::Negate(of) => open.push(*of),
                Expr::Arithmetic(_, left, right) => open.extend([left, right]),
                _ => return true,
            }
        }
        false
    }

    fn no_such_operation(&mut self, id: ExprId, op: ArithmeticOp, left: (ExprId, &Type), right: (ExprId, &Type)) {
        let units = matches!(
            (left.1, right.1),
            (Type::Duration, Type::Period) | (Type::Period, Type::Duration) | (Type::Date, Type::Duration)
        );
        let (left_name, right_name) = (self.name(left.1), self.name(right.1));
        let (left, right) = ((self.say(left.0), left_name), (self.say(right.0), right_name));
        let at = self.at(id);
        let diagnostic = if units {
            errors::units_do_not_mix(at, word(op), (&left.0, &left.1), (&right.0, &right.1))
        } else {
            errors::no_operation(at, word(op), (&left.0, &left.1), (&right.0, &right.1))
        };
        self.report(diagnostic);
    }

    fn compare(&mut self, at: Span, operands: &[ExprId], ops: &[CompareOp]) {
        let types = self.settle(operands, None);
        let types: Vec<Type> =
            operands.iter().zip(types).map(|(operand, ty)| self.require_present(*operand, ty)).collect();
        for (((left, a), (right, b)), op) in
            operands.iter().zip(&types).zip(operands.iter().zip(&types).skip(1)).zip(ops)
        {
            if !self.comparable(at, *op, (*left, a), (*right, b)) {
                return;
            }
        }
        self.unify(operands, &types, "what is compared");
    }

    /// Says why two operands do not compare, if they don't.
    fn comparable(&mut self, at: Span, op: CompareOp, (left, a): (ExprId, &Type), (right, b): (ExprId, &Type)) -> bool {
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let diagnostic = match (a, b) {
            (Type::Unknown, _) | (_, Type::Unknown) => return true,
            (Type::Money(Some(a)), Type::Money(Some(b))) if a != b => errors::currencies(at, "compare", *a, *b),
            (Type::Period, Type::Period) => errors::periods_compared(at, equality),
            (Type::Duration, Type::Period) | (Type::Period, Type::Duration) => {
                let (a, b) = (self.name(a), self.name(b));
                errors::units_compared(at, (&self.say(left), &a), (&self.say(right), &b))
            }
            (Type::Entity(kinds), Type::Entity(others)) if equality => {
                if kinds.iter().any(|kind| others.contains(kind)) {
                    return true;
                }
                let (a, b) = (self.name(a), self.name(b));
                errors::never_the_same(at, (&self.say(left), &a), (&self.say(right), &b))
            }
            _ => {
                let common = fit::join(a, b);
                match common {
                    None => {
                        let (said_a, said_b) = (self.name(a), self.name(b));
                        errors::not_comparable(at, (&self.say(left), &said_a), (&self.say(right), &said_b), (a, b))
                    }
                    Some(ty) if equality && !operators::has_equality(&ty) => {
                        let name = self.name(&ty);
                        errors::no_equality(at, &name)
                    }
                    Some(ty) if !equality && !operators::is_ordered(self.package, &ty) => {
                        let name = self.name(&ty);
                        errors::no_order(at, &name)
                    }
                    Some(_) => return true,
                }
            }
        };
        self.report(diagnostic);
        false
    }

    fn age(&mut self, at: Span, of: ExprId, op: CompareOp, than: ExprId) {
        let ty = self.present(of, None);
        let days = match &ty {
            Type::Date => Type::Period,
            Type::Instant | Type::Unknown => Type::Duration,
            other => {
                let name = self.name(other);
                self.report(errors::age_of_what(self.at(of), &self.say(of), &name));
                self.infer(than, None);
                return;
            }
        };
        let found = self.present(than, Some(&days));
        match op {
            CompareOp::Equal | CompareOp::NotEqual => return self.report(errors::age_equal(at)),
            CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => {}
        }
        match (&ty, &found) {
            (Type::Unknown, _) | (_, Type::Unknown | Type::Period) | (Type::Instant, Type::Duration) => {}
            (_, Type::Duration) => {
                self.report(errors::age_of_date(self.at(than), &self.say(than), &self.say(of)));
            }
            (_, other) => {
                let name = self.name(other);
                self.report(errors::age_than_what(self.at(than), &self.say(than), &name));
            }
        }
    }

    fn contained(&mut self, at: Span, element: ExprId, of: ExprId) -> Outcome {
        let (open_element, open_of) = (is_open(self.package, element), is_open(self.package, of));
        let (element_ty, whole) = if open_element || !open_of {
            let whole = self.present(of, None);
            let hint = element_of(&whole).cloned().or((whole == Type::Unknown).then_some(Type::Unknown));
            (self.present(element, hint.as_ref()), whole)
        } else {
            let element_ty = self.present(element, None);
            let whole = self.present(of, Some(&Type::set(element_ty.clone())));
            (element_ty, whole)
        };
        self.membership(at, (element, &element_ty), (of, &whole));
        let mut outcome = Outcome::default();
        if let (Type::Map(..), Some(key)) = (&whole, self.keys.entry(self.package, of, element)) {
            outcome.yes.push(Fact::HasEntry(key));
        }
        outcome
    }

    fn membership(&mut self, at: Span, element: (ExprId, &Type), whole: (ExprId, &Type)) {
        let Some(inner) = element_of(whole.1) else {
            if *whole.1 != Type::Unknown {
                let name = self.name(whole.1);
                self.report(errors::not_many(self.at(whole.0), &self.say(whole.0), &name));
            }
            return;
        };
        if fit::join(element.1, inner).is_none() && !units(element.1, inner) {
            let (one, many) = (self.name(element.1), self.name(whole.1));
            let (element, whole) = (self.say(element.0), self.say(whole.0));
            return self.report(errors::never_among(at, (&element, &one), (&whole, &many)));
        }
        if !self.comparable(at, CompareOp::Equal, element, (whole.0, inner)) {
            return;
        }
        let Some(common) = fit::join(element.1, inner) else { return };
        self.coerce(element.0, element.1, &common, Spot::The(""));
        let wide = match whole.1 {
            Type::List(_, max) => Type::List(Box::new(common), *max),
            Type::Set(_) => Type::set(common),
            Type::Map(_, value) => Type::map(common, (**value).clone()),
            _ => return,
        };
        self.coerce(whole.0, whole.1, &wide, Spot::The(""));
    }

    fn text_operand(&mut self, id: ExprId) {
        let ty = self.present(id, Some(&Type::TEXT));
        if !matches!(ty, Type::Text(_) | Type::Unknown) {
            let name = self.name(&ty);
            self.report(errors::no_text(self.at(id), &self.say(id), &name));
        }
    }

    fn contains(&mut self, at: Span, whole: ExprId, part: ExprId) -> Outcome {
        let ty = self.present(whole, None);
        match &ty {
            Type::Text(_) => self.text_operand(part),
            Type::List(of, _) | Type::Set(of) => {
                let found = self.present(part, Some(of));
                self.membership(at, (part, &found), (whole, &ty));
            }
            Type::Unknown => {
                self.infer(part, Some(&Type::Unknown));
            }
            other => {
                let name = self.name(other);
                self.report(errors::contains_nothing(self.at(whole), &self.say(whole), &name));
                self.infer(part, Some(&Type::Unknown));
            }
        }
        Outcome::default()
    }

    fn is_a(&mut self, at: Span, inner: ExprId, kind: EntityId) -> Outcome {
        let ty = self.present(inner, None);
        let kinds = match ty {
            Type::Entity(kinds) => kinds,
            Type::Unknown => return Outcome::default(),
            other => {
                let name = self.name(&other);
                self.report(errors::no_entity(self.at(inner), &self.say(inner), &name));
                return Outcome::default();
            }
        };
        let wanted = &self.package[kind].head.name.text;
        if !kinds.contains(&kind) {
            let name = names::kinds(self.package, &kinds);
            self.report(errors::never_a(at, &self.say(inner), &name, &names::article(wanted)));
            return Outcome::default();
        }
        let Some(key) = self.key(inner) else { return Outcome::default() };
        let others: Vec<EntityId> = kinds.into_iter().filter(|other| *other != kind).collect();
        let no = if others.is_empty() { vec![] } else { vec![Fact::Kind(key, others)] };
        Outcome { yes: vec![Fact::Kind(key, vec![kind])], no }
    }

    fn belongs_to(&mut self, at: Span, of: ExprId, groups: &[ExprId]) {
        let ty = self.present(of, None);
        let above = match &ty {
            Type::Entity(kinds) => Some(ancestors(self.package, kinds)),
            Type::Unknown => None,
            other => {
                let name = self.name(other);
                self.report(errors::no_entity(self.at(of), &self.say(of), &name));
                None
            }
        };
        for group in groups {
            let found = self.present(*group, None);
            let kinds = match &found {
                Type::List(inner, _) | Type::Set(inner) => inner.present(),
                other => other,
            };
            match (kinds, &above) {
                (Type::Unknown, _) | (Type::Entity(_), None) => {}
                (Type::Entity(kinds), Some(above)) => {
                    if !kinds.iter().any(|kind| above.contains(kind)) {
                        let (member, group_name) = (self.name(&ty), names::kinds(self.package, kinds));
                        self.report(errors::never_belongs(at, (&self.say(of), &member), &group_name));
                    }
                }
                (_, _) => {
                    let name = self.name(&found);
                    self.report(errors::no_entity(self.at(*group), &self.say(*group), &name));
                }
            }
        }
    }

    fn near(&mut self, at: Span, of: ExprId, span: ExprId, center: ExprId) {
        let types = self.settle(&[of, center], None);
        let types: Vec<Type> =
            [of, center].iter().zip(types).map(|(operand, ty)| self.require_present(*operand, ty)).collect();
        if !self.comparable(at, CompareOp::Less, (of, &types[0]), (center, &types[1])) {
            self.infer(span, None);
            return;
        }
        let ty = self.unify(&[of, center], &types, "what is compared");
        match &ty {
            Type::Date => {
                self.expect(span, &Type::Period, Spot::The("the distance between two dates"));
                if self.may_be_business(span) {
                    self.reads(at, "the calendar of the policy");
                }
            }
            Type::Instant => {
                let found = self.present(span, Some(&Type::Duration));
                if found != Type::Period {
                    self.coerce(span, &found, &Type::Duration, Spot::The("the distance between two instants"));
                } else {
                    self.reads(at, "the zone of the policy");
                }
            }
            Type::Unknown => {
                self.infer(span, None);
            }
            other => {
                self.infer(span, None);
                let name = self.name(other);
                self.report(errors::no_distance(at, &name));
            }
        }
    }

    fn within(&mut self, at: Span, of: ExprId, range: ExprId) {
        let ty = self.present(of, None);
        let range_ty = self.present(range, None);
        match (&ty, &range_ty) {
            (Type::Unknown, _) | (_, Type::Unknown) => {}
            (Type::Instant, Type::Hours) => self.reads(at, "the zone of the policy"),
            (Type::Ip, Type::IpRange) => {}
            (_, Type::Hours) => {
                self.coerce(of, &ty, &Type::Instant, Spot::The("what is within opening hours"));
            }
            (_, Type::IpRange) => {
                self.coerce(of, &ty, &Type::Ip, Spot::The("what is within a range of addresses"));
            }
            (_, other) => {
                let name = self.name(other);
                self.report(errors::no_range(self.at(range), &self.say(range), &name));
            }
        }
    }

    fn if_then(&mut self, condition: ExprId, then: ExprId, otherwise: ExprId, hint: Option<&Type>) -> (Type, Outcome) {
        let asked = self.condition(condition);
        let ((first, mut yes), (second, mut no)) = if hint.is_none() && is_open(self.package, then) {
            let second = self.branch(otherwise, &asked.no, None);
            (self.branch(then, &asked.yes, Some(&second.0)), second)
        } else {
            let first = self.branch(then, &asked.yes, hint);
            let second = self.branch(otherwise, &asked.no, hint.or(Some(&first.0)));
            (first, second)
        };
        let ty = self.unify(&[then, otherwise], &[first, second], "the two branches of `if`");
        if ty != Type::Bool {
            return (ty, Outcome::default());
        }
        // Either branch may have been taken.
        yes.yes.extend(asked.yes.iter().cloned());
        yes.no.extend(asked.yes);
        no.yes.extend(asked.no.iter().cloned());
        no.no.extend(asked.no);
        (ty, Outcome { yes: either(yes.yes, &no.yes), no: either(yes.no, &no.no) })
    }

    fn branch(&mut self, id: ExprId, facts: &[Fact], hint: Option<&Type>) -> (Type, Outcome) {
        let mark = self.facts.mark();
        self.facts.assume(facts);
        let found = self.visit(id, hint);
        self.facts.back_to(mark);
        found
    }

    fn matched(&mut self, at: Span, of: ExprId, arms: &[Arm], hint: Option<&Type>) -> Type {
        let ty = self.infer(of, None);
        let inner = ty.present().clone();
        let key = self.key(of);
        let mut seen = Cover::default();
        let mut present = vec![];
        for (place, arm) in arms.iter().enumerate() {
            let mut may_be_missing = false;
            for pattern in &arm.patterns {
                match pattern {
                    Pattern::Any(span) => {
                        if place + 1 < arms.len() {
                            self.report(errors::any_not_last(*span));
                        }
                        may_be_missing |= !seen.missing;
                        seen.any = true;
                    }
                    Pattern::Missing(span) => {
                        if !ty.is_optional() && ty != Type::Unknown {
                            let name = self.name(&ty);
                            self.report(errors::never_missing(*span, &name));
                        }
                        may_be_missing = true;
                        seen.missing = true;
                    }
                    Pattern::Value(value) => {
                        self.expect(*value, &inner, Spot::The("what is matched"));
                        seen.add(self.package, &self.types, *value);
                    }
                }
            }
            present.push(key.filter(|_| !may_be_missing).map(Fact::Present));
        }
        self.complete(at, of, &ty, &seen);
        let values: Vec<ExprId> = arms.iter().map(|arm| arm.value).collect();
        let types = self.settle_each(&values, hint, |checker, place, told| {
            let facts: Vec<Fact> = present[place].iter().cloned().collect();
            checker.branch(values[place], &facts, told).0
        });
        self.unify(&values, &types, "the values of a `match`")
    }

    /// A `match` has an answer for everything that its subject can be.
    fn complete(&mut self, at: Span, of: ExprId, ty: &Type, seen: &Cover) {
        if seen.any || *ty == Type::Unknown {
            return;
        }
        let mut lacking: Vec<String> = vec![];
        match ty.present() {
            Type::Unknown => {}
            Type::Enum(id) => {
                let members = self.package[*id].members.iter().enumerate();
                lacking.extend(
                    members
                        .filter(|(at, _)| !seen.members.contains(&(*at as u16)))
                        .map(|(_, member)| member.name.text.to_string()),
                );
            }
            Type::Choice(choice) => {
                let words = choice.words().iter().enumerate();
                lacking.extend(
                    words.filter(|(at, _)| !seen.members.contains(&(*at as u16))).map(|(_, word)| word.to_string()),
                );
            }
            Type::Bool => {
                lacking.extend(
                    [(true, "true"), (false, "false")]
                        .iter()
                        .filter(|(value, _)| !seen.bools.contains(value))
                        .map(|(_, word)| word.to_string()),
                );
            }
            _ => lacking.push("any".to_string()),
        }
        if ty.is_optional() && !seen.missing && lacking != ["any"] {
            lacking.push("missing".to_string());
        }
        if !lacking.is_empty() {
            let lacking: Vec<&str> = lacking.iter().map(String::as_str).collect();
            self.report(errors::match_not_complete(at, &self.say(of), &lacking));
        }
    }
}

/// What the arms of a `match` speak of.
#[derive(Default)]
struct Cover {
    any: bool,
    missing: bool,
    members: BTreeSet<u16>,
    bools: BTreeSet<bool>,
}

impl Cover {
    fn add(&mut self, package: &Package, types: &crate::check::Types, value: ExprId) {
        use crate::check::Member;
        match (package.expr(value), types.members.get(&value)) {
            (Expr::Bool(value), _) => {
                self.bools.insert(*value);
            }
            (Expr::EnumMember(_, member), _)
            | (_, Some(Member::Enum(_, member) | Member::Value(Value::Choice(_, member)))) => {
                self.members.insert(*member);
            }
            _ => {}
        }
    }
}

/// A duration and a period, which have a message of their own.
fn units(a: &Type, b: &Type) -> bool {
    matches!((a, b), (Type::Duration, Type::Period) | (Type::Period, Type::Duration))
}

/// So many days are a period beside dates and periods, and otherwise so many times 24 hours.
fn days(hint: Option<&Type>) -> Type {
    match hint.map(Type::present) {
        Some(Type::Period | Type::Date) => Type::Period,
        _ => Type::Duration,
    }
}

fn word(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "add",
        ArithmeticOp::Subtract => "subtract",
        ArithmeticOp::Multiply => "multiply",
        ArithmeticOp::Divide => "divide",
    }
}

/// True where the type depends on what is wanted.
pub(super) fn is_open(package: &Package, id: ExprId) -> bool {
    match package.expr(id) {
        Expr::Member(_) | Expr::Days(_) => true,
        Expr::List(elements) | Expr::SetOf(elements) => {
            elements.is_empty() || elements.iter().all(|element| is_open(package, *element))
        }
        Expr::MapOf(entries) => {
            entries.iter().all(|(key, _)| is_open(package, *key))
                || entries.iter().all(|(_, value)| is_open(package, *value))
        }
        Expr::Negate(inner) => is_open(package, *inner),
        Expr::Arithmetic(_, left, right) => {
            // Each side is looked at once, so that a long chain is looked at in one go.
            let (open_left, open_right) = (is_open(package, *left), is_open(package, *right));
            let whole = |id: ExprId| matches!(package.expr(id), Expr::Int(_));
            (open_left && (open_right || whole(*right))) || (open_right && whole(*left))
        }
        Expr::If { then, otherwise, .. } => is_open(package, *then) && is_open(package, *otherwise),
        Expr::Match { arms, .. } => arms.iter().all(|arm| is_open(package, arm.value)),
        Expr::Let { body, .. } => is_open(package, *body),
        _ => false,
    }
}

/// What a list, set or map has in it; of a map, its keys.
fn element_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(of, _) | Type::Set(of) | Type::Map(of, _) => Some(of),
        _ => None,
    }
}

/// The kinds themselves, and all that their ancestors may be.
fn ancestors(package: &Package, kinds: &[EntityId]) -> BTreeSet<EntityId> {
    let mut above: BTreeSet<EntityId> = kinds.iter().copied().collect();
    let mut open: Vec<EntityId> = kinds.to_vec();
    while let Some(kind) = open.pop() {
        open.extend(package[kind].parents.iter().copied().filter(|parent| above.insert(*parent)));
    }
    above
}

/// What a bare word turned out to be.
enum Found {
    Member(crate::check::Member),
    /// The type is not known, so nothing can be said.
    Unknown,
    /// The type has members, and these are their names.
    NoSuch(Vec<String>),
    NoMembers,
}

fn member_of(package: &Package, ty: &Type, name: &str) -> Found {
    use crate::check::Member;
    let all = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_string).collect::<Vec<_>>();
    match ty {
        Type::Unknown => Found::Unknown,
        Type::Enum(id) => {
            let members = &package[*id].members;
            match members.iter().position(|member| &*member.name.text == name) {
                Some(at) => Found::Member(Member::Enum(*id, at as u16)),
                None => Found::NoSuch(all(&mut members.iter().map(|member| &*member.name.text))),
            }
        }
        Type::Role => match package.roles.iter().position(|role| &*role.head.name.text == name) {
            Some(at) => Found::Member(Member::Role(RoleId(at as u32))),
            None => Found::NoSuch(all(&mut package.roles.iter().map(|role| &*role.head.name.text))),
        },
        Type::Country => match Country::parse(name) {
            Some(country) => Found::Member(Member::Value(Value::Country(country))),
            None => Found::NoSuch(all(&mut Country::all())),
        },
        Type::Currency => match Currency::parse(name) {
            Some(currency) => Found::Member(Member::Value(Value::Currency(currency))),
            None => Found::NoSuch(all(&mut Currency::all())),
        },
        Type::Choice(choice) => match choice.words().iter().position(|word| *word == name) {
            Some(at) => Found::Member(Member::Value(Value::Choice(*choice, at as u16))),
            None => Found::NoSuch(all(&mut choice.words().iter().copied())),
        },
        _ => Found::NoMembers,
    }
}

/// Where a bare word is at home: `DataClass`, the countries.
fn owners(package: &Package, name: &str) -> Vec<String> {
    let mut owners: Vec<String> = package
        .enums
        .iter()
        .filter(|item| item.members.iter().any(|member| &*member.name.text == name))
        .map(|item| item.head.name.text.to_string())
        .collect();
    if Country::parse(name).is_some() {
        owners.push("Country".to_string());
    }
    if Currency::parse(name).is_some() {
        owners.push("Currency".to_string());
    }
    for choice in [Choice::Rounding, Choice::Weekday] {
        if choice.words().contains(&name) {
            owners.push(choice.name().to_string());
        }
    }
    owners
}

/// Whose members were looked through, as `E0210` names it.
fn owner(package: &Package, ty: &Type) -> String {
    match ty {
        Type::Enum(id) => package[*id].head.name.text.to_string(),
        Type::Country => "Country".to_string(),
        Type::Currency => "Currency".to_string(),
        Type::Role => "role".to_string(),
        Type::Choice(choice) => choice.name().to_string(),
        other => names::one(package, other),
    }
}
