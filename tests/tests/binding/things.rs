//! Structs that say what is known of things, the store that holds it, and decisions that ask for it.

use super::{NOON, around, read, told, verified};
use ordain_vm::answer::Verdict;
use ordain_vm::bind::{Action, Binding, Entity, Field, Fit, Id, Kind, Named, NotAsked, Origins, When};
use ordain_vm::frame::Frame;
use ordain_vm::interp::Interpreter;
use ordain_vm::request::slots::{Banks, Slot};
use ordain_vm::request::{self, Entities, Origin, Snapshot, Store};
use ordain_vm::value::{EntityRef, Type, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

const TEAMS: &str = r#"module teams

entity Team in Team { size: int }
entity Agent in Team { tier: int, boss: Agent? }
entity Thing in Team

action act by Agent on Thing { other: Thing? }

policy teams {
  version 1.0.0
  governs act

  rule mine on act { permit when actor belongs to Team("top") and actor.tier is at least 2 }
  rule things on act { permit when target belongs to Team("top") }
}
"#;

#[derive(Entity)]
struct Team {
    #[ordain(id)]
    id: String,
    #[ordain(parents)]
    above: Vec<Id<Team>>,
    size: u32,
}

#[derive(Entity)]
struct Agent<'a> {
    #[ordain(id)]
    id: &'a str,
    #[ordain(parents)]
    teams: &'a [Id<Team>],
    #[ordain(rename = "tier")]
    level: i64,
    boss: Option<Id<Agent<'static>>>,
}

#[derive(Action)]
#[ordain(without("other"))]
struct Act<'a> {
    #[ordain(actor)]
    agent: Id<Agent<'a>>,
    #[ordain(target)]
    thing: &'a str,
}

fn team(id: &str, above: &[&str]) -> Team {
    Team { id: id.into(), above: above.iter().map(|id| Id::new(*id)).collect(), size: 3 }
}

#[test]
fn a_store_is_changed_while_decisions_run() {
    let verified = verified(TEAMS);
    let schema = &verified.program().schema;
    let (teams, agents) = (Kind::<Team>::of(schema), Kind::<Agent>::of(schema));
    let (Ok(teams), Ok(agents)) = (teams, agents) else { panic!("they fit") };
    let entry = |of: &Team| teams.entry(of).unwrap_or_else(|errors| panic!("{}", told(&errors)));
    let ids = [Id::new("low")];
    let ann = Agent { id: "ann", teams: &ids, level: 2, boss: None };
    let ann = agents.entry(&ann).unwrap_or_else(|errors| panic!("{}", told(&errors)));
    let thing = EntityRef::new(schema.entity("Thing").expect("declared"), "t");
    let bare = request::Entity::default();
    let store = Store::new(schema, Entities::new()).expect("nothing is wrong with nothing");
    let put = [entry(&team("top", &[])), entry(&team("low", &[])), ann, (thing, bare)];
    assert!(store.change(put, []).is_ok());

    let binding = Binding::<Act>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let act = Act { agent: Id::new("ann"), thing: "t" };
    let verdict = |snapshot: &Snapshot| {
        let when = When { store: Some(snapshot), ..When::at(NOON, "r-1") };
        let ask = binding.ask(&verified, &act, when).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut frame = Frame::new();
        let verdict = frame.decide(&Interpreter, &ask.around(&[])).verdict;
        // The same by the parents themselves.
        let request = ask.request();
        assert_eq!(frame.decide(&Interpreter, &around(&verified, &request)).verdict, verdict);
        verdict
    };
    let before = store.snapshot();
    assert_eq!(verdict(&before), Verdict::Deny);
    // Two levels above the agent something changes.
    let middle = [entry(&team("middle", &["top"])), entry(&team("low", &["middle"]))];
    assert!(store.change(middle, []).is_ok());
    assert_eq!(verdict(&store.snapshot()), Verdict::Permit);
    assert_eq!(verdict(&before), Verdict::Deny, "whoever began before keeps what was");
    assert!(store.change([entry(&team("middle", &[]))], []).is_ok());
    assert_eq!(verdict(&store.snapshot()), Verdict::Deny);

    // What is refused changes nothing.
    let errors = store.change([entry(&team("top", &["low"])), entry(&team("low", &["top"]))], []).err();
    assert_eq!(
        told(&errors.unwrap_or_default()),
        "E0628 Team.low: `Team(\"low\")` is its own ancestor. Take one of the parents out."
    );
    let out = EntityRef::new(schema.entity("Team").expect("declared"), "low");
    let errors = store.change([], [out]).err();
    assert_eq!(told(&errors.unwrap_or_default()), "E0616 Agent.ann: `Team(\"low\")` is not in the entity store.");
    let errors = store.change([entry(&team("new", &["nowhere"]))], []).err();
    assert_eq!(told(&errors.unwrap_or_default()), "E0616 Team.new: `Team(\"nowhere\")` is not in the entity store.");
    assert_eq!(verdict(&store.snapshot()), Verdict::Deny);

    let when = When { store: Some(&before), ..When::at(NOON, "r-1") };
    let unknown = Act { agent: Id::new("bob"), thing: "u" };
    let Err(NotAsked::Malformed(errors)) = binding.ask(&verified, &unknown, when) else { panic!("they are unknown") };
    let wanted = "E0616 subject: `Agent(\"bob\")` is not in the entity store.\nE0616 resource: `Thing(\"u\")` is not in the entity store.";
    assert_eq!(told(&errors), wanted);
    let Err(NotAsked::Malformed(errors)) = binding.ask(&verified, &unknown, When::at(NOON, "r-1")) else {
        panic!("the agent is unknown")
    };
    let wanted = "E0606 subject: Nothing is known of `Agent(\"bob\")`. Give its `tier`, in an entity store.";
    assert_eq!(told(&errors), wanted);
}

/// Kinds, enums, records and roles are numbers in a store: one of other declarations would be read as what it isn't.
#[test]
fn a_store_is_of_one_schema() {
    let verified = verified(TEAMS);
    let binding = Binding::<Act>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let act = Act { agent: Id::new("ann"), thing: "t" };
    let asked = |policy: &str| {
        let other = super::verified(policy);
        let schema = &other.program().schema;
        let kind = |name| schema.entity(name).expect("declared");
        let known = |attributes: &[Value]| request::Entity { attributes: attributes.into(), parents: vec![] };
        let ann = (EntityRef::new(kind("Agent"), "ann"), known(&[Value::Int(2), Value::Missing]).into());
        let entities = [ann, (EntityRef::new(kind("Thing"), "t"), known(&[]).into())];
        let snapshot = Snapshot::new(schema, entities.into()).unwrap_or_else(|errors| panic!("{}", told(&errors)));
        binding.ask(&verified, &act, When { store: Some(&snapshot), ..When::at(NOON, "r-1") }).err()
    };
    assert_eq!(asked(TEAMS), None);
    assert_eq!(asked(&TEAMS.replace("other: Thing?", "other: Thing?, n: int")), None, "another action");
    let others = [
        ("tier: int, boss: Agent?", "level: int, boss: Agent?"),
        ("tier: int, boss: Agent?", "tier: int, boss: Team?"),
        ("entity Thing in Team", "entity Thing"),
        ("entity Team in", "entity First\nentity Team in"),
        ("entity Team in", "enum Color { red }\nentity Team in"),
        ("entity Team in", "record Point { x: int }\nentity Team in"),
        ("entity Team in", "role officer by Agent\nentity Team in"),
    ];
    for (from, to) in others {
        let policy = TEAMS
            .replace(from, to)
            .replace("actor.tier is at least 2", "actor is not Agent(\"x\")")
            .replace("target belongs to Team(\"top\")", "target is Thing(\"t\")");
        assert_eq!(asked(&policy), Some(NotAsked::OtherStore), "{to}");
    }
}

/// A host's own field that is to be an actor, and is nobody, is one that is missing.
#[test]
fn who_asks_must_be_there() {
    struct Nobody;
    impl Field for Nobody {
        type Plan = ();

        fn plan(_: &mut Fit<'_>, _: &Type) -> Option<()> {
            Some(())
        }

        fn put<'r>(&'r self, (): &(), _: Slot, _: &mut Banks<'r>) {}

        fn value(&self, (): &()) -> Value {
            Value::Missing
        }
    }
    impl Named for Nobody {
        fn named(&self, (): &()) -> Option<Cow<'_, EntityRef>> {
            None
        }
    }
    #[derive(Action)]
    #[ordain(name = "act", without("other"))]
    struct Haunt {
        #[ordain(actor)]
        nobody: Nobody,
        #[ordain(target)]
        thing: &'static str,
    }
    let verified = verified(TEAMS);
    let binding = Binding::<Haunt>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let haunt = Haunt { nobody: Nobody, thing: "t" };
    let Err(NotAsked::Malformed(errors)) = binding.ask(&verified, &haunt, When::at(NOON, "r-1")) else {
        panic!("nobody asks")
    };
    assert_eq!(told(&errors), "E0606 subject: `subject` is missing.");
}

/// Ancestors of a random web of teams, changed step by step, are those that a walk over parents finds.
#[test]
fn ancestors_are_those_that_a_walk_finds() {
    let verified = verified(TEAMS);
    let schema = &verified.program().schema;
    let kind = schema.entity("Team").expect("declared");
    let team = |at: u64| EntityRef::new(kind, format!("t{at}"));
    let store = Store::new(schema, Entities::new()).expect("empty");
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let attributes = || vec![Value::Int(1)];
    let known = |parents| request::Entity { attributes: attributes(), parents };
    store.change((0..40).map(|at| (team(at), known(vec![]))), []).expect("teams without parents");
    let mut refused = 0;
    for _ in 0..300 {
        let changed = (0..1 + next(3)).map(|_| {
            let parents: BTreeSet<EntityRef> = (0..next(4)).map(|_| team(next(40))).collect();
            (team(next(40)), known(parents.into_iter().collect()))
        });
        let changed: Vec<_> = changed.collect();
        refused += usize::from(store.change(changed, []).is_err());
        let now = store.snapshot();
        for at in 0..40 {
            let (mut open, mut found) = (vec![team(at)], BTreeSet::new());
            while let Some(of) = open.pop() {
                for parent in now.get(&of).map_or(&[][..], |known| &known.parents) {
                    if found.insert(parent.clone()) {
                        open.push(parent.clone());
                    }
                }
            }
            let found: Vec<EntityRef> = found.into_iter().collect();
            assert_eq!(now.ancestors(&team(at)), Some(&found[..]));
        }
    }
    assert!((10..290).contains(&refused), "{refused} changes were refused");
}

/// Two teams always change together. Whoever reads meanwhile sees both or neither, with the ancestors that go with it.
#[test]
fn readers_see_whole_changes() {
    let verified = verified(TEAMS);
    let schema = &verified.program().schema;
    let kind = schema.entity("Team").expect("declared");
    let team = |name: &str| EntityRef::new(kind, name);
    let known = |parents: Vec<EntityRef>| request::Entity { attributes: vec![Value::Int(1)], parents };
    let store = Store::new(schema, Entities::new()).expect("empty");
    let (one, other) = (team("one"), team("other"));
    let change = |round: usize| {
        let (low, high) = if round.is_multiple_of(2) { (&one, &other) } else { (&other, &one) };
        let put = [(low.clone(), known(vec![high.clone()])), (high.clone(), known(vec![]))];
        store.change(put, []).expect("there is no circle");
    };
    change(0);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = [0, 0];
            while seen[0] == 0 || seen[1] == 0 {
                let now = store.snapshot();
                let above = |of: &EntityRef| now.ancestors(of).map(<[EntityRef]>::len);
                match (above(&one), above(&other)) {
                    (Some(1), Some(0)) => seen[0] += 1,
                    (Some(0), Some(1)) => seen[1] += 1,
                    half => panic!("half a change is seen: {half:?}"),
                }
            }
            seen
        });
        let mut round = 0;
        while !reader.is_finished() {
            round += 1;
            change(round);
        }
        reader.join().expect("the reader saw no half")
    });
    assert!(seen[0] > 0 && seen[1] > 0);
}

/// Where values were seen comes with a struct too; what has no record is an error of the rule that asks, and never a permit.
#[test]
fn origins_come_with_a_struct() {
    #[derive(Action)]
    struct Send<'a> {
        #[ordain(actor)]
        agent: &'a str,
        to: Vec<&'a str>,
    }
    let verified = verified(
        r#"module sending

entity Agent

action send by Agent { to: list<text, max 5> }

policy sending {
  version 1.0.0
  governs send

  rule own_words on send { permit when to comes from the user }
}
"#,
    );
    let binding = Binding::<Send>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let send = Send { agent: "a", to: vec!["x", "y"] };
    let verdict = |seen: &[(&str, Origin)]| {
        let origins: Origins = seen.iter().map(|(path, place)| ((*path).into(), vec![place.clone()])).collect();
        let when = When { origins: Some(&origins), ..When::at(NOON, "r-1") };
        let ask = binding.ask(&verified, &send, when).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut frame = Frame::new();
        let decision = frame.decide(&Interpreter, &ask.around(&[])).clone();
        let request = ask.request();
        assert_eq!(*frame.decide(&Interpreter, &around(&verified, &request)), decision);
        (decision.verdict, decision.found.faults.len())
    };
    assert_eq!(verdict(&[("to[0]", Origin::User), ("to[1]", Origin::User)]), (Verdict::Permit, 0));
    assert_eq!(verdict(&[("to[0]", Origin::User), ("to[1]", Origin::Operator)]), (Verdict::Deny, 0));
    assert_eq!(verdict(&[("to[0]", Origin::User)]), (Verdict::Deny, 1));
}

/// The target's id has two names where an argument is it, and one record: what is told of either is told of it.
#[test]
fn the_target_and_its_argument_have_one_record() {
    #[derive(Action)]
    struct Read<'a> {
        #[ordain(actor)]
        agent: &'a str,
        #[ordain(target)]
        file: &'a str,
    }
    let verified = verified(
        r#"module reading

entity Agent
entity File

action read by Agent on File as file_id

policy reading {
  version 1.0.0
  governs read

  rule own_words on read { permit when file_id comes only from the user }
}
"#,
    );
    let binding = Binding::<Read>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let of = Read { agent: "a", file: "f" };
    let verdict = |seen: &[(&str, Origin)]| {
        let origins: Origins = seen.iter().map(|(path, place)| ((*path).into(), vec![place.clone()])).collect();
        let when = When { origins: Some(&origins), ..When::at(NOON, "r-1") };
        let ask = binding.ask(&verified, &of, when).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut frame = Frame::new();
        let decision = frame.decide(&Interpreter, &ask.around(&[])).clone();
        let request = ask.request();
        assert_eq!(*frame.decide(&Interpreter, &around(&verified, &request)), decision);
        let told: Vec<String> = seen.iter().map(|(path, place)| format!("\"{path}\":[\"{}\"]", word(place))).collect();
        let line = format!(
            r#"{{"subject":{{"type":"Agent","id":"a"}},"action":{{"name":"read"}},"resource":{{"type":"File","id":"f"}},"context":{{"id":"r-1","time":"2026-03-03T12:00:00Z","origins":{{{}}}}}}}"#,
            told.join(",")
        );
        let json = read(&verified, &line);
        assert_eq!(request.context.origins, json.context.origins);
        assert_eq!(*frame.decide(&Interpreter, &around(&verified, &json)), decision);
        (decision.verdict, decision.found.faults.len())
    };
    assert_eq!(verdict(&[("resource.id", Origin::User)]), (Verdict::Permit, 0));
    assert_eq!(verdict(&[("file_id", Origin::User)]), (Verdict::Permit, 0));
    assert_eq!(verdict(&[("resource.id", Origin::User), ("file_id", Origin::User)]), (Verdict::Permit, 0));
    assert_eq!(verdict(&[("resource.id", Origin::User), ("file_id", Origin::Operator)]), (Verdict::Deny, 0));
    assert_eq!(verdict(&[("resource.id", Origin::Operator), ("file_id", Origin::User)]), (Verdict::Deny, 0));
    assert_eq!(verdict(&[]), (Verdict::Deny, 1));
}

fn word(place: &Origin) -> &'static str {
    match place {
        Origin::User => "the user",
        Origin::Operator => "the operator",
        Origin::Result { .. } | Origin::Other(_) => "elsewhere",
    }
}
