//! Export of a site as lines of text, in pieces.

use afterword_model::Status;
use afterword_model::moderation::{AuditRecord, BanKind};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{RECORD_COLUMNS, read_record};
use crate::store::ban::Ban;
use crate::store::comment_row::{SPAM, next_comment_id};
use crate::store::fingerprint;
use crate::store::report_row::StoredReport;
use crate::store::row::Row;
use crate::store::signals::parse_signals;
use crate::store::sql::{Sql, Value};
use afterword_model::export_format::{
    AuditLine, BanLine, CommentLine, ExportHeader, Line, ReactionLine, RedirectLine, ReportLine, SettingLine,
    ThreadLine, TrustedLine, VoteLine, without_numbers,
};

/// Maximum number of rows that one query returns.
const BATCH_ROWS: u32 = 64;

/// Position in an export. It is plain data: it can be stored, and the export continues from it at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportCursor {
    /// Nothing is written yet.
    #[default]
    Start,
    /// Settings are being written.
    Settings {
        /// Name of the last one written.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Bans are being written.
    Bans {
        /// Id of the last one written.
        after: i64,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Trusted authors are being written.
    Trusted {
        /// Keyed hash of the last one written.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// The audit log is being written.
    Audit {
        /// Number of the last entry written.
        after: i64,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Threads are being written.
    Threads {
        /// Id of the last one written.
        after: i64,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Redirects are being written.
    Redirects {
        /// Former address of the last one written.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Comments are being written.
    Comments {
        /// Id of the last one written, including all its votes.
        after: i64,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// The votes on a comment are being written.
    Votes {
        /// Id of the comment.
        comment: i64,
        /// Keyed hash of the author whose vote was written last.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Reactions are being written.
    Reactions {
        /// Id of the thread of the last one written.
        thread: i64,
        /// Keyed hash of the author of the last one written.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
    /// Reports are being written.
    Reports {
        /// UUID of the last one written.
        after: String,
        /// Id of the last comment of the export.
        last: i64,
    },
}

/// A piece of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPart {
    /// The lines, without their line ends.
    pub lines: Vec<String>,
    /// Position at which the next piece begins; `None` after the last. The caller then writes the closing line, which
    /// [`ExportChecksum`](afterword_model::export_format::ExportChecksum) provides.
    pub next: Option<ExportCursor>,
}

/// The lines of one query, each with the position after it.
struct Batch {
    lines: Vec<(ExportCursor, Line)>,
    then: Then,
}

/// The continuation after a batch.
enum Then {
    /// More of the same kind.
    More,
    /// The next kind of lines.
    Section(ExportCursor),
    /// The end of the export.
    End,
}

impl<S: Sql> Ledger<S> {
    /// The next piece of an export: lines with `max_bytes` together or a little more, because lines are not cut.
    ///
    /// `site` is the origin of the site. Comments created after the export began are left out. A comment that is changed while the export
    /// runs is exported as it was before or as it is after the change.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn export(&self, site: &str, cursor: ExportCursor, max_bytes: usize) -> Result<ExportPart, LedgerError> {
        let (mut lines, mut bytes, mut cursor) = (Vec::new(), 0, cursor);
        if cursor == ExportCursor::Start {
            let last = next_comment_id(&self.sql)? - 1;
            lines.push(json(&ExportHeader::new(site, last))?);
            cursor = ExportCursor::Settings { after: String::new(), last };
        }
        loop {
            let batch = load_batch(&self.sql, &cursor)?;
            for (after, line) in batch.lines {
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
}

fn load_batch(sql: &impl Sql, cursor: &ExportCursor) -> Result<Batch, LedgerError> {
    match cursor {
        ExportCursor::Start => Ok(Batch { lines: Vec::new(), then: Then::End }),
        ExportCursor::Settings { after, last } => setting_lines(sql, after, *last),
        ExportCursor::Bans { after, last } => ban_lines(sql, *after, *last),
        ExportCursor::Trusted { after, last } => trusted_lines(sql, after, *last),
        ExportCursor::Audit { after, last } => audit_lines(sql, *after, *last),
        ExportCursor::Threads { after, last } => thread_lines(sql, *after, *last),
        ExportCursor::Redirects { after, last } => redirect_lines(sql, after, *last),
        ExportCursor::Comments { after, last } => comment_lines(sql, *after, *last),
        ExportCursor::Votes { comment, after, last } => vote_lines(sql, *comment, after, *last),
        ExportCursor::Reactions { thread, after, last } => reaction_lines(sql, *thread, after, *last),
        ExportCursor::Reports { after, last } => report_lines(sql, after, *last),
    }
}

impl Batch {
    /// Runs a query whose last parameter is the maximum number of rows, and reads a line from each row. If the query reached its limit, more
    /// of the same kind follow, and otherwise `next`.
    fn load(
        sql: &impl Sql,
        query: &str,
        params: &[Value],
        next: Then,
        read: impl Fn(&mut Row) -> Result<(ExportCursor, Line), LedgerError>,
    ) -> Result<Self, LedgerError> {
        let rows = load_rows(sql, query, params)?;
        let then = Then::after(&rows, next);
        let lines = rows.into_iter().map(|columns| read(&mut Row::new(columns))).collect::<Result<_, _>>()?;
        Ok(Self { lines, then })
    }
}

impl Then {
    /// More of the same kind after a query that reached its limit, and otherwise `next`.
    fn after(rows: &[Vec<Value>], next: Self) -> Self {
        if rows.len() < BATCH_ROWS as usize { next } else { Self::More }
    }
}

/// Runs a query with its parameters, followed by the maximum number of rows.
fn load_rows(sql: &impl Sql, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, LedgerError> {
    Ok(sql.exec(query, &[params, &[BATCH_ROWS.into()]].concat())?)
}

fn setting_lines(sql: &impl Sql, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT name, value FROM setting WHERE name > ? ORDER BY name LIMIT ?";
    Batch::load(sql, query, &[after.into()], Then::Section(ExportCursor::Bans { after: 0, last }), |row| {
        let line = SettingLine { name: row.text("setting.name")?, value: row.text("setting.value")? };
        Ok((ExportCursor::Settings { after: line.name.clone(), last }, Line::Setting(line)))
    })
}

/// Bans of networks are left out, and so are rows of a kind that no import would read.
fn ban_lines(sql: &impl Sql, after: i64, last: i64) -> Result<Batch, LedgerError> {
    let query = format!("SELECT id, {} FROM ban WHERE id > ? AND kind IN (?, ?, ?) ORDER BY id LIMIT ?", Ban::COLUMNS);
    let kinds = [BanKind::Author, BanKind::Name, BanKind::Email].map(|kind| kind.as_str().into());
    let params: Vec<Value> = [after.into()].into_iter().chain(kinds).collect();
    let next = Then::Section(ExportCursor::Trusted { after: String::new(), last });
    Batch::load(sql, &query, &params, next, |row| {
        let after = row.integer("ban.id")?;
        let Ban { id, kind, pattern, literal, until, at, by, reason } = Ban::read(row)?;
        Ok((
            ExportCursor::Bans { after, last },
            Line::Ban(BanLine { id, kind, pattern, literal, until, at, by, reason }),
        ))
    })
}

fn trusted_lines(sql: &impl Sql, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT author FROM trusted_author WHERE author > ? ORDER BY author LIMIT ?";
    Batch::load(sql, query, &[after.into()], Then::Section(ExportCursor::Audit { after: 0, last }), |row| {
        let line = TrustedLine { author: row.text("trusted_author.author")? };
        Ok((ExportCursor::Trusted { after: line.author.clone(), last }, Line::Trusted(line)))
    })
}

fn audit_lines(sql: &impl Sql, after: i64, last: i64) -> Result<Batch, LedgerError> {
    let query = format!("SELECT {RECORD_COLUMNS}, batch FROM audit_log WHERE id > ? ORDER BY id LIMIT ?");
    Batch::load(sql, &query, &[after.into()], Then::Section(ExportCursor::Threads { after: 0, last }), |row| {
        let AuditRecord { number, id, at, by, action, target, reason, before, after, undone, .. } = read_record(row)?;
        let batch = row.optional_text("audit_log.batch")?;
        let (before, after) = (before.map(without_numbers), after.map(without_numbers));
        let line = AuditLine { id, at, by, action, target, batch, reason, before, after, undone };
        Ok((ExportCursor::Audit { after: number, last }, Line::Audit(line)))
    })
}

fn thread_lines(sql: &impl Sql, after: i64, last: i64) -> Result<Batch, LedgerError> {
    let query =
        "SELECT id, url, title, title_locked, version, closed, changes FROM thread WHERE id > ? ORDER BY id LIMIT ?";
    let next = Then::Section(ExportCursor::Redirects { after: String::new(), last });
    Batch::load(sql, query, &[after.into()], next, |row| {
        let after = row.integer("thread.id")?;
        let line = ThreadLine {
            url: row.text("thread.url")?,
            title: row.text("thread.title")?,
            title_locked: row.boolean("thread.title_locked")?,
            version: row.integer("thread.version")?,
            closed: row.boolean("thread.closed")?,
            changes: row.integer("thread.changes")?,
        };
        Ok((ExportCursor::Threads { after, last }, Line::Thread(line)))
    })
}

fn redirect_lines(sql: &impl Sql, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT redirect.url, thread.url FROM redirect JOIN thread ON thread.id = redirect.thread \
                 WHERE redirect.url > ? ORDER BY redirect.url LIMIT ?";
    Batch::load(sql, query, &[after.into()], Then::Section(ExportCursor::Comments { after: 0, last }), |row| {
        let line = RedirectLine { from: row.text("redirect.url")?, to: row.text("thread.url")? };
        Ok((ExportCursor::Redirects { after: line.from.clone(), last }, Line::Redirect(line)))
    })
}

/// Comments, each followed by the votes on it. If a comment has many votes, the batch ends among them.
fn comment_lines(sql: &impl Sql, after: i64, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT comment.id, comment.uuid, thread.url, parent.uuid, comment.status, \
                 comment.page IS NOT NULL, comment.version, \
                 comment.fingerprint, comment.author, comment.mark, comment.first_approved, comment.owner, comment.signals, \
                 comment.name, comment.email, comment.website, comment.title, comment.source, comment.html, comment.renderer, \
                 comment.pinned, comment.created, comment.edited, comment.erased, comment.removed, comment.answered, \
                 comment.edited_by_moderator, comment.reports_muted, comment.dated, comment.votes, \
                 (SELECT count(*) FROM vote WHERE vote.comment = comment.id), \
                 (SELECT coalesce(sum(vote), 0) FROM vote WHERE vote.comment = comment.id) \
                 FROM comment JOIN thread ON thread.id = comment.thread \
                 LEFT JOIN comment AS parent ON parent.id = comment.parent \
                 WHERE comment.id > ? AND comment.id <= ? ORDER BY comment.id LIMIT ?";
    let rows = load_rows(sql, query, &[after.into(), last.into()])?;
    let reactions = ExportCursor::Reactions { thread: 0, after: String::new(), last };
    let then = Then::after(&rows, Then::Section(reactions));
    let mut lines = Vec::new();
    for columns in rows {
        let (line, votes) = read_comment_line(columns)?;
        let comment = line.id;
        let after = if votes == 0 {
            ExportCursor::Comments { after: comment, last }
        } else {
            ExportCursor::Votes { comment, after: String::new(), last }
        };
        lines.push((after, Line::Comment(Box::new(line))));
        if votes > 0 {
            let Batch { lines: votes, then } = vote_lines(sql, comment, "", last)?;
            lines.extend(votes);
            if matches!(then, Then::More) {
                return Ok(Batch { lines, then });
            }
        }
    }
    Ok(Batch { lines, then })
}

fn vote_lines(sql: &impl Sql, comment: i64, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT uuid, vote.author, vote FROM vote JOIN comment ON comment.id = vote.comment \
                 WHERE vote.comment = ? AND vote.author > ? ORDER BY vote.author LIMIT ?";
    Batch::load(
        sql,
        query,
        &[comment.into(), after.into()],
        Then::Section(ExportCursor::Comments { after: comment, last }),
        |row| {
            let line = VoteLine {
                comment: row.text("comment.uuid")?,
                author: row.text("vote.author")?,
                vote: row.integer("vote.vote")?,
            };
            Ok((ExportCursor::Votes { comment, after: line.author.clone(), last }, Line::Vote(line)))
        },
    )
}

/// Reactions to posts. A thread that was created after the export began has no line of its own, and needs none.
fn reaction_lines(sql: &impl Sql, thread: i64, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = "SELECT reaction.thread, url, author, reaction FROM reaction JOIN thread ON thread.id = reaction.thread \
                 WHERE (reaction.thread, author) > (?, ?) ORDER BY reaction.thread, author LIMIT ?";
    let next = Then::Section(ExportCursor::Reports { after: String::new(), last });
    Batch::load(sql, query, &[thread.into(), after.into()], next, |row| {
        let thread = row.integer("reaction.thread")?;
        let line = ReactionLine {
            thread: row.text("thread.url")?,
            author: row.text("reaction.author")?,
            reaction: row.text("reaction.reaction")?,
        };
        Ok((ExportCursor::Reactions { thread, after: line.author.clone(), last }, Line::Reaction(line)))
    })
}

/// Reports of the comments of the export. What a reader wrote about a deleted comment is left out.
fn report_lines(sql: &impl Sql, after: &str, last: i64) -> Result<Batch, LedgerError> {
    let query = format!(
        "SELECT {}, comment.uuid, erased IS NOT NULL AND removed = 0 FROM report CROSS JOIN comment ON comment.id = report.comment \
         WHERE report.uuid > ? AND report.comment <= ? ORDER BY report.uuid LIMIT ?",
        StoredReport::COLUMNS
    );
    Batch::load(sql, &query, &[after.into(), last.into()], Then::End, |row| {
        let StoredReport { uuid, author, reason, text, at, closed, .. } = StoredReport::read(row)?;
        let comment = row.text("comment.uuid")?;
        let text = if row.boolean("comment.erased")? { None } else { text };
        let after = ExportCursor::Reports { after: uuid.clone(), last };
        Ok((after, Line::Report(ReportLine { id: uuid, comment, author, reason, text, at, closed })))
    })
}

/// Reads a comment and the number of votes on it.
fn read_comment_line(columns: Vec<Value>) -> Result<(CommentLine, i64), LedgerError> {
    let mut row = Row::new(columns);
    let id = row.integer("comment.id")?;
    let status;
    let mut line = CommentLine {
        id,
        uuid: row.text("comment.uuid")?,
        thread: row.text("thread.url")?,
        parent: row.optional_text("comment.parent")?,
        spam: {
            status = row.integer("comment.status")?;
            status == SPAM
        },
        status: if status == 1 { Status::Published } else { Status::Pending },
        placed: row.boolean("comment.page")?,
        version: row.optional_integer("comment.version")?,
        fingerprint: fingerprint::without_unkeyed(row.text("comment.fingerprint")?),
        author: row.optional_text("comment.author")?,
        mark: row.optional_text("comment.mark")?,
        first_approved: row.boolean("comment.first_approved")?,
        owner: row.boolean("comment.owner")?,
        signals: parse_signals(&row.text("comment.signals")?),
        name: row.text("comment.name")?,
        email: row.optional_text("comment.email")?,
        website: row.optional_text("comment.website")?,
        title: Some(row.text("comment.title")?),
        source: row.text("comment.source")?,
        html: row.text("comment.html")?,
        renderer: row.integer("comment.renderer")?,
        pinned: row.boolean("comment.pinned")?,
        created: row.integer("comment.created")?,
        edited: row.optional_integer("comment.edited")?,
        erased: row.optional_integer("comment.erased")?,
        removed: row.boolean("comment.removed")?,
        answered: row.boolean("comment.answered")?,
        edited_by_moderator: row.boolean("comment.edited_by_moderator")?,
        reports_muted: row.boolean("comment.reports_muted")?,
        dated: row.optional_integer("comment.dated")?,
        votes: row.integer("comment.votes")?,
    };
    let voters = row.integer("vote")?;
    line.votes -= row.integer("vote")?;
    if line.erased.is_some() && !line.removed {
        line.clear_content();
    }
    Ok((line, voters))
}

/// Numbers and texts can always be encoded as JSON, so this does not fail.
fn json(line: &impl Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(line).map_err(|_| LedgerError::Corrupt("a line of the export"))
}
