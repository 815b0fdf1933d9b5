//! What lies in KV when all is published, wherever posts went: what somebody is led to, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{Actor, Ledger, PageSize, PendingRedirect, PostMove, PostMoves, Value, VerifiedComment};
use afterword_model::{CommentId, Moderation, Vote};
use proptest::prelude::*;

use crate::fixtures::{NOW, Store, act, entry, render, stamp, url};

const POSTS: [&str; 4] = ["a", "b", "c", "d"];
/// A page is full of few comments, or of fewer long ones.
const SIZE: PageSize = PageSize { comments: 4, bytes: 1_500, edited_bytes: 200_000, max_interleaved_pages: 20 };

/// A site, and KV as its outbox fills it.
struct World {
    store: Store,
    size: PageSize,
    kv: BTreeMap<String, String>,
    now: i64,
}

impl World {
    /// One in which threads of so many pages together are mixed when they become one.
    fn new(mixed: u32) -> Self {
        let (store, size) = (Store::new(), PageSize { max_interleaved_pages: mixed, ..SIZE });
        store.ledger();
        Self { store, size, kv: BTreeMap::new(), now: NOW }
    }

    fn ledger(&self) -> Ledger<&Store> {
        self.store.ledger().with_page_size(self.size)
    }

    /// Sends a comment of so many bytes more than it takes to tell it from others.
    fn post(
        &self,
        name: &str,
        number: u32,
        bytes: usize,
        parent: Option<CommentId>,
        policy: Moderation,
    ) -> Option<CommentId> {
        let source = format!("Text {number} with {}", "x".repeat(bytes));
        let sent = VerifiedComment { parent, html: render(&source).unwrap(), source, ..entry(name, number) };
        Some(self.ledger().submit(&sent, policy, self.now).ok()?.posted.comment.id)
    }

    fn erase(&self, id: CommentId) {
        self.ledger().erase(id, Actor::Moderator(&act()), self.now).unwrap();
    }

    fn remap(&self, from: &str, to: &str) {
        let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
        self.ledger().remap(&moves, 0, 9, &act(), self.now).unwrap();
    }

    /// The next that the outbox does, as far as `puts` writes to KV reach; says whether there was anything to do.
    fn step(&mut self, mut puts: usize) -> bool {
        let Self { store, size, kv, now } = self;
        let (ledger, now) = (store.ledger().with_page_size(*size), *now);
        if let Some(due) = ledger.due_threads(now, 1).unwrap().first() {
            let snapshot = ledger.snapshot(due, now).unwrap().unwrap();
            puts = puts.min(snapshot.pages.len());
            for value in &snapshot.pages[..puts] {
                kv.insert(value.kv_key(), serde_json::to_string(value).unwrap());
            }
            ledger.mark_published(&snapshot.published_part(puts)).unwrap();
            return true;
        }
        let Some(forward) = ledger.due_redirects(now, 1).unwrap().pop() else {
            let Some(leftover) = ledger.due_stale_pages(now, 1).unwrap().pop() else { return false };
            let mut last = leftover.last_stale;
            while leftover.is_ready() && last > leftover.last_kept && puts > 0 {
                kv.remove(&leftover.url.kv_key(last));
                (last, puts) = (last - 1, puts - 1);
            }
            ledger.record_removed(&leftover, last, now).unwrap();
            return true;
        };
        let PendingRedirect { from, is_published: put, mut pages, .. } = forward.clone();
        if !put {
            kv.insert(from.kv_key(1), serde_json::to_string(&forward.to_redirect()).unwrap());
        }
        while put && pages > 1 && puts > 0 {
            if pages == 2 {
                kv.remove(&from.kv_top_key());
            }
            kv.remove(&from.kv_key(pages));
            (pages, puts) = (pages - 1, puts - 1);
        }
        ledger.record_redirect(&forward, pages, now).unwrap();
        true
    }

    /// Publishes everything, however long it takes.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            while self.step(3) {}
            match self.ledger().next_due().unwrap() {
                Some(next) => self.now = self.now.max(next),
                None => return,
            }
        }
        panic!("there is always something to do");
    }

    /// The keys to which readers can be led, those of best comments aside; and those there may be.
    fn led_to(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut keys, mut tops) = (BTreeSet::new(), BTreeSet::new());
        for post in POSTS.map(url) {
            let thread = self.ledger().read_page(&post, 1).unwrap();
            if thread.version == 0 {
                continue;
            }
            keys.insert(post.kv_key(1));
            if thread.url == post {
                keys.extend((1..=thread.pages).map(|page| post.kv_key(page)));
                tops.insert(post.kv_top_key());
            }
        }
        (keys, tops)
    }

    /// That nothing else lies in KV, and nothing anywhere that holds a text that nobody is to read.
    fn check(&self) {
        let (keys, may) = self.led_to();
        let (tops, pages): (BTreeSet<_>, BTreeSet<_>) = self.kv.keys().cloned().partition(|key| key.ends_with("#top"));
        assert_eq!(pages, keys);
        assert!(tops.is_subset(&may), "{tops:?} {may:?}");
        for uuid in self.store.run("SELECT uuid FROM comment WHERE erased IS NOT NULL OR status = 0").iter().flatten() {
            let Value::Text(uuid) = uuid else { panic!("{uuid:?}") };
            let text = format!("Text {} with", u32::from_str_radix(&uuid[28..], 16).unwrap());
            for (key, value) in &self.kv {
                assert!(!value.contains(&text), "{key} still says {text:?}");
            }
        }
    }
}

#[test]
fn a_merge_into_fewer_pages_leaves_none_behind() {
    let mut world = World::new(SIZE.max_interleaved_pages);
    let post = |world: &World, number| world.post("b", number, 1_000, None, Moderation::Open).unwrap();
    let (first, second): (Vec<_>, Vec<_>) = (1..=20).map(|number| post(&world, number)).partition(|id| id.get() <= 12);
    world.settle();
    // Of what was erased there is more room on a page.
    first.iter().for_each(|id| world.erase(*id));
    world.settle();
    let before = world.led_to().0.len();
    world.post("a", 30, 0, None, Moderation::Open);
    world.remap("a", "b");
    while world.step(3) {}
    assert!(world.led_to().0.len() < before, "{:?}", world.led_to());
    assert!(world.kv.len() >= before, "for a minute there may be readers of the former head");
    world.settle();
    second.iter().for_each(|id| world.erase(*id));
    world.settle();
    world.check();
}

#[test]
fn a_post_that_moves_onto_a_former_address_leaves_nothing_of_the_other_one_there() {
    for policy in [Moderation::Open, Moderation::All] {
        let mut world = World::new(SIZE.max_interleaved_pages);
        let post = |world: &World, number| world.post("a", number, 1_000, None, Moderation::Open).unwrap();
        let long: Vec<_> = (1..=9).map(|number| post(&world, number)).collect();
        world.ledger().vote(long[3], &stamp("ada").hash, Vote::For, NOW).unwrap();
        world.settle();
        world.remap("a", "b");
        while world.step(3) {}
        assert!(world.kv.contains_key(&url("a").kv_key(4)) && world.kv.contains_key(&url("a").kv_top_key()));
        world.post("c", 20, 0, None, policy);
        world.remap("c", "a");
        world.settle();
        long.iter().for_each(|id| world.erase(*id));
        world.settle();
        world.check();
        let there = world.ledger().read_page(&url("a"), 1).unwrap();
        assert_eq!(
            (there.url, there.title.is_empty()),
            (url("a"), policy == Moderation::All),
            "what waits names no post"
        );
    }
}

#[derive(Clone, Debug)]
enum Step {
    Post { post: usize, bytes: usize, parent: Option<usize>, policy: Moderation },
    Erase(usize),
    Hold(usize),
    Approve(usize),
    Vote(usize),
    Remap(usize, usize),
    Publish { steps: usize, puts: usize },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let policy = prop_oneof![5 => Just(Moderation::Open), 1 => Just(Moderation::All)];
    let sent = (0..POSTS.len(), 0..1_500usize, prop::option::of(any::<usize>()), policy);
    prop_oneof![
        20 => sent.prop_map(|(post, bytes, parent, policy)| Step::Post { post, bytes, parent, policy }),
        4 => any::<usize>().prop_map(Step::Erase),
        2 => any::<usize>().prop_map(Step::Hold),
        2 => any::<usize>().prop_map(Step::Approve),
        3 => any::<usize>().prop_map(Step::Vote),
        4 => (0..POSTS.len(), 0..POSTS.len()).prop_map(|(from, to)| Step::Remap(from, to)),
        10 => (1..9usize, 0..6usize).prop_map(|(steps, puts)| Step::Publish { steps, puts }),
        3 => (1..90i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wherever_posts_go_nothing_is_left_behind(steps in prop::collection::vec(step(), 1..60), mixed in 1..8u32) {
        let mut world = World::new(mixed);
        let mut ids: Vec<CommentId> = Vec::new();
        for (number, step) in (1..).zip(&steps) {
            let any = |which: usize| which.checked_rem(ids.len()).map(|at| ids[at]);
            match step {
                Step::Post { post, bytes, parent, policy } => {
                    ids.extend(world.post(POSTS[*post], number, *bytes, parent.and_then(any), *policy));
                }
                Step::Erase(which) => any(*which).into_iter().for_each(|id| world.erase(id)),
                Step::Hold(which) => any(*which).into_iter().for_each(|id| drop(world.ledger().unpublish(id, &act(), world.now))),
                Step::Approve(which) => {
                    any(*which).into_iter().for_each(|id| drop(world.ledger().approve(id, &act(), world.now)));
                }
                Step::Vote(which) => {
                    if let Some(id) = any(*which) {
                        drop(world.ledger().vote(id, &stamp("ada").hash, Vote::For, world.now));
                    }
                }
                Step::Remap(from, to) => world.remap(POSTS[*from], POSTS[*to]),
                Step::Publish { steps, puts } => {
                    (0..*steps).take_while(|_| world.step(*puts)).for_each(drop);
                }
                Step::Wait(seconds) => world.now += seconds,
            }
        }
        world.settle();
        world.check();
    }
}
