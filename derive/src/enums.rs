//! `Enum`: which variant is which member is settled by the plan; a value is then a look-up.

use crate::attributes::{OfType, renamed, snake};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Path, Result};

pub fn choice(input: &DeriveInput, root: &Path) -> Result<TokenStream> {
    let Data::Enum(of) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "`Enum` is for enums; a struct is a `Record`"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "an `Enum` has no parameters"));
    }
    let OfType { root, .. } = OfType::read(&input.attrs, &[], root)?;
    let ident = &input.ident;
    let (mut variants, mut places) = (vec![], vec![]);
    for (place, variant) in of.variants.iter().enumerate() {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(&variant.fields, "a member of an enum has no fields"));
        }
        let (name, rust) = (&variant.ident, variant.ident.to_string());
        let names = match renamed(&variant.attrs)? {
            Some(renamed) => quote!(&[#renamed]),
            None => {
                let snake = snake(&rust);
                quote!(&[#snake, #rust])
            }
        };
        variants.push(quote!(#root::bind::Variant { rust: #rust, names: #names }));
        places.push(quote!(#ident::#name => #place));
    }
    if variants.is_empty() {
        return Err(Error::new_spanned(ident, "an enum has a member"));
    }
    Ok(quote! {
        const _: () = {
            fn place(of: &#ident) -> usize {
                match of { #(#places,)* }
            }

            #[automatically_derived]
            impl #root::bind::Field for #ident {
                type Plan = #root::bind::EnumPlan;

                fn plan(
                    fit: &mut #root::bind::Fit<'_>,
                    ty: &#root::value::Type,
                ) -> ::core::option::Option<#root::bind::EnumPlan> {
                    #root::bind::enum_plan(fit, ty, &[#(#variants,)*])
                }

                #[inline]
                fn put<'r>(
                    &'r self,
                    plan: &#root::bind::EnumPlan,
                    to: #root::request::slots::Slot,
                    banks: &mut #root::request::slots::Banks<'r>,
                ) {
                    plan.put(place(self), to, banks);
                }

                fn value(&self, plan: &#root::bind::EnumPlan) -> #root::value::Value {
                    plan.value(place(self))
                }
            }
        };
    })
}
