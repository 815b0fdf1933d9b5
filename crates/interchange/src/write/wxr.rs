//! WordPress eXtended RSS, version 1.2, as WordPress's own exporter writes it (wp-admin/includes/export.php).

use std::io::{self, Write};

use crate::write::html::{html_of, to_wordpress};
use crate::write::source::{Comment, ExportSource, State, Thread, Visit};
use crate::write::xml::{XmlWriter, escape, mail_time, sql_time};
use crate::write::{WriteError, WriteReport};

const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>"#;

pub(super) fn write(source: &mut ExportSource<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    let site = source.site.clone();
    let mut xml = XmlWriter(out);
    xml.raw(START)?;
    xml.text("title", &site)?;
    xml.text("link", &site)?;
    xml.text("wp:wxr_version", "1.2")?;
    xml.text("wp:base_site_url", &site)?;
    xml.text("wp:base_blog_url", &site)?;
    source.for_each(&mut WxrWriter { xml: &mut xml })?;
    Ok(xml.raw("</channel>\n</rss>")?)
}

struct WxrWriter<'a, 'o> {
    xml: &'a mut XmlWriter<'o>,
}

impl Visit for WxrWriter<'_, '_> {
    fn start_thread(&mut self, thread: &Thread, number: u64) -> io::Result<()> {
        let (xml, number) = (&mut *self.xml, number.to_string());
        let time = sql_time(thread.created);
        xml.raw("<item>")?;
        xml.cdata("title", &escape(&thread.title))?;
        xml.text("link", &thread.url)?;
        xml.text("pubDate", &mail_time(thread.created))?;
        xml.raw(&format!("<guid isPermaLink=\"false\">{}</guid>", escape(&thread.url)))?;
        xml.cdata("content:encoded", "")?;
        xml.cdata("excerpt:encoded", "")?;
        xml.text("wp:post_id", &number)?;
        xml.cdata("wp:post_date", &time)?;
        xml.cdata("wp:post_date_gmt", &time)?;
        xml.cdata("wp:comment_status", if thread.closed { "closed" } else { "open" })?;
        xml.cdata("wp:ping_status", "closed")?;
        xml.cdata("wp:status", "publish")?;
        xml.text("wp:post_parent", "0")?;
        xml.text("wp:menu_order", "0")?;
        xml.cdata("wp:post_type", "post")?;
        xml.cdata("wp:post_password", "")?;
        xml.text("wp:is_sticky", "0")
    }

    fn comment(&mut self, comment: &Comment, report: &mut WriteReport) -> io::Result<()> {
        let (xml, line) = (&mut *self.xml, &comment.line);
        report.count_losses(line);
        let approved = match comment.state {
            State::Published => "1",
            State::Pending => "0",
            State::Spam => "spam",
            State::Tombstone => "trash",
        };
        let time = sql_time(line.created);
        xml.raw("<wp:comment>")?;
        xml.text("wp:comment_id", &comment.number.to_string())?;
        // WordPress keeps names with the characters of markup escaped.
        xml.cdata("wp:comment_author", &escape(&line.name))?;
        xml.cdata("wp:comment_author_email", line.email.as_deref().unwrap_or_default())?;
        xml.cdata("wp:comment_author_url", line.website.as_deref().unwrap_or_default())?;
        xml.cdata("wp:comment_author_IP", "")?;
        xml.cdata("wp:comment_date", &time)?;
        xml.cdata("wp:comment_date_gmt", &time)?;
        xml.cdata("wp:comment_content", &to_wordpress(&html_of(line)))?;
        xml.cdata("wp:comment_approved", approved)?;
        xml.cdata("wp:comment_type", "comment")?;
        xml.text("wp:comment_parent", &comment.parent.unwrap_or(0).to_string())?;
        xml.text("wp:comment_user_id", "0")?;
        xml.raw("</wp:comment>")
    }

    fn end_thread(&mut self) -> io::Result<()> {
        self.xml.raw("</item>")
    }
}
