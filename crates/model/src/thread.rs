//! The published thread of one post.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Comment, PostUrl};

/// One page of a published thread: the JSON of `GET /v1/thread`, and the value stored in KV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The post it belongs to.
    pub url: PostUrl,
    /// The title of the post, as the first comment on it brought it along.
    pub title: String,
    /// Grows with every change that readers can see; 0 for a thread nobody has written in.
    pub version: i64,
    /// Comments in the whole thread that can be read, tombstones not counted.
    pub count: u32,
    /// Whether the thread takes no more comments.
    pub closed: bool,
    /// The order of the root comments.
    pub sort: Sort,
    /// Which page this is, from 1.
    pub page: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// The comments of this page, flat, in drawing order: each one before its answers.
    pub comments: Vec<Comment>,
    /// Which pages continue which: `[root page, first, last]`, ascending. Empty, and not in the JSON, as long as all answers are on
    /// the pages of their root comments. Only the first page's is up to date. See [`crate::Layout`].
    #[serde(rename = "parts", default, skip_serializing_if = "Vec::is_empty")]
    pub continuations: Vec<[u32; 3]>,
}

impl Thread {
    /// The thread of a post on which nobody has written yet.
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
            continuations: Vec::new(),
        }
    }
}

/// What KV keeps beside a thread's value (at most 1,024 bytes of JSON), so that counts and `304`s need no parsing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadMeta {
    /// As in [`Thread::version`].
    pub version: i64,
    /// As in [`Thread::count`].
    pub count: u32,
    /// As in [`Thread::pages`].
    pub pages: u32,
    /// Whether the value is no thread but a [`crate::Moved`]; then there is nothing to count.
    #[serde(rename = "moved", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_redirect: bool,
}

/// The order of the root comments of a thread. Answers are always in the order they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// First come, first drawn.
    #[default]
    Oldest,
    /// Last come, first drawn.
    Newest,
    /// Most votes first; of those with as many, the oldest.
    Top,
}

/// The answer to `GET /v1/counts`: how many comments can be read under each URL, under the very name it was asked by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Every URL asked for; one that belongs to no configured site has 0.
    pub counts: BTreeMap<String, u32>,
}
