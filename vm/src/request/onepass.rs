//! Lines of JSON that are decided, read in one pass: values go from the text to where a decision looks for them, and no
//! tree is made of it.
//!
//! Every rule of the boundary stands in [`Reader`]: a line in which anything is not as it usually is, is left to it as a
//! whole, and what is seldom inside a line (escapes, lists, records, what a request says of things) goes through its
//! functions. So a line is read here only if it is read there, and to the same request.

use super::entities::settle;
use super::scan::Scan;
use super::slots::{Bank, Banks, Layout, wide, word};
use super::*;
use crate::interp::Around;
use crate::json::{MAX_LINE, Path, parse_at};
use crate::schema::{FieldSchema, Given, Mention, Schema, Values};
use crate::semantics::fits_text;
use crate::value::{Decimal, EntityId, Type, int_from_text};
use crate::verify::Verified;
use std::cell::OnceCell;
use std::fmt;

/// Reads requests for one program.
///
/// ```
/// use ordain_vm::frame::Frame;
/// use ordain_vm::interp::Run;
/// use ordain_vm::request::{Malformed, OnePass, Read, Room};
///
/// fn verdicts(pass: &OnePass, run: &dyn Run, lines: &[&[u8]]) -> Result<(), Malformed> {
///     let (mut room, mut frame) = (Room::default(), Frame::new());
///     for line in lines {
///         match pass.read(line, &mut room)? {
///             Read::InPlace(asked) => println!("{:?}", frame.decide(run, &asked.around(&[])).verdict),
///             // An event, a record, or a request with approvals or origins: as `Reader` gives it.
///             Read::Whole(line) => println!("{line:?}"),
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct OnePass {
    verified: Arc<Verified>,
    store: Option<Arc<Snapshot>>,
    from_request: bool,
    now: Option<Instant>,
    /// By kind: what is known of a thing that is only named, where nothing else must be known of it.
    bare: Vec<Option<Entity>>,
    /// No declared member of `context` has the name of one that every request has.
    plain: bool,
}

/// The entity store was made for other kinds of entities, enums, records or roles than the program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherStore;

impl fmt::Display for OtherStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entity store was made for other declarations; make it of this program's schema")
    }
}

impl std::error::Error for OtherStore {}

/// What is used again from line to line, one a thread.
#[derive(Debug, Default)]
pub struct Room {
    held: Vec<Held<'static>>,
}

/// What a line says.
#[derive(Debug)]
pub enum Read<'l> {
    /// A request, read where it lies.
    InPlace(InPlace<'l>),
    /// Every other line, and requests that are seldom so.
    Whole(Line),
}

/// A request whose texts stand in its line.
pub struct InPlace<'l> {
    pass: &'l OnePass,
    action: usize,
    actor: Option<Party<'l>>,
    target: Option<Party<'l>>,
    session: Option<&'l str>,
    time: Instant,
    asked: Option<Instant>,
    id: Option<&'l str>,
    /// By field of the action, then by declared member of `context`.
    held: Vec<Held<'l>>,
    /// What the request says of things, where it says more than their names.
    own: Option<Arc<Entities>>,
    room: &'l mut Room,
}

/// A value of a request.
#[derive(Clone, Debug)]
enum Held<'l> {
    Missing,
    Word(i64),
    Wide(i128),
    Text(&'l str),
    /// A text with escapes.
    Made(Arc<str>),
    Value(Value),
}

/// Who asks, or what is acted on.
struct Party<'l> {
    kind: EntityId,
    id: &'l str,
    /// Made where it is wanted as a value.
    whole: OnceCell<EntityRef>,
}

/// The members that every `context` has.
const CONTEXT: [&str; 6] = ["session", "time", "asked", "id", "approvals", "origins"];

impl OnePass {
    /// What is known of things comes from the store, with `from_request` also from the request; without a store, from
    /// the request alone. `now` is the time of requests that tell none.
    pub fn new(
        verified: Arc<Verified>,
        store: Option<Arc<Snapshot>>,
        from_request: bool,
        now: Option<Instant>,
    ) -> Result<OnePass, OtherStore> {
        let schema = &verified.program().schema;
        if store.as_ref().is_some_and(|store| !store.is_of(&verified)) {
            return Err(OtherStore);
        }
        let bare = schema.entities.iter().map(|kind| kind.bare()).collect();
        let plain = !schema.context.iter().any(|member| CONTEXT.contains(&&*member.name));
        Ok(OnePass { verified, store, from_request, now, bare, plain })
    }

    /// Reads what is not read here.
    fn reader(&self) -> Reader<'_> {
        let store = self.store.as_ref().map(|store| store.entities().clone());
        Reader { schema: &self.verified.program().schema, store, from_request: self.from_request, now: self.now }
    }

    /// Reads a line. What is refused has all of its mistakes, as [`Reader::line`] tells them.
    pub fn read<'l>(&'l self, line: &'l [u8], room: &'l mut Room) -> Result<Read<'l>, Malformed> {
        let text = std::str::from_utf8(line).ok().filter(|_| self.plain && line.len() <= MAX_LINE);
        let mut held: Vec<Held<'l>> = emptied(std::mem::take(&mut room.held));
        let read = text.and_then(|text| Pass::new(self, text, &mut held).request());
        match read {
            Some(found) => {
                let Found { action, actor, target, context, own } = found;
                let Told { session, time, asked, id } = context;
                let asked = InPlace { pass: self, action, actor, target, session, time, asked, id, held, own, room };
                Ok(Read::InPlace(asked))
            }
            None => {
                room.held = emptied(held);
                self.reader().line(line).map(Read::Whole)
            }
        }
    }
}

/// The room of a list, for values of another line.
fn emptied<'l>(mut held: Vec<Held<'_>>) -> Vec<Held<'l>> {
    held.clear();
    held.into_iter().map(|_| Held::Missing).collect()
}

/// What a line was found to say.
struct Found<'l> {
    action: usize,
    actor: Option<Party<'l>>,
    target: Option<Party<'l>>,
    context: Told<'l>,
    own: Option<Arc<Entities>>,
}

/// What every `context` has.
struct Told<'l> {
    session: Option<&'l str>,
    time: Instant,
    asked: Option<Instant>,
    id: Option<&'l str>,
}

/// Something named by kind and id.
#[derive(Clone, Copy)]
struct Named<'l> {
    kind: &'l str,
    id: &'l str,
    /// It has `properties`, which may be empty.
    said: bool,
    /// Where its object begins, if there is something in them.
    whole: Option<usize>,
}

/// One line on its way. Everywhere `None` leaves the line to [`Reader`].
struct Pass<'p, 'l> {
    pass: &'l OnePass,
    schema: &'l Schema,
    scan: Scan<'l>,
    held: &'p mut Vec<Held<'l>>,
    /// Reads what is seldom, where there is any.
    values: Values<'l>,
    /// How many entities the arguments spoke of: those of `context` stand behind them.
    mentioned: usize,
}

impl<'p, 'l> Pass<'p, 'l> {
    fn new(pass: &'l OnePass, text: &'l str, held: &'p mut Vec<Held<'l>>) -> Pass<'p, 'l> {
        let schema = &pass.verified.program().schema;
        Pass { pass, schema, scan: Scan::new(text), held, values: Values::new(schema, true), mentioned: 0 }
    }

    fn request(mut self) -> Option<Found<'l>> {
        let (mut subject, mut resource, mut asked, mut told) = (None, None, None, None);
        self.scan.open()?;
        while let Some(name) = self.scan.member()? {
            match name {
                "subject" if subject.is_none() => subject = Some(self.named()?),
                "resource" if resource.is_none() => resource = Some(self.named()?),
                // The context's values stand behind the action's.
                "action" if asked.is_none() && told.is_none() => asked = Some(self.action()?),
                "context" if asked.is_some() && told.is_none() => told = Some(self.context()?),
                _ => return None,
            }
        }
        self.scan.end()?;
        let (action, argument) = asked?;
        let declared = &self.schema.actions[action];
        let context = match told {
            Some(told) => told,
            None => self.no_context()?,
        };
        let subject = if declared.by.is_empty() { None } else { Some(subject?) };
        let resource = resource.filter(|_| !declared.on.is_empty());
        let actor = match &subject {
            Some(subject) => Some(self.party(subject, &declared.by)?),
            None => None,
        };
        let target = match (&resource, argument) {
            (Some(resource), argument) => {
                Some(self.party(resource, &declared.on)?).filter(|target| argument.is_none_or(|id| id == target.id))
            }
            (None, Some(id)) => declared.on.first().map(|kind| Party { kind: *kind, id, whole: OnceCell::new() }),
            (None, None) => None,
        };
        if target.is_none() != declared.on.is_empty() {
            return None;
        }
        let own = self.known([(subject, &actor), (resource, &target)])?;
        Some(Found { action, actor, target, context, own })
    }

    fn party(&self, named: &Named<'l>, kinds: &[EntityId]) -> Option<Party<'l>> {
        let kind = self.schema.entity(named.kind).filter(|kind| kinds.contains(kind))?;
        Some(Party { kind, id: named.id, whole: OnceCell::new() })
    }

    /// What the request says of things; everything that it names is known.
    fn known(
        &mut self,
        [actor, target]: [(Option<Named<'l>>, &Option<Party<'l>>); 2],
    ) -> Option<Option<Arc<Entities>>> {
        let full = |named: &Option<Named<'l>>| named.is_some_and(|named| named.whole.is_some());
        let (store, from_request) = (self.pass.store.as_deref(), self.pass.from_request || self.pass.store.is_none());
        if self.values.mentions.is_empty() && !full(&actor.0) && !full(&target.0) {
            let is_known = |party: &Party<'l>| {
                store.is_some_and(|store| store.get(party.whole()).is_some())
                    || (from_request && self.pass.bare[party.kind.index()].is_some())
            };
            return [actor.1, target.1].into_iter().flatten().all(is_known).then_some(None);
        }
        // In the order in which the reader comes upon them: what is said first holds.
        let mut others = std::mem::take(&mut self.values.mentions);
        let of_context = others.split_off(self.mentioned.min(others.len()));
        let mentions = [self.mention(actor)?, Some(others), self.mention(target)?, Some(of_context)];
        self.values.mentions = mentions.into_iter().flatten().flatten().collect();
        let nothing = Entities::new();
        let own = settle(&mut self.values, store.map_or(&nothing, |store| store.entities()), from_request);
        self.values.errors.is_empty().then(|| Some(Arc::new(own)))
    }

    /// What is said of one of the parties, of which there may be none.
    #[allow(clippy::type_complexity)]
    fn mention(&mut self, (named, party): (Option<Named<'l>>, &Option<Party<'l>>)) -> Option<Option<Vec<Mention>>> {
        let Some(party) = party else { return Some(None) };
        match named.and_then(|named| named.whole) {
            Some(at) => {
                let (json, _) = parse_at(self.scan.text(), at, 1)?;
                self.values.described(&json, &[party.kind], &Path::Root, true)?;
                Some(Some(std::mem::take(&mut self.values.mentions)))
            }
            None => {
                // Nothing said of it is not the same as `{}`: that what is said first holds.
                let given = named.filter(|named| named.said).map(|_| Given::default());
                Some(Some(vec![Mention { entity: party.whole().clone(), path: String::new(), given }]))
            }
        }
    }

    /// `{"type", "id", "properties"}`
    fn named(&mut self) -> Option<Named<'l>> {
        self.scan.space();
        let start = self.scan.at();
        let (mut kind, mut id, mut properties, mut said, mut whole) = (None, None, false, false, None);
        self.scan.open()?;
        if self.scan.member_is("type") {
            kind = Some(self.scan.string()?);
            if self.scan.member_is("id") {
                id = Some(self.scan.string()?);
            }
        }
        while let Some(name) = self.scan.member()? {
            match name {
                "type" if kind.is_none() => kind = Some(self.scan.string()?),
                "id" if id.is_none() => id = Some(self.scan.string()?),
                "properties" if !properties => {
                    properties = true;
                    if self.scan.null() {
                        continue;
                    }
                    said = true;
                    if !self.scan.empty() {
                        self.skip(2)?;
                        whole = Some(start);
                    }
                }
                _ => return None,
            }
        }
        Some(Named { kind: kind?, id: id.filter(|id| !id.is_empty())?, said, whole })
    }

    /// `{"name", "properties"}`, in this order: the action, and the argument that is the target's id.
    fn action(&mut self) -> Option<(usize, Option<&'l str>)> {
        self.scan.open()?;
        if self.scan.member()?? != "name" {
            return None;
        }
        let (at, declared) = self.schema.action(self.scan.string()?).filter(|(_, action)| !action.event)?;
        let fields = declared.fields.len();
        self.held.clear();
        self.held.resize(fields + self.schema.context.len(), Held::Missing);
        let (mut read, mut argument, mut given) = (Fields::of(&declared.fields)?, None, false);
        while let Some(name) = self.scan.member()? {
            if name != "properties" || given {
                return None;
            }
            given = true;
            if self.scan.null() {
                continue;
            }
            self.scan.open()?;
            loop {
                if let Some(at) = read.expected(&mut self.scan) {
                    self.held[at] = self.value(&declared.fields[at].ty)?;
                    continue;
                }
                let Some(name) = self.scan.member()? else { break };
                match read.take(name) {
                    Some(at) => self.held[at?] = self.value(&declared.fields[at?].ty)?,
                    None if declared.as_arg.as_deref() == Some(name) && argument.is_none() => {
                        argument = Some(self.scan.string().filter(|id| !id.is_empty())?);
                    }
                    None => return None,
                }
            }
        }
        read.complete()?;
        self.mentioned = self.values.mentions.len();
        Some((at, argument))
    }

    fn context(&mut self) -> Option<Told<'l>> {
        let schema = self.schema;
        let first = self.held.len() - schema.context.len();
        let mut read = Fields::of(&schema.context)?;
        let (mut session, mut time, mut asked, mut id) = (None, None, None, None);
        self.scan.open()?;
        while let Some(name) = self.scan.member()? {
            match (name, read.take(name)) {
                (_, Some(at)) => self.held[first + at?] = self.value(&schema.context[at?].ty)?,
                ("session", None) if session.is_none() => session = Some(self.scan.string()?),
                ("time", None) if time.is_none() => time = Some(Instant::parse(self.scan.string()?)?),
                ("asked", None) if asked.is_none() => asked = Some(Instant::parse(self.scan.string()?)?),
                ("id", None) if id.is_none() => id = Some(self.scan.string().filter(|id| !id.is_empty())?),
                // Approvals, origins, what is given twice, and what nobody declared.
                _ => return None,
            }
        }
        read.complete()?;
        let time = time.or(self.pass.now)?;
        let in_order = asked.is_none_or(|asked| asked <= time);
        in_order.then_some(Told { session, time, asked, id })
    }

    fn no_context(&self) -> Option<Told<'l>> {
        Fields::of(&self.schema.context)?.complete()?;
        Some(Told { session: None, time: self.pass.now?, asked: None, id: None })
    }

    /// A value of that type, as [`Values::value`] reads it.
    fn value(&mut self, ty: &'l Type) -> Option<Held<'l>> {
        let ty = match ty {
            Type::Optional(_) if self.scan.null() => return Some(Held::Missing),
            Type::Optional(inner) => inner,
            ty => ty,
        };
        self.scan.space();
        let start = self.scan.at();
        let simple = match ty {
            Type::Bool => self.scan.boolean().map(|value| Held::Word(i64::from(value))),
            Type::Int => match self.scan.short_number() {
                Some((value, 0)) => Some(Held::Word(value)),
                Some(_) => None,
                None => self.scan.number().and_then(|text| int_from_text(text).ok()).map(Held::Word),
            },
            Type::Decimal | Type::Money(Some(_)) => match self.scan.short_number() {
                Some((digits, fraction @ 0..=12)) => Some(Held::Wide(Decimal::of(digits, fraction).0)),
                Some(_) => None,
                None => self.scan.number().and_then(|text| Decimal::parse(text).ok()).map(|of| Held::Wide(of.0)),
            },
            Type::Text(most) => {
                self.scan.string().filter(|text| most.is_none_or(|most| fits_text(text, most).is_ok())).map(Held::Text)
            }
            ty if Bank::of(ty) == Bank::Word => {
                let value = self.scan.string().and_then(|text| self.schema.written(text, ty));
                value.and_then(|value| word(&value)).map(Held::Word)
            }
            _ => None,
        };
        if simple.is_some() {
            return simple;
        }
        let (json, end) = parse_at(self.scan.text(), start, 3)?;
        self.scan.go_to(end);
        let value = self.values.value(&json, ty, &Path::Root).filter(|_| self.values.errors.is_empty())?;
        Some(match (Bank::of(ty), value) {
            (Bank::Text, Value::Text(text)) => Held::Made(text),
            (Bank::Word, value) => Held::Word(word(&value)?),
            (Bank::Wide, value) => Held::Wide(wide(&value)?),
            (Bank::Value | Bank::Text, value) => Held::Value(value),
        })
    }

    /// Goes behind a value that stands so deep.
    fn skip(&mut self, depth: usize) -> Option<()> {
        self.scan.space();
        let (_, end) = parse_at(self.scan.text(), self.scan.at(), depth)?;
        self.scan.go_to(end);
        Some(())
    }
}

/// Which of the declared members were read.
struct Fields<'s> {
    declared: &'s [FieldSchema],
    /// Where the next is looked for first.
    next: usize,
    seen: u64,
}

impl<'s> Fields<'s> {
    /// None of them yet; `None` where they are too many.
    fn of(declared: &'s [FieldSchema]) -> Option<Fields<'s>> {
        (declared.len() <= 64).then_some(Fields { declared, next: 0, seen: 0 })
    }

    /// The next member is the one that is declared next.
    #[inline]
    fn expected(&mut self, scan: &mut Scan<'_>) -> Option<usize> {
        let at = self.next;
        let field = self.declared.get(at).filter(|_| self.seen >> at & 1 == 0)?;
        scan.member_is(&field.name).then(|| {
            (self.next, self.seen) = (at + 1, self.seen | 1 << at);
            at
        })
    }

    /// The place of the member of that name; `Some(None)` where it was read already.
    fn take(&mut self, name: &str) -> Option<Option<usize>> {
        let is = |field: &FieldSchema| *field.name == *name;
        let at = match self.declared.get(self.next) {
            Some(field) if is(field) => self.next,
            _ => self.declared.iter().position(is)?,
        };
        let before = self.seen >> at & 1 == 1;
        (self.next, self.seen) = (at + 1, self.seen | 1 << at);
        Some((!before).then_some(at))
    }

    /// Whatever was not read may be missing.
    fn complete(&self) -> Option<()> {
        let all = u64::MAX.checked_shr(64 - self.declared.len() as u32).unwrap_or(0);
        if self.seen == all {
            return Some(());
        }
        let missing = self.declared.iter().enumerate().filter(|(at, _)| self.seen >> at & 1 == 0);
        missing.into_iter().all(|(_, field)| field.ty.is_optional()).then_some(())
    }
}

impl Party<'_> {
    fn whole(&self) -> &EntityRef {
        self.whole.get_or_init(|| EntityRef::new(self.kind, self.id))
    }

    fn is(&self, of: &EntityRef) -> bool {
        self.kind == of.kind && *self.id == *of.id
    }
}

impl InPlace<'_> {
    /// The id that it tells.
    pub fn id(&self) -> Option<&str> {
        self.id
    }

    /// What it is decided with: `data` is a value for each data of the schema. A request without an id is decided under
    /// an empty one.
    pub fn around<'s>(&'s self, data: &'s [Value]) -> Around<'s> {
        let (verified, id) = (&*self.pass.verified, self.id.unwrap_or_default());
        let asked = self.asked.unwrap_or(self.time);
        Around { verified, data, request: self, id, asked, given: &[], approver: None, past: None }
    }

    /// The same as a request that owns its values, as [`Reader`] makes it: for what is kept of it, and for its digest.
    pub fn request(&self) -> Request {
        let schema = &self.pass.verified.program().schema;
        let declared = &schema.actions[self.action];
        let types = declared.fields.iter().chain(&schema.context).map(|field| &field.ty);
        let mut args: Vec<Value> = self.held.iter().zip(types).map(|(held, ty)| held.value(ty)).collect();
        let members = args.split_off(declared.fields.len().min(args.len()));
        let own = self.own.clone().unwrap_or_else(|| {
            let parties = [&self.actor, &self.target].into_iter().flatten();
            let bare = parties
                .filter(|party| self.pass.store.as_deref().is_none_or(|store| store.get(party.whole()).is_none()));
            let bare = bare.filter_map(|party| {
                let known = self.pass.bare[party.kind.index()].clone()?;
                Some((party.whole().clone(), Arc::new(known)))
            });
            Arc::new(bare.collect())
        });
        let whole = |party: &Option<Party<'_>>| party.as_ref().map(|party| party.whole().clone());
        Request {
            action: self.action,
            actor: whole(&self.actor),
            target: whole(&self.target),
            args,
            context: Context {
                session: self.session.map(Arc::from),
                time: self.time,
                asked: self.asked,
                id: self.id.map(Arc::from),
                approvals: vec![],
                origins: BTreeMap::new(),
                members,
            },
            world: World {
                store: self.pass.store.as_ref().map(|store| store.entities().clone()).unwrap_or_default(),
                own,
            },
        }
    }
}

impl Held<'_> {
    fn value(&self, ty: &Type) -> Value {
        match self {
            Held::Missing => Value::Missing,
            Held::Word(word) => crate::semantics::word_value(*word, ty.present()).unwrap_or(Value::Missing),
            Held::Wide(wide) => crate::semantics::wide_value(*wide, ty.present()).unwrap_or(Value::Missing),
            Held::Text(text) => Value::text(*text),
            Held::Made(text) => Value::Text(text.clone()),
            Held::Value(value) => value.clone(),
        }
    }
}

impl Facts for InPlace<'_> {
    fn action(&self) -> usize {
        self.action
    }

    fn program(&self) -> Option<u64> {
        Some(self.pass.verified.number())
    }

    fn time(&self) -> Instant {
        self.time
    }

    fn actor(&self) -> Option<&EntityRef> {
        self.actor.as_ref().map(Party::whole)
    }

    fn fill<'r>(&'r self, layout: &Layout, banks: &mut Banks<'r>) {
        match self.session {
            Some(session) => banks.set_text(layout.session, session),
            None => banks.absent(layout.session),
        }
        for (place, party) in [(layout.actor, &self.actor), (layout.target, &self.target)] {
            let (Some(place), Some(party)) = (place, party) else { continue };
            banks.set_text(place.id, party.id);
            banks.set_value(place.whole, || Value::Entity(party.whole().clone()));
        }
        for (slot, held) in layout.fields.iter().chain(&layout.context).zip(&self.held) {
            match held {
                Held::Missing => banks.absent(*slot),
                Held::Word(word) => banks.set_word(*slot, *word),
                Held::Wide(wide) => banks.set_wide(*slot, *wide),
                Held::Text(text) => banks.set_text(*slot, text),
                Held::Made(text) => banks.set_text(*slot, text),
                Held::Value(value) => banks.set_value(*slot, || value.clone()),
            }
        }
    }

    fn entity(&self, of: &EntityRef) -> Option<&Entity> {
        let stored = self.pass.store.as_deref().and_then(|store| store.get(of));
        let own = || self.own.as_ref()?.get(of).map(|known| &**known);
        let named = || [&self.actor, &self.target].into_iter().flatten().any(|party| party.is(of));
        stored.or_else(own).or_else(|| self.pass.bare.get(of.kind.index()).filter(|_| named())?.as_ref())
    }

    fn ancestors(&self, of: &EntityRef) -> Option<&[EntityRef]> {
        let store = self.pass.store.as_deref().filter(|store| store.get(of).is_some())?;
        store.ancestors(of)
    }

    fn origins(&self, _: &str) -> Option<&[Origin]> {
        None
    }
}

impl Drop for InPlace<'_> {
    /// Its room is used again.
    fn drop(&mut self) {
        self.room.held = emptied(std::mem::take(&mut self.held));
    }
}

impl fmt::Debug for InPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace").field("action", &self.action).field("id", &self.id).finish_non_exhaustive()
    }
}
