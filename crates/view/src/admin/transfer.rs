//! Export and import.

use maud::{Markup, html};

use crate::admin::assets::IMPORT_SCRIPT;
use crate::admin::form::{Field, hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::sentence::{count, number, sentence};
use crate::admin::texts::FIELDS;
use crate::messages::Messages;

/// The content of the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransferView<'a> {
    /// The result of an import, or of its dry run.
    pub result: Option<&'a ImportResult<'a>>,
    /// The error of the form, such as that of a file that is missing. Empty if there is none.
    pub error: &'a str,
    /// True if `/post` and `/post.html` are one page of the site.
    pub clean_urls: bool,
}

/// The result of an import.
#[derive(Clone, Copy, Debug)]
pub struct ImportResult<'a> {
    /// True for a dry run, which has stored nothing.
    pub is_dry_run: bool,
    /// Numbers by what they count: `comments`, `threads`, `bans`, `settings`, `redirects`, `actions`, `repeats` or another word.
    pub counts: &'a [(&'a str, u64)],
    /// The line at which the import ended, and why. Everything before it was imported.
    pub fault: Option<(u64, &'a str)>,
}

/// Renders the page for export and import.
pub fn transfer_page(frame: &Frame, view: &TransferView) -> Markup {
    let content = html! {
        script type="module" src=(IMPORT_SCRIPT) {}
        section aria-labelledby="export" {
            h2 #export { (frame.t("export.title")) }
            p { (frame.t("export.intro")) }
            p.send {
                a.button.main href=(frame.link("/admin/api/export", &[])) download { (frame.t("export.submit")) }
            }
            p.hint { (frame.t("export.hint")) }
            div #export-tool hidden {}
        }
        (move_in(frame, view))
        section aria-labelledby="import" {
            h2 #import { (frame.t("import.title")) }
            p { (frame.t("import.intro")) }
            @if let Some(result) = view.result { (import_result(frame, result)) }
            form.stack #import-form method="post" action=(frame.link("/admin/import", &[])) enctype="multipart/form-data" {
                (hidden(FIELDS.action_id, &frame.action_id("import")))
                @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
                div.field {
                    label for="f-file" { (frame.t("import.file")) }
                    input #f-file type="file" name="file" required accept=".jsonl,.ndjson,application/x-ndjson" aria-describedby="f-file-hint" aria-invalid=[(!view.error.is_empty()).then_some("true")];
                    @if !view.error.is_empty() { p.error { (view.error) } }
                    p.hint #f-file-hint { (frame.t("import.file.hint")) }
                }
                (Field::new("dry_run", frame.t("import.dry_run")).hint(frame.t("import.dry_run.hint")).tick(true))
                progress #import-progress hidden max="100" value="0" aria-label=(frame.t("import.progress")) {}
                p.send { button.main type="submit" { (frame.t("import.submit")) } }
            }
        }
    };
    Page { section: Section::Transfer, title: frame.t("transfer.title"), class: "narrow", has_heading: false }
        .render(frame, &content)
}

/// The import of other systems' files, which a script reads in the browser. Without it, the page names the command.
fn move_in(frame: &Frame, view: &TransferView) -> Markup {
    let texts: Messages =
        frame.texts.starting_with("moving.").map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    let data = serde_json::to_string(&texts).unwrap_or_default();
    html! {
        section aria-labelledby="moving" {
            h2 #moving { (frame.t("moving.title")) }
            p { (frame.t("moving.intro")) }
            div #import-plain {
                p { (frame.t("moving.plain")) }
                pre { code { "npx afterword import FILE --site " (frame.site) } }
            }
            div #move-in hidden data-texts=(data) data-site=(frame.site) data-clean-urls=(view.clean_urls)
                data-threads=(frame.link(Section::Threads.path(), &[])) {}
        }
    }
}

fn import_result(frame: &Frame, result: &ImportResult) -> Markup {
    let key = if result.is_dry_run { "import.would" } else { "import.did" };
    html! {
        div.card role="status" {
            p { b { (frame.t(key)) } }
            dl.facts {
                @for (word, amount) in result.counts {
                    dt { (frame.texts.find_text(&["import.count.", word].concat()).unwrap_or(word)) }
                    dd { (number(frame.texts, *amount)) }
                }
            }
            @if let Some((line, text)) = result.fault {
                p.error { (sentence(frame.t("import.fault"), &[("line", html! { (number(frame.texts, line)) })])) " " bdi { (text) } }
            } @else if result.is_dry_run { p.hint { (frame.t("import.next")) } }
            @if result.counts.is_empty() && result.fault.is_none() { p { (count(frame.texts, "import.none", 0)) } }
        }
    }
}
