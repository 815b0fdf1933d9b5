//! The page that explains to moderators what the tag does on a post. In English only, like the other tools for owners.

use afterword_model::Moderation;
use maud::{Markup, html};

use crate::page::{document, no_index};
use crate::render_context::PageAssets;

/// The content of the page.
#[derive(Clone, Debug, Default)]
pub struct CheckPage<'a> {
    /// The address to check, as typed.
    pub url: &'a str,
    /// The canonical link of the page, as typed.
    pub canonical: &'a str,
    /// The result. `None` before an address is typed.
    pub result: Option<CheckResult>,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub enum CheckResult {
    /// The address is none, or too long.
    NotAnAddress,
    /// The address belongs to no configured site.
    UnknownSite {
        /// Origin of the address, if it has one.
        origin: Option<String>,
        /// The origins of the configured sites.
        sites: Vec<String>,
    },
    /// The address belongs to a post.
    Post(Box<CheckedPost>),
}

/// A post, and everything that decides about its comments.
#[derive(Clone, Debug)]
pub struct CheckedPost {
    /// Origin of its site.
    pub site: String,
    /// Origin of the page, if it is not that of the site: an alias.
    pub alias: Option<String>,
    /// Canonical address.
    pub canonical_url: String,
    /// Advice about a canonical link that is not used.
    pub canonical_hint: Option<&'static str>,
    /// Parameters that the canonical address leaves out, and who adds each.
    pub dropped: Vec<(String, &'static str)>,
    /// True if the address has a fragment that the canonical one leaves out.
    pub drops_fragment: bool,
    /// True if the canonical address ends in a route.
    pub has_route: bool,
    /// True if the site has clean URLs.
    pub clean_urls: bool,
    /// Number of comments that readers see.
    pub published: u32,
    /// The thread in the database.
    pub thread: Option<CheckedThread>,
    /// Moderation of new comments.
    pub moderation: Moderation,
    /// True if the moderation is the site's own, and not that of the deployment.
    pub own_moderation: bool,
}

/// A thread as the database has it.
#[derive(Clone, Debug)]
pub struct CheckedThread {
    /// Its present address.
    pub url: String,
    /// Title of the post.
    pub title: String,
    /// True if a moderator set the title.
    pub title_locked: bool,
    /// Number of comments that readers can see once everything is published.
    pub count: u32,
    /// Number of comments that wait for a moderator.
    pub pending: u32,
    /// True if nobody may post.
    pub closed: bool,
    /// Former addresses that lead to it.
    pub former_urls: Vec<String>,
}

/// Renders the page.
pub fn check_page(assets: &PageAssets, page: &CheckPage) -> Markup {
    let title = "Check a post";
    let head = no_index();
    let content = html! {
        h1 { (title) }
        section.aw #aw {
            (form(page))
            @match &page.result {
                None => p { "This page fetches nothing. It explains which comments the tag shows on a page with this address, and why." },
                Some(CheckResult::NotAnAddress) => p.aw-error role="alert" { "This is not an http or https address." },
                Some(CheckResult::UnknownSite { origin, sites }) => (unknown_site(origin.as_deref(), sites)),
                Some(CheckResult::Post(post)) => (result(post)),
            }
        }
    };
    document("en", "ltr", title, assets, &head, &content)
}

fn form(page: &CheckPage) -> Markup {
    let field = |name: &str, label: &str, value: &str, required: bool| {
        html! {
            div.aw-field {
                label for={ "aw-" (name) } { (label) }
                input.aw-input id={ "aw-" (name) } type="text" name=(name) value=(value) required[required] inputmode="url" autocapitalize="none"
                    autocomplete="off" spellcheck="false";
            }
        }
    };
    html! {
        form.aw-form method="get" action="/check" {
            (field("url", "Address of the page, as the browser shows it", page.url, true))
            (field("canonical", "Its canonical link, or data-url, if it has one", page.canonical, false))
            div.aw-send { button.aw-submit type="submit" { "Check" } }
        }
    }
}

fn unknown_site(origin: Option<&str>, sites: &[String]) -> Markup {
    let origin = origin.unwrap_or("https://www.blog.example");
    html! {
        p.aw-error role="alert" {
            "No blog in the setting " code { "SITES" } " has this address. A page with the tag shows “Comments are not set up for this site.”"
        }
        p { "If it is another address of a blog that is listed, make it an alias, then deploy again:" }
        @for site in sites { pre { code { "SITES = \"" (site) "=" (origin) "\"" } } }
        p { "If it is another blog, add it with a space between them:" }
        pre { code { "SITES = \"" (sites.join(" ")) " " (origin) "\"" } }
        p { "Keep the aliases that your setting already has." }
    }
}

fn result(post: &CheckedPost) -> Markup {
    html! {
        h2 { "The address" }
        p {
            "The page belongs to the blog " code { (post.site) } "."
            @if let Some(alias) = &post.alias { " " code { (alias) } " is an alias of it." }
        }
        @if let Some(hint) = post.canonical_hint { p.aw-error { (hint) } }
        p { "Its comments are stored under this address:" }
        pre { code { (post.canonical_url) } }
        @if !post.dropped.is_empty() {
            p { "Left out, because others add it to addresses and it names no post:" }
            ul { @for (name, sender) in &post.dropped { li { code { (name) } " – " (sender) } } }
        }
        @if post.drops_fragment { p { "The part after " code { "#" } " is left out: it names a place on the page." } }
        @if post.has_route {
            p { "The part after " code { "#" } " names a page of its own. If it does not on your blog, set " code { "data-url" } "." }
        }
        (file_names(post.clean_urls))
        h2 { "The comments" }
        @match &post.thread {
            None => p { "There are none yet, and no moderator has changed this post." },
            Some(thread) => (thread_facts(post, thread)),
        }
        h2 { "New comments" }
        (new_comments(post))
    }
}

fn file_names(clean_urls: bool) -> Markup {
    html! {
        p {
            code { "/post" } " and " code { "/post.html" }
            @if clean_urls { " are one page (" code { "CLEAN_URLS" } " is on)." }
            @else { " are two pages. If your host serves one post under both, set " code { "CLEAN_URLS = \"on\"" } "." }
        }
    }
}

fn thread_facts(post: &CheckedPost, thread: &CheckedThread) -> Markup {
    html! {
        @if thread.url != post.canonical_url { p { "The post has moved. Its comments are now at " code { (thread.url) } "." } }
        p {
            "Comments that readers see: " (post.published)
            @if thread.count != post.published { " (" (thread.count) " in a minute or two)" }
            ". Comments that wait for a moderator: " (thread.pending) "."
        }
        @if !thread.title.is_empty() {
            p { "The title is “" bdi { (thread.title) } "”" @if thread.title_locked { ", set by a moderator" } "." }
        }
        @if !thread.former_urls.is_empty() {
            p { "These earlier addresses lead here:" }
            ul { @for url in &thread.former_urls { li { code { (url) } } } }
        }
    }
}

fn new_comments(post: &CheckedPost) -> Markup {
    let (policy, meaning) = match post.moderation {
        Moderation::Open => ("open", "is published at once"),
        Moderation::First => {
            ("first", "is published at once if its author has a published comment on this blog, and waits otherwise")
        }
        Moderation::All => ("all", "waits for a moderator"),
    };
    html! {
        @if post.thread.as_ref().is_some_and(|thread| thread.closed) {
            p { "The post is closed: nobody can comment." }
        } @else {
            p { "A comment " (meaning) ", unless it looks like spam." }
        }
        p {
            "Moderation is " code { (policy) }
            @if post.own_moderation { ", the blog’s own setting." } @else { ", from the setting " code { "MODERATION" } "." }
        }
    }
}
