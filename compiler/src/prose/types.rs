//! What is told from outside: actions and events, things and their attributes, and what their values may be.

use super::declarations::Term;
use super::{Block, Item, Prose, a, capital, listed};
use crate::check::types::names;
use crate::hir::{Action, Field, ModuleId, Returns};
use ordain_vm::value::{EntityId, RecordId, Type};

impl Prose<'_> {
    /// Actions and events, entities, records, enums, context, roles, duties and data, of the package's own modules.
    pub fn declared(&self) -> Vec<Term> {
        let package = self.package;
        let own = |module: ModuleId| !package[module].std;
        let section = |title: &str, items: Vec<Item>| {
            (!items.is_empty()).then(|| Term { title: title.to_string(), says: vec![Block::List(items)] })
        };
        let actions = |event: bool| {
            let all = package.actions.iter().filter(move |action| action.event == event && own(action.head.module));
            all.map(|action| self.declared_action(action)).collect::<Vec<_>>()
        };
        let entities = package.entities.iter().filter(|of| own(of.head.module)).map(|of| {
            let parents = self.kinds(&of.parents);
            let mut text = capital(&a(&self.words(&of.head.name.text)));
            if !of.parents.is_empty() {
                text += &format!(", which may be in {parents}");
            }
            Item { text, under: self.declared_fields(&of.attributes) }
        });
        // What an action returns has a record without a name of its own.
        let unnamed = |id: u32| {
            package
                .actions
                .iter()
                .any(|of| matches!(of.returns, Some(Returns::Record(record)) if record == RecordId(id)))
        };
        let records = (0..).zip(&package.records).filter(|(id, of)| own(of.head.module) && !unnamed(*id));
        let records = records.map(|(_, of)| Item {
            text: capital(&a(&self.words(&of.head.name.text))),
            under: self.declared_fields(&of.fields),
        });
        let enums = package.enums.iter().filter(|of| own(of.head.module)).map(|of| {
            let members: Vec<String> = of
                .members
                .iter()
                .map(|member| match *member.wire == *member.name.text {
                    true => self.words(&member.name.text),
                    false => format!("{} (told as “{}”)", self.words(&member.name.text), member.wire),
                })
                .collect();
            let (name, members) = (self.words(&of.head.name.text), listed(&members, "or"));
            let order = if of.ordered { ", each more than those before it" } else { "" };
            Item::of(format!("{}: {members}{order}", capital(&name)))
        });
        let roles = package.roles.iter().filter(|of| own(of.head.module)).map(|of| {
            let by = if of.by.is_empty() { String::new() } else { format!(", who is {}", self.kinds(&of.by)) };
            Item::of(format!("{}{by}", capital(&a(&self.words(&of.head.name.text)))))
        });
        let duties = package
            .duties
            .iter()
            .filter(|of| own(of.head.module))
            .map(|of| Item { text: capital(&self.words(&of.head.name.text)), under: self.declared_fields(&of.params) });
        let data = package.data.iter().filter(|of| own(of.head.module));
        let data = data.map(|of| Item::of(format!("‘{}’: {}", self.words(&of.head.name.text), self.ty(&of.ty))));
        [
            section("Actions", actions(false)),
            section("Events", actions(true)),
            section("Things", entities.collect()),
            section("Records", records.collect()),
            section("Kinds", enums.collect()),
            section("The context", self.declared_fields(&package.context)),
            section("Roles", roles.collect()),
            section("Duties", duties.collect()),
            section("Supplied from outside", data.collect()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn declared_action(&self, action: &Action) -> Item {
        let mut text = format!("‘{}’", self.words(&action.head.name.text));
        if !action.by.is_empty() {
            text += &format!(" by {}", self.kinds(&action.by));
        }
        if !action.on.is_empty() {
            text += &format!(" on {}", self.kinds(&action.on));
        }
        if let Some(name) = &action.as_arg {
            text += &format!(", whose id is the {}", self.words(&name.text));
        }
        let mut under = self.declared_fields(&action.fields);
        match &action.returns {
            Some(Returns::Type(ty)) => under.push(Item::of(format!("returns {}", self.ty(ty)))),
            Some(Returns::Record(record)) => under.push(Item {
                text: "returns:".to_string(),
                under: self.declared_fields(&self.package[*record].fields),
            }),
            None => {}
        }
        Item { text, under }
    }

    fn declared_fields(&self, fields: &[Field]) -> Vec<Item> {
        fields
            .iter()
            .map(|field| Item::of(format!("{}: {}", self.words(&field.name.text), self.ty(&field.ty))))
            .collect()
    }

    fn kinds(&self, kinds: &[EntityId]) -> String {
        listed(&kinds.iter().map(|kind| a(&self.kind(*kind))).collect::<Vec<_>>(), "or")
    }

    /// `a text of at most 40 characters`
    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "yes or no".to_string(),
            Type::Text(Some(most)) => format!("a text of at most {most} characters"),
            Type::Enum(id) => format!("one of {}", self.words(&self.package[*id].head.name.text)),
            Type::Record(id) => a(&self.words(&self.package[*id].head.name.text)),
            Type::Entity(kinds) => self.kinds(kinds),
            Type::List(of, None) => format!("a list, each {}", self.ty(of)),
            Type::List(of, Some(most)) => format!("a list of at most {most}, each {}", self.ty(of)),
            Type::Set(of) => format!("a set, each {}", self.ty(of)),
            Type::Map(key, value) => format!("for {} each {}", self.ty(key), self.ty(value)),
            Type::Optional(of) => format!("{}, or none", self.ty(of)),
            other => names::one(self.package, other),
        }
    }
}
