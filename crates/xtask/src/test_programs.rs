//! The test programs of the workspace. They are compiled by one command and started one by one: commands for parts of the workspace would compile
//! the dependencies again, with other features.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project;

/// The programs that one compilation gives.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) tests: Vec<TestProgram>,
    /// The path of each program that tests start, by its name.
    programs: BTreeMap<String, PathBuf>,
}

impl Compiled {
    /// Compiles all test programs, and the programs of the packages that have tests outside of their sources.
    pub(crate) fn compile() -> Result<Self> {
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
        Ok(Self::parse(str::from_utf8(&output.stdout).context("the messages of cargo are not UTF-8")?))
    }

    fn parse(messages: &str) -> Self {
        let program = |message: &str| {
            let message: Value = serde_json::from_str(message).ok()?;
            let is_program = message["target"]["kind"][0] == "bin" && message["profile"]["test"] != true;
            let path = message["executable"].as_str().filter(|_| is_program)?;
            Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
        };
        Self {
            tests: messages.lines().filter_map(TestProgram::parse).collect(),
            programs: messages.lines().filter_map(program).collect(),
        }
    }

    /// The path of a program that is no test.
    pub(crate) fn program(&self, name: &str) -> Result<&Path> {
        let path = self.programs.get(name).map(PathBuf::as_path);
        path.with_context(|| format!("{name} was not compiled with the tests"))
    }
}

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
        let all =
            [("test", true), ("bin", true), ("bin", false)].map(|(kind, test)| artifact(kind, test).replace('\n', " "));
        let all = all.join("\n");
        let compiled = Compiled::parse(&all);
        assert_eq!(compiled.tests.len(), 2);
        assert_eq!(compiled.program("text").unwrap(), Path::new("/w/target/text-1"));
        assert!(compiled.program("other").is_err());
    }
}
