//! The comment that the page's fragment names.

use std::rc::Rc;

use afterword_model::CommentId;

use crate::thread::widget::Widget;

impl Widget {
    /// Shows a comment that is on a page of the thread that is not loaded. Without such a page the fragment stays without effect.
    pub(crate) fn show_missing_comment(self: &Rc<Self>, id: CommentId) {
        self.reveal(id);
    }

    /// Brings a comment on the page into view and focuses it.
    pub(crate) fn reveal(&self, id: CommentId) {
        let article = self.article(id);
        article.focus_outside_tab_order();
        article.call_method("scrollIntoView");
    }
}
