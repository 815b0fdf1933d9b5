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

pub use comment::item;
pub use form::form;
pub use maud::Markup;
pub use messages::Messages;
pub use page::{page, refused_page};
pub use scene::{Answered, Chrome, Form, MAX_DEPTH, Notice, Scene, Setup, Standing};
pub use setup::setup_page;
pub use thread::{comments, count, more, thread};
