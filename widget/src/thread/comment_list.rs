//! Comments added after the first rendering: the reader's own, and those of further pages.

use std::rc::Rc;

use afterword_model::{PostedComment, Status, Thread};
use afterword_view::{
    CommentState, DEFAULT_MAX_DEPTH, ParentComment, comment_count, comment_item, comments, more_link,
};

use crate::codec::event_details::count_detail;
use crate::platform::clock::now_seconds;
use crate::platform::dom::JsObject;
use crate::storage::own_comments::{OwnCommentState, ShownPages, own_comment_state};
use crate::thread::widget::Widget;
use crate::worker_api;

impl Widget {
    /// Displays the reader's own comments that the page lacks, and discards those that the page contains or will never contain.
    pub(crate) fn update_own_comments(&self) {
        let now = now_seconds();
        let mut discarded = Vec::new();
        let mut missing = self.missing_own.take();
        missing.retain(|own| {
            let id = own.comment.id;
            let is_displayed = self.displayed_own.borrow().contains(&id);
            let is_on_page = !is_displayed && self.comment_item(id).is_present();
            let state = own_comment_state(own, is_on_page, self.shown_pages.get(), now);
            if state == OwnCommentState::Display && !is_displayed {
                self.display_own_comment(own);
            }
            if state == OwnCommentState::Discard {
                discarded.push(id);
            }
            state != OwnCommentState::Discard
        });
        self.missing_own.replace(missing);
        self.own_comments.remove(&discarded);
    }

    /// Inserts an own comment of the reader at its position in the thread.
    pub(crate) fn display_own_comment(&self, own: &PostedComment) {
        let comment = &own.comment;
        let parent = comment.parent.map(|id| (id, self.comment_item(id))).filter(|(_, parent)| parent.is_present());
        let depth =
            parent.as_ref().map_or(0, |(_, parent)| parent.number_attribute("data-depth").unwrap_or(0) as u8 + 1);
        let name = parent.as_ref().map(|(_, parent)| parent.find(".aw-author").text_content()).unwrap_or_default();
        let reply_to = parent.as_ref().map(|&(id, _)| ParentComment { id, name: &name });
        let state = if own.status == Status::Pending { CommentState::Pending } else { CommentState::Published };
        let html = comment_item(&self.render_context(), &self.url, comment, depth, reply_to, state);
        let item = self.parse_html(html).get_object("firstElementChild");
        match parent {
            Some((_, parent)) if depth > DEFAULT_MAX_DEPTH => last_flat_reply(parent).add_after(&item),
            Some((_, parent)) => insert_by_id(&reply_list(&parent), &item),
            None => insert_by_id(&self.top_level_list(), &item),
        }
        self.displayed_own.borrow_mut().push(comment.id);
        self.section.find(".aw-empty").remove();
        if own.status == Status::Published {
            self.set_count(self.count.get() + 1);
        }
    }

    /// Fetches the page that a link leads to and replaces the link by it.
    pub(crate) fn load_next_page(self: &Rc<Self>, link: JsObject) {
        if link.attribute("aria-busy") == "true" {
            return;
        }
        link.set_attribute("aria-busy", "true");
        self.announce(self.message("loading"));
        let widget = Rc::clone(self);
        // The JSON route accepts the same query as the page that the link leads to.
        let query = link.get_string("search");
        worker_api::fetch_page(&self.window, &self.endpoint, &query, move |result| match result {
            Ok(thread) => widget.append_page(&link, &Thread { url: widget.url.clone(), ..thread }),
            Err(error) => {
                // From now on the link is a plain one, as without the widget.
                link.remove_attribute("data-page");
                link.remove_attribute("aria-busy");
                widget.announce(widget.message("unreachable"));
                widget.dispatch_error(&error);
            }
        });
    }

    fn append_page(&self, link: &JsObject, thread: &Thread) {
        let items = self.parse_html(comments(&self.render_context(), thread));
        let first = items.get_object("firstElementChild").find(".aw-comment");
        // Own comments were displayed in place of comments that were not loaded. Some of these are on the page now, so all own comments
        // are removed and inserted again.
        self.remove_displayed_own();
        self.top_level_list().append(&items);
        link.add_after(&self.parse_html(more_link(&self.render_context(), thread)));
        link.remove();
        let has_first_page = self.section.attribute("data-page") == "1";
        let version = self.shown_pages.get().version.min(thread.version);
        self.shown_pages.set(ShownPages { version, is_complete: has_first_page && thread.page >= thread.pages });
        self.set_count(thread.count);
        self.update_own_comments();
        self.restore_drafts();
        self.announce("");
        first.focus_outside_tab_order();
    }

    /// Removes the displayed own comments of the reader from the page. Reply forms below them are reopened later with their drafts.
    fn remove_displayed_own(&self) {
        for id in self.displayed_own.take() {
            self.comment_item(id).remove();
        }
        self.forms.borrow_mut().retain(|form| form.element.is_true("isConnected"));
    }

    fn top_level_list(&self) -> JsObject {
        self.section.find(":scope > .aw-list")
    }

    fn set_count(&self, count: u32) {
        self.count.set(count);
        self.section.find(".aw-title").set_text(&comment_count(&self.render_context(), count));
        let detail = count_detail(&self.section.attribute("data-url"), count);
        self.section.dispatch_event("afterword:count", detail.as_js());
    }
}

/// Inserts an item after the last one with a smaller id.
fn insert_by_id(list: &JsObject, item: &JsObject) {
    let id = item.number_attribute("data-id");
    let mut previous = list.get_object("lastElementChild");
    while previous.is_present() && previous.number_attribute("data-id") > id {
        previous = previous.get_object("previousElementSibling");
    }
    if previous.is_present() { previous.add_after(item) } else { list.prepend(item) }
}

/// The list of replies to a comment. Creates it if the comment has none.
fn reply_list(item: &JsObject) -> JsObject {
    item.find(":scope > .aw-replies").into_option().unwrap_or_else(|| {
        let list = item.create_element("ol", "aw-list aw-replies", "");
        item.append(&list);
        list
    })
}

/// The last direct or indirect reply to a comment in a flat list, or the comment itself if it has none.
///
/// All replies follow the comment there, each a reply to the comment or to one of the replies before it.
fn last_flat_reply(item: JsObject) -> JsObject {
    let mut thread_ids = vec![item.get_string("id")];
    let mut last = item;
    loop {
        let next = last.get_object("nextElementSibling");
        let parent_link = next.find(":scope > .aw-comment .aw-to").attribute("href");
        if !thread_ids.iter().any(|id| parent_link.strip_prefix('#') == Some(id)) {
            return last;
        }
        thread_ids.push(next.get_string("id"));
        last = next;
    }
}
