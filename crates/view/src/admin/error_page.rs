//! Pages that say why a request of a moderator was refused.

use maud::{Markup, html};

use crate::admin::frame::{Frame, Page, Section, plain_page};
use crate::messages::Messages;

/// A reason why a page or an action was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminError {
    /// The page, or the comment, thread or author that it is about, is not there.
    NotFound,
    /// The moderator's role does not include it.
    Forbidden,
    /// The form did not come from a page of the Worker.
    Foreign,
    /// A value of the address or of the form is invalid.
    Invalid,
    /// Too many requests. The number is the seconds after which another one may succeed.
    TooMany(u32),
    /// The database cannot be reached at the moment.
    Unavailable,
    /// The Worker's settings are invalid.
    NotConfigured,
}

impl AdminError {
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => ("error.not_found.title", "error.not_found"),
            Self::Forbidden => ("error.forbidden.title", "error.forbidden"),
            Self::Foreign => ("error.foreign.title", "error.foreign"),
            Self::Invalid => ("error.invalid.title", "error.invalid"),
            Self::TooMany(_) => ("error.too_many.title", "error.too_many"),
            Self::Unavailable => ("error.unavailable.title", "error.unavailable"),
            Self::NotConfigured => ("error.not_configured.title", "error.not_configured"),
        }
    }
}

/// Renders a refusal, inside the frame if the moderator is known.
pub fn error_page(texts: &Messages, frame: Option<&Frame>, error: AdminError) -> Markup {
    let (title, text) = error.keys();
    let (title, text) = (texts.get(title), texts.get(text));
    let content = html! {
        p { (text) @if let AdminError::TooMany(seconds) = error { " " (texts.wait_text(seconds)) } }
        p { a.button href="/admin/queue" { (texts.get("error.queue")) } }
    };
    match frame {
        Some(frame) => {
            Page { section: Section::Queue, title, class: "narrow", has_heading: false }.render(frame, &content)
        }
        None => plain_page(texts, title, &content),
    }
}
