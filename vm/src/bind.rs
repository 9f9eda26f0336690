//! A host's own struct as a request: bound to a program once, and read where it lies from then on.
//!
//! [`Binding::new`] checks names and types, and tells of every field that does not fit. [`Binding::ask`] checks what types
//! can't promise (lengths, currencies, what is known of things), as the JSON reader does and with the same codes. What it
//! gives is decided as a [`Request`](crate::request::Request) is. For numbers, flags, decimals, dates, times, enums,
//! texts, and options of these, none of it allocates; lists, sets, maps and records are made values of each time, and a
//! thing given as a text makes its id each time.
//!
//! ```
//! use ordain_vm::bind::{Action, Binding, Entity, Id, When};
//! use ordain_vm::decide::Decision;
//! use ordain_vm::frame::Frame;
//! use ordain_vm::interp::Interpreter;
//! use ordain_vm::value::Decimal;
//! use ordain_vm::verify::Verified;
//!
//! #[derive(Entity)]
//! struct Agent {
//!     #[ordain(id)]
//!     id: String,
//! }
//!
//! #[derive(Action)]
//! #[ordain(name = "call")]
//! struct Call<'a> {
//!     #[ordain(actor)]
//!     agent: Id<Agent>,
//!     tool: &'a str,
//!     /// In cents.
//!     #[ordain(digits = 2)]
//!     amount: i64,
//!     memo: Option<&'a str>,
//! }
//!
//! fn verdicts(verified: &Verified, calls: &[Call<'_>], when: When<'_>) -> Result<(), Box<dyn std::error::Error>> {
//!     let (binding, mut frame) = (Binding::<Call>::new(verified)?, Frame::new());
//!     for call in calls {
//!         let ask = binding.ask(verified, call, when)?;
//!         let decision: &Decision = frame.decide(&Interpreter, &ask.around(&[]));
//!         println!("{:?}", decision.verdict);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `ask` | what is asked with a struct, and the checks of it |
//! | `fit` | what does not fit, told |
//! | `field` | numbers, flags, dates, codes, options |
//! | `texts` | texts, borrowed |
//! | `many` | lists, sets, maps |
//! | `members` | enums and records |
//! | `entity` | things, and what is known of them |

mod ask;
mod entity;
mod field;
mod fit;
mod many;
mod members;
mod texts;

pub use ask::{Ask, Checks, NotAsked, Origins, When};
pub use entity::{Entity, Entry, Id, Kind, Named};
pub use field::{Amount, Count, Field, Nanos, Scaled};
pub use fit::{Fit, Member, Misfit, Table, Unfit};
pub use many::ListPlan;
pub use members::{EnumPlan, RecordPlan, Variant, enum_plan};
#[cfg(feature = "derive")]
pub use ordain_derive::{Action, Entity, Enum, Record};
pub use texts::TextPlan;

use crate::json::Path;
use crate::request;
use crate::request::slots::{Banks, Layout, Slot};
use crate::schema::{ActionSchema, did_you_mean, listed};
use crate::value::{EntityId, EntityRef, Type, Value};
use crate::verify::Verified;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A struct that is asked as an action, or told as an event: `#[derive(Action)]`.
///
/// Its name in snake case is the action's, or what `#[ordain(name = "…")]` says. Its fields are the action's, by name:
///
/// | attribute of a field | says |
/// | --- | --- |
/// | `actor`, `target` | it is who asks, or what is acted on |
/// | `context` | it is a declared member of `context` |
/// | `rename = "…"` | it has another name in the policy |
/// | `digits = 2` | it is an integer that counts hundredths of a decimal or an amount |
/// | `skip` | it is no part of the request |
///
/// Every declared field must be given. One that may be missing can be left out by name: `#[ordain(without("memo"))]` on
/// the struct. `#[ordain(crate = "…")]` says where this crate is found, if it is not `ordain_vm`.
pub trait Action {
    const NAME: &'static str;
    /// The same type, of texts that live for ever.
    type Static: Action<Plan = Self::Plan> + 'static;
    /// How each field is read.
    type Plan: Send + Sync + 'static;

    /// `None` where something was told.
    fn plan(binder: &mut Binder<'_>) -> Option<Self::Plan>;

    fn actor(&self, plan: &Self::Plan) -> Option<Cow<'_, EntityRef>>;

    fn target(&self, plan: &Self::Plan) -> Option<Cow<'_, EntityRef>>;

    /// Of all fields but actor and target, which whoever asks checks.
    fn check(&self, plan: &Self::Plan, checks: &mut Checks<'_>);

    /// Puts each field into its register.
    fn fill<'r>(&'r self, plan: &Self::Plan, banks: &mut Banks<'r>);

    /// Puts each field in its place among the arguments, or the members of the context.
    fn values(&self, plan: &Self::Plan, args: &mut [Value], context: &mut [Value]);
}

/// A struct that was found to fit an action of a program. It is of that program alone: one that is loaded in its place has
/// a binding of its own.
pub struct Binding<A: Action> {
    /// [`Verified::number`]
    program: u64,
    action: usize,
    plan: A::Plan,
    /// Declared, and left out by the struct.
    absent: Vec<Slot>,
    /// By kind of entity: what is known of one of which only the name is, where that is enough.
    bare: Vec<Option<request::Entity>>,
    /// The argument that is the target's id, as origins name it.
    argument: Option<Arc<str>>,
}

impl<A: Action> fmt::Debug for Binding<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("name", &A::NAME).field("program", &self.program).finish_non_exhaustive()
    }
}

impl<A: Action> Binding<A> {
    /// Checks the struct's names and types against the action of its name. All that doesn't fit is told.
    pub fn new(verified: &Verified) -> Result<Binding<A>, Unfit> {
        let schema = &verified.program().schema;
        let mut fit = Fit::new(schema);
        let Some((action, declared)) = schema.action(A::NAME) else {
            let names: Vec<&str> = schema.actions.iter().map(|action| &*action.name).collect();
            let near = match did_you_mean(A::NAME, names.iter().copied()) {
                near if near.is_empty() => format!(" There are {}.", listed(names, "and")),
                near => near,
            };
            fit.tell(format!("No action and no event is called `{}`.{near}", A::NAME));
            return fit.end(A::NAME, None);
        };
        let mut binder = Binder {
            fit,
            fields: Table::new(&declared.fields, format!("`{}`", declared.name)),
            context: Table::new(&schema.context, "`context`"),
            layout: verified.layout(action),
            action: declared,
            actor: false,
            target: false,
            absent: vec![],
        };
        let plan = A::plan(&mut binder);
        let Binder { fit, absent, .. } = binder;
        let plan = fit.end(A::NAME, plan)?;
        let bare = schema.entities.iter().map(|kind| kind.bare()).collect();
        let argument = declared.as_arg.as_ref().map(|name| Path::Root.name(name).to_string().into());
        Ok(Binding { program: verified.number(), action, plan, absent, bare, argument })
    }

    /// The number of the program that it is bound to.
    pub fn program(&self) -> u64 {
        self.program
    }

    /// Checks what the types can't promise. The struct may be of texts that live shorter than the binding.
    #[inline]
    pub fn ask<'a, B>(&'a self, verified: &'a Verified, action: &'a B, when: When<'a>) -> Result<Ask<'a, B>, NotAsked>
    where
        B: Action<Static = A::Static, Plan = A::Plan>,
    {
        if verified.number() != self.program {
            return Err(NotAsked::OtherProgram);
        }
        if when.store.is_some_and(|store| !store.is_of(verified)) {
            return Err(NotAsked::OtherStore);
        }
        let Binding { action: place, plan, absent, bare, argument, .. } = self;
        let bound = ask::Bound { action: *place, plan, absent, bare, argument: argument.as_ref() };
        Ask::new(bound, verified, action, when).map_err(NotAsked::Malformed)
    }
}

/// What an action's plan is made with.
#[derive(Debug)]
pub struct Binder<'s> {
    fit: Fit<'s>,
    fields: Table<'s>,
    context: Table<'s>,
    layout: &'s Layout,
    action: &'s ActionSchema,
    actor: bool,
    target: bool,
    absent: Vec<Slot>,
}

impl Binder<'_> {
    /// A field of the action. `found`: its type in Rust.
    pub fn field<F: Field>(&mut self, field: &'static str, name: &'static str, found: &str) -> Option<Seat<F::Plan>> {
        let member = self.fields.member::<F>(&mut self.fit, field, name, found)?;
        Some(Seat { slot: self.layout.fields[member.at], of: Part::Argument(self.action.head()), member })
    }

    /// A declared member of the context.
    pub fn context<F: Field>(&mut self, field: &'static str, name: &'static str, found: &str) -> Option<Seat<F::Plan>> {
        let member = self.context.member::<F>(&mut self.fit, field, name, found)?;
        Some(Seat { slot: self.layout.context[member.at], of: Part::Context, member })
    }

    pub fn actor<F: Named>(&mut self, field: &'static str, found: &str) -> Option<Party<F::Plan>> {
        self.actor = true;
        let action = self.action;
        self.party::<F>(field, found, &action.by, "actor", "by")
    }

    pub fn target<F: Named>(&mut self, field: &'static str, found: &str) -> Option<Party<F::Plan>> {
        self.target = true;
        let action = self.action;
        self.party::<F>(field, found, &action.on, "target", "on")
    }

    fn party<F: Named>(
        &mut self,
        field: &'static str,
        found: &str,
        kinds: &[EntityId],
        what: &str,
        word: &str,
    ) -> Option<Party<F::Plan>> {
        if kinds.is_empty() {
            let name = &self.action.name;
            self.fit.tell_of(field, format!("`{name}` has no {what}. It would be declared as `{name} {word} …`."));
            return None;
        }
        self.fit.part::<F>(field, found, &Type::Entity(kinds.to_vec())).map(Party)
    }

    /// Behind the last field: tells of what is declared and not given, save for what may be missing and is in `without`.
    pub fn end(&mut self, without: &[&str]) {
        let name = &self.action.name;
        let (actor, target) =
            ((self.actor, &self.action.by, "an", "actor"), (self.target, &self.action.on, "a", "target"));
        for (given, kinds, article, what) in [actor, target] {
            if !given && !kinds.is_empty() {
                let message = format!("`{name}` has {article} {what}, and no field is marked `#[ordain({what})]`.");
                self.fit.tell(message);
            }
        }
        let [fields, context] = Table::end([&self.fields, &self.context], &mut self.fit, without);
        self.absent.extend(fields.iter().map(|at| self.layout.fields[*at]));
        self.absent.extend(context.iter().map(|at| self.layout.context[*at]));
    }
}

/// Who asks, or what is acted on: how it is read.
#[derive(Clone, Debug)]
pub struct Party<P>(P);

impl<P> Party<P> {
    #[inline]
    pub fn named<'a, F: Named<Plan = P>>(&self, of: &'a F) -> Option<Cow<'a, EntityRef>> {
        of.named(&self.0)
    }
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// At [`ActionSchema::head`].
    Argument(&'static str),
    Context,
}

/// A field of an action, or a member of the context: its register, and how it is read.
#[derive(Clone, Debug)]
pub struct Seat<P> {
    slot: Slot,
    of: Part,
    member: Member<P>,
}

impl<P> Seat<P> {
    #[inline]
    pub fn put<'r, F: Field<Plan = P>>(&self, of: &'r F, banks: &mut Banks<'r>) {
        of.put(&self.member.plan, self.slot, banks);
    }

    /// Of a number that counts parts of one.
    #[inline]
    pub fn put_scaled<const DIGITS: u32, T: Count>(&self, of: Scaled<DIGITS, T>, banks: &mut Banks<'_>) {
        of.put_now(self.slot, banks);
    }

    #[inline]
    pub fn check<F: Field<Plan = P>>(&self, of: &F, checks: &mut Checks<'_>) {
        match self.of {
            Part::Argument(head) => self.member.check(of, &Path::Root.name(head).name("properties"), checks),
            Part::Context => self.member.check(of, &Path::Root.name("context"), checks),
        }
    }

    pub fn value<F: Field<Plan = P>>(&self, of: &F, args: &mut [Value], context: &mut [Value]) {
        self.member.value(
            of,
            match self.of {
                Part::Argument(_) => args,
                Part::Context => context,
            },
        );
    }
}
