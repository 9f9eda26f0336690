//! `ordain check`: reads packages and says all that is wrong with them; also the door through which other commands pass.

use crate::args::{Check, CheckFormat};
use crate::{Complaint, Exit, Io, Loaded, Naming};
use ordain_compiler::analysis::{Checked, analyse};
use ordain_compiler::diagnostic::{Diagnostic, render};
use ordain_compiler::errors::Code;
use ordain_compiler::source::{FileId, Source, Span};
use ordain_package::load_all;

pub fn run(args: &Check, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let (mut found, mut told) = (Found::default(), vec![]);
    for path in &args.paths {
        let (loaded, complaints) = load_all(path, Naming::FromHere, args.now);
        found.complain(&complaints);
        let Some(loaded) = loaded else { continue };
        let analysis = analyse(&loaded.input);
        let (sources, diagnostics) = (analysis.sources.clone(), analysis.diagnostics.clone());
        match analysis.checked() {
            Ok(checked) => {
                if let Some(compiled) = &loaded.compiled {
                    found.complain(compiled.made_again(&checked, path).err().as_slice());
                    told.push(format!("{}: {}", crate::complaint::shown(&path.display().to_string()), compiled.digest));
                }
                if checked.package.policies.is_empty() {
                    found.complain(&[Complaint::new("E0624", path, no_policy())]);
                }
                found.complain(&loaded.faults_of_files(&checked));
            }
            Err(_) => found.complain(&loaded.unreadable_files()),
        }
        found.add(sources, diagnostics);
    }
    let warnings = found.diagnostics.iter().filter(|diagnostic| diagnostic.is_warning()).count();
    let errors = found.diagnostics.len() - warnings;
    match args.format {
        CheckFormat::Human => {
            told.iter().try_for_each(|told| writeln!(io.out, "{told}"))?;
            write!(io.err, "{}", render::human(&found.diagnostics, &found.sources, io.err_terminal))?;
            writeln!(io.err, "{}, {}", counted(errors, "error"), counted(warnings, "warning"))?;
        }
        CheckFormat::Json => write!(io.out, "{}", render::json(&found.diagnostics, &found.sources))?,
        CheckFormat::Sarif => write!(io.out, "{}", render::sarif(&found.diagnostics, &found.sources))?,
    }
    let fault = errors > 0 || (args.deny_warnings && warnings > 0);
    Ok(if fault { Exit::Fault } else { Exit::Done })
}

/// What was found in several packages, as if they were one.
#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    diagnostics: Vec<Diagnostic>,
}

impl Found {
    fn add(&mut self, sources: Vec<Source>, diagnostics: Vec<Diagnostic>) {
        let before = self.sources.len() as u32;
        let moved = |at: &mut Span| at.file.0 += before;
        self.sources.extend(sources);
        for mut diagnostic in diagnostics {
            moved(&mut diagnostic.at);
            diagnostic.labels.iter_mut().for_each(|label| moved(&mut label.at));
            diagnostic.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|(at, _)| moved(at));
            self.diagnostics.push(diagnostic);
        }
    }

    /// A file that is at fault as a whole, or of which the text is not at hand, is a source without text.
    fn complain(&mut self, complaints: &[Complaint]) {
        for complaint in complaints {
            let code = Code::parse(complaint.code).expect("complaints have codes of the list");
            let message = match complaint.path.as_str() {
                "" => complaint.message.clone(),
                path => format!("at `{path}`: {}", complaint.message),
            };
            let (source, at) = match &complaint.place {
                Some(place) => (place.source.clone(), place.at.clone()),
                None => (Source::new(complaint.file.as_str(), ""), 0..0),
            };
            let file = self.sources.iter().position(|known| *known == source).unwrap_or(self.sources.len());
            if file == self.sources.len() {
                self.sources.push(source);
            }
            self.diagnostics.push(Diagnostic::new(code, Span::new(FileId(file as u32), at.start, at.end), message));
        }
    }
}

fn no_policy() -> &'static str {
    "there is no policy here; a file with `policy name { … }` is wanted"
}

pub fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// The package where it has no errors; otherwise they have been printed.
pub fn checked(loaded: &Loaded, io: &mut Io<'_>) -> std::io::Result<Option<Checked>> {
    let analysis = analyse(&loaded.input);
    match analysis.checked() {
        Ok(checked) if checked.package.policies.is_empty() => {
            let complaint = Complaint::new("E0624", &loaded.path, no_policy());
            crate::complaint::print(&[complaint], io)?;
            Ok(None)
        }
        Ok(checked) => {
            let made = loaded.compiled.as_ref().map(|compiled| compiled.made_again(&checked, &loaded.path));
            Ok(crate::complaint::told(made.transpose().map_err(|complaint| vec![complaint]), io)?.map(|_| checked))
        }
        Err(analysis) => {
            let errors = analysis.diagnostics.iter().filter(|diagnostic| !diagnostic.is_warning());
            let errors: Vec<Diagnostic> = errors.cloned().collect();
            write!(io.err, "{}", render::human(&errors, &analysis.sources, io.err_terminal))?;
            writeln!(io.err, "{}: nothing was run", counted(errors.len(), "error"))?;
            Ok(None)
        }
    }
}
