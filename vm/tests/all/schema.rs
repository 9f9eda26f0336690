//! The package that the tests speak of, and ways to bend a request.

use ordain_vm::json::{Json, parse};
use ordain_vm::schema::{ActionSchema, EntitySchema, EnumSchema, FieldSchema, RecordSchema, RoleSchema, Schema};
use ordain_vm::value::{Currency, EntityId, EnumId, RecordId, Type};

pub const CLASS: EnumId = EnumId(0);
pub const PART: RecordId = RecordId(0);
pub const TEAM: EntityId = EntityId(0);
pub const AGENT: EntityId = EntityId(1);
pub const PERSON: EntityId = EntityId(2);
pub const VENDOR: EntityId = EntityId(3);

fn fields(fields: &[(&str, Type)]) -> Vec<FieldSchema> {
    fields.iter().map(|(name, ty)| FieldSchema { name: (*name).into(), ty: ty.clone() }).collect()
}

fn action(
    name: &str,
    by: &[EntityId],
    on: &[EntityId],
    as_arg: Option<&str>,
    args: &[(&str, Type)],
    returns: Option<Type>,
) -> ActionSchema {
    let (by, on) = (by.to_vec(), on.to_vec());
    ActionSchema {
        name: name.into(),
        event: false,
        by,
        on,
        as_arg: as_arg.map(Into::into),
        fields: fields(args),
        returns,
    }
}

/// ```text
/// enum Class { public, internal, personal "personal data" }
/// record Part { file_id: text<max 10>, size: int?, tags: set<text>? }
/// entity Team in Team      entity Agent in Team { tier: int }      entity Person { mail: text? }
/// entity Vendor { country: Country, since: date, owner: Person? }
/// context { ticket: text<max 8>, risk: decimal? }
/// action pay by Agent, Person on Vendor as vendor_id {
///   amount: money<USD>, memo: text<max 5>?, parts: list<Part, max 3>?, rates: map<Currency, decimal>?, class: Class?,
///   backup: Agent or Person?, owner: Person?, words: set<text>?, fee: money?, count: int?, share: decimal? }
/// action look by Agent { query: text } returns list<Part>
/// action touch on Team { resource: Part? }
/// event score by Agent { score: decimal }
/// role officer by Person      role chief by Person, Agent      role anyone
/// ```
pub fn schema() -> Schema {
    let usd = Currency::parse("USD");
    let person = Type::Entity(vec![PERSON]);
    Schema {
        enums: vec![EnumSchema {
            name: "Class".into(),
            wire: ["public", "internal", "personal data"].map(Into::into).into(),
        }],
        records: vec![RecordSchema {
            name: "Part".into(),
            fields: fields(&[
                ("file_id", Type::Text(Some(10))),
                ("size", Type::Int.optional()),
                ("tags", Type::set(Type::TEXT).optional()),
            ]),
        }],
        entities: vec![
            EntitySchema { name: "Team".into(), parents: vec![TEAM], attributes: vec![] },
            EntitySchema { name: "Agent".into(), parents: vec![TEAM], attributes: fields(&[("tier", Type::Int)]) },
            EntitySchema {
                name: "Person".into(),
                parents: vec![],
                attributes: fields(&[("mail", Type::TEXT.optional())]),
            },
            EntitySchema {
                name: "Vendor".into(),
                parents: vec![],
                attributes: fields(&[
                    ("country", Type::Country),
                    ("since", Type::Date),
                    ("owner", person.clone().optional()),
                ]),
            },
        ],
        actions: vec![
            action(
                "pay",
                &[AGENT, PERSON],
                &[VENDOR],
                Some("vendor_id"),
                &[
                    ("amount", Type::Money(usd)),
                    ("memo", Type::Text(Some(5)).optional()),
                    ("parts", Type::List(Box::new(Type::Record(PART)), Some(3)).optional()),
                    ("rates", Type::map(Type::Currency, Type::Decimal).optional()),
                    ("class", Type::Enum(CLASS).optional()),
                    ("backup", Type::Entity(vec![AGENT, PERSON]).optional()),
                    ("owner", person.optional()),
                    ("words", Type::set(Type::TEXT).optional()),
                    ("fee", Type::Money(None).optional()),
                    ("count", Type::Int.optional()),
                    ("share", Type::Decimal.optional()),
                ],
                None,
            ),
            action("look", &[AGENT], &[], None, &[("query", Type::TEXT)], Some(Type::list(Type::Record(PART)))),
            action("touch", &[], &[TEAM], None, &[("resource", Type::Record(PART).optional())], None),
            ActionSchema { event: true, ..action("score", &[AGENT], &[], None, &[("score", Type::Decimal)], None) },
        ],
        context: fields(&[("ticket", Type::Text(Some(8)).optional()), ("risk", Type::Decimal.optional())]),
        roles: vec![
            RoleSchema { name: "officer".into(), by: vec![PERSON] },
            RoleSchema { name: "chief".into(), by: vec![AGENT, PERSON] },
            RoleSchema { name: "anyone".into(), by: vec![] },
        ],
        data: vec![],
        waivable: vec!["desk.known_vendor".into()],
    }
}

pub const DIGEST: &str = "blake3:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A request to which nothing is wrong, entities included.
pub fn pay() -> Json {
    json(
        r#"{"subject": {"type": "Agent", "id": "a-1", "properties": {"tier": 1, "parents": [{"type": "Team", "id": "ap"}]}},
            "action": {"name": "pay", "properties": {"vendor_id": "acme", "amount": "25.00", "memo": "boil"}},
            "resource": {"type": "Vendor", "id": "acme", "properties": {"country": "DE", "since": "2020-05-01"}},
            "context": {"session": "s-1", "time": "2026-03-03T15:00:00Z", "id": "r-1"}}"#,
    )
}

pub fn json(text: &str) -> Json {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Sets the member at that path, or with nothing takes it away.
pub fn with(mut json: Json, path: &str, value: &str) -> Json {
    let value = (!value.is_empty()).then(|| self::json(value));
    let mut at = &mut json;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Json::Object(members) = at else { panic!("{path}") };
        let place = members.iter().position(|(member, _)| member == name);
        if names.peek().is_none() {
            match (place, value) {
                (Some(place), Some(value)) => members[place].1 = value,
                (Some(place), None) => drop(members.remove(place)),
                (None, Some(value)) => members.push((name.to_string(), value)),
                (None, None) => panic!("{path}"),
            }
            return json;
        }
        let place = place.unwrap_or_else(|| {
            members.push((name.to_string(), Json::Object(vec![])));
            members.len() - 1
        });
        at = &mut members[place].1;
    }
    json
}
