//! Reads the R2 bucket for backups with wrangler's own command, or the folder that stands for it on plain workerd.

use std::process::Command;

use crate::process::root;
use crate::server::{Server, is_workerd};

/// The object of this key in the bucket of a server that was started with `--backups`, or `None`.
pub fn backup_file(server: &Server, key: &str) -> Option<String> {
    if is_workerd() {
        return std::fs::read_to_string(server.state().join("backups").join(key.replace(':', "_"))).ok();
    }
    let file = server.state().join("fetched.jsonl");
    let mut wrangler = Command::new(root().join("node_modules/.bin/wrangler"));
    wrangler.args(["r2", "object", "get", &format!("afterword-backups/{key}"), "--local", "--file"]).arg(&file);
    wrangler.arg("--persist-to").arg(server.state()).current_dir(server.state());
    wrangler.env("WRANGLER_SEND_METRICS", "false").env("NO_COLOR", "1");
    let output = wrangler.output().expect("wrangler is installed");
    if output.status.success() {
        return Some(std::fs::read_to_string(&file).expect("the object is text"));
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("key does not exist"), "wrangler r2 object get {key}: {stderr}");
    None
}
