//! Tells whom the config names of checks that found something: the same ways, and the same notices,
//! as for feeds that are not well.

use std::error::Error;

use serde_json::Value;

use super::Hooks;
use crate::event::Timestamp;
use crate::notify::{Occasion, of_check};

/// What a check found.
pub(in crate::cli) struct Alarm {
    /// One sentence for people.
    pub(in crate::cli) message: String,
    /// The same for programs: an object.
    pub(in crate::cli) details: Value,
}

impl Hooks {
    /// The ways in which alarms are told, each in one word; none where the config leaves them out.
    pub(in crate::cli) fn alarm_ways(&self) -> Vec<&'static str> {
        if !self.on.contains(&Occasion::Check) {
            return Vec::new();
        }
        self.ways.iter().map(super::Way::name).collect()
    }

    /// Tells an alarm one way.
    ///
    /// # Errors
    /// Why it did not arrive, in words.
    pub(in crate::cli) async fn alarm(
        &self,
        way: &str,
        alarm: &Alarm,
        now: Timestamp,
    ) -> Result<(), String> {
        for hook in self.ways.iter().filter(|hook| hook.name() == way) {
            let json = of_check(&self.archive(), now, &alarm.message, &alarm.details);
            hook.deliver(json).await.map_err(|error| {
                let cause = error.source().map(|cause| format!(": {cause}"));
                format!("{error}{}", cause.unwrap_or_default())
            })?;
        }
        Ok(())
    }
}
