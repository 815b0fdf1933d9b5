//! The page for a moderator who follows a link from another website.

use maud::{DOCTYPE, Markup, html};

use crate::messages::Messages;
use crate::styles::Stylesheet;

/// Renders a page that leads on to `path`, a path of the Worker. A browser sends the cookie of the session with a link of our own page, and not
/// with one of another website.
pub fn continue_page(texts: &Messages, path: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(texts.get("lang")) dir=(texts.get("dir")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta http-equiv="refresh" content={ "0;url=" (path) };
                title { (texts.get("continue.title")) " · Afterword" }
                link rel="stylesheet" href=(Stylesheet::Admin.path());
            }
            body { main.narrow { h1 { (texts.get("continue.title")) } p { a.button href=(path) { (texts.get("continue.link")) } } } }
        }
    }
}
