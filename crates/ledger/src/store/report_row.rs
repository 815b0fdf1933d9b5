//! Stored reports.

use std::collections::BTreeMap;

use afterword_model::ReportReason;
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// A report of a comment, without the reader's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredReport {
    pub(crate) uuid: String,
    /// Keyed hash of the reader's author key.
    pub(crate) author: Option<String>,
    pub(crate) reason: ReportReason,
    pub(crate) text: Option<String>,
    pub(crate) at: i64,
    /// Revision of the comment that was reported.
    pub(crate) revision: i64,
    /// True once a moderator has kept the comment.
    pub(crate) closed: bool,
}

/// The reports of a comment, for moderators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSummary {
    /// Number of reports.
    pub count: u32,
    /// Number of reports for each reason.
    pub reasons: BTreeMap<ReportReason, u32>,
    /// The messages of readers, oldest first.
    pub texts: Vec<String>,
}

impl StoredReport {
    /// The columns of `report` that [`StoredReport::read`] reads, in its order.
    pub(crate) const COLUMNS: &str =
        "report.uuid, report.author, report.reason, report.text, report.at, report.revision, report.closed";

    /// Reads [`Self::COLUMNS`].
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        Ok(Self {
            uuid: row.text("report.uuid")?,
            author: row.optional_text("report.author")?,
            reason: row.text("report.reason")?.parse().map_err(|_| LedgerError::Corrupt("report.reason"))?,
            text: row.optional_text("report.text")?,
            at: row.integer("report.at")?,
            revision: row.integer("report.revision")?,
            closed: row.boolean("report.closed")?,
        })
    }

    /// Inserts the report, and marks its comment. Must run in a transaction.
    pub(crate) fn insert(&self, sql: &impl Sql, comment: i64, network: Option<&str>) -> Result<(), LedgerError> {
        let query = "INSERT INTO report (uuid, comment, author, network, reason, text, at, revision, closed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params = [
            self.uuid.as_str().into(),
            comment.into(),
            self.author.as_deref().into(),
            network.into(),
            self.reason.as_str().into(),
            self.text.as_deref().into(),
            self.at.into(),
            self.revision.into(),
            self.closed.into(),
        ];
        sql.exec(query, &params)?;
        if self.closed {
            return Ok(());
        }
        let query = "UPDATE comment SET reported = 1 WHERE id = ? AND reported = 0";
        Ok(sql.exec(query, &[comment.into()]).map(drop)?)
    }

    /// Returns true if there is a report with this UUID.
    pub(crate) fn exists(sql: &impl Sql, uuid: &str) -> Result<bool, LedgerError> {
        Ok(!sql.exec("SELECT 1 FROM report WHERE uuid = ?", &[uuid.into()])?.is_empty())
    }
}

/// Returns true if an author key, by its hash, or one of these networks has reported a comment.
pub(crate) fn has_reported(
    sql: &impl Sql,
    comment: i64,
    author: Option<&str>,
    [today, yesterday]: [&str; 2],
) -> Result<bool, LedgerError> {
    let query = "SELECT 1 FROM report WHERE comment = ? AND closed = 0 AND (author = ? OR network IN (?, ?)) LIMIT 1";
    Ok(!sql.exec(query, &[comment.into(), author.into(), today.into(), yesterday.into()])?.is_empty())
}

/// Number of open reports of a comment.
pub(crate) fn count_reports(sql: &impl Sql, comment: i64) -> Result<u32, LedgerError> {
    Row::only(sql.exec("SELECT count(*) FROM report WHERE comment = ? AND closed = 0", &[comment.into()])?)
        .count("count of reports")
}

/// The reports of a comment, oldest first.
pub(crate) fn list(sql: &impl Sql, comment: i64) -> Result<Vec<StoredReport>, LedgerError> {
    let query = format!("SELECT {} FROM report WHERE comment = ?", StoredReport::COLUMNS);
    let rows = sql.exec(&query, &[comment.into()])?;
    let mut reports: Vec<StoredReport> =
        rows.into_iter().map(|columns| StoredReport::read(&mut Row::new(columns))).collect::<Result<_, _>>()?;
    reports.sort_by(|one, other| (one.at, &one.uuid).cmp(&(other.at, &other.uuid)));
    Ok(reports)
}

/// Closes the reports of a comment, or opens those again that were closed. Neither changes the size of a row. Must run in a transaction.
pub(crate) fn set_closed(sql: &impl Sql, comment: i64, closed: bool) -> Result<(), LedgerError> {
    let query = "UPDATE report SET closed = ? WHERE comment = ?";
    Ok(sql.exec(query, &[closed.into(), comment.into()]).map(drop)?)
}

/// Sums up the reports of a comment.
pub(crate) fn summarize(sql: &impl Sql, comment: i64) -> Result<ReportSummary, LedgerError> {
    let mut summary = ReportSummary::default();
    for report in list(sql, comment)? {
        summary.count += 1;
        *summary.reasons.entry(report.reason).or_default() += 1;
        summary.texts.extend(report.text);
    }
    Ok(summary)
}

/// Deletes what readers wrote in their reports of a comment, because it may repeat what the comment says. The reports stay. Must run in a
/// transaction.
pub(crate) fn delete_texts(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    let query = "SELECT uuid FROM report WHERE comment = ? AND text IS NOT NULL";
    for columns in sql.exec(query, &[comment.into()])? {
        let uuid = Row::new(columns).text("report.uuid")?;
        overwrite_texts(sql, "report", &["text"], ("uuid", uuid.as_str().into()))?;
        sql.exec("UPDATE report SET text = NULL WHERE uuid = ?", &[uuid.into()])?;
    }
    Ok(())
}
