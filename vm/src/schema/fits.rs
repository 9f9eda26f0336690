//! Whether a value is of a declared type: for values that a host has made itself, which no reader has checked.

use super::{FieldSchema, Schema};
use crate::value::{Type, Value};

impl Schema {
    /// The value is of the type, and all that it names is in the schema. Texts and lists are no longer than declared.
    pub fn fits(&self, value: &Value, ty: &Type) -> bool {
        self.is_of(value, ty) && self.holds(value)
    }

    /// A value for each field, in their order.
    pub fn fit(&self, values: &[Value], fields: &[FieldSchema]) -> bool {
        values.len() == fields.len() && values.iter().zip(fields).all(|(value, field)| self.fits(value, &field.ty))
    }

    fn is_of(&self, value: &Value, ty: &Type) -> bool {
        match (value, ty) {
            (Value::Missing, ty) => ty.is_optional(),
            (value, Type::Optional(inner)) => self.is_of(value, inner),
            (Value::Bool(_), Type::Bool)
            | (Value::Int(_), Type::Int)
            | (Value::Decimal(_), Type::Decimal)
            | (Value::Money(_), Type::Money(None))
            | (Value::Date(_), Type::Date)
            | (Value::Time(_), Type::Time)
            | (Value::Instant(_), Type::Instant)
            | (Value::Duration(_), Type::Duration)
            | (Value::Period(_), Type::Period)
            | (Value::Country(_), Type::Country)
            | (Value::Currency(_), Type::Currency)
            | (Value::Ip(_), Type::Ip)
            | (Value::IpRange(_), Type::IpRange)
            | (Value::Hours(_), Type::Hours)
            | (Value::Calendar(_), Type::Calendar)
            | (Value::Role(_), Type::Role) => true,
            (Value::Money(money), Type::Money(Some(currency))) => money.currency == *currency,
            (Value::Text(text), Type::Text(most)) => most.is_none_or(|most| text.chars().count() <= most as usize),
            (Value::Enum(of, _), Type::Enum(wanted)) => of == wanted,
            (Value::Choice(of, _), Type::Choice(wanted)) => of == wanted,
            (Value::Entity(of), Type::Entity(kinds)) => kinds.contains(&of.kind) && !of.id.is_empty(),
            (Value::Record(of, values), Type::Record(wanted)) => {
                let declared = self.records.get(wanted.index()).map_or(&[][..], |record| &record.fields);
                of == wanted
                    && values.len() == declared.len()
                    && values.iter().zip(declared).all(|(value, field)| self.is_of(value, &field.ty))
            }
            (Value::List(values), Type::List(of, most)) => {
                most.is_none_or(|most| values.len() <= most as usize)
                    && values.iter().all(|value| self.is_of(value, of))
            }
            (Value::Set(values), Type::Set(of)) => values.iter().all(|value| self.is_of(value, of)),
            (Value::Map(map), Type::Map(key, of)) => {
                map.iter().all(|(name, value)| self.is_of(name, key) && self.is_of(value, of))
            }
            _ => false,
        }
    }
}
