//! Posts that move.

use afterword_ledger::{
    Ledger, MoveOutcome, PageSize, PendingRedirect, PostMove, PostMoves, RemapProgress, VerifiedComment,
};
use afterword_model::{Moderation, PostUrl, Refusal};

use crate::fixtures::{NOW, Store, act, answer, entry, export, post, publish, send, url};

fn list(moves: &[(&str, &str)]) -> PostMoves {
    PostMoves::List(moves.iter().map(|(from, to)| PostMove { from: url(from), to: url(to) }).collect())
}

fn prefix(from: &str, to: &str) -> PostMoves {
    PostMoves::Prefix(PostMove { from: url(from), to: url(to) })
}

fn site(posts: &[&str]) -> Store {
    let store = Store::new();
    for (number, name) in (1..).zip(posts) {
        post(&store.ledger(), &entry(name, number));
    }
    publish(&store.ledger(), NOW);
    store
}

/// Applies moves after a dry run, which must have said the same and written nothing; gives old address, new address, effect.
fn remap(store: &Store, moves: &PostMoves) -> Vec<(String, String, MoveOutcome)> {
    let ledger = store.ledger();
    store.writes.borrow_mut().clear();
    let foreseen = all(|after| ledger.remap_dry_run(moves, after, 1_000).unwrap());
    assert_eq!(store.writes.borrow().iter().filter(|query| !query.starts_with("CREATE")).count(), 0);
    let done = all(|after| ledger.remap(moves, after, 1_000, &act(), NOW).unwrap());
    assert_eq!(foreseen, done);
    let path = |url: &PostUrl| url.as_str().trim_start_matches("https://blog.example/").to_owned();
    done.iter().map(|step| (path(&step.post.from), path(&step.post.to), step.outcome)).collect()
}

fn all(mut call: impl FnMut(i64) -> RemapProgress) -> Vec<afterword_ledger::RemapStep> {
    let (mut steps, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let part = call(from);
        steps.extend(part.steps);
        after = part.next;
    }
    steps
}

fn steps(expected: &[(&str, &str, MoveOutcome)]) -> Vec<(String, String, MoveOutcome)> {
    expected.iter().map(|(from, to, moving)| ((*from).to_owned(), (*to).to_owned(), *moving)).collect()
}

fn ids(ledger: &Ledger<&Store>, name: &str) -> Vec<i64> {
    ledger.read_page(&url(name), 1).unwrap().comments.iter().map(|comment| comment.id.get()).collect()
}

/// Publishes threads, then forwarding values.
fn forwards(ledger: &Ledger<&Store>) -> Vec<(PostUrl, PostUrl)> {
    publish(ledger, NOW);
    let due = ledger.due_redirects(NOW, 100).unwrap();
    due.iter().for_each(|forward| ledger.record_redirect(forward, 0, NOW).unwrap());
    assert_eq!(ledger.next_due(), Ok(None));
    due.into_iter().map(|forward| (forward.from, forward.to)).collect()
}

#[test]
fn a_post_takes_its_thread_along_and_its_old_address_stays_known() {
    let store = site(&["a", "a", "b"]);
    let ledger = store.ledger();
    let before = ledger.read_page(&url("a"), 1).unwrap().version;
    assert_eq!(remap(&store, &list(&[("a", "c")])), steps(&[("a", "c", MoveOutcome::Renamed)]));
    let thread = ledger.read_page(&url("c"), 1).unwrap();
    assert_eq!((thread.url.clone(), thread.version), (url("c"), before + 1));
    assert_eq!(ids(&ledger, "a"), [1, 2], "asked for by its old address");
    post(&ledger, &entry("a", 50));
    assert_eq!(ids(&ledger, "c"), [1, 2, 4]);
    let answered = ledger.submit(&answer("c", 51, thread.comments[0].id), Moderation::Open, NOW).unwrap();
    assert_eq!(answered.posted.comment.id.get(), 5);
    let due = ledger.due_threads(NOW, 9).unwrap();
    assert_eq!(due.iter().map(|due| due.url.clone()).collect::<Vec<_>>(), [url("c")]);
    assert_eq!(forwards(&ledger), [(url("a"), url("c"))]);
    assert_eq!(forwards(&ledger), []);
}

#[test]
fn nobody_is_led_to_where_the_thread_is_not_yet() {
    let store = site(&["a", "b"]);
    let ledger = store.ledger();
    ledger.submit(&entry("waits", 8), Moderation::All, NOW).unwrap();
    remap(&store, &list(&[("a", "c"), ("b", "d"), ("waits", "e")]));
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), []);
    let [c, d] = &ledger.due_threads(NOW, 9).unwrap()[..] else { panic!("two threads") };
    ledger.mark_published(d).unwrap();
    let forward = PendingRedirect { from: url("b"), to: url("d"), is_published: false, pages: 1 };
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), std::slice::from_ref(&forward));
    ledger.record_redirect(&forward, 1, NOW).unwrap();
    ledger.mark_published(c).unwrap();
    assert_eq!(ledger.next_due(), Ok(Some(1)));
    assert_eq!(forwards(&ledger), [(url("a"), url("c"))]);
    ledger.approve(afterword_model::CommentId::new(3), &act(), NOW).unwrap();
    assert_eq!(forwards(&ledger), [(url("waits"), url("e"))]);
}

#[test]
fn what_is_left_at_a_former_address_is_taken_away_piece_by_piece() {
    let pages = PageSize { comments: 1, bytes: 100_000, edited_bytes: 200_000, max_interleaved_pages: 20 };
    let store = Store::new();
    let ledger = store.ledger().with_page_size(pages);
    for number in 1..=5 {
        post(&ledger, &entry("a", number));
    }
    ledger.remap(&list(&[("a", "b")]), 0, 9, &act(), NOW).unwrap();
    publish(&ledger, NOW);
    let forward = |put, pages| PendingRedirect { from: url("a"), to: url("b"), is_published: put, pages };
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), [forward(false, 5)]);
    ledger.record_redirect(&forward(false, 5), 5, NOW).unwrap();
    // There are still readers with the head that was there.
    assert_eq!(ledger.due_redirects(NOW + 59, 9).unwrap(), []);
    assert_eq!((ledger.next_due(), ledger.next_deferred(NOW)), (Ok(Some(NOW + 60)), Ok(Some(NOW + 60))));
    assert_eq!(ledger.due_redirects(NOW + 60, 9).unwrap(), [forward(true, 5)]);
    ledger.record_redirect(&forward(true, 5), 3, NOW + 60).unwrap();
    assert_eq!(ledger.due_redirects(NOW + 60, 9).unwrap(), [forward(true, 3)]);
    // A value that is out of date is put again, and what was taken away stays so.
    ledger.remap(&list(&[("b", "c")]), 0, 9, &act(), NOW).unwrap();
    publish(&ledger, NOW);
    ledger.record_redirect(&forward(true, 3), 1, NOW + 60).unwrap();
    let due = ledger.due_redirects(NOW + 60, 9).unwrap();
    assert_eq!(
        due,
        [
            PendingRedirect { to: url("c"), ..forward(false, 3) },
            PendingRedirect { from: url("b"), to: url("c"), is_published: false, pages: 5 },
        ]
    );
    due.iter().for_each(|forward| ledger.record_redirect(forward, 1, NOW + 60).unwrap());
    assert_eq!(ledger.next_due(), Ok(None));
}

#[test]
fn the_forwarding_value_is_pinned() {
    let forward = PendingRedirect { from: url("a"), to: url("c"), is_published: false, pages: 1 };
    assert_eq!(serde_json::to_string(&forward.to_redirect()).unwrap(), r#"{"moved":"https://blog.example/c"}"#);
}

#[test]
fn where_both_exist_they_become_one() {
    let store = site(&["a", "b", "a", "b", "a"]);
    let ledger = store.ledger();
    ledger.submit(&entry("a", 20), Moderation::All, NOW).unwrap();
    let (a, b) = (ledger.read_page(&url("a"), 1).unwrap(), ledger.read_page(&url("b"), 1).unwrap());
    assert_eq!(remap(&store, &list(&[("a", "b")])), steps(&[("a", "b", MoveOutcome::Merged)]));
    let merged = ledger.read_page(&url("b"), 1).unwrap();
    assert_eq!(ids(&ledger, "b"), [1, 2, 3, 4, 5]);
    assert_eq!((merged.count, merged.title.as_str()), (5, "Title of b"));
    assert!(merged.version > a.version.max(b.version));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap(), merged);
    assert_eq!(store.number("SELECT count(*) FROM thread"), 1);
    ledger.approve(afterword_model::CommentId::new(6), &act(), NOW).unwrap();
    assert_eq!(ids(&ledger, "b").len(), 6);
    // The number of a thread that is no more is not given again.
    post(&ledger, &entry("new", 30));
    assert_eq!(store.number("SELECT max(id) FROM thread"), 3);
}

#[test]
fn a_merge_of_long_threads_keeps_every_comment_and_answer() {
    let pages = PageSize { comments: 3, bytes: 100_000, edited_bytes: 200_000, max_interleaved_pages: 20 };
    let store = Store::new();
    let ledger = store.ledger().with_page_size(pages);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for number in 1..=40 {
        let (name, ids) = if number % 2 == 0 { ("a", &mut a) } else { ("b", &mut b) };
        let sent = match ids.get(number as usize / 5) {
            Some(parent) if number % 3 == 0 => answer(name, number, *parent),
            _ => entry(name, number),
        };
        ids.push(post(&ledger, &sent));
    }
    ledger.erase(a[0], afterword_ledger::Actor::Moderator(&act()), NOW).unwrap();
    ledger.unpublish(b[1], &act(), NOW).unwrap();
    let comments = "SELECT id, parent, uuid, created, status, name FROM comment ORDER BY id";
    let before = store.run(comments);
    let pages_of_a = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert!(pages_of_a > 5, "{pages_of_a}");
    ledger.remap(&list(&[("a", "b")]), 0, 9, &act(), NOW).unwrap();
    assert_eq!(store.run(comments), before);
    let head = ledger.read_page(&url("b"), 1).unwrap();
    assert_eq!(head.count, 38);
    let drawn: usize = (1..=head.pages)
        .map(|page| ledger.read_page(&url("b"), page).unwrap())
        .map(|page| page.comments.iter().filter(|comment| !comment.deleted).count())
        .sum();
    assert_eq!(drawn, 38);
    assert_eq!(store.number("SELECT count(*) FROM comment WHERE page = 0 OR thread NOT IN (SELECT id FROM thread)"), 0);
    let put = publish(&ledger, NOW);
    assert!(put >= head.pages as usize);
    let forward = ledger.due_redirects(NOW, 9).unwrap().remove(0);
    assert_eq!((&forward.from, &forward.to, forward.pages), (&url("a"), &url("b"), pages_of_a));
    ledger.record_redirect(&forward, 0, NOW).unwrap();
    // What was merged is carried away and brought back like any other.
    let lines = export(&ledger, 900);
    let restored = Store::new();
    let again = restored.ledger().with_page_size(pages);
    send(&again, &lines, 5).unwrap();
    assert_eq!(export(&again, 900), lines);
    for page in 1..=head.pages {
        assert_eq!(
            again.read_page(&url("b"), page).unwrap().comments,
            ledger.read_page(&url("b"), page).unwrap().comments
        );
    }
}

#[test]
fn a_call_with_much_to_mix_ends_early_and_goes_on() {
    for moves in [
        PostMoves::List(
            (0..60)
                .map(|number| PostMove { from: url(&format!("p/{number}")), to: url(&format!("q/{number}")) })
                .collect(),
        ),
        prefix("p", "q"),
    ] {
        let posts: Vec<String> = (0..60).flat_map(|number| [format!("p/{number}"), format!("q/{number}")]).collect();
        let store = site(&posts.iter().map(String::as_str).collect::<Vec<_>>());
        let (mut calls, mut after, same) = (0, Some(0), act());
        while let Some(from) = after {
            // Each merge mixes two pages.
            let part = store.ledger().remap(&moves, from, 1_000, &same, NOW).unwrap();
            assert!(part.steps.len() <= 20, "{}", part.steps.len());
            assert!(part.steps.iter().all(|step| step.outcome == MoveOutcome::Merged), "none is looked at twice");
            (calls, after) = (calls + 1, part.next);
        }
        assert_eq!((calls, store.number("SELECT count(*) FROM thread")), (3, 60));
    }
}

#[test]
fn a_long_thread_gets_no_empty_page_from_one_in_which_all_waits() {
    let pages = PageSize { comments: 1, bytes: 100_000, edited_bytes: 200_000, max_interleaved_pages: 3 };
    for (from, to) in [("long", "waits"), ("waits", "long")] {
        let store = Store::new();
        let ledger = store.ledger().with_page_size(pages);
        ledger.submit(&entry("waits", 9), Moderation::All, NOW).unwrap();
        for number in 1..=5 {
            post(&ledger, &entry("long", number));
        }
        ledger.remap(&list(&[(from, to)]), 0, 9, &act(), NOW).unwrap();
        publish(&ledger, NOW);
        let head = ledger.read_page(&url(to), 1).unwrap();
        let on = |page| ledger.read_page(&url(to), page).unwrap().comments.len();
        assert_eq!((head.pages, (1..=5).map(on).collect::<Vec<_>>()), (5, vec![1; 5]), "{from} {to}");
        ledger.approve(afterword_model::CommentId::new(1), &act(), NOW).unwrap();
        assert_eq!((ledger.read_page(&url(to), 1).unwrap().pages, on(6)), (6, 1), "{from} {to}");
    }
}

#[test]
fn whatever_a_call_goes_on_from() {
    let store = site(&["a"]);
    for after in [i64::MIN, -1, 1, 2, i64::MAX] {
        for moves in [list(&[("a", "b")]), prefix("b", "c")] {
            let done = store.ledger().remap(&moves, after, u32::MAX, &act(), NOW).unwrap();
            assert_eq!((done.steps, done.next), (vec![], None), "{after}");
        }
    }
}

#[test]
fn chains_and_circles_in_a_list() {
    let store = site(&["a", "b", "x", "y", "in", "self"]);
    let moves = list(&[("a", "b"), ("b", "c"), ("x", "y"), ("y", "x"), ("in", "x"), ("none", "c"), ("self", "self")]);
    assert_eq!(
        remap(&store, &moves),
        steps(&[
            ("a", "c", MoveOutcome::Renamed),
            ("b", "c", MoveOutcome::Merged),
            ("x", "y", MoveOutcome::Circle),
            ("y", "x", MoveOutcome::Circle),
            ("in", "x", MoveOutcome::Circle),
            ("none", "c", MoveOutcome::Absent),
            ("self", "self", MoveOutcome::Done),
        ])
    );
    assert_eq!(ids(&store.ledger(), "c"), [1, 2]);
}

#[test]
fn an_address_with_two_new_ones_stays() {
    let store = site(&["a", "before", "b", "c", "same"]);
    let moves = list(&[("a", "b"), ("before", "a"), ("a", "c"), ("same", "d"), ("same", "d")]);
    assert_eq!(
        remap(&store, &moves),
        steps(&[
            ("a", "b", MoveOutcome::Ambiguous),
            ("before", "a", MoveOutcome::Ambiguous),
            ("a", "c", MoveOutcome::Ambiguous),
            ("same", "d", MoveOutcome::Renamed),
            ("same", "d", MoveOutcome::Done),
        ])
    );
    assert_eq!(ids(&store.ledger(), "d"), [5]);
}

#[test]
fn moves_one_after_the_other() {
    let store = site(&["a"]);
    let ledger = store.ledger();
    let moved = |from, to, moving| {
        assert_eq!(remap(&store, &list(&[(from, to)])), steps(&[(from, to, moving)]));
    };
    moved("a", "b", MoveOutcome::Renamed);
    moved("b", "c", MoveOutcome::Renamed);
    assert_eq!(forwards(&ledger), [(url("a"), url("c")), (url("b"), url("c"))], "none forwards to a forwarding one");
    moved("a", "c", MoveOutcome::Done);
    moved("a", "b", MoveOutcome::Absent);
    // Back to where it was.
    moved("c", "a", MoveOutcome::Renamed);
    assert_eq!(forwards(&ledger), [(url("b"), url("a")), (url("c"), url("a"))]);
    for name in ["a", "b", "c"] {
        assert_eq!(ids(&ledger, name), [1]);
    }
    // Another post comes to an address that was left.
    post(&ledger, &entry("d", 9));
    moved("d", "b", MoveOutcome::Renamed);
    assert_eq!((ids(&ledger, "b"), ids(&ledger, "c"), ids(&ledger, "d")), (vec![2], vec![1], vec![2]));
    moved("b", "a", MoveOutcome::Merged);
    assert_eq!((ids(&ledger, "b"), ids(&ledger, "c"), ids(&ledger, "d")), (vec![1, 2], vec![1, 2], vec![1, 2]));
    assert_eq!(store.number("SELECT count(*) FROM moved"), 3);
}

#[test]
fn all_posts_below_an_address() {
    let store = site(&["2019", "2019/x", "2019/x?p=1", "20190", "2020/x", "other"]);
    assert_eq!(
        remap(&store, &prefix("2019", "2020")),
        steps(&[
            ("2019", "2020", MoveOutcome::Renamed),
            ("2019/x", "2020/x", MoveOutcome::Merged),
            ("2019/x?p=1", "2020/x?p=1", MoveOutcome::Renamed),
        ])
    );
    assert_eq!(remap(&store, &prefix("2019", "2020")), []);
}

#[test]
fn a_blog_moves_below_itself_and_back() {
    let store = site(&["", "x", "y", "blog/x"]);
    let down = prefix("", "blog");
    assert_eq!(
        remap(&store, &down),
        steps(&[
            ("", "blog", MoveOutcome::Renamed),
            ("x", "blog/x", MoveOutcome::Merged),
            ("y", "blog/y", MoveOutcome::Renamed)
        ])
    );
    assert_eq!(remap(&store, &down), [], "the same rule again does nothing");
    post(&store.ledger(), &entry("x", 40));
    assert_eq!(ids(&store.ledger(), "blog/x"), [2, 4, 5]);
    let up = remap(&store, &prefix("blog", ""));
    assert_eq!(up.len(), 3);
    assert_eq!(ids(&store.ledger(), "x"), [2, 4, 5]);
}

#[test]
fn what_a_rule_has_moved_it_does_not_move_again() {
    let posts = ["a/b", "a/b/x", "a/b/b", "a/b/b/x", "a/b/b/b/x", "a/b/b?p=1", "a/c", "a/bb"];
    for seed in 0..posts.len() {
        let mut order = posts;
        order.rotate_left(seed);
        let (store, up) = (site(&order), prefix("a/b", "a"));
        let of = |name: &str| i64::try_from(order.iter().position(|post| *post == name).unwrap()).unwrap() + 1;
        let mut moved = remap(&store, &up);
        moved.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [
            ("a/b", "a", MoveOutcome::Renamed),
            ("a/b/b", "a/b", MoveOutcome::Blocked),
            ("a/b/b/b/x", "a/b/b/x", MoveOutcome::Blocked),
            ("a/b/b/x", "a/b/x", MoveOutcome::Blocked),
            ("a/b/b?p=1", "a/b?p=1", MoveOutcome::Blocked),
            ("a/b/x", "a/x", MoveOutcome::Renamed),
        ];
        assert_eq!(moved, steps(&expected));
        let again = remap(&store, &up);
        assert!(again.len() == 4 && again.iter().all(|(_, _, moving)| *moving == MoveOutcome::Blocked), "{again:?}");
        for (name, end) in [("a/b", "a"), ("a/b/x", "a/x"), ("a/b/b/x", "a/b/b/x"), ("a/c", "a/c"), ("a/bb", "a/bb")] {
            assert_eq!(ids(&store.ledger(), end), [of(name)], "{name} to {end}");
        }
        // What stays can be moved by itself.
        remap(&store, &list(&[("a/b/b/x", "a/b/x")]));
        assert_eq!(ids(&store.ledger(), "a/b/x"), [of("a/b/b/x")]);
    }
}

#[test]
fn a_rule_has_two_addresses_below_which_there_can_be_something() {
    let store = site(&["a", "a?p=1", "b"]);
    let ledger = store.ledger();
    let before = export(&ledger, 900);
    for (from, to) in
        [("a", "a"), ("a", "b?p=1"), ("a?p=1", "b"), ("?p=1", "b"), ("", "?p=1"), ("", ""), ("a", "a/index.html")]
    {
        let rule = prefix(from, to);
        let refused = Err(Refusal::BadRule.into());
        assert_eq!(ledger.remap_dry_run(&rule, 0, 9), refused, "{from} {to}");
        assert_eq!(ledger.remap(&rule, 0, 9, &act(), NOW), refused, "{from} {to}");
    }
    assert_eq!(export(&ledger, 900), before);
    // What only says how a reader came is not part of an address.
    assert_eq!(remap(&store, &prefix("a?utm_source=x", "c")).len(), 2);
}

#[test]
fn an_address_that_grows_too_long() {
    let long = "a".repeat(2_000);
    let store = site(&[&long]);
    let done = remap(&store, &prefix("", &"b".repeat(100)));
    assert_eq!(done.iter().map(|step| step.2).collect::<Vec<_>>(), [MoveOutcome::TooLong]);
}

#[test]
fn in_steps_of_one_and_killed_in_between() {
    let posts = ["p/1", "p/2", "q/1", "p/3", "q/3", "p/4"];
    let whole = site(&posts);
    let same = act();
    whole.ledger().remap(&prefix("p", "q"), 0, 1_000, &same, NOW).unwrap();
    let expected = export(&whole.ledger(), 900);
    for fuse in 0..300 {
        let store = site(&posts);
        let ledger = store.ledger();
        store.fuse.set(Some(fuse));
        // The same act, by which each move is known.
        let run = |ledger: &Ledger<&Store>| -> Result<(), afterword_ledger::LedgerError> {
            let mut after = Some(0);
            while let Some(from) = after {
                after = ledger.remap(&prefix("p", "q"), from, 1, &same, NOW)?.next;
            }
            Ok(())
        };
        let first = run(&ledger);
        store.fuse.set(None);
        run(&ledger).unwrap();
        assert_eq!(export(&ledger, 900), expected, "killed at statement {fuse}");
        if first.is_ok() {
            return;
        }
    }
    panic!("never whole");
}

#[test]
fn former_addresses_are_carried_along() {
    let store = site(&["a", "b"]);
    remap(&store, &list(&[("a", "c"), ("b", "c")]));
    let lines = export(&store.ledger(), 50);
    assert_eq!(lines[4], r#"{"moved":{"from":"https://blog.example/a","to":"https://blog.example/c"}}"#);
    let restored = Store::new();
    let done = send(&restored.ledger(), &lines, 2).unwrap();
    assert_eq!((done.moved, export(&restored.ledger(), 50)), (2, lines));
    assert_eq!(ids(&restored.ledger(), "b"), [1, 2]);
    assert_eq!(forwards(&restored.ledger()).len(), 2);
    // Where the address has a thread of its own by now, that thread stays.
    let live = site(&["x", "a"]);
    send(&live.ledger(), &export(&store.ledger(), 50), 2).unwrap();
    assert_eq!(ids(&live.ledger(), "a").len(), 1);
}

#[test]
fn a_closed_thread_stays_closed_under_its_new_address() {
    let store = site(&["a"]);
    store.ledger().set_closed(&url("a"), true, &act(), NOW).unwrap();
    remap(&store, &list(&[("a", "c")]));
    let refused = store.ledger().submit(&VerifiedComment { ..entry("a", 9) }, Moderation::Open, NOW).err();
    assert_eq!(refused, Some(Refusal::Closed.into()));
}

#[test]
fn threads_of_which_nothing_is_published_become_one_of_which_nothing_is() {
    let store = Store::new();
    let ledger = store.ledger();
    for (number, name) in [(1, "a"), (2, "b")] {
        ledger.submit(&entry(name, number), Moderation::All, NOW).unwrap();
    }
    remap(&store, &list(&[("a", "b")]));
    assert_eq!((ledger.read_page(&url("b"), 1).unwrap().version, ledger.next_due()), (0, Ok(None)));
    ledger.approve(afterword_model::CommentId::new(1), &act(), NOW).unwrap();
    assert_eq!(forwards(&ledger), [(url("a"), url("b"))]);
    assert_eq!(ids(&ledger, "a"), [1]);
}

#[test]
fn the_versions_at_an_address_rise_whoever_comes_there() {
    let store = site(&["a", "b", "b", "b"]);
    let ledger = store.ledger();
    let before = ledger.read_page(&url("b"), 1).unwrap().version;
    remap(&store, &list(&[("b", "c")]));
    publish(&ledger, NOW);
    remap(&store, &list(&[("a", "b")]));
    assert_eq!(ids(&ledger, "b"), [1]);
    let after = ledger.read_page(&url("b"), 1).unwrap().version;
    assert!(after > before, "{after} after {before}");
}

#[test]
fn what_waits_does_not_name_the_post_that_it_is_merged_with() {
    for (from, to) in [("waits", "a"), ("a", "waits")] {
        let store = site(&["a"]);
        let ledger = store.ledger();
        ledger.submit(&entry("waits", 9), Moderation::All, NOW).unwrap();
        remap(&store, &list(&[(from, to)]));
        assert_eq!(ledger.read_page(&url(to), 1).unwrap().title, "Title of a", "{from} {to}");
    }
}

#[test]
fn versions_stay_numbers_of_the_database() {
    let store = Store::new();
    let ledger = store.ledger();
    let mut lines = vec![r#"{"afterword":1,"site":"https://blog.example","last":0}"#.to_owned()];
    lines.extend(["a", "b", "c"].map(|name| {
        format!(r#"{{"thread":{{"url":"https://blog.example/{name}","title":"","version":{},"changes":0,"closed":false}}}}"#, 1_i64 << 48)
    }));
    send(&ledger, &lines, 9).unwrap();
    remap(&store, &list(&[("a", "b"), ("b", "c")]));
    let version = ledger.read_page(&url("c"), 1).unwrap().version;
    assert!((1 << 48 < version) && version < 1 << 49, "{version}");
}
