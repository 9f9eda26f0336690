//! Calls of defines, tables, built-ins and duties: how many arguments, of which types, and what comes back.
//! A built-in's shapes may leave a type open; the operands settle it, and those that are bare words learn it from the rest.

use super::{Checker, expr, fit, names, operators};
use crate::errors::types::{self as errors, Spot};
use crate::hir::{Callee, DutyCall, ExprId, LocalId};
use crate::source::Span;
use ordain_vm::builtin::{Bound, Builtin, Param, Reads, Shape};
use ordain_vm::value::Type;
use std::collections::BTreeMap;

/// What the letters of a built-in's shapes stand for in one call.
type Settled = BTreeMap<char, Type>;

impl Checker<'_> {
    pub(super) fn call(&mut self, at: Span, callee: &Callee, args: &[ExprId], hint: Option<&Type>) -> Type {
        let package = self.package;
        match callee {
            Callee::Define(id) => {
                self.calls(*id, at);
                let define = &package[*id];
                self.arguments(at, &define.head.name.text, &define.params, args);
                define.returns.clone().unwrap_or(Type::Bool)
            }
            Callee::Table(id) => {
                let table = &package[*id];
                self.arguments(at, &table.head.name.text, &table.params, args);
                table.returns.clone()
            }
            Callee::Builtin(row) => self.builtin(at, row, args, hint),
        }
    }

    fn arguments(&mut self, at: Span, callee: &str, params: &[LocalId], args: &[ExprId]) {
        let package = self.package;
        let names: Vec<&str> = params.iter().map(|param| &*package[*param].name.text).collect();
        self.count(at, callee, &names, args);
        for (place, arg) in args.iter().enumerate() {
            match params.get(place) {
                Some(param) => {
                    let want = self.types.of_local(*param).clone();
                    self.expect(*arg, &want, Spot::Argument { of: callee, param: names[place] });
                }
                None => {
                    self.infer(*arg, Some(&Type::Unknown));
                }
            }
        }
    }

    fn count(&mut self, at: Span, callee: &str, params: &[&str], args: &[ExprId]) {
        if args.len() != params.len() {
            self.report(errors::wrong_count(at, callee, params, args.len()));
        }
    }

    pub(super) fn duty_call(&mut self, call: &DutyCall) {
        let package = self.package;
        let duty = &package[call.duty];
        let name = &duty.head.name.text;
        let names: Vec<&str> = duty.params.iter().map(|param| &*param.name.text).collect();
        self.count(call.at, name, &names, &call.args);
        for (place, arg) in call.args.iter().enumerate() {
            match duty.params.get(place) {
                Some(param) => {
                    self.expect(*arg, &param.ty, Spot::Argument { of: name, param: &param.name.text });
                }
                None => {
                    self.infer(*arg, Some(&Type::Unknown));
                }
            }
        }
    }

    fn builtin(&mut self, at: Span, row: &'static Builtin, args: &[ExprId], hint: Option<&Type>) -> Type {
        if row.reads == Reads::Policy {
            self.reads(at, "the zone or calendar of the policy");
        }
        let path = row.path();
        let names: Vec<&str> = row.params.iter().map(|param| param.name).collect();
        self.count(at, &path, &names, args);
        let mut settled = Settled::new();
        // What the place wants settles what nothing else does: `max(a, b)` of two bare words.
        let wanted = hint.map(Type::present);
        let paired: Vec<(&Param, ExprId)> = row.params.iter().zip(args.iter().copied()).collect();
        let mut types = vec![Type::Unknown; paired.len()];
        let mut good = args.len() == row.params.len();
        for open in [false, true] {
            for (place, (param, arg)) in paired.iter().enumerate() {
                if expr::is_open(self.package, *arg) != open {
                    continue;
                }
                let hint = type_of(&param.shape, &settled).or_else(|| {
                    let Shape::Var(letter, _) = param.shape else { return None };
                    (row.returns == param.shape || open && mentions(&row.returns, letter)).then(|| wanted.cloned())?
                });
                let found = self.infer(*arg, hint.as_ref());
                if !settle(&param.shape, &found, &mut settled) {
                    let spot = Spot::Argument { of: &path, param: param.name };
                    good = false;
                    self.no_such_shape(*arg, &found, &param.shape, &settled, spot);
                }
                types[place] = found;
            }
        }
        for extra in args.iter().skip(row.params.len()) {
            self.infer(*extra, Some(&Type::Unknown));
        }
        if !good {
            return type_of(&row.returns, &Settled::new()).unwrap_or(Type::Unknown);
        }
        for ((param, arg), found) in paired.iter().zip(&types) {
            let spot = Spot::Argument { of: &path, param: param.name };
            match shape_for(&param.shape, found, &settled) {
                Some(want) => self.coerce(*arg, found, &want, spot),
                None => self.no_such_shape(*arg, found, &param.shape, &settled, spot),
            }
            if let Some((letter, bound)) = var_of(&param.shape)
                && let Some(ty) = settled.get(&letter)
                && !within(self.package, ty, bound)
            {
                let name = self.name(ty);
                let wanted = match bound {
                    Bound::Any => "something else",
                    Bound::Number => "a number, an amount or a duration",
                    Bound::Fraction => "a number or an amount",
                    Bound::Ordered => "something that `<` compares",
                    Bound::Sequence => "a text or a list",
                };
                self.report(errors::misfit(self.at(*arg), spot, wanted, &self.say(*arg), &name));
                return Type::Unknown;
            }
        }
        type_of(&row.returns, &settled).unwrap_or(Type::Unknown)
    }

    fn no_such_shape(&mut self, arg: ExprId, found: &Type, shape: &Shape, settled: &Settled, spot: Spot<'_>) {
        if let Some(want) = type_of(shape, settled) {
            return self.coerce(arg, found, &want, spot);
        }
        if let Type::Optional(inner) = found
            && settle(shape, inner, &mut settled.clone())
        {
            return self.report(self.missing(arg));
        }
        let wanted = self.shape_name(shape, settled);
        let found = self.name(found);
        self.report(errors::misfit(self.at(arg), spot, &wanted, &self.say(arg), &found));
    }

    fn shape_name(&self, shape: &Shape, settled: &Settled) -> String {
        match shape {
            Shape::OneOf(shapes) => {
                let all: Vec<String> = shapes.iter().map(|shape| self.shape_name(shape, settled)).collect();
                match all.split_last() {
                    Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
                    _ => all.concat(),
                }
            }
            Shape::List(of) if type_of(of, settled).is_none() => "a list".to_string(),
            Shape::Set(of) if type_of(of, settled).is_none() => "a set".to_string(),
            Shape::Map(..) if type_of(shape, settled).is_none() => "a map".to_string(),
            _ => match type_of(shape, settled) {
                Some(ty) => names::one(self.package, &ty),
                None => "something else".to_string(),
            },
        }
    }
}

/// The type that a shape is, where nothing in it is open.
fn type_of(shape: &Shape, settled: &Settled) -> Option<Type> {
    Some(match shape {
        Shape::Bool => Type::Bool,
        Shape::Int => Type::Int,
        Shape::Decimal => Type::Decimal,
        Shape::Text => Type::TEXT,
        Shape::Date => Type::Date,
        Shape::Time => Type::Time,
        Shape::Instant => Type::Instant,
        Shape::Duration => Type::Duration,
        Shape::Period => Type::Period,
        Shape::Country => Type::Country,
        Shape::Currency => Type::Currency,
        Shape::Money => Type::Money(None),
        Shape::Ip => Type::Ip,
        Shape::IpRange => Type::IpRange,
        Shape::Hours => Type::Hours,
        Shape::Choice(choice) => Type::Choice(*choice),
        Shape::Var(letter, _) => return settled.get(letter).cloned(),
        Shape::List(of) => Type::list(type_of(of, settled)?),
        Shape::Set(of) => Type::set(type_of(of, settled)?),
        Shape::Map(key, value) => Type::map(type_of(key, settled)?, type_of(value, settled)?),
        Shape::Optional(of) => type_of(of, settled)?.optional(),
        Shape::OneOf(_) => return None,
    })
}

/// Settles the letters of a shape by a type that was found; false where the type is not of the shape.
fn settle(shape: &Shape, found: &Type, settled: &mut Settled) -> bool {
    match (shape, found) {
        (_, Type::Unknown) => true,
        (Shape::Var(..), Type::Optional(_)) => false,
        (Shape::Var(letter, bound), _) => {
            let found = if (*bound, found) == (Bound::Fraction, &Type::Int) { &Type::Decimal } else { found };
            let known = settled.get(letter).cloned().unwrap_or(Type::Unknown);
            match fit::join(&known, found) {
                Some(ty) => {
                    settled.insert(*letter, ty);
                    true
                }
                None => false,
            }
        }
        (Shape::List(of), Type::List(found, _)) | (Shape::Set(of), Type::Set(found)) => settle(of, found, settled),
        (Shape::Map(key, value), Type::Map(found_key, found)) => {
            settle(key, found_key, settled) && settle(value, found, settled)
        }
        (Shape::Optional(of), Type::Optional(found)) => settle(of, found, settled),
        (Shape::Optional(of), found) => settle(of, found, settled),
        (Shape::OneOf(shapes), found) => shapes.iter().any(|shape| {
            let mut tried = settled.clone();
            let good = settle(shape, found, &mut tried);
            if good {
                *settled = tried;
            }
            good
        }),
        (shape, found) => match type_of(shape, settled) {
            Some(want) => !matches!(fit::fit(found, &want), fit::Fit::No(_)),
            None => false,
        },
    }
}

/// The type that a parameter is for this argument.
fn shape_for(shape: &Shape, found: &Type, settled: &Settled) -> Option<Type> {
    match shape {
        Shape::OneOf(shapes) => shapes
            .iter()
            .find(|shape| settle(shape, found, &mut settled.clone()))
            .and_then(|shape| shape_for(shape, found, settled)),
        // An argument that was in error settles nothing.
        _ => Some(type_of(shape, settled).unwrap_or_else(|| found.clone())),
    }
}

fn var_of(shape: &Shape) -> Option<(char, Bound)> {
    match shape {
        Shape::Var(letter, bound) => Some((*letter, *bound)),
        Shape::List(of) | Shape::Set(of) | Shape::Optional(of) => var_of(of),
        Shape::Map(key, value) => var_of(key).or_else(|| var_of(value)),
        _ => None,
    }
}

fn mentions(shape: &Shape, letter: char) -> bool {
    var_of(shape).is_some_and(|(found, _)| found == letter)
}

fn within(package: &crate::hir::Package, ty: &Type, bound: Bound) -> bool {
    match bound {
        Bound::Any => true,
        Bound::Number => matches!(ty, Type::Int | Type::Decimal | Type::Money(_) | Type::Duration | Type::Unknown),
        Bound::Fraction => matches!(ty, Type::Decimal | Type::Money(_) | Type::Unknown),
        Bound::Ordered => operators::is_ordered(package, ty),
        Bound::Sequence => matches!(ty, Type::Text(_) | Type::List(..) | Type::Unknown),
    }
}
