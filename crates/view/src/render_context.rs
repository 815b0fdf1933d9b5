//! What the drawing functions are given besides the thread.

use afterword_model::{CommentId, Field};

use crate::messages::Messages;

/// What is the same for everything drawn on one page.
#[derive(Clone, Copy, Debug)]
pub struct RenderContext<'a> {
    /// The texts, in the reader's language.
    pub messages: &'a Messages,
    /// The Worker's origin, without a slash at its end; empty for addresses relative to the Worker.
    pub endpoint: &'a str,
    /// Where the widget finds the catalogue of these messages.
    pub messages_path: &'a str,
    /// How many levels of answers are indented; deeper ones go on flat, saying whom they answer.
    pub max_depth: u8,
}

/// How many levels of answers are indented where nothing else is configured.
pub const DEFAULT_MAX_DEPTH: u8 = 4;

/// The comment that another one answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentComment<'a> {
    /// Its number.
    pub id: CommentId,
    /// Its author's name; empty for somebody who gave none.
    pub name: &'a str,
}

/// What is in the form, and what was wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<'a> {
    /// The UUID of the submission; empty where the widget is to make one.
    pub id: &'a str,
    /// What says when the form was drawn; empty where the widget says so.
    pub token: &'a str,
    /// The address of the post.
    pub url: &'a str,
    /// The title of the post.
    pub title: &'a str,
    /// What is in the field of this name.
    pub name: &'a str,
    /// What is in the field of this name.
    pub email: &'a str,
    /// What is in the field of this name.
    pub website: &'a str,
    /// What is in the field of this name.
    pub text: &'a str,
    /// The comment answered; none for a comment on the post itself.
    pub parent: Option<ParentComment<'a>>,
    /// The code of a refusal, and the field it belongs to; without one it belongs to the form.
    pub refusal: Option<(Option<Field>, &'a str)>,
}

/// How a comment stands that its own author is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentState {
    /// Everybody can read it, or soon will.
    Published,
    /// It waits for a moderator.
    Pending,
}

/// What has become of a form that was just sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The comment is published.
    Published,
    /// The comment waits for a moderator.
    Pending,
    /// The comment had been sent before.
    Repeat,
}

/// What a whole document needs besides its content.
#[derive(Clone, Copy, Debug)]
pub struct PageAssets<'a> {
    /// Where the stylesheet is.
    pub stylesheet_path: &'a str,
}

/// What an owner is told on a Worker that is not (or only just) set up.
#[derive(Clone, Copy, Debug)]
pub enum SetupState<'a> {
    /// Settings are missing or wrong.
    Missing {
        /// One sentence each.
        problems: &'a [String],
    },
    /// Comments were asked for on a site that is not configured.
    UnknownSite,
    /// All is well: how to embed the comments.
    Welcome {
        /// The Worker's origin.
        endpoint: &'a str,
    },
}
