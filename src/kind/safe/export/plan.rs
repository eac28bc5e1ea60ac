//! What the columns of an export mean, told by their names and, where those say nothing, by the
//! values of its first rows.

use std::collections::HashSet;

use super::input::Input;
use crate::record::alias::{self, Role};
use crate::record::rows::Rows;
use crate::record::timestamp::{self, DayOrder, OrderProof};
use crate::record::{RecordError, address, cell};

/// Which column is what.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    roles: Vec<(Role, usize)>,
    /// The time of day, where it stands apart from the date.
    pub(super) clock: Option<usize>,
    pub(super) event_type: Option<usize>,
    pub(super) day_order: DayOrder,
}

impl Plan {
    /// The plan of an export; none where it holds nothing at all.
    pub(super) fn of(
        input: &Input,
        first: Option<&Rows>,
        day_order: DayOrder,
    ) -> Result<Option<Plan>, RecordError> {
        let columns = input.columns();
        let mut roles = alias::roles(columns);
        let Some(rows) = first else {
            let headed = columns.is_empty() || roles.iter().any(|(role, _)| *role == Role::Time);
            return if headed {
                Ok(None)
            } else {
                Err(no_time(input))
            };
        };
        if rows.rows.is_empty() {
            return Ok(None);
        }
        infer(&mut roles, columns, rows);
        let mut plan = Plan {
            roles,
            clock: None,
            event_type: None,
            day_order,
        };
        plan.clock = plan.clock_apart(columns, rows);
        plan.forget_doubtful_ids(rows);
        plan.event_type = plan.class_of_event(columns);
        if plan.column(Role::Time).is_none() {
            return Err(no_time(input));
        }
        plan.settle_day_order(rows)?;
        Ok(Some(plan))
    }

    /// The column that has the role.
    pub(super) fn column(&self, role: Role) -> Option<usize> {
        self.roles
            .iter()
            .find(|(known, _)| *known == role)
            .map(|(_, column)| *column)
    }

    /// Whether the column is none that always has a place in an event.
    pub(super) fn is_detail(&self, column: usize) -> bool {
        let placed = self.roles.iter().any(|(_, taken)| *taken == column);
        !placed && self.clock != Some(column) && self.event_type != Some(column)
    }

    /// Names of the detail columns.
    pub(super) fn detail_names(&self, columns: &[String]) -> Vec<String> {
        let details = columns
            .iter()
            .enumerate()
            .filter(|(n, name)| self.is_detail(*n) && !name.starts_with("_overflow_"));
        details.map(|(_, name)| name.clone()).collect()
    }

    /// The column `Time` beside `Date`, where it holds no whole moment of its own. The date then
    /// has the role of the time.
    fn clock_apart(&mut self, columns: &[String], rows: &Rows) -> Option<usize> {
        let ending = |last: &str| {
            columns.iter().position(|name| {
                let name = alias::normalised(name);
                name == last || name == format!("event_{last}")
            })
        };
        let (date, time) = (ending("date")?, ending("time")?);
        let whole =
            samples(rows, time).any(|text| timestamp::parse(text, DayOrder::DayFirst).is_ok());
        let role = self
            .roles
            .iter_mut()
            .find(|(role, column)| *role == Role::Time && [date, time].contains(column))?;
        if whole {
            return None;
        }
        role.1 = date;
        Some(time)
    }

    /// An id counts where every row of the first page has one and no two have the same.
    fn forget_doubtful_ids(&mut self, rows: &Rows) {
        let Some(column) = self.column(Role::EventId) else {
            return;
        };
        let mut seen = HashSet::new();
        let distinct = |text: &str| !cell::is_empty(text) && seen.insert(text.to_owned());
        let trusted = rows
            .rows
            .iter()
            .map(|row| rows.value(row, column).unwrap_or_default())
            .all(distinct);
        if !trusted {
            self.roles.retain(|(role, _)| *role != Role::EventId);
        }
    }

    /// The column of the class of event, where another one says what was done.
    fn class_of_event(&self, columns: &[String]) -> Option<usize> {
        self.column(Role::Action)?;
        (0..columns.len()).find(|n| {
            self.is_detail(*n)
                && columns
                    .get(*n)
                    .is_some_and(|name| alias::is_event_type(name))
        })
    }

    /// Whether days or months come first in this export, proven by the whole first page.
    fn settle_day_order(&mut self, rows: &Rows) -> Result<(), RecordError> {
        let (DayOrder::Auto, Some(column)) = (self.day_order, self.column(Role::Time)) else {
            return Ok(());
        };
        let (mut day, mut month, mut neither) = (None, None, None);
        for text in rows.rows.iter().filter_map(|row| rows.value(row, column)) {
            let place = match timestamp::order_in(cell::value(text)) {
                Some(OrderProof::DayFirst) => &mut day,
                Some(OrderProof::MonthFirst) => &mut month,
                Some(OrderProof::Neither) => &mut neither,
                None => continue,
            };
            place.get_or_insert_with(|| text.to_owned());
        }
        self.day_order = match (day, month, neither) {
            (Some(day), Some(month), _) => return Err(RecordError::DayOrders(day, month)),
            (Some(_), None, _) => DayOrder::DayFirst,
            (None, Some(_), _) => DayOrder::MonthFirst,
            (None, None, Some(text)) => return Err(RecordError::DayOrder(text)),
            (None, None, None) => DayOrder::Auto,
        };
        Ok(())
    }
}

fn no_time(input: &Input) -> RecordError {
    let columns = || input.columns().join(", ");
    let header = input.header().map_or_else(columns, str::to_owned);
    // What is no text at all is shown without what would confuse a terminal.
    let header = header
        .chars()
        .take(300)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    RecordError::NoTime(header)
}

/// Finds by their values a time, and somebody who did something, where no name tells.
fn infer(roles: &mut Vec<(Role, usize)>, columns: &[String], rows: &Rows) {
    let has = |roles: &[(Role, usize)], role| roles.iter().any(|(known, _)| *known == role);
    let timed = has(roles, Role::Time);
    let peopled = [Role::UserId, Role::UserName, Role::Action]
        .iter()
        .any(|role| has(roles, *role));
    if timed && peopled {
        return;
    }
    let known: [(Role, Fits); 3] = [
        (Role::Time, is_time),
        (Role::UserId, is_uuid),
        (Role::Address, address::is_address),
    ];
    for (role, fits) in known {
        if has(roles, role) || (role == Role::UserId && has(roles, Role::UserName)) {
            continue;
        }
        let all_fit = |column: &usize| {
            let mut values = samples(rows, *column).peekable();
            let free = roles.iter().all(|(_, taken)| taken != column);
            // A name that would fit as a value is no name: the file has no header.
            let named = columns.get(*column).is_some_and(|name| !fits(name));
            free && named && values.peek().is_some() && values.all(fits)
        };
        if let Some(column) = (0..columns.len()).find(all_fit) {
            roles.push((role, column));
        }
    }
}

/// Whether a value can have a role.
type Fits = fn(&str) -> bool;

/// The values of a column in the first rows, without the empty ones.
fn samples(rows: &Rows, column: usize) -> impl Iterator<Item = &str> {
    let values = rows
        .rows
        .iter()
        .take(SAMPLE_ROWS)
        .filter_map(move |row| rows.value(row, column));
    values.map(cell::value).filter(|text| !cell::is_empty(text))
}

const SAMPLE_ROWS: usize = 200;

fn is_time(text: &str) -> bool {
    let small_number = text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let orders = [DayOrder::DayFirst, DayOrder::MonthFirst];
    !small_number
        && orders
            .iter()
            .any(|order| timestamp::parse(text, *order).is_ok())
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
