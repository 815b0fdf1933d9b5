//! Well-formed XML of any text.

use std::io::{self, Write};

use chrono::{DateTime, Datelike, Timelike};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes elements of an XML file, one a line.
pub(super) struct XmlWriter<'a>(pub(super) &'a mut dyn Write);

impl XmlWriter<'_> {
    /// Markup as it is.
    pub(super) fn raw(&mut self, markup: &str) -> io::Result<()> {
        writeln!(self.0, "{markup}")
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        writeln!(self.0, "<{name}>{}</{name}>", escape(text))
    }

    /// An element with a CDATA section.
    pub(super) fn cdata(&mut self, name: &str, text: &str) -> io::Result<()> {
        writeln!(self.0, "<{name}>{}</{name}>", cdata(text))
    }
}

/// A text with the characters of markup escaped, for elements and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|it| is_allowed(*it)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A CDATA section, and more of them if the text has the end of one.
pub(super) fn cdata(text: &str) -> String {
    let text: String = text.chars().filter(|it| is_allowed(*it)).collect();
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// The characters of XML 1.0, section 2.2, without the carriage return, which a parser takes for a line feed.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// `2013-04-02`, `10:11:12`.
fn date_and_time(seconds: i64) -> (String, String) {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let date = format!("{:04}-{:02}-{:02}", time.year(), time.month(), time.day());
    (date, format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()))
}

/// `2013-04-02T10:11:12Z`.
pub(super) fn iso_time(seconds: i64) -> String {
    let (date, time) = date_and_time(seconds);
    format!("{date}T{time}Z")
}

/// `2013-04-02 10:11:12`.
pub(super) fn sql_time(seconds: i64) -> String {
    let (date, time) = date_and_time(seconds);
    format!("{date} {time}")
}

/// `Tue, 02 Apr 2013 10:11:12 +0000`.
pub(super) fn mail_time(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let month = MONTHS.get(time.month0() as usize).copied().unwrap_or_default();
    let (_, clock) = date_and_time(seconds);
    format!("{}, {:02} {month} {:04} {clock} +0000", time.weekday(), time.day(), time.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_of_their_standards() {
        assert_eq!(iso_time(1_364_897_472), "2013-04-02T10:11:12Z");
        assert_eq!(sql_time(1_364_897_472), "2013-04-02 10:11:12");
        assert_eq!(mail_time(1_364_897_472), "Tue, 02 Apr 2013 10:11:12 +0000");
    }

    #[test]
    fn ends_of_sections_and_control_characters_do_no_harm() {
        assert_eq!(cdata("a]]>b\0\u{b}\r\u{ffff}c"), "<![CDATA[a]]]]><![CDATA[>bc]]>");
        assert_eq!(escape("<a & \"b\u{1}\">"), "&lt;a &amp; &quot;b&quot;&gt;");
    }
}
