//! The lines of an export: one JSON object each, with its keys in the order of the fields here.
//!
//! ```json
//! {"afterword":1,"site":"https://blog.example","last":2}
//! {"setting":{"name":"moderation","value":"all"}}
//! {"ban":{"id":"…","kind":"email","pattern":"*@spam.example","until":null,"at":1321000000,"by":"ada"}}
//! {"audit":{"id":"…","at":1321000000,"by":"ada","action":"approve","target":"…"}}
//! {"thread":{"url":"https://blog.example/post","title":"Spring","title_locked":false,"version":3,"changes":3,"closed":false}}
//! {"redirect":{"from":"https://blog.example/old","to":"https://blog.example/post"}}
//! {"comment":{"id":1,"uuid":"…","thread":"https://blog.example/post","parent":null, …}}
//! {"vote":{"comment":"…","author":"…","vote":1}}
//! {"end":{"lines":8,"sha256":"…"}}
//! ```
//!
//! Settings, bans and the audit log come first. Threads come before redirects and comments, a comment comes before its replies, and its
//! votes follow it directly. No line contains the time of the export, so the same ledger gives the same lines.
//!
//! Some keys and words had other names at first. Those are still read: `named` (now `title_locked`), `introduces` (`first_approved`), `act`
//! (`action`), `about` (`target`), lines with `moved` (`redirect`), and the action `hold` (`unpublish`).

use afterword_model::{Origin, Sites, Status};
use serde::{Deserialize, Serialize};

use crate::store::audit_log::Action;
use crate::store::ban::BanKind;

/// Version of the format. No other version is read.
const FORMAT_VERSION: u32 = 1;

/// Maximum length of a line in bytes. A comment whose text and HTML have their maximum lengths and consist of escapes fits.
pub const MAX_LINE_BYTES: usize = 256 * 1024;

/// The first line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    afterword: u32,
    /// Origin of the site.
    pub site: String,
    /// Largest id of a comment in the export, 0 if there is none. An import gives ids up to it only to comments of the export.
    pub last: i64,
}

impl ExportHeader {
    pub(crate) fn new(site: &str, last: i64) -> Self {
        Self { afterword: FORMAT_VERSION, site: site.to_owned(), last }
    }

    /// Parses the first line of an export. `None` if it is not one, or if it has another version of the format.
    pub fn parse(line: &str) -> Option<Self> {
        let header = (line.len() <= MAX_LINE_BYTES).then(|| serde_json::from_str::<Self>(line).ok())??;
        let is_valid = header.afterword == FORMAT_VERSION && (0..=MAX_NUMBER).contains(&header.last);
        is_valid.then_some(header)
    }

    /// Returns true if this is an export of a site, under its own origin or an alias.
    pub(crate) fn is_of_site(&self, sites: &Sites, site: &Origin) -> bool {
        sites.resolve_post(&self.site).is_ok_and(|post| post.site == *site)
    }
}

/// Largest number that is read. It leaves room for many larger ones that a JavaScript number still represents exactly.
pub(crate) const MAX_NUMBER: i64 = 1 << 52;

/// A line between the first and the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    Setting(SettingLine),
    Ban(BanLine),
    Audit(AuditLine),
    Thread(ThreadLine),
    #[serde(alias = "moved")]
    Redirect(RedirectLine),
    Comment(Box<CommentLine>),
    Vote(VoteLine),
}

/// A setting of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingLine {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A ban. Bans of networks are not exported, because a network id is valid for a short time only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BanLine {
    pub(crate) id: String,
    pub(crate) kind: BanKind,
    pub(crate) pattern: String,
    /// True if no character of the pattern has a special meaning. Left out if false, as in exports written before there was such a ban.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) literal: bool,
    pub(crate) until: Option<i64>,
    pub(crate) at: i64,
    pub(crate) by: String,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditLine {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) by: String,
    #[serde(alias = "act")]
    pub(crate) action: Action,
    #[serde(alias = "about")]
    pub(crate) target: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadLine {
    pub(crate) url: String,
    pub(crate) title: String,
    /// True if a moderator set the title.
    #[serde(default, alias = "named")]
    pub(crate) title_locked: bool,
    pub(crate) version: i64,
    /// Number of the changes behind this version that later lines contain: comments with a place in the thread, and votes on them. The
    /// difference is the version before the first of them.
    pub(crate) changes: i64,
    pub(crate) closed: bool,
}

/// A former address of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectLine {
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentLine {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    /// Address of the thread.
    pub(crate) thread: String,
    /// UUID of the parent.
    pub(crate) parent: Option<String>,
    pub(crate) status: Status,
    /// True if it has a place in the thread: it was published, even if it was unpublished or erased since.
    pub(crate) placed: bool,
    /// Version of the thread that first showed it; of an erased one, the version that removed it.
    pub(crate) version: Option<i64>,
    pub(crate) fingerprint: String,
    /// Keyed hash of the author key.
    pub(crate) author: Option<String>,
    pub(crate) mark: Option<String>,
    /// True if its author is trusted because of this comment.
    #[serde(alias = "introduces")]
    pub(crate) first_approved: bool,
    pub(crate) owner: bool,
    pub(crate) signals: Vec<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) website: Option<String>,
    /// Title of the post as sent with the comment. If it is missing, the title of the thread is used.
    #[serde(default)]
    pub(crate) title: Option<String>,
    pub(crate) source: String,
    /// For other programs; an import renders `source` again.
    pub(crate) html: String,
    pub(crate) renderer: i64,
    /// Votes without a vote line of their own.
    pub(crate) votes: i64,
    pub(crate) pinned: bool,
    pub(crate) created: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) erased: Option<i64>,
}

impl CommentLine {
    /// Removes what the author wrote: the ledger may still have it for a while after the comment was erased.
    pub(crate) fn clear_content(&mut self) {
        (self.email, self.website, self.title) = (None, None, Some(String::new()));
        self.signals.clear();
        for text in [&mut self.name, &mut self.source, &mut self.html, &mut self.fingerprint] {
            text.clear();
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoteLine {
    /// UUID of the comment.
    pub(crate) comment: String,
    /// Keyed hash of the author key.
    pub(crate) author: String,
    pub(crate) vote: i64,
}
