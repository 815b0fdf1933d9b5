//! Timers of the window.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::platform::dom::JsObject;

/// A running timer. Dropping it cancels it.
pub(crate) struct Timer {
    window: JsObject,
    id: JsValue,
    _on_time: Closure<dyn FnMut()>,
}

impl Timer {
    /// Starts a timer. `method` is `setTimeout`, or `setInterval` for a timer that repeats.
    pub(crate) fn new(window: &JsObject, method: &str, milliseconds: i32, on_time: impl FnMut() + 'static) -> Self {
        let on_time = Closure::new(on_time);
        let id = window.call_with(method, on_time.as_ref(), &milliseconds.into());
        Self { window: window.clone(), id, _on_time: on_time }
    }
}

/// The HTML standard lets one method cancel both kinds of timers.
impl Drop for Timer {
    fn drop(&mut self) {
        self.window.call_with("clearTimeout", &self.id, &JsValue::UNDEFINED);
    }
}
