#![doc = include_str!("../README.md")]

#[cfg(feature = "bodies")]
pub mod body;
mod comment;
mod comment_index;
mod hex;
mod id;
pub mod limits;
mod new_comment;
mod page_reader;
mod pagination;
mod post_url;
pub mod proof_of_work;
mod pseudonym;
mod rate_limit;
mod redirect;
mod refusal;
mod safe_html;
mod signal;
mod site;
mod syntax;
mod text;
mod thread;
mod vote;

pub use comment::{Author, Comment, PostedComment, Status};
pub use comment_index::{CommentIndex, PageRuns};
pub use hex::{decode_hex, encode_hex, push_hex};
pub use id::{CommentId, SubmissionId};
pub use new_comment::{NewComment, Submission, Website, clean_title};
pub use page_reader::{MAX_REDIRECTS, PageReader};
pub use pagination::{PageLayout, nest_replies, reply_depths};
pub use post_url::{PostUrl, PostUrlError};
pub use pseudonym::{AuthorId, NetworkIds};
pub use rate_limit::{LimitScope, RateLimit};
pub use redirect::Redirect;
pub use refusal::{ErrorBody, ErrorDetail, Field, Refusal};
pub use safe_html::{COMMENT_ELEMENTS, LINK_PREFIXES, LINK_REL, SafeHtml};
pub use signal::{Signal, SignalDetail};
pub use site::{Moderation, Origin, PostRef, Site, SiteError, Sites};
pub use syntax::{is_author_key, is_host, is_moderator_name};
pub use text::{clean_line, clean_text, has_visible_text, is_visible};
pub use thread::{Counts, Sort, Thread, ThreadMeta};
pub use vote::Vote;
