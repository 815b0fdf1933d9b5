//! Forms that come and go, and the drafts that outlive them.

use std::rc::Rc;

use afterword_model::{CommentId, NewComment};
use afterword_view::{Form as Filled, ParentComment, form as draw_form};

use crate::codec::thread_decoder;
use crate::platform::dom::Node;
use crate::storage::drafts::{is_same, to_js};
use crate::thread::comment_form::Form;
use crate::thread::widget::Widget;

/// Where the browser keeps name, e-mail address and website from comment to comment.
const ME: &str = "afterword:me";

/// What parts a draft from what was typed before it was there: the two are paragraphs of their own.
const BETWEEN: &str = "\n\n";

impl Widget {
    /// Fills in what the reader gave last time.
    ///
    /// Not beside a restored draft: a name that was cleared there stays cleared, or a second try would no longer be the same comment.
    pub(crate) fn recall_author(&self) {
        if let Some(main) = self.form_for(None).filter(|main| !main.is_restored()) {
            main.fill_author(&self.me(), false);
        }
    }

    /// Keeps what the reader gave this time.
    pub(crate) fn keep_author(&self, comment: &NewComment) {
        let me = NewComment {
            name: comment.name.clone(),
            email: comment.email.clone(),
            website: comment.website.clone(),
            ..NewComment::default()
        };
        self.shelf.set(ME, to_js(&me).as_js());
    }

    /// Keeps what was typed into the form of the post before the widget came, together with the draft that it would replace.
    pub(crate) fn keep_typed(&self) {
        let Some(main) = self.form_for(None) else { return };
        let typed = main.value("text");
        if typed.is_empty() {
            return;
        }
        if let Some(draft) = self.drafts.of(None).filter(|draft| draft.text != typed) {
            main.fill_author(&draft, false);
            self.refill(&main, &[&draft.text, BETWEEN, &typed].concat(), draft);
        }
        self.keep_draft(&main);
    }

    /// Puts drafts back into their forms.
    ///
    /// One whose comment is not on the page stays in storage as long as there are pages to come. After that the comment is gone, and
    /// the text goes where the reader finds it: into the form of the post, if that is empty.
    pub(crate) fn restore_drafts(&self) {
        for draft in self.drafts.load() {
            let form = match draft.parent {
                Some(id) => self.open_reply(id),
                None => self.form_for(None),
            };
            if let Some(form) = form.or_else(|| self.form_for(None).filter(|_| self.shown.get().whole)) {
                self.restore(&form, draft);
            }
        }
    }

    /// Opens the form of a reply under the comment answered, or finds it open. None if that comment is not on the page.
    pub(crate) fn open_reply(&self, id: CommentId) -> Option<Rc<Form>> {
        if let Some(form) = self.form_for(Some(id)) {
            return Some(form);
        }
        let article = self.article(id).present()?;
        self.close_empty_replies();
        let filled = Filled {
            url: self.url.as_str(),
            title: &self.title,
            parent: Some(ParentComment { id, name: &article.find(".aw-author").words() }),
            ..Filled::default()
        };
        let element = self.draw(draw_form(&self.scene(), &filled)).node("firstElementChild");
        // Several can be open, and a page has an id once.
        element.remove_attribute("id");
        article.put_after(&element);
        let form = Rc::new(Form::new(element, Some(id)));
        if let Some(draft) = self.drafts.of(Some(id)) {
            self.restore(&form, draft);
        }
        if !form.is_restored() {
            form.fill_author(&self.form_for(None).map_or_else(|| self.me(), |main| self.content(&main)), false);
        }
        self.forms.borrow_mut().push(Rc::clone(&form));
        Some(form)
    }

    /// Closes the form of a reply and goes back to where it was opened. Its text stays a draft.
    pub(crate) fn close_reply(&self, form: &Rc<Form>) {
        if let Some(id) = form.parent.filter(|_| !form.is_in_flight()) {
            self.remove_form(form);
            self.article(id).find(".aw-reply").focus();
        }
    }

    /// Takes a form off the page.
    pub(crate) fn remove_form(&self, form: &Rc<Form>) {
        form.element.remove();
        self.forms.borrow_mut().retain(|other| !Rc::ptr_eq(other, form));
    }

    /// Keeps what is in a form. It has the UUID of the last attempt if it is still what was sent then.
    pub(crate) fn keep_draft(&self, form: &Form) {
        self.drafts.keep(&self.content(form));
    }

    /// Throws a restored draft away, as the reader asks, and nothing that was written below it.
    pub(crate) fn discard(&self, form: &Form) {
        self.drafts.forget(&self.content(form));
        let text = form.value("text");
        let below = text.strip_prefix(&*[&form.sent.borrow().text, BETWEEN].concat());
        form.fill("text", below.unwrap_or_default());
        if below.is_some() {
            self.keep_draft(form);
        }
        form.unsay_restored();
        form.focus();
    }

    /// What is in a form, under the UUID it was sent by if nothing has changed since.
    pub(crate) fn content(&self, form: &Form) -> NewComment {
        let some = |name| Some(form.value(name)).filter(|value| !value.is_empty());
        let mut comment = NewComment {
            url: self.url.as_str().to_owned(),
            parent: form.parent,
            name: some("name"),
            email: some("email"),
            website: some("website"),
            text: form.value("text"),
            ..NewComment::default()
        };
        let sent = form.sent.borrow();
        if is_same(&comment, &sent) {
            comment.id.clone_from(&sent.id);
        }
        comment
    }

    fn restore(&self, form: &Form, draft: NewComment) {
        if form.value("text").is_empty() {
            form.fill_author(&draft, true);
            self.refill(form, &draft.text.clone(), draft);
        }
    }

    fn refill(&self, form: &Form, text: &str, draft: NewComment) {
        form.fill("text", text);
        form.sent.replace(draft);
        form.say_restored(self.text("restored"), self.text("discard"));
    }

    fn close_empty_replies(&self) {
        let forms = self.forms.borrow().clone();
        for form in forms {
            if form.parent.is_some() && !form.is_in_flight() && form.value("text").is_empty() {
                self.remove_form(&form);
            }
        }
    }

    fn form_for(&self, parent: Option<CommentId>) -> Option<Rc<Form>> {
        self.forms.borrow().iter().find(|form| form.parent == parent).cloned()
    }

    fn me(&self) -> NewComment {
        thread_decoder::draft(&Node::from(self.shelf.value(ME)))
    }
}
