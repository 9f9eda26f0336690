//! `load`: a path to the sources of a package, its manifest and the files that its data come from.
//! Every command starts here; nothing is left out in silence: what can't be read is a complaint, each one.

mod csv;
mod manifest;

use crate::Complaint;
use crate::args;
use crate::args::DataFiles;
use manifest::Manifest;
use ordain_compiler::analysis::{Checked, Input};
use ordain_compiler::source::{MAX_SOURCE, Source};
use ordain_vm::json;
use ordain_vm::request::{Entities, read_data, read_entities};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Instant, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
}

/// Largest data or entity file, in bytes.
const MAX_DATA: u64 = 256 << 20;

/// Reads a `.ord` file, or a folder with an `ordain.toml` or with `.ord` files.
pub fn load(path: &Path, naming: Naming, now: Option<Instant>) -> Result<Loaded, Vec<Complaint>> {
    let at_path = |error| vec![unreadable(path, &error)];
    let folder = std::fs::metadata(path).map_err(at_path)?.is_dir();
    if !folder && path.extension().is_some_and(|extension| extension == "ordc") {
        return Err(vec![Complaint::new(
            "E0623",
            path,
            "compiled policies can't be read yet; name the package's folder",
        )]);
    }
    let (root, manifest, files) = if folder {
        let manifest = Manifest::read(path).map_err(|complaint| vec![complaint])?;
        let files = sources_of(path, &manifest)?;
        (path.to_path_buf(), manifest, files)
    } else {
        let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
        (root, Manifest::default(), vec![path.to_path_buf()])
    };
    if files.is_empty() {
        let message =
            "there is no policy here: no file that ends in `.ord`. Name a `.ord` file, or a folder that holds some";
        return Err(vec![Complaint::new("E0624", path, message)]);
    }
    let mut complaints = vec![];
    let mut input = Input { now, ..Input::default() };
    for file in &files {
        match read_text(file, MAX_SOURCE as u64 + 1) {
            Ok(text) => {
                let named = match naming {
                    Naming::FromHere => file,
                    Naming::FromPackage => file.strip_prefix(&root).unwrap_or(file),
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
            match read_text(&file, MAX_SOURCE as u64) {
                Ok(text) => drop(input.sheets.insert(name.as_str().into(), Source::new(name, text))),
                Err(complaint) => complaints.push(complaint),
            }
        }
    }
    if complaints.is_empty() {
        Ok(Loaded { input, files, root, path: path.to_path_buf(), manifest })
    } else {
        Err(complaints)
    }
}

/// The files that the manifest names, or else all below the folder, in the order of their paths.
fn sources_of(root: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>, Vec<Complaint>> {
    let Some(paths) = &manifest.sources else { return ord_files(root).map_err(|complaint| vec![complaint]) };
    let (mut files, mut complaints) = (vec![], vec![]);
    for path in paths {
        let path = root.join(path);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => match ord_files(&path) {
                Ok(found) => files.extend(found),
                Err(complaint) => complaints.push(complaint),
            },
            Ok(_) => files.push(path),
            Err(error) => complaints.push(unreadable(&path, &error)),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
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
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_string(),
        _ => format!("it can't be read: {error}"),
    };
    Complaint::new("E0623", path, why)
}

/// The whole file as text; one byte more than the bound is enough for the compiler to say that it is too large.
fn read_text(path: &Path, bound: u64) -> Result<String, Complaint> {
    let bytes = read_bytes(path, bound)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("line {line} (byte {at}) is not UTF-8; save the file in the encoding UTF-8");
        Complaint::new("E0119", path, message)
    })
}

fn read_bytes(path: &Path, bound: u64) -> Result<Vec<u8>, Complaint> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut bytes = vec![];
    file.take(bound).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

/// What a run needs besides the package: the values of its data, and its entity store.
#[derive(Debug)]
pub struct Running {
    pub schema: Arc<Schema>,
    /// By `DataId`.
    pub data: Vec<Value>,
    pub store: Option<Arc<Entities>>,
    pub from_request: bool,
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
        let named = entities.map(Path::to_path_buf);
        let file = named.or_else(|| self.manifest.entities.file.as_ref().map(|file| self.root.join(file)));
        let mut store = None;
        if let Some(file) = file {
            match read_json(&file)
                .and_then(|json| read_entities(&schema, &json).map_err(|errors| of_inputs(&file, errors)))
            {
                Ok(entities) => store = Some(Arc::new(entities)),
                Err(found) => complaints.extend(found),
            }
        }
        let from_request = self.manifest.entities.from_request.unwrap_or(store.is_none());
        if !from_request {
            // `from = "store"` without a store: nothing is known.
            store.get_or_insert_default();
        }
        if complaints.is_empty() { Ok(Running { schema, data, store, from_request }) } else { Err(complaints) }
    }

    /// The values of the package's data alone, for tests, which bring their own entities.
    pub fn data_values(&self, checked: &Checked, given: &DataFiles) -> Result<Vec<Value>, Vec<Complaint>> {
        let mut complaints = vec![];
        let data = self.data(&checked.schema(), given, &mut complaints);
        if complaints.is_empty() { Ok(data) } else { Err(complaints) }
    }

    fn data(&self, schema: &Schema, given: &DataFiles, complaints: &mut Vec<Complaint>) -> Vec<Value> {
        let manifest = self.root.join("ordain.toml");
        let place = if self.path.is_dir() && manifest.exists() { manifest } else { self.path.clone() };
        let mut files: BTreeMap<&str, PathBuf> =
            self.manifest.data.iter().map(|(name, file)| (name.as_str(), self.root.join(file))).collect();
        files.extend(given.data.iter().map(|(name, file)| (name.as_str(), file.clone())));
        let mut values = vec![];
        for declared in &schema.data {
            let Some(file) = files.remove(&*declared.name) else {
                let message = format!(
                    "the policy declares `data {0}` and nothing says where it is; name a file under `[data]` of ordain.toml as `{0} = \"{0}.json\"`, or give `--data {0}=FILE`",
                    declared.name
                );
                complaints.push(Complaint::new("E0626", &place, message));
                continue;
            };
            let value = read_table(&file, schema, &declared.ty)
                .and_then(|json| read_data(schema, &declared.ty, &json).map_err(|errors| of_inputs(&file, errors)));
            match value {
                Ok(value) => values.push(value),
                Err(found) => complaints.extend(found),
            }
        }
        for (name, _) in files {
            let names =
                schema.data.iter().map(|declared| format!("`{}`", declared.name)).collect::<Vec<_>>().join(", ");
            let known = if names.is_empty() { "it declares none".to_string() } else { format!("it declares {names}") };
            let message = format!("a file is given for `{name}`, but the policy declares no such `data`; {known}");
            complaints.push(Complaint::new("E0626", &place, message));
        }
        values
    }
}

fn of_inputs(file: &Path, errors: Vec<ordain_vm::request::InputError>) -> Vec<Complaint> {
    errors.into_iter().map(|error| Complaint::of_input(file, error)).collect()
}

/// A data file: JSON, or a spreadsheet's CSV turned into what the declared type wants.
fn read_table(file: &Path, schema: &Schema, ty: &ordain_vm::value::Type) -> Result<json::Json, Vec<Complaint>> {
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        let text = read_text(file, MAX_DATA).map_err(|complaint| vec![complaint])?;
        return csv::to_json(&text, schema, ty).map_err(|message| vec![Complaint::new("E0626", file, message)]);
    }
    read_json(file)
}

/// A whole file of JSON.
pub fn read_json(file: &Path) -> Result<json::Json, Vec<Complaint>> {
    let bytes = read_bytes(file, MAX_DATA).map_err(|complaint| vec![complaint])?;
    json::parse(&bytes).map_err(|error| vec![Complaint::of_input(file, error)])
}

impl args::Running {
    /// Loads, checks and readies a package for deciding; what is wrong has been printed where this gives nothing.
    pub fn ready(&self, path: &Path, io: &mut crate::Io<'_>) -> std::io::Result<Option<(Arc<Checked>, Running)>> {
        let Some(loaded) = crate::complaint::told(load(path, Naming::FromPackage, self.now), io)? else {
            return Ok(None);
        };
        let Some(checked) = crate::check::checked(&loaded, io)? else { return Ok(None) };
        let running = crate::complaint::told(loaded.running(&checked, &self.data, self.entities.as_deref()), io)?;
        Ok(running.map(|running| (Arc::new(checked), running)))
    }
}
