//! What a chart shows: the rows of an answer as labels and values, equal labels added up.

use std::collections::HashMap;
use std::io;

use crate::event::Timestamp;
use crate::format::plain;
use crate::report::answer::{Answer, Cell};
use crate::report::evidence::{Asked, Chart, ChartKind};
use crate::report::form::ROWS_MAX;
use crate::time::parse_iso;

/// What a chart shows, and what it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) kind: ChartKind,
    /// Bars in the order of the answer, or the longest first where equal labels were added up; of a
    /// line in the order of time, if it has one.
    pub(super) points: Vec<Point>,
    /// What the rows without a label add up to; none where every row has one.
    pub(super) unlabelled: Option<f64>,
    /// Bars that there is no room for, the least ones: how many, and what they add up to.
    pub(super) rest: Option<(usize, f64)>,
    /// Only the first rows of the answer are in it.
    pub(super) is_cut: bool,
}

/// A label and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) label: String,
    pub(super) moment: Option<Timestamp>,
    pub(super) value: f64,
}

/// More bars than this are not looked at but read.
const BARS_MAX: usize = 24;

/// The picture of an answer; none where it has no chart, or no column of that name.
///
/// # Errors
/// The answer cannot be read back from disk.
pub(super) fn picture(asked: &Asked, answer: &mut Answer) -> io::Result<Option<Picture>> {
    let Some(chart) = &asked.chart else {
        return Ok(None);
    };
    let column = |name: &str| asked.columns.iter().position(|one| one == name);
    let (Some(label), Some(value)) = (column(&chart.label), column(&chart.value)) else {
        return Ok(None);
    };
    let found = points(answer, label, value)?;
    let is_cut = asked.answer.rows > ROWS_MAX;
    Ok((found.points.len() > 1).then(|| Picture::of(chart, found, is_cut)))
}

/// What the rows of an answer hold for a chart.
#[derive(Default)]
struct Points {
    places: HashMap<String, usize>,
    points: Vec<Point>,
    unlabelled: Option<f64>,
    is_added_up: bool,
}

/// Values by label, in the order in which labels come first.
fn points(answer: &mut Answer, label: usize, value: usize) -> io::Result<Points> {
    let mut points = Points::default();
    let mut rows = answer.rows()?;
    for _ in 0..ROWS_MAX {
        let Some(row) = rows.next()? else { break };
        if let (Some(label), Some(value)) = (row.get(label), row.get(value).and_then(number)) {
            points.add(label, value);
        }
    }
    Ok(points)
}

impl Points {
    fn add(&mut self, label: &Cell, value: f64) {
        if *label == Cell::Null {
            *self.unlabelled.get_or_insert_default() += value;
            return;
        }
        let label = plain(&label.value()).into_owned();
        let place = self.places.get(&label);
        if let Some(point) = place.and_then(|place| self.points.get_mut(*place)) {
            point.value += value;
            self.is_added_up = true;
            return;
        }
        self.places.insert(label.clone(), self.points.len());
        let moment = parse_iso(&label);
        self.points.push(Point {
            label,
            moment,
            value,
        });
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture shows no more digits than this loses none of"
)]
fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Integer(number) => Some(*number as f64),
        Cell::Real(number) => Some(*number).filter(|number| number.is_finite()),
        _ => None,
    }
}

impl Picture {
    fn of(chart: &Chart, found: Points, is_cut: bool) -> Picture {
        let mut points = found.points;
        let mut rest = None;
        match chart.kind {
            ChartKind::Line if points.iter().all(|point| point.moment.is_some()) => {
                points.sort_by_key(|point| point.moment);
            }
            ChartKind::Line => {}
            ChartKind::Bar => {
                if found.is_added_up {
                    points.sort_by(|one, other| other.value.total_cmp(&one.value));
                }
                rest = keep_longest(&mut points);
            }
        }
        Picture {
            kind: chart.kind,
            points,
            unlabelled: found.unlabelled,
            rest,
            is_cut,
        }
    }

    /// The greatest value; at least 0, where every axis begins.
    pub(super) fn most(&self) -> f64 {
        self.points
            .iter()
            .map(|point| point.value)
            .fold(0.0, f64::max)
    }
}

/// Leaves the longest bars, in their order; tells what was taken.
fn keep_longest(points: &mut Vec<Point>) -> Option<(usize, f64)> {
    let mut lengths: Vec<f64> = points.iter().map(|point| point.value).collect();
    lengths.sort_by(|one, other| other.total_cmp(one));
    let least = *lengths.get(BARS_MAX)?;
    let mut equal = BARS_MAX - lengths.iter().filter(|length| **length > least).count();
    let mut rest = (0, 0.0);
    points.retain(|point| {
        let keep = point.value > least || (point.value >= least && equal > 0);
        if keep && point.value <= least {
            equal -= 1;
        }
        if !keep {
            rest = (rest.0 + 1, rest.1 + point.value);
        }
        keep
    });
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Value;
    use crate::report::answer::Writer;

    fn picture_of(kind: ChartKind, rows: &[(Option<&str>, Value<'_>)]) -> Option<Picture> {
        let columns = vec!["label".to_owned(), "value".to_owned()];
        let mut writer = Writer::new(columns.clone());
        for (label, value) in rows {
            let label = label.map_or(Value::Null, |label| Value::Text(label.into()));
            writer.row(vec![label, value.clone()]).unwrap();
        }
        let mut answer = writer.end();
        let asked = Asked {
            name: String::new(),
            about: String::new(),
            span: crate::report::evidence::Span {
                from: None,
                to: None,
            },
            parameters: serde_json::Map::new(),
            chart: Some(Chart {
                kind,
                label: "label".to_owned(),
                value: "value".to_owned(),
            }),
            columns,
            answer: answer.digests.clone(),
            sql_sha256: String::new(),
            sql: String::new(),
        };
        picture(&asked, &mut answer).unwrap()
    }

    fn points(picture: &Picture) -> Vec<(&str, f64)> {
        picture
            .points
            .iter()
            .map(|point| (point.label.as_str(), point.value))
            .collect()
    }

    #[test]
    fn bars_of_one_label_are_one_bar() {
        use Value::{Integer, Null, Real};
        let rows = [
            (Some("b"), Integer(2)),
            (Some("a"), Integer(1)),
            (None, Integer(7)),
            (Some("a"), Real(4.5)),
            (Some("c"), Null),
        ];
        let picture = picture_of(ChartKind::Bar, &rows).unwrap();
        assert_eq!(points(&picture), [("a", 5.5), ("b", 2.0)]);
        assert_eq!((picture.unlabelled, picture.rest), (Some(7.0), None));
        let one = picture_of(ChartKind::Bar, &rows[..1]);
        assert_eq!(one, None);
        let as_asked = picture_of(
            ChartKind::Bar,
            &[(Some("x"), Integer(1)), (Some("y"), Integer(2))],
        );
        assert_eq!(points(&as_asked.unwrap()), [("x", 1.0), ("y", 2.0)]);
    }

    #[test]
    fn the_longest_bars_are_drawn_in_their_order() {
        let labels: Vec<String> = (0..30).map(|number| format!("{number}")).collect();
        let length = |number: usize| if number == 20 { 9 } else { 1 };
        let rows: Vec<_> = labels
            .iter()
            .enumerate()
            .map(|(number, label)| (Some(label.as_str()), Value::Integer(length(number))))
            .collect();
        let picture = picture_of(ChartKind::Bar, &rows).unwrap();
        let drawn: Vec<&str> = points(&picture).iter().map(|point| point.0).collect();
        let expected: Vec<&str> = labels[..=22]
            .iter()
            .chain([&labels[23]])
            .map(String::as_str)
            .collect();
        assert_eq!(drawn, expected);
        assert_eq!(picture.rest, Some((6, 6.0)));
        assert!((picture.most() - 9.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_line_goes_through_time() {
        let rows =
            ["2026-10-03", "2026-10-01", "2026-10-01"].map(|day| (Some(day), Value::Integer(2)));
        let picture = picture_of(ChartKind::Line, &rows).unwrap();
        assert_eq!(points(&picture), [("2026-10-01", 4.0), ("2026-10-03", 2.0)]);
        let rows = ["b", "a"].map(|label| (Some(label), Value::Integer(2)));
        let picture = picture_of(ChartKind::Line, &rows).unwrap();
        assert_eq!(points(&picture), [("b", 2.0), ("a", 2.0)]);
    }
}
