//! Faults of a binding: a struct whose fields are checked, put into registers and kept as values from three copies, of
//! which one is not what was drawn.

use super::shapes::{Color, Fetch};
use ordain_vm::bind::{Action, Binder, Checks};
use ordain_vm::request::slots::Banks;
use ordain_vm::value::{Decimal, EntityRef, Instant, Value};
use std::borrow::Cow;

/// What a binding with a fault makes of a struct.
pub type Plant = fn(Fetch) -> Planted<Fetch>;

pub struct Planted<A> {
    /// What is checked when it is asked.
    checked: A,
    /// What a decision reads.
    put: A,
    /// What is kept.
    kept: A,
}

impl<A: Action<Static = A> + 'static> Action for Planted<A> {
    const NAME: &'static str = A::NAME;
    type Static = Planted<A>;
    type Plan = A::Plan;

    fn plan(binder: &mut Binder<'_>) -> Option<A::Plan> {
        A::plan(binder)
    }

    fn actor(&self, plan: &A::Plan) -> Option<Cow<'_, EntityRef>> {
        self.kept.actor(plan)
    }

    fn target(&self, plan: &A::Plan) -> Option<Cow<'_, EntityRef>> {
        self.kept.target(plan)
    }

    fn check(&self, plan: &A::Plan, checks: &mut Checks<'_>) {
        self.checked.check(plan, checks);
    }

    fn fill<'r>(&'r self, plan: &A::Plan, banks: &mut Banks<'r>) {
        self.put.fill(plan, banks);
    }

    fn values(&self, plan: &A::Plan, args: &mut [Value], context: &mut [Value]) {
        self.kept.values(plan, args, context);
    }
}

fn put(of: Fetch, change: impl FnOnce(&mut Fetch)) -> Planted<Fetch> {
    let mut planted = Planted { checked: of.clone(), put: of.clone(), kept: of };
    change(&mut planted.put);
    planted
}

/// A binding without a fault.
pub const NONE: Plant = |of| put(of, |_| {});

pub const PLANTS: [(&str, Plant); 13] = [
    ("two fields of one type that are swapped", |of| put(of, |of| std::mem::swap(&mut of.n, &mut of.k))),
    ("a missing number that is taken as zero", |of| {
        put(of, |of| {
            of.maybe.get_or_insert(0);
        })
    }),
    ("a missing text that is taken as an empty one", |of| {
        put(of, |of| {
            of.memo.get_or_insert("".into());
        })
    }),
    ("a decimal that is cut behind two digits", |of| {
        put(of, |of| of.rate = Decimal(of.rate.0 - of.rate.0 % 10_i128.pow(10)))
    }),
    ("an amount that is taken as one of whole units", |of| put(of, |of| of.amount = of.amount.saturating_mul(100))),
    ("a text that is cut behind two letters", |of| {
        put(of, |of| of.word = of.word.chars().take(2).collect::<String>().into())
    }),
    ("a list without its last item", |of| put(of, |of| of.words.truncate(of.words.len().saturating_sub(1)))),
    ("a list in another order", |of| put(of, |of| of.nums.reverse())),
    ("a member that is taken as the one before it", |of| {
        put(of, |of| of.color = if of.color == Color::Blue { Color::Green } else { of.color })
    }),
    ("an instant without parts of a second", |of| {
        put(of, |of| of.moment = Instant(of.moment.0 - of.moment.0 % 1_000_000_000))
    }),
    ("a member of the context that is lost", |of| put(of, |of| of.channel = None)),
    ("a number that no check refuses", |of| {
        let mut planted = put(of, |_| {});
        planted.checked.maybe = None;
        planted
    }),
    ("a text that is kept otherwise than it is read", |of| {
        let mut planted = put(of, |_| {});
        planted.kept.memo = None;
        planted
    }),
];
