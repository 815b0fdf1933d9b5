//! The platform's source of random bytes.

use afterword_model::SubmissionId;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A well-formed id that stands for none.
pub(crate) const NIL_ID: &str = "00000000-0000-0000-0000-000000000000";

#[wasm_bindgen]
extern "C" {
    /// The Web Crypto API's own, present in every Worker.
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_random(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// A new id for one form.
pub(crate) fn submission_id() -> worker::Result<SubmissionId> {
    bytes().map(SubmissionId::from_random)
}

/// 128 bits that nobody foresees.
pub(crate) fn bytes() -> worker::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    fill_random(&mut bytes)?;
    Ok(bytes)
}
