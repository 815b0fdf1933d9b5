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
            @if thread.page > 1 { (page_link(&thread_url, "aw-earlier", thread.pages.min(thread.page - 1), messages.get("earlier"))) }
            ol.aw-list part="list" { (comment_items(context, thread, &thread_url, can_post)) }
            (more_link_at(context, thread, &thread_url))
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

/// Renders the `<li>`s of one page, for "more comments" and for a refresh.
pub fn comments(context: &RenderContext, thread: &Thread) -> Markup {
    comment_items(context, thread, &sorted_thread_page_url(context, thread.url.as_str(), thread.sort), !thread.closed)
}

/// The text of the heading: the number of comments.
pub fn comment_count(context: &RenderContext, count: u32) -> String {
    if count == 0 { context.messages.get("comments").to_owned() } else { context.messages.format_count("count", count) }
}

/// Renders the link to the next page. Empty on the last page.
pub fn more_link(context: &RenderContext, thread: &Thread) -> Markup {
    more_link_at(context, thread, &sorted_thread_page_url(context, thread.url.as_str(), thread.sort))
}

fn more_link_at(context: &RenderContext, thread: &Thread, thread_url: &str) -> Markup {
    if thread.page >= thread.pages {
        return Markup::default();
    }
    page_link(thread_url, "aw-more", thread.page + 1, context.messages.get("more"))
}

fn page_link(thread_url: &str, class: &str, page: u32, text: &str) -> Markup {
    let page = Number(page.into());
    html! { a.{ (class) } part="more" href={ (thread_url) "&page=" (page) } data-page=(page) { (text) } }
}

fn comment_items(context: &RenderContext, thread: &Thread, thread_url: &str, can_post: bool) -> Markup {
    let mut out = String::new();
    let mut level = None;
    // The parent comment must be visible above the form, so the link leads to the page that contains it.
    let mut thread_url = thread_url.to_owned();
    if thread.page > 1 {
        thread_url.push_str("&page=");
        Number(thread.page.into()).render_to(&mut thread_url);
    }
    let mut ancestors: Vec<&Comment> = Vec::new();
    for (comment, depth) in thread.comments.iter().zip(reply_depths(&thread.comments)) {
        ancestors.truncate(depth);
        let label = reply_label(context, comment, &ancestors);
        ancestors.push(comment);
        let depth = u8::try_from(depth).unwrap_or(u8::MAX).min(context.max_depth);
        move_to_depth(&mut out, level, depth);
        level = Some(depth);
        let (page_url, has_route) = (&*thread_url, thread.url.has_route());
        CommentItem { context, comment, depth, label, pending: false, can_reply: can_post, page_url, has_route }
            .open(&mut out);
    }
    if let Some(level) = level {
        move_to_depth(&mut out, Some(level), 0);
    }
    PreEscaped(out)
}

/// Closes and opens lists between an open item and the next one, which is at most one level deeper.
fn move_to_depth(out: &mut String, level: Option<u8>, depth: u8) {
    let Some(level) = level else { return };
    if depth > level {
        return out.push_str("<ol class=\"aw-list aw-replies\">");
    }
    out.push_str("</li>");
    for _ in depth..level {
        out.push_str("</ol></li>");
    }
}

fn reply_label<'a>(context: &RenderContext, comment: &Comment, ancestors: &[&'a Comment]) -> ReplyLabel<'a> {
    match ancestors.last() {
        None if comment.parent.is_some() => ReplyLabel::Unknown,
        Some(parent) if ancestors.len() > usize::from(context.max_depth) => {
            let label = ParentComment { id: parent.id, name: &parent.author.name };
            if parent.deleted { ReplyLabel::Deleted(label) } else { ReplyLabel::Comment(label) }
        }
        _ => ReplyLabel::None,
    }
}
