//! Comments that come onto the page after its first drawing: the reader's own, and those of further pages.

use std::rc::Rc;

use afterword_model::{CommentId, Posted, Status, Thread};
use afterword_view::{Answered, MAX_DEPTH, Standing, comments, count, item, more};
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use crate::dom;
use crate::own::{Fate, Shown, fate};
use crate::post;
use crate::widget::Widget;

impl Widget {
    /// The `<li>` of a comment.
    pub(crate) fn item(&self, id: CommentId) -> Option<Element> {
        dom::find(&self.section, &["#comment-", &id.to_string()].concat())
    }

    /// The comment itself, without its answers.
    pub(crate) fn article(&self, id: CommentId) -> Option<Element> {
        dom::find(&self.item(id)?, ".aw-comment")
    }

    /// Draws those of the reader's own comments that the page lacks, and forgets those that it has or will never have.
    pub(crate) fn place_own(&self) {
        let now = now();
        let mut forgotten = Vec::new();
        let kept = self.kept.take();
        let kept: Vec<Posted> = kept
            .into_iter()
            .filter(|own| {
                let id = own.comment.id;
                let drawn = self.drawn.borrow().contains(&id);
                let fate = fate(own, !drawn && self.item(id).is_some(), self.shown.get(), now);
                match fate {
                    Fate::Draw if !drawn => self.draw_own(own),
                    Fate::Draw | Fate::Wait => {}
                    Fate::Forget => forgotten.push(id),
                }
                fate != Fate::Forget
            })
            .collect();
        self.kept.replace(kept);
        self.own.forget(&forgotten);
    }

    /// Draws a comment of the reader's in its place.
    pub(crate) fn draw_own(&self, own: &Posted) {
        let comment = &own.comment;
        let parent = comment.parent.and_then(|id| self.item(id));
        let above = parent.as_ref().and_then(|parent| dom::number::<u8>(parent, "data-depth"));
        let depth = above.map_or(0, |above| above.saturating_add(1));
        let name = comment.parent.and_then(|id| dom::find(&self.article(id)?, ".aw-author")?.text_content());
        let answered = comment.parent.zip(name.as_deref()).map(|(id, name)| Answered { id, name });
        let standing = match own.status {
            Status::Published => Standing::Published,
            Status::Pending => Standing::Pending,
        };
        let html = item(&self.scene(), &self.url, comment, depth, answered, standing).into_string();
        let Some(drawn) = dom::draw(&self.config.draw, &html).and_then(|drawn| drawn.first_element_child()) else { return };
        match parent {
            Some(parent) if depth > MAX_DEPTH => dom::put_after(&last_below(parent), &drawn),
            Some(parent) => self.put_into(replies_of(&parent), &drawn),
            None => self.put_into(self.list(), &drawn),
        }
        self.drawn.borrow_mut().push(comment.id);
        if let Some(empty) = dom::find(&self.section, ".aw-empty") {
            empty.remove();
        }
        if own.status == Status::Published {
            self.set_count(self.count.get().saturating_add(1));
        }
    }

    /// Fetches the page that a link leads to and puts it in the link's place.
    pub(crate) fn load_more(self: &Rc<Self>, link: Element) {
        let busy = link.get_attribute("aria-busy").is_some();
        let Some(page) = link.get_attribute("data-page").filter(|_| !busy) else { return };
        dom::set(&link, "aria-busy", "true");
        self.say(self.text("loading"));
        let widget = Rc::clone(self);
        spawn_local(async move {
            match post::page(&widget.config.endpoint, widget.url.as_str(), &page).await {
                Ok(thread) => widget.append(&link, &thread),
                Err(failure) => {
                    // From now on it is the plain link that it is without the widget.
                    let _ = link.remove_attribute("data-page");
                    let _ = link.remove_attribute("aria-busy");
                    widget.say(widget.text("unreachable"));
                    widget.tell_error(&failure.code);
                }
            }
        });
    }

    fn append(&self, link: &Element, thread: &Thread) {
        let scene = self.scene();
        let draw = |html: String| dom::draw(&self.config.draw, &html);
        let Some(items) = draw(comments(&scene, thread).into_string()) else { return };
        let Some(list) = self.list() else { return };
        let first = items.first_element_child();
        // The reader's own comments stand in for what is not there yet; now some of it is, so that all find their places anew.
        self.clear_own();
        let _ = list.append_child(&items);
        let next = draw(more(&scene, thread).into_string()).and_then(|next| next.first_element_child());
        if let Some(next) = next {
            dom::put_after(link, &next);
        }
        link.remove();
        let before = self.shown.get();
        let starts = self.section.get_attribute("data-page").as_deref() == Some("1");
        self.shown.set(Shown {
            version: before.version.min(thread.version),
            whole: starts && thread.page >= thread.pages,
        });
        self.set_count(thread.count);
        self.place_own();
        self.restore_drafts();
        self.say("");
        if let Some(comment) = first.and_then(|first| dom::find(&first, ".aw-comment")) {
            dom::focus_on_text(&comment);
        }
    }

    /// Takes the reader's own comments off the page; forms that were open below them come back with their drafts.
    fn clear_own(&self) {
        for id in self.drawn.take() {
            if let Some(item) = self.item(id) {
                item.remove();
            }
        }
        self.forms.borrow_mut().retain(|form| form.element.is_connected());
    }

    fn list(&self) -> Option<Element> {
        dom::find(&self.section, ":scope > .aw-list")
    }

    fn set_count(&self, number: u32) {
        self.count.set(number);
        if let Some(title) = dom::find(&self.section, ".aw-title") {
            title.set_text_content(Some(&count(&self.scene(), number)));
        }
    }

    /// Puts an item behind the last one that came before it.
    fn put_into(&self, list: Option<Element>, drawn: &Element) {
        let Some(list) = list else { return };
        let id: Option<i64> = dom::number(drawn, "data-id");
        let earlier = |other: &Element| dom::number::<i64>(other, "data-id") < id;
        match dom::all(&list, ":scope > .aw-item").into_iter().rev().find(earlier) {
            Some(place) => dom::put_after(&place, drawn),
            None => {
                let _ = list.prepend_with_node_1(drawn);
            }
        }
    }
}

/// The list of the answers to a comment, made if there were none.
fn replies_of(item: &Element) -> Option<Element> {
    dom::find(item, ":scope > .aw-replies").or_else(|| {
        let list = dom::make("ol", "aw-list aw-replies", "")?;
        item.append_child(&list).ok()?;
        Some(list)
    })
}

/// The last of the answers to a comment, and of the answers to these, where all of them stand in one flat list: each is an
/// answer to the comment itself or to one of those before it.
fn last_below(item: Element) -> Element {
    let mut above = vec![["#", &item.id()].concat()];
    let mut last = item;
    while let Some(next) = last.next_element_sibling() {
        let answered = dom::find(&next, ":scope > .aw-comment .aw-to").and_then(|link| link.get_attribute("href"));
        if !answered.is_some_and(|answered| above.contains(&answered)) {
            break;
        }
        above.push(["#", &next.id()].concat());
        last = next;
    }
    last
}

/// The time, in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
fn now() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}
