//! Forms that come and go, and the drafts that outlive them.

use std::rc::Rc;

use afterword_model::CommentId;
use afterword_view::{Answered, Form as Filled, form as draw_form};
use serde::{Deserialize, Serialize};
use web_sys::Element;

use crate::dom;
use crate::draft::Draft;
use crate::form::Form;
use crate::storage::Shelf;
use crate::widget::Widget;

/// Where the browser keeps what the reader last put into the fields beside the text.
const ME: &str = "afterword:me";

/// The fields that are the same from comment to comment.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Me {
    name: String,
    email: String,
    website: String,
}

impl Me {
    /// What is in the fields of a form.
    pub(crate) fn of(form: &Form) -> Self {
        Self { name: form.value("name"), email: form.value("email"), website: form.value("website") }
    }

    /// Keeps it for the next comment.
    pub(crate) fn keep(&self) {
        if let Ok(value) = serde_wasm_bindgen::to_value(self) {
            Shelf::Lasting.set(ME, Some(&value));
        }
    }

    fn recall() -> Self {
        Shelf::Lasting.get(ME).unwrap_or_default()
    }
}

impl Widget {
    /// Fills in what the reader gave last time.
    pub(crate) fn recall_author(&self) {
        if let Some(main) = self.form_for(None) {
            let me = Me::recall();
            main.fill_empty("name", &me.name);
            main.fill_empty("email", &me.email);
            main.fill_empty("website", &me.website);
        }
    }

    /// Puts drafts back into their forms.
    ///
    /// One whose comment is not on the page stays in storage as long as there are pages to come. After that the comment is gone, and
    /// the text goes where the reader finds it: into the form of the post, if that is empty.
    pub(crate) fn restore_drafts(&self) {
        for draft in self.drafts.load() {
            let form = match draft.parent {
                Some(id) if self.item(id).is_none() && self.shown.get().whole => self.form_for(None),
                Some(_) if !draft.open => None,
                Some(id) => self.open_reply(id),
                None => self.form_for(None),
            };
            if let Some(form) = form {
                self.restore(&form, &draft);
            }
        }
    }

    /// Opens the form of a reply under the comment answered, or finds it open. None if that comment is not on the page.
    pub(crate) fn open_reply(&self, id: CommentId) -> Option<Rc<Form>> {
        if let Some(form) = self.form_for(Some(id)) {
            return Some(form);
        }
        let article = self.article(id)?;
        self.close_empty_replies();
        let me = self.form_for(None).map_or_else(Me::recall, |main| Me::of(&main));
        let name = dom::find(&article, ".aw-author").and_then(|name| name.text_content()).unwrap_or_default();
        let filled = Filled {
            url: self.url.as_str(),
            title: &self.config.title,
            name: &me.name,
            email: &me.email,
            website: &me.website,
            parent: Some(Answered { id, name: &name }),
            ..Filled::default()
        };
        let drawn = dom::draw(&self.config.draw, &draw_form(&self.scene(), &filled).into_string())?;
        let element = drawn.first_element_child()?;
        // Several can be open, and a page has an id once.
        let _ = element.remove_attribute("id");
        dom::put_after(&article, &element);
        let form = Rc::new(Form::new(element, Some(id)));
        self.forms.borrow_mut().push(Rc::clone(&form));
        if let Some(draft) = self.drafts.load().iter().find(|draft| draft.parent == Some(id)) {
            self.restore(&form, draft);
        }
        Some(form)
    }

    /// Closes the form of a reply and goes back to where it was opened. Its text stays a draft.
    pub(crate) fn close_reply(&self, form: &Rc<Form>) {
        let Some(id) = form.parent.filter(|_| !form.is_in_flight()) else { return };
        let text = form.value("text");
        if !text.is_empty() {
            self.drafts.keep(&Draft { parent: Some(id), text, open: false, sent: form.sent.borrow().clone() });
        }
        self.remove_form(form);
        if let Some(link) = self.article(id).and_then(|article| dom::find(&article, ".aw-reply")) {
            dom::focus(&link);
        }
    }

    /// Takes a form off the page.
    pub(crate) fn remove_form(&self, form: &Rc<Form>) {
        form.element.remove();
        self.forms.borrow_mut().retain(|other| !Rc::ptr_eq(other, form));
    }

    /// Keeps what has just been typed.
    pub(crate) fn typed(&self, target: &Element) {
        if target.get_attribute("name").as_deref() == Some("text")
            && let Some(form) = self.form_around(target)
        {
            self.keep_draft(&form);
        }
    }

    /// Keeps the text of a form, and how it was last sent.
    pub(crate) fn keep_draft(&self, form: &Form) {
        let sent = form.sent.borrow().clone();
        self.drafts.keep(&Draft { parent: form.parent, text: form.value("text"), open: true, sent });
    }

    /// Throws a restored draft away, as the reader asks.
    pub(crate) fn discard(&self, form: &Form) {
        self.drafts.posted(form.parent, &form.value("text"));
        form.fill("text", "");
        form.unsay_restored();
        form.focus();
    }

    fn restore(&self, form: &Form, draft: &Draft) {
        if form.value("text").is_empty() {
            form.fill("text", &draft.text);
            form.sent.replace(draft.sent.clone());
            form.say_restored(self.text("restored"), self.text("discard"));
        }
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
}
