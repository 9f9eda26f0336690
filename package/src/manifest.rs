//! `ordain.toml`: what a package is made of. Unknown members are errors: a misspelt option must not be ignored.
//! All that is wrong with it is told, each at its own place; what it names is read by `read`.

use crate::Complaint;
use ordain_compiler::format::Operators;
use ordain_compiler::source::Source;
use ordain_vm::schema::nearest;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The manifest; a folder without one has the defaults.
#[derive(Debug, Default)]
pub struct Manifest {
    /// Where it was read.
    pub source: Option<Source>,
    /// What reports call the package.
    pub name: Option<String>,
    /// Of the package as a whole.
    pub version: Option<String>,
    /// Files and folders with the sources; without it, every `.ord` file below the folder.
    pub sources: Option<Vec<Named>>,
    /// By `data` declaration: a JSON or CSV file.
    pub data: BTreeMap<String, DataFile>,
    pub entities: EntitiesFrom,
    pub operators: Operators,
}

/// A file or folder, and where it is named.
#[derive(Clone, Debug)]
pub struct Named {
    pub path: PathBuf,
    pub at: Range<usize>,
}

#[derive(Clone, Debug)]
pub struct DataFile {
    pub file: Named,
    /// Where the name of the `data` stands.
    pub key: Range<usize>,
}

#[derive(Debug, Default)]
pub struct EntitiesFrom {
    /// The entity store.
    pub file: Option<Named>,
    /// Whether what the store lacks may come with the request; unsaid, it may where there is no store.
    pub from_request: Option<bool>,
}

impl Manifest {
    /// Of the folder; the defaults where it has no `ordain.toml`. What is wrong with it stands beside what could be read.
    pub fn read(folder: &Path) -> (Manifest, Vec<Complaint>) {
        let path = folder.join("ordain.toml");
        if !path.exists() {
            return (Manifest::default(), vec![]);
        }
        match crate::read::read_text(&path) {
            Ok(text) => Manifest::parse(Source::new(path.display().to_string(), text)),
            Err(complaint) => (Manifest::default(), vec![complaint]),
        }
    }

    /// The same of its text.
    pub fn parse(source: Source) -> (Manifest, Vec<Complaint>) {
        let text = source.text.clone();
        let (whole, errors) = DeTable::parse_recoverable(&text);
        let mut reader = Reader { source: &source, complaints: vec![] };
        let mut manifest = Manifest::default();
        for error in &errors {
            // Behind what is no TOML nothing can be relied on.
            reader.wrong(error.span().unwrap_or_default(), format!("this is not TOML: {}", error.message()));
        }
        if errors.is_empty() {
            reader.manifest(whole.get_ref(), &mut manifest);
        }
        let mut complaints = reader.complaints;
        complaints.sort_by_key(|complaint| complaint.place.as_ref().map(|place| place.at.start));
        (Manifest { source: Some(source), ..manifest }, complaints)
    }

    /// A complaint about what stands there.
    pub fn complaint(&self, code: &'static str, at: &Range<usize>, message: impl Into<String>) -> Option<Complaint> {
        Some(Complaint::at(code, self.source.as_ref()?, at.clone(), message))
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

struct Reader<'s> {
    source: &'s Source,
    complaints: Vec<Complaint>,
}

impl Reader<'_> {
    /// E0625
    fn wrong(&mut self, at: Range<usize>, message: impl Into<String>) {
        self.complaints.push(Complaint::at("E0625", self.source, at, message));
    }

    fn manifest(&mut self, whole: &DeTable<'_>, manifest: &mut Manifest) {
        for (key, value) in whole {
            let name: &str = key.get_ref();
            if !["package", "sources", "data", "entities", "fmt"].contains(&name) {
                let sections = ["package", "sources", "data", "entities", "fmt"];
                self.unknown(key.span(), &format!("section `[{name}]`"), "the manifest", name, &sections);
                continue;
            }
            let Some(section) = value.get_ref().as_table() else {
                self.wrong(key.span(), format!("`{name}` is a section, written `[{name}]` on a line of its own"));
                continue;
            };
            match name {
                "package" => (manifest.name, manifest.version) = self.package(key.span(), section),
                "sources" => manifest.sources = self.sources(section),
                "data" => {
                    for (key, value) in section {
                        let file = self.text(key.get_ref(), value, "the name of a JSON or CSV file");
                        if let Some((path, at)) = file {
                            let file = DataFile { file: Named { path: path.into(), at }, key: key.span() };
                            manifest.data.insert(key.get_ref().to_string(), file);
                        }
                    }
                }
                "entities" => manifest.entities = self.entities(section),
                _ => manifest.operators = self.operators(section),
            }
        }
    }

    fn package(&mut self, at: Range<usize>, section: &DeTable<'_>) -> (Option<String>, Option<String>) {
        self.known("package", section, &["name", "version"]);
        let mut said = None;
        if let Some(value) = section.get("version")
            && let Some((version, at)) = self.text("version", value, "three numbers, as `\"1.0.0\"`")
        {
            let parts: Vec<&str> = version.split('.').collect();
            if parts.len() != 3 || !parts.iter().all(|part| part.parse::<u32>().is_ok() && !part.starts_with('+')) {
                self.wrong(at, "a version is three numbers, as `1.0.0`");
            }
            said = Some(version);
        }
        let name = match section.get("name") {
            Some(value) => self.text("name", value, "what the package is called").map(|(name, _)| name),
            None => {
                self.wrong(at, "`[package]` has no `name`; write `name = \"…\"` below it");
                None
            }
        };
        (name, said)
    }

    fn sources(&mut self, section: &DeTable<'_>) -> Option<Vec<Named>> {
        self.known("sources", section, &["paths"]);
        let value = section.get("paths")?;
        let Some(paths) = value.get_ref().as_array() else {
            self.wrong(value.span(), "`paths` is a list of files and folders, as `[\"policies\"]`");
            return Some(vec![]);
        };
        let read = paths.iter().filter_map(|path| self.text("paths", path, "a list of files and folders"));
        Some(read.map(|(path, at)| Named { path: path.into(), at }).collect())
    }

    fn entities(&mut self, section: &DeTable<'_>) -> EntitiesFrom {
        self.known("entities", section, &["file", "from"]);
        let file = section.get("file").and_then(|value| self.text("file", value, "the name of a JSON file"));
        let from = section.get("from").and_then(|value| self.one_of("from", value, ["request", "store"]));
        EntitiesFrom {
            file: file.map(|(path, at)| Named { path: path.into(), at }),
            from_request: from.map(|word| word == "request"),
        }
    }

    fn operators(&mut self, section: &DeTable<'_>) -> Operators {
        self.known("fmt", section, &["operators"]);
        let said = section.get("operators").and_then(|value| self.one_of("operators", value, ["words", "symbols"]));
        if said == Some("symbols") { Operators::Symbols } else { Operators::Words }
    }

    /// The text and where it stands.
    fn text(&mut self, name: &str, value: &Value<'_>, wanted: &str) -> Option<(String, Range<usize>)> {
        let text = value.get_ref().as_str().map(|text| (text.to_string(), value.span()));
        if text.is_none() {
            self.wrong(value.span(), format!("`{name}` is {wanted}; a text in quotes is wanted here"));
        }
        text
    }

    fn one_of(&mut self, name: &str, value: &Value<'_>, words: [&'static str; 2]) -> Option<&'static str> {
        let found = value.get_ref().as_str().and_then(|text| words.into_iter().find(|word| *word == text));
        if found.is_none() {
            self.wrong(value.span(), format!("`{name}` is `\"{}\"` or `\"{}\"`", words[0], words[1]));
        }
        found
    }

    /// The members of a section that it does not have.
    fn known(&mut self, section: &str, members: &DeTable<'_>, names: &[&str]) {
        for key in members.keys() {
            let name: &str = key.get_ref();
            if !names.contains(&name) {
                self.unknown(key.span(), &format!("member `{name}`"), &format!("`[{section}]`"), name, names);
            }
        }
    }

    fn unknown(&mut self, at: Range<usize>, what: &str, of: &str, name: &str, names: &[&str]) {
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has `{}`", names.join("`, `")),
        };
        self.wrong(at, format!("{of} has no {what}; {help}"));
    }
}
