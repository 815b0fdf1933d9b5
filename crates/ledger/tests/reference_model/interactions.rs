//! Interactions of readers in a story.

use afterword_ledger::{
    CommentFilter, CommentRef, Ledger, NewReport, PruneProgress, SubmissionPolicy, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, PostUrl};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{TestDatabase, uuid};
use crate::fixtures::{author_id, post_url, render, root_comment};
use crate::model::PageFacts;
use crate::simulation::{REACTIONS, Simulation, posted};
use crate::spam_protection::{ExactPatterns, client_network};
use crate::step::{Interaction, Step};

/// A reaction that the site does not offer.
const OTHER_REACTION: &str = "🙈";

/// The numbers that the model predicts for pruning.
pub(crate) fn prune_counts(progress: PruneProgress) -> [u32; 4] {
    [progress.networks, progress.bans, progress.wiped, progress.reports]
}

impl Simulation {
    pub(crate) fn interact(&mut self, step: &Step, fail_after: Option<u32>) -> TestCaseResult {
        match step {
            Step::Interact { which, elsewhere, interaction } => {
                let at = which % (self.model.comments.len() + 1);
                let own_url = self.model.comments.get(at).map_or_else(|| post_url(0), |it| it.submission.url.clone());
                let url = if *elsewhere { post_url(2) } else { own_url };
                self.interact_with_comment(at, &url, interaction, fail_after)
            }
            Step::RepeatEdit { other_content } => {
                let Some((at, mut edit)) = self.last_edit.clone() else { return Ok(()) };
                if *other_content {
                    edit.fingerprint = "other".to_owned();
                }
                self.edit_own(at, &edit, Moderation::Open, fail_after)
            }
            Step::React { post, author, reaction } => {
                let (url, author, now) = (post_url(*post), author_id(*author).hash, self.now);
                let name = |number: u8| REACTIONS.get(usize::from(number)).copied().unwrap_or(OTHER_REACTION);
                let reaction = reaction.map(name);
                let on_ledger = |ledger: &Ledger<&TestDatabase>| {
                    let reply = ledger.react(&url, &author, reaction, now)?;
                    assert_eq!(reply.reaction.as_deref(), reaction);
                    Ok(reply.reactions)
                };
                self.compare(fail_after, on_ledger, |model| model.react(&url, &author, reaction))
            }
            _ => Ok(()),
        }
    }

    fn interact_with_comment(
        &mut self,
        at: usize,
        url: &PostUrl,
        interaction: &Interaction,
        fail_after: Option<u32>,
    ) -> TestCaseResult {
        let now = self.now;
        let comment = CommentRef { url, id: id_at(at) };
        match interaction {
            Interaction::Edit { author, size, is_suspicious, duplicate_key, policy } => {
                let edit = self.draft_edit(url, *author, *size);
                let duplicate_key = duplicate_key.map(|key| key.to_string());
                let signals = if *is_suspicious { vec!["many_links:9".to_owned()] } else { Vec::new() };
                let edit = VerifiedComment { duplicate_key, signals, ..edit };
                self.last_edit = Some((at, edit.clone()));
                self.edit_own(at, &edit, *policy, fail_after)
            }
            Interaction::Delete { author } => {
                let author = author_id(*author).hash;
                let on_ledger =
                    |ledger: &Ledger<&TestDatabase>| Ok(ledger.delete_own(comment, &author, now)?.restore_until);
                self.compare(fail_after, on_ledger, |model| model.delete_own(at, url, &author, now))
            }
            Interaction::Restore { author } => {
                let author = author_id(*author).hash;
                let on_ledger = |ledger: &Ledger<&TestDatabase>| ledger.restore_own(comment, &author, now).map(posted);
                self.compare(fail_after, on_ledger, |model| model.restore_own(at, url, &author, now))
            }
            Interaction::Vote { author, vote } => {
                let author = author_id(*author).hash;
                let on_ledger = |ledger: &Ledger<&TestDatabase>| {
                    let reply = ledger.vote_below(comment, &author, *vote, now)?;
                    assert_eq!(reply.vote, *vote);
                    Ok(reply.votes)
                };
                self.compare(fail_after, on_ledger, |model| model.vote(at, url, &author, *vote))
            }
            Interaction::Report { author, network, reason } => {
                self.submissions += 1;
                let (author, network) = (author.map(|author| author_id(author).hash), client_network(*network, now));
                let report = NewReport {
                    id: uuid(self.submissions),
                    author: author.as_deref(),
                    network: &network,
                    reason: *reason,
                    text: Some("reported"),
                };
                let on_ledger = |ledger: &Ledger<&TestDatabase>| ledger.report(comment, &report, now);
                let author = report.author;
                self.compare(fail_after, on_ledger, |model| model.report(at, url, author, &network, *reason, now))
            }
        }
    }

    fn draft_edit(&mut self, url: &PostUrl, author: u8, size: u16) -> VerifiedComment {
        self.submissions += 1;
        let source = format!("Edit of {} {size}", self.submissions);
        VerifiedComment {
            url: url.clone(),
            author: Some(author_id(author)),
            name: String::new(),
            html: render(&source),
            source,
            ..root_comment(self.submissions)
        }
    }

    fn edit_own(
        &mut self,
        at: usize,
        edit: &VerifiedComment,
        moderation: Moderation,
        fail_after: Option<u32>,
    ) -> TestCaseResult {
        let (id, now) = (id_at(at), self.now);
        let policy = SubmissionPolicy { moderation, limits: &[], patterns: Some(&ExactPatterns), difficulty: None };
        let facts = PageFacts { has_room: self.has_room(id, &edit.html), is_answered: self.is_answered(id) };
        let on_ledger = |ledger: &Ledger<&TestDatabase>| ledger.edit_own(id, edit, &policy, now).map(posted);
        self.compare(fail_after, on_ledger, |model| model.edit_own(at, edit, &policy, facts, now))
    }

    /// Returns true if a comment that had a page has a reply that can be read, or one on another page.
    fn is_answered(&self, id: CommentId) -> bool {
        let query = "SELECT 1 FROM comment JOIN comment AS parent ON parent.id = comment.parent \
                     WHERE parent.id = ? AND comment.page IS NOT NULL \
                     AND (comment.page <> parent.page OR (comment.status = 1 AND comment.erased IS NULL))";
        !self.database.run_with(query, &[id.get().into()]).is_empty()
    }

    /// Checks what authors are found of their comments, and what moderators are found of reports.
    pub(crate) fn check_interactions(&self) -> TestCaseResult {
        let ledger = self.ledger();
        let ids: Vec<CommentId> = (0..=self.model.comments.len()).map(id_at).collect();
        for (post, author) in (0..3).flat_map(|post| (0..3).map(move |author| (post, author))) {
            let (url, author) = (post_url(post), author_id(author).hash);
            let mut found = Vec::new();
            for some in ids.chunks(20) {
                found.extend(ledger.fates(&url, some, &author).unwrap().comments);
            }
            let found: Vec<_> = found.iter().map(|fate| (fate.id, fate.status)).collect();
            prop_assert_eq!(found, self.model.fates(&url, &author));
        }
        let listed = ledger.list_comments(CommentFilter::Reported, None, 1_000).unwrap().items;
        let listed: Vec<_> = listed.into_iter().map(|it| (it.comment.id, it.reports.unwrap().reasons)).collect();
        prop_assert_eq!(listed, self.model.reported());
        Ok(())
    }
}

fn id_at(at: usize) -> CommentId {
    CommentId::new(i64::try_from(at).unwrap() + 1)
}
