//! Package -> Schema: the declared form of requests, entities and data, without what policies do with them.
//! `Checked::schema` calls it; ids stay what they are in the package.

use crate::hir::{Action, Effect, Field, Package, Returns};
use ordain_vm::schema::{ActionSchema, EntitySchema, EnumSchema, FieldSchema, RecordSchema, RoleSchema, Schema};
use ordain_vm::value::Type;

pub fn schema(package: &Package) -> Schema {
    let waivable = package.rules.iter().filter(|rule| matches!(rule.effect, Effect::Deny { waivers: Some(_) }));
    Schema {
        enums: package
            .enums
            .iter()
            .map(|item| EnumSchema {
                name: item.head.name.text.clone(),
                wire: item.members.iter().map(|member| member.wire.clone()).collect(),
            })
            .collect(),
        records: package
            .records
            .iter()
            .map(|item| RecordSchema { name: item.head.name.text.clone(), fields: fields(&item.fields) })
            .collect(),
        entities: package
            .entities
            .iter()
            .map(|item| EntitySchema {
                name: item.head.name.text.clone(),
                parents: item.parents.clone(),
                attributes: fields(&item.attributes),
            })
            .collect(),
        actions: package.actions.iter().map(action).collect(),
        context: fields(&package.context),
        roles: package
            .roles
            .iter()
            .map(|item| RoleSchema { name: item.head.name.text.clone(), by: item.by.clone() })
            .collect(),
        data: package
            .data
            .iter()
            .map(|item| FieldSchema { name: item.head.name.text.clone(), ty: item.ty.clone() })
            .collect(),
        waivable: waivable
            .map(|rule| format!("{}.{}", package[rule.policy].head.name.text, rule.head.name.text).into())
            .collect(),
    }
}

fn fields(fields: &[Field]) -> Vec<FieldSchema> {
    fields.iter().map(|field| FieldSchema { name: field.name.text.clone(), ty: field.ty.clone() }).collect()
}

fn action(action: &Action) -> ActionSchema {
    ActionSchema {
        name: action.head.name.text.clone(),
        event: action.event,
        by: action.by.clone(),
        on: action.on.clone(),
        as_arg: action.as_arg.as_ref().map(|name| name.text.clone()),
        fields: fields(&action.fields),
        returns: action.returns.as_ref().map(|returns| match returns {
            Returns::Type(ty) => ty.clone(),
            Returns::Record(record) => Type::Record(*record),
        }),
    }
}
