//! The browser engines of the tests: which tests run in each, and the installation of what they need.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Deserialize;

use crate::debian::{self, on_path};
use crate::project;
use crate::tools::GECKODRIVER;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum Engine {
    Chromium,
    Firefox,
    #[value(name = "webkit")]
    WebKit,
}

/// The engines chosen on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Choice {
    Chromium,
    Firefox,
    #[value(name = "webkit")]
    WebKit,
    All,
}

impl Choice {
    pub(super) fn engines(self) -> &'static [Engine] {
        match self {
            Self::Chromium => &[Engine::Chromium],
            Self::Firefox => &[Engine::Firefox],
            Self::WebKit => &[Engine::WebKit],
            Self::All => &Engine::ALL,
        }
    }
}

/// The tests of the browser suite that an engine runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Selection {
    /// Modules and tests that every engine runs in every run.
    quick: Vec<String>,
    exceptions: Vec<Exception>,
}

/// A test that some engines cannot run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    test: String,
    engines: Vec<Engine>,
    reason: String,
}

impl Selection {
    /// Reads the list of the repository.
    pub(super) fn read() -> Result<Self> {
        let list =
            fs::read_to_string(project::root().join("tests/engines.toml")).context("cannot read tests/engines.toml")?;
        toml::from_str(&list).context("tests/engines.toml is not well formed")
    }

    /// The arguments of the test program: filters, and the tests that this engine cannot run.
    pub(super) fn arguments(&self, engine: Engine, whole: bool, filters: &[String]) -> Vec<String> {
        let filters = if whole || !filters.is_empty() { filters } else { &self.quick };
        let skipped = self.exceptions(engine).flat_map(|exception| ["--skip".to_owned(), exception.test.clone()]);
        filters.iter().cloned().chain(skipped).collect()
    }

    /// The tests that this engine does not run, each with its reason.
    pub(super) fn reasons(&self, engine: Engine) -> impl Iterator<Item = String> {
        self.exceptions(engine)
            .map(move |exception| format!("not in {}: {}: {}", engine.label(), exception.test, exception.reason))
    }

    fn exceptions(&self, engine: Engine) -> impl Iterator<Item = &Exception> {
        self.exceptions.iter().filter(move |exception| exception.engines.contains(&engine))
    }
}

/// Names of Chromium's program, in Debian and elsewhere.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
/// Chromium without a user interface of its own, which starts sooner.
const HEADLESS_SHELL: &str = "chromium-headless-shell";
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];

impl Engine {
    pub(super) const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The value of `AFTERWORD_BROWSER`.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The packages of Debian that bring the engine.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-driver"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }

    /// Installs the engine and its driver if they are missing and can be installed.
    pub(super) fn ensure(self) -> Result<()> {
        debian::ensure(self.packages(), || self.is_installed())?;
        match self {
            Self::Chromium => {
                // Not every distribution has it. Without it, the tests take longer.
                let _ = debian::ensure(&[HEADLESS_SHELL], || on_path(HEADLESS_SHELL));
            }
            Self::Firefox => drop(geckodriver()?),
            Self::WebKit => {}
        }
        Ok(())
    }

    fn is_installed(self) -> bool {
        match self {
            Self::Chromium => {
                has_program("CHROMEDRIVER", &["chromedriver"]) && CHROMIUM.iter().any(|name| on_path(name))
            }
            Self::Firefox => has_program("FIREFOX", FIREFOX),
            Self::WebKit => {
                has_program("WEBKITWEBDRIVER", &["WebKitWebDriver"])
                    && has_program("XVFB", &["Xvfb"])
                    && has_mini_browser()
            }
        }
    }

    /// Variables with which the tests find the engine, and limits of the engine.
    pub(super) fn variables(self) -> Result<Vec<(&'static str, PathBuf)>> {
        let mut variables = vec![("AFTERWORD_BROWSER", PathBuf::from(self.label()))];
        match self {
            Self::Chromium => {}
            Self::Firefox => variables.push(("GECKODRIVER", geckodriver()?)),
            // Of two sessions at the same time, one sometimes loses its page.
            Self::WebKit => variables.push(("RUST_TEST_THREADS", "1".into())),
        }
        Ok(variables)
    }
}

/// The path of geckodriver: the one named by the variable, or one that cargo installs.
fn geckodriver() -> Result<PathBuf> {
    match env::var_os("GECKODRIVER") {
        Some(path) => Ok(path.into()),
        None => GECKODRIVER.program("geckodriver"),
    }
}

fn has_program(variable: &str, names: &[&str]) -> bool {
    env::var_os(variable).is_some_and(|path| PathBuf::from(path).exists()) || names.iter().any(|name| on_path(name))
}

/// Returns true if WebKitGTK's test browser is in the folder of Debian's package.
fn has_mini_browser() -> bool {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    has_program("MINIBROWSER", &[])
        || folders.map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser")).any(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection() -> Selection {
        let list = "
            quick = ['reading::', 'posting::']
            [[exceptions]]
            test = 'proof_of_work::typing'
            engines = ['firefox']
            reason = 'throttles the CPU'";
        toml::from_str(list).unwrap()
    }

    #[test]
    fn quick_run_has_the_filters_of_the_list() {
        let quick = selection().arguments(Engine::WebKit, false, &[]);
        assert_eq!(quick, ["reading::", "posting::"]);
        assert_eq!(selection().arguments(Engine::WebKit, true, &[]), [""; 0]);
    }

    #[test]
    fn filters_of_the_command_line_replace_those_of_the_list() {
        let filters = ["matrix".to_owned()];
        assert_eq!(selection().arguments(Engine::WebKit, false, &filters), ["matrix"]);
    }

    #[test]
    fn test_that_an_engine_cannot_run_is_skipped_with_its_reason() {
        assert_eq!(selection().arguments(Engine::Firefox, true, &[]), ["--skip", "proof_of_work::typing"]);
        let reasons: Vec<_> = selection().reasons(Engine::Firefox).collect();
        assert_eq!(reasons, ["not in firefox: proof_of_work::typing: throttles the CPU"]);
        assert_eq!(selection().reasons(Engine::WebKit).count(), 0);
    }

    #[test]
    fn list_of_the_repository_is_well_formed() {
        Selection::read().unwrap();
    }
}
