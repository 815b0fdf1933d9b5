//! The reference model: what senders, readers and moderators are promised about each comment. How the ledger spreads comments over pages
//! and publishes them is not modelled; the laws say what must come of it.

mod audit_log;
mod comment;
mod interactions;
mod spam_protection;
mod transfer;

use std::collections::BTreeMap;

use afterword_ledger::{
    Action, Attribution, AuditEntry, Ban, CommentEdit, LedgerError, SettingChange, SiteSettings, SubmissionPolicy,
    VerifiedComment,
};
use afterword_model::{Author, Comment, CommentId, Moderation, PostUrl, Refusal, Status};

pub(crate) use comment::{ModelComment, json_length};
pub(crate) use interactions::PageFacts;

/// A thread of the model, without its comments.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelThread {
    pub(crate) closed: bool,
    /// The title that a moderator has set.
    pub(crate) locked_title: Option<String>,
    /// The reaction of each author.
    pub(super) reactions: BTreeMap<String, String>,
}

/// The reply to a submission or an action: the comment and its status.
pub(crate) type Posted = (Comment, Status);

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) comments: Vec<ModelComment>,
    pub(crate) threads: BTreeMap<PostUrl, ModelThread>,
    /// Hashes of the author keys of trusted authors, each with the index of the comment for which they are trusted.
    trusted_authors: BTreeMap<String, usize>,
    audit_log: Vec<AuditEntry>,
    /// Details of actions that the audit log does not hold, by action id.
    action_details: BTreeMap<String, String>,
    /// The moderation mode that the site has set.
    moderation: Option<Moderation>,
    pub(crate) bans: Vec<Ban>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            comments: Vec::new(),
            threads: BTreeMap::new(),
            trusted_authors: BTreeMap::new(),
            audit_log: Vec::new(),
            action_details: BTreeMap::new(),
            moderation: None,
            bans: Vec::new(),
        }
    }

    /// Returns the comment and true if the submission is a repeat.
    pub(crate) fn submit(
        &mut self,
        new: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(Posted, bool), LedgerError> {
        if let Some(at) = self.comments.iter().position(|comment| comment.submission.id == new.id) {
            let known = &self.comments[at].submission;
            // The content of a wiped comment is not known any more.
            let is_wiped = self.comments[at].comment.deleted && self.comments[at].deleted_content.is_none();
            let is_same = (is_wiped || known.fingerprint == new.fingerprint) && known.author == new.author;
            return if is_same { Ok((self.posted(at), true)) } else { Err(Refusal::IdReused.into()) };
        }
        self.check_limits(new, policy, now)?;
        if self.threads.get(&new.url).is_some_and(|thread| thread.closed) {
            return Err(Refusal::Closed.into());
        }
        if let Some(parent) = new.parent {
            let parent = self.comments.iter().find(|comment| comment.comment.id == parent);
            let parent = parent.filter(|parent| parent.is_visible() && parent.submission.url == new.url);
            parent.ok_or(Refusal::UnknownParent)?;
        }
        let mut signals = self.signals(new, None, policy, now);
        let is_trusted = new.author.as_ref().is_some_and(|author| self.trusted_authors.contains_key(&author.hash));
        let is_published = match self.moderation.unwrap_or(policy.moderation) {
            _ if !signals.is_empty() => false,
            Moderation::Open => true,
            Moderation::First => is_trusted,
            Moderation::All => false,
        };
        if new.author.is_some() && !is_trusted {
            signals.push("first_comment".to_owned());
        }
        let at = self.insert(new, signals, now);
        if is_published {
            self.publish(at);
        }
        Ok((self.posted(at), false))
    }

    /// Adds a pending comment and returns its index.
    fn insert(&mut self, new: &VerifiedComment, signals: Vec<String>, now: i64) -> usize {
        self.threads.entry(new.url.clone()).or_default();
        let comment = Comment {
            id: CommentId::new(i64::try_from(self.comments.len()).unwrap() + 1),
            parent: new.parent,
            author: Author {
                name: new.name.clone(),
                website: new.website.clone(),
                owner: false,
                mark: new.author.as_ref().map(|author| author.mark.clone()),
            },
            html: new.html.clone(),
            created: now,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
            moderated: false,
            on_behalf: false,
            since: None,
        };
        self.comments.push(ModelComment {
            submission: new.clone(),
            comment,
            status: Status::Pending,
            is_placed: false,
            texts: vec![new.source.clone()],
            votes: BTreeMap::new(),
            signals,
            edits: Vec::new(),
            reports: Vec::new(),
            erased: None,
            is_rejected: false,
            deleted_content: None,
        });
        self.comments.len() - 1
    }

    /// `has_room` is false if the page of the comment has no room for a longer text.
    pub(crate) fn edit(
        &mut self,
        at: usize,
        edit: &CommentEdit,
        by: &Attribution<'_>,
        has_room: bool,
        now: i64,
    ) -> Result<Posted, Refusal> {
        let comment = &self.comments[at];
        if comment.comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let mut submission = comment.submission.clone();
        (submission.source, submission.html) = (edit.source.clone(), edit.html.clone());
        submission.renderer_version = edit.renderer;
        let details = Some(edit.source.as_str());
        if self.is_repeat_on_comment(by, Action::Edit, at, details)? || submission == comment.submission {
            return Ok(self.posted(at));
        }
        if json_length(&edit.html) > json_length(&comment.comment.html) && !has_room {
            return Err(Refusal::TextTooLong);
        }
        submission.duplicate_key = None;
        self.log_action_on_comment(by, Action::Edit, at, details, now);
        let comment = &mut self.comments[at];
        comment.submission = submission;
        comment.texts.push(edit.source.clone());
        comment.comment.html = edit.html.clone();
        (comment.comment.edited, comment.comment.moderated) = (Some(now), true);
        Ok(self.posted(at))
    }

    pub(crate) fn erase(&mut self, at: usize, by: &Attribution<'_>, now: i64) -> Result<Posted, Refusal> {
        let is_repeat = self.is_repeat_on_comment(by, Action::Erase, at, None)?;
        let (is_deleted, has_content) =
            (self.comments[at].comment.deleted, self.comments[at].deleted_content.is_some());
        if is_repeat || (is_deleted && !has_content) {
            return Ok(self.posted(at));
        }
        self.log_action_on_comment(by, Action::Erase, at, None, now);
        let comment = &mut self.comments[at];
        comment.deleted_content = None;
        if !is_deleted {
            drop(comment.take_content());
            comment.erased = Some(now);
        }
        comment.is_rejected = true;
        self.revoke_trust(at);
        Ok(self.posted(at))
    }

    pub(crate) fn approve(&mut self, at: usize, attribution: &Attribution<'_>, now: i64) -> Result<Posted, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let is_repeat = self.is_repeat_on_comment(attribution, Action::Approve, at, None)?;
        if self.comments[at].status == Status::Pending && !is_repeat {
            self.log_action_on_comment(attribution, Action::Approve, at, None, now);
            self.publish(at);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn unpublish(&mut self, at: usize, attribution: &Attribution<'_>, now: i64) -> Result<Posted, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let is_repeat = self.is_repeat_on_comment(attribution, Action::Unpublish, at, None)?;
        if self.comments[at].status == Status::Published && !is_repeat {
            self.log_action_on_comment(attribution, Action::Unpublish, at, None, now);
            self.comments[at].status = Status::Pending;
            self.revoke_trust(at);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn set_closed(
        &mut self,
        url: &PostUrl,
        closed: bool,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<(), Refusal> {
        let was_closed = self.threads.get(url).is_some_and(|thread| thread.closed);
        let action = if closed { Action::Close } else { Action::Open };
        if !self.is_repeat(attribution, action, url.as_str(), None)? && was_closed != closed {
            self.log_action(attribution, action, url.as_str(), None, now);
            self.threads.entry(url.clone()).or_default().closed = closed;
        }
        Ok(())
    }

    pub(crate) fn set_title(
        &mut self,
        url: &PostUrl,
        title: &str,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<(), Refusal> {
        let is_repeat = self.is_repeat(attribution, Action::Title, url.as_str(), Some(title))?;
        let locked_title = Some(title.to_owned()).filter(|title| !title.is_empty());
        if !is_repeat && self.threads.get(url).and_then(|thread| thread.locked_title.clone()) != locked_title {
            self.log_action(attribution, Action::Title, url.as_str(), Some(title), now);
            self.threads.entry(url.clone()).or_default().locked_title = locked_title;
        }
        Ok(())
    }

    pub(crate) fn update_setting(
        &mut self,
        change: &SettingChange,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<SiteSettings, Refusal> {
        let SettingChange::Moderation(moderation) = change else { unreachable!() };
        let details = Some(moderation.map_or("", <&str>::from));
        if !self.is_repeat(attribution, Action::Set, "moderation", details)? && self.moderation != *moderation {
            self.moderation = *moderation;
            self.log_action(attribution, Action::Set, "moderation", details, now);
        }
        Ok(SiteSettings { moderation: self.moderation, ..SiteSettings::default() })
    }

    /// The comments of a thread that everybody can read, by id.
    pub(crate) fn visible_comments(&self, url: &PostUrl) -> Vec<Comment> {
        let visible = self.comments.iter().filter(|comment| comment.submission.url == *url && comment.is_visible());
        visible.map(|comment| comment.comment.clone()).collect()
    }

    fn posted(&self, at: usize) -> Posted {
        let comment = &self.comments[at];
        (comment.comment.clone(), comment.status)
    }

    /// Treats the author of a comment as unknown again.
    fn revoke_trust(&mut self, at: usize) {
        if let Some(author) = &self.comments[at].submission.author {
            self.trusted_authors.remove(&author.hash);
        }
    }

    fn publish(&mut self, at: usize) {
        let comment = &mut self.comments[at];
        (comment.status, comment.is_placed) = (Status::Published, true);
        if let Some(author) = &comment.submission.author {
            self.trusted_authors.entry(author.hash.clone()).or_insert(at);
        }
    }
}
