//! Numbers of a site for its moderators.

use serde::{Deserialize, Serialize};

use crate::moderation::queue::QueueCounts;
use crate::post_url::PostUrl;

/// The overview of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Number of comments in each list.
    pub counts: QueueCounts,
    /// Time at which the oldest pending comment was sent.
    pub oldest_pending: Option<i64>,
    /// The last 30 days, oldest first, without a gap. A day begins at midnight UTC.
    pub days: Vec<DayCount>,
    /// True if the days are incomplete, because there were more comments than one call counts.
    pub days_truncated: bool,
    /// Why comments of these days are suspicious, most frequent first.
    pub signals: Vec<SignalCount>,
    /// The threads with the most comments in these days.
    pub threads: Vec<ThreadActivity>,
    /// The use of the free plan today, as far as the ledger knows it.
    pub usage: Vec<LimitUsage>,
}

/// Comments of one day, by what became of them until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount {
    /// First second of the day.
    pub day: i64,
    /// Comments that are published.
    pub published: u32,
    /// Comments that wait.
    pub pending: u32,
    /// Comments marked as spam.
    pub spam: u32,
    /// Comments that were deleted or erased.
    pub deleted: u32,
    /// Comments that were held at first, whatever became of them: those with a signal.
    pub held: u32,
}

/// Number of comments with a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalCount {
    /// The code of the signal; see [`Signal`](crate::Signal).
    pub signal: String,
    /// The number of comments.
    pub count: u32,
}

/// A thread and its number of comments in the last days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadActivity {
    /// The post.
    pub url: PostUrl,
    /// Title of the post; may be empty.
    pub title: String,
    /// Number of comments.
    pub count: u32,
}

/// The use of one limit of the free plan today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitUsage {
    /// The limit: `kv_writes`, `object_requests`, `rows_read` or `rows_written`.
    pub limit: String,
    /// The use today, since midnight UTC. At least: requests before a restart of the object may be missing.
    pub used: u64,
    /// The limit of a day on the free plan.
    pub of: u64,
}
