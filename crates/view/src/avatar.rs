//! The picture of an author, drawn from the mark.

use maud::{Markup, Render, html};

use crate::digits::Number;

/// Outlines of the shapes, as SVG path data. Capitals other than `M` stand for numbers: `X` and `Y` are the first corner, `C` is the middle
/// of the height, `B` the lower edge, `R` half of the size and `D` the whole.
const SHAPES: [&str; 3] = ["MX CaR R 0 1 0 D 0aR R 0 1 0-D 0z", "MX YhDvDh-Dz", "MX BhDl-R-Dz"];

/// Renders the avatar of a mark: three shapes in one muted hue. The stylesheet draws the ground, leaves out what shapes share, and draws a
/// circle for an author without a mark.
///
/// Attributes give size and colour: a content security policy may forbid the attribute `style`, and without a stylesheet an SVG fills the
/// page.
pub(crate) fn avatar(mark: Option<&str>) -> Markup {
    html! {
        @match mark.map(number) {
            Some(number) => svg.aw-avatar part="avatar" viewBox="0 0 16 16" width="28" height="28" aria-hidden="true" fill=(hue(number)) {
                path d=(shapes(number)) {}
            },
            None => span.aw-avatar part="avatar" {},
        }
    }
}

/// A number that depends on every character of a mark, which has 30 bits.
fn number(mark: &str) -> u32 {
    let number = mark.bytes().fold(0, |number: u32, byte| number.wrapping_mul(37).wrapping_add(byte.into()));
    // Marks that differ in one character have pictures that differ altogether: the odd factor is 2^32 divided by the golden ratio.
    let number = (number ^ (number >> 15)).wrapping_mul(0x9e37_79b1);
    number ^ (number >> 16)
}

fn hue(number: u32) -> String {
    let mut fill = String::from("hsl(");
    Number((number % 360).into()).render_to(&mut fill);
    fill.push_str(" 36% 54%)");
    fill
}

/// Path data of three shapes. Each has one of 96 combinations of outline, place and size.
fn shapes(number: u32) -> String {
    let mut path = String::new();
    let mut rest = i64::from(number / 360);
    for _ in 0..3 {
        let (x, y, half) = (rest % 4 * 4 + 2, rest / 4 % 4 * 4 + 2, rest / 16 % 2 * 2 + 4);
        let outline = SHAPES[(rest / 32 % 3) as usize];
        rest /= 96;
        for character in outline.chars() {
            let value = match character {
                'X' => x - half,
                'Y' => y - half,
                'C' => y,
                'B' => y + half,
                'R' => half,
                'D' => 2 * half,
                _ => {
                    path.push(character);
                    continue;
                }
            };
            Number(value).render_to(&mut path);
        }
    }
    path
}
