//! Drafts: comments that the reader has typed but not posted.
//!
//! A draft is the comment as the widget would send it. Its `id` is empty until the first attempt to send it, and is the UUID of that
//! attempt afterwards. The outcome of an attempt may be unknown, so a draft that has not changed since is sent again under the same UUID,
//! even after a reload.
//!
//! Every form of the thread has its own draft: the form for the post, and one for each comment that the reader replies to. This
//! keeps tabs apart: a tab writes only the draft of the form in which the reader types, and posting removes only the
//! draft with the posted text. If two tabs write into the same form, each tab keeps its own text through a reload, and a new tab
//! gets the text that was typed last.

use std::cell::RefCell;

use afterword_model::{CommentId, NewComment};

use crate::codec::comment_encoder::encode_comment;
use crate::codec::thread_decoder;
use crate::platform::dom::JsObject;
use crate::storage::browser_storage::BrowserStorage;

/// The drafts of a thread, in the browser's storage and in memory.
pub(crate) struct Drafts {
    key: String,
    /// The storage of all tabs, then that of this tab. Later ones take precedence.
    storages: [BrowserStorage; 2],
    /// Text typed since the widget started, in case the browser stores nothing.
    memory: RefCell<Vec<NewComment>>,
}

impl Drafts {
    /// The drafts of the thread with this canonical address.
    pub(crate) fn new(window: &JsObject, url: &str) -> Self {
        let storages = [BrowserStorage::local(window), BrowserStorage::session(window)];
        Self { key: ["afterword:draft:", url].concat(), storages, memory: RefCell::default() }
    }

    /// Loads one draft for each form. A draft of this tab takes precedence over one of another tab.
    pub(crate) fn load(&self) -> Vec<NewComment> {
        let mut drafts = Vec::new();
        let mut add = |loaded: &[NewComment]| loaded.iter().for_each(|draft| replace_draft(&mut drafts, draft.clone()));
        for storage in &self.storages {
            add(&self.load_from(storage));
        }
        add(&self.memory.borrow());
        drafts
    }

    /// The draft of the form with this parent.
    pub(crate) fn find(&self, parent: Option<CommentId>) -> Option<NewComment> {
        self.load().into_iter().find(|draft| draft.parent == parent)
    }

    /// Saves the draft of a form.
    pub(crate) fn save(&self, draft: &NewComment) {
        self.update(&|drafts| replace_draft(drafts, draft.clone()));
    }

    /// Removes the draft of a comment that has been posted.
    pub(crate) fn remove(&self, posted: &NewComment) {
        self.update(&|drafts| remove_posted(drafts, posted));
    }

    fn update(&self, change: &dyn Fn(&mut Vec<NewComment>)) {
        change(&mut self.memory.borrow_mut());
        for storage in &self.storages {
            let mut drafts = self.load_from(storage);
            change(&mut drafts);
            let values: Vec<_> = drafts.iter().map(encode_comment).collect();
            storage.set_list(&self.key, &values);
        }
    }

    fn load_from(&self, storage: &BrowserStorage) -> Vec<NewComment> {
        storage.get_list(&self.key).iter().map(thread_decoder::decode_draft).collect()
    }
}

/// Returns true if two attempts send the same comment.
///
/// The UUID is only a name, and the title comes from the page and may change between attempts. Neither counts.
pub(crate) fn has_same_content(one: &NewComment, other: &NewComment) -> bool {
    one.parent == other.parent
        && one.name == other.name
        && one.email == other.email
        && one.website == other.website
        && one.text == other.text
}

/// Replaces the draft of the same form. A draft with an empty text is only removed.
fn replace_draft(drafts: &mut Vec<NewComment>, draft: NewComment) {
    retain_others(drafts, draft.parent, None);
    if !draft.text.is_empty() {
        drafts.push(draft);
    }
}

/// Removes the draft of the same form if it has the posted text.
fn remove_posted(drafts: &mut Vec<NewComment>, posted: &NewComment) {
    retain_others(drafts, posted.parent, Some(&posted.text));
}

/// Removes the draft of a form, or only if it has this text.
fn retain_others(drafts: &mut Vec<NewComment>, parent: Option<CommentId>, text: Option<&str>) {
    drafts.retain(|draft| draft.parent != parent || text.is_some_and(|text| draft.text != text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(parent: Option<i64>, text: &str) -> NewComment {
        NewComment { parent: parent.map(CommentId::new), text: text.to_owned(), ..NewComment::default() }
    }

    #[test]
    fn each_form_has_one_draft() {
        let mut drafts = Vec::new();
        replace_draft(&mut drafts, draft(None, "a"));
        replace_draft(&mut drafts, draft(Some(3), "b"));
        replace_draft(&mut drafts, draft(None, "ab"));
        assert_eq!(drafts, [draft(Some(3), "b"), draft(None, "ab")]);
    }

    #[test]
    fn emptied_form_has_no_draft() {
        let mut drafts = vec![draft(None, "a"), draft(Some(3), "b")];
        replace_draft(&mut drafts, draft(None, ""));
        assert_eq!(drafts, [draft(Some(3), "b")]);
    }

    #[test]
    fn posting_keeps_text_typed_in_another_tab() {
        let mut drafts = vec![draft(None, "theirs"), draft(Some(3), "mine")];
        remove_posted(&mut drafts, &draft(None, "mine"));
        assert_eq!(drafts, [draft(None, "theirs"), draft(Some(3), "mine")]);
        remove_posted(&mut drafts, &draft(Some(3), "mine"));
        assert_eq!(drafts, [draft(None, "theirs")]);
    }

    #[test]
    fn retry_has_the_same_content_under_a_new_page_title() {
        let sent = NewComment { id: "u".to_owned(), title: Some("Post".to_owned()), ..draft(Some(3), "b") };
        assert!(has_same_content(&sent, &draft(Some(3), "b")));
        assert!(!has_same_content(&sent, &draft(None, "b")));
        assert!(!has_same_content(&sent, &draft(Some(3), "b ")));
        for change in [
            |comment: &mut NewComment| comment.name = Some("Ada".to_owned()),
            |comment: &mut NewComment| comment.email = Some("a@b".to_owned()),
            |comment: &mut NewComment| comment.website = Some("a.example".to_owned()),
        ] {
            let mut other = draft(Some(3), "b");
            change(&mut other);
            assert!(!has_same_content(&sent, &other), "{other:?}");
        }
    }
}
