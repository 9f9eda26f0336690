//! The declarations that generated policies speak of: what there is, and of what type.
//! Names and types are fixed; which fields an action has, who asks and of what is drawn, or given by who makes the world.

use super::random::Random;
use Kind::*;

/// The types that are generated. Lists, sets and maps have one type of element each, so that a kind is a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Bool,
    Int,
    Decimal,
    Usd,
    Money,
    Text,
    Date,
    Time,
    Instant,
    Duration,
    Period,
    Color,
    Level,
    Country,
    Currency,
    Ip,
    Range,
    Person,
    Robot,
    Team,
    Vendor,
    Point,
    Leg,
    Ints,
    Texts,
    Tags,
    Prices,
    Points,
    Role,
}

impl Kind {
    /// As a field is declared.
    pub fn written(self) -> &'static str {
        match self {
            Bool => "bool",
            Int => "int",
            Decimal => "decimal",
            Usd => "money<USD>",
            Money => "money",
            Text => "text",
            Date => "date",
            Time => "time",
            Instant => "instant",
            Duration => "duration",
            Period => "period",
            Color => "Color",
            Level => "Level",
            Country => "Country",
            Currency => "Currency",
            Ip => "ip",
            Range => "ip_range",
            Person => "Person",
            Robot => "Robot",
            Team => "Team",
            Vendor => "Vendor",
            Point => "Point",
            Leg => "Leg",
            Ints => "list<int, max 9>",
            Texts => "list<text, max 9>",
            Tags => "set<text>",
            Prices => "map<text, money<USD>>",
            Points => "list<Point>",
            Role => "role",
        }
    }

    /// The attributes of an entity and the fields of a record: name, kind, whether it may be missing.
    pub fn parts(self) -> &'static [(&'static str, Kind, bool)] {
        match self {
            Person => &[("tier", Int, false), ("born", Date, false), ("spent", Usd, false), ("boss", Person, true)],
            Robot => &[("tier", Int, false), ("maker", Text, false)],
            Vendor => &[
                ("country", Country, false),
                ("since", Date, false),
                ("home", Currency, false),
                ("rank", Level, false),
                ("cap", Usd, true),
                ("labels", Tags, false),
                ("contact", Person, true),
            ],
            Point => &[("x", Int, false), ("y", Decimal, false), ("note", Text, true)],
            Leg => &[("start", Point, false), ("stop", Point, true), ("stops", Points, false), ("label", Text, false)],
            Bool | Int | Decimal | Usd | Money | Text | Date | Time | Instant | Duration | Period => &[],
            Color | Level | Country | Currency | Ip | Range | Team | Ints | Texts | Tags | Prices | Points | Role => {
                &[]
            }
        }
    }

    pub fn is_entity(self) -> bool {
        matches!(self, Person | Robot | Team | Vendor)
    }

    pub fn is_record(self) -> bool {
        matches!(self, Point | Leg)
    }
}

#[derive(Clone, Debug)]
pub struct Field {
    /// As it is declared, with backticks where it needs them.
    pub name: &'static str,
    pub kind: Kind,
    pub optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// `{ id: text, total: int }`
    Fields,
    Points,
    Text,
}

#[derive(Clone, Debug)]
pub struct Action {
    pub name: &'static str,
    pub event: bool,
    pub by: Vec<Kind>,
    pub on: Vec<Kind>,
    pub as_arg: Option<&'static str>,
    pub fields: Vec<Field>,
    pub returns: Option<Returns>,
}

const FIELDS: &[(&str, Kind, bool)] = &[
    ("amount", Usd, false),
    ("cash", Money, false),
    ("rate", Decimal, false),
    ("n", Int, false),
    ("k", Int, false),
    ("flag", Bool, false),
    ("word", Text, false),
    ("memo", Text, true),
    ("maybe", Int, true),
    ("fee", Usd, true),
    ("day", Date, false),
    ("due", Date, true),
    ("clock", Time, false),
    ("moment", Instant, false),
    ("span", Duration, false),
    ("spell", Period, false),
    ("color", Color, false),
    ("shade", Color, true),
    ("level", Level, false),
    ("country", Country, false),
    ("currency", Currency, false),
    ("words", Texts, false),
    ("nums", Ints, false),
    ("tags", Tags, false),
    ("prices", Prices, false),
    ("point", Point, false),
    ("points", Points, false),
    ("friend", Person, false),
    ("address", Ip, false),
    ("network", Range, false),
    ("who", Role, false),
    ("to", Text, false),
    ("`first-name`", Text, true),
    ("today", Date, false),
];

#[derive(Clone, Debug)]
pub struct World {
    pub actions: Vec<Action>,
    /// By name: the members, as places in `actions`.
    pub groups: Vec<(&'static str, Vec<usize>)>,
}

impl World {
    pub fn new(random: &mut Random) -> World {
        let kinds = |random: &mut Random, of: &[&[Kind]]| random.pick(of).to_vec();
        let mut actions = vec![];
        let mut action = |random: &mut Random, name, by: &[&[Kind]], on: &[&[Kind]], returns| {
            let (by, on) = (kinds(random, by), kinds(random, on));
            let as_arg = (on.len() == 1 && random.chance(40)).then_some("subject_id");
            actions.push(Action { name, event: false, by, on, as_arg, fields: fields(random, 75), returns });
        };
        action(random, "pay", &[&[Person], &[Person, Robot]], &[&[Vendor]], Some(Returns::Fields));
        action(random, "look", &[&[Person, Robot], &[Robot]], &[&[Team], &[]], Some(Returns::Points));
        action(random, "ship", &[&[Person], &[Robot], &[]], &[&[Vendor], &[Vendor, Team]], None);
        action(random, "fetch", &[&[Robot], &[Person, Robot]], &[&[], &[Person]], Some(Returns::Text));
        for name in ["alarm", "tick"] {
            let by = kinds(random, &[&[Robot], &[Person], &[]]);
            let on = kinds(random, &[&[Team], &[]]);
            let fields = fields(random, 30);
            actions.push(Action { name, event: true, by, on, as_arg: None, fields, returns: None });
        }
        let mut members: Vec<usize> = (0..4).collect();
        random.shuffle(&mut members);
        let moves = members[..2 + random.below(2)].to_vec();
        World { actions, groups: vec![("moves", moves), ("signals", vec![4, 5])] }
    }

    /// An action has a field of that kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.actions.iter().flat_map(|action| &action.fields).any(|field| field.kind == kind)
    }

    pub fn name(&self, action: usize) -> &'static str {
        self.actions[action].name
    }

    /// The fields that all of these have.
    pub fn shared_fields(&self, actions: &[usize]) -> Vec<Field> {
        let Some(first) = actions.first() else { return vec![] };
        let all_have =
            |field: &&Field| actions.iter().all(|at| self.actions[*at].fields.iter().any(|f| f.name == field.name));
        self.actions[*first].fields.iter().filter(all_have).cloned().collect()
    }

    /// The kinds of the actor, or the target, of all of these where they are the same; none: there is none to speak of.
    pub fn shared_kinds(&self, actions: &[usize], of: fn(&Action) -> &Vec<Kind>) -> Vec<Kind> {
        let Some(first) = actions.first() else { return vec![] };
        let first = of(&self.actions[*first]);
        if actions.iter().all(|at| of(&self.actions[*at]) == first) { first.clone() } else { vec![] }
    }

    /// The file of declarations.
    pub fn schema(&self, random: &mut Random) -> Vec<String> {
        let comma = |random: &mut Random| if random.chance(50) { ", " } else { "\n  " };
        let mut items = vec![
            "enum Color { red, green \"grass\", blue, grey }".to_string(),
            "ordered enum Level { low < middle < high }".to_string(),
            "entity Team in Team".to_string(),
            "control rulebook \"RB-1\" \"Rule book\"".to_string(),
            "context { channel: text?, risk: decimal?, seen: date? }".to_string(),
            "duty alert(team: text, note: text<max 40>)".to_string(),
            "duty count_up(by: int, sum: money<USD>)".to_string(),
            "duty pause(who: Person)".to_string(),
            "role officer, auditor by Person".to_string(),
            "role board".to_string(),
            "data fx: map<Currency, decimal>".to_string(),
            "data blocked: set<text>".to_string(),
            "data places: list<Point>".to_string(),
            "data holidays: calendar".to_string(),
            "set small: set<int> = { 1, 2, 3 + 4 }".to_string(),
            "set banned: set<Country> = { KP, IR }".to_string(),
        ];
        let leg = self.has(Leg).then_some(Leg);
        for kind in [Person, Robot, Vendor, Point].into_iter().chain(leg) {
            let word = if kind.is_record() { "record" } else { "entity" };
            let parents = if matches!(kind, Person | Robot) { " in Team" } else { "" };
            let mut text = format!("{word} {}{parents} {{ ", kind.written());
            for (at, (name, kind, optional)) in kind.parts().iter().enumerate() {
                let before = if at == 0 { "" } else { comma(random) };
                text += &format!("{before}{name}: {}{}", kind.written(), if *optional { "?" } else { "" });
            }
            items.push(text + " }");
        }
        for action in &self.actions {
            let word = if action.event { "event" } else { "action" };
            let doc = if random.chance(30) { format!("/// What {} is.\n", action.name) } else { String::new() };
            let mut text = format!("{doc}{word} {}", action.name);
            let kinds = |kinds: &[Kind]| kinds.iter().map(|kind| kind.written()).collect::<Vec<_>>().join(" or ");
            if !action.by.is_empty() {
                text += &format!(" by {}", kinds(&action.by));
            }
            if !action.on.is_empty() {
                text += &format!(" on {}", kinds(&action.on));
            }
            if let Some(name) = action.as_arg {
                text += &format!(" as {name}");
            }
            text += " {\n  ";
            for field in &action.fields {
                let optional = if field.optional { "?" } else { "" };
                let written = if field.name == "to" { "text<max 40>" } else { field.kind.written() };
                text += &format!("{}: {written}{optional}{}", field.name, comma(random));
            }
            text += "}";
            text += match action.returns {
                Some(Returns::Fields) => " returns { id: text, total: int, sort: Color? }",
                Some(Returns::Points) => " returns list<Point>",
                Some(Returns::Text) => " returns text",
                None => "",
            };
            items.push(text);
        }
        for (name, members) in &self.groups {
            let members: Vec<&str> = members.iter().map(|at| self.name(*at)).collect();
            items.push(format!("group {name} = {}", members.join(", ")));
        }
        items
    }
}

fn fields(random: &mut Random, percent: u64) -> Vec<Field> {
    let mut fields = vec![];
    for (name, kind, optional) in FIELDS {
        if random.chance(percent) {
            fields.push(Field { name, kind: *kind, optional: *optional });
        }
    }
    fields
}
