//! Round trips of what moderators' calls have stored: with any arguments, its export can be imported again.

use afterword_ledger::{
    BanKind, BanTarget, CommentEdit, Ledger, LedgerError, PostMove, PostMoves, RepublishCursor, SettingChange,
};
use afterword_model::{CommentId, Moderation, PostUrl, Reactions, Sort, SubmissionId, ThreadOptions, Vote};
use proptest::prelude::*;

use crate::fixtures::{
    NOW, RENDERER, TestDatabase, attribution, author_id, export, full_site, import_lines, render, url, uuid,
};

/// A call of a moderator. Every method of the ledger that the routes under `/admin/api` call has one.
#[derive(Clone, Debug)]
enum AdminCall {
    Approve(i64),
    Unpublish(i64),
    Erase(i64),
    Edit(i64, String),
    SetClosed(PostUrl, bool),
    SetTitle(PostUrl, String),
    UpdateSetting(SettingChange),
    Ban {
        target: BanTarget,
        until: Option<i64>,
    },
    LiftBans(usize, usize),
    Republish(RepublishCursor),
    Rerender(i64),
    Remap(PostMoves, i64),
    Prune(i64),
    /// Not a moderator's call, but it stores what the others then work on.
    Vote(i64, i64),
}

/// Integers with the edges at which something may go wrong.
fn any_integer() -> impl Strategy<Value = i64> {
    let edges = [0, -1, 1 << 31, 1 << 48, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, 253_402_300_799, 253_402_300_800];
    prop_oneof![
        4 => 1..9i64,
        2 => prop::sample::select(edges.to_vec()),
        1 => (-9..900i64).prop_map(|seconds| NOW + seconds),
        1 => Just(NOW * 1_000),
        1 => any::<i64>(),
    ]
}

/// Texts, also those that a moderator's program should not send.
fn any_text() -> impl Strategy<Value = String> {
    let odd = ["", " ", "*", "***", "🎃", "...!", "a\nb", "\0", "\u{202e}x", "\u{3164}", "🏴\u{e0067}", "\u{301}"];
    prop_oneof![
        3 => "[a-zé*. ]{0,12}",
        2 => prop::sample::select(odd.map(str::to_owned).to_vec()),
        1 => "\\PC{0,300}",
        1 => any::<String>(),
        1 => (1..30_000usize).prop_map(|length| "a".repeat(length)),
    ]
}

fn any_url() -> impl Strategy<Value = PostUrl> {
    prop::sample::select(vec![url("a"), url("b"), url("waits"), url("empty"), url("new"), url("a/b"), url("q?x=1")])
}

fn any_kind() -> impl Strategy<Value = BanKind> {
    prop::sample::select(vec![BanKind::Author, BanKind::Network, BanKind::Name, BanKind::Email])
}

fn any_target() -> impl Strategy<Value = BanTarget> {
    prop_oneof![
        (any_kind(), any_text()).prop_map(|(kind, pattern)| BanTarget::Pattern(kind, pattern)),
        (any_kind(), any_integer()).prop_map(|(kind, id)| BanTarget::Author(kind, CommentId::new(id))),
    ]
}

fn any_setting() -> impl Strategy<Value = SettingChange> {
    let moderation = prop::sample::select(vec![None, Some(Moderation::Open), Some(Moderation::All)]);
    let minutes = prop::option::of(0..=1_440i64);
    let reactions = prop::option::of(prop::sample::select(vec!["off", "👍", "👍 1️⃣ 🏳️‍🌈"]));
    prop_oneof![
        moderation.prop_map(SettingChange::Moderation),
        any_text().prop_map(SettingChange::MutedWords),
        minutes.prop_map(|minutes| SettingChange::EditWindow(minutes.map(|minutes| minutes * 60))),
        prop::option::of(any::<bool>()).prop_map(SettingChange::Downvotes),
        reactions.prop_map(|text| SettingChange::Reactions(text.and_then(Reactions::parse))),
        any_look(),
    ]
}

fn any_look() -> impl Strategy<Value = SettingChange> {
    let orders = vec![Sort::Oldest, Sort::Newest, Sort::Top];
    prop_oneof![
        prop::option::of(0..=36_500u32).prop_map(SettingChange::CloseAfter),
        prop::option::of(prop::sample::select(orders)).prop_map(SettingChange::Sort),
        prop::option::of(prop_oneof![Just("de"), Just("pt-BR")])
            .prop_map(|tag| SettingChange::Language(tag.map(str::to_owned))),
        any_text().prop_map(|text| SettingChange::FormText(ThreadOptions::parse_form_text(&text).unwrap_or_default())),
        prop::option::of(Just("ada@blog.example")).prop_map(|text| SettingChange::Contact(text.map(str::to_owned))),
        prop::option::of(any::<bool>()).prop_map(SettingChange::Avatars),
    ]
}

fn any_moves() -> impl Strategy<Value = PostMoves> {
    let one_move = || (any_url(), any_url()).prop_map(|(from, to)| PostMove { from, to });
    prop_oneof![
        prop::collection::vec(one_move(), 0..4).prop_map(PostMoves::List),
        one_move().prop_map(PostMoves::Prefix)
    ]
}

fn any_call() -> impl Strategy<Value = AdminCall> {
    let id = any_integer;
    let cursor = (id(), any::<u32>(), id()).prop_map(|(thread, page, moved)| RepublishCursor { thread, page, moved });
    prop_oneof![
        2 => id().prop_map(AdminCall::Approve),
        2 => id().prop_map(AdminCall::Unpublish),
        2 => id().prop_map(AdminCall::Erase),
        2 => (id(), any_text()).prop_map(|(id, text)| AdminCall::Edit(id, text)),
        2 => (any_url(), any::<bool>()).prop_map(|(url, closed)| AdminCall::SetClosed(url, closed)),
        3 => (any_url(), any_text()).prop_map(|(url, title)| AdminCall::SetTitle(url, title)),
        3 => any_setting().prop_map(AdminCall::UpdateSetting),
        8 => (any_target(), prop::option::of(any_integer())).prop_map(|(target, until)| AdminCall::Ban { target, until }),
        2 => (0..4usize, 0..4usize).prop_map(|(first, bans)| AdminCall::LiftBans(first, bans)),
        1 => cursor.prop_map(AdminCall::Republish),
        1 => id().prop_map(AdminCall::Rerender),
        2 => (any_moves(), any_integer()).prop_map(|(moves, after)| AdminCall::Remap(moves, after)),
        1 => (0..900_000i64).prop_map(|seconds| AdminCall::Prune(NOW + seconds)),
        2 => (id(), 0..3i64).prop_map(|(id, author)| AdminCall::Vote(id, author)),
    ]
}

/// Makes a call. It may be refused, but must not fail in any other way.
fn make(ledger: &Ledger<&TestDatabase>, call: AdminCall) -> Result<(), LedgerError> {
    let by = attribution();
    let id = CommentId::new;
    match call {
        AdminCall::Approve(comment) => ledger.approve(id(comment), &by, NOW).map(drop),
        AdminCall::Unpublish(comment) => ledger.unpublish(id(comment), &by, NOW).map(drop),
        AdminCall::Erase(comment) => ledger.erase(id(comment), &by, NOW).map(drop),
        AdminCall::Edit(comment, text) => {
            // The Worker checks and renders a text before it calls the ledger.
            let source = afterword_model::clean_text(&text).chars().take(500).collect::<String>();
            let source = if afterword_model::has_visible_text(&source) { source } else { "x".to_owned() };
            let source = afterword_model::clean_text(&source);
            let edit = CommentEdit { html: render(&source).unwrap_or_default(), source, renderer: 1 };
            ledger.edit(id(comment), &edit, &by, NOW).map(drop)
        }
        AdminCall::SetClosed(url, closed) => ledger.set_closed(&url, closed, &by, NOW).map(drop),
        AdminCall::SetTitle(url, title) => ledger.set_title(&url, &title, &by, NOW).map(drop),
        AdminCall::UpdateSetting(change) => ledger.update_setting(&change, &by, NOW).map(drop),
        AdminCall::Ban { target, until } => ledger.ban(&target, until, &by, NOW).map(drop),
        AdminCall::LiftBans(first, bans) => {
            let known = ledger.list_bans()?.into_iter().skip(first).take(bans);
            let ids: Vec<_> = known.filter_map(|ban| SubmissionId::parse(&ban.id)).chain([uuid(1)]).collect();
            // One id may be there twice.
            let ids = [&ids[..1], &ids[..]].concat();
            ledger.lift_bans(&ids, &by, NOW).map(drop)
        }
        AdminCall::Republish(after) => ledger.republish(after, 9, NOW).map(drop),
        AdminCall::Rerender(after) => ledger.rerender(after, 9, &RENDERER, NOW).map(drop),
        AdminCall::Remap(moves, after) => ledger.remap(&moves, after, 9, &by, NOW).map(drop),
        AdminCall::Prune(now) => ledger.prune(now, 9).map(drop),
        AdminCall::Vote(comment, author) => {
            ledger.vote(id(comment), &author_id(&author.to_string()).hash, Vote::For, NOW).map(drop)
        }
    }
}

proptest! {
    #[test]
    fn what_moderators_stored_can_be_exported_and_imported(calls in prop::collection::vec(any_call(), 1..30)) {
        let before = full_site();
        let ledger = before.ledger();
        for call in calls {
            let described = format!("{call:?}");
            if let Err(error) = make(&ledger, call) {
                prop_assert!(matches!(error, LedgerError::Refused(_)), "{described}: {error}");
            }
        }
        let lines = export(&ledger, 5_000);
        let after = TestDatabase::new();
        if let Err(error) = import_lines(&after.ledger(), &lines, 50) {
            return Err(TestCaseError::fail(error.to_string()));
        }
        prop_assert_eq!(export(&after.ledger(), 5_000), lines);
    }
}
