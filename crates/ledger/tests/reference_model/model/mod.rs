//! The reference model: the ledger without database, index or optimization.

mod audit_log;
mod comment;
mod pagination;
mod reading;
mod spam_protection;
mod thread;
mod titles;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{
    Action, Actor, Attribution, AuditEntry, Ban, CommentEdit, LedgerError, PageSize, SettingChange, SiteSettings,
    SubmissionPolicy, VerifiedComment, VoteResult,
};
use afterword_model::{
    Author, Comment, CommentId, Moderation, PostUrl, PostedComment, Refusal, SafeHtml, Status, Vote,
};

pub(crate) use comment::ModelComment;
use comment::tombstone;
use thread::ModelThread;

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) comments: Vec<ModelComment>,
    pub(crate) threads: BTreeMap<PostUrl, ModelThread>,
    /// Hashes of the author keys of trusted authors.
    trusted_authors: BTreeSet<String>,
    audit_log: Vec<AuditEntry>,
    /// Details of actions that the audit log does not hold, by action id.
    action_details: BTreeMap<String, String>,
    /// The moderation mode that the site has set.
    moderation: Option<Moderation>,
    pub(crate) bans: Vec<Ban>,
    size: PageSize,
}

impl Model {
    pub(crate) fn new(size: PageSize) -> Self {
        Self {
            comments: Vec::new(),
            threads: BTreeMap::new(),
            trusted_authors: BTreeSet::new(),
            audit_log: Vec::new(),
            action_details: BTreeMap::new(),
            moderation: None,
            bans: Vec::new(),
            size,
        }
    }

    /// Returns the comment and true if the submission is a repeat.
    pub(crate) fn submit(
        &mut self,
        new: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(PostedComment, bool), LedgerError> {
        if let Some(at) = self.comments.iter().position(|comment| comment.submission.id == new.id) {
            let known = &self.comments[at].submission;
            // The content of an erased comment is not known any more.
            let is_erased = self.comments[at].comment.deleted;
            let is_same = (is_erased || known.fingerprint == new.fingerprint) && known.author == new.author;
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
        let mut signals = self.signals(new, policy, now);
        let is_trusted = new.author.as_ref().is_some_and(|author| self.trusted_authors.contains(&author.hash));
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
            self.publish(at, now);
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
        };
        self.comments.push(ModelComment {
            submission: new.clone(),
            comment,
            status: Status::Pending,
            version: None,
            page: None,
            keeps_tombstone: false,
            votes: BTreeMap::new(),
            signals,
        });
        self.comments.len() - 1
    }

    pub(crate) fn edit(
        &mut self,
        at: usize,
        edit: &CommentEdit,
        by: Actor<'_>,
        window: i64,
        now: i64,
    ) -> Result<PostedComment, Refusal> {
        self.check_permission(at, by)?;
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
        if matches!(by, Actor::Author(_)) && now - comment.comment.created > window {
            return Err(Refusal::EditClosed);
        }
        submission.duplicate_key = None;
        let edited = ModelComment { submission, ..comment.clone() };
        if let Some(page) = comment.page {
            let bytes = self.page_fill(&comment.submission.url, page).1 + edited.bytes() - comment.bytes();
            if edited.bytes() > comment.bytes() && bytes > self.size.edited_bytes {
                return Err(Refusal::TextTooLong);
            }
        }
        let is_visible = comment.is_visible();
        self.log_action_on_comment(by, Action::Edit, at, details, now);
        self.comments[at] = edited;
        self.comments[at].comment.html = edit.html.clone();
        self.comments[at].comment.edited = Some(now);
        if is_visible {
            self.change(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn erase(&mut self, at: usize, by: Actor<'_>, now: i64) -> Result<PostedComment, Refusal> {
        self.check_permission(at, by)?;
        if self.is_repeat_on_comment(by, Action::Erase, at, None)? || self.comments[at].comment.deleted {
            return Ok(self.posted(at));
        }
        self.log_action_on_comment(by, Action::Erase, at, None, now);
        let is_visible = self.comments[at].is_visible();
        let keeps_tombstone = is_visible && self.has_reply_on_later_page(at);
        let comment = &mut self.comments[at];
        comment.keeps_tombstone |= keeps_tombstone;
        comment.comment = tombstone(&comment.comment);
        comment.submission = VerifiedComment {
            name: String::new(),
            email: None,
            website: None,
            title: String::new(),
            source: String::new(),
            html: SafeHtml::default(),
            duplicate_key: None,
            ..comment.submission.clone()
        };
        comment.signals.clear();
        let url = comment.submission.url.clone();
        if let (Actor::Moderator(_), Some(author)) = (by, &comment.submission.author) {
            self.trusted_authors.remove(&author.hash);
        }
        if is_visible {
            self.update_title(&url);
            self.change(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn vote(&mut self, at: usize, author: &str, vote: Vote, now: i64) -> Result<VoteResult, Refusal> {
        let comment = &mut self.comments[at];
        let Some(page) = comment.page.filter(|_| comment.is_visible()) else { return Err(Refusal::UnknownComment) };
        let thread = self.threads.get_mut(&comment.submission.url).unwrap();
        let before = comment.votes.insert(author.to_owned(), vote.value()).unwrap_or(0);
        comment.comment.votes = comment.vote_sum();
        if before != vote.value() {
            thread.version += 1;
            thread.voted_pages.insert(page, thread.version);
            if thread.pages() > 1 {
                (thread.has_top, thread.top_changed) = (true, Some(thread.version));
            }
            thread.defer_votes(now);
        }
        Ok(VoteResult { votes: comment.vote_sum(), version: thread.version })
    }

    pub(crate) fn approve(
        &mut self,
        at: usize,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<PostedComment, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let by = Actor::Moderator(attribution);
        let is_repeat = self.is_repeat_on_comment(by, Action::Approve, at, None)?;
        if self.comments[at].status == Status::Pending && !is_repeat {
            self.log_action_on_comment(by, Action::Approve, at, None, now);
            self.publish(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn unpublish(
        &mut self,
        at: usize,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<PostedComment, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let by = Actor::Moderator(attribution);
        let is_repeat = self.is_repeat_on_comment(by, Action::Unpublish, at, None)?;
        if self.comments[at].status == Status::Published && !is_repeat {
            self.log_action_on_comment(by, Action::Unpublish, at, None, now);
            let keeps_tombstone = self.has_reply_on_later_page(at);
            self.change(at, now);
            let comment = &mut self.comments[at];
            comment.keeps_tombstone |= keeps_tombstone;
            (comment.status, comment.version) = (Status::Pending, None);
            if let Some(author) = &comment.submission.author {
                self.trusted_authors.remove(&author.hash);
            }
            let url = comment.submission.url.clone();
            self.update_title(&url);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn set_closed(
        &mut self,
        url: &PostUrl,
        closed: bool,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<i64, Refusal> {
        let was_closed = self.threads.get(url).is_some_and(|thread| thread.closed);
        let action = if closed { Action::Close } else { Action::Open };
        if !self.is_repeat(attribution, action, url.as_str(), None)? && was_closed != closed {
            self.log_action(attribution, action, url.as_str(), None, now);
            let thread = self.threads.entry(url.clone()).or_default();
            thread.closed = closed;
            thread.version += 1;
            thread.changed_pages.insert(1, thread.version);
        }
        Ok(self.threads.get(url).map_or(0, |thread| thread.version))
    }

    pub(crate) fn update_setting(
        &mut self,
        change: &SettingChange,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<SiteSettings, Refusal> {
        let SettingChange::Moderation(moderation) = change else { unreachable!() };
        let details = Some(moderation.map_or("", Moderation::as_str));
        if !self.is_repeat(attribution, Action::Set, "moderation", details)? && self.moderation != *moderation {
            self.moderation = *moderation;
            self.log_action(attribution, Action::Set, "moderation", details, now);
        }
        Ok(SiteSettings { moderation: self.moderation, muted: None })
    }

    /// Number of visible comments of a thread.
    pub(crate) fn count(&self, url: &PostUrl) -> u32 {
        let visible = self.comments.iter().filter(|comment| comment.submission.url == *url && comment.is_visible());
        u32::try_from(visible.count()).unwrap()
    }

    fn posted(&self, at: usize) -> PostedComment {
        let comment = &self.comments[at];
        let version = comment.version.unwrap_or(self.threads[&comment.submission.url].version);
        PostedComment { comment: comment.comment.clone(), status: comment.status, version }
    }

    fn index_of(&self, id: CommentId) -> usize {
        self.comments.iter().position(|comment| comment.comment.id == id).unwrap()
    }

    /// Authors may change their own comments only. A hidden comment of others looks like an unknown one.
    fn check_permission(&self, at: usize, by: Actor<'_>) -> Result<(), Refusal> {
        let comment = &self.comments[at];
        match (by, &comment.submission.author) {
            (Actor::Moderator(_), _) => Ok(()),
            (Actor::Author(hash), Some(author)) if author.hash == hash => Ok(()),
            _ if comment.is_visible() => Err(Refusal::NotYours),
            _ => Err(Refusal::UnknownComment),
        }
    }

    /// Gives a published comment a new version of its thread.
    fn change(&mut self, at: usize, now: i64) {
        let comment = &mut self.comments[at];
        let thread = self.threads.get_mut(&comment.submission.url).unwrap();
        thread.change_page(comment.page.unwrap(), now);
        comment.version = Some(thread.version);
    }

    /// Publishes a pending comment, on its former page if it had one.
    fn publish(&mut self, at: usize, now: i64) {
        let comment = self.comments[at].clone();
        let url = comment.submission.url;
        let parent = comment.submission.parent.map(|id| self.index_of(id));
        let page = match comment.page {
            Some(page) => page,
            None => self.assign_page(&url, parent.map(|at| self.comments[at].page.unwrap()), now),
        };
        let thread = self.threads.get_mut(&url).unwrap();
        if comment.page.is_some() {
            thread.change_page(page, now);
        } else {
            thread.version += 1;
            thread.changed_pages.insert(page, thread.version);
        }
        let version = Some(thread.version);
        self.keep_tombstone_for_reply(&url, parent, page);
        self.trusted_authors.extend(comment.submission.author.map(|author| author.hash));
        let comment = &mut self.comments[at];
        (comment.status, comment.page, comment.version) = (Status::Published, Some(page), version);
        self.update_title(&url);
    }

    /// Keeps the tombstone of a hidden parent that has a reply on another page.
    fn keep_tombstone_for_reply(&mut self, url: &PostUrl, parent: Option<usize>, reply_page: u32) {
        let thread = self.threads.get_mut(url).unwrap();
        if let Some(parent) = parent.map(|at| &mut self.comments[at])
            && !parent.is_visible()
            && parent.page != Some(reply_page)
        {
            parent.keeps_tombstone = true;
            thread.changed_pages.extend(parent.page.map(|page| (page, thread.version)));
        }
    }
}
