//! Bringing a site back: into nothing, in pieces, broken off, twice, and into a site that has others.

use afterword_ledger::{
    Actor, BanKind, BanTarget, ClientNetwork, ExportCursor, ExportHeader, ImportBatch, ImportError, InvalidLine,
    Ledger, LineError, ProofStatus, SettingChange, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, NetworkIds, Origin, Refusal, Sites, Status, Vote};

use crate::fixtures::{
    NOW, RENDERER, SITE, Store, act, answer, entry, export, full_site, post, publish, send, stamp, url,
};
use crate::properties::empty;

fn whole(store: &Store) -> Vec<String> {
    export(&store.ledger(), 10_000)
}

#[test]
fn a_restore_gives_the_export_back() {
    let before = full_site();
    let lines = whole(&before);
    for batch in [1, 2, 5, 1_000] {
        let after = Store::new();
        let done = send(&after.ledger(), &lines, batch).unwrap();
        assert_eq!((done.comments, done.threads, done.votes, done.renumbered), (7, 4, 3, 0));
        assert_eq!((done.settings, done.bans, done.audited), (2, 2, 10));
        assert_eq!(whole(&after), lines, "in batches of {batch}");
        for post in ["a", "b", "waits", "empty"] {
            for page in [1, 2] {
                let (old, new) = (before.ledger(), after.ledger());
                assert_eq!(new.read_page(&url(post), page).unwrap(), old.read_page(&url(post), page).unwrap());
            }
        }
    }
}

#[test]
fn what_is_restored_goes_on() {
    let after = Store::new();
    let ledger = after.ledger();
    send(&ledger, &whole(&full_site()), 3).unwrap();
    // A repeat of what was sent before the disaster is known for one, and answered the same.
    assert!(ledger.submit(&entry("a", 4), Moderation::Open, NOW).unwrap().repeat);
    let other = VerifiedComment { fingerprint: "1".to_owned(), ..entry("a", 4) };
    assert_eq!(ledger.submit(&other, Moderation::Open, NOW).err(), Some(Refusal::IdReused.into()));
    // Trust stays, also that which was taken back.
    let by = |name, number| VerifiedComment { author: Some(stamp(name)), ..entry("new", number) };
    assert_eq!(ledger.submit(&by("ada", 20), Moderation::First, NOW).unwrap().posted.status, Status::Published);
    assert_eq!(ledger.submit(&by("bob", 21), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
    // A vote is one's own still.
    let voted = ledger.vote(afterword_model::CommentId::new(1), &stamp("bob").hash, Vote::For, NOW).unwrap();
    assert_eq!(voted.votes, 0);
    assert_eq!(ledger.submit(&entry("b", 22), Moderation::Open, NOW).err(), Some(Refusal::Closed.into()));
}

#[test]
fn a_restore_that_was_killed_is_made_good_by_another() {
    let lines = whole(&full_site());
    let mut broken = 0;
    for fuse in 0..400 {
        let store = Store::new();
        let ledger = store.ledger();
        store.fuse.set(Some(fuse));
        let first = send(&ledger, &lines, 4);
        store.fuse.set(None);
        broken += u32::from(first.is_err());
        assert!(first.is_err() || whole(&store) == lines, "what is said to be done is done");
        // What was stored before is published, or is not.
        if fuse % 2 == 0 {
            let again = store.ledger();
            send(&again, &lines, 5).unwrap();
            assert_eq!(whole(&store), lines, "killed at statement {fuse}");
        } else {
            publish(&ledger, NOW + 100);
            send(&ledger, &lines, 4).unwrap();
            assert_eq!(whole(&store), lines, "killed at statement {fuse}, then published");
        }
        if first.is_ok() {
            assert!(broken > 50, "{broken}");
            return;
        }
    }
    panic!("never whole");
}

#[test]
fn no_version_stands_for_two_contents() {
    let lines = whole(&full_site());
    let store = Store::new();
    let ledger = store.ledger();
    let mut seen = std::collections::HashMap::new();
    for end in 2..=lines.len() {
        send(&ledger, &lines[..end], 1_000).unwrap();
        for post in ["a", "b"] {
            let thread = ledger.read_page(&url(post), 1).unwrap();
            if thread.version > 0 {
                let known = seen.entry((post, thread.version)).or_insert_with(|| thread.clone());
                assert_eq!(*known, thread, "line {end}");
            }
        }
        publish(&ledger, NOW + 100);
    }
    assert_eq!(whole(&store), lines, "and the last is the one that was exported");
}

#[test]
fn a_prefix_sent_again_is_harmless() {
    let lines = whole(&full_site());
    let store = Store::new();
    let ledger = store.ledger();
    for end in 1..=lines.len() {
        send(&ledger, &lines[..end], 3).unwrap();
    }
    assert_eq!(whole(&store), lines);
    store.writes.borrow_mut().clear();
    let done = send(&ledger, &lines, 3).unwrap();
    assert_eq!((done.comments, done.threads, done.votes, done.moved, done.known), (0, 0, 0, 0, 28));
    assert_eq!((done.settings, done.audited), (0, 0));
    assert_eq!(*store.writes.borrow(), [""; 0]);
}

#[test]
fn numbers_that_are_taken_move_out_of_the_way_and_the_others_stay() {
    let old = Store::new();
    let ledger = old.ledger();
    let first = post(&ledger, &entry("a", 1));
    post(&ledger, &answer("a", 2, first));
    (3..=9).for_each(|number| {
        post(&ledger, &entry("b", number));
    });
    post(&ledger, &answer("a", 10, first));

    let live = Store::new();
    let ledger = live.ledger();
    post(&ledger, &entry("a", 101));
    let done = send(&ledger, &whole(&old), 2).unwrap();
    assert_eq!((done.comments, done.renumbered, done.threads), (10, 3, 1));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    let drawn: Vec<_> = thread.comments.iter().map(|it| (it.id.get(), it.parent.map(|id| id.get()))).collect();
    // Number 1 was taken; the answers follow what they answer, since an answer is never before it.
    assert_eq!(drawn, [(1, None), (11, None), (12, Some(11)), (13, Some(11))]);
    let others: Vec<_> = ledger.read_page(&url("b"), 1).unwrap().comments.iter().map(|it| it.id.get()).collect();
    assert_eq!(others, [3, 4, 5, 6, 7, 8, 9]);
    let known = whole(&live);
    let again = send(&ledger, &whole(&old), 3).unwrap();
    assert_eq!((again.comments, whole(&live)), (0, known));
}

#[test]
fn a_thread_that_went_on_alone_comes_to_no_version_that_readers_know() {
    let old = Store::new();
    (1..=4).for_each(|number| {
        post(&old.ledger(), &entry("a", number));
    });
    old.ledger().set_closed(&url("a"), true, &act(), NOW).unwrap();
    old.ledger().set_closed(&url("a"), false, &act(), NOW).unwrap();
    let known = old.ledger().read_page(&url("a"), 1).unwrap().version;
    for comments in 1..=6 {
        let live = Store::new();
        let ledger = live.ledger();
        (1..=comments).for_each(|number| {
            post(&ledger, &entry("a", 100 + number));
        });
        send(&ledger, &whole(&old), 2).unwrap();
        let merged = ledger.read_page(&url("a"), 1).unwrap();
        assert!(merged.version > known, "{comments}: {} after {known}", merged.version);
        assert_eq!((merged.count, merged.comments.len()), (4 + comments, 4 + comments as usize));
    }
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let lines = whole(&full_site());
    let live = Store::new();
    let ledger = live.ledger();
    post(&ledger, &entry("a", 77));
    let before = whole(&live);
    live.writes.borrow_mut().clear();
    let header = ExportHeader::parse(&lines[0]).unwrap();
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let sent: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
    let renderer = RENDERER;
    let batch = ImportBatch { header: &header, first: 2, lines: &sent, sites: &sites, site: &site, renderer, now: NOW };
    let foreseen = ledger.import_dry_run(&batch).unwrap();
    assert_eq!(live.writes.borrow().len(), 0);
    assert_eq!(whole(&live), before);
    assert_eq!(
        (foreseen.comments, foreseen.threads, foreseen.votes, foreseen.known, foreseen.renumbered),
        (7, 3, 3, 1, 1)
    );
    let done = ledger.import(&batch).unwrap();
    assert_eq!(
        (done.comments, done.threads, done.votes, done.settings, done.audited),
        (foreseen.comments, foreseen.threads, foreseen.votes, 2, 10)
    );
    assert_eq!((foreseen.settings, foreseen.bans, foreseen.audited), (2, 2, 10));
    let again = ledger.import_dry_run(&batch).unwrap();
    assert_eq!((again.comments, again.threads, again.votes, again.known), (0, 0, 0, 28));
    assert_eq!((again.settings, again.audited), (0, 0));
}

#[test]
fn a_live_site_keeps_its_own_settings() {
    let lines = whole(&full_site());
    let live = Store::new();
    let ledger = live.ledger();
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::Open)), &act(), NOW).unwrap();
    let done = send(&ledger, &lines, 4).unwrap();
    assert_eq!((done.settings, done.bans, done.audited), (1, 2, 10));
    assert_eq!(ledger.settings().unwrap().moderation, Some(Moderation::Open));
    assert_eq!(ledger.list_audit_log(None, 100).unwrap().items.len(), 11);
}

#[test]
fn what_is_of_a_day_is_not_carried_away() {
    let store = Store::new();
    let ledger = store.ledger();
    let seals = |day: &str| NetworkIds { network: format!("seal of {day}"), block: Some(format!("block of {day}")) };
    let sender = Some(ClientNetwork { today: seals("today"), yesterday: seals("yesterday") });
    let sent = VerifiedComment {
        proof: ProofStatus::Nonce("nonce".to_owned()),
        duplicate_key: Some("like".to_owned()),
        network: sender,
        ..entry("a", 1)
    };
    let id = post(&ledger, &sent);
    ledger.ban(BanTarget::Author(BanKind::Network, id), None, &act(), NOW).unwrap();
    let lines = whole(&store);
    for private in ["seal", "block", "nonce", "like"] {
        assert!(!lines.concat().contains(private), "{private}");
    }
    let restored = Store::new();
    send(&restored.ledger(), &lines, 2).unwrap();
    assert_eq!((whole(&restored), restored.ledger().list_bans().unwrap()), (lines, vec![]));
}

#[test]
fn html_is_rendered_again() {
    let store = Store::new();
    post(&store.ledger(), &entry("a", 1));
    let lines: Vec<_> = whole(&store).iter().map(|line| line.replace("<p>Text", "<script>Text")).collect();
    assert!(lines[2].contains("<script>"));
    let restored = empty();
    send(&restored, &lines, 9).unwrap();
    assert_eq!(restored.read_page(&url("a"), 1).unwrap().comments[0].html, entry("a", 1).html);
}

#[test]
fn another_site_is_refused_and_a_former_name_of_this_one_is_not() {
    let store = Store::new();
    post(&store.ledger(), &entry("a", 1));
    let renamed = |to: &str| whole(&store).iter().map(|line| line.replace("blog.example", to)).collect::<Vec<_>>();
    assert_eq!(send(&empty(), &renamed("other.example"), 9).err(), Some(ImportError::OtherSite));
    let restored = empty();
    send(&restored, &renamed("old.example"), 9).unwrap();
    assert_eq!(export(&restored, 9), whole(&store));
}

#[test]
fn the_posts_of_another_site_that_is_served_too_are_refused() {
    let store = Store::new();
    post(&store.ledger(), &entry("a", 1));
    let lines = whole(&store);
    let foreign = lines[1].replace("blog.example", "two.example");
    let sites = Sites::parse("https://blog.example https://two.example").unwrap();
    let import = |header: &str, line: &str, site: &str| {
        let (header, site) = (ExportHeader::parse(header).unwrap(), Origin::parse(site).unwrap());
        let (lines, renderer) = ([line], RENDERER);
        let batch =
            ImportBatch { header: &header, first: 2, lines: &lines, sites: &sites, site: &site, renderer, now: NOW };
        empty().import(&batch)
    };
    let refused = ImportError::Line(InvalidLine { number: 2, error: LineError::OtherSite });
    assert_eq!(import(&lines[0], &foreign, SITE), Err(refused));
    assert_eq!(import(&lines[0], &lines[1], "https://two.example"), Err(ImportError::OtherSite));
    assert_eq!(import(&lines[0], &lines[1], SITE).map(|done| done.threads), Ok(1));
}

#[test]
fn a_long_thread_has_the_same_pages_again() {
    let before = Store::new();
    let pages =
        afterword_ledger::PageSize { comments: 4, bytes: 5_000, edited_bytes: 9_000, max_interleaved_pages: 20 };
    let ledger = before.ledger().with_page_size(pages);
    let mut ids = Vec::new();
    for number in 1..=60_u32 {
        let sent = match number % 3 {
            0 => entry("a", number),
            1 if number > 1 => answer("a", number, ids[0]),
            _ if number > 2 => answer("a", number, ids[(number / 2) as usize]),
            _ => entry("a", number),
        };
        ids.push(post(&ledger, &sent));
    }
    ledger.vote(ids[2], &stamp("ada").hash, Vote::For, NOW).unwrap();
    let lines = export(&ledger, 2_000);
    let after = Store::new();
    let restored = after.ledger().with_page_size(pages);
    send(&restored, &lines, 7).unwrap();
    let last = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert!(last > 10, "{last}");
    for page in 1..=last {
        assert_eq!(restored.read_page(&url("a"), page).unwrap(), ledger.read_page(&url("a"), page).unwrap());
    }
    assert_eq!(restored.read_top(&url("a")).unwrap(), ledger.read_top(&url("a")).unwrap());
    let put = publish(&restored, NOW);
    assert!(put >= last as usize, "{put}");
    assert_eq!(export(&restored, 2_000), lines, "publishing makes no version of its own");
}

#[test]
fn an_export_during_which_posts_moved_is_taken() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry("a", 1));
    post(&ledger, &answer("a", 2, first));
    let mut part = ledger.export(SITE, ExportCursor::default(), 1).unwrap();
    let mut lines = Vec::new();
    loop {
        lines.append(&mut part.lines);
        if lines.len() == 3 {
            let moves =
                afterword_ledger::PostMoves::List(vec![afterword_ledger::PostMove { from: url("a"), to: url("c") }]);
            Ledger::remap(&ledger, &moves, 0, 9, &act(), NOW).unwrap();
        }
        let Some(next) = part.next else { break };
        part = ledger.export(SITE, next, 1).unwrap();
    }
    let restored = empty();
    assert_eq!(send(&restored, &lines, 2).unwrap().comments, 2);
    assert_eq!(restored.read_page(&url("a"), 1).unwrap().comments.len(), 2);
}

#[test]
fn titles_come_along_and_files_without_have_those_of_their_threads() {
    let store = Store::new();
    let ledger = store.ledger();
    let by = |author: &str, post: &str, number| VerifiedComment { author: Some(stamp(author)), ..entry(post, number) };
    for number in 1..=2 {
        post(&ledger, &VerifiedComment { title: format!("Title {number}"), ..by("ada", "a", number) });
    }
    post(&ledger, &by("ada", "b", 3));
    ledger.set_title(&url("b"), "Spring", &act(), NOW).unwrap();
    let lines = whole(&store);
    let back = Store::new();
    send(&back.ledger(), &lines, 2).unwrap();
    assert_eq!(whole(&back), lines);
    post(&back.ledger(), &by("bob", "b", 4));
    assert_eq!(back.ledger().read_page(&url("b"), 1).unwrap().title, "Spring", "a moderator has said so");
    // Lines that another program made: a stranger does not rename what came with them.
    let without = |line: &String| match line.starts_with(r#"{"comment""#) {
        true => line.replace(r#""title":"Title 1","#, "").replace(r#""title":"Title 2","#, ""),
        false => line.clone(),
    };
    let back = Store::new();
    send(&back.ledger(), &lines.iter().map(without).collect::<Vec<_>>(), 2).unwrap();
    let title = || back.ledger().read_page(&url("a"), 1).unwrap().title;
    assert_eq!(title(), "Title 2");
    back.ledger().erase(CommentId::new(1), Actor::Moderator(&act()), NOW).unwrap();
    assert_eq!(title(), "Title 2");
    for (number, author) in [(5, "bob"), (6, "cy")] {
        post(&back.ledger(), &by(author, "a", number));
    }
    assert_eq!(title(), "Title of a", "two authors say so");
}
