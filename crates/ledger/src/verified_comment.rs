//! A submission as the ledger accepts it.

use afterword_model::{AuthorId, CommentId, NetworkIds, PostUrl, SafeHtml, SubmissionId};
use serde::{Deserialize, Serialize};

/// A checked and rendered submission, on its way from the Worker to the ledger.
///
/// The Worker makes it from a `Submission` that passed every check. Its JSON is decoded only if the Worker itself encoded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedComment {
    /// UUID that the client chose.
    pub id: SubmissionId,
    /// The fingerprint: keyed hash of `Submission::digest`, in hexadecimal. A repeat has the same.
    pub fingerprint: String,
    /// The post.
    pub url: PostUrl,
    /// Title of the post; may be empty.
    pub title: String,
    /// The comment that it replies to.
    pub parent: Option<CommentId>,
    /// The author's id, if the client sent an author key.
    pub author: Option<AuthorId>,
    /// Name of the author; may be empty.
    pub name: String,
    /// E-mail address of the author; never published.
    pub email: Option<String>,
    /// Website of the author, an absolute `http` or `https` URL.
    pub website: Option<String>,
    /// The text as it was typed.
    pub source: String,
    /// The text as it was rendered.
    pub html: SafeHtml,
    /// The visible text, followed by the targets of its links, in which muted words are searched. Not stored.
    pub text: String,
    /// Version of the renderer that made `html` from `source`.
    pub renderer_version: i64,
    /// The proof of work. It is valid, except that it may have been spent before.
    pub proof: ProofStatus,
    /// Unix time in seconds at which the challenge of the proof was issued; `None` without a proof. No earlier comment can have spent it.
    #[serde(default)]
    pub proof_issued: Option<i64>,
    /// Difficulty of the proof of work in bits; `None` without a proof.
    pub difficulty: Option<u8>,
    /// The network of the client, if comments are to be counted by it.
    pub network: Option<ClientNetwork>,
    /// Equal for texts that say the same. `None` for a text that many people would write, or if duplicates are not detected.
    pub duplicate_key: Option<String>,
    /// Reasons why it is suspicious: words such as `hidden_field`, each with an optional detail after a colon. A comment with a signal
    /// waits for a moderator, whatever the moderation of the site is.
    pub signals: Vec<String>,
}

#[cfg(feature = "test-support")]
impl VerifiedComment {
    /// An anonymous, empty root comment without a signal, for tests, which set the fields that matter to them. Comments with different numbers
    /// have different ids and fingerprints.
    pub fn anonymous(number: u32, url: PostUrl) -> Self {
        let id = SubmissionId::from_digest(u128::from(number).to_be_bytes());
        Self { fingerprint: format!("{number:064x}"), renderer_version: 1, ..Self::empty(id, url) }
    }
}

impl VerifiedComment {
    /// The sender of a stored comment below a post, for the patterns of bans. Everything else is empty.
    pub(crate) fn of_sender(url: PostUrl, name: String, email: Option<String>) -> Self {
        Self { name, email, ..Self::empty(SubmissionId::from_digest([0; 16]), url) }
    }

    fn empty(id: SubmissionId, url: PostUrl) -> Self {
        Self {
            id,
            fingerprint: String::new(),
            url,
            title: String::new(),
            parent: None,
            author: None,
            name: String::new(),
            email: None,
            website: None,
            source: String::new(),
            html: SafeHtml::default(),
            text: String::new(),
            renderer_version: 0,
            proof: ProofStatus::NotRequired,
            proof_issued: None,
            difficulty: None,
            network: None,
            duplicate_key: None,
            signals: Vec::new(),
        }
    }

    /// Returns true if it comes from the network with this id.
    pub(crate) fn is_from_network(&self, id: &str) -> bool {
        self.network_ids().any(|ids| ids.network == id)
    }

    /// Returns true if it comes from the block of networks with this id.
    pub(crate) fn is_from_block(&self, id: &str) -> bool {
        self.network_ids().any(|ids| ids.block.as_deref() == Some(id))
    }

    fn network_ids(&self) -> impl Iterator<Item = &NetworkIds> {
        self.network.iter().flat_map(|network| [&network.today, &network.yesterday])
    }

    pub(crate) fn author_hash(&self) -> Option<&str> {
        self.author.as_ref().map(|author| author.hash.as_str())
    }
}

/// The proof of work of a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofStatus {
    /// The deployment asks for no proof of work.
    #[default]
    NotRequired,
    /// The submission has none, although others do.
    Missing,
    /// Nonce of the solved challenge, which counts once. The ledger remembers it for a day, so a challenge must expire sooner.
    Nonce(String),
}

impl ProofStatus {
    /// The value of `comment.proof`: `NULL` if not required, empty if missing, otherwise the nonce.
    pub(crate) fn as_column(&self) -> Option<&str> {
        match self {
            Self::NotRequired => None,
            Self::Missing => Some(""),
            Self::Nonce(nonce) => Some(nonce),
        }
    }

    /// Parses the result of [`ProofStatus::as_column`].
    pub(crate) fn from_column(column: Option<String>) -> Self {
        match column {
            None => Self::NotRequired,
            Some(nonce) if nonce.is_empty() => Self::Missing,
            Some(nonce) => Self::Nonce(nonce),
        }
    }

    /// Returns true unless a required proof is missing. The rate limits for comments with a proof then apply.
    pub(crate) fn has_proof(&self) -> bool {
        *self != Self::Missing
    }
}

/// The network of a client, as ids that change every day. Private, and deleted after a day or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientNetwork {
    /// Its ids of the day.
    pub today: NetworkIds,
    /// Its ids of the day before, by which comments from before midnight are recognized.
    pub yesterday: NetworkIds,
}
