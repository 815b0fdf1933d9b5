//! The state of one thread on the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use afterword_model::{CommentId, PostUrl, PostedComment};
use afterword_view::{DEFAULT_MAX_DEPTH, Markup, Messages, RenderContext};
use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::codec::event_details::error_detail;
use crate::platform::decimal::push_decimal;
use crate::platform::dom::{self, EventListener, JsObject};
use crate::pow_solver::PowSolver;
use crate::storage::browser_storage::BrowserStorage;
use crate::storage::drafts::Drafts;
use crate::storage::own_comments::{OwnComments, ShownPages};
use crate::thread::comment_form::CommentForm;
use crate::worker_api::RequestError;

/// A thread on the page, from [`Widget::attach`] until its handle is freed and no comment is being sent any more.
pub(crate) struct Widget {
    /// The `<section>` that the Worker rendered.
    pub(crate) section: JsObject,
    pub(crate) window: JsObject,
    /// The Worker's origin, without a slash at its end.
    pub(crate) endpoint: String,
    /// The object that the loader passed. Its `title` is the title of the post as the page has it now.
    pub(crate) config: JsObject,
    pub(super) messages: Messages,
    pub(super) messages_path: String,
    /// The loader's `parseHtml`: from HTML to `DocumentFragment`.
    pub(super) html_parser: Function,
    /// The address of the post as the reader opened it, which may not be the canonical one.
    pub(crate) url: PostUrl,
    /// Number of comments, last known to the page.
    pub(crate) count: Cell<u32>,
    /// The thread pages that are shown.
    pub(crate) shown_pages: Cell<ShownPages>,
    /// The form of the post as the Worker rendered it, to be copied for each reply. Absent if the thread is closed.
    pub(super) pristine_form: JsObject,
    /// The form of the post, unless the thread is closed, followed by the reply forms.
    pub(crate) forms: RefCell<Vec<Rc<CommentForm>>>,
    pub(crate) local_storage: BrowserStorage,
    pub(crate) drafts: Drafts,
    pub(crate) own_comments: OwnComments,
    pub(crate) pow_solver: Rc<PowSolver>,
    /// The reader's own comments that the published thread lacks.
    pub(crate) missing_own: RefCell<Vec<PostedComment>>,
    /// Ids of the own comments that are displayed.
    pub(crate) displayed_own: RefCell<Vec<CommentId>>,
    /// The author key, in case the browser stores nothing.
    pub(crate) fallback_author_key: RefCell<String>,
    pub(super) _listener: EventListener,
}

impl Widget {
    /// The context in which `view` renders.
    pub(crate) fn render_context(&self) -> RenderContext<'_> {
        RenderContext {
            messages: &self.messages,
            endpoint: &self.endpoint,
            messages_path: &self.messages_path,
            max_depth: DEFAULT_MAX_DEPTH,
            avatars: true,
            linked: None,
        }
    }

    /// Parses HTML that `view` rendered into a `DocumentFragment`.
    pub(crate) fn parse_html(&self, html: Markup) -> JsObject {
        let fragment = dom::parse_html(&self.html_parser, &html.into_string());
        self.localize_times(&fragment);
        fragment
    }

    /// Shows the times in a part of the thread in words of the browser, in the reader's time zone. The Worker knows only UTC.
    pub(super) fn localize_times(&self, part: &JsObject) {
        self.config.call_with("writeTimes", part.as_js(), &JsValue::UNDEFINED);
    }

    /// The message of a key, in the reader's language.
    pub(crate) fn message<'a>(&'a self, key: &'a str) -> &'a str {
        self.messages.get(key)
    }

    /// Announces a text in the live region.
    pub(crate) fn announce(&self, text: &str) {
        self.section.find(".aw-status").set_text(text);
    }

    /// Reports an error to the host page.
    pub(crate) fn dispatch_error(&self, error: &RequestError) {
        self.section.dispatch_event("afterword:error", error_detail(&error.code, &error.hint).as_js());
    }

    /// The `<li>` of a comment, which also contains the replies to it.
    pub(crate) fn comment_item(&self, id: CommentId) -> JsObject {
        let mut selector = String::from("#comment-");
        push_decimal(&mut selector, id.get());
        self.section.find(&selector)
    }

    /// The `<article>` of a comment, without the replies to it.
    pub(crate) fn article(&self, id: CommentId) -> JsObject {
        self.comment_item(id).find(".aw-comment")
    }

    /// The form with this parent.
    pub(crate) fn find_form(&self, parent: Option<CommentId>) -> Option<Rc<CommentForm>> {
        self.forms.borrow().iter().find(|form| form.parent == parent).cloned()
    }

    /// The form that contains an element.
    pub(crate) fn enclosing_form(&self, element: &JsObject) -> Option<Rc<CommentForm>> {
        let element = element.closest("form.aw-form");
        self.forms.borrow().iter().find(|form| form.element == element).cloned()
    }
}
