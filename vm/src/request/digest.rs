//! The digest of a typed request, by which approvals name it.
//! Engines put it into decisions; hosts that approve compare it.

use super::Request;
use crate::json::Json;
use crate::schema::Schema;
use crate::value::EntityRef;

/// It has the form of a digest: `blake3:` and 64 hexadecimal digits, in small letters.
pub fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("blake3:").unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Request {
    /// BLAKE3 over [`Request::canonical`].
    pub fn digest(&self, schema: &Schema, id: &str) -> [u8; 32] {
        *blake3::hash(self.canonical(schema, id).as_bytes()).as_bytes()
    }

    /// Both have one digest under one id.
    pub fn is_same_content(&self, other: &Request, schema: &Schema) -> bool {
        let parties = self.actor == other.actor && self.target == other.target;
        let alike = self.action == other.action && parties && self.args == other.args;
        alike || self.canonical(schema, "") == other.canonical(schema, "")
    }

    /// The text whose UTF-8 bytes are digested: what is asked, by whom and on what, under which id.
    ///
    /// ```text
    /// {"subject":{"type":"Agent","id":"ap-1"},"action":{"name":"pay_invoice","properties":{"amount":"25000 USD","invoice":"INV-7"}},"resource":{"type":"Vendor","id":"acme"},"context":{"id":"r-1"}}
    /// ```
    ///
    /// It is JSON without spaces, with these members in this order: `subject` where the action has one, `action` (so
    /// too of an event), `resource` where the action has one, `context` with the id alone. `properties` holds the
    /// declared fields that are there, in declared order, each in the one form of [`Schema::to_json`]. The argument that
    /// is the target's id (`as arg`) is no field: it is `resource.id`. In strings `"` and `\` have a backslash in front;
    /// U+0008, U+0009, U+000A, U+000C and U+000D are `\b`, `\t`, `\n`, `\f` and `\r`; other characters below U+0020 are
    /// `\u00` and two small hexadecimal digits; everything else stands as it is.
    ///
    /// Of entities only kind and id are in it: attributes and parents may change between asking and approving, as may
    /// session, time and origins, and the decision is made again with what then holds.
    pub fn canonical(&self, schema: &Schema, id: &str) -> String {
        let action = &schema.actions[self.action];
        let present = action.fields.iter().zip(&self.args).filter(|(_, value)| !value.is_missing());
        let properties = present.map(|(field, value)| (field.name.to_string(), schema.to_json(value))).collect();
        let entity = |name: &str, entity: &Option<EntityRef>| {
            entity.as_ref().map(|entity| (name.to_string(), schema.entity_to_json(entity)))
        };
        let mut members = vec![];
        members.extend(entity("subject", &self.actor));
        let named = vec![("name".into(), Json::string(&*action.name)), ("properties".into(), Json::Object(properties))];
        members.push(("action".to_string(), Json::Object(named)));
        members.extend(entity("resource", &self.target));
        members.push(("context".to_string(), Json::Object(vec![("id".into(), Json::string(id))])));
        Json::Object(members).to_string()
    }
}

/// BLAKE3
pub fn digest_of(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// As decisions and approvals write it: `blake3:` and 64 small hexadecimal digits.
pub fn digest_text(digest: [u8; 32]) -> String {
    format!("blake3:{}", blake3::Hash::from_bytes(digest).to_hex())
}
