//! HTTP interface: the routes, their handlers, and what handlers share.

mod admin;
mod assets;
mod atom;
mod blog_page;
mod challenge;
mod check;
mod cors;
#[cfg(feature = "fault-injection")]
mod fault_routes;
mod feed;
mod form_fields;
mod form_origin;
mod interactions;
mod invalid_rules;
mod language;
mod latest;
mod own_comment_page;
mod preview;
mod rate_limiter;
mod read_api;
mod reader_forms;
mod report_page;
mod request;
pub(crate) mod router;
mod routes;
mod security_txt;
mod setup;
mod spam_check;
mod submit_comment;
mod thread_page;
mod unmatched;
