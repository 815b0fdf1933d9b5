//! The report as a text for owners.

use std::fmt::{self, Display, Write};

use chrono::DateTime;

use crate::plan::report::{LeftOut, Report};
use crate::problem::{Position, Problem};
use crate::record::LostField;

impl Report {
    /// The report as a text that an owner understands, in English.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "Import from {} to {}", self.source, self.site)?;
        self.write_totals(text)?;
        self.write_threads(text)?;
        self.write_replies(text)?;
        self.write_dates(text)?;
        self.write_losses(text)?;
        self.write_problems(text)
    }

    fn write_totals(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "\nComments read: {}", self.read)?;
        writeln!(text, "  to import: {}", self.to_import)?;
        let states = &self.states;
        item(text, 4, "published", states.published + states.pingbacks)?;
        item(text, 4, "waiting for you in the queue", states.pending)?;
        item(text, 4, "spam", states.spam)?;
        item(text, 4, "by you, with the badge of the owner", self.owner_comments)?;
        let left_out: u64 = self.left_out.iter().map(|item| item.comments).sum();
        writeln!(text, "  left out: {left_out}")?;
        for left_out in &self.left_out {
            item(text, 4, left_out.reason, left_out.comments)?;
        }
        Ok(())
    }

    fn write_threads(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "\nPosts with comments to import: {}", self.threads)?;
        item(text, 2, "posts in the file without comments to import", self.threads_without_comments)?;
        if self.merged_count > 0 {
            writeln!(text, "\nPosts that had several addresses and become one: {}", self.merged_count)?;
            for merged in &self.merged {
                writeln!(text, "  {}", line(&merged.url))?;
                for from in &merged.from {
                    writeln!(text, "    from {}", line(from))?;
                }
            }
            more(text, self.merged.len(), self.merged_count)?;
        }
        if self.without_address_count > 0 {
            writeln!(text, "\nPosts without an address: {}", self.without_address_count)?;
            writeln!(text, "Write their addresses into the table of addresses to import their comments.")?;
            for post in &self.without_address {
                writeln!(text, "  {} comments: {} ({})", post.comments, line(&post.from), line(&post.title))?;
            }
            more(text, self.without_address.len(), self.without_address_count)?;
        }
        if !self.unknown_hosts.is_empty() {
            writeln!(text, "\nHosts that are not your site. Name those that are, or were, as aliases:")?;
            for host in &self.unknown_hosts {
                writeln!(text, "  {}: {} comments", line(&host.name), host.comments)?;
            }
        }
        Ok(())
    }

    fn write_replies(&self, text: &mut String) -> fmt::Result {
        let changes = [
            ("comments that are left out, and stay as \"deleted\" because of their replies", self.tombstones),
            ("replies to comments that are not in the file; they stand on their own", self.orphans),
            ("replies to comments under another post; they stand on their own", self.parents_elsewhere),
            ("circles of comments that answer each other; the first of each stands on its own", self.cycles),
        ];
        section(text, "Replies", &changes)
    }

    fn write_dates(&self, text: &mut String) -> fmt::Result {
        if self.without_zone > 0 {
            writeln!(text, "\nComments whose time has no time zone in the file: {}", self.without_zone)?;
        }
        if self.guessed_date_count == 0 {
            return Ok(());
        }
        writeln!(text, "\nComments without a date, or with an impossible one: {}", self.guessed_date_count)?;
        writeln!(text, "They get the time of the comment beside them.")?;
        for date in &self.guessed_dates {
            let time = DateTime::from_timestamp(date.time, 0).map(|time| time.to_string());
            writeln!(text, "  {} under {}: {}", line(&date.id), line(&date.thread), time.unwrap_or_default())?;
        }
        more(text, self.guessed_dates.len(), self.guessed_date_count)
    }

    fn write_losses(&self, text: &mut String) -> fmt::Result {
        if !self.dropped_markup.is_empty() {
            writeln!(text, "\nMarkup that comments here do not have (the text stays):")?;
            for markup in &self.dropped_markup {
                let samples = markup.samples.iter().map(|id| line(id)).collect::<Vec<_>>().join(", ");
                writeln!(text, "  {}: {} comments, such as {samples}", line(&markup.name), markup.comments)?;
            }
        }
        let changed = &self.changed;
        let changes = [
            ("long texts that become a comment and replies with the rest", changed.texts_split),
            ("replies with such a rest", self.continuations),
            ("names that were too long and are cut", changed.names_cut),
            ("e-mail addresses that are none and are dropped", changed.emails_dropped),
            ("websites that are none, or too long, and are dropped", changed.websites_dropped),
            ("numbers of votes that are impossible and are dropped", changed.votes_dropped),
        ];
        section(text, "Changes", &changes)?;
        let lost: Vec<_> = self.lost.iter().map(|lost| (lost_name(lost.field), lost.count)).collect();
        section(text, "Left behind", &lost)
    }

    fn write_problems(&self, text: &mut String) -> fmt::Result {
        if self.problem_count == 0 {
            return Ok(());
        }
        writeln!(text, "\nRecords that could not be read whole: {}", self.problem_count)?;
        for problem in &self.problems {
            writeln!(text, "  {}", describe(problem))?;
        }
        more(text, self.problems.len(), self.problem_count)
    }
}

fn item(text: &mut String, indent: usize, name: impl Display, count: u64) -> fmt::Result {
    if count > 0 { writeln!(text, "{:indent$}{name}: {count}", "") } else { Ok(()) }
}

fn section(text: &mut String, title: &str, items: &[(&str, u64)]) -> fmt::Result {
    if items.iter().all(|(_, count)| *count == 0) {
        return Ok(());
    }
    writeln!(text, "\n{title}:")?;
    items.iter().try_for_each(|(name, count)| item(text, 2, name, *count))
}

/// Says how many items of a list are not shown.
fn more(text: &mut String, shown: usize, all: u64) -> fmt::Result {
    let rest = all.saturating_sub(shown as u64);
    if rest > 0 { writeln!(text, "  and {rest} more") } else { Ok(()) }
}

/// A text of the source on one line. A terminal acts on control characters.
fn line(text: &str) -> String {
    text.chars().map(|it| if it.is_control() || !afterword_model::is_visible(it) { ' ' } else { it }).collect()
}

fn describe(problem: &Problem) -> String {
    let place = match problem.position {
        Position::Line(number) => format!("line {number}"),
        Position::Record(number) => format!("record {number}"),
        Position::Byte(offset) => format!("byte {offset}"),
    };
    format!("{}, {place}: {}", line(&problem.file), problem.kind)
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RepeatedId => "the file has them twice",
            Self::OtherPartition => "of another site in the file",
            Self::NoThread => "their post is not in the file",
            Self::DraftPost => "under drafts",
            Self::PrivatePost => "under private posts",
            Self::DeletedPost => "under deleted posts",
            Self::LeftOutHost => "on previews, caches, translations, or hosts that you leave out",
            Self::UnknownHost => "on hosts that are not your site",
            Self::LeftOutByTable => "left out by your table of addresses",
            Self::NoAddress => "under posts without an address",
            Self::Deleted => "deleted",
            Self::Spam => "spam",
            Self::Private => "private notes",
            Self::Pingback => "pingbacks and trackbacks",
            Self::Other => "no comments, such as reviews and order notes",
            Self::NoText => "without text",
        })
    }
}

/// The name of a field that is left behind, for owners.
const fn lost_name(field: LostField) -> &'static str {
    match field {
        LostField::NetworkAddresses => "network addresses of readers",
        LostField::UserAgents => "names of browsers",
        LostField::Avatars => "pictures of authors",
        LostField::Votes => "likes and votes",
        LostField::Reactions => "reactions",
        LostField::Edits => "earlier texts of edited comments",
        LostField::Subscriptions => "subscriptions to replies",
        LostField::Accounts => "accounts of readers",
        LostField::Badges => "badges and labels",
        LostField::Reports => "reports of readers",
        LostField::Metadata => "data of plugins",
        LostField::UnusableEmails => "e-mail addresses that are hashes or shared by many",
    }
}
