//! Lists, sets and maps as fields. A value is made of each, so they allocate.

use super::{Checks, Field, Fit};
use crate::json::Path;
use crate::request::slots::{Banks, Slot};
use crate::schema::list_too_long;
use crate::value::{Type, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How a list is read.
#[derive(Clone, Debug)]
pub struct ListPlan<P> {
    most: Option<u32>,
    of: P,
}

fn list_plan<T: Field>(fit: &mut Fit<'_>, ty: &Type) -> Option<ListPlan<T::Plan>> {
    match ty.present() {
        Type::List(of, most) => Some(ListPlan { most: *most, of: T::plan(fit, of)? }),
        _ => None,
    }
}

fn list_check<T: Field>(items: &[T], plan: &ListPlan<T::Plan>, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(most) = plan.most.filter(|most| items.len() > *most as usize) {
        checks.tell("E0611", path, list_too_long(items.len(), most));
        return;
    }
    items.iter().enumerate().for_each(|(at, item)| item.check(&plan.of, &path.index(at), checks));
}

macro_rules! lists {
    ($($rust:ty;)*) => {$(
        impl<T: Field> Field for $rust {
            type Plan = ListPlan<T::Plan>;

            fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<ListPlan<T::Plan>> {
                list_plan::<T>(fit, ty)
            }

            fn put<'r>(&'r self, plan: &ListPlan<T::Plan>, to: Slot, banks: &mut Banks<'r>) {
                banks.set_value(to, || self.value(plan));
            }

            fn value(&self, plan: &ListPlan<T::Plan>) -> Value {
                Value::List(self.iter().map(|item| item.value(&plan.of)).collect())
            }

            fn check(&self, plan: &ListPlan<T::Plan>, path: &Path<'_>, checks: &mut Checks<'_>) {
                list_check(self, plan, path, checks);
            }
        }
    )*};
}

lists! {
    &[T];
    Vec<T>;
    Box<[T]>;
    Arc<[T]>;
}

macro_rules! sets {
    ($([$($generics:tt)*] $rust:ty;)*) => {$(
        impl<T: Field $($generics)*> Field for $rust {
            type Plan = T::Plan;

            fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<T::Plan> {
                match ty.present() {
                    Type::Set(of) => T::plan(fit, of),
                    _ => None,
                }
            }

            fn put<'r>(&'r self, plan: &T::Plan, to: Slot, banks: &mut Banks<'r>) {
                banks.set_value(to, || self.value(plan));
            }

            fn value(&self, plan: &T::Plan) -> Value {
                Value::Set(Arc::new(self.iter().map(|item| item.value(plan)).collect()))
            }

            fn check(&self, plan: &T::Plan, path: &Path<'_>, checks: &mut Checks<'_>) {
                self.iter().enumerate().for_each(|(at, item)| item.check(plan, &path.index(at), checks));
            }
        }
    )*};
}

sets! {
    [] BTreeSet<T>;
    [, S] HashSet<T, S>;
}

/// A key in a path. One that is out of its range has no text, and is told of as `?`.
fn shown(checks: &Checks<'_>, key: &Value) -> String {
    if checks.schema.holds(key) { checks.schema.key(key) } else { "?".into() }
}

macro_rules! maps {
    ($([$($generics:tt)*] $rust:ty;)*) => {$(
        impl<K: Field, V: Field $($generics)*> Field for $rust {
            type Plan = (K::Plan, V::Plan);

            fn plan(fit: &mut Fit<'_>, ty: &Type) -> Option<(K::Plan, V::Plan)> {
                match ty.present() {
                    Type::Map(key, of) => Some((K::plan(fit, key)?, V::plan(fit, of)?)),
                    _ => None,
                }
            }

            fn put<'r>(&'r self, plan: &(K::Plan, V::Plan), to: Slot, banks: &mut Banks<'r>) {
                banks.set_value(to, || self.value(plan));
            }

            fn value(&self, (key, of): &(K::Plan, V::Plan)) -> Value {
                Value::Map(Arc::new(self.iter().map(|(name, item)| (name.value(key), item.value(of))).collect()))
            }

            fn check(&self, (key, of): &(K::Plan, V::Plan), path: &Path<'_>, checks: &mut Checks<'_>) {
                for (name, item) in self {
                    let shown = shown(checks, &name.value(key));
                    let path = path.name(&shown);
                    name.check(key, &path, checks);
                    item.check(of, &path, checks);
                }
            }
        }
    )*};
}

maps! {
    [] BTreeMap<K, V>;
    [, S] HashMap<K, V, S>;
}
