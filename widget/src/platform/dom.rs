//! The page, as far as the widget touches it, and the one door through which HTML enters it.
//!
//! A [`Node`] is any object of the page's JavaScript: an element, an event, the window. Its properties and methods are
//! reached by name, through three imports, where `web-sys` would take one for each of forty methods: an import costs a name with
//! a hash in it in the module and a function in the glue, 6 KB of brotli in all. The names are written here and nowhere else.
//!
//! A node may be absent, as when nothing fits a selector. Whatever is asked of an absent node is absent or empty, and
//! whatever is done to it does nothing, so that a page that was changed under the widget costs a feature and never the widget.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit};

use crate::platform::decimal::parse_decimal;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn reflect_set(target: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = construct, catch)]
    fn reflect_construct(target: &JsValue, arguments: &JsValue) -> Result<JsValue, JsValue>;
}

/// An object of the page, or its absence.
#[derive(Clone, PartialEq)]
pub(crate) struct JsObject(JsValue);

impl From<JsValue> for JsObject {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl From<JsObject> for JsValue {
    fn from(object: JsObject) -> Self {
        object.0
    }
}

/// What elements have.
impl JsObject {
    /// A new, empty object.
    pub(crate) fn empty() -> Self {
        Self(Object::new().into())
    }

    /// The object itself.
    pub(crate) fn as_js(&self) -> &JsValue {
        &self.0
    }

    /// Itself, unless it is absent.
    pub(crate) fn into_option(self) -> Option<Self> {
        self.is_present().then_some(self)
    }

    /// Whether it is not absent.
    pub(crate) fn is_present(&self) -> bool {
        self.0.is_object()
    }

    /// A property.
    pub(crate) fn get(&self, name: &str) -> JsValue {
        reflect_get(&self.0, name).unwrap_or_default()
    }

    /// A property that is an object.
    pub(crate) fn get_object(&self, name: &str) -> Self {
        Self(self.get(name))
    }

    /// A property that is a text; anything else is empty.
    pub(crate) fn get_string(&self, name: &str) -> String {
        self.get(name).as_string().unwrap_or_default()
    }

    /// Whether a property is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == JsValue::TRUE
    }

    /// Sets a property.
    pub(crate) fn set(&self, name: &str, value: &JsValue) {
        let _ = reflect_set(&self.0, name, value);
    }

    /// Sets a property to a text.
    pub(crate) fn set_string(&self, name: &str, text: &str) {
        self.set(name, &JsValue::from_str(text));
    }

    /// Calls a method without arguments.
    pub(crate) fn call_method(&self, name: &str) {
        self.call_with(name, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }

    /// Calls a method with a text.
    pub(crate) fn call_with_string(&self, name: &str, argument: &str) -> JsValue {
        self.call_with(name, &JsValue::from_str(argument), &JsValue::UNDEFINED)
    }

    /// Calls a method; what it throws is absent.
    pub(crate) fn call_with(&self, name: &str, first: &JsValue, second: &JsValue) -> JsValue {
        let method: Function = self.get(name).unchecked_into();
        method.call2(&self.0, first, second).unwrap_or_default()
    }
}

/// Methods for elements.
impl JsObject {
    /// The first element within that fits.
    pub(crate) fn find(&self, selector: &str) -> Self {
        Self(self.call_with_string("querySelector", selector))
    }

    /// The element itself or the nearest one around it that fits.
    pub(crate) fn closest(&self, selector: &str) -> Self {
        Self(self.call_with_string("closest", selector))
    }

    /// An attribute; one that is not there is empty.
    pub(crate) fn attribute(&self, name: &str) -> String {
        self.call_with_string("getAttribute", name).as_string().unwrap_or_default()
    }

    /// A whole number in an attribute.
    pub(crate) fn number_attribute(&self, name: &str) -> Option<i64> {
        parse_decimal(&self.attribute(name))
    }

    /// Sets an attribute.
    pub(crate) fn set_attribute(&self, name: &str, value: &str) {
        self.call_with("setAttribute", &JsValue::from_str(name), &JsValue::from_str(value));
    }

    /// Takes an attribute away.
    pub(crate) fn remove_attribute(&self, name: &str) {
        self.call_with_string("removeAttribute", name);
    }

    /// The words in it.
    pub(crate) fn text_content(&self) -> String {
        self.get_string("textContent")
    }

    /// Replaces what is in it by words.
    pub(crate) fn set_text(&self, text: &str) {
        self.set_string("textContent", text);
    }

    /// Puts a node at its end.
    pub(crate) fn append(&self, node: &Self) {
        self.call_with("appendChild", &node.0, &JsValue::UNDEFINED);
    }

    /// Puts a node at its start.
    pub(crate) fn prepend(&self, node: &Self) {
        self.call_with("insertBefore", &node.0, &self.get("firstChild"));
    }

    /// Puts a node before it.
    pub(crate) fn add_before(&self, node: &Self) {
        self.get_object("parentNode").call_with("insertBefore", &node.0, &self.0);
    }

    /// Puts a node behind it.
    pub(crate) fn add_after(&self, node: &Self) {
        self.get_object("parentNode").call_with("insertBefore", &node.0, &self.get("nextSibling"));
    }

    /// Takes it off the page.
    pub(crate) fn remove(&self) {
        self.call_method("remove");
    }

    /// Moves the focus to it, and the screen with it where need be.
    pub(crate) fn focus(&self) {
        self.call_method("focus");
    }

    /// Moves the focus to it although it is not in the tab order.
    pub(crate) fn focus_outside_tab_order(&self) {
        self.set_attribute("tabindex", "-1");
        self.focus();
    }

    /// A new element for the same document, with words in it.
    pub(crate) fn create_element(&self, tag: &str, class: &str, text: &str) -> Self {
        let element = Self(self.get_object("ownerDocument").call_with_string("createElement", tag));
        element.set_string("className", class);
        element.set_text(text);
        element
    }

    /// The window it is in.
    pub(crate) fn window(&self) -> Self {
        self.get_object("ownerDocument").get_object("defaultView")
    }

    /// Tells the host page; the event leaves the shadow root and seems to come from its host.
    pub(crate) fn dispatch_event(&self, name: &str, detail: &JsValue) {
        let init = Self::empty();
        init.set("bubbles", &JsValue::TRUE);
        init.set("composed", &JsValue::TRUE);
        init.set("detail", detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, init.0.unchecked_ref::<CustomEventInit>()) {
            self.call_with("dispatchEvent", &event, &JsValue::UNDEFINED);
        }
    }
}

/// Makes nodes of what `view` has drawn.
///
/// The loader's `draw` is the only place in the browser where text becomes HTML: it does so in a `<template>`, where nothing runs or
/// loads, under the page's one Trusted Types policy.
pub(crate) fn parse_html(parser: &Function, html: &str) -> JsObject {
    JsObject(parser.call2(&JsValue::UNDEFINED, &JsValue::from_str(html), &JsValue::UNDEFINED).unwrap_or_default())
}

/// Two ports that hear each other's messages.
pub(crate) fn new_message_channel(window: &JsObject) -> JsObject {
    JsObject(reflect_construct(&window.get("MessageChannel"), &Array::new()).unwrap_or_default())
}

/// A listener for several event_types of events, which stops listening when it is dropped.
pub(crate) struct EventListener {
    target: JsObject,
    event_types: &'static [&'static str],
    closure: Closure<dyn Fn(JsValue)>,
}

impl EventListener {
    /// Listens on an element, for what happens within it too. What is handler may make more happen: whoever moves the focus hears of it at
    /// once.
    pub(crate) fn new(
        target: &JsObject,
        event_types: &'static [&'static str],
        handler: impl Fn(JsValue) + 'static,
    ) -> Self {
        let listener = Self { target: target.clone(), event_types, closure: Closure::new(handler) };
        listener.call_for_each_type("addEventListener");
        listener
    }

    fn call_for_each_type(&self, method: &str) {
        for event_type in self.event_types {
            self.target.call_with(method, &JsValue::from_str(event_type), self.closure.as_ref());
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.call_for_each_type("removeEventListener");
    }
}
