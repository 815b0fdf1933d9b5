//! What the reader has typed and not posted yet.
//!
//! A draft is the comment as it would be sent. Its `id` is empty until it has been sent, and is from then on the UUID of
//! that attempt, of which nobody may know how it ended: as long as nothing else in it changes, it goes out under the same UUID again,
//! even after a reload.
//!
//! Every form of the thread (the one for the post, and one for each comment being answered) has a draft of its own, so that two
//! tabs in which the reader writes different things disturb each other as little as can be: a tab writes only the draft of
//! the form that was typed into, and posting removes only the draft that says what was posted. Where two tabs write into the same
//! form, each keeps its own text through a reload, and a new tab finds the one typed last.

use std::cell::RefCell;

use afterword_model::{CommentId, NewComment};
use wasm_bindgen::JsValue;

use crate::codec::thread_decoder;
use crate::platform::dom::Node;
use crate::storage::browser_storage::Shelf;

/// The drafts of a thread, in the browser's storage and in memory.
pub(crate) struct Drafts {
    key: String,
    /// First all tabs' shelf, then that of this tab.
    shelves: [Shelf; 2],
    /// What was typed since the widget came, for where the browser keeps nothing.
    memory: RefCell<Vec<NewComment>>,
}

impl Drafts {
    /// The drafts of the thread of this post.
    pub(crate) fn new(window: &Node, url: &str) -> Self {
        let shelves = [Shelf::lasting(window), Shelf::of_tab(window)];
        Self { key: ["afterword:draft:", url].concat(), shelves, memory: RefCell::default() }
    }

    /// All drafts: this tab's own, and those of other tabs for other forms.
    pub(crate) fn load(&self) -> Vec<NewComment> {
        let mut drafts = Vec::new();
        let mut add = |kept: &[NewComment]| kept.iter().for_each(|draft| put(&mut drafts, draft.clone()));
        for shelf in &self.shelves {
            add(&self.on(shelf));
        }
        add(&self.memory.borrow());
        drafts
    }

    /// The draft of a form.
    pub(crate) fn of(&self, parent: Option<CommentId>) -> Option<NewComment> {
        self.load().into_iter().find(|draft| draft.parent == parent)
    }

    /// Keeps what has been typed.
    pub(crate) fn keep(&self, draft: &NewComment) {
        self.change(&|drafts| put(drafts, draft.clone()));
    }

    /// Forgets what has been posted.
    pub(crate) fn forget(&self, posted: &NewComment) {
        self.change(&|drafts| remove(drafts, posted));
    }

    fn change(&self, change: &dyn Fn(&mut Vec<NewComment>)) {
        change(&mut self.memory.borrow_mut());
        for shelf in &self.shelves {
            let mut drafts = self.on(shelf);
            change(&mut drafts);
            let values: Vec<_> = drafts.iter().map(to_js).collect();
            shelf.set_list(&self.key, &values);
        }
    }

    fn on(&self, shelf: &Shelf) -> Vec<NewComment> {
        shelf.list(&self.key).iter().map(thread_decoder::draft).collect()
    }
}

/// A comment as the Worker takes it, for `JSON.stringify`. By hand, since serializing an
/// integer brings along its formatting.
pub(crate) fn to_js(comment: &NewComment) -> Node {
    let object = Node::object();
    let fields = [("id", &comment.id), ("url", &comment.url), ("text", &comment.text)];
    let optional = [
        ("title", &comment.title),
        ("name", &comment.name),
        ("email", &comment.email),
        ("website", &comment.website),
        ("proof", &comment.proof),
        ("subject", &comment.subject),
    ];
    let given = optional.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    for (name, text) in fields.into_iter().chain(given) {
        object.set_text(name, text);
    }
    if let Some(parent) = comment.parent {
        object.set("parent", &JsValue::from_f64(parent.get() as f64));
    }
    object
}

/// Whether two attempts send the same: the UUID is a name, and the title is the page's word, which may change between them.
pub(crate) fn is_same(one: &NewComment, other: &NewComment) -> bool {
    one.parent == other.parent
        && one.name == other.name
        && one.email == other.email
        && one.website == other.website
        && one.text == other.text
}

/// Puts a draft in the place of that of the same form; an empty text is no draft.
fn put(drafts: &mut Vec<NewComment>, draft: NewComment) {
    drafts.retain(|other| other.parent != draft.parent);
    if !draft.text.is_empty() {
        drafts.push(draft);
    }
}

/// Removes a form's draft, if it says this and nothing else.
fn remove(drafts: &mut Vec<NewComment>, posted: &NewComment) {
    drafts.retain(|draft| draft.parent != posted.parent || draft.text != posted.text);
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
        remove(&mut drafts, &draft(None, "mine"));
        assert_eq!(drafts, [draft(None, "theirs"), draft(Some(3), "mine")]);
        remove(&mut drafts, &draft(Some(3), "mine"));
        assert_eq!(drafts, [draft(None, "theirs")]);
    }

    #[test]
    fn a_retry_is_the_same_whatever_the_page_calls_itself_now() {
        let sent = NewComment { id: "u".to_owned(), title: Some("Post".to_owned()), ..draft(Some(3), "b") };
        assert!(is_same(&sent, &draft(Some(3), "b")));
        assert!(!is_same(&sent, &draft(None, "b")));
        assert!(!is_same(&sent, &draft(Some(3), "b ")));
        for change in [
            |comment: &mut NewComment| comment.name = Some("Ada".to_owned()),
            |comment: &mut NewComment| comment.email = Some("a@b".to_owned()),
            |comment: &mut NewComment| comment.website = Some("a.example".to_owned()),
        ] {
            let mut other = draft(Some(3), "b");
            change(&mut other);
            assert!(!is_same(&sent, &other), "{other:?}");
        }
    }
}
