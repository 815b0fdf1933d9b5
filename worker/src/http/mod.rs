//! HTTP interface: the routes, their handlers, and what handlers share.

mod admin;
mod challenge;
mod check;
mod cors;
#[cfg(feature = "fault-injection")]
mod fault_routes;
mod invalid_rules;
mod language;
mod rate_limiter;
mod read_api;
mod request;
pub(crate) mod router;
mod routes;
mod security_txt;
mod setup;
mod spam_check;
mod submit_comment;
mod thread_page;
