//! Blogger: its own backup, an Atom feed, and `feed.atom` of Google Takeout. One reader for both, by namespace.

mod address;
mod entry;

use std::collections::{BTreeMap, BTreeSet};

use self::address::{fold_address, without_query};
use self::entry::{Entry, Kind};
use super::ReadOptions;
use super::xml_export::{Export, line, seconds, some};
use crate::containers::xml::{Tag, XmlReader};
use crate::format::Format;
use crate::input::Input;
use crate::problem::{ProblemKind, ReadError};
use crate::record::{Body, BodyKind, LostField, RecordSink, SourceComment, SourceState, SourceThread, ThreadState};
use crate::times::parse_time;

pub(super) fn read(
    format: Format,
    inputs: &mut [Input<'_>],
    options: &ReadOptions,
    sink: &mut dyn RecordSink,
) -> Result<(), ReadError> {
    Export::read(format, inputs, options, sink, &mut |export, xml, path| {
        let mut blog = Blog { name: folder(path), ..Blog::default() };
        while let Some(root) = xml.root()? {
            blog.read_feed(export, xml, &root)?;
        }
        blog.finish(export)
    })
}

/// The folder of a blog in a Takeout, which has its title as name.
fn folder(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/');
    let is_feed = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("feed.atom"));
    parts.next().filter(|_| is_feed).map(str::to_owned)
}

/// A blog that is being read.
#[derive(Default)]
struct Blog {
    name: Option<String>,
    posts: BTreeSet<String>,
    /// Addresses of posts that only comments name.
    addresses: BTreeMap<String, String>,
}

impl Blog {
    fn read_feed(&mut self, export: &mut Export<'_>, xml: &mut XmlReader<'_>, root: &Tag) -> Result<(), ReadError> {
        while let Some(tag) = xml.child(root)? {
            match tag.name() {
                "title" if self.name.is_none() => self.name = some(line(xml.text(&tag)?)),
                "entry" => {
                    let start = xml.line();
                    let entry = Entry::read(xml, &tag)?;
                    self.take(export, xml, start, entry)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        export: &mut Export<'_>,
        xml: &XmlReader<'_>,
        start: u64,
        entry: Entry,
    ) -> Result<(), ReadError> {
        let kind = entry.kind();
        if kind != Kind::Other && entry.id.is_empty() {
            export.problem(xml, start, ProblemKind::NoId);
            return Ok(());
        }
        match kind {
            Kind::Post => self.take_post(export, &entry),
            Kind::Comment if entry.content.is_cut => {
                export.problem(xml, start, ProblemKind::TooLarge);
                Ok(())
            }
            Kind::Comment if entry.post().is_empty() => {
                export.problem(xml, start, ProblemKind::NoThread);
                Ok(())
            }
            Kind::Comment => self.take_comment(export, entry),
            Kind::Other => Ok(()),
        }
    }

    fn take_post(&mut self, export: &mut Export<'_>, entry: &Entry) -> Result<(), ReadError> {
        let key = number(&entry.id);
        self.posts.insert(key.clone());
        let state = match entry.status.as_str() {
            _ if entry.is_trashed => ThreadState::Deleted,
            "" | "LIVE" if !entry.is_draft => ThreadState::Published,
            _ => ThreadState::Draft,
        };
        let url =
            if entry.filename.is_empty() { fold_address(entry.link("alternate")) } else { entry.filename.clone() };
        export.thread(SourceThread {
            key,
            partition: self.name.clone(),
            url,
            title: entry.title.clone(),
            time: seconds(parse_time(&entry.published, None)),
            state,
            ..SourceThread::default()
        })
    }

    fn take_comment(&mut self, export: &mut Export<'_>, entry: Entry) -> Result<(), ReadError> {
        let thread = number(entry.post());
        if !self.posts.contains(&thread) {
            let own = || without_query(entry.link("alternate"));
            let address = entry.reply_href.as_deref().map_or_else(own, without_query);
            self.addresses.entry(thread.clone()).or_insert_with(|| fold_address(address));
        }
        if entry.has_picture {
            export.lose(LostField::Avatars);
        }
        // Blogger has no address of any commenter; other programs that write this format may have one.
        let has_email = !entry.author.email.eq_ignore_ascii_case("noreply@blogger.com");
        let email = if has_email { export.email(&entry.author.email) } else { None };
        let time = if entry.published.trim().is_empty() { &entry.created } else { &entry.published };
        export.comment(SourceComment {
            thread,
            id: number(&entry.id),
            parent: entry.parent().map(|parent| number(&parent)),
            time: parse_time(time, None),
            state: state(&entry),
            website: entry.author.uri.clone(),
            email,
            name: entry.author.name,
            body: Body { kind: BodyKind::Html, text: entry.content.text },
            ..SourceComment::default()
        })
    }

    /// Adds the posts that are not in the file, by the addresses that their comments have.
    fn finish(self, export: &mut Export<'_>) -> Result<(), ReadError> {
        for (key, url) in self.addresses {
            if !self.posts.contains(&key) && !url.is_empty() {
                let partition = self.name.clone();
                export.thread(SourceThread { key, partition, url, ..SourceThread::default() })?;
            }
        }
        Ok(())
    }
}

fn state(entry: &Entry) -> SourceState {
    match entry.status.as_str() {
        _ if entry.is_trashed || entry.is_removed => SourceState::Deleted,
        "" | "LIVE" if !entry.is_draft => SourceState::Published,
        "EMPTIED" => SourceState::Deleted,
        "SPAM" => SourceState::Spam,
        _ => SourceState::Pending,
    }
}

/// The number of an entry, by which all places of both formats name it. Ids of converters, which have none, stay as they are.
fn number(id: &str) -> String {
    let id = id.trim();
    let own = id
        .strip_prefix("tag:blogger.com,1999:blog-")
        .map_or(id, |blog| blog.split_once('.').map_or(blog, |(_, own)| own));
    let number = own.strip_prefix("post-").or_else(|| own.strip_prefix("page-")).unwrap_or(own);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { number.to_owned() } else { own.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_known_by_their_number() {
        assert_eq!(number("tag:blogger.com,1999:blog-12.post-345"), "345");
        assert_eq!(number("tag:blogger.com,1999:blog-12.page-345"), "345");
        assert_eq!(number("post-17.comment-8"), "post-17.comment-8");
        assert_eq!(number("post-17"), "17");
        assert_eq!(number(" 345 "), "345");
    }

    #[test]
    fn the_folder_of_a_takeout_names_the_blog() {
        assert_eq!(folder("Takeout/Blogger/Blogs/My blog/feed.atom").as_deref(), Some("My blog"));
        assert_eq!(folder("feed.atom"), None);
        assert_eq!(folder("a/blog-01-01-2020.xml"), None);
    }
}
