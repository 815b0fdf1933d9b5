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

mod checksum;

use serde::{Deserialize, Serialize};

use crate::comment::Status;
use crate::interaction::ReportReason;
use crate::moderation::{ActionReason, AuditAction, BanKind, CommentSnapshot};
use crate::site::{Origin, Sites};

pub use checksum::{ChecksumError, ExportChecksum};

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
    /// The first line of an export in the present version of the format.
    pub fn new(site: &str, last: i64) -> Self {
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
    pub fn is_of_site(&self, sites: &Sites, site: &Origin) -> bool {
        sites.resolve_post(&self.site).is_ok_and(|post| post.site == *site)
    }
}

/// Largest number that is read. It leaves room for many larger ones that a JavaScript number still represents exactly.
pub const MAX_NUMBER: i64 = 1 << 52;

/// A line between the first and the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// A setting of the site.
    Setting(SettingLine),
    /// A ban.
    Ban(BanLine),
    /// An author whom a moderator has declared to be trusted.
    Trusted(TrustedLine),
    /// An entry of the audit log.
    Audit(AuditLine),
    /// A thread.
    Thread(ThreadLine),
    /// A former address of a thread.
    #[serde(alias = "moved")]
    Redirect(RedirectLine),
    /// A comment.
    Comment(Box<CommentLine>),
    /// A vote on a comment.
    Vote(VoteLine),
    /// The reaction of a reader to a post.
    Reaction(ReactionLine),
    /// A report of a comment.
    Report(ReportLine),
}

/// A setting of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingLine {
    /// Name of the setting.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A ban. Bans of networks are not exported, because a network id is valid for a short time only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanLine {
    /// UUID of the ban.
    pub id: String,
    /// The kind of the pattern.
    pub kind: BanKind,
    /// The pattern.
    pub pattern: String,
    /// True if no character of the pattern has a special meaning. Left out if false, as in exports written before there was such a ban.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub literal: bool,
    /// Time of its end, if it has one.
    pub until: Option<i64>,
    /// Time of the ban.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
    /// The moderator's reason. Left out if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditLine {
    /// UUID of the entry.
    pub id: String,
    /// Time of the action.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
    /// The action.
    #[serde(alias = "act")]
    pub action: AuditAction,
    /// The target of the action; see [`AuditAction`].
    #[serde(alias = "about")]
    pub target: String,
    /// UUID of the batch. This and the fields below are left out if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// The moderator's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ActionReason>,
    /// The comment before the action. An import keeps it for the log; the action cannot be undone there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommentSnapshot>,
    /// The comment after the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommentSnapshot>,
    /// True if it is undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
}

/// A snapshot without the numbers that mean nothing in another database. The action can therefore not be undone there.
pub fn without_numbers(snapshot: CommentSnapshot) -> CommentSnapshot {
    CommentSnapshot { revision: 0, first_approved: None, since: None, parent: None, ..snapshot }
}

/// An author whom a moderator has declared to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedLine {
    /// Keyed hash of the author key.
    pub author: String,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadLine {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// True if a moderator set the title.
    #[serde(default, alias = "named")]
    pub title_locked: bool,
    /// Its version.
    pub version: i64,
    /// Number of the changes behind this version that later lines contain: comments with a place in the thread, votes on them, and
    /// reactions. The difference is the version before the first of them.
    pub changes: i64,
    /// True if it takes no more comments.
    pub closed: bool,
}

/// A former address of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectLine {
    /// The former address.
    pub from: String,
    /// The present address of the thread.
    pub to: String,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentLine {
    /// Its id in the ledger. 0 if the ledger is to give it the next one: lines that are made from the files of other systems.
    pub id: i64,
    /// Its UUID, by which a repeated import recognizes it.
    pub uuid: String,
    /// Address of the thread.
    pub thread: String,
    /// UUID of the parent.
    pub parent: Option<String>,
    /// Visibility to readers.
    pub status: Status,
    /// True if it has a place in the thread: it was published, even if it was unpublished or erased since.
    pub placed: bool,
    /// Version of the thread that first showed it.
    pub version: Option<i64>,
    /// Keyed hash of the content as it was sent.
    pub fingerprint: String,
    /// Keyed hash of the author key.
    pub author: Option<String>,
    /// The public mark of the author key.
    pub mark: Option<String>,
    /// True if its author is trusted because of this comment.
    #[serde(alias = "introduces")]
    pub first_approved: bool,
    /// True if the owner of the site wrote it.
    pub owner: bool,
    /// The reasons for which it was held.
    pub signals: Vec<String>,
    /// Name of the author.
    pub name: String,
    /// E-mail address of the author.
    pub email: Option<String>,
    /// Website of the author.
    pub website: Option<String>,
    /// Title of the post as sent with the comment. If it is missing, the title of the thread is used.
    #[serde(default)]
    pub title: Option<String>,
    /// The text, in Markdown.
    pub source: String,
    /// For other programs; an import renders `source` again.
    pub html: String,
    /// Version of the renderer that made `html`.
    pub renderer: i64,
    /// Votes without a vote line of their own.
    pub votes: i64,
    /// True if it is pinned.
    pub pinned: bool,
    /// Time of posting, in Unix seconds.
    pub created: i64,
    /// Time of the last edit.
    pub edited: Option<i64>,
    /// Time at which it was erased or deleted. A comment that its author deleted is exported without its content, even while its author can
    /// restore it.
    pub erased: Option<i64>,
    /// True if a moderator marked it as spam; its status is then `pending`. This and the fields below are left out if they are false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spam: bool,
    /// True if a moderator deleted it. It is exported with its content while moderators can restore it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// True if readers see a reply of the owner to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    /// True if a moderator made the last edit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited_by_moderator: bool,
    /// True if a moderator has kept it, so that nobody can report it until its text changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reports_muted: bool,
    /// Time that a moderator gave for a comment posted on somebody's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<i64>,
}

impl CommentLine {
    /// Removes what the author wrote: the ledger may still have it for a while after the comment was erased.
    pub fn clear_content(&mut self) {
        (self.email, self.website, self.title) = (None, None, Some(String::new()));
        self.signals.clear();
        for text in [&mut self.name, &mut self.source, &mut self.html, &mut self.fingerprint] {
            text.clear();
        }
    }
}

/// A vote on a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteLine {
    /// UUID of the comment.
    pub comment: String,
    /// Keyed hash of the author key.
    pub author: String,
    /// 1 for the comment, -1 against it.
    pub vote: i64,
}

/// The reaction of a reader to a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReactionLine {
    /// Address of the thread.
    pub thread: String,
    /// Keyed hash of the author key.
    pub author: String,
    /// The emoji.
    pub reaction: String,
}

/// A report of a comment. The network that it came from is not exported, because a network id is valid for a short time only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLine {
    /// UUID of the report.
    pub id: String,
    /// UUID of the comment.
    pub comment: String,
    /// Keyed hash of the author key.
    pub author: Option<String>,
    /// The reason.
    pub reason: ReportReason,
    /// The reader's words.
    pub text: Option<String>,
    /// Time of the report.
    pub at: i64,
    /// True once a moderator has kept the comment. Left out if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}
