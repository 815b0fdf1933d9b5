//! Comments that come onto the page after its first drawing: the reader's own, and those of further pages.

use std::rc::Rc;

use afterword_model::{CommentId, PostedComment, Status, Thread};
use afterword_view::{
    CommentState, DEFAULT_MAX_DEPTH, ParentComment, comment_count, comment_item, comments, more_link,
};

use crate::platform::dom::Node;
use crate::storage::own_comments::{Fate, Shown, fate};
use crate::thread::widget::Widget;
use crate::worker_api;

impl Widget {
    /// The `<li>` of a comment.
    pub(crate) fn item(&self, id: CommentId) -> Node {
        let mut selector = String::from("#comment-");
        push_digits(&mut selector, id.get());
        self.section.find(&selector)
    }

    /// The comment itself, without its answers.
    pub(crate) fn article(&self, id: CommentId) -> Node {
        self.item(id).find(".aw-comment")
    }

    /// Draws those of the reader's own comments that the page lacks, and forgets those that it has or will never have.
    pub(crate) fn place_own(&self) {
        let now = now();
        let mut forgotten = Vec::new();
        let mut kept = self.kept.take();
        kept.retain(|own| {
            let id = own.comment.id;
            let drawn = self.drawn.borrow().contains(&id);
            let fate = fate(own, !drawn && self.item(id).is_present(), self.shown.get(), now);
            if fate == Fate::Draw && !drawn {
                self.draw_own(own);
            }
            if fate == Fate::Forget {
                forgotten.push(id);
            }
            fate != Fate::Forget
        });
        self.kept.replace(kept);
        self.own.forget(&forgotten);
    }

    /// Draws a comment of the reader's in its place.
    pub(crate) fn draw_own(&self, own: &PostedComment) {
        let comment = &own.comment;
        let parent = comment.parent.map(|id| (id, self.item(id))).filter(|(_, parent)| parent.is_present());
        let depth = parent.as_ref().map_or(0, |(_, parent)| parent.number("data-depth").unwrap_or(0) as u8 + 1);
        let name = parent.as_ref().map(|(_, parent)| parent.find(".aw-author").words()).unwrap_or_default();
        let answered = parent.as_ref().map(|&(id, _)| ParentComment { id, name: &name });
        let standing = if own.status == Status::Pending { CommentState::Pending } else { CommentState::Published };
        let drawn = self.draw(comment_item(&self.scene(), &self.url, comment, depth, answered, standing));
        let drawn = drawn.node("firstElementChild");
        match parent {
            Some((_, parent)) if depth > DEFAULT_MAX_DEPTH => last_below(parent).put_after(&drawn),
            Some((_, parent)) => put_into(&replies_of(&parent), &drawn),
            None => put_into(&self.list(), &drawn),
        }
        self.drawn.borrow_mut().push(comment.id);
        self.section.find(".aw-empty").remove();
        if own.status == Status::Published {
            self.set_count(self.count.get() + 1);
        }
    }

    /// Fetches the page that a link leads to and puts it in the link's place.
    pub(crate) fn load_more(self: &Rc<Self>, link: Node) {
        if link.attribute("aria-busy") == "true" {
            return;
        }
        link.set_attribute("aria-busy", "true");
        self.say(self.text("loading"));
        let widget = Rc::clone(self);
        // The link names the page of the thread in the very query that the JSON takes.
        let query = link.text("search");
        worker_api::page(&self.window, &self.endpoint, &query, move |answer| match answer {
            Ok(thread) => widget.append(&link, &Thread { url: widget.url.clone(), ..thread }),
            Err(failure) => {
                // From now on it is the plain link that it is without the widget.
                link.remove_attribute("data-page");
                link.remove_attribute("aria-busy");
                widget.say(widget.text("unreachable"));
                widget.tell_error(&failure.code);
            }
        });
    }

    fn append(&self, link: &Node, thread: &Thread) {
        let items = self.draw(comments(&self.scene(), thread));
        let first = items.node("firstElementChild").find(".aw-comment");
        // The reader's own comments stand in for what is not there yet; now some of it is, so that all find their places anew.
        self.clear_own();
        self.list().append(&items);
        link.put_after(&self.draw(more_link(&self.scene(), thread)));
        link.remove();
        let starts = self.section.attribute("data-page") == "1";
        let version = self.shown.get().version.min(thread.version);
        self.shown.set(Shown { version, whole: starts && thread.page >= thread.pages });
        self.set_count(thread.count);
        self.place_own();
        self.restore_drafts();
        self.say("");
        first.focus_on_text();
    }

    /// Takes the reader's own comments off the page; forms that were open below them come back with their drafts.
    fn clear_own(&self) {
        for id in self.drawn.take() {
            self.item(id).remove();
        }
        self.forms.borrow_mut().retain(|form| form.element.is("isConnected"));
    }

    fn list(&self) -> Node {
        self.section.find(":scope > .aw-list")
    }

    fn set_count(&self, number: u32) {
        self.count.set(number);
        self.section.find(".aw-title").say(&comment_count(&self.scene(), number));
    }
}

/// Puts an item behind the last one that came before it.
fn put_into(list: &Node, drawn: &Node) {
    let id = drawn.number("data-id");
    let mut place = list.node("lastElementChild");
    while place.is_present() && place.number("data-id") > id {
        place = place.node("previousElementSibling");
    }
    if place.is_present() { place.put_after(drawn) } else { list.prepend(drawn) }
}

/// The list of the answers to a comment, made if there were none.
fn replies_of(item: &Node) -> Node {
    item.find(":scope > .aw-replies").present().unwrap_or_else(|| {
        let list = item.make("ol", "aw-list aw-replies", "");
        item.append(&list);
        list
    })
}

/// The last of the answers to a comment, and of the answers to these, where all of them stand in one flat list: each is an
/// answer to the comment itself or to one of those before it.
fn last_below(item: Node) -> Node {
    let mut above = vec![item.text("id")];
    let mut last = item;
    loop {
        let next = last.node("nextElementSibling");
        let answered = next.find(":scope > .aw-comment .aw-to").attribute("href");
        if !above.iter().any(|id| answered.strip_prefix('#') == Some(id)) {
            return last;
        }
        above.push(next.text("id"));
        last = next;
    }
}

/// The time, in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
pub(crate) fn now() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

/// Appends a number, which is not negative, without the standard library's formatting.
fn push_digits(text: &mut String, number: i64) {
    if number > 9 {
        push_digits(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::push_digits;

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 7, 10, 1_234_567_890, i64::MAX] {
            let mut text = String::new();
            push_digits(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }
}
