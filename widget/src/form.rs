//! A form on the page: its fields, what is wrong with them, and what has been sent from it.

use std::cell::{Cell, RefCell};

use afterword_model::{CommentId, Field};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use crate::dom;
use crate::draft::Sent;

/// A form that `view` drew.
pub(crate) struct Form {
    /// The `<form>`.
    pub(crate) element: Element,
    /// The comment answered.
    pub(crate) parent: Option<CommentId>,
    /// The last attempt to post from it.
    pub(crate) sent: RefCell<Option<Sent>>,
    in_flight: Cell<bool>,
}

impl Form {
    /// Takes over a form.
    pub(crate) fn new(element: Element, parent: Option<CommentId>) -> Self {
        Self { element, parent, sent: RefCell::default(), in_flight: Cell::new(false) }
    }

    /// What is in a field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.field(name).map(|field| field.value()).unwrap_or_default()
    }

    /// Writes into a field.
    pub(crate) fn fill(&self, name: &str, value: &str) {
        if let Some(field) = self.field(name) {
            field.set_value(value);
        }
    }

    /// Writes into a field in which nothing is written.
    pub(crate) fn fill_empty(&self, name: &str, value: &str) {
        if self.value(name).is_empty() {
            self.fill(name, value);
        }
    }

    /// Moves the focus into the text.
    pub(crate) fn focus(&self) {
        if let Some(field) = self.field("text") {
            dom::focus(&field);
        }
    }

    /// Whether a submission is on its way.
    pub(crate) fn is_in_flight(&self) -> bool {
        self.in_flight.get()
    }

    /// Says that a submission is on its way, or no longer. Meanwhile there is no second one.
    pub(crate) fn set_in_flight(&self, in_flight: bool) {
        self.in_flight.set(in_flight);
        dom::set(&self.element, "aria-busy", if in_flight { "true" } else { "false" });
        if let Some(button) = dom::find(&self.element, ".aw-submit") {
            let _ = button.toggle_attribute_with_force("disabled", in_flight);
        }
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
        let Some(complaint) = dom::make("p", "aw-error", text) else { return };
        let mut id = ["aw-", name, "-error"].concat();
        if let Some(parent) = self.parent {
            id.push('-');
            id.push_str(&parent.to_string());
        }
        complaint.set_id(&id);
        if let Some(field) = self.field(name) {
            dom::put_after(&field, &complaint);
            id.push(' ');
            id.push_str(&field.get_attribute("aria-describedby").unwrap_or_default());
            dom::set(&field, "aria-describedby", &id);
            dom::set(&field, "aria-invalid", "true");
            if let Some(folded) = dom::closest(&field, "details") {
                dom::set(&folded, "open", "");
            }
            dom::focus(&field);
        } else {
            dom::set(&complaint, "role", "alert");
            if let Some(place) = dom::find(&self.element, ".aw-send") {
                let _ = place.before_with_node_1(&complaint);
            }
            if let Some(button) = dom::find(&self.element, ".aw-submit") {
                dom::focus(&button);
            }
        }
    }

    /// Takes back all that was said to be wrong.
    pub(crate) fn calm(&self) {
        for complaint in dom::all(&self.element, ".aw-error") {
            complaint.remove();
        }
        for field in dom::all(&self.element, "[aria-invalid]") {
            let _ = field.remove_attribute("aria-invalid");
            let described = field.get_attribute("aria-describedby").unwrap_or_default();
            let kept: Vec<&str> = described.split_whitespace().filter(|id| !id.contains("-error")).collect();
            if kept.is_empty() {
                let _ = field.remove_attribute("aria-describedby");
            } else {
                dom::set(&field, "aria-describedby", &kept.join(" "));
            }
        }
    }

    /// Says quietly that the text is one from before.
    pub(crate) fn say_restored(&self, text: &str, discard: &str) {
        self.unsay_restored();
        if let (Some(field), Some(notice), Some(button)) =
            (self.field("text"), dom::make("p", "aw-restored", text), dom::make("button", "aw-discard", discard))
        {
            dom::set(&button, "type", "button");
            let _ = notice.append_with_str_1(" ");
            let _ = notice.append_child(&button);
            dom::put_after(&field, &notice);
        }
    }

    /// Takes that back.
    pub(crate) fn unsay_restored(&self) {
        for notice in dom::all(&self.element, ".aw-restored") {
            notice.remove();
        }
    }

    /// The field of a name; a `<textarea>` has all that is used here of an `<input>`.
    fn field(&self, name: &str) -> Option<HtmlInputElement> {
        dom::find(&self.element, &[".aw-input[name=", name, "]"].concat()).map(Element::unchecked_into)
    }
}
