//! Fetches for the configured sources: one network for all, so that connections and turns are
//! shared by those that ask the same host.

use std::sync::Arc;

use crate::config::{ConfigError, Environment, Source};
use crate::fetch::Fetch;
use crate::fetch::clock::Clock;
use crate::fetch::limit::Limits;
use crate::fetch::wire::http::Http;
use crate::kind::Settings;

/// The connections, and whose turn it is on which host.
pub(super) struct Network {
    clock: Arc<dyn Clock>,
    transport: Arc<Http>,
    limits: Arc<Limits>,
}

impl Network {
    /// One that goes by this clock.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Network {
        Network {
            clock,
            transport: Arc::default(),
            limits: Arc::default(),
        }
    }

    /// What performs a source's requests, and the source's settings with its secrets.
    ///
    /// # Errors
    /// A secret cannot be had, or one is missing.
    pub(super) fn fetch(
        &self,
        source: &Source,
        environment: &Environment,
    ) -> Result<(Fetch, Settings), ConfigError> {
        let settings = source.resolve(environment)?;
        let credentials =
            (source.kind.credentials)(&settings).map_err(|error| source.locate(&error))?;
        let fetch = Fetch::new(
            self.transport.clone(),
            self.clock.clone(),
            self.limits.clone(),
            source.url().clone(),
            credentials,
            requests_per_minute(source, &settings),
        );
        Ok((fetch, settings))
    }
}

/// What the settings say, else what the kind says.
fn requests_per_minute(source: &Source, settings: &Settings) -> u32 {
    match u32::try_from(settings.number("requests_per_minute")) {
        Ok(rate @ 1..) => rate,
        _ => source.kind.requests_per_minute,
    }
}
