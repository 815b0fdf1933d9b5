//! The parameters of the rendering functions, besides the thread.

use afterword_model::{CommentId, Field, SafeHtml};
use maud::Markup;

use crate::messages::Messages;

/// The parameters that are the same for everything on one page.
#[derive(Clone, Copy, Debug)]
pub struct RenderContext<'a> {
    /// The messages, in the reader's language.
    pub messages: &'a Messages,
    /// The Worker's origin, without a trailing slash. Empty for URLs relative to the Worker.
    pub endpoint: &'a str,
    /// The path of the catalogue of these messages, for the widget.
    pub messages_path: &'a str,
    /// Maximum number of indented reply levels. Deeper replies are not indented further, and name their parent.
    pub max_depth: u8,
    /// True if comments show avatars.
    pub avatars: bool,
    /// The comment to which the address of the reader's page leads.
    pub linked: Option<CommentId>,
}

/// Default for the maximum number of indented reply levels.
pub const DEFAULT_MAX_DEPTH: u8 = 4;

/// The parent of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentComment<'a> {
    /// Its id.
    pub id: CommentId,
    /// Its author's name. Empty if the author gave none.
    pub name: &'a str,
}

/// The content of the form, and the error to show in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<'a> {
    /// The UUID of the submission. Empty if the widget generates one.
    pub id: &'a str,
    /// The form token, which tells when the form was rendered. Empty if the widget sends a challenge instead.
    pub token: &'a str,
    /// The URL of the post.
    pub url: &'a str,
    /// The title of the post.
    pub title: &'a str,
    /// The content of the field `name`.
    pub name: &'a str,
    /// The content of the field `email`.
    pub email: &'a str,
    /// The content of the field `website`.
    pub website: &'a str,
    /// The content of the field `text`.
    pub text: &'a str,
    /// The rendered text, if the reader asked to see it before posting.
    pub preview: Option<&'a SafeHtml>,
    /// The parent comment. `None` for a root comment.
    pub parent: Option<ParentComment<'a>>,
    /// The code of a refusal and its field. Without a field, the refusal concerns the whole form.
    pub refusal: Option<(Option<Field>, &'a str)>,
    /// Number of characters by which the refused field is too long.
    pub excess: Option<u32>,
    /// Seconds after which another attempt may succeed. `None` if it may succeed at once.
    pub retry_after: Option<u32>,
    /// True on a copy of the post at another origin, from which nobody can post. A link to the post replaces the form.
    pub is_elsewhere: bool,
    /// Advice for the owner of the blog, which the loader writes to the console. May be empty.
    pub hint: &'a str,
    /// The path of the styles for writing, which come with the form. Empty on a page that has them in its head.
    pub stylesheet_path: &'a str,
}

/// The moderation status of a comment, as shown to its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentState {
    /// The comment is published, or will be soon.
    Published,
    /// The comment is held for moderation.
    Pending,
}

/// The outcome of a form that was just submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The comment is published.
    Published,
    /// The comment is held for moderation.
    Pending,
    /// The comment was already submitted before.
    Repeat,
}

/// The message to a reader who was led to a page by a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// The URL of the page on which the reader can change the comment. Empty if there is none.
    pub own_comment_url: &'a str,
}

/// The assets of a whole document.
#[derive(Clone, Copy, Debug)]
pub struct PageAssets<'a> {
    /// Begins the paths of the assets, if they are not at the root of the Worker's address.
    pub base_path: &'a str,
    /// The paths of the stylesheets.
    pub stylesheet_paths: &'a [&'a str],
    /// The structured data of a page that search engines may index.
    pub structured_data: Option<&'a Markup>,
}

/// The state of a Worker's set-up, as shown to its owner.
#[derive(Clone, Copy, Debug)]
pub enum SetupState<'a> {
    /// Settings are missing or invalid.
    Missing {
        /// One sentence for each problem.
        problems: &'a [String],
    },
    /// A site that is not configured requested comments.
    UnknownSite,
    /// The Worker is configured. The page shows how to embed comments.
    Welcome {
        /// The Worker's origin.
        endpoint: &'a str,
        /// False if no moderator has a secret.
        can_moderate: bool,
    },
}
