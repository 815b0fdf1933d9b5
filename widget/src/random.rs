//! Names that nobody guesses and nobody else makes.

use afterword_model::SubmissionId;

/// A UUID for a submission.
pub(crate) fn submission_id() -> Option<String> {
    bytes().map(|bytes| SubmissionId::from_random(bytes).to_string())
}

/// An author key: 128 bits in hexadecimal.
pub(crate) fn author_key() -> Option<String> {
    bytes().map(|bytes| hex(&bytes))
}

/// `getRandomValues` and not `randomUUID`, which plain `http` pages do not have.
fn bytes() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn hexadecimal_has_two_digits_a_byte() {
        assert_eq!(hex(&[0, 9, 10, 15, 16, 171, 255]), "00090a0f10abff");
    }
}
