//! The HTML that is put into a page.

use afterword_model::{ChosenPost, Sort, Thread};
use afterword_view::styles::{Stylesheet, THEMES};
use afterword_view::{Form, RenderContext, catalogue};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use url::form_urlencoded::Serializer;

use crate::context::AppContext;
use crate::http::read_api::{fragment_form, render_context};

/// The request of the loader on a page. Both make the same path of it, by which the loader sees that the thread is the one it would fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LoaderQuery {
    /// The address of the post: what the owner wrote, or the canonical link, or that of the page.
    pub(super) url: String,
    /// The language of the page.
    pub(super) lang: String,
    /// The address of the page, unless the owner wrote that of the post.
    pub(super) location: Option<String>,
    /// The order that the owner chose.
    pub(super) sort: String,
}

impl LoaderQuery {
    fn path(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("url", &self.url).append_pair("lang", &self.lang);
        if let Some(location) = &self.location {
            query.append_pair("location", location);
        }
        format!("/v1/thread.html?{}&comment=", query.append_pair("sort", &self.sort).finish())
    }

    /// The order, unless the word is none.
    pub(super) fn sort(&self) -> Option<Sort> {
        if self.sort.is_empty() {
            return Some(Sort::default());
        }
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            self.sort.as_str().into_deserializer();
        Sort::deserialize(word).ok()
    }
}

/// A thread in a declarative shadow root, for an element that the loader takes as a place for comments. Only ASCII, so that the encoding of
/// the page does not matter.
pub(super) fn shadow_root(
    app: &AppContext,
    endpoint: &str,
    query: &LoaderQuery,
    chosen: &ChosenPost,
    thread: &Thread,
    look: &Look,
) -> String {
    let messages = catalogue::messages(&query.lang);
    let form = Form { hint: chosen.fault.map_or("", |fault| fault.hint()), ..fragment_form(&chosen.post) };
    let context = RenderContext { avatars: app.settings.avatars, ..render_context(messages, endpoint) };
    let fragment = afterword_view::thread(&context, thread, &form).into_string();
    let markup = html! {
        template shadowrootmode="open" {
            slot name="afterword" id=(query.path()) {}
            (look.stylesheet(endpoint))
            (PreEscaped(to_ascii(&fragment)))
            (look.theme(endpoint))
        }
    };
    markup.into_string()
}

/// The styles of a thread.
pub(super) struct Look<'a> {
    /// The rules to write into the page. `None` if the page allows none in it, or if they are not there.
    pub(super) rules: Option<&'a str>,
    /// The words of `data-theme`.
    pub(super) themes: &'a str,
}

impl Look<'_> {
    fn stylesheet(&self, endpoint: &str) -> Markup {
        html! {
            @match self.rules {
                Some(rules) => style { (PreEscaped(rules)) },
                None => link rel="stylesheet" crossorigin="" href={ (endpoint) (Stylesheet::Reading.path()) };,
            }
        }
    }

    fn theme(&self, endpoint: &str) -> Markup {
        let theme = THEMES.iter().find(|(name, _)| self.themes.split_ascii_whitespace().any(|word| word == *name));
        html! {
            @if let Some((name, style)) = theme {
                link rel="stylesheet" crossorigin="" href={ (endpoint) (style.path()) } class=(name);
            }
        }
    }
}

/// Writes all characters beyond ASCII as character references.
fn to_ascii(html: &str) -> String {
    let mut ascii = String::with_capacity(html.len());
    for char in html.chars() {
        if char.is_ascii() {
            ascii.push(char);
        } else {
            ascii.push_str(&format!("&#{};", u32::from(char)));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_written_as_the_loader_writes_it() {
        let query = LoaderQuery {
            url: "https://blog.example/a b?c=ä&d".to_owned(),
            lang: "pt-BR".to_owned(),
            location: Some("https://blog.example/x~*y".to_owned()),
            sort: String::new(),
        };
        // As `new URLSearchParams({ url, lang, location, sort })` writes it.
        let expected = "/v1/thread.html?url=https%3A%2F%2Fblog.example%2Fa+b%3Fc%3D%C3%A4%26d&lang=pt-BR\
                        &location=https%3A%2F%2Fblog.example%2Fx%7E*y&sort=&comment=";
        assert_eq!(query.path(), expected);
        let query = LoaderQuery { location: None, sort: "top".to_owned(), ..query };
        assert_eq!(
            query.path(),
            "/v1/thread.html?url=https%3A%2F%2Fblog.example%2Fa+b%3Fc%3D%C3%A4%26d&lang=pt-BR&sort=top&comment="
        );
    }

    #[test]
    fn an_unknown_order_is_none() {
        let sort = |word: &str| LoaderQuery { sort: word.to_owned(), ..LoaderQuery::default() }.sort();
        assert_eq!([sort(""), sort("top"), sort("worst")], [Some(Sort::default()), Some(Sort::Top), None]);
    }

    #[test]
    fn text_beyond_ascii_is_written_as_references() {
        assert_eq!(to_ascii("<p>a ä 日 👍"), "<p>a &#228; &#26085; &#128077;");
    }
}
