//! The audit log: the actions of moderators, each recorded once.

use afterword_model::moderation::{ActionReason, AuditAction as Action, AuditRecord, CommentSnapshot};
use afterword_model::{CommentId, Refusal, SubmissionId, encode_hex};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// What a ban changes beside making itself, as it was before: its undo restores this. Stored as `before` of the ban's entry, and never exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BanSnapshot {
    /// End of the ban. Without meaning if the action made the ban.
    pub(crate) until: Option<i64>,
    /// End of the ban after the action.
    pub(crate) left: Option<i64>,
    /// The comment for which the banned author was trusted.
    pub(crate) first_approved: Option<CommentId>,
    /// True if a moderator had declared the banned author to be trusted.
    pub(crate) trusted: bool,
}

/// The part of an action that concerns one comment or one ban.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommentChange {
    /// UUID of the batch; `None` for an action of its own.
    pub(crate) batch: Option<SubmissionId>,
    pub(crate) comment: Option<CommentId>,
    pub(crate) reason: Option<ActionReason>,
    pub(crate) before: Option<CommentSnapshot>,
    pub(crate) after: Option<CommentSnapshot>,
    /// Number of the entry that the action undoes.
    pub(crate) undoes: Option<i64>,
    /// For a ban, in place of `before`.
    pub(crate) ban: Option<BanSnapshot>,
}

/// The columns of `audit_log` that [`read_record`] reads, in its order.
pub(crate) const RECORD_COLUMNS: &str = "audit_log.id, audit_log.uuid, coalesce(audit_log.batch, audit_log.uuid), audit_log.at, \
     audit_log.moderator, audit_log.action, audit_log.target, \
     coalesce(audit_log.comment, (SELECT comment.id FROM comment WHERE comment.uuid = audit_log.target)), \
     audit_log.reason, audit_log.before, audit_log.after, audit_log.undone";

/// Reads [`RECORD_COLUMNS`]. The texts of an edit are elsewhere.
pub(crate) fn read_record(row: &mut Row) -> Result<AuditRecord, LedgerError> {
    let mut record = AuditRecord {
        number: row.integer("audit_log.id")?,
        id: row.text("audit_log.uuid")?,
        batch: row.text("audit_log.batch")?,
        at: row.integer("audit_log.at")?,
        by: row.text("audit_log.moderator")?,
        action: read_action(row)?,
        target: row.text("audit_log.target")?,
        comment: row.optional_integer("audit_log.comment")?.map(CommentId::new),
        reason: row.optional_text("audit_log.reason")?.and_then(|word| word.parse().ok()),
        before: None,
        after: None,
        text: None,
        undone: false,
    };
    if record.action == Action::Ban {
        // Its column is for the undo alone.
        let _ban = row.optional_text("audit_log.before")?;
    } else {
        record.before = read_json(row, "audit_log.before")?;
    }
    record.after = read_json(row, "audit_log.after")?;
    record.undone = row.boolean("audit_log.undone")?;
    Ok(record)
}

fn read_json<T: DeserializeOwned>(row: &mut Row, column: &'static str) -> Result<Option<T>, LedgerError> {
    let json = row.optional_text(column)?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| LedgerError::Corrupt(column))).transpose()
}

/// The snapshot of a ban by the number of its entry. An imported entry has none.
pub(crate) fn find_ban_snapshot(sql: &impl Sql, number: i64) -> Result<Option<BanSnapshot>, LedgerError> {
    let query = "SELECT before FROM audit_log WHERE id = ? AND action = 'ban'";
    let row = Row::first(sql.exec(query, &[number.into()])?);
    row.map(|mut row| read_json(&mut row, "audit_log.before")).transpose().map(Option::flatten)
}

/// The last action on a comment.
pub(crate) fn last_on_comment(sql: &impl Sql, comment: CommentId) -> Result<Option<AuditRecord>, LedgerError> {
    let query = format!("SELECT {RECORD_COLUMNS} FROM audit_log WHERE comment = ? ORDER BY id DESC LIMIT 1");
    let row = Row::first(sql.exec(&query, &[comment.get().into()])?);
    row.map(|mut row| read_record(&mut row)).transpose()
}

/// The recorded action with this UUID.
pub(crate) fn find(sql: &impl Sql, id: &SubmissionId) -> Result<Option<AuditRecord>, LedgerError> {
    let query = format!("SELECT {RECORD_COLUMNS} FROM audit_log WHERE uuid = ?");
    let row = Row::first(sql.exec(&query, &[id.to_string().into()])?);
    row.map(|mut row| read_record(&mut row)).transpose()
}

/// The first recorded action of a batch.
pub(crate) fn first_of_batch(sql: &impl Sql, batch: &SubmissionId) -> Result<Option<AuditRecord>, LedgerError> {
    let query = format!("SELECT {RECORD_COLUMNS} FROM audit_log WHERE batch = ? ORDER BY id LIMIT 1");
    let row = Row::first(sql.exec(&query, &[batch.to_string().into()])?);
    row.map(|mut row| read_record(&mut row)).transpose()
}

/// Number of recorded actions of a batch.
pub(crate) fn count_batch(sql: &impl Sql, batch: &SubmissionId) -> Result<u32, LedgerError> {
    let query = "SELECT count(*) FROM audit_log WHERE batch = ?";
    Row::only(sql.exec(query, &[batch.to_string().into()])?).count("count of actions")
}

/// Marks an action as undone, or as done again. Must run in a transaction.
pub(crate) fn set_undone(sql: &impl Sql, number: i64, undone: bool) -> Result<(), LedgerError> {
    let query = "UPDATE audit_log SET undone = ? WHERE id = ?";
    Ok(sql.exec(query, &[undone.into(), number.into()]).map(drop)?)
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

/// Records an action on one comment. Must run in the transaction that carries the action out.
pub(crate) fn record_change(
    sql: &impl Sql,
    by: &Attribution<'_>,
    key: ActionKey<'_>,
    change: &CommentChange,
    now: i64,
) -> Result<(), LedgerError> {
    insert_change(sql, (&by.id, now, by.by), key, change)
}

/// Inserts an entry that concerns no comment, or one whose comment is not known.
pub(crate) fn insert(
    sql: &impl Sql,
    id: &SubmissionId,
    at: i64,
    moderator: &str,
    key: ActionKey<'_>,
) -> Result<(), LedgerError> {
    insert_change(sql, (id, at, moderator), key, &CommentChange::default())
}

/// Inserts an entry with its UUID, its time and the name of the moderator.
pub(crate) fn insert_change(
    sql: &impl Sql,
    (id, at, moderator): (&SubmissionId, i64, &str),
    key: ActionKey<'_>,
    change: &CommentChange,
) -> Result<(), LedgerError> {
    let query = "INSERT INTO audit_log (uuid, at, moderator, action, target, fingerprint, batch, comment, reason, before, after, undoes) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = [
        id.to_string().into(),
        at.into(),
        moderator.into(),
        key.action.as_str().into(),
        key.target.into(),
        key.fingerprint().into(),
        change.batch.map(|batch| batch.to_string()).into(),
        change.comment.map(CommentId::get).into(),
        change.reason.map(ActionReason::as_str).into(),
        match &change.ban {
            Some(ban) => json_text(Some(ban))?,
            None => json_text(change.before.as_ref())?,
        }
        .into(),
        json_text(change.after.as_ref())?.into(),
        change.undoes.into(),
    ];
    Ok(sql.exec(query, &params).map(drop)?)
}

fn json_text<T: Serialize>(snapshot: Option<&T>) -> Result<Option<String>, LedgerError> {
    let text = |snapshot: &T| serde_json::to_string(snapshot).map_err(|_| LedgerError::Corrupt("audit_log.before"));
    snapshot.map(text).transpose()
}
