//! Build tools, each pinned to one version and installed when missing.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::{capture, print_progress, run};

/// A tool that is a cargo package.
pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    /// More arguments of `cargo install`.
    options: &'static [&'static str],
}

/// Must be exactly the version of the `wasm-bindgen` crate in the lock file. Without TLS, which it needs only to download browser drivers.
pub(crate) const WASM_BINDGEN: Tool =
    Tool { package: "wasm-bindgen-cli", version: "0.2.129", options: &["--no-default-features"] };
/// Must share its minor version with the `worker` crate.
pub(crate) const WORKER_BUILD: Tool = Tool { package: "worker-build", version: "0.8.7", options: &[] };

pub(crate) const CARGO_DENY: Tool = Tool { package: "cargo-deny", version: "0.20.2", options: &[] };
pub(crate) const CARGO_MACHETE: Tool = Tool { package: "cargo-machete", version: "0.9.2", options: &[] };

/// The WebDriver server of Firefox.
pub(crate) const GECKODRIVER: Tool = Tool { package: "geckodriver", version: "0.36.0", options: &[] };

/// Without its web server and file watcher, which are not needed here.
pub(crate) const MDBOOK: Tool =
    Tool { package: "mdbook", version: "0.5.4", options: &["--no-default-features", "--features", "search"] };

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

impl Tool {
    /// Returns the path of one of the tool's programs. Installs the tool first if it is missing.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let cache = project::cache()?;
        let program = self.path(&cache, name);
        if !program.exists() {
            self.install(&cache)?;
            remove_install_target(&cache)?;
        }
        if !program.exists() {
            bail!(
                "{} has no program `{name}`: remove {} and try again",
                self.label(),
                cache.join(self.label()).display()
            );
        }
        Ok(program)
    }

    fn path(&self, cache: &Path, name: &str) -> PathBuf {
        cache.join(self.label()).join("bin").join(name)
    }

    pub(crate) fn version(&self) -> &'static str {
        self.version
    }

    pub(crate) fn label(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    /// Installs into a staging folder and renames it, so that a tool is either complete or absent. The lock makes a second clone wait
    /// and then find the tool. All tools compile in one folder, so the dependencies that they share are compiled once.
    fn install(&self, cache: &Path) -> Result<()> {
        let _lock = lock_install(cache)?;
        let home = cache.join(self.label());
        if home.exists() {
            return Ok(());
        }
        print_progress(&format!("installing {} {} (once; takes a few minutes)", self.package, self.version));
        let staging = cache.join(format!("{}.new", self.label()));
        remove(&staging)?;
        // A short first installation matters more than the speed of the tool.
        run(Command::new("cargo")
            .args(["install", "--quiet", "--locked", "--version", self.version, self.package])
            .args(self.options)
            .arg("--root")
            .arg(&staging)
            .arg("--target-dir")
            .arg(install_target(cache))
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            .current_dir(project::root()))?;
        fs::rename(&staging, &home).with_context(|| format!("cannot put {} in place", home.display()))
    }
}

/// The tools of a build that cargo installs, and a program of each.
const BUILD_TOOLS: [(&Tool, &str); 2] = [(&WASM_BINDGEN, "wasm-bindgen"), (&WORKER_BUILD, "worker-build")];

/// Returns true if cargo has installed all tools of a build.
pub(crate) fn has_build_tools() -> Result<bool> {
    let cache = project::cache()?;
    Ok(BUILD_TOOLS.iter().all(|(tool, name)| tool.path(&cache, name).exists()))
}

/// Installs the tools of a build that are missing.
pub(crate) fn ensure_build_tools() -> Result<()> {
    let cache = project::cache()?;
    BUILD_TOOLS.iter().try_for_each(|(tool, _)| tool.install(&cache))?;
    remove_install_target(&cache)
}

/// The folder in which the tools compile.
fn install_target(cache: &Path) -> PathBuf {
    cache.join("install.target")
}

/// Removes that folder once no other clone is installing a tool.
fn remove_install_target(cache: &Path) -> Result<()> {
    let _lock = lock_install(cache)?;
    remove(&install_target(cache))
}

fn lock_install(cache: &Path) -> Result<File> {
    lock(&cache.join("install.lock"))
}

/// Takes an exclusive file lock, waiting for any other process that holds it. Dropping the file, or the end of the process, releases it.
pub(crate) fn lock(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = File::create(path).with_context(|| format!("cannot open {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Removes a folder and its contents, if it exists.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Installs the npm packages of the lock file, unless they are up to date.
pub(crate) fn ensure_node_modules() -> Result<()> {
    check_node()?;
    if has_node_modules()? {
        return Ok(());
    }
    print_progress("installing the npm packages of package-lock.json");
    run(Command::new("npm").args(["ci", "--no-progress", "--loglevel=error"]).current_dir(project::root()))?;
    let stamp = node_modules_stamp();
    fs::write(&stamp, npm_fingerprint()?).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Returns true if the npm packages of the lock file are installed.
pub(crate) fn has_node_modules() -> Result<bool> {
    let wanted = npm_fingerprint()?;
    Ok(fs::read_to_string(node_modules_stamp()).is_ok_and(|found| found == wanted))
}

fn node_modules_stamp() -> PathBuf {
    project::node_module(".afterword")
}

fn npm_fingerprint() -> Result<String> {
    let mut fingerprint = Fingerprint::new();
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fingerprint.add_tree(&project::root().join(name))?;
    }
    Ok(fingerprint.finish())
}

fn check_node() -> Result<()> {
    let version = capture(Command::new("node").arg("--version")).context("Node 20 or newer is needed")?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node 20 or newer is needed, found {}", version.trim());
    }
    Ok(())
}

/// Adds the WebAssembly target and the sources of `std` to the pinned toolchain, if missing.
pub(crate) fn ensure_toolchain() -> Result<()> {
    let root = sysroot()?;
    if !root.join("lib/rustlib").join(WASM).exists() {
        rustup(&["target", "add", WASM])?;
    }
    if !root.join("lib/rustlib/src/rust/library/Cargo.lock").exists() {
        rustup(&["component", "add", "rust-src"])?;
    }
    Ok(())
}

/// Variables with which the pinned toolchain takes unstable options, and leaves the paths of this machine out of an artefact: two clones of a
/// commit give the same bytes.
pub(crate) const UNSTABLE: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_TRIM_PATHS", "true"),
    ("CARGO_PROFILE_RELEASE_TRIM_PATHS", "all"),
    ("CARGO_PROFILE_WIDGET_TRIM_PATHS", "all"),
];

/// A command of the pinned toolchain that may use unstable features. Both artefacts need them: their `std` is built with other panics than the
/// precompiled one. The pinned compiler gives the same bytes tomorrow, which a nightly would not.
pub(crate) fn unstable(program: &str) -> Result<Command> {
    let mut command = Command::new(sysroot()?.join("bin").join(program));
    command.env("PATH", pinned_path()?).envs(UNSTABLE).current_dir(project::root());
    Ok(command)
}

/// A search path that begins with stand-ins for `cargo`, `rustc` and `rustup`. They run the pinned toolchain where `worker-build` asks for
/// `+nightly`, and answer its question for installed components.
pub(crate) fn pinned_path() -> Result<OsString> {
    let folder = project::output().join("toolchain");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let programs = sysroot()?.join("bin");
    for name in ["cargo", "rustc"] {
        let program = programs.join(name);
        write_script(
            &folder.join(name),
            &format!("[ \"$1\" = +nightly ] && shift\nexec \"{}\" \"$@\"", program.display()),
        )?;
    }
    write_script(&folder.join("rustup"), "echo 'rust-src (installed)'")?;
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths([folder].into_iter().chain(env::split_paths(&path))).context("PATH has a folder with a colon")
}

/// Writes an executable script, unless it is there already: another process may be running it.
fn write_script(path: &Path, body: &str) -> Result<()> {
    let script = format!("#!/bin/sh\n{body}\n");
    if fs::read_to_string(path).is_ok_and(|found| found == script) {
        return Ok(());
    }
    fs::write(path, script).with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(path, Permissions::from_mode(0o755)).context("cannot make a script executable")
}

fn sysroot() -> Result<PathBuf> {
    let mut command = Command::new("rustc");
    command.args(["--print", "sysroot"]).current_dir(project::root());
    Ok(PathBuf::from(capture(&mut command)?.trim()))
}

fn rustup(arguments: &[&str]) -> Result<()> {
    print_progress(&format!("running rustup {}", arguments.join(" ")));
    run(Command::new("rustup").args(arguments).current_dir(project::root()))
        .with_context(|| format!("part of the Rust toolchain is missing; run `rustup {}`", arguments.join(" ")))
}
