//! The browser side: one small WebAssembly module and its JavaScript glue.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{add_sources, step};
use crate::fingerprint::Fingerprint;
use crate::members::Members;
use crate::project;
use crate::run::run;
use crate::tools::{self, NIGHTLY, WASM};

const PACKAGE: &str = "afterword-widget";
const PROFILE: &str = "widget";

/// Flags for the fewest bytes: a panic traps at once and carries neither text nor place.
const RUSTFLAGS: [&str; 3] = ["-Cpanic=immediate-abort", "-Zunstable-options", "-Zlocation-detail=none"];

/// What rustc emits for this target and wasm-bindgen adds; named one by one, so that the optimizer emits nothing newer than
/// the browsers in use understand.
const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// The finished widget.
pub(super) struct Widget {
    pub(super) glue: PathBuf,
    pub(super) wasm: PathBuf,
}

pub(super) fn ensure(common: &Fingerprint, members: &Members) -> Result<Widget> {
    let folder = project::output().join("widget");
    let widget = Widget { glue: folder.join("widget.js"), wasm: folder.join("widget.wasm") };
    let mut print = common.clone();
    add_sources(&mut print, members, PACKAGE)?;
    step("widget", print, &widget.wasm, || {
        fs::create_dir_all(&folder)?;
        let raw = folder.join("raw");
        compile()?;
        bind(&raw)?;
        optimize(&raw.join("widget_bg.wasm"), &widget.wasm)?;
        minify(&raw.join("widget.js"), &widget.glue)
    })?;
    Ok(widget)
}

/// `std` is rebuilt for size and for the abort; that takes the nightly compiler.
fn compile() -> Result<()> {
    run(Command::new("cargo")
        .args([NIGHTLY, "build", "--locked", "--quiet", "--lib", "--package", PACKAGE])
        .args(["--profile", PROFILE, "--target", WASM])
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        .arg("--target-dir")
        .arg(project::wasm_target())
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"))
        .current_dir(project::root()))
}

fn bind(folder: &Path) -> Result<()> {
    let compiled = project::wasm_target().join(WASM).join(PROFILE).join("afterword_widget.wasm");
    run(Command::new(tools::WASM_BINDGEN.program("wasm-bindgen")?)
        .arg(compiled)
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path", "--out-name", "widget", "--out-dir"])
        .arg(folder))
}

fn optimize(source: &Path, target: &Path) -> Result<()> {
    let features = FEATURES.iter().map(|feature| format!("--enable-{feature}"));
    run(Command::new(project::node_module(".bin/wasm-opt"))
        .arg(source)
        .args(["-Oz", "--strip-producers", "--strip-target-features", "--strip-debug"])
        .args(features)
        .arg("-o")
        .arg(target))
}

/// Minifies one script or stylesheet without bundling it.
pub(super) fn minify(source: &Path, target: &Path) -> Result<()> {
    run(esbuild().arg(source).args(["--minify", "--legal-comments=none", "--target=es2020"]).arg(outfile(target)))
}

/// The minifier, quiet.
pub(super) fn esbuild() -> Command {
    let mut command = Command::new(project::node_module(".bin/esbuild"));
    command.args(["--log-level=warning", "--charset=utf8"]).current_dir(project::root());
    command
}

pub(super) fn outfile(target: &Path) -> String {
    format!("--outfile={}", target.display())
}
