//! `ordain build`: a package as one compiled file, with its digest.

use crate::args::Build;
use crate::complaint::{shown, told};
use crate::{Complaint, Exit, Io, Loaded, Naming, load, uncompiled};
use ordain_package::{Compiled, unreadable};
use ordain_vm::encode::MAGIC;
use std::io::Read;
use std::path::{Path, PathBuf};

pub fn run(args: &Build, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let Some(loaded) = told(load(&args.path, Naming::FromPackage, None), io)? else { return Ok(Exit::Fault) };
    let Some(checked) = crate::check::checked(&loaded, io)? else { return Ok(Exit::Fault) };
    let (compiled, encoded) = match Compiled::of(&loaded, &checked) {
        Ok(made) => made,
        Err(uncompiled) => {
            uncompiled::print(&uncompiled, &args.path, &checked, "nothing was built", io)?;
            return Ok(Exit::Fault);
        }
    };
    let file = args.output.clone().unwrap_or_else(|| named(&loaded));
    if let Err(complaint) = write_whole(&file, &encoded.bytes) {
        writeln!(io.err, "{complaint}")?;
        return Ok(Exit::Fault);
    }
    let name = shown(&file.display().to_string());
    writeln!(io.out, "wrote {name}, {} bytes, {}", compiled.size, compiled.digest)?;
    Ok(Exit::Done)
}

/// The package's name, or else that of its folder or file.
fn named(loaded: &Loaded) -> PathBuf {
    let plain = |name: &&String| !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
    let name = loaded.manifest.name.as_ref().filter(plain).map(PathBuf::from);
    let of_path = || {
        let whole = std::fs::canonicalize(&loaded.path).unwrap_or_else(|_| loaded.path.clone());
        let stem = if whole.is_dir() { whole.file_name() } else { whole.file_stem() };
        stem.map_or_else(|| PathBuf::from("policy"), PathBuf::from)
    };
    let mut name = name.unwrap_or_else(of_path).into_os_string();
    name.push(".ordc");
    name.into()
}

/// Writes beside the file and renames, so that nobody ever reads half a policy. What is there already and is no compiled
/// policy stays.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    if file.exists() {
        let mut start = vec![];
        let read = std::fs::File::open(file).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
        read.map_err(|error| unreadable(file, &error))?;
        if start != MAGIC {
            return Err(Complaint::new(
                "E0623",
                file,
                "it is there already and is no compiled policy; name another file",
            ));
        }
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| Complaint::new("E0623", file, format!("it can't be written: {error}")))
}
