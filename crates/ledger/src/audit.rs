//! The audit log: what moderators did, each act once.

use afterword_model::{CommentId, Refusal, SubmissionId, encode_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::row::Row;
use crate::{Ledger, LedgerError, ListPage, Sql, Value};

/// The longest name of a moderator, in bytes.
const NAME: usize = 32;

/// Whether this can be the name of a moderator.
pub(crate) fn is_name(text: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=NAME).contains(&text.len()) && text.bytes().all(of_name)
}

/// An act of a moderator, on its way into the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution<'a> {
    /// A UUID made by the caller for this act: sent twice, it is done once, and sent for another act it is refused.
    pub id: SubmissionId,
    /// The name of the moderator: 1 to 32 of `A-Z`, `a-z`, `0-9`, `_`, `.` and `-`.
    pub by: &'a str,
}

/// What an act does, as far as its repeat is known by it.
#[derive(Clone, Copy)]
pub(crate) struct ActionKey<'a> {
    pub(crate) action: Action,
    /// See [`Deed`].
    pub(crate) target: &'a str,
    /// What the log does not say: a text, a value, a time.
    pub(crate) detail: Option<&'a str>,
}

impl<'a> ActionKey<'a> {
    /// An act of which the log says everything.
    pub(crate) fn plain(deed: Action, about: &'a str) -> Self {
        Self { action: deed, target: about, detail: None }
    }

    fn fingerprint(&self) -> Option<String> {
        self.detail.map(|detail| encode_hex(&Sha256::digest(detail)))
    }
}

/// What a moderator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A comment was let through; it is about the comment's UUID.
    Approve,
    /// A comment was taken back; it is about the comment's UUID.
    Unpublish,
    /// A comment was given another text; it is about the comment's UUID.
    Edit,
    /// A comment was erased; it is about the comment's UUID.
    Erase,
    /// A thread was closed; it is about its address.
    Close,
    /// A thread was opened again; it is about its address.
    Open,
    /// A post was given a title, or its title given back to the comments; it is about the post's address.
    Title,
    /// A thread was given another address; it is about the old one and the new one, with a space between.
    Move,
    /// A setting was changed; it is about the setting's name.
    Set,
    /// Somebody was banned; it is about the kind of the ban and its pattern, which of a network is left out.
    Ban,
    /// A ban was lifted; as [`Deed::Ban`].
    Unban,
}

impl Action {
    const ALL: [(&'static str, Self); 11] = [
        ("approve", Self::Approve),
        ("hold", Self::Unpublish),
        ("edit", Self::Edit),
        ("erase", Self::Erase),
        ("close", Self::Close),
        ("open", Self::Open),
        ("title", Self::Title),
        ("move", Self::Move),
        ("set", Self::Set),
        ("ban", Self::Ban),
        ("unban", Self::Unban),
    ];

    /// The word for it, the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, deed)| *deed == self).map_or("", |(word, _)| word)
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, deed)| *deed)
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place in the log.
    pub number: i64,
    /// The UUID of the act.
    pub id: String,
    /// When it was done, in Unix seconds.
    pub at: i64,
    /// The name of the moderator.
    pub by: String,
    /// What was done.
    pub action: Action,
    /// What it was done to; see [`Deed`].
    pub target: String,
    /// The number of the comment it was done to.
    pub comment: Option<CommentId>,
}

impl<S: Sql> Ledger<S> {
    /// The audit log from its newest entry to its oldest: at most `limit` entries before the one of the number `before`.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_audit_log(&self, before: Option<i64>, limit: u32) -> Result<ListPage<AuditEntry>, LedgerError> {
        let query = "SELECT id, uuid, at, moderator, act, about, (SELECT id FROM comment WHERE comment.uuid = about) \
                     FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?";
        let limit = limit.max(1);
        let rows = self.sql.exec(query, &[before.unwrap_or(i64::MAX >> 11).into(), limit.into()])?;
        let items = rows.into_iter().map(read_audited).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().map(|last| last.number).filter(|_| items.len() >= limit as usize);
        Ok(ListPage { items, next })
    }

    /// Whether an act was done before. To be asked before anything else that could end it: its UUID may be that of another act.
    pub(crate) fn is_done(&self, act: &Attribution<'_>, doing: ActionKey<'_>) -> Result<bool, LedgerError> {
        let query = "SELECT act, about, fingerprint FROM audit WHERE uuid = ?";
        let Some(columns) = self.sql.exec(query, &[act.id.to_string().into()])?.into_iter().next() else {
            return Ok(false);
        };
        let mut row = Row::new(columns);
        let is_same = row.text("audit.act")? == doing.action.as_str() && row.text("audit.about")? == doing.target;
        // What came with an export has none.
        let known = row.optional_text("audit.fingerprint")?;
        let differs = known.zip(doing.fingerprint()).is_some_and(|(known, own)| known != own);
        if is_same && !differs { Ok(true) } else { Err(Refusal::IdReused.into()) }
    }

    pub(crate) fn is_audited(&self, id: &SubmissionId) -> Result<bool, LedgerError> {
        Ok(!self.sql.exec("SELECT 1 FROM audit WHERE uuid = ?", &[id.to_string().into()])?.is_empty())
    }

    /// Notes an act that was not done before, in the transaction that does it.
    pub(crate) fn note(&self, act: &Attribution<'_>, doing: ActionKey<'_>, now: i64) -> Result<(), LedgerError> {
        self.insert_audit(&act.id, now, act.by, doing)
    }

    pub(crate) fn insert_audit(
        &self,
        id: &SubmissionId,
        at: i64,
        by: &str,
        doing: ActionKey<'_>,
    ) -> Result<(), LedgerError> {
        let query = "INSERT INTO audit (uuid, at, moderator, act, about, fingerprint) VALUES (?, ?, ?, ?, ?, ?)";
        let (deed, about, fingerprint) = (doing.action.as_str(), doing.target, doing.fingerprint());
        let params = [id.to_string().into(), at.into(), by.into(), deed.into(), about.into(), fingerprint.into()];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }
}

fn read_audited(columns: Vec<Value>) -> Result<AuditEntry, LedgerError> {
    let mut row = Row::new(columns);
    Ok(AuditEntry {
        number: row.integer("audit.id")?,
        id: row.text("audit.uuid")?,
        at: row.integer("audit.at")?,
        by: row.text("audit.moderator")?,
        action: Action::from_word(&row.text("audit.act")?).ok_or(LedgerError::Corrupt("audit.act"))?,
        target: row.text("audit.about")?,
        comment: row.optional_integer("comment.id")?.map(CommentId::new),
    })
}
