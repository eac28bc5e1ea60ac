//! The simulated vendors, running in the tests' process for the real binary to ask.

use std::ops::Deref;

use tokio::runtime::Runtime;
use trailkeep::demo::{Blemishes, Options, Plan, SafeOptions, Vendors, World};
use trailkeep::event::Timestamp;
use trailkeep::fetch::clock::{Clock, SystemClock};

use super::sandbox::Sandbox;

/// Both vendors, in a world without late events: what it holds is known to the event.
pub(crate) struct Simulated {
    vendors: Vendors,
    /// Where the vendors live; dropped after them.
    _runtime: Runtime,
}

impl Simulated {
    /// So many events of the last five days: two fifths in SAFE, the rest in SendSafely.
    pub(crate) fn with(events: usize) -> Simulated {
        let plan = Plan {
            seed: 1,
            events,
            days: 5,
            now: now(),
        };
        let blemishes = Blemishes {
            late: 0.0,
            ..Blemishes::default()
        };
        let options = Options {
            safe: SafeOptions {
                pending_polls: 0,
                ..SafeOptions::default()
            },
            ..Options::default()
        };
        let runtime = Runtime::new().unwrap();
        let _within = runtime.enter();
        let world = World::with_blemishes(plan, blemishes);
        let vendors = Vendors::start(world, options).unwrap();
        vendors.set_clock(now);
        drop(_within);
        Simulated {
            vendors,
            _runtime: runtime,
        }
    }

    /// Configures both as sources `safe-us` and `acme`, their secrets in the environment.
    pub(crate) fn configure(&self, sandbox: &mut Sandbox) {
        sandbox.write("trailkeep.toml", &self.config());
        let credentials = self.credentials();
        for (name, value) in [
            ("SAFE_USER", credentials.username),
            ("SAFE_PASSWORD", credentials.password),
            ("ACME_KEY", credentials.api_key),
            ("ACME_SECRET", credentials.api_secret),
        ] {
            sandbox.set(name, value);
        }
    }

    fn config(&self) -> String {
        format!(
            r#"
[source.safe-us]
kind = "safe"
url = "{}"
username = {{ env = "SAFE_USER" }}
password = {{ env = "SAFE_PASSWORD" }}

[source.acme]
kind = "sendsafely"
url = "{}"
api_key = {{ env = "ACME_KEY" }}
api_secret = {{ env = "ACME_SECRET" }}
requests_per_minute = 6000
"#,
            self.safe_url(),
            self.sendsafely_url()
        )
    }
}

impl Deref for Simulated {
    type Target = Vendors;

    fn deref(&self) -> &Vendors {
        &self.vendors
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}
