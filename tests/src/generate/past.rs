//! Readings of the past, as text: every source, state, key and window that the place allows.
//! `exprs` calls it where a scope allows the past to be read.

use super::exprs::{Binds, Exprs, Scope, Written};
use super::world::{Kind, Returns};
use Kind::*;

/// A reading: `x in past pay by actor within 1 hour where …`, and what is known of `x`.
struct Reading {
    text: String,
    entry: Scope,
}

impl Exprs<'_> {
    pub fn past_truth(&mut self, scope: &Scope, depth: usize) -> Written {
        match self.random.below(4) {
            0 => {
                let reading = self.reading(scope);
                let form = self.random.word(&["any", "none"]);
                (format!("{form}({})", reading.text), Binds::Atom)
            }
            1 => {
                let reading = self.reading(scope);
                let op = self.random.word(&["> 2", "is at least 1", "is 0"]);
                (format!("count({}) {op}", reading.text), Binds::Compare)
            }
            2 => {
                let reading = self.reading(scope);
                let inner = alone(&reading.entry);
                let body = self.at(&inner, Bool, depth.min(1), Binds::Not);
                (format!("all({} satisfy {body})", reading.text), Binds::Atom)
            }
            _ => {
                let reading = self.reading(scope);
                match self.pick_of(&reading.entry, Bool) {
                    Some(field) => {
                        let form = self.random.word(&["latest", "earliest"]);
                        (format!("{form}({field} for {}) or else false", reading.text), Binds::Default)
                    }
                    None => (format!("any({})", reading.text), Binds::Atom),
                }
            }
        }
    }

    /// A number out of the past: an int, a decimal or an amount.
    pub fn past_number(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Written {
        let reading = self.reading(scope);
        let inner = alone(&reading.entry);
        if kind == Int && self.random.chance(30) {
            return (format!("count({})", reading.text), Binds::Atom);
        }
        let Some(field) = self.pick_of(&inner, kind) else {
            let form = format!("count({})", reading.text);
            return match kind {
                Usd => (format!("1 USD * {form}"), Binds::Product),
                _ => (form, Binds::Atom),
            };
        };
        let body = if depth > 0 && self.random.chance(20) { format!("{field} * 2") } else { field };
        if kind == Int && self.random.chance(15) {
            return (format!("distinct({body} for {})", reading.text), Binds::Atom);
        }
        let form = self.random.word(&["sum", "min", "max", "average", "latest", "earliest"]);
        let default = if kind == Usd { "4 USD" } else { "4" };
        match form {
            "sum" => (format!("sum({body} for {})", reading.text), Binds::Atom),
            "average" if kind == Int => (format!("sum({body} for {})", reading.text), Binds::Atom),
            form => (format!("{form}({body} for {}) or else {default}", reading.text), Binds::Default),
        }
    }

    fn pick_of(&mut self, scope: &Scope, kind: Kind) -> Option<String> {
        let all: Vec<&String> = scope.atoms.iter().filter(|(_, known)| *known == kind).map(|(path, _)| path).collect();
        if all.is_empty() { None } else { Some((*self.random.pick(&all)).clone()) }
    }

    fn reading(&mut self, scope: &Scope) -> Reading {
        let name = self.name();
        let (mut source, actions) = self.source(scope);
        let event = self.world.actions[actions[0]].event;
        let returns = self.world.actions[actions[0]].returns;
        let same = actions.iter().all(|at| self.world.actions[*at].returns == returns);
        let mut state = "";
        if !event && self.random.chance(40) {
            state = self.random.word(&["attempted", "denied", "pending", "failed"]);
        } else if !event && same && returns.is_some() && self.random.chance(40) {
            state = "returned";
        }
        // Of `any`, only what every entry has is known.
        let known = if source == "any" { vec![] } else { actions.clone() };
        let mut entry = self.entry(&name, &known);
        if state == "returned" {
            match returns {
                Some(Returns::Fields) => {
                    entry.add(&format!("{name}.result.id"), Text);
                    entry.add(&format!("{name}.result.total"), Int);
                    entry.add_optional(&format!("{name}.result.sort"), Color);
                }
                Some(Returns::Points) => entry.add(&format!("{name}.result"), Points),
                Some(Returns::Text) => entry.add(&format!("{name}.result"), Text),
                None => {}
            }
        }
        // Keys: only those that are of the same kinds, so that no question is impossible.
        let kinds = |of: fn(&super::world::Action) -> &Vec<Kind>| self.world.shared_kinds(&actions, of);
        let (by, on) = (kinds(|action| &action.by), kinds(|action| &action.on));
        let mut keys = String::new();
        let actor_key = !by.is_empty() && by == scope.actor && self.random.chance(70);
        let target_key = !on.is_empty() && on == scope.target && self.random.chance(30);
        if actor_key {
            keys += " by actor";
        } else if by.contains(&Person) && self.random.chance(25) {
            keys += " by Person(\"p1\")";
        }
        let fixed_actor = keys.contains("Person(");
        if target_key {
            keys += " on target";
        }
        if !state.is_empty() {
            source += &format!(" {state}");
        }
        let field_keys = self.random.chance(30);
        let window = self.window(scope, &by, &on, actor_key || fixed_actor, target_key, field_keys);
        let mut parts = vec![];
        if field_keys && let Some((path, kind)) = self.key_field(&entry, scope) {
            let other = self.pick_of(scope, kind).unwrap_or_default();
            let (a, b) = if self.random.chance(70) { (path, other) } else { (other, path) };
            let op = self.random.word(&["==", "is"]);
            parts.push(format!("{a} {op} {b}"));
        }
        if self.random.chance(50) {
            let inner = alone(&entry);
            let depth = self.random.below(2);
            parts.push(self.at(&inner, Bool, depth, Binds::Not));
        }
        if self.random.chance(8) && !scope.governed.is_empty() && !entry.origins.is_empty() {
            let of = self.random.pick(&entry.origins).clone();
            parts.push(format!("{of} comes from the user"));
        }
        let filter = if parts.is_empty() { String::new() } else { format!(" where {}", parts.join(" and ")) };
        let max = if window.starts_with("within") && self.random.chance(10) {
            self.random.word(&[" max 500", " max 2"])
        } else {
            ""
        };
        Reading { text: format!("{name} in past {source}{keys} {window}{max}{filter}"), entry }
    }

    fn source(&mut self, scope: &Scope) -> (String, Vec<usize>) {
        let actions: Vec<usize> = scope.governed.iter().copied().filter(|at| !self.world.actions[*at].event).collect();
        match self.random.below(10) {
            0 if !actions.is_empty() => ("any".to_string(), actions),
            1 => {
                let (name, members) = self.random.pick(&self.world.groups).clone();
                (name.to_string(), members)
            }
            2 => {
                let at = 4 + self.random.below(2);
                (self.world.name(at).to_string(), vec![at])
            }
            _ => {
                let at = self.random.below(4);
                (self.world.name(at).to_string(), vec![at])
            }
        }
    }

    /// What is known of an entry of these actions.
    pub fn entry(&mut self, name: &str, actions: &[usize]) -> Scope {
        let mut entry = Scope::default();
        for field in self.world.shared_fields(actions) {
            let path = match field.name {
                "today" => format!("{name}.args.today"),
                field => format!("{name}.{field}"),
            };
            if field.optional {
                entry.add_optional(&path, field.kind);
            } else {
                entry.origins.push(path.clone());
                entry.add(&path, field.kind);
            }
        }
        let all_events = actions.iter().all(|at| self.world.actions[*at].event);
        if all_events {
            entry.origins.clear();
        }
        for (path, kind) in [("time", Instant), ("action", Text), ("id", Text)] {
            entry.add(&format!("{name}.{path}"), kind);
        }
        entry.add_optional(&format!("{name}.session"), Text);
        for (word, of) in [
            ("actor", self.world.shared_kinds(actions, |a| &a.by)),
            ("target", self.world.shared_kinds(actions, |a| &a.on)),
        ] {
            if let [kind] = of.as_slice() {
                entry.add(&format!("{name}.{word}"), *kind);
            }
        }
        entry
    }

    /// A field of the entry and one of the scope that are of one kind and may be compared.
    fn key_field(&mut self, entry: &Scope, scope: &Scope) -> Option<(String, Kind)> {
        let all: Vec<(String, Kind)> = entry
            .atoms
            .iter()
            .filter(|(path, kind)| {
                let plain =
                    matches!(kind, Int | Text | Date | Color | Country | Currency | Usd | Bool | Person | Vendor);
                // Fields that every entry has, and that of a chain, are left to conditions.
                plain && path.matches('.').count() == 1 && scope.atoms.iter().any(|(_, known)| known == kind)
            })
            .cloned()
            .collect();
        if all.is_empty() { None } else { Some(self.random.pick(&all).clone()) }
    }

    #[allow(clippy::too_many_arguments, reason = "what a window may say depends on all the keys")]
    fn window(
        &mut self,
        scope: &Scope,
        by: &[Kind],
        on: &[Kind],
        actor_key: bool,
        target_key: bool,
        field_keys: bool,
    ) -> String {
        match self.random.below(12) {
            0 => "ever".to_string(),
            1 => "this session".to_string(),
            2 | 3 => {
                let unit = self.random.word(&["hour", "day", "week", "month", "quarter", "year"]);
                format!("this {unit}")
            }
            4 if !field_keys => {
                // The newest such entry with the same keys: of an action that has them.
                let fits: Vec<usize> = (0..self.world.actions.len())
                    .filter(|at| {
                        let action = &self.world.actions[*at];
                        (!actor_key || action.by == by) && (!target_key || action.on == on)
                    })
                    .collect();
                if fits.is_empty() {
                    return "within 1 hour".to_string();
                }
                let at = *self.random.pick(&fits);
                let event = self.world.actions[at].event;
                let state = if !event && self.random.chance(30) { " denied" } else { "" };
                format!("since {}{state}", self.world.name(at))
            }
            5 => {
                let at = self.random.below(self.world.actions.len());
                let name = self.name();
                let entry = alone(&self.entry(&name, &[at]));
                let body = self.at(&entry, Bool, 1, Binds::Not);
                let state = if !self.world.actions[at].event && self.random.chance(30) { " attempted" } else { "" };
                let filter = if self.random.chance(80) { format!(" where {body}") } else { String::new() };
                format!("since ({name} in {}{state}{filter})", self.world.name(at))
            }
            6 => format!("within {}", self.random.word(&["1 month", "2 years", "5 business days"])),
            7 => match self.pick_of(scope, Duration) {
                Some(span) => format!("within {span}"),
                None => "within 90 minutes".to_string(),
            },
            _ => format!("within {}", self.random.word(&["1 hour", "24 hours", "90 days", "30 minutes", "2 weeks"])),
        }
    }
}

/// A condition on the entry alone: it knows nothing else.
fn alone(entry: &Scope) -> Scope {
    Scope { clock: false, context: false, past: false, library: None, origins: vec![], ..entry.clone() }
}
