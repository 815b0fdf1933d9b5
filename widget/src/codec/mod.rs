//! Conversion between Rust types and JavaScript values.

pub(crate) mod comment_encoder;
pub(crate) mod event_details;
pub(crate) mod thread_decoder;
