//! The check that a commit gives the same artefacts twice, in different folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::{self, Variant};
use crate::fingerprint::{content_hash, files};
use crate::run::{capture, run};
use crate::{project, tools};

/// Builds the release here and in a fresh clone of the current commit, and compares every file.
pub(crate) fn check() -> Result<()> {
    let changes = capture(Command::new("git").args(["status", "--porcelain"]).current_dir(project::root()))?;
    if !changes.is_empty() {
        bail!("there are changes that are not committed, which a clone would not have");
    }
    let here = build::ensure(Variant::Release)?;
    let clone = project::output().join("clone");
    tools::remove(&clone)?;
    run(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(project::root()).arg(&clone))?;
    let built = run(Command::new("cargo")
        .args(["xtask", "build"])
        .current_dir(&clone)
        // The program of the clone, with folders of its own.
        .env_remove("CARGO_TARGET_DIR"));
    built.context("the build in the clone failed")?;
    let (first, second) =
        (hashes(&here.worker, &here.assets)?, hashes(&output(&clone, "worker"), &output(&clone, "assets"))?);
    for (name, hash) in &first {
        println!("{hash}  {}", name.display());
    }
    let differing: Vec<_> = first
        .iter()
        .filter(|(name, hash)| second.get(*name) != Some(hash))
        .map(|(name, _)| name.display().to_string())
        .collect();
    if first.len() != second.len() || !differing.is_empty() {
        bail!("two builds of one commit differ: {}", differing.join(", "));
    }
    tools::remove(&clone)
}

fn output(clone: &Path, name: &str) -> PathBuf {
    clone.join("build").join(name)
}

/// A hash of each file of the artefacts, by its name.
fn hashes(worker: &Path, assets: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut found = BTreeMap::new();
    for (folder, name) in [(worker, "worker"), (assets, "assets")] {
        for file in files(folder)? {
            let content = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            found.insert(Path::new(name).join(file.strip_prefix(folder)?), content_hash(&content));
        }
    }
    Ok(found)
}
