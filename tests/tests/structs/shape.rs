//! `shape!` and `parts!`: a struct of Rust, what a policy declares for it, and how it is drawn, each field in one row.

use super::drawn::{Maker, Seen};
use ordain_tests::generate::requests::leaves;
use ordain_tests::generate::world::{self, Kind};
use ordain_vm::bind::Action;
use serde_json::{Value as Json, json};
use std::fmt::Debug;

/// A row: a field of a struct and what is declared for it.
#[derive(Clone, Debug)]
pub struct Row {
    /// `Pay.amount`
    pub name: String,
    /// As it is written, without spaces.
    pub rust: String,
    /// It is an `Option`.
    pub optional: bool,
}

impl Row {
    pub fn new(of: &str, name: &str, rust: &str, digits: Option<u32>) -> Row {
        let rust: String = rust.chars().filter(|c| !c.is_whitespace()).collect();
        let rust = rust.replace("'static", "'static ");
        let optional = rust.starts_with("Option<");
        let bare = rust.strip_prefix("Option<").and_then(|rust| rust.strip_suffix('>')).unwrap_or(&rust);
        let rust = if digits.is_some() { format!("{bare} in digits") } else { bare.to_string() };
        Row { name: format!("{of}.{name}"), rust, optional }
    }
}

/// A struct that is asked as an action, or told as an event, of the world that all of them declare.
pub trait Shape: Action<Static = Self> + Clone + Debug + Send + Sync + 'static {
    fn declared() -> world::Action;

    fn rows() -> Vec<Row>;

    /// A request, and the same as JSON; of its context, the declared members.
    fn draw(maker: &mut Maker<'_>) -> (Self, Json);
}

/// The place of an item among those of a set.
fn in_order(set: &Json, at: usize) -> usize {
    let text = |item: &Json| item.as_str().map(String::from);
    set.as_array().into_iter().flatten().filter(|item| text(item) < text(&set[at])).count()
}

/// What JSON says of it. `rows`: arguments.
pub fn line(
    maker: &mut Maker<'_>,
    of: &world::Action,
    [subject, resource]: [Option<Json>; 2],
    rows: Vec<(&str, Json, Kind)>,
    members: Vec<(&str, Json)>,
) -> Json {
    let (mut properties, mut context) = (json!({}), json!({}));
    for (name, json, kind) in rows {
        if json.is_null() && maker.random.chance(80) {
            continue;
        }
        let mut paths = vec![];
        if !json.is_null() {
            leaves(name, &json, kind, &mut paths);
        }
        for (at, path) in paths.into_iter().enumerate() {
            // Paths are written as policies write names.
            if !of.event && !path.contains('-') && maker.random.chance(85) {
                let places = ["the user", "the operator", "look.x", "pay.id", "fetch", "elsewhere"];
                let seen = places.iter().copied().filter(|_| maker.random.chance(35)).collect();
                let of_struct =
                    if kind == Kind::Tags { format!("{name}[{}]", in_order(&json, at)) } else { path.clone() };
                maker.origins.push(Seen { path, of_struct, seen });
            }
        }
        properties[name] = json;
    }
    members.into_iter().filter(|(_, json)| !json.is_null()).for_each(|(name, json)| context[name] = json);
    let mut line = json!({});
    if let Some(subject) = subject {
        line["subject"] = subject;
    }
    if let Some(resource) = resource {
        match of.as_arg {
            // A mistake has the path of whichever says it.
            Some(name) if maker.wrong.is_empty() && maker.random.chance(50) => {
                properties[name] = resource["id"].clone()
            }
            Some(_) | None => line["resource"] = resource,
        }
    }
    line[if of.event { "event" } else { "action" }] = json!({"name": of.name, "properties": properties});
    line["context"] = context;
    line
}

macro_rules! digits {
    () => {
        None
    };
    ($digits:literal) => {
        Some($digits)
    };
}
pub(crate) use digits;

/// As JSON names a field.
macro_rules! wire {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $wire:literal) => {
        $wire
    };
}
pub(crate) use wire;

/// As a policy declares it.
macro_rules! written {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $wire:literal) => {
        concat!("`", $wire, "`")
    };
}
pub(crate) use written;

macro_rules! may_be_missing {
    () => {
        false
    };
    (optional) => {
        true
    };
}
pub(crate) use may_be_missing;

/// A value and its JSON, drawn by that method of the maker.
macro_rules! draw {
    ($maker:ident.$how:ident($of:expr, $name:expr), $ty:ty => $kind:expr) => {
        $maker.$how::<$ty>($of, $name, $kind)
    };
    ($maker:ident.$how:ident($of:expr, $name:expr), $ty:ty, $digits:literal => $kind:expr) => {{
        let (Scaled(count), json) = $maker.$how::<Scaled<$digits, $ty>>($of, $name, $kind);
        (count, json)
    }};
}
pub(crate) use draw;

/// `field: type => Kind;` with `, digits` behind the type and `optional` behind the kind, where it is declared so. `absent`
/// is declared, too, and the struct leaves it out; `without` are members of the context that it leaves out.
macro_rules! shape {
    (
        $(#[$doc:meta])*
        $name:ident: $action:literal, event: $event:literal, returns: $returns:expr, as_arg: $as_arg:expr;
        actor: $actor:ty => $($by:ident)+;
        $(target: $target:ty => $($on:ident)+;)?
        fields { $($field:ident $(as $wire:literal)?: $ty:ty $(, $digits:literal)? => $kind:ident $($optional:ident)?;)* }
        absent { $($absent:literal => $absent_kind:ident;)* }
        context { $($member:ident: $of_member:ty $(, $scale:literal)? => $kind_of_member:ident;)* }
        without { $($without:literal)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Action)]
        #[ordain(name = $action, without($($absent,)* $($without,)*))]
        pub struct $name {
            #[ordain(actor)]
            pub who: $actor,
            $(
                #[ordain(target)]
                pub on: $target,
            )?
            $(
                $(#[ordain(rename = $wire)])?
                $(#[ordain(digits = $digits)])?
                pub $field: $ty,
            )*
            $(
                #[ordain(context)]
                $(#[ordain(digits = $scale)])?
                pub $member: $of_member,
            )*
        }

        impl Shape for $name {
            fn declared() -> world::Action {
                let given = [$(world::Field {
                    name: written!($field $(, $wire)?),
                    kind: Kind::$kind,
                    optional: may_be_missing!($($optional)?),
                }),*];
                let absent = [$(world::Field { name: $absent, kind: Kind::$absent_kind, optional: true }),*];
                world::Action {
                    name: $action,
                    event: $event,
                    by: vec![$(Kind::$by),+],
                    on: vec![$($(Kind::$on),+)?],
                    as_arg: $as_arg,
                    fields: given.into_iter().chain(absent).collect(),
                    returns: $returns,
                }
            }

            fn rows() -> Vec<Row> {
                let of = stringify!($name);
                vec![
                    $(Row::new(of, wire!($field $(, $wire)?), stringify!($ty), digits!($($digits)?)),)*
                    $(Row::new(of, stringify!($member), stringify!($of_member), digits!($($scale)?)),)*
                ]
            }

            fn draw(maker: &mut Maker<'_>) -> ($name, Json) {
                let (of, mut rows, mut members) = (stringify!($name), vec![], vec![]);
                maker.next();
                let (who, subject) = <$actor as Party>::draw(maker, &[$(Kind::$by),+]);
                let parties = [Some(subject), None];
                $(
                    maker.next();
                    let (on, resource) = <$target as Party>::draw(maker, &[$(Kind::$on),+]);
                    let parties = [parties[0].clone(), Some(resource)];
                )?
                $(
                    let name = wire!($field $(, $wire)?);
                    let ($field, json) = draw!(maker.part(of, name), $ty $(, $digits)? => Kind::$kind);
                    rows.push((name, json, Kind::$kind));
                )*
                $(
                    let name = stringify!($member);
                    let ($member, json) = draw!(maker.part(of, name), $of_member $(, $scale)? => Kind::$kind_of_member);
                    members.push((name, json));
                )*
                let drawn = $name { who, $(on: of_type::<$target>(on),)? $($field,)* $($member,)* };
                (drawn, line(maker, &$name::declared(), parties, rows, members))
            }
        }
    };
}
pub(crate) use shape;

/// A struct that is a record, whose declaration is fixed: its fields' kinds are found by their names.
macro_rules! parts {
    (
        $(#[$meta:meta])*
        $name:ident of $record:ident {
            $($field:ident $(as $wire:literal)?: $ty:ty $(, $digits:literal)?;)*
        }
    ) => {
        #[derive(Clone, Debug, Record)]
        $(#[$meta])*
        pub struct $name {
            $(
                $(#[ordain(rename = $wire)])?
                $(#[ordain(digits = $digits)])?
                pub $field: $ty,
            )*
        }

        impl $name {
            pub fn rows() -> Vec<Row> {
                let of = stringify!($name);
                vec![$(Row::new(of, wire!($field $(, $wire)?), stringify!($ty), digits!($($digits)?))),*]
            }
        }

        impl Drawn for $name {
            fn draw(maker: &mut Maker<'_>, _: Kind) -> ($name, Json) {
                let mut members = json!({});
                $(
                    let name = wire!($field $(, $wire)?);
                    let kind = part_of(Kind::$record, name);
                    let ($field, json) = draw!(maker.field(stringify!($name), name), $ty $(, $digits)? => kind);
                    if !json.is_null() {
                        members[name] = json;
                    }
                )*
                ($name { $($field),* }, members)
            }
        }
    };
}
pub(crate) use parts;

/// The value, where its type has to be said.
pub fn of_type<T>(value: T) -> T {
    value
}

pub fn part_of(record: Kind, name: &str) -> Kind {
    record.parts().iter().find(|(part, ..)| *part == name).map(|(_, kind, _)| *kind).expect("the record has it")
}
