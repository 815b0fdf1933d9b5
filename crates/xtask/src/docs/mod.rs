//! `cargo xtask docs`: builds the book of `docs/` and checks the links of every Markdown file.

mod book;
mod links;
mod markdown;

use anyhow::Result;

use crate::project;

/// The command.
pub(crate) fn command() -> Result<()> {
    check()?;
    println!("{}", project::output().join("docs/index.html").display());
    Ok(())
}

/// Checks the links in the Markdown of the repository, builds the book, and checks the links in its pages.
///
/// # Errors
///
/// Every dead link, with its file and line, or the failure of a tool.
pub(crate) fn check() -> Result<()> {
    links::check_markdown(project::root())?;
    links::check_html(&book::build()?)
}
