//! The comments of a page as JSON-LD, for search engines.

use afterword_model::{Comment, Thread};
use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value, json};

use crate::comment::{is_http, name_or_anonymous};
use crate::date::Date;
use crate::page_url::comment_url;
use crate::render_context::RenderContext;

/// Renders the element with the structured data of a page of a thread: a `WebPage` of schema.org with a `Comment` for each comment.
pub fn structured_data(context: &RenderContext, thread: &Thread) -> Markup {
    let visible: Vec<&Comment> = thread.comments.iter().filter(|comment| !comment.deleted).collect();
    let is_visible = |id| visible.iter().any(|comment| comment.id == id);
    let comments = visible.iter().map(|comment| {
        let mut data = describe(context, thread, comment);
        if let Some(parent) = comment.parent.filter(|parent| is_visible(*parent)) {
            data.insert("parentItem".to_owned(), json!({ "@id": comment_url(context, &thread.url, parent) }));
        }
        Value::Object(data)
    });
    let data = json!({
        "@context": "https://schema.org",
        "@type": "WebPage",
        "url": thread.url,
        "name": thread.title,
        "commentCount": thread.count,
        "comment": comments.collect::<Vec<_>>(),
    });
    // A block of data, which no browser runs: the page's policy, which forbids scripts, does not concern it. Nothing in the text can end the
    // element.
    let data = data.to_string().replace('<', "\\u003c");
    html! { script type="application/ld+json" { (PreEscaped(data)) } }
}

fn describe(context: &RenderContext, thread: &Thread, comment: &Comment) -> Map<String, Value> {
    let url = comment_url(context, &thread.url, comment.id);
    let name = name_or_anonymous(context, &comment.author.name);
    let mut author = Map::from_iter([("@type".to_owned(), json!("Person")), ("name".to_owned(), json!(name))]);
    if let Some(website) = comment.author.website.as_deref().filter(|url| is_http(url)) {
        author.insert("url".to_owned(), json!(website));
    }
    let mut data = Map::from_iter([
        ("@type".to_owned(), json!("Comment")),
        ("@id".to_owned(), json!(url)),
        ("url".to_owned(), json!(url)),
        ("author".to_owned(), Value::Object(author)),
        ("dateCreated".to_owned(), json!(Date::new(comment.created).machine())),
        ("text".to_owned(), json!(comment.html.to_text())),
    ]);
    if let Some(edited) = comment.edited {
        data.insert("dateModified".to_owned(), json!(Date::new(edited).machine()));
    }
    if comment.votes > 0 {
        data.insert("upvoteCount".to_owned(), json!(comment.votes));
    }
    data
}
