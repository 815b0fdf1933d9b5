//! Start of the widget on a thread, and its event handlers.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::CommentId;
use wasm_bindgen::JsCast;

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
        let pages = section.number_attribute("data-pages")?;
        let messages = thread_decoder::decode_messages(&config.get_object("messages"))?;
        let main =
            section.find(":scope > form.aw-form").into_option().map(|form| Rc::new(CommentForm::new(form, None)));
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
            shown_pages: Cell::new(ShownPages { version, is_complete: pages == 1 }),
            forms: RefCell::new(main.into_iter().collect()),
            local_storage: BrowserStorage::local(&window),
            drafts: Drafts::new(&window, &canonical),
            own_comments: OwnComments::new(&window, &canonical),
            missing_own: RefCell::default(),
            displayed_own: RefCell::default(),
            fallback_author_key: RefCell::default(),
            _listener: listen(&section, widget.clone()),
            url,
            window,
            section,
        });
        *widget.missing_own.borrow_mut() = widget.own_comments.load();
        widget.update_own_comments();
        widget.save_typed_text();
        widget.restore_drafts();
        widget.fill_in_author();
        let ready = ready_detail(&canonical, widget.count.get(), version);
        widget.section.dispatch_event("afterword:ready", ready.as_js());
        Some(widget)
    }

    fn on_event(self: &Rc<Self>, event: &JsObject) {
        let target = event.get_object("target");
        let form = self.enclosing_form(&target);
        match (event.get_string("type").as_str(), form) {
            ("click", form) => self.on_click(event, &target, form),
            ("submit", Some(form)) => {
                event.call_method("preventDefault");
                self.submit(form);
            }
            ("focusin", Some(_)) => self.pow_solver.prepare_proof(),
            ("input", Some(form)) => {
                self.save_draft(&form);
                self.author_key();
                self.pow_solver.prepare_proof();
            }
            ("keydown", Some(form)) if event.get_string("key") == "Escape" && !event.is_true("isComposing") => {
                self.close_reply_form(&form);
            }
            _ => {}
        }
    }

    fn on_click(self: &Rc<Self>, event: &JsObject, target: &JsObject, form: Option<Rc<CommentForm>>) {
        if ["ctrlKey", "metaKey", "shiftKey"].into_iter().any(|key| event.is_true(key)) {
            return;
        }
        let clicked = target.closest("[data-reply],.aw-more[data-page],.aw-cancel,.aw-discard");
        if !clicked.is_present() {
            return;
        }
        event.call_method("preventDefault");
        if let Some(id) = clicked.number_attribute("data-reply") {
            if let Some(form) = self.open_reply_form(CommentId::new(id)) {
                form.focus();
            }
        } else if let Some(form) = form {
            if clicked.get_string("className") == "aw-discard" {
                self.discard_restored_text(&form)
            } else {
                self.close_reply_form(&form)
            }
        } else {
            self.load_next_page(clicked);
        }
    }
}

fn listen(section: &JsObject, widget: Weak<Widget>) -> EventListener {
    EventListener::new(section, &["click", "focusin", "input", "keydown", "submit"], move |event| {
        if let Some(widget) = widget.upgrade() {
            widget.on_event(&JsObject::from(event));
        }
    })
}
