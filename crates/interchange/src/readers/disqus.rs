//! Disqus: XML with a flat list of threads and posts.

use super::ReadOptions;
use super::xml_export::{Export, is_true, line, seconds, some};
use crate::containers::xml::{Family, Tag, XmlReader};
use crate::format::Format;
use crate::input::Input;
use crate::problem::{ProblemKind, ReadError};
use crate::record::{Body, BodyKind, LostField, RecordSink, SourceComment, SourceState, SourceThread, ThreadState};
use crate::times::parse_time;

pub(super) fn read(
    inputs: &mut [Input<'_>],
    options: &ReadOptions,
    sink: &mut dyn RecordSink,
) -> Result<(), ReadError> {
    Export::read(Format::Disqus, inputs, options, sink, &mut |export, xml, _| {
        while let Some(root) = xml.root()? {
            read_root(export, xml, &root)?;
        }
        Ok(())
    })
}

fn read_root(export: &mut Export<'_>, xml: &mut XmlReader<'_>, root: &Tag) -> Result<(), ReadError> {
    while let Some(tag) = xml.child(root)? {
        match (tag.family, tag.name()) {
            (Family::Plain, "thread") => read_thread(export, xml, &tag)?,
            (Family::Plain, "post") => read_post(export, xml, &tag)?,
            _ => {}
        }
    }
    Ok(())
}

/// The id of an element: the attribute, and not the child of the same name.
fn id(xml: &XmlReader<'_>) -> String {
    xml.attribute("id").unwrap_or_default().trim().to_owned()
}

fn read_thread(export: &mut Export<'_>, xml: &mut XmlReader<'_>, thread_tag: &Tag) -> Result<(), ReadError> {
    let start = xml.line();
    let mut thread = SourceThread { key: id(xml), ..SourceThread::default() };
    while let Some(tag) = xml.child(thread_tag)? {
        match tag.name() {
            "id" => thread.hints.extend(some(line(xml.text(&tag)?))),
            "forum" => thread.partition = some(line(xml.text(&tag)?)),
            "link" => thread.url = line(xml.text(&tag)?),
            "title" => thread.title = line(xml.text(&tag)?),
            "createdAt" => thread.time = seconds(parse_time(&xml.text(&tag)?.text, Some(0))),
            "isClosed" => thread.closed = is_true(&xml.text(&tag)?.text),
            "isDeleted" if is_true(&xml.text(&tag)?.text) => thread.state = ThreadState::Deleted,
            "ipAddress" if !line(xml.text(&tag)?).is_empty() => export.lose(LostField::NetworkAddresses),
            _ => {}
        }
    }
    if thread.key.is_empty() {
        export.problem(xml, start, ProblemKind::NoId);
        return Ok(());
    }
    export.thread(thread)
}

/// A post with what it says about its state.
#[derive(Default)]
struct Post {
    comment: SourceComment,
    is_deleted: bool,
    is_spam: bool,
    username: String,
    is_cut: bool,
}

fn read_post(export: &mut Export<'_>, xml: &mut XmlReader<'_>, post_tag: &Tag) -> Result<(), ReadError> {
    let start = xml.line();
    let mut post = Post::default();
    post.comment.id = id(xml);
    while let Some(tag) = xml.child(post_tag)? {
        match tag.name() {
            "message" => {
                let message = xml.html(&tag)?;
                post.is_cut = message.is_cut;
                post.comment.body = Body { kind: BodyKind::Html, text: plain_mentions(message.text) };
            }
            "createdAt" => post.comment.time = parse_time(&xml.text(&tag)?.text, Some(0)),
            "isDeleted" => post.is_deleted = is_true(&xml.text(&tag)?.text),
            "isSpam" => post.is_spam = is_true(&xml.text(&tag)?.text),
            "author" => read_author(export, xml, &tag, &mut post)?,
            "thread" => post.comment.thread = id(xml),
            "parent" => post.comment.parent = some(id(xml)),
            "ipAddress" if !line(xml.text(&tag)?).is_empty() => export.lose(LostField::NetworkAddresses),
            _ => {}
        }
    }
    finish_post(export, xml, start, post)
}

fn read_author(
    export: &mut Export<'_>,
    xml: &mut XmlReader<'_>,
    author: &Tag,
    post: &mut Post,
) -> Result<(), ReadError> {
    while let Some(tag) = xml.child(author)? {
        match tag.name() {
            "name" => post.comment.name = line(xml.text(&tag)?),
            "email" => post.comment.email = export.email(&xml.text(&tag)?.text),
            "username" => post.username = line(xml.text(&tag)?),
            _ => {}
        }
    }
    Ok(())
}

fn finish_post(export: &mut Export<'_>, xml: &XmlReader<'_>, start: u64, post: Post) -> Result<(), ReadError> {
    let Post { mut comment, is_deleted, is_spam, username, is_cut } = post;
    if comment.id.is_empty() || comment.thread.is_empty() {
        let kind = if comment.id.is_empty() { ProblemKind::NoId } else { ProblemKind::NoThread };
        export.problem(xml, start, kind);
        return Ok(());
    }
    if is_cut {
        export.problem(xml, start, ProblemKind::TooLarge);
        return Ok(());
    }
    if comment.name.is_empty() {
        comment.name = username;
    }
    comment.state = match (is_deleted, is_spam) {
        (true, _) => SourceState::Deleted,
        (false, true) => SourceState::Spam,
        (false, false) => SourceState::Published,
    };
    export.comment(comment)
}

/// Turns mentions as Disqus stores them (`@name:disqus`) into what readers saw.
fn plain_mentions(html: String) -> String {
    const SUFFIX: &str = ":disqus";
    if !html.contains(SUFFIX) {
        return html;
    }
    let mut plain = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find(SUFFIX) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let name = before.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
        let name_bytes = name.map_or(0, str::len);
        let is_mention = name_bytes > 0 && before[..before.len() - name_bytes].ends_with('@');
        rest = &after[SUFFIX.len()..];
        if !is_mention {
            plain.push_str(SUFFIX);
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_lose_their_suffix() {
        let plain = |html: &str| plain_mentions(html.to_owned());
        assert_eq!(
            plain("Hi @ada_1:disqus, @é:disqus: no:disqus @:disqus :disqus"),
            "Hi @ada_1, @é: no:disqus @:disqus :disqus"
        );
    }
}
