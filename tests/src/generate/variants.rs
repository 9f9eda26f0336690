//! `variants!`: for a set of names that were found, a method an enum that notes which variant a value is, and the list of all.
//! The lists are matched in full, so a new variant does not compile until it stands in them.

macro_rules! variants {
    ($of:ident: $($name:ident: $ty:ident { $($variant:ident)* })*) => {
        impl $of {
            $(fn $name(&mut self, value: &$ty) {
                let name = match value {
                    $($ty::$variant { .. } => stringify!($variant),)*
                };
                self.found.insert(format!("{}::{name}", stringify!($ty)));
            })*
        }
        const ALL: &[(&str, &[&str])] = &[$((stringify!($ty), &[$(stringify!($variant),)*]),)*];
    };
}
