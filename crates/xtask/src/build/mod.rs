//! `cargo xtask build`: builds the deployable artefacts from the sources.

mod assets;
mod bindings;
mod widget;
mod worker;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::fingerprint::Fingerprint;
use crate::progress::Progress;
use crate::run::capture;
use crate::tools;
use crate::workspace::Workspace;
use crate::{fingerprint, project};

pub(crate) use widget::PARTS;

/// Variant of the artefacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Variant {
    /// The artefacts that are deployed, optimized for size and speed.
    Release,
    /// For end-to-end tests: the assets of the release, and its Worker with fault injection.
    Test,
    /// For `cargo xtask dev`: artefacts that compile quickly.
    Dev,
}

/// The finished artefacts. While this value exists, no other build changes them, unless they are a copy.
pub(crate) struct Built {
    /// The folder of the Worker: `index.js` and its WebAssembly.
    pub(crate) worker: PathBuf,
    /// The folder of static assets.
    pub(crate) assets: PathBuf,
    _lock: Option<File>,
}

/// Arguments of `build`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The variant to build
    #[arg(long, value_enum, default_value_t = Variant::Release)]
    variant: Variant,
}

/// Builds, and prints the folders of the artefacts.
pub(crate) fn command(options: &Options) -> Result<()> {
    let built = ensure(options.variant)?;
    println!("worker {}\nassets {}", built.worker.display(), built.assets.display());
    Ok(())
}

/// Builds the artefacts that are not up to date.
pub(crate) fn ensure(variant: Variant) -> Result<Built> {
    fs::create_dir_all(project::output()).context("cannot create the output folder")?;
    let lock = tools::lock(&project::output().join(".lock"))?;
    tools::ensure_toolchain()?;
    let common = common_fingerprint()?;
    let workspace = Workspace::read()?;
    install_tools(&common, &workspace, variant)?;
    let widget = widget::ensure(&common, &workspace, variant)?;
    let assets = assets::ensure(&common, &widget, variant)?;
    let worker = worker::ensure(&common, &workspace, variant)?;
    Ok(Built { worker, assets, _lock: Some(lock) })
}

/// Installs the tools of the build that are missing. Compiles both artefacts meanwhile, which needs none of the tools. Only npm packages are needed
/// for development.
fn install_tools(common: &Fingerprint, workspace: &Workspace, variant: Variant) -> Result<()> {
    let needs_programs = variant != Variant::Dev && !tools::has_build_tools()?;
    if !needs_programs && tools::has_node_modules()? {
        return Ok(());
    }
    let build_name = worker::build_name(&worker::fingerprint(common, workspace)?);
    let _progress = Progress::start("installing the tools and compiling", "bindings, assets");
    thread::scope(|scope| {
        let installation = scope.spawn(|| {
            tools::ensure_node_modules()?;
            if needs_programs { tools::ensure_build_tools() } else { Ok(()) }
        });
        let compiled = widget::compile(variant).and_then(|_| worker::compile(variant, &build_name));
        let installed = installation.join().map_err(|_| anyhow!("the installation of the tools panicked"))?;
        compiled.and(installed)
    })
}

/// Starts the command that compiles a module for development, and returns it with the folder of the result. Procedural macros are compiled once for
/// both modules and this program, as all three have the same profile, folder and compiler.
fn dev_cargo() -> (Command, PathBuf) {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--lib", "--target", tools::WASM, "--target-dir"]).arg(project::target());
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "false").current_dir(project::root());
    (cargo, project::target().join(tools::WASM).join("debug"))
}

/// Returns the artefacts of `cargo xtask dev` that another process has just built.
pub(crate) fn finished() -> Result<Built> {
    let lock = tools::lock(&project::output().join(".lock"))?;
    Ok(Built { worker: worker::folder(Variant::Dev), assets: assets::folder(Variant::Dev), _lock: Some(lock) })
}

/// The folders of a copy of the artefacts.
const COPIED_WORKER: &str = "worker";
const COPIED_ASSETS: &str = "assets";

impl Built {
    /// The artefacts of a folder to which [`Self::copy_to`] has copied them.
    pub(crate) fn copied(folder: &Path) -> Self {
        Self { worker: folder.join(COPIED_WORKER), assets: folder.join(COPIED_ASSETS), _lock: None }
    }

    /// Copies both folders, so that the next build does not change a running copy.
    pub(crate) fn copy_to(&self, folder: &Path) -> Result<()> {
        tools::remove(folder)?;
        for (source, name) in [(&self.worker, COPIED_WORKER), (&self.assets, COPIED_ASSETS)] {
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
    fingerprint
        .add_text(&capture(Command::new("rustc").args(["--version", "--verbose"]).current_dir(project::root()))?);
    fingerprint.add_text(tools::WASM_BINDGEN.version());
    fingerprint.add_text(&tools::WORKER_BUILD.label());
    Ok(fingerprint)
}

/// Runs a step, of which `next` names the ones that follow, unless its inputs are unchanged since the last run and its result still exists.
fn step(
    name: &str,
    next: &str,
    fingerprint: Fingerprint,
    result: &Path,
    make: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = project::output().join(format!(".{name}.stamp"));
    let wanted = fingerprint.finish();
    if result.exists() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let _progress = Progress::start(&format!("building {name}"), next);
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
