//! Detection of changed sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;

use crate::fingerprint::files;
use crate::project;
use crate::workspace::Workspace;

/// Modification time and length of each source. Snapshots are taken often, so contents are not read.
#[derive(PartialEq)]
pub(crate) struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// Reads the metadata of all sources of the artefacts.
    pub(crate) fn read_sources(workspace: &Workspace) -> Result<Self> {
        let root = project::root();
        let mut paths = workspace.folders_with_dependencies("afterword-worker");
        paths.extend(workspace.folders_with_dependencies("afterword-widget"));
        paths.extend(["Cargo.toml", "Cargo.lock", "package-lock.json"].map(|name| root.join(name)));
        Self::read(paths)
    }

    fn read(paths: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let mut found = BTreeMap::new();
        for path in paths {
            for file in files(&path)? {
                // A file that vanishes between listing and reading counts as a change.
                if let Ok(about) = fs::metadata(&file) {
                    found.insert(file, (about.modified().ok(), about.len()));
                }
            }
        }
        Ok(Self(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn written_added_and_removed_files_are_detected() {
        let folder = Scratch::new("watch");
        folder.write("src/a.rs", "one");
        let take = || Snapshot::read([folder.path("")]).unwrap();
        let first = take();
        assert!(first == take());
        folder.write("src/a.rs", "longer");
        let written = take();
        assert!(first != written);
        folder.write("src/b.rs", "new");
        assert!(written != take());
        fs::remove_file(folder.path("src/b.rs")).unwrap();
        assert!(written == take());
    }
}
