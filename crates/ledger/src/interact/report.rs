//! Readers' reports of comments, for moderators.

use afterword_model::{Refusal, ReportReason, SubmissionId};

use crate::error::LedgerError;
use crate::interact::own_comment::CommentRef;
use crate::ledger::Ledger;
use crate::store::report_row::{StoredReport, count_reports, has_reported};
use crate::store::sql::Sql;
use crate::verified_comment::ClientNetwork;

/// Number of reports of one comment from which on further ones are not stored. A moderator who reads so many needs no more.
const MAX_REPORTS: u32 = 100;

/// A report of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewReport<'a> {
    /// A new UUID.
    pub id: SubmissionId,
    /// Keyed hash of the reader's author key, if the reader sent one.
    pub author: Option<&'a str>,
    /// The reader's network.
    pub network: &'a ClientNetwork,
    /// The reason.
    pub reason: ReportReason,
    /// A cleaned message to the moderators.
    pub text: Option<&'a str>,
}

impl<S: Sql> Ledger<S> {
    /// Stores a report of a comment, unless the same author key or network has reported it before. The reply is the same in both cases.
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that nobody can read, or that is below another post.
    pub fn report(&self, comment: CommentRef<'_>, report: &NewReport<'_>, now: i64) -> Result<(), LedgerError> {
        let stored = self.find_below(comment)?;
        if stored.visible_page().is_none() {
            return Err(Refusal::UnknownComment.into());
        }
        // A moderator has read the reports of this very text.
        if stored.reports_muted {
            return Ok(());
        }
        let id = comment.id.get();
        let networks = [&report.network.today.network, &report.network.yesterday.network].map(String::as_str);
        if has_reported(&self.sql, id, report.author, networks)? || count_reports(&self.sql, id)? >= MAX_REPORTS {
            return Ok(());
        }
        let row = StoredReport {
            uuid: report.id.to_string(),
            author: report.author.map(str::to_owned),
            reason: report.reason,
            text: report.text.map(str::to_owned),
            at: now,
            revision: stored.revision,
            closed: false,
        };
        self.forget_counts();
        self.sql.transaction(|| row.insert(&self.sql, id, Some(networks[0])))
    }
}
