//! Export and import of reactions, reports and deleted comments, and merging of threads that have them.

use afterword_ledger::{
    ClientNetwork, CommentRef, Ledger, LineError, NewReport, PostMove, PostMoves, SettingChange, VerifiedComment,
};
use afterword_model::{CommentFate, CommentId, NetworkIds, Reactions, Refusal, ReportReason};

use crate::common::assert_changes_are_counted;
use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, export, import_lines, root_comment, submit, url, uuid,
};

fn offer_reactions(ledger: &Ledger<&TestDatabase>) {
    let change = SettingChange::Reactions(Reactions::parse("👍 🎉"));
    ledger.update_setting(&change, &attribution(), NOW).unwrap();
}

fn react(ledger: &Ledger<&TestDatabase>, post: &str, author: &str, reaction: &str) {
    ledger.react(&url(post), &author_id(author).hash, Some(reaction), NOW).unwrap();
}

fn report(ledger: &Ledger<&TestDatabase>, id: CommentId, number: u32, author: Option<&str>, text: Option<&str>) {
    let ids = NetworkIds { network: format!("network {number}"), block: None };
    let author = author.map(|author| author_id(author).hash);
    let network = ClientNetwork { today: ids.clone(), yesterday: ids };
    let (id_of_report, reason) = (uuid(100 + number), ReportReason::PrivateData);
    let report = NewReport { id: id_of_report, author: author.as_deref(), network: &network, reason, text };
    ledger.report(CommentRef { url: &url("a"), id }, &report, NOW).unwrap();
}

/// A site with reactions, reports, and a comment that its author has deleted.
fn site() -> TestDatabase {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    offer_reactions(&ledger);
    let first = submit(&ledger, &root_comment("a", 1));
    let second = submit(&ledger, &VerifiedComment { author: Some(author_id("ada")), ..root_comment("a", 2) });
    for (author, reaction) in [("ada", "👍"), ("bob", "🎉"), ("eve", "👍")] {
        react(&ledger, "a", author, reaction);
    }
    react(&ledger, "without-comments", "ada", "🎉");
    report(&ledger, first, 1, Some("bob"), Some("She lives\nin \"X\""));
    report(&ledger, first, 2, None, None);
    report(&ledger, second, 3, None, Some("Deleted with the comment"));
    ledger.delete_own(CommentRef { url: &url("a"), id: second }, &author_id("ada").hash, NOW + 7).unwrap();
    ledger.erase(first, &attribution(), NOW + 8).unwrap();
    let third = submit(&ledger, &root_comment("a", 4));
    report(&ledger, third, 4, Some("bob"), Some("She lives\nin \"X\""));
    database
}

#[test]
fn reactions_reports_and_deletions_survive_export_and_import() {
    let before = site();
    let lines = export(&before.ledger(), 500);
    let text = lines.join("\n");
    let bob = author_id("bob").hash;
    for line in [
        format!(r#"{{"reaction":{{"thread":"https://blog.example/a","author":"{bob}","reaction":"🎉"}}}}"#),
        format!(
            r#"{{"report":{{"id":"{}","comment":"{}","author":"{bob}","reason":"private_data","text":"She lives\nin \"X\"","at":{NOW}}}}}"#,
            uuid(104),
            uuid(4)
        ),
        format!(
            r#"{{"report":{{"id":"{}","comment":"{}","author":null,"reason":"private_data","text":null,"at":{NOW}}}}}"#,
            uuid(103),
            uuid(2)
        ),
    ] {
        assert!(lines.contains(&line), "{line} in {text}");
    }
    assert!(text.contains(&format!(r#""erased":{}}}}}"#, NOW + 8)), "{text}");
    assert!(text.contains(&format!(r#""erased":{}}}}}"#, NOW + 7)), "{text}");
    assert!(!text.contains("Text 2") && !text.contains("Deleted with") && !text.contains("network 1"), "{text}");
    let after = TestDatabase::new();
    import_lines(&after.ledger(), &lines, 3).unwrap();
    assert_eq!(export(&after.ledger(), 700), lines);
    assert_eq!(after.ledger().read_page(&url("a"), 1).unwrap().reactions, [("👍".to_owned(), 2), ("🎉".to_owned(), 1)]);
    assert_eq!(after.ledger().read_page(&url("without-comments"), 1).unwrap().version, 1);
    assert_changes_are_counted(&after);
    // What is there already is known.
    let stored = after.dump();
    import_lines(&after.ledger(), &lines, 2).unwrap();
    assert_eq!(after.dump(), stored);
    // The audit log has the fate of what a moderator erased.
    let fates = |database: &TestDatabase| {
        database.run("UPDATE comment SET author = 'ada' WHERE id < 3");
        let fates = database.ledger().fates(&url("a"), &[1, 2].map(CommentId::new), "ada").unwrap().comments;
        fates.iter().map(|it| it.status).collect::<Vec<_>>()
    };
    assert_eq!(fates(&before), [CommentFate::Rejected, CommentFate::Deleted]);
    assert_eq!(fates(&after), fates(&before));
    // A backup has no deleted text, so nothing can be restored from it.
    let deleted = CommentRef { url: &url("a"), id: CommentId::new(2) };
    let refused = after.ledger().restore_own(deleted, "ada", NOW + 8).err();
    assert_eq!(refused, Some(Refusal::RestoreWindowOver.into()));
}

#[test]
fn invalid_lines_of_interactions_are_rejected() {
    let lines = export(&site().ledger(), 1 << 20);
    let check = |from: &str, to: &str, expected: &LineError| {
        let changed: Vec<String> = lines.iter().map(|line| line.replace(from, to)).collect();
        assert_ne!(changed, lines, "{from}");
        let error = import_lines(&TestDatabase::new().ledger(), &changed, 1).unwrap_err().to_string();
        assert!(error.contains(&expected.to_string()), "{to}: {error}");
    };
    let field = LineError::Field;
    check(r#""reaction":"🎉""#, r#""reaction":"<b>""#, &field("reaction"));
    check(r#""reaction":"🎉""#, r#""reaction":"👍,🎉""#, &field("reaction"));
    check(
        r#"{"reaction":{"thread":"https://blog.example"#,
        r#"{"reaction":{"thread":"https://other.example"#,
        &LineError::Refused(Refusal::UnknownSite),
    );
    check(r#""reason":"private_data","text":"She lives"#, r#""reason":"private_data","text":"\u0000"#, &field("text"));
    check(r#""reason":"private_data","text":null"#, r#""reason":"private_data","text":"""#, &field("text"));
    check(&format!(r#""report":{{"id":"{}""#, uuid(104)), r#""report":{"id":"x""#, &LineError::Refused(Refusal::BadId));
    check(
        &format!(r#""comment":"{}","author":null,"reason""#, uuid(2)),
        &format!(r#""comment":"{}","author":null,"reason""#, uuid(77)),
        &LineError::UnknownComment,
    );
    check(&format!(r#","at":{NOW}}}}}"#), r#","at":-1}}"#, &field("at"));
}

#[test]
fn a_merge_keeps_one_reaction_of_each_author() {
    for (from, to) in [("a", "b"), ("b", "a")] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        offer_reactions(&ledger);
        submit(&ledger, &root_comment("a", 1));
        submit(&ledger, &root_comment("b", 2));
        for (post, author, reaction) in
            [(from, "ada", "👍"), (from, "bob", "👍"), (to, "ada", "🎉"), (to, "eve", "🎉"), (from, "cy", "🎉")]
        {
            react(&ledger, post, author, reaction);
        }
        let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
        ledger.remap(&moves, 0, 9, &attribution(), NOW).unwrap();
        let page = ledger.read_page(&url(to), 1).unwrap();
        assert_eq!(page.reactions, [("👍".to_owned(), 1), ("🎉".to_owned(), 3)], "{from} to {to}");
        assert_changes_are_counted(&database);
        let lines = export(&ledger, 1 << 20);
        let after = TestDatabase::new();
        import_lines(&after.ledger(), &lines, 5).unwrap();
        assert_eq!(export(&after.ledger(), 1 << 20), lines);
    }
}
