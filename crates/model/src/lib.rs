#![doc = include_str!("../README.md")]

#[cfg(feature = "bodies")]
pub mod body;
mod canonical_link;
mod canonical_url;
mod comment;
mod comment_index;
#[cfg(feature = "export-format")]
pub mod export_format;
mod hex;
mod id;
mod interaction;
mod latest_comments;
pub mod limits;
pub mod moderation;
mod new_comment;
mod page_reader;
mod pagination;
mod post_url;
pub mod proof_of_work;
mod pseudonym;
mod rate_limit;
mod reader_settings;
mod redirect;
mod refusal;
mod role;
mod safe_html;
mod signal;
mod site;
mod syntax;
mod text;
mod thread;
mod tracking_parameters;
mod vote;

pub use canonical_link::{CanonicalFault, ChosenPost};
pub use canonical_url::UrlRules;
pub use comment::{Author, Comment, PostedComment, Status};
pub use comment_index::{CommentIndex, PageRuns};
pub use hex::{decode_hex, encode_hex, push_hex};
pub use id::{CommentId, SubmissionId};
pub use interaction::{
    CommentFate, CommentSource, DeletedComment, FateReply, OwnCommentFate, ReactionReply, ReportReason, ReportReply,
    VoteReply,
};
pub use latest_comments::{LatestComment, LatestComments};
pub use new_comment::{NewComment, Submission, Website, clean_title, parse_email};
pub use page_reader::{MAX_REDIRECTS, PageReader};
pub use pagination::{PageLayout, nest_replies, reply_depths};
pub use post_url::{PostUrl, PostUrlError};
pub use pseudonym::{AuthorId, NetworkIds};
pub use rate_limit::{InteractionKind, InteractionLimit, LimitScope, RateLimit};
pub use reader_settings::{Reactions, ReaderSettings, is_reaction};
pub use redirect::Redirect;
pub use refusal::{ErrorBody, ErrorDetail, Field, Refusal};
pub use role::Role;
pub use safe_html::{COMMENT_ELEMENTS, LINK_PREFIXES, LINK_REL, SafeHtml};
pub use signal::{Signal, SignalDetail};
pub use site::{CleanUrls, Moderation, Origin, PostRef, Site, SiteError, Sites};
pub use syntax::{is_author_key, is_host, is_moderator_name};
pub use text::{clean_line, clean_text, has_visible_text, is_visible};
pub use thread::{Counts, Sort, Thread, ThreadMeta};
pub use tracking_parameters::ParameterGroup;
pub use vote::Vote;
