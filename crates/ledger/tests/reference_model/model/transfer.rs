//! The effect of an export and an import on the model.

use afterword_ledger::{Ban, BanKind, ProofStatus};

use super::{Model, ModelThread};

impl ModelThread {
    /// Marks the best comments as changed. A thread with several pages has published ones from now on.
    fn restore_top(&mut self, now: i64) {
        self.has_top |= self.pages() > 1;
        self.change_top(now);
    }
}

impl Model {
    /// Imports a new export into an empty site: comments are assigned to pages anew, in the order of their ids, and
    /// everything is to be published.
    pub(crate) fn restore_from_export(&mut self, now: i64) {
        for thread in self.threads.values_mut() {
            let title = std::mem::take(&mut thread.title);
            let (version, closed, title_locked) = (thread.version, thread.closed, thread.title_locked);
            *thread = ModelThread { version, closed, title, title_locked, ..ModelThread::default() };
            if thread.version > 0 {
                thread.changed_pages.insert(1, thread.version);
            }
        }
        let placed: Vec<bool> = self.comments.iter_mut().map(|comment| comment.page.take().is_some()).collect();
        for comment in &mut self.comments {
            comment.keeps_tombstone = false;
            let submission = &mut comment.submission;
            (submission.proof, submission.network, submission.duplicate_key) = (ProofStatus::NotRequired, None, None);
        }
        self.bans.retain(|ban| ban.kind != BanKind::Network);
        self.action_details.clear();
        for (at, placed) in placed.into_iter().enumerate() {
            if placed {
                self.restore_page(at, now);
            }
        }
    }

    fn restore_page(&mut self, at: usize, now: i64) {
        let comment = &self.comments[at];
        let (url, has_votes) = (comment.submission.url.clone(), comment.votes.values().any(|vote| *vote != 0));
        let parent = comment.submission.parent.map(|id| self.index_of(id));
        let page = self.assign_page(&url, parent.map(|at| self.comments[at].page.unwrap()), now);
        self.comments[at].page = Some(page);
        let thread = self.threads.get_mut(&url).unwrap();
        thread.changed_pages.insert(page, thread.version);
        thread.restore_top(now);
        if has_votes {
            thread.restore_top(now);
        }
        self.keep_tombstone_for_reply(&url, parent, page);
    }

    /// Imports an older export into the present site. It can only bring back votes that were withdrawn, settings that
    /// were reset, and bans that were lifted.
    pub(crate) fn import_older(&mut self, old: &Self, now: i64) {
        self.moderation = self.moderation.or(old.moderation);
        let is_lifted = |ban: &&Ban| ban.kind != BanKind::Network && !self.bans.iter().any(|known| known.id == ban.id);
        let lifted: Vec<Ban> = old.bans.iter().filter(is_lifted).cloned().collect();
        self.bans.extend(lifted);
        for (comment, old) in self.comments.iter_mut().zip(&old.comments) {
            for (author, vote) in old.votes.iter().filter(|(_, vote)| **vote != 0) {
                let present = comment.votes.entry(author.clone()).or_default();
                if *present != 0 {
                    continue;
                }
                *present = *vote;
                if !comment.comment.deleted {
                    comment.comment.votes = comment.vote_sum();
                }
                let thread = self.threads.get_mut(&comment.submission.url).unwrap();
                if let Some(page) = comment.page {
                    thread.version += 1;
                    thread.changed_pages.insert(page, thread.version);
                    thread.restore_top(now);
                }
            }
        }
    }
}
