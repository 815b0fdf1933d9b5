//! The owner's commands `backup`, `restore` and `remap`. They are a program of their own, compiled on first use.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Error, Result};

use crate::project;

/// Arguments that are handed on as they are, `--help` included.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// The name of the program, and the variable with the path of one that is compiled already.
pub(crate) const PROGRAM: &str = "afterword-transfer";
pub(crate) const PROGRAM_VARIABLE: &str = "AFTERWORD_TRANSFER";

/// Runs one of the commands in place of this program. Paths in its arguments are relative to the current folder.
pub(crate) fn command(name: &str, arguments: &Arguments) -> Result<()> {
    let mut program = match env::var_os(PROGRAM_VARIABLE) {
        Some(path) => Command::new(path),
        None => {
            let mut cargo = Command::new("cargo");
            cargo.args(["run", "--quiet", "--locked", "--package", PROGRAM, "--manifest-path"]);
            cargo.arg(project::root().join("Cargo.toml")).arg("--");
            cargo
        }
    };
    // Returns only if the program cannot be started.
    let error = program.arg(name).args(&arguments.arguments).exec();
    Err(Error::from(error)).with_context(|| format!("cannot start {}", program.get_program().display()))
}
