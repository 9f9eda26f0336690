//! `Field`: a value of Rust as a value of a declared type. Plain ones stand here: numbers, flags, dates, codes.

use super::{Checks, Fit};
use crate::json::Path;
use crate::request::slots::{Banks, Slot};
use crate::value::{Country, Currency, Date, Decimal, Instant, IpRange, Money, Period, RoleId, Time, Type, Value};
use std::net::IpAddr;
use std::time;

/// A value of Rust that is read as a value of a declared type.
///
/// A type that may be missing (`T?`) takes both `T` and `Option<T>`; any other never an `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no field of a request",
    note = "enums take `#[derive(Enum)]`, nested structs `#[derive(Record)]`; floats are not exact: take `Decimal`, or an integer with `#[ordain(digits = 2)]`"
)]
pub trait Field {
    /// What is known of the declared type once and for all.
    type Plan: Send + Sync + 'static;

    /// How it is read as that type; nothing where it can't be. Whoever asks tells of it where nothing was told.
    fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<Self::Plan>;

    /// Puts it into its register, which is one of the type that was planned.
    fn put<'r>(&'r self, plan: &Self::Plan, to: Slot, banks: &mut Banks<'r>);

    /// The same as a value.
    fn value(&self, plan: &Self::Plan) -> Value;

    /// Checks what its Rust type can't promise: lengths, ranges, kinds of entities, and that those are known.
    fn check(&self, _plan: &Self::Plan, _path: &Path<'_>, _checks: &mut Checks<'_>) {}
}

/// Fields that are a word, copied as they are.
macro_rules! words {
    ($($(#[$doc:meta])* $rust:ty: $ty:pat, |$of:ident| $word:expr, $value:expr $(, $sound:expr => $wanted:literal)?;)*) => {$(
        $(#[$doc])*
        impl Field for $rust {
            type Plan = ();

            fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<()> {
                matches!(ty.present(), $ty).then_some(())
            }

            #[inline]
            fn put<'r>(&'r self, (): &(), to: Slot, banks: &mut Banks<'r>) {
                let $of = *self;
                banks.set_word(to, $word);
            }

            fn value(&self, (): &()) -> Value {
                let $of = *self;
                $value
            }

            $(
                #[inline]
                fn check(&self, (): &(), path: &Path<'_>, checks: &mut Checks<'_>) {
                    let $of = *self;
                    if !$sound {
                        checks.tell("E0608", path, concat!("The value is out of range. Wanted: ", $wanted, "."));
                    }
                }
            )?
        }
    )*};
}

/// A duration in nanoseconds; it may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub i64);

words! {
    bool: Type::Bool, |of| i64::from(of), Value::Bool(of);
    i64: Type::Int, |of| of, Value::Int(of);
    i32: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    i16: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    i8: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    u32: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    u16: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    u8: Type::Int, |of| i64::from(of), Value::Int(i64::from(of));
    Date: Type::Date, |of| i64::from(of.0), Value::Date(of), of.is_sound() => "a date of the years 1 to 9999";
    Time: Type::Time, |of| of.0, Value::Time(of), of.is_sound() => "a time of day";
    Instant: Type::Instant, |of| of.0, Value::Instant(of);
    Nanos: Type::Duration, |of| of.0, Value::Duration(of.0);
    Country: Type::Country, |of| of.word(), Value::Country(of);
    Currency: Type::Currency, |of| of.word(), Value::Currency(of);
}

/// What does not fit 64 bits with a sign is told by `check`, and never read.
macro_rules! large {
    ($($rust:ty: $ty:pat, |$of:ident| $word:expr, $value:ident, $code:literal, $wanted:expr;)*) => {$(
        impl Field for $rust {
            type Plan = ();

            fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<()> {
                matches!(ty.present(), $ty).then_some(())
            }

            fn put<'r>(&'r self, (): &(), to: Slot, banks: &mut Banks<'r>) {
                let $of = *self;
                banks.set_word(to, i64::try_from($word).unwrap_or(i64::MAX));
            }

            fn value(&self, (): &()) -> Value {
                let $of = *self;
                Value::$value(i64::try_from($word).unwrap_or(i64::MAX))
            }

            #[inline]
            fn check(&self, (): &(), path: &Path<'_>, checks: &mut Checks<'_>) {
                let $of = *self;
                if i64::try_from($word).is_err() {
                    checks.tell($code, path, format!("`{self:?}` is out of range. Wanted: {}.", $wanted));
                }
            }
        }
    )*};
}

large! {
    u64: Type::Int, |of| of, Int, "E0609", format_args!("a whole number up to {}", i64::MAX);
    usize: Type::Int, |of| of, Int, "E0609", format_args!("a whole number up to {}", i64::MAX);
    time::Duration: Type::Duration, |of| of.as_nanos(), Duration, "E0608", "a duration of at most 292 years";
}

/// What may also stand for an amount of a declared currency.
#[derive(Clone, Copy, Debug)]
pub struct Amount(pub(super) Option<Currency>);

impl Amount {
    /// Of a decimal or of an amount whose currency is declared.
    pub(super) fn plan(ty: &Type) -> Option<Amount> {
        match ty.present() {
            Type::Decimal => Some(Amount(None)),
            Type::Money(Some(currency)) => Some(Amount(Some(*currency))),
            _ => None,
        }
    }

    pub(super) fn value(self, amount: Decimal) -> Value {
        match self.0 {
            Some(currency) => Value::Money(Money { currency, amount }),
            None => Value::Decimal(amount),
        }
    }
}

impl Field for Decimal {
    type Plan = Amount;

    fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<Amount> {
        Amount::plan(ty)
    }

    #[inline]
    fn put<'r>(&'r self, _: &Amount, to: Slot, banks: &mut Banks<'r>) {
        banks.set_wide(to, self.0);
    }

    fn value(&self, plan: &Amount) -> Value {
        plan.value(*self)
    }
}

/// Of a declared currency, or of any.
impl Field for Money {
    type Plan = Option<Currency>;

    fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<Option<Currency>> {
        match ty.present() {
            Type::Money(currency) => Some(*currency),
            _ => None,
        }
    }

    #[inline]
    fn put<'r>(&'r self, plan: &Option<Currency>, to: Slot, banks: &mut Banks<'r>) {
        match plan {
            Some(_) => banks.set_wide(to, self.amount.0),
            None => banks.set_value(to, || Value::Money(*self)),
        }
    }

    fn value(&self, _: &Option<Currency>) -> Value {
        Value::Money(*self)
    }

    #[inline]
    fn check(&self, plan: &Option<Currency>, path: &Path<'_>, checks: &mut Checks<'_>) {
        if let Some(wanted) = plan.filter(|wanted| *wanted != self.currency) {
            let found = self.currency;
            checks.tell("E0608", path, format!("Found an amount of {found}. Wanted: an amount of {wanted}."));
        }
    }
}

impl Field for RoleId {
    type Plan = ();

    fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<()> {
        matches!(ty.present(), Type::Role).then_some(())
    }

    fn put<'r>(&'r self, (): &(), to: Slot, banks: &mut Banks<'r>) {
        banks.set_word(to, i64::from(self.0));
    }

    fn value(&self, (): &()) -> Value {
        Value::Role(*self)
    }

    fn check(&self, (): &(), path: &Path<'_>, checks: &mut Checks<'_>) {
        if self.index() >= checks.schema.roles.len() {
            checks.tell("E0612", path, format!("There is no role of the number {}.", self.0));
        }
    }
}

/// Fields that are made a value each time; none of these allocates.
macro_rules! values {
    ($($rust:ty: $ty:pat, $value:ident $(, $sound:ident => $wanted:literal)?;)*) => {$(
        impl Field for $rust {
            type Plan = ();

            fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<()> {
                matches!(ty.present(), $ty).then_some(())
            }

            fn put<'r>(&'r self, (): &(), to: Slot, banks: &mut Banks<'r>) {
                banks.set_value(to, || Value::$value(self.clone()));
            }

            fn value(&self, (): &()) -> Value {
                Value::$value(self.clone())
            }

            $(fn check(&self, (): &(), path: &Path<'_>, checks: &mut Checks<'_>) {
                if !self.$sound() {
                    checks.tell("E0608", path, concat!("The value is malformed. Wanted: ", $wanted, "."));
                }
            })?
        }
    )*};
}

values! {
    Period: Type::Period, Period;
    IpAddr: Type::Ip, Ip;
    IpRange: Type::IpRange, IpRange, is_sound => "a range with nothing behind its prefix";
}

impl<T: Field> Field for Option<T> {
    type Plan = T::Plan;

    fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<T::Plan> {
        match ty {
            Type::Optional(of) => T::plan(fit, of),
            _ => None,
        }
    }

    #[inline]
    fn put<'r>(&'r self, plan: &T::Plan, to: Slot, banks: &mut Banks<'r>) {
        match self {
            Some(of) => of.put(plan, to, banks),
            None => banks.absent(to),
        }
    }

    fn value(&self, plan: &T::Plan) -> Value {
        self.as_ref().map_or(Value::Missing, |of| of.value(plan))
    }

    #[inline]
    fn check(&self, plan: &T::Plan, path: &Path<'_>, checks: &mut Checks<'_>) {
        if let Some(of) = self {
            of.check(plan, path, checks);
        }
    }
}

/// A whole number that counts parts of one: with two digits, hundredths. It is exact.
///
/// `#[ordain(digits = 2)]` reads a field of an integer type so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Scaled<const DIGITS: u32, T = i64>(pub T);

/// What a [`Scaled`] counts with.
pub trait Count: Copy {
    /// It is an `Option`.
    const OPTIONAL: bool;

    fn count(self) -> Option<i64>;
}

macro_rules! counts {
    ($($rust:ty),*) => {$(
        impl Count for $rust {
            const OPTIONAL: bool = false;

            #[inline]
            fn count(self) -> Option<i64> {
                Some(i64::from(self))
            }
        }
    )*};
}

counts!(i64, i32, i16, i8, u32, u16, u8);

impl<T: Count> Count for Option<T> {
    const OPTIONAL: bool = true;

    #[inline]
    fn count(self) -> Option<i64> {
        self.and_then(T::count)
    }
}

impl<const DIGITS: u32, T: Count> Scaled<DIGITS, T> {
    /// Trillionths in one part. More digits than a decimal has are told by the compiler.
    const PART: i128 = {
        assert!(DIGITS <= Decimal::DIGITS, "a decimal has twelve digits behind the point");
        10_i128.pow(Decimal::DIGITS - DIGITS)
    };

    fn decimal(self) -> Option<Decimal> {
        self.0.count().map(|count| Decimal(i128::from(count) * Self::PART))
    }

    /// As [`Field::put`], of a value that need not stay.
    #[inline]
    pub fn put_now(self, to: Slot, banks: &mut Banks<'_>) {
        match self.decimal() {
            Some(Decimal(trillionths)) => banks.set_wide(to, trillionths),
            None => banks.absent(to),
        }
    }
}

impl<const DIGITS: u32, T: Count> Field for Scaled<DIGITS, T> {
    type Plan = Amount;

    fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<Amount> {
        Amount::plan(ty).filter(|_| ty.is_optional() || !T::OPTIONAL)
    }

    #[inline]
    fn put<'r>(&'r self, _: &Amount, to: Slot, banks: &mut Banks<'r>) {
        self.put_now(to, banks);
    }

    fn value(&self, plan: &Amount) -> Value {
        self.decimal().map_or(Value::Missing, |amount| plan.value(amount))
    }
}
