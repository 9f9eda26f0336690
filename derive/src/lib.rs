//! Structs of Rust as what a policy speaks of: `Action`, `Entity`, `Record` and `Enum`, for the traits of `ordain_vm::bind`,
//! where each is documented. What is written here is read by the compiler of Rust; names and types are held against a
//! policy by a binding.
//!
//! | module | makes |
//! | --- | --- |
//! | `attributes` | what stands in `#[ordain(…)]` |
//! | `structs` | `Action`, `Record`, `Entity` |
//! | `enums` | `Enum` |

mod attributes;
mod enums;
mod structs;

use proc_macro::TokenStream;
use syn::{DeriveInput, Path, parse_macro_input, parse_quote};

/// A struct that is asked as an action, or told as an event. See the trait of the same name.
///
/// ```
/// use ordain_vm::bind::{Action, Binding, Unfit};
/// use ordain_vm::verify::Verified;
///
/// #[derive(Action)]
/// #[ordain(name = "look", without("memo"))]
/// struct Look<'a> {
///     #[ordain(actor)]
///     agent: &'a str,
///     #[ordain(rename = "file-id")]
///     file: &'a str,
///     #[ordain(digits = 2)]
///     fee: Option<i64>,
/// }
///
/// fn bind(verified: &Verified) -> Result<Binding<Look<'static>>, Unfit> {
///     Binding::new(verified)
/// }
/// ```
#[proc_macro_derive(Action, attributes(ordain))]
pub fn action(input: TokenStream) -> TokenStream {
    made(structs::action(&parse_macro_input!(input as DeriveInput), &vm()))
}

/// A struct that says what is known of a thing. See the trait of the same name.
///
/// ```
/// use ordain_vm::bind::{Entity, Kind};
/// use ordain_vm::schema::{EntitySchema, FieldSchema, Schema};
/// use ordain_vm::value::{Type, Value};
///
/// #[derive(Entity)]
/// #[ordain(name = "Agent")]
/// struct Robot<'a> {
///     #[ordain(id)]
///     id: &'a str,
///     tier: i64,
/// }
///
/// // `entity Agent { tier: int }`
/// let tier = FieldSchema { name: "tier".into(), ty: Type::Int };
/// let agent = EntitySchema { name: "Agent".into(), parents: vec![], attributes: vec![tier] };
/// let schema = Schema { entities: vec![agent], ..Schema::default() };
///
/// let (of, known) = Kind::<Robot>::of(&schema).unwrap().entry(&Robot { id: "a-1", tier: 3 }).unwrap();
/// assert_eq!((&*of.id, known.attributes), ("a-1", vec![Value::Int(3)]));
/// ```
#[proc_macro_derive(Entity, attributes(ordain))]
pub fn entity(input: TokenStream) -> TokenStream {
    made(structs::entity(&parse_macro_input!(input as DeriveInput), &vm()))
}

/// A struct that is a field of a record type. Its fields are the record's, by name; `rename`, `digits`, `skip` and
/// `without` mean what they mean of an action.
///
/// ```
/// use ordain_vm::bind::{Entity, Enum, Kind, Record};
/// use ordain_vm::schema::{EntitySchema, EnumSchema, FieldSchema, RecordSchema, Schema};
/// use ordain_vm::value::{EnumId, RecordId, Type};
///
/// #[derive(Enum)]
/// enum Class {
///     Public,
///     #[ordain(rename = "secret")]
///     Hidden,
/// }
///
/// #[derive(Record)]
/// struct Mark {
///     class: Class,
///     #[ordain(rename = "note")]
///     memo: Option<String>,
/// }
///
/// #[derive(Entity)]
/// struct File {
///     #[ordain(id)]
///     id: String,
///     mark: Mark,
/// }
///
/// // `enum Class { public, secret }`, `record Mark { class: Class, note: text? }`, `entity File { mark: Mark }`
/// let field = |name: &str, ty: Type| FieldSchema { name: name.into(), ty };
/// let (class, note) = (field("class", Type::Enum(EnumId(0))), field("note", Type::TEXT.optional()));
/// let schema = Schema {
///     enums: vec![EnumSchema { name: "Class".into(), wire: vec!["public".into(), "secret".into()] }],
///     records: vec![RecordSchema { name: "Mark".into(), fields: vec![class, note] }],
///     entities: vec![EntitySchema {
///         name: "File".into(),
///         parents: vec![],
///         attributes: vec![field("mark", Type::Record(RecordId(0)))],
///     }],
///     ..Schema::default()
/// };
///
/// let files = Kind::<File>::of(&schema).unwrap();
/// let mark = |class| Mark { class, memo: Some("x".into()) };
/// let (_, known) = files.entry(&File { id: "f".into(), mark: mark(Class::Hidden) }).unwrap();
/// assert_eq!(schema.to_json(&known.attributes[0]).to_string(), r#"{"class":"secret","note":"x"}"#);
/// let (_, known) = files.entry(&File { id: "f".into(), mark: mark(Class::Public) }).unwrap();
/// assert_eq!(schema.to_json(&known.attributes[0]).to_string(), r#"{"class":"public","note":"x"}"#);
/// ```
#[proc_macro_derive(Record, attributes(ordain))]
pub fn record(input: TokenStream) -> TokenStream {
    made(structs::record(&parse_macro_input!(input as DeriveInput), &vm()))
}

/// An enum without fields that is a field of an enum type. Each variant is the member that stands in JSON as its name,
/// as it is or in snake case; or as `#[ordain(rename = "…")]` says. The example of [`Record`](macro@Record) has one.
#[proc_macro_derive(Enum, attributes(ordain))]
pub fn choice(input: TokenStream) -> TokenStream {
    made(enums::choice(&parse_macro_input!(input as DeriveInput), &vm()))
}

// The same for hosts that know the crate `ordain` alone, which gives them their usual names.

#[doc(hidden)]
#[proc_macro_derive(ActionOfHost, attributes(ordain))]
pub fn action_of_host(input: TokenStream) -> TokenStream {
    made(structs::action(&parse_macro_input!(input as DeriveInput), &host()))
}

#[doc(hidden)]
#[proc_macro_derive(EntityOfHost, attributes(ordain))]
pub fn entity_of_host(input: TokenStream) -> TokenStream {
    made(structs::entity(&parse_macro_input!(input as DeriveInput), &host()))
}

#[doc(hidden)]
#[proc_macro_derive(RecordOfHost, attributes(ordain))]
pub fn record_of_host(input: TokenStream) -> TokenStream {
    made(structs::record(&parse_macro_input!(input as DeriveInput), &host()))
}

#[doc(hidden)]
#[proc_macro_derive(EnumOfHost, attributes(ordain))]
pub fn choice_of_host(input: TokenStream) -> TokenStream {
    made(enums::choice(&parse_macro_input!(input as DeriveInput), &host()))
}

/// Where what is derived finds `ordain_vm`.
fn vm() -> Path {
    parse_quote!(::ordain_vm)
}

fn host() -> Path {
    parse_quote!(::ordain::vm)
}

fn made(made: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    made.unwrap_or_else(|error| error.to_compile_error()).into()
}
