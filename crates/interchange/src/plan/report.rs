//! The report of a plan: what comes, what is lost, and why.

use serde::Serialize;

use crate::plan::counts::StateCounts;
use crate::plan::survey::Count;
use crate::problem::Problem;
use crate::record::LostField;

/// The report of a plan: what comes, what is lost, and why.
///
/// Law: `read` = `to_import` + the sum of `left_out`. Lists are cut at [`MAX_ITEMS`](Report::MAX_ITEMS); the numbers beside them are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Origin of the site.
    pub site: String,
    /// Name of the source.
    pub source: String,
    /// Number of comments that were read.
    pub read: u64,
    /// Number of comments that are imported, or known to the ledger already.
    pub to_import: u64,
    /// Comments that are imported, by state.
    pub states: StateCounts,
    /// Comments that are left out, by reason.
    pub left_out: Vec<LeftOutCount>,
    /// Threads that the import has.
    pub threads: u64,
    /// Posts of the file without a comment to import.
    pub threads_without_comments: u64,
    /// Comments that get the badge of the owner.
    pub owner_comments: u64,
    /// Comments that are left out and stand as tombstones, because replies to them are imported.
    pub tombstones: u64,
    /// Replies that hold the rest of a text that is too long for one comment.
    pub continuations: u64,
    /// Threads of several addresses in the source.
    pub merged: Vec<MergedThread>,
    /// Number of all of them.
    pub merged_count: u64,
    /// Posts with comments that got no address.
    pub without_address: Vec<UnplacedThread>,
    /// Number of all of them.
    pub without_address_count: u64,
    /// Hosts that are neither the site nor an alias, whose comments are left out. The owner may name them as aliases.
    pub unknown_hosts: Vec<Count>,
    /// Replies whose parent is not in the file. They become root comments.
    pub orphans: u64,
    /// Replies that were parents of each other. One of each circle becomes a root comment.
    pub cycles: u64,
    /// Replies whose parent is under another post. They become root comments.
    pub parents_elsewhere: u64,
    /// Comments whose time was not known, or in the future, or before 1990. They stand beside their neighbours.
    pub guessed_dates: Vec<GuessedDate>,
    /// Number of all of them.
    pub guessed_date_count: u64,
    /// Comments whose time has no zone in the source.
    pub without_zone: u64,
    /// Markup that our comments do not have; its text stays.
    pub dropped_markup: Vec<DroppedMarkup>,
    /// Fields that were changed.
    pub changed: ChangedFields,
    /// Data that is left behind.
    pub lost: Vec<LostCount>,
    /// Faults of single records.
    pub problems: Vec<Problem>,
    /// Number of all of them.
    pub problem_count: u64,
}

impl Report {
    /// Maximum number of items of a list.
    pub const MAX_ITEMS: usize = 1000;

    /// Number of comment lines of the export: the comments, the tombstones and the continuations. After the import, or its dry run, this is
    /// the number of new and known comments together.
    #[must_use]
    pub const fn comment_lines(&self) -> u64 {
        self.to_import + self.tombstones + self.continuations
    }
}

/// Number of comments that are left out for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOutCount {
    /// The reason.
    pub reason: LeftOut,
    /// Number of comments.
    pub comments: u64,
}

/// Reason for which a comment is left out. The first one in this order that applies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// Another record has its id.
    RepeatedId,
    /// It belongs to another site, project or host of the file.
    OtherPartition,
    /// Its post is not in the file.
    NoThread,
    /// Its post is a draft.
    DraftPost,
    /// Its post is private.
    PrivatePost,
    /// Its post is deleted.
    DeletedPost,
    /// The address of its post is on this machine, a cache, a preview, an archive, or on a host that the owner leaves out.
    LeftOutHost,
    /// The host of its post is neither the site nor an alias.
    UnknownHost,
    /// The owner's table leaves its post out.
    LeftOutByTable,
    /// The address of its post is not known.
    NoAddress,
    /// It is deleted.
    Deleted,
    /// It is spam, which the owner does not want.
    Spam,
    /// It was never for readers.
    Private,
    /// It is a pingback, which the owner does not want.
    Pingback,
    /// It is no comment.
    Other,
    /// It has no text.
    NoText,
}

/// A thread of several addresses in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MergedThread {
    /// Its address.
    pub url: String,
    /// The addresses in the source.
    pub from: Vec<String>,
}

/// A post with comments that got no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnplacedThread {
    /// The first text of the source that may name it; the column `from` of the table of addresses.
    pub from: String,
    /// Its title.
    pub title: String,
    /// Number of its comments.
    pub comments: u64,
}

/// A comment whose time was guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuessedDate {
    /// Its id in the source.
    pub id: String,
    /// Address of its thread.
    pub thread: String,
    /// The time that it gets, in Unix seconds.
    pub time: i64,
}

/// Markup that our comments do not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DroppedMarkup {
    /// Its name, such as `table`.
    pub name: String,
    /// Number of comments with it.
    pub comments: u64,
    /// Ids of some of them in the source.
    pub samples: Vec<String>,
}

/// Numbers of fields that were changed so that they fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangedFields {
    /// Names that were cut.
    pub names_cut: u64,
    /// E-mail addresses that are none, or too long. They are dropped.
    pub emails_dropped: u64,
    /// Websites that are none, or too long. They are dropped.
    pub websites_dropped: u64,
    /// Texts that were split into a comment and continuations.
    pub texts_split: u64,
    /// Numbers of votes that are out of range.
    pub votes_dropped: u64,
}

/// Values of a field that are left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostCount {
    /// The field.
    pub field: LostField,
    /// Number of values.
    pub count: u64,
}
