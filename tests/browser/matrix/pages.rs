//! The host pages of `tests/pages`, with what differs from an ordinary page.

use afterword_tests::Engine;

/// A host page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Name of its file in `tests/pages`, without the extension. The file of an ordinary page has the content of its head and, unless the
    /// body is that of another page, its body. A page whose document type, encoding or order matters is whole.
    pub(super) name: &'static str,
    /// Name of the page whose body it has, if its file has none.
    pub(super) body_of: &'static str,
    /// The attributes of `<html>`, if the file does not have them.
    pub(super) html_attributes: &'static str,
    /// A response header. `WORKER` in it stands for the origin of the Worker.
    pub(super) header: Option<(&'static str, &'static str)>,
    /// Follows the path in the address that readers open.
    pub(super) suffix: &'static str,
    /// Follows the path in the address of the thread.
    pub(super) route: &'static str,
    pub(super) location: Location,
    pub(super) reach: Reach,
    /// A part of the path of requests that a blocker breaks.
    pub(super) blocked: Option<&'static str>,
    /// The engine whose driver can neither type nor click on this page, although a reader can.
    pub(super) driver_limit: Option<Engine>,
    /// A part of a console error that the page or the loader reports.
    pub(super) console: Option<&'static str>,
    /// True if the page leaves something in the browser.
    pub(super) own_browser: bool,
}

/// The place of the comments in the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Location {
    Open,
    /// Shown after a click on `#open`.
    Closed,
    /// In the frame `#frame`.
    Frame,
}

/// The actions that a page allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reach {
    /// Everything, on the page.
    Widget,
    /// Reading on the page. Its form and its links lead to the Worker's page.
    PlainForm,
    /// Reading only.
    Reading,
}

const fn page(name: &'static str) -> Page {
    Page {
        name,
        body_of: "plain",
        html_attributes: r#"lang="en""#,
        header: None,
        suffix: "",
        route: "",
        location: Location::Open,
        reach: Reach::Widget,
        blocked: None,
        driver_limit: None,
        console: None,
        own_browser: false,
    }
}

const fn with_header(name: &'static str, header: &'static str, value: &'static str) -> Page {
    Page { header: Some((header, value)), ..page(name) }
}

const fn in_location(name: &'static str, location: Location) -> Page {
    Page { location, ..page(name) }
}

const CSP: &str = "Content-Security-Policy";
const STRICT: &str = "default-src 'none'; script-src WORKER 'wasm-unsafe-eval'; style-src WORKER; connect-src WORKER; \
                      base-uri 'none'; form-action WORKER; frame-ancestors 'none'";
const TYPED: &str = "default-src 'none'; script-src WORKER 'wasm-unsafe-eval'; style-src WORKER; connect-src WORKER; \
                     require-trusted-types-for 'script'; trusted-types afterword";
const NO_WASM: &str = "default-src 'none'; script-src WORKER; style-src WORKER; connect-src WORKER; form-action WORKER";

/// Pages for frames of other pages.
pub(super) const FRAMED: &[Page] =
    &[page("iframe-content"), page("opaque-iframe-content"), page("sandboxed-iframe-content")];

/// All host pages by kind, the plain one first.
const KINDS: &[&[Page]] = &[
    &[page("plain")],
    // Documentation and its chapters.
    &[
        page("sphinx"),
        page("docutils-section"),
        page("r-markdown"),
        page("instant-navigation"),
        page("docusaurus-like"),
        page("hotkeys"),
    ],
    // Pages that change under the widget.
    &[page("push-state"), page("body-swap"), Page { suffix: "#/post", route: "#/post", ..page("hash-routes") }],
    // Styles.
    &[
        page("magazine"),
        page("unset-everything"),
        page("unset-important"),
        page("hidden-empty-elements"),
        page("reset"),
        Page { html_attributes: r#"lang="ar" dir="rtl""#, ..page("right-to-left") },
        // WebKitWebDriver ignores `zoom` when it computes the point to click.
        Page { driver_limit: Some(Engine::WebKit), ..page("zoomed") },
        page("large-text"),
        Page { html_attributes: r#"lang="en" data-theme="dark""#, ..page("dark-scheme") },
        page("flex-children"),
        page("print-styles"),
        page("content-visibility"),
        page("sticky-header"),
        Page { body_of: "sticky-header", ..page("fixed-header") },
        page("overflow-container"),
        page("copy-protection"),
    ],
    // Documents.
    &[
        page("base-href"),
        page("base-target"),
        page("quirks"),
        page("html4-transitional"),
        with_header("xhtml", "Content-Type", "application/xhtml+xml"),
        with_header("old-charset", "Content-Type", "text/html; charset=iso-8859-1"),
    ],
    // Places.
    &[
        in_location("hidden-tab", Location::Closed),
        in_location("accordion", Location::Closed),
        page("shadow-root"),
        page("custom-element"),
        in_location("iframe", Location::Frame),
        in_location("sandboxed-iframe", Location::Frame),
        Page { reach: Reach::Reading, console: Some("SITES"), ..in_location("opaque-iframe", Location::Frame) },
    ],
    // Scripts.
    &[
        page("patched-fetch"),
        page("patched-prototypes"),
        page("patched-attach-shadow"),
        // chromedriver does not find the focus in a closed root.
        Page { driver_limit: Some(Engine::Chromium), ..page("closed-shadow-roots") },
        page("cancelled-events"),
        page("capturing-listeners"),
        page("frozen-prototypes"),
    ],
    // Tags.
    &[
        page("two-tags"),
        page("tag-and-place"),
        page("tag-in-head"),
        page("tag-manager"),
        page("deferred-scripts"),
        Page { console: Some("document.write"), ..page("document-write") },
    ],
    // Policies and blockers.
    &[
        with_header("strict-csp", CSP, STRICT),
        with_header("trusted-types", CSP, TYPED),
        Page {
            reach: Reach::PlainForm,
            console: Some("wasm-unsafe-eval"),
            ..with_header("without-wasm", CSP, NO_WASM)
        },
        Page { reach: Reach::PlainForm, blocked: Some("/assets/widget"), ..page("blocked-widget") },
    ],
    // Addresses.
    &[
        Page { console: Some("canonical"), ..page("wrong-canonical") },
        Page { console: Some("canonical"), ..page("foreign-canonical") },
        Page { console: Some("canonical"), ..page("root-canonical") },
        Page { suffix: "?utm_source=x&fbclid=1", ..page("tracking-parameters") },
        Page { own_browser: true, ..page("service-worker") },
    ],
];

/// All host pages.
pub(super) fn pages() -> impl Iterator<Item = &'static Page> {
    KINDS.iter().copied().flatten()
}

/// One in this many pages of each kind belongs to the quick form.
pub(super) const QUICK_SHARE: usize = 4;

/// The pages of the quick form: the first of each kind, and every fourth after it.
pub(super) fn quick_pages() -> impl Iterator<Item = &'static Page> {
    KINDS.iter().flat_map(|kind| kind.iter().step_by(QUICK_SHARE))
}
