//! Calls and pages of moderators, under `/admin`.

mod access;
pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod call;
mod cookie;
pub(crate) mod dispatch;
mod page_response;
pub(crate) mod sign_in;
pub(crate) mod transfer;
