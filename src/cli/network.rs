//! Fetches for the configured sources: one network for all, so that connections and turns are
//! shared by those that ask the same host.

use std::sync::Arc;

use crate::config::{ConfigError, Environment, Section};
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

    /// What performs the requests that go by these settings, and the settings with their secrets.
    ///
    /// # Errors
    /// A secret cannot be had, or something is missing.
    pub(super) fn fetch(
        &self,
        section: &Section,
        environment: &Environment,
    ) -> Result<(Fetch, Settings), ConfigError> {
        let settings = section.resolve(environment)?;
        let locate = |error| section.locate(&error);
        let root = (section.access.root)(&settings).map_err(locate)?;
        let credentials = (section.access.credentials)(&settings).map_err(locate)?;
        let fetch = Fetch::new(
            self.transport.clone(),
            self.clock.clone(),
            self.limits.clone(),
            root,
            credentials,
            settings.requests_per_minute(),
        );
        Ok((fetch, settings))
    }
}
