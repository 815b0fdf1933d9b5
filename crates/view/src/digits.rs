//! Decimal formatting of numbers, without the formatting code of the standard library.

use maud::Render;

/// A whole number, as written in attributes and URLs.
pub(crate) struct Number(pub(crate) i64);

impl Render for Number {
    fn render_to(&self, out: &mut String) {
        if self.0 < 0 {
            out.push('-');
        }
        push(out, self.0.unsigned_abs(), 1);
    }
}

/// Appends a number, with leading zeros up to `width` digits.
pub(crate) fn push(out: &mut String, number: u64, width: u32) {
    if number >= 10 || width > 1 {
        push(out, number / 10, width.saturating_sub(1));
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}
