//! The module of defines and tables, and the module of fixtures and tests.
//! `generate` calls it; policies call what stands in it as `lib.name(…)`.

use super::exprs::{Binds, Exprs, Scope};
use super::world::{Kind, World};
use Kind::*;

impl Exprs<'_> {
    /// The defines and tables that expressions call, with bodies by chance.
    pub fn library(&mut self) -> Vec<String> {
        let scope = |params: &[(&str, Kind, bool)]| {
            let mut scope = Scope::default();
            for (name, kind, optional) in params {
                if *optional { scope.add_optional(name, *kind) } else { scope.add(name, *kind) }
            }
            scope
        };
        let big = self.condition(&scope(&[("a1", Usd, false)]), 2);
        let fits = self.condition(&scope(&[("a2", Int, false), ("b2", Text, false)]), 3);
        let score = self.at(&scope(&[("a3", Int, false), ("b3", Decimal, false)]), Int, 3, Binds::Open);
        let mut lets = scope(&[("a4", Int, false)]);
        lets.add("c4", Int);
        let steps = self.at(&lets, Int, 2, Binds::Or);
        let first = self.at(&scope(&[("a4", Int, false)]), Int, 2, Binds::Or);
        let mut exported = scope(&[("a5", Int, false), ("b5", Text, true)]);
        exported.add("c5", Color);
        let exported = self.condition(&exported, 2);
        let old = self.random.word(&["90 days", "1 year"]);
        let window = self.random.word(&["within 1 hour", "this day", "within 7 days", "since tick"]);
        let window = if window == "since tick" && self.world.actions[5].by != self.world.actions[0].by {
            "ever"
        } else {
            window
        };
        let (low, high) = (self.random.below(5), 6 + self.random.below(5));
        let mut items = vec![
            format!("define is_big(a1: money<USD>) means {big}"),
            format!("define fits(a2: int, b2: text) means {fits}"),
            format!("define score(a3: int, b3: decimal) -> int = {score}"),
            format!("define steps(a4: int) -> int = let c4 = {first} then {steps}"),
            format!("define is_old(a6: date) means age(a6) is at least {old} and today > 2020-01-01"),
            format!("define recent(a7: Person) -> int = count(e7 in past pay by a7 {window})"),
            "define who(a8: int) -> role = if a8 > 3 then officer else auditor".to_string(),
            "define home_of(a9: int) -> Country = if a9 is 1 then DE else FR".to_string(),
            format!("export define outside(a5: int, b5: text?, c5: Color) means {exported}"),
            format!(
                "table rate_of(color: Color, count: int) -> decimal {{\n  | color | count |  | result |\n  | red | < {low} || 1% |\n  | red | {low} ..< {high} || 2% |\n  | {{green, blue}} | >= {low} || 0.5 |\n  | grey | any || 10 bps |\n  otherwise 0%\n}}"
            )
            .replace("|  |", "||"),
            "record Terms { fee: int, days: int }".to_string(),
            format!(
                "table terms(n: int) -> Terms {{\n  first match\n  | n || fee, days |\n  | < 0 || 0, 0 |\n  | {low} .. {high} || 1, n |\n  | {{11, 12}} || 2, 20 |\n  | is not 13 || 3, 4 |\n  | any || 9, 9 |\n}}"
            ),
            "table grade(memo: text?) -> role {\n  | memo || result |\n  | missing || officer |\n  | \"A\" || auditor |\n  | any || board |\n}"
                .to_string(),
        ];
        self.random.shuffle(&mut items);
        items
    }
}

/// Fixtures and tests: every kind of step, with nothing said of what comes out.
pub fn fixtures(exprs: &mut Exprs<'_>, world: &World, rules: &[(String, String)]) -> Vec<String> {
    let mut items =
        vec!["let owner = Person(\"p1\") in Team(\"t1\") { tier: 1, born: 1980-01-01, spent: 0 USD }".to_string()];
    let mut literal = |kind: Kind| exprs.literal(kind).0;
    for (at, action) in world.actions.iter().enumerate() {
        let mut text = format!("let one_{} = {} {{\n", action.name, action.name);
        for (word, kinds) in [("actor", &action.by), ("target", &action.on)] {
            if let Some(kind) = kinds.first() {
                text += &format!("  {word}: {}\n", entity(*kind, at));
            }
        }
        for field in &action.fields {
            let value = match field.kind {
                kind if kind.is_entity() => entity(kind, 3),
                kind => literal(kind),
            };
            if !field.optional || at % 2 == 0 {
                text += &format!("  {}: {value}\n", field.name);
            }
        }
        items.push(text + "}");
    }
    let mut steps = vec![
        "at 2026-03-03T15:00:00Z".to_string(),
        "session \"s\"".to_string(),
        "context { channel: \"web\", risk: 0.5 }".to_string(),
        "data fx: { EUR: 1.1, USD: 1 }".to_string(),
        "data blocked: { \"z\" }".to_string(),
        "past one_pay returned { id: \"i\", total: 3 } 2 hours ago".to_string(),
        "past one_ship failed repeated 2 times 90 minutes ago".to_string(),
        "past one_pay denied 1 hour ago".to_string(),
        "past one_look attempted 1 hour ago".to_string(),
        "past one_fetch 30 minutes ago".to_string(),
        "past one_tick 5 minutes ago".to_string(),
        "request one_pay\n  expect permit".to_string(),
        "request one_look\n  expect escalate".to_string(),
        "expect missing \"m\"".to_string(),
        "expect must alert(\"a\", \"b\")".to_string(),
        "expect error E0502".to_string(),
        "event one_alarm\n  expect recorded".to_string(),
        "at 2026-03-03 10:00 \"Europe/Berlin\"".to_string(),
        "request one_pay\n  approved by owner as officer\n  expect deny by otherwise".to_string(),
    ];
    if let Some(field) = world.actions[0].fields.iter().find(|field| !field.optional && field.name != "to") {
        steps.push(format!(
            "origins {}: (the user, look.x)\n  request one_pay with {{ {}: {} }}\n  expect deny",
            field.name,
            field.name,
            literal(field.kind)
        ));
    }
    if let Some((policy, rule)) = rules.first() {
        steps.push(format!("waived {policy}.{rule} by owner as officer\n  expect deny by {policy}.{rule}"));
    }
    items.push(format!("test \"all steps\" {{\n  {}\n}}", steps.join("\n  ")));
    items
}

/// As a fixture describes it.
pub fn entity(kind: Kind, at: usize) -> String {
    match kind {
        Person => format!("Person(\"p{at}\") in Team(\"t1\") {{ tier: {at}, born: 1990-05-05, spent: 3 USD }}"),
        Robot => format!("Robot(\"r{at}\") in [Team(\"t1\"), Team(\"t2\")] {{ tier: {at}, maker: \"acme\" }}"),
        Vendor => {
            format!("Vendor(\"v{at}\") {{ country: DE, since: 2020-01-01, home: EUR, rank: low, labels: {{ \"a\" }} }}")
        }
        _ => format!("Team(\"t{at}\")"),
    }
}
