//! Any interleaving of posting, repeating, erasing, publishing and crashing, against a plain model.

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{Entry, Ledger, LedgerError, Snapshot};
use afterword_model::{Comment, CommentId, Moderation, PostUrl, Refusal, Status, Thread, limits};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::setup::{NOW, Store, entry, erase, html, stamp, url};

/// One step of a random story. Numbers that point at something are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    /// A submission; with a fuse, the statement of that number fails.
    Submit {
        sent: Sent,
        policy: Moderation,
        fuse: Option<u32>,
    },
    /// The same submission again, perhaps with another content.
    Repeat {
        which: usize,
        other_content: bool,
    },
    /// So many root comments in a row.
    Burst {
        post: u8,
        comments: u8,
    },
    Erase {
        which: usize,
    },
    Close {
        post: u8,
    },
    /// Takes a snapshot of a thread that is due, if none is being put.
    Begin {
        which: usize,
    },
    /// Puts the next page of that snapshot; after the last one, notes it as published.
    Put,
    /// What was being put is forgotten. (The ledger itself is opened anew for every step.)
    Crash,
}

#[derive(Clone, Debug)]
struct Sent {
    post: u8,
    /// The comment answered; any of all comments, and none if it is beyond them.
    parent: Option<usize>,
    author: Option<u8>,
    /// Kilobytes of HTML.
    size: u8,
}

fn step() -> impl Strategy<Value = Step> {
    let sent =
        (0..3u8, prop::option::weighted(0.6, 0..40usize), prop::option::of(0..3u8), prop_oneof![Just(0u8), 0..=255u8])
            .prop_map(|(post, parent, author, size)| Sent { post, parent, author, size });
    let policy = prop_oneof![Just(Moderation::Open), Just(Moderation::First), Just(Moderation::All)];
    prop_oneof![
        80 => (sent, policy, prop::option::weighted(0.2, 0..12u32))
            .prop_map(|(sent, policy, fuse)| Step::Submit { sent, policy, fuse }),
        20 => (any::<usize>(), any::<bool>()).prop_map(|(which, other_content)| Step::Repeat { which, other_content }),
        10 => (0..3u8, 1..=120u8).prop_map(|(post, comments)| Step::Burst { post, comments }),
        20 => any::<usize>().prop_map(|which| Step::Erase { which }),
        1 => (0..3u8).prop_map(|post| Step::Close { post }),
        30 => any::<usize>().prop_map(|which| Step::Begin { which }),
        60 => Just(Step::Put),
        10 => Just(Step::Crash),
    ]
}

/// A comment as the model remembers it.
#[derive(Clone, Debug)]
struct Remembered {
    entry: Entry,
    comment: Comment,
    status: Status,
    version: i64,
    page: u32,
}

/// A thread as the model remembers it: its comments are among all the others.
#[derive(Clone, Debug, Default)]
struct Post {
    version: i64,
    published: i64,
    closed: bool,
    dirty: BTreeSet<u32>,
}

#[derive(Default)]
struct Model {
    comments: Vec<Remembered>,
    posts: BTreeMap<PostUrl, Post>,
}

impl Model {
    /// What the ledger must answer, and what must be so afterwards.
    fn submit(&mut self, entry: &Entry, policy: Moderation) -> Result<(Comment, Status, i64, bool), Refusal> {
        if let Some(known) = self.comments.iter().find(|known| known.entry.id == entry.id) {
            let same = known.entry.fingerprint == entry.fingerprint && known.entry.author == entry.author;
            let version =
                if known.status == Status::Published { known.version } else { self.posts[&entry.url].version };
            return if same {
                Ok((known.comment.clone(), known.status, version, true))
            } else {
                Err(Refusal::IdReused)
            };
        }
        if self.posts.get(&entry.url).is_some_and(|post| post.closed) {
            return Err(Refusal::Closed);
        }
        let visible = |known: &&Remembered| known.status == Status::Published && !known.comment.deleted;
        let mut all = self.comments.iter().filter(visible);
        let parent = match entry.parent {
            Some(id) => Some(
                all.find(|known| known.comment.id == id && known.entry.url == entry.url)
                    .ok_or(Refusal::UnknownParent)?,
            ),
            None => None,
        };
        let by_author = |known: &Remembered| known.status == Status::Published && known.entry.author == entry.author;
        let publish = match policy {
            Moderation::Open => true,
            Moderation::First => entry.author.is_some() && self.comments.iter().any(by_author),
            Moderation::All => false,
        };
        let page = parent.map_or_else(|| self.last_page(&entry.url), |parent| parent.page);
        let post = self.posts.entry(entry.url.clone()).or_default();
        if publish {
            post.version += 1;
            post.dirty.extend([1, page]);
        }
        let comment = Comment {
            id: CommentId::new(i64::try_from(self.comments.len()).unwrap() + 1),
            parent: entry.parent,
            author: afterword_model::Author {
                name: entry.name.clone(),
                website: None,
                owner: false,
                mark: entry.author.as_ref().map(|author| author.mark.clone()),
            },
            html: entry.html.clone(),
            created: NOW,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
        };
        let status = if publish { Status::Published } else { Status::Pending };
        let answer = (comment.clone(), status, post.version, false);
        self.comments.push(Remembered { entry: entry.clone(), comment, status, version: post.version, page });
        Ok(answer)
    }

    /// The page for a new root comment, found by looking at all the others.
    fn last_page(&self, url: &PostUrl) -> u32 {
        let of_thread =
            || self.comments.iter().filter(|known| known.entry.url == *url && known.status == Status::Published);
        let last = of_thread().map(|known| known.page).max().unwrap_or(1);
        let on_last = of_thread().filter(|known| known.page == last);
        let (comments, bytes) =
            on_last.fold((0, 0), |(comments, bytes), known| (comments + 1, bytes + known.entry.html.as_str().len()));
        if comments >= limits::PAGE_COMMENTS || bytes >= limits::PAGE_BYTES { last + 1 } else { last }
    }

    fn erase(&mut self, at: usize) {
        let known = &mut self.comments[at];
        known.comment = Comment {
            author: afterword_model::Author::default(),
            html: afterword_model::SafeHtml::default(),
            deleted: true,
            ..known.comment.clone()
        };
        let (url, page) = (known.entry.url.clone(), known.page);
        let post = self.posts.get_mut(&url).unwrap();
        post.version += 1;
        post.dirty.extend([1, page]);
    }

    /// The whole thread, drawn by recursion.
    fn pages(&self, url: &PostUrl) -> BTreeMap<u32, Vec<Comment>> {
        let mut pages = BTreeMap::from([(1, Vec::new())]);
        let of_thread =
            self.comments.iter().filter(|known| known.entry.url == *url && known.status == Status::Published);
        for root in of_thread.filter(|known| known.comment.parent.is_none()) {
            pages.entry(root.page).or_default().extend(self.subtree(root));
        }
        pages
    }

    fn subtree(&self, top: &Remembered) -> Vec<Comment> {
        let answers = self.comments.iter().filter(|known| known.comment.parent == Some(top.comment.id));
        let below: Vec<_> =
            answers.filter(|known| known.status == Status::Published).flat_map(|known| self.subtree(known)).collect();
        if top.comment.deleted && below.is_empty() { below } else { [vec![top.comment.clone()], below].concat() }
    }
}

/// The ledger, the model, and the published pages between them.
struct World {
    store: Store,
    model: Model,
    kv: BTreeMap<String, Thread>,
    /// A snapshot, and how many of its pages are put.
    putting: Option<(Snapshot, usize)>,
    sent: u32,
}

impl World {
    fn new() -> Self {
        let store = Store::new();
        store.ledger();
        Self { store, model: Model::default(), kv: BTreeMap::new(), putting: None, sent: 0 }
    }

    fn ledger(&self) -> Ledger<&Store> {
        self.store.ledger()
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        self.store.log.borrow_mut().clear();
        match step {
            Step::Submit { sent, policy, fuse } => self.submit(&self.entry(sent), *policy, *fuse)?,
            Step::Repeat { which, other_content } => self.repeat(*which, *other_content)?,
            Step::Burst { post, comments } => {
                for _ in 0..*comments {
                    let sent = Sent { post: *post, parent: None, author: None, size: 0 };
                    self.submit(&self.entry(&sent), Moderation::Open, None)?;
                }
            }
            Step::Erase { which } => self.erase(*which),
            Step::Close { post } => {
                let url = post_url(*post);
                self.store.run("UPDATE thread SET closed = 1 WHERE url = ?", &[url.as_str().into()]);
                if let Some(post) = self.model.posts.get_mut(&url) {
                    post.closed = true;
                }
            }
            Step::Begin { which } => self.begin(*which)?,
            Step::Put => self.put()?,
            Step::Crash => self.putting = None,
        }
        self.check_due()
    }

    fn entry(&self, sent: &Sent) -> Entry {
        Entry {
            url: post_url(sent.post),
            parent: sent.parent.map(|at| CommentId::new(i64::try_from(at).unwrap())),
            author: sent.author.map(|author| stamp(&format!("author {author}"))),
            html: html(&"x".repeat(usize::from(sent.size) * 1024)),
            ..entry(self.sent)
        }
    }

    fn submit(&mut self, entry: &Entry, policy: Moderation, fuse: Option<u32>) -> TestCaseResult {
        self.sent += 1;
        let ledger = self.ledger();
        self.store.fuse.set(fuse);
        let got = ledger.submit(entry, policy, NOW);
        self.store.fuse.set(None);
        if matches!(got, Err(LedgerError::Sql(_))) {
            prop_assert!(fuse.is_some());
            return Ok(());
        }
        let got = got.map(|outcome| {
            let posted = outcome.posted;
            (posted.comment, posted.status, posted.version, outcome.repeat)
        });
        prop_assert_eq!(got, self.model.submit(entry, policy).map_err(LedgerError::Refused));
        Ok(())
    }

    fn repeat(&mut self, which: usize, other_content: bool) -> TestCaseResult {
        let Some(at) = which.checked_rem(self.model.comments.len()) else { return Ok(()) };
        let mut entry = self.model.comments[at].entry.clone();
        if other_content {
            entry.fingerprint = "other".to_owned();
        }
        self.submit(&entry, Moderation::Open, None)
    }

    fn erase(&mut self, which: usize) {
        let Some(at) = which.checked_rem(self.model.comments.len()) else { return };
        let known = &self.model.comments[at];
        if known.status == Status::Published && !known.comment.deleted {
            erase(&self.store, known.comment.id);
            self.model.erase(at);
        }
    }

    fn begin(&mut self, which: usize) -> TestCaseResult {
        let ledger = self.ledger();
        let due = ledger.due(10).unwrap();
        if let (None, Some(at)) = (&self.putting, which.checked_rem(due.len())) {
            let snapshot = ledger.snapshot(&due[at]).unwrap();
            prop_assert_eq!(snapshot.as_ref().map(|snapshot| &snapshot.due), Some(&due[at]));
            self.putting = snapshot.map(|snapshot| (snapshot, 0));
        }
        Ok(())
    }

    fn put(&mut self) -> TestCaseResult {
        let Some((snapshot, done)) = self.putting.take() else { return Ok(()) };
        let page = &snapshot.pages[done];
        let older = self.kv.insert(page.url.kv_key(page.page), page.clone());
        prop_assert!(older.is_none_or(|older| older.version <= page.version), "an older version over a newer one");
        if let Some(head) = self.kv.get(&page.url.kv_key(1)) {
            for page in 1..=head.pages {
                prop_assert!(self.kv.contains_key(&head.url.kv_key(page)), "the head counts a page that is not there");
            }
        }
        if done + 1 < snapshot.pages.len() {
            self.putting = Some((snapshot, done + 1));
            return Ok(());
        }
        self.ledger().published(&snapshot.due).unwrap();
        let post = self.model.posts.get_mut(&snapshot.due.url).unwrap();
        post.published = snapshot.due.version;
        if post.published == post.version {
            post.dirty.clear();
        }
        Ok(())
    }

    fn check_due(&self) -> TestCaseResult {
        let due: BTreeMap<_, _> =
            self.ledger().due(10).unwrap().into_iter().map(|due| (due.url, (due.version, due.pages))).collect();
        let expected = self.model.posts.iter().filter(|(_, post)| post.version > post.published);
        let expected = expected.map(|(url, post)| (url.clone(), (post.version, post.dirty.iter().copied().collect())));
        prop_assert_eq!(due, expected.collect());
        Ok(())
    }

    /// In the end everything is published, and the ledger, the model and the published pages tell the same.
    fn settle(&mut self) -> TestCaseResult {
        while !self.ledger().due(1).unwrap().is_empty() {
            self.take(&Step::Begin { which: 0 })?;
            self.take(&Step::Put)?;
        }
        for (url, post) in &self.model.posts {
            let pages = self.model.pages(url);
            for (page, comments) in &pages {
                let read = self.ledger().read_page(url, *page).unwrap();
                prop_assert_eq!(&read.comments, comments);
                prop_assert_eq!(
                    (read.version, read.closed && read.version > 0),
                    (post.version, post.closed && read.version > 0)
                );
                let readable = pages.values().flatten().filter(|comment| !comment.deleted).count();
                prop_assert_eq!(usize::try_from(read.count).unwrap(), readable);
                match self.kv.get(&url.kv_key(*page)) {
                    Some(put) => prop_assert_eq!(&put.comments, comments),
                    None => prop_assert_eq!(post.version, 0),
                }
            }
        }
        Ok(())
    }
}

fn post_url(post: u8) -> PostUrl {
    url(&format!("post-{post}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_story_ends_well(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        world.settle()?;
    }
}
