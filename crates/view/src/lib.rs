#![doc = include_str!("../README.md")]

#[cfg(feature = "catalogue")]
pub mod admin;
mod avatar;
#[cfg(feature = "catalogue")]
pub mod catalogue;
mod check_page;
mod comment;
mod comment_list;
mod date;
mod digits;
mod form;
mod latest;
mod messages;
mod own_comment_page;
mod page;
mod page_url;
mod plural;
mod render_context;
mod report_page;
mod setup_page;
#[cfg(feature = "catalogue")]
mod structured_data;
#[cfg(feature = "catalogue")]
pub mod styles;
mod thread;

pub use check_page::{CheckPage, CheckResult, CheckedPost, CheckedThread, check_page};
pub use comment::comment_item;
pub use comment_list::comments;
pub use latest::{latest_list, latest_title};
pub use maud::Markup;
pub use messages::{Messages, fill};
pub use own_comment_page::{OwnComment, OwnCommentNotice, OwnCommentState, own_comment_page, own_comment_url};
pub use page::{form_page, page, post_question_page, refusal_page};
pub use page_url::{comment_url, feed_url};
pub use render_context::{
    CommentState, DEFAULT_MAX_DEPTH, Form, Notice, Outcome, PageAssets, ParentComment, RenderContext, SetupState,
};
pub use report_page::{Report, report_page};
pub use setup_page::setup_page;
#[cfg(feature = "catalogue")]
pub use structured_data::structured_data;
pub use thread::{comment_count, thread};
