//! A submission as the ledger takes it.

use afterword_model::{CommentId, PostUrl, SafeHtml, SubmissionId};
use serde::{Deserialize, Serialize};

/// A checked and rendered submission, on its way from the Worker to the ledger.
///
/// Made by the Worker out of a `Submission` that passed every check; decoding it from JSON is for JSON that the
/// Worker itself wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The client's UUID for it.
    pub id: SubmissionId,
    /// What was said, to whom and by what name, as hexadecimal: a repeat has the same.
    pub fingerprint: String,
    /// The post.
    pub url: PostUrl,
    /// The title of the post; may be empty.
    pub title: String,
    /// The comment answered.
    pub parent: Option<CommentId>,
    /// The author's key, if the client sent one.
    pub author: Option<AuthorStamp>,
    /// The author's name; may be empty.
    pub name: String,
    /// The author's e-mail address; never published.
    pub email: Option<String>,
    /// The author's website, an absolute `http` or `https` URL.
    pub website: Option<String>,
    /// The text as it was typed.
    pub source: String,
    /// The text rendered.
    pub html: SafeHtml,
    /// The version of the renderer that made `html` out of `source`.
    pub renderer: i64,
    /// The nonce of the proof of work that was sent along and is right but for being spent before. The ledger remembers it for a day, so
    /// a challenge must not live as long.
    pub proof: Option<String>,
    /// Where it comes from, if that is to be counted.
    pub sender: Option<Sender>,
    /// The same for texts that say the same; none for a text that many would write, or where that is not looked at.
    pub likeness: Option<String>,
    /// What is suspicious about it: words such as `hidden_field`, each perhaps with a detail behind a colon. With any of them it waits for
    /// a moderator, whatever becomes of other comments.
    pub signals: Vec<String>,
}

impl Entry {
    /// Whether it comes from the network of this seal.
    pub(crate) fn is_from(&self, seal: &str) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.network == seal || sender.yesterday == seal)
    }

    pub(crate) fn author_hash(&self) -> Option<&str> {
        self.author.as_ref().map(|author| author.hash.as_str())
    }
}

/// The network that a submission comes from, by seals that change every day. Private, and forgotten after a day or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Its seal of the day.
    pub network: String,
    /// Its seal of the day before, by which it is known again after midnight.
    pub yesterday: String,
}

/// What the ledger knows of an author key; the key itself it never sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorStamp {
    /// The keyed hash of the author key, in hexadecimal. Private.
    pub hash: String,
    /// The public mark of the author key on this site.
    pub mark: String,
}
