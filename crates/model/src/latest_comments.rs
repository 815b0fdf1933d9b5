//! The latest comments of a site.

use serde::{Deserialize, Serialize};

use crate::comment::Comment;
use crate::post_url::PostUrl;
use crate::thread_options::ThreadOptions;

/// The comments of a site that became visible last, newest first: the JSON of `GET /v1/latest`, and the value stored in KV.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestComments {
    /// Increases with every change of the list.
    pub version: i64,
    /// The comments, by descending [`LatestComment::published`]. None of them is a tombstone.
    pub comments: Vec<LatestComment>,
    /// The owner's choices about the look of threads, for posts without comments.
    #[serde(default, skip_serializing_if = "ThreadOptions::is_default")]
    pub options: ThreadOptions,
}

/// One of the latest comments, with its post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestComment {
    /// The canonical URL of the post.
    pub url: PostUrl,
    /// The title of the post. May be empty.
    pub title: String,
    /// Time in Unix seconds at which the comment became visible. A comment that was held for moderation was created earlier.
    pub published: i64,
    /// The comment.
    pub comment: Comment,
}

impl LatestComments {
    /// Maximum number of comments in the list.
    pub const MAX: usize = 50;

    /// The KV key of a site's latest comments: `latest:` and [`Origin::authority`](crate::Origin::authority).
    pub fn kv_key(site_authority: &str) -> String {
        format!("latest:{site_authority}")
    }
}
