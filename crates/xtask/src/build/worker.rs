//! The Worker, built by `worker-build`. Panics unwind, so a panic answers its own request with a 500 and affects no other. For development it is built
//! here, with fewer steps: a panic then ends its request without a response.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::bindings::{self, Host};
use super::widget::{esbuild, outfile};
use super::{Variant, add_sources, dev_cargo, step};
use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::run;
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

const PACKAGE: &str = "afterword-worker";

/// The profile of the variants for release and for tests. They share all compiled dependencies, and tests run what is deployed.
const PROFILE: &str = "release";

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

/// The entry point for development. Exports what wrangler.toml names: the handlers of events and the object.
const DEV_ENTRY: &str = "\
import * as glue from './index_bg.js';
import module from './index_bg.wasm';
const { exports } = new WebAssembly.Instance(module, { './index_bg.js': glue });
glue.__wbg_set_wasm(exports);
exports.__wbindgen_start();
export const { SiteLedger } = glue;
export default { fetch: glue.fetch, scheduled: glue.scheduled };
";

pub(super) fn ensure(common: &Fingerprint, workspace: &Workspace, variant: Variant) -> Result<PathBuf> {
    let folder = folder(variant);
    let fingerprint = fingerprint(common, workspace)?;
    let build_name = build_name(&fingerprint);
    step(name(variant), "start", fingerprint, &folder.join("index.js"), || {
        let compiled = compile(variant, &build_name)?;
        tools::remove(&folder)?;
        if variant == Variant::Dev {
            bundle(&compiled, &folder)
        } else {
            run_worker_build(variant, &build_name, &folder)
        }
    })?;
    Ok(folder)
}

/// Writes the Worker for development: its module, and one script of entry point and glue.
fn bundle(compiled: &Path, folder: &Path) -> Result<()> {
    bindings::write(compiled, Host::Worker, "index", folder)?;
    let entry = folder.join("entry.js");
    fs::write(&entry, DEV_ENTRY).with_context(|| format!("cannot write {}", entry.display()))?;
    let mut bundler = esbuild();
    bundler.arg(&entry).args(["--bundle", "--format=esm", "--allow-overwrite"]);
    bundler.args(["--external:./index_bg.wasm", "--external:cloudflare:*"]);
    run(bundler.arg(outfile(&folder.join("index.js"))))
}

fn run_worker_build(variant: Variant, build_name: &str, folder: &Path) -> Result<()> {
    let mut build = Command::new(tools::WORKER_BUILD.program("worker-build")?);
    if variant == Variant::Test {
        // A smaller and faster module is not worth a minute of build time.
        build.arg("--no-opt");
    }
    build
        .args(["--panic-unwind", "--profile", PROFILE, "--out-dir"])
        .arg(folder)
        .args([".", "--locked"])
        // With these three set, worker-build downloads nothing.
        .env("WASM_BINDGEN_BIN", tools::WASM_BINDGEN.program("wasm-bindgen")?)
        .env("WASM_OPT_BIN", project::node_module(".bin/wasm-opt"))
        .env("ESBUILD_BIN", project::node_module(".bin/esbuild"))
        .env("CARGO_TARGET_DIR", project::wasm_target())
        .env("PATH", tools::pinned_path()?)
        .envs(tools::UNSTABLE)
        .env("RUST_LOG", "warn")
        .env("RUST_BACKTRACE", "0");
    configure(&mut build, variant, build_name);
    run(&mut build)
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

/// Compiles the Worker and returns the module. `worker-build` repeats this command and finds nothing left to compile; run here, it needs no tool and
/// shows its progress.
pub(super) fn compile(variant: Variant, build_name: &str) -> Result<PathBuf> {
    let (mut cargo, output) = if variant == Variant::Dev { dev_cargo() } else { optimized_cargo()? };
    configure(&mut cargo, variant, build_name);
    run(&mut cargo)?;
    Ok(output.join("afterword_worker.wasm"))
}

/// The command that compiles a Worker whose panics unwind. That needs a `std` of its own, which takes most of a minute to compile.
fn optimized_cargo() -> Result<(Command, PathBuf)> {
    let mut cargo = tools::unstable("cargo")?;
    cargo
        .args(["build", "--lib", "--profile", PROFILE, "--target", WASM, "--locked"])
        .args(["-Z", "build-std=std,panic_unwind"])
        .env("RUSTFLAGS", "-Cpanic=unwind")
        .env("CARGO_TARGET_DIR", project::wasm_target())
        .env("WASM_BINDGEN_USE_JS_SYS", "1");
    Ok((cargo, project::wasm_target().join(WASM).join(PROFILE)))
}

/// Sets the features and variables of both commands, which compile the same code.
fn configure(command: &mut Command, variant: Variant, build_name: &str) {
    command.env("AFTERWORD_BUILD", build_name).current_dir(project::root().join("worker"));
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
