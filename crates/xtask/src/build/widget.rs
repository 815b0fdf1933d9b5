//! The browser side: one small WebAssembly module and its JavaScript glue.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::bindings::{self, Host};
use super::{Variant, add_sources, dev_cargo, step};
use crate::fingerprint::{Fingerprint, content_hash};
use crate::project;
use crate::run::{capture, run};
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

const PACKAGE: &str = "afterword-widget";

/// Flags for the smallest output: a panic traps at once, without message and location; `{:?}` writes nothing; and early simplification leaves less
/// for the linker to undo.
const RUSTFLAGS: [&str; 5] = [
    "-Cpanic=immediate-abort",
    "-Zunstable-options",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
    "-Zmir-opt-level=3",
];

/// Less inlining than plain `-Oz`: repeated code compresses better than merged code, by 4 % under brotli.
const INLINING: [&str; 2] = ["--always-inline-max-function-size=0", "--one-caller-inline-max-function-size=75"];

/// WebAssembly features that rustc emits for this target and wasm-bindgen adds. Each is named, so that the optimizer emits nothing newer than the
/// browsers in use support.
pub(super) const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// Options of the minifier. No script uses newer syntax than ES2020.
pub(super) const MINIFY: [&str; 3] = ["--minify", "--legal-comments=none", "--target=es2020"];

/// The only module that the widget imports from: its glue.
const MODULE: &str = "./widget_bg.js";

/// The names that wasm-opt has changed.
#[derive(Deserialize)]
struct Renamed {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

/// The finished widget.
pub(super) struct Widget {
    /// Its JavaScript: the entry, the modules of `thread`, and the glue of the WebAssembly.
    pub(super) glue: PathBuf,
    pub(super) wasm: PathBuf,
    /// The folder of the scripts that are loaded when they are used.
    pub(super) parts: PathBuf,
}

/// The scripts that are loaded when they are used, by their names: the modules of `widget/parts`.
pub(crate) const PARTS: [&str; 5] = ["editor", "moderate", "offline", "own", "votes"];

/// The path on the Worker of a script that is loaded when it is used.
pub(super) fn part_path(parts: &Path, name: &str) -> Result<String> {
    let file = parts.join(name).with_extension("js");
    let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(format!("/assets/{name}-{}.js", short_hash(&content)))
}

/// A hash for the name of an asset. It only has to differ from those of the versions that browsers still have, and random digits do not compress.
pub(super) fn short_hash(content: &[u8]) -> String {
    let mut hash = content_hash(content);
    hash.truncate(8);
    hash
}

pub(super) fn ensure(common: &Fingerprint, workspace: &Workspace, variant: Variant) -> Result<Widget> {
    let name = if variant == Variant::Dev { "widget-dev" } else { "widget" };
    let folder = project::output().join(name);
    let widget =
        Widget { glue: folder.join("widget.js"), wasm: folder.join("widget.wasm"), parts: folder.join("parts") };
    let mut fingerprint = common.clone();
    add_sources(&mut fingerprint, workspace, PACKAGE)?;
    step(name, "assets, Worker", fingerprint, &widget.wasm, || {
        fs::create_dir_all(&folder)?;
        let raw = folder.join("raw");
        let parts = bundle_parts(&widget.parts)?;
        bindings::write(&compile(variant)?, Host::Browser, "widget", &raw)?;
        let (module, entry) = (raw.join("widget_bg.wasm"), project::root().join("widget/start.js"));
        if variant == Variant::Dev {
            fs::copy(module, &widget.wasm).context("cannot copy the widget")?;
            return run(bundle_entry(&entry, &raw, &parts).arg(outfile(&widget.glue)));
        }
        let names = optimize(&module, &widget.wasm)?;
        let mut command = bundle_entry(&entry, &raw, &parts);
        mangle_names(&mut command, &names, &raw)?;
        run(command.arg(outfile(&widget.glue)))
    })?;
    Ok(widget)
}

/// Compiles the widget. For a release, `std` is rebuilt for size and for the immediate abort. Returns the module.
pub(super) fn compile(variant: Variant) -> Result<PathBuf> {
    let (mut cargo, output) = if variant == Variant::Dev { dev_cargo() } else { release_cargo()? };
    run(cargo.args(["--package", PACKAGE]))?;
    Ok(output.join("afterword_widget.wasm"))
}

fn release_cargo() -> Result<(Command, PathBuf)> {
    let mut cargo = tools::unstable("cargo")?;
    cargo
        .args(["build", "--locked", "--lib", "--target", WASM, "--profile", "widget"])
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"))
        .arg("--target-dir")
        .arg(project::wasm_target());
    Ok((cargo, project::wasm_target().join(WASM).join("widget")))
}

/// Optimizes for size. Replaces the names of imports and exports between module and glue, as each contains a hash that does not compress. Returns
/// the new name of each.
fn optimize(source: &Path, target: &Path) -> Result<BTreeMap<String, String>> {
    let features = FEATURES.iter().map(|feature| format!("--enable-{feature}"));
    let renamed = capture(
        Command::new(project::node_module(".bin/wasm-opt"))
            .arg(source)
            .arg("-Oz")
            .args(INLINING)
            .args(["--strip-producers", "--strip-target-features", "--strip-debug"])
            .arg("--minify-imports-and-exports-and-modules")
            .args(features)
            .arg("-o")
            .arg(target),
    )?;
    names(&renamed)
}

/// Reads wasm-opt's list of new names: imports by module and name, and exports.
fn names(json: &str) -> Result<BTreeMap<String, String>> {
    let renamed: Renamed = serde_json::from_str(json).context("wasm-opt did not print the new names")?;
    // There is only the module that wasm-bindgen writes, so a name alone is unambiguous.
    if renamed.imports.iter().any(|(module, ..)| module != MODULE) {
        bail!("the widget imports from a module other than {MODULE}, which the build cannot deliver");
    }
    let module = (MODULE.to_owned(), "a".to_owned());
    let imports = renamed.imports.into_iter().map(|(_, name, short)| (name, short));
    Ok(imports.chain(renamed.exports).chain([module]).collect())
}

/// Applies the new names of imports and exports. In the glue they are properties of the object of imports and of the module's exports.
fn mangle_names(command: &mut Command, names: &BTreeMap<String, String>, raw: &Path) -> Result<()> {
    let cache = raw.join("names.json");
    fs::write(&cache, serde_json::to_string(names)?)?;
    let pattern: Vec<_> = names.keys().map(|name| name.replace('.', "\\.").replace('/', "\\/")).collect();
    command
        .arg(format!("--mangle-props=^(?:{})$", pattern.join("|")))
        .arg("--mangle-quoted")
        .arg(format!("--mangle-cache={}", cache.display()));
    Ok(())
}

/// The command that minifies the entry with everything that it imports. `raw` is the folder of the glue. The warnings of the glue are for developers,
/// and are left out.
fn bundle_entry(entry: &Path, raw: &Path, parts: &Value) -> Command {
    let mut command = bundle(entry);
    command
        .arg("--drop:console")
        .arg(format!("--alias:afterword-glue={}", raw.join("widget.js").display()))
        .arg(format!("--define:PARTS={parts}"));
    command
}

/// Bundles the scripts that are loaded when they are used, and returns the path of each on the Worker, by its name.
fn bundle_parts(folder: &Path) -> Result<Value> {
    tools::remove(folder)?;
    fs::create_dir_all(folder)?;
    let mut paths = Map::new();
    for name in PARTS {
        let script = format!("{name}.js");
        run(bundle(&project::root().join("widget/parts").join(&script)).arg(outfile(&folder.join(script))))?;
        paths.insert(name.to_owned(), part_path(folder, name)?.into());
    }
    Ok(Value::Object(paths))
}

/// The command that minifies a script together with what it imports.
pub(super) fn bundle(entry: &Path) -> Command {
    let mut command = esbuild();
    command.arg(entry).args(MINIFY).args(["--bundle", "--format=esm"]);
    command
}

/// Minifies one script or stylesheet without bundling it.
pub(super) fn minify(source: &Path, target: &Path) -> Result<()> {
    run(esbuild().arg(source).args(MINIFY).arg(outfile(target)))
}

/// The command of the minifier, without progress output.
pub(super) fn esbuild() -> Command {
    let mut command = Command::new(project::node_module(".bin/esbuild"));
    command.args(["--log-level=warning", "--charset=utf8"]).current_dir(project::root());
    command
}

pub(super) fn outfile(target: &Path) -> String {
    format!("--outfile={}", target.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_imports_and_exports_are_parsed() {
        let names =
            names(r#"{"imports": [["./widget_bg.js", "__wbg_a_0f", "A"]], "exports": [["start", "b"]]}"#).unwrap();
        let expected = [("__wbg_a_0f", "A"), ("start", "b"), ("./widget_bg.js", "a")];
        assert_eq!(names, expected.map(|(name, short)| (name.to_owned(), short.to_owned())).into());
    }

    #[test]
    fn import_from_another_module_is_rejected() {
        assert!(names(r#"{"imports": [["./snippets/a.js", "f", "A"]], "exports": []}"#).is_err());
        assert!(names("").is_err());
    }
}
