//! Reads and writes KV independently of the project's code: with wrangler's own command, or in the database that stands for KV on plain workerd.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::kv_database::KvDatabase;
use crate::process::root;
use crate::server::{Server, is_workerd};
use crate::wait::wait_until;

/// The KV namespace of a server.
#[derive(Debug)]
pub struct Kv {
    state: PathBuf,
}

impl Kv {
    /// The namespace to which `server` publishes.
    pub fn new(server: &Server) -> Self {
        Self { state: server.state().to_owned() }
    }

    /// All keys that begin with `prefix`, with their metadata.
    pub fn list(&self, prefix: &str) -> Vec<(String, Value)> {
        if let Some(database) = self.database() {
            return database.list(prefix);
        }
        let listed = self.run("key", &["list", "--prefix", prefix]);
        let listed: Vec<Value> = serde_json::from_str(&listed).unwrap_or_else(|error| panic!("{error}: {listed}"));
        listed
            .into_iter()
            .map(|mut key| (key["name"].as_str().expect("a key has a name").to_owned(), key["metadata"].take()))
            .collect()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> String {
        if let Some(database) = self.database() {
            return database.get(key).unwrap_or_else(|| panic!("no {key}"));
        }
        self.run("key", &["get", key, "--text"])
    }

    /// The values of many keys.
    ///
    /// # Panics
    ///
    /// If a key is missing.
    pub fn get_all(&self, keys: &[String]) -> BTreeMap<String, String> {
        if let Some(database) = self.database() {
            let value = |key: &String| database.get(key).unwrap_or_else(|| panic!("no {key}"));
            return keys.iter().map(|key| (key.clone(), value(key))).collect();
        }
        let key_file = self.state.join("keys.json");
        let mut values = BTreeMap::new();
        for keys in keys.chunks(100) {
            std::fs::write(&key_file, serde_json::to_vec(keys).expect("keys are JSON"))
                .expect("the state can be written to");
            let file = key_file.to_str().expect("a path of this repository is UTF-8");
            let found = self.run("bulk", &["get", file]);
            // The command prints a success message after the JSON.
            let parsed = serde_json::Deserializer::from_str(&found).into_iter::<Value>().next();
            let parsed = parsed.and_then(Result::ok).unwrap_or_else(|| panic!("no JSON: {found}"));
            for key in keys {
                let value = parsed[key]["value"].as_str().unwrap_or_else(|| panic!("no {key}: {parsed}"));
                values.insert(key.clone(), value.to_owned());
            }
        }
        values
    }

    /// Writes the content of a file to a key.
    pub fn put(&self, key: &str, file: &Path, metadata: &Value) {
        if let Some(database) = self.database() {
            return database.put(key, &std::fs::read(file).expect("the file can be read"), metadata);
        }
        let file = file.to_str().expect("a path of this repository is UTF-8");
        self.run("key", &["put", key, "--path", file, "--metadata", &metadata.to_string()]);
    }

    fn database(&self) -> Option<KvDatabase> {
        is_workerd().then(|| KvDatabase::open(&self.state))
    }

    fn run(&self, description: &str, arguments: &[&str]) -> String {
        let mut wrangler = Command::new(root().join("node_modules/.bin/wrangler"));
        wrangler.args(["kv", description]).args(arguments).args(["--local", "--binding", "THREADS"]);
        wrangler.arg("--config").arg(root().join("worker/wrangler.toml")).arg("--persist-to").arg(&self.state);
        wrangler.env("WRANGLER_SEND_METRICS", "false").env("NO_COLOR", "1").current_dir(&self.state);
        wait_until(&format!("wrangler kv {description} {arguments:?}"), || {
            let output = wrangler.output().expect("wrangler is installed");
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            // The runtime writes to the same database, and one of the two is refused meanwhile.
            let is_busy = format!("{stdout}{stderr}").contains("500 Internal Server Error");
            assert!(output.status.success() || is_busy, "wrangler kv {description} {arguments:?}: {stdout}{stderr}");
            output.status.success().then(|| stdout.into_owned())
        })
    }
}
