//! Noticing that sources have changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;

use crate::fingerprint::files;
use crate::project;
use crate::workspace::Workspace;

/// When each source was last written, and its length: asked often, so contents are not read.
#[derive(PartialEq)]
pub(crate) struct Snapshot(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Snapshot {
    /// Everything that the artefacts are built from.
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
                // A file that vanishes between listing and looking is a change like any other.
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
    fn sees_files_written_added_and_removed() {
        let folder = Scratch::new("watch");
        folder.write("src/a.rs", "one");
        let look = || Snapshot::read([folder.path("")]).unwrap();
        let first = look();
        assert!(first == look());
        folder.write("src/a.rs", "longer");
        let written = look();
        assert!(first != written);
        folder.write("src/b.rs", "new");
        assert!(written != look());
        fs::remove_file(folder.path("src/b.rs")).unwrap();
        assert!(written == look());
    }
}
