//! `ordain fmt`: writes every file of a package in its one form, or with `--check` says which are not.
//! A file that does not parse is left as it is, and its errors are printed.

use crate::args::Fmt;
use crate::complaint::told;
use crate::{Complaint, Exit, Io, Naming, load};
use ordain_compiler::diagnostic::render;
use ordain_compiler::format::format;
use ordain_compiler::parse::parse;
use ordain_compiler::source::FileId;

pub fn run(args: &Fmt, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let mut exit = Exit::Done;
    for path in &args.paths {
        let Some(loaded) = told(load(path, Naming::FromHere, None), io)? else {
            exit = Exit::Fault;
            continue;
        };
        if loaded.compiled.is_some() {
            let message = "a compiled policy has no files to format; name the package's folder";
            writeln!(io.err, "{}", Complaint::new("E0629", path, message))?;
            exit = Exit::Fault;
        }
        for (source, file) in loaded.input.sources.iter().zip(&loaded.files) {
            let Some(text) = format(source, loaded.manifest.operators) else {
                let (_, diagnostics) = parse(source, FileId(0));
                let shown = render::human(&diagnostics, std::slice::from_ref(source), io.err_terminal);
                write!(io.err, "{shown}")?;
                exit = Exit::Fault;
                continue;
            };
            if *text == *source.text {
                continue;
            }
            writeln!(io.out, "{}", source.name)?;
            if args.check {
                exit = Exit::Fault;
            } else if let Err(error) = write_whole(file, &text) {
                let complaint = Complaint::new("E0623", file, format!("it can't be written: {error}"));
                writeln!(io.err, "{complaint}")?;
                exit = Exit::Fault;
            }
        }
    }
    Ok(exit)
}

/// Writes beside the file and renames, so that a full disk never leaves half a policy.
fn write_whole(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::set_permissions(&beside, std::fs::metadata(file)?.permissions())?;
    std::fs::rename(&beside, file)
}
