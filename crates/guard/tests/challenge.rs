//! Attacks on the proof of work: reuse, other scopes, expiry, changed fields, other encodings.

#![expect(clippy::unwrap_used, reason = "a test reports by failing, in its helpers too")]

mod invariants;

use afterword_guard::{
    CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, SigningKey, VerifiedProof,
};
use afterword_model::proof_of_work::{BITS_OFFSET, CHALLENGE_BYTES, COUNT_OFFSET};
use afterword_model::{Origin, PostUrl, decode_hex, encode_hex};
use invariants::{DEPLOYMENT, DIGITS, NOW, check, check_edited, params, solve};
use proptest::prelude::*;

/// The challenge and the solutions of the valid proof.
fn valid_proof() -> (&'static str, Vec<&'static str>) {
    let (challenge, solutions) = DEPLOYMENT.proof.split_at(DIGITS);
    (challenge, (0..solutions.len() / 8).map(|at| &solutions[8 * at..8 * at + 8]).collect())
}

/// The valid proof with changed bytes in its challenge, solved again.
fn modified_proof(change: impl FnOnce(&mut [u8; CHALLENGE_BYTES])) -> String {
    let mut bytes = [0; CHALLENGE_BYTES];
    decode_hex(valid_proof().0, &mut bytes).unwrap();
    change(&mut bytes);
    solve(&encode_hex(&bytes))
}

#[track_caller]
fn assert_invalid(proof: &str) {
    assert_eq!(DEPLOYMENT.verify(proof), Err(ProofError::Invalid), "{proof}");
}

#[test]
fn a_valid_proof_is_accepted_and_returns_its_nonce() {
    let spent = DEPLOYMENT.verify(&DEPLOYMENT.proof).unwrap();
    assert_eq!(spent, VerifiedProof { nonce: "a5".repeat(16), issued: NOW, form_opened_at: NOW - 5, difficulty: 6 });
    assert_eq!(
        DEPLOYMENT.verify(&DEPLOYMENT.proof),
        Ok(spent),
        "a second use has the same nonce, which the ledger detects"
    );
}

#[test]
fn different_solutions_have_the_same_nonce() {
    let (challenge, solutions) = valid_proof();
    let first = u32::from_str_radix(solutions[0], 16).unwrap();
    let other = (first + 1..)
        .map(|candidate| format!("{challenge}{candidate:08x}{}", solutions[1..].concat()))
        .find(|proof| DEPLOYMENT.verify(proof).is_ok())
        .unwrap();
    assert_ne!(other, DEPLOYMENT.proof);
    assert_eq!(DEPLOYMENT.verify(&other), DEPLOYMENT.verify(&DEPLOYMENT.proof));
}

#[test]
fn a_proof_is_invalid_in_every_other_scope() {
    let site = Origin::parse("https://other.example").unwrap();
    let port = Origin::parse("https://blog.example:8443").unwrap();
    let thread = PostUrl::parse("https://blog.example/post2").unwrap();
    let deployment = DEPLOYMENT.scope();
    let scopes = [
        ChallengeScope { site: &site, ..deployment },
        ChallengeScope { site: &port, ..deployment },
        ChallengeScope { thread: &thread, ..deployment },
        ChallengeScope { purpose: Purpose::Form, ..deployment },
    ];
    for scope in scopes {
        assert_eq!(scope.verify(&DEPLOYMENT.proof, NOW, &DEPLOYMENT.key), Err(ProofError::Invalid), "{scope:?}");
        assert_eq!(scope.form_opened_at(valid_proof().0, NOW, &DEPLOYMENT.key), None, "{scope:?}");
    }
    let stranger = SigningKey::parse("1123456789abcdef0123456789abcdef").unwrap();
    assert_eq!(deployment.verify(&DEPLOYMENT.proof, NOW, &stranger), Err(ProofError::Invalid), "another deployment");
}

#[test]
fn form_tokens_are_not_proofs() {
    let form = ChallengeScope { purpose: Purpose::Form, ..DEPLOYMENT.scope() };
    let token = form.issue(&params(), &DEPLOYMENT.key);
    assert_eq!(form.form_opened_at(&token, NOW, &DEPLOYMENT.key), Some(NOW - 5));
    assert_invalid(&token);
    assert_invalid(&solve(&token));
}

#[test]
fn a_proof_expires_after_one_hour() {
    let verify = |now| DEPLOYMENT.scope().verify(&DEPLOYMENT.proof, now, &DEPLOYMENT.key).map(drop);
    for now in [NOW, NOW + CHALLENGE_TTL_SECONDS - 1, NOW - 60] {
        assert_eq!(verify(now), Ok(()), "{now}");
    }
    for now in [NOW + CHALLENGE_TTL_SECONDS, NOW + 10 * CHALLENGE_TTL_SECONDS, NOW - 61, i64::MAX, i64::MIN, 0] {
        assert_eq!(verify(now), Err(ProofError::Expired), "{now}");
    }
}

#[test]
fn changed_fields_are_rejected() {
    for at in 0..CHALLENGE_BYTES {
        // A flipped high bit of the difficulty would take days to solve. The low bits suffice.
        let bits = if at == BITS_OFFSET || at == COUNT_OFFSET { 0..2 } else { 0..8 };
        for bit in bits {
            assert_invalid(&modified_proof(|bytes| bytes[at] ^= 1 << bit));
        }
    }
}

#[test]
fn extended_or_easier_challenges_are_rejected() {
    assert_invalid(&modified_proof(|bytes| bytes[4..8].fill(0xff)));
    assert_invalid(&modified_proof(|bytes| {
        bytes[16..24].copy_from_slice(&(NOW + CHALLENGE_TTL_SECONDS).to_be_bytes())
    }));
    assert_invalid(&modified_proof(|bytes| bytes[BITS_OFFSET] = 0));
    assert_invalid(&modified_proof(|bytes| bytes[COUNT_OFFSET] = 1));
    assert_invalid(&modified_proof(|bytes| bytes[COUNT_OFFSET] = 0));
    assert_invalid(&modified_proof(|bytes| bytes[72..].fill(0)));
}

#[test]
fn shifted_fields_and_joined_challenges_are_rejected() {
    // Times and nonce shifted by one byte each way; the whole challenge shifted; parts of two issued challenges joined.
    for range in [4..24, 8..40, 16..72, 0..72, 0..104] {
        assert_invalid(&modified_proof(|bytes| bytes[range.clone()].rotate_left(1)));
        assert_invalid(&modified_proof(|bytes| bytes[range].rotate_right(1)));
    }
    let later = ChallengeParams { now: NOW + 3000, nonce: [0x5a; 16], ..params() };
    let (first, second) = (valid_proof().0, DEPLOYMENT.scope().issue(&later, &DEPLOYMENT.key));
    for cut in (2..DIGITS).step_by(2) {
        let joined = format!("{}{}", &first[..cut], &second[cut..]);
        if joined != first && joined != second {
            assert_invalid(&solve(&joined));
        }
    }
}

#[test]
fn swapped_repeated_missing_or_extra_solutions_are_rejected() {
    let (challenge, solutions) = valid_proof();
    let with = |solutions: &[&str]| format!("{challenge}{}", solutions.concat());
    assert_eq!(with(&solutions), DEPLOYMENT.proof);
    // With two bits per puzzle, a solution may by chance solve its neighbour too, but not all of them at once.
    let mut reversed = solutions.clone();
    reversed.reverse();
    assert_invalid(&with(&reversed));
    assert_invalid(&with(&vec![solutions[0]; solutions.len()]));
    assert_invalid(&with(&solutions[1..]));
    assert_invalid(&with(&solutions[..15]));
    assert_invalid(&with(&[]));
    assert_invalid(&with(&[&solutions[..], &solutions[..1]].concat()));
    assert_invalid(&with(&["00000000"; 16]));
}

#[test]
fn a_proof_has_exactly_one_encoding() {
    let proof = &DEPLOYMENT.proof;
    for other in [
        proof.to_uppercase(),
        format!("{proof} "),
        format!("\n{proof}"),
        format!("0x{proof}"),
        proof.replacen('a', "A", 1),
        proof.replacen('0', "O", 1),
        proof.replacen('0', "\u{ff10}", 1),
        format!("{proof}\0"),
        String::new(),
        "0".repeat(proof.len()),
    ] {
        assert_invalid(&other);
    }
    for cut in 0..proof.len() {
        assert_invalid(&proof[..cut]);
    }
}

#[test]
fn a_renewed_challenge_keeps_the_opening_time() {
    let opened = |challenge: &str, now| DEPLOYMENT.scope().form_opened_at(challenge, now, &DEPLOYMENT.key);
    let challenge = valid_proof().0;
    assert_eq!(
        opened(challenge, NOW + 5 * CHALLENGE_TTL_SECONDS),
        Some(NOW - 5),
        "an expired challenge still has its opening time"
    );
    assert_eq!(opened(challenge, NOW + 30 * 3600), None, "but only for a day");
    assert_eq!(opened(challenge, NOW - 3600), None);
    assert_eq!(opened(&challenge.to_uppercase(), NOW), None);
    let last = if challenge.ends_with('0') { "1" } else { "0" };
    assert_eq!(opened(&format!("{}{last}", &challenge[..DIGITS - 1]), NOW), None);
}

#[test]
fn the_challenge_format_never_changes() {
    // Issued challenges are in use for an hour. A different format needs a different version.
    let fields = "0101021000000e10000000004ebcdc3b000000004ebcdc40a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5";
    let hashes = "050706cfbba0d6626657f7e8f589c1d3af2e70e87b6d6305efa5d86a5c669eaf";
    let mac = "d79be7fa9bd98425b51ce4599c8822de12042e8a518cf45ea5080588db6ac676";
    assert_eq!(valid_proof().0, [fields, hashes, mac].concat());
    assert_eq!(DEPLOYMENT.proof.len(), DIGITS + 16 * 8);
}

proptest! {
    #[test]
    fn any_text_satisfies_the_invariants(text in "\\PC{0,400}") {
        check(&text);
    }

    #[test]
    fn any_digits_satisfy_the_invariants(text in "[0-9a-f]{336}") {
        check(&text);
    }

    #[test]
    fn edited_proofs_satisfy_the_invariants(edits in prop::collection::vec(any::<u8>(), 0..64)) {
        check_edited(&edits);
    }

    #[test]
    fn flipped_bits_are_rejected(at in 0..DIGITS, bit in 0..8_u32) {
        let mut bytes = DEPLOYMENT.proof.clone().into_bytes();
        bytes[at] ^= 1 << bit;
        prop_assert!(DEPLOYMENT.verify(&String::from_utf8_lossy(&bytes)).is_err());
    }

    #[test]
    fn issued_challenges_are_accepted_once_solved(now in 0..1_i64 << 40, since in 0..1_i64 << 20, difficulty in 0..8_u8, nonce: [u8; 16]) {
        let params = ChallengeParams { now, form_opened_at: now - since, difficulty, nonce };
        let proof = solve(&DEPLOYMENT.scope().issue(&params, &DEPLOYMENT.key));
        let spent = DEPLOYMENT.scope().verify(&proof, now, &DEPLOYMENT.key).unwrap();
        prop_assert_eq!(spent, VerifiedProof { nonce: encode_hex(&nonce), issued: now, form_opened_at: now - since, difficulty: difficulty.max(4) });
    }
}
