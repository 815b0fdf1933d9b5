//! HTTP interface: the routes, their handlers, and what handlers share.

mod admin;
mod atom;
mod challenge;
mod check;
mod cors;
#[cfg(feature = "fault-injection")]
mod fault_routes;
mod feed;
mod invalid_rules;
mod latest;
mod preview;
mod rate_limiter;
mod read_api;
mod request;
pub(crate) mod router;
mod routes;
mod security_txt;
mod setup;
mod spam_check;
mod structured_data;
mod submit_comment;
mod thread_page;
