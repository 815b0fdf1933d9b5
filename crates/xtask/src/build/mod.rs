//! `cargo xtask build`: from sources to what is deployed.

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

/// The finished artefacts. While this value lives no other build touches them.
pub(crate) struct Built {
    /// The folder of the Worker: `index.js` and its WebAssembly.
    pub(crate) worker: PathBuf,
    /// The folder of static assets.
    pub(crate) assets: PathBuf,
    _lock: File,
}

/// The command: builds, and says where the result is.
pub(crate) fn command(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(unexpected) = arguments.next()? {
        return Err(unexpected.unexpected().into());
    }
    let built = ensure(&[])?;
    println!("worker {}\nassets {}", built.worker.display(), built.assets.display());
    Ok(())
}

/// Builds what is not up to date; `features` are cargo features of the Worker, none in a release.
pub(crate) fn ensure(features: &[String]) -> Result<Built> {
    fs::create_dir_all(project::output()).context("cannot make the output folder")?;
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

/// The artefacts as another process has just built them.
pub(crate) fn finished() -> Result<Built> {
    let lock = tools::lock(&project::output().join(".lock"))?;
    Ok(Built { worker: project::output().join("worker"), assets: project::output().join("assets"), _lock: lock })
}

impl Built {
    /// Copies both folders, so that what runs from the copy is not changed by the next build.
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
        let place = target.join(file.strip_prefix(source)?);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &place)?;
    }
    Ok(())
}

/// What every step depends on: the compiler, the tools, and the recipe itself.
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

/// Runs a step unless what it would read is what it read last time and its result is still there.
fn step(name: &str, fingerprint: Fingerprint, result: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = project::output().join(format!(".{name}.stamp"));
    let wanted = fingerprint.finish();
    if result.exists() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    print_progress(&format!("building {name}"));
    // A step that fails or is killed half way leaves no stamp, and is run again.
    if stamp.exists() {
        fs::remove_file(&stamp).context("cannot remove a build stamp")?;
    }
    make().with_context(|| format!("building {name} failed"))?;
    fs::write(&stamp, wanted).context("cannot write a build stamp")
}

/// Adds the sources of a member and of all it is built from.
fn add_sources(fingerprint: &mut Fingerprint, workspace: &Workspace, package: &str) -> Result<()> {
    workspace.folders_with_dependencies(package).iter().try_for_each(|folder| fingerprint.add_tree(folder))
}
