//! The book: the pages of `docs/` and the documents of the repository that its summary names, built by mdBook.
//!
//! On GitHub the pages link to documents outside of `docs/`; a book cannot. So mdBook gets a copy in which those documents are chapters, and
//! the links between all of them are changed to fit. A linked file that is not a chapter lies beside the pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::links;
use super::markdown::Document;
use crate::project;
use crate::run::run;
use crate::tools::{MDBOOK, remove};

/// The first page of the book, which stands for the README.
const FIRST_PAGE: &str = "introduction.md";

/// Builds the book into `build/docs`, and returns that folder.
pub(super) fn build() -> Result<PathBuf> {
    let (source, target) = (project::output().join("docs-source"), project::output().join("docs"));
    remove(&source)?;
    remove(&target)?;
    Source::new(project::root(), source.join("src"))?.write()?;
    fs::copy(project::root().join("docs/book.toml"), source.join("book.toml")).context("cannot copy docs/book.toml")?;
    run(Command::new(MDBOOK.program("mdbook")?).arg("build").arg(&source).arg("--dest-dir").arg(&target))?;
    Ok(target)
}

/// The source of the book, with the name of every file in it by its path in the repository.
struct Source {
    folder: PathBuf,
    pages: BTreeMap<PathBuf, String>,
}

impl Source {
    /// Names the chapters: the pages of `docs/src`, and the documents that the summary links outside of it.
    fn new(root: &Path, folder: PathBuf) -> Result<Self> {
        let (mut pages, inside) = (BTreeMap::new(), root.join("docs/src"));
        for page in links::files(&inside, "md")? {
            let name = page.strip_prefix(&inside)?.to_string_lossy().into_owned();
            pages.insert(page, name);
        }
        let summary = inside.join("SUMMARY.md");
        for link in Document::parse(&read(&summary)?).links {
            if let Some(path) = links::resolve(&summary, &link.target) {
                let name = file_name(&path).to_lowercase();
                pages.entry(path).or_insert(name);
            }
        }
        pages.insert(root.join("README.md"), FIRST_PAGE.to_owned());
        Ok(Self { folder, pages })
    }

    /// Writes every page with its links changed, and every file that is linked.
    fn write(&self) -> Result<()> {
        for (path, name) in self.pages.iter().filter(|(path, _)| !path.ends_with("README.md")) {
            let text = self.relink(path, &read(path)?)?;
            write(&self.folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// The text of a page, its links leading to where the files are in the book.
    fn relink(&self, path: &Path, text: &str) -> Result<String> {
        let mut text = text.to_owned();
        let mut links = Document::parse(&text).links;
        // From the last to the first, so that an offset stays right while what follows it changes.
        links.sort_by_key(|link| std::cmp::Reverse(link.offset));
        for link in links {
            let (Some(offset), Some(target)) = (link.offset, links::resolve(path, &link.target)) else { continue };
            let anchor = link.target.find('#').map_or("", |at| &link.target[at..]);
            let name = match self.pages.get(&target) {
                Some(name) => name.clone(),
                None => self.attach(&target)?,
            };
            text.replace_range(offset..offset + link.target.len(), &format!("{name}{anchor}"));
        }
        Ok(text)
    }

    /// Copies a linked file that is not a chapter, and returns its name. mdBook leaves out Markdown that is no chapter, so it becomes text. Many folders
    /// have a `README.md`, so the name of a text begins with that of its folder.
    fn attach(&self, path: &Path) -> Result<String> {
        let name = match (path.extension(), path.parent()) {
            (Some(extension), Some(folder)) if extension == "md" => {
                format!("files/{}-{}", file_name(folder), file_name(&path.with_extension("txt")))
            }
            _ => format!("files/{}", file_name(path)),
        };
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        write(&self.folder.join(&name), &content)?;
        Ok(name)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn links_out_of_the_book_lead_to_chapters_and_copies() {
        let folder = Scratch::with_files(
            "book",
            &[
                ("README.md", "# Project\n"),
                ("DESIGN.md", "[start](docs/src/a.md#top) [home](README.md)\n"),
                ("code/count.js", "count()\n"),
                ("code/README.md", "# Code\n"),
                ("docs/src/SUMMARY.md", "* [A](a.md)\n* [Design](../../DESIGN.md)\n"),
                (
                    "docs/src/a.md",
                    "# Top\n[design](../../DESIGN.md#x) [js](../../code/count.js) [code](../../code/README.md) [web](https://x.example)\n",
                ),
            ],
        );
        let source = folder.path("build/src");
        Source::new(&folder.path(""), source.clone()).unwrap().write().unwrap();
        let written = |name: &str| fs::read_to_string(source.join(name)).unwrap();
        assert_eq!(written("SUMMARY.md"), "* [A](a.md)\n* [Design](design.md)\n");
        assert_eq!(
            written("a.md"),
            "# Top\n[design](design.md#x) [js](files/count.js) [code](files/code-README.txt) [web](https://x.example)\n"
        );
        assert_eq!(written("design.md"), "[start](a.md#top) [home](introduction.md)\n");
        assert_eq!(
            (written("files/count.js"), written("files/code-README.txt")),
            ("count()\n".to_owned(), "# Code\n".to_owned())
        );
        assert!(!source.join("README.md").exists());
    }
}
