//! What the calls of moderators that take and give JSON ask for.

use afterword_guard::Patterns;
use afterword_ledger::{BanKind, BanTarget, CommentFilter, PostMove, PostMoves, RebuildCursor, SettingChange};
use afterword_model::{
    CommentId, Moderation, Origin, PostUrl, Refusal, SubmissionId, clean_line, clean_text, clean_title,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use worker::Method;

use super::site;
use crate::answer::Failure;
use crate::ask::{Ask, Signed, Verdict};
use crate::random;
use crate::request::Call;
use crate::route::App;

/// How many comments or entries are listed in one answer, if the call does not say, and at most.
const LISTED: (u32, u32) = (50, 200);
/// How many pages one call marks to be published again: the free plan's KV takes a thousand writes a day.
const REBUILT: (u32, u32) = (500, 5_000);
/// How many comments one call renders again, and how many posts it moves: a fraction of a second's work.
const WORKED: (u32, u32) = (200, 1_000);

/// What a call asks for; `None` where there is no such call.
pub(super) fn read(app: &App, call: &mut Call, by: &str) -> Result<Option<Ask>, Failure> {
    let path = call.path().to_owned();
    Ok(Some(match (path.as_str(), call.method()) {
        ("/admin/api/audit", Method::Get) => Ask::Audit { before: call.number("before")?, limit: listed(call)? },
        ("/admin/api/comments", Method::Get) => {
            let status = call.parameter("status").unwrap_or_else(|| "pending".to_owned());
            let before = call.number("before")?.map(CommentId::new);
            Ask::Comments {
                listed: CommentFilter::parse(&status).ok_or(Refusal::BadQuery)?,
                before,
                limit: listed(call)?,
            }
        }
        ("/admin/api/settings", Method::Get) => Ask::Settings,
        ("/admin/api/settings", Method::Post) => {
            let set: Set = body(call)?;
            let act = signed(set.id, by)?;
            Ask::Set { change: set.change()?, act }
        }
        ("/admin/api/bans", Method::Get) => Ask::Bans,
        ("/admin/api/bans", Method::Post) => {
            let ban: NewBan = body(call)?;
            let (until, act) = (ban.until, signed(ban.id, by)?);
            Ask::Ban { target: ban.target()?, until, act }
        }
        ("/admin/api/bans/lift", Method::Post) => {
            let Lift { id, ban } = body(call)?;
            Ask::Lift { ban, act: signed(id, by)? }
        }
        ("/admin/api/rebuild", Method::Post) => {
            let Rebuild { after, limit } = body(call)?;
            Ask::Rebuild { after, limit: bounded(limit, REBUILT) }
        }
        ("/admin/api/rerender", Method::Post) => {
            let Rerender { after, limit } = body(call)?;
            Ask::Rerender { after, limit: bounded(limit, WORKED) }
        }
        ("/admin/api/remap", Method::Post) => {
            let remap: Remap = body(call)?;
            let (after, limit, dry_run) = (remap.after, bounded(remap.limit, WORKED), remap.dry_run.unwrap_or(true));
            let act = signed(remap.id, by)?;
            Ask::Remap { moves: remap.moves(app, site(app, call)?)?, dry_run, after, limit, act }
        }
        ("/admin/api/threads/close" | "/admin/api/threads/open", Method::Post) => {
            let Thread { id, url } = body(call)?;
            let url = post(app, site(app, call)?, &url)?;
            Ask::Close { url, closed: path.ends_with("/close"), act: signed(id, by)? }
        }
        ("/admin/api/threads/title", Method::Post) => {
            let Titled { id, url, title } = body(call)?;
            let url = post(app, site(app, call)?, &url)?;
            Ask::Name { url, title: clean_title(&title.unwrap_or_default()), act: signed(id, by)? }
        }
        (path, Method::Post) => {
            let Some((comment, verdict)) = judged(path) else { return Ok(None) };
            let Judge { id } = body(call)?;
            Ask::Judge { comment, verdict, act: signed(id, by)? }
        }
        _ => return Ok(None),
    }))
}

/// The comment that an address names, and what becomes of it.
fn judged(path: &str) -> Option<(CommentId, Verdict)> {
    let (id, word) = path.strip_prefix("/admin/api/comments/")?.split_once('/')?;
    let verdict = match word {
        "approve" => Verdict::Approve,
        "hold" => Verdict::Hold,
        "erase" => Verdict::Erase,
        _ => return None,
    };
    Some((CommentId::new(id.parse().ok()?), verdict))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judge {
    /// A UUID of the client's for this act: sent twice, it is done once.
    id: Option<SubmissionId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Thread {
    id: Option<SubmissionId>,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Titled {
    id: Option<SubmissionId>,
    url: String,
    /// `null` for what comments say.
    title: Option<String>,
}

/// One setting; the same act cannot change two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    id: Option<SubmissionId>,
    /// `null` for whatever the deployment says.
    #[serde(default, deserialize_with = "given")]
    moderation: Option<Option<Moderation>>,
    /// Patterns of words, one a line; `null` for none.
    #[serde(default, deserialize_with = "given")]
    muted: Option<Option<String>>,
}

/// Tells `null` from a field that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Set {
    fn change(self) -> Result<SettingChange, Refusal> {
        match (self.moderation, self.muted) {
            (Some(moderation), None) => Ok(SettingChange::Moderation(moderation)),
            (None, Some(list)) => {
                let list = clean_text(&list.unwrap_or_default());
                Patterns::parse_words(&list).map_err(|_| Refusal::BadPattern)?;
                Ok(SettingChange::Muted(list))
            }
            _ => Err(Refusal::BadJson),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBan {
    id: Option<SubmissionId>,
    kind: BanKind,
    pattern: Option<String>,
    /// Whose author, network, name or address it is.
    comment: Option<CommentId>,
    /// When it ends, in Unix seconds.
    until: Option<i64>,
}

impl NewBan {
    fn target(self) -> Result<BanTarget, Refusal> {
        match (self.pattern, self.comment, self.kind) {
            (Some(pattern), None, BanKind::Name | BanKind::Email) => {
                let pattern = clean_line(&pattern);
                // An empty list is one, but no pattern.
                let is_one = !pattern.is_empty() && Patterns::parse_whole(&pattern).is_ok();
                if is_one { Ok(BanTarget::Pattern(self.kind, pattern)) } else { Err(Refusal::BadPattern) }
            }
            (Some(hash), None, BanKind::Author) => Ok(BanTarget::Pattern(self.kind, hash)),
            (None, Some(comment), _) => Ok(BanTarget::Author(self.kind, comment)),
            _ => Err(Refusal::BadJson),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lift {
    id: Option<SubmissionId>,
    /// The ban, by its own id.
    ban: SubmissionId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rebuild {
    #[serde(default)]
    after: RebuildCursor,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rerender {
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remap {
    id: Option<SubmissionId>,
    moves: Option<Vec<Leg>>,
    prefix: Option<Leg>,
    dry_run: Option<bool>,
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leg {
    from: String,
    to: String,
}

impl Remap {
    /// A list or a rule, and not both.
    fn moves(self, app: &App, site: &Origin) -> Result<PostMoves, Refusal> {
        let leg = |leg: Leg| Ok(PostMove { from: post(app, site, &leg.from)?, to: post(app, site, &leg.to)? });
        match (self.moves, self.prefix) {
            (Some(moves), None) => Ok(PostMoves::List(moves.into_iter().map(leg).collect::<Result<_, Refusal>>()?)),
            (None, Some(rule)) => Ok(PostMoves::Prefix(leg(rule)?)),
            _ => Err(Refusal::BadJson),
        }
    }
}

/// A post of the site that the call is about.
fn post(app: &App, site: &Origin, url: &str) -> Result<PostUrl, Refusal> {
    let place = app.settings.sites.resolve_post(url)?;
    if place.site == *site { Ok(place.url) } else { Err(Refusal::UnknownSite) }
}

/// The act, under the client's id or a new one.
fn signed(id: Option<SubmissionId>, by: &str) -> worker::Result<Signed> {
    let id = match id {
        Some(id) => id,
        None => random::submission_id()?,
    };
    Ok(Signed { id, by: by.to_owned() })
}

fn listed(call: &Call) -> Result<u32, Refusal> {
    Ok(bounded(call.number("limit")?, LISTED))
}

fn bounded(asked: Option<u32>, (usual, most): (u32, u32)) -> u32 {
    asked.unwrap_or(usual).clamp(1, most)
}

/// The JSON of a call; without a body, that of a call that says nothing.
fn body<T: DeserializeOwned>(call: &mut Call) -> Result<T, Refusal> {
    let body = call.take_body()?;
    if body.is_empty() {
        return serde_json::from_str("{}").map_err(|_| Refusal::BadJson);
    }
    if !call.has_media_type("application/json") {
        return Err(Refusal::BadMediaType);
    }
    // A list of the fields' values in their order would be decoded as well.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::BadJson);
    }
    serde_json::from_slice(&body).map_err(|_| Refusal::BadJson)
}
