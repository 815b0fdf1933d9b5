//! URLs of the Worker's own pages.

use afterword_model::{CommentId, PostUrl, Sort, Thread};
use maud::Render;

use crate::digits::Number;
use crate::render_context::RenderContext;

/// The standalone page of a post's thread, in the reader's language: `{endpoint}/thread?url=…&lang=…`.
pub(crate) fn thread_page_url(context: &RenderContext, url: &str) -> String {
    page_url(context, "/thread", url)
}

/// The feed of a post's thread: `{endpoint}/v1/feed?url=…&lang=…`.
pub fn feed_url(context: &RenderContext, url: &str) -> String {
    page_url(context, "/v1/feed", url)
}

/// The address of a comment, for readers who come from elsewhere: on its post, or on the standalone page of the thread if the address of the
/// post ends in a route, which an anchor would replace.
pub fn comment_url(context: &RenderContext, url: &PostUrl, id: CommentId) -> String {
    let mut comment_url = if url.has_route() { thread_page_url(context, url.as_str()) } else { url.to_string() };
    if url.has_route() {
        comment_url.push_str("&comment=");
        Number(id.get()).render_to(&mut comment_url);
    }
    comment_url.push_str("#comment-");
    Number(id.get()).render_to(&mut comment_url);
    comment_url
}

/// A page about a post, in the reader's language.
pub(crate) fn page_url(context: &RenderContext, path: &str, url: &str) -> String {
    let mut page_url = String::from(context.endpoint);
    page_url.push_str(path);
    page_url.push_str("?url=");
    push_encoded(&mut page_url, url);
    page_url.push_str("&lang=");
    push_encoded(&mut page_url, context.messages.get("lang"));
    page_url
}

/// The address of a thread page, like [`thread_page_url`], with the order of the thread, if that is not the one that a page has by itself.
pub(crate) fn sorted_thread_page_url(context: &RenderContext, url: &str, thread: &Thread) -> String {
    let mut page_url = thread_page_url(context, url);
    page_url.push_str(match thread.sort {
        sort if sort == thread.options.order.unwrap_or_default() => "",
        Sort::Oldest => "&sort=oldest",
        Sort::Newest => "&sort=newest",
        Sort::Top => "&sort=top",
    });
    page_url
}

/// The page with the form of a report, without the comment.
pub(crate) fn report_page_url(context: &RenderContext, url: &str) -> String {
    page_url(context, "/thread/report", url)
}

/// Appends the number of a page to the URL of a thread page.
pub(crate) fn push_page(url: &mut String, page: u32) {
    url.push_str("&page=");
    Number(page.into()).render_to(url);
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
pub(crate) fn push_encoded(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
