//! Structs as what is known of things, and what a host makes itself: whatever it holds is told, and never a panic.

use crate::schema::{VENDOR, schema};
use ordain_vm::bind::{Entity, Kind};
use ordain_vm::json::Json;
use ordain_vm::request::{InputError, RequestBuilder};
use ordain_vm::schema::{EntitySchema, FieldSchema, Schema};
use ordain_vm::value::{Date, EntityRef, IpRange, Period, RoleId, Time, Type};
use std::collections::{BTreeMap, HashMap};

/// Code, path and message of each, one a line.
fn messages(errors: &[InputError]) -> String {
    let lines = errors.iter().map(|error| format!("{} {}: {}", error.code, error.path, error.message));
    lines.collect::<Vec<_>>().join("\n")
}

/// `entity Desk { … }` beside what the tests speak of.
fn with_desk(attributes: &[(&str, Type)]) -> Schema {
    let attributes = attributes.iter().map(|(name, ty)| FieldSchema { name: (*name).into(), ty: ty.clone() }).collect();
    let mut schema = schema();
    schema.entities.push(EntitySchema { name: "Desk".into(), parents: vec![], attributes });
    schema
}

/// A key is checked as any value, and one that is none has no text to stand in a path.
#[test]
fn keys_of_maps_are_checked() {
    #[derive(Entity)]
    struct Desk {
        #[ordain(id)]
        id: &'static str,
        most: HashMap<RoleId, i64>,
        closed: BTreeMap<Date, bool>,
        open: BTreeMap<Time, bool>,
        owners: BTreeMap<EntityRef, i64>,
        rests: BTreeMap<Period, i64>,
        nets: HashMap<IpRange, u64>,
    }
    let of = |ty| Type::map(ty, Type::Int);
    let schema = with_desk(&[
        ("most", of(Type::Role)),
        ("closed", Type::map(Type::Date, Type::Bool)),
        ("open", Type::map(Type::Time, Type::Bool)),
        ("owners", of(Type::Entity(vec![VENDOR]))),
        ("rests", of(Type::Period)),
        ("nets", of(Type::IpRange)),
    ]);
    let kind = Kind::<Desk>::of(&schema).unwrap_or_else(|unfit| panic!("{unfit}"));
    let net = IpRange { address: [10, 0, 0, 1].into(), prefix: 99 };
    let period = Period { months: i32::MIN, days: i32::MIN, business_days: i32::MAX };
    let desk = Desk {
        id: "d",
        most: [(RoleId(99), 1)].into(),
        closed: [(Date(i32::MAX), true), (Date(i32::MIN), true), (Date(0), true)].into(),
        open: [(Time(i64::MIN), true), (Time(i64::MAX), true)].into(),
        owners: [(EntityRef::new(ordain_vm::value::EntityId(77), "x"), 1), (EntityRef::new(VENDOR, ""), 1)].into(),
        rests: [(period, 1)].into(),
        nets: [(net, u64::MAX)].into(),
    };
    let wanted = r#"E0612 Desk.d.most["?"]: There is no role of the number 99.
E0608 Desk.d.closed["?"]: The value is out of range. Wanted: a date of the years 1 to 9999.
E0608 Desk.d.closed["?"]: The value is out of range. Wanted: a date of the years 1 to 9999.
E0608 Desk.d.open["?"]: The value is out of range. Wanted: a time of day.
E0608 Desk.d.open["?"]: The value is out of range. Wanted: a time of day.
E0608 Desk.d.owners[""]: Found an empty text. Wanted: the id of an entity.
E0614 Desk.d.owners["?"]: Found `?`. Wanted: `Vendor`.
E0608 Desk.d.nets["?"]: The value is malformed. Wanted: a range with nothing behind its prefix.
E0609 Desk.d.nets["?"]: `18446744073709551615` is out of range. Wanted: a whole number up to 9223372036854775807."#;
    assert_eq!(messages(&kind.entry(&desk).unwrap_err()), wanted);

    let good = Desk { most: [(RoleId(1), 1)].into(), closed: [(Date(0), true)].into(), ..empty() };
    assert!(kind.entry(&good).is_ok());
    fn empty() -> Desk {
        Desk {
            id: "d",
            most: HashMap::new(),
            closed: BTreeMap::new(),
            open: BTreeMap::new(),
            owners: BTreeMap::new(),
            rests: BTreeMap::new(),
            nets: HashMap::new(),
        }
    }
}

/// What is no date has a text that is read as none.
#[test]
fn what_is_no_date_is_refused_by_the_builder() {
    let schema = schema();
    for date in [Date(i32::MAX), Date(i32::MIN), Date(Date::MAX.0 + 1), Date(Date::MIN.0 - 1)] {
        let known = Json::Object(vec![("country".into(), Json::string("DE")), ("since".into(), date.into())]);
        let pay = RequestBuilder::new(&schema, "pay").target_with("Vendor", "acme", known);
        let said = messages(&pay.build().unwrap_err());
        assert!(said.contains("E0608 resource.properties.since"), "{said}");
    }
}
