//! Every page of moderators in its states, by a name.

use afterword_model::moderation::{
    AuditAction, AuditFilter, AuthorHistory, BanKind, BatchAction, ListCount, MatchingCount, MatchingProgress,
    ModerationState, QueueFilter, QueueList, ThreadFilter,
};
use afterword_model::{CommentId, SubmissionId};
use afterword_view::Messages;
use afterword_view::admin::*;

use super::sample::{self, NOW, Words};

const SITE: &str = "https://blog.example";
const BATCH: &str = "0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f10";
const UNDO: &str = "0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f11";
const PENDING: ModerationState = ModerationState::Pending;

/// The frame of an owner with one blog.
pub(crate) fn frame(texts: &Messages) -> Frame<'_> {
    Frame {
        texts,
        moderator: "grace",
        is_owner: true,
        site: SITE,
        sites: &[SITE],
        counts: sample::counts(12),
        audit_head: 500,
        now: NOW,
        seed: [7; 16],
        notice: None,
    }
}

/// All pages with these words, each with its name.
pub(crate) fn all(texts: &Messages, words: &Words) -> Vec<(&'static str, String)> {
    let mut pages = without_a_session(texts, words);
    pages.extend(queues(texts, words));
    pages.extend(lists(texts, words));
    pages.extend(about_a_comment(texts, words));
    pages.extend(results(texts, words));
    pages.into_iter().map(|(name, page)| (name, page.into_string())).collect()
}

type Pages = Vec<(&'static str, afterword_view::Markup)>;

fn without_a_session(texts: &Messages, words: &Words) -> Pages {
    let sign_in = |problem| sign_in_page(texts, &SignIn { back: "/admin/queue?list=spam", problem });
    let comment = sample::comment(words, 1, PENDING);
    let once =
        |comment, state| one_use_page(texts, &OneUse { comment, state, address: "/admin/once/abc?d=e&f", now: NOW });
    let actions = [BatchAction::Approve, BatchAction::Spam, BatchAction::Delete];
    vec![
        ("sign-in", sign_in_page(texts, &SignIn::default())),
        ("sign-in.wrong", sign_in(Some(SignInProblem::WrongSecret))),
        ("sign-in.wait", sign_in(Some(SignInProblem::TooManyAttempts(40)))),
        ("sign-in.expired", sign_in(Some(SignInProblem::Expired))),
        (
            "first-time",
            first_time_page(
                texts,
                "SECRET=$(node -p \"crypto.randomBytes(24).toString('hex')\") && echo \"owner:$SECRET\" | npx wrangler secret put ADMIN_SECRETS --config worker/wrangler.toml && echo \"Your secret: $SECRET\"",
            ),
        ),
        ("error.signed-out", error_page(texts, None, AdminError::Unavailable)),
        ("once.open", once(Some(&comment), OneUseState::Open(&actions))),
        ("once.decided", once(Some(&comment), OneUseState::Decided { by: "ben", at: NOW - 90 })),
        ("once.done", once(Some(&comment), OneUseState::Done(AuditAction::Spam))),
        ("once.invalid", once(None, OneUseState::Invalid)),
    ]
}

fn queues(texts: &Messages, words: &Words) -> Pages {
    let frame = frame(texts);
    let full = sample::queue(words, PENDING, 12);
    let none = sample::queue(words, PENDING, 0);
    let spam = sample::queue(words, ModerationState::Spam, 3);
    let reported = sample::queue(words, ModerationState::Published, 3);
    let deleted = sample::queue(words, ModerationState::Deleted, 2);
    let fifty = sample::queue(words, PENDING, 50);
    let of = |list| QueueFilter::of_list(list);
    let pending = of(QueueList::Pending);
    let searched = QueueFilter {
        search: Some(words.line.to_owned()),
        post: Some(sample::post(2)),
        author: Some("k3f9a1".to_owned()),
        from: Some(1_795_564_800),
        until: Some(1_795_651_200),
        ..of(QueueList::Spam)
    };
    let view = |filter, view, page, after, next| QueueView { filter, view, page, after, next };
    let empty = Frame { counts: sample::counts(0), ..frame };
    let two = Frame { site: "", sites: &[SITE, "https://other.example"], ..frame };
    vec![
        ("queue", queue_page(&frame, &view(&pending, ListView::Full, &full, "", "62"))),
        ("queue.compact", queue_page(&frame, &view(&pending, ListView::Compact, &fifty, "12", "62"))),
        ("queue.one", queue_page(&frame, &view(&pending, ListView::One, &full, "", ""))),
        ("queue.empty", queue_page(&empty, &view(&pending, ListView::Full, &none, "", ""))),
        ("queue.done", queue_page(&empty, &view(&pending, ListView::Full, &none, "12", ""))),
        ("queue.no-match", queue_page(&frame, &view(&searched, ListView::Full, &none, "", ""))),
        ("queue.goes-on", queue_page(&frame, &view(&searched, ListView::Full, &none, "", "9"))),
        ("queue.spam", queue_page(&frame, &view(&of(QueueList::Spam), ListView::Full, &spam, "", ""))),
        ("queue.reported", queue_page(&frame, &view(&of(QueueList::Reported), ListView::Full, &reported, "", ""))),
        ("queue.deleted", queue_page(&frame, &view(&of(QueueList::Deleted), ListView::Full, &deleted, "", ""))),
        ("queue.sites", queue_page(&two, &view(&pending, ListView::Full, &spam, "", ""))),
    ]
}

fn lists(texts: &Messages, words: &Words) -> Pages {
    let frame = frame(texts);
    let entries: Vec<_> = (0..24).map(|at| sample::record(words, at)).collect();
    let audit =
        |entries, filter, next| audit_page(&frame, &AuditView { filter, entries, next, moderators: &["ben", "grace"] });
    let narrowed =
        AuditFilter { by: Some(words.line.to_owned()), comment: Some(CommentId::new(3)), ..AuditFilter::default() };
    let (threads, no_threads) = (sample::threads(words, 9), sample::threads(words, 0));
    let searched = ThreadFilter { search: Some(words.line.to_owned()), closed: Some(true) };
    let whole = ThreadFilter::default();
    let list = |filter, page, close_error| threads_page(&frame, &ThreadsView { filter, page, close_error });
    let settings = sample::settings(words);
    let changed = SettingsView {
        settings: &settings,
        typed: &[("edit_window", words.line), ("moderation", "open")],
        errors: &[("edit_window", "A number from 0 to 1,440."), ("reactions", "At most eight.")],
    };
    let form = BanForm { pattern: words.line, error: Some(("pattern", "Too many stars.")), ..BanForm::default() };
    vec![
        ("overview", overview_page(&frame, &sample::overview(words, false))),
        (
            "overview.empty",
            overview_page(
                &Frame { counts: sample::counts(0), is_owner: false, ..frame },
                &sample::overview(words, true),
            ),
        ),
        ("audit", audit(&entries, &AuditFilter::default(), "476")),
        ("audit.none", audit(&[], &narrowed, "")),
        ("threads", list(&whole, &threads, "")),
        ("threads.none", list(&searched, &no_threads, "Type a number.")),
        ("bans", bans_page(&frame, &sample::bans(words), &BanForm::default())),
        ("bans.none", bans_page(&frame, &[], &form)),
        ("settings", settings_page(&frame, &SettingsView { settings: &settings, typed: &[], errors: &[] })),
        ("settings.errors", settings_page(&frame, &changed)),
        ("transfer", transfer_page(&frame, &TransferView::default())),
        ("transfer.result", {
            let result = ImportResult {
                is_dry_run: true,
                counts: &[("comments", 1_204), ("threads", 31), (words.line, 1)],
                fault: Some((77, words.line)),
            };
            transfer_page(&frame, &TransferView { result: Some(&result), error: "Choose a file." })
        }),
        ("error", error_page(texts, Some(&frame), AdminError::Foreign)),
    ]
}

fn about_a_comment(texts: &Messages, words: &Words) -> Pages {
    let frame = frame(texts);
    let comment = sample::comment(words, 1, PENDING);
    let published = sample::comment(words, 2, ModerationState::Published);
    let html = &comment.html;
    let form =
        |comment| CommentForm { comment, back: "/admin/queue?list=pending#c3", typed: None, error: "", conflict: None };
    let typed = Typed { text: words.texts[0].0, name: words.line, preview: Some(html) };
    let again = |comment| CommentForm { typed: Some(typed), error: words.line, ..form(comment) };
    let outcome = sample::outcomes()[3].result.outcome.clone();
    let conflict = Typed { preview: None, ..typed };
    let conflict = |comment| CommentForm { typed: Some(conflict), conflict: Some(&outcome), ..form(comment) };
    let comments: Vec<_> = (0..3).map(|at| sample::comment(words, at, ModerationState::Published)).collect();
    let log = [sample::record(words, 0)];
    let author = AuthorView {
        mark: "k3f9a0",
        history: AuthorHistory { published: 3, ..AuthorHistory::default() },
        comments: &comments,
        next: "7",
        log: &log,
    };
    let nobody = AuthorView { comments: &[], next: "", log: &[], history: AuthorHistory::default(), ..author };
    let behalf = OnBehalfForm {
        url: words.line,
        name: words.names[0],
        text: words.texts[0].0,
        preview: Some(html),
        error: Some(("url", words.line)),
        ..OnBehalfForm::default()
    };
    let ban = BanForm {
        comment: Some(&comment),
        kind: Some(BanKind::Name),
        reason: words.line,
        sweep: true,
        matching: Some(41),
        back: "/admin/queue",
        ..BanForm::default()
    };
    vec![
        ("comment", comment_page(&frame, &sample::comment_page(words))),
        ("author", author_page(&frame, &author)),
        ("author.none", author_page(&frame, &nobody)),
        ("edit", edit_page(&frame, &form(&comment))),
        ("edit.conflict", edit_page(&frame, &conflict(&published))),
        ("edit.again", edit_page(&frame, &again(&published))),
        ("reply", reply_page(&frame, &form(&comment))),
        ("reply.conflict", reply_page(&frame, &conflict(&published))),
        ("reply.again", reply_page(&frame, &again(&published))),
        ("move", move_page(&frame, &form(&published))),
        ("erase", erase_page(&frame, &form(&published))),
        ("on-behalf", on_behalf_page(&frame, &OnBehalfForm::default())),
        ("on-behalf.again", on_behalf_page(&frame, &behalf)),
        ("ban", ban_page(&frame, &ban)),
    ]
}

fn results(texts: &Messages, words: &Words) -> Pages {
    let outcomes = sample::outcomes();
    let page = sample::queue(words, PENDING, 2);
    let filter = QueueFilter::of_list(QueueList::Pending);
    let view = QueueView { filter: &filter, view: ListView::Full, page: &page, after: "", next: "" };
    let undo = Some(UndoOffer { batch: BATCH, site: "", back: "/admin/queue" });
    let with = |notice: Notice| queue_page(&Frame { notice: Some(&notice), ..frame(texts) }, &view);
    let batch = |results, subject| FormResult::Batch { action: AuditAction::Approve, results, subject };
    let matching = MatchingCount { count: ListCount { count: 140, more: false }, through: Some(CommentId::new(4_711)) };
    let progress = MatchingProgress {
        id: SubmissionId::parse(BATCH).unwrap(),
        done: 100,
        next: Some(CommentId::new(77)),
        others: outcomes[3..].iter().map(|outcome| outcome.result.clone()).collect(),
    };
    let all = QueueFilter { search: Some(words.line.to_owned()), ..QueueFilter::of_list(QueueList::Spam) };
    let question = MatchingView { filter: &all, matching: &matching, through: 4_711, action: None, progress: None };
    let steps = MatchingView { action: Some(BatchAction::Delete), progress: Some(&progress), ..question };
    let over = MatchingProgress { done: 140, next: None, ..progress.clone() };
    let framed = frame(texts);
    let kind = StepsKind::Undo { id: UNDO, batch: BATCH };
    let undo_steps = StepsView { kind, site: "", done: 500, others: 2, next: "77@blog.example", back: "/admin/queue" };
    let kind = StepsKind::Sweep { ban: UNDO, batch: BATCH };
    let sweep_steps = StepsView { kind, site: "https://blog.example", others: 0, next: "77", ..undo_steps };
    vec![
        ("notice.one", with(Notice { result: batch(&outcomes[..1], Some((words.names[0], words.titles[0]))), undo })),
        ("notice.many", with(Notice { result: batch(&outcomes, None), undo })),
        ("notice.undone", with(Notice { result: FormResult::Undone { results: &outcomes[..2] }, undo: None })),
        ("notice.nothing", with(Notice { result: FormResult::NothingSelected, undo: None })),
        ("notice.ban", with(Notice { result: FormResult::Saved(Saved::Ban(3)), undo })),
        ("matching", matching_page(&framed, &question)),
        ("matching.steps", matching_page(&framed, &steps)),
        ("steps.undo", steps_page(&framed, &undo_steps)),
        ("steps.sweep", steps_page(&framed, &sweep_steps)),
        ("steps.swept", steps_page(&framed, &StepsView { next: "", ..sweep_steps })),
        ("matching.done", matching_page(&framed, &MatchingView { progress: Some(&over), ..steps })),
    ]
}
