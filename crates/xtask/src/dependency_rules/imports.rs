//! Imports between the files of one crate, read from its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::paths::{self, CodePath, Scan};
use crate::fingerprint;

/// A source file of a crate. Files that only tests compile are left out.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Path below `src`, with `/` between folders.
    pub(super) path: String,
    /// Path of its module, empty for the crate root.
    pub(super) module: Vec<String>,
    pub(super) scan: Scan,
}

impl SourceFile {
    /// The folder below `src`, or the name of a file that is directly in `src`.
    pub(super) fn layer(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

/// One file names something of another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// Index of the importing file.
    pub(super) from: usize,
    /// Index of the file that declares what is imported.
    pub(super) to: usize,
    pub(super) line: usize,
    /// The path as written.
    pub(super) path: String,
}

/// A name that a module takes from the crate root although another module declares it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RootImport {
    pub(super) from: usize,
    pub(super) line: usize,
    pub(super) path: String,
    /// The path that should be written.
    pub(super) instead: String,
}

/// The files of a crate and their imports.
#[derive(Debug, Default)]
pub(super) struct SourceTree {
    pub(super) files: Vec<SourceFile>,
    pub(super) imports: Vec<Import>,
    pub(super) root_imports: Vec<RootImport>,
}

/// Names that `lib.rs` re-exports, with the full path of each.
type Reexports = BTreeMap<String, Vec<String>>;

impl SourceTree {
    /// Reads all `.rs` files below a `src` folder.
    pub(super) fn read(source: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for file in fingerprint::files(source)? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let relative = file.strip_prefix(source)?;
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                files.push(SourceFile { path: parts.join("/"), module: module(&parts), scan: paths::scan(&text) });
            }
        }
        Ok(Self::link(files))
    }

    /// Index of the file at a path below `src`.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        self.files.iter().position(|file| file.path == path)
    }

    fn link(mut files: Vec<SourceFile>) -> Self {
        let test_modules: BTreeSet<Vec<String>> = files.iter().flat_map(test_modules).collect();
        let is_test = |module: &[String]| (0..=module.len()).any(|length| test_modules.contains(&module[..length]));
        files.retain(|file| !file.scan.is_test_file && !is_test(&file.module));
        let modules: Modules = files.iter().enumerate().map(|(index, file)| (file.module.clone(), index)).collect();
        let reexports = reexports(&files, &modules);
        let (mut imports, mut root_imports) = (BTreeSet::new(), Vec::new());
        for (from, file) in files.iter().enumerate() {
            for path in &file.scan.paths {
                let Some((mut module, rest)) = resolve(&file.module, path, &modules) else { continue };
                if module.is_empty()
                    && !file.module.is_empty()
                    && let Some(full) = rest.first().and_then(|name| reexports.get(name))
                {
                    let instead = ["crate".to_owned()].iter().chain(full).cloned().collect::<Vec<_>>().join("::");
                    root_imports.push(RootImport { from, line: path.line, path: path.text(), instead });
                    module = nearest(full, &modules);
                }
                match modules.get(&module) {
                    Some(to) if *to != from => {
                        imports.insert(Import { from, to: *to, line: path.line, path: path.text() });
                    }
                    _ => {}
                }
            }
        }
        Self { files, imports: imports.into_iter().collect(), root_imports }
    }
}

/// Index of the file of each module.
type Modules = BTreeMap<Vec<String>, usize>;

fn module(parts: &[String]) -> Vec<String> {
    let mut module: Vec<String> = parts.to_vec();
    if let Some(last) = module.pop() {
        let name = last.trim_end_matches(".rs");
        let is_root = parts.len() == 1 && matches!(name, "lib" | "main");
        if name != "mod" && !is_root {
            module.push(name.to_owned());
        }
    }
    module
}

fn test_modules(file: &SourceFile) -> Vec<Vec<String>> {
    let child = |name: &String| [file.module.as_slice(), std::slice::from_ref(name)].concat();
    file.scan.test_modules.iter().map(child).collect()
}

fn reexports(files: &[SourceFile], modules: &Modules) -> Reexports {
    let mut names = Reexports::new();
    let Some(root) = modules.get(&Vec::new()).map(|index| &files[*index]) else { return names };
    for path in root.scan.paths.iter().filter(|path| path.is_reexport) {
        if let (Some(name), Some((mut full, rest))) = (&path.name, resolve(&[], path, modules))
            && !full.is_empty()
        {
            full.extend(rest);
            names.insert(name.clone(), full);
        }
    }
    names
}

/// The module that a path leads into, and the rest of the path. `None` for a path into another crate.
fn resolve(file: &[String], path: &CodePath, modules: &Modules) -> Option<(Vec<String>, Vec<String>)> {
    let mut segments = path.segments.iter().peekable();
    let current = [file, &path.inline].concat();
    let mut module = match segments.peek()?.as_str() {
        "crate" => {
            segments.next();
            Vec::new()
        }
        "self" => {
            segments.next();
            current
        }
        "super" => current,
        _ if path.inline.is_empty() && modules.contains_key(&child(&current, segments.peek()?)) => current,
        _ => return None,
    };
    while segments.next_if(|segment| *segment == "super").is_some() {
        module.pop()?;
    }
    while let Some(segment) = segments.next_if(|segment| modules.contains_key(&child(&module, segment))) {
        module.push(segment.clone());
    }
    Some((nearest(&module, modules), segments.cloned().collect()))
}

fn child(module: &[String], name: &String) -> Vec<String> {
    [module, std::slice::from_ref(name)].concat()
}

/// The innermost module of a path that has a file of its own.
fn nearest(path: &[String], modules: &Modules) -> Vec<String> {
    let length = (0..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]));
    path[..length.unwrap_or_default()].to_vec()
}
