//! Carrying all of a site away, as lines of text.

use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::bans::Ban;
use crate::moderate::bans::BanKind;
use crate::store::audit_log::Action;
use crate::store::row::{PUBLISHED, Row};
use crate::store::signals as signal;
use crate::store::sql::Sql;
use crate::store::sql::Value;
use crate::transfer::export_format::{
    AuditLine, BanLine, CommentLine, ExportHeader, Line, MovedLine, SettingLine, StatusWord, ThreadLine, VoteLine,
};

/// Rows that are in memory at once, at most.
const ROWS: u32 = 64;

/// The comments of a thread that have a place in it, and the votes for and against them: each raised its version by one.
pub(crate) const CHANGES: &str = "(SELECT count(*) FROM comment WHERE thread = thread.id AND page IS NOT NULL) + \
     (SELECT count(*) FROM comment JOIN vote ON vote.comment = comment.id \
     WHERE comment.thread = thread.id AND page IS NOT NULL)";

/// How far an export has come. Plain data: it may be kept, and the export goes on from it at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportCursor {
    /// Nothing is written yet.
    #[default]
    Start,
    /// Settings are being written.
    Settings {
        /// The last one written.
        after: String,
        /// The last comment of the export.
        last: i64,
    },
    /// Bans are being written.
    Bans {
        /// The last one written.
        after: i64,
        /// The last comment of the export.
        last: i64,
    },
    /// The audit log is being written.
    Audit {
        /// The last entry written.
        after: i64,
        /// The last comment of the export.
        last: i64,
    },
    /// Threads are being written.
    Threads {
        /// The last one written.
        after: i64,
        /// The last comment of the export.
        last: i64,
    },
    /// Former addresses are being written.
    Moved {
        /// The last one written.
        after: String,
        /// The last comment of the export.
        last: i64,
    },
    /// Comments are being written.
    Comments {
        /// The last one written, with all its votes.
        after: i64,
        /// The last comment of the export.
        last: i64,
    },
    /// The votes for and against a comment are being written.
    Votes {
        /// The comment.
        comment: i64,
        /// The author whose vote was the last one written.
        after: String,
        /// The last comment of the export.
        last: i64,
    },
}

/// A piece of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPart {
    /// The lines, without their line ends.
    pub lines: Vec<String>,
    /// Where the next piece begins; `None` after the last. The closing line is then still to be written: [`crate::Tally`] gives it.
    pub next: Option<ExportCursor>,
}

/// The lines of one step, each with the place from which the export goes on after it.
struct Batch {
    lines: Vec<(Line, ExportCursor)>,
    then: Then,
}

/// What comes after the lines of a step.
enum Then {
    /// More of the same.
    More,
    /// Something else.
    Section(ExportCursor),
    /// Nothing.
    End,
}

impl<S: Sql> Ledger<S> {
    /// The next piece of an export: lines of `max_bytes` together or a little more, for a line is not cut.
    ///
    /// `site` is the origin of the site. What comes in after the export began is left to the next export; what is changed while it
    /// runs is in it as it was before or as it is then, a comment at a time.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn export(&self, site: &str, cursor: ExportCursor, max_bytes: usize) -> Result<ExportPart, LedgerError> {
        let (mut lines, mut bytes, mut cursor) = (Vec::new(), 0, cursor);
        if cursor == ExportCursor::Start {
            let last = self.next_id("SELECT max(id) FROM comment")? - 1;
            lines.push(json(&ExportHeader::new(site, last))?);
            cursor = ExportCursor::Settings { after: String::new(), last };
        }
        loop {
            let batch = self.batch(&cursor)?;
            for (line, after) in batch.lines {
                let line = json(&line)?;
                bytes += line.len() + 1;
                lines.push(line);
                cursor = after;
                if bytes >= max_bytes {
                    return Ok(ExportPart { lines, next: Some(cursor) });
                }
            }
            match batch.then {
                Then::More => {}
                Then::Section(next) => cursor = next,
                Then::End => return Ok(ExportPart { lines, next: None }),
            }
        }
    }

    fn batch(&self, cursor: &ExportCursor) -> Result<Batch, LedgerError> {
        match cursor {
            ExportCursor::Start => Ok(Batch { lines: Vec::new(), then: Then::End }),
            ExportCursor::Settings { after, last } => self.setting_lines(after, *last),
            ExportCursor::Bans { after, last } => self.ban_lines(*after, *last),
            ExportCursor::Audit { after, last } => self.audit_lines(*after, *last),
            ExportCursor::Threads { after, last } => self.thread_lines(*after, *last),
            ExportCursor::Moved { after, last } => self.moved_lines(after, *last),
            ExportCursor::Comments { after, last } => self.comment_lines(*after, *last),
            ExportCursor::Votes { comment, after, last } => self.vote_lines(*comment, after, *last),
        }
    }

    fn setting_lines(&self, after: &str, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT name, value FROM setting WHERE name > ? ORDER BY name LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Bans { after: 0, last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let line = SettingLine { name: row.text("setting.name")?, value: row.text("setting.value")? };
            let after = line.name.clone();
            Ok((Line::Setting(line), ExportCursor::Settings { after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }

    /// A network is known by the seal of a day, and is not carried away.
    fn ban_lines(&self, after: i64, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT id, uuid, kind, pattern, until, at, moderator FROM ban WHERE id > ? AND kind <> ? \
                     ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), BanKind::Network.as_str().into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Audit { after: 0, last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let after = row.integer("ban.id")?;
            let Ban { id, kind, pattern, until, at, by } = Ban::read(&mut row)?;
            Ok((Line::Ban(BanLine { id, kind, pattern, until, at, by }), ExportCursor::Bans { after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }

    fn audit_lines(&self, after: i64, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT id, uuid, at, moderator, act, about FROM audit WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Threads { after: 0, last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let after = row.integer("audit.id")?;
            let line = AuditLine {
                id: row.text("audit.uuid")?,
                at: row.integer("audit.at")?,
                by: row.text("audit.moderator")?,
                act: Action::from_word(&row.text("audit.act")?).ok_or(LedgerError::Corrupt("audit.act"))?,
                about: row.text("audit.about")?,
            };
            Ok((Line::Audit(line), ExportCursor::Audit { after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }

    fn thread_lines(&self, after: i64, last: i64) -> Result<Batch, LedgerError> {
        let query = format!(
            "SELECT id, url, title, named, version, closed, {CHANGES} FROM thread WHERE id > ? ORDER BY id LIMIT ?"
        );
        let rows = self.sql.exec(&query, &[after.into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Moved { after: String::new(), last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let after = row.integer("thread.id")?;
            let line = ThreadLine {
                url: row.text("thread.url")?,
                title: row.text("thread.title")?,
                named: row.truth("thread.named")?,
                version: row.integer("thread.version")?,
                closed: row.truth("thread.closed")?,
                changes: row.integer("thread.changes")?,
            };
            Ok((Line::Thread(line), ExportCursor::Threads { after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }

    fn moved_lines(&self, after: &str, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT moved.url, thread.url FROM moved JOIN thread ON thread.id = moved.thread \
                     WHERE moved.url > ? ORDER BY moved.url LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Comments { after: 0, last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let line = MovedLine { from: row.text("moved.url")?, to: row.text("thread.url")? };
            let after = line.from.clone();
            Ok((Line::Moved(line), ExportCursor::Moved { after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }

    /// Comments, and the votes for and against each right after it; if one has many votes, the step ends among them.
    fn comment_lines(&self, after: i64, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT comment.id, comment.uuid, thread.url, parent.uuid, comment.status, \
                     comment.page IS NOT NULL, comment.version, \
                     comment.fingerprint, comment.author, comment.mark, comment.introduces, comment.owner, comment.signals, comment.name, \
                     comment.email, comment.website, comment.title, comment.source, comment.html, comment.renderer, \
                     comment.pinned, comment.created, comment.edited, comment.erased, comment.votes, \
                     (SELECT count(*) FROM vote WHERE vote.comment = comment.id), \
                     (SELECT coalesce(sum(vote), 0) FROM vote WHERE vote.comment = comment.id) \
                     FROM comment JOIN thread ON thread.id = comment.thread \
                     LEFT JOIN comment AS parent ON parent.id = comment.parent \
                     WHERE comment.id > ? AND comment.id <= ? ORDER BY comment.id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), last.into(), ROWS.into()])?;
        let end = then(&rows, ExportCursor::Start);
        let mut lines = Vec::new();
        for columns in rows {
            let (line, votes) = read_comment(columns)?;
            let comment = line.id;
            let after = if votes == 0 {
                ExportCursor::Comments { after: comment, last }
            } else {
                ExportCursor::Votes { comment, after: String::new(), last }
            };
            lines.push((Line::Comment(Box::new(line)), after));
            if votes > 0 {
                let Batch { lines: votes, then } = self.vote_lines(comment, "", last)?;
                lines.extend(votes);
                if matches!(then, Then::More) {
                    return Ok(Batch { lines, then });
                }
            }
        }
        let then = if matches!(end, Then::More) { Then::More } else { Then::End };
        Ok(Batch { lines, then })
    }

    fn vote_lines(&self, comment: i64, after: &str, last: i64) -> Result<Batch, LedgerError> {
        let query = "SELECT uuid, vote.author, vote FROM vote JOIN comment ON comment.id = vote.comment \
                     WHERE vote.comment = ? AND vote.author > ? ORDER BY vote.author LIMIT ?";
        let rows = self.sql.exec(query, &[comment.into(), after.into(), ROWS.into()])?;
        let then = then(&rows, ExportCursor::Comments { after: comment, last });
        let read = |columns| {
            let mut row = Row::new(columns);
            let line = VoteLine {
                comment: row.text("comment.uuid")?,
                author: row.text("vote.author")?,
                vote: row.integer("vote.vote")?,
            };
            let after = line.author.clone();
            Ok((Line::Vote(line), ExportCursor::Votes { comment, after, last }))
        };
        Ok(Batch { lines: rows.into_iter().map(read).collect::<Result<_, LedgerError>>()?, then })
    }
}

fn then(rows: &[Vec<Value>], next: ExportCursor) -> Then {
    if rows.len() < ROWS as usize { Then::Section(next) } else { Then::More }
}

fn read_comment(columns: Vec<Value>) -> Result<(CommentLine, i64), LedgerError> {
    let mut row = Row::new(columns);
    let mut line = CommentLine {
        id: row.integer("comment.id")?,
        uuid: row.text("comment.uuid")?,
        thread: row.text("thread.url")?,
        parent: row.optional_text("comment.parent")?,
        status: if row.integer("comment.status")? == PUBLISHED { StatusWord::Published } else { StatusWord::Pending },
        placed: row.truth("comment.page")?,
        version: row.optional_integer("comment.version")?,
        fingerprint: row.text("comment.fingerprint")?,
        author: row.optional_text("comment.author")?,
        mark: row.optional_text("comment.mark")?,
        introduces: row.truth("comment.introduces")?,
        owner: row.truth("comment.owner")?,
        signals: signal::read(&row.text("comment.signals")?),
        name: row.text("comment.name")?,
        email: row.optional_text("comment.email")?,
        website: row.optional_text("comment.website")?,
        title: Some(row.text("comment.title")?),
        source: row.text("comment.source")?,
        html: row.text("comment.html")?,
        renderer: row.integer("comment.renderer")?,
        pinned: row.truth("comment.pinned")?,
        created: row.integer("comment.created")?,
        edited: row.optional_integer("comment.edited")?,
        erased: row.optional_integer("comment.erased")?,
        votes: row.integer("comment.votes")?,
    };
    let voters = row.integer("vote")?;
    line.votes -= row.integer("vote")?;
    Ok((line, voters))
}

/// Numbers and texts always are JSON, so this does not fail.
fn json(line: &impl Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(line).map_err(|_| LedgerError::Corrupt("a line of the export"))
}
