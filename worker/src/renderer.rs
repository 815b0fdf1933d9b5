//! The renderer of comments that imports and rerendering use.

use afterword_ledger::Renderer;
use afterword_model::SafeHtml;

/// The renderer of this version.
pub(crate) const RENDERER: Renderer<'static> = Renderer {
    version: afterword_markup::RENDERER_VERSION,
    render: &render,
    render_plain: &afterword_markup::render_plain,
};

fn render(text: &str) -> Option<SafeHtml> {
    afterword_markup::render(text).ok().map(|rendered| rendered.html)
}
