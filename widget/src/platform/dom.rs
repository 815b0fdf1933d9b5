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
pub(crate) struct Node(JsValue);

impl From<JsValue> for Node {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl From<Node> for JsValue {
    fn from(node: Node) -> Self {
        node.0
    }
}

impl Node {
    /// A new, empty object.
    pub(crate) fn object() -> Self {
        Self(Object::new().into())
    }

    /// The object itself.
    pub(crate) fn as_js(&self) -> &JsValue {
        &self.0
    }

    /// Itself, unless it is absent.
    pub(crate) fn present(self) -> Option<Self> {
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
    pub(crate) fn node(&self, name: &str) -> Self {
        Self(self.get(name))
    }

    /// A property that is a text; anything else is empty.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).as_string().unwrap_or_default()
    }

    /// Whether a property is `true`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name) == JsValue::TRUE
    }

    /// Sets a property.
    pub(crate) fn set(&self, name: &str, value: &JsValue) {
        let _ = reflect_set(&self.0, name, value);
    }

    /// Sets a property to a text.
    pub(crate) fn set_text(&self, name: &str, text: &str) {
        self.set(name, &JsValue::from_str(text));
    }

    /// Calls a method; what it throws is absent.
    pub(crate) fn call(&self, name: &str, first: &JsValue, second: &JsValue) -> JsValue {
        let method: Function = self.get(name).unchecked_into();
        method.call2(&self.0, first, second).unwrap_or_default()
    }

    /// Calls a method with a text.
    pub(crate) fn call_with(&self, name: &str, text: &str) -> JsValue {
        self.call(name, &JsValue::from_str(text), &JsValue::UNDEFINED)
    }

    /// Calls a method without arguments.
    pub(crate) fn act(&self, name: &str) {
        self.call(name, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }
}

/// What elements have.
impl Node {
    /// The first element within that fits.
    pub(crate) fn find(&self, selector: &str) -> Self {
        Self(self.call_with("querySelector", selector))
    }

    /// The element itself or the nearest one around it that fits.
    pub(crate) fn closest(&self, selector: &str) -> Self {
        Self(self.call_with("closest", selector))
    }

    /// An attribute; one that is not there is empty.
    pub(crate) fn attribute(&self, name: &str) -> String {
        self.call_with("getAttribute", name).as_string().unwrap_or_default()
    }

    /// A whole number in an attribute.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        number(&self.attribute(name))
    }

    /// Sets an attribute.
    pub(crate) fn set_attribute(&self, name: &str, value: &str) {
        self.call("setAttribute", &JsValue::from_str(name), &JsValue::from_str(value));
    }

    /// Takes an attribute away.
    pub(crate) fn remove_attribute(&self, name: &str) {
        self.call_with("removeAttribute", name);
    }

    /// The words in it.
    pub(crate) fn words(&self) -> String {
        self.text("textContent")
    }

    /// Replaces what is in it by words.
    pub(crate) fn say(&self, words: &str) {
        self.set_text("textContent", words);
    }

    /// Puts a node at its end.
    pub(crate) fn append(&self, node: &Self) {
        self.call("appendChild", &node.0, &JsValue::UNDEFINED);
    }

    /// Puts a node at its start.
    pub(crate) fn prepend(&self, node: &Self) {
        self.call("insertBefore", &node.0, &self.get("firstChild"));
    }

    /// Puts a node before it.
    pub(crate) fn put_before(&self, node: &Self) {
        self.node("parentNode").call("insertBefore", &node.0, &self.0);
    }

    /// Puts a node behind it.
    pub(crate) fn put_after(&self, node: &Self) {
        self.node("parentNode").call("insertBefore", &node.0, &self.get("nextSibling"));
    }

    /// Takes it off the page.
    pub(crate) fn remove(&self) {
        self.act("remove");
    }

    /// Moves the focus to it, and the screen with it where need be.
    pub(crate) fn focus(&self) {
        self.act("focus");
    }

    /// Moves the focus to it although it is not in the tab order.
    pub(crate) fn focus_on_text(&self) {
        self.set_attribute("tabindex", "-1");
        self.focus();
    }

    /// A new element for the same document, with words in it.
    pub(crate) fn make(&self, tag: &str, class: &str, words: &str) -> Self {
        let element = Self(self.node("ownerDocument").call_with("createElement", tag));
        element.set_text("className", class);
        element.say(words);
        element
    }

    /// The window it is in.
    pub(crate) fn window(&self) -> Self {
        self.node("ownerDocument").node("defaultView")
    }

    /// Tells the host page; the event leaves the shadow root and seems to come from its host.
    pub(crate) fn tell(&self, name: &str, detail: &JsValue) {
        let init = Self::object();
        init.set("bubbles", &JsValue::TRUE);
        init.set("composed", &JsValue::TRUE);
        init.set("detail", detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict(name, init.0.unchecked_ref::<CustomEventInit>()) {
            self.call("dispatchEvent", &event, &JsValue::UNDEFINED);
        }
    }
}

/// Makes nodes of what `view` has drawn.
///
/// The loader's `draw` is the only place in the browser where text becomes HTML: it does so in a `<template>`, where nothing runs or
/// loads, under the page's one Trusted Types policy.
pub(crate) fn draw(draw: &Function, html: &str) -> Node {
    Node(draw.call2(&JsValue::UNDEFINED, &JsValue::from_str(html), &JsValue::UNDEFINED).unwrap_or_default())
}

/// Two ports that hear each other's messages.
pub(crate) fn message_channel(window: &Node) -> Node {
    Node(reflect_construct(&window.get("MessageChannel"), &Array::new()).unwrap_or_default())
}

/// A whole number in decimal digits, without the checks for signs and overflow that `parse` brings along: the numbers read
/// here are ids and counts that `view` has written.
pub(crate) fn number(digits: &str) -> Option<i64> {
    let digit = |number: i64, digit: u8| {
        digit.is_ascii_digit().then(|| number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')))
    };
    Some(digits).filter(|digits| !digits.is_empty())?.bytes().try_fold(0, digit)
}

/// A listener for several kinds of events, which stops listening when it is dropped.
pub(crate) struct Listener {
    target: Node,
    kinds: &'static [&'static str],
    closure: Closure<dyn Fn(JsValue)>,
}

impl Listener {
    /// Listens on an element, for what happens within it too. What is heard may make more happen: whoever moves the focus hears of it at
    /// once.
    pub(crate) fn new(target: &Node, kinds: &'static [&'static str], heard: impl Fn(JsValue) + 'static) -> Self {
        let listener = Self { target: target.clone(), kinds, closure: Closure::new(heard) };
        listener.each("addEventListener");
        listener
    }

    fn each(&self, method: &str) {
        for kind in self.kinds {
            self.target.call(method, &JsValue::from_str(kind), self.closure.as_ref());
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.each("removeEventListener");
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_digits_only() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("9007199254740991"), Some(9_007_199_254_740_991));
        for bad in ["", "-1", "+1", "1.0", " 1", "1e3", "x"] {
            assert_eq!(number(bad), None, "{bad}");
        }
        // Far beyond any id there is only no panic to ask for.
        assert!(number(&"9".repeat(40)).is_some());
    }
}
