//! The picture of an author, drawn from the mark.

use maud::{Markup, Render, html};

use crate::digits::Number;

/// Outlines of the shapes, as SVG path data. Capitals other than `M` stand for numbers: `X` and `Y` are the first corner, `C` is the middle
/// of the height, `B` the lower edge, `R` half of the size and `D` the whole.
const SHAPES: [&str; 3] = ["MX CaR R 0 1 0 D 0aR R 0 1 0-D 0z", "MX YhDvDh-Dz", "MX BhDl-R-Dz"];

/// Renders the avatar of a mark: three shapes in one muted hue, on a pale ground of the same hue. Shapes leave out what they share. Without
/// a mark, an empty circle.
///
/// Attributes give size and colours: a content security policy may forbid the attribute `style`, and without a stylesheet an SVG fills the
/// page.
pub(crate) fn avatar(mark: Option<&str>) -> Markup {
    let fill = mark.map(|mark| hue(number(mark)));
    html! {
        svg.aw-avatar part="avatar" viewBox="0 0 16 16" width="28" height="28" aria-hidden="true" fill=[fill.as_deref()] {
            @if let Some(mark) = mark {
                path fill-opacity=".2" d="M0 0h16v16H0z" {}
                path fill-rule="evenodd" d=(shapes(number(mark))) {}
            } @else {
                circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-opacity=".4" {}
            }
        }
    }
}

/// A number that depends on every character of a mark, which has 30 bits.
fn number(mark: &str) -> u32 {
    mark.bytes().fold(0, |number: u32, byte| number.wrapping_mul(37).wrapping_add(byte.into()))
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
