//! A comment's way from the form to the page.

use std::rc::Rc;

use afterword_model::{NewComment, Posted, Status};
use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::draft::Sent;
use crate::form::Form;
use crate::post::{self, Failure, UNREACHABLE};
use crate::replies::Me;
use crate::storage::Shelf;
use crate::widget::Widget;
use crate::{dom, random};

/// Where the browser keeps the author key.
const KEY: &str = "afterword:key";

/// The detail of `afterword:error`.
#[derive(Serialize)]
struct Failed<'a> {
    code: &'a str,
}

impl Widget {
    /// Sends what is in a form, unless it is on its way already.
    pub(crate) fn submit(self: &Rc<Self>, form: Rc<Form>) {
        if form.is_in_flight() {
            return;
        }
        form.calm();
        form.unsay_restored();
        let comment = self.comment(&form);
        if comment.text.trim().is_empty() {
            let failure = Failure { code: "text_empty".to_owned(), ..Failure::default() };
            return self.failed(&form, &Failure { field: Some(afterword_model::Field::Text), ..failure });
        }
        let text = comment.text.clone();
        let Some(body) = self.body(&form, comment) else {
            return form.complain(None, self.text("error.unknown"));
        };
        // From here on the browser knows the UUID too: a reader who reloads and tries again does not post twice.
        self.keep_draft(&form);
        form.set_in_flight(true);
        self.say(self.text("posting"));
        let widget = Rc::clone(self);
        spawn_local(async move {
            let key = widget.author_key();
            let answer = post::comment(&widget.config.endpoint, &body, key.as_deref()).await;
            form.set_in_flight(false);
            match answer {
                Ok((posted, json)) => widget.posted(&form, &text, posted, &json),
                Err(failure) => widget.failed(&form, &failure),
            }
        });
    }

    /// Tells the host page that something went wrong.
    pub(crate) fn tell_error(&self, code: &str) {
        self.tell("afterword:error", &Failed { code });
    }

    fn comment(&self, form: &Form) -> NewComment {
        let some = |name| Some(form.value(name)).filter(|value| !value.is_empty());
        NewComment {
            url: self.url.as_str().to_owned(),
            parent: form.parent,
            name: some("name"),
            email: some("email"),
            website: some("website"),
            text: form.value("text"),
            ..NewComment::default()
        }
    }

    /// The JSON to send. The same content has the UUID of its last attempt, another content has a new one.
    fn body(&self, form: &Form, mut comment: NewComment) -> Option<String> {
        let last = form.sent.borrow().as_ref().map(|sent| (sent.id.clone(), sent.body.clone()));
        if let Some((id, body)) = last {
            comment.id = id;
            if json(&comment)? != body {
                comment.id = random::submission_id()?;
            }
        } else {
            comment.id = random::submission_id()?;
        }
        form.sent.replace(Some(Sent { id: comment.id.clone(), body: json(&comment)? }));
        // The title is the page's word: it may change between two attempts.
        comment.title = Some(self.config.title.clone());
        json(&comment)
    }

    fn posted(&self, form: &Rc<Form>, text: &str, posted: Posted, answer: &JsValue) {
        let id = posted.comment.id;
        Me::of(form).keep();
        self.drafts.posted(form.parent, text);
        form.sent.take();
        // What was typed while the comment was on its way is the next draft.
        if form.value("text") == text {
            if form.parent.is_some() {
                self.remove_form(form);
            } else {
                form.fill("text", "");
            }
        }
        if self.item(id).is_none() {
            self.draw_own(&posted);
        }
        let waits = posted.status == Status::Pending;
        self.kept.borrow_mut().retain(|own| own.comment.id != id);
        self.kept.borrow_mut().push(posted);
        self.own.keep(id, answer);
        self.say(self.text(if waits { "waiting" } else { "posted" }));
        if let Some(comment) = self.article(id) {
            dom::focus_on_text(&comment);
        }
        dom::tell(&self.section, "afterword:posted", answer);
    }

    fn failed(&self, form: &Form, failure: &Failure) {
        if failure.code == "id_reused" {
            form.sent.take();
        }
        let text = self.explain(failure);
        self.say("");
        form.complain(failure.field, &text);
        self.tell_error(&failure.code);
    }

    /// What a failure is called in the reader's language; the Worker's own text where the catalogue does not know it.
    fn explain(&self, failure: &Failure) -> String {
        if let Some(wait) = failure.wait.map(|wait| self.config.messages.count("wait", wait)).filter(|text| !text.is_empty()) {
            return wait;
        }
        let key = ["error.", &failure.code].concat();
        let known = self.text(&key);
        let text = match (known == key, failure.code.as_str()) {
            (_, UNREACHABLE) => self.text("unsent"),
            (false, _) => known,
            (true, _) if !failure.message.is_empty() => &failure.message,
            (true, _) => self.text("error.unknown"),
        };
        text.to_owned()
    }

    /// The key by which the site knows this browser again, made when it is first needed.
    fn author_key(&self) -> Option<String> {
        if let Some(key) = Shelf::Lasting.text(KEY).filter(|key| is_author_key(key)) {
            return Some(key);
        }
        let key = self.key.borrow().clone().or_else(random::author_key)?;
        Shelf::Lasting.set_text(KEY, &key);
        self.key.replace(Some(key.clone()));
        Some(key)
    }
}

/// Whether the Worker would take it; anything may stand in the browser's storage.
fn is_author_key(key: &str) -> bool {
    afterword_model::limits::AUTHOR_KEY_CHARS.contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn json(comment: &NewComment) -> Option<String> {
    let value = serde_wasm_bindgen::to_value(comment).ok()?;
    JSON::stringify(&value).ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::is_author_key;

    #[test]
    fn a_key_that_somebody_else_stored_is_replaced() {
        assert!(is_author_key("00112233445566778899aabbccddeeff"));
        assert!(is_author_key("AZaz09_-AZaz09_-AZaz09"));
        for bad in ["", "short", "00112233445566778899aabbccddee f", "\"00112233445566778899aabbccddeeff\"", "ü00112233445566778899aabb"] {
            assert!(!is_author_key(bad), "{bad}");
        }
        assert!(!is_author_key(&"a".repeat(65)));
    }
}
