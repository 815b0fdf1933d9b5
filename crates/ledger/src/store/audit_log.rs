//! The audit log: the actions of moderators, each recorded once.

use afterword_model::{CommentId, Refusal, SubmissionId, encode_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use strum::{EnumString, IntoStaticStr};

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The moderator responsible for an action, and the id of the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution<'a> {
    /// UUID that the caller made for this action. An action that is sent twice is done once; a UUID that was used for another action
    /// is refused.
    pub id: SubmissionId,
    /// Name of the moderator: 1 to 32 of `A-Z`, `a-z`, `0-9`, `_`, `.` and `-`.
    pub by: &'a str,
}

/// The content of an action. A repeat of the action is recognized by it.
#[derive(Clone, Copy)]
pub(crate) struct ActionKey<'a> {
    pub(crate) action: Action,
    /// See [`Action`].
    pub(crate) target: &'a str,
    /// Content that the log does not record, such as a text, a value or a time. Only its hash is stored. If somebody may want to guess it,
    /// a secret is part of it: see [`Ledger::secret_detail`](crate::ledger::Ledger::secret_detail).
    pub(crate) detail: Option<&'a str>,
}

impl<'a> ActionKey<'a> {
    /// An action that the log records completely.
    pub(crate) fn new(action: Action, target: &'a str) -> Self {
        Self { action, target, detail: None }
    }

    /// An action with content that the log does not record.
    pub(crate) fn with_detail(action: Action, target: &'a str, detail: &'a str) -> Self {
        Self { action, target, detail: Some(detail) }
    }

    /// Returns true if this is an action on a ban of this kind. Entries of earlier versions do not say which.
    fn is_about_kind(&self, kind: &str) -> bool {
        let is_about_ban = matches!(self.action, Action::Ban | Action::Unban);
        is_about_ban && self.target.split_once(' ').is_some_and(|(own, _)| own == kind)
    }

    fn fingerprint(&self) -> Option<String> {
        self.detail.map(|detail| encode_hex(&Sha256::digest(detail)))
    }
}

/// Target of the recorded action with this UUID.
pub(crate) fn find_target(sql: &impl Sql, id: &SubmissionId) -> Result<Option<String>, LedgerError> {
    let rows = sql.exec("SELECT target FROM audit_log WHERE uuid = ?", &[id.to_string().into()])?;
    Row::first(rows).map(|mut row| row.text("audit_log.target")).transpose()
}

/// The UUID in the target of [`Action::Ban`] or [`Action::Unban`], if it has one.
pub(crate) fn ban_id(target: &str) -> Option<SubmissionId> {
    target.split_once(' ').and_then(|(_, id)| SubmissionId::parse(id))
}

/// The target of an imported action. Earlier versions exported the pattern of a ban, which is dropped.
pub(crate) fn imported_target(action: Action, target: String) -> String {
    let is_about_ban = matches!(action, Action::Ban | Action::Unban);
    match target.split_once(' ') {
        Some((kind, _)) if is_about_ban && ban_id(&target).is_none() => kind.to_owned(),
        _ => target,
    }
}

/// An action of a moderator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Action {
    /// A comment was approved. The target is its UUID.
    Approve,
    /// A comment was unpublished. The target is its UUID.
    #[serde(alias = "hold")]
    Unpublish,
    /// A comment got another text. The target is its UUID.
    Edit,
    /// A comment was erased. The target is its UUID.
    Erase,
    /// A thread was closed. The target is its address.
    Close,
    /// A thread was opened again. The target is its address.
    Open,
    /// A post got a title, or the choice of its title was given back to the comments. The target is the address of the post.
    Title,
    /// A thread got another address. The target is the old address and the new one, with a space between them.
    Move,
    /// A setting was changed. The target is its name.
    Set,
    /// A ban was made, or its end was changed. The target is the kind and the UUID of the ban, or the kind alone in an entry of an earlier
    /// version.
    Ban,
    /// A ban was lifted. The target is that of [`Action::Ban`].
    Unban,
}

impl Action {
    /// The word for the action: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Number of the entry. Later entries have larger ones.
    pub number: i64,
    /// UUID of the action.
    pub id: String,
    /// Unix time of the action in seconds.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
    /// The action.
    pub action: Action,
    /// The target of the action; see [`Action`].
    pub target: String,
    /// Id of the comment that the action concerns.
    pub comment: Option<CommentId>,
}

impl AuditEntry {
    /// The newest entries below the number `before`, newest first.
    pub(crate) fn list(sql: &impl Sql, before: Option<i64>, limit: u32) -> Result<Vec<Self>, LedgerError> {
        let query = "SELECT id, uuid, at, moderator, action, target, \
                     (SELECT id FROM comment WHERE comment.uuid = target) \
                     FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?";
        let rows = sql.exec(query, &[before.unwrap_or(i64::MAX >> 11).into(), limit.into()])?;
        rows.into_iter().map(|row| Self::read(Row::new(row))).collect()
    }

    fn read(mut row: Row) -> Result<Self, LedgerError> {
        Ok(Self {
            number: row.integer("audit_log.id")?,
            id: row.text("audit_log.uuid")?,
            at: row.integer("audit_log.at")?,
            by: row.text("audit_log.moderator")?,
            action: read_action(&mut row)?,
            target: row.text("audit_log.target")?,
            comment: row.optional_integer("comment.id")?.map(CommentId::new),
        })
    }
}

pub(crate) fn read_action(row: &mut Row) -> Result<Action, LedgerError> {
    row.text("audit_log.action")?.parse().map_err(|_| LedgerError::Corrupt("audit_log.action"))
}

/// Returns true if the action was done before. A UUID that belongs to another action is refused.
///
/// A use case calls this before any check that could let it end early, because the UUID may belong to another action.
pub(crate) fn is_repeat(sql: &impl Sql, by: &Attribution<'_>, key: ActionKey<'_>) -> Result<bool, LedgerError> {
    let query = "SELECT action, target, fingerprint FROM audit_log WHERE uuid = ?";
    let Some(mut row) = Row::first(sql.exec(query, &[by.id.to_string().into()])?) else { return Ok(false) };
    let (action, target) = (row.text("audit_log.action")?, row.text("audit_log.target")?);
    let is_same = action == key.action.as_str() && (target == key.target || key.is_about_kind(&target));
    // An imported entry has no fingerprint.
    let stored = row.optional_text("audit_log.fingerprint")?;
    let differs = stored.zip(key.fingerprint()).is_some_and(|(stored, own)| stored != own);
    if is_same && !differs { Ok(true) } else { Err(Refusal::IdReused.into()) }
}

/// Returns true if the log has an entry with this UUID.
pub(crate) fn contains(sql: &impl Sql, id: &SubmissionId) -> Result<bool, LedgerError> {
    Ok(!sql.exec("SELECT 1 FROM audit_log WHERE uuid = ?", &[id.to_string().into()])?.is_empty())
}

/// Records an action that was not done before. Must run in the transaction that carries the action out.
pub(crate) fn record(sql: &impl Sql, by: &Attribution<'_>, key: ActionKey<'_>, now: i64) -> Result<(), LedgerError> {
    insert(sql, &by.id, now, by.by, key)
}

/// UUID for the part of an action with this target. An action with several parts, of which a repeat may find some done, has an entry for
/// each of them.
pub(crate) fn derive_part_id(action: &SubmissionId, target: &str) -> SubmissionId {
    let digest = Sha256::new().chain_update(action.to_string()).chain_update(target).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    SubmissionId::from_digest(bytes)
}

/// Inserts an entry.
pub(crate) fn insert(
    sql: &impl Sql,
    id: &SubmissionId,
    at: i64,
    moderator: &str,
    key: ActionKey<'_>,
) -> Result<(), LedgerError> {
    let query = "INSERT INTO audit_log (uuid, at, moderator, action, target, fingerprint) VALUES (?, ?, ?, ?, ?, ?)";
    let (action, target, fingerprint) = (key.action.as_str(), key.target, key.fingerprint());
    let params = [id.to_string().into(), at.into(), moderator.into(), action.into(), target.into(), fingerprint.into()];
    Ok(sql.exec(query, &params).map(drop)?)
}
