//! The structs: between them they have every type that can be bound. What they declare is the world of the packages.

use super::drawn::{Drawn, Maker, Party};
use super::shape::{Row, Shape, digits, draw, line, may_be_missing, of_type, part_of, parts, shape, wire, written};
use super::things::{Person, Robot, Team, Vendor};
use ordain_tests::generate::world::{self, Kind, Returns, World};
use ordain_vm::bind::{Action, Enum, Id, Nanos, Record, Scaled};
use ordain_vm::value::{Country, Currency, Date, Decimal, EntityRef, Instant, IpRange, Money, Period, RoleId, Time};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
pub enum Color {
    Grey,
    Blue,
    #[ordain(rename = "grass")]
    Green,
    Red,
}

/// Not all members have a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
pub enum Level {
    High,
    Low,
}

impl Drawn for Color {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Color, Json) {
        let all = [(Color::Grey, "grey"), (Color::Blue, "blue"), (Color::Green, "grass"), (Color::Red, "red")];
        let (color, word) = *maker.random.pick(&all);
        (color, json!(word))
    }
}

impl Drawn for Level {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Level, Json) {
        let (level, word) = *maker.random.pick(&[(Level::High, "high"), (Level::Low, "low")]);
        (level, json!(word))
    }
}

parts! {
    Point of Point {
        x: i64;
        y: Decimal;
        note: Option<String>;
    }
}

parts! {
    /// In another order, with a name of its own.
    Spot of Point {
        memo as "note": Option<&'static str>;
        y: u16, 1;
        x: i32;
    }
}

parts! {
    #[ordain(without("stop"))]
    Leg of Leg {
        start: Point;
        stops: Vec<Point>;
        label: String;
    }
}

parts! {
    Stretch of Leg {
        stops: &'static [Spot];
        label: &'static str;
        stop: Option<Spot>;
        start: Spot;
    }
}

shape! {
    /// Of values that it owns.
    Pay: "pay", event: false, returns: Some(Returns::Fields), as_arg: None;
    actor: EntityRef => Person Robot;
    target: Id<Vendor> => Vendor;
    fields {
        amount: i64, 2 => Usd;
        cash: Money => Money;
        rate: Decimal => Decimal;
        n: i64 => Int;
        k: i64 => Int;
        flag: bool => Bool;
        word: String => Text;
        memo: Option<String> => Text optional;
        maybe: Option<i64> => Int optional;
        fee: Option<Decimal> => Usd optional;
        part: Option<Decimal> => Decimal optional;
        pot: Option<Money> => Money optional;
        sure: Option<bool> => Bool optional;
        day: Date => Date;
        due: Option<Date> => Date optional;
        clock: Time => Time;
        bell: Option<Time> => Time optional;
        moment: Instant => Instant;
        late: Option<Instant> => Instant optional;
        span: Nanos => Duration;
        wait: Option<Nanos> => Duration optional;
        spell: Period => Period;
        rest: Option<Period> => Period optional;
        color: Color => Color;
        shade: Option<Color> => Color optional;
        level: Level => Level;
        rank: Option<Level> => Level optional;
        country: Country => Country;
        land: Option<Country> => Country optional;
        currency: Currency => Currency;
        coin: Option<Currency> => Currency optional;
        words: Vec<String> => Texts;
        names: Option<Vec<String>> => Texts optional;
        nums: Vec<i64> => Ints;
        tags: HashSet<String> => Tags;
        marks: Option<HashSet<String>> => Tags optional;
        prices: BTreeMap<String, Decimal> => Prices;
        costs: Option<BTreeMap<String, Decimal>> => Prices optional;
        point: Point => Point;
        place: Option<Point> => Point optional;
        points: Vec<Point> => Points;
        leg: Leg => Leg;
        detour: Option<Leg> => Leg optional;
        friend: Id<Person> => Person;
        helper: Option<EntityRef> => Person optional;
        partner: Option<Id<Vendor>> => Vendor optional;
        crew: Option<Id<Team>> => Team optional;
        address: IpAddr => Ip;
        proxy: Option<IpAddr> => Ip optional;
        network: IpRange => Range;
        block: Option<IpRange> => Range optional;
        who_for as "who": RoleId => Role;
        held_by: Option<RoleId> => Role optional;
        to: String => Text;
        first_name as "first-name": Option<Box<str>> => Text optional;
        today: Date => Date;
    }
    absent {}
    context {
        channel: Option<String> => Text;
        risk: Option<Decimal> => Decimal;
        seen: Option<Date> => Date;
    }
    without {}
}

shape! {
    /// The same, of values that it borrows, in other numbers and another order.
    Look: "look", event: false, returns: Some(Returns::Points), as_arg: Some("subject_id");
    actor: Id<Robot> => Robot;
    target: &'static str => Team;
    fields {
        today: Date => Date;
        first_name as "first-name": Option<&'static Arc<str>> => Text optional;
        to: Cow<'static, str> => Text;
        held_by: Option<RoleId> => Role optional;
        role as "who": RoleId => Role;
        block: Option<IpRange> => Range optional;
        network: IpRange => Range;
        proxy: Option<IpAddr> => Ip optional;
        address: IpAddr => Ip;
        crew: Option<&'static str> => Team optional;
        partner: Option<Arc<str>> => Vendor optional;
        helper: Option<Cow<'static, str>> => Person optional;
        friend: &'static str => Person;
        detour: Option<Stretch> => Leg optional;
        leg: Stretch => Leg;
        points: &'static [Spot] => Points;
        place: Option<Spot> => Point optional;
        point: Spot => Point;
        costs: Option<HashMap<&'static str, Money>> => Prices optional;
        prices: HashMap<&'static str, Money> => Prices;
        marks: Option<BTreeSet<&'static str>> => Tags optional;
        tags: BTreeSet<&'static str> => Tags;
        nums: &'static [i64] => Ints;
        names: Option<&'static [&'static str]> => Texts optional;
        words: &'static [&'static str] => Texts;
        coin: Option<Currency> => Currency optional;
        currency: Currency => Currency;
        land: Option<Country> => Country optional;
        country: Country => Country;
        rank: Option<Level> => Level optional;
        level: Level => Level;
        shade: Option<Color> => Color optional;
        color: Color => Color;
        rest: Option<Period> => Period optional;
        spell: Period => Period;
        wait: Option<Duration> => Duration optional;
        span: Duration => Duration;
        late: Option<Instant> => Instant optional;
        moment: Instant => Instant;
        bell: Option<Time> => Time optional;
        clock: Time => Time;
        due: Option<Date> => Date optional;
        day: Date => Date;
        sure: Option<bool> => Bool optional;
        pot: Option<Money> => Money optional;
        part: Option<i32>, 1 => Decimal optional;
        fee: Option<i64>, 2 => Usd optional;
        maybe: Option<u8> => Int optional;
        memo: Option<&'static str> => Text optional;
        word: &'static str => Text;
        flag: bool => Bool;
        k: u64 => Int;
        n: i32 => Int;
        rate: Scaled<3> => Decimal;
        cash: Money => Money;
        amount: Money => Usd;
    }
    absent {}
    context {
        risk: Option<i16>, 3 => Decimal;
        channel: &'static str => Text;
    }
    without { "seen" }
}

shape! {
    /// Of small numbers, with much left out; what may be missing is there.
    Ship: "ship", event: false, returns: None, as_arg: None;
    actor: Arc<str> => Person;
    target: EntityRef => Vendor Team;
    fields {
        n: u32 => Int;
        k: i16 => Int;
        maybe: Option<i8> => Int optional;
        rate: u16, 3 => Decimal;
        part: i8, 1 => Decimal optional;
        amount: Decimal => Usd;
        fee: Money => Usd optional;
        flag: bool => Bool;
        word: Cow<'static, str> => Text;
        memo: Box<str> => Text optional;
        to: Box<str> => Text;
        words: Box<[Arc<str>]> => Texts;
        nums: Arc<[u16]> => Ints;
        color: Color => Color;
        day: Date => Date;
        due: Date => Date optional;
        span: Duration => Duration;
        country: Country => Country;
        tags: BTreeSet<Arc<str>> => Tags;
        marks: HashSet<&'static str> => Tags optional;
        points: Box<[Point]> => Points;
        friend: EntityRef => Person;
        helper: Id<Person> => Person optional;
        cash: Money => Money;
    }
    absent {
        "shade" => Color;
        "late" => Instant;
        "rest" => Period;
        "names" => Texts;
        "place" => Point;
        "crew" => Team;
    }
    context {
        channel: Arc<str> => Text;
        seen: Date => Date;
    }
    without { "risk" }
}

shape! {
    /// Of few fields, of which each is read often.
    Fetch: "fetch", event: false, returns: Some(Returns::Text), as_arg: None;
    actor: EntityRef => Person Robot;
    fields {
        amount: u32, 2 => Usd;
        rate: Decimal => Decimal;
        n: i64 => Int;
        k: i64 => Int;
        maybe: Option<usize> => Int optional;
        flag: bool => Bool;
        word: Arc<str> => Text;
        memo: Option<Arc<str>> => Text optional;
        day: Date => Date;
        moment: Instant => Instant;
        words: Vec<&'static str> => Texts;
        nums: Box<[u8]> => Ints;
        friend: String => Person;
        color: Color => Color;
    }
    absent {}
    context {
        channel: Option<Box<str>> => Text;
        risk: i64, 12 => Decimal;
        seen: Option<Date> => Date;
    }
    without {}
}

shape! {
    /// An event.
    Alarm: "alarm", event: true, returns: None, as_arg: None;
    actor: String => Robot;
    target: Arc<str> => Team;
    fields {
        n: u16 => Int;
        maybe: Option<i32> => Int optional;
        part: Option<u8>, 2 => Decimal optional;
        fee: Option<Money> => Usd optional;
        word: String => Text;
        moment: Instant => Instant;
        level: Level => Level;
        point: Point => Point;
        nums: Vec<i32> => Ints;
    }
    absent {
        "memo" => Text;
    }
    context {
        risk: Option<Decimal> => Decimal;
    }
    without { "channel" "seen" }
}

shape! {
    /// An event of little.
    Tick: "tick", event: true, returns: None, as_arg: None;
    actor: EntityRef => Person Robot;
    fields {
        n: u8 => Int;
        flag: bool => Bool;
    }
    absent {}
    context {
        seen: Option<Date> => Date;
    }
    without { "channel" "risk" }
}

/// What all of them declare.
pub fn world() -> World {
    let actions = vec![
        Pay::declared(),
        Look::declared(),
        Ship::declared(),
        Fetch::declared(),
        Alarm::declared(),
        Tick::declared(),
    ];
    World { actions, groups: vec![("moves", vec![0, 1, 3]), ("signals", vec![4, 5])] }
}

/// The fields of all structs.
pub fn rows() -> Vec<Row> {
    let shapes = [Pay::rows(), Look::rows(), Ship::rows(), Fetch::rows(), Alarm::rows(), Tick::rows()];
    let records = [Point::rows(), Spot::rows(), Leg::rows(), Stretch::rows()];
    shapes.into_iter().chain(records).flatten().collect()
}
