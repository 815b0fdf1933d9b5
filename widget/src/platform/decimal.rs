//! Decimal numbers, read and written without the standard library's code, which takes more bytes.

/// Parses an integer of ASCII digits.
///
/// There are no checks for signs and overflow, as `str::parse` has them: the numbers read here are ids and counts that `view` wrote.
pub(crate) fn parse_decimal(digits: &str) -> Option<i64> {
    let append_digit = |number: i64, digit: u8| {
        digit.is_ascii_digit().then(|| number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')))
    };
    Some(digits).filter(|digits| !digits.is_empty())?.bytes().try_fold(0, append_digit)
}

/// Appends a number to a text. The number must not be negative.
pub(crate) fn push_decimal(text: &mut String, number: i64) {
    if number > 9 {
        push_decimal(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::{parse_decimal, push_decimal};

    #[test]
    fn only_digits_parse_as_a_number() {
        assert_eq!(parse_decimal("0"), Some(0));
        assert_eq!(parse_decimal("9007199254740991"), Some(9_007_199_254_740_991));
        for bad in ["", "-1", "+1", "1.0", " 1", "1e3", "x"] {
            assert_eq!(parse_decimal(bad), None, "{bad}");
        }
        // Far beyond the largest id the only requirement is that nothing panics.
        assert!(parse_decimal(&"9".repeat(40)).is_some());
    }

    #[test]
    fn decimal_digits_equal_those_of_std() {
        for number in [0, 7, 10, 1_234_567_890, i64::MAX] {
            let mut text = String::new();
            push_decimal(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }
}
