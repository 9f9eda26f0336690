//! A package, loaded, checked and ready to decide: where `eval` and `replay` begin.

use crate::complaint::told;
use crate::{Naming, args, load};
use ordain_compiler::analysis::Checked;
use ordain_package::Running;
use std::path::Path;
use std::sync::Arc;

impl args::Running {
    /// Loads, checks and readies a package for deciding; what is wrong has been printed where this gives nothing.
    pub fn ready(&self, path: &Path, io: &mut crate::Io<'_>) -> std::io::Result<Option<(Arc<Checked>, Running)>> {
        let Some(loaded) = told(load(path, Naming::FromPackage, self.now), io)? else {
            return Ok(None);
        };
        let Some(checked) = crate::check::checked(&loaded, io)? else { return Ok(None) };
        let running = told(loaded.running(&checked, &self.data.data, self.entities.as_deref()), io)?;
        let running = running.map(|running| Running { compiled: loaded.compiled, ..running });
        Ok(running.map(|running| (Arc::new(checked), running)))
    }
}
