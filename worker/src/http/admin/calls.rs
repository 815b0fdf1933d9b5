//! Calls of the moderators' pages to the object of a site. The JSON calls make the same requests.

use afterword_ledger::SettingChange;
use afterword_model::moderation::{
    ActionBatch, AuditFilter, AuditPage, AuthorHistory, BanKind, BanSummary, BatchResult, CloseOldThreads,
    ClosedThreads, CommentPage, ItemResult, MatchingBatch, MatchingCount, MatchingProgress, ModeratedEdit,
    ModerationState, MoveComment, NewBan, NewReply, OnBehalf, Overview, QueueFilter, QueueList, QueuePage,
    QueuedComment, SettingField, SweepRequest, ThreadFilter, ThreadListPage, UndoRequest, UndoResult, WrittenComment,
};
use afterword_model::{CommentId, Origin, PostUrl, Refusal, SubmissionId, clean_title};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::admin_rpc::{AdminRequest, Attributed};
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::{api_requests, setting_fields};
use crate::ledger_client;

type Reply<T> = Result<T, ApiError>;

/// Number of steps in one request. Each is a request to an object, of which the platform allows fifty, and acts on up to 50 comments.
pub(crate) const STEPS: usize = 10;
/// A number above that of every entry of an audit log: the place at which an undo begins. JavaScript can represent it.
const NEWEST_ENTRY: i64 = 1 << 52;

/// The comments of an author.
pub(crate) struct AuthorPage {
    pub(crate) history: AuthorHistory,
    /// The newest comments of each state, newest first.
    pub(crate) comments: Vec<QueuedComment>,
}

async fn call<T: DeserializeOwned>(app: &AppContext, site: &Origin, request: &AdminRequest) -> Reply<T> {
    ledger_client::admin_reply(app, site, request).await
}

/// The numbers of a site.
pub(crate) async fn overview(app: &AppContext, site: &Origin) -> Reply<Overview> {
    call(app, site, &AdminRequest::ReadOverview).await
}

/// A page of the queue.
pub(crate) async fn queue(
    app: &AppContext,
    site: &Origin,
    filter: &QueueFilter,
    after: Option<CommentId>,
    limit: u32,
) -> Reply<QueuePage> {
    call(app, site, &AdminRequest::ReadQueue { filter: filter.clone(), after, limit }).await
}

/// The number of comments that match.
pub(crate) async fn count_matching(app: &AppContext, site: &Origin, filter: &QueueFilter) -> Reply<MatchingCount> {
    call(app, site, &AdminRequest::CountMatching { filter: filter.clone() }).await
}

/// A comment with its surroundings.
pub(crate) async fn comment(app: &AppContext, site: &Origin, comment: CommentId) -> Reply<CommentPage> {
    call(app, site, &AdminRequest::ReadComment { comment }).await
}

/// The comments of an author, by the mark: the newest of each state.
pub(crate) async fn author(app: &AppContext, site: &Origin, mark: &str, limit: u32) -> Reply<AuthorPage> {
    let mut comments: Vec<QueuedComment> = Vec::new();
    for list in [QueueList::Pending, QueueList::Published, QueueList::Spam, QueueList::Deleted] {
        let filter = QueueFilter { author: Some(mark.to_owned()), ..QueueFilter::of_list(list) };
        comments.extend(queue(app, site, &filter, None, limit).await?.comments);
    }
    comments.sort_by_key(|comment| std::cmp::Reverse(comment.id));
    Ok(AuthorPage { history: whole_history(&comments), comments })
}

/// The history of an author, which in each comment has all others.
fn whole_history(comments: &[QueuedComment]) -> AuthorHistory {
    let Some(comment) = comments.first() else { return AuthorHistory::default() };
    let mut history = comment.author.history.unwrap_or_default();
    let own = match comment.state {
        ModerationState::Published => &mut history.published,
        ModerationState::Pending => &mut history.pending,
        ModerationState::Spam => &mut history.spam,
        ModerationState::Deleted | ModerationState::Erased => &mut history.deleted,
    };
    *own = own.saturating_add(1);
    history
}

/// Carries out a batch.
pub(crate) async fn act(app: &AppContext, site: &Origin, batch: ActionBatch, by: &str) -> Reply<BatchResult> {
    call(app, site, &AdminRequest::RunBatch { batch, by: by.to_owned() }).await
}

/// Carries out a step of a batch on all comments that match.
pub(crate) async fn act_on_matching(
    app: &AppContext,
    site: &Origin,
    batch: MatchingBatch,
    by: &str,
) -> Reply<MatchingProgress> {
    call(app, site, &AdminRequest::RunMatchingBatch { batch, by: by.to_owned() }).await
}

/// A part of an undo: the outcomes of its steps, and the place at which it continues.
pub(crate) struct UndonePart {
    pub(crate) results: Vec<ItemResult>,
    /// `None` if the batch is undone.
    pub(crate) next: Option<i64>,
}

/// Undoes a batch in at most `steps` steps, which are counted down, from the place at which the part before has ended.
pub(crate) async fn undo(
    app: &AppContext,
    site: &Origin,
    mut request: UndoRequest,
    by: &str,
    steps: &mut usize,
) -> Reply<UndonePart> {
    let mut results = Vec::new();
    while *steps > 0 {
        *steps -= 1;
        let step: UndoResult = call(app, site, &AdminRequest::Undo { request, by: by.to_owned() }).await?;
        results.extend(step.results);
        if step.next.is_none() {
            return Ok(UndonePart { results, next: None });
        }
        request.after = step.next;
    }
    Ok(UndonePart { results, next: Some(request.after.unwrap_or(NEWEST_ENTRY)) })
}

/// Replaces the text of a comment.
pub(crate) async fn edit(
    app: &AppContext,
    site: &Origin,
    comment: CommentId,
    edit: ModeratedEdit,
    by: &str,
) -> Reply<ItemResult> {
    call(app, site, &api_requests::edit(app, site, comment, edit, by)?).await
}

/// Replies as the owner.
pub(crate) async fn reply(
    app: &AppContext,
    site: &Origin,
    parent: CommentId,
    reply: NewReply,
    by: &str,
) -> Reply<WrittenComment> {
    call(app, site, &api_requests::reply(app, site, parent, reply, by)?).await
}

/// Moves a comment to another post.
pub(crate) async fn move_comment(
    app: &AppContext,
    site: &Origin,
    comment: CommentId,
    target: MoveComment,
    by: &str,
) -> Reply<ItemResult> {
    call(app, site, &api_requests::move_comment(comment, target, by)).await
}

/// Posts a comment for somebody.
pub(crate) async fn on_behalf(app: &AppContext, site: &Origin, comment: OnBehalf, by: &str) -> Reply<WrittenComment> {
    call(app, site, &api_requests::on_behalf(app, site, comment, by)?).await
}

/// A page of the list of threads.
pub(crate) async fn threads(
    app: &AppContext,
    site: &Origin,
    filter: &ThreadFilter,
    before: Option<i64>,
    limit: u32,
) -> Reply<ThreadListPage> {
    call(app, site, &AdminRequest::ListThreads { filter: filter.clone(), before, limit }).await
}

/// Closes a thread, or opens it again.
pub(crate) async fn set_closed(
    app: &AppContext,
    site: &Origin,
    url: PostUrl,
    closed: bool,
    attribution: Attributed,
) -> Reply<()> {
    let request = AdminRequest::SetClosed { url, closed, attribution };
    call::<IgnoredAny>(app, site, &request).await.map(drop)
}

/// Sets the title of a post; an empty one gives the choice back to the comments.
pub(crate) async fn set_title(
    app: &AppContext,
    site: &Origin,
    url: PostUrl,
    title: &str,
    attribution: Attributed,
) -> Reply<()> {
    let request = AdminRequest::SetTitle { url, title: clean_title(title), attribution };
    call::<IgnoredAny>(app, site, &request).await.map(drop)
}

/// Closes threads without a recent comment.
pub(crate) async fn close_old(
    app: &AppContext,
    site: &Origin,
    request: CloseOldThreads,
    by: &str,
) -> Reply<ClosedThreads> {
    call(app, site, &AdminRequest::CloseOldThreads { request, by: by.to_owned() }).await
}

/// The bans of a site.
pub(crate) async fn bans(app: &AppContext, site: &Origin) -> Reply<Vec<BanSummary>> {
    #[derive(Deserialize)]
    struct Bans {
        bans: Vec<BanSummary>,
    }
    call::<Bans>(app, site, &AdminRequest::ListBans).await.map(|list| list.bans)
}

/// Makes a ban, and begins to mark what it matches as spam if it says so. Returns the UUID of the ban with the progress.
pub(crate) async fn ban(
    app: &AppContext,
    site: &Origin,
    ban: NewBan,
    by: &str,
) -> Reply<Option<(SweepRequest, MatchingProgress)>> {
    #[derive(Deserialize)]
    struct Banned {
        #[serde(default)]
        ban: Option<SubmissionId>,
        #[serde(default)]
        swept: Option<MatchingProgress>,
    }
    let batch = ban.id;
    let Banned { ban, swept } = call(app, site, &api_requests::ban(ban, by)?).await?;
    let Some((ban, swept)) = ban.zip(swept) else { return Ok(None) };
    let request = SweepRequest { ban, batch, after: swept.next };
    let progress = if swept.next.is_some() { sweep(app, site, request, by).await? } else { swept };
    Ok(Some((SweepRequest { after: progress.next, ..request }, progress)))
}

/// Marks the next comments that a ban matches as spam, in as many steps as one request may take.
pub(crate) async fn sweep(
    app: &AppContext,
    site: &Origin,
    mut request: SweepRequest,
    by: &str,
) -> Reply<MatchingProgress> {
    let mut others = Vec::new();
    for step in 1.. {
        let mut progress: MatchingProgress =
            call(app, site, &AdminRequest::Sweep { request, by: by.to_owned() }).await?;
        others.append(&mut progress.others);
        if progress.next.is_none() || step == STEPS {
            return Ok(MatchingProgress { others, ..progress });
        }
        request.after = progress.next;
    }
    Err(Refusal::Internal.into())
}

/// The number of visible and waiting comments that a ban of the author of a comment would sweep.
pub(crate) async fn count_ban(app: &AppContext, site: &Origin, kind: BanKind, comment: &QueuedComment) -> Reply<u32> {
    let Some(key) = comment.author.key.as_ref().filter(|_| kind == BanKind::Author) else {
        return Err(Refusal::BadQuery.into());
    };
    let mut total = 0;
    for list in [QueueList::Pending, QueueList::Published] {
        let filter = QueueFilter { author: Some(key.clone()), ..QueueFilter::of_list(list) };
        total += count_matching(app, site, &filter).await?.count.count;
    }
    Ok(total)
}

/// Lifts a ban and leaves the comments as they are.
pub(crate) async fn lift_ban(app: &AppContext, site: &Origin, ban: SubmissionId, attribution: Attributed) -> Reply<()> {
    let request = AdminRequest::LiftBans { bans: vec![ban], attribution };
    call::<IgnoredAny>(app, site, &request).await.map(drop)
}

/// A page of the audit log, newest entries first.
pub(crate) async fn audit(
    app: &AppContext,
    site: &Origin,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u32,
) -> Reply<AuditPage> {
    call(app, site, &AdminRequest::ListAuditLog { filter: filter.clone(), before, limit }).await
}

/// The settings of a site, with their defaults.
pub(crate) async fn settings(app: &AppContext, site: &Origin) -> Reply<Vec<SettingField>> {
    Ok(setting_fields::all(app.settings, &call(app, site, &AdminRequest::GetSettings).await?))
}

/// Changes a setting of a site.
pub(crate) async fn update_setting(
    app: &AppContext,
    site: &Origin,
    change: SettingChange,
    attribution: Attributed,
) -> Reply<()> {
    call::<IgnoredAny>(app, site, &AdminRequest::UpdateSetting { change, attribution }).await.map(drop)
}
