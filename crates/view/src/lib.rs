#![doc = include_str!("../README.md")]

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod check_page;
mod comment;
mod date;
mod digits;
mod form;
mod latest;
mod messages;
mod page;
mod page_url;
mod plural;
mod render_context;
mod setup_page;
mod thread;

pub use check_page::{CheckPage, CheckResult, CheckedPost, CheckedThread, check_page};
pub use comment::comment_item;
pub use date::local_time;
pub use latest::{latest_list, latest_title};
pub use maud::Markup;
pub use messages::Messages;
pub use page::{form_page, page, post_question_page, refusal_page};
pub use page_url::{comment_url, feed_url};
pub use render_context::{
    CommentState, DEFAULT_MAX_DEPTH, Form, Notice, PageAssets, ParentComment, RenderContext, SetupState,
};
pub use setup_page::setup_page;
pub use thread::{comment_count, comments, thread};
