//! The forms for an answer that moderators have open. They are not stored.

use std::cell::RefCell;

use afterword_model::CommentId;
use afterword_model::moderation::Answering;

/// Time in seconds after which a form counts as closed, if its page does not say that it is still open.
const OPEN_SECONDS: i64 = 120;
/// Number of open forms that are remembered.
const MAX_FORMS: usize = 50;

/// The open forms, each with the time of the last word from its page.
#[derive(Debug, Default)]
pub(crate) struct AnsweringForms(RefCell<Vec<(Answering, i64)>>);

impl AnsweringForms {
    /// Records that a moderator has a form open, or has closed it.
    pub(crate) fn set(&self, comment: CommentId, by: &str, is_open: bool, now: i64) {
        let mut forms = self.0.borrow_mut();
        forms.retain(|(form, at)| now - at < OPEN_SECONDS && (form.comment != comment || form.by != by));
        if is_open {
            forms.push((Answering { comment, by: by.to_owned() }, now));
        }
        let excess = forms.len().saturating_sub(MAX_FORMS);
        forms.drain(..excess);
    }

    /// The open forms, the oldest first.
    pub(crate) fn open(&self, now: i64) -> Vec<Answering> {
        let forms = self.0.borrow();
        forms.iter().filter(|(_, at)| now - at < OPEN_SECONDS).map(|(form, _)| form.clone()).collect()
    }
}
