//! The language of a response: the one that the request names, else the reader's preferred one.

use afterword_view::{Messages, catalogue};

use crate::http::request::ApiRequest;

/// Number of characters of `Accept-Language` that are read, more than a browser sends.
const MAX_LANGUAGES: usize = 256;

/// Messages in the language of the query, else in the most preferred language that is available.
pub(crate) fn query_messages(request: &ApiRequest) -> &'static Messages {
    messages(request, &request.query_value("lang").unwrap_or_default())
}

/// Messages in the requested language, else in the most preferred language that is available.
pub(crate) fn messages(request: &ApiRequest, language: &str) -> &'static Messages {
    if !language.is_empty() {
        return catalogue::messages(language);
    }
    catalogue::messages(&preferred_language(&request.header("accept-language").unwrap_or_default()))
}

/// Messages for the errors of a call. `None` if the request names no language: programs then get the plain text of the error.
pub(crate) fn error_messages(request: &ApiRequest) -> Option<&'static Messages> {
    let is_named = |text: Option<String>| text.is_some_and(|text| !text.is_empty());
    (is_named(request.query_value("lang")) || is_named(request.header("accept-language")))
        .then(|| query_messages(request))
}

/// The available language that an `Accept-Language` header prefers. Empty if it accepts none.
fn preferred_language(header: &str) -> String {
    let header: String = header.chars().take(MAX_LANGUAGES).collect();
    let known: Vec<_> = header.split(',').map(with_known_tag).collect();
    let preferred = negotiator::preferred_languages(Some(&known.join(",")), Some(catalogue::LANGUAGES));
    preferred.into_iter().next().unwrap_or_default()
}

/// An entry of the header, such as `zh-TW;q=0.8`, with the tag of the available language in place of its own.
fn with_known_tag(entry: &str) -> String {
    let tag = entry.split(';').next().unwrap_or_default();
    catalogue::find_language(tag).map_or(entry.to_owned(), |known| entry.replacen(tag, known, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_preferred() {
        for (header, language) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE-at, en;q=0.9", "de"),
            ("tlh, de;q=0.5, en;q=0.8", "en"),
            ("de;q=0.5, en-GB", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("*", "en"),
            ("tlh", ""),
            ("", ""),
            ("de;q=NaN,en;q=x,,;=", ""),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
        assert_ne!(preferred_language("en;q=0.0, *;q=0.1"), "en");
    }

    #[test]
    fn scripts_and_regions_of_the_header_are_understood() {
        for (header, language) in [
            ("zh-TW,zh;q=0.8,en-US;q=0.5", "zh-Hant"),
            ("zh-CN,zh;q=0.8,zh-TW;q=0.7", "zh-Hans"),
            ("zh-Hant-HK;q=0.9, en;q=0.5", "zh-Hant"),
            ("pt-PT, en;q=0.9", "pt-BR"),
            ("iw, en;q=0.1", "he"),
            ("tlh, id-ID;q=0.2", "id"),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
    }

    #[test]
    fn a_long_header_is_cut() {
        assert_eq!(preferred_language(&format!("{}en", "tlh,".repeat(1_000))), "");
    }
}
