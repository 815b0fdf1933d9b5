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

use crate::platform::dom::Node;
use crate::thread::widget::Widget;

/// A free list takes 2 KB of brotli less than the standard library's allocator; what is drawn here is small and short-lived.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

thread_local! {
    /// The widgets of this page; one a page on most blogs.
    static WIDGETS: RefCell<Vec<Rc<Widget>>> = const { RefCell::new(Vec::new()) };
}

/// Adopts a thread: `section` is what the Worker drew, `config` is `{endpoint, title, messages, draw}`.
///
/// Says whether it did. It does not if either of the two is not what it should be, or if the thread has been adopted before; the
/// page then stays as it is. Widgets whose threads have left the page are dropped on the way, and their listeners with them.
#[wasm_bindgen]
pub fn start(section: JsValue, config: JsValue) -> bool {
    let section = Node::from(section);
    let known = WIDGETS.with_borrow_mut(|widgets| {
        widgets.retain(|widget| widget.is_alive());
        widgets.iter().any(|widget| widget.section == section)
    });
    let widget = (!known).then(|| Widget::adopt(section, &Node::from(config))).flatten();
    let started = widget.is_some();
    WIDGETS.with_borrow_mut(|widgets| widgets.extend(widget));
    started
}
