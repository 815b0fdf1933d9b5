//! The choices of a site's owner about the look of its threads.

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::text::{clean_line, clean_text, has_visible_text};
use crate::thread::Sort;

/// The choices of a site, as they are published with its threads. Whatever is not chosen is absent from the JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadOptions {
    /// Time in Unix seconds from which the thread takes no more comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<i64>,
    /// The order for readers who have chosen none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Sort>,
    /// The language of all threads, as a tag such as `pt-BR`. Otherwise that of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A text above the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_text: Option<String>,
    /// An address at which readers reach the owner: that of a page, or an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// True if comments show avatars, false if they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatars: Option<bool>,
}

impl ThreadOptions {
    /// Returns true if the site has chosen nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Parses a number of days up to [`limits::CLOSE_AFTER_DAYS`]; 0 is none.
    pub fn parse_close_after(days: &str) -> Option<u32> {
        days.parse().ok().filter(|days| *days <= limits::CLOSE_AFTER_DAYS)
    }

    /// Parses the tag of a language: words of letters and digits, with hyphens between them.
    pub fn parse_language(tag: &str) -> Option<String> {
        let is_word =
            |word: &str| (1..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_tag = tag.len() <= limits::LANGUAGE_BYTES && tag.split('-').all(is_word);
        is_tag.then(|| tag.to_owned())
    }

    /// Parses the text above the form, which is cleaned. Empty for none.
    pub fn parse_form_text(text: &str) -> Option<String> {
        let text = clean_text(text);
        let text = if has_visible_text(&text) { text } else { String::new() };
        (text.chars().count() <= limits::FORM_TEXT_CHARS).then_some(text)
    }

    /// Parses a contact: the address of a page, or an e-mail address.
    pub fn parse_contact(text: &str) -> Option<String> {
        let is_plain = text.len() <= limits::WEBSITE_BYTES
            && text.chars().all(|char| !char.is_whitespace() && !char.is_control())
            && clean_line(text) == text;
        let is_page = text.starts_with("https://") && url::Url::parse(text).is_ok();
        (is_plain && (is_page || is_mailbox(text))).then(|| text.to_owned())
    }

    /// The address of the link to the contact.
    pub fn contact_link(&self) -> Option<String> {
        let contact = self.contact.as_deref()?;
        Some(if contact.starts_with("https://") { contact.to_owned() } else { ["mailto:", contact].concat() })
    }
}

/// Returns true for an e-mail address without the characters that mean something in a `mailto:` address.
fn is_mailbox(text: &str) -> bool {
    let is_word =
        |part: &str| !part.is_empty() && part.chars().all(|char| char.is_alphanumeric() || "._+-".contains(char));
    text.split_once('@').is_some_and(|(name, host)| is_word(name) && is_word(host) && host.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_pages_or_mailboxes() {
        for good in ["ada@blog.example", "ada+blog@mail.blog.example", "https://blog.example/contact?x=1"] {
            assert_eq!(ThreadOptions::parse_contact(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "ada",
            "ada@blog",
            "a@b.example?subject=x",
            "javascript:alert(1)",
            "http://blog.example/",
            "https://",
            "mailto:a@b.example",
            "a b@c.example",
            "a@b.example\n",
            "a@b@c.example",
            &format!("https://blog.example/{}", "x".repeat(600)),
        ] {
            assert_eq!(ThreadOptions::parse_contact(bad), None, "{bad}");
        }
        let link =
            |contact: &str| ThreadOptions { contact: Some(contact.to_owned()), ..Default::default() }.contact_link();
        assert_eq!(link("ada@blog.example").as_deref(), Some("mailto:ada@blog.example"));
        assert_eq!(link("https://blog.example/").as_deref(), Some("https://blog.example/"));
    }

    #[test]
    fn languages_are_tags() {
        for good in ["en", "pt-BR", "zh-Hant", "de-CH-1996"] {
            assert_eq!(ThreadOptions::parse_language(good).as_deref(), Some(good));
        }
        for bad in ["", "-", "en-", "en_GB", "a b", "<b>", "en-verylongpart", "é", &"en-".repeat(20)] {
            assert_eq!(ThreadOptions::parse_language(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_and_texts_are_bounded() {
        assert_eq!(ThreadOptions::parse_close_after("90"), Some(90));
        assert_eq!(ThreadOptions::parse_close_after("0"), Some(0));
        for bad in ["", "-1", "1.5", "x", "36501", "99999999999"] {
            assert_eq!(ThreadOptions::parse_close_after(bad), None, "{bad}");
        }
        assert_eq!(
            ThreadOptions::parse_form_text("Be kind.\r\n\r\nThank you. ").as_deref(),
            Some("Be kind.\n\nThank you.")
        );
        assert_eq!(ThreadOptions::parse_form_text(" \u{2800}\n ").as_deref(), Some(""));
        assert_eq!(ThreadOptions::parse_form_text(&"x".repeat(limits::FORM_TEXT_CHARS + 1)), None);
    }

    #[test]
    fn nothing_chosen_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&ThreadOptions::default()).unwrap(), "{}");
        assert!(ThreadOptions::default().is_default());
    }
}
