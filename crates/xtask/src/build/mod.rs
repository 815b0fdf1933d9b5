//! `cargo xtask build`: builds the deployable artefacts from the sources.

mod assets;
mod widget;
mod worker;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::run::{capture, print_progress};
use crate::tools::{self, NIGHTLY};
use crate::workspace::Workspace;
use crate::{fingerprint, project};

/// The finished artefacts. While this value exists, no other build changes them.
pub(crate) struct Built {
    /// The folder of the Worker: `index.js` and its WebAssembly.
    pub(crate) worker: PathBuf,
    /// The folder of static assets.
    pub(crate) assets: PathBuf,
    _lock: File,
}

/// Builds, and prints the folders of the artefacts.
pub(crate) fn command(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(unexpected) = arguments.next()? {
        return Err(unexpected.unexpected().into());
    }
    let built = ensure(&[])?;
    println!("worker {}\nassets {}", built.worker.display(), built.assets.display());
    Ok(())
}

/// Builds the artefacts that are not up to date. `features` are cargo features of the Worker; a release has none.
pub(crate) fn ensure(features: &[String]) -> Result<Built> {
    fs::create_dir_all(project::output()).context("cannot create the output folder")?;
    let lock = tools::lock(&project::output().join(".lock"))?;
    tools::ensure_toolchains()?;
    tools::ensure_node_modules()?;
    let common = common_fingerprint()?;
    let workspace = Workspace::read()?;
    let widget = widget::ensure(&common, &workspace)?;
    let assets = assets::ensure(&common, &widget)?;
    let worker = worker::ensure(&common, &workspace, features)?;
    Ok(Built { worker, assets, _lock: lock })
}

/// Returns the artefacts that another process has just built.
pub(crate) fn finished() -> Result<Built> {
    let lock = tools::lock(&project::output().join(".lock"))?;
    Ok(Built { worker: project::output().join("worker"), assets: project::output().join("assets"), _lock: lock })
}

impl Built {
    /// Copies both folders, so that the next build does not change a running copy.
    pub(crate) fn copy_to(&self, folder: &Path) -> Result<()> {
        tools::remove(folder)?;
        for (source, name) in [(&self.worker, "worker"), (&self.assets, "assets")] {
            copy(source, &folder.join(name)).with_context(|| format!("cannot copy {}", source.display()))?;
        }
        Ok(())
    }
}

fn copy(source: &Path, target: &Path) -> Result<()> {
    for file in fingerprint::files(source)? {
        let copy = target.join(file.strip_prefix(source)?);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &copy)?;
    }
    Ok(())
}

/// Fingerprint of the inputs of every step: the compiler, the tools, and the build code itself.
fn common_fingerprint() -> Result<Fingerprint> {
    let mut fingerprint = Fingerprint::new();
    for name in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "package-lock.json", "crates/xtask/src/build"] {
        fingerprint.add_tree(&project::root().join(name))?;
    }
    fingerprint.add_text(&capture(Command::new("rustc").args([NIGHTLY, "--version"]).current_dir(project::root()))?);
    fingerprint.add_text(&tools::WASM_BINDGEN.label());
    fingerprint.add_text(&tools::WORKER_BUILD.label());
    Ok(fingerprint)
}

/// Runs a step unless its inputs are unchanged since the last run and its result still exists.
fn step(name: &str, fingerprint: Fingerprint, result: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = project::output().join(format!(".{name}.stamp"));
    let wanted = fingerprint.finish();
    if result.exists() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    print_progress(&format!("building {name}"));
    // A step that fails or is killed leaves no stamp, so it runs again.
    if stamp.exists() {
        fs::remove_file(&stamp).context("cannot remove a build stamp")?;
    }
    make().with_context(|| format!("building {name} failed"))?;
    fs::write(&stamp, wanted).context("cannot write a build stamp")
}

/// Adds the sources of a member and of all its dependencies within the workspace.
fn add_sources(fingerprint: &mut Fingerprint, workspace: &Workspace, package: &str) -> Result<()> {
    workspace.folders_with_dependencies(package).iter().try_for_each(|folder| fingerprint.add_tree(folder))
}
