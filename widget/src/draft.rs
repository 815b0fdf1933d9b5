//! What the reader has typed and not posted yet.
//!
//! Every form of the thread (the one for the post, and one for each comment being answered) has its own draft, so that two
//! tabs in which the reader writes different things disturb each other as little as can be: a tab writes only the draft of
//! the form that was typed into, and posting removes only the draft that says what was posted. Where two tabs write into the same
//! form, each keeps its own text through a reload, and a new tab finds the one typed last.

use afterword_model::CommentId;
use serde::{Deserialize, Serialize};

use crate::storage::Shelf;

/// One form's draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// The comment answered.
    #[serde(default)]
    pub(crate) parent: Option<CommentId>,
    /// The text.
    pub(crate) text: String,
    /// Whether its form is open; that of the post always is.
    #[serde(default)]
    pub(crate) open: bool,
    /// The last attempt to post it.
    #[serde(default)]
    pub(crate) sent: Option<Sent>,
}

/// An attempt to post, of which nobody may know how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The UUID it was sent under.
    pub(crate) id: String,
    /// All that was sent, as JSON: the same content goes out under the same UUID again.
    pub(crate) body: String,
}

/// The drafts of a thread, in the browser's storage.
pub(crate) struct Drafts {
    key: String,
}

impl Drafts {
    /// The drafts of the thread of this post.
    pub(crate) fn new(url: &str) -> Self {
        Self { key: ["afterword:draft:", url].concat() }
    }

    /// All drafts: this tab's own, and those of other tabs for other forms.
    pub(crate) fn load(&self) -> Vec<Draft> {
        let mut drafts = self.on(Shelf::Lasting);
        for draft in self.on(Shelf::Tab) {
            put(&mut drafts, draft);
        }
        drafts
    }

    /// Keeps what has been typed.
    pub(crate) fn keep(&self, draft: &Draft) {
        self.change(|drafts| put(drafts, draft.clone()));
    }

    /// Forgets what has been posted.
    pub(crate) fn posted(&self, parent: Option<CommentId>, text: &str) {
        self.change(|drafts| remove(drafts, parent, text));
    }

    fn change(&self, change: impl Fn(&mut Vec<Draft>)) {
        for shelf in [Shelf::Tab, Shelf::Lasting] {
            let mut drafts = self.on(shelf);
            change(&mut drafts);
            let value = if drafts.is_empty() { None } else { serde_wasm_bindgen::to_value(&drafts).ok() };
            shelf.set(&self.key, value.as_ref());
        }
    }

    fn on(&self, shelf: Shelf) -> Vec<Draft> {
        shelf.get(&self.key).unwrap_or_default()
    }
}

/// Puts a draft in the place of that of the same form; an empty text is no draft.
fn put(drafts: &mut Vec<Draft>, draft: Draft) {
    drafts.retain(|other| other.parent != draft.parent);
    if !draft.text.is_empty() {
        drafts.push(draft);
    }
}

/// Removes a form's draft, if it says this and nothing else.
fn remove(drafts: &mut Vec<Draft>, parent: Option<CommentId>, text: &str) {
    drafts.retain(|draft| draft.parent != parent || draft.text != text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(parent: Option<i64>, text: &str) -> Draft {
        Draft { parent: parent.map(CommentId::new), text: text.to_owned(), open: true, sent: None }
    }

    #[test]
    fn each_form_has_one_draft() {
        let mut drafts = Vec::new();
        put(&mut drafts, draft(None, "a"));
        put(&mut drafts, draft(Some(3), "b"));
        put(&mut drafts, draft(None, "ab"));
        assert_eq!(drafts, [draft(Some(3), "b"), draft(None, "ab")]);
    }

    #[test]
    fn an_emptied_form_has_no_draft() {
        let mut drafts = vec![draft(None, "a"), draft(Some(3), "b")];
        put(&mut drafts, draft(None, ""));
        assert_eq!(drafts, [draft(Some(3), "b")]);
    }

    #[test]
    fn posting_leaves_what_another_tab_has_typed_since() {
        let mut drafts = vec![draft(None, "theirs"), draft(Some(3), "mine")];
        remove(&mut drafts, None, "mine");
        assert_eq!(drafts, [draft(None, "theirs"), draft(Some(3), "mine")]);
        remove(&mut drafts, Some(CommentId::new(3)), "mine");
        assert_eq!(drafts, [draft(None, "theirs")]);
    }

    #[test]
    fn the_stored_form_is_pinned() {
        let stored = r#"[{"parent":3,"text":"b","open":true,"sent":{"id":"u","body":"{}"}}]"#;
        let sent = Some(Sent { id: "u".to_owned(), body: "{}".to_owned() });
        let drafts = vec![Draft { sent, ..draft(Some(3), "b") }];
        assert_eq!(serde_json::to_string(&drafts).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Vec<Draft>>(stored).unwrap(), drafts);
        assert_eq!(serde_json::from_str::<Vec<Draft>>(r#"[{"text":"a","open":true}]"#).unwrap(), [draft(None, "a")]);
    }
}
