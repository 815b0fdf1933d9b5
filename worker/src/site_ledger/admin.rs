//! Executes requests of moderators on the ledger.

use afterword_ledger::{Attribution, Ledger, LedgerError, ListPage, RemapProgress as LedgerProgress, Sql};

use crate::admin_rpc::{
    AdminRequest, AdminResponse, Attributed, AuditLog, BanList, ClosedThread, CommentList, InvalidRuleList,
    ModerationAction, RemapProgress, TitledThread,
};
use crate::renderer::RENDERER;
use crate::site_ledger::policy::PatternWatcher;

impl Attributed {
    fn borrow(&self) -> Attribution<'_> {
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
        AdminRequest::SetClosed { url, closed, attribution } => {
            let version = ledger.set_closed(&url, closed, &attribution.borrow(), now)?;
            AdminResponse::ClosedThread(ClosedThread { url, closed, version })
        }
        AdminRequest::SetTitle { url, title, attribution } => {
            let version = ledger.set_title(&url, &title, &attribution.borrow(), now)?;
            AdminResponse::TitledThread(TitledThread { url, title, version })
        }
        AdminRequest::DescribeThread { url } => AdminResponse::Thread(ledger.describe_thread(&url)?),
        AdminRequest::GetSettings => AdminResponse::Settings(ledger.settings()?),
        AdminRequest::UpdateSetting { change, attribution } => {
            AdminResponse::Settings(ledger.update_setting(&change, &attribution.borrow(), now)?)
        }
        AdminRequest::ListBans => AdminResponse::Bans(BanList { bans: ledger.list_bans()? }),
        AdminRequest::Ban { target, until, attribution } => {
            AdminResponse::Bans(BanList { bans: ledger.ban(&target, until, &attribution.borrow(), now)? })
        }
        AdminRequest::LiftBans { bans, attribution } => {
            AdminResponse::Bans(BanList { bans: ledger.lift_bans(&bans, &attribution.borrow(), now)? })
        }
        AdminRequest::ListInvalidRules => {
            let invalid_rules = ledger.invalid_rules(&PatternWatcher, now)?;
            AdminResponse::InvalidRules(InvalidRuleList { invalid_rules })
        }
        AdminRequest::ListAuditLog { before, limit } => {
            let ListPage { items, next } = ledger.list_audit_log(before, limit)?;
            AdminResponse::AuditLog(AuditLog { audit: items, next })
        }
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
    })
}

#[cfg(test)]
mod tests {
    use afterword_ledger::{
        BanKind, BanTarget, CommentFilter, ExportCursor, PostMove, PostMoves, RepublishCursor, Restore, RestoreOptions,
        RusqliteSql, SettingChange, VerifiedComment,
    };
    use afterword_model::{Moderation, Origin, PostUrl, Sites, SubmissionId};
    use rusqlite::Connection;
    use serde_json::json;

    use super::*;

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

    /// One request of each kind, in an order in which all succeed.
    fn requests(ledger: &Ledger<RusqliteSql>) -> Vec<AdminRequest> {
        let filter = CommentFilter::Pending;
        let comments = ledger.list_comments(filter, None, 9).unwrap().items;
        let [comment, other] = [0, 1].map(|index: usize| comments[index].comment.id);
        let moves = || PostMoves::List(vec![PostMove { from: url("post"), to: url("new") }]);
        vec![
            AdminRequest::ListComments { filter, before: None, limit: 1 },
            AdminRequest::Moderate { comment, action: ModerationAction::Approve, attribution: attribution(1) },
            AdminRequest::Moderate { comment, action: ModerationAction::Unpublish, attribution: attribution(2) },
            AdminRequest::Moderate { comment: other, action: ModerationAction::Erase, attribution: attribution(3) },
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
                attribution: attribution(7),
            },
            AdminRequest::ListBans,
            AdminRequest::ListInvalidRules,
            AdminRequest::LiftBans { bans: vec![attribution(7).id], attribution: attribution(8) },
            AdminRequest::ListAuditLog { before: None, limit: 3 },
            AdminRequest::Republish { after: RepublishCursor::default(), limit: 9 },
            AdminRequest::Rerender { after: 0, limit: 9 },
            AdminRequest::Remap { moves: moves(), dry_run: true, after: 0, limit: 9, attribution: attribution(9) },
            AdminRequest::Remap { moves: moves(), dry_run: false, after: 0, limit: 9, attribution: attribution(9) },
        ]
    }

    #[test]
    fn requests_and_responses_round_trip_through_json() {
        let ledger = ledger();
        for request in requests(&ledger) {
            let sent = serde_json::to_string(&request).unwrap();
            let received: AdminRequest = serde_json::from_str(&sent).unwrap();
            assert_eq!(serde_json::to_string(&received).unwrap(), sent);
            let response = execute(&ledger, received, NOW).unwrap();
            let sent = serde_json::to_string(&response).unwrap();
            let received: AdminResponse = serde_json::from_str(&sent).unwrap();
            assert_eq!(format!("{received:?}"), format!("{response:?}"), "{sent} is decoded as the same variant");
            assert_eq!(serde_json::to_string(&received).unwrap(), sent);
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
            false, true, true, true, true, true, false, false, false, false, false, false, false, false, true, true,
            false, true
        ]);
        assert_eq!(json!(may_publish), expected);
    }
}
