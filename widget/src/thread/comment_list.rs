//! Comments added after the first rendering: the reader's own, and those of further pages.

use std::rc::Rc;

use afterword_model::{CommentId, PostedComment, Status};
use afterword_view::{CommentState, DEFAULT_MAX_DEPTH, ParentComment, comment_count, comment_item};

use crate::codec::event_details::count_detail;
use crate::platform::clock::now_seconds;
use crate::platform::dom::{self, JsObject};
use crate::storage::own_comments::{OwnCommentState, ShownPages, own_comment_state};
use crate::thread::widget::Widget;
use crate::worker_api::{self, RequestError, UNREACHABLE};

/// Time in seconds after which the page of a comment leads to a reply on another page, if there is one.
const LINK_DELAY_SECONDS: i64 = 300;

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
            let state = own_comment_state(own, is_on_page, self.is_below_shown(own, now), self.shown_pages.get(), now);
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

    /// Returns true if a comment may be among the further replies to a comment on the screen.
    fn is_below_shown(&self, own: &PostedComment, now: i64) -> bool {
        let parent = own.comment.parent.map(|id| self.comment_item(id)).and_then(JsObject::into_option);
        let is_new = now - own.comment.created < LINK_DELAY_SECONDS;
        parent.is_some_and(|parent| is_new || parent.find(":scope > .aw-more").is_present())
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
            Some((_, parent)) => insert_reply(parent, &item),
            None => insert_by_id(&self.top_level_list(), &item),
        }
        self.displayed_own.borrow_mut().push(comment.id);
        self.section.find(".aw-empty").remove();
        if own.status == Status::Published {
            self.set_count(self.count.get() + 1);
        }
    }

    /// Fetches the page that a link leads to, and inserts the comments that are not on the screen.
    pub(crate) fn load_page(self: &Rc<Self>, link: JsObject) {
        if link.attribute("aria-busy") == "true" {
            return;
        }
        link.set_attribute("aria-busy", "true");
        self.announce(self.message("loading"));
        let widget = Rc::clone(self);
        // The fragment accepts the same query as the page that the link leads to.
        let query = link.get_string("search");
        worker_api::fetch_fragment(&self.window, &self.endpoint, &query, move |result| {
            let section = result.and_then(|html| {
                let section = dom::parse_html(&widget.html_parser, &html).find(".aw");
                section.into_option().ok_or_else(|| RequestError::new(UNREACHABLE, None))
            });
            match section {
                Ok(section) => widget.insert_page(&link, &section),
                Err(error) => {
                    // From now on the link is a plain one, as without the widget.
                    link.remove_attribute("data-page");
                    link.remove_attribute("aria-busy");
                    widget.announce(widget.message("unreachable"));
                    widget.dispatch_error(&error);
                }
            }
        });
    }

    /// Inserts the comments of a page that the Worker rendered. It also has the comments that they reply to.
    fn insert_page(&self, link: &JsObject, page: &JsObject) {
        self.localize_times(page);
        // Own comments were displayed in place of comments that were not loaded. Some of these are on the page now, so all own comments
        // are removed and inserted again.
        self.remove_displayed_own();
        let list = self.top_level_list();
        let is_earlier = link.get_string("className") == "aw-earlier";
        let first_item = list.get_object("firstElementChild");
        let mut first_new = None;
        while let Some(item) = page.find(".aw-item").into_option() {
            let known = |id| Some(self.comment_item(CommentId::new(id))).and_then(JsObject::into_option);
            if item.number_attribute("data-id").and_then(known).is_some() {
                item.set_string("className", "");
                continue;
            }
            match item.number_attribute("data-parent").and_then(known) {
                Some(parent) => insert_reply(parent, &item),
                None if is_earlier && first_item.is_present() => first_item.add_before(&item),
                None => list.append(&item),
            }
            first_new.get_or_insert(item);
        }
        self.replace_links(&link.attribute("data-page"), page);
        let version = page.number_attribute("data-version").unwrap_or(0).min(self.shown_pages.get().version);
        self.shown_pages.set(ShownPages { version, is_complete: self.is_complete() });
        self.set_count(page.number_attribute("data-count").unwrap_or(0) as u32);
        self.update_own_comments();
        self.restore_drafts();
        self.announce("");
        if let Some(item) = first_new {
            item.find(".aw-comment").focus_outside_tab_order();
        }
    }

    /// Replaces the links to a page that is on the screen now by the links that it has in their places.
    fn replace_links(&self, number: &str, page: &JsObject) {
        let selector = ["a[data-page='", number, "']"].concat();
        while let Some(link) = self.section.find(&selector).into_option() {
            let item = link.closest(".aw-item").get_string("id");
            let scope = if item.is_empty() { ":scope" } else { &["#", &item].concat() };
            let next = page.find(&[scope, " > .", &link.get_string("className")].concat());
            if next.is_present() {
                link.add_after(&next);
            }
            link.remove();
        }
    }

    /// Returns true if all comments of the thread are on the screen.
    pub(crate) fn is_complete(&self) -> bool {
        !self.section.find("a[data-page]").is_present()
    }

    /// Removes the displayed own comments of the reader from the page. Reply forms below them are reopened later with their drafts.
    fn remove_displayed_own(&self) {
        for id in self.displayed_own.take() {
            self.comment_item(id).remove();
        }
        self.forget_removed_forms();
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

/// Inserts a reply below its parent.
fn insert_reply(parent: JsObject, item: &JsObject) {
    if parent.number_attribute("data-depth").unwrap_or(0) < i64::from(DEFAULT_MAX_DEPTH) {
        insert_by_id(&reply_list(&parent), item);
    } else {
        last_flat_reply(parent).add_after(item);
    }
}

/// The list of replies to a comment. Creates it if the comment has none.
fn reply_list(item: &JsObject) -> JsObject {
    item.find(":scope > .aw-replies").into_option().unwrap_or_else(|| {
        let list = item.create_element("ol", "aw-list aw-replies", "");
        match item.find(":scope > .aw-more").into_option() {
            Some(more) => more.add_before(&list),
            None => item.append(&list),
        }
        list
    })
}

/// The last direct or indirect reply to a comment in a flat list, or the comment itself if it has none.
///
/// All replies follow the comment there, each a reply to the comment or to one of the replies before it.
fn last_flat_reply(item: JsObject) -> JsObject {
    let mut ids = vec![item.attribute("data-id")];
    let mut last = item;
    loop {
        let next = last.get_object("nextElementSibling");
        if !ids.contains(&next.attribute("data-parent")) {
            return last;
        }
        ids.push(next.attribute("data-id"));
        last = next;
    }
}
