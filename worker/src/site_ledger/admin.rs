//! Executes requests of moderators on the ledger.

use afterword_ledger::{Attribution, Ledger, LedgerError, ListPage, RemapProgress as LedgerProgress, Sql};
use afterword_model::moderation::SweepRequest;
use afterword_model::{Refusal, SubmissionId};

use crate::admin_rpc::{
    AdminRequest, AdminResponse, Attributed, BanList, ClosedThread, CommentList, InvalidRuleList, ModerationAction,
    RemapProgress, TitledThread,
};
use crate::renderer::RENDERER;
use crate::site_ledger::admin_comments;
use crate::site_ledger::policy::PatternWatcher;

impl Attributed {
    pub(super) fn borrow(&self) -> Attribution<'_> {
        Attribution { id: self.id, by: &self.by }
    }
}

/// Executes a request in one synchronous turn. `now` is in Unix seconds.
pub(super) fn execute<S: Sql>(
    ledger: &Ledger<S>,
    request: AdminRequest,
    now: i64,
) -> Result<AdminResponse, LedgerError> {
    Ok(match request {
        AdminRequest::ListComments { filter, before, limit } => {
            let ListPage { items, next } = ledger.list_comments(filter, before, limit)?;
            AdminResponse::Comments(CommentList { comments: items, next })
        }
        AdminRequest::Moderate { comment, action, attribution } => {
            let attribution = attribution.borrow();
            AdminResponse::Comment(match action {
                ModerationAction::Approve => ledger.approve(comment, &attribution, now)?,
                ModerationAction::Unpublish => ledger.unpublish(comment, &attribution, now)?,
                ModerationAction::Erase => ledger.erase(comment, &attribution, now)?,
            })
        }
        AdminRequest::GetSettings => AdminResponse::Settings(ledger.settings()?),
        AdminRequest::UpdateSetting { change, attribution } => {
            AdminResponse::Settings(ledger.update_setting(&change, &attribution.borrow(), now)?)
        }
        AdminRequest::ListAuditLog { filter, before, limit } => {
            AdminResponse::AuditLog(ledger.read_audit_log(&filter, before, limit)?)
        }
        AdminRequest::ReadOverview => AdminResponse::Overview(ledger.read_overview(now)?),
        AdminRequest::Republish { after, limit } => AdminResponse::Republish(ledger.republish(after, limit, now)?),
        AdminRequest::Rerender { after, limit } => {
            AdminResponse::Rerender(ledger.rerender(after, limit, &RENDERER, now)?)
        }
        AdminRequest::Remap { moves, dry_run, after, limit, attribution } => {
            let LedgerProgress { steps, next } = if dry_run {
                ledger.remap_dry_run(&moves, after, limit)?
            } else {
                ledger.remap(&moves, after, limit, &attribution.borrow(), now)?
            };
            AdminResponse::Remap(RemapProgress { dry_run, steps, next })
        }
        AdminRequest::ListBans
        | AdminRequest::Ban { .. }
        | AdminRequest::Sweep { .. }
        | AdminRequest::LiftBans { .. }
        | AdminRequest::ListInvalidRules => return execute_on_bans(ledger, request, now),
        AdminRequest::ListThreads { .. }
        | AdminRequest::CloseOldThreads { .. }
        | AdminRequest::SetClosed { .. }
        | AdminRequest::SetTitle { .. }
        | AdminRequest::DescribeThread { .. } => return execute_on_threads(ledger, request, now),
        _ => return admin_comments::execute(ledger, request, now),
    })
}

fn execute_on_bans<S: Sql>(ledger: &Ledger<S>, request: AdminRequest, now: i64) -> Result<AdminResponse, LedgerError> {
    Ok(match request {
        AdminRequest::Ban { target, until, reason, sweep, attribution } => {
            let by = attribution.borrow();
            let bans = ledger.ban_with_reason(&target, (until, &reason), &by, now)?;
            let ban = ledger.find_ban(&target)?.map(|ban| ban.id);
            let swept = match ban.as_deref().and_then(SubmissionId::parse).filter(|_| sweep) {
                Some(ban) => {
                    let request = SweepRequest { ban, batch: by.id, after: None };
                    Some(ledger.sweep(&request, &PatternWatcher, by.by, now)?)
                }
                None => None,
            };
            AdminResponse::Bans(BanList { bans, ban, swept })
        }
        AdminRequest::Sweep { request, by } => {
            AdminResponse::Matching(ledger.sweep(&request, &PatternWatcher, &by, now)?)
        }
        AdminRequest::LiftBans { bans, attribution } => {
            let bans = ledger.lift_bans(&bans, &attribution.borrow(), now)?;
            AdminResponse::Bans(BanList { bans, ban: None, swept: None })
        }
        AdminRequest::ListInvalidRules => {
            let invalid_rules = ledger.invalid_rules(&PatternWatcher, now)?;
            AdminResponse::InvalidRules(InvalidRuleList { invalid_rules })
        }
        _ => AdminResponse::Bans(BanList { bans: ledger.list_bans()?, ban: None, swept: None }),
    })
}

fn execute_on_threads<S: Sql>(
    ledger: &Ledger<S>,
    request: AdminRequest,
    now: i64,
) -> Result<AdminResponse, LedgerError> {
    Ok(match request {
        AdminRequest::ListThreads { filter, before, limit } => {
            AdminResponse::Threads(ledger.list_threads(&filter, before, limit)?)
        }
        AdminRequest::CloseOldThreads { request, by } => {
            AdminResponse::ClosedThreads(ledger.close_old_threads(&request, &by, now)?)
        }
        AdminRequest::SetClosed { url, closed, attribution } => {
            let version = ledger.set_closed(&url, closed, &attribution.borrow(), now)?;
            AdminResponse::ClosedThread(ClosedThread { url, closed, version })
        }
        AdminRequest::SetTitle { url, title, attribution } => {
            let version = ledger.set_title(&url, &title, &attribution.borrow(), now)?;
            AdminResponse::TitledThread(TitledThread { url, title, version })
        }
        AdminRequest::DescribeThread { url } => AdminResponse::Thread(ledger.describe_thread(&url)?),
        _ => return Err(Refusal::NotFound.into()),
    })
}

#[cfg(test)]
mod tests {
    use afterword_ledger::{
        BanKind, BanTarget, CommentFilter, ExportCursor, PostMove, PostMoves, RepublishCursor, Restore, RestoreOptions,
        RusqliteSql, SettingChange, VerifiedComment,
    };
    use afterword_model::moderation::{
        ActionBatch, ActionItem, AuditFilter, BatchAction, CloseOldThreads, MatchingBatch, QueueFilter, QueueList,
        ThreadFilter, UndoRequest,
    };
    use afterword_model::{CommentId, Moderation, Origin, PostUrl, Sites, SubmissionId};
    use rusqlite::Connection;
    use serde_json::json;

    use super::*;
    use crate::admin_rpc::NewText;

    const NOW: i64 = 1_321_000_000;

    fn url(post: &str) -> PostUrl {
        PostUrl::parse(&format!("https://blog.example/{post}")).unwrap()
    }

    fn attribution(id: u8) -> Attributed {
        Attributed { id: SubmissionId::from_digest([id; 16]), by: "grace".to_owned() }
    }

    fn empty_ledger() -> Ledger<RusqliteSql> {
        Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()
    }

    fn ledger() -> Ledger<RusqliteSql> {
        let ledger = empty_ledger();
        for number in 1..=2 {
            let comment = VerifiedComment {
                title: "Post".to_owned(),
                name: "Ada".to_owned(),
                email: Some("ada@blog.example".to_owned()),
                source: "Text".to_owned(),
                html: afterword_markup::render("Text").unwrap().html,
                renderer_version: RENDERER.version,
                signals: vec!["no_proof".to_owned()],
                ..VerifiedComment::anonymous(100 + number, url("post"))
            };
            ledger.submit(&comment, Moderation::All, NOW).unwrap();
        }
        ledger
    }

    fn act(id: u8, action: BatchAction, comment: CommentId, revision: i64) -> AdminRequest {
        let comments = vec![ActionItem { id: comment, revision }];
        let batch = ActionBatch { id: attribution(id).id, action, comments, reason: None };
        AdminRequest::RunBatch { batch, by: "grace".to_owned() }
    }

    fn sweep(ban: u8) -> SweepRequest {
        let ban = attribution(ban).id;
        SweepRequest { ban, batch: ban, after: None }
    }

    fn undo(id: u8, batch: u8) -> UndoRequest {
        UndoRequest { id: attribution(id).id, batch: attribution(batch).id, after: None }
    }

    fn all_published(id: u8, through: CommentId) -> MatchingBatch {
        MatchingBatch {
            id: attribution(id).id,
            action: BatchAction::Unpublish,
            filter: QueueFilter::of_list(QueueList::Published),
            through,
            count: 5,
            after: None,
            reason: None,
        }
    }

    fn text(source: &str) -> NewText {
        let html = afterword_markup::render(source).unwrap().html;
        NewText { source: source.to_owned(), html, renderer: RENDERER.version }
    }

    fn written(number: u32) -> Box<VerifiedComment> {
        let NewText { source, html, renderer } = text("ModeratorComment by a moderator");
        let comment = VerifiedComment::anonymous(number, url("post"));
        Box::new(VerifiedComment { name: "Grace".to_owned(), source, html, renderer_version: renderer, ..comment })
    }

    /// One request of each kind, in an order in which all succeed.
    fn requests(ledger: &Ledger<RusqliteSql>) -> Vec<AdminRequest> {
        let filter = CommentFilter::Pending;
        let comments = ledger.list_comments(filter, None, 9).unwrap().items;
        let [comment, other] = [0, 1].map(|index: usize| comments[index].comment.id);
        let moves = || PostMoves::List(vec![PostMove { from: url("post"), to: url("new") }]);
        let mut requests = vec![
            AdminRequest::ListComments { filter, before: None, limit: 1 },
            AdminRequest::Moderate { comment, action: ModerationAction::Approve, attribution: attribution(1) },
            AdminRequest::Moderate { comment, action: ModerationAction::Unpublish, attribution: attribution(2) },
            AdminRequest::Moderate { comment: other, action: ModerationAction::Erase, attribution: attribution(3) },
        ];
        requests.extend(requests_about(comment));
        requests.extend([
            AdminRequest::SetClosed { url: url("post"), closed: true, attribution: attribution(4) },
            AdminRequest::SetTitle { url: url("post"), title: "Title".to_owned(), attribution: attribution(5) },
            AdminRequest::UpdateSetting {
                change: SettingChange::Moderation(Some(Moderation::First)),
                attribution: attribution(6),
            },
            AdminRequest::DescribeThread { url: url("post") },
            AdminRequest::GetSettings,
            AdminRequest::Ban {
                target: BanTarget::Pattern(BanKind::Name, "Eve".to_owned()),
                until: Some(NOW + 9),
                reason: "Spam".to_owned(),
                sweep: true,
                attribution: attribution(7),
            },
            AdminRequest::Sweep { request: sweep(7), by: "grace".to_owned() },
            AdminRequest::ListBans,
            AdminRequest::ListInvalidRules,
            AdminRequest::LiftBans { bans: vec![attribution(7).id], attribution: attribution(8) },
            AdminRequest::ListAuditLog { filter: AuditFilter::default(), before: None, limit: 3 },
            AdminRequest::Republish { after: RepublishCursor::default(), limit: 9 },
            AdminRequest::Rerender { after: 0, limit: 9 },
            AdminRequest::Remap { moves: moves(), dry_run: true, after: 0, limit: 9, attribution: attribution(9) },
            AdminRequest::Remap { moves: moves(), dry_run: false, after: 0, limit: 9, attribution: attribution(9) },
        ]);
        requests
    }

    /// The requests of pages about a comment that waits and has the revision 3.
    fn requests_about(comment: CommentId) -> Vec<AdminRequest> {
        vec![
            AdminRequest::ReadChanges { since: Some(0), limit: 9 },
            AdminRequest::ReadQueue { filter: QueueFilter::default(), after: None, limit: 9 },
            AdminRequest::CountMatching { filter: QueueFilter::default() },
            AdminRequest::ReadComment { comment },
            act(10, BatchAction::Spam, comment, 3),
            act(11, BatchAction::Restore, comment, 4),
            act(12, BatchAction::Delete, comment, 5),
            AdminRequest::Undo { request: undo(13, 12), by: "grace".to_owned() },
            act(14, BatchAction::ApproveAndTrust, comment, 7),
            AdminRequest::Edit {
                comment: ActionItem { id: comment, revision: 8 },
                text: text("Better"),
                approve: true,
                attribution: attribution(15),
            },
            AdminRequest::Undo { request: undo(16, 15), by: "grace".to_owned() },
            act(17, BatchAction::Keep, comment, 10),
            act(18, BatchAction::Pin, comment, 11),
            AdminRequest::Reply {
                parent: ActionItem { id: comment, revision: 12 },
                reply: written(200),
                approve: true,
                attribution: attribution(19),
            },
            AdminRequest::PostOnBehalf { comment: written(201), date: Some(9), attribution: attribution(20) },
            AdminRequest::MoveComment {
                comment: ActionItem { id: comment, revision: 12 },
                url: url("other"),
                attribution: attribution(21),
            },
            AdminRequest::Undo { request: undo(22, 21), by: "grace".to_owned() },
            AdminRequest::RunMatchingBatch { batch: all_published(23, comment), by: "grace".to_owned() },
            AdminRequest::ListThreads { filter: ThreadFilter::default(), before: None, limit: 9 },
            AdminRequest::CloseOldThreads {
                request: CloseOldThreads { id: attribution(24).id, before: NOW + 1, after: 0 },
                by: "grace".to_owned(),
            },
            AdminRequest::ReadOverview,
        ]
    }

    #[test]
    fn requests_round_trip_through_json() {
        let ledger = ledger();
        for request in requests(&ledger) {
            let sent = serde_json::to_string(&request).unwrap();
            let received: AdminRequest = serde_json::from_str(&sent).unwrap();
            assert_eq!(serde_json::to_string(&received).unwrap(), sent);
            execute(&ledger, received, NOW).unwrap_or_else(|error| panic!("{sent}: {error}"));
        }
    }

    #[test]
    fn after_every_request_the_export_can_be_imported() {
        let ledger = ledger();
        for request in requests(&ledger) {
            let described = format!("{request:?}");
            execute(&ledger, request, NOW).unwrap();
            let lines = ledger.export("https://blog.example", ExportCursor::default(), usize::MAX).unwrap().lines;
            let (sites, site) = (Sites::parse("https://blog.example").unwrap(), "https://blog.example");
            let site = Origin::parse(site).unwrap();
            let options = RestoreOptions {
                sites: &sites,
                site: &site,
                renderer: RENDERER,
                patterns: Some(&PatternWatcher),
                first_line: None,
                dry_run: false,
            };
            let (restored, mut restore) = (empty_ledger(), Restore::new(options));
            restore.push(lines.join("\n").as_bytes());
            while restore.import_next_batch(&restored, NOW).unwrap() {}
            restore.finish(&restored, NOW).unwrap();
            let again = restored.export("https://blog.example", ExportCursor::default(), usize::MAX).unwrap().lines;
            assert_eq!(again, lines, "after {described}");
        }
    }

    #[test]
    fn only_requests_that_change_pages_may_publish() {
        let ledger = ledger();
        let may_publish: Vec<bool> = requests(&ledger).iter().map(AdminRequest::may_publish).collect();
        let expected = json!([
            false, true, true, true, false, false, false, false, true, true, true, true, true, true, true, true, true,
            true, true, true, true, true, false, true, false, true, true, true, false, false, true, true, false, false,
            false, false, true, true, false, true
        ]);
        assert_eq!(json!(may_publish), expected);
    }
}
