//! `ordain.toml`: what a package is made of. Unknown members are errors: a misspelt option must not be ignored.

use crate::Complaint;
use ordain_compiler::format::Operators;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The manifest; a folder without one has the defaults.
#[derive(Debug, Default)]
pub struct Manifest {
    /// What reports call the package.
    pub name: Option<String>,
    /// Files and folders with the sources; without it, every `.ord` file below the folder.
    pub sources: Option<Vec<PathBuf>>,
    /// By `data` declaration: a JSON or CSV file.
    pub data: BTreeMap<String, PathBuf>,
    pub entities: EntitiesFrom,
    pub operators: Operators,
}

#[derive(Debug, Default)]
pub struct EntitiesFrom {
    /// The entity store.
    pub file: Option<PathBuf>,
    /// Whether what the store lacks may come with the request; unsaid, it may where there is no store.
    pub from_request: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    package: Option<PackagePart>,
    sources: Option<SourcesPart>,
    #[serde(default)]
    data: BTreeMap<String, PathBuf>,
    entities: Option<EntitiesPart>,
    fmt: Option<FmtPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackagePart {
    name: String,
    /// Of the package as a whole, for its readers: what a decision names is the version of each policy.
    #[serde(rename = "version")]
    _version: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourcesPart {
    paths: Vec<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntitiesPart {
    file: Option<PathBuf>,
    from: Option<From>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum From {
    Request,
    Store,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FmtPart {
    operators: Option<Words>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Words {
    Words,
    Symbols,
}

impl Manifest {
    /// Of the folder; the defaults where it has no `ordain.toml`.
    pub fn read(folder: &Path) -> Result<Manifest, Complaint> {
        let path = folder.join("ordain.toml");
        if !path.exists() {
            return Ok(Manifest::default());
        }
        let text = std::fs::read_to_string(&path).map_err(|error| super::unreadable(&path, &error))?;
        let file: File = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Complaint::new("E0625", &path, format!("{place}{}", error.message()))
        })?;
        let entities = file.entities.map_or_else(EntitiesFrom::default, |part| EntitiesFrom {
            from_request: part.from.map(|from| matches!(from, From::Request)),
            file: part.file,
        });
        let name = file.package.map(|part| part.name);
        let operators = match file.fmt.and_then(|part| part.operators) {
            Some(Words::Symbols) => Operators::Symbols,
            Some(Words::Words) | None => Operators::Words,
        };
        Ok(Manifest { name, sources: file.sources.map(|part| part.paths), data: file.data, entities, operators })
    }
}
