//! The platform's HTML rewriter, which changes a page while it streams through (Cloudflare's documentation, "HTMLRewriter").

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// A rewriter with handlers for elements.
    #[wasm_bindgen(js_name = HTMLRewriter)]
    pub(crate) type HtmlRewriter;

    /// A rewriter without handlers.
    #[wasm_bindgen(constructor, js_class = "HTMLRewriter")]
    pub(crate) fn new() -> HtmlRewriter;

    #[wasm_bindgen(method, catch, js_name = on)]
    fn add_handlers(this: &HtmlRewriter, selector: &str, handlers: &Object) -> Result<HtmlRewriter, JsValue>;

    /// A response whose body is the rewritten body of another one.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn transform(this: &HtmlRewriter, response: &web_sys::Response) -> Result<web_sys::Response, JsValue>;

    /// The start tag of an element.
    pub(crate) type Element;

    /// The name in lower case.
    #[wasm_bindgen(method, getter, js_name = tagName)]
    pub(crate) fn tag_name(this: &Element) -> String;

    #[wasm_bindgen(method, js_name = getAttribute)]
    fn get_attribute(this: &Element, name: &str) -> Option<String>;

    #[wasm_bindgen(method, js_name = after)]
    fn insert_after(this: &Element, html: &str, options: &Object);

    #[wasm_bindgen(method, catch, js_name = onEndTag)]
    fn add_end_handler(this: &Element, handler: &Function) -> Result<(), JsValue>;

    /// The end tag of an element.
    pub(crate) type EndTag;

    #[wasm_bindgen(method, js_name = before)]
    fn insert_before(this: &EndTag, html: &str, options: &Object);

    /// A part of a text.
    pub(crate) type TextChunk;

    /// The text.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn text(this: &TextChunk) -> String;
}

impl HtmlRewriter {
    /// Calls `handler` for each element that matches a selector. The rewriter waits for a promise that it returns.
    pub(crate) fn on_element(
        &self,
        selector: &str,
        handler: impl Fn(Element) -> JsValue + 'static,
    ) -> Result<(), JsValue> {
        self.on(
            selector,
            "element",
            &Closure::<dyn Fn(Element) -> JsValue>::own_assert_unwind_safe(handler).into_js_value(),
        )
    }

    /// Calls `handler` for each part of the text inside of the elements that match a selector.
    pub(crate) fn on_text(&self, selector: &str, handler: impl Fn(TextChunk) + 'static) -> Result<(), JsValue> {
        self.on(selector, "text", &Closure::<dyn Fn(TextChunk)>::own_assert_unwind_safe(handler).into_js_value())
    }

    fn on(&self, selector: &str, kind: &str, handler: &JsValue) -> Result<(), JsValue> {
        let handlers = Object::new();
        Reflect::set(&handlers, &kind.into(), handler)?;
        self.add_handlers(selector, &handlers).map(drop)
    }
}

impl Element {
    /// Value of an attribute, `None` if it is missing or empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.get_attribute(name).filter(|value| !value.is_empty())
    }

    /// Inserts HTML after the element.
    pub(crate) fn insert_html_after(&self, html: &str) {
        self.insert_after(html, &html_options());
    }

    /// Calls `handler` for the end tag. The rewriter waits for a promise that it returns.
    pub(crate) fn on_end_tag(&self, handler: impl Fn(EndTag) -> JsValue + 'static) -> Result<(), JsValue> {
        let handler = Closure::<dyn Fn(EndTag) -> JsValue>::own_assert_unwind_safe(handler).into_js_value();
        self.add_end_handler(handler.unchecked_ref())
    }
}

impl EndTag {
    /// Inserts HTML before the end tag.
    pub(crate) fn insert_html_before(&self, html: &str) {
        self.insert_before(html, &html_options());
    }
}

fn html_options() -> Object {
    let options = Object::new();
    // Setting a property of a plain object cannot fail.
    drop(Reflect::set(&options, &"html".into(), &true.into()));
    options
}
