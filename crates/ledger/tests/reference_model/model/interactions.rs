//! Interactions of readers in the model: edits, deletions, votes, reactions, reports.

use std::collections::BTreeMap;

use afterword_ledger::{ClientNetwork, SubmissionPolicy, VerifiedComment};
use afterword_model::{CommentFate, CommentId, Moderation, PostUrl, Refusal, ReportReason, Status, Vote};

use super::comment::{ModelReport, json_length};
use super::{Model, Posted};
use crate::simulation::{EDIT_WINDOW, REACTIONS, WIPE_DELAY};

/// Seconds after the edit window in which an edit is accepted, and after posting in which it is not marked.
const GRACE: i64 = 60;
const UNMARKED: i64 = 120;

/// Facts about the page of a comment, which the model does not have.
#[derive(Clone, Copy)]
pub(crate) struct PageFacts {
    /// False if the page has no room for a longer text.
    pub(crate) has_room: bool,
    pub(crate) is_answered: bool,
}

impl Model {
    /// The index of a comment of an author below a post. `at` may be beyond the last comment.
    fn find_own(&self, at: usize, url: &PostUrl, author: &str) -> Result<usize, Refusal> {
        let comment = self.comments.get(at).filter(|comment| comment.submission.url == *url);
        let is_own = comment.is_some_and(|it| it.submission.author.as_ref().is_some_and(|own| own.hash == author));
        if is_own { Ok(at) } else { Err(Refusal::NotYourComment) }
    }

    pub(crate) fn edit_own(
        &mut self,
        at: usize,
        edit: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        facts: PageFacts,
        now: i64,
    ) -> Result<Posted, Refusal> {
        let author = edit.author.as_ref().unwrap().hash.clone();
        let at = self.find_own(at, &edit.url, &author)?;
        let comment = &self.comments[at];
        if comment.comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        if let Some((_, content)) = comment.edits.iter().find(|(id, _)| *id == edit.id.to_string()) {
            return if *content == edit.fingerprint { Ok(self.posted(at)) } else { Err(Refusal::IdReused) };
        }
        let own = &comment.submission;
        if (&own.source, &own.html, own.renderer_version) == (&edit.source, &edit.html, edit.renderer_version) {
            return Ok(self.posted(at));
        }
        if now > comment.comment.created + EDIT_WINDOW + GRACE {
            return Err(Refusal::EditWindowOver);
        }
        if self.threads[&edit.url].closed {
            return Err(Refusal::Closed);
        }
        if json_length(&edit.html) > json_length(&comment.comment.html) && !facts.has_room {
            return Err(Refusal::TextTooLong);
        }
        let checked = VerifiedComment { name: own.name.clone(), email: own.email.clone(), ..edit.clone() };
        let found = self.signals(&checked, Some(at), &SubmissionPolicy { limits: &[], ..*policy }, now);
        let is_held = !found.is_empty()
            || match self.moderation.unwrap_or(policy.moderation) {
                Moderation::Open => false,
                Moderation::First => !self.trusted_authors.contains_key(&author),
                Moderation::All => true,
            };
        let comment = &mut self.comments[at];
        let is_about_text = |signal: &String| signal.starts_with("many_links") || signal == "repeated";
        comment.signals.retain(|signal| !is_about_text(signal));
        let new: Vec<String> = found.into_iter().filter(|signal| !comment.signals.contains(signal)).collect();
        comment.signals.extend(new);
        let own = &mut comment.submission;
        (own.source, own.html) = (edit.source.clone(), edit.html.clone());
        (own.renderer_version, own.duplicate_key) = (edit.renderer_version, edit.duplicate_key.clone());
        comment.texts.push(edit.source.clone());
        comment.comment.html = edit.html.clone();
        if now > comment.comment.created + UNMARKED || facts.is_answered {
            (comment.comment.edited, comment.comment.moderated) = (Some(now), false);
        }
        comment.edits.push((edit.id.to_string(), edit.fingerprint.clone()));
        if is_held {
            comment.status = Status::Pending;
            // Trust that rests on the text before goes with it.
            self.trusted_authors.retain(|_, basis| *basis != at);
        }
        Ok(self.posted(at))
    }

    /// Returns the end of the time for restoring.
    pub(crate) fn delete_own(&mut self, at: usize, url: &PostUrl, author: &str, now: i64) -> Result<i64, Refusal> {
        let at = self.find_own(at, url, author)?;
        let comment = &mut self.comments[at];
        if comment.erased.is_none() {
            comment.deleted_content = Some(Box::new(comment.take_content()));
            comment.erased = Some(now);
        }
        Ok(comment.erased.unwrap() + WIPE_DELAY)
    }

    pub(crate) fn restore_own(&mut self, at: usize, url: &PostUrl, author: &str, now: i64) -> Result<Posted, Refusal> {
        let at = self.find_own(at, url, author)?;
        let comment = &mut self.comments[at];
        if let Some(erased) = comment.erased {
            if comment.deleted_content.is_none() || now >= erased + WIPE_DELAY {
                return Err(Refusal::RestoreWindowOver);
            }
            comment.erased = None;
            let content = comment.deleted_content.take().unwrap();
            comment.put_content_back(*content);
        }
        Ok(self.posted(at))
    }

    /// Returns the votes for the comment minus those against it.
    pub(crate) fn vote(&mut self, at: usize, url: &PostUrl, author: &str, vote: Vote) -> Result<i64, Refusal> {
        let is_closed = self.threads.get(url).is_some_and(|thread| thread.closed);
        let comment = self.comments.get_mut(at).filter(|it| it.submission.url == *url && it.is_visible());
        let comment = comment.ok_or(Refusal::UnknownComment)?;
        if comment.submission.author.as_ref().is_some_and(|own| own.hash == author) {
            return Err(Refusal::OwnComment);
        }
        if is_closed {
            return Err(Refusal::Closed);
        }
        comment.votes.insert(author.to_owned(), vote.value());
        comment.comment.votes = comment.vote_sum();
        Ok(comment.comment.votes)
    }

    pub(crate) fn report(
        &mut self,
        at: usize,
        url: &PostUrl,
        author: Option<&str>,
        network: &ClientNetwork,
        reason: ReportReason,
        now: i64,
    ) -> Result<(), Refusal> {
        let comment = self.comments.get_mut(at).filter(|it| it.submission.url == *url && it.is_visible());
        let comment = comment.ok_or(Refusal::UnknownComment)?;
        let known = comment.reports.iter().any(|report| {
            let ids = [&network.today.network, &network.yesterday.network];
            (author.is_some() && report.author.as_deref() == author)
                || report.network.as_ref().is_some_and(|network| ids.contains(&network))
        });
        if !known {
            let network = Some(network.today.network.clone());
            comment.reports.push(ModelReport { author: author.map(str::to_owned), network, reason, at: now });
        }
        Ok(())
    }

    pub(crate) fn react(
        &mut self,
        url: &PostUrl,
        author: &str,
        reaction: Option<&str>,
    ) -> Result<Vec<(String, u32)>, Refusal> {
        if reaction.is_some_and(|reaction| !REACTIONS.contains(&reaction)) {
            return Err(Refusal::UnknownReaction);
        }
        if self.threads.get(url).is_some_and(|thread| thread.closed) {
            return Err(Refusal::Closed);
        }
        match reaction {
            Some(reaction) => {
                let thread = self.threads.entry(url.clone()).or_default();
                thread.reactions.insert(author.to_owned(), reaction.to_owned());
            }
            None => {
                if let Some(thread) = self.threads.get_mut(url) {
                    thread.reactions.remove(author);
                }
            }
        }
        Ok(self.reactions(url))
    }

    /// The numbers of reactions to a post.
    pub(crate) fn reactions(&self, url: &PostUrl) -> Vec<(String, u32)> {
        let given: Vec<&String> =
            self.threads.get(url).into_iter().flat_map(|thread| thread.reactions.values()).collect();
        let count = |name: &str| u32::try_from(given.iter().filter(|it| **it == name).count()).unwrap();
        REACTIONS.iter().map(|name| ((*name).to_owned(), count(name))).collect()
    }

    /// The fates of the comments of an author below a post.
    pub(crate) fn fates(&self, url: &PostUrl, author: &str) -> Vec<(CommentId, CommentFate)> {
        let own = self.comments.iter().filter(|comment| {
            let is_own = comment.submission.author.as_ref().is_some_and(|own| own.hash == author);
            is_own && comment.submission.url == *url
        });
        let fate = |comment: &super::ModelComment| match (comment.erased.is_some(), comment.is_rejected, comment.status)
        {
            (true, true, _) => CommentFate::Rejected,
            (true, false, _) => CommentFate::Deleted,
            (false, _, Status::Pending) => CommentFate::Pending,
            (false, _, Status::Published) => CommentFate::Published,
        };
        own.map(|comment| (comment.comment.id, fate(comment))).collect()
    }

    /// Number of reports for each reason of the comments that moderators are shown, newest comment first.
    pub(crate) fn reported(&self) -> Vec<(CommentId, BTreeMap<ReportReason, u32>)> {
        let reported = self.comments.iter().rev().filter(|it| !it.reports.is_empty() && !it.comment.deleted);
        reported
            .map(|comment| {
                let mut reasons = BTreeMap::new();
                comment.reports.iter().for_each(|report| *reasons.entry(report.reason).or_default() += 1);
                (comment.comment.id, reasons)
            })
            .collect()
    }
}
