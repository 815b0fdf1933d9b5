//! Programs that come from packages of Debian.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{print_progress, run};

/// Returns true if a folder of `PATH` has this program.
pub(crate) fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(OsStr::new(program)).is_file())
}

/// Installs packages if `is_installed` says that they are missing. Fails with the command to run if this process may not install packages.
pub(crate) fn ensure(packages: &[&str], is_installed: impl Fn() -> bool) -> Result<()> {
    if is_installed() {
        return Ok(());
    }
    let wanted = [&["apt-get", "install", "--yes", "--no-install-recommends"], packages].concat();
    if rustix::process::geteuid().is_root() && on_path("apt-get") {
        print_progress(&format!("installing {}", packages.join(" and ")));
        // A failed update is no error: the old list may still name available packages. The check below decides.
        let _ = run(Command::new("apt-get").args(["update", "--quiet"]));
        let _ = run(Command::new(wanted[0]).args(&wanted[1..]).env("DEBIAN_FRONTEND", "noninteractive"));
    }
    if !is_installed() {
        bail!(
            "{} is missing and cannot be installed automatically; on Debian run `sudo {}`",
            packages.join(" or "),
            wanted.join(" ")
        );
    }
    Ok(())
}
