//! A comment form on the page: its fields, their errors, and the last attempt to post.

use std::cell::{Cell, RefCell};

use afterword_model::{CommentId, Field, NewComment, limits};
use afterword_view::Messages;

use crate::platform::dom::JsObject;
use crate::platform::timer::Timer;

/// Bytes of free room below which the form shows how much is left: a tenth of the whole.
const SCARCE_BYTES: usize = limits::TEXT_BYTES / 10;

/// A form that `view` rendered.
pub(crate) struct CommentForm {
    /// The `<form>`.
    pub(crate) element: JsObject,
    /// The comment that the form replies to.
    pub(crate) parent: Option<CommentId>,
    /// The last attempt to post from the form, or the restored draft. Its text is empty if there is neither.
    pub(crate) last_attempt: RefCell<NewComment>,
    /// True if the page saw text being written into the form, or restored it.
    written: Cell<bool>,
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
            written: Cell::new(false),
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

    /// Returns true if the page knows that the text was written on it.
    pub(crate) fn is_written(&self) -> bool {
        self.written.get()
    }

    /// Records that the page saw text being written into the form.
    pub(crate) fn set_written(&self) {
        self.written.set(true);
    }

    /// Focuses a field, which may be among the collapsed ones.
    pub(crate) fn focus(&self, name: &str) {
        let field = self.field(name);
        field.closest("details").set_attribute("open", "");
        field.focus();
    }

    /// Shows below the text how much room is left once there is little, and by how much the text is too long.
    pub(crate) fn show_room(&self, messages: &Messages) {
        let text = self.field_value("text");
        let hint = room(&text).map_or_else(
            || messages.get("form.hint").to_owned(),
            |characters| messages.format_count("room", characters),
        );
        self.element.find(".aw-hint").set_text(&hint);
        let error = match excess(&text) {
            0 => String::new(),
            characters => messages.format_count("too_long", characters),
        };
        self.set_error("text", &error);
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

    /// Shows the remaining time in the error of the form. The role `timer` keeps assistive technology from announcing every change.
    pub(crate) fn show_wait(&self, text: &str) {
        let text = &*[" ", text].concat();
        let shown = self.element.find(".aw-wait");
        if shown.is_present() {
            return shown.set_text(text);
        }
        let wait = self.element.create_element("span", "aw-wait", text);
        wait.set_attribute("role", "timer");
        self.form_error().append(&wait);
    }

    /// Shows an error: below its field, or above the submit button if it belongs to no field. `view` renders the place of each.
    pub(crate) fn show_error(&self, field: Option<Field>, text: &str) {
        let name = match field {
            Some(Field::Name) => "name",
            Some(Field::Email) => "email",
            Some(Field::Website) => "website",
            Some(Field::Text) => "text",
            Some(Field::Id | Field::Url | Field::Parent) | None => {
                self.form_error().set_text(text);
                return self.submit_button().focus();
            }
        };
        self.set_error(name, text);
        self.focus(name);
    }

    /// Removes all errors.
    pub(crate) fn clear_errors(&self) {
        self.form_error().set_text("");
        for name in ["text", "name", "email", "website"] {
            self.set_error(name, "");
        }
    }

    /// Sets the error of a field, or removes it if the text is empty.
    fn set_error(&self, name: &str, text: &str) {
        self.element.find(&[".aw-error[id^=aw-", name, "]"].concat()).set_text(text);
        let field = self.field(name);
        if text.is_empty() {
            field.remove_attribute("aria-invalid");
        } else {
            field.set_attribute("aria-invalid", "true");
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
        self.element.find(".aw-restored").remove();
    }

    fn form_error(&self) -> JsObject {
        self.element.find(".aw-error[role]")
    }

    fn submit_button(&self) -> JsObject {
        self.element.find(".aw-submit")
    }

    fn field(&self, name: &str) -> JsObject {
        self.element.find(&[".aw-input[name=", name, "]"].concat())
    }
}

/// Number of characters by which a text is too long. The Worker trims the end of a text, and counts bytes.
pub(crate) fn excess(text: &str) -> u32 {
    let text = text.trim_ascii_end();
    // A character that begins before the limit and ends behind it has to go as well.
    let limit = (0..=limits::TEXT_BYTES.min(text.len())).rev().find(|&index| text.is_char_boundary(index));
    count_characters(&text.as_bytes()[limit.unwrap_or_default()..])
}

/// Number of characters, which is that of the bytes that begin one. Decoding them takes more code.
fn count_characters(text: &[u8]) -> u32 {
    text.iter().filter(|&byte| byte & 0xc0 != 0x80).count() as u32
}

/// Number of further characters for which a text has room if they are like those before. `None` while there is much room, and if the text
/// is too long.
fn room(text: &str) -> Option<u32> {
    let free = limits::TEXT_BYTES.checked_sub(text.len())?;
    (free < SCARCE_BYTES).then(|| free as u32 * count_characters(text.as_bytes()) / text.len() as u32)
}

#[cfg(test)]
mod tests {
    use afterword_model::limits::TEXT_BYTES;

    use super::{SCARCE_BYTES, excess, room};

    #[test]
    fn room_is_counted_in_characters_of_the_text() {
        assert_eq!(room(""), None);
        assert_eq!(room(&"a".repeat(TEXT_BYTES - SCARCE_BYTES)), None);
        assert_eq!(room(&"a".repeat(TEXT_BYTES - 800)), Some(800));
        assert_eq!(room(&"字".repeat((TEXT_BYTES - 600) / 3)), Some(200));
        assert_eq!(room(&"a".repeat(TEXT_BYTES)), Some(0));
        assert_eq!(room(&"a".repeat(TEXT_BYTES + 1)), None);
    }

    #[test]
    fn text_is_too_long_by_the_characters_beyond_the_limit() {
        assert_eq!(excess(""), 0);
        assert_eq!(excess(&"a".repeat(TEXT_BYTES)), 0);
        assert_eq!(excess(&"a".repeat(9_000)), 9_000 - 8_192);
        assert_eq!(excess(&"字".repeat(3_000)), 3_000 - 2_730);
        assert_eq!(excess(&format!("{}🙂", "a".repeat(TEXT_BYTES - 1))), 1);
        assert_eq!(excess(&format!("{}{}", "a".repeat(TEXT_BYTES), " \n".repeat(500))), 0);
    }
}
