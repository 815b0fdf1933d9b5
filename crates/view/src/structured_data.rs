//! The comments of a page as JSON-LD, for search engines.

use std::borrow::Cow;

use afterword_model::{Comment, Thread};
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use crate::comment::{is_http, name_or_anonymous};
use crate::date::Date;
use crate::page_url::thread_page_url;
use crate::render_context::RenderContext;

/// Renders the element with the structured data of a page of a thread: a `CreativeWork` of schema.org with a `Comment` for each comment.
pub fn structured_data(context: &RenderContext, thread: &Thread) -> Markup {
    let page = thread_page_url(context, thread.url.as_str());
    let comments: Vec<Value> = thread
        .comments
        .iter()
        .filter(|comment| !comment.deleted)
        .map(|comment| describe(context, &page, comment))
        .collect();
    let data = json!({
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "url": thread.url,
        "name": thread.title,
        "commentCount": thread.count,
        "comment": comments,
    });
    // Nothing in the text can end the element.
    let data = data.to_string().replace('<', "\\u003c");
    html! { script type="application/ld+json" { (PreEscaped(data)) } }
}

fn describe(context: &RenderContext, page: &str, comment: &Comment) -> Value {
    let url = |id: afterword_model::CommentId| format!("{page}&comment={id}#comment-{id}");
    let author = &comment.author;
    let mut person = json!({ "@type": "Person", "name": name_or_anonymous(context, &author.name) });
    if let Some(website) = author.website.as_deref().filter(|url| is_http(url)) {
        person["url"] = website.into();
    }
    let mut described = json!({
        "@type": "Comment",
        "url": url(comment.id),
        "dateCreated": Date::new(comment.created).machine(),
        "author": person,
        "text": plain_text(comment.html.as_str()),
    });
    if let Some(parent) = comment.parent {
        described["parentItem"] = json!({ "@type": "Comment", "url": url(parent) });
    }
    described
}

/// The text of rendered HTML. The renderer writes no comments, and escapes these characters only.
fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for piece in html.split('<') {
        // The first piece is empty or begins with text.
        let words = piece.split_once('>').map_or(piece, |(_, words)| words);
        text.push_str(&unescape(words));
    }
    text.trim().to_owned()
}

fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let unescaped =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", "\u{a0}"), ("&amp;", "&")]
            .into_iter()
            .fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character));
    unescaped.into()
}
