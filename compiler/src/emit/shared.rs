//! What the functions of a program share: the tables that instructions name by number.

use crate::analysis::Checked;
use crate::check::Given;
use crate::check::fold::Fold;
use crate::hir::{Field, Package};
use ordain_vm::program::{FieldOf, Pattern as Form, Program, Reading};
use ordain_vm::value::Type;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What is shared by the functions of a program.
pub(super) struct Shared<'a> {
    pub checked: &'a Checked,
    pub package: &'a Package,
    /// What is the same for every request.
    pub fold: Fold<'a>,
    pub program: Program,
    types: FxHashMap<Type, u32>,
    builtins: FxHashMap<String, u32>,
    patterns: FxHashMap<(bool, Arc<str>), u32>,
    fields: FxHashMap<(Type, Arc<str>), u32>,
    pub word_sets: FxHashMap<Vec<i64>, u32>,
    pub text_sets: FxHashMap<Vec<Arc<str>>, u32>,
    readings: FxHashMap<Reading, u32>,
    /// By what is kept, written out.
    pub accumulators: FxHashMap<String, u32>,
}

impl<'a> Shared<'a> {
    pub fn new(checked: &'a Checked, given: &'a Given<'a>, program: Program) -> Shared<'a> {
        Shared {
            checked,
            package: &checked.package,
            fold: Fold::new(given),
            program,
            types: FxHashMap::default(),
            builtins: FxHashMap::default(),
            patterns: FxHashMap::default(),
            fields: FxHashMap::default(),
            word_sets: FxHashMap::default(),
            text_sets: FxHashMap::default(),
            readings: FxHashMap::default(),
            accumulators: FxHashMap::default(),
        }
    }

    pub fn ty(&mut self, ty: &Type) -> u32 {
        let all = &mut self.program.types;
        *self.types.entry(ty.clone()).or_insert_with(|| numbered(all, ty.clone()))
    }

    pub fn builtin(&mut self, path: &str) -> u32 {
        let all = &mut self.program.builtins;
        *self.builtins.entry(path.to_string()).or_insert_with(|| numbered(all, path.into()))
    }

    pub fn pattern(&mut self, form: &Arc<str>, like: bool) -> u32 {
        let all = &mut self.program.patterns;
        let pattern = |form: &Arc<str>| if like { Form::Like(form.clone()) } else { Form::Matches(form.clone()) };
        *self.patterns.entry((like, form.clone())).or_insert_with(|| numbered(all, pattern(form)))
    }

    pub fn reading(&mut self, reading: Reading) -> u32 {
        let all = &mut self.program.readings;
        *self.readings.entry(reading.clone()).or_insert_with(|| numbered(all, reading))
    }

    /// A field of what is of that type, by record and kind.
    pub fn field(&mut self, of: &Type, name: &Arc<str>) -> u32 {
        let package = self.package;
        let place =
            |fields: &[Field]| fields.iter().position(|field| field.name.text == *name).map(|place| place as u32);
        let found: Vec<FieldOf> = match of.present() {
            Type::Record(id) => {
                let place = place(&package[*id].fields);
                place.map(|place| FieldOf::Record { record: id.0, place }).into_iter().collect()
            }
            Type::Entity(kinds) => kinds
                .iter()
                .filter_map(|kind| {
                    let place = place(&package[*kind].attributes)?;
                    Some(FieldOf::Entity { kind: kind.0, place })
                })
                .collect(),
            _ => vec![],
        };
        let all = &mut self.program.fields;
        *self.fields.entry((of.present().clone(), name.clone())).or_insert_with(|| numbered(all, found))
    }
}

pub(super) fn numbered<T>(all: &mut Vec<T>, one: T) -> u32 {
    all.push(one);
    all.len() as u32 - 1
}
