//! Values of Rust by chance, each with the JSON that says the same. What is wrong with a value is wrong in both, and noted.

use ordain_tests::generate::random::Random;
use ordain_tests::generate::world::Kind;
use ordain_vm::bind::{Entity, Id, Nanos, Scaled};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Country, Currency, Date, Decimal, EntityRef, Instant, IpRange, Money, Period, RoleId, Time};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Of a text and of a list for which a most is declared.
pub const LONGEST: usize = 40;
pub const MOST: usize = 9;

/// What must come about: values at the edges of their types, and what is refused, with its code.
pub const EDGES: [&str; 19] = [
    "int least",
    "int most",
    "small integer most",
    "decimal least",
    "decimal most",
    "decimal smallest",
    "count most",
    "text empty",
    "text longest",
    "text of more than sixteen bytes",
    "date first",
    "date last",
    "instant least",
    "instant most",
    "duration least",
    "duration most",
    "list empty",
    "list longest",
    "set empty",
];
pub const REFUSALS: [&str; 15] = [
    "E0610 text too long",
    "E0611 list too long",
    "E0608 amount of another currency",
    "E0608 date out of range",
    "E0608 time out of range",
    "E0608 duration out of range",
    "E0609 int out of range",
    "E0608 range with bits behind its prefix",
    "E0612 role that is none",
    "E0614 entity of another kind",
    "E0616 entity that is unknown",
    "E0606 entity of which nothing is known",
    "E0608 id empty",
    "E0608 request's id empty",
    "E0608 request asked after its time",
];

/// Draws the values of one request.
pub struct Maker<'m> {
    pub random: &'m mut Random,
    pub schema: &'m Schema,
    /// The code for a thing that is not in the store.
    pub unknown: &'static str,
    /// Parts of the request before the one that is to be wrong; or, where it can't be, the next one that can.
    pub spoil_at: Option<usize>,
    pub spoiling: bool,
    /// A text, or a list, has a most.
    pub bounded: bool,
    /// Edges that it has.
    pub edges: BTreeSet<&'static str>,
    /// What is wrong, as `REFUSALS` says it.
    pub wrong: Vec<&'static str>,
    /// Names of fields whose value is there, and of those whose is not.
    pub fields: BTreeSet<String>,
    pub origins: Vec<Seen>,
}

/// Where a leaf of the arguments was seen.
pub struct Seen {
    pub path: String,
    /// A host counts entries of a set in the set's own order, JSON as it is written.
    pub of_struct: String,
    pub seen: Vec<&'static str>,
}

impl Maker<'_> {
    fn edge(&mut self, what: &'static str) {
        self.edges.insert(what);
    }

    /// Whether this value is to be wrong, in that way; only one of a request is.
    pub fn spoils(&mut self, what: &'static str) -> bool {
        let spoils = std::mem::take(&mut self.spoiling);
        if spoils {
            self.wrong.push(what);
        }
        spoils
    }

    /// The next part of a request begins.
    pub fn next(&mut self) {
        self.spoiling |= self.spoil_at == Some(0);
        self.spoil_at = self.spoil_at.and_then(|at| at.checked_sub(1));
    }

    /// A field of an action, or a member of the context.
    pub fn part<T: Drawn>(&mut self, of: &str, name: &str, kind: Kind) -> (T, Json) {
        self.next();
        self.field(of, name, kind)
    }

    pub fn field<T: Drawn>(&mut self, of: &str, name: &str, kind: Kind) -> (T, Json) {
        // As generated declarations have it.
        self.bounded = name == "to" || matches!(kind, Kind::Ints | Kind::Texts);
        let (value, json) = T::draw(self, kind);
        let there = if json.is_null() { "missing" } else { "present" };
        self.fields.insert(format!("{of}.{name} {there}"));
        (value, json)
    }

    fn text(&mut self, kind: Kind) -> (&'static Arc<str>, Json) {
        if kind.is_entity() {
            let (id, json) = self.id(kind);
            return match self.random.chance(50) {
                true => (id, json!(&**id)),
                false => (id, json),
            };
        }
        let bounded = self.bounded;
        let at = match bounded {
            true if self.spoils("E0610 text too long") => TEXTS.len() + 1,
            true if self.random.chance(12) => TEXTS.len(),
            true | false => self.random.below(TEXTS.len()),
        };
        let text = &ALL_TEXTS[at];
        match text.chars().count() {
            0 => self.edge("text empty"),
            LONGEST => self.edge("text longest"),
            16.. => self.edge("text of more than sixteen bytes"),
            _ => {}
        }
        (text, json!(&**text))
    }

    /// The id of a thing of that kind, and the thing as JSON says it.
    pub fn id(&mut self, kind: Kind) -> (&'static Arc<str>, Json) {
        let letter = match kind {
            Kind::Person => 0,
            Kind::Robot => 1,
            Kind::Team => 2,
            _ => 3,
        };
        let at = match (self.spoiling, self.random.below(2), self.unknown) {
            (false, ..) => letter * 4 + self.random.below(4),
            (true, 0, _) => {
                self.spoils("E0608 id empty");
                IDS.len() - 1
            }
            // What may come with the request is known by its name where its kind has no attributes.
            (true, _, "E0606") if kind == Kind::Team => letter * 4,
            (true, _, "E0606") => {
                self.spoils("E0606 entity of which nothing is known");
                IDS.len() - 2
            }
            (true, ..) => {
                self.spoils("E0616 entity that is unknown");
                IDS.len() - 2
            }
        };
        let id = &ALL_IDS[at];
        (id, json!({"type": kind.written(), "id": &**id}))
    }

    /// A reference to a thing of one of these kinds.
    pub fn thing(&mut self, kinds: &[Kind]) -> (EntityRef, Json) {
        let mut kind = *self.random.pick(kinds);
        if self.spoiling && self.random.chance(40) {
            let all = [Kind::Person, Kind::Robot, Kind::Team, Kind::Vendor];
            kind = *all.iter().find(|kind| !kinds.contains(kind)).expect("no action takes all kinds");
            self.spoils("E0614 entity of another kind");
        }
        let (id, json) = self.id(kind);
        (EntityRef::new(self.schema.entity(kind.written()).expect("it is declared"), id.clone()), json)
    }
}

pub trait Drawn: Sized {
    /// A value for a field of that kind, and what JSON says for it; `null` where there is none.
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Self, Json);
}

/// An actor or a target: one of these kinds, as JSON gives things that it describes.
pub trait Party: Sized {
    fn draw(maker: &mut Maker<'_>, kinds: &[Kind]) -> (Self, Json);
}

impl Party for EntityRef {
    fn draw(maker: &mut Maker<'_>, kinds: &[Kind]) -> (EntityRef, Json) {
        maker.thing(kinds)
    }
}

impl<E: Entity> Party for Id<E> {
    fn draw(maker: &mut Maker<'_>, kinds: &[Kind]) -> (Id<E>, Json) {
        let kind = kinds.iter().find(|kind| kind.written() == E::NAME).expect("it is one of them");
        let (id, json) = maker.id(*kind);
        (Id::new(id.clone()), json)
    }
}

// Pools are small, so that what a policy compares is often alike.

const TEXTS: [&str; 11] = [
    "",
    "a",
    "b",
    "prod/x",
    "b@corp.example",
    "ab12",
    "Stra\u{df}e",
    "10.0.0.1",
    "q\"\\",
    "w1",
    "a text of more than sixteen bytes",
];
const IDS: [&str; 18] =
    ["p1", "p2", "p3", "p4", "r1", "r2", "r3", "r4", "t1", "t2", "t3", "t4", "v1", "v2", "v3", "v4", "x9", ""];
static ALL_IDS: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| IDS.map(Arc::from).to_vec());
/// With the longest that a bound allows, which has more bytes than characters, and one that is longer.
static ALL_TEXTS: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| {
    let more = [LONGEST, LONGEST + 1].map(|length| Arc::from("\u{df}".repeat(length)));
    TEXTS.map(Arc::from).into_iter().chain(more).collect()
});

macro_rules! texts {
    ($($rust:ty, |$text:ident| $made:expr;)*) => {$(
        impl Drawn for $rust {
            fn draw(maker: &mut Maker<'_>, kind: Kind) -> ($rust, Json) {
                let ($text, json) = maker.text(kind);
                ($made, json)
            }
        }

        impl Party for $rust {
            fn draw(maker: &mut Maker<'_>, kinds: &[Kind]) -> ($rust, Json) {
                let ($text, json) = maker.id(kinds[0]);
                ($made, json)
            }
        }
    )*};
}

texts! {
    &'static str, |text| text;
    String, |text| text.to_string();
    Box<str>, |text| (**text).into();
    Cow<'static, str>, |text| Cow::Borrowed(text);
    Arc<str>, |text| text.clone();
    &'static Arc<str>, |text| text;
}

impl Drawn for bool {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (bool, Json) {
        let flag = maker.random.chance(50);
        (flag, json!(flag))
    }
}

/// A number of parts of one with so many digits, as JSON says it.
fn scaled(count: i64, digits: u32) -> String {
    let (sign, text) =
        (if count < 0 { "-" } else { "" }, format!("{:0>1$}", count.unsigned_abs(), digits as usize + 1));
    let (whole, part) = text.split_at(text.len() - digits as usize);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn amount_of(maker: &mut Maker<'_>, kind: Kind, text: String) -> Json {
    match (kind, maker.random.below(3)) {
        (Kind::Usd, 0) => json!(format!("{text} USD")),
        (Kind::Usd, 1) => json!({"amount": text, "currency": "USD"}),
        _ => json!(text),
    }
}

macro_rules! integers {
    ($($rust:ty: $($wide:literal)?;)*) => {$(
        impl Drawn for $rust {
            fn draw(maker: &mut Maker<'_>, _: Kind) -> ($rust, Json) {
                $(
                    if maker.spoils($wide) {
                        return (<$rust>::MAX, json!(<$rust>::MAX));
                    }
                )?
                let most = i64::try_from(<$rust>::MAX).unwrap_or(i64::MAX);
                let least = i64::try_from(<$rust>::MIN).unwrap_or(i64::MIN);
                let number = match maker.random.below(15) {
                    0 => most,
                    1 => least,
                    _ => (maker.random.below(12) as i64 - 2).max(least),
                };
                match number {
                    i64::MAX => maker.edge("int most"),
                    i64::MIN => maker.edge("int least"),
                    _ if number == most => maker.edge("small integer most"),
                    _ => {}
                }
                let json = if maker.random.chance(10) { json!(number.to_string()) } else { json!(number) };
                (<$rust>::try_from(number).expect("it was drawn for it"), json)
            }
        }
    )*};
}

integers! {
    i64:;
    i32:;
    i16:;
    i8:;
    u32:;
    u16:;
    u8:;
    u64: "E0609 int out of range";
    usize: "E0609 int out of range";
}

macro_rules! counts {
    ($($rust:ty),*) => {$(
        impl<const DIGITS: u32> Drawn for Scaled<DIGITS, $rust> {
            fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Self, Json) {
                let part = 10_i64.pow(DIGITS);
                let (most, least) = (i64::from(<$rust>::MAX), i64::from(<$rust>::MIN));
                let count = match maker.random.below(12) {
                    0 => most,
                    1 => least,
                    // Between whole ones, too.
                    _ => (maker.random.below(24) as i64 - 4).saturating_mul(part / 2).clamp(least, most),
                };
                if count == i64::MAX {
                    maker.edge("count most");
                }
                let json = amount_of(maker, kind, scaled(count, DIGITS));
                (Scaled(<$rust>::try_from(count).expect("it was drawn for it")), json)
            }
        }

        impl<const DIGITS: u32> Drawn for Scaled<DIGITS, Option<$rust>> {
            fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Self, Json) {
                if maker.random.chance(35) {
                    return (Scaled(None), Json::Null);
                }
                let (Scaled(count), json) = Scaled::<DIGITS, $rust>::draw(maker, kind);
                (Scaled(Some(count)), json)
            }
        }
    )*};
}

counts!(i64, i32, i16, i8, u32, u16, u8);

/// Trillionths, and the same as a text.
const DECIMALS: [(i128, &str); 12] = [
    (0, "0"),
    (500_000_000_000, "0.5"),
    (-3_250_000_000_000, "-3.25"),
    (1, "0.000000000001"),
    (12_000_000_000_000, "12"),
    (10_000_000_000_000, "10.00"),
    (1_500_000_000_000, "1.5"),
    (99_999_000_000_000, "99.999"),
    (1_000_000_000_000_000, "1000"),
    (1_000_000_000_001, "1.000000000001"),
    (i128::MAX, "170141183460469231731687303.715884105727"),
    (i128::MIN, "-170141183460469231731687303.715884105728"),
];

fn decimal(maker: &mut Maker<'_>) -> (Decimal, String) {
    let (trillionths, text) = *maker.random.pick(&DECIMALS);
    match trillionths {
        i128::MAX => maker.edge("decimal most"),
        i128::MIN => maker.edge("decimal least"),
        1 => maker.edge("decimal smallest"),
        _ => {}
    }
    (Decimal(trillionths), text.to_string())
}

impl Drawn for Decimal {
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Decimal, Json) {
        let (decimal, text) = decimal(maker);
        (decimal, amount_of(maker, kind, text))
    }
}

impl Drawn for Money {
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Money, Json) {
        let (amount, text) = decimal(maker);
        let spoilt = kind == Kind::Usd && maker.spoils("E0608 amount of another currency");
        let code = match kind {
            _ if spoilt => "EUR",
            Kind::Usd => "USD",
            _ => maker.random.word(&["USD", "EUR", "JPY"]),
        };
        let json = match kind {
            Kind::Usd if !spoilt => amount_of(maker, kind, text),
            _ => json!(format!("{text} {code}")),
        };
        (Money { currency: Currency::parse(code).expect("there is one"), amount }, json)
    }
}

/// A value of a pool, whose entries are a value and its text.
fn of_pool<T: Copy>(maker: &mut Maker<'_>, pool: &[(T, &'static str)]) -> (T, Json) {
    let (value, text) = *maker.random.pick(pool);
    (value, json!(text))
}

impl Drawn for Date {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Date, Json) {
        if maker.spoils("E0608 date out of range") {
            let outside = *maker.random.pick(&[Date(Date::MAX.0 + 1), Date(Date::MIN.0 - 1), Date(i32::MAX)]);
            return (outside, json!(if outside < Date::MIN { "0000-12-31" } else { "10000-01-01" }));
        }
        let days = [
            (Date(20_515), "2026-03-03"),
            (Date(19_782), "2024-02-29"),
            (Date::MIN, "0001-01-01"),
            (Date::MAX, "9999-12-31"),
            (Date(20_520), "2026-03-08"),
            (Date(0), "1970-01-01"),
            (Date(-1), "1969-12-31"),
        ];
        let (date, json) = of_pool(maker, &days);
        match date {
            Date::MIN => maker.edge("date first"),
            Date::MAX => maker.edge("date last"),
            _ => {}
        }
        (date, json)
    }
}

impl Drawn for Time {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Time, Json) {
        if maker.spoils("E0608 time out of range") {
            let outside = *maker.random.pick(&[Time(-1), Time::END_OF_DAY, Time(i64::MAX)]);
            return (outside, json!("24:00"));
        }
        let clock = [
            (Time(0), "00:00"),
            (Time(15 * 3_600_000_000_000), "15:00"),
            (Time(9_000_000_000_000), "02:30"),
            (Time(86_399_999_999_999), "23:59:59.999999999"),
        ];
        of_pool(maker, &clock)
    }
}

impl Drawn for Instant {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Instant, Json) {
        let moments = [
            (Instant(1_772_550_000_000_000_000), "2026-03-03T15:00:00Z"),
            (Instant(1_772_550_000_000_000_001), "2026-03-03T15:00:00.000000001Z"),
            (Instant(1_772_955_000_000_000_000), "2026-03-08T02:30:00-05:00"),
            (Instant(-1), "1969-12-31T23:59:59.999999999Z"),
            (Instant(i64::MAX), "2262-04-11T23:47:16.854775807Z"),
            (Instant(i64::MIN), "1677-09-21T00:12:43.145224192Z"),
        ];
        let (instant, json) = of_pool(maker, &moments);
        match instant.0 {
            i64::MAX => maker.edge("instant most"),
            i64::MIN => maker.edge("instant least"),
            _ => {}
        }
        (instant, json)
    }
}

const SPANS: [(i64, &str); 6] = [
    (14_400_000_000_000, "PT4H"),
    (0, "PT0S"),
    (5_400_000_000_000, "PT1H30M"),
    (172_800_000_000_000, "P2D"),
    (1, "PT0.000000001S"),
    (i64::MAX, "PT2562047H47M16.854775807S"),
];

impl Drawn for Nanos {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Nanos, Json) {
        let (nanos, json) = match maker.random.below(8) {
            0 => (i64::MIN, json!("-PT2562047H47M16.854775808S")),
            1 => (-90_000_000_000, json!("-PT90S")),
            _ => of_pool(maker, &SPANS),
        };
        match nanos {
            i64::MAX => maker.edge("duration most"),
            i64::MIN => maker.edge("duration least"),
            _ => {}
        }
        (Nanos(nanos), json)
    }
}

impl Drawn for Duration {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Duration, Json) {
        if maker.spoils("E0608 duration out of range") {
            let outside = [Duration::MAX, Duration::from_nanos(i64::MAX as u64 + 1)];
            return (*maker.random.pick(&outside), json!("PT2562047H47M16.854775808S"));
        }
        let (nanos, json) = of_pool(maker, &SPANS);
        (Duration::from_nanos(nanos.unsigned_abs()), json)
    }
}

impl Drawn for Period {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Period, Json) {
        let of = |months, days, business_days| Period { months, days, business_days };
        let periods = [
            (of(1, 0, 0), "P1M"),
            (of(0, 0, 3), "P3B"),
            (of(24, 0, 0), "P2Y"),
            (of(0, 5, 0), "P5D"),
            (of(14, -3, 0), "P1Y2M-3D"),
            (of(i32::MAX, i32::MIN, 0), "P2147483647M-2147483648D"),
            (of(0, 0, 0), "P0D"),
        ];
        of_pool(maker, &periods)
    }
}

impl Drawn for Country {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Country, Json) {
        let code = maker.random.word(&["DE", "KP", "US", "FR"]);
        (Country::parse(code).expect("there is one"), json!(code))
    }
}

impl Drawn for Currency {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (Currency, Json) {
        let code = maker.random.word(&["EUR", "USD", "JPY"]);
        (Currency::parse(code).expect("there is one"), json!(code))
    }
}

impl Drawn for IpAddr {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (IpAddr, Json) {
        let addresses = [
            (IpAddr::from([10, 1, 2, 3]), "10.1.2.3"),
            (IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), "::1"),
            (IpAddr::from([8; 4]), "8.8.8.8"),
        ];
        of_pool(maker, &addresses)
    }
}

impl Drawn for IpRange {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (IpRange, Json) {
        let of = |address: IpAddr, prefix| IpRange { address, prefix };
        if maker.spoils("E0608 range with bits behind its prefix") {
            let address = IpAddr::from([10, 0, 0, 1]);
            return of_pool(maker, &[(of(address, 8), "10.0.0.1/8"), (of(address, 33), "10.0.0.1/33")]);
        }
        let ranges = [
            (of(IpAddr::from([10, 0, 0, 0]), 8), "10.0.0.0/8"),
            (of(IpAddr::from([0; 16]), 0), "::/0"),
            (of(IpAddr::from([8, 8, 8, 8]), 32), "8.8.8.8/32"),
        ];
        of_pool(maker, &ranges)
    }
}

impl Drawn for RoleId {
    fn draw(maker: &mut Maker<'_>, _: Kind) -> (RoleId, Json) {
        let all = maker.schema.roles.len();
        if maker.spoils("E0612 role that is none") {
            return (RoleId(u32::try_from(all).expect("there are few")), json!("nobody"));
        }
        let name = maker.random.word(&["officer", "auditor", "board"]);
        let at = maker.schema.roles.iter().position(|role| &*role.name == name).expect("it is declared");
        (RoleId(at as u32), json!(name))
    }
}

impl Drawn for EntityRef {
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (EntityRef, Json) {
        maker.thing(&[kind])
    }
}

impl<E: Entity> Drawn for Id<E> {
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Id<E>, Json) {
        let (id, json) = maker.id(kind);
        (Id::new(id.clone()), json)
    }
}

impl<T: Drawn> Drawn for Option<T> {
    fn draw(maker: &mut Maker<'_>, kind: Kind) -> (Option<T>, Json) {
        if !maker.spoiling && maker.random.chance(35) {
            return (None, Json::Null);
        }
        let (value, json) = T::draw(maker, kind);
        (Some(value), json)
    }
}

/// Of what a list of that kind is.
fn element(kind: Kind) -> Kind {
    match kind {
        Kind::Ints => Kind::Int,
        Kind::Points => Kind::Point,
        _ => Kind::Text,
    }
}

fn items<T: Drawn>(maker: &mut Maker<'_>, kind: Kind) -> (Vec<T>, Json) {
    let count = match std::mem::take(&mut maker.bounded) {
        true if maker.spoils("E0611 list too long") => MOST + 1 + maker.random.below(3),
        true if maker.random.chance(10) => MOST,
        true | false => maker.random.below(4),
    };
    match count {
        0 => maker.edge("list empty"),
        MOST => maker.edge("list longest"),
        _ => {}
    }
    let (values, items): (Vec<T>, Vec<Json>) = (0..count).map(|_| T::draw(maker, element(kind))).unzip();
    (values, json!(items))
}

macro_rules! lists {
    ($($rust:ty, |$items:ident| $made:expr;)*) => {$(
        impl<T: Drawn + 'static> Drawn for $rust {
            fn draw(maker: &mut Maker<'_>, kind: Kind) -> ($rust, Json) {
                let ($items, json) = items::<T>(maker, kind);
                ($made, json)
            }
        }
    )*};
}

lists! {
    Vec<T>, |items| items;
    Box<[T]>, |items| items.into();
    Arc<[T]>, |items| items.into();
    // A few hundred bytes a request.
    &'static [T], |items| Box::leak(items.into_boxed_slice());
}

/// Different ones, in the order in which JSON says them.
fn distinct<T: Drawn + Ord + Clone>(maker: &mut Maker<'_>) -> Vec<(T, Json)> {
    let mut all: BTreeMap<T, Json> = BTreeMap::new();
    (0..maker.random.below(5)).for_each(|_| all.extend([T::draw(maker, Kind::Text)]));
    let mut all: Vec<(T, Json)> = all.into_iter().collect();
    maker.random.shuffle(&mut all);
    if all.is_empty() {
        maker.edge("set empty");
    }
    all
}

macro_rules! gathered {
    ($($set:ident $map:ident: $($bound:ident)*;)*) => {$(
        impl<T: Drawn + Ord + Clone $(+ $bound)*> Drawn for $set<T> {
            fn draw(maker: &mut Maker<'_>, _: Kind) -> ($set<T>, Json) {
                let (values, items): (_, Vec<Json>) = distinct::<T>(maker).into_iter().unzip();
                (values, json!(items))
            }
        }

        impl<K: Drawn + Ord + Clone $(+ $bound)*, V: Drawn> Drawn for $map<K, V> {
            fn draw(maker: &mut Maker<'_>, _: Kind) -> ($map<K, V>, Json) {
                let (mut map, mut members) = ($map::new(), serde_json::Map::new());
                for (key, name) in distinct::<K>(maker) {
                    let (value, json) = V::draw(maker, Kind::Usd);
                    map.insert(key, value);
                    members.insert(name.as_str().expect("keys are texts").to_string(), json);
                }
                (map, Json::Object(members))
            }
        }
    )*};
}

gathered! {
    BTreeSet BTreeMap:;
    HashSet HashMap: Hash;
}
