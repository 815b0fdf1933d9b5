//! The embedded stylesheets, and the paths that serve them.

use std::sync::LazyLock;

use crate::catalogue::hashed_path;

/// A stylesheet. Each is an asset of its own, so that a reader loads only those that a page needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stylesheet {
    /// Comments, before they are shown.
    Reading,
    /// The form and what the widget adds, with the form.
    Writing,
    /// The Worker's own pages.
    Page,
    /// The pages of moderators. No other stylesheet is loaded with it.
    Admin,
    /// The bundled theme `dense`.
    Dense,
    /// The bundled theme `classic`.
    Classic,
}

/// The bundled themes, with their names in `data-theme`.
pub const THEMES: [(&str, Stylesheet); 2] = [("dense", Stylesheet::Dense), ("classic", Stylesheet::Classic)];

/// The loader makes the path of a theme from that of the styles for reading, so that it need not name both. The hash covers all three.
static PATHS: LazyLock<[String; Stylesheet::ALL.len()]> = LazyLock::new(|| {
    let themed = [Stylesheet::Reading, Stylesheet::Dense, Stylesheet::Classic].map(Stylesheet::source).concat();
    let reading = hashed_path(Stylesheet::Reading.name(), "css", &themed);
    Stylesheet::ALL.map(|style| match THEMES.iter().find(|(_, theme)| *theme == style) {
        Some((name, _)) => reading.replace(".css", &format!("-{name}.css")),
        None if style == Stylesheet::Reading => reading.clone(),
        None => hashed_path(style.name(), "css", style.source()),
    })
});

static PAGE_PATHS: LazyLock<[&str; 3]> =
    LazyLock::new(|| [Stylesheet::Reading, Stylesheet::Writing, Stylesheet::Page].map(Stylesheet::path));

impl Stylesheet {
    /// All stylesheets.
    pub const ALL: [Self; 6] = [Self::Reading, Self::Writing, Self::Page, Self::Admin, Self::Dense, Self::Classic];

    /// The name of its file, without the ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "afterword",
            Self::Writing => "afterword-write",
            Self::Page => "afterword-page",
            Self::Admin => "afterword-admin",
            Self::Dense => "theme-dense",
            Self::Classic => "theme-classic",
        }
    }

    /// The rules, as they are in the file.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Reading => include_str!("../afterword.css"),
            Self::Writing => include_str!("../afterword-write.css"),
            Self::Page => include_str!("../afterword-page.css"),
            Self::Admin => include_str!("../afterword-admin.css"),
            Self::Dense => include_str!("../theme-dense.css"),
            Self::Classic => include_str!("../theme-classic.css"),
        }
    }

    /// The path that serves it: `/assets/<name>-<hash>.css`, and for a theme that of the styles for reading with its name after the hash.
    pub fn path(self) -> &'static str {
        &PATHS[self as usize]
    }
}

/// The paths of the stylesheets of a standalone page, in their order.
pub fn page_stylesheet_paths() -> &'static [&'static str] {
    &*PAGE_PATHS
}
