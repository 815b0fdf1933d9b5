//! A comment form on the page: its fields, their errors, and the last attempt to post.

use std::cell::{Cell, RefCell};

use afterword_model::{CommentId, Field, NewComment};

use crate::platform::dom::JsObject;
use crate::platform::timer::Timer;

/// A form that `view` rendered.
pub(crate) struct CommentForm {
    /// The `<form>`.
    pub(crate) element: JsObject,
    /// The comment that the form replies to.
    pub(crate) parent: Option<CommentId>,
    /// The last attempt to post from the form, or the restored draft. Its text is empty if there is neither.
    pub(crate) last_attempt: RefCell<NewComment>,
    in_flight: Cell<bool>,
    /// Counts down the time until the Worker accepts another attempt. Empty unless there is one to wait for.
    countdown: RefCell<Option<Timer>>,
}

impl CommentForm {
    /// Wraps a `<form>`.
    pub(crate) fn new(element: JsObject, parent: Option<CommentId>) -> Self {
        Self {
            element,
            parent,
            last_attempt: RefCell::default(),
            in_flight: Cell::new(false),
            countdown: RefCell::default(),
        }
    }

    /// The value of a field.
    pub(crate) fn field_value(&self, name: &str) -> String {
        self.field(name).get_string("value")
    }

    /// Sets the value of a field.
    pub(crate) fn set_field(&self, name: &str, value: &str) {
        self.field(name).set_string("value", value);
    }

    /// Copies name, e-mail address and website of a comment into the empty fields. With `overwrite` it sets all three fields, and clears
    /// those that the comment lacks.
    pub(crate) fn fill_author(&self, comment: &NewComment, overwrite: bool) {
        let fields = [("name", &comment.name), ("email", &comment.email), ("website", &comment.website)];
        for (name, value) in fields {
            if overwrite || self.field_value(name).is_empty() {
                self.set_field(name, value.as_deref().unwrap_or_default());
            }
        }
    }

    /// Returns true if the form holds a restored draft, or a comment that was sent and is not confirmed as posted.
    pub(crate) fn has_draft(&self) -> bool {
        !self.last_attempt.borrow().text.is_empty()
    }

    /// Focuses the text field.
    pub(crate) fn focus(&self) {
        self.field("text").focus();
    }

    /// Returns true while a submission is in flight.
    pub(crate) fn is_in_flight(&self) -> bool {
        self.in_flight.get()
    }

    /// Marks a submission as in flight, or as finished. While one is in flight the submit button is disabled.
    pub(crate) fn set_in_flight(&self, in_flight: bool) {
        self.in_flight.set(in_flight);
        self.element.set_attribute("aria-busy", if in_flight { "true" } else { "false" });
        self.submit_button().set("disabled", &in_flight.into());
    }

    /// Returns true while the Worker would refuse another attempt.
    pub(crate) fn is_waiting(&self) -> bool {
        self.countdown.borrow().is_some()
    }

    /// Starts to wait. The button looks disabled but keeps the focus, and with it the reader's place on the page.
    pub(crate) fn start_waiting(&self, countdown: Timer) {
        self.submit_button().set_attribute("aria-disabled", "true");
        self.countdown.replace(Some(countdown));
    }

    /// Stops waiting.
    pub(crate) fn stop_waiting(&self) {
        self.submit_button().remove_attribute("aria-disabled");
        self.countdown.take();
    }

    /// Shows the remaining time in the error. The role `timer` keeps assistive technology from announcing every change.
    pub(crate) fn show_wait(&self, text: &str) {
        let text = &*[" ", text].concat();
        let shown = self.element.find(".aw-wait");
        if shown.is_present() {
            return shown.set_text(text);
        }
        let wait = self.element.create_element("span", "aw-wait", text);
        wait.set_attribute("role", "timer");
        self.element.find(".aw-error").append(&wait);
    }

    /// Shows an error: below its field, or above the submit button if it belongs to no field.
    pub(crate) fn show_error(&self, field: Option<Field>, text: &str) {
        let name = match field {
            Some(Field::Name) => "name",
            Some(Field::Email) => "email",
            Some(Field::Website) => "website",
            Some(Field::Text) => "text",
            Some(Field::Id | Field::Url | Field::Parent) | None => "form",
        };
        let message = self.element.create_element("p", "aw-error", text);
        let field = self.field(name);
        if !field.is_present() {
            message.set_attribute("role", "alert");
            self.element.find(".aw-send").add_before(&message);
            return self.submit_button().focus();
        }
        let hints = field.attribute("aria-describedby");
        // The ids of the fields in a reply form end with the parent's id, so they differ between forms.
        let id = [&field.get_string("id"), "-error"].concat();
        message.set_string("id", &id);
        field.add_after(&message);
        field.set_attribute("data-hints", &hints);
        field.set_attribute("aria-describedby", &[&id, " ", &hints].concat());
        field.set_attribute("aria-invalid", "true");
        field.closest("details").set_attribute("open", "");
        field.focus();
    }

    /// Removes all errors.
    pub(crate) fn clear_errors(&self) {
        self.remove_all(".aw-error");
        while let Some(field) = self.element.find("[aria-invalid]").into_option() {
            field.remove_attribute("aria-invalid");
            field.set_attribute("aria-describedby", &field.attribute("data-hints"));
        }
    }

    /// Shows the notice that the text was restored, with a button that discards it. It is not announced.
    pub(crate) fn show_restored_notice(&self, text: &str, discard: &str) {
        self.hide_restored_notice();
        let notice = self.element.create_element("p", "aw-restored", text);
        let button = self.element.create_element("button", "aw-discard", discard);
        button.set_attribute("type", "button");
        notice.append(&button);
        self.field("text").add_after(&notice);
    }

    /// Removes the notice about restored text.
    pub(crate) fn hide_restored_notice(&self) {
        self.remove_all(".aw-restored");
    }

    fn remove_all(&self, selector: &str) {
        while let Some(element) = self.element.find(selector).into_option() {
            element.remove();
        }
    }

    fn submit_button(&self) -> JsObject {
        self.element.find(".aw-submit")
    }

    fn field(&self, name: &str) -> JsObject {
        self.element.find(&[".aw-input[name=", name, "]"].concat())
    }
}
