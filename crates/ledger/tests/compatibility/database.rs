//! The database of the earlier version, in use with the present code.

use std::collections::BTreeSet;

use afterword_ledger::{
    Attribution, BanKind, CommentFilter, Ledger, MoveOutcome, PostMove, PostMoves, RepublishCursor, RusqliteSql, Sql,
    Value, VerifiedComment,
};
use afterword_model::{
    Comment, CommentId, Moderation, PageReader, PostUrl, Refusal, Sort, Status, SubmissionId, Thread,
};
use rusqlite::Connection;

use crate::fixture::{
    ExportedComment, NOW, RENDERER, SITE, database_copy, export, export_lines, exported_threads, open, render,
};
use crate::publish::Kv;

fn url(path: &str) -> PostUrl {
    PostUrl::parse(&format!("{SITE}/{path}")).unwrap()
}

fn act(number: u128) -> Attribution<'static> {
    Attribution { id: SubmissionId::from_digest((1_000 + number).to_be_bytes()), by: "grace" }
}

fn new_comment(path: &str, parent: Option<CommentId>) -> VerifiedComment {
    let source = format!("New on {path}");
    VerifiedComment {
        id: SubmissionId::from_digest([7; 16]),
        fingerprint: "7".repeat(64),
        title: "A new title".to_owned(),
        parent,
        name: "Newcomer".to_owned(),
        html: render(&source),
        text: source.clone(),
        source,
        renderer_version: RENDERER.version,
        ..VerifiedComment::anonymous(7, url(path))
    }
}

/// All pages of a thread.
fn pages(ledger: &Ledger<impl Sql>, post: &PostUrl) -> Vec<Thread> {
    let first = ledger.read_page(post, 1).unwrap();
    let rest = 2..=first.pages;
    std::iter::once(first).chain(rest.map(|page| ledger.read_page(post, page).unwrap())).collect()
}

/// The comments on all pages of a thread that are not deleted, by id.
fn visible(ledger: &Ledger<impl Sql>, post: &PostUrl) -> Vec<Comment> {
    let comments = pages(ledger, post).into_iter().flat_map(|page| page.comments);
    let mut visible: Vec<Comment> = comments.filter(|comment| !comment.deleted).collect();
    visible.sort_by_key(|comment| comment.id);
    visible
}

fn visible_ids(ledger: &Ledger<impl Sql>, post: &PostUrl) -> Vec<i64> {
    visible(ledger, post).iter().map(|comment| comment.id.get()).collect()
}

/// Asserts that readers see a comment as it was exported.
fn assert_drawn_as_exported(comment: &Comment, exported: &ExportedComment) {
    let (fields, id) = (&exported.fields, comment.id);
    let author = &comment.author;
    assert_eq!(author.name, fields["name"].as_str().unwrap(), "{id}");
    assert_eq!(author.website.as_deref(), fields["website"].as_str(), "{id}");
    assert_eq!(author.mark.as_deref(), fields["mark"].as_str(), "{id}");
    assert_eq!(author.owner, fields["owner"].as_bool().unwrap(), "{id}");
    assert_eq!(comment.html.as_str(), fields["html"].as_str().unwrap(), "{id}");
    assert_eq!(comment.pinned, fields["pinned"].as_bool().unwrap(), "{id}");
    assert_eq!(comment.created, fields["created"].as_i64().unwrap(), "{id}");
    assert_eq!(comment.edited, fields["edited"].as_i64(), "{id}");
    assert_eq!(comment.votes, exported.votes, "{id}");
    assert_eq!(comment.parent.is_some(), fields["parent"].is_string(), "{id}");
}

#[test]
fn every_thread_shows_its_comments() {
    let ledger = open(&database_copy("pages"));
    for thread in exported_threads() {
        let (post, expected) = (&thread.url, thread.visible_ids());
        let pages = pages(&ledger, post);
        assert_eq!(pages[0].count as usize, expected.len(), "{post:?}");
        assert_eq!(visible_ids(&ledger, post), expected, "{post:?}");
        assert_eq!(pages[0].version, thread.fields["version"].as_i64().unwrap(), "{post:?}");
        assert_eq!(pages[0].closed, thread.fields["closed"].as_bool().unwrap(), "{post:?}");
        assert_eq!(pages[0].title, thread.fields["title"].as_str().unwrap(), "{post:?}");
        visible(&ledger, post)
            .iter()
            .for_each(|comment| assert_drawn_as_exported(comment, &thread.comments[&comment.id.get()]));
        for tombstone in pages.iter().flat_map(|page| &page.comments).filter(|comment| comment.deleted) {
            let exported = &thread.comments[&tombstone.id.get()];
            assert!(!exported.is_visible && exported.fields["placed"] == true, "{}", tombstone.id);
            assert!(tombstone.html.as_str().is_empty() && tombstone.author.name.is_empty(), "{}", tombstone.id);
        }
    }
}

#[test]
fn pages_and_tombstones_are_as_before() {
    let ledger = open(&database_copy("layout"));
    let count = |path: &str| {
        let pages = pages(&ledger, &url(path));
        let deleted = pages.iter().flat_map(|page| &page.comments).filter(|comment| comment.deleted).count();
        (pages.iter().map(|page| page.comments.len()).collect::<Vec<_>>(), deleted)
    };
    assert_eq!(count("long"), (vec![100, 12, 3], 0));
    assert_eq!(count("changes"), (vec![5], 1));
    assert_eq!(pages(&ledger, &url("long"))[0].continuations, [[1, 3, 3]]);
    let best: Vec<i64> = ledger.read_top(&url("long")).unwrap().comments.iter().map(|it| it.votes).collect();
    assert_eq!(best.iter().filter(|votes| **votes > 0).copied().collect::<Vec<_>>(), [3, 2, 2, 1]);
}

#[test]
fn former_addresses_lead_to_their_threads() {
    let ledger = open(&database_copy("moved"));
    let lines = export_lines();
    for moved in lines.iter().filter_map(|line| line.get("moved")) {
        let from = PostUrl::parse(moved["from"].as_str().unwrap()).unwrap();
        let thread = ledger.read_page(&from, 1).unwrap();
        assert_eq!(thread.url.as_str(), moved["to"].as_str().unwrap());
        assert!(thread.count > 0);
    }
}

#[test]
fn moderators_find_everything() {
    let ledger = open(&database_copy("moderators"));
    let count = |listed| ledger.list_comments(listed, None, 1_000).unwrap().items.len();
    assert_eq!([CommentFilter::Pending, CommentFilter::Published, CommentFilter::Erased].map(count), [16, 299, 9]);
    let settings = ledger.settings().unwrap();
    assert_eq!(settings.moderation, Some(Moderation::First));
    assert_eq!(settings.muted.as_deref(), Some("pills\n*casino*\nМУСОР"));
    let kinds: Vec<BanKind> = ledger.list_bans().unwrap().iter().map(|ban| ban.kind).collect();
    assert_eq!(kinds, [BanKind::Author, BanKind::Network, BanKind::Name, BanKind::Email, BanKind::Email]);
    assert_eq!(ledger.list_audit_log(None, 1_000).unwrap().items.len(), 45);
}

#[test]
fn new_comments_and_moderation_work() {
    let ledger = open(&database_copy("submit"));
    let thread = exported_threads().into_iter().find(|thread| thread.url == url("nested")).unwrap();
    let (mut expected, parent) = (thread.visible_ids(), CommentId::new(thread.visible_ids()[6]));
    let posted = ledger.submit(&new_comment("nested", Some(parent)), Moderation::Open, NOW).unwrap().posted;
    assert_eq!(posted.comment.id.get(), 325, "one more than the largest id");
    assert_eq!(posted.status, Status::Pending, "the site holds an author's first comment");
    assert_eq!(visible_ids(&ledger, &thread.url), expected);
    let approved = ledger.approve(posted.comment.id, &act(1), NOW).unwrap();
    assert_eq!(
        (approved.status, approved.version),
        (Status::Published, thread.fields["version"].as_i64().unwrap() + 1)
    );
    expected.push(325);
    assert_eq!(visible_ids(&ledger, &thread.url), expected);
    ledger.unpublish(CommentId::new(expected[0]), &act(2), NOW).unwrap();
    assert_eq!(visible_ids(&ledger, &thread.url), expected[1..]);
    assert_eq!(ledger.list_audit_log(None, 1_000).unwrap().items.len(), 47);
    let closed =
        ledger.submit(&VerifiedComment { id: act(3).id, ..new_comment("closed/empty", None) }, Moderation::Open, NOW);
    assert_eq!(closed.err(), Some(Refusal::Closed.into()));
}

#[test]
fn publishing_ends_with_nothing_due() {
    let ledger = open(&database_copy("publish"));
    let mut kv = Kv::new(NOW);
    assert!(ledger.has_due().unwrap());
    assert_eq!(ledger.urgent_threads(NOW, 9).unwrap().iter().map(|due| &due.url).collect::<Vec<_>>(), [&url("urgent")]);
    kv.publish_all(&ledger);
    assert!(!ledger.has_due().unwrap());
    assert_eq!((ledger.next_due().unwrap(), ledger.urgent_threads(kv.now, 9).unwrap()), (None, Vec::new()));
}

#[test]
fn everything_can_be_published_again() {
    let ledger = open(&database_copy("rebuild"));
    let (mut kv, mut after) = (Kv::new(NOW), Some(RepublishCursor::default()));
    kv.publish_all(&ledger);
    while let Some(from) = after {
        after = ledger.republish(from, 10, kv.now).unwrap().next;
        kv.publish_all(&ledger);
    }
    assert!(!ledger.has_due().unwrap());
    let (threads, mut keys) = (exported_threads(), BTreeSet::new());
    for thread in &threads {
        let pages = pages(&ledger, &thread.url);
        for page in pages.iter().filter(|page| page.version > 0) {
            let key = thread.url.kv_key(page.page);
            assert_eq!(kv.values.get(&key), Some(&serde_json::to_string(page).unwrap()), "{key}");
            keys.insert(key);
        }
    }
    for moved in export_lines().iter().filter_map(|line| line.get("moved")) {
        let key = PostUrl::parse(moved["from"].as_str().unwrap()).unwrap().kv_key(1);
        assert_eq!(kv.values[&key], format!(r#"{{"moved":"{}"}}"#, moved["to"].as_str().unwrap()));
        keys.insert(key);
    }
    let best_of_any: BTreeSet<String> = threads.iter().map(|thread| thread.url.kv_top_key()).collect();
    let others: BTreeSet<String> = kv.values.keys().filter(|key| !keys.contains(*key)).cloned().collect();
    assert!(others.is_subset(&best_of_any), "{others:?}");
    for path in ["long", "paged", "append/target"] {
        assert!(others.contains(&url(path).kv_top_key()), "{path}");
    }
}

#[test]
fn threads_merge_and_redirect() {
    let ledger = open(&database_copy("merge"));
    let threads = exported_threads();
    let ids = |path: &str| threads.iter().find(|thread| thread.url == url(path)).unwrap().visible_ids();
    let mut expected = [ids("nested"), ids("merged/target")].concat();
    expected.sort_unstable();
    let moves = PostMoves::List(vec![PostMove { from: url("merged/target"), to: url("nested") }]);
    let done = ledger.remap(&moves, 0, 9, &act(1), NOW).unwrap();
    assert_eq!(done.steps.iter().map(|step| step.outcome).collect::<Vec<_>>(), [MoveOutcome::Merged]);
    assert_eq!(visible_ids(&ledger, &url("nested")), expected);
    for former in ["merged/target", "merged/source"] {
        assert_eq!(ledger.read_page(&url(former), 1).unwrap().url, url("nested"));
    }
    let mut kv = Kv::new(NOW);
    kv.publish_all(&ledger);
    assert!(!ledger.has_due().unwrap());
    let redirect = format!(r#"{{"moved":"{SITE}/nested"}}"#);
    assert_eq!(kv.values[&url("merged/target").kv_key(1)], redirect);
}

/// The ids to which the links on the pages lead a reader, from the first page on.
fn reached_ids(kv: &Kv, post: &PostUrl, sort: Sort) -> BTreeSet<i64> {
    let (mut open, mut seen, mut met) = (vec![1], BTreeSet::new(), BTreeSet::new());
    while let Some(page) = open.pop() {
        if !seen.insert(page) {
            continue;
        }
        let thread = kv.read(PageReader::new(post.clone(), page, sort).with_root_page());
        open.extend(thread.navigation().next_root_page(page));
        for comment in &thread.comments {
            met.insert(comment.id.get());
            let (earlier, later) = thread.reply_pages(comment.id);
            open.extend([earlier, later].into_iter().flatten());
        }
    }
    met
}

#[test]
fn published_threads_get_an_index_without_being_unreadable_in_between() {
    let ledger = open(&database_copy("index"));
    let posts: Vec<PostUrl> = exported_threads().into_iter().map(|thread| thread.url).collect();
    let (mut kv, mut after) = (Kv::new(NOW), Some(RepublishCursor::default()));
    kv.publish_all(&ledger);
    while let Some(from) = after {
        after = ledger.republish(from, 100, kv.now).unwrap().next;
        kv.publish_all(&ledger);
    }
    let has_index =
        |kv: &Kv, post: &PostUrl| kv.values.get(&post.kv_key(1)).is_some_and(|head| head.contains("\"index\""));
    assert!(posts.iter().all(|post| !has_index(&kv, post)));
    let mut steps = 0;
    while ledger.index_comments(25).unwrap() {
        steps += 1;
        // What is published between two steps, value for value.
        while let Some(due) = ledger.due_threads_after(0, kv.now, 1).unwrap().pop() {
            kv.publish_values(&ledger, &due, |kv| {
                for post in &posts {
                    let all: BTreeSet<i64> =
                        pages(&ledger, post).iter().flat_map(|page| &page.comments).map(|it| it.id.get()).collect();
                    for sort in [Sort::Oldest, Sort::Newest, Sort::Top] {
                        assert_eq!(reached_ids(kv, post, sort), all, "{post:?} {sort:?} after step {steps}");
                    }
                }
            });
        }
    }
    assert!(steps >= 13, "{steps} steps for 324 comments");
    kv.publish_all(&ledger);
    for post in &posts {
        let pages = pages(&ledger, post);
        assert_eq!(has_index(&kv, post), pages.len() > 1, "{post:?}");
        for comment in pages.iter().flat_map(|page| &page.comments) {
            let found = kv.read(PageReader::for_comment(post.clone(), comment.id, Sort::Oldest));
            assert!(found.comments.contains(comment), "{post:?} {}", comment.id);
        }
    }
    assert!(!ledger.index_comments(25).unwrap());
    assert!(!ledger.has_due().unwrap(), "done is done");
}

#[test]
fn comments_posted_before_the_index_is_complete_are_found_too() {
    let ledger = open(&database_copy("index-posts"));
    let long = exported_threads().into_iter().find(|thread| thread.url == url("long")).unwrap();
    let mut posted = Vec::new();
    for (number, parent) in long.visible_ids().into_iter().step_by(9).enumerate() {
        ledger.index_comments(20).unwrap();
        let number = u32::try_from(number).unwrap();
        let comment = VerifiedComment {
            id: act(u128::from(number) + 100).id,
            fingerprint: format!("{number:064}"),
            ..new_comment("long", Some(CommentId::new(parent)))
        };
        let reply = ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted;
        ledger.approve(reply.comment.id, &act(u128::from(number) + 200), NOW).unwrap();
        posted.push(reply.comment.id);
    }
    while ledger.index_comments(20).unwrap() {}
    let mut kv = Kv::new(NOW);
    kv.publish_all(&ledger);
    for id in posted {
        let found = kv.read(PageReader::for_comment(url("long"), id, Sort::Oldest));
        assert!(found.comments.iter().any(|comment| comment.id == id), "{id}");
    }
}

#[test]
fn unkeyed_fingerprints_are_not_exported() {
    let old = database_copy("fingerprints");
    let connect = || RusqliteSql(Connection::open(&old).unwrap());
    let stored = |condition: &str| -> usize {
        connect().exec(&format!("SELECT 1 FROM comment WHERE fingerprint <> '' AND {condition}"), &[]).unwrap().len()
    };
    assert_eq!((stored("erased IS NULL"), stored("erased IS NOT NULL")), (315, 9));
    let exported = export(&open(&old)).concat();
    assert_eq!(exported.matches(r#""fingerprint":"","#).count(), 324);
    assert_eq!((stored("erased IS NULL"), stored("erased IS NOT NULL")), (315, 0), "those of erased texts are deleted");
    let hashes = "SELECT 1 FROM audit_log WHERE action IN ('ban', 'unban', 'edit') AND (fingerprint IS NOT NULL OR target LIKE '%@%')";
    assert_eq!(connect().exec(hashes, &[]).unwrap().len(), 0);
}

#[test]
fn repeats_of_comments_of_the_earlier_version_are_recognized() {
    let ledger = open(&database_copy("repeats"));
    let lines = export_lines();
    let comments = || lines.iter().filter_map(|line| line.get("comment"));
    for fields in comments().filter(|fields| fields["author"].is_null()).take(20) {
        let id = SubmissionId::parse(fields["uuid"].as_str().unwrap()).unwrap();
        let reply =
            ledger.submit(&VerifiedComment { id, ..new_comment("nested", None) }, Moderation::Open, NOW).unwrap();
        assert!(reply.repeat && reply.posted.comment.id.get() == fields["id"].as_i64().unwrap(), "{fields}");
    }
}

/// The columns of all tables.
fn columns(sql: &RusqliteSql) -> Vec<Vec<Value>> {
    let query = "SELECT tables.name, columns.name, columns.type, columns.\"notnull\", columns.dflt_value, columns.pk \
                 FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns \
                 WHERE tables.type = 'table' ORDER BY tables.name, columns.name";
    sql.exec(query, &[]).unwrap()
}

/// The names of all indexes.
fn indexes(sql: &RusqliteSql) -> Vec<Vec<Value>> {
    sql.exec("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' ORDER BY name", &[]).unwrap()
}

#[test]
fn opened_database_has_the_current_schema() {
    let (old, new) = (database_copy("schema"), RusqliteSql(Connection::open_in_memory().unwrap()));
    Ledger::open(&new).unwrap();
    let version = |sql: &RusqliteSql| sql.exec("SELECT version FROM schema_version", &[]).unwrap();
    let connect = || RusqliteSql(Connection::open(&old).unwrap());
    assert_eq!(version(&connect()), [[Value::Integer(1)]], "the version of the fixture");
    drop(open(&old));
    let sql = connect();
    assert_eq!(version(&sql), version(&new));
    assert_eq!(columns(&sql), columns(&new));
    assert_eq!(indexes(&sql), indexes(&new));
    let reopened = Ledger::open(&sql).unwrap();
    assert_eq!(export(&reopened).len(), export_lines().len());
    assert_eq!(version(&sql), version(&new));
}
