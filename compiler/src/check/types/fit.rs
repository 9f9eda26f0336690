//! How a type that was found stands to the type that is wanted, and what two types have in common.
//! The checker asks it wherever a value goes from one place to another.
//! Nothing is reported here: `check/types.rs` makes messages of a `Misfit`.

use ordain_vm::value::{Currency, Type};

/// How a found type stands to a wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Same,
    /// It fits once it is widened: `int` to `decimal`, `T` to `T?`, and so inside lists.
    Widens,
    No(Misfit),
}

/// Why a type does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    Other,
    /// It would fit, were it not for the chance that it is missing.
    Optional,
    Currencies(Currency, Currency),
    /// The currency wanted is known, that of the value only at the request.
    UnknownCurrency(Currency),
    /// A duration where a period is wanted, or the other way.
    Units,
    /// An entity of which some kind is not wanted.
    Kinds,
}

pub fn fit(found: &Type, want: &Type) -> Fit {
    match (found, want) {
        (Type::Unknown, _) | (_, Type::Unknown) => Fit::Same,
        (Type::Optional(found), Type::Optional(want)) => fit(found, want),
        (_, Type::Optional(want)) => match fit(found, want) {
            Fit::Same | Fit::Widens => Fit::Widens,
            no @ Fit::No(_) => no,
        },
        (Type::Optional(found), _) => match fit(found, want) {
            Fit::Same | Fit::Widens => Fit::No(Misfit::Optional),
            no @ Fit::No(_) => no,
        },
        (Type::Int, Type::Decimal) => Fit::Widens,
        (Type::Money(found), Type::Money(want)) => match (found, want) {
            (Some(found), Some(want)) if found != want => Fit::No(Misfit::Currencies(*found, *want)),
            (None, Some(want)) => Fit::No(Misfit::UnknownCurrency(*want)),
            (Some(_), None) => Fit::Widens,
            (Some(_), Some(_)) | (None, None) => Fit::Same,
        },
        (Type::Text(_), Type::Text(_)) => Fit::Same,
        (Type::Duration, Type::Period) | (Type::Period, Type::Duration) => Fit::No(Misfit::Units),
        (Type::Entity(found), Type::Entity(want)) => {
            if found == want {
                Fit::Same
            } else if found.iter().all(|kind| want.contains(kind)) {
                Fit::Widens
            } else {
                Fit::No(Misfit::Kinds)
            }
        }
        (Type::List(found, _), Type::List(want, _)) | (Type::Set(found), Type::Set(want)) => inside(fit(found, want)),
        (Type::Map(found_key, found), Type::Map(want_key, want)) => {
            match (inside(fit(found_key, want_key)), inside(fit(found, want))) {
                (Fit::No(misfit), _) | (_, Fit::No(misfit)) => Fit::No(misfit),
                (Fit::Same, Fit::Same) => Fit::Same,
                (Fit::Same | Fit::Widens, Fit::Same | Fit::Widens) => Fit::Widens,
            }
        }
        _ if found == want => Fit::Same,
        _ => Fit::No(Misfit::Other),
    }
}

/// A whole list can't be checked for what is missing, or converted, with one question.
fn inside(fit: Fit) -> Fit {
    match fit {
        Fit::No(Misfit::Currencies(found, want)) => Fit::No(Misfit::Currencies(found, want)),
        Fit::No(_) => Fit::No(Misfit::Other),
        fits => fits,
    }
}

/// The narrowest type that both fit, if any.
pub fn join(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (Type::Unknown, other) | (other, Type::Unknown) => other.clone(),
        (Type::Optional(a), Type::Optional(b)) => join(a, b)?.optional(),
        (Type::Optional(inner), other) | (other, Type::Optional(inner)) => join(inner, other)?.optional(),
        (Type::Int, Type::Decimal) | (Type::Decimal, Type::Int) => Type::Decimal,
        (Type::Money(a), Type::Money(b)) => Type::Money(if a == b { *a } else { None }),
        (Type::Text(a), Type::Text(b)) => Type::Text(larger(*a, *b)),
        (Type::Entity(a), Type::Entity(b)) => {
            let mut kinds = a.clone();
            kinds.extend(b);
            kinds.sort();
            kinds.dedup();
            Type::Entity(kinds)
        }
        (Type::List(a, max_a), Type::List(b, max_b)) => Type::List(Box::new(join(a, b)?), larger(*max_a, *max_b)),
        (Type::Set(a), Type::Set(b)) => Type::set(join(a, b)?),
        (Type::Map(key_a, a), Type::Map(key_b, b)) => Type::map(join(key_a, key_b)?, join(a, b)?),
        _ if a == b => a.clone(),
        _ => return None,
    })
}

/// A bound that holds for both; `None` is no bound.
fn larger(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    Some(a?.max(b?))
}

/// The same but for bounds of texts and lists.
pub fn same(a: &Type, b: &Type) -> bool {
    fit(a, b) == Fit::Same
}
