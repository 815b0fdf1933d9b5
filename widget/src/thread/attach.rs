//! Start of the widget on a thread, and its event handlers.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::CommentId;
use wasm_bindgen::{JsCast, JsValue};

use crate::codec::event_details::ready_detail;
use crate::codec::thread_decoder;
use crate::platform::dom::{EventListener, JsObject};
use crate::pow_solver::PowSolver;
use crate::storage::browser_storage::BrowserStorage;
use crate::storage::drafts::Drafts;
use crate::storage::own_comments::{OwnComments, ShownPages};
use crate::thread::comment_form::CommentForm;
use crate::thread::widget::Widget;

impl Widget {
    /// Attaches a widget to a thread. Returns `None` if a Worker of this version did not render the section, or if the configuration is
    /// invalid.
    pub(crate) fn attach(section: JsObject, config: JsObject) -> Option<Rc<Self>> {
        let canonical = section.attribute("data-url");
        // Links lead back to the address that the reader opened, which the form contains. The Worker wrote both addresses; parsing them
        // again would link a URL parser.
        let opened = section.find("form.aw-form [name=url]").get_string("value");
        let url = thread_decoder::decode_post_url(if opened.is_empty() { canonical.clone() } else { opened })?;
        let version = section.number_attribute("data-version")?;
        let messages = thread_decoder::decode_messages(&config.get_object("messages"))?;
        let main = section.find(":scope > form.aw-form");
        let window = JsObject::window();
        let endpoint = config.get_string("endpoint");
        let widget = Rc::new_cyclic(|widget: &Weak<Self>| Self {
            pow_solver: PowSolver::new(&window, &endpoint, &canonical),
            endpoint,
            messages,
            messages_path: section.attribute("data-messages"),
            html_parser: config.get("parse").unchecked_into(),
            config,
            count: Cell::new(section.number_attribute("data-count").unwrap_or(0) as u32),
            shown_pages: Cell::new(ShownPages { version, is_complete: false }),
            pristine_form: main.clone_tree(),
            forms: RefCell::new(
                main.into_option().map(|form| Rc::new(CommentForm::new(form, None))).into_iter().collect(),
            ),
            local_storage: BrowserStorage::local(&window),
            drafts: Drafts::new(&window, &canonical),
            own_comments: OwnComments::new(&window, &canonical),
            missing_own: RefCell::default(),
            displayed_own: RefCell::default(),
            fallback_author_key: RefCell::default(),
            _listener: listen(&window, &section, widget.clone()),
            url,
            window,
            section,
        });
        widget.shown_pages.set(ShownPages { version, is_complete: widget.is_complete() });
        *widget.missing_own.borrow_mut() = widget.own_comments.load();
        widget.localize_times(&widget.section);
        widget.update_own_comments();
        widget.save_typed_text();
        widget.restore_drafts();
        widget.fill_in_author();
        let ready = ready_detail(&canonical, widget.count.get(), version);
        widget.section.dispatch_event("afterword:ready", ready.as_js());
        Some(widget)
    }

    fn on_event(self: &Rc<Self>, event: &JsObject) {
        // At the window, `target` is the host element. The path begins with the element itself.
        let path = event.call_with("composedPath", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        let target = JsObject::from(path).get_object("0");
        if target.closest(".aw") != self.section {
            return;
        }
        let event_type = event.get_string("type");
        let form = self.enclosing_form(&target);
        if is_private(&event_type, &event.get_string("key"), form.is_some()) {
            event.stop();
        }
        match (event_type.as_str(), form) {
            ("click", form) => self.on_click(event, &target, form),
            ("submit", Some(form)) => {
                event.call_method("preventDefault");
                self.submit(form);
            }
            ("focusin", form) => {
                self.host().define("isContentEditable", &form.is_some().into());
                if form.is_some() {
                    self.pow_solver.prepare_proof();
                }
            }
            ("focusout", _) => self.host().define("isContentEditable", &JsValue::FALSE),
            ("input", Some(form)) => self.on_input(&form),
            ("keydown", Some(form)) => self.on_key(event, &target, form),
            _ => {}
        }
    }

    /// The host element. It is the target of our events for the page, which asks such a target whether a reader writes into it. A page that
    /// listened at the window before the widget was there can be told in no other way.
    fn host(&self) -> JsObject {
        let root = self.section.call_with("getRootNode", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        JsObject::from(root).get_object("host")
    }

    fn on_input(self: &Rc<Self>, form: &Rc<CommentForm>) {
        form.set_written();
        form.show_room(&self.messages);
        self.save_draft(form);
        self.author_key();
        self.pow_solver.prepare_proof();
    }

    /// Enter goes to the next field, as the key says on a telephone. In the last one, and with Ctrl or Command in any, it sends the comment.
    fn on_key(self: &Rc<Self>, event: &JsObject, target: &JsObject, form: Rc<CommentForm>) {
        // An input method takes the key. Safari ends the composition before the event, and leaves only the code.
        if event.is_true("isComposing") || event.integer("keyCode") == 229 {
            return;
        }
        match event.get_string("key").as_str() {
            "Escape" if form.parent.is_some() => {
                event.stop();
                return self.close_reply_form(&form);
            }
            "Enter" => {}
            _ => return,
        }
        let sends = event.is_true("ctrlKey") || event.is_true("metaKey");
        match target.get_string("name").as_str() {
            "name" if !sends => form.focus("email"),
            "email" if !sends => form.focus("website"),
            "name" | "email" | "website" => self.submit(form),
            "text" if sends => self.submit(form),
            _ => return,
        }
        event.call_method("preventDefault");
    }

    fn on_click(self: &Rc<Self>, event: &JsObject, target: &JsObject, form: Option<Rc<CommentForm>>) {
        if ["ctrlKey", "metaKey", "shiftKey"].into_iter().any(|key| event.is_true(key)) {
            return;
        }
        let clicked = target.closest("[data-reply],a[data-page],.aw-cancel,.aw-discard");
        if !clicked.is_present() {
            return;
        }
        event.call_method("preventDefault");
        event.stop();
        if let Some(id) = clicked.number_attribute("data-reply") {
            if let Some(form) = self.open_reply_form(CommentId::new(id)) {
                form.focus("text");
            }
        } else if let Some(form) = form {
            if clicked.get_string("className") == "aw-discard" {
                self.discard_restored_text(&form)
            } else {
                self.close_reply_form(&form)
            }
        } else {
            self.load_page(clicked);
        }
    }
}

/// Types of the events that the widget handles or keeps from the page.
const EVENT_TYPES: &[&str] = &[
    "focusin",
    "focusout",
    "submit",
    "selectstart",
    "copy",
    "contextmenu",
    "dragstart",
    "cut",
    "paste",
    "keydown",
    "keypress",
    "keyup",
    "beforeinput",
    "input",
    "compositionstart",
    "compositionupdate",
    "compositionend",
    "pointerdown",
    "pointerup",
    "mousedown",
    "mouseup",
    "touchstart",
    "touchend",
    "click",
    "dblclick",
    "dragenter",
    "dragover",
    "drop",
];

/// Types that the page may see from a form as well.
const PUBLIC_TYPES: [&str; 3] = ["focusin", "focusout", "submit"];

/// Types that the page does not see from any part of the thread: scripts against copying cancel them.
const COPY_TYPES: [&str; 4] = ["selectstart", "copy", "contextmenu", "dragstart"];

/// Returns true if the page must not see an event. Inside of a shadow root a page does not recognize a field: it would take the text for its
/// hotkeys, or cancel what a reader does there.
///
/// Tab and Escape belong to the page as well: a dialog around the thread needs them.
fn is_private(event_type: &str, key: &str, is_in_form: bool) -> bool {
    let is_private = if is_in_form { !PUBLIC_TYPES.contains(&event_type) } else { COPY_TYPES.contains(&event_type) };
    is_private && !["Tab", "Escape"].contains(&key)
}

fn listen(window: &JsObject, section: &JsObject, widget: Weak<Widget>) -> EventListener {
    EventListener::new(window, section, EVENT_TYPES, move |event| {
        if let Some(widget) = widget.upgrade() {
            widget.on_event(&JsObject::from(event));
        }
    })
}
