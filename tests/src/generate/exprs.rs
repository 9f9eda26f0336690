//! Expressions of a wanted type, as text, from what is known at a place.
//! `policies` and `library` call `condition` and `value`. Readings of the past are in `past`.

use super::random::Random;
use super::world::{Kind, World};
use Kind::*;
use std::collections::{BTreeMap, BTreeSet};

/// How strongly an expression binds, from the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binds {
    Open,
    Or,
    And,
    Not,
    Compare,
    Default,
    Sum,
    Product,
    Unary,
    Atom,
}

/// What is known at a place.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What is there, with its kind.
    pub atoms: Vec<(String, Kind)>,
    /// What may be missing.
    pub optional: Vec<(String, Kind)>,
    /// What has a record of origins: an expression each.
    pub origins: Vec<String>,
    /// An expression that is a Person or a Robot.
    pub several: Option<String>,
    /// `now`, `today` and what reads the policy's clock, zone and calendar may be used.
    pub clock: bool,
    /// `context` may be used, and the action's name.
    pub context: bool,
    /// The past may be read.
    pub past: bool,
    /// The place is a rule: `actor` and `target` are of these kinds.
    pub actor: Vec<Kind>,
    pub target: Vec<Kind>,
    /// What `past any` stands for; empty: it may not be asked.
    pub governed: Vec<usize>,
    /// Defines of the library are called with this before their names, such as `lib.`; none: they are not called.
    pub library: Option<&'static str>,
}

impl Scope {
    /// A name, and what can be reached through it.
    pub fn add(&mut self, path: &str, kind: Kind) {
        self.atoms.push((path.to_string(), kind));
        if kind.is_entity() {
            self.atoms.push((format!("{path}.id"), Text));
        }
        for (name, kind, optional) in kind.parts() {
            let path = format!("{path}.{name}");
            match (*optional, kind.is_record()) {
                (true, _) => self.optional.push((path, *kind)),
                (false, true) => self.add(&path, *kind),
                (false, false) => self.atoms.push((path, *kind)),
            }
        }
    }

    pub fn add_optional(&mut self, path: &str, kind: Kind) {
        self.optional.push((path.to_string(), kind));
    }

    /// The same where that optional one was found to be there.
    pub fn narrowed(&self, path: &str, kind: Kind) -> Scope {
        let mut scope = self.clone();
        scope.optional.retain(|(known, _)| known != path);
        scope.add(path, kind);
        scope
    }
}

pub struct Exprs<'a> {
    pub random: &'a mut Random,
    pub world: &'a World,
    /// Counts names that are made, so that none hides another.
    pub names: &'a mut usize,
    /// What a condition has narrowed somewhere in the rule at hand: it is not asked for a default, or narrowed, again.
    pub narrowed: BTreeSet<String>,
    /// What was asked as something that may be missing: no condition of the rule narrows it, since that may stand before.
    pub asked: BTreeSet<String>,
    /// Conditions that several rules begin with, by what the rules are on and what their policy governs.
    pub common: BTreeMap<(Vec<usize>, Vec<usize>), Common>,
    /// The place among the built-ins of the one that this package calls wherever it can, so that each has its turn.
    pub turn: usize,
}

/// A condition, with what it narrows and what it asks as something that may be missing.
#[derive(Clone)]
pub struct Common {
    pub text: String,
    pub narrowed: BTreeSet<String>,
    pub asked: BTreeSet<String>,
}

/// An expression, and how strongly it binds.
pub type Written = (String, Binds);

fn atom(text: impl Into<String>) -> Written {
    (text.into(), Binds::Atom)
}

impl Exprs<'_> {
    pub fn name(&mut self) -> String {
        *self.names += 1;
        format!("x{}", self.names)
    }

    /// In parentheses where it would bind too weakly, and at times where it need not.
    pub fn fit(&mut self, (text, level): Written, least: Binds) -> String {
        if level < least || self.random.chance(4) { format!("({text})") } else { text }
    }

    pub fn condition(&mut self, scope: &Scope, depth: usize) -> String {
        let text = self.value(scope, Bool, depth);
        self.fit(text, Binds::Open)
    }

    /// An operand of that kind which binds at least so strongly.
    pub fn at(&mut self, scope: &Scope, kind: Kind, depth: usize, least: Binds) -> String {
        let text = self.value(scope, kind, depth);
        self.fit(text, least)
    }

    /// Something of that kind that stands in the scope.
    fn known(&mut self, scope: &Scope, kind: Kind) -> Option<String> {
        let all: Vec<&String> = scope.atoms.iter().filter(|(_, known)| *known == kind).map(|(path, _)| path).collect();
        if all.is_empty() { None } else { Some((*self.random.pick(&all)).clone()) }
    }

    fn maybe(&mut self, scope: &Scope, kind: Kind) -> Option<String> {
        let all: Vec<&String> = scope
            .optional
            .iter()
            .filter(|(path, known)| *known == kind && !self.narrowed.contains(path))
            .map(|(path, _)| path)
            .collect();
        if all.is_empty() {
            return None;
        }
        let path = (*self.random.pick(&all)).clone();
        self.asked.insert(path.clone());
        Some(path)
    }

    /// A constant of that kind, for a place that knows which kind is wanted.
    pub fn literal(&mut self, kind: Kind) -> Written {
        let random = &mut *self.random;
        let number = random.below(12);
        let text = match kind {
            Bool => random.word(&["true", "false"]).to_string(),
            Int => match random.below(20) {
                0 => "9_223_372_036_854_775_807".to_string(),
                1 => "1_000".to_string(),
                _ => number.to_string(),
            },
            Decimal => {
                random.word(&["0.5", "43%", "25 bps", "1.000000000001", "0.0", "12.75", "100000.01"]).to_string()
            }
            Usd => random.word(&["10 USD", "0.50 USD", "1_000 USD", "0 USD", "99.999 USD"]).to_string(),
            Money => random.word(&["10 USD", "7 EUR", "0.01 JPY"]).to_string(),
            Text => random
                .word(&[
                    "\"\"",
                    "\"a\"",
                    "\"prod/x\"",
                    "'raw {x}'",
                    "\"q\\\"\\u{df}\\n\"",
                    "\"b@corp.example\"",
                    "\"10.0.0.1\"",
                ])
                .to_string(),
            Date => random.word(&["2026-03-03", "2024-02-29", "9999-12-31", "1999-12-31", "2026-03-08"]).to_string(),
            Time => random.word(&["15:00", "00:00:01.5", "23:59:59", "02:30"]).to_string(),
            Instant => random.word(&["2026-03-03T15:00:00Z", "2026-03-03T10:00:00-05:00"]).to_string(),
            Duration => random.word(&["4 hours", "90 minutes", "1 second", "2 days", "1 week"]).to_string(),
            Period => random.word(&["1 month", "3 business days", "2 years", "5 days"]).to_string(),
            Color => random.word(&["red", "green", "blue", "grey", "Color.red"]).to_string(),
            Level => random.word(&["low", "middle", "high", "Level.low"]).to_string(),
            Country => random.word(&["DE", "US", "KP", "FR"]).to_string(),
            Currency => random.word(&["USD", "EUR", "JPY"]).to_string(),
            Role => random.word(&["officer", "auditor", "board"]).to_string(),
            Ip => format!("ip.address(\"10.0.0.{number}\")"),
            Range => random.word(&["ip.range(\"10.0.0.0/8\")", "ip.range(\"::/0\")"]).to_string(),
            Person => format!("Person(\"p{}\")", number % 4 + 1),
            Robot => format!("Robot(\"r{}\")", number % 4 + 1),
            Team => format!("Team(\"t{}\")", number % 4 + 1),
            Vendor => format!("Vendor(\"v{}\")", number % 4 + 1),
            Point => format!("Point {{ x: {number}, y: 1.5, note: \"n\" }}"),
            Leg => format!("Leg {{ start: Point {{ x: {number}, y: 1.5 }}, stops: [], label: \"a\" }}"),
            Ints => random.word(&["[1, 2, 3]", "[]", "[5]"]).to_string(),
            Texts => random.word(&["[\"a\", \"b\"]", "[]"]).to_string(),
            Tags => random.word(&["{ \"a\", \"b\" }", "{}"]).to_string(),
            Prices => random.word(&["{ \"a\": 1 USD, \"b\": 2.5 USD }", "{}"]).to_string(),
            Points => format!("[Point {{ x: {number}, y: 2 }}]"),
        };
        atom(text)
    }

    /// An operand that says its own type: bare members and codes do not.
    pub fn own(&mut self, scope: &Scope, kind: Kind) -> Option<String> {
        let known = self.known(scope, kind);
        match kind {
            Color => Some(known.unwrap_or("Color.blue".to_string())),
            Level => Some(known.unwrap_or("Level.middle".to_string())),
            Country | Currency | Role => known,
            Ints | Texts | Tags | Prices | Points => known,
            _ => Some(known.unwrap_or_else(|| self.literal(kind).0)),
        }
    }

    /// An expression of that kind. Members, codes and collections may be bare where the kind is wanted.
    pub fn value(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Written {
        if kind != Bool && (depth == 0 || self.random.chance(30) && self.calls(kind) < 50) {
            return match self.known(scope, kind) {
                Some(known) if self.random.chance(70) => atom(known),
                _ => self.literal(kind),
            };
        }
        let depth = depth.saturating_sub(1);
        if kind != Bool
            && self.random.chance(12)
            && let Some(made) = self.choice(scope, kind, depth)
        {
            return made;
        }
        let percent = if kind == Bool { 0 } else { self.calls(kind) };
        if self.random.chance(percent)
            && let Some(call) = self.builtin(scope, kind, depth)
        {
            return call;
        }
        if self.random.chance(12)
            && let Some(path) = self.maybe(scope, kind)
        {
            // Bare members stand behind an optional of their type, which says what they are.
            let other = self.at(scope, kind, depth, Binds::Default);
            return (format!("{path} or else {other}"), Binds::Default);
        }
        match kind {
            Bool => self.truth(scope, depth),
            Int => self.int(scope, depth),
            Decimal => self.decimal(scope, depth),
            Usd => self.usd(scope, depth),
            Money => self.money(scope, depth),
            Text => self.text(scope, depth),
            Date => self.date(scope, depth),
            Instant => self.instant(scope, depth),
            Duration => self.duration(scope, depth),
            Period => self.period(scope, depth),
            Point => match self.known(scope, Point) {
                Some(point) => {
                    let x = self.at(scope, Int, depth, Binds::Open);
                    (format!("({point} with {{ x: {x} }})"), Binds::Atom)
                }
                None => self.literal(Point),
            },
            Tags => match self.known(scope, Tags) {
                Some(tags) => atom(format!("union({tags}, {{ \"z\" }})")),
                None => self.literal(Tags),
            },
            Texts => match self.known(scope, Texts) {
                Some(words) => atom(format!("reverse({words})")),
                None => self.literal(Texts),
            },
            Country if scope.library.is_some() && self.random.chance(20) => {
                let call = self.call(scope, "home_of", &[Int], depth);
                atom(call)
            }
            Role if scope.library.is_some() => {
                let call = self.call(scope, "who", &[Int], depth);
                atom(call)
            }
            Time | Color | Level | Country | Currency | Ip | Range | Role => self.literal(kind),
            Person | Robot | Team | Vendor | Leg | Ints | Prices | Points => match self.known(scope, kind) {
                Some(known) => atom(known),
                None => self.literal(kind),
            },
        }
    }

    /// `if`, `match` or `let` of any kind, where both answers say their own type.
    fn choice(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Option<Written> {
        let one = self.own(scope, kind)?;
        match self.random.below(4) {
            0 => {
                let condition = self.condition(scope, depth);
                let two = self.at(scope, kind, depth, Binds::Open);
                Some((format!("if {condition} then {one} else {two}"), Binds::Open))
            }
            1 => {
                let of = self.known(scope, Color)?;
                let two = self.at(scope, kind, depth, Binds::Open);
                let arms = self.random.word(&["red => A, any => B", "green or red => A, blue => B, grey => A"]);
                Some(atom(format!("match {of} {{ {} }}", arms.replace('A', &one).replace('B', &two))))
            }
            2 => {
                let (path, of) = scope.optional.iter().find(|(path, _)| !self.narrowed.contains(path)).cloned()?;
                self.asked.insert(path.clone());
                let two = self.at(&scope.narrowed(&path, of), kind, depth, Binds::Open);
                Some(atom(format!("match {path} {{ missing => {one}, any => {two} }}")))
            }
            _ => {
                let (name, of) = (self.name(), *self.random.pick(&[Int, Usd, Text, Bool]));
                let bound = self.at(scope, of, depth, Binds::Open);
                let mut inner = scope.clone();
                inner.add(&name, of);
                let body = match kind {
                    Country | Currency | Role | Color | Level | Ints | Texts | Tags | Prices | Points => one,
                    _ => self.at(&inner, kind, depth, Binds::Open),
                };
                Some(atom(format!("(let {name} = {bound} then {body})")))
            }
        }
    }

    fn call(&mut self, scope: &Scope, name: &str, params: &[Kind], depth: usize) -> String {
        let operands: Vec<String> = params.iter().map(|kind| self.at(scope, *kind, depth, Binds::Open)).collect();
        format!("{}{name}({})", scope.library.unwrap_or(""), operands.join(", "))
    }

    fn binary(&mut self, scope: &Scope, left: Kind, op: &str, right: Kind, depth: usize) -> Written {
        let level = if matches!(op, "+" | "-") { Binds::Sum } else { Binds::Product };
        let tighter = if level == Binds::Sum { Binds::Product } else { Binds::Unary };
        let left = self.at(scope, left, depth, level);
        let right = self.at(scope, right, depth, tighter);
        (format!("{left} {op} {right}"), level)
    }

    fn int(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(16) {
            0 | 1 => {
                let op = self.random.word(&["+", "-", "*"]);
                self.binary(scope, Int, op, Int, depth)
            }
            2 => (format!("-{}", self.at(scope, Int, depth, Binds::Atom)), Binds::Unary),
            3 => {
                let name = self.random.word(&["div", "mod", "greater", "lesser"]);
                let (a, b) = (self.at(scope, Int, depth, Binds::Open), self.at(scope, Int, depth, Binds::Open));
                atom(format!("{name}({a}, {b})"))
            }
            4 => {
                let kind = *self.random.pick(&[Text, Ints, Texts, Tags, Prices]);
                match self.own(scope, kind) {
                    Some(of) => atom(format!("length({of})")),
                    None => self.literal(Int),
                }
            }
            5 => {
                let (name, xs) = (self.name(), self.own(scope, Ints).unwrap_or("[1, 2]".to_string()));
                let mut inner = scope.clone();
                inner.add(&name, Int);
                inner.past = false;
                let filter = if self.random.chance(60) {
                    format!(" where {}", self.condition(&inner, depth))
                } else {
                    String::new()
                };
                let body = self.at(&inner, Int, depth, Binds::Open);
                let form = self.random.word(&["sum", "distinct", "min", "max", "count"]);
                match form {
                    "count" => atom(format!("count({name} in {xs}{filter})")),
                    "min" | "max" => (format!("{form}({body} for {name} in {xs}{filter}) or else 0"), Binds::Default),
                    form => atom(format!("{form}({body} for {name} in {xs}{filter})")),
                }
            }
            6 => {
                let date = self.at(scope, Date, depth, Binds::Open);
                let name = self.random.word(&["year", "month", "day_", "calendar.quarter", "calendar.week"]);
                atom(format!("{}({date})", if name == "day_" { "month" } else { name }))
            }
            7 => match self.own(scope, Ints) {
                Some(xs) => {
                    let at = self.at(scope, Int, depth, Binds::Open);
                    atom(format!("{xs}[{at}]"))
                }
                None => self.literal(Int),
            },
            8 | 9 if scope.library.is_some() => {
                let call = match self.random.below(3) {
                    0 => self.call(scope, "score", &[Int, Decimal], depth),
                    1 => self.call(scope, "steps", &[Int], depth),
                    _ => self.call(scope, "terms", &[Int], depth) + self.random.word(&[".fee", ".days"]),
                };
                atom(call)
            }
            10 if scope.clock && scope.library.is_some() && scope.past => {
                atom(self.call(scope, "recent", &[Person], depth))
            }
            11 | 12 if scope.past => self.past_number(scope, Int, depth),
            14 => {
                let (a, key) = (self.at(scope, Int, depth, Binds::Open), self.at(scope, Text, depth, Binds::Open));
                (format!("{{ \"a\": {a}, \"prod/x\": 2 }}[{key}] or else 0"), Binds::Default)
            }
            13 => match self.known(scope, Points) {
                Some(points) => {
                    let name = self.name();
                    atom(format!("sum({name}.x for {name} in {points} where {name}.note is present)"))
                }
                None => self.literal(Int),
            },
            _ => match self.known(scope, Int) {
                Some(known) => atom(known),
                None => self.literal(Int),
            },
        }
    }

    fn decimal(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(12) {
            0 | 1 => {
                let op = self.random.word(&["+", "-", "*", "/"]);
                self.binary(scope, Decimal, op, Decimal, depth)
            }
            2 => self.binary(scope, Int, "/", Int, depth),
            3 => {
                if let (Some(one), Some(two), true) =
                    (self.known(scope, Money), self.known(scope, Money), self.random.chance(30))
                {
                    return (format!("{one} / {two}"), Binds::Product);
                }
                let kind = *self.random.pick(&[Usd, Duration]);
                self.binary(scope, kind, "/", kind, depth)
            }
            4 => {
                let (name, xs) = (self.name(), self.own(scope, Ints).unwrap_or("[1, 2]".to_string()));
                (format!("average({name} for {name} in {xs}) or else 0.5"), Binds::Default)
            }
            5 => match self.known(scope, Currency) {
                Some(of) => (format!("fx[{of}] or else 1.0"), Binds::Default),
                None => ("fx[USD] or else 1".to_string(), Binds::Default),
            },
            6 => {
                let of = self.at(scope, Decimal, depth, Binds::Open);
                let mode = self.random.word(&["half_even", "half_up", "up", "down"]);
                atom(format!("round({of}, 2, {mode})"))
            }
            7 if scope.library.is_some() => {
                let color = self.own(scope, Color).unwrap_or("Color.red".to_string());
                let count = self.at(scope, Int, depth, Binds::Open);
                atom(format!("{}rate_of({color}, {count})", scope.library.unwrap_or("")))
            }
            8 => (format!("-{}", self.at(scope, Decimal, depth, Binds::Atom)), Binds::Unary),
            9 if scope.past => self.past_number(scope, Decimal, depth),
            10 => match self.known(scope, Ints).filter(|_| self.random.chance(40)) {
                // A list of ints where one of decimals is wanted.
                Some(ints) => {
                    let (name, condition) = (self.name(), self.condition(scope, depth.min(1)));
                    let form = format!("if {condition} then {ints} else [0.5, 1.5]");
                    (format!("sum({name} for {name} in ({form}))"), Binds::Atom)
                }
                None => self.value(scope, Int, depth),
            },
            _ => match self.known(scope, Decimal) {
                Some(known) => atom(known),
                None => self.literal(Decimal),
            },
        }
    }

    fn usd(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(9) {
            0 => {
                let op = self.random.word(&["+", "-"]);
                self.binary(scope, Usd, op, Usd, depth)
            }
            1 => {
                let kind = *self.random.pick(&[Int, Decimal]);
                let op = self.random.word(&["*", "/"]);
                self.binary(scope, Usd, op, kind, depth)
            }
            2 => self.binary(scope, Decimal, "*", Usd, depth),
            3 => match self.known(scope, Money) {
                Some(of) => atom(format!("({of} as USD using fx)")),
                None => self.literal(Usd),
            },
            4 => match self.own(scope, Prices) {
                Some(prices) => {
                    let key = self.own(scope, Text).unwrap_or("\"a\"".to_string());
                    if self.narrowed.contains(&format!("{prices}[{key}]")) {
                        return self.literal(Usd);
                    }
                    self.asked.insert(format!("{prices}[{key}]"));
                    (format!("{prices}[{key}] or else 3 USD"), Binds::Default)
                }
                None => self.literal(Usd),
            },
            5 if scope.past => self.past_number(scope, Usd, depth),
            6 => match self.own(scope, Prices) {
                Some(prices) => {
                    let name = self.name();
                    atom(format!("sum({name} for {name} in values({prices}))"))
                }
                None => self.literal(Usd),
            },
            _ => match self.known(scope, Usd) {
                Some(known) => atom(known),
                None => self.literal(Usd),
            },
        }
    }

    /// What is `money` whatever it is made of: two known currencies never meet.
    fn money(&mut self, scope: &Scope, depth: usize) -> Written {
        let Some(known) = self.known(scope, Money) else { return self.literal(Money) };
        match self.random.below(4) {
            0 => (format!("{known} * {}", self.at(scope, Int, depth, Binds::Unary)), Binds::Product),
            2 => (format!("-{known}"), Binds::Unary),
            1 => match self.known(scope, Money) {
                Some(other) => (format!("{known} + {other}"), Binds::Sum),
                None => atom(known),
            },
            _ => atom(known),
        }
    }

    fn text(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(8) {
            0 => {
                let name = self.random.word(&["lower", "upper", "trim"]);
                let of = self.at(scope, Text, depth, Binds::Open);
                atom(format!("{name}({of})"))
            }
            1 => {
                let (of, from) = (self.at(scope, Text, depth, Binds::Open), self.at(scope, Text, depth, Binds::Open));
                atom(format!("replace({of}, {from}, \"-\")"))
            }
            2 if scope.context => {
                let path = self.random.word(&["context.channel", "context.session"]);
                if self.narrowed.contains(path) {
                    return self.literal(Text);
                }
                self.asked.insert(path.to_string());
                (format!("{path} or else \"none\""), Binds::Default)
            }
            3 if scope.context => atom("context.id"),
            4 => {
                let of = self.at(scope, Text, depth, Binds::Open);
                atom(format!("email.domain({of})"))
            }
            5 => match self.own(scope, Texts) {
                Some(words) => atom(format!("join({words}, \", \")")),
                None => self.literal(Text),
            },
            _ => match self.known(scope, Text) {
                Some(known) => atom(known),
                None => self.literal(Text),
            },
        }
    }

    fn date(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(5) {
            0 if scope.clock => atom("today"),
            1 => {
                let op = self.random.word(&["+", "-"]);
                let date = self.at(scope, Date, depth, Binds::Sum);
                let span = self.random.word(&["3 days", "1 month", "2 years", "1 week"]);
                (format!("{date} {op} {span}"), Binds::Sum)
            }
            2 => {
                let date = self.at(scope, Date, depth, Binds::Sum);
                // Business days are those of a policy's calendar.
                let period = match scope.clock {
                    true => self.at(scope, Period, depth, Binds::Product),
                    false => self.random.word(&["1 month", "2 years"]).to_string(),
                };
                (format!("{date} + {period}"), Binds::Sum)
            }
            3 => {
                let date = self.at(scope, Date, depth, Binds::Open);
                let name = self.random.word(&["calendar.start_of_month", "calendar.end_of_quarter"]);
                atom(format!("{name}({date})"))
            }
            _ => match self.known(scope, Date) {
                Some(known) => atom(known),
                None => self.literal(Date),
            },
        }
    }

    fn instant(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(4) {
            0 | 1 if scope.clock => atom("now"),
            2 => {
                let op = self.random.word(&["+", "-"]);
                self.binary(scope, Instant, op, Duration, depth)
            }
            3 if scope.clock && self.random.chance(30) => {
                // Days on which clocks change.
                let day = self.random.word(&["2026-03-08", "2026-03-29"]);
                atom(format!("instant_of({day}, {})", self.at(scope, Time, depth, Binds::Open)))
            }
            _ => match self.known(scope, Instant) {
                Some(known) => atom(known),
                None => self.literal(Instant),
            },
        }
    }

    fn duration(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(5) {
            0 => {
                let op = self.random.word(&["+", "-"]);
                self.binary(scope, Duration, op, Duration, depth)
            }
            1 => {
                let op = self.random.word(&["*", "/"]);
                let kind = *self.random.pick(&[Int, Decimal]);
                self.binary(scope, Duration, op, kind, depth)
            }
            2 => self.binary(scope, Instant, "-", Instant, depth),
            3 => (format!("-{}", self.at(scope, Duration, depth, Binds::Atom)), Binds::Unary),
            _ => match self.known(scope, Duration) {
                Some(known) => atom(known),
                None => self.literal(Duration),
            },
        }
    }

    fn period(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.known(scope, Period) {
            Some(period) if depth > 0 => match self.random.below(3) {
                0 => (format!("{period} + 1 month"), Binds::Sum),
                1 => (format!("{period} * 2"), Binds::Product),
                _ => (format!("-{period}"), Binds::Unary),
            },
            Some(period) => atom(period),
            None => self.literal(Period),
        }
    }

    // Conditions

    fn truth(&mut self, scope: &Scope, depth: usize) -> Written {
        if depth > 0 && self.random.chance(35) {
            let (word, level) = *self.random.pick(&[("and", Binds::And), ("or", Binds::Or)]);
            let tighter = if level == Binds::And { Binds::Not } else { Binds::And };
            let count = 2 + self.random.below(2);
            let parts: Vec<String> = (0..count).map(|_| self.at(scope, Bool, depth, tighter)).collect();
            return (parts.join(&format!(" {word} ")), level);
        }
        match self.random.below(34) {
            0 => self.literal(Bool),
            1 => (format!("not {}", self.at(scope, Bool, depth, Binds::Compare)), Binds::Not),
            2..=5 => self.compare(scope, depth),
            6 => {
                let kind = *self.random.pick(&[Int, Decimal, Usd, Date]);
                let op = |random: &mut Random| random.word(&["<", "<="]);
                let parts: Vec<String> = (0..3).map(|_| self.at(scope, kind, depth, Binds::Sum)).collect();
                let (a, b) = (op(self.random), op(self.random));
                (format!("{} {a} {} {b} {}", parts[0], parts[1], parts[2]), Binds::Compare)
            }
            7 | 8 => self.one_of(scope),
            9 => self.texts(scope, depth),
            10 | 11 => self.contained(scope, depth),
            12 => self.groups(scope),
            13 => match scope.several.clone() {
                Some(who) if self.narrowed.insert(who.clone()) => {
                    let form = self.random.word(&[
                        "W is a Person",
                        "W is not a Robot",
                        "W is a Person and W.born < 2020-01-01",
                        "(W is a Robot and W.maker is \"acme\")",
                    ]);
                    let level =
                        if form.contains(" and ") && !form.starts_with('(') { Binds::And } else { Binds::Compare };
                    (form.replace('W', &who), level)
                }
                Some(_) | None => self.compare(scope, depth),
            },
            14 | 15 => match scope.optional.get(self.random.below(scope.optional.len().max(1))).cloned() {
                Some((path, kind)) => self.presence(scope, &path, kind, depth),
                None => self.compare(scope, depth),
            },
            16 => self.aged(scope, depth),
            17 => self.near(scope, depth),
            18 => match self.random.below(3) {
                0 if scope.clock => {
                    let of = self.at(scope, Instant, depth, Binds::Sum);
                    (format!("{of} is within calendar.business_hours"), Binds::Compare)
                }
                1 => {
                    let (of, range) = (self.at(scope, Ip, depth, Binds::Sum), self.at(scope, Range, depth, Binds::Sum));
                    let negated = self.random.word(&["is within", "is not within"]);
                    (format!("{of} {negated} {range}"), Binds::Compare)
                }
                _ if scope.clock => {
                    let of = self.at(scope, Date, depth, Binds::Open);
                    let name = self.random.word(&["is_month_end", "is_weekend", "is_business_day", "is_holiday"]);
                    atom(format!("calendar.{name}({of})"))
                }
                _ => self.compare(scope, depth),
            },
            19 | 20 if !scope.origins.is_empty() => self.comes_from(scope),
            21 if scope.library.is_some() => {
                let text = match self.random.below(3) {
                    0 => self.call(scope, "is_big", &[Usd], depth),
                    1 => self.call(scope, "fits", &[Int, Text], depth),
                    _ if scope.clock => self.call(scope, "is_old", &[Date], depth),
                    _ => self.call(scope, "is_big", &[Usd], depth),
                };
                atom(text)
            }
            22 => self.quantified(scope, depth),
            23..=25 if scope.past => self.past_truth(scope, depth),
            26 => {
                let (c, a, b) = (
                    self.condition(scope, depth.min(1)),
                    self.condition(scope, depth.min(1)),
                    self.condition(scope, depth.min(1)),
                );
                (format!("if {c} then {a} else {b}"), Binds::Open)
            }
            27 => match self.known(scope, Point) {
                Some(point) => {
                    let changed = format!("({point} with {{ x: {} }})", self.at(scope, Int, depth, Binds::Open));
                    let left = if self.random.chance(50) { changed } else { point };
                    (format!("{left} is Point {{ x: 1, y: 0.5 }}"), Binds::Compare)
                }
                None => self.compare(scope, depth),
            },
            28 | 29 => match self.builtin(scope, Bool, depth) {
                Some(call) => call,
                None => self.compare(scope, depth),
            },
            30 => {
                let date = self.at(scope, Date, depth, Binds::Open);
                let form =
                    self.random.word(&["is monday", "is not one of (saturday, sunday)", "in { friday, sunday }"]);
                (format!("weekday({date}) {form}"), Binds::Compare)
            }
            _ => match self.known(scope, Bool) {
                Some(known) => atom(known),
                None => self.compare(scope, depth),
            },
        }
    }

    pub fn compare(&mut self, scope: &Scope, depth: usize) -> Written {
        const EQUAL: &[&str] = &["is", "==", "is not", "!="];
        const ORDER: &[&str] =
            &["<", "<=", ">", ">=", "is less than", "is at most", "is more than", "is at least", "==", "is not"];
        let kind = *self.random.pick(&[
            Int, Int, Int, Decimal, Usd, Usd, Money, Text, Date, Time, Instant, Duration, Color, Level, Country,
            Currency, Ip, Person, Vendor, Texts, Tags, Role, Bool,
        ]);
        let known = if kind == Money { self.known(scope, kind) } else { self.own(scope, kind) };
        let kind = if known.is_none() { Int } else { kind };
        let ordered = matches!(kind, Int | Decimal | Usd | Text | Date | Time | Instant | Duration | Level | Money);
        let op = self.random.word(if ordered { ORDER } else { EQUAL });
        let left = match kind {
            Money => self.known(scope, kind).unwrap_or_default(),
            Color | Level | Country | Currency | Role | Texts | Tags => {
                self.typed(scope, kind, depth).unwrap_or_default()
            }
            Bool => match self.known(scope, Bool) {
                Some(known) => known,
                None => return self.literal(Bool),
            },
            _ => self.at(scope, kind, depth, Binds::Default),
        };
        let right = match kind {
            Bool => self.literal(Bool).0,
            _ => self.at(scope, kind, depth, Binds::Default),
        };
        (format!("{left} {op} {right}"), Binds::Compare)
    }

    fn one_of(&mut self, scope: &Scope) -> Written {
        let kind = *self.random.pick(&[Int, Text, Color, Country, Currency, Level, Date]);
        let Some(left) = self.own(scope, kind) else { return self.literal(Bool) };
        let (a, b) = (self.literal(kind).0, self.literal(kind).0);
        let form = self.random.word(&["is one of (A, B)", "is not one of (A, B)", "in { A, B }", "not in { A }"]);
        let form = form.replace('A', "\u{1}").replace('B', "\u{2}");
        (format!("{left} {}", form.replace('\u{1}', &a).replace('\u{2}', &b)), Binds::Compare)
    }

    fn texts(&mut self, scope: &Scope, depth: usize) -> Written {
        let left = self.at(scope, Text, depth, Binds::Default);
        let op = self.random.word(&[
            "starts with S",
            "ends with S",
            "contains S",
            "does not start with S",
            "does not end with S",
            "does not contain S",
            "matches '[a-z]{2}\\d*'",
            "matches '(?i)prod/.*'",
            "does not match 'a+'",
            "like \"prod/*\"",
            "is not like \"a\\*\"",
        ]);
        // Short ones are found at one end or the other.
        let short = self.random.word(&["\"a\"", "\"p\"", "\"prod/\"", "\"b\"", "\"1\""]);
        let right = if self.random.chance(50) { short.to_string() } else { self.literal(Text).0 };
        (format!("{left} {}", op.replace('S', &right)), Binds::Compare)
    }

    fn contained(&mut self, scope: &Scope, depth: usize) -> Written {
        let word = self.random.word(&["in", "not in"]);
        match self.random.below(8) {
            0 => {
                let left = self.at(scope, Int, depth, Binds::Default);
                let set = match self.known(scope, Int).filter(|_| self.random.chance(50)) {
                    Some(known) => format!("{{ {known}, 3 }}"),
                    None => "small".to_string(),
                };
                (format!("{left} {word} {set}"), Binds::Compare)
            }
            1 => {
                let left = self.at(scope, Text, depth, Binds::Default);
                (format!("{left} {word} blocked"), Binds::Compare)
            }
            2 => match self.known(scope, Country) {
                Some(left) => (format!("{left} {word} banned"), Binds::Compare),
                None => self.literal(Bool),
            },
            3 => match self.known(scope, Tags).or_else(|| self.known(scope, Texts)) {
                Some(right) => {
                    let left = self.literal(Text).0;
                    let form = self.random.word(&["contains", "does not contain"]);
                    if self.random.chance(50) {
                        (format!("{right} {form} {left}"), Binds::Compare)
                    } else {
                        (format!("{left} {word} {right}"), Binds::Compare)
                    }
                }
                None => self.literal(Bool),
            },
            4 | 5 => match (self.known(scope, Prices), self.known(scope, Text)) {
                (Some(prices), Some(key))
                    if !self.asked.contains(&format!("{prices}[{key}]"))
                        && self.narrowed.insert(format!("{prices}[{key}]")) =>
                {
                    (format!("{key} in {prices} and {prices}[{key}] is at least 2 USD"), Binds::And)
                }
                _ => self.literal(Bool),
            },
            6 => match self.known(scope, Ints) {
                Some(right) => {
                    let left = self.at(scope, Int, depth, Binds::Default);
                    (format!("{left} {word} {right}"), Binds::Compare)
                }
                None => self.literal(Bool),
            },
            _ => {
                let name = self.name();
                (format!("any({name} in places where {name}.x > 3 and {name}.note is missing)"), Binds::Atom)
            }
        }
    }

    fn groups(&mut self, scope: &Scope) -> Written {
        let who: Vec<String> = scope
            .atoms
            .iter()
            .filter(|(_, kind)| matches!(kind, Person | Robot | Team))
            .map(|(path, _)| path.clone())
            .chain(scope.several.clone())
            .collect();
        if who.is_empty() {
            return self.literal(Bool);
        }
        let who = self.random.pick(&who).clone();
        if let Some(id) = self.known(scope, Text).filter(|_| self.random.chance(15)) {
            return (format!("{who} belongs to Team({id})"), Binds::Compare);
        }
        let form = self.random.word(&[
            "belongs to Team(\"t1\")",
            "does not belong to Team(\"t2\")",
            "belongs to any of (Team(\"t1\"), Team(\"t3\"))",
            "does not belong to any of (Team(\"t2\"), Team(\"t4\"))",
            "belongs to any of [Team(\"t1\")]",
        ]);
        (format!("{who} {form}"), Binds::Compare)
    }

    fn presence(&mut self, scope: &Scope, path: &str, kind: Kind, depth: usize) -> Written {
        if self.asked.contains(path) || !self.narrowed.insert(path.to_string()) {
            return self.compare(scope, depth);
        }
        let narrowed = scope.narrowed(path, kind);
        match self.random.below(5) {
            0 => (format!("{path} is present"), Binds::Compare),
            1 => (format!("{path} {}", self.random.word(&["is missing", "is not present"])), Binds::Compare),
            2 => (format!("{path} is missing or {}", self.at(&narrowed, Bool, depth, Binds::And)), Binds::Or),
            3 => {
                let then = self.condition(&narrowed, depth.min(1));
                (format!("if {path} is present then {then} else false"), Binds::Open)
            }
            _ => (format!("{path} is present and {}", self.at(&narrowed, Bool, depth, Binds::Not)), Binds::And),
        }
    }

    fn aged(&mut self, scope: &Scope, depth: usize) -> Written {
        if !scope.clock {
            return self.compare(scope, depth);
        }
        let op = self.random.word(&["is at least", "is more than", "<", "<="]);
        if self.random.chance(60) {
            let of = self.at(scope, Date, depth, Binds::Open);
            let span = self.random.word(&["90 days", "1 month", "2 years", "5 business days"]);
            (format!("age({of}) {op} {span}"), Binds::Compare)
        } else {
            let of = self.at(scope, Instant, depth, Binds::Open);
            let span = self.random.word(&["2 hours", "3 days", "1 month"]);
            (format!("age({of}) {op} {span}"), Binds::Compare)
        }
    }

    fn near(&mut self, scope: &Scope, depth: usize) -> Written {
        let word = self.random.word(&["is within", "is not within"]);
        let (kind, spans): (Kind, &[&str]) =
            if self.random.chance(50) { (Date, &["3 days", "1 month"]) } else { (Instant, &["2 hours", "1 day"]) };
        let (a, b) = (self.at(scope, kind, depth, Binds::Sum), self.at(scope, kind, depth, Binds::Sum));
        let span = self.random.word(spans);
        (format!("{a} {word} {span} of {b}"), Binds::Compare)
    }

    fn comes_from(&mut self, scope: &Scope) -> Written {
        let of = self.random.pick(&scope.origins).clone();
        let form = self.random.word(&[
            "comes from the user",
            "comes from any of (the user, the operator, pay.id)",
            "comes only from (the user, look.x, moves)",
            "does not come from fetch",
            "does not come from any of (the operator, look)",
            "does not come only from the user",
        ]);
        // A group of which a member returns nothing is no place.
        let returning = self.world.groups[0].1.iter().all(|at| self.world.actions[*at].returns.is_some());
        let form = if returning { form.to_string() } else { form.replace("moves", "fetch") };
        (format!("{of} {form}"), Binds::Compare)
    }

    fn quantified(&mut self, scope: &Scope, depth: usize) -> Written {
        let (kind, of) = *self.random.pick(&[(Ints, Int), (Texts, Text), (Tags, Text), (Points, Point)]);
        let Some(xs) = self.known(scope, kind) else {
            return self.compare(scope, depth);
        };
        let made = if self.random.chance(25) { self.typed(scope, kind, depth) } else { None };
        let xs = made.unwrap_or(xs);
        let name = self.name();
        let mut inner = scope.clone();
        inner.add(&name, of);
        inner.past = false;
        if kind == Texts && scope.origins.contains(&xs) && self.random.chance(30) {
            return atom(format!("all({name} in {xs} satisfy {name} comes from any of (the user, the operator))"));
        }
        if kind == Ints && self.random.chance(20) {
            let other = self.name();
            let form = self.random.word(&["all(A, B in X, [3, 1] satisfy A < B)", "any(A, B in X, [1] where A is B)"]);
            return atom(form.replace('A', &name).replace('B', &other).replace('X', &xs));
        }
        let body = self.condition(&inner, depth);
        match self.random.below(4) {
            0 => atom(format!("any({name} in {xs} where {body})")),
            1 => atom(format!("none({name} in {xs} where {body})")),
            2 => atom(format!("all({name} in {xs} satisfy {body})")),
            _ => {
                let filter = self.condition(&inner, depth);
                atom(format!("all({name} in {xs} where {filter} satisfy {body})"))
            }
        }
    }
}
