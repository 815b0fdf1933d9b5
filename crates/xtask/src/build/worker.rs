//! The Worker, built by `worker-build`. Panics unwind, so a panic answers its own request with a 500 and affects no other.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Variant, add_sources, step};
use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::run;
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

const PACKAGE: &str = "afterword-worker";

/// The folder of the built Worker.
pub(super) fn folder(variant: Variant) -> PathBuf {
    project::output().join(name(variant))
}

fn name(variant: Variant) -> &'static str {
    match variant {
        Variant::Release => "worker",
        Variant::Test => "worker-test",
        Variant::Dev => "worker-dev",
    }
}

fn profile(variant: Variant) -> &'static str {
    match variant {
        Variant::Release => "release",
        Variant::Test => "wasm-test",
        Variant::Dev => "wasm-dev",
    }
}

/// Returns true if panics unwind. That needs a `std` of its own, which takes most of a minute to compile. Without it, a panic resets the Worker.
fn unwinds(variant: Variant) -> bool {
    variant != Variant::Dev
}

pub(super) fn ensure(common: &Fingerprint, workspace: &Workspace, variant: Variant) -> Result<PathBuf> {
    let folder = folder(variant);
    let fingerprint = fingerprint(common, workspace)?;
    let build_name = build_name(&fingerprint);
    step(name(variant), "start", fingerprint, &folder.join("index.js"), || {
        compile(variant, &build_name)?;
        tools::remove(&folder)?;
        let mut build = Command::new(tools::WORKER_BUILD.program("worker-build")?);
        if variant != Variant::Release {
            // A smaller and faster module is not worth a minute of build time.
            build.arg("--no-opt");
        }
        if unwinds(variant) {
            build.arg("--panic-unwind");
        }
        build
            .args(["--profile", profile(variant), "--out-dir"])
            .arg(&folder)
            .args([".", "--locked"])
            // With these three set, worker-build downloads nothing.
            .env("WASM_BINDGEN_BIN", tools::WASM_BINDGEN.program("wasm-bindgen")?)
            .env("WASM_OPT_BIN", project::node_module(".bin/wasm-opt"))
            .env("ESBUILD_BIN", project::node_module(".bin/esbuild"))
            .env("PATH", tools::pinned_path()?)
            .env("RUST_LOG", "warn")
            .env("RUST_BACKTRACE", "0");
        configure(&mut build, variant, &build_name);
        run(&mut build)
    })?;
    Ok(folder)
}

/// Fingerprint of the sources of the Worker.
pub(super) fn fingerprint(common: &Fingerprint, workspace: &Workspace) -> Result<Fingerprint> {
    let mut fingerprint = common.clone();
    add_sources(&mut fingerprint, workspace, PACKAGE)?;
    Ok(fingerprint)
}

/// Name of the build. It is part of every `ETag`, so that browsers drop HTML that another build rendered.
pub(super) fn build_name(fingerprint: &Fingerprint) -> String {
    let mut name = fingerprint.clone().finish();
    name.truncate(12);
    name
}

/// Compiles the Worker. `worker-build` repeats this command and finds nothing left to compile; run here, it needs no tool and shows its progress.
pub(super) fn compile(variant: Variant, build_name: &str) -> Result<()> {
    let mut cargo = tools::unstable("cargo")?;
    cargo
        .args(["build", "--lib", "--profile", profile(variant), "--target", WASM, "--locked"])
        .env("WASM_BINDGEN_USE_JS_SYS", "1");
    if unwinds(variant) {
        cargo.args(["-Z", "build-std=std,panic_unwind"]).env("RUSTFLAGS", "-Cpanic=unwind");
    }
    configure(&mut cargo, variant, build_name);
    run(&mut cargo)
}

/// Sets the features and variables of both commands, which compile the same code.
fn configure(command: &mut Command, variant: Variant, build_name: &str) {
    command
        .env("CARGO_TARGET_DIR", project::wasm_target())
        .env("AFTERWORD_BUILD", build_name)
        .envs(tools::UNSTABLE)
        .current_dir(project::root().join("worker"));
    match variant {
        Variant::Release => {}
        Variant::Test => {
            command.args(["--features", "fault-injection"]);
        }
        Variant::Dev => {
            command.args(["--features", "local-runtime"]);
        }
    }
}
