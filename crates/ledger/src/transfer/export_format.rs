//! The lines of an export: one JSON object each, with its keys in the order of the fields here.
//!
//! ```json
//! {"afterword":2,"site":"https://blog.example","last":2}
//! {"setting":{"name":"moderation","value":"all"}}
//! {"ban":{"id":"…","kind":"email","pattern":"*@spam.example","until":null,"at":1321000000,"by":"ada"}}
//! {"trusted":{"author":"…"}}
//! {"audit":{"id":"…","at":1321000000,"by":"ada","action":"approve","target":"…"}}
//! {"thread":{"url":"https://blog.example/post","title":"Spring","title_locked":false,"version":3,"changes":3,"closed":false}}
//! {"redirect":{"from":"https://blog.example/old","to":"https://blog.example/post"}}
//! {"comment":{"id":1,"uuid":"…","thread":"https://blog.example/post","parent":null, …}}
//! {"vote":{"comment":"…","author":"…","vote":1}}
//! {"reaction":{"thread":"https://blog.example/post","author":"…","reaction":"👍"}}
//! {"report":{"id":"…","comment":"…","author":null,"reason":"spam","text":null,"at":1321000000}}
//! {"end":{"lines":10,"sha256":"…"}}
//! ```
//!
//! Settings, bans, trusted authors and the audit log come first. Threads come before redirects and comments, a comment comes before its replies, and its
//! votes follow it directly. Reactions and reports come last. No line contains the time of the export, so the same ledger gives the same lines.
//!
//! Some keys and words had other names at first. Those are still read: `named` (now `title_locked`), `introduces` (`first_approved`), `act`
//! (`action`), `about` (`target`), lines with `moved` (`redirect`), and the action `hold` (`unpublish`).

use afterword_model::{Origin, ReportReason, Sites, Status};
use serde::{Deserialize, Serialize};

use afterword_model::moderation::BanKind;
use afterword_model::moderation::{ActionReason, AuditAction as Action, CommentSnapshot};

/// Version of the format.
const FORMAT_VERSION: u32 = 2;
/// The earliest version that is read. It lacks what moderation has brought: trusted authors, spam, comments that moderators can restore.
const EARLIEST_VERSION: u32 = 1;

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

    /// Parses the first line of an export. `None` if it is not one, or if it has a version of the format that is not known.
    pub fn parse(line: &str) -> Option<Self> {
        let header = (line.len() <= MAX_LINE_BYTES).then(|| serde_json::from_str::<Self>(line).ok())??;
        let is_valid =
            (EARLIEST_VERSION..=FORMAT_VERSION).contains(&header.afterword) && (0..=MAX_NUMBER).contains(&header.last);
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
    Trusted(TrustedLine),
    Audit(AuditLine),
    Thread(ThreadLine),
    #[serde(alias = "moved")]
    Redirect(RedirectLine),
    Comment(Box<CommentLine>),
    Vote(VoteLine),
    Reaction(ReactionLine),
    Report(ReportLine),
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
    /// The moderator's reason. Left out if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
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
    /// UUID of the batch. This and the fields below are left out if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<ActionReason>,
    /// The comment before the action. An import keeps it for the log; the action cannot be undone there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<CommentSnapshot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<CommentSnapshot>,
    /// True if it is undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) undone: bool,
}

/// A snapshot without the numbers that mean nothing in another database. The action can therefore not be undone there.
pub(crate) fn without_numbers(snapshot: CommentSnapshot) -> CommentSnapshot {
    CommentSnapshot { revision: 0, first_approved: None, since: None, parent: None, ..snapshot }
}

/// An author whom a moderator has declared to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustedLine {
    /// Keyed hash of the author key.
    pub(crate) author: String,
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
    /// Number of the changes behind this version that later lines contain: comments with a place in the thread, votes on them, and
    /// reactions. The difference is the version before the first of them.
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
    /// Version of the thread that first showed it.
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
    /// Time at which it was erased or deleted. A comment that its author deleted is exported without its content, even while its author can
    /// restore it.
    pub(crate) erased: Option<i64>,
    /// True if a moderator marked it as spam; its status is then `pending`. This and the fields below are left out if they are false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) spam: bool,
    /// True if a moderator deleted it. It is exported with its content while moderators can restore it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) removed: bool,
    /// True if readers see a reply of the owner to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) answered: bool,
    /// True if a moderator made the last edit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) edited_by_moderator: bool,
    /// True if a moderator has kept it, so that nobody can report it until its text changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reports_muted: bool,
    /// Time that a moderator gave for a comment posted on somebody's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dated: Option<i64>,
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

/// The reaction of a reader to a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReactionLine {
    /// Address of the thread.
    pub(crate) thread: String,
    /// Keyed hash of the author key.
    pub(crate) author: String,
    pub(crate) reaction: String,
}

/// A report of a comment. The network that it came from is not exported, because a network id is valid for a short time only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportLine {
    pub(crate) id: String,
    /// UUID of the comment.
    pub(crate) comment: String,
    /// Keyed hash of the author key.
    pub(crate) author: Option<String>,
    pub(crate) reason: ReportReason,
    pub(crate) text: Option<String>,
    pub(crate) at: i64,
    /// True once a moderator has kept the comment. Left out if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) closed: bool,
}
