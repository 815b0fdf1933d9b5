//! The Worker's error type and its JSON response.

use afterword_ledger::LedgerError;
use afterword_model::{ErrorBody, NewComment, Refusal};
use afterword_view::Messages;
use worker::{Response, console_error};

use crate::platform::log_context::{LogContext, json_cause};
use crate::response::{json, with_retry_after};

/// Header of the ledger's refusal of a proof: the difficulty that it requires, in bits.
pub(crate) const DIFFICULTY_HEADER: &str = "afterword-difficulty";

/// Reason why a call failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The request was refused.
    Refused(Refusal),
    /// A field is too long by this number of characters.
    TooLong { refusal: Refusal, excess: u32 },
    /// The request exceeds a rate limit: [`Refusal::TooMany`] or [`Refusal::TooManySecrets`].
    RateLimited { refusal: Refusal, retry_after: u32 },
    /// The proof of work is too easy; it must have this difficulty, in bits, as in `afterword_guard::ChallengeParams`.
    ProofTooEasy(u8),
    /// The platform or the database failed.
    Internal(worker::Error),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<worker::Error> for ApiError {
    fn from(error: worker::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(json_cause(&error).into())
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => Self::Refused(refusal),
            LedgerError::TooMany { seconds } => Self::too_many(seconds),
            LedgerError::DifficultyTooLow { required } => Self::ProofTooEasy(required),
            error => Self::Internal(error.to_string().into()),
        }
    }
}

impl ApiError {
    /// More comments than the rate limits allow; the next one is accepted after so many seconds.
    pub(crate) fn too_many(retry_after: u32) -> Self {
        Self::RateLimited { refusal: Refusal::TooMany, retry_after }
    }

    /// The refusal of a comment by [`NewComment::validate`].
    pub(crate) fn invalid(comment: &NewComment, refusal: Refusal) -> Self {
        comment.excess(refusal).map_or(Self::Refused(refusal), |excess| Self::TooLong { refusal, excess })
    }

    /// Number of characters by which the refused field is too long.
    pub(crate) fn excess(&self) -> Option<u32> {
        match self {
            Self::TooLong { excess, .. } => Some(*excess),
            Self::Refused(_) | Self::RateLimited { .. } | Self::ProofTooEasy(_) | Self::Internal(_) => None,
        }
    }

    /// Seconds after which a rate limit allows the same request.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::Refused(_) | Self::TooLong { .. } | Self::ProofTooEasy(_) | Self::Internal(_) => None,
        }
    }

    /// The refusal that the client sees. Logs an internal error; no other place does.
    pub(crate) fn into_refusal(self, log: &LogContext) -> Refusal {
        match self {
            Self::Refused(refusal) | Self::TooLong { refusal, .. } | Self::RateLimited { refusal, .. } => refusal,
            Self::ProofTooEasy(_) => Refusal::ProofTooEasy,
            Self::Internal(error) => {
                console_error!("request failed {log} cause={error}");
                Refusal::Internal
            }
        }
    }

    /// The JSON response for this error, and the refusal in it. Its text is that of the messages, if they have one for the refusal.
    pub(crate) fn into_response(
        self,
        log: &LogContext,
        messages: Option<&Messages>,
    ) -> worker::Result<(Response, Refusal)> {
        let (retry_after, excess) = (self.retry_after(), self.excess());
        let difficulty = match &self {
            Self::ProofTooEasy(required) => Some(required.to_string()),
            Self::Refused(_) | Self::TooLong { .. } | Self::RateLimited { .. } | Self::Internal(_) => None,
        };
        let refusal = self.into_refusal(log);
        let mut body = ErrorBody::from(refusal);
        body.error.excess = excess;
        if let Some(text) = messages.and_then(|messages| messages.find_error_text(refusal.code())) {
            text.clone_into(&mut body.error.message);
        }
        let mut response = with_retry_after(error_response(refusal, &body)?, retry_after)?;
        if let Some(difficulty) = difficulty {
            response.headers_mut().set(DIFFICULTY_HEADER, &difficulty)?;
        }
        Ok((response, refusal))
    }
}

/// The JSON response for a refusal.
pub(crate) fn refusal_response(refusal: Refusal) -> worker::Result<Response> {
    error_response(refusal, &ErrorBody::from(refusal))
}

fn error_response(refusal: Refusal, body: &ErrorBody) -> worker::Result<Response> {
    let mut response = json(refusal.status(), body)?;
    if refusal == Refusal::Unauthorized {
        // RFC 9110, section 11.6.1, requires it for every 401.
        response.headers_mut().set("www-authenticate", "Bearer")?;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_errors_keep_their_position_and_repeat_no_value() {
        let error = serde_json::from_str::<u32>("\"canary-7f3\"").unwrap_err();
        let ApiError::Internal(cause) = ApiError::from(error) else { panic!("an internal error") };
        let cause = cause.to_string();
        assert!(cause.contains("invalid JSON (Data) at line 1 column 12"), "{cause}");
        assert!(!cause.contains("canary"), "{cause}");
    }
}
