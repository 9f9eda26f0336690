//! Checked -> plain English: what each declaration means, made from the tree that runs and never from comments, so that
//! what a reviewer signs is what decides.
//!
//! | module | says |
//! | --- | --- |
//! | `prose/values.rs` | what a value is: `the vendor's country` |
//! | `prose/conditions.rs` | when something holds, with `not` taken inwards: `the vendor's country is in sanctioned` |
//! | `prose/past.rs` | what is asked of the past, and windows |
//! | `prose/rules.rs` | what a rule or limit does, in sentences |
//! | `prose/declarations.rs` | terms, tables, sets, and what a policy does where no rule speaks |
//! | `prose/types.rs` | what is told from outside, and what its values may be |
//! | `prose/markdown.rs` | the sections of a package as Markdown |
//!
//! Two programs that differ in meaning read differently: a name stands for itself, a text in quotation marks, and what is
//! put together from parts that could be read two ways stands in parentheses or in a list.

mod conditions;
mod declarations;
mod markdown;
mod past;
mod rules;
mod types;
mod values;

pub use markdown::{markdown, page};

use crate::analysis::Checked;
use crate::hir::{ActionId, Package};
use ordain_vm::schema::Schema;
use rustc_hash::{FxHashMap, FxHashSet};

/// One paragraph, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Sentence(String),
    List(Vec<Item>),
    /// A head and rows of as many cells.
    Table(Vec<String>, Vec<Vec<String>>),
}

/// An entry of a list, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub text: String,
    pub under: Vec<Item>,
}

impl Item {
    fn of(text: impl Into<String>) -> Item {
        Item { text: text.into(), under: vec![] }
    }
}

/// Makes words of a package.
pub struct Prose<'a> {
    checked: &'a Checked,
    package: &'a Package,
    schema: Schema,
    /// Names of which several would be written alike: they stay as they are.
    alike: FxHashSet<&'a str>,
}

/// Where something is said: the actions say what `actor` and `target` are.
#[derive(Clone, Copy, Debug, Default)]
struct Scope<'a> {
    actions: &'a [ActionId],
}

impl<'a> Prose<'a> {
    pub fn new(checked: &'a Checked) -> Prose<'a> {
        let package = &checked.package;
        Prose { checked, package, schema: checked.schema(), alike: alike(package) }
    }

    /// A name as people write it, where it is no other's too.
    fn words(&self, name: &str) -> String {
        if self.alike.contains(name) { name.to_string() } else { words(name) }
    }

    /// A name as a noun: `amount`, and where it would be taken for another part of the sentence `‘to’`.
    fn noun(&self, name: &str) -> String {
        const OTHERS: [&str; 24] = [
            "a", "all", "and", "any", "at", "by", "each", "every", "for", "from", "if", "in", "is", "it", "no", "of",
            "on", "or", "since", "some", "the", "to", "until", "with",
        ];
        let said = self.words(name);
        if OTHERS.contains(&&*said) { quoted(&said) } else { said }
    }
}

/// Names that differ and would be written alike, as `is_trusted` and `isTrusted`. What begins with a capital letter is a
/// kind of thing, and stands in other places than the rest: `Vendor` and `vendor` are told apart by them.
fn alike(package: &Package) -> FxHashSet<&str> {
    let heads = (package.enums.iter().map(|of| &of.head))
        .chain(package.records.iter().map(|of| &of.head))
        .chain(package.entities.iter().map(|of| &of.head))
        .chain(package.actions.iter().map(|of| &of.head))
        .chain(package.duties.iter().map(|of| &of.head))
        .chain(package.roles.iter().map(|of| &of.head))
        .chain(package.sets.iter().map(|of| &of.head))
        .chain(package.data.iter().map(|of| &of.head))
        .chain(package.defines.iter().map(|of| &of.head))
        .chain(package.tables.iter().map(|of| &of.head))
        .chain(package.policies.iter().map(|of| &of.head))
        .chain(package.rules.iter().map(|of| &of.head))
        .map(|head| &*head.name.text);
    let fields = (package.context.iter())
        .chain(package.records.iter().flat_map(|of| &of.fields))
        .chain(package.entities.iter().flat_map(|of| &of.attributes))
        .chain(package.actions.iter().flat_map(|of| &of.fields))
        .chain(package.duties.iter().flat_map(|of| &of.params))
        .map(|field| &*field.name.text);
    let others = (package.actions.iter().filter_map(|of| of.as_arg.as_ref()))
        .chain(package.locals.iter().map(|of| &of.name))
        .chain(package.enums.iter().flat_map(|of| &of.members).map(|of| &of.name))
        .map(|name| &*name.text);
    let mut by_words: FxHashMap<(String, bool), FxHashSet<&str>> = FxHashMap::default();
    for name in heads.chain(fields).chain(others) {
        let kind = name.starts_with(|first: char| first.is_uppercase());
        by_words.entry((words(name), kind)).or_default().insert(name);
    }
    by_words.into_values().filter(|names| names.len() > 1).flatten().collect()
}

/// A name as people write it: `pay_invoice` is `pay invoice`, `ServiceAccount` is `service account`.
fn words(name: &str) -> String {
    let mut said = String::with_capacity(name.len() + 4);
    // `source_` is a name that would be a word of the language without its end.
    let letters: Vec<char> = name.strip_suffix('_').unwrap_or(name).chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let starts = letter.is_uppercase() && at > 0 && letters[at - 1].is_lowercase();
        let ends_capitals = letter.is_uppercase()
            && at > 0
            && letters[at - 1].is_uppercase()
            && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        match letter {
            '_' if at > 0 && at + 1 < letters.len() => said.push(' '),
            _ if starts || ends_capitals => {
                said.push(' ');
                said.extend(letter.to_lowercase());
            }
            _ => {
                // `DNS` stays; `Vendor` is a word like others.
                let capital = letters.get(at + 1).is_none_or(|next| next.is_uppercase() || !next.is_alphabetic())
                    && letters.iter().filter(|letter| letter.is_alphabetic()).count() > 1;
                if capital { said.push(*letter) } else { said.extend(letter.to_lowercase()) }
            }
        }
    }
    said
}

/// A name that stands for itself.
fn quoted(name: &str) -> String {
    format!("‘{name}’")
}

/// With a capital letter at the start.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// `a`, `a and b`, `a, b and c`.
fn listed(all: &[String], word: &str) -> String {
    match all {
        [] => "nothing".to_string(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} {word} {last}", before.join(", ")),
    }
}

/// With the article that goes before it.
fn a(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// Whose: `the vendor's`.
fn whose(noun: &str) -> String {
    format!("{noun}’s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_write_them() {
        for (name, said) in [
            ("pay_invoice", "pay invoice"),
            ("Vendor", "vendor"),
            ("ServiceAccount", "service account"),
            ("DNSRecord", "DNS record"),
            ("USD", "USD"),
            ("x", "x"),
            ("X", "x"),
            ("count_", "count"),
            ("_hidden", "_hidden"),
        ] {
            assert_eq!(words(name), said);
        }
    }

    #[test]
    fn lists() {
        let of = |all: &[&str]| listed(&all.iter().map(|one| one.to_string()).collect::<Vec<_>>(), "or");
        assert_eq!(
            (of(&[]), of(&["a"]), of(&["a", "b"]), of(&["a", "b", "c"])),
            ("nothing".into(), "a".into(), "a or b".into(), "a, b or c".into())
        );
    }
}
