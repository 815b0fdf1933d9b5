//! Importing a site: into an empty ledger, in batches, after an interruption, twice, and into a site with other
//! comments.

use afterword_ledger::{
    BanKind, BanTarget, ClientNetwork, ExportCursor, ExportHeader, ImportBatch, ImportCounts, ImportError, InvalidLine,
    Ledger, LineError, PageSize, ProofStatus, SettingChange, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, NetworkIds, Origin, Refusal, Sites, Status, Vote};

use crate::fixtures::{
    NOW, RENDERER, SITE, TestDatabase, attribution, author_id, export, full_site, import_lines, page_size, publish_all,
    reply, root_comment, submit, url,
};
use crate::properties::empty_ledger;

/// The lines of an export without its closing line.
fn export_all(database: &TestDatabase) -> Vec<String> {
    export(&database.ledger(), 10_000)
}

#[test]
fn an_imported_site_exports_the_same_lines() {
    let before = full_site();
    let lines = export_all(&before);
    for batch in [1, 2, 5, 1_000] {
        let after = TestDatabase::new();
        let counts = import_lines(&after.ledger(), &lines, batch).unwrap();
        assert_eq!((counts.comments, counts.threads, counts.votes, counts.renumbered), (7, 4, 3, 0));
        assert_eq!((counts.settings, counts.bans, counts.audited), (2, 2, 10));
        assert_eq!(export_all(&after), lines, "in batches of {batch}");
        for post in ["a", "b", "waits", "empty"] {
            for page in [1, 2] {
                let (old, new) = (before.ledger(), after.ledger());
                assert_eq!(new.read_page(&url(post), page).unwrap(), old.read_page(&url(post), page).unwrap());
            }
        }
    }
}

#[test]
fn an_imported_site_keeps_working() {
    let after = TestDatabase::new();
    let ledger = after.ledger();
    import_lines(&ledger, &export_all(&full_site()), 3).unwrap();
    // A repeat of a submission from before the export is recognised.
    assert!(ledger.submit(&root_comment("a", 4), Moderation::Open, NOW).unwrap().repeat);
    let other = VerifiedComment { fingerprint: "1".to_owned(), ..root_comment("a", 4) };
    assert_eq!(ledger.submit(&other, Moderation::Open, NOW).err(), Some(Refusal::IdReused.into()));
    // Authors stay trusted, and revoked trust stays revoked.
    let comment_by = |name, number| VerifiedComment { author: Some(author_id(name)), ..root_comment("new", number) };
    assert_eq!(ledger.submit(&comment_by("ada", 20), Moderation::First, NOW).unwrap().posted.status, Status::Published);
    assert_eq!(ledger.submit(&comment_by("bob", 21), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
    // A vote still belongs to its author.
    let result = ledger.vote(afterword_model::CommentId::new(1), &author_id("bob").hash, Vote::For, NOW).unwrap();
    assert_eq!(result.votes, 0);
    assert_eq!(ledger.submit(&root_comment("b", 22), Moderation::Open, NOW).err(), Some(Refusal::Closed.into()));
}

#[test]
fn an_interrupted_import_is_completed_by_a_second_one() {
    let lines = export_all(&full_site());
    let mut failures = 0;
    for statements in 0..400 {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        database.fail_after.set(Some(statements));
        let first = import_lines(&ledger, &lines, 4);
        database.fail_after.set(None);
        failures += u32::from(first.is_err());
        assert!(first.is_err() || export_all(&database) == lines, "an import that succeeds is complete");
        // The second import comes before or after the first part was published.
        if statements % 2 == 0 {
            let again = database.ledger();
            import_lines(&again, &lines, 5).unwrap();
            assert_eq!(export_all(&database), lines, "interrupted at statement {statements}");
        } else {
            publish_all(&ledger, NOW + 100);
            import_lines(&ledger, &lines, 4).unwrap();
            assert_eq!(export_all(&database), lines, "interrupted at statement {statements}, then published");
        }
        if first.is_ok() {
            assert!(failures > 50, "{failures}");
            return;
        }
    }
    panic!("never complete");
}

#[test]
fn no_version_is_used_for_two_contents() {
    let lines = export_all(&full_site());
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let mut contents = std::collections::HashMap::new();
    for end in 2..=lines.len() {
        import_lines(&ledger, &lines[..end], 1_000).unwrap();
        for post in ["a", "b"] {
            let thread = ledger.read_page(&url(post), 1).unwrap();
            if thread.version > 0 {
                let known = contents.entry((post, thread.version)).or_insert_with(|| thread.clone());
                assert_eq!(*known, thread, "line {end}");
            }
        }
        publish_all(&ledger, NOW + 100);
    }
    assert_eq!(export_all(&database), lines, "the last content is the exported one");
}

#[test]
fn lines_imported_repeatedly_are_stored_once() {
    let lines = export_all(&full_site());
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for end in 1..=lines.len() {
        import_lines(&ledger, &lines[..end], 3).unwrap();
    }
    assert_eq!(export_all(&database), lines);
    database.writes.borrow_mut().clear();
    let counts = import_lines(&ledger, &lines, 3).unwrap();
    assert_eq!((counts.comments, counts.threads, counts.votes, counts.moved, counts.known), (0, 0, 0, 0, 28));
    assert_eq!((counts.settings, counts.audited), (0, 0));
    assert_eq!(*database.writes.borrow(), [""; 0]);
}

#[test]
fn comments_whose_ids_are_taken_get_new_ids() {
    let old = TestDatabase::new();
    let ledger = old.ledger();
    let first = submit(&ledger, &root_comment("a", 1));
    submit(&ledger, &reply("a", 2, first));
    (3..=9).for_each(|number| {
        submit(&ledger, &root_comment("b", number));
    });
    submit(&ledger, &reply("a", 10, first));

    let live = TestDatabase::new();
    let ledger = live.ledger();
    submit(&ledger, &root_comment("a", 101));
    let counts = import_lines(&ledger, &export_all(&old), 2).unwrap();
    assert_eq!((counts.comments, counts.renumbered, counts.threads), (10, 3, 1));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    let comments: Vec<_> = thread.comments.iter().map(|it| (it.id.get(), it.parent.map(|id| id.get()))).collect();
    // Id 1 was taken. The replies to it get new ids as well, since a reply has a larger id than its parent.
    assert_eq!(comments, [(1, None), (11, None), (12, Some(11)), (13, Some(11))]);
    let others: Vec<_> = ledger.read_page(&url("b"), 1).unwrap().comments.iter().map(|it| it.id.get()).collect();
    assert_eq!(others, [3, 4, 5, 6, 7, 8, 9]);
    let known = export_all(&live);
    let again = import_lines(&ledger, &export_all(&old), 3).unwrap();
    assert_eq!((again.comments, export_all(&live)), (0, known));
}

#[test]
fn an_import_into_a_live_thread_raises_its_version() {
    let old = TestDatabase::new();
    (1..=4).for_each(|number| {
        submit(&old.ledger(), &root_comment("a", number));
    });
    old.ledger().set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    old.ledger().set_closed(&url("a"), false, &attribution(), NOW).unwrap();
    let known = old.ledger().read_page(&url("a"), 1).unwrap().version;
    for comments in 1..=6 {
        let live = TestDatabase::new();
        let ledger = live.ledger();
        (1..=comments).for_each(|number| {
            submit(&ledger, &root_comment("a", 100 + number));
        });
        import_lines(&ledger, &export_all(&old), 2).unwrap();
        let merged = ledger.read_page(&url("a"), 1).unwrap();
        assert!(merged.version > known, "{comments}: {} after {known}", merged.version);
        assert_eq!((merged.count, merged.comments.len()), (4 + comments, 4 + comments as usize));
    }
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let lines = export_all(&full_site());
    let live = TestDatabase::new();
    let ledger = live.ledger();
    submit(&ledger, &root_comment("a", 77));
    let before = export_all(&live);
    live.writes.borrow_mut().clear();
    let header = ExportHeader::parse(&lines[0]).unwrap();
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let body: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
    let (renderer, patterns) = (RENDERER, None);
    let batch = ImportBatch {
        header: &header,
        first: 2,
        lines: &body,
        sites: &sites,
        site: &site,
        renderer,
        patterns,
        now: NOW,
    };
    let predicted = ledger.import_dry_run(&batch, &ImportCounts::default()).unwrap();
    assert_eq!(live.writes.borrow().len(), 0);
    assert_eq!(export_all(&live), before);
    assert_eq!(
        (predicted.comments, predicted.threads, predicted.votes, predicted.known, predicted.renumbered),
        (7, 3, 3, 1, 1)
    );
    let counts = ledger.import(&batch).unwrap();
    assert_eq!(
        (counts.comments, counts.threads, counts.votes, counts.settings, counts.audited),
        (predicted.comments, predicted.threads, predicted.votes, 2, 10)
    );
    assert_eq!((predicted.settings, predicted.bans, predicted.audited), (2, 2, 10));
    let again = ledger.import_dry_run(&batch, &ImportCounts::default()).unwrap();
    assert_eq!((again.comments, again.threads, again.votes, again.known), (0, 0, 0, 28));
    assert_eq!((again.settings, again.audited), (0, 0));
}

#[test]
fn a_live_site_keeps_its_own_settings() {
    let lines = export_all(&full_site());
    let live = TestDatabase::new();
    let ledger = live.ledger();
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::Open)), &attribution(), NOW).unwrap();
    let counts = import_lines(&ledger, &lines, 4).unwrap();
    assert_eq!((counts.settings, counts.bans, counts.audited), (1, 2, 10));
    assert_eq!(ledger.settings().unwrap().moderation, Some(Moderation::Open));
    assert_eq!(ledger.list_audit_log(None, 100).unwrap().items.len(), 11);
}

#[test]
fn short_lived_network_data_is_not_exported() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let network_ids =
        |day: &str| NetworkIds { network: format!("network_id of {day}"), block: Some(format!("block of {day}")) };
    let network = Some(ClientNetwork { today: network_ids("today"), yesterday: network_ids("yesterday") });
    let comment = VerifiedComment {
        proof: ProofStatus::Nonce("nonce".to_owned()),
        duplicate_key: Some("like".to_owned()),
        network,
        ..root_comment("a", 1)
    };
    let id = submit(&ledger, &comment);
    ledger.ban(&BanTarget::Author(BanKind::Network, id), None, &attribution(), NOW).unwrap();
    let lines = export_all(&database);
    for private in ["network_id", "block", "nonce", "like"] {
        assert!(!lines.concat().contains(private), "{private}");
    }
    let restored = TestDatabase::new();
    import_lines(&restored.ledger(), &lines, 2).unwrap();
    assert_eq!((export_all(&restored), restored.ledger().list_bans().unwrap()), (lines, vec![]));
}

#[test]
fn html_is_rendered_from_its_source_on_import() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment("a", 1));
    let lines: Vec<_> = export_all(&database).iter().map(|line| line.replace("<p>Text", "<script>Text")).collect();
    assert!(lines[2].contains("<script>"));
    let restored = empty_ledger();
    import_lines(&restored, &lines, 9).unwrap();
    assert_eq!(restored.read_page(&url("a"), 1).unwrap().comments[0].html, root_comment("a", 1).html);
}

#[test]
fn only_exports_of_this_site_or_its_former_names_are_imported() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment("a", 1));
    let renamed =
        |to: &str| export_all(&database).iter().map(|line| line.replace("blog.example", to)).collect::<Vec<_>>();
    assert_eq!(import_lines(&empty_ledger(), &renamed("other.example"), 9).err(), Some(ImportError::OtherSite));
    let restored = empty_ledger();
    import_lines(&restored, &renamed("old.example"), 9).unwrap();
    assert_eq!(export(&restored, 9), export_all(&database));
}

#[test]
fn posts_of_another_configured_site_are_refused() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment("a", 1));
    let lines = export_all(&database);
    let foreign = lines[1].replace("blog.example", "two.example");
    let sites = Sites::parse("https://blog.example https://two.example").unwrap();
    let import = |header: &str, line: &str, site: &str| {
        let (header, site) = (ExportHeader::parse(header).unwrap(), Origin::parse(site).unwrap());
        let (lines, renderer, patterns) = ([line], RENDERER, None);
        let batch = ImportBatch {
            header: &header,
            first: 2,
            lines: &lines,
            sites: &sites,
            site: &site,
            renderer,
            patterns,
            now: NOW,
        };
        empty_ledger().import(&batch)
    };
    let refused = ImportError::Line(InvalidLine { number: 2, error: LineError::OtherSite });
    assert_eq!(import(&lines[0], &foreign, SITE), Err(refused));
    assert_eq!(import(&lines[0], &lines[1], "https://two.example"), Err(ImportError::OtherSite));
    assert_eq!(import(&lines[0], &lines[1], SITE).map(|counts| counts.threads), Ok(1));
}

#[test]
fn a_long_thread_keeps_its_pages_after_an_import() {
    let before = TestDatabase::new();
    let pages = PageSize { bytes: 5_000, bytes_with_replies: 5_000, edited_bytes: 9_000, ..page_size(4) };
    let ledger = before.ledger().with_page_size(pages);
    let mut ids = Vec::new();
    for number in 1..=60_u32 {
        let comment = match number % 3 {
            0 => root_comment("a", number),
            1 if number > 1 => reply("a", number, ids[0]),
            _ if number > 2 => reply("a", number, ids[(number / 2) as usize]),
            _ => root_comment("a", number),
        };
        ids.push(submit(&ledger, &comment));
    }
    ledger.vote(ids[2], &author_id("ada").hash, Vote::For, NOW).unwrap();
    let lines = export(&ledger, 2_000);
    let after = TestDatabase::new();
    let restored = after.ledger().with_page_size(pages);
    import_lines(&restored, &lines, 7).unwrap();
    let last = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert!(last > 10, "{last}");
    for page in 1..=last {
        assert_eq!(restored.read_page(&url("a"), page).unwrap(), ledger.read_page(&url("a"), page).unwrap());
    }
    assert_eq!(restored.read_top(&url("a")).unwrap(), ledger.read_top(&url("a")).unwrap());
    let put = publish_all(&restored, NOW);
    assert!(put >= last as usize, "{put}");
    assert_eq!(export(&restored, 2_000), lines, "publishing raises no version");
}

#[test]
fn an_export_made_during_a_remap_can_be_imported() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment("a", 1));
    submit(&ledger, &reply("a", 2, first));
    let mut part = ledger.export(SITE, ExportCursor::default(), 1).unwrap();
    let mut lines = Vec::new();
    loop {
        lines.append(&mut part.lines);
        if lines.len() == 3 {
            let moves =
                afterword_ledger::PostMoves::List(vec![afterword_ledger::PostMove { from: url("a"), to: url("c") }]);
            Ledger::remap(&ledger, &moves, 0, 9, &attribution(), NOW).unwrap();
        }
        let Some(next) = part.next else { break };
        part = ledger.export(SITE, next, 1).unwrap();
    }
    let restored = empty_ledger();
    assert_eq!(import_lines(&restored, &lines, 2).unwrap().comments, 2);
    assert_eq!(restored.read_page(&url("a"), 1).unwrap().comments.len(), 2);
}

#[test]
fn comment_titles_are_imported_or_taken_from_the_thread() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment_by = |author: &str, post: &str, number| VerifiedComment {
        author: Some(author_id(author)),
        ..root_comment(post, number)
    };
    for number in 1..=2 {
        submit(&ledger, &VerifiedComment { title: format!("Title {number}"), ..comment_by("ada", "a", number) });
    }
    submit(&ledger, &comment_by("ada", "b", 3));
    ledger.set_title(&url("b"), "Spring", &attribution(), NOW).unwrap();
    let lines = export_all(&database);
    let restored = TestDatabase::new();
    import_lines(&restored.ledger(), &lines, 2).unwrap();
    assert_eq!(export_all(&restored), lines);
    submit(&restored.ledger(), &comment_by("bob", "b", 4));
    assert_eq!(restored.ledger().read_page(&url("b"), 1).unwrap().title, "Spring", "a moderator has set the title");
    // Lines from another program have no titles of comments. One other author does not change the title of the thread.
    let without_title = |line: &String| match line.starts_with(r#"{"comment""#) {
        true => line.replace(r#""title":"Title 1","#, "").replace(r#""title":"Title 2","#, ""),
        false => line.clone(),
    };
    let restored = TestDatabase::new();
    import_lines(&restored.ledger(), &lines.iter().map(without_title).collect::<Vec<_>>(), 2).unwrap();
    let title = || restored.ledger().read_page(&url("a"), 1).unwrap().title;
    assert_eq!(title(), "Title 1");
    restored.ledger().erase(CommentId::new(1), &attribution(), NOW).unwrap();
    assert_eq!(title(), "Title 1");
    for (number, author) in [(5, "bob"), (6, "cy")] {
        submit(&restored.ledger(), &comment_by(author, "a", number));
    }
    assert_eq!(title(), "Title of a", "two authors sent this title");
}

#[test]
fn addresses_that_are_no_longer_accepted_are_imported() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &VerifiedComment { email: Some("*@mail.example".to_owned()), ..root_comment("a", 1) });
    let lines = export_all(&database);
    let restored = TestDatabase::new();
    import_lines(&restored.ledger(), &lines, 9).unwrap();
    assert_eq!(export_all(&restored), lines);
}

/// The lines of a site with this number of bans.
fn lines_with_bans(bans: u32) -> Vec<String> {
    let header = format!(r#"{{"afterword":2,"site":"{SITE}","last":0}}"#);
    let ban = |number: u32| {
        let id = crate::fixtures::uuid(number);
        format!(
            r#"{{"ban":{{"id":"{id}","kind":"name","pattern":"Eve {number}","until":null,"at":{NOW},"by":"ada"}}}}"#
        )
    };
    [header].into_iter().chain((1..=bans).map(ban)).collect()
}

#[test]
fn an_import_cannot_exceed_the_limit_of_bans() {
    let lines = lines_with_bans(501);
    let full = |result: Result<_, ImportError>| match result {
        Err(ImportError::Line(InvalidLine { number, error })) => (number, error),
        other => panic!("{other:?}"),
    };
    let expected = (502, LineError::Refused(Refusal::ListFull));
    for batch in [1_000, 100, 7] {
        let database = TestDatabase::new();
        assert_eq!(full(import_lines(&database.ledger(), &lines, batch).map(drop)), expected);
        let again = import_lines(&database.ledger(), &lines[..101], batch).unwrap();
        assert_eq!(again.known + again.bans, 100, "known bans count once");
    }
    let file = lines.join("\n");
    let mode = crate::properties::RestoreMode { dry_run: true, ..Default::default() };
    match crate::properties::restore(&empty_ledger(), file.as_bytes(), 10_000, mode).1 {
        Err(afterword_ledger::RestoreError::Import(error)) => assert_eq!(full(Err::<(), _>(error)), expected),
        other => panic!("{other:?}"),
    }
    assert_eq!(import_lines(&empty_ledger(), &lines[..501], 50).unwrap().bans, 500);
}

#[test]
fn importing_bans_takes_time_in_proportion_to_their_number() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let lines = lines_with_bans(400);
    let steps = |lines: Vec<&String>| {
        let before = database.vm_steps.get();
        import_lines(&ledger, &lines, 1_000).unwrap();
        database.vm_steps.get() - before
    };
    let first = steps(lines[..=200].iter().collect());
    let second = steps(lines[..1].iter().chain(&lines[201..]).collect());
    assert!(second < first * 3 / 2, "{first} steps for the first 200 bans, {second} for the next");
}

#[test]
fn a_dry_run_names_what_a_file_would_change_for_readers() {
    let before = full_site();
    before.run("UPDATE comment SET pinned = 0 WHERE id = 1");
    let file = export_all(&before).join("\n");
    let mode = crate::properties::RestoreMode { dry_run: true, ..Default::default() };
    let summary = crate::properties::restore(&empty_ledger(), file.as_bytes(), 10_000, mode).1.unwrap();
    let summary = serde_json::to_value(&summary).unwrap();
    assert_eq!(summary["changed_settings"], serde_json::json!(["moderation", "muted"]));
    assert_eq!((summary["owner_comments"].as_u64(), summary["pinned_comments"].as_u64()), (Some(1), Some(1)));
}
