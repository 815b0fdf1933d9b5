//! Set-up pages for the owner of a blog. In English only, like the other tools for owners.

use maud::{Markup, html};

use crate::page::{document, no_index};
use crate::render_context::{PageAssets, SetupState};

/// Renders the page that tells the owner what to do next.
pub fn setup_page(assets: &PageAssets, setup: &SetupState) -> Markup {
    let (title, content) = match setup {
        SetupState::Missing { problems } => ("Afterword is not set up yet", missing(problems)),
        SetupState::UnknownSite => ("This site is not set up", unknown_site()),
        SetupState::Welcome { endpoint, can_moderate } => ("Afterword is running", welcome(endpoint, *can_moderate)),
    };
    let head = no_index();
    let content = html! { h1 { (title) } (content) };
    document("en", "ltr", title, assets, &head, &content)
}

fn missing(problems: &[String]) -> Markup {
    html! {
        p { "The Worker is running, but some of its settings are missing or invalid:" }
        ul { @for problem in problems { li { (problem) } } }
        p { "Settings are the Worker’s variables and secrets. Change them in its configuration, then deploy again." }
    }
}

fn unknown_site() -> Markup {
    html! {
        p { "A site that this Worker does not serve requested comments." }
        p { "If it is your blog, add its origin to the setting " code { "SITES" } ", then deploy again:" }
        pre { code { "SITES = \"https://blog.example\"" } }
        p { "List other addresses of the same blog after an equals sign:" }
        pre { code { "SITES = \"https://blog.example=https://www.blog.example,localhost\"" } }
        p {
            "If " code { "SITES" } " is right, the canonical link of the post names a wrong address, such as one on localhost. Correct the base "
            "URL in the configuration of your blog."
        }
    }
}

fn welcome(endpoint: &str, can_moderate: bool) -> Markup {
    let tag = format!("<script src=\"{endpoint}/embed.js\" async=\"async\" crossorigin=\"anonymous\"></script>");
    let plain = format!(
        "<noscript><a href=\"{endpoint}/thread\" referrerpolicy=\"no-referrer-when-downgrade\">Comments</a></noscript>"
    );
    html! {
        p { "Paste these lines into the template of your posts, where you want the comments to appear:" }
        pre { code { (tag) "\n" (plain) } }
        p { "The second line is for readers without JavaScript." }
        @if !can_moderate {
            p {
                "Nobody can moderate yet. Make a secret with " code { "openssl rand -hex 32" } ", then store your name and the secret, as "
                code { "name:secret" } ", with " code { "npx wrangler secret put ADMIN_SECRETS --config worker/wrangler.toml" } "."
            }
        }
    }
}
