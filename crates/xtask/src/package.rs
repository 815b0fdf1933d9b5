//! `cargo xtask package`: makes the npm package `afterword` from a build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use afterword_model::{READER_FLOOR, SCHEMA_VERSION, encode_hex};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::build::{self, Built, Variant};
use crate::project;
use crate::run::{capture, run};
use crate::tools;

/// The licences, which are part of the package.
const TEXTS: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Builds the release and packs it twice. Fails if the two packages differ. Prints path, size and SHA-256.
pub(crate) fn command() -> Result<()> {
    let built = build::ensure(Variant::Release)?;
    let output = project::output().join("package");
    let (packed, again) = (pack(&built, &output.join("first"))?, pack(&built, &output.join("second"))?);
    let content = fs::read(&packed).with_context(|| format!("cannot read {}", packed.display()))?;
    if content != fs::read(&again).with_context(|| format!("cannot read {}", again.display()))? {
        bail!("two packages of one build differ: {} and {}", packed.display(), again.display());
    }
    println!("{}  {}  {} bytes", encode_hex(&Sha256::digest(&content)), packed.display(), content.len());
    Ok(())
}

/// Stages and packs a build, and returns the path of the package.
fn pack(built: &Built, folder: &Path) -> Result<PathBuf> {
    tools::remove(folder)?;
    let staged = folder.join("afterword");
    stage(built, &staged)?;
    let name = capture(Command::new("npm").args(["pack", "--silent"]).arg(&staged).current_dir(folder))?;
    Ok(folder.join(name.trim()))
}

/// Writes the files of the package into a folder.
pub(crate) fn stage(built: &Built, target: &Path) -> Result<()> {
    let packaging = project::root().join("packaging");
    let options = json!({
        "source": packaging.join("npm"),
        "worker": built.worker,
        "assets": built.assets,
        // The build has put the owner's tools there.
        "owner": packaging.join("npm/owner"),
        "target": target,
        "texts": TEXTS.map(|name| project::root().join(name)),
        "version": env!("CARGO_PKG_VERSION"),
        "commit": commit()?,
        "schema": SCHEMA_VERSION,
        "reader_floor": READER_FLOOR,
        "compatibility_date": compatibility_date()?,
    });
    let parent = target.parent().context("the folder of the package has no parent")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let file = parent.join("package-options.json");
    fs::write(&file, options.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
    run(Command::new("node").arg(packaging.join("pack.mjs")).arg(&file))
}

/// The commit of the sources, with a note if they have changed since.
fn commit() -> Result<String> {
    let git = |arguments: &[&str]| capture(Command::new("git").args(arguments).current_dir(project::root()));
    let hash = git(&["rev-parse", "HEAD"])?;
    let is_changed = !git(&["status", "--porcelain"])?.is_empty();
    Ok(format!("{}{}", hash.trim(), if is_changed { "-changed" } else { "" }))
}

/// The compatibility date of the Worker, which is that of the server on an owner's machine too.
fn compatibility_date() -> Result<String> {
    let path = project::root().join("worker/wrangler.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let config: Value = toml::from_str(&text).context("worker/wrangler.toml is not valid TOML")?;
    Ok(config["compatibility_date"].as_str().context("wrangler.toml has no compatibility_date")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_date_is_that_of_the_worker() {
        assert_eq!(compatibility_date().unwrap().len(), "2026-05-01".len());
    }

    #[test]
    fn version_of_the_package_is_that_of_the_workspace() {
        let text = fs::read_to_string(project::root().join("packaging/npm/package.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(
            manifest["dependencies"].as_object().map(|all| all.len()),
            Some(1),
            "wrangler is the only dependency"
        );
    }
}
