//! `Path`: where in a JSON text something stands, as messages and origins name it: `action.properties.to[0]`.
//! Readers carry one down on the stack; it becomes text only where it is told.

use super::Json;
use std::fmt::{Display, Formatter, Result as FmtResult};

/// A place in a JSON text.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The whole text.
    Root,
    /// A member of an object.
    Name(&'a Path<'a>, &'a str),
    /// An element of an array.
    Index(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub fn name(&'a self, name: &'a str) -> Path<'a> {
        Path::Name(self, name)
    }

    pub fn index(&'a self, at: usize) -> Path<'a> {
        Path::Index(self, at)
    }
}

impl Display for Path<'_> {
    /// A name of other characters than letters, digits, `_` and `-` stands in brackets, as a JSON string: `m["a b"]`.
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        match self {
            Path::Root => Ok(()),
            Path::Index(of, at) => write!(f, "{of}[{at}]"),
            Path::Name(Path::Root, name) if is_plain(name) => f.write_str(name),
            Path::Name(of, name) if is_plain(name) => write!(f, "{of}.{name}"),
            Path::Name(of, name) => write!(f, "{of}[{}]", Json::string(*name)),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}
