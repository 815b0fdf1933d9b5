//! From neutral records to the lines of an export: addresses, order, parents, and a report.
//!
//! `Reading` puts the records of a file into a `Spool` and keeps a small entry for each comment in memory. [`Plan`] decides from the
//! entries and the owner's [`PlanOptions`] which comments are imported, where and in which order, and makes the lines of the export.

mod address_table;
mod addresses;
mod authors;
mod build;
pub(crate) mod counts;
mod decisions;
mod entry;
mod feed;
pub(crate) mod hosts;
pub(crate) mod lines;
mod meter;
pub(crate) mod options;
mod order;
mod placement;
pub(crate) mod reading;
pub(crate) mod report;
mod report_text;
mod sink;
mod split;
pub(crate) mod spool;
mod stored;
pub(crate) mod survey;

use thiserror::Error;

use crate::plan::decisions::Decision;
use crate::plan::options::PlanOptions;
use crate::plan::placement::Placement;
use crate::plan::report::Report;

/// The decisions about each comment of a [`Reading`](crate::Reading), and the report about them.
#[derive(Debug)]
pub struct Plan {
    report: Report,
    options: PlanOptions,
    placement: Placement,
    /// True for each target that has a comment.
    used_targets: Vec<bool>,
    /// The decision about each comment, by its place in the file, as in the lists below.
    decisions: Vec<Decision>,
    parents: Vec<u32>,
    times: Vec<i64>,
    /// Indexes of the comments with lines, in the order of the lines.
    order: Vec<u32>,
}

impl Plan {
    /// The report.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// Reason why there is no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The site is no origin.
    #[error("{0:?} is not the address of a site; write https://blog.example, without a path")]
    Site(String),
    /// An alias is no origin or host, or is named twice.
    #[error("{0:?} is not a host, or is named twice")]
    Alias(String),
    /// The table of addresses cannot be read.
    #[error("the table of addresses, line {line}: {message}")]
    Table {
        /// Number of the line, from 1.
        line: u64,
        /// The fault.
        message: &'static str,
    },
    /// A feed or sitemap cannot be read; carries its number, from 1.
    #[error("feed or sitemap {0} has no addresses that can be read")]
    Feed(usize),
    /// The rule for slugs has no place for the slug.
    #[error("the rule for addresses must contain {{slug}}, such as /blog/{{slug}}/")]
    SlugRule,
    /// The file has several sites, and the one that was named is not among them.
    #[error("the file has no site with the name {0:?}")]
    Partition(String),
    /// Intermediate data cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
