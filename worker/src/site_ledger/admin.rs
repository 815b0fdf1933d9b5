//! Executes requests of moderators on the ledger.

use afterword_ledger::{Actor, Attribution, Ledger, LedgerError, ListPage, RemapProgress as LedgerProgress, Sql};

use crate::admin_rpc::{
    AdminRequest, AdminResponse, Attributed, AuditLog, BanList, ClosedThread, CommentList, ModerationAction,
    RemapProgress, TitledThread,
};
use crate::renderer::RENDERER;

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
                ModerationAction::Erase => ledger.erase(comment, Actor::Moderator(&attribution), now)?,
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
        AdminRequest::GetSettings => AdminResponse::Settings(ledger.settings()?),
        AdminRequest::UpdateSetting { change, attribution } => {
            AdminResponse::Settings(ledger.update_setting(&change, &attribution.borrow(), now)?)
        }
        AdminRequest::ListBans => AdminResponse::Bans(BanList { bans: ledger.list_bans()? }),
        AdminRequest::Ban { target, until, attribution } => {
            AdminResponse::Bans(BanList { bans: ledger.ban(&target, until, &attribution.borrow(), now)? })
        }
        AdminRequest::LiftBan { ban, attribution } => {
            AdminResponse::Bans(BanList { bans: ledger.lift_ban(&ban, &attribution.borrow(), now)? })
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
