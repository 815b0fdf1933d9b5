//! What readers see of a thread.

use afterword_model::{Comment, CommentId, PostUrl};

use super::{Kept, Model};

impl Model {
    /// What is drawn of a page.
    pub(crate) fn drawn(&self, url: &PostUrl, page: u32) -> Vec<Comment> {
        let on_page: Vec<&Kept> = self.on_page(url, page).collect();
        let is_here = |id: CommentId| on_page.iter().any(|kept| kept.comment.id == id);
        let starts = on_page.iter().filter(|kept| !kept.entry.parent.is_some_and(is_here));
        starts.flat_map(|start| subtree(start, &on_page)).collect()
    }

    /// The best comments of a thread.
    pub(crate) fn best(&self, url: &PostUrl) -> Vec<Comment> {
        let is_root = |kept: &&Kept| kept.entry.url == *url && kept.is_visible() && kept.entry.parent.is_none();
        let mut roots: Vec<&Kept> = self.comments.iter().filter(is_root).filter(|kept| kept.votes() > 0).collect();
        roots.sort_by_key(|kept| (-kept.votes(), kept.comment.id));
        let (mut comments, mut bytes, mut best) = (0, 0, Vec::new());
        for root in roots {
            let mut tree: Vec<&Kept> = Vec::new();
            for kept in self.on_page(url, root.page.unwrap()) {
                let below = kept.entry.parent.is_some_and(|id| tree.iter().any(|above| above.comment.id == id));
                let room = comments < self.size.comments && bytes < self.size.bytes;
                if room && (below || kept.comment.id == root.comment.id) {
                    comments += 1;
                    bytes += if kept.is_visible() { kept.bytes() } else { 200 + 2 + 2 + 4 };
                    tree.push(kept);
                }
            }
            if let Some(root) = tree.first() {
                best.extend(subtree(root, &tree));
            }
        }
        best
    }
}

fn subtree(top: &Kept, among: &[&Kept]) -> Vec<Comment> {
    let answers = among.iter().filter(|kept| kept.entry.parent == Some(top.comment.id));
    let below: Vec<Comment> = answers.flat_map(|kept| subtree(kept, among)).collect();
    let drawn = top.is_visible() || top.stays || !below.is_empty();
    if drawn { [vec![top.face()], below].concat() } else { below }
}
