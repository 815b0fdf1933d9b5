//! The widget: one thread on a page, from adoption until it leaves the page.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::{CommentId, PostUrl, PostedComment};
use afterword_view::{DEFAULT_MAX_DEPTH, Messages, RenderContext};
use js_sys::Function;
use wasm_bindgen::JsCast;

use crate::codec::event_details::{self, Ready};
use crate::codec::thread_decoder;
use crate::platform::dom::{self, Listener, Node};
use crate::pow_solver::Prover;
use crate::storage::browser_storage::Shelf;
use crate::storage::drafts::Drafts;
use crate::storage::own_comments::{Own, Shown};
use crate::thread::comment_form::Form;

/// A thread on the page.
pub(crate) struct Widget {
    /// The `<section>` that the Worker drew.
    pub(crate) section: Node,
    pub(crate) window: Node,
    /// The Worker's origin, without a slash at its end.
    pub(crate) endpoint: String,
    /// The title of the post.
    pub(crate) title: String,
    messages: Messages,
    messages_path: String,
    draw: Function,
    /// The post, by the address that the reader came by.
    pub(crate) url: PostUrl,
    /// How many comments there are, as far as the page knows.
    pub(crate) count: Cell<u32>,
    /// What is on the screen of the thread.
    pub(crate) shown: Cell<Shown>,
    /// The forms: that of the post first, if the thread takes comments, then those of replies.
    pub(crate) forms: RefCell<Vec<Rc<Form>>>,
    pub(crate) shelf: Shelf,
    pub(crate) drafts: Drafts,
    pub(crate) own: Own,
    pub(crate) prover: Rc<Prover>,
    /// The reader's own comments that the published thread lacks.
    pub(crate) kept: RefCell<Vec<PostedComment>>,
    /// Those of them that are on the screen.
    pub(crate) drawn: RefCell<Vec<CommentId>>,
    /// The author key, for where the browser keeps nothing.
    pub(crate) key: RefCell<String>,
    _listener: Listener,
}

impl Widget {
    /// Adopts a thread. None if it is not one that the Worker of this version drew, or the configuration is not one.
    pub(crate) fn adopt(section: Node, config: &Node) -> Option<Rc<Self>> {
        let canonical = section.attribute("data-url");
        // Links lead back by the address that the reader came by, which the form knows. The Worker wrote both; parsing them
        // again would bring a URL parser along.
        let came_by = section.find("form.aw-form [name=url]").text("value");
        let url = thread_decoder::post_url(if came_by.is_empty() { canonical.clone() } else { came_by })?;
        let version = section.number("data-version")?;
        let pages = section.number("data-pages")?;
        let messages = thread_decoder::messages(&config.node("messages"))?;
        let main = section.find(":scope > form.aw-form").present().map(|form| Rc::new(Form::new(form, None)));
        let window = section.window();
        let endpoint = config.text("endpoint");
        let widget = Rc::new_cyclic(|widget: &Weak<Self>| Self {
            prover: Prover::new(&window, &endpoint, &canonical),
            endpoint,
            title: config.text("title"),
            messages,
            messages_path: section.attribute("data-messages"),
            draw: config.get("draw").unchecked_into(),
            count: Cell::new(section.number("data-count").unwrap_or(0) as u32),
            shown: Cell::new(Shown { version, whole: pages == 1 }),
            forms: RefCell::new(main.into_iter().collect()),
            shelf: Shelf::lasting(&window),
            drafts: Drafts::new(&window, &canonical),
            own: Own::new(&window, &canonical),
            kept: RefCell::default(),
            drawn: RefCell::default(),
            key: RefCell::default(),
            _listener: listen(&section, widget.clone()),
            url,
            window,
            section,
        });
        *widget.kept.borrow_mut() = widget.own.load();
        widget.place_own();
        widget.keep_typed();
        widget.restore_drafts();
        widget.recall_author();
        let ready = Ready { url: &canonical, count: widget.count.get(), version: version as f64 };
        widget.section.tell("afterword:ready", &event_details::detail(&ready));
        Some(widget)
    }

    /// Whether its thread is still on the page.
    pub(crate) fn is_alive(&self) -> bool {
        self.section.is("isConnected")
    }

    /// What `view` needs to know.
    pub(crate) fn scene(&self) -> RenderContext<'_> {
        RenderContext {
            messages: &self.messages,
            endpoint: &self.endpoint,
            messages_path: &self.messages_path,
            max_depth: DEFAULT_MAX_DEPTH,
        }
    }

    /// Makes nodes of what `view` has drawn.
    pub(crate) fn draw(&self, html: afterword_view::Markup) -> Node {
        dom::draw(&self.draw, &html.into_string())
    }

    /// The text of a key, in the reader's language.
    pub(crate) fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.messages.get(key)
    }

    /// Says something in the live region.
    pub(crate) fn say(&self, text: &str) {
        self.section.find(".aw-status").say(text);
    }

    /// The form that an element is in.
    pub(crate) fn form_around(&self, element: &Node) -> Option<Rc<Form>> {
        let element = element.closest("form.aw-form");
        self.forms.borrow().iter().find(|form| form.element == element).cloned()
    }

    fn hear(self: &Rc<Self>, event: &Node) {
        let target = event.node("target");
        let form = self.form_around(&target);
        match (event.text("type").as_str(), form) {
            ("click", form) => self.clicked(event, &target, form),
            ("submit", Some(form)) => {
                event.act("preventDefault");
                self.submit(form);
            }
            ("focusin", Some(_)) => self.prover.prepare(),
            ("input", Some(form)) => {
                self.keep_draft(&form);
                self.author_key();
                self.prover.prepare();
            }
            ("keydown", Some(form)) if event.text("key") == "Escape" && !event.is("isComposing") => {
                self.close_reply(&form);
            }
            _ => {}
        }
    }

    fn clicked(self: &Rc<Self>, event: &Node, target: &Node, form: Option<Rc<Form>>) {
        if ["ctrlKey", "metaKey", "shiftKey"].into_iter().any(|key| event.is(key)) {
            return;
        }
        let link = target.closest("[data-reply],.aw-more[data-page],.aw-cancel,.aw-discard");
        if !link.is_present() {
            return;
        }
        event.act("preventDefault");
        if let Some(id) = link.number("data-reply") {
            if let Some(form) = self.open_reply(CommentId::new(id)) {
                form.focus();
            }
        } else if let Some(form) = form {
            if link.text("className") == "aw-discard" { self.discard(&form) } else { self.close_reply(&form) }
        } else {
            self.load_more(link);
        }
    }
}

fn listen(section: &Node, widget: Weak<Widget>) -> Listener {
    Listener::new(section, &["click", "focusin", "input", "keydown", "submit"], move |event| {
        if let Some(widget) = widget.upgrade() {
            widget.hear(&Node::from(event));
        }
    })
}
