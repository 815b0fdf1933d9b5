//! Fields of the moderators' forms: each with its label, and with its hint and its error beside it.

use maud::{Markup, html};

use crate::messages::Messages;

/// A field of a form, without its control.
#[derive(Clone, Copy, Default)]
pub(crate) struct Field<'a> {
    /// Name of the field, and with the prefix its id.
    pub(crate) name: &'a str,
    /// Prefix of the id, if the page has several forms with this name.
    pub(crate) prefix: &'a str,
    /// The label.
    pub(crate) label: &'a str,
    /// A sentence on the effect of the field. May be empty.
    pub(crate) hint: &'a str,
    /// The error of the value. May be empty.
    pub(crate) error: &'a str,
    /// True if the form can be sent without a value.
    pub(crate) is_optional: bool,
}

/// The kind of a field of one line.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line<'a> {
    /// The `type` of the `<input>`.
    pub(crate) kind: &'a str,
    /// The `autocomplete` of the `<input>`.
    pub(crate) autocomplete: &'a str,
    /// The `inputmode` of the `<input>`.
    pub(crate) inputmode: Option<&'a str>,
    /// Maximum length in characters.
    pub(crate) maxlength: Option<usize>,
}

impl<'a> Line<'a> {
    /// A line of the given type, which the browser does not fill in.
    pub(crate) const fn of(kind: &'a str) -> Self {
        Self { kind, autocomplete: "off", inputmode: None, maxlength: None }
    }
}

impl<'a> Field<'a> {
    /// A required field with a name and a label.
    pub(crate) const fn new(name: &'a str, label: &'a str) -> Self {
        Self { name, prefix: "", label, hint: "", error: "", is_optional: false }
    }

    /// The field with a sentence on its effect.
    pub(crate) const fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// The field with the error of its value.
    pub(crate) const fn error(self, error: &'a str) -> Self {
        Self { error, ..self }
    }

    /// The field, which may be empty.
    pub(crate) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }

    /// The field with a prefix of its id.
    pub(crate) const fn prefix(self, prefix: &'a str) -> Self {
        Self { prefix, ..self }
    }

    /// Renders a field of one line.
    pub(crate) fn line(&self, texts: &Messages, line: Line, value: &str) -> Markup {
        let control = html! {
            input id=(self.id()) type=(line.kind) name=(self.name) value=(value) required[!self.is_optional]
                autocomplete=(line.autocomplete) inputmode=[line.inputmode] maxlength=[line.maxlength]
                dir=[(line.kind == "text").then_some("auto")]
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        };
        self.with(texts, &control)
    }

    /// Renders a field of several lines.
    pub(crate) fn lines(&self, texts: &Messages, rows: u32, value: &str) -> Markup {
        let control = html! {
            textarea id=(self.id()) name=(self.name) rows=(rows) dir="auto" required[!self.is_optional] autocomplete="off"
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] { "\n" (value) }
        };
        self.with(texts, &control)
    }

    /// Renders a choice of one of several values, each with its text.
    pub(crate) fn choice(&self, texts: &Messages, options: &[(&str, &str)], chosen: &str) -> Markup {
        let control = html! {
            select id=(self.id()) name=(self.name) aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] {
                @for (value, text) in options { option value=(value) selected[*value == chosen] { (text) } }
            }
        };
        self.with(texts, &control)
    }

    /// Renders a box to tick.
    pub(crate) fn tick(&self, is_ticked: bool) -> Markup {
        html! {
            div.field.tick {
                label for=(self.id()) {
                    input id=(self.id()) type="checkbox" name=(self.name) value="on" checked[is_ticked] aria-describedby=[self.described_by()];
                    " " (self.label)
                }
                (self.notes())
            }
        }
    }

    fn with(&self, texts: &Messages, control: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.id()) { (self.label) @if self.is_optional { " " span.optional { (texts.get("form.optional")) } } }
                (control)
                (self.notes())
            }
        }
    }

    fn notes(&self) -> Markup {
        html! {
            @if !self.error.is_empty() { p.error id={ (self.id()) "-error" } { (self.error) } }
            @if !self.hint.is_empty() { p.hint id={ (self.id()) "-hint" } { (self.hint) } }
        }
    }

    fn id(&self) -> String {
        ["f-", self.prefix, self.name].concat()
    }

    fn described_by(&self) -> Option<String> {
        let ids = [(self.error, "-error"), (self.hint, "-hint")];
        let ids: Vec<String> =
            ids.iter().filter(|(text, _)| !text.is_empty()).map(|(_, end)| self.id() + end).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        (!self.error.is_empty()).then_some("true")
    }
}

/// A hidden field.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A hidden field that is left out without a value.
pub(crate) fn hidden_if(name: &str, value: &str) -> Markup {
    html! { @if !value.is_empty() { (hidden(name, value)) } }
}
