//! `cargo xtask examples`: builds the examples that need a generator.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::debian;
use crate::fingerprint::Fingerprint;
use crate::project;
use crate::run::{print_progress, run};
use crate::tools::{self, MDBOOK};

/// A folder of `examples/` that is not complete without a program or a library of somebody else.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Generator {
    Astro,
    Eleventy,
    Hugo,
    Jekyll,
    Mdbook,
    SinglePage,
}

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Build only with generators that are already installed
    #[arg(long)]
    installed: bool,
    /// The examples to build; all without one
    names: Vec<Generator>,
}

/// Builds the examples. Prints the folder of each.
pub(crate) fn command(options: &Options) -> Result<()> {
    let names = if options.names.is_empty() { Generator::value_variants() } else { &options.names };
    for &generator in names {
        match generator.prepare(options.installed)? {
            Preparation::Ready(program) => println!("built {}", generator.build(&program)?.display()),
            Preparation::Missing => println!("not built: {} is not installed", generator.name()),
        }
    }
    Ok(())
}

/// Outcome of the search for a generator.
enum Preparation {
    Ready(PathBuf),
    Missing,
}

impl Generator {
    /// Name of the folder in `examples/`.
    fn name(self) -> &'static str {
        match self {
            Self::Astro => "astro",
            Self::Eleventy => "eleventy",
            Self::Hugo => "hugo",
            Self::Jekyll => "jekyll",
            Self::Mdbook => "mdbook",
            Self::SinglePage => "single-page",
        }
    }

    /// Finds the generator's program, and installs it if it is missing unless `installed` forbids that.
    fn prepare(self, installed: bool) -> Result<Preparation> {
        match self {
            Self::Mdbook => Ok(Preparation::Ready(MDBOOK.program("mdbook")?)),
            Self::Hugo | Self::Jekyll if installed && !debian::on_path(self.name()) => Ok(Preparation::Missing),
            Self::Hugo | Self::Jekyll => {
                debian::ensure(&[self.name()], || debian::on_path(self.name()))?;
                Ok(Preparation::Ready(self.name().into()))
            }
            Self::Astro | Self::Eleventy => self.prepare_npm(installed),
            // Two small packages, which every run can install.
            Self::SinglePage => self.prepare_npm(false),
        }
    }

    /// The npm packages of an example are installed once, in a folder of the cache that is named after the lock file.
    fn prepare_npm(self, installed: bool) -> Result<Preparation> {
        let cache = project::cache()?;
        let mut wanted = Fingerprint::new();
        for file in ["package.json", "package-lock.json"] {
            wanted.add_tree(&self.source().join(file))?;
        }
        let home = cache.join(format!("example-{}-{}", self.name(), &wanted.finish()[..16]));
        let _lock = tools::lock(&cache.join(format!("example-{}.lock", self.name())))?;
        if !home.exists() {
            if installed {
                return Ok(Preparation::Missing);
            }
            print_progress(&format!("installing the npm packages of the example {}", self.name()));
            let staging = cache.join(format!("example-{}.new", self.name()));
            tools::remove(&staging)?;
            fs::create_dir_all(&staging).with_context(|| format!("cannot create {}", staging.display()))?;
            for file in ["package.json", "package-lock.json"] {
                fs::copy(self.source().join(file), staging.join(file))
                    .with_context(|| format!("cannot copy {file}"))?;
            }
            fs::copy(project::root().join(".npmrc"), staging.join(".npmrc")).context("cannot copy .npmrc")?;
            run(Command::new("npm").args(["ci", "--no-progress", "--loglevel=error"]).current_dir(&staging))?;
            fs::rename(&staging, &home).with_context(|| format!("cannot put {} in place", home.display()))?;
        }
        Ok(Preparation::Ready(home.join("node_modules")))
    }

    fn source(self) -> PathBuf {
        project::root().join("examples").join(self.name())
    }

    /// Builds a copy of the example, because generators write beside their sources. Returns the folder of the site.
    fn build(self, program: &Path) -> Result<PathBuf> {
        let output = project::output().join("examples");
        let (copy, site) = (output.join(format!("{}.source", self.name())), output.join(self.name()));
        let _lock = tools::lock(&output.join(format!("{}.lock", self.name())))?;
        tools::remove(&copy)?;
        tools::remove(&site)?;
        if matches!(self, Self::SinglePage) {
            write_single_pages(&self.source(), program, &site)?;
            return Ok(site);
        }
        copy_folder(&self.source(), &copy)?;
        let mut command = self.command(program, &copy)?;
        // Eleventy takes no absolute path.
        command.arg(if matches!(self, Self::Eleventy) { Path::new("../eleventy") } else { &site });
        run(command.current_dir(&copy).env("ASTRO_TELEMETRY_DISABLED", "1").env("MDBOOK_LOG", "error"))?;
        if !site.exists() {
            bail!("{} has built nothing", self.name());
        }
        Ok(site)
    }

    /// The command of the generator, up to the folder of the site.
    fn command(self, program: &Path, copy: &Path) -> Result<Command> {
        let script = match self {
            Self::Astro => Some("node_modules/astro/bin/astro.mjs"),
            Self::Eleventy => Some("node_modules/@11ty/eleventy/cmd.cjs"),
            Self::Hugo | Self::Jekyll | Self::Mdbook | Self::SinglePage => None,
        };
        let mut command = match script {
            Some(script) => {
                symlink(program, copy.join("node_modules")).context("cannot link the npm packages")?;
                let mut node = Command::new("node");
                node.arg(script);
                node
            }
            None => Command::new(program),
        };
        command.args(match self {
            Self::Astro => ["build", "--outDir"],
            Self::Eleventy => ["--quiet", "--output"],
            Self::Hugo | Self::SinglePage => ["--quiet", "--destination"],
            Self::Jekyll => ["build", "--destination"],
            Self::Mdbook => ["build", "--dest-dir"],
        });
        Ok(command)
    }
}

/// The navigations of the single-page example, with the library of each among the npm packages.
const NAVIGATIONS: [(&str, Option<&str>); 3] = [
    ("plain", None),
    ("turbo", Some("@hotwired/turbo/dist/turbo.es2017-umd.js")),
    ("htmx", Some("htmx.org/dist/htmx.min.js")),
];

/// Writes a folder with two posts for each navigation.
fn write_single_pages(source: &Path, packages: &Path, site: &Path) -> Result<()> {
    let read = |file: &str| fs::read_to_string(source.join(file)).with_context(|| format!("cannot read {file}"));
    let post = read("post.html")?;
    for (navigation, library) in NAVIGATIONS {
        let folder = site.join(navigation);
        let vendor = folder.join("vendor");
        fs::create_dir_all(&vendor).with_context(|| format!("cannot create {}", vendor.display()))?;
        let page = post.replace("{{navigation}}\n", &read(&format!("{navigation}.html"))?);
        for name in ["first", "second"] {
            let file = folder.join(format!("{name}.html"));
            let text = page.replace("{{post}}", name);
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        if let Some(library) = library {
            let file = packages.join(library);
            let name = file.file_name().context("a library is a file")?;
            fs::copy(&file, vendor.join(name)).with_context(|| format!("cannot copy {library}"))?;
        }
    }
    Ok(())
}

/// Copies a folder without the packages that somebody has installed in it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry.context("cannot list the example")?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if !path.is_dir() {
            fs::copy(&path, &copy).with_context(|| format!("cannot copy {}", path.display()))?;
        } else if entry.file_name() != "node_modules" {
            copy_folder(&path, &copy)?;
        }
    }
    Ok(())
}
