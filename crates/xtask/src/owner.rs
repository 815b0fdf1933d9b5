//! The owner's commands `backup`, `restore` and `remap`. They are a program of their own, compiled on first use.

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

/// Runs one of the commands in place of this program. Paths in its arguments are relative to the current folder.
pub(crate) fn command(name: &str, arguments: &Arguments) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--locked", "--package", "afterword-owner", "--manifest-path"]);
    cargo.arg(project::root().join("Cargo.toml")).args(["--", name]).args(&arguments.arguments);
    // Returns only if the program cannot be started.
    Err(Error::from(cargo.exec())).context("cannot start cargo")
}
