//! What is said of a package that has no program.

use crate::Complaint;
use ordain_compiler::analysis::Checked;
use ordain_compiler::diagnostic::{self, Diagnostic, render};
use ordain_compiler::emit::Unsupported;
use ordain_compiler::errors::Code;
use ordain_package::Uncompiled;
use std::path::Path;

/// `so`: what comes of it, such as `nothing was built`.
pub fn print(
    uncompiled: &Uncompiled,
    path: &Path,
    checked: &Checked,
    so: &str,
    io: &mut crate::Io<'_>,
) -> std::io::Result<()> {
    let parts = match uncompiled {
        Uncompiled::Whole(message) => return writeln!(io.err, "{}", Complaint::new("E0629", path, message)),
        Uncompiled::Parts(parts) => parts,
    };
    let told = |part: &Unsupported| Diagnostic::new(Code::E0629, part.at, format!("{} can't be compiled", part.what));
    // What several rules call is found in each.
    let mut told: Vec<Diagnostic> = parts.iter().map(told).collect();
    diagnostic::sort(&mut told);
    told.dedup_by(|one, other| one.at == other.at && one.message == other.message);
    write!(io.err, "{}", render::human(&told, &checked.sources, io.err_terminal))?;
    writeln!(io.err, "{}: {so}", crate::check::counted(told.len(), "error"))
}
