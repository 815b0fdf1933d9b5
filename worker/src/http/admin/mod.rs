//! Calls of moderators, under `/admin`.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod transfer;
