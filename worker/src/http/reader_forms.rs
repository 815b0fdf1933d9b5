//! Calls to the object that the pages without JavaScript make for a reader.

use afterword_guard::AuthorKey;
use afterword_model::body::ReportBody;
use afterword_model::{
    CommentId, CommentSource, DeletedComment, NewComment, PostRef, PostedComment, ReportReply, SubmissionId,
};
use serde::de::DeserializeOwned;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::request::ApiRequest;
use crate::http::spam_check::{SubmissionContext, client_network};
use crate::http::submit_comment::verify;
use crate::ledger_client;
use crate::platform::random;
use crate::reader_rpc::{ReaderCall, ReaderRequest};

/// A comment below a post, and the key of the reader. A report needs none.
pub(crate) struct CommentForm<'a> {
    pub(crate) post: &'a PostRef,
    pub(crate) id: CommentId,
    pub(crate) author: Option<&'a AuthorKey>,
}

impl CommentForm<'_> {
    /// The text of the comment, for its author.
    pub(crate) async fn source(&self, app: &AppContext, request: &ApiRequest) -> Result<CommentSource, ApiError> {
        self.send(app, request, ReaderRequest::Source { comment: self.id }).await
    }

    /// Replaces the text. `edit_id` is the UUID of the edit.
    pub(crate) async fn edit(
        &self,
        app: &AppContext,
        request: &ApiRequest,
        edit_id: &str,
        text: &str,
    ) -> Result<PostedComment, ApiError> {
        let (id, url) = (edit_id.to_owned(), self.post.requested_url.clone());
        let new = NewComment { id, url, text: text.to_owned(), ..NewComment::default() };
        let submission = new.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&new, refusal))?;
        let edit = verify(app, submission, self.author.cloned(), &SubmissionContext::from_edit(request))?;
        self.send(app, request, ReaderRequest::Edit { comment: self.id, edit: Box::new(edit) }).await
    }

    /// Deletes the comment.
    pub(crate) async fn delete(&self, app: &AppContext, request: &ApiRequest) -> Result<DeletedComment, ApiError> {
        self.send(app, request, ReaderRequest::Delete { comment: self.id }).await
    }

    /// Restores the comment.
    pub(crate) async fn restore(&self, app: &AppContext, request: &ApiRequest) -> Result<PostedComment, ApiError> {
        self.send(app, request, ReaderRequest::Restore { comment: self.id }).await
    }

    /// Reports the comment to the moderators.
    pub(crate) async fn report(
        &self,
        app: &AppContext,
        request: &ApiRequest,
        report: &ReportBody,
    ) -> Result<ReportReply, ApiError> {
        let (id, text): (SubmissionId, _) = (random::submission_id()?, report.clean_text()?);
        self.send(app, request, ReaderRequest::Report { comment: self.id, id, reason: report.reason, text }).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        app: &AppContext,
        request: &ApiRequest,
        reader_request: ReaderRequest,
    ) -> Result<T, ApiError> {
        let author = self.author.map(|key| key.author_id(&self.post.site, &app.settings.signing_key).hash);
        let call = ReaderCall {
            url: self.post.url.clone(),
            author: author.unwrap_or_default(),
            network: client_network(app.settings, request, &self.post.site),
            request: reader_request,
        };
        ledger_client::reader_reply(app, &self.post.site, &call).await
    }
}
