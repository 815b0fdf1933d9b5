//! A form on the page: its fields, what is wrong with them, and what has been sent from it.

use std::cell::{Cell, RefCell};

use afterword_model::{CommentId, Field, NewComment};

use crate::platform::dom::Node;

/// A form that `view` drew.
pub(crate) struct Form {
    /// The `<form>`.
    pub(crate) element: Node,
    /// The comment answered.
    pub(crate) parent: Option<CommentId>,
    /// The last attempt to post from it.
    pub(crate) sent: RefCell<NewComment>,
    in_flight: Cell<bool>,
}

impl Form {
    /// Takes over a form.
    pub(crate) fn new(element: Node, parent: Option<CommentId>) -> Self {
        Self { element, parent, sent: RefCell::default(), in_flight: Cell::new(false) }
    }

    /// What is in a field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.field(name).text("value")
    }

    /// Writes into a field.
    pub(crate) fn fill(&self, name: &str, value: &str) {
        self.field(name).set_text("value", value);
    }

    /// Says who writes, in the fields in which nothing is written; in all of them if `anew`, also where the comment says nothing.
    pub(crate) fn fill_author(&self, comment: &NewComment, anew: bool) {
        let fields = [("name", &comment.name), ("email", &comment.email), ("website", &comment.website)];
        for (name, value) in fields {
            if anew || self.value(name).is_empty() {
                self.fill(name, value.as_deref().unwrap_or_default());
            }
        }
    }

    /// Whether it holds a comment from before, or one that was sent and has not come back as posted.
    pub(crate) fn is_restored(&self) -> bool {
        !self.sent.borrow().text.is_empty()
    }

    /// Moves the focus into the text.
    pub(crate) fn focus(&self) {
        self.field("text").focus();
    }

    /// Whether a submission is on its way.
    pub(crate) fn is_in_flight(&self) -> bool {
        self.in_flight.get()
    }

    /// Says that a submission is on its way, or no longer. Meanwhile there is no second one.
    pub(crate) fn set_in_flight(&self, in_flight: bool) {
        self.in_flight.set(in_flight);
        self.element.set_attribute("aria-busy", if in_flight { "true" } else { "false" });
        self.button().set("disabled", &in_flight.into());
    }

    /// Says what is wrong, beside the field at fault; without one, above the button.
    pub(crate) fn complain(&self, field: Option<Field>, text: &str) {
        let name = match field {
            Some(Field::Name) => "name",
            Some(Field::Email) => "email",
            Some(Field::Website) => "website",
            Some(Field::Text) => "text",
            Some(Field::Id | Field::Url | Field::Parent) | None => "form",
        };
        let complaint = self.element.make("p", "aw-error", text);
        let field = self.field(name);
        if !field.is_present() {
            complaint.set_attribute("role", "alert");
            self.element.find(".aw-send").put_before(&complaint);
            return self.button().focus();
        }
        let hints = field.attribute("aria-describedby");
        // The ids of the fields of a reply end in its parent's number, and so are different on every form.
        let id = [&field.text("id"), "-error"].concat();
        complaint.set_text("id", &id);
        field.put_after(&complaint);
        field.set_attribute("data-hints", &hints);
        field.set_attribute("aria-describedby", &[&id, " ", &hints].concat());
        field.set_attribute("aria-invalid", "true");
        field.closest("details").set_attribute("open", "");
        field.focus();
    }

    /// Takes back all that was said to be wrong.
    pub(crate) fn calm(&self) {
        self.clear(".aw-error");
        while let Some(field) = self.element.find("[aria-invalid]").present() {
            field.remove_attribute("aria-invalid");
            field.set_attribute("aria-describedby", &field.attribute("data-hints"));
        }
    }

    /// Says quietly that the text is one from before.
    pub(crate) fn say_restored(&self, text: &str, discard: &str) {
        self.unsay_restored();
        let notice = self.element.make("p", "aw-restored", text);
        let button = self.element.make("button", "aw-discard", discard);
        button.set_attribute("type", "button");
        notice.append(&button);
        self.field("text").put_after(&notice);
    }

    /// Takes that back.
    pub(crate) fn unsay_restored(&self) {
        self.clear(".aw-restored");
    }

    fn clear(&self, selector: &str) {
        while let Some(notice) = self.element.find(selector).present() {
            notice.remove();
        }
    }

    fn button(&self) -> Node {
        self.element.find(".aw-submit")
    }

    fn field(&self, name: &str) -> Node {
        self.element.find(&[".aw-input[name=", name, "]"].concat())
    }
}
