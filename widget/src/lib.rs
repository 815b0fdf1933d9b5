#![doc = include_str!("../README.md")]

mod codec;
mod platform;
mod pow_solver;
#[cfg(test)]
mod readme;
mod storage;
mod thread;
mod worker_api;

use std::rc::Rc;

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::platform::dom::JsObject;
use crate::thread::widget::Widget;

/// A free-list allocator takes 2 KB of brotli less than the standard library's. The widget's allocations are small and short-lived.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// A running widget. Freeing the handle ends the widget: its listeners and timers are removed, and the thread stays on the page as it is.
/// A comment that is being sent is still sent, and stored for its author.
#[wasm_bindgen]
pub struct WidgetHandle {
    _widget: Rc<Widget>,
}

/// Starts a widget on a thread: `section` is the element that the Worker rendered, `config` is `{endpoint, title, messages, parse}`.
///
/// Returns nothing, and leaves the page unchanged, if one of the two arguments is invalid.
#[wasm_bindgen]
pub fn start(section: JsValue, config: JsValue) -> Option<WidgetHandle> {
    Widget::attach(JsObject::from(section), JsObject::from(config)).map(|widget| WidgetHandle { _widget: widget })
}
