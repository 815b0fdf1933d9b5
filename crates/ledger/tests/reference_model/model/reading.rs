//! The comments of a thread that readers see.

use afterword_model::{Comment, CommentId, PostUrl};

use super::{Model, ModelComment};

impl Model {
    /// The visible comments and tombstones on a page.
    pub(crate) fn visible_page(&self, url: &PostUrl, page: u32) -> Vec<Comment> {
        let on_page: Vec<&ModelComment> = self.comments_on(url, page).collect();
        let is_on_page = |id: CommentId| on_page.iter().any(|other| other.comment.id == id);
        let starts = on_page.iter().filter(|comment| !comment.submission.parent.is_some_and(is_on_page));
        starts.flat_map(|start| subtree(start, &on_page)).collect()
    }

    /// The best comments of a thread.
    pub(crate) fn best_comments(&self, url: &PostUrl) -> Vec<Comment> {
        let is_root = |comment: &&ModelComment| {
            comment.submission.url == *url && comment.is_visible() && comment.submission.parent.is_none()
        };
        let mut roots: Vec<&ModelComment> =
            self.comments.iter().filter(is_root).filter(|root| root.vote_sum() > 0).collect();
        roots.sort_by_key(|root| (-root.vote_sum(), root.comment.id));
        let (mut comments, mut bytes, mut best) = (0, 0, Vec::new());
        for root in roots {
            let mut tree: Vec<&ModelComment> = Vec::new();
            for comment in self.comments_on(url, root.page.unwrap()) {
                let parent = comment.submission.parent;
                let is_reply = parent.is_some_and(|id| tree.iter().any(|above| above.comment.id == id));
                let has_room = comments < self.size.comments && bytes < self.size.bytes;
                if has_room && (is_reply || comment.comment.id == root.comment.id) {
                    comments += 1;
                    bytes += if comment.is_visible() { comment.bytes() } else { 200 + 2 + 2 + 4 };
                    tree.push(comment);
                }
            }
            if let Some(root) = tree.first() {
                best.extend(subtree(root, &tree));
            }
        }
        best
    }
}

/// A comment and the replies below it, in reading order. A removed comment is left out unless its tombstone is needed.
fn subtree(top: &ModelComment, comments: &[&ModelComment]) -> Vec<Comment> {
    let replies = comments.iter().filter(|comment| comment.submission.parent == Some(top.comment.id));
    let below: Vec<Comment> = replies.flat_map(|reply| subtree(reply, comments)).collect();
    let is_shown = top.is_visible() || top.keeps_tombstone || !below.is_empty();
    if is_shown { [vec![top.public_view()], below].concat() } else { below }
}
