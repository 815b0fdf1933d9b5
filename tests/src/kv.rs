//! Reads KV from the files of miniflare, and writes it with wrangler's own command, independently of the project's code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use crate::process::root;
use crate::server::Server;
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
        let database = self.database();
        let mut listed =
            database.prepare("SELECT key, metadata FROM _mf_entries ORDER BY key").expect("miniflare's table");
        let rows = listed.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)));
        let rows = rows.expect("the rows can be read").map(|row| row.expect("a row has a key"));
        let metadata =
            |text: Option<String>| text.map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON"));
        rows.filter(|(key, _)| key.starts_with(prefix)).map(|(key, text)| (key, metadata(text))).collect()
    }

    /// The value of a key.
    ///
    /// # Panics
    ///
    /// If the key is missing.
    pub fn get(&self, key: &str) -> String {
        // The runtime may replace the value, and remove its file, between the two steps.
        wait_until(&format!("the value of {key}"), || {
            let blob = self
                .database()
                .query_row("SELECT blob_id FROM _mf_entries WHERE key = ?", [key], |row| row.get::<_, String>(0));
            let blob = blob.unwrap_or_else(|error| panic!("no {key}: {error}"));
            std::fs::read_to_string(self.state.join("v3/kv/THREADS/blobs").join(blob)).ok()
        })
    }

    /// The values of many keys.
    ///
    /// # Panics
    ///
    /// If a key is missing.
    pub fn get_all(&self, keys: &[String]) -> BTreeMap<String, String> {
        keys.iter().map(|key| (key.clone(), self.get(key))).collect()
    }

    /// The database in which miniflare keeps keys and metadata. Values are in files of their own.
    fn database(&self) -> Connection {
        let folder = self.state.join("v3/kv/miniflare-KVNamespaceObject");
        let file = wait_until("the database of KV", || {
            let files = std::fs::read_dir(&folder).ok()?.flatten().map(|file| file.path());
            let mut files = files.filter(|file| file.extension().is_some_and(|kind| kind == "sqlite"));
            files.find(|file| file.file_stem().is_some_and(|name| name != "metadata"))
        });
        let database = Connection::open(file).expect("the database can be opened");
        database.busy_timeout(Duration::from_secs(10)).expect("a time limit can be set");
        database
    }

    /// Writes the content of a file to a key.
    pub fn put(&self, key: &str, file: &Path, metadata: &Value) {
        let file = file.to_str().expect("a path of this repository is UTF-8");
        let mut wrangler = Command::new(root().join("node_modules/.bin/wrangler"));
        wrangler.args(["kv", "key", "put", key, "--path", file, "--metadata", &metadata.to_string()]);
        wrangler.args(["--local", "--binding", "THREADS"]);
        wrangler.arg("--config").arg(root().join("worker/wrangler.toml")).arg("--persist-to").arg(&self.state);
        wrangler.env("WRANGLER_SEND_METRICS", "false").env("NO_COLOR", "1").current_dir(&self.state);
        wait_until(&format!("wrangler kv key put {key}"), || {
            let output = wrangler.output().expect("wrangler is installed");
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            // The runtime writes to the same database, and one of the two is refused meanwhile.
            let is_busy = format!("{stdout}{stderr}").contains("500 Internal Server Error");
            assert!(output.status.success() || is_busy, "wrangler kv key put {key}: {stdout}{stderr}");
            output.status.success().then_some(())
        });
    }
}
