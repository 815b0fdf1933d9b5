//! The rules for folders and files inside one crate: layers, no cycles, no imports from the crate root, a short path for a new comment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::{Context, Result};

use super::imports::SourceTree;

/// Maximum number of modules that a new comment passes in one crate.
const MAX_SUBMISSION_MODULES: usize = 8;

/// The rules of one crate.
pub(super) struct CrateRules {
    pub(super) name: &'static str,
    /// Path of its `src` folder in the repository.
    pub(super) source: &'static str,
    /// Its folders, and the files directly in `src`, from the ground up.
    pub(super) layers: &'static [Layer],
    /// The modules that a new comment passes, in order; empty if the crate has no such path.
    pub(super) submission: &'static [Stop],
}

/// A folder below `src`, or a file directly in `src`.
pub(super) struct Layer {
    pub(super) name: &'static str,
    /// The layers that it may import from, all listed before it.
    pub(super) may_use: &'static [&'static str],
}

/// A module that a new comment passes, and the proof that an earlier one leads to it.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// The first one.
    First(&'static str),
    /// An earlier module imports it.
    Import(&'static str),
    /// An earlier module calls this function of it, as methods of a type are called without an import.
    Call(&'static str, &'static str),
    /// It receives a message of this type from an earlier module.
    Message(&'static str, &'static str),
}

impl Stop {
    fn file(self) -> &'static str {
        match self {
            Self::First(file) | Self::Import(file) | Self::Call(file, _) | Self::Message(file, _) => file,
        }
    }
}

/// Result of the check of one crate.
#[derive(Debug)]
pub(super) struct Report {
    /// Counts in one line.
    pub(super) summary: String,
    /// Violations, each with file and line where there is one.
    pub(super) problems: Vec<String>,
    /// The layers and arrows in the sources, for corrections of the table.
    pub(super) found: String,
}

/// Checks one crate below the root of the repository.
pub(super) fn check(root: &Path, rules: &CrateRules) -> Result<Report> {
    let tree = SourceTree::read(&root.join(rules.source)).with_context(|| format!("cannot read {}", rules.source))?;
    let checker = Checker { tree: &tree, rules };
    let cycles = cycles(&tree);
    let mut problems = checker.table();
    problems.extend(checker.layers());
    problems.extend(checker.root_imports());
    problems.extend(cycles.iter().map(|cycle| checker.cycle(cycle)));
    problems.extend(checker.submission());
    Ok(Report { summary: checker.summary(cycles.len()), problems, found: checker.found() })
}

struct Checker<'a> {
    tree: &'a SourceTree,
    rules: &'a CrateRules,
}

impl Checker<'_> {
    fn location(&self, file: usize, line: usize) -> String {
        format!("{}/{}:{line}", self.rules.source, self.tree.files[file].path)
    }

    fn layer(&self, file: usize) -> &str {
        self.tree.files[file].layer()
    }

    /// Every pair of layers with an import between them.
    fn arrows(&self) -> BTreeSet<(&str, &str)> {
        let pairs = self.tree.imports.iter().map(|import| (self.layer(import.from), self.layer(import.to)));
        pairs.filter(|(from, to)| from != to).collect()
    }

    /// Entries of the table that match nothing, or are in the wrong place.
    fn table(&self) -> Vec<String> {
        let (mut problems, mut listed, arrows) = (Vec::new(), BTreeSet::new(), self.arrows());
        let existing: BTreeSet<&str> = (0..self.tree.files.len()).map(|file| self.layer(file)).collect();
        for layer in self.rules.layers {
            let name = layer.name;
            if !existing.contains(name) {
                problems.push(format!("{}: the table lists `{name}`, which does not exist", self.rules.source));
            }
            for used in layer.may_use {
                if !listed.contains(used) {
                    problems.push(format!(
                        "{}: `{name}` may use only layers listed before it, not `{used}`",
                        self.rules.source
                    ));
                } else if !arrows.contains(&(name, *used)) {
                    problems.push(format!("{}: `{name}` may use `{used}`, but no file of it does", self.rules.source));
                }
            }
            if !listed.insert(name) {
                problems.push(format!("{}: the table lists `{name}` twice", self.rules.source));
            }
        }
        let unlisted = existing.iter().filter(|name| !listed.contains(*name));
        problems.extend(unlisted.map(|name| format!("{}: the table does not list `{name}`", self.rules.source)));
        problems
    }

    fn layers(&self) -> Vec<String> {
        let rules: BTreeMap<&str, &[&str]> =
            self.rules.layers.iter().map(|layer| (layer.name, layer.may_use)).collect();
        let mut problems = Vec::new();
        for import in &self.tree.imports {
            let (from, to) = (self.layer(import.from), self.layer(import.to));
            let is_allowed = from == to || rules.get(from).is_none_or(|may_use| may_use.contains(&to));
            if !is_allowed {
                let location = self.location(import.from, import.line);
                problems.push(format!("{location}: `{from}` must not use `{to}` ({})", import.path));
            }
        }
        problems
    }

    fn root_imports(&self) -> Vec<String> {
        let message = |import: &super::imports::RootImport| {
            let location = self.location(import.from, import.line);
            format!("{location}: `{}` is imported from the crate root; write `{}`", import.path, import.instead)
        };
        self.tree.root_imports.iter().map(message).collect()
    }

    /// Describes a cycle: all its files, and a shortest cycle among them.
    fn cycle(&self, files: &BTreeSet<usize>) -> String {
        let names: Vec<_> = files.iter().map(|file| self.tree.files[*file].path.as_str()).collect();
        let steps: Vec<_> = shortest_cycle(self.tree, files)
            .into_iter()
            .map(|import| {
                let import = &self.tree.imports[import];
                let line = import.line;
                format!("{}:{line} imports {}", self.tree.files[import.from].path, self.tree.files[import.to].path)
            })
            .collect();
        let source = self.rules.source;
        format!("{source}: cycle of {} files ({}): {}", files.len(), names.join(", "), steps.join(", "))
    }

    fn submission(&self) -> Vec<String> {
        let stops = self.rules.submission;
        let mut problems = Vec::new();
        let files: BTreeSet<_> = stops.iter().map(|stop| stop.file()).collect();
        if files.len() > MAX_SUBMISSION_MODULES || files.len() < stops.len() {
            problems.push(format!(
                "{}: a new comment passes {} modules in {} steps; each module once, at most {MAX_SUBMISSION_MODULES}",
                self.rules.source,
                files.len(),
                stops.len()
            ));
        }
        for (position, stop) in stops.iter().enumerate() {
            let earlier: Vec<usize> = stops[..position].iter().filter_map(|stop| self.tree.find(stop.file())).collect();
            problems
                .extend(self.stop(*stop, &earlier).map(|problem| {
                    format!("{}: path of a new comment: {}: {problem}", self.rules.source, stop.file())
                }));
        }
        problems
    }

    fn stop(&self, stop: Stop, earlier: &[usize]) -> Option<String> {
        let Some(file) = self.tree.find(stop.file()) else { return Some("no such file".to_owned()) };
        let scan = &self.tree.files[file].scan;
        let mut before = earlier.iter().map(|file| &self.tree.files[*file].scan);
        match stop {
            Stop::First(_) if earlier.is_empty() => None,
            Stop::First(_) => Some("`First` is for the first module only".to_owned()),
            Stop::Import(_) => {
                let is_import = |import: &super::imports::Import| import.to == file && earlier.contains(&import.from);
                (!self.tree.imports.iter().any(is_import)).then(|| "no earlier module imports it".to_owned())
            }
            Stop::Call(_, function) if !scan.functions.contains(function) => {
                Some(format!("it declares no function `{function}`"))
            }
            Stop::Call(_, function) => (!before.any(|scan| scan.words.contains(function)))
                .then(|| format!("no earlier module calls `{function}`")),
            Stop::Message(_, name) => (!scan.words.contains(name) || !before.any(|scan| scan.words.contains(name)))
                .then(|| format!("it does not share `{name}` with an earlier module")),
        }
    }

    /// The counts as one line of output.
    fn summary(&self, cycles: usize) -> String {
        let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
        for file in &self.tree.files {
            let folder = file.path.split_once('/').map_or("src", |(folder, _)| folder);
            *folders.entry(folder).or_default() += 1;
        }
        let mut counts: Vec<_> = folders.iter().filter(|(name, _)| **name != "src").collect();
        counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
        counts.extend(folders.get_key_value("src"));
        let counts: Vec<_> = counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
        let mut summary = format!(
            "{}: {} files in {} folders ({}), cycles {cycles}",
            self.rules.name,
            self.tree.files.len(),
            folders.len() - usize::from(folders.contains_key("src")),
            counts.join(", ")
        );
        if !self.rules.submission.is_empty() {
            summary += &format!(", a new comment passes {} modules", self.rules.submission.len());
        }
        summary
    }

    /// Lists each layer with the layers that it imports from.
    fn found(&self) -> String {
        let mut layers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for file in &self.tree.files {
            layers.entry(file.layer()).or_default();
        }
        for (from, to) in self.arrows() {
            layers.entry(from).or_default().insert(to);
        }
        layers.iter().map(|(name, uses)| format!("  {name}: {uses:?}\n")).collect()
    }
}

/// The files that each file imports from.
fn imported(tree: &SourceTree, from: usize) -> impl Iterator<Item = (usize, usize)> {
    let imports = tree.imports.iter().enumerate();
    imports.filter(move |(_, import)| import.from == from).map(|(index, import)| (index, import.to))
}

/// All files that a file reaches by one import or more.
fn reached(tree: &SourceTree, start: usize) -> BTreeSet<usize> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![start]);
    while let Some(file) = waiting.pop() {
        waiting.extend(imported(tree, file).map(|(_, to)| to).filter(|to| found.insert(*to)));
    }
    found
}

/// The strongly connected components of more than one file.
fn cycles(tree: &SourceTree) -> BTreeSet<BTreeSet<usize>> {
    let reached: Vec<_> = (0..tree.files.len()).map(|file| reached(tree, file)).collect();
    let component = |file: usize| -> BTreeSet<usize> {
        reached[file].iter().copied().filter(|other| reached[*other].contains(&file)).collect()
    };
    (0..tree.files.len()).map(component).filter(|component| component.len() > 1).collect()
}

/// The imports of a shortest cycle within a component.
fn shortest_cycle(tree: &SourceTree, files: &BTreeSet<usize>) -> Vec<usize> {
    let paths = files.iter().filter_map(|start| path_back(tree, files, *start));
    paths.min_by_key(Vec::len).unwrap_or_default()
}

/// The imports of a shortest path from a file back to itself.
fn path_back(tree: &SourceTree, files: &BTreeSet<usize>, start: usize) -> Option<Vec<usize>> {
    let (mut seen, mut waiting) = (BTreeSet::new(), VecDeque::from([(start, Vec::new())]));
    while let Some((file, path)) = waiting.pop_front() {
        for (import, to) in imported(tree, file).filter(|(_, to)| files.contains(to)) {
            let path: Vec<usize> = path.iter().copied().chain([import]).collect();
            if to == start {
                return Some(path);
            }
            if seen.insert(to) {
                waiting.push_back((to, path));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    const RULES: CrateRules = CrateRules {
        name: "planted",
        source: "planted/src",
        layers: &[
            Layer { name: "platform", may_use: &[] },
            Layer { name: "settings", may_use: &["platform"] },
            Layer { name: "http", may_use: &["platform", "settings"] },
            Layer { name: "lib", may_use: &["http"] },
        ],
        submission: &[
            Stop::First("http/mod.rs"),
            Stop::Import("http/submit.rs"),
            Stop::Call("settings.rs", "limit"),
            Stop::Message("platform/clock.rs", "Now"),
        ],
    };

    /// A tree that obeys the rules.
    fn planted() -> Scratch {
        let tree = Scratch::new("modules");
        let write = |name: &str, text: &str| tree.write(&format!("planted/src/{name}"), text);
        write(
            "lib.rs",
            "mod http;\nmod platform;\nmod settings;\npub use http::submit::Submit;\n#[cfg(test)]\nmod help;",
        );
        write("help.rs", "use crate::http::submit::Submit;");
        write("http/mod.rs", "pub mod submit;\npub fn route() { submit::Submit::new() }");
        write(
            "http/submit.rs",
            "use crate::{platform::clock::{self, Now}, settings::Settings};\npub struct Submit;\nfn f(s: Settings) { s.limit(Now) }",
        );
        write("platform/mod.rs", "pub mod clock;");
        write("platform/clock.rs", "pub struct Now;\n#[cfg(test)]\nmod tests { use crate::http::submit::*; }");
        write(
            "settings.rs",
            "use super::platform::clock::Now;\npub struct Settings;\nimpl Settings { pub fn limit(&self, now: Now) {} }",
        );
        tree
    }

    fn problems(tree: &Scratch) -> Vec<String> {
        check(&tree.path(""), &RULES).unwrap().problems
    }

    /// Adds a line to a file of the planted tree and returns the violations.
    fn problems_with(file: &str, line: &str) -> Vec<String> {
        let tree = planted();
        let path = format!("planted/src/{file}");
        let text = std::fs::read_to_string(tree.path(&path)).unwrap_or_default();
        tree.write(&path, &format!("{text}\n{line}"));
        problems(&tree)
    }

    #[test]
    fn legal_tree_passes_and_is_counted() {
        let report = check(&planted().path(""), &RULES).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        let expected =
            "planted: 6 files in 2 folders (http 2, platform 2, src 2), cycles 0, a new comment passes 4 modules";
        assert_eq!(report.summary, expected);
        assert!(report.found.contains("  settings: {\"platform\"}\n"), "{}", report.found);
    }

    #[test]
    fn upward_import_names_file_line_and_folders() {
        let expected = "planted/src/platform/clock.rs:4: `platform` must not use `http` (crate::http::route)";
        for line in ["use crate::http::route;", "fn f() { crate::http::route() }", "log!(\"{}\", crate::http::route);"]
        {
            let found = problems_with("platform/clock.rs", line);
            assert!(found.contains(&expected.to_owned()), "{found:?}");
        }
        let found = problems_with("platform/clock.rs", "use super::super::http::submit::{self as s};");
        assert!(found[0].contains("clock.rs:4: `platform` must not use `http`"), "{found:?}");
        let found = problems_with("platform/clock.rs", "mod inner { use super::super::super::http::route; }");
        assert!(found[0].contains("clock.rs:4: `platform` must not use `http`"), "{found:?}");
    }

    #[test]
    fn cycle_within_a_folder_is_found() {
        let found = problems_with("http/submit.rs", "use super::route;");
        let expected = "planted/src: cycle of 2 files (http/mod.rs, http/submit.rs): http/mod.rs:2 imports http/submit.rs, \
                        http/submit.rs:4 imports http/mod.rs";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn import_from_the_crate_root_is_refused() {
        let found = problems_with("http/mod.rs", "use crate::Submit;");
        let expected = "planted/src/http/mod.rs:3: `crate::Submit` is imported from the crate root; write \
                        `crate::http::submit::Submit`";
        assert_eq!(found, [expected]);
        let found = problems_with("http/mod.rs", "fn f() -> super::Submit {}");
        assert!(found[0].contains("`super::Submit` is imported from the crate root"), "{found:?}");
        let found = problems_with("http/mod.rs", "use crate::*;");
        assert!(found[0].contains("`http` must not use `lib`"), "{found:?}");
    }

    #[test]
    fn table_must_match_the_sources() {
        let tree = planted();
        tree.write("planted/src/extra/mod.rs", "");
        assert_eq!(problems(&tree), ["planted/src: the table does not list `extra`"]);
        let tree = planted();
        std::fs::remove_file(tree.path("planted/src/settings.rs")).unwrap();
        let found = problems(&tree).join("\n");
        assert!(found.contains("lists `settings`, which does not exist"), "{found}");
        assert!(found.contains("`http` may use `settings`, but no file of it does"), "{found}");
        let layers = &[
            Layer { name: "http", may_use: &["platform"] },
            Layer { name: "platform", may_use: &[] },
            Layer { name: "platform", may_use: &[] },
        ];
        let found = check(&planted().path(""), &CrateRules { layers, ..RULES }).unwrap().problems.join("\n");
        assert!(found.contains("`http` may use only layers listed before it, not `platform`"), "{found}");
        assert!(found.contains("lists `platform` twice"), "{found}");
    }

    #[test]
    fn submission_path_is_proven_and_bounded() {
        let problems = |submission| check(&planted().path(""), &CrateRules { submission, ..RULES }).unwrap().problems;
        let fails = |submission, expected: &str| {
            let found = problems(submission).join("\n");
            assert!(found.contains(expected), "{found}");
        };
        fails(&[Stop::First("http/none.rs")], "http/none.rs: no such file");
        fails(&[Stop::First("settings.rs"), Stop::Import("http/mod.rs")], "no earlier module imports it");
        fails(&[Stop::First("settings.rs"), Stop::First("http/mod.rs")], "`First` is for the first module only");
        fails(&[Stop::First("http/mod.rs"), Stop::Call("settings.rs", "limit")], "no earlier module calls `limit`");
        fails(&[Stop::First("http/mod.rs"), Stop::Call("settings.rs", "none")], "declares no function `none`");
        fails(&[Stop::First("http/mod.rs"), Stop::Message("settings.rs", "Now")], "does not share `Now`");
        fails(&[Stop::First("settings.rs"); 2], "passes 1 modules in 2 steps");
        const MANY: [Stop; 9] = [
            Stop::First("1"),
            Stop::Import("2"),
            Stop::Import("3"),
            Stop::Import("4"),
            Stop::Import("5"),
            Stop::Import("6"),
            Stop::Import("7"),
            Stop::Import("8"),
            Stop::Import("9"),
        ];
        fails(&MANY, "passes 9 modules in 9 steps; each module once, at most 8");
    }
}
