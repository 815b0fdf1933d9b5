//! The static assets, under the names that the Worker and the loader use for them.

use std::fs;
use std::path::{Path, PathBuf};

use afterword_view::admin::{AdminAsset, SCRIPT_ENTRY};
use afterword_view::catalogue;
use afterword_view::styles::{Stylesheet, THEMES};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::widget::{MINIFY, PARTS, Widget, bundle, esbuild, minify, outfile, part_path, short_hash};
use super::{Variant, step};
use crate::fingerprint::Fingerprint;
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
    fingerprint.add_tree(&widget.parts)?;
    fingerprint.add_tree(&project::root().join("widget/failure.js"))?;
    fingerprint.add_tree(&project::root().join("widget/report.js"))?;
    Stylesheet::ALL.iter().for_each(|style| fingerprint.add_text(style.source()));
    for lang in catalogue::LANGUAGES {
        fingerprint.add_text(catalogue::messages_json(lang));
        fingerprint.add_text(catalogue::on_demand_json(lang));
    }
    AdminAsset::ALL.iter().for_each(|asset| fingerprint.add_bytes(asset.content()));
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
    let style = Stylesheet::Reading.path();
    for sheet in Stylesheet::ALL {
        let source = project::root().join("crates/view").join(sheet.name()).with_extension("css");
        minify(&source, &within(folder, sheet.path()))?;
    }
    for lang in catalogue::LANGUAGES {
        fs::write(within(folder, catalogue::messages_path(lang)), catalogue::messages_json(lang))?;
        fs::write(within(folder, catalogue::on_demand_path(lang)), catalogue::on_demand_json(lang))?;
    }
    for asset in AdminAsset::ALL {
        add_admin_asset(folder, asset)?;
    }
    let glue = hashed(folder, &widget.glue, "widget", "js")?;
    let wasm = hashed(folder, &widget.wasm, "widget", "wasm")?;
    let failure = add_failure(folder)?;
    for name in PARTS {
        fs::copy(widget.parts.join(name).with_extension("js"), within(folder, &part_path(&widget.parts, name)?))?;
    }
    run(esbuild()
        .arg(loader)
        .args(MINIFY)
        .arg(define("STYLE", &json!(style)))
        .arg(define("THEMES", &json!(THEMES.map(|(name, _)| name).join(" "))))
        .arg(define("WIDGET", &json!(glue)))
        .arg(define("WASM", &json!(wasm)))
        .arg(define("FAILURE", &json!(failure)))
        .arg(outfile(&folder.join("embed.js"))))?;
    run(esbuild().arg(project::root().join(COUNT_SCRIPT)).args(MINIFY).arg(outfile(&folder.join("count.js"))))?;
    check_loader(&fs::read_to_string(folder.join("embed.js"))?, [style, &glue, &wasm, &failure])?;
    fs::write(folder.join("_headers"), HEADERS).context("cannot write the headers of the assets")
}

/// Fails if the loader lacks the path of an asset: a name in it was not replaced.
fn check_loader(loader: &str, assets: [&str; 4]) -> Result<()> {
    match assets.into_iter().find(|path| !loader.contains(path)) {
        Some(path) => bail!("the loader does not name {path}: do the names in embed.js and in the build differ?"),
        None => Ok(()),
    }
}

/// Bundles the script for an unreachable Worker with its texts, and returns its path on the Worker.
fn add_failure(folder: &Path) -> Result<String> {
    let script = folder.join("failure.js");
    let entry = project::root().join("widget/failure.js");
    run(bundle(&entry).arg(define("TEXTS", &Value::from(unreachable()?))).arg(outfile(&script)))?;
    let path = hashed(folder, &script, "failure", "js")?;
    fs::remove_file(&script)?;
    Ok(path)
}

/// Adds a file of the moderators' pages. The script is bundled, under a name with a hash of its sources.
fn add_admin_asset(folder: &Path, asset: AdminAsset) -> Result<()> {
    let target = within(folder, asset.path());
    match asset {
        AdminAsset::Script => {
            let entry = project::root().join("crates/view").join(SCRIPT_ENTRY);
            run(bundle(&entry).arg(outfile(&target)))
        }
        _ => fs::write(&target, asset.content()).with_context(|| format!("cannot write {}", target.display())),
    }
}

/// Copies a file to a name with a hash of its content, and returns its path on the Worker.
fn hashed(folder: &Path, file: &Path, name: &str, extension: &str) -> Result<String> {
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let path = format!("/assets/{name}-{}.{extension}", short_hash(&content));
    fs::write(within(folder, &path), content)?;
    Ok(path)
}

fn within(folder: &Path, path: &str) -> PathBuf {
    folder.join(path.trim_start_matches('/'))
}

fn define(name: &str, value: &Value) -> String {
    format!("--define:{name}={value}")
}

/// Texts for an unreachable Worker, which cannot supply any: `[tag-, message, label of the button, label of the link]`.
/// The first one whose tag begins the page's language counts, so longer tags come first. English, for all languages, is the last.
fn unreachable() -> Result<Vec<Value>> {
    let languages = catalogue::LANGUAGES.iter().map(|lang| (*lang, *lang));
    let mut tags: Vec<_> = languages.chain(catalogue::ALIASES.iter().copied()).collect();
    tags.sort_by_key(|(tag, _)| std::cmp::Reverse(tag.len()));
    let entry = |tag: String, lang: &str| -> Result<Value> {
        let messages: Value = serde_json::from_str(catalogue::messages_json(lang))?;
        let text =
            |key: &str| messages[key].as_str().with_context(|| format!("the messages in `{lang}` have no `{key}`"));
        Ok(json!([tag, text("unreachable")?, text("retry")?, text("unreachable.open")?]))
    };
    let mut entries = tags
        .into_iter()
        .map(|(tag, lang)| entry(format!("{}-", tag.to_ascii_lowercase()), lang))
        .collect::<Result<Vec<_>>>()?;
    entries.push(entry(String::new(), catalogue::LANGUAGES[0])?);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::{check_loader, unreachable};

    /// The use that the loader makes of the texts.
    fn find_text(lang: &str) -> String {
        let tag = format!("{}-", lang.to_ascii_lowercase());
        let texts = unreachable().unwrap();
        let found = texts.iter().find(|entry| tag.starts_with(entry[0].as_str().unwrap())).unwrap();
        found[1].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_text_without_a_worker_is_in_the_language_of_the_page() {
        use afterword_view::catalogue::{best_language, messages};
        for lang in
            ["de", "de-AT", "zh", "zh-TW", "zh-Hant-HK", "zh-Hans-TW", "pt-PT", "iw", "in", "tlh", "", "constructor"]
        {
            assert_eq!(find_text(lang), messages(best_language(lang)).get("unreachable"), "{lang}");
        }
    }

    #[test]
    fn the_loader_names_all_assets() {
        let assets = ["/assets/a.css", "/assets/b.js", "/assets/c.wasm", "/assets/d.js"];
        let others = "import('/assets/b.js'), f('/assets/c.wasm'), import('/assets/d.js')";
        assert!(check_loader(&format!("{others}, '/assets/a.css'"), assets).is_ok());
        assert!(check_loader(&format!("{others}, STYLE"), assets).is_err());
    }
}
