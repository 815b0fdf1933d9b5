//! The form for a comment on the post and for a reply to a comment.

use afterword_model::{Field, SafeHtml};
use maud::{Markup, Render, html};

use crate::comment::{comment_text, message_with_name};
use crate::digits::Number;
use crate::messages::Messages;
use crate::page_url::thread_page_url;
use crate::render_context::{Form, ParentComment, RenderContext};

/// Renders the form: below the thread, or as a reply form in place. With `focus`, the field to continue with gets the focus.
///
/// The widget copies the form of a post for each reply; see `widget/thread/forms.js`.
///
/// A browser submits a form on Enter in a field of one line by pressing its first submit button. The first one here is disabled, so that
/// Enter in the name sends no half-written comment. The widget gives Enter the meaning that the key shows on a telephone.
pub(crate) fn render_form(context: &RenderContext, form: &Form, focus: bool) -> Markup {
    let messages = context.messages;
    let parts = FormParts { context, form, focus: focus.then(|| focused_field(form)).flatten() };
    let id = if form.parent.is_some() { "reply" } else { "aw-form" };
    html! {
        form.aw-form #(id) part="form" method="post" action={ (context.endpoint) "/thread" } accept-charset="utf-8" {
            button hidden disabled {}
            (parts.hidden())
            (parts.text())
            (parts.details())
            p.aw-remember hidden {
                label { input type="checkbox" name="remember"; " " (messages.get("form.remember")) }
            }
            (parts.honeypot())
            (parts.form_error())
            (parts.preview())
            div.aw-send {
                button.aw-submit part="submit" type="submit" {
                    (messages.get(if form.parent.is_some() { "form.submit.reply" } else { "form.submit" }))
                }
                button.aw-preview-button part="preview" type="submit" name="preview" value="1" formaction={ (context.endpoint) "/thread#preview" } { (messages.get("form.preview")) }
                @if form.parent.is_some() {
                    a.aw-cancel part="cancel" href=(thread_page_url(context, form.url)) { (messages.get("form.cancel")) }
                }
            }
        }
    }
}

/// A text as it will be published.
pub(crate) fn preview(context: &RenderContext, html: &SafeHtml) -> Markup {
    html! {
        section.aw-preview #preview part="preview" aria-labelledby="aw-preview-title" {
            h3.aw-form-title #aw-preview-title { (context.messages.get("form.preview")) }
            (comment_text(html))
        }
    }
}

/// The text of a form that cannot be sent, so that it is not lost.
pub(crate) fn unsent_text(context: &RenderContext, form: &Form) -> Markup {
    if form.text.is_empty() { Markup::default() } else { readonly_text(context, form.text) }
}

/// A text of the reader's own, to be copied.
pub(crate) fn readonly_text(context: &RenderContext, text: &str) -> Markup {
    html! {
        div.aw-form {
            label.aw-form-title for="aw-text" { (context.messages.get("form.yours")) }
            textarea.aw-input #aw-text part="input" readonly rows="6" dir="auto" { "\n" (text) }
        }
    }
}

/// The text of a refusal, and the time until another attempt if there is one.
pub(crate) fn error_with_wait(messages: &Messages, code: &str, retry_after: Option<u32>) -> Markup {
    html! { (messages.error_text(code)) @if let Some(seconds) = retry_after { " " (messages.wait_text(seconds)) } }
}

/// The field to continue with: the refused one, or else the text of a form that continues something.
fn focused_field(form: &Form) -> Option<Field> {
    match form.refusal {
        Some((Some(field @ (Field::Name | Field::Email | Field::Website)), _)) => Some(field),
        Some(_) => Some(Field::Text),
        // The address leads to the preview.
        None if form.preview.is_some() => None,
        None => form.parent.map(|_| Field::Text),
    }
}

/// Renders the parts of one form.
struct FormParts<'a> {
    context: &'a RenderContext<'a>,
    form: &'a Form<'a>,
    focus: Option<Field>,
}

/// A field of one line.
struct TextField<'a> {
    field: Field,
    name: &'static str,
    hint: &'static str,
    value: &'a str,
    autocomplete: &'static str,
    inputmode: &'static str,
    enter: &'static str,
    capitalize: &'static str,
}

/// An element id within the form, unique on the page.
struct ElementId(&'static str, &'static str, Option<i64>);

impl Render for ElementId {
    fn render_to(&self, out: &mut String) {
        out.push_str("aw-");
        out.push_str(self.0);
        out.push_str(self.1);
        if let Some(parent) = self.2 {
            out.push('-');
            Number(parent).render_to(out);
        }
    }
}

impl<'a> FormParts<'a> {
    fn id(&self, name: &'static str, suffix: &'static str) -> ElementId {
        ElementId(name, suffix, self.form.parent.map(|parent| parent.id.get()))
    }

    fn hidden(&self) -> Markup {
        let form = self.form;
        html! {
            @for (name, value) in [("id", form.id), ("url", form.url), ("title", form.title)] {
                input type="hidden" name=(name) value=(value);
            }
            input type="hidden" name="parent" value=[form.parent.map(|parent| Number(parent.id.get()))];
            input type="hidden" name="lang" value=(self.context.messages.get("lang"));
            @if !form.token.is_empty() { input type="hidden" name="token" value=(form.token); }
        }
    }

    /// The code of the refusal of a field, or of the whole form.
    fn refusal(&self, field: Option<Field>) -> Option<&'a str> {
        let (at, code) = self.form.refusal?;
        let at = at.filter(|at| matches!(at, Field::Name | Field::Email | Field::Website | Field::Text));
        (at == field).then_some(code)
    }

    /// The error of the whole form. Empty if there is none: the widget fills it in.
    fn form_error(&self) -> Markup {
        let messages = self.context.messages;
        html! {
            p.aw-error id=(self.id("form", "-error")) role="alert" {
                @if let Some(code) = self.refusal(None) { (error_with_wait(messages, code, self.form.retry_after)) }
            }
        }
    }

    /// The error of a field. Empty if there is none: the widget fills it in.
    fn error(&self, field: Field, name: &'static str) -> Markup {
        let messages = self.context.messages;
        html! {
            p.aw-error id=(self.id(name, "-error")) {
                @match (self.refusal(Some(field)), self.form.excess) {
                    (Some(_), Some(excess)) => (messages.format_count("too_long", excess)),
                    (Some(code), None) => (messages.error_text(code)),
                    (None, _) => {}
                }
            }
        }
    }

    fn text(&self) -> Markup {
        let messages = self.context.messages;
        let is_invalid = self.refusal(Some(Field::Text)).is_some();
        html! {
            h3.aw-form-title { label for=(self.id("text", "")) { (self.title()) } }
            textarea.aw-input id=(self.id("text", "")) part="input" name="text" rows="4" required dir="auto"
                autocomplete="off" enterkeyhint="enter"
                aria-describedby={ (self.id("text", "-error")) " " (self.id("text", "-hint")) }
                aria-invalid=[is_invalid.then_some("true")] autofocus[self.focus == Some(Field::Text)] { "\n" (self.form.text) }
            (self.error(Field::Text, "text"))
            p.aw-hint id=(self.id("text", "-hint")) { (messages.get("form.hint")) }
        }
    }

    fn title(&self) -> Markup {
        match self.form.parent {
            None => html! { (self.context.messages.get("form.text")) },
            Some(ParentComment { name, .. }) => message_with_name(self.context, "form.reply", name),
        }
    }

    fn details(&self) -> Markup {
        let form = self.form;
        let refused = [Field::Email, Field::Website].into_iter().any(|field| self.refusal(Some(field)).is_some());
        let open = refused || !form.email.is_empty() || !form.website.is_empty();
        html! {
            (self.text_field(&TextField {
                field: Field::Name, name: "name", hint: "form.optional", value: form.name, autocomplete: "name",
                inputmode: "text", enter: "next", capitalize: "words",
            }))
            details.aw-more-fields part="details" open[open] {
                summary { (self.context.messages.get("form.details")) }
                (self.text_field(&TextField {
                    field: Field::Email, name: "email", hint: "form.email.hint", value: form.email, autocomplete: "email",
                    inputmode: "email", enter: "next", capitalize: "none",
                }))
                (self.text_field(&TextField {
                    field: Field::Website, name: "website", hint: "form.optional", value: form.website, autocomplete: "url",
                    inputmode: "url", enter: "done", capitalize: "none",
                }))
            }
        }
    }

    /// The text as it will be published, if the reader asked for it.
    fn preview(&self) -> Markup {
        self.form.preview.map_or_else(Markup::default, |html| preview(self.context, html))
    }

    /// A field that is hidden from the eyes, from screen readers and from keyboard navigation, and that no browser
    /// autofills. Only programs fill it in. Its label explains it to anyone who reads the page without its stylesheet.
    fn honeypot(&self) -> Markup {
        html! {
            div.aw-hidden aria-hidden="true" {
                label for=(self.id("subject", "")) { (self.context.messages.get("form.subject")) }
                input.aw-input id=(self.id("subject", "")) name="subject" tabindex="-1" autocomplete="off";
            }
        }
    }

    /// No field has a `maxlength`: a browser cuts what is pasted without a word. The Worker keeps it all and says by how much it is too long.
    ///
    /// All fields have the type `text`: the browser's own checks would reject valid input (a website without a scheme,
    /// an e-mail address beyond ASCII), and their messages cannot be seen while the field is collapsed.
    fn text_field(&self, field: &TextField) -> Markup {
        let messages = self.context.messages;
        let is_invalid = self.refusal(Some(field.field)).is_some();
        let mut label = String::from("form.");
        label.push_str(field.name);
        html! {
            div.aw-field part="field" {
                label for=(self.id(field.name, "")) {
                    (messages.get(&label)) " " span.aw-optional { (messages.get(field.hint)) }
                }
                input.aw-input id=(self.id(field.name, "")) part="input" type="text" name=(field.name) value=(field.value)
                    autocomplete=(field.autocomplete) inputmode=(field.inputmode)
                    enterkeyhint=(field.enter) autocapitalize=(field.capitalize) spellcheck="false" dir="auto"
                    aria-describedby=(self.id(field.name, "-error")) aria-invalid=[is_invalid.then_some("true")]
                    autofocus[self.focus == Some(field.field)];
                (self.error(field.field, field.name))
            }
        }
    }
}
