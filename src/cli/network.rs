//! Fetches for the configured sources: one network for all, so that connections and turns are
//! shared by those that ask the same host.

use std::sync::Arc;

use crate::config::{ConfigError, Environment, Source};
use crate::fetch::Fetch;
use crate::fetch::clock::SystemClock;
use crate::fetch::limit::Limits;
use crate::fetch::wire::http::Http;
use crate::kind::Settings;

/// The connections, and whose turn it is on which host.
#[derive(Default)]
pub(super) struct Network {
    transport: Arc<Http>,
    limits: Arc<Limits>,
}

impl Network {
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
            Arc::new(SystemClock),
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
