//! An entry of a feed, of either format.

use super::super::xml_export::{line, some};
use crate::containers::entities;
use crate::containers::xml::{Family, Tag, Text, XmlReader};
use crate::problem::ReadError;

/// The beginning of the terms that say what an entry is.
const KIND: &str = "schemas.google.com/blogger/2008/kind#";

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A post or a page.
    Post,
    /// A comment.
    Comment,
    /// Anything else: a setting, the template.
    Other,
}

/// An author.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) uri: Option<String>,
    pub(super) email: String,
}

/// The fields of an entry. Fields that it does not have are empty.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) content: Text,
    pub(super) published: String,
    pub(super) created: String,
    pub(super) author: Author,
    pub(super) status: String,
    pub(super) filename: String,
    pub(super) is_draft: bool,
    pub(super) is_trashed: bool,
    /// True if the text was removed and a sentence stands in its place.
    pub(super) is_removed: bool,
    pub(super) has_picture: bool,
    /// Address of the post that a comment answers.
    pub(super) reply_href: Option<String>,
    /// Id of the post that a comment answers.
    reply_ref: Option<String>,
    /// The same in a Takeout.
    post_id: Option<String>,
    /// Id of the comment that a comment answers, in a Takeout.
    comment_id: Option<String>,
    kind: Option<String>,
    links: Vec<(String, String)>,
}

impl Entry {
    /// Reads an entry.
    pub(super) fn read(xml: &mut XmlReader<'_>, entry_tag: &Tag) -> Result<Self, ReadError> {
        let mut entry = Self::default();
        while let Some(tag) = xml.child(entry_tag)? {
            match tag.family {
                Family::Plain => entry.read_atom(xml, &tag)?,
                Family::Blogger => entry.read_takeout(xml, &tag)?,
                Family::Threading if tag.name() == "in-reply-to" => {
                    entry.reply_ref = xml.attribute("ref").filter(|id| !id.is_empty());
                    entry.reply_href = xml.attribute("href").filter(|href| !href.is_empty());
                }
                Family::Publishing if tag.name() == "control" => {
                    while let Some(child) = xml.child(&tag)? {
                        entry.is_draft |= child.name() == "draft" && line(xml.text(&child)?) == "yes";
                    }
                }
                Family::Google if tag.name() == "extendedProperty" => {
                    let is_true = xml.attribute("value").is_some_and(|value| value.trim() == "true");
                    entry.is_removed |= is_true && xml.attribute("name").as_deref() == Some("blogger.contentRemoved");
                }
                _ => {}
            }
        }
        Ok(entry)
    }

    fn read_atom(&mut self, xml: &mut XmlReader<'_>, tag: &Tag) -> Result<(), ReadError> {
        match tag.name() {
            "id" => self.id = line(xml.text(tag)?),
            // In a Takeout it may be escaped twice.
            "title" => self.title = entities::decode(&line(xml.text(tag)?)).into_owned(),
            "content" => self.content = content(xml, tag)?,
            "summary" if self.content.text.is_empty() => self.content = content(xml, tag)?,
            "published" => self.published = line(xml.text(tag)?),
            "category" => self.kind = self.kind.take().or_else(|| kind_term(xml)),
            "link" => {
                let link = (xml.attribute("rel").unwrap_or_default(), xml.attribute("href").unwrap_or_default());
                self.links.push(link);
            }
            "author" => self.read_author(xml, tag)?,
            _ => {}
        }
        Ok(())
    }

    fn read_author(&mut self, xml: &mut XmlReader<'_>, author: &Tag) -> Result<(), ReadError> {
        while let Some(tag) = xml.child(author)? {
            match (tag.family, tag.name()) {
                (Family::Plain, "name") => self.author.name = line(xml.text(&tag)?),
                (Family::Plain, "uri") => self.author.uri = some(line(xml.text(&tag)?)),
                (Family::Plain, "email") => self.author.email = line(xml.text(&tag)?),
                (Family::Google, "image") => self.has_picture = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_takeout(&mut self, xml: &mut XmlReader<'_>, tag: &Tag) -> Result<(), ReadError> {
        match tag.name() {
            "type" => self.kind = Some(line(xml.text(tag)?).to_ascii_lowercase()),
            "status" => self.status = line(xml.text(tag)?).to_ascii_uppercase(),
            "created" => self.created = line(xml.text(tag)?),
            "parent" => self.post_id = some(line(xml.text(tag)?)),
            "inReplyTo" => self.comment_id = some(line(xml.text(tag)?)),
            "filename" => self.filename = line(xml.text(tag)?),
            // An empty element means that it is not in the trash.
            "trashed" => self.is_trashed = !line(xml.text(tag)?).is_empty(),
            _ => {}
        }
        Ok(())
    }

    /// The kind of the entry.
    pub(super) fn kind(&self) -> Kind {
        match self.kind.as_deref() {
            Some("post" | "page") => Kind::Post,
            Some("comment") => Kind::Comment,
            _ => Kind::Other,
        }
    }

    /// The address of the first link of a relation, or an empty text.
    pub(super) fn link(&self, relation: &str) -> &str {
        self.links.iter().find(|(rel, _)| rel == relation).map_or("", |(_, href)| href)
    }

    /// Id of the post that a comment belongs to, or an empty text.
    pub(super) fn post(&self) -> &str {
        self.post_id.as_deref().or(self.reply_ref.as_deref()).unwrap_or_default()
    }

    /// Id of the parent comment: named, or the number at the end of the related link.
    pub(super) fn parent(&self) -> Option<String> {
        if let Some(id) = &self.comment_id {
            return Some(id.clone());
        }
        let related = self.link("related");
        let (_, number) = related.split_once("/comments/default/")?;
        let number = number.split(['?', '#', '/']).next()?;
        (!number.is_empty()).then(|| number.to_owned())
    }
}

fn content(xml: &mut XmlReader<'_>, tag: &Tag) -> Result<Text, ReadError> {
    let kind = xml.attribute("type").unwrap_or_default();
    if kind.contains("xhtml") {
        return xml.markup(tag);
    }
    if kind != "text" {
        return xml.html(tag);
    }
    let mut text = xml.text(tag)?;
    text.text = text.text.replace('&', "&amp;").replace('<', "&lt;");
    Ok(text)
}

/// The kind that a category names, if it is one of the schema and no label.
fn kind_term(xml: &XmlReader<'_>) -> Option<String> {
    let term = xml.attribute("term")?;
    let (_, kind) = term.split_once(KIND)?;
    Some(kind.to_owned())
}
