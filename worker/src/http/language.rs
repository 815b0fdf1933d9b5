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

/// The available language that an `Accept-Language` header prefers. Empty if it accepts none.
fn preferred_language(header: &str) -> String {
    let header: String = header.chars().take(MAX_LANGUAGES).collect();
    negotiator::preferred_languages(Some(&header), Some(catalogue::LANGUAGES)).into_iter().next().unwrap_or_default()
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
            ("fr, de;q=0.5, en;q=0.8", "en"),
            ("de;q=0.5, en-GB", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("en;q=0.0, *;q=0.1", "de"),
            ("*", "en"),
            ("fr", ""),
            ("", ""),
            ("de;q=NaN,en;q=x,,;=", ""),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
    }

    #[test]
    fn a_long_header_is_cut() {
        assert_eq!(preferred_language(&format!("{}en", "fr,".repeat(1_000))), "");
    }
}
