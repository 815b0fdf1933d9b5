#![doc = include_str!("../README.md")]

mod address;
#[cfg(feature = "catalogue")]
pub mod catalogue;
mod comment;
mod date;
mod digits;
mod form;
mod messages;
mod order;
mod page;
mod plural;
mod scene;
mod setup;
mod thread;

pub use comment::comment_item;
pub use form::form;
pub use maud::Markup;
pub use messages::Messages;
pub use page::{page, refusal_page};
pub use scene::{CommentState, DEFAULT_MAX_DEPTH, Form, Notice, PageAssets, ParentComment, RenderContext, SetupState};
pub use setup::setup_page;
pub use thread::{comment_count, comments, more_link, thread};
