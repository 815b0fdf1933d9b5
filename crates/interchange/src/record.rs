//! Neutral records, into which every format is read.

use serde::Serialize;

use crate::problem::Problem;

/// A post with comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceThread {
    /// Its id in the source, which comments name. Unique in the source.
    pub key: String,
    /// The part of a file with several sites, projects or hosts that it belongs to, as an owner would name it.
    pub partition: Option<String>,
    /// Its address as found: an absolute URL, a path, or empty if there is none.
    pub url: String,
    /// Other hints of the address, such as an identifier of the page, a slug or a GUID.
    pub hints: Vec<String>,
    /// Its title, with entities decoded.
    pub title: String,
    /// Time of the post in Unix seconds, if known. Finds the address of a post by a feed that the owner gives.
    pub time: Option<i64>,
    /// True if it takes no more comments.
    pub closed: bool,
    /// If readers see the post.
    pub state: ThreadState,
}

/// If readers see a post. Comments of others are left out and counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThreadState {
    /// They see it.
    #[default]
    Published,
    /// A draft or a planned post.
    Draft,
    /// Private, or with a password.
    Private,
    /// Deleted.
    Deleted,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceComment {
    /// Key of its thread.
    pub thread: String,
    /// Its id in the source. Unique in the source: one that is unique only inside a thread has the key of the thread in it.
    pub id: String,
    /// The id of its parent, if it is a reply. The parent may come later, or be missing.
    pub parent: Option<String>,
    /// The time of posting.
    pub time: SourceTime,
    /// Time of the last edit in Unix seconds.
    pub edited: Option<i64>,
    /// Name of the author, with entities decoded; empty if there is none.
    pub name: String,
    /// The author's real address. An address that many share is none.
    pub email: Option<String>,
    /// The author's website as found.
    pub website: Option<String>,
    /// The text.
    pub body: Body,
    /// Visibility to readers.
    pub state: SourceState,
    /// True if the source says that the blog's owner wrote it.
    pub is_owner: bool,
    /// True if it is pinned.
    pub pinned: bool,
    /// Sum of its votes.
    pub votes: i64,
}

/// The time of a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceTime {
    /// Unix seconds, UTC. Meaningless if the quality is [`TimeQuality::Missing`].
    pub seconds: i64,
    /// How well it is known.
    pub quality: TimeQuality,
}

/// How well a time is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeQuality {
    /// The source says it with its zone.
    Exact,
    /// The source says it without a zone; that of [`ReadOptions`](crate::ReadOptions) was taken.
    ZoneGuessed,
    /// The source does not say it, or in no readable form. The plan places the comment beside its neighbours.
    #[default]
    Missing,
}

/// A text as the source has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// How it is written.
    pub kind: BodyKind,
    /// The text.
    pub text: String,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyKind {
    /// HTML.
    Html,
    /// HTML as WordPress stores it: a blank line is a paragraph, a newline is a line break, outside of `pre`.
    HtmlWithNewlines,
    /// Markdown of another system. May hold inline HTML.
    Markdown,
    /// Plain text.
    #[default]
    Text,
}

/// Visibility of a comment to readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceState {
    /// They see it.
    #[default]
    Published,
    /// It waits for a moderator.
    Pending,
    /// It is marked as spam.
    Spam,
    /// It is deleted.
    Deleted,
    /// It never was for readers, such as an editor's note.
    Private,
    /// A pingback or trackback.
    Pingback,
    /// Another thing than a comment, such as an order note or a review.
    Other,
}

/// A kind of data that is left behind, with its name for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LostField {
    /// Addresses of networks.
    NetworkAddresses,
    /// Names of browsers.
    UserAgents,
    /// Pictures of authors.
    Avatars,
    /// Likes and votes that are not kept as a number.
    Votes,
    /// Reactions.
    Reactions,
    /// Earlier texts of edited comments.
    Edits,
    /// Subscriptions to replies.
    Subscriptions,
    /// Accounts of authors, with their passwords and tokens.
    Accounts,
    /// Badges and labels.
    Badges,
    /// Reports of readers.
    Reports,
    /// Data of plugins.
    Metadata,
    /// E-mail addresses that are hashes or are shared by many.
    UnusableEmails,
}

/// Receiver of the records of a file. They come in the order of the file.
pub trait RecordSink {
    /// A post. May come after its comments, and more than once: later ones fill empty fields.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be kept.
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()>;

    /// A comment.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be kept.
    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()>;

    /// A record that is not read, or a part of one.
    fn problem(&mut self, problem: Problem);

    /// Values of a field that are left behind.
    fn lost(&mut self, field: LostField, count: u64);
}
