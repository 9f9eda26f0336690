//! What types are called when they are spoken of to people: `an amount in USD`, `a list of texts`.
//! Every message about types takes its words from here.

use crate::hir::Package;
use ordain_vm::value::{EntityId, Type};

/// With its article: `a text`, `an Agent or a Person`.
pub fn one(package: &Package, ty: &Type) -> String {
    let fixed = match ty {
        Type::Unknown => "something",
        Type::Bool => "a condition",
        Type::Int => "a whole number",
        Type::Decimal => "a number",
        Type::Money(None) => "an amount of money",
        Type::Text(_) => "a text",
        Type::Date => "a date",
        Type::Time => "a time of day",
        Type::Instant => "an instant",
        Type::Duration => "a duration",
        Type::Period => "a period",
        Type::Country => "a country",
        Type::Currency => "a currency",
        Type::Ip => "an IP address",
        Type::IpRange => "a range of IP addresses",
        Type::Hours => "opening hours",
        Type::Calendar => "a calendar",
        Type::Role => "a role",
        Type::Money(Some(currency)) => return format!("an amount in {}", currency.code()),
        Type::Enum(id) => return format!("a member of {}", package[*id].head.name.text),
        Type::Choice(choice) => return article(choice.name()),
        Type::Record(id) => return article(&package[*id].head.name.text),
        Type::Entity(kinds) => return self::kinds(package, kinds),
        Type::List(of, _) => return format!("a list of {}", many(package, of)),
        Type::Set(of) => return format!("a set of {}", many(package, of)),
        Type::Map(key, value) => {
            return format!("a map from {} to {}", many(package, key), many(package, value));
        }
        Type::Optional(of) => return format!("{} that may be missing", one(package, of)),
    };
    fixed.to_string()
}

/// `an Agent or a Person`
pub fn kinds(package: &Package, kinds: &[EntityId]) -> String {
    match kinds {
        [] => "an entity".to_string(),
        _ if kinds.len() > 4 => "an entity of one of several kinds".to_string(),
        _ => kinds.iter().map(|kind| article(&package[*kind].head.name.text)).collect::<Vec<_>>().join(" or "),
    }
}

fn many(package: &Package, ty: &Type) -> String {
    let fixed = match ty {
        Type::Unknown => "anything",
        Type::Bool => "conditions",
        Type::Int => "whole numbers",
        Type::Decimal => "numbers",
        Type::Money(None) => "amounts of money",
        Type::Text(_) => "texts",
        Type::Date => "dates",
        Type::Time => "times of day",
        Type::Instant => "instants",
        Type::Duration => "durations",
        Type::Period => "periods",
        Type::Country => "countries",
        Type::Currency => "currencies",
        Type::Ip => "IP addresses",
        Type::IpRange => "ranges of IP addresses",
        Type::Hours => "opening hours",
        Type::Calendar => "calendars",
        Type::Role => "roles",
        Type::Money(Some(currency)) => return format!("amounts in {}", currency.code()),
        Type::Enum(id) => return format!("members of {}", package[*id].head.name.text),
        Type::Choice(choice) => return choice.name().to_string(),
        Type::Record(id) => return package[*id].head.name.text.to_string(),
        Type::Entity(kinds) => {
            return kinds.iter().map(|kind| &*package[*kind].head.name.text).collect::<Vec<_>>().join(" or ");
        }
        Type::List(of, _) => return format!("lists of {}", many(package, of)),
        Type::Set(of) => return format!("sets of {}", many(package, of)),
        Type::Map(key, value) => {
            return format!("maps from {} to {}", many(package, key), many(package, value));
        }
        Type::Optional(of) => return format!("{} that may be missing", many(package, of)),
    };
    fixed.to_string()
}

/// `an Agent`, `a Person`
pub fn article(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}
