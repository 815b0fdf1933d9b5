//! The pages for people who are not signed in: the way in, and the first steps of an owner.

use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden_if};
use crate::admin::frame::plain_page;
use crate::admin::texts::FIELDS;
use crate::messages::Messages;

/// The content of the sign-in page.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignIn<'a> {
    /// The address to return to. Empty for the overview.
    pub back: &'a str,
    /// The reason why the page is shown again.
    pub problem: Option<SignInProblem>,
}

/// A reason to sign in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// No moderator has this secret.
    WrongSecret,
    /// There were too many attempts. The number is the seconds after which another one may succeed.
    TooManyAttempts(u32),
    /// The session has ended.
    Expired,
    /// The form did not come from this page, or the browser does not say so.
    Foreign,
    /// The moderator has signed out.
    SignedOut,
}

/// Renders the sign-in page.
pub fn sign_in_page(texts: &Messages, sign_in: &SignIn) -> Markup {
    let t = |key| texts.get(key);
    let wrong = if sign_in.problem == Some(SignInProblem::WrongSecret) { t("sign_in.wrong") } else { "" };
    let secret = Field::new("secret", t("sign_in.secret")).hint(t("sign_in.hint")).error(wrong);
    let line = Line { autocomplete: "current-password", ..Line::of("password") };
    let content = html! {
        @match sign_in.problem {
            None | Some(SignInProblem::WrongSecret) => {},
            Some(SignInProblem::TooManyAttempts(seconds)) => p.error role="alert" { (t("sign_in.too_many")) " " (texts.wait_text(seconds)) },
            Some(SignInProblem::Expired) => p.notice role="status" { (t("sign_in.expired")) },
            Some(SignInProblem::Foreign) => p.error role="alert" { (t("sign_in.foreign")) },
            Some(SignInProblem::SignedOut) => p.notice role="status" { (t("sign_in.signed_out")) },
        }
        form.stack method="post" action="/admin/sign-in" {
            (hidden_if(FIELDS.back, sign_in.back))
            (secret.line(texts, line, ""))
            p.send { button.main type="submit" { (t("sign_in.submit")) } }
        }
    };
    plain_page(texts, t("sign_in.title"), &content)
}

/// Renders the page for the owner of a Worker that has no moderators. `command` makes a secret, stores it and prints it.
pub fn first_time_page(texts: &Messages, command: &str) -> Markup {
    let t = |key| texts.get(key);
    let content = html! {
        p { (t("first.intro")) }
        ol.steps {
            li {
                p { (t("first.run")) }
                pre.copy tabindex="0" { code { (command) } }
                p.hint { (t("first.run.hint")) }
            }
            li { p { (t("first.keep")) } }
            li {
                p { (t("first.open")) }
                p { a.button href="/admin" { (t("first.again")) } }
            }
        }
        p.hint { (t("first.more")) }
    };
    plain_page(texts, t("first.title"), &content)
}
