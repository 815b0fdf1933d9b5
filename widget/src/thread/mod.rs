//! The thread on the page: its comments, its forms, and what the reader does with them.

pub(crate) mod attach;
pub(crate) mod author;
pub(crate) mod comment_form;
pub(crate) mod comment_list;
pub(crate) mod reply_forms;
pub(crate) mod submit;
pub(crate) mod widget;
