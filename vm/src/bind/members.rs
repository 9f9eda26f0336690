//! Enums and nested structs as fields: what `#[derive(Enum)]` and `#[derive(Record)]` are made with.

use super::{Checks, Field, Fit, Member};
use crate::json::Path;
use crate::request::slots::{Banks, Slot};
use crate::schema::{did_you_mean, listed};
use crate::value::{Choice, EnumId, RecordId, Type, Value};

/// The enum of the policy, and by variant the place of its member.
#[derive(Clone, Debug)]
pub struct EnumPlan {
    of: Of,
    members: Box<[u16]>,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Enum(EnumId),
    Choice(Choice),
}

/// A variant of a Rust enum.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// As it is called in Rust.
    pub rust: &'static str,
    /// What the policy's members may be called, the first that there is: as in JSON.
    pub names: &'static [&'static str],
}

/// Each variant is a member, and each another one. Not every member need have a variant.
pub fn enum_plan(fit: &mut Fit<'_>, ty: &Type, variants: &[Variant]) -> Option<EnumPlan> {
    let schema = fit.schema;
    let (of, name, members): (_, &str, Vec<&str>) = match ty.present() {
        Type::Enum(id) => {
            let item = schema.enums.get(id.index())?;
            (Of::Enum(*id), &item.name, item.wire.iter().map(|wire| &**wire).collect())
        }
        Type::Choice(choice) => (Of::Choice(*choice), choice.name(), choice.words().to_vec()),
        _ => return None,
    };
    let mut places: Vec<u16> = vec![];
    for variant in variants {
        let place = variant.names.iter().find_map(|name| members.iter().position(|member| member == name));
        let wanted = variant.names.first().copied().unwrap_or_default();
        match place {
            None => {
                let near = match did_you_mean(wanted, members.iter().copied()) {
                    near if near.is_empty() => format!(" There are {}.", listed(members.iter().copied(), "and")),
                    near => near,
                };
                fit.tell(format!(
                    "The variant `{}` is no member of `{name}`.{near} `#[ordain(rename = \"…\")]` on the variant gives its name.",
                    variant.rust
                ));
            }
            Some(place) if places.contains(&(place as u16)) => {
                fit.tell(format!(
                    "The variant `{}` is `{}` of `{name}`, as one before it.",
                    variant.rust, members[place]
                ));
            }
            Some(place) => places.push(place as u16),
        }
    }
    (places.len() == variants.len()).then(|| EnumPlan { of, members: places.into() })
}

impl EnumPlan {
    #[inline]
    fn member(&self, variant: usize) -> u16 {
        // There is a place for each variant.
        self.members.get(variant).copied().unwrap_or(0)
    }

    /// As [`Field::put`], of the variant in that place.
    #[inline]
    pub fn put(&self, variant: usize, to: Slot, banks: &mut Banks<'_>) {
        banks.set_word(to, i64::from(self.member(variant)));
    }

    /// As [`Field::value`].
    pub fn value(&self, variant: usize) -> Value {
        match self.of {
            Of::Enum(id) => Value::Enum(id, self.member(variant)),
            Of::Choice(choice) => Value::Choice(choice, self.member(variant)),
        }
    }
}

/// The record of the policy, how many fields it has, and how those of the struct are read.
#[derive(Clone, Debug)]
pub struct RecordPlan<M> {
    pub id: RecordId,
    pub fields: usize,
    pub members: M,
}

impl<M> RecordPlan<M> {
    /// A row with a place for each field.
    pub fn row(&self) -> Vec<Value> {
        vec![Value::Missing; self.fields]
    }

    pub fn value(&self, row: Vec<Value>) -> Value {
        Value::Record(self.id, row.into())
    }
}

impl<P> Member<P> {
    /// Checks it as a member of what stands at `path`.
    #[inline]
    pub fn check<F: Field<Plan = P>>(&self, of: &F, path: &Path<'_>, checks: &mut Checks<'_>) {
        of.check(&self.plan, &path.name(self.name), checks);
    }
}
