//! The pages of a thread in the model, computed from all comments.

use afterword_ledger::VerifiedComment;
use afterword_model::PostUrl;

use super::{Model, ModelComment};

impl Model {
    /// Finds a page for a new comment, and adds one to the thread if necessary.
    pub(super) fn assign_page(&mut self, url: &PostUrl, parent_page: Option<u32>, now: i64) -> u32 {
        let thread = &self.threads[url];
        let root = parent_page.map(|page| thread.root_page_of(page));
        let pages = || (1..=thread.pages()).rev();
        let preferred = parent_page.or_else(|| pages().find(|&page| thread.continued_root(page).is_none())).unwrap();
        let chain_end = root.and_then(|root| pages().find(|&page| thread.continued_root(page) == Some(root)));
        let has_room = |page: &u32| {
            let (comments, bytes) = self.page_fill(url, *page);
            comments < self.size.comments && bytes < self.size.bytes
        };
        if let Some(page) = [preferred].into_iter().chain(chain_end).find(has_room) {
            return page;
        }
        let has_best = thread.pages() == 1
            && self.comments_on(url, 1).any(|comment| comment.vote_sum() > 0 && comment.submission.parent.is_none());
        let thread = self.threads.get_mut(url).unwrap();
        if has_best {
            // The comment that needs the new page makes the next version.
            (thread.has_top, thread.top_changed) = (true, Some(thread.version + 1));
            thread.defer_votes(now);
        }
        thread.continued_roots.push(root);
        thread.pages()
    }

    pub(super) fn comments_on<'a>(&'a self, url: &'a PostUrl, page: u32) -> impl Iterator<Item = &'a ModelComment> {
        self.comments.iter().filter(move |comment| comment.submission.url == *url && comment.page == Some(page))
    }

    /// Number and bytes of the comments on a page.
    pub(super) fn page_fill(&self, url: &PostUrl, page: u32) -> (u32, i64) {
        self.comments_on(url, page).fold((0, 0), |(comments, bytes), comment| (comments + 1, bytes + comment.bytes()))
    }

    /// Returns true if a later page of the chain has a reply, or if the chain is too long to search.
    pub(super) fn has_reply_on_later_page(&self, at: usize) -> bool {
        let ModelComment { submission: VerifiedComment { url, .. }, page: Some(page), comment, .. } =
            &self.comments[at]
        else {
            return false;
        };
        let thread = &self.threads[url];
        let root = Some(thread.root_page_of(*page));
        let later: Vec<u32> = (page + 1..=thread.pages()).filter(|&page| thread.continued_root(page) == root).collect();
        let has_reply =
            |page: &u32| self.comments_on(url, *page).any(|reply| reply.submission.parent == Some(comment.id));
        later.len() > 8 || later.iter().any(has_reply)
    }
}
