//! `Value` and `Type`: what a policy computes with.
//! Everyone speaks these: the checker types expressions with them, engines compute with them, JSON is read into them.
//! How each kind is written and read stands in `value/`; what operators do to values is left to the engines.

mod codes;
mod decimal;
mod time;

pub use codes::{Country, Currency};
pub use decimal::{Decimal, DecimalError, IntError, Money, int_from_text};
pub use time::{Date, Instant, Period, Time, duration_from_iso, duration_to_iso, duration_words};

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// Its place in the package's table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// An enum of the package.
    EnumId,
    /// A record of the package.
    RecordId,
    /// A kind of entity.
    EntityId,
    /// Who may approve or waive.
    RoleId,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Type {
    /// Of broken text: fits everything, so that one mistake is said once.
    Unknown,
    Bool,
    Int,
    Decimal,
    /// With a currency where it is known before the request.
    Money(Option<Currency>),
    /// At most so many characters (code points), where a bound was written.
    Text(Option<u32>),
    Date,
    Time,
    Instant,
    Duration,
    Period,
    Country,
    Currency,
    Ip,
    IpRange,
    /// Opening hours.
    Hours,
    /// Business days, holidays and opening hours, from outside.
    Calendar,
    Role,
    Enum(EnumId),
    /// One of the words of a built-in's parameter: `half_up`.
    Choice(Choice),
    Record(RecordId),
    /// One of these kinds; sorted, and never empty.
    Entity(Vec<EntityId>),
    /// At most so many entries, where a bound was written.
    List(Box<Type>, Option<u32>),
    Set(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// May be missing.
    Optional(Box<Type>),
}

impl Type {
    pub const TEXT: Type = Type::Text(None);

    pub fn list(of: Type) -> Type {
        Type::List(Box::new(of), None)
    }

    pub fn set(of: Type) -> Type {
        Type::Set(Box::new(of))
    }

    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Box::new(key), Box::new(value))
    }

    /// `T?`; of an optional type, itself.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Unknown => self,
            other => Type::Optional(Box::new(other)),
        }
    }

    /// `T` of `T?`, and of any other type itself.
    pub fn present(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }
}

/// The closed list of words that a built-in's parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Choice {
    /// How a number is rounded.
    Rounding,
    /// Days of the week, Monday first.
    Weekday,
}

impl Choice {
    /// Its words in order; a value is the place of one.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Choice::Rounding => &["half_even", "half_up", "half_down", "up", "down", "ceiling", "floor"],
            Choice::Weekday => &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        }
    }

    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Choice::Rounding => "rounding mode",
            Choice::Weekday => "day of the week",
        }
    }
}

/// What an expression gives. Ordered and hashable, so that sets and map keys need no order of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Of an optional that is not there.
    Missing,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Money(Money),
    Text(Arc<str>),
    Date(Date),
    Time(Time),
    Instant(Instant),
    /// Nanoseconds.
    Duration(i64),
    Period(Period),
    Country(Country),
    Currency(Currency),
    Ip(IpAddr),
    IpRange(IpRange),
    Hours(Arc<Hours>),
    Calendar(Arc<Calendar>),
    Role(RoleId),
    /// The member's place in the declaration.
    Enum(EnumId, u16),
    Choice(Choice, u16),
    /// Fields in declared order.
    Record(RecordId, Arc<[Value]>),
    Entity(EntityRef),
    List(Arc<[Value]>),
    Set(Arc<BTreeSet<Value>>),
    Map(Arc<BTreeMap<Value, Value>>),
}

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub fn list(values: Vec<Value>) -> Value {
        Value::List(values.into())
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }
}

/// A thing with an identity. Its attributes and parents stand in the entities of the request, or of the entry of the
/// past, that it was read from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EntityRef {
    pub kind: EntityId,
    pub id: Arc<str>,
    /// Which of an engine's snapshots its attributes are read from; 0 is the request's own. No part of its identity.
    #[serde(skip)]
    pub snapshot: u32,
}

impl EntityRef {
    pub fn new(kind: EntityId, id: impl Into<Arc<str>>) -> EntityRef {
        EntityRef { kind, id: id.into(), snapshot: 0 }
    }
}

impl PartialEq for EntityRef {
    fn eq(&self, other: &EntityRef) -> bool {
        self.kind == other.kind && self.id == other.id
    }
}
impl Eq for EntityRef {}
impl PartialOrd for EntityRef {
    fn partial_cmp(&self, other: &EntityRef) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for EntityRef {
    fn cmp(&self, other: &EntityRef) -> std::cmp::Ordering {
        (self.kind, &self.id).cmp(&(other.kind, &other.id))
    }
}
impl std::hash::Hash for EntityRef {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.kind, &self.id).hash(state);
    }
}

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IpRange {
    /// The first address; its bits behind `prefix` are zero.
    pub address: IpAddr,
    /// How many leading bits are shared: 0 to 32, or to 128.
    pub prefix: u8,
}

impl IpRange {
    /// `10.0.0.0/8`; `None` where it is not of that form or has bits behind the prefix.
    pub fn parse(text: &str) -> Option<IpRange> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        let range = IpRange { address, prefix };
        range.is_sound().then_some(range)
    }

    /// The prefix is one of the address's family, and nothing stands behind it.
    pub fn is_sound(&self) -> bool {
        let limit = if self.address.is_ipv4() { 32 } else { 128 };
        self.prefix <= limit && self.bits(self.address) & !self.mask() == 0
    }

    /// True where `address` is of the same family and in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && self.bits(address) & self.mask() == self.bits(self.address)
    }

    fn bits(&self, address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }

    fn mask(&self) -> u128 {
        u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0)
    }
}

impl std::fmt::Display for IpRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Opening hours: for each day of the week, Monday first, the stretches of the day that are open, in order, without
/// overlap; the end of a stretch is the first moment that is closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hours {
    pub days: [Vec<(Time, Time)>; 7],
    /// Closed on the holidays of the calendar they came from.
    pub closed_on_holidays: bool,
}

impl Hours {
    /// Each stretch begins before it ends, behind the one before it, and within the day.
    pub fn is_sound(&self) -> bool {
        self.days.iter().all(|day| {
            let mut before = Time(0);
            day.iter().all(|(from, to)| {
                let behind = before <= *from && from < to;
                before = *to;
                behind && *to <= Time::END_OF_DAY
            })
        })
    }
}

/// A calendar from outside: which days are worked, and for which dates that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Calendar {
    /// Days of the week that are never worked, Monday first.
    pub weekend: [bool; 7],
    pub holidays: BTreeSet<Date>,
    /// First and last day that the list of holidays speaks of; outside, asking is an evaluation error.
    pub valid: Option<(Date, Date)>,
    pub hours: Hours,
}

impl Calendar {
    /// Its days are days, and its hours hours.
    pub fn is_sound(&self) -> bool {
        let valid = self.valid.is_none_or(|(from, until)| from.is_sound() && until.is_sound() && from <= until);
        valid && self.holidays.iter().all(|day| day.is_sound()) && self.hours.is_sound()
    }
}

impl Default for Calendar {
    /// Monday to Friday, 9 to 17, no holidays, known for all time.
    fn default() -> Calendar {
        let open = vec![(Time::from_hms(9, 0, 0), Time::from_hms(17, 0, 0))];
        let days = std::array::from_fn(|day| if day < 5 { open.clone() } else { vec![] });
        Calendar {
            weekend: [false, false, false, false, false, true, true],
            holidays: BTreeSet::new(),
            valid: None,
            hours: Hours { days, closed_on_holidays: true },
        }
    }
}
