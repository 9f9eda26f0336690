//! Values out again: as JSON, the inverse of reading, and as people read them.
//! Engines write duties and explanations with it, digests are taken of its JSON.

use super::Schema;
use crate::json::{Json, Path};
use crate::value::{Calendar, Choice, EntityRef, Hours, Time, Value, duration_to_iso, duration_words};

impl Schema {
    /// The form of a request, which reads back as the same value. There is one such form a value:
    ///
    /// - `int` is a number; `decimal` a string without trailing zeros; `money` is `"25000 USD"`, so too where the currency is declared;
    /// - `instant` is in UTC and ends in `Z`; a fraction of a second has no trailing zeros; `time` has seconds only where they are not zero;
    /// - `duration` is in hours, minutes and seconds (`"PT26H30M"`), `period` in months, days and business days (`"P14M3D"`, `"P3B"`);
    /// - an enum's member is its wire name, an entity `{"type", "id"}`, as key of a map its id;
    /// - a record has its fields in declared order, without the missing ones;
    /// - the entries of a set and the keys of a map are sorted by their JSON text, byte by byte.
    pub fn to_json(&self, value: &Value) -> Json {
        match value {
            Value::Missing => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::Number(value.to_string()),
            Value::Decimal(value) => Json::string(value.to_string()),
            Value::Money(money) => Json::string(format!("{} {}", money.amount, money.currency)),
            Value::Text(text) => Json::string(&**text),
            Value::Date(date) => Json::string(date.to_string()),
            Value::Time(time) => Json::string(time.to_string()),
            Value::Instant(instant) => Json::string(instant.to_string()),
            Value::Duration(nanos) => Json::string(duration_to_iso(*nanos)),
            Value::Period(period) => Json::string(period.to_iso()),
            Value::Country(country) => Json::string(country.code()),
            Value::Currency(currency) => Json::string(currency.code()),
            Value::Ip(address) => Json::string(address.to_string()),
            Value::IpRange(range) => Json::string(range.to_string()),
            Value::Hours(hours) => hours_to_json(hours),
            Value::Calendar(calendar) => calendar_to_json(calendar),
            Value::Role(role) => Json::string(&*self.roles[role.index()].name),
            Value::Enum(id, at) => Json::string(&*self.enums[id.index()].wire[usize::from(*at)]),
            Value::Choice(choice, at) => Json::string(choice.words()[usize::from(*at)]),
            Value::Record(id, fields) => {
                let declared = &self.records[id.index()].fields;
                let present = declared.iter().zip(fields.iter()).filter(|(_, value)| !value.is_missing());
                Json::Object(present.map(|(field, value)| (field.name.to_string(), self.to_json(value))).collect())
            }
            Value::Entity(entity) => self.entity_to_json(entity),
            Value::List(values) => Json::Array(values.iter().map(|value| self.to_json(value)).collect()),
            Value::Set(values) => {
                let mut items: Vec<_> = values.iter().map(|value| self.to_json(value)).collect();
                items.sort_by_cached_key(Json::to_string);
                Json::Array(items)
            }
            Value::Map(map) => {
                let mut members: Vec<_> = map.iter().map(|(key, value)| (self.key(key), self.to_json(value))).collect();
                members.sort_by_cached_key(|(key, _)| Json::string(key.as_str()).to_string());
                Json::Object(members)
            }
        }
    }

    /// `{"type", "id"}`
    pub fn entity_to_json(&self, entity: &EntityRef) -> Json {
        let kind = Json::string(&*self.entities[entity.kind.index()].name);
        Json::Object(vec![("type".into(), kind), ("id".into(), Json::string(&*entity.id))])
    }

    /// A value as the name of a member.
    pub(crate) fn key(&self, key: &Value) -> String {
        match (key, self.to_json(key)) {
            (Value::Entity(entity), _) => entity.id.to_string(),
            (_, Json::String(text) | Json::Number(text)) => text,
            (_, other @ (Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_))) => other.to_string(),
        }
    }

    /// As people read it, in messages: money as `USD 10,000`, an entity as its id, lists with commas between.
    pub fn show(&self, value: &Value) -> String {
        match value {
            Value::Missing => "missing".to_string(),
            Value::Money(money) => money.to_string(),
            Value::Duration(nanos) => duration_words(*nanos),
            Value::Period(period) => period.to_string(),
            Value::Entity(entity) => entity.id.to_string(),
            Value::Record(id, fields) => {
                let declared = &self.records[id.index()].fields;
                let present = declared.iter().zip(fields.iter()).filter(|(_, value)| !value.is_missing());
                commas(present.map(|(field, value)| format!("{}: {}", field.name, self.show(value))))
            }
            Value::List(values) => commas(values.iter().map(|value| self.show(value))),
            Value::Set(values) => commas(values.iter().map(|value| self.show(value))),
            Value::Map(map) => {
                commas(map.iter().map(|(key, value)| format!("{}: {}", self.show(key), self.show(value))))
            }
            Value::Hours(hours) => show_hours(hours),
            Value::Calendar(calendar) => {
                let weekend = days().zip(calendar.weekend).filter(|(_, free)| *free).map(|(day, _)| day.to_string());
                format!(
                    "weekend {}; {} holidays; open {}",
                    commas(weekend),
                    calendar.holidays.len(),
                    show_hours(&calendar.hours)
                )
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::Instant(_)
            | Value::Country(_)
            | Value::Currency(_)
            | Value::Ip(_)
            | Value::IpRange(_)
            | Value::Role(_)
            | Value::Enum(..)
            | Value::Choice(..) => match self.to_json(value) {
                Json::String(text) | Json::Number(text) => text,
                other @ (Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_)) => other.to_string(),
            },
        }
    }

    /// The paths of a value's leaves, as origins name them, and the leaves: `to[0]`, `attachments[0].file_id`,
    /// `rates.USD`. Entries of a set are counted in the set's own order. A missing value has none, an empty list too.
    pub fn leaves<'v>(&self, name: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
        let mut leaves = vec![];
        self.collect_leaves(&Path::Root.name(name), value, &mut leaves);
        leaves
    }

    /// Recursion is bounded by the depth of declared types, and that of what was read.
    fn collect_leaves<'v>(&self, path: &Path<'_>, value: &'v Value, leaves: &mut Vec<(String, &'v Value)>) {
        match value {
            Value::Missing => {}
            Value::Record(id, fields) => {
                for (field, value) in self.records[id.index()].fields.iter().zip(fields.iter()) {
                    self.collect_leaves(&path.name(&field.name), value, leaves);
                }
            }
            Value::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.collect_leaves(&path.index(at), value, leaves);
                }
            }
            Value::Set(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.collect_leaves(&path.index(at), value, leaves);
                }
            }
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    self.collect_leaves(&path.name(&self.key(key)), value, leaves);
                }
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Money(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::Instant(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Country(_)
            | Value::Currency(_)
            | Value::Ip(_)
            | Value::IpRange(_)
            | Value::Hours(_)
            | Value::Calendar(_)
            | Value::Role(_)
            | Value::Enum(..)
            | Value::Choice(..)
            | Value::Entity(_) => leaves.push((path.to_string(), value)),
        }
    }
}

/// `a, b`; of nothing `none`.
fn commas(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "none".to_string() } else { items.join(", ") }
}

fn days() -> impl Iterator<Item = &'static str> {
    Choice::Weekday.words().iter().copied()
}

fn stretch((from, until): &(Time, Time)) -> String {
    format!("{from}-{until}")
}

fn show_hours(hours: &Hours) -> String {
    let open = days().zip(&hours.days).filter(|(_, open)| !open.is_empty());
    commas(open.map(|(day, open)| format!("{day} {}", open.iter().map(stretch).collect::<Vec<_>>().join(" and "))))
}

fn hours_to_json(hours: &Hours) -> Json {
    let open = days().zip(&hours.days).filter(|(_, open)| !open.is_empty());
    let mut members: Vec<_> = open
        .map(|(day, open)| {
            (day.to_string(), Json::Array(open.iter().map(|item| Json::string(stretch(item))).collect()))
        })
        .collect();
    members.push(("closed_on_holidays".to_string(), Json::Bool(hours.closed_on_holidays)));
    Json::Object(members)
}

fn calendar_to_json(calendar: &Calendar) -> Json {
    let weekend = days().zip(calendar.weekend).filter(|(_, free)| *free).map(|(day, _)| Json::string(day));
    let mut members = vec![
        ("weekend".to_string(), Json::Array(weekend.collect())),
        (
            "holidays".to_string(),
            Json::Array(calendar.holidays.iter().map(|day| Json::string(day.to_string())).collect()),
        ),
    ];
    if let Some((from, until)) = calendar.valid {
        let ends =
            [("from", from), ("until", until)].map(|(name, day)| (name.to_string(), Json::string(day.to_string())));
        members.push(("valid".to_string(), Json::Object(ends.into())));
    }
    members.push(("hours".to_string(), hours_to_json(&calendar.hours)));
    Json::Object(members)
}
