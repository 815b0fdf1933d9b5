//! The lines of an export: one JSON object each, its keys in the order of the fields here.
//!
//! ```json
//! {"afterword":1,"site":"https://blog.example","last":2}
//! {"setting":{"name":"moderation","value":"all"}}
//! {"ban":{"id":"…","kind":"email","pattern":"*@spam.example","until":null,"at":1321000000,"by":"ada"}}
//! {"audit":{"id":"…","at":1321000000,"by":"ada","act":"approve","about":"…"}}
//! {"thread":{"url":"https://blog.example/post","title":"Spring","named":false,"version":3,"changes":3,"closed":false}}
//! {"comment":{"id":1,"uuid":"…","thread":"https://blog.example/post","parent":null, …}}
//! {"vote":{"comment":"…","author":"…","vote":1}}
//! {"end":{"lines":7,"sha256":"…"}}
//! ```
//!
//! Settings, bans and the audit log come first. Threads come before their comments, a comment before its answers, and its votes right after it. Nothing in a line says when
//! it was written, so the same ledger gives the same lines.

use afterword_model::{Origin, Sites};
use serde::{Deserialize, Serialize};

use crate::moderate::bans::BanKind;
use crate::store::audit_log::Action;

/// The version of the format; one that is read has this number and no other.
const FORMAT: u32 = 1;

/// The longest line that is read, in bytes. A comment's text and HTML at their limits, wholly escaped, fit.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// The first line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    afterword: u32,
    /// The origin of the site.
    pub site: String,
    /// The largest number of a comment in the export, 0 if there is none. A restore gives the numbers up to it to nobody else.
    pub last: i64,
}

impl ExportHeader {
    pub(crate) fn new(site: &str, last: i64) -> Self {
        Self { afterword: FORMAT, site: site.to_owned(), last }
    }

    /// Reads the first line of an export. `None` if it is none, or one of another version of the format.
    pub fn parse(line: &str) -> Option<Self> {
        let header = (line.len() <= MAX_LINE_BYTES).then(|| serde_json::from_str::<Self>(line).ok())??;
        let known = header.afterword == FORMAT && (0..=MAX_NUMBER).contains(&header.last);
        known.then_some(header)
    }

    /// Whether it is the header of an export of this site, under any of its names.
    pub(crate) fn is_of(&self, sites: &Sites, site: &Origin) -> bool {
        sites.resolve_post(&self.site).is_ok_and(|place| place.site == *site)
    }
}

/// The largest number that is read. Numbers given after it still survive a JavaScript number for a long time.
pub(crate) const MAX_NUMBER: i64 = 1 << 52;

/// The largest number that an import takes over as it is; no ledger comes to it by itself. What has a larger one is counted anew, so that
/// whatever was read, the next export can be read again.
pub(crate) const MAX_KEPT: i64 = 1 << 48;

/// A line between the first and the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    Setting(SettingLine),
    Ban(BanLine),
    Audit(AuditLine),
    Thread(ThreadLine),
    Moved(MovedLine),
    Comment(Box<CommentLine>),
    Vote(VoteLine),
}

/// What the site sets for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingLine {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Who is banned; not by the network, whose seal is of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BanLine {
    pub(crate) id: String,
    pub(crate) kind: BanKind,
    pub(crate) pattern: String,
    pub(crate) until: Option<i64>,
    pub(crate) at: i64,
    pub(crate) by: String,
}

/// What a moderator did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditLine {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) by: String,
    pub(crate) act: Action,
    pub(crate) about: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadLine {
    pub(crate) url: String,
    pub(crate) title: String,
    /// Whether a moderator has given the title.
    #[serde(default)]
    pub(crate) named: bool,
    pub(crate) version: i64,
    /// How many of the changes that made this version the lines after it bring: comments that have a place in it, and votes for and
    /// against these. So whoever reads the line knows the version before the first of them.
    pub(crate) changes: i64,
    pub(crate) closed: bool,
}

/// An address under which a thread was known before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MovedLine {
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentLine {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    /// The URL of the thread.
    pub(crate) thread: String,
    /// The UUID of the comment answered.
    pub(crate) parent: Option<String>,
    pub(crate) status: StatusWord,
    /// Whether it has a place in the thread: it was published, even if it was taken back or erased since.
    pub(crate) placed: bool,
    /// The version of the thread from which on it is there as it is.
    pub(crate) version: Option<i64>,
    pub(crate) fingerprint: String,
    /// The keyed hash of the author key.
    pub(crate) author: Option<String>,
    pub(crate) mark: Option<String>,
    /// Whether it is for this comment that its author is trusted.
    pub(crate) introduces: bool,
    pub(crate) owner: bool,
    pub(crate) signals: Vec<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) website: Option<String>,
    /// What its sender calls the post; where it is missing, it is called as its thread is.
    #[serde(default)]
    pub(crate) title: Option<String>,
    pub(crate) source: String,
    /// For other programs; an import renders `source` again.
    pub(crate) html: String,
    pub(crate) renderer: i64,
    /// The votes that no vote line after it accounts for.
    pub(crate) votes: i64,
    pub(crate) pinned: bool,
    pub(crate) created: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) erased: Option<i64>,
}

/// `comment.status` in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StatusWord {
    Pending,
    Published,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoteLine {
    /// The UUID of the comment.
    pub(crate) comment: String,
    /// The keyed hash of the author key.
    pub(crate) author: String,
    pub(crate) vote: i64,
}
