//! Finds the place for comments in a page as the loader does, and puts the thread there.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use url::Url;
use wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::future_to_promise;

use crate::context::AppContext;
use crate::http::blog_page::insertion::{LoaderQuery, Look, shadow_root};
use crate::http::blog_page::policy::allows_inline_styles;
use crate::http::blog_page::thread_source::ThreadSource;
use crate::platform::html_rewriter::{Element, EndTag, HtmlRewriter};

/// The options of the loader, attributes of the place and of the tag.
#[derive(Clone, Debug, Default)]
struct Options {
    url: Option<String>,
    lang: Option<String>,
    sort: Option<String>,
    theme: Option<String>,
}

impl Options {
    fn of_place(element: &Element) -> Self {
        let option = |name: &str| element.attribute(name).or_else(|| element.attribute(&format!("data-{name}")));
        Self { url: option("url"), lang: option("lang"), sort: option("sort"), theme: option("theme") }
    }

    fn of_tag(element: &Element) -> Self {
        let option = |name: &str| element.attribute(&format!("data-{name}"));
        Self { url: option("url"), lang: option("lang"), sort: option("sort"), theme: option("theme") }
    }

    fn or(self, other: &Self) -> Self {
        let or = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        Self {
            url: or(self.url, &other.url),
            lang: or(self.lang, &other.lang),
            sort: or(self.sort, &other.sort),
            theme: or(self.theme, &other.theme),
        }
    }
}

/// The page as far as it has streamed through.
#[derive(Debug, Default)]
struct PageState {
    lang: String,
    base: Option<String>,
    canonical: Option<String>,
    tag: Options,
    is_in_body: bool,
    forbids_inline_styles: bool,
    /// True in the place for comments once it has anything that is no comment or script.
    has_content: bool,
    is_in_script: bool,
    /// True once a thread is in the page, or will be.
    is_done: bool,
}

/// A page and the means to put a thread into it.
struct Page {
    app: Rc<AppContext>,
    url: Url,
    endpoint: String,
    source: ThreadSource,
    state: RefCell<PageState>,
}

/// The response with a thread in its body.
pub(super) fn rewrite(
    app: &Rc<AppContext>,
    url: Url,
    source: ThreadSource,
    response: &web_sys::Response,
) -> Result<web_sys::Response, JsValue> {
    let policies = response.headers().get("content-security-policy")?.unwrap_or_default();
    let state = PageState { forbids_inline_styles: !allows_inline_styles(&policies), ..PageState::default() };
    let endpoint = url.origin().ascii_serialization() + &app.settings.base_path;
    let page = Rc::new(Page { app: Rc::clone(app), url, endpoint, source, state: RefCell::new(state) });
    let rewriter = HtmlRewriter::new();
    observe_head(&rewriter, &page)?;
    observe_places(&rewriter, &page)?;
    rewriter.transform(response)
}

/// Reads what decides about the post, its language and its styles.
fn observe_head(rewriter: &HtmlRewriter, page: &Rc<Page>) -> Result<(), JsValue> {
    let on = |selector: &str, handler: fn(&mut PageState, &Element)| {
        let page = Rc::clone(page);
        rewriter.on_element(selector, move |element| {
            handler(&mut page.state.borrow_mut(), &element);
            JsValue::UNDEFINED
        })
    };
    on("html", |state, html| state.lang = html.attribute("lang").unwrap_or_default())?;
    on("base", |state, base| {
        if state.base.is_none() {
            state.base = base.attribute("href");
        }
    })?;
    on("link[rel~=\"canonical\" i]", |state, link| {
        if state.canonical.is_none() {
            state.canonical = link.attribute("href");
        }
    })?;
    on("meta[http-equiv=\"content-security-policy\" i]", |state, meta| {
        state.forbids_inline_styles |= !allows_inline_styles(&meta.attribute("content").unwrap_or_default());
    })?;
    on("body", |state, _| state.is_in_body = true)
}

fn observe_places(rewriter: &HtmlRewriter, page: &Rc<Page>) -> Result<(), JsValue> {
    let owner = Rc::clone(page);
    rewriter.on_element("div#afterword", move |element| on_place(&owner, &element))?;
    let owner = Rc::clone(page);
    rewriter.on_element("div#afterword > *", move |element| on_child(&owner, &element))?;
    let owner = Rc::clone(page);
    rewriter.on_text("div#afterword", move |chunk| {
        let mut state = owner.state.borrow_mut();
        state.has_content |= !state.is_in_script && !chunk.text().trim().is_empty();
    })?;
    let owner = Rc::clone(page);
    rewriter.on_element("afterword-comments", move |element| on_place(&owner, &element))?;
    let owner = Rc::clone(page);
    rewriter.on_element("script[src$=\"/embed.js\"]", move |element| on_tag(&owner, element))
}

/// A place for comments: its thread stands before its end tag, once it is known to be empty.
fn on_place(page: &Rc<Page>, element: &Element) -> JsValue {
    if page.state.borrow().is_done {
        return JsValue::UNDEFINED;
    }
    page.state.borrow_mut().has_content = false;
    let (owner, options) = (Rc::clone(page), Options::of_place(element));
    let may_have_content = options.url.is_some() || element.tag_name() != "div";
    let on_end = move |end: EndTag| {
        let mut state = owner.state.borrow_mut();
        if state.is_done || (state.has_content && !may_have_content) {
            return JsValue::UNDEFINED;
        }
        state.is_done = true;
        let options = options.clone().or(&state.tag);
        drop(state);
        let page = Rc::clone(&owner);
        promise(async move {
            if let Some(html) = page.thread(options).await {
                end.insert_html_before(&html);
            }
        })
    };
    // An element without an end tag gets no thread here, but by the loader.
    drop(element.on_end_tag(on_end));
    JsValue::UNDEFINED
}

fn on_child(page: &Rc<Page>, element: &Element) -> JsValue {
    let mut state = page.state.borrow_mut();
    if element.tag_name() == "script" {
        let owner = Rc::clone(page);
        state.is_in_script = element
            .on_end_tag(move |_| {
                owner.state.borrow_mut().is_in_script = false;
                JsValue::UNDEFINED
            })
            .is_ok();
    } else {
        state.has_content = true;
    }
    JsValue::UNDEFINED
}

/// The tag of the loader. If it is in the body, and the page has no place for comments before it, it is the place.
fn on_tag(page: &Rc<Page>, element: Element) -> JsValue {
    let mut state = page.state.borrow_mut();
    state.tag = Options::of_tag(&element);
    if state.is_done || !state.is_in_body || state.is_in_script {
        return JsValue::UNDEFINED;
    }
    state.is_done = true;
    let options = state.tag.clone();
    drop(state);
    let page = Rc::clone(page);
    promise(async move {
        if let Some(html) = page.thread(options).await {
            element.insert_html_after(&format!("<div id=\"afterword\">{html}</div>"));
        }
    })
}

fn promise(future: impl Future<Output = ()> + 'static) -> JsValue {
    // A panic rejects the promise, and the page then ends early; nothing else uses what the future has touched.
    let future = AssertUnwindSafe(async move {
        future.await;
        Ok(JsValue::UNDEFINED)
    });
    future_to_promise(future).into()
}

impl Page {
    /// The HTML of the thread of the post, if there is such a post and its thread is there in time.
    async fn thread(&self, options: Options) -> Option<String> {
        let (query, forbids_inline_styles) = {
            let state = self.state.borrow();
            (self.query(&state, &options)?, state.forbids_inline_styles)
        };
        let chosen = self.app.settings.sites.choose_post(&query.url, query.location.as_deref()).ok()?;
        let thread = self.source.thread(&chosen.post, query.sort()?).await?;
        let rules = if forbids_inline_styles { None } else { self.source.stylesheet().await };
        let look = Look { rules: rules.as_deref(), themes: options.theme.as_deref().unwrap_or_default() };
        Some(shadow_root(&self.app, &self.endpoint, &query, &chosen, &thread, &look))
    }

    /// The query of the loader. `None` if it depends on the browser.
    fn query(&self, state: &PageState, options: &Options) -> Option<LoaderQuery> {
        let lang = options.lang.clone().unwrap_or_else(|| state.lang.clone());
        let base = state.base.as_deref().and_then(|base| self.url.join(base).ok()).unwrap_or_else(|| self.url.clone());
        let resolve = |address: &str| base.join(address).ok().map(String::from);
        let location = self.url.to_string();
        let named = options.url.as_deref();
        let url = match named.or(state.canonical.as_deref()) {
            Some(address) => resolve(address)?,
            None => location.clone(),
        };
        let sort = options.sort.clone().unwrap_or_default();
        let query = LoaderQuery { url, lang, location: named.is_none().then_some(location), sort };
        (query.lang != "auto").then_some(query)
    }
}
