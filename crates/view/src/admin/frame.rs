//! The frame around every page: header, navigation, site chooser, notice and status.

use afterword_model::SubmissionId;
use afterword_model::moderation::QueueCounts;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest, Sha256};

use crate::admin::assets::AdminAsset;
use crate::admin::icon::sign;
use crate::admin::keys;
use crate::admin::link::address;
use crate::admin::notice::{Notice, notice_box};
use crate::admin::script_texts::script_texts;
use crate::admin::sentence::list_count;
use crate::messages::Messages;
use crate::styles::Stylesheet;

/// The parameters that are the same for everything on one page of a signed-in moderator.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The texts: [`texts`](crate::admin::texts()).
    pub texts: &'a Messages,
    /// Name of the moderator.
    pub moderator: &'a str,
    /// True for an owner, who may also change settings, erase, import and export.
    pub is_owner: bool,
    /// Origin of the site that is shown. Empty for all sites together.
    pub site: &'a str,
    /// Origins of all sites that the moderator may see.
    pub sites: &'a [&'a str],
    /// Numbers of comments in the lists of the queue.
    pub counts: QueueCounts,
    /// Number of the latest entry of the audit log, from which the script asks for changes.
    pub audit_head: i64,
    /// Present time in Unix seconds.
    pub now: i64,
    /// Random bytes of this page, from which the ids of its actions are made.
    pub seed: [u8; 16],
    /// The result of the form that led here.
    pub notice: Option<&'a Notice<'a>>,
}

/// A part of the moderators' pages that the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The overview.
    Overview,
    /// The queue, and pages about one comment or author.
    Queue,
    /// The threads.
    Threads,
    /// The bans.
    Bans,
    /// The audit log.
    Audit,
    /// The settings.
    Settings,
    /// Export and import.
    Transfer,
}

impl Section {
    const ALL: [Self; 7] =
        [Self::Overview, Self::Queue, Self::Threads, Self::Bans, Self::Audit, Self::Settings, Self::Transfer];

    /// The path of its first page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/admin",
            Self::Queue => "/admin/queue",
            Self::Threads => "/admin/threads",
            Self::Bans => "/admin/bans",
            Self::Audit => "/admin/audit",
            Self::Settings => "/admin/settings",
            Self::Transfer => "/admin/transfer",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Overview => "nav.overview",
            Self::Queue => "nav.queue",
            Self::Threads => "nav.threads",
            Self::Bans => "nav.bans",
            Self::Audit => "nav.audit",
            Self::Settings => "nav.settings",
            Self::Transfer => "nav.transfer",
        }
    }

    /// Returns true for a part that only owners may open.
    const fn is_for_owners(self) -> bool {
        matches!(self, Self::Settings | Self::Transfer)
    }
}

impl<'a> Frame<'a> {
    /// The text of a key.
    pub(crate) fn t(&self, key: &'a str) -> &'a str {
        self.texts.get(key)
    }

    /// An address of the pages with the site in it, if there are several.
    pub(crate) fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let site = if self.sites.len() > 1 { self.site } else { "" };
        address(&address(path, parameters), &[("site", site)])
    }

    /// The UUID of an action on this page: the same for the same purpose, and different on every page.
    pub(crate) fn action_id(&self, purpose: &str) -> String {
        let digest = Sha256::new().chain_update(self.seed).chain_update(purpose).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        SubmissionId::from_digest(bytes).to_string()
    }

    /// The site of a comment or thread at an address: the one that is shown, or that of the address if it is one of the moderator's.
    pub(crate) fn site_of(&self, url: &str) -> &'a str {
        let is_origin_of = |site: &&str| url.strip_prefix(*site).is_some_and(|rest| rest.starts_with('/'));
        if self.site.is_empty() {
            self.sites.iter().copied().find(|site| is_origin_of(site)).unwrap_or_default()
        } else {
            self.site
        }
    }
}

/// A page with its frame.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) section: Section,
    /// The title of the document, and the heading unless the content has its own.
    pub(crate) title: &'a str,
    /// Class of the content, for its width.
    pub(crate) class: &'a str,
    /// True if the content begins with the heading.
    pub(crate) has_heading: bool,
}

impl Page<'_> {
    /// Renders the document around its content.
    pub(crate) fn render(&self, frame: &Frame, content: &Markup) -> Markup {
        let title = match frame.counts.pending.count {
            0 => self.title.to_owned(),
            _ => format!("({}) {}", list_count(frame.texts, frame.counts.pending), self.title),
        };
        let body = html! {
            a.skip href="#main" { (frame.t("frame.skip")) }
            (header(frame, self.section))
            main #main .(self.class) tabindex="-1" {
                @if !self.has_heading { h1 { (self.title) } }
                @if let Some(notice) = frame.notice { (notice_box(frame, notice)) }
                (content)
            }
            (keys::help(frame.texts))
            div.toasts {
                p #status role="status" {}
                div #alert role="alert" {}
            }
        };
        let data = script_texts(frame.texts);
        let pending = (!frame.counts.pending.more).then_some(frame.counts.pending.count);
        let poll = frame.link("/admin/api/changes", &[]);
        let body = html! {
            body data-texts=(data) data-changes=(poll) data-since=(frame.audit_head) data-pending=[pending] data-moderator=(frame.moderator) { (body) }
        };
        document(frame.texts, &title, &body)
    }
}

/// Renders a page for people who are not signed in.
pub(crate) fn plain_page(texts: &Messages, title: &str, content: &Markup) -> Markup {
    let body = html! {
        body data-texts=(script_texts(texts)) {
            header.top { (brand(texts)) }
            main.narrow #main { h1 { (title) } (content) }
        }
    };
    document(texts, title, &body)
}

fn document(texts: &Messages, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(texts.get("lang")) dir=(texts.get("dir")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#fff" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#17191d" media="(prefers-color-scheme: dark)";
                meta name="robots" content="noindex";
                title { (title) " · Afterword" }
                link rel="stylesheet" href=(Stylesheet::Admin.path());
                link rel="icon" type="image/svg+xml" href=(AdminAsset::Icon.path());
                link rel="apple-touch-icon" href=(AdminAsset::AppleIcon.path());
                link rel="manifest" href=(AdminAsset::Manifest.path());
                script type="module" src=(AdminAsset::Script.path()) {}
            }
            (body)
        }
    }
}

fn brand(texts: &Messages) -> Markup {
    html! { a.brand href="/admin" { (sign()) span { "Afterword" } span.hidden { " " (texts.get("nav.home")) } } }
}

fn header(frame: &Frame, here: Section) -> Markup {
    let visible = Section::ALL.into_iter().filter(|section| frame.is_owner || !section.is_for_owners());
    html! {
        header.top {
            (brand(frame.texts))
            nav aria-label=(frame.t("nav.label")) {
                ul {
                    @for section in visible {
                        li {
                            a href=(frame.link(section.path(), &[])) aria-current=[(section == here).then_some("page")] {
                                (frame.t(section.label()))
                                @if section == Section::Queue { (waiting(frame)) }
                            }
                        }
                    }
                }
            }
            @if frame.sites.len() > 1 { (site_chooser(frame, here)) }
            (account(frame))
        }
    }
}

/// The number of comments that wait. The script keeps it up to date, so the element is there without any too.
fn waiting(frame: &Frame) -> Markup {
    let pending = frame.counts.pending;
    html! {
        " " span.count data-count="pending" hidden[pending.count == 0] { (list_count(frame.texts, pending)) }
    }
}

fn site_chooser(frame: &Frame, here: Section) -> Markup {
    // Only the queue shows several sites in one list.
    let has_all = matches!(here, Section::Queue | Section::Overview);
    html! {
        form.sites method="get" action=(here.path()) {
            label.hidden for="site" { (frame.t("nav.site")) }
            select #site name="site" {
                @if has_all { option value="" selected[frame.site.is_empty()] { (frame.t("nav.all_sites")) } }
                @for site in frame.sites { option value=(site) selected[*site == frame.site] { (host(site)) } }
            }
            button type="submit" { (frame.t("nav.show")) }
        }
    }
}

fn account(frame: &Frame) -> Markup {
    html! {
        details.menu.account {
            summary { bdi { (frame.moderator) } }
            div.sheet {
                p.role { (frame.t(if frame.is_owner { "role.owner" } else { "role.moderator" })) }
                button type="button" data-do="help" hidden { (frame.t("keys.title")) }
                form method="post" action="/admin/sign-out" {
                    button type="submit" { (frame.t("sign_out")) }
                    button type="submit" name="everywhere" value="on" { (frame.t("sign_out.everywhere")) }
                }
            }
        }
    }
}

/// The head of a table, by the keys of its columns. The last column has the forms; its heading is for screen readers.
pub(crate) fn table_head(frame: &Frame, columns: &[&str], forms: &str) -> Markup {
    html! {
        thead {
            tr {
                @for key in columns { th scope="col" { (frame.t(key)) } }
                th scope="col" { span.hidden { (frame.t(forms)) } }
            }
        }
    }
}

/// An origin without its scheme, for people.
pub(crate) fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
