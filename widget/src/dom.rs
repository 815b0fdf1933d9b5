//! Elements, listeners, and the one door through which HTML enters the page.

use js_sys::Function;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Document, DocumentFragment, Element, Event, HtmlElement, NodeList};

/// Makes nodes of what `view` has drawn.
///
/// The loader's `draw` is the only place in the browser where text becomes HTML: it does so in a `<template>`, where nothing runs or
/// loads, under the page's one Trusted Types policy.
pub(crate) fn draw(draw: &Function, html: &str) -> Option<DocumentFragment> {
    draw.call1(&JsValue::NULL, &JsValue::from_str(html)).ok()?.dyn_into().ok()
}

/// The first element within that fits.
pub(crate) fn find(within: &Element, selector: &str) -> Option<Element> {
    within.query_selector(selector).ok().flatten()
}

/// All elements within that fit, as they are now.
pub(crate) fn all(within: &Element, selector: &str) -> Vec<Element> {
    within.query_selector_all(selector).map(|list| elements(&list)).unwrap_or_default()
}

/// The elements of a list.
pub(crate) fn elements(list: &NodeList) -> Vec<Element> {
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}

/// The element itself or the nearest one around it that fits.
pub(crate) fn closest(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok().flatten()
}

/// A new element with a text in it.
pub(crate) fn make(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document()?.create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

/// An attribute; what cannot be set is as good as not there, and nothing hangs on it alone.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// A number in an attribute.
pub(crate) fn number<T: std::str::FromStr>(element: &Element, name: &str) -> Option<T> {
    element.get_attribute(name)?.parse().ok()
}

/// Puts an element right behind another one.
pub(crate) fn put_after(place: &Element, element: &Element) {
    let _ = place.after_with_node_1(element);
}

/// Moves the focus, and the screen with it where need be.
pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the focus to something that is not in the tab order.
pub(crate) fn focus_on_text(element: &Element) {
    set(element, "tabindex", "-1");
    focus(element);
}

/// Tells the host page; the event leaves the shadow root and seems to come from its host.
pub(crate) fn tell(element: &Element, name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = element.dispatch_event(&event);
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// A listener for several kinds of events, which stops listening when it is dropped.
pub(crate) struct Listener {
    target: Element,
    kinds: &'static [&'static str],
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens on an element, for what happens within it too.
    pub(crate) fn new(target: &Element, kinds: &'static [&'static str], heard: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::new(heard);
        for kind in kinds {
            let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
        }
        Self { target: target.clone(), kinds, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for kind in self.kinds {
            let _ = self.target.remove_event_listener_with_callback(kind, self.closure.as_ref().unchecked_ref());
        }
    }
}
