//! WordPress eXtended RSS, from WordPress, Squarespace and converters.

mod comment;
mod zone;

use std::collections::HashMap;

use self::zone::Zone;
use super::ReadOptions;
use super::xml_export::{Export, line, seconds, some};
use crate::containers::entities;
use crate::containers::xml::{Family, Tag, XmlReader};
use crate::format::Format;
use crate::input::Input;
use crate::problem::ReadError;
use crate::record::{RecordSink, SourceComment, SourceThread, SourceTime, ThreadState};
use crate::times::parse_time;

/// Kinds of items that nobody comments. They are no posts of the blog.
const INTERNAL_TYPES: [&str; 9] = [
    "nav_menu_item",
    "revision",
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "wp_block",
    "wp_template",
    "wp_global_styles",
];

pub(super) fn read(
    inputs: &mut [Input<'_>],
    options: &ReadOptions,
    sink: &mut dyn RecordSink,
) -> Result<(), ReadError> {
    let mut addresses = HashMap::new();
    Export::read(Format::Wxr, inputs, options, sink, &mut |export, xml, _| {
        let zone = Zone::new(export.options.zone_minutes);
        let mut reader = WxrReader { export, xml, blog: Blog::default(), zone, items: 0, addresses: &mut addresses };
        while let Some(root) = reader.xml.root()? {
            reader.read_root(&root)?;
        }
        Ok(())
    })
}

/// The addresses of the blog, from the channel.
#[derive(Default)]
struct Blog {
    link: String,
    base_url: String,
}

impl Blog {
    /// Its name for an owner: the address without its scheme.
    fn name(&self) -> Option<String> {
        let url = if self.base_url.is_empty() { &self.link } else { &self.base_url };
        some(url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/').to_owned())
    }

    /// An address with the origin of the blog, if it is a path.
    fn absolute(&self, url: String) -> String {
        if !url.starts_with('/') || url.starts_with("//") {
            return url;
        }
        let base = if self.link.contains("://") { &self.link } else { &self.base_url };
        let Some((scheme, rest)) = base.split_once("://") else { return url };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        format!("{scheme}://{host}{url}")
    }
}

/// An item, with comments that came before its id.
#[derive(Default)]
struct Item {
    thread: SourceThread,
    link: String,
    guid: String,
    is_permalink: bool,
    post_type: String,
    status: String,
    has_password: bool,
    time: SourceTime,
    waiting: Vec<SourceComment>,
    has_comments: bool,
}

struct WxrReader<'e, 's, 'x, 'f> {
    export: &'e mut Export<'s>,
    xml: &'x mut XmlReader<'f>,
    blog: Blog,
    zone: Zone,
    /// Number of items so far.
    items: u64,
    /// The address of each post of all parts, by its id.
    addresses: &'e mut HashMap<String, String>,
}

impl WxrReader<'_, '_, '_, '_> {
    fn read_root(&mut self, root: &Tag) -> Result<(), ReadError> {
        while let Some(tag) = self.xml.child(root)? {
            match tag.name() {
                "channel" => self.read_channel(&tag)?,
                // RSS 1.0 has items beside the channel.
                "item" => self.read_item(&tag)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_channel(&mut self, channel: &Tag) -> Result<(), ReadError> {
        while let Some(tag) = self.xml.child(channel)? {
            match (tag.family, tag.name()) {
                (Family::Plain, "item") => self.read_item(&tag)?,
                (Family::Plain, "link") => self.blog.link = line(self.xml.text(&tag)?),
                (Family::WordPress, "base_blog_url") => self.blog.base_url = line(self.xml.text(&tag)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_item(&mut self, item_tag: &Tag) -> Result<(), ReadError> {
        self.items += 1;
        let mut item = Item { is_permalink: true, ..Item::default() };
        item.thread.partition = self.blog.name();
        while let Some(tag) = self.xml.child(item_tag)? {
            match (tag.family, tag.name()) {
                (Family::WordPress, "comment") => self.read_item_comment(&tag, &mut item)?,
                (Family::WordPress, _) => self.read_post_field(&tag, &mut item)?,
                (Family::Plain, "title") => item.thread.title = self.decoded(&tag)?,
                (Family::Plain, "link") => item.link = line(self.xml.text(&tag)?),
                (Family::Plain, "guid") => {
                    item.is_permalink = self.xml.attribute("isPermaLink").is_none_or(|value| value.trim() != "false");
                    item.guid = line(self.xml.text(&tag)?);
                }
                (Family::Plain, "pubDate") => item.time = parse_time(&self.xml.text(&tag)?.text, None),
                (Family::DisqusInternals, "thread_identifier") => {
                    item.thread.hints.extend(some(line(self.xml.text(&tag)?)));
                }
                _ => {}
            }
        }
        self.finish_item(item)
    }

    /// A text in which references are written once more.
    fn decoded(&mut self, tag: &Tag) -> Result<String, ReadError> {
        Ok(entities::decode(&line(self.xml.text(tag)?)).into_owned())
    }

    fn read_post_field(&mut self, tag: &Tag, item: &mut Item) -> Result<(), ReadError> {
        match tag.name() {
            "post_id" => {
                let id = line(self.xml.text(tag)?);
                item.thread.key = self.key(id, &item.link);
            }
            "post_type" => item.post_type = line(self.xml.text(tag)?),
            "status" => item.status = line(self.xml.text(tag)?),
            "comment_status" => item.thread.closed = line(self.xml.text(tag)?) == "closed",
            "post_password" => item.has_password = !self.xml.text(tag)?.text.is_empty(),
            "post_name" => item.thread.hints.extend(some(line(self.xml.text(tag)?))),
            "post_date" => self.zone.local(&self.xml.text(tag)?.text),
            "post_date_gmt" => self.zone.universal(&self.xml.text(tag)?.text),
            _ => {}
        }
        Ok(())
    }

    fn read_item_comment(&mut self, tag: &Tag, item: &mut Item) -> Result<(), ReadError> {
        item.has_comments = true;
        let Some(mut comment) = comment::read(self.export, self.xml, &mut self.zone, tag)? else { return Ok(()) };
        if item.thread.key.is_empty() {
            item.waiting.push(comment);
            return Ok(());
        }
        comment.thread.clone_from(&item.thread.key);
        self.export.comment(comment)
    }

    fn finish_item(&mut self, mut item: Item) -> Result<(), ReadError> {
        if !item.has_comments && INTERNAL_TYPES.contains(&item.post_type.as_str()) {
            return Ok(());
        }
        item.thread.state = state(&item);
        item.thread.time = seconds(item.time);
        if !item.guid.is_empty() {
            item.thread.hints.push(item.guid.clone());
        }
        let has_address = item.is_permalink && (item.guid.contains("://") || item.guid.starts_with('/'));
        let url = if item.link.is_empty() && has_address { item.guid } else { item.link };
        item.thread.url = self.blog.absolute(url);
        if item.thread.key.is_empty() {
            item.thread.key = self.key_without_id(&item.thread);
        }
        for mut comment in item.waiting {
            comment.thread.clone_from(&item.thread.key);
            self.export.comment(comment)?;
        }
        self.export.thread(item.thread)
    }

    /// The key of a post: its id, unless a post with another address has it. A post may be in several parts.
    fn key(&mut self, id: String, link: &str) -> String {
        let address = self.addresses.entry(id.clone()).or_insert_with(|| link.to_owned());
        if link.is_empty() || address == link { id } else { format!("{id} {link}") }
    }

    /// The key of a post without an id: its address, or its place in the file.
    fn key_without_id(&self, thread: &SourceThread) -> String {
        if thread.url.is_empty() { format!("item {}", self.items) } else { thread.url.clone() }
    }
}

fn state(item: &Item) -> ThreadState {
    match item.status.as_str() {
        _ if item.has_password => ThreadState::Private,
        "private" => ThreadState::Private,
        "trash" => ThreadState::Deleted,
        "draft" | "pending" | "future" | "auto-draft" => ThreadState::Draft,
        // Converters take it for a type.
        _ if item.post_type == "draft" => ThreadState::Draft,
        // `publish`, `inherit` of attachments, and the words of plugins.
        _ => ThreadState::Published,
    }
}
