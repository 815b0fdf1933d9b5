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
}

impl Entry {
    pub(crate) fn author_hash(&self) -> Option<&str> {
        self.author.as_ref().map(|author| author.hash.as_str())
    }
}

/// What the ledger knows of an author key; the key itself it never sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorStamp {
    /// The keyed hash of the author key, in hexadecimal. Private.
    pub hash: String,
    /// The public mark of the author key on this site.
    pub mark: String,
}
