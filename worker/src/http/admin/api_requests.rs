//! Requests of moderators to the object, made from what their pages and their JSON calls send. Both share these functions.

use afterword_guard::{Moderator, Patterns};
use afterword_ledger::{BanTarget, VerifiedComment};
use afterword_model::moderation::{ActionItem, BanKind, ModeratedEdit, MoveComment, NewBan, NewReply, OnBehalf};
use afterword_model::{CommentId, NewComment, Origin, PostUrl, Refusal, Role, Submission, clean_line, decode_hex};

use crate::admin_rpc::{AdminRequest, Attributed, NewText};
use crate::context::AppContext;
use crate::http::submit_comment::render_text;

/// A request to replace the text of a comment.
pub(crate) fn edit(
    app: &AppContext,
    site: &Origin,
    comment: CommentId,
    edit: ModeratedEdit,
    by: &str,
) -> Result<AdminRequest, Refusal> {
    let ModeratedEdit { id, revision, text, approve } = edit;
    let written = NewComment { text, ..blank(id.to_string(), site) };
    let source = written.validate(&app.settings.sites)?.text;
    let html = render_text(&source)?.html;
    Ok(AdminRequest::Edit {
        comment: ActionItem { id: comment, revision },
        text: NewText { source, html, renderer: afterword_markup::RENDERER_VERSION },
        approve,
        attribution: Attributed { id, by: by.to_owned() },
    })
}

/// A request to reply to a comment with the owner's mark. Only an owner chooses the name above it; a helper answers under their own.
pub(crate) fn reply(
    app: &AppContext,
    site: &Origin,
    parent: CommentId,
    reply: NewReply,
    moderator: &Moderator,
) -> Result<AdminRequest, Refusal> {
    let NewReply { id, revision, text, name, approve } = reply;
    let by = moderator.name();
    let name = name.filter(|name| moderator.role().includes(Role::Owner) && !name.trim().is_empty());
    let name = name.unwrap_or_else(|| by.to_owned());
    let written = NewComment { text, name: Some(name), ..blank(id.to_string(), site) };
    Ok(AdminRequest::Reply {
        parent: ActionItem { id: parent, revision },
        reply: Box::new(verify(app, written.validate(&app.settings.sites)?)?),
        approve,
        attribution: Attributed { id, by: by.to_owned() },
    })
}

/// A request to post a comment for somebody.
pub(crate) fn on_behalf(app: &AppContext, site: &Origin, comment: OnBehalf, by: &str) -> Result<AdminRequest, Refusal> {
    let OnBehalf { id, url, parent, name, email, website, date, text } = comment;
    let written = NewComment {
        url: url.as_str().to_owned(),
        parent,
        name: Some(name),
        email,
        website,
        text,
        ..blank(id.to_string(), site)
    };
    let submission = written.validate(&app.settings.sites)?;
    if submission.post.site != *site {
        return Err(Refusal::UnknownSite);
    }
    Ok(AdminRequest::PostOnBehalf {
        comment: Box::new(verify(app, submission)?),
        date,
        attribution: Attributed { id, by: by.to_owned() },
    })
}

/// A request to move a comment to another post, whose address is canonical.
pub(crate) fn move_comment(comment: CommentId, target: MoveComment, by: &str) -> AdminRequest {
    let MoveComment { id, revision, url } = target;
    AdminRequest::MoveComment {
        comment: ActionItem { id: comment, revision },
        url,
        attribution: Attributed { id, by: by.to_owned() },
    }
}

/// A request to make a ban.
pub(crate) fn ban(ban: NewBan, by: &str) -> Result<AdminRequest, Refusal> {
    let NewBan { id, kind, pattern, comment, until, reason, sweep } = ban;
    Ok(AdminRequest::Ban {
        target: ban_target(kind, pattern, comment)?,
        until,
        reason: clean_line(&reason),
        sweep,
        attribution: Attributed { id, by: by.to_owned() },
    })
}

/// The target of a ban: a pattern that can match something, or the author of a comment.
pub(crate) fn ban_target(
    kind: BanKind,
    pattern: Option<String>,
    comment: Option<CommentId>,
) -> Result<BanTarget, Refusal> {
    match (pattern, comment, kind) {
        (Some(pattern), None, BanKind::Name | BanKind::Email) => {
            let pattern = clean_line(&pattern);
            // The parser accepts an empty text as an empty list, but it is no pattern.
            let is_valid = !pattern.is_empty() && Patterns::parse_whole(&pattern).is_ok();
            if is_valid { Ok(BanTarget::Pattern(kind, pattern)) } else { Err(Refusal::BadPattern) }
        }
        (Some(hash), None, BanKind::Author) if is_author_hash(&hash) => Ok(BanTarget::Pattern(BanKind::Author, hash)),
        (Some(_), None, BanKind::Author) => Err(Refusal::BadPattern),
        (None, Some(comment), kind) => Ok(BanTarget::Author(kind, comment)),
        _ => Err(Refusal::BadJson),
    }
}

/// Returns true for the hash of an author key as moderators see it. Any other text would match no author.
fn is_author_hash(text: &str) -> bool {
    decode_hex(text, &mut [0; 32]).is_some()
}

/// A comment of a moderator before its fields are set. The address is that of the site: the ledger knows that of the post.
fn blank(id: String, site: &Origin) -> NewComment {
    NewComment { id, url: format!("{}/", site.as_str()), ..NewComment::default() }
}

/// Renders what a moderator wrote. It has no author key, no network and no signals.
fn verify(app: &AppContext, submission: Submission) -> Result<VerifiedComment, Refusal> {
    let rendered = render_text(&submission.text)?;
    let fingerprint = app.settings.signing_key.submission_fingerprint(&submission);
    let url: PostUrl = submission.post.url;
    Ok(VerifiedComment {
        id: submission.id,
        fingerprint,
        url,
        title: submission.title,
        parent: submission.parent,
        author: None,
        name: submission.name,
        email: submission.email,
        website: submission.website.map(|website| website.as_str().to_owned()),
        source: submission.text,
        text: rendered.searchable_text(),
        html: rendered.html,
        renderer_version: afterword_markup::RENDERER_VERSION,
        proof: afterword_ledger::ProofStatus::NotRequired,
        proof_issued: None,
        difficulty: None,
        network: None,
        duplicate_key: None,
        signals: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_match_is_no_ban() {
        let target = |kind, pattern: &str| ban_target(kind, Some(pattern.to_owned()), None);
        for pattern in ["", "*", "…", &"x".repeat(257)] {
            assert_eq!(target(BanKind::Name, pattern), Err(Refusal::BadPattern), "{pattern}");
        }
        for hash in ["abc", &"A".repeat(64), &"a".repeat(63)] {
            assert_eq!(target(BanKind::Author, hash), Err(Refusal::BadPattern), "{hash}");
        }
        let hash = "0a".repeat(32);
        assert_eq!(target(BanKind::Author, &hash), Ok(BanTarget::Pattern(BanKind::Author, hash.clone())));
        assert_eq!(ban_target(BanKind::Network, Some("x".to_owned()), None), Err(Refusal::BadJson));
        assert_eq!(ban_target(BanKind::Name, None, None), Err(Refusal::BadJson));
    }
}
