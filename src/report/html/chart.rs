//! Charts as SVG: bars and lines, drawn with nothing but shapes and texts.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::format::html_text as text;
use crate::report::answer::Answer;
use crate::report::chart::{Picture, Point, picture};
use crate::report::evidence::{Asked, ChartKind};
use crate::time::minute;

const WIDTH: f64 = 760.0;

/// Writes the chart of an answer, if it has one.
///
/// # Errors
/// It cannot be written, or the answer not be read back from disk.
pub(super) fn write(page: &mut impl Write, asked: &Asked, answer: &mut Answer) -> io::Result<()> {
    let (Some(chart), Some(picture)) = (&asked.chart, picture(asked, answer)?) else {
        return Ok(());
    };
    let svg = match picture.kind {
        ChartKind::Bar => bars(&picture),
        ChartKind::Line => line(&picture),
    };
    let caption = format!("{} by {}", chart.value, chart.label);
    writeln!(
        page,
        "<figure>\n<figcaption>{}{}</figcaption>\n{svg}</figure>",
        text(&caption),
        text(&left_out(&picture))
    )
}

fn left_out(picture: &Picture) -> String {
    let mut told = String::new();
    if let Some((bars, sum)) = picture.rest {
        // Writing to a string cannot fail.
        let _ = write!(
            told,
            "; {bars} more with {} in all are not drawn",
            number(sum)
        );
    }
    if let Some(sum) = picture.unlabelled {
        let _ = write!(
            told,
            "; {} of rows without a name for it are not drawn",
            number(sum)
        );
    }
    if picture.is_cut {
        told.push_str("; of the rows shown");
    }
    told
}

/// Room for labels, for values, and for one bar.
const LABELS: f64 = 230.0;
const VALUES: f64 = 80.0;
const BAR: f64 = 22.0;
const LABEL_MAX: usize = 30;

fn bars(picture: &Picture) -> String {
    let most = picture.most().max(f64::MIN_POSITIVE);
    let mut svg = String::new();
    let mut y = 0.0;
    for point in &picture.points {
        let length = (point.value.max(0.0) / most * (WIDTH - LABELS - VALUES)).max(1.0);
        let (middle, end) = (y + BAR / 2.0 + 4.0, LABELS + length + 8.0);
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<text class=\"label\" x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar\" x=\"{LABELS}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" rx=\"1.5\"/>\
             <text x=\"{end:.1}\" y=\"{middle}\">{}</text>",
            LABELS - 10.0,
            text(&short(&point.label)),
            y + 4.0,
            BAR - 8.0,
            number(point.value)
        );
        y += BAR;
    }
    drawing(picture, y, &svg)
}

/// Room around a line.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 12.0;
const HEIGHT: f64 = 190.0;
const DOTS_MAX: usize = 70;

fn line(picture: &Picture) -> String {
    let scale = Scale::of(picture);
    let mut svg = scale.grid();
    let places: Vec<(f64, f64)> = picture
        .points
        .iter()
        .enumerate()
        .map(|(at, point)| scale.place(at, point))
        .collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let path = path.join(" ");
    let first = places.first().map_or(LEFT, |place| place.0);
    let last = places.last().map_or(LEFT, |place| place.0);
    let base = TOP + HEIGHT;
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<polygon class=\"area\" points=\"{first:.1},{base} {path} {last:.1},{base}\"/>\n\
         <polyline class=\"path\" points=\"{path}\"/>"
    );
    if places.len() <= DOTS_MAX {
        for (x, y) in &places {
            let _ = writeln!(
                svg,
                "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.25\"/>"
            );
        }
    }
    svg.push_str(&ends(picture, first, last));
    drawing(picture, base + 26.0, &svg)
}

/// Where values and moments lie.
struct Scale {
    most: f64,
    step: f64,
    from: i64,
    to: i64,
    count: usize,
}

impl Scale {
    fn of(picture: &Picture) -> Scale {
        let step = round_step(picture.most() / 4.0);
        let moments = picture.points.iter().map(|point| point.moment);
        // Without a moment for each point they stand side by side.
        let moments: Vec<i64> = moments
            .collect::<Option<Vec<_>>>()
            .unwrap_or_default()
            .iter()
            .map(|moment| moment.millis())
            .collect();
        Scale {
            most: (picture.most() / step).ceil().max(1.0) * step,
            step,
            from: moments.first().copied().unwrap_or_default(),
            to: moments.last().copied().unwrap_or_default(),
            count: picture.points.len(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
    fn place(&self, at: usize, point: &Point) -> (f64, f64) {
        let part = match point.moment {
            Some(moment) if self.from < self.to => {
                let length = |to: i64| to.saturating_sub(self.from) as f64;
                length(moment.millis()) / length(self.to)
            }
            _ => at as f64 / self.count.saturating_sub(1).max(1) as f64,
        };
        let x = LEFT + part * (WIDTH - LEFT - RIGHT);
        (x, self.height(point.value))
    }

    fn height(&self, value: f64) -> f64 {
        TOP + HEIGHT - (value.max(0.0) / self.most) * HEIGHT
    }

    fn grid(&self) -> String {
        let mut svg = String::new();
        let mut value = 0.0;
        while value <= self.most + self.step / 2.0 {
            let y = self.height(value);
            let class = if value > 0.0 { "grid" } else { "base" };
            // Writing to a string cannot fail.
            let _ = writeln!(
                svg,
                "<line class=\"{class}\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{}\" y2=\"{y:.1}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                number(value)
            );
            value += self.step;
        }
        svg
    }
}

/// 1, 2 or 5 of some power of ten, and not less.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(10.0 * power)
}

/// What stands at both ends of a line.
fn ends(picture: &Picture, first: f64, last: f64) -> String {
    let label =
        |point: Option<&Point>| point.map_or(String::new(), |point| text(&short(&point.label)));
    let y = TOP + HEIGHT + 20.0;
    format!(
        "<text x=\"{first:.1}\" y=\"{y}\">{}</text><text x=\"{last:.1}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n",
        label(picture.points.first()),
        label(picture.points.last())
    )
}

fn drawing(picture: &Picture, height: f64, shapes: &str) -> String {
    let kind = match picture.kind {
        ChartKind::Bar => "bar chart",
        ChartKind::Line => "line chart",
    };
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{kind}; the table below has its values\">\n{shapes}</svg>\n"
    )
}

/// A label that fits; of a time, the part that people are told.
fn short(label: &str) -> String {
    if let (true, Some(moment)) = (label.len() > 10, crate::time::parse_iso(label)) {
        return minute(moment);
    }
    if label.chars().count() <= LABEL_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_MAX - 1).chain(['…']).collect()
}

/// A number with its digits in groups of three, and no more of it than a picture can tell.
fn number(value: f64) -> String {
    let text = if value.fract().abs() < 0.005 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_groups() {
        for (value, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (1_000.0, "1,000"),
            (1_234_567.0, "1,234,567"),
            (-12_345.678, "-12,345.68"),
            (0.25, "0.25"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn steps_are_round() {
        for (least, step) in [
            (0.0, 1.0),
            (0.3, 1.0),
            (1.0, 1.0),
            (1.5, 2.0),
            (3.0, 5.0),
            (7.0, 10.0),
            (275.0, 500.0),
        ] {
            assert!(
                (round_step(least) - step).abs() < 1e-9,
                "{least}: {}",
                round_step(least)
            );
        }
    }

    #[test]
    fn labels_fit() {
        assert_eq!(short("2026-11-20T12:00:00.123Z"), "2026-11-20T12:00Z");
        assert_eq!(short("2026-11-20"), "2026-11-20");
        let long = short(&"é".repeat(50));
        assert_eq!(
            (long.chars().count(), long.ends_with('…')),
            (LABEL_MAX, true)
        );
    }
}
