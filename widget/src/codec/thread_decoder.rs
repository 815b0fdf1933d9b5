//! Decoding of JavaScript values: the configuration, the Worker's responses, and the content of the browser's storage.
//!
//! Each type is decoded by name, field by field. A field that is missing or has another type reads as empty; without a required field
//! the whole value decodes to `None`. `serde_wasm_bindgen::from_value` would decode the same types and say exactly what is wrong with a
//! value, but it links code down to the formatting of floating point numbers: 16 KB of brotli for the types below, where this module takes
//! 2. The compiler demands every field, and a test decodes the fixtures of `view`.

use afterword_model::{Author, Comment, CommentId, Field, NewComment, PostUrl, PostedComment, SafeHtml, Status};
use afterword_view::Messages;
use js_sys::{Array, Object};
use serde::Deserialize;
use serde::de::value::StringDeserializer;
use serde::de::{Error, IntoDeserializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::dom::JsObject;

/// Decodes a comment as the Worker returns it to its author.
pub(crate) fn decode_posted_comment(value: &JsObject) -> Option<PostedComment> {
    Some(PostedComment {
        comment: decode_comment(&value.get_object("comment"))?,
        status: if value.get_string("status") == "pending" { Status::Pending } else { Status::Published },
        version: value.integer("version"),
    })
}

/// Decodes a comment that has not been posted, as [`crate::codec::comment_encoder::encode_comment`] encodes it.
pub(crate) fn decode_draft(value: &JsObject) -> NewComment {
    NewComment {
        id: value.get_string("id"),
        url: value.get_string("url"),
        title: value.optional_string("title"),
        parent: value.comment_id("parent"),
        name: value.optional_string("name"),
        email: value.optional_string("email"),
        website: value.optional_string("website"),
        text: value.get_string("text"),
        ..NewComment::default()
    }
}

/// Decodes the name of a form field from an error of the Worker.
pub(crate) fn decode_field(name: &str) -> Option<Field> {
    match name {
        "name" => Some(Field::Name),
        "email" => Some(Field::Email),
        "website" => Some(Field::Website),
        "text" => Some(Field::Text),
        _ => None,
    }
}

/// Decodes an address that the Worker wrote.
pub(crate) fn decode_post_url(url: String) -> Option<PostUrl> {
    PostUrl::deserialize(string_deserializer(url)).ok().filter(|url| !url.as_str().is_empty())
}

/// Decodes the message catalogue of a language.
pub(crate) fn decode_messages(value: &JsObject) -> Option<Messages> {
    if !value.is_present() {
        return None;
    }
    let keys = JsObject::from(JsValue::from(Object::keys(value.as_js().unchecked_ref::<Object>())));
    let entry = |key: JsObject| {
        let key = key.as_js().as_string().unwrap_or_default();
        let text = value.get_string(&key);
        (key, text)
    };
    Some(keys.items().into_iter().map(entry).collect())
}

/// Decodes an array.
pub(crate) fn decode_array(value: JsValue) -> Option<Vec<JsObject>> {
    Array::is_array(&value).then(|| JsObject::from(value).items())
}

fn decode_comment(value: &JsObject) -> Option<Comment> {
    let author = value.get_object("author");
    Some(Comment {
        id: value.comment_id("id")?,
        parent: value.comment_id("parent"),
        author: Author {
            name: author.get_string("name"),
            website: author.optional_string("website"),
            owner: author.is_true("owner"),
            mark: author.optional_string("mark"),
        },
        html: SafeHtml::deserialize(string_deserializer(value.get_string("html"))).ok()?,
        created: value.integer("created"),
        edited: Some(value.integer("edited")).filter(|&edited| edited > 0),
        votes: value.integer("votes"),
        pinned: value.is_true("pinned"),
        deleted: value.is_true("deleted"),
        since: Some(value.integer("since")).filter(|&since| since > 0),
    })
}

/// Property types that only the decoder needs.
impl JsObject {
    fn optional_string(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn comment_id(&self, name: &str) -> Option<CommentId> {
        Some(self.integer(name)).filter(|&id| id > 0).map(CommentId::new)
    }
}

fn string_deserializer(text: String) -> StringDeserializer<TypeMismatch> {
    text.into_deserializer()
}

/// The error for a value of the wrong type.
#[derive(Debug)]
struct TypeMismatch;

impl std::fmt::Display for TypeMismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("type mismatch")
    }
}

impl std::error::Error for TypeMismatch {}

impl Error for TypeMismatch {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// These tests run in WebAssembly, because they need JavaScript values.
#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use afterword_model::{PostedComment, Thread};
    use js_sys::{Array, JSON};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::codec::comment_encoder::encode_comment;

    fn parse(json: &str) -> JsObject {
        JsObject::from(JSON::parse(json).unwrap())
    }

    #[wasm_bindgen_test]
    fn comments_decode_like_serde() {
        for fixture in [
            include_str!("../../../crates/view/tests/golden/thread.json"),
            include_str!("../../../crates/view/tests/golden/scripts.json"),
            include_str!("../../../crates/view/tests/golden/tombstone.json"),
            include_str!("../../../crates/view/tests/golden/hostile.json"),
            include_str!("../../../crates/view/tests/golden/closed.json"),
        ] {
            let expected: Thread = serde_json::from_str(fixture).unwrap();
            let comments: Array = parse(fixture).get("comments").unchecked_into();
            let decoded: Vec<_> = comments.iter().filter_map(|value| decode_comment(&JsObject::from(value))).collect();
            assert_eq!(decoded, expected.comments);
        }
    }

    #[wasm_bindgen_test]
    fn every_field_of_a_posted_comment_is_decoded() {
        let json = r#"{"comment":{"id":9007199254740991,"parent":3,"author":{"name":"Ada","website":"https://ada.example/","owner":true,
            "mark":"k3f9"},"html":"<p>Hi</p>","created":1321000000,"edited":1321000001,"votes":-2,"pinned":true,"deleted":true,"since":7},
            "status":"pending","version":7}"#;
        let expected: PostedComment = serde_json::from_str(json).unwrap();
        assert_eq!(decode_posted_comment(&parse(json)), Some(expected.clone()));
        let published = json.replace("pending", "published");
        assert_eq!(
            decode_posted_comment(&parse(&published)),
            Some(PostedComment { status: Status::Published, ..expected })
        );
    }

    #[wasm_bindgen_test]
    fn invalid_responses_decode_to_none() {
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
            assert_eq!(decode_posted_comment(&parse(json)), None, "{json}");
        }
    }

    #[wasm_bindgen_test]
    fn encoded_draft_decodes_to_the_same_draft() {
        let all = NewComment {
            id: "u".to_owned(),
            url: "https://a.example/".to_owned(),
            title: Some("T".to_owned()),
            parent: Some(CommentId::new(7)),
            name: Some("Ada".to_owned()),
            email: Some("a@b".to_owned()),
            website: Some("a.example".to_owned()),
            text: "a\n\u{1f9d1}\"".to_owned(),
            written: true,
            ..NewComment::default()
        };
        for comment in [all, NewComment::default()] {
            let json = String::from(JSON::stringify(encode_comment(&comment).as_js()).unwrap());
            // What the page knows of the writing is not part of the draft.
            assert_eq!(decode_draft(&parse(&json)), NewComment { written: false, ..comment.clone() });
            // The Worker decodes the same text with serde, and accepts no unknown field.
            assert_eq!(serde_json::from_str::<NewComment>(&json).unwrap(), comment);
        }
        assert_eq!(decode_draft(&parse(r#"[3]"#)), NewComment::default());
        assert_eq!(decode_draft(&parse(r#"{"text":5,"parent":"q","name":null}"#)), NewComment::default());
    }

    #[wasm_bindgen_test]
    fn messages_decode_like_serde() {
        let json = include_str!("../../../crates/view/messages/de.json");
        assert_eq!(decode_messages(&parse(json)), Some(serde_json::from_str(json).unwrap()));
        assert_eq!(decode_messages(&parse("null")), None);
    }

    #[wasm_bindgen_test]
    fn fields_decode_from_their_names_in_errors() {
        for known in [Field::Name, Field::Email, Field::Website, Field::Text] {
            let name = serde_json::to_value(known).unwrap();
            assert_eq!(decode_field(name.as_str().unwrap()), Some(known));
        }
        assert_eq!(decode_field("parent"), None);
    }
}
