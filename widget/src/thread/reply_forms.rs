//! Reply forms, which open and close, and the drafts that remain.

use std::rc::Rc;

use afterword_model::{CommentId, NewComment};

use crate::platform::decimal::push_decimal;
use crate::platform::dom::JsObject;
use crate::storage::drafts::has_same_content;
use crate::thread::comment_form::CommentForm;
use crate::thread::widget::Widget;

/// Separator between a draft and text that was typed before the draft was restored. It makes them separate paragraphs.
const DRAFT_SEPARATOR: &str = "\n\n";

impl Widget {
    /// Saves the text that was typed into the form of the post before the widget started, appended to the draft that it would replace.
    pub(crate) fn save_typed_text(&self) {
        let Some(main) = self.find_form(None) else { return };
        let typed = main.field_value("text");
        if typed.is_empty() {
            return;
        }
        main.set_written();
        if let Some(draft) = self.drafts.find(None).filter(|draft| draft.text != typed) {
            main.fill_author(&draft, false);
            self.set_restored_text(&main, &[&draft.text, DRAFT_SEPARATOR, &typed].concat(), draft);
        }
        self.save_draft(&main);
    }

    /// Restores drafts into their forms.
    ///
    /// A draft whose parent is not on the page stays in storage as long as there are further pages. Once all pages are shown, the parent
    /// is gone, and the text goes into the form of the post, where the reader finds it, if that form is empty.
    pub(crate) fn restore_drafts(&self) {
        for draft in self.drafts.load() {
            let form = match draft.parent {
                Some(id) => self.open_reply_form(id),
                None => self.find_form(None),
            };
            let fallback = || self.find_form(None).filter(|_| self.shown_pages.get().is_complete);
            if let Some(form) = form.or_else(fallback) {
                self.restore_draft(&form, draft);
            }
        }
    }

    /// Opens the reply form of a comment, or returns the open one. Returns `None` if the comment is not on the page.
    pub(crate) fn open_reply_form(&self, id: CommentId) -> Option<Rc<CommentForm>> {
        if let Some(form) = self.find_form(Some(id)) {
            return Some(form);
        }
        let article = self.article(id).into_option()?;
        self.close_empty_reply_forms();
        let element = self.pristine_form.clone_tree().into_option()?;
        self.turn_into_reply_form(&element, id, &article.find(".aw-author").text_content());
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

    /// Turns a copy of the form of the post into a reply form. Each id in it ends with the id of the parent, because several forms are on the
    /// page.
    fn turn_into_reply_form(&self, form: &JsObject, parent: CommentId, name: &str) {
        let mut suffix = String::from("-");
        push_decimal(&mut suffix, parent.get());
        // The copy has text that was typed before the widget started.
        form.call_method("reset");
        form.remove_attribute("id");
        for attribute in ["id", "for", "aria-describedby"] {
            for element in form.find_all(&["[", attribute, "]"].concat()) {
                let mut ids = String::new();
                for id in element.attribute(attribute).split(' ') {
                    if !ids.is_empty() {
                        ids.push(' ');
                    }
                    ids.push_str(id);
                    ids.push_str(&suffix);
                }
                element.set_attribute(attribute, &ids);
            }
        }
        // The isolates keep the direction of the name from the words around it.
        let title = self.messages.format("form.reply", "name", &["\u{2068}", name, "\u{2069}"].concat());
        form.find("label").set_text(&title);
        form.find(".aw-submit").set_text(self.message("form.submit.reply"));
        let cancel = form.create_element("button", "aw-cancel", self.message("form.cancel"));
        cancel.set_attribute("type", "button");
        cancel.set_attribute("part", "cancel");
        form.find(".aw-send").append(&cancel);
    }

    /// Closes a reply form and moves the focus to the button that opened it. The text remains as a draft.
    pub(crate) fn close_reply_form(&self, form: &Rc<CommentForm>) {
        if let Some(id) = form.parent.filter(|_| !form.is_in_flight()) {
            self.remove_form(form);
            self.article(id).find(".aw-reply").focus();
        }
    }

    /// Removes a form from the page.
    pub(crate) fn remove_form(&self, form: &Rc<CommentForm>) {
        form.element.remove();
        self.forget_removed_forms();
    }

    /// Drops the forms that are no longer on the page.
    pub(super) fn forget_removed_forms(&self) {
        self.forms.borrow_mut().retain(|form| form.element.is_true("isConnected"));
    }

    /// Saves the content of a form as its draft.
    pub(crate) fn save_draft(&self, form: &CommentForm) {
        self.drafts.save(&self.form_content(form));
    }

    /// Discards restored text at the reader's request. Text that was typed below it remains.
    pub(crate) fn discard_restored_text(&self, form: &CommentForm) {
        self.drafts.remove(&self.form_content(form));
        let text = form.field_value("text");
        let typed_below = text.strip_prefix(&*[&form.last_attempt.borrow().text, DRAFT_SEPARATOR].concat());
        form.set_field("text", typed_below.unwrap_or_default());
        if typed_below.is_some() {
            self.save_draft(form);
        }
        form.hide_restored_notice();
        form.focus("text");
    }

    /// The content of a form as a comment. It has the UUID of the last attempt if nothing has changed since.
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
        form.set_written();
        form.show_room(&self.messages);
        form.last_attempt.replace(draft);
        form.show_restored_notice(self.message("restored"), self.message("discard"));
    }

    fn close_empty_reply_forms(&self) {
        let forms = self.forms.borrow().clone();
        for form in forms {
            if form.parent.is_some() && !form.is_in_flight() && form.field_value("text").is_empty() {
                self.remove_form(&form);
            }
        }
    }
}
