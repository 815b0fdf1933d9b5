//! A single comment.

use afterword_model::{Author, Comment, CommentId, PostUrl};
use maud::{Markup, PreEscaped, Render, html};

use crate::date::Date;
use crate::digits::{self, Number};
use crate::page_url::thread_page_url;
use crate::render_context::{CommentState, ParentComment, RenderContext};

/// Renders one `<li>`, for a comment that the widget shows before it is in the published thread.
///
/// `depth` is the number of ancestors. Beyond `context.max_depth`, the `<li>` belongs into the list of the deepest
/// level, without further indentation, and names its `parent`. Above that, its position shows the parent.
pub fn comment_item(
    context: &RenderContext,
    url: &PostUrl,
    comment: &Comment,
    depth: u8,
    parent: Option<ParentComment>,
    state: CommentState,
) -> Markup {
    let thread_url = thread_page_url(context, url.as_str());
    let label = match parent {
        Some(parent) if depth > context.max_depth => ReplyLabel::Comment(parent),
        None => comment.parent.map_or(ReplyLabel::None, ReplyLabel::Unknown),
        _ => ReplyLabel::None,
    };
    let depth = depth.min(context.max_depth);
    let pending = state == CommentState::Pending;
    let mut out = String::new();
    let (reply_url, has_route) = ((!pending).then_some(&*thread_url), url.has_route());
    CommentItem { context, comment, depth, label, pending, thread_url: &thread_url, reply_url, has_route }
        .open(&mut out);
    out.push_str("</li>");
    PreEscaped(out)
}

/// The label that names the parent of a reply.
#[derive(Clone, Copy)]
pub(crate) enum ReplyLabel<'a> {
    /// No label: the comment has no parent, or its position shows the parent.
    None,
    /// The parent comment.
    Comment(ParentComment<'a>),
    /// The parent comment on this page, which has been removed.
    Deleted(ParentComment<'a>),
    /// The parent, which is not on this page.
    Unknown(CommentId),
}

/// A comment with everything that its rendering depends on.
pub(crate) struct CommentItem<'a> {
    pub(crate) context: &'a RenderContext<'a>,
    pub(crate) comment: &'a Comment,
    pub(crate) depth: u8,
    pub(crate) label: ReplyLabel<'a>,
    pub(crate) pending: bool,
    /// URL of the thread's own page.
    pub(crate) thread_url: &'a str,
    /// URL of the page of the thread with the comment, if readers can reply to it.
    pub(crate) reply_url: Option<&'a str>,
    /// True if the address of the post ends in a route. A link to a comment then leads to the thread's own page, because an anchor would replace
    /// the route.
    pub(crate) has_route: bool,
}

impl CommentItem<'_> {
    /// Renders the comment and leaves its `<li>` open for its replies.
    pub(crate) fn open(&self, out: &mut String) {
        let id = Number(self.comment.id.get());
        out.push_str("<li class=\"aw-item\" id=\"comment-");
        id.render_to(out);
        out.push_str("\" data-id=\"");
        id.render_to(out);
        out.push_str("\" data-depth=\"");
        digits::push(out, self.depth.into(), 1);
        if let Some(parent) = self.comment.parent {
            out.push_str("\" data-parent=\"");
            Number(parent.get()).render_to(out);
        }
        out.push_str("\">");
        if self.comment.deleted { self.tombstone() } else { self.article() }.render_to(out);
    }

    fn tombstone(&self) -> Markup {
        html! {
            article.aw-comment.aw-deleted part="comment" {
                p.aw-gone { (self.context.messages.get("deleted")) " " (self.reply_label()) }
            }
        }
    }

    fn article(&self) -> Markup {
        let messages = self.context.messages;
        let comment = self.comment;
        html! {
            article.aw-comment.h-cite.u-comment part="comment" data-since=[comment.since.map(Number)] {
                header.aw-meta part="meta" {
                    (author(self.context, &comment.author))
                    (self.time())
                    (self.reply_label())
                    @if comment.pinned { span.aw-pinned { (messages.get("pinned")) } }
                }
                @if self.pending { p.aw-pending part="pending" { (messages.get("pending")) } }
                div.aw-text.e-content part="text" dir="auto" { (PreEscaped(comment.html.as_str())) }
                @if let Some(reply_url) = self.reply_url { (self.actions(reply_url)) }
            }
        }
    }

    fn time(&self) -> Markup {
        let messages = self.context.messages;
        let time = |seconds, class| {
            let date = Date::new(seconds);
            html! { time class=(class) datetime=(date.machine()) { (date.write(messages, "date.time")) } }
        };
        html! {
            a.aw-time.u-url href=(self.link_to(self.comment.id)) { (time(self.comment.created, "dt-published")) }
            @if let Some(edited) = self.comment.edited {
                span.aw-edited { (messages.get("edited")) " " (time(edited, "dt-updated")) }
            }
        }
    }

    fn reply_label(&self) -> Markup {
        let messages = self.context.messages;
        let link = |parent: ParentComment, text: Markup| {
            html! { a.aw-to href=(self.link_to(parent.id)) { (text) } }
        };
        match self.label {
            ReplyLabel::None => Markup::default(),
            ReplyLabel::Unknown(parent) => {
                let id = Number(parent.get());
                html! { a.aw-to href={ (self.thread_url) "&comment=" (id) "#comment-" (id) } { (messages.get("to.unknown")) } }
            }
            ReplyLabel::Deleted(parent) => link(parent, html! { (messages.get("to.deleted")) }),
            ReplyLabel::Comment(parent) => link(parent, message_with_name(self.context, "to", parent.name)),
        }
    }

    /// The URL of a comment of this thread.
    fn link_to(&self, id: CommentId) -> Markup {
        let id = Number(id.get());
        html! { @if self.has_route { (self.thread_url) "&comment=" (id) } "#comment-" (id) }
    }

    fn actions(&self, reply_url: &str) -> Markup {
        let messages = self.context.messages;
        let id = Number(self.comment.id.get());
        let name = name_or_anonymous(self.context, &self.comment.author.name);
        html! {
            footer.aw-acts part="actions" {
                a.aw-reply part="reply" href={ (reply_url) "&reply=" (id) "#reply" } data-reply=(id)
                    aria-label=(messages.format("reply.to", "name", name)) { (messages.get("reply")) }
            }
        }
    }
}

fn author(context: &RenderContext, author: &Author) -> Markup {
    let messages = context.messages;
    let name = html! { bdi { (name_or_anonymous(context, &author.name)) } };
    // `markup` and `model` accept only these schemes. The check is repeated here because another scheme in a link could
    // run code.
    let website = author.website.as_deref().filter(|url| is_http(url));
    html! {
        @match website {
            Some(url) => a.aw-author.p-author.h-card part="author" href=(url) rel="nofollow ugc noopener noreferrer" { (name) },
            None => span.aw-author.p-author.h-card part="author" { (name) },
        }
        @if author.owner { span.aw-owner part="badge" title=(messages.get("owner.title")) { (messages.get("owner")) } }
        @if let Some(mark) = &author.mark {
            span.aw-mark part="mark" title=(messages.get("mark.title")) {
                span.aw-hidden { (messages.get("mark")) " " } "·" (mark)
            }
        }
    }
}

/// Returns true for URLs that are safe to link to.
pub(crate) fn is_http(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The displayed name of an author.
pub(crate) fn name_or_anonymous<'a>(context: &RenderContext<'a>, name: &'a str) -> &'a str {
    if name.is_empty() { context.messages.get("anonymous") } else { name }
}

/// A message that contains a name. The name is isolated so that its text direction does not affect the words around it.
pub(crate) fn message_with_name(context: &RenderContext, key: &str, name: &str) -> Markup {
    let messages = context.messages;
    let (before, after) = messages.split_at_placeholder(key, "name").unwrap_or((messages.get(key), ""));
    html! { (before) bdi { (name_or_anonymous(context, name)) } (after) }
}
