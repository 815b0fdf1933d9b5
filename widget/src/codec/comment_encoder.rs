//! Encoding of a comment for the Worker and for the browser's storage.

use afterword_model::NewComment;
use wasm_bindgen::JsValue;

use crate::platform::dom::JsObject;

/// Encodes a comment as the object that the Worker accepts, ready for `JSON.stringify`.
///
/// There is no `Serialize` here, because serializing an integer links the code that formats it.
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
    if comment.written {
        object.set("written", &JsValue::TRUE);
    }
    object
}
