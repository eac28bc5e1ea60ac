//! What offends in an answer, each row by a hash of its values.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::archive::checks::Offence;
use crate::query::{Expect, Value};

/// There are too few rows: no row offends, but their absence.
pub const TOO_FEW: Offence = mark(1);

/// The time asked for is not complete, and was to be.
pub const INCOMPLETE: Offence = mark(2);

/// There is no answer.
pub const UNANSWERED: Offence = mark(3);

/// What no row hashes to, short of a miracle.
const fn mark(number: u8) -> Offence {
    let mut mark = [0; 32];
    mark[31] = number;
    mark
}

/// The rows of an answer. Equal ones are numbered, so that one more of them is told from those that
/// were there; which of them is which makes no difference.
pub(super) struct Offences {
    /// The places of the columns by which a row is known.
    known_by: Vec<usize>,
    rows: Vec<Offence>,
    /// How many there are of each kind of rows that are equal.
    equal: HashMap<Offence, u64>,
}

impl Offences {
    /// None yet, of rows that are known by the values at these places.
    pub(super) fn known_by(places: Vec<usize>) -> Offences {
        Offences {
            known_by: places,
            rows: Vec::new(),
            equal: HashMap::new(),
        }
    }

    /// Adds a row: what it is known by.
    pub(super) fn add(&mut self, row: &[Value<'_>]) -> Offence {
        let content = content(self.known_by.iter().filter_map(|at| row.get(*at)));
        let number = self.equal.entry(content).or_default();
        let offence = numbered(content, *number);
        *number += 1;
        self.rows.push(offence);
        offence
    }

    /// What offends where this was expected and is not met.
    pub(super) fn against(self, expect: Expect) -> Vec<Offence> {
        match expect {
            Expect::NoRows | Expect::AtMost(_) => self.rows,
            Expect::AtLeast(_) => vec![TOO_FEW],
        }
    }
}

/// The first of equal rows is known by its content alone.
fn numbered(content: Offence, number: u64) -> Offence {
    if number == 0 {
        return content;
    }
    let mut hash = Sha256::new_with_prefix(content);
    hash.update(number.to_le_bytes());
    hash.finalize().into()
}

/// Each value with its type and length before it, so that no two rows have the same bytes.
fn content<'v>(values: impl IntoIterator<Item = &'v Value<'v>>) -> Offence {
    let mut hash = Sha256::new();
    let mut value = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for one in values {
        match one {
            Value::Null => value(0, &[]),
            Value::Integer(number) => value(1, &number.to_le_bytes()),
            // The last digits of a sum depend on the order in which it was added up.
            Value::Real(number) => value(2, format!("{number:.11e}").as_bytes()),
            Value::Text(text) => value(3, text.as_bytes()),
            Value::Blob(bytes) => value(4, bytes),
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::HashSet;

    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text(Cow::Borrowed(text))
    }

    #[test]
    fn rows_that_differ_in_anything_differ() {
        let rows = [
            vec![],
            vec![Value::Null],
            vec![Value::Null, Value::Null],
            vec![Value::Integer(0)],
            vec![Value::Integer(1)],
            vec![Value::Real(1.0)],
            vec![Value::Real(1.000_000_1)],
            vec![text("")],
            vec![text("1")],
            vec![text("ab"), text("c")],
            vec![text("a"), text("bc")],
            vec![text("abc")],
            vec![Value::Blob(b"abc")],
        ];
        let mut offences = Offences::known_by(vec![0, 1]);
        let known: HashSet<Offence> = rows.iter().map(|row| offences.add(row)).collect();
        assert_eq!(known.len(), rows.len());
        let sum = [Value::Real(0.1 + 0.2)];
        assert_eq!(content(&sum), content(&[Value::Real(0.3)]));
    }

    #[test]
    fn equal_rows_are_numbered_whatever_their_order() {
        let known = |rows: &[&str]| {
            let mut offences = Offences::known_by(vec![0]);
            rows.iter()
                .map(|row| offences.add(&[text(row)]))
                .collect::<HashSet<_>>()
        };
        assert_eq!(known(&["a", "b", "a"]), known(&["b", "a", "a"]));
        assert_eq!(known(&["a", "a", "a"]).len(), 3);
        assert!(known(&["a", "a"]).is_subset(&known(&["a", "a", "a"])));
    }

    #[test]
    fn what_is_missing_offends_as_a_whole() {
        let of = |expect| {
            let mut offences = Offences::known_by(vec![0]);
            offences.add(&[text("a")]);
            offences.against(expect)
        };
        assert_eq!(of(Expect::AtLeast(2)), [TOO_FEW]);
        assert_eq!(of(Expect::NoRows), [content(&[text("a")])]);
        assert_eq!(of(Expect::AtMost(0)), of(Expect::NoRows));
        assert_ne!(TOO_FEW, UNANSWERED);
        assert_ne!(TOO_FEW, INCOMPLETE);
    }
}
