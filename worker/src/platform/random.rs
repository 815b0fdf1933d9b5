//! Random bytes from the platform.

use afterword_model::{SubmissionId, encode_hex};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// `crypto.getRandomValues` of the Web Crypto API, present in every Worker.
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_random(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// Creates a random submission id.
pub(crate) fn submission_id() -> worker::Result<SubmissionId> {
    bytes().map(SubmissionId::from_random)
}

/// Creates a random id for the log lines of a request, in hexadecimal.
pub(crate) fn request_id() -> worker::Result<String> {
    bytes().map(|bytes| encode_hex(&bytes[..8]))
}

/// Returns 128 unpredictable bits.
pub(crate) fn bytes() -> worker::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    fill_random(&mut bytes)?;
    Ok(bytes)
}
