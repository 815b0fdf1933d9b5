//! The queue: lists of comments for moderators.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::id::CommentId;
use crate::interaction::ReportReason;
use crate::moderation::audit::AuditRecord;
use crate::post_url::PostUrl;
use crate::safe_html::SafeHtml;

/// The state of a comment, as moderators see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ModerationState {
    /// It waits for a moderator.
    Pending,
    /// Everybody can read it.
    Published,
    /// A moderator marked it as spam. Its author still sees it as pending.
    Spam,
    /// A moderator deleted it. It can be restored for 30 days, then it is erased.
    Deleted,
    /// Its text and author are wiped, or its own author deleted it.
    Erased,
}

impl ModerationState {
    /// The word for the state: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The lists of the queue.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum QueueList {
    /// Comments that wait, oldest first. All other lists have the newest first.
    #[default]
    Pending,
    /// Comments with open reports that are not deleted.
    Reported,
    /// Published comments of readers that the owner has not answered.
    Unanswered,
    /// Comments marked as spam.
    Spam,
    /// Published comments.
    Published,
    /// Comments that a moderator deleted and that can be restored.
    Deleted,
}

impl QueueList {
    /// All lists, in the order of their tabs.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the list in addresses and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns true if the list begins with the oldest comment.
    pub fn is_oldest_first(self) -> bool {
        self == Self::Pending
    }
}

/// The comments that a moderator asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueFilter {
    /// The list.
    #[serde(default)]
    pub list: QueueList,
    /// Words that the text, the name, the e-mail address or the website must contain, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostUrl>,
    /// The author, by the mark or by the keyed hash of the author key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// First second in which a comment may have been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The second after the last one in which it may have been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Comments that are like another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similar: Option<Similarity>,
}

/// The comments that are like a comment in one respect. As a text, `text:42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Similarity {
    /// The respect.
    pub kind: SimilarityKind,
    /// The comment.
    pub comment: CommentId,
}

/// A respect in which comments are similar.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SimilarityKind {
    /// Their texts have the same letters.
    Text,
    /// They link to the same host.
    Link,
    /// They came from the same network on the same day.
    Network,
}

impl SimilarityKind {
    /// All kinds, the most telling one first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the kind.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl std::fmt::Display for Similarity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.comment)
    }
}

impl std::str::FromStr for Similarity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, comment) = text.split_once(':').ok_or("no colon")?;
        let kind = kind.parse().map_err(|_| "not a kind")?;
        Ok(Self { kind, comment: comment.parse().map(CommentId::new).map_err(|_| "not a comment")? })
    }
}

impl From<Similarity> for String {
    fn from(similarity: Similarity) -> Self {
        similarity.to_string()
    }
}

impl TryFrom<String> for Similarity {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The comments of a list that are like one of them, with that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimilarGroup {
    /// The respect in which they are similar.
    pub kind: SimilarityKind,
    /// Their number, as far as they were counted.
    pub count: u32,
}

impl QueueFilter {
    /// The whole of a list.
    pub fn of_list(list: QueueList) -> Self {
        Self { list, ..Self::default() }
    }

    /// Returns true if the filter selects a part of its list.
    pub fn is_narrowed(&self) -> bool {
        *self != Self::of_list(self.list)
    }
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The comments. May be empty even if `next` is set: one call looks at a bounded number of comments.
    pub comments: Vec<QueuedComment>,
    /// The comment after which the next page begins, in the order of the list. `None` at the end.
    pub next: Option<CommentId>,
    /// Numbers of comments for the tabs.
    pub counts: QueueCounts,
    /// The newest comment of the site; an action on all that match is bound to it. `None` for a site without comments.
    pub newest: Option<CommentId>,
    /// Number of the newest entry of the audit log, 0 if there is none.
    pub audit_head: i64,
    /// Number of comments that the search does not know yet. Asking again makes it smaller.
    #[serde(default)]
    pub unindexed: u32,
}

/// A number of comments that is counted only up to a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCount {
    /// The number that was counted.
    pub count: u32,
    /// True if there may be more.
    #[serde(default)]
    pub more: bool,
}

/// Number of comments in each list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the number of comments in the list of the same name")]
pub struct QueueCounts {
    pub pending: ListCount,
    pub reported: ListCount,
    pub unanswered: ListCount,
    pub spam: ListCount,
    pub published: ListCount,
    pub deleted: ListCount,
}

impl QueueCounts {
    /// The number of comments in a list.
    pub fn of(&self, list: QueueList) -> ListCount {
        match list {
            QueueList::Pending => self.pending,
            QueueList::Reported => self.reported,
            QueueList::Unanswered => self.unanswered,
            QueueList::Spam => self.spam,
            QueueList::Published => self.published,
            QueueList::Deleted => self.deleted,
        }
    }
}

/// Number of comments in each list that is kept up to date in open pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the number of comments in the list of the same name")]
pub struct KeptCounts {
    pub pending: ListCount,
    pub reported: ListCount,
    pub spam: ListCount,
    pub deleted: ListCount,
}

/// The news for an open page of a moderator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Entries of the audit log, oldest first.
    pub audit: Vec<AuditRecord>,
    /// Numbers of comments.
    pub counts: KeptCounts,
}

/// A comment with everything that a moderator may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedComment {
    /// The id of the comment.
    pub id: CommentId,
    /// Number that rises with every change of the text or the state. An action names the revision that the moderator saw.
    pub revision: i64,
    /// The state.
    pub state: ModerationState,
    /// The post.
    pub url: PostUrl,
    /// Title of the post; may be empty.
    pub title: String,
    /// The comment that this one answers.
    pub parent: Option<ParentComment>,
    /// The author. Empty once the comment is erased.
    pub author: QueuedAuthor,
    /// Time of submission.
    pub created: i64,
    /// Time of the last edit that readers are told of.
    pub edited: Option<i64>,
    /// True if a moderator made that edit.
    pub edited_by_moderator: bool,
    /// The text as it was typed. Empty once the comment is erased.
    pub source: String,
    /// The text as it is rendered. Empty once the comment is erased.
    pub html: SafeHtml,
    /// Reasons why it is suspicious, in the form that [`SignalDetail::parse`](crate::SignalDetail::parse) reads.
    pub signals: Vec<String>,
    /// The reports of readers, oldest first.
    pub reports: Vec<QueuedReport>,
    /// True if a moderator has kept it, so that readers cannot report it until its text changes.
    pub reports_muted: bool,
    /// The last action on it.
    pub last_action: Option<AuditRecord>,
    /// Number of other comments of one of the last days that came from the same network, as far as they were counted.
    pub same_network: u32,
    /// True if it is pinned.
    pub pinned: bool,
    /// True if a moderator posted it for somebody.
    pub on_behalf: bool,
    /// True if the owner has answered it.
    pub answered: bool,
    /// Votes for the comment minus votes against it.
    pub votes: i64,
    /// Time at which the text of a deleted comment is wiped.
    pub wiped_at: Option<i64>,
    /// The largest group of comments in the list to which it belongs, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similar: Option<SimilarGroup>,
}

/// The author of a comment, for moderators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedAuthor {
    /// The name; may be empty.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// An absolute `http` or `https` URL.
    pub website: Option<String>,
    /// The public mark of the author key.
    pub mark: Option<String>,
    /// Keyed hash of the author key.
    pub key: Option<String>,
    /// True if a moderator wrote it as the owner.
    pub owner: bool,
    /// True if a moderator has declared the author to be trusted.
    pub trusted: bool,
    /// Other comments of this author key; `None` without one.
    pub history: Option<AuthorHistory>,
}

/// The other comments of an author and what became of them, as far as they were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorHistory {
    /// Published comments.
    pub published: u32,
    /// Comments that wait.
    pub pending: u32,
    /// Comments marked as spam.
    pub spam: u32,
    /// Comments that were deleted or erased, whoever did so.
    pub deleted: u32,
    /// True if only the newest were counted.
    #[serde(default)]
    pub more: bool,
}

/// The comment that another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentComment {
    /// The id of the comment.
    pub id: CommentId,
    /// Its revision, for an action on both.
    pub revision: i64,
    /// Its state.
    pub state: ModerationState,
    /// Name of its author; may be empty.
    pub name: String,
    /// The beginning of its text, on one line.
    pub excerpt: String,
}

/// A reader's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedReport {
    /// The reason.
    pub reason: ReportReason,
    /// The reader's message.
    pub text: Option<String>,
    /// Time of the report.
    pub at: i64,
    /// The text of the comment as it was reported, if it has changed since.
    pub reported_text: Option<String>,
    /// True once a moderator has kept the comment.
    pub closed: bool,
}
