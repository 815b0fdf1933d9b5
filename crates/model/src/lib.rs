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

pub use comment::{Author, Comment, Posted, Status};
pub use id::{CommentId, SubmissionId};
pub use layout::{Layout, Source};
pub use moved::Moved;
pub use new_comment::{NewComment, Submission, Website, check_title};
pub use post_url::{PostUrl, PostUrlError};
pub use rate::{Limit, Who};
pub use reading::Reading;
pub use refusal::{ErrorBody, ErrorDetail, Field, Refusal};
pub use safe_html::SafeHtml;
pub use seal::{AuthorSeal, Seals};
pub use signal::{Finding, Signal};
pub use site::{Moderation, Origin, Place, Site, SiteError, Sites};
pub use text::{clean_line, clean_text, has_visible, hex, is_visible, unhex};
pub use thread::{Counts, Sort, Thread, ThreadMeta};
pub use vote::Vote;
