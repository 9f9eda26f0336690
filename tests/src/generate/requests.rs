//! Streams of lines for a generated package: requests asked and asked again, with approvals, origins, events, records,
//! and now and then a line that is none. `@id@` stands for the digest of the request of that id.

use super::random::Random;
use super::world::{Action, Kind, Returns, World};
use Kind::*;
use ordain_vm::value::Date as Day;
use serde_json::{Value as Json, json};

/// An entity as a request gives it; the same id always says the same.
fn entity(kind: Kind, at: usize) -> Json {
    let team = |at: usize| json!({"type": "Team", "id": format!("t{at}")});
    let id = |letter: &str| format!("{letter}{at}");
    let (word, id, properties) = match kind {
        Person => {
            let mut properties = json!({"tier": at, "born": format!("19{at}0-05-05"), "spent": format!("{at}.5"), "parents": [team(at)]});
            if at > 2 {
                properties["boss"] = entity(Person, 1);
            }
            ("Person", id("p"), properties)
        }
        Robot => {
            ("Robot", id("r"), json!({"tier": at, "maker": (["acme", "bolt"][at % 2]), "parents": [team(at), team(1)]}))
        }
        Vendor => {
            let mut properties = json!({
                "country": (["DE", "KP", "US", "FR"][at % 4]), "since": format!("202{at}-01-31"), "home": (["EUR", "USD"][at % 2]),
                "rank": (["low", "middle", "high"][at % 3]), "labels": ["a", "b"],
            });
            if at.is_multiple_of(2) {
                properties["cap"] = json!("100.00 USD");
                properties["contact"] = entity(Person, 2);
            }
            ("Vendor", id("v"), properties)
        }
        _ => return team(at),
    };
    json!({"type": word, "id": id, "properties": properties})
}

/// A value as requests write it.
fn value(random: &mut Random, kind: Kind) -> Json {
    let number = random.below(12) as i64;
    match kind {
        Bool => json!(random.chance(50)),
        Int => match random.below(15) {
            0 => json!(i64::MAX),
            1 => json!(i64::MIN),
            2 => json!(number.to_string()),
            _ => json!(number - 2),
        },
        Decimal => json!(random.word(&["0", "0.5", "-3.25", "170141183460469231731687303.7", "0.000000000001", "12"])),
        Usd => json!(random.word(&["10", "0.50 USD", "99.999", "1000", "-5", "0"])),
        Money => match random.below(3) {
            0 => json!({"amount": number, "currency": "EUR"}),
            1 => json!("5 USD"),
            _ => json!("700 JPY"),
        },
        Text => json!(random.word(&["", "a", "prod/x", "b@corp.example", "ab12", "Stra\u{df}e", "10.0.0.1", "q\"\\"])),
        Date => {
            json!(random.word(&["2026-03-03", "2024-02-29", "0001-01-01", "9999-12-31", "2026-03-08", "2026-03-29"]))
        }
        Time => json!(random.word(&["15:00", "00:00", "23:59:59.5", "02:30"])),
        Instant => json!(random.word(&["2026-03-03T15:00:00Z", "2262-04-11T23:47:16Z", "2026-03-08T02:30:00-05:00"])),
        Duration => json!(random.word(&["PT4H", "PT0S", "PT26H30M", "PT2562047H"])),
        Period => json!(random.word(&["P1M", "P3B", "P2Y", "P5D"])),
        Color => json!(random.word(&["red", "grass", "blue", "grey"])),
        Level => json!(random.word(&["low", "middle", "high"])),
        Country => json!(random.word(&["DE", "KP", "US"])),
        Currency => json!(random.word(&["EUR", "USD", "JPY"])),
        Ip => json!(random.word(&["10.1.2.3", "::1", "8.8.8.8"])),
        Range => json!(random.word(&["10.0.0.0/8", "::/0", "8.8.0.0/16"])),
        Person | Robot | Team | Vendor => entity(kind, random.below(4) + 1),
        Point => {
            let mut point = json!({"x": number, "y": "1.5"});
            if random.chance(50) {
                point["note"] = json!("n");
            }
            point
        }
        Leg => {
            let stops = value(random, Points);
            json!({"start": value(random, Point), "stops": stops, "label": value(random, Text)})
        }
        Ints => json!((0..random.below(4)).map(|at| at as i64 + number).collect::<Vec<_>>()),
        Texts => json!((0..random.below(4)).map(|at| format!("w{at}")).collect::<Vec<_>>()),
        Tags => json!(&["a", "b", "z"][..random.below(4)]),
        Prices => random.pick(&[json!({}), json!({"a": "1.5", "b": "2 USD"}), json!({"prod/x": 9})]).clone(),
        Points => json!((0..random.below(3)).map(|_| value(random, Point)).collect::<Vec<_>>()),
        Role => json!(random.word(&["officer", "auditor", "board"])),
    }
}

/// The places of a value where origins are recorded.
pub fn leaves(path: &str, value: &Json, kind: Kind, into: &mut Vec<String>) {
    match (kind, value) {
        (Texts | Ints | Tags, Json::Array(items)) => (0..items.len()).for_each(|at| into.push(format!("{path}[{at}]"))),
        (Point, Json::Object(_)) => into.extend([format!("{path}.x"), format!("{path}.y")]),
        (Leg | Points | Prices, _) => {}
        _ => into.push(path.to_string()),
    }
}

fn moment(minutes: usize) -> String {
    let (day, minute) = (minutes / 1440, minutes % 1440);
    let date = Day::from_ymd(2026, 3, 1).and_then(|first| first.plus_days(day as i64)).expect("streams are short");
    format!("{date}T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

fn request(random: &mut Random, action: &Action, id: &str, minutes: usize) -> Json {
    let mut properties = json!({});
    let mut origins = json!({});
    for field in &action.fields {
        if field.optional && random.chance(40) {
            continue;
        }
        let value = value(random, field.kind);
        let name = field.name.trim_matches('`');
        let mut paths = vec![];
        leaves(name, &value, field.kind, &mut paths);
        for path in paths {
            if !action.event && !path.contains('-') && random.chance(85) {
                let places = ["the user", "the operator", "look.x", "pay.id", "fetch", "elsewhere"];
                let seen: Vec<&str> = places.iter().copied().filter(|_| random.chance(35)).collect();
                origins[path] = json!(seen);
            }
        }
        properties[name] = value;
    }
    let mut request = json!({});
    if let Some(kind) = action.by.get(random.below(action.by.len().max(1))) {
        request["subject"] = entity(*kind, random.below(4) + 1);
    }
    request[if action.event { "event" } else { "action" }] = json!({"name": action.name, "properties": properties});
    if let Some(kind) = action.on.get(random.below(action.on.len().max(1))) {
        request["resource"] = entity(*kind, random.below(4) + 1);
        if !action.event && random.chance(70) {
            origins["resource.id"] = json!(["the user"]);
        }
    }
    let mut context = json!({"time": moment(minutes), "id": id});
    if random.chance(80) {
        context["session"] = json!(random.word(&["s-1", "s-2"]));
    }
    if random.chance(50) {
        context["channel"] = json!("web");
    }
    if random.chance(50) {
        context["risk"] = json!("0.7");
    }
    if origins.as_object().is_some_and(|origins| !origins.is_empty()) {
        context["origins"] = origins;
    }
    request["context"] = context;
    request
}

fn approval(random: &mut Random, id: &str, minutes: usize, rules: &[(String, String)]) -> Json {
    let mut approval = json!({
        "role": random.word(&["officer", "auditor", "board"]),
        "by": entity(Person, random.below(4) + 1),
        "at": moment(minutes), "request": format!("@{id}@"),
    });
    if random.chance(20) {
        approval["expires"] = json!(moment(minutes + 120));
    }
    if random.chance(30) && !rules.is_empty() {
        let (policy, rule) = random.pick(rules);
        approval["waives"] = json!(format!("{policy}.{rule}"));
    }
    approval
}

/// The lines, in order of time. `waivable` are the rules that may be waived.
pub fn stream(random: &mut Random, world: &World, waivable: &[(String, String)], count: usize) -> Vec<String> {
    let mut minutes = 0;
    let mut asked: Vec<(String, Json, Option<Returns>)> = vec![];
    let mut lines = vec![];
    for at in 0..count {
        minutes += [0, 1, 7, 45, 300, 1500][random.below(6)];
        let id = format!("q-{at}");
        let action = random.pick(&world.actions[..4]).clone();
        // Of late, mostly: what was performed long ago is only refused.
        let late = &asked[if random.chance(85) { asked.len().saturating_sub(8) } else { 0 }..];
        let known = if late.is_empty() { None } else { Some(random.pick(late).clone()) };
        let line = match (random.below(28), known) {
            (0, Some((known, _, _))) => json!({"failed": known}),
            (1, Some((known, _, _))) => json!({"abandoned": known}),
            (2 | 3, Some((known, _, returns))) => {
                let value = match returns {
                    Some(Returns::Fields) => json!({"id": "i", "total": random.below(9), "sort": "red"}),
                    Some(Returns::Points) => value(random, Points),
                    Some(Returns::Text) => json!("text"),
                    None => json!(null),
                };
                json!({"result": known, "returns": value})
            }
            (4, _) => json!({"performed": request(random, &action, &id, minutes)}),
            (5 | 6, Some((known, _, _))) => json!({"approved": approval(random, &known, minutes, waivable)}),
            (7..=10, Some((known, mut request, _))) => {
                // Asked again, later.
                request["context"]["time"] = json!(moment(minutes));
                if random.chance(50) {
                    request["context"]["approvals"] = json!([approval(random, &known, minutes, waivable)]);
                }
                request
            }
            (11 | 12, _) => {
                let event = world.actions[4 + random.below(2)].clone();
                request(random, &event, &id, minutes)
            }
            (13, Some((_, mut request, _))) => {
                // Not of the declared form.
                match random.below(4) {
                    0 => request["action"]["name"] = json!("steal"),
                    1 => request["action"]["properties"]["unknown"] = json!(1),
                    2 => request["context"]["time"] = json!("yesterday"),
                    _ => request["subject"] = json!({"type": "Nobody", "id": "x"}),
                }
                request
            }
            _ => {
                let made = request(random, &action, &id, minutes);
                asked.push((id, made.clone(), action.returns));
                made
            }
        };
        lines.push(line.to_string());
    }
    lines
}

/// A value of each `data` declaration.
pub fn data(random: &mut Random) -> Vec<(&'static str, Json)> {
    let rates = [json!({"EUR": "1.1", "JPY": "0.007"}), json!({"EUR": 1}), json!({})];
    let holidays = [
        json!({}),
        json!({"weekend": ["sunday"], "holidays": ["2026-03-03", "2026-04-03"], "valid": {"from": "2025-01-01", "until": "2027-12-31"},
               "hours": {"monday": ["09:00-12:30", "13:30-24:00"], "tuesday": ["00:00-24:00"]}}),
    ];
    vec![
        ("holidays", random.pick(&holidays).clone()),
        ("fx", random.pick(&rates).clone()),
        ("blocked", json!(["z", "a"])),
        ("places", json!([{"x": 5, "y": 1}, {"x": 2, "y": 1, "note": "n"}])),
    ]
}
