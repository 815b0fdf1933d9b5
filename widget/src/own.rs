//! The reader's own comments, kept until the published thread has them.
//!
//! KV answers up to a minute late and a comment may wait for a moderator for days; its author sees it all the same.

use afterword_model::{CommentId, PostedComment, Status};

use crate::dom::Node;
use crate::reader;
use crate::storage::Shelf;

/// So many are kept for one post; the oldest go first.
const MOST: usize = 50;

/// Seconds after which one that nobody has published is given up: 30 days.
const LONGEST: i64 = 30 * 24 * 60 * 60;

/// What the page shows of the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The oldest version among the pages that are on the screen.
    pub(crate) version: i64,
    /// Whether all pages of the thread are.
    pub(crate) whole: bool,
}

/// What becomes of a kept comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is drawn in its place, and kept.
    Draw,
    /// It is kept, and not drawn: it is on a page that is not on the screen.
    Wait,
    /// It is kept no longer.
    Forget,
}

/// Decides about a kept comment; `present` is whether the page has it, `now` is in Unix seconds.
pub(crate) fn fate(own: &PostedComment, present: bool, shown: Shown, now: i64) -> Fate {
    if present || now - own.comment.created > LONGEST {
        return Fate::Forget;
    }
    match own.status {
        Status::Published if own.version <= shown.version && shown.whole => Fate::Forget,
        Status::Published if own.version <= shown.version => Fate::Wait,
        _ => Fate::Draw,
    }
}

/// The reader's own comments on one post, in the browser's storage, oldest first, each as the Worker answered it.
pub(crate) struct Own {
    key: String,
    shelf: Shelf,
}

impl Own {
    /// Those on this post.
    pub(crate) fn new(window: &Node, url: &str) -> Self {
        Self { key: ["afterword:own:", url].concat(), shelf: Shelf::lasting(window) }
    }

    /// All that are kept; what cannot be read is not among them, nor what no Worker can have answered: every script of the blog, and
    /// of other projects on its origin, can write here.
    pub(crate) fn load(&self) -> Vec<PostedComment> {
        let kept = self.shelf.list(&self.key);
        kept.iter().filter_map(reader::posted).filter(|own| own.comment.html.has_only_comment_markup()).collect()
    }

    /// Keeps one.
    pub(crate) fn keep(&self, id: CommentId, posted: &Node) {
        let mut values = self.others(&[id]);
        values.push(posted.clone());
        self.store(&values);
    }

    /// Keeps these no longer.
    pub(crate) fn forget(&self, ids: &[CommentId]) {
        if !ids.is_empty() {
            self.store(&self.others(ids));
        }
    }

    /// Read anew each time: another tab may have posted in the meantime.
    fn others(&self, ids: &[CommentId]) -> Vec<Node> {
        let mut values = self.shelf.list(&self.key);
        values.retain(|value| reader::posted(value).is_some_and(|posted| !ids.contains(&posted.comment.id)));
        values
    }

    fn store(&self, values: &[Node]) {
        let surplus = values.len().saturating_sub(MOST);
        self.shelf.set_list(&self.key, values.get(surplus..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;
    const CREATED: i64 = 1_321_000_000;

    /// The Worker's answer as it is stored; a change to this form needs a way to read the old one.
    fn posted(status: &str, version: i64) -> PostedComment {
        let json = r#"{"comment":{"id":7,"parent":null,"author":{"name":"Ada","website":null,"owner":false,"mark":"k3f9"},
            "html":"<p>Hi</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false},"status":"STATUS","version":VERSION}"#;
        serde_json::from_str(&json.replace("STATUS", status).replace("VERSION", &version.to_string())).unwrap()
    }

    #[track_caller]
    fn check(own: &PostedComment, present: bool, shown: (i64, bool), days: i64, expected: Fate) {
        let shown = Shown { version: shown.0, whole: shown.1 };
        assert_eq!(fate(own, present, shown, CREATED + days * DAY), expected);
    }

    #[test]
    fn it_is_kept_until_the_page_has_it() {
        let own = posted("published", 5);
        check(&own, false, (4, true), 0, Fate::Draw);
        check(&own, false, (4, false), 0, Fate::Draw);
        check(&own, true, (5, true), 0, Fate::Forget);
        check(&own, true, (4, true), 0, Fate::Forget);
    }

    #[test]
    fn one_that_a_newer_page_lacks_was_removed() {
        check(&posted("published", 5), false, (5, true), 0, Fate::Forget);
        check(&posted("published", 5), false, (9, true), 0, Fate::Forget);
    }

    #[test]
    fn one_that_may_be_on_another_page_waits_for_it() {
        check(&posted("published", 5), false, (5, false), 0, Fate::Wait);
        check(&posted("published", 5), true, (5, false), 0, Fate::Forget);
    }

    #[test]
    fn a_pending_one_is_drawn_whatever_the_version_and_given_up_after_30_days() {
        let own = posted("pending", 5);
        check(&own, false, (9, true), 29, Fate::Draw);
        check(&own, false, (9, false), 30, Fate::Draw);
        check(&own, false, (9, true), 31, Fate::Forget);
        check(&own, true, (9, true), 0, Fate::Forget);
    }

    #[test]
    fn a_clock_that_is_behind_gives_nothing_up() {
        check(&posted("pending", 5), false, (5, true), -400, Fate::Draw);
    }
}
