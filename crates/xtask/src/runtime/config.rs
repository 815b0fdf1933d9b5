//! The configuration of one run: the repository's, with other paths and variables.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use afterword_model::encode_hex;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::project;
use crate::runtime::RunOptions;

/// The variable that every run needs.
pub(super) const SIGNING_KEY: &str = "SIGNING_KEY";

/// The name of the configuration in the folder of the run.
pub(super) const FILE: &str = "wrangler.json";

/// Writes the configuration into the folder of the run. It has secrets, so only the user can read it.
pub(super) fn write(own: &Path, options: &RunOptions) -> Result<()> {
    let source = project::root().join("worker/wrangler.toml");
    let text = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let mut vars = options.vars.clone();
    if !vars.iter().any(|(name, _)| name == SIGNING_KEY) {
        vars.push((SIGNING_KEY.to_owned(), signing_key(own)?));
    }
    let mut config = adapt(&text, &own.join("release"), &vars)?;
    if options.backups {
        config["r2_buckets"] = json!([{"binding": "BACKUPS", "bucket_name": "afterword-backups"}]);
    }
    if options.no_assets
        && let Some(config) = config.as_object_mut()
    {
        config.remove("assets");
    }
    write_private(&own.join(FILE), config.to_string().as_bytes())
}

fn adapt(text: &str, release: &Path, vars: &[(String, String)]) -> Result<Value> {
    let mut config: Map<String, Value> = toml::from_str(text).context("worker/wrangler.toml is not valid TOML")?;
    config.insert("main".to_owned(), json!(release.join("worker/index.js")));
    let assets = config.entry("assets").or_insert_with(|| json!({}));
    assets["directory"] = json!(release.join("assets"));
    let own = config.entry("vars").or_insert_with(|| json!({}));
    for (name, value) in vars {
        own[name] = json!(value);
    }
    Ok(Value::Object(config))
}

/// A key for this folder, generated once: state signed with it stays valid from run to run.
pub(super) fn signing_key(own: &Path) -> Result<String> {
    let path = own.join("signing-key");
    if let Ok(key) = fs::read_to_string(&path) {
        return Ok(key);
    }
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("cannot read random bytes")?;
    let key = encode_hex(&bytes);
    write_private(&path, key.as_bytes())?;
    Ok(key)
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(content).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_and_variables_are_replaced() {
        let text = "name = 'a'\nmain = 'x.js'\n[assets]\nbinding = 'ASSETS'\ndirectory = 'y'\n[vars]\nKEPT = '1'\nOVER = '2'\n";
        let hostile = "a b:c=d,e \"q\" 'x' \\ {\"json\": 1}";
        let config = adapt(text, Path::new("/run"), &[("OVER".to_owned(), hostile.to_owned())]).unwrap();
        assert_eq!(
            config,
            json!({
                "name": "a",
                "main": "/run/worker/index.js",
                "assets": {"binding": "ASSETS", "directory": "/run/assets"},
                "vars": {"KEPT": "1", "OVER": hostile},
            })
        );
    }

    #[test]
    fn repository_configuration_can_be_adapted() {
        let text = fs::read_to_string(project::root().join("worker/wrangler.toml")).unwrap();
        let config = adapt(&text, Path::new("/run"), &[]).unwrap();
        assert_eq!(config["kv_namespaces"][0]["binding"], "THREADS");
        assert_eq!(config["durable_objects"]["bindings"][0]["class_name"], "SiteLedger");
        assert_eq!(config["migrations"][0]["new_sqlite_classes"][0], "SiteLedger");
        assert_eq!(config.get("r2_buckets"), None, "no backups by default");
        assert_eq!(config["triggers"]["crons"].as_array().map(Vec::len), Some(1), "the nightly cron trigger stays");
        assert_eq!(config["ratelimits"][0]["name"], "COMMENT_LIMITER");
        assert_eq!(config["ratelimits"][1]["name"], "LOGIN_LIMITER");
        assert_eq!(config["ratelimits"][2]["name"], "PREVIEW_LIMITER");
    }

    #[test]
    fn backups_are_enabled_by_uncommenting_their_lines() {
        let text = fs::read_to_string(project::root().join("worker/wrangler.toml")).unwrap();
        let uncomment = |line: &str| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest.to_owned(),
            _ => line.to_owned(),
        };
        let section = text.split("# The bucket").nth(1).unwrap().split("\n\n").next().unwrap();
        let lines: Vec<String> = section.lines().skip(1).map(uncomment).collect();
        let config = adapt(&lines.join("\n"), Path::new("/run"), &[]).unwrap();
        assert_eq!(config["r2_buckets"][0]["binding"], "BACKUPS");
    }
}
