//! Scripts in Node, whose `Intl` is the reference for what the Unicode CLDR says.

use std::io::Write;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Runs a module in a time zone. It reads `input` and prints JSON.
pub(crate) fn run<T: DeserializeOwned>(script: &str, zone: &str, input: &Value) -> T {
    let mut node = Command::new("node")
        .args(["--input-type=module", "-"])
        .env("TZ", zone)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let source = format!("const input = {input};\n{script}");
    node.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the script fails");
    serde_json::from_slice(&output.stdout).unwrap()
}
