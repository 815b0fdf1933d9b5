//! The formats, as owners call them.

use afterword_interchange::Format;

/// All formats: the identifier in options and its name for people.
const FORMATS: [(Format, &str, &str); 22] = [
    (Format::Disqus, "disqus", "Disqus"),
    (Format::Wxr, "wxr", "WordPress (WXR)"),
    (Format::BloggerAtom, "blogger-atom", "Blogger, a backup of the blog"),
    (Format::BloggerTakeout, "blogger-takeout", "Blogger, from Google Takeout"),
    (Format::IssoDatabase, "isso", "Isso, its database"),
    (Format::IssoJson, "isso-json", "Isso, JSON"),
    (Format::Remark42, "remark42", "Remark42"),
    (Format::Commento, "commento", "Commento"),
    (Format::Comentario, "comentario", "Comentario"),
    (Format::Cusdis, "cusdis", "Cusdis"),
    (Format::Waline, "waline", "Waline"),
    (Format::Twikoo, "twikoo", "Twikoo"),
    (Format::Valine, "valine", "Valine"),
    (Format::Artalk, "artalk", "Artalk"),
    (Format::Giscus, "giscus", "giscus (GitHub Discussions)"),
    (Format::Utterances, "utterances", "utterances (GitHub Issues)"),
    (Format::Staticman, "staticman", "Staticman"),
    (Format::Garrul, "garrul", "Garrul"),
    (Format::Ghost, "ghost", "Ghost"),
    (Format::Csv, "csv", "a table (CSV)"),
    (Format::Json, "json", "JSON"),
    (Format::Afterword, "afterword", "an export of Afterword"),
];

/// Finds a format by its identifier.
pub(crate) fn format_by_id(id: &str) -> Option<Format> {
    FORMATS.iter().find(|(_, name, _)| *name == id).map(|(format, ..)| *format)
}

/// The identifier and the name of a format.
pub(crate) fn names_of(format: Format) -> (&'static str, &'static str) {
    FORMATS.iter().find(|(known, ..)| *known == format).map(|(_, id, label)| (*id, *label)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_one_identifier() {
        for (format, id, label) in FORMATS {
            assert_eq!((format_by_id(id), names_of(format)), (Some(format), (id, label)));
        }
        assert_eq!(format_by_id("Disqus"), None);
    }
}
