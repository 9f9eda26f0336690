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
use syn::{DeriveInput, parse_macro_input};

/// A struct that is asked as an action, or told as an event. See the trait of the same name.
#[proc_macro_derive(Action, attributes(ordain))]
pub fn action(input: TokenStream) -> TokenStream {
    made(structs::action(&parse_macro_input!(input as DeriveInput)))
}

/// A struct that says what is known of a thing. See the trait of the same name.
#[proc_macro_derive(Entity, attributes(ordain))]
pub fn entity(input: TokenStream) -> TokenStream {
    made(structs::entity(&parse_macro_input!(input as DeriveInput)))
}

/// A struct that is a field of a record type. Its fields are the record's, by name; `rename`, `digits`, `skip` and
/// `without` mean what they mean of an action.
#[proc_macro_derive(Record, attributes(ordain))]
pub fn record(input: TokenStream) -> TokenStream {
    made(structs::record(&parse_macro_input!(input as DeriveInput)))
}

/// An enum without fields that is a field of an enum type. Each variant is the member that stands in JSON as its name,
/// as it is or in snake case; or as `#[ordain(rename = "…")]` says.
#[proc_macro_derive(Enum, attributes(ordain))]
pub fn choice(input: TokenStream) -> TokenStream {
    made(enums::choice(&parse_macro_input!(input as DeriveInput)))
}

fn made(made: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    made.unwrap_or_else(|error| error.to_compile_error()).into()
}
