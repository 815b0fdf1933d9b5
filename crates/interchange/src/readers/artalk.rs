//! Artalk: Artrans, in which programs write all values as texts.

use super::output::{Output, edit_time};
use super::text::markdown_or_html;
use super::values::{LISTS, enter_above, read_values};
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{LostField, SourceComment, SourceState, SourceThread};
use std::io::Cursor;

/// The answer of the interface, which has the file as a text.
const WRAPPED: [&str; 2] = ["artrans", "data.artrans"];

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut wrapped = Vec::new();
    read_values(inputs, output, &choose, &mut |output, path, fields, position| {
        if WRAPPED.contains(&path) {
            wrapped.push((output.file.clone(), fields.text("value")));
            return Ok(());
        }
        comment(output, fields, position)
    })?;
    for (name, text) in wrapped {
        let mut bytes = Cursor::new(text);
        let mut inner = [Input { name, bytes: &mut bytes }];
        read_values(&mut inner, output, &choose_list, &mut |output, _, fields, position| {
            comment(output, fields, position)
        })?;
    }
    Ok(())
}

fn choose(place: &Place<'_>, outline: &Outline) -> Step {
    if WRAPPED.contains(&place.path) && place.shape == Shape::Scalar {
        return Step::Take;
    }
    match choose_list(place, outline) {
        Step::Skip => enter_above(place.path, &WRAPPED),
        step => step,
    }
}

fn choose_list(place: &Place<'_>, outline: &Outline) -> Step {
    let is_list = LISTS.contains(&place.path) && outline.has_all(place.path, &["content"]);
    match place.shape {
        Shape::Object if is_list => Step::Take,
        _ => enter_above(place.path, &LISTS),
    }
}

fn comment(output: &mut Output<'_>, fields: Fields<'_>, position: Position) -> Result<(), ReadError> {
    let (site, page) = (fields.line("site_name"), fields.line("page_key"));
    // Pages of several sites have the same paths.
    let key = if page.is_empty() { String::new() } else { format!("{site}\n{page}") };
    if !key.is_empty() {
        let thread = SourceThread {
            key: key.clone(),
            url: absolute(&page, &fields.line("site_urls")),
            partition: Some(site).filter(|site| !site.is_empty()),
            title: fields.line("page_title"),
            closed: fields.flag("page_admin_only") == Some(true),
            ..SourceThread::default()
        };
        output.thread(thread)?;
    }
    output.lose_if(fields.value("ip").is_some(), LostField::NetworkAddresses);
    output.lose_if(fields.value("ua").is_some(), LostField::UserAgents);
    output.lose_if(fields.value("badge_name").is_some(), LostField::Badges);
    let zone = output.options.zone_minutes;
    let time = fields.time("created_at|date", zone);
    let comment = SourceComment {
        thread: key,
        id: fields.id("id").unwrap_or_default(),
        parent: fields.id("rid").filter(|parent| parent != "0"),
        time,
        edited: edit_time(fields.time("updated_at", zone), time),
        name: fields.line("nick"),
        email: output.email(&fields.line("email")),
        website: fields.some_line("link"),
        body: markdown_or_html(fields.text("content")),
        state: if fields.flag("is_pending") == Some(true) { SourceState::Pending } else { SourceState::Published },
        pinned: fields.flag("is_pinned") == Some(true),
        votes: fields.number("vote_up").unwrap_or(0).saturating_sub(fields.number("vote_down").unwrap_or(0)),
        ..SourceComment::default()
    };
    output.comment(comment, position)
}

/// The address of a page: its path below the first address of its site.
fn absolute(page: &str, site_urls: &str) -> String {
    let site = site_urls.split(',').map(str::trim).find(|url| url.contains("://"));
    match site {
        Some(site) if page.starts_with('/') => {
            let host_end = site.find("://").map_or(0, |at| at + 3);
            let end = site[host_end..].find('/').map_or(site.len(), |at| host_end + at);
            format!("{}{page}", &site[..end])
        }
        _ => page.to_owned(),
    }
}
