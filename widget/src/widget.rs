//! The widget: one thread on a page, from adoption until it leaves the page.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::{CommentId, Posted, PostUrl};
use afterword_view::{MAX_DEPTH, Scene};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, KeyboardEvent, MouseEvent};

use crate::config::Config;
use crate::dom::{self, Listener};
use crate::draft::Drafts;
use crate::form::Form;
use crate::own::{Own, Shown};

/// A thread on the page.
pub(crate) struct Widget {
    /// The `<section>` that the Worker drew.
    pub(crate) section: Element,
    pub(crate) config: Config,
    /// The post.
    pub(crate) url: PostUrl,
    messages_path: String,
    /// How many comments there are, as far as the page knows.
    pub(crate) count: Cell<u32>,
    /// What is on the screen of the thread.
    pub(crate) shown: Cell<Shown>,
    /// The forms: that of the post first, if the thread takes comments, then those of replies.
    pub(crate) forms: RefCell<Vec<Rc<Form>>>,
    pub(crate) drafts: Drafts,
    pub(crate) own: Own,
    /// The reader's own comments that the published thread lacks.
    pub(crate) kept: RefCell<Vec<Posted>>,
    /// Those of them that are on the screen.
    pub(crate) drawn: RefCell<Vec<CommentId>>,
    /// The author key, for where the browser keeps nothing.
    pub(crate) key: RefCell<Option<String>>,
    _listener: Listener,
}

/// The detail of `afterword:ready`.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    count: u32,
    version: i64,
}

impl Widget {
    /// Adopts a thread. None if it is not one that the Worker of this version drew.
    pub(crate) fn adopt(section: Element, config: Config) -> Option<Rc<Self>> {
        let url = section.get_attribute("data-url")?;
        // The Worker wrote it and it is canonical; parsing it again would bring a URL parser along.
        let url: PostUrl = serde_wasm_bindgen::from_value(JsValue::from_str(&url)).ok()?;
        let version = dom::number(&section, "data-version")?;
        let pages: u32 = dom::number(&section, "data-pages")?;
        let main = dom::find(&section, ":scope > form.aw-form").map(|form| Rc::new(Form::new(form, None)));
        let widget = Rc::new_cyclic(|widget: &Weak<Self>| {
            let widget = widget.clone();
            let heard = move |event: Event| {
                if let Some(widget) = widget.upgrade() {
                    widget.hear(&event);
                }
            };
            Self {
                messages_path: section.get_attribute("data-messages").unwrap_or_default(),
                count: Cell::new(dom::number(&section, "data-count").unwrap_or_default()),
                shown: Cell::new(Shown { version, whole: pages == 1 }),
                forms: RefCell::new(main.into_iter().collect()),
                drafts: Drafts::new(url.as_str()),
                own: Own::new(url.as_str()),
                kept: RefCell::default(),
                drawn: RefCell::default(),
                key: RefCell::default(),
                _listener: Listener::new(&section, &["click", "input", "keydown", "submit"], heard),
                url,
                section,
                config,
            }
        });
        *widget.kept.borrow_mut() = widget.own.load();
        widget.place_own();
        widget.recall_author();
        widget.restore_drafts();
        let ready = Ready { url: widget.url.as_str(), count: widget.count.get(), version };
        widget.tell("afterword:ready", &ready);
        Some(widget)
    }

    /// Whether its thread is still on the page.
    pub(crate) fn is_alive(&self) -> bool {
        self.section.is_connected()
    }

    /// What `view` needs to know.
    pub(crate) fn scene(&self) -> Scene<'_> {
        Scene {
            messages: &self.config.messages,
            endpoint: &self.config.endpoint,
            messages_path: &self.messages_path,
            max_depth: MAX_DEPTH,
        }
    }

    /// The text of a key, in the reader's language.
    pub(crate) fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.config.messages.get(key)
    }

    /// Says something in the live region.
    pub(crate) fn say(&self, text: &str) {
        if let Some(status) = dom::find(&self.section, ".aw-status") {
            status.set_text_content(Some(text));
        }
    }

    /// Tells the host page.
    pub(crate) fn tell(&self, name: &str, detail: &impl Serialize) {
        if let Ok(detail) = serde_wasm_bindgen::to_value(detail) {
            dom::tell(&self.section, name, &detail);
        }
    }

    fn hear(self: &Rc<Self>, event: &Event) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        match event.type_().as_str() {
            "click" => self.clicked(event, &target),
            "submit" => {
                if let Some(form) = self.form_around(&target) {
                    event.prevent_default();
                    self.submit(form);
                }
            }
            "input" => self.typed(&target),
            _ => self.key_pressed(event, &target),
        }
    }

    fn clicked(self: &Rc<Self>, event: &Event, target: &Element) {
        let elsewhere =
            event.dyn_ref::<MouseEvent>().is_some_and(|event| event.ctrl_key() || event.meta_key() || event.shift_key());
        if elsewhere {
            return;
        }
        if let Some(link) = dom::closest(target, ".aw-reply[data-reply]") {
            if let Some(id) = dom::number(&link, "data-reply").map(CommentId::new)
                && let Some(form) = self.open_reply(id)
            {
                event.prevent_default();
                form.focus();
            }
        } else if let Some(link) = dom::closest(target, ".aw-more[data-page]") {
            event.prevent_default();
            self.load_more(link);
        } else if let Some(form) = self.form_around(target) {
            if dom::closest(target, ".aw-cancel").is_some() {
                event.prevent_default();
                self.close_reply(&form);
            } else if dom::closest(target, ".aw-discard").is_some() {
                self.discard(&form);
            }
        }
    }

    fn key_pressed(&self, event: &Event, target: &Element) {
        let escape =
            event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape" && !event.is_composing());
        if escape && let Some(form) = self.form_around(target) {
            self.close_reply(&form);
        }
    }

    /// The form that an element is in.
    pub(crate) fn form_around(&self, element: &Element) -> Option<Rc<Form>> {
        let element = dom::closest(element, "form.aw-form")?;
        self.forms.borrow().iter().find(|form| form.element == element).cloned()
    }
}
