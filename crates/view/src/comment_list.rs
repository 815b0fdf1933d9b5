//! The comments of one page, nested.

use afterword_model::{Comment, Thread, reply_depths};
use maud::{Markup, PreEscaped, Render, html};

use crate::comment::{CommentItem, CommentLinks, ReplyLabel};
use crate::digits::Number;
use crate::page_url::{push_page, report_page_url, sorted_thread_page_url};
use crate::render_context::{ParentComment, RenderContext};

/// Renders the `<li>`s of one page.
pub fn comments(context: &RenderContext, thread: &Thread) -> Markup {
    comment_items(context, thread, &sorted_thread_page_url(context, thread.url.as_str(), thread), !thread.closed)
}

/// Renders the `<li>`s of one page. `thread_url` is the URL of the thread's own page.
pub(crate) fn comment_items(context: &RenderContext, thread: &Thread, thread_url: &str, can_post: bool) -> Markup {
    let depths = reply_depths(&thread.comments);
    let replies = count_replies(&thread.comments, &depths);
    let mut list = CommentList { context, thread, thread_url, out: String::new(), open: Vec::new() };
    // The parent comment must be visible above the form, so the link leads to the page that contains it.
    let mut reply_url = thread_url.to_owned();
    if thread.page > 1 {
        push_page(&mut reply_url, thread.page);
    }
    let report_url = report_page_url(context, thread.url.as_str());
    let links = CommentLinks {
        thread_url,
        reply_url: can_post.then_some(&*reply_url),
        report_url: Some(&report_url),
        has_route: thread.url.has_route(),
    };
    let mut ancestors: Vec<&Comment> = Vec::new();
    for ((comment, &depth), &replies) in thread.comments.iter().zip(&depths).zip(&replies) {
        ancestors.truncate(depth);
        let label = reply_label(context, comment, &ancestors);
        ancestors.push(comment);
        let depth = u8::try_from(depth).unwrap_or(u8::MAX).min(context.max_depth);
        list.move_to_depth(usize::from(depth));
        let item = CommentItem { context, comment, depth, label, is_own: false, pending: false, links };
        item.open(&mut list.out);
        list.push_open(comment, replies);
    }
    list.close_items(0);
    PreEscaped(list.out)
}

/// Number of direct and indirect replies to each comment that are on the page, without tombstones.
fn count_replies(comments: &[Comment], depths: &[usize]) -> Vec<u32> {
    // The counts of the comments that were passed and whose parent was not, for each depth.
    let mut passed = vec![0; depths.iter().max().map_or(0, |depth| depth + 2)];
    let mut counts = vec![0; comments.len()];
    for (index, (comment, &depth)) in comments.iter().zip(depths).enumerate().rev() {
        counts[index] = std::mem::take(&mut passed[depth + 1]);
        passed[depth] += counts[index] + u32::from(!comment.deleted);
    }
    counts
}

/// Nested lists that are being rendered.
struct CommentList<'a> {
    context: &'a RenderContext<'a>,
    thread: &'a Thread,
    thread_url: &'a str,
    out: String,
    /// The comments whose `<li>` is open. Each is within the one before it.
    open: Vec<OpenItem<'a>>,
}

/// A comment whose `<li>` is open.
struct OpenItem<'a> {
    comment: &'a Comment,
    /// Number of the replies to it on this page.
    replies: u32,
    /// The page with further replies.
    later: Option<u32>,
}

impl<'a> CommentList<'a> {
    /// Closes and opens lists between an open item and the next one, which is at most one level deeper.
    fn move_to_depth(&mut self, depth: usize) {
        if depth == self.open.len()
            && let Some(parent) = self.open.last()
        {
            return self.open_branch(parent.replies);
        }
        self.close_items(depth);
    }

    /// Opens the list of replies to a comment. It can be collapsed without a script, and a browser that searches the page opens it.
    fn open_branch(&mut self, replies: u32) {
        let text = self.context.messages.format_count("replies", replies);
        self.out.push_str("<details class=\"aw-branch\" part=\"branch\" open>");
        html! { summary { (text) } }.render_to(&mut self.out);
        self.out.push_str("<ol class=\"aw-list aw-replies\">");
    }

    /// Adds an item whose `<li>` was opened, with the link to replies before those that follow.
    fn push_open(&mut self, comment: &'a Comment, replies: u32) {
        let (earlier, later) = self.thread.reply_pages(comment.id);
        self.push_reply_link(comment, earlier, "aw-earlier", "earlier.replies");
        self.open.push(OpenItem { comment, replies, later });
    }

    /// Closes the open items from this depth on, each with the link to replies after those that were rendered.
    fn close_items(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(OpenItem { comment, later, .. }) = self.open.pop() {
                self.push_reply_link(comment, later, "aw-more", "more.replies");
            }
            self.out.push_str("</li>");
            if self.open.len() > depth {
                self.out.push_str("</ol></details>");
            }
        }
    }

    /// Renders a link to a page with further replies to a comment.
    fn push_reply_link(&mut self, comment: &Comment, page: Option<u32>, class: &str, message: &str) {
        let Some(page) = page else { return };
        let mut url = self.thread_url.to_owned();
        push_page(&mut url, page);
        url.push_str("#comment-");
        Number(comment.id.get()).render_to(&mut url);
        link_to_page(&url, class, page, self.context.messages.get(message)).render_to(&mut self.out);
    }
}

/// Renders a link to another page of the thread.
pub(crate) fn page_link(thread_url: &str, class: &str, page: u32, text: &str) -> Markup {
    let mut url = thread_url.to_owned();
    push_page(&mut url, page);
    link_to_page(&url, class, page, text)
}

fn link_to_page(url: &str, class: &str, page: u32, text: &str) -> Markup {
    html! { a.{ (class) } part="more" href=(url) data-page=(Number(page.into())) { (text) } }
}

fn reply_label<'a>(context: &RenderContext, comment: &Comment, ancestors: &[&'a Comment]) -> ReplyLabel<'a> {
    match ancestors.last() {
        None => comment.parent.map_or(ReplyLabel::None, ReplyLabel::Unknown),
        Some(parent) => {
            let label = ParentComment { id: parent.id, name: &parent.author.name };
            ReplyLabel::of_parent(context, ancestors.len(), label, parent.deleted)
        }
    }
}
