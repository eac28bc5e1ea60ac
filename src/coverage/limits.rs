//! What a feed can have from its vendor.

use std::time::Duration;

use crate::event::Timestamp;

/// What a feed can have from its vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How far back the vendor lets the feed look.
    pub look_back: Duration,
    /// For how long after it happened an event may still turn up.
    pub settle: Duration,
    /// Which stretches the vendor can be asked for.
    pub reach: Reach,
    /// Which of the vendor's logs it brings.
    pub log: Log,
}

/// What a feed's events are a log of. What is known of one log says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What people did: the vendor's audit log.
    Audit,
    /// What happened to the machines and accounts beneath it.
    Infrastructure,
}

/// Which stretches a vendor can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any stretch inside its window.
    Free,
    /// Only the days up to now.
    LastDays,
    /// None: the feed reads whatever has come since, of any time, and then has all there is.
    Whole,
}

/// What is left unasked at the far end of a vendor's window, which moves on while a pass runs.
const HORIZON_MARGIN: Duration = Duration::from_secs(5 * 60);

impl Reach {
    /// In one word, as the archive has it.
    pub fn name(self) -> &'static str {
        match self {
            Reach::Free => "free",
            Reach::LastDays => "last_days",
            Reach::Whole => "whole",
        }
    }

    /// The reach of that name.
    pub fn find(name: &str) -> Option<Reach> {
        let all = [Reach::Free, Reach::LastDays, Reach::Whole];
        all.into_iter().find(|reach| reach.name() == name)
    }
}

impl Log {
    /// In one word, as the archive has it.
    pub fn name(self) -> &'static str {
        match self {
            Log::Audit => "audit",
            Log::Infrastructure => "infrastructure",
        }
    }

    /// The log of that name.
    pub fn find(name: &str) -> Option<Log> {
        let all = [Log::Audit, Log::Infrastructure];
        all.into_iter().find(|log| log.name() == name)
    }
}

impl Limits {
    /// The earliest moment that is asked for.
    pub fn horizon(&self, now: Timestamp) -> Timestamp {
        now.before(self.look_back.saturating_sub(HORIZON_MARGIN))
    }

    /// When the vendor begins to forget what happened at that moment; none of what stays until
    /// its owner removes it, as in a bucket.
    pub fn lost_from(&self, moment: Timestamp) -> Option<Timestamp> {
        let kept = self.look_back.saturating_sub(HORIZON_MARGIN);
        (self.reach != Reach::Whole).then(|| moment.after(kept))
    }
}
