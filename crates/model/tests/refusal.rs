//! Properties of all refusals.

use std::collections::BTreeSet;

use afterword_model::{ErrorBody, Refusal};

/// The statuses of the HTTP contract, and those of a server that is not configured, broken or busy.
const STATUSES: [u16; 12] = [400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 503];

#[test]
fn codes_and_messages_are_unique() {
    let codes: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    let messages: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.message()).collect();
    assert_eq!((codes.len(), messages.len()), (Refusal::ALL.len(), Refusal::ALL.len()));
}

#[test]
fn statuses_codes_and_messages_are_well_formed() {
    for refusal in Refusal::ALL {
        let (code, message) = (refusal.code(), refusal.message());
        assert!(STATUSES.contains(&refusal.status()), "{code}: {}", refusal.status());
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        assert!(message.ends_with('.') && message.starts_with(|first: char| first.is_uppercase()), "{message}");
    }
}

#[test]
fn codes_round_trip() {
    for refusal in Refusal::ALL {
        assert_eq!(refusal.code().parse(), Ok(*refusal));
    }
    for code in ["", "BAD_JSON", "bad_json ", "teapot"] {
        assert!(code.parse::<Refusal>().is_err(), "{code}");
    }
}

#[test]
fn only_client_errors_name_a_field() {
    for refusal in Refusal::ALL.iter().filter(|refusal| refusal.field().is_some()) {
        assert!(refusal.status() < 500, "{refusal:?}");
    }
}

#[test]
fn error_bodies_match_their_refusals() {
    for &refusal in Refusal::ALL {
        let body = ErrorBody::from(refusal).error;
        assert_eq!((body.code.as_str(), body.message.as_str()), (refusal.code(), refusal.message()));
        assert_eq!(body.field, refusal.field());
    }
}
