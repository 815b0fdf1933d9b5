//! A single comment.

use afterword_model::{Author, Comment, CommentId, PostUrl, SafeHtml};
use maud::{Markup, PreEscaped, Render, html};

use crate::avatar::avatar;
use crate::date::Date;
use crate::digits::{self, Number};
use crate::page_url::thread_page_url;
use crate::render_context::{CommentState, ParentComment, RenderContext};

/// Number of indented reply levels on a narrow screen. The stylesheet ends the indentation there.
const NARROW_DEPTH: usize = 3;

/// Renders one `<li>` of the reader's own, for a comment that the widget shows before it is in the published thread.
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
        Some(parent) => ReplyLabel::of_parent(context, depth.into(), parent, false),
        None => comment.parent.map_or(ReplyLabel::None, ReplyLabel::Unknown),
    };
    let pending = state == CommentState::Pending;
    let (reply_url, has_route) = ((!pending).then_some(&*thread_url), url.has_route());
    let links = CommentLinks { thread_url: &thread_url, reply_url, report_url: None, has_route };
    let depth = depth.min(context.max_depth);
    let mut out = String::new();
    CommentItem { context, comment, depth, label, is_own: true, pending, links }.open(&mut out);
    out.push_str("</li>");
    PreEscaped(out)
}

/// The label that names the parent of a reply.
#[derive(Clone, Copy)]
pub(crate) enum ReplyLabel<'a> {
    /// No label: the comment has no parent, or its position shows the parent.
    None,
    /// The parent comment, which is on this page.
    Parent {
        /// The parent.
        parent: ParentComment<'a>,
        /// True for a tombstone.
        is_deleted: bool,
        /// True if the position shows the parent on wide screens, but not on narrow ones.
        is_narrow: bool,
    },
    /// The parent, which is not on this page.
    Unknown(CommentId),
}

impl<'a> ReplyLabel<'a> {
    /// The label of a reply at this depth to a comment that is on the page.
    pub(crate) fn of_parent(
        context: &RenderContext,
        depth: usize,
        parent: ParentComment<'a>,
        is_deleted: bool,
    ) -> Self {
        let is_indented = depth <= usize::from(context.max_depth);
        if is_indented && depth <= NARROW_DEPTH {
            return Self::None;
        }
        Self::Parent { parent, is_deleted, is_narrow: is_indented }
    }
}

/// The targets of the links of a comment.
#[derive(Clone, Copy)]
pub(crate) struct CommentLinks<'a> {
    /// URL of the thread's own page.
    pub(crate) thread_url: &'a str,
    /// URL of the page of the thread with the comment, if readers can reply to it.
    pub(crate) reply_url: Option<&'a str>,
    /// URL of the page for reports, without the comment. `None` for a comment of the reader's own.
    pub(crate) report_url: Option<&'a str>,
    /// True if the address of the post ends in a route. A link to a comment then leads to the thread's own page, because an anchor would replace
    /// the route.
    pub(crate) has_route: bool,
}

/// A comment with everything that its rendering depends on.
pub(crate) struct CommentItem<'a> {
    pub(crate) context: &'a RenderContext<'a>,
    pub(crate) comment: &'a Comment,
    pub(crate) depth: u8,
    pub(crate) label: ReplyLabel<'a>,
    /// True for a comment of the reader's own.
    pub(crate) is_own: bool,
    pub(crate) pending: bool,
    pub(crate) links: CommentLinks<'a>,
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
        let text = html! { (self.context.messages.get("deleted")) (self.reply_label()) };
        html! {
            article.aw-comment.aw-deleted part="comment" aria-labelledby=(self.heading_id()) { (self.heading("aw-gone", &text)) }
        }
    }

    fn article(&self) -> Markup {
        let messages = self.context.messages;
        let comment = self.comment;
        // The classes after the first are those of microformats2, by which programs read comments.
        html! {
            article.aw-comment.u-comment.h-cite part="comment" aria-labelledby=(self.heading_id()) data-since=[comment.since.map(Number)] {
                header.aw-meta part="meta" {
                    @if self.context.avatars { (avatar(comment.author.mark.as_deref())) }
                    (self.heading("aw-by", &self.author()))
                    (self.mark())
                    (self.time())
                    @if comment.pinned { span.aw-pinned { (messages.get("pinned")) } }
                }
                @if self.pending { p.aw-pending part="pending" { (messages.get("pending")) } }
                (comment_text(&comment.html))
                (self.actions())
            }
        }
    }

    fn heading_id(&self) -> Markup {
        html! { "by-" (Number(self.comment.id.get())) }
    }

    /// The heading by which assistive technology lists and names the comment. Threads and replies have levels of their own, so that a reader
    /// can go from thread to thread.
    fn heading(&self, class: &str, content: &Markup) -> Markup {
        html! {
            @if self.depth == 0 { h3.(class) id=(self.heading_id()) { (content) } } @else { h4.(class) id=(self.heading_id()) { (content) } }
        }
    }

    fn author(&self) -> Markup {
        let (messages, author) = (self.context.messages, &self.comment.author);
        html! {
            (author_name(self.context, author))
            @if author.owner { " " span.aw-owner part="badge" title=(messages.get("owner.title")) { (messages.get("owner")) } }
            @if self.is_own { " " span.aw-you { (messages.get("you")) } }
            (self.reply_label())
        }
    }

    fn mark(&self) -> Markup {
        let messages = self.context.messages;
        html! {
            @if let Some(mark) = &self.comment.author.mark {
                span.aw-mark part="mark" title=(messages.get("mark.title")) {
                    span.aw-hidden { (messages.get("mark")) " " } "·" (mark)
                }
            }
        }
    }

    fn time(&self) -> Markup {
        let messages = self.context.messages;
        let time = |class: &str, seconds| {
            let date = Date::new(seconds);
            html! { time.(class) datetime=(date.machine()) { (date.date_time(messages)) } }
        };
        html! {
            a.aw-time.u-url href=(self.link_to(self.comment.id)) { (time("dt-published", self.comment.created)) }
            @if let Some(edited) = self.comment.edited {
                @let by = if self.comment.moderated { "edited.moderator" } else { "edited" };
                span.aw-edited { (messages.get(by)) " " (time("dt-updated", edited)) }
            }
            @if self.comment.on_behalf { span.aw-behalf { (message_with_name(self.context, "on_behalf", &self.comment.author.name)) } }
        }
    }

    fn reply_label(&self) -> Markup {
        let messages = self.context.messages;
        match self.label {
            ReplyLabel::None => Markup::default(),
            ReplyLabel::Unknown(parent) => {
                let id = Number(parent.get());
                html! { " " a.aw-to href={ (self.links.thread_url) "&comment=" (id) "#comment-" (id) } { (messages.get("to.unknown")) } }
            }
            ReplyLabel::Parent { parent, is_deleted, is_narrow } => html! {
                " " a.aw-to.aw-narrow[is_narrow] href=(self.link_to(parent.id)) {
                    @if is_deleted { (messages.get("to.deleted")) } @else { (message_with_name(self.context, "to", parent.name)) }
                }
            },
        }
    }

    /// The URL of a comment of this thread.
    fn link_to(&self, id: CommentId) -> Markup {
        let id = Number(id.get());
        html! { @if self.links.has_route { (self.links.thread_url) "&comment=" (id) } "#comment-" (id) }
    }

    /// The actions that the comment offers. Votes are only counted here: the widget adds the buttons that need it.
    fn actions(&self) -> Markup {
        let messages = self.context.messages;
        let comment = self.comment;
        let id = Number(comment.id.get());
        html! {
            footer.aw-acts part="actions" {
                @if let Some(reply_url) = self.links.reply_url {
                    a.aw-reply part="reply" href={ (reply_url) "&reply=" (id) "#reply" } data-reply=(id) { (self.with_name("reply", "reply.to")) }
                }
                @if comment.votes != 0 { span.aw-votes data-votes=(Number(comment.votes)) { (self.votes()) } }
                details.aw-menu part="menu" {
                    summary { (self.with_name("menu", "menu.of")) }
                    p.aw-menu-items {
                        @if let Some(report_url) = self.links.report_url {
                            a.aw-report href={ (report_url) "&id=" (id) } rel="nofollow" { (messages.get("menu.report")) }
                        }
                    }
                }
            }
        }
    }

    fn name(&self) -> &str {
        name_or_anonymous(self.context, &self.comment.author.name)
    }

    fn votes(&self) -> String {
        let votes = self.comment.votes;
        let number = u32::try_from(votes.unsigned_abs()).unwrap_or(u32::MAX);
        let text = self.context.messages.format_count("votes", number);
        if votes < 0 { ["\u{2212}", &text].concat() } else { text }
    }

    /// A word, such as "Reply", with the rest of a sentence, such as "Reply to Ada", around it, which only assistive technology reads. So the
    /// visible word is a part of the name of the link, in every language.
    fn with_name(&self, word: &str, sentence: &str) -> Markup {
        let messages = self.context.messages;
        let word = messages.get(word);
        let (before, after) = messages.split_at_placeholder(sentence, "name").unwrap_or_default();
        let name = html! { bdi { (self.name()) } };
        if let Some((start, end)) = before.split_once(word) {
            return html! { (hidden(&html! { (start) })) (word) (hidden(&html! { (end) (name) (after) })) };
        }
        match after.split_once(word) {
            Some((start, end)) => {
                html! { (hidden(&html! { (before) (name) (start) })) (word) (hidden(&html! { (end) })) }
            }
            None => html! { (word) (hidden(&html! { " " (before) (name) (after) })) },
        }
    }
}

/// Text for assistive technology only.
fn hidden(text: &Markup) -> Markup {
    html! { @if !text.0.is_empty() { span.aw-hidden { (text) } } }
}

fn author_name(context: &RenderContext, author: &Author) -> Markup {
    let name = html! { bdi { (name_or_anonymous(context, &author.name)) } };
    // `markup` and `model` accept only these schemes. The check is repeated here because another scheme in a link could
    // run code.
    let website = author.website.as_deref().filter(|url| is_http(url));
    html! {
        @match website {
            Some(url) => a.aw-author.p-author.h-card part="author" href=(url) rel="nofollow ugc noopener noreferrer" { (name) },
            None => span.aw-author.p-author.h-card part="author" { (name) },
        }
    }
}

/// Renders the text of a comment. Code scrolls, so it has a place in the tab order: not every browser gives one to what scrolls.
pub(crate) fn comment_text(html: &SafeHtml) -> Markup {
    let html = html.as_str().replace("<pre", "<pre tabindex=\"0\"");
    html! { div.aw-text.e-content part="text" dir="auto" { (PreEscaped(html)) } }
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
