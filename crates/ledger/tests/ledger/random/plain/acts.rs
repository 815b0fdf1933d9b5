//! What moderators did.

use afterword_ledger::{Act, Audited, By, Deed};
use afterword_model::Refusal;

use super::Model;

impl Model {
    /// Whether an act was done before; another one by its UUID is refused.
    pub(super) fn is_done(&self, act: &Act<'_>, deed: Deed, about: &str, told: Option<&str>) -> Result<bool, Refusal> {
        let id = act.id.to_string();
        let Some(known) = self.audit.iter().find(|audited| audited.id == id) else { return Ok(false) };
        let told_else = self.told.get(&id).zip(told).is_some_and(|(known, told)| known != told);
        if known.act == deed && known.about == about && !told_else { Ok(true) } else { Err(Refusal::IdReused) }
    }

    /// The same of an act on a comment, if it is a moderator's.
    pub(super) fn is_repeated(&self, by: By<'_>, deed: Deed, at: usize, told: Option<&str>) -> Result<bool, Refusal> {
        match by {
            By::Moderator(act) => self.is_done(act, deed, &self.comments[at].entry.id.to_string(), told),
            By::Author(_) => Ok(false),
        }
    }

    pub(super) fn note_by(&mut self, by: By<'_>, deed: Deed, at: usize, told: Option<&str>, now: i64) {
        if let By::Moderator(act) = by {
            let about = self.comments[at].entry.id.to_string();
            self.note(act, deed, &about, told, now);
        }
    }

    pub(super) fn note(&mut self, act: &Act<'_>, deed: Deed, about: &str, told: Option<&str>, now: i64) {
        let comment = self.comments.iter().find(|kept| kept.entry.id.to_string() == about).map(|kept| kept.comment.id);
        let (id, number) = (act.id.to_string(), i64::try_from(self.audit.len()).unwrap() + 1);
        self.told.extend(told.map(|told| (id.clone(), told.to_owned())));
        let audited =
            Audited { number, id, at: now, by: act.by.to_owned(), act: deed, about: about.to_owned(), comment };
        self.audit.push(audited);
    }

    /// The audit log, newest first.
    pub(crate) fn audit(&self) -> Vec<Audited> {
        self.audit.iter().rev().cloned().collect()
    }
}
