//! Sentences of the table with markup in place of their placeholders.

use afterword_model::moderation::ListCount;
use maud::{Markup, PreEscaped, Render, html};

use crate::messages::Messages;

/// A text with markup in place of its placeholders, such as `{name}`. Text around them is escaped.
pub(crate) fn sentence(text: &str, parts: &[(&str, Markup)]) -> Markup {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next_placeholder(rest) {
        before.render_to(&mut out);
        match parts.iter().find(|(known, _)| *known == name) {
            Some((_, part)) => part.render_to(&mut out),
            None => rest[before.len()..rest.len() - after.len()].render_to(&mut out),
        }
        rest = after;
    }
    rest.render_to(&mut out);
    PreEscaped(out)
}

/// The plural form of a text for a number, with markup in place of its other placeholders.
pub(crate) fn counted(texts: &Messages, key: &str, number: u64, parts: &[(&str, Markup)]) -> Markup {
    sentence(&count(texts, key, number), parts)
}

/// The plural form of a text for a number.
pub(crate) fn count(texts: &Messages, key: &str, number: u64) -> String {
    texts.format_count(key, u32::try_from(number).unwrap_or(u32::MAX))
}

/// A number in groups of three digits.
pub(crate) fn number(texts: &Messages, number: u64) -> String {
    texts.number(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A number that was counted only up to a limit, with a plus if there may be more.
pub(crate) fn list_count(texts: &Messages, count: ListCount) -> String {
    let shown = number(texts, count.count.into());
    if count.more { shown + "+" } else { shown }
}

/// The name of a person, isolated so that its direction does not affect the words around it.
pub(crate) fn name(texts: &Messages, name: &str) -> Markup {
    html! { bdi { (if name.is_empty() { texts.get("anonymous") } else { name }) } }
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_take_markup_and_text_is_escaped() {
        let parts = [("a", html! { b { "1" } }), ("b", html! { "<" })];
        assert_eq!(sentence("<{a}> & {b}{c}.", &parts).into_string(), "&lt;<b>1</b>&gt; &amp; &lt;{c}.");
        assert_eq!(sentence("{a}{", &parts).into_string(), "<b>1</b>{");
    }
}
