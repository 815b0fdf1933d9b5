//! The settings of a site: each with its default, a sentence on its effect, and its error beside it.

use afterword_model::moderation::{SettingField, SettingKind};
use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::texts::FIELDS;
use crate::messages::fill;

/// The groups of settings, each with the names of its settings. Those in no group are in the last one.
const GROUPS: [(&str, &[&str]); 4] = [
    ("settings.policy", &["moderation", "muted", "close_after"]),
    ("settings.readers", &["edit_window", "downvotes", "reactions", "sort", "avatars"]),
    ("settings.texts", &["language", "form_text", "contact"]),
    ("settings.others", &[]),
];

/// The content of the settings page.
#[derive(Clone, Copy, Debug)]
pub struct SettingsView<'a> {
    /// The settings.
    pub settings: &'a [SettingField],
    /// The values as typed, by the names of the settings, if the form is shown again.
    pub typed: &'a [(&'a str, &'a str)],
    /// The errors, by the names of the settings.
    pub errors: &'a [(&'a str, &'a str)],
}

/// Renders the settings of a site.
pub fn settings_page(frame: &Frame, view: &SettingsView) -> Markup {
    let content = html! {
        p.hint { (frame.t("settings.intro")) }
        @if !view.errors.is_empty() { p.error role="alert" { (frame.t("settings.errors")) } }
        form.settings #write method="post" action=(frame.link("/admin/settings", &[])) accept-charset="utf-8" {
            button hidden disabled {}
            (hidden(FIELDS.action_id, &frame.action_id("settings")))
            @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
            @for (at, (title, _)) in GROUPS.iter().enumerate() { (group(frame, view, at, title)) }
            p.send { button.main type="submit" { (frame.t("save")) } }
        }
    };
    Page { section: Section::Settings, title: frame.t("nav.settings"), class: "narrow", has_heading: false }
        .render(frame, &content)
}

fn group<'a>(frame: &Frame<'a>, view: &SettingsView, at: usize, title: &'a str) -> Markup {
    let fields: Vec<&SettingField> = view.settings.iter().filter(|setting| group_of(&setting.name) == at).collect();
    html! {
        @if !fields.is_empty() {
            section aria-labelledby=(title) {
                h2 id=(title) { (frame.t(title)) }
                @for setting in fields { (field(frame, view, setting)) }
            }
        }
    }
}

fn group_of(name: &str) -> usize {
    GROUPS.iter().position(|(_, names)| names.contains(&name)).unwrap_or(GROUPS.len() - 1)
}

fn field(frame: &Frame, view: &SettingsView, setting: &SettingField) -> Markup {
    let find = |list: &[(&'_ str, &'_ str)]| {
        list.iter().find(|(name, _)| *name == setting.name).map(|(_, text)| (*text).to_owned())
    };
    let value = find(view.typed).or_else(|| setting.value.clone()).unwrap_or_default();
    let error = find(view.errors).unwrap_or_default();
    let label_key = ["setting.", &setting.name].concat();
    let label = known(frame, &label_key).unwrap_or(&setting.name);
    let effect = known(frame, &[&label_key, ".hint"].concat()).unwrap_or_default().to_owned();
    let default = choice_text(frame, setting, &setting.default);
    let default = if default.is_empty() { frame.t("settings.empty").to_owned() } else { default };
    let default_text = fill(frame.t("settings.default"), "default", &default);
    let hint = if effect.is_empty() { default_text.clone() } else { [&effect, " ", &default_text].concat() };
    let field = Field::new(&setting.name, label).hint(&hint).error(&error).optional();
    match &setting.kind {
        SettingKind::Choice(words) => {
            let first = fill(frame.t("settings.use_default"), "default", &default);
            let texts: Vec<String> = words.iter().map(|word| choice_text(frame, setting, word)).collect();
            let mut options = vec![("", first.as_str())];
            options.extend(words.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
            Field { is_optional: false, ..field }.choice(frame.texts, &options, &value)
        }
        SettingKind::Number(..) => {
            field.line(frame.texts, Line { inputmode: Some("numeric"), ..Line::of("text") }, &value)
        }
        SettingKind::Line(chars) => {
            field.line(frame.texts, Line { maxlength: usize::try_from(*chars).ok(), ..Line::of("text") }, &value)
        }
        SettingKind::Lines(_) => field.lines(frame.texts, 4, &value),
    }
}

/// The words for a value of a choice, or the value itself.
fn choice_text(frame: &Frame, setting: &SettingField, value: &str) -> String {
    if !matches!(setting.kind, SettingKind::Choice(_)) {
        return value.to_owned();
    }
    let own = ["setting.", &setting.name, ".", value].concat();
    let common = ["choice.", value].concat();
    known(frame, &own).or_else(|| known(frame, &common)).unwrap_or(value).to_owned()
}

/// The text of a key, if the table has it.
fn known<'a>(frame: &Frame<'a>, key: &str) -> Option<&'a str> {
    frame.texts.find_text(key)
}
