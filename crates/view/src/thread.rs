//! The thread: heading, order, comments, links to further pages, and the form.

use afterword_model::{CommentId, Sort, Thread};
use maud::{Markup, Render, html};

use crate::comment::is_http;
use crate::comment_list::{comment_items, page_link};
use crate::digits::Number;
use crate::form;
use crate::page_url::sorted_thread_page_url;
use crate::render_context::{Form, RenderContext};

/// Number of comments from which on a thread offers orders.
const MIN_SORTED_COMMENTS: u32 = 3;

/// The orders, with their names in addresses and the keys of their labels.
const ORDERS: [(Sort, &str, &str); 3] =
    [(Sort::Oldest, "oldest", "sort.oldest"), (Sort::Newest, "newest", "sort.newest"), (Sort::Top, "top", "sort.top")];

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
    let thread_url = sorted_thread_page_url(context, form.url, thread);
    let can_post = !thread.closed && !form.is_elsewhere;
    html! {
        section.aw #aw part="thread" aria-labelledby="aw-title" lang=(messages.get("lang")) dir=(messages.get("dir")) data-url=(thread.url.as_str())
            data-version=(Number(thread.version)) data-count=(Number(thread.count.into()))
            data-page=(Number(thread.page.into())) data-pages=(Number(thread.pages.into())) data-sort=(order_name(thread.sort))
            data-endpoint=(context.endpoint) data-messages=(context.messages_path)
            data-avatars=[(!context.avatars).then_some("off")]
            data-edit-window=[thread.edit_window.map(Number)]
            data-downvotes=[thread.downvotes.then_some("on")] data-reactions=[reactions(thread)]
            data-hint=[Some(form.hint).filter(|hint| !hint.is_empty())] {
            h2.aw-title #aw-title part="title" { (comment_count(context, thread.count)) }
            (missing_comment(context, thread))
            @if thread.comments.is_empty() && can_post { p.aw-empty { (messages.get("empty")) } }
            @if thread.count >= MIN_SORTED_COMMENTS { (order_form(context, thread, form.url)) }
            @if let Some(page) = thread.navigation().previous_root_page(thread.page) { (page_link(&thread_url, "aw-earlier", page, messages.get("earlier"))) }
            ol.aw-list part="list" { (comment_items(context, thread, &thread_url, can_post)) }
            @if let Some(page) = thread.navigation().next_root_page(thread.page) { (page_link(&thread_url, "aw-more", page, messages.get("more"))) }
            @if thread.closed { p.aw-closed { (messages.get("closed")) } }
            (form_or_reason(context, thread, &form, focus))
            @if let Some(link) = thread.options.contact_link() {
                p.aw-contact { a href=(link) rel="nofollow noopener" { (messages.get("contact")) } }
            }
        }
    }
}

/// The reactions to the post with their numbers, as JSON, for the widget. `None` if the site has none.
fn reactions(thread: &Thread) -> Option<String> {
    if thread.reactions.is_empty() {
        return None;
    }
    let mut json = String::from("[");
    for (reaction, number) in &thread.reactions {
        // A reaction is an emoji: there is nothing in it to escape.
        json.push_str(if json.len() > 1 { ",[\"" } else { "[\"" });
        json.push_str(reaction);
        json.push_str("\",");
        Number((*number).into()).render_to(&mut json);
        json.push(']');
    }
    json.push(']');
    Some(json)
}

/// Tells the reader that the comment to which the address leads is not on the page. A removed one that has replies says so itself; of any
/// other, only its author may learn more.
fn missing_comment(context: &RenderContext, thread: &Thread) -> Markup {
    let is_missing = |id: &CommentId| thread.comments.iter().all(|comment| comment.id != *id);
    html! {
        @if let Some(id) = context.linked.filter(is_missing) {
            // A link leads to the first element of what it names.
            p.aw-missing id={ "comment-" (Number(id.get())) } { span { (context.messages.get("missing")) } }
        }
    }
}

/// The choice of the order, which needs no script.
fn order_form(context: &RenderContext, thread: &Thread, url: &str) -> Markup {
    let messages = context.messages;
    html! {
        form.aw-order part="order" method="get" action={ (context.endpoint) "/thread" } {
            input type="hidden" name="url" value=(url);
            input type="hidden" name="lang" value=(messages.get("lang"));
            label for="aw-sort" { (messages.get("sort.label")) }
            select.aw-select #aw-sort name="sort" {
                @for (sort, name, label) in ORDERS {
                    option value=(name) selected[sort == thread.sort] { (messages.get(label)) }
                }
            }
            button.aw-order-submit { (messages.get("sort.apply")) }
        }
    }
}

fn order_name(sort: Sort) -> &'static str {
    ORDERS.iter().find(|order| order.0 == sort).map_or("", |order| order.1)
}

/// The form, or what takes its place if nobody can post. In the page of a blog it brings its stylesheet.
fn form_or_reason(context: &RenderContext, thread: &Thread, form: &Form, focus: bool) -> Markup {
    html! {
        @if !form.stylesheet_path.is_empty() { link rel="stylesheet" href={ (context.endpoint) (form.stylesheet_path) }; }
        @if thread.closed {
            (form::unsent_text(context, form))
        } @else if form.is_elsewhere {
            @let post = if is_http(form.url) { form.url } else { thread.url.as_str() };
            p.aw-elsewhere { a href=(post) { (context.messages.get("elsewhere")) } }
        } @else {
            @if let Some(text) = &thread.options.form_text { (form_text(text)) }
            (form::render_form(context, form, focus))
        }
    }
}

/// The text of the owner above the form, with its paragraphs and lines.
fn form_text(text: &str) -> Markup {
    html! {
        div.aw-form-text dir="auto" {
            @for paragraph in text.split("\n\n") {
                p { @for (at, line) in paragraph.lines().enumerate() { @if at > 0 { br; } (line) } }
            }
        }
    }
}

/// The form, with the URL and title of the thread as defaults.
fn with_thread_defaults<'a>(thread: &'a Thread, form: &Form<'a>) -> Form<'a> {
    let or = |given: &'a str, own: &'a str| if given.is_empty() { own } else { given };
    Form { url: or(form.url, thread.url.as_str()), title: or(form.title, &thread.title), ..*form }
}

/// The text of the heading: the number of comments.
pub fn comment_count(context: &RenderContext, count: u32) -> String {
    if count == 0 { context.messages.get("comments").to_owned() } else { context.messages.format_count("count", count) }
}
