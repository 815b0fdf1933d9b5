//! The owner's tools: one WebAssembly module with its glue, for the commands in `packaging/npm` and for the import page of the moderators.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::bindings::{self, Host};
use super::widget::FEATURES;
use super::{Variant, add_sources, dev_cargo, step};
use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::{print_progress, run};
use crate::tools::WASM;
use crate::workspace::Workspace;

const PACKAGE: &str = "afterword-owner-tools";
/// The folder in which the npm package has them.
const NPM_FOLDER: &str = "packaging/npm/owner";

/// The finished tools.
pub(super) struct OwnerTools {
    /// The glue, a module of JavaScript. Its caller gives the WebAssembly to it.
    pub(super) glue: PathBuf,
    pub(super) wasm: PathBuf,
}

pub(super) fn ensure(common: &Fingerprint, workspace: &Workspace, variant: Variant) -> Result<OwnerTools> {
    let name = if variant == Variant::Dev { "owner-tools-dev" } else { "owner-tools" };
    let folder = project::output().join(name);
    let tools = OwnerTools { glue: folder.join("tools.js"), wasm: folder.join("tools.wasm") };
    let mut fingerprint = common.clone();
    add_sources(&mut fingerprint, workspace, PACKAGE)?;
    step(name, "assets, Worker", fingerprint, &tools.wasm, || {
        fs::create_dir_all(&folder)?;
        bindings::write(&compile(variant)?, Host::Browser, "tools", &folder)?;
        let raw = folder.join("tools_bg.wasm");
        if variant == Variant::Dev {
            fs::rename(&raw, &tools.wasm).context("cannot rename the module")?;
        } else {
            optimize(&raw, &tools.wasm)?;
            print_progress(&format!("owner's tools: {} bytes of WebAssembly", fs::metadata(&tools.wasm)?.len()));
        }
        Ok(())
    })?;
    copy_to_package(&tools)?;
    Ok(tools)
}

/// Compiles with the stable compiler: the tools wait for files and networks, and an owner loads them once.
fn compile(variant: Variant) -> Result<PathBuf> {
    let (mut cargo, output) = if variant == Variant::Dev {
        dev_cargo()
    } else {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--locked", "--lib", "--release", "--target", WASM, "--target-dir"]);
        cargo.arg(project::target()).current_dir(project::root());
        (cargo, project::target().join(WASM).join("release"))
    };
    run(cargo.args(["--package", PACKAGE]))?;
    Ok(output.join("afterword_owner_tools.wasm"))
}

fn optimize(source: &Path, target: &Path) -> Result<()> {
    let features = FEATURES.iter().map(|feature| format!("--enable-{feature}"));
    let mut command = Command::new(project::node_module(".bin/wasm-opt"));
    command.arg(source).args(["-O2", "--strip-producers", "--strip-target-features", "--strip-debug"]);
    run(command.args(features).arg("-o").arg(target))
}

/// Copies the tools to the npm package, unless they are there.
fn copy_to_package(tools: &OwnerTools) -> Result<()> {
    let folder = project::root().join(NPM_FOLDER);
    fs::create_dir_all(&folder)?;
    for file in [&tools.glue, &tools.wasm] {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let target = folder.join(file.file_name().context("a file without a name")?);
        if fs::read(&target).ok().as_ref() != Some(&content) {
            fs::write(&target, content).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}
