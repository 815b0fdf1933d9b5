//! The reader as an author: the author key, and the name, e-mail address and website for the next comment.

use afterword_model::{NewComment, is_author_key};

use crate::codec::comment_encoder::encode_comment;
use crate::codec::thread_decoder;
use crate::platform::dom::JsObject;
use crate::platform::random;
use crate::thread::widget::Widget;

/// Storage key of the author key.
const AUTHOR_KEY: &str = "afterword:key";

/// Storage key of name, e-mail address and website.
const PROFILE_KEY: &str = "afterword:me";

impl Widget {
    /// Fills the empty author fields with the values from the last comment.
    ///
    /// Does nothing if a draft has been restored: a name that the reader cleared there stays empty, because otherwise a second attempt
    /// would no longer send the same comment.
    pub(crate) fn fill_in_author(&self) {
        if let Some(main) = self.find_form(None).filter(|main| !main.has_draft()) {
            main.fill_author(&self.stored_author(), false);
        }
    }

    /// Stores the author fields of a comment.
    pub(crate) fn store_author(&self, comment: &NewComment) {
        let author = NewComment {
            name: comment.name.clone(),
            email: comment.email.clone(),
            website: comment.website.clone(),
            ..NewComment::default()
        };
        self.local_storage.set_json(PROFILE_KEY, encode_comment(&author).as_js());
    }

    /// A comment with the stored author fields and nothing else.
    pub(crate) fn stored_author(&self) -> NewComment {
        thread_decoder::decode_draft(&JsObject::from(self.local_storage.get_json(PROFILE_KEY)))
    }

    /// The key by which the site recognizes this browser. Empty if the browser has no source of random bytes.
    ///
    /// The key is created when the reader first types. Nobody types into two tabs at once, but both may send at once, and each would
    /// create a key.
    pub(crate) fn author_key(&self) -> String {
        let stored = self.local_storage.get_string(AUTHOR_KEY);
        if is_author_key(&stored) {
            return stored;
        }
        let mut key = self.fallback_author_key.borrow_mut();
        if key.is_empty() {
            *key = random::author_key(&self.window).unwrap_or_default();
        }
        self.local_storage.set_string(AUTHOR_KEY, &key);
        key.clone()
    }
}
