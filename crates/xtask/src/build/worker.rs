//! The Worker, built by `worker-build` with unwinding panics: a panic answers its own request with a 500 and affects no other.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{add_sources, step};
use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::run;
use crate::tools;
use crate::workspace::Workspace;

const PACKAGE: &str = "afterword-worker";

pub(super) fn ensure(common: &Fingerprint, workspace: &Workspace, features: &[String]) -> Result<PathBuf> {
    let name = std::iter::once("worker").chain(features.iter().map(String::as_str)).collect::<Vec<_>>().join("+");
    let folder = project::output().join(&name);
    let mut fingerprint = common.clone();
    add_sources(&mut fingerprint, workspace, PACKAGE)?;
    let mut build_name = fingerprint.clone().finish();
    build_name.truncate(12);
    step(&name, fingerprint, &folder.join("index.js"), || {
        tools::remove(&folder)?;
        let mut build = Command::new(tools::WORKER_BUILD.program("worker-build")?);
        if !features.is_empty() {
            // For tests only: a smaller and faster module is not worth the minutes of build time.
            build.arg("--no-opt");
        }
        build
            .args(["--release", "--panic-unwind", "--out-dir"])
            .arg(&folder)
            .args([".", "--locked"])
            .env("CARGO_TARGET_DIR", project::wasm_target())
            // With these three set, worker-build downloads nothing.
            .env("WASM_BINDGEN_BIN", tools::WASM_BINDGEN.program("wasm-bindgen")?)
            .env("WASM_OPT_BIN", project::node_module(".bin/wasm-opt"))
            .env("ESBUILD_BIN", project::node_module(".bin/esbuild"))
            // Part of every `ETag`, so that browsers drop HTML that another build rendered.
            .env("AFTERWORD_BUILD", &build_name)
            .env("RUST_LOG", "warn")
            .env("RUST_BACKTRACE", "0")
            .current_dir(project::root().join("worker"));
        if !features.is_empty() {
            build.args(["--features", &features.join(",")]);
        }
        run(&mut build)
    })?;
    Ok(folder)
}
