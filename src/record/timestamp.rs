//! Moments as vendors and their spreadsheets write them.

/// Which number comes first in `3/4/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// What the file itself proves: a number above 12 can only be a day.
    #[default]
    Auto,
    /// The day: 3 April.
    DayFirst,
    /// The month: March 4.
    MonthFirst,
}
