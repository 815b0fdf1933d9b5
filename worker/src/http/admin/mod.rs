//! Calls of moderators, under `/admin`.

pub(crate) mod api;
pub(crate) mod api_comments;
pub(crate) mod api_requests;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod transfer;
