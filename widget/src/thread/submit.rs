//! A comment's way from the form to the page.

use std::rc::Rc;

use afterword_model::{Field, NewComment, PostedComment, Status, limits};

use crate::codec::event_details::{self, Failed};
use crate::platform::dom::Node;
use crate::platform::random;
use crate::storage::browser_storage::stringify;
use crate::storage::drafts::to_js;
use crate::thread::comment_form::Form;
use crate::thread::widget::Widget;
use crate::worker_api::{self, Failure, UNREACHABLE};

/// Where the browser keeps the author key.
const KEY: &str = "afterword:key";
/// How often a proof of work is renewed for one comment, without the reader noticing.
const RENEWALS: u8 = 2;

impl Widget {
    /// Sends what is in a form, unless it is on its way already.
    pub(crate) fn submit(self: &Rc<Self>, form: Rc<Form>) {
        if form.is_in_flight() {
            return;
        }
        form.calm();
        form.unsay_restored();
        let mut comment = self.content(&form);
        if comment.text.trim().is_empty() {
            return self.failed(&form, &Failure::new("text_empty", Some(Field::Text)));
        }
        if comment.id.is_empty() {
            let Some(id) = random::submission_id(&self.window) else {
                return self.failed(&form, &Failure::new("unknown", None));
            };
            comment.id = id;
        }
        form.sent.replace(comment.clone());
        // From here on the browser knows the UUID too: a reader who reloads and tries again does not post twice.
        self.drafts.keep(&comment);
        comment.title = Some(self.title.clone());
        comment.subject = Some(form.value("subject")).filter(|subject| !subject.is_empty());
        form.set_in_flight(true);
        self.send(form, comment, RENEWALS);
    }

    /// Sends a comment as soon as there is a proof for it, and again with a new one where the Worker does not take that.
    fn send(self: &Rc<Self>, form: Rc<Form>, mut comment: NewComment, renewals: u8) {
        let widget = Rc::clone(self);
        self.prover.prove(Box::new(move |proof| {
            comment.proof = proof;
            let body = stringify(to_js(&comment).as_js());
            let sender = Rc::clone(&widget);
            worker_api::comment(&sender.window, &sender.endpoint, &body, &sender.author_key(), move |answer| {
                let challenge = answer.as_ref().map_or_else(|failure| &*failure.challenge, |_| "");
                if answer.is_ok() || !challenge.is_empty() {
                    widget.prover.renew(comment.proof.as_ref(), challenge);
                }
                if renewals > 0 && !challenge.is_empty() {
                    return widget.send(form, comment, renewals - 1);
                }
                form.set_in_flight(false);
                match answer {
                    Ok((posted, value)) => widget.posted(&form, &comment, posted, &value),
                    Err(failure) => widget.failed(&form, &failure),
                }
            });
        }));
    }

    /// Tells the host page that something went wrong.
    pub(crate) fn tell_error(&self, code: &str) {
        self.section.tell("afterword:error", &event_details::detail(&Failed { code }));
    }

    fn posted(&self, form: &Rc<Form>, comment: &NewComment, posted: PostedComment, answer: &Node) {
        let id = posted.comment.id;
        self.keep_author(comment);
        self.drafts.forget(comment);
        form.sent.take();
        // What was typed while the comment was on its way is the next draft.
        if form.value("text") == comment.text {
            if form.parent.is_some() {
                self.remove_form(form);
            } else {
                form.fill("text", "");
            }
        }
        if !self.item(id).is_present() {
            self.draw_own(&posted);
        }
        self.say(self.text(if posted.status == Status::Pending { "waiting" } else { "posted" }));
        self.kept.borrow_mut().retain(|own| own.comment.id != id);
        self.kept.borrow_mut().push(posted);
        self.own.keep(id, answer);
        self.article(id).focus_on_text();
        self.section.tell("afterword:posted", answer.as_js());
    }

    fn failed(&self, form: &Form, failure: &Failure) {
        if failure.code == "id_reused" {
            form.sent.take();
        }
        self.say("");
        form.complain(failure.field, &self.explain(failure));
        self.tell_error(&failure.code);
    }

    /// What a failure is called in the reader's language; the Worker's own text where the catalogue does not know it.
    fn explain(&self, failure: &Failure) -> String {
        if failure.code == UNREACHABLE {
            return self.text("unsent").to_owned();
        }
        let messages = self.scene().messages;
        let key = ["error.", &failure.code].concat();
        let known = messages.get(&key);
        let text = if known != key || failure.message.is_empty() {
            messages.error_text(&failure.code)
        } else {
            &failure.message
        };
        text.to_owned()
    }

    /// The key by which the site knows this browser again; empty where none can be made.
    ///
    /// Made when something is first typed: nobody types into two tabs at once, but both may send at once, and each would make a key.
    pub(crate) fn author_key(&self) -> String {
        let stored = self.shelf.text(KEY);
        if is_author_key(&stored) {
            return stored;
        }
        let mut key = self.key.borrow_mut();
        if key.is_empty() {
            *key = random::author_key(&self.window).unwrap_or_default();
        }
        self.shelf.set_text(KEY, &key);
        key.clone()
    }
}

/// Whether the Worker would take it; anything may stand in the browser's storage.
fn is_author_key(key: &str) -> bool {
    limits::AUTHOR_KEY_CHARS.contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_author_key;

    #[test]
    fn a_key_that_somebody_else_stored_is_replaced() {
        assert!(is_author_key("00112233445566778899aabbccddeeff"));
        assert!(is_author_key("AZaz09_-AZaz09_-AZaz09"));
        let odd = [
            "",
            "short",
            "00112233445566778899aabbccddee f",
            "\"0112233445566778899aabbccddeeff\"",
            "ü0112233445566778899",
        ];
        for bad in odd {
            assert!(!is_author_key(bad), "{bad}");
        }
        assert!(!is_author_key(&"a".repeat(65)));
    }
}
