//! Charts, drawn by the server as plain SVG. Colours and fonts are in the stylesheet. Each chart stands beside a table with its numbers.

use maud::{Markup, html};

/// Width and height of a column chart, in units of its view box.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 150;
/// Room for the labels: at the start of the axis, above the columns, and below them.
const AXIS: u32 = 34;
const TOP: u32 = 8;
const BOTTOM: u32 = 20;

/// A column of a chart: two numbers, one above the other.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name of the column, such as a day.
    pub(crate) label: String,
    /// The lower number.
    pub(crate) first: u32,
    /// The upper number.
    pub(crate) second: u32,
}

/// Draws stacked columns. Only the first, the middle and the last one are labelled. `title` says what the chart shows.
pub(crate) fn columns(title: &str, columns: &[Column]) -> Markup {
    let highest = columns.iter().map(|column| column.first + column.second).max().unwrap_or(0);
    let top = nice_top(highest);
    let plot = HEIGHT - TOP - BOTTOM;
    let count = u32::try_from(columns.len()).unwrap_or(u32::MAX).max(1);
    let step = f64::from(WIDTH - AXIS) / f64::from(count);
    let height = |number: u32| f64::from(number) * f64::from(plot) / f64::from(top);
    let place = |at: usize| f64::from(AXIS) + step * f64::from(u32::try_from(at).unwrap_or(0));
    let labelled = |at: usize| at == 0 || at + 1 == columns.len() || at == columns.len() / 2;
    let base = f64::from(TOP + plot);
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(title) {
            @for number in [0, top / 2, top] {
                @let line = base - height(number);
                line.axis x1=(AXIS) x2=(WIDTH) y1=(short(line)) y2=(short(line)) {}
                text x=(AXIS - 6) y=(short(line + 4.0)) text-anchor="end" { (number) }
            }
            @for (at, column) in columns.iter().enumerate() {
                @let (first, second) = (height(column.first), height(column.second));
                @if column.first > 0 { rect.bar x=(short(place(at) + 1.0)) width=(short(step - 2.0)) y=(short(base - first)) height=(short(first)) {} }
                @if column.second > 0 { rect.second x=(short(place(at) + 1.0)) width=(short(step - 2.0)) y=(short(base - first - second)) height=(short(second)) {} }
                @if labelled(at) {
                    text x=(short(place(at) + step / 2.0)) y=(HEIGHT - 5) text-anchor=(anchor(at, columns.len())) { (column.label) }
                }
            }
        }
    }
}

/// Draws a bar that fills a part of its track. A bar from nine tenths on has the colour of an alarm.
pub(crate) fn bar(part: u64, whole: u64) -> Markup {
    let width = if whole == 0 { 0.0 } else { (part.min(whole) as f64) * 200.0 / (whole as f64) };
    let is_nearly_full = part.saturating_mul(10) >= whole.saturating_mul(9) && whole > 0;
    html! {
        svg.meter viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="200" height="6" {}
            rect.bar.full[is_nearly_full] width=(short(width)) height="6" {}
        }
    }
}

/// The sign of a series in the legend.
pub(crate) fn swatch(class: &str) -> Markup {
    html! { svg.(class) width="10" height="10" aria-hidden="true" { rect.(class) width="10" height="10" rx="2" {} } }
}

const fn anchor(at: usize, count: usize) -> &'static str {
    match at {
        0 => "start",
        at if at + 1 == count => "end",
        _ => "middle",
    }
}

/// The smallest round number from the highest one on that has a half.
fn nice_top(highest: u32) -> u32 {
    let mut unit: u32 = 1;
    loop {
        let tops = (1..=10).map(|step| unit.saturating_mul(step));
        if let Some(top) = tops.filter(|top| top % 2 == 0 || *top == u32::MAX).find(|top| *top >= highest) {
            return top;
        }
        unit = unit.saturating_mul(10);
    }
}

/// A coordinate with one digit after the point at most.
fn short(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (highest, top) in
            [(0, 2), (2, 2), (3, 4), (5, 6), (7, 8), (11, 20), (24, 30), (61, 70), (101, 200), (u32::MAX, u32::MAX)]
        {
            assert_eq!(nice_top(highest), top, "{highest}");
        }
    }

    #[test]
    fn columns_fill_the_chart_and_no_more() {
        let column = |first, second| Column { label: "<".to_owned(), first, second };
        let drawn = columns("a \"b\"", &[column(0, 0), column(5, 5), column(1, 0)]).into_string();
        assert_eq!(drawn.matches("<rect").count(), 3, "{drawn}");
        assert!(drawn.contains("aria-label=\"a &quot;b&quot;\"") && drawn.contains("&lt;"), "{drawn}");
        assert!(drawn.contains("y=\"8\""), "the highest column reaches the top: {drawn}");
        assert!(columns("", &[]).into_string().contains("<svg"));
    }

    #[test]
    fn bars_are_full_at_most() {
        assert!(bar(7, 5).into_string().contains("class=\"bar full\" width=\"200\""));
        assert!(bar(1, 4).into_string().contains("class=\"bar\" width=\"50\""));
        assert!(bar(0, 0).into_string().contains("width=\"0\""));
    }
}
