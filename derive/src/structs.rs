//! `Action`, `Record`, `Entity`: a plan for each field, in a tuple, and what is done with each in its order.

use crate::attributes::{OfField, OfType, Part, snake};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, GenericParam, Generics, Ident, Index, Lifetime, Path, Result, Type};

/// A field of the struct that is part of what it stands for.
struct Field<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    of: OfField,
    /// Its place in the tuple of plans.
    place: Index,
}

impl Field<'_> {
    /// As it is called in Rust.
    fn rust(&self) -> String {
        self.ident.to_string().trim_start_matches("r#").to_string()
    }

    /// As it is called in the policy.
    fn name(&self) -> String {
        self.of.rename.as_ref().map_or_else(|| self.rust(), syn::LitStr::value)
    }

    /// Its type as it is written, for a message.
    fn found(&self) -> String {
        let ty = self.ty;
        let spaced = quote!(#ty).to_string();
        let closer = [(" < ", "<"), (" >", ">"), ("& ", "&"), (" :: ", "::"), (" ,", ","), ("[ ", "["), (" ]", "]")];
        closer.iter().fold(spaced, |text, (from, to)| text.replace(from, to))
    }

    /// The type that is read.
    fn read(&self, root: &Path) -> TokenStream {
        let ty = self.ty;
        match self.of.digits {
            Some(digits) => quote!(#root::bind::Scaled<#digits, #ty>),
            None => quote!(#ty),
        }
    }

    /// What is read, by reference; it may stand for a moment only.
    fn reference(&self, root: &Path) -> TokenStream {
        let ident = self.ident;
        match self.of.digits {
            Some(digits) => quote!(&#root::bind::Scaled::<#digits, _>(self.#ident)),
            None => quote!(&self.#ident),
        }
    }

    fn plan_type(&self, root: &Path) -> TokenStream {
        let read = self.read(root);
        quote!(<#read as #root::bind::Field>::Plan)
    }
}

/// The type and its parameters: all are lifetimes.
struct Head<'a> {
    ident: &'a Ident,
    generics: &'a Generics,
}

impl<'a> Head<'a> {
    fn of(input: &'a DeriveInput) -> Result<Head<'a>> {
        let other = input.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
        match other {
            Some(other) => Err(Error::new_spanned(other, "only lifetimes can be parameters here: name the type")),
            None => Ok(Head { ident: &input.ident, generics: &input.generics }),
        }
    }

    /// The type with `'static` for each lifetime.
    fn whole(&self) -> TokenStream {
        let ident = self.ident;
        let lifetimes = self.generics.params.iter().map(|_| Lifetime::new("'static", ident.span()));
        if self.generics.params.is_empty() { quote!(#ident) } else { quote!(#ident<#(#lifetimes),*>) }
    }
}

fn fields<'a>(input: &'a DeriveInput, parts: &[(&str, Part)]) -> Result<Vec<Field<'a>>> {
    let named = match &input.data {
        Data::Struct(of) => match &of.fields {
            Fields::Named(named) => Some(&named.named),
            Fields::Unit => return Ok(vec![]),
            Fields::Unnamed(_) => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    let Some(named) = named else {
        return Err(Error::new_spanned(&input.ident, "wanted: a struct whose fields have names"));
    };
    let mut fields: Vec<Field<'_>> = vec![];
    for field in named {
        let of = OfField::read(&field.attrs, parts)?;
        let Some(ident) = &field.ident else { continue };
        let single = matches!(of.part, Part::Actor | Part::Target | Part::Id | Part::Parents);
        if single && fields.iter().any(|other| other.of.part == of.part) {
            return Err(Error::new_spanned(ident, "another field is that already"));
        }
        if of.part != Part::Skip {
            fields.push(Field { ident, ty: &field.ty, of, place: Index::from(fields.len()) });
        }
    }
    Ok(fields)
}

pub fn action(input: &DeriveInput, root: &Path) -> Result<TokenStream> {
    let parts = [("actor", Part::Actor), ("target", Part::Target), ("context", Part::Context), ("skip", Part::Skip)];
    let (head, fields) = (Head::of(input)?, fields(input, &parts)?);
    let OfType { name, root, without } = OfType::read(&input.attrs, &["name", "without"], root)?;
    let name = name.map_or_else(|| snake(&input.ident.to_string()), |name| name.value());
    let (mut types, mut plans, mut checks, mut fills, mut values) = (vec![], vec![], vec![], vec![], vec![]);
    let nobody = quote!(::core::option::Option::None);
    let (mut actor, mut target) = (nobody.clone(), nobody);
    for field in &fields {
        let (place, ident) = (&field.place, field.ident);
        let (rust, name, read) = (field.rust(), field.name(), field.read(&root));
        let (plan, reference) = (field.plan_type(&root), field.reference(&root));
        let found = field.found();
        match field.of.part {
            Part::Actor | Part::Target => {
                types.push(quote!(#root::bind::Party<#plan>));
                let party = quote!(plan.#place.named(&self.#ident));
                if field.of.part == Part::Actor {
                    plans.push(quote!(binder.actor::<#read>(#rust, #found)));
                    actor = party;
                } else {
                    plans.push(quote!(binder.target::<#read>(#rust, #found)));
                    target = party;
                }
                continue;
            }
            Part::Context => plans.push(quote!(binder.context::<#read>(#rust, #name, #found))),
            Part::Field | Part::Id | Part::Parents | Part::Skip => {
                plans.push(quote!(binder.field::<#read>(#rust, #name, #found)));
            }
        }
        types.push(quote!(#root::bind::Seat<#plan>));
        checks.push(quote!(plan.#place.check(#reference, checks);));
        fills.push(match field.of.digits {
            Some(digits) => quote!(plan.#place.put_scaled(#root::bind::Scaled::<#digits, _>(self.#ident), banks);),
            None => quote!(plan.#place.put(&self.#ident, banks);),
        });
        values.push(quote!(plan.#place.value(#reference, args, context);));
    }
    let locals: Vec<Ident> = fields.iter().map(|field| local(field)).collect();
    let (ident, whole) = (head.ident, head.whole());
    let (generics, parameters, wheres) = head.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, clippy::clone_on_copy)]
        impl #generics #root::bind::Action for #ident #parameters #wheres {
            const NAME: &'static str = #name;
            type Static = #whole;
            type Plan = (#(#types,)*);

            fn plan(binder: &mut #root::bind::Binder<'_>) -> ::core::option::Option<Self::Plan> {
                #(let #locals = #plans;)*
                binder.end(&[#(#without),*]);
                ::core::option::Option::Some((#(#locals?,)*))
            }

            #[inline]
            fn actor(&self, plan: &Self::Plan) -> ::core::option::Option<::std::borrow::Cow<'_, #root::value::EntityRef>> {
                #actor
            }

            #[inline]
            fn target(&self, plan: &Self::Plan) -> ::core::option::Option<::std::borrow::Cow<'_, #root::value::EntityRef>> {
                #target
            }

            #[inline]
            fn check(&self, plan: &Self::Plan, checks: &mut #root::bind::Checks<'_>) {
                #(#checks)*
            }

            #[inline]
            fn fill<'r>(&'r self, plan: &Self::Plan, banks: &mut #root::request::slots::Banks<'r>) {
                #(#fills)*
            }

            fn values(
                &self,
                plan: &Self::Plan,
                args: &mut [#root::value::Value],
                context: &mut [#root::value::Value],
            ) {
                #(#values)*
            }
        }
    })
}

/// The name of a plan while it is made.
fn local(field: &Field<'_>) -> Ident {
    quote::format_ident!("plan_{}", field.place.index)
}

pub fn record(input: &DeriveInput, root: &Path) -> Result<TokenStream> {
    let (head, fields) = (Head::of(input)?, fields(input, &[("skip", Part::Skip)])?);
    let OfType { root, without, .. } = OfType::read(&input.attrs, &["without"], root)?;
    let (mut types, mut plans, mut checks, mut values) = (vec![], vec![], vec![], vec![]);
    for field in &fields {
        let (place, found, rust, name) = (&field.place, field.found(), field.rust(), field.name());
        let (read, plan, reference) = (field.read(&root), field.plan_type(&root), field.reference(&root));
        types.push(quote!(#root::bind::Member<#plan>));
        plans.push(quote!(table.member::<#read>(fit, #rust, #name, #found)));
        checks.push(quote!(plan.members.#place.check(#reference, path, checks);));
        values.push(quote!(plan.members.#place.value(#reference, &mut row);));
    }
    let locals: Vec<Ident> = fields.iter().map(|field| local(field)).collect();
    let ident = head.ident;
    let (generics, parameters, wheres) = head.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, unused_mut)]
        impl #generics #root::bind::Field for #ident #parameters #wheres {
            type Plan = #root::bind::RecordPlan<(#(#types,)*)>;

            fn plan(
                fit: &mut #root::bind::Fit<'_>,
                ty: &#root::value::Type,
            ) -> ::core::option::Option<Self::Plan> {
                let (id, mut table) = #root::bind::Table::record(fit, ty)?;
                let fields = table.fields();
                #(let #locals = #plans;)*
                #root::bind::Table::end([&table], fit, &[#(#without),*]);
                let members = (#(#locals?,)*);
                ::core::option::Option::Some(#root::bind::RecordPlan { id, fields, members })
            }

            fn put<'r>(
                &'r self,
                plan: &Self::Plan,
                to: #root::request::slots::Slot,
                banks: &mut #root::request::slots::Banks<'r>,
            ) {
                banks.set_value(to, || #root::bind::Field::value(self, plan));
            }

            fn value(&self, plan: &Self::Plan) -> #root::value::Value {
                let mut row = plan.row();
                #(#values)*
                plan.value(row)
            }

            fn check(&self, plan: &Self::Plan, path: &#root::json::Path<'_>, checks: &mut #root::bind::Checks<'_>) {
                #(#checks)*
            }
        }
    })
}

pub fn entity(input: &DeriveInput, root: &Path) -> Result<TokenStream> {
    let parts = [("id", Part::Id), ("parents", Part::Parents), ("skip", Part::Skip)];
    let (head, fields) = (Head::of(input)?, fields(input, &parts)?);
    let OfType { name, root, without } = OfType::read(&input.attrs, &["name", "without"], root)?;
    let name = name.map_or_else(|| input.ident.to_string(), |name| name.value());
    let Some(id) = fields.iter().find(|field| field.of.part == Part::Id) else {
        return Err(Error::new_spanned(&input.ident, "an entity has an id: mark a field `#[ordain(id)]`"));
    };
    let id = id.ident;
    let (mut types, mut plans, mut checks, mut values) = (vec![], vec![], vec![], vec![]);
    let mut parents = quote!(#root::value::Value::Missing);
    let mut places = vec![];
    for field in fields.iter().filter(|field| field.of.part != Part::Id) {
        let place = Index::from(places.len());
        let (found, rust, name) = (field.found(), field.rust(), field.name());
        let (read, plan, reference) = (field.read(&root), field.plan_type(&root), field.reference(&root));
        if field.of.part == Part::Parents {
            types.push(quote!(#plan));
            plans.push(quote!(fit.part::<#read>(#rust, #found, parents)));
            checks.push(quote!(#root::bind::Field::check(#reference, &plan.#place, &path.name("parents"), checks);));
            parents = quote!(#root::bind::Field::value(#reference, &plan.#place));
        } else {
            types.push(quote!(#root::bind::Member<#plan>));
            plans.push(quote!(table.member::<#read>(fit, #rust, #name, #found)));
            checks.push(quote!(plan.#place.check(#reference, path, checks);));
            values.push(quote!(plan.#place.value(#reference, row);));
        }
        places.push(local(field));
    }
    let (ident, whole) = (head.ident, head.whole());
    let (generics, parameters, wheres) = head.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, unused_mut)]
        impl #generics #root::bind::Entity for #ident #parameters #wheres {
            const NAME: &'static str = #name;
            type Static = #whole;
            type Plan = (#(#types,)*);

            fn plan<'s>(
                fit: &mut #root::bind::Fit<'s>,
                mut table: #root::bind::Table<'s>,
                parents: &#root::value::Type,
            ) -> ::core::option::Option<Self::Plan> {
                #(let #places = #plans;)*
                #root::bind::Table::end([&table], fit, &[#(#without),*]);
                ::core::option::Option::Some((#(#places?,)*))
            }

            fn id(&self) -> ::std::sync::Arc<str> {
                ::std::convert::Into::into(::core::clone::Clone::clone(&self.#id))
            }

            fn attributes(&self, plan: &Self::Plan, row: &mut [#root::value::Value]) {
                #(#values)*
            }

            fn parents(&self, plan: &Self::Plan) -> #root::value::Value {
                #parents
            }

            fn check(&self, plan: &Self::Plan, path: &#root::json::Path<'_>, checks: &mut #root::bind::Checks<'_>) {
                #(#checks)*
            }
        }
    })
}
