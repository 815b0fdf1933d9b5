//! The JavaScript side of a WebAssembly module. wasm-bindgen is linked, because its command-line tool takes minutes to install.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// The program that instantiates the module.
#[derive(Clone, Copy)]
pub(super) enum Host {
    /// A browser. The caller gives the module to the glue.
    Browser,
    /// The Workers runtime. The entry point instantiates the module itself.
    Worker,
}

/// Writes `<name>.js` and `<name>_bg.wasm` into the folder; for a Worker, the glue is in `<name>_bg.js`.
pub(super) fn write(module: &Path, host: Host, name: &str, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    match host {
        Host::Browser => bindgen.web(true)?.omit_default_module_path(true),
        Host::Worker => bindgen.bundler(true)?,
    };
    bindgen.input_path(module).out_name(name).typescript(false);
    bindgen.generate(folder).with_context(|| format!("cannot write the bindings of {}", module.display()))
}
