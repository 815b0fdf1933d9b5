//! The members of the workspace, as cargo sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::project;
use crate::run::capture;

/// The members of the workspace by package name: folder and direct dependencies within the workspace.
pub(crate) struct Workspace(BTreeMap<String, Member>);

struct Member {
    folder: PathBuf,
    dependencies: Vec<String>,
}

impl Workspace {
    /// Reads the members from `cargo metadata`.
    pub(crate) fn read() -> Result<Self> {
        let json = capture(
            Command::new("cargo")
                .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
                .current_dir(project::root()),
        )?;
        Self::parse(&json)
    }

    fn parse(json: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(json).context("`cargo metadata` did not write JSON")?;
        let packages = metadata["packages"].as_array().context("`cargo metadata` lists no packages")?;
        let members = packages.iter().filter_map(|package| {
            let folder = PathBuf::from(package["manifest_path"].as_str()?).parent()?.to_owned();
            let dependencies = package["dependencies"].as_array()?.iter();
            // Dev-dependencies do not reach the artefact.
            let built = dependencies.filter(|dependency| dependency["path"].is_string() && dependency["kind"] != "dev");
            let dependencies = built.filter_map(|dependency| Some(dependency["name"].as_str()?.to_owned())).collect();
            Some((package["name"].as_str()?.to_owned(), Member { folder, dependencies }))
        });
        Ok(Self(members.collect()))
    }

    /// The folders of all workspace.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.0.values().map(|member| member.folder.as_path())
    }

    /// The folders of a member and of all its dependencies within the workspace.
    pub(crate) fn folders_with_dependencies(&self, package: &str) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::new();
        let mut waiting = vec![package];
        while let Some(name) = waiting.pop() {
            if let Some(member) = self.0.get(name)
                && folders.insert(member.folder.clone())
            {
                waiting.extend(member.dependencies.iter().map(String::as_str));
            }
        }
        folders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_followed_except_dev_dependencies() {
        let workspace = Workspace::parse(
            r#"{"packages": [
                {"name": "a", "manifest_path": "/w/a/Cargo.toml", "dependencies": [
                    {"name": "b", "path": "/w/b", "kind": null},
                    {"name": "d", "path": "/w/d", "kind": "dev"},
                    {"name": "serde", "kind": null}]},
                {"name": "b", "manifest_path": "/w/b/Cargo.toml", "dependencies": [{"name": "c", "path": "/w/c", "kind": null}]},
                {"name": "c", "manifest_path": "/w/c/Cargo.toml", "dependencies": []},
                {"name": "d", "manifest_path": "/w/d/Cargo.toml", "dependencies": []}]}"#,
        )
        .unwrap();
        let folders = workspace.folders_with_dependencies("a");
        assert_eq!(folders, ["/w/a", "/w/b", "/w/c"].map(PathBuf::from).into());
    }
}
