//! Random identifiers: unique, and impossible to guess.

use afterword_model::{encode_hex, push_hex};
use wasm_bindgen::JsCast;
use web_sys::Crypto;

use crate::platform::dom::JsObject;

/// Creates a UUID for a submission: version 4, variant 1 (RFC 9562, section 5.4).
pub(crate) fn submission_id(window: &JsObject) -> Option<String> {
    random_bytes(window).map(format_uuid)
}

/// Creates an author key: 128 bits in hexadecimal.
pub(crate) fn author_key(window: &JsObject) -> Option<String> {
    random_bytes(window).map(|bytes| encode_hex(&bytes))
}

/// Calls `getRandomValues` instead of `randomUUID`, which is missing on pages served over plain `http`.
fn random_bytes(window: &JsObject) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let crypto = window.get_object("crypto").into_option()?;
    crypto.as_js().unchecked_ref::<Crypto>().get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Replaces the `uuid` crate, which uses the standard library's formatting: a kilobyte of brotli.
fn format_uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut uuid = String::new();
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        push_hex(&mut uuid, &[byte]);
    }
    uuid
}

#[cfg(test)]
mod tests {
    use afterword_model::SubmissionId;

    use super::format_uuid;

    #[test]
    fn uuid_equals_that_of_the_model_for_the_same_bytes() {
        for bytes in [[0; 16], [255; 16], std::array::from_fn(|index| (index * 37 + 5) as u8)] {
            assert_eq!(format_uuid(bytes), SubmissionId::from_random(bytes).to_string());
        }
    }
}
