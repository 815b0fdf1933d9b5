//! The HTTP interface of the Worker.

pub(crate) mod admin;
mod challenge;
pub(crate) mod rate_limiter;
mod read_api;
pub(crate) mod request;
pub(crate) mod router;
mod security_txt;
pub(crate) mod spam_check;
pub(crate) mod submit_comment;
mod thread_page;
