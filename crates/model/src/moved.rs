//! Where a post went.

use serde::{Deserialize, Serialize};

use crate::PostUrl;

/// What stands in KV in place of a thread whose post has another address now. That address is the last one: nothing forwards from
/// there, but until KV has caught up everywhere. What is kept beside it says so too: [`crate::ThreadMeta::moved`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// The address under which the thread is.
    #[serde(rename = "moved")]
    pub to: PostUrl,
}
