//! The static assets, under the names that the Worker and the loader use for them.

use std::fs;
use std::path::{Path, PathBuf};

use afterword_view::catalogue;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::widget::{MINIFY, Widget, esbuild, minify, outfile};
use super::{Variant, step};
use crate::fingerprint::{Fingerprint, content_hash};
use crate::run::run;
use crate::{project, tools};

/// HTTP headers of the assets. Any page may load the loader, the script that shows counts, and the files that they load. Files with hashed names never change and are cached for a
/// year. The loader refers to them by name, so browsers revalidate it before each use: an outdated loader would refer to files that no longer exist.
/// The policy forbids everything to an asset that is opened as a page.
const HEADERS: &str = "\
/embed.js
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=0, must-revalidate
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff
  Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=31536000
/count.js
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=3600
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff
  Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=31536000
/assets/*
  Access-Control-Allow-Origin: *
  Cache-Control: public, max-age=31536000, immutable
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff
  Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=31536000
";

/// The script that shows numbers of comments, as it is in the repository.
const COUNT_SCRIPT: &str = "widget/count.js";

/// The folder of the assets.
pub(super) fn folder(variant: Variant) -> PathBuf {
    project::output().join(name(variant))
}

fn name(variant: Variant) -> &'static str {
    if variant == Variant::Dev { "assets-dev" } else { "assets" }
}

pub(super) fn ensure(common: &Fingerprint, widget: &Widget, variant: Variant) -> Result<PathBuf> {
    let folder = folder(variant);
    let loader = project::root().join("widget/embed.js");
    let mut fingerprint = common.clone();
    fingerprint.add_tree(&loader)?;
    fingerprint.add_tree(&project::root().join(COUNT_SCRIPT))?;
    fingerprint.add_tree(&widget.glue)?;
    fingerprint.add_tree(&widget.wasm)?;
    fingerprint.add_text(catalogue::STYLESHEET);
    catalogue::LANGUAGES.iter().for_each(|lang| fingerprint.add_text(catalogue::messages_json(lang)));
    step(name(variant), "Worker", fingerprint, &folder.join("embed.js"), || {
        // No file of an earlier build may remain, as the whole folder is deployed.
        let staging = project::output().join("assets.new");
        tools::remove(&staging)?;
        fs::create_dir_all(staging.join("assets"))?;
        fill(&staging, &loader, widget)?;
        tools::remove(&folder)?;
        fs::rename(&staging, &folder).context("cannot put the assets in place")
    })?;
    Ok(folder)
}

fn fill(folder: &Path, loader: &Path, widget: &Widget) -> Result<()> {
    let style = catalogue::stylesheet_path();
    minify(&project::root().join("crates/view/afterword.css"), &within(folder, style))?;
    for lang in catalogue::LANGUAGES {
        let messages: Value = serde_json::from_str(catalogue::messages_json(lang))
            .with_context(|| format!("the messages in `{lang}` are not JSON"))?;
        fs::write(within(folder, catalogue::messages_path(lang)), messages.to_string())?;
    }
    let glue = hashed(folder, &widget.glue, "js")?;
    let wasm = hashed(folder, &widget.wasm, "wasm")?;
    run(esbuild()
        .arg(loader)
        .args(MINIFY)
        .arg("--format=iife")
        .arg(define("STYLE", &json!(style)))
        .arg(define("WIDGET", &json!(glue)))
        .arg(define("WASM", &json!(wasm)))
        .arg(define("UNREACHABLE", &unreachable()?))
        .arg(outfile(&folder.join("embed.js"))))?;
    run(esbuild()
        .arg(project::root().join(COUNT_SCRIPT))
        .args(MINIFY)
        .arg("--format=iife")
        .arg(outfile(&folder.join("count.js"))))?;
    check_loader(&fs::read_to_string(folder.join("embed.js"))?, [style, &glue, &wasm])?;
    fs::write(folder.join("_headers"), HEADERS).context("cannot write the headers of the assets")
}

/// Fails if the loader lacks the path of an asset: a name in it was not replaced.
fn check_loader(loader: &str, assets: [&str; 3]) -> Result<()> {
    match assets.into_iter().find(|path| !loader.contains(path)) {
        Some(path) => bail!("the loader does not name {path}: do the names in embed.js and in the build differ?"),
        None => Ok(()),
    }
}

/// Copies a file to a name with a hash of its content, and returns its path on the Worker.
fn hashed(folder: &Path, file: &Path, extension: &str) -> Result<String> {
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let path = format!("/assets/widget-{}.{extension}", content_hash(&content));
    fs::write(within(folder, &path), content)?;
    Ok(path)
}

fn within(folder: &Path, path: &str) -> PathBuf {
    folder.join(path.trim_start_matches('/'))
}

fn define(name: &str, value: &Value) -> String {
    format!("--define:{name}={value}")
}

/// Texts that the loader shows when the Worker is unreachable and cannot supply any. For each language: the message, the label of the
/// button and that of the link.
fn unreachable() -> Result<Value> {
    let mut texts = Map::new();
    for lang in catalogue::LANGUAGES {
        let messages: Value = serde_json::from_str(catalogue::messages_json(lang))?;
        let text =
            |key: &str| messages[key].as_str().with_context(|| format!("the messages in `{lang}` have no `{key}`"));
        texts.insert((*lang).to_owned(), json!([text("unreachable")?, text("retry")?, text("unreachable.open")?]));
    }
    Ok(Value::Object(texts))
}

#[cfg(test)]
mod tests {
    use super::check_loader;

    #[test]
    fn the_loader_names_all_assets() {
        let assets = ["/assets/a.css", "/assets/b.js", "/assets/c.wasm"];
        assert!(check_loader("import('/assets/b.js'), f('/assets/c.wasm'), '/assets/a.css'", assets).is_ok());
        assert!(check_loader("import('/assets/b.js'), f('/assets/c.wasm'), STYLE", assets).is_err());
    }
}
