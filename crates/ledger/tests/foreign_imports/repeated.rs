//! Repeated imports, imports of a newer file, and imports that were interrupted.

use afterword_interchange::{SourceComment, SourceState, SourceThread};
use proptest::prelude::*;

use crate::common::TestDatabase;
use crate::fixtures::{Stored, comment, export, find, import, lines, options, plan, post, restore, stored, with_state};

/// A blog with nested answers, all states, and texts that are too long.
fn blog() -> (Vec<SourceThread>, Vec<SourceComment>) {
    let long = |number| {
        let mut long = comment("a", number, Some(1));
        long.body.text = format!("{}\n\nText *{number}*", "A long paragraph. ".repeat(700));
        long
    };
    let comments = vec![
        comment("a", 1, None),
        comment("a", 2, Some(1)),
        with_state(comment("a", 3, Some(2)), SourceState::Deleted),
        comment("a", 4, Some(3)),
        with_state(comment("b", 5, None), SourceState::Pending),
        comment("b", 6, Some(5)),
        with_state(comment("b", 7, Some(6)), SourceState::Spam),
        with_state(comment("b", 8, Some(7)), SourceState::Pending),
        long(9),
        comment("a", 10, Some(9)),
        comment("c", 11, Some(999)),
    ];
    (["a", "b", "c", "empty"].map(post).to_vec(), comments)
}

#[test]
fn a_blog_is_imported_with_parents_states_and_tombstones() {
    let database = TestDatabase::new();
    let (threads, comments) = blog();
    let (_, plan) = plan(&threads, &comments, &options());
    let report = plan.report();
    assert_eq!((report.read, report.to_import, report.threads), (11, 9, 3));
    assert_eq!((report.tombstones, report.continuations, report.orphans), (2, 1, 1));
    assert_eq!((report.states.published, report.states.pending), (7, 2));
    assert_eq!(report.threads_without_comments, 1);
    import(&database, &threads, &comments, &options());
    let parent = |number| {
        let parent = find(&database, number).unwrap().parent?;
        stored(&database).into_iter().find(|stored| stored.uuid == parent)
    };
    assert_eq!(parent(2), find(&database, 1));
    let tombstone = parent(4).unwrap();
    assert_eq!(
        (tombstone.parent, tombstone.thread),
        (Some(find(&database, 2).unwrap().uuid), "https://blog.example/a".to_owned())
    );
    assert_eq!(parent(6), find(&database, 5));
    assert_eq!(parent(11), None);
    let counts = database.run("SELECT status, erased IS NOT NULL, count(*) FROM comment GROUP BY 1, 2 ORDER BY 1, 2");
    let counts: Vec<String> = counts.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(
        counts,
        [
            "[Integer(0), Integer(0), Integer(2)]",
            "[Integer(1), Integer(0), Integer(8)]",
            "[Integer(1), Integer(1), Integer(2)]"
        ]
    );
    // The pending parent of a published reply has a place, so that approving it puts it above the reply.
    assert_eq!(database.query_integer("SELECT count(*) FROM comment WHERE status = 0 AND page IS NOT NULL"), 1);
    assert_eq!(database.query_integer("SELECT count FROM thread WHERE url = 'https://blog.example/a'"), 6);
}

#[test]
fn an_import_that_is_repeated_changes_nothing() {
    let database = TestDatabase::new();
    let (threads, comments) = blog();
    import(&database, &threads, &comments, &options());
    let before = database.dump();
    let again = import(&database, &threads, &comments, &options());
    assert_eq!(u64::from(again.imported.known), again.lines);
    assert_eq!(database.dump(), before);
}

#[test]
fn an_import_that_was_interrupted_can_begin_again() {
    let (threads, comments) = blog();
    let (mut reading, plan) = plan(&threads, &comments, &options());
    let lines = lines(&mut reading, &plan);
    let whole = TestDatabase::new();
    restore(&whole.ledger(), &lines, false);
    for end in 1..lines.len() {
        let database = TestDatabase::new();
        assert!(!restore(&database.ledger(), &lines[..end], false).complete);
        assert!(restore(&database.ledger(), &lines, false).complete);
        assert_eq!(stored(&database), stored(&whole), "after {end} lines");
        let versions = "SELECT url, version, changes, count FROM thread ORDER BY id";
        assert_eq!(database.run(versions), whole.run(versions), "after {end} lines");
    }
}

#[test]
fn an_export_of_an_import_is_imported_unchanged_into_an_empty_site() {
    let (first, second) = (TestDatabase::new(), TestDatabase::new());
    let (threads, comments) = blog();
    import(&first, &threads, &comments, &options());
    let lines = export(&first);
    assert!(restore(&second.ledger(), &lines, false).complete);
    assert_eq!(export(&second), lines);
}

/// All comments by thread and parent, siblings in their order. Tombstones are in no order: one that a newer file needs comes late. Left out is
/// whether a pending comment has a place on a page, for it gets one only with a published reply in the same file.
fn structure(database: &TestDatabase) -> Vec<(usize, Stored)> {
    let all = stored(database);
    let is_tombstone = |stored: &Stored| stored.fields[2] != "Null";
    let position_of = |stored: &Stored| {
        let siblings = all.iter().filter(|other| (&other.thread, &other.parent) == (&stored.thread, &stored.parent));
        let position = siblings.filter(|other| !is_tombstone(other)).position(|other| other.uuid == stored.uuid);
        position.unwrap_or_default()
    };
    let mut list: Vec<_> = all.iter().map(|stored| (position_of(stored), stored.clone())).collect();
    list.sort_by(|a, b| a.1.uuid.cmp(&b.1.uuid));
    list.iter_mut().for_each(|(_, stored)| stored.fields[1].clear());
    list
}

/// A blog that grows: each comment answers an earlier one, or none.
fn growing_blog() -> impl Strategy<Value = (Vec<SourceComment>, usize)> {
    let states = prop::sample::select(vec![
        SourceState::Published,
        SourceState::Published,
        SourceState::Published,
        SourceState::Pending,
        SourceState::Spam,
        SourceState::Deleted,
    ]);
    let comment_facts = (0..3_usize, any::<Option<prop::sample::Index>>(), states, 0..3_u32);
    (prop::collection::vec(comment_facts, 1..30), any::<prop::sample::Index>()).prop_map(|(facts, cut)| {
        let mut comments = Vec::<SourceComment>::new();
        for (number, (post, parent, state, same_time)) in facts.into_iter().enumerate() {
            let number = number as u32;
            let parent = parent.filter(|_| number > 0).map(|parent| &comments[parent.index(comments.len())]);
            let post = parent.map_or_else(|| ["a", "b", "c"][post].to_owned(), |parent| parent.thread.clone());
            let parent = parent.and_then(|parent| parent.id.parse().ok());
            let mut new = with_state(comment(&post, number, parent), state);
            new.time.seconds -= i64::from(same_time.min(number)) % 2 * 60;
            comments.push(new);
        }
        let cut = cut.index(comments.len());
        (comments, cut)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_older_and_then_a_newer_file_are_as_good_as_the_newer((comments, cut) in growing_blog()) {
        let threads = ["a", "b", "c"].map(post);
        let (both, newer) = (TestDatabase::new(), TestDatabase::new());
        // The file is split where the times are, not where the numbers are.
        let older: Vec<_> = comments.iter().filter(|it| it.time.seconds < comments[cut].time.seconds).cloned().collect();
        import(&both, &threads, &older, &options());
        import(&both, &threads, &comments, &options());
        import(&newer, &threads, &comments, &options());
        prop_assert_eq!(structure(&both), structure(&newer));
    }

    #[test]
    fn any_blog_imported_twice_is_imported_once((comments, _) in growing_blog()) {
        let threads = ["a", "b", "c"].map(post);
        let database = TestDatabase::new();
        import(&database, &threads, &comments, &options());
        let before = database.dump();
        import(&database, &threads, &comments, &options());
        prop_assert_eq!(database.dump(), before);
    }
}
