//! Well-typed packages by chance, as source text, with a stream of lines for each: the same seed, the same package.
//! `tests/properties.rs` and other generated tests call `package`; which constructs occur is proved in that test.
//! What is generated has no errors by construction; warnings it may have.

#[macro_use]
mod variants;

mod builtins;
pub mod coverage;
mod exprs;
pub mod keyed;
mod library;
mod past;
mod policies;
pub mod random;
pub mod requests;
pub mod used;
pub mod world;

use exprs::Exprs;
use random::Random;
use std::collections::{BTreeMap, BTreeSet};
use world::World;

/// Whether and how the rules of a package may permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grants {
    Any,
    /// No rule permits, and no `otherwise`.
    None,
    /// Every rule that permits has a condition that errs, and no `otherwise` permits.
    Erring,
}

/// A policy, in parts that may stand in another order.
#[derive(Clone, Debug)]
pub struct Policy {
    pub name: String,
    pub under: Option<String>,
    governed: Vec<usize>,
    overridable: Vec<(String, Vec<usize>)>,
    waivable: Vec<(String, Vec<usize>)>,
    /// `title "…"` and the like.
    pub head: Vec<String>,
    /// By name, as written.
    pub rules: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub enum Item {
    Written(String),
    Policy(Policy),
}

#[derive(Clone, Debug)]
pub struct File {
    pub name: &'static str,
    /// `module` and imports, which stand first.
    pub head: String,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub struct Package {
    pub seed: u64,
    pub files: Vec<File>,
    /// JSON by name of the declaration.
    pub data: BTreeMap<&'static str, String>,
    /// `@id@` stands for the digest of the request of that id.
    pub lines: Vec<String>,
}

impl File {
    pub fn text(&self) -> String {
        let items: Vec<String> = self
            .items
            .iter()
            .map(|item| match item {
                Item::Written(text) => text.clone(),
                Item::Policy(policy) => policy.text(),
            })
            .collect();
        format!("{}\n{}\n", self.head, items.join("\n\n"))
    }
}

impl Policy {
    pub fn text(&self) -> String {
        let under = self.under.as_ref().map_or(String::new(), |outer| format!(" under {outer}"));
        let rules = self.rules.iter().map(|(_, text)| text);
        let members: Vec<&String> = self.head.iter().chain(rules).collect();
        let members: Vec<String> = members.iter().map(|member| format!("  {member}\n")).collect();
        format!("policy {}{under} {{\n{}}}", self.name, members.concat())
    }
}

impl Package {
    /// The same with files, declarations, policies, their members and rules in another order.
    pub fn shuffled(&self, random: &mut Random) -> Package {
        let mut other = self.clone();
        random.shuffle(&mut other.files);
        for file in &mut other.files {
            random.shuffle(&mut file.items);
            for item in &mut file.items {
                if let Item::Policy(policy) = item {
                    random.shuffle(&mut policy.head);
                    random.shuffle(&mut policy.rules);
                }
            }
        }
        other
    }
}

/// What every file but the first knows of it.
const SCHEMA: &str = "import corp.schema { Color, Level, Person, Robot, Team, Vendor, Point, pay, look, ship, fetch, alarm, tick, moves, signals, \
    alert, count_up, pause, officer, auditor, board, fx, blocked, places, holidays, small, banned, rulebook }
import std.calendar
import std.email
import std.ip
import std.url
import std.path
import std.iban
import std.card
";

/// The package of a seed, with 10 to 34 lines.
pub fn package(seed: u64, grants: Grants) -> Package {
    made(seed, grants, None)
}

/// The package of a seed, with so many lines.
pub fn long(seed: u64, lines: usize) -> Package {
    made(seed, Grants::Any, Some(lines))
}

fn made(seed: u64, grants: Grants, lines: Option<usize>) -> Package {
    let mut random = Random::new(seed);
    let world = World::new(&mut random);
    let (mut package, rules) = over(seed, &world, grants, &mut random);
    let count = 10 + random.below(25);
    package.data = data(&mut random);
    package.lines = requests::stream(&mut random, &world, &rules, lines.unwrap_or(count));
    package
}

/// The package of a seed that speaks of that world, without lines.
pub fn of_world(seed: u64, world: &World) -> Package {
    let mut random = Random::new(seed);
    let (mut package, _) = over(seed, world, Grants::Any, &mut random);
    package.data = data(&mut random);
    package
}

fn data(random: &mut Random) -> BTreeMap<&'static str, String> {
    requests::data(random).into_iter().map(|(name, json)| (name, json.to_string())).collect()
}

/// A package without lines and data, and its rules that may be waived.
fn over(seed: u64, world: &World, grants: Grants, random: &mut Random) -> (Package, Vec<(String, String)>) {
    let schema = world.schema(random);
    let mut names = 0;
    let mut exprs = Exprs {
        random,
        world,
        names: &mut names,
        narrowed: BTreeSet::new(),
        asked: BTreeSet::new(),
        common: BTreeMap::new(),
        turn: seed as usize % ordain_stdlib::all().count(),
    };
    let library = exprs.library();
    let first = exprs.policy("desk", grants, None);
    let mut policies = vec![];
    if exprs.random.chance(60) {
        policies.push(exprs.policy("branch", grants, Some(&first)));
    }
    if exprs.random.chance(50) {
        policies.push(exprs.policy("guard", grants, None));
    }
    policies.insert(0, first);
    let waivable: Vec<(String, String, Vec<usize>)> = policies
        .iter()
        .flat_map(|policy| policy.waivable.iter().map(|(rule, on)| (policy.name.clone(), rule.clone(), on.clone())))
        .collect();
    let names_of = |kept: &dyn Fn(&[usize]) -> bool| -> Vec<(String, String)> {
        waivable.iter().filter(|(_, _, on)| kept(on)).map(|(policy, rule, _)| (policy.clone(), rule.clone())).collect()
    };
    let (rules, on_pay) = (names_of(&|_| true), names_of(&|on| on.contains(&0)));
    let fixtures = library::fixtures(&mut exprs, world, &on_pay);
    let written = |items: Vec<String>| items.into_iter().map(Item::Written).collect::<Vec<_>>();
    let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
    let desks = format!("import finance.desks {{ {} }}\n", names.join(", "));
    let known = if world.has(world::Kind::Leg) { SCHEMA.replace("Point,", "Point, Leg,") } else { SCHEMA.to_string() };
    let files = vec![
        File {
            name: "schema.ord",
            head: "/// Who and what there is.\nmodule corp.schema\n".to_string(),
            items: written(schema),
        },
        File { name: "lib.ord", head: format!("module corp.lib\n\n{known}"), items: written(library) },
        File {
            name: "desks.ord",
            head: format!("//! The policies.\nmodule finance.desks\n\n{known}import corp.lib\n"),
            items: policies.into_iter().map(Item::Policy).collect(),
        },
        File {
            name: "fixtures.ord",
            head: format!("module finance.fixtures\n\n{known}{desks}"),
            items: written(fixtures),
        },
    ];
    (Package { seed, files, data: BTreeMap::new(), lines: vec![] }, rules)
}
