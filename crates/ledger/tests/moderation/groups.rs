use afterword_ledger::VerifiedComment;
use afterword_model::moderation::{
    ActionReason, AuditFilter, BatchAction, MatchingBatch, QueueFilter, QueueList, SimilarGroup, Similarity,
    SimilarityKind,
};
use afterword_model::{CommentId, Moderation, Refusal, SafeHtml, SubmissionId};

use crate::common::{NOW, TestDatabase};
use crate::fixtures::{act, comment_by, list, network, new_id, submit, undo};

#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
fn linking(number: u32, host: &str) -> VerifiedComment {
    let html = SafeHtml::from_sanitizer(format!("<p><a href=\"https://{host}/{number}\">x</a></p>"));
    VerifiedComment { html, ..comment_by(&format!("spammer {number}"), number, "See my page") }
}

fn pending(similar: Similarity) -> QueueFilter {
    QueueFilter { similar: Some(similar), ..QueueFilter::of_list(QueueList::Pending) }
}

#[test]
fn waves_of_spam_are_groups_and_one_action_decides_about_all() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let all = Moderation::All;
    for number in 1..=3 {
        submit(&ledger, &linking(number, "spam.example"), all);
    }
    submit(&ledger, &linking(4, "spam.example.org"), all);
    for number in 5..=8 {
        let text = VerifiedComment {
            duplicate_key: Some("same".to_owned()),
            ..comment_by(&format!("s{number}"), number, "Pills")
        };
        submit(&ledger, &text, all);
    }
    for number in 9..=11 {
        let from =
            VerifiedComment { network: Some(network("farm")), ..comment_by(&format!("n{number}"), number, "Hi") };
        submit(&ledger, &from, all);
    }
    submit(&ledger, &comment_by("ada", 12, "A real comment"), all);
    let page = ledger.read_queue(&QueueFilter::of_list(QueueList::Pending), None, 50).unwrap();
    let groups: Vec<Option<SimilarGroup>> = page.comments.iter().map(|comment| comment.similar).collect();
    let group = |kind, count| Some(SimilarGroup { kind, count });
    let (link, text, net) =
        (group(SimilarityKind::Link, 3), group(SimilarityKind::Text, 4), group(SimilarityKind::Network, 3));
    assert_eq!(groups, [link, link, link, None, text, text, text, text, net, net, net, None]);

    let of = |kind, id| Similarity { kind, comment: CommentId::new(id) };
    assert_eq!(list(&ledger, &pending(of(SimilarityKind::Link, 2))), [1, 2, 3]);
    assert_eq!(list(&ledger, &pending(of(SimilarityKind::Network, 9))), [9, 10, 11]);
    assert_eq!(list(&ledger, &pending(of(SimilarityKind::Text, 12))), [12], "like no other");
    assert_eq!(list(&ledger, &pending(of(SimilarityKind::Text, 99))), [0; 0], "no such comment");
    let filter = pending(of(SimilarityKind::Text, 6));
    let (id, action, through) = (new_id(), BatchAction::Spam, CommentId::new(12));
    let batch = MatchingBatch { id, action, filter, through, count: 4, after: None, reason: None };
    assert_eq!(ledger.act_on_matching(&batch, "ada", NOW).unwrap().done, 4);
    assert_eq!(list(&ledger, &QueueFilter::of_list(QueueList::Spam)), [8, 7, 6, 5]);
    undo(&database, id);
    assert_eq!(list(&ledger, &QueueFilter::of_list(QueueList::Pending)).len(), 12);
}

#[test]
fn the_reason_of_a_deletion_is_given_after_it() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::All);
    let batch = act(&database, BatchAction::Delete, &[id]);
    let reason = || {
        let filter = AuditFilter { batch: Some(batch.to_string()), ..AuditFilter::default() };
        ledger.read_audit_log(&filter, None, 9).unwrap().audit[0].reason
    };
    let by = ledger.read_audit_log(&AuditFilter::default(), None, 1).unwrap().audit[0].by.clone();
    assert_eq!(reason(), None);
    ledger.set_reason(&batch, ActionReason::OffTopic, &by).unwrap();
    assert_eq!(reason(), Some(ActionReason::OffTopic));
    ledger.set_reason(&batch, ActionReason::Insult, &by).unwrap();
    assert_eq!(reason(), Some(ActionReason::Insult), "it can be corrected");
    let refused = |batch: SubmissionId, by: &str| ledger.set_reason(&batch, ActionReason::Other, by).err();
    assert_eq!(refused(batch, "somebody else"), Some(Refusal::NotFound.into()));
    assert_eq!(refused(new_id(), &by), Some(Refusal::NotFound.into()));
    let other = submit(&ledger, &comment_by("eve", 2, "Hello"), Moderation::All);
    assert_eq!(refused(act(&database, BatchAction::Approve, &[other]), &by), Some(Refusal::NotFound.into()));
    undo(&database, batch);
    assert_eq!(reason(), Some(ActionReason::Insult), "the log keeps what was done");
}

#[test]
fn open_forms_for_an_answer_are_known_for_two_minutes() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let names = |now| ledger.answering(now).into_iter().map(|form| (form.comment.get(), form.by)).collect::<Vec<_>>();
    ledger.set_answering(CommentId::new(7), "ben", true, NOW);
    ledger.set_answering(CommentId::new(7), "ada", true, NOW + 1);
    ledger.set_answering(CommentId::new(7), "ben", true, NOW + 60);
    assert_eq!(names(NOW + 61), [(7, "ada".to_owned()), (7, "ben".to_owned())]);
    assert_eq!(names(NOW + 121), [(7, "ben".to_owned())]);
    ledger.set_answering(CommentId::new(7), "ben", false, NOW + 122);
    assert_eq!(names(NOW + 122), []);
    for number in 0..200 {
        ledger.set_answering(CommentId::new(number), "ben", true, NOW + 200);
    }
    assert!(ledger.answering(NOW + 200).len() <= 50);
}
