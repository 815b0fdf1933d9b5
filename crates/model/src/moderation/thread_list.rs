//! The list of threads.

use serde::{Deserialize, Serialize};

use crate::id::SubmissionId;
use crate::post_url::PostUrl;

/// The threads that a moderator asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadFilter {
    /// Words that the title or the address must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only closed threads, or only open ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
}

/// A page of the list of threads, the newest threads first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadListPage {
    /// The threads. May be empty even if `next` is set.
    pub threads: Vec<ThreadSummary>,
    /// The number before which the next page begins; `None` at the end.
    pub next: Option<i64>,
}

/// A thread in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadSummary {
    /// Number of the thread. Newer threads have larger ones.
    pub number: i64,
    /// The post.
    pub url: PostUrl,
    /// Title of the post; may be empty.
    pub title: String,
    /// True if a moderator set the title.
    pub title_locked: bool,
    /// Number of comments that readers see.
    pub count: u32,
    /// Number of comments that wait, as far as they were counted.
    pub pending: u32,
    /// Time of the last comment that readers see.
    pub last_comment: Option<i64>,
    /// True if nobody may post.
    pub closed: bool,
    /// Number of pinned comments.
    pub pinned: u32,
}

/// Closes threads without a recent comment, or opens all that were closed, in bounded steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseOldThreads {
    /// UUID of the batch.
    pub id: SubmissionId,
    /// Threads whose last comment is older than this are closed.
    pub before: i64,
    /// The number after which this step begins; 0 for the first step.
    #[serde(default)]
    pub after: i64,
}

/// A step of [`CloseOldThreads`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedThreads {
    /// UUID of the batch.
    pub id: SubmissionId,
    /// Number of threads that this step closed.
    pub closed: u32,
    /// The number after which the next step begins; `None` at the end.
    pub next: Option<i64>,
}
