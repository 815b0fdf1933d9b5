//! The program as it is called: its commands, and what it answers to a wrong one.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afterword-transfer"));
    command.args(arguments).env_remove("AFTERWORD_SECRET");
    command.output().unwrap_or_else(|error| panic!("the program does not start: {error}"))
}

#[test]
fn help_names_the_commands() {
    let output = run(&["--help"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for command in ["backup", "restore", "remap"] {
        assert!(text.contains(&format!("\n  {command} ")), "{command} in {text}");
    }
}

#[test]
fn unknown_command_is_refused() {
    let output = run(&["bakcup"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("'backup'"), "the command that was meant is named: {text}");
}

#[test]
fn missing_secret_is_named() {
    let output = run(&["restore", "no-such-file", "--to", "http://localhost:1"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("AFTERWORD_SECRET"), "{text}");
}
