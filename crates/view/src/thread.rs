//! The thread: heading, comments, the way to more of them, and the form.

use afterword_model::Thread;
use maud::{Markup, PreEscaped, Render, html};

use crate::{
    Form, ParentComment, RenderContext, address,
    comment::{Drawn, To},
    digits::Number,
    form,
    order::{self, Placed},
};

/// Draws the whole `<section>`: what `GET /v1/thread.html` answers.
///
/// The form is given the thread's address and title where it has none of its own.
pub fn thread(scene: &RenderContext, thread: &Thread, form: &Form) -> Markup {
    section(scene, thread, form, false)
}

/// As [`thread`]; `focus` says whether the field to go on with asks for the focus, which only a whole page may do.
pub(crate) fn section(scene: &RenderContext, thread: &Thread, form: &Form, focus: bool) -> Markup {
    let messages = scene.messages;
    let form = completed(thread, form);
    let address = address::ordered(scene, form.url, thread.sort);
    html! {
        section.aw #aw part="thread" aria-labelledby="aw-title" lang=(messages.get("lang")) dir=(messages.get("dir")) data-url=(thread.url.as_str())
            data-version=(Number(thread.version)) data-count=(Number(thread.count.into()))
            data-page=(Number(thread.page.into())) data-pages=(Number(thread.pages.into()))
            data-endpoint=(scene.endpoint) data-messages=(scene.messages_path) {
            h2.aw-title #aw-title part="title" { (comment_count(scene, thread.count)) }
            p.aw-status role="status" {}
            @if thread.comments.is_empty() && !thread.closed { p.aw-empty { (messages.get("empty")) } }
            @if thread.page > 1 { (turn(&address, "aw-earlier", thread.pages.min(thread.page - 1), messages.get("earlier"))) }
            ol.aw-list part="list" { (list(scene, thread, &address)) }
            (more_at(scene, thread, &address))
            @if thread.closed { p.aw-closed { (messages.get("closed")) } }
            (if thread.closed { form::left_over(scene, &form) } else { form::draw(scene, &form, focus) })
        }
    }
}

/// The form of a thread's own page.
fn completed<'a>(thread: &'a Thread, form: &Form<'a>) -> Form<'a> {
    let or = |given: &'a str, own: &'a str| if given.is_empty() { own } else { given };
    Form { url: or(form.url, thread.url.as_str()), title: or(form.title, &thread.title), ..*form }
}

/// Draws the `<li>`s of one page: for "more comments", and for a refresh.
pub fn comments(scene: &RenderContext, thread: &Thread) -> Markup {
    list(scene, thread, &address::ordered(scene, thread.url.as_str(), thread.sort))
}

/// The text of the heading: how many comments there are.
pub fn comment_count(scene: &RenderContext, count: u32) -> String {
    if count == 0 { scene.messages.get("comments").to_owned() } else { scene.messages.format_count("count", count) }
}

/// Draws the link to the page after this one; nothing on the last.
pub fn more_link(scene: &RenderContext, thread: &Thread) -> Markup {
    more_at(scene, thread, &address::ordered(scene, thread.url.as_str(), thread.sort))
}

fn more_at(scene: &RenderContext, thread: &Thread, address: &str) -> Markup {
    if thread.page >= thread.pages {
        return Markup::default();
    }
    turn(address, "aw-more", thread.page + 1, scene.messages.get("more"))
}

fn turn(address: &str, class: &str, page: u32, text: &str) -> Markup {
    let page = Number(page.into());
    html! { a.{ (class) } part="more" href={ (address) "&page=" (page) } data-page=(page) { (text) } }
}

fn list(scene: &RenderContext, thread: &Thread, address: &str) -> Markup {
    let mut out = String::new();
    let mut level = None;
    // The comment answered is to be seen above the form, so the link leads to the page that it is on.
    let mut address = address.to_owned();
    if thread.page > 1 {
        address.push_str("&page=");
        Number(thread.page.into()).render_to(&mut address);
    }
    for placed in order::place(&thread.comments) {
        let depth = u8::try_from(placed.depth).unwrap_or(u8::MAX).min(scene.max_depth);
        go_to(&mut out, level, depth);
        level = Some(depth);
        let comment = &thread.comments[placed.at];
        let to = whom(scene, thread, &placed);
        let reply = (!thread.closed).then_some(&*address);
        Drawn { scene, comment, depth, to, pending: false, reply }.open(&mut out);
    }
    if let Some(level) = level {
        go_to(&mut out, Some(level), 0);
    }
    PreEscaped(out)
}

/// Closes and opens lists between an item, still open, and the next one, which is at most one level deeper.
fn go_to(out: &mut String, level: Option<u8>, depth: u8) {
    let Some(level) = level else { return };
    if depth > level {
        return out.push_str("<ol class=\"aw-list aw-replies\">");
    }
    out.push_str("</li>");
    for _ in depth..level {
        out.push_str("</ol></li>");
    }
}

fn whom<'a>(scene: &RenderContext, thread: &'a Thread, placed: &Placed) -> To<'a> {
    let comment = &thread.comments[placed.at];
    match placed.parent.map(|parent| &thread.comments[parent]) {
        None if comment.parent.is_some() => To::Unknown,
        Some(parent) if placed.depth > usize::from(scene.max_depth) || placed.depth == 0 => {
            let answered = ParentComment { id: parent.id, name: &parent.author.name };
            if parent.deleted { To::Deleted(answered) } else { To::Comment(answered) }
        }
        _ => To::Nobody,
    }
}
