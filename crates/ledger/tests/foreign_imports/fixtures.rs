//! A blog of another system, its import, and what the ledger has afterwards.

use afterword_interchange::{
    Body, BodyKind, Format, MemorySpool, Plan, PlanOptions, Reading, SourceComment, SourceState, SourceThread,
    SourceTime, TimeQuality,
};
use afterword_ledger::{
    ExportChecksum, ExportCursor, Ledger, Renderer, Restore, RestoreOptions, RestoreSummary, Sql, Value,
};
use afterword_model::{Origin, SafeHtml, Sites};

use crate::common::{NOW, SITE, TestDatabase};

/// The time of the first comment of a test.
pub(crate) const START: i64 = 1_200_000_000;

/// A renderer that escapes texts.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
fn render(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>{}</p>", text.replace('&', "&amp;").replace('<', "&lt;")))
}

/// A post of the blog.
pub(crate) fn post(name: &str) -> SourceThread {
    SourceThread {
        key: name.to_owned(),
        url: format!("http://www.blog.example/{name}/"),
        title: format!("Title of {name}"),
        ..SourceThread::default()
    }
}

/// A published comment. Its time rises with its number.
pub(crate) fn comment(post: &str, number: u32, parent: Option<u32>) -> SourceComment {
    SourceComment {
        thread: post.to_owned(),
        id: number.to_string(),
        parent: parent.map(|parent| parent.to_string()),
        time: SourceTime { seconds: START + i64::from(number) * 60, quality: TimeQuality::Exact },
        name: format!("Author {number}"),
        body: Body { kind: BodyKind::Markdown, text: format!("Text *{number}*") },
        ..SourceComment::default()
    }
}

/// A published comment with another state.
pub(crate) fn with_state(comment: SourceComment, state: SourceState) -> SourceComment {
    SourceComment { state, ..comment }
}

/// The options of the tests.
pub(crate) fn options() -> PlanOptions {
    PlanOptions { site: SITE.to_owned(), latest: NOW, ..PlanOptions::default() }
}

/// A reading of records, and the plan for it.
pub(crate) fn plan(
    threads: &[SourceThread],
    comments: &[SourceComment],
    options: &PlanOptions,
) -> (Reading<MemorySpool>, Plan) {
    let mut reading = Reading::from_records(Format::Wxr, MemorySpool::default(), |sink| {
        comments.iter().try_for_each(|comment| sink.comment(comment.clone()))?;
        threads.iter().try_for_each(|thread| sink.thread(thread.clone()))
    })
    .unwrap();
    let plan = reading.plan(options).unwrap();
    (reading, plan)
}

/// The lines of a plan.
pub(crate) fn lines(reading: &mut Reading<MemorySpool>, plan: &Plan) -> Vec<String> {
    plan.lines(reading).collect::<Result<_, _>>().unwrap()
}

/// Imports an export, as the Worker does.
pub(crate) fn restore<S: Sql>(ledger: &Ledger<S>, lines: &[String], dry_run: bool) -> RestoreSummary {
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let renderer =
        Renderer { version: 1, render: &|text: &str| Some(render(text)), render_plain: &|text: &str| render(text) };
    let mut restore = Restore::new(RestoreOptions {
        sites: &sites,
        site: &site,
        renderer,
        patterns: None,
        first_line: None,
        dry_run,
    });
    for line in lines {
        restore.push(format!("{line}\n").as_bytes());
        while restore.import_next_batch(ledger, NOW).unwrap() {}
    }
    restore.finish(ledger, NOW).unwrap()
}

/// Imports records into a database, after a dry run that must predict the same numbers. The numbers must add up.
pub(crate) fn import(
    database: &TestDatabase,
    threads: &[SourceThread],
    comments: &[SourceComment],
    options: &PlanOptions,
) -> RestoreSummary {
    let (mut reading, plan) = plan(threads, comments, options);
    let lines = lines(&mut reading, &plan);
    let ledger = database.ledger();
    let predicted = restore(&ledger, &lines, true);
    let summary = restore(&ledger, &lines, false);
    assert_eq!(predicted, summary);
    assert!(summary.complete, "the closing line is right");
    let report = plan.report();
    let left_out: u64 = report.left_out.iter().map(|item| item.comments).sum();
    assert_eq!(report.read, comments.len() as u64);
    assert_eq!(report.read, report.to_import + left_out);
    assert_eq!(summary.lines, report.threads + report.comment_lines());
    let counts = &summary.imported;
    assert_eq!(u64::from(counts.threads + counts.comments + counts.known), summary.lines);
    assert_eq!(counts.renumbered, 0);
    summary
}

/// A comment as the ledger has it, without its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stored {
    pub(crate) thread: String,
    pub(crate) uuid: String,
    pub(crate) parent: Option<String>,
    pub(crate) fields: Vec<String>,
}

/// All comments in the order of their ids.
pub(crate) fn stored(database: &TestDatabase) -> Vec<Stored> {
    let query = "SELECT url, uuid, (SELECT uuid FROM comment AS above WHERE above.id = comment.parent), status, \
                 page IS NOT NULL, erased, removed, name, email, website, source, html, owner, answered, votes, pinned, \
                 created, edited, comment.title FROM comment JOIN thread ON thread.id = comment.thread ORDER BY comment.id";
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    database
        .run(query)
        .iter()
        .map(|row| Stored {
            thread: text(&row[0]),
            uuid: text(&row[1]),
            parent: if row[2] == Value::Null { None } else { Some(text(&row[2])) },
            fields: row[3..].iter().map(|value| format!("{value:?}")).collect(),
        })
        .collect()
}

/// The comment whose text has this number.
pub(crate) fn find(database: &TestDatabase, number: u32) -> Option<Stored> {
    let source = format!("Text *{number}*");
    let query = "SELECT uuid FROM comment WHERE source = ?";
    let row = database.run_with(query, &[source.as_str().into()]).into_iter().next()?;
    let Some(Value::Text(uuid)) = row.into_iter().next() else { panic!("no uuid") };
    stored(database).into_iter().find(|stored| stored.uuid == uuid)
}

/// The id of a comment in the ledger.
pub(crate) fn id_of(database: &TestDatabase, number: u32) -> afterword_model::CommentId {
    let source = format!("Text *{number}*");
    let row = database.run_with("SELECT id FROM comment WHERE source = ?", &[source.as_str().into()]);
    let Value::Integer(id) = row[0][0] else { panic!("no id") };
    afterword_model::CommentId::new(id)
}

/// All lines of the site's own export, with the closing line.
pub(crate) fn export(database: &TestDatabase) -> Vec<String> {
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = database.ledger().export(SITE, from, 10_000).unwrap();
        lines.extend(part.lines);
        cursor = part.next;
    }
    let mut checksum = ExportChecksum::default();
    lines.iter().for_each(|line| checksum.add_line(line));
    lines.push(checksum.closing_line());
    lines
}
