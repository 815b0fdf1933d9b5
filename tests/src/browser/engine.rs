//! The browser engines, and what each needs to start.

use std::path::PathBuf;
use std::sync::LazyLock;

/// Name of the variable that selects the engine of a test run.
const ENGINE_VARIABLE: &str = "AFTERWORD_BROWSER";

/// A browser engine. One test run uses one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, through chromedriver.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, through WebKitWebDriver.
    WebKit,
}

impl Engine {
    /// The engine of this run: the one named by `AFTERWORD_BROWSER`, or Chromium.
    ///
    /// # Panics
    ///
    /// If the variable names no engine.
    pub fn current() -> Self {
        static CURRENT: LazyLock<Engine> = LazyLock::new(|| match std::env::var(ENGINE_VARIABLE).as_deref() {
            Err(_) | Ok("" | "chromium") => Engine::Chromium,
            Ok("firefox") => Engine::Firefox,
            Ok("webkit") => Engine::WebKit,
            Ok(other) => panic!("{ENGINE_VARIABLE} is {other}; it can be chromium, firefox or webkit"),
        });
        *CURRENT
    }

    /// The number of browsers that a test opens at the same time, if it can use this many.
    pub fn browsers_at_once(self, wanted: usize) -> usize {
        // Of two sessions at the same time, one sometimes loses its page: its driver says "page crash or hang".
        if self == Self::WebKit { 1 } else { wanted }
    }

    /// The name in tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        }
    }
}

/// The program named by an environment variable, or else the first that exists of these paths. A path may have one
/// `*`, for a folder such as that of the machine's architecture.
pub(super) fn program(variable: &str, paths: &[&str]) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let found = paths.iter().flat_map(|path| expand(path)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("none of {paths:?} exists; install the program or set {variable}"))
}

/// The paths that match a pattern. A name without a folder is searched in `PATH`.
fn expand(pattern: &str) -> Vec<PathBuf> {
    if !pattern.contains('/') {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        return std::env::split_paths(&folders).map(|folder| folder.join(pattern)).collect();
    }
    let Some((before, after)) = pattern.split_once("/*/") else { return vec![pattern.into()] };
    let entries = std::fs::read_dir(before).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join(after)).collect()
}
