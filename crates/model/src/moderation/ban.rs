//! Bans, as moderators see and make them.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::id::{CommentId, SubmissionId};

/// The property of a comment that a ban looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum BanKind {
    /// The keyed hash of the author key.
    Author,
    /// The network, by its id of the day. Such a ban ends with the following day, after which the id matches nothing.
    Network,
    /// The name, or a pattern for it.
    Name,
    /// The e-mail address, or a pattern for it.
    Email,
}

impl BanKind {
    /// The word for the kind: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A ban in the list of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanSummary {
    /// UUID of the action that made it.
    pub id: String,
    /// The property that it looks at.
    pub kind: BanKind,
    /// The hash, the network id, or the name or e-mail address or a pattern for it. Private.
    pub pattern: String,
    /// True if `pattern` is a name or an e-mail address in which no character has a special meaning.
    pub literal: bool,
    /// The moderator's reason; may be empty.
    #[serde(default)]
    pub reason: String,
    /// Time at which it ends; `None` if a moderator has to lift it.
    pub until: Option<i64>,
    /// Time at which it was made.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
}

/// A ban that a moderator makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBan {
    /// UUID of the action, and of the ban.
    pub id: SubmissionId,
    /// The property.
    pub kind: BanKind,
    /// A pattern; either this or `comment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The comment whose author, network, name or e-mail address is banned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentId>,
    /// End of the ban.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The reason, for other moderators; may be empty.
    #[serde(default)]
    pub reason: String,
    /// True if the comments that the ban matches are marked as spam, in the same batch.
    #[serde(default)]
    pub sweep: bool,
}

/// A step of marking the comments that a ban matches as spam. All steps have the same batch, and are undone together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepRequest {
    /// UUID of the ban.
    pub ban: SubmissionId,
    /// UUID of the batch: that of the action that made the ban, changed its end, or only asked for the sweep.
    pub batch: SubmissionId,
    /// The comment after which this step begins; `None` for the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommentId>,
}
