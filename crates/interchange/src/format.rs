//! The formats that are recognized.

/// A format of another comment system, or a generic one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Disqus, XML.
    Disqus,
    /// WordPress eXtended RSS, from WordPress or Squarespace.
    Wxr,
    /// Blogger's own backup, an Atom feed (until 2025).
    BloggerAtom,
    /// `feed.atom` of Google Takeout.
    BloggerTakeout,
    /// Isso, a SQLite database or its SQL text.
    IssoDatabase,
    /// The generic JSON that Isso imports.
    IssoJson,
    /// Remark42, a backup.
    Remark42,
    /// Commento, or Comentario's export in that form.
    Commento,
    /// Comentario, version 3.
    Comentario,
    /// Cusdis, a SQLite database, its SQL text, or JSON of its rows.
    Cusdis,
    /// Waline, JSON.
    Waline,
    /// Twikoo, JSON.
    Twikoo,
    /// Valine or LeanCloud, JSON.
    Valine,
    /// Artalk, Artrans.
    Artalk,
    /// giscus: GitHub Discussions, answers of GraphQL, REST or webhooks.
    Giscus,
    /// utterances: GitHub Issues, answers of REST or webhooks.
    Utterances,
    /// Staticman, a folder in a zip.
    Staticman,
    /// Garrul, SQL text or a SQLite database.
    Garrul,
    /// Ghost, rows of its database or answers of its Admin API.
    Ghost,
    /// The documented CSV.
    Csv,
    /// The documented JSON or JSON lines.
    Json,
    /// Our own export.
    Afterword,
}

impl Format {
    /// Name of the source in keys of imported comments. It never changes, because a second import recognizes comments by it.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Disqus => "disqus",
            Self::Wxr => "wordpress",
            Self::BloggerAtom | Self::BloggerTakeout => "blogger",
            Self::IssoDatabase | Self::IssoJson => "isso",
            Self::Remark42 => "remark42",
            Self::Commento | Self::Comentario => "comentario",
            Self::Cusdis => "cusdis",
            Self::Waline => "waline",
            Self::Twikoo => "twikoo",
            Self::Valine => "valine",
            Self::Artalk => "artalk",
            Self::Giscus | Self::Utterances => "github",
            Self::Staticman => "staticman",
            Self::Garrul => "garrul",
            Self::Ghost => "ghost",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Afterword => "afterword",
        }
    }
}
