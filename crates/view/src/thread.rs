//! The thread: heading, comments, links to further pages, and the form.

use afterword_model::{Comment, Thread, reply_depths};
use maud::{Markup, PreEscaped, Render, html};

use crate::comment::{CommentItem, ReplyLabel, is_http};
use crate::digits::Number;
use crate::form;
use crate::page_url::sorted_thread_page_url;
use crate::render_context::{Form, ParentComment, RenderContext};

/// Renders the whole `<section>`, the response of `GET /v1/thread.html`.
///
/// The form gets the thread's URL and title unless it has its own.
pub fn thread(context: &RenderContext, thread: &Thread, form: &Form) -> Markup {
    section(context, thread, form, false)
}

/// The thread, like [`thread`]. With `focus`, the field to continue with gets the focus, which only a whole page may request.
pub(crate) fn section(context: &RenderContext, thread: &Thread, form: &Form, focus: bool) -> Markup {
    let messages = context.messages;
    let form = with_thread_defaults(thread, form);
    let thread_url = sorted_thread_page_url(context, form.url, thread.sort);
    let can_post = !thread.closed && !form.is_elsewhere;
    html! {
        section.aw #aw part="thread" aria-labelledby="aw-title" lang=(messages.get("lang")) dir=(messages.get("dir")) data-url=(thread.url.as_str())
            data-version=(Number(thread.version)) data-count=(Number(thread.count.into()))
            data-page=(Number(thread.page.into())) data-pages=(Number(thread.pages.into()))
            data-endpoint=(context.endpoint) data-messages=(context.messages_path)
            data-hint=[Some(form.hint).filter(|hint| !hint.is_empty())] {
            h2.aw-title #aw-title part="title" { (comment_count(context, thread.count)) }
            p.aw-status role="status" {}
            @if thread.comments.is_empty() && can_post { p.aw-empty { (messages.get("empty")) } }
            @if let Some(page) = thread.navigation().previous_root_page(thread.page) { (page_link(&thread_url, "aw-earlier", page, messages.get("earlier"))) }
            ol.aw-list part="list" { (comment_items(context, thread, &thread_url, can_post)) }
            @if let Some(page) = thread.navigation().next_root_page(thread.page) { (page_link(&thread_url, "aw-more", page, messages.get("more"))) }
            @if thread.closed { p.aw-closed { (messages.get("closed")) } }
            (form_or_reason(context, thread, &form, focus))
        }
    }
}

/// The form, or what takes its place if nobody can post.
fn form_or_reason(context: &RenderContext, thread: &Thread, form: &Form, focus: bool) -> Markup {
    if thread.closed {
        return form::unsent_text(context, form);
    }
    if form.is_elsewhere {
        let post = if is_http(form.url) { form.url } else { thread.url.as_str() };
        return html! { p.aw-elsewhere { a href=(post) { (context.messages.get("elsewhere")) } } };
    }
    form::render_form(context, form, focus)
}

/// The form, with the URL and title of the thread as defaults.
fn with_thread_defaults<'a>(thread: &'a Thread, form: &Form<'a>) -> Form<'a> {
    let or = |given: &'a str, own: &'a str| if given.is_empty() { own } else { given };
    Form { url: or(form.url, thread.url.as_str()), title: or(form.title, &thread.title), ..*form }
}

/// Renders the `<li>`s of one page.
pub fn comments(context: &RenderContext, thread: &Thread) -> Markup {
    comment_items(context, thread, &sorted_thread_page_url(context, thread.url.as_str(), thread.sort), !thread.closed)
}

/// The text of the heading: the number of comments.
pub fn comment_count(context: &RenderContext, count: u32) -> String {
    if count == 0 { context.messages.get("comments").to_owned() } else { context.messages.format_count("count", count) }
}

fn comment_items(context: &RenderContext, thread: &Thread, thread_url: &str, can_post: bool) -> Markup {
    let mut list = CommentList { context, thread, thread_url, out: String::new(), open: Vec::new() };
    // The parent comment must be visible above the form, so the link leads to the page that contains it.
    let mut reply_url = thread_url.to_owned();
    if thread.page > 1 {
        push_page(&mut reply_url, thread.page);
    }
    let reply_url = can_post.then_some(&*reply_url);
    let has_route = thread.url.has_route();
    let mut ancestors: Vec<&Comment> = Vec::new();
    for (comment, depth) in thread.comments.iter().zip(reply_depths(&thread.comments)) {
        ancestors.truncate(depth);
        let label = reply_label(context, comment, &ancestors);
        ancestors.push(comment);
        let depth = u8::try_from(depth).unwrap_or(u8::MAX).min(context.max_depth);
        list.move_to_depth(usize::from(depth));
        CommentItem { context, comment, depth, label, pending: false, thread_url, reply_url, has_route }
            .open(&mut list.out);
        list.push_open(comment);
    }
    list.close_items(0);
    PreEscaped(list.out)
}

/// Nested lists that are being rendered.
struct CommentList<'a> {
    context: &'a RenderContext<'a>,
    thread: &'a Thread,
    thread_url: &'a str,
    out: String,
    /// The comments whose `<li>` is open, with the pages of their further replies. Each is within the one before it.
    open: Vec<(&'a Comment, Option<u32>)>,
}

impl<'a> CommentList<'a> {
    /// Closes and opens lists between an open item and the next one, which is at most one level deeper.
    fn move_to_depth(&mut self, depth: usize) {
        if depth > 0 && depth == self.open.len() {
            return self.out.push_str("<ol class=\"aw-list aw-replies\">");
        }
        self.close_items(depth);
    }

    /// Adds an item whose `<li>` was opened, with the link to replies before those that follow.
    fn push_open(&mut self, comment: &'a Comment) {
        let (earlier, later) = self.thread.reply_pages(comment.id);
        self.push_reply_link(comment, earlier, "aw-earlier", "earlier.replies");
        self.open.push((comment, later));
    }

    /// Closes the open items from this depth on, each with the link to replies after those that were rendered.
    fn close_items(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some((comment, later)) = self.open.pop() {
                self.push_reply_link(comment, later, "aw-more", "more.replies");
            }
            self.out.push_str("</li>");
            if self.open.len() > depth {
                self.out.push_str("</ol>");
            }
        }
    }

    /// Renders a link to a page with further replies to a comment.
    fn push_reply_link(&mut self, comment: &Comment, page: Option<u32>, class: &str, message: &str) {
        let Some(page) = page else { return };
        let mut url = self.thread_url.to_owned();
        push_page(&mut url, page);
        url.push_str("#comment-");
        Number(comment.id.get()).render_to(&mut url);
        link_to_page(&url, class, page, self.context.messages.get(message)).render_to(&mut self.out);
    }
}

fn page_link(thread_url: &str, class: &str, page: u32, text: &str) -> Markup {
    let mut url = thread_url.to_owned();
    push_page(&mut url, page);
    link_to_page(&url, class, page, text)
}

fn link_to_page(url: &str, class: &str, page: u32, text: &str) -> Markup {
    html! { a.{ (class) } part="more" href=(url) data-page=(Number(page.into())) { (text) } }
}

fn push_page(url: &mut String, page: u32) {
    url.push_str("&page=");
    Number(page.into()).render_to(url);
}

fn reply_label<'a>(context: &RenderContext, comment: &Comment, ancestors: &[&'a Comment]) -> ReplyLabel<'a> {
    match ancestors.last() {
        None => comment.parent.map_or(ReplyLabel::None, ReplyLabel::Unknown),
        Some(parent) if ancestors.len() > usize::from(context.max_depth) => {
            let label = ParentComment { id: parent.id, name: &parent.author.name };
            if parent.deleted { ReplyLabel::Deleted(label) } else { ReplyLabel::Comment(label) }
        }
        _ => ReplyLabel::None,
    }
}
