//! Staticman: a file for each comment, in a folder for each post.

use super::output::Output;
use crate::containers::encodings::utf8_reader;
use crate::containers::members::{self, Member};
use crate::fields::{Fields, Row};
use crate::input::Input;
use crate::problem::{Position, ProblemKind, ReadError, io_error};
use crate::record::{Body, BodyKind, SourceComment, SourceThread, TimeQuality};
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;
use std::collections::HashMap;
use std::io::Read;

/// The largest file of a comment in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Stands for the folder of comments that lie in none. The owner may still name their post.
const NO_FOLDER: &str = ".";
const TEXT: &str = "message|comment|body|content|text";
const DATES: &str = "date|timestamp|created|created_at|createdAt";
const PARENTS: &str = "reply_to|replying_to|replying_to_uid|replyID|parent|parentId|parent_id|_parent|replyThread";

/// The ids of a post's comments, in the order of their files.
#[derive(Default)]
struct Ids(HashMap<String, Vec<(String, String)>>);

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut ids = Ids::default();
    members::for_each(inputs, &mut |member| {
        if let Some(Ok(row)) = read_file(member)? {
            let file = CommentFile::new(member.path, Fields(&row));
            ids.0.entry(file.folder).or_default().push((file.stem, file.id));
        }
        Ok(())
    })?;
    for posts in ids.0.values_mut() {
        posts.sort();
    }
    let mut position = 0;
    members::for_each(inputs, &mut |member| {
        member.name.clone_into(&mut output.file);
        position += 1;
        match read_file(member)? {
            Some(Ok(row)) => comment(output, member.path, Fields(&row), Position::Record(position), &ids),
            Some(Err(kind)) => {
                output.problem(Position::Record(position), kind);
                Ok(())
            }
            None => Ok(()),
        }
    })
}

/// The fields of a file; none if it is no file of a comment.
fn read_file(member: &mut Member<'_>) -> Result<Option<Result<Row, ProblemKind>>, ReadError> {
    let extension =
        member.path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    if !matches!(extension.as_str(), "yml" | "yaml" | "json" | "md" | "markdown" | "html") {
        return Ok(None);
    }
    let (name, head) = (member.name, member.head);
    let mut text = String::new();
    let mut bytes = Vec::new();
    utf8_reader(head, member)
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| io_error(name, &error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Ok(Some(Err(ProblemKind::TooLarge)));
    }
    text.push_str(&String::from_utf8_lossy(&bytes));
    let row = parse(&text, &extension);
    // Other files of the blog's data are none of comments.
    Ok(match row {
        Some(row) if Fields(&row).value(TEXT).is_some() => Some(Ok(row)),
        Some(_) => None,
        None => Some(Err(ProblemKind::BadField)),
    })
}

fn parse(text: &str, extension: &str) -> Option<Row> {
    let text = text.trim_start_matches('\u{feff}');
    if extension == "json" {
        return object(serde_json::from_str(text).ok()?);
    }
    let Some(front) = text.strip_prefix("---") else { return yaml(text) };
    let front = front.trim_start_matches(['\r', '-']);
    let Some((fields, body)) = front.split_once("\n---") else { return yaml(front) };
    let mut row = yaml(fields)?;
    let body = body.trim_start_matches(['-', '.']).trim();
    if !body.is_empty() {
        row.insert("message".to_owned(), Value::String(body.to_owned()));
    }
    Some(row)
}

fn yaml(text: &str) -> Option<Row> {
    // Names such as `No` and `Y` are texts.
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins, strict_booleans: true };
    object(serde_saphyr::from_str_with_options(text, options).ok()?)
}

fn object(value: Value) -> Option<Row> {
    if let Value::Object(row) = value { Some(row) } else { None }
}

/// A file by its name and fields.
struct CommentFile {
    /// The folder of the post, or [`NO_FOLDER`].
    folder: String,
    /// The name without its ending.
    stem: String,
    id: String,
}

impl CommentFile {
    fn new(path: &str, fields: Fields<'_>) -> Self {
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        let slug = fields.object("options").and_then(|options| options.some_line("slug|path|post"));
        let folder = Some(slug.unwrap_or_else(|| post_folder(parents))).filter(|folder| !folder.is_empty());
        let folder = folder.unwrap_or_else(|| NO_FOLDER.to_owned());
        // Two posts may have files of the same name.
        let id = fields.id("_id|id").unwrap_or_else(|| format!("{folder}/{stem}"));
        Self { folder, stem, id }
    }
}

/// The folders below that of all comments, or the last one if no folder has this name.
fn post_folder(parents: &str) -> String {
    let parts: Vec<&str> = parents.split('/').filter(|part| !part.is_empty()).collect();
    match parts.iter().rposition(|part| part.eq_ignore_ascii_case("comments")) {
        Some(at) => parts[at + 1..].join("/"),
        None => parts.last().map(|part| (*part).to_owned()).unwrap_or_default(),
    }
}

fn comment(
    output: &mut Output<'_>,
    path: &str,
    fields: Fields<'_>,
    position: Position,
    ids: &Ids,
) -> Result<(), ReadError> {
    let CommentFile { folder, id, .. } = CommentFile::new(path, fields);
    let is_known = folder != NO_FOLDER;
    let hints = Some(folder.clone()).filter(|_| is_known).into_iter().collect();
    let title = if is_known { "" } else { "Comments without a folder" }.to_owned();
    output.thread(SourceThread { key: folder.clone(), hints, title, ..SourceThread::default() })?;
    let zone = output.options.zone_minutes;
    let time = fields.time(DATES, zone);
    let is_missing = time.quality == TimeQuality::Missing;
    let comment = SourceComment {
        parent: fields.id(PARENTS).and_then(|parent| ids.find(&folder, &parent)).filter(|parent| *parent != id),
        thread: folder,
        id,
        time: if is_missing {
            fields.object("fields").map(|nested| nested.time(DATES, zone)).unwrap_or_default()
        } else {
            time
        },
        name: fields.line("name|author|fullname|nickname"),
        email: output.email(&fields.line("email")),
        website: fields.some_line("url|website|site|link"),
        body: Body { kind: BodyKind::Markdown, text: fields.text(TEXT).replace("\r\n", "\n") },
        ..SourceComment::default()
    };
    output.comment(comment, position)
}

impl Ids {
    /// The id of a parent that is named by its id, its file, or its place among the post's comments from 1. An unknown one stays as it is.
    fn find(&self, folder: &str, parent: &str) -> Option<String> {
        let known = self.0.get(folder).map_or(&[][..], Vec::as_slice);
        let stem = parent.rsplit('/').next().unwrap_or(parent);
        let stem = stem.strip_suffix(".yml").or_else(|| stem.strip_suffix(".json")).unwrap_or(stem);
        let by_id = known.iter().find(|(_, id)| id == parent);
        let by_stem = || {
            known.iter().find(|(known, _)| {
                known == stem
                    || known.strip_prefix("comment-") == Some(stem)
                    || known.strip_prefix("entry") == Some(stem)
            })
        };
        let by_place = || known.get(parent.parse::<usize>().ok()?.checked_sub(1)?);
        // Zero is what templates write at the root.
        if parent == "0" {
            return by_id.or_else(by_stem).map(|(_, id)| id.clone());
        }
        Some(by_id.or_else(by_stem).or_else(by_place).map_or_else(|| parent.to_owned(), |(_, id)| id.clone()))
    }
}
