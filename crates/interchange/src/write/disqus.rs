//! The XML of Disqus, as its own export has it.

use std::io::{self, Write};

use crate::write::html::{compact, html_of};
use crate::write::source::{Comment, ExportSource, State, Thread, Visit};
use crate::write::xml::{XmlWriter, escape, iso_time};
use crate::write::{WriteError, WriteReport};

const START: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:dsq="http://disqus.com/disqus-internals" xsi:schemaLocation="http://disqus.com/api/schemas/1.0/disqus.xsd http://disqus.com/api/schemas/1.0/disqus-internals.xsd">"#;

/// Threads come before all posts, so the export is read once for each.
pub(super) fn write(source: &mut ExportSource<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    let forum: String = source.site.chars().filter(char::is_ascii_alphanumeric).collect();
    let forum = forum.trim_start_matches("https").trim_start_matches("http").to_owned();
    let mut xml = XmlWriter(out);
    xml.raw(START)?;
    xml.raw("<category dsq:id=\"1\">")?;
    xml.text("forum", &forum)?;
    xml.text("title", "General")?;
    xml.text("isDefault", "true")?;
    xml.raw("</category>")?;
    for (number, thread) in source.written_threads() {
        write_thread(&mut xml, thread, number, &forum)?;
    }
    source.for_each(&mut PostWriter { xml: &mut xml, thread: 0 })?;
    xml.raw("</disqus>")?;
    Ok(())
}

fn write_thread(xml: &mut XmlWriter<'_>, thread: &Thread, number: u64, forum: &str) -> io::Result<()> {
    xml.raw(&format!("<thread dsq:id=\"{number}\">"))?;
    xml.raw("<id />")?;
    xml.text("forum", forum)?;
    xml.raw("<category dsq:id=\"1\" />")?;
    xml.text("link", &thread.url)?;
    xml.text("title", &thread.title)?;
    xml.raw("<message />")?;
    xml.text("createdAt", &iso_time(thread.created))?;
    xml.raw("<author><name></name><isAnonymous>true</isAnonymous></author>")?;
    xml.text("isClosed", if thread.closed { "true" } else { "false" })?;
    xml.text("isDeleted", "false")?;
    xml.raw("</thread>")
}

struct PostWriter<'a, 'o> {
    xml: &'a mut XmlWriter<'o>,
    /// Number of the present thread.
    thread: u64,
}

impl Visit for PostWriter<'_, '_> {
    fn start_thread(&mut self, _: &Thread, number: u64) -> io::Result<()> {
        self.thread = number;
        Ok(())
    }

    fn comment(&mut self, comment: &Comment, report: &mut WriteReport) -> io::Result<()> {
        let (xml, line) = (&mut *self.xml, &comment.line);
        report.count_losses(line);
        report.lost_websites += u64::from(line.website.is_some());
        let flag = |value: bool| if value { "true" } else { "false" };
        xml.raw(&format!("<post dsq:id=\"{}\">", comment.number))?;
        xml.raw("<id />")?;
        xml.cdata("message", &compact(&html_of(line)))?;
        xml.text("createdAt", &iso_time(line.created))?;
        xml.text("isDeleted", flag(comment.state == State::Tombstone))?;
        xml.text("isSpam", flag(comment.state == State::Spam))?;
        let email = line.email.as_ref().map(|email| format!("<email>{}</email>", escape(email))).unwrap_or_default();
        xml.raw(&format!(
            "<author>{email}<name>{}</name><isAnonymous>true</isAnonymous></author>",
            escape(&line.name)
        ))?;
        xml.raw(&format!("<thread dsq:id=\"{}\" />", self.thread))?;
        if let Some(parent) = comment.parent {
            xml.raw(&format!("<parent dsq:id=\"{parent}\" />"))?;
        }
        xml.raw("</post>")
    }

    fn end_thread(&mut self) -> io::Result<()> {
        Ok(())
    }
}
