//! Sets of values of one type: what a cell of a table or a condition leaves open.
//! `tables` and `conditions` reason with them. Numbers, dates and the like are whole numbers here, so all is exact.

use super::Given;
use crate::hir::{CompareOp, Expr, ExprId};
use ordain_vm::value::{
    Country, Currency, Date, Decimal, EntityRef, Instant, Money, RoleId, Time, Type, Value, duration_words,
};
use std::collections::BTreeSet;

/// All values of a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Domain {
    pub kind: Kind,
    /// `missing` is one of them.
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Whole numbers from the first to the second: all that has an order, and all that can be counted.
    Points(Scale, i128, i128),
    /// Values that are only equal or not; of countries and currencies how many there are.
    Symbols(Option<usize>),
}

/// What a whole number stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scale {
    Bool,
    Int,
    Decimal,
    Money(Currency),
    Date,
    Time,
    Instant,
    Duration,
    /// Whole days.
    Days,
    Enum(ordain_vm::value::EnumId),
    Role,
    Choice(ordain_vm::value::Choice),
}

/// Some of the values of a domain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Values {
    pub missing: bool,
    pub present: Present,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Present {
    /// Stretches with both ends, in order, with gaps between them.
    Points(Vec<(i128, i128)>),
    /// These, or with `but` all others.
    Symbols { but: bool, of: BTreeSet<Value> },
}

impl Domain {
    /// `None` where values of the type can't be told apart before a request.
    pub fn of(given: &Given<'_>, ty: &Type, currency: Option<Currency>) -> Option<Domain> {
        let optional = ty.is_optional();
        let points = |scale, low: i64, high: i64| Kind::Points(scale, i128::from(low), i128::from(high));
        let kind = match ty.present() {
            Type::Bool => points(Scale::Bool, 0, 1),
            Type::Int => points(Scale::Int, i64::MIN, i64::MAX),
            Type::Decimal => Kind::Points(Scale::Decimal, i128::MIN, i128::MAX),
            Type::Money(known) => Kind::Points(Scale::Money((*known).or(currency)?), i128::MIN, i128::MAX),
            Type::Date => points(Scale::Date, i64::from(Date::MIN.0), i64::from(Date::MAX.0)),
            Type::Time => points(Scale::Time, 0, 86_400_000_000_000 - 1),
            Type::Instant => points(Scale::Instant, i64::MIN, i64::MAX),
            Type::Duration => points(Scale::Duration, i64::MIN, i64::MAX),
            Type::Enum(id) => points(Scale::Enum(*id), 0, given.package[*id].members.len() as i64 - 1),
            Type::Role => points(Scale::Role, 0, given.package.roles.len() as i64 - 1),
            Type::Choice(choice) => points(Scale::Choice(*choice), 0, choice.words().len() as i64 - 1),
            Type::Country => Kind::Symbols(Some(Country::all().count())),
            Type::Currency => Kind::Symbols(Some(Currency::all().count())),
            Type::Text(_) | Type::Period | Type::Ip | Type::IpRange | Type::Entity(_) => Kind::Symbols(None),
            Type::Unknown | Type::Hours | Type::Calendar | Type::Record(_) | Type::Optional(_) => return None,
            Type::List(..) | Type::Set(_) | Type::Map(..) => return None,
        };
        Some(Domain { kind, optional })
    }

    pub fn all(&self) -> Values {
        Values { missing: self.optional, ..self.present() }
    }

    /// Everything but `missing`.
    pub fn present(&self) -> Values {
        let present = match &self.kind {
            Kind::Points(_, low, high) if low > high => Present::Points(vec![]),
            Kind::Points(_, low, high) => Present::Points(vec![(*low, *high)]),
            Kind::Symbols(_) => Present::Symbols { but: true, of: BTreeSet::new() },
        };
        Values { missing: false, present }
    }

    pub fn none(&self) -> Values {
        let present = match &self.kind {
            Kind::Points(..) => Present::Points(vec![]),
            Kind::Symbols(_) => Present::Symbols { but: false, of: BTreeSet::new() },
        };
        Values { missing: false, present }
    }

    pub fn missing(&self) -> Values {
        Values { missing: self.optional, ..self.none() }
    }

    pub fn is_empty(&self, values: &Values) -> bool {
        !values.missing && self.is_empty_present(&values.present)
    }

    fn is_empty_present(&self, present: &Present) -> bool {
        match (present, &self.kind) {
            (Present::Points(parts), _) => parts.is_empty(),
            (Present::Symbols { but: false, of }, _) => of.is_empty(),
            (Present::Symbols { but: true, of }, Kind::Symbols(Some(count))) => of.len() >= *count,
            (Present::Symbols { but: true, .. }, _) => false,
        }
    }

    pub fn is_all(&self, values: &Values) -> bool {
        self.is_empty(&self.not(values))
    }

    pub fn and(&self, a: &Values, b: &Values) -> Values {
        Values { missing: a.missing && b.missing, present: a.present.and(&b.present) }
    }

    pub fn not(&self, values: &Values) -> Values {
        Values { missing: self.optional && !values.missing, present: self.not_present(&values.present) }
    }

    fn not_present(&self, present: &Present) -> Present {
        match (present, &self.kind) {
            (Present::Points(parts), Kind::Points(_, low, high)) => {
                let (mut gaps, mut from) = (vec![], Some(*low));
                for (start, end) in parts {
                    if let Some(from) = from
                        && from < *start
                    {
                        gaps.push((from, start - 1));
                    }
                    from = end.checked_add(1);
                }
                if let Some(from) = from
                    && from <= *high
                {
                    gaps.push((from, *high));
                }
                Present::Points(gaps)
            }
            (Present::Points(_), Kind::Symbols(_)) => Present::Points(vec![]),
            (Present::Symbols { but, of }, _) => Present::Symbols { but: !but, of: of.clone() },
        }
    }

    pub fn or(&self, a: &Values, b: &Values) -> Values {
        self.not(&self.and(&self.not(a), &self.not(b)))
    }

    /// Is every value of the first one of the second?
    pub fn within(&self, a: &Values, b: &Values) -> bool {
        if a.missing && !b.missing {
            return false;
        }
        match (&a.present, &b.present) {
            // Each stretch lies in one of the other, for there are gaps between these.
            (Present::Points(a), Present::Points(b)) => a.iter().all(|(start, end)| {
                let next = b.partition_point(|(_, last)| last < start);
                b.get(next).is_some_and(|(first, last)| first <= start && end <= last)
            }),
            (a, b) => self.is_empty_present(&a.and(&self.not_present(b))),
        }
    }

    /// Do two sets have a value in common?
    pub fn meet(&self, a: &Values, b: &Values) -> bool {
        if a.missing && b.missing {
            return true;
        }
        match (&a.present, &b.present) {
            (Present::Points(a), Present::Points(b)) => {
                let (mut i, mut j) = (0, 0);
                while i < a.len() && j < b.len() {
                    if a[i].0.max(b[j].0) <= a[i].1.min(b[j].1) {
                        return true;
                    }
                    if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
                }
                false
            }
            (Present::Symbols { but: false, of: a }, Present::Symbols { but: false, of: b }) => !a.is_disjoint(b),
            (a, b) => !self.is_empty_present(&a.and(b)),
        }
    }

    /// What `x op value` leaves open for x; `None` where that is no question for the type.
    pub fn compare(&self, op: CompareOp, value: &Value) -> Option<Values> {
        let equal = self.only(value)?;
        let Kind::Points(_, low, high) = &self.kind else {
            return match op {
                CompareOp::Equal => Some(equal),
                CompareOp::NotEqual => Some(self.and(&self.not(&equal), &self.present())),
                CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => None,
            };
        };
        // Between two whole numbers, what is below the value and what is above it.
        let (below, above) = self.around(value)?;
        let down = |end: Option<i128>| end.filter(|end| end >= low).map(|end| (*low, end.min(*high)));
        let up = |start: Option<i128>| start.filter(|start| start <= high).map(|start| (start.max(*low), *high));
        let part = match op {
            CompareOp::Equal => return Some(equal),
            CompareOp::NotEqual => return Some(self.and(&self.not(&equal), &self.present())),
            CompareOp::Less => down(below),
            CompareOp::LessOrEqual => down(if self.is_empty(&equal) { below } else { self.point(value) }),
            CompareOp::Greater => up(above),
            CompareOp::GreaterOrEqual => up(if self.is_empty(&equal) { above } else { self.point(value) }),
        };
        Some(Values { missing: false, present: Present::Points(part.into_iter().collect()) })
    }

    /// That one value; nothing where the type has no such value (`2.5` among ints).
    pub fn only(&self, value: &Value) -> Option<Values> {
        if value.is_missing() {
            return Some(self.missing());
        }
        let present = match &self.kind {
            Kind::Symbols(_) => Present::Symbols { but: false, of: BTreeSet::from([value.clone()]) },
            Kind::Points(_, low, high) => match self.point(value) {
                Some(point) if (*low..=*high).contains(&point) => Present::Points(vec![(point, point)]),
                Some(_) => Present::Points(vec![]),
                None => {
                    self.around(value)?;
                    Present::Points(vec![])
                }
            },
        };
        Some(Values { missing: false, present })
    }

    /// The whole number that a value is.
    fn point(&self, value: &Value) -> Option<i128> {
        let Kind::Points(scale, ..) = &self.kind else { return None };
        match (scale, value) {
            (Scale::Bool, Value::Bool(value)) => Some(i128::from(*value)),
            (Scale::Int, Value::Int(value)) => Some(i128::from(*value)),
            (Scale::Int, Value::Decimal(value)) => value.to_int().map(i128::from),
            (Scale::Decimal, Value::Decimal(value)) => Some(value.0),
            (Scale::Decimal, Value::Int(value)) => Some(Decimal::from_int(*value).0),
            (Scale::Money(currency), Value::Money(money)) if money.currency == *currency => Some(money.amount.0),
            (Scale::Date, Value::Date(date)) => Some(i128::from(date.0)),
            (Scale::Time, Value::Time(time)) => Some(i128::from(time.0)),
            (Scale::Instant, Value::Instant(instant)) => Some(i128::from(instant.0)),
            (Scale::Duration, Value::Duration(nanos)) => Some(i128::from(*nanos)),
            (Scale::Days, Value::Int(days)) => Some(i128::from(*days)),
            (Scale::Enum(id), Value::Enum(of, place)) if id == of => Some(i128::from(*place)),
            (Scale::Role, Value::Role(role)) => Some(i128::from(role.0)),
            (Scale::Choice(choice), Value::Choice(of, place)) if choice == of => Some(i128::from(*place)),
            _ => None,
        }
    }

    /// The whole numbers next below and next above a value.
    fn around(&self, value: &Value) -> Option<(Option<i128>, Option<i128>)> {
        if let Some(point) = self.point(value) {
            return Some((point.checked_sub(1), point.checked_add(1)));
        }
        let Kind::Points(Scale::Int, ..) = &self.kind else { return None };
        let Value::Decimal(value) = value else { return None };
        let below = value.0.div_euclid(Decimal::ONE.0);
        // A value that is a whole number, but too large for an int, has ints on one side only.
        let above = if value.0.rem_euclid(Decimal::ONE.0) == 0 { below } else { below + 1 };
        Some((Some(below), Some(above)))
    }

    /// One of the values, the plainest: the least that is not far away.
    pub fn example(&self, given: &Given<'_>, values: &Values) -> Option<String> {
        match &values.present {
            Present::Points(parts) => {
                let Kind::Points(scale, low, high) = &self.kind else { return None };
                // An end that the text gives says more than the least number there is.
                let near = |(start, end): &(i128, i128)| match (start == low, end == high) {
                    (true, true) => Some(0.clamp(*low, *high)),
                    (true, false) => Some(*end),
                    (false, _) => Some(*start),
                };
                match parts.iter().find_map(near) {
                    Some(point) => Some(scale.show(given, point)),
                    None => values.missing.then(|| "missing".to_string()),
                }
            }
            present @ Present::Symbols { .. } if self.is_empty_present(present) => {
                values.missing.then(|| "missing".to_string())
            }
            Present::Symbols { but: false, of } => of.first().map(|value| show(given, value)),
            Present::Symbols { but: true, of } => {
                let country = Country::all().filter_map(Country::parse).map(Value::Country);
                let currency = Currency::all().filter_map(Currency::parse).map(Value::Currency);
                let other = match of.first() {
                    Some(Value::Country(_)) => country.into_iter().find(|value| !of.contains(value)),
                    Some(Value::Currency(_)) => currency.into_iter().find(|value| !of.contains(value)),
                    Some(Value::Text(_)) => Some(Value::text("anything else")).filter(|value| !of.contains(value)),
                    _ => None,
                };
                match other {
                    Some(Value::Text(_)) => Some("any other text".to_string()),
                    Some(value) => Some(show(given, &value)),
                    None if of.is_empty() => Some("any".to_string()),
                    None => Some("any other".to_string()),
                }
            }
        }
    }

    /// In words that continue a sentence: `is at most USD 10`, `is missing`, `is DE or FR`.
    pub fn words(&self, given: &Given<'_>, values: &Values) -> String {
        let mut words = match &values.present {
            Present::Points(parts) => self.stretches(given, parts, &values.missing),
            Present::Symbols { but, of } => {
                let names: Vec<String> = of.iter().take(4).map(|value| show(given, value)).collect();
                let more = if of.len() > 4 { " or another".to_string() } else { String::new() };
                match (but, of.is_empty()) {
                    (false, true) => vec![],
                    (true, true) if values.missing => return "can be anything".to_string(),
                    (true, true) => vec!["is present".to_string()],
                    (false, false) => vec![format!("is {}{more}", or(&names))],
                    (true, false) => vec![format!("is not {}{more}", or(&names))],
                }
            }
        };
        if values.missing {
            words.push("is missing".to_string());
        }
        if words.is_empty() { "is nothing at all".to_string() } else { or(&words) }
    }

    fn stretches(&self, given: &Given<'_>, parts: &[(i128, i128)], missing: &bool) -> Vec<String> {
        let Kind::Points(scale, low, high) = &self.kind else { return vec![] };
        let name = |point: i128| scale.show(given, point);
        if let [(start, end)] = parts
            && start == low
            && end == high
        {
            return vec![if *missing { "is there".to_string() } else { "is present".to_string() }];
        }
        let counted = matches!(scale, Scale::Bool | Scale::Enum(_) | Scale::Role | Scale::Choice(_));
        if counted && parts.iter().map(|(start, end)| end - start + 1).sum::<i128>() <= 8 {
            let names: Vec<String> = parts.iter().flat_map(|(start, end)| (*start..=*end).map(name)).collect();
            return vec![format!("is {}", or(&names))];
        }
        // Everything but one stretch in the middle.
        if let [(a, b), (c, d)] = parts
            && a == low
            && d == high
            && b.checked_add(2) == Some(*c)
        {
            return vec![format!("is not {}", name(b + 1))];
        }
        // A bound of a fraction is said as it was written: more than 10, not at least 10.000000000001.
        let coarse = |point: i128| scale.is_whole(point);
        let stretch = |(start, end): &(i128, i128)| match (start == low, end == high) {
            _ if start == end => format!("is {}", name(*start)),
            (true, _) if !coarse(*end) && coarse(end + 1) => format!("is less than {}", name(end + 1)),
            (true, _) => format!("is at most {}", name(*end)),
            (_, true) if !coarse(*start) && coarse(start - 1) => format!("is more than {}", name(start - 1)),
            (_, true) => format!("is at least {}", name(*start)),
            (false, false) => {
                let from = if !coarse(*start) && coarse(start - 1) {
                    format!("is more than {}", name(start - 1))
                } else {
                    format!("is at least {}", name(*start))
                };
                let to = if !coarse(*end) && coarse(end + 1) {
                    format!("less than {}", name(end + 1))
                } else {
                    format!("at most {}", name(*end))
                };
                format!("{from} and {to}")
            }
        };
        parts.iter().take(4).map(stretch).collect()
    }
}

impl Present {
    fn and(&self, other: &Present) -> Present {
        match (self, other) {
            (Present::Points(a), Present::Points(b)) => {
                let (mut parts, mut i, mut j) = (vec![], 0, 0);
                while i < a.len() && j < b.len() {
                    let (start, end) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
                    if start <= end {
                        parts.push((start, end));
                    }
                    if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
                }
                Present::Points(parts)
            }
            (Present::Symbols { but: false, of: a }, Present::Symbols { but: false, of: b }) => {
                Present::Symbols { but: false, of: a & b }
            }
            (Present::Symbols { but: false, of: a }, Present::Symbols { but: true, of: b })
            | (Present::Symbols { but: true, of: b }, Present::Symbols { but: false, of: a }) => {
                Present::Symbols { but: false, of: a - b }
            }
            (Present::Symbols { but: true, of: a }, Present::Symbols { but: true, of: b }) => {
                Present::Symbols { but: true, of: a | b }
            }
            // Two domains never meet: a column, and a term, have one each.
            (Present::Points(_), Present::Symbols { .. }) | (Present::Symbols { .. }, Present::Points(_)) => {
                Present::Points(vec![])
            }
        }
    }
}

impl Scale {
    fn show(&self, given: &Given<'_>, point: i128) -> String {
        let short = i64::try_from(point).unwrap_or(if point < 0 { i64::MIN } else { i64::MAX });
        match self {
            Scale::Bool => (point != 0).to_string(),
            Scale::Int => short.to_string(),
            Scale::Decimal => Decimal(point).to_string(),
            Scale::Money(currency) => Money { currency: *currency, amount: Decimal(point) }.to_string(),
            Scale::Date => Date(short as i32).to_string(),
            Scale::Time => Time(short).to_string(),
            Scale::Instant => Instant(short).to_string(),
            Scale::Duration => duration_words(short),
            Scale::Days => format!("{short} day{}", if short == 1 { "" } else { "s" }),
            Scale::Enum(id) => show(given, &Value::Enum(*id, short as u16)),
            Scale::Role => show(given, &Value::Role(RoleId(short as u32))),
            Scale::Choice(choice) => show(given, &Value::Choice(*choice, short as u16)),
        }
    }

    /// Said without digits that nobody wrote.
    fn is_whole(&self, point: i128) -> bool {
        match self {
            Scale::Decimal | Scale::Money(_) => point % 1_000_000 == 0,
            Scale::Time | Scale::Instant | Scale::Duration => point % 1_000_000 == 0,
            Scale::Bool | Scale::Int | Scale::Date | Scale::Days => true,
            Scale::Enum(_) | Scale::Role | Scale::Choice(_) => true,
        }
    }
}

fn or(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// As it is written in a policy.
pub(super) fn show(given: &Given<'_>, value: &Value) -> String {
    match value {
        Value::Missing => "missing".to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Money(value) => value.to_string(),
        Value::Text(text) => format!("\"{}\"", text.escape_default()),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::Instant(value) => value.to_string(),
        Value::Duration(nanos) => duration_words(*nanos),
        Value::Period(value) => value.to_string(),
        Value::Country(value) => value.to_string(),
        Value::Currency(value) => value.to_string(),
        Value::Ip(value) => value.to_string(),
        Value::IpRange(value) => value.to_string(),
        Value::Role(id) => {
            given.package.roles.get(id.index()).map_or(String::new(), |role| role.head.name.text.to_string())
        }
        Value::Enum(id, place) => {
            let member = given.package[*id].members.get(usize::from(*place));
            member.map_or(String::new(), |member| member.name.text.to_string())
        }
        Value::Choice(choice, place) => choice.words().get(usize::from(*place)).map_or("", |word| word).to_string(),
        Value::Entity(entity) => format!("{}(\"{}\")", given.package[entity.kind].head.name.text, entity.id),
        Value::Hours(_) | Value::Calendar(_) | Value::Record(..) => "a value".to_string(),
        Value::List(_) | Value::Set(_) | Value::Map(_) => "several values".to_string(),
    }
}

/// The value of an expression that is the same for every request.
pub(super) fn constant(given: &Given<'_>, id: ExprId) -> Option<Value> {
    if let Some(literal) = given.types.literal(given.package, id) {
        return Some(literal);
    }
    Some(match given.package.expr(id) {
        Expr::Negate(inner) => ordain_vm::semantics::negate_value(&constant(given, *inner)?).ok()?,
        Expr::Entity { kind, id, .. } => match constant(given, *id)? {
            Value::Text(text) => Value::Entity(EntityRef::new(*kind, text)),
            _ => return None,
        },
        _ => return None,
    })
}

/// The members of a list, a set or a named set, where all are constants.
pub(super) fn constants(given: &Given<'_>, id: ExprId) -> Option<BTreeSet<Value>> {
    match given.package.expr(id) {
        Expr::List(items) | Expr::SetOf(items) => items.iter().map(|item| constant(given, *item)).collect(),
        Expr::Set(set) => constants(given, given.package[*set].value),
        _ => None,
    }
}
