//! What JavaScript hands over as values: the configuration, the Worker's answers, what the browser has stored.
//!
//! Each type is read by name, field by field, and what is missing or of another type reads as empty; what a value cannot do without
//! is asked for, and without it there is no value. `serde_wasm_bindgen::from_value` would read all of this and say what is
//! wrong with a value that does not fit, down to the formatting of floating point numbers: 16 KB of brotli for the types below,
//! where this takes 2. The compiler asks for every field, and a test reads what `view`'s fixtures hold.

use afterword_model::{
    Author, Comment, CommentId, Field, NewComment, PostUrl, PostedComment, SafeHtml, Sort, Status, Thread,
};
use afterword_view::Messages;
use js_sys::{Array, Object};
use serde::Deserialize;
use serde::de::value::{MapDeserializer, StringDeserializer};
use serde::de::{Error, IntoDeserializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::dom::Node;

/// A comment as the Worker answered it to its author.
pub(crate) fn posted(value: &Node) -> Option<PostedComment> {
    Some(PostedComment {
        comment: comment(&value.node("comment"))?,
        status: if value.text("status") == "pending" { Status::Pending } else { Status::Published },
        version: value.integer("version"),
    })
}

/// A page of a thread.
pub(crate) fn thread(value: &Node) -> Option<Thread> {
    let comments = items(value.get("comments"))?;
    Some(Thread {
        url: post_url(value.text("url"))?,
        title: value.text("title"),
        version: value.integer("version"),
        count: value.integer("count") as u32,
        closed: value.is("closed"),
        sort: Sort::Oldest,
        page: value.integer("page") as u32,
        pages: value.integer("pages") as u32,
        comments: comments.iter().filter_map(|value| comment(&Node::from(value))).collect(),
        // Nothing here goes by them: the next page in the order asked is the next number.
        continuations: Vec::new(),
    })
}

/// A comment that has not been posted, as [`crate::storage::drafts::to_js`] writes it.
pub(crate) fn draft(value: &Node) -> NewComment {
    NewComment {
        id: value.text("id"),
        url: value.text("url"),
        title: value.given("title"),
        parent: value.id("parent"),
        name: value.given("name"),
        email: value.given("email"),
        website: value.given("website"),
        text: value.text("text"),
        proof: None,
        subject: None,
    }
}

/// A field, by its name in the Worker's errors.
pub(crate) fn field(name: &str) -> Option<Field> {
    match name {
        "name" => Some(Field::Name),
        "email" => Some(Field::Email),
        "website" => Some(Field::Website),
        "text" => Some(Field::Text),
        _ => None,
    }
}

/// An address that the Worker wrote.
pub(crate) fn post_url(url: String) -> Option<PostUrl> {
    PostUrl::deserialize(string(url)).ok().filter(|url| !url.as_str().is_empty())
}

/// The texts of a language.
pub(crate) fn messages(value: &Node) -> Option<Messages> {
    let keys = Object::keys(value.as_js().dyn_ref::<Object>()?);
    let entries = keys.iter().map(|key| {
        let key = key.as_string().unwrap_or_default();
        let text = value.text(&key);
        (key, text)
    });
    Messages::deserialize(MapDeserializer::<_, Misfit>::new(entries)).ok()
}

/// The items of an array.
pub(crate) fn items(value: JsValue) -> Option<Array> {
    value.dyn_into().ok()
}

fn comment(value: &Node) -> Option<Comment> {
    let author = value.node("author");
    Some(Comment {
        id: value.id("id")?,
        parent: value.id("parent"),
        author: Author {
            name: author.text("name"),
            website: author.given("website"),
            owner: author.is("owner"),
            mark: author.given("mark"),
        },
        html: SafeHtml::deserialize(string(value.text("html"))).ok()?,
        created: value.integer("created"),
        edited: Some(value.integer("edited")).filter(|&edited| edited > 0),
        votes: value.integer("votes"),
        pinned: value.is("pinned"),
        deleted: value.is("deleted"),
    })
}

impl Node {
    /// A text that may be missing.
    fn given(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn integer(&self, name: &str) -> i64 {
        self.get(name).as_f64().unwrap_or_default() as i64
    }

    fn id(&self, name: &str) -> Option<CommentId> {
        Some(self.integer(name)).filter(|&id| id > 0).map(CommentId::new)
    }
}

fn string(text: String) -> StringDeserializer<Misfit> {
    text.into_deserializer()
}

/// A value that does not fit its type.
#[derive(Debug)]
struct Misfit;

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value does not fit")
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// These run in WebAssembly, for they need values of JavaScript.
#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use afterword_model::PostedComment;
    use js_sys::JSON;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn value(json: &str) -> Node {
        Node::from(JSON::parse(json).unwrap())
    }

    #[wasm_bindgen_test]
    fn a_thread_reads_as_serde_reads_it() {
        for fixture in [
            include_str!("../../../crates/view/tests/golden/thread.json"),
            include_str!("../../../crates/view/tests/golden/scripts.json"),
            include_str!("../../../crates/view/tests/golden/tombstone.json"),
            include_str!("../../../crates/view/tests/golden/hostile.json"),
            include_str!("../../../crates/view/tests/golden/closed.json"),
        ] {
            assert_eq!(thread(&value(fixture)), Some(serde_json::from_str(fixture).unwrap()));
        }
    }

    #[wasm_bindgen_test]
    fn every_field_of_an_answer_is_read() {
        let json = r#"{"comment":{"id":9007199254740991,"parent":3,"author":{"name":"Ada","website":"https://ada.example/","owner":true,
            "mark":"k3f9"},"html":"<p>Hi</p>","created":1321000000,"edited":1321000001,"votes":-2,"pinned":true,"deleted":true},
            "status":"pending","version":7}"#;
        let expected: PostedComment = serde_json::from_str(json).unwrap();
        assert_eq!(posted(&value(json)), Some(expected.clone()));
        let published = json.replace("pending", "published");
        assert_eq!(posted(&value(&published)), Some(PostedComment { status: Status::Published, ..expected }));
    }

    #[wasm_bindgen_test]
    fn what_is_no_answer_is_none() {
        for json in [
            "null",
            "7",
            "\"x\"",
            "[]",
            "{}",
            r#"{"comment":null}"#,
            r#"{"comment":{"id":"1"}}"#,
            r#"{"comment":{"id":0}}"#,
        ] {
            assert_eq!(posted(&value(json)), None, "{json}");
            assert_eq!(thread(&value(json)), None, "{json}");
        }
        assert_eq!(thread(&value(r#"{"url":"https://a.example/","comments":{}}"#)), None);
        assert_eq!(thread(&value(r#"{"url":3,"comments":[]}"#)), None);
    }

    #[wasm_bindgen_test]
    fn a_draft_comes_back_as_it_was_written() {
        let all = NewComment {
            id: "u".to_owned(),
            url: "https://a.example/".to_owned(),
            title: Some("T".to_owned()),
            parent: Some(CommentId::new(7)),
            name: Some("Ada".to_owned()),
            email: Some("a@b".to_owned()),
            website: Some("a.example".to_owned()),
            text: "a\n\u{1f9d1}\"".to_owned(),
            proof: None,
            subject: None,
        };
        for comment in [all, NewComment::default()] {
            let json = String::from(JSON::stringify(crate::storage::drafts::to_js(&comment).as_js()).unwrap());
            assert_eq!(draft(&value(&json)), comment);
            // The Worker reads the same text with serde, and takes no field that it does not know.
            assert_eq!(serde_json::from_str::<NewComment>(&json).unwrap(), comment);
        }
        assert_eq!(draft(&value(r#"[3]"#)), NewComment::default());
        assert_eq!(draft(&value(r#"{"text":5,"parent":"q","name":null}"#)), NewComment::default());
    }

    #[wasm_bindgen_test]
    fn messages_read_as_serde_reads_them() {
        let json = include_str!("../../../crates/view/messages/de.json");
        assert_eq!(messages(&value(json)), Some(serde_json::from_str(json).unwrap()));
        assert_eq!(messages(&value("null")), None);
    }

    #[wasm_bindgen_test]
    fn fields_are_known_by_the_names_that_errors_give_them() {
        for known in [Field::Name, Field::Email, Field::Website, Field::Text] {
            let name = serde_json::to_value(known).unwrap();
            assert_eq!(field(name.as_str().unwrap()), Some(known));
        }
        assert_eq!(field("parent"), None);
    }
}
