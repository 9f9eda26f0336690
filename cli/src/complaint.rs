//! What is said when a file is at fault: printed on standard error, before a command ends with `Exit::Fault`.

use ordain_package::Complaint;
pub use ordain_package::shown;

/// Each on a line of standard error.
pub fn print(complaints: &[Complaint], io: &mut crate::Io<'_>) -> std::io::Result<()> {
    complaints.iter().try_for_each(|complaint| writeln!(io.err, "{complaint}"))
}

/// What was read, or nothing once it has been printed what was in the way.
pub fn told<T>(read: Result<T, Vec<Complaint>>, io: &mut crate::Io<'_>) -> std::io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(complaints) => print(&complaints, io).map(|()| None),
    }
}
