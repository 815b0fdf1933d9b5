//! Decoding of JavaScript values: the message catalogue, and comments as the Worker returned them.
//!
//! Each type is decoded by name, field by field. A field that is missing or has another type reads as empty; without a required field
//! the whole value decodes to `None`. `serde_wasm_bindgen::from_value` would decode the same types and say exactly what is wrong with a
//! value, but it links code down to the formatting of floating point numbers: 16 KB of brotli for the types below, where this module takes
//! 2. The compiler demands every field, and a test decodes the fixtures of `view`.

use afterword_model::{Author, Comment, CommentId, PostUrl, SafeHtml};
use afterword_view::Messages;
use serde::Deserialize;
use serde::de::value::StringDeserializer;
use serde::de::{Error, IntoDeserializer};

use crate::js_object::JsObject;

/// Decodes an address that the Worker wrote.
pub(crate) fn decode_post_url(url: String) -> Option<PostUrl> {
    PostUrl::deserialize(string_deserializer(url)).ok().filter(|url| !url.as_str().is_empty())
}

/// Decodes the message catalogue of a language.
pub(crate) fn decode_messages(value: &JsObject) -> Option<Messages> {
    let entry = |key: String| {
        let text = value.get_string(&key);
        (key, text)
    };
    value.is_present().then(|| value.keys().iter().filter_map(|key| key.as_string()).map(entry).collect())
}

/// Decodes a comment.
pub(crate) fn decode_comment(value: &JsObject) -> Option<Comment> {
    let author = value.get_object("author");
    Some(Comment {
        id: comment_id(value, "id")?,
        parent: comment_id(value, "parent"),
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
        moderated: value.is_true("moderated"),
        on_behalf: value.is_true("on_behalf"),
        since: Some(value.integer("since")).filter(|&since| since > 0),
    })
}

fn comment_id(value: &JsObject, name: &str) -> Option<CommentId> {
    Some(value.integer(name)).filter(|&id| id > 0).map(CommentId::new)
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
    use afterword_model::Thread;
    use js_sys::{Array, JSON, Reflect};
    use wasm_bindgen::JsCast;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn parse(json: &str) -> JsObject {
        JsObject::from(JSON::parse(json).unwrap())
    }

    #[wasm_bindgen_test]
    fn comments_decode_like_serde() {
        for fixture in [
            include_str!("../../crates/view/tests/golden/thread.json"),
            include_str!("../../crates/view/tests/golden/scripts.json"),
            include_str!("../../crates/view/tests/golden/tombstone.json"),
            include_str!("../../crates/view/tests/golden/hostile.json"),
            include_str!("../../crates/view/tests/golden/closed.json"),
        ] {
            let expected: Thread = serde_json::from_str(fixture).unwrap();
            let comments = Reflect::get(&JSON::parse(fixture).unwrap(), &"comments".into()).unwrap();
            let comments: Array = comments.unchecked_into();
            let decoded: Vec<_> = comments.iter().filter_map(|value| decode_comment(&JsObject::from(value))).collect();
            assert_eq!(decoded, expected.comments);
        }
    }

    #[wasm_bindgen_test]
    fn every_field_of_a_comment_is_decoded() {
        let json = r#"{"id":9007199254740991,"parent":3,"author":{"name":"Ada","website":"https://ada.example/","owner":true,
            "mark":"k3f9"},"html":"<p>Hi</p>","created":1321000000,"edited":1321000001,"votes":-2,"pinned":true,"deleted":true,"since":7}"#;
        let expected: Comment = serde_json::from_str(json).unwrap();
        assert_eq!(decode_comment(&parse(json)), Some(expected));
    }

    #[wasm_bindgen_test]
    fn invalid_comments_decode_to_none() {
        for json in ["null", "7", "\"x\"", "[]", "{}", r#"{"id":"1"}"#, r#"{"id":0}"#] {
            assert_eq!(decode_comment(&parse(json)), None, "{json}");
        }
    }

    #[wasm_bindgen_test]
    fn messages_decode_like_serde() {
        let file: serde_json::Value = serde_json::from_str(include_str!("../../crates/view/messages/de.json")).unwrap();
        let json = file["widget"].to_string();
        assert_eq!(decode_messages(&parse(&json)), Some(serde_json::from_str(&json).unwrap()));
        assert_eq!(decode_messages(&parse("null")), None);
    }
}
