//! What is asked with a struct: checked, it is the facts of a decision.

use super::Action;
use crate::interp::{Around, TARGET};
use crate::json::Path;
use crate::request::slots::{Banks, Layout, Slot};
use crate::request::{
    Context, Entities, Entity, Facts, InputError, Origin, OtherStore, Request, Snapshot, World, not_in_store,
    nothing_known,
};
use crate::schema::{Schema, listed, quote};
use crate::value::{EntityId, EntityRef, Instant, Value};
use crate::verify::Verified;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// For the path of a leaf of the arguments (`to[0]`, as [`Schema::leaves`] spells it: entries of a set are counted in the
/// set's own order), and for `resource.id`: the places where that value was seen. The target and the argument that is its
/// id have one record. What a rule asks the origin of and is not here has no record, which is an error of that rule.
pub type Origins = BTreeMap<Arc<str>, Vec<Origin>>;

/// What a request says besides its action: when it is asked, and by what it is known.
#[derive(Clone, Copy, Debug)]
pub struct When<'a> {
    /// `now`
    pub time: Instant,
    /// The request's own id: the same when it is asked again. Not empty.
    pub id: &'a str,
    /// When it was first asked; not behind `time`. `None`: now.
    pub asked: Option<Instant>,
    pub session: Option<&'a str>,
    /// What is known of things, made for the program's own schema, or for one that declares them alike. Each that the request names must be in it. Without one, a thing is known by its name where
    /// its kind has no attribute that must be there.
    pub store: Option<&'a Snapshot>,
    /// What the store lacks is known by its name in the same way (`[entities] from = "request"`).
    pub from_request: bool,
    pub origins: Option<&'a Origins>,
}

impl<'a> When<'a> {
    /// Of no session, without a store and without a record of origins.
    pub fn at(time: Instant, id: &'a str) -> When<'a> {
        When { time, id, asked: None, session: None, store: None, from_request: false, origins: None }
    }
}

/// Why a request can't be decided. It permits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// The binding is of another program.
    OtherProgram,
    /// The entity store was made for other kinds of entities, enums, records or roles.
    OtherStore,
    /// Values are not as declared: at least one error, with the path that it has in JSON.
    Malformed(Vec<InputError>),
}

impl fmt::Display for NotAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotAsked::OtherProgram => f.write_str("the struct is bound to another program"),
            NotAsked::OtherStore => OtherStore.fmt(f),
            NotAsked::Malformed(errors) => {
                f.write_str("the request is not as declared:")?;
                errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
            }
        }
    }
}

impl std::error::Error for NotAsked {}

/// What is wrong with the values of a request, and what is known of the things that it names.
#[derive(Debug)]
pub struct Checks<'a> {
    pub schema: &'a Schema,
    known: Option<Known<'a>>,
    /// Known by their names alone, besides actor and target.
    named: Vec<EntityRef>,
    errors: Vec<InputError>,
}

#[derive(Clone, Copy, Debug)]
struct Known<'a> {
    store: Option<&'a Snapshot>,
    from_request: bool,
    bare: &'a [Option<Entity>],
}

impl<'a> Checks<'a> {
    /// Without `known`, things may be named that nobody knows.
    fn of(schema: &'a Schema, known: Option<Known<'a>>) -> Checks<'a> {
        Checks { schema, known, named: vec![], errors: vec![] }
    }

    /// Of values that stand in no request: whoever takes them sees to it that what they name is known.
    pub(super) fn new(schema: &'a Schema) -> Checks<'a> {
        Checks::of(schema, None)
    }

    #[cold]
    pub fn tell(&mut self, code: &'static str, path: &Path<'_>, message: impl Into<String>) {
        self.errors.push(InputError::new(code, path.to_string(), message));
    }

    /// A thing is named: it has an id, is of one of the kinds, and known.
    pub fn entity(&mut self, of: &EntityRef, kinds: &[EntityId], path: &Path<'_>) {
        // A field may be given as an id alone, which then is the field.
        if self.is_of(of, kinds, [path, path]) && self.known(of, path) {
            self.named.push(of.clone());
        }
    }

    /// It has an id and is of one of the kinds; these stand at `id` and `kind`.
    fn is_of(&mut self, of: &EntityRef, kinds: &[EntityId], [id, kind]: [&Path<'_>; 2]) -> bool {
        if of.id.is_empty() {
            self.tell("E0608", id, "Found an empty text. Wanted: the id of an entity.");
            return false;
        }
        if !kinds.contains(&of.kind) {
            let name = |kind: &EntityId| self.schema.entities.get(kind.index()).map_or("?", |kind| &*kind.name);
            let (found, wanted) = (quote(name(&of.kind)), listed(kinds.iter().map(name), "or"));
            self.tell("E0614", kind, format!("Found {found}. Wanted: {wanted}."));
            return false;
        }
        true
    }

    /// Something is known of it; true where that is its name alone, which whoever asks keeps in mind.
    fn known(&mut self, of: &EntityRef, path: &Path<'_>) -> bool {
        let Some(known) = self.known else { return false };
        if known.store.is_some_and(|store| store.get(of).is_some()) {
            return false;
        }
        if known.store.is_some() && !known.from_request {
            self.tell("E0616", path, not_in_store(self.schema, of));
            return false;
        }
        let bare = known.bare.get(of.kind.index()).is_some_and(|bare| bare.is_some());
        if !bare {
            self.tell("E0606", path, nothing_known(self.schema, of, ", in an entity store"));
        }
        bare
    }

    /// Who asks, or what is acted on. The request holds it in a place of its own.
    fn party(&mut self, of: Option<&EntityRef>, kinds: &[EntityId], member: &str) {
        let path = Path::Root.name(member);
        match of {
            Some(of) => {
                if self.is_of(of, kinds, [&path.name("id"), &path.name("type")]) {
                    self.known(of, &path);
                }
            }
            None if kinds.is_empty() => {}
            None => self.tell("E0606", &path, format!("`{member}` is missing.")),
        }
    }

    /// What was checked, where nothing was told.
    pub(super) fn end<T>(self, of: T) -> Result<T, Vec<InputError>> {
        if self.errors.is_empty() { Ok(of) } else { Err(self.errors) }
    }
}

/// What a binding holds.
pub(super) struct Bound<'a, P> {
    pub action: usize,
    pub plan: &'a P,
    pub absent: &'a [Slot],
    pub bare: &'a [Option<Entity>],
    pub argument: Option<&'a Arc<str>>,
}

/// A struct that is asked: what a decision reads of it.
pub struct Ask<'a, A: Action> {
    bound: Bound<'a, A::Plan>,
    verified: &'a Verified,
    of: &'a A,
    when: When<'a>,
    actor: Option<Cow<'a, EntityRef>>,
    target: Option<Cow<'a, EntityRef>>,
    /// Sorted, each once.
    named: Vec<EntityRef>,
    /// Where the target's id was seen, where that is told of the argument that it is.
    seen: Option<Vec<Origin>>,
}

impl<A: Action> fmt::Debug for Ask<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("name", &A::NAME).field("when", &self.when).finish_non_exhaustive()
    }
}

impl<'a, A: Action> Ask<'a, A> {
    #[inline]
    pub(super) fn new(
        bound: Bound<'a, A::Plan>,
        verified: &'a Verified,
        of: &'a A,
        when: When<'a>,
    ) -> Result<Ask<'a, A>, Vec<InputError>> {
        let known = Known { store: when.store, from_request: when.from_request, bare: bound.bare };
        let schema = &verified.program().schema;
        let mut checks = Checks::of(schema, Some(known));
        let (actor, target) = (of.actor(bound.plan), of.target(bound.plan));
        let declared = &schema.actions[bound.action];
        checks.party(actor.as_deref(), &declared.by, "subject");
        checks.party(target.as_deref(), &declared.on, "resource");
        of.check(bound.plan, &mut checks);
        if when.id.is_empty() {
            let path = Path::Root.name("context");
            checks.tell("E0608", &path.name("id"), "Found an empty text. Wanted: the id of a request.");
        }
        if when.asked.is_some_and(|asked| asked > when.time) {
            let path = Path::Root.name("context");
            checks.tell("E0608", &path.name("asked"), "The request was first asked after its own `time`.");
        }
        let mut named = std::mem::take(&mut checks.named);
        named.sort_unstable();
        named.dedup();
        checks.end(())?;
        let seen = seen(bound.argument, when.origins);
        Ok(Ask { bound, verified, of, when, actor, target, named, seen })
    }

    /// What it is decided with: `data` is a value for each data of the schema. Approvals, and the past that is read, are
    /// put in where there are any.
    pub fn around<'s>(&'s self, data: &'s [Value]) -> Around<'s> {
        let asked = self.when.asked.unwrap_or(self.when.time);
        let (verified, id) = (self.verified, self.when.id);
        Around { verified, data, request: self, id, asked, given: &[], approver: None, past: None }
    }

    /// The same as a request that holds all its values: for what is kept of it, and for its digest.
    pub fn request(&self) -> Request {
        let schema = &self.verified.program().schema;
        let declared = &schema.actions[self.bound.action];
        let mut args = vec![Value::Missing; declared.fields.len()];
        let mut members = vec![Value::Missing; schema.context.len()];
        self.of.values(self.bound.plan, &mut args, &mut members);
        let parties = [self.actor.as_deref(), self.target.as_deref()];
        let all = self.named.iter().chain(parties.into_iter().flatten());
        let own: Entities = all
            .filter(|of| self.when.store.is_none_or(|store| store.get(of).is_none()))
            .filter_map(|of| Some((of.clone(), Arc::new(self.bare(of)?.clone()))))
            .collect();
        let store = self.when.store.map(|store| store.entities().clone()).unwrap_or_default();
        let mut origins = self.when.origins.cloned().unwrap_or_default();
        if let (Some(argument), Some(seen)) = (self.bound.argument, self.origins(TARGET)) {
            let seen = seen.to_vec();
            origins.extend([(Arc::from(TARGET), seen.clone()), (argument.clone(), seen)]);
        }
        Request {
            action: self.bound.action,
            actor: self.actor.as_deref().cloned(),
            target: self.target.as_deref().cloned(),
            args,
            context: Context {
                session: self.when.session.map(Arc::from),
                time: self.when.time,
                asked: self.when.asked,
                id: Some(self.when.id.into()),
                approvals: vec![],
                origins,
                members,
            },
            world: World { store, own: Arc::new(own) },
        }
    }

    /// What is known of a thing that the request names, and of which only that is known.
    fn bare(&self, of: &EntityRef) -> Option<&Entity> {
        let party = |party: &Option<Cow<'_, EntityRef>>| party.as_deref().is_some_and(|party| party == of);
        let named = party(&self.actor) || party(&self.target) || self.named.binary_search(of).is_ok();
        self.bound.bare.get(of.kind.index()).filter(|_| named)?.as_ref()
    }
}

impl<A: Action> Facts for Ask<'_, A> {
    fn action(&self) -> usize {
        self.bound.action
    }

    fn program(&self) -> Option<u64> {
        Some(self.verified.number())
    }

    fn time(&self) -> Instant {
        self.when.time
    }

    fn actor(&self) -> Option<&EntityRef> {
        self.actor.as_deref()
    }

    fn fill<'r>(&'r self, layout: &Layout, banks: &mut Banks<'r>) {
        match self.when.session {
            Some(session) => banks.set_text(layout.session, session),
            None => banks.absent(layout.session),
        }
        for (place, party) in [(layout.actor, &self.actor), (layout.target, &self.target)] {
            if let Some(place) = place {
                place.put(party.as_deref(), banks);
            }
        }
        self.bound.absent.iter().for_each(|slot| banks.absent(*slot));
        self.of.fill(self.bound.plan, banks);
    }

    fn entity(&self, of: &EntityRef) -> Option<&Entity> {
        self.when.store.and_then(|store| store.get(of)).or_else(|| self.bare(of))
    }

    fn ancestors(&self, of: &EntityRef) -> Option<&[EntityRef]> {
        match self.when.store {
            Some(store) if store.get(of).is_some() => store.ancestors(of),
            Some(_) | None => self.bare(of).map(|_| &[][..]),
        }
    }

    fn origins(&self, leaf: &str) -> Option<&[Origin]> {
        let own = || self.when.origins?.get(leaf);
        self.seen.as_ref().filter(|_| leaf == TARGET).or_else(own).map(|origins| origins.as_slice())
    }
}

/// What is told of the target under both its names, each place once; nothing where all of it stands under the target's own.
fn seen(argument: Option<&Arc<str>>, origins: Option<&Origins>) -> Option<Vec<Origin>> {
    let of_argument = origins?.get(argument?)?;
    let mut seen: Vec<Origin> = origins?.get(TARGET).into_iter().flatten().chain(of_argument).cloned().collect();
    seen.sort();
    seen.dedup();
    Some(seen)
}
