//! The page on which a reader without JavaScript changes or deletes a comment of their own.

use afterword_model::{CommentId, Field, SafeHtml};
use maud::{Markup, Render, html};

use crate::digits::Number;
use crate::form::{self, error_with_wait};
use crate::page::{CommentPage, hidden_fields};
use crate::page_url::page_url;
use crate::render_context::{PageAssets, RenderContext};

/// A comment, as its author sees it.
#[derive(Clone, Copy, Debug)]
pub struct OwnComment<'a> {
    /// The URL of the post.
    pub url: &'a str,
    /// The id of the comment.
    pub id: CommentId,
    /// The token that shows that the reader is its author.
    pub token: &'a str,
    /// The actions that are open to the author.
    pub state: OwnCommentState,
    /// The text in the form, or that of a comment that can no longer be changed.
    pub text: &'a str,
    /// The UUID of the change that the form makes.
    pub edit_id: &'a str,
    /// The rendered text, if the reader asked to see it before saving.
    pub preview: Option<&'a SafeHtml>,
    /// The result of the form that led to the page.
    pub notice: Option<OwnCommentNotice>,
    /// The code of a refusal and its field. Without a field, the refusal concerns the whole form.
    pub refusal: Option<(Option<Field>, &'a str)>,
    /// Number of characters by which the text is too long.
    pub excess: Option<u32>,
    /// Seconds after which another attempt may succeed. `None` if it may succeed at once.
    pub retry_after: Option<u32>,
}

/// The actions that are open to the author of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnCommentState {
    /// Change or delete it.
    Editable {
        /// Seconds until the text can no longer be changed. `None` if that is not known, because the comment was not read.
        seconds: Option<u32>,
    },
    /// Delete it.
    Fixed,
    /// Restore it.
    Deleted,
    /// Nothing: it is gone.
    Gone,
}

/// The result of a form with which an author changed a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnCommentNotice {
    /// The text was changed.
    Saved,
    /// The text was changed, and waits for approval.
    Pending,
    /// The comment was restored.
    Restored,
}

impl<'a> OwnComment<'a> {
    /// The fields that name the comment.
    fn fields(&self, context: &RenderContext<'a>) -> Markup {
        hidden_fields(&[
            ("url", self.url),
            ("id", &html! { (Number(self.id.get())) }.into_string()),
            ("token", self.token),
            ("lang", context.messages.get("lang")),
        ])
    }

    fn refusal(&self, is_text: bool) -> Option<&'a str> {
        self.refusal.filter(|(field, _)| (*field == Some(Field::Text)) == is_text).map(|(_, code)| code)
    }
}

/// Renders the page.
pub fn own_comment_page(context: &RenderContext, comment: &OwnComment, assets: &PageAssets) -> Markup {
    let messages = context.messages;
    let content = html! {
        @if let Some(code) = comment.refusal(false) {
            p.aw-error role="alert" { (error_with_wait(messages, code, comment.retry_after)) }
        }
        @match comment.state {
            OwnCommentState::Editable { seconds } => {
                (edit_form(context, comment, seconds))
                (button_form(context, comment, "delete", "delete"))
            },
            OwnCommentState::Fixed => {
                p { (messages.get("edit.over")) }
                (form::readonly_text(context, comment.text))
                (button_form(context, comment, "delete", "delete"))
            },
            OwnCommentState::Deleted => {
                p role="status" { (messages.get("own.deleted")) }
                @if !comment.text.is_empty() { (form::readonly_text(context, comment.text)) }
                (button_form(context, comment, "restore", "own.restore"))
            },
            OwnCommentState::Gone => p { (messages.get("error.restore_window_over")) },
        }
    };
    let notice = comment.notice.map(|notice| messages.get(notice_key(notice)));
    CommentPage { url: comment.url, id: comment.id, title: messages.get("own.title"), notice }
        .render(context, assets, &content)
}

/// Renders the URL of the page.
pub fn own_comment_url(context: &RenderContext, url: &str, id: CommentId, token: &str) -> String {
    let mut page = page_url(context, "/thread/comment", url);
    page.push_str("&id=");
    Number(id.get()).render_to(&mut page);
    page.push_str("&token=");
    page.push_str(token);
    page
}

fn notice_key(notice: OwnCommentNotice) -> &'static str {
    match notice {
        OwnCommentNotice::Saved => "edit.saved",
        OwnCommentNotice::Pending => "edit.held",
        OwnCommentNotice::Restored => "delete.restored",
    }
}

/// The form with the text. The first button is disabled, as in the form of a comment.
fn edit_form(context: &RenderContext, comment: &OwnComment, seconds: Option<u32>) -> Markup {
    let messages = context.messages;
    let title = seconds.map_or_else(
        || messages.get("edit.title").to_owned(),
        |seconds| messages.format_count("edit.left", seconds.div_ceil(60)),
    );
    let refusal = comment.refusal(true);
    html! {
        form.aw-form #aw-form method="post" action={ (context.endpoint) "/thread/comment" } accept-charset="utf-8" {
            button hidden disabled {}
            (comment.fields(context))
            (hidden_fields(&[("edit", comment.edit_id)]))
            label.aw-form-title for="aw-text" { (title) }
            textarea.aw-input #aw-text name="text" rows="8" required dir="auto" autocomplete="off" aria-describedby="aw-text-error aw-text-hint"
                aria-invalid=[refusal.map(|_| "true")] autofocus[refusal.is_some()] { "\n" (comment.text) }
            p.aw-error #aw-text-error {
                @match (refusal, comment.excess) {
                    (Some(_), Some(excess)) => (messages.format_count("too_long", excess)),
                    (Some(code), None) => (messages.error_text(code)),
                    (None, _) => {}
                }
            }
            p.aw-hint #aw-text-hint { (messages.get("form.hint")) }
            @if let Some(preview) = comment.preview { (form::preview(context, preview)) }
            div.aw-send {
                button.aw-submit type="submit" name="do" value="save" { (messages.get("edit.save")) }
                button.aw-preview-button type="submit" name="do" value="preview" formaction={ (context.endpoint) "/thread/comment#preview" } { (messages.get("form.preview")) }
            }
        }
    }
}

/// A form of one button.
fn button_form(context: &RenderContext, comment: &OwnComment, action: &str, label: &str) -> Markup {
    html! {
        form.aw-form method="post" action={ (context.endpoint) "/thread/comment" } accept-charset="utf-8" {
            button hidden disabled {}
            (comment.fields(context))
            div.aw-send { button.aw-submit type="submit" name="do" value=(action) { (context.messages.get(label)) } }
        }
    }
}
