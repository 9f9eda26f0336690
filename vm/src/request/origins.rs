//! `context.origins`: where values were seen, by path; paths are held against the action's declared fields.
//! `decode` calls it; what provenance a rule asks for is the engine's.

use super::Origin;
use crate::json::{Json, Path, parse};
use crate::schema::{ActionSchema, Schema, Values, quote};
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A step of a path as it was written.
enum Step {
    Name(String),
    Index(usize),
}

/// Reads `{"to[0]": ["the user"], …}`. Each path must lead to a leaf of what was asked (E0607). They come out as
/// [`Schema::leaves`] spells them; the target's id as `resource.id`, and besides as the argument that it is (`as arg`).
pub(super) fn read_origins(
    values: &mut Values<'_>,
    action: &ActionSchema,
    args: &[Option<Option<Value>>],
    properties: Option<&Json>,
    json: &Json,
    path: &Path<'_>,
) -> BTreeMap<Arc<str>, Vec<Origin>> {
    let schema = values.schema;
    let mut origins: BTreeMap<Arc<str>, Vec<Origin>> = BTreeMap::new();
    let Some(members) =
        values.object(json, path, "an object with a path for each value, as `{\"to[0]\": [\"the user\"]}`")
    else {
        return origins;
    };
    for (name, places) in members {
        let at = path.name(name);
        let keys = match steps(name) {
            None => Err(format!(
                "{} is no path. Write it as `to[0]`, `attachments[0].file_id` or `resource.id`.",
                quote(name)
            )),
            Some(steps) => Walk { schema, action }.keys(&steps, args, properties),
        };
        let keys = keys.unwrap_or_else(|message| {
            values.error("E0607", &at, message);
            vec![]
        });
        let places = read_places(values, places, &at);
        for key in keys {
            if let Some(before) = origins.get_mut(&*key) {
                // The target's id may be told of by both its names.
                before.extend(places.iter().cloned());
                before.sort();
                before.dedup();
            } else {
                origins.insert(key.into(), places.clone());
            }
        }
    }
    origins
}

fn read_places(values: &mut Values<'_>, json: &Json, path: &Path<'_>) -> Vec<Origin> {
    let Json::Array(items) = json else {
        values.error("E0608", path, format!("Found {}. Wanted: an array of places, as `[\"the user\"]`.", json.kind()));
        return vec![];
    };
    let schema = values.schema;
    let mut places: Vec<Origin> = vec![];
    for (at, item) in items.iter().enumerate() {
        places.extend(values.text(item, &path.index(at)).map(|text| origin(schema, text)));
    }
    places.sort();
    places.dedup();
    places
}

/// `the user`, `the operator`, `get_contacts`, `get_contacts.email`; every other text is a place without a word.
fn origin(schema: &Schema, text: &str) -> Origin {
    let name = &text[..text.find(['.', '[']).unwrap_or(text.len())];
    match (text, schema.action(name)) {
        ("the user", _) => Origin::User,
        ("the operator", _) => Origin::Operator,
        (_, None) => Origin::Other(text.into()),
        (_, Some((action, _))) => {
            let steps = steps(text).unwrap_or_default();
            match steps.as_slice() {
                [_] => Origin::Result { action, field: None },
                [_, Step::Name(field)] => Origin::Result { action, field: Some(field.as_str().into()) },
                // Part of a field is no place that a policy can name.
                _ => Origin::Other(text.into()),
            }
        }
    }
}

/// The steps of `attachments[0].file_id`, `rates["a b"]`; the first is a name. More than 64 are no path.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        if steps.len() == 64 {
            return None;
        }
        if let Some(inside) = rest.strip_prefix('[') {
            let end = if inside.starts_with('"') { string_end(inside)? } else { inside.find(']')? };
            let (step, behind) = inside.split_at(end);
            rest = behind.strip_prefix(']')?;
            if step.starts_with('"') {
                steps.push(Step::Name(parse(step.as_bytes()).ok()?.as_str()?.to_string()));
            } else if step.len() <= 9 && !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
                steps.push(Step::Index(step.parse().ok()?));
            } else {
                return None;
            }
        } else {
            let name = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Name(name[..end].to_string()));
            rest = &name[end..];
        }
    }
    matches!(steps.first(), Some(Step::Name(_))).then_some(steps)
}

/// Where the string ends that `text` begins with, its quotes included.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return Some(at + 1),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    None
}

struct Walk<'a> {
    schema: &'a Schema,
    action: &'a ActionSchema,
}

impl Walk<'_> {
    /// The keys under which the origins of that leaf are kept, or what is wrong with the path.
    fn keys(
        &self,
        steps: &[Step],
        args: &[Option<Option<Value>>],
        properties: Option<&Json>,
    ) -> Result<Vec<String>, String> {
        let [Step::Name(root), rest @ ..] = steps else { return Err("The path is empty.".to_string()) };
        let as_arg = self.action.as_arg.as_deref();
        let field = self.action.fields.iter().position(|field| *field.name == **root);
        let target = match rest {
            [] => as_arg == Some(root),
            [Step::Name(id)] => root == "resource" && id == "id" && field.is_none() && !self.action.on.is_empty(),
            _ => false,
        };
        if target {
            let mut keys = vec!["resource.id".to_string()];
            keys.extend(as_arg.map(|name| Path::Root.name(name).to_string()));
            return Ok(keys);
        }
        let Some(at) = field else {
            let names = self.action.fields.iter().map(|field| &*field.name).chain(as_arg);
            let names = if self.action.on.is_empty() {
                names.collect()
            } else {
                names.chain(["resource.id"]).collect::<Vec<_>>()
            };
            let near = crate::schema::did_you_mean(root, names);
            return Err(format!("{} is no field of `{}`.{near}", quote(root), self.action.name));
        };
        let json = properties.and_then(|json| json.get(root));
        let absent = Value::Missing;
        let value = match &args[at] {
            Some(read) => read.as_ref(),
            // Where it had to be there, that it is not has been said.
            None => self.action.fields[at].ty.is_optional().then_some(&absent),
        };
        self.walk(rest, &self.action.fields[at].ty, value, json, &Path::Root.name(root)).map(|key| vec![key])
    }

    /// What could not be read has no value; then only the types are looked at.
    fn walk(
        &self,
        steps: &[Step],
        ty: &Type,
        value: Option<&Value>,
        json: Option<&Json>,
        path: &Path<'_>,
    ) -> Result<String, String> {
        if let Some(Value::Missing) = value {
            return Err(format!("`{path}` is not in the request."));
        }
        let [step, rest @ ..] = steps else {
            return match value.map(|value| self.schema.leaves("x", value)) {
                Some(leaves) if leaves.iter().any(|(leaf, _)| leaf != "x") => Err(format!(
                    "`{path}` has parts. Say of each where it was seen, as `{path}{}`.",
                    leaves[0].0.trim_start_matches('x')
                )),
                _ => Ok(path.to_string()),
            };
        };
        let scratch = || Values::new(self.schema, true);
        match (ty.present(), step) {
            (Type::Record(id), Step::Name(name)) => {
                let fields = &self.schema.records[id.index()].fields;
                let Some(at) = fields.iter().position(|field| *field.name == **name) else {
                    let near = crate::schema::did_you_mean(name, fields.iter().map(|field| &*field.name));
                    return Err(format!("`{path}` has no field {}.{near}", quote(name)));
                };
                let value = match value {
                    Some(Value::Record(_, values)) => values.get(at),
                    other => other,
                };
                self.walk(rest, &fields[at].ty, value, json.and_then(|json| json.get(name)), &path.name(name))
            }
            (Type::List(of, _), Step::Index(at)) => {
                let value = match value {
                    Some(Value::List(values)) => Some(values.get(*at).ok_or_else(|| entries(path, values.len()))?),
                    other => other,
                };
                self.walk(rest, of, value, element(json, *at), &path.index(*at))
            }
            (Type::Set(of), Step::Index(at)) => {
                let Some(Value::Set(values)) = value else { return self.walk(rest, of, value, None, &path.index(*at)) };
                let json = element(json, *at).ok_or_else(|| entries(path, values.len()))?;
                let value = scratch().value(json, of, &Path::Root);
                let place = values.iter().position(|entry| Some(entry) == value.as_ref()).unwrap_or(*at);
                self.walk(rest, of, value.as_ref(), Some(json), &path.index(place))
            }
            (Type::Map(key, of), Step::Name(name)) => {
                let Some(Value::Map(map)) = value else { return self.walk(rest, of, value, None, &path.name(name)) };
                let key = scratch().key(name, key, &Path::Root);
                let entry = key.and_then(|key| map.get_key_value(&key));
                let (key, value) = entry.ok_or_else(|| format!("`{path}` has no key {}.", quote(name)))?;
                self.walk(
                    rest,
                    of,
                    Some(value),
                    json.and_then(|json| json.get(name)),
                    &path.name(&self.schema.key(key)),
                )
            }
            _ => Err(format!("`{path}` has no such part. Only records, lists, sets and maps have parts.")),
        }
    }
}

fn element(json: Option<&Json>, at: usize) -> Option<&Json> {
    match json {
        Some(Json::Array(items)) => items.get(at),
        _ => None,
    }
}

fn entries(path: &Path<'_>, count: usize) -> String {
    format!("`{path}` has {count} {}.", if count == 1 { "entry" } else { "entries" })
}
