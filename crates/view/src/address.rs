//! Addresses of the Worker's own pages.

use afterword_model::Sort;

use crate::RenderContext;

/// The standalone page of a post's thread, in the reader's language: `{endpoint}/thread?url=…&lang=…`.
pub(crate) fn thread(scene: &RenderContext, url: &str) -> String {
    let mut address = String::from(scene.endpoint);
    address.push_str("/thread?url=");
    push_encoded(&mut address, url);
    address.push_str("&lang=");
    push_encoded(&mut address, scene.messages.get("lang"));
    address
}

/// As [`thread`], in the order of the thread at hand.
pub(crate) fn ordered(scene: &RenderContext, url: &str, sort: Sort) -> String {
    let mut address = thread(scene, url);
    address.push_str(match sort {
        Sort::Oldest => "",
        Sort::Newest => "&sort=newest",
        Sort::Top => "&sort=top",
    });
    address
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
fn push_encoded(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
