//! The test programs of the workspace. They are compiled by one command and started one by one: commands for parts of the workspace would compile
//! the dependencies again, with other features.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project;

/// A compiled test program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestProgram {
    /// The folder of its package.
    pub(crate) folder: PathBuf,
    /// The name of the target: the crate, or the file below `tests/`.
    pub(crate) name: String,
    /// True for the unit tests of a library.
    pub(crate) is_library: bool,
    program: PathBuf,
}

impl TestProgram {
    /// Compiles all of them.
    pub(crate) fn compile() -> Result<Vec<Self>> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["test", "--locked", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"])
            .current_dir(project::root())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        let output = cargo.output().context("cannot start cargo")?;
        if !output.status.success() {
            bail!("the tests do not compile");
        }
        let messages = String::from_utf8(output.stdout).context("the messages of cargo are not UTF-8")?;
        Ok(messages.lines().filter_map(Self::parse).collect())
    }

    /// Reads one of cargo's messages. Other messages give `None`.
    fn parse(message: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(message).ok()?;
        if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
            return None;
        }
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
        let is_library = message["target"]["kind"].as_array()?.iter().any(|kind| kind != "test" && kind != "bin");
        Some(Self {
            folder,
            name: message["target"]["name"].as_str()?.to_owned(),
            is_library,
            program: message["executable"].as_str()?.into(),
        })
    }

    /// The command that runs all of its tests, in the folder in which cargo would run it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }

    /// Returns true if the program belongs to the package in this folder of the repository.
    pub(crate) fn is_in(&self, folder: &str) -> bool {
        self.folder == project::root().join(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_among_the_messages_of_cargo() {
        let artifact = |kind: &str, test: bool| {
            format!(
                r#"{{"reason": "compiler-artifact", "manifest_path": "/w/crates/model/Cargo.toml", "target": {{"kind": ["{kind}"],
                "name": "text"}}, "profile": {{"test": {test}}}, "executable": "/w/target/text-1"}}"#
            )
        };
        let program = TestProgram::parse(&artifact("test", true)).unwrap();
        assert_eq!((program.name.as_str(), program.is_library), ("text", false));
        assert_eq!(program.folder, Path::new("/w/crates/model"));
        assert!(TestProgram::parse(&artifact("rlib", true)).unwrap().is_library);
        assert_eq!(TestProgram::parse(&artifact("bin", false)), None, "a program that is no test");
        assert_eq!(TestProgram::parse(r#"{"reason": "build-finished", "success": true}"#), None);
        assert_eq!(TestProgram::parse("not JSON"), None);
    }
}
