//! Comments as JavaScript values.

use afterword_model::NewComment;
use wasm_bindgen::JsValue;

use crate::platform::dom::JsObject;

/// A comment as the Worker takes it, for `JSON.stringify`. By hand, since serializing an
/// integer brings along its formatting.
pub(crate) fn encode_comment(comment: &NewComment) -> JsObject {
    let object = JsObject::empty();
    let required = [("id", &comment.id), ("url", &comment.url), ("text", &comment.text)];
    let optional = [
        ("title", &comment.title),
        ("name", &comment.name),
        ("email", &comment.email),
        ("website", &comment.website),
        ("proof", &comment.proof),
        ("subject", &comment.subject),
    ];
    let given = optional.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    for (name, text) in required.into_iter().chain(given) {
        object.set_string(name, text);
    }
    if let Some(parent) = comment.parent {
        object.set("parent", &JsValue::from_f64(parent.get() as f64));
    }
    object
}
