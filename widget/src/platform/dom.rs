//! The page's objects, and the only function through which HTML enters the page.
//!
//! A [`JsObject`] is any object of the page's JavaScript: an element, an event, the window. Its properties and methods are
//! accessed by name, through four imports. `web-sys` would take one import for each of forty methods, and an import costs a name with
//! a hash in the module and a function in the glue: 6 KB of brotli in all.
//!
//! An object may be absent, for example if no element matches a selector. Everything read from an absent object is absent or empty, and
//! calls on it have no effect. A page that was changed while the widget runs therefore loses a feature, but never the widget.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit};

use crate::platform::decimal::{parse_decimal, push_decimal};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn reflect_set(target: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = defineProperty, catch)]
    fn reflect_define(target: &JsValue, name: &str, descriptor: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = construct, catch)]
    fn reflect_construct(target: &JsValue, arguments: &JsValue) -> Result<JsValue, JsValue>;

    /// Calls the document's own method. Read from the document by its name, it could be an element: one of the host page with the name
    /// `createElement`.
    #[wasm_bindgen(js_namespace = ["Document", "prototype", "createElement"], js_name = call)]
    fn create_element_in(document: &JsValue, tag: &str) -> JsValue;
}

/// An object of the page's JavaScript. May be absent.
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

/// Methods for all objects.
impl JsObject {
    /// The window. It cannot be read from the document: an element of the host page with the name `defaultView` would hide it.
    pub(crate) fn window() -> Self {
        Self(js_sys::global().into())
    }

    /// Creates an object without properties.
    pub(crate) fn empty() -> Self {
        Self(Object::new().into())
    }

    /// The JavaScript value.
    pub(crate) fn as_js(&self) -> &JsValue {
        &self.0
    }

    /// Returns the object, or `None` if it is absent.
    pub(crate) fn into_option(self) -> Option<Self> {
        self.is_present().then_some(self)
    }

    /// Returns true if the value is an object, and not absent.
    pub(crate) fn is_present(&self) -> bool {
        self.0.is_object()
    }

    /// Reads a property.
    pub(crate) fn get(&self, name: &str) -> JsValue {
        reflect_get(&self.0, name).unwrap_or_default()
    }

    /// Reads a property that is an object.
    pub(crate) fn get_object(&self, name: &str) -> Self {
        Self(self.get(name))
    }

    /// Reads a property that is a string. A value of another type reads as empty.
    pub(crate) fn get_string(&self, name: &str) -> String {
        self.get(name).as_string().unwrap_or_default()
    }

    /// Returns true if a property is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == JsValue::TRUE
    }

    /// The items of an array or of a list of nodes.
    pub(crate) fn items(&self) -> Vec<Self> {
        let item = |index| {
            let mut name = String::new();
            push_decimal(&mut name, index);
            self.get_object(&name)
        };
        (0..self.integer("length")).map(item).collect()
    }

    /// Sets a property.
    pub(crate) fn set(&self, name: &str, value: &JsValue) {
        let _ = reflect_set(&self.0, name, value);
    }

    /// Sets a property to a string.
    pub(crate) fn set_string(&self, name: &str, text: &str) {
        self.set(name, &JsValue::from_str(text));
    }

    /// Hides a property of the object's class by one of its own.
    pub(crate) fn define(&self, name: &str, value: &JsValue) {
        let descriptor = Self::empty();
        descriptor.set("value", value);
        descriptor.set("configurable", &JsValue::TRUE);
        let _ = reflect_define(&self.0, name, &descriptor.0);
    }

    /// Calls a method without arguments.
    pub(crate) fn call_method(&self, name: &str) {
        self.call_with(name, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }

    /// Calls a method with a string.
    pub(crate) fn call_with_string(&self, name: &str, argument: &str) -> JsValue {
        self.call_with(name, &JsValue::from_str(argument), &JsValue::UNDEFINED)
    }

    /// Calls a method with two arguments. Returns undefined if the method throws.
    pub(crate) fn call_with(&self, name: &str, first: &JsValue, second: &JsValue) -> JsValue {
        self.call_with_three(name, first, second, &JsValue::UNDEFINED)
    }

    fn call_with_three(&self, name: &str, first: &JsValue, second: &JsValue, third: &JsValue) -> JsValue {
        let method: Function = self.get(name).unchecked_into();
        method.call3(&self.0, first, second, third).unwrap_or_default()
    }

    /// Reads a property that is a whole number. A value of another type reads as 0.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        self.get(name).as_f64().unwrap_or_default() as i64
    }
}

/// Methods for events.
impl JsObject {
    /// Keeps the event from all further listeners. The browser still does what it does by default, such as inserting a character.
    pub(crate) fn stop(&self) {
        self.call_method("stopImmediatePropagation");
    }
}

/// Methods for elements.
impl JsObject {
    /// Copies the element with its descendants. Absent if the element is.
    pub(crate) fn clone_tree(&self) -> Self {
        Self(self.call_with("cloneNode", &JsValue::TRUE, &JsValue::UNDEFINED))
    }

    /// The first descendant that matches a selector.
    pub(crate) fn find(&self, selector: &str) -> Self {
        Self(self.call_with_string("querySelector", selector))
    }

    /// All descendants that match a selector.
    pub(crate) fn find_all(&self, selector: &str) -> Vec<Self> {
        Self(self.call_with_string("querySelectorAll", selector)).items()
    }

    /// The element itself if it matches a selector, else its nearest ancestor that does.
    pub(crate) fn closest(&self, selector: &str) -> Self {
        Self(self.call_with_string("closest", selector))
    }

    /// Reads an attribute. A missing attribute reads as empty.
    pub(crate) fn attribute(&self, name: &str) -> String {
        self.call_with_string("getAttribute", name).as_string().unwrap_or_default()
    }

    /// Reads an integer from an attribute.
    pub(crate) fn number_attribute(&self, name: &str) -> Option<i64> {
        parse_decimal(&self.attribute(name))
    }

    /// Sets an attribute.
    pub(crate) fn set_attribute(&self, name: &str, value: &str) {
        self.call_with("setAttribute", &JsValue::from_str(name), &JsValue::from_str(value));
    }

    /// Removes an attribute.
    pub(crate) fn remove_attribute(&self, name: &str) {
        self.call_with_string("removeAttribute", name);
    }

    /// The text of the element and its descendants.
    pub(crate) fn text_content(&self) -> String {
        self.get_string("textContent")
    }

    /// Replaces the element's content by a text.
    pub(crate) fn set_text(&self, text: &str) {
        self.set_string("textContent", text);
    }

    /// Inserts a node as the last child.
    pub(crate) fn append(&self, node: &Self) {
        self.call_with("appendChild", &node.0, &JsValue::UNDEFINED);
    }

    /// Inserts a node as the first child.
    pub(crate) fn prepend(&self, node: &Self) {
        self.call_with("insertBefore", &node.0, &self.get("firstChild"));
    }

    /// Inserts a node directly before this element.
    pub(crate) fn add_before(&self, node: &Self) {
        self.get_object("parentNode").call_with("insertBefore", &node.0, &self.0);
    }

    /// Inserts a node directly after this element.
    pub(crate) fn add_after(&self, node: &Self) {
        self.get_object("parentNode").call_with("insertBefore", &node.0, &self.get("nextSibling"));
    }

    /// Removes the element from the page.
    pub(crate) fn remove(&self) {
        self.call_method("remove");
    }

    /// Focuses the element, and scrolls to it if necessary.
    pub(crate) fn focus(&self) {
        self.call_method("focus");
    }

    /// Focuses an element that is not in the tab order.
    pub(crate) fn focus_outside_tab_order(&self) {
        self.set_attribute("tabindex", "-1");
        self.focus();
    }

    /// Creates an element with a text, in the same document.
    pub(crate) fn create_element(&self, tag: &str, class: &str, text: &str) -> Self {
        let element = Self(create_element_in(&self.get("ownerDocument"), tag));
        element.set_string("className", class);
        element.set_text(text);
        element
    }

    /// Dispatches an event that bubbles out of the shadow root. For the host page its target is the host element.
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

/// Parses HTML that `view` rendered into a `DocumentFragment`.
///
/// The loader's `parseHtml` is the only place in the browser where text becomes HTML. It parses in a `<template>`, where nothing runs or
/// loads, under the page's one Trusted Types policy.
pub(crate) fn parse_html(parser: &Function, html: &str) -> JsObject {
    let (html, undefined) = (JsValue::from_str(html), JsValue::UNDEFINED);
    JsObject(parser.call3(&undefined, &html, &undefined, &undefined).unwrap_or_default())
}

/// Creates an object of a class of the window. `argument` may be undefined.
pub(crate) fn construct(window: &JsObject, class: &str, argument: &JsValue) -> JsObject {
    let arguments = Array::new();
    arguments.push(argument);
    JsObject(reflect_construct(&window.get(class), &arguments).unwrap_or_default())
}

/// A listener for events of several types. Dropping it removes it from the page.
pub(crate) struct EventListener {
    /// The window, then the element.
    targets: [JsObject; 2],
    event_types: &'static [&'static str],
    closure: Closure<dyn Fn(JsValue)>,
}

impl EventListener {
    /// Listens to the events of a whole page before they reach any of its elements, and to those of one element and its descendants. So the
    /// handler sees most events of the element twice, unless it stops them the first time.
    ///
    /// Nothing but the element sees an event that a closed shadow root around it hides from the window.
    ///
    /// The handler can be called while it runs: moving the focus dispatches an event at once.
    pub(crate) fn new(
        window: &JsObject,
        element: &JsObject,
        event_types: &'static [&'static str],
        handler: impl Fn(JsValue) + 'static,
    ) -> Self {
        let targets = [window.clone(), element.clone()];
        let listener = Self { targets, event_types, closure: Closure::new(handler) };
        listener.call_for_each_type("addEventListener");
        listener
    }

    fn call_for_each_type(&self, method: &str) {
        for event_type in self.event_types {
            for (target, is_capture) in self.targets.iter().zip([JsValue::TRUE, JsValue::FALSE]) {
                target.call_with_three(method, &JsValue::from_str(event_type), self.closure.as_ref(), &is_capture);
            }
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.call_for_each_type("removeEventListener");
    }
}
