//! The page on which a reader reports a comment to the moderators.

use afterword_model::{Comment, CommentId};
use maud::{Markup, html};

use crate::comment::{comment_text, name_or_anonymous};
use crate::digits::Number;
use crate::form::error_with_wait;
use crate::page::{CommentPage, hidden_fields};
use crate::render_context::{PageAssets, RenderContext};

/// The reasons, with the keys of their labels.
const REASONS: [(&str, &str); 5] = [
    ("spam", "report.spam"),
    ("abuse", "report.abuse"),
    ("off_topic", "report.off_topic"),
    ("private_data", "report.private_data"),
    ("other", "report.other"),
];

/// The content of the page.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The URL of the post.
    pub url: &'a str,
    /// The id of the comment.
    pub id: CommentId,
    /// The comment, if readers can see it.
    pub comment: Option<&'a Comment>,
    /// The reason that was chosen. Empty if there is none.
    pub reason: &'a str,
    /// The explanation as typed.
    pub text: &'a str,
    /// The code of a refusal.
    pub refusal: Option<&'a str>,
    /// Seconds after which another attempt may succeed. `None` if it may succeed at once.
    pub retry_after: Option<u32>,
    /// True if the report has arrived.
    pub is_sent: bool,
}

/// Renders the page.
pub fn report_page(context: &RenderContext, report: &Report, assets: &PageAssets) -> Markup {
    let messages = context.messages;
    let content = html! {
        @match report.comment.filter(|comment| !comment.deleted) {
            None => p.aw-missing { (messages.get("missing")) },
            Some(comment) => {
                (quote(context, comment))
                @if !report.is_sent { (form(context, report)) }
            },
        }
    };
    let notice = report.is_sent.then(|| messages.get("report.thanks"));
    CommentPage { url: report.url, id: report.id, title: messages.get("report.title"), notice }
        .render(context, assets, &content)
}

fn quote(context: &RenderContext, comment: &Comment) -> Markup {
    html! {
        article.aw-comment aria-labelledby="aw-by" {
            h2.aw-by #aw-by { span.aw-author { bdi { (name_or_anonymous(context, &comment.author.name)) } } }
            (comment_text(&comment.html))
        }
    }
}

/// The form. The first button is disabled, so that Enter in the field sends no unfinished report.
fn form(context: &RenderContext, report: &Report) -> Markup {
    let messages = context.messages;
    html! {
        form.aw-form #aw-form method="post" action={ (context.endpoint) "/thread/report" } accept-charset="utf-8" {
            button hidden disabled {}
            (hidden_fields(&[
                ("url", report.url),
                ("id", &html! { (Number(report.id.get())) }.into_string()),
                ("lang", messages.get("lang")),
            ]))
            fieldset.aw-choices {
                legend.aw-hidden { (messages.get("report.title")) }
                @for (reason, label) in REASONS {
                    p {
                        input id={ "aw-" (reason) } type="radio" name="reason" value=(reason) required checked[reason == report.reason];
                        " " label for={ "aw-" (reason) } { (messages.get(label)) }
                    }
                }
            }
            div.aw-field {
                label for="aw-report" { (messages.get("report.text")) " " span.aw-optional { (messages.get("form.optional")) } }
                textarea.aw-input #aw-report name="text" rows="3" dir="auto" autocomplete="off" { "\n" (report.text) }
            }
            @if let Some(code) = report.refusal {
                p.aw-error role="alert" { (error_with_wait(messages, code, report.retry_after)) }
            }
            div.aw-send { button.aw-submit type="submit" { (messages.get("report.send")) } }
        }
    }
}
