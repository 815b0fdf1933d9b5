//! The audit log of the model, and repeated actions.

use afterword_ledger::{Action, Attribution, AuditEntry};
use afterword_model::Refusal;

use super::Model;

impl Model {
    /// Returns true if the same action was logged before, and an error if its id was used for another one.
    pub(super) fn is_repeat(
        &self,
        attribution: &Attribution<'_>,
        action: Action,
        target: &str,
        details: Option<&str>,
    ) -> Result<bool, Refusal> {
        let id = attribution.id.to_string();
        let Some(known) = self.audit_log.iter().find(|entry| entry.id == id) else { return Ok(false) };
        let has_other_details = self.action_details.get(&id).zip(details).is_some_and(|(known, new)| known != new);
        if known.action == action && known.target == target && !has_other_details {
            Ok(true)
        } else {
            Err(Refusal::IdReused)
        }
    }

    /// [`Model::is_repeat`] for an action on a comment.
    pub(super) fn is_repeat_on_comment(
        &self,
        by: &Attribution<'_>,
        action: Action,
        at: usize,
        details: Option<&str>,
    ) -> Result<bool, Refusal> {
        self.is_repeat(by, action, &self.comments[at].submission.id.to_string(), details)
    }

    /// Logs an action on a comment.
    pub(super) fn log_action_on_comment(
        &mut self,
        by: &Attribution<'_>,
        action: Action,
        at: usize,
        details: Option<&str>,
        now: i64,
    ) {
        let target = self.comments[at].submission.id.to_string();
        self.log_action(by, action, &target, details, now);
    }

    pub(super) fn log_action(
        &mut self,
        attribution: &Attribution<'_>,
        action: Action,
        target: &str,
        details: Option<&str>,
        now: i64,
    ) {
        let comment = self.comments.iter().find(|comment| comment.submission.id.to_string() == target);
        let comment = comment.map(|comment| comment.comment.id);
        let (id, number) = (attribution.id.to_string(), i64::try_from(self.audit_log.len()).unwrap() + 1);
        self.action_details.extend(details.map(|details| (id.clone(), details.to_owned())));
        let by = attribution.by.to_owned();
        self.audit_log.push(AuditEntry {
            number,
            batch: id.clone(),
            id,
            at: now,
            by,
            action,
            target: target.to_owned(),
            comment,
            reason: None,
            before: None,
            after: None,
            text: None,
            undone: false,
        });
    }

    /// The audit log, newest first.
    pub(crate) fn audit_log(&self) -> Vec<AuditEntry> {
        self.audit_log.iter().rev().cloned().collect()
    }
}
