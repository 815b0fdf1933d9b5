//! What the loader hands over.

use afterword_view::Messages;
use serde::Deserialize;

/// The second argument of [`crate::start`].
#[derive(Deserialize)]
pub(crate) struct Config {
    /// The Worker's origin, without a slash at its end.
    pub(crate) endpoint: String,
    /// The title of the post.
    pub(crate) title: String,
    /// The texts, in the reader's language.
    pub(crate) messages: Messages,
    /// Makes a `DocumentFragment` of HTML, under the page's one Trusted Types policy.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(crate) draw: js_sys::Function,
}
