//! Paths: the repository, its output, the cache of tools.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    const CRATE: &str = env!("CARGO_MANIFEST_DIR");
    Path::new(CRATE).ancestors().nth(2).unwrap_or(Path::new(CRATE))
}

/// The folder of all build output, ignored by git.
pub(crate) fn output() -> PathBuf {
    root().join("build")
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from))
}

/// Cargo's target folder for the optimized WebAssembly builds. They use unstable features, which changes how build scripts see the compiler; in the
/// common folder, each would invalidate what the other has compiled.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("afterword-wasm")
}

/// The folder of the tools that cargo installs, shared by all clones on the machine.
pub(crate) fn cache() -> Result<PathBuf> {
    let own = env::var_os("AFTERWORD_CACHE").map(PathBuf::from);
    let xdg = env::var_os("XDG_CACHE_HOME").map(|folder| PathBuf::from(folder).join("afterword"));
    let home = env::home_dir().map(|folder| folder.join(".cache/afterword"));
    own.or(xdg).or(home).context("no home folder: set AFTERWORD_CACHE to a folder for the build tools")
}

/// The path of a file that an npm package installs.
pub(crate) fn node_module(path: &str) -> PathBuf {
    root().join("node_modules").join(path)
}
