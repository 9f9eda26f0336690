//! Whether a struct fits what a policy declares: asked once, when it is bound. Each field that doesn't is told.

use super::Field;
use crate::listing::type_text;
use crate::schema::{FieldSchema, Schema, did_you_mean, listed};
use crate::value::{RecordId, Type, Value};
use std::fmt;

/// A field of a struct that doesn't fit, or a field that the policy declares and the struct lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The field in Rust, behind those that it stands in: `lines.price`. Empty: the struct itself.
    pub field: String,
    /// One or two sentences: what was found, and what is wanted.
    pub message: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.message),
            field => write!(f, "`{field}`: {}", self.message),
        }
    }
}

/// A struct does not fit a program: all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What it was bound to: the name of an action or of a kind of entity.
    pub name: String,
    /// At least one.
    pub misfits: Vec<Misfit>,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the struct does not fit `{}`:", self.name)?;
        self.misfits.iter().try_for_each(|misfit| write!(f, "\n  {misfit}"))
    }
}

impl std::error::Error for Unfit {}

/// Collects what does not fit.
#[derive(Debug)]
pub struct Fit<'s> {
    pub schema: &'s Schema,
    /// The fields that are looked at, from the outside inwards.
    path: Vec<&'static str>,
    misfits: Vec<Misfit>,
}

impl<'s> Fit<'s> {
    pub(super) fn new(schema: &'s Schema) -> Fit<'s> {
        Fit { schema, path: vec![], misfits: vec![] }
    }

    /// Of the field that is looked at.
    pub fn tell(&mut self, message: impl Into<String>) {
        self.misfits.push(Misfit { field: self.path.join("."), message: message.into() });
    }

    /// Of a field of the one that is looked at.
    pub(super) fn tell_of(&mut self, field: &'static str, message: impl Into<String>) {
        self.path.push(field);
        self.tell(message);
        self.path.pop();
    }

    /// The plan where nothing was told.
    pub(super) fn end<P>(mut self, name: &str, plan: Option<P>) -> Result<P, Unfit> {
        if plan.is_none() && self.misfits.is_empty() {
            self.tell("It does not fit.");
        }
        match plan {
            Some(plan) if self.misfits.is_empty() => Ok(plan),
            Some(_) | None => Err(Unfit { name: name.to_string(), misfits: self.misfits }),
        }
    }

    /// The plan of a field of the Rust type `found`, where that is of the type.
    pub fn part<F: Field>(&mut self, field: &'static str, found: &str, ty: &Type) -> Option<F::Plan> {
        let before = self.misfits.len();
        self.path.push(field);
        let plan = F::plan(self, ty);
        if plan.is_none() && self.misfits.len() == before {
            let (declared, wanted) = (type_text(self.schema, ty), wanted(ty));
            self.tell(format!("Found `{found}`, but the policy declares `{declared}`. Wanted: {wanted}."));
        }
        self.path.pop();
        plan
    }
}

/// The declared fields of an action, a record, the context or a kind of entity, and which of them a struct gives.
#[derive(Debug)]
pub struct Table<'s> {
    declared: &'s [FieldSchema],
    /// In a message: `` `call` ``.
    of: String,
    given: Vec<bool>,
}

impl<'s> Table<'s> {
    pub(super) fn new(declared: &'s [FieldSchema], of: impl Into<String>) -> Table<'s> {
        Table { declared, of: of.into(), given: vec![false; declared.len()] }
    }

    /// Of a record type; nothing where it is none.
    pub fn record(fit: &Fit<'s>, ty: &Type) -> Option<(RecordId, Table<'s>)> {
        let Type::Record(id) = ty.present() else { return None };
        let record = fit.schema.records.get(id.index())?;
        Some((*id, Table::new(&record.fields, format!("`{}`", record.name))))
    }

    /// How many are declared.
    pub fn fields(&self) -> usize {
        self.declared.len()
    }

    /// A field of the struct, `field`, which is called `name` in the policy and is of the Rust type `found`.
    pub fn member<F: Field>(
        &mut self,
        fit: &mut Fit<'s>,
        field: &'static str,
        name: &'static str,
        found: &str,
    ) -> Option<Member<F::Plan>> {
        let Some(at) = self.declared.iter().position(|declared| &*declared.name == name) else {
            let names: Vec<&str> = self.declared.iter().map(|declared| &*declared.name).collect();
            let near = match did_you_mean(name, names.iter().copied()) {
                near if near.is_empty() => format!(" It has {}.", listed(names, "and")),
                near => near,
            };
            fit.tell_of(field, format!("{} has no field `{name}`.{near}", self.of));
            return None;
        };
        if std::mem::replace(&mut self.given[at], true) {
            fit.tell_of(field, format!("Another field of the struct is `{name}` already."));
            return None;
        }
        let plan = fit.part::<F>(field, found, &self.declared[at].ty)?;
        Some(Member { at, name, plan })
    }

    /// Tells of what the tables declare and the struct does not give. What may be missing can be left out by its name in
    /// `without`, in the first table that declares it. By table, the places of what is left out.
    pub fn end<const N: usize>(tables: [&Table<'_>; N], fit: &mut Fit<'_>, without: &[&str]) -> [Vec<usize>; N] {
        let mut without = without.to_vec();
        let absent = tables.map(|table| table.absent(fit, &mut without));
        for name in without {
            fit.tell(format!("`without` names `{name}`, which is not declared."));
        }
        absent
    }

    /// Names that it declares are struck out of `without`.
    fn absent(&self, fit: &mut Fit<'_>, without: &mut Vec<&str>) -> Vec<usize> {
        let mut absent = vec![];
        for (at, field) in self.declared.iter().enumerate() {
            let left_out = without.iter().position(|name| **name == *field.name);
            left_out.map(|place| without.remove(place));
            match (self.given[at], left_out.is_some(), field.ty.is_optional()) {
                (true, false, _) => {}
                (true, true, _) => fit.tell(format!("`{}` is a field and left out by `without`.", field.name)),
                (false, true, true) => absent.push(at),
                (false, left_out, _) => self.lacking(fit, field, left_out),
            }
        }
        absent
    }

    fn lacking(&self, fit: &mut Fit<'_>, field: &FieldSchema, left_out: bool) {
        let FieldSchema { name, ty } = field;
        let (of, declared, wanted) = (&self.of, type_text(fit.schema, ty), wanted(ty));
        let or = match (left_out, ty.is_optional()) {
            (true, _) => " It is never missing, so `without` can't leave it out.".to_string(),
            (false, true) => format!(" Or leave it out: `#[ordain(without(\"{name}\"))]`."),
            (false, false) => String::new(),
        };
        fit.tell(format!("There is no field for `{name}: {declared}` of {of}. Wanted: {wanted}.{or}"));
    }
}

/// A field of a struct: its place among the declared ones, and how it is read.
#[derive(Clone, Debug)]
pub struct Member<P> {
    pub(super) at: usize,
    pub(super) name: &'static str,
    pub(super) plan: P,
}

impl<P> Member<P> {
    /// Puts its value in its place of a row that has all places.
    pub fn value<F: Field<Plan = P>>(&self, of: &F, row: &mut [Value]) {
        if let Some(place) = row.get_mut(self.at) {
            *place = of.value(&self.plan);
        }
    }
}

/// Types of Rust that are read as a declared type, for a message.
fn wanted(ty: &Type) -> String {
    match ty {
        // Opening hours and calendars are values of data alone.
        Type::Unknown | Type::Hours | Type::Calendar => "nothing".into(),
        Type::Bool => "`bool`".into(),
        Type::Int => "`i64`, or another integer".into(),
        Type::Decimal => "`Decimal`, or an integer with `#[ordain(digits = …)]`".into(),
        Type::Money(Some(_)) => "`Money`, `Decimal`, or an integer with `#[ordain(digits = …)]`".into(),
        Type::Money(None) => "`Money`".into(),
        Type::Text(_) => "`&str`, `String` or `Arc<str>`".into(),
        Type::Date => "`Date`".into(),
        Type::Time => "`Time`".into(),
        Type::Instant => "`Instant` (of Ordain)".into(),
        Type::Duration => "`Nanos`, or the standard library's `Duration`".into(),
        Type::Period => "`Period`".into(),
        Type::Country => "`Country`".into(),
        Type::Currency => "`Currency`".into(),
        Type::Ip => "`IpAddr`".into(),
        Type::IpRange => "`IpRange`".into(),
        Type::Role => "`RoleId`".into(),
        Type::Enum(_) | Type::Choice(_) => "an enum with `#[derive(Enum)]`".into(),
        Type::Record(_) => "a struct with `#[derive(Record)]`".into(),
        Type::Entity(kinds) if kinds.len() == 1 => "`EntityRef`, `Id<…>`, or its id as a text".into(),
        Type::Entity(_) => "`EntityRef`, or `Id<…>`".into(),
        Type::List(of, _) => format!("`&[…]` or `Vec<…>` of {}", wanted(of)),
        Type::Set(of) => format!("`BTreeSet<…>` or `HashSet<…>` of {}", wanted(of)),
        Type::Map(key, of) => {
            format!("`BTreeMap<…>` or `HashMap<…>` from {} to {}", wanted(key), wanted(of))
        }
        Type::Optional(of) => format!("{}; in an `Option` where it may be missing", wanted(of)),
    }
}
