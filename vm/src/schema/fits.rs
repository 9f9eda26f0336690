//! Whether a value is of a declared type: for values that a host has made itself, which no reader has checked.

use super::Schema;
use crate::semantics::fits_text;
use crate::value::{Type, Value};

impl Schema {
    /// The value is of the type, and all that it names is in the schema. Texts and lists are no longer than declared.
    pub fn fits(&self, value: &Value, ty: &Type) -> bool {
        self.is_of(value, ty) && self.holds(value)
    }

    fn is_of(&self, value: &Value, ty: &Type) -> bool {
        match ty {
            Type::Optional(inner) => value.is_missing() || self.is_of(value, inner),
            Type::Unknown => false,
            Type::Bool => matches!(value, Value::Bool(_)),
            Type::Int => matches!(value, Value::Int(_)),
            Type::Decimal => matches!(value, Value::Decimal(_)),
            Type::Money(wanted) => {
                matches!(value, Value::Money(money) if wanted.is_none_or(|wanted| money.currency == wanted))
            }
            Type::Text(most) => {
                matches!(value, Value::Text(text) if most.is_none_or(|most| fits_text(text, most).is_ok()))
            }
            Type::Date => matches!(value, Value::Date(_)),
            Type::Time => matches!(value, Value::Time(_)),
            Type::Instant => matches!(value, Value::Instant(_)),
            Type::Duration => matches!(value, Value::Duration(_)),
            Type::Period => matches!(value, Value::Period(_)),
            Type::Country => matches!(value, Value::Country(_)),
            Type::Currency => matches!(value, Value::Currency(_)),
            Type::Ip => matches!(value, Value::Ip(_)),
            Type::IpRange => matches!(value, Value::IpRange(_)),
            Type::Hours => matches!(value, Value::Hours(_)),
            Type::Calendar => matches!(value, Value::Calendar(_)),
            Type::Role => matches!(value, Value::Role(_)),
            Type::Enum(wanted) => matches!(value, Value::Enum(of, _) if of == wanted),
            Type::Choice(wanted) => matches!(value, Value::Choice(of, _) if of == wanted),
            Type::Entity(kinds) => {
                matches!(value, Value::Entity(of) if kinds.contains(&of.kind) && !of.id.is_empty())
            }
            Type::Record(wanted) => {
                let declared = self.records.get(wanted.index()).map_or(&[][..], |record| &record.fields);
                matches!(value, Value::Record(of, values) if of == wanted
                    && values.len() == declared.len()
                    && values.iter().zip(declared).all(|(value, field)| self.is_of(value, &field.ty)))
            }
            Type::List(of, most) => {
                matches!(value, Value::List(values) if most.is_none_or(|most| values.len() <= most as usize)
                    && values.iter().all(|value| self.is_of(value, of)))
            }
            Type::Set(of) => matches!(value, Value::Set(values) if values.iter().all(|value| self.is_of(value, of))),
            Type::Map(key, of) => {
                matches!(value, Value::Map(map)
                    if map.iter().all(|(name, value)| self.is_of(name, key) && self.is_of(value, of)))
            }
        }
    }
}
