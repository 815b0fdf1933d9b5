//! Executes requests of readers on the ledger.

use afterword_guard::INTERACTION_LIMITS;
use afterword_ledger::{CommentRef, InteractionSender, Ledger, LedgerError, NewReport, Sql, SubmissionPolicy};
use afterword_model::{InteractionLimit, ReportReply};

use crate::reader_rpc::{ReaderCall, ReaderRequest, ReaderResponse};

/// Executes a request in one synchronous turn. `now` is in Unix seconds.
pub(super) fn execute<S: Sql>(
    ledger: &Ledger<S>,
    call: &ReaderCall,
    policy: &SubmissionPolicy<'_>,
    now: i64,
) -> Result<ReaderResponse, LedgerError> {
    let ReaderCall { url, author, network, request } = call;
    let key = Some(author.as_str()).filter(|author| !author.is_empty());
    if let Some(kind) = request.kind() {
        let limits: &[InteractionLimit] = if policy.limits.is_empty() { &[] } else { &INTERACTION_LIMITS };
        ledger.count_interaction(kind, InteractionSender { author: key, network: Some(network) }, limits, now)?;
    }
    let named = |id| CommentRef { url, id };
    Ok(match request {
        ReaderRequest::Source { comment } => ReaderResponse::Source(ledger.source(named(*comment), author)?),
        ReaderRequest::Edit { comment, edit } => ReaderResponse::Comment(ledger.edit_own(*comment, edit, policy, now)?),
        ReaderRequest::Delete { comment } => {
            ReaderResponse::Deleted(ledger.delete_own(named(*comment), author, now)?)
        }
        ReaderRequest::Restore { comment } => {
            ReaderResponse::Comment(ledger.restore_own(named(*comment), author, now)?)
        }
        ReaderRequest::Vote { comment, vote } => {
            ReaderResponse::Vote(ledger.vote_below(named(*comment), author, *vote, now)?)
        }
        ReaderRequest::Report { comment, id, reason, text } => {
            let report = NewReport { id: *id, author: key, network, reason: *reason, text: text.as_deref() };
            ledger.report(named(*comment), &report, now)?;
            ReaderResponse::Report(ReportReply { reported: true })
        }
        ReaderRequest::React { reaction } => {
            ReaderResponse::Reaction(ledger.react(url, author, reaction.as_deref(), now)?)
        }
        ReaderRequest::Fates { comments } => ReaderResponse::Fates(ledger.fates(url, comments, author)?),
    })
}

#[cfg(test)]
mod tests {
    use afterword_ledger::{ClientNetwork, RusqliteSql, SettingChange, VerifiedComment};
    use afterword_model::{
        AuthorId, CommentId, Moderation, NetworkIds, PostUrl, Reactions, Refusal, ReportReason, SubmissionId, Vote,
    };
    use rusqlite::Connection;
    use serde_json::{Value, json};

    use super::*;
    use crate::reader_rpc::Aftermath;

    const NOW: i64 = 1_321_000_000;
    const COMMENT: CommentId = CommentId::new(1);

    fn url() -> PostUrl {
        PostUrl::parse("https://blog.example/post").unwrap()
    }

    fn comment(number: u32, text: &str) -> VerifiedComment {
        VerifiedComment {
            author: Some(AuthorId { hash: "ada".to_owned(), mark: "k3f9x2".to_owned() }),
            source: text.to_owned(),
            html: afterword_markup::render(text).unwrap().html,
            ..VerifiedComment::anonymous(number, url())
        }
    }

    fn call(author: &str, request: ReaderRequest) -> ReaderCall {
        let ids = || NetworkIds { network: "network".to_owned(), block: None };
        let network = ClientNetwork { today: ids(), yesterday: ids() };
        ReaderCall { url: url(), author: author.to_owned(), network, request }
    }

    fn ledger() -> Ledger<RusqliteSql> {
        let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap();
        let attribution = afterword_ledger::Attribution { id: SubmissionId::from_digest([9; 16]), by: "grace" };
        ledger.update_setting(&SettingChange::Reactions(Reactions::parse("👍 🎉")), &attribution, NOW).unwrap();
        ledger.submit(&comment(1, "Text"), Moderation::Open, NOW).unwrap();
        ledger
    }

    fn run(ledger: &Ledger<RusqliteSql>, call: &ReaderCall) -> Result<Value, LedgerError> {
        // Over the wire, as in the Worker.
        let sent: ReaderCall = serde_json::from_str(&serde_json::to_string(call).unwrap()).unwrap();
        let reply = execute(ledger, &sent, &Moderation::Open.into(), NOW)?;
        Ok(serde_json::to_value(reply).unwrap())
    }

    #[test]
    fn every_request_has_the_documented_reply() {
        let ledger = ledger();
        let edit = Box::new(comment(2, "Better"));
        let (id, reason) = (SubmissionId::from_digest([7; 16]), ReportReason::OffTopic);
        let posted = |text: &str, version: i64| {
            json!({
                "comment": {
                    "id": 1, "parent": null, "author": {"name": "", "website": null, "owner": false, "mark": "k3f9x2"},
                    "html": format!("<p>{text}</p>"), "created": NOW, "edited": null, "votes": 1, "pinned": false,
                    "deleted": false, "since": 1,
                },
                "status": "published", "version": version,
            })
        };
        for (author, request, expected) in [
            ("ada", ReaderRequest::Source { comment: COMMENT }, json!({"text": "Text", "edit_until": NOW + 900})),
            ("bob", ReaderRequest::Vote { comment: COMMENT, vote: Vote::For }, json!({"votes": 1, "vote": 1})),
            ("ada", ReaderRequest::Edit { comment: COMMENT, edit }, posted("Better", 3)),
            (
                "ada",
                ReaderRequest::Delete { comment: COMMENT },
                json!({"status": "deleted", "restore_until": NOW + 600, "version": 4}),
            ),
            (
                "ada",
                ReaderRequest::Fates { comments: vec![COMMENT, CommentId::new(2)] },
                json!({"comments": [{"id": 1, "status": "deleted"}]}),
            ),
            ("ada", ReaderRequest::Restore { comment: COMMENT }, posted("Better", 5)),
            (
                "",
                ReaderRequest::Report { comment: COMMENT, id, reason, text: Some("Why?".to_owned()) },
                json!({"reported": true}),
            ),
            (
                "bob",
                ReaderRequest::React { reaction: Some("🎉".to_owned()) },
                json!({"reactions": [["👍", 0], ["🎉", 1]], "reaction": "🎉"}),
            ),
        ] {
            let call = call(author, request);
            assert_eq!(run(&ledger, &call), Ok(expected), "{call:?}");
        }
    }

    #[test]
    fn nobody_but_the_author_passes() {
        let ledger = ledger();
        let edit = Box::new(VerifiedComment {
            author: Some(AuthorId { hash: "bob".to_owned(), mark: String::new() }),
            ..comment(2, "Mine")
        });
        for request in [
            ReaderRequest::Source { comment: COMMENT },
            ReaderRequest::Edit { comment: COMMENT, edit },
            ReaderRequest::Delete { comment: COMMENT },
            ReaderRequest::Restore { comment: COMMENT },
        ] {
            let call = call("bob", request);
            assert_eq!(run(&ledger, &call), Err(Refusal::NotYourComment.into()), "{call:?}");
        }
    }

    #[test]
    fn only_changes_are_published_and_only_what_expires_is_pruned() {
        let (id, edit) = (SubmissionId::from_digest([7; 16]), Box::new(comment(2, "Better")));
        for (request, expected) in [
            (ReaderRequest::Source { comment: COMMENT }, Aftermath::None),
            (ReaderRequest::Fates { comments: Vec::new() }, Aftermath::None),
            (ReaderRequest::Edit { comment: COMMENT, edit }, Aftermath::Change),
            (ReaderRequest::Restore { comment: COMMENT }, Aftermath::Change),
            (ReaderRequest::Delete { comment: COMMENT }, Aftermath::ExpiringChange),
            (ReaderRequest::Vote { comment: COMMENT, vote: Vote::For }, Aftermath::DeferredChange),
            (ReaderRequest::React { reaction: None }, Aftermath::DeferredChange),
            (
                ReaderRequest::Report { comment: COMMENT, id, reason: ReportReason::Spam, text: None },
                Aftermath::Expiring,
            ),
        ] {
            assert_eq!(request.aftermath(), expected, "{request:?}");
            assert_eq!(request.kind().is_none(), expected == Aftermath::None, "{request:?}");
        }
    }

    #[test]
    fn votes_are_limited_as_guard_says() {
        let ledger = ledger();
        let policy = super::super::policy::submission_policy_with_limits();
        let vote = |number: u32| {
            let call = call(&format!("voter {number}"), ReaderRequest::Vote { comment: COMMENT, vote: Vote::For });
            execute(&ledger, &call, &policy, NOW).err()
        };
        let refused: Vec<_> = (0..100).filter_map(vote).collect();
        assert_eq!(refused.len(), 40, "sixty a minute from one network");
        assert!(refused.iter().all(|error| *error == LedgerError::TooMany { seconds: 60 }), "{refused:?}");
    }
}
