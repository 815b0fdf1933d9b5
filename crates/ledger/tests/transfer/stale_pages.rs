//! Keys in KV after posts moved and everything was published: exactly those that readers can reach.

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{Ledger, PageSize, PendingRedirect, PostMove, PostMoves, Value, VerifiedComment};
use afterword_model::{CommentId, Moderation, Vote};
use proptest::prelude::*;

use crate::fixtures::{NOW, TestDatabase, attribution, author_id, page_size, render, root_comment, url};

const POSTS: [&str; 4] = ["a", "b", "c", "d"];
/// Four comments fill a page, or fewer if they are long.
const SIZE: PageSize = PageSize { bytes: 1_500, bytes_with_replies: 1_500, ..page_size(4) };

/// A site, and KV with the values that were published.
struct PublishedSite {
    database: TestDatabase,
    size: PageSize,
    kv: BTreeMap<String, String>,
    now: i64,
}

impl PublishedSite {
    /// An empty site on which a merge interleaves two threads if they have at most this number of pages together.
    fn new(max_interleaved_pages: u32) -> Self {
        let (database, size) = (TestDatabase::new(), PageSize { max_interleaved_pages, ..SIZE });
        database.ledger();
        Self { database, size, kv: BTreeMap::new(), now: NOW }
    }

    fn ledger(&self) -> Ledger<&TestDatabase> {
        self.database.ledger().with_page_size(self.size)
    }

    /// Submits a comment with a unique text that is padded with `padding` bytes.
    fn submit(
        &self,
        post: &str,
        number: u32,
        padding: usize,
        parent: Option<CommentId>,
        policy: Moderation,
    ) -> Option<CommentId> {
        let source = format!("Text {number} with {}", "x".repeat(padding));
        let comment = VerifiedComment { parent, html: render(&source).unwrap(), source, ..root_comment(post, number) };
        Some(self.ledger().submit(&comment, policy, self.now).ok()?.posted.comment.id)
    }

    fn erase(&self, id: CommentId) {
        self.ledger().erase(id, &attribution(), self.now).unwrap();
    }

    fn remap(&self, from: &str, to: &str) {
        let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
        self.ledger().remap(&moves, 0, 9, &attribution(), self.now).unwrap();
    }

    /// Does the next piece of due work with at most `writes` writes to KV. Returns false if none was due.
    fn publish_step(&mut self, mut writes: usize) -> bool {
        let Self { database, size, kv, now } = self;
        let (ledger, now) = (database.ledger().with_page_size(*size), *now);
        if let Some(due) = ledger.due_threads_after(0, now, 1).unwrap().first() {
            let snapshot = ledger.snapshot(due, now).unwrap().unwrap();
            writes = writes.min(snapshot.pages.len());
            for value in &snapshot.pages[..writes] {
                kv.insert(value.kv_key(), serde_json::to_string(value).unwrap());
            }
            ledger.mark_published(&snapshot.published_part(writes)).unwrap();
            return true;
        }
        let Some(redirect) = ledger.due_redirects(now, 1).unwrap().pop() else {
            let Some(stale) = ledger.due_stale_pages(now, 1).unwrap().pop() else { return false };
            let mut last = stale.last_stale;
            while stale.is_ready() && last > stale.last_kept && writes > 0 {
                kv.remove(&stale.url.kv_key(last));
                (last, writes) = (last - 1, writes - 1);
            }
            ledger.record_removed(&stale, last, now).unwrap();
            return true;
        };
        let PendingRedirect { from, is_published, mut pages, .. } = redirect.clone();
        if !is_published {
            kv.insert(from.kv_key(1), serde_json::to_string(&redirect.to_redirect()).unwrap());
        }
        while is_published && pages > 1 && writes > 0 {
            if pages == 2 {
                kv.remove(&from.kv_top_key());
            }
            kv.remove(&from.kv_key(pages));
            (pages, writes) = (pages - 1, writes - 1);
        }
        ledger.record_redirect(&redirect, pages, now).unwrap();
        true
    }

    /// Publishes until nothing is due, now or later.
    fn publish_until_idle(&mut self) {
        for _ in 0..10_000 {
            while self.publish_step(3) {}
            match self.ledger().next_due().unwrap() {
                Some(next) => self.now = self.now.max(next),
                None => return,
            }
        }
        panic!("there is always something to do");
    }

    /// The keys that readers can reach: those of pages and redirects, which must exist, and those of best comments,
    /// which may.
    fn reachable_keys(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut pages, mut tops) = (BTreeSet::new(), BTreeSet::new());
        for post in POSTS.map(url) {
            let thread = self.ledger().read_page(&post, 1).unwrap();
            if thread.version == 0 {
                continue;
            }
            pages.insert(post.kv_key(1));
            if thread.url == post {
                pages.extend((1..=thread.pages).map(|page| post.kv_key(page)));
                tops.insert(post.kv_top_key());
            }
        }
        (pages, tops)
    }

    /// Checks that KV holds reachable keys only, and no text of a comment that is erased or pending.
    fn check_kv(&self) {
        let (reachable_pages, reachable_tops) = self.reachable_keys();
        let (tops, pages): (BTreeSet<_>, BTreeSet<_>) = self.kv.keys().cloned().partition(|key| key.ends_with("#top"));
        assert_eq!(pages, reachable_pages);
        assert!(tops.is_subset(&reachable_tops), "{tops:?} {reachable_tops:?}");
        let hidden = self.database.run("SELECT uuid FROM comment WHERE erased IS NOT NULL OR status = 0");
        for uuid in hidden.iter().flatten() {
            let Value::Text(uuid) = uuid else { panic!("{uuid:?}") };
            let text = format!("Text {} with", u32::from_str_radix(&uuid[28..], 16).unwrap());
            for (key, value) in &self.kv {
                assert!(!value.contains(&text), "{key} still contains {text:?}");
            }
        }
    }
}

#[test]
fn a_merge_into_fewer_pages_leaves_no_stale_pages() {
    let mut site = PublishedSite::new(SIZE.max_interleaved_pages);
    let submit = |site: &PublishedSite, number| site.submit("b", number, 1_000, None, Moderation::Open).unwrap();
    let (first, second): (Vec<_>, Vec<_>) = (1..=20).map(|number| submit(&site, number)).partition(|id| id.get() <= 12);
    site.publish_until_idle();
    // Erased comments take less room on a page.
    first.iter().for_each(|id| site.erase(*id));
    site.publish_until_idle();
    let before = site.reachable_keys().0.len();
    site.submit("a", 30, 0, None, Moderation::Open);
    site.remap("a", "b");
    while site.publish_step(3) {}
    assert!(site.reachable_keys().0.len() < before, "{:?}", site.reachable_keys());
    assert!(site.kv.len() >= before, "readers may have the former first page for a minute");
    site.publish_until_idle();
    second.iter().for_each(|id| site.erase(*id));
    site.publish_until_idle();
    site.check_kv();
}

#[test]
fn a_post_moved_to_a_redirected_address_replaces_its_pages() {
    for policy in [Moderation::Open, Moderation::All] {
        let mut site = PublishedSite::new(SIZE.max_interleaved_pages);
        let submit = |site: &PublishedSite, number| site.submit("a", number, 1_000, None, Moderation::Open).unwrap();
        let long: Vec<_> = (1..=9).map(|number| submit(&site, number)).collect();
        site.ledger().vote(long[3], &author_id("ada").hash, Vote::For, NOW).unwrap();
        site.publish_until_idle();
        site.remap("a", "b");
        while site.publish_step(3) {}
        assert!(site.kv.contains_key(&url("a").kv_key(4)) && site.kv.contains_key(&url("a").kv_top_key()));
        site.submit("c", 20, 0, None, policy);
        site.remap("c", "a");
        site.publish_until_idle();
        long.iter().for_each(|id| site.erase(*id));
        site.publish_until_idle();
        site.check_kv();
        let moved = site.ledger().read_page(&url("a"), 1).unwrap();
        assert_eq!(
            (moved.url, moved.title.is_empty()),
            (url("a"), policy == Moderation::All),
            "a pending comment gives no title"
        );
    }
}

/// A step of a random story. Numbers of comments are taken modulo the number of comments so far.
#[derive(Clone, Debug)]
enum Step {
    Submit { post: usize, padding: usize, parent: Option<usize>, policy: Moderation },
    Erase(usize),
    Unpublish(usize),
    Approve(usize),
    Vote(usize),
    Remap(usize, usize),
    Publish { steps: usize, writes: usize },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let policy = prop_oneof![5 => Just(Moderation::Open), 1 => Just(Moderation::All)];
    let submission = (0..POSTS.len(), 0..1_500usize, prop::option::of(any::<usize>()), policy);
    prop_oneof![
        20 => submission.prop_map(|(post, padding, parent, policy)| Step::Submit { post, padding, parent, policy }),
        4 => any::<usize>().prop_map(Step::Erase),
        2 => any::<usize>().prop_map(Step::Unpublish),
        2 => any::<usize>().prop_map(Step::Approve),
        3 => any::<usize>().prop_map(Step::Vote),
        4 => (0..POSTS.len(), 0..POSTS.len()).prop_map(|(from, to)| Step::Remap(from, to)),
        10 => (1..9usize, 0..6usize).prop_map(|(steps, writes)| Step::Publish { steps, writes }),
        3 => (1..90i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_moves_leave_only_reachable_keys_in_kv(
        steps in prop::collection::vec(step(), 1..60),
        max_interleaved_pages in 1..8u32,
    ) {
        let mut site = PublishedSite::new(max_interleaved_pages);
        let mut ids: Vec<CommentId> = Vec::new();
        for (number, step) in (1..).zip(&steps) {
            let id = |which: usize| which.checked_rem(ids.len()).map(|at| ids[at]);
            match step {
                Step::Submit { post, padding, parent, policy } => {
                    ids.extend(site.submit(POSTS[*post], number, *padding, parent.and_then(id), *policy));
                }
                Step::Erase(which) => id(*which).into_iter().for_each(|id| site.erase(id)),
                Step::Unpublish(which) => {
                    id(*which).into_iter().for_each(|id| drop(site.ledger().unpublish(id, &attribution(), site.now)));
                }
                Step::Approve(which) => {
                    id(*which).into_iter().for_each(|id| drop(site.ledger().approve(id, &attribution(), site.now)));
                }
                Step::Vote(which) => {
                    if let Some(id) = id(*which) {
                        drop(site.ledger().vote(id, &author_id("ada").hash, Vote::For, site.now));
                    }
                }
                Step::Remap(from, to) => site.remap(POSTS[*from], POSTS[*to]),
                Step::Publish { steps, writes } => {
                    (0..*steps).take_while(|_| site.publish_step(*writes)).for_each(drop);
                }
                Step::Wait(seconds) => site.now += seconds,
            }
        }
        site.publish_until_idle();
        site.check_kv();
    }
}
