//! The page of one comment, and the page of one author.

use afterword_model::moderation::{AuditRecord, AuthorHistory, CommentPage, CommentRevision, QueuedComment};
use maud::{Markup, html};

use crate::admin::audit::audit_table;
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::row::{Row, history, link_of, title_or_url};
use crate::admin::sentence::{count, name, sentence};
use crate::admin::time::clock;

/// Renders the page of a comment: the thread around it, its former texts, and the actions on it.
pub fn comment_page(frame: &Frame, page: &CommentPage) -> Markup {
    let comment = &page.comment;
    let back = link_of(frame, &comment.url, &format!("/admin/comments/{}", comment.id), &[]);
    let title = sentence(frame.t("comment.title"), &[("name", name(frame.texts, &comment.author.name))]);
    let post = title_or_url(&comment.title, &comment.url);
    let queue = link_of(frame, &comment.url, "/admin/queue", &[("list", "published"), ("post", comment.url.as_str())]);
    let content = html! {
        h1 { (title) }
        p.post { a href=(comment.url.as_str()) rel="noopener" { bdi { (post) } } " · " a href=(queue) { (frame.t("comment.post_list")) } }
        h2.hidden { (frame.t("comment.thread")) }
        (nested(frame, page, &back, 0))
        (revisions(frame, &page.revisions))
        section aria-labelledby="log" {
            h2 #log { (frame.t("comment.log")) }
            @if page.log.is_empty() { p.muted { (frame.t("audit.none")) } } @else { (audit_table(frame, &page.log, &back)) }
        }
    };
    let title = frame.t("comment");
    Page { section: Section::Queue, title, class: "comment-page", has_heading: true }.render(frame, &content)
}

/// The comments that this one answers, each in the list below its parent, then the comment and its replies.
fn nested(frame: &Frame, page: &CommentPage, back: &str, at: usize) -> Markup {
    let row = |comment| row(frame, comment, back);
    html! {
        ol.thread aria-label=[(at == 0).then(|| frame.t("comment.thread"))] {
            @if let Some(ancestor) = page.ancestors.get(at) {
                (row(ancestor).render())
                li { (nested(frame, page, back, at + 1)) }
            } @else {
                li.this {
                    span.hidden { (frame.t("comment.this")) }
                    ol.thread { (row(&page.comment).render()) }
                    @if !page.replies.is_empty() {
                        ol.thread aria-label=(frame.t("comment.replies")) { @for reply in &page.replies { (row(reply).render()) } }
                    }
                }
            }
        }
    }
}

fn row<'a>(frame: &'a Frame<'a>, comment: &'a QueuedComment, back: &'a str) -> Row<'a> {
    Row { frame, comment, back, next: None, search: "", is_selectable: false, has_place: false }
}

fn revisions(frame: &Frame, revisions: &[CommentRevision]) -> Markup {
    html! {
        @if !revisions.is_empty() {
            section aria-labelledby="revisions" {
                h2 #revisions { (frame.t("comment.revisions")) }
                ol.steps {
                    @for revision in revisions {
                        li {
                            p.sub { (sentence(frame.t("comment.until"), &[("date", clock(frame.texts, revision.until))])) }
                            pre.source dir="auto" tabindex="0" { (revision.source) }
                        }
                    }
                }
            }
        }
    }
}

/// The content of an author's page.
#[derive(Clone, Copy, Debug)]
pub struct AuthorView<'a> {
    /// The public mark of the author key.
    pub mark: &'a str,
    /// The fates of all comments, as far as they were counted.
    pub history: AuthorHistory,
    /// The comments, newest first.
    pub comments: &'a [QueuedComment],
    /// The cursor of the next page. Empty at the end.
    pub next: &'a str,
    /// The actions on these comments, newest first.
    pub log: &'a [AuditRecord],
}

/// Renders the page of an author: the comments and what became of them.
pub fn author_page(frame: &Frame, view: &AuthorView) -> Markup {
    let path = ["/admin/authors/", view.mark].concat();
    let back = frame.link(&path, &[]);
    let newest = view.comments.first();
    let shown = newest.map(|comment| comment.author.name.as_str()).unwrap_or_default();
    let content = html! {
        h1 { (sentence(frame.t("author.title"), &[("name", name(frame.texts, shown))])) }
        p.meta {
            (sentence(frame.t("author.mark"), &[("mark", html! { code { (view.mark) } })])) " "
            (author_counts(frame, view.history))
        }
        @if let Some(comment) = newest { (author_facts(frame, view, comment)) }
        @if view.comments.is_empty() { div.none { p { (frame.t("author.none")) } } }
        @else {
            h2.hidden { (frame.t("author.comments")) }
            ol.rows aria-label=(frame.t("author.comments")) {
                @for comment in view.comments { (Row { has_place: true, ..row(frame, comment, &back) }.render()) }
            }
        }
        @if !view.next.is_empty() {
            nav.paging aria-label=(frame.t("queue.pages")) { a.button href=(frame.link(&path, &[("after", view.next)])) rel="next" { (frame.t("queue.next")) } }
        }
        @if !view.log.is_empty() {
            section aria-labelledby="log" { h2 #log { (frame.t("comment.log")) } (audit_table(frame, view.log, &back)) }
        }
    };
    Page { section: Section::Queue, title: frame.t("author"), class: "author-page", has_heading: true }
        .render(frame, &content)
}

fn author_facts(frame: &Frame, view: &AuthorView, newest: &QueuedComment) -> Markup {
    let mut names: Vec<&str> = Vec::new();
    let mut emails: Vec<&str> = Vec::new();
    for author in view.comments.iter().map(|comment| &comment.author) {
        let email = author.email.as_deref().unwrap_or_default();
        for (list, value) in [(&mut names, author.name.as_str()), (&mut emails, email)] {
            if !value.is_empty() && !list.contains(&value) {
                list.push(value);
            }
        }
    }
    let ban = link_of(frame, &newest.url, "/admin/bans/new", &[("comment", &newest.id.to_string())]);
    html! {
        dl.facts {
            dt { (frame.t("author.names")) } dd { (list(frame, &names)) }
            dt { (frame.t("facts.email")) } dd { (list(frame, &emails)) }
        }
        p.send { (history(frame, &newest.author)) a.button href=(ban) { (frame.t("act.ban")) } }
    }
}

fn list(frame: &Frame, values: &[&str]) -> Markup {
    html! {
        @if values.is_empty() { span.muted { (frame.t("facts.none")) } }
        @for (at, value) in values.iter().enumerate() { @if at > 0 { ", " } bdi { (value) } }
    }
}

fn author_counts(frame: &Frame, history: AuthorHistory) -> String {
    let AuthorHistory { published, pending, spam, deleted, .. } = history;
    let all = u64::from(published) + u64::from(pending) + u64::from(spam) + u64::from(deleted);
    count(frame.texts, "author.count", all)
}
