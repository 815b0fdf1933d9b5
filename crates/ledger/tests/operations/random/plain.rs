//! The ledger once more, without a database, an index or a thought for speed.

mod acts;
mod carried;
mod drawn;
mod guarded;
mod titled;

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{
    Action, Actor, Attribution, AuditEntry, Ban, CommentEdit, LedgerError, PageSize, SettingChange, SiteSettings,
    SubmissionPolicy, VerifiedComment, VoteResult,
};
use afterword_model::{
    Author, Comment, CommentId, Moderation, PostUrl, PostedComment, Refusal, SafeHtml, Status, Vote,
};

/// Pages of a thread that are put in one go.
const AT_ONCE: usize = 16;

/// A comment as the model remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) entry: VerifiedComment,
    /// As everybody reads it, or would if it were published.
    pub(crate) comment: Comment,
    pub(crate) status: Status,
    version: Option<i64>,
    pub(crate) page: Option<u32>,
    /// Whether its tombstone stays without anything below it on its page.
    stays: bool,
    votes: BTreeMap<String, i64>,
    pub(crate) signals: Vec<String>,
}

impl Kept {
    pub(crate) fn is_visible(&self) -> bool {
        self.status == Status::Published && !self.comment.deleted
    }

    fn votes(&self) -> i64 {
        self.votes.values().sum()
    }

    fn bytes(&self) -> i64 {
        let json = |value: &dyn erased::Json| value.length();
        200 + json(&self.entry.html) + json(&self.entry.name) + json(&self.entry.website)
    }

    fn face(&self) -> Comment {
        if self.is_visible() { self.comment.clone() } else { tombstone(&self.comment) }
    }
}

/// The length of something as JSON.
mod erased {
    pub(super) trait Json {
        fn length(&self) -> i64;
    }

    impl<T: serde::Serialize> Json for T {
        fn length(&self) -> i64 {
            i64::try_from(serde_json::to_string(self).unwrap().len()).unwrap()
        }
    }
}

/// A thread as the model remembers it: its comments are among all the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post {
    pub(crate) version: i64,
    pub(crate) closed: bool,
    pub(crate) title: String,
    /// Whether a moderator has given the title.
    named: bool,
    /// For each page but the first, the root page it continues, if it does.
    continues: Vec<Option<u32>>,
    /// Pages that changed and are not published, with the versions in which they did last.
    changed: BTreeMap<u32, i64>,
    /// The same for what may wait until `later`.
    voted: BTreeMap<u32, i64>,
    top_changed: Option<i64>,
    later: Option<i64>,
    /// Whether the best comments are published.
    has_top: bool,
}

impl Post {
    pub(crate) fn pages(&self) -> u32 {
        u32::try_from(self.continues.len()).unwrap() + 1
    }

    fn root_of(&self, page: u32) -> u32 {
        self.continued(page).unwrap_or(page)
    }

    fn continued(&self, page: u32) -> Option<u32> {
        page.checked_sub(2).and_then(|at| self.continues[at as usize])
    }

    fn voted(&mut self, now: i64) {
        self.later = self.later.or(Some(now + 60));
    }

    /// What is due, and with it whether the best comments are.
    pub(crate) fn due(&self, now: i64) -> Option<(BTreeSet<u32>, bool)> {
        let later = self.later.is_some_and(|later| later <= now);
        let waited = self.voted.keys().filter(|_| later);
        let mut pages: BTreeSet<u32> = self.changed.keys().chain(waited).copied().chain([1]).collect();
        let many = pages.len() > AT_ONCE;
        while pages.len() > AT_ONCE {
            pages.pop_first();
        }
        (later || !self.changed.is_empty()).then_some((pages, later && self.top_changed.is_some() && !many))
    }

    /// These were put as they were at this version, the head perhaps not.
    pub(crate) fn published(&mut self, version: i64, pages: &[u32], top: bool) {
        if pages.is_empty() && !top {
            return;
        }
        self.changed.retain(|page, since| *since > version || !pages.contains(page));
        self.voted.retain(|page, since| *since > version || !pages.contains(page));
        self.top_changed = self.top_changed.filter(|since| *since > version || !top);
        if !pages.contains(&1) {
            self.changed.entry(1).or_insert(version);
        }
        if self.voted.is_empty() && self.top_changed.is_none() {
            self.later = None;
        } else if self.changed.is_empty() && self.version == version {
            self.version += 1;
        }
    }

    /// A change that must not be seen any longer than needed.
    fn change(&mut self, page: u32, now: i64) {
        self.version += 1;
        self.changed.insert(page, self.version);
        if self.has_top {
            self.top_changed = Some(self.version);
            self.later = Some(self.later.unwrap_or(now).min(now));
        }
    }
}

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) comments: Vec<Kept>,
    pub(crate) posts: BTreeMap<PostUrl, Post>,
    known: BTreeSet<String>,
    audit: Vec<AuditEntry>,
    /// What the log does not say of acts, by their UUIDs.
    told: BTreeMap<String, String>,
    /// What the site sets for itself.
    moderation: Option<Moderation>,
    pub(crate) bans: Vec<Ban>,
    size: PageSize,
}

impl Model {
    pub(crate) fn new(size: PageSize) -> Self {
        Self {
            comments: Vec::new(),
            posts: BTreeMap::new(),
            known: BTreeSet::new(),
            audit: Vec::new(),
            told: BTreeMap::new(),
            moderation: None,
            bans: Vec::new(),
            size,
        }
    }

    fn posted(&self, at: usize) -> PostedComment {
        let kept = &self.comments[at];
        let version = kept.version.unwrap_or(self.posts[&kept.entry.url].version);
        PostedComment { comment: kept.comment.clone(), status: kept.status, version }
    }

    pub(crate) fn submit(
        &mut self,
        entry: &VerifiedComment,
        rules: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(PostedComment, bool), LedgerError> {
        if let Some(at) = self.comments.iter().position(|kept| kept.entry.id == entry.id) {
            let known = &self.comments[at].entry;
            let same = known.fingerprint == entry.fingerprint && known.author == entry.author;
            return if same { Ok((self.posted(at), true)) } else { Err(Refusal::IdReused.into()) };
        }
        self.require_leave(entry, rules, now)?;
        if self.posts.get(&entry.url).is_some_and(|post| post.closed) {
            return Err(Refusal::Closed.into());
        }
        if let Some(parent) = entry.parent {
            let parent = self.by_id(parent).filter(|parent| parent.is_visible() && parent.entry.url == entry.url);
            parent.ok_or(Refusal::UnknownParent)?;
        }
        let mut signals = self.admit(entry, rules, now)?;
        let is_known = entry.author.as_ref().is_some_and(|author| self.known.contains(&author.hash));
        let publish = match self.moderation.unwrap_or(rules.moderation) {
            _ if !signals.is_empty() => false,
            Moderation::Open => true,
            Moderation::First => is_known,
            Moderation::All => false,
        };
        if entry.author.is_some() && !is_known {
            signals.push("first_comment".to_owned());
        }
        self.posts.entry(entry.url.clone()).or_default();
        let comment = Comment {
            id: CommentId::new(i64::try_from(self.comments.len()).unwrap() + 1),
            parent: entry.parent,
            author: Author {
                name: entry.name.clone(),
                website: entry.website.clone(),
                owner: false,
                mark: entry.author.as_ref().map(|author| author.mark.clone()),
            },
            html: entry.html.clone(),
            created: now,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
        };
        self.comments.push(Kept {
            entry: entry.clone(),
            comment,
            status: Status::Pending,
            version: None,
            page: None,
            stays: false,
            votes: BTreeMap::new(),
            signals,
        });
        let at = self.comments.len() - 1;
        if publish {
            self.publish(at, now);
        }
        Ok((self.posted(at), false))
    }

    pub(crate) fn edit(
        &mut self,
        at: usize,
        edit: &CommentEdit,
        by: Actor<'_>,
        window: i64,
        now: i64,
    ) -> Result<PostedComment, Refusal> {
        self.permit(at, by)?;
        let kept = &self.comments[at];
        if kept.comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let mut entry = kept.entry.clone();
        (entry.source, entry.html, entry.renderer_version) = (edit.source.clone(), edit.html.clone(), edit.renderer);
        let told = Some(edit.source.as_str());
        if self.is_repeated(by, Action::Edit, at, told)? || entry == kept.entry {
            return Ok(self.posted(at));
        }
        if matches!(by, Actor::Author(_)) && now - kept.comment.created > window {
            return Err(Refusal::EditClosed);
        }
        entry.duplicate_key = None;
        let edited = Kept { entry, ..kept.clone() };
        if let Some(page) = kept.page {
            let bytes = self.fill(&kept.entry.url, page).1 + edited.bytes() - kept.bytes();
            if edited.bytes() > kept.bytes() && bytes > self.size.edited_bytes {
                return Err(Refusal::TextTooLong);
            }
        }
        let visible = kept.is_visible();
        self.note_by(by, Action::Edit, at, told, now);
        self.comments[at] = edited;
        self.comments[at].comment.html = edit.html.clone();
        self.comments[at].comment.edited = Some(now);
        if visible {
            self.change(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn erase(&mut self, at: usize, by: Actor<'_>, now: i64) -> Result<PostedComment, Refusal> {
        self.permit(at, by)?;
        if self.is_repeated(by, Action::Erase, at, None)? || self.comments[at].comment.deleted {
            return Ok(self.posted(at));
        }
        self.note_by(by, Action::Erase, at, None, now);
        let visible = self.comments[at].is_visible();
        let stays = visible && self.is_answered_elsewhere(at);
        let kept = &mut self.comments[at];
        kept.stays |= stays;
        kept.comment = tombstone(&kept.comment);
        kept.entry = VerifiedComment {
            name: String::new(),
            email: None,
            website: None,
            title: String::new(),
            source: String::new(),
            html: SafeHtml::default(),
            duplicate_key: None,
            ..kept.entry.clone()
        };
        kept.signals.clear();
        let url = kept.entry.url.clone();
        if let (Actor::Moderator(_), Some(author)) = (by, &kept.entry.author) {
            self.known.remove(&author.hash);
        }
        if visible {
            self.find_title(&url);
            self.change(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn vote(&mut self, at: usize, author: &str, vote: Vote, now: i64) -> Result<VoteResult, Refusal> {
        let kept = &mut self.comments[at];
        let Some(page) = kept.page.filter(|_| kept.is_visible()) else { return Err(Refusal::UnknownComment) };
        let post = self.posts.get_mut(&kept.entry.url).unwrap();
        let before = kept.votes.insert(author.to_owned(), vote.value()).unwrap_or(0);
        kept.comment.votes = kept.votes();
        if before != vote.value() {
            post.version += 1;
            post.voted.insert(page, post.version);
            if post.pages() > 1 {
                (post.has_top, post.top_changed) = (true, Some(post.version));
            }
            post.voted(now);
        }
        Ok(VoteResult { votes: kept.votes(), version: post.version })
    }

    pub(crate) fn approve(&mut self, at: usize, act: &Attribution<'_>, now: i64) -> Result<PostedComment, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let done = self.is_repeated(Actor::Moderator(act), Action::Approve, at, None)?;
        if self.comments[at].status == Status::Pending && !done {
            self.note_by(Actor::Moderator(act), Action::Approve, at, None, now);
            self.publish(at, now);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn hold(&mut self, at: usize, act: &Attribution<'_>, now: i64) -> Result<PostedComment, Refusal> {
        if self.comments[at].comment.deleted {
            return Err(Refusal::UnknownComment);
        }
        let done = self.is_repeated(Actor::Moderator(act), Action::Unpublish, at, None)?;
        if self.comments[at].status == Status::Published && !done {
            self.note_by(Actor::Moderator(act), Action::Unpublish, at, None, now);
            let stays = self.is_answered_elsewhere(at);
            self.change(at, now);
            let kept = &mut self.comments[at];
            kept.stays |= stays;
            (kept.status, kept.version) = (Status::Pending, None);
            if let Some(author) = &kept.entry.author {
                self.known.remove(&author.hash);
            }
            let url = kept.entry.url.clone();
            self.find_title(&url);
        }
        Ok(self.posted(at))
    }

    pub(crate) fn close(
        &mut self,
        url: &PostUrl,
        closed: bool,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<i64, Refusal> {
        let before = self.posts.get(url).is_some_and(|post| post.closed);
        let deed = if closed { Action::Close } else { Action::Open };
        if !self.is_done(act, deed, url.as_str(), None)? && before != closed {
            self.note(act, deed, url.as_str(), None, now);
            let post = self.posts.entry(url.clone()).or_default();
            post.closed = closed;
            post.version += 1;
            post.changed.insert(1, post.version);
        }
        Ok(self.posts.get(url).map_or(0, |post| post.version))
    }

    pub(crate) fn set(
        &mut self,
        change: &SettingChange,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<SiteSettings, Refusal> {
        let SettingChange::Moderation(moderation) = change else { unreachable!() };
        let told = Some(moderation.map_or("", Moderation::as_str));
        if !self.is_done(act, Action::Set, "moderation", told)? && self.moderation != *moderation {
            self.moderation = *moderation;
            self.note(act, Action::Set, "moderation", told, now);
        }
        Ok(SiteSettings { moderation: self.moderation, muted: None })
    }

    fn by_id(&self, id: CommentId) -> Option<&Kept> {
        self.comments.iter().find(|kept| kept.comment.id == id)
    }

    fn permit(&self, at: usize, by: Actor<'_>) -> Result<(), Refusal> {
        let kept = &self.comments[at];
        match (by, &kept.entry.author) {
            (Actor::Moderator(_), _) => Ok(()),
            (Actor::Author(hash), Some(author)) if author.hash == hash => Ok(()),
            _ if kept.is_visible() => Err(Refusal::NotYours),
            _ => Err(Refusal::UnknownComment),
        }
    }

    fn change(&mut self, at: usize, now: i64) {
        let kept = &mut self.comments[at];
        let post = self.posts.get_mut(&kept.entry.url).unwrap();
        post.change(kept.page.unwrap(), now);
        kept.version = Some(post.version);
    }

    fn publish(&mut self, at: usize, now: i64) {
        let kept = self.comments[at].clone();
        let parent = kept.entry.parent.map(|id| self.comments.iter().position(|other| other.comment.id == id).unwrap());
        let page = match kept.page {
            Some(page) => page,
            None => self.place(&kept.entry.url, parent.map(|at| self.comments[at].page.unwrap()), now),
        };
        let post = self.posts.get_mut(&kept.entry.url).unwrap();
        if kept.page.is_some() {
            post.change(page, now);
        } else {
            post.version += 1;
            post.changed.insert(page, post.version);
        }
        if let Some(parent) = parent.map(|at| &mut self.comments[at])
            && !parent.is_visible()
            && parent.page != Some(page)
        {
            parent.stays = true;
            post.changed.extend(parent.page.map(|page| (page, post.version)));
        }
        self.known.extend(kept.entry.author.map(|author| author.hash));
        let version = Some(post.version);
        let kept = &mut self.comments[at];
        (kept.status, kept.page, kept.version) = (Status::Published, Some(page), version);
        let url = kept.entry.url.clone();
        self.find_title(&url);
    }

    fn place(&mut self, url: &PostUrl, parent_page: Option<u32>, now: i64) -> u32 {
        let post = &self.posts[url];
        let root = parent_page.map(|page| post.root_of(page));
        let pages = || (1..=post.pages()).rev();
        let first = parent_page.or_else(|| pages().find(|&page| post.continued(page).is_none())).unwrap();
        let chain_end = root.and_then(|root| pages().find(|&page| post.continued(page) == Some(root)));
        let has_room = |page: &u32| {
            let (comments, bytes) = self.fill(url, *page);
            comments < self.size.comments && bytes < self.size.bytes
        };
        if let Some(page) = [first].into_iter().chain(chain_end).find(has_room) {
            return page;
        }
        let voted =
            post.pages() == 1 && self.on_page(url, 1).any(|kept| kept.votes() > 0 && kept.entry.parent.is_none());
        let post = self.posts.get_mut(url).unwrap();
        if voted {
            // The comment for which the page is opened makes the next version.
            (post.has_top, post.top_changed) = (true, Some(post.version + 1));
            post.voted(now);
        }
        post.continues.push(root);
        post.pages()
    }

    fn on_page<'a>(&'a self, url: &'a PostUrl, page: u32) -> impl Iterator<Item = &'a Kept> {
        self.comments.iter().filter(move |kept| kept.entry.url == *url && kept.page == Some(page))
    }

    fn fill(&self, url: &PostUrl, page: u32) -> (u32, i64) {
        self.on_page(url, page).fold((0, 0), |(comments, bytes), kept| (comments + 1, bytes + kept.bytes()))
    }

    fn is_answered_elsewhere(&self, at: usize) -> bool {
        let Kept { entry: VerifiedComment { url, .. }, page: Some(page), comment, .. } = &self.comments[at] else {
            return false;
        };
        let post = &self.posts[url];
        let root = Some(post.root_of(*page));
        let chain: Vec<u32> = (page + 1..=post.pages()).filter(|&page| post.continued(page) == root).collect();
        let answered = |page: &u32| self.on_page(url, *page).any(|kept| kept.entry.parent == Some(comment.id));
        chain.len() > 8 || chain.iter().any(answered)
    }

    pub(crate) fn count(&self, url: &PostUrl) -> u32 {
        let visible = self.comments.iter().filter(|kept| kept.entry.url == *url && kept.is_visible());
        u32::try_from(visible.count()).unwrap()
    }
}

fn tombstone(comment: &Comment) -> Comment {
    Comment {
        author: Author::default(),
        html: SafeHtml::default(),
        edited: None,
        votes: 0,
        deleted: true,
        ..comment.clone()
    }
}
