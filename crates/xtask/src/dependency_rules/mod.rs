//! Dependency rules: between the crates, and between the folders and files inside them.

mod crates;
mod imports;
mod layers;
mod modules;
mod paths;

use anyhow::{Result, bail};

use crate::project;

/// Checks the dependencies between crates, then those between the folders inside them. Prints counts for each crate with folders, and reports all
/// their violations at once.
pub(crate) fn check() -> Result<()> {
    crates::check()?;
    let mut problems = Vec::new();
    for rules in &layers::CRATES {
        let report = modules::check(project::root(), rules)?;
        println!("{}", report.summary);
        if !report.problems.is_empty() {
            println!("layers of {} with the layers they use:\n{}", rules.name, report.found);
        }
        problems.extend(report.problems);
    }
    if !problems.is_empty() {
        bail!("{} violations of the dependency rules\n{}", problems.len(), problems.join("\n"));
    }
    Ok(())
}
