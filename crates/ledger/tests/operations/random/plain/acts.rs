//! What moderators did.

use afterword_ledger::{Action, Actor, Attribution, AuditEntry};
use afterword_model::Refusal;

use super::Model;

impl Model {
    /// Whether an act was done before; another one by its UUID is refused.
    pub(super) fn is_done(
        &self,
        act: &Attribution<'_>,
        deed: Action,
        about: &str,
        told: Option<&str>,
    ) -> Result<bool, Refusal> {
        let id = act.id.to_string();
        let Some(known) = self.audit.iter().find(|audited| audited.id == id) else { return Ok(false) };
        let told_else = self.told.get(&id).zip(told).is_some_and(|(known, told)| known != told);
        if known.action == deed && known.target == about && !told_else { Ok(true) } else { Err(Refusal::IdReused) }
    }

    /// The same of an act on a comment, if it is a moderator's.
    pub(super) fn is_repeated(
        &self,
        by: Actor<'_>,
        deed: Action,
        at: usize,
        told: Option<&str>,
    ) -> Result<bool, Refusal> {
        match by {
            Actor::Moderator(act) => self.is_done(act, deed, &self.comments[at].entry.id.to_string(), told),
            Actor::Author(_) => Ok(false),
        }
    }

    pub(super) fn note_by(&mut self, by: Actor<'_>, deed: Action, at: usize, told: Option<&str>, now: i64) {
        if let Actor::Moderator(act) = by {
            let about = self.comments[at].entry.id.to_string();
            self.note(act, deed, &about, told, now);
        }
    }

    pub(super) fn note(&mut self, act: &Attribution<'_>, deed: Action, about: &str, told: Option<&str>, now: i64) {
        let comment = self.comments.iter().find(|kept| kept.entry.id.to_string() == about).map(|kept| kept.comment.id);
        let (id, number) = (act.id.to_string(), i64::try_from(self.audit.len()).unwrap() + 1);
        self.told.extend(told.map(|told| (id.clone(), told.to_owned())));
        let audited =
            AuditEntry { number, id, at: now, by: act.by.to_owned(), action: deed, target: about.to_owned(), comment };
        self.audit.push(audited);
    }

    /// The audit log, newest first.
    pub(crate) fn audit(&self) -> Vec<AuditEntry> {
        self.audit.iter().rev().cloned().collect()
    }
}
