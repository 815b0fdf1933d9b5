//! What carrying a site away and bringing it back makes of it.

use afterword_ledger::{Ban, BanKind, ProofStatus};

use super::{Model, Post};

impl Post {
    /// All that is known of the best comments is to be published anew.
    fn top_again(&mut self, now: i64) {
        self.has_top |= self.pages() > 1;
        if self.has_top {
            self.top_changed = Some(self.version);
            self.later = Some(self.later.unwrap_or(now).min(now));
        }
    }
}

impl Model {
    /// Out of nothing: comments get their pages anew, in the order of their numbers, and all is to be published.
    pub(crate) fn restored(&mut self, now: i64) {
        for post in self.posts.values_mut() {
            let title = std::mem::take(&mut post.title);
            *post = Post { version: post.version, closed: post.closed, title, named: post.named, ..Post::default() };
            if post.version > 0 {
                post.changed.insert(1, post.version);
            }
        }
        let placed: Vec<bool> = self.comments.iter_mut().map(|kept| kept.page.take().is_some()).collect();
        for kept in &mut self.comments {
            kept.stays = false;
            (kept.entry.proof, kept.entry.network, kept.entry.duplicate_key) = (ProofStatus::NotRequired, None, None);
        }
        self.bans.retain(|ban| ban.kind != BanKind::Network);
        self.told.clear();
        for (at, placed) in placed.into_iter().enumerate() {
            if placed {
                self.place_again(at, now);
            }
        }
    }

    fn place_again(&mut self, at: usize, now: i64) {
        let kept = &self.comments[at];
        let (url, voted) = (kept.entry.url.clone(), kept.votes.values().any(|vote| *vote != 0));
        let parent = kept.entry.parent.map(|id| self.comments.iter().position(|other| other.comment.id == id).unwrap());
        let page = self.place(&url, parent.map(|at| self.comments[at].page.unwrap()), now);
        self.comments[at].page = Some(page);
        let post = self.posts.get_mut(&url).unwrap();
        post.changed.insert(page, post.version);
        post.top_again(now);
        if voted {
            post.top_again(now);
        }
        if let Some(parent) = parent.map(|at| &mut self.comments[at])
            && !parent.is_visible()
            && parent.page != Some(page)
        {
            parent.stays = true;
            post.changed.extend(parent.page.map(|page| (page, post.version)));
        }
    }

    /// Into a site that went on: only votes that were withdrawn, settings that were taken back and bans that were lifted are news.
    pub(crate) fn brought_back(&mut self, old: &Self, now: i64) {
        self.moderation = self.moderation.or(old.moderation);
        let lifted = |ban: &&Ban| ban.kind != BanKind::Network && !self.bans.iter().any(|known| known.id == ban.id);
        let lifted: Vec<Ban> = old.bans.iter().filter(lifted).cloned().collect();
        self.bans.extend(lifted);
        for (kept, old) in self.comments.iter_mut().zip(&old.comments) {
            for (author, vote) in old.votes.iter().filter(|(_, vote)| **vote != 0) {
                let own = kept.votes.entry(author.clone()).or_default();
                if *own != 0 {
                    continue;
                }
                *own = *vote;
                if !kept.comment.deleted {
                    kept.comment.votes = kept.votes();
                }
                let post = self.posts.get_mut(&kept.entry.url).unwrap();
                if let Some(page) = kept.page {
                    post.version += 1;
                    post.changed.insert(page, post.version);
                    post.top_again(now);
                }
            }
        }
    }
}
