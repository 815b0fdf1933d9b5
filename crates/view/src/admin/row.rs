//! One comment as moderators see it, with its forms.

use afterword_model::moderation::{AuthorHistory, ModerationState, QueuedAuthor, QueuedComment};
use afterword_model::{CommentId, PostUrl};
use maud::{Markup, html};

use crate::admin::form::hidden;
use crate::admin::frame::Frame;
use crate::admin::link::address;
use crate::admin::marked_text::{WordPatterns, marked_text};
use crate::admin::row_actions::row_actions;
use crate::admin::sentence::{count, name, sentence};
use crate::admin::texts::FIELDS;
use crate::admin::time::{clock, moment};
use crate::admin::why_held::{muted_words, reports, why_held};
use crate::comment::is_http;

/// Number of lines that are shown at first, and of characters that fill about as many.
const MAX_LINES: usize = 12;
const MAX_CHARS: usize = 900;

/// A comment with everything that its rendering depends on.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) comment: &'a QueuedComment,
    /// The address of the page, to which its forms return.
    pub(crate) back: &'a str,
    /// The comment to continue with after a decision.
    pub(crate) next: Option<&'a QueuedComment>,
    /// Words of the search, which are marked in the text.
    pub(crate) search: &'a str,
    /// True if the comment can be selected for the bulk form.
    pub(crate) is_selectable: bool,
    /// True if the post and the parent are named: not on the page of the thread itself.
    pub(crate) has_place: bool,
}

impl Row<'_> {
    /// Renders the `<li>`.
    pub(crate) fn render(&self) -> Markup {
        let comment = self.comment;
        let id = comment.id.get();
        let anchor = anchor(self.frame, comment);
        html! {
            li.row #(anchor) data-id=(id) data-revision=(comment.revision) data-state=(comment.state.as_str())
                data-item=(item(self.frame, comment.id, comment.revision, &comment.url)) {
                article.item tabindex="-1" aria-labelledby={ "by-" (anchor) } {
                    @if self.is_selectable { (self.pick()) } @else { span {} }
                    div.body {
                        (self.heading())
                        @if self.has_place { (self.post()) (self.parent()) }
                        (self.text())
                        (why_held(self.frame.texts, comment))
                        (reports(self.frame.texts, self.frame.now, &comment.reports))
                        div.foot { (row_actions(self)) }
                        (self.last())
                        (self.info())
                    }
                }
            }
        }
    }

    /// The name of a control, with the author whose comment it is about.
    pub(crate) fn labelled(&self, key: &str) -> Markup {
        sentence(self.frame.t(key), &[("name", name(self.frame.texts, &self.comment.author.name))])
    }

    fn pick(&self) -> Markup {
        let comment = self.comment;
        html! {
            label.pick {
                input type="checkbox" name=(FIELDS.comment) value=(item(self.frame, comment.id, comment.revision, &comment.url)) form="bulk";
                span.hidden { (self.labelled("row.select")) }
            }
        }
    }

    fn heading(&self) -> Markup {
        let (frame, comment) = (self.frame, self.comment);
        let texts = frame.texts;
        html! {
            div.by {
                h3 id={ "by-" (anchor(frame, comment)) } { (author_link(frame, &comment.author, &comment.url)) }
                @if comment.state != ModerationState::Erased { (history(frame, &comment.author)) }
                @if comment.author.owner { span.badge { (texts.get("row.owner")) } }
                @if comment.on_behalf { span.badge { (texts.get("row.on_behalf")) } }
                @if comment.pinned { span.badge { (texts.get("row.pinned")) } }
                @if comment.edited.is_some() {
                    span.badge { (texts.get(if comment.edited_by_moderator { "row.edited.moderator" } else { "row.edited" })) }
                }
                @if comment.reports_muted { span.badge { (texts.get("row.kept")) } }
                @if comment.state != ModerationState::Pending { span.badge { (texts.get(state_key(comment.state))) } }
                (moment(texts, frame.now, comment.created))
            }
        }
    }

    fn post(&self) -> Markup {
        let comment = self.comment;
        let place = place_of(&comment.url, comment.id);
        html! { p.post { a href=(place) rel="noopener" { bdi { (title_or_url(&comment.title, &comment.url)) } } } }
    }

    fn parent(&self) -> Markup {
        let (frame, comment) = (self.frame, self.comment);
        let Some(parent) = &comment.parent else { return Markup::default() };
        let answers = sentence(frame.t("row.answers"), &[("name", name(frame.texts, &parent.name))]);
        let waits = parent.state == ModerationState::Pending && comment.state == ModerationState::Pending;
        let id = frame.action_id(&format!("both {} {}", comment.id, comment.url.as_str()));
        html! {
            p.parent {
                (answers) " "
                @if parent.state == ModerationState::Published { bdi { (parent.excerpt) } }
                @else { b { (frame.t(state_key(parent.state))) } " " bdi { (parent.excerpt) } }
            }
            @if waits {
                form.both method="post" action="/admin/act" {
                    (hidden(FIELDS.comment, &item(frame, parent.id, parent.revision, &comment.url)))
                    (hidden(FIELDS.comment, &item(frame, comment.id, comment.revision, &comment.url)))
                    (hidden(FIELDS.action_id, &id))
                    (hidden(FIELDS.back, &self.back_to_next()))
                    button type="submit" name=(FIELDS.action) value="approve" { (frame.t("row.approve_both")) span.hidden { ": " (name(frame.texts, &parent.name)) ", " (name(frame.texts, &comment.author.name)) } }
                }
            }
        }
    }

    fn text(&self) -> Markup {
        let comment = self.comment;
        if comment.html.as_str().is_empty() {
            return html! { p.muted { (self.frame.t("row.no_text")) } };
        }
        let patterns = WordPatterns::new(muted_words(&comment.signals), self.search);
        let is_long = comment.source.lines().count() > MAX_LINES || comment.source.chars().count() > MAX_CHARS;
        html! {
            div.text.long[is_long] dir="auto" { (marked_text(&comment.html, &patterns)) }
            @if is_long { label.unfold { input type="checkbox"; " " (self.frame.t("row.show_all")) } }
        }
    }

    fn last(&self) -> Markup {
        let (frame, comment) = (self.frame, self.comment);
        let network = u64::from(comment.same_network);
        html! {
            @if comment.last_action.is_some() || network > 0 || comment.wiped_at.is_some() {
                p.last {
                    @if let Some(action) = &comment.last_action {
                        (frame.t(&["action.", action.action.as_str()].concat())) ", "
                        (sentence(frame.t("by"), &[("name", name(frame.texts, &action.by))])) ", "
                        (moment(frame.texts, frame.now, action.at)) ". "
                    }
                    @if network > 0 { (count(frame.texts, "row.same_network", network)) " " }
                    @if let Some(at) = comment.wiped_at { (sentence(frame.t("row.wiped_at"), &[("date", clock(frame.texts, at))])) }
                }
            }
        }
    }

    /// Facts that are rarely needed: on demand, with the text as it was typed beside the text as readers see it.
    fn info(&self) -> Markup {
        let comment = self.comment;
        html! {
            details.info {
                summary data-do="info" { (self.labelled("row.info")) }
                (facts(self.frame, comment))
                @if !comment.source.is_empty() {
                    div.beside {
                        section { p.sub { (self.frame.t("row.source")) } pre.source dir="auto" tabindex="0" { (comment.source) } }
                        section { p.sub { (self.frame.t("row.rendered")) } div.text dir="auto" { (marked_text(&comment.html, &WordPatterns::default())) } }
                    }
                }
            }
        }
    }

    /// The address to return to after a decision: the page, at the comment to continue with.
    pub(crate) fn back_to_next(&self) -> String {
        match self.next {
            Some(next) => format!("{}#{}", self.back, anchor(self.frame, next)),
            None => self.back.to_owned(),
        }
    }

    /// An address about this comment, with its site if there are several.
    pub(crate) fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        link_of(self.frame, &self.comment.url, path, parameters)
    }
}

/// The id of the element of a comment. Several sites may have comments with the same number.
fn anchor(frame: &Frame, comment: &QueuedComment) -> String {
    let site = frame.site_of(comment.url.as_str());
    match frame.sites.iter().position(|other| *other == site).filter(|_| frame.site.is_empty()) {
        Some(at @ 1..) => format!("c{}-{}", comment.id, at + 1),
        _ => format!("c{}", comment.id),
    }
}

/// An address about something of a post, with its site if there are several.
pub(crate) fn link_of(frame: &Frame, url: &PostUrl, path: &str, parameters: &[(&str, &str)]) -> String {
    let site = if frame.sites.len() > 1 { frame.site_of(url.as_str()) } else { "" };
    address(&address(path, parameters), &[(FIELDS.site, site)])
}

/// A comment as a form sends it: `id:revision:site`.
pub(crate) fn item(frame: &Frame, id: CommentId, revision: i64, url: &PostUrl) -> String {
    format!("{id}:{revision}:{}", frame.site_of(url.as_str()))
}

/// The address of a comment on its post.
pub(crate) fn place_of(url: &PostUrl, id: CommentId) -> String {
    // An anchor would replace the route.
    if url.has_route() { url.to_string() } else { format!("{url}#comment-{id}") }
}

/// The title of a post, or its address if it has none.
pub(crate) fn title_or_url<'a>(title: &'a str, url: &'a PostUrl) -> &'a str {
    if title.is_empty() { url.as_str() } else { title }
}

/// The key of the word for a state.
pub(crate) const fn state_key(state: ModerationState) -> &'static str {
    match state {
        ModerationState::Pending => "state.pending",
        ModerationState::Published => "state.published",
        ModerationState::Spam => "state.spam",
        ModerationState::Deleted => "state.deleted",
        ModerationState::Erased => "state.erased",
    }
}

/// The facts about the author that only moderators see.
fn facts(frame: &Frame, comment: &QueuedComment) -> Markup {
    let author = &comment.author;
    let unknown = html! { span.muted { (frame.t("facts.none")) } };
    html! {
        dl.facts {
            dt { (frame.t("facts.email")) }
            dd { @match &author.email { Some(email) => bdi { (email) }, None => (unknown) } }
            dt { (frame.t("facts.website")) }
            dd {
                @match author.website.as_deref() {
                    Some(url) if is_http(url) => a href=(url) rel="nofollow ugc noopener noreferrer" { bdi { (url) } },
                    Some(url) => bdi { (url) },
                    None => (unknown),
                }
            }
            dt { (frame.t("facts.mark")) }
            dd { @match &author.mark { Some(mark) => code { (mark) }, None => (unknown) } }
            @if let Some(key) = &author.key { dt { (frame.t("facts.key")) } dd { code { (key) } } }
            dt { (frame.t("facts.sent")) }
            dd { (clock(frame.texts, comment.created)) @if let Some(edited) = comment.edited { ", " (frame.t("facts.edited")) " " (clock(frame.texts, edited)) } }
            @if comment.votes != 0 { dt { (frame.t("facts.votes")) } dd { (comment.votes) } }
        }
    }
}

/// The author, with a link to the page of the author.
pub(crate) fn author_link(frame: &Frame, author: &QueuedAuthor, url: &PostUrl) -> Markup {
    let shown = name(frame.texts, &author.name);
    html! {
        @match author.mark.as_deref() {
            Some(mark) => a href=(link_of(frame, url, &["/admin/authors/", mark].concat(), &[])) { (shown) },
            None => (shown),
        }
    }
}

/// The number of comments before, and what became of them.
pub(crate) fn history(frame: &Frame, author: &QueuedAuthor) -> Markup {
    let texts = frame.texts;
    let Some(history) = author.history else { return Markup::default() };
    if author.owner {
        return Markup::default();
    }
    html! {
        @if history == AuthorHistory::default() { span.badge.new { (texts.get("row.first")) } }
        @else { span.badge { (history_words(frame, history)) } }
        @if author.trusted { span.badge { (texts.get("row.trusted")) } }
    }
}

fn history_words(frame: &Frame, history: AuthorHistory) -> String {
    let AuthorHistory { published, pending, spam, deleted, more } = history;
    let parts = [
        (published, "history.published"),
        (pending, "history.pending"),
        (spam, "history.spam"),
        (deleted, "history.deleted"),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, key)| count(frame.texts, key, (*number).into()))
        .collect();
    let words = words.join(", ");
    if more { [frame.t("history.more"), " ", &words].concat() } else { words }
}
