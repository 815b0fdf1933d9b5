//! Validation of the lines of an export. They are untrusted input, and the rules for submissions apply to them.

use afterword_model::moderation::{AuditAction as Action, BanKind};
use afterword_model::{
    NewComment, Origin, PostRef, PostUrl, Refusal, SafeHtml, Sites, Status, Submission, SubmissionId, Website,
    clean_line, clean_text, has_visible_text, is_moderator_name, is_reaction, is_visible, limits,
};
use thiserror::Error;

use crate::publish::renderer::Renderer;
use crate::store::audit_log::{CommentChange, imported_target};
use crate::store::ban::{Ban, check_until, is_valid_pattern};
use crate::store::report_row::StoredReport;
use crate::store::setting::SettingChange;
use crate::store::signals::{MAX_SIGNALS, is_valid_signal};
use crate::store::thread_row::MAX_IMPORTED_NUMBER;
use afterword_model::export_format::{
    AuditLine, BanLine, CommentLine, Line, MAX_LINE_BYTES, MAX_NUMBER, ReactionLine, RedirectLine, ReportLine,
    SettingLine, ThreadLine, TrustedLine, VoteLine, without_numbers,
};

/// Maximum number of votes of a comment; more than any comment gets.
const MAX_VOTES: i64 = 1 << 31;
/// Maximum length of a fingerprint or hash in bytes. At present they are 64 hexadecimal digits.
const MAX_HASH_BYTES: usize = 128;
/// Maximum length of an author's mark in bytes. At present it is six letters.
const MAX_MARK_BYTES: usize = 32;
/// Maximum length of the target of an audit log entry in bytes: two addresses and a space, or a ban.
const MAX_TARGET_BYTES: usize = 2 * limits::URL_BYTES + 1;

/// The error in a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// It is longer than [`MAX_LINE_BYTES`].
    #[error("longer than {max} bytes", max = MAX_LINE_BYTES)]
    TooLong,
    /// It is not UTF-8.
    #[error("not text; unpack a compressed file first")]
    NotText,
    /// It comes after the closing line.
    #[error("the export ends before this line")]
    AfterEnd,
    /// It is not the JSON of a line; carries the message of the parser.
    #[error("not a line of an export: {0}")]
    Json(String),
    /// It breaks a rule for submissions or for the requests of moderators.
    #[error("{}", .0.message().trim_end_matches('.'))]
    Refused(Refusal),
    /// An address belongs to another site.
    #[error("an address of another site")]
    OtherSite,
    /// The field with this name has a value that no export contains.
    #[error("the value of {0:?} is invalid")]
    Field(&'static str),
    /// There is no setting with this name.
    #[error("there is no setting with this name")]
    UnknownSetting,
    /// An erased comment still has content.
    #[error("the comment is erased, but still has a text or an author")]
    NotErased,
    /// The parent is neither in the ledger nor before this line.
    #[error("the parent comment is missing; send the lines before this one first")]
    UnknownParent,
    /// The comment that a vote or a report is about is neither in the ledger nor before this line.
    #[error("the comment of this vote or report is missing; send the lines before this one first")]
    UnknownComment,
}

impl From<Refusal> for LineError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A line whose fields are all valid.
#[derive(Debug)]
pub(crate) enum ValidLine {
    Setting(SettingChange),
    Ban(ValidBan),
    Trusted { author: String },
    Audit(Box<ValidAudit>),
    Thread(ValidThread),
    Redirect { from: PostUrl, to: PostUrl },
    Comment(Box<ValidComment>),
    Vote { comment: SubmissionId, author: String, vote: i64 },
    Reaction { url: PostUrl, author: String, reaction: String },
    Report { comment: SubmissionId, report: StoredReport },
}

#[derive(Debug)]
pub(crate) struct ValidBan {
    pub(crate) uuid: SubmissionId,
    pub(crate) ban: Ban,
}

#[derive(Debug)]
pub(crate) struct ValidAudit {
    pub(crate) id: SubmissionId,
    pub(crate) at: i64,
    pub(crate) by: String,
    pub(crate) action: Action,
    pub(crate) target: String,
    pub(crate) change: CommentChange,
    pub(crate) undone: bool,
}

#[derive(Debug)]
pub(crate) struct ValidThread {
    pub(crate) url: PostUrl,
    pub(crate) title: String,
    pub(crate) title_locked: bool,
    pub(crate) version: i64,
    pub(crate) changes: i64,
    pub(crate) closed: bool,
}

#[derive(Debug)]
pub(crate) struct ValidComment {
    /// The line, with its texts cleaned as those of a submission, and its HTML rendered from them.
    pub(crate) line: CommentLine,
    /// True if the renderer refuses the text.
    pub(crate) refused: bool,
    pub(crate) uuid: SubmissionId,
    pub(crate) url: PostUrl,
    pub(crate) parent: Option<SubmissionId>,
}

/// Validator for the lines of one import.
pub(crate) struct Validator<'a> {
    pub(crate) sites: &'a Sites,
    pub(crate) site: &'a Origin,
    pub(crate) renderer: Renderer<'a>,
}

impl Validator<'_> {
    pub(crate) fn validate(&self, line: &str) -> Result<ValidLine, LineError> {
        if line.len() > MAX_LINE_BYTES {
            return Err(LineError::TooLong);
        }
        match serde_json::from_str(line).map_err(|error| LineError::Json(shorten(&error.to_string())))? {
            Line::Setting(line) => validate_setting(&line),
            Line::Ban(line) => validate_ban(line),
            Line::Trusted(line) => validate_trusted(line),
            Line::Audit(line) => validate_audit(line),
            Line::Thread(line) => self.validate_thread(line),
            Line::Redirect(RedirectLine { from, to }) => {
                Ok(ValidLine::Redirect { from: self.resolve_url(&from)?, to: self.resolve_url(&to)? })
            }
            Line::Comment(line) => self.validate_comment(*line),
            Line::Vote(line) => validate_vote(line),
            Line::Reaction(line) => self.validate_reaction(line),
            Line::Report(line) => validate_report(line),
        }
    }

    fn validate_thread(&self, line: ThreadLine) -> Result<ValidLine, LineError> {
        let ThreadLine { url, title, title_locked, version, changes, closed } = line;
        // The rule for titles is that of a submission with this title.
        let submission = NewComment { url, title: Some(title), text: "-".to_owned(), ..placeholder() };
        let Submission { post, title, .. } = submission.validate(self.sites)?;
        check_range("version", version, 0, MAX_NUMBER)?;
        check_range("changes", changes, 0, version)?;
        let version = if version > MAX_IMPORTED_NUMBER { changes } else { version };
        Ok(ValidLine::Thread(ValidThread {
            url: self.require_site(post)?,
            title_locked: title_locked && !title.is_empty(),
            title,
            version,
            changes,
            closed,
        }))
    }

    fn validate_comment(&self, line: CommentLine) -> Result<ValidLine, LineError> {
        check_comment_fields(&line)?;
        let uuid = SubmissionId::parse(&line.uuid).ok_or(Refusal::BadId)?;
        let parent = line.parent.as_deref().map(|parent| SubmissionId::parse(parent).ok_or(LineError::Field("parent")));
        // A comment that moderators can restore has its content.
        let is_wiped = line.erased.is_some() && (!line.removed || line.source.is_empty());
        let (url, line, refused) = if is_wiped { self.validate_erased(line)? } else { self.validate_content(line)? };
        Ok(ValidLine::Comment(Box::new(ValidComment { line, refused, uuid, url, parent: parent.transpose()? })))
    }

    /// Validates and cleans the content of a comment that is not erased, by the rules of a submission.
    fn validate_content(&self, line: CommentLine) -> Result<(PostUrl, CommentLine, bool), LineError> {
        let CommentLine { thread, name, email, website, title, source, .. } = line;
        let has_title = title.is_some();
        // Earlier versions took a `*` in e-mail addresses, and their exports are still read.
        let (exported, email) = (email.clone(), email.map(|email| email.replace('*', "x")));
        let checked = email.clone();
        let submission =
            NewComment { url: thread.clone(), name: Some(name), email, website, title, text: source, ..placeholder() };
        let Submission { post, name, email, website, title, text, .. } = submission.validate(self.sites)?;
        let email = if email == checked { exported } else { email };
        let (html, refused): (SafeHtml, bool) = self.renderer.render_stored(&text);
        let line = CommentLine {
            thread,
            name,
            email,
            website: website.as_ref().map(Website::as_str).map(str::to_owned),
            title: has_title.then_some(title),
            source: text,
            html: html.as_str().to_owned(),
            renderer: self.renderer.version,
            ..line
        };
        Ok((self.require_site(post)?, line, refused))
    }

    fn validate_reaction(&self, line: ReactionLine) -> Result<ValidLine, LineError> {
        let ReactionLine { thread, author, reaction } = line;
        check_printable("author", &author, MAX_HASH_BYTES)?;
        if !is_reaction(&reaction) {
            return Err(LineError::Field("reaction"));
        }
        Ok(ValidLine::Reaction { url: self.resolve_url(&thread)?, author, reaction })
    }

    fn validate_erased(&self, line: CommentLine) -> Result<(PostUrl, CommentLine, bool), LineError> {
        let texts = [&line.name, &line.source, &line.html].into_iter().chain(&line.title);
        let is_empty = texts.into_iter().all(|text| text.is_empty()) && line.signals.is_empty();
        let is_erased = is_empty && line.email.is_none() && line.website.is_none();
        if is_erased { Ok((self.resolve_url(&line.thread)?, line, false)) } else { Err(LineError::NotErased) }
    }

    fn resolve_url(&self, text: &str) -> Result<PostUrl, LineError> {
        self.require_site(self.sites.resolve_post(text)?)
    }

    fn require_site(&self, post: PostRef) -> Result<PostUrl, LineError> {
        if post.site == *self.site { Ok(post.url) } else { Err(LineError::OtherSite) }
    }
}

fn validate_setting(line: &SettingLine) -> Result<ValidLine, LineError> {
    if !SettingChange::is_known_name(&line.name) {
        return Err(LineError::UnknownSetting);
    }
    SettingChange::parse(&line.name, &line.value).map(ValidLine::Setting).ok_or(LineError::Field("value"))
}

fn validate_ban(line: BanLine) -> Result<ValidLine, LineError> {
    let BanLine { id, kind, pattern, literal, until, at, by, reason } = line;
    let uuid = SubmissionId::parse(&id).ok_or(Refusal::BadId)?;
    if kind == BanKind::Network {
        return Err(LineError::Field("kind"));
    }
    if !is_valid_pattern(&pattern) {
        return Err(LineError::Field("pattern"));
    }
    check_until(until).map_err(|_| LineError::Field("until"))?;
    check_range("at", at, 0, limits::LAST_SECOND)?;
    if !is_moderator_name(&by) {
        return Err(LineError::Field("by"));
    }
    if reason.chars().count() > limits::REASON_CHARS || clean_line(&reason) != reason {
        return Err(LineError::Field("reason"));
    }
    Ok(ValidLine::Ban(ValidBan {
        uuid,
        ban: Ban { id: uuid.to_string(), kind, pattern, literal, until, at, by, reason },
    }))
}

fn validate_audit(line: AuditLine) -> Result<ValidLine, LineError> {
    let AuditLine { id, at, by, action, target, batch, reason, before, after, undone } = line;
    let id = SubmissionId::parse(&id).ok_or(Refusal::BadId)?;
    check_range("at", at, 0, limits::LAST_SECOND)?;
    if !is_moderator_name(&by) {
        return Err(LineError::Field("by"));
    }
    if target.len() > MAX_TARGET_BYTES || !has_visible_text(&target) || clean_line(&target) != target {
        return Err(LineError::Field("target"));
    }
    let batch = batch.map(|batch| SubmissionId::parse(&batch).ok_or(LineError::Field("batch"))).transpose()?;
    let change = CommentChange {
        batch,
        comment: None,
        reason,
        before: before.filter(|_| action != Action::Ban).map(without_numbers),
        after: after.map(without_numbers),
        ..CommentChange::default()
    };
    let target = imported_target(action, target);
    Ok(ValidLine::Audit(Box::new(ValidAudit { id, at, by, action, target, change, undone })))
}

fn validate_trusted(line: TrustedLine) -> Result<ValidLine, LineError> {
    check_printable("author", &line.author, MAX_HASH_BYTES)?;
    Ok(ValidLine::Trusted { author: line.author })
}

fn validate_vote(line: VoteLine) -> Result<ValidLine, LineError> {
    let comment = SubmissionId::parse(&line.comment).ok_or(LineError::Field("comment"))?;
    check_printable("author", &line.author, MAX_HASH_BYTES)?;
    if !matches!(line.vote, -1 | 1) {
        return Err(LineError::Field("vote"));
    }
    Ok(ValidLine::Vote { comment, author: line.author, vote: line.vote })
}

fn validate_report(line: ReportLine) -> Result<ValidLine, LineError> {
    let ReportLine { id, comment, author, reason, text, at, closed } = line;
    let uuid = SubmissionId::parse(&id).ok_or(Refusal::BadId)?.to_string();
    let comment = SubmissionId::parse(&comment).ok_or(LineError::Field("comment"))?;
    if let Some(author) = &author {
        check_printable("author", author, MAX_HASH_BYTES)?;
    }
    let is_valid = |text: &String| {
        has_visible_text(text) && clean_text(text) == *text && text.chars().count() <= limits::REPORT_CHARS
    };
    if !text.as_ref().is_none_or(is_valid) {
        return Err(LineError::Field("text"));
    }
    check_range("at", at, 0, limits::LAST_SECOND)?;
    Ok(ValidLine::Report { comment, report: StoredReport { uuid, author, reason, text, at, revision: 1, closed } })
}

/// Checks the fields that a submission does not have.
fn check_comment_fields(line: &CommentLine) -> Result<(), LineError> {
    check_range("id", line.id, 0, MAX_NUMBER)?;
    check_range("version", line.version.unwrap_or(1), 1, MAX_NUMBER)?;
    if line.status == Status::Published && !line.placed {
        return Err(LineError::Field("placed"));
    }
    if line.spam && line.status == Status::Published {
        return Err(LineError::Field("spam"));
    }
    if line.removed && line.erased.is_none() {
        return Err(LineError::Field("removed"));
    }
    check_range("dated", line.dated.unwrap_or(0), 0, limits::LAST_SECOND)?;
    // Erased comments have none.
    if !line.fingerprint.is_empty() {
        check_printable("fingerprint", &line.fingerprint, MAX_HASH_BYTES)?;
    }
    if let Some(author) = &line.author {
        check_printable("author", author, MAX_HASH_BYTES)?;
    }
    if line.signals.len() > MAX_SIGNALS + 1 || !line.signals.iter().all(|signal| is_valid_signal(signal)) {
        return Err(LineError::Field("signals"));
    }
    if line.mark.as_ref().is_some_and(|mark| !is_valid_mark(mark)) {
        return Err(LineError::Field("mark"));
    }
    check_range("renderer", line.renderer, 0, MAX_NUMBER)?;
    check_range("votes", line.votes, -MAX_VOTES, MAX_VOTES)?;
    check_range("created", line.created, 0, limits::LAST_SECOND)?;
    check_range("edited", line.edited.unwrap_or(0), 0, limits::LAST_SECOND)?;
    check_range("erased", line.erased.unwrap_or(0), 0, limits::LAST_SECOND)
}

fn check_range(name: &'static str, number: i64, min: i64, max: i64) -> Result<(), LineError> {
    if (min..=max).contains(&number) { Ok(()) } else { Err(LineError::Field(name)) }
}

fn check_printable(name: &'static str, text: &str, max_bytes: usize) -> Result<(), LineError> {
    let is_valid = (1..=max_bytes).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_valid { Ok(()) } else { Err(LineError::Field(name)) }
}

fn is_valid_mark(text: &str) -> bool {
    (1..=MAX_MARK_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A submission whose remaining fields are valid once the fields to check are set.
fn placeholder() -> NewComment {
    NewComment { id: "00000000-0000-0000-0000-000000000000".to_owned(), ..NewComment::default() }
}

/// Shortens a message of the parser. The parser repeats unknown names of any length, with any characters, and counts lines although its
/// input is one line. Control characters are escaped, because a terminal would act on them.
fn shorten(text: &str) -> String {
    let printable = |it: char| {
        if it == ' ' || is_visible(it) && !it.is_control() { it.to_string() } else { it.escape_unicode().to_string() }
    };
    text.replace(" at line 1 column ", " at character ").chars().take(200).map(printable).collect()
}
