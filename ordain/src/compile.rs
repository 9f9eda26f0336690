//! Policies from their text: a path, or sources in memory. What is wrong comes back as values that print as the command
//! prints them.

use crate::Policy;
use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::diagnostic::{self as compiler, render};
use ordain_compiler::emit::Unsupported;
use ordain_compiler::errors::Code;
use ordain_compiler::source::Source;
use ordain_package::{Compiled, Complaint, Loaded, Manifest, Naming, Uncompiled, load};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Sources of a package, in memory.
///
/// ```
/// use ordain::{Policy, Sources};
///
/// let sources = Sources::new()
///     .source("tools.ord", "module tools\naction look")
///     .source("desk.ord", "module desk\nimport tools { look }\npolicy desk { rule all on look { permit } }");
/// assert!(Policy::compile_sources(sources).is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sources {
    input: Input,
}

impl Sources {
    /// None yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// A file `.ord`: what it is called in messages, and its text. Files are read in the order in which they are given,
    /// and the digest of the policy depends on it; `ordain build` takes them in the order of their paths.
    pub fn source(mut self, name: &str, text: &str) -> Sources {
        self.input.sources.push(Source::new(name, text));
        self
    }

    /// A spreadsheet's CSV, by the name that `table … from "name"` uses.
    pub fn sheet(mut self, name: &str, text: &str) -> Sources {
        self.input.sheets.insert(name.into(), Source::new(name, text));
        self
    }
}

/// What the compiler says of a place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E0301`, `W0402`: `ordain explain` tells of it.
    pub code: &'static str,
    /// It does not keep the policy from being compiled.
    pub warning: bool,
    /// One sentence.
    pub message: String,
    /// The file, as it was named.
    pub file: String,
    /// Line and column, from 1; 0 where the file as a whole is at fault. Columns count characters.
    pub line: u32,
    /// See `line`.
    pub column: u32,
    /// What to do next.
    pub help: Option<String>,
    drawn: String,
}

impl fmt::Display for Diagnostic {
    /// As the command prints it: with the text that it speaks of, over several lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.drawn.trim_end())
    }
}

/// A package was not compiled, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    diagnostics: Vec<Diagnostic>,
}

impl CompileError {
    /// All errors, in the order of the text: at least one. Warnings are not among them.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.diagnostics.len();
        write!(f, "the policy has {errors} error{}:", if errors == 1 { "" } else { "s" })?;
        self.diagnostics.iter().try_for_each(|diagnostic| write!(f, "\n{diagnostic}"))
    }
}

impl std::error::Error for CompileError {}

impl Policy {
    /// A file `.ord`, a folder with `ordain.toml` or with such files, or a compiled policy `.ordc`. Data and entities that
    /// the manifest names are read, too; data that it doesn't name are supplied with [`Policy::with_data`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = ordain::Policy::compile("policies/payables")?;
    /// policy.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn compile(path: impl AsRef<Path>) -> Result<Policy, CompileError> {
        let loaded = load(path.as_ref(), Naming::FromPackage, None).map_err(of_complaints)?;
        let checked = checked(&loaded.input)?;
        if let Some(compiled) = &loaded.compiled {
            compiled.made_again(&checked, path.as_ref()).map_err(|complaint| of_complaints(vec![complaint]))?;
        }
        let files = loaded.named(&checked).map_err(of_complaints)?;
        let policy = compiled(&loaded, &checked)?;
        let mut of = Arc::unwrap_or_clone(policy.of);
        (of.data, of.entities) = (files.data, files.store);
        Ok(Policy { of: Arc::new(of) })
    }

    /// One source, `policy.ord`.
    ///
    /// ```
    /// let error = ordain::Policy::compile_text("action look\npolicy desk { rule all on lok { permit } }").unwrap_err();
    /// let first = &error.diagnostics()[0];
    /// assert_eq!((first.code, first.line), ("E0201", 2));
    /// println!("{error}");
    /// ```
    pub fn compile_text(text: &str) -> Result<Policy, CompileError> {
        Policy::compile_sources(Sources::new().source("policy.ord", text))
    }

    /// Several sources, and sheets.
    pub fn compile_sources(sources: Sources) -> Result<Policy, CompileError> {
        let checked = checked(&sources.input)?;
        let (input, manifest) = (sources.input, Manifest::default());
        let (files, root, path) = (vec![], "".into(), "policy".into());
        compiled(&Loaded { input, files, root, path, manifest, compiled: None }, &checked)
    }
}

fn checked(input: &Input) -> Result<Checked, CompileError> {
    let checked = analyse(input).checked().map_err(|analysis| {
        let errors = analysis.diagnostics.iter().filter(|diagnostic| !diagnostic.is_warning());
        CompileError { diagnostics: errors.map(|error| told(error, &analysis.sources)).collect() }
    })?;
    if checked.package.policies.is_empty() {
        let name = input.sources.first().map_or("", |source| &source.name);
        let message = "there is no policy here; a file with `policy name { … }` is wanted";
        return Err(of_complaints(vec![Complaint::new("E0624", Path::new(name), message)]));
    }
    Ok(checked)
}

fn compiled(loaded: &Loaded, checked: &Checked) -> Result<Policy, CompileError> {
    let compiled = match Compiled::of(loaded, checked) {
        Ok((compiled, _)) => compiled,
        Err(Uncompiled::Parts(parts)) => return Err(of_parts(&parts, checked)),
        Err(Uncompiled::Whole(message)) => {
            return Err(of_complaints(vec![Complaint::new("E0629", &loaded.path, message)]));
        }
    };
    let mut of = Arc::unwrap_or_clone(Policy::of_verified(compiled.verified).of);
    of.warnings = checked.warnings.iter().map(|warning| told(warning, &checked.sources)).collect();
    Ok(Policy { of: Arc::new(of) })
}

fn told(diagnostic: &compiler::Diagnostic, sources: &[Source]) -> Diagnostic {
    let source = sources.get(diagnostic.at.file.0 as usize);
    let (line, column) = source.map_or((0, 0), |source| source.line_column(diagnostic.at.start));
    Diagnostic {
        code: diagnostic.code.as_str(),
        warning: diagnostic.is_warning(),
        message: diagnostic.message.clone(),
        file: source.map(|source| source.name.to_string()).unwrap_or_default(),
        line,
        column,
        help: diagnostic.help.clone(),
        drawn: render::human(std::slice::from_ref(diagnostic), sources, false),
    }
}

fn of_parts(parts: &[Unsupported], checked: &Checked) -> CompileError {
    let error = |part: &Unsupported| {
        compiler::Diagnostic::new(Code::E0629, part.at, format!("{} can't be compiled", part.what))
    };
    let mut errors: Vec<_> = parts.iter().map(error).collect();
    compiler::sort(&mut errors);
    CompileError { diagnostics: errors.iter().map(|error| told(error, &checked.sources)).collect() }
}

fn of_complaints(complaints: Vec<Complaint>) -> CompileError {
    let diagnostics = complaints.into_iter().map(|complaint| {
        let place = complaint.place.as_ref().map(|place| place.source.line_column(place.at.start));
        let (line, column) = place.unwrap_or((0, 0));
        Diagnostic {
            drawn: complaint.to_string(),
            code: complaint.code,
            warning: complaint.code.starts_with('W'),
            message: complaint.message,
            file: complaint.file,
            line,
            column,
            help: None,
        }
    });
    CompileError { diagnostics: diagnostics.collect() }
}
