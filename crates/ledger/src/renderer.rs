//! The renderer that the caller provides.

use afterword_model::SafeHtml;

/// Functions that render texts as HTML. The caller provides them, so that the ledger depends on no renderer.
#[derive(Clone, Copy)]
pub struct Renderer<'a> {
    /// Version of the renderer.
    pub version: i64,
    /// Renders a text; `None` if it is refused.
    pub render: &'a dyn Fn(&str) -> Option<SafeHtml>,
    /// Shows a text as plain text, for texts that this version refuses although another one accepted them. It refuses none.
    pub render_plain: &'a dyn Fn(&str) -> SafeHtml,
}

impl Renderer<'_> {
    /// Renders a text that is stored already. Also returns true if it was refused and is shown as plain text.
    pub(crate) fn render_stored(&self, text: &str) -> (SafeHtml, bool) {
        (self.render)(text).map_or_else(|| ((self.render_plain)(text), true), |html| (html, false))
    }
}

impl std::fmt::Debug for Renderer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("version", &self.version).finish_non_exhaustive()
    }
}
