//! Stretches of time cut into parts that are asked for one by one.

use std::time::Duration;

use crate::event::Period;

/// A part is not made shorter than this.
pub(super) const LEAST: Duration = Duration::from_secs(60);

/// The parts of a stretch, each at most so long: oldest first, leaving nothing out.
pub(super) fn cut(stretch: Period, length: Duration) -> Vec<Period> {
    let mut parts = Vec::new();
    let mut from = stretch.from;
    while from < stretch.to {
        let to = from.after(length.max(LEAST)).min(stretch.to);
        parts.push(Period { from, to });
        from = to;
    }
    parts
}
