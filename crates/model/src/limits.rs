//! Size limits. Lengths are bytes of UTF-8 unless the name says otherwise.

/// Maximum length of a comment's text, in Markdown.
pub const TEXT_BYTES: usize = 8 * 1024;
/// Maximum length of an author's name, in characters. The longest names in passports fit.
pub const NAME_CHARS: usize = 80;
/// Maximum length of an e-mail address (RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, including its
/// brackets).
pub const EMAIL_BYTES: usize = 254;
/// Maximum length of an author's website URL.
pub const WEBSITE_BYTES: usize = 512;
/// Maximum length of a post's title, in characters. A longer title is truncated, because it comes from the page and not
/// from the reader.
pub const TITLE_CHARS: usize = 300;
/// Maximum length of a post's URL, as sent and as stored.
pub const URL_BYTES: usize = 2048;
/// Maximum length of a request body. A text of [`TEXT_BYTES`] bytes fits even if all of it is written as `\u00XX`
/// escapes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Maximum number of posts in one call to `/v1/counts`.
pub const COUNT_URLS: usize = 100;
/// Number of comments at which a page takes no more root comments. The next one starts a new page.
pub const PAGE_COMMENTS: usize = 100;
/// Number of comments at which a page takes no more replies either. The room between the two numbers is for answers to
/// comments of the page that come once newer root comments are on later pages.
pub const PAGE_COMMENTS_WITH_REPLIES: usize = 150;
/// Maximum number of days after which a thread closes: a century.
pub const CLOSE_AFTER_DAYS: u32 = 36_500;
/// Maximum length of the tag of a language.
pub const LANGUAGE_BYTES: usize = 35;
/// Maximum length of the text above the form, in characters.
pub const FORM_TEXT_CHARS: usize = 1_000;
/// Number of pinned comments of later pages that come first on the first page.
pub const PINNED_COMMENTS: usize = 5;
/// Number of comments on the first page that belong to pinned comments of later pages, with the replies to them.
pub const PINNED_TREE_COMMENTS: usize = 50;
/// Size of the JSON of these comments from which on the first page takes no more of them.
pub const PINNED_TREE_BYTES: usize = 16 * 1024;
/// Size of a page's JSON at which the page takes no more root comments.
pub const PAGE_BYTES: usize = 48 * 1024;
/// Size of a page's JSON at which the page takes no more replies either. With the comment that fills it, the compressed
/// page is under 64 KB.
pub const PAGE_BYTES_WITH_REPLIES: usize = 56 * 1024;
/// Size to which edits may grow the JSON of a page's comments.
pub const PAGE_EDITED_BYTES: usize = 64 * 1024;
/// Maximum length of a site's list of muted words, one per line.
pub const MUTED_WORDS_BYTES: usize = 16 * 1024;
/// Maximum length of a moderator's name.
pub const MODERATOR_NAME_BYTES: usize = 32;
/// Maximum length of a pattern for muted words and bans, in characters. Every name and every e-mail address fits.
pub const PATTERN_CHARS: usize = 256;
const _: () = assert!(NAME_CHARS <= PATTERN_CHARS && EMAIL_BYTES <= PATTERN_CHARS);
/// Maximum of the time in which authors may edit a comment, in minutes.
pub const EDIT_MINUTES: i64 = 24 * 60;
/// Seconds after the end of that time in which an edit is still accepted: it was begun in time.
pub const EDIT_GRACE_SECONDS: i64 = 60;
/// Seconds after posting from which an edit is marked. An earlier one is marked only if the comment has a reply.
pub const EDITED_MARK_SECONDS: i64 = 2 * 60;
/// Maximum length of the text of a report, in characters.
pub const REPORT_CHARS: usize = 500;
/// Maximum number of comments in one call to `/v1/comments/status`.
pub const STATUS_IDS: usize = 20;
/// Maximum number of different reactions to the posts of a site.
pub const REACTIONS: usize = 8;
/// Maximum length of a reaction: one emoji, which may be a long sequence of characters.
pub const REACTION_BYTES: usize = 48;
/// Latest time that is accepted from outside, in Unix seconds: the last second of the year 9999. The present time in
/// milliseconds is later.
pub const LAST_SECOND: i64 = 253_402_300_799;
/// Maximum difference between the clocks of two instances of the Worker, in seconds.
pub const MAX_CLOCK_SKEW_SECONDS: i64 = 60;
/// Length of an author key in characters: 128 bits are 32 hexadecimal or 22 base64url characters.
pub const AUTHOR_KEY_CHARS: std::ops::RangeInclusive<usize> = 22..=64;
/// Maximum number of comments in one batch of moderators' actions.
pub const BATCH_COMMENTS: usize = 100;
/// Maximum length of the reason of a ban, in characters.
pub const REASON_CHARS: usize = 200;
/// Maximum length of a search text of moderators, in characters.
pub const SEARCH_CHARS: usize = 200;
