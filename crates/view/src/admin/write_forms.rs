//! Forms in which a moderator writes or decides about one comment: edit, reply, move, erase, and post on somebody's behalf.

use afterword_model::moderation::{ActionOutcome, ModerationState, QueuedComment};
use afterword_model::{SafeHtml, limits};
use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::marked_text::{WordPatterns, marked_text};
use crate::admin::notice::outcome_text;
use crate::admin::row::{item, link_of, title_or_url};
use crate::admin::sentence::name;
use crate::admin::texts::FIELDS;
use crate::admin::time::{clock, day};
use crate::admin::why_held::why_held;
use crate::messages::fill;

/// A form about one comment, as it is shown at first or again.
#[derive(Clone, Copy, Debug)]
pub struct CommentForm<'a> {
    /// The comment.
    pub comment: &'a QueuedComment,
    /// The address to return to.
    pub back: &'a str,
    /// The values as sent. `None` when the form is shown for the first time.
    pub typed: Option<Typed<'a>>,
    /// The reason why the form is shown again. Empty if it is not.
    pub error: &'a str,
    /// The outcome, if somebody has changed the comment since the moderator saw it, so that nothing was done.
    pub conflict: Option<&'a ActionOutcome>,
}

/// Values of a form that is shown again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    /// The text, the address of the other post, or the confirmation.
    pub text: &'a str,
    /// The name that readers see above a reply.
    pub name: &'a str,
    /// The text as it will be published, if the moderator asked to see it.
    pub preview: Option<&'a SafeHtml>,
}

/// Renders the form for another text of a comment.
pub fn edit_page(frame: &Frame, form: &CommentForm) -> Markup {
    let text = form.typed.map_or(form.comment.source.as_str(), |typed| typed.text);
    let waits = form.comment.state == ModerationState::Pending;
    let fields = html! {
        (Field::new("text", frame.t("edit.text")).hint(frame.t("edit.hint")).error(form.error).lines(frame.texts, 8, text))
        (preview(frame, form))
        p.send {
            @if waits { button.main type="submit" name="approve" value="on" { (frame.t("edit.approve")) } }
            button.main[!waits] type="submit" { (frame.t("edit.save")) }
            (preview_and_cancel(frame, form))
        }
    };
    one_comment_page(frame, form, "edit", "edit.title", &fields)
}

/// Renders the form for a reply as the owner.
pub fn reply_page(frame: &Frame, form: &CommentForm) -> Markup {
    let typed = form.typed.unwrap_or_default();
    let shown = if form.typed.is_some() { typed.name } else { frame.moderator };
    let waits = form.comment.state == ModerationState::Pending;
    let name_line = Line { maxlength: Some(limits::NAME_CHARS), ..Line::of("text") };
    let fields = html! {
        (Field::new("text", frame.t("reply.text")).hint(frame.t("markdown")).error(form.error).lines(frame.texts, 6, typed.text))
        (Field::new("name", frame.t("reply.name")).hint(frame.t("reply.name.hint")).optional().line(frame.texts, name_line, shown))
        (preview(frame, form))
        p.send {
            @if waits {
                button.main type="submit" name="approve" value="on" { (frame.t("act.approve_and_reply")) }
            } @else { button.main type="submit" { (frame.t("act.reply")) } }
            (preview_and_cancel(frame, form))
        }
    };
    one_comment_page(frame, form, "reply", "reply.title", &fields)
}

/// Renders the form that moves a comment to another post.
pub fn move_page(frame: &Frame, form: &CommentForm) -> Markup {
    let line = Line { inputmode: Some("url"), ..Line::of("url") };
    let url = form.typed.unwrap_or_default().text;
    let fields = html! {
        (Field::new("url", frame.t("move.url")).hint(frame.t("move.hint")).error(form.error).line(frame.texts, line, url))
        p.send { button.main type="submit" { (frame.t("move.submit")) } (cancel(frame, form.back)) }
    };
    one_comment_page(frame, form, "move", "move.title", &fields)
}

/// Renders the confirmation of an erasure, which nobody can undo: the moderator types the word that the page names.
pub fn erase_page(frame: &Frame, form: &CommentForm) -> Markup {
    let word = frame.t("erase.word");
    let label = fill(frame.t("erase.confirm"), "word", word);
    let fields = html! {
        p.error { (frame.t("erase.warning")) }
        p { (frame.t("erase.hint")) }
        (hidden(FIELDS.action, "erase"))
        (Field::new("confirm", &label).error(form.error).line(frame.texts, Line::of("text"), ""))
        p.send { button.grave type="submit" { (frame.t("erase.submit")) } (cancel(frame, form.back)) }
    };
    one_comment_page(frame, form, "erase", "erase.title", &fields)
}

/// A page with one comment and a form below it, sent to the page's own address.
fn one_comment_page(frame: &Frame, form: &CommentForm, page: &str, title: &str, fields: &Markup) -> Markup {
    let comment = form.comment;
    let address = link_of(frame, &comment.url, &format!("/admin/comments/{}/{page}", comment.id), &[]);
    let title = frame.t(title).to_owned();
    let content = html! {
        (quoted(frame, comment))
        form.stack #write method="post" action=(address) accept-charset="utf-8" {
            // Enter in a field of one line presses the first button. This one keeps it from sending an unfinished text.
            button hidden disabled {}
            (hidden(FIELDS.comment, &item(frame, comment.id, comment.revision, &comment.url)))
            (hidden(FIELDS.action_id, &frame.action_id(&format!("{page} {}", comment.id))))
            (hidden_if(FIELDS.back, form.back))
            @if let Some(outcome) = form.conflict {
                p.error role="alert" { (outcome_text(frame, outcome)) " " (frame.t("write.kept")) }
            }
            (fields)
        }
    };
    Page { section: Section::Queue, title: &title, class: "narrow", has_heading: false }.render(frame, &content)
}

fn quoted(frame: &Frame, comment: &QueuedComment) -> Markup {
    html! {
        article.card aria-labelledby="quoted" {
            p.by #quoted {
                b { (name(frame.texts, &comment.author.name)) }
                span.sub { (clock(frame.texts, comment.created)) }
            }
            p.post { bdi { (title_or_url(&comment.title, &comment.url)) } }
            div.text dir="auto" { (marked_text(&comment.html, &WordPatterns::default())) }
            (why_held(frame.texts, comment))
        }
    }
}

fn preview(frame: &Frame, form: &CommentForm) -> Markup {
    let Some(html) = form.typed.and_then(|typed| typed.preview) else { return Markup::default() };
    preview_box(frame, html)
}

fn preview_box(frame: &Frame, html: &SafeHtml) -> Markup {
    html! {
        section.card aria-labelledby="preview" {
            p.sub #preview { (frame.t("write.preview")) }
            div.text dir="auto" { (marked_text(html, &WordPatterns::default())) }
        }
    }
}

fn preview_and_cancel(frame: &Frame, form: &CommentForm) -> Markup {
    html! {
        button type="submit" name="preview" value="on" { (frame.t("write.preview")) }
        (cancel(frame, form.back))
    }
}

/// The link with which a form is left.
pub(crate) fn cancel(frame: &Frame, back: &str) -> Markup {
    let queue = frame.link("/admin/queue", &[]);
    html! { a.button data-do="cancel" href=(if back.is_empty() { queue.as_str() } else { back }) { (frame.t("cancel")) } }
}

/// The form for a comment that somebody sent another way, with the values as typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnBehalfForm<'a> {
    /// Address of the post.
    pub url: &'a str,
    /// Id of the comment that it answers. May be empty.
    pub parent: &'a str,
    /// Name of the author.
    pub name: &'a str,
    /// E-mail address of the author.
    pub email: &'a str,
    /// Website of the author.
    pub website: &'a str,
    /// The day on which it was written, as `2011-11-11`. Empty for today.
    pub date: &'a str,
    /// The text.
    pub text: &'a str,
    /// The text as it will be published, if the moderator asked to see it.
    pub preview: Option<&'a SafeHtml>,
    /// The error of a field, by the name of the field; the empty name is the whole form.
    pub error: Option<(&'a str, &'a str)>,
}

/// Renders the form for a comment on somebody's behalf.
pub fn on_behalf_page(frame: &Frame, form: &OnBehalfForm) -> Markup {
    let t = |key| frame.t(key);
    let error = |name: &str| form.error.filter(|(field, _)| *field == name).map(|(_, text)| text).unwrap_or_default();
    let line = |name, label, hint, kind, value| {
        Field::new(name, t(label)).hint(t(hint)).error(error(name)).line(frame.texts, Line::of(kind), value)
    };
    let optional = |name, label, kind, value| {
        Field::new(name, t(label)).error(error(name)).optional().line(frame.texts, Line::of(kind), value)
    };
    let today = day(frame.now);
    let date = if form.date.is_empty() { today.as_str() } else { form.date };
    let content = html! {
        p { (t("behalf.intro")) }
        @if !error("").is_empty() { p.error role="alert" { (error("")) } }
        form.stack #write method="post" action=(frame.link("/admin/on-behalf", &[])) accept-charset="utf-8" {
            button hidden disabled {}
            (hidden(FIELDS.action_id, &frame.action_id("on-behalf")))
            (line("url", "behalf.url", "behalf.url.hint", "url", form.url))
            (optional("parent", "behalf.parent", "text", form.parent))
            div.pair {
                (Field::new("name", t("behalf.name")).error(error("name")).line(frame.texts, Line { maxlength: Some(limits::NAME_CHARS), ..Line::of("text") }, form.name))
                (Field::new("date", t("behalf.date")).error(error("date")).line(frame.texts, Line::of("date"), date))
            }
            div.pair {
                (optional("email", "behalf.email", "email", form.email))
                (optional("website", "behalf.website", "url", form.website))
            }
            (Field::new("text", t("behalf.text")).hint(t("markdown")).error(error("text")).lines(frame.texts, 6, form.text))
            @if let Some(html) = form.preview { (preview_box(frame, html)) }
            p.send {
                button.main type="submit" { (t("behalf.submit")) }
                button type="submit" name="preview" value="on" { (t("write.preview")) }
                (cancel(frame, &frame.link("/admin/threads", &[])))
            }
        }
    };
    Page { section: Section::Threads, title: t("behalf.title"), class: "narrow", has_heading: false }
        .render(frame, &content)
}
