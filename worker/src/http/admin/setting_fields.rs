//! The settings of a site as fields of a form, each with its default.

use std::collections::BTreeMap;

use afterword_guard::Patterns;
use afterword_ledger::SettingChange;
use afterword_model::moderation::{SettingField, SettingKind};
use afterword_model::{Moderation, Refusal, limits};
use afterword_view::catalogue;

use crate::settings::Settings;

/// Values of the settings that a site has, by their names.
pub(crate) type SettingTexts = BTreeMap<String, Option<String>>;

/// Maximum length of the list of reactions: eight emoji, each of several characters.
const REACTIONS_CHARS: u32 = 100;

/// All settings of a site. The default of each is that of the Worker's own setting.
pub(crate) fn all(settings: &Settings, texts: &SettingTexts) -> Vec<SettingField> {
    let words = |words: &[&str]| SettingKind::Choice(words.iter().map(|word| (*word).to_owned()).collect());
    let moderation = match settings.moderation {
        Moderation::Open => "open",
        Moderation::First => "first",
        Moderation::All => "all",
    };
    let edit_minutes = settings.edit_window / 60;
    let reactions = settings.reactions.names().join(" ");
    let fields = [
        ("moderation", moderation.to_owned(), words(&["open", "first", "all"])),
        ("muted", String::new(), SettingKind::Lines(limits::MUTED_WORDS_BYTES as u32)),
        ("edit_window", edit_minutes.to_string(), SettingKind::Number(0, limits::EDIT_MINUTES)),
        ("downvotes", if settings.downvotes { "on" } else { "off" }.to_owned(), words(&["on", "off"])),
        (
            "reactions",
            if reactions.is_empty() { "off".to_owned() } else { reactions },
            SettingKind::Line(REACTIONS_CHARS),
        ),
        ("close_after", "0".to_owned(), SettingKind::Number(0, limits::CLOSE_AFTER_DAYS.into())),
        ("sort", "oldest".to_owned(), words(&["oldest", "newest", "top"])),
        ("avatars", if settings.avatars { "on" } else { "off" }.to_owned(), words(&["on", "off"])),
        ("language", String::new(), words(catalogue::LANGUAGES)),
        ("form_text", String::new(), SettingKind::Lines(limits::FORM_TEXT_CHARS as u32)),
        ("contact", String::new(), SettingKind::Line(limits::WEBSITE_BYTES as u32)),
    ];
    let field = |(name, default, kind): (&str, String, SettingKind)| SettingField {
        name: name.to_owned(),
        value: texts.get(name).cloned().flatten(),
        default,
        kind,
    };
    fields.into_iter().map(field).collect()
}

/// A new value for a setting, or `None` for the default.
pub(crate) fn change(name: &str, value: Option<&str>) -> Result<SettingChange, Refusal> {
    let change = SettingChange::from_input(name, value)?;
    if let SettingChange::MutedWords(list) = &change {
        Patterns::parse_words(list).map_err(|_| Refusal::BadPattern)?;
    }
    if let SettingChange::Language(Some(tag)) = &change
        && !catalogue::LANGUAGES.contains(&tag.as_str())
    {
        return Err(Refusal::BadJson);
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use afterword_ledger::SiteSettings;

    use super::*;

    fn settings() -> Settings {
        let variables = [("SITES", "https://blog.example"), ("SIGNING_KEY", "0123456789abcdef0123456789abcdef")];
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
            .unwrap()
    }

    #[test]
    fn every_setting_of_a_site_has_a_field_that_takes_its_default() {
        let json = serde_json::to_value(SiteSettings::default()).unwrap();
        let texts: SettingTexts = serde_json::from_value(json).unwrap();
        let fields = all(&settings(), &texts);
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, texts.keys().map(String::as_str).collect::<Vec<_>>());
        for field in &fields {
            assert_eq!(field.value, None, "{}", field.name);
            let value = Some(field.default.as_str()).filter(|value| !value.is_empty());
            assert!(change(&field.name, value).is_ok(), "{}: {}", field.name, field.default);
        }
    }

    /// The page that documents the settings of a blog, and the heading of their table.
    const DOCUMENTATION: &str = include_str!("../../../../docs/src/settings.md");
    const HEADING: &str = "## Settings of a blog";

    #[test]
    fn the_documentation_lists_all_settings_of_a_blog() {
        let section = DOCUMENTATION.split(HEADING).nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let row = |line: &'static str| line.strip_prefix("| `")?.split('`').next();
        let mut documented: Vec<&str> = section.lines().filter_map(row).collect();
        let fields = all(&settings(), &SettingTexts::new());
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        documented.sort_unstable();
        names.sort_unstable();
        assert_eq!(documented, names);
    }

    #[test]
    fn invalid_patterns_are_refused() {
        assert_eq!(change("muted", Some("x\n***")), Err(Refusal::BadPattern));
        for (name, value) in [
            ("edit_window", "soon"),
            ("close_after", "36501"),
            ("sort", "votes"),
            ("avatars", "yes"),
            ("language", "tlh"),
            ("contact", "javascript:alert(1)"),
        ] {
            assert_eq!(change(name, Some(value)), Err(Refusal::BadJson), "{name}");
        }
        assert_eq!(change("form_text", Some(&"x".repeat(1_001))), Err(Refusal::TextTooLong));
    }
}
