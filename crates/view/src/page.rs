//! Whole documents for readers: the standalone page of a thread, and a refusal.

use afterword_model::{CommentId, Thread};
use maud::{DOCTYPE, Markup, html};

use crate::comment::is_http;
use crate::digits::Number;
use crate::form::{self, error_with_wait};
use crate::page_url::{feed_url, thread_page_url};
use crate::render_context::{Form, Notice, Outcome, PageAssets, RenderContext};
use crate::thread;

/// Renders the standalone page of a thread, which works without JavaScript.
///
/// It links back to `form.url`, the URL from which the reader came, or else to the canonical URL of the thread. To
/// reply to a comment, set `form.parent`.
pub fn page(
    context: &RenderContext,
    thread: &Thread,
    form: &Form,
    notice: Option<Notice>,
    assets: &PageAssets,
) -> Markup {
    // A comment that was just posted is not missing: it can take a minute to appear.
    let context = RenderContext { linked: context.linked.filter(|_| notice.is_none()), ..*context };
    let messages = context.messages;
    let back = if is_http(form.url) { form.url } else { thread.url.as_str() };
    let title = [form.title, &thread.title].into_iter().find(|title| !title.is_empty()).unwrap_or(thread.url.as_str());
    // The thread is also on the post, so search engines are sent there. Transient states of the page are not indexed.
    let is_transient = notice.is_some()
        || form.parent.is_some()
        || form.refusal.is_some()
        || form.preview.is_some()
        || context.linked.is_some();
    let title_text = messages.format("page.title", "title", title);
    let head = html! {
        @if is_transient { (no_index()) } @else {
            link rel="canonical" href=(thread.url.as_str());
            link rel="alternate" type="application/atom+xml" title=(title_text) href=(feed_url(&context, thread.url.as_str()));
            @if let Some(data) = assets.structured_data { (data) }
        }
    };
    let content = html! {
        header.aw-head {
            p.aw-back { a href=(back) { (messages.get("page.back")) } }
            h1 { a href=(back) dir="auto" { (title) } }
        }
        @if let Some(notice) = notice { (notice_box(&context, notice)) }
        (thread::section(&context, thread, form, notice.is_none()))
    };
    let dir = messages.get("dir");
    document(messages.get("lang"), dir, &title_text, assets, &head, &content)
}

/// Renders a refused form without its thread, for a thread that was not read or could not be read.
///
/// With `is_foreign`, another website may have written the text. Then it is only quoted, and no form can send it.
pub fn form_page(context: &RenderContext, form: &Form, is_foreign: bool, assets: &PageAssets) -> Markup {
    let messages = context.messages;
    let head = no_index();
    let title = messages.get("refused.title");
    let content = html! {
        header.aw-head {
            @if is_http(form.url) { p.aw-back { a href=(form.url) { (messages.get("page.back")) } } }
            h1 { (title) }
        }
        section.aw #aw lang=(messages.get("lang")) dir=(messages.get("dir")) {
            @if is_foreign {
                @if let Some((_, code)) = form.refusal { p.aw-error role="alert" { (messages.error_text(code)) } }
                (form::unsent_text(context, form))
                p { a href=(thread_page_url(context, form.url)) { (messages.get("withheld.open")) } }
            } @else {
                (form::render_form(context, form, true))
            }
        }
    };
    document(messages.get("lang"), messages.get("dir"), title, assets, &head, &content)
}

/// Renders the page that tells a reader why a request was refused, and after how many seconds another may succeed. `back` is the URL of
/// the post.
pub fn refusal_page(
    context: &RenderContext,
    assets: &PageAssets,
    code: &str,
    retry_after: Option<u32>,
    back: Option<&str>,
) -> Markup {
    let messages = context.messages;
    let head = no_index();
    let title = messages.get("refused.title");
    let content = html! {
        h1 { (title) }
        p { (error_with_wait(messages, code, retry_after)) }
        @if let Some(back) = back.filter(|back| is_http(back)) { p { a href=(back) { (messages.get("page.back")) } } }
    };
    document(messages.get("lang"), messages.get("dir"), title, assets, &head, &content)
}

/// Renders the page for a reader whose browser does not say which post they came from. It asks for the address of the post, of which
/// `origin` is the beginning if that is known.
pub fn post_question_page(context: &RenderContext, assets: &PageAssets, origin: &str) -> Markup {
    let messages = context.messages;
    let head = no_index();
    let title = messages.get("referer.title");
    let content = html! {
        h1 { (title) }
        section.aw #aw {
            form.aw-form method="get" action={ (context.endpoint) "/thread" } {
                p { (messages.get("referer")) }
                div.aw-field {
                    label for="aw-url" { (messages.get("referer.label")) }
                    input.aw-input #aw-url type="text" name="url" value=(origin) required inputmode="url" autocapitalize="none" spellcheck="false";
                }
                input type="hidden" name="lang" value=(messages.get("lang"));
                div.aw-send { button.aw-submit type="submit" { (messages.get("referer.submit")) } }
            }
        }
    };
    document(messages.get("lang"), messages.get("dir"), title, assets, &head, &content)
}

fn notice_box(context: &RenderContext, notice: Notice) -> Markup {
    let messages = context.messages;
    let text = messages.get(match notice.outcome {
        Outcome::Published => "notice.published",
        Outcome::Pending => "notice.pending",
        Outcome::Repeat => "notice.repeat",
    });
    html! {
        div.aw-notice {
            p role="status" { (text) }
            @if !notice.own_comment_url.is_empty() {
                p { a href=(notice.own_comment_url) { (messages.get("own.link")) } " " (messages.get("own.link.hint")) }
            }
        }
    }
}

/// A page about one comment of the thread at `url`.
#[derive(Clone, Copy)]
pub(crate) struct CommentPage<'a> {
    pub(crate) url: &'a str,
    pub(crate) id: CommentId,
    pub(crate) title: &'a str,
    /// The result of the form that led to the page.
    pub(crate) notice: Option<&'a str>,
}

impl CommentPage<'_> {
    /// Renders the page around its content, with a link back to the thread.
    pub(crate) fn render(self, context: &RenderContext, assets: &PageAssets, content: &Markup) -> Markup {
        let Self { url, id, title, notice } = self;
        let (thread, id) = (thread_page_url(context, url), Number(id.get()));
        let messages = context.messages;
        let (lang, dir) = (messages.get("lang"), messages.get("dir"));
        let body = html! {
            header.aw-head {
                p.aw-back { a href={ (thread) "&comment=" (id) "#comment-" (id) } { (messages.get("comments")) } }
                h1 { (title) }
            }
            @if let Some(notice) = notice { p.aw-notice role="status" { (notice) } }
            section.aw #aw lang=(lang) dir=(dir) { (content) }
        };
        document(lang, dir, title, assets, &no_index(), &body)
    }
}

/// Hidden fields of a form.
pub(crate) fn hidden_fields(fields: &[(&str, &str)]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// Keeps a page out of the indexes of search engines.
pub(crate) fn no_index() -> Markup {
    html! { meta name="robots" content="noindex"; }
}

/// Renders a document around its content.
pub(crate) fn document(
    lang: &str,
    dir: &str,
    title: &str,
    assets: &PageAssets,
    head: &Markup,
    content: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html.aw-page lang=(lang) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                (head)
                @for path in assets.stylesheet_paths { link rel="stylesheet" href={ (assets.base_path) (path) }; }
            }
            body { main.aw-main { (content) } }
        }
    }
}
