//! Forms that come and go, and the drafts that outlive them.

use std::rc::Rc;

use afterword_model::{CommentId, NewComment};
use afterword_view::{Form, ParentComment, form as render_form};

use crate::storage::drafts::has_same_content;
use crate::thread::comment_form::CommentForm;
use crate::thread::widget::Widget;

/// What parts a draft from what was typed before it was there: the two are paragraphs of their own.
const DRAFT_SEPARATOR: &str = "\n\n";

impl Widget {
    /// Keeps what was typed into the form of the post before the widget came, together with the draft that it would replace.
    pub(crate) fn save_typed_text(&self) {
        let Some(main) = self.find_form(None) else { return };
        let typed = main.field_value("text");
        if typed.is_empty() {
            return;
        }
        if let Some(draft) = self.drafts.find(None).filter(|draft| draft.text != typed) {
            main.fill_author(&draft, false);
            self.set_restored_text(&main, &[&draft.text, DRAFT_SEPARATOR, &typed].concat(), draft);
        }
        self.save_draft(&main);
    }

    /// Puts drafts back into their forms.
    ///
    /// One whose comment is not on the page stays in storage as long as there are pages to come. After that the comment is gone, and
    /// the text goes where the reader finds it: into the form of the post, if that is empty.
    pub(crate) fn restore_drafts(&self) {
        for draft in self.drafts.load() {
            let form = match draft.parent {
                Some(id) => self.open_reply(id),
                None => self.find_form(None),
            };
            let fallback = || self.find_form(None).filter(|_| self.shown_pages.get().is_complete);
            if let Some(form) = form.or_else(fallback) {
                self.restore_draft(&form, draft);
            }
        }
    }

    /// Opens the form of a reply under the comment answered, or finds it open. None if that comment is not on the page.
    pub(crate) fn open_reply(&self, id: CommentId) -> Option<Rc<CommentForm>> {
        if let Some(form) = self.find_form(Some(id)) {
            return Some(form);
        }
        let article = self.article(id).into_option()?;
        self.close_empty_replies();
        let content = Form {
            url: self.url.as_str(),
            title: &self.title,
            parent: Some(ParentComment { id, name: &article.find(".aw-author").text_content() }),
            ..Form::default()
        };
        let element = self.parse_html(render_form(&self.render_context(), &content)).get_object("firstElementChild");
        // Several can be open, and a page has an id once.
        element.remove_attribute("id");
        article.add_after(&element);
        let form = Rc::new(CommentForm::new(element, Some(id)));
        if let Some(draft) = self.drafts.find(Some(id)) {
            self.restore_draft(&form, draft);
        }
        if !form.has_draft() {
            let author = self.find_form(None).map_or_else(|| self.stored_author(), |main| self.form_content(&main));
            form.fill_author(&author, false);
        }
        self.forms.borrow_mut().push(Rc::clone(&form));
        Some(form)
    }

    /// Closes the form of a reply and goes back to where it was opened. Its text stays a draft.
    pub(crate) fn close_reply(&self, form: &Rc<CommentForm>) {
        if let Some(id) = form.parent.filter(|_| !form.is_in_flight()) {
            self.remove_form(form);
            self.article(id).find(".aw-reply").focus();
        }
    }

    /// Takes a form off the page.
    pub(crate) fn remove_form(&self, form: &Rc<CommentForm>) {
        form.element.remove();
        self.forms.borrow_mut().retain(|other| !Rc::ptr_eq(other, form));
    }

    /// Keeps what is in a form. It has the UUID of the last attempt if it is still what was sent then.
    pub(crate) fn save_draft(&self, form: &CommentForm) {
        self.drafts.save(&self.form_content(form));
    }

    /// Throws a restored draft away, as the reader asks, and nothing that was written below it.
    pub(crate) fn discard_restored_text(&self, form: &CommentForm) {
        self.drafts.remove(&self.form_content(form));
        let text = form.field_value("text");
        let typed_below = text.strip_prefix(&*[&form.last_attempt.borrow().text, DRAFT_SEPARATOR].concat());
        form.set_field("text", typed_below.unwrap_or_default());
        if typed_below.is_some() {
            self.save_draft(form);
        }
        form.hide_restored_notice();
        form.focus();
    }

    /// What is in a form, under the UUID it was sent by if nothing has changed since.
    pub(crate) fn form_content(&self, form: &CommentForm) -> NewComment {
        let non_empty = |name| Some(form.field_value(name)).filter(|value| !value.is_empty());
        let mut comment = NewComment {
            url: self.url.as_str().to_owned(),
            parent: form.parent,
            name: non_empty("name"),
            email: non_empty("email"),
            website: non_empty("website"),
            text: form.field_value("text"),
            ..NewComment::default()
        };
        let last_attempt = form.last_attempt.borrow();
        if has_same_content(&comment, &last_attempt) {
            comment.id.clone_from(&last_attempt.id);
        }
        comment
    }

    fn restore_draft(&self, form: &CommentForm, draft: NewComment) {
        if form.field_value("text").is_empty() {
            form.fill_author(&draft, true);
            self.set_restored_text(form, &draft.text.clone(), draft);
        }
    }

    fn set_restored_text(&self, form: &CommentForm, text: &str, draft: NewComment) {
        form.set_field("text", text);
        form.last_attempt.replace(draft);
        form.show_restored_notice(self.message("restored"), self.message("discard"));
    }

    fn close_empty_replies(&self) {
        let forms = self.forms.borrow().clone();
        for form in forms {
            if form.parent.is_some() && !form.is_in_flight() && form.field_value("text").is_empty() {
                self.remove_form(&form);
            }
        }
    }
}
