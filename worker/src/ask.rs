//! What moderators ask of the object of a site, and what it answers.

use afterword_ledger::{
    Actor, Attribution, AuditEntry, Ban, BanTarget, CommentDetails, CommentFilter, Ledger, LedgerError, ListPage,
    PostMoves, RebuildCursor, RemapStep, Renderer, SettingChange,
};
use afterword_model::{CommentId, PostUrl, SafeHtml, SubmissionId};
use serde::{Deserialize, Serialize};
use worker::Response;

use crate::answer::{self, Failure};
use crate::clock::now_seconds;
use crate::object::failure;
use crate::sql::ObjectSql;

/// A moderator's question or order, checked, on its way to the object.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Rebuild { after: RebuildCursor, limit: u32 },
    Rerender { after: i64, limit: u32 },
    Remap { moves: PostMoves, dry_run: bool, after: i64, limit: u32, act: Signed },
    Comments { listed: CommentFilter, before: Option<CommentId>, limit: u32 },
    Judge { comment: CommentId, verdict: Verdict, act: Signed },
    Close { url: PostUrl, closed: bool, act: Signed },
    Name { url: PostUrl, title: String, act: Signed },
    Settings,
    Set { change: SettingChange, act: Signed },
    Bans,
    Ban { target: BanTarget, until: Option<i64>, act: Signed },
    Lift { ban: SubmissionId, act: Signed },
    Audit { before: Option<i64>, limit: u32 },
}

/// What a moderator decides about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Approve,
    Hold,
    Erase,
}

/// An act with the name of whoever does it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Signed {
    pub(crate) id: SubmissionId,
    pub(crate) by: String,
}

impl Signed {
    fn act(&self) -> Attribution<'_> {
        Attribution { id: self.id, by: &self.by }
    }
}

/// How the Worker makes HTML of a text.
pub(crate) const RENDERER: Renderer<'static> = Renderer {
    version: afterword_markup::RENDERER_VERSION,
    render: &render,
    render_plain: &afterword_markup::render_plain,
};

fn render(text: &str) -> Option<SafeHtml> {
    afterword_markup::render(text).ok().map(|rendered| rendered.html)
}

#[derive(Serialize)]
struct Comments {
    comments: Vec<CommentDetails>,
    next: Option<i64>,
}

#[derive(Serialize)]
struct Entries {
    audit: Vec<AuditEntry>,
    next: Option<i64>,
}

#[derive(Serialize)]
struct Bans {
    bans: Vec<Ban>,
}

#[derive(Serialize)]
struct Steps {
    dry_run: bool,
    steps: Vec<RemapStep>,
    next: Option<i64>,
}

#[derive(Serialize)]
struct Closed<'a> {
    url: &'a PostUrl,
    closed: bool,
    version: i64,
}

#[derive(Serialize)]
struct Named<'a> {
    url: &'a PostUrl,
    title: &'a str,
    version: i64,
}

impl Ask {
    /// Whether there may be something to publish because of it.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::Rebuild { .. }
            | Self::Rerender { .. }
            | Self::Judge { .. }
            | Self::Close { .. }
            | Self::Name { .. } => true,
            Self::Remap { dry_run, .. } => !dry_run,
            Self::Comments { .. } | Self::Settings | Self::Set { .. } | Self::Audit { .. } => false,
            Self::Bans | Self::Ban { .. } | Self::Lift { .. } => false,
        }
    }

    /// The answer. It is one turn: nothing is awaited in it.
    pub(crate) fn answer(&self, ledger: &Ledger<ObjectSql>) -> Result<Response, Failure> {
        match self {
            Self::Rebuild { after, limit } => told(ledger.republish(*after, *limit, now_seconds())),
            Self::Rerender { after, limit } => told(ledger.rerender(*after, *limit, &RENDERER, now_seconds())),
            Self::Remap { moves, dry_run: true, after, limit, .. } => {
                let remapped = ledger.remap_dry_run(moves, *after, *limit);
                told(remapped.map(|done| Steps { dry_run: true, steps: done.steps, next: done.next }))
            }
            Self::Remap { moves, dry_run: false, after, limit, act } => {
                let remapped = ledger.remap(moves, *after, *limit, &act.act(), now_seconds());
                told(remapped.map(|done| Steps { dry_run: false, steps: done.steps, next: done.next }))
            }
            Self::Comments { listed, before, limit } => {
                let listing = ledger.list_comments(*listed, *before, *limit);
                told(listing.map(|ListPage { items, next }| Comments { comments: items, next }))
            }
            Self::Judge { comment, verdict, act } => {
                let act = act.act();
                told(match verdict {
                    Verdict::Approve => ledger.approve(*comment, &act, now_seconds()),
                    Verdict::Hold => ledger.unpublish(*comment, &act, now_seconds()),
                    Verdict::Erase => ledger.erase(*comment, Actor::Moderator(&act), now_seconds()),
                })
            }
            Self::Close { url, closed, act } => {
                let version = ledger.set_closed(url, *closed, &act.act(), now_seconds());
                told(version.map(|version| Closed { url, closed: *closed, version }))
            }
            Self::Name { url, title, act } => {
                let version = ledger.set_title(url, title, &act.act(), now_seconds());
                told(version.map(|version| Named { url, title, version }))
            }
            Self::Settings => told(ledger.settings()),
            Self::Set { change, act } => told(ledger.update_setting(change, &act.act(), now_seconds())),
            Self::Bans => told(ledger.list_bans().map(|bans| Bans { bans })),
            Self::Ban { target, until, act } => {
                told(ledger.ban(target, *until, &act.act(), now_seconds()).map(|bans| Bans { bans }))
            }
            Self::Lift { ban, act } => told(ledger.lift_ban(ban, &act.act(), now_seconds()).map(|bans| Bans { bans })),
            Self::Audit { before, limit } => {
                let log = ledger.list_audit_log(*before, *limit);
                told(log.map(|ListPage { items, next }| Entries { audit: items, next }))
            }
        }
    }
}

fn told<T: Serialize>(outcome: Result<T, LedgerError>) -> Result<Response, Failure> {
    Ok(answer::json(200, &outcome.map_err(failure)?)?)
}
