//! How much of anything is allowed. Lengths are bytes of UTF-8 unless the name says otherwise.

/// The text of a comment, before Markdown.
pub const TEXT_BYTES: usize = 8 * 1024;
/// The name an author gives, in characters: enough for the longest of passports.
pub const NAME_CHARS: usize = 80;
/// An e-mail address (RFC 5321, section 4.5.3.1.3: a path is at most 256 octets with its brackets).
pub const EMAIL_BYTES: usize = 254;
/// The address of an author's website.
pub const WEBSITE_BYTES: usize = 512;
/// The title of a post, in characters; a longer one is cut, for it is the page's word and not the reader's.
pub const TITLE_CHARS: usize = 300;
/// The address of a post, as sent and as stored.
pub const URL_BYTES: usize = 2048;
/// The body of one request. A text of [`TEXT`] bytes written wholly as `\u00XX` escapes still fits.
pub const BODY_BYTES: usize = 64 * 1024;
/// Posts asked for in one call to `/v1/counts`.
pub const COUNT_URLS: usize = 100;
/// Comments after which a page of a thread is full, and the next comment opens a new one.
pub const PAGE_COMMENTS: usize = 100;
/// Bytes of JSON after which a page of a thread is full: with the comment that fills it, compressed, it is under 64 KB.
pub const PAGE_BYTES: usize = 48 * 1024;
/// Bytes of JSON up to which the comments of a page may grow by being edited.
pub const PAGE_EDITED_BYTES: usize = 64 * 1024;
/// The list of a site's muted words, one a line.
pub const MUTED_WORDS_BYTES: usize = 16 * 1024;
/// Characters of an author key: 128 bits are 32 in hexadecimal, 22 in base64url.
pub const AUTHOR_KEY_CHARS: std::ops::RangeInclusive<usize> = 22..=64;
