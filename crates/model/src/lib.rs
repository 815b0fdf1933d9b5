#![doc = include_str!("../README.md")]

#[cfg(feature = "bodies")]
pub mod body;
mod comment;
mod id;
mod layout;
pub mod limits;
mod moved;
mod new_comment;
mod post_url;
pub mod puzzle;
mod rate;
mod reading;
mod refusal;
mod safe_html;
mod seal;
mod signal;
mod site;
mod text;
mod thread;
mod vote;

pub use comment::{Author, Comment, PostedComment, Status};
pub use id::{CommentId, SubmissionId};
pub use layout::{PageLayout, PageSource};
pub use moved::Redirect;
pub use new_comment::{NewComment, Submission, Website, clean_title};
pub use post_url::{PostUrl, PostUrlError};
pub use rate::{LimitScope, RateLimit};
pub use reading::PageReader;
pub use refusal::{ErrorBody, ErrorDetail, Field, Refusal};
pub use safe_html::SafeHtml;
pub use seal::{AuthorId, NetworkIds};
pub use signal::{Signal, SignalDetail};
pub use site::{Moderation, Origin, PostRef, Site, SiteError, Sites};
pub use text::{clean_line, clean_text, decode_hex, encode_hex, has_visible_text, is_visible};
pub use thread::{Counts, Sort, Thread, ThreadMeta};
pub use vote::Vote;
