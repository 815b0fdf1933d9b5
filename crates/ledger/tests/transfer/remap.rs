//! Posts that move, and the redirects at their former addresses.

use afterword_ledger::{
    Ledger, LedgerError, MoveOutcome, PendingRedirect, PostMove, PostMoves, RemapProgress, RemapStep, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, PostUrl, Refusal};

use crate::fixtures::{
    NOW, TestDatabase, attribution, export, import_lines, page_size, publish_all, reply, root_comment, submit, url,
};

pub(crate) fn list(moves: &[(&str, &str)]) -> PostMoves {
    PostMoves::List(moves.iter().map(|(from, to)| PostMove { from: url(from), to: url(to) }).collect())
}

fn prefix(from: &str, to: &str) -> PostMoves {
    PostMoves::Prefix(PostMove { from: url(from), to: url(to) })
}

/// A site with a comment on each of these posts; comment ids and submission ids are 1, 2, 3, …
pub(crate) fn published_site(posts: &[&str]) -> TestDatabase {
    let database = TestDatabase::new();
    for (number, post) in (1..).zip(posts) {
        submit(&database.ledger(), &root_comment(post, number));
    }
    publish_all(&database.ledger(), NOW);
    database
}

/// Applies moves after a dry run, which must predict the same and write nothing. Returns the former address, the new
/// address and the outcome of each move.
pub(crate) fn remap(database: &TestDatabase, moves: &PostMoves) -> Vec<(String, String, MoveOutcome)> {
    let ledger = database.ledger();
    database.writes.borrow_mut().clear();
    let predicted = all_steps(|after| ledger.remap_dry_run(moves, after, 1_000).unwrap());
    assert_eq!(database.writes.borrow().iter().filter(|query| !query.starts_with("CREATE")).count(), 0);
    let steps = all_steps(|after| ledger.remap(moves, after, 1_000, &attribution(), NOW).unwrap());
    assert_eq!(predicted, steps);
    let path = |url: &PostUrl| url.as_str().trim_start_matches("https://blog.example/").to_owned();
    steps.iter().map(|step| (path(&step.post.from), path(&step.post.to), step.outcome)).collect()
}

/// Repeats a call until there is nothing left to move.
fn all_steps(mut call: impl FnMut(i64) -> RemapProgress) -> Vec<RemapStep> {
    let (mut steps, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let part = call(from);
        steps.extend(part.steps);
        after = part.next;
    }
    steps
}

/// The expected result of [`remap`].
pub(crate) fn outcomes(expected: &[(&str, &str, MoveOutcome)]) -> Vec<(String, String, MoveOutcome)> {
    expected.iter().map(|(from, to, outcome)| ((*from).to_owned(), (*to).to_owned(), *outcome)).collect()
}

pub(crate) fn comment_ids(ledger: &Ledger<&TestDatabase>, post: &str) -> Vec<i64> {
    ledger.read_page(&url(post), 1).unwrap().comments.iter().map(|comment| comment.id.get()).collect()
}

/// Publishes all threads, then all redirects, and returns the redirects.
pub(crate) fn publish_redirects(ledger: &Ledger<&TestDatabase>) -> Vec<(PostUrl, PostUrl)> {
    publish_all(ledger, NOW);
    let due = ledger.due_redirects(NOW, 100).unwrap();
    due.iter().for_each(|redirect| ledger.record_redirect(redirect, 0, NOW).unwrap());
    assert_eq!(ledger.next_due(), Ok(None));
    due.into_iter().map(|redirect| (redirect.from, redirect.to)).collect()
}

#[test]
fn a_moved_post_keeps_its_thread_and_its_old_address() {
    let database = published_site(&["a", "a", "b"]);
    let ledger = database.ledger();
    let before = ledger.read_page(&url("a"), 1).unwrap().version;
    assert_eq!(remap(&database, &list(&[("a", "c")])), outcomes(&[("a", "c", MoveOutcome::Renamed)]));
    let thread = ledger.read_page(&url("c"), 1).unwrap();
    assert_eq!((thread.url.clone(), thread.version), (url("c"), before + 1));
    assert_eq!(comment_ids(&ledger, "a"), [1, 2], "the former address leads to the thread");
    submit(&ledger, &root_comment("a", 50));
    assert_eq!(comment_ids(&ledger, "c"), [1, 2, 4]);
    let outcome = ledger.submit(&reply("c", 51, thread.comments[0].id), Moderation::Open, NOW).unwrap();
    assert_eq!(outcome.posted.comment.id.get(), 5);
    let due = ledger.due_threads_after(0, NOW, 9).unwrap();
    assert_eq!(due.iter().map(|due| due.url.clone()).collect::<Vec<_>>(), [url("c")]);
    assert_eq!(publish_redirects(&ledger), [(url("a"), url("c"))]);
    assert_eq!(publish_redirects(&ledger), []);
}

#[test]
fn redirects_wait_until_their_target_is_published() {
    let database = published_site(&["a", "b"]);
    let ledger = database.ledger();
    ledger.submit(&root_comment("waits", 8), Moderation::All, NOW).unwrap();
    remap(&database, &list(&[("a", "c"), ("b", "d"), ("waits", "e")]));
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), []);
    let [c, d] = &ledger.due_threads_after(0, NOW, 9).unwrap()[..] else { panic!("two threads") };
    ledger.mark_published(d).unwrap();
    let redirect = PendingRedirect { from: url("b"), to: url("d"), is_published: false, pages: 1 };
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), std::slice::from_ref(&redirect));
    ledger.record_redirect(&redirect, 1, NOW).unwrap();
    ledger.mark_published(c).unwrap();
    assert_eq!(ledger.next_due(), Ok(Some(1)));
    assert_eq!(publish_redirects(&ledger), [(url("a"), url("c"))]);
    ledger.approve(CommentId::new(3), &attribution(), NOW).unwrap();
    assert_eq!(publish_redirects(&ledger), [(url("waits"), url("e"))]);
}

#[test]
fn pages_behind_a_redirect_are_deleted_after_the_grace_period() {
    let pages = page_size(1);
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(pages);
    for number in 1..=5 {
        submit(&ledger, &root_comment("a", number));
    }
    ledger.remap(&list(&[("a", "b")]), 0, 9, &attribution(), NOW).unwrap();
    publish_all(&ledger, NOW);
    let redirect = |is_published, pages| PendingRedirect { from: url("a"), to: url("b"), is_published, pages };
    assert_eq!(ledger.due_redirects(NOW, 9).unwrap(), [redirect(false, 5)]);
    ledger.record_redirect(&redirect(false, 5), 5, NOW).unwrap();
    // Some readers may still have the former first page, which leads to the others.
    assert_eq!(ledger.due_redirects(NOW + 59, 9).unwrap(), []);
    assert_eq!((ledger.next_due(), ledger.next_deferred(NOW)), (Ok(Some(NOW + 60)), Ok(Some(NOW + 60))));
    assert_eq!(ledger.due_redirects(NOW + 60, 9).unwrap(), [redirect(true, 5)]);
    ledger.record_redirect(&redirect(true, 5), 3, NOW + 60).unwrap();
    assert_eq!(ledger.due_redirects(NOW + 60, 9).unwrap(), [redirect(true, 3)]);
    // An outdated redirect is published again. The pages behind it that were deleted stay deleted.
    ledger.remap(&list(&[("b", "c")]), 0, 9, &attribution(), NOW).unwrap();
    publish_all(&ledger, NOW);
    ledger.record_redirect(&redirect(true, 3), 1, NOW + 60).unwrap();
    let due = ledger.due_redirects(NOW + 60, 9).unwrap();
    assert_eq!(
        due,
        [
            PendingRedirect { to: url("c"), ..redirect(false, 3) },
            PendingRedirect { from: url("b"), to: url("c"), is_published: false, pages: 5 },
        ]
    );
    due.iter().for_each(|redirect| ledger.record_redirect(redirect, 1, NOW + 60).unwrap());
    assert_eq!(ledger.next_due(), Ok(None));
}

#[test]
fn the_redirect_value_has_a_pinned_format() {
    let redirect = PendingRedirect { from: url("a"), to: url("c"), is_published: false, pages: 1 };
    assert_eq!(serde_json::to_string(&redirect.to_redirect()).unwrap(), r#"{"moved":"https://blog.example/c"}"#);
}

#[test]
fn a_call_with_many_pages_to_interleave_ends_early() {
    for moves in [
        PostMoves::List(
            (0..60)
                .map(|number| PostMove { from: url(&format!("p/{number}")), to: url(&format!("q/{number}")) })
                .collect(),
        ),
        prefix("p", "q"),
    ] {
        let posts: Vec<String> = (0..60).flat_map(|number| [format!("p/{number}"), format!("q/{number}")]).collect();
        let database = published_site(&posts.iter().map(String::as_str).collect::<Vec<_>>());
        let (mut calls, mut after, attribution) = (0, Some(0), attribution());
        while let Some(from) = after {
            // Each merge interleaves two pages.
            let part = database.ledger().remap(&moves, from, 1_000, &attribution, NOW).unwrap();
            assert!(part.steps.len() <= 20, "{}", part.steps.len());
            assert!(part.steps.iter().all(|step| step.outcome == MoveOutcome::Merged), "no post is moved twice");
            (calls, after) = (calls + 1, part.next);
        }
        assert_eq!((calls, database.query_integer("SELECT count(*) FROM thread")), (3, 60));
    }
}

#[test]
fn a_call_may_continue_from_any_number() {
    let database = published_site(&["a"]);
    for after in [i64::MIN, -1, 1, 2, i64::MAX] {
        for moves in [list(&[("a", "b")]), prefix("b", "c")] {
            let progress = database.ledger().remap(&moves, after, u32::MAX, &attribution(), NOW).unwrap();
            assert_eq!((progress.steps, progress.next), (vec![], None), "{after}");
        }
    }
}

#[test]
fn chains_and_cycles_in_a_list_are_resolved() {
    let database = published_site(&["a", "b", "x", "y", "in", "self"]);
    let moves = list(&[("a", "b"), ("b", "c"), ("x", "y"), ("y", "x"), ("in", "x"), ("none", "c"), ("self", "self")]);
    assert_eq!(
        remap(&database, &moves),
        outcomes(&[
            ("a", "c", MoveOutcome::Renamed),
            ("b", "c", MoveOutcome::Merged),
            ("x", "y", MoveOutcome::Circle),
            ("y", "x", MoveOutcome::Circle),
            ("in", "x", MoveOutcome::Circle),
            ("none", "c", MoveOutcome::Absent),
            ("self", "self", MoveOutcome::Done),
        ])
    );
    assert_eq!(comment_ids(&database.ledger(), "c"), [1, 2]);
}

#[test]
fn an_address_with_two_targets_is_not_moved() {
    let database = published_site(&["a", "before", "b", "c", "same"]);
    let moves = list(&[("a", "b"), ("before", "a"), ("a", "c"), ("same", "d"), ("same", "d")]);
    assert_eq!(
        remap(&database, &moves),
        outcomes(&[
            ("a", "b", MoveOutcome::Ambiguous),
            ("before", "a", MoveOutcome::Ambiguous),
            ("a", "c", MoveOutcome::Ambiguous),
            ("same", "d", MoveOutcome::Renamed),
            ("same", "d", MoveOutcome::Done),
        ])
    );
    assert_eq!(comment_ids(&database.ledger(), "d"), [5]);
}

#[test]
fn successive_moves_redirect_to_the_final_address() {
    let database = published_site(&["a"]);
    let ledger = database.ledger();
    let check_move = |from, to, outcome| {
        assert_eq!(remap(&database, &list(&[(from, to)])), outcomes(&[(from, to, outcome)]));
    };
    check_move("a", "b", MoveOutcome::Renamed);
    check_move("b", "c", MoveOutcome::Renamed);
    assert_eq!(
        publish_redirects(&ledger),
        [(url("a"), url("c")), (url("b"), url("c"))],
        "no redirect leads to another one"
    );
    check_move("a", "c", MoveOutcome::Done);
    check_move("a", "b", MoveOutcome::Absent);
    // The post returns to its first address.
    check_move("c", "a", MoveOutcome::Renamed);
    assert_eq!(publish_redirects(&ledger), [(url("b"), url("a")), (url("c"), url("a"))]);
    for post in ["a", "b", "c"] {
        assert_eq!(comment_ids(&ledger, post), [1]);
    }
    // Another post moves to a former address.
    submit(&ledger, &root_comment("d", 9));
    check_move("d", "b", MoveOutcome::Renamed);
    assert_eq!(
        (comment_ids(&ledger, "b"), comment_ids(&ledger, "c"), comment_ids(&ledger, "d")),
        (vec![2], vec![1], vec![2])
    );
    check_move("b", "a", MoveOutcome::Merged);
    assert_eq!(
        (comment_ids(&ledger, "b"), comment_ids(&ledger, "c"), comment_ids(&ledger, "d")),
        (vec![1, 2], vec![1, 2], vec![1, 2])
    );
    assert_eq!(database.query_integer("SELECT count(*) FROM redirect"), 3);
}

#[test]
fn a_prefix_moves_all_posts_below_it() {
    let database = published_site(&["2019", "2019/x", "2019/x?p=1", "20190", "2020/x", "other"]);
    assert_eq!(
        remap(&database, &prefix("2019", "2020")),
        outcomes(&[
            ("2019", "2020", MoveOutcome::Renamed),
            ("2019/x", "2020/x", MoveOutcome::Merged),
            ("2019/x?p=1", "2020/x?p=1", MoveOutcome::Renamed),
        ])
    );
    assert_eq!(remap(&database, &prefix("2019", "2020")), []);
}

#[test]
fn a_blog_can_move_below_itself_and_back() {
    let database = published_site(&["", "x", "y", "blog/x"]);
    let down = prefix("", "blog");
    assert_eq!(
        remap(&database, &down),
        outcomes(&[
            ("", "blog", MoveOutcome::Renamed),
            ("x", "blog/x", MoveOutcome::Merged),
            ("y", "blog/y", MoveOutcome::Renamed)
        ])
    );
    assert_eq!(remap(&database, &down), [], "the same prefix again moves nothing");
    submit(&database.ledger(), &root_comment("x", 40));
    assert_eq!(comment_ids(&database.ledger(), "blog/x"), [2, 4, 5]);
    let up = remap(&database, &prefix("blog", ""));
    assert_eq!(up.len(), 3);
    assert_eq!(comment_ids(&database.ledger(), "x"), [2, 4, 5]);
}

#[test]
fn a_prefix_does_not_move_a_post_twice() {
    let posts = ["a/b", "a/b/x", "a/b/b", "a/b/b/x", "a/b/b/b/x", "a/b/b?p=1", "a/c", "a/bb"];
    for rotation in 0..posts.len() {
        let mut order = posts;
        order.rotate_left(rotation);
        let (database, up) = (published_site(&order), prefix("a/b", "a"));
        let id_on = |name: &str| i64::try_from(order.iter().position(|post| *post == name).unwrap()).unwrap() + 1;
        let mut moved = remap(&database, &up);
        moved.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [
            ("a/b", "a", MoveOutcome::Renamed),
            ("a/b/b", "a/b", MoveOutcome::Blocked),
            ("a/b/b/b/x", "a/b/b/x", MoveOutcome::Blocked),
            ("a/b/b/x", "a/b/x", MoveOutcome::Blocked),
            ("a/b/b?p=1", "a/b?p=1", MoveOutcome::Blocked),
            ("a/b/x", "a/x", MoveOutcome::Renamed),
        ];
        assert_eq!(moved, outcomes(&expected));
        let again = remap(&database, &up);
        assert!(again.len() == 4 && again.iter().all(|(_, _, outcome)| *outcome == MoveOutcome::Blocked), "{again:?}");
        for (post, address) in
            [("a/b", "a"), ("a/b/x", "a/x"), ("a/b/b/x", "a/b/b/x"), ("a/c", "a/c"), ("a/bb", "a/bb")]
        {
            assert_eq!(comment_ids(&database.ledger(), address), [id_on(post)], "{post} to {address}");
        }
        // A blocked post can be moved by a list.
        remap(&database, &list(&[("a/b/b/x", "a/b/x")]));
        assert_eq!(comment_ids(&database.ledger(), "a/b/x"), [id_on("a/b/b/x")]);
    }
}

#[test]
fn prefixes_that_cannot_contain_posts_are_refused() {
    let database = published_site(&["a", "a?p=1", "b"]);
    let ledger = database.ledger();
    let before = export(&ledger, 900);
    for (from, to) in
        [("a", "a"), ("a", "b?p=1"), ("a?p=1", "b"), ("?p=1", "b"), ("", "?p=1"), ("", ""), ("a", "a/index.html")]
    {
        let moves = prefix(from, to);
        let refused = Err(Refusal::BadPrefix.into());
        assert_eq!(ledger.remap_dry_run(&moves, 0, 9), refused, "{from} {to}");
        assert_eq!(ledger.remap(&moves, 0, 9, &attribution(), NOW), refused, "{from} {to}");
    }
    assert_eq!(export(&ledger, 900), before);
    // A tracking parameter is not part of an address.
    assert_eq!(remap(&database, &prefix("a?utm_source=x", "c")).len(), 2);
}

#[test]
fn a_target_address_that_is_too_long_is_reported() {
    let long = "a".repeat(2_000);
    let database = published_site(&[&long]);
    let steps = remap(&database, &prefix("", &"b".repeat(100)));
    assert_eq!(steps.iter().map(|step| step.2).collect::<Vec<_>>(), [MoveOutcome::TooLong]);
}

#[test]
fn an_interrupted_remap_in_single_steps_is_completed() {
    let posts = ["p/1", "p/2", "q/1", "p/3", "q/3", "p/4"];
    // The repeated steps have the same action id, so that moves already made are recognised.
    let attribution = attribution();
    let uninterrupted = published_site(&posts);
    uninterrupted.ledger().remap(&prefix("p", "q"), 0, 1_000, &attribution, NOW).unwrap();
    let expected = export(&uninterrupted.ledger(), 900);
    for statements in 0..300 {
        let database = published_site(&posts);
        let ledger = database.ledger();
        database.fail_after.set(Some(statements));
        let run = |ledger: &Ledger<&TestDatabase>| -> Result<(), LedgerError> {
            let mut after = Some(0);
            while let Some(from) = after {
                after = ledger.remap(&prefix("p", "q"), from, 1, &attribution, NOW)?.next;
            }
            Ok(())
        };
        let first = run(&ledger);
        database.fail_after.set(None);
        run(&ledger).unwrap();
        assert_eq!(export(&ledger, 900), expected, "interrupted at statement {statements}");
        if first.is_ok() {
            return;
        }
    }
    panic!("never complete");
}

#[test]
fn redirects_are_exported_and_imported() {
    let database = published_site(&["a", "b"]);
    remap(&database, &list(&[("a", "c"), ("b", "c")]));
    let lines = export(&database.ledger(), 50);
    assert_eq!(lines[4], r#"{"redirect":{"from":"https://blog.example/a","to":"https://blog.example/c"}}"#);
    let restored = TestDatabase::new();
    let counts = import_lines(&restored.ledger(), &lines, 2).unwrap();
    assert_eq!((counts.moved, export(&restored.ledger(), 50)), (2, lines));
    assert_eq!(comment_ids(&restored.ledger(), "b"), [1, 2]);
    assert_eq!(publish_redirects(&restored.ledger()).len(), 2);
    // If another post has a thread at the address by now, that thread stays.
    let live = published_site(&["x", "a"]);
    import_lines(&live.ledger(), &export(&database.ledger(), 50), 2).unwrap();
    assert_eq!(comment_ids(&live.ledger(), "a").len(), 1);
}

#[test]
fn a_closed_thread_stays_closed_after_a_move() {
    let database = published_site(&["a"]);
    database.ledger().set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    remap(&database, &list(&[("a", "c")]));
    let refused = database.ledger().submit(&VerifiedComment { ..root_comment("a", 9) }, Moderation::Open, NOW).err();
    assert_eq!(refused, Some(Refusal::Closed.into()));
}

#[test]
fn versions_at_an_address_rise_when_another_post_moves_there() {
    let database = published_site(&["a", "b", "b", "b"]);
    let ledger = database.ledger();
    let before = ledger.read_page(&url("b"), 1).unwrap().version;
    remap(&database, &list(&[("b", "c")]));
    publish_all(&ledger, NOW);
    remap(&database, &list(&[("a", "b")]));
    assert_eq!(comment_ids(&ledger, "b"), [1]);
    let after = ledger.read_page(&url("b"), 1).unwrap().version;
    assert!(after > before, "{after} after {before}");
}
