//! What goes wrong on purpose, and when: on a schedule that a seed decides.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;

use super::aws::{logs, s3};
use super::http::{Answer, Purpose};

/// Which requests go wrong, and how. The default is that none does.
#[derive(Debug, Clone)]
pub struct Faults {
    /// Decides which requests are hit.
    pub seed: u64,
    /// Share of requests that go wrong, 0 to 1.
    pub rate: f64,
    /// What may happen to them.
    pub kinds: Vec<Fault>,
    /// The requests that may be hit; all, where none is named.
    pub purposes: Vec<Purpose>,
    /// How many requests of a vendor may go wrong one after another, so that who tries again
    /// gets through. The requests that `purposes` spares do not count.
    pub in_a_row: u32,
    /// How many requests go wrong in all.
    pub most: u32,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The vendor does what was asked, and the connection is gone before it answers.
    Drop,
    /// The answer breaks off in the middle: fewer bytes come than its `Content-Length` says.
    Cut,
    /// The same, exactly after a line break (where there is one), so that all lines are whole.
    CutAtLineEnd,
    /// A gateway answers with this status (500, 502, 503…).
    Status(u16),
    /// 429, with a `Retry-After` in seconds, or with `retryIn` in the body, or with neither.
    TooMany {
        /// Seconds to wait, as a header.
        retry_after: Option<u32>,
        /// The same in the body. The vendor's code has the member; its unit is unknown.
        retry_in: Option<u32>,
    },
    /// 200, but a page for people.
    Html,
    /// The link to a report has expired already. Hits downloads alone.
    ExpiredLink,
    /// The answer is a while in coming.
    Stall(Duration),
}

/// The faults of one vendor under way.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    faults: Faults,
    asked: u64,
    hit: u32,
    row: u32,
}

impl Default for Faults {
    fn default() -> Faults {
        let (kinds, purposes) = (Vec::new(), Vec::new());
        Faults {
            seed: 0,
            rate: 0.0,
            kinds,
            purposes,
            in_a_row: 2,
            most: u32::MAX,
        }
    }
}

impl Faults {
    /// Everything that can go wrong on the network, at this rate; nothing takes longer for it
    /// than tests can wait.
    pub fn of_all_kinds(seed: u64, rate: f64) -> Faults {
        let kinds = vec![
            Fault::Drop,
            Fault::Cut,
            Fault::CutAtLineEnd,
            Fault::Status(500),
            Fault::Status(502),
            Fault::Status(503),
            Fault::TooMany {
                retry_after: Some(1),
                retry_in: None,
            },
            Fault::TooMany {
                retry_after: None,
                retry_in: Some(1),
            },
            Fault::TooMany {
                retry_after: None,
                retry_in: None,
            },
            Fault::Html,
            Fault::ExpiredLink,
            Fault::Stall(Duration::from_millis(20)),
        ];
        Faults {
            seed,
            rate,
            kinds,
            ..Faults::default()
        }
    }

    /// This fault, for the first so many requests made for this purpose.
    pub fn first(most: u32, fault: Fault, purpose: Purpose) -> Faults {
        let (kinds, purposes) = (vec![fault], vec![purpose]);
        Faults {
            seed: 0,
            rate: 1.0,
            kinds,
            purposes,
            in_a_row: u32::MAX,
            most,
        }
    }
}

impl Schedule {
    pub(super) fn new(faults: Faults) -> Schedule {
        Schedule {
            faults,
            ..Schedule::default()
        }
    }

    /// What goes wrong with the next request, if anything.
    pub(super) fn next(&mut self, purpose: Purpose) -> Option<Fault> {
        let purposes = &self.faults.purposes;
        if !purposes.is_empty() && !purposes.contains(&purpose) {
            return None;
        }
        self.asked += 1;
        let mut rng =
            Rng::with_seed(self.faults.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.asked);
        let spared = self.hit >= self.faults.most || self.row >= self.faults.in_a_row;
        // Two numbers are drawn in vain: near seeds begin alike.
        let draw = [rng.f64(), rng.f64(), rng.f64()][2];
        let fault = rng
            .choice(&self.faults.kinds)
            .copied()
            .filter(|fault| fault.suits(purpose));
        let fault = fault.filter(|_| !spared && draw < self.faults.rate);
        self.row = if fault.is_some() { self.row + 1 } else { 0 };
        self.hit += u32::from(fault.is_some());
        fault
    }
}

impl Fault {
    /// The answer that comes in place of the vendor's, if one does.
    pub(super) fn instead(self, purpose: Purpose) -> Option<Answer> {
        if let Some(answer) = self.in_words_of_aws(purpose) {
            return Some(answer);
        }
        match self {
            Fault::Status(status) => Some(gateway(status)),
            Fault::TooMany {
                retry_after,
                retry_in,
            } => Some(too_many(retry_after, retry_in)),
            Fault::Html => Some(Answer::html(200, "Welcome")),
            Fault::Drop
            | Fault::Cut
            | Fault::CutAtLineEnd
            | Fault::ExpiredLink
            | Fault::Stall(_) => None,
        }
    }

    /// AWS's services say in their own words what others say through a gateway.
    fn in_words_of_aws(self, purpose: Purpose) -> Option<Answer> {
        let logs = purpose == Purpose::LogEvents;
        let s3 = [Purpose::ListObjects, Purpose::ReadObject].contains(&purpose);
        match self {
            Fault::TooMany { .. } if logs => Some(logs::throttled()),
            Fault::Status(status @ (500 | 503)) if logs => Some(logs::failure(status)),
            Fault::TooMany { .. } | Fault::Status(503) if s3 => Some(s3::slow_down()),
            Fault::Status(500) if s3 => Some(s3::internal_error()),
            _ => None,
        }
    }

    /// How many bytes of a body come, where not all do.
    pub(super) fn cut(self, body: &[u8]) -> Option<usize> {
        let half = body.len() / 2;
        match self {
            Fault::Cut if !body.is_empty() => Some(half),
            Fault::CutAtLineEnd if !body.is_empty() => {
                let lines = body.get(..half).unwrap_or_default();
                Some(
                    lines
                        .iter()
                        .rposition(|byte| *byte == b'\n')
                        .map_or(half, |at| at + 1),
                )
            }
            _ => None,
        }
    }

    fn suits(self, purpose: Purpose) -> bool {
        self != Fault::ExpiredLink || purpose == Purpose::Download
    }
}

/// What AWS API Gateway answers above its rate, with the hints that a vendor may add.
pub(super) fn too_many(retry_after: Option<u32>, retry_in: Option<u32>) -> Answer {
    let body = match retry_in {
        Some(seconds) => {
            json!({"success": false, "message": "Too Many Requests", "retryIn": seconds.to_string()})
        }
        None => json!({"message": "Too Many Requests"}),
    };
    Answer {
        retry_after,
        ..Answer::json(429, &body)
    }
}

fn gateway(status: u16) -> Answer {
    match status {
        500 => Answer::json(500, &json!({"message": "Internal server error"})),
        502 => Answer::html(502, "502 Bad Gateway"),
        status => Answer::html(status, "Service Unavailable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(faults: Faults, purpose: Purpose) -> Vec<Option<Fault>> {
        let mut schedule = Schedule::new(faults);
        (0..1000).map(|_| schedule.next(purpose)).collect()
    }

    #[test]
    fn a_seed_decides_and_the_rate_is_kept() {
        let faults = Faults::of_all_kinds(3, 0.3);
        let first = drawn(faults.clone(), Purpose::Download);
        assert_eq!(first, drawn(faults.clone(), Purpose::Download));
        assert_ne!(
            first,
            drawn(
                Faults {
                    seed: 4,
                    ..faults.clone()
                },
                Purpose::Download
            )
        );
        let hit = first.iter().flatten().count();
        assert!((220..320).contains(&hit), "{hit} of 1000");
        for kind in &faults.kinds {
            assert!(first.contains(&Some(*kind)), "{kind:?} never happens");
        }
        assert!(
            drawn(Faults::default(), Purpose::Users)
                .iter()
                .all(Option::is_none)
        );
    }

    #[test]
    fn no_more_go_wrong_in_a_row_or_in_all_than_was_said() {
        let always = Faults {
            rate: 1.0,
            in_a_row: 2,
            ..Faults::of_all_kinds(1, 1.0)
        };
        let hits: Vec<bool> = drawn(always, Purpose::Download)
            .iter()
            .map(Option::is_some)
            .collect();
        assert_eq!(hits[..6], [true, true, false, true, true, false]);
        let first = drawn(
            Faults::first(3, Fault::Drop, Purpose::Users),
            Purpose::Users,
        );
        assert_eq!(first.iter().flatten().count(), 3);
        assert_eq!(
            first[..4],
            [
                Some(Fault::Drop),
                Some(Fault::Drop),
                Some(Fault::Drop),
                None
            ]
        );
    }

    #[test]
    fn only_the_purposes_named_are_hit() {
        let faults = Faults::first(9, Fault::Html, Purpose::Users);
        assert!(drawn(faults, Purpose::SignIn).iter().all(Option::is_none));
        let expired = Faults {
            kinds: vec![Fault::ExpiredLink],
            ..Faults::of_all_kinds(1, 1.0)
        };
        assert!(drawn(expired, Purpose::Users).iter().all(Option::is_none));
    }

    #[test]
    fn a_cut_at_a_line_end_leaves_whole_lines() {
        assert_eq!(
            Fault::CutAtLineEnd.cut(b"head\none\ntwo\nthree\nfour\n"),
            Some(9)
        );
        assert_eq!(Fault::CutAtLineEnd.cut(b"{\"a\":1}"), Some(3));
        assert_eq!(Fault::Cut.cut(b"12345678"), Some(4));
        assert_eq!(Fault::Cut.cut(b""), None);
        assert_eq!(Fault::Html.cut(b"12345678"), None);
    }
}
