//! What is known of things, as structs and as the JSON of an entity store.

use super::shapes::Level;
use ordain_tests::generate::random::Random;
use ordain_vm::bind::{Entity, Entry, Id, Kind};
use ordain_vm::json::parse;
use ordain_vm::request::{InputError, Snapshot, read_entities};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Country, Currency, Date, Decimal, EntityRef, Money};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

#[derive(Entity)]
pub struct Team {
    #[ordain(id)]
    id: String,
    #[ordain(parents)]
    above: Vec<Id<Team>>,
}

#[derive(Entity)]
pub struct Person {
    #[ordain(id)]
    id: Box<str>,
    #[ordain(parents)]
    teams: Box<[EntityRef]>,
    tier: u8,
    born: Date,
    #[ordain(digits = 2)]
    spent: i64,
    boss: Option<Id<Person>>,
}

#[derive(Entity)]
pub struct Robot {
    #[ordain(id)]
    id: Arc<str>,
    #[ordain(parents)]
    teams: Vec<Id<Team>>,
    #[ordain(rename = "tier")]
    level: i64,
    maker: String,
}

#[derive(Entity)]
#[ordain(without("cap"))]
pub struct Vendor {
    #[ordain(id)]
    id: String,
    country: Country,
    since: Date,
    home: Currency,
    rank: Level,
    labels: HashSet<String>,
    contact: Option<Id<Person>>,
}

/// With what the other leaves out, borrowed.
#[derive(Entity)]
#[ordain(name = "Vendor")]
struct Dealer<'a> {
    #[ordain(id)]
    id: &'a str,
    contact: Option<&'a str>,
    labels: BTreeSet<&'a str>,
    rank: Level,
    home: Currency,
    since: Date,
    country: Country,
    cap: Option<Money>,
}

/// The store of a seed, made of structs; it is what is read of JSON, or that is told. `all`: it has every team.
pub fn snapshot(schema: &Schema, seed: u64, all: bool) -> Result<Arc<Snapshot>, String> {
    let (entries, json) = entries(schema, &mut Random::new(seed), all).map_err(|errors| told(&errors))?;
    let parsed = parse(json.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let read = read_entities(schema, &parsed).map_err(|errors| told(&errors))?;
    let own = Snapshot::new(schema, entries.into_iter().map(|(of, known)| (of, known.into())).collect());
    let own = own.map_err(|errors| told(&errors))?;
    match **own.entities() == read {
        true => Ok(Arc::new(own)),
        false => Err(format!("a store of structs: {:?}\nread: {read:?}", own.entities())),
    }
}

fn told(errors: &[InputError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The kind of a struct, of a world that declares it.
fn kind<E: Entity>(schema: &Schema) -> Kind<E> {
    Kind::of(schema).unwrap_or_else(|unfit| panic!("{unfit}"))
}

fn entries(schema: &Schema, random: &mut Random, all: bool) -> Result<(Vec<Entry>, Json), Vec<InputError>> {
    let (teams, people, robots) = (kind::<Team>(schema), kind::<Person>(schema), kind::<Robot>(schema));
    let (vendors, dealers) = (kind::<Vendor>(schema), kind::<Dealer>(schema));
    let team = schema.entity("Team").expect("it is declared");
    let (mut entries, mut json) = (vec![], vec![]);
    for at in 1..5_u8 {
        let number = usize::from(at);
        // Nobody is in the fourth.
        let (own, tier) = (format!("t{}", 1 + random.below(3)), random.below(5));
        let above = if at == 1 { vec![] } else { vec![format!("t{}", 1 + random.below(number - 1))] };
        let parents =
            |ids: &[String]| -> Vec<Json> { ids.iter().map(|id| json!({"type": "Team", "id": id})).collect() };
        if at < 4 || all {
            let of = Team { id: format!("t{at}"), above: above.iter().map(|id| Id::new(id.as_str())).collect() };
            entries.push(teams.entry(&of)?);
            json.push(json!({"type": "Team", "id": of.id, "properties": {"parents": parents(&above)}}));
        }
        let spent = *random.pick(&[150, 0, -25, 99_999, i64::MAX]);
        let (id, boss) = (format!("p{at}"), (at > 2).then_some("p1"));
        let of = Person {
            id: id.as_str().into(),
            teams: [EntityRef::new(team, own.as_str())].into(),
            tier: tier as u8,
            born: Date::from_ymd(1900 + 10 * i32::from(at), 5, 5).expect("a date"),
            spent,
            boss: boss.map(Id::new),
        };
        entries.push(people.entry(&of)?);
        let amount = match spent {
            150 => json!(1.5),
            0 => json!("0 USD"),
            -25 => json!({"amount": "-0.25", "currency": "USD"}),
            99_999 => json!("999.99"),
            _ => json!("92233720368547758.07"),
        };
        let mut properties = json!({"tier": tier, "born": format!("19{at}0-05-05"), "spent": amount, "parents": parents(std::slice::from_ref(&own))});
        if let Some(boss) = boss {
            properties["boss"] = json!(boss);
        }
        json.push(json!({"type": "Person", "id": id, "properties": properties}));
        let in_teams = if own == "t1" { vec![own] } else { vec![own, "t1".to_string()] };
        let (id, maker) = (format!("r{at}"), random.word(&["acme", "bolt"]));
        let of = Robot {
            id: id.as_str().into(),
            teams: in_teams.iter().map(|id| Id::new(id.as_str())).collect(),
            level: tier as i64 - 2,
            maker: maker.to_string(),
        };
        entries.push(robots.entry(&of)?);
        let properties = json!({"tier": tier as i64 - 2, "maker": maker, "parents": parents(&in_teams)});
        json.push(json!({"type": "Robot", "id": id, "properties": properties}));
        let (id, country) = (format!("v{at}"), random.word(&["DE", "KP", "US"]));
        let (rank, word) = *random.pick(&[(Level::High, "high"), (Level::Low, "low")]);
        let code = Country::parse(country).expect("there is one");
        let home = Currency::parse("EUR").expect("there is one");
        let since = Date::from_ymd(2020 + i32::from(at), 1, 31).expect("a date");
        let mut properties = json!({"country": country, "since": format!("202{at}-01-31"), "home": "EUR", "rank": word,
            "labels": ["b", "a"]});
        if at % 2 == 0 {
            let (cap, contact) =
                (Money { currency: Currency::parse("USD").expect("one"), amount: Decimal::from_int(100) }, "p2");
            let labels = ["a", "b"].into();
            let of =
                Dealer { id: &id, contact: Some(contact), labels, rank, home, since, country: code, cap: Some(cap) };
            entries.push(dealers.entry(&of)?);
            properties["cap"] = json!("100.00 USD");
            properties["contact"] = json!({"type": "Person", "id": contact});
        } else {
            let labels = ["a", "b"].map(String::from).into();
            let of = Vendor { id: id.clone(), country: code, since, home, rank, labels, contact: None };
            entries.push(vendors.entry(&of)?);
        }
        json.push(json!({"type": "Vendor", "id": id, "properties": properties}));
    }
    Ok((entries, Json::Array(json)))
}

/// What is wrong with a thing is told of the struct and of the JSON with the same codes.
pub fn refusals(schema: &Schema) {
    let dealers = kind::<Dealer>(schema);
    let usual = || Dealer {
        id: "v1",
        contact: None,
        labels: BTreeSet::new(),
        rank: Level::Low,
        home: Currency::parse("EUR").expect("there is one"),
        since: Date::MIN,
        country: Country::parse("DE").expect("there is one"),
        cap: None,
    };
    let line = json!({"country": "DE", "since": "0001-01-01", "home": "EUR", "rank": "low", "labels": []});
    let euros = Money { currency: Currency::parse("EUR").expect("there is one"), amount: Decimal::ONE };
    type Change = (&'static str, fn(&mut Dealer<'_>, Money), &'static str, Json);
    let changes: [Change; 4] = [
        ("", |_, _| {}, "since", json!("0001-01-01")),
        ("E0608", |of, _| of.since = Date(i32::MAX), "since", json!("10000-01-01")),
        ("E0608", |of, euros| of.cap = Some(euros), "cap", json!("1 EUR")),
        ("E0608", |of, _| of.contact = Some(""), "contact", json!("")),
    ];
    for (code, change, name, value) in changes {
        let (mut of, mut line) = (usual(), line.clone());
        change(&mut of, euros);
        line[name] = value;
        let json = json!([{"type": "Vendor", "id": "v1", "properties": line}]).to_string();
        let codes =
            |errors: Option<Vec<InputError>>| errors.iter().flatten().map(|error| error.code).collect::<Vec<_>>();
        let found = codes(dealers.entry(&of).err());
        let read = codes(read_entities(schema, &parse(json.as_bytes()).expect("it is JSON")).err());
        assert_eq!((found.join(" "), read.join(" ")), (code.to_string(), code.to_string()), "{json}");
    }
}
