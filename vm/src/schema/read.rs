//! JSON to values, by declared type. Every mistake is told, with its place; reading goes on behind it.
//! `request` calls it for requests, entities, data and results; who may speak of which entity is settled there.

use super::words::{did_you_mean, list_too_long, listed, text_too_long};
use super::{FieldSchema, Schema, quote};
use crate::json::{Json, Path, number_length};
use crate::request::InputError;
use crate::semantics::fits_text;
use crate::value::{
    Calendar, Country, Currency, Date, Decimal, DecimalError, EntityId, EntityRef, Hours, Instant, IntError, IpRange,
    Money, Period, RoleId, Time, Type, Value, duration_from_iso, int_from_text,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// How many mistakes of one text are told.
pub(crate) const MAX_ERRORS: usize = 100;
/// How many characters of a path are told.
const MAX_PATH: usize = 500;

/// Reads values and keeps what was wrong with them, and which entities they spoke of.
pub(crate) struct Values<'a> {
    pub schema: &'a Schema,
    pub errors: Vec<InputError>,
    pub mentions: Vec<Mention>,
    /// Entities may bring their properties.
    pub properties: bool,
}

/// An entity was spoken of.
pub(crate) struct Mention {
    pub entity: EntityRef,
    pub path: String,
    pub given: Option<Given>,
}

/// What was said of an entity besides its id. Each part has its path.
#[derive(Default)]
pub(crate) struct Given {
    /// By place in the declaration; an attribute that was not spoken of is not here, one that could not be read has no value.
    pub attributes: BTreeMap<usize, (Option<Value>, String)>,
    pub parents: Vec<(EntityRef, String)>,
}

impl<'a> Values<'a> {
    pub fn new(schema: &'a Schema, properties: bool) -> Values<'a> {
        Values { schema, errors: vec![], mentions: vec![], properties }
    }

    pub fn error(&mut self, code: &'static str, path: &Path<'_>, message: impl Into<String>) {
        self.error_at(code, path.to_string(), message);
    }

    pub fn error_at(&mut self, code: &'static str, path: String, message: impl Into<String>) {
        if self.errors.len() < MAX_ERRORS {
            let path = match path.char_indices().nth(MAX_PATH) {
                Some((end, _)) => format!("{}…", &path[..end]),
                None => path,
            };
            self.errors.push(InputError::new(code, path, message));
        }
    }

    /// E0608
    fn wrong_type(&mut self, json: &Json, path: &Path<'_>, wanted: &str) {
        self.error("E0608", path, format!("Found {}. Wanted: {wanted}.", found(json)));
    }

    /// The value of that type, or `None` where it was told what is wrong.
    pub fn value(&mut self, json: &Json, ty: &Type, path: &Path<'_>) -> Option<Value> {
        if let Type::Optional(inner) = ty {
            return if *json == Json::Null { Some(Value::Missing) } else { self.value(json, inner, path) };
        }
        if *json == Json::Null {
            self.error("E0606", path, format!("There is no value. Wanted: {}.", self.schema.wanted(ty)));
            return None;
        }
        match ty {
            Type::Optional(_) => None,
            Type::Int => self.int(json, path).map(Value::Int),
            Type::Decimal => self.decimal(json, ty, path).map(Value::Decimal),
            Type::Money(currency) => self.money(json, *currency, path).map(Value::Money),
            Type::Record(id) => {
                let schema = self.schema;
                let record = &schema.records[id.index()];
                let fields = self.fields(json, &record.fields, &format!("`{}`", record.name), path)?;
                Some(Value::Record(*id, fields.into()))
            }
            Type::Entity(kinds) => self.entity(json, kinds, path).map(Value::Entity),
            Type::List(of, max) => self.elements(json, of, *max, ty, path).map(Value::list),
            Type::Set(of) => self.set(json, of, ty, path),
            Type::Map(key, value) => self.map(json, key, value, ty, path),
            Type::Bool => match json {
                Json::Bool(value) => Some(Value::Bool(*value)),
                Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                    self.wrong_type(json, path, "`true` or `false`");
                    None
                }
            },
            Type::Hours => self.hours(json, path).map(|hours| Value::Hours(Arc::new(hours))),
            Type::Calendar => self.calendar(json, path).map(|calendar| Value::Calendar(Arc::new(calendar))),
            Type::Unknown
            | Type::Text(_)
            | Type::Date
            | Type::Time
            | Type::Instant
            | Type::Duration
            | Type::Period
            | Type::Country
            | Type::Currency
            | Type::Ip
            | Type::IpRange
            | Type::Role
            | Type::Enum(_)
            | Type::Choice(_) => self.written(json, ty, path),
        }
    }

    /// What is written as a string.
    fn written(&mut self, json: &Json, ty: &Type, path: &Path<'_>) -> Option<Value> {
        let Json::String(text) = json else {
            let wanted = self.schema.wanted(ty);
            self.wrong_type(json, path, &wanted);
            return None;
        };
        let schema = self.schema;
        let value = schema.written(text, ty);
        if value.is_some() {
            return value;
        }
        let (wanted, names): (_, Vec<&str>) = match ty {
            Type::Text(Some(max)) => {
                self.error("E0610", path, text_too_long(text.chars().count(), *max));
                return None;
            }
            Type::Country => ("a country code of ISO 3166".into(), Country::all().collect()),
            Type::Currency => ("a currency code of ISO 4217".into(), Currency::all().collect()),
            Type::Role => ("a role".into(), schema.roles.iter().map(|role| &*role.name).collect()),
            Type::Enum(id) => {
                let item = &schema.enums[id.index()];
                (format!("one of `{}`", item.name), item.wire.iter().map(|wire| &**wire).collect())
            }
            Type::Choice(choice) => (format!("a {}", choice.name()), choice.words().to_vec()),
            _ => {
                let wanted = schema.wanted(ty);
                self.wrong_type(json, path, &wanted);
                return None;
            }
        };
        self.one_of(text, path, &wanted, None, names.into_iter())
    }

    /// E0612 where the text is none of the names.
    fn one_of<'n>(
        &mut self,
        text: &str,
        path: &Path<'_>,
        wanted: &str,
        value: Option<Value>,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<Value> {
        if value.is_none() {
            let names: Vec<_> = names.collect();
            let near = did_you_mean(text, names.iter().copied());
            let near = if near.is_empty() && (1..=8).contains(&names.len()) {
                format!(" There {} {}.", if names.len() == 1 { "is only" } else { "are" }, listed(names, "and"))
            } else {
                near
            };
            self.error("E0612", path, format!("{} is not {wanted}.{near}", quote(text)));
        }
        value
    }

    fn int(&mut self, json: &Json, path: &Path<'_>) -> Option<i64> {
        let Some(text) = number_text(json) else {
            self.wrong_type(json, path, "a whole number");
            return None;
        };
        match int_from_text(text) {
            Ok(value) => Some(value),
            Err(IntError::Form | IntError::Fraction) => {
                self.wrong_type(json, path, "a whole number");
                None
            }
            Err(IntError::Range) => {
                let message = format!(
                    "{} is out of range. A whole number lies between {} and {}.",
                    quote(text),
                    i64::MIN,
                    i64::MAX
                );
                self.error("E0609", path, message);
                None
            }
        }
    }

    fn decimal(&mut self, json: &Json, ty: &Type, path: &Path<'_>) -> Option<Decimal> {
        let Some(text) = number_text(json) else {
            let wanted = self.schema.wanted(ty);
            self.wrong_type(json, path, &wanted);
            return None;
        };
        self.decimal_text(text, path)
    }

    fn decimal_text(&mut self, text: &str, path: &Path<'_>) -> Option<Decimal> {
        match Decimal::parse(text) {
            Ok(value) => Some(value),
            Err(DecimalError::Form) => {
                self.error("E0608", path, format!("Found {}. Wanted: a number.", quote(text)));
                None
            }
            Err(DecimalError::Range) => {
                let message = format!("{} is out of range. A number may have 26 digits before the point.", quote(text));
                self.error("E0609", path, message);
                None
            }
        }
    }

    fn money(&mut self, json: &Json, wanted: Option<Currency>, path: &Path<'_>) -> Option<Money> {
        let ty = Type::Money(wanted);
        if let (Some(currency), Some(_)) = (wanted, number_text(json)) {
            return self.decimal(json, &ty, path).map(|amount| Money { currency, amount });
        }
        let (amount, code, at) = match json {
            Json::String(text) => match text.split_once(' ').filter(|(amount, _)| is_number(amount)) {
                Some((amount, code)) => (self.decimal_text(amount, path), code, *path),
                None => {
                    let wanted = self.schema.wanted(&ty);
                    self.wrong_type(json, path, &wanted);
                    return None;
                }
            },
            Json::Object(members) => {
                for (name, _) in members.iter().filter(|(name, _)| name != "amount" && name != "currency") {
                    self.unknown(name, "an amount of money", ["amount", "currency"], path);
                }
                let amount = self
                    .member(json, "amount", path)
                    .and_then(|json| self.decimal(json, &Type::Decimal, &path.name("amount")));
                let currency = self.member(json, "currency", path)?;
                match currency {
                    Json::String(code) => (amount, code.as_str(), path.name("currency")),
                    Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                        self.wrong_type(currency, &path.name("currency"), "a currency code of ISO 4217");
                        return None;
                    }
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => {
                let wanted = self.schema.wanted(&ty);
                self.wrong_type(json, path, &wanted);
                return None;
            }
        };
        let currency = Currency::parse(code);
        self.one_of(code, &at, "a currency code of ISO 4217", currency.map(Value::Currency), Currency::all())?;
        if let (Some(wanted), Some(found)) = (wanted, currency.filter(|currency| Some(*currency) != wanted)) {
            self.error("E0608", &at, format!("Found an amount of {found}. Wanted: an amount of {wanted}."));
            return None;
        }
        Some(Money { currency: currency?, amount: amount? })
    }

    /// The member of that name; E0606 where there is none.
    pub fn member<'j>(&mut self, json: &'j Json, name: &str, path: &Path<'_>) -> Option<&'j Json> {
        let member = json.get(name).filter(|json| **json != Json::Null);
        if member.is_none() {
            self.error("E0606", &path.name(name), format!("`{name}` is missing."));
        }
        member
    }

    /// A member that must be there and a string.
    pub fn text_member<'j>(&mut self, json: &'j Json, name: &str, path: &Path<'_>) -> Option<&'j str> {
        let member = self.member(json, name, path)?;
        self.text(member, &path.name(name))
    }

    pub fn text<'j>(&mut self, json: &'j Json, path: &Path<'_>) -> Option<&'j str> {
        if json.as_str().is_none() {
            self.wrong_type(json, path, "a string");
        }
        json.as_str()
    }

    /// E0607
    pub fn unknown<'n>(&mut self, name: &str, of: &str, names: impl IntoIterator<Item = &'n str>, path: &Path<'_>) {
        let names: Vec<_> = names.into_iter().collect();
        let near = did_you_mean(name, names.iter().copied());
        let near = match (near.is_empty(), names.is_empty()) {
            (true, true) => " It takes none.".to_string(),
            (true, false) => format!(" It has {}.", listed(names, "and")),
            (false, _) => near,
        };
        self.error("E0607", &path.name(name), format!("{} is no member of {of}.{near}", quote(name)));
    }

    /// The members of an object; E0608 where it is none.
    pub fn object<'j>(&mut self, json: &'j Json, path: &Path<'_>, wanted: &str) -> Option<&'j [(String, Json)]> {
        match json {
            Json::Object(members) => Some(members),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                self.wrong_type(json, path, wanted);
                None
            }
        }
    }

    /// Declared fields, in declared order, of an object that has no others.
    pub fn fields(&mut self, json: &Json, fields: &[FieldSchema], of: &str, path: &Path<'_>) -> Option<Vec<Value>> {
        self.object(json, path, "an object")?;
        let read = self.known_fields(json, fields, path, |values, name, path| {
            values.unknown(name, of, fields.iter().map(|field| &*field.name), path);
        });
        self.complete(read, fields, path)
    }

    /// Reads the members that `fields` declares, in the order of the text, and asks `other` about the rest.
    /// By field: nothing where it was not spoken of, and `Some(None)` where it could not be read.
    pub fn known_fields(
        &mut self,
        json: &Json,
        fields: &[FieldSchema],
        path: &Path<'_>,
        mut other: impl FnMut(&mut Self, &str, &Path<'_>),
    ) -> Vec<Option<Option<Value>>> {
        let mut read = vec![None; fields.len()];
        let Json::Object(members) = json else { return read };
        for (name, member) in members {
            match fields.iter().position(|field| *field.name == **name) {
                Some(at) => read[at] = Some(self.value(member, &fields[at].ty, &path.name(name))),
                None => other(self, name, path),
            }
        }
        read
    }

    /// E0606 for each field that is wanted and was not spoken of.
    pub fn complete(
        &mut self,
        read: Vec<Option<Option<Value>>>,
        fields: &[FieldSchema],
        path: &Path<'_>,
    ) -> Option<Vec<Value>> {
        let mut values = vec![];
        for (read, field) in read.into_iter().zip(fields) {
            match read {
                Some(value) => values.extend(value),
                None if field.ty.is_optional() => values.push(Value::Missing),
                None => {
                    let message = format!("`{}` is missing. Wanted: {}.", field.name, self.schema.wanted(&field.ty));
                    self.error("E0606", &path.name(&field.name), message);
                }
            }
        }
        (values.len() == fields.len()).then_some(values)
    }

    fn elements(&mut self, json: &Json, of: &Type, max: Option<u32>, ty: &Type, path: &Path<'_>) -> Option<Vec<Value>> {
        let Json::Array(items) = json else {
            let wanted = self.schema.wanted(ty);
            self.wrong_type(json, path, &wanted);
            return None;
        };
        if let Some(max) = max.filter(|max| items.len() > *max as usize) {
            self.error("E0611", path, list_too_long(items.len(), max));
            return None;
        }
        let mut values = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            values.extend(self.value(item, of, &path.index(at)));
        }
        (values.len() == items.len()).then_some(values)
    }

    fn set(&mut self, json: &Json, of: &Type, ty: &Type, path: &Path<'_>) -> Option<Value> {
        let values = self.elements(json, of, None, ty, path)?;
        let mut set = BTreeSet::new();
        let mut whole = true;
        for (at, value) in values.into_iter().enumerate() {
            if set.contains(&value) {
                let message =
                    format!("{} stands in the set already. Give each entry once.", quote(&self.schema.show(&value)));
                self.error("E0603", &path.index(at), message);
                whole = false;
            } else {
                set.insert(value);
            }
        }
        whole.then(|| Value::Set(Arc::new(set)))
    }

    fn map(&mut self, json: &Json, key: &Type, value: &Type, ty: &Type, path: &Path<'_>) -> Option<Value> {
        let Json::Object(members) = json else {
            let wanted = self.schema.wanted(ty);
            self.wrong_type(json, path, &wanted);
            return None;
        };
        let mut map = BTreeMap::new();
        for (name, member) in members {
            let path = path.name(name);
            let (key, value) = (self.key(name, key, &path), self.value(member, value, &path));
            let (Some(key), Some(value)) = (key, value) else { continue };
            if map.insert(key, value).is_some() {
                self.error("E0603", &path, format!("The key {} is given already, written otherwise.", quote(name)));
            }
        }
        (map.len() == members.len()).then(|| Value::Map(Arc::new(map)))
    }

    pub fn key(&mut self, name: &str, ty: &Type, path: &Path<'_>) -> Option<Value> {
        match (ty, name) {
            (Type::Bool, "true") => Some(Value::Bool(true)),
            (Type::Bool, "false") => Some(Value::Bool(false)),
            _ => self.value(&Json::string(name), ty, path),
        }
    }

    /// A reference: an object, or where only one kind can be meant, an id. No kinds: any kind.
    pub fn entity(&mut self, json: &Json, kinds: &[EntityId], path: &Path<'_>) -> Option<EntityRef> {
        if let (Json::String(id), [kind]) = (json, kinds) {
            let entity = EntityRef::new(*kind, self.entity_id(id, path)?);
            self.mentions.push(Mention { entity: entity.clone(), path: path.to_string(), given: None });
            return Some(entity);
        }
        let properties = self.properties;
        self.described(json, kinds, path, properties)
    }

    /// An entity as an object, with its properties where they may stand there.
    pub fn described(
        &mut self,
        json: &Json,
        kinds: &[EntityId],
        path: &Path<'_>,
        properties: bool,
    ) -> Option<EntityRef> {
        let Json::Object(members) = json else {
            let wanted = format!("{}, as `{{\"type\": …, \"id\": …}}`", self.kinds(kinds));
            self.wrong_type(json, path, &wanted);
            return None;
        };
        for (name, _) in members {
            match name.as_str() {
                "type" | "id" => {}
                "properties" if properties => {}
                "properties" => {
                    let message = "Here an entity is only named. Its properties stand in an entry of its own in the entity store.";
                    self.error("E0607", &path.name(name), message);
                }
                _ => self.unknown(name, "an entity", ["type", "id", "properties"], path),
            }
        }
        let kind = self.text_member(json, "type", path);
        let id = self.text_member(json, "id", path).and_then(|id| self.entity_id(id, &path.name("id")));
        let kind = self.kind(kind?, kinds, &path.name("type"))?;
        let given = match json.get("properties") {
            Some(given) if properties && *given != Json::Null => {
                Some(self.given(given, kind, &path.name("properties")))
            }
            _ => None,
        };
        let entity = EntityRef::new(kind, id?);
        self.mentions.push(Mention { entity: entity.clone(), path: path.to_string(), given });
        Some(entity)
    }

    /// E0608 where it is empty.
    pub fn entity_id<'j>(&mut self, id: &'j str, path: &Path<'_>) -> Option<&'j str> {
        if id.is_empty() {
            self.error("E0608", path, "Found an empty text. Wanted: the id of an entity.");
        }
        (!id.is_empty()).then_some(id)
    }

    /// E0614 where it is no kind, or none of those wanted.
    fn kind(&mut self, name: &str, kinds: &[EntityId], path: &Path<'_>) -> Option<EntityId> {
        match self.schema.entity(name) {
            Some(kind) if kinds.is_empty() || kinds.contains(&kind) => Some(kind),
            Some(_) => {
                let wanted = self.kinds(kinds);
                self.error("E0614", path, format!("Found {}. Wanted: {wanted}.", quote(name)));
                None
            }
            None => {
                let schema = self.schema;
                let names: Vec<&str> = if kinds.is_empty() {
                    schema.entities.iter().map(|entity| &*entity.name).collect()
                } else {
                    kinds.iter().map(|kind| &*schema.entities[kind.index()].name).collect()
                };
                let (near, wanted) = (did_you_mean(name, names), self.kinds(kinds));
                self.error(
                    "E0614",
                    path,
                    format!("No kind of entity is called {}. Wanted: {wanted}.{near}", quote(name)),
                );
                None
            }
        }
    }

    fn kinds(&self, kinds: &[EntityId]) -> String {
        if kinds.is_empty() {
            return "an entity".to_string();
        }
        listed(kinds.iter().map(|kind| &*self.schema.entities[kind.index()].name), "or")
    }

    /// What is said of an entity. Which attributes must be there depends on who else knows it.
    fn given(&mut self, json: &Json, kind: EntityId, path: &Path<'_>) -> Given {
        let schema = self.schema;
        let entity = &schema.entities[kind.index()];
        let mut given = Given::default();
        if self.object(json, path, "an object").is_none() {
            return given;
        }
        let read = self.known_fields(json, &entity.attributes, path, |values, name, path| {
            if name != "parents" {
                let names = entity.attributes.iter().map(|field| &*field.name).chain(["parents"]);
                values.unknown(name, &format!("`{}`", entity.name), names, path);
            }
        });
        for (at, value) in read.into_iter().enumerate() {
            if let Some(value) = value {
                given.attributes.insert(at, (value, path.name(&entity.attributes[at].name).to_string()));
            }
        }
        if let Some(parents) = json.get("parents").filter(|parents| **parents != Json::Null) {
            self.parents(parents, kind, &path.name("parents"), &mut given);
        }
        given
    }

    fn parents(&mut self, json: &Json, kind: EntityId, path: &Path<'_>, given: &mut Given) {
        let schema = self.schema;
        let entity = &schema.entities[kind.index()];
        let Json::Array(items) = json else {
            self.wrong_type(json, path, "a list of entities");
            return;
        };
        if entity.parents.is_empty() && !items.is_empty() {
            self.error(
                "E0614",
                path,
                format!("`{0}` has no parents. It would be declared as `entity {0} in …`.", entity.name),
            );
            return;
        }
        for (at, item) in items.iter().enumerate() {
            let path = path.index(at);
            let Some(parent) = self.entity(item, &entity.parents, &path) else { continue };
            if given.parents.iter().any(|(other, _)| *other == parent) {
                self.error("E0603", &path, format!("The parent {} is given twice.", quote(&parent.id)));
            } else {
                given.parents.push((parent, path.to_string()));
            }
        }
    }

    /// `{"monday": ["09:00-12:00", "13:00-17:00"], …, "closed_on_holidays": true}`: a day without a member is closed;
    /// stretches stand in order and don't overlap; the last may end at `24:00`. Without `closed_on_holidays`, open then.
    fn hours(&mut self, json: &Json, path: &Path<'_>) -> Option<Hours> {
        const DAYS: [&str; 7] = DAY_NAMES;
        let before = self.errors.len();
        let members = self.object(json, path, "opening hours, as `{\"monday\": [\"09:00-17:00\"]}`")?;
        let mut hours = Hours { days: Default::default(), closed_on_holidays: false };
        for (name, member) in members {
            let path = path.name(name);
            match (DAYS.iter().position(|day| day == name), member) {
                (Some(day), Json::Array(items)) => {
                    for (at, item) in items.iter().enumerate() {
                        if let Some(stretch) = self.stretch(item, hours.days[day].last().copied(), &path.index(at)) {
                            hours.days[day].push(stretch);
                        }
                    }
                }
                (Some(_), _) => self.wrong_type(member, &path, "a list of stretches, as `[\"09:00-17:00\"]`"),
                (None, _) if name == "closed_on_holidays" => {
                    hours.closed_on_holidays = self.value(member, &Type::Bool, &path) == Some(Value::Bool(true));
                }
                (None, _) => {
                    let known = DAYS.into_iter().chain(["closed_on_holidays"]);
                    let near = did_you_mean(name, known);
                    self.error("E0607", &path, format!("{} is no day of the week.{near}", quote(name)));
                }
            }
        }
        (self.errors.len() == before).then_some(hours)
    }

    fn stretch(&mut self, json: &Json, before: Option<(Time, Time)>, path: &Path<'_>) -> Option<(Time, Time)> {
        let ends = json.as_str().and_then(|text| text.split_once('-'));
        let stretch = ends.and_then(|(from, until)| {
            let until = if until == "24:00" { Some(Time::END_OF_DAY) } else { Time::parse(until) };
            Some((Time::parse(from)?, until?)).filter(|(from, until)| from < until)
        });
        match (stretch, before) {
            (None, _) => self.wrong_type(json, path, "a stretch of one day, as `\"09:00-17:00\"`"),
            (Some((from, _)), Some((_, end))) if from < end => {
                self.error(
                    "E0608",
                    path,
                    "The stretch begins before the one in front of it ends. Write them in order.",
                );
                return None;
            }
            (Some(_), _) => {}
        }
        stretch
    }

    /// `{"weekend": ["saturday", "sunday"], "holidays": ["2026-01-01"], "valid": {"from": "2026-01-01", "until":
    /// "2026-12-31"}, "hours": {"monday": ["09:00-17:00"]}}`; each member may be left out. Without `weekend`, Saturday
    /// and Sunday; without `holidays`, none; without `valid`, the holidays are known for all time; without `hours`, 9 to
    /// 17 on every day outside the weekend that is no holiday. `hours` without `closed_on_holidays` are closed then.
    fn calendar(&mut self, json: &Json, path: &Path<'_>) -> Option<Calendar> {
        let before = self.errors.len();
        let members = self.object(json, path, "a calendar, as `{\"holidays\": [\"2026-01-01\"]}`")?;
        let mut calendar = Calendar::default();
        let mut hours = None;
        for (name, member) in members {
            let path = path.name(name);
            match name.as_str() {
                "weekend" => {
                    let day = Type::set(Type::Choice(crate::value::Choice::Weekday));
                    if let Some(Value::Set(days)) = self.value(member, &day, &path) {
                        calendar.weekend = std::array::from_fn(|at| {
                            days.contains(&Value::Choice(crate::value::Choice::Weekday, at as u16))
                        });
                    }
                }
                "holidays" => {
                    if let Some(Value::Set(days)) = self.value(member, &Type::set(Type::Date), &path) {
                        calendar.holidays = days
                            .iter()
                            .filter_map(|day| if let Value::Date(day) = day { Some(*day) } else { None })
                            .collect();
                    }
                }
                "valid" => calendar.valid = self.valid(member, &path),
                "hours" => {
                    hours = self.hours(member, &path).map(|hours| Hours {
                        closed_on_holidays: hours.closed_on_holidays || member.get("closed_on_holidays").is_none(),
                        ..hours
                    });
                }
                _ => {
                    let parent = &path;
                    if let Path::Name(parent, _) = parent {
                        self.unknown(name, "a calendar", ["weekend", "holidays", "valid", "hours"], parent);
                    }
                }
            }
        }
        calendar.hours = hours.unwrap_or_else(|| {
            let open = vec![(Time::from_hms(9, 0, 0), Time::from_hms(17, 0, 0))];
            let days = std::array::from_fn(|day| if calendar.weekend[day] { vec![] } else { open.clone() });
            Hours { days, closed_on_holidays: true }
        });
        (self.errors.len() == before).then_some(calendar)
    }

    fn valid(&mut self, json: &Json, path: &Path<'_>) -> Option<(Date, Date)> {
        let field = |name: &str| FieldSchema { name: name.into(), ty: Type::Date };
        let days = self.fields(json, &[field("from"), field("until")], "the calendar's `valid`", path)?;
        match days.as_slice() {
            [Value::Date(from), Value::Date(until)] if from <= until => Some((*from, *until)),
            _ => {
                self.error("E0608", path, "`until` lies before `from`.");
                None
            }
        }
    }
}

const DAY_NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The text of a JSON number, or of a string that holds one.
fn number_text(json: &Json) -> Option<&str> {
    match json {
        Json::Number(text) => Some(text),
        Json::String(text) if is_number(text) => Some(text),
        Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

fn is_number(text: &str) -> bool {
    number_length(text) == Some(text.len())
}

/// What was found, for a message.
fn found(json: &Json) -> String {
    match json {
        Json::Bool(value) => format!("`{value}`"),
        Json::Number(text) => format!("the number {}", quote(text)),
        Json::String(text) => format!("the text {}", quote(text)),
        Json::Null | Json::Array(_) | Json::Object(_) => json.kind().to_string(),
    }
}

impl Schema {
    /// The value of a type that is written as a text, which stands for one of it.
    pub(crate) fn written(&self, text: &str, ty: &Type) -> Option<Value> {
        match ty {
            Type::Text(most) => most.is_none_or(|most| fits_text(text, most).is_ok()).then(|| Value::text(text)),
            Type::Date => Date::parse(text).map(Value::Date),
            Type::Time => Time::parse(text).map(Value::Time),
            Type::Instant => Instant::parse(text).map(Value::Instant),
            Type::Duration => duration_from_iso(text).map(Value::Duration),
            Type::Period => Period::parse(text).map(Value::Period),
            Type::Ip => text.parse::<IpAddr>().ok().map(Value::Ip),
            Type::IpRange => IpRange::parse(text).map(Value::IpRange),
            Type::Country => Country::parse(text).map(Value::Country),
            Type::Currency => Currency::parse(text).map(Value::Currency),
            Type::Role => self.role(text).map(Value::Role),
            Type::Enum(id) => {
                let wire = &self.enums[id.index()].wire;
                wire.iter().position(|wire| **wire == *text).map(|at| Value::Enum(*id, at as u16))
            }
            Type::Choice(choice) => {
                choice.words().iter().position(|word| *word == text).map(|at| Value::Choice(*choice, at as u16))
            }
            Type::Unknown
            | Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::Money(_)
            | Type::Hours
            | Type::Calendar
            | Type::Record(_)
            | Type::Entity(_)
            | Type::List(..)
            | Type::Set(_)
            | Type::Map(..)
            | Type::Optional(_) => None,
        }
    }

    pub fn role(&self, name: &str) -> Option<RoleId> {
        self.roles.iter().position(|role| &*role.name == name).map(|at| RoleId(at as u32))
    }

    /// What stands for a type in JSON, for a message: `a date, as "2026-03-03",`.
    pub(crate) fn wanted(&self, ty: &Type) -> String {
        match ty {
            Type::Unknown => "a value".into(),
            Type::Bool => "`true` or `false`".into(),
            Type::Int => "a whole number".into(),
            Type::Decimal => "a number".into(),
            Type::Money(Some(currency)) => format!("an amount, as `\"25.00\"` or `\"25.00 {currency}\"`"),
            Type::Money(None) => "an amount with its currency, as `\"25.00 USD\"`".into(),
            Type::Text(_) => "a text in quotes".into(),
            Type::Date => "a date, as `\"2026-03-03\"`".into(),
            Type::Time => "a time of day, as `\"15:00\"`".into(),
            Type::Instant => "a moment, as `\"2026-03-03T15:00:00Z\"`".into(),
            Type::Duration => "a duration, as `\"PT4H\"`".into(),
            Type::Period => "a period, as `\"P3M\"`".into(),
            Type::Country => "a country code, as `\"DE\"`".into(),
            Type::Currency => "a currency code, as `\"USD\"`".into(),
            Type::Ip => "an address, as `\"10.1.2.3\"`".into(),
            Type::IpRange => "a range of addresses, as `\"10.0.0.0/8\"`".into(),
            Type::Hours => "opening hours, as `{\"monday\": [\"09:00-17:00\"]}`".into(),
            Type::Calendar => "a calendar, as `{\"holidays\": [\"2026-01-01\"]}`".into(),
            Type::Role => "the name of a role".into(),
            Type::Enum(id) => format!("one of `{}`, in quotes", self.enums[id.index()].name),
            Type::Choice(choice) => format!("a {}, in quotes", choice.name()),
            Type::Record(id) => format!("`{}`, as an object", self.records[id.index()].name),
            Type::Entity(kinds) => listed(kinds.iter().map(|kind| &*self.entities[kind.index()].name), "or"),
            Type::List(..) => "a list".into(),
            Type::Set(_) => "a list of different values".into(),
            Type::Map(..) => "an object with a member for each key".into(),
            Type::Optional(inner) => self.wanted(inner),
        }
    }
}
