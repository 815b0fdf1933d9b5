//! The reader's own comments, stored until the published thread contains them.
//!
//! KV reads can be up to a minute stale, and a comment may wait for a moderator for days. Its author sees it at once in both cases.

use afterword_model::{CommentId, PostedComment, Status};

use crate::codec::thread_decoder;
use crate::platform::dom::JsObject;
use crate::storage::browser_storage::BrowserStorage;

/// Maximum number of comments stored for one post. The oldest are dropped first.
const MAX_COMMENTS: usize = 50;

/// Age at which a comment that is still not published is discarded: 30 days.
const MAX_AGE_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The part of the thread that is on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShownPages {
    /// The oldest version among the pages on the screen.
    pub(crate) version: i64,
    /// True if all pages of the thread are on the screen.
    pub(crate) is_complete: bool,
}

/// State of a stored comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnCommentState {
    /// The page lacks the comment: display it, and keep it in storage.
    Display,
    /// The comment is on a page that is not on the screen: keep it in storage, but do not display it.
    KeepHidden,
    /// The comment is published, removed or too old: discard it.
    Discard,
}

/// Decides on a stored comment. `is_on_page` tells that the screen has it as published, `is_below_shown` that it may be a further reply to a
/// comment on the screen; `now` is in Unix seconds.
pub(crate) fn own_comment_state(
    own: &PostedComment,
    is_on_page: bool,
    is_below_shown: bool,
    shown: ShownPages,
    now: i64,
) -> OwnCommentState {
    if is_on_page || now - own.comment.created > MAX_AGE_SECONDS {
        return OwnCommentState::Discard;
    }
    match own.status {
        Status::Published if own.version <= shown.version && shown.is_complete => OwnCommentState::Discard,
        Status::Published if own.version <= shown.version && !is_below_shown => OwnCommentState::KeepHidden,
        _ => OwnCommentState::Display,
    }
}

/// The reader's own comments on one post in local storage, oldest first, each as the Worker returned it.
pub(crate) struct OwnComments {
    key: String,
    storage: BrowserStorage,
}

impl OwnComments {
    /// The reader's comments on the post with this canonical address.
    pub(crate) fn new(window: &JsObject, url: &str) -> Self {
        Self { key: ["afterword:own:", url].concat(), storage: BrowserStorage::local(window) }
    }

    /// Loads all stored comments.
    ///
    /// Leaves out comments that cannot be decoded and comments that no Worker can have returned, because every script of the blog and of
    /// other projects on its origin can write to this storage.
    pub(crate) fn load(&self) -> Vec<PostedComment> {
        let values = self.storage.get_list(&self.key);
        let comments = values.iter().filter_map(thread_decoder::decode_posted_comment);
        comments.filter(|own| own.comment.html.has_only_comment_markup()).collect()
    }

    /// Stores a comment. Replaces one with the same id.
    pub(crate) fn store(&self, id: CommentId, posted: &JsObject) {
        let mut values = self.load_others(&[id]);
        values.push(posted.clone());
        self.write(&values);
    }

    /// Removes comments.
    pub(crate) fn remove(&self, ids: &[CommentId]) {
        if !ids.is_empty() {
            self.write(&self.load_others(ids));
        }
    }

    /// Reads the storage on each call, because another tab may have posted in the meantime.
    fn load_others(&self, ids: &[CommentId]) -> Vec<JsObject> {
        let mut values = self.storage.get_list(&self.key);
        values.retain(|value| {
            thread_decoder::decode_posted_comment(value).is_some_and(|posted| !ids.contains(&posted.comment.id))
        });
        values
    }

    fn write(&self, values: &[JsObject]) {
        let surplus = values.len().saturating_sub(MAX_COMMENTS);
        self.storage.set_list(&self.key, values.get(surplus..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;
    const CREATED: i64 = 1_321_000_000;

    /// The stored form of a posted comment. If it changes, the widget must still be able to read this one.
    fn posted(status: &str, version: i64) -> PostedComment {
        let json = r#"{"comment":{"id":7,"parent":null,"author":{"name":"Ada","website":null,"owner":false,"mark":"k3f9"},
            "html":"<p>Hi</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false},"status":"STATUS","version":VERSION}"#;
        serde_json::from_str(&json.replace("STATUS", status).replace("VERSION", &version.to_string())).unwrap()
    }

    #[track_caller]
    fn check(own: &PostedComment, is_on_page: bool, shown: (i64, bool), days: i64, expected: OwnCommentState) {
        let shown = ShownPages { version: shown.0, is_complete: shown.1 };
        assert_eq!(own_comment_state(own, is_on_page, false, shown, CREATED + days * DAY), expected);
    }

    #[test]
    fn own_comment_is_displayed_until_the_page_has_it() {
        let own = posted("published", 5);
        check(&own, false, (4, true), 0, OwnCommentState::Display);
        check(&own, false, (4, false), 0, OwnCommentState::Display);
        check(&own, true, (5, true), 0, OwnCommentState::Discard);
        check(&own, true, (4, true), 0, OwnCommentState::Discard);
    }

    #[test]
    fn comment_missing_from_a_newer_page_is_discarded() {
        check(&posted("published", 5), false, (5, true), 0, OwnCommentState::Discard);
        check(&posted("published", 5), false, (9, true), 0, OwnCommentState::Discard);
    }

    #[test]
    fn comment_on_a_page_not_yet_loaded_is_kept_hidden() {
        check(&posted("published", 5), false, (5, false), 0, OwnCommentState::KeepHidden);
        check(&posted("published", 5), true, (5, false), 0, OwnCommentState::Discard);
    }

    #[test]
    fn reply_on_a_page_not_yet_loaded_stays_below_its_parent() {
        let shown = |is_complete| ShownPages { version: 5, is_complete };
        let state = |is_complete| own_comment_state(&posted("published", 5), false, true, shown(is_complete), CREATED);
        assert_eq!(state(false), OwnCommentState::Display);
        assert_eq!(state(true), OwnCommentState::Discard, "nothing is left to load");
    }

    #[test]
    fn pending_comment_is_displayed_for_30_days() {
        let own = posted("pending", 5);
        check(&own, false, (9, true), 29, OwnCommentState::Display);
        check(&own, false, (9, false), 30, OwnCommentState::Display);
        check(&own, false, (9, true), 31, OwnCommentState::Discard);
        check(&own, true, (9, true), 0, OwnCommentState::Discard);
    }

    #[test]
    fn clock_behind_the_worker_discards_nothing() {
        check(&posted("pending", 5), false, (5, true), -400, OwnCommentState::Display);
    }
}
