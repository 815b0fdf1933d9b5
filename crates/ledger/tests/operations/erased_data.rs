//! Data that is left in the database file after an erasure and after a lifted ban.

use std::path::{Path, PathBuf};

use afterword_ledger::{
    BanKind, BanTarget, ClientNetwork, CommentFilter, ExportCursor, Ledger, NewReport, RusqliteSql, SettingChange,
    VerifiedComment, WIPE_DELAY_SECONDS,
};
use afterword_model::{CommentId, Moderation, NetworkIds, Refusal, SubmissionId, encode_hex};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::common::SITE;
use crate::fixtures::{NOW, attribution, author_id, html, named_network, new_report, of_a, reply, root_comment, url};

/// A database in a file that does not exist yet. SQLite leaves deleted content in it, as in a Durable Object.
fn database_file(name: &str) -> (PathBuf, Ledger<RusqliteSql>) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.sqlite"));
    drop(std::fs::remove_file(&path));
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "secure_delete", "off").unwrap();
    connection.pragma_update(None, "synchronous", "off").unwrap();
    (path, Ledger::open(RusqliteSql(connection)).unwrap())
}

/// Number of places in a file at which a word stands.
fn count_in_file(path: &Path, word: &str) -> usize {
    let file = std::fs::read(path).unwrap();
    file.windows(word.len()).filter(|window| *window == word.as_bytes()).count()
}

/// All lines of an export.
fn export(ledger: &Ledger<RusqliteSql>) -> String {
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, 1 << 20).unwrap();
        lines.extend(part.lines);
        cursor = part.next;
    }
    lines.join("\n")
}

/// A word that stands in every field of a planted comment.
fn word(number: u32) -> String {
    format!("planted{number:05}word")
}

/// A comment with its word in every field that its author fills in, and in every hash of them.
fn planted(number: u32, length: usize) -> VerifiedComment {
    let word = word(number);
    let source = format!("{word} ").repeat(length.div_ceil(word.len() + 1));
    let ids = || NetworkIds { network: "n".repeat(32), block: Some("b".repeat(32)) };
    VerifiedComment {
        fingerprint: format!("fingerprint of {word}"),
        title: format!("{word} title"),
        author: Some(author_id(&number.to_string())),
        name: word.clone(),
        email: Some(format!("{word}@mail.example")),
        website: Some(format!("https://{word}.example/")),
        html: html(&source),
        source,
        duplicate_key: Some(format!("key of {word}")),
        signals: vec![format!("muted_word:{word}")].into_iter().filter(|_| number.is_multiple_of(5)).collect(),
        network: Some(ClientNetwork { today: ids(), yesterday: ids() }),
        ..root_comment(number)
    }
}

/// Length of the text of a comment. Longer texts continue on pages of their own, which may keep them: see THREATS.md.
fn text_length(number: u32) -> usize {
    [40, 120, 400, 60, 1_100, 200, 900, 80][number as usize % 8]
}

/// Comments that fill the first page of the table. SQLite leaves a copy of them when the table outgrows that page.
const FIRST_PAGE: usize = 12;

#[test]
fn nothing_of_an_erased_comment_is_left_in_the_file() {
    let (path, ledger) = database_file("erased");
    // A title that a moderator set: the title of a post is public, and copies of it may stay in the file.
    ledger.set_title(&url("a"), "A post", &attribution(), NOW).unwrap();
    let ids: Vec<CommentId> = (1..=120)
        .map(|number| {
            let comment = planted(number, text_length(number));
            ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted.comment.id
        })
        .collect();
    let kept: Vec<usize> = (0..120).filter(|index| *index < FIRST_PAGE || !index.is_multiple_of(3)).collect();
    for index in (FIRST_PAGE..120).step_by(3) {
        ledger.erase(ids[index], &attribution(), NOW).unwrap();
    }
    let exported = export(&ledger);
    drop(ledger);
    for index in (FIRST_PAGE..120).step_by(3) {
        let word = word(u32::try_from(index).unwrap() + 1);
        assert_eq!(count_in_file(&path, &word), 0, "{word} is left in the file");
        assert!(!exported.contains(&word), "{word} is exported");
    }
    for index in kept {
        let word = word(u32::try_from(index).unwrap() + 1);
        assert!(count_in_file(&path, &word) > 0 && exported.contains(&word), "{word} is there");
    }
}

/// A row that shrinks may be moved, and leaves a copy behind. THREATS.md names both shares.
#[test]
fn some_erased_comments_leave_a_copy_where_they_were_before() {
    let before_their_network_was_pruned = count_copies("moved", false);
    assert!(before_their_network_was_pruned <= 8, "{before_their_network_was_pruned} of 80");
    let after = count_copies("moved_and_pruned", true);
    assert!(after <= 48, "{after} of 80");
}

/// Number of comments, of 80 that were erased among 800, that leave a copy in the file.
fn count_copies(name: &str, prune: bool) -> usize {
    let (path, ledger) = database_file(name);
    ledger.set_title(&url("a"), "A post", &attribution(), NOW).unwrap();
    let (mut pending, mut ids) = (Vec::new(), Vec::new());
    for number in 1..=800_u32 {
        let policy = if number.is_multiple_of(2) { Moderation::All } else { Moderation::Open };
        let now = NOW + i64::from(number) * 600;
        let id = ledger.submit(&planted(number, text_length(number)), policy, now).unwrap().posted.comment.id;
        ids.push(id);
        if number.is_multiple_of(2) && !number.is_multiple_of(5) {
            pending.push(id);
        }
        if pending.len() > 6 {
            ledger.approve(pending.remove(0), &attribution(), now).unwrap();
        }
        if prune && number.is_multiple_of(100) {
            ledger.prune(now, 1_000).unwrap();
        }
    }
    let erased: Vec<u32> = (1..=800).step_by(10).collect();
    for number in &erased {
        ledger.erase(ids[*number as usize - 1], &attribution(), NOW + 1_000_000).unwrap();
    }
    drop(ledger);
    erased.iter().filter(|number| count_in_file(&path, &word(**number)) > 0).count()
}

#[test]
fn a_repeat_of_an_erased_comment_is_not_stored_again() {
    let (_, ledger) = database_file("repeat");
    let comment = planted(1, 40);
    let first = ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted;
    let other_content = VerifiedComment { fingerprint: "other".to_owned(), ..comment.clone() };
    let id_reused = Some(Refusal::IdReused.into());
    assert_eq!(ledger.submit(&other_content, Moderation::Open, NOW).err(), id_reused, "before it is erased");
    let erased = ledger.erase(first.comment.id, &attribution(), NOW).unwrap();
    for repeat in [&comment, &other_content] {
        let reply = ledger.submit(repeat, Moderation::Open, NOW + 60).unwrap();
        assert!(reply.repeat);
        assert_eq!(reply.posted, erased, "the tombstone, from which nothing of the content can be learned");
        assert!(reply.posted.comment.deleted);
    }
    let stranger = VerifiedComment { author: Some(author_id("stranger")), ..comment };
    assert_eq!(ledger.submit(&stranger, Moderation::Open, NOW).err(), id_reused, "the author stays");
    assert_eq!(
        ledger.submit(&reply(2, first.comment.id), Moderation::Open, NOW).err(),
        Some(Refusal::UnknownParent.into())
    );
}

/// A comment that its author deletes, after an edit and a report, is wiped as thoroughly as one that a moderator erases.
#[test]
fn nothing_of_a_deleted_comment_is_left_in_the_file_after_the_delay() {
    let (path, ledger) = database_file("deleted");
    ledger.set_title(&url("a"), "A post", &attribution(), NOW).unwrap();
    let author = |number: u32| author_id(&number.to_string()).hash;
    let ids: Vec<CommentId> = (1..=120)
        .map(|number| {
            let comment = planted(number, text_length(number));
            ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted.comment.id
        })
        .collect();
    let deleted: Vec<u32> = (FIRST_PAGE..120).step_by(3).map(|index| u32::try_from(index).unwrap() + 1).collect();
    for number in &deleted {
        let id = ids[*number as usize - 1];
        let new_word = word(number + 1_000);
        let edit = VerifiedComment {
            fingerprint: format!("fingerprint of {new_word}"),
            html: html(&new_word.repeat(*number as usize % 7 + 1)),
            source: new_word.repeat(*number as usize % 7 + 1),
            duplicate_key: Some(format!("key of {new_word}")),
            author: Some(author_id(&number.to_string())),
            ..root_comment(number + 1_000)
        };
        ledger.edit_own(id, &edit, &Moderation::Open.into(), NOW).unwrap();
        let text = format!("It says {}", word(*number));
        let network = named_network(&number.to_string());
        // A comment that waits cannot be reported.
        let is_visible = !number.is_multiple_of(5);
        let reported = ledger.report(of_a(id), &NewReport { text: Some(&text), ..new_report(&network) }, NOW);
        assert_eq!(reported.is_ok(), is_visible);
        ledger.delete_own(of_a(id), &author(*number), NOW).unwrap();
        // Some are restored and deleted again, and some are erased by a moderator meanwhile.
        if number.is_multiple_of(2) {
            ledger.restore_own(of_a(id), &author(*number), NOW + 1).unwrap();
            ledger.delete_own(of_a(id), &author(*number), NOW + 2).unwrap();
        }
        if number.is_multiple_of(5) {
            ledger.erase(id, &attribution(), NOW + 3).unwrap();
        }
    }
    assert!(count_in_file(&path, &word(deleted[0] + 1_000)) > 0, "it can still be restored");
    assert!(!export(&ledger).contains(&word(deleted[0] + 1_000)), "an export never has it");
    while ledger.prune(NOW + 2 + 600, 20).unwrap().more {}
    let exported = export(&ledger);
    let log = format!("{:?}", ledger.list_audit_log(None, 100).unwrap().items);
    let lists = [CommentFilter::Erased, CommentFilter::Published].map(|filter| ledger.list_comments(filter, None, 200));
    let shown = format!("{exported} {log} {lists:?} {:?}", ledger.read_page(&url("a"), 1).unwrap());
    drop(ledger);
    for word in deleted.iter().flat_map(|number| [word(*number), word(number + 1_000)]) {
        assert_eq!(count_in_file(&path, &word), 0, "{word} is left in the file");
        assert!(!shown.contains(&word), "{word} is shown");
    }
    assert!(count_in_file(&path, &word(14)) > 0 && exported.contains(&word(14)), "another comment is there");
}

#[test]
fn the_content_of_a_deleted_comment_is_kept_until_the_delay_is_over() {
    let (path, ledger) = database_file("delay");
    let ids: Vec<CommentId> = (1..=3)
        .map(|number| ledger.submit(&planted(number, 40), Moderation::Open, NOW).unwrap().posted.comment.id)
        .collect();
    for (id, now) in ids[..2].iter().zip([NOW + 10, NOW + 20]) {
        ledger.delete_own(of_a(*id), &author_id(&id.to_string()).hash, now).unwrap();
    }
    let page = format!("{:?}", ledger.read_page(&url("a"), 1).unwrap());
    let exported = export(&ledger);
    for number in 1..=2 {
        assert!(!page.contains(&word(number)) && !exported.contains(&word(number)), "nobody is shown it meanwhile");
    }
    assert_eq!(WIPE_DELAY_SECONDS, 600);
    assert_eq!(ledger.next_prune(1), Ok(Some(NOW + 10 + WIPE_DELAY_SECONDS)));
    assert_eq!(ledger.prune(NOW + 9 + WIPE_DELAY_SECONDS, 1).unwrap().wiped, 0);
    let progress = ledger.prune(NOW + 20 + WIPE_DELAY_SECONDS, 1).unwrap();
    assert_eq!((progress.wiped, progress.more), (1, true));
    assert_eq!(ledger.next_prune(1), Ok(Some(NOW + 20 + WIPE_DELAY_SECONDS)));
    assert_eq!(ledger.prune(NOW + 20 + WIPE_DELAY_SECONDS, 2).unwrap().wiped, 1);
    assert!(
        ledger.next_prune(1).unwrap().is_some_and(|next| next > NOW + WIPE_DELAY_SECONDS + 20),
        "the networks are next"
    );
    drop(ledger);
    let database = Connection::open(path).unwrap();
    let query =
        "SELECT id FROM comment WHERE name || source || html || title || fingerprint <> '' OR email IS NOT NULL";
    assert_eq!(database.query_row(query, [], |row| row.get::<_, i64>(0)), Ok(ids[2].get()));
}

#[test]
fn nothing_of_a_ban_that_was_lifted_or_has_ended_is_left() {
    let (path, ledger) = database_file("bans");
    let id = ledger.submit(&planted(1, 40), Moderation::Open, NOW).unwrap().posted.comment.id;
    let pattern = |number: u32| BanTarget::Pattern(BanKind::Email, format!("*@{}.example", word(number)));
    let bans = [
        (BanTarget::Author(BanKind::Email, id), None),
        (BanTarget::Author(BanKind::Name, id), None),
        (pattern(2), None),
        (pattern(3), Some(NOW + 100)),
        (pattern(4), None),
    ];
    for (target, until) in &bans {
        ledger.ban(target, *until, &attribution(), NOW).unwrap();
    }
    // The end of a ban is changed by an action of its own.
    let in_force = ledger.ban(&pattern(2), Some(NOW + 9_000), &attribution(), NOW).unwrap();
    assert_eq!(in_force.len(), 5);
    assert!(export(&ledger).contains(&word(2)), "a ban in force is exported");
    ledger.erase(id, &attribution(), NOW).unwrap();
    for ban in &in_force[..3] {
        ledger.lift_bans(&[SubmissionId::parse(&ban.id).unwrap()], &attribution(), NOW).unwrap();
    }
    ledger.prune(NOW + 200, 10).unwrap();
    assert_eq!(ledger.list_bans().unwrap().len(), 1);
    let log = format!("{:?}", ledger.list_audit_log(None, 100).unwrap().items);
    let exported = export(&ledger);
    drop(ledger);
    for number in 1..=3 {
        let word = word(number);
        assert_eq!(count_in_file(&path, &word), 0, "{word} is left in the file");
        assert!(!exported.contains(&word) && !log.contains(&word), "{word}: {log}");
    }
    assert!(count_in_file(&path, &word(4)) == 1 && exported.contains(&word(4)), "the ban in force");
    assert!(!log.contains(&word(4)), "the log names no pattern, so that there is none to delete later");
}

/// Muted words may be the names of people, and a title may be one that must not stay. Neither they nor a hash of them, from which they could
/// be guessed, outlives them.
#[test]
fn nothing_of_former_muted_words_and_titles_is_left() {
    for key in [None, Some("a secret for tests".to_owned())] {
        let (path, ledger) = database_file("settings");
        let ledger = ledger.with_audit_key(key);
        let muted = |number: u32| SettingChange::MutedWords(format!("{}\n*pills*", word(number)));
        let none = || SettingChange::MutedWords(String::new());
        let longer = SettingChange::MutedWords(format!("{} {}", word(2), "and more words".repeat(9)));
        for change in [muted(1), longer.clone(), muted(3), none(), muted(4)] {
            ledger.update_setting(&change, &attribution(), NOW).unwrap();
        }
        for title in [&word(5), &word(6), "A post"] {
            ledger.set_title(&url("a"), title, &attribution(), NOW).unwrap();
        }
        drop(ledger);
        for number in [1, 2, 3] {
            assert_eq!(count_in_file(&path, &word(number)), 0, "{} is left in the file", word(number));
        }
        assert_eq!(count_in_file(&path, &word(4)), 1, "the words in force");
        let values = [muted(1), longer, muted(3), muted(4)].map(|change| match change {
            SettingChange::MutedWords(list) => list,
            other => panic!("no list of words: {other:?}"),
        });
        for text in values.iter().map(String::as_str).chain([word(5).as_str(), &word(6), "A post", ""]) {
            assert_eq!(count_in_file(&path, &encode_hex(&Sha256::digest(text))), 0, "the hash of {text:?} is left");
        }
    }
}
