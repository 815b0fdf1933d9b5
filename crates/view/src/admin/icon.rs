//! The sign of Afterword, as it is in `admin/icon.svg`, in the colour of the text.

use maud::{Markup, html};

/// The sign: two lines of a text, and the remark after it.
pub(crate) fn sign() -> Markup {
    html! {
        svg.sign viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false" {
            path d="M6 8h20M6 14h20" {}
            path d="M12 21h14v5H17l-4 3v-3h-1z" {}
        }
    }
}
