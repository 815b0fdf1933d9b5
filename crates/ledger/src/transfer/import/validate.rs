//! Holding a line of an export against the rules. It is outside data like any submission, and is held against the same rules.

use afterword_model::{
    NewComment, Origin, PostRef, PostUrl, Refusal, SafeHtml, Sites, Submission, SubmissionId, Website, clean_line,
    has_visible_text, limits,
};

use crate::moderate::bans as ban;
use crate::moderate::bans::Ban;
use crate::moderate::bans::BanKind;
use crate::moderate::settings::SettingChange;
use crate::store::audit_log::{self as audit, Action};
use crate::store::signals as signal;
use crate::transfer::export_format::{
    AuditLine, BanLine, CommentLine, Line, MAX_KEPT, MAX_LINE_BYTES, MAX_NUMBER, MovedLine, SettingLine, StatusWord,
    ThreadLine, VoteLine,
};
use crate::transfer::import::Renderer;

/// The last second that is drawn as a date, in the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;
/// More votes than anybody gets.
const VOTES: i64 = 1 << 31;
/// The longest fingerprint and hash, in bytes; they are 64 hexadecimal digits so far.
const HASH: usize = 128;
/// The longest mark, in bytes; it is six letters so far.
const MARK: usize = 32;
/// The longest that an entry of the audit log is about, in bytes: two addresses and a space, or a ban.
const ABOUT: usize = 2 * limits::URL_BYTES + 1;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// It is longer than [`LINE_BYTES`].
    TooLong,
    /// It is not UTF-8.
    NotText,
    /// It comes after the closing line.
    AfterEnd,
    /// It is not the JSON of a line; carries what the parser says.
    Json(String),
    /// A rule for submissions is broken.
    Refused(Refusal),
    /// An address is on another site.
    OtherSite,
    /// The field of this name has a value that no export gives it.
    Field(&'static str),
    /// There is no setting of this name.
    UnknownSetting,
    /// An erased comment still says something.
    NotErased,
    /// The comment answered is neither in the ledger nor before this line.
    UnknownParent,
    /// The comment voted on is neither in the ledger nor before this line.
    UnknownComment,
}

impl std::fmt::Display for LineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong => write!(f, "longer than {MAX_LINE_BYTES} bytes"),
            Self::NotText => f.write_str("not text; a compressed file is to be unpacked first"),
            Self::AfterEnd => f.write_str("the export ends before this line"),
            Self::Json(error) => write!(f, "not a line of an export: {error}"),
            Self::Refused(refusal) => f.write_str(refusal.message().trim_end_matches('.')),
            Self::OtherSite => f.write_str("an address of another site"),
            Self::Field(name) => write!(f, "the value of {name:?} cannot be"),
            Self::UnknownSetting => f.write_str("there is no setting of this name"),
            Self::NotErased => f.write_str("the comment is erased, but still has a text or an author"),
            Self::UnknownParent => f.write_str("the comment answered is missing; the lines before come first"),
            Self::UnknownComment => f.write_str("the comment voted on is missing; the lines before come first"),
        }
    }
}

impl From<Refusal> for LineError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A line all of whose fields are within the rules.
#[derive(Debug)]
pub(crate) enum Checked {
    Setting(SettingChange),
    Ban(CheckedBan),
    Audit(CheckedAudit),
    Thread(CheckedThread),
    Moved { from: PostUrl, to: PostUrl },
    Comment(Box<CheckedComment>),
    Vote { comment: SubmissionId, author: String, vote: i64 },
}

#[derive(Debug)]
pub(crate) struct CheckedBan {
    pub(crate) uuid: SubmissionId,
    pub(crate) ban: Ban,
}

#[derive(Debug)]
pub(crate) struct CheckedAudit {
    pub(crate) id: SubmissionId,
    pub(crate) at: i64,
    pub(crate) by: String,
    pub(crate) act: Action,
    pub(crate) about: String,
}

#[derive(Debug)]
pub(crate) struct CheckedThread {
    pub(crate) url: PostUrl,
    pub(crate) title: String,
    pub(crate) named: bool,
    pub(crate) version: i64,
    pub(crate) changes: i64,
    pub(crate) closed: bool,
}

#[derive(Debug)]
pub(crate) struct CheckedComment {
    /// The line, its texts as a submission's would be stored and its HTML made of them.
    pub(crate) line: CommentLine,
    /// Whether the renderer refuses the text.
    pub(crate) refused: bool,
    pub(crate) uuid: SubmissionId,
    pub(crate) url: PostUrl,
    pub(crate) parent: Option<SubmissionId>,
}

/// The rules for one import.
pub(crate) struct Rules<'a> {
    pub(crate) sites: &'a Sites,
    pub(crate) site: &'a Origin,
    pub(crate) renderer: Renderer<'a>,
}

impl Rules<'_> {
    pub(crate) fn check(&self, line: &str) -> Result<Checked, LineError> {
        if line.len() > MAX_LINE_BYTES {
            return Err(LineError::TooLong);
        }
        match serde_json::from_str(line).map_err(|error| LineError::Json(short(&error.to_string())))? {
            Line::Setting(line) => setting(&line),
            Line::Ban(line) => banned(line),
            Line::Audit(line) => audited(line),
            Line::Thread(line) => self.thread(line),
            Line::Moved(MovedLine { from, to }) => Ok(Checked::Moved { from: self.url(&from)?, to: self.url(&to)? }),
            Line::Comment(line) => self.comment(*line),
            Line::Vote(line) => vote(line),
        }
    }

    fn thread(&self, line: ThreadLine) -> Result<Checked, LineError> {
        let ThreadLine { url, title, named, version, changes, closed } = line;
        // Whatever comment brings a title along: its rule is the same.
        let bearer = NewComment { url, title: Some(title), text: "-".to_owned(), ..stand_in() };
        let Submission { post: place, title, .. } = bearer.validate(self.sites)?;
        within("version", version, 0, MAX_NUMBER)?;
        within("changes", changes, 0, version)?;
        let version = if version > MAX_KEPT { changes } else { version };
        Ok(Checked::Thread(CheckedThread {
            url: self.home(place)?,
            named: named && !title.is_empty(),
            title,
            version,
            changes,
            closed,
        }))
    }

    fn comment(&self, line: CommentLine) -> Result<Checked, LineError> {
        check_fields(&line)?;
        let uuid = SubmissionId::parse(&line.uuid).ok_or(Refusal::BadId)?;
        let parent = line.parent.as_deref().map(|parent| SubmissionId::parse(parent).ok_or(LineError::Field("parent")));
        let (url, line, refused) = if line.erased.is_some() { self.erased(line)? } else { self.said(line)? };
        Ok(Checked::Comment(Box::new(CheckedComment { line, refused, uuid, url, parent: parent.transpose()? })))
    }

    /// A comment that still says something: the rules of a submission are those for what it says.
    fn said(&self, line: CommentLine) -> Result<(PostUrl, CommentLine, bool), LineError> {
        let CommentLine { thread, name, email, website, title, source, .. } = line;
        let is_titled = title.is_some();
        let sent =
            NewComment { url: thread.clone(), name: Some(name), email, website, title, text: source, ..stand_in() };
        let Submission { post: place, name, email, website, title, text, .. } = sent.validate(self.sites)?;
        let (html, refused): (SafeHtml, bool) = self.renderer.rendered(&text);
        let said = CommentLine {
            thread,
            name,
            email,
            website: website.as_ref().map(Website::as_str).map(str::to_owned),
            title: is_titled.then_some(title),
            source: text,
            html: html.as_str().to_owned(),
            renderer: self.renderer.version,
            ..line
        };
        Ok((self.home(place)?, said, refused))
    }

    fn erased(&self, line: CommentLine) -> Result<(PostUrl, CommentLine, bool), LineError> {
        let texts = [&line.name, &line.source, &line.html].into_iter().chain(&line.title);
        let is_empty = texts.into_iter().all(|text| text.is_empty()) && line.signals.is_empty();
        let scrubbed = is_empty && line.email.is_none() && line.website.is_none();
        if scrubbed { Ok((self.url(&line.thread)?, line, false)) } else { Err(LineError::NotErased) }
    }

    fn url(&self, text: &str) -> Result<PostUrl, LineError> {
        self.home(self.sites.resolve_post(text)?)
    }

    fn home(&self, place: PostRef) -> Result<PostUrl, LineError> {
        if place.site == *self.site { Ok(place.url) } else { Err(LineError::OtherSite) }
    }
}

fn setting(line: &SettingLine) -> Result<Checked, LineError> {
    if !SettingChange::is_known(&line.name) {
        return Err(LineError::UnknownSetting);
    }
    SettingChange::parse(&line.name, &line.value).map(Checked::Setting).ok_or(LineError::Field("value"))
}

fn banned(line: BanLine) -> Result<Checked, LineError> {
    let BanLine { id, kind, pattern, until, at, by } = line;
    let uuid = SubmissionId::parse(&id).ok_or(Refusal::BadId)?;
    if kind == BanKind::Network {
        return Err(LineError::Field("kind"));
    }
    if !ban::is_pattern(&pattern) {
        return Err(LineError::Field("pattern"));
    }
    within("until", until.unwrap_or(0), 0, LAST_SECOND)?;
    within("at", at, 0, LAST_SECOND)?;
    if !audit::is_name(&by) {
        return Err(LineError::Field("by"));
    }
    Ok(Checked::Ban(CheckedBan { uuid, ban: Ban { id: uuid.to_string(), kind, pattern, until, at, by } }))
}

fn audited(line: AuditLine) -> Result<Checked, LineError> {
    let AuditLine { id, at, by, act, about } = line;
    let id = SubmissionId::parse(&id).ok_or(Refusal::BadId)?;
    within("at", at, 0, LAST_SECOND)?;
    if !audit::is_name(&by) {
        return Err(LineError::Field("by"));
    }
    if about.len() > ABOUT || !has_visible_text(&about) || clean_line(&about) != about {
        return Err(LineError::Field("about"));
    }
    Ok(Checked::Audit(CheckedAudit { id, at, by, act, about }))
}

fn vote(line: VoteLine) -> Result<Checked, LineError> {
    let comment = SubmissionId::parse(&line.comment).ok_or(LineError::Field("comment"))?;
    printable("author", &line.author, HASH)?;
    if !matches!(line.vote, -1 | 1) {
        return Err(LineError::Field("vote"));
    }
    Ok(Checked::Vote { comment, author: line.author, vote: line.vote })
}

/// The fields that no submission has.
fn check_fields(line: &CommentLine) -> Result<(), LineError> {
    within("id", line.id, 1, MAX_NUMBER)?;
    within("version", line.version.unwrap_or(1), 1, MAX_NUMBER)?;
    if line.status == StatusWord::Published && !line.placed {
        return Err(LineError::Field("placed"));
    }
    printable("fingerprint", &line.fingerprint, HASH)?;
    if let Some(author) = &line.author {
        printable("author", author, HASH)?;
    }
    if line.signals.len() > signal::SIGNALS + 1 || !line.signals.iter().all(|signal| signal::is_one(signal)) {
        return Err(LineError::Field("signals"));
    }
    if line.mark.as_ref().is_some_and(|mark| !is_mark(mark)) {
        return Err(LineError::Field("mark"));
    }
    within("renderer", line.renderer, 0, MAX_NUMBER)?;
    within("votes", line.votes, -VOTES, VOTES)?;
    within("created", line.created, 0, LAST_SECOND)?;
    within("edited", line.edited.unwrap_or(0), 0, LAST_SECOND)?;
    within("erased", line.erased.unwrap_or(0), 0, LAST_SECOND)
}

fn within(name: &'static str, number: i64, least: i64, most: i64) -> Result<(), LineError> {
    if (least..=most).contains(&number) { Ok(()) } else { Err(LineError::Field(name)) }
}

fn printable(name: &'static str, text: &str, longest: usize) -> Result<(), LineError> {
    let fits = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits { Ok(()) } else { Err(LineError::Field(name)) }
}

fn is_mark(text: &str) -> bool {
    (1..=MARK).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A submission in which only the fields in question differ from one that is taken.
fn stand_in() -> NewComment {
    NewComment { id: "00000000-0000-0000-0000-000000000000".to_owned(), ..NewComment::default() }
}

/// The parser repeats names that it does not know, however long they are, and counts the lines of what it is given, which is one.
fn short(text: &str) -> String {
    text.replace(" at line 1 column ", " at character ").chars().take(200).collect()
}
