//! Texts as fields: borrowed where they lie. Where a thing of one kind is declared, a text is its id, as in JSON.

use super::entity::Named;
use super::{Checks, Field, Fit};
use crate::json::Path;
use crate::request::slots::{Banks, Slot};
use crate::schema::text_too_long;
use crate::value::{EntityId, EntityRef, Type, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// What a text is read as.
#[derive(Clone, Copy, Debug)]
pub enum TextPlan {
    /// A text of at most so many characters.
    Text(Option<u32>),
    /// The id of a thing of that kind.
    Id(EntityId),
}

impl TextPlan {
    fn of(ty: &Type) -> Option<TextPlan> {
        match ty.present() {
            Type::Text(most) => Some(TextPlan::Text(*most)),
            Type::Entity(kinds) => match kinds.as_slice() {
                [kind] => Some(TextPlan::Id(*kind)),
                _ => None,
            },
            _ => None,
        }
    }

    #[inline]
    fn put<'r>(self, text: &'r str, id: impl FnOnce() -> Arc<str>, to: Slot, banks: &mut Banks<'r>) {
        match self {
            TextPlan::Text(_) => banks.set_text(to, text),
            TextPlan::Id(kind) => banks.set_value(to, || Value::Entity(EntityRef::new(kind, id()))),
        }
    }

    fn value(self, text: Arc<str>) -> Value {
        match self {
            TextPlan::Text(_) => Value::Text(text),
            TextPlan::Id(kind) => Value::Entity(EntityRef::new(kind, text)),
        }
    }

    #[inline]
    fn check(self, text: &str, id: impl FnOnce() -> Arc<str>, path: &Path<'_>, checks: &mut Checks<'_>) {
        match self {
            TextPlan::Text(None) => {}
            TextPlan::Text(Some(most)) => {
                // There are no more characters than bytes.
                if text.len() > most as usize {
                    long(text, most, path, checks);
                }
            }
            TextPlan::Id(kind) => checks.entity(&EntityRef::new(kind, id()), &[kind], path),
        }
    }
}

#[cold]
fn long(text: &str, most: u32, path: &Path<'_>, checks: &mut Checks<'_>) {
    let length = text.chars().count();
    if length > most as usize {
        checks.tell("E0610", path, text_too_long(length, most));
    }
}

macro_rules! texts {
    ($($rust:ty, |$of:ident| $text:expr, $owned:expr;)*) => {$(
        impl Field for $rust {
            type Plan = TextPlan;

            fn plan(_: &mut Fit<'_>, ty: &Type) -> Option<TextPlan> {
                TextPlan::of(ty)
            }

            #[inline]
            fn put<'r>(&'r self, plan: &TextPlan, to: Slot, banks: &mut Banks<'r>) {
                let $of = self;
                plan.put($text, || $owned, to, banks);
            }

            fn value(&self, plan: &TextPlan) -> Value {
                let $of = self;
                plan.value($owned)
            }

            #[inline]
            fn check(&self, plan: &TextPlan, path: &Path<'_>, checks: &mut Checks<'_>) {
                let $of = self;
                plan.check($text, || $owned, path, checks);
            }
        }

        impl Named for $rust {
            fn named(&self, plan: &TextPlan) -> Option<Cow<'_, EntityRef>> {
                let $of = self;
                match plan {
                    TextPlan::Id(kind) => Some(Cow::Owned(EntityRef::new(*kind, $owned))),
                    TextPlan::Text(_) => None,
                }
            }
        }
    )*};
}

texts! {
    &str, |of| of, Arc::from(*of);
    String, |of| of.as_str(), Arc::from(of.as_str());
    Box<str>, |of| of, Arc::from(&**of);
    Cow<'_, str>, |of| of, Arc::from(&**of);
    Arc<str>, |of| of, of.clone();
    &Arc<str>, |of| of, Arc::clone(of);
}
