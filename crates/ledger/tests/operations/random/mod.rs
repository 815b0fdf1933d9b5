//! Any interleaving of what readers, moderators, the publisher and accidents do, against a plain model and readers all over the world.

mod carry;
mod guarded;
mod kv;
mod plain;
mod step;

use std::fmt::Debug;

use afterword_ledger::{
    Actor, Attribution, CommentEdit, Ledger, LedgerError, PageSize, SettingChange, Snapshot, SubmissionPolicy,
    VerifiedComment,
};
use afterword_model::{CommentId, Moderation, PageReader, PostUrl, Refusal, Sort, Thread};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::fixtures::{NOW, Store, entry, stamp, url, uuid};
use carry::{Kept, rendered};
use kv::Kv;
use plain::Model;
use step::{Sent, Step, Stride, stride};

/// Few comments make long threads.
const SIZE: PageSize = PageSize { comments: 4, bytes: 2_500, edited_bytes: 3_000, max_interleaved_pages: 20 };
/// Seconds in which authors may edit.
const WINDOW: i64 = 100;
const SORTS: [Sort; 3] = [Sort::Oldest, Sort::Newest, Sort::Top];

/// The ledger, the model, and the published values between them.
struct World {
    store: Store,
    model: Model,
    kv: Kv,
    /// A snapshot, and how many of its values are put.
    putting: Option<(Snapshot, usize)>,
    kept: Option<Kept>,
    sent: u32,
    acts: u32,
    now: i64,
}

impl World {
    fn new() -> Self {
        let store = Store::new();
        store.ledger();
        Self {
            store,
            model: Model::new(SIZE),
            kv: Kv::default(),
            putting: None,
            kept: None,
            sent: 0,
            acts: 0,
            now: NOW,
        }
    }

    fn ledger(&self) -> Ledger<&Store> {
        self.store.ledger().with_page_size(SIZE)
    }

    fn take(&mut self, Stride { step, fuse, again }: &Stride) -> TestCaseResult {
        self.store.log.borrow_mut().clear();
        self.acts += u32::from(!again);
        match step {
            Step::Submit { sent, policy } => {
                let limits = if sent.guarded.is_some() { &guarded::LIMITS[..] } else { &[] };
                let rules = SubmissionPolicy { moderation: *policy, limits, patterns: Some(&guarded::Letters) };
                self.submit(&self.entry(sent), rules, *fuse)?;
            }
            Step::Repeat { which, other_content } => self.repeat(*which, *other_content, *fuse)?,
            Step::Edit { .. } | Step::Erase { .. } | Step::Vote { .. } | Step::Approve { .. } | Step::Hold { .. } => {
                self.act(step, *fuse)?;
            }
            Step::Close { post, closed } => {
                let (url, act, now) = (post_url(*post), self.moderators(), self.now);
                let plainly = |model: &mut Model| model.close(&url, *closed, &act, now);
                self.both(*fuse, |ledger| ledger.set_closed(&url, *closed, &act, now), plainly)?;
            }
            Step::Name { post, title } => {
                let (url, title, act, now) = (post_url(*post), title_of(*title), self.moderators(), self.now);
                let plainly = |model: &mut Model| model.name(&url, &title, &act, now);
                self.both(*fuse, |ledger| ledger.set_title(&url, &title, &act, now), plainly)?;
            }
            Step::Set { moderation } => {
                let (change, act, now) = (SettingChange::Moderation(*moderation), self.moderators(), self.now);
                let plainly = |model: &mut Model| model.set(&change, &act, now);
                self.both(*fuse, |ledger| ledger.update_setting(&change, &act, now), plainly)?;
            }
            Step::Ban { .. } | Step::Unban { .. } | Step::Prune => self.guard(step, *fuse)?,
            Step::Keep(how) => self.keep(*how),
            Step::Restore(how) => self.restore(*how)?,
            Step::BringBack(how) => self.bring_back(*how)?,
            Step::Wait { seconds } => self.now += seconds,
            Step::Begin { which } => self.begin(*which)?,
            Step::Put { fails } => self.put(*fails, *fuse)?,
            Step::Crash { lands } => {
                if let (Some((snapshot, done)), true) = (self.putting.take(), lands) {
                    self.kv.put(&snapshot.pages[done])?;
                }
            }
            Step::Read { location, post, page, sort, ttl } => {
                let reading = PageReader::new(post_url(*post), *page, *sort);
                let thread = self.kv.read(*location, reading, self.now, *ttl)?;
                let version = self.model.posts.get(&thread.url).map_or(0, |post| post.version);
                prop_assert!(thread.version <= version);
            }
        }
        self.check_due()
    }

    /// Does the same to both, and holds their answers against each other. A statement that fails leaves all as it was.
    fn both<T: PartialEq + Debug, E: Into<LedgerError>>(
        &mut self,
        fuse: Option<u32>,
        act: impl FnOnce(&Ledger<&Store>) -> Result<T, LedgerError>,
        plainly: impl FnOnce(&mut Model) -> Result<T, E>,
    ) -> TestCaseResult {
        let ledger = self.ledger();
        self.store.fuse.set(fuse);
        let got = act(&ledger);
        self.store.fuse.set(None);
        if matches!(got, Err(LedgerError::Sql(_))) {
            prop_assert!(fuse.is_some());
            return Ok(());
        }
        prop_assert_eq!(got, plainly(&mut self.model).map_err(Into::into));
        Ok(())
    }

    /// The act of a moderator, if this step is one.
    fn moderators(&self) -> Attribution<'static> {
        Attribution { id: uuid(u32::MAX - self.acts), by: "grace" }
    }

    fn entry(&self, sent: &Sent) -> VerifiedComment {
        let source = format!("Text {} {}", self.sent, sent.size);
        VerifiedComment {
            url: post_url(sent.post),
            title: title_of(sent.title),
            parent: sent.parent.map(|at| CommentId::new(i64::try_from(at).unwrap())),
            author: sent.author.map(|author| stamp(&author.to_string())),
            website: sent.author.map(|author| format!("https://author-{author}.example/")),
            html: rendered(&source),
            source,
            ..sent.guarded.map_or_else(|| entry(self.sent), |guarded| guarded.entry(self.sent, self.now))
        }
    }

    fn submit(&mut self, entry: &VerifiedComment, rules: SubmissionPolicy<'_>, fuse: Option<u32>) -> TestCaseResult {
        self.sent += 1;
        let now = self.now;
        let submit =
            |ledger: &Ledger<&Store>| ledger.submit(entry, rules, now).map(|outcome| (outcome.posted, outcome.repeat));
        self.both(fuse, submit, |model| model.submit(entry, &rules, now))
    }

    fn repeat(&mut self, which: usize, other_content: bool, fuse: Option<u32>) -> TestCaseResult {
        let Some(at) = which.checked_rem(self.model.comments.len()) else { return Ok(()) };
        let mut entry = self.model.comments[at].entry.clone();
        if other_content {
            entry.fingerprint = "other".to_owned();
        }
        self.submit(&entry, Moderation::Open.into(), fuse)
    }

    /// An act on a comment that is there, or on one that is not.
    fn act(&mut self, step: &Step, fuse: Option<u32>) -> TestCaseResult {
        let (Step::Edit { which, .. }
        | Step::Erase { which, .. }
        | Step::Vote { which, .. }
        | Step::Approve { which }
        | Step::Hold { which }) = step
        else {
            return Ok(());
        };
        let (comments, now) = (self.model.comments.len(), self.now);
        let at = which % (comments + 1);
        let id = CommentId::new(i64::try_from(at).unwrap() + 1);
        let unknown = (at == comments).then_some(Refusal::UnknownComment);
        let hash = |author: u8| stamp(&author.to_string()).hash;
        let act = self.moderators();
        match step {
            Step::Edit { size, by, .. } => {
                let source = format!("Edit {size}");
                let edit = CommentEdit { html: rendered(&source), source, renderer: 1 };
                let author = by.map(hash);
                let by = author.as_deref().map_or(Actor::Moderator(&act), Actor::Author);
                let plainly = |model: &mut Model| unknown.map_or_else(|| model.edit(at, &edit, by, WINDOW, now), Err);
                self.both(fuse, |ledger| ledger.edit(id, &edit, by, WINDOW, now), plainly)
            }
            Step::Erase { by, .. } => {
                let author = by.map(hash);
                let by = author.as_deref().map_or(Actor::Moderator(&act), Actor::Author);
                let plainly = |model: &mut Model| unknown.map_or_else(|| model.erase(at, by, now), Err);
                self.both(fuse, |ledger| ledger.erase(id, by, now), plainly)
            }
            Step::Vote { author, vote, .. } => {
                let author = hash(*author);
                let plainly = |model: &mut Model| unknown.map_or_else(|| model.vote(at, &author, *vote, now), Err);
                self.both(fuse, |ledger| ledger.vote(id, &author, *vote, now), plainly)
            }
            Step::Approve { .. } => {
                let plainly = |model: &mut Model| unknown.map_or_else(|| model.approve(at, &act, now), Err);
                self.both(fuse, |ledger| ledger.approve(id, &act, now), plainly)
            }
            _ => {
                let plainly = |model: &mut Model| unknown.map_or_else(|| model.hold(at, &act, now), Err);
                self.both(fuse, |ledger| ledger.unpublish(id, &act, now), plainly)
            }
        }
    }

    fn begin(&mut self, which: usize) -> TestCaseResult {
        let ledger = self.ledger();
        let due = ledger.due_threads(self.now, 10).unwrap();
        if let (None, Some(at)) = (&self.putting, which.checked_rem(due.len())) {
            let snapshot = ledger.snapshot(&due[at], self.now).unwrap().unwrap();
            prop_assert_eq!(&snapshot.due, &due[at]);
            let last = due[at].pages.first().map(|page| due[at].url.kv_key(*page));
            prop_assert_eq!(snapshot.pages.last().map(Thread::kv_key), last);
            if due[at].top {
                let top = snapshot.pages.iter().find(|page| page.sort == Sort::Top).unwrap();
                prop_assert_eq!(&top.comments, &self.model.best(&due[at].url));
            }
            self.putting = Some((snapshot, 0));
        }
        Ok(())
    }

    /// What was put before a put that fails is published all the same.
    fn put(&mut self, fails: bool, fuse: Option<u32>) -> TestCaseResult {
        let Some((snapshot, mut done)) = self.putting.take() else { return Ok(()) };
        if !fails {
            self.kv.put(&snapshot.pages[done])?;
            done += 1;
            if done < snapshot.pages.len() {
                self.putting = Some((snapshot, done));
                return Ok(());
            }
        }
        let due = snapshot.published_part(done);
        let plainly = |model: &mut Model| {
            model.posts.get_mut(&due.url).unwrap().published(due.version, &due.pages, due.top);
            Ok::<_, Refusal>(())
        };
        self.both(fuse, |ledger| ledger.mark_published(&due), plainly)
    }

    fn check_due(&self) -> TestCaseResult {
        let ledger = self.ledger();
        for now in [self.now, i64::MAX >> 11] {
            let due = ledger.due_threads(now, 10).unwrap();
            let mut due: Vec<_> =
                due.into_iter().map(|due| (due.url, due.version, due.pages.into_iter().collect(), due.top)).collect();
            due.sort();
            let expected =
                self.model.posts.iter().filter_map(|(url, post)| {
                    post.due(now).map(|(pages, top)| (url.clone(), post.version, pages, top))
                });
            prop_assert_eq!(due, expected.collect::<Vec<_>>());
        }
        Ok(())
    }

    /// In the end everything is published, and the ledger, the model and what readers read tell the same.
    fn settle(&mut self) -> TestCaseResult {
        while let Some(next) = self.ledger().next_due().unwrap() {
            self.now = self.now.max(next);
            self.begin(0)?;
            self.put(false, None)?;
            self.check_due()?;
        }
        self.now += 60;
        prop_assert_eq!(&self.ledger().list_audit_log(None, 1_000).unwrap().items, &self.model.audit());
        self.compare_private()?;
        let urls: Vec<PostUrl> = self.model.posts.keys().cloned().collect();
        for url in urls {
            self.compare(&url)?;
            for sort in SORTS {
                self.read_all(&url, sort)?;
            }
        }
        Ok(())
    }

    fn compare(&self, url: &PostUrl) -> TestCaseResult {
        let post = &self.model.posts[url];
        for page in 1..=post.pages() {
            let read = self.ledger().read_page(url, page).unwrap();
            prop_assert_eq!(&read.comments, &self.model.drawn(url, page));
            let expected = (post.version, post.version > 0 && post.closed, self.model.count(url), post.pages());
            prop_assert_eq!((read.version, read.closed, read.count, read.pages), expected);
            prop_assert_eq!(&read.title, if post.version > 0 { &post.title } else { "" });
            match self.kv.central.get(&url.kv_key(page)) {
                // What concerns the whole thread is the head's word.
                Some(put) if page == 1 => prop_assert_eq!(put, &read),
                Some(put) => prop_assert_eq!(&put.comments, &read.comments),
                None => prop_assert_eq!(post.version, 0),
            }
        }
        if post.pages() > 1 {
            prop_assert_eq!(&self.ledger().read_top(url).unwrap().comments, &self.model.best(url));
        }
        Ok(())
    }

    /// In every order, a reader meets every comment exactly once.
    fn read_all(&mut self, url: &PostUrl, sort: Sort) -> TestCaseResult {
        let pages = self.kv.whole(url, sort, self.now)?;
        let mut read: Vec<_> = pages.iter().flat_map(|page| &page.comments).collect();
        let roots = |pages: &[Thread]| {
            let roots = pages.iter().flat_map(|page| &page.comments).filter(|comment| comment.parent.is_none());
            roots.map(|root| (root.votes, root.id)).collect::<Vec<_>>()
        };
        let is_long = self.model.posts[url].pages() > 1;
        let sorted = match sort {
            Sort::Oldest => true,
            // What was let through late is on a later page than its number tells.
            Sort::Newest => is_long || roots(&pages).is_sorted_by_key(|(_, id)| std::cmp::Reverse(*id)),
            Sort::Top => {
                let first = roots(&pages[..1]).into_iter().filter(|(votes, _)| !is_long || *votes > 0);
                first.is_sorted_by_key(|(votes, id)| (-votes, id))
            }
        };
        prop_assert!(sorted, "{:?}: {:?}", sort, roots(&pages));
        read.sort_by_key(|comment| comment.id);
        let mut expected: Vec<_> =
            (1..=self.model.posts[url].pages()).flat_map(|page| self.model.drawn(url, page)).collect();
        expected.sort_by_key(|comment| comment.id);
        prop_assert_eq!(read, expected.iter().collect::<Vec<_>>());
        Ok(())
    }
}

fn title_of(title: u8) -> String {
    if title == 0 { String::new() } else { format!("Title {title}") }
}

fn post_url(post: u8) -> PostUrl {
    url(&format!("post-{post}"))
}

fn tell(strides: &[Stride]) -> TestCaseResult {
    let mut world = World::new();
    for stride in strides {
        world.take(stride)?;
    }
    world.settle()
}

// Two tests of 5,000 cases each, for two cores.
proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_story_ends_well(strides in prop::collection::vec(stride(), 1..100)) {
        tell(&strides)?;
    }

    #[test]
    fn every_other_story_ends_well_too(strides in prop::collection::vec(stride(), 1..100)) {
        tell(&strides)?;
    }
}
