//! One comment.

use afterword_model::{Author, Comment, PostUrl};
use maud::{Markup, PreEscaped, Render, html};

use crate::{
    CommentState, ParentComment, RenderContext, address,
    date::Date,
    digits::{self, Number},
};

/// Draws one `<li>`, for a comment that the widget shows before the published thread has it.
///
/// `depth` is how many comments lie above it. Below `scene.max_depth` the `<li>` belongs into the list of the deepest level, flat,
/// and says that it is an answer to `answered`; above, its place says so.
pub fn comment_item(
    scene: &RenderContext,
    url: &PostUrl,
    comment: &Comment,
    depth: u8,
    answered: Option<ParentComment>,
    standing: CommentState,
) -> Markup {
    let address = address::thread(scene, url.as_str());
    let to = match answered {
        Some(answered) if depth > scene.max_depth => To::Comment(answered),
        None if comment.parent.is_some() => To::Unknown,
        _ => To::Nobody,
    };
    let depth = depth.min(scene.max_depth);
    let pending = standing == CommentState::Pending;
    let mut out = String::new();
    Drawn { scene, comment, depth, to, pending, reply: (!pending).then_some(&*address) }.open(&mut out);
    out.push_str("</li>");
    PreEscaped(out)
}

/// Whom a comment says it answers.
#[derive(Clone, Copy)]
pub(crate) enum To<'a> {
    /// Nobody, or its place shows whom.
    Nobody,
    /// This comment.
    Comment(ParentComment<'a>),
    /// A comment of this page that has been removed.
    Deleted(ParentComment<'a>),
    /// A comment that is not on this page.
    Unknown,
}

/// A comment and all that decides on how it is drawn.
pub(crate) struct Drawn<'a> {
    pub(crate) scene: &'a RenderContext<'a>,
    pub(crate) comment: &'a Comment,
    pub(crate) depth: u8,
    pub(crate) to: To<'a>,
    pub(crate) pending: bool,
    /// The address of the thread's own page, if the comment can be answered.
    pub(crate) reply: Option<&'a str>,
}

impl Drawn<'_> {
    /// Draws the comment and leaves its `<li>` open for its answers.
    pub(crate) fn open(&self, out: &mut String) {
        let id = Number(self.comment.id.get());
        out.push_str("<li class=\"aw-item\" id=\"comment-");
        id.render_to(out);
        out.push_str("\" data-id=\"");
        id.render_to(out);
        out.push_str("\" data-depth=\"");
        digits::push(out, self.depth.into(), 1);
        out.push_str("\">");
        if self.comment.deleted { self.tombstone() } else { self.article() }.render_to(out);
    }

    fn tombstone(&self) -> Markup {
        html! {
            article.aw-comment.aw-deleted part="comment" {
                p.aw-gone { (self.scene.messages.get("deleted")) " " (self.to()) }
            }
        }
    }

    fn article(&self) -> Markup {
        let messages = self.scene.messages;
        let comment = self.comment;
        html! {
            article.aw-comment part="comment" {
                header.aw-meta part="meta" {
                    (author(self.scene, &comment.author))
                    (self.time())
                    (self.to())
                    @if comment.pinned { span.aw-pinned { (messages.get("pinned")) } }
                }
                @if self.pending { p.aw-pending part="pending" { (messages.get("pending")) } }
                div.aw-text part="text" dir="auto" { (PreEscaped(comment.html.as_str())) }
                @if let Some(address) = self.reply { (self.acts(address)) }
            }
        }
    }

    fn time(&self) -> Markup {
        let messages = self.scene.messages;
        let created = Date::new(self.comment.created);
        html! {
            a.aw-time href={ "#comment-" (Number(self.comment.id.get())) } {
                time datetime=(created.machine()) title=(created.full(messages)) { (created.day(messages)) }
            }
            @if let Some(edited) = self.comment.edited.map(Date::new) {
                span.aw-edited title=(edited.full(messages)) { (messages.get("edited")) }
            }
        }
    }

    fn to(&self) -> Markup {
        let messages = self.scene.messages;
        let link = |answered: ParentComment, text: Markup| {
            html! { a.aw-to href={ "#comment-" (Number(answered.id.get())) } { (text) } }
        };
        match self.to {
            To::Nobody => Markup::default(),
            To::Unknown => html! { span.aw-to { (messages.get("to.unknown")) } },
            To::Deleted(answered) => link(answered, html! { (messages.get("to.deleted")) }),
            To::Comment(answered) => link(answered, named(self.scene, "to", answered.name)),
        }
    }

    fn acts(&self, address: &str) -> Markup {
        let messages = self.scene.messages;
        let id = Number(self.comment.id.get());
        let name = name_or_anonymous(self.scene, &self.comment.author.name);
        html! {
            footer.aw-acts part="actions" {
                a.aw-reply part="reply" href={ (address) "&reply=" (id) "#reply" } data-reply=(id)
                    aria-label=(messages.format("reply.to", "name", name)) { (messages.get("reply")) }
            }
        }
    }
}

fn author(scene: &RenderContext, author: &Author) -> Markup {
    let messages = scene.messages;
    let name = html! { bdi { (name_or_anonymous(scene, &author.name)) } };
    // `markup` and `model` let nothing else through; a link is the one place here where a wrong scheme would run code.
    let website = author.website.as_deref().filter(|url| is_http(url));
    html! {
        @match website {
            Some(url) => a.aw-author part="author" href=(url) rel="nofollow ugc noopener noreferrer" { (name) },
            None => span.aw-author part="author" { (name) },
        }
        @if author.owner { span.aw-owner part="badge" title=(messages.get("owner.title")) { (messages.get("owner")) } }
        @if let Some(mark) = &author.mark {
            span.aw-mark part="mark" title=(messages.get("mark.title")) {
                span.aw-hidden { (messages.get("mark")) " " } "·" (mark)
            }
        }
    }
}

/// Whether this is an address for people to follow.
pub(crate) fn is_http(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// What somebody is called here.
pub(crate) fn name_or_anonymous<'a>(scene: &RenderContext<'a>, name: &'a str) -> &'a str {
    if name.is_empty() { scene.messages.get("anonymous") } else { name }
}

/// A message with a name in it, the name kept from turning the direction of the words around it.
pub(crate) fn named(scene: &RenderContext, key: &str, name: &str) -> Markup {
    let messages = scene.messages;
    let (before, after) = messages.around(key, "name").unwrap_or((messages.get(key), ""));
    html! { (before) bdi { (name_or_anonymous(scene, name)) } (after) }
}
