//! What names mean and where clauses belong, by texts: a policy, and what is said of it.
//! Every example of the project resolves without a word; pages of codes hold what they promise.

use crate::parse;
use crate::resolve::resolve;
use crate::source::{FileId, Source};
use std::collections::BTreeMap;
use std::path::Path;

/// The package of these files, and the diagnostics of resolving them alone.
fn read(files: &[(&str, &str)]) -> (crate::hir::Package, Vec<crate::diagnostic::Diagnostic>, Vec<Source>) {
    let mut sources: Vec<Source> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    sources.extend(ordain_stdlib::MODULES.iter().map(|module| Source::new(format!("{}.ord", module.name), module.text)));
    let mut trees = vec![];
    let mut said = vec![];
    for (at, source) in sources.iter().enumerate() {
        let (tree, wrong) = parse::parse(source, FileId(at as u32));
        trees.push(tree);
        said.extend(wrong);
    }
    let (package, wrong) = resolve(&sources, &trees, &BTreeMap::new());
    said.extend(wrong);
    crate::diagnostic::sort(&mut said);
    (package, said, sources)
}

fn say(files: &[(&str, &str)]) -> String {
    let (_, said, sources) = read(files);
    said.iter()
        .map(|one| {
            let source = &sources[one.at.file.0 as usize];
            let (line, column) = source.line_column(one.at.start);
            let help = one.help.as_deref().unwrap_or_default();
            format!("{}:{line}:{column} {} `{}` {} | {help}\n", source.name, one.code, source.slice(one.at), one.message)
        })
        .collect()
}

#[test]
fn examples_resolve() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "ord"))
            .map(|path| (path.file_name().unwrap().to_string_lossy().into(), std::fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        for _ in 0..2 {
            let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
            assert_eq!(say(&texts), "", "{}", folder.display());
            // The order of files does not matter.
            files.reverse();
        }
    }
}
