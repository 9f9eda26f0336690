//! `load`: a path to the sources of a package, its manifest and the files that its data come from.
//! Nothing is left out in silence: what can't be read is a complaint, each one.

use crate::compiled::{Compiled, is_compiled};
use crate::manifest::{Manifest, Named};
use crate::{Complaint, csv};
use ordain_compiler::analysis::{Checked, Input};
use ordain_compiler::source::{MAX_SOURCE, Source};
use ordain_vm::json;
use ordain_vm::request::{Entities, read_data, read_entities};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Instant, Type, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that stand in for those that the manifest names, by the name of a `data` declaration. The last one counts.
pub type DataFiles = [(String, PathBuf)];

/// What the places in messages are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// From where the command was started, so that an editor opens them.
    FromHere,
    /// From the package's folder, so that decisions are the same wherever it lies.
    FromPackage,
}

/// A package as it lies on disk.
#[derive(Debug)]
pub struct Loaded {
    /// Sources and sheets, ready for the compiler.
    pub input: Input,
    /// By source: the file.
    pub files: Vec<PathBuf>,
    /// The folder that paths in the manifest start from.
    pub root: PathBuf,
    /// What was named, for messages about the package as a whole.
    pub path: PathBuf,
    pub manifest: Manifest,
    /// The compiled policy whose sources these are.
    pub compiled: Option<Compiled>,
}

/// Largest data or entity file, in bytes.
const MAX_DATA: u64 = 256 << 20;

/// Reads a `.ord` file, or a folder with an `ordain.toml` or with `.ord` files.
pub fn load(path: &Path, naming: Naming, now: Option<Instant>) -> Result<Loaded, Vec<Complaint>> {
    match load_all(path, naming, now) {
        (Some(loaded), complaints) if complaints.is_empty() => Ok(loaded),
        (_, complaints) => Err(complaints),
    }
}

/// The same, with all that is wrong beside what could be read: a package of which all sources could.
pub fn load_all(path: &Path, naming: Naming, now: Option<Instant>) -> (Option<Loaded>, Vec<Complaint>) {
    let folder = match std::fs::metadata(path) {
        Ok(found) => found.is_dir(),
        Err(error) => return (None, vec![unreadable(path, &error)]),
    };
    if !folder && is_compiled(path) {
        return match Compiled::read(path) {
            Ok(compiled) => (Some(compiled.loaded(path, now)), vec![]),
            Err(complaint) => (None, vec![complaint]),
        };
    }
    let root = if folder { path.to_path_buf() } else { path.parent().map(Path::to_path_buf).unwrap_or_default() };
    let (manifest, mut complaints) = if folder { Manifest::read(path) } else { Default::default() };
    let sources = if folder { sources_of(path, &manifest) } else { Ok(vec![path.to_path_buf()]) };
    let input = Input { now, ..Input::default() };
    let loaded = Loaded { input, files: vec![], root, path: path.into(), manifest, compiled: None };
    match sources.and_then(|files| read_sources(files, naming, &loaded)) {
        Ok((input, files)) => (Some(Loaded { input, files, ..loaded }), complaints),
        Err(found) => {
            complaints.extend(found);
            complaints.extend(loaded.unreadable_files());
            (None, complaints)
        }
    }
}

/// The texts of sources, and of the sheets that they name.
fn read_sources(files: Vec<PathBuf>, naming: Naming, loaded: &Loaded) -> Result<(Input, Vec<PathBuf>), Vec<Complaint>> {
    let (root, path) = (&loaded.root, &loaded.path);
    if files.is_empty() {
        let message =
            "there is no policy here: no file that ends in `.ord`. Name a `.ord` file, or a folder that holds some";
        return Err(vec![Complaint::new("E0624", path, message)]);
    }
    let mut complaints = vec![];
    let mut input = loaded.input.clone();
    for file in &files {
        match read_text(file) {
            Ok(text) => {
                let named = match naming {
                    Naming::FromHere => file,
                    Naming::FromPackage => file.strip_prefix(root).unwrap_or(file),
                };
                input.sources.push(Source::new(named.display().to_string(), text));
            }
            Err(complaint) => complaints.push(complaint),
        }
    }
    for name in input.sources.iter().flat_map(|source| sheets_named_in(&source.text)).collect::<Vec<_>>() {
        let file = root.join(&name);
        // A sheet that is not there is the checker's to say, at the place that names it.
        if file.is_file() {
            match read_text(&file) {
                Ok(text) => drop(input.sheets.insert(name.as_str().into(), Source::new(name, text))),
                Err(complaint) => complaints.push(complaint),
            }
        }
    }
    if complaints.is_empty() { Ok((input, files)) } else { Err(complaints) }
}

/// The files that the manifest names, or else all below the folder; either way in the order of their paths, so that how
/// the manifest lists them means nothing.
fn sources_of(root: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>, Vec<Complaint>> {
    let Some(paths) = &manifest.sources else { return ord_files(root).map_err(|complaint| vec![complaint]) };
    let (mut files, mut complaints) = (vec![], vec![]);
    for named in paths {
        let path = root.join(&named.path);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => match ord_files(&path) {
                Ok(found) => files.extend(found),
                Err(complaint) => complaints.push(complaint),
            },
            Ok(_) => files.push(path),
            Err(error) => complaints.extend(unreadable_named(manifest, named, &error)),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    files.sort();
    if complaints.is_empty() { Ok(files) } else { Err(complaints) }
}

/// Every `.ord` file below a folder, sorted; hidden folders, `target` and links to folders are passed over.
fn ord_files(folder: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let (mut files, mut folders) = (vec![], vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            let name = entry.file_name();
            let hidden = name.to_string_lossy().starts_with('.') || name == "target";
            let path = entry.path();
            if kind.is_dir() && !hidden {
                folders.push(path);
            } else if !kind.is_dir() && path.extension().is_some_and(|extension| extension == "ord") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What stands between the quotes of `from "….csv"`; a name in a comment costs a look at the disk and no more.
fn sheets_named_in(text: &str) -> Vec<String> {
    let after_from = text.split("from").skip(1);
    let quoted = after_from.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    quoted.filter(|name| name.ends_with(".csv")).map(str::to_string).collect()
}

pub fn unreadable(path: &Path, error: &std::io::Error) -> Complaint {
    Complaint::new("E0623", path, why(error))
}

/// What the manifest names, at the place where it does.
fn unreadable_named(manifest: &Manifest, named: &Named, error: &std::io::Error) -> Option<Complaint> {
    manifest.complaint("E0623", &named.at, format!("`{}`: {}", named.path.display(), why(error)))
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_string(),
        std::io::ErrorKind::FileTooLarge => error.to_string(),
        _ => format!("it can't be read: {error}"),
    }
}

/// The whole text of a source, a sheet or a manifest.
pub(crate) fn read_text(path: &Path) -> Result<String, Complaint> {
    let bytes = bytes_of(path, MAX_SOURCE as u64).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            Complaint::new("E0106", path, format!("{}; split it, or move its lists into data files", why(&error)))
        }
        _ => unreadable(path, &error),
    })?;
    text_of(path, bytes)
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, Complaint> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("line {line} (byte {at}) is not UTF-8; save the file in the encoding UTF-8");
        Complaint::new("E0119", path, message)
    })
}

/// The whole file: one that is larger is an error, since what is cut off would be missed by nobody.
pub fn bytes_of(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    use std::io::{Error, ErrorKind, Read};
    let mut bytes = vec![];
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(Error::new(ErrorKind::FileTooLarge, format!("it has more than {} MiB", most >> 20))),
        false => Ok(bytes),
    }
}

/// What a run needs besides the package: the values of its data, and its entity store.
#[derive(Debug)]
pub struct Running {
    pub schema: Arc<Schema>,
    /// By `DataId`.
    pub data: Vec<Value>,
    pub store: Option<Arc<Entities>>,
    pub from_request: bool,
    /// The compiled policy that stands for the package.
    pub compiled: Option<Compiled>,
}

/// What stands in the files that the manifest names.
#[derive(Debug)]
pub struct FromFiles {
    /// By `DataId`; missing where no file is named.
    pub data: Vec<Value>,
    pub store: Option<Arc<Entities>>,
}

/// A file with what a run needs: named by an option, or by the manifest.
enum Supplied<'m> {
    Option(PathBuf),
    Manifest(PathBuf, &'m Named),
}

impl Supplied<'_> {
    fn path(&self) -> &Path {
        match self {
            Supplied::Option(path) | Supplied::Manifest(path, _) => path,
        }
    }
}

impl Loaded {
    /// Reads data and entities, checked against the package; options come before the manifest.
    pub fn running(
        &self,
        checked: &Checked,
        given: &DataFiles,
        entities: Option<&Path>,
    ) -> Result<Running, Vec<Complaint>> {
        let schema = Arc::new(checked.schema());
        let mut complaints = vec![];
        let data = self.data(&schema, given, &mut complaints);
        for (declared, value) in schema.data.iter().zip(&data) {
            if value.is_none() {
                let message = format!(
                    "the policy declares `data {0}` and nothing says where it is; name a file under `[data]` of ordain.toml as `{0} = \"{0}.json\"`, or give `--data {0}=FILE`",
                    declared.name
                );
                complaints.push(Complaint::new("E0626", &self.place(), message));
            }
        }
        let store = self.store(&schema, entities, &mut complaints);
        if !complaints.is_empty() {
            return Err(complaints);
        }
        let from_request = self.manifest.entities.from_request.unwrap_or(store.is_none());
        // `from = "store"` without a store: nothing is known.
        let store = if from_request { store } else { Some(store.unwrap_or_default()) };
        let data = data.into_iter().flatten().collect();
        Ok(Running { schema, data, store, from_request, compiled: None })
    }

    /// Values and entities of the files that the manifest names; a value that it doesn't name is missing. For hosts, which
    /// supply the rest.
    pub fn named(&self, checked: &Checked) -> Result<FromFiles, Vec<Complaint>> {
        let (schema, mut complaints) = (checked.schema(), vec![]);
        let data = self.data(&schema, &[], &mut complaints);
        let store = self.store(&schema, None, &mut complaints);
        let data = data.into_iter().map(|value| value.unwrap_or(Value::Missing)).collect();
        if complaints.is_empty() { Ok(FromFiles { data, store }) } else { Err(complaints) }
    }

    /// The values of the package's data alone, for tests, which bring their own entities and may set data; missing where
    /// no file is named.
    pub fn data_values(&self, checked: &Checked, given: &DataFiles) -> Result<Vec<Value>, Vec<Complaint>> {
        let mut complaints = vec![];
        let data = self.data(&checked.schema(), given, &mut complaints);
        let values = data.into_iter().map(|value| value.unwrap_or(Value::Missing));
        if complaints.is_empty() { Ok(values.collect()) } else { Err(complaints) }
    }

    /// What is wrong with the files that the manifest names, where there is a schema to hold them against.
    pub fn faults_of_files(&self, checked: &Checked) -> Vec<Complaint> {
        let (schema, mut complaints) = (checked.schema(), vec![]);
        self.data(&schema, &[], &mut complaints);
        self.store(&schema, None, &mut complaints);
        complaints
    }

    /// Files that the manifest names and that can't be read, where there is no schema to hold them against.
    pub fn unreadable_files(&self) -> Vec<Complaint> {
        let data = self.manifest.data.values().map(|data| &data.file);
        let mut complaints = vec![];
        for named in data.chain(&self.manifest.entities.file) {
            let file = Supplied::Manifest(self.root.join(&named.path), named);
            let read = if is_csv(file.path()) { self.bytes(&file).map(drop) } else { self.json(&file).map(drop) };
            complaints.extend(read.err().into_iter().flatten());
        }
        complaints
    }

    /// What a complaint about the package as a whole names.
    fn place(&self) -> PathBuf {
        let manifest = self.root.join("ordain.toml");
        if self.path.is_dir() && manifest.exists() { manifest } else { self.path.clone() }
    }

    /// By `DataId`: its value; nothing where no file is named.
    fn data(&self, schema: &Schema, given: &DataFiles, complaints: &mut Vec<Complaint>) -> Vec<Option<Value>> {
        let named = self.manifest.data.iter();
        let mut files: BTreeMap<&str, Supplied<'_>> = named
            .map(|(name, data)| (name.as_str(), Supplied::Manifest(self.root.join(&data.file.path), &data.file)))
            .collect();
        files.extend(given.iter().map(|(name, file)| (name.as_str(), Supplied::Option(file.clone()))));
        let mut values = vec![];
        for declared in &schema.data {
            let value = files.remove(&*declared.name).map(|file| {
                self.data_value(schema, &declared.ty, &file).unwrap_or_else(|found| {
                    complaints.extend(found);
                    Value::Missing
                })
            });
            values.push(value);
        }
        for (name, file) in files {
            let names =
                schema.data.iter().map(|declared| format!("`{}`", declared.name)).collect::<Vec<_>>().join(", ");
            let known = if names.is_empty() { "it declares none".to_string() } else { format!("it declares {names}") };
            let message = format!("a file is given for `{name}`, but the policy declares no such `data`; {known}");
            let at_key = match (&file, self.manifest.data.get(name)) {
                (Supplied::Manifest(..), Some(data)) => self.manifest.complaint("E0626", &data.key, &message),
                _ => None,
            };
            complaints.push(at_key.unwrap_or_else(|| Complaint::new("E0626", &self.place(), message)));
        }
        values
    }

    /// A data file: JSON, or a spreadsheet's CSV turned into what the declared type wants.
    fn data_value(&self, schema: &Schema, ty: &Type, file: &Supplied<'_>) -> Result<Value, Vec<Complaint>> {
        let path = file.path();
        let json = if is_csv(path) {
            let text = text_of(path, self.bytes(file)?).map_err(|complaint| vec![complaint])?;
            csv::to_json(&text, schema, ty).map_err(|message| vec![Complaint::new("E0626", path, message)])?
        } else {
            self.json(file)?
        };
        read_data(schema, ty, &json).map_err(|errors| of_inputs(path, errors))
    }

    fn store(&self, schema: &Schema, given: Option<&Path>, complaints: &mut Vec<Complaint>) -> Option<Arc<Entities>> {
        let file = match (given, &self.manifest.entities.file) {
            (Some(path), _) => Supplied::Option(path.to_path_buf()),
            (None, Some(named)) => Supplied::Manifest(self.root.join(&named.path), named),
            (None, None) => return None,
        };
        let json = self.json(&file);
        let entities =
            json.and_then(|json| read_entities(schema, &json).map_err(|errors| of_inputs(file.path(), errors)));
        match entities {
            Ok(entities) => Some(Arc::new(entities)),
            Err(found) => {
                complaints.extend(found);
                None
            }
        }
    }

    /// A whole file of JSON.
    fn json(&self, file: &Supplied<'_>) -> Result<json::Json, Vec<Complaint>> {
        json::parse(&self.bytes(file)?).map_err(|error| vec![Complaint::of_input(file.path(), error)])
    }

    /// A file that can't be read is told where it is named.
    fn bytes(&self, file: &Supplied<'_>) -> Result<Vec<u8>, Vec<Complaint>> {
        bytes_of(file.path(), MAX_DATA).map_err(|error| {
            let at_name = match file {
                Supplied::Manifest(_, named) => unreadable_named(&self.manifest, named, &error),
                Supplied::Option(_) => None,
            };
            vec![at_name.unwrap_or_else(|| unreadable(file.path(), &error))]
        })
    }
}

fn is_csv(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn of_inputs(file: &Path, errors: Vec<ordain_vm::request::InputError>) -> Vec<Complaint> {
    errors.into_iter().map(|error| Complaint::of_input(file, error)).collect()
}
