//! A comment of an item.

use super::super::xml_export::{Export, line, some};
use super::zone::Zone;
use crate::containers::entities;
use crate::containers::xml::{Tag, XmlReader};
use crate::problem::{ProblemKind, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState};

/// A comment with the fields of which others are made.
#[derive(Default)]
struct Fields {
    comment: SourceComment,
    local: String,
    universal: String,
    kind: String,
    approved: Option<String>,
    is_cut: bool,
}

/// Reads a comment. Its thread is not set.
pub(super) fn read(
    export: &mut Export<'_>,
    xml: &mut XmlReader<'_>,
    zone: &mut Zone,
    comment_tag: &Tag,
) -> Result<Option<SourceComment>, ReadError> {
    let start = xml.line();
    let mut fields = Fields::default();
    while let Some(tag) = xml.child(comment_tag)? {
        read_field(export, xml, &tag, &mut fields)?;
    }
    let Fields { mut comment, local, universal, kind, approved, is_cut } = fields;
    if comment.id.is_empty() || is_cut {
        export.problem(xml, start, if is_cut { ProblemKind::TooLarge } else { ProblemKind::NoId });
        return Ok(None);
    }
    comment.time = zone.time(&local, &universal);
    comment.state = state(&kind, approved.as_deref());
    Ok(Some(comment))
}

fn read_field(
    export: &mut Export<'_>,
    xml: &mut XmlReader<'_>,
    tag: &Tag,
    fields: &mut Fields,
) -> Result<(), ReadError> {
    let comment = &mut fields.comment;
    match tag.name() {
        "comment_id" => comment.id = line(xml.text(tag)?),
        "comment_author" => comment.name = entities::decode(&line(xml.text(tag)?)).into_owned(),
        "comment_author_email" => comment.email = export.email(&xml.text(tag)?.text),
        "comment_author_url" => comment.website = some(entities::decode(&line(xml.text(tag)?)).into_owned()),
        "comment_date" => fields.local = line(xml.text(tag)?),
        "comment_date_gmt" => fields.universal = line(xml.text(tag)?),
        "comment_content" => {
            let content = xml.html(tag)?;
            fields.is_cut = content.is_cut;
            comment.body = Body { kind: BodyKind::HtmlWithNewlines, text: content.text };
        }
        "comment_approved" => fields.approved = Some(line(xml.text(tag)?)),
        "comment_type" => fields.kind = line(xml.text(tag)?),
        "comment_parent" => comment.parent = some(line(xml.text(tag)?)).filter(|parent| parent != "0"),
        // Named `comment_author_IP`.
        name if name.eq_ignore_ascii_case("comment_author_ip") && !line(xml.text(tag)?).is_empty() => {
            export.lose(LostField::NetworkAddresses);
        }
        "comment_agent" if !line(xml.text(tag)?).is_empty() => export.lose(LostField::UserAgents),
        "commentmeta" => export.lose(LostField::Metadata),
        _ => {}
    }
    Ok(())
}

/// The state of a comment. A word that is not known waits for a moderator.
fn state(kind: &str, approved: Option<&str>) -> SourceState {
    match kind {
        "" | "comment" => {}
        "pingback" | "trackback" => return SourceState::Pingback,
        "note" => return SourceState::Private,
        _ => return SourceState::Other,
    }
    match approved {
        None | Some("1" | "approve" | "approved") => SourceState::Published,
        Some("spam") => SourceState::Spam,
        Some("trash" | "post-trashed") => SourceState::Deleted,
        Some(_) => SourceState::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_follow_type_and_approval() {
        let cases = [
            ("", Some("1"), SourceState::Published),
            ("comment", Some("0"), SourceState::Pending),
            ("comment", None, SourceState::Published),
            ("", Some("spam"), SourceState::Spam),
            ("", Some("trash"), SourceState::Deleted),
            ("", Some("post-trashed"), SourceState::Deleted),
            ("", Some("hold"), SourceState::Pending),
            ("", Some(""), SourceState::Pending),
            ("pingback", Some("1"), SourceState::Pingback),
            ("note", Some("1"), SourceState::Private),
            ("order_note", Some("1"), SourceState::Other),
        ];
        for (kind, approved, expected) in cases {
            assert_eq!(state(kind, approved), expected, "{kind} {approved:?}");
        }
    }
}
