//! A submission as the ledger takes it.

use afterword_model::{AuthorId, CommentId, NetworkIds, PostUrl, SafeHtml, SubmissionId};
use serde::{Deserialize, Serialize};

/// A checked and rendered submission, on its way from the Worker to the ledger.
///
/// Made by the Worker out of a `Submission` that passed every check; decoding it from JSON is for JSON that the
/// Worker itself wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedComment {
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
    pub author: Option<AuthorId>,
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
    /// The text without markup, with the targets of its links: what muted words are looked for in. Not stored.
    pub text: String,
    /// The version of the renderer that made `html` out of `source`.
    pub renderer_version: i64,
    /// The proof of work that was sent along, right but for being spent before.
    pub proof: ProofStatus,
    /// Difficulty of the proof of work, in bits; none without a proof.
    pub difficulty: Option<u8>,
    /// Where it comes from, if it is to be counted.
    pub network: Option<ClientNetwork>,
    /// The same for texts that say the same; none for a text that many would write, or where that is not looked at.
    pub duplicate_key: Option<String>,
    /// What is suspicious about it: words such as `hidden_field`, each perhaps with a detail behind a colon. With any of them it waits for
    /// a moderator, whatever becomes of other comments.
    pub signals: Vec<String>,
}

impl VerifiedComment {
    /// Whether it comes from the network of this seal.
    pub(crate) fn is_from(&self, seal: &str) -> bool {
        self.days().any(|seals| seals.network == seal)
    }

    /// Whether it comes from the block of this seal.
    pub(crate) fn is_from_block(&self, seal: &str) -> bool {
        self.days().any(|seals| seals.block.as_deref() == Some(seal))
    }

    fn days(&self) -> impl Iterator<Item = &NetworkIds> {
        self.network.iter().flat_map(|sender| [&sender.today, &sender.yesterday])
    }

    pub(crate) fn author_hash(&self) -> Option<&str> {
        self.author.as_ref().map(|author| author.hash.as_str())
    }
}

/// What a submission has done for being taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofStatus {
    /// Nothing, and nothing is asked for.
    #[default]
    NotRequired,
    /// Nothing, though others prove their work.
    Missing,
    /// Work that counts once: the nonce of its challenge. The ledger remembers it for a day, so a challenge must not live as long.
    Nonce(String),
}

impl ProofStatus {
    /// As it is stored: nothing, nothing in it, or the nonce.
    pub(crate) fn stored(&self) -> Option<&str> {
        match self {
            Self::NotRequired => None,
            Self::Missing => Some(""),
            Self::Nonce(nonce) => Some(nonce),
        }
    }

    /// Reads what [`Proof::stored`] gives.
    pub(crate) fn read(stored: Option<String>) -> Self {
        match stored {
            None => Self::NotRequired,
            Some(nonce) if nonce.is_empty() => Self::Missing,
            Some(nonce) => Self::Nonce(nonce),
        }
    }

    /// Whether it counts among those that have done their work.
    pub(crate) fn is_proven(&self) -> bool {
        *self != Self::Missing
    }
}

/// Where a submission comes from, by seals that change every day. Private, and forgotten after a day or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientNetwork {
    /// Its seals of the day.
    pub today: NetworkIds,
    /// Those of the day before, by which it is known again after midnight.
    pub yesterday: NetworkIds,
}

/// The seals of a day as they are stored, in one column: that of the block behind a space, for none has a space in it.
pub(crate) fn stored_seals(seals: &NetworkIds) -> String {
    match &seals.block {
        Some(block) => format!("{} {block}", seals.network),
        None => seals.network.clone(),
    }
}

/// Reads what [`stored_seals`] gives.
pub(crate) fn read_seals(stored: &str) -> NetworkIds {
    match stored.split_once(' ') {
        Some((network, block)) => NetworkIds { network: network.to_owned(), block: Some(block.to_owned()) },
        None => NetworkIds { network: stored.to_owned(), block: None },
    }
}
