//! Starting other programs.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Prints the current step on standard error. Standard output is reserved for results.
pub(crate) fn print_progress(text: &str) {
    eprintln!("xtask: {text}");
}

/// Runs a program to its end with its output on standard error. Fails if the program fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// Runs a program to its end and returns its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}\n{}", describe(command), output.status, error.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of {} is not UTF-8", describe(command)))
}

/// Formats a command as typed, shortened to its program and first arguments.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.take(6).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
