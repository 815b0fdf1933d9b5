//! Submission of a comment, from the form to the page.

use std::rc::Rc;

use afterword_model::{Field, NewComment, PostedComment, Status};

use crate::codec::comment_encoder::encode_comment;
use crate::platform::clock::{now_seconds, page_age_ms};
use crate::platform::dom::JsObject;
use crate::platform::json::to_json;
use crate::platform::random;
use crate::platform::timer::Timer;
use crate::thread::comment_form::{CommentForm, excess};
use crate::thread::widget::Widget;
use crate::worker_api::{self, RequestError, UNREACHABLE};

/// Maximum number of times that the proof of work of one comment is renewed without the reader noticing.
const MAX_PROOF_RENEWALS: u8 = 2;

/// Age of a page after which a text was not filled in by a program, whether the page saw it being written or not.
const WRITING_MS: f64 = 3_000.0;

/// Time between two updates of a countdown, in milliseconds.
const TICK_MS: i32 = 1_000;

impl Widget {
    /// Submits a form, unless a submission is in flight.
    pub(crate) fn submit(self: &Rc<Self>, form: Rc<CommentForm>) {
        if form.is_in_flight() || form.is_waiting() {
            return;
        }
        form.clear_errors();
        form.hide_restored_notice();
        let mut comment = self.form_content(&form);
        if comment.text.trim_ascii_end().is_empty() {
            return self.on_error(&form, &RequestError::new("text_empty", Some(Field::Text)));
        }
        let excess = excess(&comment.text);
        if excess > 0 {
            let error = RequestError { excess, ..RequestError::new("text_too_long", Some(Field::Text)) };
            return self.on_error(&form, &error);
        }
        if comment.id.is_empty() {
            let Some(id) = random::submission_id(&self.window) else {
                return self.on_error(&form, &RequestError::new("unknown", None));
            };
            comment.id = id;
        }
        form.last_attempt.replace(comment.clone());
        // Saves the UUID too: a reader who reloads and tries again does not post twice.
        self.drafts.save(&comment);
        comment.written = form.is_written() || page_age_ms(&self.window) > WRITING_MS;
        comment.title = Some(self.config.get_string("title"));
        comment.subject = Some(form.field_value("subject")).filter(|subject| !subject.is_empty());
        form.set_in_flight(true);
        self.send_comment(form, comment, MAX_PROOF_RENEWALS);
    }

    /// Sends a comment as soon as its proof is available. Sends it again with a new proof if the Worker refuses the proof.
    fn send_comment(self: &Rc<Self>, form: Rc<CommentForm>, mut comment: NewComment, renewals: u8) {
        let widget = Rc::clone(self);
        self.pow_solver.request_proof(Box::new(move |proof| {
            comment.proof = proof;
            let body = to_json(encode_comment(&comment).as_js());
            let sender = Rc::clone(&widget);
            let (author_key, language) = (sender.author_key(), sender.message("lang"));
            worker_api::post_comment(&sender.window, &sender.endpoint, &body, &author_key, language, move |result| {
                let challenge = result.as_ref().map_or_else(|error| &*error.challenge, |_| "");
                if result.is_ok() || !challenge.is_empty() {
                    widget.pow_solver.replace_proof(comment.proof.as_ref(), challenge);
                }
                if renewals > 0 && !challenge.is_empty() {
                    return widget.send_comment(form, comment, renewals - 1);
                }
                form.set_in_flight(false);
                match result {
                    Ok((posted, value)) => widget.on_posted(&form, &comment, posted, &value),
                    Err(error) => widget.on_error(&form, &error),
                }
            });
        }));
    }

    /// Displays a posted comment. `response` is the same comment as the Worker's JSON.
    fn on_posted(&self, form: &Rc<CommentForm>, comment: &NewComment, posted: PostedComment, response: &JsObject) {
        let id = posted.comment.id;
        self.store_author(comment);
        self.drafts.remove(comment);
        form.last_attempt.take();
        // Text that was typed while the comment was in flight is the next draft.
        if form.field_value("text") == comment.text {
            if form.parent.is_some() {
                self.remove_form(form);
            } else {
                form.set_field("text", "");
                form.show_room(&self.messages);
            }
        }
        if !self.comment_item(id).is_present() {
            self.display_own_comment(&posted);
        }
        self.announce(self.message(if posted.status == Status::Pending { "waiting" } else { "posted" }));
        let mut missing = self.missing_own.borrow_mut();
        match missing.iter_mut().find(|own| own.comment.id == id) {
            Some(own) => *own = posted,
            None => missing.push(posted),
        }
        drop(missing);
        self.own_comments.store(id, response);
        self.article(id).focus_outside_tab_order();
        self.section.dispatch_event("afterword:posted", response.as_js());
    }

    fn on_error(self: &Rc<Self>, form: &Rc<CommentForm>, error: &RequestError) {
        if error.code == "id_reused" {
            form.last_attempt.take();
        }
        self.announce("");
        form.show_error(error.field, &self.error_text(error));
        if error.retry_after > 0 {
            self.start_countdown(form, error.retry_after);
        }
        self.dispatch_error(error);
    }

    /// Counts down the seconds until the Worker accepts another attempt, below the error. Until then the form sends nothing.
    fn start_countdown(self: &Rc<Self>, form: &Rc<CommentForm>, seconds: u32) {
        // The clock may be at the end of its second.
        let end = now_seconds() + i64::from(seconds) + 1;
        let (widget, waiting_form) = (Rc::downgrade(self), Rc::downgrade(form));
        let on_tick = move || {
            let (Some(widget), Some(form)) = (widget.upgrade(), waiting_form.upgrade()) else { return };
            let remaining = end - now_seconds();
            if remaining > 0 {
                return form.show_wait(&widget.messages.wait_text(remaining as u32));
            }
            form.show_wait(widget.message("wait.over"));
            form.stop_waiting();
            widget.announce(widget.message("wait.over"));
        };
        form.show_wait(&self.messages.wait_text(seconds));
        form.start_waiting(Timer::new(&self.window, "setInterval", TICK_MS, on_tick));
    }

    /// The text of an error in the page's language. The Worker writes most of them.
    fn error_text(&self, error: &RequestError) -> String {
        if error.excess > 0 {
            return self.messages.format_count("too_long", error.excess);
        }
        if error.code == UNREACHABLE {
            return self.message("unsent").to_owned();
        }
        let text = if error.message.is_empty() { self.message("error.unknown") } else { &error.message };
        text.to_owned()
    }
}
