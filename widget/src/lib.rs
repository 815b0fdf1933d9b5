#![doc = include_str!("../README.md")]

mod comments;
mod config;
mod dom;
mod draft;
mod form;
mod own;
mod post;
mod random;
mod replies;
mod storage;
mod submit;
mod widget;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};
use web_sys::Element;

use crate::widget::Widget;

thread_local! {
    /// The widgets of this page; one a page on most blogs.
    static WIDGETS: RefCell<Vec<Rc<Widget>>> = const { RefCell::new(Vec::new()) };
}

/// Adopts a thread: `section` is what the Worker drew, `config` is `{endpoint, title, messages, draw}`.
///
/// Widgets whose threads have left the page are dropped on the way, and their listeners with them.
///
/// # Errors
///
/// A JavaScript error if either of the two is not what it should be; the page then stays as the Worker drew it, which is
/// complete without the widget.
#[wasm_bindgen]
pub fn start(section: Element, config: JsValue) -> Result<(), JsError> {
    let config = serde_wasm_bindgen::from_value(config)?;
    WIDGETS.with_borrow_mut(|widgets| widgets.retain(|widget| widget.is_alive()));
    if WIDGETS.with_borrow(|widgets| widgets.iter().any(|widget| widget.section == section)) {
        return Ok(());
    }
    let widget = Widget::adopt(section, config).ok_or_else(|| JsError::new("not a thread of this version"))?;
    WIDGETS.with_borrow_mut(|widgets| widgets.push(widget));
    Ok(())
}
