//! The simulated vendors, running in the tests' process for the real binary to ask.

use std::ops::Deref;

use tokio::runtime::Runtime;
use trailkeep::demo::{
    Blemishes, EXPORT_BUCKET, LOG_GROUP, Options, Plan, SafeOptions, TRAIL_BUCKET, Vendors, World,
};
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
        self.configure_with(sandbox, &[]);
    }

    /// The same, and feeds with an access of their own: `acme.s3`, `safe-us.cloudtrail`.
    pub(crate) fn configure_with(&self, sandbox: &mut Sandbox, feeds: &[&str]) {
        let tables = feeds.iter().map(|feed| self.table(feed));
        let config: String = std::iter::once(self.config()).chain(tables).collect();
        sandbox.write("trailkeep.toml", &config);
        let credentials = self.credentials();
        for (name, value) in [
            ("SAFE_USER", credentials.username),
            ("SAFE_PASSWORD", credentials.password),
            ("ACME_KEY", credentials.api_key),
            ("ACME_SECRET", credentials.api_secret),
            ("SCIM_USER", credentials.scim_username),
            ("SCIM_PASSWORD", credentials.scim_password),
            ("AUDIT_KEY", credentials.access_key_id),
            ("AUDIT_SECRET", credentials.secret_access_key),
        ] {
            sandbox.set(name, value);
        }
    }

    /// The table of a feed.
    fn table(&self, feed: &str) -> String {
        let bucket = |name: &str| self.aws(&format!("bucket = \"{name}\"\npath_style = true"));
        let keys = match feed.split_once('.').unwrap().1 {
            "s3" => bucket(EXPORT_BUCKET),
            "cloudtrail" => bucket(TRAIL_BUCKET),
            "cloudwatch" => self.aws(&format!("log_group = \"{LOG_GROUP}\"\nlook_back = \"7d\"")),
            name => {
                assert_eq!(name, "scim");
                let (user, password) = ("{ env = \"SCIM_USER\" }", "{ env = \"SCIM_PASSWORD\" }");
                format!("username = {user}\npassword = {password}")
            }
        };
        format!("\n[source.{feed}]\n{keys}\n")
    }

    /// What every feed has that is asked of AWS, with these keys of its own.
    fn aws(&self, keys: &str) -> String {
        format!(
            r#"{keys}
region = "eu-central-1"
endpoint = "{}"
access_key_id = {{ env = "AUDIT_KEY" }}
secret_access_key = {{ env = "AUDIT_SECRET" }}"#,
            self.aws_url()
        )
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
