//! The effect of an export and an import on the model.

use afterword_ledger::{Ban, BanKind, ProofStatus};

use super::Model;

impl Model {
    /// Imports a new export into an empty site.
    pub(crate) fn restore_from_export(&mut self) {
        for comment in &mut self.comments {
            let submission = &mut comment.submission;
            (submission.proof, submission.network, submission.duplicate_key) = (ProofStatus::NotRequired, None, None);
            comment.deleted_content = None;
            comment.edits.clear();
            comment.reports.iter_mut().for_each(|report| report.network = None);
        }
        self.bans.retain(|ban| ban.kind != BanKind::Network);
        self.action_details.clear();
    }

    /// Imports an older export into the present site. It can only bring back votes and reactions that were withdrawn,
    /// settings that were reset, and bans that were lifted.
    pub(crate) fn import_older(&mut self, old: &Self) {
        self.moderation = self.moderation.or(old.moderation);
        let is_lifted = |ban: &&Ban| ban.kind != BanKind::Network && !self.bans.iter().any(|known| known.id == ban.id);
        let lifted: Vec<Ban> = old.bans.iter().filter(is_lifted).cloned().collect();
        self.bans.extend(lifted);
        for (url, old) in &old.threads {
            let thread = self.threads.entry(url.clone()).or_default();
            for (author, reaction) in &old.reactions {
                thread.reactions.entry(author.clone()).or_insert_with(|| reaction.clone());
            }
        }
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
            }
        }
    }
}
