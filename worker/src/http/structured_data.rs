//! The comments of a page as JSON-LD, for search engines (schema.org, `Comment`).

use afterword_model::{Comment, Thread};
use afterword_view::{RenderContext, comment_url};
use serde_json::{Map, Value, json};

use crate::http::atom::rfc3339;

/// Renders the JSON-LD of a page of a thread. It has no `<`, so that nothing in it can end its element.
pub(crate) fn structured_data(context: &RenderContext<'_>, thread: &Thread) -> String {
    let visible: Vec<&Comment> = thread.comments.iter().filter(|comment| !comment.deleted).collect();
    let is_visible = |id| visible.iter().any(|comment| comment.id == id);
    let comments = visible.iter().map(|comment| {
        let mut data = comment_data(context, thread, comment);
        if let Some(parent) = comment.parent.filter(|parent| is_visible(*parent)) {
            data.insert("parentItem".to_owned(), json!({"@id": comment_url(context, &thread.url, parent)}));
        }
        Value::Object(data)
    });
    let page = json!({
        "@context": "https://schema.org",
        "@type": "WebPage",
        "url": thread.url,
        "name": thread.title,
        "commentCount": thread.count,
        "comment": comments.collect::<Vec<_>>(),
    });
    page.to_string().replace('<', "\\u003c")
}

fn comment_data(context: &RenderContext<'_>, thread: &Thread, comment: &Comment) -> Map<String, Value> {
    let url = comment_url(context, &thread.url, comment.id);
    let name = if comment.author.name.is_empty() { context.messages.get("anonymous") } else { &comment.author.name };
    let mut author = Map::from_iter([("@type".to_owned(), json!("Person")), ("name".to_owned(), json!(name))]);
    if let Some(website) = &comment.author.website {
        author.insert("url".to_owned(), json!(website));
    }
    let mut data = Map::from_iter([
        ("@type".to_owned(), json!("Comment")),
        ("@id".to_owned(), json!(url)),
        ("url".to_owned(), json!(url)),
        ("author".to_owned(), Value::Object(author)),
        ("dateCreated".to_owned(), json!(rfc3339(comment.created))),
        ("text".to_owned(), json!(comment.html.to_text())),
    ]);
    if let Some(edited) = comment.edited {
        data.insert("dateModified".to_owned(), json!(rfc3339(edited)));
    }
    if comment.votes > 0 {
        data.insert("upvoteCount".to_owned(), json!(comment.votes));
    }
    data
}

#[cfg(test)]
mod tests {
    use afterword_view::catalogue;

    use super::*;
    use crate::http::atom::tests::{comment, post};
    use crate::http::read_api::render_context;

    #[test]
    fn comments_are_data_that_cannot_end_their_element() {
        let hostile = "</script><script>alert(1)</script><!--";
        let mut thread = Thread { title: hostile.to_owned(), count: 2, ..Thread::empty(post("post")) };
        let mut reply = comment(2, "Joan", "<p>Yes &amp; &lt;/script&gt;</p>");
        (reply.parent, reply.edited, reply.votes) = (Some(comment(1, "", "").id), Some(1_321_000_060), 3);
        reply.author.website = Some("https://joan.example/".to_owned());
        let mut removed = comment(3, "", "");
        removed.deleted = true;
        thread.comments = vec![comment(1, hostile, "<p>One<br>two</p>"), reply, removed];
        let json = structured_data(&render_context(catalogue::messages("en"), "https://comments.example"), &thread);
        assert!(!json.contains('<'), "{json}");
        let data: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&data["name"], &data["commentCount"]), (&json!(hostile), &json!(2)));
        let [first, second] = data["comment"].as_array().unwrap().as_slice() else { panic!("{data}") };
        assert_eq!((&first["author"]["name"], &first["text"]), (&json!(hostile), &json!("One\ntwo")));
        assert_eq!(
            second,
            &json!({
                "@type": "Comment", "@id": "https://blog.example/post#comment-2", "url": "https://blog.example/post#comment-2",
                "author": {"@type": "Person", "name": "Joan", "url": "https://joan.example/"},
                "dateCreated": "2011-11-11T08:26:40Z", "dateModified": "2011-11-11T08:27:40Z",
                "text": "Yes & </script>", "upvoteCount": 3, "parentItem": {"@id": "https://blog.example/post#comment-1"},
            })
        );
    }
}
