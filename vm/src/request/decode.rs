//! JSON to `Line`: AuthZEN requests, events and records, each checked against the schema as a whole.
//! The command and other hosts call it; values are read in `schema/read.rs`, entities settled in `entities.rs`, origins
//! in `origins.rs`. What the history must know (ids, order of times) is left to the engine.

use super::entities::settle;
use super::origins::read_origins;
use super::*;
use crate::json::{MAX_LINE, Path, parse};
use crate::schema::{ActionSchema, Schema, Values, did_you_mean, quote};
use crate::value::Type;

/// Reads the lines of a stream against a schema and an entity store.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    pub schema: &'a Schema,
    /// Without a store, entities are taken from the request.
    pub store: Option<Arc<Entities>>,
    /// `[entities] from = "request"`: what the store lacks is taken from the request.
    pub from_request: bool,
    /// What `context.time` is where a request has none.
    pub now: Option<Instant>,
}

/// The kinds of record, by the member that makes a line one.
const RECORDS: [&str; 6] = ["performed", "result", "failed", "abandoned", "approved", "event"];
/// The members of a request.
const REQUEST: [&str; 4] = ["subject", "action", "resource", "context"];

impl Reader<'_> {
    /// A line of a stream. All of its mistakes are told, up to a hundred, each with its place.
    pub fn line(&self, bytes: &[u8]) -> Result<Line, Malformed> {
        if bytes.len() > MAX_LINE {
            return Err(crate::json::too_long().into());
        }
        self.json(&parse(bytes)?)
    }

    /// The same of what was parsed already.
    pub fn json(&self, json: &Json) -> Result<Line, Malformed> {
        let mut decoder = Decoder { reader: self, values: Values::new(self.schema, true) };
        let line = decoder.line(json);
        decoder.finish(line).map_err(|errors| self.malformed(json, errors))
    }

    fn malformed(&self, json: &Json, errors: Vec<InputError>) -> Malformed {
        let record = record(json).filter(|(kind, _)| *kind != "event");
        let context = match record {
            Some((_, value)) => value.get("context"),
            None => json.get("context"),
        };
        let named = record.filter(|(kind, _)| ["result", "failed", "abandoned"].contains(kind)).map(|(_, id)| id);
        let id = named.or_else(|| context?.get("id")).and_then(Json::as_str).filter(|id| !id.is_empty());
        let time = match context.and_then(|context| context.get("time")) {
            None | Some(Json::Null) => self.now,
            Some(time) => time.as_str().and_then(Instant::parse),
        };
        Malformed { errors, record: record.is_some(), id: id.map(Arc::from), time }
    }

    /// A request, and nothing else.
    pub fn request(&self, json: &Json) -> Result<Request, Vec<InputError>> {
        let mut decoder = Decoder { reader: self, values: Values::new(self.schema, true) };
        let request = decoder.request(json, &Path::Root, "action");
        decoder.finish(request)
    }
}

/// The member that makes a line a record or an event, and what it holds.
fn record(json: &Json) -> Option<(&str, &Json)> {
    let Json::Object(members) = json else { return None };
    let (kind, value) = members.iter().find(|(name, _)| RECORDS.contains(&name.as_str()))?;
    Some((kind, value))
}

/// A value of `data`, from its file. Entities in it are only named.
pub fn read_data(schema: &Schema, ty: &Type, json: &Json) -> Result<Value, Vec<InputError>> {
    let mut values = Values::new(schema, false);
    let value = values.value(json, ty, &Path::Root);
    value.filter(|_| values.errors.is_empty()).ok_or(values.errors)
}

/// What an action returned. Entities in it are only named. Paths begin with `returns`.
pub fn read_returns(schema: &Schema, action: usize, json: &Json) -> Result<Value, Vec<InputError>> {
    let mut values = Values::new(schema, false);
    let action = &schema.actions[action];
    let path = Path::Root.name("returns");
    let value = match &action.returns {
        Some(ty) => values.value(json, ty, &path),
        None => {
            values.error(
                "E0607",
                &path,
                format!("`{}` is declared without `returns`, so it brings nothing back.", action.name),
            );
            None
        }
    };
    value.filter(|_| values.errors.is_empty()).ok_or(values.errors)
}

struct Decoder<'a> {
    reader: &'a Reader<'a>,
    values: Values<'a>,
}

impl Decoder<'_> {
    fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<InputError>> {
        self.values.errors.dedup();
        match value {
            Some(value) if self.values.errors.is_empty() => Ok(value),
            _ => Err(self.values.errors),
        }
    }

    fn line(&mut self, json: &Json) -> Option<Line> {
        let root = Path::Root;
        let members = self.values.object(json, &root, "a request or a record, as an object")?;
        let Some((kind, value)) = record(json) else {
            if members.iter().any(|(name, _)| REQUEST.contains(&name.as_str())) {
                return self.request(json, &root, "action").map(Line::Request);
            }
            let near = members.first().map(|(name, _)| did_you_mean(name, RECORDS.into_iter().chain(REQUEST)));
            let message = format!(
                "The line is neither a request, which has an `action`, nor a record: `performed`, `result`, `failed`, `abandoned`, `approved` or `event`.{}",
                near.unwrap_or_default()
            );
            self.values.error("E0627", &root, message);
            return None;
        };
        let beside: &[&str] = match kind {
            "event" => return self.request(json, &root, "event").map(Line::Event),
            "result" => &["result", "returns"],
            kind => &[kind],
        };
        for (name, _) in members.iter().filter(|(name, _)| !beside.contains(&name.as_str())) {
            self.values.unknown(name, &format!("a line with `{kind}`"), beside.iter().copied(), &root);
        }
        let path = root.name(kind);
        match kind {
            "performed" => self.request(value, &path, "action").map(Line::Performed),
            "result" => {
                let id = self.id(value, &path);
                match json.get("returns") {
                    Some(returns) => Some(Line::Result { id: id?, returns: returns.clone() }),
                    None => {
                        self.values.error(
                            "E0606",
                            &root.name("returns"),
                            "`returns` is missing: what the request brought back.",
                        );
                        None
                    }
                }
            }
            "failed" => self.id(value, &path).map(Line::Failed),
            "abandoned" => self.id(value, &path).map(Line::Abandoned),
            _ => {
                let approval = self.approval(value, &path);
                let entities = Arc::new(self.settle());
                approval.map(|approval| Line::Approved(Approval { entities, ..approval }))
            }
        }
    }

    fn id(&mut self, json: &Json, path: &Path<'_>) -> Option<Arc<str>> {
        let id = self.values.text(json, path)?;
        if id.is_empty() {
            self.values.error("E0608", path, "Found an empty text. Wanted: the id of a request.");
            return None;
        }
        Some(id.into())
    }

    fn settle(&mut self) -> Entities {
        let nothing = Entities::new();
        let store = self.reader.store.as_deref();
        let from_request = self.reader.from_request || store.is_none();
        settle(&mut self.values, store.unwrap_or(&nothing), from_request)
    }

    /// A request, or with `head` `event` an event.
    fn request(&mut self, json: &Json, path: &Path<'_>, head: &str) -> Option<Request> {
        let event = head == "event";
        let members = self.values.object(json, path, "a request, as an object")?;
        let known = ["subject", head, "resource", "context"];
        for (name, _) in members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            self.values.unknown(name, if event { "an event" } else { "a request" }, known, path);
        }
        let at = path.name(head);
        let asked = self.values.member(json, head, path).and_then(|json| self.named(json, &at, event));
        let Some((action, properties)) = asked else {
            // What doesn't depend on the action is still looked at.
            self.context(json, path);
            return None;
        };
        let schema = self.values.schema;
        let declared = &schema.actions[action];
        let actor = self.subject(json, declared, path);
        let path_in = at.name("properties");
        let (read, argument) = self.arguments(properties, declared, &path_in);
        let target = self.resource(json, declared, argument, path, &path_in);
        let origins = json.get("context").and_then(|context| context.get("origins"));
        let origins = origins.map(|origins| {
            let at = path.name("context");
            read_origins(&mut self.values, declared, &read, properties, origins, &at.name("origins"))
        });
        let args = self.values.complete(read, &declared.fields, &path_in);
        let context = self.context(json, path);
        let own = Arc::new(self.settle());
        let store = self.reader.store.clone().unwrap_or_default();
        let mut context = context?;
        context.origins = origins.unwrap_or_default();
        for approval in &mut context.approvals {
            approval.entities = own.clone();
        }
        Some(Request { action, actor: actor?, target: target?, args: args?, context, world: World { store, own } })
    }

    /// `{"name", "properties"}`: the action or event that was declared, and what is said of its fields.
    fn named<'j>(&mut self, json: &'j Json, path: &Path<'_>, event: bool) -> Option<(usize, Option<&'j Json>)> {
        let members = self.values.object(json, path, "an object with a `name`")?;
        for (name, _) in members.iter().filter(|(name, _)| name != "name" && name != "properties") {
            let of = if event { "`event`" } else { "`action`" };
            self.values.unknown(name, of, ["name", "properties"], path);
        }
        let name = self.values.text_member(json, "name", path)?;
        let schema = self.values.schema;
        let path = path.name("name");
        match schema.action(name) {
            Some((at, action)) if action.event == event => {
                Some((at, json.get("properties").filter(|properties| **properties != Json::Null)))
            }
            Some(_) if event => {
                self.values.error("E0613", &path, format!("{} is an action. Ask for it with `action`.", quote(name)));
                None
            }
            Some(_) => {
                self.values.error("E0613", &path, format!("{} is an event. Tell it with `event`.", quote(name)));
                None
            }
            None => {
                let what = if event { "event" } else { "action" };
                let names = schema.actions.iter().filter(|action| action.event == event).map(|action| &*action.name);
                let near = did_you_mean(name, names);
                self.values.error("E0613", &path, format!("No {what} is called {}.{near}", quote(name)));
                None
            }
        }
    }

    /// `Some(None)` where the action has no actor.
    fn subject(&mut self, json: &Json, action: &ActionSchema, path: &Path<'_>) -> Option<Option<EntityRef>> {
        if action.by.is_empty() {
            return Some(None);
        }
        let subject = self.values.member(json, "subject", path)?;
        self.values.described(subject, &action.by, &path.name("subject"), true).map(Some)
    }

    /// The declared fields, and the argument that is the target's id.
    #[allow(clippy::type_complexity)]
    fn arguments<'j>(
        &mut self,
        json: Option<&'j Json>,
        action: &ActionSchema,
        path: &Path<'_>,
    ) -> (Vec<Option<Option<Value>>>, Option<&'j Json>) {
        let Some(json) = json else { return (vec![None; action.fields.len()], None) };
        self.values.object(json, path, "an object");
        let as_arg = action.as_arg.as_deref();
        let read = self.values.known_fields(json, &action.fields, path, |values, name, path| {
            if as_arg != Some(name) {
                let names = action.fields.iter().map(|field| &*field.name).chain(as_arg);
                values.unknown(name, &format!("`{}`", action.name), names, path);
            }
        });
        (read, as_arg.and_then(|name| json.get(name)).filter(|json| **json != Json::Null))
    }

    /// `Some(None)` where the action has no target.
    fn resource(
        &mut self,
        json: &Json,
        action: &ActionSchema,
        argument: Option<&Json>,
        path: &Path<'_>,
        properties: &Path<'_>,
    ) -> Option<Option<EntityRef>> {
        let Some(first) = action.on.first() else { return Some(None) };
        let as_arg = action.as_arg.as_deref().unwrap_or_default();
        let resource = json.get("resource").filter(|resource| **resource != Json::Null);
        let target = resource.map(|json| self.values.described(json, &action.on, &path.name("resource"), true));
        let at = properties.name(as_arg);
        let argument = argument.map(|json| self.values.text(json, &at).and_then(|id| self.values.entity_id(id, &at)));
        match (target, argument) {
            (Some(target), Some(argument)) => {
                let (target, argument) = (target?, argument?);
                if *target.id != *argument {
                    let message = format!(
                        "{} is the resource's id, and that is {}. Give both alike, or one of them.",
                        quote(as_arg),
                        quote(&target.id)
                    );
                    self.values.error("E0615", &at, message);
                    return None;
                }
                Some(Some(target))
            }
            (Some(target), None) => target.map(Some),
            (None, Some(argument)) => {
                let target = EntityRef::new(*first, argument?);
                self.values.mentions.push(crate::schema::Mention {
                    entity: target.clone(),
                    path: at.to_string(),
                    given: None,
                });
                Some(Some(target))
            }
            (None, None) => {
                let message = if as_arg.is_empty() {
                    "`resource` is missing.".to_string()
                } else {
                    format!("`resource` is missing. Give it, or its id as {}.", quote(as_arg))
                };
                self.values.error("E0606", &path.name("resource"), message);
                None
            }
        }
    }

    /// Everything of `context` but the origins.
    fn context(&mut self, request: &Json, path: &Path<'_>) -> Option<Context> {
        let path = path.name("context");
        let nothing = Json::Object(vec![]);
        let json = request.get("context").filter(|json| **json != Json::Null).unwrap_or(&nothing);
        self.values.object(json, &path, "an object")?;
        let session =
            self.optional(json, "session", &path, |decoder, json, path| decoder.values.text(json, path).map(Arc::from));
        let time = self.optional(json, "time", &path, Decoder::instant);
        let time = match (time, self.reader.now) {
            (Some(None), Some(now)) => Some(now),
            (Some(None), None) => {
                let message = "The request has no time, and none was given beside it. Say when it is asked, as `\"2026-03-03T15:00:00Z\"`.";
                self.values.error("E0618", &path.name("time"), message);
                None
            }
            (time, _) => time.flatten(),
        };
        let asked = self.optional(json, "asked", &path, Decoder::instant);
        if let (Some(time), Some(Some(asked))) = (time, asked)
            && asked > time
        {
            self.values.error("E0608", &path.name("asked"), "The request was first asked after its own `time`.");
        }
        let id = self.optional(json, "id", &path, Decoder::id);
        let approvals = self.optional(json, "approvals", &path, Decoder::approvals);
        let schema = self.values.schema;
        let members = self.values.known_fields(json, &schema.context, &path, |_, _, _| {});
        let members = self.values.complete(members, &schema.context, &path);
        Some(Context {
            session: session?,
            time: time?,
            asked: asked?,
            id: id?,
            approvals: approvals?.unwrap_or_default(),
            origins: BTreeMap::new(),
            members: members?,
        })
    }

    /// A member that may be absent; nothing where it was told what is wrong with it.
    fn optional<T>(
        &mut self,
        json: &Json,
        name: &str,
        path: &Path<'_>,
        read: impl FnOnce(&mut Self, &Json, &Path<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match json.get(name) {
            None | Some(Json::Null) => Some(None),
            Some(json) => read(self, json, &path.name(name)).map(Some),
        }
    }

    fn instant(&mut self, json: &Json, path: &Path<'_>) -> Option<Instant> {
        match self.values.value(json, &Type::Instant, path)? {
            Value::Instant(instant) => Some(instant),
            _ => None,
        }
    }

    fn approvals(&mut self, json: &Json, path: &Path<'_>) -> Option<Vec<Approval>> {
        let Json::Array(items) = json else {
            self.values.error("E0608", path, format!("Found {}. Wanted: an array of approvals.", json.kind()));
            return None;
        };
        let approvals: Vec<_> =
            items.iter().enumerate().map(|(at, item)| self.approval(item, &path.index(at))).collect();
        approvals.into_iter().collect()
    }

    /// What is wrong with the form of an approval is E0622, whatever it is.
    fn approval(&mut self, json: &Json, path: &Path<'_>) -> Option<Approval> {
        let before = self.values.errors.len();
        let approval = self.approval_form(json, path);
        for error in &mut self.values.errors[before..] {
            error.code = "E0622";
        }
        approval
    }

    fn approval_form(&mut self, json: &Json, path: &Path<'_>) -> Option<Approval> {
        const MEMBERS: [&str; 6] = ["role", "by", "at", "expires", "request", "waives"];
        let members = self.values.object(json, path, "an approval, as an object")?;
        for (name, _) in members.iter().filter(|(name, _)| !MEMBERS.contains(&name.as_str())) {
            self.values.unknown(name, "an approval", MEMBERS, path);
        }
        let schema = self.values.schema;
        let role = self.values.text_member(json, "role", path).and_then(|name| {
            let role = schema.role(name);
            if role.is_none() {
                let near = did_you_mean(name, schema.roles.iter().map(|role| &*role.name));
                self.values.error("E0622", &path.name("role"), format!("No role is called {}.{near}", quote(name)));
            }
            role
        });
        let by = self.values.member(json, "by", path).and_then(|json| self.approver(json, role, &path.name("by")));
        let at = self.values.member(json, "at", path).and_then(|json| self.instant(json, &path.name("at")));
        let expires = self.optional(json, "expires", path, Decoder::instant);
        let request = self.values.text_member(json, "request", path).and_then(|digest| {
            let good = is_digest(digest);
            if !good {
                let message = "An approval names the request by its digest: `blake3:` and 64 hexadecimal digits, as the decision gave it.";
                self.values.error("E0622", &path.name("request"), message);
            }
            good.then(|| Arc::from(digest))
        });
        let waives = self.optional(json, "waives", path, |decoder, json, path| {
            let name = decoder.values.text(json, path)?;
            let rule = schema.waivable.iter().find(|rule| ***rule == *name).cloned();
            if rule.is_none() {
                let near = did_you_mean(name, schema.waivable.iter().map(|rule| &**rule));
                decoder.values.error("E0622", path, format!("{} is no rule that may be waived.{near}", quote(name)));
            }
            rule
        });
        let entities = Arc::default();
        Some(Approval {
            role: role?,
            by: by?,
            at: at?,
            expires: expires?,
            request: request?,
            waives: waives?,
            entities,
        })
    }

    /// Who approved; a bare id where the role is of one kind.
    fn approver(&mut self, json: &Json, role: Option<RoleId>, path: &Path<'_>) -> Option<EntityRef> {
        let schema = self.values.schema;
        let kinds = role.map_or(&[][..], |role| &schema.roles[role.index()].by);
        let by = match (json, kinds) {
            (Json::String(_), [_]) => self.values.entity(json, kinds, path),
            _ => self.values.described(json, &[], path, true),
        }?;
        let Some(role) = role else { return Some(by) };
        if kinds.is_empty() {
            // Of a role without kinds only the id is ever asked.
            if self.values.mentions.last().is_some_and(|mention| mention.given.is_none()) {
                self.values.mentions.pop();
            }
        } else if !kinds.contains(&by.kind) {
            let wanted = crate::schema::listed(kinds.iter().map(|kind| &*schema.entities[kind.index()].name), "or");
            let message = format!(
                "Found {}. Wanted: {wanted}, who may be {}.",
                quote(&schema.entities[by.kind.index()].name),
                quote(&schema.roles[role.index()].name)
            );
            self.values.error("E0622", &path.name("type"), message);
            return None;
        }
        Some(by)
    }
}
