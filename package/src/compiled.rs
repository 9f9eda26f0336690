//! A compiled policy on disk: read, verified, and its sources handed to whoever still works on those.
//! `read` reads `.ordc` files through it.

use crate::read::{Loaded, bytes_of, unreadable};
use crate::{Complaint, Manifest};
use ordain_compiler::analysis::{Checked, Input};
use ordain_compiler::emit::{Unsupported, emit};
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::encode::{Digest, Encoded, MAX_FILE, decode, encode};
use ordain_vm::program::{FileKind, Made, Program};
use ordain_vm::value::Instant;
use ordain_vm::verify::{Verified, verify};
use std::path::Path;

/// A compiled policy that verifies.
#[derive(Debug)]
pub struct Compiled {
    pub verified: Verified,
    pub digest: Digest,
    /// Bytes of the file.
    pub size: usize,
}

/// It is called as compiled policies are.
pub fn is_compiled(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ordc")
}

/// Why a package has no program.
#[derive(Clone, Debug)]
pub enum Uncompiled {
    /// Parts of the text that can't be compiled.
    Parts(Vec<Unsupported>),
    Whole(String),
}

impl Compiled {
    /// The file, decoded and verified.
    pub fn read(path: &Path) -> Result<Compiled, Complaint> {
        let at_fault = |message: String| Complaint::new("E0629", path, message);
        let bytes = bytes_of(path, MAX_FILE as u64).map_err(|error| unreadable(path, &error))?;
        let (program, digest) = decode(&bytes).map_err(|error| at_fault(error.to_string()))?;
        let verified = verify(program, &Standard).map_err(|refusal| at_fault(format!("it is refused: {refusal}")))?;
        Ok(Compiled { verified, digest, size: bytes.len() })
    }

    /// The program of a package that was loaded and checked, and its bytes. Of a compiled policy, itself again.
    pub fn of(loaded: &Loaded, checked: &Checked) -> Result<(Compiled, Encoded), Uncompiled> {
        let mut program = emit(checked).map_err(Uncompiled::Parts)?;
        program.made = match &loaded.compiled {
            Some(compiled) => compiled.verified.program().made.clone(),
            None => Made { by: program.made.by, ..made(&loaded.manifest) },
        };
        let encoded = encode(&program).map_err(|error| Uncompiled::Whole(error.to_string()))?;
        let verified = verify(program, &Standard).map_err(|refusal| Uncompiled::Whole(refusal.to_string()))?;
        Ok((Compiled { verified, digest: encoded.digest, size: encoded.bytes.len() }, encoded))
    }

    /// The sources that it carries, as if they had been read.
    pub fn loaded(self, path: &Path, now: Option<Instant>) -> Loaded {
        let program = self.verified.program();
        let of_kind = |kind: FileKind| {
            let files = program.files.iter().filter(move |file| file.kind == kind);
            files.map(|file| Source::new(file.name.clone(), file.text.clone()))
        };
        let sheets = of_kind(FileKind::Sheet).map(|sheet| (sheet.name.clone(), sheet)).collect();
        let input = Input { sources: of_kind(FileKind::Policy).collect(), sheets, now };
        let mut manifest = Manifest {
            name: program.made.package.as_deref().map(str::to_string),
            version: program.made.version.as_deref().map(str::to_string),
            ..Manifest::default()
        };
        manifest.entities.from_request = program.made.from_request;
        let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Loaded { input, files: vec![], root, path: path.into(), manifest, compiled: Some(self) }
    }

    /// The sources that it carries are those of its program: compiled again they give the same digest.
    pub fn made_again(&self, checked: &Checked, path: &Path) -> Result<(), Complaint> {
        let made = &self.verified.program().made;
        let again = emit(checked).ok().map(|program| Program { made: made.clone(), ..program });
        let found = again.and_then(|program| encode(&program).ok()).map(|encoded| encoded.digest);
        if found == Some(self.digest) {
            return Ok(());
        }
        let here = env!("CARGO_PKG_VERSION");
        let message = match &*made.by == here {
            true => "the sources that it carries do not give this program; build it again from the package".to_string(),
            false => format!(
                "it was made by version {} of the compiler, and compiled again by version {here} its sources do not give this program; build it again from the package",
                crate::shown(&made.by)
            ),
        };
        Err(Complaint::new("E0629", path, message))
    }
}

fn made(manifest: &Manifest) -> Made {
    Made {
        package: manifest.name.as_deref().map(Into::into),
        version: manifest.version.as_deref().map(Into::into),
        from_request: manifest.entities.from_request,
        ..Made::default()
    }
}
