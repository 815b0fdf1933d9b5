//! Calls and pages of moderators, under `/admin`.

mod access;
pub(crate) mod api;
pub(crate) mod api_comments;
pub(crate) mod api_requests;
pub(crate) mod auth;
pub(crate) mod call;
mod calls;
mod cookie;
pub(crate) mod dispatch;
pub(crate) mod on_page;
mod page_response;
pub(crate) mod pages;
mod setting_fields;
pub(crate) mod sign_in;
pub(crate) mod transfer;
