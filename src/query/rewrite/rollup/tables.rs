//! The roll-ups that there are, and what each of them knows.

/// A table that stands for events.
pub(in crate::query::rewrite) struct RollUp {
    /// The coded view of it.
    pub(super) name: &'static str,
    /// The texts that its rows tell apart, by the numbers' names.
    codes: &'static [&'static str],
    pub(in crate::query::rewrite) has_days: bool,
    has_hours: bool,
    has_bytes: bool,
    /// It knows the first and the last of the events.
    has_ends: bool,
}

/// The smallest first.
pub(super) const ROLL_UPS: &[RollUp] = &[
    RollUp {
        name: "coded_actor_span",
        codes: &["#source", "#actor"],
        has_days: false,
        has_hours: false,
        has_bytes: false,
        has_ends: true,
    },
    RollUp {
        name: "coded_day_action",
        codes: &["#source", "#event_type", "#action"],
        has_days: true,
        has_hours: false,
        has_bytes: true,
        has_ends: true,
    },
    RollUp {
        name: "coded_address",
        codes: &["#source", "#actor", "#ip"],
        has_days: false,
        has_hours: false,
        has_bytes: false,
        has_ends: true,
    },
    RollUp {
        name: "coded_hour_actor",
        codes: &["#source", "#actor"],
        has_days: false,
        has_hours: true,
        has_bytes: false,
        has_ends: false,
    },
    RollUp {
        name: "coded_day_actor",
        codes: &["#source", "#event_type", "#action", "#actor"],
        has_days: true,
        has_hours: false,
        has_bytes: true,
        has_ends: false,
    },
];

/// Knows of everyone and every address only when there was the last event. That is enough for what
/// is asked of all time after a moment, however many events there were.
pub(super) const LAST: RollUp = RollUp {
    name: "coded_last_address",
    codes: &["#source", "#actor", "#ip"],
    has_days: false,
    has_hours: false,
    has_bytes: false,
    has_ends: false,
};

/// What a question looks at.
#[derive(Default)]
pub(super) struct Needs {
    pub(super) codes: Vec<&'static str>,
    pub(super) days: bool,
    pub(super) hours: bool,
    pub(super) bytes: bool,
    pub(super) ends: bool,
    /// It says something of several events.
    pub(super) several: bool,
}

impl RollUp {
    pub(super) fn has(&self, needs: &Needs) -> bool {
        needs.codes.iter().all(|code| self.codes.contains(code))
            && (self.has_days || !needs.days)
            && (self.has_bytes || !needs.bytes)
            && (self.has_hours || !needs.hours)
            && (self.has_ends || !needs.ends)
    }
}
