#![doc = include_str!("../README.md")]

mod codec;
mod platform;
mod pow_solver;
#[cfg(test)]
mod readme;
mod storage;
mod thread;
mod worker_api;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::platform::dom::JsObject;
use crate::thread::widget::Widget;

/// A free-list allocator takes 2 KB of brotli less than the standard library's. The widget's allocations are small and short-lived.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

thread_local! {
    /// The widgets of this page. Most pages have one.
    static WIDGETS: RefCell<Vec<Rc<Widget>>> = const { RefCell::new(Vec::new()) };
}

/// Starts the widget on a thread: `section` is the element that the Worker rendered, `config` is `{endpoint, title, messages, parse}`.
///
/// Returns true if the widget has started. It does not start if one of the two arguments is invalid, or if the thread already has a
/// widget; the page then stays unchanged. Each call also drops the widgets whose threads have left the page, with their listeners.
#[wasm_bindgen]
pub fn start(section: JsValue, config: JsValue) -> bool {
    let section = JsObject::from(section);
    let is_known = WIDGETS.with_borrow_mut(|widgets| {
        widgets.retain(|widget| widget.is_alive());
        widgets.iter().any(|widget| widget.section == section)
    });
    let widget = (!is_known).then(|| Widget::attach(section, &JsObject::from(config))).flatten();
    let has_started = widget.is_some();
    WIDGETS.with_borrow_mut(|widgets| widgets.extend(widget));
    has_started
}
