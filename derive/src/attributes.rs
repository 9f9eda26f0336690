//! What stands in `#[ordain(…)]`: of a type, of a field, of a variant. Anything else there is an error at its place.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Ident, LitInt, LitStr, Path, Result, Token, parenthesized};

/// Of a type.
pub struct OfType {
    pub name: Option<LitStr>,
    /// Where `ordain_vm` is found.
    pub root: Path,
    pub without: Vec<LitStr>,
}

/// What a field is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Field,
    Actor,
    Target,
    Context,
    Id,
    Parents,
    Skip,
}

/// Of a field.
pub struct OfField {
    pub part: Part,
    pub rename: Option<LitStr>,
    pub digits: Option<u32>,
}

fn each(attributes: &[Attribute], mut read: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("ordain")) {
        attribute.parse_nested_meta(|meta| read(&meta))?;
    }
    Ok(())
}

impl OfType {
    /// `may`: which attributes the type may have. `root`: where `ordain_vm` is found, if they say nothing else.
    pub fn read(attributes: &[Attribute], may: &[&str], root: &Path) -> Result<OfType> {
        let mut of = OfType { name: None, root: root.clone(), without: vec![] };
        each(attributes, |meta| {
            match meta.path.get_ident().map(Ident::to_string).as_deref() {
                Some("name") if may.contains(&"name") => of.name = Some(meta.value()?.parse()?),
                Some("crate") => of.root = meta.value()?.parse::<LitStr>()?.parse()?,
                Some("without") if may.contains(&"without") => {
                    let names;
                    parenthesized!(names in meta.input);
                    of.without.extend(names.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,])?);
                }
                _ => {
                    let wanted: Vec<String> = may.iter().chain(&["crate"]).map(|name| format!("`{name}`")).collect();
                    return Err(meta.error(format!("wanted here: {}", wanted.join(", "))));
                }
            }
            Ok(())
        })?;
        Ok(of)
    }
}

impl OfField {
    /// `parts`: what a field of the type may be.
    pub fn read(attributes: &[Attribute], parts: &[(&str, Part)]) -> Result<OfField> {
        let mut of = OfField { part: Part::Field, rename: None, digits: None };
        each(attributes, |meta| {
            let name = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
            match name.as_str() {
                "rename" => of.rename = Some(meta.value()?.parse()?),
                "digits" => {
                    let digits: LitInt = meta.value()?.parse()?;
                    let count: u32 = digits.base10_parse()?;
                    if count > 12 {
                        return Err(Error::new(digits.span(), "a decimal has twelve digits behind the point"));
                    }
                    of.digits = Some(count);
                }
                name => match parts.iter().find(|(part, _)| *part == name) {
                    Some((_, part)) if of.part == Part::Field => of.part = *part,
                    Some(_) => return Err(meta.error("the field is something else already")),
                    None => {
                        let known = ["rename", "digits"].into_iter().chain(parts.iter().map(|(part, _)| *part));
                        let wanted: Vec<String> = known.map(|name| format!("`{name}`")).collect();
                        return Err(meta.error(format!("wanted here: {}", wanted.join(", "))));
                    }
                },
            }
            let named = matches!(of.part, Part::Field | Part::Context);
            if !named && (of.rename.is_some() || of.digits.is_some()) {
                return Err(meta.error("`rename` and `digits` are for fields that the policy names"));
            }
            Ok(())
        })?;
        Ok(of)
    }
}

/// What a variant is renamed to.
pub fn renamed(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut name = None;
    each(attributes, |meta| {
        if !meta.path.is_ident("rename") {
            return Err(meta.error("wanted here: `rename`"));
        }
        name = Some(meta.value()?.parse()?);
        Ok(())
    })?;
    Ok(name)
}

/// `PayInvoice` is `pay_invoice`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
