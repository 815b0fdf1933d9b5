//! Redirects of posts whose URL has changed.

use serde::{Deserialize, Serialize};

use crate::post_url::PostUrl;

/// The value in KV in place of a thread whose post has a new URL. The new URL is final: it never redirects, except for
/// a short time until KV is consistent everywhere. The value's metadata marks it as well:
/// [`crate::ThreadMeta::is_redirect`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// The current URL of the thread.
    #[serde(rename = "moved")]
    pub to: PostUrl,
}
