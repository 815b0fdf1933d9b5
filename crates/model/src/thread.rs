//! The published thread of one post.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::comment::Comment;
use crate::comment_index::CommentIndex;
use crate::post_url::PostUrl;
use crate::thread_options::ThreadOptions;

/// One page of a published thread: the JSON of `GET /v1/thread`, and the value stored in KV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The canonical URL of the post.
    pub url: PostUrl,
    /// The title of the post: the one set by a moderator, or else the one that most authors of the latest published
    /// comments sent.
    pub title: String,
    /// Increases with every change that readers can see. 0 for a thread without comments.
    pub version: i64,
    /// Number of readable comments in the whole thread, without tombstones.
    pub count: u32,
    /// True if the thread accepts no more comments.
    pub closed: bool,
    /// The sort order of the root comments.
    pub sort: Sort,
    /// The number of this page, from 1.
    pub page: u32,
    /// Number of pages, at least 1.
    pub pages: u32,
    /// The comments of this page as a flat list in reading order: each comment comes before its replies.
    pub comments: Vec<Comment>,
    /// Pinned comments of other pages with the replies on their pages, as many as fit, in the stored first page of a long thread. Absent from the
    /// JSON otherwise: [`crate::PageReader`] puts them first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Comment>,
    /// The reactions to the post that readers can choose from, with their numbers, in the order in which they are shown. Empty, and
    /// absent from the JSON, if the site has none. Of the stored values only the first page has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<(String, u32)>,
    /// True if readers may vote against comments. Absent from the JSON if they may not, and from stored values of other pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub downvotes: bool,
    /// Seconds after posting for which authors may edit a comment, if it is not the default of [`crate::ReaderSettings::edit_window`]. Otherwise absent
    /// from the JSON, and from stored values of other pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_window: Option<i64>,
    /// The owner's choices about the look of threads. Of the stored values only the first page has it.
    #[serde(default, skip_serializing_if = "ThreadOptions::is_default")]
    pub options: ThreadOptions,
    /// The continuation pages, as ascending `[root page, first, last]` ranges. Empty, and absent from the JSON, while
    /// all replies are on the pages of their root comments. Of the stored values only the first page has them. See
    /// [`crate::PageLayout`].
    #[serde(default, rename = "parts", skip_serializing_if = "Vec::is_empty")]
    pub continuations: Vec<[u32; 3]>,
    /// The places of comments, for a thread with more than one page. `None` for a thread that was published before
    /// there was an index; its continuation pages are read one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<CommentIndex>,
}

impl Thread {
    /// The thread of a post without comments.
    pub fn empty(url: PostUrl) -> Self {
        Self {
            url,
            title: String::new(),
            version: 0,
            count: 0,
            closed: false,
            sort: Sort::Oldest,
            page: 1,
            pages: 1,
            comments: Vec::new(),
            pins: Vec::new(),
            reactions: Vec::new(),
            downvotes: false,
            edit_window: None,
            options: ThreadOptions::default(),
            continuations: Vec::new(),
            index: None,
        }
    }
}

/// The KV metadata of a thread's value (at most 1,024 bytes of JSON). With it, counts and `304` responses need no
/// parsing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadMeta {
    /// Same as [`Thread::version`].
    pub version: i64,
    /// Same as [`Thread::count`].
    pub count: u32,
    /// Same as [`Thread::pages`].
    pub pages: u32,
    /// True if the value is a [`crate::Redirect`] and not a thread. It then has no count.
    #[serde(default, rename = "moved", skip_serializing_if = "std::ops::Not::not")]
    pub is_redirect: bool,
}

/// The sort order of a thread's root comments. Replies are always in the order of submission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Sort {
    /// The oldest comment comes first.
    #[default]
    Oldest,
    /// The newest comment comes first.
    Newest,
    /// The comment with the most votes comes first. Among equals, the oldest.
    Top,
}

/// The response of `GET /v1/counts`: the number of readable comments for each URL, under the URL as requested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// An entry for every requested URL. 0 for a URL that belongs to no configured site.
    pub counts: BTreeMap<String, u32>,
    /// The same numbers in words, if a language was requested: `3 comments`. Otherwise empty, and absent from the JSON.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
}
