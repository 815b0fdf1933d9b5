//! Dead links: in the Markdown of the repository, and in the pages of the built book. Only links within the repository are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::markdown::{Document, attributes};

/// Folders without documents of the project.
const SKIPPED: [&str; 3] = ["build", "node_modules", "target"];
/// Its links are relative to the root of a server, which nobody knows here.
const NOT_FOUND_PAGE: &str = "404.html";

/// Checks every link of every Markdown file.
///
/// # Errors
///
/// All dead links, one on each line.
pub(super) fn check_markdown(root: &Path) -> Result<()> {
    let mut documents = BTreeMap::new();
    for path in files(root, "md")? {
        let document = Document::parse(&read(&path)?);
        documents.insert(path, document);
    }
    let anchors = |path: &Path| documents.get(path).map(|document| &document.anchors);
    let mut dead = Vec::new();
    for (path, document) in &documents {
        for link in &document.links {
            if let Err(cause) = follow(path, &link.target, anchors) {
                let name = path.strip_prefix(root).unwrap_or(path).display();
                dead.push(format!("{name}:{}: {}: {cause}", link.line, link.target));
            }
        }
    }
    report(&dead)
}

/// Checks every link of every page in a folder of HTML.
///
/// # Errors
///
/// All dead links, one on each line.
pub(super) fn check_html(folder: &Path) -> Result<()> {
    let mut pages = BTreeMap::new();
    for path in files(folder, "html")? {
        let html = read(&path)?;
        let ids: BTreeSet<String> = attributes(&html, "id").into_iter().collect();
        let targets: Vec<String> = ["href", "src"].iter().flat_map(|name| attributes(&html, name)).collect();
        pages.insert(path, (ids, targets));
    }
    let ids = |path: &Path| pages.get(path).map(|(ids, _)| ids);
    let mut dead = Vec::new();
    for (path, (_, targets)) in pages.iter().filter(|(path, _)| !path.ends_with(NOT_FOUND_PAGE)) {
        for target in targets {
            if let Err(cause) = follow(path, target, ids) {
                dead.push(format!("{}: {target}: {cause}", path.display()));
            }
        }
    }
    report(&dead)
}

/// Resolves the path of a link without its anchor; `None` if the link leads out of the repository.
pub(super) fn resolve(from: &Path, target: &str) -> Option<PathBuf> {
    if is_external(target) {
        return None;
    }
    let path = target.split(['#', '?']).next().unwrap_or_default();
    if path.is_empty() {
        return Some(from.to_owned());
    }
    let mut resolved = from.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => drop(resolved.pop()),
            Component::CurDir => {}
            other => resolved.push(other),
        }
    }
    Some(resolved)
}

/// All files with this extension below a folder, sorted.
pub(super) fn files(root: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                if !name.starts_with('.') && !SKIPPED.contains(&&*name) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Fails, with the cause, if a link leads to nothing. `anchors` are those of a file, if it is one that has any.
fn follow<'a>(
    from: &Path,
    target: &str,
    anchors: impl Fn(&Path) -> Option<&'a BTreeSet<String>>,
) -> Result<(), &'static str> {
    let Some(path) = resolve(from, target) else { return Ok(()) };
    if !path.exists() {
        return Err("no such file");
    }
    match target.split_once('#') {
        Some((_, anchor)) if !anchors(&path).is_some_and(|anchors| anchors.contains(anchor)) => Err("no such heading"),
        _ => Ok(()),
    }
}

/// Returns true for an address with a scheme or a host.
fn is_external(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    target.starts_with("//") || scheme.is_some_and(|scheme| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn report(dead: &[String]) -> Result<()> {
    if dead.is_empty() { Ok(()) } else { bail!("dead links:\n{}", dead.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;
    use crate::scratch::Scratch;

    #[test]
    fn every_link_of_the_repository_leads_somewhere() {
        check_markdown(project::root()).unwrap();
    }

    #[test]
    fn dead_links_in_markdown_are_reported_with_file_and_line() {
        let folder = Scratch::with_files(
            "links",
            &[
                (
                    "README.md",
                    "# Top\n\n[a](docs/a.md#part) [b](#top) [c](https://x.example/y#z) [d](mailto:a@b.example)\n",
                ),
                ("docs/a.md", "## Part\n[back](../README.md) [folder](../docs)\n"),
                ("target/x.md", "[ignored](gone.md)\n"),
            ],
        );
        check_markdown(&folder.path("")).unwrap();
        folder
            .write("docs/b.md", "[ok](a.md)\n[gone](gone.md)\n[part](a.md#gone) [own](#gone) <img src=\"gone.png\">\n");
        let error = check_markdown(&folder.path("")).unwrap_err().to_string();
        let expected = "dead links:\n\
                        docs/b.md:2: gone.md: no such file\n\
                        docs/b.md:3: a.md#gone: no such heading\n\
                        docs/b.md:3: #gone: no such heading\n\
                        docs/b.md:3: gone.png: no such file";
        assert_eq!(error, expected);
    }

    #[test]
    fn dead_links_in_html_are_reported() {
        let folder = Scratch::with_files(
            "html",
            &[
                ("404.html", "<a href=\"elsewhere.html\">x</a>"),
                ("a.html", "<h1 id=\"top\"><a href=\"b.html#here\">b</a><a href=\"#top\">top</a></h1>"),
                (
                    "b.html",
                    "<p id=\"here\"><a href=\"https://x.example\">x</a></p><code>&lt;a href=\"/example/\"&gt;</code>",
                ),
            ],
        );
        check_html(&folder.path("")).unwrap();
        folder.write("c.html", "<a href=\"../x.html\">x</a><img src=\"x.png\"><a href=\"a.html#gone\">a</a>");
        let error = check_html(&folder.path("")).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 4, "{error}");
    }
}
